"""The student's copies of the notebooks: a pull of the course never meets an answer."""

import json
import shutil
import subprocess

import pytest
from jupyterlab import labapp

from tools import lab

NAME = "08_cutmix.ipynb"


def write(path, *sources, outputs=(), version="3.11"):
    """Write a notebook of code cells as JupyterLab does."""
    cells = [
        {"cell_type": "code", "id": str(number), "metadata": {}, "outputs": list(outputs), "source": source}
        for number, source in enumerate(sources)
    ]
    metadata = {"language_info": {"name": "python", "version": version}}
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


@pytest.fixture
def course(tmp_path):
    """A course with one notebook, and the student's copy of it."""
    write(tmp_path / "notebooks" / NAME, "raise NotImplementedError")
    assert update(tmp_path) == []
    return tmp_path


def update(course):
    return lab.update(course / "notebooks", course / "work")


def test_a_new_notebook_is_copied(course):
    write(course / "notebooks" / "09_mixup.ipynb", "1")
    assert update(course) == []
    names = {path.name for path in (course / "work").glob("*.ipynb")}
    assert names == {NAME, "09_mixup.ipynb"}


def test_an_answer_stays(course):
    write(course / "work" / NAME, "return 3")
    assert update(course) == []
    assert sources(course / "work" / NAME) == ["return 3"]


def test_an_untouched_copy_follows_the_course(course):
    write(course / "notebooks" / NAME, "raise NotImplementedError", "new")
    assert update(course) == []
    assert sources(course / "work" / NAME) == ["raise NotImplementedError", "new"]


def test_a_copy_that_was_only_opened_is_untouched(course):
    """Jupyter writes another Python's version into a notebook that it opens.

    https://github.com/jupyter/notebook/issues/2123
    """
    write(course / "work" / NAME, ["raise Not", "ImplementedError"], version="3.13")
    write(course / "notebooks" / NAME, "new")
    assert update(course) == []
    assert sources(course / "work" / NAME) == ["new"]


@pytest.mark.parametrize(
    "answer, outputs",
    [
        ("return 3", []),
        ("raise NotImplementedError", [{"output_type": "stream", "name": "stdout", "text": "71 %"}]),
    ],
)
def test_what_both_have_changed_stays_and_is_named(course, answer, outputs):
    """With its name, the student can have the new one, too: https://github.com/jupyterhub/nbgitpuller/issues/263."""
    write(course / "work" / NAME, answer, outputs=outputs)
    write(course / "notebooks" / NAME, "new")
    assert update(course) == [NAME] == update(course)
    assert sources(course / "work" / NAME) == [answer]


@pytest.mark.parametrize("way", ["renamed", "deleted"])
def test_a_copy_that_is_gone_comes_fresh(course, way):
    """https://github.com/jupyterhub/nbgitpuller/issues/106: it came back with the student's changes."""
    write(course / "work" / NAME, "return 3")
    write(course / "notebooks" / NAME, "new")
    if way == "renamed":
        (course / "work" / NAME).rename(course / "work" / "mine.ipynb")
    else:
        (course / "work" / NAME).unlink()
    assert update(course) == []
    assert sources(course / "work" / NAME) == ["new"]
    assert way == "deleted" or sources(course / "work" / "mine.ipynb") == ["return 3"]


def test_the_copy_of_a_lesson_that_is_gone_from_the_course_stays(course):
    """https://github.com/jupyterhub/nbgitpuller/issues/69"""
    (course / "notebooks" / NAME).unlink()
    assert update(course) == []
    assert (course / "work" / NAME).exists()


def test_an_answer_stays_where_it_is_not_known_what_was_copied(course):
    shutil.rmtree(course / "work" / ".as_copied")
    write(course / "work" / NAME, "return 3")
    assert update(course) == [NAME]
    assert sources(course / "work" / NAME) == ["return 3"]


def test_a_copy_that_is_no_notebook_stays(course):
    (course / "work" / NAME).write_text("half a noteb", encoding="utf-8")
    write(course / "notebooks" / NAME, "new")
    assert update(course) == [NAME]
    assert (course / "work" / NAME).read_text(encoding="utf-8") == "half a noteb"


def test_a_change_that_nobody_reads_is_not_told(course):
    """Such as a cell's metadata: the student's copy stays, and there is nothing new to be had."""
    write(course / "work" / NAME, "return 3")
    write(course / "notebooks" / NAME, "raise NotImplementedError", version="3.12")
    assert update(course) == []
    assert sources(course / "work" / NAME) == ["return 3"]


def test_jupyterlab_opens_the_copies_and_what_is_new_is_told(course, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(lab, "ROOT", course)
    monkeypatch.setattr(labapp, "main", opened.append)
    write(course / "work" / NAME, "return 3")
    write(course / "notebooks" / NAME, "new")
    lab.main()
    assert opened == [[f"--ServerApp.root_dir={course}", "--LabApp.default_url=/lab/tree/work"]]
    assert capsys.readouterr().out == (
        "New in the course: 08_cutmix.ipynb. Your own work stays as it is in work/; to have the new one "
        "beside it, rename yours and run this again.\n"
    )


def test_git_does_not_see_the_copies():
    ignored = subprocess.run(["git", "check-ignore", "-q", f"work/{NAME}"], cwd=lab.ROOT, check=False)
    assert ignored.returncode in (0, 128)  # 128: this is no checkout
