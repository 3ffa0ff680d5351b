# %% [markdown]
# # 03 ImageDataGenerator
#
# **Goal.** Read, test and replace Keras' `ImageDataGenerator`, and train with it: without augmentation, with
# a flip, and with too much.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (batches, value ranges), lesson 02 (which operations keep the label) and what
# `compile` and `fit` of a Keras model do.
#
# The class is **legacy**: Keras keeps it so that old programs run and calls it deprecated, which means "not
# for new programs". Books and courses are full of it. So you use it once, see what is wrong with it, and know
# what to write today.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import json
import pathlib
import warnings

import keras
import numpy as np
import pandas as pd
import skimage.data
import tensorflow as tf

from utils import checks, data, figures
from utils.evaluation import statistics

# %% [markdown]
# ## One image
#
# Keras 3 has the class in `tf.keras.preprocessing.image` only. Our image is Chelsea the cat, a photograph by
# Stefan van der Walt (CC0) that comes with scikit-image.

# %%
ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

square = skimage.data.chelsea()[:, 100:400]
cat = tf.round(tf.image.resize(square, [120, 120], antialias=True)).numpy()

one = np.expand_dims(cat, axis=0)
generator = ImageDataGenerator(rotation_range=30, zoom_range=0.3, horizontal_flip=True)
generator.fit(one)
iterator = generator.flow(one, batch_size=1, seed=0)
eight = [next(iterator)[0] for _ in range(8)]
print("the image:", cat.shape, "| given to flow:", one.shape, "| a batch:", next(iterator).shape)

# %% tags=["hide-input"]
figures.show(
    figures.pictures(eight, [f"next, {number}" for number in range(1, 9)], columns=8, inches=1.1),
    alt="Eight versions of one photograph of a cat, each turned, stretched and perhaps mirrored anew.",
    kind="jpeg",
)

# %% [markdown]
# - `np.expand_dims` makes a batch of one: the generator takes batches `[N, H, W, 3]` only.
# - `ImageDataGenerator(…)` is a list of settings. It holds no images.
# - `fit` trains nothing. It computes mean, spread (the standard deviation) and whitening, all explained
#   below, and is needed for these alone.
# - `flow` gives an **iterator**, which makes batches out of arrays.
# - `next` takes a batch. Each image is drawn anew, each time, and nothing is stored.
#
# ## What each argument does
#
# Eight generators with one argument each change the cat.
#
# **Guess.** Some pictures show something else than their argument says. Which?

# %%
arguments = {"horizontal_flip": True, "rotation_range": 60, "shear_range": 40, "zoom_range": 0.5}
arguments |= {"width_shift_range": 0.4, "height_shift_range": 0.4}
arguments |= {"brightness_range": (0.5, 1.5), "channel_shift_range": 80}
changed = [ImageDataGenerator(**{name: arguments[name]}).random_transform(cat, seed=5) for name in arguments]

# %% tags=["hide-input"]
captions = [f"{name}\n= {value}" for name, value in arguments.items()]
figures.show(
    figures.pictures(changed, captions, columns=4, inches=2.0),
    alt="Eight changed cats: mirrored; turned with streaks in the corners; slanted; stretched; moved up "
    "or down for width_shift_range; moved sideways for height_shift_range; darker; darker with black fur.",
    kind="jpeg",
)

# %% [markdown]
# `width_shift_range` moves the cat up or down and `height_shift_range` sideways: the names are swapped
# ([reported](https://github.com/keras-team/keras/issues/17398) in 2023, not repaired). And
# `zoom_range` stretches. The whole list; names in the last column are of `keras.layers`:
#
# | argument | what it does | known bug | today |
# |---|---|---|---|
# | `horizontal_flip`, `vertical_flip` | mirrors half of the images | | `RandomFlip("horizontal")` [1] |
# | `rotation_range` | turns up to so many degrees either way | | `RandomRotation`, in full turns |
# | `width_shift_range` and `height_…` | shifts by a share of the side [2] | swapped | `RandomTranslation` |
# | `shear_range` | slants, in degrees | stretches the height, too | `RandomShear`, as a slope |
# | `zoom_range=0.4` | draws 0.6 to 1.4; *below* 1 enlarges | one draw a side: stretches | `RandomZoom(0.4)` |
# | `brightness_range` | multiplies | 0–1 turns black | multiply and clip [3] |
# | `channel_shift_range` | adds one number to all channels | blanks dark images | `RandomBrightness` |
# | `fill_mode` | fills what a change leaves empty | `wrap` skips a pixel | `fill_mode` of the layers |
# | `rescale` | multiplies, after all of the above | | `Rescaling` |
# | `featurewise_…` | subtracts a mean, divides by a spread | | `Normalization` and `adapt` |
# | `zca_whitening` | removes what neighboring pixels share | needs a huge matrix | none |
# | `flow(seed=…)` | repeats the draws | resets all of NumPy | `tf.image.stateless_…` |
#
# [1] Its default, `RandomFlip()`, also turns images on their heads. [2] Numbers from 1 on are pixels.
# [3] `RandomBrightness` adds.
#
# For each image, `get_random_transform` draws numbers and `apply_transform` applies them. So we can draw a
# thousand times without an image, and try one number on an image without drawing. Four bugs, in numbers:


# %%
def thousand(**arguments):
    """A thousand draws of a generator, a row each: tx moves columns, ty rows; zx and zy are zoom factors."""
    draw = ImageDataGenerator(**arguments).get_random_transform
    return pd.DataFrame([draw(cat.shape) for _ in range(1000)])


def apply(image, fill_mode="nearest", **numbers):
    """The image after the change that the numbers describe; tx=-2 moves it two columns to the right."""
    return ImageDataGenerator(fill_mode=fill_mode).apply_transform(image, numbers)


np.random.seed(0)  # the generator draws from NumPy's global random numbers
shifts, zooms = thousand(width_shift_range=0.4), thousand(zoom_range=0.4)
stretch = np.maximum(zooms.zx / zooms.zy, zooms.zy / zooms.zx)
unit, dark = cat / 255, np.round(cat / 4)
print(f"width_shift_range: {shifts.tx.abs().max():.0f} columns, {shifts.ty.abs().max():.0f} rows at most")
print(f"zoom_range: {np.mean(stretch > 1.1):.0%} are stretched by more than 10 %")
print(f"brightness 1.5 on 0–1: mean {unit.mean():.2f} becomes {apply(unit, brightness=1.5).mean():.2f}")
blank = apply(dark, channel_shift_intensity=80)
print(f"channel shift 80, dark: {len(np.unique(dark))} different values become {len(np.unique(blank))}")

# %% [markdown]
# - *Brightness* goes through whole numbers from 0 to 255, so images that were divided by 255 are black
#   afterwards, without a warning. Augment in 0–255, scale afterwards (`rescale` does).
# - *Channel shift* cuts off at the darkest and the lightest value *of this image*, not at 0 and 255. The dark
#   cat becomes one gray area.
#
# **Guess.** A generator has a rotation, a zoom and a flip. How many of 1,000 images come out as they were?

# %%
np.random.seed(0)
several = thousand(rotation_range=30, zoom_range=0.2, horizontal_flip=True)
same = (several.theta == 0) & (several.zx == 1) & (several.zy == 1) & (several.flip_horizontal == 0)
print(f"as they were: {same.sum()} of {len(same):,}; mirrored: {several.flip_horizontal.mean():.0%}")

# %% [markdown]
# None. Only flips toss a coin, always with 0.5. No other argument has a **probability** of its own: it
# changes *every* image, by a random amount. In Albumentations (lesson 04) each operation has its own `p`.

# %% [markdown]
# ## The four fill modes
#
# A shift leaves a strip without pixels, a turn leaves corners. `fill_mode` says what comes there:
#
# | `fill_mode` | the strip gets | row `1 2 3 4 5 6` continued to the left |
# |---|---|---|
# | `constant` | one value, `cval` (default 0, black) | `0 0 0` \| `1 2 3 …` |
# | `nearest` (default) | the nearest border pixel, again and again | `1 1 1` \| `1 2 3 …` |
# | `reflect` | the image mirrored at its border | `3 2 1` \| `1 2 3 …` |
# | `wrap` | the opposite side of the image | `4 5 6` \| `1 2 3 …` |
#
# A grid in which row 2, column 5 holds the number 25 moves two columns to the right.

# %%
FILL_MODES = ["constant", "nearest", "reflect", "wrap"]

grid = (10.0 * np.arange(1, 6)[:, np.newaxis] + np.arange(1, 7))[..., np.newaxis]
shifted = {fill_mode: apply(grid, fill_mode, tx=-2) for fill_mode in FILL_MODES}
print("first row with wrap:", shifted["wrap"][0, :, 0], "| np.roll:", np.roll(grid[0, :, 0], 2))

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 5, size=(8.8, 1.9))
for axis, (title, table) in zip(axes, ({"original": grid} | shifted).items(), strict=True):
    axis.imshow(table[..., 0] % 10, cmap="Blues", vmin=-2, vmax=12)
    for (row, column), number in np.ndenumerate(table[..., 0]):
        axis.text(column, row, f"{number:.0f}", ha="center", va="center", fontsize=9)
    if title != "original":
        axis.plot([-0.5, 1.5, 1.5, -0.5, -0.5], [-0.5, -0.5, 4.5, 4.5, -0.5], color="#d55e00", linewidth=2.5)
    axis.set_title(title, fontsize=9.5, loc="center")
    axis.set_axis_off()
figures.show(
    figure,
    alt="A grid numbered 11 to 56, and the grid shifted right by two columns four times. The two new "
    "columns hold zeros for constant, the first column twice for nearest, columns 2 and 1 for "
    "reflect, columns 4 and 5 for wrap.",
)

# %% [markdown]
# The frames hold what was invented. `wrap` should bring columns 5 and 6 back, as `np.roll` does, and brings 4
# and 5: it takes first and last pixel for the same place. On the photograph:

# %%
moved = [apply(cat, fill_mode, tx=-40) for fill_mode in FILL_MODES]
turned = [apply(cat, fill_mode, theta=30) for fill_mode in FILL_MODES]

# %% tags=["hide-input"]
captions = [f"shifted, {name}" for name in FILL_MODES] + [f"turned, {name}" for name in FILL_MODES]
figures.show(
    figures.pictures([*moved, *turned], captions, columns=4, inches=2.0),
    alt="A cat shifted by a third, and below turned by 30 degrees, four times each: what is left empty is "
    "black (constant), streaked (nearest), a mirror image (reflect), or the photograph's other side (wrap).",
    kind="jpeg",
)

# %% [markdown]
# `constant` draws an edge that no photograph has, `nearest` smears, `wrap` puts an edge into the scene.
# `reflect` is the least conspicuous while the gap is small; here one eye comes twice. So: small shifts, and
# `reflect` for photographs. Scans on black ground want `constant`, panoramas `wrap`.
#
# Keras' layers have the same four modes; their default is `reflect`.

# %% [markdown]
# ## Exercise 1: shift with four fill modes
#
# Write `shift_columns`. It moves an image `[H, W]` or `[H, W, C]` by `shift` columns to the right (to the
# left where `shift` is negative) and fills the strip by `fill_mode`, as the table says, with a `wrap` that is
# right. Shape and dtype stay. The shift may be larger than the image; then each pattern goes on:
#
# - `reflect`: … 6 5 4 3 2 1 | **1 2 3 4 5 6** | 6 5 4 3 2 1 | 1 2 3 …
# - `wrap`: … 1 2 3 4 5 6 | **1 2 3 4 5 6** | 1 2 3 4 5 6 | 1 2 3 …
#
# No loop is needed: find *which column each column of the result comes from*, then take all of them at once
# with `image[:, source]`.
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
# ## Scaling: what `fit` is for
#
# A network learns faster from small numbers around 0. `rescale=1/255` makes 0–1 of 0–255. The two
# **featurewise** arguments subtract the mean and divide by the standard deviation of the *data set*, for each
# channel, and `fit` computes both. (`samplewise_…` takes those of each image by itself.)
#
# **Guess.** What happens with `rescale` *and* featurewise? And what if `fit` gets images that were divided by
# 255 already?

# %%
SIZE = 32


def arrays(split):
    """Images uint8 [N, 32, 32, 3] and class numbers [N] of one split."""
    shots = course.shots if split == "train" else None
    loaded = data.load(course.dataset, split, image_size=SIZE, shots=shots, classes=course.classes)
    images, labels = next(iter(loaded.batch(len(loaded))))
    return images.numpy(), labels.numpy()


def scaled(fitted_on, **arguments):
    """The training images as the model gets them."""
    generator = ImageDataGenerator(**arguments)
    generator.fit(fitted_on)
    return generator.standardize(images.astype("float32"))


images, labels = arrays("train")
featurewise = {"featurewise_center": True, "featurewise_std_normalization": True}
results = {
    "rescale": scaled(images, rescale=1 / 255),
    "featurewise": scaled(images, **featurewise),
    "both": scaled(images, rescale=1 / 255, **featurewise),
    "both, fitted on images / 255": scaled(images / 255, rescale=1 / 255, **featurewise),
}
for name, result in results.items():
    print(f"{name:30} mean {abs(result.mean()):6.2f}, spread {result.std():6.2f}")
# %% [markdown]
# `both` is the same as `featurewise`: dividing by the spread undoes `rescale`. Fitted on images in another
# unit, everything is wrong, without a warning. So give `fit` the *training* images, exactly as `flow` gets
# them. Validation and test images are scaled with the same two numbers.
#
# **Whitening** (ZCA) goes further: it treats an image as one row of D numbers and multiplies it by a D × D
# matrix (D = H · W · 3), so that no number can be guessed from its neighbors.

# %%
whitening = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
half = min(len(images) // 2, 240)
whitening.fit(images[:half])
four = images[[0, half // 2, -half // 2, -1]]  # two that fit has seen, two that it has not
white = whitening.standardize(four.astype("float32"))
visible = 127 + 40 * white / white.std(axis=(1, 2, 3), keepdims=True)  # for our eyes: 0 is gray
for side in [32, 64, 224]:
    length = side * side * 3
    print(f"{side:3} px: D = {length:7,}, a matrix of {4 * length**2 / 2**30:5.2f} GiB")

# %% tags=["hide-input"]
figures.show(
    figures.pictures(
        [*four, *visible], ["seen", "seen", "new", "new"] + ["whitened"] * 4, columns=8, inches=1.1
    ),
    alt="Four images of 32 pixels, and the same whitened: of the two seen ones outlines stay, "
    "the two new ones are colored noise.",
    kind="jpeg",
)

# %% [markdown]
# **Warning.** The matrix grows with the fourth power of the side: 0.04 GiB at 32 px, 84 GiB at 224 px. And it
# wants more images than D. Here `fit` got at most 240, and D is 3,072: of the images that it has seen,
# outlines stay; new ones turn to noise.

# %% [markdown]
# ## `flow` and steps per epoch
#
# An epoch has as many steps as batches, and the iterator knows how many: `len(iterator)`, rounded up. In a
# `for` loop it never ends. Old programs therefore say `steps_per_epoch=len(images) // batch_size`.
#
# **Guess.** 100 images in batches of 32, `100 // 32` steps, four epochs. How many batches has each epoch?


# %%
def network():
    """A small convolutional network for images around 0 (`momentum` suits epochs of few steps)."""
    layers, classes = keras.layers, data.info(course.dataset, course.classes).class_names
    stack = [keras.Input([SIZE, SIZE, 3])]
    for filters in [16, 32, 64]:
        stack += [layers.Conv2D(filters, 3, 2, activation="relu"), layers.BatchNormalization(momentum=0.8)]
    stack += [layers.GlobalAveragePooling2D(), layers.Dense(len(classes), activation="softmax")]
    model = keras.Sequential(stack)
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


iterator = ImageDataGenerator().flow(np.zeros([100, SIZE, SIZE, 3]), np.zeros(100), batch_size=32)
seen = []
note = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
with warnings.catch_warnings(record=True, action="always") as caught:
    network().fit(iterator, epochs=4, steps_per_epoch=100 // 32, callbacks=[note], verbose=0)
print("len(iterator):", len(iterator), "| numbers of the batches of four epochs:", *seen)
print(str(caught[0].message).split(";")[0])

# %% [markdown]
# An epoch starts at each 0: 3 batches, 1, 3 and 1. In Keras 3 the second epoch gets only what the first has
# left. Keras warns (last line) and goes on: half of the epochs hardly train, and callbacks count them all.
# Leave `steps_per_epoch` out: `fit` asks `len(iterator)`.
#
# A second trap is `validation_split`: one generator then serves both parts, and augments the validation
# images, too.

# %% [markdown]
# ## Exercise 2: one pair of iterators
#
# Write `training_and_validation`. It returns two iterators made by `flow`, with labels:
#
# - **training**: shuffled; each image mirrored left to right half of the time and turned by up to 20
#   degrees;
# - **validation**: neither shuffled nor augmented;
# - **both**: featurewise centered and divided by the standard deviation, with the mean and the spread **of
#   the training images**.
#
# Images are uint8 `[N, H, W, 3]` in 0–255.
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
    training = augmenting.flow(images, labels, batch_size=batch_size)
    validation = plain.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False)
    return training, validation
    # solution ends


# %%
checks.lesson_03.training_and_validation(training_and_validation)

# %% [markdown]
# ## Train with it
#
# Two **callbacks**, which `fit` calls after each epoch, watch the validation loss:
#
# - `ReduceLROnPlateau`: no better for `patience` epochs? Multiply the learning rate by `factor`. Small steps
#   settle where large ones jump to and fro.
# - `EarlyStopping`: no better for a longer time? Stop, and with `restore_best_weights=True` go back to the
#   weights of the best epoch.
#
# A validation loss jumps a little, so `patience=1` would cut the rate by chance. And the second patience must
# be longer than the first, or training ends before a smaller rate has helped.

# %%
iterators = checks.yours(training_and_validation, otherwise=checks.lesson_03.training_and_validation.right)
training, validation = iterators(images, labels, *arrays("validation"), course.batch_size)

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(3)
model = network()
callbacks = [
    keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.3, patience=4),
    keras.callbacks.EarlyStopping("val_loss", patience=10, restore_best_weights=True),
]
fitted = model.fit(training, validation_data=validation, epochs=30, callbacks=callbacks, verbose=0)
history = pd.DataFrame(fitted.history, index=range(1, len(fitted.epoch) + 1))
best = history.val_loss.idxmin()
history.loc[[1, best, len(history)]].round(4)

# %% tags=["hide-input"]
figure, axis = figures.subplots(size=(6.8, 3.2))
axis.plot(history.index, history["loss"], label="training, augmented", color=figures.COLORS["basic"])
axis.plot(history.index, history["val_loss"], label="validation", color=figures.COLORS["cutmix"])
axis.plot(
    best, history["val_loss"][best], "o", markersize=12, fillstyle="none", color=figures.INK, label="kept"
)
twin = axis.twinx()
twin.step(history.index, history["learning_rate"], color=figures.MUTED, linestyle=":")
twin.set(yscale="log", ylabel="learning rate (dotted)")
axis.set(xlabel="epoch", ylabel="loss")
figure.legend(loc="outside lower center", ncols=3)
figures.show(
    figure,
    alt="Training and validation loss over the epochs, a circle at the epoch whose weights are kept, and the "
    "learning rate as a dotted line that steps down.",
)

# %% [markdown]
# The rows are the first, the best and the last epoch. Other machines give other numbers. Look for the steps
# of the dotted line, each after four epochs without a better validation loss, and for the circle: training
# ended ten epochs later, or with epoch 30. One run is an example, no result.

# %% [markdown]
# ## None, flip, too much
#
# The repository holds **reference runs** on CIFAR-10: photographs of 32 px, 10 classes with 200 training
# images each, a small ResNet, the same callbacks (but the last weights are kept), five seeds. `too much`
# turns by up to 60 degrees, zooms by up to 0.5 and shifts by up to 0.4. `python -m tools.generator_runs
# cifar10_small` made them. After each epoch, all three splits were evaluated *without* augmentation; we read
# the last. The table has the accuracy in percent, mean and standard deviation over the seeds; the **gap** is
# training minus test.
#
# **Guess.** Put the three in order, by accuracy on training images and by accuracy on test images.

# %%
folder = pathlib.Path("../solutions/results/image_data_generator")
runs = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
runs = pd.DataFrame(runs).set_index(["augmentation", "seed"])
flow = runs[runs.way == "generator"]

splits = ["train", "validation", "test"]
last = [[100 * history[-1][f"{split}_accuracy"] for split in splits] for history in flow.history]
table = pd.DataFrame(last, index=flow.index, columns=splits)
table["gap"] = table.train - table.test
table["epochs"] = flow.history.map(len)
table.groupby("augmentation").agg(["mean", "std"]).round(1)

# %%
test = table.test.unstack("augmentation")
for name in ["flip", "too much"]:
    found = statistics.paired_difference(test[name], test["none"])
    print(f"{name:8} against none: {found.mean:+.1f} points ({found.low:+.1f} to {found.high:+.1f})")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(8.2, 3.3), sharey=True)
looks = {
    "none": figures.COLORS["none"],
    "flip": figures.COLORS["basic"],
    "too much": figures.COLORS["cutmix"],
}
for (name, seed), history in flow["history"].items():
    for axis, split in zip(axes, ["train", "validation"], strict=True):
        accuracy = [epoch[f"{split}_accuracy"] for epoch in history]
        label = name if seed == 0 else None
        axis.plot(range(1, len(accuracy) + 1), accuracy, color=looks[name], linewidth=1.2, label=label)
for axis, title in zip(axes, ["On training images, not augmented", "On validation images"], strict=True):
    axis.set(title=title, xlabel="epoch")
axes[0].set_ylabel("accuracy")
axes[1].legend()
figures.show(
    figure,
    alt="Accuracy over the epochs, five lines each. On training images none and flip rise to nearly 1, too "
    "much stays near a half. On validation images flip ends highest, too much lowest and latest.",
)

# %% [markdown]
# Without augmentation the network knows all its training images by heart and reaches 45.1 % on test images, a
# gap of 54.9 points. The flip gains 3.9 points (in brackets: the 95 % interval, each seed compared with
# itself; lesson 07). With too much, the gap is smallest, 9.6 points, and test accuracy is worst, 2.9 points
# below none: the network has learned only 52 % of its training images, in more than twice as many epochs. A
# small gap is no aim; accuracy on new images is. The test images judge, since the validation images have
# decided when to stop.
#
# ## Where the time goes
#
# The generator changes image after image, in Python, on one core, and a faster model waits for it. A
# `tf.data` pipeline works on several. The runs have noted the seconds of each epoch (2,000 images), with
# both; we take the fastest, since other programs ran beside. Below them: the course's speed test (`make
# bench`), a rotation by the generator.

# %%
seconds = runs.history.map(lambda history: min(epoch["seconds"] for epoch in history))
print(seconds.groupby([runs.way, "augmentation"]).min().round(2).to_string())
bench = pd.read_csv("../solutions/results/bench.csv")
bench = bench[(bench.library == "ImageDataGenerator") & (bench.threads == 2)]
bench[["task", "image size", "images/s", "ours is times as fast"]]

# %% [markdown]
# At 32 px an epoch with none or the flip takes 1.8 to 1.9 s both ways, and `too much` adds 0.4 s. So the old
# class is no hindrance for small images. It becomes one with their size: it turns about 4,900 images a second
# of 32 px, and 282 of 224 px. *Ours*, the course's rotation in TensorFlow,
# is 9 to 25 times as fast, with two threads each.
#
# ## What you learned
#
# - `expand_dims → ImageDataGenerator → fit → flow → next`: settings, statistics, iterator, batch.
# - Width and height are swapped, `wrap` skips a pixel, zoom stretches, brightness blackens 0–1 images, a seed
#   resets NumPy.
# - Only flips have a probability, 0.5; all else changes every image.
# - The fill mode decides what stands in empty places; for photographs `reflect`, while these are small.
# - `fit` sees the training images as `flow` sees them. Validation images are scaled alike, never augmented.
# - `steps_per_epoch=N // batch_size` spoils every second epoch.
# - Some augmentation narrows the gap between training and test and helps, too much costs accuracy: measure.
#
# ## Questions
#
# 1. Someone divides the images by 255, then uses `brightness_range=(0.8, 1.2)`, and gets an accuracy of
#    pure chance. Why?
#
#    <details><summary>Answer</summary>
#
#    `brightness_range` goes through 8-bit numbers, so values below 1 become 0: all training images are
#    black. Augment in 0–255 and scale afterwards, with `rescale` or in the model.
#
#    </details>
#
# 2. A colleague replaces `rotation_range=30` by `RandomRotation(0.3)`. What happens?
#
#    <details><summary>Answer</summary>
#
#    The layer counts in full turns, so 0.3 is up to 108 degrees either way: many images lie on their backs,
#    and nothing complains. `30 / 360` is meant. And `reflect` now fills the corners instead of `nearest`.
#
#    </details>
#
# 3. With heavy augmentation a network reaches 50 % on its training images and 43 % on test images. "At last
#    no overfitting!" What do you answer?
#
#    <details><summary>Answer</summary>
#
#    A small gap is no aim. Without augmentation our network had a far larger gap and was *better* on test
#    images. With too much it has not even learned its training images. Compare test accuracy.
#
#    </details>
#
# **Next.** [Lesson 04, Albumentations](04_albumentations.ipynb), where each operation has a probability of
# its own, and image, mask and boxes change together.

# %% [markdown]
# ## For the curious: from a folder
#
# `flow_from_directory` wants one sub-folder a class and reads a file when its batch comes. Both it and its
# successor `keras.utils.image_dataset_from_directory` resize, by default, without **antialiasing**: a small
# image is made of a few pixels of the large one, and the rest is ignored (lesson 01). We compare with
# an antialiased cat of 64 px.

# %%
import contextlib
import io
import tempfile

right = tf.image.resize(square, [64, 64], antialias=True).numpy()
with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(io.StringIO()):
    pathlib.Path(root, "cats").mkdir()
    keras.utils.save_img(pathlib.Path(root, "cats", "chelsea.png"), square, scale=False)
    options = {"target_size": (64, 64), "class_mode": None}
    made = {
        "flow_from_directory": next(ImageDataGenerator().flow_from_directory(root, **options)),
        "… interpolation='bilinear'": next(
            ImageDataGenerator().flow_from_directory(root, interpolation="bilinear", **options)
        ),
        "image_dataset_from_directory": next(
            iter(keras.utils.image_dataset_from_directory(root, image_size=(64, 64), labels=None))
        ),
    }
for name, batch in made.items():
    print(f"{name:30} off by up to {np.abs(batch[0] - right).max():4.1f} gray levels")

# %% [markdown]
# The defaults are off by up to 58 and 48 gray levels. `interpolation="bilinear"` in the old one antialiases,
# since Pillow does. With the new one, load large and resize with `antialias=True`.
#
# ## For the curious: are the successors the same?


# %%
def by_layer(layer):
    """What a layer makes of the cat in training."""
    return layer(one, training=True).numpy()[0]


turn = keras.layers.RandomRotation((30 / 360, 30 / 360), fill_mode="reflect")
zoom = keras.layers.RandomZoom((-0.4, -0.4))
shift = keras.layers.RandomTranslation(0, (0.25, 0.25), fill_mode="nearest")
roll = keras.layers.RandomTranslation(0, (0.25, 0.25), fill_mode="wrap")
normalization = keras.layers.Normalization()
normalization.adapt(images.astype("float32"))
pairs = {
    "RandomRotation": (apply(cat, "reflect", theta=30), by_layer(turn)),
    "RandomZoom": (apply(cat, zx=0.6, zy=0.6), by_layer(zoom)),
    "RandomTranslation": (apply(cat, tx=-30), by_layer(shift)),
    "  wrap, and np.roll": (np.roll(cat, 30, axis=1), by_layer(roll)),
    "multiply and clip": (apply(cat, brightness=1.6), np.clip(1.6 * cat, 0, 255)),
    "Normalization": (results["featurewise"], normalization(images).numpy()),
}
for name, (old, new) in pairs.items():
    print(f"{name:18} largest difference {np.abs(old - new).max():5.2f}")

dot = np.zeros((65, 65, 1))
dot[12, 32] = 255
row = apply(dot, shear=25).max(axis=(1, 2)).argmax()
print(f"shear_range 25: a dot 20 rows above the middle is then {32 - row} rows above it")
middle = np.zeros((1, 65, 65, 1))
middle[0, 32, 32] = 255
column = keras.layers.RandomShear((0.5, 0.5), 0.0)(middle, training=True).numpy().max(axis=(0, 1, 3)).argmax()
print(f"RandomShear 0.5: the middle goes from column 32 to column {column}")
print("RandomFlip() means:", keras.layers.RandomFlip().mode)
some = [
    keras.layers.RandomRotation(0.1),
    keras.layers.RandomZoom(0.1),
    keras.layers.RandomTranslation(0, 0.1),
]
print("fill modes that nobody asked for:", *(each.fill_mode for each in [ImageDataGenerator(), *some]))

# %% [markdown]
# Yes, but for the brightness, which drops what is behind the decimal point, and for `wrap`, where the layer
# does what `np.roll` does. `RandomShear` differs: it moves the middle, which `shear_range` keeps in place.
#
# ## For the curious: the seed

# %%
for own_seed in (1, 2):
    np.random.seed(own_seed)
    next(ImageDataGenerator().flow(one, seed=0))
    print(f"your seed {own_seed}, then flow(seed=0): np.random.random() gives {np.random.random():.4f}")

# %% [markdown]
# `flow(seed=…)` sets NumPy's global seed with each batch. Whatever your program draws afterwards no longer
# depends on its own seed: ten runs with ten seeds shuffle all alike.
