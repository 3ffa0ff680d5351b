"""The checks of lesson 14, the comparison project."""

from collections.abc import Callable

import numpy as np

from utils.checks import harness


def _falling(epochs=40, first=2.5, last=0.5):
    """Losses that fall quickly, then stay: flat in the last quarter."""
    done = np.arange(epochs) / (epochs - 1)
    return (last + (first - last) * np.exp(-12 * done)).tolist()


def _with(losses, **changes):
    """The losses with some of them changed, given as e5=… for the one at index 5; m1 is the last."""
    losses = list(losses)
    for place, value in changes.items():
        losses[int(place[1:]) * (-1 if place[0] == "m" else 1)] = value
    return losses


_STEADY = np.linspace(2.5, 1.0, 40).tolist()  # falls by .039 an epoch: .35 in the last ten
_STUCK = _falling(last=1.9)

# (what is tried, losses, accuracy, classes, right answer, hint)
_CONVERGENCE = [
    ("a loss that falls from 2.5 to 0.5 and stays there", _falling(), 0.7, 12, True, "All four points hold."),
    (
        "a loss that is not a number in one epoch in the middle",
        _with(_falling(), e20=np.nan),
        0.7,
        12,
        False,
        "Point 1 asks about all epochs, not about the last one.",
    ),
    (
        "a loss that was infinite once",
        _with(_falling(), e3=np.inf),
        0.7,
        12,
        False,
        "Point 1: infinite is not finite.",
    ),
    ("a loss that falls from 2.5 to 1.9 only", _STUCK, 0.7, 12, False, "Point 2: 1.9 is 76 % of 2.5."),
    (
        "a last loss of exactly 70 % of the first",
        [2.0] * 5 + [1.4] * 35,
        0.7,
        12,
        True,
        "Point 2: “at most” includes 70 %.",
    ),
    (
        "a loss that still falls from 1.35 to 1.0 in the last ten of 40 epochs",
        _STEADY,
        0.7,
        12,
        False,
        "Point 3: it moves by 0.35, and 10 % of the first loss is 0.25.",
    ),
    (
        "a loss that jumps up and comes back in the last quarter",
        _with(_falling(), m5=0.9),
        0.7,
        12,
        False,
        "Point 3 asks for the largest and the smallest loss of the quarter, not for its two ends.",
    ),
    (
        "a loss that moves by 0.2 in the last quarter, which is 8 % of the first",
        _with(_falling(), m5=0.7),
        0.7,
        12,
        True,
        "Point 3 is about 10 % of the *first* epoch's loss.",
    ),
    (
        "a loss that jumps just before the last quarter",
        _with(_falling(), m11=2.0),
        0.7,
        12,
        True,
        "Point 3: of 40 epochs the last quarter are the last ten.",
    ),
    (
        "a loss over 42 epochs that jumps eleven epochs before the end",
        _with(_falling(epochs=42), m11=2.0),
        0.7,
        12,
        True,
        "Point 3: a quarter of 42, rounded down, is ten epochs. In Python -42 // 4 is -11.",
    ),
    (
        "an accuracy of 24 % with 12 classes",
        _falling(),
        0.24,
        12,
        False,
        "Point 4: three times chance is 3 / 12 = 25 %.",
    ),
    ("an accuracy of 25 % with 12 classes", _falling(), 0.25, 12, True, "Point 4: “at least” includes 25 %."),
    (
        "an accuracy of 5 % with 120 classes",
        _falling(),
        0.05,
        120,
        True,
        "Point 4: chance depends on the number of classes.",
    ),
]


def has_converged(function: Callable) -> None:
    """Check Exercise 1: each of the four points on its own, and its limits."""
    for case, losses, accuracy, classes, right, hint in _CONVERGENCE:
        tried = f"has_converged(losses, {accuracy}, {classes}) with {case}"
        got = harness.call(function, losses, accuracy, classes, tried=tried)
        if not isinstance(got, bool | np.bool_):
            harness.fail(tried=tried, got=repr(got), expected="True or False", hint="Return a yes or no.")
        if got != right:
            harness.fail(tried=tried, got=bool(got), expected=right, hint=hint)
    harness.passed("Exercise 1: all four points of the definition are there, with their limits.")


def _runs(rows):
    """Runs from (name, [(validation, test), …])."""
    return [
        {"augmentation": name, "seed": seed, "validation_accuracy": validation, "test_accuracy": test}
        for name, accuracies in rows
        for seed, (validation, test) in enumerate(accuracies)
    ]


# Each case has its own tempting wrong answer.
_CHOICES = [
    (
        "a clear case",
        _runs([("none", [(0.6, 0.6), (0.62, 0.6)]), ("basic", [(0.8, 0.8), (0.81, 0.8)])]),
        "basic",
        {"none": "That is the worst of them."},
    ),
    (
        "one variant best on validation, another one on test",
        _runs([("none", [(0.5, 0.5)] * 3), ("cutmix", [(0.7, 0.65)] * 3), ("mixup", [(0.6, 0.75)] * 3)]),
        "cutmix",
        {"mixup": "It has the best test accuracy. The test images must have no say in a choice."},
    ),
    (
        "one lucky run",
        _runs(
            [
                ("none", [(0.5, 0.5)] * 3),
                ("mixup", [(0.9, 0.6), (0.5, 0.6), (0.5, 0.6)]),
                ("basic", [(0.7, 0.6)] * 3),
            ]
        ),
        "basic",
        {"mixup": "It has the best single run. A mean over the seeds is steadier."},
    ),
    (
        "a variant with more seeds than the others",
        _runs([("none", [(0.6, 0.6)] * 5), ("cutmix", [(0.7, 0.7)] * 2)]),
        "cutmix",
        {"none": "Its sum is larger since it has more seeds: take means."},
    ),
    (
        "nothing better than none",
        _runs([("none", [(0.8, 0.8)] * 2), ("cutmix", [(0.7, 0.7)] * 2)]),
        "none",
        {"cutmix": "`none` is best on validation. Then it is chosen: nothing helped."},
    ),
    (
        "the first run better than the rest",
        _runs([("mixup", [(0.8, 0.6), (0.4, 0.6)]), ("basic", [(0.7, 0.6), (0.7, 0.6)])]),
        "basic",
        {"mixup": "It has the best first run. Use all of its seeds."},
    ),
]


def best_variant(function: Callable) -> None:
    """Check Exercise 2: chosen on validation, by the mean over the seeds."""
    for case, runs, right, temptations in _CHOICES:
        tried = f"best_variant(runs) with {case}"
        got = harness.call(function, runs, tried=tried)
        if got != right:
            hint = temptations.get(str(got), "Return a variant's name, as it stands under `augmentation`.")
            harness.fail(tried=tried, got=repr(got), expected=repr(right), hint=hint)
    harness.passed("Exercise 2: chosen on the validation images, by the mean over the seeds.")


def _gain(best, none):
    seeds = sorted(best.keys() & none.keys())
    new, old = (np.mean([each[seed] for seed in seeds]) for each in (best, none))
    return 100 * (new - old), 100 * (new - old) / old


def _gain_hint(got, best, none):
    """The likely mistake behind two wrong numbers."""
    points, percent = _gain(best, none)
    every = 100 * (np.mean(list(best.values())) - np.mean(list(none.values())))
    new = np.mean([best[seed] for seed in best.keys() & none.keys()])
    likely = [
        ((percent, points), "The two numbers are in the other order: points first."),
        ((points / 100, percent / 100), "These are shares: 0.05 is 5 points. Multiply by 100."),
        ((-points, -percent), "The sign: a gain is what `best` has more than `none`."),
        ((points, points / new), "Percent of the accuracy of `none`, not of `best`."),
        ((points, points), "The second number is relative: divide by the accuracy of `none`."),
    ]
    for values, hint in likely:
        if np.allclose(got, values, atol=1e-6):
            return hint
    if np.isclose(got[0], every, atol=1e-6) and not np.isclose(every, points):
        return "Seeds that only one of the two has are in it. Only pairs count."
    return "Over the paired seeds: the mean of each, then their difference; in percent of that of `none`."


def gain(function: Callable) -> None:
    """Check Exercise 3: the mean over pairs, in points and in percent."""
    rng = np.random.default_rng(14)
    drawn = [
        (
            {seed: round(float(rng.uniform(0.6, 0.9)), 3) for seed in range(5)},
            {seed: round(float(rng.uniform(0.3, 0.6)), 3) for seed in range(2, 6)},
        )
        for _ in range(3)
    ]
    for best, none in [
        ({0: 0.55}, {0: 0.5}),
        ({3: 0.6, 9: 0.7}, {9: 0.5, 3: 0.4}),
        ({1: 0.5}, {1: 0.6}),
        *drawn,
    ]:
        tried = f"gain({best}, {none})"
        got = harness.call(function, dict(best), dict(none), tried=tried)
        try:
            numbers = np.asarray(got, dtype=float)
        except (TypeError, ValueError):
            numbers = np.empty(0)
        right = _gain(best, none)
        if numbers.shape != (2,):
            harness.fail(tried=tried, got=repr(got), expected="two numbers", hint="Return points, percent.")
        if not np.allclose(numbers, right, atol=1e-6):
            harness.fail(
                tried=tried,
                got=f"{numbers[0]:.3f} and {numbers[1]:.3f}",
                expected="another gain",
                hint=_gain_hint(numbers, best, none),
            )
    harness.passed("Exercise 3: the gain over paired seeds, in points and in percent.")
