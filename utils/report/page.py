"""The report of a comparison: one self-contained HTML page, and its tables as CSV."""

import collections
import json
import math
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import jinja2
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
_NOT_A_SETTING = {"seeds", "augment"}  # how much is compared, rather than how a run is made


def check_place(out_directory: str | pathlib.Path) -> None:
    """Make sure that a report in this folder replaces nobody else's files.

    Raises:
        files.WriteError: when it would.
    """
    for name, mark in _MARKS.items():
        files.check_own(pathlib.Path(out_directory, name), mark)


def write(
    runs: Sequence[Run], out_directory: str | pathlib.Path, samples: charts.Samples, command: str
) -> pathlib.Path:
    """Write `report.html`, `comparison.csv`, `per_class.csv`, `history.csv` and `runs.csv`.

    Args:
        runs: all runs of the comparison.
        out_directory: folder for the five files; made when missing.
        samples: what the variants do to the same few images; variants may be missing.
        command: text of the command that repeats the comparison.

    Returns:
        The path of the page.

    Raises:
        ValueError: when the runs cannot be compared, see `evaluation.check_runs`.
        files.WriteError: when a file cannot be written, or is somebody else's.
    """
    check_place(out_directory)
    folder = pathlib.Path(out_directory)
    page = render(runs, samples, command)
    for name, content in _tables(runs).items():
        files.write_whole(folder / name, content.to_csv(index=False, lineterminator="\n"))
    files.write_whole(folder / _TEMPLATE, page)
    return folder / _TEMPLATE


def _tables(runs: Sequence[Run]) -> dict[str, pd.DataFrame]:
    """The tables by the names of their files."""
    return {
        "comparison.csv": evaluation.compare(runs),
        "per_class.csv": evaluation.compare_classes(runs),
        "history.csv": pd.DataFrame([_name(run) | epoch for run in runs for epoch in run.history]),
        "runs.csv": pd.DataFrame([_run_row(run) for run in runs]),
    }


def _name(run: Run) -> dict[str, Any]:
    return {"augmentation": run.augmentation, "seed": run.seed}


def _run_row(run: Run) -> dict[str, Any]:
    predictions = run.probabilities, run.labels
    return _name(run) | {
        "test_accuracy": evaluation.top1(*predictions),
        "validation_accuracy": run.validation_accuracy,
        "calibration_error": evaluation.expected_calibration_error(*predictions),
        "epochs": len(run.history),
        "predictions": run.predictions,
    }


def render(runs: Sequence[Run], samples: charts.Samples, command: str) -> str:
    """The page as text. Arguments as `write`."""
    table = evaluation.compare(runs)
    first = runs[0]
    settings = _shown_settings(first)
    names = list(table["variant"])
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            baseline=BASELINE,
            rows=table.to_dict("records"),
            settings=settings,
            seeds=sorted({run.seed for run in runs}),
            images=len(first.labels),
            classes=len(first.class_names),
            conclusion=conclusions.conclusion(table, images=len(first.labels)),
            limits=conclusions.limits(table, settings),
            notes=_oddities(runs, table),
            accuracy=_picture(charts.accuracy(runs)),
            difference=_picture(charts.difference(runs)),
            samples=_sample_pictures(samples, names, first.class_names),
            curves=[_picture(charts.learning_curves(runs, measure)) for measure in charts.MEASURES],
            class_changes=_class_pictures(runs, names),
            chance=_chance(runs),
            calibration=_picture(charts.calibration(runs)),
            cost=_picture(charts.cost(runs)),
            versions=_versions(runs),
            command=command,
        )
    )


def _environment() -> jinja2.Environment:
    helpers = (
        evaluation.verdict_in_words,
        words.name,
        words.percent,
        words.signed,
        words.interval,
        words.count,
        words.listing,
    )
    return html.environment(__package__, **{helper.__name__: helper for helper in helpers})


def _picture(chart: charts.Chart | None, kind: str = "svg") -> markupsafe.Markup | None:
    return figures.as_html(*chart, kind=kind) if chart else None


def _sample_pictures(
    samples: charts.Samples, names: Iterable[str], class_names: Sequence[str]
) -> dict[str, markupsafe.Markup | None]:
    shown = [name for name in names if name in samples and name != BASELINE]
    if "original" not in samples:
        return {}
    return {name: _picture(charts.samples(samples, name, class_names), "webp") for name in shown}


def _class_pictures(runs: Sequence[Run], names: Iterable[str]) -> dict[str, markupsafe.Markup | None]:
    charts_of = {name: charts.class_changes(runs, name) for name in names if name != BASELINE}
    return {name: _picture(chart) for name, chart in charts_of.items() if chart}


def _chance(runs: Sequence[Run]) -> dict[str, float]:
    """How many class intervals there are, how many leave out zero, and how many would by chance alone."""
    table = evaluation.compare_classes(runs).dropna(subset="low_points")
    outside = (table["low_points"] > 0) | (table["high_points"] < 0)
    return {"all": len(table), "outside": int(outside.sum()), "expected": (1 - evaluation.LEVEL) * len(table)}


def _oddities(runs: Sequence[Run], table: pd.DataFrame) -> list[str]:
    """What a reader must know before trusting the comparison, as a list of sentences."""
    return [
        *_unpaired(table),
        *[_diverged(run) for run in runs if not _is_finite(run)],
        *_differing("Settings", {run.name: _settings(run) for run in runs}),
        *_differing("Library versions", {run.name: run.versions for run in runs}),
    ]


def _unpaired(table: pd.DataFrame) -> Iterator[str]:
    if BASELINE not in set(table["variant"]):
        return
    for row in table[table["paired_seeds"] < table["seeds"]].to_dict("records"):
        yield (
            f"{row['variant']} ran with {words.count(row['seeds'], 'seed')}. It forms "
            f"{words.count(row['paired_seeds'], 'pair')} with {words.name(BASELINE)}, and only pairs count "
            "in the difference."
        )


def _is_finite(run: Run) -> bool:
    losses = [epoch.get("train_loss", 0.0) for epoch in run.history]
    return all(loss is not None and math.isfinite(loss) for loss in losses)


def _diverged(run: Run) -> str:
    return (
        f"{run.name}, diverged: its loss is no longer a number. Predictions that are not numbers count as "
        "wrong."
    )


def _differing(title: str, found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """One sentence for each key that has more than one value; `found` is a dict from the runs' names."""
    for key in sorted(set().union(*found.values())):
        runs_with = collections.defaultdict(list)
        for name, values in found.items():
            runs_with[_plain(values.get(key))].append(name)
        if len(runs_with) > 1:
            parts = [f"{value} ({_some(names)})" for value, names in runs_with.items()]
            yield f"{title} differ between runs: {key} is {words.listing(parts)}."


def _some(names: Sequence[str]) -> str:
    return "; ".join(names) if len(names) <= 4 else f"{len(names)} runs"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _settings(run: Run) -> dict[str, Any]:
    return {key: value for key, value in run.settings.items() if key not in _NOT_A_SETTING}


def _shown_settings(run: Run) -> dict[str, Any]:
    """The run's settings, a folder shortened to its name: where it lies is of no use to a reader."""
    settings = _settings(run)
    if settings.get("dataset"):
        settings["dataset"] = str(settings["dataset"]).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return settings


def _versions(runs: Sequence[Run]) -> dict[str, str]:
    """Dict from library to its version, or versions where the runs differ."""
    names = sorted({name for run in runs for name in run.versions})
    found = {name: sorted({run.versions.get(name, "unknown") for run in runs}) for name in names}
    return {name: ", ".join(versions) for name, versions in found.items()}
