"""The checks of lesson 01: preprocessing an image, the order of the stages."""

import itertools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from utils.checks import harness

SIZE = 64
IMAGES, BATCH, EPOCHS = 50, 8, 3


# ---- Exercise 1


def preprocess(function: Callable) -> None:
    """Whole, undistorted, antialiased, from -1 to 1, label kept; one image at a time and inside `map`."""
    shapes = [(40, 90), (96, 60), (128, 128), (30, 20), (71, 94)]
    for number, (height, width) in enumerate(shapes):
        image = _photo(height, width, seed=number)
        tried = f"preprocess(image, {number}) with a uint8 image of {height} rows and {width} columns"
        result = harness.call(function, tf.constant(image), tf.constant(number, tf.int64), tried=tried)
        got = _image_and_label(result, number, tried)
        _check_kind(got, tried)
        _check_range(got, image, tried)
        _check_geometry(got, image, tried)
    _check_in_map(function)
    harness.passed("Exercise 1: the whole image, undistorted, from -1 to 1, and its label.")


def _photo(height, width, seed):
    """A picture with fine detail, black and white in it, and nothing symmetrical: uint8 [H, W, 3]."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    waves = np.stack([rows / height, columns / width, (rows + 2 * columns) / (height + 2 * width)], axis=-1)
    image = 255 * (0.2 + 0.6 * waves) + rng.normal(0, 60, (height, width, 3))
    image[: height // 4, : width // 4], image[-height // 4 :, : width // 4] = 255, 0
    return np.clip(image, 0, 255).astype(np.uint8)


def _image_and_label(result, label, tried):
    expected = f"two things: the new image and the label, {label}"
    hint = "The label goes through the function too, or it is lost: `return new_image, label`."
    image, got = harness.require_values(result, 2, tried=tried, expected=expected, hint=hint)
    if np.shape(got) != () or int(got) != label:
        harness.fail(
            tried=tried,
            got=f"as a label {harness.shown(got)}",
            expected=expected,
            hint="Leave the label as it is.",
        )
    return image


def _check_kind(image, tried):
    kind = getattr(image, "dtype", None)
    name = getattr(kind, "name", kind)
    shape = list(np.shape(image))
    hint = None
    if shape != [SIZE, SIZE, 3]:
        hint = "Which function scales an image so that all of it fits into a square?"
    elif name == "uint8":
        hint = (
            "uint8 holds whole numbers from 0 to 255: neither -1 nor a half. Rescale and leave it in float32."
        )
    elif name != "float32":
        hint = "`tf.cast(image, tf.float32)` gives the type that networks expect."
    if hint:
        expected = f"float32 [{SIZE}, {SIZE}, 3]"
        harness.fail(tried=tried, got=f"{name} {shape}", expected=expected, hint=hint)


def _check_range(got, image, tried):
    """The image holds black and white, so the values must reach from about -1 to about 1."""
    values = np.asarray(got)
    low, high = float(values.min()), float(values.max())
    hint = None
    if not np.isfinite(values).all():
        hint = "There are values that are no numbers. Is something divided by zero?"
    elif high > 100:
        hint = "The values still reach to 255: they are not rescaled. Which number is half of 255?"
    elif high < -0.9:
        hint = "Everything is close to -1, a black picture: rescaled twice, it seems."
    elif low > -0.05 and high > 0.5:
        hint = "This is 0 to 1, not -1 to 1: the middle, 127.5, should become 0."
    elif low > -0.05:
        hint = "Everything is close to 0: rescaled twice, it seems."
    elif high < 0.05:
        hint = "The values end at 0: white should become 1. Divide by half of 255, not by all of it."
    elif low < -1.02 or high > 1.02:
        hint = (
            "Some values lie outside of -1 to 1. Black, 0, should become -1, and white, 255, should become 1."
        )
    elif high < 0.996 and not np.allclose((values + 1) * 127.5 % 1, 0, atol=1e-3):
        hint = "White, 255, should become 1, exactly: which number is half of 255?"
    if hint:
        harness.fail(
            tried=tried, got=f"values from {low:.3g} to {high:.3g}", expected="values from -1 to 1", hint=hint
        )


def _resized(image, antialias=True):
    return tf.image.resize(image, [SIZE, SIZE], antialias=antialias)


def _cut(image):
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    return _resized(image[top : top + side, left : left + side])


def _padded(image, antialias=True):
    return tf.image.resize_with_pad(image, SIZE, SIZE, antialias=antialias)


def _right(image):
    """The right picture, and those that differ from it by the rounding of a side or of its place."""
    longest = max(image.shape[:2])
    for rounded in (np.floor, np.ceil):
        height, width = (int(rounded(side * SIZE / longest)) for side in image.shape[:2])
        scaled = tf.image.resize(image, [height, width], antialias=True)
        for top, left in itertools.product(_places(SIZE - height), _places(SIZE - width)):
            yield tf.image.pad_to_bounding_box(scaled, top, left, SIZE, SIZE).numpy() / 127.5 - 1


def _places(free):
    """Where a picture may begin that is in the middle: `free` pixels are to be filled, half on each side."""
    return sorted({max(free // 2 - 1, 0), free // 2, (free + 1) // 2})


def _in_the_corner(image):
    scaled = tf.image.resize(image, [SIZE, SIZE], preserve_aspect_ratio=True, antialias=True)
    return tf.image.pad_to_bounding_box(scaled, 0, 0, SIZE, SIZE)


def _bars_of(image, value):
    """The right picture, with bars of another value."""
    bars = _padded(np.ones_like(image)).numpy() < 0.5
    return np.where(bars, value, _padded(image))


_WRONG = [
    (
        lambda image: _bars_of(image, 127.5),
        "The picture is right, but the bars are gray, the middle of the range. Fill first, then rescale.",
    ),
    (
        lambda image: _padded(image, antialias=False),
        "The picture is rough: a large image becomes small without antialiasing.",
    ),
    (
        _resized,
        "The picture is stretched: a wide dog becomes thin. Scale both sides alike, and fill the rest.",
    ),
    (
        lambda image: _resized(image, antialias=False),
        "The picture is stretched, and rough too: scale both sides by the same factor, with antialiasing.",
    ),
    (
        _in_the_corner,
        "The picture is right, but not in the middle: black is wanted on both sides of it.",
    ),
    (_cut, "The ends are cut off: this time the whole image is wanted, with black bars."),
    (
        lambda image: tf.image.resize_with_crop_or_pad(image, SIZE, SIZE),
        "The image is not scaled: resize_with_crop_or_pad only cuts or fills. A large dog loses its ears.",
    ),
]


def _check_geometry(got, image, tried):
    got = np.asarray(got)
    right = min(_right(image), key=lambda picture: np.abs(got - picture).max())
    if np.abs(got - right).max() < 0.02:
        _check_decimals(got, right, tried)
        return
    hint = "The values have the right range, but it is another picture: show it, beside `pad(image)`."
    for wrong, words in _WRONG:
        if np.abs(got - (np.asarray(wrong(image), np.float32) / 127.5 - 1)).max() < 0.02:
            hint = words
            break
    worst = np.unravel_index(np.abs(got - right).argmax(), got.shape)
    where = f"at row {worst[0]}, column {worst[1]}"
    harness.fail(
        tried=tried, got=f"{got[worst]:.3f} {where}", expected=f"{right[worst]:.3f} {where}", hint=hint
    )


def _check_decimals(got, right, tried):
    """Rounded to whole numbers on the way is fine; cut off makes every pixel a little darker."""
    gray = np.abs(right) < 0.98
    if (got - right)[gray].mean() < -0.002:
        harness.fail(
            tried=tried,
            got=f"gray pixels that are {(right - got)[gray].mean():.4f} too dark on average",
            expected="the same brightness as before",
            hint="A cast to whole numbers cuts the decimals off (254.9 becomes 254): stay with float32.",
        )


def _check_in_map(function):
    """In `map` sizes are unknown and there are no values yet: what works on one image may fail here."""
    photos = [_photo(40, 90, seed=8), _photo(96, 60, seed=9)]
    signature = (tf.TensorSpec([None, None, 3], tf.uint8), tf.TensorSpec([], tf.int64))
    dataset = tf.data.Dataset.from_generator(
        lambda: iter(zip(photos, [8, 9], strict=True)), output_signature=signature
    )
    tried = "dataset.map(preprocess), with images of several sizes"
    try:
        mapped = harness.call(lambda: list(dataset.map(function)), tried=tried)
    except harness.CheckFailed as error:
        if "no attribute 'numpy'" not in str(error):
            raise
        hint = "`map` runs your function once, before there is any image: no `.numpy()` in it, only `tf.…`."
        raise harness.CheckFailed(f"{error}\n  look at:  {hint}") from None
    for (got, label), image, number in zip(mapped, photos, [8, 9], strict=True):
        _image_and_label((got, label), number, tried)
        _check_kind(got, tried)
        _check_geometry(got, image, tried)


# ---- Exercise 2


class _Trace:
    """`prepare` and `augment` leave marks: channel 0 prepared, 1 number of the draw, 2 how often."""

    def __init__(self):
        self.prepared = itertools.count(1)  # counters, since several threads may count
        self.drawn = itertools.count(1)
        self.preparations = 0
        self.ranks = set()

    def prepare(self, image, label):
        """Mark an image as prepared, and count."""
        return self._marked(self._prepare, image), label

    def augment(self, image, label):
        """Mark an image with the number of this draw."""
        return self._marked(self._augment, image), label

    def _marked(self, function, image):
        result = tf.numpy_function(function, [tf.cast(image, tf.float32)], tf.float32)
        result.set_shape(image.shape)
        return result

    def _prepare(self, image):
        self.ranks.add(("prepare", image.ndim))
        self.preparations = max(self.preparations, next(self.prepared))
        image = image.copy()
        image[..., 0] = 1
        return image

    def _augment(self, image):
        self.ranks.add(("augment", image.ndim))
        image = image.copy()
        image[..., 1] = next(self.drawn)
        image[..., 2] += 1 if image[..., 0].all() else 100  # 100: it was not prepared yet
        return image


def make_batches(function: Callable) -> None:
    """Frozen augmentation, shuffled batches, augmented evaluation data and the like are told apart."""
    _check_training(function)
    _check_evaluation(function)
    harness.passed("Exercise 2: new pictures and batches in every epoch, and evaluation data left alone.")


def _run(function, training):
    """Run the student's pipeline: `(dataset, trace, epochs)`, an epoch being a list of (images, labels)."""
    trace = _Trace()
    labels = np.arange(IMAGES, dtype=np.int64)
    dataset = tf.data.Dataset.from_tensor_slices((np.zeros([IMAGES, 4, 4, 3], np.uint8), labels))
    tried = f"make_batches(dataset of {IMAGES} images, batch_size={BATCH}, training={training})"
    batches = harness.call(
        lambda: function(
            dataset, prepare=trace.prepare, augment=trace.augment, batch_size=BATCH, training=training
        ),
        tried=tried,
    )
    if not isinstance(batches, tf.data.Dataset):
        harness.fail(
            tried=tried,
            got=type(batches).__name__,
            expected="a tf.data.Dataset",
            hint="Return the data set itself, with all its stages.",
        )
    epochs = harness.call(lambda: [_epoch(batches) for _ in range(EPOCHS)], tried=f"one epoch of {tried}")
    tried = f"{EPOCHS} epochs of {tried}"
    _check_elements(epochs[0], trace, tried)
    return batches, trace, epochs, tried


def _epoch(batches):
    """One epoch; a pipeline without an end is stopped."""
    return [(np.asarray(images), np.asarray(labels)) for images, labels in batches.take(4 * IMAGES)]


def _check_elements(epoch, trace, tried):
    """What holds for training and evaluation: batches of the right size, each function on single images."""
    batched = {name for name, rank in trace.ranks if rank != 3}
    if batched:
        name = "prepare" if "prepare" in batched else "augment"
        harness.fail(
            tried=tried,
            got=f"{name} was given a batch of images",
            expected=f"{name} is given one image after the other",
            hint=f"`batch` stands before `map({name})`; this function works on one image.",
        )
    # The largest batch, not the first: shuffled whole, the short last one may come first.
    images, labels = max(epoch, key=lambda batch: len(batch[0]), default=(np.zeros(0), np.zeros(0)))
    if images.ndim != 4 or len(images) != BATCH or labels.shape != (BATCH,):
        harness.fail(
            tried=tried,
            got=f"elements with images of shape {list(images.shape)}",
            expected=f"batches of {BATCH}: images of shape [{BATCH}, 4, 4, 3]",
            hint="Which stage packs several images into one array? Is it there once, and with `batch_size`?",
        )
    if len(epoch) >= 4 * IMAGES:
        harness.fail(
            tried=tried,
            got="an epoch that does not end",
            expected=f"an epoch of {IMAGES} images",
            hint="`repeat` has no place here: `fit` starts the next epoch by itself.",
        )
    if not all((images[..., 0] == 1).all() for images, _ in epoch):
        harness.fail(
            tried=tried,
            got="images that did not go through `prepare`",
            expected="every image prepared, for training and for evaluation alike",
            hint="`map(prepare)` is for all data: it stands outside of `if training:`. If it does, its "
            "result is dropped: a stage returns a new data set.",
        )


def _labels(epoch):
    return np.concatenate([labels for _, labels in epoch])


def _marks(epoch, channel):
    """The mark in a channel, by label."""
    marks = {}
    for images, labels in epoch:
        marks.update(zip(labels.tolist(), images[:, 0, 0, channel].tolist(), strict=True))
    return marks


def _check_training(function):
    batches, trace, epochs, tried = _run(function, training=True)
    _check_every_image(epochs, tried, fewest=IMAGES - IMAGES % BATCH)
    _check_augmented(epochs, tried)
    _check_cached(trace, tried)
    _check_shuffled(epochs, tried)
    _check_prefetched(batches, tried)


def _check_every_image(epochs, tried, fewest):
    for epoch in epochs:
        labels = _labels(epoch)
        if len(np.unique(labels)) < len(labels) or len(labels) < fewest:
            harness.fail(
                tried=tried,
                got=f"{len(labels)} images in an epoch, {len(np.unique(labels))} different ones",
                expected=f"each of the {IMAGES} images once",
                hint="Is there a `take`, a `repeat` or a `drop_remainder=True` that loses or repeats images?",
            )


def _check_augmented(epochs, tried):
    often = {value for epoch in epochs for value in _marks(epoch, 2).values()}
    if often == {0.0}:
        harness.fail(
            tried=tried,
            got="no image was augmented",
            expected="each training image augmented, differently in each epoch",
            hint="`map(augment)` is missing, or its result is dropped: a stage returns a new data set.",
        )
    draws = [_marks(epoch, 1) for epoch in epochs]
    known = [label for label in draws[0] if all(label in draw for draw in draws)]
    if all(draw[label] == draws[0][label] for draw in draws for label in known):
        harness.fail(
            tried=tried,
            got=f"image {known[0]} looks exactly the same in all {EPOCHS} epochs",
            expected="another picture of it in each epoch",
            hint="The augmentation is frozen: it stands before `cache`, which repeats the first epoch.",
        )
    if max(often) >= 100:
        harness.fail(
            tried=tried,
            got="`augment` was given an image that had not been prepared",
            expected="images prepared first, then augmented",
            hint="`augment` stands before `prepare`, where images have all sizes and ranges: swap the two.",
        )
    if often != {1.0}:
        harness.fail(
            tried=tried,
            got="images that were augmented twice, or not at all",
            expected="each image augmented once an epoch",
            hint="How often does `map(augment)` stand in your pipeline?",
        )


def _check_cached(trace, tried):
    if trace.preparations > IMAGES:
        harness.fail(
            tried=tried,
            got=f"`prepare` ran {trace.preparations} times",
            expected=f"{IMAGES} times, once for each image",
            hint="`cache` is missing, or stands before `map(prepare)`: what is behind it runs in each epoch.",
        )


def _check_shuffled(epochs, tried):
    orders = [_labels(epoch).tolist() for epoch in epochs]
    if orders[0] == orders[1] == orders[2]:
        got = f"the same order in all {EPOCHS} epochs"
        hint = "`cache` stands behind `shuffle` and repeats its order (or it is told not to reshuffle)."
        if orders[0] == sorted(orders[0]):
            got = "the images in the order of the files, in each epoch"
            hint = "`shuffle` is missing, or its result is dropped: a stage returns a new data set."
        harness.fail(tried=tried, got=got, expected="another order in each epoch", hint=hint)
    groups = [{frozenset(labels.tolist()) for _, labels in epoch} for epoch in epochs]
    if len(groups[0] & groups[1]) > len(groups[0]) // 2:
        harness.fail(
            tried=tried,
            got="the same images together in a batch, in each epoch",
            expected="other batches in each epoch",
            hint="`shuffle` stands behind `batch`, so it moves whole batches: shuffle images.",
        )
    forward = max(label - position for order in orders for position, label in enumerate(order))
    if forward < IMAGES // 2:
        harness.fail(
            tried=tried,
            got=f"no image moved forward by more than {forward} places",
            expected="every image may come first",
            hint=f"The buffer of `shuffle` holds about {forward + 1} images; make it `len(dataset)`.",
        )


def _check_prefetched(batches, tried):
    stage = type(batches).__name__.strip("_").removesuffix("Dataset").removesuffix("V2")
    if "Prefetch" not in stage:
        harness.fail(
            tried=tried,
            got=f"a pipeline whose last stage is {stage}",
            expected="Prefetch as the last stage",
            hint="`prefetch` makes the next batch while the network works on this one: it comes last.",
        )


def _check_evaluation(function):
    _, _, epochs, tried = _run(function, training=False)
    if any(value for epoch in epochs for value in _marks(epoch, 2).values()):
        harness.fail(
            tried=tried,
            got="augmented images",
            expected="images that are prepared and nothing else",
            hint="Evaluation data are never augmented: `map(augment)` belongs into `if training:`.",
        )
    labels = _labels(epochs[0])
    if len(labels) < IMAGES:
        harness.fail(
            tried=tried,
            got=f"{len(labels)} of {IMAGES} images",
            expected="every image",
            hint="The last, smaller batch counts too: `drop_remainder=True` has no place in evaluation.",
        )
    _check_every_image(epochs, tried, fewest=IMAGES)
    if labels.tolist() != sorted(labels.tolist()):
        harness.fail(
            tried=tried,
            got="the images in another order",
            expected="the images in the order they came in",
            hint="Evaluation data need no `shuffle`; in order, each prediction can be put beside its image.",
        )
