"""Plausible wrong answers of lesson 09, and what the check has to say about each."""

import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1: MixUp for a batch -------------------------------------------------------------------------


def drawn(images, alpha, seed):
    """Partner [B] and λ [B], as the course draws them."""
    parameters = mixing.mixup_parameters(images, alpha=alpha, seed=seed)
    return parameters.partner, parameters.lam


def blend(images, labels, partner, lam):
    """A right blend of what it is given; the wrong answers give it something wrong."""
    images, own, of_label = (
        tf.cast(images, tf.float32),
        tf.reshape(lam, [-1, 1, 1, 1]),
        tf.reshape(lam, [-1, 1]),
    )
    mixed = own * images + (1 - own) * tf.gather(images, partner)
    return mixed, of_label * labels + (1 - of_label) * tf.gather(labels, partner)


def numpys_lam(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    lam = np.random.default_rng().beta(alpha, alpha, len(lam)).astype("float32")
    return blend(images, labels, partner, tf.constant(lam))


def with_numpy(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return tf.constant(mixed.numpy()), mixed_labels


def lam_for_each_pixel(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    gammas = tf.random.stateless_gamma(tf.concat([[2], tf.shape(images)], axis=0), seed, alpha)
    own, images = gammas[0] / (gammas[0] + gammas[1]), tf.cast(images, tf.float32)
    return own * images + (1 - own) * tf.gather(images, partner), blend(images, labels, partner, lam)[1]


def seeds_of_another_dtype(images, labels, *, alpha=0.2, seed):
    """The seeds of a pipeline are int64."""
    return blend(images, labels, *drawn(images, alpha, seed + tf.constant([0, 1])))


def without_brackets(images, labels, *, alpha=0.2, seed):
    """The first Gamma divided by itself, plus the second: λ is above 1."""
    partner, lam = drawn(images, alpha, seed)
    first, second = tf.unstack(tf.random.stateless_gamma([2, tf.size(lam)], seed, alpha))
    return blend(images, labels, partner, first / first + second)


# ---- Exercise 2: a coin for every image --------------------------------------------------------------------


def mixes(images, labels, seed):
    """Both mixes of the batch, images in float32."""
    cut, cut_labels = mixing.cutmix(images, labels, seed=seed)
    blended, blended_labels = mixing.mixup(images, labels, seed=seed)
    return tf.cast(cut, tf.float32), cut_labels, blended, blended_labels


def choose(coins, cut, cut_labels, blended, blended_labels, label_coins=None):
    label_coins = coins if label_coins is None else label_coins
    return (
        tf.where(tf.reshape(coins, [-1, 1, 1, 1]), cut, blended),
        tf.where(tf.reshape(label_coins, [-1, 1]), cut_labels, blended_labels),
    )


def toss(seed, count, rate=0.5):
    return tf.random.stateless_uniform([count], seed) < rate


def with_coins(toss_all):
    """An answer that is right but for its coins, `toss_all(seed, count)`."""

    def answer(images, labels, *, seed):
        coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
        return choose(toss_all(coin_seed, tf.shape(images)[0]), *mixes(images, labels, mix_seed))

    return answer


def second_half_falls_otherwise(seed, count):
    coins = toss(seed, (count + 1) // 2)
    return tf.concat([coins, ~coins], axis=0)[:count]


def both_after_one_another(images, labels, *, seed):
    cut_seed, mix_seed = tf.unstack(tf.random.split(seed))
    images, labels = mixing.cutmix(images, labels, seed=cut_seed)
    return mixing.mixup(images, labels, alpha=1.0, seed=mix_seed)


def size_of_the_first_batch(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, 16), *mixes(images, labels, mix_seed))


def cut_with_a_fixed_seed(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, _, _ = mixes(images, labels, (3, 4))
    return choose(toss(coin_seed, tf.shape(images)[0]), cut, cut_labels, *mixes(images, labels, mix_seed)[2:])


def a_third_left_alone(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, blended_labels = mixes(images, labels, mix_seed)
    drawn = tf.random.stateless_uniform([tf.shape(images)[0]], coin_seed)
    mixed, mixed_labels = choose(drawn < 1 / 3, cut, cut_labels, blended, blended_labels)
    return choose(drawn < 2 / 3, mixed, mixed_labels, tf.cast(images, tf.float32), labels)


def blends_of_what_is_cut(images, labels, *, seed):
    """Those that are not cut are blended, but with partners that are."""
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    coins = toss(coin_seed, tf.shape(images)[0])
    cut, cut_labels, _, _ = mixes(images, labels, mix_seed)
    half, half_labels = choose(coins, cut, cut_labels, tf.cast(images, tf.float32), labels)
    blended, blended_labels = mixing.mixup(half, half_labels, alpha=1.0, seed=seed)
    return choose(coins, cut, cut_labels, blended, blended_labels)


def one_if_for_all(images, labels, *, seed):
    """Python's `if` decides for the whole batch."""
    if tf.random.stateless_uniform([], seed) < 0.5:
        cut, cut_labels = mixing.cutmix(images, labels, seed=seed)
        return tf.cast(cut, tf.float32), cut_labels
    return mixing.mixup(images, labels, seed=seed)


def called_anew_for_the_labels(images, labels, *, seed):
    coin_seed, image_seed, label_seed = tf.unstack(tf.random.split(seed, 3))
    cut, _, blended, _ = mixes(images, labels, image_seed)
    _, cut_labels, _, blended_labels = mixes(images, labels, label_seed)
    return choose(toss(coin_seed, tf.shape(images)[0]), cut, cut_labels, blended, blended_labels)


def the_courses(images, labels, *, seed):
    return mixing.cutmix_or_mixup(images, labels, seed=seed)


WRONG = {
    "mixup_batch": [
        ("NumPy's λ", numpys_lam, r"drawn without the seed"),
        ("NumPy", with_numpy, r"(?s)inside of dataset.map.*raised an error.*`\.numpy\(\)`"),
        ("a λ for each pixel", lam_for_each_pixel, r"compare with the\s+formulas"),
        ("seeds of another dtype", seeds_of_another_dtype, r"(?s)raised an error.*int64"),
        ("without brackets", without_brackets, r"compare with the\s+formulas"),
    ],
    "cut_or_blend": [
        ("one if for all", one_if_for_all, r"one coin for the whole batch"),
        ("half of it the other way", with_coins(second_half_falls_otherwise), r"equally many images are cut"),
        ("both, one after the other", both_after_one_another, r"neither what the other one has\s+made"),
        ("size of the first batch", size_of_the_first_batch, r"(?s)raised an error.*as many coins"),
        ("cut with a fixed seed", cut_with_a_fixed_seed, r"same images meet in every batch"),
        ("a third left alone", a_third_left_alone, r"come out as they went in"),
        ("blends of what is cut", blends_of_what_is_cut, r"neither what the other one has\s+made"),
        ("called anew for the labels", called_anew_for_the_labels, r"its label: that of another call"),
        ("the course's", the_courses, r"Give `mixing.cutmix` and `mixing.mixup` all images"),
    ],
}
