# %% [markdown]
# # 01 Loading image data
#
# **Goal.** Load a set of images, know exactly what is in it, and turn it into batches that a network can
# learn from.
#
# **Time.** 45 minutes, with a good place for a break in the middle; 15 more with the parts *for looking up*
# and *For the curious*, which you may skip today.
#
# **You need to know** Python, and to have trained a small Keras model once.
#
# Welcome. This course is about **image augmentation**: showing a network changed copies of its training
# images, a little brighter, mirrored, cut out, mixed, so that it learns what a dog looks like rather than
# what these few photos look like. Before anything is changed on purpose, nothing must be changed by accident.
# That is what this lesson is about. Most bugs in image projects live here: a squeezed picture, a wrong range
# of values, stages in the wrong order. None of them raises an error. All of them can be seen, once you know
# where to look.
#
# You will
#
# 1. meet the data and cut it into splits,
# 2. draw the boxes and masks that come with it,
# 3. bring images of all sizes to one size, and their values to the range a network expects,
# 4. build an input pipeline with its stages in the right order, and measure what each one costs,
# 5. load a folder of your own photos.
#
# Two exercises are yours to solve. Each is followed by a cell that checks your answer and tells you what
# to look at. An open exercise stops "Run All". When you are stuck, go on with the next cell ("Run Selected
# Cell and All Below" runs the rest): nothing later depends on the exercises.

# %% [markdown]
# ## Meet the dogs
#
# The course uses one data set throughout. Which one is a *setting*, so that the same cells work for both. A
# *profile* is a choice of all settings: `quick` for a laptop without a network, `full` for photographs and a
# GPU.
#
# | data set | breeds | images | training, validation, test | what they are |
# |---|---|---|---|---|
# | `toy_dogs` | 12 | 2,220 | 720, 300, 1,200 | drawn by code, ready on your disk |
# | `stanford_dogs` | 120 | 20,580 | 12,000, none, 8,580 | photographs, 816 MB to download |
#
# You train on the first part, choose with the second and judge with the third; *Splits* below says why. A
# **breed** is a *class*, as in any data set: what the network has to name. A network that does so is a
# **classifier**.

# %%
# `quiet` spares you TensorFlow's start-up notices.
from utils import quiet, settings  # noqa: F401

course = settings.load()
print("profile: ", course.profile)
print("data set:", course.dataset)

# %% [markdown]
# To work with the photographs, write `settings.load(dataset="stanford_dogs")` in the cell above (or choose
# the `full` profile for the whole course: start it with `COURSE_PROFILE=full`) and have a network. The code
# stays as it is; the sentences about the pictures describe the toy dogs.
#
# Now the libraries. TensorFlow Datasets (`tfds`) is a collection of data sets behind one function. From the
# course's own package we use `data`, which knows where the toy dogs lie, `figures`, which shows pictures, and
# `checks`, which looks at your answers.

# %%
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from utils import checks, data, figures

# %% [markdown]
# One call loads the data. It is the call you will find in most TensorFlow code:

# %%
folder = data.directory() if course.dataset == "toy_dogs" else None  # None: where tfds keeps its downloads

(train, test), info = tfds.load(
    course.dataset,
    split=["train", "test"],
    data_dir=folder,
    as_supervised=True,
    with_info=True,
)
class_names = info.features["label"].names
print(len(train), "training images,", len(test), "test images,", len(class_names), "breeds")
print(", ".join(class_names[:12]))

# %% [markdown]
# - `split` names the parts you want. You train on one and measure on the other.
# - `data_dir` is where the files lie.
# - `as_supervised=True` gives pairs `(image, label)`. Without it you get everything that is known about an
#   image; we come to that.
# - `with_info=True` also returns `info`: the names of the classes, the number of images, the licence.
#
# For the real photographs, the first argument is `"stanford_dogs"` and nothing else changes. `tfds` already
# knows what they look like before a single byte is downloaded:

# %%
photographs = tfds.builder("stanford_dogs").info
print("stanford_dogs:", photographs.features["label"].num_classes, "breeds")
print("what comes with a photograph:", ", ".join(photographs.features))

# %% [markdown]
# A label is a number, and `info` has its name. Here is one dog of each breed.


# %%
def show_image(axes, image, title="", interpolation="nearest"):
    """Show an image in a thin frame; unless told otherwise, pixel by pixel."""
    axes.imshow(image, interpolation=interpolation)
    axes.set_title(title, fontsize=9.5, fontweight="normal", loc="center")
    axes.set(xticks=[], yticks=[], anchor="N")
    axes.grid(False)
    axes.spines[:].set(visible=True, color=figures.GRID)


# %%
portraits = {}
for image, label in train.take(300):
    portraits.setdefault(int(label), image.numpy())

figure, axes = figures.subplots(2, 6, size=(9.0, 3.7))
for place, label in zip(axes.T.flat, sorted(portraits), strict=False):
    show_image(place, portraits[label], class_names[label].split("-", 1)[-1], interpolation="antialiased")
figures.show(
    figure,
    alt="One portrait of each of the twelve toy dog breeds, with their names. The two breeds above "
    "each other look much alike: grey caps, fox faces, black spots, brown curls, "
    "black-white-and-tan coats, grey beards.",
)

# %% [markdown]
# Two breeds that stand above each other are a pair that is easy to confuse. Look at the first one: a frostpaw
# has blue eyes and long ears close together, a driftpaw has amber eyes and shorter ears further apart.
# Flowers, scarves and a wink mean nothing: every breed has them. So telling two breeds apart takes a look at
# several places of the picture, as with real ones. And the pictures have different sizes and shapes, as real
# photos do. Both will matter.

# %% [markdown]
# ## A data set is a recipe
#
# What is `train`? Not a list of arrays. It is a `tf.data.Dataset`: a **recipe** that says how to make the
# images, one after the other. Nothing is read until you loop over it.

# %%
print(train.element_spec[0])
print(train.element_spec[1])

# %% [markdown]
# `element_spec` describes what one step of the loop gives: an image of `uint8` values (whole numbers from 0
# to 255) with unknown height and width (`None`) and 3 colours, and a label, a single whole number.

# %%
for image, label in train.take(3):
    print(image.shape, image.dtype.name, class_names[int(label)])

# %% [markdown]
# A recipe grows by adding steps. Each step returns a **new** data set and leaves the old one as it was. `map`
# applies a function to each element, `batch` packs several into one array:

# %%
numbers = tf.data.Dataset.range(6)
squares = numbers.map(lambda number: number * number).batch(4)

for batch in squares:
    print(batch.numpy())

# %% [markdown]
# In `map` use `tf.…` functions, not those of Python or NumPy; lesson 02 shows why.
#
# Loop over a data set a second time, and everything is computed a second time. One run through all the data
# is called an **epoch**; training takes many. Keep this in mind: it decides where each step belongs.

# %% [markdown]
# ## Splits
#
# A network is trained on one part of the data and measured on another that it has never seen. `tfds` cuts
# parts with the syntax of Python's slices. It counts images, or percent of them:

# %%
parts = ["train", "test", "train+test", "train[:20%]", "train[20%:]", "train[5:10]", "train[-100:]"]
for part in parts:
    print(f"{part:13} {info.splits[part].num_examples:6,} images")

# %% [markdown]
# Any of these can stand in `tfds.load(…, split=…)`. A slice takes images by their **position**. Does a slice
# of 20 % hold 20 % of each breed?

# %%
fifth = tfds.load(course.dataset, split="train[:20%]", data_dir=folder, as_supervised=True)
labels = [int(label) for _, label in fifth]
counts = np.bincount(labels, minlength=len(class_names))

print("an even share:  ", len(labels) / len(class_names), "images of each breed")
print("the rarest breed:", counts.min(), "  the most frequent one:", counts.max())

# %% [markdown]
# Not exactly, but every breed is there: `tfds` mixed the images once, when it wrote the files. In a folder
# sorted by class the same slice would hold the first classes only. So look at the counts before you trust a
# slice.
#
# Why cut `train` at all? While you work you compare many versions of a network. If you compare them on the
# test images, you choose the version that happens to suit these images, and its result is too good to be
# true. So a part of the training images is held out for **validation**: all choices are made on it, and the
# test images are used once, at the very end. The toy dogs come with a validation split of their own.
# `stanford_dogs` has none; `split=["train[:80%]", "train[80%:]"]` cuts one off its training images.

# %% [markdown]
# ## More than a label: boxes and masks
#
# Without `as_supervised=True`, each element is a dictionary with everything that is known:

# %%
everything = tfds.load(course.dataset, split="train", data_dir=folder)
print(info.features)

# %% [markdown]
# Two of these say **where** the dog is. A *bounding box* is the smallest upright rectangle around it. A
# *segmentation mask* says it pixel by pixel: 1 where the dog is, 0 elsewhere. (The photographs have boxes
# only.)

# %%
example = next(iter(everything))
height, width, _ = example["image"].shape
top, left, bottom, right = example["objects"]["bbox"].numpy()[0]

print(f"the image has {height} rows and {width} columns")
print(f"box as shares of the sides: top {top:.2f}, left {left:.2f}, bottom {bottom:.2f}, right {right:.2f}")
print(f"box in pixels: rows {top * height:.0f} to {bottom * height:.0f},", end=" ")
print(f"columns {left * width:.0f} to {right * width:.0f}")

# %% [markdown]
# The numbers of a box are shares of the height and the width, and the vertical one comes first. Many other
# libraries count in pixels, or start with the horizontal one. The way to find out is to draw them.

# %%
import matplotlib.patches


def draw_box(axes, image, box):
    """Draw a box [top, left, bottom, right], given as shares of the sides, on top of an image."""
    height, width, _ = image.shape
    top, left, bottom, right = box
    corner = (left * width - 0.5, top * height - 0.5)  # the first pixel reaches from -0.5 to 0.5
    size = ((right - left) * width, (bottom - top) * height)
    axes.add_patch(matplotlib.patches.Rectangle(corner, *size, fill=False, color="#ffd500", linewidth=2.5))


def mask_of(example):
    """The mask of an image; where there is none, all of the image counts as dog."""
    return example.get("segmentation_mask", tf.ones_like(example["image"][..., :1])).numpy()


def fade_background(image, mask):
    """Fade what is not dog to a quarter of its colour, on white."""
    return np.where(mask > 0, image, 255 - (255 - image.astype(int)) // 4).astype(np.uint8)


# %%
figure, axes = figures.subplots(2, 5, size=(7.6, 3.5))
for column, example in zip(axes.T, everything.skip(24).take(5), strict=True):
    image = example["image"].numpy()
    show_image(column[0], image)
    draw_box(column[0], image, example["objects"]["bbox"].numpy()[0])
    show_image(column[1], fade_background(image, mask_of(example)))
figures.show(
    figure,
    alt="Five dogs in two rows. Above, a yellow box touches each dog on all four sides. Below, the "
    "background is faded and only the dog keeps its colour, along its outline.",
)

# %% [markdown]
# The boxes touch the dogs on all sides, and the masks follow their outlines: the order and the unit are
# right. What stands in front of the dog (a leaf, a butterfly, grass) is not dog.
#
# In this course the label of an image is its breed, and we use boxes and masks to see what an augmentation
# does to the dog. But remember them: when an image is mirrored, its breed stays and its box moves. Lesson 04
# takes care of that.

# %% [markdown]
# ## One size for all
#
# A network works on batches, and a batch is one array, so its images must have one size. Ours do not:

# %%
try:
    next(iter(train.batch(4)))
except tf.errors.InvalidArgumentError as error:
    print("Cannot" + error.message.partition("Cannot")[2])

# %% [markdown]
# There are three ways to make a square of any image, and each one costs something:
#
# - **stretch** it: everything stays in view, but shapes change. This is what `tf.image.resize` does;
# - **cut** the largest square from its middle (a *centre crop*), then scale: shapes stay, and what is at the
#   ends is lost;
# - **pad** it: scale the whole image until it fits, and fill the rest with black.

# %%
SIZE = 64


def stretch(image, size=SIZE):
    """Scale both sides to `size`, whatever their ratio."""
    return tf.image.resize(image, [size, size], antialias=True)


def centre_square(image, size=SIZE):
    """Cut the largest square from the middle and scale it."""
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
    return tf.image.resize(square, [size, size], antialias=True)


def pad(image, size=SIZE):
    """Scale the whole image to fit, and fill the rest with black."""
    return tf.image.resize_with_pad(image, size, size, antialias=True)


# %%
def as_bytes(image):
    """Round to whole numbers from 0 to 255, to show or to store."""
    return tf.saturate_cast(tf.round(image), tf.uint8).numpy()


def width_to_height(image):
    """Above 1 for a wide image, below 1 for a tall one."""
    return image.shape[1] / image.shape[0]


some = [image.numpy() for image, _ in train.take(60)]
tall, wide = min(some, key=width_to_height), max(some, key=width_to_height)

# %%
ways = {"stretch:\nshapes change": stretch, "cut:\nthe ends are lost": centre_square, "pad:\nblack bars": pad}
figure, axes = figures.subplots(2, 4, size=(7.8, 4.4))
for row, image in zip(axes, (wide, tall), strict=True):
    show_image(row[0], image, f"the image:\n{image.shape[1]} × {image.shape[0]} pixels")
    for place, (title, resize) in zip(row[1:], ways.items(), strict=True):
        show_image(place, as_bytes(resize(image)), title)
figures.show(
    figure,
    alt="A wide image and a tall one, each made square in three ways. Stretched, the wide one's dog "
    "becomes thin and the tall one's becomes broad. Cut, the dogs keep their shape and the ends "
    "of the background are gone. Padded, the whole image is there between two black bars.",
)

# %% [markdown]
# Compare the heads in the first two columns: stretching makes one dog thinner and the other one broader. A
# breed is told by its proportions, so here that is the wrong choice. The price of each way, for the wide
# image:

# %%
height, width, _ = wide.shape
print(f"stretch: shapes are {width / height:.2f} times too tall")
print(f"cut:     {1 - height / width:.0%} of the pixels are lost")
print(f"pad:     {1 - height / width:.0%} of the new image is black")

# %% [markdown]
# The course cuts: `data.load(…, image_size=64)` does what `centre_square` does. (We take 64 pixels to look
# at; the course's comparisons train with 48, which is faster.) Where the ends matter more (X-rays, pictures
# of shelves), padding is the safe choice.
#
# Beware of the name `tf.image.resize_with_crop_or_pad`: in spite of it, it does not scale at all.

# %% [markdown]
# ### Antialiasing: every pixel has a say
#
# Look at the word `antialias` in the cells above. It means: each new pixel is a weighted average of all the
# old pixels around it. It is off by default, and it matters whenever an image becomes much smaller, as
# every photo does on its way into a network. To see it we need a real photograph. This cat (its name is
# Chelsea, the picture is in the public domain) comes with the package scikit-image.

# %%
from skimage import data as pictures

cat = pictures.chelsea()
factor = 6
small = [cat.shape[0] // factor, cat.shape[1] // factor]
rough = as_bytes(tf.image.resize(cat, small))
smooth = as_bytes(tf.image.resize(cat, small, antialias=True))

titles = [f"the photograph, {cat.shape[1]} × {cat.shape[0]} pixels"]
titles += ["a sixth of the size, antialias=False", "a sixth of the size, antialias=True"]
whiskers = [cat[138:300, :240], rough[23:50, :40], smooth[23:50, :40]]

figure, axes = figures.subplots(2, 3, size=(8.8, 4.2))
for column, title, whole, part in zip(axes.T, titles, (cat, rough, smooth), whiskers, strict=True):
    show_image(column[0], whole, title)
    show_image(column[1], part)
figures.show(
    figure,
    alt="A photograph of a cat and two copies at a sixth of its size; below, the whiskers of each, enlarged. "
    "Without antialiasing the whiskers are broken into light dots and the fur is grainy; with it the "
    "whiskers are gone and the fur is soft.",
    kind="jpeg",
)

# %% [markdown]
# Without antialiasing the whiskers fall apart into dots and the fur is noise; with it the whiskers, much
# thinner than a new pixel, melt into the fur. The reason: without it, TensorFlow looks at no more than four
# old pixels for each new one, and drops all others.
#
# A network trained on rough copies learns from noise, and meets other noise as soon as images of another size
# come along. Make `antialias=True` a habit.

# %% [markdown]
# ## Three ranges of values
#
# A pixel's brightness is written in one of three ways:
#
# | range | type | who writes it |
# |---|---|---|
# | 0 to 255 | `uint8` (or `float32`) | image files, `tfds`, Pillow, this course up to the model |
# | 0 to 1 | `float32` | `tf.image.convert_image_dtype`, torchvision's `ToTensor`, matplotlib for floats |
# | −1 to 1 | `float32` | networks such as MobileNetV2 and ResNet50V2 |
#
# (Whole numbers matplotlib takes for 0 to 255.)
#
# The three are easy to convert. They are hard to tell apart, because **an array does not know its range**.

# %%
fifth_breed = sorted(portraits)[4]
dog = as_bytes(centre_square(portraits[fifth_breed]))
ranges = {
    "uint8, 0 to 255": dog,
    "float32, 0 to 255": dog.astype(np.float32),
    "float32, 0 to 1": (dog / 255).astype(np.float32),
    "float32, −1 to 1": (dog / 127.5 - 1).astype(np.float32),
}
for name, image in ranges.items():
    print(f"{name:18} {image.dtype.name:8} mean {image.mean():7.2f}")

# %% [markdown]
# Each library has a range in mind, and most believe you without looking. Ask three of them, `tf.image`, a
# Keras layer and **Albumentations** (a library of augmentations, lesson 04), for the same thing: "make this
# dog brighter, by a fifth of the full range". Which of the first three images do they get right?

# %%
import albumentations
import keras

keras_brightness = keras.layers.RandomBrightness([0.2, 0.2])  # from 0.2 to 0.2: always 0.2
albumentations_brightness = albumentations.RandomBrightnessContrast((0.2, 0.2), (0, 0), p=1)
brighten = {
    "tf.image": lambda image: tf.image.adjust_brightness(image, 0.2).numpy(),
    "Keras layer": lambda image: keras_brightness(image, training=True).numpy(),
    "Albumentations": lambda image: albumentations_brightness(image=image)["image"],
}


# %%
whites = {"uint8, 0 to 255": 255, "float32, 0 to 255": 255, "float32, 0 to 1": 1}


def is_right(before, after, white):
    """Whether every pixel became a fifth of the range brighter, up to white (rounding is forgiven)."""
    wanted = np.minimum(before / white + 0.2, 1)
    return np.allclose(np.minimum(after / white, 1), wanted, atol=0.01)


brighter = {}
for library, change in brighten.items():
    for name, white in whites.items():
        after = change(ranges[name])
        verdict = "right" if is_right(ranges[name], after, white) else "WRONG"
        brighter[library, name] = after, verdict
        print(f"{library:14}  {name:17}  {verdict}: {after.min():6.2f} to {after.max():6.2f}")

# %%
figure, axes = figures.subplots(3, 4, size=(6.6, 6.2))
for row, (name, white) in zip(axes, whites.items(), strict=True):
    show_image(row[0], ranges[name] / white, "before:\n" + name)
    for place, library in zip(row[1:], brighten, strict=True):
        after, verdict = brighter[library, name]
        show_image(place, np.clip(after / white, 0, 1), f"{library}:\n{verdict}")
        if verdict == "WRONG":
            place.title.set(color="#c1272d", fontweight="bold")
figures.show(
    figure,
    alt="The same dog in three ranges of values, brightened by three libraries. Right: tf.image and "
    "Albumentations on uint8 and on 0 to 1, the Keras layer on 0 to 255 floats. Wrong: the Keras "
    "layer gives false colours on uint8 and pure white on 0 to 1; on 0 to 255 floats tf.image "
    "changes nothing and Albumentations gives black.",
)

# %% [markdown]
# No error, no warning, and four of nine pictures are wrong:
#
# - `tf.image` takes floats for 0 to 1. On 0 to 255 it adds 0.2 of *one* grey level: nothing to be seen. (It
#   does not cut off what rises above 1 either; lesson 02 comes back to that.)
# - The Keras layer takes everything for 0 to 255, unless you say `value_range=(0, 1)`. On 0 to 1 it adds 51,
#   and the dog is white. On `uint8` it wraps around: 250 + 51 becomes 45, hence the false colours. (This
#   happens only when the layer is called directly, as here: see *For the curious*.)
# - Albumentations takes floats for 0 to 1 and cuts off what is above: everything is 1 of 255, black.
#
# Two habits help. **Print the smallest and the largest value** after each step you add, and **look at a
# batch** as the network gets it.

# %% [markdown]
# ### What a network expects
#
# Networks with ready weights want the range they were trained with. In `keras.applications` each family
# brings a function `preprocess_input` that starts from 0 to 255. Here is what it makes of black and white:

# %%
black_and_white = np.array([[[0, 0, 0], [255, 255, 255]]], np.float32)

for name in ("mobilenet_v2", "resnet_v2", "resnet", "densenet", "efficientnet_v2"):
    prepared = getattr(keras.applications, name).preprocess_input(black_and_white.copy())
    print(f"{name:16} {prepared.min():8.2f} to {prepared.max():7.2f}")

red = np.array([[[255, 0, 0]]], np.float32)
print("red, for resnet:", keras.applications.resnet.preprocess_input(red).round(1).ravel())

twice = keras.applications.mobilenet_v2.preprocess_input(ranges["float32, 0 to 1"].copy())
print(f"a dog in 0 to 1, for mobilenet_v2: {twice.min():.2f} to {twice.max():.2f}")

# %% [markdown]
# Five families, four ranges. `resnet` subtracts a mean colour and swaps red and blue: never guess, call the
# function. `efficientnet_v2` leaves the values alone, since its first layer rescales them. (The networks of
# this course do the same: their images stay in 0 to 255 up to the model.)
#
# And images that are already in 0 to 1 come out between −1 and −0.99. For a network that takes −1 for black,
# that is a black picture. No error is raised, and there is next to nothing left to learn from.
#
# This is a good place for a break.

# %% [markdown]
# ## Exercise 1: a preprocessing function
#
# Preprocessing is everything that must happen to **every** image before the network sees it. In `tf.data` it
# is a function `(image, label) -> (new_image, label)` that is handed to `map`.
#
# Write one for a network that takes −1 to 1, and for images whose edges matter:
#
# - the whole image is to be seen, undistorted, in the middle of 64 × 64 pixels; the rest is filled with
#   black;
# - it is scaled with antialiasing;
# - values are `float32` from −1 (black) to 1 (white), so the filled part is −1;
# - the label comes back as it was.


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
# <details><summary>Hint</summary>
#
# `pad`, further up, does the first two. It gives `float32` from 0 to 255. Which number maps 0 to −1 and 255
# to 1? Half of 255 must become 0. The order counts: where does the black come from if you rescale first?
#
# </details>

# %% [markdown]
# ### Training and test data alike
#
# For the rest of this lesson we use the course's own choice: cut a square, keep 0 to 255.


# %%
def prepare(image, label):
    """Cut a square of SIZE pixels, as uint8; the label stays."""
    return tf.saturate_cast(tf.round(centre_square(image)), tf.uint8), label


prepared_train = train.map(prepare)
prepared_test = test.map(prepare)
print(prepared_test.element_spec[0])

# %% [markdown]
# The same function prepares both, and it should. Whatever the network gets used to in training, it
# must find again in the test. What happens if one of them is forgotten?


# %%
def mean_brightness(dataset):
    """The mean of the first 200 images of a data set, as the network would see it."""
    return np.mean([image.numpy().mean() for image, _ in dataset.take(200)])


def rescale(image, label):
    """From 0 to 255 to -1 to 1."""
    return tf.cast(image, tf.float32) / 127.5 - 1, label


print(f"training images, rescaled:         mean {mean_brightness(prepared_train.map(rescale)):6.2f}")
print(f"test images, rescaled:             mean {mean_brightness(prepared_test.map(rescale)):6.2f}")
print(f"test images, rescaling forgotten:  mean {mean_brightness(prepared_test):6.2f}")

# %% [markdown]
# Rescaled alike, both have about the same mean. With the step forgotten, a network that knows numbers from −1
# to 1 is shown numbers from 0 to 255. It will answer, and the answers mean nothing.
#
# So there are two kinds of functions, and the course keeps them apart:
#
# - **preprocessing** is for all data, and gives the same result each time;
# - **augmentation** is for training data only, and gives another result each time.

# %% [markdown]
# ## The input pipeline
#
# On the way from the files to the network an image passes seven stages. Their order matters.

# %%
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
# `cache` is the border. What stands before it is computed in the first epoch and kept; what stands behind it
# is computed in each epoch. Everything else follows from that. (Two neighbours may change places: an
# augmentation that takes whole batches, such as the course's, stands behind `batch`. Lesson 02 writes one.)
#
# ### Shuffle before batch
#
# Each step of the training follows the images of one batch. If the same images met in the same batches in
# every epoch, the network would be pulled in the same few directions again and again. `shuffle` gives each
# epoch another order, but it mixes *elements*: behind `batch` the elements are whole batches. (`seed=1` fixes
# the dice, so that you see the same order as we do.)

# %%
numbers = tf.data.Dataset.range(12)
right = numbers.shuffle(12, seed=1).batch(4)
wrong = numbers.batch(4).shuffle(3, seed=1)

for name, dataset in {"shuffle, then batch:": right, "batch, then shuffle:": wrong}.items():
    for epoch in (1, 2):
        print(f"{name}  epoch {epoch}:", *(batch.numpy() for batch in dataset))

# %% [markdown]
# In the wrong order 0, 1, 2 and 3 always travel together.
#
# `shuffle` needs a number: how many elements it holds in its **buffer** and draws from. It fills the
# buffer, draws one, refills the gap with the next, and so on.
#
# Only a buffer as large as the data set mixes it fully. This matters most for data sorted by class: with a
# buffer of 50, the first batches hold one class and the last batches another. If the memory does not suffice
# for all, take what it can hold.
#
# ### Augment after cache
#
# Now the mistake that costs most, since nobody sees it. Here is a simple augmentation: a random crop, a
# random mirroring, a random change of brightness and contrast. (Lesson 02 takes these functions apart.)


# %%
def augment(image, label):
    """Crop, mirror, and change brightness and contrast at random; the label stays."""
    image = tf.image.random_crop(image, [50, 50, 3])
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, 0.2)
    return tf.image.random_contrast(image, 0.7, 1.4), label


# %%
few = prepared_train.skip(50).take(2)
pipelines = {
    "cache, then augment": few.cache().map(augment),
    "augment, then cache": few.map(augment).cache(),
}
epochs = {name: [list(dataset) for _ in range(3)] for name, dataset in pipelines.items()}

for name, pictures_of in epochs.items():
    different = {epoch[0][0].numpy().tobytes() for epoch in pictures_of}
    print(f"{name}: different pictures of the first dog in 3 epochs: {len(different)}")

# %%
figure, axes = figures.subplots(2, 6, size=(9.0, 3.5))
for row, (name, three_epochs) in zip(axes, epochs.items(), strict=True):
    row[0].set_ylabel(name.replace(", ", ",\n"))
    for number, epoch in enumerate(three_epochs):
        for dog, (image, _) in enumerate(epoch):
            show_image(row[3 * dog + number], image, f"epoch {number + 1}")
figures.show(
    figure,
    alt="Two dogs in three epochs, for two pipelines. In the upper row, cache, then augment, each epoch "
    "shows another crop, side and brightness. In the lower row, augment, then cache, the three epochs "
    "show exactly the same picture of each dog.",
)

# %% [markdown]
# In the lower row the augmentation is **frozen**: it drew once, in the first epoch, and the cache repeats it
# forever. The data set has not grown by a single picture. Training runs, the loss falls, and augmentation
# "does not help".
#
# ### Cache what fits, prefetch at the end
#
# `cache` keeps images in memory, so they must fit there. After `prepare` they are small:

# %%
for name, number, size in [("toy_dogs", 720, 64), ("stanford_dogs", 12_000, 224)]:
    gigabytes = number * size * size * 3 / 1e9
    print(f"{name:13}  {number:6,} images of {size} × {size}:", end=" ")
    print(f"{gigabytes:.2f} GB as uint8, {4 * gigabytes:.2f} GB as float32")

# %% [markdown]
# One more reason to keep `uint8` for as long as possible: `float32` takes four times the memory. For larger
# sets write `cache("a/file")`, which keeps the images on disk, or leave it out.
#
# `prefetch` comes last. While the network works on one batch, it makes the next one. `tf.data.AUTOTUNE` lets
# TensorFlow choose how many.

# %% [markdown]
# ## Exercise 2: put the stages in order
#
# Write one function for all data. For training: prepare, cache, shuffle with a buffer that holds the whole
# data set, augment, batch, prefetch, each in its place. For evaluation (validation and test images,
# `training=False`): every image, once, in order, and never augmented.
#
# `prepare` and `augment` are functions for `map`; both work on one image. `len(dataset)` is the number of
# images.


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
# <details><summary>Hint</summary>
#
# Follow the drawing above from left to right. The stages `shuffle` and `map(augment)` stand in an `if
# training:`, the others are the same for both. Each stage returns a new data set: `dataset =
# dataset.cache()`.
#
# </details>

# %% [markdown]
# The course has such functions ready, `pipeline.training_batches` and `pipeline.evaluation_batches`; they
# augment whole batches, which is faster (lesson 02).
#
# Here is a batch as a network gets it. Look at one whenever you change something.

# %%
from utils import augment as augmentations
from utils import pipeline

batches = pipeline.training_batches(
    data.load(course.dataset, "train", image_size=SIZE),
    batch_size=8,
    num_classes=len(class_names),
    augment=augmentations.basic,
)
images, labels = next(iter(batches))
print("images:", images.dtype.name, images.shape, " labels:", labels.dtype.name, labels.shape)

# %%
figure, axes = figures.subplots(1, 8, size=(9.4, 1.4))
for place, image, label in zip(axes, images, labels, strict=True):
    show_image(place, image, class_names[int(np.argmax(label))].split("-", 1)[-1])
figures.show(
    figure,
    alt="A batch of eight toy dogs of 64 by 64 pixels with their names; some are mirrored, shifted "
    "with a reflected border, brighter or paler.",
)

# %% [markdown]
# The labels are rows now, a 1 at the dog's breed and 0 elsewhere (*one-hot*). Lessons 08 and 09 will mix
# them.

# %% [markdown]
# ## What each stage costs (for looking up)
#
# A network that waits for its images wastes the time of an expensive machine. So measure. We add one stage
# after the other and take the time of an epoch, the best of five, when the cache is full. (Your numbers will
# differ.)
#
# `tfds` keeps small data sets in memory by itself, right behind `read`. That is kind, but hides what reading
# costs; `try_autocache=False` switches it off.

# %% tags=["nbval-ignore-output"]
import time


def seconds(dataset):
    """Seconds of one epoch."""
    start = time.perf_counter()
    for _ in dataset.skip(len(dataset) - 1):  # all but the last element never reach Python
        pass
    return time.perf_counter() - start


from_disk = tfds.load(
    course.dataset,
    split="train[:300]",
    data_dir=folder,
    as_supervised=True,
    read_config=tfds.ReadConfig(try_autocache=False),
)
growing = {"read": from_disk}
growing["+ map(prepare)"] = growing["read"].map(prepare)
growing["+ cache"] = growing["+ map(prepare)"].cache()
growing["+ shuffle"] = growing["+ cache"].shuffle(300)
growing["+ map(augment)"] = growing["+ shuffle"].map(augment)
growing["+ batch"] = growing["+ map(augment)"].batch(32)

rounds = [[seconds(dataset) for dataset in growing.values()] for _ in range(6)]
costs = np.min(rounds[1:], axis=0) * 1000 / 300  # the first round fills the cache
for name, cost in zip(growing, costs, strict=True):
    print(f"{name:15} {cost:6.2f} ms an image")

# %% [markdown]
# Each line is the whole pipeline up to this stage. Without a cache you would pay the second line in every
# epoch, and the augmentation on top. With it, what remains is mostly the augmentation. That is why `map`
# can work on several images at a time (`num_parallel_calls=tf.data.AUTOTUNE`), and why the course augments
# whole batches. (Shuffling costs next to nothing: numbers that differ by less than a tenth of a millisecond
# are as good as equal, and may stand the other way round the next time.)
#
# `prefetch` is missing in the list: its gain shows when somebody works at the other end. Take a disk that
# needs 20 milliseconds for an image, and a network that is busy for 20 milliseconds with it (here both just
# sleep). TensorFlow adds a small prefetch of its own where you forget it. To see what it saves you from,
# the first line switches that off.


# %% tags=["nbval-ignore-output"]
def slow_disk(number):
    """Wait as for a slow disk."""
    time.sleep(0.02)
    return number


def epoch_seconds(dataset):
    """Seconds of an epoch in which a network is busy with each image: the best of three."""
    tries = []
    for _ in range(3):
        start = time.perf_counter()
        for _ in dataset:
            time.sleep(0.02)
        tries.append(time.perf_counter() - start)
    return min(tries)


nothing_ahead = tf.data.Options()
nothing_ahead.experimental_optimization.inject_prefetch = False
slow = tf.data.Dataset.range(30).map(lambda number: tf.numpy_function(slow_disk, [number], tf.int64))

print(f"30 images × (20 + 20) ms: {30 * (0.02 + 0.02):.2f} s")
print(f"one after the other:      {epoch_seconds(slow.with_options(nothing_ahead)):.2f} s")
print(f"with prefetch:            {epoch_seconds(slow.prefetch(1)):.2f} s")

# %% [markdown]
# One after the other, the two times add up. With `prefetch` the disk fetches the next image while the network
# works on this one, and the longer of the two times is what you pay.

# %% [markdown]
# ## Your own folder (for looking up)
#
# Your photos are probably not in `tfds`. A folder will do, with one folder for each class in it:
# `photos/train/CLASS/*.jpg` and `photos/test/CLASS/*.jpg` (or `*.png`, or another usual kind). Let us make
# one, from two breeds.

# %%
import pathlib
import tempfile

import PIL.Image

temporary = tempfile.TemporaryDirectory()
photos = pathlib.Path(temporary.name) / "photos"


def save(images, place):
    """Write images as 000.png, 001.png, … into a folder, which is made if needed."""
    place.mkdir(parents=True)
    for number, image in enumerate(images):
        PIL.Image.fromarray(image).save(place / f"{number:03}.png")


def dogs_of(breed, count):
    """The first images of a breed."""
    return [image.numpy() for image, _ in train.filter(lambda _, label: label == breed).take(count)]


for breed in (2, 4):
    dogs = dogs_of(breed, 9)
    save(dogs[:6], photos / "train" / class_names[breed])
    save(dogs[6:], photos / "test" / class_names[breed])

for place in sorted(photos.glob("*/*")):
    print(place.relative_to(photos).as_posix(), len(list(place.iterdir())), "images")

# %% [markdown]
# That is all. In place of a name, `data.load` takes the folder:

# %%
known = data.info(photos)
print("classes:", ", ".join(known.class_names))
print("images: ", known.split_sizes)

mine = data.load(photos, "train", image_size=SIZE)
print("labels: ", [int(label) for _, label in mine])

# %% [markdown]
# Two things to notice. There is no folder for validation, so a tenth of each class (at least one image) is
# held out, always the same ones. And the images come **sorted by class**: without a `shuffle`, and a large
# one, the network would meet one breed after the other.

# %%
figure, axes = figures.subplots(1, 10, size=(10.0, 1.25))
for place, (image, label) in zip(axes, mine, strict=True):
    show_image(place, image, known.class_names[int(label)].split("-", 1)[-1])
figures.show(
    figure,
    alt="The ten training images of the folder in a row, cut to squares: first five white "
    "peppercorns with black spots, then five foxy gold saffrels.",
)

# %% [markdown]
# Files from the real world are broken now and then: a download that stopped, a disk that was full. Let us cut
# one in half.

# %%
broken = photos / "train" / class_names[2] / "003.png"
broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])

try:
    data.load(photos, "train")
except data.DataError as error:
    print(str(error).replace(str(photos.parent), "…").replace("\\", "/"))

# %% [markdown]
# `data.load` opens every image once, at the start, and names the broken one. This takes a moment, and spares
# you a training run that stops in the middle of the night.

# %%
temporary.cleanup()

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### What the square costs the dogs
#
# The masks tell how much of a dog lies outside of the square that `centre_square` cuts:


# %%
def share_cut_off(mask):
    """The share of the dog that lies outside of the largest square in the middle."""
    height, width, _ = mask.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return 1 - mask[top : top + side, left : left + side].sum() / mask.sum()


lost = np.array([share_cut_off(mask_of(example)) for example in everything.take(720)])
print(f"lost of a dog: {lost.mean():.1%} on average, {lost.max():.0%} at worst")
print(f"dogs that lose more than a tenth: {np.mean(lost > 0.1):.0%}")

# %% [markdown]
# For most dogs that costs little; one in five loses more than a tenth.
#
# ### How many pixels have a say
#
# Take 36 pictures of 6 × 6 pixels, each with another single white pixel, and make each one a single pixel.
# Where that stays black, the white pixel had no say:


# %%
white_pixels = np.eye(36, dtype=np.float32).reshape(36, 6, 6, 1)
for antialias in (False, True):
    new_pixels = tf.image.resize(white_pixels, [1, 1], antialias=antialias)
    print(f"antialias={antialias!s:5}  {np.count_nonzero(new_pixels)} of 36 old pixels have a say")

# %% [markdown]
# ### One layer, three places
#
# On `uint8` the Keras layer wrapped around. The same layer on the same grey of 250, in three places:

# %%
grey = np.full([1, 2, 2, 3], 250, np.uint8)
places = {
    "called directly": keras_brightness(grey, training=True),
    "inside map": next(iter(tf.data.Dataset.from_tensors(grey).map(lambda image: keras_brightness(image)))),
    "in a model": keras.Sequential([keras.Input([2, 2, 3]), keras_brightness])(grey, training=True),
}
for place, after in places.items():
    print(f"{place:15}  {after.dtype.name:7}  {int(np.max(after))}")

# %% [markdown]
# Inside `map`, or in a model whose input is `float32` as usual, the image becomes float first, and the layer
# is right.
#
# ### Rescaling that does not rescale
#
# `tf.image.resize` takes `uint8` and gives floats, still from 0 to 255. And the function that is meant to
# rescale, `tf.image.convert_image_dtype`, rescales whole numbers only: what is float already passes through
# untouched.

# %%
whole_numbers = ranges["uint8, 0 to 255"]
resized = tf.image.resize(whole_numbers, [SIZE, SIZE], antialias=True)
too_late = tf.image.convert_image_dtype(resized, tf.float32)
in_time = tf.image.resize(
    tf.image.convert_image_dtype(whole_numbers, tf.float32), [SIZE, SIZE], antialias=True
)

versions = {"resized": resized, "resized, converted": too_late, "converted, resized": in_time}
for name, image in versions.items():
    print(f"{name:18}  {image.dtype.name}  {np.min(image):5.2f} to {np.max(image):6.2f}")

# %% [markdown]
# ### The buffer of `shuffle`
#
# Here are 500 numbers, shuffled with a small buffer and with a large one:

# %%
figure, axes = figures.subplots(1, 2, size=(7.6, 3.8), sharey=True)
for place, buffer in zip(axes, (50, 500), strict=True):
    order = [int(number) for number in tf.data.Dataset.range(500).shuffle(buffer, seed=2)]
    place.plot([0, 500], [0, 500], color=figures.INK, linewidth=0.7)
    place.plot(order, ".", markersize=3.5, color=figures.COLORS["basic"])
    place.set(title=f"buffer of {buffer}", xlabel="position after the shuffle", aspect="equal")
axes[0].set_ylabel("position before")
figures.show(
    figure,
    alt="Position before against position after a shuffle of 500 elements, with the diagonal. With a "
    "buffer of 50 the points lie in a band along it, a few far below; with a buffer of 500 they fill the "
    "whole square.",
)

# %% [markdown]
# A point above the diagonal came earlier than its place: with the buffer of 50 by at most 49. Points far
# below waited in the buffer.

# %% [markdown]
# ## What you learned
#
# - `tfds.load(name, split=…, as_supervised=True, with_info=True)` gives a recipe for pairs `(image, label)`
#   and all that is known about them. Splits are slices: `train[:80%]`, `train+test`. Choose on validation
#   images, measure on test images.
# - Boxes and masks say where the dog is. Draw them once, and you know their order and unit.
# - Stretching changes shapes, cutting loses the ends, padding adds bars. `antialias=True` uses every pixel.
# - An array does not know its range: 0 to 255, 0 to 1 or −1 to 1. Print the smallest and largest value, look
#   at a batch.
# - Preprocessing is for all data alike; augmentation is for training data only.
# - read, prepare, **cache**, shuffle, augment and batch (in either order), prefetch. What stands before the
#   cache happens once; an augmentation there is frozen.
# - A folder `ROOT/{train,test}/CLASS/*.jpg` is a data set, too, and comes sorted by class.

# %% [markdown]
# ## Questions
#
# 1. A friend trains with `dataset.map(augment).cache().shuffle(1000).batch(32)` and finds that augmentation
#    changes nothing. What does the network see?
#
#    <details><summary>Answer</summary>
#
#    The same augmented copy of each image in every epoch, in another order. The draws were made once, in the
#    first epoch, and cached. The network has as many different pictures as without augmentation; `cache`
#    belongs before `map(augment)`.
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
# 3. You have 40,000 photos sorted into 100 class folders of equal size, and shuffle with a buffer of 1,000.
#    What is in the first batch of 32, and what can you do?
#
#    <details><summary>Answer</summary>
#
#    A class has 400 photos, so until the first batch is full the buffer has held photos of the first three
#    classes only: 97 classes cannot be in it. Shuffle the *names* of the files first, with a buffer for all
#    40,000 (names are small), and read them after that; or write the data once in mixed order, as `tfds`
#    does.
#
#    </details>
#
# **Next.** [Lesson 02, random augmentation with tf.image](02_random_augmentation_apis.ipynb), where the
# pictures begin to change on purpose.
