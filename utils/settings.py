"""The settings of a comparison: two profiles, and how to change a single value."""

import dataclasses
import operator
import os
import typing

from utils import errors


class SettingsError(errors.CourseError, ValueError):
    """A setting that cannot be used; the message is one sentence for the user."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What shapes the runs of one comparison; the same for every augmentation and seed.

    `image_size` is in pixels (images are square), `learning_rate` is the peak of the schedule,
    `shots` is the number of training images per class (None: all), `classes` how many of the data set's
    classes, or the names of some in one text, "beagle,pug" (None: all), `weights` is None (random),
    "imagenet", "more_breeds" (toy dogs that are not in the data set) or the path of a weights file for
    the layers below the classifier; in the first `frozen_epochs` of the `epochs` only the classifier
    learns. `precision` is a Keras dtype policy: "float32", or "mixed_float16" for a GPU.

    The defaults are the profile "quick": minutes on two CPU cores, without a network. Runs are known by what
    differs from them, so that a new setting leaves old runs as they are, and a changed default does not.
    """

    profile: str = "quick"
    dataset: str = "toy_dogs"
    model: str = "small_resnet"
    weights: str | None = None
    image_size: int = 48
    shots: int | None = None
    classes: int | str | None = None  # names as one text: JSON, where runs keep it, has no tuples
    epochs: int = 40
    frozen_epochs: int = 0
    batch_size: int = 64
    learning_rate: float = 2e-3
    precision: str = "float32"
    seeds: int = 3

    def of_a_run(self) -> dict[str, typing.Any]:
        """Return what shapes one run, as a dict: neither the profile's name nor how many seeds there are."""
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in ("profile", "seeds")}

    def differing(self) -> dict[str, typing.Any]:
        """Return what of a run's settings differs from the defaults, as a dict.

        Without `dataset` and `weights`: a run is known by the data and the weights themselves, by their
        digests, however their paths are spelled.
        """
        default = Settings()
        return {
            name: value
            for name, value in self.of_a_run().items()
            if name not in ("dataset", "weights") and value != getattr(default, name)
        }


PROFILES: dict[str, Settings] = {
    "quick": Settings(),
    # Photographs and a large network: needs the data set, ImageNet's weights and a GPU.
    "full": Settings(
        profile="full",
        dataset="stanford_dogs",
        model="resnet50",
        weights="imagenet",
        image_size=224,
        shots=10,  # with all images and ImageNet's weights, which have seen them, there is little to gain
        epochs=20,
        frozen_epochs=3,
        learning_rate=1e-4,
        precision="mixed_float16",
    ),
}

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")

# `int | None` has two types, `int` has one: (int, NoneType) and (int,).
_TYPES = {field.name: typing.get_args(field.type) or (field.type,) for field in dataclasses.fields(Settings)}


def _convert(name, value):
    """Return `value` as the type of setting `name`; text "none" means None where that is allowed."""
    kind, *others = _TYPES[name]
    if isinstance(value, str) and value.lower() == "none" and others:
        return None
    if name == "classes":
        return _classes(value)
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise SettingsError(f"Setting {name} must be {kind.__name__}, got {value!r}.") from None
    zero = name == "frozen_epochs"  # the only one that may be 0
    if kind is not str and not (number > 0 or zero and number == 0):
        wanted = "0 or more" if zero else "greater than 0"
        raise SettingsError(f"Setting {name} must be {wanted}, got {value!r}.")
    if name == "precision" and value not in PRECISIONS:
        raise SettingsError(f"Setting precision must be one of {', '.join(PRECISIONS)}, got {value!r}.")
    return number


def _classes(value):
    """Return how many classes, or names as one text: from 10, "10", "beagle, pug" or ["beagle", "pug"]."""
    try:
        # A list has no number, and half a class there is not.
        count = int(value if isinstance(value, str) else operator.index(value))
    except (TypeError, ValueError):
        return _class_names(value)
    if count < 2:
        raise SettingsError(f"Setting classes must be 2 or more, got {value!r}.")
    return count


def _class_names(value):
    try:
        names = [name.strip() for name in (value.split(",") if isinstance(value, str) else value)]
    except (AttributeError, TypeError):
        raise SettingsError(f"Setting classes must be a number or names, got {value!r}.") from None
    if len(names) < 2 or not all(names):
        raise SettingsError(
            f"Setting classes must be a number, or two names or more with commas between, got {value!r}."
        )
    comma = [name for name in names if "," in name]
    if comma:
        raise SettingsError(f"Setting classes cannot hold {comma[0]!r}: a comma stands between two names.")
    return ",".join(names)


def load(**overrides: typing.Any) -> Settings:
    """Return the settings of the profile in COURSE_PROFILE (default "quick"), with single values changed.

    A value comes from the argument of that name if it is not None, else from the environment
    (COURSE_EPOCHS=5 changes `epochs`), else from the profile.

    Raises:
        SettingsError: for an unknown profile or setting, or a value of the wrong kind.
    """
    profile = overrides.pop("profile", None) or os.environ.get("COURSE_PROFILE", "quick")
    if profile not in PROFILES:
        raise SettingsError(f"COURSE_PROFILE is {profile!r}; choose one of: {', '.join(PROFILES)}.")
    names = [name for name in _TYPES if name != "profile"]
    unknown = set(overrides) - set(names)
    if unknown:
        raise SettingsError(f"Unknown setting {sorted(unknown)[0]!r}; the settings are: {', '.join(names)}.")
    environment = {name: os.environ.get(f"COURSE_{name.upper()}") for name in names}
    # `is not None`, not truth: an explicit 0 must be refused, not ignored.
    chosen = environment | {name: value for name, value in overrides.items() if value is not None}
    changes = {name: _convert(name, value) for name, value in chosen.items() if value is not None}
    settings = dataclasses.replace(PROFILES[profile], **changes)
    if settings.frozen_epochs > settings.epochs:
        raise SettingsError(
            f"Setting frozen_epochs is {settings.frozen_epochs}, more than the {settings.epochs} epochs: "
            "lower it, for example COURSE_FROZEN_EPOCHS=0."
        )
    return settings
