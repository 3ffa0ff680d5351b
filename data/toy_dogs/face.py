"""The face: cheeks, eyes, brows, beard, muzzle, mouth and nose."""

import numpy as np

from toy_dogs.canvas import INK, is_dark, mix
from toy_dogs.geometry import ellipse, furry, smooth, symmetric
from toy_dogs.hints import Place, Points
from toy_dogs.painter import WHITE, Painter

TONGUE = (240, 122, 136)
MOUTH = (104, 34, 44)


def paint_face(painter: Painter) -> None:
    """Paint cheeks, muzzle, mouth, nose, eyes and brows."""
    blush(painter)
    for way in (-1, 1) if painter.view.yaw < 0 else (1, -1):
        eye(painter, way)
    beard(painter)
    muzzle(painter)
    for way in (-1, 1):
        brow(painter, way)


def blush(painter: Painter) -> None:
    """Lay a little pink on the cheeks."""
    spots = [painter.view.face(ellipse((0.66 * way, 0.32), (0.17, 0.11))) for way in (-1, 1)]
    painter.canvas.tint(painter.canvas.stencil(*spots), (236, 110, 120), 26)


def is_closed(painter: Painter, way: int) -> bool:
    """Return whether this eye is closed: both in a happy face, one in a wink."""
    return painter.pose.expression == "happy" or (
        painter.pose.expression == "wink" and way == painter.pose.side
    )


def eye(painter: Painter, way: int) -> None:
    """Paint one eye, open or closed."""
    if is_closed(painter, way):
        arch = [(0.24, 0.05), (0.30, -0.06), (0.41, -0.12), (0.52, -0.06), (0.58, 0.05)]
        color = mix(painter.dog.coat, painter.dog.light, 70) if is_dark(painter.dog.coat) else INK
        painter.line(painter.view.face(np.array(arch) * [way, 1], 0.1), color, 1.5)
    else:
        wide = 1.1 if painter.pose.expression == "surprised" else 1.0
        open_eye(painter, np.array([0.41 * way, -0.04]), painter.pose.eye_size * wide)


def open_eye(painter: Painter, center: Points, size: float) -> None:
    """Paint an open eye: rim, iris, pupil and two catch-lights."""
    view, canvas = painter.view, painter.canvas
    gaze = painter.pose.gaze * 0.16 * size

    def disc(offset, radius, stretch=1.0):
        return view.face(ellipse(center + offset, (radius, radius * stretch), 24), 0.1)

    rim = disc((0, 0), size, 1.08)
    canvas.tint(canvas.stencil(disc((0, -0.02), size * 1.22, 1.08)), INK, 22)
    painter.part(rim, painter.dog.eyes, INK, 0.9)
    under_lid = canvas.within(canvas.stencil(rim), disc((0, -size * 0.55), size * 1.05))
    canvas.tint(under_lid, mix(painter.dog.eyes, INK, 72), 55)
    canvas.fill(disc(gaze, size * 0.62), (22, 14, 18))
    light = np.array([-painter.pose.light_side * 0.34, -0.38]) * size
    canvas.fill(disc(light + gaze * 0.5, size * 0.34), WHITE)
    canvas.fill(disc(-light * 0.95 + gaze * 0.5, size * 0.17), (236, 240, 255))


def brow(painter: Painter, way: int) -> None:
    """Paint a bushy brow that hangs over the eye."""
    size = painter.dog.brows
    if size <= 0:
        return
    shape = np.array([(0.12, -0.31), (0.24, -0.5), (0.47, -0.47), (0.7, -0.2), (0.52, -0.25), (0.3, -0.27)])
    middle = np.array([0.4, -0.32])
    shape = ((shape - middle) * size * 1.15 + middle) * [way, 1]
    outline = painter.view.face(furry(smooth(shape, 5), painter.dog.fur, 0.07, painter.rng), 0.2)
    painter.part(outline, painter.dog.light, mix(painter.dog.light, INK, 60), 0.7)


def beard(painter: Painter) -> None:
    """Paint a moustache and a beard behind the muzzle."""
    size = painter.dog.beard
    if size <= 0:
        return
    half = [
        (0, 0.08),
        (0.3, 0.16),
        (0.66 * size, 0.44),
        (0.6 * size, 0.84),
        (0.3, 1.08 * size),
        (0, 1.18 * size),
    ]
    outline = painter.view.face(furry(symmetric(half, 6), painter.dog.fur, 0.1, painter.rng), 0.25)
    stencil = painter.part(outline, painter.dog.light, mix(painter.dog.light, INK, 62), 0.9)
    painter.shade(stencil, painter.from_light(outline, 0.1), 16)


def muzzle(painter: Painter) -> None:
    """Paint the two-lobed muzzle with mouth and nose."""
    size, view = painter.dog.muzzle, painter.view
    color = painter.dog.light if painter.dog.beard > 0 else painter.colors[painter.dog.muzzle_color]
    color = mix(color, WHITE, 12)
    lines = mix(color, INK, 55)

    def place(points):
        return view.face(np.asarray(points) * size + [0, 0.32 * (1 - size)], 0.32)

    mouth(painter, place)
    lobes = [place(ellipse((0.17 * way, 0.40), (0.26, 0.21))) for way in (-1, 1)]
    lobes.append(place(ellipse((0, 0.24), (0.22, 0.2))))
    for lobe in lobes[:2]:
        painter.line(lobe, lines, 0.75, closed=True)
    for lobe in lobes:
        painter.canvas.fill(lobe, color)
    painter.line(place([(0, 0.3), (0, 0.44)]), INK, 0.9)
    for way in (-1, 1):
        smile = [(0, 0.44), (0.07, 0.53), (0.18, 0.56), (0.3, 0.5)]
        painter.line(place(np.array(smile) * [way, 1]), INK, 0.9)
        for dot in ((0.2, 0.38), (0.29, 0.34), (0.28, 0.43)):
            freckle = place(ellipse((dot[0] * way, dot[1]), (0.022, 0.022), 8))
            painter.canvas.fill(freckle, lines)
    nose(painter, place)


def mouth(painter: Painter, place: Place) -> None:
    """Paint the open mouth and tongue of a smiling dog, or a chin."""
    color = mix(painter.colors[painter.dog.muzzle_color], INK, 8)
    if painter.pose.expression in ("smile", "happy", "wink"):
        painter.part(place(ellipse((0, 0.62), (0.19, 0.21))), MOUTH, INK, 0.8)
        painter.part(place(ellipse((0, 0.70), (0.135, 0.17))), TONGUE, mix(TONGUE, INK, 60), 0.6)
        painter.line(place([(0, 0.62), (0, 0.76)]), mix(TONGUE, MOUTH, 45), 0.6)
    elif painter.pose.expression == "surprised":
        painter.part(place(ellipse((0, 0.64), (0.1, 0.13))), MOUTH, INK, 0.8)
    elif painter.pose.expression == "lick":
        tongue = place(ellipse((0.16 * painter.pose.side, 0.6), (0.12, 0.17)))
        painter.part(tongue, TONGUE, mix(TONGUE, INK, 60), 0.7)
    else:
        painter.part(place(ellipse((0, 0.56), (0.17, 0.14))), color, mix(color, INK, 50), 0.7)


def nose(painter: Painter, place: Place) -> None:
    """Paint a wedge of a nose with a shine."""
    wedge = [
        (-0.17, 0.15),
        (-0.09, 0.08),
        (0.09, 0.08),
        (0.17, 0.15),
        (0.09, 0.26),
        (0, 0.32),
        (-0.09, 0.26),
    ]
    painter.canvas.fill(place(smooth(wedge, 5)), (36, 24, 28))
    shine = ellipse((-0.05 * painter.pose.light_side, 0.13), (0.055, 0.03), 12)
    painter.canvas.fill(place(shine), (206, 200, 214))
