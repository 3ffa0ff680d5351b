# %% [markdown]
# # 04 Albumentations
#
# **Goal.** Put augmentations together with Albumentations, work out how often each one acts, move mask and
# boxes along with the image, and use it in `tf.data` without falling into its traps.
#
# **Time.** 50 minutes, exercises included; 30 more with *For the curious*. A good place for a pause is before
# *Image, mask and boxes together*.
#
# **You need to know** lesson 01 (boxes, masks, `map`, the ranges of values) and lesson 02 (seeds of two
# numbers, one draw for each image, the contract `augment(images, *, seed)`).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import collections
import importlib.metadata
import pathlib
import random
import threading
import time
import warnings

import albumentations as A
import keras
import matplotlib.patches
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from utils import checks, data, figures

# %% [markdown]
# Albumentations works on NumPy arrays and knows nothing of TensorFlow. It calls an operation a
# **transform**, and all code about it writes `A` for its name. We load some dogs with their masks and boxes,
# as in lesson 01.


# %%
def unpack(example):
    """Image [H, W, 3], mask [H, W] and boxes [N, 4] of one example."""
    image, boxes = example["image"], example["objects"]["bbox"]
    # The photographs of stanford_dogs have no masks: there, all counts as dog.
    mask = example.get("segmentation_mask", np.ones_like(image[..., :1]))
    return image, mask[..., 0], boxes


folder = data.directory() if course.dataset == "toy_dogs" else None
stored = tfds.load(course.dataset, split="train", data_dir=folder).take(120)
dogs = [unpack(example) for example in tfds.as_numpy(stored)]
image, mask, boxes = dogs[3]
for name, array in {"image": image, "mask": mask, "boxes": boxes}.items():
    print(f"{name:6} {array.dtype.name:8} {array.shape}")

# %% [markdown]
# ## A transform takes names and returns a dictionary

# %%
mirror = A.HorizontalFlip(p=1)
result = mirror(image=image)
print(type(result).__name__, list(result))
print("mirrored:", np.array_equal(result["image"], image[:, ::-1]))

try:
    mirror(image)
except KeyError as error:
    print(error.args[0])

# %% [markdown]
# There are two kinds. **Pixel-level** transforms change values and leave everything in its place.
# **Spatial-level** transforms move things, and so masks and boxes must move along: in the library these are
# the `DualTransform`s. Four of each:


# %%
def show_row(axes, pictures, titles):
    """Show pictures side by side, each under its title."""
    for axis, picture, title in zip(axes, pictures, titles, strict=True):
        axis.imshow(picture)
        axis.set_title(title, fontsize=9.5, fontweight="normal", loc="center")
        axis.set(xticks=[], yticks=[], frame_on=False, anchor="N")


# %% [markdown]
# One more function, so that you see the same dice as we do. Skip it now: *The seed that couples the dice*
# explains it, and why it is not simply `seed=4`.


# %%
def restart(compose, seed):
    """Let all parts of a Compose draw from the same two generators, started from a seed."""
    words = np.atleast_1d(seed).astype(np.uint32)  # one number or several
    generator = np.random.default_rng(words)
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


# %%
some = [
    A.ToGray(p=1),
    A.RandomBrightnessContrast((0.3, 0.3), p=1),
    A.Posterize(num_bits=2, p=1),
    A.GaussNoise(std_range=(0.15, 0.15), p=1),
    A.HorizontalFlip(p=1),
    A.Rotate((20, 20), p=1),
    A.RandomResizedCrop((80, 80), scale=(0.4, 0.4), p=1),
    A.ElasticTransform(alpha=80, sigma=5, p=1),
]
kinds = {"pixel level": A.ImageOnlyTransform, "spatial level": A.DualTransform}

figure, axes = figures.subplots(2, 4, size=(8, 4.6))
for row, (kind, family) in zip(axes, kinds.items(), strict=True):
    members = [transform for transform in some if isinstance(transform, family)]
    names = [type(transform).__name__ for transform in members]
    print(f"{kind}: {', '.join(names)}")
    for transform in members:
        restart(transform, 4)
    show_row(row, [transform(image=image)["image"] for transform in members], names)
    row[0].set_ylabel(kind)
figures.show(
    figure,
    alt="One dog, changed by eight transforms. In the first row its colours change: "
    "grey, brighter, few colours, grainy. In the second row the dog moves: mirrored, "
    "turned, cropped, bent like rubber.",
    kind="jpeg",
)

# %% [markdown]
# `Compose` applies a list of transforms, one after the other, and is called in the same way. At each call,
# each of them throws its dice anew:

# %%
light = A.Compose(
    [
        A.HorizontalFlip(p=0.5),
        A.Rotate(limit=15, p=0.5),
        A.RandomBrightnessContrast(p=0.5),
    ]
)
restart(light, 4)

figure, axes = figures.subplots(1, 7, size=(9.4, 1.5))
changed = [light(image=image)["image"] for _ in range(6)]
show_row(axes, [image, *changed], ["original", *[""] * 6])
figures.show(
    figure,
    alt="A dog, and six calls of one Compose: mirrored or not, turned or not, darker, lighter or as it was.",
    kind="jpeg",
)

# %% [markdown]
# ## What `p` promises
#
# `p` is the probability that a transform acts at all; otherwise it hands the image on as it came. What is `p`
# if you do not write it? (`OneOf` and `SomeOf` choose among *children*, the transforms in their list; we come
# to them.)

# %%
unset = [A.HorizontalFlip(), A.ToGray(), A.RandomResizedCrop((64, 64))]
unset += [A.OneOf([A.ToGray()]), A.SomeOf([A.ToGray()]), A.Compose([A.ToGray()])]
for part in unset:
    print(f"{type(part).__name__:18} p = {part.p}")

# %% [markdown]
# Most transforms act on half of the images only, and so does `OneOf`, unless told otherwise. (What fixes the
# size must always act, else the images of a batch would differ in size.) So always write `p`. Now one with
# `p=0.2`, called 60 times:

# %%
sometimes_grey = A.Compose([A.ToGray(p=0.2)])
restart(sometimes_grey, 4)
sixty = [sometimes_grey(image=image)["image"] for _ in range(60)]
grey = sum(not np.array_equal(picture, image) for picture in sixty)
print(f"{grey} of 60 are grey: {grey / 60:.0%}")

# %%
figure, axes = figures.subplots(4, 15, size=(9.4, 2.6))
show_row(axes.flat, sixty, [""] * 60)
figures.show(
    figure,
    alt=f"The same dog sixty times, in colour or grey: {grey} are grey, without order.",
    kind="jpeg",
)

# %% [markdown]
# 20 % promised, and not exactly 20 % counted. Is that chance, or is the promise wrong? The share of n tosses
# of a coin strays from its probability p by about √(p(1 − p)/n); by more than 3.3 times as much only once in
# a thousand times. For p = 0.2 that leaves:


# %%
def stray(probability, draws):
    """How far a counted share may be from the probability, but for one in a thousand."""
    return 3.3 * (probability * (1 - probability) / draws) ** 0.5


for draws in (60, 10_000):
    far = stray(0.2, draws)
    print(f"{draws:6} draws: {0.2 - far:.2f} to {0.2 + far:.2f}")

# %% [markdown]
# With 10,000 draws we would notice a broken promise. So: **work out first, then count.** A tiny image makes
# that fast. Its outcomes are told apart by their pixels, not by what the library reports.

# %%
DRAWS = 10_000
tiny = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
LOOKS = {
    "unchanged": tiny,
    "grey": A.ToGray(p=1)(image=tiny)["image"],
    "negative": 255 - tiny,
    "mirrored": tiny[:, ::-1],
    "upside down": tiny[::-1],
    "both flips": tiny[::-1, ::-1],
}


def outcome(picture):
    """The name of what happened to the tiny image."""
    return next(name for name, look in LOOKS.items() if np.array_equal(look, picture))


def compare(compose, expected):
    """Print expected shares, {outcome: probability}, beside those of 10,000 draws."""
    pictures = (compose(image=tiny)["image"] for _ in range(DRAWS))
    counts = collections.Counter(outcome(picture) for picture in pictures)
    for name, probability in expected.items():
        share = counts[name] / DRAWS
        agree = abs(share - probability) <= stray(probability, DRAWS)
        verdict = "agrees" if agree else "NOT by chance"
        print(f"{name:12} expected {probability:.3f}, counted {share:.3f}: {verdict}")


restart(sometimes_grey, 4)
compare(sometimes_grey, {"unchanged": 0.8, "grey": 0.2})

# %% [markdown]
# 20 % means 20 %. What about several transforms? Each throws its own dice, so probabilities **multiply**: two
# flips with p = 0.5 leave an image alone with probability 0.5 · 0.5.

# %%
two_flips = A.Compose([A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)])
restart(two_flips, 4)
a_quarter_each = {
    "unchanged": 0.25,
    "mirrored": 0.25,
    "upside down": 0.25,
    "both flips": 0.25,
}
compare(two_flips, a_quarter_each)

# %% [markdown]
# The more you put into a `Compose`, the fewer images stay as they are: with ten transforms at p = 0.5 it is
# one in a thousand (0.5¹⁰). That is easily too much.

# %% [markdown]
# ## `OneOf`: one child, chosen by weight
#
# `OneOf` chooses one of its children. Two probabilities work together:
#
# - its **own p** decides whether anything happens;
# - the **p of a child is a weight**. The weights are *normalised*: divided by their sum. The chosen child
#   always acts, whatever its p.
#
# With weights 0.6 and 0.2, the first child is chosen with probability 0.6 / 0.8 = 0.75. With `p=1`:

# %%
children = [A.ToGray(p=0.6), A.InvertImg(p=0.2)]
own_p = A.Compose([A.OneOf(children, p=1)])
restart(own_p, 4)
compare(own_p, {"unchanged": 0, "grey": 0.75, "negative": 0.25})

# %% [markdown]
# Forget the `p` of `OneOf`, and everything is halved, since it is 0.5 by default:

# %%
without_p = A.Compose([A.OneOf(children)])
restart(without_p, 4)
compare(without_p, {"unchanged": 0.5, "grey": 0.5 * 0.75, "negative": 0.5 * 0.25})

# %%
rows = {"p=1": own_p, "p not\nwritten": without_p}
figure, axes = figures.subplots(2, 10, size=(9.4, 2.1))
for row, (name, compose) in zip(axes, rows.items(), strict=True):
    restart(compose, 1)
    outcomes = [compose(image=image)["image"] for _ in range(10)]
    show_row(row, sorted(outcomes, key=bytes), [""] * 10)  # equal ones side by side
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
figures.show(
    figure,
    alt="Ten draws of OneOf each, sorted. With p=1 most are grey, some are negatives, none is "
    "unchanged. Where p is not written, about half are unchanged.",
    kind="jpeg",
)

# %% [markdown]
# `SomeOf(…, n=2)` chooses two children. Unlike those of `OneOf` they keep their p and may still stay idle:
# write `p=1` for each. (*For the curious* counts it, and puts one `OneOf` into another.)

# %% [markdown]
# ## Exercise 1: work out the chances
#
# Write `chances`. It takes a `Compose` of transforms (each with p > 0), some of which may be a `OneOf` of
# transforms (not nested), and returns a dictionary: for the class name of each transform the probability that
# it acts, and for `"unchanged"` the probability that none of them acts. No class comes twice. Mind that the
# `Compose` has a p, too: it decides whether its list is looked at at all. By hand, as an example:
#
# ```python
# one_of = A.OneOf([A.ToGray(p=0.6), A.InvertImg(p=0.2)], p=0.5)
# A.Compose([one_of, A.VerticalFlip(p=0.5)], p=0.8)
# ```
#
# `ToGray`: 0.8 · 0.5 · 0.75 = 0.3. `InvertImg`: 0.8 · 0.5 · 0.25 = 0.1. `VerticalFlip`: 0.8 · 0.5 = 0.4.
# `unchanged`: either the `Compose` does nothing (0.2), or it runs and nothing acts in it (0.8 · 0.5 · 0.5):
# together 0.4.
#
# You need `part.p`, `part.transforms` (the list of a `Compose` or a `OneOf`), `isinstance(part, A.OneOf)` and
# `type(part).__name__`.
#
# <details><summary>Hint</summary>
#
# Go through `compose.transforms`. A single transform can be treated as a `OneOf` with one child: its weight
# divided by the sum of weights is 1. For "unchanged" you need no child at all: a `OneOf` stays idle with
# probability 1 − its own p. Start with 1 and multiply.
#
# </details>


# %%
def chances(compose):
    """{class name: probability that it acts, …, "unchanged": that nothing acts}."""
    # solution begins: Exercise 1: work out the chances
    probabilities, idle = {}, 1.0
    for part in compose.transforms:
        children = part.transforms if isinstance(part, A.OneOf) else [part]
        weights = sum(child.p for child in children)
        for child in children:
            probabilities[type(child).__name__] = compose.p * part.p * child.p / weights
        idle *= 1 - part.p
    return probabilities | {"unchanged": 1 - compose.p + compose.p * idle}
    # solution ends


# %%
checks.lesson_04.chances(chances)

# %% [markdown]
# ## The seed that couples the dice
#
# Experiments must be repeatable, so we give the `Compose` a seed, as its documentation says. The two flips
# once more, with the same expectation:

# %%
seeded = A.Compose([A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)], seed=4)
compare(seeded, a_quarter_each)

# %% [markdown]
# Each flip still acts on half of the images. But they always act **together**: no image is mirrored and
# upright, none upside down and not mirrored. The reason: `Compose` hands the same seed to each of its parts,
# and each starts a generator of its own with it. The dice are different ones, and fall alike.

# %%
seeded.set_random_seed(4)  # as `seed=4` does at the start
for flip in seeded.transforms:
    numbers = [f"{flip.py_random.random():.3f}" for _ in range(4)]
    print(f"{type(flip).__name__:15} {numbers}")

# %% [markdown]
# Counting each transform alone would never show it; counting the *combinations* does.
#
# `restart` is the way out. Albumentations draws some numbers with NumPy and some with Python's `random`, so
# `set_random_state` wants a generator of each kind. **All parts share these two** and take turns. The seed
# may be one number or two, as in lesson 02. TensorFlow's seeds may be negative, NumPy's may not: `uint32`
# makes large positive numbers of them.
#
# `keras.utils.set_random_seed` is no way out: it does not reach Albumentations at all (shown in *For the
# curious*).

# %% [markdown]
# ## Image, mask and boxes together
#
# When the label is a place, it must move with the image. This is what Albumentations is famous for. We mirror
# and shift a dog twice: the image alone, which is the mistake, and all three together.


# %%
def draw_box(axis, image, box, colour="#ffd500"):
    """Draw a box [top, left, bottom, right], given in shares of the sides."""
    height, width, _ = image.shape
    top, left, bottom, right = box * [height, width, height, width]
    corner, size = (left - 0.5, top - 0.5), (right - left, bottom - top)
    look = {"fill": False, "linewidth": 2.5, "color": colour}
    axis.add_patch(matplotlib.patches.Rectangle(corner, *size, **look))


def show_dog(axis, image, mask, box, title):
    """Show the image, faded where the mask says background, and the box."""
    faded = 255 - (255 - image.astype(int)) // 3
    show_row([axis], [np.where(mask[..., np.newaxis] > 0, image, faded)], [title])
    draw_box(axis, image, box)


# %% [markdown]
# For all three together, boxes need to be described by `BboxParams`. Its `format` says how the four numbers
# are meant; every data set has its own way:
#
# | `format` | the four numbers | counted in |
# |---|---|---|
# | `"albumentations"` | left, top, right, bottom | shares of the sides |
# | `"pascal_voc"` | left, top, right, bottom | pixels |
# | `"coco"` | left, top, width, height | pixels |
# | `"yolo"` | centre across, centre down, width, height | shares of the sides |
#
# Ours are shares, but top comes first: `[top, left, bottom, right]`. Changing places with the index list
# `[1, 0, 3, 2]` makes `[left, top, right, bottom]` of it, and the same list leads back.
#
# A box has a label, here the breed. `label_fields` names the lists that hold such labels, one entry for each
# box; without labels it may be left out.

# %%
SWAP = [1, 0, 3, 2]
moves = [A.HorizontalFlip(p=1), A.Affine(translate_percent={"x": (-0.12, -0.12)}, p=1)]
image_only = A.Compose(moves)(image=image)

parameters = A.BboxParams(format="albumentations", label_fields=["breeds"])
together = A.Compose(moves, bbox_params=parameters)
result = together(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=["a dog"])
moved = result["bboxes"][:, SWAP]

print("before:", boxes.round(2))
print("after: ", moved.round(2), result["breeds"])

# %%
figure, axes = figures.subplots(1, 3, size=(7.5, 3.1))
show_dog(axes[0], image, mask, boxes[0], "before")
show_dog(axes[1], image_only["image"], mask, boxes[0], "only the image moved")
show_dog(axes[2], result["image"], result["mask"], moved[0], "all three moved")
figures.show(
    figure,
    alt="A dog in a yellow box, its background faded by the mask. When only the image "
    "moves, box and mask stay behind and cut through the dog. When all three move, they "
    "fit again.",
    kind="jpeg",
)


# %% [markdown]
# The bar on the right is what the shift uncovers. It is filled with black (`fill=0`; lesson 03's fill modes
# are `border_mode` here) and with 0 in the mask: background.
#
# In the middle a network would be taught that the background on the right is dog. Nothing crashes. How wrong
# is it? The *intersection over union* (IoU) is the area that two boxes share, divided by the area that at
# least one of them covers. 1 is a perfect fit, 0 no overlap.


# %%
def box_iou(first, second):
    """Intersection over union of two boxes [top, left, bottom, right]."""
    sides = np.minimum(first, second)[2:] - np.maximum(first, second)[:2]
    shared = np.prod(np.maximum(sides, 0))
    return shared / (np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]) - shared)


print(f"the old box on the moved dog: IoU {box_iou(boxes[0], moved[0]):.2f}")

# %% [markdown]
# ### Names that nobody knows
#
# The mask is moved because it is called `mask`. In our data set it is called `segmentation_mask`. What
# happens to a name that Albumentations does not know?

# %%
by_another_name = A.Compose(moves)(image=image, segmentation_mask=mask)
untouched = np.array_equal(by_another_name["segmentation_mask"], mask)
print("segmentation_mask came back as it was:", untouched)

try:
    A.Compose(moves, strict=True)(image=image, segmentation_mask=mask)
except ValueError as error:
    print("with strict=True:", error)

# %% [markdown]
# It is handed through untouched, in silence; `strict=True` makes that an error (and unknown arguments of old
# tutorials, too: *For the curious*). Another silent way to fail: two separate calls, one for the image and
# one for the mask, throw the dice twice.
#
# ### Boxes that are cut
#
# What happens to a box that is partly outside? We crop away all but one row of it, and then that row, too:

# %%
black = np.zeros([100, 100, 3], np.uint8)
tall = np.array([[0.2, 0.2, 0.6, 0.6]])  # from row 20 to row 60 of 100
for rows, least in ((21, 0), (21, 0.3), (20, 0)):
    parameters = A.BboxParams(format="albumentations", min_visibility=least)
    crop = A.Compose([A.Crop(0, 0, 100, rows, p=1)], bbox_params=parameters)
    left = len(crop(image=black, bboxes=tall)["bboxes"])
    print(f"the first {rows} rows, min_visibility={least}: {left} box left")

# %% [markdown]
# It is cut at the edge and kept, however little is left of it; only a box that has left the picture
# altogether is dropped. `min_visibility=0.3` drops it as soon as less than 30 % of its area is left.
#
# ## Exercise 2: move everything
#
# Write `move_all`. It takes a list of transforms, an image `[H, W, 3]`, its mask `[H, W]`, its boxes `[N, 4]`
# as our data sets write them (`[top, left, bottom, right]` in shares of the sides), and a list with the breed
# number of each box. It returns the four, moved together, the boxes again as `[top, left, bottom, right]`.
#
# A box that is cut stays, whatever is left of it. One that has left the picture is dropped, and its breed
# must go with it. When no box is left, return an array of shape `[0, 4]` and an empty list.
#
# (In a program of yours you would build the `Compose` once, and call it for each image.)
#
# <details><summary>Hint</summary>
#
# One `Compose` with `bbox_params`, one call, as above. `label_fields` names the list of breeds, and the
# result has one of the same name. `SWAP` twice: on the way in and on the way out.
#
# </details>


# %%
def move_all(transforms, image, mask, boxes, breeds):
    """Apply the transforms to all; returns (image, mask, boxes [M, 4], breeds [M])."""
    # solution begins: Exercise 2: move everything
    parameters = A.BboxParams(format="albumentations", label_fields=["breeds"])
    compose = A.Compose(transforms, bbox_params=parameters)
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]
    # solution ends


# %%
checks.lesson_04.move_all(move_all)

# %% [markdown]
# ### Is the box still the box of the dog?
#
# Our boxes are *tight*: they touch the dog on all four sides. Such a box can be made from any mask. We
# compare it with the one that Albumentations returns, over 120 dogs. For turned boxes it knows two ways: the
# *corners*, its default, or `rotate_method="ellipse"`.


# %%
def tight_box(mask):
    """The smallest box around the mask, [top, left, bottom, right] in shares."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    corners = [rows[0], columns[0], rows[-1] + 1, columns[-1] + 1]
    return np.array(corners) / np.tile(mask.shape, 2)


def moved_dog(transform, image, mask, boxes):
    """Image, mask and box after the transform, and the mask's tight box."""
    compose = A.Compose([transform], bbox_params=A.BboxParams(format="albumentations"))
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP])
    box = moved["bboxes"][0, SWAP]
    return moved["image"], moved["mask"], box, tight_box(moved["mask"])


# %%
changes = {"mirrored": A.HorizontalFlip(p=1), "transposed": A.Transpose(p=1)}
for angle in (5, 15, 30):
    changes[f"{angle}°, corners"] = A.Rotate((angle, angle), p=1)
    changes[f"{angle}°, ellipse"] = A.Rotate((angle, angle), rotate_method="ellipse", p=1)
for name, transform in changes.items():
    pairs = [moved_dog(transform, *dog)[2:] for dog in dogs]
    fits = [box_iou(box, tight) for box, tight in pairs]
    print(f"{name:12} IoU {np.mean(fits):.2f} on average, {np.min(fits):.2f} at worst")

at_the_edge = sum(boxes[0, 2] > 0.99 for _, _, boxes in dogs)
print(f"{at_the_edge} of {len(dogs)} boxes touch the lower edge of the picture")


# %%
def turned_outline(transform, image, box):
    """The four corners of a box, each turned like the image, in pixels."""
    top, left, bottom, right = box * np.tile(image.shape[:2], 2)
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    keypoints = A.KeypointParams(format="xy", remove_invisible=False)
    compose = A.Compose([transform], keypoint_params=keypoints)
    return compose(image=image, keypoints=np.array(corners))["keypoints"]


turn = changes["30°, corners"]
dashed = {"fill": False, "linestyle": "--", "linewidth": 1.5, "color": "#ffd500"}
figure, axes = figures.subplots(1, 3, size=(8.6, 3.5))
for axis, number in zip(axes, (17, 2, 30), strict=True):
    photo, _, boxes_before = dogs[number]
    turned, turned_mask, box, tight = moved_dog(turn, *dogs[number])
    show_dog(axis, turned, turned_mask, box, f"IoU {box_iou(box, tight):.2f}")
    draw_box(axis, turned, tight, "#0072b2")
    outline = turned_outline(turn, photo, boxes_before[0])
    axis.add_patch(matplotlib.patches.Polygon(outline, **dashed))
names = ["returned", "tight", "the old box, turned"]
look = {"loc": "outside lower center", "ncols": 3, "facecolor": "#777777", "labelcolor": "white"}
figure.legend([axes[0].patches[index] for index in range(3)], names, **look)
figures.show(
    figure,
    alt="Three dogs turned by thirty degrees. The dashed old box has turned with the dog. The "
    "yellow box that Albumentations returned goes around its corners; the blue one, tight "
    "around the dog, is smaller.",
    kind="jpeg",
)

# %% [markdown]
# Mirrored boxes are exact. Turned ones (yellow) are too large: by default Albumentations turns the four
# corners of the old box (dashed) and puts a box around them, and the dog does not reach into the corners. The
# ellipse turns a curve without corners inside of the box instead, which fits a little better here.
#
# Most of the damage is done at 15° already. At 30° it is hardly worse, in part because of this data set:
# nearly all dogs stand at the lower edge, and what of a box reaches beyond the picture is cut off. Where you
# have masks, take the tight box of the moved mask (blue). Where you have boxes only, stay at a few degrees.

# %% [markdown]
# ## Inside `tf.data`
#
# Albumentations wants arrays. The function for `map` gets none: it is traced once, with symbols (lesson 01).

# %%
photos = data.load(course.dataset, "train", image_size=64).take(12)
augment = A.Compose([A.HorizontalFlip(p=0.5), A.RandomBrightnessContrast(p=0.5)])


def on_array(image):
    """Augment one NumPy array."""
    return augment(image=image)["image"]


try:
    photos.map(lambda image, label: (on_array(image), label))
except TypeError as error:
    print(str(error).splitlines()[-1].strip())

# %% [markdown]
# `tf.numpy_function(function, inputs, dtype)` is the door: at each image TensorFlow calls your function with
# arrays. What comes back has the dtype that you promise and no shape, since TensorFlow cannot look inside. A
# network is built for a shape, so we add it with `tf.ensure_shape`.


# %%
def without_shape(image, label):
    """Augment in NumPy."""
    return tf.numpy_function(on_array, [image], tf.uint8), label


def with_shape(image, label):
    """Augment in NumPy, and say that the shape stays."""
    changed = tf.numpy_function(on_array, [image], tf.uint8)
    return tf.ensure_shape(changed, image.shape), label


print("without:", photos.map(without_shape).element_spec[0].shape)
print("with:   ", photos.map(with_shape).element_spec[0].shape)

# %% [markdown]
# ### The float trap
#
# Albumentations takes floats for 0 to 1 (lesson 01); `tf.image.resize` makes floats from 0 to 255. Where the
# two meet, the promised dtype decides what you get: an error, or something worse.


# %%
def as_floats(image, label):
    """As after `tf.image.resize`: floats from 0 to 255."""
    return tf.cast(image, tf.float32), label


def promise(dtype):
    """A function for `map` that promises this dtype."""
    return lambda image, label: (tf.numpy_function(on_array, [image], dtype), label)


try:
    next(iter(photos.map(as_floats).map(promise(tf.uint8))))
except tf.errors.InvalidArgumentError as error:
    what = error.message.splitlines()[0].partition(" is ")[2]
    print(f"promised uint8:   an error: what comes is {what}")

restart(augment, 5)
floats = [image.numpy() for image, _ in photos.map(as_floats).map(promise(tf.float32))]
dark = sum(picture.max() <= 1 for picture in floats)
print(f"promised float32: no error, and {dark} of 12 images have no value above 1")

# %%
figure, axes = figures.subplots(1, 12, size=(9.4, 1.0))
show_row(axes, [np.uint8(picture) for picture in floats], [""] * 12)
figures.show(
    figure,
    alt="Twelve dogs after the float trap: some look normal, the others are pure black.",
    kind="jpeg",
)

# %% [markdown]
# Mirroring works on any floats; the brightness clips to 1, and acts on half of the images. The other half
# looks fine, the loss falls, and nobody notices. **Give Albumentations `uint8`**, and make floats afterwards.
#
# ### One draw for the whole batch
#
# It is tempting to hand over a batch at once. `images=` takes one, but it means the frames of a film, which
# must all change alike:

# %%
batch = np.stack([tiny] * 8)
flip = A.Compose([A.HorizontalFlip(p=0.5)])


def mirrored(pictures):
    """How many of the pictures are mirrored."""
    return sum(outcome(picture) == "mirrored" for picture in pictures)


restart(flip, 4)
at_once = [mirrored(flip(images=batch)["images"]) for _ in range(6)]
one_by_one = [mirrored(flip(image=one)["image"] for one in batch) for _ in range(6)]
print("images=batch:", at_once)
print("one by one:  ", one_by_one)

# %% [markdown]
# All of the eight or none, call by call. So call it for each image.
#
# ### Threads share one generator
#
# With `num_parallel_calls`, several threads work on the images. The results stay in order. But all threads
# draw from *one* generator, and who comes first gets the first number. Below, each image takes its own time
# to arrive, as from a disk. We start the dice anew and ask twice for the flips of the same 32 dogs.


# %%
def arrive_and_flip(image):
    """Wait for up to 5 ms, then flip with p = 0.5."""
    time.sleep(random.random() / 200)
    return flip(image=image)["image"]


def flips_in_order(threads):
    """Which of 32 equal images were mirrored, in the order in which they come out."""
    restart(flip, 4)
    copies = tf.data.Dataset.from_tensors(tiny).repeat(32)
    flipped = copies.map(
        lambda image: tf.numpy_function(arrive_and_flip, [image], tf.uint8),
        num_parallel_calls=threads,
    )
    return [outcome(image.numpy()) for image in flipped]


print("one thread,    twice the same:", flips_in_order(None) == flips_in_order(None))
print("eight threads, twice the same:", flips_in_order(8) == flips_in_order(8))

# %% [markdown]
# So it is not enough to start the dice at the beginning. The seed has to come **with the images**, as for the
# `stateless_` functions. And from `restart` to the last draw no other thread may touch the `Compose`. A
# *lock* takes care of that: `with lock:` lets in one thread at a time. Little is lost, since Python code runs
# in one thread at a time anyway.
#
# ## Exercise 3: Albumentations for tf.data
#
# `for_tf_data` takes a `Compose` and returns a function `augment(images, *, seed)` that keeps the contract of
# lesson 02 inside `map`. Its outer half is given: `augment` rounds and makes `uint8`, passes the door, and
# gives back shape and dtype. (`tf.saturate_cast` is a cast that clips.)
#
# Write the inner half, `on_arrays`. It gets arrays: `images`, `uint8` `[B, H, W, 3]`, and `seed`, two whole
# numbers. It returns the changed batch, an array of the same shape, and takes care that
#
# - each image has a draw of its own, and the parts of the `Compose` have independent dice;
# - the same seed gives the same batch, also with `num_parallel_calls=8`.
#
# <details><summary>Hint 1</summary>
#
# What has to happen once for the batch, what once for each image? Which of it must no other thread interrupt?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# All of it. So: take the lock, `restart` with the seed, call the `Compose` for one image after the other.
# `np.stack` makes one array of a list of images.
#
# </details>


# %%
def for_tf_data(compose):
    """A function augment(images, *, seed) that calls the Compose for each image."""
    lock = threading.Lock()

    def on_arrays(images, seed):
        # solution begins: Exercise 3: Albumentations for tf.data
        with lock:
            restart(compose, seed)
            return np.stack([compose(image=image)["image"] for image in images])
        # solution ends

    def augment(images, *, seed):
        whole = tf.saturate_cast(tf.round(tf.cast(images, tf.float32)), tf.uint8)
        changed = tf.numpy_function(on_arrays, [whole, seed], tf.uint8)
        return tf.cast(tf.ensure_shape(changed, images.shape), images.dtype)

    return augment


# %%
checks.lesson_04.for_tf_data(for_tf_data)

# %% [markdown]
# The check has also tried it in `utils.pipeline.training_batches(…, augment=for_tf_data(compose))`: it fits
# into any training of this course.

# %% [markdown]
# ## An honest word
#
# Which version is this, and on what terms?

# %%
about = importlib.metadata.metadata("albumentations")
print("version:", about["Version"])
print("licence:", about["License"].splitlines()[0])

# %% [markdown]
# - This version, of May 2025, is the **last one**. Its
#   [README](https://github.com/albumentations-team/albumentations) says that the library is no longer
#   maintained: no corrections, no adaptation to new versions of Python or NumPy. What you have seen here
#   stays as it is: the coupled dice, and a shear along x that also shears along y (*For the curious*). It
#   works as long as all is pinned (`requirements.txt`).
# - The MIT licence lets you use it for anything.
# - At each import it asks the network for a newer version, unless the environment variable
#   `NO_ALBUMENTATIONS_UPDATE` is 1. (In this course `quiet` sets it.)
# - Its successor, [AlbumentationsX](https://github.com/albumentations-team/AlbumentationsX), is maintained
#   and has nearly the same interface, but another licence: AGPL-3.0, or a paid one. Under the AGPL, software
#   that is built on it and handed out or offered over a network must be published under the AGPL, too. Ask
#   before you `pip install albumentationsx` at work. This course does not use it.
#
# When to take Albumentations, then? Where masks, boxes or key points must move along, and a frozen library
# will do. For labels of whole images, `tf.image`, Keras layers (lesson 05) or torchvision (lesson 12) have
# what you need, and somebody who looks after them.

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### `OneOf` in `OneOf`
#
# If a child is itself a `OneOf`, its p is a weight, like that of any child, and it is forced to act. Here
# grey has the weight 1 and the inner `OneOf` 0.5, its default: two thirds and one third, not half and half.

# %%
inner = A.OneOf([A.InvertImg(p=1), A.VerticalFlip(p=1)])
nested = A.Compose([A.OneOf([A.ToGray(p=1), inner], p=1)])
restart(nested, 4)
compare(nested, {"unchanged": 0, "grey": 2 / 3, "negative": 1 / 6, "upside down": 1 / 6})

# %% [markdown]
# ### Seeds of the whole program
#
# They do not reach Albumentations: its generators are its own.


# %%
def fifty_draws(compose):
    """What happens to the tiny image in fifty calls."""
    return [outcome(compose(image=tiny)["image"]) for _ in range(50)]


unseeded = A.Compose([A.HorizontalFlip(p=0.5)])
series = []
for _ in range(2):
    keras.utils.set_random_seed(4)  # Python's, NumPy's and TensorFlow's
    series.append(fifty_draws(unseeded))
print("keras.utils.set_random_seed, twice the same:", series[0] == series[1])

series = []
for _ in range(2):
    restart(unseeded, 4)
    series.append(fifty_draws(unseeded))
print("restart, twice the same:                    ", series[0] == series[1])

# %% [markdown]
# ### A small RandAugment from `SomeOf`
#
# RandAugment (Cubuk et al. 2019, [arXiv 1909.13719](https://arxiv.org/abs/1909.13719)) replaces dozens of
# settings by two numbers: **N** operations for each image, drawn from a list with equal chances, all at the
# same strength **M**. Lesson 06 is about how to choose them. Does Albumentations have it?

# %%
for name in ("RandAugment", "AutoAugment", "CutMix", "MixUp"):
    print(f"{name:12} {hasattr(A, name)}")

# %% [markdown]
# No. But `SomeOf` draws `n` of its children, which is nearly the same thing. Its defaults hold three traps.
# We count them with `save_applied_params=True`: then the result lists what has acted. For once we believe the
# library's report: `Equalize` and `Posterize` may leave the tiny image as it is, so pixels cannot tell.
#
# Work out first: two draws with replacement from four children are the same child in 1/4 of all cases, and
# stand in another order than in the list in 6 of 16, which is 37.5 %.


# %%
def acted(part, draws=2000):
    """The names of the transforms that acted, one list for each draw."""
    compose = A.Compose([part], save_applied_params=True)
    restart(compose, 4)
    results = [compose(image=tiny)["applied_transforms"] for _ in range(draws)]
    return [[name for name, _ in applied] for applied in results]


def count_traps(name, part):
    """Print how many act, how often one acts twice, and how often in another order."""
    order = [type(transform).__name__ for transform in part.transforms]
    lists = acted(part)
    many = np.mean([len(names) for names in lists])
    twice = np.mean([len(names) > len(set(names)) for names in lists])
    backwards = np.mean([names != sorted(names, key=order.index) for names in lists])
    print(f"{name:26} {many:6.1f} {twice:16.0%} {backwards:16.0%}")


unset = [A.HorizontalFlip(), A.ToGray(), A.Equalize(), A.Posterize()]
always = [A.HorizontalFlip(p=1), A.ToGray(p=1), A.Equalize(p=1), A.Posterize(p=1)]
print("n=2 of four                   act   twice the same   another order")
count_traps("SomeOf, children without p", A.SomeOf(unset, n=2))
count_traps("SomeOf, children with p=1", A.SomeOf(always, n=2))
count_traps("SomeOf, replace=True", A.SomeOf(always, n=2, replace=True))
count_traps("RandomOrder, replace=True", A.RandomOrder(always, n=2, replace=True))

# %% [markdown]
# 1. The children of `SomeOf` are *not* forced to act, unlike those of `OneOf`: without `p=1`, only one of two
#    acts on average.
# 2. It never draws the same child twice, unless told `replace=True`. RandAugment draws from the whole list
#    each time. (23 % of 2,000 draws: 25 %, within chance.)
# 3. It applies them in the order of the list, always. `RandomOrder` is the same thing without this: it
#    applies them in the order in which they were drawn, as RandAugment does.
#
# So here is a small RandAugment: nine of the paper's fourteen operations, with a strength `m` from 0 to 10.
# (`either` draws the sign of a turn or a shift.) At strength 0 a shear must do nothing, so look first:

# %%
for shear in ({"x": (0, 0)}, {"x": (0, 0), "y": (0, 0)}):
    transform = A.Affine(shear=shear, p=1)
    changed = np.mean(transform(image=image)["image"] != image)
    print(f"shear={shear} becomes {transform.shear}: {changed:.0%} of the values change")

# %% [markdown]
# Leave out y, and it is 1 degree, in silence: the library fills in the 1 that a *scale* would need. (For
# `translate_percent` it fills in 0.) So we write both.


# %%
def either(make, amount):
    """A transform with `amount` or its negative, half and half."""
    return A.OneOf([make((amount, amount)), make((-amount, -amount))], p=1)


def operations(m):
    """Nine transforms at strength m, from 0 to 10."""
    share = m / 10
    return [
        A.NoOp(p=1),
        A.AutoContrast(p=1),
        A.Equalize(p=1),
        A.Posterize(num_bits=round(8 - 4 * share), p=1),
        A.Solarize(threshold_range=(1 - share, 1 - share), p=1),
        either(lambda change: A.RandomBrightnessContrast(change, 0, p=1), 0.5 * share),
        either(lambda angle: A.Rotate(angle, p=1), 30 * share),
        either(lambda angle: A.Affine(shear={"x": angle, "y": (0, 0)}, p=1), 17 * share),
        either(lambda shift: A.Affine(translate_percent={"x": shift}, p=1), 0.3 * share),
    ]


def rand_augment(n, m):
    """RandAugment: n operations at strength m, drawn with equal chances."""
    chosen = A.RandomOrder(operations(m), n=n, replace=True, p=1)
    return A.Compose([chosen], save_applied_params=True)


# %%
figure, axes = figures.subplots(3, 6, size=(8.8, 6.4))
for row, n in zip(axes, (1, 2, 3), strict=True):
    row[0].set_ylabel(f"N = {n}")
    for group, m in ((row[:3], 3), (row[3:], 9)):
        compose = rand_augment(n, m)
        restart(compose, 11)
        results = [compose(image=image) for _ in range(3)]
        pictures = [result["image"] for result in results]
        show_row(group, pictures, ["", f"M = {m}" if n == 1 else "", ""])
        for axis, result in zip(group, results, strict=True):
            did = [name for name, _ in result["applied_transforms"]]
            axis.set_xlabel("\n".join(did), fontsize=8)
figures.show(
    figure,
    alt="RandAugment with one, two and three operations, at strength 3 and 9, three draws each, with the "
    "operations below. Left and right they are the same ones. At strength 3 the dog is easy to "
    "see, though Solarize turns the beach green; at 9 it leans further, is shifted further, or has "
    "the colours of a negative.",
    kind="jpeg",
)

# %% [markdown]
# The dice are the same at M = 3 and M = 9: the same operations, at two strengths. (`Affine` is a shear or a
# shift; `NoOp`, `AutoContrast` and `Equalize` know no strength.)

# %% [markdown]
# ### `ToTensorV2`: the last step for PyTorch
#
# PyTorch wants images as `[channels, height, width]`, and examples for it end with `ToTensorV2`. PyTorch is
# not part of this environment (lesson 12 has one of its own), so we cannot run it here. We read the line
# that does the work:

# %%
source = pathlib.Path(A.__file__).parent / "pytorch" / "transforms.py"
lines = source.read_text().splitlines()
print(*[line.strip() for line in lines if "from_numpy(img" in line])

# %% [markdown]
# It makes the last axis the first, and wraps the array as a tensor of PyTorch. The same in NumPy, with and
# without `Normalize` before it (which subtracts the mean of ImageNet's photographs and divides by their
# spread):

# %%
normalize = A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
normalized = normalize(image=image)["image"]
for name, picture in {"alone": image, "after Normalize": normalized}.items():
    turned = picture.transpose(2, 0, 1)
    values = f"{turned.dtype.name} from {turned.min():.4g} to {turned.max():.4g}"
    print(f"{name:16} {picture.shape} becomes {turned.shape}, {values}")

channels_first = image.transpose(2, 0, 1)
flipped = A.HorizontalFlip(p=1)(image=channels_first)["image"]
upside_down = np.array_equal(flipped, channels_first[:, ::-1])
print("HorizontalFlip on [channels, height, width]: upside down:", upside_down)

# %% [markdown]
# - It does not divide by 255 and does not make floats: that is the work of `Normalize`.
# - It comes **last**. The other transforms want a NumPy array, and stop with an error at a tensor (tried
#   where PyTorch is: `HorizontalFlip` says "src is not a numpy array"). Nothing stops them if you turn the
#   axes yourself with `transpose(2, 0, 1)`: then the second axis is the height, and a mirrored dog hangs
#   upside down.

# %% [markdown]
# ### Old tutorials
#
# Many arguments have other names today. What does version 2 make of lines from old tutorials?

# %%
OLD = [
    (A.RandomResizedCrop, {"height": 64, "width": 64}),
    (A.CoarseDropout, {"max_holes": 8, "max_height": 12, "max_width": 12}),
    (A.HorizontalFlip, {"always_apply": True}),
    (A.Rotate, {"limit": 20, "value": 255}),
]


def try_old(make, arguments):
    """Create a transform and print what the library says."""
    written = ", ".join(f"{name}={value}" for name, value in arguments.items())
    print(f"{make.__name__}({written})")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            make(**arguments)
        except ValueError as error:
            print("    error:", *str(error).partition("[")[0].split()[-3:])
    for warning in caught:
        print("    only warns:", str(warning.message).partition(" for ")[0])


for make, arguments in OLD:
    try_old(make, arguments)

# %% [markdown]
# `RandomResizedCrop` stops, since its new argument `size` has no default. The others warn, which is soon
# scrolled away, and go on with their **defaults**: the flip that was always applied now acts half of the
# time, the corners of the turned image that should be white are black, and eight holes of 12 pixels have
# become one or two, a tenth to a fifth of the side.

# %%
with warnings.catch_warnings(action="ignore"):
    old_holes = A.CoarseDropout(max_holes=8, max_height=12, max_width=12, p=1)
    old_flip = A.HorizontalFlip(always_apply=True)
new_holes = A.CoarseDropout(
    num_holes_range=(8, 8),
    hole_height_range=(12, 12),
    hole_width_range=(12, 12),
    p=1,
)
print("holes:", old_holes.num_holes_range, "of the size", old_holes.hole_height_range)
print("p of the flip:", old_flip.p)

holes = {"old arguments": old_holes, "new arguments": new_holes}
for transform in holes.values():
    restart(transform, 44)
figure, axes = figures.subplots(1, 2, size=(4.4, 2.5))
show_row(axes, [transform(image=image)["image"] for transform in holes.values()], holes)
figures.show(
    figure,
    alt="Left, the old arguments: one or two black holes. Right, the new ones: eight.",
    kind="jpeg",
)

# %%
try:
    A.Compose([old_holes], strict=True)
except ValueError as error:
    print("with strict=True:", error)

# %% [markdown]
# So write `Compose(…, strict=True)`: unknown arguments and unknown names of data both become errors.
#
# ### What it does when imported

# %%
start = pathlib.Path(A.__file__).read_text()
print("looks for a newer version when imported:", "check_for_updates()" in start)
print("unless told not to:", "NO_ALBUMENTATIONS_UPDATE" in start)

# %% [markdown]
# ## What you learned
#
# - A transform is called with names, `transform(image=image)`, and returns a dictionary. `Compose` makes a
#   chain. Most have p = 0.5 unless you write another.
# - Work probabilities out, then count: independent ones multiply; `OneOf` has a p of its own, and its
#   children's p are weights; `SomeOf` leaves its children their p.
# - `Compose(seed=…)` gives every part the same dice. With `set_random_state` the parts share generators.
# - Masks and boxes move along if they have the right names and format; `strict=True` makes an unknown name an
#   error. A box that is cut is kept, and a turned box is no longer tight.
# - In `tf.data`: `tf.numpy_function`, `uint8`, the shape, a call and a draw for each image, the seed with the
#   images, a lock.
# - The last version is from 2025 and nobody mends it; its successor has another licence.
#
# ## Questions
#
# 1. `A.Compose([A.OneOf([A.ToGray(p=0.1), A.HorizontalFlip(p=0.1)])])`: its author wants few changes, one
#    image in ten each. How many are grey?
#
#    <details><summary>Answer</summary>
#
#    One in four. The children's p are only weights, half and half; the p of `OneOf` is 0.5. For what the
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
#    turn by a few degrees only. `rotate_method="ellipse"` helps a little.
#
#    </details>
#
# 3. A colleague sets `Compose(seed=1)` and trains with `num_parallel_calls=tf.data.AUTOTUNE`. She says: "my
#    runs are repeatable now." What do you tell her?
#
#    <details><summary>Answer</summary>
#
#    They are not: the threads draw from the same generators, and who comes first changes from run to run. And
#    the seed couples the parts of the `Compose`, which start with the same numbers. A seed that comes with
#    each batch, generators that all parts share and a lock mend both.
#
#    </details>
#
# **Next.** Lesson 05 does augmentation with Keras' own layers, on whole batches.
