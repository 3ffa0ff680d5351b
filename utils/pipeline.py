"""From a data set to batches: cache, shuffle, batch, augment, mix, prefetch, in this order.

`cache` stands before everything random, so that each epoch sees new augmentations. `shuffle` works on
single images, so that each epoch has other batches. Augmentation works on whole batches, which is
faster, and draws for every image on its own.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from utils.contracts import Augmentation, Mix

Batch = tuple[tf.Tensor, tf.Tensor]


def _one_hot(num_classes):
    return lambda image, label: (image, tf.one_hot(label, num_classes))


def _with_seeds(batches, seed):
    """Pair every batch with a stateless seed (shape [2]) of its own, new in each epoch."""
    numbers = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    return tf.data.Dataset.zip(batches, numbers.batch(2))


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
        for one, own_seed in zip(augments, tf.unstack(tf.random.split(seed, len(augments))), strict=True):
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
        dataset: (uint8 [H, W, 3], int64 label), of known size.
        batch_size: images per batch.
        num_classes: number of classes K.
        augment: `augment(images, *, seed) -> images`, or None.
        mix: `mix(images, labels, *, seed) -> (images, labels)`, or None.
        seed: fixes the order of the images and everything that `augment` and `mix` draw. The order is the
            same whatever `augment` and `mix` are. (TensorFlow adds the global seed of `tf.random.set_seed`
            to it, where a program sets one.)

    Returns:
        Batches (images [B, H, W, 3] in 0-255, labels float32 [B, K]). The last images of an epoch that do
        not fill a batch are left out (others each epoch), so that every step weighs the same. A data set
        smaller than one batch gives one batch of its size.
    """
    size = int(dataset.cardinality())
    batches = (
        dataset.map(_one_hot(num_classes))
        .cache()
        .shuffle(size, seed=seed, reshuffle_each_iteration=True)
        .batch(min(batch_size, size), drop_remainder=True)
    )
    if augment is not None or mix is not None:
        batches = _with_seeds(batches, seed).map(
            transform(augment, mix), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
    return batches.prefetch(tf.data.AUTOTUNE)


def evaluation_batches(dataset: tf.data.Dataset, *, batch_size: int, num_classes: int) -> tf.data.Dataset:
    """Return batches (images uint8 [B, H, W, 3], labels float32 [B, K]): every image once, in order.

    There is no parameter for augmentation: evaluation data are never augmented.
    """
    return dataset.batch(batch_size).map(_one_hot(num_classes)).cache().prefetch(tf.data.AUTOTUNE)
