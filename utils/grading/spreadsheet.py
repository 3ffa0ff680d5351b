"""Tables that an instructor opens in a spreadsheet: `instructor.csv` to write in, `grades.csv` to read.

`instructor.csv` has a row for each submission and a column for each check: an empty cell leaves the computed
points, a number replaces them. Grading adds rows and columns to it and never takes any away.
"""

import csv
import io
import pathlib
from collections.abc import Iterable, Mapping, Sequence

from utils import errors, files

_KEY, _COMMENT = "submission", "comment"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SpreadsheetError(errors.CourseError, ValueError):
    """An `instructor.csv` that cannot be used; the message is one sentence."""


def safe(text: str) -> str:
    """Text for a cell: one that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str], delimiter: str = ",") -> bytes:
    """Return rows (dicts of text) as the bytes of a CSV file; spreadsheets see that it is UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


class InstructorSheet:
    """What the instructor wrote into `instructor.csv`: points by submission and check, and a comment."""

    def __init__(self, path: str | pathlib.Path, most: Mapping[str, float]) -> None:
        """Read the file, if it is there.

        Args:
            path: of the file.
            most: the most points of each check, by its name.

        Raises:
            SpreadsheetError: it cannot be used.
        """
        self._path, self._most = pathlib.Path(path), most
        self._delimiter, self._columns, self._rows = self._read()
        self._by_name = {row[_KEY]: row for row in self._rows}
        if len(self._by_name) < len(self._rows):
            raise SpreadsheetError(f"{path} has two rows for one submission: delete one of them.")
        for row in self._rows:
            for check in most:
                self.points(row[_KEY], check)  # a cell that is no number is told before anything is graded

    def points(self, submission: str, check: str) -> float | None:
        """Return the instructor's points, or None where the cell is empty.

        Raises:
            SpreadsheetError: the cell holds no number, or one that is out of range.
        """
        text = self._cell(submission, check).replace(",", ".")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= self._most[check]:
            raise SpreadsheetError(
                f"In {self._path}, {submission}, column “{check}”: {text!r} is no number from 0 to "
                f"{self._most[check]:g}."
            )
        return number

    def comment(self, submission: str) -> str:
        """Return the instructor's comment, or an empty text."""
        return self._cell(submission, _COMMENT)

    def add(self, students: Mapping[str, str]) -> None:
        """Write the file, with a row for each submission.

        Args:
            students: the student's id for the name of each submission.

        Raises:
            files.WriteError: the disk is full or read-only.
        """
        wanted = [_KEY, "student", *self._most, _COMMENT]
        columns = [*self._columns, *(name for name in wanted if name not in self._columns)]
        new = [
            {_KEY: safe(submission), "student": safe(student)}
            for submission, student in students.items()
            if safe(submission) not in self._by_name
        ]
        if new or columns != self._columns:
            files.write_whole(self._path, as_csv([*self._rows, *new], columns, self._delimiter))

    def _cell(self, submission, column):
        row = self._by_name.get(submission) or self._by_name.get(safe(submission), {})
        return row.get(column, "").strip()

    def _read(self):
        """Return (delimiter, columns, rows)."""
        if not self._path.exists():
            return ",", [], []
        try:
            text = files.decoded(self._path.read_bytes())
            delimiter = max(",;\t", key=text.partition("\n")[0].count)  # each language has its own
            lines = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise SpreadsheetError(f"Cannot read {self._path}: save it as “CSV UTF-8”.") from error
        columns, *rows = lines or [[]]
        if _KEY not in columns or len(set(columns)) < len(columns):
            raise SpreadsheetError(
                f"{self._path} needs a first row with one column “{_KEY}”, and no name twice."
            )
        if any(len(row) > len(columns) for row in rows):
            raise SpreadsheetError(f"{self._path} has a row with more cells than columns.")
        rows = [row + [""] * (len(columns) - len(row)) for row in rows if any(row)]
        return delimiter, columns, [dict(zip(columns, row, strict=True)) for row in rows]
