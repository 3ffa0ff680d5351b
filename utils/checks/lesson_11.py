"""The checks of lesson 11: the change of each class, Holm's correction."""

from collections.abc import Callable

import numpy as np

from utils.checks import harness, tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def class_differences(function: Callable) -> None:
    """Check `class_differences(predicted, baseline, labels, num_classes) -> points [S, K]`."""
    labels = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    baseline = np.array([[0, 0, 1, 1, 1, 1, 2, 0], [0, 1, 1, 1, 1, 0, 2, 2]])
    predicted = np.array([[0, 0, 0, 1, 1, 0, 2, 0], [0, 0, 1, 0, 1, 2, 0, 0]])
    _check_differences(function, predicted, baseline, labels, 3)
    random = np.random.default_rng(11)
    for seeds, classes, images in [(5, 4, 60), (3, 3, 40), (2, 6, 90), (1, 3, 30)]:
        labels = np.concatenate([np.arange(classes), random.integers(0, classes, images) ** 2 // classes])
        guesses = random.integers(0, classes, [2, seeds, len(labels)])
        know = random.random(guesses.shape) < np.array([0.6, 0.4])[:, np.newaxis, np.newaxis]
        _check_differences(function, *np.where(know, labels, guesses), labels, classes)
    harness.passed("Exercise 1: the points that each class gains or loses, seed by seed.")


def _check_differences(function, predicted, baseline, labels, classes):
    short = labels.size <= 8
    tried = (
        harness.shown_call(function, predicted, baseline, labels, classes)
        if short
        else f"{len(predicted)} seeds, {labels.size} images of {classes} classes; "
        f"images of each class: {np.bincount(labels).tolist()}"
    )
    result = harness.call(function, predicted, baseline, labels, classes, tried=tried)
    wrong = _difference_mistakes(predicted, baseline, labels, classes)
    expected = wrong.pop("right")
    try:
        array = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape == expected.shape and np.allclose(array, expected, atol=1e-3):
        return
    hint = next(
        (
            hint
            for hint, values in wrong.items()
            if np.shape(values) == array.shape and np.allclose(array, values, atol=2e-3, equal_nan=True)
        ),
        f"The shape is {list(array.shape)}; a row for each seed and a column for each class is "
        f"{list(expected.shape)}."
        if array.shape != expected.shape
        else "Take one class and one seed: of the images whose label is that class, which share is named "
        "right with the augmentation, and which share without?",
    )
    harness.fail(tried=tried, got=result, expected=np.round(expected, 2), hint=hint)


def _shares(predicted, labels, classes, of=None):
    """Right predictions of each class as a share of `of` images [S, K], or of the class's own."""
    right = np.array([np.bincount(labels[row == labels], minlength=classes) for row in predicted])
    return right / (np.bincount(labels, minlength=classes) if of is None else of)


def _difference_mistakes(predicted, baseline, labels, classes):
    """The right answer, and what the usual mistakes would give: hint → value."""

    def of(measure):
        return 100 * (measure(predicted) - measure(baseline))

    def precision(rows):
        named = np.array([np.bincount(row, minlength=classes) for row in rows])
        with np.errstate(invalid="ignore"):
            return _shares(rows, labels, classes, named)

    def one_against_all(rows):
        return np.array(
            [[((row == one) == (labels == one)).mean() for one in range(classes)] for row in rows]
        )

    def named(rows):
        counts = np.array([np.bincount(row, minlength=classes) for row in rows])
        return counts / np.bincount(labels, minlength=classes)

    right = of(lambda rows: _shares(rows, labels, classes))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = right / _shares(baseline, labels, classes)
    return {
        "right": right,
        "The sign is turned round: `predicted` minus `baseline`, so that a gain is above 0.": -right,
        "These are shares. A percentage point is a hundredth: times 100.": right / 100,
        "This is the change in percent of what `baseline` has. A percentage point is a hundredth of the "
        "images of the class: subtract, and do not divide.": relative,
        "These are whole numbers. Do not round.": np.round(right),
        "These are shares, and the sign is turned round.": -right / 100,
        "Rows and columns have changed places: a row for each seed, a column for each class.": right.T,
        "This is the mean over the seeds. Give each seed a row: the pairs are needed to tell how sure "
        "the mean is.": right.mean(axis=0),
        "This divides by how often the class was *named*. Divide by the images that *are* of the class: "
        "those whose label it is.": of(precision),
        "This divides by all images. The accuracy of a class is a share of its own images.": of(
            lambda rows: _shares(rows, labels, classes, labels.size)
        ),
        "This takes every class for equally large. Here they are not: count the images of each.": of(
            lambda rows: _shares(rows, labels, classes, labels.size / classes)
        ),
        "This counts an image of another class as right where it is not named so. Look at the images of "
        "the class only.": of(one_against_all),
        "This counts how often a class is named, right or wrong. Count only where the label agrees.": of(
            named
        ),
        "This is the accuracy over all classes. Which images does a column look at?": np.repeat(
            of(lambda rows: (rows == labels).mean(axis=1, keepdims=True)), classes, axis=1
        ),
        "This is the accuracy of `predicted`; what `baseline` has is still to be subtracted.": 100
        * _shares(predicted, labels, classes),
    }


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _holm(
    p_values,
    level,
    *,
    limit=lambda level, count, ranks: level / (count - ranks),
    ranks=lambda order: np.arange(len(order)),
    holds=np.less_equal,
    stop=np.logical_and.accumulate,
    places=lambda order: order,
    answer=lambda kept: kept,
):
    """Which p-values are at most their limit, from the smallest on, up to the first that is not."""
    values = np.array(p_values)
    order = np.argsort(values)
    with np.errstate(divide="ignore"):
        limits = limit(level, len(values), ranks(order))
    result = np.zeros(len(values), dtype=bool)
    result[places(order)] = stop(holds(values[order], limits))
    return answer(result).tolist()


def _up_to_the_last(below):
    return np.logical_or.accumulate(below[::-1])[::-1]


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
    right=_holm,
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
            "stop": _up_to_the_last,
        },
        "This starts from the largest p-value and takes all below the first that holds. Holm starts from the "
        "smallest one.": {"stop": _up_to_the_last},
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
