"""Variants of one's own: `register("my_cutmix", mix=my_cutmix)`, or `register("cutmix", mix=my_cutmix)`.

A registered function is used by its name, with settings where it has parameters: `my_cutmix(alpha=0.5)`. It
travels to the processes that train, and its source, with the source of the functions that it calls, is a
part of the identity of its runs.
"""

import dataclasses
import functools
import inspect
import re
import reprlib
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

from utils import errors

_GIVEN = ("images", "labels", "seed")
_PLAIN = (bool, int, float, str, bytes, tuple, list, dict, set, frozenset, type(None))


class RegisterError(errors.CourseError, ValueError):
    """A function that cannot be registered; the message is one sentence."""


@dataclasses.dataclass(frozen=True)
class Registered:
    """A function under a name."""

    function: Callable[..., Any]
    is_mix: bool
    settings: tuple[str, ...]  # its parameters, but images, labels and seed
    source: str
    verdict: str  # of the checker
    label_share: str = ""  # of a mix: by how much the checker found labels and pixels to differ


FUNCTIONS: dict[str, Registered] = {}
"""What has been registered in this process, by name."""


def register(
    name: str, *, augment: Callable[..., Any] | None = None, mix: Callable[..., Any] | None = None
) -> None:
    """Make a function a variant, under its own name or in place of a built-in one, and check it.

    The checker's verdict is printed, and stored with each run, as is the label share that it measures; a
    function that fails may be compared all the same.

    Args:
        name: up to 50 lower-case letters, digits and underscores. A name of `utils.augment` or
            `utils.mixing` is replaced until the program ends, or the course's function is given again.
        augment: `augment(images, *, seed) -> images`, or
        mix: `mix(images, labels, *, seed) -> (images, labels)`; one of the two. Further parameters are
            settings that a variant's name may give: numbers.

    Raises:
        RegisterError: for a name or a function that cannot be used.
    """
    if (augment is None) == (mix is None):
        raise RegisterError("Register one function: augment=… or mix=….")
    function, is_mix = (mix, True) if augment is None else (augment, False)
    _check_name(name, is_mix)
    if function is _built_in(name):
        FUNCTIONS.pop(name, None)
        print(f"{name} is the course's own.")
        return
    settings = _settings(function, is_mix)
    FUNCTIONS[name] = Registered(function, is_mix, settings, source_of(function), *_checked(function, is_mix))
    print(f"{name} is registered. The checker: {FUNCTIONS[name].verdict}")


def _checked(function, is_mix):
    """Return the checker's verdict, and what it says of the label share."""
    from utils import checks
    from utils.checks.augmentations.mixes import REFUSALS

    report = checks.check_augmentation(function, kind="mix" if is_mix else "augment")
    report = report.without(REFUSALS)  # what is to be refused never comes from the course's pipeline
    return report.verdict, "; ".join(row.evidence for row in report.rows if row.name == "label share")


def _check_name(name: str, is_mix: bool) -> None:
    from utils.experiment import variants

    if name == "none" or not isinstance(name, str) or not re.fullmatch(r"[a-z]\w{,49}", name, re.ASCII):
        raise RegisterError(
            f"{reprlib.repr(name)} is no name for a variant: write up to 50 lower-case letters, digits and _."
        )
    if name in (variants.AUGMENTS if is_mix else variants.MIXES):
        kind = "an augmentation: register(…, augment=…)" if is_mix else "a mix: register(…, mix=…)"
        raise RegisterError(f"{name} is {kind}, or choose another name.")


def _built_in(name: str) -> Callable[..., Any] | None:
    from utils import augment, mixing

    return getattr(mixing, name, None) or getattr(augment, name, None)


def _settings(function: Callable[..., Any], is_mix: bool) -> tuple[str, ...]:
    """Return the names of the parameters that are settings."""
    needed = _GIVEN if is_mix else ("images", "seed")
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        names = {}
    if list(names)[: len(needed) - 1] != list(needed[:-1]) or "seed" not in names:
        call = f"{'mix' if is_mix else 'augment'}({', '.join(needed[:-1])}, *, seed)"
        raise RegisterError(f"A function to register is called as {call}: give its parameters these names.")
    fixed = function.keywords if isinstance(function, functools.partial) else {}
    return tuple(name for name in names if name not in (*_GIVEN, *fixed))


# ---- the source of a function ------------------------------------------------------------------------------


def source_of(function: Callable[..., Any]) -> str:
    """Return the source of a function and of what it uses of its own module: functions and plain values.

    Raises:
        RegisterError: when it is no function, or its source cannot be had.
    """
    found: dict[str, str] = {}
    _collect(getattr(function, "__name__", "function"), function, found)
    return "\n".join(found[name] for name in sorted(found))


def _collect(name: str, value: Any, found: dict[str, str]) -> None:
    if isinstance(value, functools.partial):
        found[name] = f"{name} = partial(*{value.args!r}, **{value.keywords!r})"
        _collect(f"{name}.func", value.func, found)
    elif isinstance(value, types.FunctionType):
        try:
            found[name] = textwrap.dedent(inspect.getsource(value))
        except (OSError, TypeError):
            raise RegisterError(
                f"The source of {value.__name__} cannot be read: define it in a notebook's cell or in a file."
            ) from None
        for other, used in _used(value):
            if other not in found:
                _collect(other, used, found)
    elif isinstance(value, _PLAIN):
        ordered = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        found[name] = f"{name} = {ordered!r}"
    elif not found:
        raise RegisterError(f"Only a function can be registered, not {value!r}: wrap it in one.")


def _used(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what the function finds around it: from its closure, and from its module."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        own = getattr(value, "__module__", None) == function.__module__
        if name in function.__globals__ and (own or isinstance(value, _PLAIN)):
            yield name, value


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function's code looks up, with those of the functions inside it."""
    inside = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return set(code.co_names).union(*map(_names, inside))
