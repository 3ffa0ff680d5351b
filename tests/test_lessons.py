"""The proofs about every lesson that take no run. One lesson: `pytest tests/test_lessons.py -k 08`.

That a stuck student can go on, that open exercises stop and that solutions pass is proved where nbval runs
the lessons, see `tools.proofs`.
"""

import functools
import importlib
import pathlib

import lesson_problems
import pytest

from tools import build_notebooks, lessons
from utils.checks import harness, tables

ROOT = pathlib.Path(__file__).parents[1]
WRONG_ANSWERS = ROOT / "tests" / "wrong_answers"
PATHS = lessons.paths(ROOT / "solutions")

_read = functools.cache(lessons.read)
every_lesson = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
# Where a lesson's code runs: `make test-torch` selects the mark, `make test` leaves it out.
every_lesson_run = pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.torch] if lessons.needs_torch(path) else [])
        for path in PATHS
    ],
)


def _none(problems):
    assert not problems, "\n" + "\n".join(problems)


@every_lesson
def test_it_has_the_form_of_a_lesson(path):
    _none(lesson_problems.form_problems(_read(path)))


@every_lesson
def test_its_notebooks_are_what_the_script_gives(path):
    _none(build_notebooks.check(_read(path), ROOT / "notebooks"))


@every_lesson
def test_its_stored_outputs_can_be_compared_and_read(path):
    _none(lesson_problems.output_problems(path.with_suffix(".ipynb")))


@every_lesson
@pytest.mark.slow
def test_its_pictures_have_alt_text_in_the_html_page(path):
    _none(lesson_problems.page_problems(path.with_suffix(".ipynb")))


@every_lesson_run
def test_every_exercise_has_two_wrong_answers(path):
    lesson = _read(path)
    _none(lesson_problems.wrong_answer_problems(lesson, lesson_problems.wrong_answers(WRONG_ANSWERS, lesson)))


@every_lesson_run
@pytest.mark.slow
def test_wrong_answers_are_caught_by_a_message_that_names_the_mistake(path):
    lesson = _read(path)
    checks = importlib.import_module(f"utils.checks.lesson_{lesson.number}")
    wrong = lesson_problems.wrong_answers(WRONG_ANSWERS, lesson)
    problems = []
    for cell in lesson.code:
        for title, function, pattern in wrong.get(cell.check and cell.check["argument"], []):
            message = lesson_problems.message(
                getattr(checks, cell.check["check"]), function, harness.CheckFailed
            )
            problems += lesson_problems.message_problems(title, message, pattern)
    _none(problems)


@every_lesson_run
def test_tables_of_mistakes_name_each_of_their_mistakes(path):
    checks = importlib.import_module(f"utils.checks.lesson_{path.stem[:2]}")
    for name, table in vars(checks).items():
        if isinstance(table, tables.Table):
            _none([f"{name}: {problem}" for problem in table.problems()])


def test_no_notebook_is_without_a_script():
    _none(build_notebooks.orphans(ROOT / "solutions", ROOT / "notebooks"))


def test_no_wrong_answers_are_left_without_a_lesson():
    known = {f"lesson_{path.stem[:2]}" for path in PATHS}
    assert {path.stem for path in WRONG_ANSWERS.glob("lesson_*.py")} <= known
