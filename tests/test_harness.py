import numpy as np
import pytest
import tensorflow as tf
from IPython.core import interactiveshell

from utils import checks
from utils.checks import harness


def stub(number):
    raise NotImplementedError("Exercise 3: double a number")


def divides(number):
    share = number / 0
    return share


def changes_its_argument(images):
    images[0] = 0
    return images


def test_a_right_call_gives_back_the_result():
    assert harness.call(lambda number, power=1: number**power, 3, power=2) == 9


def test_an_open_exercise_stops_with_its_title():
    with pytest.raises(harness.ExerciseOpen, match=r"^Exercise 3: double a number$"):
        harness.call(stub, 1)


def test_an_open_exercise_stops_with_its_title_inside_tf_data():
    def mapped():
        return list(tf.data.Dataset.range(2).map(stub))

    with pytest.raises(harness.ExerciseOpen, match=r"^Exercise 3: double a number$"):
        harness.call(mapped, tried="dataset.map(stub)")


def test_a_library_that_has_something_not_implemented_is_no_open_exercise():
    def unfinished():
        raise NotImplementedError("no such color space")

    with pytest.raises(harness.CheckFailed, match="NotImplementedError: no such color space"):
        harness.call(unfinished)


def test_an_error_in_the_students_code_says_which_call_raised_what_and_where():
    with pytest.raises(harness.CheckFailed) as caught:
        harness.call(divides, 3)
    first, error, where = str(caught.value).splitlines()
    assert first == "divides(3) raised an error."
    assert error == "  error:    ZeroDivisionError: division by zero"
    line = divides.__code__.co_firstlineno + 1
    assert where == f"  where:    line {line} of the cell: share = number / 0"


def test_an_error_inside_a_library_points_at_the_students_line():
    def wrong_axis(array):
        return np.concatenate([array, array], axis=5)

    with pytest.raises(
        harness.CheckFailed, match=r"where: .*return np\.concatenate\(\[array, array\], axis=5\)"
    ):
        harness.call(wrong_axis, np.ones(2))


def test_an_error_in_tf_data_points_at_the_students_line():
    def wrong_shape(number):
        return tf.reshape(number, [2, 2])

    with pytest.raises(harness.CheckFailed) as caught:
        harness.call(
            lambda: list(tf.data.Dataset.range(2).map(wrong_shape)), tried="dataset.map(wrong_shape)"
        )
    assert str(caught.value).startswith("dataset.map(wrong_shape) raised an error.\n  error:    ValueError: ")
    assert len(str(caught.value).splitlines()) <= 3
    assert "in user code" not in str(caught.value)


def test_a_wrong_signature_is_explained_without_a_place():
    with pytest.raises(
        harness.CheckFailed, match=r"divides\(1, 2\) raised.*\n.*TypeError: divides\(\) takes 1"
    ):
        harness.call(divides, 1, 2)


def test_a_forgotten_return_is_named():
    with pytest.raises(harness.CheckFailed, match=r"got: +None\n.*\n +look at: .*`return`"):
        harness.call(lambda number: None, 3)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_changed_argument_is_named(dtype):
    with pytest.raises(harness.CheckFailed, match="argument number 1 has other values"):
        harness.call(changes_its_argument, np.ones((2, 3), dtype))
    with pytest.raises(harness.CheckFailed, match="argument images has other values"):
        harness.call(changes_its_argument, images=np.ones((2, 3), dtype))


def test_a_failure_has_four_parts():
    with pytest.raises(harness.CheckFailed) as caught:
        harness.fail(tried="mix(0.3)", got=np.array([0.7, 0.3]), expected=[1, 2], hint="Which is the first?")
    assert str(caught.value).splitlines() == [
        "Not right yet.",
        "  tried:    mix(0.3)",
        "  got:      float64 [2]: [0.7, 0.3]",
        "  expected: [1, 2]",
        "  look at:  Which is the first?",
    ]


def test_long_texts_are_wrapped_under_their_start():
    with pytest.raises(harness.CheckFailed) as caught:
        harness.fail(tried="mix", got="a " * 90, expected="b", hint="c")
    lines = str(caught.value).splitlines()
    assert max(map(len, lines)) <= 110
    assert lines[3].startswith("            a")


@pytest.mark.parametrize(
    "value, text",
    [
        (np.array([1, 0], np.float32), "float32 [2]: [1., 0.]"),
        (np.zeros((2, 2), np.uint8), "uint8 [2, 2]: [[0, 0], [0, 0]]"),
        (tf.constant([1.5]), "float32 [1]: [1.5]"),
        (np.arange(100).reshape(4, 25), "int64 [4, 25] from 0 to 99, mean 49.5"),
        (np.array(["a"] * 30), "<U1 [30]"),
        (0.25, "0.25"),
        ("cat", "'cat'"),
    ],
)
def test_values_are_shown_short(value, text):
    assert harness.shown(value) == text


def test_long_values_are_cut():
    assert len(harness.shown(list(range(1000)))) <= 200


def test_passing_is_calm(capsys):
    harness.passed("Exercise 1: the labels follow the pixels.")
    assert capsys.readouterr().out == "✓ Exercise 1: the labels follow the pixels.\n"


def of_a_student(number):
    return number + number


def of_the_course(number):
    return 2 * number


def test_the_course_goes_on_until_the_students_function_has_passed(capsys):
    assert checks.yours(of_a_student, otherwise=of_the_course) is of_the_course
    said = "From here on: the course's, until your of_a_student has passed its check.\n"
    assert capsys.readouterr().out == said
    harness.passed("Exercise 3: doubled.", of_a_student)
    assert checks.yours(of_a_student, otherwise=of_the_course) is of_a_student
    assert capsys.readouterr().out.endswith("From here on: your own of_a_student.\n")


def test_a_function_that_was_changed_has_to_pass_anew():
    def double(number):
        return number + number

    harness.passed("Exercise 3: doubled.", double)

    def double(number):
        return number * number

    assert checks.yours(double, otherwise=of_the_course) is of_the_course


@pytest.mark.parametrize(
    "code, words",
    [
        ("harness.call(stub, 1)", "Exercise 3: double a number\nThis exercise is still open"),
        ("harness.call(divides, 1)", "divides(1) raised an error."),
        ("harness.fail(tried='t', got='g', expected='e', hint='h')", "Not right yet."),
    ],
)
def test_a_notebook_shows_the_words_without_a_traceback(capsys, code, words):
    shell = interactiveshell.InteractiveShell()
    shell.push({"harness": harness, "stub": stub, "divides": divides})
    shell.run_cell(code)
    output = capsys.readouterr().out
    assert output.startswith(words)
    assert "Traceback" not in output
    assert "harness.py" not in output


def test_checks_of_a_lesson_are_imported_when_asked_for(tmp_path, monkeypatch):
    (tmp_path / "lesson_97.py").write_text("found = True\n")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    assert checks.lesson_97.found
    with pytest.raises(ModuleNotFoundError, match="lesson_96"):
        checks.lesson_96  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'lessons'"):
        checks.lessons  # noqa: B018
