"""The report of a comparison: one self-contained HTML page, and its tables as CSV."""

from utils.report.page import render, write

__all__ = ["render", "write"]
