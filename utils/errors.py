"""Errors that a user can put right, told in complete sentences."""


class CourseError(Exception):
    """What a user did or has cannot be used: the message says what is wrong, where, and what to do.

    Every error of the course that is meant for a user is one of these; command lines print its message alone.
    """


class DataError(CourseError, ValueError):
    """A data set cannot be used as asked."""
