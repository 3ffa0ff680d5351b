"""One submission: read, judged, its runs drawn again, and the result written as JSON for the pages.

Runs in a process of its own (`utils.grading.workers`). What the instructor may see and the student may not,
the suspicions, is kept apart.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil

import numpy as np

from utils import charts, evaluation, figures, files, words
from utils.grading import archive, execute, notebook, project_folder, rubric, suspicions

_MOST_DRAWN = 12  # variants in one chart
_UTILS = pathlib.Path(__file__).parents[1]


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker needs to know, as text: it travels to another process."""

    submission: str  # the name in tables
    source: str  # where it is
    work: str  # a folder to make and to delete
    result: str  # where the result goes
    rubric: str
    labels: str  # an .npy file with the true labels
    reevaluate: str = ""  # the data set on which to count the weights' accuracy
    execute: bool = False


def task(source, out, work, **shared):
    """Return the Task of a submission: its result goes to `out`/results, its files meanwhile to `work`."""
    name = source.name or source.resolve().name  # the folder may be given as "."
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:40].strip("._") or "submission"
    # The digest tells names apart that are alike without the signs that a file name should not have.
    stem = f"{plain}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
    shown = name if name.isprintable() and len(name) <= 100 else stem
    return Task(shown, str(source), str(work / stem), str(out / "results" / f"{stem}.json"), **shared)


def code_digest():
    """Return a digest of all code that a verdict may depend on."""
    sources = [path.read_bytes() for path in sorted(_UTILS.rglob("*.py"))]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()


def grade(task):
    """Grade one submission and write its result, unless the same one stands there already."""
    shutil.rmtree(task.work, ignore_errors=True)
    try:
        contents = archive.copy(task.source, task.work)
        key = _key(task, contents.digest)
        if read(task.result).get("key") != key:
            write(task, _result(task, contents) | {"key": key})
    except (archive.UnpackError, OSError) as error:
        write(task, failure(task, str(error)))
    finally:
        shutil.rmtree(task.work, ignore_errors=True)


def read(path):
    """Return the result in a file; an empty dict where there is none that is whole."""
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write(task, result):
    """Write a result. Raises files.WriteError."""
    files.write_whole(task.result, json.dumps({"submission": task.submission} | result, indent=1) + "\n")


def failure(task, reason):
    """Return the result of a submission that cannot be graded: no points, and the reason."""
    verdict = rubric.judge(project_folder.Project(problems=(reason,)), rubric.load(task.rubric))
    return _EMPTY | {"items": _items(verdict, notebook.Notebook()), "problems": [reason]}


_EMPTY = {
    "key": "",
    "student": "",
    "flags": [],
    "notebook": "",
    "notes": [],
    "analysis": "",
    "figures": [],
    "table": [],
    "runs": [],
    "recounted": [],
    "rerun": "",
    "prints": {"runs": {}, "analysis": ""},
}


def _key(task, digest):
    parts = [digest, code_digest(), task.reevaluate, task.execute]
    parts += [pathlib.Path(path).read_bytes() for path in (task.rubric, task.labels)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _result(task, contents):
    found = project_folder.read(task.work, labels=np.load(task.labels))
    written = notebook.read(task.work)
    verdict = rubric.judge(found, rubric.load(task.rubric))
    recounted = _recount(task, found.runs) if task.reevaluate else []
    well, rerun = execute.rerun(task.work, found.student) if task.execute else (True, "")
    return _EMPTY | {
        "student": found.student,
        "items": _items(verdict, written),
        "problems": [
            *contents.problems,
            *found.problems,
            *written.problems,
            *(row["odd"] for row in recounted if row["odd"]),
            *([] if well else [rerun]),
        ],
        "recounted": recounted,
        "rerun": rerun,
        "flags": suspicions.of_one(found, contents.digests, task.work),
        "notebook": written.name,
        "notes": written.notes(),
        "analysis": found.analysis,
        "figures": _draw(found.runs),
        "table": _table(found.runs),
        "runs": [_run_row(run) for run in found.runs],
        "prints": suspicions.prints(found),
    }


def _recount(task, runs):
    from utils.grading import weights  # here, since all others do without its HDF5 and TensorFlow

    return weights.recount(task.work, runs, task.reevaluate)


# ---- the verdict with where to look --------------------------------------------------------------------


def _items(verdict, written):
    return [
        {"title": item.title, "checks": [_check(check, written) for check in item.checks]}
        for item in verdict.items
    ]


def _check(check, written):
    return {
        "name": check.name,
        "points": check.points,
        "share": check.share,
        "evidence": check.evidence,
        "missing": check.missing,
        "files": list(check.files),
        "cells": written.mentions(*_words_of(check.name)),
    }


def _words_of(name):
    """What the code of a cell says that has to do with a check."""
    if name == "figures":
        return ("show_figure",)
    if name == "analysis":
        return ("analysis.md",)
    if name == "variants":
        return ("experiment.run",)
    return [mix for mix in ("cutmix", "mixup") if name.startswith(mix)]


# ---- the runs, counted and drawn again -----------------------------------------------------------------


def _draw(runs):
    """Return pictures of the runs, as HTML."""
    names = evaluation.variants(runs)[:_MOST_DRAWN]
    drawn = [run for run in runs if run["augmentation"] in names]
    if not drawn:
        return []
    compared = charts.difference(drawn) or charts.accuracy(drawn)  # no difference without paired seeds
    return [figures.as_html(*chart) for chart in (compared, charts.learning_curves(drawn, "train_loss"))]


def _table(runs):
    """Rows of `evaluation.compare` with what the page shows, as text."""
    if not runs:
        return []
    rows = evaluation.compare(runs).to_dict("records")
    return [
        {
            "variant": row["variant"],
            "chosen": bool(row["chosen"]),
            "seeds": row["seeds"],
            "test": words.percent(row["test_accuracy"]),
            "validation": words.percent(row["validation_accuracy"]),
            "difference": words.signed(row["difference_points"]),
            "interval": words.interval(row["low_points"], row["high_points"]),
            "percent": words.signed(row["difference_percent"]),
            "verdict": evaluation.full_verdict(row),
        }
        for row in rows
    ]


def _run_row(run):
    return {
        "file": run["file"],
        "variant": run["augmentation"],
        "seed": run["seed"],
        "epochs": len(run["history"]),
        "stated": words.percent(run["test_accuracy"], 2),
        "counted": words.percent(evaluation.top1(run["probabilities"], run["labels"]), 2),
    }
