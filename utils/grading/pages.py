"""From results to what people read: a page for each student, an overview of the class, `grades.csv`.

Student's text is escaped wherever it goes, pages have no scripts, and what is odd about a submission stands
in the overview alone.
"""

import dataclasses
import pathlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from utils import figures, files, html, words
from utils.grading import grader, spreadsheet, suspicions

_MOST_LISTED = 6
_MOST_FILES = 2


@dataclasses.dataclass(frozen=True)
class _Grade:
    """What the overview and `grades.csv` say of a submission."""

    submission: str
    student: str
    suspicions: list[str]
    problems: list[str]
    fingerprints: dict[str, list[str]]
    page: str
    comment: str
    is_read: bool  # whether the instructor scored the analysis
    items: list[dict[str, Any]]
    points: float  # that can be earned
    computed: float
    earned: float  # with the instructor's points where there are any

    @property
    def checks(self):
        return [check for item in self.items for check in item["checks"]]

    @property
    def missing(self):
        """What to do for the rest, each sentence once."""
        return list(dict.fromkeys(check["missing"] for check in self.checks if check["missing"]))


def write(
    out: pathlib.Path, results: Iterable[str | pathlib.Path], sheet: spreadsheet.InstructorSheet
) -> pathlib.Path:
    """Write all pages and tables, and return the path of the overview.

    Args:
        out: the folder.
        results: paths of the results, as `grader.grade` leaves them.
        sheet: what the instructor wrote.

    Raises:
        files.WriteError: the disk is full or read-only.
        spreadsheet.SpreadsheetError: the sheet cannot be used.
    """
    environment = html.environment(__package__, points=_points, few=_few, first_few=_first, count=words.count)
    rows = [_write_page(environment, out, pathlib.Path(path), sheet) for path in results]
    shared = suspicions.of_class(rows)
    rows = [
        dataclasses.replace(row, suspicions=[*shared.get(row.submission, ()), *row.suspicions])
        for row in rows
    ]
    files.write_whole(out / "grades.csv", _grades(rows))
    files.write_whole(out / "index.html", _overview(environment, rows))
    sheet.add({row.submission: row.student for row in rows})
    return out / "index.html"


def _points(number):
    return f"{number:.4g}"


def _few(items):
    """The first few of them in a sentence."""
    more = len(items) - _MOST_FILES
    return words.listing(items if more <= 0 else [*items[:_MOST_FILES], f"{more} more"])


def _first(sentences):
    """The first few sentences, and how many more there are."""
    more = len(sentences) - _MOST_LISTED
    return sentences if more <= 0 else [*sentences[:_MOST_LISTED], f"And {more} more."]


# ---- one student ---------------------------------------------------------------------------------------


def _write_page(environment, out, path, sheet):
    """Write a student's page; return what the tables need of the result."""
    result = grader.read(path)
    items = [_with_points(item, result.submission, sheet) for item in result.items]
    grade = _Grade(
        submission=result.submission,
        student=result.student,
        suspicions=result.suspicions,
        problems=result.problems,
        fingerprints=result.fingerprints,
        page=f"feedback/{path.stem}.html",
        comment=sheet.comment(result.submission),
        is_read=sheet.points(result.submission, "analysis") is not None,
        items=items,
        **_sums(items),
    )
    text = environment.get_template("feedback.html").render(result=result, grade=grade)
    files.write_whole(out / grade.page, text)
    return grade


def _with_points(item, submission, sheet):
    """The item with `earned` points of each check: the instructor's where given, else the computed ones."""
    checks = []
    for check in item["checks"]:
        given, computed = sheet.points(submission, check["name"]), check["earned"]
        earned = computed if given is None else given
        checks.append(check | {"given": given, "computed": computed, "earned": earned})
    return item | {"checks": checks} | _sums(checks)


def _sums(parts):
    return {name: sum(part[name] for part in parts) for name in ("points", "computed", "earned")}


# ---- the class -----------------------------------------------------------------------------------------


def _grades(rows):
    """`grades.csv`: a row for each submission, with every check."""
    names = [check["name"] for check in rows[0].checks]
    columns = ["submission", "student", "points", "computed", "of", *names]
    columns += ["to look at", "missing", "comment", "page"]
    return spreadsheet.as_csv([_grades_row(row) for row in rows], columns)


def _grades_row(row):
    texts = {
        "submission": row.submission,
        "student": row.student,
        "to look at": " ".join(_first([*row.suspicions, *row.problems])),
        "missing": " ".join(row.missing),
        "comment": row.comment,
        "page": row.page,
    }
    numbers = {check["name"]: check["earned"] for check in row.checks}
    numbers |= {"points": row.earned, "computed": row.computed, "of": row.points}
    cells = {name: spreadsheet.safe(text) for name, text in texts.items()}
    return cells | {name: _points(number) for name, number in numbers.items()}


def _overview(environment, rows):
    return environment.get_template("class.html").render(
        rows=rows,
        to_look_at=[row for row in rows if row.suspicions or row.problems],
        unread=sum(not row.is_read for row in rows),
        mean=float(np.mean([row.earned for row in rows])),
        checks=_by_check(rows),
        distribution=_distribution(rows),
    )


def _by_check(rows):
    """For each check how many earned all, some and none of its points, and the mean."""
    for checks in zip(*(row.checks for row in rows), strict=True):
        earned = [check["earned"] for check in checks]
        full = sum(check["earned"] >= check["points"] for check in checks)
        none = sum(check["earned"] < check["points"] and check["earned"] == 0 for check in checks)
        yield {
            "name": checks[0]["name"],
            "points": checks[0]["points"],
            "full": full,
            "none": none,
            "some": len(checks) - full - none,
            "mean": float(np.mean(earned)),
        }


@figures.style()
def _distribution(rows):
    """A histogram of the points, in ten steps."""
    most = rows[0].points or 1.0
    edges = np.linspace(0, most, 11)
    counts, _ = np.histogram([row.earned for row in rows], edges)
    figure, axes = figures.subplots(size=(5.4, 3.4))
    axes.bar(edges[:-1], counts, width=most / 10, align="edge", color="#0072b2", edgecolor="white")
    axes.set(xlabel="Points", ylabel="Submissions", xticks=edges[::2])
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(False, axis="x")
    parts = [
        f"{count} from {low:g} to {high:g}"
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
        if count
    ]
    return figures.as_html(figure, f"Number of submissions by points: {words.listing(parts)}.")
