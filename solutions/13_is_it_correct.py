# %% [markdown]
# # 13 Is it correct?
#
# **Goal.** Find out whether an augmentation does what it says: meet six defects of well-known libraries,
# write a check that finds one, and learn how a defect slips past a check.
#
# **Time.** 45 minutes.
#
# **You need to know** lesson 02 (batches, seeds, what `map` traces) and lesson 08 (CutMix, soft labels).
# Lessons 03 and 04 help with `ImageDataGenerator` and Albumentations.

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import functools
import importlib.metadata
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
from utils import checks, data, figures, mixing, pipeline

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
# `checks.check_augmentation` asks these and some more. It believes nothing: it hands in images that it knows
# and looks at what comes back. You have met it in lessons 02 and 08.
#
# In this lesson it reads other people's code, most of it from the libraries that this course uses. For each
# defect: **see** it, **measure** it, say **what it does** to the training, and **mend** it. One helper prints
# what failed and what was measured (`print(report)` would show the whole report), another one draws pictures.


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
        axis.set(xticks=[], yticks=[], frame_on=False)
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
# ## 1. A CutMix whose labels are not its pixels
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
# **See it.** A batch of one dog of each class, mixed. `mixing.cutmix` with the same seed gives the same
# pixels and the right labels, so we can pick the three pictures whose labels are furthest off, and one whose
# label is nearly right.

# %%
batch = np.stack([dogs[label][1] for label in range(len(class_names))])
batch_labels = tf.eye(len(class_names))
mixed, wrong = unclipped_area(batch, batch_labels, seed=(13, 5))
_, right = mixing.cutmix(batch, batch_labels, seed=(13, 5))
order = np.argsort(-np.abs(wrong - right).max(axis=1))


def in_words(wrong, right):
    """Both classes of a picture, with what the label says and what the pixels show."""
    named = sorted(np.argsort(-(wrong + right))[:2])
    lines = [f"{class_names[k]}: label {wrong[k]:.2f}, pixels {right[k]:.2f}" for k in named]
    return "\n".join(lines)


picks = [*order[:3], order[-3]]
captions = [in_words(wrong[k].numpy(), right[k].numpy()) for k in picks]
figures.show(
    picture_grid({"": [mixed[k] for k in picks]}, {"": captions}, width=2, height=2.4),
    alt="Four dogs with a box of another dog. Under each what the label says and what the "
    "pixels show: " + ". ".join(caption.replace("\n", "; ") for caption in captions),
    kind="jpeg",
)

# %% [markdown]
# **Measure it.** The checker hands in images of which it knows every pixel, each of its own class, and counts
# where the pixels of a result came from. `checks.lesson_13.kept` does the same here for 128 mixed images (how
# it can be done is your second exercise). It returns what each image keeps of itself, by its pixels and by
# its label. We try three mixes. The second one is Keras' own layer.

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
    look = {"color": figures.COLOURS["cutmix"], "markersize": 5, "alpha": 0.7}
    axis.plot(pixels, labels, ".", **look)
    axis.set(
        xlabel="share kept by the pixels",
        xlim=(-0.03, 1.03),
        ylim=(-0.03, 1.03),
        aspect="equal",
    )
    axis.set_title(name, loc="center", fontsize=10)
axes[0].set_ylabel("share kept by the label")
figures.show(
    figure,
    alt="Three panels, the share that an image keeps by its pixels against that by its label. Area before "
    "clipping: most dots lie far below the diagonal. Keras: close to the diagonal, not on it. "
    "utils.mixing.cutmix: all on the diagonal.",
)

# %% [markdown]
# On the left most dots lie below the diagonal: the label gives away what the picture still shows. (Measured
# on KerasCV 0.9.0 itself: 0.171 on average, up to 0.66.) Keras' layer is off by little: the corners of its
# box are not whole numbers, and its label counts fractions of pixels that cannot be pasted. The smaller the
# image, the more:

# %%
for size in (24, 48, 96, 224):
    pixels, labels = checks.lesson_13.kept(keras_cutmix, size=size)
    error = np.abs(pixels - labels)
    print(f"keras.layers.CutMix at {size:3} pixels: off by up to {error.max():.3f}")

# %% [markdown]
# **What it does.** The loss is lowest where the network says what the label says (lesson 08). So it is
# taught to name a dog of which it sees little. How often does a label even name the wrong dog first?

# %%
for name, (pixels, labels) in measured.items():
    wrong_first = np.mean((pixels > 0.5) != (labels > 0.5))
    print(f"{name:21} names the smaller part first in {wrong_first:.0%}")

# %% [markdown]
# Keras' layer has a second surprise. Without arguments it does *not* draw λ evenly from 0 to 1, which is the
# paper's Beta(1, 1). It draws one number α from 0 to 1 **for the batch** and then each λ from Beta(α, α),
# which prefers values near 0 and near 1. There an image stays as it is, or is replaced by its partner. An
# even λ lies within 0.05 of an end in 10 % of all cases:

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
# So in some batches hardly an image is mixed. A training with the default tells little about CutMix.
#
# **Mend it.** Count the pixels after clipping, as lesson 08 does. The checker reads Keras' layer and the
# course's version; `alpha=1.0` is the claim λ ~ Beta(1, 1).

# %%
for name in ("keras.layers.CutMix", "utils.mixing.cutmix"):
    read(name, contestants[name], kind="mix", alpha=1.0, draws=10, image_size=(24, 24))

# %% [markdown]
# (Lesson 08 explains what else fails in Keras' layer: boxes that are never clipped, and silence when labels
# are not one-hot or the batch is missing.)

# %% [markdown]
# ## 2. A RandAugment that draws once per batch
#
# RandAugment (lesson 06) picks two operations at random from a list, for every image. **See it:** two
# batches of six equal dogs through Keras' layer, and two through the course's `rand_augment`.

# %%
six = np.stack([dogs[2][4]] * 6)
keras_policy = checks.keras_layer(keras.layers.RandAugment(factor=0.4))
policies = {"Keras": keras_policy, "utils": utils.augment.rand_augment()}
rows = {
    f"{name},\nbatch {number + 1}": policy(six, seed=tf.constant([number, 21]))
    for name, policy in policies.items()
    for number in range(2)
}
figures.show(
    picture_grid(rows),
    alt="Four batches of six equal dogs. Keras: all six of a batch have been through the same "
    "operations, at different strengths. utils: each of the six looks different.",
    kind="jpeg",
)

# %% [markdown]
# In a batch of Keras all dogs went through the same two operations; only their strengths differ. **Measure
# it.** The layer tells what it has drawn, and the checker compares images of one batch with images of
# different batches:

# %%
drawn = keras.layers.RandAugment().get_random_transformation(tf.zeros([64, 32, 32, 3]))
print("operations drawn for a batch of 64 images:", drawn["layer_idxes"].shape[0])
read(
    "Keras RandAugment",
    keras.layers.RandAugment(),
    dtype="float32",
    draws=8,
    image_size=(16, 20),
)

# %% [markdown]
# **What it does.** A training step averages over the images of its batch. Two draws for 64 images are a
# worse average than 128 draws: in one step everything is turned and grey, in the next one nothing is. The
# steps become noisier, and the more so the larger the batch; the network sees as many combinations as there
# are batches.
#
# **Mend it.** The layer draws once per call. So call it for each image, in a `map` *before* `batch`. Eight
# calls, and the numbers of the operations that each of them draws:

# %%
policy_layer = keras.layers.RandAugment(seed=13)
calls = [policy_layer.get_random_transformation(tf.zeros([32, 32, 3])) for _ in range(8)]
print(
    "operations of eight calls:",
    *[tuple(drawn["layer_idxes"].numpy().tolist()) for drawn in calls],
)

# %% [markdown]
# Or take a RandAugment that draws for each image of a batch:

# %%
read("utils.augment.rand_augment", utils.augment.rand_augment())

# %% [markdown]
# ## 3. A shift that moves the other axis
#
# `ImageDataGenerator(width_shift_range=…)` should move a picture sideways. **See it** on a house number:

# %%
drawing = PIL.Image.new("RGB", (120, 48), "navy")
pen = PIL.ImageDraw.Draw(drawing)
pen.text((17, 6), "41975", "white", PIL.ImageFont.load_default(size=30))
number_plate = np.asarray(drawing)


def shifted(setting, count=3):
    """Return the plate, and draws of a shift by 24 pixels in either direction."""
    generator = checks.image_data_generator(ImageDataGenerator(**{setting: [-24, 24]}))
    return [number_plate, *generator(np.stack([number_plate] * count), seed=(13, 0))]


SHIFTS = {"width_shift_range": "width", "height_shift_range": "height"}  # and their claims
rows = {setting: shifted(setting) for setting in SHIFTS}
captions = {setting: ["original", "a draw", "a draw", "a draw"] for setting in rows}
figures.show(
    picture_grid(rows, captions, width=1.8, height=1),
    alt="A house number, 41975, white on blue. With width_shift_range it moves up or down, and only halves "
    "of the digits are left. With height_shift_range it moves left or right.",
    kind="jpeg",
)

# %% [markdown]
# The two names are swapped. **Measure it.** The checker has a claim for this, `moves`:

# %%
for setting, claim in SHIFTS.items():
    read(setting, ImageDataGenerator(**{setting: 0.3}), dtype="float32", moves=claim)

# %% [markdown]
# **What it does.** Nothing to those who set both ranges to the same value. Who set one of them had a reason:
# a line of text may move sideways but not out of its line, a horizon may move up and down. They get the
# other one, and pictures without their content.
#
# **Mend it.** Swap the names. (Lesson 03 names the modern replacements.)

# %%
read(
    "names swapped",
    ImageDataGenerator(height_shift_range=0.3),
    dtype="float32",
    moves="width",
)

# %% [markdown]
# ## 4. A picture clipped to black, or to white
#
# Float images come in two ranges, 0–1 and 0–255, and a function cannot see which one you have. Albumentations
# takes floats for 0–1. `brightness_range` of `ImageDataGenerator` wants 0–255. **See** what happens when
# they get the other one:

# %%
dog = dogs[0][3]
contrast = checks.albumentations_transform(albumentations.RandomBrightnessContrast(p=1))
light = checks.image_data_generator(ImageDataGenerator(brightness_range=(0.5, 1.5)))
one = dog[np.newaxis]  # a batch of one
floats, seed = one.astype(np.float32), (13, 1)
results = {
    "original\nuint8": dog,
    "Albumentations\non uint8": contrast(one, seed=seed)[0],
    "Albumentations\non floats 0–255": contrast(floats, seed=seed)[0],
    "brightness_range\non floats 0–255": light(floats, seed=seed)[0],
    "brightness_range\non floats 0–1": light(floats / 255, seed=seed)[0],
}
ranges = [f"{out.min():.0f} to {out.max():.0f}" for out in map(np.asarray, results.values())]
names = {"": [f"{name}\n{values}" for name, values in zip(results, ranges, strict=True)]}
figures.show(
    picture_grid({"": list(results.values())}, names, width=1.6, height=2.1),
    alt="A dog five times: as it is; with more contrast; black, where Albumentations got floats in 0 to 255; "
    "a little darker or lighter; black, where brightness_range got floats in 0 to 1.",
    kind="jpeg",
)

# %% [markdown]
# Drawn in 0–255 the third picture is black. Drawn in 0–1 it would be white: all values above 1 were cut to 1.
# There was no error and no warning. **Measure it:**

# %%
clipped = results["Albumentations\non floats 0–255"]
print(f"Albumentations on floats 0-255: {np.mean(clipped == 1):.0%} of the values are 1")
to_light = ImageDataGenerator(brightness_range=(0.5, 1.5))
read("Albumentations, floats 0-255", contrast, dtype="float32")
read("brightness_range, floats 0-1", to_light, dtype="float32", value_range=(0, 1))

# %% [markdown]
# (Half of the checker's pictures are not quite black: values that are exactly 1 survive `brightness_range`.)
#
# **What it does.** All flat pictures look alike, so the best that a network can say about them is "each of
# the classes, equally". Its loss is then log K for K classes. Albumentations acts on half of the images by
# default (`p=0.5`), so the training loss cannot fall below half of that, however long you train:

# %%
print("share of images changed by default:", albumentations.RandomBrightnessContrast().p)
flat = np.log(len(class_names))
print(f"loss on flat pictures, {len(class_names)} classes: {flat:.2f}")
print(f"lowest mean loss, if half of the pictures are flat: {flat / 2:.2f}")

# %% [markdown]
# A training loss that stops at log K is a symptom to remember. **Mend it** by handing over `uint8`, which
# both understand, and scaling at the end (in this course: in the first layer of the model).

# %%
read("Albumentations, uint8", contrast)
read("Albumentations, floats 0-1", contrast, dtype="float32", value_range=(0, 1))
read("brightness_range, floats 0-255", to_light, dtype="float32")

# %% [markdown]
# ## 5 and 6. Drawn once, or frozen by a cache
#
# The last two sit not in a library but in the way it is used in `tf.data`. `map` calls a Python function
# once, to write down its TensorFlow operations; what NumPy draws in there is drawn **at trace time**, once
# for all images and epochs (lesson 02). And a `cache` **after** the augmentation keeps the first epoch's
# pictures forever (lesson 01).


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
# The network can learn them by heart as fast as without augmentation. Worse, the first of the two changes all
# training pictures by the same amount, so that none of them looks like a test picture.
#
# **Mend it** as above: cache before augmenting, and draw with TensorFlow. `pipeline.training_batches` of
# this course does both, and hands fresh seeds to `augment`:


# %%
def ours(dataset):
    """The course's pipeline; the checker's images have the labels 0 to 31."""
    sizes = {"batch_size": 8, "num_classes": 32}
    return pipeline.training_batches(dataset, augment=utils.augment.basic, **sizes)


read("training_batches", ours, kind="pipeline")

# %% [markdown]
# ## Exercise 1: is it frozen?
#
# Write `is_frozen`. It gets a `tf.data.Dataset` of batches `(images, labels)`, which can be iterated as often
# as you like: each time is an epoch, and each epoch has all images. Return `True` if the epochs bring the
# same pictures over and over, and `False` if there are new ones. The order may change from epoch to epoch:
# shuffling makes no new pictures.
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
    # solution begins: Exercise 1: is it frozen?
    epochs = []
    for _ in range(2):
        pictures = [image for images, _ in batches for image in images.numpy()]
        epochs.append(sorted(image.tobytes() for image in pictures))
    return epochs[0] == epochs[1]
    # solution ends


# %%
checks.lesson_13.is_frozen(is_frozen)

# %% [markdown]
# ## Exercise 2: a check that catches it
#
# Now the heart of the checker. Write `labels_follow_pixels`. It gets a CutMix, `mix(images, labels, *, seed)
# -> (images, labels)`, as a function about which you know nothing. Return `True` if the labels say what the
# pixels show: for each image, the share of each class in its label is the share of the pixels that came from
# the image of this class, to within 0.001. A single wrong label is enough for `False`.
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
    # solution begins: Exercise 2: a check that catches it
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
# ## A weak check
#
# Here is a check as one finds it in many repositories. It asks seven reasonable questions:

# %%
source = inspect.getsource(checks.lesson_13.weak_check)
IPython.display.display(IPython.display.Markdown(f"```python\n{source}```"))

# %% [markdown]
# The right CutMix passes, and a mix that forgets the labels is noticed:

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
# Write `slips_past`: a CutMix that is wrong, and at which the weak check returns an empty list. The check of
# this exercise tries both, the weak check and `check_augmentation`, which must catch you. Start from
# `mixing.cutmix` and break something.
#
# <details><summary>Hint</summary>
#
# What does the weak check never compare? Labels can be perfectly formed and belong to another image, or have
# their shares the wrong way round. `tf.reverse(tensor, [0])` turns the order of a batch around.
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
# the comparison of labels and pixels alone (your exercise 2), and all that `check_augmentation` asks.


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


read("any hue", any_hue)

# %% [markdown]
# All checks pass. And yet lesson 02 has shown that such a hue makes one breed look like another: a golden
# saffrel becomes a red paprikin, and its label is wrong. Whether the *meaning* survives, no program can tell
# you. That question stays yours.

# %% [markdown]
# ## Which library?
#
# Two tables to choose by. What can be measured is measured here, on what is installed. torchvision is not
# (see lesson 12), and KerasCV is in the tables because you will meet it in old code. First we count
# operations; of the generator we count what it draws for each image.

# %%
keras_base = keras.layers.RandomFlip.__bases__[0]  # of all layers that change images


def count(module, counts):
    """How many public names of a module are counted."""
    public = [value for name, value in vars(module).items() if not name.startswith("_")]
    return sum(map(counts, public))


def is_transform(value):
    """Whether it is a transform of Albumentations, not a class that they are made from."""
    is_class = inspect.isclass(value) and issubclass(value, albumentations.BasicTransform)
    return is_class and value.__module__.startswith("albumentations.augmentations")


counts = {
    "utils": count(utils.augment, inspect.isfunction),
    "tf.image": sum(name.startswith("stateless_random_") for name in dir(tf.image)),
    "Keras": count(
        keras.layers,
        lambda value: inspect.isclass(value) and issubclass(value, keras_base),
    ),
    "ImageDataGenerator": len(ImageDataGenerator().get_random_transform((8, 8, 3))),
    "Albumentations": count(albumentations, is_transform),
}
for name, number in counts.items():
    print(f"{name:19}{number:4}")
names = ("MixUp", "CutMix", "RandAugment", "AutoAugment")
print(
    "Albumentations has",
    [name for name in names if hasattr(albumentations, name)] or "none of",
    *names,
)
print("Keras has", [name for name in names if hasattr(keras.layers, name)])
print("ImageDataGenerator is deprecated:", "DEPRECATED" in ImageDataGenerator.__doc__)

# %% [markdown]
# Do masks and boxes move along? A bright box that begins in row 8 goes down by 8 pixels, with its mask and
# its coordinates (left, top, right, bottom).


# %%
def first_row(mask):
    """The first row of a mask that is not empty."""
    return np.flatnonzero(np.any(mask, axis=(1, 2)))[0]


picture = np.zeros((32, 32, 3), np.uint8)
picture[8:16, 8:24] = 255
mask, box = (
    (picture[..., :1] > 0).astype(np.uint8),
    np.array([[8, 8, 24, 16]], np.float32),
)
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
# One image or a batch, and which type comes back? We hand both to each, as `uint8`. How floats are read has
# been seen above, and in lesson 02 for `tf.image`; Keras is left.

# %%
seed = tf.constant([13, 0])
CALLS = {
    "utils": lambda images: utils.augment.basic(images, seed=seed),
    "tf.image": lambda images: tf.image.stateless_random_brightness(images, 0.2, seed),
    "Keras": lambda images: keras.layers.RandomFlip()(images, training=True),
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
    return " or ".join(found), f"{next(iter(found.values()))}"


takes = {name: accepted(call) for name, call in CALLS.items()}
for name, (what, dtype) in takes.items():
    print(f"{name:19} takes {what:15}  uint8 comes back as {dtype}")
lighter = keras.layers.RandomBrightness((0.1, 0.1))
white = lighter(np.ones((1, 4, 4, 3), np.float32), training=True)
print(f"Keras' RandomBrightness makes {np.max(white):.1f} of 1.0: it takes floats for 0-255")

# %% [markdown]
# Own draws: most reports have been made above. Two libraries behave one way in one function and another way
# in the next, so a few more are needed.


# %%
def own_draw(report):
    """What the report says about draws of a batch."""
    return "yes" if report["own draw"].passed else "no"


def tf_brightness(images, *, seed):
    """Brightness of a batch by `tf.image`."""
    return tf.image.stateless_random_brightness(images, 0.2, seed)


def tf_mirror(images, *, seed):
    """Mirror a batch by `tf.image`."""
    return tf.image.stateless_random_flip_left_right(images, seed)


quickly = functools.partial(checks.check_augmentation, draws=8)
keras_flip = quickly(keras.layers.RandomFlip("horizontal"), dtype="float32")
tf_flip, tf_light = own_draw(quickly(tf_mirror)), own_draw(quickly(tf_brightness))
keras_policy_draw = own_draw(reports["Keras RandAugment"])
draws = {
    "utils": own_draw(reports["utils.augment.rand_augment"]),
    "tf.image": f"flips: {tf_flip}; brightness: {tf_light}",
    "Keras": f"RandomFlip: {own_draw(keras_flip)}; RandAugment: {keras_policy_draw}",
    "ImageDataGenerator": own_draw(reports["width_shift_range"]),
    "Albumentations": own_draw(reports["Albumentations, uint8"]),
}
for name, words in draws.items():
    print(f"{name:19} {words}")

# %% [markdown]
# The speeds come from a file in the repository. Speed differs from machine to machine, so the table gives
# ratios: "5 × slower" means that the course's `utils` makes five images in the time of one.

# %%
bench = pd.read_csv("../solutions/results/bench.csv")
size, threads = bench["image size"].max(), bench["threads"].max()
chosen = bench[(bench["image size"] == size) & (bench["threads"] == threads)]
times = chosen.set_index(["library", "task"])["ours is times as fast"]


def speed(library):
    """Three tasks, compared with `utils`."""
    words = []
    for task, name in {
        "RandAugment": "RandAugment",
        "rotation by ±30°": "rotation",
        "CutMix": "CutMix",
    }.items():
        if (library, task) in times:
            ratio = times[library, task]
            side = f"{ratio:.2g} × slower" if ratio >= 1 else f"{1 / ratio:.2g} × faster"
            words.append(f"{name}: {side}")
    return "; ".join(words) or "not measured"


def licence(package):
    """The first line of what an installed package says about its licence."""
    about = importlib.metadata.metadata(package)
    return (about["License-Expression"] or about["License"]).splitlines()[0]


def version(package):
    """The installed version."""
    return importlib.metadata.version(package)


# %%
def show_table(caption, columns, rows):
    """Show rows, {library: [text for each column]}, as a table."""
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).style
    table = table.set_caption(caption).set_uuid(columns[0].split()[0])
    left = {
        "selector": "td, th, caption",
        "props": "text-align: left; vertical-align: top",
    }
    IPython.display.display(IPython.display.HTML(table.set_table_styles([left]).to_html()))


# %%
show_table(
    "What it has, and what it takes",
    ["operations", "masks and boxes move along", "one call takes", "floats are read as"],
    {
        "this course's utils": [
            f"{counts['utils']}; RandAugment, AutoAugment, TrivialAugment, CutMix, MixUp",
            "no",
            takes["utils"][0],
            "0–255",
        ],
        "tf.image": [
            f"{counts['tf.image']}; no rotation",
            "no",
            takes["tf.image"][0],
            "0–1",
        ],
        "Keras layers": [
            f"{counts['Keras']}; RandAugment, AugMix, CutMix, MixUp",
            "both",
            takes["Keras"][0],
            "0–255, or set value_range",
        ],
        "ImageDataGenerator": [
            f"{counts['ImageDataGenerator']} draws: flips, shifts, shear, light …",
            "no",
            takes["ImageDataGenerator"][0],
            "0–255",
        ],
        "Albumentations": [
            f"{counts['Albumentations']}, from rain to lenses; no policy, no mix",
            "both, and key points",
            takes["Albumentations"][0],
            "0–1",
        ],
        "torchvision v2 (lesson 12)": [
            "RandAugment, AutoAugment, TrivialAugment, CutMix, MixUp and the usual ones",
            "both",
            "image or batch, channels first",
            "0–1",
        ],
        "KerasCV (history)": [
            "as Keras layers, and GridMask",
            "both",
            "image or batch",
            "set value_range",
        ],
    },
)

# %%
show_table(
    "How it behaves, and whether it will last",
    ["an own draw for each image?", "speed against utils", "maintenance", "licence"],
    {
        "this course's utils": [draws["utils"], "1", "this repository", "MIT"],
        "tf.image": [
            draws["tf.image"],
            speed("tf.image"),
            f"TensorFlow {version('tensorflow')}, active",
            licence("tensorflow"),
        ],
        "Keras layers": [
            draws["Keras"],
            speed("Keras"),
            f"Keras {version('keras')}, active",
            licence("keras"),
        ],
        "ImageDataGenerator": [
            draws["ImageDataGenerator"],
            speed("ImageDataGenerator"),
            "deprecated",
            licence("tensorflow"),
        ],
        "Albumentations": [
            draws["Albumentations"],
            speed("Albumentations"),
            f"{version('albumentations')} of May 2025 was the last release; its successor is under the AGPL",
            licence("albumentations"),
        ],
        "torchvision v2 (lesson 12)": [
            "image by image: yes; on a batch: no",
            speed("torchvision"),
            "active",
            "BSD",
        ],
        "KerasCV (history)": [
            "not tried here",
            "not measured",
            "ended with 0.9.0",
            "Apache 2.0",
        ],
    },
)
print(f"Speed: {size} px, batches of 32, {threads} threads on two CPU cores, medians of seven repeats")

# %% [markdown]
# Sources of what no cell measures: Albumentations' own
# [README](https://github.com/albumentations-team/albumentations) ends its maintenance, what KerasCV had is in
# [its repository](https://github.com/keras-team/keras-cv), and its end in
# [keras-cv#2354](https://github.com/keras-team/keras-cv/issues/2354); what stands about torchvision is
# checked in lesson 12 and in `tests/test_library_defects.py`. `make bench` measures your machine.
#
# How we would choose:
#
# - **TensorFlow or Keras, labels only:** functions on batches in `tf.data`, as in `utils`, or those Keras
#   layers whose report is clean. Hand them what they read, check, then train.
# - **Masks, boxes, rare operations:** Albumentations, on `uint8`, in its last release; know that nobody
#   repairs it any more. Keras layers for the usual operations.
# - **PyTorch:** torchvision v2, image by image in the `Dataset`, CutMix and MixUp on batches.
# - **`ImageDataGenerator`, KerasCV:** to read old code, not to start with.
#
# Whatever you take, and whichever version: let `check_augmentation` read it first. The defects of this lesson
# are those of the versions in the table, and the next versions will have others.

# %% [markdown]
# ## What you learned
#
# - A wrong augmentation does not crash. Five questions find most defects: still pictures, labels as the
#   pixels, a draw for each image, new draws in each epoch, and what the name says.
# - Six defects, each seen, measured and mended: labels from the area before clipping, one draw per batch,
#   swapped axes, a wrong value range, a draw at trace time, a cache behind the augmentation.
# - Measure with inputs that you know: equal images show shared draws, numbered images show where pixels come
#   from, two epochs show what is frozen.
# - A check is worth what it catches: plant defects and count.
# - No check knows whether the label still means the picture.
#
# ## Questions
#
# 1. Your training loss stops at 4.79 from the first epoch on, with 120 classes. Which defect do you look for
#    first?
#
#    <details><summary>Answer</summary>
#
#    log 120 is 4.79: the network says "all classes alike", as it must for pictures that show nothing. Look at
#    a batch as the model gets it; most likely floats in 0–255 went to something that reads 0–1, or the other
#    way round. (A learning rate that is far too high can look the same.)
#
#    </details>
#
# 2. A check compares the *mean* label of a batch before and after CutMix, and finds no difference for a right
#    CutMix. Which of the planted defects does it miss?
#
#    <details><summary>Answer</summary>
#
#    Labels left as they came, and labels of another image of the batch: the mean over the batch stays exactly
#    the same. A mean forgets which label belongs to which picture.
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
