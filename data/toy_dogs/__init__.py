"""Toy dogs: a drawn data set of twelve breeds (see README.md)."""
