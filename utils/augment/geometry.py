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

_FOLDS = {
    "constant": lambda places, size: tf.clip_by_value(places, 0, size - 1),
    "nearest": lambda places, size: tf.clip_by_value(places, 0, size - 1),
    "reflect": lambda places, size: _reflect(tf.math.floormod(places, 2 * size), size),
    "wrap": tf.math.floormod,
}
FILL_MODES = tuple(_FOLDS)


def _reflect(places, size):
    return tf.minimum(places, 2 * size - 1 - places)


def warp(image: tf.Tensor, matrix: Matrix, *, fill_mode: str, fill_value: float) -> tf.Tensor:
    """Copy each pixel from where the matrix says.

    Args:
        image: [H, W, 3].
        matrix: six numbers, see Matrix.
        fill_mode: one of FILL_MODES.
        fill_value: what "constant" fills with.
    """
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


def rotate(degrees: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> Matrix:
    """Return the matrix that turns an image about its center, counter-clockwise."""
    angle = degrees * (math.pi / 180)
    cosine, sine = tf.cos(angle), tf.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    return cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y


def shear_x(slope: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> Matrix:
    """Return the matrix that moves each row to the left by `slope` times its distance from the top."""
    return 1.0, slope, 0.0, 0.0, 1.0, 0.0


def shear_y(slope: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> Matrix:
    """Return the matrix that moves each column up by `slope` times its distance from the left."""
    return 1.0, 0.0, 0.0, slope, 1.0, 0.0


def translate_x(share: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> Matrix:
    """Return the matrix that moves an image to the left by a share of its width."""
    return 1.0, 0.0, share * width, 0.0, 1.0, 0.0


def translate_y(share: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> Matrix:
    """Return the matrix that moves an image up by a share of its height."""
    return 1.0, 0.0, 0.0, 0.0, 1.0, share * height
