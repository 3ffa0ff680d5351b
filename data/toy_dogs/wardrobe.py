"""What a dog wears around its neck. It has nothing to do with the breed."""

import numpy as np

from toy_dogs.canvas import INK, mix
from toy_dogs.geometry import ellipse, smooth
from toy_dogs.hints import RGB
from toy_dogs.painter import WHITE, Painter

GOLD = (250, 200, 70)


def paint_accessory(painter: Painter) -> None:
    """Paint a collar, a bandana, a bow or a scarf, or nothing."""
    wear = {"collar": collar, "bandana": bandana, "bow": bow, "scarf": scarf}
    if painter.pose.accessory in wear:
        wear[painter.pose.accessory](painter)


def band(painter: Painter, top: float, bottom: float, color: RGB) -> None:
    """Paint a band around the neck between two heights."""
    upper = [(-0.72, top - 0.3), (-0.4, top - 0.08), (0, top), (0.4, top - 0.08), (0.72, top - 0.3)]
    lower = [(x * 1.04, y + bottom - top) for x, y in reversed(upper)]
    outline = painter.view.body(np.array(upper + lower))
    painter.part(outline, color, mix(color, INK, 70))


def collar(painter: Painter) -> None:
    """Paint a collar with a golden tag."""
    band(painter, 1.16, 1.34, painter.pose.accent)
    tag = painter.view.body(ellipse((0, 1.44), (0.15, 0.16)))
    painter.part(tag, GOLD, mix(GOLD, INK, 65), 0.8)
    painter.canvas.fill(painter.view.body(ellipse((-0.05, 1.39), (0.05, 0.05))), mix(GOLD, WHITE, 75))


def bandana(painter: Painter) -> None:
    """Paint a dotted bandana."""
    color = painter.pose.accent
    outline = [
        (-0.76, 0.9),
        (0, 1.2),
        (0.76, 0.9),
        (0.62, 1.25),
        (0.08, 1.95),
        (-0.08, 1.95),
        (-0.62, 1.25),
    ]
    points = painter.view.body(np.array(outline))
    stencil = painter.part(points, color, mix(color, INK, 70))
    dots = [
        (-0.42, 1.22),
        (-0.14, 1.34),
        (0.14, 1.34),
        (0.42, 1.22),
        (-0.22, 1.58),
        (0.22, 1.58),
        (0, 1.76),
    ]
    spots = [painter.view.body(ellipse(dot, (0.065, 0.065), 10)) for dot in dots]
    painter.canvas.tint(painter.canvas.within(stencil, *spots), mix(color, WHITE, 75))


def bow(painter: Painter) -> None:
    """Paint a bow tie."""
    color = painter.pose.accent
    dark = mix(color, INK, 70)
    band(painter, 1.16, 1.28, painter.pose.second_accent)
    for way in (-1, 1):
        wing = smooth([(0.05 * way, 1.24), (0.46 * way, 1.02), (0.54 * way, 1.3), (0.42 * way, 1.55)], 6)
        painter.part(painter.view.body(wing), color, dark)
    painter.part(painter.view.body(ellipse((0, 1.27), (0.12, 0.13))), mix(color, INK, 18), dark)


def scarf(painter: Painter) -> None:
    """Paint a striped scarf with one end hanging down."""
    color, side = painter.pose.accent, painter.pose.side
    end = np.array([(0.2, 1.15), (0.55, 1.1), (0.66, 2.05), (0.28, 2.1)]) * [side, 1]
    stencil = painter.part(painter.view.body(end), color, mix(color, INK, 70))
    stripes = [np.array([(0, y), (1, y - 0.06), (1, y + 0.1), (0, y + 0.16)]) * [side, 1] for y in (1.5, 1.8)]
    striped = painter.canvas.within(stencil, *(painter.view.body(stripe) for stripe in stripes))
    painter.canvas.tint(striped, painter.pose.second_accent)
    band(painter, 1.05, 1.4, color)
