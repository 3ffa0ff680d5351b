"""What `fit` gets in a lesson: its code is run, and nothing is trained."""

import collections
import contextlib
import io
import pathlib
from collections.abc import Callable, Mapping
from unittest import mock

import keras

from tools import lessons

SOLUTIONS = pathlib.Path(__file__).parents[1] / "solutions"


class _Enough(Exception):
    """Ends the lesson where it has trained what is looked at."""


def first_batches(number: int, fits: int, changes: Mapping[str, Callable], without: tuple[str, ...] = ()):
    """Run a lesson up to one of its trainings; the first batch [images, labels] that each `fit` gets.

    Students' functions count as right: what checks them is left out, and so is what draws.

    Args:
        number: the lesson's; it sets this seed, too, and the order of its images depends on it.
        fits: how many trainings.
        changes: from an exercise's function to what makes the function to be used from that of the solution.
        without: cells with one of these texts are left out, too.
    """
    batches = []
    keras.utils.set_random_seed(number)

    def fit(model, batches_of_an_epoch, **options):
        batches.append([part.numpy() for part in next(iter(batches_of_an_epoch))])
        if len(batches) == fits:
            raise _Enough
        return mock.Mock(history=collections.defaultdict(lambda: [0.0]))

    (script,) = SOLUTIONS.glob(f"{number:02}_*.py")
    space = {"__name__": script.stem}
    with (
        contextlib.chdir(SOLUTIONS),
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch("utils.figures.show"),
        mock.patch("utils.checks.yours", lambda function, otherwise: function),
        mock.patch("utils.checks.check_augmentation"),
        mock.patch.object(keras.Model, "fit", fit),
        mock.patch.object(keras.Model, "evaluate", lambda *arguments, **options: (0.0, 0.0)),
        contextlib.suppress(_Enough),
    ):
        for cell in lessons.read(script).code:
            if cell.check or "hide-input" in cell.tags or any(text in cell.source for text in without):
                continue
            exec(cell.solution, space)
            if cell.exercise and cell.exercise.function in changes:
                name = cell.exercise.function
                space[name] = changes[name](space[name])
    return batches
