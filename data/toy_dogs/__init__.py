"""Toy dogs: a drawn data set of twelve breeds (see README.md)."""

from toy_dogs.preparation import prepare

__all__ = ["prepare"]
