"""Color operations on one image: uint8 [H, W, 3] and an amount (a scalar) in, uint8 [H, W, 3] out.

Each follows Pillow's `ImageOps` or `ImageEnhance`, which the papers used, but rounds where Pillow cuts off.
They are compiled (see `operations`), so that a formula is one pass over the pixels. There a formula is faster
than a table of 256 entries; `equalize`, which has no formula, is looked up.
"""

import tensorflow as tf

from utils.augment.pixels import LUMA, to_dtype

_LUMA = [round(65536 * weight) for weight in LUMA]  # Pillow computes in integers


def _to_float(image):
    return tf.cast(image, tf.float32)


def _gray(image):
    """Return the luma in whole levels, float32 [H, W, 1]."""
    weighted = tf.reduce_sum(tf.cast(image, tf.int32) * _LUMA, axis=-1, keepdims=True)
    return _to_float((weighted + 32768) // 65536)


def _blend(reference, image, factor):
    """Return the reference for factor 0, the image for 1, and beyond the image for more."""
    return to_dtype(reference + factor * (_to_float(image) - reference), tf.uint8)


def identity(image: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
    """Change nothing."""
    return image


def auto_contrast(image: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
    """Stretch each channel to 0-255; a channel of one value stays."""
    low, high = (
        # Rows first: along them, pixels are processed eight at a time.
        _to_float(reduce(tf.reshape(reduce(_rows(image), axis=0), [-1, 3]), axis=0))
        for reduce in (tf.reduce_min, tf.reduce_max)
    )
    flat = high <= low
    scale = 255.0 / tf.where(flat, 255.0, high - low)
    return to_dtype((_to_float(image) - tf.where(flat, 0.0, low)) * scale, tf.uint8)


def _rows(image):
    """Return the image with its channels side by side, [H, W · 3]."""
    return tf.reshape(image, [tf.shape(image)[0], -1])


def equalize(image: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
    """Make the values of each channel equally frequent, by a table from its histogram."""
    values = tf.cast(image, tf.int32) + [0, 256, 512]  # each channel has its own 256 places
    places = tf.reshape(values, [-1])
    histogram = tf.reshape(tf.math.unsorted_segment_sum(tf.ones_like(places), places, 768), [3, 256])
    # The table, [3, 256], says for each value how many pixels are darker, in steps of a 255th of them all.
    levels = tf.range(256)
    brightest = tf.reduce_max(tf.where(histogram > 0, levels, 0), axis=1, keepdims=True)
    step = tf.reduce_sum(tf.where(levels < brightest, histogram, 0), axis=1, keepdims=True) // 255
    darker = tf.cumsum(histogram, axis=1, exclusive=True)
    table = (darker + step // 2) // tf.maximum(step, 1)
    table = tf.cast(tf.where(step > 0, tf.minimum(table, 255), levels), tf.uint8)
    return tf.gather(tf.reshape(table, [-1]), values)


def invert(image: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
    """Turn every value around: 0 becomes 255."""
    return 255 - image


def solarize(image: tf.Tensor, threshold: tf.Tensor) -> tf.Tensor:
    """Invert the values at or above the threshold, 0-256."""
    return tf.where(_to_float(image) < threshold, image, 255 - image)


def posterize(image: tf.Tensor, bits: tf.Tensor) -> tf.Tensor:
    """Keep the highest bits, 1-8, of each value."""
    lost = tf.bitwise.left_shift(1, 8 - tf.cast(tf.round(bits), tf.int32))
    return tf.bitwise.bitwise_and(image, tf.cast(256 - lost, tf.uint8))


def brightness(image: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Blend with black: 0 is black, 1 the image."""
    return _blend(0.0, image, factor)


def contrast(image: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Blend with the mean of the image's grays: 0 is flat gray, 1 the image."""
    return _blend(tf.floor(tf.reduce_mean(_gray(image)) + 0.5), image, factor)


def color(image: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Blend with the gray image: 0 is gray, 1 the image."""
    return _blend(_gray(image), image, factor)


def hue(image: tf.Tensor, degrees: tf.Tensor) -> tf.Tensor:
    """Turn every pixel's place on the circle of colors; 120 turns red into green. Grays stay."""
    return to_dtype(255.0 * tf.image.adjust_hue(_to_float(image) / 255.0, degrees / 360.0), tf.uint8)


def sharpness(image: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Blend with a smoothed image: 0 is smooth, 1 the image, 2 sharper. The border stays.

    Smooth is the mean of 3×3 pixels, where the middle one counts five times.
    """
    pixels = _rows(_to_float(image))
    height, width = tf.shape(pixels)[0], tf.shape(pixels)[1]
    padded = tf.pad(pixels, [[1, 1], [3, 3]])
    total = 4 * pixels
    for row in (0, 1, 2):
        for column in (0, 3, 6):
            total += padded[row : row + height, column : column + width]
    rows, columns = tf.range(height)[:, tf.newaxis], tf.range(width)
    inner = (rows > 0) & (rows < height - 1) & (columns >= 3) & (columns < width - 3)
    smooth = tf.reshape(tf.where(inner, tf.round(total / 13), pixels), tf.shape(image))
    return _blend(smooth, image, factor)
