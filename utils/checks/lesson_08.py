"""The checks of lesson 08: the box from λ, a mix of two images, a mix of a batch."""

import functools
import re
import textwrap
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from utils.checks import harness
from utils.checks.augmentations import checker

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def box_from_lam(function: Callable) -> None:
    """Check `box_from_lam(height, width, lam, row, column) -> (top, left, bottom, right)`."""
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
    for _ in range(60):
        height, width = (int(side) for side in random.integers(24, 200, 2))
        lam = round(float(random.random()), 3)
        cases.append((height, width, lam, int(random.integers(height)), int(random.integers(width))))
    for case in cases:
        _check_box(function, case, cases)
    harness.passed("Exercise 1: the boxes have the right size and place, and stay inside the image.")


def _check_box(function, case, cases):
    height, width, lam, _, _ = case
    limits = np.array([height, width, height, width])
    ideal = _around(case, np.sqrt(1 - lam))
    expected = np.clip(ideal, 0, limits)
    result = harness.call(function, *case)
    edges = ", ".join(f"{edge:.1f}".removesuffix(".0") for edge in expected)
    words = f"about {edges} (top, left, bottom, right), as whole numbers"
    tried = harness.shown_call(function, *case)
    fail = functools.partial(harness.fail, tried=tried, got=result, expected=words)
    box = _four_whole_numbers(result, fail)
    outside = (box < 0).any() or (box > limits).any()
    # An edge that lies beyond the border leaves nothing to round.
    tolerance = np.where((ideal <= -1) | (ideal >= limits + 1), 0, 1.01)
    close = (np.abs(box - expected) <= tolerance).all()
    empty = box[2] <= box[0] or box[3] <= box[1]
    if outside or not close or (lam == 1 and not empty):
        fail(hint=_box_hint(function, cases, outside, one_pixel=lam == 1 and close))


def _four_whole_numbers(result, fail):
    try:
        box = np.array([np.asarray(edge).item() for edge in result])
    except (TypeError, ValueError):
        box = np.array([])
    if box.shape != (4,) or box.dtype.kind not in "iuf":
        fail(hint="Return four numbers: `return top, left, bottom, right`.")
    if box.dtype.kind == "f":
        fail(hint="The edges are indices of pixels: make whole numbers of all of them, int instead of float.")
    return box


def _around(case, factor, other_factor=None):
    """Edges around the center, sides of `factor` times the image's, neither clipped nor rounded."""
    height, width, _, row, column = case
    down, across = height * factor / 2, width * (factor if other_factor is None else other_factor) / 2
    return np.array([row - down, column - across, row + down, column + across])


def _clipped(case, edges, *, lost=0):
    return np.clip(edges, 0, np.array([case[0], case[1]] * 2) - lost)


def _right(case):
    return _clipped(case, _around(case, np.sqrt(1 - case[2])))


def _from_the_center(case):
    height, width, lam, row, column = case
    factor = np.sqrt(1 - lam)
    return _clipped(case, np.array([row, column, row + height * factor, column + width * factor]))


def _pushed_back(case):
    edges = _around(case, np.sqrt(1 - case[2]))
    limits = np.array(case[:2])
    push = np.maximum(-edges[:2], 0) - np.maximum(edges[2:] - limits, 0)
    return edges + np.tile(push, 2)


def _swapped_sides(case):
    height, width, lam, _, _ = case
    factor = np.sqrt(1 - lam)
    return _clipped(case, _around(case, factor * width / height, factor * height / width))


def _square_of(side):
    def mistake(case):
        length = side(case[0], case[1]) * np.sqrt(1 - case[2]) / 2
        row, column = case[3:]
        return _clipped(case, np.array([row - length, column - length, row + length, column + length]))

    return mistake


def _mean_side(height, width):
    return np.sqrt(height * width)


_SQUARE = (
    "The box has the shape of the image: its height comes from the image's height, its width from the "
    "image's width."
)


# What the usual mistakes give, neither rounded nor, where that is the mistake, clipped.
_BOX_MISTAKES = {
    "The last row and column are lost: the lower and right edges of a slice lie one behind the last pixel, "
    "so they may be as large as the height and the width.": lambda case: _clipped(
        case, _around(case, np.sqrt(1 - case[2])), lost=1
    ),
    "This takes 1 − λ of each side. Then the area is (1 − λ)²: the square root is missing.": lambda case: (
        _clipped(case, _around(case, 1 - case[2]))
    ),
    "This box covers λ of the image. λ is the share that the first image keeps; the box gets the rest, "
    "1 − λ.": lambda case: _clipped(case, _around(case, np.sqrt(case[2]))),
    "This goes a whole side in each direction from the center: half of a side is right.": lambda case: (
        _clipped(case, _around(case, 2 * np.sqrt(1 - case[2])))
    ),
    "The center has become the upper left corner: go half of a side in each direction from "
    "it.": _from_the_center,
    "The box is not clipped: cut off what is below 0 or beyond the height and the width.": lambda case: (
        _around(case, np.sqrt(1 - case[2]))
    ),
    "The box is pushed back into the image. It should be clipped: what lies outside is lost.": _pushed_back,
    "The edges come in another order: asked for is top, left, bottom, right.": lambda case: _right(case)[
        [1, 0, 3, 2]
    ],
    "The edges come in the order top, bottom, left, right; asked for is top, left, bottom, "
    "right.": lambda case: _right(case)[[0, 2, 1, 3]],
    "Height and width have changed places: rows belong to the height, columns to the width.": _swapped_sides,
}
_BOX_MISTAKES_IN_ORDER = [
    *_BOX_MISTAKES.items(),
    *((_SQUARE, _square_of(side)) for side in (min, max, lambda h, w: h, lambda h, w: w, _mean_side)),
]


def _box_hint(function, cases, outside, one_pixel):
    """Name the mistake that explains the answers in all cases, not just in one by accident."""
    if one_pixel:
        return (
            "With λ = 1 both sides are 0, so nothing should be pasted. Round opposite edges in the same way: "
            "else a box of one pixel is left around a center like 30.5."
        )
    for hint, mistake in _BOX_MISTAKES_IN_ORDER:
        try:
            if all((np.abs(np.array(function(*case)) - mistake(case)) <= 1.51).all() for case in cases):
                return hint
        except Exception:  # a wrong answer may fail anywhere
            break
    if outside:
        return "An edge lies outside of the image: clip it."
    return (
        "Calculate this one by hand, as in the example of the text: the sides, the four edges, the clipping."
    )


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def cutmix_pair(function: Callable) -> None:
    """Check `cutmix_pair(first, second, first_label, second_label, box) -> (image, label)`."""
    cases = [(5, 7, (1, 2, 3, 5)), (10, 10, (0, 0, 6, 5)), (8, 12, (3, 7, 8, 12)), (5, 5, (0, 0, 5, 5))]
    cases += [(6, 4, (2, 1, 2, 3))]
    random = np.random.default_rng(8)
    for _ in range(12):
        height, width = (int(side) for side in random.integers(5, 40, 2))
        top, bottom = sorted(int(edge) for edge in random.integers(0, height + 1, 2))
        left, right = sorted(int(edge) for edge in random.integers(0, width + 1, 2))
        cases.append((height, width, (top, left, bottom, right)))
    for number, (height, width, box) in enumerate(cases):
        images = random.integers(1, 256, (2, height, width, 3)).astype(np.uint8)
        labels = np.eye(4)[[2, 0]] if number % 3 < 2 else np.array([[0.5, 0.5, 0, 0], [0, 0.25, 0.75, 0]])
        if number % 4 == 3:
            images = images.astype(np.float32)
        _check_pair(function, images, labels, box)
    images = random.integers(1, 256, (2, 12, 10, 3)).astype(np.uint8)
    alike = random.random((12, 10)) < 0.5  # as on a white background
    images[:, alike] = 255
    _check_pair(function, images, np.eye(4)[[2, 0]], (2, 3, 9, 8))
    harness.passed("Exercise 2: the label says exactly what the pixels show.")


def _check_pair(function, images, labels, box):
    (first, second), (first_label, second_label) = images, labels
    tried = (
        f"two images {list(first.shape)} {first.dtype}, labels {_row(first_label)} and {_row(second_label)}, "
        f"box {box}"
    )
    result = harness.call(
        function, first.copy(), second.copy(), first_label.copy(), second_label.copy(), box, tried=tried
    )
    harness.require_values(
        result, 2, tried=tried, expected="two values", hint="Return image and label: `return mixed, label`."
    )
    fail = functools.partial(harness.fail, tried=tried)
    mixed, label = (np.asarray(part) for part in result)
    top, left, bottom, right = box
    expected = first.copy()
    expected[top:bottom, left:right] = second[top:bottom, left:right]
    if mixed.shape != expected.shape or not np.array_equal(mixed, expected):
        fail(
            got=harness.shown(mixed),
            expected="the second image inside the box, the first one outside",
            hint=_pair_image_hint(mixed, first, second, box),
        )
    if mixed.dtype != first.dtype:
        fail(
            got=f"dtype {mixed.dtype}",
            expected=f"dtype {first.dtype}",
            hint="Pixels are only copied, so their type should stay.",
        )
    pasted = (bottom - top) * (right - left) / first[..., 0].size
    target = (1 - pasted) * first_label + pasted * second_label
    if label.shape != target.shape or not np.allclose(label, target, atol=1e-6):
        hint = _pair_label_hint(label, first_label, second_label, pasted, box, first.shape)
        alike = (mixed == second).all(-1).mean(), (mixed != first).any(-1).mean()
        for share in alike:
            counted = (1 - share) * first_label + share * second_label
            if label.shape == target.shape and np.allclose(label, counted, atol=1e-6) and share != pasted:
                hint = (
                    "This counts pixels by their colors. Where both images have the same color by "
                    "themselves (a white background), that goes wrong: count by the four edges."
                )
        fail(
            got=f"label {harness.shown(label)}",
            expected=f"label {harness.shown(target)}",
            hint=hint,
        )


def _row(label):
    return "[" + " ".join(f"{share:g}" for share in label) + "]"


def _pair_image_hint(mixed, first, second, box):
    top, left, bottom, right = box
    if mixed.shape != first.shape:
        return f"The shape is {list(mixed.shape)}; it should be that of the images, {list(first.shape)}."

    def same(pasted, rows, columns, ground=first):
        picture = ground.copy()
        try:
            picture[rows, columns] = pasted
        except ValueError:
            return False
        return np.array_equal(picture, mixed)

    rows, columns = slice(top, bottom), slice(left, right)
    if np.array_equal(mixed, first):
        return "Nothing has been pasted."
    if same(first[rows, columns], rows, columns, second):
        return (
            "The first image is inside the box and the second one outside: it should be the other way round."
        )
    if same(0, rows, columns):
        return "The box is black: that is Cutout. Fill it with the pixels of the second image."
    if same(second[: bottom - top, : right - left], rows, columns):
        return (
            "The pixels come from the upper left corner of the second image; take them from the same place."
        )
    across, down = slice(top, bottom), slice(left, right)
    if same(second[down, across], down, across):
        return "Rows and columns have changed places: rows first, `image[top:bottom, left:right]`."
    for more in (1, -1):
        longer = slice(top, bottom + more), slice(left, right + more)
        if same(second[longer], *longer):
            return "The box is one row and column off: `bottom` and `right` are the first ones outside."
    blend = _fits_blend(mixed, first, second)
    if blend:
        return "The images are blended: that is MixUp. Copy pixels instead."
    return "Compare the pixels inside and outside of the box with both images."


def _fits_blend(mixed, first, second):
    """Whether the picture is one weight times the first image plus the rest of the second, everywhere."""
    difference = first.astype(float) - second
    weight = ((mixed - second.astype(float)) * difference).sum() / max(float((difference**2).sum()), 1)
    rest = np.abs(second + weight * difference - mixed).max()
    return rest <= 1 and 0.02 < weight < 0.98


def _pair_label_hint(label, first_label, second_label, pasted, box, shape):
    top, left, bottom, right = box
    if label.shape != first_label.shape:
        return f"The shape of the label is {list(label.shape)}; it should be {list(first_label.shape)}."

    def same(weight):
        return np.allclose(label, (1 - weight) * first_label + weight * second_label, atol=1e-6)

    height, width = shape[:2]
    if same(1 - pasted):
        return "The shares have changed places: the box holds the second image, the first one has the rest."
    if np.allclose(label, np.eye(len(label))[label.argmax()]) and 0 < pasted < 1:
        return "The label is still one-hot: both classes are in the picture, each with its share."
    if same(0):
        return "The label is that of the first image: the second one is in the picture, too."
    if same((bottom - top) / height) or same((right - left) / width):
        return "That is a share of one side. Pixels are counted by area: height times width of the box."
    sides = (height**2, width**2, height * width * shape[2])
    if any(same((bottom - top) * (right - left) / size) for size in sides):
        return f"The area of the image is height · width = {height} · {width} pixels."
    if same((bottom - top + 1) * (right - left + 1) / (height * width)):
        return "The rows from top to bottom, the last one outside, are bottom − top, without + 1."
    if abs(label.sum() - 1) > 1e-6:
        return f"The label sums to {label.sum():.3g} instead of 1: the two shares must add to 1."
    return "Count the pixels inside the box, and divide by all pixels of the image."


# ---- Exercise 3 --------------------------------------------------------------------------------------------

_COUNT = 8


def cutmix_batch(function: Callable) -> None:
    """Check `cutmix_batch(images, labels, *, seed) -> (images, labels)`, also by `check_augmentation`."""
    for seed in range(6):
        dtype = _check_batch(function, seed)
    report = checker.check_augmentation(function, kind="mix", alpha=1.0, draws=16)
    # What it does with wrong input is no part of the exercise.
    failed = [report[name] for name in report.failed if name not in ("sparse labels", "single image")]
    if failed:
        row = min(failed, key=lambda row: row.name not in _REPORT_HINTS)
        harness.fail(
            tried=f"check_augmentation; failed: {', '.join(row.name for row in failed)}",
            got=row.evidence,
            expected=f"the check “{row.name}” passes",
            hint=_REPORT_HINTS.get(row.name, row.meaning),
        )
    if dtype != np.uint8:
        harness.fail(
            tried="8 images [24, 40, 3] uint8",
            got=f"images {dtype}",
            expected="images uint8, as they came",
            hint="Pixels are only copied by `tf.where`, so no cast is needed.",
        )
    passed = [row.name for row in report.rows if row.passed]
    harness.passed("Exercise 3: the labels follow the pixels for a whole batch.")
    print(f"  check_augmentation: {len(passed)} of {len(report.rows)} checks passed: {', '.join(passed)}.")
    if report.failed:
        print(
            f"  Not passed, and not asked for: {', '.join(report.failed)}. They are about wrong input, which "
            "mixing.cutmix refuses."
        )


_REPORT_HINTS = {
    "runs in tf.data": "Inside of `tf.data` the batch has an unknown size, and tensors have no values yet: "
    "no loop over images, no `len`, no `.numpy()`; use TensorFlow's operations only.",
    "distribution of λ": "The boxes are larger or smaller than those which were drawn: are `lam`, `row` "
    "and `column` used as they were given?",
    "own λ": "Every image should have a box of its own: keep the axis of the batch in the mask.",
    "partners": "The partners are not random: use `partner` as it was drawn.",
    "repeatable": "Something is drawn that does not depend on the seed.",
}


def _check_batch(function, seed):
    """Every image is filled with its own number, so that a pixel tells whose it is."""
    numbers = np.arange(_COUNT)
    images = np.broadcast_to((10 + 20 * numbers).astype(np.uint8)[:, None, None, None], [_COUNT, 24, 40, 3])
    labels = np.eye(_COUNT, dtype=np.float32)
    tried = f"8 images [24, 40, 3] uint8 with the labels 0 to 7, seed=(8, {seed})"
    try:
        result = harness.call(
            lambda: function(tf.constant(images), tf.constant(labels), seed=tf.constant([8, seed])),
            tried=tried,
        )
    except harness.CheckFailed as failed:
        raise _with_advice(failed) from None
    harness.require_values(
        result, 2, tried=tried, expected="images and labels", hint="Return both: `return mixed, labels`."
    )
    fail = functools.partial(harness.fail, tried=tried)
    mixed, shares = (np.asarray(part) for part in result)
    for name, array, shape in [("images", mixed, images.shape), ("labels", shares, labels.shape)]:
        if array.shape != shape:
            fail(
                got=f"{name} {list(array.shape)}",
                expected=f"{name} {list(shape)}",
                hint="Which axes have the length 1 when they are joined? Broadcasting stretches those.",
            )
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
    for k in numbers:
        _check_shares(k, sources[k], shares[k], fail)
    return mixed.dtype


_ADVICE = {
    r"must have the same dtype|was expected to be a \w+ tensor|type \w+ that does not match": (
        "whole numbers and floats do not mix: cast the area and `height * width` both to `labels.dtype`, "
        "then divide"
    ),
    r"must be broadcastable|Incompatible shapes|incompatible shapes|Dimensions must be equal": (
        "two shapes do not fit. The mask needs a last axis of length 1 for the channels, the shares need one "
        "for the classes"
    ),
}


def _with_advice(failed):
    """The same failure, with a line about TensorFlow's two most usual complaints."""
    for pattern, advice in _ADVICE.items():
        if re.search(pattern, str(failed)):
            line = textwrap.fill(f"{advice}.", 110, initial_indent="  look at:  ", subsequent_indent=" " * 12)
            return harness.CheckFailed(f"{failed}\n{line}")
    return failed


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
            hint="The mask has lost the axis of the batch: `top[:, tf.newaxis]` keeps it.",
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


def _check_shares(k, places, label, fail):
    kept = float((places == k).mean())
    partner = next(iter(np.unique(places[places != k]).tolist()), k)
    expected = np.zeros(_COUNT)
    expected[k] += kept
    expected[partner] += 1 - kept
    if np.allclose(label, expected, atol=1e-5):
        return
    fail(
        got=f"label of image {k}: {_label_words(label)}",
        expected=f"{_label_words(expected)}, as the pixels are",
        hint=_share_hint(label, expected, k, partner, places),
    )


def _label_words(label):
    parts = [f"{share:.3f} of class {number}" for number, share in enumerate(label) if abs(share) > 5e-4]
    return " and ".join(parts) or "0 everywhere"


def _share_hint(label, expected, k, partner, places):
    named = np.flatnonzero(np.abs(label) > 1e-4)
    if abs(label.sum() - 1) > 1e-4:
        return f"The label sums to {label.sum():.3g}: the two shares must add to 1."
    if partner != k and np.isclose(label[k], 1) and expected[k] < 1:
        return (
            "The labels are as they came: both classes are in the picture, each with its share. (A share "
            "that is rounded to a whole number is 0.)"
        )
    if not np.isin(named, [k, partner]).all():
        return (
            f"The label names class {int(named[~np.isin(named, [k, partner])][0])}, but the pixels come from "
            f"image {partner}: fetch images and labels with the same `partner`."
        )
    if np.isclose(label[k], expected[partner], atol=1e-5):
        if not _is_box(places != k):
            return "Inside and outside are swapped: where the mask is true, the partner's pixels belong."
        return "The shares have changed places: what is inside the box belongs to the partner."
    if len(named) == 1:
        return "The label is one-hot: give both classes their share."
    rows, columns = np.flatnonzero((places != k).any(axis=1)), np.flatnonzero((places != k).any(axis=0))
    for more, words in [(1, "larger"), (-1, "smaller")]:
        area = (len(rows) + more) * (len(columns) + more) / places.size
        if np.isclose(1 - label[k], area, atol=1e-4):
            return (
                f"The share is that of a box one row and one column {words} than what is pasted: the bottom "
                "row and the right column lie outside (`<`, not `<=`)."
            )
    if label[k] < expected[k]:
        return (
            "The label gives the partner more than the picture shows. Is the share made from λ, or from the "
            "box before it was clipped? Count from `top`, `left`, `bottom`, `right`."
        )
    return "Count the pixels inside the box and divide by height · width: as a float, one share per image."
