"""Chance: from (breed, split, index) to one dog and how it is seen, the same on every machine.

Every image has its own streams of random numbers, so drawing more images never changes the first ones,
and a change in the backgrounds never changes the dogs.
"""

import colorsys
import dataclasses
import zlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np

from toy_dogs import breeds
from toy_dogs.hints import RGB, Dog, Pose, Rng

T = TypeVar("T")

SUPERSAMPLING = 4
SHORT_SIDE, LONG_SIDE = 64, 96
EXPRESSIONS = ("calm", "calm", "calm", "smile", "smile", "smile", "happy", "wink", "surprised", "lick")
ACCESSORIES = ("collar", "collar", "collar", "bandana", "bandana", "bow", "scarf", "none")


def stream(breed_name: str, split: str, index: int, part: str) -> Rng:
    """Return the random generator of one `part` of one image. It depends on nothing but the arguments."""
    words = [zlib.crc32(text.encode()) for text in (breed_name, split, part)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([*words, index])))


def choose(rng: Rng, options: Sequence[T]) -> T:
    """Return one of `options`, each as likely as the others."""
    return options[int(rng.integers(len(options)))]


def chance(rng: Rng, percent: int) -> bool:
    """Return True in `percent` of a hundred cases."""
    return int(rng.integers(100)) < percent


def rgb(hue: int, saturation: int, value: int) -> RGB:
    """Return a color as three integers 0-255 from a hue in degrees, saturation and value in percent."""
    channels = colorsys.hsv_to_rgb((hue % 360) / 360, saturation / 100, value / 100)
    return tuple(round(channel * 255) for channel in channels)


def draw_color(rng: Rng, color: breeds.Color) -> RGB:
    """Return one RGB color from a `breeds.Color`."""
    return rgb(*(int(np.rint(rng.uniform(*limits))) for limits in dataclasses.astuple(color)))


def draw_trait(rng: Rng, trait: Any) -> Any:
    """Return one dog's value of a breed's `trait`: ranges and colors become one value, the rest stays."""
    if isinstance(trait, breeds.Color):
        return draw_color(rng, trait)
    if isinstance(trait, breeds.Marking):
        return SimpleNamespace(
            kind=trait.kind,
            color=trait.color,
            size=rng.uniform(*trait.size),
            count=int(rng.integers(trait.count[0], trait.count[1] + 1)),
        )
    if isinstance(trait, tuple) and trait and isinstance(trait[0], breeds.Marking):
        return tuple(draw_trait(rng, marking) for marking in trait)
    if isinstance(trait, tuple) and trait:
        return rng.uniform(*trait)
    return trait


def draw_dog(rng: Rng, breed: breeds.Breed) -> Dog:
    """Return one dog of a `breed`: a namespace with the traits' names and one value each."""
    names = [field.name for field in dataclasses.fields(breed)]
    return SimpleNamespace(**{name: draw_trait(rng, getattr(breed, name)) for name in names})


def draw_size(rng: Rng) -> tuple[int, int]:
    """Return (height, width) in pixels: sides of 64 to 96, at most 4:3 either way."""
    short = int(rng.integers(SHORT_SIDE, 81))
    long = int(rng.integers(short, min(LONG_SIDE, short * 4 // 3) + 1))
    return (short, long) if chance(rng, 50) else (long, short)


def draw_pose(rng: Rng) -> Pose:
    """Return how the dog sits and looks. Angles are in radians, the rest in head radii or shares."""
    return SimpleNamespace(
        size=draw_size(rng),
        scale=rng.uniform(0.235, 0.32),  # the head's radius as a share of the shorter side
        offset=rng.uniform(-1, 1, 2),  # where the head is in the room it has
        roll=np.deg2rad(rng.uniform(-20, 20)),
        lean=np.deg2rad(rng.uniform(-7, 7)),
        yaw=rng.uniform(-0.29, 0.29),
        pitch=rng.uniform(-0.16, 0.16),
        gaze=rng.uniform(-1, 1, 2),
        eye_size=rng.uniform(0.19, 0.225),
        expression=choose(rng, EXPRESSIONS),
        ear_swing=rng.uniform(-0.16, 0.16, 2),
        side=1 if chance(rng, 50) else -1,
        accessory=choose(rng, ACCESSORIES),
        accent=choose(rng, ACCENTS),
        second_accent=choose(rng, ACCENTS),
    )


# Colors of collars and toys: strong, but none that a coat has.
ACCENTS = tuple(
    rgb(hue, saturation, value)
    for hue, saturation, value in (
        (352, 72, 84),
        (330, 55, 88),
        (285, 45, 72),
        (228, 58, 78),
        (202, 66, 80),
        (172, 62, 68),
        (140, 48, 66),
        (48, 72, 94),
        (0, 0, 96),
    )
)
