"""A lesson of half a page, to prove the tools and the proofs on: it needs no TensorFlow."""

SCRIPT = '''\
# %% [markdown]
# # 98 Doubling
#
# **Goal.** Double a number.

# %%
import sys

import mini_checks as checks

from utils import figures

print("two times two is", 2 + 2)
print("a notice of the machine", file=sys.stderr)

# %%
numbers = [1, 2, 3]
numbers

# %%
print("three numbers:", len(numbers))

# %% tags=["hide-input"]
figure, axes = figures.subplots(size=(2, 2))
axes.plot(numbers)
figures.show(figure, alt="A straight line rises from one to three.")

# %% [markdown]
# ## Exercise 1: double a number
#
# <details><summary>Hint</summary>
#
# Add it to itself.
#
# </details>


# %%
def double(number):
    """Twice the number."""
    # solution begins: Exercise 1: double a number
    return 2 * number
    # solution ends


# %%
checks.lesson_98.double(double)

# %% tags=["nbval-ignore-output"]
import random

import ipywidgets

random.random()

# %% tags=["nbval-ignore-output"]
ipywidgets.interact(lambda strength: print("strength", strength), strength=(0.0, 1.0))

# %% tags=["nbval-skip"]
raise RuntimeError("this needs a network")

# %% [markdown]
# ## What you learned
#
# To double.
#
# ## Questions
#
# 1. Twice one? <details><summary>Answer</summary>2</details>
# 2. Twice two? <details><summary>Answer</summary>4</details>
# 3. Twice three? <details><summary>Answer</summary>6</details>
'''

CHECKS = """\
class lesson_98:
    def double(function):
        assert function(3) == 6, "twice three is six"
        print("✓ Exercise 1: doubled.")
"""


def write(folder, script=SCRIPT):
    """Write the lesson and its checks into `folder`/solutions and return the script's path."""
    solutions = folder / "solutions"
    solutions.mkdir(parents=True, exist_ok=True)
    (solutions / "mini_checks.py").write_text(CHECKS, encoding="utf-8")
    path = solutions / "98_doubling.py"
    path.write_text(script, encoding="utf-8")
    return path


def changed(old, new):
    """The script with one passage replaced."""
    assert SCRIPT.count(old) == 1, f"{SCRIPT.count(old)} times in the script: {old}"
    return SCRIPT.replace(old, new)
