"""What augmentations, views and mixes take: images, labels, a seed, settings. Each fault is one sentence.

What a shape or a dtype tells is told at once, also while a graph is traced. What only values tell, or a shape
that is not known while tracing, is told when the values are there: by a ValueError, and inside of a graph by
`tf.errors.InvalidArgumentError` with the same sentence. XLA drops assertions, so they stay outside of what it
compiles.
"""

import math
import numbers
import reprlib
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from utils.contracts import Seed

ABOVE_ZERO = math.ulp(0.0)
"""The smallest number above 0, for `check_number`."""


# ---- images -----------------------------------------------------------------------------------------------


def color_images(images: Any, taker: str) -> tf.Tensor:
    """Return color images, [B, H, W, 3], uint8 or float, as a tensor; `taker` is the subject of the sentence.

    Raises ValueError for any other shape or dtype.
    """
    images = _batch(images, taker, 3)
    if images.dtype != tf.uint8 and not images.dtype.is_floating:
        raise ValueError(
            f"{taker} takes uint8 images, or floats in 0-255, not {images.dtype.name}: use tf.cast."
        )
    return images


def any_images(images: Any, taker: str) -> tf.Tensor:
    """Return a batch of images of any number of channels and any real dtype, as `color_images` does."""
    images = _batch(images, taker, None)
    if not (images.dtype.is_floating or images.dtype.is_integer or images.dtype.is_bool):
        raise ValueError(f"{taker} takes images of numbers, not {images.dtype.name}.")
    return images


def _batch(images, taker, channels):
    images = _tensor(images, f"{taker} takes images of one size, as one array")
    wanted = [None, None, None, channels]
    kind = "color images [B, H, W, 3]" if channels else "images [B, H, W, C]"
    if images.shape.rank is None or images.shape.rank < 4:
        remedy = "batch the data set first, or add an axis with images[None]"
    elif images.shape.rank > 4:
        remedy = "they were batched twice, so leave out one batch()"
    else:
        remedy = color_remedy(images.shape[-1])
    sentence = f"{taker} takes a batch of {kind}, not {_shape(images, wanted)}: {remedy}."
    return shaped(images, wanted, sentence)


def color_remedy(channels: int | None) -> str:
    """Return what to do about images with so many channels that are not three."""
    return {
        1: "make gray images color with tf.image.grayscale_to_rgb",
        4: "leave out the alpha channel with images[..., :3]",
    }.get(channels, "put three channels last: red, green, blue")


def check_range(images: tf.Tensor, taker: str) -> None:
    """Raise ValueError for float images that end at 1; all black is fine.

    Eagerly only: a graph has no values to look at yet.
    """
    if not (tf.executing_eagerly() and images.dtype.is_floating):
        return
    largest = float(tf.reduce_max(images))
    if 0 < largest <= 1:
        smallest = float(tf.reduce_min(images))
        remedy = "add 1, then multiply them by 127.5" if smallest < 0 else "multiply them by 255"
        raise ValueError(
            f"{taker} takes images in 0-255, but these are floats from {smallest:.3g} to {largest:.3g}: "
            f"{remedy}."
        )


# ---- labels and seeds -------------------------------------------------------------------------------------


def images_and_labels(images: Any, labels: Any, taker: str) -> tuple[tf.Tensor, tf.Tensor]:
    """Return images [B, H, W, C], of any real dtype, and soft labels, float [B, K], as tensors.

    Rows of labels are shares that sum to 1: one-hot, smoothed or mixed. Raises ValueError for anything else.
    """
    images, labels = any_images(images, taker), _soft_labels(labels, taker)
    if not images.shape[:1].is_compatible_with(labels.shape[:1]):
        raise ValueError(
            f"{taker} got {images.shape[0]} images but {labels.shape[0]} labels: they must come in pairs."
        )
    return given(
        images,
        tf.shape(images)[0] == tf.shape(labels)[0],
        f"{taker} got images and labels in batches of different length: they must come in pairs.",
    ), labels


def _soft_labels(labels, taker):
    labels = _tensor(labels, f"{taker} needs labels as one array [B, K]")
    wanted = [None, None]
    sentence = (
        f"{taker} needs float labels [B, K], one row of class shares per image, but they are "
        f"{labels.dtype.name} of {_shape(labels, wanted)}: use tf.one_hot(labels, num_classes)."
    )
    if not labels.dtype.is_floating:
        raise ValueError(sentence)
    labels = shaped(labels, wanted, sentence)
    shares = tf.cast(labels, tf.float32)
    # 0.01 is room enough for labels rounded to 16 bits. A NaN is no number below it.
    sums = tf.abs(tf.reduce_sum(shares, axis=1) - 1) < 0.01
    return given(
        labels,
        tf.reduce_all(sums) & tf.reduce_all(shares > -0.01),
        f"{taker} needs label rows that sum to 1, one-hot or soft and nowhere negative; here one does not.",
    )


def checked_seed(seed: Seed) -> tf.Tensor:
    """Return a stateless seed as a tensor, int32 or int64 [2], or raise ValueError in one sentence."""
    wanted = "seed must be two integers such as (0, 1)"
    seed = _tensor(seed, wanted)
    sentence = f"{wanted}, but it is {seed.dtype.name} of {_shape(seed, [2])}."
    if seed.dtype not in (tf.int32, tf.int64):
        raise ValueError(sentence)
    return shaped(seed, [2], sentence)


# ---- settings ---------------------------------------------------------------------------------------------


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite real number, and no truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and -math.inf < value < math.inf


def check_number(value: Any, low: float, high: float, sentence: str) -> None:
    """Raise ValueError, "{sentence}, not {value}.", unless the value is a number from low to high."""
    if not (is_number(value) and low <= value <= high):
        raise ValueError(f"{sentence}, not {reprlib.repr(value)}.")


def check_count(value: Any, low: int, sentence: str) -> None:
    """Raise ValueError, "{sentence}, not {value}.", unless the value is an integer of at least `low`."""
    if not (isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= low):
        raise ValueError(f"{sentence}, not {reprlib.repr(value)}.")


# ---- now, or when a graph runs ----------------------------------------------------------------------------


def given(tensor: tf.Tensor, holds: tf.Tensor, sentence: str) -> tf.Tensor:
    """Return the tensor if a condition holds.

    Raises:
        ValueError: with the sentence, if not; inside of a graph InvalidArgumentError, when it runs.
    """
    if not tf.executing_eagerly():
        with tf.control_dependencies([tf.debugging.Assert(holds, [sentence])]):
            return tf.identity(tensor)
    if not holds:
        raise ValueError(sentence)
    return tensor


def shaped(tensor: tf.Tensor, shape: Sequence[int | None], sentence: str) -> tf.Tensor:
    """Return the tensor if it has this shape, where None is any length; else raise as `given` does."""
    if not tensor.shape.is_compatible_with(shape):
        raise ValueError(sentence)
    if tensor.shape.is_subtype_of(tf.TensorShape(shape)):
        return tensor
    fits = tf.rank(tensor) == len(shape)  # it is not known yet
    for axis, length in enumerate(shape):
        if length is not None:
            fits &= tf.reduce_all(tf.shape(tensor)[axis : axis + 1] == length)
    tensor = given(tensor, fits, sentence)
    # Not tf.ensure_shape: it demands the shape, so Grappler takes that for granted and drops the assertion.
    tensor.set_shape(shape)
    return tensor


def _tensor(value, sentence):
    try:
        return tf.convert_to_tensor(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{sentence}, not {type(value).__name__}.") from None


def _shape(tensor, wanted):
    return "another shape" if tensor.shape.is_compatible_with(wanted) else f"shape {tensor.shape}"
