"""What follows from a name alone, without TensorFlow: a variant's family, a student's seeds."""

import hashlib
import re

_PART = r"[a-z]\w*(\([\w=.,+ -]*\))?"
_VARIANT = re.compile(rf"{_PART}(\+{_PART})*", re.ASCII)


class IdError(ValueError):
    """A student's id that cannot be used; the message is one sentence."""


def is_variant(name):
    """Whether `name` is written as a variant is: `basic+mixup(rate=0.5)`. What it means, `variants` knows."""
    return len(name) <= 200 and _VARIANT.fullmatch(name) is not None


def family(variant):
    """Return the name without settings: `basic+cutmix` for `basic+cutmix(alpha=0.5)`."""
    return re.sub(r"\([^()]*\)", "", variant)


def seeds_of(student, count):
    """Return `count` seeds that follow from a student's id: another student's are others.

    So two honest students never hand in the same numbers. The id counts without case and outer spaces.
    """
    key = student.strip().lower()
    if not key:
        raise IdError("The student's id is empty: give the one that the course uses.")
    digests = (hashlib.sha256(f"{key}/{number}".encode()).digest() for number in range(count))
    return [int.from_bytes(digest[:4], "big") % 2**31 for digest in digests]
