"""Some of a data set's classes: how many or which, and the labels that their images get."""

import difflib
import numbers
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from utils import errors

Classes: TypeAlias = int | str | Sequence[str]
"""How many classes, from the data set's first; or their names, as a list or as one text: "beagle,pug"."""

FEWEST = 2  # with a single class there is nothing to tell apart
SHOWN = 5  # names in a message: a data set may have hundreds


def check(classes: Classes, known: Sequence[str] | int, name: str) -> None:
    """Make sure that a data set has the classes asked for.

    Args:
        classes: what is asked for.
        known: the data set's class names, or how many they are where the names are not known yet.
        name: the data set's.

    Raises:
        DataError: for classes that there are not, too few of them, or one named twice.
    """
    if isinstance(classes, numbers.Integral):
        _check_count(classes, known if isinstance(known, int) else len(known), name)
        return
    names = _listed(classes)
    if len(names) < FEWEST:
        raise errors.DataError(
            f"classes names {len(names)} of the classes of {name}; name at least {FEWEST} to tell apart."
        )
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        raise errors.DataError(f"classes names '{twice[0]}' of {name} twice; name each class once.")
    if not isinstance(known, int):
        _check_names(names, known, name)


def labels_of(classes: Classes | None, class_names: Sequence[str], name: str) -> np.ndarray:
    """Return the labels that a data set gives the classes asked for, in the order of their new ones.

    Args:
        classes: what is asked for; `None`: all.
        class_names: the data set's.
        name: the data set's.

    Returns:
        int64 `[K]`: images of label `result[i]` get the label `i`.

    Raises:
        DataError: as `check` does.
    """
    if classes is None:
        return np.arange(len(class_names))
    check(classes, class_names, name)
    if isinstance(classes, numbers.Integral):
        return np.arange(int(classes))
    return np.array([list(class_names).index(one) for one in _listed(classes)], np.int64)


def new_labels(chosen: np.ndarray) -> np.ndarray:
    """Turn `labels_of`'s answer round: an array that holds the new label at the place of the old one."""
    new = np.full(chosen.max(initial=0) + 1, -1, np.int64)
    new[chosen] = np.arange(len(chosen))
    return new


def _listed(classes):
    names = classes.split(",") if isinstance(classes, str) else classes
    return [name.strip() for name in names]


def _check_count(count, available, name):
    if not FEWEST <= count <= available:
        raise errors.DataError(
            f"classes is {count}, but must be {FEWEST} to {available}, which is how many {name} has."
        )


def _check_names(names, known, name):
    unknown = [one for one in names if one not in known]
    if unknown:
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        raise errors.DataError(
            f"{name} has no class '{unknown[0]}'.{_hint(unknown[0], known)} "
            f"Its classes are {', '.join(known[:SHOWN])}{more}."
        )


def _hint(name, known):
    """Suggest names that hold this one, "n02088364-beagle" for "beagle", or else look like it."""
    holding = [one for one in known if name and name.lower() in one.lower()]
    close = holding or difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(close[:3])}?" if close else ""
