"""Checks that are tables of mistakes: what they say to answers, and that they know their own gaps."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from utils import checks
from utils.checks import harness, tables


def mixed_label(first, second, share, *, weight=lambda share: share, total=1):
    return weight(share) * first + (total - weight(share)) * second


TABLE = tables.Table(
    title="Exercise 2: the labels are mixed as the pixels are.",
    right=mixed_label,
    tries=lambda: [tables.given(*np.eye(2), share) for share in (0.3, 0.8)],
    mistakes={
        "Whose share is `share`? Here it is the second label's.": {"weight": lambda share: 1 - share},
        "The shares do not add to 1.": {"total": 2},
    },
    form="Return one label [K].",
    otherwise="Work one out by hand: the labels [1, 0] and [0, 1], and the share 0.3.",
)


def said(table, function):
    with pytest.raises(harness.CheckFailed) as caught:
        table(function)
    return str(caught.value)


def written_otherwise(first, second, share):
    return tf.add(tf.multiply(first, share), second - np.multiply(second, share))


def test_a_right_answer_passes_however_it_is_written(capsys):
    TABLE(written_otherwise)
    assert capsys.readouterr().out == "✓ Exercise 2: the labels are mixed as the pixels are.\n"
    assert checks.yours(written_otherwise, otherwise=mixed_label) is written_otherwise


def test_a_mistake_gets_its_hint_however_it_is_written():
    def swapped(first, second, share):
        return first + share * (second - first)

    assert said(TABLE, swapped).splitlines() == [
        "Not right yet.",
        "  tried:    swapped(float64 [2]: [1., 0.], float64 [2]: [0., 1.], 0.3)",
        "  got:      float64 [2]: [0.7, 0.3]",
        "  expected: float64 [2]: [0.3, 0.7]",
        "  look at:  Whose share is `share`? Here it is the second label's.",
    ]
    assert checks.yours(swapped, otherwise=mixed_label) is mixed_label


def test_a_hint_is_given_where_it_explains_all_answers():
    def swapped_once(first, second, share):
        share = 1 - share if share == 0.3 else share**2
        return share * first + (1 - share) * second

    assert "look at:  Work one out by hand" in said(TABLE, swapped_once)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda *_: (1, np.ones(2)), id="two values"),
        pytest.param(lambda *_: "label", id="text"),
        # What np.allclose takes for right: https://github.com/numpy/numpy/issues/5654
        pytest.param(lambda *_: np.array([]), id="nothing in it"),
        # https://github.com/numpy/numpy/issues/21432
        pytest.param(lambda *a: mixed_label(*a)[:, np.newaxis], id="a column"),
    ],
)
def test_what_is_no_answer_is_told_the_form(answer):
    assert "look at:  Return one label [K]." in said(TABLE, answer)


@pytest.mark.parametrize(
    "dtype",
    # Of objects, where a grader stopped: https://github.com/Anwarvic/Mathematics-for-ML-Specialization/issues/4
    [object, np.float32, np.float64],
)
def test_a_right_answer_may_have_another_dtype_where_none_is_asked_for(dtype):
    TABLE(lambda *arguments: mixed_label(*arguments).astype(dtype))


def test_values_that_are_shown_in_the_message_do_not_pass():
    """https://github.com/ljchang/dartbrains/pull/105: an answer that was copied from the message passed."""
    assert "[0., 1.], 0.8)\n  got:      [0.3, 0.7]\n" in said(TABLE, lambda *_: [0.3, 0.7])


def test_no_number_is_no_right_answer():
    assert "Work one out by hand" in said(TABLE, lambda *_: np.full(2, np.nan))


def test_an_open_exercise_stops_with_its_title():
    def stub(first, second, share):
        raise NotImplementedError("Exercise 2: mix two labels")

    with pytest.raises(harness.ExerciseOpen, match=r"^Exercise 2: mix two labels$"):
        TABLE(stub)


def test_an_array_that_the_function_changes_is_named_and_harms_no_other_try():
    def in_place(first, second, share):
        first *= share
        first += (1 - share) * second
        return first

    assert "argument number 1 has other values" in said(TABLE, in_place)
    TABLE(mixed_label)


# ---- images, labels, dtype, randomness, batches -----------------------------------------------------------


def striped(
    images,
    labels,
    *,
    seed,
    draw=tf.random.stateless_uniform,
    partner=lambda batch: tf.roll(batch, 1, axis=0),
    of_labels=lambda share: share,
    count=tf.shape,
    dtype=lambda images: images.dtype,
):
    """Paste the first columns of the next image, as many as are drawn for each image."""
    size = count(images)
    edges = draw([size[0]], seed, 1, size[2], tf.int32)
    inside = (tf.range(size[2]) < edges[:, tf.newaxis])[:, tf.newaxis, :, tf.newaxis]
    share = of_labels(tf.cast(edges, tf.float32) / tf.cast(size[2], tf.float32))[:, tf.newaxis]
    mixed = tf.where(inside, partner(images), images)
    return tf.cast(mixed, dtype(images)), share * partner(labels) + (1 - share) * labels


def draws(shape, seed, low, high, dtype):
    return tf.random.uniform(shape, low, high, dtype)


def one_draw(shape, seed, low, high, dtype):
    return tf.repeat(tf.random.stateless_uniform([1], seed, low, high, dtype), shape[0])


def facts(answer):
    """Facts that do not depend on the draw; every image is filled with its own number."""
    (mixed, labels), (again, _), in_dataset = answer
    mixed = mixed.numpy()
    shares = np.stack([(mixed == number).mean((1, 2, 3)) for number in range(len(mixed))], axis=1)
    return {
        "dtype of the images": mixed.dtype.name,
        "the images of the same seed are the same": np.array_equal(mixed, again),
        "inside of dataset.map they are the same": np.array_equal(mixed, in_dataset[0]),
        "numbers of columns that are pasted": len(set(np.diagonal(shares))) > 1,
        "distance of the labels from the pixels": np.abs(shares - labels).max(),
    }


def batch():
    images = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None], [8, 4, 32, 3])
    images, labels, seed = tf.constant(images), tf.eye(8), tf.constant([1, 2])
    elements = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)

    def use(function):
        mapped = elements.map(lambda *pair: function(*pair, seed=seed))
        return function(images, labels, seed=seed), function(images, labels, seed=seed), next(iter(mapped))

    return [tables.Try(" with 8 images, twice, and inside of dataset.map", use)]


NO_SIZE = "Inside of `tf.data` a batch has no size yet: `tf.shape(images)`."
NO_FIT = "Partners do not fit: is it the whole batch that is rolled?"
BATCH = tables.Table(
    title="Exercise 3: stripes.",
    right=striped,
    tries=batch,
    read=facts,
    mistakes={
        "Pixels are copied: keep their type.": {"dtype": lambda images: tf.float32},
        "Something is drawn without the seed.": {"draw": draws},
        "Every image has a stripe of its own.": {"draw": one_draw},
        "The shares of the label have changed places.": {"of_labels": lambda share: 1 - share},
        "The labels are as they came.": {"of_labels": tf.zeros_like},
        "Inside of `tf.data` a batch has no size yet: `tf.shape(images)`.": {
            "count": lambda images: images.shape
        },
        NO_FIT: {"partner": lambda batch: batch[1:]},
    },
    errors={
        r"\bNone(Type)?\b": NO_SIZE,
        "ncompatible shapes|broadcast": NO_FIT,
    },
    form="Return images and labels.",
    otherwise="Which columns come from which image?",
)


def test_a_table_speaks_of_random_batches_their_dtype_and_tf_data():
    assert BATCH.problems() == []


def test_another_way_to_draw_is_right():
    def other(images, labels, *, seed):
        def draw(shape, seed, low, high, dtype):
            return tf.random.stateless_uniform(shape, seed + 5, low, high, dtype)

        return striped(images, labels, seed=seed, draw=draw)

    BATCH(other)


def test_two_mistakes_are_named_one_after_the_other():
    def two(images, labels, *, seed):
        mixed, labels = striped(images, labels, seed=seed, of_labels=tf.zeros_like)
        return tf.cast(mixed, tf.float32), labels

    message = said(BATCH, two)
    assert "got:      dtype of the images: float32\n  expected: dtype of the images: uint8\n" in message
    assert "look at:  Pixels are copied: keep their type." in message


def test_an_error_after_a_wrong_answer_does_not_hide_it():
    def fails_later(first, second, share):
        return share * first if share == 0.3 else share / 0

    message = said(TABLE, fails_later)
    assert "got:      float64 [2]: [0.3, 0. ]" in message and "Work one out by hand" in message


def test_of_large_arrays_the_worst_place_is_shown():
    table = dataclasses.replace(TABLE, tries=lambda: [tables.given(*np.eye(40)[:2], 0.3)])

    def wrong(first, second, share):
        label = mixed_label(first, second, share)
        label[7] = 0.4
        return label

    assert "at [7]: 0.4" in said(table, wrong)


# ---- a table knows its own gaps ---------------------------------------------------------------------------
# Checks were never tried with wrong answers: https://github.com/ocaml-sf/learn-ocaml/issues/71


def test_a_sound_table_has_no_problems():
    assert TABLE.problems() == []


def with_mistake(hint, weight):
    return dataclasses.replace(TABLE, mistakes={**TABLE.mistakes, hint: {"weight": weight}})


@pytest.mark.parametrize(
    "table, problem",
    [
        (
            dataclasses.replace(TABLE, mistakes={"The shares do not add to 1.": {"total": 2}}),
            "No mistake breaks the clause `weight`.",
        ),
        (
            dataclasses.replace(TABLE, mistakes={**TABLE.mistakes, "Turned.": {"turned": True}}),
            "The right answer has no clause `turned`.",
        ),
        (
            with_mistake("The same.", lambda share: 1 - share),
            "The mistake of “The same.” is told:\nNot right yet.",
        ),
        (
            with_mistake("Too late.", lambda share: min(share, 0.9)),
            "The mistake of “Too late.” is told:\nnothing: it passes.",
        ),
        (
            with_mistake("None at all.", None),
            "The mistake of “None at all.” is told:\nthe function(float64 [2]: [1., 0.]",
        ),
        (
            dataclasses.replace(TABLE, errors={"dtype": "Cast it."}),
            "No mistake stops with the error of “Cast it.”",
        ),
    ],
)
def test_a_gap_in_a_table_is_reported(table, problem):
    [found] = table.problems()
    assert found.startswith(problem)


def refuses_itself(first, second, share, *, weight=1, total=1):
    return np.random.default_rng().random(2)


def stops(first, second, share, *, weight=1, total=1):
    return first / second[:1][1]


def test_a_right_answer_that_cannot_be_read_is_reported():
    """Else nothing is compared with it, and whatever a student writes passes."""
    table = dataclasses.replace(TABLE, read=lambda answer: answer["label"])
    assert "The right answer is none to `read`." in table.problems()


@pytest.mark.parametrize("right", [refuses_itself, stops])
def test_a_right_answer_that_its_own_table_refuses_is_reported(right):
    problems = dataclasses.replace(TABLE, right=right).problems()
    assert any(problem.startswith("The right answer is refused:\n") for problem in problems)
