"""Grading a class: points, pages and tables, again and again with the same result."""

import csv
import json
import pathlib
import re
import shutil

import numpy as np
import projects
import pytest
import test_rubric
from html_page import Page

from utils import data, errors
from utils.grading import __main__ as grading
from utils.grading import grader, pages, rubric, submission, true_labels, workers

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": "# 14"},
        {"cell_type": "code", "source": "finished = experiment.run(c, VARIANTS, RUNS)", "outputs": [{}]},
        {"cell_type": "code", "source": ["# show_figure\n", "submission.show_figure(F, 'x')"], "outputs": []},
    ],
}
labels_file, distribution = true_labels.labels_file, pages._distribution


@pytest.fixture(autouse=True)
def known_labels(monkeypatch):
    """The projects of the tests have labels of their own; no data set is read."""
    monkeypatch.setattr(true_labels, "labels_file", projects.write_labels)


@pytest.fixture
def quick(monkeypatch):
    """Grade in this process and draw nothing."""

    def run(function, tasks, **limits):
        for task in tasks:
            function(task)
            yield task, ""

    monkeypatch.setattr(workers, "run", run)
    monkeypatch.setattr(grader, "_draw", lambda runs: "")
    monkeypatch.setattr(pages, "_distribution", lambda rows: "")


def packed(folder, student, spoil=lambda project: None, **options):
    """Write a project of `student`, spoil it, and pack it into `folder`; return the folder and the zip."""
    work = folder.parent / "work"
    project = projects.write_project(work / "project", student=student, **options)
    (project / "analysis.md").write_text(projects.ANALYSIS + f" This is what {student} thinks.")
    spoil(project)
    (work / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    archive = submission.pack(project, work / "notebook.ipynb", folder / student)
    shutil.rmtree(work)
    return folder / student, archive


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A folder with a submission of ada as a folder, and of bob as a zip."""
    folder = tmp_path_factory.mktemp("honest") / "submissions"
    packed(folder, "ada", seeds=3)[1].unlink()
    shutil.rmtree(packed(folder, "bob", seeds=3)[0])
    return folder


@pytest.fixture
def submissions(honest, tmp_path):
    return shutil.copytree(honest, tmp_path / "submissions")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def grades(out):
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def everything(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def page_of(out, name):
    return (out / grades(out)[name]["page"]).read_text(encoding="utf-8")


# the whole road


@pytest.fixture(scope="module")
def graded(honest):
    """The honest class, graded by the command in processes of its own; returns the folder of results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(true_labels, "labels_file", projects.write_labels)
        assert grading.main([str(honest), "--out", str(honest.parent / "out")]) == 0
    return honest.parent / "out"


def test_an_honest_class_gets_full_marks_with_nothing_to_look_at(graded):
    rows = grades(graded)
    assert list(rows) == ["ada", "bob.zip"] and [row["student"] for row in rows.values()] == ["ada", "bob"]
    for row in rows.values():
        assert (row["points"], row["of"], row["to look at"], row["missing"]) == ("100", "100", "", "")


def test_a_page_says_where_each_point_comes_from(graded):
    page = Page(page_of(graded, "ada"))
    assert "Best on validation: basic." in page.text and "100 of 100 points" in page.text
    assert "Read from basic-seed" in page.text  # which file
    assert "This is what ada thinks." in page.text
    pictures = [image["alt"] for image in page.all("img") if image["src"].startswith("data:image/jpeg")]
    assert pictures == [
        f"Your figure {name}, as you handed it in" for name in ("comparison", "learning_curves")
    ]
    assert "def mine(images, labels" in page.text and "All 17 checks passed." in page.text  # which function


def test_the_label_share_stands_beside_the_verdict_where_the_runs_have_it(graded, tmp_path, quick):
    found = "The checker's word. Label share: labels and pixels differ by 0.1 on average."
    verdict, _, share = found.removesuffix(".").partition(" Label share: ")
    own = {"cutmix": {"source": "def mine(): ...", "verdict": verdict, "label_share": share}}
    packed(tmp_path / "class", "eve", seeds=1, names=("none", "cutmix"), functions=own)[1].unlink()
    grading.grade(tmp_path / "class", tmp_path / "out")
    for page in ("return/eve/feedback.html", "index.html"):
        assert found in Page((tmp_path / "out" / page).read_text(encoding="utf-8")).text
        old = Page((graded / page.replace("eve", "ada")).read_text(encoding="utf-8")).text
        assert "All 17 checks passed." in old and "Label share" not in old


def test_pages_can_be_read_by_everybody_and_load_nothing(graded):
    for path in graded.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert page.all("html") == [{"lang": "en"}] and levels.count(1) == 1
        assert all(later - level <= 1 for level, later in zip(levels, levels[1:], strict=False))
        assert len(page.all("caption")) == len(page.all("table")) > 0
        assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
        assert all(len(image["alt"].split()) > 4 for image in page.all("img"))
        assert not re.search(r"(src|href)=\"(https?:)?//", text)
        assert len(page.all("script")) == (path.name == "index.html")


def test_grading_again_gives_the_same_bytes_and_does_no_work(graded, honest, quick, monkeypatch):
    before = everything(graded)
    monkeypatch.setattr(grader, "_result", None)  # to judge again would be an error
    monkeypatch.setattr(pages, "_distribution", distribution)
    grading.grade(honest, graded)
    assert everything(graded) == before
    assert not [name for name, content in before.items() if str(honest.parent).encode() in content]


def test_from_nothing_the_bytes_are_the_same_too(submissions, tmp_path, quick):
    grading.grade(submissions, tmp_path / "one")
    grading.grade(submissions, tmp_path / "two")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


def test_when_interrupted_it_goes_on_from_there(submissions, out, quick, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(workers, "run", lambda function, tasks, **limits: interrupted(function, tasks))
        assert grading.main([str(submissions), "--out", str(out)]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    (first,) = (out / "results").iterdir()
    before = first.stat().st_mtime_ns
    assert grading.main([str(submissions), "--out", str(out)]) == 0
    assert first.stat().st_mtime_ns == before and len(grades(out)) == 2


def interrupted(function, tasks):
    function(tasks[0])
    yield tasks[0], ""
    raise KeyboardInterrupt


def test_a_submission_that_changed_is_graded_again(submissions, out, quick):
    grading.grade(submissions, out)
    (submissions / "ada" / "analysis.md").unlink()
    grading.grade(submissions, out)
    assert grades(out)["ada"]["points"] == "90" and grades(out)["bob.zip"]["points"] == "100"


def test_an_instructors_thresholds_are_used(submissions, out, tmp_path, quick):
    path = tmp_path / "rubric.toml"
    # As Notepad saves it, with a mark: https://github.com/Nayjest/Gito/issues/315.
    path.write_text(rubric.DEFAULT.read_text().replace("[5, 30]]", "[25, 30]]"), encoding="utf-8-sig")
    grading.grade(submissions, out)
    grading.grade(submissions, out, rubric_file=path)
    assert grades(out)["ada"]["points"] == "94"


# wherever a submission lies


def test_a_zip_is_found_beside_other_files(submissions, out, quick):
    """As learning platforms hand it on, with the student's report beside it."""
    (submissions / "carl_assignsubmission_file").mkdir()
    archive = submissions / "carl_assignsubmission_file" / "submission.zip"
    (submissions / "bob.zip").rename(archive)
    (archive.parent / "report.pdf").write_bytes(b"%PDF")
    (archive.parent / "._submission.zip").write_bytes(b"a Mac's")
    grading.grade(submissions, out)
    assert grades(out)[archive.parent.name]["points"] == "100"


def test_a_zip_inside_of_a_project_is_not_its_submission(submissions, out, quick):
    (submissions / "ada" / "backup.zip").write_bytes(b"no zip")
    grading.grade(submissions, out)
    assert grades(out)["ada"]["points"] == "100"


# exactly the points it should


def test_a_gain_of_4_9_points_earns_the_step_below_5(tmp_path, quick):
    project = test_rubric.with_gain(tmp_path, 59)
    (tmp_path / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(project, tmp_path / "notebook.ipynb", tmp_path / "submission")
    grading.grade(tmp_path / "submission.zip", tmp_path / "out")
    (row,) = grades(tmp_path / "out").values()
    assert (row["gain"], row["points"]) == ("24", "94") and "at least 5 percentage points" in row["missing"]


def test_the_reference_solution_gets_full_marks_but_for_functions_of_ones_own(tmp_path, quick, monkeypatch):
    """The course's own runs and analysis, counted against the true labels of the toy dogs."""
    reference = pathlib.Path(__file__).resolve().parent.parent / "solutions" / "results" / "project"
    inside = submission.start(tmp_path / "project", "reference")
    shutil.copytree(reference, inside, dirs_exist_ok=True)
    shutil.copy(reference / "analysis.md", inside.parent)
    (inside.parent / "figures").mkdir()
    for name in ("learning_curves", "comparison"):
        (inside.parent / "figures" / f"{name}.png").write_bytes(projects.PNG)
    (tmp_path / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(inside.parent, tmp_path / "notebook.ipynb", tmp_path / "reference")
    labels = data.labels("toy_dogs", "test")
    np.save(tmp_path / "labels.npy", labels)
    monkeypatch.setattr(true_labels, "labels_file", lambda dataset, folder: tmp_path / "labels.npy")
    grading.grade(tmp_path / "reference", tmp_path / "out")
    row = grades(tmp_path / "out")["reference"]
    assert (row["points"], row["of"]) == ("90", "100")
    assert "35 runs of the course's own, copied." in row["to look at"]
    assert row["missing"].count("your own") == 2


# the instructor's points


def edit_scores(out, change):
    path = out / "instructor.csv"
    path.write_text(change(path.read_text(encoding="utf-8-sig")), encoding="utf-8")
    return path


def with_points(text, row="ada,ada", points="2.5", comment="Well argued."):
    """The table with the analysis of one submission scored: the last cells of its row."""
    return text.replace(f"{row}{',' * 23}", f'{row}{"," * 21}{points},"Clear.","{comment}"')


def test_points_and_comments_of_the_instructor_survive(submissions, out, quick):
    grading.grade(submissions, out)
    path = edit_scores(out, with_points)
    shutil.copytree(submissions / "ada", submissions / "carl")
    for _ in range(2):
        grading.grade(submissions, out)
        row = grades(out)["ada"]
        assert (row["analysis"], row["points"], row["computed"]) == ("2.5", "92.5", "100")
        assert row["comment"] == "Well argued.\nanalysis: Clear."
        for part in ("Well argued.", "Clear.", "by your instructor"):
            assert part in page_of(out, "ada")
    text = path.read_text(encoding="utf-8-sig")
    assert "2.5,Clear.,Well argued." in text and text.count("\n") == 4 and "carl" in text


def test_a_table_from_a_german_spreadsheet_is_read(submissions, out, quick):
    grading.grade(submissions, out)
    path = edit_scores(
        out, lambda text: with_points(text, points="2.5").replace(",", ";").replace("2.5", "2,5")
    )
    before = path.read_bytes()
    grading.grade(submissions, out)
    assert grades(out)["ada"]["analysis"] == "2.5" and path.read_bytes() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_is_read_by_its_mark(submissions, out, quick, encoding):
    """Excel writes one, or leaves it out: https://github.com/awdeorio/mailmerge/issues/93."""
    grading.grade(submissions, out)
    path = edit_scores(out, lambda text: with_points(text, points="2.5").replace(",", "\t"))
    path.write_text(path.read_text(encoding="utf-8-sig"), encoding=encoding)
    grading.grade(submissions, out)
    assert grades(out)["ada"]["analysis"] == "2.5"


@pytest.mark.parametrize("name", ["index.html", "grades.csv"])
def test_somebody_elses_page_is_not_overwritten(submissions, out, quick, capsys, name):
    """`mkdocs new` put its own page in the place of one: https://github.com/mkdocs/mkdocs/issues/412."""
    out.mkdir()
    (out / name).write_text("<title>My home page</title>")
    assert grading.main([str(submissions), "--out", str(out)]) == 2
    assert f"{name} is there already and was not written by the course" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "<title>My home page</title>"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: with_points(text, points="six"), "“analysis”: 'six' is no number from 0 to 10."),
        (lambda text: with_points(text, points="17"), "'17' is no number from 0 to 10."),
        (lambda text: text + "ada,\n", "has two rows for one submission"),
        (lambda text: text.replace("submission", "name"), "needs a first row with one column “submission”"),
        (lambda text: text + "x" + "," * 40 + "\n", "has a row with more cells than columns"),
        (lambda text: text + '"', "save it as “CSV UTF-8”"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_sentence_and_stays(
    submissions, out, quick, capsys, change, message
):
    grading.grade(submissions, out)
    path = edit_scores(out, change)
    before = path.read_bytes()
    capsys.readouterr()
    assert grading.main([str(submissions), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert message in error and error.startswith("Error: ") and error.count("\n") == 1
    assert path.read_bytes() == before


# what only a person should decide


def test_copies_are_shown_to_the_instructor_alone_and_not_scored(submissions, out, quick):
    shutil.copytree(submissions / "ada", submissions / "eve")
    for name, content in (("project.json", {"student": "eve"}),):
        (submissions / "eve" / name).write_text(json.dumps(content))
    grading.grade(submissions, out)
    rows, overview = grades(out), Page((out / "index.html").read_text(encoding="utf-8")).text
    assert "It shares the analysis text with eve." in overview
    assert "It shares test predictions with ada." in overview
    assert "Seeds that do not follow from the id eve" in rows["eve"]["to look at"]
    assert rows["eve"]["points"] == "100" and rows["bob.zip"]["to look at"] == ""
    assert "shares" not in page_of(out, "eve") and "do not follow" not in page_of(out, "eve")


def test_two_students_with_one_name_have_two_rows(submissions, out, quick):
    shutil.copytree(submissions / "ada", submissions / "ada (1)")
    grading.grade(submissions, out)
    rows = grades(out)
    assert "It has the same student's id as ada (1)." in rows["ada"]["to look at"]
    assert "shares" not in rows["ada"]["to look at"]
    assert rows["ada"]["page"] != rows["ada (1)"]["page"]


# bad input


@pytest.mark.parametrize(
    ("place", "out", "message"),
    [
        ("nowhere", "out", "There is no"),
        ("empty", "out", "There is nothing to grade in"),
        ("submissions", "submissions/out", "lies among the submissions: choose a folder outside of"),
    ],
)
def test_a_command_that_makes_no_sense_is_one_sentence(submissions, tmp_path, capsys, place, out, message):
    (tmp_path / "empty").mkdir()
    assert grading.main([str(tmp_path / place), "--out", str(tmp_path / out)]) == 2
    error = capsys.readouterr().err
    assert message in error and error.startswith("Error: ") and error.count("\n") == 1


def test_the_true_labels_are_those_of_the_data_set(pictures, tmp_path):
    assert np.load(labels_file(str(pictures), tmp_path)).tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_a_data_set_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(errors.DataError, match="There is no data set named 'nothing'"):
        labels_file("nothing", tmp_path)
