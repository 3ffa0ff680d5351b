"""What is behind the dog: one of many backgrounds, painted on the supersampled canvas.

Its colors have nothing to do with the breed.
"""

from PIL import Image, ImageDraw, ImageFilter

from toy_dogs.canvas import mix
from toy_dogs.hints import Rng, Size
from toy_dogs.indoors import bricks, dots, rays, room, stripes, studio
from toy_dogs.outdoors import beach, meadow, night, winter
from toy_dogs.sampling import SUPERSAMPLING, chance, choose, rgb
from toy_dogs.scenery import WHITE, disc, gradient


def bokeh(rng: Rng, size: Size) -> Image.Image:
    """Paint lights out of focus."""
    hue = int(rng.integers(0, 360))
    picture = gradient(
        size, rgb(hue, 42, int(rng.integers(30, 76))), rgb(hue + 50, 38, int(rng.integers(30, 76)))
    )
    lights = Image.new("L", size)
    pen, (width, height) = ImageDraw.Draw(lights), size
    for x, y in rng.uniform((0, 0), (1, 1), (int(rng.integers(9, 18)), 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.03, 0.1), int(rng.integers(50, 150)))
    picture.paste(mix(rgb(hue + int(rng.integers(-60, 60)), 40, 100), WHITE, 30), mask=lights)
    return out_of_focus(picture, 1)


BACKGROUNDS = (
    meadow,
    meadow,
    beach,
    winter,
    night,
    room,
    room,
    stripes,
    dots,
    studio,
    rays,
    bokeh,
    bokeh,
    bricks,
)


def out_of_focus(picture: Image.Image, radius: float) -> Image.Image:
    """Return `picture` blurred by `radius` final pixels, as a background is in a portrait."""
    small = picture.reduce(SUPERSAMPLING).filter(ImageFilter.GaussianBlur(radius))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def background(rng: Rng, size: Size) -> Image.Image:
    """Return a background (RGB picture) for a canvas of `size` (width, height)."""
    picture = choose(rng, BACKGROUNDS)(rng, size)
    return out_of_focus(picture, int(rng.integers(1, 3))) if chance(rng, 45) else picture
