"""Where the dog is in the picture: from the dog's own units to pixels of the canvas."""

from dataclasses import dataclass

import numpy as np

from toy_dogs.hints import Dog, Points, Pose


@dataclass(frozen=True)
class View:
    """Where the dog's units lie on the canvas: `scale` pixels to one head radius."""

    center: tuple[float, float]
    scale: float
    roll: float
    lean: float
    yaw: float
    pitch: float

    def _place(self, points, angle):
        cos, sin = np.cos(angle), np.sin(angle)
        turned = np.asarray(points, dtype=np.float64) @ np.array([[cos, sin], [-sin, cos]])
        return turned * self.scale + self.center

    def body(self, points: Points) -> Points:
        """Return canvas points of a part of the body, which leans but does not roll with the head."""
        return self._place(points, self.lean)

    def head(self, points: Points) -> Points:
        """Return canvas points of a part of the head's outline."""
        return self._place(points, self.roll)

    def face(self, points: Points, depth: float = 0.0) -> Points:
        """Return canvas points of something on the face, a sphere turned by yaw and pitch.

        `depth` is how far it stands out: a nose moves more than an eye.
        """
        radius = 1.3
        ball = np.clip(np.asarray(points, dtype=np.float64) / radius, -0.98, 0.98)
        turned = radius * np.sin(np.arcsin(ball) + [self.yaw, self.pitch])
        return self.head(turned + np.array([self.yaw, self.pitch]) * depth)


def head_room(dog: Dog, pose: Pose) -> tuple[float, float, float, float]:
    """Return the head's extent (left, top, right, bottom) with ears and roll, in head radii."""
    hangs = dog.ears == "drop"
    reach = 1.12 if hangs else 0.86 + 0.8 * dog.ear_length
    corners = [
        (-1.25, -1.05),
        (1.25, -1.05),
        (-1.25, 1.1),
        (1.25, 1.1),
        (0, -1.25 if dog.topknot != "none" else -1),
    ]
    ears = [(way * (0.5 + 0.5 * dog.ear_set) * 1.1, -reach) for way in (-1, 1)]
    cos, sin = np.cos(pose.roll), np.sin(pose.roll)
    turned = np.array(corners + ears) @ np.array([[cos, sin], [-sin, cos]])
    return (*turned.min(axis=0), *turned.max(axis=0))


def place_view(dog: Dog, pose: Pose, size: tuple[int, int], supersampling: int) -> View:
    """Return the `View` with the head inside the centered square of a picture; `size` is (height, width)."""
    height, width = size
    side = min(size)
    left, top, right, bottom = head_room(dog, pose)
    scale = min(pose.scale, 0.97 / (right - left), 0.97 / (bottom - top)) * side
    room = np.array([side - (right - left) * scale, side - (bottom - top) * scale]) / 2
    middle = np.array([width, height]) / 2 - np.array([left + right, top + bottom]) / 2 * scale
    center = (middle + room * pose.offset * 0.9) * supersampling
    return View(tuple(center), scale * supersampling, pose.roll, pose.lean, pose.yaw, pose.pitch)
