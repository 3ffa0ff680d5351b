"""How nbval compares the notebooks, and what the same run proves of every lesson: see `tools.proofs`."""

import itertools
import os

import nbformat
import pytest

from tools import lessons, proofs


def pytest_configure():
    """Kernels inherit this environment: quick profile, no settings of one's own, no look for updates."""
    for name in [name for name in os.environ if name.startswith("COURSE_")]:
        del os.environ[name]
    os.environ.update(COURSE_PROFILE="quick", NO_ALBUMENTATIONS_UPDATE="1")


def pytest_collectstart(collector):
    """TensorFlow writes notices to stderr, other ones on each machine."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Put the proofs among the cells, and mark lessons that need PyTorch for `make test-torch`."""
    found = []
    for path, group in itertools.groupby(items, key=lambda item: item.path):
        group = list(group)
        if path.suffix == ".ipynb":
            group = list(_with_proofs(lessons.read(path.with_suffix(".py")), group))
            if lessons.needs_torch(path):
                for item in group:
                    item.add_marker("torch")
        found += group
    items[:] = found


def _with_proofs(lesson, cells):
    """Yield nbval's items of a lesson, with the source and among the extra items of its proofs."""
    notebook = cells[0].parent
    if [cell.solution for cell in lesson.code] != [item.cell.source for item in cells]:
        raise pytest.UsageError(f"{notebook.path.name} is not what its script gives: run `make notebooks`.")
    for step in proofs.steps(lesson):
        if step.cell is None:
            cell = nbformat.v4.new_code_cell(step.source, execution_count=1)
            yield type(cells[0]).from_parent(
                notebook, name=step.name, cell_num=-1, cell=cell, options=dict(_ONLY_RUN)
            )
        else:
            item = cells[step.cell]
            item.cell.source = step.source
            yield item


# nbval's: a proof fails by raising; it may print what it likes.
_ONLY_RUN = {"skip": False, "check": False, "check_exception": False}
