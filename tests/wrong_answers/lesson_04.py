"""Wrong answers to the exercises of lesson 04; see README.md."""

import random
import threading

import albumentations as A
import numpy as np
import tensorflow as tf

SWAP = [1, 0, 3, 2]


def restart(compose, seed):
    """As in the lesson."""
    generator = np.random.default_rng(np.atleast_1d(seed).astype(np.uint32))
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def the_dictionary(transforms, image, mask, boxes, breeds):
    compose = A.Compose(transforms, bbox_params=A.BboxParams("albumentations", ["breeds"]))
    return compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)


def drops_small_boxes(transforms, image, mask, boxes, breeds):
    of_boxes = A.BboxParams("albumentations", ["breeds"], min_area=4)
    moved = A.Compose(transforms, bbox_params=of_boxes)(
        image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds
    )
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def mask_by_another_name(transforms, image, mask, boxes, breeds):
    compose = A.Compose(transforms, bbox_params=A.BboxParams("albumentations", ["breeds"]))
    moved = compose(image=image, segmentation_mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["segmentation_mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def without_parameters(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], breeds


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def one_by_one(compose, images):
    return np.stack([compose(image=image)["image"] for image in images])


def for_tf_data(start=restart):
    """A right answer but for `start(compose, seed)`."""

    def made(compose):
        lock = threading.Lock()

        def on_arrays(images, seed):
            with lock:
                start(compose, seed)
                return one_by_one(compose, images)

        return through_the_door(on_arrays)

    return made


def through_the_door(on_arrays):
    def augment(images, *, seed):
        return tf.ensure_shape(tf.numpy_function(on_arrays, [images, seed], tf.uint8), images.shape)

    return augment


def restarted_for_each_image(compose):
    def on_arrays(images, seed):
        changed = []
        for image in images:
            restart(compose, seed)
            changed.append(compose(image=image)["image"])
        return np.stack(changed)

    return through_the_door(on_arrays)


def fixed_numpy_generator(compose, seed):
    words = np.asarray(seed).astype(np.uint32)
    compose.set_random_state(np.random.default_rng(4), random.Random(words.tobytes()))


def lock_around_restart_only(compose):
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
        return one_by_one(compose, images)

    return through_the_door(on_arrays)


def without_numpy_function(compose):
    def augment(images, *, seed):
        restart(compose, (1, 2))
        return tf.stack([compose(image=image)["image"] for image in images])

    return augment


def numpy_of_a_symbol(compose):
    def augment(images, *, seed):
        restart(compose, seed.numpy())
        return one_by_one(compose, images.numpy())

    return augment


def scaled(compose):
    inner = for_tf_data()(compose)
    return lambda images, *, seed: tf.cast(inner(images, seed=seed), tf.float32) / 255


WRONG = {
    "move_all": [
        ("mask by another name", mask_by_another_name, r"mask has not moved"),
        ("without bbox_params", without_parameters, r"only\s+with\s+`bbox_params`"),
        ("drops small boxes", drops_small_boxes, r"`min_area`"),
        ("the dictionary", the_dictionary, r"Return four"),
    ],
    "for_tf_data": [
        ("restarted for each image", restarted_for_each_image, r"restart it\s+once for the\s+batch"),
        ("NumPy's seed", for_tf_data(lambda compose, seed: np.random.seed(abs(seed[0]))), r"go on drawing"),
        ("a fixed NumPy generator", for_tf_data(fixed_numpy_generator), r"sets both\s+generators"),
        ("lock too small", lock_around_restart_only, r"another\s+thread\s+restarts"),
        ("0 to 1", scaled, r"dtype stays"),
        ("without numpy_function", without_numpy_function, r"there are symbols"),
        ("numpy of a symbol", numpy_of_a_symbol, r"there are symbols"),
    ],
}
