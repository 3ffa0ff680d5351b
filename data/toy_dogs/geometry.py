"""Outlines as arrays of points: smooth curves, ellipses, and edges that look like fur.

Every function returns float64 points [N, 2] in the dog's own units: the head's radius is about 1,
x grows to the right and y grows downwards.
"""

import functools
from collections.abc import Callable

import numpy as np

from toy_dogs.hints import Points, Rng


def smooth(points: Points, steps: int = 8) -> Points:
    """Return a closed Catmull-Rom curve through `points` [N, 2]: an array [N * steps, 2]."""
    points = np.asarray(points, dtype=np.float64)
    place = np.arange(len(points))
    before, start = points[place - 1, None], points[:, None]
    end, after = points[place - len(points) + 1, None], points[place - len(points) + 2, None]
    t = (np.arange(steps) / steps)[None, :, None]
    linear = end - before
    square = 2 * before - 5 * start + 4 * end - after
    cube = 3 * start - before - 3 * end + after
    return (start + 0.5 * t * (linear + t * (square + t * cube))).reshape(-1, 2)


def symmetric(half: Points, steps: int = 8) -> Points:
    """Return a smooth closed outline from its right `half`, listed from the top to the bottom."""
    half = np.asarray(half, dtype=np.float64)
    inner = half[(half[:, 0] != 0)]
    left = (inner * [-1, 1])[::-1]
    return smooth(np.concatenate([half, left]), steps)


def ellipse(center: Points, radii: tuple[float, float], steps: int = 28) -> Points:
    """Return the outline [steps, 2] of an ellipse with the given `center` (x, y) and `radii` (x, y)."""
    return _circle(steps) * radii + np.asarray(center, dtype=np.float64)


@functools.cache
def _circle(steps):
    angles = np.arange(steps) * (2 * np.pi / steps)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def blob(rng: Rng, center: Points, radius: float, steps: int = 24) -> Points:
    """Return a round but irregular patch about `center`, as a spot in a coat is."""
    corners = 7
    angles = (np.arange(corners) + rng.uniform(-0.25, 0.25, corners)) * (2 * np.pi / corners)
    lengths = radius * rng.uniform(0.75, 1.2, corners)
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths[:, None]
    return smooth(around + np.asarray(center, dtype=np.float64), steps // corners)


def resample(curve: Points, count: int) -> Points:
    """Return `count` points at equal distances along the closed `curve`."""
    closed = np.concatenate([curve, curve[:1]])
    distance = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    wanted = np.arange(count) * (distance[-1] / count)
    return np.stack([np.interp(wanted, distance, closed[:, axis]) for axis in (0, 1)], axis=1)


# One lock of fur, from its start to just before the next: how far each point stands out.
LOCKS = {
    "tufted": np.array([0.0, 0.45, 0.85, 1.0, 0.5]),
    "shaggy": np.array([0.0, 0.4, 0.75, 1.0, 0.5]),
    "curly": np.array([0.0, 0.62, 0.9, 1.0, 0.9, 0.62]),
}
LOCK_WIDTHS = {"tufted": 0.21, "shaggy": 0.18, "curly": 0.25}
DROOP = {"tufted": 0.7, "shaggy": 0.9, "curly": 0.0}  # how far a lock hangs down, in its own lengths


def furry(
    curve: Points, fur: str, length: float, rng: Rng, weight: Callable[[Points], np.ndarray] | None = None
) -> Points:
    """Return `curve` with locks of `fur` standing out by about `length`; a smooth coat is left as it is.

    `weight(points)` may give a factor for every point [N, 2] of the outline, to keep some of it smooth.
    """
    if fur == "smooth" or length <= 0:
        return curve
    lock = LOCKS[fur]
    perimeter = np.hypot(*(curve - np.roll(curve, 1, axis=0)).T).sum()
    locks = max(6, int(np.rint(perimeter / LOCK_WIDTHS[fur])))
    points = resample(curve, locks * len(lock))
    tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / np.hypot(*tangent.T)[:, None]
    sizes = np.repeat(rng.uniform(0.7, 1.3, locks), len(lock)) * np.tile(lock, locks) * length
    if weight is not None:
        sizes = sizes * weight(points)
    return points + (normal + [0, DROOP[fur]]) * sizes[:, None]
