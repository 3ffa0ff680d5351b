"""Lesson 13: its checks take right answers however they are written; its table of libraries is true."""

import collections
import hashlib
import os

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else it asks the network on import

import albumentations
import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import augment
from utils.checks import lesson_13

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

# ---- right answers ----------------------------------------------------------------------------------------


def by_colors_in_numpy(mix):
    """Few large images of one color each, many seeds, labels float64."""
    images = np.zeros((6, 40, 32, 3), np.uint8)
    images += 40 * np.arange(6, dtype=np.uint8)[:, None, None, None]
    for draw in range(15):
        mixed, labels = (np.asarray(part) for part in mix(images, np.eye(6), seed=tf.constant([1, draw])))
        for k, label in enumerate(labels):
            values, counts = np.unique(mixed[k, :, :, 0], return_counts=True)
            shares = np.zeros(6)
            shares[values // 40] = counts / counts.sum()
            if not np.allclose(shares, label, rtol=0, atol=1e-3):
                return False
    return True


def by_noise_in_tensorflow(mix):
    """Every image is its own noise; a tensor is returned."""
    images = tf.random.stateless_uniform([32, 24, 24, 3], seed=(1, 2), maxval=255)
    worst = []
    for draw in range(6):
        mixed, labels = mix(images, tf.eye(32), seed=(2, draw))
        same = tf.reduce_all(mixed[:, tf.newaxis] == images[tf.newaxis], axis=-1)
        shares = tf.reduce_mean(tf.cast(same, tf.float32), axis=[2, 3])
        worst.append(tf.reduce_max(tf.abs(shares - labels)))
    return tf.reduce_max(worst) <= 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("answer", [by_colors_in_numpy, by_noise_in_tensorflow])
def test_a_right_check_of_labels_passes_however_it_is_written(answer, capsys):
    lesson_13.labels_follow_pixels(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def by_counting(batches):
    epochs = [collections.Counter(), collections.Counter()]
    for counter in epochs:
        for image in batches.unbatch().map(lambda image, label: image):
            counter[image.numpy().tobytes()] += 1
    return epochs[0] == epochs[1]


def by_digests_over_three_epochs(batches):
    epochs = []
    for _ in range(3):
        digests = {hashlib.sha256(image).hexdigest() for images, _ in batches for image in images.numpy()}
        epochs.append(digests)
    return np.bool_(not epochs[0] ^ epochs[1] and not epochs[0] ^ epochs[2])


@pytest.mark.parametrize("answer", [by_counting, by_digests_over_three_epochs])
def test_a_right_check_of_epochs_passes_however_it_is_written(answer, capsys):
    lesson_13.is_frozen(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what `libraries.json` says; the rest of it is held by test_library_table and test_library_defects ----

PICTURE = np.zeros((32, 32, 3), np.uint8)
PICTURE[8:16, 8:24] = 255
MASK = PICTURE[..., :1] // 255
BOX = np.array([[8, 8, 24, 16]], np.float32)  # left, top, right, bottom


def test_masks_and_boxes_move_along_in_keras():
    layer = keras.layers.RandomTranslation((0.25, 0.25), 0, bounding_box_format="xyxy")
    boxes = {"boxes": BOX[np.newaxis], "labels": np.zeros((1, 1))}
    given = {"images": PICTURE[None], "segmentation_masks": MASK[None], "bounding_boxes": boxes}
    moved = layer(given, training=True)
    assert np.flatnonzero(np.any(moved["segmentation_masks"][0], axis=(1, 2)))[0] == 16
    assert moved["bounding_boxes"]["boxes"][0, 0].numpy().tolist() == [8, 16, 24, 24]


def test_masks_and_boxes_move_along_in_albumentations():
    down = albumentations.Affine(translate_px={"x": 0, "y": 8}, p=1)
    boxes = albumentations.BboxParams("pascal_voc", label_fields=["labels"])
    moved = albumentations.Compose([down], boxes)(image=PICTURE, mask=MASK, bboxes=BOX, labels=[0])
    assert np.flatnonzero(np.any(moved["mask"], axis=(1, 2)))[0] == 16
    assert moved["bboxes"][0].tolist() == [8, 16, 24, 24]


FLIP = keras.layers.RandomFlip()
CALLS = {
    "utils": (lambda images: augment.basic(images, seed=(13, 0)), ["batch"], "uint8"),
    "tf.image": (
        lambda images: tf.image.stateless_random_brightness(images, 0.2, (13, 0)),
        ["image", "batch"],
        "uint8",
    ),
    "Keras": (lambda images: FLIP(images, training=True), ["image", "batch"], "float32"),
    "ImageDataGenerator": (ImageDataGenerator(rotation_range=10).random_transform, ["image"], "uint8"),
    "Albumentations": (
        lambda image: albumentations.HorizontalFlip(p=1)(image=image)["image"],
        ["image"],
        "uint8",
    ),
}


@pytest.mark.parametrize("library", CALLS)
def test_what_one_call_takes_and_gives_back(library):
    call, takes, dtype = CALLS[library]
    found = []
    for name, images in {"image": PICTURE, "batch": PICTURE[np.newaxis]}.items():
        try:
            changed = np.asarray(call(images))
        except Exception:  # every library has its own error for this
            continue
        found += [name] if changed.shape == images.shape else []
        assert changed.dtype == dtype
    assert found == takes


def test_albumentations_takes_images_for_the_frames_of_a_film():
    draw = albumentations.RandomBrightnessContrast(p=1)
    eight = np.stack([PICTURE + 20] * 8)
    assert len({image.tobytes() for image in draw(images=eight)["images"]}) == 1


def test_albumentations_has_about_115_transforms():
    names = [
        value
        for value in vars(albumentations).values()
        if isinstance(value, type)
        and issubclass(value, albumentations.BasicTransform)
        and value.__module__.startswith("albumentations.augmentations")
    ]
    assert abs(len(names) - 115) < 5
