"""Errors that a user can put right, told in complete sentences."""


class DataError(ValueError):
    """A data set cannot be used as asked: the message says what is wrong, where, and what to do."""
