"""Automatic policies: which operations an image gets, and how strongly, is drawn or taken from a table.

What holds for `operations` holds here, too. Each policy has magnitudes of its own; they become strengths
between 0 and 1, and a table turns these into the amount of each operation (degrees, factors, …).
"""

import math
import reprlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import tensorflow as tf

from utils import inputs
from utils.augment import operations
from utils.augment.pixels import checked
from utils.contracts import Augmentation

RAND_AUGMENT_NAMES = operations.NAMES[:-1]  # without invert
_ENHANCEMENTS = ("color", "contrast", "brightness", "sharpness")


class Range(NamedTuple):
    """The amounts of an operation: `start` at strength 0, `start + reach` at strength 1."""

    start: float
    reach: float
    signed: bool = False  # for every second image `start - reach`


# AutoAugment's table 6 (Cubuk et al. 2019); its 150 pixels are those of a picture of 331.
AUTO_AUGMENT_RANGES = {
    "shear_x": Range(0.0, 0.3, signed=True),
    "shear_y": Range(0.0, 0.3, signed=True),
    "translate_x": Range(0.0, 150 / 331, signed=True),
    "translate_y": Range(0.0, 150 / 331, signed=True),
    "rotate": Range(0.0, 30.0, signed=True),
    "solarize": Range(256.0, -256.0),
    "posterize": Range(8.0, -4.0),
    **dict.fromkeys(_ENHANCEMENTS, Range(0.1, 1.8)),
}

# The factors 0.1-1.9 again, but so that a larger magnitude always changes more. With those above, magnitude 0
# would all but remove the colors, and 5 do nothing.
RAND_AUGMENT_RANGES = AUTO_AUGMENT_RANGES | dict.fromkeys(_ENHANCEMENTS, Range(1.0, 0.9, signed=True))


def _wide_ranges(images):
    """Return TrivialAugment's "wide" ranges (Müller and Hutter 2021); 32 is in pixels."""
    height, width = tf.unstack(tf.cast(tf.shape(images)[1:3], tf.float32))
    return {
        "shear_x": Range(0.0, 0.99, signed=True),
        "shear_y": Range(0.0, 0.99, signed=True),
        "translate_x": Range(0.0, 32 / width, signed=True),
        "translate_y": Range(0.0, 32 / height, signed=True),
        "rotate": Range(0.0, 135.0, signed=True),
        "solarize": Range(256.0, -256.0),
        "posterize": Range(8.0, -6.0),
        **dict.fromkeys(_ENHANCEMENTS, Range(1.0, 0.99, signed=True)),
    }


def _amounts(names, ranges, chosen, strengths, seed):
    """Return how much of each chosen operation its strength is; of the signed ones half are subtracted."""
    starts, reaches, signed = zip(*(ranges.get(name, Range(0.0, 0.0)) for name in names), strict=True)
    minus = tf.gather(signed, chosen) & (tf.random.stateless_uniform(tf.shape(chosen), seed) < 0.5)
    change = tf.gather(tf.stack(reaches), chosen) * strengths
    return tf.gather(tf.stack(starts), chosen) + tf.where(minus, -change, change)


# ---- RandAugment and TrivialAugment -----------------------------------------------------------------------


def rand_augment(
    num_ops: int = 2,
    magnitude: float | tf.Variable = 9,
    magnitude_stddev: float = 0,
    rate: float = 1,
    *,
    fill_value: float = 128,
) -> Augmentation:
    """Apply `num_ops` of fourteen operations to each image, drawn anew for every one, all of one magnitude.

    It is compiled anew, which takes a second or more, for each new size of images and of batches: bring all
    images to one size before.

    Args:
        num_ops: the paper's N, how many operations follow each other.
        magnitude: the paper's M, a number or a scalar tf.Variable, from 0 (nothing) to 10: shear ±0.3,
            translation ±45 % of the side, rotation ±30°, factors of color, contrast, brightness and sharpness
            1 ± 0.9, 4 bits, all values solarized. The default is the paper's for ResNet-50 on ImageNet.
            torchvision counts to 30 in place of 10.
        magnitude_stddev: draw each magnitude from a normal distribution with this standard deviation,
            clipped to 0-10.
        rate: the probability of each operation, once it is drawn.
        fill_value: the gray, 0-255, that fills the hole where pixels move.

    Reference: Cubuk et al. 2020, "RandAugment", https://arxiv.org/abs/1909.13719. The factors grow in both
    directions, as in torchvision; see RAND_AUGMENT_RANGES.
    """
    inputs.check_count(num_ops, 1, "num_ops must be an integer of at least 1")
    is_variable = isinstance(magnitude, tf.Variable) and magnitude.shape.rank == 0
    now = float(magnitude) if is_variable else magnitude
    inputs.check_number(now, 0, 10, "magnitude must be between 0 and 10 (torchvision's 30)")
    inputs.check_number(magnitude_stddev, 0, math.inf, "magnitude_stddev must be 0 or more")
    operations.check_rate(rate)
    operations.check_fill(fill_value)

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        shape = [tf.shape(images)[0], num_ops]
        name_seed, magnitude_seed, sign_seed, rate_seed = tf.unstack(tf.random.split(seed, 4))
        chosen = _draw_names(shape, name_seed)
        magnitudes = tf.random.stateless_normal(shape, magnitude_seed, magnitude, magnitude_stddev)
        strengths = tf.clip_by_value(magnitudes, 0.0, 10.0) / 10
        amounts = _amounts(RAND_AUGMENT_NAMES, RAND_AUGMENT_RANGES, chosen, strengths, sign_seed)
        chosen = tf.where(tf.random.stateless_uniform(shape, rate_seed) < rate, chosen, 0)
        return operations.apply(images, operations.NAMES, chosen, amounts, fill_value=fill_value)

    augment.__name__ = "rand_augment"
    return augment


def trivial_augment(*, fill_value: float = 128) -> Augmentation:
    """Apply one of RandAugment's fourteen operations to each image, of a magnitude drawn from 31.

    There is nothing to tune. The ranges are the paper's "wide" ones: shear ±0.99, translation ±32 pixels,
    rotation ±135°, factors 1 ± 0.99, 2 bits, all values solarized.

    `fill_value` is the gray, 0-255, that fills the hole where pixels move.

    Reference: Müller and Hutter 2021, "TrivialAugment", https://arxiv.org/abs/2103.10158.
    """
    operations.check_fill(fill_value)

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        shape = [tf.shape(images)[0], 1]
        name_seed, strength_seed, sign_seed = tf.unstack(tf.random.split(seed, 3))
        chosen = _draw_names(shape, name_seed)
        levels = tf.random.stateless_uniform(shape, strength_seed, 0, 31, dtype=tf.int32)
        strengths = tf.cast(levels, tf.float32) / 30
        amounts = _amounts(RAND_AUGMENT_NAMES, _wide_ranges(images), chosen, strengths, sign_seed)
        return operations.apply(images, operations.NAMES, chosen, amounts, fill_value=fill_value)

    augment.__name__ = "trivial_augment"
    return augment


def _draw_names(shape, seed):
    return tf.random.stateless_uniform(shape, seed, 0, len(RAND_AUGMENT_NAMES), dtype=tf.int32)


# ---- AutoAugment ------------------------------------------------------------------------------------------

Policy = Sequence[Sequence[tuple[str, float, float]]]
"""Sub-policies: operations one after the other, each (name, probability, level 0-9).

Operations without a magnitude have level 0.
"""

# Cubuk et al. 2019, tables 9 (ImageNet) and 7 (CIFAR-10), best 25 sub-policies.
IMAGENET_POLICY: Policy = (
    (("posterize", 0.4, 8), ("rotate", 0.6, 9)),
    (("solarize", 0.6, 5), ("auto_contrast", 0.6, 0)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
    (("posterize", 0.6, 7), ("posterize", 0.6, 6)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("equalize", 0.4, 0), ("rotate", 0.8, 8)),
    (("solarize", 0.6, 3), ("equalize", 0.6, 0)),
    (("posterize", 0.8, 5), ("equalize", 1.0, 0)),
    (("rotate", 0.2, 3), ("solarize", 0.6, 8)),
    (("equalize", 0.6, 0), ("posterize", 0.4, 6)),
    (("rotate", 0.8, 8), ("color", 0.4, 0)),
    (("rotate", 0.4, 9), ("equalize", 0.6, 0)),
    (("equalize", 0.0, 0), ("equalize", 0.8, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("color", 0.6, 4), ("contrast", 1.0, 8)),
    (("rotate", 0.8, 8), ("color", 1.0, 2)),
    (("color", 0.8, 8), ("solarize", 0.8, 7)),
    (("sharpness", 0.4, 7), ("invert", 0.6, 0)),
    (("shear_x", 0.6, 5), ("equalize", 1.0, 0)),
    (("color", 0.4, 0), ("equalize", 0.6, 0)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("solarize", 0.6, 5), ("auto_contrast", 0.6, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("color", 0.6, 4), ("contrast", 1.0, 8)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
)
CIFAR10_POLICY: Policy = (
    (("invert", 0.1, 0), ("contrast", 0.2, 6)),
    (("rotate", 0.7, 2), ("translate_x", 0.3, 9)),
    (("sharpness", 0.8, 1), ("sharpness", 0.9, 3)),
    (("shear_y", 0.5, 8), ("translate_y", 0.7, 9)),
    (("auto_contrast", 0.5, 0), ("equalize", 0.9, 0)),
    (("shear_y", 0.2, 7), ("posterize", 0.3, 7)),
    (("color", 0.4, 3), ("brightness", 0.6, 7)),
    (("sharpness", 0.3, 9), ("brightness", 0.7, 9)),
    (("equalize", 0.6, 0), ("equalize", 0.5, 0)),
    (("contrast", 0.6, 7), ("sharpness", 0.6, 5)),
    (("color", 0.7, 7), ("translate_x", 0.5, 8)),
    (("equalize", 0.3, 0), ("auto_contrast", 0.4, 0)),
    (("translate_y", 0.4, 3), ("sharpness", 0.2, 6)),
    (("brightness", 0.9, 6), ("color", 0.2, 8)),
    (("solarize", 0.5, 2), ("invert", 0.0, 0)),
    (("equalize", 0.2, 0), ("auto_contrast", 0.6, 0)),
    (("equalize", 0.2, 0), ("equalize", 0.6, 0)),
    (("color", 0.9, 9), ("equalize", 0.6, 0)),
    (("auto_contrast", 0.8, 0), ("solarize", 0.2, 8)),
    (("brightness", 0.1, 3), ("color", 0.7, 0)),
    (("solarize", 0.4, 5), ("auto_contrast", 0.9, 0)),
    (("translate_y", 0.9, 9), ("translate_y", 0.7, 9)),
    (("auto_contrast", 0.9, 0), ("solarize", 0.8, 3)),
    (("equalize", 0.8, 0), ("invert", 0.1, 0)),
    (("translate_y", 0.7, 9), ("auto_contrast", 0.9, 0)),
)
_POLICIES = {"imagenet": IMAGENET_POLICY, "cifar10": CIFAR10_POLICY}


def auto_augment(policy: str | Policy = "imagenet", *, fill_value: float = 128) -> Augmentation:
    """Apply one sub-policy to each image, drawn from a policy that was found by search.

    Args:
        policy: "imagenet" or "cifar10", the published ones, or your own: a list of sub-policies of equal
            length, each a list of operations (name, probability, level from 0 to 9), as in IMAGENET_POLICY.
            The levels go evenly through AUTO_AUGMENT_RANGES, the paper's table 6: factors of color, contrast,
            brightness and sharpness go from 0.1 to 1.9, so that low levels fade and high ones strengthen.
        fill_value: the gray, 0-255, that fills the hole where pixels move.

    Reference: Cubuk et al. 2019, "AutoAugment", https://arxiv.org/abs/1805.09501.
    """
    sub_policies = _checked_policy(policy)
    operations.check_fill(fill_value)
    places = [[operations.NAMES.index(name) for name, _, _ in steps] for steps in sub_policies]
    rates = [[float(rate) for _, rate, _ in steps] for steps in sub_policies]
    strengths = [[level / 9 for _, _, level in steps] for steps in sub_policies]

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        row_seed, rate_seed, sign_seed = tf.unstack(tf.random.split(seed, 3))
        rows = tf.random.stateless_uniform(
            tf.shape(images)[:1], row_seed, 0, len(sub_policies), dtype=tf.int32
        )
        chosen = tf.gather(places, rows)
        amounts = _amounts(
            operations.NAMES, AUTO_AUGMENT_RANGES, chosen, tf.gather(strengths, rows), sign_seed
        )
        applied = tf.random.stateless_uniform(tf.shape(chosen), rate_seed) < tf.gather(rates, rows)
        chosen = tf.where(applied, chosen, operations.NAMES.index("identity"))
        return operations.apply(images, operations.NAMES, chosen, amounts, fill_value=fill_value)

    augment.__name__ = "auto_augment"
    return augment


def _checked_policy(policy):
    """Return the sub-policies that a name or the user's own list means, or say what is wrong with them."""
    if isinstance(policy, str):
        if policy not in _POLICIES:
            raise ValueError(f"policy must be one of {', '.join(_POLICIES)}, or a list of sub-policies.")
        return _POLICIES[policy]
    try:
        sub_policies = [[(name, rate, level) for name, rate, level in steps] for steps in policy]
    except (TypeError, ValueError):
        raise ValueError(
            "A policy is a list of sub-policies, each a list of operations (name, probability, level), not "
            f"{reprlib.repr(policy)}."
        ) from None
    if len({len(steps) for steps in sub_policies}) != 1 or not sub_policies[0]:
        raise ValueError("A policy is a list of sub-policies with the same number of operations each.")
    for name, rate, level in (step for steps in sub_policies for step in steps):
        if name not in operations.NAMES:
            raise ValueError(f"{name!r} is no operation; they are: {', '.join(operations.NAMES)}.")
        inputs.check_number(rate, 0, 1, f"{name} has a probability between 0 and 1")
        inputs.check_number(level, 0, 9, f"{name} has a level between 0 and 9")
    return sub_policies


# ---- your own ---------------------------------------------------------------------------------------------


def random_pipeline(
    ops: Iterable[Augmentation], augmentations_per_image: int, rate: float = 1
) -> Augmentation:
    """Apply to each image some augmentations drawn from your own list: KerasCV's RandomAugmentationPipeline.

    Args:
        ops: augmentations, such as `[rotate(), grid_mask(), basic]`. Each gets an image alone, a batch of
            one, and only if the image drew it.
        augmentations_per_image: how many are drawn for an image, one after the other.
        rate: the probability of each, once it is drawn.
    """
    ops = list(ops) if isinstance(ops, Iterable) else []
    if not ops or not all(map(callable, ops)):
        raise ValueError("random_pipeline needs at least one augmentation to draw from, in a list.")
    inputs.check_count(augmentations_per_image, 1, "augmentations_per_image must be an integer of at least 1")
    operations.check_rate(rate)

    # A function of its own, since eagerly every image would be a round through Python.
    @tf.function(reduce_retracing=True, autograph=False)
    def augment_each(images, chosen, seeds):
        def augment_one(drawn):
            image, chosen, seeds = drawn
            branches = [lambda image, n, op=op: _one(op, image, seeds[n]) for op in ops]
            return operations.in_turn(image, chosen, [lambda image, n: image, *branches])

        one = tf.TensorSpec(images.shape[1:], images.dtype)
        return tf.map_fn(augment_one, (images, chosen, seeds), fn_output_signature=one)

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        shape = [tf.shape(images)[0], augmentations_per_image]
        op_seed, rate_seed, seeds_seed = tf.unstack(tf.random.split(seed, 3))
        chosen = tf.random.stateless_uniform(shape, op_seed, 1, len(ops) + 1, dtype=tf.int32)
        chosen = tf.where(tf.random.stateless_uniform(shape, rate_seed) < rate, chosen, 0)
        seeds = tf.random.stateless_uniform([*shape, 2], seeds_seed, None, None, tf.int32)
        return tf.ensure_shape(augment_each(images, chosen, seeds), images.shape)

    augment.__name__ = "random_pipeline"
    return augment


def _one(op, image, seed):
    changed = op(image[tf.newaxis], seed=seed)[0]
    if changed.dtype != image.dtype:
        raise ValueError(
            f"{getattr(op, '__name__', op)} turns {image.dtype.name} images into {changed.dtype.name}: an "
            "augmentation keeps the dtype, so cast what comes back."
        )
    return changed
