import inspect

import numpy as np
import pytest
import tensorflow as tf

from utils import augment, mixing, pipeline
from utils.experiment import variants

SEED = tf.constant([3, 4])


def batch():
    images = np.random.default_rng(0).integers(0, 256, (64, 12, 12, 3), dtype=np.uint8)
    return tf.constant(images), tf.one_hot(np.arange(64) % 4, 4)


def applied(name):
    transforms = variants.parse(name).build()
    return pipeline.transform(transforms.augment, transforms.mix)(batch(), SEED)


def changed(name):
    """Which images of the batch differ from the original."""
    return np.any(
        tf.cast(batch()[0], tf.float32).numpy() != tf.cast(applied(name)[0], tf.float32), axis=(1, 2, 3)
    )


def test_none_changes_nothing():
    assert variants.parse("none").build() == variants.Transforms(None, None, 1.0)


def test_a_name_may_set_what_its_function_takes_as_a_number():
    for name, settings in variants.AUGMENTS.items():
        function = getattr(augment, name)
        assert settings == (() if name == "basic" else numbers(function)), name
    for name, settings in variants.MIXES.items():
        assert settings == numbers(getattr(mixing, name)), name


def numbers(function):
    """The names of the parameters whose default is a number, or none."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(each.name for each in parameters if type(each.default) in (int, float, type(None)))


def test_a_plain_name_is_the_function_with_its_defaults():
    assert variants.parse("basic").build().augment is augment.basic
    mix_seed = tf.unstack(tf.random.split(SEED, 2))[1]
    expected = mixing.cutmix(*batch(), seed=mix_seed)
    for mine, theirs in zip(applied("cutmix"), expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_settings_reach_the_mix():
    """With a large α every λ is near one half: each image holds much of two."""
    own_share = np.max(applied("mixup(alpha=1000)")[1], axis=1)
    assert np.all((own_share < 0.6) | (own_share == 1))  # 1: the partner is of the same class
    assert np.max(applied("mixup(alpha=0.01)")[1], axis=1).mean() > 0.95


@pytest.mark.parametrize("name", ["cutmix(rate=0.5)", "mixup(alpha=1, rate=0.5)"])
def test_rate_is_the_share_of_images_that_are_mixed(name):
    assert 0.2 < changed(name).mean() < 0.6
    images, labels = applied(name)
    untouched = ~changed(name)
    np.testing.assert_array_equal(labels[untouched], batch()[1][untouched])
    np.testing.assert_allclose(tf.reduce_sum(labels, axis=1), 1, rtol=1e-6)


def test_rate_0_mixes_nothing():
    assert not changed("cutmix(rate=0)").any()


def test_until_ends_the_mixing():
    assert variants.parse("basic+cutmix(until=0.7)").build().until == 0.7
    assert variants.parse("cutmix").build().until == 1


def test_augmentations_are_chained_in_order():
    transforms = variants.parse("basic+random_resized_crop(smallest=0.5)+mixup").build()
    images, _ = batch()
    first_seed, second_seed = tf.unstack(tf.random.split(SEED, 2))
    expected = augment.random_resized_crop(0.5)(augment.basic(images, seed=first_seed), seed=second_seed)
    np.testing.assert_array_equal(transforms.augment(images, seed=SEED), expected)
    assert transforms.mix is not None


@pytest.mark.parametrize("name", sorted(variants.AUGMENTS))
def test_every_augmentation_can_be_named(name):
    images, labels = applied(name)
    assert images.shape == (64, 12, 12, 3) and images.dtype == tf.uint8
    np.testing.assert_array_equal(labels, batch()[1])


def test_settings_reach_a_policy():
    assert not changed("rand_augment(rate=0)").any()
    assert changed("rand_augment(num_ops=3, magnitude=10)").mean() > 0.8


@pytest.mark.parametrize(
    ("name", "rooms"),
    [
        ("none", set()),
        ("basic", {"augment"}),
        ("mixup(alpha=1)", {"mixing"}),
        ("rand_augment+cutmix", {"augment", "mixing"}),
        ("basic(not_for=1)", {"augment"}),
    ],
)
def test_a_variant_knows_the_rooms_that_make_it(name, rooms):
    assert variants.parse(name).uses == rooms


def test_the_family_of_a_name_leaves_its_settings_out():
    assert variants.family("basic+cutmix(alpha=0.5, rate=1)") == "basic+cutmix"
    assert variants.family("none") == "none"


@pytest.mark.parametrize(
    "name", ["none", "mine", "basic+mixup(rate=0.5)", "mixup(alpha=1e+1)", "a(b=1 2, c=-1)+d()"]
)
def test_a_name_of_somebody_elses_is_a_variants_too(name):
    assert variants.is_variant(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "+",
        "basic+",
        "Basic",
        "basic mixup",
        "a(",
        "a)",
        "a(b(c))",
        "a(b",
        "a(b)c",
        "a(+",
        "../a",
        "<b>",
        "é",
    ],
)
def test_what_is_written_otherwise_is_no_variant(name):
    assert not variants.is_variant(name) and not variants.is_variant("basic+" * 40 + name)


def test_a_plus_sign_in_a_number_joins_nothing():
    (part,) = variants.parse("mixup(alpha=1e+1)").parts
    assert part.settings == {"alpha": 10}


def test_what_is_parsed_already_is_left_as_it_is():
    variant = variants.parse("basic+mixup")
    assert variants.parse(variant) is variant


def test_a_name_is_what_a_variant_is_known_by():
    assert len({variants.parse("basic+mixup"), variants.parse("basic+mixup"), variants.parse("mixup")}) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cutmax", "Unknown augmentation 'cutmax'; the known ones are: none, basic"),
        ("", "Unknown augmentation ''"),
        ("none+basic", "Unknown augmentation 'none+basic'"),
        ("cutmix+basic", "a mix must stand last"),
        ("cutmix+mixup", "there can be one only"),
        ("basic(strength=2)", "'basic(strength=2)' has no setting 'strength'; it has none."),
        ("cutmix(beta=2)", "has no setting 'beta'; it has alpha, rate, until."),
        ("cutmix(seed=2)", "has no setting 'seed'"),
        ("cutmix(alpha=two)", "write settings as in cutmix(alpha=0.5,rate=0.5)."),
        ("cutmix(alpha)", "Cannot read 'cutmix(alpha)'"),
        ("cutmix(rate=2)", "rate is a probability between 0 and 1, not 2"),
        ("rotate(rate=-1)", "rate is a probability between 0 and 1, not -1"),
        ("cutmix(until=0)", "until is the share of epochs with mixing, above 0 and up to 1."),
        ("rand_augment(fill_mode=reflect)", "has no setting 'fill_mode'; it has num_ops, magnitude"),
    ],
)
def test_a_name_that_means_nothing_is_one_clear_sentence(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cutmix(alpha=0)", "alpha must be a positive number"),
        ("random_resized_crop(smallest=0)", "smallest and largest are shares of the image's area"),
        ("random_resized_crop(ratio=0.5)", "ratio is at least 1"),
        ("basic+rand_augment(num_ops=0.5)", "'rand_augment(num_ops=0.5)' cannot be used: num_ops"),
        ("random_grayscale(not_for=0 4)", "not_for names class 4, but the last class is 3."),
        ("adaptive_rand_augment(gain=-1)", "gain must be 0 or more"),
    ],
)
def test_a_setting_out_of_range_is_told_when_the_functions_are_made(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name).build(4)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_classes_can_be_spared():
    name = "random_grayscale(rate=1,not_for=1 3)"
    _, labels = applied(name)
    np.testing.assert_array_equal(labels, batch()[1])
    np.testing.assert_array_equal(changed(name), np.isin(np.arange(64) % 4, [0, 2]))


def test_an_augmentation_that_spares_classes_still_adapts():
    (callback,) = variants.parse("adaptive_rand_augment(start=4,not_for=1)").build().callbacks
    logs = {"val_accuracy": 0.5}
    callback.on_epoch_end(0, logs)
    assert logs["magnitude"] == 4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("random_grayscale(not_for=)", "Cannot read 'random_grayscale(not_for=)'"),
        ("random_grayscale(not_for=saffrel)", "Cannot read 'random_grayscale(not_for=saffrel)'"),
        ("random_grayscale(not_for=1)+cutmix", "a mix must stand last"),
        ("cutmix(not_for=1)", "has no setting 'not_for'; it has alpha, rate, until."),
    ],
)
def test_what_cannot_be_spared_is_one_clear_sentence(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name)
    assert message in str(caught.value) and "\n" not in str(caught.value)
