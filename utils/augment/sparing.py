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
    is_list = isinstance(classes, Sequence | np.ndarray) and len(classes) > 0
    if not is_list or not all(
        isinstance(each, Integral) and not isinstance(each, bool) and each >= 0 for each in classes
    ):
        raise ValueError(
            f"not_for must list classes by their numbers, 0 or more, not {reprlib.repr(classes)}."
        )
    numbers = [int(each) for each in classes]

    def apply(images, labels, *, seed):
        images, labels = inputs.images_and_labels(images, labels, "spare")
        count, last = labels.shape[-1], max(numbers)
        if count is not None and last >= count:
            raise ValueError(f"not_for names class {last}, but the last class is {count - 1}.")
        labels = inputs.given(
            labels, last < tf.shape(labels)[1], f"not_for names class {last}, but there are not so many."
        )
        spared = tf.reduce_any(tf.argmax(labels, axis=-1)[:, tf.newaxis] == numbers, axis=1)
        augmented = augment(images, seed=seed)
        return tf.where(spared[:, tf.newaxis, tf.newaxis, tf.newaxis], images, augmented), labels

    return apply
