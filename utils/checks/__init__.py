"""Checks: is an augmentation correct?"""

from utils.checks.adapters import (
    albumentations_transform,
    image_data_generator,
    keras_layer,
    per_image,
    torchvision_transform,
)
from utils.checks.augmentation import check_augmentation
from utils.checks.report import Report, Row

__all__ = [
    "Report",
    "Row",
    "albumentations_transform",
    "check_augmentation",
    "image_data_generator",
    "keras_layer",
    "per_image",
    "torchvision_transform",
]
