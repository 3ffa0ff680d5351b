"""Lesson 10: its checks take right answers however they are written, and close known holes."""

import math

import numpy as np
import pytest
import tensorflow as tf

from utils import evaluation
from utils.checks import harness, lesson_10
from utils.evaluation import views as course_views

# ---- Exercise 1 -------------------------------------------------------------------------------------------


def with_the_courses_functions(model, images, views):
    table = np.stack([model(view(images), training=False) for view in views])
    return course_views.average(table).argmax(axis=1), course_views.vote(table).argmax(axis=1)


def in_tensorflow(model, images, views):
    table = tf.stack([model(view(tf.constant(images))) for view in views])
    mean = tf.reduce_mean(table, axis=0)
    votes = tf.reduce_sum(tf.one_hot(tf.argmax(table, axis=2), tf.shape(table)[2]), axis=0)
    return tf.argmax(mean, axis=1), tf.argmax(votes + 0.5 * mean, axis=1)


def image_by_image_in_lists(model, images, views):
    by_average, by_vote = [], []
    tables = [model.predict(view(images), verbose=0) for view in views]
    for answers in zip(*tables, strict=True):
        mean = np.mean(answers, axis=0)
        votes = np.bincount([answer.argmax() for answer in answers], minlength=len(mean))
        tied = np.flatnonzero(votes == votes.max())
        by_average.append(int(mean.argmax()))
        by_vote.append(int(max(tied, key=lambda one, mean=mean: mean[one])))
    return [by_average, by_vote]


@pytest.mark.parametrize("answer", [with_the_courses_functions, in_tensorflow, image_by_image_in_lists])
def test_a_right_way_to_ask_passes_however_it_is_written(answer, capsys):
    lesson_10.ask(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def test_views_that_are_not_used_are_noticed():
    """The right combination of what the model says about the images as they are."""

    def views_forgotten(model, images, views):
        return in_tensorflow(model, images, [lambda images: images for _ in views])

    with pytest.raises(harness.CheckFailed, match="images as they are"):
        lesson_10.ask(views_forgotten)


# ---- Exercise 2 -------------------------------------------------------------------------------------------


def by_binomial_coefficients(before, after, labels):
    corrected = sum(b != y and a == y for b, a, y in zip(before, after, labels, strict=True))
    broken = sum(b == y and a != y for b, a, y in zip(before, after, labels, strict=True))
    throws, most = int(corrected + broken), int(max(corrected, broken))
    tail = sum(math.comb(throws, heads) for heads in range(most, throws + 1)) / 2**throws
    return corrected, broken, min(1.0, 2 * tail)


def from_the_difference(before, after, labels):
    change = (after == labels).astype(int) - (before == labels)
    corrected, broken = np.count_nonzero(change > 0), np.count_nonzero(change < 0)
    lopsided = abs(corrected - broken)
    throws = int(corrected + broken)
    far = [math.comb(throws, heads) for heads in range(throws + 1) if abs(2 * heads - throws) >= lopsided]
    return np.array([corrected, broken, sum(far) / 2**throws])


@pytest.mark.parametrize("answer", [by_binomial_coefficients, from_the_difference])
def test_a_right_sign_test_passes_however_it_is_written(answer, capsys):
    lesson_10.sign_test(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


def test_the_counts_are_those_of_the_package():
    random = np.random.default_rng(10)
    labels, (before, after) = random.integers(0, 3, 50), random.random([2, 50, 3])
    counts = lesson_10.the_courses_sign_test(before.argmax(axis=1), after.argmax(axis=1), labels)[:2]
    assert counts == course_views.corrected_and_broken(before, after, labels)
    gain = evaluation.top1(after, labels) - evaluation.top1(before, labels)
    assert gain == pytest.approx((counts[0] - counts[1]) / 50)
