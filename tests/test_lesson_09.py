"""Lesson 09: its checks take right answers however they are written; `fit` gets the student's functions."""

import keras
import lesson_spies
import pytest
import tensorflow as tf

from utils import mixing
from utils.checks import lesson_09

# ---- right answers ----------------------------------------------------------------------------------------


def moved_towards_the_partner(images, labels, *, alpha=0.2, seed):
    """Partners are drawn one by one, so that two images may have the same."""
    count = tf.shape(labels)[0]
    partner = tf.random.stateless_uniform([count], seed + 1, 0, count, tf.int32)
    first, second = tf.unstack(tf.random.stateless_gamma([2, count], seed, alpha))
    away = second / (first + second)

    def move(values):
        weight = tf.reshape(away, [-1] + [1] * (len(values.shape) - 1))
        return values + weight * (tf.gather(values, partner) - values)

    return move(tf.cast(images, tf.float32)), move(labels)


def image_by_image_in_a_graph(images, labels, *, alpha=0.2, seed):
    drawn = mixing.mixup_parameters(images, alpha=alpha, seed=seed)

    def one(arguments):
        image, label, other, other_label, lam = arguments
        image, other = tf.cast(image, tf.float32), tf.cast(other, tf.float32)
        return lam * image + (1 - lam) * other, lam * label + (1 - lam) * other_label

    arguments = (
        images,
        labels,
        tf.gather(images, drawn.partner),
        tf.gather(labels, drawn.partner),
        drawn.lam,
    )
    return tf.map_fn(one, arguments, fn_output_signature=(tf.float32, labels.dtype))


def by_a_matrix(images, labels, *, alpha=0.2, seed):
    """A row of the matrix holds the weights of all images; how far the batch is rolled is drawn."""
    count = tf.shape(images)[0]
    lam = mixing.mixup_parameters(images, alpha=alpha, seed=seed).lam
    shift = tf.random.stateless_uniform([], seed, 1, count, tf.int32)
    weights = tf.linalg.diag(lam) + tf.roll(tf.linalg.diag(1 - lam), shift, axis=1)
    flat = tf.reshape(tf.cast(images, tf.float32), [count, -1])
    return tf.reshape(weights @ flat, tf.shape(images)), weights @ labels


def with_keras_operations(images, labels, *, alpha=0.2, seed):
    drawn = mixing.mixup_parameters(images, alpha=alpha, seed=seed)
    lam = keras.ops.expand_dims(drawn.lam, -1)
    mixed_labels = lam * labels + (1 - lam) * keras.ops.take(labels, drawn.partner, axis=0)
    lam, images = lam[..., None, None], keras.ops.cast(images, "float32")
    return lam * images + (1 - lam) * keras.ops.take(images, drawn.partner, axis=0), mixed_labels


def shuffled_with_one_seed(images, labels, *, alpha=0.2, seed):
    """Images and labels themselves are shuffled, alike; the image that came in keeps 1 − λ."""
    partner_seed, lam_seed = tf.unstack(tf.random.split(seed))
    shuffle = tf.random.experimental.stateless_shuffle
    gammas = tf.random.stateless_gamma([tf.shape(images)[0], 2], lam_seed, alpha)
    lam = (gammas[:, 0] / tf.reduce_sum(gammas, axis=1))[:, tf.newaxis]
    images = tf.cast(images, tf.float32)
    of_images = lam[:, :, tf.newaxis, tf.newaxis]
    mixed = of_images * shuffle(images, partner_seed) + (1 - of_images) * images
    return mixed, lam * shuffle(labels, partner_seed) + (1 - lam) * labels


def along_the_last_axis(images, labels, *, alpha=0.2, seed):
    """The batch is moved to the end, where λ meets it without an axis of its own; in float64."""
    drawn = mixing.mixup_parameters(images, alpha=alpha, seed=seed)
    lam = tf.cast(drawn.lam, tf.float64)

    def mix(values):
        turned = tf.transpose(tf.cast(values, tf.float64))
        mixed = lam * turned + (1 - lam) * tf.gather(turned, drawn.partner, axis=-1)
        return tf.cast(tf.transpose(mixed), tf.float32)

    return mix(images), mix(labels)


RIGHT_MIXES = [
    moved_towards_the_partner,
    image_by_image_in_a_graph,
    by_a_matrix,
    with_keras_operations,
    shuffled_with_one_seed,
    along_the_last_axis,
    tf.function(shuffled_with_one_seed),
    mixing.mixup,
]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT_MIXES)
def test_a_right_mix_passes_however_it_is_written(answer, capsys):
    lesson_09.mixup_batch(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def _coins(count, seed):
    return tf.random.stateless_uniform([count], seed) >= 0.5


def by_arithmetic(images, labels, *, seed):
    """Both mixes have seeds of their own, so their partners differ."""
    coin_seed, cut_seed, blend_seed = tf.unstack(tf.random.split(seed, 3))
    cut, cut_labels = mixing.cutmix(tf.cast(images, tf.float32), labels, seed=cut_seed)
    blended, blended_labels = mixing.mixup(images, labels, seed=blend_seed)
    one = tf.cast(_coins(tf.shape(images)[0], coin_seed), tf.float32)[:, tf.newaxis]
    mixed_labels = one * cut_labels + (1 - one) * blended_labels
    one = one[..., tf.newaxis, tf.newaxis]
    return one * cut + (1 - one) * blended, mixed_labels


def by_picking_rows(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    both = mixing.cutmix(images, labels, seed=mix_seed), mixing.mixup(images, labels, seed=mix_seed)
    count = tf.shape(images)[0]
    choice = tf.random.stateless_uniform([count], coin_seed, 0, 2, tf.int32)
    rows = tf.stack([choice, tf.range(count)], axis=1)
    return tuple(
        tf.gather_nd(tf.stack([tf.cast(part, tf.float32) for part in parts]), rows)
        for parts in zip(*both, strict=True)
    )


def coins_in_the_shapes_that_choose(images, labels, *, seed):
    """One seed tosses the same coins twice, in two shapes; both mixes use it, too."""
    count = tf.shape(images)[0]
    for_images, for_labels = (
        tf.random.stateless_uniform(shape, seed) > 0.5 for shape in ([count, 1, 1, 1], [count, 1])
    )
    cut, cut_labels = mixing.cutmix(images, labels, seed=seed)
    blended, blended_labels = mixing.mixup(images, labels, alpha=0.4, seed=seed)
    mixed = tf.where(for_images, blended, tf.cast(cut, tf.float32))
    return mixed, tf.where(for_labels, blended_labels, cut_labels)


def image_by_image_with_cond(images, labels, *, seed):
    coin_seed, cut_seed, blend_seed = tf.unstack(tf.random.split(seed, 3))
    cut, cut_labels = mixing.cutmix(tf.cast(images, tf.float32), labels, seed=cut_seed)
    blended, blended_labels = mixing.mixup(images, labels, seed=blend_seed)

    def one(parts):
        coin, cut, cut_label, blend, blend_label = parts
        return tf.cond(coin, lambda: (cut, cut_label), lambda: (blend, blend_label))

    parts = (_coins(tf.shape(images)[0], coin_seed), cut, cut_labels, blended, blended_labels)
    return tf.map_fn(one, parts, fn_output_signature=(tf.float32, labels.dtype))


RIGHT_CHOICES = [
    by_arithmetic,
    by_picking_rows,
    coins_in_the_shapes_that_choose,
    image_by_image_with_cond,
    tf.function(by_picking_rows),
]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT_CHOICES)
def test_a_right_choice_passes_however_it_is_written(answer, capsys):
    lesson_09.cut_or_blend(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_functions_make():
    def marking(function):
        def mix(images, labels, *, seed, **options):
            mixed, mixed_labels = function(images, labels, seed=seed, **options)
            return mixed + 1000.0, mixed_labels

        return mix

    changes = {"mixup_batch": marking, "cut_or_blend": marking}
    without = ("cross_entropy = keras", "ALPHAS =", "reference", "print_confidence")  # train nothing
    batches = lesson_spies.first_batches(9, 4, changes, without)
    assert [images.min() >= 1000 for images, _ in batches] == [False, True, False, True]
    assert [((labels > 0).sum(axis=1) > 1).any() for _, labels in batches] == [False, True, True, True]
