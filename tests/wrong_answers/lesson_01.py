"""Wrong answers to the exercises of lesson 01, and what the check must say to each."""

import tensorflow as tf


def _padded(image):
    return tf.image.resize_with_pad(image, 64, 64, antialias=True)


def convert_afterwards(image, label):
    """`convert_image_dtype` rescales integers only; after a resize the image is float already."""
    return tf.image.convert_image_dtype(_padded(image), tf.float32) * 2 - 1, label


def nearest(image, label):
    image = tf.image.resize(image, [64, 64], "nearest", preserve_aspect_ratio=True)
    return tf.cast(tf.image.resize_with_pad(image, 64, 64), tf.float32) / 127.5 - 1, label


def label_lost(image, label):
    return _padded(image) / 127.5 - 1


def label_as_float(image, label):
    return _padded(image) / 127.5 - 1, tf.cast(label, tf.float32)


def half_a_buffer(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset) // 2).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def preparation_dropped(dataset, *, prepare, augment, batch_size, training):
    dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def prepared_twice(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    dataset = dataset.shuffle(len(dataset)).map(augment) if training else dataset.map(prepare)
    return dataset.batch(batch_size).prefetch(2)


WRONG = {
    "preprocess": [
        ("convert_image_dtype on floats", convert_afterwards, r"from -1 to 509[\s\S]*largest value"),
        ("nearest neighbor", nearest, r"look at: .*without\s+antialiasing"),
        ("the label lost", label_lost, r"look at: .*Return both"),
        ("the label as a float", label_as_float, r"got: +label: np\.float32"),
    ],
    "make_batches": [
        ("a buffer of half", half_a_buffer, r"not hold the whole"),
        ("the prepared images dropped", preparation_dropped, r"its result is\s+dropped"),
        ("evaluation data prepared twice", prepared_twice, r"evaluation.*: prepare, prepare"),
    ],
}
