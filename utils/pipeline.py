"""From a data set to batches: cache, shuffle, batch, augment, mix, prefetch, in this order.

`cache` stands before everything random, so that each epoch sees new augmentations. `shuffle` works on
single images, so that each epoch has other batches. Augmentation works on whole batches, which is
faster, and draws for every image on its own.
"""

import reprlib
from collections.abc import Callable, Sequence

import tensorflow as tf

from utils import inputs
from utils.contracts import Augmentation, Mix

Batch = tuple[tf.Tensor, tf.Tensor]
_TAKER = "The pipeline"
_IMAGE = [None, None, 3]


def transform(augment: Augmentation | None, mix: Mix | None) -> Callable[[Batch, tf.Tensor], Batch]:
    """Return a function (batch, seed) -> batch that augments and then mixes; each may be None."""

    def apply(batch, seed):
        images, labels = batch
        augment_seed, mix_seed = tf.unstack(tf.random.split(tf.cast(seed, tf.int32), 2))
        if augment is not None:
            images = augment(images, seed=augment_seed)
        if mix is not None:
            images, labels = mix(images, labels, seed=mix_seed)
        return images, labels

    return apply


def chain(augments: Sequence[Augmentation]) -> Augmentation:
    """Return one augmentation that applies `augments` in order, each with a seed of its own."""

    def apply(images, *, seed):
        seeds = tf.unstack(tf.random.split(inputs.checked_seed(seed), len(augments)))
        for one, own_seed in zip(augments, seeds, strict=True):
            images = one(images, seed=own_seed)
        return images

    return apply


def training_batches(
    dataset: tf.data.Dataset,
    *,
    batch_size: int,
    num_classes: int,
    augment: Augmentation | None = None,
    mix: Mix | None = None,
    seed: int = 0,
) -> tf.data.Dataset:
    """Return the batches of one epoch; each time they are iterated, the next epoch.

    Args:
        dataset: (image [H, W, 3], label), of known size. Images are uint8, or float in 0-255: a data set of
            floats is opened once more, for a look at its first image. Labels are integers from 0 to K - 1.
        batch_size: images per batch.
        num_classes: number of classes K, at least two.
        augment: `augment(images, *, seed) -> images`, or None.
        mix: `mix(images, labels, *, seed) -> (images, labels)`, or None.
        seed: fixes the order of the images and everything that `augment` and `mix` draw. The order is the
            same whatever `augment` and `mix` are. (TensorFlow adds the global seed of `tf.random.set_seed`
            to it, where a program sets one.)

    Returns:
        Batches (images [B, H, W, 3] in 0-255, labels float32 [B, K]). The last images of an epoch that do
        not fill a batch are left out (others each epoch), so that every step weighs the same. A data set
        smaller than one batch gives one batch of its size.

    Raises:
        ValueError: for a data set that is not as above, in one sentence. What only the values tell, such as a
            label out of range, is raised by the batches as `tf.errors.InvalidArgumentError`.
    """
    dataset = _one_hot(dataset, batch_size, num_classes)
    size = int(dataset.cardinality())
    batches = (
        dataset.cache()
        .shuffle(size, seed=seed, reshuffle_each_iteration=True)
        .batch(min(batch_size, size), drop_remainder=True)
    )
    if augment is not None or mix is not None:
        # Every batch gets a stateless seed of its own, new in each epoch.
        numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
        batches = tf.data.Dataset.zip(batches, numbers).map(
            transform(augment, mix), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
    return batches.prefetch(tf.data.AUTOTUNE)


def evaluation_batches(dataset: tf.data.Dataset, *, batch_size: int, num_classes: int) -> tf.data.Dataset:
    """Return batches (images [B, H, W, 3], labels float32 [B, K]): every image once, in order.

    There is no parameter for augmentation: evaluation data are never augmented. The arguments, and what is
    raised, are as for `training_batches`.
    """
    dataset = _one_hot(dataset, batch_size, num_classes)
    return dataset.batch(batch_size).cache().prefetch(tf.data.AUTOTUNE)


# ---- refusing ---------------------------------------------------------------------------------------------


def _one_hot(dataset, batch_size, num_classes):
    """Return the data set with one-hot labels, or say in one sentence why it cannot be used."""
    inputs.check_count(batch_size, 1, "batch_size must be an integer of at least 1")
    inputs.check_count(num_classes, 2, "num_classes must be an integer, at least two")
    _check_dataset(dataset)
    image, label = dataset.element_spec
    _check_elements(image, label, num_classes)
    if image.dtype.is_floating:
        inputs.check_range(next(iter(dataset.take(1)))[0], _TAKER)

    def apply(image, label):
        image = inputs.shaped(image, _IMAGE, "An image of the data set is not [H, W, 3], a color image.")
        label = inputs.shaped(label, [], "A label of the data set is not a single number.")
        number = tf.cast(label, tf.int64)
        number = inputs.given(
            number,
            (number >= 0) & (number < num_classes),
            f"A label of the data set is not one of 0 to {num_classes - 1}, for {num_classes} classes: count "
            "classes from 0, or mend num_classes.",
        )
        return image, tf.one_hot(number, num_classes)

    return dataset.map(apply)


def _check_dataset(dataset):
    if not isinstance(dataset, tf.data.Dataset):
        raise ValueError(
            f"{_TAKER} takes a tf.data.Dataset, not {type(dataset).__name__}: make one with "
            "tf.data.Dataset.from_tensor_slices((images, labels))."
        )
    size = int(dataset.cardinality())
    if size == 0:
        raise ValueError("The data set is empty: see what it was made from, or what filtered it.")
    if size < 0:
        kind = "infinite" if size == tf.data.INFINITE_CARDINALITY else "unknown"
        raise ValueError(
            f"The size of the data set is {kind}: end an infinite one with take(n), and tell an unknown size "
            "by dataset.apply(tf.data.experimental.assert_cardinality(n))."
        )
    spec = dataset.element_spec
    is_pair = isinstance(spec, tuple) and len(spec) == 2
    if not is_pair or not all(isinstance(each, tf.TensorSpec) for each in spec):
        raise ValueError(
            f"{_TAKER} takes pairs of tensors (image, label), not {reprlib.repr(spec)}: choose them with "
            "dataset.map."
        )


def _check_elements(image, label, num_classes):
    if not image.shape.is_compatible_with(_IMAGE):
        remedy = "give single images, without batch()"
        if image.shape.rank == 3:
            remedy = inputs.color_remedy(image.shape[-1])
        raise ValueError(f"{_TAKER} takes color images [H, W, 3], not shape {image.shape}: {remedy}.")
    if image.dtype != tf.uint8 and not image.dtype.is_floating:
        raise ValueError(
            f"{_TAKER} takes uint8 images, or floats in 0-255, not {image.dtype.name}: use tf.cast."
        )
    if label.shape.is_compatible_with([]) and label.dtype.is_integer:
        return
    remedy = "use tf.cast(label, tf.int64)"
    if label.dtype == tf.string:
        remedy = "give the names of classes numbers"
    elif label.shape.rank:
        remedy = (
            "take the number out of its axis"
            if label.shape[-1] == 1
            else "they are one-hot already, so use tf.argmax(label, axis=-1)"
        )
    raise ValueError(
        f"{_TAKER} takes labels that are integers from 0 to {num_classes - 1}, not {label.dtype.name} of "
        f"shape {label.shape}: {remedy}."
    )
