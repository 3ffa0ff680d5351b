"""The checker's verdicts are right or absent: what is right passes, and its own failure is no defect.

The inputs are those of ../shared/faults and of public bug reports, whose addresses stand beside them.
"""

import contextlib
import functools
import io
import threading

import albumentations
import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import augment, checks, mixing, pipeline
from utils.checks.augmentations import checker, mixes, shared
from utils.checks.augmentations.report import Report, Row, calling

layers = keras.layers
check = functools.partial(checks.check_augmentation, image_size=(18, 24), draws=8)
check_pipeline = functools.partial(checks.check_augmentation, kind="pipeline", image_size=(18, 24))


def uniform(images, seed):
    """One number from 0 to 1 for each image, [B, 1, 1, 1]."""
    return tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed)


def mirror(images, *, seed):
    """A right augmentation, for any dtype: mirror each image with probability 1/2."""
    return tf.where(uniform(images, seed) < 0.5, images[:, :, ::-1], images)


def rarely(images, *, seed, rate=0.1):
    """A right augmentation that acts on one image in ten."""
    return tf.where(uniform(images, seed) < rate, images[:, :, ::-1], images)


def left_or_right(images, *, seed):
    """A right augmentation that changes every image, in one of two ways."""
    return tf.where(uniform(images, seed) < 0.5, tf.roll(images, 3, 2), tf.roll(images, -3, 2))


# ---- dtypes ------------------------------------------------------------------------------------------------


def test_basic_in_16_bits():
    """Script 05. As np.std of float16 images in https://github.com/numpy/numpy/issues/19111, which is inf."""
    report = check(augment.basic, dtype="float16")
    assert report.ok, str(report)


@pytest.mark.parametrize("dtype", ["float64", "int32", tf.float16, np.int16])
def test_any_dtype(dtype):
    report = check(mirror, dtype=dtype)
    assert report.ok and not report["repeatable"].evidence.startswith("not tried"), str(report)


def test_sixteen_bits_over_their_whole_range():
    assert check(mirror, dtype="uint16", value_range=(0, 65_535)).ok


@pytest.mark.parametrize("layer", [layers.RandomContrast, layers.RandomColorDegeneration])
def test_keras_layers_in_half_precision(layer):
    """Layers of https://github.com/keras-team/keras-cv/issues/734, in float16."""
    report = check(layer(0.5, dtype="float16"), dtype="float16")
    assert report.ok, str(report)


def test_a_flat_picture_in_half_precision_is_found():
    def flat(images, *, seed):
        return tf.zeros_like(images) + tf.cast(uniform(images, seed), images.dtype)

    assert "contrast" in check(flat, dtype="float16").failed


@pytest.mark.parametrize(("mix", "dtype"), [(mixing.cutmix, "float16"), (mixing.mixup, "bfloat16")])
def test_mixes_in_16_bits(mix, dtype):
    """The mixes of https://github.com/kornia/kornia/pull/4471, which had no bfloat16."""
    report = check(mix, kind="mix", dtype=dtype)
    assert report.ok, str(report)


def test_wrong_labels_are_found_in_16_bits():
    def hardly_wrong(images, labels, *, seed):
        mixed, right = mixing.cutmix(images, labels, seed=seed)
        return mixed, 0.99 * right + 0.01 * labels

    assert "label share" in check(hardly_wrong, kind="mix", dtype="bfloat16").failed


# ---- Keras: models, and what is told to train --------------------------------------------------------------


def test_a_sequential_model():
    """Script 06; the model of https://github.com/keras-team/keras-core/issues/814 is the same."""
    report = check(keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)]), dtype="float32")
    assert report.ok and report["repeatable"].passed and report["off at evaluation"].passed, str(report)
    assert "labels untouched" not in [row.name for row in report.rows]


def functional_model(size):
    inputs = keras.Input((*size, 3))
    return keras.Model(inputs, layers.RandomTranslation(0.2, 0.2)(layers.RandomFlip("horizontal")(inputs)))


def test_a_functional_model():
    assert check(functional_model((None, None)), dtype="float32").ok


def test_a_model_for_one_size_of_images():
    """It refuses others: no picture is spoiled."""
    report = check(functional_model((18, 24)), dtype="float32")
    assert report.ok and "refused" in report["shape"].evidence, str(report)


def test_a_layer_of_ones_own():
    """It takes images only, and acts in training: https://github.com/cytomining/DeepProfiler/issues/295."""

    class Mirror(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seeds = keras.random.SeedGenerator(1)

        def call(self, images, training=None):
            if not training:
                return images
            numbers = keras.random.uniform((tf.shape(images)[0], 1, 1, 1), seed=self.seeds)
            return tf.where(numbers < 0.5, images[:, :, ::-1], images)

    report = check(Mirror(), dtype="float32")
    assert report.ok and report["off at evaluation"].passed, str(report)


def test_a_function_that_is_off_unless_it_is_told_to_train():
    def off_by_default(images, *, seed, training=False):
        return mirror(images, seed=seed) if training else images

    assert check(off_by_default).ok


def test_channels_first():
    layer = layers.RandomFlip("horizontal", data_format="channels_first")
    assert check(layer, dtype="float32", moves="width").ok


def test_a_keras_layer_that_spoils_or_refuses_labels_is_found():
    class Spoiled(layers.RandomFlip):
        def transform_labels(self, labels, transformation, training=True):
            return labels * 0

    assert check(Spoiled(), dtype="float32").failed == ["labels untouched"]


def test_a_model_of_mixes_gets_labels():
    model = keras.Sequential([layers.MixUp(alpha=0.4)])
    report = check(model, kind="mix", dtype="float32")
    assert report["label share"].passed and report["mixes"].passed, str(report)


# ---- seeds of another kind, or none ------------------------------------------------------------------------


def on_each_image(function):
    return lambda images: tf.map_fn(function, images)


@pytest.mark.parametrize(
    "fn",
    [
        tf.image.random_flip_left_right,  # its `seed` is a number for the op, not a stateless seed
        lambda images, **options: tf.image.random_flip_left_right(images),
        lambda *images, **options: tf.image.random_flip_left_right(*images, **options),
        # https://github.com/tensorflow/tensorflow/issues/35846 and 13932
        on_each_image(functools.partial(tf.image.random_brightness, max_delta=0.3)),
        on_each_image(functools.partial(tf.image.random_hue, max_delta=0.2)),
    ],
)
def test_without_a_stateless_seed(fn):
    report = check(fn)
    assert not report.failed, str(report)


def test_what_takes_no_seed_is_not_blamed_for_another_draw():
    report = check(lambda images: tf.image.random_flip_left_right(images))
    assert report.ok and report["repeatable"].passed is None
    assert "no stateless seed" in report["repeatable"].evidence


def test_a_seed_that_is_taken_and_ignored_is_found():
    def deaf(images, seed=None):
        return tf.image.random_flip_left_right(images)

    assert check(deaf).failed == ["repeatable"]


def test_a_seed_for_the_op_repeats_each_epoch():
    """Inside `tf.data`, it starts anew in each: https://github.com/tensorflow/tensorflow/issues/35090."""
    seven = functools.partial(tf.image.random_flip_up_down, seed=7)
    assert check(seven).failed == ["fresh in tf.data"]


def test_a_batch_without_seed_that_shares_its_draw_is_found():
    assert check(functools.partial(tf.image.random_brightness, max_delta=0.3)).failed == ["own draw"]


@pytest.mark.parametrize(
    "fn",
    [
        lambda images, seed: mirror(images, seed=seed),
        functools.partial(rarely, rate=0.5),
        tf.function(mirror),
        functools.partial(tf.image.stateless_random_flip_left_right),
    ],
)
def test_seeds_wherever_they_stand(fn):
    report = check(fn)
    assert report.ok and report["repeatable"].passed, str(report)


def test_lists_and_numpy_are_as_good_as_tensors():
    in_a_list = check(lambda images: list(tf.image.random_flip_left_right(images)))
    assert in_a_list.failed == ["runs in tf.data"], str(in_a_list)  # where no tensor can be listed
    shows = check(checks.per_image(lambda image: image[:, :: np.random.choice([-1, 1])].tolist()))
    assert shows.failed == ["dtype"], str(shows)


# ---- few draws ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [1, 2, 5])
@pytest.mark.parametrize("fn", [mirror, rarely, left_or_right])
def test_right_augmentations_pass_with_few_draws(fn, draws):
    """Tests of flips that failed by chance: https://github.com/pytorch/vision/pull/283."""
    report = check(fn, draws=draws)
    assert report.ok, str(report)


@pytest.mark.parametrize("draws", [1, 4, 24])
@pytest.mark.parametrize(("fn", "rate"), [(mirror, 0.5), (rarely, 0.1), (left_or_right, 1.0)])
def test_right_rates_pass_with_few_draws(fn, rate, draws):
    """As the flip of https://github.com/speechbrain/speechbrain/pull/2768, of probability 1/2."""
    report = check(fn, rate=rate, draws=draws)
    assert report.ok and report["rate"].passed, str(report)


@pytest.mark.parametrize("draws", [1, 2])
@pytest.mark.parametrize(
    "mix",
    [
        mixing.cutmix,
        mixing.mixup,
        mixing.cutmix_or_mixup,
        functools.partial(mixing.mixup, per_sample=False),
        functools.partial(mixing.cutmix, alpha=0.1),
    ],
)
def test_right_mixes_pass_with_few_draws(mix, draws):
    report = check(mix, kind="mix", draws=draws)
    assert report.ok, str(report)


def test_too_few_draws_leave_the_verdict_open():
    report = check(lambda images, *, seed: images, draws=1)
    assert [report[name].passed for name in ("effect", "own draw", "seeds differ")] == [None] * 3
    assert {"effect", "own draw", "seeds differ"} <= set(
        check(lambda images, *, seed: images, draws=24).failed
    )


def test_a_shared_draw_is_found_from_four_draws_on():
    def shared_draw(images, *, seed):
        return tf.where(tf.random.stateless_uniform([], seed) < 2, tf.roll(images, seed[0] % 7, 2), images)

    assert "own draw" in check(shared_draw, draws=5).failed


def test_a_shift_with_a_black_border_moves_along_one_axis():
    layer = layers.RandomTranslation(0, 0.25, fill_mode="constant")
    assert check(layer, dtype="float32", moves="width").ok
    assert "moves" in check(layer, dtype="float32", moves="height").failed


def test_a_parameter_called_rate_is_no_claim():
    def salt(images, *, seed, rate=0.1):
        """Make a tenth of the pixels white."""
        return tf.where(
            tf.random.stateless_uniform(tf.shape(images), seed) < rate, tf.cast(255, tf.uint8), images
        )

    assert check(salt).ok


# ---- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"draws": 0}, "draws must be a whole number"),
        ({"draws": 2.5}, "draws must be a whole number"),
        ({"kind": "augmentation"}, "kind must be one of augment, mix, pipeline"),
        ({"kind": ["mix"]}, "kind must be one of"),
        ({"image_size": 32}, "image_size must be two whole numbers"),
        ({"image_size": (1, 40)}, "at least two rows"),
        ({"dtype": "float33"}, "dtype must be a type of numbers"),
        ({"dtype": "string"}, "dtype must be one of integers or floats"),
        ({"value_range": (255, 0)}, "value_range must be two numbers"),
        ({"value_range": (0, float("nan"))}, "value_range must be two numbers"),
        ({"value_range": (0, 1)}, r"value_range \(0, 1\) does not suit uint8"),
        ({"dtype": "float16", "value_range": (0, 1e6)}, "does not suit float16"),
        ({"moves": "sideways"}, "moves must be 'width' or 'height'"),
        ({"rate": 50}, "rate must be between 0 and 1"),
        ({"rate": 0.5, "kind": "mix"}, "rate is a claim about kind='augment'"),
        ({"alpha": 1.0}, "alpha is a claim about kind='mix'"),
        ({"alpha": 0, "kind": "mix"}, "alpha must be a number above 0"),
        ({"alpha": {"cutmx": 1.0}, "kind": "mix"}, "alpha must be a number above 0"),
        ({"per_sample": "yes", "kind": "mix"}, "per_sample must be True or False"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(settings, said):
    with pytest.raises(ValueError, match=said):
        check(mirror, **settings)


@pytest.mark.parametrize(
    "fn", [None, np.zeros((2, 8, 8, 3)), layers.RandomFlip, albumentations.HorizontalFlip]
)
def test_what_cannot_be_called_is_refused(fn):
    with pytest.raises(ValueError, match="fn must be a function"):
        check(fn)


@pytest.mark.parametrize(
    ("fn", "said"),
    [
        (lambda images, *, seed: None, "it returned NoneType, not an array"),
        (lambda images, *, seed: {"images": images}, "it returned dict, not an array"),
        (lambda images, *, seed: [images[0], images[0, 1:]], "it returned list, which is no array"),
        (lambda images, *, seed: images.no_such_thing, "it raised AttributeError"),
    ],
)
def test_what_returns_no_images_is_told_so(fn, said):
    report = check(fn)
    assert report.failed == ["runs"] and said in report["runs"].evidence


def test_a_mix_that_returns_images_only():
    report = check(lambda images, labels, *, seed: images, kind="mix")
    assert report.failed == ["runs"] and "not (images, labels)" in report["runs"].evidence


def test_values_that_are_no_numbers_are_one_finding():
    def overflows(images, *, seed):
        return tf.where(uniform(images, seed) < 0.5, images, np.nan)

    report = check(overflows, dtype="float32")
    assert report.failed == ["range"], str(report)


# ---- pipelines ---------------------------------------------------------------------------------------------


def flipped(image, label):
    return tf.image.random_flip_left_right(image), label


def endless(dataset):
    """As https://github.com/mlpen/Nystromformer/issues/17, whose data set repeats and is iterated whole."""
    return dataset.map(flipped).shuffle(50).repeat().batch(5)


def endless_of_unknown_size(dataset):
    """As `while True: yield` in https://github.com/tensorflow/tensorflow/issues/20698."""

    def forever():
        while True:
            yield from dataset.map(flipped)

    return tf.data.Dataset.from_generator(forever, output_signature=dataset.element_spec).batch(4)


def endless_keras_generator(dataset):
    generator = tf.keras.preprocessing.image.ImageDataGenerator(rotation_range=90)
    images, labels = map(np.stack, zip(*dataset.as_numpy_iterator(), strict=True))
    return generator.flow(images, labels, batch_size=8)


@pytest.mark.parametrize("fn", [endless, endless_of_unknown_size, endless_keras_generator])
def test_pipelines_without_end(fn):
    report = check_pipeline(fn)
    assert report.ok and "without end" in report["runs"].evidence, str(report)


def test_frozen_pipelines_without_end_are_found():
    def frozen(dataset):
        return dataset.map(flipped).cache().shuffle(32).repeat().batch(5)

    assert check_pipeline(frozen).failed == ["fresh each epoch"]
    assert check_pipeline(lambda dataset: dataset.repeat()).failed == ["effect", "fresh each epoch"]


def with_weights(dataset):
    """As in https://github.com/tensorflow/datasets/issues/3347: (image, label, sample weight)."""
    return dataset.map(flipped).map(lambda image, label: (image, label, 1.0)).batch(5)


class Batches(keras.utils.PyDataset):
    """As in https://github.com/keras-team/keras/issues/11805: a Sequence that gives sample weights, too."""

    def __init__(self, dataset):
        super().__init__()
        self.images, self.labels = map(np.stack, zip(*dataset.as_numpy_iterator(), strict=True))

    def __len__(self):
        return 4

    def __getitem__(self, index):
        part = slice(8 * index, 8 * index + 8)
        return self.images[part, :, :: np.random.choice([-1, 1])], self.labels[part], np.ones(8)


def dicts(dataset):
    """As in https://github.com/tensorflow/tensorflow/issues/58644."""
    return dataset.map(flipped).map(lambda image, label: {"image": image, "label": label}).batch(5)


def named_inputs(dataset):
    """As in https://github.com/tensorflow/tensorflow/issues/33245."""
    return dataset.map(flipped).map(lambda image, label: ({"input": image}, {"output": label}))


def ragged(dataset):
    def crop(image, label):
        return image[: tf.random.uniform([], 8, 18, tf.int32)], label

    return dataset.map(crop).ragged_batch(5)


def one_hot(dataset):
    return dataset.map(flipped).map(lambda image, label: (image, tf.one_hot(label, 32)))


def column_of_labels(dataset):
    return dataset.map(flipped).batch(4).map(lambda images, labels: (images, labels[:, tf.newaxis]))


@pytest.mark.parametrize(
    "fn", [with_weights, Batches, dicts, named_inputs, ragged, one_hot, column_of_labels]
)
def test_what_pipelines_give(fn):
    report = check_pipeline(fn)
    assert report.ok and "gave 32 of 32" in report["runs"].evidence, str(report)


def test_the_pipeline_of_the_course():
    def batches(dataset):
        return pipeline.training_batches(
            dataset, batch_size=8, num_classes=32, augment=augment.basic, mix=mixing.mixup
        )

    assert check_pipeline(batches).ok


def test_an_empty_pipeline_is_found():
    report = check_pipeline(lambda dataset: dataset.take(0))
    assert report.failed == ["runs"] and "gave 0 of 32 images" in report["runs"].evidence


def test_a_pipeline_that_breaks_on_the_way_is_found():
    def breaks(dataset):
        return dataset.map(lambda image, label: (tf.ensure_shape(image, [7, 7, 3]), label))

    assert check_pipeline(breaks).failed == ["runs"]
    report = check_pipeline(lambda dataset: None)
    assert "it returned NoneType, not a data set" in report["runs"].evidence


def test_a_generator_that_ends_has_one_epoch_only():
    """As in https://github.com/keras-team/keras/issues/12773, which runs out of data in the second epoch."""
    report = check_pipeline(lambda dataset: (batch for batch in dataset.map(flipped).batch(4)))
    assert (
        report["fresh each epoch"].passed is None and "one epoch only" in report["fresh each epoch"].evidence
    )


def test_elements_that_cannot_be_read_are_no_defect():
    report = check_pipeline(lambda dataset: dataset.map(lambda image, label: {"pixels": image}))
    assert not report.failed and not report.ok
    assert "keys pixels" in report["runs"].evidence and report.verdict == "Nothing could be checked."


@pytest.mark.parametrize("draws", [1, 2])
def test_pipelines_with_few_epochs(draws):
    def rare(dataset):
        return dataset.map(
            lambda image, label: (
                tf.cond(tf.random.uniform([]) < 0.1, lambda: image[::-1], lambda: image),
                label,
            )
        )

    assert not check_pipeline(rare, draws=draws).failed
    assert not check_pipeline(lambda dataset: dataset.map(flipped), draws=draws).failed


# ---- the checker's own failure -----------------------------------------------------------------------------


def breaks(*_):
    raise RuntimeError("a screw is loose. More.")


def test_the_checkers_own_failure_is_no_defect_of_what_is_checked(monkeypatch):
    """A failure blames the subject, an error the test: https://github.com/firasdib/Regex101/issues/695."""
    table = {"runs": shared.FORM["runs"], "range": (breaks, "unused"), "dtype": shared.FORM["dtype"]}
    monkeypatch.setitem(checker.KINDS, "augment", checker.KINDS["augment"]._replace(checks=table))
    report = check(mirror)
    assert report["range"].passed is None and not report.failed and report.ok
    assert report["range"].evidence == "the checker itself failed: RuntimeError: a screw is loose"
    assert report.verdict == "All 2 checks passed. The checker itself failed in: range."
    assert "    --  range" in str(report) and report.verdict in report._repr_html_()
    wrong = check(lambda images, *, seed: tf.cast(images, tf.float32))
    assert wrong.failed == ["dtype"] and wrong.verdict.endswith("The checker itself failed in: range.")


def test_the_checkers_own_failure_is_no_refusal(monkeypatch):
    """An error test that passed since the tool itself broke: https://github.com/halide/Halide/pull/8458."""
    monkeypatch.setattr(mixes, "_as_dataset", breaks)
    report = check(mixing.cutmix, kind="mix")
    assert [report[name].passed for name in ("sparse labels", "single image")] == [None, None]


def test_what_the_callable_raises_is_a_finding():
    report = check(breaks)
    assert report.failed == ["runs"] and "RuntimeError: a screw is loose" in report["runs"].evidence
    assert calling(len, "four") == 4


# ---- wherever it runs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp949"])
def test_a_report_is_printed_in_any_encoding(encoding):
    """Script 18. `print(…) > file` on Windows: https://github.com/xinjli/allosaurus/issues/73, and with an
    arrow https://github.com/martymcenroe/AssemblyZero/issues/653."""
    report = Report("cutmix, 16 × 18 × 24 × 3", (Row("own λ", False, "λ − 1", "It is wrong."),))
    written = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(written, encoding=encoding)) as stream:
        print(report)
        stream.flush()
    text = written.getvalue().decode(encoding)
    assert "FAIL" in text and "It is wrong." in text and "1 of 1 checks failed" in text


def test_in_another_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(check(layers.RandomFlip(), dtype="float32")))
    thread.start()
    thread.join()
    assert found[0].ok
