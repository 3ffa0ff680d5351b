"""Some of a data set: which classes, the labels that their images get, and images drawn from each."""

import difflib
import numbers
import unicodedata
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from utils import errors, words

Classes: TypeAlias = int | str | Sequence[str]
"""How many classes, from the data set's first; or their names, as a list or as one text: "beagle,pug"."""

FEWEST = 2  # with a single class there is nothing to tell apart
SHOWN = 5  # names in a message: a data set may have hundreds


def check(classes: Classes | None, known: Sequence[str] | int, name: str) -> None:
    """Make sure that a data set has the classes asked for (`None`: all), and two at least.

    `known` are its class names, or how many they are where the names are not known yet.

    Raises:
        DataError: for classes that there are not, too few of them, or one named twice.
    """
    available = known if isinstance(known, int) else len(known)
    if available < FEWEST:
        raise errors.DataError(
            f"{name} has {words.count(available, 'class')}, but at least {FEWEST} are needed to tell apart."
        )
    if classes is None:
        return
    if isinstance(classes, numbers.Integral):
        if isinstance(classes, bool) or not FEWEST <= classes <= available:
            raise errors.DataError(
                f"classes is {classes}, but must be {FEWEST} to {available}, which is how many {name} has."
            )
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
    """Return the labels of the classes asked for, int64 `[K]`: images of label `result[i]` get the label `i`.

    Raises DataError as `check` does.
    """
    check(classes, class_names, name)
    if classes is None:
        return np.arange(len(class_names))
    if isinstance(classes, numbers.Integral):
        return np.arange(int(classes))
    return np.array([list(class_names).index(one) for one in _listed(classes)], np.int64)


def new_labels(chosen: np.ndarray) -> np.ndarray:
    """Turn `labels_of`'s answer round: an array that holds the new label at the place of the old one."""
    new = np.full(chosen.max(initial=0) + 1, -1, np.int64)
    new[chosen] = np.arange(len(chosen))
    return new


def draw(members: np.ndarray, count: int, seed: int, label: int) -> np.ndarray:
    """Draw `count` of the images of one class, from int `[N]`; each label draws apart.

    A larger count with the same seed (at least 0) draws the same ones and more.
    """
    # Of NumPy's generators, SeedSequence alone promises the same numbers in every version.
    keys = np.random.SeedSequence([seed, int(label)]).generate_state(len(members), np.uint64)
    return members[np.argsort(keys, kind="stable")[:count]]


def _listed(classes):
    names = classes.split(",") if isinstance(classes, str) else classes
    # A set has no order, so that its labels would change from run to run.
    if not isinstance(names, Sequence | np.ndarray) or not all(isinstance(name, str) for name in names):
        raise errors.DataError(
            f"classes is {classes!r}, but must be how many, or names: a list, or one text with commas."
        )
    return [unicodedata.normalize("NFC", name.strip()) for name in names]  # as folders' classes come


def _check_names(names, known, name):
    unknown = next((one for one in names if one not in known), None)
    if unknown is None:
        return
    # Names that hold this one, "n02088364-beagle" for "beagle", or else look like it.
    holding = [one for one in known if unknown and unknown.lower() in one.lower()]
    close = holding or difflib.get_close_matches(unknown, known, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(close[:3])}?" if close else ""
    more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    raise errors.DataError(
        f"{name} has no class '{unknown}'.{hint} Its classes are {', '.join(known[:SHOWN])}{more}."
    )
