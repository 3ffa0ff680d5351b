"""A project folder becomes a submission: everything that counts, digests that fit, nothing lost."""

import hashlib
import json
import os
import pathlib
import shutil
import zipfile

import projects
import pytest

from utils import figures, settings
from utils.grading import project_folder, submission


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return projects.write_project(tmp_path_factory.mktemp("packed") / "project", seeds=3)


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "14_comparison_project.ipynb"
    path.write_text("{}")
    return path


def test_a_project_starts_empty_with_a_page_to_write_on(tmp_path):
    inside = submission.start(tmp_path / "project", " ada ")
    assert inside == tmp_path / "project" / "runs"
    found = project_folder.read(tmp_path / "project")
    assert found.student == "ada" and found.analysis == "# Analysis"


def test_starting_again_keeps_what_is_there(tmp_path):
    folder = projects.write_project(tmp_path / "project", seeds=1, names=tuple(projects.ACCURACIES))
    submission.start(folder, projects.STUDENT)
    found = project_folder.read(folder)
    assert len(found.runs) == 4 and found.analysis == projects.ANALYSIS.strip()


def test_another_students_folder_is_left_alone(project):
    with pytest.raises(submission.SubmissionError, match="is the project of 'ada': choose another folder"):
        submission.start(project, "bob")
    assert project_folder.read(project).student == "ada"


@pytest.mark.parametrize(
    "student",
    ["  ", "a/b", "../b", "Ada Lovelace", "x" * 65, "ada.", "a:b", "ada\0", "\udcff", 20231234, None],
)
def test_an_id_that_cannot_name_a_file_is_refused(tmp_path, student):
    with pytest.raises(submission.SubmissionError, match="cannot be a student's id"):
        submission.start(tmp_path / "project", student)
    assert not (tmp_path / "project").exists()


def test_the_longest_id_names_files_on_every_system(tmp_path):
    """Of 64 letters, in Korean 192 bytes; an accent is one letter however it came."""
    longest = "\uac15" * 63 + "\xe9"
    submission.start(tmp_path / f"project_{longest}", longest.replace("\xe9", "e\N{COMBINING ACUTE ACCENT}"))
    assert project_folder.read(tmp_path / f"project_{longest}").student == longest


@pytest.mark.parametrize(
    "content",
    [
        b'{"version": "1.0.0-*", "dependencies": {}}',  # a program's, as .NET's were called
        b'["ada"]',
        b'{"student": 7}',
        b'{"student": "ada", "settings": 5}',
        b"not JSON",
        b"[" * 100_000,
    ],
)
def test_somebody_elses_project_is_left_alone(tmp_path, content):
    (tmp_path / "project.json").write_bytes(content)
    with pytest.raises(submission.SubmissionError, match=r"project\.json is there already and is no project"):
        submission.start(tmp_path, "ada")
    assert (tmp_path / "project.json").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["project.json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_project_that_an_editor_has_marked_is_the_same_project(tmp_path, encoding):
    """Read as none, it was overwritten. Notepad marks JSON: https://github.com/eprbell/rp2/issues/33."""
    submission.start(tmp_path, "ada", settings.load(epochs=5))
    path = tmp_path / "project.json"
    path.write_text(path.read_text(), encoding=encoding)
    with pytest.raises(submission.SubmissionError, match="is the project of 'ada'"):
        submission.start(tmp_path, "bob")
    submission.start(tmp_path, "ada", settings.load(epochs=5))
    with pytest.raises(submission.SubmissionError, match="started with another epochs"):
        submission.start(tmp_path, "ada", settings.load(epochs=6))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_analysis_is_read_without_its_mark(tmp_path, encoding):
    """PowerShell and Notepad write marks: https://github.com/pre-commit/pre-commit/issues/1550."""
    submission.start(tmp_path, "ada")
    (tmp_path / "analysis.md").write_text("<!-- hint -->\nI saw 5 %, \uac15\uc544\uc9c0.", encoding=encoding)
    assert project_folder.read(tmp_path).analysis == "I saw 5 %, \uac15\uc544\uc9c0."


@pytest.mark.parametrize("name", ["", "a/b", "../a", "a:b", "accuracy?", "x" * 65, " a", ".a", 3, None])
def test_a_figure_is_named_as_files_can_be(tmp_path, name):
    figure, _ = figures.subplots()
    with pytest.raises(submission.SubmissionError, match="cannot name a figure"):
        submission.show_figure(tmp_path, name, figure, "Empty axes from zero to one.")
    assert list(tmp_path.iterdir()) == []


def test_a_project_keeps_the_settings_that_it_was_started_with(tmp_path):
    """Runs with other settings in one folder would cost points for a comparison that is not equal."""
    submission.start(tmp_path, "ada", settings.load(profile="quick"))
    submission.start(
        tmp_path, "ada", settings.load(profile="quick", seeds=5)
    )  # more seeds are more of the same
    with pytest.raises(submission.SubmissionError, match="was started with another shots and epochs"):
        submission.start(tmp_path, "ada", settings.load(profile="quick", epochs=60, shots=20))


def test_a_project_older_than_a_setting_goes_on_with_its_default(tmp_path):
    course = settings.load(epochs=5)
    submission.start(tmp_path, "ada", course)
    stored = json.loads((tmp_path / "project.json").read_text())
    del stored["settings"]["classes"]
    (tmp_path / "project.json").write_text(json.dumps(stored))
    submission.start(tmp_path, "ada", course)
    with pytest.raises(submission.SubmissionError, match="started with another classes"):
        submission.start(tmp_path, "ada", settings.load(epochs=5, classes=3))


def test_a_shown_figure_is_saved_and_counts(project, capsys):
    figure, axes = figures.subplots()
    axes.plot([1, 2])
    submission.show_figure(project, "rising", figure, "A line that rises from one to two.")
    assert "rising" in project_folder.read(project).figures


def test_a_submission_gets_the_verdict_of_the_project(project, notebook, tmp_path):
    submission.pack(project, notebook, tmp_path / "submission")
    assert str(submission.assess(tmp_path / "submission")) == str(submission.assess(project))


def test_the_manifest_has_the_digest_of_every_file_and_the_zip_holds_the_same(project, notebook, tmp_path):
    archive = submission.pack(project, notebook, tmp_path / "submission")
    manifest = json.loads((tmp_path / "submission" / "manifest.json").read_text())
    paths = [path for path in (tmp_path / "submission").rglob("*") if path.is_file()]
    names = {path.relative_to(tmp_path / "submission").as_posix() for path in paths}
    assert names == {*manifest["sha256"], "manifest.json"}
    assert {"notebook.ipynb", "analysis.md", "project.json", "figures/comparison.png"} <= names
    assert sum(name.startswith("weights/") for name in names) == 6  # one seed per variant
    with zipfile.ZipFile(archive) as packed:
        for name, digest in manifest["sha256"].items():
            content = packed.read(f"submission/{name}")
            assert hashlib.sha256(content).hexdigest() == digest
            assert (tmp_path / "submission" / name).read_bytes() == content
    assert manifest["student"] == "ada" and manifest["left_out"] == ""


def test_packing_twice_gives_the_same_bytes(project, notebook, tmp_path):
    first = submission.pack(project, notebook, tmp_path / "submission").read_bytes()
    assert submission.pack(project, notebook, tmp_path / "submission").read_bytes() == first


def test_weights_that_are_too_large_are_left_out_and_it_is_said(project, notebook, tmp_path, monkeypatch):
    everything = submission.pack(project, notebook, tmp_path / "submission")
    files = [path for path in (tmp_path / "submission").rglob("*") if path.is_file()]
    weights = sum(path.stat().st_size for path in files if path.parent.name == "weights")
    manifest = tmp_path / "submission" / "manifest.json"
    total = sum(path.stat().st_size for path in files) - manifest.stat().st_size
    monkeypatch.setattr(submission, "MOST_BYTES", total - 1)
    submission.pack(project, notebook, tmp_path / "submission")
    assert not (tmp_path / "submission" / "weights").exists() and weights
    assert "are left out: too large to hand in" in json.loads(manifest.read_text())["left_out"]
    assert everything.exists()


@pytest.mark.parametrize(
    ("folder", "message"), [("nothing", "There is no project in"), ("project", "There is no notebook")]
)
def test_what_is_missing_is_one_clear_sentence(project, tmp_path, capsys, folder, message):
    place = project if folder == "project" else tmp_path / folder
    words = [str(place), "--notebook", str(tmp_path / "none.ipynb"), "--out", str(tmp_path / "out")]
    assert submission.main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ") and message in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_submission_is_not_replaced(project, notebook, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "dog.jpg").write_bytes(b"precious")
    with pytest.raises(submission.SubmissionError, match="is there already and is no submission"):
        submission.pack(project, notebook, tmp_path / "photos")
    assert (tmp_path / "photos" / "dog.jpg").read_bytes() == b"precious"


@pytest.mark.parametrize("content", ['{"name": "my app", "icons": []}', "[]", "no JSON"])
def test_somebody_elses_manifest_makes_no_submission(project, notebook, tmp_path, content):
    """Web pages and browsers' extensions have a manifest.json, too."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text(content)
    with pytest.raises(submission.SubmissionError, match="is there already and is no submission"):
        submission.pack(project, notebook, tmp_path / "app")
    assert (tmp_path / "app" / "manifest.json").read_text() == content


def test_a_zip_of_the_same_name_is_replaced_if_it_is_a_submission(project, notebook, tmp_path):
    out, archive = tmp_path / "submission", tmp_path / "submission.zip"
    archive.write_bytes(b"photos of a summer")
    with pytest.raises(
        submission.SubmissionError, match=r"submission\.zip is there already and is no submission"
    ):
        submission.pack(project, notebook, out)
    assert archive.read_bytes() == b"photos of a summer" and not out.exists()
    archive.unlink()
    submission.pack(project, notebook, out)
    shutil.rmtree(out)
    assert submission.pack(project, notebook, out) == archive and out.exists()


def test_the_students_copy_is_handed_in_where_there_is_one(project, notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, text in (("notebooks", "the course's"), ("work", "the student's")):
        cells = [{"cell_type": "markdown", "metadata": {}, "source": text}]
        content = json.dumps(json.loads(notebook.read_text()) | {"cells": cells})
        pathlib.Path(folder).mkdir()
        pathlib.Path(folder, "14_comparison_project.ipynb").write_text(content)
        assert submission.main([str(project), "--out", f"of_{folder}"]) == 0
        assert text in pathlib.Path(f"of_{folder}", "notebook.ipynb").read_text()


def test_the_command_shows_the_verdict_and_the_zip(project, notebook, tmp_path, capsys):
    words = [str(project), "--notebook", str(notebook), "--out", str(tmp_path / "submission")]
    assert submission.main(words) == 0
    out = capsys.readouterr().out
    assert "Together: 100 of 100 points" in out and "submission.zip" in out


def test_what_cannot_be_used_is_packed_and_named(project, notebook, tmp_path, capsys):
    folder = shutil.copytree(project, tmp_path / "project")
    path = sorted((folder / "runs").glob("basic-seed*.json"))[0]
    projects.edit(path, test_accuracy=88.0)
    submission.pack(folder, notebook, tmp_path / "submission")
    assert f"Packed, but it cannot count: {path.name} says test accuracy 88.0000" in capsys.readouterr().out
    packed = {file.name for file in (tmp_path / "submission" / "runs").iterdir()}
    assert packed == {file.name for file in (folder / "runs").iterdir() if file.suffix != ".h5"}


def test_the_manifest_says_when_the_files_last_changed(project, notebook, tmp_path):
    folder = shutil.copytree(project, tmp_path / "project")
    for path in [notebook, *(path for path in folder.rglob("*") if path.is_file())]:
        os.utime(path, (0, 1_000_000_000))
    os.utime(folder / "analysis.md", (0, 1_800_000_000))
    submission.pack(folder, notebook, tmp_path / "submission")
    manifest = json.loads((tmp_path / "submission" / "manifest.json").read_text())
    assert manifest["changed"] == "2027-01-15T08:00:00+00:00"
