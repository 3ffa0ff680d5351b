"""What augmentations have in common: which images they take, and how pixels come back to 0-255."""

import tensorflow as tf

# Rec. 601 luma: the gray that the eye sees, as in Pillow's convert("L").
LUMA = (0.299, 0.587, 0.114)


def checked_images(images: tf.Tensor) -> tf.Tensor:
    """Return a batch of images as a tensor, or say in one sentence what is wrong with it."""
    images = tf.convert_to_tensor(images)
    if images.shape.rank != 4 or images.shape[-1] not in (3, None):
        raise ValueError(
            f"An augmentation takes a batch of color images [B, H, W, 3], not shape {images.shape}: batch "
            "the data set first, or add an axis with images[None]."
        )
    if images.dtype != tf.uint8 and not images.dtype.is_floating:
        raise ValueError(
            f"An augmentation takes uint8 images, or floats in 0-255, not {images.dtype.name}: use tf.cast."
        )
    return tf.ensure_shape(images, [None, None, None, 3])


def to_dtype(pixels: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Clip float pixels to 0-255, and round them where the dtype is an integer."""
    pixels = tf.clip_by_value(pixels, 0.0, 255.0)
    return tf.cast(tf.round(pixels) if dtype.is_integer else pixels, dtype)
