"""Broken and hostile submissions: each gets its row and its reason, and nothing else is touched."""

import csv
import json

import hostile
import projects
import pytest
from html_page import Page

from utils.grading import __main__ as grading
from utils.grading import archive, grader, submission, true_labels

pytestmark = pytest.mark.slow

NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": "experiment.run(c)", "outputs": [{}]},
        {"cell_type": "code", "source": "submission.show_figure(F)", "outputs": [{}]},
    ]
}
CASES = hostile.ARCHIVES | hostile.RUNS | hostile.REST


def packed(folder, names):
    """Write an honest submission, with one seed of each variant in `names`."""
    project = projects.write_project(folder / "project", seeds=1, names=names)
    (project / "runs").mkdir(exist_ok=True)
    (folder / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(project, folder / "notebook.ipynb", folder / "submission")
    return folder / "submission"


def everything(folder):
    """{path: what is there}, links not followed."""
    return {
        path: path.readlink() if path.is_symlink() else path.stat().st_size
        for path in folder.rglob("*")
        if path.name != "out" and "out" not in path.relative_to(folder).parts
    }


class Graded:
    """The corpus, graded once: the folder with everything, what is there, and what is said."""

    def __init__(self, folder):
        submissions = folder / "submissions"
        submissions.mkdir()
        bases = packed(folder / "honest", ("none", "basic")), packed(folder / "bare", ())
        hostile.write(submissions, *bases)
        self.out, self.before = folder / "out", everything(folder)
        grading.grade(submissions, self.out)
        self.after = everything(folder)
        tasks = {
            name: grader.task(source, self.out, folder, rubric="", labels="")
            for source in archive.find(submissions)
            for name in (source.paths[0].name,)
        }
        self.results = {name: grader.read(task.result) for name, task in tasks.items()}
        self.names = {name: task.submission for name, task in tasks.items()}
        with (self.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            self.rows = {row["submission"]: row for row in csv.DictReader(file)}

    def said(self, name):
        result = self.results[name]
        return [*result.problems, *result.grave, *result.suspicions, *result.notes]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(true_labels, "labels_file", projects.write_labels)
        return Graded(tmp_path_factory.mktemp("corpus"))


def test_there_are_enough_of_them_and_each_has_a_row(graded):
    assert len(CASES) >= 40
    assert len(graded.rows) == len(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_submission_gets_a_reason_and_stops_nobody(graded, name):
    _, told = CASES[name]
    said = graded.said(name)
    assert any(told in sentence for sentence in said) if told else not graded.results[name].problems
    assert not [sentence for sentence in said if "without a result" in sentence or "Internal" in sentence]
    assert all(len(sentence) < 600 and "\n" not in sentence for sentence in said)


def test_what_is_whole_still_counts(graded):
    """Two variants with one seed: half of the variants, equal conditions, figures and analysis."""
    whole = 2.5 + 5 + 5 + 10
    expected = {"from a platform": whole, "backslashes.zip": whole, "stripped notebook": whole}
    expected["no accuracy"] = 1.25 + 5 + 5 + 10
    assert {name: float(graded.rows[name]["points"]) for name in expected} == expected


def test_nothing_outside_of_the_output_folder_is_touched(graded):
    assert graded.before == graded.after
    assert not (graded.out / ".work").exists()
    assert not list(graded.out.rglob("evil*"))


def test_no_link_was_followed(graded):
    for path in graded.out.rglob("*"):
        assert path.is_dir() or hostile.SECRET.encode() not in path.read_bytes()


def test_no_page_has_a_script_or_anything_else_of_the_students(graded):
    pages = list(graded.out.rglob("*.html"))
    assert len(pages) == len(CASES) + 1
    for path in pages:
        for tag, attributes in Page(path.read_text(encoding="utf-8")).tags:
            assert tag not in ("iframe", "object", "link", "form", "base")
            assert tag != "script" or path.name == "index.html"
            assert not [name for name in attributes if name.startswith("on")]
            sources = ("data:image/svg+xml;base64,", "data:image/jpeg;base64,", "pictures/")
            assert tag != "img" or attributes["src"].startswith(sources)
            assert tag != "a" or attributes["href"].startswith("return/")


def test_no_cell_of_a_table_is_a_formula(graded):
    for path in graded.out.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert cells and not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_folders_that_lie_too_deep_are_not_looked_into(tmp_path):
    folder = tmp_path / "submission"
    deep = folder.joinpath(*["d"] * 13)
    deep.mkdir(parents=True)
    for place, student in [(folder, "ada"), (deep, "bob")]:
        (place / "project.json").write_text(json.dumps({"student": student}))
    copied, problems = archive.unpack([folder], tmp_path / "copy")
    assert copied.keys() == {"project.json"} and not problems
