"""The class: who should hand in, whose a submission is, and the tables that Moodle and Canvas import.

The imports: Moodle's “Upload grading worksheet” (mod/assign/feedback/offline/importgradeslib.php), Canvas's
gradebook import (lib/gradebook_importer.rb).
"""

import dataclasses
import pathlib
import re
from collections.abc import Mapping, Sequence

from utils.grading import spreadsheet

# What the columns may be called: as the guide says, or as in what Moodle and Canvas export.
_COLUMNS = {
    "id": ("sis user id", "id number", "id"),
    "name": ("name", "full name", "student"),
    "lms_id": ("lms_id", "identifier", "id"),
}
TITLE = "Comparison project"
"""Of the assignment in Canvas, unless one says otherwise when importing."""


@dataclasses.dataclass(frozen=True)
class Student:
    """Somebody in the class: `id` is the one of the project, `lms_id` the number in Moodle or Canvas."""

    id: str = ""
    name: str = ""
    lms_id: str = ""


def load(path: str | pathlib.Path) -> list[Student]:
    """Return the students in a CSV file with the columns id, name and lms_id.

    Raises:
        spreadsheet.SpreadsheetError: the file cannot be read, or has no column with an id.
    """
    _, columns, rows = spreadsheet.read(pathlib.Path(path))
    by_small_name = {column.strip().casefold(): column for column in reversed(columns)}
    chosen = {}
    for field, names in _COLUMNS.items():
        free = (by_small_name[name] for name in names if name in by_small_name)
        chosen[field] = next((column for column in free if column not in chosen.values()), None)
    if not chosen["id"] and not chosen["lms_id"]:
        raise spreadsheet.SpreadsheetError(f"{path} needs a first row with the columns id, name and lms_id.")
    found = [
        Student(**{field: row[column].strip() if column else "" for field, column in chosen.items()})
        for row in rows
    ]
    found = [dataclasses.replace(one, lms_id="".join(re.findall(r"\d+$", one.lms_id))) for one in found]
    return [one for one in found if (one.id or one.lms_id) and one.name.strip() != "Points Possible"]


def whose(students: Sequence[Student], student: str, lms_id: str) -> tuple[Student, str]:
    """Return whose a submission is and, where the class is known and that is not clear, a sentence about it.

    `student` is the id in the project, `lms_id` the platform's number of who handed it in, or nothing.
    """
    by_number = [one for one in students if lms_id and one.lms_id == lms_id]
    by_id = [one for one in students if student and spreadsheet.plain(one.id) == spreadsheet.plain(student)]
    if by_number and by_id and by_number[0] != by_id[0]:
        name = by_number[0].name or lms_id
        return by_number[0], f"It was handed in by {name}, but the project is that of {student}."
    if students and not (by_number or by_id):
        return Student(student, "", lms_id), "It belongs to nobody in the class list."
    return next(iter(by_number or by_id), Student(student, "", lms_id)), ""


def imports(rows: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    """Return Moodle's grading worksheet and this assignment's column of Canvas's gradebook, by file name.

    Each row has the fields of a Student, `points`, `of` and `comment`. Without an `lms_id` there is neither.
    """
    known = [row for row in rows if row["lms_id"]]
    if not known:
        return {}
    moodle = [
        {
            "Identifier": f"Participant {row['lms_id']}",
            "Full name": spreadsheet.safe(row["name"]),
            "Grade": row["points"],
            "Maximum Grade": row["of"],
            "Last modified (grade)": "-",
            "Feedback comments": spreadsheet.safe(row["comment"]),
        }
        for row in known
    ]
    canvas = [{"Student": "    Points Possible", TITLE: rows[0]["of"]}]
    canvas += [
        {
            "Student": spreadsheet.safe(row["name"]),
            "ID": row["lms_id"],
            "SIS User ID": spreadsheet.safe(row["id"]),
            TITLE: row["points"],
        }
        for row in known
    ]
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", TITLE]
    return {
        "moodle.csv": spreadsheet.as_csv(moodle, list(moodle[0]), mark=False),
        "canvas.csv": spreadsheet.as_csv(canvas, columns, mark=False),
    }
