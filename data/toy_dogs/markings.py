"""The markings of a coat: each function returns outlines, in the dog's units, to be painted in one color.

Those of the face are clipped by the head, those of the body by the body.
"""

from types import SimpleNamespace

import numpy as np

from toy_dogs.geometry import blob, ellipse, furry, smooth, symmetric
from toy_dogs.hints import Dog, Points, Rng


def face(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return the light face under a dark cap; `size` is how high its arches reach over the eyes."""
    top = -0.05 - 0.55 * mark.size
    half = [
        (0, -0.28 + 0.1 * mark.size),
        (0.13, -0.1),
        (0.26, top * 0.8),
        (0.44, top),
        (0.62, top * 0.6),
        (0.72, 0.1),
        (1.0, 0.2),
        (1.4, 0.7),
        (0.9, 1.5),
        (0, 1.6),
    ]
    return [furry(symmetric(half), dog.fur, 0.06, rng)]


def cheeks(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return light cheeks."""
    return [
        furry(ellipse((0.64 * way, 0.52), (mark.size, mark.size * 1.1)), dog.fur, 0.06, rng)
        for way in (-1, 1)
    ]


def jowls(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return patches beside the muzzle that run down to the throat."""
    return [ellipse((0.5 * way, 0.55), (mark.size, mark.size * 0.95)) for way in (-1, 1)]


def brows(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return a dot above each eye."""
    return [ellipse((0.36 * way, -0.40), (mark.size, mark.size * 0.8)) for way in (-1, 1)]


def blaze(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return a stripe from the top of the head to the muzzle."""
    width = mark.size
    half = [(0, -1.3), (width * 0.9, -1.2), (width * 0.7, -0.5), (width, -0.1), (0.36, 0.3), (0, 0.6)]
    return [symmetric(half)]


def mask(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return a dark muzzle and dark rings about the eyes."""
    rings = [ellipse((0.42 * way, -0.02), (0.32 * mark.size, 0.3 * mark.size)) for way in (-1, 1)]
    return [ellipse((0, 0.5), (0.5 * mark.size, 0.46 * mark.size)), *rings]


def patch(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return one patch around an eye, on a random side."""
    return [blob(rng, (0.46 * side, -0.12), mark.size)]


def scattered(rng: Rng, count: int, left: float, top: float, right: float, bottom: float) -> None:
    """Return `count` centers [count, 2] spread over a rectangle, one in each cell of a shuffled grid."""
    columns = int(np.ceil(np.sqrt(count * (right - left) / (bottom - top))))
    rows = int(np.ceil(count / columns))
    cells = rng.permutation(rows * columns)[:count]
    across = (cells % columns + rng.uniform(0.1, 0.9, count)) / columns
    down = (cells // columns + rng.uniform(0.1, 0.9, count)) / rows
    return np.stack([left + across * (right - left), top + down * (bottom - top)], axis=1)


def spots(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return spots all over the head, most of them away from the eyes and the nose."""
    centers = scattered(rng, mark.count, -1.05, -1.0, 1.05, 1.0)
    eyes = np.hypot(np.abs(centers[:, 0]) - 0.4, centers[:, 1] + 0.05) < 0.26 + mark.size
    nose = np.hypot(centers[:, 0], centers[:, 1] - 0.3) < 0.3 + mark.size
    return [blob(rng, center, mark.size * rng.uniform(0.7, 1.3)) for center in centers[~(eyes | nose)]]


def brindle(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return slanting streaks over the head."""
    return [_streak(center, mark.size) for center in scattered(rng, mark.count, -1.0, -1.0, 1.0, 0.5)]


def _streak(center, width):
    x, y = center
    lean = 0.22 if x > 0 else -0.22
    return smooth(
        [(x, y - 0.22), (x + width + lean / 2, y), (x + lean, y + 0.26), (x - width + lean / 2, y)], 4
    )


def bib(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return a light chest."""
    half = [(0, 0.5), (0.5, 0.8), (0.52 * mark.size, 1.3), (0.3 * mark.size, 1.95), (0, 2.15 * mark.size)]
    return [furry(symmetric(half), dog.fur if dog.fur != "smooth" else "tufted", 0.09, rng)]


def body_spots(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return the spots of the body."""
    centers = scattered(rng, mark.count, -1.3, 0.9, 1.3, 3.2)
    return [blob(rng, center, mark.size * rng.uniform(0.8, 1.4)) for center in centers]


def body_brindle(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return slanting streaks over the body."""
    return [_streak(center, mark.size) for center in scattered(rng, mark.count, -1.2, 1.1, 1.2, 2.6)]


def body_jowls(mark: SimpleNamespace, dog: Dog, rng: Rng, side: int) -> list[Points]:
    """Return colored shoulders, beside the chest."""
    return [ellipse((0.62 * way, 1.75), (0.3, 0.5)) for way in (-1, 1)]


ON_FACE = {
    "face": face,
    "cheeks": cheeks,
    "jowls": jowls,
    "brows": brows,
    "blaze": blaze,
    "mask": mask,
    "patch": patch,
    "spots": spots,
    "brindle": brindle,
}
ON_BODY = {"bib": bib, "spots": body_spots, "brindle": body_brindle, "jowls": body_jowls}
