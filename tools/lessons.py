"""A lesson is one script, solutions/NN_name.py: its cells, its exercises, and the two editions made from it.

The script is in jupytext's percent format. What is solution stands, in a function, between two lines:

    # solution begins: Exercise 2: mix the labels of two images
    # solution ends

The solution edition drops these two lines. The student edition has, in place of everything between them,
`raise NotImplementedError("Exercise 2: …")`. All else is the same in both; `# noqa: …` at the end of a line
is for ruff, not for readers, and in neither.

A cell tagged `hide-input` draws; its code is closed until a reader opens it, in JupyterLab, on Colab and on
the site. What opens with a click, a hint or an answer, has a mark in both.
"""

import ast
import dataclasses
import hashlib
import json
import pathlib
import re

import jupytext
import nbformat

from utils import errors

TAGS = {
    "nbval-ignore-output": "its output depends on the machine: it runs, but is not compared",
    "nbval-check-output": "its output is compared (as that of every cell without a tag)",
    "nbval-skip": "it is shown, but neither built nor tested: it needs a network or a GPU",
    "hide-input": "it draws, and nothing else: its code is closed until a reader opens it",
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

# MyST-NB reads the tag itself. Colab closes the code only of a form, and a form begins with a title.
_CLOSED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
_FORM_TITLE = "# @title Drawing\n"
# Some pages drop the triangle that browsers draw, others keep it; this is one mark in all of them.
_MARKED_SUMMARY = '<summary style="list-style: none">▸ '

_HEADER = re.compile(r"# %%(\s|$)")
_BEGINS = re.compile(r"(?P<indent>\s*)# solution begins: (?P<title>Exercise (?P<number>\d+): \S.*)")
_ENDS = re.compile(r"\s*# solution ends")
_LIKE_A_MARKER = re.compile(r"\s*#+\s*solution\s*(begin|start|end|stop)", re.IGNORECASE)
_FOR_RUFF = re.compile(r" +# noqa: [A-Z]+\d+(, [A-Z]+\d+)*$", re.MULTILINE)
_TORCH = re.compile(r"^(import|from) torch\b", re.MULTILINE)
CHECK = re.compile(r"checks\.(?P<module>lesson_\d\d)\.(?P<check>\w+)\((?P<argument>\w+)\)")
YOURS = re.compile(r"checks\.yours\(\s*(?P<function>\w+),")


class LessonError(errors.CourseError, ValueError):
    """A script that is no lesson; the message names the file and the line."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """What the student writes: `title` is "Exercise 2: …", `function` the name of the function."""

    number: int
    title: str
    function: str


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell as written in the script; `line` is that of its `# %%`."""

    kind: str  # "code" or "markdown"
    source: str
    line: int
    tags: tuple[str, ...]
    identifier: str
    exercise: Exercise | None

    @property
    def solution(self) -> str:
        """The source without the two marker lines."""
        if not self.exercise:
            return self.source
        return "\n".join(line for line in self.source.splitlines() if not _LIKE_A_MARKER.match(line))

    @property
    def student(self) -> str:
        """The source with the solution replaced by an error that names the exercise."""
        if not self.exercise:
            return self.source
        lines = self.source.splitlines()
        begin = next(index for index, line in enumerate(lines) if _BEGINS.fullmatch(line))
        end = next(index for index, line in enumerate(lines) if _ENDS.fullmatch(line))
        indent = _BEGINS.fullmatch(lines[begin])["indent"]
        title = json.dumps(self.exercise.title, ensure_ascii=False)
        return "\n".join([*lines[:begin], f"{indent}raise NotImplementedError({title})", *lines[end + 1 :]])

    @property
    def check(self) -> re.Match | None:
        """The match of `checks.lesson_08.label_mix(label_mix)`, or None in any other cell."""
        return CHECK.fullmatch(self.source) if self.kind == "code" else None

    @property
    def yours(self) -> list[str]:
        """The functions of students that the cell uses where they are right: `checks.yours(label_mix, …)`."""
        return YOURS.findall(self.source) if self.kind == "code" else []


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A lesson's script, read."""

    path: pathlib.Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """Such as 08_cutmix."""
        return self.path.stem

    @property
    def number(self) -> str:
        """Such as "08"."""
        return self.name[:2]

    @property
    def exercises(self) -> list[Exercise]:
        """The exercises, in order."""
        return [cell.exercise for cell in self.cells if cell.exercise]

    @property
    def code(self) -> list[Cell]:
        """The code cells, in order."""
        return [cell for cell in self.cells if cell.kind == "code"]

    def digest(self) -> str:
        """What the outputs depend on in the script: sources and tags of the code cells."""
        content = [(cell.solution, cell.tags) for cell in self.code]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def notebook(self, edition: str) -> nbformat.NotebookNode:
        """The notebook of `edition` ("student" or "solution"), not executed."""
        cells = [_notebook_cell(cell, getattr(cell, edition)) for cell in self.cells]
        course = {"source": f"solutions/{self.path.name}", "edition": edition}
        if edition == "solution":
            course["digest"] = self.digest()
        return nbformat.v4.new_notebook(cells=cells, metadata={**METADATA, "course": course})


def _notebook_cell(cell, source):
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.kind == "markdown":
        source = source.replace("<summary>", _MARKED_SUMMARY)
        return nbformat.v4.new_markdown_cell(source, id=cell.identifier, metadata=metadata)
    if "hide-input" in cell.tags:
        metadata |= _CLOSED
    return nbformat.v4.new_code_cell(source, id=cell.identifier, metadata=metadata)


def paths(folder: str | pathlib.Path) -> list[pathlib.Path]:
    """The scripts of all lessons in a folder, in order."""
    return sorted(pathlib.Path(folder).glob("[0-9][0-9]_*.py"))


def needs_torch(path: str | pathlib.Path) -> bool:
    """Whether a lesson (its script or notebook) imports torch: only `make test-torch` runs it then."""
    return bool(_TORCH.search(pathlib.Path(path).with_suffix(".py").read_text(encoding="utf-8")))


def read(path: str | pathlib.Path) -> Lesson:
    """Read a lesson's script.

    Raises:
        LessonError: one sentence, with the line, for a marker, a tag or a cell that cannot be used.
    """
    path = pathlib.Path(path)
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    _check_markers(path, lines)
    starts = [number for number, line in enumerate(lines, start=1) if _HEADER.match(line)]
    if not starts or any(line.strip() for line in lines[: starts[0] - 1]):
        raise _error(path, 1, "a lesson starts with a cell: write `# %% [markdown]` first")
    notebook_cells = jupytext.reads(text, fmt="py:percent").cells
    if len(notebook_cells) != len(starts):
        raise _error(path, 1, "jupytext finds other cells than the `# %%` lines: is one inside a string?")
    cells, seen = [], {}
    for cell, line in zip(notebook_cells, starts, strict=True):
        cells.append(_cell(path, cell, line, seen))
    _check_numbers(path, [cell for cell in cells if cell.exercise])
    return Lesson(path, tuple(cells))


def _error(path, line, sentence):
    return LessonError(f"{path.name}, line {line}: {sentence}.")


def _cell(path, cell, line, seen):
    tags = _tags(path, cell, line)
    if cell.cell_type == "code":
        cell.source = _FOR_RUFF.sub("", cell.source)
    if "hide-input" in tags:
        cell.source = _FORM_TITLE + cell.source
    return Cell(
        kind=cell.cell_type,
        source=cell.source,
        line=line,
        tags=tags,
        identifier=_identifier(cell, seen),
        exercise=_exercise(path, cell.source, line) if cell.cell_type == "code" else None,
    )


def _identifier(cell, seen):
    """From the content alone, so that building twice gives the same; equal cells are counted."""
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _tags(path, cell, line):
    others = set(cell.metadata) - {"tags", "lines_to_next_cell"}  # the latter is jupytext's own
    if cell.cell_type == "raw" or others:
        raise _error(path, line, "after `# %%` there is nothing, [markdown] or tags=[…], nothing else")
    tags = tuple(cell.metadata.get("tags", []))
    for tag in tags:
        if tag not in TAGS:
            raise _error(path, line, f"tag {tag!r} has no effect; the tags are {', '.join(TAGS)}")
        if cell.cell_type == "markdown":
            raise _error(path, line, f"tag {tag!r} has no effect on text")
    return tags


def _exercise(path, source, line):
    """The exercise of a code cell, or None."""
    lines = source.splitlines()
    begin = next((index for index, text in enumerate(lines) if _BEGINS.fullmatch(text)), None)
    if begin is None:
        return None
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise _error(path, line + (error.lineno or 1), f"this is no Python ({error.msg})") from None
    for node in statements:
        inside = node.lineno <= begin + 1 <= node.end_lineno
        if inside and isinstance(node, ast.FunctionDef | ast.ClassDef):
            match = _BEGINS.fullmatch(lines[begin])
            return Exercise(int(match["number"]), match["title"], node.name)
    raise _error(path, line + begin + 1, "the solution must stand in the body of a function")


def _check_markers(path, lines):
    """Every solution begins and ends in the same cell, says which exercise it is, and is not empty."""
    begun, in_cell = None, 0
    for number, line in enumerate(lines, start=1):
        if begun and (_HEADER.match(line) or _BEGINS.fullmatch(line)):
            raise _error(
                path, begun, "this solution has no `# solution ends` before the next begins or the cell ends"
            )
        if _HEADER.match(line):
            in_cell = 0
        elif _BEGINS.fullmatch(line):
            in_cell += 1
            if in_cell > 1:
                raise _error(path, number, "a cell has one exercise: start a new cell")
            begun = number
        elif _ENDS.fullmatch(line):
            if not begun:
                raise _error(path, number, "a solution ends here that did not begin")
            if not any(text.strip() for text in lines[begun : number - 1]):
                raise _error(path, begun, "there is nothing between this line and the end of the solution")
            begun = None
        elif _LIKE_A_MARKER.match(line):
            raise _error(
                path,
                number,
                f"not understood: {line.strip()!r}; write `# solution begins: Exercise 2: what it is about` "
                "and `# solution ends`",
            )
    if begun:
        raise _error(path, begun, "this solution has no `# solution ends`")


def _check_numbers(path, cells):
    for expected, cell in enumerate(cells, start=1):
        if cell.exercise.number != expected:
            raise _error(
                path,
                cell.line,
                f"Exercise {cell.exercise.number} stands where Exercise {expected} is due: "
                "number them 1, 2, 3 … without repeating one",
            )
