"""What follows from a student's id: the seeds of the project."""

import hashlib

from utils import errors


class IdError(errors.CourseError, ValueError):
    """A student's id that cannot be used; the message is one sentence."""


def seeds_of(student: str, count: int) -> list[int]:
    """Return the seeds that follow from a student's id: another student's are others.

    So two honest students never hand in the same numbers.

    Args:
        student: the id; it counts without case and outer spaces.
        count: how many seeds.

    Raises:
        IdError: when the id is empty.
    """
    key = student.strip().lower()
    if not key:
        raise IdError("The student's id is empty: give the one that the course uses.")
    digests = (hashlib.sha256(f"{key}/{number}".encode()).digest() for number in range(count))
    return [int.from_bytes(digest[:4], "big") % 2**31 for digest in digests]
