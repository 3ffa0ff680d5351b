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
import zlib
from typing import Any

import markupsafe
import matplotlib
import matplotlib.figure

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

_SHORTEST_ALT = 4  # words: fewer cannot say what is to be seen
_FORMATS = {"svg": "image/svg+xml", "png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}


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

    Args:
        rows: number of rows of axes.
        columns: number of columns of axes.
        size: width and height in inches; a page shows 100 pixels an inch.
        **options: passed to `matplotlib.figure.Figure.subplots`.

    Returns:
        `(figure, axes)`, as `pyplot.subplots`.
    """
    with style():
        figure = matplotlib.figure.Figure(figsize=size, layout="constrained")
        return figure, figure.subplots(rows, columns, **options)


def show(figure: matplotlib.figure.Figure, alt: str, kind: str = "png") -> None:
    """Display a figure in a notebook, its alt text with it, and close it.

    The text is kept in the output's metadata (nbconvert's `alt`) and is the output's plain text, which is
    what a test compares and what a reader of the raw notebook sees.

    Args:
        figure: any, of the course's look or not.
        alt: what is to be seen, in a sentence.
        kind: `png` for charts, `jpeg` for photographs (a quarter of the bytes).

    Raises:
        ValueError: when the alt text is missing or too short to say anything.
    """
    import IPython.display  # only notebooks need it

    alt = checked_alt(alt)
    picture, mime = base64.b64encode(_render(figure, kind)).decode(), _FORMATS[kind]
    IPython.display.display({mime: picture, "text/plain": alt}, metadata={mime: {"alt": alt}}, raw=True)


def save(figure: matplotlib.figure.Figure, path: str | pathlib.Path) -> None:
    """Write the figure as a PNG file, whole or not at all; it stays open.

    Raises:
        files.WriteError: when the file cannot be written.
    """
    files.write_whole(path, _picture(figure, "png"))


def as_html(figure: matplotlib.figure.Figure, alt: str, kind: str = "svg") -> markupsafe.Markup:
    """An `<img>` that holds the whole picture, with its alt text; closes the figure.

    Args:
        figure: any, of the course's look or not.
        alt: what is to be seen, in a sentence.
        kind: `svg` for charts (sharp at any size), `png`, or `webp` for photographs (small).

    Returns:
        `markupsafe.Markup`, safe to put into a page.

    Raises:
        ValueError: as `show`.
    """
    alt = checked_alt(alt)
    width, height = (round(100 * side) for side in figure.get_size_inches())
    data = base64.b64encode(_render(figure, kind)).decode()
    return markupsafe.Markup('<img alt="{}" width="{}" height="{}" src="data:{};base64,{}">').format(
        alt, width, height, _FORMATS[kind], data
    )


def checked_alt(alt: str) -> str:
    """The alt text on one line.

    Raises:
        ValueError: when it is missing or has fewer than four words.
    """
    found = alt.split() if isinstance(alt, str) else []
    if len(found) < _SHORTEST_ALT:
        raise ValueError(f"A figure needs alt text, a sentence that says what is to be seen; got {alt!r}.")
    return " ".join(found)


def _render(figure: matplotlib.figure.Figure, kind: str) -> bytes:
    """The figure's bytes; closes it."""
    picture = _picture(figure, kind)
    _close(figure)
    return _without_padding(picture) if kind == "svg" else picture


def _picture(figure: matplotlib.figure.Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format=kind, **_OPTIONS[kind])
    return buffer.getvalue()


def _without_padding(svg: bytes) -> bytes:
    """Matplotlib's SVG without comments and indentation, a quarter of its bytes."""
    return re.sub(rb"\s*\n\s*", b" ", re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL)).replace(
        b"> <", b"><"
    )


_OPTIONS = {
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "png": {"metadata": {"Software": None}, "dpi": 110},
    "jpeg": {"dpi": 110, "pil_kwargs": {"quality": 85}},
    "webp": {"dpi": 160, "pil_kwargs": {"quality": 85}},
}


def _close(figure: matplotlib.figure.Figure) -> None:
    """Make pyplot forget a figure of its own: it would keep it to the end, and show it a second time."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:
        pyplot.close(figure)
