"""The checks of lesson 08: the box from λ, a mix of a batch."""

import functools
import math
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from utils.checks import harness, tables
from utils.checks.augmentations import checker, mixes, report

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _clipped(start, stop, limits):
    return np.clip(start, 0, limits), np.clip(stop, 0, limits)


def _pushed_back(start, stop, limits):
    push = np.maximum(-start, 0) - np.maximum(stop - limits, 0)
    return start + push, stop + push


def _box(
    height,
    width,
    lam,
    row,
    column,
    *,
    covers=lambda lam: 1 - lam,
    root=0.5,
    sides=lambda height, width: (height, width),
    reach=(-0.5, 0.5),
    clip=_clipped,
    rounding=(round, round),
    answer=lambda *edges: edges,
):
    lengths = covers(lam) ** root * np.array(sides(height, width))
    start, stop = (np.array([row, column]) + part * lengths for part in reach)
    start, stop = clip(start, stop, np.array([height, width]))
    edges = [rounding[0](edge) for edge in start] + [rounding[1](edge) for edge in stop]
    return answer(*edges)


def _boxes_tried():
    cases = [
        (100, 100, 0.64, 50, 50),
        (100, 100, 0.64, 50, 10),
        (100, 100, 0.64, 10, 50),
        (100, 100, 0.64, 95, 97),
        (40, 80, 0.75, 20, 40),
        (64, 48, 0.0, 0, 47),
        (64, 48, 1.0, 30, 20),
        (64, 48, 1.0, 30.5, 20.5),
        (64, 48, 0.64, 30.5, 47.25),
    ]
    random = np.random.default_rng(8)
    for _ in range(30):
        height, width = (int(side) for side in random.integers(24, 200, 2))
        lam = round(float(random.random()), 3)
        cases.append((height, width, lam, int(random.integers(height)), int(random.integers(width))))
    return [_box_tried(*case) for case in cases]


def _box_tried(*case):
    plain = tables.given(*case)
    height, width, lam, *_ = case
    limits = np.array([height, width, height, width])
    ideal = np.array(_box(*case, clip=lambda *edges: edges[:2], rounding=(float, float)))
    beyond = (ideal <= -1) | (ideal >= limits + 1)  # there is nothing to round in such an edge
    return tables.Try(plain.words, lambda function: _box_facts(plain.use(function), lam, beyond))


def _box_facts(answer, lam, beyond):
    """What is judged in a box; an answer that is none stays as it is. Words are compared exactly."""
    try:
        edges = np.array([np.asarray(edge).item() for edge in answer])
    except (TypeError, ValueError):
        return answer
    if edges.shape != (4,) or edges.dtype.kind not in "iuf":
        return answer
    clipped = zip(_EDGES[beyond], edges[beyond], strict=True)
    facts = {
        "edges of the type": "float" if edges.dtype.kind == "f" else "int",
        "top, left, bottom, right": edges,
        "clipped": ", ".join(f"{name} {edge}" for name, edge in clipped),
    }
    area = max(edges[2] - edges[0], 0) * max(edges[3] - edges[1], 0)
    return facts | ({"with λ = 1": f"{area} pixels in the box"} if lam == 1 else {})


_EDGES = np.array(["top", "left", "bottom", "right"])

box_from_lam = tables.Table(
    title="Exercise 1: the boxes have the right size and place, and stay inside the image.",
    right=_box,
    tries=_boxes_tried,
    tolerance=1.01,  # how edges are rounded is free
    mistakes={
        "The edges are indices of pixels: make whole numbers of all of them, int instead of float.": {
            "rounding": (float, float)
        },
        "The last row and column are lost: the lower and right edges of a slice lie one behind the last "
        "pixel, so they may be as large as the height and the width.": {
            "clip": lambda start, stop, limits: _clipped(start, stop, limits - 1)
        },
        "This takes 1 − λ of each side. Then the area is (1 − λ)²: the square root is missing.": {"root": 1},
        "This takes 1 − √λ of each side, and the area is no longer 1 − λ: the root belongs around the whole "
        "1 − λ.": {"covers": lambda lam: 1 - lam**0.5, "root": 1},
        "This box covers λ of the image. λ is the share that the first image keeps; the box gets the rest, "
        "1 − λ.": {"covers": lambda lam: lam},
        "This goes a whole side in each direction from the center: half of a side is right.": {
            "reach": (-1, 1)
        },
        "The center has become the upper left corner: go half of a side in each direction from it.": {
            "reach": (0, 1)
        },
        "The box is not clipped: cut off what is below 0 or beyond the height and the width.": {
            "clip": lambda start, stop, limits: (start, stop)
        },
        "Edges below 0 are clipped, but not those beyond the height and the width: cut these off, too.": {
            "clip": lambda start, stop, limits: (np.maximum(start, 0), np.maximum(stop, 0))
        },
        "Edges beyond the height and the width are clipped, but not those below 0: cut these off, too.": {
            "clip": lambda start, stop, limits: (np.minimum(start, limits), np.minimum(stop, limits))
        },
        "The box is pushed back into the image. It should be clipped: what lies outside is lost.": {
            "clip": _pushed_back
        },
        "The edges come in another order: asked for is top, left, bottom, right.": {
            "answer": lambda top, left, bottom, right: (left, top, right, bottom)
        },
        "The edges come in the order top, bottom, left, right; asked for is top, left, bottom, right.": {
            "answer": lambda top, left, bottom, right: (top, bottom, left, right)
        },
        "The last two are the height and the width of the box; asked for are its lower and its right edge.": {
            "answer": lambda top, left, bottom, right: (top, left, bottom - top, right - left)
        },
        "Height and width have changed places: rows belong to the height, columns to the width.": {
            "sides": lambda height, width: (width, height)
        },
        "With λ = 1 both sides are 0, so nothing should be pasted. Round opposite edges in the same way: "
        "else a box of one pixel is left around a center like 30.5.": {"rounding": (math.floor, math.ceil)},
    }
    | {
        f"Both sides are made from the image's {side}. The box has the shape of the image: its height comes "
        "from the image's height, its width from the image's width.": {"sides": square}
        for side, square in [
            ("height", lambda height, width: (height,) * 2),
            ("width", lambda *sides: sides[1:] * 2),
        ]
    },
    form="Return four numbers: `return top, left, bottom, right`.",
    otherwise="Calculate this one by hand, as in the example of the text: the sides, the four edges, the "
    "clipping.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_COUNT = 8


def cutmix_batch(function: Callable) -> None:
    """Check `cutmix_batch(images, labels, *, seed) -> (images, labels)`, also by `check_augmentation`."""
    for seed in range(6):
        check_batch(function, seed)
    found = require_report(function, REPORT_HINTS, alpha=1.0, draws=16)
    passed = [row.name for row in found.rows if row.passed]
    harness.passed("Exercise 2: the labels follow the pixels for a whole batch.", function)
    print(f"  check_augmentation: {len(passed)} of {len(found.rows)} checks passed: {', '.join(passed)}.")
    if found.failed:
        print(
            f"  Not passed, and not asked for: {', '.join(found.failed)}. They are about wrong input, which "
            "mixing.cutmix refuses."
        )


REPORT_HINTS = {  # the first that fails is told
    "runs in tf.data": "Inside of `tf.data` a batch has neither a size nor values yet: `tf.shape(images)` is "
    "its size when it comes; no loop over images, no `len`, `.numpy()` or NumPy.",
    "repeatable": "Something is drawn without `seed`: use `tf.random.stateless_…` for all draws.",
    "seeds differ": "Is `seed` used at all? Every batch should be another.",
    "partners": "The partners are not random: use `partner` as it was drawn.",
    "distribution of λ": "The boxes are larger or smaller than those which were drawn: are `lam`, `row` "
    "and `column` used as they were given?",
}


def require_report(function: Callable, hints: Mapping[str, str], **options) -> report.Report:
    """What `check_augmentation` finds in a mix; fails unless all passes that is no refusal of wrong input."""
    found = checker.check_augmentation(function, kind="mix", **options)
    wrong = found.without(mixes.REFUSALS).failed
    if wrong:
        row = found[next((name for name in hints if name in wrong), wrong[0])]
        harness.fail(
            tried=f"check_augmentation: {found.title}",
            got=f"{row.name}: {row.evidence}",
            expected="nothing that fails",
            hint=hints.get(row.name, row.meaning),
        )
    return found


def mixed_by(
    function: Callable, images: np.ndarray, labels: np.ndarray, seed: tuple[int, int], form: str, **options
) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels that come back, of the shapes that went in; `form` is the hint for others."""
    # The seed is int64, as in the lessons' pipelines.
    result = function(tf.constant(images), tf.constant(labels), seed=tf.constant(seed, tf.int64), **options)
    expected = [list(images.shape), list(labels.shape)]
    several = isinstance(result, tuple | list)
    got = [list(np.shape(part)) for part in result] if several else harness.shown(result)
    if got != expected:
        harness.fail(tried=_tried(images, seed), got=str(got), expected=f"shapes {expected}", hint=form)
    return tuple(np.asarray(part) for part in result)


def _tried(images, seed):
    return f"{len(images)} images {list(images.shape[1:])} uint8, seed={seed}"


_FORM = (
    "Return images and labels, of the shapes that came in: `return mixed, labels`. Which axes have the "
    "length 1 when they are joined? Broadcasting stretches those."
)
_ADVICE = {
    r"must have the same dtype|was expected to be a \w+ tensor|type \w+ that does not match": (
        "Whole numbers and floats do not mix: cast the area and `height * width` both to `labels.dtype`, "
        "then divide."
    ),
    r"must be broadcastable|ncompatible shapes|Dimensions must be equal": (
        "Two shapes do not fit. The mask needs a last axis of length 1 for the channels, the shares need one "
        "for the classes."
    ),
}


def check_batch(function: Callable, number: int) -> None:
    """Check one batch of CutMix. Every image is filled with its own number: a pixel tells whose it is."""
    numbers, seed = np.arange(_COUNT), (8, number)
    images = np.zeros([_COUNT, 24, 40, 3], np.uint8) + np.uint8(10 + 20 * numbers)[:, None, None, None]
    labels, tried = np.eye(_COUNT, dtype=np.float32), _tried(images, seed)
    try:
        result = harness.call(lambda: mixed_by(function, images, labels, seed, _FORM), tried=tried)
    except harness.CheckFailed as failed:
        raise harness.advised(failed, _ADVICE) from None
    mixed, shares = result
    fail = functools.partial(harness.fail, tried=tried)
    sources = (mixed.astype(float) - 10) / 20
    whole = np.abs(sources - sources.round()).max() < 1e-3
    if not whole or sources.min() < 0 or sources.max() >= _COUNT or np.ptp(sources, axis=-1).max() > 0:
        fail(
            got="pixels that are in none of the images",
            expected="every pixel copied from one of the images",
            hint="Copy pixels by `tf.where`; do not blend, add or blacken them.",
        )
    sources = sources[..., 0].round().astype(int)
    _check_boxes(sources, fail)
    kept = (sources == numbers[:, np.newaxis, np.newaxis]).mean(axis=(1, 2))
    for k in numbers:
        _check_shares(k, sources[k], shares[k], kept, fail)
    if mixed.dtype != images.dtype:
        fail(
            got=f"images {mixed.dtype}",
            expected="images uint8, as they came",
            hint="Pixels are copied, and the images keep their dtype: no cast is needed.",
        )


def _check_boxes(sources, fail):
    own = np.arange(_COUNT)[:, np.newaxis, np.newaxis]
    foreign = sources != own
    if not foreign.any():
        fail(
            got="the images as they were",
            expected="a box of another image in most of them",
            hint="Nothing has been pasted: what stands at `theirs` in `tf.where`?",
        )
    for k, (mask, places) in enumerate(zip(foreign, sources, strict=True)):
        if len(np.unique(places[mask])) > 1:
            fail(
                got=f"image {k} has pixels of images {np.unique(places[mask]).tolist()}",
                expected="one partner for each image",
                hint="Fetch whole partners: `tf.gather(images, partner)`.",
            )
        if mask.any() and not _is_box(mask) and not _is_box(~mask):
            fail(
                got=f"what is pasted into image {k} is no box",
                expected="one rectangle",
                hint="A pixel is inside if its row AND its column are: join both tables by `&`.",
            )
    pasted = [mask for mask in foreign if mask.any()]
    if len(pasted) > 2 and all(np.array_equal(mask, pasted[0]) for mask in pasted):
        fail(
            got="the same box in all images",
            expected="a box of its own for each image",
            hint="Each image has a λ, a row and a column of its own: the mask keeps the axis of the batch, "
            "`top[:, tf.newaxis]`.",
        )
    for axis, side, other in [(1, "rows", "width"), (0, "columns", "height")]:
        if len(pasted) > 2 and all(_is_box(mask) and mask.all(axis=axis).any() for mask in pasted):
            fail(
                got=f"stripes over the whole {other}",
                expected="boxes",
                hint=f"Only the {side} are compared: a box has four edges.",
            )


def _is_box(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask.any() and mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


def _check_shares(k, places, label, kept, fail):
    partner = next(iter(np.unique(places[places != k]).tolist()), k)
    expected = np.zeros(_COUNT)
    expected[k] += kept[k]
    expected[partner] += 1 - kept[k]
    if not np.allclose(label, expected, atol=1e-5):
        fail(
            got=f"label of image {k}: {_label_words(label)}",
            expected=f"{_label_words(expected)}, as the pixels are",
            hint=_share_hint(label, kept, k, partner, places != k),
        )


def _label_words(label):
    parts = [f"{share:.3f} of class {number}" for number, share in enumerate(label) if abs(share) > 5e-4]
    return " and ".join(parts) or "0 everywhere"


def _share_hint(label, kept, k, partner, pasted):
    named, share = np.flatnonzero(np.abs(label) > 1e-4), 1 - label[k]
    if abs(label.sum() - 1) > 1e-4:
        return f"The label sums to {label.sum():.3g}: the two shares must add to 1."
    if not np.isin(named, [k, partner]).all():
        return (
            f"The label names another class, but the pixels come from image {partner}: fetch images and "
            "labels with the same `partner`."
        )
    if len(named) == 1:
        return (
            "The label is one-hot, but both classes are in the picture: give each its share. (A share that "
            "is rounded to a whole number is 0.)"
        )
    if np.isclose(label[k], 1 - kept[k], atol=1e-5):
        if not _is_box(pasted):
            return "Inside and outside are swapped: where the mask is true, the partner's pixels belong."
        return "The shares have changed places: what is inside the box belongs to the partner."
    (height, width), rows, columns = pasted.shape, pasted.any(axis=1).sum(), pasted.any(axis=0).sum()
    if np.isclose(share, (rows - 1) * (columns - 1) / pasted.size, atol=1e-4):
        return (
            "The share is that of a box one row and one column smaller than what is pasted: the bottom row "
            "and the right column lie outside (`<`, not `<=`)."
        )
    area = rows * columns
    others = [rows / height, columns / width, area / height**2, area / width**2, area / (3 * height * width)]
    if np.isclose(share, others, atol=1e-4).any():
        return (
            "A share is that of areas: height times width of the box, divided by height · width of the "
            f"image, here {height} · {width} pixels."
        )
    same = np.flatnonzero(np.isclose(label[k], kept, atol=1e-5))
    if same.size:
        return (
            f"The share is that of the box in image {same[0]}: of a partner only pixels and label are "
            "fetched; the box and its share are those of the image itself, in the order of the batch."
        )
    if label[k] < kept[k]:
        return (
            "The label gives the partner more than the picture shows. Is the share made from λ, or from the "
            "box before it was clipped? Count from `top`, `left`, `bottom`, `right`."
        )
    return "Count the pixels inside the box and divide by height · width: as a float, one share per image."
