# %% [markdown]
# # 04 Albumentations
#
# **Goal.** Put augmentations together with Albumentations, work out how often each one acts, move mask and
# boxes along with the image, and use it in `tf.data` without falling into its traps.
#
# **Time.** 50 minutes.
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


def restart(compose, seed):
    """Let all parts of a Compose draw from one generator, started from a seed."""
    words = np.atleast_1d(seed).astype(np.uint32)  # negative ones are welcome, too
    generator = np.random.default_rng(words)
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


# %% [markdown]
# (`restart` lets you see the same dice as we do. Why it is not simply `seed=4` is a story for later.)

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
show_row(axes, [image, *changed], ["original", *["a call"] * 6])
figures.show(
    figure,
    alt="A dog, and six calls of one Compose: mirrored or not, turned or not, darker, lighter or as it was.",
    kind="jpeg",
)

# %% [markdown]
# ## What `p` promises
#
# `p` is the probability that a transform acts at all; otherwise it hands the image on as it came. What is `p`
# if you do not write it? (`OneOf` and `SomeOf` choose among their children; we come to them.)

# %%
unset = [A.HorizontalFlip(), A.ToGray(), A.RandomResizedCrop((64, 64))]
unset += [A.OneOf([A.ToGray()]), A.SomeOf([A.ToGray()]), A.Compose([A.ToGray()])]
for part in unset:
    print(f"{type(part).__name__:18} p = {part.p}")

# %% [markdown]
# Most transforms act on half of the images only, and so does `OneOf`, unless told otherwise. So always write
# `p`. Now one with `p=0.2`, called 60 times:

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
# 20 % promised, and not exactly 20 % counted. Is that chance, or is the promise wrong? Counting is like
# tossing a coin that shows heads with probability p: of n tosses about p·n are heads, and their share strays
# from p by about √(p(1 − p)/n), the *standard deviation* of the binomial distribution. More than 3.3 of these
# happen once in a thousand times. For p = 0.2 that leaves:


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

# %% [markdown]
# And if a child is itself a `OneOf`? Then its p is a weight, like that of any child, and it is forced to act.
# Here grey has the weight 1 and the inner `OneOf` 0.5, its default: two thirds and one third, not half and
# half.

# %%
inner = A.OneOf([A.InvertImg(p=1), A.VerticalFlip(p=1)])
nested = A.Compose([A.OneOf([A.ToGray(p=1), inner], p=1)])
restart(nested, 4)
compare(nested, {"unchanged": 0, "grey": 2 / 3, "negative": 1 / 6, "upside down": 1 / 6})

# %%
rows = {"OneOf(…, p=1)": own_p, "OneOf(…)": without_p, "nested": nested}
figure, axes = figures.subplots(3, 12, size=(9.4, 2.2))
for row, (name, compose) in zip(axes, rows.items(), strict=True):
    restart(compose, 1)
    outcomes = [compose(image=image)["image"] for _ in range(12)]
    show_row(row, sorted(outcomes, key=bytes), [""] * 12)  # equal ones side by side
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
figures.show(
    figure,
    alt="Twelve draws of each, sorted. OneOf with p=1: most are grey, some are negatives, none "
    "is unchanged. OneOf by default: about half are unchanged. Nested: mostly grey ones, "
    "a few negatives, a few upside down, none unchanged.",
    kind="jpeg",
)

# %% [markdown]
# ## Exercise 1: work out the chances
#
# Write `chances`. It takes a `Compose` of transforms, some of which may be a `OneOf` of transforms (not
# nested), and returns a dictionary: for the class name of each transform the probability that it acts, and
# for `"unchanged"` the probability that none of them acts. No class comes twice. Mind that the `Compose` has
# a p, too: it decides whether its list is looked at at all. By hand, as an example:
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
# Counting each transform alone would never show it; counting the *combinations* does. `restart` is the way
# out: its `set_random_state` hands **one** generator to all parts, which take turns.
#
# And the seeds that you set for the whole program? They do not reach Albumentations at all:


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
# ## Image, mask and boxes together
#
# When the label is a place, it must move with the image. This is what Albumentations is famous for. First
# the mistake: we mirror and shift the image, and keep the mask and the box that we had.


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


# %%
moves = [A.HorizontalFlip(p=1), A.Affine(translate_percent={"x": (-0.12, -0.12)}, p=1)]
image_only = A.Compose(moves)(image=image)

# %% [markdown]
# Now all three. Boxes need to be described by `BboxParams`. Its `format` says how the four numbers are meant;
# every data set has its own way:
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
# A box belongs to something. `label_fields` names lists that go with the boxes, one entry for each box.

# %%
SWAP = [1, 0, 3, 2]
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
# In the middle a network would be taught that the background on the right is dog. Nothing crashes. How wrong
# is it? The *intersection over union* (IoU) is the area that two boxes share, divided by the area that at
# least one of them covers. 1 is a perfect fit, 0 no overlap.


# %%
def area(box):
    """Area of a box [top, left, bottom, right]; 0 if its sides have crossed."""
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def box_iou(first, second):
    """Intersection over union of two boxes."""
    shared = area([*np.maximum(first, second)[:2], *np.minimum(first, second)[2:]])
    return shared / (area(first) + area(second) - shared)


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
# It is handed through untouched, in silence; `strict=True` makes that an error. Another silent way to fail:
# two separate calls, one for the image and one for the mask, throw the dice twice.
#
# ## Exercise 2: move everything
#
# Write `move_all`. It takes a list of transforms, an image `[H, W, 3]`, its mask `[H, W]`, its boxes `[N, 4]`
# as our data sets write them (`[top, left, bottom, right]` in shares of the sides), and a list with the breed
# number of each box. It returns the four, moved together, the boxes again as `[top, left, bottom, right]`.
#
# Albumentations drops a box that has left the picture. Its breed must go with it. When no box is left, return
# an array of shape `[0, 4]` and an empty list.
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
# compare it with the one that Albumentations returns, over 120 dogs.


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
turn = A.Rotate((30, 30), p=1)
changes = {
    "mirrored": A.HorizontalFlip(p=1),
    "transposed": A.Transpose(p=1),
    "turned by 15°": A.Rotate((15, 15), p=1),
    "turned by 30°": turn,
}
for name, transform in changes.items():
    pairs = [moved_dog(transform, *dog)[2:] for dog in dogs]
    fits = [box_iou(box, tight) for box, tight in pairs]
    print(f"{name:13} IoU {np.mean(fits):.2f} on average, {np.min(fits):.2f} at worst")

# %%
figure, axes = figures.subplots(1, 4, size=(8.6, 2.9))
for axis, number in zip(axes, (3, 9, 10, 11), strict=True):
    turned, turned_mask, box, tight = moved_dog(turn, *dogs[number])
    show_dog(axis, turned, turned_mask, box, f"IoU {box_iou(box, tight):.2f}")
    draw_box(axis, turned, tight, "#0072b2")
figures.show(
    figure,
    alt="Four dogs turned by thirty degrees. The blue box touches each dog; the yellow one "
    "that Albumentations returned reaches beyond it.",
    kind="jpeg",
)

# %% [markdown]
# Mirrored boxes are exact. Turned ones (yellow) are too large: Albumentations knows only the four corners of
# the old box, turns these, and puts a box around them. The dog need not reach into the corners. Where you
# have masks, take the tight box of the moved mask (blue). Where you have boxes only, keep the angles small.

# %% [markdown]
# ## RandAugment from `SomeOf`
#
# RandAugment (Cubuk et al. 2019, [arXiv 1909.13719](https://arxiv.org/abs/1909.13719)) replaces dozens of
# settings by two numbers: **N** operations for each image, drawn from a list with equal chances, all at the
# same strength **M**. Lesson 06 is about how to choose them. Does Albumentations have it?

# %%
for name in ("RandAugment", "AutoAugment", "CutMix", "MixUp"):
    print(f"{name:12} {hasattr(A, name)}")

# %% [markdown]
# No. But `SomeOf` draws `n` of its children, which is nearly the same thing. Its defaults hold three traps.
# We count them with `save_applied_params=True`: then the result lists what has acted.


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
#    each time.
# 3. It applies them in the order of the list, always. `RandomOrder` is the same thing without this: it
#    applies them in the order in which they were drawn, as RandAugment does.
#
# So here is RandAugment: nine operations with a strength `m` from 0 to 10. (`either` draws the sign of a turn
# or a shift.)


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
        either(lambda angle: A.Affine(shear={"x": angle}, p=1), 17 * share),
        either(lambda shift: A.Affine(translate_percent={"x": shift}, p=1), 0.3 * share),
    ]


def rand_augment(n, m):
    """RandAugment: n operations at strength m, drawn with equal chances."""
    return A.Compose([A.RandomOrder(operations(m), n=n, replace=True, p=1)])


# %%
figure, axes = figures.subplots(3, 7, size=(8.8, 4.6))
for row, n in zip(axes, (1, 2, 3), strict=True):
    row[0].set_ylabel(f"N = {n}")
    pictures = [image]
    for m in (3, 9):
        compose = rand_augment(n, m)
        restart(compose, 11)
        pictures += [compose(image=image)["image"] for _ in range(3)]
    show_row(row, pictures, ["original"] + 3 * ["M = 3"] + 3 * ["M = 9"])
figures.show(
    figure,
    alt="RandAugment with one, two and three operations, at strength 3 and 9, three draws "
    "each. At strength 3 the dog is easy to see; at 9 it is turned, leaning, in odd colours "
    "or, with three operations, half out of the picture.",
    kind="jpeg",
)

# %% [markdown]
# The dice are the same at M = 3 and M = 9: the same operations, at two strengths.

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
# Write `for_tf_data`. It takes a `Compose` and returns a function `augment(images, *, seed)` that keeps the
# contract of lesson 02 inside `map`:
#
# - `images` is a batch `[B, H, W, 3]` in 0 to 255, `uint8` or `float32`; dtype and shape stay, and the shape
#   is known;
# - floats are rounded to whole numbers: Albumentations always gets `uint8`;
# - each image has a draw of its own, and the parts of the `Compose` have independent dice;
# - the same seed (two whole numbers) gives the same result, also with `num_parallel_calls=8`.
#
# <details><summary>Hint</summary>
#
# Two functions inside. The first one takes arrays, `images` and `seed`: inside of `with lock:` it restarts
# the `Compose` with the seed and calls it for each image in a loop; `np.stack` makes a batch of the list. The
# second one is `augment`. Its steps: `tf.cast` to `tf.float32`, `tf.round`, `tf.saturate_cast` to `tf.uint8`;
# `tf.numpy_function(first, [whole, seed], tf.uint8)`; the shape; a cast back to `images.dtype`.
#
# </details>


# %%
def for_tf_data(compose):
    """A function augment(images, *, seed) that calls the Compose for each image."""
    lock = threading.Lock()
    # solution begins: Exercise 3: Albumentations for tf.data

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
            return np.stack([compose(image=image)["image"] for image in images])

    def augment(images, *, seed):
        whole = tf.saturate_cast(tf.round(tf.cast(images, tf.float32)), tf.uint8)
        changed = tf.numpy_function(on_arrays, [whole, seed], tf.uint8)
        return tf.cast(tf.ensure_shape(changed, images.shape), images.dtype)

    return augment
    # solution ends


# %%
checks.lesson_04.for_tf_data(for_tf_data)

# %% [markdown]
# The check has also tried it in `utils.pipeline.training_batches(…, augment=for_tf_data(compose))`: it fits
# into any training of this course.

# %% [markdown]
# ## `ToTensorV2`: the last step for PyTorch
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
print("HorizontalFlip afterwards: the dog is upside down:", upside_down)

# %% [markdown]
# - It does not divide by 255 and does not make floats: that is the work of `Normalize`.
# - It comes **last**. The other transforms take the second axis for the width. After `ToTensorV2` the second
#   axis is the height, and a mirrored dog hangs upside down.
#
# ## Old tutorials
#
# Many arguments have other names today. What does version 2 make of lines from old tutorials?

# %%
OLD = [
    (A.RandomResizedCrop, {"height": 64, "width": 64}),
    (A.CoarseDropout, {"max_holes": 8, "max_height": 16, "max_width": 16}),
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
            field, problem = str(error).splitlines()[1:3]
            print(f"    error: {field}: {problem.partition('[')[0].strip()}")
    for warning in caught:
        print("    only warns:", str(warning.message).partition(" for ")[0])


for make, arguments in OLD:
    try_old(make, arguments)

# %% [markdown]
# `RandomResizedCrop` stops, since its new argument `size` has no default. The others warn, far up in the
# output, and go on with their **defaults**: the flip that was always applied now acts half of the time, and
# eight holes of 16 pixels have become one or two, a tenth to a fifth of the side.

# %%
with warnings.catch_warnings(action="ignore"):
    old_holes = A.CoarseDropout(max_holes=8, max_height=16, max_width=16, p=1)
    old_flip = A.HorizontalFlip(always_apply=True)
new_holes = A.CoarseDropout(
    num_holes_range=(8, 8),
    hole_height_range=(16, 16),
    hole_width_range=(16, 16),
    p=1,
)
print("holes:", old_holes.num_holes_range, "of the size", old_holes.hole_height_range)
print("p of the flip:", old_flip.p)

holes = {"old arguments": old_holes, "new arguments": new_holes}
for transform in holes.values():
    restart(transform, 4)
figure, axes = figures.subplots(1, 2, size=(4.4, 2.5))
show_row(axes, [transform(image=image)["image"] for transform in holes.values()], holes)
figures.show(
    figure,
    alt="Left, the old arguments: one or two small black holes. Right, the new ones: eight larger ones.",
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
# ## An honest word
#
# Which version is this, and on what terms?

# %%
about = importlib.metadata.metadata("albumentations")
print("version:", about["Version"])
print("licence:", about["License"].splitlines()[0])

start = pathlib.Path(A.__file__).read_text()
print("looks for a newer version when imported:", "check_for_updates()" in start)
print("unless told not to:", "NO_ALBUMENTATIONS_UPDATE" in start)

# %% [markdown]
# - This version, of May 2025, is the **last one**. Its
#   [README](https://github.com/albumentations-team/albumentations) says that the library is no longer
#   maintained: no corrections, no adaptation to new versions of Python or NumPy. What you have seen here, the
#   coupled dice among it, stays as it is. It works as long as all is pinned (`requirements.txt`).
# - The MIT licence lets you use it for anything.
# - At each import it asks the network whether there is a newer version, unless the environment variable
#   `NO_ALBUMENTATIONS_UPDATE` is 1. (In this course `quiet` takes care of it.)
# - Its successor, [AlbumentationsX](https://github.com/albumentations-team/AlbumentationsX), is maintained
#   and has nearly the same interface, but another licence: AGPL-3.0, or a paid one. Under the AGPL, software
#   that is built on it and handed out or offered over a network must be published under the AGPL, too. Ask
#   before you `pip install albumentationsx` at work. This course does not use it.
#
# When to take Albumentations, then? Where masks, boxes or key points must move along, and a frozen library
# will do. For labels of whole images, `tf.image`, Keras layers (lesson 05) or torchvision (lesson 12) have
# what you need, and somebody who looks after them.

# %% [markdown]
# ## What you learned
#
# - A transform is called with names, `transform(image=image)`, and returns a dictionary. `Compose` makes a
#   chain. Most have p = 0.5 unless you write another.
# - Work probabilities out, then count: independent ones multiply; `OneOf` has a p of its own, and its
#   children's p are weights; `SomeOf` leaves its children their p.
# - `Compose(seed=…)` gives every part the same dice. `set_random_state` with one generator does not.
# - Masks and boxes move along if they have the right names and format. A turned box is no longer tight.
# - In `tf.data`: `tf.numpy_function`, `uint8`, the shape, a call and a draw for each image, the seed with the
#   images, a lock.
# - `strict=True`. `ToTensorV2` last, `Normalize` before it.
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
#    the objects, and that is what the detector has learned. Use smaller angles, or make the boxes anew from
#    masks.
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
#    each batch, one generator for all parts and a lock mend both.
#
#    </details>
#
# **Next.** Lesson 05 does augmentation with Keras' own layers, on whole batches and inside the model.
