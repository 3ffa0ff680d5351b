"""Geometric operations on one image: one warp, and the matrices of turning, shearing and moving.

Pixels are copied from the nearest place, never blended. What comes from outside the image is filled by
`fill_mode`, named as in `scipy.ndimage` and Keras:

    constant   k k k | a b c d | k k k
    nearest    a a a | a b c d | d d d
    reflect    c b a | a b c d | d c b
    wrap       b c d | a b c d | a b c   (scipy's grid-wrap; its own wrap skips a pixel)
"""

import math

import tensorflow as tf

Matrix = tuple[tf.Tensor | float, ...]
"""a, b, c, d, e, f: the pixel in column x, row y comes from column ax + by + c, row dx + ey + f."""


def _reflect(places, size):
    places = tf.math.floormod(places, 2 * size)
    return tf.minimum(places, 2 * size - 1 - places)


_FOLDS = {
    "constant": lambda places, size: tf.clip_by_value(places, 0, size - 1),
    "nearest": lambda places, size: tf.clip_by_value(places, 0, size - 1),
    "reflect": _reflect,
    "wrap": tf.math.floormod,
}
FILL_MODES = tuple(_FOLDS)


def warp(image: tf.Tensor, matrix: Matrix, *, fill_mode: str, fill_value: float) -> tf.Tensor:
    """Copy each pixel of an image [H, W, 3] from where the matrix says; `fill_value` is for "constant"."""
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    a, b, c, d, e, f = matrix
    x = tf.cast(tf.range(width), tf.float32)
    y = tf.cast(tf.range(height), tf.float32)[:, tf.newaxis]
    columns, rows = _nearest(a * x + (b * y + c)), _nearest(d * x + (e * y + f))
    fold = _FOLDS[fill_mode]
    places = fold(rows, height) * width + fold(columns, width)
    warped = tf.gather(tf.reshape(image, [-1, 3]), places)
    if fill_mode != "constant":
        return warped
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return tf.where(inside[..., tf.newaxis], warped, tf.cast(fill_value, image.dtype))


def _nearest(positions):
    return tf.cast(tf.floor(positions + 0.5), tf.int32)


def _rotate(degrees, height, width):
    """Return the matrix that turns an image about its center, counter-clockwise."""
    angle = degrees * (math.pi / 180)
    cosine, sine = tf.cos(angle), tf.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    return cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y


MATRICES = {
    "rotate": _rotate,
    "shear_x": lambda slope, height, width: (1.0, slope, 0.0, 0.0, 1.0, 0.0),
    "shear_y": lambda slope, height, width: (1.0, 0.0, 0.0, slope, 1.0, 0.0),
    "translate_x": lambda share, height, width: (1.0, 0.0, share * width, 0.0, 1.0, 0.0),
    "translate_y": lambda share, height, width: (1.0, 0.0, 0.0, 0.0, 1.0, share * height),
}
"""The Matrix of an amount; but for turns, a positive one moves pixels to the left, or up."""
