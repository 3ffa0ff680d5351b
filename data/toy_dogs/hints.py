"""The names that type hints of this package use."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

Rng = np.random.Generator
RGB = tuple[int, int, int]
Size = tuple[int, int]
"""Width and height in pixels."""
Points = np.ndarray
"""Float points [N, 2], or what NumPy makes such an array of."""
Place = Callable[[Points], Points]
"""Puts points of a part of the dog on the canvas."""
Put = Callable[..., None]
"""`put(outline, color)` paints an object in front of the dog."""
Dog = SimpleNamespace
"""One dog: the traits of a `breeds.Breed`, one value each."""
Pose = SimpleNamespace
"""How the dog sits and looks, see `sampling.draw_pose`."""
Light = SimpleNamespace
"""The light and the camera, see `portrait.draw_light`."""
