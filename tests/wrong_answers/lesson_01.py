"""Wrong answers to the exercises of lesson 01, and what the check must say to each."""

import keras
import tensorflow as tf


def _padded(image):
    return tf.image.resize_with_pad(image, 64, 64, antialias=True)


def convert_afterwards(image, label):
    """`convert_image_dtype` rescales integers only; after a resize the image is float already."""
    return tf.image.convert_image_dtype(_padded(image), tf.float32) * 2 - 1, label


def for_caffe(image, label):
    return keras.applications.resnet50.preprocess_input(_padded(image)), label


def minus_half_to_half(image, label):
    return _padded(image) / 255 - 0.5, label


def half_of_254(image, label):
    return (_padded(image) - 127) / 128, label


def rescaled_if_needed(image, label):
    image = tf.cast(image, tf.float32)
    image = tf.cond(tf.reduce_max(image) > 1, lambda: image / 255, lambda: image)
    return 2 * _padded(image) - 1, label


def nearest(image, label):
    image = tf.image.resize(image, [64, 64], "nearest", preserve_aspect_ratio=True)
    return tf.cast(tf.image.resize_with_pad(image, 64, 64), tf.float32) / 127.5 - 1, label


def only_outside_of_map(image, label):
    return tf.constant(_padded(image).numpy() / 127.5 - 1), label


def label_lost(image, label):
    return _padded(image) / 127.5 - 1


def label_as_float(image, label):
    return _padded(image) / 127.5 - 1, tf.cast(label, tf.float32)


def _answer(stages):
    """A pipeline made by `stages(data set, prepare, augment, batch_size, training)`."""

    def make_batches(dataset, *, prepare, augment, batch_size, training):
        return stages(dataset, prepare, augment, batch_size, training).prefetch(2)

    return make_batches


def _with_buffer(buffer):
    def stages(dataset, prepare, augment, batch_size, training):
        dataset = dataset.map(prepare).cache()
        if training:
            dataset = dataset.shuffle(buffer(dataset, batch_size)).map(augment)
        return dataset.batch(batch_size)

    return _answer(stages)


def _preparation_dropped(dataset, prepare, augment, batch_size, training):
    dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size)


def _frozen_in_training(dataset, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare)
    if training:
        return dataset.map(augment).cache().shuffle(len(dataset)).batch(batch_size)
    return dataset.cache().batch(batch_size)


def _cached_twice(dataset, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment).cache()
    return dataset.batch(batch_size)


def _the_wrong_way_round(dataset, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if not training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size)


def _prepared_twice(dataset, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    dataset = dataset.shuffle(len(dataset)).map(augment) if training else dataset.map(prepare)
    return dataset.batch(batch_size)


def _of_sixteen(dataset, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(16)


def prefetched_first(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache().prefetch(2)
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size)


def as_iterator(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return iter(dataset.batch(batch_size).prefetch(2))


WRONG = {
    "preprocess": [
        ("convert_image_dtype on floats", convert_afterwards, r"from -1 to 509[\s\S]*largest value"),
        ("preprocess_input of another family", for_caffe, r"to 151[\s\S]*smallest and its largest value"),
        ("-0.5 to 0.5", minus_half_to_half, r"from -0\.5 to 0\.5[\s\S]*its largest value"),
        ("minus 127, by 128", half_of_254, r"from -0\.992\d* to 1[\s\S]*its largest value"),
        ("rescaled if a value is above 1", rescaled_if_needed, r"look at: .*nearly black"),
        ("nearest neighbor", nearest, r"look at: .*without\s+antialiasing"),
        ("works outside of map only", only_outside_of_map, r"inside of dataset\.map[\s\S]*no `\.numpy\(\)`"),
        ("the label lost", label_lost, r"look at: .*Return both"),
        ("the label as a float", label_as_float, r"got: +label: np\.float32"),
    ],
    "make_batches": [
        ("a buffer of 64", _with_buffer(lambda dataset, batch_size: 64), r"does not hold the whole data set"),
        ("a buffer of 1,000", _with_buffer(lambda dataset, batch_size: 1_000), r"does not hold the whole"),
        (
            "a buffer of four batches",
            _with_buffer(lambda dataset, size: 4 * size),
            r"does not hold the whole",
        ),
        ("a buffer of half", _with_buffer(lambda dataset, size: len(dataset) // 2), r"not hold the whole"),
        ("the prepared images dropped", _answer(_preparation_dropped), r"its result is\s+dropped"),
        ("augmented and cached in training", _answer(_frozen_in_training), r"look at: .*frozen"),
        ("cached twice", _answer(_cached_twice), r"look at: .*frozen"),
        ("`if not training`", _answer(_the_wrong_way_round), r"look at: .*the wrong way round"),
        ("evaluation data prepared twice", _answer(_prepared_twice), r"evaluation.*: prepare, prepare"),
        ("another batch size", _answer(_of_sixteen), r"look at: .*handed in, as `batch_size`"),
        ("prefetch before batch", prefetched_first, r"look at: .*`prefetch` makes the next batch"),
        ("an iterator", as_iterator, r"look at: .*Return the data set itself"),
    ],
}
