"""Bring images of any size to one size, without surprises."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf


def square(image: "tf.Tensor", size: int) -> "tf.Tensor":
    """Scale the largest square in the middle of an image, uint8 `[H, W, 3]`, to uint8 `[size, size, 3]`."""
    from utils.quiet import tf

    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
    # Without antialias a small picture of a large photo is made of a few of its pixels, and looks like noise.
    scaled = tf.image.resize(square, [size, size], method="bilinear", antialias=True)
    return tf.saturate_cast(tf.round(scaled), tf.uint8)
