"""An augmentation that leaves the images of some classes alone."""

from collections.abc import Sequence

import tensorflow as tf

from utils.contracts import Augmentation, Mix


def spare(augment: Augmentation, classes: Sequence[int]) -> Mix:
    """Return a function that augments images, but not those of `classes`.

    It looks at labels, and so has the form of a mix: `(images, labels, *, seed) -> (images, labels)`. The
    labels, one-hot, stay as they are.

    Args:
        augment: `augment(images, *, seed) -> images`.
        classes: the numbers of the classes that are left alone.

    Raises:
        ValueError: (when called) where there is no such class.
    """

    def apply(images, labels, *, seed):
        if max(classes) >= labels.shape[-1]:
            raise ValueError(
                f"not_for names class {max(classes)}, but the last class is {labels.shape[-1] - 1}."
            )
        spared = tf.reduce_any(tf.argmax(labels, axis=-1)[:, tf.newaxis] == classes, axis=1)
        return tf.where(
            spared[:, tf.newaxis, tf.newaxis, tf.newaxis], images, augment(images, seed=seed)
        ), labels

    return apply
