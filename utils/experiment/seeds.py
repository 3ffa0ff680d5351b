"""The seeds of runs: which there may be, and those of the project, which follow from a student's id."""

import hashlib
import numbers
import reprlib
import unicodedata
from collections.abc import Iterable

from utils import errors

_MOST = 2**32  # what every library takes


class IdError(errors.CourseError, ValueError):
    """A student's id that cannot be used; the message is one sentence."""


class SeedError(errors.CourseError, ValueError):
    """Seeds that cannot be used; the message is one sentence."""


def checked(seeds: Iterable[int]) -> list[int]:
    """Return the seeds as a list.

    Raises:
        SeedError: when there are none, one is there twice, or is no whole number from 0.
    """
    found = list(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, str) else []
    whole = [isinstance(seed, numbers.Integral) and not isinstance(seed, bool) for seed in found]
    if not found or not all(whole) or not all(0 <= seed < _MOST for seed in found):
        raise SeedError(
            f"Seeds are a list of numbers from 0, such as range(3) or [7, 9], not {reprlib.repr(seeds)}."
        )
    if len(set(found)) < len(found):
        raise SeedError(f"A seed is there twice in {reprlib.repr(found)}: its runs would be the same.")
    return [int(seed) for seed in found]


def seeds_of(student: str, count: int) -> list[int]:
    """Return the seeds that follow from a student's id: another student's are others.

    So two honest students never hand in the same numbers.

    Args:
        student: the id; it counts without case and outer spaces, however its accents are encoded.
        count: how many seeds.

    Raises:
        IdError: when the id is empty, or no text.
    """
    if not isinstance(student, str):
        raise IdError(f"The student's id is a text: write it in quotation marks, '{student}'.")
    key = unicodedata.normalize("NFC", student.strip().lower())
    if not key:
        raise IdError("The student's id is empty: give the one that the course uses.")
    keys = (f"{key}/{number}".encode("utf-8", "backslashreplace") for number in range(count))
    return [int.from_bytes(hashlib.sha256(each).digest()[:4], "big") % 2**31 for each in keys]
