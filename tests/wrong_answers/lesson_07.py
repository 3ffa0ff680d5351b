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


def compiled(model, learning_rate, loss="categorical_crossentropy", metrics=("accuracy",)):
    model.compile(keras.optimizers.Adam(learning_rate), loss=loss, metrics=list(metrics))


def whole_model(model, backbone, batches, validation, *, epochs, learning_rate):
    """Keras 3 takes no notice: the model was `trainable` before, only its backbone was not."""
    model.trainable = True
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def compiled_too_early(model, backbone, batches, validation, *, epochs, learning_rate):
    compiled(model, learning_rate)
    model.optimizer.build(model.trainable_variables)  # as a first step of training does
    unfreeze(backbone)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def trained_on_validation(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(validation, validation_data=validation, epochs=epochs, verbose=0)


def looked_for_in_the_model(model, backbone, batches, validation, *, epochs, learning_rate):
    backbone.trainable = True
    for layer in model.layers:  # finds none: they stand in the backbone
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def backbone_compiled(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(backbone, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def one_step_an_epoch(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, steps_per_epoch=1, verbose=0)


def fitted_backbone(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(backbone, learning_rate)
    return backbone.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def last_accuracy(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0).history["val_accuracy"][
        -1
    ]


def fitted_in_a_loop(model, backbone, batches, validation, *, epochs, learning_rate):
    """The history that comes back is that of the last epoch."""
    unfreeze(backbone)
    compiled(model, learning_rate)
    for _ in range(epochs):
        fitted = model.fit(batches, validation_data=validation, verbose=0)
    return fitted


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def with_seeds(batches, seeds, function):
    return tf.data.Dataset.zip(batches, seeds).map(function)


def random_seeds(seed):
    return tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)


def numpy_draws(batches, augment, *, seed):
    random = np.random.default_rng(seed)
    return batches.map(lambda images, labels: (augment(images, seed=random.integers(0, 99, 2)), labels))


def numbered(batches, augment, *, seed):
    """The number of the batch for a seed: the same in each epoch."""
    return batches.enumerate().map(
        lambda number, batch: (augment(batch[0], seed=tf.stack([seed, tf.cast(number, tf.int32)])), batch[1])
    )


def cached(batches, augment, *, seed):
    augmented = with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )
    return augmented.cache()


def added_to_the_images(batches, augment, *, seed):
    return batches.concatenate(
        with_seeds(batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))
    )


def seeds_kept(batches, augment, *, seed):
    return with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1], seed)
    )


def image_by_image_without_batches(batches, augment, *, seed):
    augmented = with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )
    return augmented.unbatch()


def twice_augmented(batches, augment, *, seed):
    return with_seeds(
        batches,
        random_seeds(seed),
        lambda batch, seed: (augment(augment(batch[0], seed=seed), seed=seed), batch[1]),
    )


def three_numbers(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(3)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def every_other_batch(batches, augment, *, seed):
    def change(number, batch, seed):
        return tf.where(number % 2 == 0, augment(batch[0], seed=seed), batch[0]), batch[1]

    return tf.data.Dataset.zip(tf.data.Dataset.counter(), batches, random_seeds(seed)).map(change)


WRONG = {
    "fine_tune": [
        ("the whole model", whole_model, r"backbone is still frozen"),
        ("compiled too early", compiled_too_early, r"Compile\s+`model`\s+again"),
        ("trained on validation", trained_on_validation, r"training steps: 2\s[\s\S]*what `fit` is given"),
        ("searched in the model", looked_for_in_the_model, r"They\s+stand\s+in\s+`backbone.layers`"),
        ("backbone compiled", backbone_compiled, r"Compile\s+`model`\s+again"),
        ("one step an epoch", one_step_an_epoch, r"training steps: 2\s[\s\S]*Go through it in order"),
        ("backbone fitted", fitted_backbone, r"same shape(?![\s\S]*look at)"),
        ("last accuracy", last_accuracy, r"what `fit` returns"),
        ("fitted in a loop", fitted_in_a_loop, r"history has another number of epochs"),
    ],
    "augmented": [
        ("NumPy's draws", numpy_draws, r"Every batch gets the same seed"),
        ("the batch's number", numbered, r"repeats the draws"),
        ("cached", cached, r"repeats the draws"),
        ("three numbers", three_numbers, r"two numbers"),
        ("added to the images", added_to_the_images, r"twice or leaves some out"),
        ("seeds kept", seeds_kept, r"batches\s+are\s+pairs"),
        ("without batches", image_by_image_without_batches, r"batches\s+are\s+pairs"),
        ("every other batch", every_other_batch, r"(?s)makes them, of 20: 12.*Look at two batches"),
        ("twice augmented", twice_augmented, r"Look at two batches"),
    ],
}
