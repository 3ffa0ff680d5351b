"""The usual first choices: mirror, shift and color changes; a random crop scaled back to size."""

import math
import reprlib

import tensorflow as tf

from utils import inputs
from utils.augment.pixels import LUMA, checked, to_dtype
from utils.compiled import compiled
from utils.contracts import Augmentation, Seed


def _reflect(positions, size):
    """Fold positions outside 0..size-1 back in, mirrored at the border pixel."""
    last = tf.maximum(size - 1, 1)  # a picture one pixel wide: everything folds onto that pixel
    folded = last - tf.abs(last - tf.math.floormod(positions, 2 * last))
    return tf.minimum(folded, size - 1)


def _mirror_and_shift(images, *, seed, padding):
    """Mirror half of the images, and shift each by up to `padding` (share of the side), reflected.

    As the "padded random crop" of the ResNet paper (He et al. 2016, section 4.2), whose border is black.
    """
    count, height, width = tf.unstack(tf.shape(images)[:3])
    mirror_seed, row_seed, column_seed = tf.unstack(tf.random.split(seed, 3))

    def shifted(size, seed):
        reach = tf.cast(tf.round(padding * tf.cast(size, tf.float32)), tf.int32)
        offsets = tf.random.stateless_uniform([count, 1], seed, -reach, reach + 1, dtype=tf.int32)
        return _reflect(tf.range(size)[tf.newaxis] + offsets, size)

    rows, columns = shifted(height, row_seed), shifted(width, column_seed)
    mirrored = tf.random.stateless_uniform([count, 1], mirror_seed) < 0.5
    columns = tf.where(mirrored, tf.reverse(columns, [1]), columns)
    return tf.ensure_shape(_rearrange(images, rows, columns), images.shape)


@compiled
def _rearrange(images, rows, columns):
    return tf.gather(tf.gather(images, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def _jitter_colors(images, *, seed, strength):
    count = tf.shape(images)[0]
    factors = tf.random.stateless_uniform([3, count, 1, 1, 1], seed, 1.0 - strength, 1.0 + strength)
    return tf.ensure_shape(_enhance(images, *tf.unstack(factors)), images.shape)


@compiled
def _enhance(images, brightness, contrast, saturation):
    pixels = tf.cast(images, tf.float32) * brightness
    # A sum of three slices: XLA is slow in reducing an axis of three.
    gray = sum(share * pixels[..., channel, tf.newaxis] for channel, share in enumerate(LUMA))
    mean = tf.reduce_mean(gray, axis=[1, 2], keepdims=True)
    pixels = gray + saturation * (pixels - gray)
    return to_dtype(mean + contrast * (pixels - mean), images.dtype)


def basic(images: tf.Tensor, *, seed: Seed) -> tf.Tensor:
    """Mirror, padded random crop, brightness, contrast and saturation: the usual first choice.

    Half of the images are mirrored left-right; each is cropped at a random place after its border has
    been padded by an eighth of its side (reflected); brightness, contrast and saturation change by up
    to 30 %.

    Images are [B, H, W, 3], uint8 or float in 0-255; shape and dtype stay. `seed` is stateless, of shape [2].

    Raises:
        ValueError: for other images, such as a single one or floats in 0-1, and for another seed. A graph
            cannot see that floats end at 1.
    """
    images, seed = checked(images, seed)
    geometry_seed, color_seed = tf.unstack(tf.random.split(seed, 2))
    images = _mirror_and_shift(images, seed=geometry_seed, padding=1 / 8)
    return _jitter_colors(images, seed=color_seed, strength=0.3)


def random_resized_crop(smallest: float = 0.08, largest: float = 1.0, ratio: float = 4 / 3) -> Augmentation:
    """Return an augmentation that crops a random part of each image and scales it to the image's size.

    The result is interpolated (bilinear).

    Args:
        smallest: the crop's share of the area is drawn evenly from `smallest` to `largest`; 0.08 to 1 is
            the usual choice on ImageNet (Szegedy et al. 2015, arXiv 1409.4842, section 6).
        largest: see `smallest`; equal ends zoom all images alike.
        ratio: the crop's width over its height is drawn from 1/ratio to ratio, evenly in logarithms; 4/3
            there. A crop that would stick out is made as wide or high as the image.

    Raises:
        ValueError: for values out of range.
    """
    if not (inputs.is_number(smallest) and inputs.is_number(largest) and 0 < smallest <= largest <= 1):
        raise ValueError(
            "smallest and largest are shares of the image's area, in order, above 0 and up to 1, "
            f"not {reprlib.repr(smallest)} and {reprlib.repr(largest)}."
        )
    inputs.check_number(ratio, 1, math.inf, "ratio is at least 1 (a square)")

    def augment(images, *, seed):
        images, seed = checked(images, seed, any_scale=True)
        boxes = _crop_boxes(tf.shape(images)[0], (smallest, largest), ratio, seed)
        crops = _crop_columns(_crop_rows(images, boxes), boxes, images)
        return tf.ensure_shape(crops, images.shape)

    augment.__name__ = "random_resized_crop"
    return augment


def _crop_boxes(count, areas, ratio, seed):
    """Draw boxes [B, 4]: top, left, bottom, right, as shares of the sides."""
    area_seed, ratio_seed, place_seed = tf.unstack(tf.random.split(seed, 3))
    area = tf.random.stateless_uniform([count], area_seed, *areas)
    stretch = tf.exp(tf.random.stateless_uniform([count], ratio_seed, -math.log(ratio), math.log(ratio)) / 2)
    sides = tf.minimum(tf.sqrt(area) * [1 / stretch, stretch], 1.0)  # [2, B]: height, width
    corner = tf.random.stateless_uniform([2, count], place_seed) * (1 - sides)
    return tf.transpose(tf.concat([corner, corner + sides], axis=0))


# Bilinear interpolation goes one axis after the other. In two kernels, since in a single one XLA would
# interpolate the rows anew for each column that needs them.


@compiled
def _crop_rows(images, boxes):
    return _resample(images, boxes[:, 0], boxes[:, 2], axis=1)


@compiled
def _crop_columns(rows, boxes, images):
    return to_dtype(_resample(rows, boxes[:, 1], boxes[:, 3], axis=2), images.dtype)


def _resample(pixels, start, stop, axis):
    """Spread each image's part from `start` to `stop`, shares [B] of an axis, over all of that axis."""
    size = tf.shape(pixels)[axis]
    last = tf.cast(size - 1, tf.float32)
    steps = tf.range(size, dtype=tf.float32)
    places = start[:, tf.newaxis] * last + (stop - start)[:, tf.newaxis] * steps
    places = tf.clip_by_value(places, 0.0, last)  # rounding may have gone past the border
    below = tf.floor(places)
    near, far = (
        tf.cast(tf.gather(pixels, tf.cast(place, tf.int32), axis=axis, batch_dims=1), tf.float32)
        for place in (below, tf.minimum(below + 1, last))
    )
    weight = tf.expand_dims(places - below, 2 if axis == 1 else 1)[..., tf.newaxis]
    return near + weight * (far - near)
