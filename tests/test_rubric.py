"""The verdict: full marks for a whole project, and for each shortcoming exactly its points less."""

import json
import math
import shutil

import numpy as np
import projects
import pytest

from utils.grading import project_folder, rubric, submission

RULES = rubric.load()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return projects.write_project(tmp_path_factory.mktemp("whole") / "project", seeds=3)


@pytest.fixture
def project(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "project")


def lost(folder):
    """{check: points lost} of a project folder."""
    verdict = submission.assess(folder)
    return {
        check.name: check.points - check.earned
        for item in verdict.items
        for check in item.checks
        if check.earned < check.points
    }


def runs_of(folder, name):
    return sorted((folder / "runs").glob(f"{name}-seed*.json"))


def test_a_whole_project_earns_every_point(whole):
    verdict = submission.assess(whole)
    assert verdict.earned == verdict.points == 100, verdict
    assert not verdict.missing and not verdict.problems


def test_with_nothing_but_the_id_changed_it_earns_40_points(tmp_path):
    """The required variants with the course's functions, all figures, nothing written."""
    names = tuple(projects.ACCURACIES)
    folder = projects.write_project(tmp_path / "project", names=names, functions={})
    (folder / "analysis.md").unlink()
    submission.start(folder, projects.STUDENT)  # the template again
    verdict = submission.assess(folder)
    assert [item.earned for item in verdict.items] == [20, 0, 20]


def test_the_evidence_names_its_numbers(whole):
    text = " ".join(str(submission.assess(whole)).split())
    assert (
        "Best on validation: basic. On the test images it has 88.0 %, “none” 68.0 %: +20.0 percentage" in text
    )
    assert "points, or +29.4 percent, mean over three paired seeds." in text
    assert "Runs with mixup that converged: 3 of 3. On average the loss" in text


def diverged(folder):
    history = projects.history(0.7)
    for epoch in history[5:]:
        epoch["train_loss"] = math.nan
    for path in runs_of(folder, "cutmix"):
        projects.edit(path, history=history, validation_accuracy=0.7)


def still_falling(folder):
    history = projects.history(0.71)
    for number, epoch in enumerate(history):
        epoch["train_loss"] = 2.4 - 0.05 * number
    for path in runs_of(folder, "mixup"):
        projects.edit(path, history=history, validation_accuracy=0.71)


def hardly_learned(folder):
    history = projects.history(0.71)
    for epoch in history:
        epoch["train_loss"] = 2.4 - 0.01 * epoch["epoch"]
    for path in runs_of(folder, "mixup"):
        projects.edit(path, history=history, validation_accuracy=0.71)


def at_chance(folder):
    for path in runs_of(folder, "mixup"):
        projects.edit(path, history=projects.history(0.2), validation_accuracy=0.2)


def one_cutmix_diverged(folder):
    history = projects.history(0.7)
    history[-1]["train_loss"] = math.inf
    projects.edit(runs_of(folder, "cutmix")[0], history=history, validation_accuracy=0.7)


def without(name):
    def remove(folder):
        for path in runs_of(folder, name):
            path.unlink()

    return remove


def other_epochs(folder):
    for path in runs_of(folder, "basic"):
        projects.edit(path, history=projects.history(0.88, epochs=60), validation_accuracy=0.88)


def other_settings(folder):
    for path in runs_of(folder, "basic"):
        projects.edit(path, settings=projects.SETTINGS | {"learning_rate": 0.1})


def keep_seeds(count):
    def remove(folder):
        for name in projects.ACCURACIES:
            for path in runs_of(folder, name)[count:]:
                path.unlink()

    return remove


def no_figures(folder):
    shutil.rmtree(folder / "figures")


def no_analysis(folder):
    (folder / "analysis.md").unlink()


def analysis_forgets_mixup(folder):
    (folder / "analysis.md").write_text(projects.ANALYSIS.replace("MixUp", "that"))


def another_network(folder):
    for name in ("cutmix", "mixup"):
        for path in runs_of(folder, name):
            projects.edit(path, settings=projects.SETTINGS | {"model": "densenet121"})


def the_courses_mixup(folder):
    for path in runs_of(folder, "mixup"):
        projects.edit(path, functions={})


def a_mixup_with_a_mistake(folder):
    for path in runs_of(folder, "mixup"):
        verdict = "1 of 17 checks failed: label share."
        projects.edit(path, functions={"mixup": projects.FUNCTION | {"verdict": verdict}})


def half_of_the_epochs(folder):
    for path in folder.glob("runs/*.json"):
        accuracy = json.loads(path.read_text())["validation_accuracy"]
        projects.edit(path, history=projects.history(accuracy, epochs=10))


SHORTCOMINGS = [
    (diverged, {"cutmix converges": 10}),
    (one_cutmix_diverged, {"cutmix converges": 10 / 3}),
    (still_falling, {"mixup converges": 10}),
    (hardly_learned, {"mixup converges": 10}),
    (at_chance, {"mixup converges": 10}),
    (
        without("cutmix"),
        {"cutmix applied to a ResNet": 5, "cutmix converges": 10, "variants": 1.25, "paired seeds": 5},
    ),
    (without("basic"), {"gain": 12, "variants": 1.25, "paired seeds": 5}),
    (without("none"), {"gain": 30, "interval": 10, "variants": 1.25, "paired seeds": 5}),
    (other_epochs, {"equal conditions": 5, "gain": 12}),
    (the_courses_mixup, {"mixup applied to a ResNet": 5}),
    (a_mixup_with_a_mistake, {"mixup applied to a ResNet": 2.5}),
    (half_of_the_epochs, {"cutmix converges": 5, "mixup converges": 5, "gain": 15, "interval": 5}),
    (without("rand_augment"), {"gain": 30, "interval": 10}),
    (other_settings, {"equal conditions": 5, "gain": 12}),
    (keep_seeds(2), {"paired seeds": 5 / 3}),
    (keep_seeds(1), {"paired seeds": 10 / 3, "interval": 10}),
    (no_figures, {"figures": 5}),
    (lambda folder: (folder / "figures" / "comparison.png").unlink(), {"figures": 2.5}),
    (no_analysis, {"analysis": 10}),
    (lambda folder: (folder / "analysis.md").write_text("none basic cutmix mixup"), {"analysis": 10}),
    (analysis_forgets_mixup, {"analysis": 2.5}),
    (
        another_network,
        {
            "cutmix applied to a ResNet": 5,
            "cutmix converges": 10,
            "mixup applied to a ResNet": 5,
            "mixup converges": 10,
            "equal conditions": 5,
        },
    ),
]


@pytest.mark.parametrize(("spoil", "expected"), SHORTCOMINGS)
def test_each_shortcoming_loses_exactly_its_points(project, spoil, expected):
    spoil(project)
    found = lost(project)
    assert found == pytest.approx(expected)
    assert len(submission.assess(project).missing) == len(found)


def with_gain(tmp_path, hits):
    """A project whose best augmentation gets `hits` more of 1,200 images right, a little varying by seed."""

    def accuracy(name, number):
        none = 816 + 3 * number
        return (none + (name == "basic") * (hits + [1, -1, 0][number])) / 1200

    return projects.write_project(tmp_path / f"gain{hits}", seeds=3, accuracy=accuracy)


@pytest.mark.parametrize(
    ("hits", "expected"), [(60, {}), (59, {"gain": 6}), (0, {"gain": 30, "interval": 10})]
)
def test_all_points_for_the_gain_are_from_exactly_five_points_on(tmp_path, hits, expected):
    assert lost(with_gain(tmp_path, hits)) == expected


def test_five_percent_is_another_question_than_five_points(tmp_path):
    """45 of 1,200 images are 3.75 points, and 5.5 percent of 68 %: both are shown, one is asked for."""
    folder = with_gain(tmp_path, 45)
    relative = RULES | {"improvement": RULES["improvement"] | {"unit": "percent"}}
    gain = rubric.judge(project_folder.read(folder), relative).items[1].checks[0]
    assert gain.share == 1
    assert "+3.8 percentage points, or +5.5 percent" in gain.evidence.replace("+3.7", "+3.8")
    assert lost(folder) == {"gain": 12}


def test_the_best_is_chosen_on_validation_even_where_another_is_better_on_test(project):
    for path in runs_of(project, "mixup"):
        projects.edit(path, history=projects.history(0.95), validation_accuracy=0.95)
    gain = submission.assess(project).items[1].checks[0]
    assert "Best on validation: mixup" in gain.evidence and gain.earned == 6


def test_a_mix_on_top_of_basic_counts_as_that_mix(project):
    for path in runs_of(project, "cutmix"):
        path.unlink()
    for seed in (1, 2, 3):
        own = {"cutmix": projects.FUNCTION}
        projects.write_run(project / "runs", "basic+cutmix(alpha=0.5)", seed, 0.8, functions=own)
    assert "cutmix converges" not in lost(project) and "cutmix applied to a ResNet" not in lost(project)


def test_nothing_at_all_is_judged_without_a_crash(tmp_path):
    verdict = submission.assess(tmp_path)
    assert verdict.earned == 0
    assert any("There are no runs" in problem for problem in verdict.problems)
    assert "Train" in str(verdict)


def test_the_description_states_the_thresholds():
    text = rubric.describe()
    for part in (
        "70 %",
        "10 %",
        "3 times chance",
        "5 percentage points",
        "at least 3 seeds",
        "100 words",
        "20 epochs",
        "2 variants of your own",
    ):
        assert part in text
    assert (
        sum(float(cell) for row in text.splitlines() if (cell := row.split("|")[1].strip()).isdigit()) == 100
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("gain = [[1", "gain = [[-1"),
            "improvement.gain must be of the kind of [[1, 6], [2, 12]",
        ),
        (("gain = [[1,", "gain = [[1, 2,"), "improvement.gain must be of the kind of"),
        (
            ("interval_points = 10", 'interval_points = "x"'),
            "interval_points must be a number, 0 or more, not 'x'",
        ),
        (('basic = ["basic"', "basic = [1"), "names.basic must be of the kind of ['basic'"),
        (('unit = "points"', 'unit = "dogs"'), 'improvement.unit must be "points" or "percent"'),
        (("seeds = 3", "sedes = 3"), "must have the same tables and names as rubric.toml"),
        (("[improvement]", "[improvement"), "Cannot read the rubric"),
    ],
)
def test_a_rubric_that_cannot_be_used_is_one_clear_sentence(tmp_path, change, message):
    path = tmp_path / "rubric.toml"
    path.write_text(rubric.DEFAULT.read_text().replace(*change, 1))
    with pytest.raises(rubric.RubricError) as caught:
        rubric.load(path)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_instructors_thresholds_are_used(tmp_path, whole):
    path = tmp_path / "rubric.toml"
    path.write_text(rubric.DEFAULT.read_text().replace("[5, 30]]", "[25, 30]]"))
    verdict = rubric.judge(project_folder.read(whole), rubric.load(path))
    assert verdict.earned == 94 and "at least 25 percentage points" in verdict.missing[0]


def test_nan_predictions_count_as_wrong_and_are_no_crash(tmp_path):
    folder = projects.write_project(tmp_path / "project", seeds=3)
    seed = 77
    projects.write_run(
        folder / "runs",
        "cutmix(alpha=2)",
        seed,
        0.0,
        probabilities=np.full((projects.IMAGES, projects.CLASSES), np.nan, np.float32),
    )
    assert submission.assess(folder).earned == 100
