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


def still_frozen(model, backbone, batches, validation, *, epochs, learning_rate):
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def whole_model(model, backbone, batches, validation, *, epochs, learning_rate):
    """Keras 3 takes no notice: the model was `trainable` before, only its backbone was not."""
    model.trainable = True
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def everything_learns(model, backbone, batches, validation, *, epochs, learning_rate):
    backbone.trainable = True
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def frozen_before_the_backbone_is_unfrozen(model, backbone, batches, validation, *, epochs, learning_rate):
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    backbone.trainable = True
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def condition_turned_round(model, backbone, batches, validation, *, epochs, learning_rate):
    backbone.trainable = True
    for layer in backbone.layers:
        layer.trainable = isinstance(layer, keras.layers.BatchNormalization)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def all_layers_frozen(model, backbone, batches, validation, *, epochs, learning_rate):
    backbone.trainable = True
    for layer in backbone.layers:
        layer.trainable = False
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def last_layers(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    for layer in backbone.layers[: len(backbone.layers) // 2 - 1]:
        layer.trainable = False
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def not_compiled(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    model.optimizer.learning_rate = learning_rate
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def compiled_too_early(model, backbone, batches, validation, *, epochs, learning_rate):
    compiled(model, learning_rate)
    model.optimizer.build(model.trainable_variables)  # as a first step of training does
    unfreeze(backbone)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def usual_rate(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def rate_of_the_head(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, 10 * learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def class_numbers(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate, loss="sparse_categorical_crossentropy")
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def each_class_alone(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate, loss="binary_crossentropy")
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def squares(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate, loss="mse")
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def without_metric(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate, metrics=())
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def without_validation(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, epochs=epochs, verbose=0)


def trained_on_validation(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(validation, validation_data=validation, epochs=epochs, verbose=0)


def validated_on_training(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=batches, epochs=epochs, verbose=0)


def one_epoch(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, verbose=0)


def the_model(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)
    return model


def nothing(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def last_accuracy(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0).history["val_accuracy"][
        -1
    ]


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def with_seeds(batches, seeds, function):
    return tf.data.Dataset.zip(batches, seeds).map(function)


def random_seeds(seed):
    return tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)


def as_they_came(batches, augment, *, seed):
    return batches


def result_thrown_away(batches, augment, *, seed):
    def change(batch, seed):
        augment(batch[0], seed=seed)
        return batch

    return with_seeds(batches, random_seeds(seed), change)


def one_seed(batches, augment, *, seed):
    return batches.map(lambda images, labels: (augment(images, seed=(seed, 0)), labels))


def numpy_draws(batches, augment, *, seed):
    random = np.random.default_rng(seed)
    return batches.map(lambda images, labels: (augment(images, seed=random.integers(0, 99, 2)), labels))


def same_in_each_epoch(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed).batch(2)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


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


def stateful(batches, augment, *, seed):
    def change(images, labels):
        drawn = tf.random.uniform([2], 0, 2**30, tf.int32)
        return augment(images, seed=drawn), labels

    return batches.map(change)


def seed_ignored(batches, augment, *, seed):
    return with_seeds(batches, random_seeds(0), lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def shuffled(batches, augment, *, seed):
    shuffled_batches = batches.shuffle(10, seed=3)
    return with_seeds(
        shuffled_batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )


def shuffled_images(batches, augment, *, seed):
    again = batches.unbatch().shuffle(100, seed=3).batch(4)
    return with_seeds(again, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def without_end(batches, augment, *, seed):
    return with_seeds(
        batches.repeat(), random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )


def one_number(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def labels_lost(batches, augment, *, seed):
    return with_seeds(batches, random_seeds(seed), lambda batch, seed: augment(batch[0], seed=seed))


def one_batch(batches, augment, *, seed):
    images, labels = next(iter(batches))
    return augment(images, seed=(seed, 0)), labels


WRONG = {
    "fine_tune": [
        ("still frozen", still_frozen, r"backbone is still frozen"),
        ("the whole model", whole_model, r"backbone is still frozen"),
        ("everything learns", everything_learns, r"BatchNormalization with it"),
        ("in the wrong order", frozen_before_the_backbone_is_unfrozen, r"BatchNormalization with it"),
        ("condition turned round", condition_turned_round, r"turned\s+round"),
        ("all layers frozen", all_layers_frozen, r"still frozen"),
        ("last layers", last_layers, r"Only the last layers"),
        ("not compiled", not_compiled, r"Compile\s+again"),
        ("compiled too early", compiled_too_early, r"Compile\s+again"),
        ("Adam's usual rate", usual_rate, r"its usual rate"),
        ("the head's rate", rate_of_the_head, r"ten times"),
        ("class numbers", class_numbers, r"one-hot rows"),
        ("each class alone", each_class_alone, r"cross-entropy of one-hot"),
        ("squares", squares, r"cross-entropy of one-hot"),
        ("no metric", without_metric, r"no\s+accuracy"),
        ("no validation", without_validation, r"Nothing is validated"),
        ("trained on validation", trained_on_validation, r"have\s+to\s+stay\s+unseen"),
        ("validated on training", validated_on_training, r"no news"),
        ("one epoch", one_epoch, r"one epoch, whatever"),
        ("the model", the_model, r"what `fit` returns"),
        ("nothing", nothing, r"end\s+with\s+`return`"),
        ("last accuracy", last_accuracy, r"what `fit` returns"),
    ],
    "augmented": [
        ("as they came", as_they_came, r"images are as they came"),
        ("thrown away", result_thrown_away, r"images are as they came"),
        ("one seed", one_seed, r"Every batch gets the same seed"),
        ("NumPy's draws", numpy_draws, r"Every batch gets the same seed"),
        ("the same in each epoch", same_in_each_epoch, r"repeats the draws"),
        ("the batch's number", numbered, r"repeats the draws"),
        ("cached", cached, r"repeats the draws"),
        ("stateful", stateful, r"cannot be repeated"),
        ("seed ignored", seed_ignored, r"it is not used"),
        ("shuffled", shuffled, r"another order"),
        ("images shuffled", shuffled_images, r"another order"),
        ("without end", without_end, r"never ends"),
        ("one number", one_number, r"two numbers"),
        ("labels lost", labels_lost, r"data set of pairs"),
        ("one batch", one_batch, r"data set of pairs"),
    ],
}
