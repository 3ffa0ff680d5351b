"""Lesson 01: its checks take right answers however they are written; `fit` gets the student's functions."""

import keras
import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils.checks import lesson_01


def letterbox(method):
    """Scale by one factor, then pad by hand."""

    def preprocess(image, label):
        size = tf.cast(tf.shape(image)[:2], tf.float32)
        height, width = tf.unstack(tf.cast(tf.round(size * 64 / tf.reduce_max(size)), tf.int32))
        scaled = tf.image.resize(image, [height, width], method=method, antialias=True)
        top, left = (64 - height) // 2, (64 - width) // 2
        scaled = tf.clip_by_value(scaled, 0, 255) / 255 * 2 - 1
        edges = [[top, 64 - height - top], [left, 64 - width - left], [0, 0]]
        return tf.ensure_shape(tf.pad(scaled, edges, constant_values=-1), [64, 64, 3]), label

    return preprocess


def square_first(image, label):
    side = tf.reduce_max(tf.shape(image)[:2])
    square = tf.image.resize_with_crop_or_pad(image, side, side)
    return tf.image.resize(square, (64, 64), antialias=True) / 127.5 - 1, label


def rounded_on_the_way(image, label):
    image = tf.image.resize_with_pad(image, 64, 64, antialias=True)
    image = tf.cast(tf.saturate_cast(tf.round(image), tf.uint8), tf.float32)
    return (image - 127.5) / 127.5, label


def by_keras(image, label):
    image = tf.image.resize_with_pad(image, 64, 64, method="lanczos3", antialias=True)
    return keras.applications.mobilenet_v2.preprocess_input(tf.clip_by_value(image, 0, 255)), label


def by_a_layer(image, label):
    resizing = keras.layers.Resizing(64, 64, pad_to_aspect_ratio=True, antialias=True)
    return resizing(tf.cast(image, tf.float32)) / 127.5 - 1, label


RIGHT_PICTURES = [letterbox(method) for method in ("bicubic", "lanczos5", "area")]
RIGHT_PICTURES += [square_first, rounded_on_the_way, by_keras, by_a_layer]


@pytest.mark.parametrize("answer", RIGHT_PICTURES)
def test_a_right_preprocessing_passes_however_it_is_written(answer, capsys):
    lesson_01.preprocess(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def two_branches(dataset, *, prepare, augment, batch_size, training):
    if not training:
        return dataset.map(prepare).batch(batch_size).prefetch(1)
    dataset = dataset.map(prepare, num_parallel_calls=4).cache()
    return dataset.shuffle(100_000, seed=3).map(augment).batch(batch_size, drop_remainder=True).prefetch(1)


def augmented_then_shuffled(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if training:
        dataset = dataset.map(augment).shuffle(dataset.cardinality(), reshuffle_each_iteration=True)
    return dataset.batch(batch_size, num_parallel_calls=2).prefetch(tf.data.AUTOTUNE)


def with_options(dataset, *, prepare, augment, batch_size, training):
    options = tf.data.Options()
    options.deterministic = True
    dataset = dataset.map(prepare).cache()
    shuffled = dataset.shuffle(len(dataset)).map(augment, num_parallel_calls=2)
    return (shuffled if training else dataset).batch(batch_size).prefetch(2).with_options(options)


@pytest.mark.parametrize("answer", [two_branches, augmented_then_shuffled, with_options])
def test_a_right_pipeline_passes_however_it_is_written(answer, capsys):
    lesson_01.make_batches(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what trains ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_functions_make():
    def gray(image, label):
        return tf.zeros([64, 64, 3]), label

    def of_five(dataset, *, prepare, augment, batch_size, training):
        return dataset.map(prepare).batch(5)

    changes = {"preprocess": lambda _: gray, "make_batches": lambda _: of_five}
    ((images, labels),) = lesson_spies.first_batches(1, 1, changes)
    assert images.shape == (5, 64, 64, 3) and labels.shape == (5,)
    assert not np.any(images)
