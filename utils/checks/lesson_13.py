"""The checks of lesson 13: labels that follow pixels, a frozen pipeline."""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from utils import mixing
from utils.checks import harness, tables


def _given(words, argument):
    def use(function):
        return {words: harness.call(function, argument, tried=f"{harness.name_of(function)}, {words}")}

    return tables.Try(f", {words}", use)


def _verdict(answer):
    """One verdict, True or False; each try has a fact of its own, so that a hint may fit a single one."""
    ((words, verdict),) = answer.items()
    value = np.asarray(verdict)
    if value.shape != () or value.dtype != bool:
        raise ValueError("this is no verdict")
    return {words: bool(value)}


_ONE_VERDICT = (
    "Return one verdict for all, True or False: `np.array_equal` gives one, `==` on arrays gives many."
)


# ---- Exercise 1 --------------------------------------------------------------------------------------------


@functools.cache
def _measured(mix, number):
    """The shares of the pixels [16, 16] and the labels [16, 16] of a batch."""
    numbers = np.arange(1, 17)
    images = np.broadcast_to(numbers[:, None, None, None], (16, 24, 24, 3)).astype(np.uint8)
    mixed, labels = mix(tf.constant(images), tf.eye(16), seed=(13, number))
    return (np.asarray(mixed)[..., :1] == numbers).mean(axis=(1, 2)), np.asarray(labels)


def the_courses_verdict_on_labels(
    mix: Callable,
    *,
    batches=5,
    differ=lambda shares, labels: np.abs(shares - labels).max(),
    tolerance=1e-3,
) -> bool:
    """The right verdict: whether the labels of a mix follow its pixels."""
    return all(differ(*_measured(mix, number)) <= tolerance for number in range(batches))


def _planted(defect):
    """A mix whose pixels are right and whose labels come from `defect`."""

    def mix(images, labels, *, seed):
        images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
        mixed, right = mixing.cutmix(images, labels, seed=seed)
        return mixed, defect(labels, right, mixing.cutmix_parameters(images, seed=seed), seed)

    return mix


def _shares(own, labels, partner):
    own = tf.cast(own, labels.dtype)[:, tf.newaxis]
    return own * labels + (1 - own) * tf.gather(labels, partner)


def _before_clipping(labels, right, drawn, seed):
    return _shares(drawn.lam, labels, drawn.partner)


def _spread(labels, right, drawn, seed):
    """The rest goes to all other classes alike."""
    own = tf.reduce_sum(labels * right, axis=1, keepdims=True)
    others = (1 - labels) / tf.cast(tf.shape(labels)[1] - 1, labels.dtype)
    return own * labels + (1 - own) * others


def _rarely_wrong(labels, right, drawn, seed):
    rare = tf.random.stateless_uniform([tf.size(drawn.partner), 1], seed) < 0.1
    return tf.where(rare, _before_clipping(labels, right, drawn, seed), right)


@functools.cache  # the same mixes for all mistakes: what they do is measured once
def _mixes_tried():
    wrong = {
        "labels as they came": lambda labels, *_: labels,
        "one label for all images": lambda labels, right, *_: tf.zeros_like(right) + right[:1],
        "labels that count the box before it is clipped": _before_clipping,
        "the two shares swapped": lambda labels, right, drawn, _: _shares(
            1 - drawn.share, labels, drawn.partner
        ),
        "the right share for the own class, and the rest for all others alike": _spread,
        "labels that are 0.003 off": lambda labels, right, drawn, _: _shares(
            tf.maximum(drawn.share - 0.003, 0), labels, drawn.partner
        ),
        "one label in ten wrong": _rarely_wrong,
    }
    right = {
        "half of the images not mixed": mixing.sometimes(mixing.cutmix, 0.5),
        "very small and very large boxes": functools.partial(mixing.cutmix, alpha=0.1),
    }
    mixes = {"mixing.cutmix, which is right": mixing.cutmix}
    mixes |= {words: _planted(defect) for words, defect in wrong.items()}
    mixes |= {f"a right mix, {words}": mix for words, mix in right.items()}
    return [_given(f"given a mix: {words}", mix) for words, mix in mixes.items()]


labels_follow_pixels = tables.Table(
    title="Exercise 1: your check catches 7 planted defects and accepts 3 right mixes.",
    right=the_courses_verdict_on_labels,
    tries=_mixes_tried,
    read=_verdict,
    mistakes={
        "A right mix is refused. Does each pixel tell beyond doubt whose it is? (Photographs share colors.) "
        "Is there room for rounding, 0.001? Is each image compared with its own label?": {"tolerance": 0},
        "The tolerance is too large: 0.001 is asked for. It holds for each label, not for their mean.": {
            "tolerance": 0.02
        },
        "A rare mistake needs many images: a larger batch, more seeds. One wrong label is enough.": {
            "batches": 1
        },
        "The shares are right, but they belong to another class: compare class by class.": {
            "differ": lambda shares, labels: np.abs(np.sort(shares) - np.sort(labels)).max()
        },
        "The own share alone does not tell: compare the shares of all classes.": {
            "differ": lambda shares, labels: np.abs(np.diag(shares - labels)).max()
        },
        "The right classes are not enough: count the pixels that were really pasted.": {
            "differ": lambda shares, labels: np.any((shares > 0) != (labels > 1e-6))
        },
        "Compare the shares of the pixels with those in the labels, not the labels with each other.": {
            "differ": lambda shares, labels: np.abs(labels.sum(axis=1) - 1).max()
        },
    },
    form=_ONE_VERDICT,
    otherwise="Take two images of one color each, mix them, and work out by hand what the labels should be.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_COUNT = 25  # images, in batches of 8: the last batch has one


def the_courses_verdict_on_epochs(
    batches: tf.data.Dataset,
    *,
    pictures=lambda batches: [image.numpy() for images, _ in batches for image in images],
    epochs=lambda batches, pictures: (pictures(batches), pictures(batches)),
    value=lambda image: image.tobytes(),
    alike=lambda first, second: sorted(first) == sorted(second),
    answer=bool,
) -> bool:
    """The right verdict: whether two epochs have the same pictures."""
    first, second = ([value(image) for image in epoch] for epoch in epochs(batches, pictures))
    return answer(alike(first, second))


def _fresh(dataset, change):
    """`change(image, label, seed)` with another seed for each image in each epoch."""
    seeds = tf.data.Dataset.random(seed=13, rerandomize_each_iteration=True).batch(2)
    pairs = tf.data.Dataset.zip(dataset, seeds)
    return pairs.map(lambda pair, seed: (change(*pair, tf.cast(seed, tf.int32)), pair[1]))


def _brighter(image, label, seed):
    return tf.image.stateless_random_brightness(image, 0.2, seed)


def _pipelines_tried():
    pictures = np.random.default_rng(13).integers(60, 196, (_COUNT, 6, 10, 3)).astype(np.uint8)
    plain = tf.data.Dataset.from_tensor_slices((pictures, np.arange(_COUNT) % 4))
    pipelines = {
        "augmented anew in each epoch": _fresh(plain, _brighter),
        "augmented, then cached": _fresh(plain, _brighter).cache(),
        "shuffled anew in each epoch, and never augmented": plain.shuffle(_COUNT),
        "one class in four augmented anew in each epoch, the others never": _fresh(
            plain, lambda image, label, seed: _brighter(image, label, seed) if label == 3 else image
        ),
        "mirrored or not, anew in each epoch": _fresh(
            plain, lambda image, label, seed: tf.image.stateless_random_flip_left_right(image, seed)
        ),
    }
    return [_given(f"given batches: {words}", dataset.batch(8)) for words, dataset in pipelines.items()]


is_frozen = tables.Table(
    title="Exercise 2: a frozen pipeline is told from a fresh one, in any order of the pictures.",
    right=the_courses_verdict_on_epochs,
    tries=_pipelines_tried,
    read=_verdict,
    mistakes={
        "The pictures are the same in each epoch, only their order is another: compare what comes, not in "
        "which place.": {"alike": lambda first, second: first == second},
        "Go through the whole epoch both times. A cache is filled only when it has been read to its end, and "
        "a shuffled epoch begins with other pictures.": {
            "pictures": lambda batches: [image.numpy() for image in next(iter(batches))[0]]
        },
        "A mirrored picture has the same mean and the same values as before: compare whole pictures, pixel "
        "by pixel.": {"value": lambda image: image.mean()},
        "Most pictures stay as they are here, some are new: that is not frozen. All must come again.": {
            "alike": lambda first, second: bool(set(first) & set(second))
        },
        "The pictures differ between the epochs: compare two epochs, not one with itself.": {
            "epochs": lambda batches, pictures: [pictures(batches)] * 2
        },
        "True and False have changed places: frozen are the same pictures.": {
            "answer": lambda alike: not alike
        },
    },
    form=_ONE_VERDICT,
    otherwise="Print what you compare, for two epochs of a pipeline that you know to be frozen.",
)
