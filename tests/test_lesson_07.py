"""Lesson 07: its checks take right answers however they are written; `fit` gets what the student wrote."""

import keras
import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils.checks import lesson_07

# ---- right answers ----------------------------------------------------------------------------------------


def one_line_a_layer(model, backbone, batches, validation, *, epochs, learning_rate):
    backbone.trainable = True
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    return model.fit(batches, epochs=epochs, validation_data=validation, verbose=0)


def by_name(model, backbone, batches, validation, *, epochs, learning_rate):
    model.layers[-2].trainable = True
    for layer in model.layers[-2].layers:
        if "batch_normalization" in layer.name:
            layer.trainable = False
    model.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)
    return model.history


def with_a_callback(model, backbone, batches, validation, *, epochs, learning_rate):
    for layer in [backbone, *backbone.layers]:
        layer.trainable = type(layer).__name__ != "BatchNormalization"
    adam = keras.optimizers.Adam(learning_rate)
    model.compile(optimizer=adam, loss="categorical_crossentropy", metrics=["accuracy"])
    nothing = keras.callbacks.LambdaCallback()
    return model.fit(
        batches.prefetch(1), validation_data=validation, epochs=epochs, callbacks=[nothing], verbose=0
    )


def all_but_layer_by_layer(model, backbone, batches, validation, *, epochs, learning_rate):
    kept = [layer for layer in backbone.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in model.layers:
        layer.trainable = True
    for layer in kept:
        layer.trainable = False
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = learning_rate
    return model.fit(batches.cache(), epochs=epochs, verbose=0, validation_data=validation.cache())


FINE_TUNED = [one_line_a_layer, by_name, with_a_callback, all_but_layer_by_layer]


@pytest.mark.parametrize("answer", FINE_TUNED)
def test_a_right_fine_tuning_passes_however_it_is_written(answer, capsys):
    lesson_07.fine_tune(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def seeds_of_two_numbers(batches, augment, *, seed):
    first = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
    second = tf.data.Dataset.random(seed + 1, rerandomize_each_iteration=True)

    def change(batch, number, another):
        images, labels = batch
        return augment(images, seed=tf.stack([number, another])), labels

    return tf.data.Dataset.zip((batches, first, second)).map(change).prefetch(1)


def seeds_before_the_batches(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2, drop_remainder=True)
    pairs = tf.data.Dataset.zip(seeds, batches)
    return pairs.map(lambda seed, batch: (augment(batch[0], seed=tf.cast(seed, tf.int32)), *batch[1:]))


def image_by_image(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    one_by_one = tf.data.Dataset.zip(batches.unbatch(), seeds).map(
        lambda pair, seed: (augment(pair[0][tf.newaxis], seed=seed)[0], pair[1])
    )
    return one_by_one.batch(4)


def with_a_generator_of_numbers(batches, augment, *, seed):
    generator = tf.random.Generator.from_seed(seed)

    def change(images, labels):
        return [augment(images, seed=generator.uniform([2], 0, 2**30, tf.int32)), labels]

    return batches.map(change)


def images_alone(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    images = tf.data.Dataset.zip(batches.map(lambda images, labels: images), seeds).map(
        lambda images, number: augment(images, seed=(number, 0))
    )
    return tf.data.Dataset.zip(images, batches.map(lambda images, labels: labels))


AUGMENTED = [
    seeds_of_two_numbers,
    seeds_before_the_batches,
    image_by_image,
    with_a_generator_of_numbers,
    images_alone,
]


@pytest.mark.parametrize("answer", AUGMENTED)
def test_right_batches_pass_however_they_are_written(answer, capsys):
    lesson_07.augmented(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


def test_a_pass_in_training_moves_the_averages_whatever_the_guide_says():
    """https://github.com/keras-team/keras/issues/20285: `fit` overrides `training=False`; freezing holds."""
    images = keras.Input((6, 6, 3))
    normalized = keras.layers.BatchNormalization()
    backbone = keras.Model(images, keras.layers.GlobalAveragePooling2D()(normalized(images)))
    features = backbone(images, training=False)
    model = keras.Model(images, keras.layers.Dense(3, activation="softmax")(features))
    moved = {}
    for trainable in (True, False):
        backbone.trainable = trainable
        before = normalized.moving_mean.numpy()
        model.compile("sgd", loss="categorical_crossentropy", run_eagerly=True)
        model.fit(lesson_07._batches(4, 1, seed=7), shuffle=False, verbose=0)
        moved[trainable] = not np.array_equal(before, normalized.moving_mean.numpy())
    assert moved == {True: True, False: False}


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_functions_make():
    """What `augmented` makes is marked, and `fine_tune` is watched."""
    models = []

    def marking(function):
        def mark(images, labels):
            return tf.cast(images, tf.float32) + 1000.0, labels

        return lambda *arguments, **keywords: function(*arguments, **keywords).map(mark)

    def watched(function):
        def fine_tune(model, *arguments, **keywords):
            models.append(model.name)
            return function(model, *arguments, **keywords)

        return fine_tune

    changes = {"augmented": marking, "fine_tune": watched}
    without = ("ResNet50(", "classifier", "nearest[", "backbone.set_weights")  # what takes long
    _, plain, basic = lesson_spies.first_batches(7, 3, changes, without)
    assert plain[0].max() < 1000 <= basic[0].min()
    assert np.array_equal(plain[1], basic[1])  # a pair: the same images in the same order
    assert models == ["small_resnet"] * 2
