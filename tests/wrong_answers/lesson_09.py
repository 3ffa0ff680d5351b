"""Plausible wrong answers of lesson 09, and what the check has to say about each."""

import random

import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1: MixUp for a batch -------------------------------------------------------------------------


def drawn(images, alpha, seed):
    """Partner [B] and λ [B], as the course draws them."""
    parameters = mixing.mixup_parameters(images, alpha=alpha, seed=seed)
    return parameters.partner, parameters.lam


def blend(images, labels, partner, lam, label_lam=None, label_partner=None):
    """A right blend of what it is given; the wrong answers give it something wrong."""
    label_lam = tf.reshape(lam if label_lam is None else label_lam, [-1, 1])
    label_partner = partner if label_partner is None else label_partner
    images, lam = tf.cast(images, tf.float32), tf.reshape(lam, [-1, 1, 1, 1])
    return (
        lam * images + (1 - lam) * tf.gather(images, partner),
        label_lam * labels + (1 - label_lam) * tf.gather(labels, label_partner),
    )


def without_cast(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    lam = tf.reshape(lam, [-1, 1, 1, 1])
    return lam * images + (1 - lam) * tf.gather(images, partner), labels


def without_axes(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    images = tf.cast(images, tf.float32)
    return lam * images + (1 - lam) * tf.gather(images, partner), labels


def labels_without_axes(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    mixed, _ = blend(images, labels, partner, lam)
    return mixed, lam * labels + (1 - lam) * tf.gather(labels, partner)


def labels_the_other_way_round(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_lam=1 - lam)


def another_lam_for_the_labels(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    _, label_lam = drawn(images, alpha, seed + 1)
    return blend(images, labels, partner, lam, label_lam=label_lam)


def lam_of_the_partner(images, labels, *, alpha=0.2, seed):
    """The λ of the labels is fetched with the partners, too."""
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_lam=tf.gather(lam, partner))


def one_for_all(images, labels, *, alpha=0.2, seed):
    """As in the paper's code."""
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.fill(tf.shape(lam), lam[0]))


def first_lam_for_the_pixels(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.fill(tf.shape(lam), lam[0]), label_lam=lam)


def mean_lam(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.fill(tf.shape(lam), tf.reduce_mean(lam)))


def labels_left_alone(images, labels, *, alpha=0.2, seed):
    return blend(images, labels, *drawn(images, alpha, seed))[0], labels


def labels_of_the_partners(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam)[0], tf.gather(labels, partner)


def labels_halved(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_lam=0 * lam + 0.5)


def labels_one_hot(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return mixed, tf.one_hot(tf.argmax(mixed_labels, axis=1), labels.shape[1])


def back_to_bytes(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return tf.cast(mixed, tf.uint8), mixed_labels


def rounded(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return tf.round(mixed), mixed_labels


def each_part_cut_off(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    weight = tf.reshape(lam, [-1, 1, 1, 1])
    images = tf.cast(images, tf.float32)
    parts = [tf.floor(weight * images), tf.floor((1 - weight) * tf.gather(images, partner))]
    return sum(parts), blend(images, labels, partner, lam)[1]


def scaled_to_one(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return mixed / 255, mixed_labels


def weights_of_two(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return mixed + tf.cast(images, tf.float32), mixed_labels


def reversed_batch(images, labels, *, alpha=0.2, seed):
    _, lam = drawn(images, alpha, seed)
    return blend(images, labels, tf.range(len(lam))[::-1], lam)


def the_next_in_the_batch(images, labels, *, alpha=0.2, seed):
    _, lam = drawn(images, alpha, seed)
    return blend(images, labels, tf.roll(tf.range(tf.size(lam)), -1, axis=0), lam)


def shuffled_with_a_fixed_seed(images, labels, *, alpha=0.2, seed):
    _, lam = drawn(images, alpha, seed)
    partner = tf.random.experimental.stateless_shuffle(tf.range(tf.size(lam)), (1, 2))
    return blend(images, labels, partner, lam)


def one_partner_for_all(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, tf.fill(tf.shape(lam), partner[0]), lam)


def itself(images, labels, *, alpha=0.2, seed):
    _, lam = drawn(images, alpha, seed)
    return blend(images, labels, tf.range(tf.size(lam)), lam)


def partners_drawn_twice(images, labels, *, alpha=0.2, seed):
    """https://github.com/xudonmao/VMT/issues/1: two shuffles, one for the images and one for the labels."""
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_partner=drawn(images, alpha, seed + 1)[0])


def labels_ignore_the_partners(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_partner=tf.range(tf.size(lam))[::-1])


def partners_the_other_way(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, lam, label_partner=tf.argsort(partner))


def images_alone(images, labels, *, alpha=0.2, seed):
    return blend(images, labels, *drawn(images, alpha, seed))[0]


def uniform_lam(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.random.stateless_uniform(tf.shape(lam), seed))


def always_the_same_alpha(images, labels, *, alpha=0.2, seed):
    return blend(images, labels, *drawn(images, 0.2, seed))


def another_default(images, labels, *, alpha=1.0, seed):
    return blend(images, labels, *drawn(images, alpha, seed))


def larger_part(images, labels, *, alpha=0.2, seed):
    """As in MixMatch, where the first image keeps the larger part."""
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.maximum(lam, 1 - lam))


def one_gamma(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    gammas = tf.random.stateless_gamma(tf.shape(lam), seed, alpha)
    return blend(images, labels, partner, gammas / (gammas + 1))


def own_randomness(images, labels, *, alpha=0.2, seed):
    return blend(images, labels, *drawn(images, alpha, tf.random.uniform([2], 0, 1000, tf.int32)))


def numpys_lam(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    lam = np.random.default_rng().beta(alpha, alpha, len(lam)).astype("float32")
    return blend(images, labels, partner, tf.constant(lam))


def seed_not_used(images, labels, *, alpha=0.2, seed):
    return blend(images, labels, *drawn(images, alpha, (1, 2)))


def size_from_the_shape(images, labels, *, alpha=0.2, seed):
    partner = tf.random.experimental.stateless_shuffle(tf.range(images.shape[0]), seed)
    return blend(images, labels, partner, drawn(images, alpha, seed)[1])


def with_numpy(images, labels, *, alpha=0.2, seed):
    mixed, mixed_labels = blend(images, labels, *drawn(images, alpha, seed))
    return tf.constant(mixed.numpy()), mixed_labels


def lam_with_a_fixed_seed(images, labels, *, alpha=0.2, seed):
    """The partners come from `seed`, λ does not."""
    partner, _ = drawn(images, alpha, seed)
    return blend(images, labels, partner, drawn(images, alpha, (1, 2))[1])


def one_axis_too_few(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    images, rows = tf.cast(images, tf.float32), lam[:, tf.newaxis, tf.newaxis]
    return rows * images + (1 - rows) * tf.gather(images, partner), labels


def images_left_alone(images, labels, *, alpha=0.2, seed):
    return tf.cast(images, tf.float32), blend(images, labels, *drawn(images, alpha, seed))[1]


def in_half_precision(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    own, half = tf.reshape(tf.cast(lam, tf.float16), [-1, 1, 1, 1]), tf.cast(images, tf.float16)
    mixed = own * half + (1 - own) * tf.gather(half, partner)
    return mixed, blend(images, labels, partner, lam)[1]


def lam_for_each_pixel(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    gammas = tf.random.stateless_gamma(tf.concat([[2], tf.shape(images)], axis=0), seed, alpha)
    own, images = gammas[0] / (gammas[0] + gammas[1]), tf.cast(images, tf.float32)
    return own * images + (1 - own) * tf.gather(images, partner), blend(images, labels, partner, lam)[1]


def both_gammas_of_one_seed(images, labels, *, alpha=0.2, seed):
    """Twice the same Gamma, so λ is 0.5."""
    partner, lam = drawn(images, alpha, seed)
    first, second = (tf.random.stateless_gamma(tf.shape(lam), seed, alpha) for _ in range(2))
    return blend(images, labels, partner, first / (first + second))


def mixed_twice(images, labels, *, alpha=0.2, seed):
    """What is blended is blended again, with another partner."""
    images, labels = blend(images, labels, *drawn(images, alpha, seed))
    return blend(images, labels, *drawn(images, alpha, seed + 1))


def lam_on_both(images, labels, *, alpha=0.2, seed):
    partner, lam = drawn(images, alpha, seed)
    own, images = tf.reshape(lam, [-1, 1, 1, 1]), tf.cast(images, tf.float32)
    return own * images + own * tf.gather(images, partner), blend(images, labels, partner, lam)[1]


def beta_with_one(images, labels, *, alpha=0.2, seed):
    """Beta(alpha, 1) in place of Beta(alpha, alpha)."""
    partner, lam = drawn(images, alpha, seed)
    return blend(images, labels, partner, tf.random.stateless_uniform(tf.shape(lam), seed) ** (1 / alpha))


def seeds_of_another_dtype(images, labels, *, alpha=0.2, seed):
    """The seeds of a pipeline are int64."""
    return blend(images, labels, *drawn(images, alpha, seed + tf.constant([0, 1])))


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


def exactly_half(seed, count):
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed) < count // 2


def neighbors_share_a_coin(seed, count):
    return tf.repeat(toss(seed, (count + 1) // 2), 2)[:count]


def second_half_falls_otherwise(seed, count):
    coins = toss(seed, (count + 1) // 2)
    return tf.concat([coins, ~coins], axis=0)[:count]


def coins_twice(images, labels, *, seed):
    coin_seed, label_seed, mix_seed = tf.unstack(tf.random.split(seed, 3))
    count = tf.shape(images)[0]
    return choose(
        toss(coin_seed, count), *mixes(images, labels, mix_seed), label_coins=toss(label_seed, count)
    )


def both_after_one_another(images, labels, *, seed):
    cut_seed, mix_seed = tf.unstack(tf.random.split(seed))
    images, labels = mixing.cutmix(images, labels, seed=cut_seed)
    return mixing.mixup(images, labels, alpha=1.0, seed=mix_seed)


def halves_added(images, labels, *, seed):
    cut, cut_labels, blended, blended_labels = mixes(images, labels, seed)
    return (cut + blended) / 2, (cut_labels + blended_labels) / 2


def pythons_coins(images, labels, *, seed):
    coins = tf.constant([random.random() < 0.5 for _ in range(len(images))])
    return choose(coins, *mixes(images, labels, seed))


def numpys_coins(images, labels, *, seed):
    coins = tf.constant(np.random.default_rng().random(len(images)) < 0.5)
    return choose(coins, *mixes(images, labels, seed))


def always_the_same_mixes(images, labels, *, seed):
    coins = toss((1, 2), tf.shape(images)[0])
    return choose(coins, *mixes(images, labels, (3, 4)))


def labels_of_the_cut(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, _ = mixes(images, labels, mix_seed)
    return choose(toss(coin_seed, tf.shape(images)[0]), cut, cut_labels, blended, cut_labels)


def swapped_labels(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, blended_labels = mixes(images, labels, mix_seed)
    return choose(toss(coin_seed, tf.shape(images)[0]), cut, blended_labels, blended, cut_labels)


def cut_bytes(images, labels, *, seed):
    mixed, mixed_labels = mixing.cutmix_or_mixup(images, labels, seed=seed)
    return tf.cast(mixed, tf.uint8), mixed_labels


def size_of_the_shape(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, images.shape[0]), *mixes(images, labels, mix_seed))


def size_of_the_first_batch(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, 16), *mixes(images, labels, mix_seed))


def coins_without_axes(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, blended_labels = mixes(images, labels, mix_seed)
    coins = toss(coin_seed, tf.shape(images)[0])
    return tf.where(coins, cut, blended), tf.where(coins, cut_labels, blended_labels)


def label_coins_without_axis(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, blended_labels = mixes(images, labels, mix_seed)
    coins = toss(coin_seed, tf.shape(images)[0])
    mixed = tf.where(tf.reshape(coins, [-1, 1, 1, 1]), cut, blended)
    return mixed, tf.where(coins, cut_labels, blended_labels)


def a_coin_for_every_pixel(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, _ = mixes(images, labels, mix_seed)
    return tf.where(tf.random.stateless_uniform(tf.shape(images), coin_seed) < 0.5, cut, blended), cut_labels


def never_blended(images, labels, *, seed):
    cut, cut_labels, _, _ = mixes(images, labels, seed)
    return cut, cut_labels


def not_cast(images, labels, *, seed):
    coins = tf.reshape(toss(seed, tf.shape(images)[0]), [-1, 1, 1, 1])
    cut, cut_labels = mixing.cutmix(images, labels, seed=seed)
    blended, _ = mixing.mixup(images, labels, seed=seed)
    return tf.where(coins, cut, blended), cut_labels


def mixes_with_a_fixed_seed(images, labels, *, seed):
    return choose(toss(seed, tf.shape(images)[0]), *mixes(images, labels, (3, 4)))


def cut_with_a_fixed_seed(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, _, _ = mixes(images, labels, (3, 4))
    return choose(toss(coin_seed, tf.shape(images)[0]), cut, cut_labels, *mixes(images, labels, mix_seed)[2:])


def the_rest_left_alone(images, labels, *, seed):
    """Half of the images are cut, nothing is blended."""
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, _, _ = mixes(images, labels, mix_seed)
    coins = toss(coin_seed, tf.shape(images)[0])
    return choose(coins, cut, cut_labels, tf.cast(images, tf.float32), labels)


def never_cut(images, labels, *, seed):
    """Half of the images are blended, nothing is cut."""
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    _, _, blended, blended_labels = mixes(images, labels, mix_seed)
    coins = toss(coin_seed, tf.shape(images)[0])
    return choose(coins, tf.cast(images, tf.float32), labels, blended, blended_labels)


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


def rounded_choice(images, labels, *, seed):
    mixed, mixed_labels = mixing.cutmix_or_mixup(images, labels, seed=seed)
    return tf.round(mixed), mixed_labels


def choice_in_half_precision(images, labels, *, seed):
    mixed, mixed_labels = mixing.cutmix_or_mixup(images, labels, seed=seed)
    return tf.cast(mixed, tf.float16), mixed_labels


def one_coin_axis(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels, blended, blended_labels = mixes(images, labels, mix_seed)
    coins = toss(coin_seed, tf.shape(images)[0])[:, tf.newaxis]
    return tf.where(coins, cut, blended), tf.where(coins, cut_labels, blended_labels)


def one_if_for_all(images, labels, *, seed):
    """Python's `if` decides for the whole batch."""
    if tf.random.stateless_uniform([], seed) < 0.5:
        cut, cut_labels = mixing.cutmix(images, labels, seed=seed)
        return tf.cast(cut, tf.float32), cut_labels
    return mixing.mixup(images, labels, seed=seed)


WRONG = {
    "mixup_batch": [
        ("no cast", without_cast, r"(?s)raised an error.*cast the images to float32"),
        ("λ without axes", without_axes, r"(?s)raised an error.*axes of length 1"),
        ("λ of the labels without axis", labels_without_axes, r"λ runs along the classes"),
        ("labels the other way round", labels_the_other_way_round, r"λ and 1 − λ have changed\s+places"),
        ("another λ for the labels", another_lam_for_the_labels, r"another λ than the pixels"),
        ("λ of the partner for the labels", lam_of_the_partner, r"another λ than the pixels"),
        ("labels half and half", labels_halved, r"another λ than the pixels"),
        ("one λ for all", one_for_all, r"have the same λ"),
        ("one λ for all pixels", first_lam_for_the_pixels, r"have the same λ"),
        ("the mean λ for all", mean_lam, r"have the same λ"),
        ("labels left alone", labels_left_alone, r"labels came back as they were"),
        ("labels of the partners", labels_of_the_partners, r"those of the partners alone"),
        ("labels one-hot", labels_one_hot, r"one-hot again"),
        ("cast back", back_to_bytes, r"Whole numbers cannot hold a blend"),
        ("rounded", rounded, r"right but for rounding"),
        ("each part without its fraction", each_part_cut_off, r"right but for rounding"),
        ("scaled", scaled_to_one, r"should stay in 0-255"),
        ("weights above 1", weights_of_two, r"compare with the formulas"),
        ("reversed batch", reversed_batch, r"same places of the batch"),
        ("the next in the batch", the_next_in_the_batch, r"same places of the batch"),
        ("shuffled with a fixed seed", shuffled_with_a_fixed_seed, r"same places of the batch"),
        ("one partner for all", one_partner_for_all, r"have the same partner"),
        ("its own partner", itself, r"its own partner"),
        ("partners drawn twice", partners_drawn_twice, r"names another image"),
        ("labels ignore the partners", labels_ignore_the_partners, r"names another image"),
        ("partners the other way", partners_the_other_way, r"names another image"),
        ("images alone", images_alone, r"Return images and labels"),
        ("uniform λ", uniform_lam, r"All λ are equally likely"),
        ("alpha not used", always_the_same_alpha, r"`alpha` is not used"),
        ("another default", another_default, r"0\.2 is meant"),
        ("the larger part", larger_part, r"as often below one half"),
        ("one Gamma", one_gamma, r"does not come from Beta"),
        ("own randomness", own_randomness, r"drawn without the seed"),
        ("NumPy's λ", numpys_lam, r"drawn without the seed"),
        ("seed not used", seed_not_used, r"Is `seed` used at all"),
        ("size from images.shape", size_from_the_shape, r"(?s)raised an error.*neither a size"),
        ("λ with a fixed seed", lam_with_a_fixed_seed, r"same\s+place\s+has\s+the\s+same\s+λ"),
        ("λ with one axis too few", one_axis_too_few, r"(?s)raised an error.*axes of length 1"),
        ("images left alone", images_left_alone, r"No image is blended"),
        ("float16", in_half_precision, r"right but for rounding"),
        ("a λ for each pixel", lam_for_each_pixel, r"compare with the\s+formulas"),
        ("both Gammas of one seed", both_gammas_of_one_seed, r"have the same λ"),
        ("mixed twice", mixed_twice, r"(?s)no blend of two.*compare with the\s+formulas"),
        ("λ on both", lam_on_both, r"compare with the\s+formulas"),
        ("Beta(α, 1)", beta_with_one, r"does not come from Beta"),
        ("seeds of another dtype", seeds_of_another_dtype, r"(?s)raised an error.*int64"),
        ("NumPy", with_numpy, r"(?s)raised an error.*`\.numpy\(\)`"),
    ],
    "cut_or_blend": [
        (
            "one coin for the batch",
            with_coins(lambda seed, _: toss(seed, 1)),
            r"one coin for the whole batch",
        ),
        ("one if for all", one_if_for_all, r"one coin for the whole batch"),
        ("exactly half", with_coins(exactly_half), r"equally many images are cut"),
        ("half of it the other way", with_coins(second_half_falls_otherwise), r"equally many images are cut"),
        ("neighbors share a coin", with_coins(neighbors_share_a_coin), r"always share a coin"),
        ("coins tossed twice", coins_twice, r"the same\s+coins\s+for\s+images"),
        ("both, one after the other", both_after_one_another, r"both done to the same image"),
        ("both, averaged", halves_added, r"both done to the same image"),
        ("Python's coins", pythons_coins, r"drawn without the seed"),
        ("NumPy's coins", numpys_coins, r"drawn without the seed"),
        (
            "TensorFlow's global coins",
            with_coins(lambda _, count: tf.random.uniform([count]) < 0.5),
            r"drawn without the seed",
        ),
        ("coins of a fixed seed", with_coins(lambda _, count: toss((1, 2), count)), r"same places"),
        ("every other image", with_coins(lambda _, count: tf.range(count) % 2 == 0), r"same places"),
        ("seed not used", always_the_same_mixes, r"Is `seed` used at all"),
        ("labels always of the cut", labels_of_the_cut, r"the label from another"),
        ("labels swapped", swapped_labels, r"the label from another"),
        ("cast back", cut_bytes, r"Whole numbers cannot hold a blend"),
        ("nine in ten", with_coins(lambda seed, count: toss(seed, count, 0.9)), r"cut too often"),
        ("six in ten", with_coins(lambda seed, count: toss(seed, count, 0.6)), r"cut too often"),
        ("one in three", with_coins(lambda seed, count: toss(seed, count, 0.35)), r"cut too rarely"),
        ("size from images.shape", size_of_the_shape, r"(?s)raised an error.*neither a size"),
        ("size of the first batch", size_of_the_first_batch, r"(?s)raised an error.*as many coins"),
        ("coins without axes", coins_without_axes, r"(?s)raised an error.*as many axes"),
        ("coins of the labels without axis", label_coins_without_axis, r"Coins run along the classes"),
        ("a coin for every pixel", a_coin_for_every_pixel, r"one coin for a\s+whole\s+image"),
        ("never blended", never_blended, r"No image is ever blended"),
        ("mixes of a fixed seed", mixes_with_a_fixed_seed, r"same images meet in every batch"),
        ("cut with a fixed seed", cut_with_a_fixed_seed, r"same images meet in every batch"),
        ("the rest left alone", the_rest_left_alone, r"No image is ever blended"),
        ("never cut", never_cut, r"No image is ever cut"),
        ("a third left alone", a_third_left_alone, r"cut too rarely"),
        ("blends of what is cut", blends_of_what_is_cut, r"both done to the same image"),
        ("rounded", rounded_choice, r"right but for rounding"),
        ("float16", choice_in_half_precision, r"right but for rounding"),
        ("one axis for the coins", one_coin_axis, r"(?s)raised an error.*as many axes"),
        ("no cast", not_cast, r"(?s)raised an error.*cast the cut images"),
    ],
}
