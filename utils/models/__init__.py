"""The networks of the course. Images go in as 0-255; the first layer rescales them.

Their layers stand in `networks`, which is read when a model is built: names and files can be checked without
Keras, whose import takes seconds.
"""

import numbers
import os
import pathlib
from typing import TYPE_CHECKING

import toy_dogs

from utils import errors

if TYPE_CHECKING:
    import keras

# name, as of the function in `networks`: the smallest image side in pixels
SMALLEST_SIDES = {"small_resnet": 16, "resnet50": 32, "densenet121": 32, "mobilenet_v2": 32}

# Weights that come with the course: name -> file of the layers below the classifier.
# "more_breeds": small_resnet on ten other breeds of toy dogs, made by tools/pretrain_backbone.py.
PRETRAINED = {"more_breeds": pathlib.Path(toy_dogs.__file__).with_name("more_breeds.weights.h5")}


class ModelError(errors.CourseError, ValueError):
    """A model that cannot be built; the message is one sentence for the user."""


def check(name: str, image_size: int, weights: str | os.PathLike | None) -> None:
    """Make sure, without Keras, that there is such a model.

    Raises:
        ModelError: unknown name, images too small, weights that do not exist or are another model's.
    """
    if not isinstance(name, str) or name not in SMALLEST_SIDES:
        raise ModelError(f"Unknown model {name!r}; the models are: {', '.join(SMALLEST_SIDES)}.")
    if not _is_whole(image_size):
        raise ModelError(f"image_size is the side of square images, a whole number, not {image_size!r}.")
    if not isinstance(weights, str | os.PathLike | None):
        raise ModelError(f"weights is None, a name or the path of a file, not {weights!r}.")
    smallest = SMALLEST_SIDES[name]
    if image_size < smallest:
        raise ModelError(f"{name} needs images of at least {smallest} px, got image_size={image_size}.")
    if name == "small_resnet" and weights == "imagenet":
        raise ModelError("small_resnet has no ImageNet weights: choose resnet50, or weights=None.")
    if weights in PRETRAINED and name != "small_resnet":
        raise ModelError(f"The weights {weights!r} are for small_resnet, not for {name}.")
    if weights not in (None, "imagenet") and not weights_path(weights).is_file():
        raise ModelError(f"The weights file {weights} does not exist.")


def _is_whole(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def weights_path(weights: str | os.PathLike) -> pathlib.Path:
    """Return the file that a name in PRETRAINED, or a path, stands for."""
    return pathlib.Path(PRETRAINED.get(weights, weights))


def build(
    name: str, *, num_classes: int, image_size: int, weights: str | os.PathLike | None = None
) -> "keras.Model":
    """Return an untrained classifier: images [B, S, S, 3] in 0-255 -> probabilities float32 [B, K].

    Args:
        name: "small_resnet" (three residual blocks, about 310,000 parameters, right for 32-96 px on a
            CPU), or from keras.applications "resnet50" (He et al. 2016, arXiv 1512.03385), "densenet121"
            (Huang et al. 2017, arXiv 1608.06993) or "mobilenet_v2" (Sandler et al. 2018, arXiv 1801.04381;
            for a slow computer).
        num_classes: number of classes K, at least 2.
        image_size: side S of the square images, in pixels.
        weights: None (random), "imagenet" (those of keras.applications), "more_breeds" (small_resnet, see
            PRETRAINED), or the path of a `.weights.h5` file for the layers below the classifier.

    Raises:
        ModelError: as `check` does, for fewer than two classes, and for weights that do not fit or cannot be
            downloaded.
    """
    check(name, image_size, weights)
    if not _is_whole(num_classes) or num_classes < 2:
        raise ModelError(f"A classifier needs at least two classes, got num_classes={num_classes!r}.")
    import keras

    from utils.models import networks

    images = keras.Input((image_size, image_size, 3), name="images")
    features = getattr(networks, name)(images, weights)
    # float32 also under mixed precision: probabilities need the digits.
    classifier = keras.layers.Dense(num_classes, activation="softmax", dtype="float32", name="classifier")
    return keras.Model(images, classifier(features), name=name)
