"""The names of a comparison's variants, and what they mean.

    none                                    images as they are
    basic                                   augment.basic
    cutmix(alpha=0.5)                       a mix, with settings
    basic+mixup(rate=0.5)                   an augmentation, then a mix of half of the images
    basic+cutmix_or_mixup(until=0.7)        mixes for the first 70 % of the epochs, then none
    basic+random_hue(not_for=2 3)           the hue of all images but those of classes 2 and 3
    adaptive_rand_augment                   its magnitude follows the validation accuracy
    my_mix(alpha=0.5)                       a function of your own, see `registered`

A name says all: who reads it can run the same thing again. `parse` understands it, which takes no TensorFlow;
`Variant.build` makes the functions.
"""

import contextlib
import dataclasses
import functools
import math
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from utils import errors
from utils.contracts import Augmentation, Mix
from utils.experiment import registered
from utils.experiment.registered import Registered

if TYPE_CHECKING:
    import keras

# name of a function of `utils.augment` or `utils.mixing`: its settings, those that are numbers.
AUGMENTS = {
    "basic": (),
    "random_resized_crop": ("smallest", "largest", "ratio"),
    "rand_augment": ("num_ops", "magnitude", "magnitude_stddev", "rate", "fill_value"),
    "adaptive_rand_augment": ("num_ops", "start", "gain"),
    "trivial_augment": ("fill_value",),
    "auto_augment": ("fill_value",),
    "cutout": ("share", "rate", "fill_value"),
    "random_erasing": ("rate", "fill_value"),
    "grid_mask": ("rate", "keep", "fill_value"),
    "random_grayscale": ("rate",),
    "random_hue": ("degrees", "rate"),
    "rotate": ("degrees", "rate", "fill_value"),
    "color": ("strength", "rate"),
}
MIXES = {
    "cutmix": ("alpha",),
    "mixup": ("alpha",),
    "cutmix_or_mixup": ("cutmix_alpha", "mixup_alpha", "cutmix_rate"),
}

# With a seed, a digest and an ending, a run's file has up to 140 characters: all file systems can name it.
_LONGEST = 100
_PART = re.compile(r"(?P<word>[a-z]\w*)(\((?P<settings>[\w=.,+ -]*)\))?", re.ASCII)
_BETWEEN_PARTS = re.compile(r"\+(?![^(]*\))")  # a plus sign, but not one in parentheses


class VariantError(errors.CourseError, ValueError):
    """A name that means nothing; the message is one sentence for the user."""


class Transforms(NamedTuple):
    """What is done to the batches of one training: `augment`, then `mix` (each may be None).

    `mix` is applied in the first `until` (0-1) of the epochs. `callbacks` must follow the training.
    """

    augment: Augmentation | None = None
    mix: Mix | None = None
    until: float = 1.0
    callbacks: "tuple[keras.callbacks.Callback, ...]" = ()


@dataclasses.dataclass(frozen=True)
class Part:
    """One of the steps that a name joins with plus signs: how it is written, its word and its settings."""

    text: str
    word: str
    settings: dict[str, int | float | list[int]]
    registered: Registered | None = None

    @property
    def is_mix(self) -> bool:
        """Whether it joins images."""
        return self.registered.is_mix if self.registered else self.word in MIXES

    @property
    def looks_at_labels(self) -> bool:
        """Whether it is a mix, or an augmentation that spares classes: it then has the form of a mix."""
        return self.is_mix or "not_for" in self.settings

    @property
    def uses(self) -> set[str]:
        """Which of the course's rooms make it: their RECIPE is part of a run's identity."""
        rooms = set() if self.registered else {"mixing" if self.is_mix else "augment"}
        rooms |= {"mixing"} if self.is_mix and "rate" in self.settings else set()
        return rooms | ({"augment"} if "not_for" in self.settings else set())


@dataclasses.dataclass(frozen=True)
class Variant:
    """A name that has been understood; its parts follow from it."""

    name: str
    parts: tuple[Part, ...] = dataclasses.field(compare=False)

    @property
    def registered(self) -> dict[str, Registered]:
        """The functions of one's own in it, by name."""
        return {part.word: part.registered for part in self.parts if part.registered}

    @property
    def uses(self) -> set[str]:
        """Which of the course's rooms make it: "augment", "mixing"."""
        return set().union(*(part.uses for part in self.parts))

    def build(self, num_classes: int = 1000) -> Transforms:
        """Return the functions of one training: an augmentation that adapts has a state of its own.

        Args:
            num_classes: they are tried on a batch with labels of so many classes.

        Raises:
            VariantError: for a setting out of range, and for a class that is not there.
        """
        import keras
        import tensorflow as tf

        from utils import augment, pipeline

        augments, mix, until, callbacks = [], None, 1.0, []
        for part in self.parts:
            with _explained(part.text):
                made = _mix(part) if part.is_mix else _augment(part)
            if follow := getattr(made, "after_epoch", None):  # of an augmentation that adapts
                callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=follow))
            if "not_for" in part.settings:
                made = augment.spare(made, part.settings["not_for"])
            if part.looks_at_labels:
                mix, until = made, part.settings.get("until", 1.0)
            else:
                augments.append(made)
        chained = pipeline.chain(augments) if len(augments) > 1 else next(iter(augments), None)
        # Settings out of range are told now and not in the middle of a training.
        batch = tf.zeros([2, 8, 8, 3], tf.uint8), tf.one_hot([0, 1], num_classes)
        with _explained(self.name):
            pipeline.transform(chained, mix)(batch, tf.constant([0, 1]))
        return Transforms(chained, mix, until, tuple(callbacks))


def known() -> str:
    """Return the known names, for help texts."""
    names = dict.fromkeys([*AUGMENTS, *MIXES, *registered.FUNCTIONS])
    return f"none, {', '.join(names)}, or an augmentation with a mix, such as basic+cutmix"


def is_variant(name: str) -> bool:
    """Whether `name` is written as a variant is, be its words known or not."""
    return len(name) <= _LONGEST and all(map(_PART.fullmatch, _BETWEEN_PARTS.split(name)))


def family(name: str) -> str:
    """Return the name without settings: `basic+cutmix` for `basic+cutmix(alpha=0.5)`."""
    return re.sub(r"\([^()]*\)", "", name)


# ---- from a name to its parts --------------------------------------------------------------------------


def parse(name: str | Variant, functions: dict[str, Registered] = registered.FUNCTIONS) -> Variant:
    """Return the Variant that `name` stands for; one that is parsed already is returned as it is.

    Args:
        name: of the variant.
        functions: those of one's own that a name may use, by default what is registered.

    Raises:
        VariantError: for any other name, with what is known.
    """
    if isinstance(name, Variant):
        return name
    if not isinstance(name, str):
        raise VariantError(f"A variant is named by a text, such as 'basic+mixup', not by {name!r}.")
    if len(name) > _LONGEST:
        raise VariantError(
            f"The name {name[:40] + '…'!r} has {len(name)} characters, and files are named after it: at most "
            f"{_LONGEST}. Leave out what is the default, or register a function of your own."
        )
    texts = [] if name == "none" else _BETWEEN_PARTS.split(name)
    parts = tuple(_part(text, name, functions) for text in texts)
    if any(part.looks_at_labels for part in parts[:-1]):
        raise VariantError(f"In {name!r} a mix must stand last, and there can be one only.")
    return Variant(name, parts)


def _part(text: str, name: str, functions: dict[str, Registered]) -> Part:
    """Return the Part that is written as `mixup(alpha=0.4)`."""
    match = _PART.fullmatch(text)
    if not match or match["word"] not in AUGMENTS | MIXES | functions:
        raise VariantError(f"Unknown augmentation {name!r}; the known ones are: {known()}.")
    pairs = [pair.partition("=") for pair in (match["settings"] or "").split(",") if pair.strip()]
    written = {key.strip(): value.strip() for key, _, value in pairs}
    if len(written) < len(pairs):
        raise VariantError(f"{text!r} gives a setting twice.")
    own = functions.get(match["word"])
    _check_names(written, match["word"], own, text)
    try:
        settings = {key: _value(key, value) for key, value in written.items()}
    except ValueError:
        raise VariantError(
            f"Cannot read {text!r}: write settings as in cutmix(alpha=0.5,rate=0.5)."
        ) from None
    _check_numbers(settings, text)
    return Part(text, match["word"], settings, own)


def _value(key: str, text: str) -> int | float | list[int]:
    """Return a number, or the numbers of classes: `not_for=2 3`."""
    if key == "not_for" and text:
        return [int(number) for number in text.split()]
    return int(text) if text.isdecimal() else float(text)


def _check_names(settings: Iterable[str], word: str, own: Registered | None, text: str) -> None:
    is_mix = own.is_mix if own else word in MIXES
    names = own.settings if own else (AUGMENTS | MIXES)[word]
    names = (*names, "rate", "until") if is_mix else names
    unknown = [key for key in settings if key not in (names if is_mix else (*names, "not_for"))]
    if unknown:
        choice = f"it has {', '.join(names)}" if names else "it has none"
        raise VariantError(f"{text!r} has no setting {unknown[0]!r}; {choice}.")


def _check_numbers(settings: dict[str, Any], text: str) -> None:
    for key, value in settings.items():
        if key == "not_for":
            if min(value) < 0:
                raise VariantError(f"In {text!r} not_for takes numbers of classes, from 0, not {min(value)}.")
        elif not math.isfinite(value):
            raise VariantError(f"In {text!r} {key} must be a finite number, not {value}.")
    if not 0 < settings.get("until", 1) <= 1:
        raise VariantError(f"In {text!r} until is the share of epochs with mixing, above 0 and up to 1.")
    if not 0 <= settings.get("rate", 1) <= 1:
        raise VariantError(f"In {text!r} rate is a probability between 0 and 1, not {settings['rate']}.")


# ---- from the parts to functions -----------------------------------------------------------------------
# What these functions import needs TensorFlow, and takes seconds.


def _augment(part: Part) -> Augmentation:
    from utils import augment

    settings = {key: value for key, value in part.settings.items() if key != "not_for"}
    if part.registered:
        return functools.partial(part.registered.function, **settings)
    return augment.basic if part.word == "basic" else getattr(augment, part.word)(**settings)


def _mix(part: Part) -> Mix:
    from utils import mixing

    function = part.registered.function if part.registered else getattr(mixing, part.word)
    settings = {key: value for key, value in part.settings.items() if key not in ("rate", "until")}
    mix = functools.partial(function, **settings)
    rate = part.settings.get("rate", 1)
    return mix if rate == 1 else mixing.sometimes(mix, rate)


@contextlib.contextmanager
def _explained(text: str) -> Iterator[None]:
    import tensorflow as tf

    try:
        yield
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        raise VariantError(f"{text!r} cannot be used: {str(error).splitlines()[0]}") from error
