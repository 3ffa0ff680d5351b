"""The checks of lesson 03: a shift with four fill modes, two iterators."""

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from utils.checks import tables

# ---- Exercise 1: for each fill mode, the column that a column comes from; `width` is a black one -----------


def _black(source, width):
    return np.where((source >= 0) & (source < width), source, width)


def _nearest(source, width):
    return np.clip(source, 0, width - 1)


def _mirrored(source, width):
    folded = source % (2 * width)
    return np.minimum(folded, 2 * width - 1 - folded)


def _mirrored_once(source, width):
    source = np.where(source < 0, -1 - source, source)
    return np.where(source < width, source, 2 * width - 1 - source) % width


def _mirrored_inside(source, width):
    folded = source % (2 * width - 2)
    return np.minimum(folded, 2 * width - 2 - folded)


def _repeated(source, width):
    return source % width


def _repeated_less_one(source, width):
    return np.where((source >= 0) & (source < width), source, source % (width - 1))


def _sliced(source, width):
    """`result[:, shift:] = image[:, :-shift]`, where a negative shift counts from the end."""
    shift, column = -source[0], np.arange(width)
    start = shift % width if abs(shift) < width else width
    return np.where(column >= start, column - start, width)


_COLUMNS = {"constant": _black, "nearest": _nearest, "reflect": _mirrored, "wrap": _repeated}


def _shift(image, shift, fill_mode, *, way=int, axis=1, columns=None, dtype=lambda image: image.dtype):
    """The right shift."""
    moved = image.swapaxes(1, axis)
    width = moved.shape[1]
    source = (_COLUMNS | (columns or {}))[fill_mode](np.arange(width) - way(shift), width)
    with_black = np.concatenate([moved, np.zeros_like(moved[:, :1])], axis=1)
    return with_black[:, source].swapaxes(1, axis).astype(dtype(image))


def _shifts_tried():
    grid = np.arange(1, 7) + 10 * np.arange(1, 4)[:, np.newaxis]
    image = np.random.default_rng(3).integers(1, 256, (5, 7, 3)).astype(np.uint8)
    tries = [_shift_tried(grid, shift, mode) for mode in _COLUMNS for shift in (2, -2, 0)]
    far = (1, 5, -6, 7, 9, -9, 23, -23)
    return tries + [_shift_tried(image, shift, mode) for mode in _COLUMNS for shift in far]


def _shift_tried(image, shift, mode):
    plain = tables.given(image, shift, mode)
    return tables.Try(plain.words, lambda function: _image_facts(plain.use(function), mode))


def _image_facts(answer, mode):
    try:
        return {f"with {mode}": np.asarray(answer).astype(np.float64), "dtype": np.asarray(answer).dtype.name}
    except (TypeError, ValueError):
        return answer


shift_columns = tables.Table(
    title="Exercise 1: all four fill modes are right, to the left, to the right and far out.",
    right=_shift,
    tries=_shifts_tried,
    read=dict,
    mistakes={
        "This shifts in the other direction: a positive shift moves the picture to the right, so column c "
        "comes from column c - shift.": {"way": lambda shift: -shift},
        "Shifts to the right are right. A negative shift should move the picture to the left.": {"way": abs},
        "This moves rows. The columns are the second axis: `image[:, source]`.": {"axis": 0},
        "The border pixel is not repeated. In `reflect` the mirror stands behind it: 3 2 1 | 1 2 3, so the "
        "pattern repeats every 2 * W columns, not 2 * W - 2.": {"columns": {"reflect": _mirrored_inside}},
        "A shift may be larger than the image, and then the mirrored image repeats: fold the column with "
        "`% (2 * W)` first.": {"columns": {"reflect": _mirrored_once}},
        "A pixel is skipped, as in ImageDataGenerator: the pattern of `wrap` repeats every W columns, not "
        "W - 1.": {"columns": {"wrap": _repeated_less_one}},
        "Right for a shift to the right. A negative number in a slice counts from the end, and the strip to "
        "fill lies on the right now.": {"columns": {"constant": _sliced}},
        "The dtype should stay: calculate with places only, not with pixels.": {"dtype": lambda image: float},
    }
    | {
        f"This is what {other!r} gives; asked for was {mode!r}.": {"columns": {mode: _COLUMNS[other]}}
        for mode in _COLUMNS
        for other in _COLUMNS
        if mode != other
    },
    errors={
        "out of bounds": "A shift may be larger than the image, and then the mirrored image repeats: fold "
        "the column with `% (2 * W)` first."
    },
    form="One array of the image's shape should come back.",
    otherwise="Write down for each column of the result which column it comes from.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_FEATUREWISE = {"featurewise_center": True, "featurewise_std_normalization": True}
_SAMPLEWISE = {"samplewise_center": True, "samplewise_std_normalization": True}
_SIDE, _REACH, _BATCH, _EPOCHS = 24, 6, 8, 8


def _iterators(
    images,
    labels,
    validation_images,
    validation_labels,
    batch_size,
    *,
    scaling=_FEATUREWISE,
    flips=("horizontal_flip",),
    degrees=20,
    more=None,
    of_validation=None,
    fitted_on=lambda images, validation_images: images,
    fits_validation=lambda images, validation_images: images,
    augment=False,
    shuffle=True,
    shuffle_validation=False,
    order=lambda labels: np.arange(len(labels)),
    frozen=False,
    size=lambda batch_size: batch_size,
    swapped=False,
):
    """The right iterators."""
    changes = dict.fromkeys(flips, True) | {"rotation_range": degrees} | (more or {})
    augmenting = ImageDataGenerator(**scaling, **changes)
    plain = ImageDataGenerator(**scaling, **(of_validation or {}))
    augmenting.fit(fitted_on(images, validation_images), augment=augment)
    if fits_validation:
        plain.fit(fits_validation(images, validation_images))
    batch_size, places = size(batch_size), order(labels)
    images, labels = images[places], labels[places]
    if frozen:
        images = np.stack([augmenting.random_transform(image) for image in images])
    training = (plain if frozen else augmenting).flow(images, labels, batch_size, shuffle=shuffle)
    validation = plain.flow(validation_images, validation_labels, batch_size, shuffle=shuffle_validation)
    return (validation, training) if swapped else (training, validation)


def _pictures(random, flat, low, high):
    """[N, 24, 24, 3]: one color each, for the scale; three spots each, for the turn; corners."""
    rows, columns = np.indices([_SIDE, _SIDE]) - (_SIDE - 1) / 2
    spots = [
        np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 3)
        for row, column in [(0, 0), (0, _REACH), (-_REACH, 0)]
    ]
    corners = (abs(rows) > 7) & (abs(columns) > 7)
    colors = np.linspace(low, high, 3 * flat)
    return np.concatenate(
        [
            np.ones([_SIDE, _SIDE, 1]) * random.permutation(colors).reshape(flat, 1, 1, 3),
            np.tile(high * np.stack(spots, axis=-1), (2 * flat, 1, 1, 1)),
            np.tile(np.where(corners, high, low)[..., np.newaxis], (flat, 1, 1, 3)),
        ]
    ).astype(np.float32)


def _iterators_tried():
    random = np.random.default_rng(7)
    images, others = _pictures(random, 10, 0, 120), _pictures(random, 5, 60, 255)  # dark and bright
    labels, other_labels = np.arange(40), np.arange(100, 120)

    def use(function):
        state = np.random.get_state()  # `flow(seed=…)` resets it
        try:
            result = function(images.copy(), labels.copy(), others.copy(), other_labels.copy(), _BATCH)
            found = _epochs(result)
        finally:
            np.random.set_state(state)
        if found is None:
            return "no two iterators over images and labels"  # an iterator never ends: not to be read
        facts = _order_facts(*found, labels, other_labels)
        whole = facts.pop("whole")
        return facts | (_pixel_facts(*found, images, others) if whole else {})

    return [tables.Try(" with 40 training and 20 validation images and batch_size=8", use)]


def _epochs(result):
    """Some epochs of the first iterator, one of the second; None where there are no two iterators."""
    try:
        training, validation = result
        return [_epoch(training) for _ in range(_EPOCHS)], _epoch(validation)
    except (TypeError, ValueError, AttributeError):
        return None


def _epoch(iterator):
    """Sizes of the batches, images and labels of an epoch, taken as `fit` takes them."""
    batches = [iterator[place] for place in range(len(iterator))]
    iterator.on_epoch_end()
    images, labels = zip(*batches, strict=True)
    return [len(batch) for batch in labels], np.concatenate(images), np.concatenate(labels)


def _order_facts(epochs, validation, labels, other_labels):
    orders = [epoch[2] for epoch in epochs]
    found, found_other = np.sort(orders[0]), np.sort(validation[2])
    if all(np.array_equal(order, orders[0]) for order in orders):
        order = "as given" if np.array_equal(orders[0], labels) else "the same in each epoch"
    else:
        order = "another in each epoch"
    given = np.array_equal(validation[2], other_labels)
    return {
        "images in a batch": max(epochs[0][0] + validation[0]),
        "training labels of an epoch, sorted": found,
        "validation labels, sorted": found_other,
        "whole": np.array_equal(found, labels) and np.array_equal(found_other, other_labels),
        "order of the training images": order,
        "order of the validation images": "as given" if given else "another",
    }


def _pixel_facts(epochs, validation, images, others):
    """Where the numbers for the scale come from, and what was done to the images."""
    sources = {
        "the training images": images,
        "the validation images": others,
        "training and validation images together": np.concatenate([images, others]),
    }
    _, found, labels = validation
    facts = _scale("validation", found, others[labels - 100], labels < 105, sources)
    facts["validation images"] = "as they are" if facts.pop("left") < 0.1 else "changed"
    found, labels = (np.stack([epoch[place] for epoch in epochs]) for place in (1, 2))
    facts |= _scale("training", *map(np.concatenate, (found, images[labels], labels < 10)), sources)
    del facts["left"]
    placed = [_placed(each[np.argsort(order)][10:30]) for each, order in zip(found, labels, strict=True)]
    mirrored, degrees, moved = map(np.array, zip(*placed, strict=True))
    share, most = mirrored.mean(), np.minimum(degrees, 180 - degrees).max()
    turned = "less than one degree" if most < 1 else f"up to {5 * round(most / 5)} degrees"
    same = np.ptp(np.where(mirrored, -1 - degrees, degrees), axis=0).max() < 0.01
    return facts | {
        "training images in the next epoch": "as before" if same else "changed anew",
        "training images upside down": "some" if (degrees > 90).any() else "none",
        "training images mirrored": "about half" if 0.2 < share < 0.8 else f"{share:.0%}",
        "training images turned": turned if most > 0.01 else "not at all",
        "training images moved, stretched or sheared": "some" if moved.any() else "none",
    }


def _scale(split, found, images, flat, sources):
    """How pixels became numbers, read from images of one color, which no flip and no turn changes."""
    before, after = images[flat][:, 12, 12], found[flat][:, 12, 12]
    slope, offset = np.transpose([np.polyfit(*pair, 1) for pair in zip(before.T, after.T, strict=True)])
    if np.abs(slope * before + offset - after).max() > 0.01:
        return {f"the scale of {split} images": "another for each image", "left": 0}
    facts = {f"the scale of {split} images": "one for all"}
    mean, spread = -offset / slope, 1 / slope
    for name, value, measure, nothing in [("mean", mean, np.mean, 0), ("spread", spread, np.std, 1)]:
        known = {source: measure(array, axis=(0, 1, 2)) for source, array in sources.items()}
        known |= {"nothing": np.full(3, nothing)}
        alike = [source for source, right in known.items() if np.allclose(value, right, atol=0.02)]
        facts[f"{name} for the {split} images, of"] = [*alike, "none of these images"][0]
    return facts | {"left": np.abs((found - offset) / slope - images).max()}


def _placed(images):
    """From the three spots: is it mirrored, degrees of the turn (0 to 180), is anything moved besides."""
    weights = images - np.median(images, axis=(1, 2), keepdims=True)
    places = np.indices([_SIDE, _SIDE]) - (_SIDE - 1) / 2
    total = weights.sum(axis=(1, 2))
    middle, right, up = np.einsum("nijc,dij->cnd", weights, places) / total.T[..., np.newaxis]
    right, up = right - middle, up - middle
    mirrored = right[:, 0] * up[:, 1] - right[:, 1] * up[:, 0] < 0
    degrees = np.degrees(np.arccos(np.clip(-up[:, 0] / np.hypot(*up.T), -1, 1)))
    lengths = [np.hypot(*right.T) - _REACH, np.hypot(*up.T) - _REACH, (right * up).sum(axis=1) / _REACH]
    return mirrored, degrees, np.abs([*middle.T, *lengths]).max() > 0.1


training_and_validation = tables.Table(
    title="Exercise 2: training is shuffled and augmented, validation is neither, and both share one scale.",
    right=_iterators,
    tries=_iterators_tried,
    read=dict,
    mistakes={
        "Pass `batch_size` on to `flow`.": {"size": lambda batch_size: 32},
        "Training comes first, then validation.": {"swapped": True},
        "The training images come in the order in which they were given: `flow` shuffles them unless "
        "it is told not to.": {"shuffle": False},
        "The training images are shuffled once, by hand. `flow` shuffles anew in each epoch: leave it to "
        "`shuffle=True`.": {"shuffle": False, "order": lambda labels: np.roll(labels, 3)},
        "The validation images are shuffled: `flow` shuffles unless it gets `shuffle=False`.": {
            "shuffle_validation": True
        },
        "The validation images are changed. They need a generator of their own, without flips and turns.": {
            "of_validation": {"horizontal_flip": True, "rotation_range": 20}
        },
        "The validation images are in another unit than the training images: fit their generator, too.": {
            "fits_validation": None
        },
        "The scale of the validation images is theirs. Fit both generators on the training images: the "
        "model learns in that unit.": {
            "fits_validation": lambda images, validation_images: validation_images
        },
        "Training and validation images are both used to fit. Use the training images alone: nothing about "
        "validation images may enter the training.": {
            "fitted_on": lambda *both: np.concatenate(both),
            "fits_validation": lambda *both: np.concatenate(both),
        },
        "Fit the training generator on the training images.": {"fitted_on": lambda images, others: others},
        "Mean and spread are those of none of the images as they came. Fit on all training images, "
        "unchanged and without `augment=True`.": {"augment": True},
        "Samplewise is each image by itself. Asked for is featurewise: one mean and one spread a channel.": {
            "scaling": _SAMPLEWISE
        },
        "The mean is subtracted, but nothing is divided by: `featurewise_std_normalization` is missing.": {
            "scaling": {"featurewise_center": True}
        },
        "The pixels are not scaled: both generators need the two featurewise arguments.": {"scaling": {}},
        "`vertical_flip` turns an image on its head; only `horizontal_flip` was asked for.": {
            "flips": ("horizontal_flip", "vertical_flip")
        },
        "The training images are not mirrored left to right: `horizontal_flip` is missing.": {"flips": ()},
        "The training images are not turned: `rotation_range` is missing.": {"degrees": 0},
        "`rotation_range` is in degrees; shares of a turn are the unit of RandomRotation.": {
            "degrees": 20 / 360
        },
        "`rotation_range` is the largest angle either way, in degrees.": {"degrees": 10},
        "`rotation_range=20` already means 20 degrees to the left and 20 to the right.": {"degrees": 40},
        "Only a flip and a turn were asked for: leave the other changes of place out.": {
            "more": {"zoom_range": 0.2}
        },
        "Only a flip and a turn were asked for: leave the changes of color out.": {
            "more": {"brightness_range": (0.5, 0.9)}
        },
        "The training images are the same in each epoch. Give `flow` the images as they are: it changes them "
        "anew each time.": {"frozen": True},
    },
    form="Return two iterators, training and validation, each made by `flow` from images and labels.",
    otherwise="Print a few numbers of both iterators: mean, spread, and whose labels come in which order.",
)
