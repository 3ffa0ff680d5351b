"""Charts find a font for the names of classes where the machine has one, in silence, and draw them anyhow."""

import pathlib
import warnings

import fontTools.fontBuilder
import fontTools.pens.ttGlyphPen
import matplotlib.font_manager
import matplotlib.text
import numpy as np
import pytest

from utils import charts, figures

KOREAN = ("\uac15\uc544\uc9c0", "\uace0\uc591\uc774")  # dog, cat
# An emoji as in https://github.com/bellingcat/tiktok-hashtag-analysis/issues/6, Malayalam as in
# https://github.com/matplotlib/matplotlib/issues/16367, and what no font has.
OTHERS = ("\U0001f436", "\u0d30\u0d3e", "\ue123", "a\tb\x1b", "\u200d", "\udcb0\udcad")


@pytest.fixture
def font(tmp_path):
    """A function that installs a font in which each of the characters is a bar; it returns its family."""
    manager = matplotlib.font_manager.fontManager
    before = list(manager.ttflist)

    def install(letters, family="Bars of the tests"):
        names = [".notdef", *(f"u{ord(letter):04x}" for letter in letters)]
        builder = fontTools.fontBuilder.FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(letter): f"u{ord(letter):04x}" for letter in letters})
        pen = fontTools.pens.ttGlyphPen.TTGlyphPen(None)
        for step, point in enumerate([(100, 0), (100, 900), (300, 900), (300, 0)]):
            (pen.lineTo if step else pen.moveTo)(point)
        pen.closePath()
        bar = pen.glyph()
        builder.setupGlyf({name: bar for name in names})
        builder.setupHorizontalMetrics({name: (400, 0) for name in names})
        builder.setupHorizontalHeader(ascent=1000, descent=-200)
        builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": f"{family}-Regular"})
        builder.setupOS2()
        builder.setupPost()
        path = tmp_path / f"{family}.ttf"
        builder.save(path)
        manager.addfont(path)
        return family

    figures._families.clear()
    yield install
    manager.ttflist[:] = before
    figures._families.clear()


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def samples(names):
    images = np.zeros((2, 16, 16, 3), "uint8")
    one = {"images": images, "labels": np.eye(2)}
    return charts.samples({"original": one, "basic": one}, "basic", names)


def families(figure, letters):
    """Which fonts the texts with these letters are drawn with."""
    texts = figure.findobj(matplotlib.text.Text)
    return {name for text in texts if set(text.get_text()) & set(letters) for name in text.get_fontfamily()}


@pytest.mark.parametrize("kind", ["svg", "png", "webp"])
def test_names_of_classes_get_a_font_that_has_them(font, kind):
    """Korean was squares in https://github.com/brightics/studio/issues/171.

    A Chinese confusion matrix ended the training with warnings alone, which no setting took away:
    https://github.com/ultralytics/ultralytics/issues/1381.
    """
    family = font("".join(KOREAN))
    figure, alt = samples(KOREAN)
    figures.as_html(figure, alt, kind=kind)
    assert families(figure, "".join(KOREAN)) == {"sans-serif", family}


def test_what_is_drawn_is_the_fonts_letter(font):
    def drawn():
        figure, axes = figures.subplots(size=(3, 1))
        axes.set_axis_off()
        axes.set_title(KOREAN[0])
        return figures._render(figure, "svg")

    squares = drawn()
    figures._families.clear()
    font(KOREAN[0], family="Bars")
    bars = drawn()
    assert b"#Bars-Regular-" in bars and b"#Bars-Regular-" not in squares


def test_the_font_with_most_of_the_letters_is_taken(font):
    font(KOREAN[0][0], family="One letter")
    family = font("".join(KOREAN), family="All letters")
    figure, alt = samples(KOREAN)
    figures.as_html(figure, alt)
    assert families(figure, KOREAN[0]) == {"sans-serif", family}


def test_letters_of_two_scripts_may_come_from_two_fonts(font):
    first, second = font(KOREAN[0], family="First"), font("\u0d30\u0d3e", family="Second")
    figure, axes = figures.subplots()
    axes.set_title(f"{KOREAN[0]} or \u0d30\u0d3e")
    figures.as_html(figure, "Empty axes under a title.")
    assert families(figure, KOREAN[0]) == {"sans-serif", first, second}


def test_names_of_categories_get_a_font_too(font):
    """They are texts only once the ticks are asked for."""
    family = font("".join(KOREAN))
    figure, axes = figures.subplots()
    axes.barh(KOREAN, [1, 2])
    figures.as_html(figure, "Two bars, one longer than the other.")
    assert families(figure, KOREAN[0]) == {"sans-serif", family}


def test_where_no_font_has_them_there_is_a_picture_and_no_warning(font):
    for names in (OTHERS[:2], OTHERS[2:4], OTHERS[4:]):
        figure, alt = samples(names)
        assert figures.as_html(figure, alt, kind="png").startswith("<img")


def test_a_font_that_is_gone_is_passed_over(font, tmp_path):
    family = font("".join(KOREAN))
    font(KOREAN[0], family="Gone")
    pathlib.Path(tmp_path / "Gone.ttf").unlink()
    figure, alt = samples(KOREAN)
    figures.as_html(figure, alt)
    assert families(figure, KOREAN[0]) == {"sans-serif", family}


def test_latin_names_are_drawn_with_the_font_that_they_had(font):
    font("abc" + KOREAN[0])
    figure, alt = samples(("beagle", "caf\xe9"))
    figures.as_html(figure, alt)
    assert families(figure, "beaglecaf\xe9") == {"sans-serif"}
