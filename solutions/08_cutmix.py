# %% [markdown]
# # 08 CutMix
#
# **Goal.** Write CutMix for a whole batch, with labels that say exactly what the pixels show, prove it, and
# judge whether it helped.
#
# **Time.** 45 minutes.
#
# **You need to know** lesson 01 (batches, one-hot labels) and lesson 02 (`stateless_` operations, seeds of
# two numbers, batches in `tf.data`).
#
# **Source.** Yun et al. 2019, *CutMix*, [arXiv 1905.04899](https://arxiv.org/abs/1905.04899).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import functools
import pathlib
import textwrap
import time

import keras
import matplotlib.patches
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, evaluation, figures, mixing, models, pipeline
from utils.experiment import runs

# %% [markdown]
# ## Two images, one box
#
# CutMix cuts a box out of one training image, pastes it into another one at the same place, and mixes the
# two labels by area. It stands between two older methods, and we look at all three side by side. First two
# images of different classes, 68 pixels wide.

# %%
SIZE = 68
class_names = data.info(course.dataset).class_names
examples = {}  # class → its images
for image, label in data.load(course.dataset, "validation", image_size=SIZE):
    examples.setdefault(int(label), []).append(image.numpy())


def example(label, number):
    """An image and its label; numbers start again at the end of the classes or images."""
    label = label % len(class_names)
    return examples[label][number % len(examples[label])], label


first, first_class = example(2, 8)
second, second_class = example(8, 3)
first_name, second_name = class_names[first_class], class_names[second_class]
print(f"{len(class_names)} classes; first image: {first_name}; second image: {second_name}")
print("shape and dtype:", first.shape, first.dtype)

# %% [markdown]
# The box is 43 pixels wide and high. In Python's slices the first index is inside, the last one outside:
# rows 25 to 67 are `25:68`.

# %%
top, left, bottom, right = 25, 20, 68, 63

cutout = first.copy()
cutout[top:bottom, left:right] = 0

mixup = 0.6 * first + 0.4 * second

cutmix = first.copy()
cutmix[top:bottom, left:right] = second[top:bottom, left:right]

pasted = (bottom - top) * (right - left) / SIZE**2
print(f"share of the pixels inside the box: {pasted:.2f}")


# %%
def show_pictures(pictures, captions, alt, *, columns, size):
    """Draw pictures [H, W, 3] in 0-255, `columns` in a row, with a caption below each."""
    figure, axes = figures.subplots(len(pictures) // columns, columns, size=size)
    for axis, picture, caption in zip(axes.flat, pictures, captions, strict=True):
        axis.imshow(np.uint8(picture))
        axis.set_xlabel(caption, fontsize=10)
        axis.set(xticks=[], yticks=[], frame_on=False)
    figures.show(figure, alt=alt, kind="jpeg")


mixed_words = f"0.6 {first_name}\n+ 0.4 {second_name}"
show_pictures(
    [first, second, cutout, cutmix, mixup],
    [
        f"first image\n1.0 {first_name}",
        f"second image\n1.0 {second_name}",
        f"Cutout\n1.0 {first_name}",
        f"CutMix\n{mixed_words}",
        f"MixUp\n{mixed_words}",
    ],
    f"Five pictures: {first_name}; {second_name}; the first with a black box (Cutout); the "
    "first with that box filled from the second (CutMix); and both on top of each other, pale "
    "(MixUp). The label of Cutout is still 1.0 of the first class, those of CutMix and MixUp "
    "are 0.6 and 0.4.",
    columns=5,
    size=(8.6, 2.4),
)

# %% [markdown]
# | | pixels | label |
# |---|---|---|
# | **Cutout** | 40 % are lost | stays, although less is to be seen |
# | **CutMix** | all come from a real image | shares of the two areas |
# | **MixUp** (lesson 09) | each is a blend that no camera would take | shares of the two images |
#
# Cutout hides a part, so that the network must learn from the rest; but black pixels teach nothing. CutMix
# hides the same part and puts something to learn in its place. MixUp needs no box, but no pixel is natural
# any more.

# %% [markdown]
# ## Two labels: 0.6 and 0.4
#
# A label that is a class number cannot say "a bit of both". A one-hot row can: the mixed label is 0.6 times
# the first row plus 0.4 times the second. It is no longer one-hot; such a label is called **soft**.

# %%
one_hot = np.eye(len(class_names))
first_label, second_label = one_hot[first_class], one_hot[second_class]
soft_label = 0.6 * first_label + 0.4 * second_label

print("first:", first_label)
print("soft: ", soft_label)
print("sum:  ", soft_label.sum())

# %% [markdown]
# What does the training make of it? The loss of a classifier, **cross-entropy**, is the sum of −label ·
# log(prediction) over the classes. Keras calls it `categorical_crossentropy` and takes soft labels. (Its
# `sparse_` variant takes class numbers, so it is of no use here.) We try four predictions that share
# themselves between the two classes.

# %%
print("prediction                loss, one-hot label     loss, soft label")
for share in [0.99, 0.8, 0.6, 0.4]:
    prediction = share * first_label + (1 - share) * second_label
    hard = float(keras.losses.categorical_crossentropy(first_label, prediction))
    soft = float(keras.losses.categorical_crossentropy(soft_label, prediction))
    print(f"{share:.2f} first, {1 - share:.2f} second  {hard:19.2f}  {soft:19.2f}")

# %% [markdown]
# With the one-hot label the loss is the lower, the surer the network is. With the soft label a sure
# network pays, and the loss is lowest at 0.6 and 0.4: the network is asked how much of each it sees. Even
# there it is not 0. Keep this in mind for the training below; lesson 09 looks into it.

# %% [markdown]
# ## The box from λ
#
# The paper draws a number λ ("lambda", in code `lam`): the share that the first image **keeps**. So the box
# shall cover 1 − λ of the area, and it has the shape of the image. For an image of height H and width W:
#
# - box height H · √(1 − λ) and box width W · √(1 − λ), because the two factors multiply to 1 − λ;
# - its centre is drawn uniformly: every pixel is equally likely to be the centre;
# - what reaches over the border is **clipped**, which means cut off.
#
# An example by hand: 100 × 100 pixels, λ = 0.64. The box has a side of 100 · √0.36 = 60. Around row 50 it
# goes from 20 to 80. Around row 10 it would go from −20 to 40, and after clipping from 0 to 40.
#
# λ itself is drawn from 0 to 1, all values equally likely. Papers write this as λ ~ Beta(1, 1): λ *is drawn
# from* the Beta distribution, whose two settings are here the same number, α (alpha). With α = 1 all values
# are equally likely; other α come in lesson 09.

# %% [markdown]
# ## Exercise 1: the box
#
# Write `box_from_lam`. It takes the size of the image, λ, and the row and column of the centre, and returns
# four whole numbers: top, left, bottom, right, as in the slices above. The centre need not lie on whole
# numbers: row 30.5 is allowed. How you round is up to you: an edge may be one pixel off, but not outside of
# the image. With λ = 1 the box is empty (its bottom is its top, or its right is its left).
#
# <details><summary>Hint</summary>
#
# The two sides first, then half of a side in each direction from the centre. `round` or `int` makes whole
# numbers. `min` and `max` clip: no edge below 0, no bottom beyond `height`.
#
# </details>


# %%
def box_from_lam(height, width, lam, row, column):
    """The clipped box of CutMix as four whole numbers: top, left, bottom, right."""
    # solution begins: Exercise 1: the box
    half_height = height * (1 - lam) ** 0.5 / 2
    half_width = width * (1 - lam) ** 0.5 / 2
    top, bottom = round(row - half_height), round(row + half_height)
    left, right = round(column - half_width), round(column + half_width)
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)
    # solution ends


# %%
checks.lesson_08.box_from_lam(box_from_lam)

# %% [markdown]
# The lesson goes on with a version that makes many boxes at once. `lam` holds a number for each image, and
# so do the four edges that come back.


# %%
def edges(centre, side, size):
    """Start and stop along one axis, whole numbers, clipped to 0 … size."""
    start = tf.cast(tf.round(centre - side / 2), tf.int32)
    stop = start + tf.cast(tf.round(side), tf.int32)
    return tf.clip_by_value(start, 0, size), tf.clip_by_value(stop, 0, size)


def boxes_at(lam, row, column, height, width):
    """Boxes for the shares `lam` around the centres `row`, `column`, all [B]: four int32 [B]."""
    factor = tf.sqrt(1 - lam)
    top, bottom = edges(row, factor * tf.cast(height, tf.float32), height)
    left, right = edges(column, factor * tf.cast(width, tf.float32), width)
    return top, left, bottom, right


# %% [markdown]
# A grid of boxes: five values of λ, three centres. The dashed line is the box before it is clipped; "keeps"
# is the share of its own pixels that the image really keeps.

# %%
LAMS = [0.9, 0.7, 0.5, 0.3, 0.1]
CENTRES = {"middle": (34.0, 34.0), "right edge": (34.0, 62.0), "corner": (6.0, 62.0)}


def draw_box(axis, lam, row, column):
    """Draw the first image with this box of the second; returns the share it keeps."""
    box = boxes_at(tf.constant(lam), row, column, SIZE, SIZE)
    top, left, bottom, right = (int(edge) for edge in box)
    mixed = first.copy()
    mixed[top:bottom, left:right] = second[top:bottom, left:right]
    axis.imshow(mixed)
    return 1 - (bottom - top) * (right - left) / SIZE**2


def draw_outlines(axis, lam, row, column):
    """Draw the border of the image, thin, and the box as it is before clipping, dashed."""
    side = SIZE * (1 - lam) ** 0.5
    corner = (column - side / 2 - 0.5, row - side / 2 - 0.5)
    for place, length, look in [
        ((-0.5, -0.5), SIZE, {"color": "#767676", "linewidth": 1}),
        (corner, side, {"color": "white", "linewidth": 3}),
        (corner, side, {"color": "black", "linewidth": 1.5, "linestyle": "--"}),
    ]:
        square = matplotlib.patches.Rectangle(place, length, length, fill=False, **look)
        axis.add_patch(square)


# %%
figure, axes = figures.subplots(3, 5, size=(9.2, 5.2), height_ratios=[84, 84, 112])
for line, (place, (row, column)) in zip(axes, CENTRES.items(), strict=True):
    for axis, lam in zip(line, LAMS, strict=True):
        kept = draw_box(axis, lam, row, column)
        draw_outlines(axis, lam, row, column)
        words = f"λ = {lam}, keeps {kept:.2f}"
        axis.text(34, 71, words, fontsize=9.5, ha="center", va="top")
        axis.set(xlim=(-3, 97), ylim=(81, -31 if row < 30 else -3))
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
    line[0].set_ylabel(place)
figures.show(
    figure,
    alt="Fifteen mixed images in three rows, with λ falling from 0.9 to 0.1. In the middle the "
    "box grows and the image keeps λ, but for rounding; at the right edge and in the corner "
    "much of the box lies outside, and the image keeps more than λ: in the corner, at λ = 0.1, "
    "still 0.68.",
    kind="jpeg",
)

# %% [markdown]
# ## The trap: clipping makes the box smaller
#
# In the lower two rows the image keeps more than λ. How often does that happen? We draw 100,000 boxes as the
# paper says, and compare the area that λ promises with the area that is really pasted.

# %%
COUNT = 100_000
drawn = tf.random.stateless_uniform([3, COUNT], seed=(8, 0))
lam, row_share, column_share = tf.unstack(drawn)
top, left, bottom, right = boxes_at(lam, SIZE * row_share, SIZE * column_share, SIZE, SIZE)

promised = 1 - lam.numpy()
area = ((bottom - top) * (right - left)).numpy() / SIZE**2
error = np.abs(promised - area)

large_promised, large_pasted = np.mean(promised > 0.6), np.mean(area > 0.6)
print(f"area promised: {promised.mean():.2f} on average; over 0.6: {large_promised:.0%}")
print(f"area pasted:   {area.mean():.2f} on average; over 0.6: {large_pasted:.0%}")
print(f"boxes that lost more than 0.01 of the image: {np.mean(promised - area > 0.01):.0%}")
print(f"labels made from λ are off by {error.mean():.2f} on average, {error.max():.2f} at most")

# %%
figure, axis = figures.subplots(size=(6.6, 3.2))
bins = np.linspace(0, 1, 21)
look = {"color": figures.COLORS["none"], "histtype": "step", "linewidth": 2}
axis.hist(promised, bins, label="promised: 1 − λ", **look)
axis.hist(area, bins, label="pasted", color=figures.COLORS["cutmix"], alpha=0.75)
axis.axvline(0.6, color=figures.INK, linestyle="--", linewidth=1.5)
large = f"over 0.6:\n{large_promised:.0%} promised\n{large_pasted:.0%} pasted"
axis.text(0.62, 0.55, large, transform=axis.transAxes)
axis.set(xlabel="share of the image inside the box", xlim=(0, 1), ylabel="boxes", yticks=[])
axis.set_title("Clipping turns large boxes into small ones")
axis.legend()
figures.show(
    figure,
    alt="Two histograms of areas from 0 to 1. What λ promises is flat; what is pasted after "
    "clipping is a hill between 0 and 0.6 that runs out to the right. 40 % of the boxes promise "
    "more than 0.6 of the image, and 9 % paste it.",
)

# %% [markdown]
# Four boxes in five lose something to the border. λ is uniform, the pasted area is not: few boxes cover more
# than 60 % of an image.
#
# That alone is no mistake. The mistake is to mix the labels with λ: in the last picture of the grid such a
# label says “90 % second image”, where a third of the picture shows it. Nothing crashes, the loss still
# falls, the network just learns from wrong labels. It has happened to others:
#
# - the [CutMix of KerasCV
#   0.9.0](https://github.com/keras-team/keras-cv/blob/v0.9.0/keras_cv/src/layers/preprocessing/cut_mix.py#L137)
#   clips the box and labels with the area before clipping (off by 0.171 on average and by up to 0.66,
#   measured for this course);
# - so does the much-copied Kaggle notebook
#   [cutmix-and-mixup-on-gpu-tpu](https://www.kaggle.com/code/cdeotte/cutmix-and-mixup-on-gpu-tpu).
#
# The paper itself has it right.
#
# So: first clip, then **count the pixels** that were pasted. That share is exact, however you have rounded.

# %% [markdown]
# ## Exercise 2: two images, two labels
#
# Write `cutmix_pair` with NumPy. The box is whole numbers and already clipped. The result is a new image:
# the first one, with the pixels of the second inside the box; and a new label, mixed in exactly the shares
# that the pixels have. Images may be of any height, width and dtype (which stays), labels may already be
# soft.
#
# <details><summary>Hint</summary>
#
# Copy the first image before you change it. The pasted share is (bottom − top) · (right − left), divided by
# the number of pixels; `image.shape[:2]` is height and width. To whom belongs that share, to whom the rest?
#
# </details>


# %%
def cutmix_pair(first, second, first_label, second_label, box):
    """Paste `box` of the second image into the first; returns (image, label)."""
    top, left, bottom, right = box
    # solution begins: Exercise 2: two images, two labels
    mixed = first.copy()
    mixed[top:bottom, left:right] = second[top:bottom, left:right]
    height, width = first.shape[:2]
    pasted = (bottom - top) * (right - left) / (height * width)
    return mixed, (1 - pasted) * first_label + pasted * second_label
    # solution ends


# %%
checks.lesson_08.cutmix_pair(cutmix_pair)

# %% [markdown]
# ## A whole batch without a Python loop
#
# For training, CutMix shall run inside `tf.data`, where a function is traced once for batches of any size
# (lesson 02): there, `for k in range(len(images))` fails, since the length is not known yet. Three ideas make
# the loop unnecessary.
#
# **1. A partner for each image.** Shuffle the numbers of the batch. Image `k` is mixed with image
# `partner[k]`, and `tf.gather` fetches all partners at once, pixels or labels.

# %%
batch_labels = tf.one_hot([2, 0, 1, 3], 4)
partner = tf.random.experimental.stateless_shuffle(tf.range(4), seed=(8, 1))
print("partner:", partner.numpy())
partner_labels = tf.gather(batch_labels, partner)
for k in range(4):
    own, other = batch_labels[k].numpy(), partner_labels[k].numpy()
    print(f"image {k}: {own}, its partner: {other}")

# %% [markdown]
# Image 3 is its own partner. That happens now and then; it then stays as it is, and so does its label.
#
# **2. The box as a mask.** A pixel is inside if its row is between top and bottom *and* its column between
# left and right. Comparing all row numbers with all tops makes a table, images × rows. We take two small
# images, 4 × 4 pixels, each with a box of its own:

# %%
tops, bottoms = tf.constant([1, 0]), tf.constant([3, 2])
lefts, rights = tf.constant([2, 0]), tf.constant([4, 3])
numbers = tf.range(4)
inside_rows = (numbers >= tops[:, tf.newaxis]) & (numbers < bottoms[:, tf.newaxis])
inside_columns = (numbers >= lefts[:, tf.newaxis]) & (numbers < rights[:, tf.newaxis])
print("rows inside:   ", *inside_rows.numpy().astype(int))
print("columns inside:", *inside_columns.numpy().astype(int))

# %% [markdown]
# The first box takes rows 1 and 2, the second one rows 0 and 1. `tops[:, tf.newaxis]` has the shape 2 × 1,
# `numbers` the shape 4, and TensorFlow stretches both to 2 × 4. This is called **broadcasting**. It also
# makes a mask of the two tables, if they get an axis of length 1 each: rows are stretched to the right,
# columns downwards.

# %%
row_stripes = inside_rows[:, :, tf.newaxis]
column_stripes = inside_columns[:, tf.newaxis, :]
masks = row_stripes & column_stripes
print(row_stripes.shape, "&", column_stripes.shape, "gives", masks.shape)

figure, axes = figures.subplots(2, 3, size=(5.4, 3.7))
tables = {"row inside": row_stripes, "& column inside": column_stripes, "= the box": masks}
for column, (title, table) in zip(axes.T, tables.items(), strict=True):
    column[0].set_title(title)
    for axis, stripes in zip(column, table.numpy(), strict=True):
        inside = np.broadcast_to(stripes, [4, 4])
        look = {"cmap": "Blues", "vmin": -0.2, "vmax": 1.4, "edgecolor": "white"}
        axis.pcolormesh(inside, linewidth=2, **look)
        axis.set(xticks=[], yticks=[], frame_on=False, aspect="equal", ylim=(4, 0))
axes[0, 0].set_ylabel("first image")
axes[1, 0].set_ylabel("second image")
figures.show(
    figure,
    alt="For each of two images three tables of 4 by 4 squares: rows that are inside make "
    "stripes from left to right, columns that are inside make stripes from top to bottom, and "
    "where both are true there is a box.",
)

# %% [markdown]
# So `[B, H, 1]` and `[B, 1, W]`, joined by `&`, make the mask `[B, H, W]`. One more axis of length 1 at the
# end, for the channels, and it fits the images.
#
# **3. Choose by mask.** `tf.where(mask, theirs, mine)` takes a pixel of `theirs` where the mask is true and
# of `mine` elsewhere. It copies, so `uint8` stays `uint8`.

# %% [markdown]
# ### A checker for mixes
#
# Before you write it: how would you know that it is right? `checks.check_augmentation` takes any function
# `mix(images, labels, *, seed) -> (images, labels)`, feeds it images of pure noise, finds out from the pixels
# where each of them came from, and compares that with the labels. For each image it counts the **pixel
# share**, how much of it came from the partner, and reads the **label share**, how much of the label did: the
# two must be equal. It looks at more, each with a name: that a label's shares sum to 1 (*label mass*), that
# every image has a λ of its own (*own λ*), that the same seed gives the same batch (*repeatable*), and so on;
# `print(report)` shows them all. `alpha=1.0` is the claim to test, λ ~ Beta(1, 1); `draws` is the number of
# batches to try.
#
# Here is a mix with the trap in it: the pixels of the course's own `mixing.cutmix`, and labels made from λ.
# (`mixing.cutmix_parameters` returns what `mixing.cutmix` draws from the same seed.)


# %%
def labels_from_lam(images, labels, *, seed):
    """CutMix with the mistake: the labels are mixed with λ, not with the share of pixels."""
    mixed, _ = mixing.cutmix(images, labels, seed=seed)
    drawn = mixing.cutmix_parameters(images, seed=seed)
    lam = drawn.lam[:, tf.newaxis]
    return mixed, lam * labels + (1 - lam) * tf.gather(labels, drawn.partner)


report = checks.check_augmentation(labels_from_lam, kind="mix", alpha=1.0, draws=16)
print(report.verdict)
print("label share:", report["label share"].evidence)

# %% [markdown]
# ## Exercise 3: CutMix for a batch
#
# Write `cutmix_batch`. The partners and the boxes are already drawn. Left to do: the mask, the pixels, the
# share and the labels. Images are `[B, H, W, 3]` of any dtype, which stays; labels are floats `[B, K]`; the
# edges `top`, `left`, `bottom`, `right` and `partner` are int32 `[B]`. No loop over images.
#
# The check looks at the result and then hands your function to `check_augmentation`.
#
# <details><summary>Hint</summary>
#
# Mask: as above, with `tf.range(height)` for the rows and `tf.range(width)` for the columns. Share: the area
# of each box divided by `height * width`. Both are whole numbers, so cast both first, each with
# `tf.cast(…, labels.dtype)`. The share is `[B]`; as `[B, 1]` it multiplies labels.
#
# </details>


# %%
def cutmix_batch(images, labels, *, seed):
    """CutMix with a box of its own for each image; returns (images, labels)."""
    count, height, width, _ = tf.unstack(tf.shape(images))
    partner_seed, lam_seed, centre_seed = tf.unstack(tf.random.split(seed, 3))
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed)
    lam = tf.random.stateless_uniform([count], lam_seed)
    row, column = tf.unstack(tf.random.stateless_uniform([2, count], centre_seed))
    row, column = row * tf.cast(height, tf.float32), column * tf.cast(width, tf.float32)
    top, left, bottom, right = boxes_at(lam, row, column, height, width)
    # All is drawn. From here on it is yours: mask, pixels, share, labels.
    # solution begins: Exercise 3: CutMix for a batch
    rows, columns = tf.range(height), tf.range(width)
    inside_rows = (rows >= top[:, tf.newaxis]) & (rows < bottom[:, tf.newaxis])
    inside_columns = (columns >= left[:, tf.newaxis]) & (columns < right[:, tf.newaxis])
    inside = inside_rows[:, :, tf.newaxis] & inside_columns[:, tf.newaxis, :]
    mixed = tf.where(inside[..., tf.newaxis], tf.gather(images, partner), images)

    area = tf.cast((bottom - top) * (right - left), labels.dtype)
    pasted = (area / tf.cast(height * width, labels.dtype))[:, tf.newaxis]
    return mixed, (1 - pasted) * labels + pasted * tf.gather(labels, partner)
    # solution ends


# %%
checks.lesson_08.cutmix_batch(cutmix_batch)

# %% [markdown]
# From here on the lesson uses the course's version, `mixing.cutmix`. It does the same, and where it cannot (a
# single image, class numbers in place of one-hot labels) its error says why.
#
# This is what it makes of a batch. Compare the numbers with what you see. The larger share comes first,
# whichever image was pasted.

# %%
picks = [(0, 2), (3, 2), (4, 1), (6, 3), (8, 3), (11, 3), (2, 4), (7, 0)]  # class, image
chosen = [example(label, number) for label, number in picks]
batch = tf.stack([image for image, _ in chosen])
batch_labels = tf.one_hot([label for _, label in chosen], len(class_names))
mixed, mixed_labels = mixing.cutmix(batch, batch_labels, seed=(8, 57))

captions = [charts.label_text(label, class_names) for label in mixed_labels]
show_pictures(
    mixed.numpy(),
    captions,
    "Eight images after CutMix, each with a box of another and a label in shares: "
    + "; ".join(caption.replace("\n", " ") for caption in captions),
    columns=4,
    size=(8, 4.8),
)

# %% [markdown]
# A share is about pixels, not about meaning: a box that holds only background counts just as much. Look back
# at the grid of boxes, last row, λ = 0.9: the label claims a little of the second dog, and the box shows
# none of it. This is CutMix's weakness, and later methods look for the important part first (lesson 09
# sketches one, Puzzle Mix).

# %% [markdown]
# ## Keras has one, too
#
# `keras.layers.CutMix` is a layer that takes a dict of images and labels. We hand it to the same checker.

# %%
# These factors mean λ ~ Beta(1, 1); the layer's default draws otherwise.
keras_cutmix = keras.layers.CutMix(factor=(1.0, 1.0))
report = checks.check_augmentation(
    keras_cutmix,
    kind="mix",
    alpha=1.0,
    draws=16,
    image_size=(48, 48),
)
print("checks that fail:   ", report.failed)
print("label share:        ", report["label share"].evidence)
print("distribution of λ:  ", report["distribution of λ"].evidence.split(";")[0])

# %% [markdown]
# - *Label share*: the edges of its box are not whole numbers, so label and pixels differ a little: here at
#   48 × 48 pixels, the size of our trainings, as printed. The larger the images, the less it is.
# - *Distribution of λ*: its boxes always lie inside the image and are never clipped. So they are larger:
#   with a uniform λ the images keep 0.50 in the long run (the print is about 16 batches only), and are mixed
#   more strongly than in the paper.
# - *Sparse labels, single image*: where it cannot do its work, it says nothing. Forget the one-hot labels,
#   or forget to batch, and you train on nonsense, or on unmixed images.

# %% [markdown]
# ## Train with it
#
# Our network is a small **ResNet**: a network whose blocks add their result to what came in, so that deep
# ones can be trained. A mix is a step of the input pipeline: after batching, and for training images only.
# (With `COURSE_PROFILE=full` the same cells train a large network on photographs; that wants a GPU.)

# %%
EPOCHS = 8
train = data.load(
    course.dataset,
    "train",
    image_size=course.image_size,
    shots=course.shots,
)
validation = data.load(course.dataset, "validation", image_size=course.image_size)

sizes = {"batch_size": course.batch_size, "num_classes": len(class_names)}
training_batches = pipeline.training_batches(train, mix=mixing.cutmix, seed=0, **sizes)
validation_batches = pipeline.evaluation_batches(validation, **sizes)
print(f"{len(train)} training images, {len(training_batches)} steps an epoch")
print(f"{len(validation)} validation images")

# %% [markdown]
# (11 steps are 704 images. The course's pipeline leaves out what does not fill a batch, other images in each
# epoch, so that every step weighs the same. Of the validation images it leaves out nothing.)

# %%
keras.utils.set_random_seed(0)
model = models.build(
    course.model,
    num_classes=len(class_names),
    image_size=course.image_size,
    weights=course.weights,
)
adam = keras.optimizers.Adam(course.learning_rate)
model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])

# %% tags=["nbval-ignore-output"]
history = model.fit(
    training_batches,
    validation_data=validation_batches,
    epochs=EPOCHS,
    verbose=0,
).history

print("       mixed training images    validation images")
print("epoch      loss     accuracy      loss   accuracy")
for epoch in range(EPOCHS):
    loss, accuracy, val_loss, val_accuracy = (
        history[name][epoch] for name in ["loss", "accuracy", "val_loss", "val_accuracy"]
    )
    trained = f"{epoch + 1:5} {loss:9.2f} {accuracy:12.0%}"
    print(f"{trained} {val_loss:9.2f} {val_accuracy:10.0%}")

# %% [markdown]
# A few epochs only show that it runs: the loss falls, and the validation accuracy (which jumps in such short
# trainings) leaves chance (one in twelve) behind. Read the two halves of the table with care. The training
# columns are about *mixed* images, where even a perfect network has a loss above 0, and where "right" means
# to name the larger share. That makes them harder and pulls the training accuracy down. That the network
# has seen these very training images before pulls it up. Which of the two wins depends on the length of the
# training, so neither "training above validation" nor the opposite says anything here.
#
# ### What does it cost?
#
# We time three ways to mix one batch, all traced by `tf.function`, as `tf.data` does it: the Keras layer,
# `mixing.cutmix` with a box for each image, and `mixing.cutmix` with one box for the whole batch
# (`per_sample=False`, as in the authors' code). Then we train for one more epoch, with a clock.


# %%
def keras_mix(images, labels, seed):
    """The layer, which takes a dict and draws from a seed of its own."""
    return keras_cutmix({"images": images, "labels": labels}, training=True)


WAYS = {
    "Keras layer": keras_mix,
    "a box per image": mixing.cutmix,
    "a box per batch": functools.partial(mixing.cutmix, per_sample=False),
}

# %% tags=["nbval-ignore-output"]
images, labels = next(iter(pipeline.evaluation_batches(train, **sizes)))
traced = {name: tf.function(way) for name, way in WAYS.items()}
times = {name: [] for name in WAYS}
for repeat in range(21):  # in turn, so that a busy moment of the machine meets all of them
    for name, way in traced.items():
        start = time.perf_counter()
        way(images, labels, seed=tf.constant([8, repeat]))
        times[name].append(time.perf_counter() - start)
for name in WAYS:  # the first call builds the graph, so it does not count
    print(f"{name:15} {1000 * np.median(times[name][1:]):6.1f} ms a batch")

start = time.perf_counter()
model.fit(training_batches, verbose=0)
step = (time.perf_counter() - start) / len(training_batches)
print(f"a training step {1000 * step:6.1f} ms")

# %% [markdown]
# Your machine gives other numbers, so look at the ratios. What counts is how much of a step a mix takes:
# `prefetch` mixes the next batch while the network works on this one (lesson 01), so a mix that is short
# against a step is next to free.

# %% [markdown]
# ## Did it help?
#
# One short training cannot tell. The repository holds the **reference runs**: 40 epochs from random starting
# weights, on the toy dogs, whatever you have loaded above. A **run** is one training from start to end. A
# **variant** is one way to change the training images, with its settings: `cutmix`, `basic+cutmix`. `none`
# leaves them as they are; it is the **baseline**, with which the others are compared.
#
# Here a **seed** fixes everything that is left to chance in a run: the starting weights, the order of the
# images, the draws. For the same seed, two variants start from the same weights and see the same images in
# the same order: they are a **pair**, and only the variant differs. Each variant was trained with five
# seeds. The file `command.txt` says how:

# %%
REFERENCE = pathlib.Path("../solutions/results/project")
command = (REFERENCE / "command.txt").read_text()
print(" \\\n    ".join(textwrap.wrap(command, 84, break_on_hyphens=False)))

# %% [markdown]
# Four of the variants are for this lesson. `basic` is the usual augmentation of lesson 02: mirror, shift,
# light and colour. `basic+cutmix` does both.

# %%
variants = ["none", "cutmix", "basic", "basic+cutmix"]
reference = [run for run in runs.read_folder(REFERENCE) if run.augmentation in variants]


def results(runs_to_compare, baseline):
    """The comparison with the baseline as a narrow table."""
    table = evaluation.compare(runs_to_compare, baseline=baseline)
    table["test %"] = 100 * table["test_accuracy"]
    names = {"difference_points": "points", "low_points": "from", "high_points": "to"}
    table = table.rename(columns=names).round(1)
    columns = ["variant", "seeds", "test %", "points", "from", "to", "verdict"]
    return table[columns].to_string(index=False, na_rep="")


print(results(reference, "none"))

# %% [markdown]
# `test %` is the mean accuracy on the test images. `points` is the mean over the pairs of the difference to
# `none`, in **percentage points**: from 60 % to 65 % is 5 points. Five other seeds would give another mean.
# The **95 % interval** (`from`, `to`) says how far off ours may be: of 100 intervals computed in this way,
# about 95 hold the true difference. It is narrow where the pairs agree and where there are many (lesson 07
# computes one). If it reaches from below 0 to above it, these runs leave open whether the variant helps at
# all. The same as a picture:

# %%
figures.show(*charts.difference(reference))

# %% [markdown]
# Each coloured mark is one pair of runs with the same seed. The upright tick is their mean, the thick line
# its 95 % interval over the seeds. The thin grey line answers another question: how far could the mean move
# if we had drawn other test images?
#
# The second question is whether CutMix adds something to the usual augmentation. For that, `basic` is the
# baseline:

# %%
with_basic = [run for run in reference if run.augmentation.startswith("basic")]
print(results(with_basic, "basic"))

# %% [markdown]
# Compare `basic` and `cutmix` in the first table: does CutMix alone do as much as the usual augmentation?
# Then read the verdicts, which are about one network, one data set and 40 epochs:
#
# - “better” is better for this network and these dogs. Another network may say otherwise.
# - “no clear difference”: these runs cannot tell. More seeds may show one, or none.
# - “worse” holds for this network and these dogs, too. Should `basic+cutmix` be worse than `basic`: one
#   explanation, not tested here, stands below the next table.
#
# ### What others measured
#
# | data | network | epochs | without | Cutout | MixUp | CutMix | from |
# |---|---|---|---|---|---|---|---|
# | ImageNet | ResNet-50 | 300 | 23.68 | 22.93 | 22.58 | **21.40** | [1] |
# | CIFAR-100 | PyramidNet-200 | 300 | 16.45 | 16.53 | 15.63 | **14.23** | [1] |
# | ImageNet | ResNet-50 | 300 | 22.65 | – | 21.56 | **21.31** | [2] |
# | ImageNet | ResNet-18 | 300 | **28.17** | – | 28.28 | 28.99 | [2] |
#
# Errors in percent, lower is better. [1] is the
# [README of CutMix's authors](https://github.com/clovaai/CutMix-PyTorch), [2] the independent comparison
# [OpenMixup](https://github.com/Westlake-AI/openmixup/tree/main/configs/classification/imagenet/mixups),
# which gives accuracies (for ResNet-18 71.83 without, 71.01 with CutMix).
#
# Look at the last two rows: one laboratory, the same data, nearly the same training. The large network gains
# from CutMix, the small one *loses*, although it was trained for long. A likely reason: a network that has
# trouble enough to learn the plain training images gains nothing from harder ones. Ours is small, too, and
# trained for 40 epochs.

# %% [markdown]
# ## What you learned
#
# - CutMix pastes a box of another image and mixes the labels by area: nothing is blank, no pixel is
#   unnatural.
# - A box for λ has the sides H√(1 − λ) and W√(1 − λ); clipping makes it smaller, so the labels are mixed
#   with the share counted from the clipped box, never with λ.
# - Soft labels need one-hot rows and `categorical_crossentropy`.
# - For a batch: partners by `tf.gather`, boxes as a mask by broadcasting, `tf.where`. No loop.
# - `check_augmentation` measures the shares from the pixels, finds the trap, and finds it in libraries, too.
# - Validation images are never mixed, and the loss on mixed images cannot be compared with another one.
# - Whether it helps is a matter of network, data and training time: compare seeds, with intervals.
#
# ## Questions
#
# 1. λ is 0.75 and the image 64 × 64 pixels. The centre lies exactly in the upper left corner. What does the
#    label say?
#
#    <details><summary>Answer</summary>
#
#    The sides are 64 · √0.25 = 32, so the box goes from −16 to 16 in both directions. After clipping 16 × 16
#    pixels are left, 256 of 4,096, which is 0.0625. The label is 0.9375 of the first image and 0.0625 of the
#    second one. With λ it would have said 0.75 and 0.25.
#
#    </details>
#
# 2. A colleague trains with CutMix and reports: “training accuracy 55 %, validation accuracy 80 %, so my
#    validation set must be too easy.” What do you answer?
#
#    <details><summary>Answer</summary>
#
#    Not necessarily: the two numbers are about different things. The training images are mixed, and for a
#    half-and-half picture either answer is nearly a coin toss. In a longer training, or in a table like ours
#    above, it may just as well be the other way round. To compare, evaluate the model on *unmixed* training
#    images.
#
#    </details>
#
# 3. For a data set of X-ray images the label depends on one small spot. Would you use CutMix?
#
#    <details><summary>Answer</summary>
#
#    Hardly. The label goes by area, but the spot may lie inside a tiny box, or be covered by one. Then the
#    label is wrong, however exact the share is. CutMix suits classes whose signs are spread over the picture.
#
#    </details>
#
# **Next.** [Lesson 09, MixUp](09_mixup.ipynb), which blends whole images, and what soft labels do to loss
# and confidence.
