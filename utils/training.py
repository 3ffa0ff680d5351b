"""Train a classifier: one compiled step, used again for every run."""

import contextlib
import math
import random
import time

import keras
import tensorflow as tf


@contextlib.contextmanager
def seeded_weights(seed):
    """Models built inside start from weights that depend on `seed` alone.

    Keras draws the seed of each initialiser from Python's generator; its state is put back afterwards.
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

    def __init__(self, peak, total_steps):
        self.peak = peak
        self.total_steps = total_steps
        self.warm_up_steps = max(1, round(0.05 * total_steps))

    def __call__(self, step):
        """Return the learning rate of `step`, counted from 0."""
        step = tf.cast(step, tf.float32) + 1.0
        warm_up = step / self.warm_up_steps
        share = (step - self.warm_up_steps) / max(1, self.total_steps - self.warm_up_steps)
        cosine = 0.5 * (1.0 + tf.cos(math.pi * tf.clip_by_value(share, 0.0, 1.0)))
        return self.peak * tf.minimum(warm_up, cosine)

    def get_config(self):
        """Return the arguments, for Keras."""
        return {"peak": self.peak, "total_steps": self.total_steps}


class Trainer:
    """Compiles the training of `model` once, then trains it as often as wanted.

    Tracing and compiling cost as much as a short training, so that runs share one trainer and start
    from weights that are set: `fit` resets the model, Adam's moments and the step counter.
    """

    def __init__(self, model, *, learning_rate, total_steps):
        """Args: a Keras classifier with probabilities; the peak learning rate; steps of one run."""
        self.model = model
        self._schedule = WarmUpCosine(learning_rate, total_steps)
        self._optimizer = keras.optimizers.Adam(self._schedule)
        self._optimizer.build(model.trainable_variables)
        self._fresh_optimizer = [variable.numpy() for variable in self._optimizer.variables]
        self._loss = keras.losses.CategoricalCrossentropy()

    def _restart(self, weights):
        self.model.set_weights(weights)
        for variable, value in zip(self._optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(value)

    @tf.function(reduce_retracing=True)
    def _train_step(self, images, labels):
        with tf.GradientTape() as tape:
            loss = self._loss(labels, self.model(images, training=True))
        variables = self.model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    @tf.function(reduce_retracing=True)
    def predict(self, images, training=False):
        """Return probabilities [B, K] of images [B, S, S, 3], compiled: for `evaluation.predict`."""
        return self.model(tf.cast(images, tf.float32), training=training)

    @tf.function(reduce_retracing=True)
    def _test_step(self, images, labels):
        probabilities = self.predict(images)
        losses = keras.losses.categorical_crossentropy(labels, probabilities)
        return losses, keras.metrics.categorical_accuracy(labels, probabilities)

    def evaluate(self, batches):
        """Return the mean loss and the accuracy over batches of (images, one-hot labels)."""
        steps = [self._test_step(images, labels) for images, labels in batches]
        losses, hits = (tf.concat(part, axis=0) for part in zip(*steps, strict=True))
        return float(tf.reduce_mean(losses)), float(tf.reduce_mean(hits))

    def _train_epoch(self, batches):
        # float32 for all, so that uint8 and mixed images share one traced step.
        losses = [self._train_step(tf.cast(images, tf.float32), labels) for images, labels in batches]
        return float(tf.reduce_mean(losses))

    def fit(self, weights, training, *, clean, validation, epochs, on_epoch=lambda epoch: None):
        """Train from `weights` and return the history, a dict per epoch.

        Args:
          weights: what the run starts from, as `model.get_weights()` returns it.
          training: batches of `pipeline.training_batches`.
          clean: evaluation batches of training images, neither augmented nor mixed: the loss on them
            is the only training loss that can be compared between augmentations.
          validation: evaluation batches.
          epochs: number of passes over `training`.
          on_epoch: called with each epoch's dict when it ends.

        Returns:
          Per epoch: `epoch` (from 1), `loss` (as trained), `train_loss` and `train_accuracy` (on
          `clean`), `validation_loss`, `validation_accuracy`, `learning_rate` (at its end), `seconds`
          (of the training steps alone).
        """
        self._restart(weights)
        history = []
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            loss = self._train_epoch(training)
            seconds = time.perf_counter() - started
            history.append(
                {"epoch": epoch, "loss": loss, **self._judge(clean, validation), "seconds": seconds}
            )
            on_epoch(history[-1])
        return history

    def _judge(self, clean, validation):
        train_loss, train_accuracy = self.evaluate(clean)
        validation_loss, validation_accuracy = self.evaluate(validation)
        return {
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
            "learning_rate": float(self._schedule(self._optimizer.iterations - 1)),
        }
