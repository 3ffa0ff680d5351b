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


def _with_numbers(draw):
    def brighten(images, max_delta, *, seed):
        deltas = draw([tf.shape(images)[0], 1, 1, 1], max_delta, seed)
        return _clipped(tf.cast(images, tf.float32) + deltas)

    return brighten


def _even(shape, seed, end):
    return tf.random.stateless_uniform(shape, seed, -end, end)


always_a_third = _with_numbers(lambda shape, most, seed: 255 * _even(shape, seed, 0.3))
of_two_hundred = _with_numbers(lambda shape, most, seed: 200 * _even(shape, seed, most))
of_half = _with_numbers(lambda shape, most, seed: 127.5 * _even(shape, seed, most))
normal_clipped = _with_numbers(
    lambda shape, most, seed: (
        255 * tf.clip_by_value(most / 2 * tf.random.stateless_normal(shape, seed), -most, most)
    )
)
normal_cut_short = _with_numbers(
    lambda shape, most, seed: 255 * most * tf.random.stateless_truncated_normal(shape, seed) / 2
)
two_added = _with_numbers(
    lambda shape, most, seed: (
        127.5 * (_even(shape, seed, most) + _even(shape, tf.random.split(seed, 2)[1], most))
    )
)


def as_factor(images, max_delta, *, seed):
    factors = 1 + _deltas(images, [1, 1, 1], max_delta, seed) / 255
    return _clipped(tf.cast(images, tf.float32) * factors)


brightness_of_15 = _with(_saturate, 0.15)
saturation_to_12 = _with(lambda image, seed, _: tf.image.stateless_random_saturation(image, 0.8, 1.2, seed))


def _and(more):
    return lambda images, *, seed: _each(lambda image, seed: more(_right(image, seed), seed), images, seed)


contrast_as_well = _and(lambda image, seed: tf.image.stateless_random_contrast(image, 0.8, 1.2, seed))
jpeg_as_well = _and(lambda image, seed: tf.image.stateless_random_jpeg_quality(image, 50, 90, seed))
faint_jpeg_as_well = _and(lambda image, seed: tf.image.stateless_random_jpeg_quality(image, 80, 100, seed))


def all_mirrored(images, *, seed):
    return _each(lambda image, seed: tf.image.flip_left_right(_with_no_flip(image, seed)), images, seed)


def _with_no_flip(image, seed):
    _, brightness_seed, saturation_seed = tf.unstack(tf.random.split(seed, 3))
    image = tf.image.stateless_random_brightness(image, 0.2, brightness_seed)
    return tf.image.stateless_random_saturation(image, 0.7, 1.3, saturation_seed)


def none_mirrored(images, *, seed):
    return _each(_with_no_flip, images, seed)


WRONG = {
    "brighten": [
        ("one draw for the batch", once_for_the_batch, r"look at: .*One draw for the whole batch"),
        ("added to 0–255 without scaling", half_a_gray_level, r"Nothing can be seen"),
        ("added in int32, cast without clipping", wraps_around, r"Values wrap around"),
        ("numbers of shape [B]", flat_numbers, r"do not fit\s+the\s+images"),
        ("floats come back", stays_float, r"dtype has changed"),
        ("max_delta ignored", always_a_third, r"0\.1, seed[\s\S]*for every `max_delta`"),
        ("of 200", of_two_hundred, r"do not reach as far"),
        ("of half of the range", of_half, r"do not reach as far"),
        ("a clipped normal", normal_clipped, r"are not even"),
        ("a truncated normal", normal_cut_short, r"are not even|not reach as far"),
        ("two draws added", two_added, r"are not even|not reach as far"),
        ("a factor", as_factor, r"not reach as far"),
        ("a draw for each pixel", noise, r"This is noise"),
        ("a draw for each channel", tinted, r"draw for each channel changes the color"),
        ("only brighter", only_brighter, r"one way only"),
        ("drawn from hidden state", not_from_the_seed, r"does not come from the seed"),
        ("a fixed seed inside", seed_of_its_own, r"The seed that is handed in is not used"),
        (
            "the number of images taken from Python",
            size_from_python,
            r"last batch of 3[\s\S]*not known beforehand",
        ),
    ],
    "augment": [
        ("tf.image on the whole batch", on_the_whole_batch, r"use on_each_image"),
        ("one seed for all three operations", one_seed_for_all_three, r"makes one draw of\s+two"),
        ("one seed for all images", one_seed_for_all_images, r"has each image a seed of its own"),
        ("no saturation", no_saturation, r"no change of saturation"),
        ("contrast instead of saturation", contrast_instead, r"This is contrast"),
        ("saturation from 0.3 to 2", wild_saturation, r"saturation is stronger than asked for"),
        ("saturation from 1 to 1.3", only_richer, r"goes one way only"),
        ("brightness and saturation from one seed", two_from_one_seed, r"(?s)1 of 3 pairs.*draw of\s+two"),
        ("brightness up to 0.06", faint_brightness, r"weaker than asked for; look at max_delta"),
        ("brightness up to 0.3", glaring_brightness, r"stronger than asked for; look at max_delta"),
        (
            "one saturation for the batch",
            saturation_of_the_batch,
            r"All images get the same draws|use on_each_image|once: use|saturation: the same for all",
        ),
        ("upside down as well", upside_down, r"stands on its\s+head"),
        ("hue as well", hue_as_well, r"makes a paprikin of a saffrel"),
        ("not repeatable", hidden_state, r"are\s+all\s+functions\s+the\s+stateless_ ones"),
        ("floats in 0–255 handed to tf.image", floats_in_255, r"takes\s+for\s+0\s+to\s+1"),
        ("floats come back", floats_out, r"dtype has changed"),
        ("brightness up to 0.15", brightness_of_15, r"weaker than asked for; look at max_delta"),
        ("saturation from 0.8 to 1.2", saturation_to_12, r"saturation is weaker than asked for"),
        ("contrast as well", contrast_as_well, r"more\s+than\s+the\s+three"),
        ("JPEG as well", jpeg_as_well, r"more\s+than\s+the\s+three"),
        ("a faint JPEG as well", faint_jpeg_as_well, r"more\s+than\s+the\s+three"),
        ("all mirrored", all_mirrored, r"All are mirrored"),
        ("none mirrored", none_mirrored, r"None is mirrored"),
    ],
}
