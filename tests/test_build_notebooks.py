import os
import pathlib
import re
import shutil
import subprocess
import sys

import mini_lesson
import nbformat
import pytest

from tools import build_notebooks, lessons

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def _seconds_of_a_cell():
    """A small lesson takes no time. Now and then asyncio overlooks a kernel's answer until the time is up."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(build_notebooks, "CELL_SECONDS", 30)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The small lesson and its notebooks, built once."""
    folder = tmp_path_factory.mktemp("built")
    build(mini_lesson.write(folder))
    return folder


@pytest.fixture
def folder(built, tmp_path):
    """A copy of the built lesson, to change."""
    return shutil.copytree(built, tmp_path / "lesson")


def build(path, **options):
    return build_notebooks.build(lessons.read(path), path.parents[1] / "notebooks", **options)


def check(folder):
    path = folder / "solutions" / "98_doubling.py"
    return build_notebooks.check(lessons.read(path), folder / "notebooks")


def run(folder, *arguments):
    """The command line on the lessons of `folder`."""
    places = ["--solutions", str(folder / "solutions"), "--notebooks", str(folder / "notebooks")]
    return build_notebooks.main([*arguments, *places])


def notebook_path(folder, edition):
    return folder / {"solution": "solutions", "student": "notebooks"}[edition] / "98_doubling.ipynb"


def stored(folder, edition):
    return nbformat.read(notebook_path(folder, edition), as_version=4)


def change(folder, edition, edit):
    """Apply `edit` to a stored notebook."""
    notebook = stored(folder, edition)
    edit(notebook)
    nbformat.write(notebook, notebook_path(folder, edition))


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


def never(*_):
    raise AssertionError("the lesson was executed")


def test_the_student_gets_the_task_and_the_solution_edition_the_answer(built):
    student, solution = stored(built, "student"), stored(built, "solution")
    assert cell_with(student, "def double").source == (
        'def double(number):\n    """Twice the number."""\n'
        '    raise NotImplementedError("Exercise 1: double a number")'
    )
    assert cell_with(solution, "def double").source == (
        'def double(number):\n    """Twice the number."""\n    return 2 * number'
    )
    others = [
        (ours.source, ours.id, ours.metadata, theirs.source, theirs.id, theirs.metadata)
        for ours, theirs in zip(student.cells, solution.cells, strict=True)
        if "def double" not in ours.source
    ]
    assert len(others) == len(lessons.read(built / "solutions" / "98_doubling.py").cells) - 1
    assert all(values[:3] == values[3:] for values in others)


def test_only_the_solution_edition_has_outputs_and_only_what_every_run_repeats(built):
    assert not any(cell.get("outputs") for cell in stored(built, "student").cells)
    solution = stored(built, "solution")
    first = cell_with(solution, "import sys")
    assert [(output.name, output.text) for output in first.outputs] == [("stdout", "two times two is 4\n")]
    assert cell_with(solution, "numbers = ").outputs[0].data["text/plain"] == "[1, 2, 3]"
    assert not cell_with(solution, "RuntimeError").outputs
    ours = {"tags", "jupyter", "cellView"}
    assert {name for cell in solution.cells for name in cell.metadata} == ours
    assert solution.metadata.language_info == {"name": "python"}
    assert str(built) not in notebook_path(built, "solution").read_text(encoding="utf-8")


@pytest.mark.parametrize("edition", ["student", "solution"])
def test_a_cell_that_draws_is_closed_in_jupyterlab_on_colab_and_on_the_site(built, edition):
    """Each of the three looks elsewhere.

    With Colab's metadata alone the code is open in Jupyter, and a form of Colab's begins with a title:
    https://github.com/NeuromatchAcademy/course-content/issues/230,
    https://github.com/edgi-govdata-archiving/ECHO-Cross-Program/issues/154.
    """
    cell = cell_with(stored(built, edition), "figures.show")
    assert cell.metadata == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}, "cellView": "form"}
    assert cell.source.startswith("# @title Drawing\nfigure, axes = ")
    closed = [other for other in stored(built, edition).cells if "cellView" in other.metadata]
    assert closed == [cell]


@pytest.mark.parametrize("edition", ["student", "solution"])
def test_a_hint_and_an_answer_have_a_mark_in_their_words(built, edition):
    """Style sheets drop the browser's triangle: one for all that say `list-style: none`, or nothing at all.

    https://github.com/jupyter-book/jupyterlab-myst/issues/232,
    https://github.com/sagemathinc/cocalc/issues/6312.
    """
    text = "\n".join(cell.source for cell in stored(built, edition).cells)
    summaries = re.findall(r"<summary[^>]*>(.*?)</summary>", text)
    assert summaries == ["▸ Hint", "▸ Answer", "▸ Answer", "▸ Answer"]
    # Where there is a triangle, it gives way to the mark.
    assert text.count('<details><summary style="list-style: none">') == 4


def test_a_widget_is_stored_as_words(built):
    text = notebook_path(built, "solution").read_text(encoding="utf-8")
    assert "A control to play with" in text
    assert "widget-view" not in text and "interactive(" not in text


def test_a_widget_whose_output_would_be_compared_is_refused(tmp_path):
    script = mini_lesson.changed('# %% tags=["nbval-ignore-output"]\nipywidgets', "# %%\nipywidgets")
    with pytest.raises(build_notebooks.BuildError, match=r"line 56: this cell shows a widget, which nbval"):
        build(mini_lesson.write(tmp_path, script))


def test_building_again_executes_nothing_and_writes_nothing(folder, monkeypatch):
    monkeypatch.setattr(build_notebooks, "_execute", never)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.ipynb")}
    assert len(before) == 2
    assert build(folder / "solutions" / "98_doubling.py") == []
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.ipynb")}


@pytest.mark.slow
def test_executing_again_gives_the_same_file(folder):
    ignored = ["random.random()"]  # its output is another one, and tagged so
    before = stored(folder, "solution")
    build(folder / "solutions" / "98_doubling.py", force=True)
    after = stored(folder, "solution")
    for notebook in (before, after):
        cell_with(notebook, ignored[0]).outputs = []
    assert before == after


def test_new_prose_is_built_without_executing(folder, monkeypatch):
    monkeypatch.setattr(build_notebooks, "_execute", never)
    path = mini_lesson.write(folder, mini_lesson.changed("# To double.", "# To double, quickly."))
    assert build(path) == ["solution", "student"]
    assert "quickly" in cell_with(stored(folder, "student"), "What you learned").source
    assert cell_with(stored(folder, "solution"), "numbers = ").outputs
    assert check(folder) == []


@pytest.mark.parametrize(
    "old, new",
    [("numbers = [1, 2, 3]", "numbers = [1, 2, 4]"), ("return 2 * number", "return number + number")],
)
def test_new_code_is_executed(folder, monkeypatch, old, new):
    monkeypatch.setattr(build_notebooks, "_execute", never)
    with pytest.raises(AssertionError, match="the lesson was executed"):
        build(mini_lesson.write(folder, mini_lesson.changed(old, new)))


def test_outputs_that_were_removed_are_made_again(folder, monkeypatch):
    monkeypatch.setattr(build_notebooks, "_execute", never)
    change(folder, "solution", lambda notebook: notebook.cells[1].update(execution_count=None))
    with pytest.raises(AssertionError, match="the lesson was executed"):
        build(folder / "solutions" / "98_doubling.py")


@pytest.mark.parametrize(
    "statement, reason",
    [("1 / 0", "ZeroDivisionError: division by zero"), ("import os; os._exit(1)", "(?i)kernel died")],
)
@pytest.mark.slow
def test_a_failing_cell_is_named_and_the_old_notebooks_are_kept(folder, capsys, statement, reason):
    before = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    mini_lesson.write(folder, mini_lesson.changed('print("three numbers:", len(numbers))', statement))
    assert run(folder) == 1
    message = capsys.readouterr().err
    assert "98_doubling.py, line 20: this cell fails, and the old notebook is kept." in message
    assert f"    {statement}\n" in message
    assert pytest.approx(len(message.splitlines()), abs=3) == 5  # the words, not a traceback
    assert re.search(reason, message)
    assert before == {path: path.read_bytes() for path in folder.rglob("*.ipynb")}


def test_a_broken_lesson_does_not_keep_the_next_from_being_built(folder, capsys):
    (folder / "solutions" / "97_broken.py").write_text("no lesson\n")
    assert run(folder) == 1
    captured = capsys.readouterr()
    assert "97_broken.py, line 1: a lesson starts with a cell" in captured.err
    assert "98_doubling: unchanged" in captured.out


def test_a_lesson_that_is_not_there_is_named(folder, capsys):
    assert run(folder, "12") == 1
    assert capsys.readouterr().err == "There is no lesson 12; there are: 98.\n"


def test_what_was_just_built_has_no_differences(folder, capsys):
    assert run(folder, "--check") == 0
    assert capsys.readouterr().out == "The notebooks are what the scripts give.\n"


def edit_source(notebook):
    cell_with(notebook, "numbers = ").source = "numbers = [7]\nnumbers"


def edit_tags(notebook):
    cell_with(notebook, "random").metadata["tags"] = ["nbval-skip"]


def edit_kernel(notebook):
    notebook.metadata.kernelspec.display_name = "my kernel"


@pytest.mark.parametrize("edition", ["student", "solution"])
@pytest.mark.parametrize(
    "edit, shown",
    [
        (edit_source, "-numbers = [1, 2, 3]\n+numbers = [7]"),
        (edit_tags, "nbval-skip"),
        (edit_kernel, "my kernel"),
    ],
)
def test_an_edited_notebook_is_shown_as_a_difference(folder, capsys, edition, edit, shown):
    change(folder, edition, edit)
    assert run(folder, "--check") == 1
    message = capsys.readouterr().err
    assert shown in message
    assert f"{notebook_path(folder, edition).parent.name}/98_doubling.ipynb as it is" in message
    assert "Edit solutions/NN_name.py only, and run `make notebooks`." in message


def test_a_changed_script_is_shown_as_a_difference(folder):
    mini_lesson.write(folder, mini_lesson.changed("# To double.", "# To halve."))
    assert ["-To halve.\n+To double." in difference for difference in check(folder)] == [True, True]


def add_error(notebook):
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    cell_with(notebook, "numbers = ").outputs = [error]


def remove_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []


@pytest.mark.parametrize(
    "edition, edit, problem",
    [
        ("solution", add_error, "solutions/98_doubling.ipynb: cell 2 has an error for an output."),
        ("solution", remove_outputs, "solutions/98_doubling.ipynb: it has no outputs."),
        (
            "solution",
            lambda notebook: notebook.cells[2].update(execution_count=None),
            "solutions/98_doubling.ipynb: cell 2 was not executed.",
        ),
        (
            "student",
            add_error,
            "notebooks/98_doubling.ipynb: outputs in cell 2; the student edition has none.",
        ),
    ],
)
def test_outputs_where_they_do_not_belong_are_reported(folder, edition, edit, problem):
    change(folder, edition, edit)
    assert check(folder) == [problem]


def test_missing_and_left_over_notebooks_are_reported(folder, capsys):
    notebook_path(folder, "student").rename(folder / "notebooks" / "96_gone.ipynb")
    assert run(folder, "--check") == 1
    message = capsys.readouterr().err
    assert "notebooks/98_doubling.ipynb is missing or no notebook." in message
    assert "notebooks/96_gone.ipynb has no script in solutions/: remove it." in message


BEGINS, ENDS = "    # solution begins: Exercise 1: double a number\n", "    # solution ends\n"
SECOND = (
    '\n\n# %%\ndef triple(number):\n    """Three times."""\n    # solution begins: Exercise {}: triple\n'
    "    return 3 * number\n    # solution ends\n"
)


@pytest.mark.parametrize(
    "script, message",
    [
        (mini_lesson.changed(ENDS, ""), r"line 41: this solution has no `# solution ends`"),
        (mini_lesson.changed(BEGINS, ""), r"line 42: a solution ends here that did not begin"),
        (mini_lesson.changed(BEGINS, 2 * BEGINS), r"line 41: this solution has no `# solution ends`"),
        (
            mini_lesson.changed(": Exercise 1: double a number\n    return", ": double a number\n    return"),
            r"line 41: not understood: '# solution begins: double a number'; write",
        ),
        (mini_lesson.changed(ENDS, "    # Solution end\n"), r"line 43: not understood: '# Solution end'"),
        (mini_lesson.changed("    return 2 * number\n", ""), r"line 41: there is nothing between this line"),
        (mini_lesson.SCRIPT + SECOND.format(1), r"Exercise 1 stands where Exercise 2 is due"),
        (mini_lesson.SCRIPT + SECOND.format(3), r"Exercise 3 stands where Exercise 2 is due"),
        (
            mini_lesson.changed(ENDS, ENDS + BEGINS + "    pass\n" + ENDS),
            r"line 44: a cell has one exercise",
        ),
        (
            mini_lesson.changed("numbers = [1, 2, 3]\n", BEGINS.strip() + "\n1\n" + ENDS.strip() + "\n"),
            r"line 17: the solution must stand in the body of a function",
        ),
        (mini_lesson.changed("def double(number):", "def double(number:"), r"this is no Python"),
        (
            mini_lesson.changed("nbval-skip", "skip"),
            r"tag 'skip' has no effect; the tags are nbval-ignore-output",
        ),
        (mini_lesson.changed('# %% tags=["nbval-skip"]', "# %% skip"), r"after `# %%` there is nothing"),
        (
            mini_lesson.changed(
                "# %% [markdown]\n# ## What", '# %% [markdown] tags=["hide-input"]\n# ## What'
            ),
            r"tag 'hide-input' has no effect on text",
        ),
        ("import sys\n" + mini_lesson.SCRIPT, r"line 1: a lesson starts with a cell"),
    ],
)
def test_a_script_that_is_no_lesson_is_refused_in_one_sentence(tmp_path, script, message):
    with pytest.raises(lessons.LessonError, match=message) as caught:
        lessons.read(mini_lesson.write(tmp_path, script))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("98_doubling.py, line ")


def test_equal_cells_have_different_ids(tmp_path):
    same = "# %%\nprint(1)\n\n"
    lesson = lessons.read(mini_lesson.write(tmp_path, same + same + mini_lesson.SCRIPT))
    identifiers = [cell.identifier for cell in lesson.cells]
    assert len(set(identifiers)) == len(identifiers)


def test_a_direction_for_ruff_is_not_shown_to_readers(tmp_path):
    script = mini_lesson.changed(
        "import ipywidgets\n", "import ipywidgets  # noqa: F401\nimport os  # noqa: a word\n"
    )
    source = cell_with(lessons.read(mini_lesson.write(tmp_path, script)), "random()").student
    assert source == "import random\n\nimport ipywidgets\nimport os  # noqa: a word\n\nrandom.random()"


def nbval(folder, *setting):
    """What `make test` runs, on the lessons of `folder`, where a user may have set the course's `setting`."""
    shutil.copy(ROOT / "solutions" / "conftest.py", folder / "solutions")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, str(folder / "solutions")],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT)}  # the conftest imports our tools
        | dict([setting] if setting else []),
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow
def test_nbval_accepts_what_was_built_whatever_is_on_stderr_and_no_other_output(folder):
    def add_notice(notebook):
        notice = nbformat.v4.new_output("stream", name="stderr", text="a notice of another machine\n")
        cell_with(notebook, "import sys").outputs.append(notice)

    def edit(notebook):
        cell_with(notebook, "import sys").outputs[0].text = "two times two is 5\n"

    change(folder, "solution", add_notice)
    for ending in (".py", ".ipynb"):
        path = folder / "solutions" / f"98_doubling{ending}"
        shutil.copy(path, path.with_stem("97_doubling"))
    change(folder, "solution", edit)
    said = re.sub("\x1b\\[[0-9;]*m", "", nbval(folder).stdout)
    failed = re.findall(r"^FAILED solutions/(.*?) - ", said, re.MULTILINE)
    assert failed == ["98_doubling.ipynb::Cell 0"], said
    # Of each lesson eight cells, and five steps of the proofs.
    assert "1 failed, 25 passed, 2 skipped" in said
    assert "two times two is 5" in said and "two times two is 4" in said


@pytest.mark.slow
def test_nbval_proves_the_exercises_in_the_same_run(tmp_path):
    script = mini_lesson.changed(
        "random.random()",
        """globals()["double"](3)

# %% tags=["nbval-ignore-output"]
import os
import pathlib
import socket

assert (os.environ["COURSE_PROFILE"], pathlib.Path("98_doubling.py").exists()) == ("quick", True)
try:
    socket.getaddrinfo("example.invalid", 80)
except OSError:
    pass""",
    )
    path = mini_lesson.write(tmp_path, script)
    checks = 'class lesson_98:\n    def double(function):\n        print("✓ Exercise 1: doubled.")\n'
    (path.parent / "mini_checks.py").write_text(checks, encoding="utf-8")
    build(path)
    said = re.sub("\x1b\\[[0-9;]*m", "", nbval(tmp_path, "COURSE_PROFILE", "full").stdout)
    failed = re.findall(r"^FAILED solutions/98_doubling.ipynb::(.*?) - ", said, re.MULTILINE)
    assert failed == ["Exercise 1: double a number, open", "Cell 6", "no network was asked for"], said
    assert "The check passes although the exercise is open" in said
    assert "NotImplementedError: Exercise 1: double a number" in said
    assert "The lesson reached for the network: example.invalid." in said
