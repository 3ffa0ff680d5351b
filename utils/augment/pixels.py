"""What augmentations have in common: which images they take, and how pixels come back to 0-255."""

import tensorflow as tf

from utils import inputs
from utils.contracts import Seed

_TAKER = "An augmentation"
# Rec. 601 luma: the gray that the eye sees, as in Pillow's convert("L").
LUMA = (0.299, 0.587, 0.114)


def checked(images: tf.Tensor, seed: Seed, *, any_scale: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
    """Return a batch of images and a seed as tensors, or say in one sentence what is wrong with them.

    With `any_scale`, floats in 0-1 are right, too.
    """
    images, seed = inputs.color_images(images, _TAKER), inputs.checked_seed(seed)
    if not any_scale:
        inputs.check_range(images, _TAKER)
    return images, seed


def to_dtype(pixels: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Clip float pixels to 0-255, and round them where the dtype is an integer."""
    pixels = tf.clip_by_value(pixels, 0.0, 255.0)
    return tf.cast(tf.round(pixels) if dtype.is_integer else pixels, dtype)
