"""Lesson 08: its checks take right answers however they are written; `fit` gets the student's function."""

import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils import mixing
from utils.checks import lesson_08

# ---- right answers ----------------------------------------------------------------------------------------


def box_in_numpy(height, width, lam, row, column):
    size = np.array([height, width])
    half = size * np.sqrt(1 - lam) / 2
    center = np.array([row, column])
    edges = np.concatenate([np.clip(np.floor(center + way * half), 0, size) for way in (-1, 1)])
    return edges.astype(int)


def box_in_tensorflow(height, width, lam, row, column):
    root = tf.sqrt(1.0 - lam)
    start = tf.round(tf.stack([row - height * root / 2, column - width * root / 2]))
    stop = start + tf.round(tf.stack([height * root, width * root]))
    edges = tf.concat([tf.maximum(start, 0), tf.minimum(stop, [height, width])], axis=0)
    return tf.unstack(tf.cast(edges, tf.int32))


def box_of_the_authors(height, width, lam, row, column):
    """As in https://github.com/clovaai/CutMix-PyTorch, which cuts off all fractions."""
    cut_height, cut_width = int(height * (1 - lam) ** 0.5), int(width * (1 - lam) ** 0.5)
    row, column = int(row), int(column)
    top, bottom = np.clip([row - cut_height // 2, row + cut_height // 2], 0, height)
    left, right = np.clip([column - cut_width // 2, column + cut_width // 2], 0, width)
    return top, left, bottom, right


@pytest.mark.parametrize("answer", [box_in_numpy, box_in_tensorflow, box_of_the_authors])
def test_a_right_box_passes_however_it_is_written(answer, capsys):
    lesson_08.box_from_lam(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def _drawn(images, seed):
    drawn = mixing.cutmix_parameters(images, seed=seed)
    return drawn.partner, *tf.unstack(drawn.box, axis=1)


def shares_counted_from_the_mask(images, labels, *, seed):
    partner, top, left, bottom, right = _drawn(images, seed)
    rows = tf.range(tf.shape(images)[1])[tf.newaxis, :, tf.newaxis, tf.newaxis]
    columns = tf.range(tf.shape(images)[2])[tf.newaxis, tf.newaxis, :, tf.newaxis]
    top, left, bottom, right = (tf.reshape(edge, [-1, 1, 1, 1]) for edge in (top, left, bottom, right))
    mask = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    own = tf.reduce_mean(tf.cast(~mask, labels.dtype), axis=[1, 2])
    mixed = tf.where(mask, tf.gather(images, partner), images)
    return mixed, own * labels + (1 - own) * tf.gather(labels, partner)


def pixels_by_arithmetic(images, labels, *, seed):
    partner, top, left, bottom, right = _drawn(images, seed)
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    rows = tf.sequence_mask(bottom, height, images.dtype) - tf.sequence_mask(top, height, images.dtype)
    columns = tf.sequence_mask(right, width, images.dtype) - tf.sequence_mask(left, width, images.dtype)
    mask = (rows[:, :, tf.newaxis] * columns[:, tf.newaxis, :])[..., tf.newaxis]
    mixed = images * (1 - mask) + tf.gather(images, partner) * mask
    share = tf.cast((bottom - top) * (right - left) / (height * width), labels.dtype)
    moved = tf.gather(labels, partner) - labels
    return mixed, labels + share[:, tf.newaxis] * moved


@tf.function
def image_by_image_in_a_graph(images, labels, *, seed):
    partner, *edges = _drawn(images, seed)

    def one(arguments):
        image, label, other, other_label, (top, left, bottom, right) = arguments
        height, width = tf.shape(image)[0], tf.shape(image)[1]
        box = tf.ones([bottom - top, right - left, 1], tf.bool)
        mask = tf.pad(box, [[top, height - bottom], [left, width - right], [0, 0]])
        share = tf.cast(tf.size(box) / (height * width), label.dtype)
        return tf.where(mask, other, image), (1 - share) * label + share * other_label

    arguments = (images, labels, tf.gather(images, partner), tf.gather(labels, partner), tuple(edges))
    return tf.map_fn(one, arguments, fn_output_signature=(images.dtype, labels.dtype))


RIGHT_BATCHES = [shares_counted_from_the_mask, pixels_by_arithmetic, image_by_image_in_a_graph]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT_BATCHES)
def test_a_right_mix_passes_however_it_is_written(answer, capsys):
    lesson_08.cutmix_batch(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_function_makes():
    def marking(function):
        def mix(images, labels, *, seed):
            mixed, mixed_labels = function(images, labels, seed=seed)
            return tf.cast(mixed, tf.float32) + 1000.0, mixed_labels

        return mix

    (plain, labels), (mixed, mixed_labels) = lesson_spies.first_batches(8, 2, {"cutmix_batch": marking})
    assert plain.max() < 1000 <= mixed.min()
    assert set(np.unique(labels)) == {0, 1}
    assert ((mixed_labels > 0).sum(axis=1) > 1).any()  # soft labels
