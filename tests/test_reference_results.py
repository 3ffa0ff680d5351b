"""The reference runs in solutions/results: whole, complete, and what the code gives today."""

import json
import pathlib
import shlex

import numpy as np
import pytest

from utils import evaluation, experiment, settings
from utils.experiment import runs, seeds

RESULTS = pathlib.Path(__file__).parents[1] / "solutions" / "results"
FOLDERS = sorted({path.parent for path in RESULTS.rglob("*-seed*.json")})
PROJECT = RESULTS / "project"
TOLERANCE = 0.04  # other processors round otherwise: as much as one seed of `basic` differs from another


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(RESULTS).as_posix())
def test_every_run_is_whole_and_all_variants_have_five_seeds(folder):
    files = list(folder.glob("*-seed*.json"))
    found = runs.read_folder(folder)
    assert len(found) == len(files)
    evaluation.check_runs(found)
    for name in evaluation.variants(found):
        assert len(evaluation.by_seed(found, name)) >= 5, name
    assert len({json.dumps(run.identity, sort_keys=True) for run in found}) == 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(RESULTS).as_posix())
def test_the_command_that_made_them_stands_beside_them(folder):
    words = shlex.split((folder / "command.txt").read_text())
    assert words[:3] == ["python", "-m", "utils.experiment"]
    assert words[words.index("--out") + 1] == folder.relative_to(RESULTS.parents[1]).as_posix()
    named = words[words.index("--augment") + 1 :]
    for name in evaluation.variants(runs.read_folder(folder)):
        assert name in named


def test_the_projects_seeds_follow_from_the_id():
    found = runs.read_folder(PROJECT)
    assert {run.seed for run in found} == set(seeds.seeds_of("reference", 5))


@pytest.mark.slow
def test_a_run_trained_again_gives_the_stored_accuracy():
    """From scratch, with today's code: a table that the code no longer gives is stale."""
    stored = evaluation.by_seed(runs.read_folder(PROJECT), "basic")
    seed = seeds.seeds_of("reference", 5)[0]
    comparison = experiment.Comparison(settings.load(profile="quick"))
    run, _ = comparison.train("basic", seed)
    np.testing.assert_array_equal(run.labels, stored[seed].labels)
    assert run.settings == stored[seed].settings | {"seeds": run.settings["seeds"]}
    assert abs(run.test_accuracy - stored[seed].test_accuracy) <= TOLERANCE
