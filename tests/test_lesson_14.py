"""Lesson 14: its checks take right answers however they are written; what trains gets the student's mixes."""

import contextlib
import io
import linecache
import pathlib
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf

from tools import lessons
from utils import data, experiment, mixing, settings
from utils.checks import harness, lesson_14
from utils.experiment import registered, variants

SCRIPT = pathlib.Path(__file__).parents[1] / "solutions" / "14_comparison_project.py"
course = settings.load()
CLASSES = len(data.info(course.dataset, course.classes).class_names)


# ---- Exercise 1: right answers ----------------------------------------------------------------------------


def boxes_by_arithmetic(images, labels, *, seed):
    """Masks of whole numbers, multiplied; shares are the areas."""
    count, height, width = (tf.shape(images)[axis] for axis in range(3))
    seeds = tf.random.split(seed, 4)
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), seeds[0])
    root = tf.sqrt(tf.random.stateless_uniform([count], seeds[1]))
    row = tf.random.stateless_uniform([count], seeds[2], 0, height, tf.int32)
    column = tf.random.stateless_uniform([count], seeds[3], 0, width, tf.int32)
    down, across = (tf.cast(root * tf.cast(side, tf.float32), tf.int32) for side in (height, width))
    top, left = tf.maximum(row - down // 2, 0), tf.maximum(column - across // 2, 0)
    bottom, right = (
        tf.minimum(row - down // 2 + down, height),
        tf.minimum(column - across // 2 + across, width),
    )
    rows = tf.sequence_mask(bottom, height, tf.int32) - tf.sequence_mask(top, height, tf.int32)
    columns = tf.sequence_mask(right, width, tf.int32) - tf.sequence_mask(left, width, tf.int32)
    mask = tf.cast((rows[:, :, None] * columns[:, None, :])[..., None], images.dtype)
    mixed = images * (1 - mask) + tf.gather(images, partner) * mask
    share = tf.cast((bottom - top) * (right - left) / (height * width), labels.dtype)[:, None]
    return mixed, labels + share * (tf.gather(labels, partner) - labels)


@tf.function
def image_by_image(images, labels, *, seed):
    """Each image has its own seed, its own box and a partner that is never itself."""
    count = tf.shape(images)[0]
    shift = tf.random.stateless_uniform([], seed, 1, tf.maximum(count, 2), tf.int32)
    partner = (tf.range(count) + shift) % count

    def one(number):
        own = tf.random.fold_in(seed, number)
        lam, row, column = tf.unstack(tf.random.stateless_uniform([3], own))
        image, other = images[number], images[partner[number]]
        size = tf.cast(tf.shape(image)[:2], tf.float32)
        center, sides = tf.stack([row, column]) * size, tf.sqrt(1 - lam) * size
        start = tf.cast(tf.clip_by_value(tf.round(center - sides / 2), 0, size), tf.int32)
        stop = tf.cast(tf.clip_by_value(tf.round(center + sides / 2), 0, size), tf.int32)
        box = tf.ones(stop - start, tf.bool)
        after = tf.shape(image)[:2] - stop
        mask = tf.pad(box, tf.stack([start, after], axis=1))
        mixed = tf.where(mask[..., tf.newaxis], other, image)
        share = tf.reduce_mean(tf.cast(mask, labels.dtype))
        return mixed, (1 - share) * labels[number] + share * labels[partner[number]]

    return tf.map_fn(one, tf.range(count), fn_output_signature=(images.dtype, labels.dtype))


def with_keras_operations(images, labels, *, seed):
    drawn = mixing.cutmix_parameters(images, seed=seed)
    top, left, bottom, right = (drawn.box[:, side, None, None, None] for side in range(4))
    rows = keras.ops.arange(keras.ops.shape(images)[1])[None, :, None, None]
    columns = keras.ops.arange(keras.ops.shape(images)[2])[None, None, :, None]
    outside = (rows < top) | (rows >= bottom) | (columns < left) | (columns >= right)
    kept = keras.ops.mean(keras.ops.cast(outside, "float32"), axis=(1, 2))
    mixed = keras.ops.where(outside, images, keras.ops.take(images, drawn.partner, axis=0))
    return mixed, kept * labels + (1 - kept) * keras.ops.take(labels, drawn.partner, axis=0)


RIGHT_CUTMIXES = [
    boxes_by_arithmetic,
    image_by_image,
    with_keras_operations,
    mixing.cutmix,
]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT_CUTMIXES)
def test_a_right_cutmix_passes_however_it_is_written(answer, capsys):
    lesson_14.my_cutmix(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


# ---- Exercise 2: right answers ----------------------------------------------------------------------------


def towards_the_partner(images, labels, *, seed, alpha=0.2):
    """Partners are drawn one by one, so that two images may have the same."""
    count = tf.shape(labels)[0]
    partner = tf.random.stateless_uniform([count], tf.random.fold_in(seed, 1), 0, count, tf.int32)
    first = tf.random.stateless_gamma([count], tf.random.fold_in(seed, 2), alpha)
    second = tf.random.stateless_gamma([count], tf.random.fold_in(seed, 3), alpha)
    away = second / (first + second)

    def move(values):
        weight = tf.reshape(away, [-1] + [1] * (len(values.shape) - 1))
        return values + weight * (tf.gather(values, partner) - values)

    return move(tf.cast(images, tf.float32)), move(labels)


def in_double_precision(images, labels, *, seed, alpha=0.2):
    """The gammas are drawn in float64; a quotient of logarithms would do as well."""
    count = tf.shape(images)[0]
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), seed=seed)
    gammas = tf.random.stateless_gamma([count, 2], seed + 1, tf.cast(alpha, tf.float64), dtype=tf.float64)
    lam = tf.cast(gammas[:, 0] / tf.reduce_sum(gammas, axis=1), tf.float32)
    images = tf.cast(images, tf.float32)
    mixed = tf.einsum("b,bhwc->bhwc", lam, images) + tf.einsum(
        "b,bhwc->bhwc", 1 - lam, tf.gather(images, partner)
    )
    return mixed, tf.einsum("b,bk->bk", lam, labels) + tf.einsum(
        "b,bk->bk", 1 - lam, tf.gather(labels, partner)
    )


@pytest.mark.slow
@pytest.mark.parametrize("answer", [towards_the_partner, in_double_precision, mixing.mixup])
def test_a_right_mixup_passes_however_it_is_written(answer, capsys):
    lesson_14.my_mixup(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- Exercise 3: right answers ----------------------------------------------------------------------------


def _resnet(loss="categorical_crossentropy"):
    """A small one: `the_courses_training` makes the course's."""
    keras.utils.set_random_seed(14)
    images = keras.Input([course.image_size, course.image_size, 3])
    features = keras.layers.Conv2D(8, 3, strides=2)(keras.layers.Rescaling(1 / 255)(images))
    features += keras.layers.Conv2D(8, 3, padding="same", activation="relu")(features)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    model = keras.Model(images, keras.layers.Dense(CLASSES, "softmax")(pooled))
    model.compile(keras.optimizers.Adam(course.learning_rate), loss=loss, metrics=["accuracy"])
    return model


def one_hot_after_batch(train, validation, mix, epochs):
    """Whole batches are encoded, `fit` gets its arguments by their places."""

    def encoded(images, labels):
        return images, tf.one_hot(labels, depth=CLASSES)

    batches = train.shuffle(10_000).batch(course.batch_size).map(encoded)
    if mix:
        numbers = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2)
        numbers = numbers.map(lambda pair: tf.cast(pair % 2**31, tf.int32))
        batches = tf.data.Dataset.zip((batches, numbers)).map(lambda pair, seed: mix(*pair, seed=seed))
    checked = validation.batch(100).map(encoded).cache().prefetch(tf.data.AUTOTUNE)
    model = _resnet(loss=keras.losses.CategoricalCrossentropy())
    history = model.fit(batches, None, None, epochs, 0, None, 0.0, checked)
    return model, history


def repeated_and_numbered(train, validation, mix, epochs):
    """One stream of batches for all epochs: a batch's number and `fold_in` make its seed."""
    steps = len(train) // course.batch_size
    encoded = [
        split.map(lambda image, label: (image, tf.one_hot(label, CLASSES))) for split in (train, validation)
    ]
    batches = encoded[0].cache().shuffle(len(train), seed=1).batch(course.batch_size, drop_remainder=True)
    batches = batches.repeat().enumerate()
    base = tf.constant([1, 4])
    batches = batches.map(
        lambda number, batch: mix(*batch, seed=tf.random.fold_in(base, number)) if mix else batch
    )
    model = _resnet()
    validated = encoded[1].batch(32)
    history = model.fit(batches, epochs=epochs, steps_per_epoch=steps, validation_data=validated, verbose=0)
    return [model, history]


class _Batches(keras.utils.PyDataset):
    """Batches in NumPy, in a new order after each epoch."""

    def __init__(self, images, labels, mix):
        super().__init__()
        self.images, self.labels, self.mix, self.rng = images, labels, mix, np.random.default_rng(14)
        self.on_epoch_end()

    def __len__(self):
        return len(self.order) // course.batch_size

    def __getitem__(self, index):
        chosen = self.order[index * course.batch_size : (index + 1) * course.batch_size]
        batch = tf.constant(self.images[chosen]), tf.constant(self.labels[chosen])
        return self.mix(*batch, seed=self.rng.integers(2**31, size=2)) if self.mix else batch

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.images))


def with_numpy(train, validation, mix, epochs):
    """A `PyDataset` to train on, arrays to validate on."""
    arrays = []
    for split in (train, validation):
        images, labels = zip(*split.as_numpy_iterator(), strict=True)
        arrays.append((np.stack(images), np.eye(CLASSES, dtype="float32")[list(labels)]))
    model = _resnet()
    return model, model.fit(_Batches(*arrays[0], mix), validation_data=arrays[1], epochs=epochs, verbose=0)


def own_resnet_with_logits(train, validation, mix, epochs):
    """A network inside of another, which gives logits; seeds are drawn by a generator of NumPy, in Python."""

    def encoded(image, label):
        return image, tf.one_hot(label, CLASSES)

    rng = np.random.default_rng(14)

    def mixed(images, labels):
        seed = tf.py_function(lambda: rng.integers(2**31, size=2), [], tf.int64)
        return mix(images, labels, seed=tf.ensure_shape(seed, [2]))

    batches = train.map(encoded).cache().shuffle(len(train)).batch(course.batch_size)
    batches = batches.map(mixed) if mix is not None else batches

    keras.utils.set_random_seed(14)
    images = keras.Input([course.image_size, course.image_size, 3])
    features = keras.layers.Conv2D(8, 3, strides=2)(images)
    body = keras.Model(images, features + keras.layers.Conv2D(8, 3, padding="same")(features))
    top = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(CLASSES)]
    model = keras.Sequential([keras.Input(images.shape[1:]), keras.layers.Rescaling(1 / 255), body, *top])
    model.compile(
        keras.optimizers.Adam(learning_rate=course.learning_rate),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy"), "top_k_categorical_accuracy"],
    )
    judged = validation.batch(course.batch_size).map(encoded)
    return model, model.fit(x=batches, validation_data=judged, epochs=epochs, verbose=0)


class _Branches(keras.Model):
    """A network as a class: its layers are seen, what it does with them is not."""

    def __init__(self):
        super().__init__()
        self.scaled, self.first = keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(8, 3, strides=4)
        self.second, self.pooled = (
            keras.layers.Conv2D(8, 3, padding="same"),
            keras.layers.GlobalMaxPooling2D(),
        )
        self.last = keras.layers.Dense(CLASSES, "softmax")

    def call(self, images):
        features = self.first(self.scaled(images))
        return self.last(self.pooled(features + self.second(features)))


def network_as_a_class(train, validation, mix, epochs):
    """The mix takes its seed from a generator of `tf.random`."""
    random = tf.random.Generator.from_non_deterministic_state()

    def encoded(image, label):
        return image, tf.one_hot(label, CLASSES)

    batches = train.map(encoded).shuffle(len(train)).batch(course.batch_size, drop_remainder=True)
    if mix is not None:
        batches = batches.map(
            lambda *pair: mix(*pair, seed=random.uniform([2], maxval=2**31 - 1, dtype=tf.int32))
        )
    keras.utils.set_random_seed(14)
    model = _Branches()
    model.compile(
        keras.optimizers.Adam(course.learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    judged = validation.map(encoded).batch(course.batch_size)
    return model, model.fit(batches, epochs=epochs, validation_data=judged, verbose=0)


RIGHT_TRAININGS = [
    one_hot_after_batch,
    repeated_and_numbered,
    with_numpy,
    own_resnet_with_logits,
    network_as_a_class,
    lesson_14.the_courses_training,
]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT_TRAININGS)
def test_a_right_training_passes_however_it_is_written(answer, capsys):
    lesson_14.train_by_hand(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 3")


# ---- what is trained, by hand and in the comparison -------------------------------------------------------


def _run_cell(cell, number, space):
    """Run a cell so that the source of its functions can be read, as in a notebook."""
    name = f"<cell {number} of lesson 14>"
    linecache.cache[name] = (len(cell.solution), None, cell.solution.splitlines(True), name)
    exec(compile(cell.solution, name, "exec"), space)


def _marking(function):
    def marked(images, labels, *, seed):
        mixed, mixed_labels = function(images, labels, seed=seed)
        return tf.cast(mixed, tf.float32) + 1000.0, mixed_labels

    return marked


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the lesson up to its plan, with what the student's CutMix makes marked.

    Returns:
        The first batch of each `fit` by hand, the first batches that the comparison trains on (by variant),
        and the source that it stores of `cutmix`.
    """
    folder = tmp_path_factory.mktemp("lesson")
    batches, space = [], {"__name__": "lesson_14"}
    # The lesson sets it, too, and the order of its images depends on it.
    keras.utils.set_random_seed(14)

    def first(dataset):
        return [part.numpy() for part in next(iter(dataset))]

    def fit(model, batches_of_an_epoch, **options):
        batches.append(first(batches_of_an_epoch))
        return mock.Mock(history={"accuracy": [0.0] * 8, "val_accuracy": [0.0] * 8})

    (folder / "solutions").mkdir()
    with (
        contextlib.chdir(folder / "solutions"),
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch("utils.figures.show"),
        mock.patch.object(keras.Model, "fit", fit),
        mock.patch.object(keras.Model, "evaluate", lambda *arguments, **options: (0.0, 0.0)),
        mock.patch.object(harness, "_RIGHT", set()),
        mock.patch.object(registered, "_checked", lambda function, is_mix: ("not asked", "")),
        mock.patch.dict(registered.FUNCTIONS),
    ):
        for number, cell in enumerate(lessons.read(SCRIPT).code):
            if "hide-input" in cell.tags:
                continue
            if cell.check:
                harness.passed("as if its check had passed", space[cell.check["argument"]])
                continue
            _run_cell(cell, number, space)
            if cell.exercise and cell.exercise.function == "my_cutmix":
                space["my_cutmix"] = _marking(space["my_cutmix"])
            if 'register("mixup"' in cell.solution:
                break
        comparison = experiment.Comparison(space["course"])
        compared = {name: first(comparison.training_batches(name, 14)) for name in ("none", "cutmix")}
        source = variants.parse("cutmix").registered["cutmix"].source
    return batches, compared, source


def _is_mixed(batch):
    return ((batch[1] > 0).sum(axis=1) > 1).any()


def _is_marked(batch):
    return batch[0].min() >= 1000


@pytest.mark.slow
def test_fit_gets_what_the_students_function_makes(run):
    plain, cut, blended = run[0]
    assert set(np.unique(plain[1])) == {0, 1} and _is_mixed(cut) and _is_mixed(blended)
    assert [_is_marked(batch) for batch in (plain, cut, blended)] == [False, True, False]


@pytest.mark.slow
def test_the_comparison_trains_on_what_the_students_function_makes(run):
    _, compared, source = run
    assert _is_mixed(compared["cutmix"]) and not _is_mixed(compared["none"])
    assert _is_marked(compared["cutmix"]) and not _is_marked(compared["none"])
    assert "def marked(" in source and "def my_cutmix(images, labels, *, seed):" in source
    assert "stateless_shuffle" in source


@pytest.mark.slow
def test_the_run_leaves_no_function_behind(run):
    assert "cutmix" not in registered.FUNCTIONS and "mixup" not in registered.FUNCTIONS
