"""What the checks of the lessons share: call the student's function, and say in words what is wrong.

A check of an exercise takes the student's function. Where it can be one, it is a table of mistakes
(`utils.checks.tables`). Else it is a function in `lesson_NN.py` that calls through `call`, raises CheckFailed
through `fail` at the first thing that is not as it should be, and ends with `passed`. In a notebook only the
words are shown, without a traceback.
"""

import pathlib
import re
import sysconfig
import textwrap
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from utils import errors
from utils.checks.augmentations import report

_OPEN = re.compile(r"(?:^|NotImplementedError: )(Exercise \d+: .*)$", re.MULTILINE)
_NOT_THEIRS = (
    str(pathlib.Path(__file__).parents[1]),  # utils
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    "<frozen",
)
_MOST_ELEMENTS = 24
_RIGHT: set[Callable] = set()  # students' functions whose checks have passed


class CheckFailed(errors.CourseError, AssertionError):
    """The student's function is not right yet; the message says why, in words."""

    def _render_traceback_(self):
        return str(self).splitlines()


class ExerciseOpen(errors.CourseError, NotImplementedError):
    """The exercise has not been started; the message is its title."""

    def _render_traceback_(self):
        return [
            f"{self}",
            "This exercise is still open: replace the line `raise NotImplementedError` with your code.",
        ]


def call(function: Callable, *arguments, tried: str | None = None, **keywords) -> Any:
    """Call the student's function and return what it returns; arrays that it gets must stay as they are.

    `tried` is the call in words, for messages; the default is made from the function and its arguments.

    Raises:
        ExerciseOpen: the function is the untouched stub.
        CheckFailed: it raised an error, returned nothing or changed an array that it was given.
    """
    tried = tried or f"{name_of(function)}{shown_arguments(*arguments, **keywords)}"
    values = {**{f"number {index}": value for index, value in enumerate(arguments, start=1)}, **keywords}
    before = {name: value.copy() for name, value in values.items() if isinstance(value, np.ndarray)}
    try:
        result = function(*arguments, **keywords)
    except CheckFailed:
        raise
    except Exception as error:
        raise _explained(error, tried) from None
    if result is None:
        hint = "Does every way through the function end with `return`?"
        fail(tried=tried, got="None", expected="a result", hint=hint)
    for name, value in before.items():
        if not np.array_equal(value, values[name], equal_nan=value.dtype.kind == "f"):
            fail(
                tried=tried,
                got=f"the array that was argument {name} has other values after the call",
                expected="a new array, and the arguments as they were",
                hint="Copy first: `array = array.copy()`. The caller still needs the original.",
            )
    return result


def _explained(error, tried):
    """The exception to raise in place of one that came out of the student's function."""
    title = _OPEN.search(str(error))  # also inside what TensorFlow makes of an error in a graph
    if title:
        return ExerciseOpen(title[1])
    lines = [f"{tried} raised an error.", f"  error:    {report.first_sentence(error)}"]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        is_ours = frame.filename.startswith(_NOT_THEIRS) or "__autograph_generated_file" in frame.filename
        if frame.line and not is_ours:
            lines.append(f"  where:    line {frame.lineno} of the cell: {frame.line}")
            break
    return CheckFailed("\n".join(lines))


def shown_arguments(*arguments, **keywords) -> str:
    """Arguments as text: `(float32 [2]: [1. 0.], share=0.3)`."""
    values = [shown(value) for value in arguments]
    values += [f"{name}={shown(value)}" for name, value in keywords.items()]
    return f"({', '.join(values)})"


def name_of(function: Callable) -> str:
    """The function's name; "the function" where it has none."""
    return getattr(function, "__name__", "the function")


def shown(value: Any) -> str:
    """A value as short text: small arrays in full, of large ones shape, dtype and range."""
    if hasattr(value, "numpy") and hasattr(value, "dtype"):
        value = value.numpy()  # a tensor
    if not isinstance(value, np.ndarray):
        return textwrap.shorten(repr(value), 200, placeholder=" …")
    kind = f"{value.dtype} {list(value.shape)}"
    if value.size <= _MOST_ELEMENTS:
        numbers = np.array2string(value, precision=4, suppress_small=True, separator=", ", max_line_width=200)
        return f"{kind}: " + re.sub(r"\n\s*", " ", numbers)
    if value.dtype.kind in "biuf":
        return f"{kind} from {value.min():.5g} to {value.max():.5g}, mean {value.mean():.5g}"
    return kind


def fail(*, tried: str, got: Any, expected: Any, hint: str) -> NoReturn:
    """Raise CheckFailed in the form all checks have; the hint names the mistake but not the solution.

    `got` and `expected` are any values; text is shown as it is.
    """
    rows = {"tried": tried, "got": got, "expected": expected, "look at": hint}
    raise CheckFailed("\n".join(["Not right yet.", *(_line(*row) for row in rows.items())]))


def _line(name: str, value: Any) -> str:
    return report.wrapped(f"  {name + ':':<10}", value if isinstance(value, str) else shown(value))


def advised(failure: CheckFailed, hints: Mapping[str, str]) -> CheckFailed:
    """The same failure; where it is an error, with the hint of the first pattern that its text has."""
    error = re.search(r"^  error:.*$", str(failure), re.MULTILINE)
    for pattern, hint in hints.items():
        if error and re.search(pattern, error[0]):
            return CheckFailed(f"{failure}\n{_line('look at', hint)}")
    return failure


def shown_pair(got: Any, expected: Any) -> tuple[str, str]:
    """Two values as text; of large arrays of one shape also what they hold where they differ most."""
    texts = tuple(value if isinstance(value, str) else shown(value) for value in (got, expected))
    shape = shape_of(got)
    if shape is None or shape != shape_of(expected) or np.prod(shape) <= _MOST_ELEMENTS:
        return texts
    arrays = np.asarray(got), np.asarray(expected)
    if any(array.dtype.kind not in "biuf" for array in arrays):
        return texts
    first, second = (array.astype(np.float64) for array in arrays)
    difference = np.nan_to_num(np.abs(first - second), nan=np.inf)
    worst = np.unravel_index(difference.argmax(), shape)
    place = [int(index) for index in worst]
    return tuple(f"{text}; at {place}: {array[worst]:.5g}" for text, array in zip(texts, arrays, strict=True))


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an array, a tensor, a number or nested lists; None for what has none."""
    try:
        return None if value is None else np.asarray(value).shape
    except (TypeError, ValueError):
        return None


def passed(text: str, function: Callable | None = None) -> None:
    """Print the line of a check that passed, `✓ Exercise 1: …`; `yours` uses the function from now on."""
    if function is not None:
        _RIGHT.add(function)
    print(f"✓ {text}")


def yours(function: Callable, *, otherwise: Callable) -> Callable:
    """Return the student's function once its check has passed, else the course's, and print which.

    So a student who is stuck goes on, and the others use what they wrote. A function that is defined anew
    has to pass anew. nbval compares the line, and all that follows from the student's function: the run that
    keeps exercises open puts the solution in its place for this cell (`tools/proofs.py`).
    """
    if function in _RIGHT:
        print(f"From here on: your own {name_of(function)}.")
        return function
    print(f"From here on: the course's, until your {name_of(function)} has passed its check.")
    return otherwise
