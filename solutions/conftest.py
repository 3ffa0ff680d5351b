"""How nbval compares the notebooks: on the quick profile, and without what was written to stderr."""

import os

import pytest

from tools import lessons


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
    """Mark lessons that need PyTorch: `make test` leaves them to `make test-torch`."""
    for item in items:
        if item.path.suffix == ".ipynb" and lessons.needs_torch(item.path):
            item.add_marker("torch")
