"""Lesson 04: right answers pass, the table of old lines is true, `fit` gets the student's augmentation."""

import copy
import pathlib
import random
import re
import warnings

import albumentations as A
import keras
import lesson_spies
import numpy as np
import pytest
import tensorflow as tf

from utils.checks import lesson_04

SCRIPT = pathlib.Path(__file__).parents[1] / "solutions" / "04_albumentations.py"


# ---- right answers ----------------------------------------------------------------------------------------


def in_pixels_of_pascal_voc(transforms, image, mask, boxes, breeds):
    height, width = image.shape[:2]
    pixels = [
        [left * width, top * height, right * width, bottom * height] for top, left, bottom, right in boxes
    ]
    compose = A.Compose(transforms, bbox_params=A.BboxParams("pascal_voc", ["numbers"]), strict=True)
    moved = compose(image=image, mask=mask, bboxes=np.array(pixels), numbers=np.array(breeds))
    height, width = moved["image"].shape[:2]
    left, top, right, bottom = moved["bboxes"].T
    back = np.stack([top / height, left / width, bottom / height, right / width], axis=1)
    return moved["image"], moved["mask"], back, list(moved["numbers"])


def breeds_as_a_fifth_column(transforms, image, mask, boxes, breeds):
    rows = np.column_stack([boxes[:, [1, 0, 3, 2]], breeds])
    moved = A.Compose(transforms, bbox_params=A.BboxParams("albumentations"))(
        image=image, mask=mask, bboxes=rows
    )
    rows = moved["bboxes"].reshape(-1, 5)  # without boxes it has the shape [0, 4]
    return moved["image"], moved["mask"], rows[:, [1, 0, 3, 2]], rows[:, 4].astype(int)


@pytest.mark.parametrize("answer", [in_pixels_of_pascal_voc, breeds_as_a_fifth_column])
def test_right_boxes_pass_however_they_are_written(answer, capsys):
    lesson_04.move_all(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def _restart(compose, seed):
    generator = np.random.default_rng(np.asarray(seed).astype(np.uint32))
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


def a_copy_in_place_of_the_lock(compose):
    def on_arrays(images, seed):
        mine = copy.deepcopy(compose)
        _restart(mine, seed)
        changed = np.empty_like(images)
        for number, image in enumerate(images):
            changed[number] = mine(image=image)["image"]
        return changed

    def augment(images, *, seed):
        changed = tf.numpy_function(on_arrays, [images, seed], images.dtype)
        changed.set_shape(images.shape)
        return changed

    return augment


def a_seed_for_each_image(compose):
    def on_array(image, seed):
        mine = copy.deepcopy(compose)
        _restart(mine, seed.numpy())
        return mine(image=image.numpy())["image"]

    def one(pair):
        return tf.ensure_shape(tf.py_function(on_array, pair, tf.uint8), pair[0].shape)

    def augment(images, *, seed):
        seeds = [tf.shape(images)[0], 2]
        seeds = tf.random.stateless_uniform(seeds, tf.cast(seed, tf.int32), None, None, tf.int32)
        return tf.map_fn(one, (images, seeds), fn_output_signature=tf.uint8)

    return augment


@pytest.mark.parametrize("answer", [a_copy_in_place_of_the_lock, a_seed_for_each_image])
def test_a_right_function_for_tf_data_passes_however_it_is_written(answer, capsys):
    lesson_04.for_tf_data(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- old lines and today's --------------------------------------------------------------------------------


def test_no_old_line_of_the_table_does_today_what_it_says_and_every_new_one_does():
    rows = re.findall(r"^# \| `(A\..*?)` \| `(A\..*?)`", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    space = {"A": A, "image": np.zeros([9, 9, 3], np.uint8)}
    assert len(rows) >= 8
    for old, new in rows:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            eval(new, space)
            with pytest.raises(Exception):  # noqa: B017  errors of many kinds, and warnings
                eval(old, space)


def test_children_of_some_of_keep_their_own_p():
    children = [A.HorizontalFlip(p=0), A.ToGray(p=0)]
    chosen = A.Compose([A.SomeOf(children, n=2, p=1)], save_applied_params=True)
    names = [name for name, _ in chosen(image=np.zeros([9, 9, 3], np.uint8))["applied_transforms"]]
    assert not set(names) & {"HorizontalFlip", "ToGray"}


def test_seeds_of_the_program_do_not_reach_albumentations():
    flip, image, series = (
        A.Compose([A.HorizontalFlip(p=0.5)]),
        np.arange(48, dtype=np.uint8).reshape(4, 4, 3),
        [],
    )
    state = random.getstate(), np.random.get_state()
    for _ in range(2):
        keras.utils.set_random_seed(4)
        series.append([flip(image=image)["image"][0, 0, 0] for _ in range(50)])
    random.setstate(state[0])
    np.random.set_state(state[1])
    assert series[0] != series[1]


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_function_makes():
    made = []

    def noted(images):
        made.append(images)
        return images

    def noting(function):
        def for_tf_data(compose):
            augment = function(compose)

            def augment_and_note(images, *, seed):
                changed = tf.numpy_function(noted, [augment(images, seed=seed)], tf.uint8)
                return tf.ensure_shape(changed, images.shape)

            return augment_and_note

        return for_tf_data

    without = ("iou = keras", "one_of = A.Compose", "flip = A.Compose")  # train nothing
    plain, augmented = lesson_spies.first_batches(4, 2, {"for_tf_data": noting}, without)
    assert any(np.array_equal(augmented[0], images) for images in made)
    assert not any(np.array_equal(plain[0], images) for images in made)
