"""The student's analysis as text: its encoding, what of it is the template's, its length, what it names."""

import codecs
import pathlib
import re
import unicodedata
from collections.abc import Iterable

from utils import files

TEMPLATE = pathlib.Path(__file__).with_name("templates").joinpath("analysis.md").read_text(encoding="utf-8")
"""What the student is given to write on."""

_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_SENTENCES = re.split(r"(?<=[.?])\s+", _COMMENT.search(TEMPLATE)[0].strip("<!-> "))
_FEWEST_WORDS = 20  # outside of comments: with fewer, the analysis may stand in one
# Scripts that are written without spaces, or by some without: Thai and its neighbors, Japanese, Chinese,
# Korean.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
# What a text may be that is no UTF-8, each with the letters that then are most of it.
_ENCODINGS = {
    "cp949": "[\uac00-\ud7af]",
    "cp932": "[\u3040-\u30ff\u4e00-\u9fff]",
    "gb18030": "[\u4e00-\u9fff]",
}


def decoded(content: bytes) -> tuple[str, str]:
    """Return a text and, where it is no UTF-8 and no mark says what it is, the name of its encoding."""
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not has_mark and 0 in content:
        both = [content.decode(name, errors="replace") for name in ("utf-16-le", "utf-16-be")]
        return max(both, key=lambda text: text.count(" ")), "UTF-16"
    try:
        return files.decoded(content), ""
    except UnicodeDecodeError:
        return _guessed(content)


def _guessed(content):
    for name, letters in _ENCODINGS.items():
        text = content.decode(name, errors="replace")
        other = [letter for letter in text if not letter.isascii() and letter.isalpha()]
        if 0.9 * len(other) < len(re.findall(letters, text)) > 0.2 * len(text):
            return text, name
    return content.decode("cp1252", errors="replace"), "cp1252"


def written(text: str) -> tuple[str, bool]:
    """Return what the student wrote, and whether it stood in the comment of the template."""
    text = unicodedata.normalize("NFC", text)  # a Mac may write letters in parts, Korean above all
    outside = _COMMENT.sub("", text).strip()
    inside = re.sub("<!--|-->", "", text)
    for sentence in _SENTENCES:
        inside = inside.replace(sentence, "")
    found = words(outside, 2) < _FEWEST_WORDS < words(inside, 2)
    return (inside.strip() if found else outside), found


def words(text: str, per_word: float) -> int:
    """Count the words; where a script has no spaces, `per_word` letters are one."""
    return sum(max(1, round(len(_UNSPACED.findall(word)) / per_word)) for word in text.split())


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names is in the text, in any case and with or without its spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return any(re.search(_pattern(unicodedata.normalize("NFKC", name).casefold()), text) for name in names)


def _pattern(name):
    """`cut mix` is `cut-mix` and `cutmixes`, too; `none은` is `none`; `nonetheless` is not."""
    parts = r"[\s_-]*".join(map(re.escape, re.split(r"[\s_-]+", name)))
    return rf"(?<![a-z0-9]){parts}(e?s)?(?![a-z0-9])" if name.isascii() else parts
