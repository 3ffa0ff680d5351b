"""The report of a comparison: one self-contained HTML page, and its tables as CSV."""

import collections
import json
import math
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import markupsafe
import pandas as pd

from utils import charts, evaluation, figures, files, html, words
from utils.evaluation import BASELINE, Run
from utils.report import conclusions

_TEMPLATE = "report.html"
# The files of a report, and what each has near its beginning: it tells them from somebody else's.
_MARKS = {
    _TEMPLATE: "<title>Does augmentation help on ",
    "comparison.csv": "variant,seeds,",
    "per_class.csv": "variant,class,",
    "history.csv": "augmentation,seed,",
    "runs.csv": "augmentation,seed,",
}
_FILTERS = (
    evaluation.verdict_in_words,
    words.name,
    words.percent,
    words.signed,
    words.interval,
    words.count,
    words.listing,
)
_NOT_A_SETTING = {"seeds", "augment"}  # how much is compared, rather than how a run is made


def check_place(out_directory: str | pathlib.Path) -> None:
    """Make sure that a report in this folder replaces nobody else's files.

    Raises files.WriteError when it would.
    """
    for name, mark in _MARKS.items():
        files.check_own(pathlib.Path(out_directory, name), mark)


def write(
    runs: Sequence[Run], out_directory: str | pathlib.Path, samples: charts.Samples, command: str
) -> pathlib.Path:
    """Write `report.html`, whose path is returned; `comparison`, `per_class`, `history` and `runs` are CSV.

    `samples` are what the variants do to the same few images (some may be missing), and `command` is the text
    of the command that repeats the comparison.

    Raises:
        ValueError: when the runs cannot be compared, see `evaluation.check_runs`.
        files.WriteError: when a file cannot be written, or is somebody else's.
    """
    check_place(out_directory)
    folder = pathlib.Path(out_directory)
    page = render(runs, samples, command)
    epochs, rows = [], []
    for run in runs:
        name = {"augmentation": run.augmentation, "seed": run.seed}
        epochs += [name | epoch for epoch in run.history]
        found = {
            "test_accuracy": evaluation.top1(run.probabilities, run.labels),
            "validation_accuracy": run.validation_accuracy,
            "calibration_error": evaluation.expected_calibration_error(run.probabilities, run.labels),
            "epochs": len(run.history),
            "predictions": run.predictions,
        }
        rows.append(name | found)
    tables = {
        "comparison.csv": evaluation.compare(runs),
        "per_class.csv": evaluation.compare_classes(runs),
        "history.csv": pd.DataFrame(epochs),
        "runs.csv": pd.DataFrame(rows),
    }
    for name, content in tables.items():
        files.write_whole(folder / name, content.to_csv(index=False, lineterminator="\n"))
    files.write_whole(folder / _TEMPLATE, page)
    return folder / _TEMPLATE


def render(runs: Sequence[Run], samples: charts.Samples, command: str) -> str:
    """The page as text. Arguments as `write`."""
    table = evaluation.compare(runs)
    first = runs[0]
    names = [name for name in table["variant"] if name != BASELINE]
    settings = _settings(first)
    if settings.get("dataset"):  # of a folder the name: where it lies is of no use to a reader
        settings["dataset"] = str(settings["dataset"]).replace("\\", "/").rstrip("/").rpartition("/")[2]
    libraries = sorted({name for run in runs for name in run.versions})
    changes = [charts.class_changes(runs, name) for name in names]
    intervals = evaluation.compare_classes(runs).dropna(subset="low_points")
    outside = (intervals["low_points"] > 0) | (intervals["high_points"] < 0)
    environment = html.environment(__package__, **{each.__name__: each for each in _FILTERS})
    return environment.get_template(_TEMPLATE).render(
        baseline=BASELINE,
        rows=table.to_dict("records"),
        settings=settings,
        seeds=sorted({run.seed for run in runs}),
        images=len(first.labels),
        classes=len(first.class_names),
        conclusion=conclusions.conclusion(table, images=len(first.labels)),
        limits=conclusions.limits(table, settings),
        notes=list(_oddities(runs, table)),
        accuracy=_picture(charts.accuracy(runs)),
        difference=_picture(charts.difference(runs)),
        samples={
            name: _picture(charts.samples(samples, name, first.class_names), "webp")
            for name in names
            if name in samples
        },
        curves=[_picture(charts.learning_curves(runs, measure)) for measure in charts.MEASURES],
        class_changes=[_picture(chart) for chart in changes if chart],
        # How many class intervals there are, how many leave out zero, and how many would by chance alone.
        chance={
            "all": len(intervals),
            "outside": int(outside.sum()),
            "expected": (1 - evaluation.LEVEL) * len(intervals),
        },
        calibration=_picture(charts.calibration(runs)),
        cost=_picture(charts.cost(runs)),
        versions={
            name: ", ".join(sorted({run.versions.get(name, "unknown") for run in runs})) for name in libraries
        },
        command=command,
    )


def _picture(chart: charts.Chart | None, kind: str = "svg") -> markupsafe.Markup | None:
    return figures.as_html(*chart, kind=kind) if chart else None


def _oddities(runs: Sequence[Run], table: pd.DataFrame) -> Iterator[str]:
    """What a reader must know before trusting the comparison, in sentences."""
    unpaired = table[table["paired_seeds"] < table["seeds"]].to_dict("records")
    for row in unpaired if BASELINE in set(table["variant"]) else []:
        yield (
            f"{row['variant']} ran with {words.count(row['seeds'], 'seed')}. It forms "
            f"{words.count(row['paired_seeds'], 'pair')} with {words.name(BASELINE)}, and only pairs count "
            "in the difference."
        )
    for run in runs:
        losses = [epoch.get("train_loss", 0.0) for epoch in run.history]
        if not all(loss is not None and math.isfinite(loss) for loss in losses):
            yield (
                f"{run.name}, diverged: its loss is no longer a number. Predictions that are not numbers "
                "count as wrong."
            )
    yield from _differing("Settings", {run.name: _settings(run) for run in runs})
    yield from _differing("Library versions", {run.name: run.versions for run in runs})


def _differing(title: str, found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """One sentence for each key that has more than one value; `found` is a dict from the runs' names."""
    for key in sorted(set().union(*found.values())):
        runs_with = collections.defaultdict(list)
        for name, values in found.items():
            value = values.get(key)
            runs_with[value if isinstance(value, str) else json.dumps(value)].append(name)
        if len(runs_with) > 1:
            parts = [
                f"{value} ({'; '.join(names) if len(names) <= 4 else f'{len(names)} runs'})"
                for value, names in runs_with.items()
            ]
            yield f"{title} differ between runs: {key} is {words.listing(parts)}."


def _settings(run: Run) -> dict[str, Any]:
    return {key: value for key, value in run.settings.items() if key not in _NOT_A_SETTING}
