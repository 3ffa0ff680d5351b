# %% [markdown]
# # 04 Albumentations
#
# **Goal.** Write augmentations with Albumentations, move masks and boxes along with the image, and train with
# it in `tf.data` without falling into its traps.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (boxes, masks, `map`, ranges of values) and lesson 02 (seeds of two numbers,
# the contract `augment(images, *, seed)`).

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import random
import threading
import time
import warnings

import albumentations as A
import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from utils import checks, data, figures, models

# %% [markdown]
# Albumentations works on NumPy arrays. It calls an operation a **transform**, and all code about it writes
# `A` for its name. First some toy dogs, whatever your profile: they come with a mask and a box.

# %%
stored = tfds.load("toy_dogs", split="train", data_dir=data.directory()).take(120)
dogs = [
    (example["image"], example["segmentation_mask"][..., 0], example["objects"]["bbox"])
    for example in tfds.as_numpy(stored)
]
image, mask, boxes = dogs[3]
print("image", image.dtype, image.shape, "| mask", mask.shape, "| boxes", boxes.shape)

# %% [markdown]
# ## A transform takes names and returns a dictionary

# %%
result = A.HorizontalFlip(p=1)(image=image)
print(type(result).__name__, list(result), "mirrored:", np.array_equal(result["image"], image[:, ::-1]))

# %% [markdown]
# **Pixel-level** transforms change values and leave everything in its place. **Spatial-level** transforms
# move things, so masks and boxes must move along: these are the library's `DualTransform`s.

# %%
transforms = [A.ToGray(p=1), A.Posterize(num_bits=2, p=1), A.GaussNoise(p=1), A.Solarize(p=1)]
transforms += [A.HorizontalFlip(p=1), A.Rotate(limit=(20, 20), p=1)]
transforms += [A.RandomResizedCrop(size=(80, 80), p=1), A.ElasticTransform(alpha=80, sigma=5, p=1)]
eight = [A.Compose([transform], seed=4)(image=image)["image"] for transform in transforms]
names = [type(transform).__name__ for transform in transforms]
print("masks and boxes move:", *(isinstance(transform, A.DualTransform) for transform in transforms))

# %% tags=["hide-input"]
figures.show(
    figures.pictures(eight, names, columns=4, inches=1.9),
    alt="One dog, changed by eight transforms. In the first row its colors change: gray, few colors, "
    "grainy, light parts as in a negative. In the second row the dog moves: mirrored, turned, cropped, bent "
    "like rubber.",
    kind="jpeg",
)

# %% [markdown]
# ## `Compose`, and a seed that couples
#
# `Compose` applies a list of transforms in turn. `p` is the probability that a transform acts at all; else it
# hands the image on. `seed=` makes the draws repeatable, as the documentation says.

# %%
coupled = A.Compose([A.HorizontalFlip(p=0.5), A.ToGray(p=0.5)], seed=4)
twelve = [coupled(image=image)["image"] for _ in range(12)]

# %% tags=["hide-input"]
figures.show(
    figures.pictures(twelve, [""] * 12, columns=12, inches=0.8),
    alt="Twelve draws of a mirror and a gray transform, each with probability one half. Every dog is "
    "either as it was or both mirrored and gray.",
    kind="jpeg",
)

# %% [markdown]
# **Guess.** Each acts on half of the images. How many of 10,000 are mirrored and still in color? A tiny
# image makes counting fast.

# %%
tiny = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
gray, mirrored = A.ToGray(p=1)(image=tiny)["image"], tiny[:, ::-1]
LOOKS = {"unchanged": tiny, "mirrored": mirrored, "gray": gray, "both": gray[:, ::-1]}


def look_of(picture):
    """What happened to the tiny image: a key of LOOKS."""
    return next(name for name, look in LOOKS.items() if np.array_equal(picture, look))


def count(compose):
    """How often each look comes in 10,000 calls."""
    looks = [look_of(compose(image=tiny)["image"]) for _ in range(10_000)]
    return {name: looks.count(name) for name in LOOKS}


print(count(coupled))

# %% [markdown]
# None, where a quarter was meant: the two always act together. `Compose` hands the same seed to each of its
# parts, and each starts a random generator of its own with it. Counting each transform alone would never
# show it.
#
# The way out is `set_random_state`: all parts **share** one generator. (Two, to be exact: Albumentations
# draws some numbers with NumPy and some with Python's `random`.)


# %%
def restart(compose, seed):
    """Let all parts of a Compose draw from the same generators, started from a seed of one number or two."""
    generator = np.random.default_rng(np.atleast_1d(seed).astype(np.uint32))  # never negative
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


restart(coupled, 4)
print(count(coupled))

# %% [markdown]
# About a quarter each. (`keras.utils.set_random_seed` does not reach Albumentations.)

# %% [markdown]
# ## What `p` means in `OneOf`
#
# `OneOf` applies one of its children. A child's `p` is only a **weight**, divided by the sum of all weights;
# the chosen child always acts. (`SomeOf(children, n=2)` chooses two, but these keep their own `p` and may do
# nothing: write `p=1` for each.)
#
# **Guess.** The weights are 0.6 and 0.2. How many of 10,000 images become gray, and how many stay as they
# are?

# %%
one_of = A.Compose([A.OneOf([A.ToGray(p=0.6), A.HorizontalFlip(p=0.2)])])
restart(one_of, 4)
print(count(one_of))
for part in [one_of.transforms[0], A.Rotate(), A.RandomResizedCrop(size=(64, 64)), one_of]:
    print(f"{type(part).__name__:18} p = {part.p}")

# %% [markdown]
# Half stay as they are: `OneOf` has a `p` of its own, and if you do not write it, it is 0.5, as for most
# transforms. The other half is shared 3 : 1, since 0.6 / 0.8 = 0.75. So always write `p`. What fixes the size
# of an image, and `Compose`, have `p = 1`.

# %% [markdown]
# ## Old lines of the web, and today's
#
# Most lines that you find were written for version 0.x or 1.x. This is version 2.0.8:
#
# | a line of the web | today |
# |---|---|
# | `A.RandomResizedCrop(height=64, width=64)` | `A.RandomResizedCrop(size=(64, 64))` |
# | `A.RandomBrightness(limit=0.2)` | `A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0)` |
# | `A.CoarseDropout(max_holes=8)` | `A.CoarseDropout(num_holes_range=(8, 8))` |
# | `A.CoarseDropout(max_height=9)` | `A.CoarseDropout(hole_height_range=(9, 9))`, in width as well |
# | `A.HorizontalFlip(always_apply=True)` | `A.HorizontalFlip(p=1)` |
# | `A.Rotate(limit=20, value=255)` | `A.Rotate(limit=20, fill=255)` |
# | `A.GaussNoise(var_limit=(100, 400))` | `A.GaussNoise(std_range=(10 / 255, 20 / 255))` |
# | `A.Equalize(p=1)(image=image / 255)` | `A.Equalize(p=1)(image=image)` |
# | `ToTensor()` | `A.Normalize()`, then `ToTensorV2()` |
#
# **Guess.** Which of these old lines stop with an error, and which go on?

# %%
OLD_LINES = """A.RandomResizedCrop(height=64, width=64)
A.RandomBrightness(limit=0.2)
A.CoarseDropout(max_holes=8)
A.HorizontalFlip(always_apply=True)
A.Rotate(limit=20, value=255)
A.GaussNoise(var_limit=(100, 400))
A.Equalize(p=1)(image=image / 255)"""

with warnings.catch_warnings(action="ignore"):
    for line in OLD_LINES.splitlines():
        try:
            eval(line)
            print("goes on ", line)
        except Exception as error:
            print("stops   ", line, "|", type(error).__name__)
    holes, flip = A.CoarseDropout(max_holes=8), A.HorizontalFlip(always_apply=True)
print("holes:", holes.num_holes_range, "of the size", holes.hole_height_range, "| p of the flip:", flip.p)

# %% [markdown]
# Those that stop are mended in a minute. The others only warn, and go on with their **defaults**: eight holes
# have become one or two, a tenth to a fifth of the side, and the flip that was always applied acts on half of
# the images. `A.Compose(…, strict=True)` makes an error of every unknown argument.
#
# Images are `uint8` from 0 to 255, or `float32` from 0 to 1. `image / 255` is neither: it is `float64`.
#
# **`ToTensorV2`** is for PyTorch, which wants images as `[channels, height, width]`. Lesson 12 uses it; in
# NumPy it is one line:

# %%
for array in [image, A.Normalize()(image=image)["image"]]:
    channels_first = array.transpose(2, 0, 1)  # what ToTensorV2 does
    print(channels_first.shape, array.dtype, f"from {array.min():.2f} to {array.max():.2f}")

# %% [markdown]
# It does not divide by 255 and makes no floats, as the old `ToTensor` did: that is the work of `Normalize`,
# which also subtracts the mean of ImageNet's photographs and divides by their standard deviation. It comes
# **last**: the other transforms want `[height, width, channels]`.

# %% [markdown]
# ## Image, mask and boxes together
#
# When the label is a place, it must move with the image: this is what Albumentations is best at. A box comes
# in one of four formats, and `BboxParams` must know which:
#
# | `format` | the four numbers | counted in |
# |---|---|---|
# | `"albumentations"` | left, top, right, bottom | shares of the sides |
# | `"pascal_voc"` | left, top, right, bottom | pixels |
# | `"coco"` | left, top, width, height | pixels |
# | `"yolo"` | center across, center down, width, height | shares of the sides |
#
# TFDS writes shares, but top comes first: `[top, left, bottom, right]`. Indexing with `[1, 0, 3, 2]` swaps
# them, and the same list swaps them back. A box has a label, such as a breed: `label_fields` names the lists
# that hold labels, one entry a box.

# %%
SWAP = [1, 0, 3, 2]
moves = [A.HorizontalFlip(p=1), A.Affine(translate_percent={"x": (-0.12, -0.12)}, fill=128, p=1)]
parameters = A.BboxParams(format="albumentations", label_fields=["breeds"])
together = A.Compose(moves, bbox_params=parameters)
result = together(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=["a dog"])
moved_box = result["bboxes"][0, SWAP]
print("box before:", boxes[0].round(2), "after:", moved_box.round(2), result["breeds"])

# %% tags=["hide-input"]
BLUE, ORANGE = "#0072b2", "#e69f00"


def show_dog(axis, picture, picture_mask, title):
    """Show a picture, faded where the mask says background."""
    faded = 255 - (255 - picture.astype(int)) // 3
    inside = picture_mask.reshape(*picture_mask.shape, 1) > 0
    axis.imshow(np.uint8(picture * inside + faded * (1 - inside)))
    axis.set(title=title, xticks=[], yticks=[], frame_on=False)
    axis.grid(False)


def draw_box(axis, picture, box, color, label=""):
    """Draw a box [top, left, bottom, right], given in shares of the sides, on a dark edge."""
    height, width, _ = picture.shape
    top, left, bottom, right = box * np.array([height, width, height, width]) - 0.5
    x, y = [left, right, right, left, left], [top, top, bottom, bottom, top]
    axis.plot(x, y, color="#1b1b1b", linewidth=4)
    axis.plot(x, y, color=color, linewidth=2.2, label=label)


figure, axes = figures.subplots(1, 3, size=(7.5, 3.1))
show_dog(axes[0], image, mask, "before")
show_dog(axes[1], result["image"], mask, "only the image moved")
show_dog(axes[2], result["image"], result["mask"], "all three moved")
draw_box(axes[0], image, boxes[0], ORANGE)
draw_box(axes[1], image, boxes[0], ORANGE)
draw_box(axes[2], image, moved_box, ORANGE)
figures.show(
    figure,
    alt="A dog in an orange box, its background faded by the mask. When only the image moves, box and mask "
    "stay behind and cut through the dog. When all three move, they fit again.",
    kind="jpeg",
)

# %% [markdown]
# In the middle a network learns that background is dog, and nothing crashes. The bar on the right is what
# the shift uncovers: gray because of `fill=128`, black by default, and 0 in the mask.
#
# The mask moves because it is called `mask`. TFDS calls it `segmentation_mask`. What happens to a name that
# Albumentations does not know?

# %%
renamed = A.Compose(moves)(image=image, segmentation_mask=mask)
print("segmentation_mask came back as it was:", np.array_equal(renamed["segmentation_mask"], mask))
try:
    A.Compose(moves, strict=True)(image=image, segmentation_mask=mask)
except ValueError as error:
    print("with strict=True:", error)

# %% [markdown]
# It is handed through, and nothing is said: `strict=True` makes that an error, too. And two separate calls,
# one for the image and one for the mask, would draw twice.
#
# A box that is cut at the edge is kept, however little is left of it, and one that has left the picture is
# dropped. (`BboxParams(…, min_visibility=0.3)` drops a box as soon as less than 30 % of its area is left.)
#
# ## Exercise 1: move everything
#
# Write `move_all`. It takes a list of transforms, an image `[H, W, 3]`, its mask `[H, W]`, its boxes `[N, 4]`
# as TFDS writes them (`[top, left, bottom, right]` in shares of the sides), and a list with the number of the
# breed of each box. It returns the four, moved together, the boxes again as TFDS writes them.
#
# A box that is cut stays, whatever is left of it. One that has left the picture is dropped, and its breed
# goes with it. When no box is left, the boxes are an array of shape `[0, 4]` and the list is empty.
#
# <details><summary>Hint</summary>
#
# One `Compose`, one call. Which names does it have to know, and which of the results go back in the order of
# TFDS?
#
# </details>


# %%
def move_all(transforms, image, mask, boxes, breeds):
    """Apply the transforms to all; returns (image, mask, boxes [M, 4], breeds [M])."""
    # solution begins: Exercise 1: move everything
    of_boxes = A.BboxParams(format="albumentations", label_fields=["breeds"])
    compose = A.Compose(transforms, bbox_params=of_boxes)
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]
    # solution ends


# %%
checks.lesson_04.move_all(move_all)

# %%
my_move_all = checks.yours(move_all, otherwise=checks.lesson_04.the_courses_move_all)

# %% [markdown]
# ### Is it still the box of the dog?
#
# The boxes of the toy dogs are *tight*: they touch the dog on all four sides. Such a box can be made from any
# mask. The *intersection over union* (IoU) compares two boxes: the area that they share, divided by the area
# that at least one of them covers. 1 is a perfect fit, 0 no overlap.


# %%
def tight_box(mask):
    """The smallest box around a mask, [top, left, bottom, right] in shares."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1]) / np.tile(mask.shape, 2)


# %% [markdown]
# **Guess.** How well does the box that Albumentations returns fit a dog that is mirrored, and one that is
# turned by 5, 15 or 30 degrees?

# %%
iou = keras.utils.bounding_boxes.compute_iou
for angle in (None, 5, 15, 30):
    turn = A.Rotate(limit=(angle, angle), p=1) if angle else A.HorizontalFlip(p=1)
    turned = [my_move_all([turn], *dog, breeds=[0]) for dog in dogs]
    returned = np.stack([box for _, _, box, _ in turned])
    tight = np.stack([[tight_box(dog_mask)] for _, dog_mask, _, _ in turned])
    fits = np.array(iou(returned, tight, "yxyx"))  # [120, 1, 1]
    name = f"turned {angle}°" if angle else "mirrored"
    print(f"{name:11} IoU {fits.mean():.2f} on average, {fits.min():.2f} at worst")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 3, size=(8.6, 3.5))
for axis, number in zip(axes, [17, 2, 30], strict=True):
    picture, dog_mask, _, _ = turned[number]
    show_dog(axis, picture, dog_mask, f"30°, IoU {fits[number, 0, 0]:.2f}")
    draw_box(axis, picture, returned[number, 0], ORANGE, "returned")
    draw_box(axis, picture, tight[number, 0], BLUE, "tight")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
figures.show(
    figure,
    alt="Three dogs turned by thirty degrees. The orange box that Albumentations returned is larger than the "
    "blue one, which is tight around the dog.",
    kind="jpeg",
)

# %% [markdown]
# Mirrored boxes are exact. Of turned ones Albumentations turns the four corners and draws a box around them,
# and the dog does not reach into the corners: at 15° the fit is 0.81 on average. Where you have masks, take
# the tight box of the moved mask; where you have boxes only, stay at a few degrees.

# %% [markdown]
# ## Inside `tf.data`
#
# Albumentations wants arrays, and a function in `map` gets none: it is traced once, with stand-ins (lesson
# 02). `tf.numpy_function(function, inputs, dtype)` is the door: for each element TensorFlow calls your
# function with arrays. What comes back has the dtype that you promise and no shape, since TensorFlow cannot
# look inside; `tf.ensure_shape` adds it.

# %%
photos = data.load(course.dataset, "train", image_size=64).map(lambda image, label: image).take(12)
augment = A.Compose([A.HorizontalFlip(p=0.5), A.RandomBrightnessContrast(p=0.5)])


def on_array(image):
    """Augment one NumPy array [H, W, 3]."""
    return augment(image=image)["image"]


through = photos.map(lambda image: tf.numpy_function(on_array, [image], tf.uint8))
print("without:", through.element_spec.shape)
print("with:   ", through.map(lambda image: tf.ensure_shape(image, [64, 64, 3])).element_spec.shape)

# %% [markdown]
# Three traps wait behind the door. **First: floats from 0 to 255**, as `tf.image.resize` makes them, where
# Albumentations takes floats for 0 to 1:

# %%
restart(augment, 5)
floats = photos.map(lambda image: tf.numpy_function(on_array, [tf.cast(image, tf.float32)], tf.float32))
floats = list(floats.as_numpy_iterator())
print("images without a value above 1:", sum(picture.max() <= 1 for picture in floats), "of 12")

# %% tags=["hide-input"]
figures.show(
    figures.pictures(floats, [""] * 12, columns=12, inches=0.8),
    alt="Twelve images after the trap with floats: some look normal, the others are pure black.",
    kind="jpeg",
)

# %% [markdown]
# Mirroring works on any floats, but the brightness clips to 1, and acts on half of the images. The others
# look fine, the loss falls, and nobody notices. So hand it `uint8`, and promise `tf.uint8`: floats then stop
# with an error.
#
# **Second: a whole batch at once.** `images=` takes one, but it means the frames of a film, which must all
# change alike.
#
# **Third: threads.** With `num_parallel_calls` several threads draw from *one* generator, and who comes first
# gets the first number. Below, each image takes its own time to arrive, as from a disk.

# %%
flip = A.Compose([A.HorizontalFlip(p=0.5)], seed=3)
at_once = [flip(images=np.stack([tiny] * 8))["images"] for _ in range(6)]
print("mirrored of 8, images=batch:", [sum(look_of(one) == "mirrored" for one in eight) for eight in at_once])


def arrive_and_flip():
    """Wait for up to 5 ms, then flip."""
    time.sleep(random.random() / 200)
    return flip(image=tiny)["image"]


def flips_in_order(threads):
    """Start anew, and tell what happens to 32 equal images."""
    restart(flip, 4)
    numbers = tf.data.Dataset.range(32)
    flipped = numbers.map(lambda number: tf.numpy_function(arrive_and_flip, [], tf.uint8), threads)
    return [look_of(image) for image in flipped.as_numpy_iterator()]


for threads in (None, 8):
    print(f"threads: {threads}, twice the same flips: {flips_in_order(threads) == flips_in_order(threads)}")

# %% [markdown]
# So the seed has to come **with the images**, as for the `stateless_` functions, and from `restart` to the
# last draw no other thread may touch the `Compose`. A *lock*, `threading.Lock()`, takes care of that: the
# lines inside of `with lock:` run in one thread at a time. That costs some speed, since OpenCV, which does
# most of the work, could run in several.
#
# ## Exercise 2: Albumentations for tf.data
#
# Write `for_tf_data`. It takes a `Compose` and returns a function `augment(images, *, seed)` for `map`, where
# `images` is a batch `uint8` `[B, H, W, 3]` and `seed` holds two whole numbers. What comes back has the same
# dtype and shape. Each image has a draw of its own, the parts of the `Compose` are not coupled, and the same
# seed gives the same batch, also with `num_parallel_calls=8`.
#
# <details><summary>Hint</summary>
#
# Two functions inside of `for_tf_data`: one on arrays, one on tensors, which calls the other through the
# door. What happens once for the `Compose`, what once for a batch, what once for an image? `np.stack` makes
# one array of a list of images.
#
# </details>


# %%
def for_tf_data(compose):
    """A function augment(images, *, seed) that calls the Compose for each image."""
    # solution begins: Exercise 2: Albumentations for tf.data
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
            return np.stack([compose(image=image)["image"] for image in images])

    def augment(images, *, seed):
        changed = tf.numpy_function(on_arrays, [images, seed], tf.uint8)
        return tf.ensure_shape(changed, images.shape)

    return augment
    # solution ends


# %%
checks.lesson_04.for_tf_data(for_tf_data)

# %% [markdown]
# ## Train with it
#
# Your function goes into the pipeline of lesson 01, behind `batch`, with a new seed for each batch.

# %%
my_for_tf_data = checks.yours(for_tf_data, otherwise=checks.lesson_04.the_courses_for_tf_data)
shift = A.Affine(translate_percent=(-0.1, 0.1), rotate=(-10, 10), fill=128, p=0.8)
my_augment = my_for_tf_data(A.Compose([A.HorizontalFlip(p=0.5), shift, A.RandomBrightnessContrast(p=0.5)]))

size, chosen = course.image_size, course.classes
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)
plain = train.cache().shuffle(len(train), seed=4).batch(course.batch_size, drop_remainder=True)
seeds = tf.data.Dataset.random(seed=4, rerandomize_each_iteration=True).batch(2)
augmented = tf.data.Dataset.zip(plain, seeds).map(
    lambda batch, seed: (my_augment(batch[0], seed=seed), batch[1]), num_parallel_calls=tf.data.AUTOTUNE
)
first = next(iter(augmented))[0].numpy()

# %% tags=["hide-input"]
figures.show(
    figures.pictures(first[:10], [""] * 10, columns=10, inches=0.9),
    alt="Ten images of the first batch: some mirrored, most shifted and turned a little with gray corners, "
    "some lighter or darker.",
    kind="jpeg",
)

# %% [markdown]
# Look at them: does every picture still show its breed? The network sees other versions in each epoch.
#
# **Guess.** Two networks start with the same weights and train for six epochs. Which is more often right on
# its *training* images?

# %% tags=["nbval-ignore-output"]
unseen = validation.batch(course.batch_size)
num_classes = len(data.info(course.dataset, chosen).class_names)
for name, batches in {"none": plain, "Albumentations": augmented}.items():
    keras.utils.set_random_seed(4)
    model = models.build(course.model, num_classes=num_classes, image_size=size, weights=course.weights)
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(batches.prefetch(2), validation_data=unseen, epochs=6, shuffle=False, verbose=0)
    accuracy, new = fitted.history["accuracy"][-1], fitted.history["val_accuracy"][-1]
    print(f"{name:15} training {accuracy:.0%}, validation {new:.0%}")

# %% [markdown]
# `none` sees the same images in every epoch and soon knows them by heart; the other network cannot. Which of
# the two is better on new images, one short training each does not tell: lesson 07 asks that properly.

# %% [markdown]
# ## When to take it
#
# Version 2.0.8, of May 2025, is the **last one**: its
# [README](https://github.com/albumentations-team/albumentations) says that the library is no longer
# maintained. It works as long as all is pinned (`requirements.txt`), and the MIT license lets you use it for
# anything. Its successor, [AlbumentationsX](https://github.com/albumentations-team/AlbumentationsX), has
# nearly the same interface and another license: AGPL-3.0, or a paid one. Ask before you install it at work;
# this course does not use it.
#
# So take Albumentations where masks, boxes or key points must move along. For labels of whole images, Keras
# layers (lesson 05) or torchvision (lesson 12) have what you need, and somebody who looks after them.

# %% [markdown]
# ## What you learned
#
# - A transform is called with names and returns a dictionary; `Compose` makes a chain. Write `p`, also for
#   `OneOf`, whose children's `p` are weights.
# - `Compose(seed=…)` couples its parts; with `set_random_state` they share generators.
# - Old lines stop, or go on with defaults: `strict=True` makes errors of both unknown arguments and names.
# - Masks and boxes move along if they have the right names and format. A box that is cut is kept, and a
#   turned box is no longer tight.
# - In `tf.data`: `tf.numpy_function`, `uint8`, the shape, a call for each image, the seed with the images, a
#   lock.
#
# ## Questions
#
# 1. `A.Compose([A.OneOf([A.ToGray(p=0.1), A.HorizontalFlip(p=0.1)])])`: its author wants few changes, one
#    image in ten each. How many are gray?
#
#    <details><summary>Answer</summary>
#
#    One in four. The children's `p` are only weights, half and half; the `p` of `OneOf` is 0.5. For what the
#    author wants, write `A.OneOf([…], p=0.2)`.
#
#    </details>
#
# 2. You train a detector with `A.Rotate(limit=45)` and boxes from Albumentations, and its boxes on new,
#    upright images are too large. Why?
#
#    <details><summary>Answer</summary>
#
#    The boxes of turned images are drawn around the turned corners of the old ones, so they are larger than
#    the objects, and that is what the detector has learned. Make the boxes anew from masks; without masks,
#    turn by a few degrees only.
#
#    </details>
#
# 3. A colleague sets `Compose(seed=1)` and trains with `num_parallel_calls=tf.data.AUTOTUNE`. She says: "my
#    runs are repeatable now." What do you tell her?
#
#    <details><summary>Answer</summary>
#
#    They are not: the threads draw from the same generators, and who comes first changes from run to run. And
#    the seed couples the parts of the `Compose`. A seed that comes with each batch, generators that all parts
#    share and a lock mend both.
#
#    </details>
#
# **Next.** [Lesson 05, Keras layers](05_keras_layers.ipynb), which augment whole batches.
