"""Lesson 03: its checks take right answers however they are written."""

import numpy as np
import pytest
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from utils.checks import lesson_03

FEATUREWISE = {"featurewise_center": True, "featurewise_std_normalization": True}


def by_padding(image, shift, fill_mode):
    mode = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "wrap": "wrap"}[fill_mode]
    reach, width = abs(shift), image.shape[1]
    padded = np.pad(image, [(0, 0), (reach, reach)] + [(0, 0)] * (image.ndim - 2), mode=mode)
    return padded[:, reach - shift : reach - shift + width]


def column_by_column(image, shift, fill_mode):
    width = image.shape[1]
    result = np.zeros_like(image)
    for column in range(width):
        source = column - shift
        if fill_mode == "nearest":
            source = min(max(source, 0), width - 1)
        elif fill_mode == "wrap":
            source %= width
        elif fill_mode == "reflect":
            while not 0 <= source < width:
                source = -1 - source if source < 0 else 2 * width - 1 - source
        if 0 <= source < width:
            result[:, column] = image[:, source]
    return result


def from_a_repeated_image(image, shift, fill_mode):
    width, times = image.shape[1], 2 * (abs(shift) // image.shape[1] + 1) + 1
    start = times // 2 * width - shift
    if fill_mode == "constant":
        parts = [np.zeros_like(image)] * (times // 2)
        row = [*parts, image, *parts]
    elif fill_mode == "nearest":
        ends = [np.repeat(image[:, [end]], width * (times // 2), axis=1) for end in (0, -1)]
        row = [ends[0], image, ends[1]]
    else:
        row = [image] * times
    if fill_mode == "reflect":
        row = [image if (number - times // 2) % 2 == 0 else image[:, ::-1] for number in range(times)]
    return np.concatenate(row, axis=1)[:, start : start + width].copy()


def as_a_tensor(image, shift, fill_mode):
    width = image.shape[1]
    source = tf.range(width) - shift
    if fill_mode == "wrap":
        source = tf.math.floormod(source, width)
    elif fill_mode == "reflect":
        both = tf.concat([tf.range(width), tf.range(width)[::-1]], axis=0)
        source = tf.gather(both, tf.math.floormod(source, 2 * width))
    inside = tf.cast((source >= 0) & (source < width), image.dtype)
    moved = tf.gather(image, tf.clip_by_value(source, 0, width - 1), axis=1)
    inside = tf.reshape(inside, [1, -1] + [1] * (image.ndim - 2))
    return moved * inside if fill_mode == "constant" else moved


def rolled_and_painted(image, shift, fill_mode):
    width = image.shape[1]
    if shift == 0:
        return image
    if fill_mode == "reflect":
        return np.roll(np.concatenate([image, image[:, ::-1]], axis=1), shift, axis=1)[:, :width]
    result = np.roll(image, shift, axis=1)
    strip = slice(0, shift) if shift > 0 else slice(max(0, width + shift), width)
    if fill_mode == "constant":
        result[:, strip] = 0
    if fill_mode == "nearest":
        result[:, strip] = image[:, :1] if shift > 0 else image[:, -1:]
    return result


@pytest.mark.parametrize(
    "answer", [by_padding, column_by_column, from_a_repeated_image, as_a_tensor, rolled_and_painted]
)
def test_a_right_shift_passes_however_it_is_written(answer, capsys):
    lesson_03.shift_columns(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def rescaled_too(images, labels, others, other_labels, batch_size):
    changes = {"rotation_range": 20, "horizontal_flip": True}
    augmenting = ImageDataGenerator(rescale=1 / 255, **changes, **FEATUREWISE)
    plain = ImageDataGenerator(rescale=1 / 255, **FEATUREWISE)
    for generator in (augmenting, plain):
        generator.fit(images)
    return [
        augmenting.flow(images, labels, batch_size, seed=1),
        plain.flow(others, other_labels, batch_size, shuffle=False, seed=2),
    ]


def with_shared_statistics(images, labels, others, other_labels, batch_size):
    augmenting = ImageDataGenerator(
        rotation_range=20, horizontal_flip=True, fill_mode="constant", **FEATUREWISE
    )
    augmenting.fit(images)
    plain = ImageDataGenerator(**FEATUREWISE)
    plain.mean, plain.std = augmenting.mean, augmenting.std
    return augmenting.flow(images, labels, batch_size), plain.flow(others, other_labels, batch_size, False)


def scaled_beforehand(images, labels, others, other_labels, batch_size):
    mean, spread = images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2))
    augmenting = ImageDataGenerator(rotation_range=20, horizontal_flip=True, fill_mode="reflect")
    return (
        augmenting.flow((images - mean) / spread, labels, batch_size=batch_size),
        ImageDataGenerator().flow((others - mean) / spread, other_labels, batch_size, shuffle=False),
    )


def divided_first(images, labels, others, other_labels, batch_size):
    images, others = images / 255, others / 255
    training = ImageDataGenerator(horizontal_flip=True, rotation_range=20, featurewise_std_normalization=True)
    validation = ImageDataGenerator(featurewise_std_normalization=True)  # Keras adds the centering
    training.fit(images)
    validation.fit(images)
    return training.flow(images, labels, batch_size), validation.flow(others, other_labels, batch_size, False)


def scaled_by_a_function(images, labels, others, other_labels, batch_size):
    mean, spread = images.mean(axis=(0, 1, 2)), images.std(axis=(0, 1, 2))
    scale = {"preprocessing_function": lambda image: (image - mean) / spread}
    changes = {"rotation_range": 20, "horizontal_flip": True, "fill_mode": "wrap"}
    order = np.random.permutation(len(images))
    return iter(
        [
            ImageDataGenerator(**scale, **changes).flow(images[order], labels[order], batch_size),
            ImageDataGenerator(**scale).flow(others, other_labels, batch_size, shuffle=False),
        ]
    )


RIGHT = [rescaled_too, with_shared_statistics, scaled_beforehand, divided_first, scaled_by_a_function]


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT)
def test_right_iterators_pass_however_they_are_written(answer, capsys):
    np.random.seed(5)
    lesson_03.training_and_validation(answer)
    assert (
        np.random.random() == np.random.RandomState(5).random()
    )  # `flow(seed=…)` resets NumPy; the check not
    assert capsys.readouterr().out.startswith("✓ Exercise 2")
