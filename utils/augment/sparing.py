"""An augmentation that leaves the images of some classes alone."""

import reprlib
from collections.abc import Sequence
from numbers import Integral

import numpy as np
import tensorflow as tf

from utils import inputs
from utils.contracts import Augmentation, Mix


def spare(augment: Augmentation, classes: Sequence[int]) -> Mix:
    """Return a function that augments images, but not those of `classes`.

    It looks at labels, and so has the form of a mix: `(images, labels, *, seed) -> (images, labels)`. The
    labels, float [B, K] and one-hot, stay as they are.

    Args:
        augment: `augment(images, *, seed) -> images`.
        classes: the numbers of the classes that are left alone, at least one.

    Raises:
        ValueError: for classes that are no class numbers, and, when called, where there is no such class.
    """
    if not (isinstance(classes, Sequence | np.ndarray) and len(classes) and all(map(_is_class, classes))):
        raise ValueError(
            f"not_for must list classes by their numbers, 0 or more, not {reprlib.repr(classes)}."
        )
    numbers = [int(number) for number in classes]

    def apply(images, labels, *, seed):
        images, labels = inputs.images_and_labels(images, labels, "spare")
        labels = _with_class(max(numbers), labels)
        spared = tf.reduce_any(tf.argmax(labels, axis=-1)[:, tf.newaxis] == numbers, axis=1)
        return tf.where(
            spared[:, tf.newaxis, tf.newaxis, tf.newaxis], images, augment(images, seed=seed)
        ), labels

    return apply


def _is_class(number):
    return isinstance(number, Integral) and not isinstance(number, bool) and number >= 0


def _with_class(number, labels):
    """Return the labels if they have a class of this number."""
    classes = labels.shape[-1]
    if classes is None:
        is_there = number < tf.shape(labels)[1]
        return inputs.given(labels, is_there, f"not_for names class {number}, but there are not so many.")
    if number >= classes:
        raise ValueError(f"not_for names class {number}, but the last class is {classes - 1}.")
    return labels
