"""Views of test images, and what to make of the predictions for them: test-time augmentation.

A *view* is a function from images [B, H, W, 3], uint8 or float in 0-255, to changed images of the same shape
and dtype; it refuses others in one sentence. Nothing is drawn: the same image has the same views.
`evaluation.predict_with_views` applies them.
"""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from utils import inputs
from utils.augment import pixels
from utils.evaluation.predictions import is_correct

View = Callable[[tf.Tensor | np.ndarray], tf.Tensor]
_TAKER = "A view"


def as_is(images: tf.Tensor | np.ndarray) -> tf.Tensor:
    """The images themselves."""
    return inputs.color_images(images, _TAKER)


def mirrored(images: tf.Tensor | np.ndarray) -> tf.Tensor:
    """Left and right exchanged."""
    return tf.reverse(inputs.color_images(images, _TAKER), axis=[2])


def crop(row: float, column: float, share: float = 7 / 8) -> View:
    """Return a view: a part of the image, brought back to its size (bilinear).

    It lies at `row`, from 0 (top) to 1 (bottom), and `column`; a `share` of each side is kept, in 0-1.
    """
    for value, low in ((row, 0), (column, 0), (share, inputs.ABOVE_ZERO)):
        inputs.check_number(value, low, 1, "row, column and share must lie in 0-1, share above 0")

    def view(images: tf.Tensor | np.ndarray) -> tf.Tensor:
        images = inputs.color_images(images, _TAKER)
        height, width = tf.unstack(tf.shape(images)[1:3])
        kept_height, kept_width = (tf.maximum(1, _part(share, side)) for side in (height, width))
        top, left = _part(row, height - kept_height), _part(column, width - kept_width)
        part = images[:, top : top + kept_height, left : left + kept_width]
        resized = tf.ensure_shape(tf.image.resize(part, [height, width]), images.shape)
        return pixels.to_dtype(resized, images.dtype)

    return view


def _part(share, size):
    """Return a share of a number of pixels, rounded as Python rounds; the size may not be known yet."""
    return tf.cast(tf.round(float(share) * tf.cast(size, tf.float64)), tf.int32)


def brighter(factor: float) -> View:
    """Return a view: all values times `factor` (above 0; below 1 is darker), clipped to 0-255.

    It refuses floats that end at 1, but inside of a graph, where there are no values yet to look at.
    """
    inputs.check_number(factor, inputs.ABOVE_ZERO, math.inf, "factor must be above 0")

    def view(images: tf.Tensor | np.ndarray) -> tf.Tensor:
        images = inputs.color_images(images, _TAKER)
        inputs.check_range(images, _TAKER)
        return pixels.to_dtype(tf.cast(images, tf.float32) * factor, images.dtype)

    return view


STANDARD: dict[str, View] = {
    "as is": as_is,
    "mirrored": mirrored,
    "crop, middle": crop(0.5, 0.5),
    "crop, top left": crop(0, 0),
    "crop, top right": crop(0, 1),
    "crop, bottom left": crop(1, 0),
    "crop, bottom right": crop(1, 1),
    "brighter": brighter(1.3),
    "darker": brighter(0.7),
}
"""The views of lesson 10 by name; crops keep seven eighths of each side."""


def average(probabilities: ArrayLike) -> np.ndarray:
    """Mean over the views: [V, N, K] to [N, K]."""
    return np.mean(np.asarray(probabilities, dtype=np.float64), axis=0)


def vote(probabilities: ArrayLike) -> np.ndarray:
    """Share of the views that choose each class: [V, N, K] to [N, K].

    Where classes have as many votes, the larger mean probability decides: it adds less than one vote.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    views, _, classes = probabilities.shape
    votes = np.eye(classes)[probabilities.argmax(axis=2)].sum(axis=0)
    return (votes + average(probabilities) / 2) / (views + 0.5)


def corrected_and_broken(before: ArrayLike, after: ArrayLike, labels: ArrayLike) -> tuple[int, int]:
    """How many predictions change from wrong to right, and from right to wrong.

    Probabilities `[N, K]` before and after, labels int `[N]`; the difference is N times the gain in accuracy.
    """
    was, now = (is_correct(each, labels) for each in (before, after))
    return int(np.sum(~was & now)), int(np.sum(was & ~now))
