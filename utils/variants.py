"""The names of a comparison's variants, and what they mean.

    none                                    images as they are
    basic                                   augment.basic
    cutmix(alpha=0.5)                       a mix, with settings
    basic+mixup(rate=0.5)                   an augmentation, then a mix of half of the images
    basic+cutmix_or_mixup(until=0.7)        mixes for the first 70 % of the epochs, then none
    basic+random_hue(degrees=30,not_for=2 3)  no hue for the images of classes 2 and 3
    adaptive_rand_augment                   its magnitude follows the validation accuracy

A name says all: who reads it can run the same thing again.
"""

import contextlib
import functools
import inspect
import re
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from utils import adaptive, augment, mixing, per_class, pipeline

# name: a factory, called with the settings in parentheses; it returns an augmentation.
_FACTORIES = (
    augment.random_resized_crop,
    augment.rand_augment,
    adaptive.adaptive_rand_augment,
    augment.trivial_augment,
    augment.auto_augment,
    augment.cutout,
    augment.random_erasing,
    augment.grid_mask,
    augment.random_grayscale,
    augment.random_hue,
    augment.rotate,
    augment.color,
)
AUGMENTS = {"basic": lambda: augment.basic} | {factory.__name__: factory for factory in _FACTORIES}
MIXES = {"cutmix": mixing.cutmix, "mixup": mixing.mixup, "cutmix_or_mixup": mixing.cutmix_or_mixup}

_PART = re.compile(r"(?P<name>\w+)(?:\((?P<settings>[^()]*)\))?")


class VariantError(ValueError):
    """A name that means nothing; the message is one sentence for the user."""


class Variant(NamedTuple):
    """What is done to training batches: `augment`, then `mix` (each may be None).

    `mix` is applied in the first `until` (0-1) of the epochs. Each of `adapting` is called after an epoch
    with its dict, see `training.Trainer.fit`.
    """

    augment: Callable | None = None
    mix: Callable | None = None
    until: float = 1.0
    adapting: tuple[Callable, ...] = ()

    def mix_in(self, epoch, epochs):
        """Return the mix of this epoch (from 1), or None where mixing is over."""
        return self.mix if epoch <= round(self.until * epochs) else None


def parse(name, num_classes=1000):
    """Return the Variant that `name` stands for. Raises VariantError, with what is known, for any other."""
    if name == "none":
        return Variant()
    augments, mixes = [], []
    for part in name.split("+"):
        word, settings = _split(part, name)
        if mixes:
            raise VariantError(f"In {name!r} a mix must stand last, and there can be one only.")
        if word in MIXES:
            mixes.append(_mix(word, settings, part))
        elif "not_for" in settings:
            mixes.append((_sparing(word, settings, part), 1.0))
        else:
            augments.append(_augment(word, settings, part))
    adapting = tuple(one.after_epoch for one in augments if hasattr(one, "after_epoch"))
    mix, until = mixes[0] if mixes else (None, 1.0)
    variant = Variant(_chained(augments), mix, until, adapting)
    _try(variant, name, num_classes)
    return variant


def uses_operations(name):
    """Whether an augmentation of this name is made of `utils.operations` or its neighbours."""
    words = (part.partition("(")[0] for part in name.split("+"))
    return "not_for=" in name or any(
        AUGMENTS[word].__module__ not in (__name__, augment.__name__) for word in words if word in AUGMENTS
    )


def known():
    """Return the known names, for help texts."""
    return f"none, {', '.join([*AUGMENTS, *MIXES])}, or an augmentation with a mix, such as basic+cutmix"


def _split(part, name):
    """Return (word, settings) of a part such as `mixup(alpha=0.4)`."""
    match = _PART.fullmatch(part)
    if not match or match["name"] not in [*AUGMENTS, *MIXES]:
        raise VariantError(f"Unknown augmentation {name!r}; the known ones are: {known()}.")
    pairs = [pair.partition("=") for pair in (match["settings"] or "").split(",") if pair.strip()]
    try:
        return match["name"], {key.strip(): _value(key, value) for key, _, value in pairs}
    except ValueError:
        raise VariantError(
            f"Cannot read {part!r}: write settings as in cutmix(alpha=0.5,rate=0.5)."
        ) from None


def _value(key, text):
    """Return a number, or the numbers of classes: `not_for=2 3`."""
    if key.strip() == "not_for" and text.strip():
        return [int(number) for number in text.split()]
    return int(text) if text.strip().isdecimal() else float(text)


def _augment(word, settings, part):
    _check(settings, inspect.signature(AUGMENTS[word]).parameters, part)
    with _explained(part):
        return AUGMENTS[word](**settings)


def _sparing(word, settings, part):
    """Return an augmentation that leaves classes alone; as it looks at labels, it stands where a mix does."""
    classes = settings.pop("not_for")
    return per_class.spare(_augment(word, settings, part), classes)


def _mix(word, settings, part):
    """Return (mix, until)."""
    own = [key for key in inspect.signature(MIXES[word]).parameters if key.endswith(("alpha", "cutmix_rate"))]
    _check(settings, [*own, "rate", "until"], part)
    rate, until = settings.pop("rate", 1), settings.pop("until", 1.0)
    if not 0 < until <= 1:
        raise VariantError(f"In {part!r} until is the share of epochs with mixing, above 0 and up to 1.")
    mix = functools.partial(MIXES[word], **settings)
    with _explained(part):
        return (mix if rate == 1 else mixing.sometimes(mix, rate)), until


@contextlib.contextmanager
def _explained(part):
    try:
        yield
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        raise VariantError(f"{part!r} cannot be used: {str(error).splitlines()[0]}") from error


def _check(settings, allowed, part):
    unknown = [key for key in settings if key not in allowed]
    if unknown:
        choice = f"it has {', '.join(allowed)}" if allowed else "it has none"
        raise VariantError(f"{part!r} has no setting {unknown[0]!r}; {choice}.")


def _chained(augments):
    return pipeline.chain(augments) if len(augments) > 1 else next(iter(augments), None)


def _try(variant, name, num_classes):
    """Apply the variant once: settings out of range are told now and not in the middle of a training."""
    batch = tf.zeros([2, 8, 8, 3], tf.uint8), tf.one_hot([0, 1], num_classes)
    with _explained(name):
        pipeline.transform(variant.augment, variant.mix)(batch, tf.constant([0, 1]))
