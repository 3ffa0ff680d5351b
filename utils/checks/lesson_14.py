"""The checks of lesson 14, the comparison project: the student's own mixes, and one training by hand."""

import functools
import inspect
from collections.abc import Callable
from typing import Any
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from utils import data, models, pipeline, settings
from utils.checks import harness, tables
from utils.checks.augmentations.checker import check_augmentation
from utils.checks.augmentations.mixes import REFUSALS

# ---- Exercises 1 and 2: the mixes -----------------------------------------------------------------------


def my_cutmix(function: Callable) -> None:
    """Check Exercise 1: CutMix for a batch, as lesson 08 asks for it."""
    _require_pair(function)
    if not all(np.isin(mixed, _LEVELS).all() for mixed in _mixed_levels(function)):
        harness.fail(
            tried=_LEVELS_TRIED.format(harness.name_of(function)),
            got="values that no image of the batch has",
            expected="each pixel from one of the two images",
            hint="That is a blend, as in MixUp. CutMix pastes a box.",
        )
    _require_checker(function, alpha=1.0)
    harness.passed("Exercise 1: your CutMix; the labels say what the pixels show.", function)


def my_mixup(function: Callable) -> None:
    """Check Exercise 2: MixUp for a batch, as lesson 09 asks for it."""
    _require_pair(function)
    if not all(np.ptp(mixed, axis=(1, 2, 3)).max() < 0.01 for mixed in _mixed_levels(function)):
        harness.fail(
            tried=_LEVELS_TRIED.format(harness.name_of(function)),
            got="images with a box or a stripe of another level",
            expected="one level in each image",
            hint="Parts of one image stand beside parts of the other. MixUp has one λ for all pixels.",
        )
    _require_checker(function, alpha=0.2)
    harness.passed("Exercise 2: your MixUp; the labels say what the pixels show.", function)


_LEVELS = np.arange(0, 240, 30)  # each image of a batch has one level
_LEVELS_TRIED = "{} with eight images of one gray each"


def _batch() -> tuple[tf.Tensor, tf.Tensor]:
    images = np.broadcast_to(_LEVELS[:, np.newaxis, np.newaxis, np.newaxis], [8, 20, 24, 3])
    return tf.constant(images, tf.uint8), tf.eye(8)


def _require_pair(function: Callable) -> None:
    tried = f"{harness.name_of(function)}(images, labels, seed=seed)"
    got = harness.call(lambda: function(*_batch(), seed=tf.constant([14, 0])), tried=tried)
    hint = "Return the mixed images and the mixed labels."
    harness.require_values(got, 2, tried=tried, expected="images, labels", hint=hint)


def _mixed_levels(function: Callable) -> list[np.ndarray]:
    seeds = [tf.constant([14, number]) for number in range(8)]
    return [np.asarray(function(*_batch(), seed=seed)[0], np.float64) for seed in seeds]


def _require_checker(function: Callable, alpha: float) -> None:
    """Fail with the first thing that the checker finds; a default of `alpha` is the claim."""
    own = inspect.signature(function).parameters.get("alpha")
    alpha = own.default if own and isinstance(own.default, int | float) else alpha
    report = check_augmentation(function, kind="mix", alpha=alpha).without(REFUSALS)
    if not report.ok:
        row = report[report.failed[0]]
        harness.fail(
            tried=f'check_augmentation({harness.name_of(function)}, kind="mix", alpha={alpha:g})',
            got=f"{row.name}: {row.evidence}",
            expected="nothing that fails",
            hint=row.meaning,
        )


# ---- Exercise 3: one training by hand -------------------------------------------------------------------


class _History:
    """What stands for Keras' History: nothing is trained."""

    def __init__(self, epochs: int) -> None:
        names = ("loss", "accuracy", "val_loss", "val_accuracy")
        self.history = {name: [0.5] * epochs for name in names}
        self.epoch = list(range(epochs))


def _recorded(function: Callable, mix: Callable | None) -> dict[str, Any]:
    """Call the student's function with `fit` replaced: what `fit` got, and what came back."""
    calls = []

    def fit(model, x=None, y=None, batch_size=None, epochs=1, **options):
        calls.append({"model": model, "batches": x, "epochs": epochs, "history": _History(epochs)} | options)
        return calls[-1]["history"]

    with mock.patch.object(keras.Model, "fit", fit):
        returned = function(*_data_sets(), mix, _EPOCHS)
    if len(calls) != 1:
        raise ValueError(f"it calls model.fit {len(calls)} times; once is enough")
    return calls[0] | {"returned": returned, "mix": mix}


_EPOCHS = 3


@functools.cache
def _course() -> tuple[settings.Settings, int]:
    course = settings.load()
    return course, len(data.info(course.dataset, course.classes).class_names)


def _data_sets() -> tuple[tf.data.Dataset, tf.data.Dataset]:
    """Data sets (image, class) to train and to validate on: an image's first channel says which it is."""
    course, classes = _course()
    count = min(2 * course.batch_size + 5, 250)

    def numbered(first):
        numbers = np.arange(first, first + count)
        side = course.image_size
        images = np.zeros([count, side, side, 3], np.uint8)
        images[..., 0] = (numbers % 256)[:, np.newaxis, np.newaxis]
        return tf.data.Dataset.from_tensor_slices((images, numbers % classes))

    return numbered(0), numbered(3)


def _marked(images, labels, *, seed):
    """A mix that leaves marks: all images are replaced by a number that the seed gives, labels are halved."""
    images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
    if images.shape.rank == 3:
        raise ValueError("A mix takes a whole batch, not a single image.")
    if labels.shape.rank == 1:
        raise ValueError("A mix takes labels that are rows, not class numbers.")
    number = tf.random.stateless_uniform([], seed, maxval=255.0)
    halved = 0.5 * labels + 0.5 * tf.roll(labels, 1, axis=-1)
    return tf.zeros_like(tf.cast(images, tf.float32)) + number, halved


def _epoch(batches) -> tuple[list[float], np.ndarray]:
    """The first channel of each image, and the labels."""
    pairs = [(np.asarray(images)[:, 0, 0, 0], np.asarray(labels)) for images, labels in batches]
    return np.concatenate([first for first, _ in pairs]).tolist(), np.concatenate([rows for _, rows in pairs])


def _read(record: dict[str, Any]) -> dict[str, Any]:
    """The facts in a record: one for each clause of the task."""
    _, classes = _course()
    (first, labels), (second, _) = _epoch(record["batches"]), _epoch(record["batches"])
    facts = {"labels of a batch": f"{list(labels.shape[1:])} for each image"}
    if record["mix"]:
        facts["batches with mixed labels"] = bool(labels.ndim == 2 and (labels.max(axis=1) < 1).all())
        facts["a new seed for each batch"] = len(set(first)) > 1
        facts["new seeds in each epoch"] = not set(first) & set(second)
    else:
        facts["each image once in an epoch"] = len(set(first)) == len(first)
        facts["another order in each epoch"] = first != second
    facts["images to validate on"] = _validated(record.get("validation_data"))
    facts["epochs"] = record["epochs"]
    facts["a loss for rows"] = _takes_rows(record["model"].loss, classes)
    returned = record["returned"]
    pair = returned if isinstance(returned, tuple | list) and len(returned) == 2 else (None, None)
    facts["the model and its history"] = pair[0] is record["model"] and pair[1] is record["history"]
    return facts


def _validated(batches) -> str:
    """What `fit` validates on, in words."""
    if batches is None:
        return "none"
    seen, rows = _epoch(batches)
    train, validation = (sorted(int(image[0, 0, 0]) for image, _ in split) for split in _data_sets())
    if sorted(seen) == train:
        return "those to train on"
    if sorted(seen) != validation or rows.max() != 1:
        return "changed ones"
    return "all, as they are"


def _takes_rows(loss, classes: int) -> bool:
    rows = np.full([2, classes], 1 / classes, np.float32)
    try:
        keras.losses.get(loss)(rows, rows)
    except (ValueError, TypeError, tf.errors.InvalidArgumentError):
        return False
    return True


def _train(
    train,
    validation,
    mix,
    epochs,
    *,
    mixes=True,
    whole=True,
    rows=True,
    shuffle=True,
    seeds="new",
    validate="validation",
    passes=lambda epochs: epochs,
    loss="categorical_crossentropy",
    returns=lambda model, history: (model, history),
):
    course, classes = _course()

    def one_hot(image, label):
        return image, tf.one_hot(label, classes) if rows else label

    def mixed(batches):
        numbers = tf.data.Dataset.random(seed=14, rerandomize_each_iteration=seeds != "the same each epoch")
        pairs = tf.data.Dataset.zip(batches, numbers.batch(2))
        one = tf.constant([1, 4], tf.int64)
        return pairs.map(lambda batch, seed: mix(*batch, seed=one if seeds == "one" else seed))

    images = train.map(one_hot).cache()
    batches = images.shuffle(1000) if shuffle else images
    if mix and not whole:
        batches = mixed(batches)
    batches = batches.batch(course.batch_size, drop_remainder=True)
    if mix and mixes and whole:
        batches = mixed(batches)
    if seeds == "cached":
        batches = batches.cache()
    plain = validation.map(one_hot).batch(course.batch_size)
    judged = {"validation": plain, "train": images.batch(course.batch_size), "nothing": None}
    judged["mixed"] = mixed(plain) if mix and validate == "mixed" else plain
    model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(classes, "softmax")])
    model.compile("adam", loss)
    return returns(model, model.fit(batches, validation_data=judged[validate], epochs=passes(epochs)))


train_by_hand = tables.Table(
    title="Exercise 3: one training by hand; `fit` gets your batches, and validation images as they are.",
    right=_train,
    tries=lambda: [
        tables.Try("(train, validation, None, 3)", lambda function: _recorded(function, None)),
        tables.Try("(train, validation, mix, 3)", lambda function: _recorded(function, _marked)),
    ],
    read=_read,
    mistakes={
        "The batches that `fit` gets are not mixed: is `mix` in the pipeline, and is its result used?": {
            "mixes": False
        },
        "A mix needs partners: put it after `batch`.": {"whole": False},
        "Labels can only be mixed as rows: `tf.one_hot` comes before the mix.": {
            "rows": False,
            "loss": "sparse_categorical_crossentropy",
        },
        "Each epoch has the images in the same order: what mixes their order?": {"shuffle": False},
        "All batches are mixed with one seed. Zip the batches with a data set of seeds.": {"seeds": "one"},
        "Every epoch repeats the draws of the first: `Dataset.random` can draw anew (see the hint).": {
            "seeds": "the same each epoch"
        },
        "Mixed batches are kept and repeated: `cache` stands before all that is random.": {"seeds": "cached"},
        "Validation images are mixed, too. They tell how well photographs are recognized, so they stay.": {
            "validate": "mixed"
        },
        "`fit` validates on the training images.": {"validate": "train"},
        "`fit` has no validation_data.": {"validate": "nothing"},
        "`fit` trains for another number of epochs than it was told.": {"passes": lambda epochs: 1},
        "This loss takes class numbers. Mixed labels are rows of shares.": {
            "loss": "sparse_categorical_crossentropy"
        },
        "Return two things: the model, then what `fit` returns.": {"returns": lambda model, history: history},
    },
    errors={
        "takes a whole batch": "A mix needs partners: put it after `batch`.",
        "labels that are rows": "Labels can only be mixed as rows: `tf.one_hot` comes before the mix.",
    },
    form="Return the model and what `fit` returns: `return model, history`.",
    otherwise="Follow the five steps one by one, and look at a batch: next(iter(batches)).",
)


def the_courses_training(
    train: tf.data.Dataset, validation: tf.data.Dataset, mix: Callable | None, epochs: int
) -> tuple[keras.Model, keras.callbacks.History]:
    """The same as Exercise 3 with the course's functions, for who is stuck; returns (model, History)."""
    course, classes = _course()
    options = {"batch_size": course.batch_size, "num_classes": classes}
    model = models.build(
        course.model, num_classes=classes, image_size=course.image_size, weights=course.weights
    )
    model.compile(
        keras.optimizers.Adam(course.learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    batches = pipeline.training_batches(train, mix=mix, seed=14, **options)
    validated = pipeline.evaluation_batches(validation, **options)
    return model, model.fit(batches, validation_data=validated, epochs=epochs, verbose=0)
