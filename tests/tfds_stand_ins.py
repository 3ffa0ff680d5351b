"""TFDS sets of small drawn pictures: the real builders write them, so that the real `tfds.load` reads them.

python -m tests.tfds_stand_ins FOLDER          then TFDS_DATA_DIR=FOLDER, and no network is needed
"""

import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import tensorflow_datasets as tfds

from utils import settings

CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
COUNTS = {
    "stanford_dogs": {"train": 12, "test": 3},
    "oxford_flowers102": {"train": 1, "validation": 1, "test": 1},
    "cifar10": {"train": 20, "test": 4},
}


def prepare(name: str, folder: str) -> None:
    """Let the builder of a TFDS set write drawn pictures into a folder, in place of a download's."""
    builder = tfds.builder(name, data_dir=folder)

    def splits(self: Any, _: Any) -> dict[str, Iterator]:
        if name != "oxford_flowers102":  # its names are known without a download
            self.info.features["label"].names = _class_names(name)
        return {split: _examples(self.info.features, count) for split, count in COUNTS[name].items()}

    with mock.patch.object(type(builder), "_split_generators", splits):
        builder.download_and_prepare()


def _class_names(name):
    """Return the names that a download would bring; of the dogs, only the course's breeds are real ones."""
    if name == "cifar10":
        return CIFAR10
    others = [f"n0209{number:04}-breed" for number in range(120 - len(settings.HARD_BREEDS))]
    return sorted([*settings.HARD_BREEDS, *others])


def _examples(features, count):
    for label in range(features["label"].num_classes):
        for number in range(count):
            key = f"{label}_{number}"
            image = _picture(features["image"].shape, label, number)
            rest = {
                "id": key,
                "file_name": key,
                "image/filename": key,
                "objects": [{"bbox": tfds.features.BBox(0.1, 0.1, 0.9, 0.9)}],
            }
            yield key, {"image": image, "label": label} | {k: v for k, v in rest.items() if k in features}


def _picture(shape, label, number):
    """Return noise around a color that tells the class; where sizes vary, each picture has one of its own."""
    generator = np.random.default_rng([label, number])
    height, width = (size or int(generator.integers(80, 120)) for size in shape[:2])
    color = np.random.default_rng(label).integers(40, 216, 3)
    return np.clip(generator.normal(color, 30, (height, width, 3)), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    for each in COUNTS:
        prepare(each, sys.argv[1])
