"""The networks of the course. Images go in as 0-255; the first layer rescales them.

Their layers stand in `networks`, which is read when a model is built: names and files can be checked without
Keras, whose import takes seconds.
"""

import os
import pathlib
from typing import TYPE_CHECKING

import toy_dogs

from utils import errors

if TYPE_CHECKING:
    import keras

# name, as of the function in `networks`: the smallest image side in pixels
SMALLEST_SIDES = {"small_resnet": 16, "resnet50": 32, "densenet121": 32}

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
    if name not in SMALLEST_SIDES:
        raise ModelError(f"Unknown model {name!r}; the models are: {', '.join(SMALLEST_SIDES)}.")
    smallest = SMALLEST_SIDES[name]
    if image_size < smallest:
        raise ModelError(f"{name} needs images of at least {smallest} px, got image_size={image_size}.")
    if name == "small_resnet" and weights == "imagenet":
        raise ModelError("small_resnet has no ImageNet weights: choose resnet50, or weights=None.")
    if weights in PRETRAINED and name != "small_resnet":
        raise ModelError(f"The weights {weights!r} are for small_resnet, not for {name}.")
    if weights not in (None, "imagenet") and not weights_path(weights).is_file():
        raise ModelError(f"The weights file {weights} does not exist.")


def weights_path(weights: str | os.PathLike) -> pathlib.Path:
    """Return the file that a name in PRETRAINED, or a path, stands for."""
    return pathlib.Path(PRETRAINED.get(weights, weights))


def build(
    name: str, *, num_classes: int, image_size: int, weights: str | os.PathLike | None = None
) -> "keras.Model":
    """Return an untrained classifier: images [B, S, S, 3] in 0-255 -> probabilities float32 [B, K].

    Args:
        name: "small_resnet" (three residual blocks, about 310,000 parameters, right for 32-96 px on a
            CPU), "resnet50" (He et al. 2016, arXiv 1512.03385) or "densenet121" (Huang et al. 2017,
            arXiv 1608.06993), the last two from keras.applications.
        num_classes: number of classes K.
        image_size: side S of the square images, in pixels.
        weights: None (random), "imagenet" (resnet50, densenet121), "more_breeds" (small_resnet, see
            PRETRAINED), or the path of a `.weights.h5` file for the layers below the classifier.

    Raises:
        ModelError: as `check` does, and for weights that do not fit or cannot be downloaded.
    """
    check(name, image_size, weights)
    import keras

    from utils.models import networks

    images = keras.Input((image_size, image_size, 3), name="images")
    features = getattr(networks, name)(images, weights)
    # float32 also under mixed precision: probabilities need the digits.
    classifier = keras.layers.Dense(num_classes, activation="softmax", dtype="float32", name="classifier")
    return keras.Model(images, classifier(features), name=name)
