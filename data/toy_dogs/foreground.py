"""Objects in front of the dog. They hide a part of it, and the mask leaves that part out."""

import numpy as np
from PIL import Image, ImageDraw

from toy_dogs.canvas import INK, flat, mix
from toy_dogs.geometry import ellipse, smooth
from toy_dogs.hints import Points, Put, Rng, Size
from toy_dogs.sampling import ACCENTS, chance, choose, rgb
from toy_dogs.scenery import WHITE, ridge, soft_tone, tone
from toy_dogs.view import View


def leaf(rng: Rng, put: Put, at: Points, reach: float) -> None:
    """Put a twig with three leaves in front of the dog."""
    green = tone(rng, (42, 66), (48, 74), (80, 150))
    turn = rng.uniform(0, 2 * np.pi)
    for spread in (-0.8, 0, 0.8):
        along = np.array([np.cos(turn + spread), np.sin(turn + spread)]) * reach
        across = np.array([-along[1], along[0]]) * 0.28
        put(smooth([at, at + along * 0.5 + across, at + along, at + along * 0.5 - across]), green)


def ball(rng: Rng, put: Put, at: Points, reach: float) -> None:
    """Put a ball with a band in front of the dog."""
    color = choose(rng, ACCENTS)
    put(ellipse(at, (reach * 0.62, reach * 0.62)), color)
    put(ellipse(at, (reach * 0.22, reach * 0.6)), mix(color, WHITE, 70), line=False)
    put(ellipse(at - reach * 0.3, (reach * 0.1, reach * 0.1)), WHITE, line=False)


def bone(rng: Rng, put: Put, at: Points, reach: float) -> None:
    """Put a bone in front of the dog."""
    turn = rng.uniform(0, np.pi)
    along = np.array([np.cos(turn), np.sin(turn)]) * reach * 0.8
    across = np.array([-along[1], along[0]]) * 0.28
    cream = (246, 238, 218)
    knobs = [
        ellipse(at + end * along + way * across, (reach * 0.27, reach * 0.27))
        for end in (-1, 1)
        for way in (-1, 1)
    ]
    shaft = np.array([at + along + across, at + along - across, at - along - across, at - along + across])
    for outline in (*knobs, shaft):
        put(outline, cream)
    for outline in (*knobs, shaft):
        put(outline, cream, line=False)


def daisy(rng: Rng, put: Put, at: Points, reach: float) -> None:
    """Put a daisy in front of the dog."""
    color = choose(rng, (WHITE, (255, 226, 140), (250, 186, 206), (206, 190, 246)))
    for angle in np.arange(6) * np.pi / 3 + rng.uniform(0, 1):
        put(
            ellipse(
                at + np.array([np.cos(angle), np.sin(angle)]) * reach * 0.42, (reach * 0.27, reach * 0.27), 16
            ),
            color,
        )
    put(ellipse(at, (reach * 0.26, reach * 0.26)), (246, 190, 70))


def butterfly(rng: Rng, put: Put, at: Points, reach: float) -> None:
    """Put a butterfly in front of the dog."""
    color = choose(rng, ACCENTS)
    for way in (-1, 1):
        put(ellipse(at + reach * np.array([0.36 * way, -0.22]), (reach * 0.36, reach * 0.36)), color)
        put(
            ellipse(at + reach * np.array([0.28 * way, 0.26]), (reach * 0.26, reach * 0.26)),
            mix(color, WHITE, 35),
        )
    put(ellipse(at, (reach * 0.09, reach * 0.5)), INK)


LOOSE_OBJECTS = (leaf, leaf, ball, bone, daisy, butterfly)


def fence(rng: Rng, put: Put, size: Size) -> None:
    """Put the tips of a picket fence along the bottom."""
    width, height = size
    step, color = width / int(rng.integers(5, 9)), choose(rng, (WHITE, (206, 170, 130), (170, 200, 220)))
    top = height * rng.uniform(0.82, 0.92)
    for column in range(-1, int(width / step) + 1):
        x = (column + 0.5) * step
        post = [
            (x, height + 9),
            (x, top),
            (x + step * 0.34, top - step * 0.34),
            (x + step * 0.68, top),
            (x + step * 0.68, height + 9),
        ]
        put(np.array(post), color)


def grass(rng: Rng, put: Put, size: Size) -> None:
    """Put blades of grass along the bottom."""
    width, height = size
    hue = int(rng.integers(80, 140))
    for x in rng.uniform(-0.05, 1.05, 26):
        tip = height * rng.uniform(0.76, 0.95)
        foot, lean = x * width, width * rng.uniform(-0.06, 0.06)
        blade = [(foot - width * 0.025, height + 9), (foot + lean, tip), (foot + width * 0.025, height + 9)]
        put(np.array(blade), rgb(hue, 48, int(rng.integers(50, 76))), line=False)


def blanket(rng: Rng, put: Put, size: Size) -> None:
    """Put the wavy edge of a blanket along the bottom."""
    color = soft_tone(rng)
    edge = ridge(rng, size, size[1] * rng.uniform(0.88, 0.94), size[1] * 0.03)
    put(edge, color)
    put(edge + [0, size[1] * 0.04], mix(color, INK, 14), line=False)


EDGES = (fence, grass, grass, blanket)


def foreground(rng: Rng, size: Size, view: View) -> tuple[Image.Image, Image.Image]:
    """Return (picture, mask) of the objects in front of the dog; the mask is 255 where one is."""
    picture, mask = Image.new("RGB", size), Image.new("L", size)
    pens = ImageDraw.Draw(picture), ImageDraw.Draw(mask)
    line = max(2, int(np.rint(view.scale * 0.045)))

    def put(outline, color, line=line):
        points = flat(outline)
        pens[0].polygon(points, fill=color)
        pens[1].polygon(points, fill=255)
        if line:
            pens[0].line(points + points[:4], fill=mix(color, INK, 65), width=line)
            pens[1].line(points + points[:4], fill=255, width=line)

    if chance(rng, 30):
        choose(rng, LOOSE_OBJECTS)(rng, put, loose_place(rng, view), view.scale * rng.uniform(0.38, 0.6))
    if chance(rng, 22):
        choose(rng, EDGES)(rng, put, size)
    return picture, mask


def loose_place(rng: Rng, view: View) -> Points:
    """Return where an object hides a part of the dog: around the head, seldom in the middle of the face."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.5)
    return np.array(view.center) + np.array([np.cos(angle), np.sin(angle)]) * far * view.scale
