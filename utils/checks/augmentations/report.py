"""A report: one row per check, printed as a table or shown as HTML in a notebook."""

import dataclasses
import html
import re
import textwrap
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeAlias

from utils import words

WORDS = {True: "ok", False: "FAIL", None: "--"}
_OWN_FAILURE = "the checker itself failed: "


class Row(NamedTuple):
    """The outcome of one check."""

    name: str
    passed: bool | None  # None: could not be tried, the evidence says why
    evidence: str  # what was measured
    meaning: str  # what it does to training; shown when the check failed


class Skip(Exception):
    """Raised by a check that cannot be tried, with the reason."""


class Finding(Exception):
    """What is checked fails by itself: it raised an error, or gave what is nothing to be measured."""


# Whether the check passed and what was measured; None where it does not apply.
Outcome: TypeAlias = tuple[bool, str] | None
# For each check by name: a function of the case, and what a failure does to training.
Checks: TypeAlias = dict[str, tuple[Callable[[Any], Outcome], str]]


@dataclasses.dataclass(frozen=True)
class Report:
    """What `check_augmentation` found. `print(report)` shows all of it; `report.ok` is the verdict."""

    title: str
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """True when a check passed and none failed. One that could not be tried is no failure."""
        return not self.failed and any(row.passed for row in self.rows)

    @property
    def failed(self) -> list[str]:
        """The names of the checks that failed."""
        return [row.name for row in self.rows if row.passed is False]

    def without(self, names: Collection[str]) -> "Report":
        """Return the report without some checks, where what they try cannot happen."""
        return Report(self.title, tuple(row for row in self.rows if row.name not in names))

    def __getitem__(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)

    def __str__(self) -> str:
        words.print_anywhere()  # it is made to be printed, and stdout may have no λ and no arrow
        width = max(len(row.name) for row in self.rows)
        lines = [self.title]
        for row in self.rows:
            start = f"{WORDS[row.passed]:>6}  {row.name:<{width}}  "
            lines.append(wrapped(start, row.evidence))
            if row.passed is False:
                lines.append(wrapped(" " * (len(start) - 2) + "→ ", row.meaning))
        return "\n".join([*lines, self.verdict])

    @property
    def verdict(self) -> str:
        """The last line of the report."""
        tried = sum(row.passed is not None for row in self.rows)
        ours = [row.name for row in self.rows if row.evidence.startswith(_OWN_FAILURE)]
        excuse = f" The checker itself failed in: {', '.join(ours)}." if ours else ""
        if not tried:
            return f"Nothing could be checked.{excuse}"
        if self.ok:
            return f"All {tried} checks passed.{excuse}"
        return f"{len(self.failed)} of {tried} checks failed: {', '.join(self.failed)}.{excuse}"

    def _repr_html_(self) -> str:
        colors = {True: "#e3f4e3", False: "#fbdcdc", None: "#eeeeee"}
        body = []
        for row in self.rows:
            meaning = row.meaning if row.passed is False else ""
            cells = [WORDS[row.passed], row.name, row.evidence, meaning]
            cells = "".join(f'<td style="text-align: left">{html.escape(cell)}</td>' for cell in cells)
            body.append(f'<tr style="background: {colors[row.passed]}; color: #000">{cells}</tr>')
        head = "<tr><th></th><th>check</th><th>what was measured</th><th>what it does to training</th></tr>"
        title, verdict = html.escape(self.title), html.escape(self.verdict)
        return f"<table><caption>{title}<br>{verdict}</caption>{head}{''.join(body)}</table>"


def wrapped(start: str, text: str) -> str:
    """Return lines of 110 characters: the text behind `start`, and as far to the right in further lines."""
    return textwrap.fill(text, 110, initial_indent=start, subsequent_indent=" " * len(start))


def run(checks: Checks, case: Any) -> tuple[Row, ...]:
    """Try each check on the case; unless the first passes, whether it runs at all, nothing else is tried."""
    rows = []
    for name, (check, meaning) in checks.items():
        try:
            outcome = check(case)
        except Finding as finding:
            outcome = False, str(finding)
        except Skip as reason:
            outcome = None, str(reason)
        except Exception as error:  # ours: what a stranger's code raises is a Finding
            outcome = None, f"{_OWN_FAILURE}{first_sentence(error)}"
        if outcome is not None:
            passed, evidence = outcome
            rows.append(Row(name, passed if passed is None else bool(passed), evidence, meaning))
        if not rows[0].passed:
            break
    return tuple(rows)


def calling(function: Callable, *arguments, **keywords) -> Any:
    """Call a stranger's code, and return what it returns; what it raises is a Finding."""
    try:
        return function(*arguments, **keywords)
    except Exception as error:
        raise Finding(f"it raised {first_sentence(error)}") from error


def first_sentence(error: Exception) -> str:
    """Return the type and the first telling sentence of an error, without a library's preamble."""
    # Keras prints in bold; TensorFlow names the node before the sentence and the operation after it.
    text = re.sub(r"\x1b\[\d+m|\{\{function_node .*?\}\} ?|\[Op:.*?\]( name:)?", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0] == "in user code:":  # AutoGraph repeats the traceback; the error comes last
        lines = [line for line in lines if re.match(r"\w+(Error|Exception): ", line)][-1:] + lines
    lines = [
        line for line in lines if not line.startswith(("Exception encountered when calling", "in user code:"))
    ]
    sentence = re.split(r"\.\s", lines[0] + " ")[0].strip() if lines else "no message"
    sentence = sentence.removeprefix(f"{type(error).__name__}: ")
    return f"{type(error).__name__}: {textwrap.shorten(sentence, 200, placeholder=' …')}"
