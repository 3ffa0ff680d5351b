"""The painter: what every part of a dog is painted with."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops

from toy_dogs.canvas import INK, Canvas, mix
from toy_dogs.hints import RGB, Dog, Place, Points, Pose, Rng, Size
from toy_dogs.view import View

LINE = 0.062  # the width of outlines, in head radii
WHITE = (255, 255, 255)
SHADE = (40, 20, 48)

# One lock of hair.
WISP = np.array([(-0.03, -0.1), (0.035, 0.0), (0.1, 0.1), (0.0, 0.04)])
CURL = np.array([(-0.12, 0.0), (-0.07, 0.085), (0.03, 0.1), (0.11, 0.03), (0.03, 0.045), (-0.06, 0.03)])


class Painter:
    """Holds one `dog` (its traits), its `pose`, the `view` of it and a canvas of `size` (width, height)."""

    def __init__(self, dog: Dog, pose: Pose, view: View, size: Size, rng: Rng):
        self.dog, self.pose, self.view, self.rng = dog, pose, view, rng
        self.canvas = Canvas(size)
        self.colors = {"coat": dog.coat, "light": dog.light, "dark": dog.dark, "tan": dog.tan}
        self.ink = mix(INK, dog.coat, 10)

    def line(
        self, points: Points, color: RGB | None = None, width: float = 1.0, closed: bool = False
    ) -> None:
        """Draw a line of the outline's width times `width`."""
        self.canvas.stroke(points, color or self.ink, LINE * width * self.view.scale, closed)

    def part(self, outline: Points, color: RGB, line: RGB | None = None, width: float = 1.0) -> Image.Image:
        """Paint a part and its dark outline; return the part's stencil."""
        self.canvas.fill(outline, color)
        self.line(outline, line, width, closed=True)
        return self.canvas.stencil(outline)

    def shade(self, stencil: Image.Image, outline: Points, percent: int) -> None:
        """Darken the part of `stencil` that lies outside of `outline`: the side away from the light."""
        dark = ImageChops.subtract(stencil, self.canvas.stencil(outline))
        self.canvas.tint(dark, SHADE, percent)

    def shine(self, stencil: Image.Image, outline: Points) -> None:
        """Lighten the part of `stencil` that lies outside of `outline`: the edge towards the light."""
        bright = ImageChops.subtract(stencil, self.canvas.stencil(outline))
        self.canvas.tint(bright, WHITE, 16)

    def strokes(self, stencil: Image.Image, place: Place, centers: Points) -> None:
        """Draw locks of hair inside of a furry part, a little darker than it is."""
        if self.dog.fur == "smooth":
            return
        lock = CURL if self.dog.fur == "curly" else WISP
        shifts = self.rng.uniform(-0.05, 0.05, (len(centers), 2))
        locks = [
            place(lock * [1 if x < 0 else -1, 1] + (x, y) + shift)
            for (x, y), shift in zip(centers, shifts, strict=True)
        ]
        self.canvas.tint(self.canvas.within(stencil, *locks), SHADE, 24)

    def mark(
        self, stencil: Image.Image, catalog: Mapping[str, Callable[..., list[Points]]], place: Place
    ) -> None:
        """Paint the dog's markings of one `catalog`, clipped by `stencil`."""
        for mark in self.dog.markings:
            if mark.kind in catalog:
                outlines = catalog[mark.kind](mark, self.dog, self.rng, self.pose.side)
                clipped = self.canvas.within(stencil, *(place(outline) for outline in outlines))
                self.canvas.tint(clipped, self.colors[mark.color])

    def from_light(self, outline: Points, amount: float) -> Points:
        """Return canvas points moved towards the light by `amount` head radii."""
        return outline + np.array([-self.pose.light_side * 0.8, -0.6]) * amount * self.view.scale
