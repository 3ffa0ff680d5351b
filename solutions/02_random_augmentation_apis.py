# %% [markdown]
# # 02 Random augmentation with `tf.image`
#
# **Goal.** Change images at random with TensorFlow's own functions, know what each does to pixels and
# labels, and join them into one augmentation for training.
#
# **Time.** 50 minutes, exercises included; 5 more with *For the curious*. A good place for a pause is before
# “Which of them keep a dog's label?”.
#
# **You need to know** lesson 01: what a data set of `(image, label)` is, and what `map`, `batch` and
# `cache` do.

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import ipywidgets as widgets
import matplotlib.colors
import numpy as np
import PIL.Image
import PIL.ImageOps
import tensorflow as tf
import tensorflow_datasets as tfds
from toy_dogs import breeds, portrait

import utils.augment
from utils import checks, data, figures, mixing

# %% [markdown]
# ## The map of the field
#
# A network that has seen 60 pictures of a breed has not seen the breed from the left, in the shade or half
# out of the picture. **Augmentation** makes such pictures from those that we have: it changes training
# images at random, each time they are used, and keeps what the label says. The methods fall into five
# families.
#
# | family | what it does | what happens to the label | lessons |
# |---|---|---|---|
# | **pixel level** | changes values in place: brightness, colour | stays, within limits | 02–05, 12 |
# | **spatial level** | moves pixels: mirror, crop, turn | stays; boxes and masks move along | 02–05, 12 |
# | **mixing** | makes one image of two | is mixed in the same shares | 05, 08, 09 |
# | **generative** | a model that has learned a class paints a new image | is what was ordered | – |
# | **learned policies** | a search picks operations and strengths | as with these operations | 05, 06 |
#
# We load a few dogs and make one example of each. `dogs[2][4]` is picture 4 of class 2. (With
# `COURSE_PROFILE=full` the same cells load and change photographs of `stanford_dogs`.)

# %%
class_names = data.info(course.dataset).class_names
dogs = {}
for image, label in data.load(course.dataset, "validation", image_size=72):
    dogs.setdefault(int(label), []).append(image.numpy())
print(f"{len(dogs)} classes; class 2 is {class_names[2]}, with {len(dogs[2])} pictures in this split")

# %% [markdown]
# One helper draws all grids of this lesson: a line of pictures for each row, the original at the left.


# %%
def picture_grid(rows, original=None, captions=None, side=1.3):
    """Return a figure of `rows`, {name: [images]}; `captions`, {name: [texts]}, stand above them."""
    first = 0 if original is None else 1
    columns = first + max(len(images) for images in rows.values())
    size = (side * columns + 0.8, (side + (0.05 if captions is None else 0.3)) * len(rows))
    figure, axes = figures.subplots(len(rows), columns, size=size, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[], frame_on=False)
    if original is not None:
        axes[len(rows) // 2, 0].imshow(original)
        axes[len(rows) // 2, 0].set_title("original", loc="center", fontsize=10)
    for line, (name, images) in zip(axes[:, first:], rows.items(), strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for index, (axis, image) in enumerate(zip(line, images, strict=False)):
            axis.imshow(image)
            if captions is not None:
                axis.set_title(captions[name][index], loc="center", fontsize=9, fontweight="normal")
    return figure


# %% [markdown]
# For mixing, `mixing.cutmix` pastes a box of one dog into another one. For the generative family a drawing
# program stands in, the one behind the toy dogs: it draws a saffrel that has never existed. For photographs
# it is a network (a *generative adversarial network* or a *diffusion model*), and its errors become training
# data.

# %%
pair = tf.stack([dogs[2][4], dogs[8][7]])
labels = tf.one_hot([2, 8], len(class_names))  # a label as a row of shares: 1 at the class, 0 elsewhere
mixed, shares = mixing.cutmix(pair, labels, seed=(0, 5))  # the seed, two whole numbers, fixes the draw
mixed_label = f"{shares[0, 2]:.0%} {class_names[2]}, {shares[0, 8]:.0%} {class_names[8]}"
print(mixed_label)

saffrel = next(breed for breed in breeds.BREEDS if breed.name == "saffrel")
new_dog, _ = portrait.portrait(saffrel, "train", 1002)

# %% [markdown]
# *Posterize* keeps only a few values of each colour **channel** (red, green and blue), *shear* makes a square
# lean.

# %%
photo = PIL.Image.fromarray(dogs[2][4])
posterized = PIL.ImageOps.posterize(photo, 2)  # chosen by hand, no search
families = {
    "original\n": photo,
    "pixel level\nless saturation": tf.image.adjust_saturation(dogs[2][4], 0.3),
    "spatial level\na turn of 15°": photo.rotate(15, resample=PIL.Image.Resampling.BILINEAR),
    f"mixing: CutMix\n{mixed_label}": mixed[0],
    "generative\na newly drawn dog": PIL.ImageOps.fit(PIL.Image.fromarray(new_dog), photo.size),
    "policy (chosen by hand)\nposterize, then shear": posterized.transform(
        photo.size, PIL.Image.Transform.AFFINE, (1, 0.3, -12, 0, 1, 0)
    ),
}
figures.show(
    picture_grid({"": list(families.values())}, captions={"": list(families)}, side=1.75),
    alt="A golden fox-faced dog and five versions of it: paler, turned, with a box of another "
    "dog pasted in, another golden dog, and one with few colours that leans to the side.",
    kind="jpeg",
)

# %% [markdown]
# ## The one rule: keep the meaning
#
# An augmented image must still mean what its label says. No library can check this: **the domain decides**.

# %%
figure, axes = figures.subplots(1, 4, size=(7.2, 2.1))
for axis, turn in zip(axes, (0, 180), strict=False):
    axis.text(
        0.5, 0.5, "6", size=80, ha="center", va="center_baseline", rotation=turn, rotation_mode="anchor"
    )
    axis.set_box_aspect(1)
axes[2].imshow(dogs[0][8])
axes[3].imshow(dogs[0][8][:, ::-1])
titles = ["a six", "turned: a nine", class_names[0], f"mirrored: still {class_names[0]}"]
for axis, title in zip(axes, titles, strict=True):
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.set_title(title, loc="center", fontsize=10)
figures.show(
    figure,
    alt="A six, the same six turned by half a turn, which is a nine; a dog, and the same dog mirrored.",
    kind="jpeg",
)

# %% [markdown]
# - **Digits:** half a turn makes a 9 of a 6. The label is wrong now.
# - **Chest X-rays:** the heart lies mostly on the left of the body. Mirrored it lies on the right, and that
#   is a condition of its own (*dextrocardia*).
# - **Dogs:** a mirrored dog is as good a dog as before.
#
# The same operation is right in one domain and wrong in another. So there are two questions for each
# operation of this lesson: what does it do to the pixels, and does the label survive?
#
# ## The eight operations
#
# TensorFlow has eight functions `tf.image.random_…`. Each draws a strength from a range that you give, and
# applies it. We look at each at three ranges, four draws each. The first argument is always the image.
#
# Above each picture stands what was drawn (`show_draws` throws the same dice again to find out). The four
# columns of a grid show the same four throws, at a growing strength.


# %%
def show_draws(image, operation, ranges, alt, number="{:+.2f}", seeds=(18, 19, 20, 21)):
    """Show `operation(image, low, high)` for each range, {name: (low, high)}, under the drawn numbers."""
    rows, captions = {}, {}
    for name, (low, high) in ranges.items():
        rows[name], captions[name] = [], []
        for seed in seeds:
            tf.random.set_seed(seed)
            rows[name].append(operation(image, low, high))
            tf.random.set_seed(seed)
            draw = tf.random.uniform([], low, high, tf.int32 if isinstance(low, int) else tf.float32)
            captions[name].append(number.format(draw.numpy()))
    figures.show(picture_grid(rows, original=image, captions=captions), alt, kind="jpeg")


# %% [markdown]
# ### Brightness
#
# `random_brightness(image, max_delta)` adds one number to all pixels, drawn between `-max_delta` and
# `max_delta`. It is a share of the range: 0.3 means up to 30 % of the way from black to white.

# %%
show_draws(
    dogs[0][3],
    lambda image, low, high: tf.image.random_brightness(image, max_delta=high),
    {"weak\n±0.1": (-0.1, 0.1), "medium\n±0.3": (-0.3, 0.3), "strong\n±0.6": (-0.6, 0.6)},
    alt="A grey-capped dog, twelve times: hardly changed in the first row, clearly darker or "
    "lighter in the second, nearly black or nearly white in the third, but for one draw.",
)

# %% [markdown]
# A strength is a **range**, so a strong setting has weak draws, too: look at the second draw.
#
# ### Contrast
#
# `random_contrast(image, lower, upper)` draws a factor and moves every value away from the mean of its
# channel (factor above 1) or towards it (below 1). A factor of 1 changes nothing.

# %%
show_draws(
    dogs[9][5],
    tf.image.random_contrast,
    {"weak\n0.8–1.2": (0.8, 1.2), "medium\n0.5–1.6": (0.5, 1.6), "strong\n0.1–3": (0.1, 3.0)},
    number="×{:.2f}",
    alt="A black, white and tan dog, twelve times: from hardly changed to harsh colours, and in the "
    "last picture to a flat one in which the dog is only just seen.",
)

# %% [markdown]
# ### Saturation
#
# `random_saturation(image, lower, upper)` draws a factor for how colourful the image is: 0 gives grey, 1
# changes nothing, more makes colours stronger until nothing is left to add.

# %%
show_draws(
    dogs[8][7],
    tf.image.random_saturation,
    {"weak\n0.8–1.2": (0.8, 1.2), "medium\n0.4–1.8": (0.4, 1.8), "strong\n0–4": (0.0, 4.0)},
    number="×{:.2f}",
    alt="A black, white and tan dog under a blue sky, twelve times: from hardly changed to "
    "poster colours, and in the last picture to grey.",
)

# %% [markdown]
# ### Hue
#
# `random_hue(image, max_delta)` turns the colour circle: red becomes orange, then yellow, green, blue, and
# red again. A delta of 1 is the whole circle, 360 degrees; `max_delta` may be 0.5 at most.

# %%
show_draws(
    dogs[2][4],
    lambda image, low, high: tf.image.random_hue(image, max_delta=high),
    {"weak\n±0.02": (-0.02, 0.02), "medium\n±0.08": (-0.08, 0.08), "strong\n±0.5": (-0.5, 0.5)},
    alt="A golden dog, twelve times: hardly changed, then reddish or greenish, then green or blue, but "
    "for one draw.",
)

# %% [markdown]
# ±0.02 are 7 degrees up or down, and the eye just notices them. At ±0.5 any colour may come: no dog in the
# data looks like that.
#
# ### JPEG quality
#
# `random_jpeg_quality(image, min_jpeg_quality, max_jpeg_quality)` saves the image as JPEG at a drawn
# quality between 0 and 100 and reads it back. It imitates pictures that were sent around and saved again
# and again.

# %%
show_draws(
    dogs[4][3],
    tf.image.random_jpeg_quality,
    {"weak\n70–100": (70, 100), "medium\n20–50": (20, 50), "strong\n1–15": (1, 15)},
    number="{}",
    seeds=(17, 18, 19, 20),
    alt="A spotted white dog, twelve times: unchanged to the eye, then with faint blocks, then "
    "with coarse blocks and wrong colours in which the spots drown.",
)

# %% [markdown]
# ### Crop
#
# `random_crop(image, size)` cuts a piece of that size from a random place. Here the strength is the size:
# the side of the piece is 90 %, 70 % or 50 % of the image's side. A crop gives a smaller image; for
# training it is scaled back.


# %%
def crop(image, share):
    """Cut a random piece with `share` of the height and width."""
    height, width, channels = image.shape
    return tf.image.random_crop(image, [round(share * height), round(share * width), channels])


sides = {"weak\n90 %": 0.9, "medium\n70 %": 0.7, "strong\n50 %": 0.5}
figures.show(
    picture_grid(
        {name: [crop(dogs[3][8], share) for _ in range(4)] for name, share in sides.items()},
        original=dogs[3][8],
    ),
    alt="A fox-faced dog, twelve times: nearly whole, then often without an ear or the chest, then "
    "only parts: half a face, an ear, some background.",
    kind="jpeg",
)

# %% [markdown]
# ### Flips: left–right and up–down
#
# `random_flip_left_right(image)` and `random_flip_up_down(image)` mirror half of all images. There is
# nothing in between, so a flip has no strength.

# %%
flips = {}
for place, dog in {"first dog": dogs[0][8], "second dog": dogs[11][1]}.items():
    flips[f"{place},\nleft–right"] = [dog] + [tf.image.random_flip_left_right(dog) for _ in range(5)]
    flips[f"{place},\nup–down"] = [dog] + [tf.image.random_flip_up_down(dog) for _ in range(5)]
captions = {name: ["original", "", "", "", "", ""] for name in flips}
figures.show(
    picture_grid(flips, captions=captions),
    alt="Two dogs, each with five draws of both flips. Left–right, some look to the other side and all "
    "look natural; up–down, most hang upside down from the top of the picture.",
    kind="jpeg",
)

# %% [markdown]
# ## Draws that can be repeated: the `stateless_` twins
#
# `random_brightness` takes its draw from a **hidden state**: a generator inside TensorFlow that moves on
# with every call. Its argument `seed` (a number that draws are computed from) fixes only where the sequence
# starts. So the same call gives another image each time:

# %%
image = dogs[0][3]
first = tf.image.random_brightness(image, 0.3, seed=7)
second = tf.image.random_brightness(image, 0.3, seed=7)
print("random_brightness, same seed twice, same image:", np.array_equal(first, second))

# %% [markdown]
# Inside `map` the same seed does something else, and worse: there the sequence starts over in every epoch, so
# all epochs draw the same. `tf.random.set_seed` does it, too. An augmentation with such a seed is as frozen
# as one before the cache (lesson 01).

# %%
four = tf.data.Dataset.range(4)
tf.random.set_seed(None)  # no seed for the whole program (`show_draws` has set one)
free = four.map(lambda _: tf.random.uniform([]))
seeded = four.map(lambda _: tf.random.uniform([], seed=7))
tf.random.set_seed(1)  # for the whole program; keras.utils.set_random_seed(1) calls it, too
globally = four.map(lambda _: tf.random.uniform([]))
tf.random.set_seed(None)

for name, dataset in {"no seed": free, "seed=7": seeded, "global seed": globally}.items():
    draws = {tuple(float(number) for number in dataset) for _ in range(3)}
    print(f"{name:11}  different series of random numbers in 3 epochs: {len(draws)}")

# %% [markdown]
# So you get new draws in each epoch, or results that can be repeated, but not both.
#
# Each of the eight has a twin, `tf.image.stateless_random_…`, which has no hidden state. All it needs comes
# in through its arguments, among them a seed of **two whole numbers**. The same seed gives the same image:
# today, tomorrow, in a data pipeline with many threads, whatever was drawn before.

# %%
first = tf.image.stateless_random_brightness(image, 0.3, seed=(7, 0))
second = tf.image.stateless_random_brightness(image, 0.3, seed=(7, 0))
other = tf.image.stateless_random_brightness(image, 0.3, seed=(7, 1))
print("stateless_random_brightness, same seed twice, same image:", np.array_equal(first, second))
print("stateless_random_brightness, another seed, same image:", np.array_equal(first, other))

# %% [markdown]
# The price: **you** have to bring a new seed each time, or every image gets the same change. And when one
# image goes through several operations, each needs a seed of its own: two functions draw **the same
# number** from the same seed, and one of them mirrors when it is below 0.5, while the other makes a dark
# image of a low number. `tf.random.split` makes several independent seeds of one. Six draws of a flip, then
# a brightness, in both ways:


# %%
def flip_and_brightness(image, flip_seed, brightness_seed):
    """Mirror the image or not, then change its brightness."""
    image = tf.image.stateless_random_flip_left_right(image, flip_seed)
    return tf.image.stateless_random_brightness(image, 0.4, brightness_seed)


rows = {"one seed\nfor both": [], "a seed\nfor each": []}
for number in range(6):
    seed = (7, number)
    rows["one seed\nfor both"].append(flip_and_brightness(dogs[0][8], seed, seed))
    split = tf.unstack(tf.random.split(seed, 2))
    rows["a seed\nfor each"].append(flip_and_brightness(dogs[0][8], *split))
figures.show(
    picture_grid(rows, original=dogs[0][8]),
    alt="Above six draws with one seed for both: the dogs that look to the other side are the dark "
    "ones. Below six draws with a seed for each: mirrored dogs are dark or bright.",
    kind="jpeg",
)

# %% [markdown]
# In the upper row every mirrored dog is a dark one, and no other dog is: half of what could have been seen
# never comes.

# %% [markdown]
# ### Not with Python's or NumPy's dice
#
# `map` does not call your Python function for every image. It calls it **once**, with a stand-in for the
# image, writes down the TensorFlow operations, and runs these for every image. This is called *tracing*.
# What Python or NumPy draws is drawn while tracing: one number for all images of all epochs.

# %%
random_numbers = np.random.default_rng(0)
pixels = tf.data.Dataset.from_tensor_slices(tf.fill([4, 1], 100.0))  # four images of one grey pixel
numpy_draw = pixels.map(lambda pixel: pixel + random_numbers.uniform(-30, 30))
for epoch in (1, 2):
    print(f"epoch {epoch}:", [round(float(pixel[0]), 1) for pixel in numpy_draw])

# %% [markdown]
# Four images, two epochs, one draw. There is no error and no warning: you train on a filter and think you
# augment. With stateless operations and a data set of fresh seeds, each draw is new:

# %%
seeds = tf.data.Dataset.random(seed=0, rerandomize_each_iteration=True).batch(2)
stateless_draw = tf.data.Dataset.zip(pixels, seeds).map(
    lambda pixel, seed: pixel + tf.random.stateless_uniform([1], seed, -30, 30)
)
values = [float(pixel[0]) for epoch in (1, 2) for pixel in stateless_draw]
print("different values in two epochs of four images:", len(set(values)))

# %% [markdown]
# `Dataset.random` gives whole numbers without end, `batch(2)` makes seeds of them, and
# `rerandomize_each_iteration` gives other ones in each epoch.
#
# ## Ranges, clipping and dtype
#
# `tf.image` looks at the dtype (the type of the numbers): it takes whole numbers (`uint8`) for 0 to 255, and
# **any float for one from 0 to 1** (lesson 01). Here are the five pixel-level operations, each on the same
# image as `uint8` and as floats that still reach to 255. The third column says how far the results are apart,
# in grey levels:

# %%
whole_image, float_image = tf.constant(image), tf.cast(image, tf.float32)
seed = (3, 4)
pixel_level = {
    "brightness": lambda image: tf.image.stateless_random_brightness(image, 0.4, seed),
    "contrast": lambda image: tf.image.stateless_random_contrast(image, 1.5, 2.0, seed),
    "saturation": lambda image: tf.image.stateless_random_saturation(image, 1.5, 2.0, seed),
    "hue": lambda image: tf.image.stateless_random_hue(image, 0.2, seed),
    "JPEG quality": lambda image: tf.image.stateless_random_jpeg_quality(image, 20, 50, seed),
}
print(f"{'':<14}{'uint8':>12}{'float 0–255':>14}{'mean difference':>18}")
for name, operation in pixel_level.items():
    whole, floats = (np.asarray(operation(form), np.float32) for form in (whole_image, float_image))
    ranges = [f"{values.min():.0f} to {values.max():.0f}" for values in (whole, floats)]
    print(f"{name:<14}{ranges[0]:>12}{ranges[1]:>14}{np.abs(whole - floats).mean():>18.0f}")

# %% [markdown]
# On floats from 0 to 255
#
# - **brightness** does nothing that can be seen;
# - **contrast** acts, but leaves the range on both sides;
# - **saturation** and **hue** work: they only compare the channels with each other, and the scale does not
#   matter to them;
# - **JPEG quality** returns a white image: for it everything above 1 is white.
#
# Whole numbers are **clipped**: what would be over 255 stays at 255. Floats are not; neither is what you
# add to bytes yourself, and not even a cast does it reliably (see *For the curious*). So when you change
# pixels by hand: add in floats, clip to 0–255, round, and only then cast to `uint8`.
#
# The rule of this course: **images stay `uint8` until the model**, whose first layer rescales them.
#
# ## One draw for the batch, or one per image?
#
# Pipelines usually augment whole batches. Does each image of a batch get a draw of its own? We hand each
# operation a batch of eight equal images and count how many different ones come out. (JPEG quality takes
# single images only.)

# %%
batch = tf.stack([image] * 8)
on_a_batch = {
    "brightness": pixel_level["brightness"],
    "contrast": pixel_level["contrast"],
    "saturation": pixel_level["saturation"],
    "hue": pixel_level["hue"],
    "crop": lambda images: tf.image.stateless_random_crop(images, [8, 50, 50, 3], seed),
    "flip left–right": lambda images: tf.image.stateless_random_flip_left_right(images, seed),
    "flip up–down": lambda images: tf.image.stateless_random_flip_up_down(images, seed),
}


def count_different(images):
    """Count the different images in a batch."""
    return len({image.tobytes() for image in np.asarray(images)})


for name, operation in on_a_batch.items():
    print(f"{name:<16} {count_different(operation(batch))} different of 8")

# %% [markdown]
# The flips draw for each image (and can give only two different ones). All others draw **once for the
# batch**: a whole batch is dark, the next one bright. The model then sees as many variations as there are
# batches, not as there are images.
#
# There are two ways out. One is to call the operation for each image with a seed of its own. `tf.map_fn`
# does this inside TensorFlow; `fn_output_signature` tells it the dtype of the results.


# %%
def on_each_image(change, images, seed):
    """Return the batch with each image changed by `change(image, seed)`, with a seed of its own."""
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(lambda pair: change(*pair), (images, seeds), fn_output_signature=images.dtype)


brighter = on_each_image(
    lambda image, seed: tf.image.stateless_random_brightness(image, 0.4, seed), batch, (3, 4)
)
print(count_different(brighter), "different of 8")

# %% [markdown]
# The other way is arithmetic on the whole batch with one number **per image**. It is the subject of the
# first exercise.
#
# ## Exercise 1: brightness with a draw for each image
#
# Write `brighten`. It gets a batch of `uint8` images, `[B, H, W, 3]` (B images of height H and width W, 3
# channels), and adds one number to each image, the same for all of its pixels. The number is drawn for each
# image, evenly between `-max_delta` and `max_delta`, where 1 is the whole range from 0 to 255. The result
# is clipped and is `uint8` again.
#
# `tf.random.stateless_uniform(shape, seed, minval, maxval)` draws floats. Numbers of shape `[B, 1, 1, 1]`
# are added to the images one by one: where a side is 1, the one value is used all along.
#
# <details><summary>Hint</summary>
#
# Four steps: draw the numbers, in grey levels, with `tf.shape(images)[0]` as the number of images. Cast the
# images to `tf.float32` and add. Clip to 0 to 255 with `tf.clip_by_value`. Round, and cast to `tf.uint8`.
#
# </details>


# %%
def brighten(images, max_delta, *, seed):
    """Add to each image a number of its own; uint8 `[B, H, W, 3]` in and out."""
    # solution begins: Exercise 1: brightness with a draw for each image
    count = tf.shape(images)[0]
    deltas = 255 * tf.random.stateless_uniform([count, 1, 1, 1], seed, -max_delta, max_delta)
    brighter = tf.clip_by_value(tf.cast(images, tf.float32) + deltas, 0, 255)
    return tf.cast(tf.round(brighter), tf.uint8)
    # solution ends


# %%
checks.lesson_02.brighten(brighten)

# %% [markdown]
# ## Which of them keep a dog's label?
#
# Three ways to find out, from cheap to costly:
#
# 1. **Ask** somebody who knows the domain. `data/toy_dogs/README.md` says what tells the breeds apart. On
#    photographs ask a vet, a doctor, a botanist.
# 2. **Look** at strong draws, next to pictures of *other* classes. Could this be one of those?
# 3. **Measure** the trait that the label depends on, before and after.
#
# ### Flips: ask and measure
#
# The README says that mirroring keeps the label: what is lopsided is as often on the left as on the right.
# About upside-down dogs it says that they keep their label, too, but never occur. We can measure that. The
# data set has a mask for each image: 1 where the dog is. Where does a dog leave the picture?

# %%
masked, info = tfds.load("toy_dogs", split="validation", data_dir=data.directory(), with_info=True)
masked = list(masked.as_numpy_iterator())
bottom = sum(bool(dog["segmentation_mask"][-1].any()) for dog in masked)
top = sum(bool(dog["segmentation_mask"][0].any()) for dog in masked)
print(f"of {len(masked)} dogs, {bottom} reach the bottom edge and {top} the top edge")

# %% [markdown]
# These are portraits: the body comes in from below. A network that trains on upside-down dogs spends effort
# on what it is never asked. So: **left–right yes, up–down no**. For pictures from a microscope or a
# satellite, which have no up, it would be yes to both.
#
# ### Crop: what is lost
#
# A crop may cut off the ears, and the ears tell breeds apart: a crop of 90 % of the side takes little, one
# of 80 % costs many dogs a part of them (counted in *For the curious*). Some of this is worth it, since a
# network should not depend on one sign alone.
#
# ### Hue: look, then measure
#
# `saffrel` (gold) and `paprikin` (red) are built alike. The README gives hues of 33–40° and 15–22° for
# their coats. What does a turn of the colour circle by 18° do to a saffrel?


# %%
def middle(array):
    """Return the largest square in the middle of an image or a mask."""
    height, width = array.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return array[top : top + side, left : left + side]


breed_names = info.features["label"].names
toys = {"saffrel": [], "paprikin": []}  # (image, mask) of each dog
for dog in masked:
    if breed_names[dog["label"]] in toys:
        toys[breed_names[dog["label"]]].append((middle(dog["image"]), middle(dog["segmentation_mask"])))

# %%
some = {name: [image for image, _ in toys[name][:5]] for name in toys}
turned = [tf.image.adjust_hue(image, -18 / 360) for image in some["saffrel"]]
figures.show(
    picture_grid(
        {"saffrel": some["saffrel"], "saffrel,\nturned by −18°": turned, "paprikin": some["paprikin"]}
    ),
    alt="Five golden saffrel dogs; below the same five with red coats; below five paprikin dogs "
    "with coats of the same red.",
    kind="jpeg",
)

# %% [markdown]
# Who sees only the second row calls them paprikin, and the label says saffrel: a wrong label, made by us.
#
# Now the measurement. The hue of a coat is the *median* (the middle one, when they are sorted) of the hues
# of all colourful pixels of the dog:


# %%
def coat_hue(image, mask):
    """The median hue, in degrees, of the dog's pixels that have a colour; NaN where none has."""
    pixels = np.asarray(image)[mask[..., 0] > 0] / 255
    hue, saturation, _ = matplotlib.colors.rgb_to_hsv(pixels).T
    colourful = saturation > 0.45
    return 360 * np.median(hue[colourful]) if colourful.any() else np.nan


hues = {name: np.array([coat_hue(*dog) for dog in toys[name]]) for name in toys}
for name, values in hues.items():
    print(f"{name}: {values.min():.0f}° to {values.max():.0f}°, mean {values.mean():.0f}°")

# %% [markdown]
# There is a gap between the two. We make a **judge** of it: the breed whose mean hue is nearer, or
# "neither" when both are more than 12° away.

# %%
means = {name: values.mean() for name, values in hues.items()}


def judged(image, mask):
    """What the judge says: the breed of the pair whose mean coat hue is nearest, or "neither"."""
    hue = coat_hue(image, mask)
    distances = {name: abs((hue - mean + 180) % 360 - 180) for name, mean in means.items()}
    nearest = min(distances, key=distances.get)
    return nearest if distances[nearest] <= 12 else "neither"


verdicts = [(name, judged(*dog)) for name in toys for dog in toys[name]]
print(sum(name == verdict for name, verdict in verdicts), "of", len(verdicts), "judged right")

# %% [markdown]
# A judge that knows all of the unchanged dogs can tell us what an operation does to them. We try the five
# pixel-level operations, each with a strength from 0 (nothing) to 1 (very strong). Strength 1 is brightness
# ±0.6, contrast 0.1–3, saturation 0–4, hue ±0.5 and JPEG quality 1–15; below it the ranges shrink. The
# explorer below uses the same list.

# %%
RANGES = {  # the two ends for a strength; 0.001 more, since the upper end has to be above the lower one
    "brightness": lambda strength: (-0.6 * strength, 0.6 * strength),
    "contrast": lambda strength: (1 - 0.9 * strength, 1.001 + 2 * strength),
    "saturation": lambda strength: (1 - strength, 1.001 + 3 * strength),
    "hue": lambda strength: (-0.5 * strength, 0.5 * strength),
    "JPEG quality": lambda strength: (98 - int(97 * strength), 100 - int(85 * strength)),
}
OPERATIONS = {
    "brightness": lambda image, low, high, seed: tf.image.stateless_random_brightness(image, high, seed),
    "contrast": tf.image.stateless_random_contrast,
    "saturation": tf.image.stateless_random_saturation,
    "hue": lambda image, low, high, seed: tf.image.stateless_random_hue(image, high, seed),
    "JPEG quality": tf.image.stateless_random_jpeg_quality,
}


def kept(operation, strength):
    """Count the dogs of the pair that the judge still takes for their breed, after one draw for each."""
    count = 0
    for name in toys:
        for number, (image, mask) in enumerate(toys[name]):
            changed = OPERATIONS[operation](image, *RANGES[operation](strength), (number, 0))
            count += judged(changed, mask) == name
    return count


# %%
strengths = (0.02, 0.05, 0.1, 0.2, 0.5, 1)
print("dogs of 50 that keep their breed")
print(f"{'strength':<14}" + "".join(f"{strength:>6}" for strength in strengths))
for operation in OPERATIONS:
    print(f"{operation:<14}" + "".join(f"{kept(operation, strength):>6}" for strength in strengths))

# %% [markdown]
# Hue stands out. At strength 0.02 (hue ±0.01, up to 4 degrees) all dogs keep their breed, at 0.1 (hue
# ±0.05, up to 18 degrees) 16 of 50. Brightness, contrast, saturation and JPEG quality keep all dogs up to 0.2
# and nearly all up to 0.5; at 1 they cost some, where colours are cut off at the ends or turn grey.
#
# Mind what such a judge can say. When it **changes its mind**, the sign that it looks at is gone or wrong.
# When it does not, this sign is intact, and others may be lost: this judge sees neither ears nor eyes, and
# most of the smeared pictures at JPEG quality 1 to 15 pass.
#
# ### What we have found
#
# | operation | keeps a dog's label? | a sensible range to start from |
# |---|---|---|
# | flip left–right | yes | half of the images |
# | flip up–down | yes, but nobody asks for it | leave it out |
# | brightness | yes, while something can be seen | ±0.2 |
# | contrast | yes, while something can be seen | 0.7–1.3 |
# | saturation | while it does not go to grey | 0.7–1.3 |
# | hue | no, where colour tells classes apart | leave it out, or ±0.01 (all 50 kept) |
# | crop | while the signs stay in the picture | 90 % of the side or more |
# | JPEG quality | yes, while something can be seen | 50–100, if test images are JPEGs |
#
# Whether they *help* is another question, which only training can answer (lessons 07 and 14). There, crops
# far stronger than ours (90 % of the side is 81 % of the area) turn out to pay.
#
# ## The explorer
#
# Play with it: which breed, which operation, how strong, and other draws. At the left stands the range that
# a strength means, above each picture what the judge says. How strong may the hue be before the judge first
# changes its mind? What deceives the judge besides the hue? (The answers stand in *For the curious*.)


# %%
def range_in_words(operation, strength):
    """The operation and the two ends of its range, for the side of a row."""
    low, high = RANGES[operation](strength)
    ends = f"{low} to {high}" if operation == "JPEG quality" else f"{low:.2f} to {high:.2f}"
    return f"{operation}\n{ends}" + (f"\n(±{360 * high:.0f}°)" if operation == "hue" else "")


def explored(breed, operation, strengths, draws):
    """Return a figure with five draws for each strength, under the judge's words."""
    image, mask = toys[breed][4]
    rows, words = {}, {}
    for strength in strengths:
        ends, name = RANGES[operation](strength), range_in_words(operation, strength)
        rows[name] = [OPERATIONS[operation](image, *ends, (draws, number)) for number in range(5)]
        words[name] = [judged(changed, mask) for changed in rows[name]]
    return picture_grid(rows, original=image, captions=words)


# %%
breed_menu = widgets.Dropdown(options=list(toys), value="paprikin", description="breed")
operation_menu = widgets.Dropdown(options=list(OPERATIONS), value="hue", description="operation")
strength_slider = widgets.FloatSlider(value=0.05, min=0, max=1, step=0.01, description="strength")
draws_slider = widgets.IntSlider(value=0, min=0, max=20, description="draws")
controls = [breed_menu, operation_menu, strength_slider, draws_slider]
picture = widgets.HTML()

# %% [markdown]
# Whenever a control moves, `redraw` puts a new figure into the picture.


# %% tags=["nbval-ignore-output"]
def redraw(change=None):
    """Draw the figure for the present position of the controls."""
    breed, operation, strength = breed_menu.value, operation_menu.value, strength_slider.value
    figure = explored(breed, operation, [strength], draws_slider.value)
    alt = f"A {breed}, and five draws of {operation} at strength {strength:.2f}."
    picture.value = figures.as_html(figure, alt, kind="png")


for control in controls:
    control.observe(redraw, names="value")
redraw()
widgets.VBox([*controls, picture])

# %% [markdown]
# For readers without a running notebook, three positions of the strength, 0.02, 0.1 and 0.4, with five
# draws each:

# %%
figures.show(
    explored("paprikin", "hue", [0.02, 0.1, 0.4], draws=0),
    alt="The explorer at three strengths of the hue, five draws of a red paprikin each, under the words "
    "of the judge: at 0.02 hardly changed, at 0.1 further from red, at 0.4 in quite other colours.",
    kind="jpeg",
)

# %% [markdown]
# ## Exercise 2: one augmentation for training
#
# All augmentations of this course keep one contract, so that each fits everywhere:
#
# > `augment(images, *, seed) -> images`: a batch `[B, H, W, 3]` and a seed in; a batch of the same shape
# > and dtype out; every image drawn on its own; the same seed gives the same result.
#
# Write `augment` for dogs: mirror left–right, change brightness by up to ±0.2, and saturation by a factor
# between 0.7 and 1.3. Use the stateless functions, and `on_each_image` from above.
#
# <details><summary>Hint</summary>
#
# Write a function `change(image, seed)` inside, and return `on_each_image(change, images, seed)`. Three
# draws in a row with the same seed depend on each other: every mirrored dog would be a dark one.
# `tf.random.split(seed, 3)` gives three seeds; take them apart with `tf.unstack`.
#
# </details>


# %%
def augment(images, *, seed):
    """Mirror, brightness and saturation, drawn for each image; same shape and dtype out."""
    # solution begins: Exercise 2: one augmentation for training

    def change(image, seed):
        flip_seed, brightness_seed, saturation_seed = tf.unstack(tf.random.split(seed, 3))
        image = tf.image.stateless_random_flip_left_right(image, flip_seed)
        image = tf.image.stateless_random_brightness(image, 0.2, brightness_seed)
        return tf.image.stateless_random_saturation(image, 0.7, 1.3, saturation_seed)

    return on_each_image(change, images, seed)
    # solution ends


# %%
checks.lesson_02.augment(augment)

# %% [markdown]
# The check uses `checks.check_augmentation`, which you can hand any augmentation, also one from a library.
# Here it reads a version that forgets to draw for each image, and we print what failed (`print(report)`
# shows all):


# %%
def one_draw(images, *, seed):
    """Brightness with one draw for the whole batch."""
    return tf.image.stateless_random_brightness(images, 0.2, seed)


report = checks.check_augmentation(one_draw)
for name in report.failed:
    print(f"{name}: {report[name].evidence}")
print(report.verdict)

# %% [markdown]
# ## Keep it away from evaluation data
#
# We augment training images so that the network meets more variation. **Validation and test images stay as
# they are**: they stand for the pictures that the model will meet, and two models can be compared only on
# the same pictures. An augmented test set gives another accuracy at every run.
#
# Lesson 01's function, with a fresh seed for each batch in each epoch. The augmentation takes whole
# batches, so it stands behind `batch`:


# %%
def make_batches(dataset, augmentation, *, batch_size, training, seed=0):
    """Batches (images, labels); only training data are shuffled and augmented, anew in each epoch."""
    if not training:
        return dataset.batch(batch_size)
    batches = dataset.cache().shuffle(len(dataset), seed=seed).batch(batch_size)
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    augmented = tf.data.Dataset.zip(batches, seeds).map(
        lambda batch, seed: (augmentation(batch[0], seed=seed), batch[1]),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return augmented.prefetch(tf.data.AUTOTUNE)


# %% [markdown]
# We try it with `utils.augment.basic`: mirror, small shifts, brightness, contrast and saturation, no hue.
# With one image of each class we can follow a dog through the epochs by its label.

# %%
# `shots=1` takes one image of each class.
splits = {name: data.load(course.dataset, name, image_size=72, shots=1) for name in ("train", "validation")}
training = make_batches(splits["train"], utils.augment.basic, batch_size=4, training=True)
evaluation = make_batches(splits["validation"], utils.augment.basic, batch_size=4, training=False)


def one_epoch(batches):
    """Return {class: image} after one pass over the data."""
    return {int(label): image.numpy() for pair in batches for image, label in zip(*pair, strict=True)}


stored = {name: {int(label): image.numpy() for image, label in split} for name, split in splits.items()}
epochs = {
    "train": [one_epoch(training) for _ in range(4)],
    "validation": [one_epoch(evaluation) for _ in range(4)],
}
for name, passes in epochs.items():
    same = [sum(np.array_equal(seen[label], stored[name][label]) for label in seen) for seen in passes]
    print(f"{name}: images as they are stored, in four epochs: {same} of {len(class_names)}")

# %%
rows = {
    f"{name},\n{class_names[label]}": [stored[name][label], *(seen[label] for seen in epochs[name])]
    for name, label in [("train", 0), ("train", 6), ("train", 10), ("validation", 6)]
}
captions = {name: ["as stored", "epoch 1", "epoch 2", "epoch 3", "epoch 4"] for name in rows}
figures.show(
    picture_grid(rows, captions=captions),
    alt="Three training dogs, each as stored and in four epochs: mirrored or not, shifted, darker or "
    "lighter, never the same twice. Below a validation dog, the same in all epochs.",
    kind="jpeg",
)

# %% [markdown]
# Each training dog comes as another picture in each epoch. The evaluation dog stays what it is.
#
# In the rest of the course `pipeline.training_batches` and `pipeline.evaluation_batches` do this (and make
# the labels one-hot). The second one has no parameter for an augmentation, so nobody can pass one by
# mistake.

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### What is clipped, and what is not
#
# One operation without a draw, `adjust_brightness`, on three forms of the same image:

# %%
forms = {"uint8 0–255": whole_image, "float 0–1": float_image / 255, "float 0–255": float_image}
for name, values in forms.items():
    after = tf.image.adjust_brightness(values, 0.5)
    before, after = (f"{np.min(pixels):.2f} to {np.max(pixels):.2f}" for pixels in (values, after))
    print(f"{name:<12}  before: {before:<16}  after +0.5: {after}")

# %% [markdown]
# - `uint8`: half the range is added, and the result is clipped.
# - float 0–1: the same is added, but nothing clips. Values above 1 come out; clip them with
#   `tf.clip_by_value(image, 0, 1)`.
# - float 0–255: half a **grey level** is added. Nothing can be seen, and no error says so.
#
# Whole numbers are clipped by `tf.image`, not by arithmetic. Bytes that you add yourself wrap around: white
# becomes dark.

# %%
print("200 + 100 as uint8:", int(tf.constant(200, tf.uint8) + tf.constant(100, tf.uint8)))
print(
    "200, adjust_brightness(100 / 255):",
    int(tf.image.adjust_brightness(tf.constant([[[200]]], tf.uint8), 100 / 255)[0, 0, 0]),
)

# %% [markdown]
# A cast does not clip reliably either. What becomes of 300.0 differs from machine to machine, and from place
# to place in one tensor:

# %% tags=["nbval-ignore-output"]
print(tf.cast(tf.fill([20], 300.0), tf.uint8).numpy())

# %% [markdown]
# ### What a crop takes off the ears
#
# In every pair of breeds the length of the ears is one of the signs. Four breeds have upright ears: they fill
# the top fifth of the dog. How often does a random crop keep this part whole?


# %%
def ears_of(mask):
    """The mask of the top fifth of a dog."""
    rows = np.flatnonzero(mask.any(axis=(1, 2)))  # those with the dog in them
    ears = mask.copy()
    ears[rows[0] + len(rows) // 5 :] = 0
    return ears


def keeps_ears(ears, share, seed):
    """Whether a random crop with `share` of the sides holds all pixels of the ears."""
    size = [round(share * side) for side in ears.shape[:2]] + [1]
    return tf.image.stateless_random_crop(ears, size, seed).numpy().sum() == ears.sum()


upright = [
    ears_of(dog["segmentation_mask"])
    for dog in masked
    if breed_names[dog["label"]] in ("frostpaw", "driftpaw", "saffrel", "paprikin")
]
for share in (0.95, 0.9, 0.8, 0.7, 0.5):
    whole = sum(keeps_ears(ears, share, (number, 0)) for number, ears in enumerate(upright))
    print(f"a crop of {share:.0%} of the sides keeps the ears of {whole} of {len(upright)} dogs whole")

# %% [markdown]
# A crop of 90 % takes little. At 80 % nearly half of the dogs have lost a part of their ears, at 70 % most:
# the label still says "saffrel", and a sign that tells it from a paprikin is gone.
#
# ### The explorer, counted
#
# When you have your answers, compare them with a count over all positions of the last slider, 105 draws for
# the paprikin of the explorer:


# %%
def changes_of_mind(breed, operation, strength):
    """Count the draws of the explorer, of 105, that the judge takes for something else."""
    image, mask = toys[breed][4]
    seeds = [(draws, number) for draws in range(21) for number in range(5)]
    ends = RANGES[operation](strength)
    return sum(judged(OPERATIONS[operation](image, *ends, seed), mask) != breed for seed in seeds)


for strength in (0.03, 0.04, 0.05, 0.06, 0.1):
    print(f"hue at {strength}:", changes_of_mind("paprikin", "hue", strength))
for operation in OPERATIONS:
    print(f"{operation} at 1:", changes_of_mind("paprikin", operation, 1))

# %% [markdown]
# For this paprikin the judge first changes its mind at strength 0.05, a hue of ±0.025 (9 degrees). Strong
# brightness, contrast and saturation deceive it, too: colours that are cut off at the ends change their
# hue, and grey has none. JPEG quality 1 to 15 does not, and yet there is not much left of the dog: the judge
# looks at one sign only.

# %% [markdown]
# ## What you learned
#
# - Five families of augmentation: pixel level, spatial level, mixing, generative, learned policies. One
#   rule for all: the meaning stays, and the domain decides what that is.
# - The eight `tf.image.random_…` functions, and why to use their `stateless_` twins: repeatable, the same
#   in a pipeline, nothing hidden. A seed is used once, and split where several are needed. A seed for a
#   function that is not stateless freezes it in `map`.
# - `tf.image` takes floats for 0–1. Only whole numbers are clipped. Keep images `uint8` until the model.
# - On a batch all but the flips draw once; `on_each_image` or arithmetic with one number per image changes
#   that.
# - To know whether a label survives: ask, look next to other classes, measure the trait.
# - Augment training data, after the cache, with fresh seeds. Never evaluation data.
#
# ## Questions
#
# 1. Your images are floats from 0 to 255, and you add `tf.image.stateless_random_brightness(images, 0.3,
#    seed)` to a pipeline. The accuracy does not change at all. Why?
#
#    <details><summary>Answer</summary>
#
#    `tf.image` takes floats for 0–1, so it adds at most 0.3 of a grey level: the model sees the same images
#    as before. (On a batch it would also draw only once.) Augment `uint8` images, or divide by 255 before.
#
#    </details>
#
# 2. You sort street signs, among them "turn left" and "turn right". Which of the eight operations do you
#    leave out?
#
#    <details><summary>Answer</summary>
#
#    The left–right flip, which makes one sign of the other, and the up–down flip, which makes signs that
#    never occur. Hue, too: the meaning of a sign depends on red and blue. A strong crop may cut off the
#    arrow.
#
#    </details>
#
# 3. A colleague writes `dataset.map(lambda image, label: (tf.image.adjust_brightness(image,
#    random.uniform(-.2, .2)), label))`. What do the images of the second epoch look like?
#
#    <details><summary>Answer</summary>
#
#    Just like those of the first, and all are brighter or darker by the same amount: `random.uniform` is
#    called once, while `map` traces the function.
#
#    </details>
#
# **Next.** [Lesson 03, ImageDataGenerator](03_image_data_generator.ipynb), does the same with Keras' old
# class, which you will meet in much code: shifts, turns, zoom and what it puts where the picture ends.
