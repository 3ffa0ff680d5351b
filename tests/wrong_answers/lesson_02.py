"""Wrong answers to the exercises of lesson 02; see README.md."""

import tensorflow as tf


def _clipped(pixels):
    return tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), tf.uint8)


def _deltas(images, shape, max_delta, seed):
    shape = [tf.shape(images)[0], *shape]
    return 255 * tf.random.stateless_uniform(shape, seed, -max_delta, max_delta)


def once_for_the_batch(images, max_delta, *, seed):
    return tf.image.stateless_random_brightness(images, max_delta, seed)


def half_a_gray_level(images, max_delta, *, seed):
    deltas = _deltas(images, [1, 1, 1], max_delta, seed) / 255
    return _clipped(tf.cast(images, tf.float32) + deltas)


def wraps_around(images, max_delta, *, seed):
    deltas = _deltas(images, [1, 1, 1], max_delta, seed)
    return tf.cast(tf.cast(images, tf.int32) + tf.cast(tf.round(deltas), tf.int32), tf.uint8)


def flat_numbers(images, max_delta, *, seed):
    return _clipped(tf.cast(images, tf.float32) + _deltas(images, [], max_delta, seed))


def stays_float(images, max_delta, *, seed):
    return tf.clip_by_value(
        tf.cast(images, tf.float32) + _deltas(images, [1, 1, 1], max_delta, seed), 0.0, 255.0
    )


def noise(images, max_delta, *, seed):
    return _clipped(tf.cast(images, tf.float32) + _deltas(images, images.shape[1:], max_delta, seed))


def tinted(images, max_delta, *, seed):
    return _clipped(tf.cast(images, tf.float32) + _deltas(images, [1, 1, 3], max_delta, seed))


def only_brighter(images, max_delta, *, seed):
    deltas = 255 * tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, 0, max_delta)
    return _clipped(tf.cast(images, tf.float32) + deltas)


def not_from_the_seed(images, max_delta, *, seed):
    deltas = 255 * tf.random.uniform([tf.shape(images)[0], 1, 1, 1], -max_delta, max_delta)
    return _clipped(tf.cast(images, tf.float32) + deltas)


def seed_of_its_own(images, max_delta, *, seed):
    return _clipped(tf.cast(images, tf.float32) + _deltas(images, [1, 1, 1], max_delta, (0, 0)))


def size_from_python(images, max_delta, *, seed):
    deltas = 255 * tf.random.stateless_uniform([images.shape[0], 1, 1, 1], seed, -max_delta, max_delta)
    return _clipped(tf.cast(images, tf.float32) + deltas)


def _each(change, images, seed):
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(lambda pair: change(*pair), (images, seeds), fn_output_signature=images.dtype)


def _composed(image, flip_seed, brightness_seed, saturation_seed):
    image = tf.image.stateless_random_flip_left_right(image, flip_seed)
    image = tf.image.stateless_random_brightness(image, 0.2, brightness_seed)
    return tf.image.stateless_random_saturation(image, 0.7, 1.3, saturation_seed)


def _right(image, seed):
    return _composed(image, *tf.unstack(tf.random.split(seed, 3)))


def on_the_whole_batch(images, *, seed):
    return _right(images, seed)


def one_seed_for_all_three(images, *, seed):
    return _each(lambda image, seed: _composed(image, seed, seed, seed), images, seed)


def _with(saturate, max_delta=0.2):
    """A right answer but for its saturation, `saturate(image, seed, seed of the brightness)`."""

    def change(image, seed):
        flip_seed, brightness_seed, saturation_seed = tf.unstack(tf.random.split(seed, 3))
        image = tf.image.stateless_random_flip_left_right(image, flip_seed)
        image = tf.image.stateless_random_brightness(image, max_delta, brightness_seed)
        return saturate(image, saturation_seed, brightness_seed)

    return lambda images, *, seed: _each(change, images, seed)


def _saturate(image, seed, _):
    return tf.image.stateless_random_saturation(image, 0.7, 1.3, seed)


no_saturation = _with(lambda image, seed, other: image)
contrast_instead = _with(lambda image, seed, _: tf.image.stateless_random_contrast(image, 0.7, 1.3, seed))
wild_saturation = _with(lambda image, seed, _: tf.image.stateless_random_saturation(image, 0.3, 2.0, seed))
only_richer = _with(lambda image, seed, _: tf.image.stateless_random_saturation(image, 1.0, 1.3, seed))
two_from_one_seed = _with(lambda image, seed, other: _saturate(image, other, seed))
faint_brightness = _with(_saturate, 0.06)
glaring_brightness = _with(_saturate, 0.3)


def saturation_of_the_batch(images, *, seed):
    mirrored = _with(lambda image, seed, other: image)(images, seed=seed)
    return tf.image.stateless_random_saturation(mirrored, 0.7, 1.3, seed)


def upside_down(images, *, seed):
    return _each(
        lambda image, seed: tf.image.stateless_random_flip_up_down(_right(image, seed), seed), images, seed
    )


def hue_as_well(images, *, seed):
    return _each(
        lambda image, seed: tf.image.stateless_random_hue(_right(image, seed), 0.1, seed), images, seed
    )


def hidden_state(images, *, seed):
    def change(image):
        image = tf.image.random_flip_left_right(image)
        image = tf.image.random_brightness(image, 0.2)
        return tf.image.random_saturation(image, 0.7, 1.3)

    return tf.map_fn(change, images)


def floats_in_255(images, *, seed):
    changed = _each(_right, tf.cast(images, tf.float32), seed)
    return tf.cast(tf.round(tf.clip_by_value(changed, 0.0, 255.0)), images.dtype)


def floats_out(images, *, seed):
    return _each(_right, tf.cast(images, tf.float32) / 255, seed) * 255


def one_seed_for_all_images(images, *, seed):
    return tf.map_fn(lambda image: _right(image, seed), images)


WRONG = {
    "brighten": [
        ("one draw for the batch", once_for_the_batch, r"look at: .*One draw for the whole batch"),
        ("added to 0–255 without scaling", half_a_gray_level, r"Nothing can be seen"),
        ("added in int32, cast without clipping", wraps_around, r"wrapped around"),
        ("numbers of shape [B]", flat_numbers, r"(?s)\[64,6,5,3\] and \[64\].*Draw numbers of shape"),
        ("floats come back", stays_float, r"dtype float32"),
        ("a draw for each pixel", noise, r"This is noise"),
        ("a draw for each channel", tinted, r"draw for each channel changes the color"),
        ("only brighter", only_brighter, r"one way only"),
        ("drawn from hidden state", not_from_the_seed, r"does not come from the seed"),
        ("a fixed seed inside", seed_of_its_own, r"The seed that is handed in is not used"),
        ("the number of images taken from Python", size_from_python, r"last batch of 3"),
    ],
    "augment": [
        ("tf.image on the whole batch", on_the_whole_batch, r"use on_each_image"),
        ("one seed for all three operations", one_seed_for_all_three, r"makes one draw of two"),
        ("one seed for all images", one_seed_for_all_images, r"has each image a seed of its own"),
        ("no saturation", no_saturation, r"There is no change of saturation"),
        ("contrast instead of saturation", contrast_instead, r"There is no change of saturation"),
        ("saturation from 0.3 to 2", wild_saturation, r"(?s)saturation changed .* stronger than asked for"),
        ("saturation from 1 to 1.3", only_richer, r"goes one way only"),
        ("brightness and saturation from one seed", two_from_one_seed, r"(?s)rank correlation.*draw of two"),
        ("brightness up to 0.06", faint_brightness, r"weaker than asked for; look at max_delta"),
        ("brightness up to 0.3", glaring_brightness, r"stronger than asked for; look at max_delta"),
        (
            "one saturation for the batch",
            saturation_of_the_batch,
            r"(?s)the same saturation.*use on_each_image",
        ),
        ("upside down as well", upside_down, r"stands on its head"),
        ("hue as well", hue_as_well, r"makes a paprikin of a saffrel"),
        ("not repeatable", hidden_state, r"Are all\s+functions the stateless_ ones"),
        ("floats in 0–255 handed to tf.image", floats_in_255, r"takes floats for 0 to 1"),
        ("floats come back", floats_out, r"dtype float32"),
    ],
}
