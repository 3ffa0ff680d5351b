"""What classes hand in gets the points and the sentences that `grading_cases` says, kind by kind."""

import json

import grading_cases
import projects
import pytest

from utils.grading import archive, grader, rubric, submission

NOTEBOOK = {"cells": [{"cell_type": "code", "source": "experiment.run(c)", "outputs": [{}]}]}


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A packed submission of ada that earns every point."""
    folder = tmp_path_factory.mktemp("honest")
    project = projects.write_project(folder / "project", seeds=3)
    (folder / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(project, folder / "notebook.ipynb", folder / "submission")
    projects.write_labels("", folder)
    return folder / "submission"


@pytest.fixture
def graded(honest, tmp_path, monkeypatch):
    """Grade what a case makes, in this process, without pictures; returns the Result."""
    monkeypatch.setattr(grader, "_draw", lambda runs: "")

    def grade(case):
        place = tmp_path / "made" / "submissions"
        place.mkdir(parents=True)
        case.make(place, honest)
        [source] = archive.find(place)
        shared = {"rubric": str(rubric.DEFAULT), "labels": str(honest.with_name("labels.npy"))}
        task = grader.task(source, tmp_path / "out", tmp_path / "work", **shared)
        grader.grade(task)
        assert {path.name for path in tmp_path.iterdir()} <= {"made", "out", "work"}
        return grader.read(task.result)

    return grade


def test_there_are_at_least_thirty_kinds_and_120_cases():
    assert len(grading_cases.KINDS) >= 30 and len(grading_cases.CASES) >= 120


@pytest.mark.parametrize("name", grading_cases.CASES)
def test_a_submission_gets_what_the_table_says(graded, name):
    case = grading_cases.CASES[name]
    result = graded(case)
    said = [*result.problems, *result.grave, *result.suspicions]
    checks = [check for item in result.items for check in item["checks"]]
    lost = {check["name"]: check["points"] - check["earned"] for check in checks}
    if case.lost == grading_cases.NOTHING:
        assert sum(check["earned"] for check in checks) == 0
    else:
        assert {check: points for check, points in lost.items() if points > 1e-9} == pytest.approx(case.lost)
    for part in case.told:
        assert any(part in sentence for sentence in said), said
    assert case.told or not result.problems
    assert all(sentence.isprintable() and len(sentence) < 600 for sentence in said)
