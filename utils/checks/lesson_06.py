"""The checks of lesson 06: RandAugment's loop, an M that adapts."""

import numpy as np
import tensorflow as tf

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_WIDTH = 16  # places for the marks of an image


def _marking(number):
    """An operation that notes in each image its number and two random values, in front of earlier notes."""

    def operation(images, *, seed):
        count = tf.shape(images)[0]
        values = tf.random.stateless_uniform([count, 2], seed, 0, 256, tf.int32)
        mark = tf.concat([tf.fill([count, 1], number), values], axis=1)
        mark = tf.cast(mark, images.dtype)[:, tf.newaxis, tf.newaxis, :]
        notes = tf.concat([mark, images[:, :1, :-1]], axis=2)
        return tf.concat([notes, images[:, 1:]], axis=1)

    return operation


def _images(count):
    """Images [B, 2, 16, 3] with room for notes in row 0, and the image's own number in row 1."""
    images = np.zeros([count, 2, _WIDTH, 3], np.uint8)
    images[:, 1] = np.arange(count)[:, np.newaxis, np.newaxis]
    return images


def _one_number_each(count, choices, seed):
    return tf.random.stateless_uniform([count], seed, 0, choices, tf.int32)


def _same_for_all(count, choices, seed):
    return tf.repeat(_one_number_each(1, choices, seed), count)


def _pick(changed, numbers):
    return tf.gather(tf.stack(changed, axis=1), numbers, batch_dims=1)


def _first_axis(changed, numbers):
    return tf.gather(tf.stack(changed, axis=0), numbers, batch_dims=1)


def _without_batch_dims(changed, numbers):
    return tf.gather(tf.stack(changed, axis=1), numbers, axis=1)


def _in_a_loop(changed, numbers):
    return _pick(changed, tf.stack([number for number in numbers]))


def _rand_augment_batch(
    images,
    operations,
    *,
    seed,
    num_ops,
    steps=lambda num_ops: num_ops,
    seed_used=lambda seed: seed,
    number_seed=lambda seeds, step: seeds[step],
    operation_seed=lambda seeds, step: seeds[step],
    numbers_from=_one_number_each,
    apply_one_by_one=False,
    pick=_pick,
    answer=lambda images: images,
):
    images, count = tf.convert_to_tensor(images), steps(num_ops)
    numbers_root, operations_root = tf.unstack(tf.random.split(seed_used(seed), 2))
    number_seeds, operation_seeds = (tf.random.split(root, count) for root in (numbers_root, operations_root))
    for step in range(count):
        numbers = numbers_from(tf.shape(images)[0], len(operations), number_seed(number_seeds, step))
        seeds = tf.unstack(tf.random.split(operation_seed(operation_seeds, step), len(operations)))
        changed = []
        for operation, one in zip(operations, seeds, strict=True):
            changed.append(operation(images, seed=one))
            images = changed[-1] if apply_one_by_one else images
        images = images if apply_one_by_one else pick(changed, numbers)
    return answer(images)


def _marked(function, images, seed, choices, num_ops):
    operations = [_marking(number + 1) for number in range(choices)]
    return function(images, operations, seed=tf.constant([6, seed]), num_ops=num_ops)


def _in_a_batch(function):
    images = tf.constant(_images(250))
    first, again, other = (_marked(function, images, seed, 3, 3) for seed in (0, 0, 1))
    return _facts(first, 250, 3, 3) | {
        "two calls with one seed": _alike(first, again),
        "two calls with different seeds": _alike(first, other),
    }


def _alike(first, second):
    return "the same images" if np.array_equal(first, second) else "different images"


def _in_a_dataset(function):
    dataset = tf.data.Dataset.from_tensor_slices(_images(60)).batch(60)
    dataset = dataset.map(lambda images: _marked(function, images, 0, 4, 2))
    return _facts(next(iter(dataset)), 60, 4, 2)


def _facts(images, count, choices, num_ops):
    """What the notes in the images tell; a fact that is a sentence is compared as it is."""
    images = np.asarray(images)
    facts = {"shape": list(images.shape), "type": images.dtype.name}
    if images.shape != (count, 2, _WIDTH, 3):
        return facts
    at_home = np.array_equal(images[:, 1], _images(count)[:, 1])
    facts["images"] = "all in their places" if at_home else "not in their places"
    numbers, values = images[:, 0, :, 0].astype(int), images[:, 0, :, 1:].astype(int)
    lengths = np.unique((numbers > 0).sum(axis=1)).tolist()
    facts["operations that an image gets"] = " or ".join(map(str, lengths))
    if lengths != [num_ops]:
        return facts
    numbers, values = numbers[:, :num_ops], values[:, :num_ops]
    if len(np.unique(numbers, axis=0)) == 1:
        return facts | {"the images": "all get the same operations"}
    facts["the images"] = "draw on their own"
    facts["operations that were drawn"] = np.unique(numbers).tolist()
    often = np.bincount(numbers.ravel(), minlength=choices + 1)[1:] / numbers.size * choices
    if often.min() > 0 and count > 200:  # enough to tell
        facts["operations"] = f"{'' if np.abs(often - 1).max() < 0.25 else 'not '}equally likely"
        facts["pairs of the first and the second operation"] = len(np.unique(numbers[:, -2:], axis=0))
    twice = values[numbers[:, 0] == numbers[:, 1], :2, 0]
    same = len(twice) > 0 and (twice[:, 0] == twice[:, 1]).all()
    facts["an operation that comes twice"] = "draws the same again" if same else "draws anew"
    return facts


_AXES = (
    "The axes do not fit: with `tf.stack(…, axis=1)` the images of the batch stay in front, and "
    "`batch_dims=1` picks for each image from its own results."
)
_NO_VALUES = (
    "Inside of `dataset.map` tensors have no values yet: no loop over images, and no list that is asked for "
    "the place `number`. Let TensorFlow pick for the whole batch."
)

rand_augment_batch = tables.Table(
    title="Exercise 1: every image draws its own operations, anew in each step.",
    right=_rand_augment_batch,
    tries=lambda: [
        tables.Try(" inside of dataset.map", _in_a_dataset),
        tables.Try(" with 250 images, 3 operations, num_ops=3", _in_a_batch),
    ],
    mistakes={
        "Each image gets one operation, whatever `num_ops` is. Each step goes on with the images "
        "that the step before returned, not with those that came in.": {"steps": lambda num_ops: 1},
        "There is one step too many.": {"steps": lambda num_ops: num_ops + 1},
        "All images of the batch get the same operations: draw a number for each of them, `[B]`.": {
            "numbers_from": _same_for_all
        },
        "The last operation is never drawn: the upper end of `stateless_uniform` is left out already.": {
            "numbers_from": lambda count, choices, seed: _one_number_each(count, max(1, choices - 1), seed)
        },
        "An image gets the same operation in all steps: its number is drawn with the same seed each time.": {
            "number_seed": lambda seeds, step: seeds[0]
        },
        "All steps use the same seed, so they draw the same numbers and the same strengths: split "
        "`seed` into one for each step.": {
            "number_seed": lambda seeds, step: seeds[0],
            "operation_seed": lambda seeds, step: seeds[0],
        },
        "An operation that an image gets twice does the same twice: give it another seed in each step.": {
            "operation_seed": lambda seeds, step: seeds[0]
        },
        "Each step applies all operations, one after the other: apply each to the images as they were before "
        "the step, and pick.": {"apply_one_by_one": True},
        "The same seed gives other images: something is drawn without it. Use the `stateless_` functions.": {
            "seed_used": lambda seed: tf.random.uniform([2], maxval=2**31 - 1, dtype=tf.int32)
        },
        "Another seed gives the same images: everything has to be drawn from `seed`.": {
            "seed_used": lambda seed: tf.constant([6, 0])
        },
        _AXES: {"pick": _first_axis},
        "Every image has got the results for all numbers: `batch_dims=1` picks one for each image.": {
            "pick": _without_batch_dims,
            "steps": lambda num_ops: 1,
        },
        _NO_VALUES: {"pick": _in_a_loop},
        "The type of the pixels is another: operations keep it, so nothing has to be cast.": {
            "answer": lambda images: tf.cast(images, tf.float32)
        },
    },
    errors={
        r"Iterating over|interpreted as an integer|attribute 'numpy'|int\(\) argument|len is not": _NO_VALUES,
        r"batch_dims|[Dd]imension|[Ss]hape|Ranks": _AXES,
    },
    form="Return the images, a batch of the same shape.",
    otherwise="Draw a number for each image, apply all operations, pick; and that `num_ops` times.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _magnitudes_of(
    accuracies,
    start,
    gain,
    *,
    rise=lambda now, best, before, best_before: best - now,
    factor=lambda gain: gain,
    adds_up=True,
    most=10.0,
    answer=lambda start, after: [start, *after[:-1]],
):
    """The magnitude of each epoch; `after` is what each epoch's accuracy makes of it."""
    magnitude, best, before, after = start, accuracies[0], accuracies[0], []
    for now in accuracies:
        best_before, best = best, max(best, now)
        change = factor(gain) * rise(now, best, before, best_before)
        magnitude = min(most, (magnitude if adds_up else start) + change)
        after.append(magnitude)
        before = now
    return answer(start, after)


def _histories():
    cases = [
        ([0.6, 0.8, 0.7, 0.75, 0.9, 0.8, 0.85], 0.0, 10.0),
        ([0.8, 0.75, 0.85, 0.85], 0.0, 10.0),
        ([0.5, 0.6, 0.7, 0.8], 2.0, 10.0),
        ([0.8, 0.5, 0.2, 0.3, 0.9], 4.0, 20.0),
        ([0.7], 3.0, 10.0),
    ]
    random = np.random.default_rng(64)
    for gain in (5.0, 10.0, 40.0, 10.0):
        accuracies = random.uniform(0.3, 0.9, int(random.integers(4, 9))).round(2).tolist()
        cases.append((accuracies, float(random.integers(0, 4)), gain))
    return [tables.given(*case) for case in cases]


magnitudes_of = tables.Table(
    title="Exercise 2: M rises by what the accuracy has lost, and only then.",
    right=_magnitudes_of,
    tries=_histories,
    mistakes={
        "Each M comes one epoch too early: the first epoch has `start`, and its accuracy decides on "
        "the second one.": {"answer": lambda start, after: after},
        "There is one M too many: the accuracy of the last epoch decides nothing any more.": {
            "answer": lambda start, after: [start, *after]
        },
        "M never exceeds 10: `min(10, …)`.": {"most": np.inf},
        "Compared with the epoch before, not with the best so far: an accuracy that stays low counts "
        "again in every epoch.": {"rise": lambda now, best, before, best_before: max(0, before - now)},
        "M has fallen at a new best. There it stays: the new accuracy is the best so far, and the difference "
        "is 0.": {"rise": lambda now, best, before, best_before: best_before - now},
        "The sign is turned round: best minus accuracy, not accuracy minus best.": {
            "rise": lambda now, best, before, best_before: now - best
        },
        "M rises by the same step each time. It shall rise in proportion: `gain` times the difference.": {
            "rise": lambda now, best, before, best_before: float(now < best)
        },
        "Each M is `start` plus the last difference. It rises from where it was: the rises add up.": {
            "adds_up": False
        },
        "The difference is not multiplied by `gain`.": {"factor": lambda gain: 1},
    },
    form="Return a list of numbers: one M for each epoch.",
    otherwise="Write down, epoch by epoch, the best accuracy so far and the difference to it. M "
    "rises by `gain` times it.",
)
