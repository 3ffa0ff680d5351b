"""The checks of lesson 14, the comparison project: the student's own mixes, and one training by hand."""

import collections
import dataclasses
import functools
import inspect
import itertools
from collections.abc import Callable
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from utils import data, mixing, models, pipeline, settings, training
from utils.checks import harness, lesson_08, lesson_09, tables

# ---- Exercise 1: CutMix ---------------------------------------------------------------------------------


def my_cutmix(function: Callable) -> None:
    """Check Exercise 1: as lesson 08 does, and that λ and the centers are drawn as they should be."""
    for number in range(6):
        lesson_08.check_batch(function, number)
    _require_draws(function)
    own = inspect.signature(function).parameters.get("alpha")
    lesson_08.require_report(function, _HINTS, alpha=own.default if own else 1.0, draws=32)
    if own:  # a setting of the student's own making, which a variant may give: cutmix(alpha=0.3)
        lesson_08.require_report(functools.partial(function, alpha=0.3), _HINTS, alpha=0.3, draws=32)
    harness.passed("Exercise 1: your CutMix; the labels say what the pixels show.", function)


def _require_draws(function):
    """Fail where the boxes of a batch share a center or a λ, or their centers lie on a line."""
    batches = [boxes for number in range(6) if (boxes := _inner_boxes(function, number)).shape[2] > 4]
    for (got, hint), found in _DRAWS.items():
        if batches and found(batches):
            harness.fail(
                tried=f"{harness.name_of(function)} with 64 images [40, 40, 3]",
                got=got,
                expected="a λ for each image, and centers anywhere in the images",
                hint=hint,
            )


_DRAWS = {
    (
        "boxes around one row or one column",
        "The boxes of a batch have the same center: draw a row and a column for each image.",
    ): lambda batches: any(np.ptp(boxes.sum(axis=1), axis=1).min() <= 2 for boxes in batches),
    (
        "boxes along a diagonal of the image",
        "The row and the column of a center are one draw: give each a seed of its own.",
    ): lambda batches: any(abs(np.corrcoef(*boxes.sum(axis=1))[0, 1]) > 0.98 for boxes in batches),
    (
        "boxes of one size in each batch",
        "All boxes of a batch are made from one λ: draw as many as there are images.",
    ): lambda batches: all(np.ptp(boxes[0, 1] - boxes[0, 0]) <= 1 for boxes in batches),
}


def _inner_boxes(function, number):
    """Start and stop of the rows and of the columns of all boxes that are not clipped, [2, 2, boxes]."""
    images = np.zeros([64, 40, 40, 3], np.uint8) + np.arange(64, dtype=np.uint8)[:, None, None, None]
    tried = f"{harness.name_of(function)} with 64 images [40, 40, 3]"
    seed = tf.constant([14, number])
    mixed, _ = harness.call(lambda: function(tf.constant(images), tf.eye(64), seed=seed), tried=tried)
    pasted = (np.asarray(mixed) != images)[..., 0]
    sides = np.stack([pasted.any(axis=2), pasted.any(axis=1)])  # [2, 64, 40]
    inner = pasted.any(axis=(1, 2)) & ~sides[..., 0].any(axis=0) & ~sides[..., -1].any(axis=0)
    sides = sides[:, inner]
    return np.stack([sides.argmax(axis=2), 40 - sides[..., ::-1].argmax(axis=2)], axis=1)


_HINTS = lesson_08.REPORT_HINTS | {
    "partners": "Not every other image is equally likely as a partner. Shuffle the numbers of the images, "
    "with a seed that comes from `seed`.",
    "distribution of λ": "The boxes have other sizes than λ makes. Are their sides as in lesson 08, is "
    "their center drawn anywhere in the image, and does each draw have a seed of its own? A parameter "
    "`alpha` is the α of λ.",
}

# ---- Exercise 2: MixUp ----------------------------------------------------------------------------------

my_mixup = dataclasses.replace(
    lesson_09.mixup_batch, title="Exercise 2: your MixUp; the labels say what the pixels show."
)

# ---- Exercise 3: one training by hand -------------------------------------------------------------------


def _used(mix, earlier, function):
    """Call the student's function with `fit` replaced: what `fit` got, and what came back."""
    calls, signature = [], inspect.signature(keras.Model.fit)

    def fit(*arguments, **options):
        call = signature.bind(*arguments, **options)
        call.apply_defaults()
        calls.append(call.arguments | {"history": keras.callbacks.History()})
        values = [0.5] * call.arguments["epochs"]
        calls[-1]["history"].history = collections.defaultdict(lambda: values)
        return calls[-1]["history"]

    with mock.patch.object(keras.Model, "fit", fit):
        returned = function(*_data_sets(), mix, _EPOCHS)
    if len(calls) != 1:
        harness.fail(
            tried=f"train_by_hand(train, validation, {'mix' if mix else None}, {_EPOCHS})",
            got=f"{len(calls)} calls of `model.fit`",
            expected="one",
            hint="`model.fit` goes through all epochs by itself, and its history is asked for.",
        )
    model = calls[0]["self"]
    facts = {
        "returned": returned,
        "is mixed": mix is not None,
        "is new": all(model is not each for each in earlier),
        "starts alike": all(
            all(map(np.array_equal, model.get_weights(), each.get_weights())) for each in earlier
        ),
    }
    earlier.append(model)
    return calls[0] | facts


def _tries():
    earlier = []
    return [
        tables.Try(f"(train, validation, {name}, {_EPOCHS})", functools.partial(_used, mix, earlier))
        for name, mix in [("None", None), ("mix", _marked)]
    ]


_EPOCHS = 3


@functools.cache
def _course():
    course = settings.load()
    return course, len(data.info(course.dataset, course.classes).class_names)


def _count():
    """The number of images to train on, and to validate on: three batches and a few."""
    return 3 * _course()[0].batch_size + 5


def _data_sets():
    """Data sets (image, class) to train and to validate on: two channels of an image hold its number."""
    (course, classes), count = _course(), _count()

    def numbered(first):
        numbers = np.arange(first, first + count)
        images = np.zeros([count, course.image_size, course.image_size, 3], np.uint8)
        images[..., 0], images[..., 1] = (part[:, None, None] for part in (numbers % 256, numbers // 256))
        return tf.data.Dataset.from_tensor_slices((images, numbers % classes))

    return numbered(0), numbered(count)


def _marked(images, labels, *, seed):
    """A mix that leaves marks: the last channel gets a number that the seed gives, labels are halved."""
    images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
    if images.shape.rank == 3:
        raise ValueError("A mix takes a whole batch, not a single image.")
    if labels.shape.rank == 1:
        raise ValueError("A mix takes labels that are rows, not class numbers.")
    number = tf.random.stateless_uniform([], seed, minval=1.0, maxval=255.0)
    images = tf.cast(images, tf.float32)
    marked = tf.concat([images[..., :2], tf.zeros_like(images[..., 2:]) + number], axis=-1)
    return marked, 0.5 * labels + 0.5 * tf.roll(labels, 1, axis=-1)


class _Epoch:
    """What `fit` gets in one epoch: of each batch its images' numbers, what the mix left, and labels."""

    def __init__(self, batches):
        self.batches, self.marks, self.labels, self.numbers = [], [], [], []
        self.highest, self.is_single = 0.0, False  # of all pixels; images come one by one
        for images, labels in batches:
            images, labels = np.asarray(images), np.asarray(labels)
            if images.ndim != 4:
                self.is_single = True
                break
            pixels = images[:, 0, 0].astype(np.float64)  # all of an image are alike
            self.batches.append((pixels[:, :2] @ [1, 256]).round().astype(int).tolist())
            self.numbers += self.batches[-1]
            self.marks.append(pixels[:, 2].max())
            self.labels.append(labels.reshape(len(labels), -1))
            self.highest = max(self.highest, pixels.max())
            if len(self.numbers) > 3 * _count():
                break  # it may have no end


def _epochs(batches, steps, count):
    """So many epochs: passes over the data, or as many steps each."""
    if isinstance(batches, keras.utils.PyDataset):
        epochs = []
        for _ in range(count):
            epochs.append(_Epoch(batches[step] for step in range(len(batches))))
            batches.on_epoch_end()
        return epochs
    if isinstance(batches, tuple):  # arrays
        batches = tf.data.Dataset.from_tensor_slices(batches).batch(32)
    if steps:
        batches = iter(batches)
    return [_Epoch(itertools.islice(batches, steps)) for _ in range(count)]


def _read(record):
    try:
        return _facts(record)
    except Exception as error:  # a student may hand over anything
        return {"`fit` gets": f"what cannot be used: {type(error).__name__}: {error}"}


def _facts(record):
    classes = _course()[1]
    first, second = _epochs(record["x"], record["steps_per_epoch"], 2)
    if first.is_single:
        return {"`fit` gets": "single images"}
    facts = {"`fit` gets": "batches", "pixels": "0-1" if first.highest <= 1.5 else "0-255"}
    if first.highest <= 1.5:
        return facts  # the numbers of the images are lost
    length = first.labels[0].shape[1]
    facts["labels"] = {classes: "rows", 1: "class numbers"}.get(length, "rows of another length")
    parts = {
        "images": all(first.marks),
        "labels": length > 1 and any(labels.max(axis=1).min() < 0.99 for labels in first.labels),
    }
    facts["mixed"] = " and ".join(name for name, found in parts.items() if found) or "nothing"
    facts["an epoch has"] = _seen(first.numbers, range(_count()))
    facts["the next epoch has"] = "the same order" if first.numbers == second.numbers else "another order"
    groups = [set(map(frozenset, epoch.batches)) for epoch in (first, second)]
    alike = len(groups[0]) > 1 and groups[0] & groups[1]
    facts["a batch of the next epoch has"] = "the same images" if alike else "other images"
    if record["is mixed"]:
        alone, repeated = len(set(first.marks)) == 1, set(first.marks) & set(second.marks)
        facts["seeds"] = "one for all" if alone else "one for each batch"
        facts["seeds of the next epoch"] = "the same" if repeated else "new ones"
    facts["validated on"] = _validated(record["validation_data"], record["validation_steps"])
    facts["epochs"] = "as told" if record["epochs"] == _EPOCHS else "another number"
    facts |= _model_facts(record["self"], classes)
    facts["the model is"] = "new" if record["is new"] else "that of the training before"
    facts["it starts from"] = "the same weights each time" if record["starts alike"] else "other weights"
    returned = record["returned"]
    pair = returned if isinstance(returned, tuple | list) and len(returned) == 2 else (None, None)
    facts["the model and its history"] = pair[0] is record["self"] and pair[1] is record["history"]
    return facts


def _seen(numbers, asked):
    """Which images come in one pass over the data, in words; the last batch may be left out."""
    if set(numbers) - set(asked):
        return "images of the other data set"
    if len(set(numbers)) < len(numbers):
        return "some images more than once"
    few = len(numbers) <= len(asked) - _course()[0].batch_size
    return "a part of the images" if few else "each image once"


def _validated(batches, steps):
    if batches is None:
        return "nothing"
    (epoch,), asked = _epochs(batches, steps, 1), range(_count(), 2 * _count())
    if epoch.is_single:
        return "single images"
    if any(epoch.marks):
        return "mixed images"
    if epoch.labels[0].shape[1] == 1:
        return "class numbers"
    return "a part of the images" if set(epoch.numbers) < set(asked) else _seen(epoch.numbers, asked)


def _model_facts(model, classes):
    """What the model is, and whether it can learn from rows of labels: it is tried on two images."""
    side = _course()[0].image_size
    images = np.random.default_rng(14).integers(0, 256, [2, side, side, 3]).astype(np.float32)
    rows = np.full([2, classes], 1 / classes, np.float32)
    outputs, from_logits = np.asarray(model(images)), getattr(model.loss, "from_logits", False)
    sums_to_one = bool(np.allclose(outputs.sum(axis=-1), 1, atol=0.01))
    rate = float(model.optimizer.learning_rate) if model.compiled else 0
    model.run_eagerly = True  # compiling it would take seconds
    works, measured = True, {}
    try:
        measured = model.test_on_batch(images, rows, return_dict=True) if model.compiled else {}
    except Exception:  # a student may compile with anything
        works = False
    return {
        "the model": "adds branches" if _may_add(model) else "adds no branches",
        "outputs": "one a class" if outputs.shape == rows.shape else "another number",
        "compiled": model.compiled,
        "learning rate": "the course's" if np.isclose(rate, _course()[0].learning_rate) else "another",
        "the loss takes": "class numbers" if "sparse" in repr(model.loss) else "rows",
        "a step with this loss and these metrics": "works" if works else "stops with an error",
        "each output is": "a probability" if sums_to_one or from_logits else "any number",
        "measured": "accuracy" if "accuracy" in measured else "no accuracy",
    }


def _may_add(part):
    """Whether a model adds branches, as the shortcuts of a ResNet do; what cannot be seen may do so."""
    inside = getattr(part, "operations", None) or getattr(part, "layers", None)
    if not type(part).__module__.startswith("keras"):
        return True
    return any(map(_may_add, inside)) if inside else type(part).__name__ == "Add"


def _shuffled(images, size):
    return images.shuffle(_count()).batch(size, drop_remainder=True)


def _network(classes, activation="softmax", shortcut=True, seed=14):
    images = keras.Input([_course()[0].image_size] * 2 + [3])
    weights = keras.initializers.GlorotUniform(seed)
    pooled = keras.layers.GlobalAveragePooling2D()(images)
    pooled = keras.layers.add([pooled, pooled]) if shortcut else pooled
    return keras.Model(images, keras.layers.Dense(classes, activation, kernel_initializer=weights)(pooled))


def _train(
    train,
    validation,
    mix,
    epochs,
    *,
    given=lambda mix: mix,
    scale=lambda image: image,
    label=tf.one_hot,
    loaded=lambda train, validation: train,
    judged=lambda train, validation: validation,
    batched=_shuffled,
    mixes="batches",
    seeds="new",
    call=lambda mix, batch, seed: mix(*batch, seed=seed),
    validate=lambda rows, numbers, mixed: rows,
    passes=lambda epochs: epochs,
    network=_network,
    compiled=True,
    rate=None,
    loss="categorical_crossentropy",
    metric="accuracy",
    returns=lambda model, history: (model, history),
):
    (course, classes), mix = _course(), given(mix)
    train, validation = loaded(train, validation), judged(train, validation)

    def encoded(image, number):
        return scale(image), label(number, classes)

    def mixed(batches):
        numbers = tf.data.Dataset.random(seed=14, rerandomize_each_iteration=seeds != "the same each epoch")
        pairs = tf.data.Dataset.zip(batches, numbers.batch(2))
        one = tf.constant([1, 4], tf.int64)

        def mixed_batch(batch, seed):
            images, labels = call(mix, batch, one if seeds == "one" else seed)
            return images, (batch[1] if mixes == "images" else labels)

        return pairs.map(mixed_batch)

    images = train.map(encoded).cache()
    if mix and mixes == "single images":
        images = mixed(images)
    batches = batched(images, course.batch_size)
    if mix and mixes in ("batches", "images"):
        batches = mixed(batches)
    if seeds == "cached":
        batches = batches.cache()
    rows = validation.map(encoded).batch(course.batch_size)
    validated = validate(rows, validation.batch(course.batch_size), mixed if mix else lambda plain: plain)
    model = network(classes)
    if compiled:
        model.compile(keras.optimizers.Adam(rate or course.learning_rate), loss, metrics=[metric])
    return returns(model, model.fit(batches, validation_data=validated, epochs=passes(epochs)))


_SINGLE = "A mix needs partners: it comes after `batch`, and takes whole batches."
_NUMBERS = "Labels can only be mixed as rows: `tf.one_hot` comes before the mix."
_KEYWORD = "A mix takes its seed by name: `seed=…`."
_NO_MIX = "Batches are mixed by `mix`, whatever it is. It may be None: then they stay as they are."

train_by_hand = tables.Table(
    title="Exercise 3: one training by hand; `fit` gets your batches, and validation images as they are.",
    right=_train,
    tries=_tries,
    read=_read,
    mistakes={
        _NO_MIX: {"given": lambda mix: mixing.mixup},
        "`fit` gets single images: where is `batch`?": {
            "batched": lambda images, size: images.shuffle(_count()),
            "mixes": "never",
        },
        "The network scales the pixels itself: leave them in 0-255.": {"scale": lambda image: image / 255},
        "The batches that `fit` gets are not mixed: is `mix` in the pipeline, and is its result used?": {
            "mixes": "never"
        },
        "The mix returns images and labels, and both are needed: these labels are not mixed.": {
            "mixes": "images"
        },
        _SINGLE: {"mixes": "single images"},
        _KEYWORD: {"call": lambda mix, batch, seed: mix(*batch, seed)},
        _NUMBERS: {"label": lambda number, classes: number, "loss": "sparse_categorical_crossentropy"},
        "A row of labels has a place for each class: `len(class_names)`.": {
            "label": lambda number, classes: tf.one_hot(number, classes + 1)
        },
        "Each epoch has the images in the same order: is there a `shuffle` after `cache`?": {
            "batched": lambda images, size: images.batch(size, drop_remainder=True)
        },
        "The same images are in one batch in every epoch, and only those can be partners: `shuffle` comes "
        "before `batch`.": {"batched": lambda images, size: images.batch(size).shuffle(9, seed=3)},
        "In an epoch each image comes once. Do not repeat them: `fit` starts anew for each epoch.": {
            "batched": lambda images, size: _shuffled(images, size).repeat(2)
        },
        "Validation images are among those to train on.": {
            "loaded": lambda train, validation: train.concatenate(validation)
        },
        "All batches are mixed with one seed. Zip the batches with a data set of seeds.": {"seeds": "one"},
        "Every epoch repeats the draws of the first: `Dataset.random` can draw anew (see the hint).": {
            "seeds": "the same each epoch"
        },
        "Mixed batches are kept and repeated: `cache` stands before all that is random.": {"seeds": "cached"},
        "Validation images are mixed, too. They tell how well photographs are recognized, so they stay.": {
            "validate": lambda rows, numbers, mixed: mixed(rows)
        },
        "`fit` validates on `train` in place of `validation`.": {"judged": lambda train, validation: train},
        "`fit` has no validation_data.": {"validate": lambda rows, numbers, mixed: None},
        "Some validation images are left out: `take`, or `drop_remainder`? All of them are judged.": {
            "validate": lambda rows, numbers, mixed: rows.take(2)
        },
        "Validation images come in batches, too: `batch`.": {
            "validate": lambda rows, numbers, mixed: rows.unbatch()
        },
        "The loss takes rows for validation, too: `tf.one_hot` for both data sets.": {
            "validate": lambda rows, numbers, mixed: numbers
        },
        "`fit` trains for another number of epochs than it was told.": {"passes": lambda epochs: 1},
        "This network has no shortcuts, so it is no ResNet.": {
            "network": functools.partial(_network, shortcut=False)
        },
        "The model is not compiled: `fit` cannot train it.": {"compiled": False},
        "Another learning rate than `course.learning_rate`: give it to Adam.": {"rate": 0.1},
        "This loss takes class numbers. Mixed labels are rows of shares.": {
            "loss": "sparse_categorical_crossentropy"
        },
        "These outputs are no probabilities, but the loss takes them for such: where is `softmax`?": {
            "network": functools.partial(_network, activation=None)
        },
        'The accuracy is not measured, or has another name: `metrics=["accuracy"]`. It is plotted below.': {
            "metric": "mse"
        },
        "`compile` got what Keras cannot use: give loss and metrics by their names, `loss=…, metrics=…`.": {
            "metric": "no metric"
        },
        "The second training goes on with the model of the first: make a new one inside of the function.": {
            "network": functools.cache(_network)
        },
        "The trainings start from different weights and cannot be compared: set the seed before the model "
        "is made.": {"network": functools.partial(_network, seed=None)},
        "Return two things: the model, then what `fit` returns.": {"returns": lambda model, history: history},
    },
    errors={
        "positional arguments but": _KEYWORD,
        "takes a whole batch": _SINGLE,
        "labels that are rows": _NUMBERS,
        "NoneType' object is not callable": _NO_MIX,
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
    with training.seeded_weights(14):
        model = models.build(
            course.model, num_classes=classes, image_size=course.image_size, weights=course.weights
        )
    model.compile(
        keras.optimizers.Adam(course.learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    batches = pipeline.training_batches(train, mix=mix, seed=14, **options)
    validated = pipeline.evaluation_batches(validation, **options)
    return model, model.fit(batches, validation_data=validated, epochs=epochs, verbose=0)
