"""The ears: upright, folded or hanging.

The outlines below are given as (across, along), in shares of the ear's width and length.
"""

import numpy as np

from toy_dogs.canvas import INK, is_dark, mix
from toy_dogs.geometry import furry, smooth
from toy_dogs.hints import RGB, Place, Points
from toy_dogs.painter import WHITE, Painter

INNER_EAR = (238, 168, 160)
UPRIGHT_EARS = {
    "prick": [
        (-0.55, -0.1),
        (-0.46, 0.42),
        (-0.14, 0.93),
        (0, 1.0),
        (0.14, 0.93),
        (0.46, 0.42),
        (0.55, -0.1),
    ],
    "bat": [(-0.48, -0.1), (-0.56, 0.42), (-0.36, 0.88), (0, 1.02), (0.36, 0.88), (0.56, 0.42), (0.48, -0.1)],
    "fringed": [(-0.4, -0.1), (-0.5, 0.4), (-0.25, 0.85), (0.1, 1.0), (0.45, 0.8), (0.6, 0.35), (0.45, -0.1)],
}
DROP_EAR = [
    (-0.3, 0.0),
    (-0.5, 0.4),
    (-0.48, 0.75),
    (-0.18, 1.0),
    (0.2, 1.0),
    (0.5, 0.74),
    (0.48, 0.36),
    (0.25, -0.04),
]
BUTTON_BASE = [(-0.5, -0.15), (-0.46, 0.2), (-0.3, 0.52), (0.1, 0.6), (0.5, 0.45), (0.5, -0.15)]
BUTTON_FLAP = [
    (-0.38, 0.42),
    (-0.2, 0.6),
    (0.16, 0.66),
    (0.6, 0.55),
    (0.78, 0.2),
    (0.74, -0.3),
    (0.71, -0.34),
    (0.5, -0.12),
    (0.1, 0.2),
]


def paint_ears(painter: Painter) -> None:
    """Paint both ears, the far one first."""
    for way in (-1, 1) if painter.view.yaw < 0 else (1, -1):
        ear(painter, way)


def ear_frame(painter: Painter, way: int, hangs: bool) -> Place:
    """Return a function that puts points (across, along) of one ear on the canvas."""
    dog, pose, view = painter.dog, painter.pose, painter.view
    angle = 0.22 + 0.95 * dog.ear_set
    base = np.array([np.sin(angle) * 0.9 * dog.head_width, -np.cos(angle) * 0.86])
    swing = pose.ear_swing[(way + 1) // 2]
    direction = (2.72 if hangs else 0.75 * angle - 0.1) + swing
    along = np.array([np.sin(direction), -np.cos(direction)])
    across = np.array([np.cos(direction), np.sin(direction)])
    width = dog.ear_width * (1 + 0.35 * view.yaw * way)
    turn = np.array([-0.16 * view.yaw, -0.1 * view.pitch])

    def place(points):
        points = np.asarray(points, dtype=np.float64)
        local = base + points[:, :1] * across * width + points[:, 1:] * along * dog.ear_length
        return view.head(local * [way, 1] + turn)

    return place


def ear(painter: Painter, way: int) -> None:
    """Paint one ear; `way` is -1 for the left one and 1 for the right one."""
    hangs = painter.dog.ears == "drop"
    place = ear_frame(painter, way, hangs)
    color = painter.colors[painter.dog.ear_color]
    if painter.dog.ears == "button":
        button_ear(painter, place, color)
    elif hangs:
        drop_ear(painter, place, color)
    else:
        upright_ear(painter, place, color)


def ear_outline(painter: Painter, points: Points, fur_share: float = 0.8) -> Points:
    """Return an ear's smooth or furry outline in the ear's units."""
    return furry(smooth(points), painter.dog.fur, painter.dog.fur_length * fur_share, painter.rng)


def upright_ear(painter: Painter, place: Place, color: RGB) -> None:
    """Paint a pointed, a round or a fringed ear with its pink inside."""
    shape = UPRIGHT_EARS[painter.dog.ears]
    fur_share = 3.0 if painter.dog.ears == "fringed" else 0.4
    outline = place(ear_outline(painter, shape, fur_share))
    stencil = painter.part(outline, color)
    inside = place(smooth(np.array(shape) * [0.58, 0.76] + [0, 0.06]))
    painter.canvas.tint(painter.canvas.within(stencil, inside), mix(INNER_EAR, color, 30))
    painter.shade(stencil, painter.from_light(outline, 0.1), 22)
    painter.line(outline, closed=True)


def set_off(color: RGB) -> RGB:
    """Return the color of an ear in front of a head of that `color`: a little apart from it."""
    return mix(color, WHITE, 10) if is_dark(color) else mix(color, INK, 15)


def drop_ear(painter: Painter, place: Place, color: RGB) -> None:
    """Paint a hanging ear."""
    outline = place(ear_outline(painter, DROP_EAR))
    stencil = painter.part(outline, set_off(color))
    painter.shade(stencil, painter.from_light(outline, 0.13), 24)
    painter.line(outline, closed=True)


def button_ear(painter: Painter, place: Place, color: RGB) -> None:
    """Paint an ear that stands up and folds over: its tip hangs forward."""
    painter.part(place(ear_outline(painter, BUTTON_BASE, 0.3)), color)
    flap = place(ear_outline(painter, BUTTON_FLAP, 0.3))
    stencil = painter.part(flap, set_off(color))
    painter.shade(stencil, painter.from_light(flap, 0.08), 20)
    painter.line(flap, closed=True)
