# %% [markdown]
# # 13 Is it correct?
#
# **Goal.** Find out whether an augmentation does what it says: meet six defects again, three of them in
# well-known libraries and three in the way libraries are used, write a check that finds one, and learn how
# a defect slips past a check.
#
# **Time.** 55 minutes: 25 for the six defects, 15 for the three exercises, 10 for checks and what they
# miss, 5 to choose a library. A good place for a pause is before *A weak check*. 15 more with *For looking
# up* and *For the curious*.
#
# **You need to know** lesson 02 (batches, seeds, what `map` traces) and lesson 08 (CutMix, soft labels).
# Lessons 03, 04 and 05 help with `ImageDataGenerator`, Albumentations and Keras layers.

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import inspect
import textwrap

import albumentations
import IPython.display
import keras
import numpy as np
import pandas as pd
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import tensorflow as tf

import utils.augment
from utils import checks, data, figures, mixing

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

# %% [markdown]
# ## Nothing crashes
#
# A wrong augmentation raises no error. The loss falls, the accuracy is a little lower than it could be, and
# the conclusion is "augmentation does not help here". So we ask before we train. Five questions find most
# defects:
#
# 1. Are the pictures still pictures?
# 2. Does the label say what the pixels show?
# 3. Does each image of a batch get a draw of its own?
# 4. Does each epoch get new draws?
# 5. Does it do what its name says?
#
# If you have done the lessons before this one, you have met all six defects of this one, where you expected
# them. New is to find them without knowing where they are.
#
# | defect | where it sits | lesson that met it | question that finds it |
# |---|---|---|---|
# | 1. labels that are not the pixels | KerasCV, Kaggle, a little in Keras | 08 | 2 |
# | 2. a RandAugment that draws once per batch | Keras | 05 | 3, and 5 for its half turns |
# | 3. a shift that moves the other axis | `ImageDataGenerator` | 03 | 5 |
# | 4. a picture clipped to black or white | the way it is called | 03, 04 | 1 |
# | 5. a random number drawn at trace time | the way it is called | 02 | 4 |
# | 6. a cache that freezes the augmentation | the way it is called | 01 | 4 |
#
# `checks.check_augmentation` asks these questions and some more. It believes nothing: it hands in images
# that it knows and looks at what comes back. You have met it in lessons 02 and 08.
#
# For each defect: **see** it, **measure** it, say **what it does** to the training, and **mend** it. One
# helper prints what failed and what was measured (`print(report)` would show the whole report), another one
# draws pictures.


# %%
reports = {}


def read(name, fn, **claims):
    """Check `fn`, keep the report under `name`, and print verdict and failures."""
    report = reports[name] = checks.check_augmentation(fn, **claims)
    print(f"{name}: {report.verdict}")
    for failed in report.failed:
        words = f"{failed}: {report[failed].evidence.split(' (p =')[0]}"
        print(textwrap.fill(words, 84, initial_indent="    ", subsequent_indent="      "))


def picture_grid(rows, captions=None, width=1.25, height=1.35):
    """Return a figure of `rows`, {name: [images]}, above `captions`, {name: [texts]}."""
    columns = max(len(images) for images in rows.values())
    size = (width * columns + 1.3, height * len(rows))
    figure, axes = figures.subplots(len(rows), columns, size=size, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=True, color=figures.GRID)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for index, (axis, image) in enumerate(zip(line, images, strict=False)):
            axis.imshow(np.uint8(image))
            if captions is not None:
                axis.set_xlabel(captions[name][index], fontsize=9)
    return figure


class_names = data.info(course.dataset).class_names
dogs = {}  # class → its images
for image, label in data.load(course.dataset, "validation", image_size=64):
    dogs.setdefault(int(label), []).append(image.numpy())

# %% [markdown]
# ## 1. A CutMix whose labels are not its pixels (question 2)
#
# Lesson 08 named two: KerasCV's
# [CutMix](https://github.com/keras-team/keras-cv/blob/v0.9.0/keras_cv/src/layers/preprocessing/cut_mix.py#L137)
# and the much-copied Kaggle notebook
# [cutmix-and-mixup-on-gpu-tpu](https://www.kaggle.com/code/cdeotte/cutmix-and-mixup-on-gpu-tpu). Both clip
# the box at the border of the image, and both put the area *before* clipping into the label. Neither is
# installed here, so we plant their formula: the pixels come from the course's own CutMix, the labels from
# the height and width of the box as it was drawn.


# %%
def unclipped_area(images, labels, *, seed):
    """CutMix with a planted defect: the label counts the box as it was before clipping."""
    mixed, _ = mixing.cutmix(images, labels, seed=seed)
    drawn = mixing.cutmix_parameters(images, seed=seed)
    size = tf.cast(tf.shape(images)[1:3], tf.float32)
    sides = tf.round(tf.sqrt(1 - drawn.lam)[:, tf.newaxis] * size)
    pasted = (tf.reduce_prod(sides, axis=1) / tf.reduce_prod(size))[:, tf.newaxis]
    return mixed, (1 - pasted) * labels + pasted * tf.gather(labels, drawn.partner)


# %% [markdown]
# **See it.** A batch of one dog of each class, mixed; a white line is drawn around the pasted box.
# `mixing.cutmix` with the same seed gives the same pixels and the right labels. So we can pick the three
# pictures whose labels are furthest off, and one whose label is nearly right.

# %%
batch = np.stack([dogs[label][1] for label in range(len(class_names))])
batch_labels = tf.eye(len(class_names))
mixed, wrong = unclipped_area(batch, batch_labels, seed=(13, 5))
_, right = mixing.cutmix(batch, batch_labels, seed=(13, 5))
boxes = mixing.cutmix_parameters(batch, seed=(13, 5)).box
order = np.argsort(-np.abs(wrong - right).max(axis=1))


def framed(image, box):
    """The image with a white line, one pixel wide, around the box."""
    top, left, bottom, right = np.asarray(box)
    line = np.zeros(image.shape[:2], bool)
    line[top:bottom, left:right] = True
    line[top + 1 : bottom - 1, left + 1 : right - 1] = False
    return np.where(line[..., np.newaxis], 255, image)


def in_words(wrong, right):
    """Both classes of a picture, with what the label says and what the pixels show."""
    named = sorted(np.argsort(-(wrong + right))[:2])
    lines = [f"{class_names[k]}: label {wrong[k]:.2f}, pixels {right[k]:.2f}" for k in named]
    return "\n".join(lines)


picks = [*order[:3], order[-3]]
captions = [in_words(wrong[k].numpy(), right[k].numpy()) for k in picks]
figures.show(
    picture_grid({"": [framed(mixed[k], boxes[k]) for k in picks]}, {"": captions}, width=2, height=2.4),
    alt="Four dogs with a box of another dog in a white frame. Under each what the label says and what the "
    "pixels show: " + ". ".join(caption.replace("\n", "; ") for caption in captions),
    kind="jpeg",
)

# %% [markdown]
# **Measure it.** The checker hands in images of which it knows every pixel, each of its own class, and
# counts where the pixels of a result came from. `checks.lesson_13.kept` does the same here for 128 mixed
# images (how it can be done is your first exercise). It returns what each image keeps of itself, by its
# pixels and by its label. We try three mixes. The second one is Keras' own layer.

# %%
# These factors mean λ ~ Beta(1, 1), as in the paper.
keras_cutmix = checks.keras_layer(keras.layers.CutMix(factor=(1.0, 1.0)))
contestants = {
    "area before clipping": unclipped_area,
    "keras.layers.CutMix": keras_cutmix,
    "utils.mixing.cutmix": mixing.cutmix,
}
measured = {name: checks.lesson_13.kept(mix, size=48) for name, mix in contestants.items()}
for name, (pixels, labels) in measured.items():
    error = np.abs(pixels - labels)
    off = f"{error.mean():.3f} on average, {error.max():.3f} at most"
    print(f"{name:21} labels are off by {off}")

# %%
figure, axes = figures.subplots(1, 3, size=(8.6, 3.3), sharey=True)
for axis, (name, (pixels, labels)) in zip(axes, measured.items(), strict=True):
    axis.plot([0, 1], [0, 1], color=figures.MUTED, linewidth=1)
    axis.plot(pixels, labels, ".", color=figures.COLORS["cutmix"], markersize=5, alpha=0.7)
    axis.set(xlabel="share kept by the pixels", aspect="equal")
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    axis.set_title(name, loc="center", fontsize=10)
axes[0].set_ylabel("share kept by the label")

pixels, labels = measured["area before clipping"]
worst = np.argmax(pixels - labels)
axes[0].annotate(
    f"pixels {pixels[worst]:.2f},\nlabel {labels[worst]:.2f}",
    (pixels[worst], labels[worst]),
    (0.02, 0.78),
    fontsize=9,
    arrowprops={"arrowstyle": "->", "color": figures.INK},
)
figures.show(
    figure,
    alt="Three panels, the share that an image keeps by its pixels against that by its label. Area before "
    "clipping: most dots lie far below the diagonal; the worst image keeps "
    f"{pixels[worst]:.2f} of its pixels, and its label says {labels[worst]:.2f}. "
    "Keras: close to the diagonal, not on it. utils.mixing.cutmix: all on the diagonal.",
)

# %% [markdown]
# On the left most dots lie below the diagonal: the label gives away what the picture still shows. (Measured
# on KerasCV 0.9.0 itself: 0.171 on average, up to 0.66.) Keras' layer is off by little: the corners of its
# box are not whole numbers, and its label counts fractions of pixels that cannot be pasted.
#
# **What it does.** The loss is lowest where the network says what the label says (lesson 08). So it is
# taught to name a dog of which it sees little. How often does a label even name the wrong dog first?

# %%
for name, (pixels, labels) in measured.items():
    wrong_first = np.mean((pixels > 0.5) != (labels > 0.5))
    print(f"{name:21} names the smaller part first in {wrong_first:.0%}")

# %% [markdown]
# **Mend it.** Count the pixels after clipping, as lesson 08 does. The checker reads Keras' layer and the
# course's version; `alpha=1.0` is the claim λ ~ Beta(1, 1).

# %%
for name in ("keras.layers.CutMix", "utils.mixing.cutmix"):
    read(name, contestants[name], kind="mix", alpha=1.0, draws=10, image_size=(24, 24))

# %% [markdown]
# Keras' layer fails in three more ways, beside the labels:
#
# - **distribution of λ**: in the paper a box that hangs over the edge is clipped, so that images keep more
# of
#   themselves than the half that Beta(1, 1) gives on average: 0.68 is expected. Keras never lets a box hang
#   over. (What its *default* λ is stands in *For the curious*.)
# - **sparse labels**: class numbers in place of one-hot rows come back as nonsense, without an error.
# - **single image**: an image without a batch comes back as it was, without an error.
#
# ## Exercise 1: a check that catches it
#
# Now the heart of the checker. Write `labels_follow_pixels`. It gets a CutMix, `mix(images, labels, *,
# seed)
# -> (images, labels)`, as a function about which you know nothing. Return `True` if the labels say what the
# pixels show: for each image, the share of each class in its label is the share of the pixels that came
# from the image of this class, to within 0.001. A single wrong label is enough for `False`.
#
# You choose the images, the labels and the seeds to try. The check of this exercise hands your function a
# few right mixes and several with planted defects. One of them goes wrong in one image of ten only.
#
# <details><summary>Hint</summary>
#
# Choose images in which a pixel tells where it came from: fill image 0 with the number 1, image 1 with the
# number 2, and so on, each its own class (`np.eye`). Then the share of image k in a result is the mean of
# `result == k + 1`. Go over some seeds, `(13, 0)`, `(13, 1)` …
#
# </details>


# %%
def labels_follow_pixels(mix):
    """Whether the labels that `mix` returns have the shares of the pixels, within 0.001."""
    # solution begins: Exercise 1: a check that catches it
    numbers = np.arange(1, 17)
    images = np.tile(numbers.astype(np.uint8).reshape(16, 1, 1, 1), (1, 24, 24, 3))
    for draw in range(10):
        mixed, labels = mix(tf.constant(images), tf.eye(16), seed=(13, draw))
        pixel_shares = (np.asarray(mixed)[..., :1] == numbers).mean(axis=(1, 2))
        if np.abs(pixel_shares - labels).max() > 0.001:
            return False
    return True
    # solution ends


# %%
checks.lesson_13.labels_follow_pixels(labels_follow_pixels)

# %% [markdown]
# ## 2. A RandAugment that draws once per batch (question 3)
#
# RandAugment (lesson 06) picks two operations at random from a list, for every image. **See it.** We call
# the two halves of Keras' layer one by one, to learn what it draws. Two batches of six equal dogs, then six
# calls with one dog each.


# %%
def drawn_and_done(layer, images):
    """One call of Keras' layer: the names of the operations that it drew, and the pictures."""
    draw = layer.get_random_transformation(images)
    names = [layer._AUGMENT_LAYERS[number] for number in draw["layer_idxes"]]
    words = [name.removeprefix("random_").replace("_", " ") for name in names]
    return words, np.asarray(layer.transform_images(tf.cast(images, tf.float32), draw))


six = np.stack([dogs[2][4]] * 6)
policy = keras.layers.RandAugment(seed=29)
policy.build(six.shape)
rows, captions = {}, {}
for number in (1, 2):
    words, images = drawn_and_done(policy, six)
    name = "\n".join([f"batch {number}:", *words])
    rows[name], captions[name] = images, [""] * 6
    print(f"drawn for batch {number}:", " and ".join(words))
calls = [drawn_and_done(policy, six[:1]) for _ in range(6)]
rows["a call for\neach image"] = [images[0] for _, images in calls]
captions["a call for\neach image"] = ["\n".join(words) for words, _ in calls]
figures.show(
    picture_grid(rows, captions, height=1.6),
    alt="Three rows of six pictures of one dog by Keras' RandAugment. The six of batch 1 are all turned, one "
    "of them upside down, and paler; the six of batch 2 are all upright and paler or brighter. "
    "In the third row, a call for each image, every picture has other operations: "
    + "; ".join(" and ".join(words) for words, _ in calls)
    + ".",
    kind="jpeg",
)

# %% [markdown]
# In a batch all dogs go through the same two operations; only the strengths differ. ("Color degeneration"
# makes colours paler, "solarization" inverts what is bright.) In the paper RandAugment turns by 30° at most;
# this one turns a dog onto its back. That is question 5.
#
# **Measure it.** The checker compares images of one batch with images of different batches:

# %%
read(
    "Keras RandAugment",
    keras.layers.RandAugment(),
    dtype="float32",
    draws=8,
    image_size=(16, 20),
)

# %% [markdown]
# **What it does.** A training step averages over the images of its batch. Two operations for 64 images are
# a worse average than 128: in one step everything is turned and pale, in the next one nothing is. The steps
# become noisier, and the more so the larger the batch; the network sees as many combinations as there are
# batches.
#
# **Mend it.** The layer draws once per call. So call it for each image, as in the third row: in a `map`
# *before* `batch`. The checker reads this as a pipeline (that kind does not ask question 3; the third row
# has answered it). Or take a RandAugment that draws for each image of a batch, such as
# `utils.augment.rand_augment`.


# %%
def image_by_image(dataset):
    """Keras' RandAugment before `batch`."""
    return dataset.map(lambda image, label: (policy(image, training=True), label))


read("Keras RandAugment in a map", image_by_image, kind="pipeline", image_size=(16, 20))

# %% [markdown]
# ## 3. A shift that moves the other axis (question 5)
#
# `ImageDataGenerator(width_shift_range=…)` should move a picture sideways. **See** and **measure it** on a
# house number; the checker has a claim for this, `moves`:

# %%
drawing = PIL.Image.new("RGB", (120, 48), "navy")
pen = PIL.ImageDraw.Draw(drawing)
pen.text((17, 6), "41975", "white", PIL.ImageFont.load_default(size=30))
number_plate = np.asarray(drawing)

rows, captions = {}, {}
for setting, asked, claim in [
    ("width_shift_range", "sideways", "width"),
    ("height_shift_range", "up or down", "height"),
]:
    read(setting, ImageDataGenerator(**{setting: 0.3}), dtype="float32", moves=claim)
    by_24_pixels = checks.image_data_generator(ImageDataGenerator(**{setting: [-24, 24]}))
    draws = by_24_pixels(np.stack([number_plate] * 2), seed=(13, 5))
    rows[f"{setting}\nasked: {asked}"] = [number_plate, *draws]
    captions[f"{setting}\nasked: {asked}"] = ["original", "first draw", "second draw"]
figures.show(
    picture_grid(rows, captions, width=1.8, height=1),
    alt="A house number, 41975, white on blue. Asked to move sideways, with width_shift_range, it moves up "
    "or down, and only halves of the digits are left. Asked to move up or down, with height_shift_range, it "
    "moves left or right.",
    kind="jpeg",
)

# %% [markdown]
# The two names are swapped. **What it does:** nothing to those who set both ranges to the same value. Who
# set one of them had a reason: a line of text may move sideways but not out of its line. They get the other
# one, and pictures without their content. **Mend it** by swapping the names; the measurement above has
# shown that each does what the other one promises.

# %% [markdown]
# ## 4. A picture clipped to black, or to white (question 1)
#
# The last three sit not in a library but in the way it is called. Float images come in two ranges, 0–1 and
# 0–255, and a function cannot see which one you have. Albumentations takes floats for 0–1.
# `brightness_range` of `ImageDataGenerator` wants 0–255. **See** what happens when they get the other one:

# %%
dog = dogs[0][3]
one, seed = dog[np.newaxis], (13, 0)  # a batch of one
floats = one.astype(np.float32)
contrast = checks.albumentations_transform(albumentations.RandomBrightnessContrast(p=1))
light = checks.image_data_generator(ImageDataGenerator(brightness_range=(0.5, 1.5)))
clipped = contrast(floats, seed=seed)[0]
black = light(floats / 255, seed=seed)[0]
results = {
    "original\nuint8": dog,
    "Albumentations\non uint8": contrast(one, seed=seed)[0],
    "Albumentations\non floats 0–255,\ndrawn in 0–255": clipped,
    "the same result,\ndrawn in 0–1\n": 255 * clipped,
    "brightness_range\non floats 0–1,\ndrawn in 0–1": 255 * black,
}
figures.show(
    picture_grid({"": list(results.values())}, {"": list(results)}, width=1.6, height=2.2),
    alt="A dog five times: as it is; brighter, where Albumentations got uint8; black, where it got floats "
    "in 0 to 255 and the result is drawn in 0 to 255; all white, the same result drawn in 0 to 1; and "
    "black, where brightness_range got floats in 0 to 1.",
    kind="jpeg",
)
print(f"Albumentations on floats 0-255: {np.mean(clipped == 1):.0%} of the values are 1")
print(f"brightness_range on floats 0-1: {np.mean(black == 0):.0%} of the values are 0")

# %% [markdown]
# All values above 1 were cut to 1 by Albumentations: that is white or black, as you draw it.
# `brightness_range` rounds to whole numbers: what is below 1 becomes 0. There was no error and no warning.
# **Measure it:**

# %%
read("Albumentations, floats 0-255", contrast, dtype="float32")
read("brightness_range, floats 0-1", light, dtype="float32", value_range=(0, 1))

# %% [markdown]
# (Only half of them are flat for `brightness_range`: the checker's picture has spots of pure white, 1.0,
# which stay 1 where the draw makes it brighter.)
#
# **What it does.** All flat pictures look alike, so the best that a network can say about them is "each of
# the classes, equally". Its loss is then log K for K classes. `brightness_range` acts on every image: the
# loss stops at log K. Albumentations acts on half of the images by default, and the loss cannot fall below
# half of that, however long you train:

# %%
flat = np.log(len(class_names))
share = albumentations.RandomBrightnessContrast().p
print(f"{len(class_names)} classes, all pictures flat: the loss stops at {flat:.2f}")
print(f"with p={share}, the default of Albumentations: at {share * flat:.2f}")

# %% [markdown]
# **Mend it** by handing over what each reads: `uint8` to Albumentations, 0–255 to `brightness_range` (which
# gives floats back, in 0–255). Scale at the end; in this course the first layer of the model does.

# %%
read("Albumentations, uint8", contrast)
read("brightness_range, floats 0-255", light, dtype="float32")

# %% [markdown]
# ## 5 and 6. Drawn once, or frozen by a cache (question 4)
#
# `map` of `tf.data` calls a Python function once, to write down its TensorFlow operations; what NumPy draws
# in there is drawn **at trace time**, once for all images and epochs (lesson 02). And a `cache` **after**
# the augmentation keeps the first epoch's pictures forever (lesson 01).


# %%
def drawn_at_trace_time(dataset):
    """Defect 5: NumPy draws while `map` traces."""
    return dataset.map(
        lambda image, label: (
            tf.image.adjust_brightness(image, np.random.uniform(0.1, 0.3)),
            label,
        )
    )


def frozen_by_cache(dataset):
    """Defect 6: the cache stands after the augmentation."""
    augmented = dataset.map(lambda image, label: (tf.image.random_brightness(image, 0.4), label))
    return augmented.cache()


def mended(dataset):
    """Cache first; then each image gets a seed of its own in each epoch."""
    seeds = tf.data.Dataset.random(seed=13, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(dataset.cache(), seeds).map(
        lambda pair, seed: (
            tf.image.stateless_random_brightness(pair[0], 0.4, seed),
            pair[1],
        )
    )


PIPELINES = {
    "drawn at\ntrace time": drawn_at_trace_time,
    "frozen by\na cache": frozen_by_cache,
    "mended": mended,
}

# %% [markdown]
# **See it:** two dogs, each in three epochs.

# %%
np.random.seed(3)
two = tf.data.Dataset.from_tensor_slices(([dogs[8][7], dogs[11][1]], [8, 11]))
rows, captions = {}, {}
for name, make in PIPELINES.items():
    dataset = make(two)
    epochs = [[image.numpy() for image, _ in dataset] for _ in range(3)]
    rows[name] = [epoch[dog] for dog in range(2) for epoch in epochs]
    captions[name] = [f"epoch {epoch}" for _ in range(2) for epoch in (1, 2, 3)]
figures.show(
    picture_grid(rows, captions, height=1.55),
    alt="Two dogs in three epochs, for three pipelines. Drawn at trace time: all six pictures are brighter "
    "by the same amount. Frozen by a cache: each dog has one brightness, the same in all epochs. Mended: the "
    "brightness differs from epoch to epoch.",
    kind="jpeg",
)

# %% [markdown]
# **Measure it.** How many different pictures do 20 dogs give in five epochs? And what does the checker say,
# which takes whole pipelines with `kind="pipeline"`?

# %%
twenty = tf.data.Dataset.from_tensor_slices(
    ([dogs[k % 10][k // 10] for k in range(20)], [k % 10 for k in range(20)])
)
for name, make in PIPELINES.items():
    dataset = make(twenty)
    seen = {image.numpy().tobytes() for _ in range(5) for image, _ in dataset}
    read(name.replace("\n", " "), make, kind="pipeline")
    print(f"    different pictures of 20 dogs in 5 epochs: {len(seen)}")

# %% [markdown]
# **What it does.** With 40 epochs the mended pipeline shows 40 pictures of each dog, the other two one.
# The network can learn them by heart as fast as without augmentation. Worse, the first of the two changes
# all training pictures by the same amount, so that none of them looks like a test picture.
#
# **Mend it** as above: cache before augmenting, and draw with TensorFlow. `pipeline.training_batches` of
# this course does both, and hands fresh seeds to `augment`.
#
# ## Exercise 2: is it frozen?
#
# Now measure it yourself. Write `is_frozen`. It gets a `tf.data.Dataset` of batches `(images, labels)`,
# which can be iterated as often as you like: each time is an epoch, and each epoch has all images. Return
# `True` if the epochs bring the same pictures over and over, and `False` if there are new ones. The order
# may change from epoch to epoch: shuffling makes no new pictures.
#
# <details><summary>Hint</summary>
#
# Go through the data set twice. `image.tobytes()` (of a NumPy array) makes a value of a picture that can be
# sorted and compared. The last batch may be smaller than the others.
#
# </details>


# %%
def is_frozen(batches):
    """Whether every epoch of `batches` brings the same pictures, in whatever order."""
    # solution begins: Exercise 2: is it frozen?
    epochs = []
    for _ in range(2):
        pictures = [image for images, _ in batches for image in images.numpy()]
        epochs.append(sorted(image.tobytes() for image in pictures))
    return epochs[0] == epochs[1]
    # solution ends


# %%
checks.lesson_13.is_frozen(is_frozen)

# %% [markdown]
# ## A weak check
#
# Here is a check as one finds it in many repositories. It asks seven reasonable questions:

# %%
source = inspect.getsource(checks.lesson_13.weak_check)
IPython.display.display(IPython.display.Markdown(f"```python\n{source}```"))

# %% [markdown]
# The right CutMix passes, and a mix that leaves the labels as they came is noticed:

# %%
weak_check = checks.lesson_13.weak_check
print("mixing.cutmix:", weak_check(mixing.cutmix))
print(
    "labels forgotten:",
    weak_check(
        lambda images, labels, *, seed: (
            mixing.cutmix(images, labels, seed=seed)[0],
            labels,
        )
    ),
)

# %% [markdown]
# ## Exercise 3: slip past a weak check
#
# Write `slips_past`: a CutMix whose labels are wrong, and at which the weak check returns an empty list.
# The check of this exercise tries both, the weak check and `check_augmentation`, which must catch you.
# Start from `mixing.cutmix` and break something.
#
# <details><summary>Hint</summary>
#
# What does the weak check never compare? Labels can be perfectly formed and belong to another image, or
# have their shares the wrong way round. `tf.reverse(tensor, [0])` turns the order of a batch around.
#
# </details>


# %%
def slips_past(images, labels, *, seed):
    """A wrong CutMix that `weak_check` takes for a right one; returns (images, labels)."""
    # solution begins: Exercise 3: slip past a weak check
    mixed, mixed_labels = mixing.cutmix(images, labels, seed=seed)
    return mixed, tf.reverse(mixed_labels, [0])
    # solution ends


# %%
checks.lesson_13.slips_past(slips_past)

# %% [markdown]
# ### Who checks the checks?
#
# A check that has never failed may be unable to. So plant defects and count what it catches; programmers
# call this **mutation testing**. Four planted defects and a right CutMix, under three checks: the weak one,
# the comparison of labels and pixels alone (your exercise 1), and all that `check_augmentation` asks.


# %%
def with_labels(change):
    """The right pixels, with labels from `change(labels, right labels)`."""

    def mix(images, labels, *, seed):
        mixed, right = mixing.cutmix(images, labels, seed=seed)
        return mixed, change(labels, right)

    return mix


PLANTED = {
    "nothing (a right CutMix)": mixing.cutmix,
    "labels not mixed": with_labels(lambda labels, right: labels),
    "labels of another image": with_labels(lambda labels, right: tf.reverse(right, [0])),
    "area before clipping": unclipped_area,
    "seed drawn by NumPy": lambda images, labels, *, seed: mixing.cutmix(
        images, labels, seed=np.random.randint(0, 999, 2)
    ),
}

# %%
caught = {}
for name, mix in PLANTED.items():
    report = checks.check_augmentation(mix, kind="mix", draws=8, image_size=(16, 20))
    caught[name] = {
        "weak check": bool(weak_check(mix)),
        "labels = pixels": "label share" in report.failed,
        "check_augmentation": not report.ok,
    }
print(f"{'':27}", *caught["labels not mixed"], sep="   ")
for name, verdicts in caught.items():
    words = ["caught" if found else "-" for found in verdicts.values()]
    print(f"{name:27}   {words[0]:10}   {words[1]:15}   {words[2]}")

# %% [markdown]
# A long list of questions does not make a good check: each finds what it asks for. The weak one asks about
# the form of the labels, and all but one of the defects keep the form. Even the comparison with the pixels
# has its blind spot: with the seed drawn by NumPy each single batch is right, only nothing can be repeated,
# and inside `tf.data` all batches are mixed alike. Ask about what training depends on, and measure it.
#
# ### What no check sees
#
# A last one: turn the colours of each image by up to half a circle, either way.


# %%
def any_hue(images, *, seed):
    """Turn the hue of each image by its own angle."""
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(
        lambda pair: tf.image.stateless_random_hue(pair[0], 0.5, pair[1]),
        (images, seeds),
        fn_output_signature=images.dtype,
    )


read("any hue", any_hue, draws=8)

# %%
saffrel, paprikin = (dogs[class_names.index(name)] for name in ("saffrel", "paprikin"))
turned = tf.image.adjust_hue(saffrel[0], -18 / 360)  # as `any_hue` may draw it
pictures = {
    "saffrel": saffrel[0],
    "saffrel,\nhue turned by −18°": turned,
    "a real paprikin": paprikin[0],
}
figures.show(
    picture_grid({"": list(pictures.values())}, {"": list(pictures)}, width=1.9, height=2.2),
    alt="A golden saffrel; the same saffrel with its hue turned by 18 degrees, now as red as a fox; and a "
    "real paprikin, whose coat has the same red.",
    kind="jpeg",
)

# %% [markdown]
# All checks pass. And yet a golden saffrel becomes a red paprikin (lesson 02 has measured it), and its
# label is wrong. Whether the *meaning* survives, no program can tell you. That question stays yours.

# %% [markdown]
# ## Which library?
#
# How we would choose:
#
# - **TensorFlow or Keras, labels only:** functions on batches in `tf.data`, as in `utils`, or those Keras
#   layers whose report is clean. Hand them what they read, check, then train.
# - **Masks, boxes, rare operations:** Albumentations, on `uint8`, in its last release; know that nobody
#   repairs it any more. Keras layers for the usual operations.
# - **PyTorch:** torchvision v2, image by image in the `Dataset`, CutMix and MixUp on batches.
# - **`ImageDataGenerator`, and KerasCV** (Keras' layers come from it; its development has
#   [ended](https://github.com/keras-team/keras-cv/issues/2354)): to read old code, not to start with.
#
# And the table to check that choice by: a column for each library, a row for each question. Numbers in
# brackets are lessons. "5 × slower" means that `utils` makes five images in the time of one.

# %%
libraries = pd.read_json("../solutions/results/libraries.json", orient="index")
cells = {
    "selector": "th, td",
    "props": "text-align: left; vertical-align: top; min-width: 90px; max-width: 170px; white-space: normal",
}
table = libraries.style.set_uuid("libraries").set_table_styles([cells]).to_html()
IPython.display.display(IPython.display.HTML(table))

# %% [markdown]
# The speeds come from the committed bench: batches of 32 images, two threads on two processor cores,
# medians of seven repeats; `make bench` measures your machine. A dash means that the library has no such
# operation or that it was not timed (CutMix and RandAugment of `tf.image` would be `utils`, which is
# written with it).
#
# The other rows are measured under *For looking up* or in the lesson in brackets. A defect without a number
# is held by `tests/test_library_defects.py`, which fails when a library is repaired. torchvision's rows are
# from lesson 12 and [its documentation](https://docs.pytorch.org/vision/stable/transforms.html),
# Albumentations' maintenance is from [its README](https://github.com/albumentations-team/albumentations).
#
# Whatever you take, and whichever version: let `check_augmentation` read it first. The defects of this
# lesson are those of the versions in the table, and the next versions will have others.

# %% [markdown]
# ## For looking up
#
# How the table was measured. You may skip this.
#
# ### What they have


# %%
def is_transform(value):
    """Whether it is a transform of Albumentations, not a class that they are made from."""
    is_class = inspect.isclass(value) and issubclass(value, albumentations.BasicTransform)
    return is_class and value.__module__.startswith("albumentations.augmentations")


transforms = sum(map(is_transform, vars(albumentations).values()))
print("transforms of Albumentations:", transforms)
print("tf.image:", *[name[17:] for name in dir(tf.image) if name.startswith("stateless_random_")])
for name, module in {"Albumentations": albumentations, "Keras": keras.layers}.items():
    policies = ("RandAugment", "AutoAugment", "TrivialAugment", "AugMix", "CutMix", "MixUp")
    found = [policy for policy in policies if hasattr(module, policy)]
    print(f"{name} has of the policies and mixes:", *(found or ["none"]))
print("ImageDataGenerator is deprecated:", "DEPRECATED" in ImageDataGenerator.__doc__)

# %% [markdown]
# ### Masks and boxes
#
# A bright box that begins in row 8 goes down by 8 pixels, with its mask and its coordinates (left, top,
# right, bottom).


# %%
def first_row(mask):
    """The first row of a mask that is not empty."""
    return np.flatnonzero(np.any(mask, axis=(1, 2)))[0]


picture = np.zeros((32, 32, 3), np.uint8)
picture[8:16, 8:24] = 255
mask = (picture[..., :1] > 0).astype(np.uint8)
box = np.array([[8, 8, 24, 16]], np.float32)
layer = keras.layers.RandomTranslation((0.25, 0.25), 0, bounding_box_format="xyxy")
boxes = {"boxes": box[np.newaxis], "labels": np.zeros((1, 1))}
moved = layer(
    {"images": picture[None], "segmentation_masks": mask[None], "bounding_boxes": boxes},
    training=True,
)
print("Keras:          mask from row", first_row(moved["segmentation_masks"][0]), end=", ")
print("box", moved["bounding_boxes"]["boxes"][0, 0].numpy())

down = albumentations.Affine(translate_px={"x": 0, "y": 8}, p=1)
boxes = albumentations.BboxParams("pascal_voc", label_fields=["labels"])
both = albumentations.Compose([down], boxes)
moved = both(image=picture, mask=mask, bboxes=box, labels=[0])
print("Albumentations: mask from row", first_row(moved["mask"]), end=", ")
print("box", moved["bboxes"][0])

# %% [markdown]
# ### An image or a batch, and what comes back
#
# We hand both to each, as `uint8`, and try whether it can be mapped over a data set of `tf.data`.

# %%
seed = tf.constant([13, 0])
keras_flip = keras.layers.RandomFlip()
CALLS = {
    "utils": lambda images: utils.augment.basic(images, seed=seed),
    "tf.image": lambda images: tf.image.stateless_random_brightness(images, 0.2, seed),
    "Keras": lambda images: keras_flip(images, training=True),
    "ImageDataGenerator": ImageDataGenerator(rotation_range=10).random_transform,
    "Albumentations": lambda image: albumentations.HorizontalFlip(p=1)(image=image)["image"],
}


def accepted(call):
    """What a call takes of an image and a batch, and the dtype that comes back."""
    found = {}
    for name, images in {"image": picture, "batch": picture[np.newaxis]}.items():
        try:
            out = np.asarray(call(images))
        except Exception:  # every library has its own error for this
            continue
        if out.shape == images.shape:
            found[name] = out.dtype
    return found


def maps(call, images):
    """Whether a data set can be mapped through it."""
    try:
        next(iter(tf.data.Dataset.from_tensors(images).map(call)))
    except Exception:
        return False
    return True


for name, call in CALLS.items():
    found = accepted(call)
    dtype = next(iter(found.values()))
    mapped = maps(call, picture if "image" in found else picture[np.newaxis])
    words = " or ".join(found)
    print(f"{name:19} takes {words:15}  uint8 comes back as {dtype!s:8} in map: {mapped}")

# %%
lighter = keras.layers.RandomBrightness((0.1, 0.1))
white = lighter(np.ones((1, 4, 4, 3), np.float32), training=True)
print(f"Keras' RandomBrightness makes {np.max(white):.1f} of 1.0: it takes floats for 0-255")

# %% [markdown]
# ### Own draws
#
# Albumentations takes a batch by the name of `images=`, but that means the frames of a film. Eight equal
# images:

# %%
draw = albumentations.RandomBrightnessContrast(p=1)
eight = np.stack([dog] * 8)
print("images=, different pictures:", len({image.tobytes() for image in draw(images=eight)["images"]}))
print("image by image:             ", len({draw(image=image)["image"].tobytes() for image in eight}))


# %%
def tf_brightness(images, *, seed):
    """Brightness of a batch by `tf.image`."""
    return tf.image.stateless_random_brightness(images, 0.2, seed)


def tf_mirror(images, *, seed):
    """Mirror a batch by `tf.image`."""
    return tf.image.stateless_random_flip_left_right(images, seed)


own = {
    "utils.augment.basic": checks.check_augmentation(utils.augment.basic, draws=8),
    "tf.image, flips": checks.check_augmentation(tf_mirror, draws=8),
    "tf.image, brightness": checks.check_augmentation(tf_brightness, draws=8),
    "Keras RandomFlip": checks.check_augmentation(keras.layers.RandomFlip(), dtype="float32", draws=8),
} | {name: reports[name] for name in ("Keras RandAugment", "width_shift_range")}
for name, report in own.items():
    print(f"{name:21} an own draw for each image: {report['own draw'].passed}")

# %% [markdown]
# ## For the curious
#
# ### Keras' CutMix without arguments
#
# Above we asked for `factor=(1.0, 1.0)`. Without arguments the layer does *not* draw λ evenly from 0 to 1,
# which is the paper's Beta(1, 1). It draws one number α from 0 to 1 **for the batch** and then each λ from
# Beta(α, α), which prefers values near 0 and near 1. There an image stays as it is, or is replaced by its
# partner. An even λ lies within 0.05 of an end in 10 % of all cases:

# %%
tiny = {
    "images": np.zeros((1000, 4, 4, 3), np.float32),
    "labels": np.eye(1000, dtype=np.float32),
}
for words, layer in {
    "CutMix()": keras.layers.CutMix(seed=13),
    "CutMix(factor=(1.0, 1.0))": keras.layers.CutMix(factor=(1.0, 1.0), seed=13),
}.items():
    lam = [np.diag(layer(tiny, training=True)["labels"]) for _ in range(6)]
    ends = [f"{np.mean((batch < 0.05) | (batch > 0.95)):4.0%}" for batch in lam]
    print(f"{words:26} λ near an end, in six batches:", *ends)

# %% [markdown]
# In two of these six batches about half of the images are hardly mixed, in a third one more than a third,
# and in three as few as with the paper's setting: the default is a weaker and less even CutMix. Write
# `factor=(1.0, 1.0)` if you compare with the paper.
#
# ### The smaller the image, the more the label is off
#
# Keras' label counts fractions of pixels at the border of the box. A small image has more border:

# %%
for size in (24, 48, 96):
    pixels, labels = checks.lesson_13.kept(keras_cutmix, size=size)
    error = np.abs(pixels - labels)
    print(f"keras.layers.CutMix at {size:3} pixels: off by up to {error.max():.3f}")

# %% [markdown]
# ## What you learned
#
# - A wrong augmentation does not crash. Five questions find most defects: still pictures, labels as the
#   pixels, a draw for each image, new draws in each epoch, and what the name says.
# - Three defects of libraries: labels from the area before clipping, one draw per batch, swapped axes.
# Three
#   ways to call a right function wrongly: another range of values, a draw at trace time, a cache behind the
#   augmentation. Each seen, measured and mended.
# - Measure with inputs that you know: equal images show shared draws, numbered images show where pixels
# come
#   from, two epochs show what is frozen.
# - A check is worth what it catches: plant defects and count.
# - No check knows whether the label still means the picture.
#
# ## Questions
#
# 1. Your training loss stops at 4.79 from the first epoch on, with 120 classes. Which defect do you look
# for
#    first?
#
#    <details><summary>Answer</summary>
#
#    log 120 is 4.79: the network says "all classes alike", as it must for pictures that show nothing. Look
#    at a batch as the model gets it; most likely floats in 0–255 went to something that reads 0–1, or the
#    other way round. (A learning rate that is far too high can look the same.)
#
#    </details>
# 2. A check compares the *mean* label of a batch with that of a trusted CutMix, for the same images and the
#    same seed. Which of the four planted defects in the table does it miss?
#
#    <details><summary>Answer</summary>
#
#    Labels of another image: turning the order around leaves the mean as it is. A mean forgets which label
#    belongs to which picture. The others it notices: each image has a λ of its own, so mixed labels have
#    another mean than labels that are not mixed, or mixed by another area, or with another seed.
#
#    </details>
#
# 3. You upgrade a library, and a test that pins one of its defects fails. Is that good or bad?
#
#    <details><summary>Answer</summary>
#
#    Good news first: the defect is probably repaired. But your results change, too: runs from before and
#    after the upgrade cannot be compared. So look, change the test and whatever you did to work around the
#    defect, and make the runs of one comparison with one version.
#
#    </details>
#
# **Next:** lesson 14, the comparison project, where you prove whether an augmentation helps. Let
# `check_augmentation` read yours before you train.
