"""A notebook as data: its cells found by what they say, never by where they stand. Nothing is run."""

import dataclasses
import json
import pathlib

from utils import words

_LONGEST = 200  # letters of an error that are quoted
_LONGEST_CODE = 6_000  # and of a cell
_BY_HAND = ("by_hand", "trained.items()")  # what the cells of lesson 14 say that train one network by hand


@dataclasses.dataclass(frozen=True)
class Notebook:
    """What is shown of a notebook.

    `by_hand` are the cells of the training by hand, each with what it printed; `notes` say in sentences what
    is to be seen of all code cells, `problems` what cannot be read.
    """

    by_hand: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def read(folder: str | pathlib.Path) -> Notebook:
    """Return what is shown of the notebook in a folder: `notebook.ipynb`, or the first with another name."""
    paths = pathlib.Path(folder).glob("*.ipynb")
    path = min(paths, key=lambda path: (path.name != "notebook.ipynb", path.name), default=None)
    if path is None:
        return Notebook(problems=("There is no notebook.",))
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return Notebook(problems=(f"{path.name} is not JSON that can be read.",))
    sheets = [content, *_get(content, "worksheets", list)]  # where the cells lie before nbformat 4
    cells = enumerate((cell for sheet in sheets for cell in _get(sheet, "cells", list)), 1)
    cells = [(number, cell) for number, cell in cells if _get(cell, "cell_type", str) == "code"]
    if not cells:
        return Notebook(problems=(f"{path.name} has no code cells.",))
    done = sum(bool(_get(cell, "outputs", list)) for _, cell in cells)
    first = f"{path.name} has {words.count(len(cells), 'code cell')}, {done} of them with outputs."
    errors = ((number, _error(cell)) for number, cell in cells)
    stops = [f"Cell {number} stopped with {error}" for number, error in errors if error]
    shown = (_shown(number, cell) for number, cell in cells)
    return Notebook("\n\n".join(filter(None, shown)), (first, *stops))


def _shown(number, cell):
    """The cell as text where it is one of the training by hand, otherwise nothing."""
    source = _text(cell.get("source", cell.get("input")))[:_LONGEST_CODE]  # "input" before nbformat 4
    if not any(word in source for word in _BY_HAND):
        return ""
    printed = "".join(_text(_get(output, "text", object)) for output in _get(cell, "outputs", list))
    return f"# cell {number}\n{source}\n{printed[:_LONGEST_CODE]}".strip()


def _error(cell):
    """The first error among a cell's outputs, or nothing."""
    found = (output for output in _get(cell, "outputs", list) if _get(output, "ename", str))
    return next((f"{_short(each['ename'])}: {_short(_get(each, 'evalue', str))}" for each in found), "")


def _get(value, name, kind):
    """Return `value[name]` where it is there and of that kind, otherwise an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()


def _text(value):
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str)).encode(errors="replace").decode()


def _short(text):
    """The first line, cut, with what cannot be written replaced."""
    line = next(iter(_text(text).strip().splitlines()), "")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
