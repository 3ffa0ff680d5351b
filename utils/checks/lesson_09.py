"""The checks of lesson 09: blend a batch, the lowest loss of soft labels, a coin between two mixes."""

import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from utils import mixing
from utils.checks import harness
from utils.checks.augmentations import mixes

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def blend_batch(function: Callable) -> None:
    """Check `blend_batch(images, labels, lam, partner) -> (images, labels)` against a loop."""
    random = np.random.default_rng(9)
    # As many images as channels, rows, columns: a λ along the wrong axis does not stop there, but is wrong.
    for shape, classes in [((3, 3, 3, 3), 3), ((4, 5, 7, 3), 6), ((2, 6, 4, 1), 5)]:
        for dtype in ("uint8", "float32"):
            _check_blend(function, random, shape, classes, dtype)
    harness.passed("Exercise 1: pixels and labels are blended, each image with its own λ and partner.")


_BLEND_ERRORS = {
    "uint8": "TensorFlow multiplies only numbers of one dtype. Cast the images to float32 first.",
    "ncompatible shapes|broadcast": "λ runs along a wrong axis: NumPy and TensorFlow match axes from the "
    "last one. Give `lam` [B] as many axes as what it multiplies: [B, 1, 1, 1] for images, "
    "[B, 1] for labels.",
}


def _check_blend(function, random, shape, classes, dtype):
    count = shape[0]
    images = random.integers(0, 256, shape).astype(dtype)
    labels = random.dirichlet(np.ones(classes), count).astype(np.float32)
    lam = random.permutation(np.linspace(0.15, 0.9, count)).astype(np.float32)
    partner = np.roll(np.arange(count), 1).astype(np.int32)
    tried = (
        f"{_name(function)}(images {dtype} {list(shape)}, labels float32 {list(labels.shape)}, "
        f"lam={_short(lam)}, partner={partner.tolist()})"
    )
    tensors = [tf.constant(value) for value in (images, labels, lam, partner)]
    result = _call_with_hints(function, *tensors, tried=tried, hints=_BLEND_ERRORS)
    mixed, mixed_labels = _pair(result, tried)
    expected = [part.astype(np.float32) for part in _loop(images, labels, lam, partner)]
    if mixed.shape == shape and mixed.dtype.kind in "ui":
        harness.fail(
            tried=tried,
            got=f"images of dtype {mixed.dtype}",
            expected="images of dtype float32",
            hint="Whole numbers cannot hold a blend. Cast the images to float32 first, and do not cast back.",
        )
    harness.require_close(
        mixed,
        expected[0],
        tried=tried,
        hint=_image_hint(mixed, images, labels, lam, partner),
        tolerance=0.01,
    )
    harness.require_close(
        mixed_labels,
        expected[1],
        tried=tried,
        hint=_label_hint(mixed_labels, images, labels, lam, partner),
        tolerance=1e-4,
    )


def _loop(images, labels, lam, partner):
    """The blend, written image by image."""
    pairs = [
        (
            share * images[own].astype(np.float64) + (1 - share) * images[other],
            share * labels[own].astype(np.float64) + (1 - share) * labels[other],
        )
        for own, (share, other) in enumerate(zip(lam.astype(np.float64), partner, strict=True))
    ]
    return tuple(np.stack(part) for part in zip(*pairs, strict=True))


def _mistakes(images, labels, lam, partner):
    """What the usual mistakes give, as {sentence: (images, labels)}; the sentence has a place for a noun."""
    swapped = "`lam` is the share of the {thing} itself; here it is the partner that gets it."
    single = "Every {thing} has its own λ; here all have the λ of the first."
    average = "Every {thing} has its own λ; here all have the mean of them."
    theirs = "The λ of {thing} number i is lam[i]; here it is that of its partner, lam[partner[i]]."
    backwards = "The partner of {thing} number i is number partner[i]; here it is the other way round."
    reverse = "The partner of {thing} number i is number partner[i]; here the batch is taken in reverse."
    following = "The partner of {thing} number i is number partner[i]; here it is the next in the batch."
    inverse = np.argsort(partner)
    count = len(lam)
    cases = {
        swapped: (1 - lam, partner),
        single: (np.full_like(lam, lam[0]), partner),
        average: (np.full_like(lam, lam.mean()), partner),
        theirs: (lam[partner], partner),
    }
    if not np.array_equal(inverse, partner):
        cases[backwards] = (lam, inverse)
    for sentence, order in {
        reverse: np.arange(count)[::-1],
        following: np.roll(np.arange(count), -1),
    }.items():
        if not np.array_equal(order, partner) and not np.array_equal(order, inverse):
            cases[sentence] = (lam, order)
    return {sentence: _loop(images, labels, *case) for sentence, case in cases.items()}


def _image_hint(got, images, labels, lam, partner):
    if got.shape == images.shape:
        if _near(got, images, 0.51):
            return "The images came back as they were."
        for sentence, (mixed, _) in _mistakes(images, labels, lam, partner).items():
            if _near(got, mixed, 0.01):
                return sentence.format(thing="image")
        if _along_another_axis(got, images, lam, partner):
            return (
                "λ runs along a wrong axis: NumPy and TensorFlow match axes from the last one, so `lam` [B] "
                "meets the channels. Give it the shape [B, 1, 1, 1]."
            )
        blended = _loop(images, labels, lam, partner)[0]
        if _near(got, blended, 2.01) and np.array_equal(got, np.round(got)):
            return (
                "These pixels are whole numbers: right but for rounding. Blend in float32, and neither round "
                "nor cast to whole numbers on the way."
            )
        if images.dtype == np.uint8 and got.max() <= 1:
            return "The images were scaled to 0-1. They should stay in 0-255: the model scales them."
        if got.max() > 256 or _near(np.mod(got, 256), np.mod(blended, 256), 1.01):
            return "Do the two weights, λ and 1 − λ, add up to 1 for each image?"
    return "image number i should be lam[i] · images[i] + (1 − lam[i]) · images[partner[i]]."


def _along_another_axis(got, images, lam, partner):
    for axis in range(1, images.ndim):
        if images.shape[axis] == len(lam):
            weight = lam.reshape([-1 if each == axis else 1 for each in range(images.ndim)])
            if _near(got, weight * images + (1 - weight) * images[partner].astype(np.float64), 0.01):
                return True
    return False


def _label_hint(got, images, labels, lam, partner):
    if got.shape == labels.shape:
        if _near(got, labels, 1e-4):
            return "The images are right, but the labels came back as they were. They are blended, too."
        if _near(got, labels[partner], 1e-4):
            return "The images are right, but the labels are those of the partners alone."
        for sentence, (_, mixed) in _mistakes(images, labels, lam, partner).items():
            if _near(got, mixed, 1e-4):
                return f"The images are right, the labels are not. {sentence.format(thing='label')}"
        if labels.shape[0] == labels.shape[1]:
            weight = lam[np.newaxis]
            if _near(got, weight * labels + (1 - weight) * labels[partner], 1e-4):
                return "λ runs along the classes. Give it the shape [B, 1], so that each row has one λ."
        rows = got.sum(axis=1)
        if np.abs(rows - 1).max() > 1e-3:
            return f"The rows of the labels should sum to 1; here they sum to {_short(rows)}."
        hard = np.eye(labels.shape[1])[_loop(images, labels, lam, partner)[1].argmax(axis=1)]
        if _near(got, hard, 1e-4):
            return "These labels are one-hot again. A blend has a soft label: the shares of both."
    return "label number i should be lam[i] · labels[i] + (1 − lam[i]) · labels[partner[i]]."


def _near(first, second, tolerance):
    return first.shape == second.shape and np.abs(first.astype(np.float64) - second).max() <= tolerance


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def lowest_loss(function: Callable) -> None:
    """Check `lowest_loss(labels) -> [B]`: the entropy of each row."""
    random = np.random.default_rng(9)
    lam = random.uniform(0.05, 0.95, 6)
    pairs = np.zeros([6, 12])
    pairs[np.arange(6), random.permutation(12)[:6]] = lam
    pairs[np.arange(6), (pairs.argmax(axis=1) + 5) % 12] += 1 - lam
    dense = random.dirichlet(np.ones(4), 3)
    mixed = np.array([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    for labels in (np.array([[0.6, 0.4], [0.9, 0.1], [0.5, 0.5]]), dense, np.eye(3), mixed, pairs):
        _check_lowest(function, labels.astype(np.float32))
    harness.passed("Exercise 2: this is the floor, and 0 for a label without doubt.")


def _check_lowest(function, labels):
    tried = harness.shown_call(function, labels)
    with np.errstate(all="ignore"):
        result = harness.call(function, labels, tried=tried)
    expected = np.array([-sum(share * np.log(share) for share in row if share > 0) for row in labels * 1.0])
    expected += 0.0  # no −0
    if np.shape(result) != expected.shape:
        harness.fail(
            tried=tried,
            got=result,
            expected=expected,
            hint="One number for each row is asked for: sum over the classes (axis 1) only.",
        )
    harness.require_close(
        result, expected, tried=tried, hint=_lowest_hint(result, labels, expected), tolerance=1e-4
    )


def _lowest_hint(result, labels, expected):
    got = np.asarray(result, dtype=np.float64)
    if np.isnan(got).any():
        return "NaN comes from 0 · log 0. A class with share 0 should add nothing."
    if _near(got, -expected, 1e-4):
        return "The sign: logarithms of shares are negative, a loss is not."
    if _near(got, expected / np.log(2), 1e-3):
        return "This is right with the logarithm to base 2. Keras' losses use the natural one, np.log."
    if _near(got, expected / np.log(10), 1e-3):
        return "This is right with the logarithm to base 10. Keras' losses use the natural one, np.log."
    if _near(got, expected / labels.shape[1], 1e-4):
        return "This is the mean over the classes. The loss is the sum over them."
    if _near(got, -np.log(labels.max(axis=1)), 1e-3):
        return (
            "This is −log of the largest share: the loss if only the largest class counted. All classes that "
            "have a share do, each weighed with it."
        )
    if _near(got, 1 - labels.max(axis=1), 1e-3):
        return "This is what the largest share lacks of 1. Cross-entropy weighs logarithms."
    if np.abs(got - expected).max() < 0.1:
        return (
            "Nearly. If you add a small number before the logarithm, make it so small that it does not "
            "change the result, or replace the zeros alone."
        )
    return "The best prediction is the label itself: put it in place of p in the formula of the loss."


# ---- Exercise 3 --------------------------------------------------------------------------------------------

_BATCHES = 6  # of 16 images, each measured in full
_MANY = 8_000  # images of one more batch, which only counts the coins
_COIN_ERRORS = {
    "uint8": "`tf.where` chooses between two arrays of one dtype. Cast the cut images to float32.",
    "ncompatible shapes|broadcast": "How many axes have the coins in `tf.where`? As many as what they choose "
    "from: [B, 1, 1, 1] for images, [B, 1] for labels.",
}
_DATASET_ERRORS = {
    r"\bNone(Type)?\b": "In `tf.data` batches can have any size, and `images.shape[0]` is None while the "
    "graph is made. `tf.shape(images)[0]` is the size of the batch that comes.",
    "user-defined function|ncompatible shapes|broadcast": "The batches here have 8 and 4 images. "
    "Are there as many coins?",
}


def cut_or_blend(function: Callable) -> None:
    """Check `cut_or_blend(images, labels, *, seed) -> (images, labels)`: measured from the pixels."""
    images = mixes.noise_images(16, 16, "uint8", (0, 255))
    labels = np.eye(len(images), dtype=np.float32)
    drawn = [_check_draw(function, images, labels, number) for number in range(_BATCHES)]
    _check_repeats(function, images, labels)
    _check_coins(function, np.stack(drawn))
    _check_in_dataset(function, images, labels)
    _check_chance(function)
    harness.passed("Exercise 3: every image is cut or blended, by a coin of its own, and the labels follow.")


def _seed(number):
    return tf.constant([number, 2_019], tf.int32)


def _tried(function, number, count=16):
    return (
        f"{_name(function)}(uint8 images [{count}, 16, 16, 3], labels [{count}, 16], seed=({number}, 2019))"
    )


def _call(function, images, labels, number):
    tried = _tried(function, number, len(images))
    arguments = tf.constant(images), tf.constant(labels)
    result = _call_with_hints(function, *arguments, tried=tried, hints=_COIN_ERRORS, seed=_seed(number))
    return _pair(result, tried)


def _check_draw(function, images, labels, number):
    """Check one batch; returns for each image 1 if it is cut, 0 if blended, NaN if it cannot be told."""
    tried = _tried(function, number)
    mixed, mixed_labels = _call(function, images, labels, number)
    for name, got, expected in [("images", mixed, images), ("labels", mixed_labels, labels)]:
        if got.shape != expected.shape:
            harness.fail(
                tried=tried,
                got=f"{name} {list(got.shape)}",
                expected=f"{name} {list(expected.shape)}",
                hint="How many axes have the coins in `tf.where`? As many as what they choose from: "
                "[B, 1, 1, 1] for images, [B, 1] for labels.",
            )
    if mixed.dtype.kind in "ui":
        harness.fail(
            tried=tried,
            got=f"images of dtype {mixed.dtype}",
            expected="images of dtype float32",
            hint="A blend rounded to whole numbers is not the blend that the label speaks of. Cast the "
            "cut images to float32 instead.",
        )
    shares, blended = mixes.decode(images, mixed, 0.01)
    _check_shares(tried, shares, blended, mixed_labels)
    own = np.diagonal(shares)
    return np.where((own < 0.02) | (own > 0.98), np.nan, ~blended)


def _check_shares(tried, shares, blended, labels):
    unclear = np.isnan(shares).any(axis=1)
    if unclear.any():
        harness.fail(
            tried=tried,
            got=f"image number {int(unclear.argmax())} is neither two images side by side nor a blend of two",
            expected="each image out of `mixing.cutmix` or out of `mixing.mixup`",
            hint="Are both done to the same image, one after the other? Give both functions the images that "
            "came in, and choose between their results. Or does every pixel toss its own coin? It is one for "
            "the whole image.",
        )
    rows = labels.sum(axis=1)
    if np.abs(rows - 1).max() > 0.01:
        harness.fail(
            tried=tried,
            got=f"labels with rows that sum to {_short(rows[:4])} …",
            expected="rows that sum to 1",
            hint="Do the coins run along the classes? `tf.where` matches axes from the last one: give the "
            "coins the shape [B, 1] for the labels.",
        )
    off = np.abs(shares - labels).max(axis=1)
    if off.max() > 0.01:
        worst = int(off.argmax())
        kind = "blended" if blended[worst] else "cut"
        harness.fail(
            tried=tried,
            got=f"image number {worst} is {kind}; its pixels have the shares {_largest(shares[worst])}, its "
            f"label says {_largest(labels[worst])}",
            expected="the same shares in the label as in the pixels",
            hint="The image comes from one mix and the label from another. Images and labels need the same "
            "coins: toss once, and use the result twice.",
        )


def _largest(shares):
    order = [index for index in np.argsort(-shares)[:3] if shares[index] > 0.005]
    return " and ".join(f"{shares[index]:.2f} (image {index})" for index in order)


def _check_repeats(function, images, labels):
    first, _ = _call(function, images, labels, 0)
    other, _ = _call(function, images, labels, 1)
    again, _ = _call(function, images, labels, 0)
    if not np.array_equal(first, again):
        harness.fail(
            tried=f"{_tried(function, 0)}, twice",
            got="two different batches",
            expected="the same batch for the same seed",
            hint="Something is drawn without the seed. Draw everything with `stateless_` functions; in "
            "`tf.data`, NumPy's and Python's random numbers are drawn once and then stay.",
        )
    if np.array_equal(first, other):
        harness.fail(
            tried=f"{_tried(function, 0)}, and with seed=(1, 2019)",
            got="the same batch",
            expected="another batch for another seed",
            hint="Is `seed` used for the mixes, too?",
        )


def _check_coins(function, cut):
    """Judge the coins of all draws: cut [draws, images] is 1, 0 or NaN."""
    tried = f"{_BATCHES} batches of 16 images"
    count_cut, count_blended = int(np.nansum(cut)), int(np.nansum(1 - cut))
    got = f"{count_cut} images clearly cut, {count_blended} clearly blended"
    expected = "a coin with a chance of one half for every image"
    if not count_cut or not count_blended:
        missing = "cut" if not count_cut else "blended"
        hint = f"No image is ever {missing}. Look at what the coin is compared with."
        harness.fail(tried=tried, got=got, expected=expected, hint=hint)
    rates = np.nanmean(cut, axis=1)
    if ((rates == 0) | (rates == 1)).all():
        harness.fail(
            tried=tried,
            got="in every batch all images are cut, or all are blended",
            expected=expected,
            hint="This is one coin for the whole batch: toss as many as there are images, "
            "`tf.shape(images)[0]`.",
        )
    places = np.nanmean(cut, axis=0)
    if ((places == 0) | (places == 1)).all():
        harness.fail(
            tried=tried,
            got="the same images of the batch are cut every time",
            expected=expected,
            hint="The coins fall alike for every seed: toss them with a seed that comes from `seed`.",
        )


def _check_chance(function):
    """Count the coins of one large batch of black-and-white noise: what is blended has gray in it."""
    random = np.random.default_rng(9)
    images = tf.constant(255 * random.integers(0, 2, (_MANY, 8, 8, 3)), tf.uint8)
    labels = tf.one_hot(random.integers(0, 12, _MANY), 12)
    tried = f"{_name(function)} with a batch of {_MANY} images"
    result = harness.call(function, images, labels, tried=tried, seed=_seed(5))
    blended = _count_gray(_pair(result, tried)[0])
    chance = 1 - blended / _count_gray(mixing.mixup(images, labels, seed=_seed(6))[0])
    if abs(chance - 0.5) > 0.05:  # four standard deviations of a fair coin
        harness.fail(
            tried=tried,
            got=f"about {chance:.0%} of the images are cut",
            expected="about 50%",
            hint=f"Images are cut too {'often' if chance > 0.5 else 'rarely'}: look at what the coin is "
            "compared with.",
        )


def _count_gray(images):
    """How many images have a pixel that is neither black nor white, nor nearly."""
    images = np.asarray(images, np.float32).reshape(len(images), -1)
    return int(((images > 5) & (images < 250)).any(axis=1).sum())


def _check_in_dataset(function, images, labels):
    tried = f"{_name(function)} inside `tf.data`'s map"
    elements = tf.data.Dataset.from_tensor_slices((images[:12], labels[:12])).batch(8)  # the last has four
    seeds = tf.data.Dataset.from_tensor_slices(tf.stack([_seed(3), _seed(4)]))

    def epoch():
        return list(tf.data.Dataset.zip(elements, seeds).map(lambda batch, seed: function(*batch, seed=seed)))

    results = _call_with_hints(epoch, tried=tried, hints=_DATASET_ERRORS)
    for start, number, result in zip([0, 8], [3, 4], results, strict=True):
        mixed, _ = _pair(result, tried)
        batch = slice(start, min(start + 8, 12))
        expected, _ = _call(function, images[batch], labels[batch], number)
        if not np.allclose(mixed, expected, atol=0.01):
            harness.fail(
                tried=tried,
                got="other images than outside of it, with the same seed",
                expected="the same",
                hint="In `tf.data` the function is read once and turned into a graph; what Python or NumPy "
                "computes is fixed then. Use TensorFlow's functions throughout.",
            )


# ---- for all -----------------------------------------------------------------------------------------------


def _call_with_hints(function, *arguments, hints, **keywords):
    """As `exercises.call`; a hint joins the message of an error whose text matches the hint's pattern."""
    try:
        return harness.call(function, *arguments, **keywords)
    except harness.CheckFailed as failure:
        error = re.search(r"^  error:.*$", str(failure), re.MULTILINE)
        fitting = [hint for pattern, hint in hints.items() if error and re.search(pattern, error[0])]
        if not fitting:
            raise
        raise harness.CheckFailed(f"{failure}\n  look at:  {fitting[0]}") from None


def _pair(result, tried):
    """The two parts of a result as arrays."""
    harness.require_values(
        result, 2, tried=tried, expected="images and labels", hint="Return both: `return images, labels`."
    )
    return tuple(np.asarray(part) for part in result)


def _short(values):
    return "[" + ", ".join(f"{value:.2f}" for value in values) + "]"


def _name(function):
    return getattr(function, "__name__", "the function")
