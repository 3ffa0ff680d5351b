"""The breeds: one row of traits each. Adding a row adds a breed.

A pair of numbers is a range: every dog draws its own value from it, evenly. Lengths are in units of the
head's radius. Where the ranges of two breeds overlap, one trait alone does not tell them apart.
"""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Color:
    """A range of colors: hue in degrees, saturation and value in percent."""

    hue: Range
    saturation: Range
    value: Range


@dataclass(frozen=True)
class Marking:
    """An area of the coat in another color: what `kind` it is, in which of the breed's colors, how big."""

    kind: str
    color: str
    size: Range
    count: Range = (1, 1)


WHITE = Color((30, 45), (2, 7), (94, 99))
CREAM = Color((34, 42), (14, 24), (94, 99))
BLACK = Color((15, 30), (10, 24), (21, 27))
TAN = Color((24, 30), (62, 72), (72, 82))
CHOCOLATE = Color((14, 20), (48, 58), (36, 44))
BROWN_EYES = Color((20, 28), (65, 78), (46, 58))


@dataclass(frozen=True)
class Breed:
    """The traits of a breed. Colors are named `coat`, `light`, `dark` or `tan`."""

    name: str
    coat: Color
    ears: str  # prick, bat, button, drop or fringed
    ear_length: Range
    light: Color = WHITE
    dark: Color = BLACK
    tan: Color = TAN
    ear_width: Range = (0.55, 0.65)
    ear_set: Range = (0.4, 0.5)  # 0: close together on top, 1: low at the sides
    ear_color: str = "coat"
    head_width: Range = (0.96, 1.04)
    cheeks: Range = (0.0, 0.15)
    muzzle: Range = (0.95, 1.05)
    muzzle_color: str = "light"
    fur: str = "smooth"  # smooth, tufted, shaggy or curly
    fur_length: Range = (0.0, 0.0)
    markings: tuple[Marking, ...] = ()
    topknot: str = "none"  # none, puff, tuft or fringe
    topknot_size: Range = (0.0, 0.0)
    brows: Range = (0.0, 0.0)  # bushy brows
    beard: Range = (0.0, 0.0)
    eyes: Color = BROWN_EYES


def bib(low: float, high: float) -> Marking:
    """Return a light chest of the given size."""
    return Marking("bib", "light", (low, high))


# The data set. Two breeds after each other are a pair that is hard to tell apart.
BREEDS = (
    # Snow dogs with a light face under a gray cap.
    Breed(
        "frostpaw",
        coat=Color((212, 222), (12, 20), (50, 64)),
        ears="prick",
        ear_length=(0.82, 0.98),
        ear_width=(0.56, 0.64),
        ear_set=(0.24, 0.36),
        fur="tufted",
        fur_length=(0.07, 0.10),
        cheeks=(0.2, 0.4),
        markings=(Marking("face", "light", (0.66, 0.90)), bib(0.9, 1.1)),
        eyes=Color((198, 208), (55, 72), (82, 95)),
    ),
    Breed(
        "driftpaw",
        coat=Color((212, 222), (10, 18), (38, 52)),
        ears="prick",
        ear_length=(0.66, 0.84),
        ear_width=(0.56, 0.66),
        ear_set=(0.34, 0.48),
        fur="tufted",
        fur_length=(0.07, 0.10),
        cheeks=(0.2, 0.4),
        markings=(Marking("face", "light", (0.36, 0.66)), bib(0.9, 1.1)),
        eyes=Color((26, 36), (70, 85), (52, 66)),
    ),
    # Fox-faced dogs: the coat's hue parts them, so a hue shift makes one of the other.
    Breed(
        "saffrel",
        coat=Color((33, 40), (66, 78), (88, 96)),
        ears="prick",
        ear_length=(0.66, 0.84),
        ear_width=(0.60, 0.70),
        ear_set=(0.36, 0.48),
        fur="tufted",
        fur_length=(0.08, 0.12),
        cheeks=(0.45, 0.75),
        light=CREAM,
        markings=(Marking("cheeks", "light", (0.30, 0.40)), bib(0.85, 1.15)),
    ),
    Breed(
        "paprikin",
        coat=Color((15, 22), (66, 78), (84, 92)),
        ears="prick",
        ear_length=(0.78, 0.96),
        ear_width=(0.60, 0.70),
        ear_set=(0.36, 0.48),
        fur="tufted",
        fur_length=(0.08, 0.12),
        cheeks=(0.30, 0.60),
        light=CREAM,
        markings=(Marking("cheeks", "light", (0.30, 0.40)), bib(0.85, 1.15)),
    ),
    # White dogs with spots.
    Breed(
        "peppercorn",
        coat=WHITE,
        ears="drop",
        ear_length=(0.80, 0.98),
        ear_width=(0.58, 0.68),
        ear_set=(0.62, 0.74),
        ear_color="dark",
        markings=(Marking("spots", "dark", (0.06, 0.10), (24, 34)),),
    ),
    Breed(
        "pebbledash",
        coat=WHITE,
        ears="drop",
        ear_length=(0.62, 0.82),
        ear_width=(0.58, 0.68),
        ear_set=(0.52, 0.66),
        ear_color="dark",
        markings=(Marking("spots", "dark", (0.10, 0.18), (10, 17)),),
    ),
    # Curly dogs with a topknot.
    Breed(
        "bouclet",
        coat=Color((20, 34), (40, 56), (54, 80)),
        light=Color((28, 36), (20, 32), (88, 97)),
        ears="drop",
        ear_length=(0.94, 1.16),
        ear_width=(0.62, 0.74),
        ear_set=(0.68, 0.80),
        fur="curly",
        fur_length=(0.10, 0.13),
        muzzle=(0.86, 0.98),
        topknot="puff",
        topknot_size=(0.90, 1.16),
    ),
    Breed(
        "fleecekin",
        coat=Color((20, 34), (34, 50), (66, 94)),
        light=Color((28, 36), (20, 32), (88, 97)),
        ears="drop",
        ear_length=(0.70, 0.96),
        ear_width=(0.68, 0.80),
        ear_set=(0.62, 0.74),
        fur="curly",
        fur_length=(0.10, 0.13),
        muzzle=(0.94, 1.08),
        topknot="puff",
        topknot_size=(0.62, 0.92),
    ),
    # Mountain dogs: black, white and tan.
    Breed(
        "maplemuff",
        coat=BLACK,
        ears="drop",
        ear_length=(0.82, 0.99),
        ear_width=(0.60, 0.70),
        ear_set=(0.56, 0.68),
        fur="tufted",
        fur_length=(0.04, 0.07),
        markings=(
            Marking("jowls", "tan", (0.30, 0.41)),
            Marking("brows", "tan", (0.11, 0.15)),
            Marking("blaze", "light", (0.15, 0.25)),
            bib(0.9, 1.2),
        ),
        tan=Color((17, 23), (64, 74), (72, 82)),
    ),
    Breed(
        "hazelmuff",
        coat=BLACK,
        ears="drop",
        ear_length=(0.66, 0.84),
        ear_width=(0.60, 0.70),
        ear_set=(0.48, 0.60),
        fur="tufted",
        fur_length=(0.04, 0.07),
        markings=(
            Marking("jowls", "tan", (0.40, 0.52)),
            Marking("brows", "tan", (0.11, 0.15)),
            Marking("blaze", "light", (0.05, 0.15)),
            bib(0.6, 0.95),
        ),
        tan=Color((27, 33), (60, 70), (74, 84)),
    ),
    # Bearded dogs with folded ears.
    Breed(
        "whiskerby",
        coat=Color((30, 45), (4, 10), (52, 64)),
        ears="button",
        ear_length=(0.72, 0.90),
        ear_set=(0.40, 0.50),
        fur="shaggy",
        fur_length=(0.06, 0.10),
        light=Color((35, 45), (4, 10), (90, 98)),
        markings=(bib(0.7, 1.0),),
        brows=(0.90, 1.15),
        beard=(0.86, 1.04),
    ),
    Breed(
        "tuftonby",
        coat=Color((30, 45), (4, 10), (40, 54)),
        ears="button",
        ear_length=(0.58, 0.74),
        ear_set=(0.48, 0.58),
        fur="shaggy",
        fur_length=(0.08, 0.13),
        light=Color((35, 45), (4, 10), (86, 96)),
        markings=(bib(0.7, 1.0),),
        brows=(0.60, 0.90),
        beard=(1.02, 1.26),
    ),
)

PAIRS = tuple((BREEDS[row].name, BREEDS[row + 1].name) for row in range(0, len(BREEDS), 2))

# Not in the data set: for pretraining a small network on other dogs than those it is tested on.
MORE_BREEDS = (
    Breed(
        "dumplet",  # a flat dark face on a fawn coat
        coat=Color((32, 38), (34, 46), (84, 93)),
        ears="button",
        ear_length=(0.55, 0.70),
        ear_color="dark",
        head_width=(1.06, 1.14),
        muzzle=(1.0, 1.15),
        muzzle_color="dark",
        markings=(Marking("mask", "dark", (0.9, 1.1)),),
    ),
    Breed(
        "batwick",  # a brindle coat under upright round ears
        coat=Color((22, 28), (38, 50), (42, 56)),
        ears="bat",
        ear_length=(0.85, 1.0),
        ear_width=(0.62, 0.72),
        head_width=(1.02, 1.1),
        markings=(Marking("brindle", "dark", (0.05, 0.08), (9, 14)), bib(0.7, 1.0)),
    ),
    Breed(
        "honeyflop",  # plain gold with long ears
        coat=Color((34, 40), (48, 62), (84, 93)),
        ears="drop",
        ear_length=(0.85, 1.05),
        light=CREAM,
        fur="tufted",
        fur_length=(0.04, 0.07),
        markings=(bib(0.8, 1.1),),
    ),
    Breed(
        "duskling",  # black with tan points
        coat=BLACK,
        ears="prick",
        ear_length=(0.9, 1.1),
        ear_width=(0.5, 0.6),
        muzzle=(0.85, 0.98),
        muzzle_color="tan",
        markings=(Marking("brows", "tan", (0.10, 0.14)), Marking("jowls", "tan", (0.28, 0.36))),
    ),
    Breed(
        "moppet",  # gray and white, with hair over its eyes
        coat=Color((210, 225), (8, 16), (52, 64)),
        ears="drop",
        ear_length=(0.7, 0.9),
        fur="shaggy",
        fur_length=(0.12, 0.18),
        markings=(Marking("face", "light", (0.7, 1.0)), bib(1.0, 1.2)),
        topknot="fringe",
        topknot_size=(0.9, 1.1),
    ),
    Breed(
        "papillet",  # wide fringed ears and a blaze
        coat=Color((16, 24), (55, 68), (52, 66)),
        ears="fringed",
        ear_length=(0.95, 1.1),
        ear_width=(0.85, 1.0),
        ear_set=(0.5, 0.62),
        muzzle=(0.8, 0.92),
        fur="tufted",
        fur_length=(0.05, 0.08),
        markings=(Marking("blaze", "light", (0.14, 0.24)), bib(0.9, 1.2)),
    ),
    Breed(
        "mistral",  # blue-gray with dark blotches
        coat=Color((208, 222), (14, 24), (60, 72)),
        ears="button",
        ear_length=(0.65, 0.8),
        dark=Color((210, 225), (18, 30), (28, 36)),
        fur="tufted",
        fur_length=(0.05, 0.08),
        markings=(
            Marking("spots", "dark", (0.12, 0.24), (10, 16)),
            Marking("blaze", "light", (0.12, 0.2)),
            bib(0.9, 1.1),
        ),
        eyes=Color((198, 208), (50, 65), (80, 92)),
    ),
    Breed(
        "cocoapuff",  # curly and chocolate, a light muzzle
        coat=CHOCOLATE,
        ears="drop",
        ear_length=(0.75, 0.95),
        light=CREAM,
        fur="curly",
        fur_length=(0.09, 0.12),
        markings=(bib(0.6, 0.9),),
        topknot="tuft",
        topknot_size=(0.8, 1.0),
    ),
    Breed(
        "piratelle",  # white with one patch around an eye
        coat=WHITE,
        ears="button",
        ear_length=(0.65, 0.8),
        dark=CHOCOLATE,
        fur="shaggy",
        fur_length=(0.03, 0.06),
        markings=(Marking("patch", "dark", (0.42, 0.55)),),
    ),
    Breed(
        "wheatley",  # a wheaten beard and upright ears
        coat=Color((34, 42), (26, 38), (80, 92)),
        ears="prick",
        ear_length=(0.6, 0.75),
        fur="shaggy",
        fur_length=(0.10, 0.15),
        muzzle_color="coat",
        light=CREAM,
        topknot="tuft",
        topknot_size=(0.6, 0.8),
        beard=(0.7, 0.9),
        brows=(0.5, 0.7),
    ),
)
