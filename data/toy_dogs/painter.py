"""The painter: what every part of a dog is painted with."""

import numpy as np
from PIL import ImageChops

from toy_dogs.canvas import INK, Canvas, mix

LINE = 0.062  # the width of outlines, in head radii
WHITE = (255, 255, 255)
SHADE = (40, 20, 48)

# One lock of hair.
WISP = np.array([(-0.03, -0.1), (0.035, 0.0), (0.1, 0.1), (0.0, 0.04)])
CURL = np.array([(-0.12, 0.0), (-0.07, 0.085), (0.03, 0.1), (0.11, 0.03), (0.03, 0.045), (-0.06, 0.03)])


class Painter:
    """Holds one `dog` (its traits), its `pose`, the `view` of it and a canvas of `size` (width, height)."""

    def __init__(self, dog, pose, view, size, rng):
        self.dog, self.pose, self.view, self.rng = dog, pose, view, rng
        self.canvas = Canvas(size)
        self.colours = {"coat": dog.coat, "light": dog.light, "dark": dog.dark, "tan": dog.tan}
        self.ink = mix(INK, dog.coat, 10)

    def line(self, points, colour=None, width=1.0, closed=False):
        """Draw a line of the outline's width times `width`."""
        self.canvas.stroke(points, colour or self.ink, LINE * width * self.view.scale, closed)

    def part(self, outline, colour, line=None, width=1.0):
        """Paint a part and its dark outline; return the part's stencil."""
        self.canvas.fill(outline, colour)
        self.line(outline, line, width, closed=True)
        return self.canvas.stencil(outline)

    def shade(self, stencil, outline, percent):
        """Darken the part of `stencil` that lies outside of `outline`: the side away from the light."""
        dark = ImageChops.subtract(stencil, self.canvas.stencil(outline))
        self.canvas.tint(dark, SHADE, percent)

    def shine(self, stencil, outline):
        """Lighten the part of `stencil` that lies outside of `outline`: the edge towards the light."""
        bright = ImageChops.subtract(stencil, self.canvas.stencil(outline))
        self.canvas.tint(bright, WHITE, 16)

    def strokes(self, stencil, place, centres):
        """Draw locks of hair inside of a furry part, a little darker than it is."""
        if self.dog.fur == "smooth":
            return
        lock = CURL if self.dog.fur == "curly" else WISP
        shifts = self.rng.uniform(-0.05, 0.05, (len(centres), 2))
        locks = [
            place(lock * [1 if x < 0 else -1, 1] + (x, y) + shift)
            for (x, y), shift in zip(centres, shifts, strict=True)
        ]
        self.canvas.tint(self.canvas.within(stencil, *locks), SHADE, 24)

    def mark(self, stencil, catalogue, place):
        """Paint the dog's markings of one `catalogue`, clipped by `stencil`."""
        for mark in self.dog.markings:
            if mark.kind in catalogue:
                outlines = catalogue[mark.kind](mark, self.dog, self.rng, self.pose.side)
                clipped = self.canvas.within(stencil, *(place(outline) for outline in outlines))
                self.canvas.tint(clipped, self.colours[mark.colour])

    def from_light(self, outline, amount):
        """Return canvas points moved towards the light by `amount` head radii."""
        return outline + np.array([-self.pose.light_side * 0.8, -0.6]) * amount * self.view.scale
