"""The checks of lesson 07: fine-tuning in plain Keras, and batches that are augmented anew in each epoch."""

import contextlib
import warnings
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_KINDS = ("accuracy", "loss", "val_accuracy", "val_loss")
_LOSS = "categorical_crossentropy"
_FIRST = "first_convolution"


def _fine_tuned(
    model,
    backbone,
    batches,
    validation,
    *,
    epochs,
    learning_rate,
    unfreezes=lambda model, backbone: [backbone, *backbone.layers],
    keeps=lambda layer: isinstance(layer, keras.layers.BatchNormalization),
    compiles=True,
    rate=lambda given: given,
    loss=_LOSS,
    metrics=("accuracy",),
    trains_on=lambda batches, validation: batches,
    validates_on=lambda batches, validation: validation,
    many=lambda epochs: epochs,
):
    """The right answer: unfreeze all but BatchNormalization, compile with the low rate, fit."""
    for layer in unfreezes(model, backbone):
        layer.trainable = True
    for layer in backbone.layers:
        if keeps(layer):
            layer.trainable = False
    if compiles:
        model.compile(keras.optimizers.Adam(rate(learning_rate)), loss=loss, metrics=list(metrics))
    return model.fit(
        trains_on(batches, validation),
        validation_data=validates_on(batches, validation),
        epochs=many(epochs),
        shuffle=False,
        verbose=0,
    )


def _frozen_classifier():
    """A classifier with a frozen backbone, as the lesson has it after the head's training."""
    begin = keras.initializers.GlorotUniform(seed=7)
    images = keras.Input((6, 6, 3))
    hidden = keras.layers.Conv2D(4, 1, use_bias=False, kernel_initializer=begin, name=_FIRST)(images)
    hidden = keras.layers.Conv2D(4, 3, use_bias=False, kernel_initializer=begin)(hidden)
    hidden = keras.layers.BatchNormalization(momentum=0.5)(hidden)
    hidden = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(hidden))
    backbone = keras.Model(images, hidden, name="backbone")
    backbone.trainable = False
    pictures = keras.Input((6, 6, 3))
    features = backbone(keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pictures))
    model = keras.Model(
        pictures, keras.layers.Dense(3, activation="softmax", kernel_initializer=begin)(features)
    )
    model.compile(keras.optimizers.Adam(0.02), loss=_LOSS, metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model, backbone


def _batches(size, count, seed):
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, [size * count, 6, 6, 3]).astype(np.float32)
    labels = np.eye(3, dtype=np.float32)[np.arange(size * count) % 3]
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(size)


@contextlib.contextmanager
def _in_a_moment():
    """Models compiled inside do not trace: two epochs take a fifth of a second."""
    compile_model = keras.Model.compile

    def eager(model, *arguments, **keywords):
        return compile_model(model, *arguments, **keywords | {"run_eagerly": True})

    with mock.patch.object(keras.Model, "compile", eager), warnings.catch_warnings(action="ignore"):
        yield


def _fine_tuning_tried(**told):
    """One use: what has changed in the network, and what `fit` was told."""

    def use(function):
        with _in_a_moment():
            model, backbone = _frozen_classifier()
            before = {weight.path: weight.numpy() for weight in model.weights}
            batches, validation = _batches(4, 3, seed=7), _batches(5, 1, seed=8)
            fitted = function(model, backbone, batches, validation, **told)
            if not isinstance(fitted, keras.callbacks.History):
                return None if fitted is None else type(fitted).__name__
            return _what_happened(model, backbone, before, fitted.history, validation)

    words = ", ".join(f"{name}={value:g}" for name, value in told.items())
    return tables.Try(f"(model, backbone, batches, validation, {words})", use)


def _what_happened(model, backbone, before, history, validation):
    def changed(part):
        return sum(
            part(weight) and not np.array_equal(weight.numpy(), before[weight.path])
            for weight in model.weights
        )

    of_backbone = {weight.path for weight in backbone.weights}
    images, labels = next(iter(validation))
    by_hand = np.mean(keras.losses.categorical_crossentropy(labels, model(images, training=False)))
    loss = model.evaluate(validation, verbose=0, return_dict=True)["loss"]
    return {
        "kernels of the backbone that learn, of 2": changed(
            lambda weight: weight.path in of_backbone and weight.path.endswith("kernel")
        ),
        "averages of BatchNormalization that change": changed(lambda weight: "moving" in weight.path),
        "other weights of BatchNormalization that learn": changed(
            lambda weight: weight.path.endswith(("gamma", "beta"))
        ),
        "weights of the head that learn, of 2": changed(lambda weight: weight.path not in of_backbone),
        "the loss": "cross-entropy" if np.isclose(loss, by_hand, atol=1e-4) else "another one",
        "the learning rate": float(model.optimizer.learning_rate),
        "training steps": int(model.optimizer.iterations),
        "what the history lacks": ", ".join(name for name in _KINDS if name not in history) or "nothing",
        "the validation images": "those of `validation`"
        if np.isclose(history.get("val_loss", [np.inf])[-1], loss, atol=1e-4)
        else "others, or none",
    }


_NOT_COMPILED = (
    "`compile` fixes which weights learn and at which rate: without a new one, the training goes on with the "
    "head alone, or stops with an error. Compile again after the change."
)
_ONE_HOT = "The labels are one-hot rows, no class numbers: take the loss that trained the head."

fine_tune = tables.Table(
    title="Exercise 1: all weights learn at the low rate, and BatchNormalization stays as it was.",
    right=_fine_tuned,
    tries=lambda: [_fine_tuning_tried(epochs=2, learning_rate=0.0005)],
    read=dict,
    tolerance=1e-7,
    mistakes={
        "The backbone is still frozen: only the head has learned. Which layers are `trainable` when "
        "`compile` is called?": {"unfreezes": lambda model, backbone: []},
        "The whole network learns, BatchNormalization with it: its averages are now those of a few images. "
        "Freeze these layers again, after `backbone.trainable = True`, which reaches them, too.": {
            "keeps": lambda layer: False
        },
        "BatchNormalization is the only kind of layer that learns: the condition is turned round.": {
            "keeps": lambda layer: not isinstance(layer, keras.layers.BatchNormalization)
        },
        "Only the last layers of the backbone learn. All of them should, but for BatchNormalization.": {
            "keeps": lambda layer: layer.name == _FIRST or isinstance(layer, keras.layers.BatchNormalization)
        },
        _NOT_COMPILED: {"compiles": False},
        "Adam has its usual rate, 0.001: give it `learning_rate`.": {"rate": lambda given: 0.001},
        "The rate is ten times `learning_rate`, as high as that of the head. Take it as it is.": {
            "rate": lambda given: 10 * given
        },
        "The loss is not the cross-entropy of one-hot labels: take the one that trained the head.": {
            "loss": "mean_squared_error"
        },
        _ONE_HOT: {"loss": "sparse_categorical_crossentropy"},
        "The history has no accuracy: give `compile` the metric, as for the head.": {"metrics": ()},
        "It trains on the validation images. They have to stay unseen.": {
            "trains_on": lambda batches, validation: validation
        },
        "The validation data are the training batches: what they say is no news.": {
            "validates_on": lambda batches, validation: batches
        },
        "Nothing is validated: `fit` has an argument `validation_data`.": {
            "validates_on": lambda batches, validation: None
        },
        "It trains for one epoch, whatever `epochs` says: `fit` has an argument of this name.": {
            "many": lambda epochs: 1
        },
    },
    errors={r"Unknown variable": _NOT_COMPILED, r"must have rank|shape": _ONE_HOT},
    form="Return what `fit` returns: `return model.fit(…)`.",
    otherwise="Go through it in order: what is frozen, what is compiled, what `fit` is given.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_STEPS, _SIZE = 5, 4


def _augmented(
    batches,
    augment,
    *,
    seed,
    before=lambda batches: batches,
    numbers=lambda seed: tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True),
    length=2,
    apply=lambda augment, images, labels, seed: (augment(images, seed=seed), labels),
    after=lambda augmented: augmented,
):
    """The right answer: a seed for each batch of each epoch, and `map`."""
    seeds = numbers(seed).batch(length)
    zipped = tf.data.Dataset.zip(before(batches), seeds)
    return after(zipped.map(lambda batch, seed: apply(augment, *batch, seed)))


def _stamp(images, *, seed):
    """An augmentation that adds a draw from 0 to 9 to each image and leaves the tens of its pixels alone."""
    draws = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], tf.ensure_shape(seed, [2]), 0, 9)
    return images + tf.cast(draws, images.dtype)


def _numbered_batches():
    """Image n is filled with 10 · n; its label is one-hot, so that it tells the number, too."""
    count = _STEPS * _SIZE
    images = np.broadcast_to(10 * np.arange(count, dtype=np.float32)[:, None, None, None], [count, 2, 2, 3])
    return tf.data.Dataset.from_tensor_slices((images, np.eye(count, dtype=np.float32))).batch(_SIZE)


def _draws_and_labels(batches):
    """What was added to each image in the next epoch, and the numbers of the images."""
    epoch = list(batches.take(2 * _STEPS).as_numpy_iterator())
    images, labels = (np.concatenate(part) for part in zip(*epoch, strict=True))
    numbers = labels.argmax(axis=1)
    return np.round(images[:, 0, 0, 0] - 10 * numbers, 4), numbers


def _draws(function):
    made = function(_numbered_batches(), _stamp, seed=7)
    if not isinstance(made, tf.data.Dataset) or not isinstance(made.element_spec, tuple):
        return f"{made}"
    (first, numbers), (second, _) = _draws_and_labels(made), _draws_and_labels(made)
    again, other = (_draws_and_labels(function(_numbered_batches(), _stamp, seed=seed))[0] for seed in (7, 8))
    return {
        "images in an epoch": len(first),
        "images that are augmented": int(((first > 0) & (first < 9)).sum()),
        "the order of the images": "as in `batches`"
        if np.array_equal(numbers, np.arange(_STEPS * _SIZE))
        else "another one",
        "batches with draws of their own": len(np.unique(first.reshape(-1, _SIZE), axis=0)),
        "draws of the second epoch": "as in the first" if np.array_equal(first, second) else "new",
        "made again with seed=7": "the same draws" if np.array_equal(first, again) else "other draws",
        "made with seed=8": "the same draws" if np.array_equal(first, other) else "other draws",
    }


_TWO_NUMBERS = "A stateless seed is two numbers: take the random numbers two by two, with `batch(2)`."

augmented = tables.Table(
    title="Exercise 2: the same images in the same order, augmented anew in each epoch.",
    right=_augmented,
    tries=lambda: [tables.Try("(five batches of four images, augment, seed=7)", _draws)],
    read=dict,
    mistakes={
        "The images are as they came: does `map` return what `augment` returns?": {
            "apply": lambda augment, images, labels, seed: (images, labels)
        },
        "The images come in another order, so it is no pair any more: `batches` are shuffled already.": {
            "before": lambda batches: batches.shuffle(100, seed=1)
        },
        "An epoch never ends: the seeds may go on for ever, the images not.": {
            "after": lambda augmented: augmented.repeat()
        },
        "Every batch gets the same seed, so all of them get the same draws. (Python calls the function in "
        "`map` once, not once a batch: the seed has to come out of a data set.)": {
            "numbers": lambda seed: tf.data.Dataset.from_tensors(tf.cast(seed, tf.int64)).repeat()
        },
        "The second epoch repeats the draws of the first: the network sees one version of each image only. "
        "Seeds are drawn anew with `rerandomize_each_iteration`, and nothing is cached behind `augment`.": {
            "numbers": lambda seed: tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=False)
        },
        "The draws cannot be repeated: they do not depend on `seed` alone.": {
            "numbers": lambda seed: tf.data.Dataset.random(rerandomize_each_iteration=True)
        },
        "Another `seed` gives the same draws: it is not used.": {
            "numbers": lambda seed: tf.data.Dataset.random(seed=1, rerandomize_each_iteration=True)
        },
        _TWO_NUMBERS: {"length": 1},
    },
    errors={r"[Ss]hape": _TWO_NUMBERS},
    form="Return a data set of pairs, (images, labels): what `map` returns.",
    otherwise="Look at two batches of two epochs: which images, which seed?",
)
