import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import augment, models, pipeline, training

pytestmark = pytest.mark.slow


def build(seed):
    with training.seeded_weights(seed):
        return models.build("small_resnet", num_classes=2, image_size=16)


def tiny():
    """A network in the form of the course's, whose tracing takes no time."""
    layers = [
        keras.Input((16, 16, 3)),
        keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.GlobalAveragePooling2D(),
    ]
    whole = [keras.layers.Rescaling(1 / 255), keras.Sequential(layers), keras.layers.Dense(2, "softmax")]
    return keras.Sequential([keras.Input((16, 16, 3)), *whole])


def equal(weights, others):
    return [bool((a == b).all()) for a, b in zip(weights, others, strict=True)]


@pytest.fixture(scope="module")
def dataset():
    """32 images of two classes, dark and bright."""
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    images = (rng.integers(0, 60, (32, 16, 16, 3)) + 150 * labels[:, None, None, None]).astype(np.uint8)
    return tf.data.Dataset.from_tensor_slices((images, labels.astype(np.int64)))


@pytest.fixture(scope="module")
def clean(dataset):
    return pipeline.evaluation_batches(dataset, batch_size=10, num_classes=2)


def fit(model, dataset, clean, epochs, **settings):
    batches = pipeline.training_batches(dataset, batch_size=8, num_classes=2, augment=augment.basic)
    return training.fit(model, batches, unmixed=clean, validation=clean, epochs=epochs, **settings)


def test_initial_weights_depend_on_the_seed_alone():
    random.seed(1)
    first = build(7).get_weights()
    random.seed(2)
    before = random.getstate()
    assert all(equal(first, build(7).get_weights()))
    assert random.getstate() == before
    assert not all(equal(first, build(8).get_weights()))


@pytest.mark.parametrize(("steps", "warm_up"), [(100, 5), (44, 2), (2, 1)])
def test_the_learning_rate_warms_up_and_falls_as_half_a_cosine(steps, warm_up):
    schedule = training.warm_up_cosine(0.1, steps)
    rates = np.array([float(schedule(step)) for step in range(steps + 1)])
    rise = 0.1 / warm_up + (0.1 - 0.1 / warm_up) * np.arange(warm_up) / warm_up
    np.testing.assert_allclose(rates[:warm_up], rise, rtol=1e-5)
    fall = [0.05 * (1 + np.cos(np.pi * step / (steps - warm_up))) for step in range(steps - warm_up + 1)]
    np.testing.assert_allclose(rates[warm_up:], fall, atol=1e-6)
    assert rates[-1] < 1e-6


@pytest.fixture(scope="module")
def trained(dataset, clean):
    model = build(1)
    training.compile_all(model, 2e-3, 12)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=2, min_delta=1e9)
    return model, fit(model, dataset, clean, epochs=9, callbacks=[stop])


def test_training_learns_tells_each_epoch_and_ends_where_a_callback_says(trained):
    _, history = trained
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3]
    names = "epoch loss train_loss train_accuracy validation_loss validation_accuracy learning_rate seconds"
    assert all(set(epoch) == set(names.split()) for epoch in history)
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["learning_rate"] < 1e-6 < history[0]["learning_rate"]
    assert all(epoch["seconds"] > 0 for epoch in history)


def test_the_unmixed_loss_is_the_mean_over_images_as_they_are(trained, clean):
    """32 images in batches of 10, 10, 10 and 2: not the mean over batches."""
    model, history = trained
    images = tf.concat([images for images, _ in clean], axis=0)
    labels = tf.concat([labels for _, labels in clean], axis=0).numpy()
    probabilities = model(images, training=False).numpy()
    assert history[-1]["train_accuracy"] == pytest.approx(
        np.mean(probabilities.argmax(-1) == labels.argmax(-1))
    )
    expected = -np.mean(np.log((probabilities * labels).sum(-1)))
    assert history[-1]["train_loss"] == pytest.approx(expected, rel=1e-4)
    assert history[-1]["train_loss"] == pytest.approx(history[-1]["validation_loss"], rel=1e-5)


def test_in_frozen_epochs_the_backbone_stands_still_with_its_statistics(dataset, clean):
    model = tiny()
    start = model.get_weights()
    training.compile_head(model)
    history = fit(model, dataset, clean, epochs=1)
    unchanged = equal(start, model.get_weights())
    assert unchanged == [True] * (len(start) - 2) + [False] * 2  # all but the classifier's kernel and bias
    assert history[0]["learning_rate"] == pytest.approx(0.001)
    training.compile_all(model, 1e-3, 4)
    (epoch,) = fit(model, dataset, clean, epochs=2, initial_epoch=1)
    assert epoch["epoch"] == 2
    assert not any(equal(start, model.get_weights()))


def test_a_pretrained_backbone_keeps_its_statistics_when_everything_is_trained(dataset, clean):
    model = tiny()
    names, start = [weight.path for weight in model.weights], model.get_weights()
    training.compile_head(model)
    training.compile_all(model, 1e-3, 4, is_pretrained=True)
    fit(model, dataset, clean, epochs=1)
    for name, same in zip(names, equal(start, model.get_weights()), strict=True):
        assert same == ("batch_normalization" in name), name


@pytest.mark.xfail(reason="https://github.com/keras-team/keras/issues/20285: `fit` overrides the argument")
def test_keras_keeps_the_statistics_of_a_backbone_called_with_training_false(dataset, clean):
    """When this passes, `compile_all` can do as Keras' guide says."""
    inputs = keras.Input((16, 16, 3))
    backbone = tiny().layers[-2]
    features = backbone(keras.layers.Rescaling(1 / 255)(inputs), training=False)
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(features))
    training.compile_all(model, 1e-3, 4)
    before = [w.numpy() for w in backbone.weights if "moving" in w.path]
    fit(model, dataset, clean, epochs=1)
    assert all(equal(before, [w.numpy() for w in backbone.weights if "moving" in w.path]))


def test_half_precision_scales_the_loss_trains_and_gives_float32_probabilities(dataset, clean):
    with training.precision("mixed_float16"):
        model, small = build(0), tiny()
    assert keras.config.dtype_policy().name == "float32"
    assert model.layers[-2].layers[1].compute_dtype == "float16"
    assert model(tf.zeros([1, 16, 16, 3])).dtype == tf.float32
    training.compile_all(small, 2e-3, 4)
    assert isinstance(small.optimizer, keras.optimizers.LossScaleOptimizer)
    assert np.isfinite(fit(small, dataset, clean, epochs=1)[-1]["loss"])
