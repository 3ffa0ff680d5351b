import random

import numpy as np
import pytest
import tensorflow as tf

from utils import augment, models, pipeline, training


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
        history = trainer.fit(start, batches, clean=clean, validation=clean, epochs=3, on_epoch=seen.append)
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
