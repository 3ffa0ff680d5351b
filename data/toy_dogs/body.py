"""Neck, shoulders and chest."""

from toy_dogs import markings
from toy_dogs.geometry import ellipse, furry, symmetric
from toy_dogs.painter import SHADE, Painter

LOCKS_AT = (
    (-0.75, 1.7),
    (-0.6, 2.0),
    (-0.85, 2.2),
    (0.75, 1.7),
    (0.6, 2.0),
    (0.85, 2.2),
    (-0.12, 1.6),
    (0.14, 1.75),
    (0, 2.05),
)


def paint_body(painter: Painter) -> None:
    """Paint neck, shoulders and chest, with the head's shadow on them."""
    dog, view = painter.dog, painter.view
    half = [
        (0, 0.2),
        (0.62, 0.5),
        (0.68, 0.95),
        (0.92, 1.35),
        (1.12, 1.9),
        (1.2, 2.8),
        (1.22, 6.0),
        (0, 6.2),
    ]
    outline = view.body(furry(symmetric(half, 10), dog.fur, dog.fur_length * 0.9, painter.rng))
    stencil = painter.part(outline, dog.coat)
    painter.mark(stencil, markings.ON_BODY, view.body)
    painter.shade(stencil, painter.from_light(outline, 0.22), 22)
    legs(painter)
    painter.strokes(stencil, view.body, LOCKS_AT)
    shadow = view.head(ellipse((0, 0.22), (0.98, 0.98)))
    painter.canvas.tint(painter.canvas.within(stencil, shadow), SHADE, 30)
    painter.line(outline, closed=True)


def legs(painter: Painter) -> None:
    """Draw the lines between the front legs and the body."""
    for way in (-1, 1):
        leg = painter.view.body([(0.62 * way, 2.0), (0.5 * way, 2.5), (0.46 * way, 3.2), (0.46 * way, 6)])
        painter.line(leg, width=0.7)
