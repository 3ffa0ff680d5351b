"""Checks: is an augmentation correct? `checks.lesson_08` and its like check the exercises of a lesson."""

import importlib

from utils.checks.augmentations.adapters import (
    albumentations_transform,
    image_data_generator,
    keras_layer,
    per_image,
    torchvision_transform,
)
from utils.checks.augmentations.checker import check_augmentation
from utils.checks.augmentations.report import Report, Row
from utils.checks.harness import yours

__all__ = [
    "Report",
    "Row",
    "albumentations_transform",
    "check_augmentation",
    "image_data_generator",
    "keras_layer",
    "per_image",
    "torchvision_transform",
    "yours",
]


def __getattr__(name):
    """Import the checks of a lesson when they are first asked for."""
    if name.startswith("lesson_"):
        return importlib.import_module(f"utils.checks.{name}")
    raise AttributeError(f"module 'utils.checks' has no attribute {name!r}")
