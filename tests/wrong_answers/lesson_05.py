import random

import numpy as np
import tensorflow as tf

GENERATOR = random.Random(5)

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def one_of(layers, number, image):
    return tf.switch_case(number, [lambda layer=layer: layer(image) for layer in layers])


def drawn(layers):
    return tf.random.uniform([], 0, len(layers), tf.int32)


def frozen_by_python(image, layers, count, rate):
    for _ in range(count):
        layer = GENERATOR.choice(layers)
        image = tf.where(tf.random.uniform([]) < rate, layer(image), image)
    return image


def frozen_by_numpy(image, layers, count, rate):
    for number in np.random.default_rng(3).integers(len(layers), size=count):
        image = tf.where(tf.random.uniform([]) < rate, layers[number](image), image)
    return image


def in_order(image, layers, count, rate):
    for k in range(count):
        image = tf.where(tf.random.uniform([]) < rate, layers[k % len(layers)](image), image)
    return image


def drawn_once(image, layers, count, rate):
    number = drawn(layers)
    for _ in range(count):
        image = tf.where(tf.random.uniform([]) < rate, one_of(layers, number, image), image)
    return image


def without_repetition(image, layers, count, rate):
    for number in tf.unstack(tf.random.shuffle(tf.range(len(layers)))[:count], count):
        image = tf.where(tf.random.uniform([]) < rate, one_of(layers, number, image), image)
    return image


def last_one_missing(image, layers, count, rate):
    for _ in range(count):
        number = tf.random.uniform([], 0, max(1, len(layers) - 1), tf.int32)
        image = tf.where(tf.random.uniform([]) < rate, one_of(layers, number, image), image)
    return image


def rate_inverted(image, layers, count, rate):
    for _ in range(count):
        image = tf.where(tf.random.uniform([]) < rate, image, one_of(layers, drawn(layers), image))
    return image


def one_coin(image, layers, count, rate):
    changed = image
    for _ in range(count):
        changed = one_of(layers, drawn(layers), changed)
    return tf.where(tf.random.uniform([]) < rate, changed, image)


def rate_forgotten(image, layers, count, rate):
    for _ in range(count):
        image = one_of(layers, drawn(layers), image)
    return image


def from_the_original(image, layers, count, rate):
    result = image
    for _ in range(count):
        result = tf.where(tf.random.uniform([]) < rate, one_of(layers, drawn(layers), image), result)
    return result


def count_forgotten(image, layers, count, rate):
    return tf.where(tf.random.uniform([]) < rate, one_of(layers, drawn(layers), image), image)


def once_too_often(image, layers, count, rate):
    for _ in range(count + 1):
        image = tf.where(tf.random.uniform([]) < rate, one_of(layers, drawn(layers), image), image)
    return image


def all_of_the_list(image, layers, count, rate):
    for _ in range(count):
        for layer in layers:
            image = tf.where(tf.random.uniform([]) < rate, layer(image), image)
    return image


def tensor_as_a_place(image, layers, count, rate):
    for _ in range(count):
        image = tf.where(tf.random.uniform([]) < rate, layers[drawn(layers)](image), image)
    return image


def with_numpy(image, layers, count, rate):
    for _ in range(count):
        layer = layers[drawn(layers).numpy()]
        image = layer(image) if tf.random.uniform([]).numpy() < rate else image
    return image


def one_channel(image, layers, count, rate):
    return rate_forgotten(image, layers, count, rate)[..., :1]


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def chosen(coin, of_labels, cut, blended):
    images = tf.where(coin[:, None, None, None], cut["images"], blended["images"])
    return {"images": images, "labels": tf.where(of_labels[:, None], cut["labels"], blended["labels"])}


def coins(batch):
    return tf.random.uniform([tf.shape(batch["labels"])[0]]) < 0.5


def two_coins(batch, cutmix, mixup):
    return chosen(coins(batch), coins(batch), cutmix(batch), mixup(batch))


def swapped(batch, cutmix, mixup):
    coin = coins(batch)
    return chosen(coin, ~coin, cutmix(batch), mixup(batch))


def one_for_the_batch(batch, cutmix, mixup):
    return cutmix(batch) if tf.random.uniform([]) < 0.5 else mixup(batch)


def one_after_the_other(batch, cutmix, mixup):
    return mixup(cutmix(batch))


def both_or_one(batch, cutmix, mixup):
    coin, cut = coins(batch), cutmix(batch)
    return chosen(coin, coin, cut, mixup(cut))


def labels_as_they_came(batch, cutmix, mixup):
    coin = coins(batch)
    return chosen(coin, coin, cutmix(batch), mixup(batch)) | {"labels": batch["labels"]}


def frozen_coins(batch, cutmix, mixup):
    coin = tf.constant(np.random.default_rng(1).random(8) < 0.5)
    return chosen(coin, coin, cutmix(batch), mixup(batch))


def only_cutmix(batch, cutmix, mixup):
    return cutmix(batch)


def only_mixup(batch, cutmix, mixup):
    return mixup(batch)


def unfair(batch, cutmix, mixup):
    coin = tf.random.uniform([tf.shape(batch["labels"])[0]]) < 0.2
    return chosen(coin, coin, cutmix(batch), mixup(batch))


def static_size(batch, cutmix, mixup):
    coin = tf.random.uniform([batch["labels"].shape[0]]) < 0.5
    return chosen(coin, coin, cutmix(batch), mixup(batch))


def with_len(batch, cutmix, mixup):
    coin = tf.constant(np.random.random(len(batch["labels"])) < 0.5)
    return chosen(coin, coin, cutmix(batch), mixup(batch))


def a_pair(batch, cutmix, mixup):
    coin = coins(batch)
    return tuple(chosen(coin, coin, cutmix(batch), mixup(batch)).values())


def half_and_half(batch, cutmix, mixup):
    cut, blended = cutmix(batch), mixup(batch)
    return {name: 0.5 * cut[name] + 0.5 * blended[name] for name in cut}


WRONG = {
    "random_pipeline": [
        ("Python's random", frozen_by_python, r"drawn\s+then,\s+and\s+never\s+again"),
        ("NumPy's random", frozen_by_numpy, r"drawn\s+then,\s+and\s+never\s+again"),
        ("in the order of the list", in_order, r"in\s+the\s+order\s+of\s+the\s+list"),
        ("drawn once", drawn_once, r"draw\s+each\s+time\s+anew"),
        ("without repetition", without_repetition, r"No\s+layer\s+comes\s+twice"),
        ("the last one missing", last_one_missing, r"last\s+layer\s+is\s+never\s+drawn"),
        ("the rate inverted", rate_inverted, r"other\s+way\s+round"),
        ("one coin for the image", one_coin, r"coin\s+of\s+its\s+own"),
        ("the rate forgotten", rate_forgotten, r"`rate`\s+has\s+no\s+effect"),
        ("each from the original", from_the_original, r"go\s+on\s+with\s+the\s+result"),
        ("the count forgotten", count_forgotten, r"whatever\s+`count`\s+says"),
        ("once too often", once_too_often, r"One\s+layer\s+too\s+many"),
        ("all of the list", all_of_the_list, r"draw\s+one\s+of\s+them|`count`\s+times"),
        ("a tensor as a place", tensor_as_a_place, r"Python\s+list\s+has\s+no\s+place"),
        ("values in a graph", with_numpy, r"`\.numpy\(\)`"),
        ("one channel", one_channel, r"shape\s+and\s+dtype"),
    ],
    "one_of_both": [
        ("two coins", two_coins, r"toss\s+once"),
        ("swapped", swapped, r"changed\s+places"),
        ("one coin for the batch", one_for_the_batch, r"toss\s+one\s+for\s+each\s+image"),
        ("one after the other", one_after_the_other, r"one\s+after\s+the\s+other\."),
        ("both or one", both_or_one, r"may\s+meet\s+both"),
        ("labels as they came", labels_as_they_came, r"labels\s+are\s+as\s+they\s+came"),
        ("frozen coins", frozen_coins, r"same\s+in\s+every\s+batch"),
        ("only CutMix", only_cutmix, r"none\s+MixUp"),
        ("only MixUp", only_mixup, r"none\s+CutMix"),
        ("an unfair coin", unfair, r"not\s+fair"),
        ("the static size", static_size, r"size\s+of\s+a\s+batch\s+may\s+be\s+unknown"),
        ("len", with_len, r"size\s+of\s+a\s+batch\s+may\s+be\s+unknown"),
        ("a pair", a_pair, r"Return\s+a\s+dict"),
        ("half and half", half_and_half, r"meets\s+both\s+mixes"),
    ],
}
