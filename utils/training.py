"""Training with Keras: `compile` and `fit`, a schedule, and the loss on images as they are.

The head alone, then everything, is two compiles and two fits, as in Keras' guide to transfer learning
(https://keras.io/guides/transfer_learning).
"""

import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import keras
import tensorflow as tf
from keras.src.random import seed_generator

RECIPE = 1  # raised by hand when the same settings train to other results; see CONTRIBUTING.md
_AS_STORED = {"val_loss": "validation_loss", "val_accuracy": "validation_accuracy"}


@contextlib.contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Models built inside start from weights that depend on `seed` alone.

    Keras draws the seed of each initializer from Python's `random`, which other threads use, too: it is given
    a generator of its own.
    """
    with mock.patch.object(seed_generator, "python_random", random.Random(seed)):
        yield


@contextlib.contextmanager
def precision(policy: str) -> Iterator[None]:
    """Models built inside compute with this Keras dtype policy, such as "mixed_float16"."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def warm_up_cosine(peak: float, steps: int) -> keras.optimizers.schedules.CosineDecay:
    """Return a learning rate that rises for 5 % of the steps to `peak`, then falls as half a cosine to 0.

    Cosine decay follows Loshchilov and Hutter 2017 (arXiv 1608.03983), warm-up Goyal et al. 2017
    (arXiv 1706.02677).
    """
    warm_up = max(1, round(0.05 * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / warm_up, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


def compile_head(model: keras.Model) -> None:
    """Compile for training the classifier alone: the backbone, `model.layers[-2]`, stands still."""
    model.layers[-2].trainable = False
    _compile(model, 1e-3)


def compile_all(model: keras.Model, learning_rate: float, steps: int, *, is_pretrained: bool = False) -> None:
    """Compile for training everything, with `warm_up_cosine` over the steps.

    A pretrained backbone keeps its BatchNorm layers as they are: few images would spoil their statistics.
    They are frozen, for a frozen BatchNorm does not update them. (The guide calls the backbone with
    `training=False`. In Keras 3 that has no effect inside `fit`: https://github.com/keras-team/keras/issues/20285.)
    """
    backbone = model.layers[-2]
    backbone.trainable = True
    for layer in backbone.layers:
        if is_pretrained and isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    _compile(model, warm_up_cosine(learning_rate, steps))


def _compile(model, learning_rate):
    # Under mixed precision, Keras scales the loss of float16 by itself.
    model.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)


class _WholeEpoch(keras.callbacks.Callback):
    """Completes an epoch's logs: the loss on `unmixed` images, the rate at its end, the seconds of its steps.

    Only this training loss can be compared between augmentations.
    """

    def __init__(self, unmixed):
        super().__init__()
        self.unmixed = unmixed

    def on_epoch_begin(self, epoch, logs=None):
        self.started, self.seconds = time.perf_counter(), None

    def on_test_begin(self, logs=None):
        self.seconds = self.seconds or time.perf_counter() - self.started  # validation begins

    def on_epoch_end(self, epoch, logs):
        found = self.model.evaluate(self.unmixed, verbose=0, return_dict=True)
        logs |= {"train_loss": found["loss"], "train_accuracy": found["accuracy"]}
        logs |= {"learning_rate": float(self.model.optimizer.learning_rate), "seconds": self.seconds}


def fit(
    model: keras.Model,
    training: tf.data.Dataset,
    *,
    unmixed: tf.data.Dataset,
    validation: tf.data.Dataset,
    epochs: int,
    initial_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict[str, Any]]:
    """Call `model.fit` and return its history, a dict per epoch.

    Args:
        model: a compiled one.
        training: batches as `pipeline.training_batches` makes them.
        unmixed: evaluation batches of training images.
        validation: evaluation batches.
        epochs: the number of the last epoch.
        initial_epoch: how many epochs there were before: it starts with the next one.
        callbacks: Keras' or your own; they find Keras' names (`val_accuracy`) in their logs.

    Returns:
        Per epoch: `epoch` (from 1), `loss` (as trained), `train_loss` and `train_accuracy` (on `unmixed`),
        `validation_loss`, `validation_accuracy`, `learning_rate` (at its end), `seconds` (of the training
        steps alone), and what callbacks add.
    """
    history = model.fit(
        # float32 for all, so that uint8 and mixed images share one traced step
        training.map(lambda images, labels: (tf.cast(images, tf.float32), labels)),
        validation_data=validation,
        epochs=epochs,
        initial_epoch=initial_epoch,
        callbacks=[_WholeEpoch(unmixed), *callbacks],
        shuffle=False,  # the batches come in an order of their own
        verbose=0,
    )
    logs = {_AS_STORED.get(name, name): values for name, values in history.history.items()}
    del logs["accuracy"]  # on mixed images there is no right answer to count
    rows = zip(*logs.values(), strict=True)
    return [
        {"epoch": epoch + 1} | dict(zip(logs, row, strict=True))
        for epoch, row in zip(history.epoch, rows, strict=True)
    ]
