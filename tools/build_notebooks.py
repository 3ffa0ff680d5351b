"""Build both editions of the lessons from their scripts, or check that they are what the scripts give.

    python -m tools.build_notebooks            build what has changed
    python -m tools.build_notebooks 08 09      only these lessons
    python -m tools.build_notebooks --force    execute again, also where the script is unchanged
    python -m tools.build_notebooks --check    change nothing, say what differs

solutions/NN_name.ipynb is executed and keeps its outputs; notebooks/NN_name.ipynb is for students: exercises
open, no outputs. A lesson is executed again only when its code changed; new prose takes a second.
"""

import argparse
import copy
import difflib
import importlib.util
import json
import os
import pathlib
import re
import sys
import textwrap
import time

import nbclient
import nbclient.exceptions
import nbformat

from tools import lessons
from utils import errors, files

ROOT = pathlib.Path(__file__).parents[1]
CELL_SECONDS = 300
_WIDGET = "application/vnd.jupyter.widget-view+json"  # names a widget of a kernel that is gone
_WIDGET_TEXT = "(A control to play with appears here when the cell is run.)"


class BuildError(errors.CourseError):
    """A notebook could not be built; the message says which lesson and which cell."""


def quick_environment() -> dict[str, str]:
    """The environment that lessons are built and compared in: quick profile, no settings of one's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    return {**kept, "COURSE_PROFILE": "quick", "NO_ALBUMENTATIONS_UPDATE": "1"}


def build(lesson: lessons.Lesson, notebooks: str | pathlib.Path, *, force: bool = False) -> list[str]:
    """Write both editions of a lesson where they differ from what is there.

    Args:
        lesson: the lesson; its solution edition is written beside its script.
        notebooks: folder of the student edition.
        force: execute the lesson although its code is unchanged.

    Returns:
        The names of the editions written.

    Raises:
        BuildError: when a cell fails or PyTorch is missing; nothing is written then.
    """
    path = lesson.path.with_suffix(".ipynb")
    solution = lesson.notebook("solution")
    old = _read(path)
    if force or old is None or not _take_outputs(solution, old):
        if lessons.needs_torch(lesson.path) and importlib.util.find_spec("torch") is None:
            raise BuildError(
                f"{lesson.path.name} needs PyTorch, which this Python has not: run `make notebooks-torch`."
            )
        _execute(lesson, solution)
    editions = {"solution": (path, solution)}
    editions["student"] = (pathlib.Path(notebooks) / path.name, lesson.notebook("student"))
    return [edition for edition, (path, notebook) in editions.items() if _write(path, notebook)]


def _read(path):
    """The stored notebook, or None where there is none that can be read."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def _write(path, notebook):
    nbformat.validate(notebook)
    text = nbformat.writes(notebook) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    files.write_whole(path, text)
    return True


def _take_outputs(notebook, old):
    """Move the outputs of a notebook with the same code into `notebook`; False when there are none to use."""
    if old.metadata.get("course", {}).get("digest") != notebook.metadata["course"]["digest"]:
        return False
    new_code, old_code = _code(notebook), _code(old)
    if [cell.source for cell in new_code] != [cell.source for cell in old_code] or output_problems(old):
        return False
    for new, stored in zip(new_code, old_code, strict=True):
        new.outputs, new.execution_count = stored.outputs, stored.execution_count
    return True


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _execute(lesson, notebook):
    started = []
    client = nbclient.NotebookClient(
        notebook,
        timeout_func=lambda cell: CELL_SECONDS,
        timeout=20,  # for all else: at the end a kernel that has just made a widget may never answer
        kernel_name="python3",
        extra_arguments=["--log-level=40"],  # errors only
        record_timing=False,
        shutdown_kernel="immediate",  # ipykernel 7.4 now and then never ends when it is asked politely
        coalesce_streams=True,
        skip_cells_with_tag="nbval-skip",
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
        resources={"metadata": {"path": str(lesson.path.parent)}},
    )
    try:
        client.execute(env=quick_environment())
    except (nbclient.exceptions.CellControlSignal, nbclient.exceptions.DeadKernelError) as error:
        raise BuildError(_failure(lesson.cells[started[-1]], lesson, error)) from None
    _refuse_compared_widgets(lesson, notebook)
    notebook.metadata = lesson.notebook("solution").metadata  # without the kernel's version and its widgets
    for cell in _code(notebook):
        cell.outputs = [_tidy(output) for output in cell.outputs if output.get("name") != "stderr"]
        cell.metadata.pop("execution", None)


def _refuse_compared_widgets(lesson, notebook):
    for cell, built in zip(lesson.cells, notebook.cells, strict=True):
        widget = any(_WIDGET in output.get("data", {}) for output in built.get("outputs", []))
        if widget and "nbval-ignore-output" not in cell.tags:
            raise BuildError(
                f"{lesson.path.name}, line {cell.line}: this cell shows a widget, which nbval cannot "
                'compare: write `# %% tags=["nbval-ignore-output"]`.'
            )


def _tidy(output):
    """The output without what only this run knows."""
    if _WIDGET in output.get("data", {}):
        output.data = {"text/plain": _WIDGET_TEXT}
    return output


def _failure(cell, lesson, error):
    """Which cell of which lesson raised what."""
    if isinstance(error, nbclient.exceptions.CellExecutionError):
        reason = f"{error.ename}: {error.evalue}"
    else:
        reason = str(error).strip().splitlines()[0]
    reason = re.sub("\x1b\\[[0-9;]*m", "", reason)
    source = textwrap.indent(cell.solution, "    ")
    return (
        f"{lesson.path.name}, line {cell.line}: this cell fails, and the old notebook is kept.\n\n"
        f"{source}\n\n{reason}"
    )


def _skipped(cell):
    return "nbval-skip" in cell.metadata.get("tags", [])


def check(lesson: lessons.Lesson, notebooks: str | pathlib.Path) -> list[str]:
    """Texts that say where the stored editions are not what the script gives; none when all is well."""
    stored = {
        "solution": lesson.path.with_suffix(".ipynb"),
        "student": pathlib.Path(notebooks) / f"{lesson.name}.ipynb",
    }
    problems = []
    for edition, path in stored.items():
        notebook = _read(path)
        if notebook is None:
            problems.append(f"{_short(path)} is missing or no notebook.")
            continue
        problems += _difference(notebook, lesson.notebook(edition), path, lesson)
        problems += (
            [f"{_short(path)}: {problem}" for problem in output_problems(notebook)]
            if edition == "solution"
            else _outputs_of_a_student(notebook, path)
        )
    return problems


def _short(path):
    return f"{path.parent.name}/{path.name}"


def _difference(stored, expected, path, lesson):
    difference = difflib.unified_diff(
        _as_lines(expected),
        _as_lines(stored),
        f"what {lesson.path.name} gives",
        f"{_short(path)} as it is",
        lineterm="",
    )
    text = "\n".join(difference)
    return [text] if text else []


def _as_lines(notebook):
    """The notebook without its outputs, to be read and compared."""
    notebook = copy.deepcopy(notebook)
    lines = ["metadata: " + _sorted(notebook.metadata)]
    for number, cell in enumerate(notebook.cells):
        lines.append(f"---- cell {number}: {cell.cell_type} {cell.get('id', '')} {_sorted(cell.metadata)}")
        lines += cell.source.splitlines()
    return lines


def _sorted(metadata):
    return json.dumps(metadata, sort_keys=True)


def output_problems(notebook: nbformat.NotebookNode) -> list[str]:
    """Sentences about a solution edition that was not executed, or in which a cell failed."""
    problems = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or _skipped(cell):
            continue
        if cell.execution_count is None:
            problems.append(f"cell {number} was not executed.")
        if any(output.output_type == "error" for output in cell.outputs):
            problems.append(f"cell {number} has an error for an output.")
    if not any(cell.outputs for cell in _code(notebook)):
        problems.append("it has no outputs.")
    return problems


def _outputs_of_a_student(notebook, path):
    numbers = [
        str(number)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None)
    ]
    return (
        [f"{_short(path)}: outputs in cell {', '.join(numbers)}; the student edition has none."]
        if numbers
        else []
    )


def orphans(solutions: str | pathlib.Path, notebooks: str | pathlib.Path) -> list[str]:
    """Notebooks without a script."""
    names = {path.stem for path in lessons.paths(solutions)}
    found = [*pathlib.Path(solutions).glob("*.ipynb"), *pathlib.Path(notebooks).glob("*.ipynb")]
    return [
        f"{_short(path)} has no script in solutions/: remove it." for path in found if path.stem not in names
    ]


def _chosen(folder, numbers):
    paths = lessons.paths(folder)
    unknown = [number for number in numbers if number not in {path.stem[:2] for path in paths}]
    if unknown:
        there = ", ".join(path.stem[:2] for path in paths) or "none"
        raise BuildError(f"There is no lesson {unknown[0]}; there are: {there}.")
    return [path for path in paths if not numbers or path.stem[:2] in numbers]


def _build_all(arguments):
    """Build lesson after lesson; a broken one does not keep the others from being built."""
    failed = 0
    for path in _chosen(arguments.solutions, arguments.lessons):
        start = time.monotonic()
        try:
            written = build(lessons.read(path), arguments.notebooks, force=arguments.force)
        except errors.CourseError as error:
            failed += 1
            print(error, file=sys.stderr)
            continue
        seconds = time.monotonic() - start
        print(
            f"{path.stem}: "
            + (f"{' and '.join(written)} built ({seconds:.0f} s)" if written else "unchanged")
        )
    return failed


def _check_all(arguments):
    problems = [] if arguments.lessons else orphans(arguments.solutions, arguments.notebooks)
    for path in _chosen(arguments.solutions, arguments.lessons):
        try:
            problems += check(lessons.read(path), arguments.notebooks)
        except lessons.LessonError as error:
            problems.append(str(error))
    if problems:
        print("\n\n".join(problems), file=sys.stderr)
        print("\nEdit solutions/NN_name.py only, and run `make notebooks`.", file=sys.stderr)
    else:
        print("The notebooks are what the scripts give.")
    return len(problems)


def main(arguments: list[str] | None = None) -> int:
    """Build or check; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_notebooks", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "lessons", nargs="*", metavar="NN", help="numbers of lessons, such as 08 (default: all)"
    )
    parser.add_argument("--check", action="store_true", help="change nothing, say what differs")
    parser.add_argument("--force", action="store_true", help="execute although the code is unchanged")
    parser.add_argument("--solutions", type=pathlib.Path, default=ROOT / "solutions", help=argparse.SUPPRESS)
    parser.add_argument("--notebooks", type=pathlib.Path, default=ROOT / "notebooks", help=argparse.SUPPRESS)
    arguments = parser.parse_args(arguments)
    try:
        return 1 if (_check_all if arguments.check else _build_all)(arguments) else 0
    except errors.CourseError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
