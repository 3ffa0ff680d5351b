"""What several test files share: quiet TensorFlow, and a tiny folder of pictures to train on."""

import importlib.util
import sys

import numpy as np
import PIL.Image
import pytest


def pytest_collectstart():
    """Before the first test file: not in the process that only hands tests out to others."""
    if importlib.util.find_spec("torchvision"):
        import torchvision  # noqa: F401  before TensorFlow: see test_library_defects.py

    from utils import quiet  # noqa: F401  before TensorFlow


@pytest.fixture(autouse=True)
def _no_global_seed():
    """Lessons and students' answers set TensorFlow's global seed, which `shuffle` adds to its own."""
    yield
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(None)


CLASSES = ("circle", "square", "stripe")


def _picture(kind, rng):
    """Return a uint8 [20, 24, 3] picture of one of the CLASSES at a random place and in a random color."""
    rows, columns = np.mgrid[:20, :24]
    row, column, color = rng.integers(6, 14), rng.integers(6, 18), rng.integers(90, 255, 3)
    shapes = {
        "circle": (rows - row) ** 2 + (columns - column) ** 2 < 25,
        "square": (abs(rows - row) < 5) & (abs(columns - column) < 5),
        "stripe": (rows + columns + row) % 8 < 4,
    }
    return np.where(shapes[kind][..., np.newaxis], color, rng.integers(0, 60, (20, 24, 3))).astype(np.uint8)


def write_pictures(root, counts, seed=0):
    """Write `counts` = {split: images per class} pictures as ROOT/SPLIT/CLASS/NN.png."""
    rng = np.random.default_rng(seed)
    for split, count in counts.items():
        for name in CLASSES:
            folder = root / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                PIL.Image.fromarray(_picture(name, rng)).save(folder / f"{index:02}.png")
    return root


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder data set: 3 classes, 20 training (18 after the hold-out) and 4 test pictures of each."""
    return write_pictures(tmp_path_factory.mktemp("pictures"), {"train": 20, "test": 4})
