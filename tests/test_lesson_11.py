"""Lesson 11: its checks take right answers however they are written."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from utils.checks import lesson_11

# ---- Exercise 1 -------------------------------------------------------------------------------------------


def by_one_hot_product(predicted, baseline, labels, num_classes):
    own = np.eye(num_classes)[labels]  # [N, K]
    gained = (predicted == labels).astype(float) - (baseline == labels)
    return 100 * gained @ own / own.sum(axis=0)


def by_groups_of_pandas(predicted, baseline, labels, num_classes):
    gained = pd.DataFrame((predicted == labels).T * 100.0 - (baseline == labels).T * 100.0)
    return gained.groupby(labels).mean().T


def seed_by_seed_in_lists(predicted, baseline, labels, num_classes):
    table = []
    for row, before in zip(predicted, baseline, strict=True):
        points = []
        for number in range(num_classes):
            own = [place for place, label in enumerate(labels) if label == number]
            gained = sum(int(row[place] == number) - int(before[place] == number) for place in own)
            points.append(gained / len(own) * 100)
        table.append(points)
    return table


def in_tensorflow(predicted, baseline, labels, num_classes):
    def shares(rows):
        right = tf.cast(tf.equal(rows, labels), tf.float32)
        return tf.stack([tf.math.segment_mean(*_sorted(labels, row)) for row in right])

    return 100 * (shares(predicted) - shares(baseline))


def _sorted(labels, row):
    order = tf.argsort(labels, stable=True)
    return tf.gather(row, order), tf.gather(labels, order)


DIFFERENCES = [by_one_hot_product, by_groups_of_pandas, seed_by_seed_in_lists, in_tensorflow]


@pytest.mark.parametrize("answer", DIFFERENCES)
def test_right_differences_pass_however_they_are_written(answer, capsys):
    lesson_11.class_differences(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


# ---- Exercise 2 -------------------------------------------------------------------------------------------


def by_corrected_p_values(p_values, level):
    values = np.asarray(p_values)
    order = np.argsort(values)
    corrected = np.empty(len(values))
    corrected[order] = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return corrected <= level + 1e-12


def smallest_again_and_again(p_values, level):
    left, answer = dict(enumerate(p_values)), [False] * len(p_values)
    while left:
        place = min(left, key=left.get)
        if left[place] > level / len(left):
            break
        answer[place] = True
        del left[place]
    return answer


@pytest.mark.parametrize("answer", [by_corrected_p_values, smallest_again_and_again])
def test_a_right_correction_passes_however_it_is_written(answer, capsys):
    lesson_11.holm(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")
