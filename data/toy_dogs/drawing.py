"""One dog: body, ears, head and face, painted from the back to the front."""

import numpy as np
from PIL import ImageChops

from toy_dogs import markings
from toy_dogs.canvas import INK, Canvas, View, mix
from toy_dogs.geometry import ellipse, furry, smooth, symmetric
from toy_dogs.sampling import chance

LINE = 0.062  # the width of outlines, in head radii
WHITE = (255, 255, 255)
SHADE = (40, 20, 48)
TONGUE = (240, 122, 136)
MOUTH = (104, 34, 44)
INNER_EAR = (238, 168, 160)
GOLD = (250, 200, 70)


class Painter:
    """Paints one `dog` (its traits), seen as `pose` says, on a canvas of `size` (width, height)."""

    def __init__(self, dog, pose, view, size, rng):
        self.dog, self.pose, self.view, self.rng = dog, pose, view, rng
        self.canvas = Canvas(size)
        self.colours = {"coat": dog.coat, "light": dog.light, "dark": dog.dark, "tan": dog.tan}
        self.ink = mix(INK, dog.coat, 10)

    def paint(self):
        """Paint everything and return the canvas."""
        self.body()
        self.accessory()
        upright = self.dog.ears not in ("drop",)
        if upright:
            self.ears()
        self.head()
        if not upright:
            self.ears()
        self.topknot()
        self.face()
        return self.canvas

    # Helpers

    def line(self, points, colour=None, width=1.0, closed=False):
        """Draw a line of the outline's width times `width`."""
        self.canvas.stroke(points, colour or self.ink, LINE * width * self.view.scale, closed)

    def part(self, outline, colour, line=None, width=1.0):
        """Paint a part and its dark outline; return the part's stencil."""
        self.canvas.fill(outline, colour)
        self.line(outline, line, width, closed=True)
        return self.canvas.stencil(outline)

    def shade(self, stencil, outline, percent):
        """Darken the part of `stencil` that lies outside of `outline`: the side away from the light."""
        dark = ImageChops.subtract(stencil, self.canvas.stencil(outline))
        self.canvas.tint(dark, SHADE, percent)

    def mark(self, stencil, catalogue, place):
        """Paint the dog's markings of one `catalogue`, clipped by `stencil`."""
        for mark in self.dog.markings:
            if mark.kind in catalogue:
                outlines = catalogue[mark.kind](mark, self.dog, self.rng, self.pose.side)
                clipped = self.canvas.within(stencil, *(place(outline) for outline in outlines))
                self.canvas.tint(clipped, self.colours[mark.colour])

    def from_light(self, outline, amount):
        """Return canvas points moved towards the light by `amount` head radii."""
        return outline + np.array([-self.pose.light_side * 0.8, -0.6]) * amount * self.view.scale

    # Body

    def body(self):
        """Paint neck, shoulders and chest, with the head's shadow on them."""
        dog, view = self.dog, self.view
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
        outline = view.body(furry(symmetric(half, 10), dog.fur, dog.fur_length * 0.9, self.rng))
        stencil = self.part(outline, dog.coat)
        self.mark(stencil, markings.ON_BODY, view.body)
        self.shade(stencil, self.from_light(outline, 0.22), 22)
        self.legs()
        shadow = view.head(ellipse((0, 0.22), (0.98, 0.98)))
        self.canvas.tint(self.canvas.within(stencil, shadow), SHADE, 30)
        self.line(outline, closed=True)

    def legs(self):
        """Draw the lines between the front legs and the body."""
        for way in (-1, 1):
            leg = self.view.body([(0.62 * way, 2.0), (0.5 * way, 2.5), (0.46 * way, 3.2), (0.46 * way, 6)])
            self.line(leg, width=0.7)

    # What the dog wears

    def accessory(self):
        """Paint a collar, a bandana, a bow or a scarf, or nothing."""
        wear = {"collar": self.collar, "bandana": self.bandana, "bow": self.bow, "scarf": self.scarf}
        if self.pose.accessory in wear:
            wear[self.pose.accessory]()

    def band(self, top, bottom, colour):
        """Paint a band around the neck between two heights."""
        upper = [(-0.72, top - 0.3), (-0.4, top - 0.08), (0, top), (0.4, top - 0.08), (0.72, top - 0.3)]
        lower = [(x * 1.04, y + bottom - top) for x, y in reversed(upper)]
        outline = self.view.body(np.array(upper + lower))
        self.part(outline, colour, mix(colour, INK, 70))

    def collar(self):
        """Paint a collar with a golden tag."""
        self.band(1.16, 1.34, self.pose.accent)
        tag = self.view.body(ellipse((0, 1.44), (0.15, 0.16)))
        self.part(tag, GOLD, mix(GOLD, INK, 65), 0.8)
        self.canvas.fill(self.view.body(ellipse((-0.05, 1.39), (0.05, 0.05))), mix(GOLD, WHITE, 75))

    def bandana(self):
        """Paint a dotted bandana."""
        colour = self.pose.accent
        outline = [
            (-0.76, 0.9),
            (0, 1.2),
            (0.76, 0.9),
            (0.62, 1.25),
            (0.08, 1.95),
            (-0.08, 1.95),
            (-0.62, 1.25),
        ]
        points = self.view.body(np.array(outline))
        stencil = self.part(points, colour, mix(colour, INK, 70))
        dots = [
            (-0.42, 1.22),
            (-0.14, 1.34),
            (0.14, 1.34),
            (0.42, 1.22),
            (-0.22, 1.58),
            (0.22, 1.58),
            (0, 1.76),
        ]
        spots = [self.view.body(ellipse(dot, (0.065, 0.065), 10)) for dot in dots]
        self.canvas.tint(self.canvas.within(stencil, *spots), mix(colour, WHITE, 75))

    def bow(self):
        """Paint a bow tie."""
        colour = self.pose.accent
        dark = mix(colour, INK, 70)
        self.band(1.16, 1.28, self.pose.second_accent)
        for way in (-1, 1):
            wing = smooth([(0.05 * way, 1.24), (0.46 * way, 1.02), (0.54 * way, 1.3), (0.42 * way, 1.55)], 6)
            self.part(self.view.body(wing), colour, dark)
        self.part(self.view.body(ellipse((0, 1.27), (0.12, 0.13))), mix(colour, INK, 18), dark)

    def scarf(self):
        """Paint a striped scarf with one end hanging down."""
        colour, side = self.pose.accent, self.pose.side
        end = np.array([(0.2, 1.15), (0.55, 1.1), (0.66, 2.05), (0.28, 2.1)]) * [side, 1]
        stencil = self.part(self.view.body(end), colour, mix(colour, INK, 70))
        stripes = [
            np.array([(0, y), (1, y - 0.06), (1, y + 0.1), (0, y + 0.16)]) * [side, 1] for y in (1.5, 1.8)
        ]
        striped = self.canvas.within(stencil, *(self.view.body(stripe) for stripe in stripes))
        self.canvas.tint(striped, self.pose.second_accent)
        self.band(1.05, 1.4, colour)

    # Head

    def head_outline(self):
        """Return the head's outline in the dog's units."""
        dog = self.dog
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

        return furry(symmetric(half), dog.fur, dog.fur_length, self.rng, weight)

    def head(self):
        """Paint the head with its markings and shadow."""
        dog, view = self.dog, self.view
        outline = view.head(self.head_outline())
        stencil = self.part(outline, dog.coat)
        shine = self.from_light(view.head(ellipse((0, -0.45), (0.52, 0.3))), 0.18)
        self.canvas.tint(self.canvas.within(stencil, shine), WHITE, 9)
        self.mark(stencil, markings.ON_FACE, view.face)
        self.shade(stencil, self.from_light(outline, 0.17), 20)
        self.line(outline, closed=True)

    # Ears

    def ears(self):
        """Paint both ears, the far one first."""
        for way in (-1, 1) if self.view.yaw < 0 else (1, -1):
            self.ear(way)

    def ear_frame(self, way, hangs):
        """Return a function that puts points (across, along) of one ear on the canvas."""
        dog, pose, view = self.dog, self.pose, self.view
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

    def ear(self, way):
        """Paint one ear; `way` is -1 for the left one and 1 for the right one."""
        hangs = self.dog.ears == "drop"
        place = self.ear_frame(way, hangs)
        colour = self.colours[self.dog.ear_colour]
        if self.dog.ears == "button":
            self.button_ear(place, colour)
        elif hangs:
            self.drop_ear(place, colour)
        else:
            self.upright_ear(place, colour)

    def ear_outline(self, points, fur_share=0.8):
        """Return an ear's smooth or furry outline in the ear's units."""
        return furry(smooth(points), self.dog.fur, self.dog.fur_length * fur_share, self.rng)

    def upright_ear(self, place, colour):
        """Paint a pointed, a round or a fringed ear with its pink inside."""
        shape = UPRIGHT_EARS[self.dog.ears]
        fur_share = 3.0 if self.dog.ears == "fringed" else 0.4
        outline = place(self.ear_outline(shape, fur_share))
        stencil = self.part(outline, colour)
        inside = place(smooth(np.array(shape) * [0.58, 0.76] + [0, 0.06]))
        self.canvas.tint(self.canvas.within(stencil, inside), mix(INNER_EAR, colour, 30))
        self.shade(stencil, self.from_light(outline, 0.1), 22)
        self.line(outline, closed=True)

    def drop_ear(self, place, colour):
        """Paint a hanging ear."""
        outline = place(self.ear_outline(DROP_EAR))
        if self.dog.ear_colour == "coat":
            colour = mix(colour, INK, 14)
        stencil = self.part(outline, colour)
        self.shade(stencil, self.from_light(outline, 0.13), 24)
        self.line(outline, closed=True)

    def button_ear(self, place, colour):
        """Paint an upright ear whose tip is folded over."""
        self.part(place(self.ear_outline(BUTTON_EAR, 0.4)), colour)
        flap = place(self.ear_outline(BUTTON_FLAP, 0.4))
        stencil = self.part(flap, mix(colour, INK, 16))
        self.shade(stencil, self.from_light(flap, 0.08), 20)
        self.line(flap, closed=True)

    def topknot(self):
        """Paint the hair on top of the head."""
        size, fur = self.dog.topknot_size, self.dog.fur
        shapes = {
            "puff": lambda: ellipse((0, -0.80), (0.60 * size, 0.44 * size)),
            "tuft": lambda: symmetric([(0, -1.0 - 0.3 * size), (0.3, -1.0), (0.34, -0.7), (0, -0.52)], 6),
            "fringe": lambda: symmetric([(0, -1.06), (0.6, -0.9), (0.72, -0.3 * size), (0, -0.16 * size)], 6),
        }
        if self.dog.topknot in shapes:
            outline = furry(shapes[self.dog.topknot](), fur, 0.12, self.rng)
            points = self.view.face(outline, 0.05)
            stencil = self.part(points, mix(self.dog.coat, WHITE, 10), mix(self.dog.coat, INK, 70))
            self.shade(stencil, self.from_light(points, 0.12), 18)

    # Face

    def face(self):
        """Paint cheeks, muzzle, mouth, nose, eyes and brows."""
        self.blush()
        for way in (-1, 1) if self.view.yaw < 0 else (1, -1):
            self.eye(way)
        self.beard()
        self.muzzle()
        for way in (-1, 1):
            self.brow(way)

    def blush(self):
        """Lay a little pink on the cheeks."""
        spots = [self.view.face(ellipse((0.66 * way, 0.32), (0.17, 0.11))) for way in (-1, 1)]
        self.canvas.tint(self.canvas.stencil(*spots), (236, 110, 120), 26)

    def is_closed(self, way):
        """Return whether this eye is closed: both in a happy face, one in a wink."""
        return self.pose.expression == "happy" or (self.pose.expression == "wink" and way == self.pose.side)

    def eye(self, way):
        """Paint one eye, open or closed."""
        if self.is_closed(way):
            arch = [(0.24, 0.05), (0.30, -0.06), (0.41, -0.12), (0.52, -0.06), (0.58, 0.05)]
            self.line(self.view.face(np.array(arch) * [way, 1], 0.1), INK, 1.5)
        else:
            self.open_eye(np.array([0.41 * way, -0.04]), self.pose.eye_size)

    def open_eye(self, centre, size):
        """Paint an open eye: rim, iris, pupil and two catch-lights."""
        view, canvas = self.view, self.canvas
        gaze = self.pose.gaze * 0.16 * size

        def disc(offset, radius, stretch=1.0):
            return view.face(ellipse(centre + offset, (radius, radius * stretch), 24), 0.1)

        rim = disc((0, 0), size, 1.08)
        canvas.tint(canvas.stencil(disc((0, -0.02), size * 1.22, 1.08)), INK, 22)
        self.part(rim, self.dog.eyes, INK, 0.9)
        white = mix(self.dog.eyes, INK, 72)
        canvas.tint(canvas.within(canvas.stencil(rim), disc((0, -size * 0.55), size * 1.05)), white, 55)
        canvas.fill(disc(gaze, size * 0.62), (22, 14, 18))
        light = np.array([-self.pose.light_side * 0.34, -0.38]) * size
        canvas.fill(disc(light + gaze * 0.5, size * 0.34), WHITE)
        canvas.fill(disc(-light * 0.95 + gaze * 0.5, size * 0.17), (236, 240, 255))
        if self.pose.expression == "sleepy":
            self.eyelid(centre, size)

    def eyelid(self, centre, size):
        """Paint a lid over the upper part of an eye."""
        lid = (
            centre + np.array([(-1.15, -0.12), (-0.8, -1.15), (0, -1.4), (0.8, -1.15), (1.15, -0.12)]) * size
        )
        self.canvas.fill(self.view.face(lid, 0.1), mix(self.dog.coat, INK, 12))
        edge = self.view.face(lid[[0, 4]], 0.1)
        self.line(edge, INK, 1.3)

    def brow(self, way):
        """Paint a bushy brow that hangs over the eye."""
        size = self.dog.brows
        if size <= 0:
            return
        shape = np.array([(0.1, -0.2), (0.2, -0.42), (0.46, -0.44), (0.66, -0.2), (0.42, -0.22)])
        middle = np.array([0.4, -0.32])
        shape = ((shape - middle) * size * 1.15 + middle) * [way, 1]
        brow = self.view.face(furry(smooth(shape, 5), self.dog.fur, 0.07, self.rng), 0.2)
        self.part(brow, self.dog.light, mix(self.dog.light, INK, 60), 0.7)

    def beard(self):
        """Paint a moustache and a beard behind the muzzle."""
        size = self.dog.beard
        if size <= 0:
            return
        half = [
            (0, 0.1),
            (0.34, 0.24),
            (0.62 * size, 0.5),
            (0.52 * size, 0.86),
            (0.26, 1.12 * size),
            (0, 1.22 * size),
        ]
        outline = self.view.face(furry(symmetric(half, 6), self.dog.fur, 0.1, self.rng), 0.25)
        stencil = self.part(outline, self.dog.light, mix(self.dog.light, INK, 62), 0.9)
        self.shade(stencil, self.from_light(outline, 0.1), 16)

    def muzzle(self):
        """Paint the two-lobed muzzle with mouth and nose."""
        size, view = self.dog.muzzle, self.view
        colour = self.dog.light if self.dog.beard > 0 else self.colours[self.dog.muzzle_colour]
        colour = mix(colour, WHITE, 12)
        lines = mix(colour, INK, 55)

        def place(points):
            return view.face(np.asarray(points) * size + [0, 0.32 * (1 - size)], 0.32)

        self.mouth(place)
        lobes = [place(ellipse((0.17 * way, 0.40), (0.26, 0.21))) for way in (-1, 1)]
        lobes.append(place(ellipse((0, 0.24), (0.22, 0.2))))
        for lobe in lobes[:2]:
            self.line(lobe, lines, 0.75, closed=True)
        for lobe in lobes:
            self.canvas.fill(lobe, colour)
        self.line(place([(0, 0.3), (0, 0.44)]), INK, 0.9)
        for way in (-1, 1):
            smile = [(0, 0.44), (0.07, 0.53), (0.18, 0.56), (0.3, 0.5)]
            self.line(place(np.array(smile) * [way, 1]), INK, 0.9)
            for dot in ((0.2, 0.38), (0.29, 0.34), (0.28, 0.43)):
                freckle = place(ellipse((dot[0] * way, dot[1]), (0.022, 0.022), 8))
                self.canvas.fill(freckle, lines)
        self.nose(place)

    def mouth(self, place):
        """Paint the open mouth and tongue of a smiling dog, or a chin."""
        colour = mix(self.colours[self.dog.muzzle_colour], INK, 8)
        if self.pose.expression in ("smile", "happy", "wink"):
            self.part(place(ellipse((0, 0.62), (0.19, 0.21))), MOUTH, INK, 0.8)
            self.part(place(ellipse((0, 0.70), (0.135, 0.17))), TONGUE, mix(TONGUE, INK, 60), 0.6)
            self.line(place([(0, 0.62), (0, 0.76)]), mix(TONGUE, MOUTH, 45), 0.6)
        elif self.pose.expression == "lick":
            tongue = place(ellipse((0.16 * self.pose.side, 0.6), (0.12, 0.17)))
            self.part(tongue, TONGUE, mix(TONGUE, INK, 60), 0.7)
        else:
            self.part(place(ellipse((0, 0.56), (0.17, 0.14))), colour, mix(colour, INK, 50), 0.7)

    def nose(self, place):
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
        self.canvas.fill(place(smooth(wedge, 5)), (36, 24, 28))
        shine = ellipse((-0.05 * self.pose.light_side, 0.13), (0.055, 0.03), 12)
        self.canvas.fill(place(shine), (206, 200, 214))


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
BUTTON_EAR = [(-0.55, -0.1), (-0.5, 0.35), (-0.24, 0.7), (0.2, 0.72), (0.5, 0.35), (0.55, -0.1)]
BUTTON_FLAP = [(-0.42, 0.5), (-0.2, 0.74), (0.2, 0.76), (0.5, 0.46), (0.3, 0.14), (0.1, -0.06), (-0.06, 0.12)]


def head_room(dog, pose):
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


def place_view(dog, pose, size, supersampling):
    """Return the `View` that keeps the head inside the centred square of a picture of (height, width) `size`."""
    height, width = size
    side = min(size)
    left, top, right, bottom = head_room(dog, pose)
    scale = min(pose.scale, 0.97 / (right - left), 0.97 / (bottom - top)) * side
    room = np.array([side - (right - left) * scale, side - (bottom - top) * scale]) / 2
    middle = np.array([width, height]) / 2 - np.array([left + right, top + bottom]) / 2 * scale
    centre = (middle + room * pose.offset * 0.9) * supersampling
    return View(tuple(centre), scale * supersampling, pose.roll, pose.lean, pose.yaw, pose.pitch)
