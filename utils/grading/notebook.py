"""A notebook as data: its cells found by what they say, never by where they stand. Nothing is run."""

import dataclasses
import json
import pathlib

from utils import words

_LONGEST = 200  # letters of an error that are quoted
_LONGEST_CODE = 6_000  # and of a cell
_BY_HAND = ("by_hand", "trained.items()")  # what the cells of lesson 14 say that train one network by hand


@dataclasses.dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells, from 1, and what it left."""

    number: int
    source: str
    has_outputs: bool
    error: str
    printed: str


@dataclasses.dataclass(frozen=True)
class Notebook:
    """Name of the file, its code cells, and sentences about what cannot be read."""

    name: str = ""
    cells: tuple[Cell, ...] = ()
    problems: tuple[str, ...] = ()

    def by_hand(self) -> str:
        """Return the cells of the training by hand, each with what it printed."""
        cells = [cell for cell in self.cells if any(word in cell.source for word in _BY_HAND)]
        return "\n\n".join(f"# cell {cell.number}\n{cell.source}\n{cell.printed}".strip() for cell in cells)

    def notes(self) -> list[str]:
        """Return what is to be seen of its cells, as sentences."""
        if not self.cells:
            return []
        done = sum(cell.has_outputs for cell in self.cells)
        first = f"{self.name} has {words.count(len(self.cells), 'code cell')}, {done} of them with outputs."
        errors = [f"Cell {cell.number} stopped with {cell.error}" for cell in self.cells if cell.error]
        return [first, *errors]


def find(folder: str | pathlib.Path) -> pathlib.Path | None:
    """Return the path of the notebook in a folder: `notebook.ipynb`, or the first with another name."""
    paths = pathlib.Path(folder).glob("*.ipynb")
    return min(paths, key=lambda path: (path.name != "notebook.ipynb", path.name), default=None)


def read(folder: str | pathlib.Path) -> Notebook:
    """Return the Notebook in a folder, one that has a problem where there is none."""
    path = find(folder)
    return read_file(path) if path else Notebook(problems=("There is no notebook.",))


def read_file(path: pathlib.Path) -> Notebook:
    """Return the Notebook in the file `path`."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return Notebook(path.name, problems=(f"{path.name} is not JSON that can be read.",))
    cells = _code_cells(content)
    return Notebook(path.name, cells, () if cells else (f"{path.name} has no code cells.",))


def _code_cells(content):
    cells = enumerate(_cells(content), 1)
    return tuple(_cell(number, cell) for number, cell in cells if _get(cell, "cell_type", str) == "code")


def _cells(content):
    """All cells; before nbformat 4 they lie in worksheets."""
    sheets = _get(content, "worksheets", list)
    return [cell for sheet in [content, *sheets] for cell in _get(sheet, "cells", list)]


def _cell(number, cell):
    source = _text(cell.get("source", cell.get("input")))[:_LONGEST_CODE]  # "input" before nbformat 4
    outputs = _get(cell, "outputs", list)
    errors = [_error(output) for output in outputs if _get(output, "ename", str)]
    printed = "".join(_text(output.get("text")) for output in outputs if isinstance(output, dict))
    return Cell(number, source, bool(outputs), errors[0] if errors else "", printed[:_LONGEST_CODE])


def _error(output):
    return f"{_short(output['ename'])}: {_short(_get(output, 'evalue', str))}"


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
