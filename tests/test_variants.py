import numpy as np
import pytest
import tensorflow as tf

from utils import augment, mixing, naming, pipeline, variants

SEED = tf.constant([3, 4])


def batch():
    images = np.random.default_rng(0).integers(0, 256, (64, 12, 12, 3), dtype=np.uint8)
    return tf.constant(images), tf.one_hot(np.arange(64) % 4, 4)


def applied(name):
    variant = variants.parse(name)
    return pipeline.transform(variant.augment, variant.mix)(batch(), SEED)


def changed(name):
    """Which images of the batch differ from the original."""
    return np.any(
        tf.cast(batch()[0], tf.float32).numpy() != tf.cast(applied(name)[0], tf.float32), axis=(1, 2, 3)
    )


def test_none_changes_nothing():
    assert variants.parse("none") == variants.Variant(None, None, 1.0)


def test_a_plain_name_is_the_function_with_its_defaults():
    assert variants.parse("basic").augment is augment.basic
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
    variant = variants.parse("basic+cutmix(until=0.7)")
    mixed = [variant.mix_in(epoch, 10) is not None for epoch in range(1, 11)]
    assert mixed == [True] * 7 + [False] * 3
    assert variants.parse("cutmix").mix_in(10, 10) is not None


def test_augmentations_are_chained_in_order():
    variant = variants.parse("basic+random_resized_crop(smallest=0.5)+mixup")
    images, _ = batch()
    first_seed, second_seed = tf.unstack(tf.random.split(SEED, 2))
    expected = augment.random_resized_crop(0.5)(augment.basic(images, seed=first_seed), seed=second_seed)
    np.testing.assert_array_equal(variant.augment(images, seed=SEED), expected)
    assert variant.mix is not None


@pytest.mark.parametrize("name", sorted(variants.AUGMENTS))
def test_every_augmentation_can_be_named(name):
    images, labels = applied(name)
    assert images.shape == (64, 12, 12, 3) and images.dtype == tf.uint8
    np.testing.assert_array_equal(labels, batch()[1])


def test_settings_reach_a_policy():
    assert not changed("rand_augment(rate=0)").any()
    assert changed("rand_augment(num_ops=3, magnitude=10)").mean() > 0.8


def test_only_variants_made_of_operations_depend_on_their_code():
    assert variants.uses_operations("rand_augment+cutmix") and variants.uses_operations("basic+grid_mask")
    assert not any(
        map(variants.uses_operations, ["none", "basic+mixup", "random_resized_crop(smallest=0.5)"])
    )


def test_the_family_of_a_name_leaves_its_settings_out():
    assert naming.family("basic+cutmix(alpha=0.5, rate=1)") == "basic+cutmix"
    assert naming.family("none") == "none"


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
        ("cutmix(alpha=0)", "alpha must be a positive number, not 0"),
        ("cutmix(alpha)", "Cannot read 'cutmix(alpha)'"),
        ("cutmix(rate=2)", "rate is a probability between 0 and 1, not 2"),
        ("cutmix(until=0)", "until is the share of epochs with mixing, above 0 and up to 1."),
        ("random_resized_crop(smallest=0)", "smallest and largest are shares of the image's area"),
        ("random_resized_crop(ratio=0.5)", "ratio is at least 1"),
    ],
)
def test_a_name_that_means_nothing_is_one_clear_sentence(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_classes_can_be_spared():
    name = "random_grayscale(rate=1,not_for=1 3)"
    _, labels = applied(name)
    np.testing.assert_array_equal(labels, batch()[1])
    np.testing.assert_array_equal(changed(name), np.isin(np.arange(64) % 4, [0, 2]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("random_grayscale(not_for=0 4)", "not_for names class 4, but the last class is 3."),
        ("random_grayscale(not_for=)", "Cannot read 'random_grayscale(not_for=)'"),
        ("random_grayscale(not_for=saffrel)", "Cannot read 'random_grayscale(not_for=saffrel)'"),
        ("random_grayscale(not_for=1)+cutmix", "a mix must stand last"),
        ("adaptive_rand_augment(gain=-1)", "gain must be 0 or more"),
    ],
)
def test_what_cannot_be_spared_or_adapted_is_one_clear_sentence(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name, num_classes=4)
    assert message in str(caught.value) and "\n" not in str(caught.value)
