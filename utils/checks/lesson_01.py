"""The checks of lesson 01: preprocessing an image, the order of the stages."""

import numpy as np
import tensorflow as tf

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

SIZE = 64


def _fit(image, antialias, fill):
    """The whole image in the middle of the square, bilinear; what is free is filled with a gray level."""
    free = tf.image.resize_with_pad(tf.ones_like(image), SIZE, SIZE) < 0.5
    padded = tf.image.resize_with_pad(image, SIZE, SIZE, antialias=antialias)
    return tf.where(free, tf.cast(fill, tf.float32), padded)


def _stretched(image, antialias, fill):
    return tf.image.resize(image, [SIZE, SIZE], antialias=antialias)


def _cut(image, antialias, fill):
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.resize_with_crop_or_pad(image, side, side)
    return tf.image.resize(square, [SIZE, SIZE], antialias=antialias)


def _at_the_top(image, antialias, fill):
    scaled = tf.image.resize(image, [SIZE, SIZE], preserve_aspect_ratio=True, antialias=antialias)
    return tf.image.pad_to_bounding_box(scaled, 0, 0, SIZE, SIZE)


def _not_scaled(image, antialias, fill):
    return tf.cast(tf.image.resize_with_crop_or_pad(image, SIZE, SIZE), tf.float32)


def _preprocess(
    image,
    label,
    *,
    fit=_fit,
    antialias=True,
    fill=0,
    between=lambda pixels: pixels,
    scale=lambda pixels: pixels / 127.5 - 1,
    dtype=tf.float32,
):
    return tf.cast(scale(between(fit(image, antialias, fill))), dtype), label


def _patches(rows, columns, low, high, side, seed):
    """An image of flat squares. Scaled to fit, each is 8 pixels wide, so no filter changes its center."""
    colors = np.random.default_rng(seed).integers(low, high + 1, [rows, columns, 3])
    colors[0, 0], colors[-1, -1] = low, high
    return tf.constant(colors.repeat(side, axis=0).repeat(side, axis=1).astype(np.uint8))


def _fine(function):
    """What is left of the finest detail, whichever good filter was taken, and the mean brightness."""
    noise = np.random.default_rng(8).integers(80, 120, [320, 320, 3]).astype(np.uint8)
    values = np.asarray(function(tf.constant(noise), 0)[0], np.float64)[8:-8, 8:-8]
    rough = values.std() > 0.5 * noise.std() / 127.5
    return {"fine detail": "rough" if rough else "averaged", "mean of a fine picture": values.mean()}


def _in_map(function):
    dataset = tf.data.Dataset.from_tensors((_patches(4, 8, 40, 200, 15, seed=5), tf.constant(4, tf.int64)))
    return next(iter(dataset.map(function)))


def _pictures_tried():
    label = tf.constant(3, tf.int64)
    return [
        tables.given(_patches(4, 8, 0, 255, 12, seed=1), label),
        tables.given(_patches(8, 6, 0, 255, 20, seed=2), label),
        tables.given(_patches(8, 8, 60, 150, 16, seed=3), label),  # little contrast: neither black nor white
        tables.Try("(image, 0) with a large image of fine noise", _fine),
        tables.Try(" inside of dataset.map", _in_map),
    ]


def _picture(answer):
    if isinstance(answer, dict):
        return answer
    image, label = answer
    facts = {"label": np.asarray(label), "shape": str(list(image.shape))}
    facts["dtype"] = getattr(image.dtype, "name", str(image.dtype))
    if list(image.shape) == [SIZE, SIZE, 3]:
        facts["centers of the squares"] = np.asarray(image, np.float64)[4::8, 4::8]
    return facts


_HALF = "which number is half of 255?"
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
        "Black and white have changed places.": {"scale": lambda pixels: 1 - pixels / 127.5},
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
        "The picture is right, but the bars are gray, the middle of the range. Fill first, then rescale.": {
            "fill": 127.5
        },
        "The picture is right, but the bars are white.": {"fill": 255},
        "The picture is rough: a large image becomes small without antialiasing.": {"antialias": False},
        "The picture is stretched: a wide dog becomes thin. Scale both sides alike, and fill the rest.": {
            "fit": _stretched
        },
        "The picture is stretched, and rough too: scale both sides by the same factor, with antialiasing.": {
            "fit": _stretched,
            "antialias": False,
        },
        "The picture is right, but not in the middle: black is wanted on both sides of it.": {
            "fit": _at_the_top
        },
        "The ends are cut off: this time the whole image is wanted, with black bars.": {"fit": _cut},
        "The image is not scaled: resize_with_crop_or_pad only cuts or fills.": {"fit": _not_scaled},
        "A cast to whole numbers cuts the decimals off (254.9 becomes 254): stay with float32.": {
            "between": lambda pixels: tf.cast(tf.cast(pixels, tf.uint8), tf.float32)
        },
        "`map` runs your function once, before there is any image: no `.numpy()` in it, only `tf.…`.": {
            "between": lambda pixels: tf.constant(pixels.numpy())
        },
        "uint8 holds whole numbers from 0 to 255: neither -1 nor a half. Rescale and leave it in float32.": {
            "dtype": tf.uint8
        },
        "`tf.cast(image, tf.float32)` gives the type that networks expect.": {"dtype": tf.float64},
    },
    form="Return both, the new image of 64 × 64 pixels and the label as it was: `return new_image, label`.",
    otherwise="The form is right, but it is another picture: show it, beside `pad(image)`.",
    errors={
        r"no attribute 'numpy'": "`map` runs your function once, before there is any image: no `.numpy()` in "
        "it, only `tf.…`."
    },
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_BATCH, _EPOCHS = 8, 3
_TRAINING = ("prepare", "cache", "shuffle", "augment", "batch", "prefetch")
_EVALUATION = ("prepare", "cache", "batch", "prefetch")


def _make_batches(
    dataset,
    *,
    prepare,
    augment,
    batch_size,
    training,
    stages=_TRAINING,
    evaluation=_EVALUATION,
    buffer=lambda size, batch_size: size,
    again=True,
    whole=False,
):
    size = len(dataset)
    apply = {
        "prepare": lambda before: before.map(prepare),
        "augment": lambda before: before.map(augment, num_parallel_calls=tf.data.AUTOTUNE),
        "cache": lambda before: before.cache(),
        "shuffle": lambda before: before.shuffle(buffer(size, batch_size), reshuffle_each_iteration=again),
        "batch": lambda before: before.batch(batch_size, drop_remainder=whole),
        "prefetch": lambda before: before.prefetch(tf.data.AUTOTUNE),
        "repeat": lambda before: before.repeat(),
    }
    for stage in stages if training else evaluation:
        dataset = apply[stage](dataset)
    return dataset


class _Trace:
    """`prepare` and `augment` leave marks: channel 0 when prepared, 1 when augmented, 2 how often."""

    def __init__(self):
        self.start = tf.timestamp()
        self.several = set()  # which of the two were given a batch

    def prepare(self, image, label):
        return self._marked("prepare", image, [self._now(), 0, 0]), label

    def augment(self, image, label):
        image = tf.cast(image, tf.float32)
        once = tf.where(tf.reduce_all(image[..., 0] > 0), 1.0, 100.0)  # 100: it was not prepared yet
        return self._marked("augment", image * [1, 0, 1], [0, self._now(), once]), label

    def _now(self):
        return tf.cast(tf.timestamp() - self.start, tf.float32)

    def _marked(self, name, image, mark):
        if image.shape.rank != 3:
            self.several.add(name)
        return tf.cast(image, tf.float32) + mark


def _run(size, training):
    """The Try that takes three epochs of so many images, and says what is seen in them."""

    def use(function):
        trace, labels = _Trace(), np.arange(size)
        dataset = tf.data.Dataset.from_tensor_slices((np.zeros([size, 4, 4, 3], np.uint8), labels))
        functions = {"prepare": trace.prepare, "augment": trace.augment}
        batches = function(dataset, **functions, batch_size=_BATCH, training=training)
        if not isinstance(batches, tf.data.Dataset):
            return {"training, what comes back": type(batches).__name__}
        epochs = [list(batches.take(size + 1).as_numpy_iterator()) for _ in range(_EPOCHS)]
        part = "training" if training else "evaluation"
        facts = _facts(size, training, batches, epochs, trace.several)
        return {f"{part}, {name}": fact for name, fact in facts.items()}

    words = f"(dataset of {size} images, …, batch_size={_BATCH}, training={training})"
    return tables.Try(f"{words}, {_EPOCHS} epochs", use)


def _facts(size, training, batches, epochs, several):
    images, labels = max(epochs[0], key=lambda batch: len(batch[1]) if np.ndim(batch[1]) else 0)
    facts = {
        "what comes back": "Dataset",
        "prepare is given": "a batch" if "prepare" in several else "single images",
        "augment is given": "a batch" if "augment" in several else "single images",
        "the largest batch": f"images {list(images.shape)}, labels {list(np.shape(labels))}",
    }
    if np.ndim(labels) != 1:
        return facts
    orders = [np.concatenate([labels for _, labels in epoch]).tolist() for epoch in epochs]
    kept = size - size % _BATCH if training else size  # in training, an incomplete batch may go
    complete = all(kept <= len(order) == len(set(order)) for order in orders)
    facts["an epoch"] = "each image once" if complete else f"{len(orders[0])} images of {size}"
    pixels = [np.concatenate([images[:, 0, 0] for images, _ in epoch]) for epoch in epochs]
    facts["images prepared"] = "all" if all((each[:, 0] > 0).all() for each in pixels) else "not all"
    often = sorted({round(float(mark)) for each in pixels for mark in each[:, 2]})
    facts["augmented, times an epoch"] = f"{often}".replace("100", "before `prepare`")
    if not complete or len(often) > 1:
        return facts
    kinds = [_different(orders, pixels, channel) for channel in (0, 1)]
    facts[f"different pictures of one image in {_EPOCHS} epochs"] = kinds[1]
    if not training:
        facts["order"] = "as it came" if orders == [sorted(order) for order in orders] else "another"
        return facts
    facts["`prepare` runs"] = "once for each image" if kinds[0] == 1 else "in each epoch"
    facts["orders"] = "another in each epoch" if orders[0] != orders[1] != orders[2] else "always the same"
    if orders[0] == orders[1] == sorted(orders[0]):
        facts["orders"] = "that of the files"
    groups = [{frozenset(labels.tolist()) for _, labels in epoch} for epoch in epochs[:2]]
    together = len(groups[0] & groups[1]) > len(groups[0]) // 2
    facts["the batches of two epochs"] = "hold the same images" if together else "differ"
    if not together:  # a buffer of n brings an image forward by less than n places
        forward = max(label - place for order in orders for place, label in enumerate(order))
        facts["any image may come first"] = "yes" if forward >= 0.8 * size else "no: the buffer is too small"
    facts["last stage"] = type(batches).__name__.strip("_").removesuffix("Dataset").removesuffix("V2")
    return facts


def _different(orders, pixels, channel):
    """How many different marks an image that is in all epochs has."""
    marks = [
        dict(zip(order, each[:, channel], strict=True)) for order, each in zip(orders, pixels, strict=True)
    ]
    label = min(set.intersection(*map(set, orders)))
    return len({each[label] for each in marks})


_DROPPED = "If it is there, its result is dropped: a stage returns a new data set."
make_batches = tables.Table(
    title="Exercise 2: new pictures and batches in every epoch, and evaluation data left alone.",
    right=_make_batches,
    tries=lambda: [_run(300, True), _run(50, False)],
    read=dict,
    mistakes={
        "The augmentation is frozen: `cache` stands behind it and repeats the pictures of the first epoch.": {
            "stages": ("prepare", "augment", "cache", "shuffle", "batch", "prefetch")
        },
        "The whole epoch is frozen: `cache` stands at the end and repeats all of it.": {
            "stages": ("prepare", "shuffle", "augment", "batch", "cache", "prefetch")
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
        f"`shuffle` and `map(augment)` are missing. {_DROPPED}": {
            "stages": ("prepare", "cache", "batch", "prefetch")
        },
        "`map(augment)` stands there twice.": {
            "stages": ("prepare", "cache", "shuffle", "augment", "augment", "batch", "prefetch")
        },
        "`shuffle` stands behind `batch`, so it moves whole batches: shuffle images.": {
            "stages": ("prepare", "cache", "augment", "batch", "shuffle", "prefetch")
        },
        "The order is always the same: `cache` stands behind `shuffle`, or it is told not to reshuffle.": {
            "again": False
        },
        "The buffer of `shuffle` does not hold the whole data set: `len(dataset)` is its size.": {
            "buffer": lambda size, batch_size: 4 * batch_size
        },
        "`batch` stands before `map(prepare)`; this function works on one image.": {
            "stages": ("batch", "prepare", "cache", "shuffle", "augment", "prefetch")
        },
        "`batch` stands before `map(augment)`; this function works on one image.": {
            "stages": ("prepare", "cache", "shuffle", "batch", "augment", "prefetch")
        },
        "Which stage packs several images into one array? It should be there once, with `batch_size`.": {
            "stages": ("prepare", "cache", "shuffle", "augment", "prefetch")
        },
        "`repeat` has no place here: `fit` starts the next epoch by itself.": {
            "stages": ("prepare", "cache", "repeat", "shuffle", "augment", "batch", "prefetch")
        },
        f"`map(prepare)` is missing in training. {_DROPPED}": {
            "stages": ("cache", "shuffle", "batch", "prefetch")
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
        "Evaluation data need no `shuffle`: in order, each prediction can be put beside its image.": {
            "evaluation": ("prepare", "cache", "shuffle", "batch", "prefetch")
        },
        "Evaluation data are shuffled and augmented as if they were training data: ask `if training:`.": {
            "evaluation": _TRAINING
        },
        "The last, smaller batch counts too: `drop_remainder=True` has no place in evaluation.": {
            "whole": True
        },
    },
    form="Return the data set itself, with all its stages: `return dataset`.",
    otherwise="Print the first batches of two epochs: which stage should have made them different?",
)
