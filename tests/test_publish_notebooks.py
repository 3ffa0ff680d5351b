"""The first cell that brings the course along, for notebooks that are opened alone."""

import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import nbformat
import pytest

from tools import lessons, publish_notebooks

STUDENT = publish_notebooks.ROOT / "notebooks" / "08_cutmix.ipynb"


@pytest.fixture
def first_cell(tmp_path, monkeypatch):
    """Run the first cell in an empty folder, and return the commands that it called."""
    monkeypatch.chdir(tmp_path)
    commands = []

    def run(command, check):
        assert check
        commands.append(command)
        if command[0] == "git":
            pathlib.Path(command[-1], "notebooks").mkdir(parents=True)

    def execute():
        commands.clear()
        notebook = publish_notebooks.published(nbformat.read(STUDENT, as_version=4), "https://host/name")
        monkeypatch.setattr(subprocess, "run", run)
        exec(compile(notebook.cells[0].source, "first cell", "exec"), {})
        return commands

    return execute


def test_a_published_notebook_is_the_student_s_with_one_more_cell():
    student = nbformat.read(STUDENT, as_version=4)
    notebook = publish_notebooks.published(student, "https://host/name")
    nbformat.validate(notebook)
    assert notebook.cells[1:] == student.cells and notebook.metadata == student.metadata
    assert notebook.cells[0].metadata["cellView"] == "form"


def test_what_lessons_import_is_installed_with_the_course():
    project = tomllib.loads((publish_notebooks.ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    asked = {*project["dependencies"], *project["optional-dependencies"]["lessons"]}
    asked = {re.match(r"[\w-]+", wish)[0] for wish in asked}
    distributions = importlib.metadata.packages_distributions()
    for path in sorted((publish_notebooks.ROOT / "solutions").glob("[0-9][0-9]_*.py")):
        if not lessons.needs_torch(path):
            modules = set(
                re.findall(r"^(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            )
            for module in modules - set(sys.stdlib_module_names) - {"utils", "toy_dogs"}:
                assert asked & set(distributions[module]), f"{path.name} imports {module}"


def test_where_the_course_is_installed_the_first_cell_does_nothing(first_cell, tmp_path):
    assert first_cell() == []
    assert pathlib.Path.cwd() == tmp_path and list(tmp_path.iterdir()) == []


def test_where_it_is_not_the_first_cell_clones_installs_and_changes_into_its_notebooks(
    first_cell, tmp_path, monkeypatch
):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    clone, install = first_cell()
    assert clone[:2] == ["git", "clone"] and clone[-2:] == ["https://host/name", "image-augmentation-course"]
    assert install[1:4] == ["-m", "pip", "install"] and install[-1] == "./image-augmentation-course[lessons]"
    assert pathlib.Path.cwd() == tmp_path / "image-augmentation-course" / "notebooks"
    os.chdir(tmp_path)  # the kernel starts anew: the clone is there already
    assert [command[1:3] for command in first_cell()] == [["-m", "pip"]]
