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
    optimizer=keras.optimizers.Adam,
    loss=_LOSS,
    metrics=lambda: ["accuracy"],
    validates_on=lambda batches, validation: validation,
    many=lambda epochs: epochs,
    returns=lambda fitted: fitted,
):
    for layer in unfreezes(model, backbone):
        layer.trainable = True
    for layer in backbone.layers:
        if keeps(layer):
            layer.trainable = False
    if compiles:
        model.compile(optimizer(learning_rate), loss=loss, metrics=metrics())
    seen = validates_on(batches, validation)
    return returns(model.fit(batches, validation_data=seen, epochs=many(epochs), verbose=0))


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
    scores = keras.layers.Dense(3, activation="softmax", kernel_initializer=begin)(features)
    model = keras.Model(pictures, scores)
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
    """Models compiled inside do not trace: two epochs of two batches take a fifth of a second."""
    compile_model = keras.Model.compile

    def eager(model, *arguments, **keywords):
        return compile_model(model, *arguments, **keywords | {"run_eagerly": True})

    with mock.patch.object(keras.Model, "compile", eager), warnings.catch_warnings(action="ignore"):
        yield


def _fine_tuning_tried(**told):
    def use(function):
        with _in_a_moment():
            model, backbone = _frozen_classifier()
            before = {weight.path: weight.numpy() for weight in model.weights}
            batches, validation = _batches(4, 2, seed=7), _batches(10, 1, seed=8)
            fitted = function(model, backbone, batches, validation, **told)
            if fitted is None:
                return None
            if not isinstance(fitted, keras.callbacks.History):
                return {"what comes back": "no History"}
            told_epochs = len(fitted.epoch) == told["epochs"]
            return {
                "what comes back": "a History",
                **_what_happened(model, backbone, before, fitted.history, validation),
                "epochs in the history": "as `epochs` says" if told_epochs else "another one",
                "training steps": int(model.optimizer.iterations),
            }

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
    guesses = model(images, training=False)
    by_hand = np.mean(keras.losses.categorical_crossentropy(labels, guesses))
    right = np.mean(np.argmax(guesses, axis=1) == np.argmax(labels, axis=1))
    loss = model.compute_loss(y=labels, y_pred=guesses)
    validated = np.isclose(history.get("val_loss", [np.inf])[-1], loss, atol=1e-4)
    counted = np.isclose(history.get("val_accuracy", [np.inf])[-1], right, atol=1e-4)
    return {
        "weights of the head that learn, of 2": changed(lambda weight: weight.path not in of_backbone),
        "kernels of the backbone that learn, of 2": changed(
            lambda weight: weight.path in of_backbone and weight.path.endswith("kernel")
        ),
        "averages of BatchNormalization that change": changed(lambda weight: "moving" in weight.path),
        "other weights of BatchNormalization that learn": changed(
            lambda weight: weight.path.endswith(("gamma", "beta"))
        ),
        "the loss": "cross-entropy" if np.isclose(loss, by_hand, atol=1e-4) else "another one",
        "the optimizer": type(model.optimizer).__name__,
        "the learning rate": round(float(model.optimizer.learning_rate), 8),
        "what the history lacks": ", ".join(name for name in _KINDS if name not in history) or "nothing",
        "the validation images": "those of `validation`" if validated else "others, or none",
        "the validation accuracy": "the share of right images" if counted else "another number",
    }


_NOT_COMPILED = (
    "`compile` fixes which weights learn and at which rate: without a new one, the training goes on with the "
    "head alone, or stops with an error. Compile `model` again after the change."
)
_ONE_HOT = "The labels are one-hot rows, no class numbers: take the loss that trained the head."
_NO_HISTORY = "Return what `fit` returns: `return model.fit(…)`."

fine_tune = tables.Table(
    title="Exercise 1: all weights learn at the low rate, and BatchNormalization stays as it was.",
    right=_fine_tuned,
    tries=lambda: [_fine_tuning_tried(epochs=2, learning_rate=0.0005)],
    tolerance=1e-7,
    mistakes={
        "The backbone is still frozen: only the head has learned. Which layers are `trainable` when "
        "`compile` is called?": {"unfreezes": lambda model, backbone: []},
        "The whole network learns, BatchNormalization with it: its averages are now those of a few images. "
        "They stand in `backbone.layers`: freeze them again, after `backbone.trainable = True`.": {
            "keeps": lambda layer: False
        },
        "BatchNormalization is the only kind of layer that learns: the condition is turned round.": {
            "keeps": lambda layer: not isinstance(layer, keras.layers.BatchNormalization)
        },
        "Only the last layers of the backbone learn. All of them should, but for BatchNormalization.": {
            "keeps": lambda layer: layer.name == _FIRST or isinstance(layer, keras.layers.BatchNormalization)
        },
        _NOT_COMPILED: {"compiles": False},
        "The optimizer is another one: the task says Adam.": {"optimizer": keras.optimizers.SGD},
        "Adam has its usual rate, 0.001: give it `learning_rate`.": {
            "optimizer": lambda rate: keras.optimizers.Adam()
        },
        _ONE_HOT: {"loss": "sparse_categorical_crossentropy"},
        "The history has no accuracy: give `compile` the metric, as for the head.": {"metrics": lambda: []},
        "The validation data are the training batches: what they say is no news.": {
            "validates_on": lambda batches, validation: batches
        },
        "Nothing is validated: `fit` has an argument `validation_data`.": {
            "validates_on": lambda batches, validation: None
        },
        "The history has another number of epochs than `epochs` says: `fit` has an argument of this name.": {
            "many": lambda epochs: 3
        },
        _NO_HISTORY: {"returns": lambda fitted: fitted.history},
    },
    errors={r"Unknown variable": _NOT_COMPILED, r"must have rank": _ONE_HOT},
    form=_NO_HISTORY,
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


def _are_batches(spec):
    if not isinstance(spec, tuple) or not all(isinstance(part, tf.TensorSpec) for part in spec):
        return False
    return len(spec) == 2 and spec[0].shape.rank in (4, None) and spec[1].shape.rank in (2, None)


def _draws_and_labels(batches):
    """What was added to each image in the next epoch, and the numbers of the images."""
    epoch = list(batches.take(3 * _STEPS).as_numpy_iterator())
    images, labels = (np.concatenate(part) for part in zip(*epoch, strict=True))
    numbers = labels.argmax(axis=1)
    return np.round(images[:, 0, 0, 0] - 10 * numbers, 4), numbers


def _draws(function):
    made = function(_numbered_batches(), _stamp, seed=7)
    if made is None:
        return None
    if not isinstance(made, tf.data.Dataset) or not _are_batches(made.element_spec):
        return {"what comes back": "no data set of (images, labels)"}
    (first, numbers), (second, _) = _draws_and_labels(made), _draws_and_labels(made)
    again, other = (_draws_and_labels(function(_numbered_batches(), _stamp, seed=seed))[0] for seed in (7, 8))
    known = np.arange(_STEPS * _SIZE)
    in_order = "as in `batches`" if np.array_equal(numbers, known) else "another one"
    once = np.array_equal(np.sort(numbers), known)
    return {
        "what comes back": "a data set of (images, labels)",
        "images in an epoch": "each of them once" if once else "some twice or never",
        "images as `augment` makes them, of 20": int(((first > 0) & (first < 9)).sum()),
        "the order of the images": in_order,
        "batches with draws of their own": len(np.unique(first.reshape(-1, _SIZE), axis=0)),
        "draws of the second epoch": "as in the first" if np.array_equal(first, second) else "new",
        "made again with seed=7": "the same draws" if np.array_equal(first, again) else "other draws",
        "made with seed=8": "the same draws" if np.array_equal(first, other) else "other draws",
    }


_TWO_NUMBERS = "A stateless seed is two numbers: take the random numbers two by two, with `batch(2)`."
_THREE = (
    "What is a pair before `zip` stays one: the function in `map` gets two arguments, (images, labels) and "
    "the seed."
)
_LABELS_TOO = "`augment` takes images, and gets them with their labels."
_NO_BATCHES = "Return a data set whose batches are pairs, (images, labels): what `map` returns."

augmented = tables.Table(
    title="Exercise 2: the same images in the same order, augmented anew in each epoch.",
    right=_augmented,
    tries=lambda: [tables.Try("(five batches of four images, augment, seed=7)", _draws)],
    mistakes={
        "The second epoch repeats the draws of the first: the network sees one version of each image only. "
        "Seeds are drawn anew with `rerandomize_each_iteration`, and nothing is cached behind `augment`.": {
            "numbers": lambda seed: tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=False)
        },
        "Another `seed` gives the same draws: it is not used.": {
            "numbers": lambda seed: tf.data.Dataset.random(seed=1, rerandomize_each_iteration=True)
        },
        "The images are as they came: does `map` return what `augment` returns?": {
            "apply": lambda augment, images, labels, seed: (images, labels)
        },
        "The images come in another order, so it is no pair any more: `batches` are shuffled already.": {
            "before": lambda batches: batches.shuffle(100, seed=1)
        },
        "An epoch has some images twice, or leaves some out, or never ends: each image of `batches` comes "
        "once.": {"after": lambda augmented: augmented.repeat()},
        "Every batch gets the same seed, so all of them get the same draws. (Python calls the function in "
        "`map` once, not once a batch: the seed has to come out of a data set.)": {
            "numbers": lambda seed: tf.data.Dataset.from_tensors(tf.cast(seed, tf.int64)).repeat()
        },
        "The draws cannot be repeated: they do not depend on `seed` alone.": {
            "numbers": lambda seed: tf.data.Dataset.random(rerandomize_each_iteration=True)
        },
        _TWO_NUMBERS: {"length": 1},
        _THREE: {"apply": lambda augment, images, labels, seed, more: (images, labels)},
        _LABELS_TOO: {"apply": lambda augment, *batch: (augment(batch[:2], seed=batch[2]), batch[1])},
        _NO_BATCHES: {"after": lambda augmented: augmented.map(lambda images, labels: images)},
    },
    errors={
        r"Shape of tensor|must be rank 1 but is rank 0|equal rank, but are 0 and 1": _TWO_NUMBERS,
        r"missing \d required positional": _THREE,
        r"equal rank, but are 4 and 2": _LABELS_TOO,
    },
    form=_NO_BATCHES,
    otherwise="Look at two batches of two epochs: which images, which seed?",
)
