"""The canvas a dog is painted on."""

import functools

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from toy_dogs.hints import RGB, Points, Size

INK = (44, 28, 30)


def mix(first: RGB, second: RGB, percent: int) -> RGB:
    """Return the RGB color `percent` of the way from `first` to `second`, in whole numbers."""
    return tuple((a * (100 - percent) + b * percent + 50) // 100 for a, b in zip(first, second, strict=True))


def is_dark(color: RGB) -> bool:
    """Return whether dark lines would not be seen on an RGB `color`."""
    return max(color) < 100


def flat(points: Points) -> list[int]:
    """Return points [N, 2] as a flat list of whole numbers, so that no machine rounds them differently."""
    return np.rint(points).astype(int).ravel().tolist()


@functools.cache
def _share(percent):
    return [(level * percent + 50) // 100 for level in range(256)]


def tint(picture: Image.Image, stencil: Image.Image, color: RGB, percent: int = 100) -> None:
    """Lay an RGB `color` over the `picture` where `stencil` is set, `percent` opaque."""
    box = stencil.getbbox()
    if box is not None:
        part = stencil.crop(box)  # most parts are small: a smaller paste is several times faster
        picture.paste(color, box, part if percent == 100 else part.point(_share(percent)))


def overlay(picture: Image.Image, other: Image.Image, stencil: Image.Image) -> None:
    """Copy the picture `other` into `picture` where `stencil` is set."""
    box = stencil.getbbox()
    if box is not None:
        picture.paste(other.crop(box), box, stencil.crop(box))


class Canvas:
    """An RGB picture of the dog and its mask: 255 where a part of the dog is."""

    def __init__(self, size: Size):
        """Make an empty canvas; `size` is (width, height) in pixels."""
        self.image = Image.new("RGB", size)
        self.mask = Image.new("L", size)
        self._image_pen = ImageDraw.Draw(self.image)
        self._mask_pen = ImageDraw.Draw(self.mask)

    def stencil(self, *outlines: Points) -> Image.Image:
        """Return a mask that is 255 inside any of the `outlines`."""
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon(flat(outline), fill=255)
        return mask

    def fill(self, outline: Points, color: RGB) -> None:
        """Paint a part of the dog."""
        points = flat(outline)
        self._image_pen.polygon(points, fill=color)
        self._mask_pen.polygon(points, fill=255)

    def stroke(self, points: Points, color: RGB, width: float, closed: bool = False) -> None:
        """Draw a line `width` pixels wide with round ends; a closed one is an outline of the dog."""
        width = max(1, int(np.rint(width)))
        path = flat(points)
        if closed:
            path += path[:4]
        self._image_pen.line(path, fill=color, width=width)
        if closed:
            self._mask_pen.line(path, fill=255, width=width)
        else:
            for x, y in (path[:2], path[-2:]):
                self._dot(x, y, width // 2, color)

    def _dot(self, x, y, radius, color):
        self._image_pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)

    def tint(self, stencil: Image.Image, color: RGB, percent: int = 100) -> None:
        """Lay `color` over the picture where `stencil` is set, `percent` opaque."""
        tint(self.image, stencil, color, percent)

    def within(self, stencil: Image.Image, *outlines: Points) -> Image.Image:
        """Return the part of `stencil` inside any of the `outlines`."""
        return ImageChops.multiply(stencil, self.stencil(*outlines))
