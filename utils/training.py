"""Train a classifier: one compiled step, used again for every run."""

import contextlib
import functools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_HEAD_LEARNING_RATE = 1e-3


@contextlib.contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Models built inside start from weights that depend on `seed` alone.

    Keras draws the seed of each initializer from Python's generator; its state is put back afterwards.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


class WarmUpCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate per step: linear over the first 5 % of the steps, then half a cosine down to 0.

    Cosine decay follows Loshchilov and Hutter 2017 (arXiv 1608.03983), warm-up Goyal et al. 2017
    (arXiv 1706.02677).
    """

    def __init__(self, peak: float, total_steps: int):
        self.peak = peak
        self.total_steps = total_steps
        self.warm_up_steps = max(1, round(0.05 * total_steps))

    def __call__(self, step: tf.Tensor | int) -> tf.Tensor:
        """Return the learning rate of `step`, counted from 0."""
        step = tf.cast(step, tf.float32) + 1.0
        warm_up = step / self.warm_up_steps
        share = (step - self.warm_up_steps) / max(1, self.total_steps - self.warm_up_steps)
        cosine = 0.5 * (1.0 + tf.cos(math.pi * tf.clip_by_value(share, 0.0, 1.0)))
        return self.peak * tf.minimum(warm_up, cosine)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, for Keras."""
        return {"peak": self.peak, "total_steps": self.total_steps}


def strategy() -> tf.distribute.Strategy:
    """Return how a run is spread over the machine: all its GPUs where there are several, else one device."""
    several = len(tf.config.list_logical_devices("GPU")) > 1
    return tf.distribute.MirroredStrategy() if several else tf.distribute.get_strategy()


@contextlib.contextmanager
def precision(policy: str) -> Iterator[None]:
    """Models built inside compute with this Keras dtype policy, such as "mixed_float16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


class Trainer:
    """Compiles the training of `model` once, then trains it as often as wanted.

    Tracing and compiling cost as much as a short training, so that runs share one trainer and start
    from weights that are set: `fit` resets the model, Adam's moments and the step counter. Make it
    inside the scope of the `tf.distribute` strategy that built the model; a batch is then divided among
    the strategy's devices.
    """

    def __init__(self, model: keras.Model, *, learning_rate: float, total_steps: int):
        """Compile the training of a classifier that gives probabilities.

        Args:
            model: the classifier.
            learning_rate: the peak of the schedule.
            total_steps: of one run.
        """
        self.model = model
        self._strategy = tf.distribute.get_strategy()
        self._schedule = WarmUpCosine(learning_rate, total_steps)
        self._optimizer = self._adam(self._schedule, model.trainable_variables)
        self._head_optimizer = self._adam(_HEAD_LEARNING_RATE, self._head)
        self._variables = [*self._optimizer.variables, *self._head_optimizer.variables]
        self._fresh = [variable.numpy() for variable in self._variables]

    @property
    def _head(self):
        return self.model.layers[-1].trainable_variables

    def _adam(self, learning_rate, variables):
        adam = keras.optimizers.Adam(learning_rate)
        # float16 has few digits near 0: the loss is scaled up, and the gradients down again.
        half = any(layer.compute_dtype == "float16" for layer in self.model.layers)
        optimizer = keras.optimizers.LossScaleOptimizer(adam) if half else adam
        optimizer.build(variables)
        return optimizer

    def _restart(self, weights):
        self.model.set_weights(weights)
        for variable, value in zip(self._variables, self._fresh, strict=True):
            variable.assign(value)

    def _replica_step(self, images, labels, frozen):
        """One device's part of a step; its loss is a share of the mean over the whole batch."""
        variables = self._head if frozen else self.model.trainable_variables
        optimizer = self._head_optimizer if frozen else self._optimizer
        count = tf.distribute.get_replica_context().all_reduce("SUM", tf.shape(labels)[0])
        with tf.GradientTape() as tape:
            probabilities = self.model(images, training=not frozen)
            losses = keras.losses.categorical_crossentropy(labels, probabilities)
            loss = tf.reduce_sum(losses) / tf.cast(count, losses.dtype)
            scaled = optimizer.scale_loss(loss)
        optimizer.apply_gradients(zip(tape.gradient(scaled, variables), variables, strict=True))
        return loss

    @tf.function(reduce_retracing=True)
    def _train_step(self, images, labels, frozen=False):
        losses = self._strategy.run(self._replica_step, args=(images, labels, frozen))
        return self._strategy.reduce("SUM", losses, axis=None)

    @tf.function(reduce_retracing=True)
    def predict(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return probabilities [B, K] of images [B, S, S, 3], compiled: for `evaluation.predict`."""
        return self.model(tf.cast(images, tf.float32), training=training)

    @tf.function(reduce_retracing=True)
    def _test_step(self, images, labels):
        probabilities = self.predict(images)
        losses = keras.losses.categorical_crossentropy(labels, probabilities)
        return losses, keras.metrics.categorical_accuracy(labels, probabilities)

    def evaluate(self, batches: tf.data.Dataset) -> tuple[float, float]:
        """Return the mean loss and the accuracy over batches of (images, one-hot labels)."""
        steps = [self._test_step(images, labels) for images, labels in batches]
        losses, hits = (tf.concat(part, axis=0) for part in zip(*steps, strict=True))
        return float(tf.reduce_mean(losses)), float(tf.reduce_mean(hits))

    def _spread(self, batches):
        """Return the batches as each device gets them."""
        # float32 for all, so that uint8 and mixed images share one traced step.
        batches = batches.map(lambda images, labels: (tf.cast(images, tf.float32), labels))
        return self._strategy.experimental_distribute_dataset(batches)

    def _train_epoch(self, batches, frozen):
        return float(tf.reduce_mean([self._train_step(*batch, frozen) for batch in batches]))

    def fit(
        self,
        weights: Sequence[np.ndarray],
        training: Callable[[int], tf.data.Dataset],
        *,
        clean: tf.data.Dataset,
        validation: tf.data.Dataset,
        epochs: int,
        frozen_epochs: int = 0,
        on_epoch: Callable[[dict[str, Any]], None] = lambda epoch: None,
    ) -> list[dict[str, Any]]:
        """Train from `weights` and return the history, a dict per epoch.

        Args:
            weights: what the run starts from, as `model.get_weights()` returns it.
            training: called with the number of the epoch (from 1); returns its batches, as
                `pipeline.training_batches` makes them.
            clean: evaluation batches of training images, neither augmented nor mixed: the loss on them
                is the only training loss that can be compared between augmentations.
            validation: evaluation batches.
            epochs: number of passes over the training images.
            frozen_epochs: in the first of them only the last layer learns (Adam, learning rate 0.001), the
                layers below stand still, with their BatchNorm statistics.
            on_epoch: called with each epoch's dict when it ends.

        Returns:
            Per epoch: `epoch` (from 1), `loss` (as trained), `train_loss` and `train_accuracy` (on
            `clean`), `validation_loss`, `validation_accuracy`, `learning_rate` (at its end), `seconds`
            (of the training steps alone).
        """
        self._restart(weights)
        spread = functools.cache(self._spread)  # once per data set: a copy would start from its first epoch
        history = []
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            frozen = epoch <= frozen_epochs
            loss = self._train_epoch(spread(training(epoch)), frozen)
            seconds = time.perf_counter() - started
            judged = self._judge(clean, validation)
            history.append(
                {
                    "epoch": epoch,
                    "loss": loss,
                    **judged,
                    "learning_rate": self._rate(frozen),
                    "seconds": seconds,
                }
            )
            on_epoch(history[-1])
        return history

    def _rate(self, frozen):
        return _HEAD_LEARNING_RATE if frozen else float(self._schedule(self._optimizer.iterations - 1))

    def _judge(self, clean, validation):
        train_loss, train_accuracy = self.evaluate(clean)
        validation_loss, validation_accuracy = self.evaluate(validation)
        return {
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
        }
