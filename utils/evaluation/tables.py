"""Tables that compare variants, from their runs.

Two runs with the same seed start from the same weights and see the same order of images: they form a pair.
Accuracy is always counted again from the predictions.
"""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.evaluation.predictions import accuracy_per_class, expected_calibration_error, is_correct, top1
from utils.evaluation.run import Run
from utils.evaluation.statistics import (
    IS_BASELINE,
    NO_PAIRS,
    PairedDifference,
    bootstrap_difference,
    mean_interval,
    paired_difference,
)

if TYPE_CHECKING:
    import pandas as pd  # to import it takes half a second: it is read where a table is made

BASELINE = "none"
"""The variant that the others are compared with, where none is named."""


def variants(runs: Iterable[Run], baseline: str | None = BASELINE) -> list[str]:
    """Names of the variants among the runs: the baseline, then the others as they first appear."""
    names = list(dict.fromkeys(run.augmentation for run in runs))
    return sorted(names, key=lambda name: name != baseline)


def by_seed(runs: Iterable[Run], variant: str | None) -> dict[int, Run]:
    """The runs of a variant (its name) as a dict from seed to run, seeds ascending."""
    chosen = [run for run in runs if run.augmentation == variant]
    return {run.seed: run for run in sorted(chosen, key=lambda run: run.seed)}


def paired_runs(
    runs: Sequence[Run], variant: str, baseline: str | None = BASELINE
) -> tuple[list[Run], list[Run]]:
    """`(variant's runs, baseline's runs)`: two lists of the seeds that both have, in the same order."""
    first, second = by_seed(runs, variant), by_seed(runs, baseline)
    seeds = [seed for seed in first if seed in second]
    return [first[seed] for seed in seeds], [second[seed] for seed in seeds]


def check_runs(runs: Sequence[Run]) -> None:
    """Make sure that runs can be compared.

    Raises:
        ValueError: when there are none, a variant has the same seed twice, or the test labels differ.
    """
    if not runs:
        raise ValueError("There are no runs to compare.")
    keys = [(run.augmentation, run.seed) for run in runs]
    for run, key in zip(runs, keys, strict=True):
        if keys.count(key) > 1:
            raise ValueError(f"There are two runs of {run.augmentation} with seed {run.seed}.")
        if not np.array_equal(run.labels, runs[0].labels):
            raise ValueError(f"{run.name}, was tested on other images.")


def chosen_variant(runs: Sequence[Run], baseline: str | None = BASELINE) -> str | None:
    """The variant with the best mean validation accuracy: test images must have no say in a choice.

    Means are taken over the seeds that all variants have, or over each one's own where they share none. A
    tie goes to the variant that comes first, the baseline before all. None where no run has a finite value.
    """
    names = variants(runs, baseline)
    shared = set.intersection(*(set(by_seed(runs, name)) for name in names))
    means = {}
    for name in names:
        own = by_seed(runs, name)
        means[name] = np.mean([own[seed].validation_accuracy for seed in shared or own])
    finite = {name: mean for name, mean in means.items() if math.isfinite(mean)}
    return max(finite, key=finite.get) if finite else None


def compare(runs: Sequence[Run], baseline: str = BASELINE) -> "pd.DataFrame":
    """Compare every variant with the baseline, which may be missing.

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

    Raises ValueError as `check_runs`.
    """
    import pandas as pd

    check_runs(runs)
    chosen = chosen_variant(runs, baseline)
    return pd.DataFrame([_row(runs, name, baseline, chosen) for name in variants(runs, baseline)])


def verdict_in_words(row: dict[str, Any]) -> str:
    """The verdict of a row of `compare`, with the word "indicative" where an interval rests on few seeds."""
    rests_on_few = row["indicative"] and not math.isnan(row["low_points"])
    return f"{row['verdict']}, indicative" if rests_on_few else row["verdict"]


def as_table(table: "pd.DataFrame") -> "pd.DataFrame":
    """The comparison with rounded numbers, for a notebook. `table` is what `compare` returns."""
    import pandas as pd

    return pd.DataFrame([_text_cells(row) for row in table.to_dict("records")]).set_index("augmentation")


def as_text(table: "pd.DataFrame") -> str:
    """The comparison as a plain text table for the terminal. `table` is what `compare` returns."""
    legend = "* best on validation. ± and intervals: 95 % over the seeds; points: difference to the baseline."
    return f"{as_table(table).reset_index().to_string(index=False)}\n{legend}"


def _text_cells(row: dict[str, Any]) -> dict[str, Any]:
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
        "verdict": verdict_in_words(row),
    }


def _row(runs: Sequence[Run], variant: str, baseline: str, chosen: str | None) -> dict[str, Any]:
    own = list(by_seed(runs, variant).values())
    errors = [expected_calibration_error(run.probabilities, run.labels) for run in own]
    seconds = [epoch["seconds"] for run in own for epoch in run.history if "seconds" in epoch]
    mean, low, high = mean_interval([_accuracy(run) for run in own])
    return {
        "variant": variant,
        "seeds": len(own),
        "paired_seeds": len(paired_runs(runs, variant, baseline)[0]),
        "chosen": variant == chosen,
        "validation_accuracy": float(np.mean([run.validation_accuracy for run in own])),
        "test_accuracy": mean,
        "test_low": low,
        "test_high": high,
        **_difference_columns(runs, variant, baseline),
        "calibration_error": float(np.mean(errors)),
        "seconds_per_epoch": float(np.median(seconds)) if seconds else math.nan,
    }


def _difference_columns(runs: Sequence[Run], variant: str, baseline: str) -> dict[str, Any]:
    first, second = paired_runs(runs, variant, baseline)
    difference, verdict = PairedDifference(math.nan, math.nan, math.nan, 0, math.nan), NO_PAIRS
    after = before = image_low = image_high = math.nan
    if variant == baseline:
        verdict = IS_BASELINE
    elif first:
        accuracies, against = [_accuracy(run) for run in first], [_accuracy(run) for run in second]
        after, before = float(np.mean(accuracies)), float(np.mean(against))
        difference = paired_difference(accuracies, against)
        verdict = difference.verdict
        correct, baseline_correct = (
            np.stack([is_correct(run.probabilities, run.labels) for run in each]) for each in (first, second)
        )
        _, image_low, image_high = bootstrap_difference(correct, baseline_correct, seed=0)
    return {
        "paired_accuracy": after,
        "paired_baseline_accuracy": before,
        "difference_points": 100 * difference.mean,
        "low_points": 100 * difference.low,
        "high_points": 100 * difference.high,
        "bootstrap_low_points": 100 * image_low,
        "bootstrap_high_points": 100 * image_high,
        "difference_percent": 100 * difference.mean / before if before else math.nan,
        "p_value": difference.p_value,
        "verdict": verdict,
        "indicative": difference.indicative,
    }


def _accuracy(run: Run) -> float:
    return top1(run.probabilities, run.labels)


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


def compare_classes(runs: Sequence[Run], baseline: str = BASELINE) -> "pd.DataFrame":
    """Change of each class's accuracy against the baseline, over paired seeds.

    Returns:
        A `pandas.DataFrame`, one row per variant (other than the baseline) and class: `variant`, `class`
        (number), `class_name`, `images` (in the test split), `baseline_accuracy`, `accuracy` (both 0–1, over
        the paired seeds), `difference_points`, `low_points`, `high_points`: 95 % t interval, NaN where
        there is one pair, or no spread. A class without test images has no row. Among many classes some
        intervals leave out zero by chance alone: one in twenty.

    Raises ValueError as `check_runs`.
    """
    import pandas as pd

    check_runs(runs)
    rows = []
    for variant in variants(runs, baseline):
        first, second = paired_runs(runs, variant, baseline)
        if variant == baseline or not first:
            continue
        accuracy, against = (
            np.stack([accuracy_per_class(run.probabilities, run.labels) for run in each])
            for each in (first, second)
        )
        images = np.bincount(first[0].labels, minlength=accuracy.shape[1])
        for number in np.flatnonzero(images):
            interval = mean_interval(accuracy[:, number] - against[:, number])
            means = against[:, number].mean(), accuracy[:, number].mean()
            name = first[0].class_names[number]
            rows.append((variant, number, name, images[number], *means, *(100 * each for each in interval)))
    return pd.DataFrame(rows, columns=_CLASS_COLUMNS)
