"""The report of a comparison: one self-contained HTML page, and its tables as CSV."""

import collections
import json
import math
import pathlib

import pandas as pd

from utils import charts, evaluation, figures, files, html, words
from utils.report import conclusions

_TEMPLATE = "report.html"
_NOT_A_SETTING = {"seeds", "augment"}  # how much is compared, rather than how a run is made


def write(runs, out_directory, samples, command, notes=(), baseline="none"):
    """Write `report.html`, `comparison.csv`, `per_class.csv`, `history.csv` and `runs.csv`.

    Args:
        runs: list of runs, as in `utils.evaluation`, each with `history`, `settings` and `versions` as well.
        out_directory: folder for the five files; made when missing.
        samples: dict from variant, and `original`, to `{"images": uint8 [n, H, W, 3], "labels": float
            [n, K]}`, the n-th image of each made from the n-th original; variants may be missing.
        command: text of the command that repeats the comparison.
        notes: more sentences for the reader, shown with what the report itself finds odd.
        baseline: name of the variant that the others are compared with.

    Returns:
        The path of the page.

    Raises:
        ValueError: when the runs cannot be compared, see `evaluation.check_runs`.
        files.WriteError: when a file cannot be written.
    """
    table = evaluation.compare(runs, baseline)
    folder = pathlib.Path(out_directory)
    page = render(runs, samples, command, notes, baseline)
    for name, content in tables(runs, table, baseline).items():
        files.write_whole(folder / name, content.to_csv(index=False, lineterminator="\n"))
    files.write_whole(folder / _TEMPLATE, page)
    return folder / _TEMPLATE


def tables(runs, table, baseline="none"):
    """Dict from file name to `pandas.DataFrame`; `table` is what `evaluation.compare` returns."""
    return {
        "comparison.csv": table,
        "per_class.csv": evaluation.compare_classes(runs, baseline),
        "history.csv": pd.DataFrame([_name(run) | epoch for run in runs for epoch in run["history"]]),
        "runs.csv": pd.DataFrame([_run_row(run) for run in runs]),
    }


def _name(run):
    return {"augmentation": run["augmentation"], "seed": run["seed"]}


def _run_row(run):
    predictions = run["probabilities"], run["labels"]
    return _name(run) | {
        "test_accuracy": evaluation.top1(*predictions),
        "validation_accuracy": run["validation_accuracy"],
        "calibration_error": evaluation.expected_calibration_error(*predictions),
        "epochs": len(run["history"]),
        "predictions": run.get("predictions"),
    }


def render(runs, samples, command, notes=(), baseline="none"):
    """The page as text. Arguments as `write`."""
    table = evaluation.compare(runs, baseline)
    settings = _shown_settings(runs[0])
    names = list(table["variant"])
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            baseline=baseline,
            rows=table.to_dict("records"),
            settings=settings,
            seeds=sorted({run["seed"] for run in runs}),
            images=len(runs[0]["labels"]),
            classes=len(runs[0]["class_names"]),
            conclusion=conclusions.conclusion(table, images=len(runs[0]["labels"]), baseline=baseline),
            limits=conclusions.limits(table, settings, baseline),
            notes=[*notes, *oddities(runs, table, baseline)],
            accuracy=_picture(charts.accuracy(runs, baseline)),
            difference=_picture(charts.difference(runs, baseline)),
            samples=_sample_pictures(samples, names, runs[0]["class_names"]),
            curves=[_picture(charts.learning_curves(runs, measure, baseline)) for measure in charts.MEASURES],
            class_changes=_class_pictures(runs, names, baseline),
            chance=_chance(runs, baseline),
            calibration=_picture(charts.calibration(runs, baseline)),
            cost=_picture(charts.cost(runs, baseline)),
            versions=_versions(runs),
            command=command,
        )
    )


def _environment():
    helpers = (
        evaluation.full_verdict,
        words.name,
        words.percent,
        words.signed,
        words.interval,
        words.count,
        words.listing,
    )
    return html.environment(__package__, **{helper.__name__: helper for helper in helpers})


def _picture(chart, kind="svg"):
    return figures.as_html(*chart, kind=kind) if chart else None


def _sample_pictures(samples, names, class_names):
    shown = [name for name in names if name in samples and name != "none"]
    if "original" not in samples:
        return {}
    return {name: _picture(charts.samples(samples, name, class_names), "webp") for name in shown}


def _class_pictures(runs, names, baseline):
    charts_of = {name: charts.class_changes(runs, name, baseline) for name in names if name != baseline}
    return {name: _picture(chart) for name, chart in charts_of.items() if chart}


def _chance(runs, baseline):
    """How many class intervals there are, how many leave out zero, and how many would by chance alone."""
    table = evaluation.compare_classes(runs, baseline).dropna(subset="low_points")
    outside = (table["low_points"] > 0) | (table["high_points"] < 0)
    return {"all": len(table), "outside": int(outside.sum()), "expected": (1 - evaluation.LEVEL) * len(table)}


def oddities(runs, table, baseline="none"):
    """What a reader must know before trusting the comparison, as a list of sentences."""
    return [
        *_unpaired(table, baseline),
        *[_diverged(run) for run in runs if not _is_finite(run)],
        *_differing(runs, "settings", "Settings", _NOT_A_SETTING),
        *_differing(runs, "versions", "Library versions", ()),
    ]


def _unpaired(table, baseline):
    lacking = (
        table[table["paired_seeds"] < table["seeds"]] if baseline in set(table["variant"]) else table[:0]
    )
    for row in lacking.to_dict("records"):
        yield (
            f"{row['variant']} ran with {words.count(row['seeds'], 'seed')}. It forms "
            f"{words.count(row['paired_seeds'], 'pair')} with {words.name(baseline)}, and only pairs count "
            "in the difference."
        )


def _is_finite(run):
    losses = [epoch.get("train_loss", 0.0) for epoch in run["history"]]
    return all(loss is not None and math.isfinite(loss) for loss in losses)


def _diverged(run):
    return (
        f"{run['augmentation']}, seed {run['seed']}, diverged: its loss is no longer a number. Predictions "
        "that are not numbers count as wrong."
    )


def _differing(runs, part, title, ignored):
    """One sentence for each key that has more than one value among the runs."""
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    keys = {key for run in runs for key in run.get(part, {})} - set(ignored)
    for run in runs:
        for key in sorted(keys):
            values[key][_plain(run.get(part, {}).get(key))].append(f"{run['augmentation']} {run['seed']}")
    for key, found in sorted(values.items()):
        if len(found) > 1:
            parts = [f"{value} ({_some(names)})" for value, names in found.items()]
            yield f"{title} differ between runs: {key} is {words.listing(parts)}."


def _some(names):
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} runs"


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value)


def _shown_settings(run):
    """The run's settings, a folder shortened to its name: where it lies is of no use to a reader."""
    settings = {key: value for key, value in run["settings"].items() if key not in _NOT_A_SETTING}
    if settings.get("dataset"):
        settings["dataset"] = str(settings["dataset"]).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return settings


def _versions(runs):
    """Dict from library to its version, or versions where the runs differ."""
    names = sorted({name for run in runs for name in run.get("versions", {})})
    found = {name: sorted({run.get("versions", {}).get(name, "unknown") for run in runs}) for name in names}
    return {name: ", ".join(versions) for name, versions in found.items()}
