"""Lesson 06: its checks take right answers however they are written; `fit` gets the student's loop."""

import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils import augment
from utils.checks import lesson_06

# ---- right answers ----------------------------------------------------------------------------------------


def by_where(images, operations, *, seed, num_ops):
    for step in range(num_ops):
        step_seed = tf.random.experimental.stateless_fold_in(seed, step)
        numbers = tf.random.stateless_uniform(tf.shape(images)[:1], step_seed, 0, len(operations), tf.int32)
        changed = images
        for number, operation in enumerate(operations):
            one = operation(images, seed=step_seed + number + 1)
            changed = tf.where((numbers == number)[:, tf.newaxis, tf.newaxis, tf.newaxis], one, changed)
        images = changed
    return images


def all_numbers_at_once(images, operations, *, seed, num_ops):
    draws = tf.floor(tf.random.stateless_uniform([num_ops, tf.shape(images)[0]], seed) * len(operations))
    for step, draw in enumerate(tf.unstack(tf.cast(draws, tf.int32))):
        changed = tf.stack([operation(images, seed=seed + step + 1) for operation in operations])
        images = tf.gather_nd(changed, tf.stack([draw, tf.range(tf.size(draw))], axis=1))
    return images


def image_by_image(images, operations, *, seed, num_ops):
    return augment.random_pipeline(operations, num_ops)(images, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("answer", [by_where, all_numbers_at_once, image_by_image])
def test_a_right_loop_passes_however_it_is_written(answer, capsys):
    lesson_06.rand_augment_batch(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def with_arrays(accuracies, start, gain):
    behind = np.maximum.accumulate(accuracies) - np.array(accuracies)
    return np.minimum(10, start + gain * np.cumsum([0.0, *behind[:-1]]))


def from_the_epochs_before(accuracies, start, gain):
    magnitudes = [start]
    for epoch in range(1, len(accuracies)):
        fallen = max(accuracies[:epoch]) - accuracies[epoch - 1]
        magnitudes.append(min(magnitudes[-1] + gain * fallen, 10.0))
    return magnitudes


@pytest.mark.parametrize("answer", [with_arrays, from_the_epochs_before])
def test_a_right_rule_passes_however_it_is_written(answer, capsys):
    lesson_06.magnitudes_of(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_loop_makes():
    def black(images, operations, *, seed, num_ops):
        return tf.zeros_like(images)

    batches = lesson_spies.first_batches(6, 2, {"rand_augment_batch": lambda _: black})
    assert [np.any(images) for images, _ in batches] == [False, False]
