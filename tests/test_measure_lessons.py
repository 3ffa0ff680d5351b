"""What is counted in a lesson, on one that is made up."""

import pytest

from tools import lessons, measure_lessons

LESSON = """\
# %% [markdown]
# # 97 Counting
#
# Five words on the road.
#
# <details><summary>Hint</summary>four words beside it.</details>

# %%
numbers = [1, 2]

for number in numbers:
    print(number)

# %% tags=["hide-input"]
figure, axes = figures.subplots()
axes.plot(numbers)
figures.show(figure, alt="A line.")

# %%
axes.set_title("most of it draws")
axes.plot(numbers)
print("and this stands beside it")

# %%
def double(number):
    # solution begins: Exercise 1: double a number
    return 2 * number
    # solution ends

# %% [markdown]
# ## For the curious
#
# Not counted.

# %%
aside = 1
"""


@pytest.fixture
def solutions(tmp_path):
    (tmp_path / "97_counting.py").write_text(LESSON, encoding="utf-8")
    return tmp_path


def test_what_is_counted(solutions):
    size = measure_lessons.measure(lessons.read(solutions / "97_counting.py"))
    assert (size.words, size.all_words) == (8, 18)
    assert (size.code, size.drawing_in_sight, size.drawing, size.exercises) == (8, 3, 3 + 4, 1)
    assert size.share == 3 / 8
    assert size.minutes == 8 / 150 + 8 / 8 + 7


def test_a_lesson_over_the_aim_is_told(solutions, capsys):
    assert measure_lessons.main(["--solutions", str(solutions)]) == 0
    heads, row, aim = capsys.readouterr().out.splitlines()
    assert heads.split() == ["lesson", "words", "all", "code", "drawing", "in", "sight", "ex.", "min"]
    assert row.split() == ["97_counting", "8", "18", "8", "7", "38%", "1", "8"]
    assert aim.startswith("1 of 1 lessons over the aim: 2,000 words, 150 lines of code in sight")
    assert measure_lessons.main(["--aim", "--solutions", str(solutions)]) == 1


@pytest.mark.parametrize(
    "measured, over",
    [
        ({"words": 2200, "code": 165, "drawing_in_sight": 33}, False),
        ({"words": 2201}, True),
        ({"code": 166}, True),
        ({"code": 100, "drawing_in_sight": 21}, True),
    ],
)
def test_a_tenth_more_than_the_aim_is_allowed(measured, over):
    assert measure_lessons.Size(**measured).is_over() is over
