"""Numbers in words and signs, for sentences and tables; and how they are printed wherever they go."""

import codecs
import math
import sys
from collections.abc import Iterable

_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
MINUS = "\N{MINUS SIGN}"
_PLAIN = str.maketrans({MINUS: "-", "–": "-", "→": "->", "×": "x", "…": "...", "“": '"', "”": '"', "’": "'"})


def print_anywhere() -> None:
    """Let stdout and stderr write any sign; every `main` calls it.

    Signs that their encoding does not have become plain ones, or escapes. A file on Windows has cp1252,
    without a minus sign and an arrow: `print` would end the program there.
    """
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a notebook's own stream has no encoding
            stream.reconfigure(errors="plainer")


def _plainer(error):
    """Handle an encoding error: plainer signs where there are any, else as "backslashreplace" does."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode(), error.end


def writable(text: str) -> str:
    """The text with escapes for what UTF-8 does not have: what is left of a file name in another encoding."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def name(variant: str) -> str:
    """The variant's name for a sentence: `none` in quotation marks, since it is a word of its own."""
    return "“none”" if variant == "none" else str(variant)


def percent(share: float, digits: int = 1) -> str:
    """`0.731` as `73.1 %`; a dash for NaN."""
    return "–" if math.isnan(share) else f"{100 * share:.{digits}f} %"


def signed(value: float, digits: int = 1) -> str:
    """`8.13` as `+8.1`, with a real minus sign and no sign before zero; a dash for NaN."""
    if math.isnan(value):
        return "–"
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """`+5.0 to +11.2`; a dash where there is none."""
    return "–" if math.isnan(low) else f"{signed(low)} to {signed(high)}"


def count(number: int, noun: str) -> str:
    """`3, "seed"` as `three seeds`; numbers above ten in digits."""
    number = int(number)
    word = _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{word} {noun}{ending}"


def listing(items: Iterable[str], most: int | None = None) -> str:
    """`["a", "b", "c"]` as `a, b and c`; where `most` is 1, as `a and 2 more`."""
    items = [str(item) for item in items]
    if most is not None and len(items) > most:
        items[most:] = [f"{len(items) - most} more"]
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
