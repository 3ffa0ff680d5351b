"""The checks of lesson 06: counting policies, an adaptive M, a top-k ensemble."""

import functools
from collections.abc import Callable

import numpy as np

from utils.checks import harness

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def number_of_policies(function: Callable) -> None:
    """Check `number_of_policies(operations, probabilities, magnitudes, steps, sub_policies) -> int`."""
    cases = [(3, 2, 5, 2, 3), (2, 3, 4, 1, 1), (2, 1, 1, 2, 1), (3, 2, 1, 1, 2), (16, 11, 10, 2, 5)]
    random = np.random.default_rng(61)
    cases += [tuple(int(number) for number in random.integers(2, 7, 5)) for _ in range(5)]
    for case in cases:
        _check_count(function, *case)
    harness.passed("Exercise 1: every choice is counted, to the last digit.")


def _check_count(function, *case):
    tried = harness.shown_call(function, *case)
    result = harness.call(function, *case, tried=tried)
    expected = functools.reduce(lambda number, choices: number * choices, _every_choice(*case), 1)
    fail = functools.partial(harness.fail, tried=tried, got=_digits(result), expected=_digits(expected))
    if not isinstance(result, int | float | np.number) or isinstance(result, bool):
        fail(hint="Return one number.")
    if isinstance(result, float | np.floating) and not np.isfinite(result):
        fail(hint="A float has run over. Python's whole numbers have no end: use * and ** alone.")
    if int(result) == expected:
        return
    if isinstance(result, np.integer):
        fail(hint="NumPy's whole numbers have 64 bits and overflow. Python's own have no end.")
    if abs(float(result) - float(expected)) <= 1e-6 * float(expected):
        fail(
            hint="Nearly: a float holds 16 digits, the rest is lost. Whole numbers with * and ** stay exact; "
            "`math.pow`, division and 1e… make floats."
        )
    fail(hint=_count_hint(result, *case))


def _digits(number):
    return f"{number:,}" if isinstance(number, int) else str(number)


def _every_choice(operations, probabilities, magnitudes, steps, sub_policies):
    """The number of choices at each place of a policy, one after the other."""
    return [operations, probabilities, magnitudes] * (steps * sub_policies)


def _count_hint(result, operations, probabilities, magnitudes, steps, sub_policies):
    one = operations * probabilities * magnitudes
    wrong = {
        one * steps * sub_policies: "Two choices of 10 each are 10 · 10, not 10 + 10: a further operation "
        "multiplies the number of policies by the number of its choices.",
        one**steps * sub_policies: "The operations of a sub-policy are multiplied, but the sub-policies are "
        "added. They are chosen independently, too.",
        one**sub_policies: "This is for sub-policies of one operation. Each has `steps` of them.",
        one**steps: "This is the number of sub-policies. A policy has `sub_policies` of them.",
        one: "This is the number of choices for a single operation.",
        one ** (steps + sub_policies): "How many operations are in a whole policy? `sub_policies` times "
        "`steps`, not their sum.",
        (operations + probabilities + magnitudes)
        ** (steps * sub_policies): "Each operation may go with each "
        "probability and each magnitude: these choices are multiplied, not added.",
        operations ** (steps * sub_policies)
        * probabilities
        * magnitudes: "Every operation has a probability and a magnitude of its own.",
        (operations * magnitudes) ** (steps * sub_policies): "The probabilities are missing.",
        (operations * probabilities) ** (steps * sub_policies): "The magnitudes are missing.",
    }
    if result in wrong:
        return wrong[result]
    if result < one ** (steps * sub_policies):
        return (
            "Too few. Order matters, and everything may come again: the same operation twice, and the same "
            "sub-policy twice, so nothing is divided out."
        )
    return "How many choices has one operation, and how many operations are in a whole policy?"


def _name(function):
    return getattr(function, "__name__", "the function")


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def magnitudes_of(function: Callable) -> None:
    """Check `magnitudes_of(accuracies, start, gain) -> list`."""
    cases = [
        ([0.6, 0.8, 0.7, 0.75, 0.9, 0.8], 0.0, 10.0),
        ([0.8, 0.75, 0.85, 0.85], 0.0, 10.0),
        ([0.5, 0.6, 0.7, 0.8], 2.0, 10.0),
        ([0.8, 0.5, 0.2, 0.3, 0.9], 4.0, 20.0),
        ([0.7], 3.0, 10.0),
    ]
    random = np.random.default_rng(64)
    for gain in (5.0, 10.0, 40.0, 10.0):
        count = int(random.integers(4, 9))
        cases.append((random.uniform(0.3, 0.9, count).round(2).tolist(), float(random.integers(0, 4)), gain))
    for accuracies, start, gain in cases:
        _check_magnitudes(function, accuracies, start, gain)
    harness.passed("Exercise 2: M rises by what the accuracy has lost, and only then.")


def _check_magnitudes(function, accuracies, start, gain):
    tried = harness.shown_call(function, accuracies, start, gain)
    result = harness.call(function, list(accuracies), start, gain, tried=tried)
    candidates = _rules(accuracies, start, gain)
    expected = candidates.pop("right")
    fail = functools.partial(harness.fail, tried=tried, expected=_rounded(expected))
    try:
        values = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        fail(got=result, hint="Return a list of numbers.")
    if values.ndim != 1:
        fail(got=result, hint="Return a list with one M for each epoch, not only the last M.")
    if values.shape != (len(accuracies),):
        fail(
            got=_rounded(values),
            hint="There is one M too many: the accuracy of the last epoch decides nothing any more."
            if len(values) == len(accuracies) + 1
            else f"There are {len(accuracies)} epochs, and each has an M.",
        )
    if not np.allclose(values, expected, atol=1e-6):
        fail(got=_rounded(values), hint=_rule_hint(values, candidates))


def _rounded(values):
    return "[" + ", ".join(f"{float(value):.4g}" for value in values) + "]"


def _rules(accuracies, start, gain):
    """The right magnitudes, written with arrays, and what the usual mistakes would give."""
    accuracies = np.asarray(accuracies, dtype=np.float64)
    best = np.maximum.accumulate(accuracies)
    before = np.concatenate([[accuracies[0]], accuracies[:-1]])  # the accuracy one epoch earlier
    best_before = np.concatenate([[accuracies[0]], best[:-1]])
    behind = best - accuracies

    def magnitudes(rise, cap=10.0):
        return np.minimum(cap, start + gain * np.concatenate([[0], np.cumsum(rise)[:-1]]))

    return {
        "right": magnitudes(behind),
        "one early": np.minimum(10, start + gain * np.cumsum(behind)),
        "one late": np.concatenate([[start], magnitudes(behind)[:-1]]),
        "no end": magnitudes(behind, np.inf),
        "last epoch": magnitudes(np.maximum(0, before - accuracies)),
        "last epoch, both ways": magnitudes(before - accuracies),
        "falls": magnitudes(best_before - accuracies),
        "final best": magnitudes(accuracies.max() - accuracies),
        "rises with the accuracy": magnitudes(accuracies - best_before),
        "from the start": np.minimum(10, start + gain * np.concatenate([[0], behind[:-1]])),
        "whole steps": magnitudes(behind > 0),
        "without gain": np.minimum(10, start + np.concatenate([[0], np.cumsum(behind)[:-1]])),
        "below zero": magnitudes(-behind),
    }


_RULE_HINTS = {
    "one early": "Each M comes one epoch too early: the first epoch has `start`, and its accuracy decides on "
    "the second one.",
    "one late": "Each M comes one epoch too late: the accuracy of an epoch decides on the very next one.",
    "no end": "M never exceeds 10: `min(10, …)`.",
    "last epoch": "Compared with the epoch before, not with the best so far: an accuracy that stays low "
    "counts again in every epoch.",
    "last epoch, both ways": "Compared with the epoch before, not with the best so far.",
    "falls": "M has fallen at a new best. There it stays: the new accuracy is the best so far, and the "
    "difference is 0.",
    "final best": "Compared with the best of all epochs, also of later ones. During training nobody knows "
    "them: the best so far.",
    "rises with the accuracy": "M rises when the accuracy does. It shall rise when the accuracy is "
    "below its best.",
    "from the start": "Each M is `start` plus the last difference. It rises from where it was: the rises "
    "add up.",
    "whole steps": "M rises by the same step each time. It shall rise in proportion: `gain` times the "
    "difference.",
    "without gain": "The difference is not multiplied by `gain`.",
    "below zero": "The sign is turned round: best minus accuracy, not accuracy minus best.",
}


def _rule_hint(values, candidates):
    for name, hint in _RULE_HINTS.items():
        if np.allclose(values, candidates[name], atol=1e-6):
            return hint
    if (np.diff(values) < -1e-9).any():
        return "M never falls: at a new best the difference is 0, and M stays."
    return (
        "Write down, epoch by epoch, the best accuracy so far and the difference to it. M rises by `gain` "
        "times it."
    )


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def top_k(function: Callable) -> None:
    """Check `top_k(validation, probabilities, k) -> probabilities [N, K]`."""
    random = np.random.default_rng(65)
    for networks, images, classes, k in [
        (3, 2, 2, 1),
        (4, 3, 3, 2),
        (6, 5, 4, 3),
        (5, 2, 3, 5),
        (8, 6, 12, 5),
    ]:
        validation = random.permutation(np.linspace(0.5, 0.9, networks)).round(3)
        probabilities = random.dirichlet(np.ones(classes), (networks, images))
        _check_ensemble(function, validation, probabilities, k)
    harness.passed("Exercise 3: the members are chosen on validation, and their probabilities averaged.")


def _check_ensemble(function, validation, probabilities, k):
    networks, images, classes = probabilities.shape
    tried = f"{_name(function)}({harness.shown(validation)}, probabilities {list(probabilities.shape)}, {k})"
    result = harness.call(function, validation.copy(), probabilities.copy(), k, tried=tried)
    ranked = sorted(range(networks), key=lambda network: -validation[network])
    expected = sum(probabilities[network] for network in ranked[:k]) / k
    fail = functools.partial(harness.fail, tried=tried, expected=expected)
    try:
        values = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        fail(got=result, hint="Return an array of probabilities.")
    if values.shape != (images, classes):
        fail(
            got=f"an array of shape {list(values.shape)}",
            hint=_shape_hint(values.shape, probabilities.shape, k),
        )
    if not np.allclose(values, expected, atol=1e-6):
        fail(got=values, hint=_ensemble_hint(values, validation, probabilities, ranked, k))


def _shape_hint(shape, whole, k):
    _, images, classes = whole
    if shape == (k, images, classes):
        return "These are the members' own probabilities. Average over the members, the first axis."
    if shape == (images,):
        return "One number for each image: return the probabilities of all classes, not the class."
    return f"The mean over the members has the shape {[images, classes]}: images and classes stay."


def _ensemble_hint(values, validation, probabilities, ranked, k):
    networks = len(ranked)
    members = probabilities[ranked[:k]]
    votes = np.eye(members.shape[2])[members.argmax(axis=2)].mean(axis=0)
    product = np.exp(np.log(members).mean(axis=0))
    weighted = np.average(members, axis=0, weights=validation[ranked[:k]])
    median = np.median(members, axis=0)
    wrong = [
        (
            probabilities[ranked[-k:]].mean(axis=0),
            "These are the k worst. `np.argsort` begins with the smallest.",
        ),
        (probabilities.mean(axis=0), "All networks take part. Only the `k` best on validation are members."),
        (members.sum(axis=0), "The probabilities are added up: divide by the number of members."),
        (members.sum(axis=0) / networks, "Divide by the number of members, k, not by that of all networks."),
        (
            probabilities[:k].mean(axis=0),
            "These are the first k networks, as they came. Sort by validation first.",
        ),
        (probabilities[ranked[0]], "This is the best network alone. The k best are averaged."),
        (
            probabilities[ranked[min(k, networks) - 1]],
            "This is the k-th best network alone. Take all up to it.",
        ),
        (members.max(axis=0), "This is the largest probability of the members. Take the mean."),
        (votes, "These are votes: each member counts for one class only. Average its probabilities."),
        (product, "This is the geometric mean. The plain mean is asked for."),
        (
            product / product.sum(axis=1, keepdims=True),
            "This is the geometric mean. The plain mean is asked for.",
        ),
        (weighted, "The right networks. Take their plain mean, without weights."),
        (median, "The right networks. Take their mean, not their median."),
        (
            median / median.sum(axis=1, keepdims=True),
            "The right networks. Take their mean, not their median.",
        ),
        (probabilities[ranked[: k + 1]].mean(axis=0), "There is one member too many."),
        (probabilities[ranked[: max(1, k - 1)]].mean(axis=0), "There is one member too few."),
        (
            _by_confidence(probabilities, k),
            "Who is surest of itself on the test images is not asked. The members "
            "are those with the best `validation`.",
        ),
    ]
    for mistake, hint in wrong:
        if mistake.shape == values.shape and np.allclose(values, mistake, atol=1e-6):
            return hint
    return (
        "Which networks are the k best by `validation`? Take the mean of their probabilities, image by image."
    )


def _by_confidence(probabilities, k):
    surest = np.argsort(probabilities.max(axis=2).mean(axis=1))[-k:]
    return probabilities[surest].mean(axis=0)
