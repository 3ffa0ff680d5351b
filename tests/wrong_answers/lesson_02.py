"""Wrong answers to the exercises of lesson 02; see README.md."""

import numpy as np
import tensorflow as tf

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _clipped(pixels):
    return tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), tf.uint8)


def _even(images, seed, end):
    return tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, -end, end)


def _with_numbers(numbers):
    """A right answer but for what it adds, `numbers(images, max_delta, seed)`, in gray levels."""

    def brighten(images, max_delta, *, seed):
        return _clipped(tf.cast(images, tf.float32) + numbers(images, max_delta, seed))

    return brighten


def _of_two(images, most, seed):
    first, second = tf.unstack(tf.random.split(seed, 2))
    return 127.5 * (_even(images, first, most) + _even(images, second, most))


def _by_numpy(images, most, seed):
    return np.float32(255 * np.random.default_rng(seed).uniform(-most, most, [len(images), 1, 1, 1]))


def cast_without_clipping(images, max_delta, *, seed):
    numbers = tf.cast(tf.round(255 * _even(images, seed, max_delta)), tf.int32)
    return tf.cast(tf.cast(images, tf.int32) + numbers, tf.uint8)


def in_a_loop(images, max_delta, *, seed):
    seeds = tf.random.split(seed, tf.shape(images)[0])
    pairs = zip(images, seeds, strict=True)
    return tf.stack([tf.image.stateless_random_brightness(image, max_delta, one) for image, one in pairs])


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _each(change, images, seed, dtype=tf.uint8):
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(lambda pair: change(*pair), (images, seeds), fn_output_signature=dtype)


def _right(image, seed, max_delta=0.2, low=0.7, high=1.3):
    first, second, third = tf.unstack(tf.random.split(seed, 3))
    image = tf.image.stateless_random_flip_left_right(image, first)
    image = tf.image.stateless_random_brightness(image, max_delta, second)
    return tf.image.stateless_random_saturation(image, low, high, third)


def _changed(**arguments):
    return lambda images, *, seed: _each(lambda image, one: _right(image, one, **arguments), images, seed)


def _and(more):
    """A right answer, then `more(image, seed)`."""

    def change(image, seed):
        return more(_right(image, seed), tf.random.split(seed, 4)[3])

    return lambda images, *, seed: _each(change, images, seed)


def _seldom_half_black(image, seed):
    erased = tf.random.stateless_uniform([], seed) < 0.1
    return tf.where(erased & (tf.range(tf.shape(image)[0]) < 8)[:, None, None], tf.zeros_like(image), image)


def floats_not_clipped(images, *, seed):
    floats = _each(_right, tf.image.convert_image_dtype(images, tf.float32), seed, tf.float32)
    return tf.cast(floats * 255, images.dtype)


def three_in_ten_mirrored(images, *, seed):
    def change(image, seed):
        first, second, third = tf.unstack(tf.random.split(seed, 3))
        mirrored = tf.random.stateless_uniform([], first) < 0.3
        image = tf.where(mirrored, tf.image.flip_left_right(image), image)
        image = tf.image.stateless_random_brightness(image, 0.2, second)
        return tf.image.stateless_random_saturation(image, 0.7, 1.3, third)

    return _each(change, images, seed)


def saturation_of_the_batch(images, *, seed):
    first, second = tf.unstack(tf.random.split(seed, 2))
    images = _each(lambda image, one: _right(image, one, low=1.0, high=1.001), images, first)
    return tf.image.stateless_random_saturation(images, 0.7, 1.3, second)


def half_of_the_seed(images, *, seed):
    return _each(_right, images, tf.stack([0, seed[1]]))


WRONG = {
    "brighten": [
        ("two draws added", _with_numbers(_of_two), r"are not even|not reach as far"),
        (
            "half of the seed",
            _with_numbers(lambda i, m, s: 255 * _even(i, (0, s[1]), m)),
            r"both of its numbers",
        ),
        ("NumPy's generator", _with_numbers(_by_numpy), r"a stand-in for the images"),
        ("added in int32, cast without clipping", cast_without_clipping, r"look at: .*Values wrap around"),
        ("a Python loop", in_a_loop, r"a stand-in for the images"),
    ],
    "augment": [
        ("floats that are not clipped", floats_not_clipped, r"look at: .*values wrap around"),
        ("three in ten mirrored", three_in_ten_mirrored, r"got: +mirrored: (2|3)\d%"),
        ("one saturation for the batch", saturation_of_the_batch, r"saturation: the same for all"),
        ("half of the seed", half_of_the_seed, r"only one of its two numbers"),
        ("brightness up to 0.18", _changed(max_delta=0.18), r"got: +brightness: short of the ends"),
        ("saturation from 0.65 to 1.35", _changed(low=0.65, high=1.35), r"saturation is stronger"),
        (
            "a turn of the hue as well",
            _and(lambda image, seed: tf.image.stateless_random_hue(image, 0.1, seed)),
            r"more\s+than\s+the\s+three",
        ),
        (
            "a faint JPEG as well",
            _and(lambda image, seed: tf.image.stateless_random_jpeg_quality(image, 80, 100, seed)),
            r"more\s+than\s+the\s+three",
        ),
        ("a tenth half black", _and(_seldom_half_black), r"more\s+than\s+the\s+three|anything else: yes"),
    ],
}
