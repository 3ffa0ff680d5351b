"""The checks of lesson 13: a frozen pipeline, labels that follow pixels, a wrong mix that slips past."""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from utils import mixing
from utils.checks import harness
from utils.checks.augmentations import checker


def _check_verdict(function, argument, *, tried, expected, hint):
    """Fail unless the student's verdict on this argument is a bool, and the expected one."""
    result = harness.call(function, argument, tried=tried)
    value = np.asarray(result)
    if value.shape != () or value.dtype != bool:
        harness.fail(
            tried=tried,
            got=result,
            expected="True or False",
            hint="Return one verdict for all: `np.array_equal` gives one, `==` on arrays gives many.",
        )
    if bool(value) != expected:
        harness.fail(tried=tried, got=bool(value), expected=expected, hint=hint)


# ---- measuring a mix ---------------------------------------------------------------------------------------


def kept(mix: Callable, *, size: int, batches: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return the share that each of 16 · `batches` images keeps of itself, by pixels and by label."""
    numbers = np.arange(16)
    images = np.broadcast_to(numbers[:, None, None, None], (16, size, size, 3)).astype(np.uint8)
    pixels, labels = [], []
    for number in range(batches):
        mixed, mixed_labels = mix(tf.constant(images), tf.eye(16), seed=(13, number))
        pixels.append((np.asarray(mixed)[..., 0] == numbers[:, None, None]).mean(axis=(1, 2)))
        labels.append(np.diag(mixed_labels))
    return np.concatenate(pixels), np.concatenate(labels)


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def labels_follow_pixels(function: Callable) -> None:
    """Check `labels_follow_pixels(mix) -> bool`."""
    for words, mix, right, hint in _mixes():
        tried = f"labels_follow_pixels(mix) with {words}"
        _check_verdict(function, mix, tried=tried, expected=right, hint=hint)
    wrong = sum(not right for _, _, right, _ in _mixes())
    harness.passed(
        f"Exercise 1: your check catches all {wrong} planted defects and accepts {len(_mixes()) - wrong} "
        "right mixes."
    )


def _planted(defect):
    """A mix whose pixels are right and whose labels come from `defect`."""

    def mix(images, labels, *, seed):
        images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
        mixed, right = mixing.cutmix(images, labels, seed=seed)
        drawn = mixing.cutmix_parameters(images, seed=seed)
        return mixed, defect(labels, right, drawn, seed)

    return mix


def _shares(own, labels, partner):
    own = tf.cast(own, labels.dtype)[:, tf.newaxis]
    return own * labels + (1 - own) * tf.gather(labels, partner)


def _from_lam(labels, right, drawn, seed):
    return _shares(drawn.lam, labels, drawn.partner)


def _swapped(labels, right, drawn, seed):
    return _shares(1 - drawn.share, labels, drawn.partner)


def _other_partner(labels, right, drawn, seed):
    """The rest goes to an image that is neither the own one nor the partner."""
    count = tf.size(drawn.partner)
    own = tf.range(count)
    other = (drawn.partner + 1) % count
    other = tf.where(other == own, (drawn.partner + 2) % count, other)
    other = tf.where(drawn.partner == own, own, other)  # an image that is its own partner stays whole
    return _shares(drawn.share, labels, other)


def _a_little_off(labels, right, drawn, seed):
    return _shares(tf.maximum(drawn.share - 0.003, 0), labels, drawn.partner)


def _rarely_wrong(labels, right, drawn, seed):
    """One label in ten is that of the box before clipping."""
    rare = tf.random.stateless_uniform([tf.size(drawn.partner), 1], seed) < 0.1
    return tf.where(rare, _from_lam(labels, right, drawn, seed), right)


def _cutout(images, labels, *, seed):
    """A black box in place of the partner's pixels, the label mixed as if they were there."""
    images = tf.convert_to_tensor(images)
    mixed, mixed_labels = mixing.cutmix(images, labels, seed=seed)
    return tf.where(_inside(images, seed), tf.zeros_like(mixed), mixed), mixed_labels


def _inside(images, seed):
    """Where the box is, [B, H, W, 1] bool."""
    box = mixing.cutmix_parameters(images, seed=seed).box
    top, left, bottom, right = (side[:, tf.newaxis] for side in tf.unstack(box, axis=1))
    rows, columns = tf.range(tf.shape(images)[1]), tf.range(tf.shape(images)[2])
    rows, columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
    return (rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :])[..., tf.newaxis]


def _mixes():
    """(words, mix, whether its labels are right, hint) in the order in which they are tried."""
    right = "This one is right: the course's own tests say so. "
    return [
        (
            "mixing.cutmix",
            mixing.cutmix,
            True,
            f"{right}Does each pixel tell beyond doubt whose it is? (Dogs share colors.) Is there room for "
            "rounding, 0.001? And do you compare image by image? The mean label of a batch is another one "
            "after mixing, since each image has a λ of its own.",
        ),
        (
            "labels left as they came",
            _planted(lambda labels, *_: labels),
            False,
            "Compare the share of pixels with the share in the label, not only the labels with each other.",
        ),
        (
            "the label made from the box before clipping",
            _planted(_from_lam),
            False,
            "Count the pixels that were really pasted; believe nothing else.",
        ),
        (
            "the two shares swapped",
            _planted(_swapped),
            False,
            "The shares are right, but they belong to the other class: compare class by class.",
        ),
        (
            "the right share of the image's own class, and the rest to a wrong class",
            _planted(_other_partner),
            False,
            "The own share alone does not tell: compare the shares of all classes.",
        ),
        (
            "labels that are 0.003 off",
            _planted(_a_little_off),
            False,
            "The tolerance is too large: 0.001 is asked for. It holds for each label, not for their mean.",
        ),
        (
            "one label in ten wrong",
            _planted(_rarely_wrong),
            False,
            "A rare mistake needs many images: a larger batch, or more seeds. One wrong label is enough for "
            "False.",
        ),
        (
            "a black box in place of the partner's pixels",
            _cutout,
            False,
            "These pixels belong to no image of the batch; the label says that the partner is there.",
        ),
        (
            "one box for the whole batch",
            functools.partial(mixing.cutmix, per_sample=False),
            True,
            f"{right}All images have the same box, and each its own partner.",
        ),
        (
            "half of the images not mixed at all",
            mixing.sometimes(mixing.cutmix, 0.5),
            True,
            f"{right}An image that is not mixed keeps its whole label.",
        ),
        (
            "very small and very large boxes",
            functools.partial(mixing.cutmix, alpha=0.1),
            True,
            f"{right}A box may be empty or cover the image: allow for rounding, 0.001, not for less.",
        ),
    ]


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_COUNT = 25  # images, in batches of 8: the last batch has one


def is_frozen(function: Callable) -> None:
    """Check `is_frozen(batches) -> bool`."""
    for words, batches, frozen, hint in _pipelines():
        tried = f"is_frozen(batches), {words}"
        _check_verdict(function, batches, tried=tried, expected=frozen, hint=hint)
    harness.passed("Exercise 2: a frozen pipeline is told from a fresh one, in any order of the pictures.")


def _pipelines():
    """Yield (words, data set of batches, whether it is frozen, hint)."""
    pictures = np.random.default_rng(13).integers(60, 196, (_COUNT, 6, 10, 3)).astype(np.uint8)
    plain = tf.data.Dataset.from_tensor_slices((pictures, np.arange(_COUNT) % 4))
    brighter = _fresh(plain, lambda image, seed, _: tf.image.stateless_random_brightness(image, 0.2, seed))
    mirrored = _fresh(plain, lambda image, seed, _: tf.image.stateless_random_flip_left_right(image, seed))
    one_class = _fresh(
        plain,
        lambda image, seed, label: (
            tf.image.stateless_random_brightness(image, 0.2, seed) if label == 3 else image
        ),
    )
    halves = tf.data.Dataset.zip(plain, plain.shuffle(_COUNT, seed=13, reshuffle_each_iteration=True))
    exchanged = halves.map(
        lambda pair, other: (tf.concat([pair[0][:, :5], other[0][:, 5:]], axis=1), pair[1])
    )
    delta = np.random.default_rng(13).uniform(0.1, 0.2)  # as if drawn by NumPy while `map` traces
    traced = plain.map(lambda image, label: (tf.image.adjust_brightness(image, delta), label))

    def shuffled(dataset):
        return dataset.shuffle(_COUNT, seed=13, reshuffle_each_iteration=True)

    order = (
        "The pictures are the same in each epoch, only their order is another: compare what comes, not in "
        "which place it comes."
    )
    cases = [
        ("augmented anew in each epoch", brighter, False, "The pictures differ: compare two epochs."),
        (
            "augmented, then cached",
            brighter.cache(),
            True,
            "All epochs give the same pictures here. Go through the whole epoch both times: a cache is "
            "filled only when it has been read to its end.",
        ),
        ("augmented, cached, then shuffled anew in each epoch", shuffled(brighter.cache()), True, order),
        ("a change drawn while `map` traced, shuffled anew in each epoch", shuffled(traced), True, order),
        ("shuffled anew in each epoch and never augmented", shuffled(plain), True, order),
        (
            "one class in four augmented anew in each epoch, the others never",
            one_class,
            False,
            "Most pictures stay as they are here, some are new: that is not frozen. Look at all pictures, "
            "and at whether all of them come again.",
        ),
        (
            "mirrored or not, anew in each epoch",
            mirrored,
            False,
            "A mirrored picture has the same mean and the same values as before: compare whole pictures, "
            "pixel by pixel.",
        ),
        (
            "right halves exchanged between the pictures, anew in each epoch",
            exchanged,
            False,
            "All pixels come again, each in its place, but in other pictures: compare whole pictures.",
        ),
        ("augmented anew in each epoch, shuffled", shuffled(brighter), False, "The pictures differ."),
    ]
    for words, dataset, frozen, hint in cases:
        yield words, dataset.batch(8), frozen, hint


def _fresh(dataset, change):
    """`change(image, seed, label)` with another seed for each image in each epoch."""
    seeds = tf.data.Dataset.random(seed=13, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(dataset, seeds).map(
        lambda pair, seed: (change(pair[0], tf.cast(seed, tf.int32), pair[1]), pair[1])
    )


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def weak_check(mix: Callable) -> None:
    """Try a mix on 16 noise images of 16 classes; return what looks wrong, an empty list if nothing does."""
    images = np.random.default_rng(0).integers(0, 256, (16, 24, 32, 3)).astype(np.uint8)
    labels = np.eye(16, dtype=np.float32)
    mixed, mixed_labels = map(np.asarray, mix(tf.constant(images), tf.constant(labels), seed=(13, 0)))
    looks_right = {
        "images keep shape and dtype": mixed.shape == images.shape and mixed.dtype == images.dtype,
        "labels keep their shape": mixed_labels.shape == labels.shape,
        "no share is negative": np.all(mixed_labels >= 0),
        "shares sum to 1": np.allclose(np.sum(mixed_labels, axis=-1), 1),
        "at most two classes in a label": np.all(np.sum(mixed_labels > 0, axis=-1) <= 2),
        "most labels are mixed": np.mean(np.max(mixed_labels, axis=-1) < 1) > 0.5,
        "most images have changed": np.mean([np.any(a != b) for a, b in zip(mixed, images, strict=True)])
        > 0.5,
    }
    return [question for question, answer in looks_right.items() if not answer]


# What makes a mix wrong; the other checks are about input that is refused, or about variety.
_WRONG = ("mixes", "label share", "partners", "repeatable", "seeds differ", "fresh in tf.data")


def slips_past(function: Callable) -> None:
    """Check `slips_past(images, labels, *, seed) -> (images, labels)`: wrong, but not for `weak_check`."""
    noticed = harness.call(lambda: weak_check(function), tried="weak_check(slips_past)")
    if noticed:
        harness.fail(
            tried="weak_check(slips_past)",
            got=f"not so: {'; '.join(noticed)}",
            expected="an empty list: the weak check notices nothing",
            hint="Look at the source of `weak_check`: what does it ask, and what does it never ask?",
        )
    report = checker.check_augmentation(function, kind="mix", draws=16)
    caught = [name for name in report.failed if name in _WRONG]
    if not caught:
        harness.fail(
            tried="check_augmentation(slips_past, kind='mix')",
            got=f"failed: {', '.join(report.failed) or 'nothing'}",
            expected=f"one of {', '.join(_WRONG)} fails",
            hint="It passes the weak check because it is right. Break it where the weak check does not look: "
            "it never compares labels with pixels.",
        )
    harness.passed("Exercise 3: the weak check notices nothing, and yet it is wrong:")
    print(f"  {caught[0]}: {report[caught[0]].evidence.split(' (p =')[0]}.")
    if "label share" not in caught:
        print("  It is not its labels that gave it away. Can you do it with wrong labels alone?")
