"""The checks of lesson 10: ask with views, the sign test."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.stats
import tensorflow as tf
from numpy.typing import ArrayLike

from utils.checks import harness, tables
from utils.evaluation import views as course_views

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _votes(table):
    return np.eye(table.shape[2])[table.argmax(axis=2)].sum(axis=0)


def _chained(images, views):
    seen = []
    for view in views:
        images = view(images)
        seen.append(images)
    return seen


def _asked(
    model,
    images,
    views,
    *,
    seen=lambda images, views: [view(images) for view in views],
    training=False,
    average=course_views.average,
    vote=course_views.vote,
    answer=lambda by_average, by_vote: (by_average, by_vote),
):
    table = np.stack([np.asarray(model(each, training=training)) for each in seen(images, views)])
    return answer(average(table).argmax(axis=1), vote(table).argmax(axis=1))


def the_courses_ask(
    model: Callable, images: ArrayLike, views: Sequence[Callable]
) -> tuple[np.ndarray, np.ndarray]:
    """Classes [N] by average and by vote: what the lesson goes on with until the student's has passed."""
    return _asked(lambda seen, training: model.predict(seen, verbose=0), images, views)


_ROWS = 64  # of the fake model's table: those beyond the views are for what no view makes


class _Lookup:
    """A fake model: it reads in the pixels which image and view it is given, and looks up the answer."""

    def __init__(self, table):
        views, images, classes = table.shape
        others = np.random.default_rng(10).dirichlet(np.ones(classes), [_ROWS - views, images])
        self._table = np.concatenate([table, others]).astype(np.float32)

    def __call__(self, images, training=None):
        pixels = np.asarray(images)
        if pixels.ndim != 4:
            raise ValueError(f"The model takes a batch [B, H, W, 3], not {list(pixels.shape)}.")
        image, view = np.divmod(pixels[:, 0, 0, 0].astype(int), _ROWS)
        answers = self._table[(view + (32 if training else 0)) % _ROWS, image % self._table.shape[1]]
        return tf.constant(answers)

    def predict(self, images, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """As Keras' `predict`."""
        return self(images).numpy()

    predict_on_batch = predict


# Tables [V, N, K] in which average and vote part, or in which classes have as many votes.
_TABLES = (
    [
        [[0.4, 0.3, 0.3], [0.1, 0.2, 0.7]],
        [[0.5, 0.3, 0.2], [0.2, 0.1, 0.7]],
        [[0.04, 0.9, 0.06], [0.1, 0.3, 0.6]],
    ],
    [[[0.6, 0.3, 0.1]], [[0.1, 0.15, 0.75]]],
    [[[0.5, 0.42, 0.08]], [[0.06, 0.4, 0.54]]],
    [[[0.1, 0.6, 0.2, 0.1]], [[0.1, 0.2, 0.15, 0.55]], [[0.1, 0.7, 0.1, 0.1]], [[0.05, 0.15, 0, 0.8]]],
    # The votes are close and the means far apart: what decides ties must not outweigh a vote.
    [[[0.4, 0.35, 0.25]]] * 3 + [[[0.0, 0.9, 0.1]]] * 2,
    [[[0.4, 0.35, 0.25]]] * 14 + [[[0.0, 0.95, 0.05]]] * 13,
)


def _views_tried():
    random = np.random.default_rng(10)
    sizes = [(1, 4, 3), (2, 6, 4), (4, 5, 3), (9, 7, 12), (6, 3, 5), (4, 40, 6), (5, 30, 15)]
    drawn = [random.dirichlet(np.full(size[2], 0.5), size[:2]) for size in sizes]
    return [_views_try(np.array(table)) for table in [*_TABLES, *drawn]]


def _views_try(table):
    count, images, _ = table.shape
    pixels = np.zeros([images, 2, 2, 3], np.float32) + _ROWS * np.arange(images)[:, None, None, None]

    def use(function):
        views = [lambda images, number=number: images + number for number in range(count)]
        return harness.call(function, _Lookup(table), pixels, views, tried="ask(model, images, views)")

    return tables.Try(f", {count} views of {images} images, probabilities {harness.shown(table)}", use)


def _two_lists(answer):
    by_average, by_vote = (np.asarray(part) for part in answer)
    if by_average.ndim != 1 or by_vote.ndim != 1:
        raise ValueError("these are no lists of classes")
    return {"by average": by_average, "by vote": by_vote}


ask = tables.Table(
    title="Exercise 1: average and vote are right, and so is the vote where classes tie.",
    right=_asked,
    tries=_views_tried,
    read=_two_lists,
    mistakes={
        "Average and vote have changed places: asked for is the average first.": {
            "answer": lambda by_average, by_vote: (by_vote, by_average)
        },
        "The average is returned twice: the vote counts each view's class.": {"vote": course_views.average},
        "Each view is made from the view before. Every view takes the images as they came.": {
            "seen": _chained
        },
        "These are the answers for the images as they are: call each view on them.": {
            "seen": lambda images, views: [images for _ in views]
        },
        "The images of the views are averaged, and the model is asked about that blend. Ask about each view, "
        "and average the probabilities.": {
            "seen": lambda images, views: [np.mean([np.asarray(view(images)) for view in views], axis=0)]
        },
        "With `training=True` the model answers as in training: dropout is on, and batch normalization goes "
        "by the batch. Use `training=False`, or `predict`.": {"training": True},
        "By average this takes the class of the single most probable entry: one view that is very sure "
        "decides alone. The mean over the views is asked for.": {"average": lambda table: table.max(axis=0)},
        "This is the mean of the class *numbers*. Class 2 is not between 1 and 3: average the probabilities, "
        "and take the class afterwards.": {
            "average": lambda table: np.eye(table.shape[2])[table.argmax(axis=2).mean(axis=0).astype(int)]
        },
        "Right but for ties. Of classes with as many votes the one with the smallest number wins here; it "
        "should be the one with the highest mean probability.": {"vote": _votes},
        "What decides the ties must be too small to outweigh a whole vote: the sum over the views is not.": {
            "vote": lambda table: _votes(table) + table.sum(axis=0)
        },
    },
    form="Return two arrays, `return by_average, by_vote`: for each image the *number* of a class, the place "
    "of the largest value. The axes of the stacked probabilities are views, images, classes.",
    otherwise="Work it out by hand: the class of each view, the votes for each class, the mean probability "
    "of those that tie.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _sign_test(
    before,
    after,
    labels,
    *,
    corrected=lambda was, now: ~was & now,
    broken=lambda was, now: was & ~now,
    throws=lambda corrected, broken, changed, images: corrected + broken,
    chance=lambda heads, throws: scipy.stats.binomtest(heads, throws).pvalue,
    nothing=1.0,
    answer=lambda corrected, broken, p_value: (corrected, broken, p_value),
):
    was, now = before == labels, after == labels
    counts = int(corrected(was, now).sum()), int(broken(was, now).sum())
    if nothing is not None and sum(counts) == 0:
        return answer(*counts, nothing)
    changed = int((before != after).sum())
    return answer(*counts, chance(counts[0], throws(*counts, changed, len(labels))))


the_courses_sign_test = _sign_test


def _predictions_tried():
    cases = [
        ([0, 1, 1, 0, 1, 2], [0, 2, 2, 2, 0, 2], [0, 1, 2, 1, 0, 2]),
        ([1, 0, 2, 1], [1, 0, 2, 0], [1, 2, 2, 2]),  # nothing to test; one wrong answer becomes another
    ]
    random = np.random.default_rng(10)
    for count, share in [(12, 0.5), (40, 0.7), (40, 0.3), (200, 0.6), (300, 0.4)]:
        labels, before, after = random.integers(0, 4, [3, count])
        right = random.random(count) < share
        cases.append((before, np.where(right, labels, after), labels))
    return [tables.given(*map(np.array, case)) for case in cases]


def _three_numbers(answer):
    corrected, broken, p_value = (float(part) for part in answer)
    return {"corrected": corrected, "broken": broken, "p-value": p_value}


_NO_THROW = "Where nothing is corrected or broken there is no throw, and `binomtest` refuses n = 0: return 1."

sign_test = tables.Table(
    title="Exercise 2: corrected and broken are counted, and how often a fair coin does as much.",
    right=_sign_test,
    tries=_predictions_tried,
    read=_three_numbers,
    tolerance=1e-6,
    mistakes={
        "Corrected and broken have changed places: corrected is wrong before and right after.": {
            "answer": lambda corrected, broken, p_value: (broken, corrected, p_value)
        },
        "These are all that are right after. Corrected are those that were wrong *before*.": {
            "corrected": lambda was, now: now
        },
        "These are all that are wrong after. Broken are those that were right *before*.": {
            "broken": lambda was, now: ~now
        },
        "This counts every image as a throw of the coin. Those that are right both times, or wrong both "
        "times, say nothing: they are no throws.": {
            "throws": lambda corrected, broken, changed, images: images
        },
        "This counts every changed answer as a throw. From one wrong class to another wrong one is neither "
        "corrected nor broken.": {"throws": lambda corrected, broken, changed, images: changed},
        "This looks to one side only: a coin that is as lopsided the other way counts, too.": {
            "chance": lambda heads, throws: scipy.stats.binom.sf(heads - 1, throws, 0.5)
        },
        "This is the chance of exactly as many heads. *As lopsided or more* is asked for, to either side.": {
            "chance": lambda heads, throws: scipy.stats.binom.pmf(heads, throws, 0.5)
        },
        "Where nothing is corrected or broken there is no sign of anything: p is 1, not 0.": {"nothing": 0.0},
        _NO_THROW: {"nothing": None},
    },
    errors={r"must be an integer not less than 1|division by zero": _NO_THROW},
    form="Return three numbers: `return corrected, broken, p_value`. (`binomtest` returns an object; its "
    "p-value is in `.pvalue`.)",
    otherwise="Two questions for each image: was it right before, is it right after? Of the four "
    "combinations two are throws of the coin.",
)
