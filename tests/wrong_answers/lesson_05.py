import random

import numpy as np
import tensorflow as tf

GENERATOR = random.Random(5)

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def frozen_by_python(image, layers, count, rate):
    for _ in range(count):
        layer = GENERATOR.choice(layers)
        image = tf.where(tf.random.uniform([]) < rate, layer(image), image)
    return image


def all_of_the_list(image, layers, count, rate):
    for _ in range(count):
        for layer in layers:
            image = tf.where(tf.random.uniform([]) < rate, layer(image), image)
    return image


def with_numpy(image, layers, count, rate):
    for _ in range(count):
        layer = layers[tf.random.uniform([], 0, len(layers), tf.int32).numpy()]
        image = layer(image) if tf.random.uniform([]).numpy() < rate else image
    return image


def one_channel(image, layers, count, rate):
    return image[..., :1]


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def chosen(coin, cut, blended):
    images = tf.where(coin[:, None, None, None], cut["images"], blended["images"])
    return {"images": images, "labels": tf.where(coin[:, None], cut["labels"], blended["labels"])}


def one_for_the_batch(batch, cutmix, mixup):
    return cutmix(batch) if tf.random.uniform([]) < 0.5 else mixup(batch)


def frozen_coins(batch, cutmix, mixup):
    coin = tf.constant(np.random.default_rng(1).random(8) < 0.5)
    return chosen(coin, cutmix(batch), mixup(batch))


def only_cutmix(batch, cutmix, mixup):
    return cutmix(batch)


def with_len(batch, cutmix, mixup):
    coin = tf.constant(np.random.random(len(batch["labels"])) < 0.5)
    return chosen(coin, cutmix(batch), mixup(batch))


def a_pair(batch, cutmix, mixup):
    coin = tf.random.uniform([tf.shape(batch["labels"])[0]]) < 0.5
    return tuple(chosen(coin, cutmix(batch), mixup(batch)).values())


def half_and_half(batch, cutmix, mixup):
    cut, blended = cutmix(batch), mixup(batch)
    return {name: 0.5 * cut[name] + 0.5 * blended[name] for name in cut}


WRONG = {
    "random_pipeline": [
        ("Python's random", frozen_by_python, r"drawn\s+then,\s+and\s+never\s+again"),
        ("all of the list", all_of_the_list, r"`count`\s+times"),
        ("values in a graph", with_numpy, r"`\.numpy\(\)`"),
        ("one channel", one_channel, r"shape\s+and\s+dtype"),
    ],
    "one_of_both": [
        ("one coin for the batch", one_for_the_batch, r"toss\s+one\s+for\s+each\s+image"),
        ("frozen coins", frozen_coins, r"same\s+in\s+every\s+batch"),
        ("only CutMix", only_cutmix, r"the\s+same\s+mix"),
        ("len", with_len, r"size\s+of\s+a\s+batch\s+may\s+be\s+unknown"),
        ("a pair", a_pair, r"Return\s+a\s+dict"),
        ("half and half", half_and_half, r"meets\s+both\s+mixes"),
    ],
}
