"""One submission: read, judged, its runs drawn again, and the result written as JSON for the pages.

Runs in a process of its own (`utils.grading.workers`). What the instructor may see and the student may not,
the suspicions, is kept apart.
"""

import base64
import dataclasses
import functools
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
from typing import Any

import numpy as np
import PIL.Image

from utils import charts, evaluation, figures, files, words
from utils.grading import archive, notebook, platforms, project_folder, rubric, suspicions

_MOST_DRAWN = 12  # variants in one chart
_MOST_PICTURES, _PICTURE = 8, (900, 900)  # of the student's figures, and their size in pixels
_UTILS = pathlib.Path(__file__).parents[1]
_ROOMS = ("grading", "evaluation", "experiment", "charts.py", "figures.py", "settings.py", "words.py")


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker needs to know; it travels to another process."""

    submission: str  # the name in tables
    source: platforms.Source
    work: str  # a folder to make and to delete
    result: str  # where the result goes
    rubric: str
    labels: str  # an .npy file with the true labels
    reevaluate: str = ""  # the data set on which to count the weights' accuracy


@dataclasses.dataclass(frozen=True)
class Result:
    """What pages and tables say of a submission, as it is kept in a JSON file.

    `items` are those of the rubric, with their checks and the points that these earned; `pictures` are the
    student's figures, {name: JPEG in base 64}; `table` compares the variants; `recounted` is of
    `weights.recount`.
    """

    submission: str
    page: str
    items: list[dict[str, Any]]
    lms_id: str = ""
    key: str = ""  # a digest of all that it follows from
    student: str = ""
    problems: list[str] = dataclasses.field(default_factory=list)
    grave: list[str] = dataclasses.field(default_factory=list)  # what is odd, and hardly an accident
    suspicions: list[str] = dataclasses.field(default_factory=list)  # what is odd besides
    fingerprints: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    by_hand: str = ""  # the cells of the training by hand
    functions: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)  # of the student's own
    pictures: dict[str, str] = dataclasses.field(default_factory=dict)
    versions: list[str] = dataclasses.field(default_factory=list)  # of Python and the libraries
    notes: list[str] = dataclasses.field(default_factory=list)  # on the notebook
    analysis: str = ""
    figure: str = ""  # of the runs, as HTML
    table: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    runs: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    recounted: list[dict[str, str]] = dataclasses.field(default_factory=list)


def task(source: platforms.Source, out: pathlib.Path, work: pathlib.Path, **shared: Any) -> Task:
    """Return the Task of a submission, whose result goes to `out`/results, and its files meanwhile to `work`.

    `shared` are the fields of the Task that all submissions share.
    """
    name = source.name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:40].strip("._") or "submission"
    # The digest tells names apart that are alike without the signs that a file name should not have.
    stem = f"{plain}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
    return Task(
        submission=name if name.isprintable() and len(name) <= 100 else stem,
        source=source,
        work=str(work / stem),
        result=str(out / "results" / f"{stem}.json"),
        **shared,
    )


def grade(task: Task) -> None:
    """Grade one submission and write its result, unless the same one stands there already.

    Raises:
        files.WriteError: the disk is full or read-only.
    """
    shutil.rmtree(task.work, ignore_errors=True)
    try:
        contents = archive.unpack(task.source.paths, task.work)
        key = _key(task, contents)
        found = read(task.result)
        if found is None or found.key != key:
            _write(task, _result(task, contents, key))
    except (archive.ArchiveError, OSError) as error:
        write_failure(task, str(error))
    finally:
        shutil.rmtree(task.work, ignore_errors=True)


def read(path: str | pathlib.Path) -> Result | None:
    """Return the result in a file; None where there is none that is whole."""
    try:
        return Result(**json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_failure(task: Task, reason: str) -> None:
    """Write the result of a submission that cannot be graded: no points, and the reason.

    Raises:
        files.WriteError: the disk is full or read-only.
    """
    items = dataclasses.asdict(rubric.judge(project_folder.Project(), rubric.load(task.rubric)))["items"]
    _write(task, Result(task.submission, task.source.page, items, task.source.lms_id, problems=[reason]))


def _write(task, result):
    files.write_whole(task.result, json.dumps(dataclasses.asdict(result), indent=1) + "\n")


def _key(task, contents):
    parts = [contents, _code_digest(), task.reevaluate, task.source.page, task.source.lms_id]
    parts += [pathlib.Path(path).read_bytes() for path in (task.rubric, task.labels)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@functools.cache
def _code_digest():
    paths = [path for path in sorted(_UTILS.rglob("*.py")) if path.relative_to(_UTILS).parts[0] in _ROOMS]
    sources = [path.read_bytes() for path in paths]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()


def _result(task, contents, key):
    digests, problems = contents
    project = project_folder.read(task.work, labels=np.load(task.labels))
    written = notebook.read(task.work)
    verdict = rubric.judge(project, rubric.load(task.rubric))
    recounted = []
    if task.reevaluate:
        from utils.grading import weights  # here, since all others do without its HDF5 and TensorFlow

        recounted = weights.recount(task.work, project.runs, task.reevaluate)
    odd = suspicions.of_submission(project, digests, task.work)
    figure_paths = sorted(pathlib.Path(task.work, "figures").glob("*.png"))
    drawn = {path.stem: _picture(path) for path in figure_paths[:_MOST_PICTURES]}
    return Result(
        submission=task.submission,
        page=task.source.page,
        items=dataclasses.asdict(verdict)["items"],
        lms_id=task.source.lms_id,
        key=key,
        student=project.student,
        problems=[*problems, *verdict.problems, *written.problems],
        grave=[*odd.grave, *(row["odd"] for row in recounted if row["odd"])],
        suspicions=odd.other,
        fingerprints=suspicions.fingerprints(project),
        by_hand=written.by_hand,
        functions=suspicions.functions(project),
        pictures={name: picture for name, picture in drawn.items() if picture},
        versions=sorted({_versions(run.versions) for run in project.runs} - {""}),
        notes=list(written.notes),
        analysis=project.analysis,
        figure=_draw(project.runs),
        table=_table(project.runs),
        runs=[
            {
                "file": run.file,
                "seed": run.seed,
                "epochs": len(run.history),
                "stated": words.percent(run.test_accuracy, 2),
                "counted": words.percent(evaluation.top1(run.probabilities, run.labels), 2),
            }
            for run in project.runs
        ],
        recounted=recounted,
    )


def _versions(versions):
    return words.listing(f"{str(name)[:40]} {str(number)[:40]}" for name, number in sorted(versions.items()))


def _picture(path):
    """A figure, read and drawn again as a small picture: no byte of theirs reaches a page."""
    buffer = io.BytesIO()
    try:
        with PIL.Image.open(path, formats=["PNG"]) as image:
            image = image.convert("RGBA")
        image.thumbnail(_PICTURE)
        page = PIL.Image.new("RGBA", image.size, "white")
        PIL.Image.alpha_composite(page, image).convert("RGB").save(buffer, "JPEG", quality=80)
    except Exception:  # whatever Pillow raises on a damaged or hostile file
        return ""
    return base64.b64encode(buffer.getvalue()).decode()


def _draw(runs):
    """Return a picture of the runs, as HTML: their differences to `none`, or their accuracy."""
    names = evaluation.variants(runs)[:_MOST_DRAWN]
    drawn = [run for run in runs if run.augmentation in names]
    # There is no difference without paired seeds.
    return figures.as_html(*(charts.difference(drawn) or charts.accuracy(drawn))) if drawn else ""


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
            "verdict": evaluation.verdict_in_words(row),
        }
        for row in rows
    ]
