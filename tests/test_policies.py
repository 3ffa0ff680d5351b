"""Automatic policies: what they draw, how strongly, and that every image is drawn on its own."""

import collections
import functools
import importlib.util

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from scipy import stats

from utils import augment, checks
from utils.augment import operations, policies

SEED = (3, 5)
SIGNED = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
ENHANCEMENTS = ("color", "contrast", "brightness", "sharpness")


def images(count=4, height=5, width=8, dtype="uint8"):
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3)).astype(dtype)


@pytest.fixture
def drawn(monkeypatch):
    """Return a function augment -> [(name, amount), …] for each of many images, without changing them."""

    def draw(augment, count=7000, height=40, width=80):
        caught = {}

        def apply(images, names, chosen, amounts, **fill):
            caught["draws"] = [
                [(names[k], round(float(amount), 4)) for k, amount in zip(*row, strict=True)]
                for row in zip(np.asarray(chosen), np.asarray(amounts), strict=True)
            ]
            return images

        monkeypatch.setattr(operations, "apply", apply)
        augment(np.zeros((count, height, width, 3), np.uint8), seed=SEED)
        return caught["draws"]

    return draw


def amounts_by_name(draws):
    found = collections.defaultdict(set)
    for row in draws:
        for name, amount in row:
            found[name].add(amount)
    return found


def both(low, high):
    """Return the two values, in order, or the one if they are the same."""
    return sorted({low, high})


# ---- RandAugment ------------------------------------------------------------------------------------------


def test_rand_augment_draws_each_operation_equally_often_for_each_image(drawn):
    draws = drawn(policies.rand_augment(num_ops=2))
    counts = collections.Counter(name for row in draws for name, _ in row)
    assert set(counts) == set(policies.RAND_AUGMENT_NAMES) and len(counts) == 14
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4
    pairs = np.zeros((14, 14))
    for (first, _), (second, _) in draws:
        pairs[policies.RAND_AUGMENT_NAMES.index(first), policies.RAND_AUGMENT_NAMES.index(second)] += 1
    assert stats.chi2_contingency(pairs).pvalue > 1e-4  # the second is drawn without regard to the first


@pytest.mark.parametrize("magnitude", [0, 5, 9, 10])
def test_rand_augment_magnitudes_are_the_papers(drawn, magnitude):
    found = amounts_by_name(drawn(policies.rand_augment(magnitude=magnitude)))
    share = magnitude / 10
    largest = {
        "rotate": 30,
        "shear_x": 0.3,
        "shear_y": 0.3,
        "translate_x": 150 / 331,
        "translate_y": 150 / 331,
    }
    for name, value in largest.items():
        assert sorted(found[name]) == pytest.approx(both(-share * value, share * value), abs=1e-3), name
    for name in ENHANCEMENTS:
        assert sorted(found[name]) == pytest.approx(both(1 - 0.9 * share, 1 + 0.9 * share), abs=1e-3)
    assert list(found["solarize"]) == pytest.approx([256 * (1 - share)], abs=1e-3)
    assert list(found["posterize"]) == pytest.approx([8 - 4 * share])
    assert found["identity"] == found["equalize"] == found["auto_contrast"] == {0}


def test_half_of_the_signs_are_minus(drawn):
    signs = [amount < 0 for row in drawn(policies.rand_augment()) for name, amount in row if name in SIGNED]
    assert abs(np.mean(signs) - 0.5) < 0.04  # five standard deviations


def test_magnitudes_scatter_and_stay_on_the_scale(drawn):
    draws = drawn(policies.rand_augment(magnitude=9, magnitude_stddev=2))
    degrees = np.array([abs(amount) for row in draws for name, amount in row if name == "rotate"])
    assert degrees.max() <= 30 and (degrees == 30).mean() == pytest.approx(0.31, abs=0.08)  # P(z > 1/2)
    assert np.median(degrees) == pytest.approx(27, abs=1.5) and len(set(degrees)) > 300


def test_rate_is_the_share_of_operations_that_are_applied(drawn):
    draws = drawn(policies.rand_augment(rate=0.3))
    applied = np.mean([name != "identity" for row in draws for name, _ in row])
    assert applied == pytest.approx(0.3 * 13 / 14, abs=0.02)


SHAPES = [(1, 6, 2), (7, 3, 1)]  # height, width, number of operations: each is compiled, once


@hypothesis.settings(max_examples=20, deadline=None, derandomize=True)
@hypothesis.given(
    st.sampled_from(SHAPES),
    st.sampled_from(["uint8", "float32", "float64", "float16"]),
    st.sampled_from([0, 10]) | st.floats(0, 10),
    st.sampled_from([0, 1]) | st.floats(0, 1),
    st.integers(0, 2**31 - 1),
)
def test_rand_augment_keeps_shape_dtype_and_range(shape, dtype, magnitude, rate, seed):
    height, width, num_ops = shape
    before = images(3, height, width, dtype)
    after = policies.rand_augment(num_ops, magnitude, rate=rate)(before, seed=(seed, 1)).numpy()
    assert after.shape == before.shape and after.dtype == before.dtype
    assert after.min() >= 0 and after.max() <= 255
    if rate == 0:
        assert (after == before).all()


# ---- TrivialAugment ---------------------------------------------------------------------------------------


def test_trivial_augment_draws_one_operation_and_31_magnitudes_of_the_wide_ranges(drawn):
    draws = drawn(policies.trivial_augment(), count=20_000)
    assert {len(row) for row in draws} == {1}
    counts = collections.Counter(row[0][0] for row in draws)
    assert set(counts) == set(policies.RAND_AUGMENT_NAMES)
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4
    found = amounts_by_name(draws)
    largest = {
        "rotate": 135,
        "shear_x": 0.99,
        "shear_y": 0.99,
        "translate_x": 32 / 80,
        "translate_y": 32 / 40,
    }
    for name, value in largest.items():
        assert max(found[name]) == pytest.approx(value, abs=1e-3) and len(set(map(abs, found[name]))) == 31
    for name in ENHANCEMENTS:
        assert (min(found[name]), max(found[name])) == pytest.approx((0.01, 1.99), abs=1e-3)
    assert (min(found["posterize"]), max(found["solarize"]), min(found["solarize"])) == (2, 256, 0)


# ---- AutoAugment ------------------------------------------------------------------------------------------

LEVELS = {  # of the paper's table 6, level 0 and level 9
    **dict.fromkeys(ENHANCEMENTS, (0.1, 1.9)),
    **{
        "rotate": (0, 30),
        "shear_x": (0, 0.3),
        "shear_y": (0, 0.3),
        "solarize": (256, 0),
        "posterize": (8, 4),
    },
    **{"translate_x": (0, 150 / 331), "translate_y": (0, 150 / 331)},
}


@pytest.mark.parametrize("policy", ["imagenet", "cifar10"])
def test_auto_augment_draws_the_sub_policies_of_the_table(drawn, policy):
    table = {"imagenet": policies.IMAGENET_POLICY, "cifar10": policies.CIFAR10_POLICY}[policy]
    assert len(table) == 25 and all(len(steps) == 2 for steps in table)
    allowed = []
    for steps in table:
        outcomes = []
        for name, rate, level in steps:
            low, high = LEVELS.get(name, (0, 0))
            amount = round(low + level / 9 * (high - low), 3)
            outcomes.append(
                ({(name, amount)} if rate else set()) | ({(name, -amount)} if name in SIGNED else set())
            )
            outcomes[-1] |= {("identity", None)} if rate < 1 else set()
        allowed.append(outcomes)
    seen = set()
    for row in drawn(policies.auto_augment(policy)):
        steps = [(name, None if name == "identity" else round(amount, 3)) for name, amount in row]
        fitting = [
            k
            for k, outcomes in enumerate(allowed)
            if all(s in o for s, o in zip(steps, outcomes, strict=True))
        ]
        assert fitting, steps
        seen |= set(fitting)
    assert len(seen) == 25


def test_auto_augment_takes_sub_policies_as_data(drawn):
    augment = policies.auto_augment([[("rotate", 0.3, 9)], [("invert", 1.0, 0)]])
    counts = collections.Counter(row[0] for row in drawn(augment))
    assert counts["invert", 0.0] / 7000 == pytest.approx(0.5, abs=0.03)
    assert (counts["rotate", 30.0] + counts["rotate", -30.0]) / 7000 == pytest.approx(0.15, abs=0.03)


def test_the_tables_are_those_of_torchvision():
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    from torchvision.transforms import v2

    theirs = {"imagenet": policies.IMAGENET_POLICY, "cifar10": policies.CIFAR10_POLICY}
    names = {
        "translate_x": "TranslateX",
        "translate_y": "TranslateY",
        "shear_x": "ShearX",
        "shear_y": "ShearY",
    }
    for name, ours in theirs.items():
        policy = v2.AutoAugment(v2.AutoAugmentPolicy(name))._policies
        for our_steps, their_steps in zip(ours, policy, strict=True):
            for (our_name, our_rate, level), (their_name, their_rate, their_level) in zip(
                our_steps, their_steps, strict=True
            ):
                assert names.get(our_name, our_name.title().replace("_", "")) == their_name
                assert (our_rate, level) == (their_rate, their_level or 0)


# ---- your own list ----------------------------------------------------------------------------------------


def add(value):
    """Return an augmentation that leaves a trace."""
    return lambda images, *, seed: images + tf.constant(value, images.dtype)


def test_random_pipeline_draws_for_each_image_equally_often():
    augment = policies.random_pipeline([add(1), add(10)], augmentations_per_image=2)
    sums = augment(np.zeros((2000, 1, 1, 3), np.uint8), seed=SEED).numpy()[:, 0, 0, 0]
    counts = collections.Counter(sums.tolist())
    assert set(counts) == {2, 11, 20}
    assert stats.chisquare([counts[2], counts[11] / 2, counts[20]], [500] * 3, sum_check=False).pvalue > 1e-4


def test_random_pipeline_applies_at_its_rate():
    for rate in (0, 0.3, 1):
        augment = policies.random_pipeline([add(1)], augmentations_per_image=1, rate=rate)
        changed = augment(np.zeros((1000, 1, 1, 3), np.uint8), seed=SEED).numpy()
        assert changed.mean() == pytest.approx(rate, abs=0.08)


def test_random_pipeline_gives_each_image_a_seed_of_its_own():
    def shifted(images, *, seed):
        return images + tf.random.stateless_uniform(tf.shape(images)[:1], seed, 0, 256)[:, None, None, None]

    augment = policies.random_pipeline([shifted], augmentations_per_image=1)
    changed = augment(np.zeros((50, 1, 1, 3), np.float32), seed=SEED).numpy()
    assert len(np.unique(changed)) == 50


# ---- all of them ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "augment",
    [
        policies.rand_augment(magnitude_stddev=1, rate=0.9),
        policies.trivial_augment(),
        policies.auto_augment(),
        policies.random_pipeline([operations.rotate(), operations.invert()], augmentations_per_image=1),
    ],
)
@pytest.mark.slow
def test_every_policy_passes_the_checker_without_xla(augment, monkeypatch):
    """XLA compiles anew for each shape, and draws nothing."""
    monkeypatch.setattr(operations, "has_xla", lambda: False)
    monkeypatch.setattr(operations, "_compiled", functools.cache(operations._compiled.__wrapped__))
    report = checks.check_augmentation(augment, image_size=(18, 24))
    assert report.ok, report


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: policies.rand_augment(num_ops=0), "num_ops must be an integer of at least 1"),
        (lambda: policies.rand_augment(magnitude=11), "magnitude must be between 0 and 10"),
        (lambda: policies.rand_augment(magnitude_stddev=-1), "magnitude_stddev must be 0 or more"),
        (lambda: policies.rand_augment(rate=2), "rate is a probability"),
        (lambda: policies.trivial_augment(fill_value=300), "fill_value is a gray"),
        (lambda: policies.auto_augment("svhn"), "policy must be one of imagenet, cifar10"),
        (lambda: policies.auto_augment([]), "list of sub-policies"),
        (lambda: policies.auto_augment([[("invert", 1, 0)], []]), "same number of operations"),
        (lambda: policies.auto_augment([[("turn", 1, 0)]]), "'turn' is no operation; they are: identity"),
        (lambda: policies.auto_augment([[("rotate", 1, 10)]]), "level between 0 and 9"),
        (lambda: policies.random_pipeline([], 1), "at least one augmentation"),
        (lambda: policies.random_pipeline([add(1)], 0), "augmentations_per_image must be an integer"),
        (
            lambda: policies.random_pipeline([lambda x, *, seed: tf.cast(x, tf.float32)], 1)(
                images(), seed=SEED
            ),
            "turns uint8 images into float32",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_all_public_names_are_found_in_augment():
    for name in (*operations.NAMES, "random_grayscale", "cutout", "grid_mask", "random_erasing"):
        assert callable(getattr(augment, name))
    for name in ("rand_augment", "auto_augment", "trivial_augment", "random_pipeline"):
        assert getattr(augment, name) is getattr(policies, name)
