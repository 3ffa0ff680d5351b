"""An instructor's term: a class list, a spreadsheet in between, tables and pages for the platform."""

import base64
import csv
import hashlib
import io
import json
import re

import grading_cases
import projects
import pytest
from html_page import Page

from utils.grading import __main__ as grading
from utils.grading import grader, pages, roster, submission, suspicions, true_labels, workers

ROSTER = "id,name,lms_id\n00123456,Ada Löwe,17\nbob,Bob <b>,18\ncarl,Carl,19\n강아지,강 아지,20\n"
CODE = "def train_by_hand(train):\n    return '</pre><script>'\n"
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": CODE, "outputs": [{"output_type": "stream", "text": ["none 97 %\n"]}]}
    ]
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A submission of ada with little in it."""
    folder = tmp_path_factory.mktemp("honest")
    project = projects.write_project(folder / "project", seeds=1, names=("none", "basic"))
    (folder / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(project, folder / "notebook.ipynb", folder / "submission")
    return folder / "submission"


@pytest.fixture
def inbox(honest, tmp_path):
    """What Moodle gives: three students, one with a text online, one with the project of another."""
    folder = tmp_path / "inbox" / "CS 1-Project-77"
    for student, entry in (
        ("123456", "Ada Löwe_17_assignsubmission_file"),
        ("bob", "Bob_18_assignsubmission_file"),
        ("bob", "강 아지_20_assignsubmission_file"),
    ):
        made = grading_cases.project_of(student, honest, tmp_path / "made" / entry)
        (made / "analysis.md").write_text(f"The analysis in {entry}, " + "word " * 40)
        grading_cases.zipped(made, folder / entry / "submission.zip")
    grading_cases.write(folder / "Bob_18_assignsubmission_onlinetext" / "onlinetext.html", "Done!")
    return folder.parent


@pytest.fixture
def term(inbox, tmp_path, monkeypatch):
    """Grade the inbox in this process; returns the folder of results."""

    def run(function, tasks, **limits):
        yield from ((task, function(task) or "") for task in tasks)

    monkeypatch.setattr(workers, "run", run)
    monkeypatch.setattr(grader, "_draw", lambda runs: "")
    monkeypatch.setattr(pages, "_distribution", lambda rows: "")
    monkeypatch.setattr(true_labels, "labels_file", projects.write_labels)
    monkeypatch.setattr(suspicions, "_known_predictions", set)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")

    def grade(*more):
        words = [str(inbox), "--out", str(tmp_path / "out"), "--roster", str(tmp_path / "roster.csv"), *more]
        assert grading.main(words) == 0
        return tmp_path / "out"

    return grade


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_every_student_has_a_row_also_who_handed_in_nothing(term):
    rows = {row["name"]: row for row in table(term() / "grades.csv")}
    assert list(rows) == ["Ada Löwe", "Bob <b>", "강 아지", "Carl"]
    assert rows["Carl"]["to look at"] == "Nothing was handed in." and rows["Carl"]["points"] == "0"
    assert rows["Ada Löwe"]["student"] == "123456" and rows["Ada Löwe"]["lms_id"] == "17"
    assert "It was handed in by 강 아지, but the project is that of bob." in rows["강 아지"]["to look at"]
    assert "It was handed in" not in rows["Ada Löwe"]["to look at"] + rows["Bob <b>"]["to look at"]


def test_moodle_and_canvas_take_the_points_back(term):
    out = term()
    moodle, canvas = table(out / "moodle.csv"), table(out / "canvas.csv")
    assert {"Identifier", "Grade", "Last modified (grade)", "Feedback comments"} <= moodle[0].keys()
    grades = {row["lms_id"]: row["points"] for row in table(out / "grades.csv") if row["submission"]}
    assert {row["Identifier"].split()[1]: row["Grade"] for row in moodle} == grades | {"19": ""}
    assert list(canvas[0])[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[0]["Student"].strip() == "Points Possible" and canvas[0][roster.TITLE] == "100"
    assert {row["ID"]: row[roster.TITLE] for row in canvas[1:]} == grades | {"19": ""}
    assert canvas[1]["SIS User ID"] == "00123456"


def test_each_student_has_a_page_under_the_platforms_own_name(term):
    pages = sorted(
        path.relative_to(term() / "return").as_posix() for path in (term() / "return").rglob("*.html")
    )
    names = ("Ada Löwe_17", "Bob_18", "강 아지_20")
    assert pages == [f"{name}_assignsubmission_file/feedback.html" for name in names]


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("kim_12_500_submission.zip", "kim_12_500_feedback.html"),
        ("kim_LATE_12_500_submission-1.zip", "kim_LATE_12_500_feedback.html"),
        ("Kim_12_assignsubmission_file_", "Kim_12_assignsubmission_file/feedback.html"),
        ("kim.zip", "kim/feedback.html"),
    ],
)
def test_where_a_page_goes_back(tmp_path, name, page):
    (tmp_path / name).write_bytes(b"") if name.endswith(".zip") else (tmp_path / name).mkdir()
    [source] = grading.archive.find(tmp_path)
    assert (source.page, source.lms_id) == (page, "" if name == "kim.zip" else "12")


def test_a_class_list_may_be_what_a_platform_exports(tmp_path):
    (tmp_path / "moodle.csv").write_text("Identifier;Full name;ID number\nParticipant 17;Ada;0012\n")
    (tmp_path / "short.csv").write_text("Identifier,Full name,Email address\nParticipant 17,Ada,a@b.c\n")
    assert roster.load(tmp_path / "short.csv") == [roster.Student("", "Ada", "17")]
    canvas = "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\nAda,17,0012,ada,A\n"
    (tmp_path / "canvas.csv").write_text(canvas)
    for name in ("moodle.csv", "canvas.csv"):
        assert roster.load(tmp_path / name) == [roster.Student("0012", "Ada", "17")]


def test_a_class_list_without_ids_is_one_sentence(term, tmp_path, capsys):
    (tmp_path / "roster.csv").write_text("who\nAda\n")
    assert (
        grading.main([str(tmp_path / "inbox"), "--out", "out", "--roster", str(tmp_path / "roster.csv")]) == 2
    )
    assert "needs a first row with the columns id, name and lms_id." in capsys.readouterr().err


def test_points_and_comments_come_back_from_excel(honest, term, inbox, tmp_path, capsys):
    grading_cases.copy(honest, inbox / "00777")
    (inbox / "CS 1-Project-77").rename(inbox / "ada")
    out = term()
    text = (out / "instructor.csv").read_text(encoding="utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text, newline="")))
    cells = {"submission": "777", "gain": "2,5", "gain: comment": "Nearly.", "comment": "=Good"}
    lines = [head, [cells.get(name, "") for name in head], ["old"] + [""] * (len(head) - 2) + ["Lost?"]]
    excel = "\r\n".join(";".join(line) for line in lines)  # a number has no zeros before it
    (out / "instructor.csv").write_bytes(b"\xef\xbb\xbf" + excel.encode())
    capsys.readouterr()
    term()
    row = {row["submission"]: row for row in table(out / "grades.csv")}["00777"]
    assert (row["gain"], row["comment"]) == ("2.5", "'=Good\ngain: Nearly.")
    assert "instructor.csv has points or comments for old, which is no submission" in capsys.readouterr().err
    page = (out / "return" / "00777" / "feedback.html").read_text(encoding="utf-8")
    assert "Nearly." in page and "=Good" in page
    pages = [path.parent.name for path in (out / "return").rglob("*.html")]
    assert sorted(pages) == ["00777", "ada"]  # none of submissions that are no longer there
    assert "which is no submission here" in (out / "index.html").read_text(encoding="utf-8")


def test_numbers_that_differ_in_zeros_alone_are_not_confused(tmp_path):
    from utils.grading import spreadsheet

    (tmp_path / "instructor.csv").write_text("submission,gain\n12,3\n")
    sheet = spreadsheet.InstructorSheet(tmp_path / "instructor.csv", {"gain": 30})
    assert sheet.match(["012", "0012"]) == ["12"] and sheet.points("012", "gain") is None
    assert sheet.match(["12", "012"]) == [] and sheet.points("012", "gain") is None
    assert sheet.match(["012", "x"]) == [] and sheet.points("012", "gain") == 3


def test_the_page_of_the_class_shows_the_work_as_text_and_has_our_script_alone(term):
    text = (term() / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = [each["content"] for each in page.all("meta") if "Content-Security-Policy" in str(each)]
    assert len(policies) == 1 and f"script-src 'sha256-{digest}'" in policies[0]
    assert "&lt;/pre&gt;&lt;script&gt;" in text and "none 97 %" in page.text
    pictures = [image["src"] for image in page.all("img") if "pictures/" in image["src"]]
    assert len(pictures) == 6 and all(
        (term() / picture).read_bytes()[:2] == b"\xff\xd8" for picture in pictures
    )
    assert text.index("It was handed in by 강 아지") < text.index("Seeds that do not follow")  # grave first


def test_equal_runs_sources_and_the_courses_own_runs_are_told(tmp_path, monkeypatch):
    source = "def mine(images, labels, *, seed):\n    # my own\n" + "    labels = labels + 1 - 1\n" * 9
    for student, code in (("ada", source), ("bob", source.replace("# my own", "#")), ("eve", "def f(): ...")):
        functions = {"cutmix": {"source": code, "verdict": "All 17 checks passed."}}
        projects.write_run(
            tmp_path / student / "runs", "cutmix", len(student + code), 0.5, functions=functions
        )
        (tmp_path / student / "project.json").write_text(json.dumps({"student": student}))
    ada, bob, eve = (
        grader.Result(name, "", [], student=name, fingerprints=suspicions.fingerprints(project))
        for name in ("ada", "bob", "eve")
        for project in [grader.project_folder.read(tmp_path / name)]
    )
    monkeypatch.setattr(suspicions, "_known_predictions", lambda: set(eve.fingerprints["test predictions"]))
    found = suspicions.of_class([ada, bob, eve])
    assert found["ada"].other == ["It shares the source of a function with bob."] and not found["ada"].grave
    assert found["eve"].grave == ["One run of the course's own, copied."]


def test_a_function_of_the_solutions_is_told(tmp_path):
    lesson = (suspicions._SOLUTIONS / "14_comparison_project.py").read_text(encoding="utf-8")
    source = re.search(r"^def my_mixup.*?\n(?=\n\n)", lesson, re.DOTALL | re.MULTILINE)[0]
    functions = {"mixup": {"source": re.sub(r"(?m)^ *#.*\n", "", source), "verdict": "All 17 checks passed."}}
    projects.write_run(tmp_path / "runs", "mixup", 1, 0.5, functions=functions)
    odd = suspicions.of_submission(grader.project_folder.read(tmp_path), {}, tmp_path)
    assert "The function mixup is the course's solution, word for word." in odd.other
