"""One picture of the data set: scene, dog and light put together, as (image, mask) arrays."""

import hashlib
import io
import pathlib
from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from toy_dogs import breeds, foreground, sampling, scenes
from toy_dogs.canvas import Canvas, overlay, tint
from toy_dogs.drawing import draw_dog
from toy_dogs.hints import Light, Rng
from toy_dogs.sampling import SUPERSAMPLING, chance
from toy_dogs.view import View, place_view


def portrait(breed: breeds.Breed, split: str, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw image number `index` of a `breed` in a `split`.

    The same arguments give the same pixels, whatever else is drawn.

    Returns:
        The image (uint8 [H, W, 3]) and the mask (uint8 [H, W, 1], 1 where the dog is seen, else 0).
    """
    streams = {
        part: sampling.stream(breed.name, split, index, part)
        for part in ("dog", "pose", "fur", "scene", "light")
    }
    dog = sampling.draw_dog(streams["dog"], breed)
    pose = sampling.draw_pose(streams["pose"])
    light = draw_light(streams["light"])
    pose.light_side = light.side
    canvas_size = (pose.size[1] * SUPERSAMPLING, pose.size[0] * SUPERSAMPLING)
    view = place_view(dog, pose, pose.size, SUPERSAMPLING)
    canvas = draw_dog(dog, pose, view, canvas_size, streams["fur"])
    picture, mask = assemble(canvas, view, streams["scene"])
    image = expose(picture, light, streams["light"])
    return image, (np.asarray(mask)[:, :, None] >= 128).astype(np.uint8)


def assemble(canvas: Canvas, view: View, rng: Rng) -> tuple[Image.Image, Image.Image]:
    """Return the dog in its scene and the mask of what is seen of it, both at their final size."""
    picture = scenes.background(rng, canvas.image.size)
    drop = int(np.rint(view.scale * 0.08))
    small = canvas.mask.reduce(SUPERSAMPLING)
    shadow = Image.new("L", small.size)
    shadow.paste(small, (0, drop // SUPERSAMPLING))
    shadow = shadow.filter(ImageFilter.GaussianBlur(2)).resize(picture.size, Image.Resampling.BILINEAR)
    tint(picture, shadow, (30, 20, 40), 30)
    overlay(picture, canvas.image, canvas.mask)
    objects, hidden = foreground.foreground(rng, picture.size, view)
    overlay(picture, objects, hidden)
    visible = ImageChops.subtract(canvas.mask, hidden)
    return picture.reduce(SUPERSAMPLING), visible.reduce(SUPERSAMPLING)


def draw_light(rng: Rng) -> Light:
    """Return the light and the camera, in whole numbers: no rounding depends on the machine."""
    return SimpleNamespace(
        side=1 if chance(rng, 50) else -1,
        exposure=int(rng.integers(212, 290)),  # 256 leaves the picture as it is
        warmth=int(rng.integers(-18, 23)),  # added to red's share, taken from blue's
        slope=int(rng.integers(0, 40)),  # how much darker the side away from the light is
        blur=int(rng.integers(3, 7)) / 10 if chance(rng, 15) else 0,
        noise=int(rng.integers(2, 6)) if chance(rng, 20) else 0,
    )


def expose(picture: Image.Image, light: Light, rng: Rng) -> np.ndarray:
    """Return `picture` as the camera sees it: light, lens blur and noise; uint8 [H, W, 3]."""
    if light.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(light.blur))
    pixels = np.asarray(picture).astype(np.int64)
    height, width, _ = pixels.shape
    across = np.arange(width) * light.slope // width
    falloff = 256 - (across if light.side > 0 else across[::-1])
    gains = light.exposure * (256 + np.array([light.warmth, 0, -light.warmth])) // 256
    pixels = pixels * gains * falloff[:, None] >> 16
    if light.noise:
        grain = rng.integers(-light.noise, light.noise + 1, (2, height, width, 1))
        pixels = pixels + grain.sum(axis=0)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def bounding_box(mask: np.ndarray) -> tuple[float, float, float, float]:
    """Return (ymin, xmin, ymax, xmax) of a mask's set pixels, as shares of its height and width."""
    height, width = mask.shape[:2]
    rows, columns = np.flatnonzero(mask.any(axis=(1, 2))), np.flatnonzero(mask.any(axis=(0, 2)))
    return rows[0] / height, columns[0] / width, (rows[-1] + 1) / height, (columns[-1] + 1) / width


def png(array: np.ndarray) -> io.BytesIO:
    """Return an image (uint8 [H, W, 1 or 3]) as a PNG file in memory."""
    file = io.BytesIO()
    Image.fromarray(array.squeeze(axis=2) if array.shape[2] == 1 else array).save(file, format="png")
    file.seek(0)
    return file


def encoded_portrait(
    breed: breeds.Breed, split: str, index: int
) -> tuple[io.BytesIO, io.BytesIO, tuple[float, float, float, float]]:
    """Return (image, mask, bounding box) of one portrait; image and mask are PNG files in memory."""
    image, mask = portrait(breed, split, index)
    return png(image), png(mask), bounding_box(mask)


def code_digest(more: Iterable[str] = ()) -> str:
    """Return the SHA-256 digest of this package's drawing code and of the strings in `more`."""
    sources = [
        path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(__file__).parent.glob("*.py"))
    ]
    return hashlib.sha256("\0".join([*sources, *more]).encode()).hexdigest()
