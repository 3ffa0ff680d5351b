"""Backgrounds indoors: rooms, wallpapers, backdrops and a brick wall."""

import numpy as np
from PIL import Image, ImageDraw

from toy_dogs.canvas import INK, flat, mix
from toy_dogs.hints import RGB, Rng, Size
from toy_dogs.sampling import ACCENTS, chance, choose
from toy_dogs.scenery import WHITE, disc, soft_tone, tone


def room(rng: Rng, size: Size) -> Image.Image:
    """Paint a wall with wallpaper, a skirting board and a floor, and a picture or a window."""
    wall = soft_tone(rng)
    picture = Image.new("RGB", size, wall)
    pen, (width, height) = ImageDraw.Draw(picture), size
    if chance(rng, 50):
        stripe_bands(pen, size, mix(wall, WHITE, 22), width // int(rng.integers(7, 13)), 0)
    window_or_frame(rng, pen, size)
    edge = int(np.rint(height * rng.uniform(0.62, 0.8)))
    floor = tone(rng, (28, 52), (46, 78), (18, 36))
    pen.rectangle((0, edge, width, height), fill=floor)
    pen.rectangle((0, edge - height // 22, width, edge), fill=mix(wall, WHITE, 60))
    for x in range(-2, 9):
        pen.line(
            flat([(x * width / 6, height), (width / 2 + (x - 3) * width / 11, edge)]),
            fill=mix(floor, INK, 25),
            width=3,
        )
    return picture


def window_or_frame(rng: Rng, pen: ImageDraw.ImageDraw, size: Size) -> None:
    """Paint a window or a framed picture on the wall, to one side."""
    width, height = size
    x, y = width * choose(rng, (0.04, 0.66)), height * rng.uniform(0.05, 0.15)
    wide, high = width * 0.3, height * rng.uniform(0.3, 0.4)
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    frame = choose(rng, (WHITE, (150, 104, 70), (70, 62, 70)))
    pen.polygon(flat(corners), fill=frame)
    inner = np.array(corners) * 0.84 + np.array(corners).mean(axis=0) * 0.16
    pen.polygon(
        flat(inner), fill=choose(rng, ((176, 218, 244), (250, 222, 190), (190, 220, 180), (70, 76, 120)))
    )
    middle = inner.mean(axis=0)
    if chance(rng, 50):
        pen.line(flat([(middle[0], inner[0, 1]), (middle[0], inner[2, 1])]), fill=frame, width=7)
        pen.line(flat([(inner[0, 0], middle[1]), (inner[1, 0], middle[1])]), fill=frame, width=7)
    else:
        disc(pen, *middle, wide * 0.2, choose(rng, ACCENTS))


def stripe_bands(pen: ImageDraw.ImageDraw, size: Size, color: RGB, band: int, slant: int) -> None:
    """Paint bands of `band` pixels, as many apart, leaning by `slant` pixels."""
    width, height = size
    for x in range(-abs(slant) - band, width + abs(slant), 2 * band):
        pen.polygon([x, 0, x + band, 0, x + band + slant, height, x + slant, height], fill=color)


def stripes(rng: Rng, size: Size) -> Image.Image:
    """Paint wallpaper with slanting stripes or a gingham check."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, width = ImageDraw.Draw(picture), size[0]
    band = width // int(rng.integers(6, 14))
    lighter = mix(base, WHITE, int(rng.integers(20, 45)))
    if chance(rng, 40):
        for y in range(0, size[1], 2 * band):
            pen.rectangle((0, y, width, y + band), fill=mix(base, WHITE, 14))
        stripe_bands(pen, size, lighter, band, 0)
    else:
        stripe_bands(pen, size, lighter, band, int(rng.integers(-width // 2, width // 2)))
    return picture


def dots(rng: Rng, size: Size) -> Image.Image:
    """Paint wallpaper with dots in a diamond grid."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, step = ImageDraw.Draw(picture), size[0] / int(rng.integers(5, 10))
    color = mix(base, choose(rng, (WHITE, WHITE, INK)), 30)
    for row in range(int(size[1] / step * 2) + 2):
        for column in range(int(size[0] / step) + 2):
            disc(pen, (column + row % 2 / 2) * step, row * step / 2, step * 0.16, color)
    return picture


def studio(rng: Rng, size: Size) -> Image.Image:
    """Paint a plain backdrop with a bright spot behind the dog."""
    color = soft_tone(rng)
    glow = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
    dark, light = mix(color, INK, 25), mix(color, WHITE, 35)
    return Image.composite(Image.new("RGB", size, dark), Image.new("RGB", size, light), glow)


def rays(rng: Rng, size: Size) -> Image.Image:
    """Paint rays from the middle of the picture, as on a poster."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, (width, height) = ImageDraw.Draw(picture), size
    middle = np.array([width / 2, height * rng.uniform(0.4, 0.7)])
    count = int(rng.integers(8, 15))
    turn = rng.uniform(0, np.pi)
    for ray in range(count):
        angles = turn + (ray + np.array([0, 0.5])) * 2 * np.pi / count
        tips = middle + np.stack([np.cos(angles), np.sin(angles)], axis=1) * (width + height)
        pen.polygon(flat([middle, *tips]), fill=mix(base, WHITE, 22))
    return picture


def bricks(rng: Rng, size: Size) -> Image.Image:
    """Paint a brick wall."""
    brick = tone(rng, (20, 46), (56, 84), (8, 28)) if chance(rng, 60) else tone(rng, (4, 14), (74, 92))
    picture = Image.new("RGB", size, mix(brick, WHITE, 45))
    pen, high = ImageDraw.Draw(picture), size[1] // int(rng.integers(8, 12))
    for row in range(size[1] // high + 1):
        for column in range(-1, size[0] // (2 * high) + 2):
            x, y = column * 2 * high + row % 2 * high, row * high
            shade = mix(brick, INK, int(rng.integers(0, 14)))
            pen.rectangle((x, y, x + 2 * high - 5, y + high - 5), fill=shade)
    return picture
