# %% [markdown]
# # 08 CutMix
#
# **Goal.** Write CutMix for a batch of images, prove that its labels say exactly what the pixels show, train
# with it, and judge whether it helps.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (batches in `tf.data`), lesson 02 (`stateless_` operations and their seeds)
# and lesson 07 (one-hot labels, `compile` and `fit`, paired seeds, intervals).
#
# **Source.** Yun et al. 2019, *CutMix*, [arXiv 1905.04899](https://arxiv.org/abs/1905.04899).

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import keras
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, evaluation, figures, mixing, models
from utils.experiment import runs

# %% [markdown]
# ## The picture
#
# CutMix cuts a box out of one training image, pastes it into another one at the same place, and mixes the two
# labels by area. We take two images of different classes, 68 pixels wide.

# %%
SIZE = 68
class_names = data.info(course.dataset, course.classes).class_names
shown = data.load(course.dataset, "validation", image_size=SIZE, classes=course.classes)
pictures, classes = next(shown.batch(len(shown)).as_numpy_iterator())
first, second = pictures[classes == 0][0], pictures[classes == 1][0]
print("first:", class_names[0], "| second:", class_names[1], "| both:", first.shape, first.dtype)

# %%
top, left, bottom, right = 25, 20, 68, 63  # rows 25 to 67 and columns 20 to 62

cutout = first.copy()
cutout[top:bottom, left:right] = 0

cutmix = first.copy()
cutmix[top:bottom, left:right] = second[top:bottom, left:right]

mixup = 0.6 * first + 0.4 * second
print(f"share of the pixels in the box: {(bottom - top) * (right - left) / SIZE**2:.2f}")

# %% tags=["hide-input"]
figure = figures.pictures(
    [first, second, cutout, cutmix, mixup],
    ["first image", "second image", "Cutout\n1.0 first", "CutMix\n0.6 first, 0.4 second"]
    + ["MixUp\n0.6 first, 0.4 second"],
)
figures.show(
    figure,
    alt="Five pictures: two images; the first with a black box (Cutout); the first with that box filled from "
    "the second (CutMix); both on top of each other, pale (MixUp). The label of Cutout is still 1.0 of the "
    "first class, those of CutMix and MixUp are 0.6 of the first and 0.4 of the second.",
    kind="jpeg",
)

# %% [markdown]
# The box holds 0.40 of the pixels, so the label is 0.6 of the first class and 0.4 of the second.
#
# | | pixels | label |
# |---|---|---|
# | **Cutout** | those in the box are lost | stays |
# | **CutMix** | all come from a real image | shares of the two areas |
# | **MixUp** (lesson 09) | each is a blend of two | shares of the two images |
#
# Where Cutout has black pixels, CutMix puts something to learn.

# %% [markdown]
# ## The box
#
# The paper draws a number λ ("lambda", in code `lam`), the share that the first image **keeps**. It is drawn
# from Beta(1, 1), which means that all values from 0 to 1 are equally likely. (Beta(α, α) with other α comes
# in lesson 09.) The box covers the rest, 1 − λ, and has the shape of the image:
#
# - its height is H · √(1 − λ), its width W · √(1 − λ): the two factors multiply to 1 − λ;
# - its center is any place in the image, all equally likely;
# - what reaches over the border is **clipped**, which means cut off.
#
# By hand: with 100 × 100 pixels and λ = 0.64, a side is 100 · √0.36 = 60. Around row 50 the box goes from 20
# to 80. Around row 10 it would go from −20 to 40, and after clipping from 0 to 40.

# %% [markdown]
# ## Exercise 1: the box
#
# Write `box_from_lam`. It takes the size of the image, λ, and the row and column of the center. It returns
# four whole numbers: top, left, bottom, right, as in the slices above. The center may be a fraction, such as
# row 30.5. How you round is up to you: an edge may be one pixel off, but not outside of the image. With λ = 1
# the box is empty.
#
# <details><summary>Hint</summary>
#
# The two sides first, then half of a side in each direction from the center. `round` or `int` makes whole
# numbers. `min` and `max` clip: no edge below 0, no bottom beyond `height`.
#
# </details>


# %%
def box_from_lam(height, width, lam, row, column):
    """The clipped box of CutMix as four whole numbers: top, left, bottom, right."""
    # solution begins: Exercise 1: the box
    half_height = height * (1 - lam) ** 0.5 / 2
    half_width = width * (1 - lam) ** 0.5 / 2
    top, bottom = round(row - half_height), round(row + half_height)
    left, right = round(column - half_width), round(column + half_width)
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)
    # solution ends


# %%
checks.lesson_08.box_from_lam(box_from_lam)

# %% [markdown]
# A batch needs many boxes at once. `boxes` does what yours does for all images: `lam`, `row` and `column`
# hold a number for each image, `[B]`, and so does each of the four edges that come back.


# %%
def boxes(lam, row, column, height, width):
    """Clipped boxes around the centers `row`, `column`: top, left, bottom, right, each int32 [B]."""
    size = tf.cast([[height], [width]], tf.float32)
    half = size * tf.sqrt(1 - lam) / 2  # [2, B]: half of each height, half of each width
    center = tf.stack([row, column])
    edges = tf.concat([tf.round(center - half), tf.round(center + half)], axis=0)
    edges = tf.clip_by_value(edges, 0, tf.concat([size, size], axis=0))
    return tf.unstack(tf.cast(edges, tf.int32))


# %% [markdown]
# Five values of λ at three centers: in the middle, at the right edge, near a corner.

# %%
lams = np.float32([0.9, 0.7, 0.5, 0.3, 0.1] * 3)
rows, columns = np.float32([34, 34, 6]).repeat(5), np.float32([34, 62, 62]).repeat(5)
tops, lefts, bottoms, rights = np.array(boxes(lams, rows, columns, SIZE, SIZE))
kept = 1 - (bottoms - tops) * (rights - lefts) / SIZE**2
for place, shares in zip(["middle", "right edge", "corner"], kept.reshape(3, 5), strict=True):
    print(f"{place:10} λ = 0.9 … 0.1, the image keeps", *(f"{share:.2f}" for share in shares))

# %% tags=["hide-input"]
figure, axes = figures.subplots(3, 5, size=(9.2, 5.2), height_ratios=[84, 84, 112])
for number, axis in enumerate(axes.flat):
    top, left, bottom, right = tops[number], lefts[number], bottoms[number], rights[number]
    axis.imshow(first)
    axis.imshow(second[top:bottom, left:right], extent=[left - 0.5, right - 0.5, bottom - 0.5, top - 0.5])
    side = SIZE * (1 - lams[number]) ** 0.5
    x, y = columns[number] - side / 2 - 0.5, rows[number] - side / 2 - 0.5
    for color, width, dashes in [("white", 3, "-"), ("black", 1.5, "--")]:
        outline = [x, x + side, x + side, x, x], [y, y, y + side, y + side, y]
        axis.plot(*outline, dashes, color=color, linewidth=width)
    words = f"λ = {lams[number]:.1f}, keeps {kept[number]:.2f}"
    axis.text(34, 71, words, fontsize=9.5, ha="center", va="top")
    axis.set(xlim=(-3, 97), ylim=(81, -31 if number >= 10 else -3), xticks=[], yticks=[], frame_on=False)
    axis.grid(False)
for axis, place in zip(axes[:, 0], ["middle", "right edge", "corner"], strict=True):
    axis.set_ylabel(place)
figures.show(
    figure,
    alt="Fifteen mixed images in three rows, with λ falling from 0.9 to 0.1 and the box before clipping as a "
    "dashed line. In the middle the box grows and the image keeps λ, but for rounding; at the right edge and "
    "in the corner much of the box lies outside, and the image keeps more than λ: in the corner, at λ = 0.1, "
    "still 0.69.",
    kind="jpeg",
)

# %% [markdown]
# The dashed line is the box before it is clipped. In the middle the image keeps λ, up to rounding; at the
# edge and in the corner it keeps more. In the last picture λ is 0.1, and the image keeps 0.69.
#
# ## Clipping
#
# **Guess.** Draw 100,000 boxes as the paper says. How many of them lose more than a hundredth of the image
# to the border: one in five, half, four in five?

# %%
lam, row, column = tf.unstack(tf.random.stateless_uniform([3, 100_000], seed=(8, 0)))
top, left, bottom, right = boxes(lam, SIZE * row, SIZE * column, SIZE, SIZE)
promised = 1 - lam.numpy()
pasted = ((bottom - top) * (right - left)).numpy() / SIZE**2

large_promised, large_pasted = np.mean(promised > 0.6), np.mean(pasted > 0.6)

print(f"boxes that lose more than 0.01 of the image: {np.mean(promised - pasted > 0.01):.0%}")
print(f"area promised by λ: {promised.mean():.2f} on average, over 0.6 in {large_promised:.0%}")
print(f"area pasted:        {pasted.mean():.2f} on average, over 0.6 in {large_pasted:.0%}")
off = np.abs(promised - pasted)
print(f"a label made from λ is off by {off.mean():.2f} on average, by {off.max():.2f} at most")

# %% tags=["hide-input"]
figure, axis = figures.subplots(size=(6.6, 3.2))
bins = np.linspace(0, 1, 21)
look = {"color": figures.COLORS["none"], "histtype": "step", "linewidth": 2}
axis.hist(promised, bins, label="promised: 1 − λ", **look)
axis.hist(pasted, bins, label="pasted", color=figures.COLORS["cutmix"], alpha=0.75)
axis.axvline(0.6, color=figures.INK, linestyle="--", linewidth=1.5)
large = f"over 0.6:\n{large_promised:.0%} promised\n{large_pasted:.0%} pasted"
axis.text(0.62, 0.55, large, transform=axis.transAxes)
axis.set(xlabel="share of the image inside the box", xlim=(0, 1), ylabel="boxes", yticks=[])
axis.set_title("Clipping turns large boxes into small ones")
axis.legend()
figures.show(
    figure,
    alt="Two histograms of areas from 0 to 1. What λ promises is flat; what is pasted after clipping is a "
    "hill between 0 and 0.6 that runs out to the right. 40 % of the boxes promise more than 0.6 of the "
    "image, and 9 % paste it.",
)

# %% [markdown]
# Four boxes in five do: λ promises 0.50 of the image on average, and 0.32 is pasted.
#
# That is no mistake. The mistake is to mix the *labels* with λ: such a label says "0.9 second image" of the
# last of the fifteen pictures, where a third of the picture shows it. Nothing crashes, the loss still
# falls, and the labels are off by 0.18 on average. The authors' own code did so until [a reader
# noticed](https://github.com/clovaai/CutMix-PyTorch/issues/1), and so do [KerasCV
# 0.9.0](https://github.com/keras-team/keras-cv/blob/v0.9.0/keras_cv/src/layers/preprocessing/cut_mix.py#L137)
# and a much-copied [Kaggle notebook](https://www.kaggle.com/code/cdeotte/cutmix-and-mixup-on-gpu-tpu).
#
# So first clip, then **count the pixels** that are pasted. That share is exact, however you have rounded.

# %% [markdown]
# ## The label
#
# A class number cannot say "a bit of both". A row of shares can; such a label is called **soft**.

# %%
first_label, second_label = tf.one_hot([0, 1], len(class_names)).numpy()
soft_label = 0.6 * first_label + 0.4 * second_label
print("first:", first_label[:4], "second:", second_label[:4], "soft:", soft_label[:4])

# %% [markdown]
# The loss of a classifier, **cross-entropy** (CE), is the sum of −label · log(prediction) over the classes.
# Keras' `categorical_crossentropy` takes soft labels. Where labels are class numbers (Keras' `sparse_…`,
# most PyTorch code), the loss of a mixed image of the classes a and b is written **λ · CE(a) + (1 − λ) ·
# CE(b)**, where λ now is the share that was counted.
#
# **Guess.** The label is 0.6 of the first class, 0.4 of the second. A network gives the first class 0.99,
# 0.80, 0.60 or 0.40, the second the rest. Which has the lowest loss?

# %%
cross_entropy = keras.losses.categorical_crossentropy
print("prediction (first, second)    CE(a)   soft label   0.6 · CE(a) + 0.4 · CE(b)")
for share in [0.99, 0.80, 0.60, 0.40]:
    prediction = share * first_label + (1 - share) * second_label
    a, b = cross_entropy(first_label, prediction), cross_entropy(second_label, prediction)
    soft = cross_entropy(soft_label, prediction)
    print(f"{share:.2f}, {1 - share:.2f} {a:23.2f} {soft:12.2f} {0.6 * a + 0.4 * b:19.2f}")

# %% [markdown]
# The last two columns are equal: both ways to write the loss are the same. With the one-hot label, CE(a),
# the surest network has the lowest loss. With the soft label the surest one has the highest loss of the
# four; the lowest is at 0.60 and 0.40, and even there it is 0.67. So not even a perfect network reaches 0
# on mixed images.

# %% [markdown]
# ## The batch
#
# In training, CutMix is a step of the `tf.data` pipeline and takes a whole batch. A Python loop that appends
# image after image to a list fails there unless all batches have one fixed size. Three ideas make a loop
# unnecessary.
#
# **1. A partner for each image.** Shuffle the numbers of the batch; `tf.gather` fetches all partners at once,
# pixels or labels.

# %%
partner = tf.random.experimental.stateless_shuffle(tf.range(4), seed=(8, 1))
print("partners of the images 0 to 3:", partner.numpy())
print("their labels, of 2 0 1 3:     ", tf.gather([2, 0, 1, 3], partner).numpy())

# %% [markdown]
# Image 3 is its own partner, so it stays as it is, and so does its label. That happens now and then.
#
# **2. The box as a mask.** A pixel is inside if its row is between top and bottom *and* its column between
# left and right. Two small images, 4 × 4 pixels, have a box each:

# %%
tops, bottoms = tf.constant([1, 0]), tf.constant([3, 2])
lefts, rights = tf.constant([2, 0]), tf.constant([4, 3])

place = tf.range(4)
inside_rows = (place >= tops[:, tf.newaxis]) & (place < bottoms[:, tf.newaxis])
inside_columns = (place >= lefts[:, tf.newaxis]) & (place < rights[:, tf.newaxis])
masks = inside_rows[:, :, tf.newaxis] & inside_columns[:, tf.newaxis, :]
print("rows:", *inside_rows.numpy().astype(int), "columns:", *inside_columns.numpy().astype(int))
print("masks:", masks.shape)

# %% tags=["hide-input"]
figure, axes = figures.subplots(2, 3, size=(5.4, 3.7))
tables = {
    "row inside": inside_rows[:, :, tf.newaxis],
    "& column inside": inside_columns[:, tf.newaxis, :],
    "= the box": masks,
}
for column_of_axes, (title, table) in zip(axes.T, tables.items(), strict=True):
    column_of_axes[0].set_title(title)
    for axis, stripes in zip(column_of_axes, table.numpy(), strict=True):
        look = {"cmap": "Blues", "vmin": -0.2, "vmax": 1.4, "edgecolor": "white"}
        axis.pcolormesh(np.broadcast_to(stripes, [4, 4]), linewidth=2, **look)
        axis.set(xticks=[], yticks=[], frame_on=False, aspect="equal", ylim=(4, 0))
axes[0, 0].set_ylabel("first image")
axes[1, 0].set_ylabel("second image")
figures.show(
    figure,
    alt="For each of two images three tables of 4 by 4 squares: rows that are inside make stripes from left "
    "to right, columns that are inside make stripes from top to bottom, and where both are true there is a "
    "box.",
)

# %% [markdown]
# `tops[:, tf.newaxis]` has the shape 2 × 1, `place` the shape 4; TensorFlow stretches both to 2 × 4. This is
# **broadcasting**. It also joins `[B, H, 1]` and `[B, 1, W]` to the mask `[B, H, W]`: rows are stretched to
# the right, columns downwards.
#
# **3. Choose by mask.** `tf.where(mask, theirs, mine)` takes a pixel of `theirs` where the mask is true and
# of `mine` elsewhere. The mask needs one more axis of length 1, for the channels. `uint8` stays `uint8`.

# %% [markdown]
# ## Exercise 2: CutMix for a batch
#
# Write `cutmix_batch`. Partners and boxes are drawn already. Left to do: the mask, the pixels, the share that
# is pasted, and the labels, mixed in exactly the shares that the pixels have. Images are `[B, H, W, 3]` of
# any dtype, which stays; labels are floats `[B, K]`; `partner` and the four edges are int32 `[B]`. No loop
# over images.
#
# Every image gets a box of its own. (The authors' code draws one λ and one box for the whole batch, and mixes
# only some batches: the probability `cutmix_prob` is 0.5 for CIFAR, 1 for ImageNet.)
#
# <details><summary>Hint</summary>
#
# Mask: as above, with `tf.range(height)` for the rows and `tf.range(width)` for the columns. Share: the area
# of each box divided by `height * width`. Both are whole numbers, so cast both first, each with
# `tf.cast(…, labels.dtype)`. The share is `[B]`; as `[B, 1]` it multiplies labels. To whom belongs that
# share, to whom the rest?
#
# </details>


# %%
def cutmix_batch(images, labels, *, seed):
    """CutMix with a box of its own for each image; returns (images, labels)."""
    count, height, width, _ = tf.unstack(tf.shape(images))
    partner_seed, lam_seed, center_seed = tf.unstack(tf.random.split(seed, 3))
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed)
    lam = tf.random.stateless_uniform([count], lam_seed)
    row, column = tf.unstack(tf.random.stateless_uniform([2, count], center_seed))
    row, column = row * tf.cast(height, tf.float32), column * tf.cast(width, tf.float32)
    top, left, bottom, right = boxes(lam, row, column, height, width)
    # All is drawn. From here on it is yours: mask, pixels, share, labels.
    # solution begins: Exercise 2: CutMix for a batch
    rows, columns = tf.range(height), tf.range(width)
    inside_rows = (rows >= top[:, tf.newaxis]) & (rows < bottom[:, tf.newaxis])
    inside_columns = (columns >= left[:, tf.newaxis]) & (columns < right[:, tf.newaxis])
    mask = inside_rows[:, :, tf.newaxis] & inside_columns[:, tf.newaxis, :]
    mixed = tf.where(mask[..., tf.newaxis], tf.gather(images, partner), images)

    area = tf.cast((bottom - top) * (right - left), labels.dtype)
    pasted = (area / tf.cast(height * width, labels.dtype))[:, tf.newaxis]
    return mixed, (1 - pasted) * labels + pasted * tf.gather(labels, partner)
    # solution ends


# %%
checks.lesson_08.cutmix_batch(cutmix_batch)

# %% [markdown]
# ## The proof
#
# The check has handed your function to `checks.check_augmentation`, which takes any mix. It feeds it images
# of noise, finds out where each pixel came from, and compares the share of the pixels with the share of the
# label. It looks at more, such as λ's distribution: `alpha=1.0` is the claim to test, `draws` the number of
# batches that it tries.
#
# Does it find the mistake from above? Here are the pixels of the course's own CutMix, with labels made from
# λ.


# %%
def labels_from_lam(images, labels, *, seed):
    """CutMix with the mistake: the labels are mixed with λ, not with the share of pixels."""
    mixed, _ = mixing.cutmix(images, labels, seed=seed)
    drawn = mixing.cutmix_parameters(images, seed=seed)  # what cutmix draws from this seed
    lam = drawn.lam[:, tf.newaxis]
    return mixed, lam * labels + (1 - lam) * tf.gather(labels, drawn.partner)


report = checks.check_augmentation(labels_from_lam, kind="mix", alpha=1.0, draws=16)
print(report.verdict)
print("label share:", report["label share"].evidence)

# %% [markdown]
# It finds that and nothing else. (Fewer draws than above, so the numbers differ a little.) Keras has a
# layer for CutMix, too:

# %%
# These factors mean λ ~ Beta(1, 1); the layer's default draws otherwise.
keras_cutmix = keras.layers.CutMix(factor=(1.0, 1.0))
report = checks.check_augmentation(keras_cutmix, kind="mix", alpha=1.0, draws=16, image_size=(48, 48))
print("checks that fail: ", ", ".join(report.failed))
print("label share:      ", report["label share"].evidence)
print("distribution of λ:", report["distribution of λ"].evidence.split(";")[0])

# %% [markdown]
# - *Label share*: the edges of its boxes are no whole numbers, so label and pixels differ a little: the
#   larger the images, the less.
# - *Distribution of λ*: its boxes always lie inside and are never clipped, so they are larger, and the images
#   are mixed more strongly than in the paper.
# - *Sparse labels, single image*: given class numbers, or an image without a batch, it says nothing, and one
#   trains on nonsense or on unmixed images. `mixing.cutmix` refuses both.

# %% [markdown]
# ## Train with it
#
# Now your function trains a network. `checks.yours` returns it if its check has passed, and else the course's
# `mixing.cutmix`, so that you can go on.

# %%
my_cutmix = checks.yours(cutmix_batch, otherwise=mixing.cutmix)

eight = np.linspace(0, len(pictures) - 1, 8, dtype=int)  # from all over the data set
eight_labels = tf.one_hot(classes[eight], len(class_names))
mixed, mixed_labels = my_cutmix(tf.constant(pictures[eight]), eight_labels, seed=tf.constant([8, 57]))

# %% tags=["hide-input"]
captions = [charts.label_text(label, class_names) for label in mixed_labels]
figures.show(
    figures.pictures(mixed.numpy(), captions, columns=4, inches=2.0),
    alt="Eight images after CutMix, most with a box of another one; below each the shares of its classes.",
    kind="jpeg",
)

# %% [markdown]
# Compare the numbers with what you see; the larger share comes first. (One class alone: the partner is of
# the same class, or the box is empty.) A share counts pixels, not meaning: a box of background counts as
# much as a face. This is CutMix's weakness.
#
# The pipeline has one-hot labels, shuffled batches, and your function in `map`, with a new seed for each
# batch. Validation images are never mixed. (`drop_remainder` leaves out the last batch, which is smaller.)


# %%
def one_hot(image, label):
    """The label as a row, which can be mixed."""
    return image, tf.one_hot(label, len(class_names))


size, chosen = course.image_size, course.classes
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)

# %%
plain = train.map(one_hot).cache().shuffle(len(train), seed=8)
plain = plain.batch(course.batch_size, drop_remainder=True)
validation_batches = validation.map(one_hot).batch(course.batch_size).cache()

seeds = tf.data.Dataset.random(seed=8, rerandomize_each_iteration=True).batch(2)
cut = tf.data.Dataset.zip(plain, seeds).map(lambda batch, seed: my_cutmix(*batch, seed=seed))
print(f"{len(train)} training images in {len(plain)} batches, {len(validation)} validation images")

# %% [markdown]
# Each training gets a new network, with the same starting weights.

# %%
EPOCHS = 6


def train_on(batches):
    """Train a new network on batches; returns it and Keras' history."""
    keras.utils.set_random_seed(8)
    model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(
        batches.prefetch(2),
        validation_data=validation_batches,
        epochs=EPOCHS,
        shuffle=False,  # the batches are shuffled already
        verbose=0,
    )
    return model, fitted.history


def print_accuracies(name, model, history):
    """Those of the last epoch, and that on training images as they are."""
    _, unmixed = model.evaluate(plain, verbose=0)
    mixed, new = history["accuracy"][-1], history["val_accuracy"][-1]
    print(f"{name:7} training batches {mixed:4.0%}, unmixed {unmixed:4.0%}; validation {new:4.0%}")


# %% [markdown]
# On a mixed image, Keras counts a prediction as right if it names the class with the larger share.
#
# **Guess.** Which of the two ends with the lower accuracy on its training batches, `none` or `cutmix`?

# %% tags=["nbval-ignore-output"]
trained = {"none": train_on(plain), "cutmix": train_on(cut)}
for name, (model, history) in trained.items():
    print_accuracies(name, model, history)

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(8.2, 3.3), sharey=True)
for name, (_, history) in trained.items():
    for axis, measure in zip(axes, ["accuracy", "val_accuracy"], strict=True):
        look = {"color": figures.color(name), "marker": figures.marker(name), "label": name}
        axis.plot(range(1, EPOCHS + 1), history[measure], **look)
for axis, title in zip(axes, ["On the training batches", "On the validation images"], strict=True):
    axis.set(title=title, xlabel="epoch")
axes[0].set_ylabel("accuracy")
axes[0].legend()
figures.show(
    figure,
    alt="Two panels with the accuracy over the epochs of none and cutmix: left on the batches that each was "
    "trained with, right on the validation images.",
)

# %% [markdown]
# `cutmix` ends lower on its training batches, and that is no fault: for a half-and-half picture either class
# is nearly a coin toss. On the same images unmixed it is right more often. So never compare accuracies or
# losses on batches of different mixes; compare them on images as they are.
#
# Do not choose by these validation accuracies: they come from one training each, of six epochs.
#
# Keras' layer goes into `map` in the same way. It takes and returns a dict:


# %%
def keras_mix(images, labels):
    """`keras.layers.CutMix` as a step of the pipeline; it draws its own seeds."""
    mixed = keras_cutmix({"images": images, "labels": labels}, training=True)
    return mixed["images"], mixed["labels"]


# %% tags=["nbval-ignore-output"]
print_accuracies("Keras", *train_on(plain.map(keras_mix)))

# %% [markdown]
# It trains, too: labels that are a little off do not stop a training, and stay unnoticed. Which of the two
# is better, one training each does not tell.

# %% [markdown]
# ## Does it help?
#
# The repository holds **reference runs** of the toy dogs, whatever profile you have: small ResNets from
# random weights, 40 epochs, five seeds. `basic` is the course's usual augmentation (mirror, shift, light,
# color); `basic+cutmix` augments and then mixes. Runs with the same seed are a **pair** (lesson 07).
#
# **Guess.** Put `none`, `cutmix`, `basic` and `basic+cutmix` in order.

# %%
reference = runs.read_folder("../solutions/results/project")
four = [run for run in reference if run.augmentation in ("none", "basic", "cutmix", "basic+cutmix")]
evaluation.as_table(evaluation.compare(four))

# %% tags=["hide-input"]
figures.show(*charts.difference(four))

# %% [markdown]
# `points` are percentage points of test accuracy above `none`: the mean over the pairs (in the picture the
# upright tick) with its 95 % interval over the seeds (the thick line). A mark is one pair; the thin gray
# line tells how far the gain would move with other test images. In the table, `*` is the best on the
# validation images, and `±` the 95 % interval of a variant's own accuracy.
#
# CutMix alone gains 4.4 points, `basic` alone 21.6, and both together 15.6: on top of `basic`, CutMix costs
# accuracy. Why? One suspicion: mixing makes *all* training images harder, and this network is small and
# trains for 40 epochs. Then it has not finished learning its training images:

# %%
for name in ["none", "cutmix", "basic", "basic+cutmix"]:
    last = [run.history[-1]["train_accuracy"] for run in four if run.augmentation == name]
    print(f"{name:14} accuracy on training images, unmixed: {np.mean(last):.1%}")

# %% [markdown]
# Of the 360 training images that are measured, `none` and `cutmix` know all by heart, `basic` 97.4 %,
# `basic+cutmix` only 92.9 %. That fits.
#
# ### Remedies
#
# Mix less, then. `rate=0.5` mixes half of the images, as `cutmix_prob` does with batches. `until=0.7` mixes
# in the first 70 % of the epochs and ends on unmixed images. Now `basic` is the baseline:

# %%
remedies = runs.read_folder("../solutions/results/remedies/toy_dogs")
evaluation.as_table(evaluation.compare(remedies, baseline="basic"))

# %% [markdown]
# `basic+cutmix` costs 6.1 points, `until=0.7` 4.7, `rate=0.5` 2.7: the less is mixed, the less it costs,
# and neither remedy reaches `basic`. So the answer, for this network, the toy dogs and 40 epochs: CutMix is
# better than no augmentation at all, and with `basic` at hand one leaves it out. Another network, other
# images or a longer training may answer otherwise. The way to find out is the same: variants, seeds, pairs.
# In lesson 14 you may train longer (`epochs=60`), the direct test of the suspicion.

# %% [markdown]
# ## What you learned
#
# - CutMix pastes a box of another image and mixes the labels by area: every pixel is real.
# - The box for λ has the sides H√(1 − λ) and W√(1 − λ). Clipping makes it smaller, so the label's share is
#   counted from the clipped box, never taken from λ.
# - Soft labels need one-hot rows and `categorical_crossentropy`; λ · CE(a) + (1 − λ) · CE(b) is the same.
# - For a batch: partners by `tf.gather`, boxes as a mask by broadcasting, `tf.where`. No loop.
# - `check_augmentation` measures the shares from the pixels, in your function and in a library's.
# - Accuracies on mixed training batches cannot be compared with any other.
# - Whether it helps depends on network, data and training time: compare seeds, with intervals.
#
# ## Questions
#
# 1. λ is 0.75 and the image 64 × 64 pixels. The center lies exactly in the upper left corner. What does the
#    label say?
#
#    <details><summary>Answer</summary>
#
#    The sides are 64 · √0.25 = 32, so the box goes from −16 to 16 in both directions. After clipping 16 × 16
#    pixels are left, 256 of 4,096, which is 0.0625. The label is 0.9375 of the first image and 0.0625 of the
#    second one. With λ it would have said 0.75 and 0.25.
#
#    </details>
#
# 2. A colleague trains with CutMix and reports: "training accuracy 55 %, validation accuracy 80 %, so my
#    validation set must be too easy." What do you answer?
#
#    <details><summary>Answer</summary>
#
#    The two numbers are about different things. The training batches are mixed, and for a half-and-half
#    picture either answer is nearly a coin toss. To compare, evaluate the model on *unmixed* training images.
#
#    </details>
#
# 3. For a data set of X-ray images the label depends on one small spot. Would you use CutMix?
#
#    <details><summary>Answer</summary>
#
#    Hardly. The label goes by area, but the spot may lie inside a tiny box, or be covered by one. Then the
#    label is wrong, however exact the share is. CutMix suits classes whose signs are spread over the picture.
#
#    </details>
#
# **Next.** [Lesson 09, MixUp](09_mixup.ipynb), which blends whole images, and what soft labels do to loss and
# confidence.

# %% [markdown]
# ## For the curious: what others measured
#
# | data | network | epochs | without | Cutout | MixUp | CutMix | from |
# |---|---|---|---|---|---|---|---|
# | ImageNet | ResNet-50 | 300 | 23.68 | 22.93 | 22.58 | **21.40** | [1] |
# | CIFAR-100 | PyramidNet-200 | 300 | 16.45 | 16.53 | 15.63 | **14.23** | [1] |
# | ImageNet | ResNet-50 | 300 | 22.65 | – | 21.56 | **21.31** | [2] |
# | ImageNet | ResNet-18 | 300 | **28.17** | – | 28.28 | 28.99 | [2] |
#
# Errors in percent, lower is better. [1] is the [README of CutMix's
# authors](https://github.com/clovaai/CutMix-PyTorch), [2] the independent comparison
# [OpenMixup](https://github.com/Westlake-AI/openmixup/tree/main/configs/classification/imagenet/mixups),
# which gives accuracies (for ResNet-18 71.83 without, 71.01 with CutMix).
#
# The last two rows are one laboratory's: the same data, nearly the same training. The large network gains
# from CutMix, the small one loses. Two reasons for caution: these CutMix runs of ResNet-18 draw λ from
# Beta(0.2, 0.2) and not from the paper's Beta(1, 1), and 300 epochs may be too few for a small network on
# mixed images. The second is the suspicion that we had about our own.
