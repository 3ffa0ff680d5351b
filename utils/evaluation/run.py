"""A run: one training, finished."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Run:
    """What is known about one training of one variant with one seed.

    The last three are names of files beside the JSON file of the run, empty where there are none;
    `file` is the JSON file itself.
    """

    augmentation: str  # the variant's name, see `experiment.variants`
    seed: int
    class_names: list[str]
    history: list[dict[str, Any]]  # one entry per epoch, see `training.Trainer.fit`
    validation_accuracy: float  # in 0-1, after the last epoch
    probabilities: np.ndarray  # float [N, K], of the test images
    labels: np.ndarray  # int [N], their true classes
    test_accuracy: float = float("nan")  # in 0-1
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    identity: dict[str, str] = dataclasses.field(default_factory=dict)
    versions: dict[str, str] = dataclasses.field(default_factory=dict)
    predictions: str = ""
    weights: str = ""
    file: str = ""

    @property
    def name(self):
        """The run in words: `basic, seed 3`."""
        return f"{self.augmentation}, seed {self.seed}"
