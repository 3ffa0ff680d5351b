"""Wrong answers to the exercises of lesson 01, and what the check must say to each."""

import tensorflow as tf


def _padded(image):
    return tf.image.resize_with_pad(image, 64, 64, antialias=True)


def zero_to_one(image, label):
    return _padded(image) / 255, label


def not_rescaled(image, label):
    return _padded(image), label


def convert_afterwards(image, label):
    """`convert_image_dtype` rescales integers only; after a resize the image is float already."""
    return tf.image.convert_image_dtype(_padded(image), tf.float32), label


def minus_one_to_zero(image, label):
    return _padded(image) / 255 - 1, label


def rescaled_twice(image, label):
    return (_padded(image) / 255) / 127.5 - 1, label


def stretched(image, label):
    return tf.image.resize(image, [64, 64], antialias=True) / 127.5 - 1, label


def stretched_and_rough(image, label):
    return tf.image.resize(image, [64, 64]) / 127.5 - 1, label


def not_antialiased(image, label):
    return tf.image.resize_with_pad(image, 64, 64) / 127.5 - 1, label


def gray_bars(image, label):
    image = tf.cast(image, tf.float32) / 127.5 - 1
    return _padded(image), label


def half_of_256(image, label):
    return _padded(image) / 128 - 1, label


def decimals_cut_off(image, label):
    return tf.cast(tf.cast(_padded(image), tf.uint8), tf.float32) / 127.5 - 1, label


def at_the_top(image, label):
    """Not in the middle: all of the black comes at the end."""
    image = tf.image.resize(image, [64, 64], preserve_aspect_ratio=True, antialias=True)
    return tf.image.pad_to_bounding_box(image, 0, 0, 64, 64) / 127.5 - 1, label


def not_scaled(image, label):
    image = tf.image.resize_with_crop_or_pad(image, 64, 64)
    return tf.cast(image, tf.float32) / 127.5 - 1, label


def cut(image, label):
    shape = tf.shape(image)
    side = tf.minimum(shape[0], shape[1])
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    image = tf.image.crop_to_bounding_box(image, top, left, side, side)
    return tf.image.resize(image, [64, 64], antialias=True) / 127.5 - 1, label


def label_lost(image, label):
    return _padded(image) / 127.5 - 1


def whole_numbers(image, label):
    return tf.cast(_padded(image), tf.uint8), label


def only_outside_of_map(image, label):
    return tf.constant(_padded(image).numpy() / 127.5 - 1), label


def by_its_own_extremes(image, label):
    pixels = _padded(image)
    low, high = tf.reduce_min(pixels), tf.reduce_max(pixels)
    return 2 * (pixels - low) / (high - low) - 1, label


def by_its_maximum(image, label):
    pixels = _padded(image)
    return 2 * pixels / tf.reduce_max(pixels) - 1, label


def standardized(image, label):
    return tf.image.per_image_standardization(_padded(image)), label


def nearest(image, label):
    image = tf.image.resize(image, [64, 64], "nearest", preserve_aspect_ratio=True)
    return tf.cast(tf.image.resize_with_pad(image, 64, 64), tf.float32) / 127.5 - 1, label


def in_float64(image, label):
    return tf.cast(_padded(image), tf.float64) / 127.5 - 1, label


def _with_buffer(buffer):
    def make_batches(dataset, *, prepare, augment, batch_size, training):
        dataset = dataset.map(prepare).cache()
        if training:
            dataset = dataset.shuffle(buffer(dataset, batch_size)).map(augment)
        return dataset.batch(batch_size).prefetch(2)

    return make_batches


buffer_of_30 = _with_buffer(lambda dataset, batch_size: 30)
buffer_of_64 = _with_buffer(lambda dataset, batch_size: 64)
buffer_of_four_batches = _with_buffer(lambda dataset, batch_size: 4 * batch_size)
buffer_of_half = _with_buffer(lambda dataset, batch_size: len(dataset) // 2)


def preparation_dropped(dataset, *, prepare, augment, batch_size, training):
    dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def frozen(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare)
    if training:
        dataset = dataset.map(augment)
    dataset = dataset.cache()
    if training:
        dataset = dataset.shuffle(len(dataset))
    return dataset.batch(batch_size).prefetch(2)


def cached_last(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare)
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).cache().prefetch(2)


def batched_then_shuffled(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.map(augment)
    dataset = dataset.batch(batch_size)
    if training:
        dataset = dataset.shuffle(len(dataset))
    return dataset.prefetch(2)


def all_augmented(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset))
    return dataset.map(augment).batch(batch_size).prefetch(2)


def all_shuffled(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache().shuffle(len(dataset))
    if training:
        dataset = dataset.map(augment)
    return dataset.batch(batch_size).prefetch(2)


def order_cached(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare)
    if training:
        dataset = dataset.shuffle(len(dataset)).cache().map(augment)
    return dataset.batch(batch_size).prefetch(2)


def not_cached(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare)
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def small_buffer(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(batch_size).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def results_dropped(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def prepared_for_training_only(dataset, *, prepare, augment, batch_size, training):
    if training:
        dataset = dataset.map(prepare).cache().shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def batched_first(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.batch(batch_size).map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.prefetch(2)


def remainder_dropped(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size, drop_remainder=True).prefetch(2)


def augmented_before_prepared(dataset, *, prepare, augment, batch_size, training):
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.map(prepare).batch(batch_size).prefetch(2)


def not_reshuffled(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset), reshuffle_each_iteration=False).map(augment)
    return dataset.batch(batch_size).prefetch(2)


def not_batched(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.prefetch(2)


def no_prefetch(dataset, *, prepare, augment, batch_size, training):
    dataset = dataset.map(prepare).cache()
    if training:
        dataset = dataset.shuffle(len(dataset)).map(augment)
    return dataset.batch(batch_size)


WRONG = {
    "preprocess": [
        ("0 to 1", zero_to_one, r"look at: .*0 to 1, not -1 to 1"),
        ("not rescaled", not_rescaled, r"look at: .*not rescaled"),
        ("convert_image_dtype on floats", convert_afterwards, r"look at: .*not rescaled"),
        ("-1 to 0", minus_one_to_zero, r"look at: .*white should become 1"),
        ("rescaled twice", rescaled_twice, r"look at: .*rescaled twice"),
        ("stretched", stretched, r"look at: .*is stretched: "),
        ("stretched, without antialiasing", stretched_and_rough, r"look at: .*stretched, and rough"),
        ("no antialiasing", not_antialiased, r"look at: .*without\s+antialiasing"),
        ("filled after rescaling", gray_bars, r"look at: .*bars are gray"),
        ("half of 256", half_of_256, r"look at: .*which\s+number\s+is\s+half\s+of\s+255"),
        ("cut to whole numbers", decimals_cut_off, r"look at: .*cuts the decimals off"),
        ("not in the middle", at_the_top, r"look at: .*not in the middle"),
        ("cut or filled, not scaled", not_scaled, r"look at: .*not scaled"),
        ("the ends cut off", cut, r"look at: .*cut off"),
        ("the label lost", label_lost, r"look at: .*label"),
        ("whole numbers", whole_numbers, r"look at: .*uint8 holds whole numbers"),
        ("its own smallest and largest value", by_its_own_extremes, r"own smallest and largest value"),
        ("its own largest value", by_its_maximum, r"divided by its own largest value"),
        ("its own mean and deviation", standardized, r"standardized by its own mean"),
        ("nearest neighbor", nearest, r"without antialiasing|show it, beside"),
        ("float64", in_float64, r"the type that networks expect"),
        (
            "works outside of map only",
            only_outside_of_map,
            r"inside of dataset\.map[\s\S]*look at: .*no `\.numpy\(\)`",
        ),
    ],
    "make_batches": [
        ("augmented, then cached", frozen, r"look at: .*frozen"),
        ("cached at the end", cached_last, r"look at: .*frozen"),
        ("batched, then shuffled", batched_then_shuffled, r"look at: .*`shuffle` stands behind `batch`"),
        (
            "evaluation data augmented",
            all_augmented,
            r"training=False[\s\S]*as\s+if\s+they\s+were\s+training\s+data|never\s+augmented",
        ),
        ("evaluation data shuffled", all_shuffled, r"look at: .*need no `shuffle`"),
        ("shuffled, then cached", order_cached, r"look at: .*`cache` stands behind `shuffle`"),
        ("not cached", not_cached, r"look at: .*`cache` is missing"),
        ("a small buffer", small_buffer, r"does not hold the whole data set"),
        ("a buffer of 30", buffer_of_30, r"does not hold the whole data set"),
        ("a buffer of 64", buffer_of_64, r"does not hold the whole data set"),
        ("a buffer of four batches", buffer_of_four_batches, r"does not hold the whole data set"),
        ("a buffer of half", buffer_of_half, r"does not hold the whole data set"),
        ("the results of stages dropped", results_dropped, r"look at: .*its result is dropped"),
        ("evaluation data not prepared", prepared_for_training_only, r"training=False[\s\S]*outside of `if"),
        ("the prepared images dropped", preparation_dropped, r"look at: [\s\S]*its result is\s+dropped"),
        ("batched first", batched_first, r"look at: .*`batch` stands before `map\(prepare\)`"),
        ("the last batch dropped", remainder_dropped, r"look at: .*drop_remainder"),
        ("augmented, then prepared", augmented_before_prepared, r"look at: .*stands before `prepare`"),
        ("the same order in each epoch", not_reshuffled, r"look at: .*told not to reshuffle"),
        ("not batched", not_batched, r"look at: .*Which stage packs"),
        ("no prefetch", no_prefetch, r"look at: .*`prefetch` makes the next batch"),
    ],
}
