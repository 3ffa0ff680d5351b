"""Augmentations: `augment(images, *, seed) -> images`, every image of the batch drawn on its own.

Images are [B, H, W, 3], uint8 or float in 0-255, arrays or tensors; shape and dtype stay. `seed` is a
stateless seed (two integers): the same seed gives the same images. Functions with settings return such an
augmentation.

Other shapes, dtypes and seeds are refused in one sentence. So are floats that end at 1, by all but
`random_resized_crop`, which is right at any scale. A `tf.function`, or `map`, has no values to look at and
takes floats in 0-1 for nearly black images; `pipeline.training_batches` looks for it.
"""

from utils.augment.adaptive import adaptive_rand_augment
from utils.augment.erasing import cutout, grid_mask, random_erasing
from utils.augment.operations import (
    auto_contrast,
    brightness,
    color,
    contrast,
    equalize,
    identity,
    invert,
    posterize,
    random_grayscale,
    random_hue,
    rotate,
    sharpness,
    shear_x,
    shear_y,
    solarize,
    translate_x,
    translate_y,
)
from utils.augment.policies import auto_augment, rand_augment, random_pipeline, trivial_augment
from utils.augment.sparing import spare
from utils.augment.standard import basic, random_resized_crop

RECIPE = 1  # raised by hand when an augmentation draws or gives something else; see CONTRIBUTING.md

__all__ = [
    "adaptive_rand_augment",
    "auto_augment",
    "auto_contrast",
    "basic",
    "brightness",
    "color",
    "contrast",
    "cutout",
    "equalize",
    "grid_mask",
    "identity",
    "invert",
    "posterize",
    "rand_augment",
    "random_erasing",
    "random_grayscale",
    "random_hue",
    "random_pipeline",
    "random_resized_crop",
    "rotate",
    "sharpness",
    "shear_x",
    "shear_y",
    "solarize",
    "spare",
    "translate_x",
    "translate_y",
    "trivial_augment",
]
