"""What trains a run changes its RECIPE, or nothing; see `tools/recipes.py`."""

import numpy as np
import pytest

from tools import recipes
from utils import augment, data, mixing, training

RECIPES = {"data": data, "training": training, "augment": augment, "mixing": mixing}


@pytest.mark.parametrize("room", recipes.SOURCES)
def test_a_changed_source_is_looked_at(room):
    stored = recipes.stored()[room]
    assert stored == {"recipe": RECIPES[room].RECIPE, "digest": recipes.digests()[room]}, (
        f"The source of {room} has changed: run `make recipes`, which tells whether its results have, too."
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [*recipes.VARIANTS, recipes.PRETRAINED])
def test_a_golden_run_predicts_what_it_did(name):
    found, golden = recipes.predictions(name), recipes.stored_predictions()[name]
    np.testing.assert_allclose(found, golden, atol=recipes.TOLERANCE)


def test_renaming_a_local_variable_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "utils").mkdir()
    before = (recipes.ROOT / "utils/training.py").read_text("utf-8")
    monkeypatch.setattr(recipes, "ROOT", tmp_path)
    (tmp_path / "utils/training.py").write_text(before, "utf-8")
    digest = recipes.digests()["training"]
    (tmp_path / "utils/training.py").write_text(before.replace("warm_up = ", "rise = "), "utf-8")
    assert recipes.digests()["training"] != digest
