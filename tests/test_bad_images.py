"""Images, seeds and settings that an augmentation, a view or a mix cannot take: one sentence, no result."""

import collections
import functools
import inspect
import math
import random
import re

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from utils import augment, evaluation, inputs, mixing, pipeline
from utils.evaluation import views

SEED = (3, 5)
SIZE = (4, 5)  # one size for all, since each is compiled anew


def sparing(images, *, seed):
    labels = tf.one_hot(tf.zeros(tf.shape(images)[:1], tf.int32), 2)
    return augment.spare(augment.basic, [1])(images, labels, seed=seed)[0]


def augmentation(name):
    """Return an augmentation of this public name, with its default settings."""
    special = {
        "basic": augment.basic,
        "spare": sparing,
        "random_pipeline": augment.random_pipeline([augment.invert()], 1),
    }
    return special.get(name) or getattr(augment, name)()


def mixed(mix):
    """Return a function of images alone: what a mix makes of them."""

    def change(images, *, seed):
        labels = tf.one_hot(tf.zeros(tf.shape(images)[:1], tf.int32), 2)
        return mix(images, labels, seed=seed)[0]

    return change


def pictures(*shape, dtype="uint8", largest=255):
    """Random images of any shape whose largest value is `largest`."""
    pixels = np.asarray(np.random.default_rng(0).random(shape))
    return np.asarray(pixels / pixels.max(initial=1e-9) * largest).astype(dtype)


AUGMENTATIONS = {name: functools.partial(augmentation(name), seed=SEED) for name in augment.__all__}
MIXES = {
    name: functools.partial(mixed(mix), seed=SEED)
    for name, mix in {
        "cutmix": mixing.cutmix,
        "mixup": mixing.mixup,
        "cutmix_or_mixup": mixing.cutmix_or_mixup,
        "sometimes": mixing.sometimes(mixing.mixup, 0.5),
    }.items()
}
ALL = AUGMENTATIONS | views.STANDARD | MIXES
# One of each kind: the operations are one function, so are the three that hide parts, and the other policies
# apply as RandAugment does.
KINDS_OF_CODE = [
    *("basic", "random_resized_crop", "rotate", "cutout", "rand_augment", "random_pipeline", "spare"),
    *("mirrored", "crop, top left", "darker", *MIXES),
]
BATCH = pictures(2, *SIZE, 3)


# ---- what is taken ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS_OF_CODE)
def test_arrays_tensors_and_batches_of_unknown_rank_are_taken_alike(name):
    """Fault 04: `random_resized_crop` failed on an array where `rand_augment` did not.

    What loses the rank, tf.numpy_function, leaves the images right:
    https://github.com/tensorflow/tensorflow/issues/31373.
    """
    expected = ALL[name](tf.constant(BATCH))
    assert expected.shape == BATCH.shape
    np.testing.assert_array_equal(ALL[name](BATCH), expected)
    found = in_graph(ALL[name], BATCH, unknown=True)
    np.testing.assert_allclose(found, expected, atol=1e-4 if expected.dtype.is_floating else 0)


@pytest.mark.parametrize("name", [name for name in KINDS_OF_CODE if name in AUGMENTATIONS])
def test_all_black_floats_are_images(name):
    images = np.zeros((2, *SIZE, 3), np.float32)
    assert AUGMENTATIONS[name](images).shape == images.shape


# ---- ranks and channels -----------------------------------------------------------------------------------


def in_graph(change, images, unknown=False):
    """Call in a `tf.function`, which may know nothing about the shape."""
    spec = tf.TensorSpec(None if unknown else np.shape(images), np.asarray(images).dtype)
    return tf.function(change, input_signature=[spec])(images)


def in_map(change, images, unknown=False):
    """Call in `map` of a data set, which may know nothing about the shape."""
    spec = tf.TensorSpec(None if unknown else np.shape(images), np.asarray(images).dtype)
    dataset = tf.data.Dataset.from_generator(lambda: iter([images]), output_signature=spec)
    return next(iter(dataset.map(change)))


WAYS = {
    "eager": lambda change, images: change(images),
    "graph": in_graph,
    "graph, unknown": functools.partial(in_graph, unknown=True),
    "map": in_map,
    "map, unknown": functools.partial(in_map, unknown=True),
}


def said(call):
    """Return the sentence with which a call is refused, or None where it is not."""
    try:
        call()
    except ValueError as error:
        # While tracing, AutoGraph puts lines before it that say where.
        return str(error).strip().splitlines()[-1].strip()
    except tf.errors.InvalidArgumentError as error:
        return error.message.partition("assertion failed: [")[2].partition("]\n")[0] or error.message
    return None


@pytest.mark.parametrize("name", KINDS_OF_CODE)
def test_a_single_image_is_refused_everywhere(name):
    """Fault 03: `basic` made (32, 32, 40, 3) of it, `crop` (40, 3, 3), and `mirrored` exchanged red and blue.

    - Flipped along the channels, "since x is a single image":
      https://github.com/nicolov/segmentation_keras/issues/21
    - Flipped along the wrong axis where the rank is unknown:
      https://github.com/tensorflow/tensorflow/issues/40580
    """
    for way, call in WAYS.items():
        sentence = said(lambda call=call: call(ALL[name], BATCH[0]))
        assert re.search(r"takes a batch of .*: batch the data set first, or add an axis", sentence or ""), (
            way
        )


OTHER_SHAPES = {
    (*SIZE, 3): r"images\[None\]",
    # Gray, 64 × 64 × 1, into a change of hue: https://github.com/albumentations-team/albumentations/issues/499
    (2, *SIZE, 1): "tf.image.grayscale_to_rgb",
    (2, *SIZE, 4): "alpha channel",
    # Two channels: https://github.com/kornia/kornia/issues/1759
    (2, *SIZE, 2): "three channels last",
    (2, 3, *SIZE): "three channels last",
    # What image_dataset_from_directory batched, batched again: https://github.com/tensorflow/tensorflow/issues/57476
    (2, 2, *SIZE, 3): "batched twice",
    (): r"images\[None\]",
}


@pytest.mark.parametrize("name", [*AUGMENTATIONS, *views.STANDARD])
def test_other_channels_and_ranks_are_refused_with_what_to_do(name):
    for shape, remedy in OTHER_SHAPES.items():
        with pytest.raises(
            ValueError, match=f"^[^\n]* takes a batch of [^\n]*, not shape [^\n]*{remedy}[^\n]*$"
        ):
            ALL[name](np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (None, "images of one size, as one array, not NoneType"),
        ([BATCH[0], BATCH[1, :2]], "images of one size, as one array, not list"),
        (tf.ragged.constant([[1], [2, 3]]), "as one array, not RaggedTensor"),
        (BATCH.astype(np.int32), "not int32: use tf.cast"),
        (BATCH.astype(np.uint16), "not uint16: use tf.cast"),
        (BATCH > 9, "not bool: use tf.cast"),
        (BATCH.astype(np.complex64), "not complex64"),
        (BATCH.astype(str), "not string"),
    ],
)
@pytest.mark.parametrize("name", ["basic", "rotate", "cutout", "random_resized_crop", "mirrored", "brighter"])
def test_what_is_no_batch_of_pixels_is_refused(name, images, sentence):
    with pytest.raises(ValueError, match=sentence):
        ALL[name](images)


@pytest.mark.parametrize("parameters", [mixing.cutmix_parameters, mixing.mixup_parameters])
def test_the_parameters_of_a_mix_are_not_drawn_for_a_single_image(parameters):
    with pytest.raises(ValueError, match=r"_parameters takes a batch of images .*images\[None\]"):
        parameters(BATCH[0], seed=SEED)


# ---- range ------------------------------------------------------------------------------------------------

SCALE_FREE = {"random_resized_crop", *views.STANDARD} - {"brighter", "darker"} | set(MIXES)


@pytest.mark.parametrize("name", ALL)
def test_floats_that_end_at_one_are_refused_where_0_to_255_is_meant(name):
    """Fault 22: rotate, cutout and rand_augment painted 128 into them.

    - Images scaled to 0-1 turn black but for the hole: https://github.com/aleju/imgaug/issues/787
    - "RandAugment would output gibberish": https://github.com/keras-team/keras-cv/issues/248
    """
    images = pictures(2, *SIZE, 3, dtype="float32", largest=1)
    if name in SCALE_FREE:
        assert tf.reduce_max(ALL[name](images)) <= 1 + 1e-6
    else:
        with pytest.raises(
            ValueError, match="in 0-255, but these are floats from .* to 1: multiply them by 255"
        ):
            ALL[name](images)


def test_floats_from_minus_one_to_one_have_another_remedy():
    """As `keras.applications.mobilenet_v2.preprocess_input` gives them."""
    with pytest.raises(ValueError, match="floats from -1 to 1: add 1, then multiply them by 127.5"):
        augment.cutout()(np.linspace(-1, 1, 120, dtype=np.float32).reshape(2, *SIZE, 3), seed=SEED)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("make", [pipeline.training_batches, pipeline.evaluation_batches])
def test_the_pipeline_looks_at_the_first_image_of_floats(make, dtype):
    """A `Rescaling(1 / 255)` before RandAugment: https://github.com/keras-team/keras-cv/issues/427."""
    make = functools.partial(make, batch_size=2, num_classes=2)
    images, labels = pictures(4, *SIZE, 3, dtype=dtype, largest=1), [0, 1, 0, 1]
    with pytest.raises(ValueError, match="The pipeline takes images in 0-255, .* multiply them by 255"):
        make(tf.data.Dataset.from_tensor_slices((images, labels)))
    images *= 255
    images[0] = 0  # black, and no reason to refuse the rest
    (first, _), _ = make(tf.data.Dataset.from_tensor_slices((images, labels)))
    assert first.dtype == dtype


# ---- all of it, against an oracle -------------------------------------------------------------------------

KINDS = {  # of whom: does it look at the range, does it take any channels and any dtype?
    "basic": (True, False),
    "cutout": (True, False),
    "random_resized_crop": (False, False),
    "mirrored": (False, False),
    "darker": (True, False),
    "crop, top left": (False, False),
    "cutmix": (False, True),
    "mixup": (False, True),
}
GOOD_SHAPES = [(2, *SIZE, 3), (1, *SIZE, 3), (0, *SIZE, 3), (3, 1, 1, 3)]
BAD_SHAPES = [SIZE, (3,), *OTHER_SHAPES]


def oracle(name, way, shape, dtype, largest):
    """Whether images are accepted, from the words of the docstrings alone."""
    looks, takes_any = KINDS[name]
    if len(shape) != 4:
        return "refused"
    if takes_any:
        return "accepted"
    if shape[3] != 3 or dtype not in ("uint8", "float16", "float32", "float64"):
        return "refused"
    dark = dtype.startswith("float") and 0 < largest <= 1 and 0 not in shape
    return "refused" if looks and dark and way == "eager" else "accepted"


@pytest.mark.slow
def test_images_are_accepted_or_refused_as_the_oracle_says():
    verdicts = collections.Counter()

    @hypothesis.settings(max_examples=50, deadline=None, derandomize=True, database=None)
    @hypothesis.given(
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(sorted(WAYS)),
        st.sampled_from(GOOD_SHAPES) | st.sampled_from(GOOD_SHAPES) | st.sampled_from(BAD_SHAPES),
        st.sampled_from(["uint8", "float32", "float64", "int32"]),
        st.sampled_from([0, 1, 1, 0.3, 200, 255]),
    )
    def compare(name, way, shape, dtype, largest):
        images = pictures(*shape, dtype=dtype, largest=largest)
        expected = oracle(name, way, shape, dtype, largest)
        sentence = said(lambda: WAYS[way](ALL[name], images))
        verdicts[expected] += 1
        assert (sentence is None) == (expected == "accepted"), sentence
        assert sentence is None or " takes " in sentence or " needs " in sentence, sentence

    compare()
    assert min(verdicts["accepted"], verdicts["refused"]) >= verdicts.total() / 3, verdicts


# ---- seeds ------------------------------------------------------------------------------------------------


NO_SEEDS = (
    7,  # one number, as Keras' layers take: https://github.com/keras-team/keras-cv/issues/258
    (1, 2, 3),  # three: https://github.com/tensorflow/tensorflow/issues/59347
    (0.5, 1.0),
    ((1, 2), (3, 4)),
    (),
    None,
    "ab",
    np.array([1, 2], np.uint8),
    (2**70, 1),
)


@pytest.mark.parametrize("name", [*augment.__all__, "chain"])
def test_what_is_no_seed_is_refused_in_one_sentence(name):
    change = pipeline.chain([augment.basic]) if name == "chain" else augmentation(name)
    for seed in NO_SEEDS:
        with pytest.raises(ValueError, match=r"^seed must be two integers such as \(0, 1\)[^\n]*$"):
            change(BATCH, seed=seed)


def test_a_seed_whose_shape_is_not_known_is_looked_at_when_it_is_there():
    change = tf.function(
        lambda seed: augment.basic(BATCH, seed=seed), input_signature=[tf.TensorSpec(None, tf.int32)]
    )
    np.testing.assert_array_equal(change(tf.constant(SEED)), augment.basic(BATCH, seed=SEED))
    for seed in (1, [1, 2, 3]):
        assert "seed must " in said(
            lambda seed=seed: change(tf.constant(seed))
        )  # TensorFlow may say it first


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in KINDS_OF_CODE if name in AUGMENTATIONS])
def test_nothing_is_drawn_while_tracing(name):
    """A draw by NumPy in `map` is made once, for all images:

    - https://github.com/tensorflow/tensorflow/issues/40620
    - https://github.com/tensorflow/tensorflow/issues/60848
    """
    change, images = augmentation(name), pictures(12, *SIZE, 3)
    graph = tf.function(lambda seed: change(images, seed=seed))
    states = random.getstate(), np.random.get_state()[1].tolist()
    first, second, again = (graph(tf.constant(seed)).numpy() for seed in [(0, 1), (0, 2), (0, 1)])
    assert graph.experimental_get_tracing_count() == 1
    assert (first == again).all() and (first != second).any()
    assert states == (random.getstate(), np.random.get_state()[1].tolist())


# ---- settings ---------------------------------------------------------------------------------------------

NUMBERS = {
    name: [
        key
        for key, parameter in inspect.signature(getattr(augment, name)).parameters.items()
        if isinstance(parameter.default, int | float)
    ]
    for name in augment.__all__
}
WRONG = ["0.5", math.nan, math.inf, -math.inf, True, [0.5], -1, 1j]


def made(name, **settings):
    required = {"ops": [augment.basic], "augmentations_per_image": 1} if name == "random_pipeline" else {}
    return getattr(augment, name)(**required, **settings)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in NUMBERS for key in NUMBERS[name]])
def test_a_setting_that_is_no_number_in_range_is_refused_by_name(name, key):
    """No setting may be infinite, negative or a truth value.

    A number that YAML reads as text: https://github.com/salesforce/ALBEF/issues/128.
    """
    named = "smallest" if key == "largest" else key
    for value in WRONG:
        with pytest.raises(ValueError, match=f"^{named}[^\n]*, not .*\\.$"):
            made(name, **{key: value})


@pytest.mark.parametrize(
    "value",
    [
        0.3,
        (0.02,),
        # Five numbers where two are meant: https://github.com/pytorch/vision/issues/8903
        (0.1, 0.2, 0.3, 0.4, 0.5),
        ("0.1", "0.2"),
        "ab",
        (0.2, math.nan),
        None,
    ],
)
@pytest.mark.parametrize(
    ("name", "key"), [("random_erasing", "area"), ("random_erasing", "aspect"), ("grid_mask", "unit")]
)
def test_a_range_that_is_no_two_numbers_is_refused_by_name(name, key, value):
    with pytest.raises(ValueError, match=f"^{key} must be .* two numbers, smallest first, not "):
        getattr(augment, name)(**{key: value})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: augment.rand_augment(BATCH), "num_ops must be an integer"),
        (lambda: augment.rand_augment(num_ops=2.5), "num_ops must be an integer .*not 2.5"),
        (
            lambda: augment.rand_augment(magnitude=tf.Variable([1.0, 2.0])),
            "magnitude must be between 0 and 10",
        ),
        (lambda: augment.random_erasing(fill_value="black"), "fill_value is a gray"),
        (lambda: augment.random_pipeline(augment.basic, 1), "at least one augmentation .* in a list"),
        (lambda: augment.random_pipeline(["rotate"], 1), "at least one augmentation .* in a list"),
        (lambda: augment.auto_augment(3), "A policy is a list of sub-policies, .* not 3"),
        (lambda: augment.auto_augment([["rotate"]]), "A policy is a list of sub-policies"),
        (lambda: augment.auto_augment([[]]), "A policy is a list of sub-policies"),
        (lambda: augment.auto_augment([[("rotate", "1", 2)]]), "rotate has a probability"),
        (lambda: augment.auto_augment([[("rotate", 1, math.nan)]]), "rotate has a level"),
        (lambda: augment.spare(augment.basic, []), "not_for must list classes"),
        (lambda: augment.spare(augment.basic, [0, -1]), r"not_for must list classes .* not \[0, -1\]"),
        (lambda: augment.spare(augment.basic, 3), "not_for must list classes"),
        (lambda: augment.spare(augment.basic, [1.0]), "not_for must list classes"),
        (lambda: augment.spare(augment.basic, ["dog"]), "not_for must list classes"),
        (lambda: views.crop("0", 0), "share above 0, not '0'"),
        (lambda: views.crop(0, 0, math.nan), "share above 0, not nan"),
        (lambda: views.brighter(math.inf), "factor must be above 0, not inf"),
        (lambda: views.brighter("1"), "factor must be above 0, not '1'"),
        (lambda: mixing.cutmix(BATCH, np.eye(2), alpha="1", seed=SEED), "alpha must be a positive number"),
        (lambda: mixing.sometimes(mixing.mixup, "0.5"), "rate is a probability"),
        (lambda: mixing.cutmix_or_mixup(BATCH, np.eye(2), cutmix_rate=math.nan, seed=SEED), "cutmix_rate is"),
    ],
)
def test_other_settings_are_refused_in_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        make()
    assert "\n" not in str(error.value) and len(str(error.value)) < 250


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(1), 1, 0.5])
def test_numbers_of_numpy_are_numbers(number):
    assert inputs.is_number(number)
    images = augment.invert(rate=number)(BATCH, seed=SEED)
    np.testing.assert_array_equal(images, augment.invert(rate=float(number))(BATCH, seed=SEED))


def test_a_count_of_numpy_is_a_count():
    found = augment.rand_augment(num_ops=np.int64(2))(BATCH, seed=SEED)
    np.testing.assert_array_equal(found, augment.rand_augment(num_ops=2)(BATCH, seed=SEED))


# ---- views ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(7, 16), (32, 45), (1, 3)])
@pytest.mark.parametrize("name", views.STANDARD)
def test_a_view_is_the_same_where_the_size_is_not_known(name, size):
    images = pictures(2, *size, 3)
    graph = tf.function(
        views.STANDARD[name], input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8)]
    )
    np.testing.assert_array_equal(graph(images), views.STANDARD[name](images))


def test_predictions_with_views_refuse_a_single_image():
    """The views see what the batches give: here images that were never batched."""
    batches = [(BATCH[0], np.eye(2)[[0]])]
    with pytest.raises(ValueError, match="A view takes a batch of color images"):
        evaluation.predict_with_views(lambda images, training: None, batches, [views.mirrored])
