"""Lesson 02: its checks take right answers however they are written; `fit` gets the student's function."""

import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils.checks import lesson_02


def image_by_image(images, max_delta, *, seed):
    seeds = tf.random.split(seed, tf.shape(images)[0])

    def one(pair):
        return tf.image.stateless_random_brightness(pair[0], max_delta, pair[1])

    return tf.map_fn(one, (images, seeds), fn_output_signature=images.dtype)


def from_zero_to_one(images, max_delta, *, seed):
    numbers = (2 * tf.random.stateless_uniform([tf.shape(images)[0]], seed) - 1) * max_delta
    floats = tf.image.convert_image_dtype(images, tf.float32) + numbers[:, None, None, None]
    return tf.image.convert_image_dtype(tf.clip_by_value(floats, 0, 1), tf.uint8, saturate=True)


def in_whole_numbers(images, max_delta, *, seed):
    most = tf.cast(tf.round(255 * max_delta), tf.int32)
    shape = [tf.shape(images)[0], 1, 1, 1]
    numbers = tf.random.stateless_uniform(shape, seed, -most, most + 1, tf.int32)
    return tf.cast(tf.minimum(tf.maximum(tf.cast(images, tf.int32) + numbers, 0), 255), tf.uint8)


@pytest.mark.parametrize("answer", [image_by_image, from_zero_to_one, in_whole_numbers])
def test_a_right_brightness_passes_however_it_is_written(answer, capsys):
    lesson_02.brighten(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def saturation_first(images, *, seed):
    def change(pair):
        image, seeds = pair
        image = tf.image.stateless_random_saturation(image, 0.7, 1.3, seeds[0])
        image = tf.image.stateless_random_brightness(image, 0.2, seeds[2])
        return tf.image.stateless_random_flip_left_right(image, seeds[1])

    seeds = tf.reshape(tf.random.split(seed, 3 * tf.shape(images)[0]), [-1, 3, 2])
    return tf.map_fn(change, (images, seeds), fn_output_signature=images.dtype)


def in_floats_and_rounded(images, *, seed):
    mirror, light, color = tf.unstack(tf.random.split(seed, 3))
    shape = [tf.shape(images)[0], 1, 1, 1]
    floats = tf.cast(images, tf.float32)
    floats = tf.where(tf.random.stateless_uniform(shape, mirror) < 0.5, floats[:, :, ::-1], floats)
    floats = floats + 255 * tf.random.stateless_uniform(shape, light, -0.2, 0.2)
    floats = tf.clip_by_value(floats, 0, 255)
    top = tf.reduce_max(floats, axis=-1, keepdims=True)
    floats = top - (top - floats) * tf.random.stateless_uniform(shape, color, 0.7, 1.3)
    return tf.cast(tf.round(tf.clip_by_value(floats, 0, 255)), images.dtype)


def in_floats_from_zero_to_one(images, *, seed):
    def change(pair):
        numbers = tf.random.stateless_uniform([3], pair[1])
        image = tf.cond(numbers[0] < 0.5, lambda: tf.image.flip_left_right(pair[0]), lambda: pair[0])
        image = tf.image.adjust_brightness(image, 0.4 * numbers[1] - 0.2)
        return tf.clip_by_value(tf.image.adjust_saturation(image, 0.7 + 0.6 * numbers[2]), 0, 1)

    seeds = tf.random.split(seed, tf.shape(images)[0])
    pairs = tf.image.convert_image_dtype(images, tf.float32), seeds
    changed = tf.map_fn(change, pairs, fn_output_signature=tf.float32)
    return tf.image.convert_image_dtype(changed, images.dtype, saturate=True)


def flips_of_the_batch(images, *, seed):
    """`stateless_random_flip_left_right` draws for each image of a batch; the others take the loop."""
    first, second = tf.unstack(tf.random.split(seed, 2))

    def change(pair):
        light, color = tf.unstack(tf.random.split(pair[1], 2))
        image = tf.image.stateless_random_brightness(pair[0], 0.2, light)
        return tf.image.stateless_random_saturation(image, 0.7, 1.3, color)

    images = tf.image.stateless_random_flip_left_right(images, first)
    seeds = tf.random.split(second, tf.shape(images)[0])
    return tf.map_fn(change, (images, seeds), fn_output_signature=images.dtype)


@pytest.mark.parametrize(
    "answer", [saturation_first, in_floats_and_rounded, in_floats_from_zero_to_one, flips_of_the_batch]
)
def test_a_right_augmentation_passes_however_it_is_written(answer, capsys):
    lesson_02.augment(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what trains ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_function_makes():
    def black(images, *, seed):
        return tf.zeros_like(images)

    # What measures hues takes long, and trains nothing.
    plain, augmented = lesson_spies.first_batches(2, 2, {"augment": lambda _: black}, without=("kept(",))
    assert np.any(plain[0]) and not np.any(augmented[0])
