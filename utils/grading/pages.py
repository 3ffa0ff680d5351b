"""From results to what people read: a page for each student, the page of the class, tables for all uses.

Student's text is escaped wherever it goes. What is odd about a submission stands on the page of the class
alone, which has one script, ours, known to the browser by its digest.
"""

import base64
import dataclasses
import hashlib
import os
import pathlib
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from utils import figures, files, html, words
from utils.grading import grader, roster, spreadsheet, suspicions

_MOST_LISTED = 6
_SCRIPT = pathlib.Path(__file__).with_name("templates").joinpath("class.js").read_text(encoding="utf-8")
_NOT_HANDED_IN = "Nothing was handed in."


@dataclasses.dataclass(frozen=True)
class _Row:
    """A submission on the page of the class and in the tables, or a student without one."""

    result: grader.Result
    person: roster.Student
    items: list[dict[str, Any]]  # the result's, with the instructor's points
    points: float  # that can be earned
    computed: float
    earned: float  # with the instructor's points where there are any
    page: str = ""
    comment: str = ""
    is_read: bool = True  # whether the instructor scored the analysis
    pictures: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # name and path

    @property
    def checks(self):
        return [check for item in self.items for check in item["checks"]]

    @property
    def missing(self):
        """What to do for the rest, each sentence once."""
        return list(dict.fromkeys(check["missing"] for check in self.checks if check["missing"]))

    @property
    def to_look_at(self):
        return [*self.result.grave, *self.result.suspicions, *self.result.problems]

    @property
    def comments(self):
        """All that the instructor wrote, a line each."""
        own = [f"{check['name']}: {check['comment']}" for check in self.checks if check["comment"]]
        return "\n".join(filter(None, [self.comment, *own]))


def write(
    out: pathlib.Path,
    results: Iterable[str | pathlib.Path],
    sheet: spreadsheet.InstructorSheet,
    students: Sequence[roster.Student] = (),
    told: Sequence[str] = (),
) -> pathlib.Path:
    """Write all pages and tables to the folder `out`, and return the path of the page of the class.

    `results` are paths of what `grader.grade` leaves, `students` the class as far as it is known, `told`
    sentences for the instructor.

    Raises:
        files.WriteError: the disk is full or read-only.
        spreadsheet.SpreadsheetError: the sheet cannot be used.
    """
    environment = html.environment(
        __package__,
        points=_points,
        first_few=_first,
        link=lambda path: urllib.parse.quote(os.fsencode(path)),
        count=words.count,
        listing=words.listing,
    )
    rows = [_write_page(environment, out, pathlib.Path(path), sheet, students) for path in results]
    for path in set((out / "return").rglob("*feedback.html")) - {out / row.page for row in rows}:
        path.unlink()  # of a submission that is no longer there: nobody should be sent it
    shared = suspicions.of_class(row.result for row in rows)
    for row in rows:
        row.result.grave[:0] = shared[row.result.submission].grave
        row.result.suspicions[:0] = shared[row.result.submission].other
    sheet.add({row.result.submission: row.result.student for row in rows})
    here = [row.person for row in rows]
    rows += [_absent(student, rows[0]) for student in students if student not in here]
    files.write_whole(out / "grades.csv", _grades(rows))
    _write_imports(out, rows)
    files.write_whole(out / "index.html", _class_page(environment, rows, told))
    return out / "index.html"


def _absent(student, other):
    nothing = {"earned": 0.0, "computed": 0.0, "comment": "", "missing": ""}
    items = [
        item | nothing | {"checks": [check | nothing for check in item["checks"]]} for item in other.items
    ]
    result = grader.Result("", "", [], student=student.id, problems=[_NOT_HANDED_IN])
    return _Row(result, student, items, other.points, 0.0, 0.0)


def _points(number):
    return f"{number:.4g}"


def _first(sentences):
    """The first few sentences, and how many more there are."""
    more = len(sentences) - _MOST_LISTED
    return sentences if more <= 0 else [*sentences[:_MOST_LISTED], f"And {more} more."]


# ---- one student ---------------------------------------------------------------------------------------


def _write_page(environment, out, path, sheet, students):
    result = grader.read(path)
    person, doubt = roster.whose(students, result.student, result.lms_id)
    result.grave[:0] = [doubt] if doubt else []
    items = [_with_points(item, result.submission, sheet) for item in result.items]
    pictures = [(name, f"pictures/{path.stem}-{number}.jpg") for number, name in enumerate(result.pictures)]
    for name, picture in pictures:
        files.write_whole(out / picture, base64.b64decode(result.pictures[name]))
    row = _Row(
        dataclasses.replace(result, pictures={}, figure=""),  # of a large class they would fill the memory
        person,
        items,
        **_sums(items),
        page=f"return/{result.page}",
        comment=sheet.comment(result.submission),
        is_read=sheet.points(result.submission, "analysis") is not None,
        pictures=pictures,
    )
    text = environment.get_template("feedback.html").render(result=result, grade=row)
    files.write_whole(out / row.page, text)
    return row


def _with_points(item, submission, sheet):
    """The item with `earned` points of each check: the instructor's where given, else the computed ones."""
    checks = []
    for check in item["checks"]:
        given, computed = sheet.points(submission, check["name"]), check["earned"]
        earned = computed if given is None else given
        comment = sheet.comment(submission, check["name"])
        checks.append(check | {"given": given, "computed": computed, "earned": earned, "comment": comment})
    return item | {"checks": checks} | _sums(checks)


def _sums(parts):
    return {name: sum(part[name] for part in parts) for name in ("points", "computed", "earned")}


# ---- the class -----------------------------------------------------------------------------------------


def _grades(rows):
    """`grades.csv`: a row for each submission, with every check."""
    names = [check["name"] for check in rows[0].checks]
    columns = ["submission", "student", "points", "computed", "of", *names]
    columns += ["to look at", "missing", "comment", "page", "name", "lms_id"]
    return spreadsheet.as_csv([_grades_row(row) for row in rows], columns)


def _grades_row(row):
    texts = {
        "submission": row.result.submission,
        "student": row.result.student,
        "to look at": " ".join(_first(row.to_look_at)),
        "missing": " ".join(row.missing),
        "comment": row.comments,
        "page": row.page,
        "name": row.person.name,
        "lms_id": row.person.lms_id,
    }
    numbers = {check["name"]: check["earned"] for check in row.checks}
    numbers |= {"points": row.earned, "computed": row.computed, "of": row.points}
    cells = {name: spreadsheet.safe(text) for name, text in texts.items()}
    return cells | {name: _points(number) for name, number in numbers.items()}


def _write_imports(out, rows):
    """Write `moodle.csv` and `canvas.csv`; who handed in nothing has no points there."""
    best = {}
    for row in rows:
        if row.person not in best or best[row.person].earned < row.earned:
            best[row.person] = row
    table = [
        dataclasses.asdict(person)
        | {
            "points": _points(row.earned) if row.page else "",
            "of": _points(row.points),
            "comment": row.comments,
        }
        for person, row in best.items()
    ]
    for name, content in roster.imports(table).items():
        files.write_whole(out / name, content)


def _class_page(environment, rows, told):
    handed_in = [row for row in rows if row.page]
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return environment.get_template("class.html").render(
        rows=rows,
        handed_in=handed_in,
        told=told,
        script=_SCRIPT,
        script_digest=digest,
        to_look_at=sorted(
            (row for row in handed_in if row.to_look_at), key=lambda row: -len(row.result.grave)
        ),
        unread=sum(not row.is_read for row in rows),
        mean=float(np.mean([row.earned for row in handed_in])),
        checks=_by_check(handed_in),
        distribution=_distribution(handed_in),
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
