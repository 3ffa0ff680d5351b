"""Colors and small shapes that scenes are made of."""

import numpy as np
from PIL import Image, ImageDraw

from toy_dogs.geometry import smooth
from toy_dogs.hints import RGB, Points, Rng, Size
from toy_dogs.sampling import chance, rgb

WHITE = (255, 255, 255)


def tone(rng: Rng, saturation: Size, value: Size, hue: Size = (0, 359)) -> RGB:
    """Return a color with hue, saturation and value drawn from the given whole-number ranges."""
    return rgb(*(int(rng.integers(low, high + 1)) for low, high in (hue, saturation, value)))


def soft_tone(rng: Rng) -> RGB:
    """Return a wall-paint color: mostly pastel, sometimes deep."""
    return tone(rng, (28, 48), (38, 58)) if chance(rng, 25) else tone(rng, (12, 34), (78, 96))


def gradient(size: Size, top: RGB, bottom: RGB) -> Image.Image:
    """Return a picture that runs from the color `top` to the color `bottom`."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: RGB | int) -> None:
    """Paint a disc; all numbers are rounded to whole pixels."""
    x, y, radius = (int(np.rint(number)) for number in (x, y, radius))
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def ridge(rng: Rng, size: Size, height: float, swing: float) -> Points:
    """Return the outline of a hill line across the picture at `height`, down to the bottom."""
    width, bottom = size
    tops = [(width * part / 4, height + swing * rng.uniform(-1, 1)) for part in range(-1, 6)]
    return np.concatenate(
        [smooth(tops)[: 8 * (len(tops) - 1)], [(width * 1.25, bottom + 9), (-width, bottom + 9)]]
    )
