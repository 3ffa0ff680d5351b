"""The explorer's pictures: what the functions draw, and what the website shows of it."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from tools import draw_site
from utils import explorer


@pytest.fixture(scope="module")
def page():
    """What the website's explorer knows."""
    text = (draw_site.STRIPS / "explorer.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("const EXPLORER = ").removesuffix(";\n"))


def test_the_website_has_every_dog_and_operation(page):
    names = {path.stem for path in draw_site.STRIPS.glob("*.webp")}
    strips = {f"{breed}-{name}" for breed in explorer.SHOWN for name in explorer.OPERATIONS}
    assert names == strips | set(explorer.SHOWN) and page["labels"].keys() == strips
    assert page["codes"] == {
        name: [explorer.code(name, level) for level in draw_site.LEVELS] for name in explorer.OPERATIONS
    }
    assert sum(path.stat().st_size for path in draw_site.STRIPS.iterdir()) < 3_000_000


def test_the_code_that_is_shown_is_python():
    for name, (_, values) in explorer.OPERATIONS.items():
        assert len(values) == len(draw_site.LEVELS)
        compile(explorer.code(name, 0), name, "eval")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["translate_x", "cutmix"])
def test_a_strip_drawn_anew_is_the_one_of_the_website(page, name):
    stored = draw_site.STRIPS / f"paprikin-{name}.webp"
    drawn = io.BytesIO(draw_site.webp(draw_site.strip("paprikin", name)))
    pictures = [np.asarray(Image.open(file).convert("RGB"), float) for file in (stored, drawn)]
    assert pictures[0].shape == (3 * explorer.SIZE, 6 * explorer.SIZE, 3)
    assert np.abs(pictures[0] - pictures[1]).mean() < 1  # of 255: another version of WebP rounds otherwise
    labels = [
        [draw_site.label("paprikin", name, level, draw) for level in draw_site.LEVELS] for draw in range(3)
    ]
    assert labels == page["labels"][f"paprikin-{name}"]


@pytest.mark.slow
def test_a_mix_changes_the_label_and_an_operation_does_not():
    images, labels = explorer.batch()
    assert images.shape == (12, explorer.SIZE, explorer.SIZE, 3) and np.array_equal(labels, np.eye(12))
    changed, kept = explorer.change("brightness", 5, 0, images, labels)
    assert changed.dtype == np.uint8 and (changed != images).any() and np.array_equal(kept, labels)
    _, mixed = explorer.change("mixup", 3, 0, images, labels)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, atol=1e-6)
    assert (mixed.max(axis=1) < 1).any()


@pytest.mark.slow
def test_the_controls_of_a_notebook_show_the_picture_and_its_code(monkeypatch, capsys):
    shown, pictures = [], []
    monkeypatch.setattr("ipywidgets.interact", lambda picture, **controls: shown.append((picture, controls)))
    monkeypatch.setattr("utils.figures.show", lambda figure, alt: pictures.append(alt))
    explorer.show()
    (picture, controls), strongest = shown[0], 6
    picture(image=controls["image"][2], operation="mixup", strength=strongest, draw=1)
    assert capsys.readouterr().out.strip() == explorer.code("mixup", strongest - 1)
    assert pictures[0].startswith(f"A {controls['image'][2]}, and the same after mixup. The labels: ")
