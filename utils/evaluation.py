"""What the predictions of trained models are worth, and whether one augmentation beats another.

A *run* is one training: a dict with at least `augmentation` (the variant's name), `seed`,
`validation_accuracy`, `class_names`, `probabilities` (float `[N, K]`) and `labels` (int `[N]`), the last two
for the test images in a fixed order. Accuracy is always counted again from the predictions.

Two runs with the same seed start from the same weights and see the same order of images: they form a pair.
Two sources of chance are kept apart: the training (Student's t over the paired seeds, which decides) and the
choice of test images (a bootstrap, shown beside it).
"""

import dataclasses
import functools
import math

import numpy as np
import scipy.special

LEVEL = 0.95
FIRM_SEEDS = 5
"""With fewer paired seeds a verdict is only *indicative*.

Below five, the spread itself is hardly known: with three seeds its estimate is off by a factor of two or
more one time in five, and Student's factor is 4.3, where five seeds have 2.8 and many have 2.0.
"""

BETTER = "better"
WORSE = "worse"
NO_CLEAR_DIFFERENCE = "no clear difference"
ONE_RUN = "one run cannot tell"
NO_SPREAD = "no spread to judge by"
NO_PAIRS = "no paired seeds"
IS_BASELINE = "baseline"

_ZERO_SPREAD = 1e-9  # rounding leaves 1e-16 where every seed differs by the same amount


def predict(model, batches):
    """Class probabilities and true labels of all images, in the order of the batches.

    Args:
        model: called as `model(images, training=False)`; returns probabilities `[B, K]`.
        batches: yields `(images, labels)`, labels one-hot `[B, K]`.

    Returns:
        `(probabilities, labels)`: float32 `[N, K]` and int64 `[N]`.

    Raises:
        ValueError: when there is no batch.
    """
    probabilities, labels = [], []
    for images, one_hot in batches:
        probabilities.append(np.asarray(model(images, training=False), dtype=np.float32))
        labels.append(np.argmax(np.asarray(one_hot), axis=-1).astype(np.int64))
    if not labels:
        raise ValueError("There are no batches to predict.")
    return np.concatenate(probabilities), np.concatenate(labels)


def predict_with_views(model, batches, views):
    """Class probabilities of several views of every image: test-time augmentation.

    Args:
        model, batches: as for `predict`.
        views: functions from images [B, H, W, 3] to changed images of the same shape; see `views`.

    Returns:
        `(probabilities, labels)`: float32 `[V, N, K]`, one table per view, and int64 `[N]`.

    Raises:
        ValueError: when there is no view or no batch.

    Reference: Krizhevsky et al. 2012 average ten crops; Shanmugam et al. 2021 (arXiv 2011.11156) count what
    that breaks.
    """
    if not views:
        raise ValueError("There are no views to predict.")
    tables = [
        predict(lambda images, training, view=view: model(view(images), training=training), batches)
        for view in views
    ]
    return np.stack([probabilities for probabilities, _ in tables]), tables[0][1]


def is_correct(probabilities, labels):
    """Whether the most probable class is the true one.

    Args:
        probabilities: `[N, K]`. A row with NaN (a diverged model) is no prediction and counts as wrong.
        labels: int `[N]`, in 0 … K-1.

    Returns:
        bool `[N]`.

    Raises:
        ValueError: when the shapes do not fit, there is no image, or a label is out of range.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or labels.size == 0:
        raise ValueError(
            "Expected probabilities [N, K] and labels [N] with N > 0, "
            f"got {list(probabilities.shape)} and {list(labels.shape)}."
        )
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(f"Labels must be in 0 … {probabilities.shape[1] - 1}.")
    return (probabilities.argmax(axis=1) == labels) & ~np.isnan(probabilities).any(axis=1)


def top1(probabilities, labels):
    """Share of images whose most probable class is the true one, in 0–1. Arguments as `is_correct`."""
    return float(is_correct(probabilities, labels).mean())


def accuracy_per_class(probabilities, labels):
    """Top-1 accuracy of each class, float64 `[K]` in 0–1; NaN for a class without images."""
    correct = is_correct(probabilities, labels)
    classes = np.shape(probabilities)[1]
    images = np.bincount(labels, minlength=classes)
    with np.errstate(invalid="ignore"):
        return np.bincount(labels, weights=correct, minlength=classes) / images


@dataclasses.dataclass(frozen=True)
class CalibrationCurve:
    """One entry per bin of confidence, from 0 to 1; NaN in a bin without images."""

    confidence: np.ndarray  # [bins] mean of the largest probability
    accuracy: np.ndarray  # [bins] share of right predictions
    count: np.ndarray  # [bins] number of images


def calibration_curve(probabilities, labels, bins=15):
    """How often predictions of a given confidence are right.

    Args:
        probabilities: `[N, K]`, rows that sum to 1. Rows with NaN have no confidence and are left out.
        labels: int `[N]`.
        bins: number of equal-width bins `(low, high]` of the largest probability.

    Returns:
        A `CalibrationCurve`.

    Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599.
    """
    correct = is_correct(probabilities, labels)
    confidence = np.max(np.asarray(probabilities, dtype=np.float64), axis=1)
    known = ~np.isnan(confidence)
    correct, confidence = correct[known], confidence[known]
    chosen = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    count = np.bincount(chosen, minlength=bins)
    with np.errstate(invalid="ignore"):
        return CalibrationCurve(
            confidence=np.bincount(chosen, weights=confidence, minlength=bins) / count,
            accuracy=np.bincount(chosen, weights=correct, minlength=bins) / count,
            count=count,
        )


def expected_calibration_error(probabilities, labels, bins=15):
    """Mean distance between confidence and accuracy, over the bins of `calibration_curve`.

    Each bin weighs as many images as it holds. 0 is perfect; 0.1 means that a confidence is off by ten
    points on average. NaN when no image has a confidence. Arguments and paper as `calibration_curve`.
    """
    curve = calibration_curve(probabilities, labels, bins)
    if curve.count.sum() == 0:
        return math.nan
    gaps = np.abs(curve.accuracy - curve.confidence)
    return float(np.nansum(gaps * curve.count) / curve.count.sum())


def mean_interval(values):
    """Mean of independent values and its 95 % Student t interval.

    Returns:
        `(mean, low, high)`; the interval is NaN for fewer than two values and where they do not vary at
        all, since Student's t then has nothing to go by.
    """
    values = np.asarray(values, dtype=np.float64)
    mean = float(values.mean())
    if len(values) < 2 or not values.std(ddof=1) > _ZERO_SPREAD:
        return mean, math.nan, math.nan
    half = float(_student_factor(len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return mean, mean - half, mean + half


@functools.cache
def _student_factor(degrees):
    # scipy.stats.t.ppf is this; to import scipy.stats takes most of a second.
    return scipy.special.stdtrit(degrees, (1 + LEVEL) / 2)


@dataclasses.dataclass(frozen=True)
class PairedDifference:
    """A variant's accuracy minus the baseline's, over paired seeds; in the unit that came in."""

    mean: float
    low: float  # 95 % Student t interval; NaN for one pair or without any spread
    high: float
    seeds: int  # number of pairs
    p_value: float  # two-sided; NaN where the interval is

    @property
    def indicative(self):
        """True with fewer than `FIRM_SEEDS` pairs: a hint to follow up rather than a result."""
        return self.seeds < FIRM_SEEDS

    @property
    def verdict(self):
        """In words: whether the interval lies above zero, below, or on both sides."""
        if self.seeds == 1:
            return ONE_RUN
        if math.isnan(self.low):
            return NO_CLEAR_DIFFERENCE if abs(self.mean) <= _ZERO_SPREAD else NO_SPREAD
        if self.low > 0:
            return BETTER
        return WORSE if self.high < 0 else NO_CLEAR_DIFFERENCE


def paired_difference(accuracies, baseline_accuracies):
    """Difference between two variants over paired seeds, with a 95 % Student t interval.

    The same seed stands at the same place of both lists. Differences that are all alike leave Student's t
    without a spread. That is an accident of few test images rather than certainty, so there is no interval.

    Args:
        accuracies: `[S]`, the variant's accuracy for each seed.
        baseline_accuracies: `[S]`, the baseline's accuracy for the same seeds.

    Returns:
        A `PairedDifference`.

    Raises:
        ValueError: when the lists are empty, differ in length or hold a value that is not finite.
    """
    first, second = (np.asarray(each, dtype=np.float64) for each in (accuracies, baseline_accuracies))
    if first.shape != second.shape or first.ndim != 1 or first.size == 0:
        raise ValueError(
            f"Expected two lists of accuracies, one per seed, got {first.shape} and {second.shape}."
        )
    differences = first - second
    if not np.isfinite(differences).all():
        raise ValueError("Accuracies must be finite numbers.")
    mean, low, high = mean_interval(differences)
    return PairedDifference(mean, low, high, len(differences), _p_value(differences, low))


def _p_value(differences, low):
    if math.isnan(low):
        return math.nan
    statistic = differences.mean() / (differences.std(ddof=1) / math.sqrt(len(differences)))
    return float(2 * scipy.special.stdtr(len(differences) - 1, -abs(statistic)))


def bootstrap_difference(correct, baseline_correct, *, seed, resamples=2000):
    """Difference in accuracy, with a 95 % interval for the choice of test images.

    The trained models stay as they are; only the test images are drawn again, with replacement, the same
    images for every model. An image counts with its difference averaged over the seeds.

    Args:
        correct: bool `[S, N]`, or `[N]`: which test images the variant gets right, for each seed.
        baseline_correct: the same for the baseline: same seeds, same images.
        seed: int, for the resampling.
        resamples: how many times the test images are drawn.

    Returns:
        `(mean, low, high)`, percentile interval.

    Raises:
        ValueError: when the shapes differ or are empty.

    Reference: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
    """
    first, second = (np.atleast_2d(np.asarray(each, dtype=np.int64)) for each in (correct, baseline_correct))
    if first.shape != second.shape or first.ndim != 2 or first.size == 0:
        raise ValueError(f"Expected two tables [seeds, images] alike, got {first.shape} and {second.shape}.")
    seeds, images = first.shape
    # Images with the same difference are interchangeable, so drawing how many of each kind come up is
    # drawing the images, at a fraction of the work.
    wins, count = np.unique((first - second).sum(axis=0), return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(images, count / images, size=resamples)
    means = drawn @ wins / (seeds * images)
    low, high = np.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(wins @ count / (seeds * images)), float(low), float(high)


def variants(runs, baseline="none"):
    """Names of the variants among the runs: the baseline, then the others as they first appear."""
    names = list(dict.fromkeys(run["augmentation"] for run in runs))
    return sorted(names, key=lambda name: name != baseline)


def by_seed(runs, variant):
    """The variant's runs as a dict from seed to run, seeds ascending."""
    chosen = [run for run in runs if run["augmentation"] == variant]
    return {run["seed"]: run for run in sorted(chosen, key=lambda run: run["seed"])}


def paired_runs(runs, variant, baseline="none"):
    """`(variant's runs, baseline's runs)`: two lists of the seeds that both have, in the same order."""
    first, second = by_seed(runs, variant), by_seed(runs, baseline)
    seeds = [seed for seed in first if seed in second]
    return [first[seed] for seed in seeds], [second[seed] for seed in seeds]


def check_runs(runs):
    """Make sure that runs can be compared.

    Raises:
        ValueError: when there are none, a variant has the same seed twice, or the test labels differ.
    """
    if not runs:
        raise ValueError("There are no runs to compare.")
    names = [(run["augmentation"], run["seed"]) for run in runs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"There are two runs of {name[0]} with seed {name[1]}.")
    for run in runs:
        if not np.array_equal(run["labels"], runs[0]["labels"]):
            raise ValueError(f"{run['augmentation']}, seed {run['seed']}, was tested on other images.")


def chosen_variant(runs, baseline="none"):
    """The variant with the best mean validation accuracy: test images must have no say in a choice.

    Means are taken over the seeds that all variants have, or over each one's own where they share none. A
    tie goes to the variant that comes first, the baseline before all. None where no run has a finite value.
    """
    names = variants(runs, baseline)
    shared = set.intersection(*(set(by_seed(runs, name)) for name in names))
    means = {name: _validation_mean(runs, name, shared) for name in names}
    finite = {name: mean for name, mean in means.items() if math.isfinite(mean)}
    return max(finite, key=finite.get) if finite else None


def _validation_mean(runs, variant, seeds):
    own = by_seed(runs, variant)
    values = [own[seed]["validation_accuracy"] for seed in (seeds or own)]
    return float(np.mean([math.nan if value is None else value for value in values]))


def compare(runs, baseline="none"):
    """Compare every variant with the baseline.

    Args:
        runs: list of runs, see the module's docstring.
        baseline: name of the variant that the others are compared with; it may be missing.

    Returns:
        A `pandas.DataFrame`, one row a variant, the baseline first: `variant`, `seeds`, `paired_seeds`
        (those that the baseline has, too), `chosen` (best on validation), `validation_accuracy`,
        `test_accuracy` and its 95 % t interval `test_low`, `test_high` over the variant's own seeds;
        `paired_accuracy` and `paired_baseline_accuracy`, means over the paired seeds; `difference_points`,
        the second taken from the first, in percentage points, with its t interval
        `low_points`, `high_points`, `p_value`, `difference_percent` (of the baseline's accuracy) and the
        bootstrap interval over test images `bootstrap_low_points`, `bootstrap_high_points`;
        `calibration_error` (0–1), `seconds_per_epoch` (median), `verdict`, `indicative`. Accuracies are in
        0–1. What cannot be told is NaN.

    Raises:
        ValueError: as `check_runs`.
    """
    import pandas as pd

    check_runs(runs)
    chosen = chosen_variant(runs, baseline)
    rows = [_row(runs, name, baseline) | {"chosen": name == chosen} for name in variants(runs, baseline)]
    return pd.DataFrame(rows)


def full_verdict(row):
    """The verdict of a row of `compare`, with the word "indicative" where an interval rests on few seeds."""
    rests_on_few = row["indicative"] and not math.isnan(row["low_points"])
    return f"{row['verdict']}, indicative" if rests_on_few else row["verdict"]


def as_table(table):
    """The comparison with rounded numbers, for a notebook. `table` is what `compare` returns."""
    import pandas as pd

    return pd.DataFrame([_text_cells(row) for row in table.to_dict("records")]).set_index("augmentation")


def as_text(table):
    """The comparison as a plain text table for the terminal. `table` is what `compare` returns."""
    legend = "* best on validation. ± and intervals: 95 % over the seeds; points: difference to the baseline."
    return f"{as_table(table).reset_index().to_string(index=False)}\n{legend}"


def _text_cells(row):
    spread = (
        "" if math.isnan(row["test_low"]) else f" ± {100 * (row['test_high'] - row['test_accuracy']):.1f}"
    )
    gain = "" if math.isnan(row["difference_points"]) else f"{row['difference_points']:+.1f}"
    limits = "" if math.isnan(row["low_points"]) else f"{row['low_points']:+.1f} to {row['high_points']:+.1f}"
    return {
        "augmentation": row["variant"] + (" *" if row["chosen"] else ""),
        "seeds": row["seeds"],
        "validation %": f"{100 * row['validation_accuracy']:.1f}",
        "test %": f"{100 * row['test_accuracy']:.1f}{spread}",
        "points": gain,
        "95 % interval": limits,
        "verdict": full_verdict(row),
    }


def _row(runs, variant, baseline):
    own = list(by_seed(runs, variant).values())
    mean, low, high = mean_interval([_accuracy(run) for run in own])
    return {
        "variant": variant,
        "seeds": len(own),
        "paired_seeds": len(paired_runs(runs, variant, baseline)[0]),
        "chosen": False,
        "validation_accuracy": _validation_mean(runs, variant, None),
        "test_accuracy": mean,
        "test_low": low,
        "test_high": high,
        **_difference_columns(runs, variant, baseline),
        "calibration_error": _mean_calibration_error(own),
        "seconds_per_epoch": _seconds_per_epoch(own),
    }


def _difference_columns(runs, variant, baseline):
    first, second = paired_runs(runs, variant, baseline)
    columns = dict.fromkeys(_DIFFERENCE_COLUMNS, math.nan)
    if variant == baseline or not first:
        verdict = IS_BASELINE if variant == baseline else NO_PAIRS
        return columns | {"verdict": verdict, "indicative": False}
    accuracies, against = [_accuracy(run) for run in first], [_accuracy(run) for run in second]
    difference = paired_difference(accuracies, against)
    _, image_low, image_high = bootstrap_difference(_correct(first), _correct(second), seed=0)
    before = float(np.mean(against))
    return columns | {
        "paired_accuracy": float(np.mean(accuracies)),
        "paired_baseline_accuracy": before,
        "difference_points": 100 * difference.mean,
        "low_points": 100 * difference.low,
        "high_points": 100 * difference.high,
        "bootstrap_low_points": 100 * image_low,
        "bootstrap_high_points": 100 * image_high,
        "difference_percent": 100 * difference.mean / before if before else math.nan,
        "p_value": difference.p_value,
        "verdict": difference.verdict,
        "indicative": difference.indicative,
    }


_DIFFERENCE_COLUMNS = (
    "paired_accuracy",
    "paired_baseline_accuracy",
    "difference_points",
    "low_points",
    "high_points",
    "bootstrap_low_points",
    "bootstrap_high_points",
    "difference_percent",
    "p_value",
)


def _accuracy(run):
    return top1(run["probabilities"], run["labels"])


def _correct(runs):
    return np.stack([is_correct(run["probabilities"], run["labels"]) for run in runs])


def _mean_calibration_error(runs):
    return float(np.mean([expected_calibration_error(run["probabilities"], run["labels"]) for run in runs]))


def _seconds_per_epoch(runs):
    seconds = [epoch["seconds"] for run in runs for epoch in run.get("history", ()) if "seconds" in epoch]
    return float(np.median(seconds)) if seconds else math.nan


def compare_classes(runs, baseline="none"):
    """Change of each class's accuracy against the baseline, over paired seeds.

    Returns:
        A `pandas.DataFrame`, one row per variant (other than the baseline) and class: `variant`, `class`
        (number), `class_name`, `images` (in the test split), `baseline_accuracy`, `accuracy` (both 0–1, over
        the paired seeds), `difference_points`, `low_points`, `high_points`: 95 % t interval, NaN where
        there is one pair, or no spread. A class without test images has no row. Among many classes some
        intervals leave out zero by chance alone: one in twenty.

    Raises:
        ValueError: as `check_runs`.
    """
    import pandas as pd

    check_runs(runs)
    names = [name for name in variants(runs, baseline) if name != baseline]
    rows = [row for name in names for row in _class_rows(runs, name, baseline)]
    return pd.DataFrame(rows, columns=_CLASS_COLUMNS)


_CLASS_COLUMNS = (
    "variant",
    "class",
    "class_name",
    "images",
    "baseline_accuracy",
    "accuracy",
    "difference_points",
    "low_points",
    "high_points",
)


def _class_rows(runs, variant, baseline):
    first, second = paired_runs(runs, variant, baseline)
    if not first:
        return
    accuracy, against = _class_accuracies(first), _class_accuracies(second)
    images = np.bincount(first[0]["labels"], minlength=accuracy.shape[1])
    for number in np.flatnonzero(images):
        interval = mean_interval(accuracy[:, number] - against[:, number])
        means = against[:, number].mean(), accuracy[:, number].mean()
        name = first[0]["class_names"][number]
        yield (variant, number, name, images[number], *means, *(100 * value for value in interval))


def _class_accuracies(runs):
    return np.stack([accuracy_per_class(run["probabilities"], run["labels"]) for run in runs])
