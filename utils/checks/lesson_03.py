"""The checks of lesson 03: a shift with four fill modes, two iterators."""

import warnings

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from utils.checks import harness, tables

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


def _shift(
    image,
    shift,
    fill_mode,
    *,
    way=lambda shift, width: shift,
    axis=1,
    columns=None,
    dtype=lambda image: image.dtype,
):
    moved = image.swapaxes(1, axis)
    width = moved.shape[1]
    source = (_COLUMNS | (columns or {}))[fill_mode](np.arange(width) - way(shift, width), width)
    with_black = np.concatenate([moved, np.zeros_like(moved[:, :1])], axis=1)
    return with_black[:, source].swapaxes(1, axis).astype(dtype(image))


def _shifts_tried():
    grid = (np.arange(1, 7) + 10 * np.arange(1, 4)[:, np.newaxis]).astype(np.int16)
    image = np.random.default_rng(3).integers(1, 256, (5, 7, 3)).astype(np.uint16)
    tries = [_shift_tried(grid, shift, mode) for mode in _COLUMNS for shift in (2, -2, 0)]
    far = (1, 5, -6, 7, 9, -9, 23, -23)
    return tries + [_shift_tried(image, shift, mode) for mode in _COLUMNS for shift in far]


def _shift_tried(image, shift, mode):
    plain = tables.given(image, shift, mode)
    return tables.Try(plain.words, lambda function: _image_facts(plain.use(function), image, mode))


def _image_facts(answer, image, mode):
    try:
        found = np.asarray(answer)
        same = "that of the image" if found.dtype == image.dtype else "another"
        return {f"with {mode}": found.astype(np.float64), "dtype": same}
    except (TypeError, ValueError):
        return answer


_FAR = (
    "A shift may be larger than the image, and then the mirrored image repeats: fold the column with "
    "`% (2 * W)` first."
)

shift_columns = tables.Table(
    title="Exercise 1: all four fill modes are right, to the left, to the right and far out.",
    right=_shift,
    tries=_shifts_tried,
    mistakes={
        "This shifts in the other direction: a positive shift moves the picture to the right, so column c "
        "comes from column c - shift.": {"way": lambda shift, width: -shift},
        "Shifts to the right are right. A negative shift should move the picture to the left.": {
            "way": lambda shift, width: abs(shift)
        },
        "This moves rows. The columns are the second axis: `image[:, source]`.": {"axis": 0},
        "The border pixel is not repeated. In `reflect` the mirror stands behind it: 3 2 1 | 1 2 3, so the "
        "pattern repeats every 2 * W columns, not 2 * W - 2.": {"columns": {"reflect": _mirrored_inside}},
        _FAR: {"columns": {"reflect": _mirrored_once}},
        "A pixel is skipped, as in ImageDataGenerator: the pattern of `wrap` repeats every W columns, not "
        "W - 1.": {"columns": {"wrap": _repeated_less_one}},
        "Right for a shift to the right. A negative number in a slice counts from the end, and the strip to "
        "fill lies on the right now.": {"columns": {"constant": _sliced}},
        "Only `wrap` goes round: for the other modes, a shift is not the same as the shift `% W`.": {
            "way": lambda shift, width: shift % width
        },
        "The dtype should stay that of the image: calculate with places only, not with pixels.": {
            "dtype": lambda image: float
        },
    }
    | {
        f"This is what {other!r} gives; asked for was {mode!r}.": {"columns": {mode: _COLUMNS[other]}}
        for mode in _COLUMNS
        for other in _COLUMNS
        if mode != other
    },
    errors={"out of bounds": _FAR},
    form="One array of the image's shape should come back.",
    otherwise="Write down for each column of the result which column it comes from, or that it is 0.",
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
    shuffle=True,
    shuffle_validation=False,
    frozen=False,
    size=lambda batch_size: batch_size,
    paired=lambda images: images,
    part=slice(None),
    over=("training", "validation"),
):
    changes = dict.fromkeys(flips, True) | {"rotation_range": degrees} | (more or {})
    augmenting = ImageDataGenerator(**scaling, **changes)
    plain = ImageDataGenerator(**scaling, **(of_validation or {}))
    if fitted_on:
        augmenting.fit(fitted_on(images, validation_images))
    if fits_validation:
        plain.fit(fits_validation(images, validation_images))
    batch_size, images, labels = size(batch_size), paired(images)[part], labels[part]
    if frozen:
        images = np.stack([augmenting.random_transform(image) for image in images])
    data = {"training": (images, labels), "validation": (validation_images, validation_labels)}
    first, second = (data[split] for split in over)
    return (
        (plain if frozen else augmenting).flow(*first, batch_size, shuffle=shuffle),
        plain.flow(*second, batch_size, shuffle=shuffle_validation),
    )


def _pictures(random, flat, low, high):
    """[N, 24, 24, 3]: one color each, for the scale; three spots each, for the turn; corners."""
    rows, columns = np.indices([_SIDE, _SIDE]) - (_SIDE - 1) / 2
    spots = [
        np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 3)
        for row, column in [(0, 0), (0, _REACH), (-_REACH, 0)]
    ]
    corners = (abs(rows) > 7) & (abs(columns) > 7)
    colors = np.linspace(low, high, 3 * flat)
    pictures = [
        np.ones([_SIDE, _SIDE, 1]) * random.permutation(colors).reshape(flat, 1, 1, 3),
        np.tile(high * np.stack(spots, axis=-1), (2 * flat, 1, 1, 1)),
        np.tile(np.where(corners, high, low)[..., np.newaxis], (flat, 1, 1, 3)),
    ]
    return np.round(np.concatenate(pictures)).astype(np.uint8)


def _iterators_tried():
    random = np.random.default_rng(7)
    images, others = _pictures(random, 10, 0, 120), _pictures(random, 5, 60, 255)  # dark and bright
    labels, other_labels = np.arange(40), np.arange(100, 120)
    words = " with 40 training and 20 validation images and batch_size=8"

    def use(function):
        state = np.random.get_state()
        copies = [each.copy() for each in (images, labels, others, other_labels)]
        tried = f"{harness.name_of(function)}{words}"
        try:  # `flow(seed=…)` resets NumPy; Keras warns of generators that were not fitted: so do the hints
            with warnings.catch_warnings(action="ignore"):
                found = _epochs(harness.call(function, *copies, _BATCH, tried=tried))
        finally:
            np.random.set_state(state)
        if found is None:
            return "no two iterators over images and labels"  # an iterator never ends: not to be read
        facts = _order_facts(*found, labels, other_labels)
        if not all(
            facts[f"an epoch of the {each} iterator"].startswith("all") for each in ("first", "second")
        ):
            return facts
        return facts | _pixel_facts(*found, images, others)

    return [tables.Try(words, use)]


def _epochs(result):
    """Some epochs of the first iterator, one of the second; None where there are no two iterators."""
    try:
        training, validation = result
    except (TypeError, ValueError):
        return None
    if any(getattr(each, "y", None) is None for each in (training, validation)):
        return None
    return [_epoch(training) for _ in range(_EPOCHS)], _epoch(validation)


def _epoch(iterator):
    """Sizes of the batches, images and labels of an epoch, taken as `fit` takes them."""
    batches = [iterator[place] for place in range(len(iterator))]
    iterator.on_epoch_end()
    images, labels = zip(*batches, strict=True)
    return [len(batch) for batch in labels], np.concatenate(images), np.concatenate(labels)


def _order_facts(epochs, validation, labels, other_labels):
    orders = [epoch[2] for epoch in epochs]
    first = _whose(orders[0], labels, other_labels)
    second = _whose(validation[2], other_labels, labels)
    same = all(np.array_equal(order, orders[0]) for order in orders)
    given = np.array_equal(validation[2], other_labels)
    largest = {max(epochs[0][0]), max(validation[0])}
    return {
        "images in a batch": "batch_size" if largest == {_BATCH} else "another number",
        "an epoch of the first iterator": first.format("training"),
        "an epoch of the second iterator": second.format("validation"),
        "order of the training images": "the same in each epoch" if same else "another in each epoch",
        "order of the validation images": "as given" if given else "another",
    }


def _whose(found, labels, others):
    found = np.sort(found)
    if np.array_equal(found, labels):
        return "all {} images, once"
    return "images of the other split" if np.array_equal(found, others) else "not all {} images, once"


def _pixel_facts(epochs, validation, images, others):
    sources = {
        "the training images": images,
        "the validation images": others,
        "training and validation images together": np.concatenate([images, others]),
    }
    _, found, labels = validation
    facts = _scale("validation", found, others[labels - 100], labels < 105, sources)
    left = facts.pop("left")
    facts["validation images"] = "as they are" if left is not None and left < 0.1 else "changed"
    found, labels = (np.stack([epoch[place] for epoch in epochs]) for place in (1, 2))
    facts |= _scale("training", *map(np.concatenate, (found, images[labels], labels < 10)), sources)
    if facts.pop("left") is None:  # other images than the labels say
        return facts
    placed = [_placed(each[np.argsort(order)][10:30]) for each, order in zip(found, labels, strict=True)]
    mirrored, degrees, moved = map(np.array, zip(*placed, strict=True))
    share, most = mirrored.mean(), np.minimum(degrees, 180 - degrees).max()
    turned = "less than one degree" if most < 1 else f"up to {5 * round(most / 5)} degrees"
    same = np.ptp(np.where(mirrored, -1 - degrees, degrees), axis=0).max() < 0.01
    return facts | {
        "training images upside down": "some" if (degrees > 90).any() else "none",
        "training images mirrored": "about half" if 0.2 < share < 0.8 else f"{share:.0%}",
        "training images moved, stretched or sheared": "some" if moved.any() else "none",
        "training images turned": turned if most > 0.01 else "not at all",
        "training images in the next epoch": "as before" if same else "changed anew",
    }


def _scale(split, found, images, flat, sources):
    """How pixels became numbers, read from images of one color, which no flip and no turn changes."""
    before, after = images[flat][:, 12, 12], found[flat][:, 12, 12]
    slope, offset = np.transpose([np.polyfit(*pair, 1) for pair in zip(before.T, after.T, strict=True)])
    if np.abs(slope * before + offset - after).max() > 0.01:
        alone = np.abs(after.mean(axis=1)).max() < 0.01
        tints = [(color - color.mean(axis=1, keepdims=True)).ravel() for color in (before, after)]
        alike = np.corrcoef(*tints)[0, 1] > 0.5
        scale = "of each image by itself" if alone else "another for each image" if alike else "none"
        return {f"the scale of {split} images": scale, "left": None if scale == "none" else 0}
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


_NO_SPLIT = "Training takes all training images. They are split already: no `validation_split` is needed."
_ONE_ANGLE = "`rotation_range` is one number: the largest angle either way, in degrees."

training_and_validation = tables.Table(
    title="Exercise 2: training is shuffled and augmented, validation is neither, and both share one scale.",
    right=_iterators,
    tries=_iterators_tried,
    mistakes={
        "Pass `batch_size` on to `flow`.": {"size": lambda batch_size: 32},
        "Training comes first, then validation.": {"over": ("validation", "training")},
        "Both iterators are over the training images. The second is for the validation images.": {
            "over": ("training", "training")
        },
        _NO_SPLIT: {"part": slice(8, None)},
        "The training images come in the same order in each epoch: `flow` shuffles them unless it is told "
        "not to.": {"shuffle": False},
        "The validation images are shuffled: `flow` shuffles unless it gets `shuffle=False`.": {
            "shuffle_validation": True
        },
        "The validation images are changed. They need a generator of their own, without flips and turns.": {
            "of_validation": {"horizontal_flip": True, "rotation_range": 20}
        },
        "The mean is subtracted, but nothing is divided by: `featurewise_std_normalization` is missing.": {
            "scaling": {"featurewise_center": True}
        },
        "The validation images are not scaled: their generator needs both featurewise arguments and `fit`.": {
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
        "The training images are not scaled: their generator needs both featurewise arguments and `fit`.": {
            "fitted_on": None
        },
        "Mean and spread are not those of all training images as they came, channel by channel. Let `fit` "
        "compute them, from all of these images.": {
            "fitted_on": lambda images, others: images[::2],
            "fits_validation": lambda images, others: images[::2],
        },
        "Images and labels no longer belong together: what reorders the ones must reorder the others.": {
            "paired": lambda images: np.roll(images, 3, axis=0)
        },
        "Samplewise is each image by itself. Asked for is featurewise: one mean and one spread a channel.": {
            "scaling": _SAMPLEWISE
        },
        "Nothing is scaled: both generators need the two featurewise arguments, and `fit`.": {"scaling": {}},
        "`vertical_flip` turns an image on its head; only `horizontal_flip` was asked for.": {
            "flips": ("horizontal_flip", "vertical_flip")
        },
        "The training images are not mirrored left to right: `horizontal_flip` is missing.": {"flips": ()},
        "The training images are not turned: `rotation_range` is missing.": {"degrees": 0},
        "`rotation_range` is in degrees; shares of a turn are the unit of RandomRotation.": {
            "degrees": 20 / 360
        },
        _ONE_ANGLE: {"degrees": (-20, 20)},
        "Only a flip and a turn were asked for: leave the other changes of place out.": {
            "more": {"zoom_range": 0.2}
        },
        "Each training image has a scale of its own: leave samplewise arguments and changes of color out.": {
            "more": {"brightness_range": (0.5, 0.9)}
        },
        "The training images are the same in each epoch. Give `flow` the images as they are: it changes them "
        "anew each time.": {"frozen": True},
    },
    errors={"different number of classes": _NO_SPLIT, "unary -": _ONE_ANGLE},
    form="Return two iterators, training and validation, each made by `flow` from images and labels.",
    otherwise="The line `got` names what is not as asked: read the point of the task that is about it again.",
)
