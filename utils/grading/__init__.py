"""Grading: from a folder of submissions to points, each with its evidence."""
