# %% [markdown]
# # 05 Keras layers
#
# **Goal.** Augment with the layers that Keras brings, know what they lack and where they trip, and train a
# dense network with softened labels on two devices at once.
#
# **Time.** 55 minutes, exercises included; 15 more with *For the curious*. A good place for a pause is before
# *Label smoothing*. If you only ever train on one device, run the cells of *Two devices share a batch* and
# *Train on both* without reading them: 45 minutes.
#
# **You need to know** lesson 01 (batches, one-hot labels, the stages of `tf.data`) and lesson 02
# (`augment(images, *, seed)`, one draw for each image).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import inspect
import time
import warnings

import keras
import numpy as np
import tensorflow as tf

from utils import augment, charts, checks, data, figures, mixing, models, pipeline, training
from utils.augment import policies

tf.get_logger().setLevel("ERROR")  # no notices on how devices are joined

# %% [markdown]
# Later in this lesson two devices share one training. Your computer may have only one processor, so we
# give it two names, two **logical devices**, which TensorFlow treats like two separate ones. (Both use all
# its cores, so nothing gets faster.) TensorFlow must be told so before it computes for the first time. That
# is why it is done here.

# %%
processor = tf.config.list_physical_devices("CPU")[0]
try:
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
except RuntimeError:
    print("TensorFlow is at work already: restart the kernel, and run the cells in order.")

devices = tf.config.list_logical_devices("CPU")
if course.profile == "full":  # there, the graphics cards, if there are any
    devices = tf.config.list_logical_devices("GPU") or devices
print("devices:", ", ".join(device.name for device in devices))

# %% [markdown]
# ## What became of KerasCV
#
# For some years Keras' augmentation lived in a package of its own, **KerasCV**. Its
# [guide](https://keras.io/guides/keras_cv/cut_mix_mix_up_and_rand_augment) taught a recipe that you meet in
# many notebooks: RandAugment, CutMix, MixUp, a random pipeline of GridMask and Grayscale, label smoothing,
# SGD with momentum, `MirroredStrategy`, all on photographs of flowers. This lesson follows it.
#
# KerasCV ended with version 0.9.0; its maintainers are “not planning any further development” ([issue
# 2354](https://github.com/keras-team/keras-cv/issues/2354), which names KerasHub as the successor). It is
# not installed here. Some of its layers moved into Keras itself, others did not:

# %%
TAUGHT = {
    "RandAugment": "augment.rand_augment",
    "CutMix": "mixing.cutmix",
    "MixUp": "mixing.mixup",
    "GridMask": "augment.grid_mask",
    "RandomGrayscale": "augment.random_grayscale",
    "RandomAugmentationPipeline": "augment.random_pipeline",
}
print(f"{'':27}{'keras.layers':14}this course")
for name, ours in TAUGHT.items():
    print(f"{name:27}{'has it' if hasattr(keras.layers, name) else '–':14}{ours}")

# %% [markdown]
# (`RandomGrayscale` is Keras' name; KerasCV's `Grayscale` made every image grey.) What Keras lacks, or does
# otherwise than one expects, this course has in `utils`. We go through the list.

# %% [markdown]
# ## RandAugment
#
# Lesson 04 (*For the curious*) builds a small RandAugment (Cubuk et al. 2020, [arXiv
# 1909.13719](https://arxiv.org/abs/1909.13719)). It has a list of operations, draws a few of them for each
# image and applies them one after the other. In the paper all are equally strong. Three versions, with
# their defaults (KerasCV's stand in `rand_augment.py` of [its
# source](https://github.com/keras-team/keras-cv/tree/v0.9.0/keras_cv/src/layers/preprocessing)):
#
# | | KerasCV 0.9.0 | Keras 3 | this course |
# |---|---|---|---|
# | operations for each image | `augmentations_per_image=3` | `num_ops=2` | `num_ops=2` |
# | **magnitude**, how strongly | `magnitude=0.5` of 1 | `factor=0.5` of 1 | `magnitude=9` of 10 |
# | its spread (standard deviation) | `magnitude_stddev=0.15` | – | `magnitude_stddev=0` |
# | **rate**, the probability of each operation | `rate=10/11` | – | `rate=1` |
#
# What do the settings do? First the list, and one dog, many times:

# %%
SIZE = 64
class_names = data.info(course.dataset).class_names
one_each = data.load(course.dataset, "train", image_size=SIZE, shots=1, seed=4)
dogs, dog_classes = next(iter(one_each.batch(12)))  # of different classes
dog_labels = tf.one_hot(dog_classes, len(class_names))
same_dog = tf.repeat(dogs[3:4], 6, axis=0)
print("images:", dogs.shape, dogs.dtype.name, "| labels:", dog_labels.shape)
print("operations:", ", ".join(policies.RAND_AUGMENT_NAMES))


# %%
def show_rows(rows, alt, *, above=(), captions=None, inches=1.15, lines=0):
    """Show {title: images}, a row each: titles at the left, words above columns and below pictures."""
    columns = max(len(images) for images in rows.values())
    size = (1.3 + columns * inches, len(rows) * (inches + 0.19 * lines) + 0.4 * bool(above))
    figure, axes = figures.subplots(len(rows), columns, size=size, squeeze=False)
    for line, (title, images) in zip(axes, rows.items(), strict=True):
        for number, (axis, image) in enumerate(zip(line, np.asarray(images), strict=True)):
            axis.imshow(np.uint8(np.clip(np.round(image), 0, 255)))
            axis.set(xticks=[], yticks=[], frame_on=False)
            if captions and title in captions:
                axis.set_xlabel(captions[title][number], fontsize=8.5)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=10)
    for axis, words in zip(axes[0], above, strict=False):
        axis.set_title(words, fontsize=8.5, fontweight="normal", loc="center")
    figures.show(figure, alt=alt, kind="jpeg")


# %% [markdown]
# In the figure a *row* has its settings, and a *column* the same two operations, since all rows use the
# same seed. `rand_augment` first draws the operations from it; the same draw gives us their names.

# %%
SEED = (3, 42)
VARIANTS = {
    "magnitude 3": augment.rand_augment(magnitude=3),
    "magnitude 6": augment.rand_augment(magnitude=6),
    "magnitude 6,\nspread 3": augment.rand_augment(magnitude=6, magnitude_stddev=3),
    "magnitude 9": augment.rand_augment(magnitude=9),
    "magnitude 9,\nrate 0.5": augment.rand_augment(magnitude=9, rate=0.5),
}
rows = {name: vary(same_dog, seed=SEED) for name, vary in VARIANTS.items()}
chosen = tf.random.stateless_uniform([6, 2], tf.random.split(SEED, 4)[0], 0, 14, dtype=tf.int32)
untouched = (rows["magnitude 9,\nrate 0.5"].numpy() == same_dog.numpy()).all(axis=(1, 2, 3))
show_rows(
    rows,
    "Five rows of six pictures of one dog, with the names of two operations above each column. From "
    "magnitude 3 to 9 the same changes grow: the dog is turned, sheared, moved or recoloured further. With a "
    "spread some pictures are changed more and others less than in the row above. With rate 0.5 some are "
    "changed by one operation only, and two are unchanged.",
    above=["\n".join(policies.RAND_AUGMENT_NAMES[number] for number in pair) for pair in chosen],
    captions={"magnitude 9,\nrate 0.5": ["unchanged" if same else "" for same in untouched]},
)

# %% [markdown]
# - A larger **magnitude** does the same, further.
# - With a **spread**, each operation of each image has a magnitude of its own, drawn from a normal
#   distribution around `magnitude` and cut off at 0 and 10. The network also meets milder and stronger
#   cases.
# - The **rate** leaves some operations out, in some images both.

# %% [markdown]
# ## Exercise 1: draw for each image
#
# Write `draw_plan`, the heart of RandAugment: what happens to which image, and how strongly. It returns two
# NumPy arrays `[count, num_ops]`:
#
# - the operations: integers from 0 to 13, all equally likely, drawn for each image and each of its
#   `num_ops` operations. Number 0, `identity`, is "change nothing". The `rate` is the probability that a
#   drawn operation stays; else a 0 takes its place;
# - the magnitudes: drawn for each operation from a normal distribution with the mean `magnitude` and the
#   standard deviation `magnitude_stddev`, cut off at 0 and 10. (Where nothing is changed, the magnitude does
#   not matter.)
#
# `generator` is a NumPy generator, such as `np.random.default_rng(0)`: draw everything from it.
#
# <details><summary>Hint</summary>
#
# `generator.integers(14, size=…)`, `generator.normal(mean, deviation, size=…)` and `generator.random(size)`
# (evenly between 0 and 1) take a shape. Which shape gives every image and every operation a draw of its
# own? `np.clip` cuts off, `np.where` puts the zeros in.
#
# </details>


# %%
def draw_plan(count, num_ops, magnitude, magnitude_stddev, rate, generator):
    """Draw (operations, magnitudes), two arrays [count, num_ops], a row for each image."""
    # solution begins: Exercise 1: draw for each image
    shape = [count, num_ops]
    operations = generator.integers(14, size=shape)
    stays = generator.random(shape) < rate
    magnitudes = generator.normal(magnitude, magnitude_stddev, size=shape)
    return np.where(stays, operations, 0), np.clip(magnitudes, 0, 10)
    # solution ends


# %%
checks.lesson_05.draw_plan(draw_plan)

# %% [markdown]
# ### Keras draws once for the batch
#
# You have just drawn for each image. Keras' layer does not. When you call it, it first draws, and then
# transforms. We do these two steps one by one, to see what it draws for a batch of six, twice. In the third
# row it is mapped over the images **before** batching, so that each is drawn alone. The last row is ours.

# %%
layer = keras.layers.RandAugment(seed=8)
layer.build(same_dog.shape)
rows = {}
for batch in (1, 2):
    drawn = layer.get_random_transformation(same_dog)
    rows[f"Keras,\nbatch {batch}"] = layer.transform_images(tf.cast(same_dog, tf.float32), drawn)
    print(f"batch {batch}:", ", ".join(layer._AUGMENT_LAYERS[number] for number in drawn["layer_idxes"]))

alone = tf.data.Dataset.from_tensor_slices(same_dog).map(keras.layers.RandAugment(seed=2))
rows["Keras,\none by one"] = next(iter(alone.batch(6)))
rows["ours"] = augment.rand_augment()(same_dog, seed=SEED)
show_rows(
    rows,
    "Four rows of six pictures of one dog. In the first row by Keras all are sheared, in the second all have "
    "stronger colours and are turned, some upside down. In the third row, one by one, and in ours every "
    "picture has operations of its own.",
)
low, high = layer.random_rotation.factor
print(f"Keras' turns, by default: {360 * low:.0f} to {360 * high:.0f} degrees")

# %% [markdown]
# Two operations for a whole batch. Only the strengths differ from image to image: Keras' `factor` is not a
# fixed magnitude but the end of a range. So in one step the network learns about two operations, and in the
# next step about two others. And half a turn is a lot: ours goes to 30 degrees at most, as in the paper.
# (Where a picture moves aside, Keras fills the hole with a mirror image, ours with grey.)
#
# One by one, Keras' layer draws for each image, too. It is slow, though: on images of 224 pixels and two
# processor cores the layer makes 11 to 25 images in a second (measured for this course).

# %% [markdown]
# ## CutMix, MixUp, and both
#
# Two augmentations change the *label*, too. **CutMix** pastes a box of another image, **MixUp** lays
# another image over the first one, half transparent. The label then says how much of each class there is:
# 0.7 of one and 0.3 of the other. Such a label is called **soft**. Lessons 08 and 09 build both; here we
# use them. A function of this kind is a *mix*: `mix(images, labels, *, seed)`, with one-hot labels.
#
# Both together can mean two things: **one after the other**, as in KerasCV's guide; or a **coin** for each
# image, which decides between them (`mixing.cutmix_or_mixup`).


# %%
def one_after_the_other(images, labels, *, seed):
    """CutMix, and MixUp on what comes out."""
    first_seed, second_seed = tf.unstack(tf.random.split(seed))
    images, labels = mixing.cutmix(images, labels, seed=first_seed)
    return mixing.mixup(images, labels, alpha=1.0, seed=second_seed)


def with_a_coin(images, labels, *, seed):
    """CutMix or MixUp; the blends are strong, so that one sees them."""
    return mixing.cutmix_or_mixup(images, labels, mixup_alpha=1.0, seed=seed)


# %%
MIXES = {"one after\nthe other": one_after_the_other, "a coin for\neach image": with_a_coin}
mixed = {name: mix(dogs[:6], dog_labels[:6], seed=(6, 28)) for name, mix in MIXES.items()}
show_rows(
    {name: images for name, (images, _) in mixed.items()},
    "Two rows of six pictures. Above, boxes and blends in the same picture, with three or four dogs and as "
    "many shares in the label. Below, each picture has either a sharp box or a blend, and at most two dogs.",
    captions={
        name: [charts.label_text(label, class_names) for label in labels]
        for name, (_, labels) in mixed.items()
    },
    inches=1.35,
    lines=4,
)

# %% [markdown]
# One after the other gives up to four dogs in a picture, and nobody can name them any more. The coin keeps
# to two. This course tosses it.
#
# Whatever the mix, the label must say what the pixels show. KerasCV's CutMix clipped its box at the border
# of the image and labelled with the area before clipping: off by 0.171 on average and by up to 0.66
# (measured for this course; lesson 08 shows the trap).
#
# ### Keras' layers, and labels that are class numbers
#
# `keras.layers.CutMix` and `MixUp` take a dict of images and labels. They want one-hot rows. What if they
# get class numbers instead, in a pipeline?

# %%
for layer in [keras.layers.CutMix(seed=1), keras.layers.MixUp(seed=1)]:
    for kind, labels in [("one-hot rows", dog_labels), ("class numbers", dog_classes)]:
        batches = tf.data.Dataset.from_tensors({"images": dogs, "labels": labels})
        mixed_batch = next(iter(batches.map(layer)))
        print(f"{type(layer).__name__}, {kind}: {labels.shape} becomes {mixed_batch['labels'].shape}")

print("a row of the last one:", mixed_batch["labels"][0, :6].numpy().round(2), "…")

# %% [markdown]
# For twelve images with twelve class numbers Keras returns a square of 12 × 12 numbers, and says nothing.
# They are no shares: many are far above 1. With a loss that takes one-hot labels, and as many classes as
# images in a batch, the training would even run.
#
# That is so inside `map`. Called directly, the layers stop at whole numbers, though not at floats. Our mixes
# stop everywhere:

# %%
for kind, labels in [("integers", dog_classes), ("floats", tf.cast(dog_classes, tf.float32))]:
    try:
        result = keras.layers.MixUp(seed=1)({"images": dogs, "labels": labels})["labels"].shape
    except tf.errors.InvalidArgumentError as error:
        result = type(error).__name__
    print(f"called directly, with {kind}: {result}")

try:
    mixing.mixup(dogs, dog_classes, seed=(5, 0))
except ValueError as error:
    print("ours:", error)

# %% [markdown]
# Lesson 13 hunts for more of this kind.

# %% [markdown]
# ## A random pipeline of your own
#
# RandAugment has a fixed list. KerasCV's `RandomAugmentationPipeline` drew from a list that you gave it.
# Keras has no such layer, and no GridMask (Chen et al. 2020, [arXiv
# 2001.04086](https://arxiv.org/abs/2001.04086)), which hides squares on a grid. Ours, with KerasCV's own
# example: **each image gets one of the two**, and with `rate=0.75` a quarter gets none. (`unit` is the
# distance between squares, as a share of the side, drawn for each image. Ours are closer together than the
# paper's, so that one sees a grid.)

# %%
grid_or_grey = augment.random_pipeline(
    [augment.grid_mask(unit=(0.25, 0.4)), augment.random_grayscale(rate=1)],
    augmentations_per_image=1,
    rate=0.75,
)
show_rows(
    {"as they are": dogs[:8], "grid, grey\nor neither": grid_or_grey(dogs[:8], seed=(5, 2))},
    "Eight dogs, above as they are; below some have a grid of grey squares over them, some are grey, and "
    "some are unchanged. None is both grey and under a grid.",
    inches=1.05,
)

# %% [markdown]
# `random_grayscale(rate=1)` makes every image grey that it is given; the pipeline already draws which ones
# it is given. Let us count over the training images what they got.

# %%
train = data.load(course.dataset, "train", image_size=course.image_size, shots=course.shots)
images = next(iter(train.batch(720)))[0].numpy()
changed = grid_or_grey(images, seed=(5, 5)).numpy()
is_same = (changed == images).all(axis=(1, 2, 3))
is_grey = (changed == changed[..., :1]).all(axis=(1, 2, 3)) & ~is_same
for name, share in [("grey", is_grey), ("unchanged", is_same), ("the rest, a grid", ~is_grey & ~is_same)]:
    print(f"{name:17} {share.mean():.0%}")

# %% [markdown]
# About as asked: a quarter unchanged, the rest in two parts of nearly equal size. With
# `augmentations_per_image=2` the share of unchanged images would be 0.25 · 0.25, about 6 %, and some would be
# grey *and* under a grid.

# %% [markdown]
# ## Label smoothing
#
# A one-hot label demands certainty: probability 1 for one class, 0 for all others. A network can approach
# that only by ever larger numbers before its softmax. **Label smoothing** (Szegedy et al. 2016, [arXiv
# 1512.00567](https://arxiv.org/abs/1512.00567)) asks for a little less: with 0.1, the right class gives away
# a tenth, and this is dealt out evenly to *all* K classes, the right one included.

# %%
EXAMPLE = dog_labels[:1]
smooth_loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
number = int(dog_classes[0])
target = np.full(len(class_names), 0.1 / len(class_names))  # a part for everyone
target[number] += 0.9  # and what the right class keeps

print("one-hot: ", EXAMPLE[0, :6].numpy(), "…")
print("smoothed:", target[:6].round(4), "…", "sum", target.sum().round(4))

guess = tf.random.stateless_uniform([1, len(class_names)], seed=(5, 0), minval=0.1)
guess = guess / tf.reduce_sum(guess)
print(f"Keras' loss of a guess:          {float(smooth_loss(EXAMPLE, guess)):.4f}")
print(f"plain loss, smoothed by hand:    {-np.sum(target * np.log(guess[0])):.4f}")

# %% [markdown]
# The two losses agree, so this is what Keras' `label_smoothing=0.1` does. The loss is **cross-entropy**: the
# sum of −label · log(prediction) over the classes.
#
# ### The floor
#
# How low can it go? The best prediction is the target itself. We give the right class a growing probability
# and deal out the rest evenly:

# %%
plain_loss = keras.losses.CategoricalCrossentropy()
print("right class     one-hot loss     smoothed loss")
for p in [0.5, 0.8, target[number], 0.99, 0.9999]:
    prediction = np.full([1, len(class_names)], (1 - p) / (len(class_names) - 1))
    prediction[0, number] = p
    plain, smoothed = (float(loss(EXAMPLE, prediction)) for loss in (plain_loss, smooth_loss))
    print(f"{p:11.4f} {plain:16.2f} {smoothed:17.2f}")

# %% [markdown]
# The one-hot loss falls and falls. The smoothed one is lowest at the target, and there it still is far from
# 0: this is its **floor**. Beyond, certainty is punished. So do not compare losses with and without
# smoothing. That holds for validation, too: Keras smooths there as well (*For the curious* shows it).

# %% [markdown]
# ## Exercise 2: smooth any label
#
# Write `smooth`. It gets labels `[B, K]`, NumPy floats, whose rows sum to 1: one-hot ones, or soft ones, as
# CutMix makes them. It returns them smoothed, the way Keras does: *every* class gives away the part `amount`
# of what it has, and what is collected in a row is dealt out evenly. `amount` is 0.1 or any other share.
#
# <details><summary>Hint</summary>
#
# What does a class keep of its share? How much is collected in a row that sums to 1, and into how many equal
# parts does it go? The rows must sum to 1 again. No class needs to be looked for.
#
# </details>


# %%
def smooth(labels, amount):
    """Smooth one-hot or soft labels [B, K] by `amount`; returns floats [B, K], rows that sum to 1."""
    # solution begins: Exercise 2: smooth any label
    return (1 - amount) * labels + amount / labels.shape[1]
    # solution ends


# %%
checks.lesson_05.smooth(smooth)

# %% [markdown]
# A label from CutMix is smoothed like any other, first mixed and then smoothed: 0.7 becomes 0.9 · 0.7, and
# every class gets 0.1 / K on top. Four targets, for one dog and for a picture by CutMix:

# %%
cut_images, cut_labels = mixing.cutmix(dogs, dog_labels, seed=(5, 8))
soft = 0.1 / len(class_names)
rows = [
    (dogs[0], {"one-hot": dog_labels[0], "smoothed": 0.9 * dog_labels[0] + soft}),
    (cut_images[0], {"CutMix": cut_labels[0], "CutMix, smoothed": 0.9 * cut_labels[0] + soft}),
]
figure, axes = figures.subplots(2, 3, size=(8.4, 4.4))
for (photo, *bars), (image, targets) in zip(axes, rows, strict=True):
    photo.imshow(np.uint8(image))
    photo.set(xticks=[], yticks=[], frame_on=False)
    for axis, (name, label) in zip(bars, targets.items(), strict=True):
        axis.bar(np.arange(len(class_names)), label, color=figures.COLORS["cutmix"])
        for place in np.flatnonzero(label > 0.1):
            name_of = charts.label_text(np.eye(len(class_names))[place], class_names)
            axis.text(place - 0.4, label[place] + 0.02, name_of, fontsize=8)
        floor = float(keras.losses.categorical_crossentropy(label, label))
        axis.set_title(f"{name}: floor {floor:.2f}")
        axis.set(xticks=[], yticks=[0, 0.5, 1], ylim=(0, 1.15))
figures.show(
    figure,
    alt="Above a dog and two bar charts of its target. One-hot: one bar of 1. Smoothed: one of about 0.9, "
    "all others barely above 0. Below the dog with a box of another one. CutMix: two bars. CutMix, smoothed: "
    "two bars, a little lower, all others barely above 0. The floor rises from chart to chart.",
)

# %% [markdown]
# CutMix and smoothing both soften labels, but they say different things. CutMix names the *other class in
# the picture*. Smoothing names all classes alike, whatever is to be seen; it only holds back certainty. And
# each mixed label has a floor of its own: training losses with a mix say little beside losses without one.

# %% [markdown]
# ## Two devices share a batch
#
# `tf.distribute.MirroredStrategy` trains one model on several devices of one computer. Each device holds a
# copy of all weights and gets **a part of every batch**. It computes the gradients for its part, the
# gradients of all devices are added up, and all copies are changed by the same sum. So the copies stay
# equal, like mirror images.
#
# Usually the devices are graphics cards; ours are two names of one processor. So nothing gets faster here,
# but everything can be seen. First a batch of 16, and what each device gets of it:

# %%
# The second argument: gradients are added up on the first device.
strategy = tf.distribute.MirroredStrategy(
    [device.name for device in devices], cross_device_ops=tf.distribute.ReductionToOneDevice()
)
sixteen = pipeline.evaluation_batches(train.take(16), batch_size=16, num_classes=len(class_names))
spread = strategy.experimental_distribute_dataset(sixteen)

image_parts, label_parts = (strategy.experimental_local_results(part) for part in next(iter(spread)))
for device, *part in zip(devices, image_parts, label_parts, strict=True):
    print(f"{device.name[-5:]} gets images {part[0].shape} and labels {part[1].shape}")

# %% [markdown]
# ## Exercise 3: a device's share of the loss
#
# The loss of a batch is the mean over its images. But a device sees only its part, and what the devices
# return is **added up**. Write `share_of_loss`: it gets the losses of the images on one device, `[b]`, and
# `whole_batch`, the number of images on all devices together. It returns one number, so that the sum over
# the devices is the mean over the whole batch. The parts need not be of the same size, and in the last batch
# of an epoch a part may be empty.
#
# <details><summary>Hint</summary>
#
# The mean of the whole batch is (sum of all losses) / `whole_batch`. Which part of that sum does this
# device know? Both NumPy and TensorFlow have what you need.
#
# </details>


# %%
def share_of_loss(losses, whole_batch):
    """What one device, with the losses [b], adds to the mean loss of a batch of `whole_batch` images."""
    # solution begins: Exercise 3: a device's share of the loss
    return tf.reduce_sum(losses) / whole_batch
    # solution ends


# %%
checks.lesson_05.share_of_loss(share_of_loss)

# %% [markdown]
# ## Train on both
#
# The network is a DenseNet (Huang et al. 2017, [arXiv 1608.06993](https://arxiv.org/abs/1608.06993)): each
# layer sees the maps (channels) of **all** layers before it in its block, and adds a few of its own. The
# real one, DenseNet121, has four blocks, and a laptop takes minutes to compile it; it is for the full
# profile. Ours has two small blocks, and between them a **transition layer**, which makes 36 maps of 56 and
# halves their size. (*For the curious* draws a block.)


# %%
def dense_block(maps, layers, growth):
    """Each layer reads all maps so far and adds `growth` new ones."""
    for _ in range(layers):
        new = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(maps))
        new = keras.layers.Conv2D(growth, 3, padding="same", use_bias=False)(new)
        maps = keras.layers.Concatenate()([maps, new])
    return maps


def small_densenet(image_size, classes):
    """Two dense blocks with a transition layer between them."""
    images = keras.Input([image_size, image_size, 3])
    maps = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    maps = keras.layers.Conv2D(24, 3, strides=2, padding="same")(maps)
    maps = dense_block(keras.layers.MaxPooling2D(2)(maps), layers=2, growth=16)
    maps = keras.layers.AveragePooling2D(2)(keras.layers.Conv2D(36, 1)(maps))
    maps = dense_block(maps, layers=2, growth=16)
    features = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(maps))
    return keras.Model(images, keras.layers.Dense(classes, activation="softmax")(features))


# %% [markdown]
# Model and optimizer are made inside `strategy.scope()`, so that each variable gets its copies. `fit` then
# splits the batches by itself. SGD, stochastic gradient descent, takes a step against the gradient; with
# **momentum** 0.9 it keeps nine tenths of the previous step and adds the new one, so that single noisy
# batches weigh less.
#
# The pipeline mixes, too: RandAugment first, then a coin for CutMix or MixUp.

# %%
sizes = {"batch_size": course.batch_size, "num_classes": len(class_names)}
training_batches = pipeline.training_batches(
    train,
    augment=augment.rand_augment(magnitude=5),
    mix=mixing.cutmix_or_mixup,
    **sizes,
)


# %%
def build():
    """The two-block network; on the full profile DenseNet121."""
    shape = {"num_classes": len(class_names), "image_size": course.image_size}
    if course.profile == "full":
        return models.build("densenet121", weights=course.weights, **shape)
    return small_densenet(course.image_size, len(class_names))


keras.utils.set_random_seed(5)
with training.precision(course.precision), strategy.scope():
    model = build()
    model.compile(
        keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    )

# %% tags=["nbval-ignore-output"]
steps = {"steps_per_epoch": 11, "epochs": 2}  # with `repeat`, the pipeline is started only once
history = model.fit(training_batches.repeat(), **steps, shuffle=False, verbose=0).history
print(f"all classes alike would give {np.log(len(class_names)):.2f}")
for epoch, loss in enumerate(history["loss"], start=1):
    print(f"epoch {epoch}: training loss {loss:.2f}")

# %% [markdown]
# Two dozen steps show that it runs, and no more: a network that gives all 12 classes the same probability
# has the loss log 12, about 2.48, and this one has hardly left it. It will never come near 0, since smoothed
# and mixed labels have their floor. Are the copies still equal, after all these steps?

# %%
for weight in [model.trainable_weights[0], model.trainable_weights[-1]]:
    copies = [copy.numpy() for copy in strategy.experimental_local_results(weight.value)]
    equal = all(np.array_equal(copies[0], copy) for copy in copies)
    print(f"{weight.name}: {len(copies)} copies, equal: {equal}")

# %% [markdown]
# ## In the model or in `tf.data`?
#
# A Keras layer can stand in two places:
#
# - **in the model**, as its first layers: `keras.Sequential([RandomFlip(…), network])`. It runs on the
#   device that trains, as a part of each step;
# - **in `tf.data`**, with `map`: it runs on the processor, beside the training, and `prefetch` prepares the
#   next batch while the network works on this one.
#
# ### On or off?
#
# Augmentation is for training. How does a layer know? By the argument `training`. Its default surprises:

# %%
flip_and_turn = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1)])
augmenting_model = keras.Sequential([keras.Input([SIZE, SIZE, 3]), flip_and_turn])
originals = tf.cast(dogs, tf.float32)


def unchanged(images):
    """Whether the images came back as they were."""
    return "unchanged" if np.allclose(images, originals, atol=0.01) else "CHANGED"


layer = keras.layers.RandomRotation(0.1)
print("layer(images):                 ", unchanged(layer(originals)))
print("layer(images, training=False): ", unchanged(layer(originals, training=False)))
print("model(images):                 ", unchanged(augmenting_model(originals)))
print("model(images, training=False): ", unchanged(augmenting_model(originals, training=False)))
print("model.predict(images):         ", unchanged(augmenting_model.predict(originals, verbose=0)))

augmenting_model.compile(loss="mae")  # mean absolute error: 0 if the images come back
error = augmenting_model.evaluate(originals, originals, verbose=0)
print("model.evaluate(images, images):", "unchanged" if error < 0.01 else "CHANGED")

# %% [markdown]
# Called directly, layer and model **augment** unless you forbid it. `predict` and `evaluate` forbid it for
# you. So a metric of your own that calls `model(images)` measures turned dogs: write `training=False`.
#
# One more trap: the layers for colours need to know the range of the values, and assume 0–255. Behind a
# `Rescaling(1 / 255)` they do nonsense:

# %%
rescaled = originals / 255
for name, brighten in [
    ("as it comes", keras.layers.RandomBrightness(0.2, seed=0)),
    ("value_range=(0, 1)", keras.layers.RandomBrightness(0.2, value_range=(0, 1), seed=0)),
]:
    changed = brighten(rescaled).numpy()
    print(f"RandomBrightness, {name}: from {changed.min():.0f} to {changed.max():.0f}")

# %% [markdown]
# ### The rule of this course
#
# **Augment in `tf.data`.** There it is off at prediction, whoever calls the model, and a graphics card need
# not wait: what takes less time than a step is hidden behind it, while layers in the model always add to the
# step. Keep in the model what belongs to every image, also at prediction: rescaling and resizing. (*For the
# curious* times both places on your computer.)

# %% [markdown]
# ## Switch to flowers
#
# The recipe of KerasCV's guide was about `oxford_flowers102`, 102 kinds of flowers. All cells of this
# lesson work with them (only the words go on about dogs): write `dataset="oxford_flowers102"` into
# `settings.load()` in the first cell, or set `COURSE_DATASET=oxford_flowers102` before you start. The data
# are downloaded once, 345 MB. The settings themselves need no network:

# %%
flowers = settings.load(dataset="oxford_flowers102")
print(flowers.dataset, "| profile", flowers.profile, "|", flowers.image_size, "pixels")

# %% [markdown]
# There are ten training images of each kind. Think before you take the recipe along. Which operations keep
# the name of a flower? Grey, for example, takes the colour away, and colour tells many flowers apart. A turn
# keeps the name: a flower has no upright.

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### The defaults of RandAugment, read off

# %%
for version, function in [("Keras", keras.layers.RandAugment), ("this course", augment.rand_augment)]:
    names = ["num_ops", "factor", "magnitude", "magnitude_stddev", "rate"]
    known = inspect.signature(function).parameters
    defaults = [f"{name}={known[name].default}" for name in names if name in known]
    print(f"{version + ':':13}", ", ".join(defaults))

# %% [markdown]
# ### A dict for `RandomGrayscale`
#
# Keras has a `RandomGrayscale`. Hand it a dict, as the mixes want it, and see:

# %%
try:
    keras.layers.RandomGrayscale(0.5)({"images": dogs, "labels": dog_labels})
except AttributeError as error:
    message = str(error)
    print(message[message.index("'dict'") : message.index("shape") + 6])

# %% [markdown]
# An honest crash is the better kind of defect: nobody trains with it by accident. Call it with the images
# alone.
#
# ### Keras smooths in `evaluate`, too
#
# This network gives back what it gets. We give it the target, the best prediction there is, and a one-hot
# label. Without smoothing a sure prediction, the one-hot label itself, would give 0. Here the target gives
# the floor, and certainty costs more.

# %%
echo = keras.Sequential([keras.Input([len(class_names)]), keras.layers.Identity()])
echo.compile(loss=smooth_loss)
print(f"evaluate, prediction = target:  {echo.evaluate(target[np.newaxis], EXAMPLE, verbose=0):.2f}")
print(f"evaluate, prediction = one-hot: {echo.evaluate(EXAMPLE, EXAMPLE, verbose=0):.2f}")

# %% [markdown]
# ### A dense block, drawn
#
# Each layer *concatenates* its 16 new maps to all the maps before it. The transition layer then makes 36 of
# 56, with which the second block begins.

# %%
small = small_densenet(course.image_size, len(class_names))
joints = [layer for layer in small.layers if isinstance(layer, keras.layers.Concatenate)]
for layer in joints:
    print(" + ".join(str(maps.shape[-1]) for maps in layer.input), "=", layer.output.shape[-1], "channels")
print(f"parameters: {small.count_params():,}")

# %%
figure, axis = figures.subplots(size=(7.4, 1.9))
STRIPS = {"first maps": (24, "#bdbdbd"), "layer 1": (16, "#56b4e9"), "layer 2": (16, "#e69f00")}
for row in range(3):
    left = 0
    for name, (width, colour) in list(STRIPS.items())[: row + 1]:
        axis.barh(row, width, left=left, height=0.7, color=colour, edgecolor="white")
        axis.text(left + width / 2, row, name, ha="center", va="center", fontsize=9)
        left += width
axis.set_yticks(range(3), ["layer 1 reads", "layer 2 reads", "the block returns"])
axis.invert_yaxis()
axis.grid(False)
axis.set(xlim=(0, 57), xticks=[0, 24, 40, 56], xlabel="channels, first block")
figures.show(
    figure,
    alt="Three bars of growing length. Layer 1 reads the 24 first maps. Layer 2 reads these and the 16 of "
    "layer 1. The block returns these and the 16 of layer 2, 56 channels.",
)

# %% [markdown]
# ### What does it cost?
#
# We time training steps of a small network without augmentation, with three layers in the model, and with
# the same three in `tf.data`. The three take turns, so that a busy moment of your computer meets all of
# them. Each turn starts with ten steps that do not count: they compile, and fill the pipeline.


# %%
def compiled(*before):
    """A small network behind the given layers, ready for training."""
    network = [
        keras.layers.Rescaling(1 / 127.5, offset=-1),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(len(class_names), activation="softmax"),
    ]
    model = keras.Sequential([keras.Input([course.image_size] * 2 + [3]), *before, *network])
    model.compile(keras.optimizers.SGD(0.02, momentum=0.9), loss="categorical_crossentropy")
    return model


def layers():
    """Mirror, turn, contrast."""
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomRotation(0.1),
            keras.layers.RandomContrast(0.3),
        ]
    )


plain_batches = pipeline.training_batches(train, batch_size=32, num_classes=len(class_names)).repeat()
in_data = layers()
augmented_batches = plain_batches.map(
    lambda images, labels: (in_data(images, training=True), labels), num_parallel_calls=tf.data.AUTOTUNE
).prefetch(tf.data.AUTOTUNE)


# %%
def step_times(model, batches):
    """Milliseconds for a step, twice: the means of ten steps each, after ten that do not count."""
    ends = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    model.fit(batches, steps_per_epoch=10, epochs=3, callbacks=[watch], shuffle=False, verbose=0)
    return 100 * np.diff(ends)


# %% tags=["nbval-ignore-output"]
plain_model = compiled()
WAYS = {
    "none": (plain_model, plain_batches),
    "in the model": (compiled(layers()), plain_batches),
    "in tf.data": (plain_model, augmented_batches),
}
times = {name: [] for name in WAYS}
for _ in range(2):
    for name, way in WAYS.items():
        times[name].extend(step_times(*way))

for name, values in times.items():
    ratio = np.median(values) / np.median(times["none"])
    step = f"{np.median(values):4.0f} ms a step ({min(values):.0f} to {max(values):.0f})"
    print(f"{name:13} {step}, {ratio:.1f} times that of none")

# %% [markdown]
# Look at your own ratios, and at the ranges beside them: where two ranges overlap, the difference may be
# chance, and a busy computer can turn the order round. On a processor alone the same cores do all the work
# in both places, so this measurement does not decide between them. The argument for `tf.data` is another
# computer: one with a graphics card, whose processor is free to augment meanwhile. (That is reasoning: we
# have measured on a processor only.)
#
# ### XLA
#
# **XLA** is a compiler that can make steps faster. By default (`jit_compile="auto"`) Keras takes it where
# there is a graphics card, a single device, and only layers that XLA supports. On a processor alone, or
# under `MirroredStrategy`, it stays off. Where you ask for it, one layer decides for the whole model:

# %%
plain = keras.Sequential([keras.Input([SIZE, SIZE, 3]), keras.layers.Conv2D(8, 3)])
plain.compile(loss="mse")
has_card = bool(tf.config.list_physical_devices("GPU"))
print("auto, on only with a graphics card:", plain.jit_compile == has_card)
print("auto, under MirroredStrategy:", "XLA on" if model.jit_compile else "XLA off")

for layer in [keras.layers.RandomFlip(), keras.layers.RandomContrast(0.1), keras.layers.RandomRotation(0.1)]:
    asking = keras.Sequential([keras.Input([SIZE, SIZE, 3]), layer, keras.layers.Conv2D(8, 3)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asking.compile(loss="mse", jit_compile=True)
    print(f"asked for, with {type(layer).__name__}:", "XLA on" if asking.jit_compile else "XLA off")
    for warning in caught:
        print("   Keras warns:", warning.message)

# %% [markdown]
# So where XLA would be on, a single layer that turns images switches it off for the whole model: one more
# reason to augment in `tf.data`.

# %% [markdown]
# ## What you learned
#
# - KerasCV is no longer developed. Keras has RandAugment, CutMix and MixUp; it lacks GridMask, a random
#   pipeline, and RandAugment's spread and rate.
# - Keras' RandAugment draws its operations once for a batch: map it over single images, or take another
#   one.
# - Mixes need one-hot rows. In `tf.data` Keras' layers take class numbers without a word.
# - Label smoothing gives a part of each label to all classes alike. The loss then has a floor, and it works
#   on soft labels, too.
# - `MirroredStrategy` splits each batch; each device adds its share of the loss, so copies stay equal.
# - `layer(images)` and `model(images)` augment, `predict` does not. Tell layers the range of the values.
# - Augment in `tf.data`, where `prefetch` can hide it, and rescale in the model.
#
# ## Questions
#
# 1. RandAugment draws two of 14 operations for each image, with the rate 0.5. One of the 14 is "change
#    nothing". Which share of the images stays as it is?
#
#    <details><summary>Answer</summary>
#
#    Each of the two is left out with 0.5, or stays and is "change nothing" with 0.5 / 14, together 0.536.
#    Both: 0.536 · 0.536, about 29 %.
#
#    </details>
#
# 2. You train with label smoothing 0.1 on 12 classes, and the training loss stops at 0.55. A friend without
#    smoothing has 0.05. Is your network worse?
#
#    <details><summary>Answer</summary>
#
#    The losses cannot be compared: yours cannot go below its floor of 0.53, so it is nearly there. Compare
#    the accuracy on validation images, or the loss without smoothing.
#
#    </details>
#
# 3. On four graphics cards you train with the batch size 64, as you did on one. What does each card get,
#    and what would you change?
#
#    <details><summary>Answer</summary>
#
#    16 images each. A step computes the same mean over 64 images as before, but the cards are hardly busy.
#    So one takes a larger batch, for example 256, which gives each card 64; and then the learning rate has
#    to be looked at again, since there are fewer and less noisy steps.
#
#    </details>
#
# **Next.** Lesson 06, automatic policies: where RandAugment's magnitude comes from, and what searching for
# it costs.
