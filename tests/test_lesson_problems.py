"""The proofs themselves, on a small lesson: it passes them, and broken in any one way it does not."""

import contextlib
import inspect
import io
import re
import socket

import lesson_problems
import mini_lesson
import nbformat
import pytest

from tools import build_notebooks, lessons, proofs
from utils.checks import harness

CHANGED = mini_lesson.changed


def read(folder, script=mini_lesson.SCRIPT):
    return lessons.read(mini_lesson.write(folder, script))


def failure(lesson):
    """Run a lesson's proofs in one namespace, as nbval does in a kernel: what the first to fail says."""
    namespace, connect, getaddrinfo = {}, socket.socket.connect, socket.getaddrinfo
    with contextlib.redirect_stdout(io.StringIO()), pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(lesson.path.parent)
        try:
            for step in proofs.steps(lesson):
                if "nbval-skip" not in (lesson.code[step.cell].tags if step.cell is not None else ()):
                    exec(step.source, namespace)
        except Exception as error:
            return f"{step.name}: {type(error).__name__}: {error}".partition("\n")[0]
        finally:
            socket.socket.connect, socket.getaddrinfo = connect, getaddrinfo
    return None


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    lesson = read(tmp_path_factory.mktemp("built"))
    build_notebooks.build(lesson, lesson.path.parents[1] / "notebooks")
    return lesson.path.with_suffix(".ipynb")


def test_a_good_lesson_has_no_problems(tmp_path, built):
    lesson = read(tmp_path)
    assert failure(lesson) is None
    assert lesson_problems.form_problems(lesson) == []
    assert lesson_problems.output_problems(built) == []
    assert lesson_problems.page_problems(built) == []


@pytest.mark.parametrize(
    "script, problem",
    [
        (CHANGED("# # 98 Doubling", "# # Doubling"), r"starts with the title, `# 98 …`"),
        (CHANGED("**Goal.** Double", "Double"), r"says its goal in the first cell"),
        (CHANGED("## What you learned", "## Summary"), r"has a part `## What you learned`"),
        (CHANGED("# 3. Twice three? <details><summary>Answer</summary>6</details>\n", ""), r"three of them"),
        (CHANGED("4</details>", "4"), r"closes every <details>"),
        (
            CHANGED("## Exercise 1: double", "## Exercise 1: treble"),
            r"line 38: .*no heading `## Exercise 1: double",
        ),
        (CHANGED("<summary>Hint</summary>", "<summary>More</summary>"), r"has no `<details><summary>Hint"),
        (CHANGED('    """Twice the number."""\n', ""), r"the exercise has no docstring"),
        (
            CHANGED("checks.lesson_98.double(double)", "print(1)"),
            r"not followed by a cell `checks\.lesson_98\.double",
        ),
        (
            CHANGED("checks.lesson_98.", "checks.lesson_97."),
            r"not followed by a cell `checks\.lesson_98\.double",
        ),
        (
            CHANGED("# %%\nchecks", '# %% tags=["nbval-ignore-output"]\nchecks'),
            r"the check of an exercise has tags",
        ),
        (CHANGED("random.random()", "%time random.random()"), r"line 49: uses a magic"),
        (CHANGED("random.random()", "plt.show()"), r"shows a figure without alt text"),
        (CHANGED("random.random()", 'os.environ["CI"]'), r"looks at the environment"),
        (CHANGED("random.random()", "# NBVAL_SKIP\n1"), r"steers nbval by a comment"),
        (CHANGED("random.random()", "double(3)"), r"line 49: this cell uses the student's `double`"),
        (CHANGED("random.random()", "map(double, [3])"), r"this cell uses the student's `double`"),
    ],
)
def test_a_lesson_without_its_form_is_reported(tmp_path, script, problem):
    problems = lesson_problems.form_problems(read(tmp_path, script))
    assert len(problems) == 1
    assert re.search(problem, problems[0])


DRAWN = "axes.plot(numbers)\n"


@pytest.mark.parametrize(
    "code, problem",
    [
        ("print(numbers)", r"line 23: `print\(…\)` is no drawing: call it in sight, and draw what it gives"),
        ("import math", r"`import math` is no drawing: it stands in sight"),
        ("class Look:\n    size = 3", r"`class Look:` is no drawing"),
        ("numbers", r"`numbers` shows a value"),
        ("axes.plot(sum(numbers))", r"`sum\(…\)` is no drawing"),
        ("model = keras.Sequential([])", r"`keras.Sequential\(…\)` is no drawing"),
        ("model.fit(train)", r"`model.fit\(…\)` is no drawing"),
        ("images = data.load('toy_dogs', 'test').take(3)", r"`data.load\('toy_dogs', 'test'\).take\(…\)`"),
        ("axes.imshow(mixing.cutmix(images, labels))", r"`mixing.cutmix\(…\)` is no drawing"),
        ("tf.random.set_seed(3)", r"`tf.random.set_seed\(…\)` is no drawing"),
        ("open('numbers.csv').read()", r"`open\(…\)` is no drawing"),
        ("while numbers:\n    axes.plot(numbers)", r"`while numbers:` is no drawing"),
        ("def mean(values):\n    return np.mean(values)", r"`np.mean\(…\)` is no drawing"),
        ("[axes.plot(np.log(n)) for n in numbers]", r"`np.log\(…\)` is no drawing"),
        ("assert len(numbers) == 3", r"`assert len\(numbers\) == 3` is no drawing"),
    ],
)
def test_what_is_no_drawing_stands_in_sight(tmp_path, code, problem):
    problems = lesson_problems.form_problems(read(tmp_path, CHANGED(DRAWN, f"{DRAWN}{code}\n")))
    assert problems and all(re.search(r"line 23: ", found) for found in problems)
    assert any(re.search(problem, found) for found in problems), problems


@pytest.mark.parametrize(
    "code",
    [
        'for axis, (name, value) in zip(axes.flat, table.items()):\n    axis.set_title(f"{name} {value:.1}")',
        "with figures.style():\n    axes.imshow(np.uint8(image.numpy()))",
        'look = {"color": figures.COLORS["none"]}\naxes.hist(numbers, np.linspace(0, 1, 21), **look)',
        "axes.add_patch(matplotlib.patches.Rectangle((0, 0), 2 * side, side))",
        "if numbers:\n    axes.set_ylabel(names[0].title())",
        "def outline(axis, side):\n    axis.axvline(side / 2)\n\n\noutline(axes, 3)",
    ],
)
def test_drawing_may_stand_out_of_sight(tmp_path, code):
    assert lesson_problems.form_problems(read(tmp_path, CHANGED(DRAWN, f"{DRAWN}{code}\n"))) == []


def test_a_cell_out_of_sight_draws(tmp_path):
    script = CHANGED("# %%\nprint", '# %% tags=["hide-input"]\ntable = numbers\n# print')
    [problem] = lesson_problems.form_problems(read(tmp_path, script))
    assert problem.endswith("line 20: nothing is drawn in this cell out of sight.")


@pytest.mark.parametrize("code", ["axes.get_title()", "def title(): return axes.get_title()", "axes = axes"])
def test_no_cell_in_sight_needs_what_one_out_of_sight_defines(tmp_path, code):
    problems = lesson_problems.form_problems(read(tmp_path, CHANGED("random.random()", code)))
    named = ["needs `axes`, which a cell out of sight defines" in problem for problem in problems]
    assert named == ([] if code == "axes = axes" else [True])


@pytest.mark.parametrize(
    "code",
    ["figure = 3\nfigure", "def mean(axes): return axes", "[figure for figure in [1]]", "lambda axes: axes"],
)
def test_a_cell_in_sight_may_use_a_name_of_its_own(tmp_path, code):
    assert lesson_problems.form_problems(read(tmp_path, CHANGED("random.random()", code))) == []


def test_an_exercise_stands_in_sight(tmp_path):
    script = CHANGED("# %%\ndef double", '# %% tags=["hide-input"]\ndef double')
    found = "\n".join(lesson_problems.form_problems(read(tmp_path, script)))
    assert "an exercise and its check stand in sight" in found


def test_the_students_function_may_be_used_where_it_is_known_to_be_right(tmp_path):
    used = "twice = checks.yours({}, otherwise={})\ntwice(3)"
    script = CHANGED("random.random()", used.format("double", "abs"))
    assert lesson_problems.form_problems(read(tmp_path, script)) == []
    script = CHANGED("random.random()", used.format("abs", "double"))
    assert "uses the student's `double`" in lesson_problems.form_problems(read(tmp_path, script))[0]


@pytest.mark.parametrize(
    "definition", ["def double(n): return n", "from operator import neg as double", "double = abs"]
)
def test_a_name_that_is_defined_anew_is_no_longer_the_students(tmp_path, definition):
    script = CHANGED("random.random()", f"{definition}\n\n# %%\ndouble(3)")
    assert lesson_problems.form_problems(read(tmp_path, script)) == []
    assert failure(read(tmp_path, script)) is None


def test_a_cell_that_needs_the_student_fails(tmp_path):
    found = failure(read(tmp_path, CHANGED("random.random()", 'globals()["double"](3)')))
    assert found == "Cell 6: NotImplementedError: Exercise 1: double a number"


def test_a_solution_that_needs_another_exercise_fails(tmp_path):
    second = (
        "\n# %%\ndef quadruple(number):\n    # solution begins: Exercise 2: quadruple a number\n"
        "    return double(double(number))\n    # solution ends\n\n\n"
        "# %%\nchecks.lesson_98.double(quadruple)\n"
    )
    found = failure(read(tmp_path, mini_lesson.SCRIPT + second))
    assert found.endswith("NotImplementedError: Exercise 1: double a number")
    assert found.startswith("Cell 10:")  # the check of the second solution


def with_check(folder, body, cell="random.random()", beside="from utils.checks.harness import passed, yours"):
    """What the proofs find when the lesson's check has another body, and a later cell is another one."""
    script = CHANGED("import mini_checks as checks", f"import {folder.name}_checks as checks")
    lesson = read(folder, script.replace("random.random()", cell))
    lines = ["class lesson_98:", "    def double(function):", *(f"        {line}" for line in body), beside]
    (lesson.path.parent / f"{folder.name}_checks.py").write_text("\n".join(lines), encoding="utf-8")
    return failure(lesson)


def test_a_check_that_never_calls_the_function_is_reported(tmp_path):
    found = with_check(tmp_path, ['print("✓ Exercise 1: doubled.")'])
    assert found.endswith("open: AssertionError: The check passes although the exercise is open.")


def test_a_check_that_takes_the_stub_for_a_wrong_answer_is_reported(tmp_path):
    body = [
        "try:",
        "    function(3)",
        "except Exception:",
        "    raise AssertionError('no')",
        'print("✓ Exercise 1.")',
    ]
    assert "The open exercise is taken for a wrong answer: AssertionError: no" in with_check(tmp_path, body)


def test_a_check_that_changes_the_message_of_the_stub_is_reported(tmp_path):
    body = [
        "try:",
        "    function(3)",
        "except Exception as error:",
        "    raise NotImplementedError('no') from error",
    ]
    assert "The open exercise stops with 'no'" in with_check(tmp_path, body)


def test_a_solution_that_does_not_pass_is_reported(tmp_path):
    assert with_check(tmp_path, ["assert function(3) == 7, 'seven'"]) == "Cell 5: AssertionError: seven"


RIGHT = ["assert function(3) == 6", 'passed("Exercise 1: doubled.", function)']
USED = "twice = checks.yours(double, otherwise=abs)\nassert twice(-3) == -6"


def test_what_follows_from_the_students_function_follows_from_the_solution(tmp_path):
    assert with_check(tmp_path, RIGHT, USED) is None


def test_the_exercise_is_open_again_after_the_students_function_was_used(tmp_path):
    found = with_check(tmp_path, RIGHT, f'{USED}\n\n# %%\nglobals()["double"](3)')
    assert found == "Cell 7: NotImplementedError: Exercise 1: double a number"


def test_a_check_that_does_not_say_which_function_is_right_is_reported(tmp_path):
    found = with_check(tmp_path, [RIGHT[0], 'passed("Exercise 1: doubled.")'], USED)
    assert found == "Cell 6: AssertionError: "


def test_an_open_exercise_that_would_be_used_is_reported(tmp_path):
    """https://github.com/kaist-cp/cs420/issues/213: a stub was taken for a right answer."""
    beside = "from utils.checks.harness import passed\ndef yours(function, otherwise): return function"
    assert with_check(tmp_path, RIGHT, USED, beside) == "Cell 6, exercises open: AssertionError: "


def test_a_lesson_that_reaches_for_the_network_is_reported(tmp_path):
    script = CHANGED(
        "random.random()",
        'import socket\n\ntry:\n    socket.create_connection(("192.0.2.1", 80), 1)\n'
        "except OSError:\n    pass",
    )
    found = failure(read(tmp_path, script))
    assert found.startswith("no network was asked for: AssertionError")
    assert found.endswith("192.0.2.1.")


def test_a_proof_leaves_the_network_of_this_machine_alone(tmp_path):
    script = CHANGED(
        "random.random()",
        "import socket\n\nlisten = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(listen.getsockname(), 1).close()\nlisten.close()",
    )
    assert failure(read(tmp_path, script)) is None


WRONG = [
    ("off by one", lambda number: number + 1, "is six"),
    ("not doubled", lambda number: number, "is six"),
]


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({}, "Exercise 1: double a number: 0 wrong answers"),
        ({"double": WRONG[:1]}, "Exercise 1: double a number: 1 wrong answers"),
        ({"double": [WRONG[0], ("off by one", lambda number: 7, "is six")]}, "at least two different ones"),
        ({"double": [WRONG[0], ("another name", WRONG[0][1], "is six")]}, "the same wrong answer twice"),
        ({"double": [WRONG[0], ("not doubled", WRONG[1][1], "look at")]}, "'look at' matches any message"),
        ({"double": WRONG, "triple": WRONG}, "There is no exercise triple in 98_doubling"),
    ],
)
def test_missing_and_toothless_wrong_answers_are_reported(tmp_path, wrong, problem):
    problems = lesson_problems.wrong_answer_problems(read(tmp_path), wrong)
    assert len(problems) == 1
    assert problem in problems[0]


def test_two_wrong_answers_are_enough(tmp_path):
    assert lesson_problems.wrong_answer_problems(read(tmp_path), {"double": WRONG}) == []


def test_wrong_answers_are_read_from_their_file(tmp_path):
    lesson = read(tmp_path)
    assert lesson_problems.wrong_answers(tmp_path, lesson) == {}
    source = 'def one(number):\n    return 1\n\n\nWRONG = {"double": [("one", one, "six")]}\n'
    (tmp_path / "lesson_98.py").write_text(source)
    ((title, function, pattern),) = lesson_problems.wrong_answers(tmp_path, lesson)["double"]
    assert (title, function(5), pattern) == ("one", 1, "six")
    assert inspect.getmodule(function) is not None  # AutoGraph converts functions of modules that it finds


def check(function):
    """A check of an exercise, as lessons have it."""
    if harness.call(function, 3) != 6:
        harness.fail(tried="3", got=function(3), expected=6, hint="Twice three is six.")


def explode(number):
    raise KeyError("share")


@pytest.mark.parametrize(
    "function, pattern, problem",
    [
        (lambda number: 6, "six", "The wrong answer “title” passes its check."),
        (
            lambda number: 7,
            "seven",
            "The wrong answer “title” gets a message without 'seven':\nNot right yet.",
        ),
        (lambda number: 7, "is six", None),
        (explode, "KeyError: 'share'", None),
    ],
)
def test_a_wrong_answer_must_get_a_message_that_names_the_mistake(function, pattern, problem):
    message = lesson_problems.message(check, function, harness.CheckFailed)
    problems = lesson_problems.message_problems("title", message, pattern)
    assert len(problems) == (problem is not None)
    assert not problem or problems[0].startswith(problem)


def test_a_check_that_breaks_has_not_caught_anything():
    def broken(function):
        raise KeyError("six")

    message = lesson_problems.message(broken, abs, harness.CheckFailed)
    assert lesson_problems.message_problems("title", message, "six")


def changed_outputs(built, folder, edit):
    """A copy of the built notebook after `edit(notebook)`."""
    notebook = nbformat.read(built, as_version=4)
    edit(notebook)
    nbformat.write(notebook, folder / built.name)
    return folder / built.name


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


def printed(text):
    def edit(notebook):
        cell_with(notebook, "three numbers").outputs[0].text = text

    return edit


def drop_alt(notebook):
    cell_with(notebook, "figures.show").outputs[0].metadata = {}


def bare_figure(notebook):
    cell_with(notebook, "figures.show").outputs[0].data["text/plain"] = "<Figure size 200x200 with 1 Axes>"


def ignore_one(notebook):
    cell_with(notebook, "three numbers").metadata["tags"] = ["nbval-ignore-output"]


def unknown_tag(notebook):
    cell_with(notebook, "figures.show").metadata["tags"] = ["skip-execution"]


def lose_outputs(notebook):
    cell_with(notebook, "figures.show").execution_count = None


def other_check(notebook):
    cell_with(notebook, "checks.lesson_98").outputs[0].text = "doubled.\n"


def too_large(notebook):
    cell_with(notebook, "figures.show").outputs[0].data["image/png"] = "A" * 2_000_000


@pytest.mark.parametrize(
    "edit, problem",
    [
        (drop_alt, "cell 4: a figure without alt text"),
        (bare_figure, "cell 4: a bare matplotlib figure"),
        (ignore_one, "nbval compares 2 cells; at least 3 should be"),
        (unknown_tag, "cell 4: nobody knows the tag 'skip-execution'"),
        (lose_outputs, "cell 4 was not executed"),
        (other_check, "the check of a right answer prints 'doubled.\\n', nothing that starts '✓ Exercise 1'"),
        (too_large, "2,000,000 are enough: smaller figures"),
        (printed("/home" + "/someone/data"), "cell 3: a path of this machine"),
        (printed(f"{lesson_problems.ROOT}/data"), "cell 3: a path of this machine"),
        (printed("<object at 0x7f00deadbeef>"), "cell 3: an address in memory"),
        (printed("10 %\r20 %"), "cell 3: a progress bar"),
    ],
)
def test_outputs_that_will_not_do_are_reported(built, tmp_path, edit, problem):
    problems = lesson_problems.output_problems(changed_outputs(built, tmp_path, edit))
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_picture_without_alt_text_is_found_in_the_page(built, tmp_path):
    problems = lesson_problems.page_problems(changed_outputs(built, tmp_path, drop_alt))
    assert problems == ["98_doubling.ipynb: 1 pictures without alt text in the HTML page."]


def test_the_alt_text_of_a_figure_stands_in_the_page(built):
    images = lesson_problems.images_of_page(built)
    assert images == ["A straight line rises from one to three."]
