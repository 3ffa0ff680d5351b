"""Wrong answers of lesson 07, each with what its message must say."""

import keras
import numpy as np
import tensorflow as tf

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def unfreeze(backbone):
    backbone.trainable = True
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def compiled(model, learning_rate):
    adam = keras.optimizers.Adam(learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])


def compiled_too_early(model, backbone, batches, validation, *, epochs, learning_rate):
    compiled(model, learning_rate)
    model.optimizer.build(model.trainable_variables)  # as a first step of training does
    unfreeze(backbone)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def trained_on_validation(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(validation, validation_data=validation, epochs=epochs, verbose=0)


def fitted_backbone(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(backbone, learning_rate)
    return backbone.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def fitted_in_a_loop(model, backbone, batches, validation, *, epochs, learning_rate):
    """The history that comes back is that of the last epoch."""
    unfreeze(backbone)
    compiled(model, learning_rate)
    for _ in range(epochs):
        fitted = model.fit(batches, validation_data=validation, verbose=0)
    return fitted


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def zipped(batches, seed, length=2):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(length)
    return tf.data.Dataset.zip(batches, seeds)


def right(batches, augment, seed, length=2):
    batches = zipped(batches, seed, length)
    return batches.map(lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def numpy_draws(batches, augment, *, seed):
    random = np.random.default_rng(seed)
    return batches.map(lambda images, labels: (augment(images, seed=random.integers(0, 99, 2)), labels))


def cached(batches, augment, *, seed):
    return right(batches, augment, seed).cache()


def added_to_the_images(batches, augment, *, seed):
    return batches.concatenate(right(batches, augment, seed))


def seeds_kept(batches, augment, *, seed):
    return zipped(batches, seed).map(lambda batch, seed: (augment(batch[0], seed=seed), batch[1], seed))


def three_numbers(batches, augment, *, seed):
    return right(batches, augment, seed, length=3)


def every_other_batch(batches, augment, *, seed):
    def change(number, pair):
        (images, labels), seed = pair
        return tf.where(number % 2 == 0, augment(images, seed=seed), images), labels

    return zipped(batches, seed).enumerate().map(change)


WRONG = {
    "fine_tune": [
        ("compiled too early", compiled_too_early, r"Compile\s+`model`\s+again"),
        ("trained on validation", trained_on_validation, r"training steps: 2\s[\s\S]*what `fit` is given"),
        ("backbone fitted", fitted_backbone, r"same shape(?![\s\S]*look at)"),
        ("fitted in a loop", fitted_in_a_loop, r"history has another number of epochs"),
    ],
    "augmented": [
        ("NumPy's draws", numpy_draws, r"Every batch gets the same seed"),
        ("cached", cached, r"repeats the draws"),
        ("three numbers", three_numbers, r"two numbers"),
        ("added to the images", added_to_the_images, r"or\s+leaves\s+some\s+out"),
        ("seeds kept", seeds_kept, r"batches\s+are\s+pairs"),
        ("every other batch", every_other_batch, r"(?s)makes them, of 20: 12.*Look at two batches"),
    ],
}
