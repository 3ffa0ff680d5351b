"""The checks of lesson 05: RandAugment's draws, label smoothing, a device's share of the loss."""

import functools
import warnings
from collections.abc import Callable

import numpy as np

from utils.checks import harness

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_OPERATIONS = 14
_COUNT = 4000


def draw_plan(function: Callable) -> None:
    """Check `draw_plan(count, num_ops, magnitude, magnitude_stddev, rate, generator)`."""
    _plan(function, 6, 3, 5, 1, 0.5)
    _check_generator(function)
    _check_operations(function)
    for magnitude, deviation in [(6, 1.5), (9, 3), (4, 0)]:
        _check_magnitudes(function, magnitude, deviation)
    for rate in [0.3, 0.8, 0.0]:
        _check_rate(function, rate)
    harness.passed("Exercise 1: operations and magnitudes are drawn for each image on its own.")


def _words(count, num_ops, magnitude, deviation, rate, seed):
    return (
        f"draw_plan({count}, {num_ops}, magnitude={magnitude}, magnitude_stddev={deviation}, rate={rate}, "
        f"generator=np.random.default_rng({seed}))"
    )


def _plan(function, count, num_ops, magnitude, deviation, rate, seed=5):
    """Call the function and return (operations, magnitudes, fail), two arrays of the right shape."""
    tried = _words(count, num_ops, magnitude, deviation, rate, seed)
    fail = functools.partial(harness.fail, tried=tried)
    result = harness.call(
        function, count, num_ops, magnitude, deviation, rate, np.random.default_rng(seed), tried=tried
    )
    harness.require_values(
        result, 2, tried=tried, expected="two arrays", hint="Return both: `return operations, magnitudes`."
    )
    arrays = []
    for name, part in zip(("operations", "magnitudes"), result, strict=True):
        array = np.asarray(part)
        if array.shape != (count, num_ops) or array.dtype.kind not in "iuf":
            fail(
                got=f"{name}: {array.dtype} {list(array.shape)}",
                expected=f"{name}: numbers [{count}, {num_ops}]",
                hint="A row for each image and a column for each of its operations: give `size=` both.",
            )
        arrays.append(array)
    operations, magnitudes = arrays[0], arrays[1].astype(float)
    if (operations != operations.round()).any() or operations.min() < 0 or operations.max() > 13:
        fail(
            got=f"operations from {operations.min():g} to {operations.max():g}",
            expected="whole numbers from 0 to 13",
            hint="`generator.integers(14, size=…)` gives whole numbers from 0 to 13: its end is left out.",
        )
    if operations.dtype.kind == "f":
        fail(
            got=f"operations: {operations.dtype}, such as {operations[0, 0]}",
            expected="operations: integers, such as 3",
            hint="They will be used as places in a list, and a float is no place. `np.floor` and `np.round` "
            "return floats; `generator.integers` gives integers.",
        )
    return operations, magnitudes, fail


def _check_generator(function):
    first, again, other = (_plan(function, 50, 2, 5, 2, 0.7, seed) for seed in (1, 1, 2))
    # Both arrays must depend on the generator, and on nothing else.
    repeats = all(np.array_equal(a, b) for a, b in zip(first[:2], again[:2], strict=True))
    differs = not any(np.array_equal(a, b) for a, b in zip(first[:2], other[:2], strict=True))
    if not repeats or not differs:
        first[2](
            got="other numbers at the second call" if not repeats else "the same numbers for two seeds",
            expected="the same numbers for the same seed of the generator, others for another one",
            hint="Draw everything from the argument `generator`, and make no generator of your own.",
        )


def _check_operations(function):
    operations, _, fail = _plan(function, _COUNT, 2, 6, 1.5, 1.0)
    shares = np.bincount(operations.astype(int).ravel(), minlength=_OPERATIONS) / operations.size
    if shares[0] > 0.5:
        fail(
            got=f"operation 0 in {shares[0]:.0%} of the places, at rate 1",
            expected=f"each of the 14 in about {1 / _OPERATIONS:.1%}",
            hint="It is the other way round: `rate` is the probability that a drawn operation stays.",
        )
    if (operations == operations[0]).all():
        fail(
            got=f"operations {operations[0].astype(int).tolist()} for all {_COUNT} images",
            expected="operations of its own for each image",
            hint="They are drawn once for the whole batch: the draw needs the axis of the images.",
        )
    alike = (operations[:, 0] == operations[:, 1]).mean()
    if alike > 0.5:
        fail(
            got="twice the same operation in every image" if alike == 1 else f"twice the same in {alike:.0%}",
            expected="a draw of its own for each operation; the same operation twice in 1 image of 14",
            hint="The shape of the draw needs both axes: `[count, num_ops]`.",
        )
    if alike < 0.02:
        fail(
            got="never the same operation twice in an image",
            expected="the same operation twice in 1 image of 14",
            hint="Each operation is drawn on its own, whatever the other one is.",
        )
    if (np.abs(shares - 1 / _OPERATIONS) > 0.02).any():
        odd = int(np.abs(shares - 1 / _OPERATIONS).argmax())
        hint = "All 14 numbers are equally likely."
        if shares[odd] == 0:
            hint = "This number is never drawn. `generator.integers(14, size=…)` gives 0 to 13, all of them."
        fail(
            got=f"operation {odd} in {shares[odd]:.1%} of the places, at rate 1",
            expected=f"each of the 14 in about {1 / _OPERATIONS:.1%}",
            hint=hint,
        )


def _check_magnitudes(function, magnitude, deviation):
    operations, magnitudes, fail = _plan(function, _COUNT, 2, magnitude, deviation, 1.0)
    lowest, highest = magnitudes.min(), magnitudes.max()
    if lowest < 0 or highest > 10:
        fail(
            got=f"magnitudes from {lowest:.1f} to {highest:.1f}",
            expected="magnitudes from 0 to 10",
            hint="Cut them off: `np.clip(magnitudes, 0, 10)`.",
        )
    drawn = operations > 0  # what belongs to "change nothing" does not matter
    if deviation == 0:
        harness.require_close(
            magnitudes[drawn],
            np.full(drawn.sum(), float(magnitude)),
            tried=_words(_COUNT, 2, magnitude, 0, 1.0, 5),
            hint="Without a spread every magnitude is `magnitude`.",
        )
        return
    both = drawn.all(axis=1)
    if np.ptp(magnitudes[both], axis=0).max() == 0:
        fail(
            got="the same magnitudes in all images",
            expected="magnitudes of their own in each image",
            hint="They are drawn once for the whole batch: give the draw the shape `[count, num_ops]`.",
        )
    if (magnitudes[both, 0] == magnitudes[both, 1]).mean() > 0.9:
        fail(
            got="one magnitude in each image, for both operations",
            expected="a magnitude of its own for each operation",
            hint="The shape of the draw needs both axes: `[count, num_ops]`.",
        )
    _check_distribution(magnitudes[drawn], magnitude, deviation, fail)


def _check_distribution(magnitudes, magnitude, deviation, fail):
    ideal = np.clip(np.random.default_rng(0).normal(magnitude, deviation, 100_000), 0, 10)
    found = magnitudes.mean(), magnitudes.std(), (magnitudes == 10).mean()
    wanted = ideal.mean(), ideal.std(), (ideal == 10).mean()
    if np.allclose(found, wanted, atol=[0.15, 0.15, 0.04], rtol=0):
        return
    hint = "Mean and standard deviation of the normal distribution are `magnitude` and `magnitude_stddev`."
    if np.isclose(found[1], deviation / np.sqrt(3), atol=0.1) or np.isclose(
        found[1], deviation**0.5, atol=0.1
    ):
        hint = (
            "The spread is too small. Draw from the normal distribution; its second argument is the standard "
            "deviation itself, neither its square root nor the ends of a range."
        )
    elif wanted[2] > 0.2 > found[2]:
        hint = "What lies beyond 10 becomes 10; it is not drawn again, folded back or left out."
    fail(
        got="mean {:.2f}, standard deviation {:.2f}, {:.0%} at 10".format(*found),
        expected="mean {:.2f}, standard deviation {:.2f}, {:.0%} at 10".format(*wanted),
        hint=hint,
    )


def _check_rate(function, rate):
    operations, magnitudes, fail = _plan(function, _COUNT, 2, 6, 1.5, rate)
    zeros = operations == 0
    expected = 1 - rate + rate / _OPERATIONS
    # Does a place tell anything about the other one?
    together = zeros.all(axis=1).mean()
    if abs(zeros.mean() - expected) <= 0.03 and abs(together - expected**2) <= 0.04:
        return
    hint = "Each drawn operation stays with the probability `rate`; else a 0 takes its place."
    if abs(zeros.mean() - (rate + (1 - rate) / _OPERATIONS)) <= 0.03:
        hint = "It is the other way round: `rate` is the probability that the operation stays."
    elif abs(zeros.mean() - 1 / _OPERATIONS) <= 0.03:
        hint = "All drawn operations stay: `rate` has no effect on them. Put a 0 where one is left out."
        if (magnitudes == 0).mean() > 0.1:
            hint = "Not the magnitude becomes 0, but the operation: number 0 is “change nothing”."
    elif together > zeros.mean() - 0.05:
        hint = (
            "All operations of an image stay, or none. The rate holds for each operation: draw with the "
            "shape `[count, num_ops]`."
        )
    fail(
        got=f"0 in {zeros.mean():.0%} of the places, in both places of {together:.0%} of the images",
        expected=f"0 in {expected:.0%} of the places, in both of {expected**2:.0%} of the images",
        hint=hint,
    )


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def smooth(function: Callable) -> None:
    """Check `smooth(labels, amount)` with one-hot and soft labels, 2 to 12 classes."""
    random = np.random.default_rng(5)
    one_hot = [(np.eye(4)[[2, 0]], 0.1), (np.eye(2), 0.2), (np.eye(12)[random.integers(12, size=5)], 0.35)]
    soft = [(np.array([[0.7, 0.3, 0, 0], [0, 0.5, 0.25, 0.25]]), 0.1)]
    soft += [(random.dirichlet(np.ones(size), 3), float(amount)) for size, amount in [(5, 0.1), (9, 0.5)]]
    cases = [*one_hot, *soft, (np.eye(3), 0.0), (np.eye(3), 1.0)]
    for number, (labels, amount) in enumerate(cases):
        tried = harness.shown_call(function, labels, amount)
        got = harness.call(function, labels.copy(), amount)
        expected = (1 - amount) * labels + amount / labels.shape[1]
        hint = _smooth_hint(got, labels, amount, after_one_hot=number >= len(one_hot))
        harness.require_close(got, expected, tried=tried, hint=hint, tolerance=1e-6)
    harness.passed("Exercise 2: any label is smoothed, and its shares still sum to 1.")


def _smooth_hint(got, labels, amount, *, after_one_hot):
    count, classes = labels.shape
    mistakes = {
        "The right class keeps 1 − amount, and the others share the amount among them. Keras deals it out to "
        "all K classes, the right one included.": (1 - amount) * labels
        + (1 - labels) * amount / (classes - 1),
        "The shares are lowered, but what is collected is not dealt out: the rows sum to less than 1.": (
            1 - amount
        )
        * labels,
        "Something is dealt out, but nothing was collected: the rows sum to more than 1.": labels
        + amount / classes,
        "The two shares have changed places: `amount` is what is given away.": amount * labels
        + (1 - amount) / classes,
        f"It is divided by {count}, the number of labels; K is the number of classes, {classes}.": (
            1 - amount
        )
        * labels
        + amount / count,
        "Each class gets the whole amount. It goes in K equal parts to the K classes.": (1 - amount) * labels
        + amount,
        "This is what amount = 0.1 gives: use the argument.": 0.9 * labels + 0.1 / classes,
    }
    try:
        values = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return "An array of the same shape as the labels should come back."
    if values.shape == labels.shape:
        for hint, wrong in mistakes.items():
            if np.allclose(values, wrong, atol=1e-6):
                return hint
    if after_one_hot:
        return (
            "One-hot labels come out right, soft ones do not. Calculate with the shares themselves, whatever "
            "they are, and do not look for the 1 or for the largest one."
        )
    return "Every class keeps the share 1 − amount of what it had, and gets amount / K on top."


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def share_of_loss(function: Callable) -> None:
    """Check `share_of_loss(losses, whole_batch)`: the shares of all devices sum to the mean of the batch."""
    random = np.random.default_rng(5)
    for sizes in [(4, 4), (5, 3), (2, 2, 2, 2), (6, 1), (3, 0), (7,)]:
        whole = sum(sizes)
        losses = random.gamma(2.0, size=whole).astype(np.float32).round(2)
        parts = np.split(losses, np.cumsum(sizes)[:-1])
        shares = [_share(function, part, whole) for part in parts]
        if np.isclose(sum(shares), losses.mean(), atol=1e-5):
            continue
        harness.fail(
            tried=f"a batch of {whole}, in parts of {', '.join(map(str, sizes))}; losses "
            + " | ".join(_numbers(part) for part in parts),
            got=f"{' + '.join(f'{share:.3f}' for share in shares)} = {sum(shares):.3f}",
            expected=f"{losses.mean():.3f}, the mean of all {whole} losses",
            hint=_share_hint(shares, parts, losses),
        )
    harness.passed("Exercise 3: the shares of all devices sum to the mean loss of the batch.")


def _numbers(part):
    return "[" + ", ".join(f"{loss:.2f}" for loss in part) + "]"


def _share(function, part, whole):
    tried = harness.shown_call(function, part, whole)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, on the mean of nothing: our words say it
        got = harness.call(function, part.copy(), whole)
    share = np.asarray(got)
    if share.size != 1 or share.dtype.kind not in "iuf":
        harness.fail(
            tried=tried,
            got=got,
            expected="one number",
            hint="Sum over the images of this device.",
        )
    return float(share.reshape(()))


def _share_hint(shares, parts, losses):
    means = [part.mean() if part.size else np.nan for part in parts]
    right = [part.sum() / len(losses) for part in parts]
    filled = [part.size > 0 for part in parts]
    if not all(filled) and np.allclose(np.array(shares)[filled], np.array(right)[filled]):
        if np.isnan(shares).any():
            return (
                "The other parts are right. But the mean of an empty part is no number (nan), and with it "
                "the whole sum is none. The sum of an empty part is 0."
            )
        return "The other parts are right. A device without images adds nothing: 0."
    if np.allclose(shares, means, equal_nan=True):
        return (
            "Each device returns the mean of its own part, and the means are added up: twice too much with "
            "two devices. Divide by the whole batch."
        )
    if np.allclose(shares, [part.sum() for part in parts]):
        return "Each device returns the sum of its losses, so all of them sum to the sum: divide."
    if np.allclose(np.array(shares) * len(losses), means, equal_nan=True):
        return "This divides twice: the mean of the part has already been divided by its length."
    sizes = {part.size for part in parts}
    factors = {round(share / mean, 3) for share, mean in zip(shares, means, strict=True) if mean > 0}
    if len(factors) == 1 and (len(sizes) > 1 or len(parts) != 2):
        return (
            "Each device returns its mean divided by a fixed number of devices. That holds only for parts of "
            "equal size, and for that number of them: the images count, not the devices."
        )
    return "The share is (sum of the losses on this device) / (number of images on all devices)."
