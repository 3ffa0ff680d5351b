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


def with_sgd(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    adam = keras.optimizers.SGD(learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def head_frozen(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    model.layers[-1].trainable = False
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def model_frozen(model, backbone, batches, validation, *, epochs, learning_rate):
    """Nothing learns: `trainable = True` of a part does not reach the whole."""
    model.trainable = False
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


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


def epochs_of_the_head(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=3, verbose=0)


def equal_numbers(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate, metrics=[keras.metrics.Accuracy()])
    return model.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


def one_step_an_epoch(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(model, learning_rate)
    return model.fit(batches, validation_data=validation, epochs=epochs, steps_per_epoch=1, verbose=0)


def fitted_backbone(model, backbone, batches, validation, *, epochs, learning_rate):
    unfreeze(backbone)
    compiled(backbone, learning_rate)
    return backbone.fit(batches, validation_data=validation, epochs=epochs, verbose=0)


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


def image_and_labels(batches, augment, *, seed):
    return with_seeds(batches, random_seeds(seed), lambda batch, seed: augment(batch, seed=seed))


def three_arguments(batches, augment, *, seed):
    return with_seeds(
        batches, random_seeds(seed), lambda images, labels, seed: (augment(images, seed=seed), labels)
    )


def twice_as_long(batches, augment, *, seed):
    return with_seeds(
        batches.repeat(2), random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )


def added_to_the_images(batches, augment, *, seed):
    return batches.concatenate(
        with_seeds(batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))
    )


def too_few_seeds(batches, augment, *, seed):
    seeds = random_seeds(seed).take(2)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def counted_seeds(batches, augment, *, seed):
    seeds = tf.data.Dataset.range(10**6).batch(2)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def not_seeded(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def only_zipped(batches, augment, *, seed):
    return tf.data.Dataset.zip(batches, random_seeds(seed))


def seeds_kept(batches, augment, *, seed):
    return with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1], seed)
    )


def image_by_image_without_batches(batches, augment, *, seed):
    augmented = with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )
    return augmented.unbatch()


def list_of_batches(batches, augment, *, seed):
    random = np.random.default_rng(seed)
    return [(augment(images, seed=random.integers(0, 999, 2)), labels) for images, labels in batches]


def shuffled_afterwards(batches, augment, *, seed):
    augmented = with_seeds(
        batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1])
    )
    return augmented.shuffle(10)


def twice_augmented(batches, augment, *, seed):
    return with_seeds(
        batches,
        random_seeds(seed),
        lambda batch, seed: (augment(augment(batch[0], seed=seed), seed=seed), batch[1]),
    )


def three_numbers(batches, augment, *, seed):
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(3)
    return with_seeds(batches, seeds, lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


def not_returned(batches, augment, *, seed):
    with_seeds(batches, random_seeds(seed), lambda batch, seed: (augment(batch[0], seed=seed), batch[1]))


WRONG = {
    "fine_tune": [
        ("still frozen", still_frozen, r"backbone is still frozen"),
        ("the whole model", whole_model, r"backbone is still frozen"),
        ("everything learns", everything_learns, r"BatchNormalization with it"),
        ("in the wrong order", frozen_before_the_backbone_is_unfrozen, r"BatchNormalization with it"),
        ("condition turned round", condition_turned_round, r"turned\s+round"),
        ("all layers frozen", all_layers_frozen, r"still frozen"),
        ("last layers", last_layers, r"Only the last layers"),
        ("not compiled", not_compiled, r"Compile\s+`model`\s+again"),
        ("compiled too early", compiled_too_early, r"Compile\s+`model`\s+again"),
        ("Adam's usual rate", usual_rate, r"its usual rate"),
        ("the head's rate", rate_of_the_head, r"ten times"),
        ("class numbers", class_numbers, r"one-hot rows"),
        ("each class alone", each_class_alone, r"cross-entropy of one-hot"),
        ("squares", squares, r"cross-entropy of one-hot"),
        ("no metric", without_metric, r"no\s+accuracy"),
        ("no validation", without_validation, r"Nothing is validated"),
        ("trained on validation", trained_on_validation, r"have\s+to\s+stay\s+unseen"),
        ("validated on training", validated_on_training, r"no news"),
        ("one epoch", one_epoch, r"another\s+number\s+of\s+epochs"),
        ("the head's epochs", epochs_of_the_head, r"another\s+number\s+of\s+epochs"),
        ("SGD", with_sgd, r"the task says Adam"),
        ("head frozen", head_frozen, r"The head does not learn"),
        ("model frozen", model_frozen, r"The head does not learn"),
        ("searched in the model", looked_for_in_the_model, r"They\s+stand\s+in\s+`backbone.layers`"),
        ("backbone compiled", backbone_compiled, r"Compile\s+`model`\s+again"),
        ("equal numbers", equal_numbers, r"something\s+else\s+than\s+right\s+images"),
        ("one step an epoch", one_step_an_epoch, r"training steps: 2\s[\s\S]*Go through it in order"),
        ("backbone fitted", fitted_backbone, r"same shape(?![\s\S]*look at)"),
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
        ("three numbers", three_numbers, r"two numbers"),
        ("images and labels", image_and_labels, r"takes images, and gets them with"),
        ("three arguments", three_arguments, r"stays one"),
        ("twice as long", twice_as_long, r"twice or leaves some out"),
        ("added to the images", added_to_the_images, r"twice or leaves some out"),
        ("too few seeds", too_few_seeds, r"twice or leaves some out"),
        ("counted seeds", counted_seeds, r"repeats the draws"),
        ("not seeded", not_seeded, r"cannot be repeated"),
        ("only zipped", only_zipped, r"batches\s+are\s+pairs"),
        ("seeds kept", seeds_kept, r"batches\s+are\s+pairs"),
        ("without batches", image_by_image_without_batches, r"batches\s+are\s+pairs"),
        ("a list", list_of_batches, r"batches\s+are\s+pairs"),
        ("shuffled afterwards", shuffled_afterwards, r"another order"),
        ("twice augmented", twice_augmented, r"Look at two batches"),
        ("not returned", not_returned, r"end\s+with\s+`return`"),
        ("labels lost", labels_lost, r"batches\s+are\s+pairs"),
        ("one batch", one_batch, r"batches\s+are\s+pairs"),
    ],
}
