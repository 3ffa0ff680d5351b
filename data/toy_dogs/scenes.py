"""What is around the dog: a background behind it, now and then an object in front of it.

A background is painted on the supersampled canvas. Its colours come from a few palettes and have nothing to
do with the breed.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from toy_dogs.canvas import INK, flat, mix
from toy_dogs.geometry import ellipse, smooth
from toy_dogs.sampling import ACCENTS, SUPERSAMPLING, chance, choose, rgb

WHITE = (255, 255, 255)


def tone(rng, saturation, value, hue=(0, 359)):
    """Return a colour with hue, saturation and value drawn from the given whole-number ranges."""
    return rgb(*(int(rng.integers(low, high + 1)) for low, high in (hue, saturation, value)))


def soft_tone(rng):
    """Return a wall-paint colour: mostly pastel, sometimes deep."""
    return tone(rng, (28, 48), (38, 58)) if chance(rng, 25) else tone(rng, (12, 34), (78, 96))


def gradient(size, top, bottom):
    """Return a picture that runs from the colour `top` to the colour `bottom`."""
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def disc(pen, x, y, radius, colour):
    """Paint a disc; all numbers are rounded to whole pixels."""
    x, y, radius = (int(np.rint(number)) for number in (x, y, radius))
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def ridge(rng, size, height, swing):
    """Return the outline of a hill line across the picture at `height`, down to the bottom."""
    width, bottom = size
    tops = [(width * part / 4, height + swing * rng.uniform(-1, 1)) for part in range(-1, 6)]
    return np.concatenate(
        [smooth(tops)[: 8 * (len(tops) - 1)], [(width * 1.25, bottom + 9), (-width, bottom + 9)]]
    )


def sky(rng, size):
    """Return a day, a dawn or an evening sky."""
    top, bottom = choose(rng, SKIES)
    return gradient(size, rgb(*top), rgb(*bottom))


SKIES = (
    ((205, 52, 92), (195, 14, 99)),
    ((212, 60, 84), (200, 26, 97)),
    ((265, 34, 76), (24, 36, 99)),
    ((222, 56, 52), (18, 46, 94)),
    ((202, 18, 86), (200, 6, 96)),
)


def clouds(rng, pen, size):
    """Paint a few round clouds."""
    width, height = size
    for _ in range(int(rng.integers(1, 4))):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height * 0.35), width * rng.uniform(0.04, 0.08)
        for step, grow in ((-1.5, 0.7), (-0.6, 1.1), (0.5, 1.0), (1.4, 0.6)):
            disc(pen, x + step * radius, y - grow * radius * 0.3, radius * grow, (252, 252, 255))


def meadow(rng, size):
    """Paint hills under a sky, with trees or flowers."""
    picture = sky(rng, size)
    pen, (width, height) = ImageDraw.Draw(picture), size
    if chance(rng, 40):
        disc(
            pen, width * rng.uniform(0.1, 0.9), height * rng.uniform(0.08, 0.3), width * 0.08, (255, 240, 190)
        )
    clouds(rng, pen, size)
    hue = int(rng.integers(75, 150))
    far, near = rgb(hue + 12, 30, 80), rgb(hue, 44, 70)
    pen.polygon(flat(ridge(rng, size, height * 0.5, height * 0.09)), fill=far)
    for _ in range(int(rng.integers(0, 5))):
        tree(
            rng,
            pen,
            rng.uniform(0, width),
            height * rng.uniform(0.5, 0.6),
            height * rng.uniform(0.09, 0.18),
            hue,
        )
    pen.polygon(flat(ridge(rng, size, height * 0.64, height * 0.06)), fill=near)
    for x, y in rng.uniform((0, 0.7), (1, 1), (int(rng.integers(10, 30)), 2)):
        flower = choose(rng, (WHITE, (255, 226, 110), (250, 170, 190), mix(near, WHITE, 30)))
        disc(pen, x * width, y * height, width * 0.011, flower)
    return picture


def tree(rng, pen, x, y, height, hue):
    """Paint a round tree or a fir standing at (x, y)."""
    colour = rgb(hue + int(rng.integers(-15, 25)), 46, int(rng.integers(44, 66)))
    trunk = [
        (x - height * 0.07, y),
        (x + height * 0.07, y),
        (x + height * 0.07, y - height),
        (x - height * 0.07, y - height),
    ]
    pen.polygon(flat(trunk), fill=(122, 88, 66))
    if chance(rng, 50):
        disc(pen, x, y - height, height * 0.48, colour)
    else:
        fir = [
            (x - height * 0.42, y - height * 0.25),
            (x + height * 0.42, y - height * 0.25),
            (x, y - height * 1.5),
        ]
        pen.polygon(flat(fir), fill=colour)


def beach(rng, size):
    """Paint sky, sea and sand."""
    picture = sky(rng, size)
    pen, (width, height) = ImageDraw.Draw(picture), size
    clouds(rng, pen, size)
    horizon = int(np.rint(height * rng.uniform(0.36, 0.52)))
    sea = tone(rng, (44, 66), (66, 84), (176, 212))
    pen.rectangle((0, horizon, width, height), fill=sea)
    for _ in range(9):
        x, y = rng.uniform(0, width), horizon + rng.uniform(0.02, 0.14) * height
        pen.line(flat([(x, y), (x + width * 0.13, y)]), fill=mix(sea, WHITE, 45), width=4)
    shore = ridge(rng, size, height * 0.68, height * 0.03)
    pen.polygon(flat(shore - [0, height * 0.025]), fill=(250, 250, 250))
    pen.polygon(flat(shore), fill=tone(rng, (24, 36), (88, 95), (38, 44)))
    return picture


def winter(rng, size):
    """Paint snow falling on firs."""
    picture = gradient(size, tone(rng, (22, 44), (62, 82), (205, 240)), (226, 232, 244))
    pen, (width, height) = ImageDraw.Draw(picture), size
    for x in sorted(rng.uniform(0, 1, int(rng.integers(3, 8)))):
        tree(rng, pen, x * width, height * 0.66, height * rng.uniform(0.2, 0.32), 160)
    pen.polygon(flat(ridge(rng, size, height * 0.62, height * 0.05)), fill=(238, 242, 250))
    for x, y in rng.uniform((0, 0), (1, 1), (36, 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.006, 0.016), WHITE)
    return picture


def night(rng, size):
    """Paint a moon and stars over dark hills."""
    picture = gradient(
        size, rgb(int(rng.integers(215, 260)), 58, 32), rgb(int(rng.integers(240, 300)), 38, 62)
    )
    pen, (width, height) = ImageDraw.Draw(picture), size
    for x, y in rng.uniform((0, 0), (1, 0.6), (30, 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.003, 0.010), (250, 244, 220))
    disc(pen, width * rng.uniform(0.1, 0.9), height * rng.uniform(0.1, 0.25), width * 0.08, (252, 240, 200))
    pen.polygon(flat(ridge(rng, size, height * 0.62, height * 0.08)), fill=(58, 62, 104))
    return picture


def room(rng, size):
    """Paint a wall with wallpaper, a skirting board and a floor, and a picture or a window."""
    wall = soft_tone(rng)
    picture = Image.new("RGB", size, wall)
    pen, (width, height) = ImageDraw.Draw(picture), size
    if chance(rng, 50):
        stripe_bands(pen, size, mix(wall, WHITE, 22), width // int(rng.integers(7, 13)), 0)
    window_or_frame(rng, pen, size)
    edge = int(np.rint(height * rng.uniform(0.62, 0.8)))
    floor = tone(rng, (28, 52), (46, 78), (18, 36))
    pen.rectangle((0, edge, width, height), fill=floor)
    pen.rectangle((0, edge - height // 22, width, edge), fill=mix(wall, WHITE, 60))
    for x in range(-2, 9):
        pen.line(
            flat([(x * width / 6, height), (width / 2 + (x - 3) * width / 11, edge)]),
            fill=mix(floor, INK, 25),
            width=3,
        )
    return picture


def window_or_frame(rng, pen, size):
    """Paint a window or a framed picture on the wall, to one side."""
    width, height = size
    x, y = width * choose(rng, (0.04, 0.66)), height * rng.uniform(0.05, 0.15)
    wide, high = width * 0.3, height * rng.uniform(0.3, 0.4)
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    frame = choose(rng, (WHITE, (150, 104, 70), (70, 62, 70)))
    pen.polygon(flat(corners), fill=frame)
    inner = np.array(corners) * 0.84 + np.array(corners).mean(axis=0) * 0.16
    pen.polygon(
        flat(inner), fill=choose(rng, ((176, 218, 244), (250, 222, 190), (190, 220, 180), (70, 76, 120)))
    )
    middle = inner.mean(axis=0)
    if chance(rng, 50):
        pen.line(flat([(middle[0], inner[0, 1]), (middle[0], inner[2, 1])]), fill=frame, width=7)
        pen.line(flat([(inner[0, 0], middle[1]), (inner[1, 0], middle[1])]), fill=frame, width=7)
    else:
        disc(pen, *middle, wide * 0.2, choose(rng, ACCENTS))


def stripe_bands(pen, size, colour, band, slant):
    """Paint bands of `band` pixels, as many apart, leaning by `slant` pixels."""
    width, height = size
    for x in range(-abs(slant) - band, width + abs(slant), 2 * band):
        pen.polygon([x, 0, x + band, 0, x + band + slant, height, x + slant, height], fill=colour)


def stripes(rng, size):
    """Paint wallpaper with slanting stripes or a gingham check."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, width = ImageDraw.Draw(picture), size[0]
    band = width // int(rng.integers(6, 14))
    lighter = mix(base, WHITE, int(rng.integers(20, 45)))
    if chance(rng, 40):
        for y in range(0, size[1], 2 * band):
            pen.rectangle((0, y, width, y + band), fill=mix(base, WHITE, 14))
        stripe_bands(pen, size, lighter, band, 0)
    else:
        stripe_bands(pen, size, lighter, band, int(rng.integers(-width // 2, width // 2)))
    return picture


def dots(rng, size):
    """Paint wallpaper with dots in a diamond grid."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, step = ImageDraw.Draw(picture), size[0] / int(rng.integers(5, 10))
    colour = mix(base, choose(rng, (WHITE, WHITE, INK)), 30)
    for row in range(int(size[1] / step * 2) + 2):
        for column in range(int(size[0] / step) + 2):
            disc(pen, (column + row % 2 / 2) * step, row * step / 2, step * 0.16, colour)
    return picture


def studio(rng, size):
    """Paint a plain backdrop with a bright spot behind the dog."""
    colour = soft_tone(rng)
    glow = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
    dark, light = mix(colour, INK, 25), mix(colour, WHITE, 35)
    return Image.composite(Image.new("RGB", size, dark), Image.new("RGB", size, light), glow)


def rays(rng, size):
    """Paint rays from the middle of the picture, as on a poster."""
    base = soft_tone(rng)
    picture = Image.new("RGB", size, base)
    pen, (width, height) = ImageDraw.Draw(picture), size
    middle = np.array([width / 2, height * rng.uniform(0.4, 0.7)])
    count = int(rng.integers(8, 15))
    turn = rng.uniform(0, np.pi)
    for ray in range(count):
        angles = turn + (ray + np.array([0, 0.5])) * 2 * np.pi / count
        tips = middle + np.stack([np.cos(angles), np.sin(angles)], axis=1) * (width + height)
        pen.polygon(flat([middle, *tips]), fill=mix(base, WHITE, 22))
    return picture


def bokeh(rng, size):
    """Paint lights out of focus."""
    hue = int(rng.integers(0, 360))
    picture = gradient(
        size, rgb(hue, 42, int(rng.integers(30, 76))), rgb(hue + 50, 38, int(rng.integers(30, 76)))
    )
    lights = Image.new("L", size)
    pen, (width, height) = ImageDraw.Draw(lights), size
    for x, y in rng.uniform((0, 0), (1, 1), (int(rng.integers(9, 18)), 2)):
        disc(pen, x * width, y * height, width * rng.uniform(0.03, 0.1), int(rng.integers(50, 150)))
    picture.paste(mix(rgb(hue + int(rng.integers(-60, 60)), 40, 100), WHITE, 30), mask=lights)
    return out_of_focus(picture, 1)


def bricks(rng, size):
    """Paint a brick wall."""
    brick = tone(rng, (20, 46), (56, 84), (8, 28)) if chance(rng, 60) else tone(rng, (4, 14), (74, 92))
    picture = Image.new("RGB", size, mix(brick, WHITE, 45))
    pen, high = ImageDraw.Draw(picture), size[1] // int(rng.integers(8, 12))
    for row in range(size[1] // high + 1):
        for column in range(-1, size[0] // (2 * high) + 2):
            x, y = column * 2 * high + row % 2 * high, row * high
            shade = mix(brick, INK, int(rng.integers(0, 14)))
            pen.rectangle((x, y, x + 2 * high - 5, y + high - 5), fill=shade)
    return picture


BACKGROUNDS = (
    meadow,
    meadow,
    beach,
    winter,
    night,
    room,
    room,
    stripes,
    dots,
    studio,
    rays,
    bokeh,
    bokeh,
    bricks,
)


def out_of_focus(picture, radius):
    """Return `picture` blurred by `radius` final pixels, as a background is in a portrait."""
    small = picture.reduce(SUPERSAMPLING).filter(ImageFilter.GaussianBlur(radius))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def background(rng, size):
    """Return a background (RGB picture) for a canvas of `size` (width, height)."""
    picture = choose(rng, BACKGROUNDS)(rng, size)
    return out_of_focus(picture, int(rng.integers(1, 3))) if chance(rng, 45) else picture


# Objects in front of the dog


def leaf(rng, put, at, reach):
    """Put a twig with three leaves in front of the dog."""
    green = tone(rng, (42, 66), (48, 74), (80, 150))
    turn = rng.uniform(0, 2 * np.pi)
    for spread in (-0.8, 0, 0.8):
        along = np.array([np.cos(turn + spread), np.sin(turn + spread)]) * reach
        across = np.array([-along[1], along[0]]) * 0.28
        put(smooth([at, at + along * 0.5 + across, at + along, at + along * 0.5 - across]), green)


def ball(rng, put, at, reach):
    """Put a ball with a band in front of the dog."""
    colour = choose(rng, ACCENTS)
    put(ellipse(at, (reach * 0.62, reach * 0.62)), colour)
    put(ellipse(at, (reach * 0.22, reach * 0.6)), mix(colour, WHITE, 70), line=False)
    put(ellipse(at - reach * 0.3, (reach * 0.1, reach * 0.1)), WHITE, line=False)


def bone(rng, put, at, reach):
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


def daisy(rng, put, at, reach):
    """Put a daisy in front of the dog."""
    colour = choose(rng, (WHITE, (255, 226, 140), (250, 186, 206), (206, 190, 246)))
    for angle in np.arange(6) * np.pi / 3 + rng.uniform(0, 1):
        put(
            ellipse(
                at + np.array([np.cos(angle), np.sin(angle)]) * reach * 0.42, (reach * 0.27, reach * 0.27), 16
            ),
            colour,
        )
    put(ellipse(at, (reach * 0.26, reach * 0.26)), (246, 190, 70))


def butterfly(rng, put, at, reach):
    """Put a butterfly in front of the dog."""
    colour = choose(rng, ACCENTS)
    for way in (-1, 1):
        put(ellipse(at + reach * np.array([0.36 * way, -0.22]), (reach * 0.36, reach * 0.36)), colour)
        put(
            ellipse(at + reach * np.array([0.28 * way, 0.26]), (reach * 0.26, reach * 0.26)),
            mix(colour, WHITE, 35),
        )
    put(ellipse(at, (reach * 0.09, reach * 0.5)), INK)


LOOSE_OBJECTS = (leaf, leaf, ball, bone, daisy, butterfly)


def fence(rng, put, size):
    """Put the tips of a picket fence along the bottom."""
    width, height = size
    step, colour = width / int(rng.integers(5, 9)), choose(rng, (WHITE, (206, 170, 130), (170, 200, 220)))
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
        put(np.array(post), colour)


def grass(rng, put, size):
    """Put blades of grass along the bottom."""
    width, height = size
    hue = int(rng.integers(80, 140))
    for x in rng.uniform(-0.05, 1.05, 26):
        tip = height * rng.uniform(0.76, 0.95)
        foot, lean = x * width, width * rng.uniform(-0.06, 0.06)
        blade = [(foot - width * 0.025, height + 9), (foot + lean, tip), (foot + width * 0.025, height + 9)]
        put(np.array(blade), rgb(hue, 48, int(rng.integers(50, 76))), line=False)


def blanket(rng, put, size):
    """Put the wavy edge of a blanket along the bottom."""
    colour = soft_tone(rng)
    edge = ridge(rng, size, size[1] * rng.uniform(0.88, 0.94), size[1] * 0.03)
    put(edge, colour)
    put(edge + [0, size[1] * 0.04], mix(colour, INK, 14), line=False)


EDGES = (fence, grass, grass, blanket)


def foreground(rng, size, view):
    """Return (picture, mask) of the objects in front of the dog; the mask is 255 where one is."""
    picture, mask = Image.new("RGB", size), Image.new("L", size)
    pens = ImageDraw.Draw(picture), ImageDraw.Draw(mask)
    line = max(2, int(np.rint(view.scale * 0.045)))

    def put(outline, colour, line=line):
        points = flat(outline)
        pens[0].polygon(points, fill=colour)
        pens[1].polygon(points, fill=255)
        if line:
            pens[0].line(points + points[:4], fill=mix(colour, INK, 65), width=line)
            pens[1].line(points + points[:4], fill=255, width=line)

    if chance(rng, 30):
        choose(rng, LOOSE_OBJECTS)(rng, put, loose_place(rng, view), view.scale * rng.uniform(0.38, 0.6))
    if chance(rng, 22):
        choose(rng, EDGES)(rng, put, size)
    return picture, mask


def loose_place(rng, view):
    """Return where an object hides a part of the dog: around the head, seldom in the middle of the face."""
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.5)
    return np.array(view.centre) + np.array([np.cos(angle), np.sin(angle)]) * far * view.scale
