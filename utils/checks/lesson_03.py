"""The checks of lesson 03: a shift with four fill modes, two iterators."""

import functools
from collections.abc import Callable

import numpy as np

from utils.checks import harness

_PAD_MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "wrap": "wrap"}


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def shift_columns(function: Callable) -> None:
    """Check `shift_columns(image, shift, fill_mode) -> image` against np.pad."""
    row = np.arange(1, 7, dtype=np.float32)
    grid = row + 10 * np.arange(1, 4, dtype=np.float32)[:, np.newaxis]
    for fill_mode in _PAD_MODES:
        for shift in (2, -2, 0):
            _check_shift(function, grid, shift, fill_mode)
    random = np.random.default_rng(3)
    for fill_mode in _PAD_MODES:
        image = random.integers(1, 256, (5, 7, 3)).astype(np.uint8)
        for shift in (*random.integers(-6, 7, 4).tolist(), 9, -9, 23, -23):
            _check_shift(function, image, shift, fill_mode)
    harness.passed("Exercise 1: all four fill modes are right, to the left, to the right and far out.")


def _padded_shift(image, shift, mode):
    """The shift, written another way: pad both sides, then cut."""
    reach, width = abs(shift), image.shape[1]
    sides = [(0, 0), (reach, reach)] + [(0, 0)] * (image.ndim - 2)
    return np.pad(image, sides, mode=mode)[:, reach - shift : reach - shift + width]


def _check_shift(function, image, shift, fill_mode):
    tried = f"{_name(function)}({harness.shown(image)}, {shift}, {fill_mode!r})"
    result = np.asarray(harness.call(function, image.copy(), shift, fill_mode, tried=tried))
    expected = _padded_shift(image, shift, _PAD_MODES[fill_mode])
    hint = _shift_hint(result, image, shift, fill_mode, expected)
    harness.require_close(result, expected, tried=tried, hint=hint)
    if result.dtype != image.dtype:
        harness.fail(
            tried=tried,
            got=f"dtype {result.dtype}",
            expected=f"dtype {image.dtype}",
            hint="The dtype should stay: calculate with places only, not with pixels.",
        )


def _shift_hint(result, image, shift, fill_mode, expected):
    """Compare with what the usual mistakes would give."""

    def same(candidate):
        return candidate.shape == result.shape and np.array_equal(candidate, result)

    if same(_padded_shift(image, -shift, _PAD_MODES[fill_mode])):
        if shift < 0:
            return f"Shifts to the right are right. A shift by {shift} should move the picture to the left."
        return (
            "This shifts in the other direction: a positive shift moves the picture to the right, "
            "so column c comes from column c - shift."
        )
    rolled = image.swapaxes(0, 1)
    if same(_padded_shift(rolled, shift, _PAD_MODES[fill_mode]).swapaxes(0, 1)):
        return "This moves rows. The columns are the second axis: `image[:, source]`."
    if (
        fill_mode == "reflect"
        and abs(shift) < image.shape[1]
        and same(_padded_shift(image, shift, "reflect"))
    ):
        return (
            "The border pixel is not repeated. In `reflect` the mirror stands behind it: 3 2 1 | 1 2 3, "
            "so the pattern repeats every 2 * W columns, not 2 * W - 2."
        )
    if fill_mode == "wrap" and same(_skipping_wrap(image, shift)):
        return (
            "A pixel is skipped, as in ImageDataGenerator: the pattern of `wrap` repeats every W columns, "
            "not W - 1."
        )
    if fill_mode != "wrap" and same(_padded_shift(image, shift, "wrap")):
        return (
            f"What leaves on one side comes back on the other: that is `wrap`, not {fill_mode!r}. "
            "An index below 0 counts from the end in NumPy."
        )
    for other, mode in _PAD_MODES.items():
        if other != fill_mode and same(_padded_shift(image, shift, mode)):
            return f"This is what {other!r} would give; asked for was {fill_mode!r}."
    if shift < 0 and abs(shift) <= image.shape[1]:
        return (
            f"Right for a shift to the right, wrong for {shift}: a negative number in a slice counts from "
            "the end, and the strip to fill is at the right side now."
        )
    if fill_mode == "reflect" and abs(shift) > image.shape[1]:
        return (
            "Shifts larger than the image go wrong: the mirrored image repeats, so fold the column with "
            "`% (2 * W)` first."
        )
    return (
        "Write down for each column of the result which column it comes from, for a row 1 2 3 4 5 6 "
        f"and shift {shift}."
    )


def _skipping_wrap(image, shift):
    width = image.shape[1]
    source = np.arange(width) - shift
    inside = (source >= 0) & (source < width)
    return image[:, np.where(inside, source, source % (width - 1))]


def _name(function):
    return getattr(function, "__name__", "the function")


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_BATCH = 8


def training_and_validation(function: Callable) -> None:
    """Check the two iterators: who is augmented, who is shuffled, and whose mean and spread are used."""
    random = np.random.default_rng(7)
    # Validation images are brighter, so that their mean and spread give them away.
    images = _pictures(random, 40, low=0, high=120)
    others = _pictures(random, 20, low=60, high=255)
    labels, other_labels = np.arange(40), np.arange(100, 120)
    tried = (
        f"{_name(function)} with 40 dark training images (mean {images.mean():.0f}), 20 bright validation "
        f"images (mean {others.mean():.0f}), batch_size={_BATCH}"
    )
    result = harness.call(function, images, labels, others, other_labels, _BATCH, tried=tried)
    training, validation = harness.require_values(
        result, 2, tried=tried, expected="two iterators", hint="`return training, validation`"
    )
    scale = functools.partial(_scaled, mean=images.mean((0, 1, 2)), spread=images.std((0, 1, 2)))
    validation = _epoch(validation, tried, "validation")
    first, *more = [_epoch(training, tried, "training") for _ in range(3)]  # many angles are drawn
    _check_validation(*validation, others, other_labels, images, scale, tried)
    _check_training(first, more, images, labels, scale, tried)
    harness.passed(
        "Exercise 2: training is shuffled and augmented, validation is neither, and both share one scale."
    )


def _pictures(random, count, low, high):
    """Smooth random pictures, no two alike, none the same mirrored or turned."""
    coarse = random.uniform(low, high, (count, 4, 4, 3))
    return coarse.repeat(4, axis=1).repeat(4, axis=2).astype(np.float32)


def _scaled(images, mean, spread):
    return (images - mean) / (spread + 1e-6)


def _epoch(iterator, tried, name):
    """All images and labels of one epoch, and the sizes of its batches."""
    if not hasattr(iterator, "__len__") or not hasattr(iterator, "__getitem__"):
        harness.fail(
            tried=tried,
            got=f"for {name}: {type(iterator).__name__}",
            expected="what `flow` returns",
            hint="`generator.flow(images, labels, batch_size=…)` makes the iterator.",
        )
    batches = [iterator[index] for index in range(len(iterator))]
    if not isinstance(batches[0], tuple):
        harness.fail(
            tried=tried,
            got=f"{name} batches of images only",
            expected="batches (images, labels)",
            hint="`flow` takes the labels as its second argument.",
        )
    images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    if len(batches[0][0]) != _BATCH:
        harness.fail(
            tried=tried,
            got=f"{name} batches of {len(batches[0][0])} images",
            expected=f"batches of {_BATCH}",
            hint="Pass `batch_size` on to `flow`.",
        )
    return images, labels


def _check_validation(images, labels, originals, expected_labels, training_images, scale, tried):
    fail = functools.partial(harness.fail, tried=tried)
    if set(labels.tolist()) != set(expected_labels.tolist()):
        fail(
            got=f"validation labels {sorted(set(labels.tolist()))[:5]} …",
            expected=f"the validation labels {expected_labels[:5].tolist()} …",
            hint="The second iterator should run over the validation images and labels.",
        )
    if not np.array_equal(labels, expected_labels):
        fail(
            got=f"validation labels in the order {labels[:5].tolist()} …",
            expected=f"in the order {expected_labels[:5].tolist()} …",
            hint="The validation images are shuffled: `flow` shuffles unless `shuffle=False`.",
        )
    if np.allclose(images, scale(originals), atol=1e-3):
        return
    if np.allclose(images, originals, atol=1e-3):
        fail(
            got=f"validation images as they were, mean {images.mean():.2f}",
            expected=f"centered and scaled, mean {scale(originals).mean():.2f}",
            hint="The validation images are in another unit than the training images. Is their generator "
            "told to center and scale, and has it been fitted?",
        )
    wrong_fits = {"the validation images": originals, "training and validation images together": None}
    for name, source in wrong_fits.items():
        source = np.concatenate([training_images, originals]) if source is None else source
        if np.allclose(images, _scaled(originals, source.mean((0, 1, 2)), source.std((0, 1, 2))), atol=1e-3):
            fail(
                got=f"validation images of mean {images.mean():.2f}",
                expected=f"mean {scale(originals).mean():.2f}",
                hint=f"Mean and spread come from {name}. They belong to the training images alone: fit both "
                "generators on these.",
            )
    own = _scaled(
        originals, originals.mean((1, 2, 3), keepdims=True), originals.std((1, 2, 3), keepdims=True)
    )
    if np.allclose(images, own, atol=1e-3):
        fail(
            got="validation images, each centered by itself",
            expected="one mean and one spread for all",
            hint="Samplewise is each image by itself; featurewise is the whole training set.",
        )
    if _kept(images, scale(originals)) > 0 or _like(images, scale(originals)):
        changed = len(images) - _kept(images, scale(originals))
        fail(
            got=f"{changed} of {len(images)} validation images are changed",
            expected="every validation image as it is, only scaled",
            hint="The validation images are augmented. They need a generator of their own, without flips "
            "and turns.",
        )
    fail(
        got=f"validation images from {images.min():.2f} to {images.max():.2f}, mean {images.mean():.2f}",
        expected=f"from {scale(originals).min():.2f} to {scale(originals).max():.2f}, "
        f"mean {scale(originals).mean():.2f}",
        hint="The scaling of the validation images is off: featurewise centring and dividing by the standard "
        "deviation, both fitted on the training images.",
    )


def _kept(images, originals):
    """The number of images that are as the originals."""
    return sum(
        np.allclose(image, original, atol=1e-3) for image, original in zip(images, originals, strict=True)
    )


def _like(images, originals):
    """Whether images have about the values of the originals, though in other places."""
    return abs(images.mean() - originals.mean()) < 0.3 and abs(images.std() - originals.std()) < 0.3


def _check_training(first, more, originals, expected_labels, scale, tried):
    fail = functools.partial(harness.fail, tried=tried)
    images, labels = first
    if sorted(labels.tolist()) != expected_labels.tolist():
        fail(
            got=f"{len(labels)} training labels, {len(set(labels.tolist()))} different ones",
            expected=f"each of the {len(expected_labels)} training images once in an epoch",
            hint="The first iterator should run over all training images and their labels.",
        )
    if np.array_equal(labels, expected_labels):
        fail(
            got=f"training labels in the order {labels[:5].tolist()} …",
            expected="another order in each epoch",
            hint="The training images are not shuffled.",
        )
    images, labels = (np.concatenate(parts) for parts in zip(first, *more, strict=True))
    plain = scale(originals)[labels]
    if not _like(images, plain):
        fail(
            got=f"training images of mean {images.mean():.2f} and spread {images.std():.2f}",
            expected="about mean 0 and spread 1",
            hint="The scaling of the training images is off. Is their generator told to center and scale, "
            "and fitted on the training images?",
        )
    kept, flipped = _kept(images, plain), _kept(images, plain[:, :, ::-1])
    if kept == len(images):
        fail(
            got=f"none of {len(images)} training images is changed",
            expected="mirrored half of the time, and turned",
            hint="The training images are not augmented as asked: their generator needs a flip and a "
            "rotation.",
        )
    if kept + flipped == len(images):
        fail(
            got=f"of {len(images)} training images, {flipped} are mirrored and none is turned",
            expected="mirrored half of the time, and turned by up to 20 degrees",
            hint="The flip is there; the rotation is missing.",
        )
    _check_changes(*_explain(images, labels, scale(originals)), fail)


# What has happened to an image is found by trying: each original, flipped in four ways and turned by whole
# degrees, is compared with it inside of a disc that no turn leaves, so that the fill mode does not matter.
_ANGLES = np.arange(-60, 61)
_FLIPS = ((1, 1), (1, -1), (-1, 1), (-1, -1))  # steps along rows and columns; the last two are upside down
_OPEN = 0.005  # share of the variance; a turn by a fraction of a degree leaves up to 0.002 open


def _explain(images, labels, originals):
    """What was done to each image: (is mirrored, is upside down, degrees, error, error but for brightness).

    The errors are what flip and turn leave open, as shares of the variance. For the second one, brightness
    and contrast may differ, too.
    """
    candidates = np.array(
        [[_turned(originals[:, ::down, ::right], angle) for angle in _ANGLES] for down, right in _FLIPS]
    ).reshape(len(_FLIPS) * len(_ANGLES), len(originals), -1)
    found = []
    for label, values in zip(labels, _turned(images, 0).reshape(len(images), -1), strict=True):
        tried = candidates[:, label]
        errors = np.square(tried).mean(1) - 2 * tried @ values / len(values) + np.square(values).mean()
        flip, angle = divmod(errors.argmin(), len(_ANGLES))
        down, right = _FLIPS[flip]
        centered = tried - tried.mean(1, keepdims=True)
        likeness = centered @ (values - values.mean()) / (tried.std(1) * values.std() * len(values))
        error = errors.min() / values.var()
        found.append((right < 0, down < 0, abs(_ANGLES[angle]), error, 1 - likeness.max() ** 2))
    return [np.array(values) for values in zip(*found, strict=True)]


def _turned(images, angle):
    """The pixels [N, P, 3] of a disc in the images, turned by `angle` degrees, interpolated linearly."""
    middle = (images.shape[1] - 1) / 2
    rows, columns = np.meshgrid(*[np.arange(images.shape[1]) - middle] * 2, indexing="ij")
    inside = np.hypot(rows, columns) <= middle
    rows, columns = rows[inside], columns[inside]
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    row = np.clip(cosine * rows - sine * columns + middle, 0, 2 * middle - 1e-6)
    column = np.clip(sine * rows + cosine * columns + middle, 0, 2 * middle - 1e-6)
    above, left = row.astype(int), column.astype(int)
    down, right = (row - above)[:, np.newaxis], (column - left)[:, np.newaxis]
    upper = images[:, above, left] * (1 - right) + images[:, above, left + 1] * right
    lower = images[:, above + 1, left] * (1 - right) + images[:, above + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def _check_changes(mirrored, upside_down, degrees, errors, errors_but_brightness, fail):
    """Mirrored half of the time, turned by up to 20 degrees, and nothing else."""
    most = degrees.max()
    explained = np.quantile(errors, 0.9) < _OPEN
    if explained and most <= 21 and upside_down.mean() > 0.15:
        fail(
            got="training images that are upside down",
            expected="mirrored left to right only, and turned a little",
            hint="`vertical_flip` turns a dog on its head; only `horizontal_flip` was asked for.",
        )
    if most > 21 and (explained or most > 30):
        fail(
            got=f"training images turned by {most} degrees and more",
            expected="turned by up to 20 degrees either way",
            hint="`rotation_range=20` already means 20 degrees to the left and 20 to the right.",
        )
    if not explained:
        bright = np.median(errors_but_brightness) < 0.2 * np.median(errors)
        what = "lighter or darker" if bright else "shifted, zoomed or sheared"
        fail(
            got=f"training images that are {what}, too",
            expected="mirrored and turned, and nothing else",
            hint="Only a flip and a turn were asked for: take the other settings out.",
        )
    if mirrored.mean() < 0.1:
        fail(
            got=f"{mirrored.mean():.0%} of the training images are mirrored",
            expected="about half of them",
            hint="The training images are not mirrored left to right. The rotation is there.",
        )
    if most < 1:
        fail(
            got="training images turned by less than half a degree",
            expected="turned by up to 20 degrees either way",
            hint="`rotation_range` is in degrees: 20 / 360 would be at most 0.06 of a degree. Shares of a "
            "turn are the unit of RandomRotation.",
        )
    if most < 17:
        fail(
            got=f"training images turned by {most} degrees at most",
            expected="turned by up to 20 degrees either way",
            hint="`rotation_range` is the largest angle, in degrees.",
        )
