"""The report of a comparison: one self-contained HTML page, and its tables as CSV."""

from utils.report.page import check_place, render, write

__all__ = ["check_place", "render", "write"]
