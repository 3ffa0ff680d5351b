"""RandAugment whose magnitude follows the validation accuracy while a network trains."""

import math

import tensorflow as tf

from utils import inputs
from utils.augment import policies
from utils.contracts import Augmentation


def adaptive_rand_augment(num_ops: int = 2, start: float = 0.0, gain: float = 10.0) -> Augmentation:
    """Return an augmentation, RandAugment, whose magnitude rises when the validation accuracy falls back.

    After each epoch the magnitude grows by `gain` times the distance to the best validation accuracy so
    far: by 1 for ten points with the default. At a new best it stays, and it ends at 10.

    Args:
        num_ops: operations per image.
        start: the magnitude of the first epoch, 0-10.
        gain: magnitude per unit of accuracy (0-1) lost, 0 or more.

    Returns:
        `augment(images, *, seed) -> images` with a method `after_epoch(epoch, logs)` for
        `keras.callbacks.LambdaCallback(on_epoch_end=…)`, which adds the epoch's `magnitude` to its logs. Each
        training needs an augmentation of its own.
    """
    inputs.check_number(start, 0, 10, "start must be between 0 and 10")
    inputs.check_number(gain, 0, math.inf, "gain must be 0 or more")
    # A variable: the next epoch's batches read it, and no graph is traced again.
    with tf.device("CPU:0"):
        magnitude = tf.Variable(float(start), dtype=tf.float32)
    best = 0.0

    def after_epoch(epoch, logs):
        nonlocal best
        logs["magnitude"] = float(magnitude)
        accuracy = logs["val_accuracy"]
        best = max(best, accuracy)
        magnitude.assign(min(10.0, logs["magnitude"] + gain * (best - accuracy)))

    augment = policies.rand_augment(num_ops, magnitude)
    augment.after_epoch = after_epoch
    augment.__name__ = "adaptive_rand_augment"
    return augment
