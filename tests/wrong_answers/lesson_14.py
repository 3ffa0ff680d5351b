"""Plausible wrong answers of lesson 14, and what the check has to say about each."""

import keras
import numpy as np
import tensorflow as tf

from utils import data, mixing, settings

course = settings.load()
CLASSES = len(data.info(course.dataset, course.classes).class_names)

# ---- Exercise 1: CutMix ------------------------------------------------------------------------------------


def draws(images, seed):
    """Partner [B], λ [B] and the centers [2, B], in shares of the height and of the width."""
    count = tf.shape(images)[0]
    partner_seed, lam_seed, center_seed = tf.unstack(tf.random.split(seed, 3))
    return (
        tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed),
        tf.random.stateless_uniform([count], lam_seed),
        tf.random.stateless_uniform([2, count], center_seed),
    )


def masks(images, lam, center, factor=lambda lam: tf.sqrt(1 - lam)):
    size = tf.cast(tf.shape(images)[1:3], tf.float32)[:, tf.newaxis]
    half = factor(lam) / 2
    start = tf.round(tf.clip_by_value(center - half, 0, 1) * size)
    stop = tf.round(tf.clip_by_value(center + half, 0, 1) * size)
    places = [tf.range(tf.cast(side, tf.float32)) for side in tf.unstack(size[:, 0])]
    rows, columns = (
        (place >= first[:, tf.newaxis]) & (place < last[:, tf.newaxis])
        for place, first, last in zip(places, tf.unstack(start), tf.unstack(stop), strict=True)
    )
    return rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :]


def pasted(images, labels, partner, mask):
    """A right mix of what it is given; the wrong answers give it something wrong."""
    share = tf.reduce_mean(tf.cast(mask, tf.float32), axis=[1, 2])[:, tf.newaxis]
    mixed = tf.where(mask[..., tf.newaxis], tf.gather(images, partner), images)
    return mixed, (1 - share) * labels + share * tf.gather(labels, partner)


def one_box_for_all(images, labels, *, seed):
    """As in the paper's code."""
    partner, lam, center = draws(images, seed)
    mask = masks(images, 0 * lam + lam[0], 0 * center + center[:, :1])
    return pasted(images, labels, partner, mask)


def one_lam_for_all(images, labels, *, seed):
    partner, lam, center = draws(images, seed)
    return pasted(images, labels, partner, masks(images, 0 * lam + lam[0], center))


def one_center_for_all(images, labels, *, seed):
    partner, lam, center = draws(images, seed)
    return pasted(images, labels, partner, masks(images, lam, 0 * center + center[:, :1]))


def row_and_column_with_one_seed(images, labels, *, seed):
    partner, lam, center = draws(images, seed)
    return pasted(images, labels, partner, masks(images, lam, tf.stack([center[0], center[0]])))


def one_seed_for_all_draws(images, labels, *, seed):
    count = tf.shape(images)[0]
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), seed)
    lam, row, column = (tf.random.stateless_uniform([count], seed) for _ in range(3))
    return pasted(images, labels, partner, masks(images, lam, tf.stack([row, column])))


def without_root(images, labels, *, seed):
    partner, lam, center = draws(images, seed)
    return pasted(images, labels, partner, masks(images, lam, center, lambda lam: 1 - lam))


def alpha_not_used(images, labels, *, seed, alpha=1.0):
    return mixing.cutmix(images, labels, seed=seed)


def seed_fixed(images, labels, *, seed):
    partner, lam, center = draws(images, tf.constant([1, 2]))
    return pasted(images, labels, partner, masks(images, lam, center))


def partners_rolled(images, labels, *, seed):
    _, lam, center = draws(images, seed)
    partner = tf.roll(tf.range(tf.shape(images)[0]), 1, axis=0)
    return pasted(images, labels, partner, masks(images, lam, center))


def float_images(images, labels, *, seed):
    return mixing.cutmix(tf.cast(images, tf.float32), labels, seed=seed)


# ---- Exercise 2: MixUp -------------------------------------------------------------------------------------


def mixup_without_alpha(images, labels, *, seed):
    return mixing.mixup(images, labels, seed=seed)


def cutmix_again(images, labels, *, seed, alpha=0.2):
    mixed, labels = mixing.cutmix(images, labels, alpha=alpha, seed=seed)
    return tf.cast(mixed, tf.float32), labels


# ---- Exercise 3: one training by hand ----------------------------------------------------------------------


def encoded(image, label):
    return image, tf.one_hot(label, CLASSES)


def fresh(count=2):
    return tf.data.Dataset.random(seed=14, rerandomize_each_iteration=True).batch(count)


def mixed_by(mix, batches, seeds=None):
    """The batches, mixed unless `mix` is None."""
    if mix is None:
        return batches
    pairs = tf.data.Dataset.zip(batches, seeds or fresh())
    return pairs.map(lambda batch, seed: mix(*batch, seed=seed))


def shuffled(train):
    return train.map(encoded).cache().shuffle(len(train)).batch(course.batch_size, drop_remainder=True)


def judged(validation):
    return validation.map(encoded).batch(course.batch_size)


def compiled(loss="categorical_crossentropy", metrics=("accuracy",)):
    """A network with two branches: made in a moment, unlike a whole ResNet."""
    keras.utils.set_random_seed(14)
    images = keras.Input([course.image_size, course.image_size, 3])
    features = keras.layers.Conv2D(8, 3, padding="same")(images)
    features += keras.layers.Conv2D(8, 3, padding="same")(features)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    model = keras.Model(images, keras.layers.Dense(CLASSES, "softmax")(pooled))
    model.compile(keras.optimizers.Adam(course.learning_rate), loss, metrics=list(metrics))
    return model


def trained(batches, validation_batches, epochs, model=None):
    model = model or compiled()
    return model, model.fit(batches, validation_data=validation_batches, epochs=epochs, verbose=0)


def mix_before_one_hot(train, validation, mix, epochs):
    batches = mixed_by(mix, train.cache().shuffle(len(train)).batch(course.batch_size))
    return trained(batches.map(encoded), judged(validation), epochs)


def class_numbers(train, validation, mix, epochs):
    batches = mixed_by(mix, train.cache().shuffle(len(train)).batch(course.batch_size))
    model = compiled("sparse_categorical_crossentropy")
    return trained(batches, validation.batch(course.batch_size), epochs, model)


def seed_of_numpy(train, validation, mix, epochs):
    """Drawn once, while `map` traces the function."""
    batches = shuffled(train)
    if mix is not None:
        batches = batches.map(
            lambda images, labels: mix(images, labels, seed=np.random.randint(9999, size=2))
        )
    return trained(batches, judged(validation), epochs)


def seeds_counted(train, validation, mix, epochs):
    """The count starts anew with each epoch."""
    seeds = tf.data.Dataset.counter().map(lambda number: tf.stack([number, 14]))
    return trained(mixed_by(mix, shuffled(train), seeds), judged(validation), epochs)


def seeds_drawn_in_map(train, validation, mix, epochs):
    """A global seed, which the trainings set, lets every epoch draw the same."""
    keras.utils.set_random_seed(14)
    batches = shuffled(train)
    if mix is not None:
        batches = batches.map(
            lambda *batch: mix(*batch, seed=tf.random.uniform([2], maxval=2**31 - 1, dtype=tf.int32))
        )
    return trained(batches, judged(validation), epochs)


def shuffle_before_cache(train, validation, mix, epochs):
    batches = train.map(encoded).shuffle(len(train)).cache().batch(course.batch_size)
    return trained(mixed_by(mix, batches), judged(validation), epochs)


def repeated_without_end(train, validation, mix, epochs):
    return trained(mixed_by(mix, shuffled(train).repeat()), judged(validation), epochs)


def splits_swapped(train, validation, mix, epochs):
    return trained(mixed_by(mix, shuffled(validation)), judged(train), epochs)


def fit_in_a_loop(train, validation, mix, epochs):
    model = compiled()
    for _ in range(epochs):
        history = model.fit(mixed_by(mix, shuffled(train)), validation_data=judged(validation))
    return model, history


def no_metrics(train, validation, mix, epochs):
    return trained(mixed_by(mix, shuffled(train)), judged(validation), epochs, compiled(metrics=()))


def metrics_by_their_place(train, validation, mix, epochs):
    """The third argument of `compile` is `loss_weights`."""
    model = compiled()
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, "categorical_crossentropy", ["accuracy"])
    return trained(mixed_by(mix, shuffled(train)), judged(validation), epochs, model)


def rows_of_ten(train, validation, mix, epochs):
    splits = (split.map(lambda image, label: (image, tf.one_hot(label, 10))) for split in (train, validation))
    train, validation = (split.batch(course.batch_size) for split in splits)
    return trained(mixed_by(mix, train.unbatch().shuffle(999).batch(64)), validation, epochs)


WRONG = {
    "my_cutmix": [
        ("one box for all", one_box_for_all, r"a λ, a row and a column of its own"),
        ("one λ for all", one_lam_for_all, r"made from one λ"),
        ("one center for all", one_center_for_all, r"have the same center"),
        ("one seed for row and column", row_and_column_with_one_seed, r"row and the column .* are one draw"),
        ("one seed for all draws", one_seed_for_all_draws, r"are one draw"),
        ("no root", without_root, r"boxes have other sizes"),
        ("alpha not used", alpha_not_used, r"(?s)alpha=0\.3.*`alpha` is the α"),
        ("seed fixed", seed_fixed, r"Is `seed` used at all"),
        ("partners rolled", partners_rolled, r"equally likely as a partner"),
        ("float images", float_images, r"no cast is needed"),
    ],
    "my_mixup": [
        ("no alpha", mixup_without_alpha, r"(?s)argument 'alpha'.*`alpha` is not used"),
        ("CutMix again", cutmix_again, r"blend"),
    ],
    "train_by_hand": [
        ("mixed before one-hot", mix_before_one_hot, r"`tf\.one_hot` comes before the mix"),
        ("class numbers", class_numbers, r"Labels can only be mixed as rows"),
        ("one seed of NumPy", seed_of_numpy, r"mixed with one seed"),
        ("seeds counted", seeds_counted, r"repeats the draws of the first"),
        ("seeds drawn in map", seeds_drawn_in_map, r"repeats the draws of the first"),
        ("shuffle before cache", shuffle_before_cache, r"`shuffle` after `cache`"),
        ("repeated without end", repeated_without_end, r"Do not repeat them"),
        ("splits swapped", splits_swapped, r"Validation images are among"),
        ("fit in a loop", fit_in_a_loop, r"(?s)3 calls of `model\.fit`.*all epochs by itself"),
        ("no metrics", no_metrics, r"accuracy is not measured"),
        ("metrics by their place", metrics_by_their_place, r"loss and\s+metrics by their names"),
        ("rows of ten", rows_of_ten, r"has a place for each class"),
    ],
}
