"""A run: one training, finished."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Run:
    """What is known about one training of one variant with one seed.

    The last three are names of files, empty where there are none. `experiment.runs` reads and writes them.
    """

    augmentation: str  # the variant's name, see `experiment.variants`
    seed: int
    class_names: list[str]
    history: list[dict[str, Any]]  # one dict per epoch, see `training.fit`
    validation_accuracy: float  # in 0-1, after the last epoch
    probabilities: np.ndarray  # float [N, K], of the test images
    labels: np.ndarray  # int [N], their true classes
    test_accuracy: float = float("nan")  # in 0-1
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)  # see `settings.Settings`
    identity: dict[str, Any] = dataclasses.field(default_factory=dict)  # see `experiment.runs.identity`
    # of the functions that a student registered: {name: {"source": …, "verdict": …, "label_share": …}}, the
    # latter two the checker's words; runs may be older than the third
    functions: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    versions: dict[str, str] = dataclasses.field(default_factory=dict)  # of Python and the libraries
    predictions: str = ""  # .npz, with `probabilities` and `labels`
    weights: str = ""  # .weights.h5, of the trained network
    file: str = ""  # .json, with the rest; the other two lie beside it

    @property
    def name(self) -> str:
        """The run in words: `basic, seed 3`."""
        return f"{self.augmentation}, seed {self.seed}"
