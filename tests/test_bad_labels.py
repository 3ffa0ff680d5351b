"""Labels and data sets that cannot be used: one sentence, and never a class 0, a row of zeros or 100 %."""

import collections
import functools

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from test_bad_images import said

from utils import augment, evaluation, mixing, pipeline

SEED = (3, 5)
MAKERS = {"training": pipeline.training_batches, "evaluation": pipeline.evaluation_batches}
every_maker = pytest.mark.parametrize(
    "make", [functools.partial(make, batch_size=4) for make in MAKERS.values()], ids=MAKERS
)


def images(count):
    return np.random.default_rng(0).integers(0, 256, (count, 6, 5, 3), dtype=np.uint8)


def dataset(labels):
    return tf.data.Dataset.from_tensor_slices((images(len(labels)), labels))


def batches_of(labels):
    """Batches as a data set that is none of the course's may give them."""
    return [(images(len(labels)), labels)]


def guess(classes):
    """A model that takes every image for one of class 0."""
    return lambda images, training: np.eye(classes, dtype=np.float32)[[0] * len(images)]


# ---- the pipeline: class numbers become one-hot -----------------------------------------------------------


@every_maker
@pytest.mark.parametrize(
    "labels",
    [
        # Fault 02: labels from 1. Class 4 of 4 became a row of zeros, and in the evaluation class 0.
        [1, 2, 3, 4] * 2,
        # 101 classes from 1 to 101, here four: https://github.com/tensorflow/tensorflow/issues/15962
        np.arange(1, 5, dtype=np.uint8),
        # A class that is to be ignored, -1: https://github.com/tensorflow/tensorflow/issues/16192
        [0, 1, -1, 3],
        # More values than num_classes: https://github.com/tensorflow/tensorflow/issues/49299
        [0, 5, 4, 2, 3],
    ],
)
def test_numbers_that_are_no_classes_are_refused(make, labels):
    sentence = said(lambda: list(make(dataset(labels), num_classes=4)))
    assert sentence == (
        "A label of the data set is not one of 0 to 3, for 4 classes: count classes from 0, or mend "
        "num_classes."
    )


@every_maker
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64"])
def test_class_numbers_of_any_integer_dtype_become_one_hot(make, dtype):
    rows = np.concatenate([rows for _, rows in make(dataset(np.arange(4).astype(dtype)), num_classes=4)])
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[rows.argmax(axis=1).argsort()], np.eye(4))


@every_maker
@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.eye(4)[[0, 1, 2, 3]], r"not float64 of shape \(4,\): they are one-hot already, so use tf.argmax"),
        (np.eye(4, dtype=np.int64), r"not int64 of shape \(4,\): they are one-hot already"),
        # class_mode="binary", for a sigmoid: https://github.com/keras-team/keras/issues/13006
        (np.zeros((4, 1), np.float32), r"not float32 of shape \(1,\): take the number out of its axis"),
        # A column of CIFAR-10: https://github.com/keras-team/keras-cv/pull/445
        (np.zeros((4, 1), np.uint8), r"not uint8 of shape \(1,\): take the number out of its axis"),
        ([0.0, 1.0, 2.0, 3.0], r"not float64 of shape \(\): use tf.cast\(label, tf.int64\)"),
        ([True, False], "not bool"),
        (["cat", "dog"], "not string of shape .*: give the names of classes numbers"),
    ],
)
def test_labels_that_are_no_class_numbers_are_refused_by_name_at_once(make, labels, sentence):
    labels = np.float64(labels) if np.asarray(labels).dtype == np.float64 else labels
    with pytest.raises(ValueError, match=f"takes labels that are integers from 0 to 3, {sentence}"):
        make(dataset(labels), num_classes=4)


@every_maker
@pytest.mark.parametrize("num_classes", [1, 0, -3, 2.0, "2", True, None])
def test_there_are_at_least_two_classes(make, num_classes):
    """Fault 19. One class has an accuracy of 100 %: https://github.com/easezyc/deep-transfer-learning/issues/4."""
    with pytest.raises(ValueError, match="num_classes must be an integer, at least two, not "):
        make(dataset([0, 0]), num_classes=num_classes)


@every_maker
@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (
            np.zeros((3, 2, 6, 5, 3), np.uint8),
            r"not shape \(2, 6, 5, 3\): give single images, without batch\(\)",
        ),
        (np.zeros((3, 6, 5), np.uint8), "without batch"),
        (np.zeros((3, 6, 5, 1), np.uint8), "tf.image.grayscale_to_rgb"),
        (np.zeros((3, 6, 5, 3), np.int32), "not int32: use tf.cast"),
    ],
)
def test_images_that_do_not_fit_are_refused_at_once(make, images, sentence):
    with pytest.raises(ValueError, match=f"The pipeline takes .* {sentence}"):
        make(tf.data.Dataset.from_tensor_slices((images, [0, 1, 0])), num_classes=2)


@every_maker
def test_elements_that_are_no_pairs_are_refused_at_once(make):
    for other in (
        dataset([0, 1]).map(lambda image, label: {"image": image, "label": label}),
        dataset([0, 1]).map(lambda image, label: (image, label, 1.0)),
        dataset([0, 1]).map(lambda image, _: image),
    ):
        with pytest.raises(ValueError, match=r"takes pairs of tensors \(image, label\), not "):
            make(other, num_classes=2)
    with pytest.raises(ValueError, match=r"takes a tf.data.Dataset, not tuple: make one with"):
        make((images(2), [0, 1]), num_classes=2)


@every_maker
def test_elements_of_unknown_shape_are_looked_at_when_they_are_read(make):
    """As a generator without a signature of shapes gives them: https://github.com/tensorflow/tensorflow/issues/31373."""

    def unknown(*elements):
        spec = tf.TensorSpec(None, tf.uint8), tf.TensorSpec(None, tf.int64)
        found = tf.data.Dataset.from_generator(lambda: iter(elements), output_signature=spec)
        return make(found.apply(tf.data.experimental.assert_cardinality(len(elements))), num_classes=2)

    picture = images(1)[0]
    (batch, labels), *_ = unknown((picture, 1), (picture, 1))
    assert batch.shape == (2, 6, 5, 3) and labels.numpy().tolist() == [[0, 1]] * 2
    assert "not [H, W, 3]" in said(lambda: list(unknown((picture[..., :1], 0))))
    assert "not [H, W, 3]" in said(lambda: list(unknown((images(2), 0))))
    assert "not a single number" in said(lambda: list(unknown((picture, [0, 1]))))


# ---- data sets without a size -----------------------------------------------------------------------------


@every_maker
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda data: data.repeat(), "infinite"),
        (lambda data: data.filter(lambda _, label: label < 9), "unknown"),
        # https://github.com/tensorflow/tensorflow/issues/39136
        (lambda data: data.batch(2).unbatch(), "unknown"),
        # https://github.com/tensorflow/tensorflow/issues/41869
        (lambda data: data.flat_map(lambda *pair: tf.data.Dataset.from_tensors(pair)), "unknown"),
        # https://github.com/tensorflow/tensorflow/issues/56306
        (
            lambda data: tf.data.Dataset.from_generator(lambda: data, output_signature=data.element_spec),
            "unknown",
        ),
    ],
)
def test_a_data_set_of_no_known_size_is_told_how_to_get_one(make, change, kind):
    changed = change(dataset([0, 1, 0, 1]))
    with pytest.raises(ValueError, match=f"The size of the data set is {kind}: .*take.*assert_cardinality"):
        make(changed, num_classes=2)
    told = changed.take(4).apply(tf.data.experimental.assert_cardinality(4))
    assert sum(len(labels) for _, labels in make(told, num_classes=2)) == 4


@every_maker
def test_an_empty_data_set_is_told(make):
    """What "buffer_size must be greater than zero" means:

    - https://github.com/TachibanaYoshino/AnimeGANv2/issues/44
    - https://github.com/mnicnc404/CartoonGan-tensorflow/issues/45
    """
    with pytest.raises(ValueError, match="The data set is empty"):
        make(dataset([0, 1]).take(0), num_classes=2)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "8", True])
@pytest.mark.parametrize("make", MAKERS.values())
def test_a_batch_has_at_least_one_image(make, batch_size):
    with pytest.raises(ValueError, match="batch_size must be an integer of at least 1, not "):
        make(dataset([0, 1]), batch_size=batch_size, num_classes=2)


# ---- evaluation: one-hot rows -----------------------------------------------------------------------------


def test_labels_of_a_sigmoid_are_refused():
    """Fault 01: they counted as class 0, and the accuracy was 100 % where every prediction was wrong.

    - argmax takes each for class 0: https://github.com/alexander-rakhlin/CNN-for-Sentence-Classification-in-Keras/issues/39
    - `class_mode="binary"`: https://github.com/keras-team/keras/issues/13006
    """
    sigmoid = np.array([[0.9], [0.2], [0.8], [0.1]], np.float32)
    batches = batches_of(np.array([[0], [1], [0], [1]], np.float32))
    with pytest.raises(
        ValueError, match=r"one-hot \[B, K\] of at least two classes, not \[4, 1\]: use tf.one_hot"
    ):
        evaluation.predict(lambda images, training: sigmoid, batches)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([0, 1, 2, 1], r"not \[4\]"),
        (np.zeros((4, 2, 2)), r"not \[4, 2, 2\]"),
        # Rows of zeros, and an accuracy of 100 %: https://github.com/keras-team/keras/issues/6421
        (np.zeros((4, 2)), "here one is not"),
        (np.ones((4, 2)), "here one is not"),
        ([[1.0, 0.0], [0.9, 0.1]], "here one is not"),
        ([[1.0, 0.0], [2.0, -1.0]], "here one is not"),
        ([[1.0, 0.0], [np.nan, 1.0]], "here one is not"),
        (np.array([["0", "1"]]), "here one is not"),
    ],
)
def test_labels_that_are_not_one_hot_are_refused(labels, sentence):
    with pytest.raises(ValueError, match=f"^Labels must be one-hot.*{sentence}"):
        evaluation.predict(guess(2), batches_of(labels))


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_model_of_other_classes_is_refused(outputs):
    with pytest.raises(
        ValueError, match=rf"returns \[4, {outputs}\] for labels \[4, 2\]: it needs 2 outputs"
    ):
        evaluation.predict(guess(outputs), batches_of(np.eye(2)[[0, 1, 0, 1]]))


def test_accuracy_needs_two_classes_and_class_numbers():
    with pytest.raises(ValueError, match=r"at least two classes, got probabilities \[2, 1\]"):
        evaluation.top1(np.ones((2, 1)), [0, 0])
    with pytest.raises(ValueError, match="class numbers, integers, not float64"):
        evaluation.top1(np.eye(2), [0.0, 0.5])


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "bool"])
def test_one_hot_rows_of_any_dtype_are_taken(dtype):
    _, labels = evaluation.predict(guess(3), batches_of(np.eye(3)[[2, 0, 1]].astype(dtype)))
    assert labels.tolist() == [2, 0, 1] and labels.dtype == np.int64


# ---- mixes, and what looks at labels as they do -----------------------------------------------------------

MIXES = {
    "cutmix": mixing.cutmix,
    "mixup": mixing.mixup,
    "cutmix_or_mixup": mixing.cutmix_or_mixup,
    "sometimes": mixing.sometimes(mixing.mixup, 0.5),
    "spare": augment.spare(augment.basic, [0]),
}
every_mix = pytest.mark.parametrize("name", MIXES)


@every_mix
@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        # Integers into CutMix: https://github.com/keras-team/keras-cv/pull/445
        ([0, 1, 2, 1], r"needs float labels .* int32 of shape \(4,\): use tf.one_hot"),
        # "Should I transfer the label into one-hot?" https://github.com/facebookresearch/mixup-cifar10/issues/9
        (np.eye(4, dtype=np.int64), "needs float labels .* int64"),
        # 0 and 1 of two classes: https://github.com/agaldran/balanced_mixup/issues/1
        (np.array([[0], [1], [0], [1]], np.float32), "sum to 1"),
        (2 * np.eye(4, dtype=np.float32), "sum to 1"),
        (np.array([[2, -1]] * 4, np.float32), "nowhere negative"),
        (np.full((4, 2), np.nan, np.float32), "sum to 1"),
        ([[1.0], [0.5, 0.5]], "needs labels as one array"),
        (None, "needs labels as one array"),
        (np.eye(4, dtype=np.float32)[:3], "4 images but 3 labels"),
    ],
)
def test_labels_that_no_mix_can_share_are_refused(name, labels, sentence):
    with pytest.raises(ValueError, match=f"^{name} [^\n]*{sentence}"):
        MIXES[name](images(4), labels, seed=SEED)


@every_mix
def test_smoothed_and_mixed_labels_are_mixed_again(name):
    smoothed = (0.9 * np.eye(4) + 0.025).astype(np.float32)
    mixed = mixing.cutmix(images(4), smoothed, seed=SEED)
    _, labels = MIXES[name](*mixed, seed=SEED)
    np.testing.assert_allclose(np.sum(labels, axis=1), 1, atol=1e-6)


@every_mix
def test_labels_of_unknown_rank_are_looked_at_when_they_are_there(name):
    spec = [tf.TensorSpec(None, tf.uint8), tf.TensorSpec(None, tf.float32)]
    graph = tf.function(functools.partial(MIXES[name], seed=SEED), input_signature=spec)
    right = np.eye(4, dtype=np.float32)
    expected = MIXES[name](images(4), right, seed=SEED)
    for one, other in zip(graph(images(4), right), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert "needs float labels [B, K]" in said(lambda: graph(images(4), np.ones(4, np.float32)))
    assert "sum to 1" in said(lambda: graph(images(4), np.ones((4, 2), np.float32)))
    assert "in pairs" in said(lambda: graph(images(4), right[:3]))


def test_a_class_that_is_not_there_is_told_in_a_graph_too():
    spec = [tf.TensorSpec([None, 6, 5, 3], tf.uint8), tf.TensorSpec([None, None])]
    spared = functools.partial(augment.spare(augment.basic, [1, 3]), seed=SEED)
    graph = tf.function(spared, input_signature=spec)
    for classes in (4, 5):
        labels = np.eye(classes, dtype=np.float32)[[0, 3]]
        np.testing.assert_array_equal(graph(images(2), labels)[0][1], images(2)[1])
    assert "not_for names class 3" in said(lambda: graph(images(2), np.eye(2, dtype=np.float32)))
    with pytest.raises(ValueError, match="not_for names class 3, but the last class is 1"):
        spared(images(2), np.eye(2, dtype=np.float32))


# ---- all of it, against an oracle -------------------------------------------------------------------------


def oracle(taker, labels, classes):
    """Whether labels are accepted, from the words of the docstrings alone; `classes` is the pipeline's K."""
    labels = np.asarray(labels)
    if taker in MAKERS:
        whole = labels.ndim == 1 and labels.dtype.kind in "iu"
        return whole and classes >= 2 and all(0 <= label < classes for label in labels.tolist())
    if labels.ndim != 2 or (taker == "predict" and labels.shape[1] < 2):
        return False
    rows = labels.astype(float).tolist()
    if taker == "predict":
        return all(sorted(row) == [0] * (len(row) - 1) + [1] for row in rows)
    return labels.dtype.kind == "f" and all(abs(sum(row) - 1) < 0.01 and min(row) >= 0 for row in rows)


def take(taker, labels, classes):
    if taker in MAKERS:
        return list(MAKERS[taker](dataset(labels), batch_size=2, num_classes=classes))
    if taker == "predict":
        return evaluation.predict(guess(np.shape(labels)[-1]), batches_of(labels))
    return MIXES[taker](images(len(labels)), labels, seed=SEED)


SIZES = st.tuples(st.integers(1, 3), st.integers(1, 3))
NUMBERS = (st.lists(st.integers(0, 3), min_size=1) | st.lists(st.integers(-1, 5), min_size=1)).map(np.array)
ONE_HOT = st.builds(
    lambda size, seed, dtype: np.eye(size[1])[
        np.random.default_rng(seed).integers(0, size[1], size[0])
    ].astype(dtype),
    *(SIZES, st.integers(0, 9), st.sampled_from(["float32", "float64", "int64"])),
)
SOFT = st.builds(
    lambda size, seed: np.random.default_rng(seed).dirichlet(np.ones(size[1]), size[0]),
    SIZES,
    st.integers(0, 9),
)
OTHER = st.builds(np.full, SIZES, st.sampled_from([0.0, 0.5, 1.0, np.nan]))


@pytest.mark.slow
def test_labels_are_accepted_or_refused_as_the_oracle_says():
    verdicts = collections.Counter()
    numbers = st.tuples(st.sampled_from([*MAKERS]), NUMBERS, st.just(4) | st.integers(1, 5))
    takers = st.sampled_from([*MAKERS, *["predict", "cutmix", "mixup"] * 2])
    rows = st.tuples(takers, ONE_HOT | ONE_HOT | SOFT | OTHER, st.just(4))

    @hypothesis.settings(max_examples=120, deadline=None, derandomize=True, database=None)
    @hypothesis.given(numbers | rows)
    def compare(drawn):
        expected = oracle(*drawn)
        sentence = said(lambda: take(*drawn))
        verdicts[expected] += 1
        assert (sentence is None) == expected, sentence
        assert sentence is None or sentence.endswith(".") and "\n" not in sentence, sentence

    compare()
    assert min(verdicts[True], verdicts[False]) >= verdicts.total() / 3, verdicts
