"""Tables that an instructor opens in a spreadsheet: `instructor.csv` to write in, `grades.csv` to read.

`instructor.csv` has a row for each submission and two columns for each check: an empty cell leaves the
computed points, a number replaces them, and a comment is shown beside them. Grading adds rows and columns to
it and never takes any away.
"""

import collections
import csv
import io
import pathlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from utils import errors, files, words

_KEY = "submission"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SpreadsheetError(errors.CourseError, ValueError):
    """An `instructor.csv` that cannot be used; the message is one sentence."""


def safe(text: str) -> str:
    """Text for a cell: one that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(
    rows: Iterable[Mapping[str, str]], columns: Sequence[str], delimiter: str = ",", *, mark: bool = True
) -> bytes:
    """Return rows (dicts of text) as the bytes of a CSV file, with the mark that tells Excel it is UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" * mark + words.writable(text.getvalue()).encode()


def read(path: pathlib.Path) -> tuple[str, list[str], list[dict[str, str]]]:
    """Return a CSV file's delimiter, columns and rows.

    Raises:
        SpreadsheetError: it cannot be read.
    """
    try:
        text = files.decoded(path.read_bytes())
        delimiter = max(",;\t", key=text.partition("\n")[0].count)  # each language has its own
        reader = csv.DictReader(io.StringIO(text, newline=None), restval="", delimiter=delimiter, strict=True)
        rows = [row for row in reader if any(row.values())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SpreadsheetError(f"Cannot read {path}: save it as “CSV UTF-8”.") from error
    columns = list(reader.fieldnames or [])
    if len(set(columns)) < len(columns):
        raise SpreadsheetError(f"{path} has two columns of one name.")
    if any(None in row for row in rows):
        raise SpreadsheetError(f"{path} has a row with more cells than columns.")
    return delimiter, columns, rows


def plain(name: str) -> str:
    """A name as a spreadsheet may leave it: without leading zeros, in any case, its accents in one form."""
    small = unicodedata.normalize("NFC", name.strip()).casefold()
    return small.lstrip("0") if small.isdigit() else small


class InstructorSheet:
    """What the instructor wrote into `instructor.csv`: points and comments by submission and check."""

    def __init__(self, path: str | pathlib.Path, most: Mapping[str, float]) -> None:
        """Read the file, if it is there; `most` are the most points of each check, by its name.

        Raises:
            SpreadsheetError: it cannot be used.
        """
        self._path, self._most = pathlib.Path(path), most
        found = read(self._path) if self._path.exists() else (",", [], [])
        self._delimiter, self._columns, self._rows = found
        if self._columns and _KEY not in self._columns:
            raise SpreadsheetError(f"{path} needs a first row with one column “{_KEY}”.")
        if len({row[_KEY] for row in self._rows}) < len(self._rows):
            raise SpreadsheetError(f"{path} has two rows for one submission: delete one of them.")
        self._by_name = {}
        for row in self._rows:
            for check in most:
                self._number(row, check)  # a cell that is no number is told before anything is graded

    def match(self, submissions: Iterable[str]) -> list[str]:
        """Find the row of each submission; return the names in rows that belong to none.

        Excel takes the zeros before a number away: a row without them is found where there is one such.
        """
        left = {row[_KEY].removeprefix("'"): row for row in self._rows}
        names = list(submissions)
        self._by_name = {name: left.pop(name) for name in names if name in left}
        names = [name for name in names if name not in self._by_name]
        counts = collections.Counter(map(plain, [*names, *left]))
        rows = {plain(name): name for name in left}
        for name in names:
            if plain(name) in rows and counts[plain(name)] == 2:  # one submission, and one row
                self._by_name[name] = left.pop(rows[plain(name)])
        own = self._own()
        return [name for name, row in left.items() if any(row.get(column, "").strip() for column in own)]

    def points(self, submission: str, check: str) -> float | None:
        """Return the instructor's points, or None where the cell is empty."""
        return self._number(self._by_name.get(submission, {}), check)

    def comment(self, submission: str, check: str = "") -> str:
        """Return the instructor's comment on a check, or on all, or an empty text."""
        return self._by_name.get(submission, {}).get(_comment(check), "").strip()

    def add(self, students: Mapping[str, str]) -> None:
        """Write the file, with a row for each submission: `students` are the ids by the submissions' names.

        Raises:
            files.WriteError: the disk is full or read-only.
        """
        wanted = [_KEY, "student", *self._own()]
        columns = [*self._columns, *(name for name in wanted if name not in self._columns)]
        new = [
            {_KEY: safe(submission), "student": safe(student)}
            for submission, student in students.items()
            if submission not in self._by_name
        ]
        if new or columns != self._columns:
            files.write_whole(self._path, as_csv([*self._rows, *new], columns, self._delimiter))

    def _own(self):
        """The columns to write in."""
        return [*(column for check in self._most for column in (check, _comment(check))), _comment("")]

    def _number(self, row, check):
        text = row.get(check, "").strip().replace(",", ".")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= self._most[check]:
            raise SpreadsheetError(
                f"In {self._path}, {row[_KEY]}, column “{check}”: {text!r} is no number from 0 to "
                f"{self._most[check]:g}."
            )
        return number


def _comment(check):
    return f"{check}: comment" if check else "comment"
