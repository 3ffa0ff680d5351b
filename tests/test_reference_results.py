"""The reference runs in solutions/results: whole, complete, and those that today's code would make."""

import json
import pathlib
import shlex

import pytest

from utils import evaluation, experiment, settings
from utils.experiment import __main__ as command
from utils.experiment import comparison, runs, seeds

RESULTS = pathlib.Path(__file__).parents[1] / "solutions" / "results"
TOOLS = {"image_data_generator": "tools.generator_runs", "lite0": "tools.lite0_runs"}  # runs of another kind
FOLDERS = sorted({path.parent for path in RESULTS.rglob("*-seed*.json")} - {RESULTS / name for name in TOOLS})
PROJECT = RESULTS / "project"
PHOTOGRAPHS = [
    folder for folder in FOLDERS if RESULTS / "photographs" in folder.parents
]  # not in the repository


def _named(folder):
    return folder.relative_to(RESULTS).as_posix()


each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=_named)


@each_folder
def test_every_run_is_whole_and_all_variants_have_five_seeds(folder):
    files = list(folder.glob("*-seed*.json"))
    found = runs.read_folder(folder)
    assert len(found) == len(files)
    evaluation.check_runs(found)
    for name in evaluation.variants(found):
        assert len(evaluation.by_seed(found, name)) >= 5, name


@each_folder
def test_the_command_that_made_them_stands_beside_them(folder):
    words = shlex.split((folder / "command.txt").read_text())
    assert words[:3] == ["python", "-m", "utils.experiment"]
    assert words[words.index("--out") + 1] == folder.relative_to(RESULTS.parents[1]).as_posix()
    named = words[words.index("--augment") + 1 :]
    for name in evaluation.variants(runs.read_folder(folder)):
        assert name in named


@pytest.mark.parametrize("folder", [each for each in FOLDERS if each not in PHOTOGRAPHS], ids=_named)
def test_the_command_finds_all_of_them_and_trains_none(folder):
    """Their identity is that of today's settings, data and recipes."""
    order = command._order(shlex.split((folder / "command.txt").read_text())[3:])
    today = experiment.Comparison(order.settings)
    for variant in order.variants:
        for seed in order.seeds:
            identity = today.identity_of(variant)
            assert runs.read_finished(folder, variant.name, seed, identity, print), (variant.name, seed)


@pytest.mark.parametrize("folder", PHOTOGRAPHS, ids=_named)
def test_runs_on_photographs_have_todays_settings_and_recipes(folder):
    """Without the photographs nothing more of their identity can be made again."""
    for run in runs.read_folder(folder):
        assert run.identity["settings"] == settings.Settings(**run.settings).differing()
        for room, recipe in run.identity["recipes"].items():
            assert recipe == comparison._RECIPES[room]
        assert {"data", "training"} <= run.identity["recipes"].keys()


@pytest.mark.parametrize(("name", "tool"), TOOLS.items())
def test_runs_of_a_tool_have_five_seeds_and_their_command(name, tool):
    folder = RESULTS / name
    assert (folder / "command.txt").read_text().startswith(f"python -m {tool} ")
    kinds = {}
    for path in folder.glob("*.json"):
        run = json.loads(path.read_text())
        kind, _, seed = path.stem.rpartition("-seed")
        assert run["seed"] == int(seed)
        kinds.setdefault(kind, set()).add(run["seed"])
    assert len(kinds) >= 4 and all(seeds == set(range(5)) for seeds in kinds.values())


def test_the_projects_seeds_follow_from_the_id():
    found = runs.read_folder(PROJECT)
    assert {run.seed for run in found} == set(seeds.seeds_of("reference", 5))
