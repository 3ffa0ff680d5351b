"""The checker: every planted defect is found in the row that names it, and what is right passes."""

import functools
import random

import numpy as np
import pytest
import tensorflow as tf

from utils import augment, checks, mixing
from utils.checks.augmentations import mixes
from utils.checks.augmentations.report import Report, Row, first_sentence

SMALL = {"image_size": (18, 24)}
check = functools.partial(checks.check_augmentation, **SMALL)
check_mix = functools.partial(check, kind="mix", draws=12)


def uniform(images, seed, low, high):
    """One number for each image, [B, 1, 1, 1]."""
    return tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed, low, high)


def brighten(images, *, seed):
    """A right augmentation, the plainest one: brightness, drawn for each image."""
    pixels = tf.cast(images, tf.float32) * uniform(images, seed, 0.6, 1.4)
    return tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), images.dtype)


def mirror(images, *, seed):
    """A right augmentation: mirror each image with probability 1/2."""
    return tf.where(uniform(images, seed, 0.0, 1.0) < 0.5, images[:, :, ::-1], images)


# ---- what is right passes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("fn", [augment.basic, brighten, mirror])
def test_right_augmentations_pass(fn, dtype):
    report = check(fn, dtype=dtype)
    assert report.ok, str(report)


OURS = [
    mixing.cutmix,
    functools.partial(mixing.cutmix, alpha=0.4, per_sample=False),
    mixing.mixup,
    functools.partial(mixing.mixup, alpha=2.0, per_sample=False),
    mixing.cutmix_or_mixup,
]


@pytest.mark.parametrize("mix", OURS)
def test_our_mixes_pass(mix):
    report = check_mix(mix, draws=22)
    assert report.ok, str(report)
    assert report["distribution of λ"].passed and report["own λ"].passed


@pytest.mark.parametrize("mix", [mixing.cutmix, mixing.mixup])
def test_our_mixes_pass_on_floats_at_another_size(mix):
    report = checks.check_augmentation(mix, kind="mix", dtype="float32", image_size=(19, 7), draws=8)
    assert report.ok, str(report)


# ---- planted defects in augmentations ---------------------------------------------------------------------


def one_for_all(images, *, seed):
    return tf.cast(
        tf.cast(images, tf.float32) * tf.random.stateless_uniform([], seed, 0.5, 1.0), images.dtype
    )


def shares_the_operation(images, *, seed):
    """As RandAugment in Keras: one operation for the batch, strengths for each image."""
    strength = uniform(images, seed, 0.4, 1.0)
    pixels = tf.cast(images, tf.float32)
    darker, grayer = pixels * strength, pixels * strength + 128 * (1 - strength)
    changed = tf.where(tf.random.stateless_uniform([], [seed[1], seed[0]]) < 0.5, darker, grayer)
    return tf.cast(changed, images.dtype)


def shares_the_mirror(images, *, seed):
    """Brightness is drawn for each image, the mirror for the batch."""
    images = brighten(images, seed=seed)
    return tf.where(tf.random.stateless_uniform([], [seed[1], seed[0]]) < 0.5, images[:, :, ::-1], images)


def wraps(images, *, seed):
    shift = tf.cast(uniform(images, seed, -90, 90), tf.int32)
    if images.dtype == tf.uint8:
        return tf.cast(tf.cast(images, tf.int32) + shift & 255, tf.uint8)
    return tf.clip_by_value(images + tf.cast(shift, images.dtype), 0, 255)


def python_randomness(images, *, seed):
    return tf.cast(tf.cast(images, tf.float32) * random.uniform(0.5, 1.0), images.dtype)


def numpy_randomness(images, *, seed):
    factors = np.random.uniform(0.5, 1.0, (64, 1, 1, 1))[: images.shape[0] or 8]
    return tf.cast(tf.cast(images, tf.float32) * factors, images.dtype)


def unseeded(images):
    factors = tf.random.uniform([tf.shape(images)[0], 1, 1, 1], 0.5, 1.0)
    return tf.cast(tf.cast(images, tf.float32) * factors, images.dtype)


def too_bright(images, *, seed):
    return tf.cast(images, tf.float32) * uniform(images, seed, 0.8, 1.4)


def meant_for_zero_to_one(images, *, seed):
    return tf.clip_by_value(tf.cast(images, tf.float32) + uniform(images, seed, -0.3, 0.3), 0, 1)


def half_a_gray_level(images, *, seed):
    return tf.cast(images, tf.float32) + uniform(images, seed, 0, 0.5) - 0.25


def crops(images, *, seed):
    return images[:, 2:-2, 2:-2]


def fixed_filter(images, *, seed):
    return 255 - images


def needs_a_batch_of_eight(images, *, seed):
    return brighten(tf.ensure_shape(images, [8, None, None, 3]), seed=seed)


def needs_one_image(images, *, seed):
    return tf.image.stateless_random_jpeg_quality(images, 5, 50, seed)


@pytest.mark.parametrize(
    ("fn", "found"),
    [
        (one_for_all, {"own draw"}),
        (shares_the_operation, {"own draw"}),
        (shares_the_mirror, {"own draw"}),
        (wraps, {"no wrap-around"}),
        (python_randomness, {"own draw", "repeatable", "fresh in tf.data"}),
        (numpy_randomness, {"repeatable", "fresh in tf.data"}),
        (too_bright, {"dtype", "range"}),
        (meant_for_zero_to_one, {"dtype", "contrast"}),
        (half_a_gray_level, {"dtype", "effect"}),
        (crops, {"shape", "own draw", "seeds differ", "fresh in tf.data"}),
        (fixed_filter, {"own draw", "seeds differ", "fresh in tf.data"}),
        (needs_a_batch_of_eight, {"shape"}),
        (needs_one_image, {"runs"}),
    ],
)
def test_planted_defects_are_found(fn, found):
    report = check(fn)
    assert set(report.failed) == found, str(report)


def test_what_needs_the_same_draw_twice_is_skipped_with_a_reason():
    report = check(unseeded)
    assert report.ok and report["repeatable"].passed is None and report["same in tf.data"].passed is None
    assert "not repeatable" in report["same in tf.data"].evidence


def test_numpy_code_that_cannot_run_in_tf_data():
    def darker(images, *, seed):
        return (
            np.asarray(images) * np.random.default_rng(int(seed[0])).uniform(0.5, 1, (8, 1, 1, 1))
        ).astype("uint8")

    report = check(darker)
    assert "runs in tf.data" in report.failed
    assert report["fresh in tf.data"].passed is None


def test_training_flag():
    def ignores_the_flag(images, *, seed, training=True):
        return brighten(images, seed=seed)

    def obeys(images, *, seed, training=True):
        return brighten(images, seed=seed) if training else images

    assert check(ignores_the_flag).failed == ["off at evaluation"]
    assert check(obeys)["off at evaluation"].passed


def test_claims_about_rate_and_direction():
    assert check(mirror, rate=0.5).ok
    assert check(mirror, rate=1.0).failed == ["rate"]
    assert check(mirror, moves="width").ok
    assert check(mirror, moves="height").failed == ["moves"]


def test_images_in_zero_to_one():
    def brighten_floats(images, *, seed):
        return tf.clip_by_value(images * uniform(images, seed, 0.6, 1.4), 0, 1)

    assert check(brighten_floats, dtype="float32", value_range=(0, 1)).ok


def test_a_frozen_pipeline_is_found():
    def mapped(dataset):
        seeds = tf.data.Dataset.random(seed=1, rerandomize_each_iteration=True).batch(2)
        zipped = tf.data.Dataset.zip(dataset, seeds)
        return zipped.map(lambda pair, seed: (mirror(pair[0][None], seed=seed)[0], pair[1]))

    def right(dataset):
        return mapped(dataset.cache()).shuffle(100).batch(5)

    def cached_after(dataset):
        return mapped(dataset).cache().shuffle(100).batch(5)

    assert check(right, kind="pipeline").ok
    assert check(cached_after, kind="pipeline").failed == ["fresh each epoch"]
    assert check(lambda dataset: dataset, kind="pipeline").failed == ["effect", "fresh each epoch"]


# ---- planted defects in mixes -----------------------------------------------------------------------------


def variant(change, name=mixing.cutmix):
    """Return cutmix with its result changed by `change(images, labels, mixed_images, mixed_labels)`."""

    def mix(images, labels, *, alpha=1.0, per_sample=True, seed):
        return change(images, labels, *name(images, labels, alpha=alpha, per_sample=per_sample, seed=seed))

    return mix


def kerascv_cutmix(images, labels, *, alpha=1.0, seed):
    """As KerasCV 0.9: the box is clipped, the label uses the area before clipping. Kaggle's does the same."""
    drawn = mixing.cutmix_parameters(images, alpha=alpha, seed=seed)
    mixed, _ = mixing.cutmix(images, labels, alpha=alpha, seed=seed)
    lam = drawn.lam[:, None]
    return mixed, lam * labels + (1 - lam) * tf.gather(labels, drawn.partner)


def swapped(images, labels, *, seed):
    """The shares of image and partner are mistaken for each other."""
    drawn = mixing.cutmix_parameters(images, seed=seed)
    share = drawn.share[:, None]
    mixed, _ = mixing.cutmix(images, labels, seed=seed)
    return mixed, (1 - share) * labels + share * tf.gather(labels, drawn.partner)


def by_distance(distance):
    def mix(images, labels, *, alpha=0.2, seed):
        lam = mixing.mixup_parameters(images, alpha=alpha, seed=seed).lam
        partner = tf.roll(tf.range(tf.shape(images)[0]), distance, 0)
        pixels, weights = tf.cast(images, tf.float32), lam[:, None, None, None]
        mixed = weights * pixels + (1 - weights) * tf.gather(pixels, partner)
        return mixed, lam[:, None] * labels + (1 - lam[:, None]) * tf.gather(labels, partner)

    return mix


def rounds_to_integers(images, labels, mixed, mixed_labels):
    return tf.cast(tf.round(mixed), images.dtype), mixed_labels


DEFECTS = [
    (kerascv_cutmix, {}, {"label share"}),
    (variant(lambda x, y, mixed, labels: (mixed, y)), {}, {"label share"}),
    (
        variant(lambda x, y, mixed, labels: (x, labels)),
        {},
        {"mixes", "label share", "seeds differ", "fresh in tf.data"},
    ),
    (variant(lambda x, y, mixed, labels: (mixed, 0.9 * labels)), {}, {"label mass", "label share"}),
    (variant(lambda x, y, mixed, labels: (mixed, tf.argmax(labels, 1))), {}, {"label mass"}),
    (variant(lambda x, y, mixed, labels: (mixed / 255, labels)), {}, {"mixes"}),
    (variant(lambda x, y, mixed, labels: (255 - mixed, labels)), {}, {"mixes"}),
    (swapped, {}, {"label share"}),
    (by_distance(1), {}, {"partners"}),
    (mixing.cutmix, {"alpha": 0.3, "draws": 64}, {"distribution of λ"}),
    (mixing.mixup, {"alpha": 1.0, "draws": 24}, {"distribution of λ"}),
    (mixing.cutmix, {"per_sample": False}, {"own λ"}),
    (functools.partial(mixing.mixup, per_sample=False), {"per_sample": True}, {"own λ"}),
]


@pytest.mark.parametrize(("mix", "claims", "found"), DEFECTS)
def test_planted_defects_of_mixes_are_found(mix, claims, found):
    report = check_mix(mix, **claims)
    assert set(report.failed) == found, str(report)


def test_a_blend_rounded_to_integers_is_still_understood():
    report = check_mix(variant(rounds_to_integers, mixing.mixup))
    assert report["label share"].passed and report["mixes"].passed, str(report)


def test_sparse_labels_and_single_images_must_be_refused():
    def swallows_everything(images, labels, *, alpha=1.0, seed):
        if images.shape.rank == 3:
            return images, labels
        if labels.shape.rank == 1:
            return images, tf.zeros([tf.shape(images)[0]] * 2)
        return mixing.cutmix(images, labels, alpha=alpha, seed=seed)

    report = check_mix(swallows_everything)
    assert report.failed == ["sparse labels", "single image"], str(report)
    assert (
        "labels of shape" in report["sparse labels"].evidence
        or "as it was" in report["sparse labels"].evidence
    )


def test_decode_measures_collages_and_blends():
    images = mixes.noise_images(8, 9, "uint8", (0, 255), count=4).astype(float)
    collage = images[0].copy()
    collage[2:5, 3:7] = images[2][2:5, 3:7]
    blend = np.round(0.3 * images[1] + 0.7 * images[3])
    strange = np.zeros_like(collage) + 7
    shares, blended = mixes.decode(images, np.stack([collage, blend, strange, images[3]]), 0.501)
    np.testing.assert_allclose(shares[0], [1 - 12 / 72, 0, 12 / 72, 0], atol=1e-12)
    np.testing.assert_allclose(shares[1], [0, 0.3, 0, 0.7], atol=5e-3)
    assert np.isnan(shares[2]).all() and list(blended) == [False, True, False, True]


# ---- the report and the adapters --------------------------------------------------------------------------


def test_report_reads_as_a_table():
    rows = (
        Row("range", False, "0 to 300", "It is <bad>."),
        Row("shape", True, "kept", "unused"),
        Row("rate", None, "no claim", "unused"),
    )
    report = Report("title", rows)
    assert not report.ok and report.failed == ["range"] and report["shape"].passed
    assert str(report).splitlines()[0] == "title"
    assert "FAIL  range  0 to 300" in str(report) and "→ It is <bad>." in str(report)
    assert "unused" not in str(report)
    assert str(report).splitlines()[-1] == "1 of 2 checks failed: range."
    assert "It is &lt;bad&gt;." in report._repr_html_() and "<table>" in report._repr_html_()
    assert Report("title", rows[1:]).ok


def test_lines_of_a_report_fit_a_terminal():
    report = check(one_for_all)
    assert max(map(len, str(report).splitlines())) <= 110


def test_errors_are_told_in_one_sentence():
    assert first_sentence(ValueError("One. Two.")) == "ValueError: One"
    assert first_sentence(KeyError()) == "KeyError: no message"
    keras_error = ValueError(
        "Exception encountered when calling X.call().\n\n\x1b[1mIt is wrong.\x1b[0m\n\nMore"
    )
    assert first_sentence(keras_error) == "ValueError: It is wrong"


def test_unknown_kind():
    with pytest.raises(ValueError, match="kind must be one of augment, mix, pipeline, not 'mixture'"):
        checks.check_augmentation(mirror, kind="mixture")


def test_a_mix_needs_enough_pixels_to_be_measured():
    with pytest.raises(ValueError, match="image_size must have at least 64 pixels"):
        check_mix(mixing.cutmix, image_size=(1, 3))


def test_a_rare_augmentation_is_no_shared_draw():
    def rarely(images, *, seed):
        return tf.where(uniform(images, seed, 0.0, 1.0) < 0.03, 255 - images, images)

    assert check(rarely, rate=0.03).ok


def test_per_image_adapts_numpy_functions_and_leaves_global_randomness_alone():
    def darken(image):
        return (image * np.random.uniform(0.5, 1.0)).astype(image.dtype)

    np.random.seed(7)
    expected = np.random.uniform()
    np.random.seed(7)
    report = check(checks.per_image(darken))
    assert report.ok, str(report)
    assert np.random.uniform() == expected


def test_adapted_callables_run_in_the_pipeline():
    augmentation = checks.per_image(lambda image: image[:, ::-1])
    images = tf.constant(np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3))
    dataset = tf.data.Dataset.from_tensors(images).map(lambda x: augmentation(x, seed=tf.constant([1, 2])))
    assert dataset.element_spec == tf.TensorSpec([1, 2, 4, 3], tf.uint8)
    np.testing.assert_array_equal(next(iter(dataset)), images[:, :, ::-1])
