"""Every figure of the course goes through here: no picture without words for those who do not see it.

`show` displays a figure in a notebook and `as_html` puts it into a page; both demand alt text, which says
what is to be seen rather than what kind of plot it is. Colors are those of Okabe and Ito (2008,
https://jfly.uni-koeln.de/color/), which people with any color vision tell apart (the last one is
Paul Tol's); each variant has one color and one marker throughout the course.
"""

import base64
import contextlib
import io
import pathlib
import re
import sys
import warnings
import zlib
from collections.abc import Sequence
from typing import Any

import markupsafe
import matplotlib
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.text
import numpy as np
from numpy.typing import ArrayLike

from utils import files

COLORS = {
    "none": "#4d4d4d",
    "basic": "#0072b2",
    "cutmix": "#d55e00",
    "mixup": "#009e73",
    "basic+cutmix": "#e69f00",
    "basic+mixup": "#56b4e9",
    "basic+cutmix_or_mixup": "#cc79a7",
    "cutmix_or_mixup": "#882255",
}
MARKERS = {
    "none": "o",
    "basic": "s",
    "cutmix": "D",
    "mixup": "^",
    "basic+cutmix": "v",
    "basic+mixup": "P",
    "basic+cutmix_or_mixup": "X",
    "cutmix_or_mixup": "p",
}
INK, MUTED, GRID = "#1b1b1b", "#595959", "#dddddd"

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.dpi": 100,
    "font.size": 10.5,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "svg.fonttype": "path",  # looks the same wherever it is opened
    "svg.hashsalt": "image-augmentation-course",  # the same figure gives the same bytes
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}

_FORMATS = {"svg": "image/svg+xml", "png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}
_OPTIONS = {
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "png": {"metadata": {"Software": None}, "dpi": 110},
    "jpeg": {"dpi": 110, "pil_kwargs": {"quality": 85}},
    "webp": {"dpi": 160, "pil_kwargs": {"quality": 85}},
}


def color(variant: str) -> str:
    """The variant's color, `#rrggbb`; a name that is not in the list gets one of these, always the same."""
    return _choice(COLORS, variant)


def marker(variant: str) -> str:
    """The variant's matplotlib marker, so that color is never the only difference."""
    return _choice(MARKERS, variant)


def _choice(table: dict[str, str], variant: str) -> str:
    not_the_baseline = list(table.values())[1:]
    return table.get(variant, not_the_baseline[zlib.crc32(variant.encode()) % len(not_the_baseline)])


def style() -> contextlib.AbstractContextManager[None]:
    """The course's look as a context: artists made inside `with figures.style():` have it."""
    return matplotlib.rc_context(STYLE)


def subplots(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float] = (6.0, 3.6), **options: Any
) -> tuple[matplotlib.figure.Figure, Any]:
    """A new figure in the course's look, with its axes, free of pyplot's global state.

    `size` is width and height in inches (a page shows 100 pixels an inch), `options` are those of
    `matplotlib.figure.Figure.subplots`. Returns `(figure, axes)`, as `pyplot.subplots`.
    """
    with style():
        figure = matplotlib.figure.Figure(figsize=size, layout="constrained")
        return figure, figure.subplots(rows, columns, **options)


def pictures(
    images: Sequence[ArrayLike], captions: Sequence[str], *, columns: int | None = None, inches: float = 1.75
) -> matplotlib.figure.Figure:
    """A figure of pictures `[H, W, 3]`, 0-255, of any dtype, each with its caption below.

    So many `columns` (None: all) stand in a row, each so many `inches` wide.
    """
    columns = columns or len(images)
    rows, lines = -(-len(images) // columns), 1 + max(caption.count("\n") for caption in captions)
    size = (columns * inches, rows * (inches + 0.1 + 0.17 * lines))
    figure, axes = subplots(rows, columns, size=size, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        image = np.clip(np.round(image), 0, 255).astype(np.uint8)
        axis.imshow(image, interpolation="nearest" if len(image) < 100 else "antialiased")
        axis.set_xlabel(caption, fontsize=9)
    return figure


def show(figure: matplotlib.figure.Figure, alt: str, kind: str = "png") -> None:
    """Display a figure in a notebook, its alt text with it, and close it.

    The text, a sentence on what is seen, is kept in the output's metadata (nbconvert's `alt`) and is the
    output's plain text, which is what a test compares. `kind` is `png` for charts, `jpeg` for photographs.

    Raises:
        ValueError: when the alt text is missing or too short to say anything.
    """
    import IPython.display  # only notebooks need it

    alt = _checked_alt(alt)
    picture, mime = base64.b64encode(_render(figure, kind)).decode(), _FORMATS[kind]
    IPython.display.display({mime: picture, "text/plain": alt}, metadata={mime: {"alt": alt}}, raw=True)


def save(figure: matplotlib.figure.Figure, path: str | pathlib.Path) -> None:
    """Write the figure as a PNG file, whole or not at all, and close it.

    Raises files.WriteError when the file cannot be written.
    """
    files.write_whole(path, _render(figure, "png"))


def as_html(figure: matplotlib.figure.Figure, alt: str, kind: str = "svg") -> markupsafe.Markup:
    """An `<img>` that holds the whole picture, with its alt text, for a page; closes the figure.

    `kind` is `svg` for charts (sharp at any size), `png`, or `webp` for photographs (small). Raises
    ValueError as `show`.
    """
    alt = _checked_alt(alt)
    width, height = (round(100 * side) for side in figure.get_size_inches())
    data = base64.b64encode(_render(figure, kind)).decode()
    return markupsafe.Markup('<img alt="{}" width="{}" height="{}" src="data:{};base64,{}">').format(
        alt, width, height, _FORMATS[kind], data
    )


def _checked_alt(alt: str) -> str:
    found = alt.split() if isinstance(alt, str) else []
    if len(found) < 4:  # fewer words cannot say what is to be seen
        raise ValueError(f"A figure needs alt text, a sentence that says what is to be seen; got {alt!r}.")
    return " ".join(found)


def _render(figure: matplotlib.figure.Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    _give_fonts(figure)
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a machine may have no font for it
        figure.savefig(buffer, format=kind, **_OPTIONS[kind])
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:  # it would keep a figure of its own to the end, and show it a second time
        pyplot.close(figure)
    picture = buffer.getvalue()
    if kind == "svg":  # comments and indentation are three quarters of its bytes
        picture = re.sub(rb"\s*\n\s*", b" ", re.sub(rb"<!--.*?-->", b"", picture, flags=re.DOTALL))
        picture = picture.replace(b"> <", b"><")
    return picture


# ---- fonts for the characters of other scripts -----------------------------------------------------------

# From a character that matplotlib's own fonts lack to a family of this machine that has it.
_families: dict[str, str | None] = {}
_font = matplotlib.font_manager.get_font


def _give_fonts(figure: matplotlib.figure.Figure) -> None:
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()  # names of categories become texts when they are asked for
    for text in figure.findobj(matplotlib.text.Text):
        own = _font(matplotlib.font_manager.findfont(text.get_fontproperties()))
        missing = {letter for letter in text.get_text() if letter.isprintable() and not _has(own, letter)}
        if missing:
            _look_for(missing - _families.keys())
            more = dict.fromkeys(_families[letter] for letter in sorted(missing) if _families[letter])
            text.set_fontfamily([*text.get_fontfamily(), *more])


def _look_for(letters: set[str]) -> None:
    if not letters:
        return
    entries = matplotlib.font_manager.fontManager.ttflist
    plain_last = sorted(entries, key=lambda entry: (entry.style == "normal", entry.weight == 400))
    found = {}
    for name, path in {entry.name: entry.fname for entry in plain_last}.items():
        with contextlib.suppress(OSError, RuntimeError):  # gone since matplotlib listed it, or damaged
            font = _font(path)
            # Matplotlib cannot draw bitmaps; the last resort has squares for everything.
            if font.scalable and "LastResort" not in font.postscript_name:
                found[name] = {letter for letter in letters if _has(font, letter)}
    _families.update(dict.fromkeys(letters))
    for name in sorted(found, key=lambda name: len(found[name])):
        _families.update(dict.fromkeys(found[name], name))


def _has(font: "matplotlib.ft2font.FT2Font", letter: str) -> bool:
    return bool(font.get_char_index(ord(letter)))
