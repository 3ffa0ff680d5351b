# %% [markdown]
# # 03 ImageDataGenerator
#
# **Goal.** Read, test and replace Keras' `ImageDataGenerator`, the old class that many tutorials still use.
#
# **Time.** 45 minutes; 15 more with *For the curious*. Nothing later needs this lesson. In a hurry, look at
# the pictures, the defects and the last table: 20 minutes.
#
# **You need to know** lesson 01 (batches, shuffling, the value ranges of images), lesson 02 (`stateless_`
# operations, which take a seed; the course's `augment(images, *, seed)`), and what a Keras model's `fit`
# does.
#
# `ImageDataGenerator` is **legacy**: Keras keeps it so that old programs run, and marks it as deprecated,
# which means "do not use it in new programs". You still meet it in books, courses, competition notebooks
# and old projects. So this lesson does three things with each of its settings: it shows what the setting
# does, it measures where it does something else than its name says, and it names what to use today. The last
# table stands over a cell that compares the two.

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import keras
import matplotlib.patches
import numpy as np
import skimage.data
import tensorflow as tf

from utils import checks, data, figures

# %% [markdown]
# ## Where it is
#
# Keras 3 hides the class: `keras.preprocessing.image` no longer has it, `tf.keras.preprocessing.image`
# does.

# %%
ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

print("in keras.preprocessing.image:", hasattr(keras.preprocessing.image, "ImageDataGenerator"))
print("what its documentation says: ", ImageDataGenerator.__doc__)

# %% [markdown]
# ## Two kinds of pictures
#
# - **A photograph**: Chelsea the cat, taken by Stefan van der Walt and given into the public domain (CC0).
#   It comes inside the package scikit-image. On a photograph one sees what a change *looks* like.
# - **A numbered grid**: in the pixel of row 2, column 5 stands the number 25. On the grid one sees what a
#   change *does*.


# %%
def photograph(size):
    """The cat, cut to a square and scaled: float32 [size, size, 3], whole numbers from 0 to 255."""
    square = skimage.data.chelsea()[:, 100:400]
    return tf.round(tf.image.resize(square, [size, size], antialias=True)).numpy()


cat = photograph(120)
rows, columns = np.mgrid[1:6, 1:7]
grid = (10.0 * rows + columns)[..., np.newaxis].astype("float32")  # one channel

print("cat: ", cat.shape, cat.dtype, "from", cat.min(), "to", cat.max())
print("grid:", grid.shape)
print(grid[..., 0])


# %% [markdown]
# Two small functions draw them. The second one frames the pixels that a shift has to invent.


# %%
def show_pictures(pictures, alt, *, columns=4, inches=1.9):
    """Draw {title: image [H, W, 3] in 0-255} side by side."""
    rows = -(-len(pictures) // columns)
    figure, axes = figures.subplots(
        rows, columns, size=(columns * inches, rows * (inches + 0.2)), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (title, picture) in zip(axes.flat, pictures.items(), strict=False):
        smooth = "nearest" if len(picture) < 100 else "antialiased"  # small drawings keep their pixels
        axis.imshow(np.clip(picture, 0, 255).astype("uint8"), interpolation=smooth)
        axis.set_title(title, fontsize=9.5, loc="center")
    figures.show(figure, alt=alt, kind="jpeg")


def draw_grid(axis, picture, title, invented=()):
    """Draw a numbered grid; `invented` are the columns to frame."""
    axis.imshow(picture[..., 0] % 10, cmap="Blues", vmin=-2, vmax=12)
    for (row, column), number in np.ndenumerate(picture[..., 0]):
        axis.text(column, row, f"{number:.0f}", ha="center", va="center", fontsize=9)
    if invented:
        frame = (min(invented) - 0.5, -0.5), len(invented), len(picture)
        axis.add_patch(matplotlib.patches.Rectangle(*frame, fill=False, color="#d55e00", linewidth=2.5))
    axis.set_title(title, fontsize=9.5, loc="center")
    axis.set_axis_off()


# %% [markdown]
# ## How it works: files → generator → iterator → model
#
# Three objects take part.
#
# 1. The **generator** is an `ImageDataGenerator`: a list of settings ("turn by up to 15 degrees, mirror
#    half of the images"). It holds no images.
# 2. The **iterator** is what `generator.flow(…)` returns for arrays, and `generator.flow_from_directory(…)`
#    for a folder of files. It picks the images of the next batch, and the generator draws new numbers for
#    *each* image.
# 3. The **model** takes batch after batch in `fit`. The changed images are never stored: the next epoch
#    sees new ones.
#
# We load some toy dogs (the course's embedded data set, lesson 01) and draw the way of three of them.


# %%
def arrays(split, image_size):
    """Images uint8 [N, S, S, 3] and labels [N] of one split, whole, in memory."""
    shots = course.shots if split == "train" else None  # None: all of them
    loaded = data.load(course.dataset, split, image_size=image_size, shots=shots)
    images, labels = next(iter(loaded.batch(len(loaded))))
    return images.numpy(), labels.numpy()


dogs, dog_labels = arrays("train", 64)
print(dogs.shape, dogs.dtype, dog_labels.shape)


# %%
def stack_of(axis, pictures, title):
    """Draw pictures one above the other."""
    framed = np.pad(pictures, [(0, 0), (3, 3), (3, 3), (0, 0)], constant_values=255)
    axis.imshow(np.concatenate(framed), interpolation="nearest")
    axis.set_title(title, fontsize=10.5, loc="center")


def arrow(axis, above, below=""):
    """Draw an arrow from left to right, with words above and below."""
    style = {"arrowstyle": "-|>", "linewidth": 2.5, "color": figures.MUTED}
    axis.annotate("", (0.98, 0.5), (0.02, 0.5), arrowprops=style)
    axis.text(0.5, 0.56, above, ha="center", va="bottom", fontsize=9.5)
    axis.text(0.5, 0.44, below, ha="center", va="top", fontsize=9.5)


# %%
three = dogs[[3, 30, 50]]
generator = ImageDataGenerator(rotation_range=30, horizontal_flip=True, zoom_range=0.3)
batch = next(generator.flow(three, batch_size=3, shuffle=False, seed=3))

figure, axes = figures.subplots(1, 5, size=(8.4, 3.3), width_ratios=[1, 1.9, 1, 1.3, 0.9])
stack_of(axes[0], three, "files or arrays")
arrow(axes[1], "ImageDataGenerator:\nturn, mirror, zoom", "draws new numbers\nfor each image")
stack_of(axes[2], batch.astype("uint8"), "iterator: one batch")
arrow(axes[3], "batch after batch")
box = {"boxstyle": "round,pad=0.8", "facecolor": "#dbeaf5"}
axes[4].text(0.5, 0.5, "model\n.fit", ha="center", va="center", fontsize=12, bbox=box)
for axis in axes:
    axis.set_axis_off()
figures.show(
    figure,
    alt="Three toy dogs on the left; an arrow named ImageDataGenerator leads to the same three, "
    "turned, zoomed or mirrored, as one batch; a second arrow leads to a box that says model.fit.",
    kind="jpeg",
)

# %% [markdown]
# ### Two halves: draw, then apply
#
# For each image the generator first **draws** numbers (`get_random_transform`), then **applies** them
# (`apply_transform`). In this lesson we often give the numbers ourselves, so that a picture shows exactly
# the change that its title says.

# %%
np.random.seed(0)  # the generator draws from NumPy's global random numbers
numbers = ImageDataGenerator(rotation_range=30, horizontal_flip=True).get_random_transform(cat.shape)
for name, value in numbers.items():
    print(f"{name:24} {value if value is None else round(float(value), 2)}")


# %% [markdown]
# `theta` is an angle in degrees, `tx` and `ty` are shifts in pixels, `zx` and `zy` are zoom factors, where
# 1 means unchanged. All of them answer *where a pixel comes from*: column `c` of the result is column
# `c + tx` of the image, so `tx=-2` moves the picture to the **right**. Three small functions will do the
# comparing.


# %%
def apply(image, fill_mode="nearest", **numbers):
    """The image after the change that `numbers` describe: theta, tx, ty, shear, zx, zy, brightness, …"""
    return ImageDataGenerator(fill_mode=fill_mode).apply_transform(image, numbers)


def largest_difference(first, second):
    """The largest difference between two images, in grey levels (0-255)."""
    return round(float(np.abs(np.asarray(first) - np.asarray(second)).max()), 2)


def by_layer(layer, image):
    """What a Keras layer makes of one image in training."""
    return layer(image[np.newaxis], training=True).numpy()[0]


# %% [markdown]
# ## Flips
#
# `horizontal_flip=True` mirrors an image left to right with a chance of one half, `vertical_flip=True` top
# to bottom.

# %%
left_right = apply(cat, flip_horizontal=True)
top_bottom = apply(cat, flip_vertical=True)
show_pictures(
    {"original": cat, "horizontal_flip": left_right, "vertical_flip": top_bottom},
    "A cat looking at us; the same cat mirrored left to right; and the cat upside down.",
    columns=3,
)

# %% [markdown]
# What flips do to a label: lesson 02.
#
# **Today:** `tf.image.stateless_random_flip_left_right` or `keras.layers.RandomFlip("horizontal")`.
#
# ## Shifts and the four fill modes
#
# The settings `width_shift_range` and `height_shift_range` shift the picture; which of them moves it which
# way, we measure below. The unit depends on the number:
#
# - a number **below 1** is a share of the side: `0.1` draws up to a tenth of it, either way;
# - a number **from 1 on** counts pixels; an `int` draws whole pixels, and stays one below itself (so `1`
#   never shifts);
# - a **list** is a choice: `[4, 16]` draws 4 or 16 pixels and nothing between.

# %%
np.random.seed(0)
for setting in [0.1, 10.0, 10, 1, [4, 16]]:
    generator = ImageDataGenerator(width_shift_range=setting)
    draws = [generator.get_random_transform((100, 100, 3)) for _ in range(1000)]
    pixels = np.abs([draw["tx"] + draw["ty"] for draw in draws])  # one of the two is 0
    print(f"{setting!s:7} up to {pixels.max():4.1f} of 100 pixels, {len(set(pixels)):4} different shifts")

# %% [markdown]
# A shift leaves a strip without pixels. `fill_mode` says what comes there:
#
# | `fill_mode` | the strip gets | row `1 2 3 4 5 6` continued to the left |
# |---|---|---|
# | `constant` | one value, `cval` (default 0, black) | `0 0 0` \| `1 2 3 …` |
# | `nearest` | the nearest border pixel, again and again | `1 1 1` \| `1 2 3 …` |
# | `reflect` | the image mirrored at its border | `3 2 1` \| `1 2 3 …` |
# | `wrap` | the opposite side of the image | `4 5 6` \| `1 2 3 …` |
#
# The default is `nearest`. We shift the numbered grid by two columns to the right.

# %%
FILL_MODES = ["constant", "nearest", "reflect", "wrap"]

figure, axes = figures.subplots(1, 5, size=(8.8, 1.9))
draw_grid(axes[0], grid, "original")
for axis, fill_mode in zip(axes[1:], FILL_MODES, strict=True):
    draw_grid(axis, apply(grid, fill_mode, tx=-2), fill_mode, invented=[0, 1])
figures.show(
    figure,
    alt="A grid numbered 11 to 56, and the grid shifted right by two columns four times. The two new "
    "columns hold zeros for constant, the first column twice for nearest, columns 2 and 1 for "
    "reflect, columns 4 and 5 for wrap.",
)

# %% [markdown]
# The framed columns tell the modes apart. Look at the frame of `wrap`: it should hold columns 5 and 6 and
# holds 4 and 5. That is a defect of the generator (defect 2 below).
#
# The same on the photograph, shifted by a third to the right (`tx`) and then downwards (`ty`):

# %%
right = {f"{fill_mode} →": apply(cat, fill_mode, tx=-40) for fill_mode in FILL_MODES}
down = {f"{fill_mode} ↓": apply(cat, fill_mode, ty=-40) for fill_mode in FILL_MODES}
show_pictures(
    right | down,
    "A cat shifted by a third, to the right above and downwards below, each four times: the strip is black "
    "(constant), streaked (nearest), a mirror image of the cat (reflect), or the other side of the "
    "photograph (wrap).",
)

# %% [markdown]
# `constant` draws a sharp black edge that occurs in no photograph; `nearest` smears streaks; `wrap` puts an
# edge into the middle of the scene. `reflect` has neither edge nor streaks, and while the strip is narrow
# it is the least conspicuous. A third of the picture is too much for it: the same eye comes twice, and that
# changes what a model that counts or localises should answer. So: small shifts, and `reflect` as a first
# choice for photographs. For scans on black ground (X-rays) `constant` is right, and for a panorama of 360
# degrees `wrap` is.
#
# **Today:** `keras.layers.RandomTranslation(height_factor, width_factor, fill_mode=…)`. A range with equal
# ends, such as `(0.25, 0.25)`, makes the layer shift by exactly that share.

# %%
for fill_mode in FILL_MODES:
    layer = keras.layers.RandomTranslation(0, (0.25, 0.25), fill_mode=fill_mode)
    difference = largest_difference(apply(cat, fill_mode, tx=-30), by_layer(layer, cat))
    print(f"{fill_mode:9} largest difference to RandomTranslation: {difference}")

# %% [markdown]
# Three modes are equal. Now write the shift yourself, with a `wrap` that is right.

# %% [markdown]
# ## Exercise 1: shift with four fill modes
#
# Write `shift_columns`. It moves an image `[H, W]` or `[H, W, C]` by `shift` columns to the right (to the
# left where `shift` is negative) and fills the strip by `fill_mode`: `"constant"` (with 0), `"nearest"`,
# `"reflect"` or `"wrap"`, as the table above says. Shape and dtype stay. The shift may be larger than the
# image; then each pattern simply goes on:
#
# - `reflect`: … 6 5 4 3 2 1 | **1 2 3 4 5 6** | 6 5 4 3 2 1 | 1 2 3 …
# - `wrap`: … 1 2 3 4 5 6 | **1 2 3 4 5 6** | 1 2 3 4 5 6 | 1 2 3 …
#
# Loops are not needed: first find for every column of the result *which column it comes from*, then take
# these columns all at once with `image[:, source]`.
#
# <details><summary>Hint</summary>
#
# Column `c` of the result comes from column `c - shift`, which may lie outside of `0 … W-1`. `np.clip` is
# one of the fill modes. The remainder `%` is another. A mirrored image repeats every `2 * W` columns: `0 1
# 2 2 1 0 0 1 2 2 1 0 …` for `W = 3`. In which half of that is the column? For `constant`, take any column
# and then set the outside to 0.
#
# </details>


# %%
def shift_columns(image, shift, fill_mode):
    """Move `image` by `shift` columns to the right; returns a new array of the same shape and dtype."""
    # solution begins: Exercise 1: shift with four fill modes
    width = image.shape[1]
    source = np.arange(width) - shift
    if fill_mode == "wrap":
        return image[:, source % width]
    if fill_mode == "reflect":
        folded = source % (2 * width)
        return image[:, np.minimum(folded, 2 * width - 1 - folded)]
    shifted = image[:, np.clip(source, 0, width - 1)]
    if fill_mode == "constant":
        shifted[:, (source < 0) | (source >= width)] = 0
    return shifted
    # solution ends


# %%
checks.lesson_03.shift_columns(shift_columns)

# %% [markdown]
# ## Rotation, and the fill modes again
#
# `rotation_range=30` turns an image by up to 30 degrees either way. Now all four corners have to be filled.
# When zooming out, the whole frame has to. The cat gets a border of squares here, so that one sees where
# the image ends and what goes on behind it.

# %%
rows, columns = np.indices([120, 120])
border = np.minimum(np.minimum(rows, columns), 119 - np.maximum(rows, columns)) < 12
light = (rows // 6 + columns // 6) % 2 == 1
framed = np.where((border & light)[..., np.newaxis], [255, 215, 120], cat)
framed = np.where((border & ~light)[..., np.newaxis], [0, 90, 160], framed).astype("float32")

turned = {f"turned, {fill_mode}": apply(framed, fill_mode, theta=30) for fill_mode in FILL_MODES}
shrunk = {f"shrunk, {fill_mode}": apply(framed, fill_mode, zx=1.6, zy=1.6) for fill_mode in FILL_MODES}
show_pictures(
    turned | shrunk,
    "Two rows of four cats with a border of squares. Above, turned by 30 degrees: behind the border the "
    "corners are black, streaked, mirrored with the squares, or continued from the other side. Below, "
    "shrunk, with a frame around that is black, streaked, mirrored, or repeated.",
)

# %% [markdown]
# `nearest` draws the squares out into stripes, `reflect` doubles the border, `wrap` sets the opposite border
# beside it. When shrinking, `reflect` and `wrap` bring further cats into the picture.
#
# **Today:** `keras.layers.RandomRotation`. Its factor is a share of a full turn: 30 degrees are `30 / 360`.
#
# ## Zoom against crop
#
# `zoom_range=0.4` draws a factor between 0.6 and 1.4, and the names mislead: **below 1 the picture is
# enlarged, above 1 it is shrunk**, since the factor says how large a part of the scene is seen. A **crop**
# also cuts a part out and enlarges it, but at a place of its own, where zoom always stays in the middle.

# %%
height = width = cat.shape[0]
corner = tf.image.resize(cat[:72, :72], [height, width]).numpy()  # 72 = 0.6 · 120 pixels
show_pictures(
    {
        "original": cat,
        "zoom 0.6: larger": apply(cat, zx=0.6, zy=0.6),
        "crop, upper left": corner,
        "zoom 1.4: smaller": apply(cat, zx=1.4, zy=1.4),
    },
    "The cat; its face enlarged from the middle; one eye and the forehead, cut from the upper left corner "
    "and enlarged; and the whole cat shrunk, with streaks around.",
)

# %% [markdown]
# A zoom inwards *is* a crop, from the middle.
#
# And a surprise: `zoom_range` draws **two** factors, one for the width and one for the height, on their
# own. So it also stretches. The two outer pictures are the extremes of `zoom_range=0.4`:

# %%
show_pictures(
    {
        "zx 0.6, zy 1.4": apply(cat, "reflect", zx=0.6, zy=1.4),
        "zx 1, zy 1": cat,
        "zx 1.4, zy 0.6": apply(cat, "reflect", zx=1.4, zy=0.6),
    },
    "The cat stretched one way, as it is, and stretched the other way: a flat, wide face and a tall, "
    "narrow one.",
    columns=3,
)
np.random.seed(0)
draws = [ImageDataGenerator(zoom_range=0.4).get_random_transform(cat.shape) for _ in range(1000)]
stretch = np.array([max(draw["zx"] / draw["zy"], draw["zy"] / draw["zx"]) for draw in draws])
print(f"of 1,000 draws, stretched by more than 10 %: {np.mean(stretch > 1.1):.0%}")

# %% [markdown]
# **Today:** `keras.layers.RandomZoom(height_factor)` draws one factor for both sides unless you give
# `width_factor` too. Its number is the change: −0.4 means zoom 0.6. For crops, `keras.layers.RandomCrop` or
# `tf.image.stateless_random_crop`.

# %% [markdown]
# ## Brightness and channel shift
#
# `brightness_range=(0.4, 1.6)` **multiplies** all pixels by a number from this range.
# `channel_shift_range=80` **adds** a number between −80 and 80. Both results are cut off where they leave
# the range of values (which range, comes below).

# %%
show_pictures(
    {
        "brightness 0.4": apply(cat, brightness=0.4),
        "brightness 1.6": apply(cat, brightness=1.6),
        "channel shift −80": apply(cat, channel_shift_intensity=-80),
        "channel shift 80": apply(cat, channel_shift_intensity=80),
    },
    "Four cats: darkened by a factor, brightened by a factor, darkened by subtracting so that dark "
    "fur turns black, and made pale by adding, so that orange fur turns nearly white.",
)

# %% [markdown]
# The name "channel shift" promises other colours, but the *same* number is added to red, green and blue.
# Colours change only where one is cut off, as in the bleached fur. And the cut is not at 255: it is at the
# lightest and darkest value *of this image*, here 209 and 3. (At the end stands what that does to a dark
# photograph.)
#
# **Today:** multiply or add in one line and clip to 0–255, or use `keras.layers.RandomBrightness`, which
# adds. `utils.augment.basic` multiplies. For other colours draw one number a channel: `images +
# tf.random.stateless_uniform([batch, 1, 1, 3], seed, -40, 40)`.
#
# ## Rescaling, centring, dividing by the spread
#
# A network learns faster when its inputs are small numbers around 0. Two ways lead there:
#
# - **Rescaling** with a fixed number, `rescale=1/255`: values from 0 to 1, whatever the data.
# - **Featurewise** centring and scaling: subtract the mean and divide by the standard deviation *of the
#   data set*, per channel (`featurewise_center=True`, `featurewise_std_normalization=True`). The generator
#   must see the training images first: `generator.fit(images)`. "Featurewise" here means: one mean and one
#   spread for red, green and blue each.

# %%
rescaling = ImageDataGenerator(rescale=1 / 255)
featurewise = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
featurewise.fit(dogs)

scaled = {"as they are": dogs.astype("float32")}
for name, generator in {"rescale": rescaling, "featurewise": featurewise}.items():
    scaled[name] = generator.standardize(dogs.astype("float32"))  # works in place: give it a copy
for name, images in scaled.items():
    extent = f"from {images.min():6.2f} to {images.max():6.2f}"
    print(f"{name:12} {extent}, mean {abs(images.mean()):6.2f}, spread {images.std():5.2f}")

# %%
figure, axes = figures.subplots(1, 3, size=(8.4, 2.3))
for axis, (name, images) in zip(axes, scaled.items(), strict=True):
    for channel, color in enumerate(["#d55e00", "#009e73", "#0072b2"]):
        colour = ["red", "green", "blue"][channel]
        values = images[..., channel].ravel()[::7]
        axis.hist(values, bins=40, histtype="step", color=color, linewidth=1.5, label=colour)
    axis.set_title(name)
    axis.set_yticks([])
axes[0].legend(fontsize=8.5, loc="lower center")
figures.show(
    figure,
    alt="Three histograms of red, green and blue values: over 0 to 255; the same curves over 0 to 1; and "
    "around 0, from about -2.4 to 2.2, where the three curves are moved by different amounts, so that "
    "the red peak at white stands apart from the two others.",
)

# %% [markdown]
# Rescaling keeps the curves and changes only the numbers below them. Featurewise, each colour is moved by its
# own mean and divided by its own spread, so that all three lie around 0 with spread 1. Look at the peaks of
# the white pixels: they stood at one place, and now the red one stands apart.
#
# The mean and the spread belong to the **training** images. Test images are scaled with the same two
# numbers: the model has learned in that unit, and nothing about test images may enter the training.
#
# **Today:** layers in the model, so that the scaling can never be forgotten: `keras.layers.Rescaling(1 /
# 255)`, and `keras.layers.Normalization`, whose `adapt` is the old `fit`.

# %%
normalization = keras.layers.Normalization()
normalization.adapt(dogs.astype("float32"))
print("largest difference to Normalization:", largest_difference(scaled["featurewise"], normalization(dogs)))
print(
    "largest difference to Rescaling:    ",
    largest_difference(scaled["rescale"], keras.layers.Rescaling(1 / 255)(dogs)),
)

# %% [markdown]
# ## Three defects, measured
#
# ### 1. Width is height
#
# `width_shift_range` should move a picture sideways. We let the generator shift a dot in the middle of a
# picture 200 times and note how far it ever gets.


# %%
dot = np.zeros((65, 65, 1), "float32")
dot[32, 32] = 255
dots = np.tile(dot, (200, 1, 1, 1))


def place(picture):
    """Row and column of the brightest pixel."""
    return tuple(int(index) for index in np.unravel_index(picture[..., 0].argmax(), picture.shape[:2]))


def reach(pictures):
    """How many rows and columns the dot has moved at most."""
    rows, columns = np.abs(np.array([place(picture) for picture in pictures]) - 32).max(axis=0)
    return f"up to {rows} rows and {columns} columns"


np.random.seed(0)
wide = ImageDataGenerator(width_shift_range=[4, 16])  # 4 or 16 pixels, either way
high = ImageDataGenerator(height_shift_range=[4, 16])
layer = keras.layers.RandomTranslation(height_factor=0, width_factor=16 / 65, seed=0)
print("width_shift_range: ", reach([wide.random_transform(picture) for picture in dots]))
print("height_shift_range:", reach([high.random_transform(picture) for picture in dots]))
print("RandomTranslation: ", reach(layer(dots, training=True).numpy()), "(width_factor)")

# %%
np.random.seed(1)
pictures = {}
for name in ["width_shift_range", "height_shift_range"]:
    generator = ImageDataGenerator(fill_mode="constant", **{name: [40]})
    pictures[f"{name}=[40]"] = generator.random_transform(cat)
show_pictures(
    pictures,
    "Left, titled width_shift_range: the cat is moved up or down. Right, titled height_shift_range: "
    "it is moved sideways.",
    columns=2,
    inches=1.8,
)

# %% [markdown]
# The two names are swapped. The report of 2023
# ([keras#17398](https://github.com/keras-team/keras/issues/17398)) was closed without a repair; the cell
# above shows it. Whoever gives both ranges the same value never notices. It hurts where directions differ: a
# line of text may move sideways, but not out of the picture.
#
# ### 2. Wrap skips a pixel
#
# A row of six numbers, shifted by two, so that 5 and 6 come back on the left:

# %%
row = np.tile(np.arange(1, 7, dtype="float32")[np.newaxis, :, np.newaxis], (3, 1, 1))
layer = keras.layers.RandomTranslation(0, (2 / 6, 2 / 6), fill_mode="wrap")
print("np.roll:            ", np.roll(row[0, :, 0], 2))
print("fill_mode wrap:     ", apply(row, "wrap", tx=-2)[0, :, 0])
print("fill_mode grid-wrap:", apply(row, "grid-wrap", tx=-2)[0, :, 0])
print("RandomTranslation:  ", by_layer(layer, row)[0, :, 0])

# %% [markdown]
# The 6 is missing: SciPy, which does the work, takes the first and the last pixel for one and the same
# place in this mode. Its mode `grid-wrap` is right, and `ImageDataGenerator` hands it on. The layer is right.
#
# ### 3. Brightness turns 0–1 images black
#
# Images are often divided by 255 before anything else. Then:

# %%
print(f"brightness 1.5 on 0-255: mean {cat.mean():.1f} becomes {apply(cat, brightness=1.5).mean():.1f}")
unit = cat / 255
print(f"brightness 1.5 on 0-1:   mean {unit.mean():.3f} becomes {apply(unit, brightness=1.5).mean():.3f}")

# %% [markdown]
# Nothing is left. The image goes through 8-bit numbers (0, 1, 2 … 255) on the way, and everything below 1
# becomes 0. There is no error and no warning; training runs on black images. Rule: augment in 0–255 and
# scale afterwards. `rescale` and the featurewise settings do come after the augmentation, so *they* are
# safe.
#
# Two more stand under *For the curious*: a seed that resets NumPy for the whole program, and a channel shift
# that blanks dark images.

# %% [markdown]
# ## `flow`: images, labels, steps
#
# An epoch (lesson 01) has as many **steps** as batches. The iterator knows how many.

# %%
generator = ImageDataGenerator(rotation_range=20, zoom_range=0.2, horizontal_flip=True, fill_mode="reflect")
iterator = generator.flow(dogs, dog_labels, batch_size=32, shuffle=True, seed=1)
images, labels = iterator[0]
print("one batch:      ", images.shape, images.dtype, labels.shape, labels.dtype)
print("steps per epoch:", len(iterator))
print("the last batch: ", iterator[len(iterator) - 1][0].shape[0], "images")

# %%
names = data.info(course.dataset).class_names
show_pictures(
    {
        f"{index + 1}: {names[label]}": image
        for index, (image, label) in enumerate(zip(images[:8], labels[:8], strict=True))
    },
    "Eight toy dogs from one batch, turned, zoomed and mirrored, each under the name of its breed.",
)

# %% [markdown]
# Labels stay with their images. The images have become `float32`, still in 0–255.
#
# Two things to keep in mind. First, in a `for` loop this iterator **never ends**: it starts again, so count
# the steps yourself or use `iterator[0] … iterator[len(iterator) - 1]`, as `fit` does. Second, augmentation
# does not make an epoch longer: it shows as many images as there are, each changed in one new way. The
# variety comes over the epochs.

# %%
endless = ImageDataGenerator().flow(dogs[:10], batch_size=4, shuffle=False)
print("steps per epoch:", len(endless))
print("sizes of the next seven batches:", [len(next(endless)) for _ in range(7)])

# %% [markdown]
# ## Validation images are not augmented
#
# Why they stay as they are: lesson 02. The generator makes the mistake easy: with `validation_split`, one
# object serves both.

# %%
both = ImageDataGenerator(rotation_range=40, validation_split=0.2)
validation = both.flow(dogs, batch_size=8, shuffle=False, subset="validation")
changed = [not np.array_equal(image, original) for image, original in zip(validation[0], dogs, strict=False)]
print("validation images that are changed:", sum(changed), "of", len(changed))

# %% [markdown]
# All of them. Two generators, each with its own settings, are the remedy.
#
# **Today:** `pipeline.training_batches` and `pipeline.evaluation_batches` (lesson 02).

# %% [markdown]
# ## Exercise 2: one pair of iterators
#
# Write `training_and_validation`. It returns two iterators made by `flow`, with labels:
#
# - **training**: shuffled; each image mirrored left to right half of the time and turned by up to 20
#   degrees;
# - **validation**: neither shuffled nor augmented;
# - **both**: featurewise centred and divided by the standard deviation, with the mean and the spread **of
#   the training images**.
#
# Images are `[N, H, W, 3]` in 0–255.
#
# <details><summary>Hint</summary>
#
# Two generators. Both need `fit`; which images does each of them get to see? `flow` shuffles unless it is
# told not to.
#
# </details>


# %%
def training_and_validation(images, labels, validation_images, validation_labels, batch_size):
    """Two iterators over (images, labels): training (shuffled, augmented) and validation (neither)."""
    # solution begins: Exercise 2: one pair of iterators
    scaling = {"featurewise_center": True, "featurewise_std_normalization": True}
    augmenting = ImageDataGenerator(horizontal_flip=True, rotation_range=20, **scaling)
    plain = ImageDataGenerator(**scaling)
    augmenting.fit(images)
    plain.fit(images)
    training = augmenting.flow(images, labels, batch_size=batch_size, shuffle=True)
    validation = plain.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False)
    return training, validation
    # solution ends


# %%
checks.lesson_03.training_and_validation(training_and_validation)

# %% [markdown]
# ## What to use today
#
# | `ImageDataGenerator` | today (`layers` is `keras.layers`) | the same? |
# |---|---|---|
# | `horizontal_flip`, `vertical_flip` | `layers.RandomFlip` | yes |
# | `width_shift_range`, `height_shift_range` | `layers.RandomTranslation` | yes, names and `wrap` right |
# | `fill_mode`, default `nearest` | `fill_mode`, default `reflect` | yes, but set it |
# | `rotation_range` in degrees | `layers.RandomRotation` in turns | yes |
# | `zoom_range` | `layers.RandomZoom`, as change | yes, but does not stretch |
# | `shear_range` in degrees | `layers.RandomShear`, as slope | nearly: about a corner, without the stretch |
# | `brightness_range` (multiplies) | multiply and clip; `utils.augment.basic` | yes, not rounded |
# | `channel_shift_range` (adds) | `layers.RandomBrightness` | nearly: cuts off at 0 and 255 |
# | `rescale` | `layers.Rescaling` | yes |
# | `featurewise_…`, `fit` | `layers.Normalization`, `adapt` | yes |
# | `zca_whitening` | none; `layers.BatchNormalization` | no |
# | `flow` | `tf.data`, `utils.pipeline` | yes, prefetched |
# | `flow_from_directory` | `keras.utils.image_dataset_from_directory` | yes |

# %%
turn = keras.layers.RandomRotation((30 / 360, 30 / 360), fill_mode="reflect")
zoom = keras.layers.RandomZoom((-0.4, -0.4))
zoomed = apply(cat, zx=0.6, zy=0.6)
middle = [[0.2, 0.2, 0.8, 0.8]]  # corners as shares of the side
darkest, lightest = cat.min(), cat.max()
comparisons = {
    "flip: tf.image.flip_left_right": (left_right, tf.image.flip_left_right(cat)),
    "rotation: RandomRotation": (apply(cat, "reflect", theta=30), by_layer(turn, cat)),
    "zoom: RandomZoom": (zoomed, by_layer(zoom, cat)),
    "zoom: a crop of the middle": (
        zoomed,
        tf.image.crop_and_resize(cat[np.newaxis], middle, [0], cat.shape[:2])[0],
    ),
    "brightness: multiply, clip": (apply(cat, brightness=1.6), np.clip(1.6 * cat, 0, 255)),
    "channel shift: add, clip to the image's range": (
        apply(cat, channel_shift_intensity=40),
        np.clip(cat + 40, darkest, lightest),
    ),
}
print("largest difference to the old generator, of 255 grey levels")
for name, (before, after) in comparisons.items():
    print(f"{name:46} {largest_difference(before, after):5.2f}")

# %% [markdown]
# All are equal but the multiplication, by less than one grey level: `brightness_range` goes through an 8-bit
# picture and drops what is behind the decimal point. (Scaling, shifts and wrap were compared above.)
#
# And the fill modes that you get when you ask for none:

# %%
old = ImageDataGenerator()
new = [keras.layers.RandomTranslation(0.1, 0.1), keras.layers.RandomRotation(0.1)]
new += [keras.layers.RandomZoom(0.1), keras.layers.RandomShear(0.1)]
for chooser in [old, *new]:
    print(f"{type(chooser).__name__:18} fill_mode={chooser.fill_mode!r}")

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### From a folder
#
# `flow_from_directory` wants one sub-folder a class. It reads a file when its batch comes, so the images
# need not fit into memory. We write a tiny folder to try it.

# %%
import pathlib
import tempfile

temporary = tempfile.TemporaryDirectory()  # deleted when the notebook is closed
folder = pathlib.Path(temporary.name)
for index, (image, label) in enumerate(zip(dogs[:40], dog_labels[:40], strict=True)):
    breed = folder / f"breed_{label:02}"
    breed.mkdir(exist_ok=True)
    keras.utils.save_img(breed / f"{index}.png", image, scale=False)

from_files = ImageDataGenerator().flow_from_directory(folder, target_size=(64, 64), batch_size=8, seed=0)
images, labels = next(from_files)
print("images:", images.shape, images.dtype, "| labels:", labels.shape, "(one-hot)")

# %% [markdown]
# **Today:** `keras.utils.image_dataset_from_directory` reads the same folder into a `tf.data.Dataset`, and
# in this course `utils.data.load` does. Note the other default: integer labels instead of one-hot ones (a
# row of zeros with a one at the class).

# %%
today = keras.utils.image_dataset_from_directory(
    folder, image_size=(64, 64), batch_size=8, seed=0, verbose=False
)
images, labels = next(iter(today))
print("images:", images.shape, images.dtype.name, "| labels:", labels.shape)
print("same classes:", today.class_names == list(from_files.class_indices))

# %% [markdown]
# ### The four modes in NumPy
#
# NumPy has the four modes too, in `np.pad`, under other names: `constant`, `edge`, `symmetric` and `wrap`.
# What NumPy calls `reflect` does not repeat the border pixel. Same word, other meaning: look at numbers
# before you trust a name.

# %%
for mode in ["constant", "edge", "symmetric", "reflect", "wrap"]:
    print(f"np.pad {mode:10}", np.pad([1, 2, 3, 4, 5, 6], (3, 0), mode=mode))

# %% [markdown]
# ### Shear
#
# A shear pushes the upper rows one way and the lower rows the other, as when one pushes a pile of paper
# aslant. `shear_range` is in degrees. On a chessboard one sees the slant.
#
# **Today:** `keras.layers.RandomShear(x_factor)`, whose factor is the slope. A legacy shear by 25° has the
# slope sin 25°, which is 0.42. The two are not the same:

# %%
chessboard = np.where((rows // 15 + columns // 15) % 2 == 1, 235, 90).astype("float32")[..., np.newaxis]
chessboard = chessboard * [1, 0.95, 0.8]
keras.utils.set_random_seed(0)  # the layer also draws the sign of the slope
layer = keras.layers.RandomShear(x_factor=(0.42, 0.42), fill_mode="constant")
show_pictures(
    {
        "original": chessboard,
        "legacy shear, 25°": apply(chessboard, "constant", shear=25),
        "RandomShear, 0.42": by_layer(layer, chessboard),
    },
    "A chessboard of eight by eight; slanted about its middle and a little higher than before, so that the "
    "first and last rows are cut; and slanted about its upper left corner, with a large black triangle at "
    "one side.",
    columns=3,
)

# %% [markdown]
# The legacy shear keeps the middle in place, the layer the upper edge. And the legacy shear also stretches:
# by 1 / cos 25°, a tenth of the height. A dot 20 rows above the middle shows it.

# %%
high_dot = np.zeros_like(dot)
high_dot[12, 32] = 255
print("in the middle: ", place(dot), "→ legacy shear:", place(apply(dot, shear=25)))
print("20 rows higher:", place(high_dot), "→ legacy shear:", place(apply(high_dot, shear=25)))
print("20 rows higher: row", place(high_dot)[0], "→ RandomShear: row", place(by_layer(layer, high_dot))[0])

# %% [markdown]
# ### ZCA whitening
#
# Neighbouring pixels are nearly the same: who knows one can guess the next. **Whitening** multiplies each
# image, written as one long row of D numbers, by a D × D matrix that takes such guessable parts away. ZCA
# ("zero-phase component analysis") is the whitening that stays closest to the original picture. The matrix
# is computed by `fit` from training images.

# %%
small_dogs, small_labels = arrays("train", 32)
whitening = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
whitening.fit(small_dogs[:400] / 255)
chosen = small_dogs[[0, 60, 120, 180]]
white = np.stack([whitening.standardize(image / 255.0) for image in chosen])
visible = 127 + 127 * white / (3 * white.std())  # grey is 0; only for our eyes
show_pictures(
    {f"{index + 1}": image for index, image in enumerate(chosen)}
    | {f"{index + 1}, whitened": image for index, image in enumerate(visible)},
    "Four toy dogs of 32 pixels, and below them whitened: flat areas have turned to coloured noise, "
    "outlines and eyes stand out.",
)
for side in [32, 64, 224]:
    length = side * side * 3
    print(f"{side:3} px: a matrix of {length:7,} rows, {4 * length**2 / 2**30:5.2f} GiB")

# %% [markdown]
# Flat areas turn to noise, outlines stay: an outline is what one cannot guess from its neighbours.
#
# The matrix is the catch. To be known well it wants more images than it has rows: more than 3,072 at 32 px
# (our 400 only hint at the effect). At 64 px it still fits into memory, but wants more than 12,288 images;
# at 224 px it no longer fits.
#
# **Today:** it has no successor. `Normalization`, and layers in the model that scale anew in every batch
# (`BatchNormalization`), do the useful part at any size; for the rare case that needs whitening, compute
# the matrix once with NumPy and multiply in `map`.

# %% [markdown]
# ### A fourth defect: `seed=` resets NumPy for the whole program
#
# `flow(…, seed=0)` sets NumPy's **global** random numbers anew with each batch, also those of the rest of
# your program:

# %%
following = []
for own_seed in [1, 2]:
    np.random.seed(own_seed)
    next(ImageDataGenerator().flow(dogs[:4], batch_size=4, seed=0))
    following.append(np.random.random())
print("two seeds of your own, and then the same random number:", following[0] == following[1])

# %% [markdown]
# So what you shuffle or draw with `np.random` after a batch no longer depends on your own seed: ten runs with
# ten seeds shuffle all alike.
#
# **Today:** the `stateless_` operations and this course's `augment(images, *, seed)` take a seed and touch
# nothing else.
#
# ### A fifth: channel shift blanks dark images
#
# The sum is cut off at the lightest value of the image. The darker the image, the sooner everything is cut:

# %%
dark = np.round(cat / 4)
lighter = apply(dark, channel_shift_intensity=80)
show_pictures(
    {"dark": dark, "channel shift 80": lighter},
    "Left, the cat in the dark, hardly to be seen. Right, a dark grey square without any cat.",
    columns=2,
)
print("dark:            from", dark.min(), "to", dark.max())
print("channel shift 80: from", lighter.min(), "to", lighter.max())

# %% [markdown]
# The cat is gone, and again there is no error and no warning. **Today:** `keras.layers.RandomBrightness`
# cuts off at 0 and 255.

# %% [markdown]
# ### A short training
#
# All of it together: a small network, augmented training images, untouched validation images, and two
# **callbacks** (objects that `fit` calls after each epoch):
#
# - `ReduceLROnPlateau`: when the validation loss has not become better for `patience` epochs, multiply the
#   **learning rate** (the length of a training step) by `factor`. Smaller steps settle where large ones jump
#   to and fro.
# - `EarlyStopping`: when it has not become better for a longer time, stop, and with
#   `restore_best_weights=True` go back to the weights of the best epoch.
#
# Both watch the *validation* loss. That is one more reason not to augment validation images: the draws
# would make it jump. (The two shift ranges are equal, so that their swapped names do not matter.)

# %%
augmenting = ImageDataGenerator(
    rotation_range=15,
    width_shift_range=0.1,
    height_shift_range=0.1,
    zoom_range=0.1,
    horizontal_flip=True,
    fill_mode="reflect",
)
small_validation, small_validation_labels = arrays("validation", 32)
training = augmenting.flow(small_dogs, small_labels, batch_size=48, seed=0)
validation = ImageDataGenerator().flow(
    small_validation, small_validation_labels, batch_size=64, shuffle=False
)
print("training:  ", len(small_dogs), "images,", len(training), "steps, shuffled:", training.shuffle)
print(
    "validation:", len(small_validation), "images,", len(validation), "steps, shuffled:", validation.shuffle
)


# %%
def small_network(num_classes):
    """Three convolutions for images of 32 px in 0-255."""
    layers = [keras.Input([32, 32, 3]), keras.layers.Rescaling(1 / 255)]
    for filters in [16, 32, 64]:
        layers += [
            keras.layers.Conv2D(filters, 3, strides=2, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.8),
        ]
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(num_classes, activation="softmax")]
    return keras.Sequential(layers)


keras.utils.set_random_seed(0)
model = small_network(len(names))
model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
print(f"{model.count_params():,} numbers to learn")

# %% tags=["nbval-ignore-output"]
history = model.fit(
    training,
    validation_data=validation,
    epochs=16,
    verbose=0,
    callbacks=[
        keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.2, patience=1),
        keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True),
    ],
).history

print("epoch  learning rate  training loss  validation loss  validation accuracy")
for epoch in range(len(history["loss"])):
    rate, loss, val_loss, accuracy = (
        history[name][epoch] for name in ["learning_rate", "loss", "val_loss", "val_accuracy"]
    )
    print(f"{epoch + 1:5}  {rate:13.5f}  {loss:13.2f}  {val_loss:15.2f}  {accuracy:19.0%}")

# %% tags=["nbval-ignore-output"]
epochs = np.arange(1, len(history["loss"]) + 1)
kept = int(np.argmin(history["val_loss"]))
drops = epochs[1:][np.diff(history["learning_rate"]) < 0] - 0.5

figure, axis = figures.subplots(size=(6.8, 3.4))
axis.plot(epochs, history["loss"], label="training, augmented", color=figures.COLORS["basic"], marker="s")
axis.plot(epochs, history["val_loss"], label="validation", color=figures.COLORS["cutmix"], marker="D")
axis.plot(
    epochs[kept],
    history["val_loss"][kept],
    "o",
    markersize=16,
    fillstyle="none",
    color=figures.INK,
    label="weights kept",
)
for index, drop in enumerate(drops):
    axis.axvline(
        drop, color=figures.MUTED, linestyle=":", label="learning rate reduced" if index == 0 else None
    )
axis.set(xlabel="epoch", ylabel="loss", title="Loss, and where the learning rate was cut", xticks=epochs)
axis.legend()
figures.show(
    figure,
    alt="Training and validation loss over the epochs; both fall, dotted lines mark where the "
    "learning rate was reduced, a circle marks the epoch whose weights are kept.",
)

# %% [markdown]
# Other machines give other numbers; this is how to read them. A dotted line stands after an epoch whose
# validation loss was no better than the best one before: from there on, the learning rate is a fifth.
# Training ends when two epochs in a row bring no better validation loss, or with epoch 16, and the model
# gets back the weights of the circled epoch.
#
# Compare the two curves with care: the training loss is that of *augmented* images, which are harder, and is
# collected during the epoch; the validation loss is that of untouched images, at its end.
#
# One run is an example, not a result. Whether augmentation helps at all is a question for repeated, paired
# runs (lessons 07 and 14).
#
# The same cells train on photographs of 120 breeds: start JupyterLab with `COURSE_DATASET=stanford_dogs`
# and `COURSE_SHOTS=20` (20 training images a breed) in the environment, and run the notebook again. The
# first time it downloads the data set.

# %% [markdown]
# ## What you learned
#
# - The generator is a list of settings, the iterator makes batches, and each image is drawn anew in each
#   epoch.
# - The fill mode decides what fills a strip, a corner or a frame; on photographs `reflect` is the least
#   conspicuous while these are small.
# - A zoom factor below 1 enlarges; zoom stays in the middle, a crop does not; `zoom_range` also stretches.
# - Brightness multiplies; channel shift adds, and draws the same number for all channels.
# - Mean and spread come from the training images; validation images are scaled with them and never
#   augmented.
# - Width and height are swapped, `wrap` skips a pixel, brightness blackens 0–1 images: measured, all of them.
# - Everything but whitening has a successor today.
#
# ## Questions
#
# 1. An old notebook has 1,000 images, batches of 32, and takes `1000 // 32` steps an epoch. How many images
#    does an epoch show?
#
#    <details><summary>Answer</summary>
#
#    31 steps show 992 images, so 8 are missing. 32 steps are right; the last batch has 8 images. (The
#    course's pipeline leaves the rest out on purpose and shuffles, so that other images are left out each
#    time; here nobody decided.)
#
#    </details>
#
# 2. Someone divides the images by 255, then uses `brightness_range=(0.8, 1.2)`, and gets an accuracy of
#    pure chance. Why?
#
#    <details><summary>Answer</summary>
#
#    `brightness_range` goes through 8-bit numbers, so values below 1 become 0: all training images are
#    black. Augment in 0–255 and scale afterwards, with `rescale` or in the model.
#
#    </details>
#
# 3. A colleague replaces `rotation_range=30` by `RandomRotation(0.3)`. What happens?
#
#    <details><summary>Answer</summary>
#
#    The layer counts in full turns, so 0.3 is up to 108 degrees either way: many dogs lie on their backs, and
#    the loss is the only one to complain. `30 / 360` is meant. And the corners are now filled by `reflect`
#    instead of `nearest`.
#
#    </details>
#
# **Next.** On the core path: [lesson 08, CutMix](08_cutmix.ipynb), which mixes two images and their labels.
# Otherwise [lesson 04, Albumentations](04_albumentations.ipynb), which changes image, mask and boxes
# together.
