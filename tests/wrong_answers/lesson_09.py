"""Plausible wrong answers of lesson 09, and what the check has to say about each."""

import random

import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1: blend a batch -----------------------------------------------------------------------------


def blend(images, labels, image_lam, label_lam, partner):
    """A right blend of what it is given; the wrong answers give it something wrong."""
    images = tf.cast(images, tf.float32)
    image_lam, label_lam = tf.reshape(image_lam, [-1, 1, 1, 1]), tf.reshape(label_lam, [-1, 1])
    return (
        image_lam * images + (1 - image_lam) * tf.gather(images, partner),
        label_lam * labels + (1 - label_lam) * tf.gather(labels, partner),
    )


def without_cast(images, labels, lam, partner):
    weight = tf.reshape(lam, [-1, 1, 1, 1])
    return weight * images + (1 - weight) * tf.gather(images, partner), labels


def without_axes(images, labels, lam, partner):
    images = tf.cast(images, tf.float32)
    return lam * images + (1 - lam) * tf.gather(images, partner), labels


def labels_without_axes(images, labels, lam, partner):
    mixed, _ = blend(images, labels, lam, lam, partner)
    return mixed, lam * labels + (1 - lam) * tf.gather(labels, partner)


def partner_gets_lam(images, labels, lam, partner):
    return blend(images, labels, 1 - lam, 1 - lam, partner)


def labels_the_other_way_round(images, labels, lam, partner):
    return blend(images, labels, lam, 1 - lam, partner)


def one_for_all(images, labels, lam, partner):
    return blend(images, labels, tf.fill(tf.shape(lam), lam[0]), lam, partner)


def lam_of_the_partner(images, labels, lam, partner):
    return blend(images, labels, tf.gather(lam, partner), tf.gather(lam, partner), partner)


def labels_left_alone(images, labels, lam, partner):
    return blend(images, labels, lam, lam, partner)[0], labels


def whole_numbers_in_between(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return tf.cast(tf.cast(mixed, tf.uint8), tf.float32), mixed_labels


def each_part_cut_off(images, labels, lam, partner):
    images = tf.cast(images, tf.float32)
    weight = tf.reshape(lam, [-1, 1, 1, 1])
    parts = [weight * images, (1 - weight) * tf.gather(images, partner)]
    return sum(tf.floor(part) for part in parts), blend(images, labels, lam, lam, partner)[1]


def labels_one_hot(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return mixed, tf.one_hot(tf.argmax(mixed_labels, axis=1), labels.shape[1])


def back_to_bytes(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return tf.cast(mixed, tf.uint8), mixed_labels


def rounded(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return tf.round(mixed), mixed_labels


def scaled_to_one(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return mixed / 255, mixed_labels


def reversed_batch(images, labels, lam, partner):
    return blend(images, labels, lam, lam, tf.range(len(lam))[::-1])


def rolled_batch(images, labels, lam, partner):
    return blend(images, labels, lam, lam, tf.roll(tf.range(len(lam)), -1, axis=0))


def images_alone(images, labels, lam, partner):
    return blend(images, labels, lam, lam, partner)[0]


def weights_of_two(images, labels, lam, partner):
    mixed, mixed_labels = blend(images, labels, lam, lam, partner)
    return mixed + tf.cast(images, tf.float32), mixed_labels


# ---- Exercise 2: the lowest possible loss ------------------------------------------------------------------


def not_a_number(labels):
    return -np.sum(labels * np.log(labels), axis=1)


def zeros_become_infinite(labels):
    return -np.sum(np.nan_to_num(labels * np.log(labels), nan=-1.0), axis=1)


def without_sign(labels):
    return np.sum(labels * np.log(np.where(labels > 0, labels, 1)), axis=1)


def in_bits(labels):
    return -np.sum(labels * np.log2(np.where(labels > 0, labels, 1)), axis=1)


def in_decimals(labels):
    return -np.sum(labels * np.log10(np.where(labels > 0, labels, 1)), axis=1)


def mean_over_classes(labels):
    return -np.mean(labels * np.log(np.where(labels > 0, labels, 1)), axis=1)


def one_number(labels):
    return -np.sum(labels * np.log(np.where(labels > 0, labels, 1)), axis=1).mean()


def over_the_batch(labels):
    return -np.sum(labels * np.log(np.where(labels > 0, labels, 1)), axis=0)


def largest_only(labels):
    return -np.log(labels.max(axis=1))


def what_is_missing(labels):
    return 1 - labels.max(axis=1)


def large_epsilon(labels):
    return -np.sum(labels * np.log(labels + 0.01), axis=1)


# ---- Exercise 3: toss a coin for every image ---------------------------------------------------------------


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


def one_coin_for_the_batch(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, 1), *mixes(images, labels, mix_seed))


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
    coins = tf.constant([random.random() < 0.5 for _ in range(16)])
    return choose(coins, *mixes(images, labels, seed))


def numpys_coins(images, labels, *, seed):
    coins = tf.constant(np.random.default_rng().random(16) < 0.5)
    return choose(coins, *mixes(images, labels, seed))


def tensorflows_global_coins(images, labels, *, seed):
    return choose(tf.random.uniform([tf.shape(images)[0]]) < 0.5, *mixes(images, labels, seed))


def the_same_coins_always(images, labels, *, seed):
    return choose(toss((1, 2), tf.shape(images)[0]), *mixes(images, labels, seed))


def every_other_image(images, labels, *, seed):
    return choose(tf.range(tf.shape(images)[0]) % 2 == 0, *mixes(images, labels, seed))


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


def back_to_bytes_again(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    mixed, mixed_labels = choose(toss(coin_seed, tf.shape(images)[0]), *mixes(images, labels, mix_seed))
    return tf.cast(mixed, tf.uint8), mixed_labels


def nine_in_ten(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, tf.shape(images)[0], 0.9), *mixes(images, labels, mix_seed))


def one_in_three(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, tf.shape(images)[0], 0.35), *mixes(images, labels, mix_seed))


def seven_in_ten(images, labels, *, seed):
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    return choose(toss(coin_seed, tf.shape(images)[0], 0.7), *mixes(images, labels, mix_seed))


def size_from_the_shape(images, labels, *, seed):
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


def seed_as_number(images, labels, *, seed):
    generator = np.random.default_rng(int(seed[0]))
    return choose(tf.constant(generator.random(16) < 0.5), *mixes(images, labels, seed))


WRONG = {
    "blend_batch": [
        ("no cast", without_cast, r"(?s)raised an error.*Cast the images to float32 first"),
        ("λ without axes", without_axes, r"λ runs along a wrong axis"),
        ("λ of the labels without axis", labels_without_axes, r"λ runs along the classes"),
        ("λ given to the partner", partner_gets_lam, r"it is the partner that gets it"),
        (
            "labels the other way round",
            labels_the_other_way_round,
            r"the labels are not\. `lam` is",
        ),
        ("one λ for all", one_for_all, r"all have the λ of the first"),
        ("λ of the partner", lam_of_the_partner, r"here it is that of its partner"),
        ("labels left alone", labels_left_alone, r"labels came back as they were"),
        ("labels one-hot", labels_one_hot, r"one-hot again"),
        ("cast back", back_to_bytes, r"Whole numbers cannot hold a blend"),
        ("rounded", rounded, r"right but for rounding"),
        ("cast and cast back", whole_numbers_in_between, r"pixels are whole numbers"),
        ("each part without its fraction", each_part_cut_off, r"pixels are whole numbers"),
        ("scaled", scaled_to_one, r"should stay in 0-255"),
        ("partner ignored, reversed", reversed_batch, r"taken in reverse"),
        ("partner ignored, rolled", rolled_batch, r"the other way round"),
        ("images alone", images_alone, r"Return both"),
        ("weights above 1", weights_of_two, r"add up to 1"),
    ],
    "lowest_loss": [
        ("NaN", not_a_number, r"NaN comes from 0 · log 0"),
        ("NaN replaced by something else", zeros_become_infinite, r"label itself"),
        ("negative", without_sign, r"The sign"),
        ("base 2", in_bits, r"base 2"),
        ("base 10", in_decimals, r"base 10"),
        ("mean over the classes", mean_over_classes, r"mean over the classes"),
        ("one number", one_number, r"One number for each row"),
        ("over the batch", over_the_batch, r"One number for each row"),
        ("largest share only", largest_only, r"largest class counted"),
        ("what the largest lacks", what_is_missing, r"lacks of 1"),
        ("large epsilon", large_epsilon, r"small number"),
    ],
    "cut_or_blend": [
        ("one coin for the batch", one_coin_for_the_batch, r"one coin for the whole batch"),
        ("coins tossed twice", coins_twice, r"need the same coins"),
        ("both, one after the other", both_after_one_another, r"both done to the same image"),
        ("both, averaged", halves_added, r"both done to the same image"),
        ("Python's coins", pythons_coins, r"drawn without the seed"),
        ("NumPy's coins", numpys_coins, r"drawn without the seed"),
        ("TensorFlow's global coins", tensorflows_global_coins, r"drawn without the seed"),
        ("coins of a fixed seed", the_same_coins_always, r"fall alike for every seed"),
        ("every other image", every_other_image, r"fall alike for every seed"),
        ("seed not used", always_the_same_mixes, r"another batch for another seed"),
        ("labels always of the cut", labels_of_the_cut, r"label from another"),
        ("labels swapped", swapped_labels, r"label from another"),
        ("cast back", back_to_bytes_again, r"rounded to whole numbers"),
        ("nine in ten", nine_in_ten, r"cut too often"),
        ("one in three", one_in_three, r"cut too rarely"),
        ("seven in ten", seven_in_ten, r"cut too often"),
        ("size from images.shape", size_from_the_shape, r"(?s)raised an error.*any size"),
        ("size of the first batch", size_of_the_first_batch, r"(?s)raised an error.*as many coins"),
        ("coins without axes", coins_without_axes, r"(?s)raised an error.*How many axes"),
        ("coins of the labels without axis", label_coins_without_axis, r"coins run along the classes"),
        ("a coin for every pixel", a_coin_for_every_pixel, r"every pixel toss its own coin"),
        ("never blended", never_blended, r"No image is ever blended"),
        ("no cast", not_cast, r"(?s)raised an error.*Cast the cut images"),
        ("coins of NumPy from the seed", seed_as_number, r"inside `tf.data`'s map raised an error"),
    ],
}
