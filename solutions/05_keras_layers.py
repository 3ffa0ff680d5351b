# %% [markdown]
# # 05 Keras layers
#
# **Goal.** Augment with the layers that Keras brings, write what they lack, and train with both; at the end
# stands the whole recipe in plain lines.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (batches, the stages of `tf.data`) and lesson 02 (one draw for each image).

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import functools

import keras
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, figures, models

# Two names for one processor, needed later. Only possible before TensorFlow computes for the first time.
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

# %% [markdown]
# ## What became of KerasCV
#
# For some years Keras' augmentation lived in a package of its own, **KerasCV**. Its
# [guide](https://keras.io/guides/keras_cv/cut_mix_mix_up_and_rand_augment) taught a recipe that stands in
# many notebooks: RandAugment, CutMix, MixUp, a random pipeline of GridMask and Grayscale, label smoothing,
# all on photographs of flowers. KerasCV ended with version 0.9.0: "not planning any further development"
# ([issue 2354](https://github.com/keras-team/keras-cv/issues/2354)). What has moved into Keras?

# %%
for name in ["RandAugment", "CutMix", "MixUp", "RandomGrayscale", "GridMask", "RandomAugmentationPipeline"]:
    print(f"{name:28}{'in keras.layers' if hasattr(keras.layers, name) else '–'}")

# %% [markdown]
# The last two are missing; you write them below. (`RandomGrayscale(factor=1)` is KerasCV's `Grayscale`.)
#
# ## RandAugment
#
# RandAugment (Cubuk et al. 2020, [arXiv 1909.13719](https://arxiv.org/abs/1909.13719)) has a list of
# operations, draws a few of them for each image and applies them one after the other. Its parameters:
#
# | `keras.layers.RandAugment` | default | meaning |
# |---|---|---|
# | `value_range` | `(0, 255)` | the range of your pixels |
# | `num_ops` | `2` | operations for each image |
# | `factor` | `0.5` | the largest strength, from 0 to 1; each image draws its own below |
#
# KerasCV had `magnitude=0.5`, its spread `magnitude_stddev=0.15`, `augmentations_per_image=3` and
# `rate=10/11`, the probability of each operation. Keras has no spread and no rate.

# %%
SIZE = 96
class_names = data.info(course.dataset, course.classes).class_names
shown = data.load(course.dataset, "validation", image_size=SIZE, classes=course.classes)
pictures, numbers = next(iter(shown.batch(len(shown))))
places = np.linspace(0, len(shown) - 1, 8, dtype=int)  # from all over the data set
pictures = tf.cast(tf.gather(pictures, places), tf.float32)
labels = tf.one_hot(tf.gather(numbers, places), len(class_names))
same = tf.repeat(pictures[:1], 6, axis=0)


def changed(images, **options):
    """Each image alone through a RandAugment of its own; equal seeds draw the same operations."""
    layers = [keras.layers.RandAugment(seed=number, **options) for number in range(len(images))]
    return tf.stack([layer(image) for layer, image in zip(layers, images, strict=True)])


rows = {f"factor={factor}": changed(same, factor=factor) for factor in [0.1, 0.2, 0.5]}


# %% tags=["hide-input"]
def in_rows(rows, *, captions=(), inches=1.35):
    columns = max(len(images) for images in rows.values())
    size = (1.1 + columns * inches, len(rows) * (inches + 0.2 * len(captions)))
    figure, axes = figures.subplots(len(rows), columns, size=size, squeeze=False)
    for row, (line, (title, images)) in enumerate(zip(axes, rows.items(), strict=True)):
        for number, (axis, image) in enumerate(zip(line, np.asarray(images), strict=True)):
            axis.imshow(np.uint8(np.clip(image, 0, 255)))
            axis.set(xticks=[], yticks=[], frame_on=False)
            if captions:
                axis.set_xlabel(captions[row][number], fontsize=8.5)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=10)
    return figure


figures.show(
    in_rows(rows),
    alt="Three rows of six pictures of one image. With factor 0.1 most are turned, moved or recolored a "
    "little, with 0.2 more; with 0.5 some are moved half out of the picture, turned over or hardly "
    "recognizable.",
    kind="jpeg",
)

# %% [markdown]
# Down a column the operations are the same, and a larger `factor` takes them further. The default goes far:
# 0.5 turns by up to half a circle and moves by up to half of the picture; the paper turns by 30 degrees at
# most. We take 0.2. One operation runs the other way, in the fourth column: *posterization* keeps int(8 ·
# factor) bits of each color, at least one, so a small `factor` leaves the fewest colors.
#
# ### `value_range`
#
# **Guess.** Many pipelines divide by 255 first. What does a layer do with pixels from 0 to 1, when it is not
# told? And what is left of pixels from 0 to 255 when it expects 0 to 1?

# %%
rows = {}
for top in [255, 1]:
    for told in [255, 1]:
        images = changed(same * top / 255, value_range=(0, told), factor=0.2)
        rows[f"pixels 0–{top},\ntold 0–{told}"] = images * 255 / top
        print(f"pixels 0–{top}, told 0–{told}: mean {tf.reduce_mean(images):.2f}")

# %% tags=["hide-input"]
figures.show(
    in_rows(rows),
    alt="Four rows of six pictures of one image, the same operations in a column. Where the range told is "
    "that of the pixels, first and last row, they look as they should. Told 0 to 1, pixels up to 255 "
    "become nearly black; told 0 to 255, pixels up to 1 nearly all white. Only pictures that are just "
    "moved survive.",
    kind="jpeg",
)

# %% [markdown]
# The first and the last row are right. In the others only a picture that was just moved survives; no error
# tells you, and the network trains on what you see. So give `value_range` always, and keep pixels from 0 to
# 255 until the model.
#
# ### Keras draws once for a batch
#
# **Guess.** Six copies of one picture in a batch: how many different pairs of operations do they get?

# %%
layer = keras.layers.RandAugment(value_range=(0, 255), factor=0.2, seed=8)
rows = {"batch 1": layer(same), "batch 2": layer(same)}
alone = tf.data.Dataset.from_tensor_slices(same).map(layer).batch(6)
rows["one by one"] = alone.get_single_element()

# %% tags=["hide-input"]
figures.show(
    in_rows(rows),
    alt="Three rows of six pictures of one image. In each of the first two, a batch each, all pictures show "
    "the same two operations, only stronger or weaker. In the third row every picture has its own.",
    kind="jpeg",
)

# %% [markdown]
# One pair for the whole batch; only the strengths differ. In one step the network learns about two
# operations, in the next about two others. Mapped **before** batching, each image draws its own. (The layer
# is slow, too: with two threads `make bench` measures 45 images a second at 224 pixels, of the course's
# `augment.rand_augment`, which draws for each image of a batch, 3,766.)
#
# ## In the model or in `tf.data`?
#
# A layer can stand in both. In the model it runs on the device that trains, as a part of each step. In
# `tf.data` it runs on the processor, while the network works on the batch before. Either way it must be off
# at prediction. Who switches it off?

# %%
in_model = keras.Sequential([keras.Input([SIZE, SIZE, 3]), keras.layers.RandomRotation(0.1)])
answers = {
    "model(images)": in_model(pictures),
    "model(images, training=False)": in_model(pictures, training=False),
    "model.predict(images)": in_model.predict(pictures, verbose=0),
}
for name, images in answers.items():
    print(f"{name:31}{'unchanged' if np.allclose(images, pictures, atol=0.01) else 'TURNED'}")

# %% [markdown]
# `predict` does, and so does `evaluate`. A metric of your own that calls `model(images)` measures turned
# pictures: write `training=False`. In `tf.data` there is nothing to forget, so this course augments there.
# The model keeps what belongs to every image: rescaling.
#
# ## A random pipeline of your own
#
# RandAugment's list is fixed. KerasCV's `RandomAugmentationPipeline` drew from yours, such as this one:
# **GridMask** (Chen et al. 2020, [arXiv 2001.04086](https://arxiv.org/abs/2001.04086)), which hides squares
# on a grid, and Grayscale.


# %%
def grid_mask(image):
    """Hide squares on a grid in one float image [H, W, 3]; distance and place of the grid are drawn."""
    height, width, _ = tf.unstack(tf.shape(image))
    unit = tf.random.uniform([], height // 4, height // 2, tf.int32)  # from square to square
    down, across = tf.unstack(tf.random.uniform([2], 0, unit, tf.int32))
    rows, columns = (tf.range(height) + down) % unit, (tf.range(width) + across) % unit
    hidden = (rows < unit // 2)[:, tf.newaxis] & (columns < unit // 2)
    return tf.where(hidden[:, :, tf.newaxis], 0.0, image)


gray = keras.layers.RandomGrayscale(factor=1.0)

# %% [markdown]
# ## Exercise 1: a random pipeline
#
# Write `random_pipeline` for one image `[H, W, 3]`. `count` times it draws one of `layers`, all equally
# likely, and applies it with the probability `rate`, else not. Each layer gets what the ones before have
# made. `layers` is a Python list of functions or layers; `count` and `rate` are Python numbers. The function
# has to work inside of `dataset.map`.
#
# <details><summary>Hint</summary>
#
# `map` calls your function once, to make a graph of it. What `tf.random.uniform` draws is then a tensor
# without a value. `tf.switch_case(number, functions)` calls one of several functions without arguments, such
# as `functools.partial(layer, image)`; `tf.where(condition, this, that)` takes one of two images.
#
# </details>


# %%
def random_pipeline(image, layers, count, rate):
    """Apply to one image `count` times one of the layers, each with the probability `rate`."""
    # solution begins: Exercise 1: a random pipeline
    for _ in range(count):
        number = tf.random.uniform([], 0, len(layers), tf.int32)
        changed = tf.switch_case(number, [functools.partial(layer, image) for layer in layers])
        image = tf.where(tf.random.uniform([]) < rate, changed, image)
    return image
    # solution ends


# %%
checks.lesson_05.random_pipeline(random_pipeline)

# %% [markdown]
# KerasCV's example drew one of the two, with `rate=0.75`. Your function goes into `map`:

# %% tags=["nbval-ignore-output"]
my_pipeline = checks.yours(random_pipeline, otherwise=checks.lesson_05.the_courses_pipeline)

varied = tf.data.Dataset.from_tensor_slices(pictures)
varied = varied.map(lambda image: my_pipeline(image, [grid_mask, gray], 1, 0.75))
rows = {"as they are": pictures, "grid, gray\nor neither": varied.batch(8).get_single_element()}

# %% tags=["hide-input"]
figures.show(
    in_rows(rows),
    alt="Eight images, above as they are; below some have a grid of black squares over them, some are gray, "
    "some are unchanged. None is both gray and under a grid.",
    kind="jpeg",
)

# %% [markdown]
# With `count=2` some would be gray *and* under a grid, and 0.25 · 0.25, about 6 %, unchanged.
#
# ## CutMix, MixUp, and both
#
# Two layers change the *label*, too. **CutMix** pastes a box of another image, **MixUp** lays another image
# over the first one, half transparent. The label then says how much of each class there is, such as 0.7 and
# 0.3; it is called **soft**. Lessons 08 and 09 build both and explain λ, Beta and α; here we use Keras'
# layers. They take a dict of images and labels, and the labels must be **one-hot** rows: 1 for the image's
# class, 0 for all others.
#
# **Guess.** What happens if they are class numbers, in a pipeline?

# %%
cutmix = keras.layers.CutMix(factor=(1.0, 1.0), seed=5)  # as in the paper: boxes of all sizes
mixup = keras.layers.MixUp(alpha=0.2, seed=5)
for kind, given in [("one-hot rows", labels), ("class numbers", tf.argmax(labels, axis=1))]:
    batch = tf.data.Dataset.from_tensors({"images": pictures, "labels": given}).map(mixup)
    print(f"{kind}: {given.shape} becomes {batch.get_single_element()['labels'].shape}")

# %% [markdown]
# Eight class numbers become a square of 8 × 8 numbers, without a word. With as many classes as images in a
# batch the training would even run.
#
# The guide used both mixes, one after the other:

# %%
strong = keras.layers.MixUp(alpha=1.0, seed=3)  # stronger than usual, so that one sees it
mixed = strong(cutmix({"images": pictures, "labels": labels}))
print("classes in a label:", tf.math.count_nonzero(mixed["labels"], axis=1).numpy().max(), "at most")

# %% [markdown]
# MixUp blends what CutMix has pasted, so up to four images meet in one, with four shares in its label.
# What one means is mostly: each image meets **one** of them.
#
# ## Exercise 2: one mix for each image
#
# Write `one_of_both`. `batch` is a dict of `"images"` `[B, H, W, 3]` and `"labels"` `[B, K]`, both floats;
# `cutmix` and `mixup` are mixes that take and return such a dict. For each image a fair coin decides which
# mix it meets, and its label goes with it. Return a dict again.
#
# <details><summary>Hint</summary>
#
# Let both mix the whole batch, then choose. How many coins, and which shape must they have beside images
# `[B, H, W, 3]` and beside labels `[B, K]`? The size of the batch is `tf.shape(batch["labels"])[0]`.
#
# </details>


# %%
def one_of_both(batch, cutmix, mixup):
    """CutMix or MixUp for each image of the batch and its label; returns a dict as `batch`."""
    # solution begins: Exercise 2: one mix for each image
    cut, blended = cutmix(batch), mixup(batch)
    coin = tf.random.uniform([tf.shape(batch["labels"])[0], 1]) < 0.5
    images = tf.where(coin[:, :, tf.newaxis, tf.newaxis], cut["images"], blended["images"])
    return {"images": images, "labels": tf.where(coin, cut["labels"], blended["labels"])}
    # solution ends


# %%
checks.lesson_05.one_of_both(one_of_both)

# %% tags=["nbval-ignore-output"]
my_mix = checks.yours(one_of_both, otherwise=checks.lesson_05.the_courses_mix)

one = my_mix({"images": pictures, "labels": labels}, cutmix, strong)
rows = {"one after\nthe other": mixed["images"], "one for\neach image": one["images"]}

# %% tags=["hide-input"]
figures.show(
    in_rows(
        rows,
        captions=[
            [charts.label_text(label, class_names) for label in each["labels"]] for each in (mixed, one)
        ],
    ),
    alt="Two rows of eight pictures with the shares of their classes. Above, boxes and blends meet in the "
    "same picture, with up to four images. Below, each picture has either a sharp box or a blend, of "
    "two images.",
    kind="jpeg",
)

# %% [markdown]
# In the lower row each picture has a box or a blend, of two images at most. Where you see neither, an image
# was its own partner, or the other's share is tiny.
#
# ## Label smoothing
#
# A one-hot label demands certainty: probability 1 for one class. **Label smoothing**
# (Szegedy et al. 2016, [arXiv 1512.00567](https://arxiv.org/abs/1512.00567)) asks for a little less: with
# 0.1, every class gives away a tenth of its share, and what is collected is dealt out evenly to all K
# classes. Soft labels are smoothed in the same way. Keras does it inside of the loss.

# %%
smooth_loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
plain_loss = keras.losses.CategoricalCrossentropy()


def smooth(labels):
    """What `label_smoothing=0.1` makes of labels [B, K]."""
    return 0.9 * labels + 0.1 / labels.shape[1]


guess = tf.nn.softmax(tf.random.stateless_normal(labels.shape, seed=(5, 0)))
print(f"Keras' loss of a guess: {smooth_loss(labels, guess):.4f}")
print(f"smoothed by hand:       {plain_loss(smooth(labels), guess):.4f}")

# %% [markdown]
# How low can the loss go? The best prediction is the target itself; its loss is the **floor**.

# %%
cut = keras.layers.CutMix(factor=(1.0, 1.0), seed=9)({"images": pictures, "labels": labels})
targets = {
    "one-hot": labels,
    "smoothed": smooth(labels),
    "CutMix": cut["labels"],
    "CutMix, smoothed": smooth(cut["labels"]),
}
floors = {name: float(plain_loss(target[:1], target[:1])) for name, target in targets.items()}
for name, floor in floors.items():
    print(f"{name:18}floor {floor:.2f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(2, 3, size=(8.4, 4.4))
for axis, image in zip(axes[:, 0], [pictures[0], cut["images"][0]], strict=True):
    axis.imshow(np.uint8(image))
    axis.set(xticks=[], yticks=[], frame_on=False)
for axis, (name, target) in zip(axes[:, 1:].ravel(), targets.items(), strict=True):
    label = target[0].numpy()
    axis.bar(range(len(label)), label, color=figures.COLORS["cutmix"])
    for place in range(len(label)):
        if label[place] > 0.1:
            side = "right" if place > len(label) / 2 else "left"
            axis.text(place, label[place] + 0.02, class_names[place], ha=side, fontsize=8)
    axis.set(title=f"{name}: floor {floors[name]:.2f}", xticks=[], yticks=[0, 0.5, 1], ylim=(0, 1.15))
figures.show(
    figure,
    alt="Above an image and two bar charts of its target. One-hot: one bar of 1. Smoothed: one of about "
    "0.9, all others barely above 0. Below the image with a box of another one. CutMix: two bars. "
    "CutMix, smoothed: two bars, a little lower, all others barely above 0. The floor rises from chart "
    "to chart.",
)

# %% [markdown]
# CutMix names the *other class in the picture*; smoothing names all classes alike and holds back certainty.
# Each has a floor above 0, so losses with and without them cannot be compared.
#
# ## Train with it
#
# Now RandAugment, your pipeline and your mix feed a network: one by one before `batch`, mixed after it.


# %%
def prepare(image, label):
    """A dict, as Keras' layers take it."""
    return {"images": tf.cast(image, tf.float32), "labels": tf.one_hot(label, len(class_names))}


rand_augment = keras.layers.RandAugment(value_range=(0, 255), factor=0.2)


def vary(batch):
    """RandAugment, then the pipeline, for one image."""
    image = my_pipeline(rand_augment(batch["images"]), [grid_mask, gray], 1, 0.5)
    return {"images": image, "labels": batch["labels"]}


def mix(batch):
    """CutMix or MixUp for each image of a batch."""
    return my_mix(batch, cutmix, mixup)


def pair(batch):
    """Images and labels, as `fit` takes them."""
    return batch["images"], batch["labels"]


# %%
size, batch_size, shots = course.image_size, min(32, course.batch_size), min(60, course.shots or 60)
train = data.load(course.dataset, "train", image_size=size, classes=course.classes, shots=shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=course.classes)

shuffled = train.map(prepare).cache().shuffle(len(train))
plain = shuffled.batch(batch_size, drop_remainder=True).map(pair).prefetch(2)
augmented = shuffled.map(vary, num_parallel_calls=tf.data.AUTOTUNE)
augmented = augmented.batch(batch_size, drop_remainder=True).map(mix).map(pair).prefetch(2)
validation_batches = validation.map(prepare).batch(batch_size).map(pair).cache()
print(f"{len(train)} training images, {len(validation)} validation images")


# %% [markdown]
# SGD, stochastic gradient descent, takes a step against the gradient. With **momentum** 0.9 it keeps nine
# tenths of the step before, so that single noisy batches weigh less.


# %%
def build():
    """A new network, compiled."""
    model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
    sgd = keras.optimizers.SGD(learning_rate=0.02, momentum=0.9)
    model.compile(sgd, loss=smooth_loss, metrics=["accuracy"])
    return model


# %% [markdown]
# **Guess.** Six epochs: which of the two ends with the lower training loss?

# %% tags=["nbval-ignore-output"]
for name, batches in {"plain": plain, "augmented": augmented}.items():
    keras.utils.set_random_seed(5)
    history = build().fit(batches, validation_data=validation_batches, epochs=6, verbose=0).history
    loss, accuracy = history["loss"][-1], history["val_accuracy"][-1]
    print(f"{name:10} training loss {loss:.2f}, validation accuracy {accuracy:.0%}")

# %% [markdown]
# The augmented one has the higher training loss: its images are harder, and its labels have a higher floor.
# That says nothing against it. On validation images it is behind, too, but one short training does not decide
# which is better in the end: lesson 07 asks that with seeds and intervals.
#
# ## Two devices share a batch
#
# `tf.distribute.MirroredStrategy` trains one model on several devices of one computer. Each holds a copy of
# all weights, gets **a part of every batch** and computes its gradients; these are added up, and all copies
# take the same step. Usually the devices are graphics cards. Without any, our two names of one processor do:
# nothing gets faster, but everything can be seen.

# %% tags=["nbval-ignore-output"]
devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
tf.get_logger().setLevel("ERROR")  # no notices on how devices are joined
strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
guesses = tf.random.stateless_uniform([8, len(class_names)], seed=(5, 1), minval=0.1)
spread = tf.data.Dataset.from_tensor_slices((labels, guesses)).batch(8)


def share_of_loss(labels, guesses):
    """What one device adds to the mean loss of a batch of 8."""
    losses = keras.losses.categorical_crossentropy(labels, guesses)
    return tf.nn.compute_average_loss(losses, global_batch_size=8)


for part_of_labels, part_of_guesses in strategy.experimental_distribute_dataset(spread):
    shares = strategy.run(share_of_loss, (part_of_labels, part_of_guesses))
    shares = strategy.experimental_local_results(shares)
print("shares of the devices:", *(f"{share:.3f}" for share in shares), f"| sum {sum(shares):.3f}")
print(f"mean loss of the batch: {plain_loss(labels, guesses):.3f}")

# %% [markdown]
# What the devices return is **added up**. So each divides the sum of its losses by the size of the *whole*
# batch, which is what `tf.nn.compute_average_loss` does; the mean of its own part would be too much.
#
# `fit` does all of this by itself. Model and optimizer are made inside of `strategy.scope()`:

# %% tags=["nbval-ignore-output"]
with strategy.scope():
    model = build()
model.fit(augmented, epochs=1, verbose=0)

for weight in [model.trainable_weights[0], model.trainable_weights[-1]]:
    copies = [copy.numpy() for copy in strategy.experimental_local_results(weight.value)]
    print(f"{len(copies)} copies of {weight.name}, equal:", all(np.array_equal(copies[0], c) for c in copies))

# %% [markdown]
# After a whole epoch the copies are still equal, like mirror images.
#
# ## The whole recipe
#
# Public names only, no `utils`: paste it into an empty file and run it. It downloads 102 kinds of flowers
# (345 MB) and ImageNet weights, and wants a graphics card. DenseNet121 (Huang et al. 2017, [arXiv
# 1608.06993](https://arxiv.org/abs/1608.06993)) joins each layer's maps to those of all layers before. Put
# `one_after_the_other` in place of `one_per_image` to train as the guide does.
#
# ```python
# import keras
# import tensorflow as tf
# import tensorflow_datasets as tfds
#
# IMAGE_SIZE, BATCH_SIZE, EPOCHS, WEIGHTS = 224, 32, 20, "imagenet"
# strategy = tf.distribute.MirroredStrategy()
# batch_size = BATCH_SIZE * strategy.num_replicas_in_sync
#
# splits, info = tfds.load(
#     "oxford_flowers102", split=["train", "validation"], as_supervised=True, with_info=True
# )
# classes = info.features["label"].num_classes
# resize = keras.layers.Resizing(IMAGE_SIZE, IMAGE_SIZE, crop_to_aspect_ratio=True)
# rand_augment = keras.layers.RandAugment(value_range=(0, 255), num_ops=2, factor=0.2)
# cutmix, mixup = keras.layers.CutMix(factor=(1.0, 1.0)), keras.layers.MixUp(alpha=0.2)
#
# def prepare(image, label):
#     return {"images": resize(image), "labels": tf.one_hot(label, classes)}
#
# def augment(batch):  # one image: RandAugment draws once for a call
#     return {"images": rand_augment(batch["images"]), "labels": batch["labels"]}
#
# def one_after_the_other(batch):
#     return mixup(cutmix(batch))
#
# def one_per_image(batch):
#     cut, blended = cutmix(batch), mixup(batch)
#     coin = tf.random.uniform([tf.shape(batch["labels"])[0], 1]) < 0.5
#     images = tf.where(coin[:, :, tf.newaxis, tf.newaxis], cut["images"], blended["images"])
#     return {"images": images, "labels": tf.where(coin, cut["labels"], blended["labels"])}
#
# def pair(batch):
#     return batch["images"], batch["labels"]
#
# train, validation = (split.map(prepare).cache() for split in splits)
# train = train.shuffle(1024).map(augment, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size)
# train = train.map(one_per_image).map(pair).prefetch(tf.data.AUTOTUNE)
# validation = validation.batch(batch_size).map(pair)
#
# with strategy.scope():
#     inputs = keras.Input([IMAGE_SIZE, IMAGE_SIZE, 3])
#     scaled = keras.applications.densenet.preprocess_input(inputs)
#     densenet = keras.applications.DenseNet121(include_top=False, weights=WEIGHTS, pooling="avg")
#     model = keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(densenet(scaled)))
#     sgd = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)
#     smooth_loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
#     model.compile(sgd, loss=smooth_loss, metrics=["accuracy"])
# model.fit(train, validation_data=validation, epochs=EPOCHS)
# ```
#
# Which operations keep the name of a flower? A turn does: a flower has no upright. Gray does not always:
# color tells many flowers apart.

# %% [markdown]
# ## What you learned
#
# - KerasCV has ended. Keras has RandAugment, CutMix and MixUp, but no GridMask and no random pipeline.
# - Tell RandAugment the `value_range`, take a `factor` below the default, and map it before `batch`: it draws
#   its operations once for a call.
# - In `map` draw with `tf.random`; Python's and NumPy's numbers are drawn once.
# - Mixes need one-hot rows. One after the other mixes up to four images; a coin for each image mixes two.
# - Label smoothing and mixing give the loss a floor.
# - `MirroredStrategy` splits each batch; each device adds its share of the loss, so copies stay equal.
#
# ## Questions
#
# 1. A random pipeline draws two of 14 operations for each image, with the rate 0.5. One of the 14 is "change
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
#    the accuracy on validation images.
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
# **Next.** [Lesson 06, automatic policies](06_automatic_policies.ipynb): where RandAugment's strength comes
# from, and what searching for it costs.
