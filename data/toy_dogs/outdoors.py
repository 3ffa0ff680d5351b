"""Backgrounds outdoors: meadow, beach, snow and night."""

import numpy as np
from PIL import Image, ImageDraw

from toy_dogs.canvas import flat, mix
from toy_dogs.hints import Rng, Size
from toy_dogs.sampling import chance, choose, rgb
from toy_dogs.scenery import WHITE, disc, gradient, ridge, tone


def sky(rng: Rng, size: Size) -> Image.Image:
    """Return a day, a dawn or an evening sky."""
    top, bottom = choose(rng, SKIES)
    return gradient(size, rgb(*top), rgb(*bottom))


SKIES = (
    ((205, 52, 92), (195, 14, 99)),
    ((212, 60, 84), (200, 26, 97)),
    ((265, 34, 76), (24, 36, 99)),
    ((222, 56, 52), (18, 46, 94)),
    ((202, 18, 86), (200, 6, 96)),
)


def clouds(rng: Rng, pen: ImageDraw.ImageDraw, size: Size) -> None:
    """Paint a few round clouds."""
    width, height = size
    for _ in range(int(rng.integers(1, 4))):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height * 0.35), width * rng.uniform(0.04, 0.08)
        for step, grow in ((-1.5, 0.7), (-0.6, 1.1), (0.5, 1.0), (1.4, 0.6)):
            disc(pen, x + step * radius, y - grow * radius * 0.3, radius * grow, (252, 252, 255))


def meadow(rng: Rng, size: Size) -> Image.Image:
    """Paint hills under a sky, with trees or flowers."""
    picture = sky(rng, size)
    pen, (width, height) = ImageDraw.Draw(picture), size
    if chance(rng, 40):
        disc(
            pen, width * rng.uniform(0.1, 0.9), height * rng.uniform(0.08, 0.3), width * 0.08, (255, 240, 190)
        )
    clouds(rng, pen, size)
    hue = int(rng.integers(75, 150))
    far, near = rgb(hue + 12, 30, 80), rgb(hue, 44, 70)
    pen.polygon(flat(ridge(rng, size, height * 0.5, height * 0.09)), fill=far)
    for _ in range(int(rng.integers(0, 5))):
        tree(
            rng,
            pen,
            rng.uniform(0, width),
            height * rng.uniform(0.5, 0.6),
            height * rng.uniform(0.09, 0.18),
            hue,
        )
    pen.polygon(flat(ridge(rng, size, height * 0.64, height * 0.06)), fill=near)
    for x, y in rng.uniform((0, 0.7), (1, 1), (int(rng.integers(10, 30)), 2)):
        flower = choose(rng, (WHITE, (255, 226, 110), (250, 170, 190), mix(near, WHITE, 30)))
        disc(pen, x * width, y * height, width * 0.011, flower)
    return picture


def tree(rng: Rng, pen: ImageDraw.ImageDraw, x: float, y: float, height: float, hue: int) -> None:
    """Paint a round tree or a fir standing at (x, y)."""
    color = rgb(hue + int(rng.integers(-15, 25)), 46, int(rng.integers(44, 66)))
    trunk = [
        (x - height * 0.07, y),
        (x + height * 0.07, y),
        (x + height * 0.07, y - height),
        (x - height * 0.07, y - height),
    ]
    pen.polygon(flat(trunk), fill=(122, 88, 66))
    if chance(rng, 50):
        disc(pen, x, y - height, height * 0.48, color)
    else:
        fir = [
            (x - height * 0.42, y - height * 0.25),
            (x + height * 0.42, y - height * 0.25),
            (x, y - height * 1.5),
        ]
        pen.polygon(flat(fir), fill=color)


def beach(rng: Rng, size: Size) -> Image.Image:
    """Paint sky, sea and sand."""
    picture = sky(rng, size)
    pen, (width, height) = ImageDraw.Draw(picture), size
    clouds(rng, pen, size)
    horizon = int(np.rint(height * rng.uniform(0.36, 0.52)))
    sea = tone(rng, (44, 66), (66, 84), (176, 212))
    pen.rectangle((0, horizon, width, height), fill=sea)
    for _ in range(9):
        x, y = rng.uniform(0, width), horizon + rng.uniform(0.02, 0.14) * height
        pen.line(flat([(x, y), (x + width * 0.13, y)]), fill=mix(sea, WHITE, 45), width=4)
    shore = ridge(rng, size, height * 0.68, height * 0.03)
    pen.polygon(flat(shore - [0, height * 0.025]), fill=(250, 250, 250))
    pen.polygon(flat(shore), fill=tone(rng, (24, 36), (88, 95), (38, 44)))
    return picture


def winter(rng: Rng, size: Size) -> Image.Image:
    """Paint snow falling on firs."""
    picture = gradient(size, tone(rng, (22, 44), (62, 82), (205, 240)), (226, 232, 244))
    pen, (width, height) = ImageDraw.Draw(picture), size
    for x in sorted(rng.uniform(0, 1, int(rng.integers(3, 8)))):
        tree(rng, pen, x * width, height * 0.66, height * rng.uniform(0.2, 0.32), 160)
    pen.polygon(flat(ridge(rng, size, height * 0.62, height * 0.05)), fill=(238, 242, 250))
    for x, y in rng.uniform((0, 0), (1, 1), (36, 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.006, 0.016), WHITE)
    return picture


def night(rng: Rng, size: Size) -> Image.Image:
    """Paint a moon and stars over dark hills."""
    picture = gradient(
        size, rgb(int(rng.integers(215, 260)), 58, 32), rgb(int(rng.integers(240, 300)), 38, 62)
    )
    pen, (width, height) = ImageDraw.Draw(picture), size
    for x, y in rng.uniform((0, 0), (1, 0.6), (30, 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.003, 0.010), (250, 244, 220))
    disc(pen, width * rng.uniform(0.1, 0.9), height * rng.uniform(0.1, 0.25), width * 0.08, (252, 240, 200))
    pen.polygon(flat(ridge(rng, size, height * 0.62, height * 0.08)), fill=(58, 62, 104))
    return picture
