"""The checks of lesson 01: preprocessing an image, the order of the stages."""

import numpy as np
import tensorflow as tf

from utils.checks import harness, tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

SIZE = 64


def _fit(image, antialias):
    return tf.image.resize_with_pad(image, SIZE, SIZE, antialias=antialias)


def _cut(image, antialias):
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.resize_with_crop_or_pad(image, side, side)
    return tf.image.resize(square, [SIZE, SIZE], antialias=antialias)


def _at_the_top(image, antialias):
    scaled = tf.image.resize(image, [SIZE, SIZE], preserve_aspect_ratio=True, antialias=antialias)
    return tf.image.pad_to_bounding_box(scaled, 0, 0, SIZE, SIZE)


def _preprocess(
    image,
    label,
    *,
    fit=_fit,
    antialias=True,
    between=lambda pixels: pixels,
    scale=lambda pixels: pixels / 127.5 - 1,
    dtype=tf.float32,
):
    pixels = tf.cast(fit(image, antialias), tf.float32)
    return tf.cast(scale(between(pixels)), dtype), label


def _patches(rows, columns, low, high, side, seed):
    """An image of flat squares. Scaled to fit, each is 16 pixels wide, so no filter changes its center."""
    colors = np.random.default_rng(seed).integers(low, high + 1, [rows, columns, 3])
    colors[0, 0], colors[-1, -1] = low, high
    return tf.constant(colors.repeat(side, axis=0).repeat(side, axis=1).astype(np.uint8))


def _fine(function):
    noise = np.random.default_rng(8).integers(80, 120, [320, 320, 3]).astype(np.uint8)
    values = np.asarray(function(tf.constant(noise), 0)[0], np.float64)[..., 8:-8, 8:-8, :]
    rough = values.std() > 0.5 * noise.std() / 127.5
    return {"fine detail": "rough" if rough else "averaged", "mean of a fine picture": values.mean()}


def _in_map(function):
    dataset = tf.data.Dataset.from_tensors((_patches(2, 4, 40, 200, 30, seed=5), tf.constant(4, tf.int64)))
    return next(iter(dataset.map(function)))


def _pictures_tried():
    label = tf.constant(3, tf.int64)
    return [
        tables.given(_patches(2, 4, 0, 255, 24, seed=1), label),
        tables.given(_patches(4, 2, 0, 255, 40, seed=2), label),
        tables.given(_patches(4, 4, 60, 150, 32, seed=3), label),  # little contrast: neither black nor white
        tables.given(_patches(4, 4, 0, 1, 32, seed=4), label),  # nearly black
        tables.Try("(image, 0) with a large image of fine noise", _fine),
        tables.Try(" inside of dataset.map", _in_map),
    ]


def _picture(answer):
    if isinstance(answer, dict):
        return answer
    image, label = answer
    facts = {"label": harness.shown(label), "shape": str(list(image.shape))}
    facts["dtype"] = getattr(image.dtype, "name", str(image.dtype))
    if list(image.shape) == [SIZE, SIZE, 3]:
        facts["centers of the squares"] = np.asarray(image, np.float64)[8::16, 8::16]
    return facts


_HALF = "which number is half of 255?"
_NO_VALUES = "`map` runs your function once, before there is any image: no `.numpy()` in it, only `tf.…`."
preprocess = tables.Table(
    title="Exercise 1: the whole image, undistorted, from -1 to 1, and its label.",
    right=_preprocess,
    tries=_pictures_tried,
    read=_picture,
    tolerance=2e-3,
    mistakes={
        f"The values still reach to 255: they are not rescaled, and {_HALF}": {
            "scale": lambda pixels: pixels
        },
        "This is 0 to 1, not -1 to 1: the middle, 127.5, should become 0.": {
            "scale": lambda pixels: pixels / 255
        },
        "The values end at 0: white should become 1. Divide by half of 255, not by all of it.": {
            "scale": lambda pixels: pixels / 255 - 1
        },
        "Everything is close to -1, a black picture: rescaled twice, it seems.": {
            "scale": lambda pixels: pixels / 255 / 127.5 - 1
        },
        f"White, 255, should become 1, exactly: {_HALF}": {"scale": lambda pixels: pixels / 128 - 1},
        "Each image is stretched to its own smallest and largest value, so a pale image becomes a harsh one. "
        "Black is 0 and white 255 for every image.": {
            "scale": lambda pixels: (
                2 * (pixels - tf.reduce_min(pixels)) / (tf.reduce_max(pixels) - tf.reduce_min(pixels)) - 1
            )
        },
        "Each image is divided by its own largest value, so a dark image becomes a bright one. White is 255 "
        "for every image.": {"scale": lambda pixels: 2 * pixels / tf.reduce_max(pixels) - 1},
        "Each image is standardized by its own mean and deviation. Asked for is the same step for all: 0 "
        "becomes -1, and 255 becomes 1.": {"scale": tf.image.per_image_standardization},
        "A nearly black image is rescaled in another way: the formula should be the same for all.": {
            "scale": lambda pixels: 2 * tf.where(tf.reduce_max(pixels) > 1.5, pixels / 255, pixels) - 1
        },
        "The picture is right, but the bars are gray, the middle of the range. Fill first, then rescale.": {
            "fit": lambda image, antialias: _fit(tf.cast(image, tf.float32) - 127.5, antialias) + 127.5
        },
        "The picture is rough: a large image becomes small without antialiasing.": {"antialias": False},
        "The picture is stretched: a wide dog becomes thin. Scale both sides alike, and fill the rest.": {
            "fit": lambda image, antialias: tf.image.resize(image, [SIZE, SIZE], antialias=antialias)
        },
        "The picture is right, but not in the middle: black is wanted on both sides of it.": {
            "fit": _at_the_top
        },
        "The ends are cut off: this time the whole image is wanted, with black bars.": {"fit": _cut},
        "The image is not scaled: resize_with_crop_or_pad only cuts or fills.": {
            "fit": lambda image, antialias: tf.image.resize_with_crop_or_pad(image, SIZE, SIZE)
        },
        "A cast to whole numbers cuts the decimals off (254.9 becomes 254): stay with float32.": {
            "between": lambda pixels: tf.cast(tf.cast(pixels, tf.uint8), tf.float32)
        },
        _NO_VALUES: {"between": lambda pixels: tf.constant(pixels.numpy())},
        "uint8 holds whole numbers from 0 to 255: neither -1 nor a half. Rescale and leave it in float32.": {
            "dtype": tf.uint8
        },
    },
    form="Return both, the new image of 64 × 64 pixels and the label as it was: `return new_image, label`.",
    otherwise="Which of the four points of the task is not met? Show the picture beside `pad(image)`, and "
    "print its type, its smallest and its largest value.",
    errors={r"no attribute 'numpy'": _NO_VALUES},
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_SIZE, _BATCH = 50, 8
_MANY, _BUFFER = 1_200, 1_000  # the buffer that many write, whatever the size
_TRAINING = ("prepare", "cache", "shuffle", "augment", "batch", "prefetch")
_EVALUATION = ("prepare", "cache", "batch", "prefetch")
_DIGITS = {1: "prepare", 2: "augment"}  # the marks that they leave in images


def _make_batches(
    dataset,
    *,
    prepare,
    augment,
    batch_size,
    training,
    stages=_TRAINING,
    evaluation=_EVALUATION,
    buffer=len,
    again=True,
    size=lambda batch_size: batch_size,
    whole=False,
    back=lambda dataset: dataset,
):
    images = dataset
    apply = {
        "prepare": lambda before: before.map(prepare),
        "augment": lambda before: before.map(augment, num_parallel_calls=tf.data.AUTOTUNE),
        "cache": lambda before: before.cache(),
        "shuffle": lambda before: before.shuffle(buffer(images), reshuffle_each_iteration=again),
        "batch": lambda before: before.batch(size(batch_size), drop_remainder=whole),
        "prefetch": lambda before: before.prefetch(tf.data.AUTOTUNE),
        "repeat": lambda before: before.repeat(),
    }
    for stage in stages if training else evaluation:
        dataset = apply[stage](dataset)
    return back(dataset)


def _marking(name, digit, start, several):
    """`prepare` or `augment`: marks in channel 0 or 1 when it ran last, and in 2 the order of both.

    Where it is given a batch, its name comes into `several`.
    """

    @tf.autograph.experimental.do_not_convert
    def marked(image, label):
        if image.shape.rank != 3:
            several.add(name)
        channels = tf.unstack(tf.cast(image, tf.float32), axis=-1)
        channels[digit - 1] = tf.fill(tf.shape(image)[:-1], tf.cast(tf.timestamp() - start, tf.float32))
        channels[2] = 10 * channels[2] + digit
        return tf.stack(channels, axis=-1), label

    return marked


def _words(size, training):
    return f"(dataset of {size:,} images, …, batch_size={_BATCH}, training={training})"


def _numbered(size):
    return tf.data.Dataset.from_tensor_slices((np.zeros([size, 2, 2, 3], np.uint8), np.arange(size)))


def _two_epochs(training):
    part = "training" if training else "evaluation"

    def use(function):
        several, start = set(), tf.timestamp()
        stages = {name: _marking(name, digit, start, several) for digit, name in _DIGITS.items()}
        batches = function(_numbered(_SIZE), **stages, batch_size=_BATCH, training=training)
        if not isinstance(batches, tf.data.Dataset):
            return {f"{part}, what comes back": "no data set"}
        epochs = [list(batches.take(_SIZE + 1).as_numpy_iterator()) for _ in range(2)]
        facts = {"what comes back": "a data set"} | _facts(training, batches, epochs, several)
        return {f"{part}, {name}": fact for name, fact in facts.items()}

    return tables.Try(f"{_words(_SIZE, training)}, two epochs", use)


def _first_batches(function):
    """Whether an image comes first that a buffer cannot hold: one of n brings it forward by less than n."""

    def same(image, label):
        return image, label

    images = _numbered(_MANY)
    batches = function(images, prepare=same, augment=same, batch_size=_BATCH, training=True)
    labels = np.concatenate([labels for _, labels in batches.take(25).as_numpy_iterator()])
    forward = max(labels - np.arange(len(labels)))
    return {"any image may come first": "yes" if forward > _BUFFER else "no: the buffer is too small"}


def _facts(training, batches, epochs, several):
    count = np.shape(epochs[0][0][1])
    facts = {
        f"{name} is given": "a batch" if name in several else "single images" for name in _DIGITS.values()
    }
    facts["what is in a batch"] = {(): "one image", (_BATCH,): "`batch_size` images"}.get(
        count, "another number of images than `batch_size`"
    )
    if len(count) != 1:
        return facts
    orders = [np.concatenate([labels for _, labels in epoch]).tolist() for epoch in epochs]
    kept = _SIZE - _SIZE % _BATCH if training else _SIZE  # in training, an incomplete batch may go
    complete = all(kept <= len(order) == len(set(order)) for order in orders)
    facts["an epoch"] = "each image once" if complete else f"{len(orders[0])} images of {_SIZE}"
    marks = [np.concatenate([images[:, 0, 0] for images, _ in epoch]) for epoch in epochs]
    codes = {f"{code:.0f}" for each in marks for code in each[:, 2]}
    applied = {", ".join(_DIGITS.get(int(digit), "nothing") for digit in code) for code in codes}
    facts["what is applied to an image"] = " or ".join(sorted(applied))
    if not complete:
        return facts
    if not training:
        return facts | {"order": "as it came" if orders == [sorted(order) for order in orders] else "another"}
    image = min(set(orders[0]) & set(orders[1]))
    first, second = (each[order.index(image)] for order, each in zip(orders, marks, strict=True))
    for digit, name in _DIGITS.items():
        again = first[digit - 1] != second[digit - 1]
        facts[f"`{name}` runs"] = "in each epoch" if again else "once for each image"
    facts["order"] = "another in each epoch" if orders[0] != orders[1] else "always the same"
    if orders[0] == sorted(orders[0]):
        facts["order"] = "that of the files"
    groups = [{frozenset(labels.tolist()) for _, labels in epoch} for epoch in epochs]
    together = len(groups[0] & groups[1]) > len(groups[0]) // 2
    facts["the batches of two epochs"] = "hold the same images" if together else "differ"
    facts["`prefetch`"] = "behind `batch`" if _is_prefetched(batches) else "not behind `batch`"
    return facts


def _is_prefetched(dataset):
    name = type(dataset).__name__
    return "Prefetch" in name or "Batch" not in name and any(map(_is_prefetched, dataset._inputs()))


_DROPPED = "If it is there, its result is dropped: a stage returns a new data set."
make_batches = tables.Table(
    title="Exercise 2: new pictures and batches in every epoch, and evaluation data left alone.",
    right=_make_batches,
    tries=lambda: [
        _two_epochs(True),
        _two_epochs(False),
        tables.Try(f"{_words(_MANY, True)}, the first 25 batches", _first_batches),
    ],
    mistakes={
        "The augmentation is frozen: `cache` stands behind it and repeats the pictures of the first epoch.": {
            "stages": ("prepare", "augment", "cache", "shuffle", "batch", "prefetch")
        },
        "`augment` stands before `prepare`, where images have all sizes and ranges: swap the two.": {
            "stages": ("cache", "shuffle", "augment", "prepare", "batch", "prefetch")
        },
        "`cache` is missing, or stands before `map(prepare)`: what is behind it runs in each epoch.": {
            "stages": ("prepare", "shuffle", "augment", "batch", "prefetch")
        },
        f"`shuffle` is missing. {_DROPPED}": {"stages": ("prepare", "cache", "augment", "batch", "prefetch")},
        f"`map(augment)` is missing in training. {_DROPPED}": {
            "stages": ("prepare", "cache", "shuffle", "batch", "prefetch")
        },
        "`shuffle` stands behind `batch`, so it moves whole batches: shuffle images.": {
            "stages": ("prepare", "cache", "augment", "batch", "shuffle", "prefetch")
        },
        "The order is always the same: `cache` stands behind `shuffle`, or it is told not to reshuffle.": {
            "again": False
        },
        "The buffer of `shuffle` does not hold the whole data set: `len(dataset)` is its size.": {
            "buffer": lambda images: _BUFFER
        },
        "`batch` stands before `map(prepare)`; this function works on one image.": {
            "stages": ("batch", "prepare", "cache", "shuffle", "augment", "prefetch")
        },
        "`batch` stands before `map(augment)`; this function works on one image.": {
            "stages": ("prepare", "cache", "shuffle", "batch", "augment", "prefetch")
        },
        "Which stage packs several images into one array? It is for all data.": {
            "stages": ("prepare", "cache", "shuffle", "augment", "prefetch")
        },
        "How many images are packed together is handed in, as `batch_size`, and packed once.": {
            "size": lambda batch_size: 32
        },
        "`if training:` is the wrong way round.": {"stages": _EVALUATION, "evaluation": _TRAINING},
        "`repeat` has no place here: `fit` starts the next epoch by itself.": {
            "stages": ("prepare", "cache", "repeat", "shuffle", "augment", "batch", "prefetch")
        },
        f"`map(prepare)` is missing in training. {_DROPPED}": {
            "stages": ("cache", "shuffle", "augment", "batch", "prefetch")
        },
        "`prefetch` makes the next batch while the network works on this one: it comes last.": {
            "stages": ("prepare", "cache", "shuffle", "augment", "prefetch", "batch")
        },
        "`map(prepare)` is for all data: it stands outside of `if training:`.": {
            "evaluation": ("cache", "batch", "prefetch")
        },
        "Evaluation data are never augmented: `map(augment)` belongs into `if training:`.": {
            "evaluation": ("prepare", "cache", "augment", "batch", "prefetch")
        },
        "Return the data set itself, with all its stages: `return dataset`.": {"back": list},
        "The last, smaller batch counts too: `drop_remainder=True` has no place in evaluation.": {
            "whole": True
        },
    },
    form="Return the data set itself, with all its stages: `return dataset`.",
    otherwise="Print the labels of two epochs, with training=True and with training=False: which images are "
    "there, in which order?",
)
