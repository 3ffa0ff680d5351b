"""RandAugment whose magnitude follows the validation accuracy while a network trains."""

import math

import tensorflow as tf

from utils import inputs
from utils.augment import policies
from utils.contracts import Seed


def adaptive_rand_augment(num_ops: int = 2, start: float = 0.0, gain: float = 10.0) -> "AdaptiveRandAugment":
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
    return AdaptiveRandAugment(num_ops, start, gain)


class AdaptiveRandAugment:
    """An augmentation with a magnitude that changes between epochs, see `adaptive_rand_augment`."""

    def __init__(self, num_ops: int, start: float, gain: float):
        self._gain = gain
        self._best = 0.0
        # A variable: the next epoch's batches read it, and no graph is traced again.
        with tf.device("CPU:0"):
            self._magnitude = tf.Variable(float(start), dtype=tf.float32)
        self._augment = policies.rand_augment(num_ops, self._magnitude)

    def __call__(self, images: tf.Tensor, *, seed: Seed) -> tf.Tensor:
        """Augment a batch with the present magnitude."""
        return self._augment(images, seed=seed)

    def after_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        """Add the magnitude to the logs of an epoch, and set that of the next one."""
        logs["magnitude"] = float(self._magnitude)
        accuracy = logs["val_accuracy"]
        self._best = max(self._best, accuracy)
        risen = logs["magnitude"] + self._gain * (self._best - accuracy)
        self._magnitude.assign(min(10.0, risen))
