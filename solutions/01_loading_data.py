# %% [markdown]
# # 01 Loading image data
#
# **Goal.** Load a set of images, know exactly what is in it, and turn it into batches that a network learns
# from.
#
# **Time.** 50 minutes; 10 more with *For the curious*.
#
# **You need to know** Python, and to have trained a small Keras model once.
#
# Welcome. This course is about **image augmentation**: showing a network changed copies of its training
# images, a little brighter, mirrored, cut out, mixed, so that it learns what a dog looks like rather than
# what these few pictures look like. Before anything is changed on purpose, nothing must be changed by
# accident: a squeezed picture, a wrong range of values, stages in the wrong order. None of these raises an
# error. All of them can be seen, once you know where to look.
#
# Two exercises are yours. An open exercise stops "Run All" at its check. When you are stuck, select the cell
# below the check and choose "Run Selected Cell and All Below".
#
# In the first cell, `quiet` holds back TensorFlow's start-up messages, and `settings.load()` reads the
# settings of the course.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import pathlib
import tempfile

import albumentations
import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from skimage import data as photographs

from utils import checks, data, figures

# %% [markdown]
# ## Load
#
# The course uses one data set throughout, and which one is a setting. The default is `toy_dogs`: 12 breeds,
# drawn by code, on your disk already. A breed is a **class**: what the network has to name. With a network
# connection, `settings.load(profile="photos")` in the cell above takes `stanford_dogs`: 120 breeds,
# photographs, 816 MB to download. The cells work for both.
#
# TensorFlow Datasets (`tfds`) has hundreds of data sets behind one function:

# %%
folder = data.directory() if course.dataset == "toy_dogs" else None  # None: where tfds keeps its downloads

(train, test), info = tfds.load(
    course.dataset, split=["train", "test"], data_dir=folder, as_supervised=True, with_info=True
)
class_names = info.features["label"].names
print(len(train), "training images,", len(test), "test images,", len(class_names), "breeds")

# %% [markdown]
# - `split` names the parts that you want, `data_dir` says where the files lie.
# - `as_supervised=True` gives pairs `(image, label)`.
# - `with_info=True` also returns `info`: names of the classes, numbers of images, the license.
#
# A label is a number; `info` has its name. Here is one dog of each of twelve breeds, the first that comes
# among the first 300 images (`take(300)`).

# %%
portraits = {}
for image, label in train.take(300):
    portraits.setdefault(int(label), image.numpy())
shown = sorted(portraits)[:12]

# %% tags=["hide-input"]
names = [class_names[label].split("-", 1)[-1] for label in shown]
figures.show(
    figures.pictures([portraits[label] for label in shown], names, columns=6, inches=1.5),
    alt="One picture of each of twelve breeds, with their names. Of the toy dogs two neighbors look much "
    "alike: gray caps, fox faces, black spots, brown curls, black-white-and-tan coats, gray beards.",
    kind="jpeg",
)

# %% [markdown]
# The toy breeds come in pairs that are easy to confuse: a frostpaw has blue eyes and long ears, a driftpaw
# amber eyes and shorter ears. Flowers and scarves mean nothing, every breed has them.
#
# `train` is no list of arrays. It is a `tf.data.Dataset`: a **recipe** for making the images one after the
# other. Nothing is read until you loop over it.

# %%
print(train.element_spec[0])
for image, label in train.take(3):
    print(image.shape, image.dtype.name, class_names[int(label)])

# %% [markdown]
# `element_spec` says what every element looks like: an image of `uint8` values, which are whole numbers from
# 0 to 255, with any height and width (`None`) and 3 colors. So the images have different sizes, as
# photographs do.
#
# A recipe grows by stages. Each returns a **new** data set and leaves the old one as it was: `map` applies a
# function to each element, `batch` packs several into one array.

# %%
for batch in tf.data.Dataset.range(6).map(lambda number: number * number).batch(4):
    print(batch.numpy())

# %% [markdown]
# Each loop computes everything anew. One run through all the data is called an **epoch**; training takes
# many.
#
# ## Splits
#
# A network trains on one part of the data and is measured on another that it has never seen. `tfds` cuts
# parts as Python cuts slices. **Guess.** Does a slice of 20 % hold 20 % of each breed?

# %%
for part in ["train", "test", "train+test", "train[:20%]", "train[20%:]", "train[5:10]"]:
    print(f"{part:12} {info.splits[part].num_examples:6,} images")

fifth = tfds.load(course.dataset, split="train[:20%]", data_dir=folder, as_supervised=True)
counts = np.bincount([int(label) for _, label in fifth], minlength=len(class_names))
print(f"an even share: {counts.mean()} of each breed; the rarest: {counts.min()}, the most: {counts.max()}")

# %% [markdown]
# Not exactly, but every breed is there: the images were mixed once, when the files were written. In a folder
# sorted by class the same slice would hold the first classes only. So count before you trust a slice.
#
# Whoever compares many networks on the test images chooses the one that happens to suit them, and its result
# is too good to be true. So there is a third part, for **validation**: choose on it, and use the test images
# once, at the end. The toy dogs bring one along, `split="validation"`; elsewhere it is cut off the training
# images.
#
# ## Boxes
#
# Without `as_supervised=True` an element is a dictionary with everything that is known. A **bounding box** is
# the smallest upright rectangle around the dog; a photograph may show several dogs, and `[0]` takes the
# first. (The toy dogs also have a mask, 1 where the dog is.)

# %%
everything = tfds.load(course.dataset, split="train", data_dir=folder)
examples = list(everything.skip(24).take(5).as_numpy_iterator())
print("features:", ", ".join(info.features))

height, width, _ = examples[0]["image"].shape
top, left, bottom, right = examples[0]["objects"]["bbox"][0]
print(f"box: {top:.2f}, {left:.2f}, {bottom:.2f}, {right:.2f} in an image of {height} × {width} pixels")
print(f"rows {top * height:.0f} to {bottom * height:.0f}, columns {left * width:.0f} to {right * width:.0f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 5, size=(9.0, 2.0))
for axis, example in zip(axes, examples, strict=True):
    height, width, _ = example["image"].shape
    top, left, bottom, right = example["objects"]["bbox"][0]
    edges = [left, right, right, left, left], [top, top, bottom, bottom, top]
    axis.imshow(example["image"])
    axis.plot(
        edges[0] * np.array(width) - 0.5, edges[1] * np.array(height) - 0.5, color="#ffd500", linewidth=2.5
    )
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.grid(False)
figures.show(figure, alt="Five dogs; a yellow box touches each on all four sides.", kind="jpeg")

# %% [markdown]
# The four numbers are shares of the height and the width, the vertical one first: top, left, bottom, right.
# Other libraries count in pixels, or start with the horizontal one. To find out, draw them: here they touch
# the dogs on all sides. When an image is mirrored its label stays and its box moves (lesson 04).
#
# ## One size
#
# A batch is one array, so its images must have one size.

# %%
try:
    next(iter(train.batch(4)))
except tf.errors.InvalidArgumentError as error:
    print("Cannot" + error.message.partition("Cannot")[2].partition(" [Op")[0])

# %% [markdown]
# There are three ways to make a square of any image: **stretch** it, **cut** the largest square from its
# middle, or **pad** it with black until it is square.

# %%
SIZE = 64


def stretch(image):
    """Scale both sides to SIZE, whatever their ratio."""
    return tf.image.resize(image, [SIZE, SIZE], antialias=True)


def cut(image):
    """Cut the largest square from the middle and scale it."""
    side = tf.reduce_min(tf.shape(image)[:2])
    square = tf.image.resize_with_crop_or_pad(image, side, side)  # in spite of its name, it does not scale
    return tf.image.resize(square, [SIZE, SIZE], antialias=True)


def pad(image):
    """Scale the whole image to fit, and fill the rest with black."""
    return tf.image.resize_with_pad(image, SIZE, SIZE, antialias=True)


# %% [markdown]
# We try them on the tallest of sixty dogs and on a real photograph. (Two come with the package scikit-image,
# given away by their photographers under CC0: a cup of coffee by Rachel Michetti and the cat Chelsea by
# Stéfan van der Walt.)

# %%
coffee, cat = photographs.coffee(), photographs.chelsea()
tall = max((image.numpy() for image, _ in train.take(60)), key=lambda image: len(image) / len(image[0]))
squares = [change(image) for image in (coffee, tall) for change in (stretch, cut, pad)]
print(f"{1 - coffee.shape[0] / coffee.shape[1]:.0%} of the coffee is cut off, or black when padded")

# %% tags=["hide-input"]
captions = ["as it is", "stretched:\nshapes change", "cut:\nthe ends are lost", "padded:\nblack bars"]
figures.show(
    figures.pictures([coffee, *squares[:3], tall, *squares[3:]], captions * 2, columns=4, inches=1.9),
    alt="A wide photograph of a cup of coffee and a tall dog, each made square in three ways. Stretched, the "
    "round cup is an upright oval and the dog is broad; cut, they keep their shapes and the ends are gone; "
    "padded, all is there, smaller, between black bars.",
    kind="jpeg",
)

# %% [markdown]
# Stretched, the cup is no longer round; cut or padded, a third is lost or black. Breeds are told by their
# proportions, so the course cuts. Where the ends matter (X-rays, pictures of shelves), pad.
#
# ### Every pixel has a say
#
# `antialias=True` makes each new pixel an average of all old pixels around it. It is off by default, and it
# matters whenever an image becomes much smaller, as every photograph does on its way into a network.

# %%
small = [cat.shape[0] // 6, cat.shape[1] // 6]
rough, smooth = tf.image.resize(cat, small), tf.image.resize(cat, small, antialias=True)

# %% tags=["hide-input"]
whiskers = [cat[138:300, :240], rough[23:50, :40].numpy(), smooth[23:50, :40].numpy()]
captions = ["the photograph", "a sixth of the size,\nantialias=False", "a sixth of the size,\nantialias=True"]
figures.show(
    figures.pictures(whiskers, captions, inches=2.9),
    alt="The whiskers of a cat, in a photograph and in two copies at a sixth of its size. Without "
    "antialiasing they are broken into light dots and the fur is grainy; with it they are gone and the fur "
    "is soft.",
    kind="jpeg",
)

# %% [markdown]
# Without it the whiskers fall apart into dots and the fur is noise: each new pixel looks at four old ones of
# its 36 and drops all others. With it the whiskers are gone, too thin for so few pixels, but nothing is there
# that the photograph does not show. Make `antialias=True` a habit.
#
# ## Three ranges
#
# | range | type | who gives or wants it |
# |---|---|---|
# | 0 to 255 | `uint8` (or `float32`) | image files, `tfds`, Pillow, this course up to the model |
# | 0 to 1 | `float32` | `tf.image.convert_image_dtype`, torchvision's `ToTensor` |
# | −1 to 1 | `float32` | networks such as MobileNetV2 and ResNet50V2 |
#
# **An array does not know its range**, and each library has one in mind. We ask three of them for the same
# thing: make this dog brighter, by a fifth of the full range.

# %%
dog = np.uint8(tf.round(cut(portraits[shown[4]])))
floats = np.float32(dog)  # below: each array, and what is white in it
ranges = {"uint8, 0–255": (dog, 255), "float32, 0–255": (floats, 255), "float32, 0–1": (floats / 255, 1)}
keras_layer = keras.layers.RandomBrightness([0.2, 0.2])  # from 0.2 to 0.2: always 0.2
albumentation = albumentations.RandomBrightnessContrast((0.2, 0.2), (0, 0), p=1)
libraries = {
    "tf.image": lambda image: tf.image.adjust_brightness(image, 0.2),
    "Keras layer": lambda image: keras_layer(image, training=True),
    "Albumentations": lambda image: albumentation(image=image)["image"],
}

# %% [markdown]
# **Guess.** How many of the nine results are right? (What is brighter than white counts as white.)

# %%
brighter = {}
for name, (image, white) in ranges.items():
    wanted = np.minimum(image / white + 0.2, 1)
    for library, change in libraries.items():
        after = np.asarray(change(image))
        verdict = "right" if np.allclose(np.minimum(after / white, 1), wanted, atol=0.01) else "WRONG"
        brighter[name, library] = after / white, verdict
        print(f"{name:18} {library:15} {verdict}: {after.min():6.2f} to {after.max():6.2f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(3, 4, size=(6.6, 6.2))
for row, (name, (image, white)) in zip(axes, ranges.items(), strict=True):
    row[0].imshow(image / white)
    row[0].set_title("before:\n" + name, loc="center", fontsize=9.5, fontweight="normal")
    for axis, library in zip(row[1:], libraries, strict=True):
        after, verdict = brighter[name, library]
        axis.imshow(np.clip(after, 0, 1))
        axis.set_title(f"{library}:\n{verdict}", loc="center", fontsize=9.5, fontweight="normal")
        if verdict == "WRONG":
            axis.title.set(color="#c1272d", fontweight="bold")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
figures.show(
    figure,
    alt="The same dog in three ranges of values, brightened by three libraries. Right: tf.image and "
    "Albumentations on uint8 and on 0 to 1, the Keras layer on 0 to 255 floats. Wrong: the Keras "
    "layer gives false colors on uint8 and pure white on 0 to 1; on 0 to 255 floats tf.image "
    "changes nothing and Albumentations gives black.",
)

# %% [markdown]
# Five of nine are right, and nobody complains about the others:
#
# - `tf.image` takes floats for 0 to 1. On 0 to 255 it adds 0.2 of *one* gray level: nothing to be seen.
# - The Keras layer takes everything for 0 to 255, unless you say `value_range=(0, 1)`. On 0 to 1 it adds 51:
#   white. Called directly on `uint8`, as here, it wraps around: 250 + 51 becomes 45, hence the false colors.
# - Albumentations takes floats for 0 to 1 and clips what is above: 1 of 255 is black.
#
# Two habits help: **print the smallest and the largest value** after each new step, and **look at a batch**
# as the network gets it.
#
# Networks with ready weights want the range that they were trained with. Each family in
# `keras.applications` has a function for it that starts from 0 to 255:

# %%
black_and_white = np.array([[[0, 0, 0], [255, 255, 255]]], np.float32)
for name in ["mobilenet_v2", "resnet_v2", "resnet", "densenet", "efficientnet_v2"]:
    prepared = getattr(keras.applications, name).preprocess_input(black_and_white.copy())
    print(f"{name:16} {prepared.min():8.2f} to {prepared.max():7.2f}")

# %% [markdown]
# Five families, four ranges: never guess, call the function.
#
# ## Exercise 1: a preprocessing function
#
# **Preprocessing** is what must happen to **every** image, in training and in test. In `tf.data` it is a
# function `(image, label) -> (new_image, label)` that is handed to `map`. Write one:
#
# - the whole image, undistorted, in the middle of 64 × 64 pixels; the rest is black;
# - scaled with antialiasing (bilinear, TensorFlow's default, or a better filter);
# - `float32` from −1 (black, 0) to 1 (white, 255), by the same formula for every image, whatever is in it;
# - the label comes back as it was.
#
# <details><summary>Hint</summary>
#
# `pad`, further up, does the first two. It gives `float32` from 0 to 255. Half of 255 must become 0. The
# order counts: where does the black come from if you rescale first?
#
# </details>


# %%
def preprocess(image, label):
    """Fit a uint8 image [H, W, 3] into float32 [64, 64, 3] from -1 to 1; returns (new image, label)."""
    # solution begins: Exercise 1: a preprocessing function
    image = tf.image.resize_with_pad(image, 64, 64, antialias=True)
    return image / 127.5 - 1.0, label
    # solution ends


# %%
checks.lesson_01.preprocess(preprocess)

# %% [markdown]
# ## The pipeline
#
# On the way from the files to the network an image passes seven stages:

# %% tags=["hide-input"]
stages = {
    "read": "decode\nthe files",
    "map(prepare)": "one size,\none range",
    "cache": "keep it\nin memory",
    "shuffle": "another\norder",
    "map(augment)": "another\npicture",
    "batch": "several\nin one array",
    "prefetch": "ahead of\nthe network",
}
once, anew = figures.COLORS["basic"], figures.COLORS["cutmix"]
figure, axes = figures.subplots(size=(9.4, 1.5))
axes.bar(range(7), 1, width=0.92, color=[once] * 3 + [anew] * 4)
for place, (name, text) in enumerate(stages.items()):
    axes.text(place, 0.76, name, color="white", weight="bold", size=9, ha="center", va="center")
    axes.text(place, 0.3, text, color="white", size=9, ha="center", va="center")
axes.text(-0.46, 1.12, "once: the same in every epoch", color=once, weight="bold")
axes.text(2.54, 1.12, "anew in every epoch", color=anew, weight="bold")
axes.set(xlim=(-0.5, 6.5), ylim=(0, 1.4))
axes.axis("off")
figures.show(
    figure,
    alt="Seven boxes from left to right: read, map(prepare), cache in blue, done once; then shuffle, "
    "map(augment), batch, prefetch in orange, done anew in every epoch.",
)

# %% [markdown]
# `cache` is the border: what stands before it is computed in the first epoch and kept, what stands behind it
# is computed in each epoch.
#
# ### Shuffle before batch
#
# `shuffle` gives each epoch another order, but it moves *elements*: behind `batch` these are whole batches.

# %%
numbers = tf.data.Dataset.range(12)
right = numbers.shuffle(12, seed=1).batch(4)
wrong = numbers.batch(4).shuffle(3, seed=1)

for name, dataset in {"shuffle, then batch:": right, "batch, then shuffle:": wrong}.items():
    for epoch in (1, 2):
        print(f"{name}  epoch {epoch}:", *(batch.numpy() for batch in dataset))

# %% [markdown]
# In the wrong order 0, 1, 2 and 3 always travel together. The number given to `shuffle` is its **buffer**: it
# holds so many elements, draws one, and refills the gap with the next. Only a buffer as large as the data set
# mixes it fully.
#
# ### Augment after cache
#
# Here is a simple augmentation; lesson 02 takes its functions apart. **Guess.** What does the network see if
# the augmentation stands before the cache?


# %%
def prepare(image, label):
    """Cut a square of SIZE pixels, as uint8; the label stays."""
    return tf.cast(tf.round(cut(image)), tf.uint8), label


def augment(image, label):
    """Crop, mirror, and change brightness and contrast at random; the label stays."""
    image = tf.image.random_crop(image, [50, 50, 3])
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, 0.2)
    return tf.image.random_contrast(image, 0.7, 1.4), label


two = train.map(prepare).skip(50).take(2)
pipelines = {
    "cache,\nthen augment": two.cache().map(augment),
    "augment,\nthen cache": two.map(augment).cache(),
}
seen = {name: [list(dataset.as_numpy_iterator()) for _ in range(3)] for name, dataset in pipelines.items()}
for name, epochs in seen.items():
    different = {epoch[0][0].tobytes() for epoch in epochs}
    print(f"{' '.join(name.split())}: different pictures of the first dog in 3 epochs: {len(different)}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(2, 6, size=(9.0, 3.5))
for row, (name, three_epochs) in zip(axes, seen.items(), strict=True):
    row[0].set_ylabel(name)
    for number, epoch in enumerate(three_epochs):
        for animal, (image, _) in enumerate(epoch):
            axis = row[3 * animal + number]
            axis.imshow(image)
            axis.set_title(f"epoch {number + 1}", loc="center", fontsize=9.5, fontweight="normal")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.grid(False)
figures.show(
    figure,
    alt="Two dogs in three epochs, for two pipelines. In the upper row, cache, then augment, each epoch "
    "shows another crop, side and brightness. In the lower row, augment, then cache, the three epochs "
    "show exactly the same picture of each dog.",
    kind="jpeg",
)

# %% [markdown]
# In the lower row the augmentation is **frozen**: it draws once, in the first epoch, and the cache repeats
# it. Training runs, the loss falls, and augmentation "does not help". This mistake costs most, since nobody
# sees it.
#
# The cache must fit into memory; `uint8` takes a quarter of `float32`. For larger sets write
# `cache("a/file")`, or leave it out. `prefetch` comes last: it makes the next batch while the network works
# on this one, and with `tf.data.AUTOTUNE` TensorFlow chooses how many batches it keeps ready.
#
# ## Exercise 2: put the stages in order
#
# Write one function for all data. For training: prepare, cache, shuffle with a buffer that holds the whole
# data set, augment, batch, prefetch. For evaluation, which is validation and test: every image, once, in
# order, never augmented.
#
# `prepare` and `augment` are functions for `map` that work on one image. `len(dataset)` is the number of
# images.
#
# <details><summary>Hint</summary>
#
# Follow the drawing above from left to right. The stages `shuffle` and `map(augment)` stand in an `if
# training:`, the others are the same for both. Each stage returns a new data set: `dataset =
# dataset.cache()`.
#
# </details>


# %%
def make_batches(dataset, *, prepare, augment, batch_size, training):
    """Batches (images, labels) of a data set; images are shuffled and augmented only for `training`."""
    # solution begins: Exercise 2: put the stages in order
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)
    # solution ends


# %%
checks.lesson_01.make_batches(make_batches)

# %% [markdown]
# ## Train with it
#
# `checks.yours` returns your function once its check has passed, and else the course's, so that you can go
# on. `data.load` is the course's own `tfds.load`: where a data set brings no validation part, it holds out a
# tenth of the training images, evenly from all breeds. `take` shortens a large data set; of the toy dogs it
# takes all. The augmentation only mirrors, which is right in any range.

# %%
my_preprocess = checks.yours(preprocess, otherwise=checks.lesson_01.preprocess.right)
my_batches = checks.yours(make_batches, otherwise=checks.lesson_01.make_batches.right)


def mirror(image, label):
    """Mirror half of the images."""
    return tf.image.random_flip_left_right(image), label


known = data.load(course.dataset, "train").take(800)
unseen = data.load(course.dataset, "validation").take(400)
training = my_batches(known, prepare=my_preprocess, augment=mirror, batch_size=32, training=True)
validation = my_batches(unseen, prepare=my_preprocess, augment=mirror, batch_size=32, training=False)

images, labels = next(iter(training))
print(images.dtype.name, images.shape, f"from {np.min(images):.1f} to {np.max(images):.1f}")

# %% tags=["nbval-ignore-output"]
convolutions = [keras.layers.Conv2D(width, 3, strides=2, activation="relu") for width in (32, 64, 128)]
classifier = keras.layers.Dense(len(class_names), activation="softmax")
model = keras.Sequential([*convolutions, keras.layers.GlobalAveragePooling2D(), classifier])
model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
logs = model.fit(training, validation_data=validation, epochs=10, verbose=0).history
for epoch in (0, 4, 9):
    print(f"epoch {epoch + 1:2}: loss {logs['loss'][epoch]:.2f}, accuracy {logs['val_accuracy'][epoch]:.0%}")

# %% [markdown]
# The loss falls: your batches train a network. Its accuracy is that on the validation images; by chance it
# would be one in the number of breeds. Ten epochs of a tiny network make no expert; lesson 07 does better.
#
# **Guess.** The same network gets the same validation images, but somebody has forgotten to rescale them. How
# many does it still get right?

# %% tags=["nbval-ignore-output"]
forgotten = unseen.map(lambda image, label: (pad(image), label)).batch(32)
for name, batches in {"preprocessed alike:": validation, "rescaling forgotten:": forgotten}.items():
    print(f"{name:20} accuracy {model.evaluate(batches, verbose=0)[1]:.0%}")

# %% [markdown]
# It answers without an error, and the answers are worth little. So preprocessing is for all data alike.
# Augmentation is for training data only; lesson 02 shows why.
#
# ## Your own folder
#
# Your photographs are probably not in `tfds`. A folder will do: `ROOT/train/CLASS/*.jpg` and
# `ROOT/test/CLASS/*.jpg`. We make one from pieces of the two photographs. (In earnest, pieces of one
# photograph in both parts would make the test worthless.)

# %%
root = pathlib.Path(tempfile.mkdtemp())
for name, photograph in {"cat": cat, "coffee": coffee}.items():
    for number in range(6):
        place = root / ("train" if number < 4 else "test") / name
        place.mkdir(parents=True, exist_ok=True)
        keras.utils.save_img(place / f"{number}.jpg", photograph[:, 25 * number : 25 * number + 320])

own = tfds.ImageFolder(root)
print(own.info.features["label"].names, own.info.splits["train"].num_examples, "training images")

# %% [markdown]
# From here on all is as before: a data set of pairs, for `map` and for your `make_batches`. We pass
# `prepare`, which stays `uint8`, so that the batch can be shown.

# %%
mine = own.as_dataset(split="train", as_supervised=True)
batches = my_batches(mine, prepare=prepare, augment=mirror, batch_size=8, training=True)
images, labels = next(iter(batches))

# %% tags=["hide-input"]
names = [own.info.features["label"].names[label] for label in labels]
figures.show(
    figures.pictures(images.numpy(), names, inches=1.2),
    alt="A batch of eight square photographs in mixed order: four pieces of a cat and four of a cup of "
    "coffee, some of them mirrored.",
    kind="jpeg",
)

# %% [markdown]
# In the rest of the course `data.load(name_or_folder, split, image_size=…)` loads and cuts to squares, and
# `pipeline.training_batches` and `pipeline.evaluation_batches` put the stages in order.

# %% [markdown]
# ## For the curious
#
# Nothing later needs this.
#
# ### Rescaling that does not rescale
#
# `tf.image.resize` takes `uint8` and gives floats, still from 0 to 255. And `tf.image.convert_image_dtype`,
# which is meant to rescale, rescales whole numbers only: floats pass through untouched.

# %%
resized = tf.image.resize(dog, [SIZE, SIZE])
in_time = tf.image.resize(tf.image.convert_image_dtype(dog, tf.float32), [SIZE, SIZE])
too_late = tf.image.convert_image_dtype(resized, tf.float32)
for name, image in {
    "resized": resized,
    "converted, resized": in_time,
    "resized, converted": too_late,
}.items():
    print(f"{name:18}  {image.dtype.name}  {np.min(image):5.2f} to {np.max(image):6.2f}")

# %% [markdown]
# ### Keras' reader of folders
#
# `keras.utils.image_dataset_from_directory` reads the same folders and resizes by itself, stretched and
# without antialiasing. Which of our two cats does its cat resemble? The smaller number tells.

# %%
theirs = keras.utils.image_dataset_from_directory(
    root / "train", image_size=(50, 50), shuffle=False, batch_size=None, verbose=0
)
cat_of_keras = next(iter(theirs))[0]
piece = np.array(keras.utils.load_img(root / "train" / "cat" / "0.jpg"))
for antialias in (False, True):
    ours = tf.image.resize(piece, [50, 50], antialias=antialias)
    apart = np.abs(ours - cat_of_keras).mean()
    print(f"antialias={antialias!s:5}  gray levels apart: {apart:.0f} on average")

# %% [markdown]
# ### A broken file
#
# A download stops, a disk is full. `data.load` opens every image once, at the start, and names the broken
# one, which spares you a training that stops in the middle of the night.

# %%
broken = root / "train" / "cat" / "0.jpg"
broken.write_bytes(broken.read_bytes()[:2000])
try:
    data.load(root, "train")
except data.DataError as error:
    print(str(error).replace(str(root), "ROOT").replace("\\", "/").partition(" (")[0])

# %% [markdown]
# ## What you learned
#
# - `tfds.load(name, split=…, as_supervised=True, with_info=True)` gives a recipe for pairs `(image, label)`
#   and all that is known about them. Splits are slices: `train[:80%]`. Choose on validation, measure on test.
# - Boxes are shares of the sides, the vertical one first. Draw them once.
# - Stretching changes shapes, cutting loses the ends, padding adds bars. `antialias=True` uses every pixel.
# - An array does not know its range: print the smallest and the largest value, look at a batch.
# - Preprocessing is for all data alike; augmentation is for training data only.
# - read, prepare, **cache**, shuffle, augment, batch, prefetch: an augmentation before the cache is frozen.
# - A folder `ROOT/{train,test}/CLASS/*.jpg` is a data set, too.
#
# ## Questions
#
# 1. A friend trains with `dataset.map(augment).cache().shuffle(1000).batch(32)` and finds that augmentation
#    changes nothing. What does the network see?
#
#    <details><summary>Answer</summary>
#
#    The same augmented copy of each image in every epoch, in another order. The draws were made once, in the
#    first epoch, and cached; `cache` belongs before `map(augment)`.
#
#    </details>
#
# 2. Your test accuracy is near chance, though training went well, and the code runs without an error. What do
#    you print first?
#
#    <details><summary>Answer</summary>
#
#    Type, smallest and largest value, and a picture of a training batch and of a test batch. A rescaling that
#    is missing in one of them, or done twice, shows at once. So does a different way of resizing.
#
#    </details>
#
# 3. You have 40,000 photographs sorted into 100 class folders of equal size, and shuffle with a buffer of
#    1,000. What is in the first batch of 32, and what can you do?
#
#    <details><summary>Answer</summary>
#
#    A class has 400 photographs, so until the first batch is full the buffer has held the first three classes
#    only: 97 classes cannot be in it. Shuffle the *names* of the files first, with a buffer for all 40,000
#    (names are small), and read them after that; or write the data once in mixed order, as `tfds` does.
#
#    </details>
#
# **Next.** [Lesson 02, random augmentation with tf.image](02_random_augmentation_apis.ipynb), where the
# pictures begin to change on purpose.
