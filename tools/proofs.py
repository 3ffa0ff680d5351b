"""One execution of a lesson proves all that has to be executed.

nbval runs the solution edition and compares what comes out. `solutions/conftest.py` puts these steps in its
way, so that the same run also proves that a student who is stuck can go on, that every check stops at its
open exercise, that every solution passes its check, and that nothing reaches for the network:

    the first cell          after what is needed in the kernel (`tools.proof_assertions`)
    an exercise's cell      as the student gets it, open
    its check               with the open exercise, which must stop it; then with the solution, whose
                            output nbval compares; then the exercise is open again for all cells that follow
    `checks.yours(…)`       with the open exercise, for which it must take the course's function; then with
                            the solution, so that what follows from it is what is stored
    the last cell           before a look at what asked for the network
"""

import dataclasses
import json
import pathlib

from tools import lessons, proof_assertions


@dataclasses.dataclass(frozen=True)
class Step:
    """What is executed; `cell` is the number of the code cell whose output is compared, None for an extra."""

    name: str
    source: str
    cell: int | None = None


def steps(lesson: lessons.Lesson) -> list[Step]:
    """Return the Steps of a lesson, in order."""
    found = [
        Step("no network from here", pathlib.Path(proof_assertions.__file__).read_text(encoding="utf-8"))
    ]
    exercises = {cell.exercise.function: cell for cell in lesson.code if cell.exercise}
    for number, cell in enumerate(lesson.code):
        exercise = exercises.get(cell.check["argument"]) if cell.check else None
        if exercise:
            found += _of_a_check(number, cell, exercise)
        elif cell.yours:
            found += _of_yours(number, cell)
        else:
            found.append(Step(f"Cell {number}", cell.student, number))
    return [*found, Step("no network was asked for", "_assert_no_network()")]


def _of_a_check(number, check, exercise):
    title, function = exercise.exercise.title, exercise.exercise.function
    kept = f"_open_{function}"
    return [
        Step(
            f"{title}, open",
            f"_assert_open(lambda: {check.source}, {json.dumps(title, ensure_ascii=False)})",
        ),
        Step(f"{title}, solution", f"{kept} = {function}\n{exercise.solution}"),
        Step(f"Cell {number}", check.source, number),
        Step(f"{title}, open again", f"_solved_{function}, {function} = {function}, {kept}"),
    ]


def _of_yours(number, cell):
    open_ = "\n".join(f"assert checks.yours({name}, otherwise=None) is None" for name in cell.yours)
    solved = "\n".join(f"{name} = _solved_{name}" for name in cell.yours)
    again = "\n".join(f"{name} = _open_{name}" for name in cell.yours)
    return [
        Step(f"Cell {number}, exercises open", open_),
        Step(f"Cell {number}, solutions", solved),
        Step(f"Cell {number}", cell.source, number),
        Step(f"Cell {number}, exercises open again", again),
    ]
