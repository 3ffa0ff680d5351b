import pathlib
import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import augment, models, pipeline, training

pytestmark = pytest.mark.slow


def build(seed):
    with training.seeded_weights(seed):
        return models.build("small_resnet", num_classes=2, image_size=16)


def equal(weights, others):
    return all((a == b).all() for a, b in zip(weights, others, strict=True))


def test_initial_weights_depend_on_the_seed_alone():
    random.seed(1)
    first = build(7).get_weights()
    random.seed(2)
    before = random.getstate()
    assert equal(first, build(7).get_weights())
    assert random.getstate() == before
    assert not equal(first, build(8).get_weights())


def test_the_learning_rate_warms_up_and_falls_as_half_a_cosine():
    schedule = training.WarmUpCosine(0.1, 100)
    rates = np.array([float(schedule(step)) for step in range(100)])
    np.testing.assert_allclose(rates[:5], [0.02, 0.04, 0.06, 0.08, 0.1], rtol=1e-5)
    expected = [0.05 * (1 + np.cos(np.pi * (step + 1 - 5) / 95)) for step in range(5, 100)]
    np.testing.assert_allclose(rates[5:], expected, atol=1e-6)
    assert rates[-1] < 1e-6


@pytest.fixture(scope="module")
def two_fits():
    """The histories of one trainer that trained twice from the same weights with the same seed."""
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    images = (rng.integers(0, 60, (32, 16, 16, 3)) + 150 * labels[:, None, None, None]).astype(np.uint8)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels.astype(np.int64)))
    trainer = training.Trainer(build(0), learning_rate=2e-3, total_steps=12)
    clean = pipeline.evaluation_batches(dataset, batch_size=10, num_classes=2)
    start = build(1).get_weights()

    def fit():
        batches = pipeline.training_batches(
            dataset, batch_size=8, num_classes=2, augment=augment.basic, seed=0
        )
        seen = []
        history = trainer.fit(
            start, lambda epoch: batches, clean=clean, validation=clean, epochs=3, on_epoch=seen.append
        )
        return history, seen

    return fit(), fit(), trainer, clean


def without_time(history):
    return [{key: value for key, value in epoch.items() if key != "seconds"} for epoch in history]


def test_two_runs_with_one_seed_give_the_same_history(two_fits):
    (first, _), (second, _), *_ = two_fits
    assert without_time(first) == without_time(second)


def test_training_learns_and_tells_each_epoch(two_fits):
    (history, seen), *_ = two_fits
    assert seen == history and [epoch["epoch"] for epoch in history] == [1, 2, 3]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["learning_rate"] < 1e-6 < history[0]["learning_rate"]


def test_evaluation_weighs_every_image_alike(two_fits):
    """32 images in batches of 10, 10, 10 and 2: the mean over images, not over batches."""
    *_, trainer, clean = two_fits
    loss, accuracy = trainer.evaluate(clean)
    images = tf.concat([images for images, _ in clean], axis=0)
    labels = tf.concat([labels for _, labels in clean], axis=0).numpy()
    probabilities = trainer.model(images, training=False).numpy()
    assert accuracy == pytest.approx(np.mean(probabilities.argmax(-1) == labels.argmax(-1)))
    assert loss == pytest.approx(-np.mean(np.log((probabilities * labels).sum(-1))), rel=1e-4)


def tiny(batch=8):
    """A trainer of a tiny network and batches of sixteen random images."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (16, 8, 8, 3), dtype=np.uint8), np.arange(16) % 2
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    inputs = keras.Input((8, 8, 3))
    hidden = keras.layers.Conv2D(4, 3, name="convolution")(keras.layers.Rescaling(1 / 255)(inputs))
    hidden = keras.layers.BatchNormalization(name="normalization")(hidden)
    hidden = keras.layers.GlobalAveragePooling2D()(hidden)
    outputs = keras.layers.Dense(2, activation="softmax", dtype="float32")(hidden)
    trainer = training.Trainer(keras.Model(inputs, outputs), learning_rate=0.01, total_steps=4)
    return trainer, pipeline.evaluation_batches(dataset, batch_size=batch, num_classes=2)


def test_in_frozen_epochs_only_the_classifier_changes():
    trainer, batches = tiny()
    start = trainer.model.get_weights()

    def fit(frozen_epochs):
        history = trainer.fit(
            start,
            lambda epoch: batches,
            clean=batches,
            validation=batches,
            epochs=2,
            frozen_epochs=frozen_epochs,
        )
        changed = [not np.array_equal(a, b) for a, b in zip(start, trainer.model.get_weights(), strict=True)]
        return history, changed

    history, changed = fit(frozen_epochs=2)
    assert changed == [False] * 6 + [True] * 2  # kernel, bias; γ, β, mean, variance; kernel, bias
    assert [epoch["learning_rate"] for epoch in history] == [0.001, 0.001]
    history, changed = fit(frozen_epochs=1)
    assert all(changed)
    assert history[1]["learning_rate"] != 0.001


def test_each_epoch_gets_the_batches_that_it_asks_for():
    trainer, batches = tiny()
    asked = []
    trainer.fit(
        trainer.model.get_weights(),
        lambda epoch: asked.append(epoch) or batches,
        clean=batches,
        validation=batches,
        epochs=3,
    )
    assert asked == [1, 2, 3]


def test_half_precision_trains_and_gives_float32_probabilities():
    with training.precision("mixed_float16"):
        trainer, batches = tiny()
    assert keras.config.dtype_policy().name == "float32"
    assert trainer.model.get_layer("convolution").compute_dtype == "float16"
    history = trainer.fit(
        trainer.model.get_weights(), lambda epoch: batches, clean=batches, validation=batches, epochs=2
    )
    assert np.isfinite(history[-1]["loss"])
    assert trainer.predict(tf.zeros([1, 8, 8, 3])).dtype == tf.float32


TWO_DEVICES = """
import sys
from utils import quiet
import numpy as np
import tensorflow as tf
devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, sys.argv[1])
import test_training

def trained():
    trainer, batches = test_training.tiny()
    with np.load(sys.argv[2]) as start:
        weights = [start[name] for name in start.files]
    history = trainer.fit(weights, lambda epoch: batches, clean=batches, validation=batches, epochs=1)
    return trainer.model.get_weights(), history[0]["loss"]

with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    weights, loss = trained()
np.savez(sys.argv[2], loss, *weights)
"""


def test_a_batch_divided_between_two_devices_trains_like_a_whole_one(tmp_path):
    """But for BatchNorm, whose statistics each device counts on its own half."""
    trainer, batches = tiny()
    trainer.model.get_layer("normalization").trainable = False
    start = trainer.model.get_weights()
    path = tmp_path / "weights.npz"
    np.savez(path, *start)
    script = TWO_DEVICES.replace(
        "    with np", "    trainer.model.get_layer('normalization').trainable = False\n    with np"
    )
    subprocess.run([sys.executable, "-c", script, str(pathlib.Path(__file__).parent), str(path)], check=True)
    history = trainer.fit(start, lambda epoch: batches, clean=batches, validation=batches, epochs=1)
    with np.load(path) as found:
        loss, *weights = (found[name] for name in found.files)
    assert loss == pytest.approx(history[0]["loss"], rel=1e-5)
    for whole, divided in zip(trainer.model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(whole, divided, atol=1e-5)
