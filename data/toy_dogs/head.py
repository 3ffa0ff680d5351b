"""The head without its ears and face: outline, markings, hair."""

import numpy as np

from toy_dogs import markings
from toy_dogs.canvas import INK, mix
from toy_dogs.geometry import ellipse, furry, symmetric
from toy_dogs.hints import Points
from toy_dogs.painter import WHITE, Painter

LOCKS_AT = ((-0.8, 0.12), (-0.72, 0.36), (-0.6, 0.64), (0.8, 0.12), (0.72, 0.36), (0.6, 0.64))


def head_outline(painter: Painter) -> Points:
    """Return the head's outline in the dog's units."""
    dog = painter.dog
    wide, fluff = dog.head_width, dog.cheeks * 0.28
    half = [
        (0, -0.92),
        (0.52 * wide, -0.84),
        (0.92 * wide, -0.42),
        (1.0 * wide, 0.08),
        (0.93 * wide + fluff, 0.48),
        (0.62 + fluff / 2, 0.84),
        (0.28, 0.98),
        (0, 1.0),
    ]

    def weight(points):
        return np.clip(0.45 + 0.75 * points[:, 1], 0.25, 1.0)

    return furry(symmetric(half), dog.fur, dog.fur_length, painter.rng, weight)


def paint_head(painter: Painter) -> None:
    """Paint the head with its markings and shadow."""
    dog, view = painter.dog, painter.view
    outline = view.head(head_outline(painter))
    stencil = painter.part(outline, dog.coat)
    painter.mark(stencil, markings.ON_FACE, view.face)
    painter.shade(stencil, painter.from_light(outline, 0.17), 20)
    painter.shine(stencil, painter.from_light(outline, -0.13))
    painter.strokes(stencil, view.face, LOCKS_AT)
    painter.line(outline, closed=True)


def paint_topknot(painter: Painter) -> None:
    """Paint the hair on top of the head."""
    size, fur = painter.dog.topknot_size, painter.dog.fur
    shapes = {
        "puff": lambda: ellipse((0, -0.80), (0.60 * size, 0.44 * size)),
        "tuft": lambda: symmetric([(0, -1.0 - 0.3 * size), (0.3, -1.0), (0.34, -0.7), (0, -0.52)], 6),
        "fringe": lambda: symmetric([(0, -1.06), (0.6, -0.9), (0.72, -0.3 * size), (0, -0.16 * size)], 6),
    }
    if painter.dog.topknot in shapes:
        outline = furry(shapes[painter.dog.topknot](), fur, 0.12, painter.rng)
        points = painter.view.face(outline, 0.05)
        stencil = painter.part(points, mix(painter.dog.coat, WHITE, 10), mix(painter.dog.coat, INK, 70))
        painter.shade(stencil, painter.from_light(points, 0.12), 18)
