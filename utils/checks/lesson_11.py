"""The checks of lesson 11: the change of each class, Holm's correction."""

import numpy as np
from numpy.typing import ArrayLike

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def the_courses_differences(
    predicted: np.ndarray,
    baseline: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    *,
    right=lambda rows, labels, one: (rows == one) & (labels == one),
    of=lambda rows, labels, one, classes: (labels == one).sum(),
    subtract=lambda new, old: new - old,
    scale=100,
    answer=lambda points: points,
) -> np.ndarray:
    """The right answer: points that each class gains, seed by seed: [S, K]."""

    def shares(rows):
        counted = [right(rows, labels, one).sum(axis=1) for one in range(num_classes)]
        images = [of(rows, labels, one, num_classes) for one in range(num_classes)]
        return np.stack([count / size for count, size in zip(counted, images, strict=True)], axis=1)

    with np.errstate(divide="ignore", invalid="ignore"):
        return answer(scale * subtract(shares(predicted), shares(baseline)))


def _predictions_tried():
    labels = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    baseline = np.array([[0, 0, 1, 1, 1, 1, 2, 0], [0, 1, 1, 1, 1, 0, 2, 2]])
    predicted = np.array([[0, 0, 0, 1, 1, 0, 2, 0], [0, 0, 1, 0, 1, 2, 0, 0]])
    tries = [tables.given(predicted, baseline, labels, 3)]
    random = np.random.default_rng(11)
    for seeds, classes, images in [(5, 4, 60), (3, 3, 40), (2, 6, 90), (1, 3, 30)]:
        labels = np.concatenate([np.arange(classes), random.integers(0, classes, images) ** 2 // classes])
        guesses = random.integers(0, classes, [2, seeds, len(labels)])
        know = random.random(guesses.shape) < np.array([0.6, 0.4])[:, np.newaxis, np.newaxis]
        tries.append(tables.given(*np.where(know, labels, guesses), labels, classes))
    return tries


class_differences = tables.Table(
    title="Exercise 1: the points that each class gains or loses, seed by seed.",
    right=the_courses_differences,
    tries=_predictions_tried,
    read=lambda answer: np.asarray(answer, dtype=np.float64),
    tolerance=1e-3,
    mistakes={
        "The sign is turned round: `predicted` minus `baseline`, so that a gain is above 0.": {
            "subtract": lambda new, old: old - new
        },
        "These are shares. A percentage point is a hundredth: times 100.": {"scale": 1},
        "This is the change in percent of what `baseline` has. A percentage point is a hundredth of the "
        "images of the class: subtract, and do not divide.": {"subtract": lambda new, old: (new - old) / old},
        "This is the accuracy of `predicted`; what `baseline` has is still to be subtracted.": {
            "subtract": lambda new, old: new
        },
        "These are whole numbers. Do not round.": {"answer": np.round},
        "Rows and columns have changed places: a row for each seed, a column for each class.": {
            "answer": np.transpose
        },
        "This is the mean over the seeds. Give each seed a row: the pairs are needed to tell how sure the "
        "mean is.": {"answer": lambda points: points.mean(axis=0)},
        "This divides by how often the class was *named*. Divide by the images that *are* of the class: "
        "those whose label it is.": {"of": lambda rows, labels, one, classes: (rows == one).sum(axis=1)},
        "This divides by all images. The accuracy of a class is a share of its own images.": {
            "of": lambda rows, labels, one, classes: labels.size
        },
        "This takes every class for equally large. Here they are not: count the images of each.": {
            "of": lambda rows, labels, one, classes: labels.size / classes
        },
        "This counts an image of another class as right where it is not named so. Look at the images of the "
        "class only.": {
            "right": lambda rows, labels, one: (rows == one) == (labels == one),
            "of": lambda rows, labels, one, classes: labels.size,
        },
        "This counts how often a class is named, right or wrong. Count only where the label agrees.": {
            "right": lambda rows, labels, one: rows == one
        },
    },
    form="Return an array of numbers with a row for each seed and a column for each class, [S, K].",
    otherwise="Take one class and one seed: of the images whose label is that class, which share is named "
    "right with the augmentation, and which share without?",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def the_courses_holm(
    p_values: ArrayLike,
    level: float,
    *,
    limit=lambda level, count, ranks: level / (count - ranks),
    ranks=lambda order: np.arange(len(order)),
    holds=np.less_equal,
    stop=np.logical_and.accumulate,
    places=lambda order: order,
    answer=lambda kept: kept,
) -> list[bool]:
    """Which p-values are at most their limit, from the smallest on, up to the first that is not."""
    values = np.array(p_values)
    order = np.argsort(values)
    with np.errstate(divide="ignore"):
        limits = limit(level, len(values), ranks(order))
    result = np.zeros(len(values), dtype=bool)
    result[places(order)] = stop(holds(values[order], limits))
    return answer(result).tolist()


def _p_values():
    cases = [
        ([0.001, 0.04, 0.03, 0.015], 0.05),
        ([0.04, 0.02, 0.03], 0.05),
        ([0.3, 0.001, 0.9, 0.2], 0.05),
        ([0.3, 0.02, 0.9, 0.2], 0.05),
        ([0.001, 0.0002, 0.003], 0.05),
        ([0.03], 0.05),
        ([0.03, 0.002, 0.02, 0.06], 0.1),
        ([0.006, 0.03, 0.014, 0.021, 0.001], 0.05),
        ([0.3, 0.025, 0.001], 0.05),  # 0.025 is exactly at its limit
    ]
    random = np.random.default_rng(112)
    for count in [12, 5, 8, 12, 3, 6, 12, 4] * 3:
        values = np.unique(np.round(random.random(count) ** random.integers(2, 7), 5))
        cases.append((values[random.permutation(len(values))].tolist(), 0.05))
    return [tables.given(*case) for case in cases]


def _as_bools(answer):
    array = np.asarray(answer)
    if not np.isin(array, [0, 1]).all():
        raise ValueError("these are no answers to a yes-or-no question")
    return array.astype(bool)


holm = tables.Table(
    title="Exercise 2: the p-values that hold when all of them are looked at.",
    right=the_courses_holm,
    tries=_p_values,
    read=_as_bools,
    mistakes={
        "Every p-value is compared with `level` itself, as if it were the only one.": {
            "limit": lambda level, count, ranks: level
        },
        "Every p-value is compared with level / number. That is Bonferroni's correction, which is right but "
        "stricter: after the smallest one has held, one less is left to look at.": {
            "limit": lambda level, count, ranks: level / count
        },
        "This goes on after the first p-value that does not hold. There Holm stops: no larger one holds "
        "either.": {"stop": np.asarray},
        "These are the answers in the order from small to large p-values. Put each where its p-value stood "
        "in the list.": {"places": np.sort},
        "The answers are turned round: True is where the p-value holds.": {"answer": np.logical_not},
        "The limits grow as level · 1 / n, level · 2 / n, …: that is the procedure of Benjamini and "
        "Hochberg, which promises something weaker.": {
            "limit": lambda level, count, ranks: level * (ranks + 1) / count,
            "stop": lambda below: np.logical_or.accumulate(below[::-1])[::-1],
        },
        "A p-value that equals its limit holds, too: it must be *at most* the limit.": {"holds": np.less},
        "The divisor is one too small: the smallest of n p-values is compared with level / n.": {
            "limit": lambda level, count, ranks: level / (count - ranks - 1)
        },
        "`np.argsort` gives places, not ranks: its first entry says where the smallest p-value stands, not "
        "how small the first p-value is.": {"ranks": lambda order: order[order], "stop": np.asarray},
        "The level is 0.05 whatever `level` says.": {
            "limit": lambda level, count, ranks: 0.05 / (count - ranks)
        },
    },
    form="Return True or False for each p-value, in the order in which they came: does it hold?",
    otherwise="Sort the p-values. The smallest is compared with level / n, the next with level / (n − 1), "
    "and so on, up to the first that is too large.",
)
