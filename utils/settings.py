"""The settings of a comparison: three profiles, and how to change a single value."""

import dataclasses
import difflib
import numbers
import os
import reprlib
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

    Values may be texts, as the environment and the command line have them.

    Raises:
        SettingsError: for a value of the wrong kind or out of range.
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

    def __post_init__(self) -> None:
        """Check and convert every value, wherever it comes from."""
        for name, value in vars(self).copy().items():
            object.__setattr__(self, name, _convert(name, value, f"Setting {name}"))
        if self.frozen_epochs > self.epochs:
            raise SettingsError(
                f"Setting frozen_epochs is {self.frozen_epochs}, more than the {self.epochs} epochs: "
                "lower it, for example COURSE_FROZEN_EPOCHS=0."
            )

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


PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")

# `int | None` has two types, `int` has one: (int, NoneType) and (int,).
_TYPES = {field.name: typing.get_args(field.type) or (field.type,) for field in dataclasses.fields(Settings)}
# From and up to which numbers: far beyond what makes sense, so that a slip does not train for years.
_RANGES = {
    "image_size": (1, 2_048),
    "shots": (1, 1_000_000),
    "epochs": (1, 10_000),
    "frozen_epochs": (0, 10_000),
    "batch_size": (1, 65_536),
    "seeds": (1, 1_000),
}
_HIGHEST_RATE = 100


def _convert(name, value, called):
    # `called` says in a sentence what holds the value.
    kind, *others = _TYPES[name]
    if others and (value is None or isinstance(value, str) and value.lower() == "none"):
        return None
    if name == "classes":
        return _classes(value, called)
    convert = {int: _whole_number, float: _rate, str: _text}[kind]
    return convert(name, value, called)


def _whole_number(name, value, called):
    low, high = _RANGES[name]
    number = _integer(value)
    if number is None or not low <= number <= high:
        raise SettingsError(
            f"{called} must be a whole number from {low:,} to {high:,}, got {reprlib.repr(value)}."
        )
    return number


def _integer(value):
    # From text too; None for everything else, True and 3.0 among them.
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _rate(name, value, called):
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        number = float(value) if is_number or isinstance(value, str) else 0.0
    except (ValueError, OverflowError):
        number = 0.0
    if not 0 < number <= _HIGHEST_RATE:  # NaN is not, either
        raise SettingsError(
            f"{called} must be a number above 0 and up to {_HIGHEST_RATE}, got {reprlib.repr(value)}."
        )
    return number


def _text(name, value, called):
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"{called} must be a text, got {reprlib.repr(value)}.")
    if name == "precision" and text not in PRECISIONS:
        raise SettingsError(f"{called} must be one of {', '.join(PRECISIONS)}, got {text!r}.")
    return text


def _classes(value, called):
    # How many, or names as one text: from 10, "10", "beagle, pug" or ["beagle", "pug"].
    count = _integer(value)
    if count is not None:
        if count < 2:
            raise SettingsError(f"{called} must be 2 or more, got {value!r}.")
        return count
    try:
        names = [name.strip() for name in (value.split(",") if isinstance(value, str) else value)]
    except (AttributeError, TypeError):
        raise SettingsError(f"{called} must be a number or names, got {reprlib.repr(value)}.") from None
    if len(names) < 2 or not all(names):
        raise SettingsError(
            f"{called} must be a number, or two names or more with commas between, got {reprlib.repr(value)}."
        )
    return ",".join(names)


# Ten of stanford_dogs' breeds, in groups that are hard to tell apart: sledge dogs, collies, terriers, hounds.
HARD_BREEDS = (
    "n02109961-eskimo_dog",
    "n02110063-malamute",
    "n02110185-siberian_husky",
    "n02105855-shetland_sheepdog",
    "n02106030-collie",
    "n02094433-yorkshire_terrier",
    "n02096294-australian_terrier",
    "n02097658-silky_terrier",
    "n02089867-walker_hound",
    "n02089973-english_foxhound",
)

# Photographs and a large network, with all breeds: needs a GPU.
_FULL = Settings(
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
)
# The same for a laptop: a run takes 9 minutes on two cores, downloads first.
_PHOTOS = dataclasses.replace(
    _FULL,
    profile="photos",
    image_size=128,
    classes=",".join(HARD_BREEDS),
    batch_size=10,
    precision="float32",
)
PROFILES = {profile.profile: profile for profile in (Settings(), _PHOTOS, _FULL)}


def load(**overrides: typing.Any) -> Settings:
    """Return the settings of the profile in COURSE_PROFILE (default "quick"), with single values changed.

    A value comes from the argument of that name if it is not None, else from the environment
    (COURSE_EPOCHS=5 changes `epochs`; an empty variable counts as none), else from the profile.

    Raises:
        SettingsError: for an unknown profile or setting, or a value of the wrong kind.
    """
    profile = overrides.pop("profile", None) or os.environ.get("COURSE_PROFILE") or "quick"
    if not isinstance(profile, str) or profile not in PROFILES:
        raise SettingsError(f"COURSE_PROFILE is {profile!r}; choose one of: {', '.join(PROFILES)}.")
    names = [name for name in _TYPES if name != "profile"]
    unknown = set(overrides) - set(names)
    if unknown:
        raise SettingsError(f"Unknown setting {sorted(unknown)[0]!r}; the settings are: {', '.join(names)}.")
    # `is not None`, not truth: an explicit 0 must be refused, not ignored.
    given = {name: value for name, value in overrides.items() if value is not None}
    return dataclasses.replace(PROFILES[profile], **_from_environment() | given)


def _from_environment():
    found = {}
    for variable, value in os.environ.items():
        name = variable.removeprefix("COURSE_").lower()
        if not variable.startswith("COURSE_") or name == "profile":
            continue
        # COURSE_EPOCH would be ignored. Other programs may have a COURSE_ID.
        near = difflib.get_close_matches(name, _TYPES, 1, 0.85)
        if near and name not in _TYPES:
            raise SettingsError(f"{variable} is no setting: write COURSE_{near[0].upper()}, or unset it.")
        if value and name in _TYPES:
            found[name] = _convert(name, value, f"{variable} in the environment")
    return found
