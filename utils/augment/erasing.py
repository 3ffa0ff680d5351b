"""Augmentations that hide parts of an image: Cutout, Random Erasing and GridMask.

`rate` is the probability that an image is changed. What is hidden becomes the mid gray 128: the papers' 0
after normalization is the mean color. On floats in 0-1 it would be a light, so they are refused.
"""

import math
import reprlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils import inputs
from utils.augment import operations
from utils.augment.pixels import checked
from utils.contracts import Augmentation


def cutout(share: float = 0.5, rate: float = 1, *, fill_value: float = 128) -> Augmentation:
    """Hide one square at a random place of each image; what lies outside the image is cut off.

    Args:
        share: side of the square, as a share of the image's shorter side (0-1). The paper uses half of it on
            CIFAR-10 (16 of 32 pixels) and a quarter on CIFAR-100.
        rate: probability that an image is changed.
        fill_value: the gray that hides, 0-255.

    Reference: DeVries and Taylor 2017, "Cutout", https://arxiv.org/abs/1708.04552.
    """
    _check_share("share", share)

    def parts(count, height, width, seed):
        side = tf.round(share * tf.minimum(height, width)) * tf.ones([count])
        row_seed, column_seed = tf.unstack(tf.random.split(seed, 2))
        rows = tf.random.stateless_uniform([count], row_seed) * height - side / 2
        columns = tf.random.stateless_uniform([count], column_seed) * width - side / 2
        return _stretch(rows, side, height), _stretch(columns, side, width)

    return _hiding("cutout", parts, rate, fill_value)


def random_erasing(
    rate: float = 0.5,
    area: tuple[float, float] = (0.02, 0.4),
    aspect: tuple[float, float] = (0.3, 1 / 0.3),
    *,
    fill_value: float | None = None,
) -> Augmentation:
    """Hide a rectangle of random size, shape and place of some images.

    Args:
        rate: probability that an image is changed.
        area: smallest and largest share of the image's area.
        aspect: smallest and largest ratio of height to width; of those, one is drawn for which the rectangle
            fits into the image.
        fill_value: the gray that hides, 0-255; None: every value at random, which the paper finds best.

    Reference: Zhong et al. 2017, "Random Erasing", https://arxiv.org/abs/1708.04896, with its settings.
    """
    _check_range("area", area, 1)
    _check_range("aspect", aspect, math.inf)

    def parts(count, height, width, seed):
        area_seed, aspect_seed, row_seed, column_seed = tf.unstack(tf.random.split(seed, 4))
        pixels = tf.random.stateless_uniform([count], area_seed, *area) * height * width
        # A rectangle as high, or as wide, as the image is the limit.
        lowest, highest = pixels / width**2, height**2 / pixels
        low = tf.minimum(tf.maximum(aspect[0], lowest), highest)
        high = tf.maximum(tf.minimum(aspect[1], highest), low)
        drawn = low + tf.random.stateless_uniform([count], aspect_seed) * (high - low)
        heights = tf.minimum(tf.round(tf.sqrt(pixels * drawn)), height)
        widths = tf.minimum(tf.round(tf.sqrt(pixels / drawn)), width)
        rows = tf.random.stateless_uniform([count], row_seed) * (height - heights)
        columns = tf.random.stateless_uniform([count], column_seed) * (width - widths)
        return _stretch(rows, heights, height), _stretch(columns, widths, width)

    return _hiding("random_erasing", parts, rate, fill_value)


def grid_mask(
    rate: float = 1,
    unit: tuple[float, float] = (96 / 224, 1.0),
    keep: float = 0.6,
    *,
    fill_value: float = 128,
) -> Augmentation:
    """Hide squares on a regular grid: a fair part of the image, but seldom all of one object.

    Args:
        rate: probability that an image is changed. The paper raises it during training, up to 0.8.
        unit: smallest and largest distance d from square to square, as a share of the image's shorter side.
        keep: the paper's r (0-1): the share of this distance that stays, so that (1 - r)² of the image is
            hidden. The settings are the paper's for ImageNet; for CIFAR-10 it has d of 24 to 32 pixels and
            r = 0.4.
        fill_value: the gray that hides, 0-255.

    Reference: Chen et al. 2020, "GridMask Data Augmentation", https://arxiv.org/abs/2001.04086.
    """
    _check_range("unit", unit, 1)
    _check_share("keep", keep)

    def parts(count, height, width, seed):
        unit_seed, row_seed, column_seed = tf.unstack(tf.random.split(seed, 3))
        shorter = tf.minimum(height, width)
        units = tf.round(
            tf.random.stateless_uniform([count, 1], unit_seed, unit[0] * shorter, unit[1] * shorter)
        )
        units = tf.maximum(units, 2.0)
        hidden = tf.round((1 - keep) * units)

        def on_grid(size, seed):
            offsets = tf.floor(tf.random.stateless_uniform([count, 1], seed) * units)
            return tf.math.floormod(tf.range(size) + offsets, units) < hidden

        return on_grid(height, row_seed), on_grid(width, column_seed)

    return _hiding("grid_mask", parts, rate, fill_value)


def _stretch(start, length, size):
    """Return bool [B, size]: true from the pixel nearest to `start`, over `length` pixels."""
    first = tf.round(start)[:, tf.newaxis]
    places = tf.range(size)
    return (places >= first) & (places < first + length[:, tf.newaxis])


def _hiding(name, parts, rate, fill_value):
    """Return an augmentation that hides the pixels whose row and column `parts` says to hide."""
    operations.check_rate(rate)
    if fill_value is not None:
        operations.check_fill(fill_value)

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        count, height, width = tf.unstack(tf.shape(images)[:3])
        rate_seed, part_seed, fill_seed = tf.unstack(tf.random.split(seed, 3))
        rows, columns = parts(count, tf.cast(height, tf.float32), tf.cast(width, tf.float32), part_seed)
        rows &= tf.random.stateless_uniform([count, 1], rate_seed) < rate
        # Channels become part of the row: with a channel axis of 1 in the mask, tf.where is much slower.
        flat = [count, height, width * 3]
        hidden = rows[:, :, tf.newaxis] & tf.repeat(columns, 3, axis=1)[:, tf.newaxis]
        if fill_value is None:  # four gray levels from each random 32-bit number, to draw fewer
            words = [count, height, width * 3 // 4 + 1]
            drawn = tf.random.stateless_uniform(words, fill_seed, None, None, tf.int32)
            fill = tf.reshape(tf.bitcast(drawn, tf.uint8), [count, height, -1])[:, :, : width * 3]
        else:
            fill = tf.fill(flat, fill_value)
        changed = tf.where(hidden, tf.cast(fill, images.dtype), tf.reshape(images, flat))
        return tf.ensure_shape(tf.reshape(changed, tf.shape(images)), images.shape)

    augment.__name__ = name
    return augment


def _check_share(name, share):
    inputs.check_number(share, inputs.ABOVE_ZERO, 1, f"{name} must be more than 0 and at most 1")


def _check_range(name, limits, largest):
    pair = tuple(limits) if isinstance(limits, Sequence | np.ndarray) else ()
    if not (len(pair) == 2 and all(map(inputs.is_number, pair)) and 0 < pair[0] <= pair[1] <= largest):
        raise ValueError(
            f"{name} must be more than 0 and at most {largest}, as two numbers, smallest first, not "
            f"{reprlib.repr(limits)}."
        )
