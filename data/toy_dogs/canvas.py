"""The canvas a dog is painted on, and the view that puts the dog's own units there."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw

INK = (44, 28, 30)


def mix(first, second, percent):
    """Return the RGB colour `percent` of the way from `first` to `second`, in whole numbers."""
    return tuple((a * (100 - percent) + b * percent + 50) // 100 for a, b in zip(first, second, strict=True))


def flat(points):
    """Return points [N, 2] as a flat list of whole numbers, so that no machine rounds them differently."""
    return np.rint(points).astype(int).ravel().tolist()


@dataclass(frozen=True)
class View:
    """Where the dog's units lie on the canvas: `scale` pixels to one head radius."""

    centre: tuple[float, float]
    scale: float
    roll: float
    lean: float
    yaw: float
    pitch: float

    def _place(self, points, angle):
        cos, sin = np.cos(angle), np.sin(angle)
        turned = np.asarray(points, dtype=np.float64) @ np.array([[cos, sin], [-sin, cos]])
        return turned * self.scale + self.centre

    def body(self, points):
        """Return canvas points of a part of the body, which leans but does not roll with the head."""
        return self._place(points, self.lean)

    def head(self, points):
        """Return canvas points of a part of the head's outline."""
        return self._place(points, self.roll)

    def face(self, points, depth=0.0):
        """Return canvas points of something on the face, a sphere turned by yaw and pitch.

        `depth` is how far it stands out: a nose moves more than an eye.
        """
        radius = 1.3
        ball = np.clip(np.asarray(points, dtype=np.float64) / radius, -0.98, 0.98)
        turned = radius * np.sin(np.arcsin(ball) + [self.yaw, self.pitch])
        return self.head(turned + np.array([self.yaw, self.pitch]) * depth)


class Canvas:
    """An RGB picture of the dog and its mask: 255 where a part of the dog is."""

    def __init__(self, size):
        """Make an empty canvas; `size` is (width, height) in pixels."""
        self.image = Image.new("RGB", size)
        self.mask = Image.new("L", size)
        self._image_pen = ImageDraw.Draw(self.image)
        self._mask_pen = ImageDraw.Draw(self.mask)

    def stencil(self, *outlines):
        """Return a mask that is 255 inside any of the `outlines`."""
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for outline in outlines:
            pen.polygon(flat(outline), fill=255)
        return mask

    def fill(self, outline, colour):
        """Paint a part of the dog."""
        points = flat(outline)
        self._image_pen.polygon(points, fill=colour)
        self._mask_pen.polygon(points, fill=255)

    def stroke(self, points, colour, width, closed=False):
        """Draw a line `width` pixels wide with round ends; a closed one is an outline of the dog."""
        width = max(1, int(np.rint(width)))
        path = flat(points)
        if closed:
            path += path[:4]
        self._image_pen.line(path, fill=colour, width=width)
        if closed:
            self._mask_pen.line(path, fill=255, width=width)
        else:
            for x, y in (path[:2], path[-2:]):
                self._dot(x, y, width // 2, colour)

    def _dot(self, x, y, radius, colour):
        self._image_pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def tint(self, stencil, colour, percent=100):
        """Lay `colour` over the picture where `stencil` is set, `percent` opaque."""
        if percent < 100:
            stencil = stencil.point([(level * percent + 50) // 100 for level in range(256)])
        self.image.paste(colour, mask=stencil)

    def within(self, stencil, *outlines):
        """Return the part of `stencil` inside any of the `outlines`."""
        return ImageChops.multiply(stencil, self.stencil(*outlines))
