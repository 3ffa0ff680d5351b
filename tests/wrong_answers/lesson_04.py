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


def moving(answer, fields=("breeds",), box_format="albumentations", order=SWAP, **options):
    """move_all with `answer(moved, came)`: dictionaries of what comes back and of what was given."""

    def move_all(transforms, image, mask, boxes, breeds):
        of_boxes = A.BboxParams(format=box_format, label_fields=list(fields), **options)
        came = {"image": image, "mask": mask, "bboxes": boxes[:, order], "breeds": breeds}
        return answer(A.Compose(transforms, bbox_params=of_boxes)(**came), came)

    return move_all


def four(moved, came, **changed):
    moved = moved | {"bboxes": moved["bboxes"][:, SWAP]} | changed
    return moved["image"], moved["mask"], moved["bboxes"], moved["breeds"]


def two_calls(transforms, image, mask, boxes, breeds):
    of_boxes = A.BboxParams(format="albumentations", label_fields=["breeds"])
    moved = A.Compose(transforms, bbox_params=of_boxes)(image=image, bboxes=boxes[:, SWAP], breeds=breeds)
    moved_mask = A.Compose(transforms)(image=mask)["image"]
    return moved["image"], moved_mask, moved["bboxes"][:, SWAP], moved["breeds"]


def mask_by_another_name(transforms, image, mask, boxes, breeds):
    compose = A.Compose(transforms, bbox_params=A.BboxParams("albumentations", ["breeds"]))
    moved = compose(image=image, segmentation_mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["segmentation_mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def boxes_by_another_name(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask, boxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["boxes"][:, SWAP], breeds


def without_parameters(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], breeds


def first_breeds(transforms, image, mask, boxes, breeds):
    compose = A.Compose(transforms, bbox_params=A.BboxParams(format="albumentations"))
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], breeds[: len(moved["bboxes"])]


def with_a_seed(transforms, image, mask, boxes, breeds):
    of_boxes = A.BboxParams(format="albumentations", label_fields=["breeds"])
    compose = A.Compose(transforms, bbox_params=of_boxes, seed=1)
    return four(compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds), None)


def empty_list(moved, came):
    return four(moved, came, **({} if len(moved["bboxes"]) else {"bboxes": []}))


def pixels(moved, came):
    height, width = moved["image"].shape[:2]
    return four(moved, came, bboxes=moved["bboxes"][:, SWAP] * [height, width, height, width])


def not_swapped_back(moved, came):
    return four(moved, came, bboxes=moved["bboxes"])


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def one_by_one(compose, images):
    return np.stack([compose(image=image)["image"] for image in images])


def for_tf_data(start=restart, call=one_by_one, promised=tf.uint8, ensured=True):
    """for_tf_data with these parts."""

    def made(compose):
        lock = threading.Lock()

        def on_arrays(images, seed):
            with lock:
                start(compose, seed)
                return call(compose, images)

        def augment(images, *, seed):
            changed = tf.numpy_function(on_arrays, [images, seed], promised)
            return tf.ensure_shape(changed, images.shape) if ensured else changed

        return augment

    return made


def restarted_for_each_image(compose):
    def on_arrays(images, seed):
        changed = []
        for image in images:
            restart(compose, seed)
            changed.append(compose(image=image)["image"])
        return np.stack(changed)

    return lambda images, *, seed: tf.ensure_shape(
        tf.numpy_function(on_arrays, [images, seed], tf.uint8), images.shape
    )


def coupled(compose, seed):
    compose.set_random_seed(abs(int(seed[0] * 31 + seed[1])))


def fixed_numpy_generator(compose, seed):
    words = np.asarray(seed).astype(np.uint32)
    compose.set_random_state(np.random.default_rng(4), random.Random(words.tobytes()))


def no_lock(compose, start_locked=False):
    lock = threading.Lock()

    def on_arrays(images, seed):
        if start_locked:
            with lock:
                restart(compose, seed)
        else:
            restart(compose, seed)
        return one_by_one(compose, images)

    return lambda images, *, seed: tf.ensure_shape(
        tf.numpy_function(on_arrays, [images, seed], tf.uint8), images.shape
    )


def lock_around_restart_only(compose):
    return no_lock(compose, start_locked=True)


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


def a_batch(compose):
    return np.zeros([2, 4, 4, 3], np.uint8)


WRONG = {
    "move_all": [
        ("two calls", two_calls, r"two calls, and each call draws anew"),
        ("mask stays", moving(lambda moved, came: four(moved, came, mask=came["mask"])), r"has not moved"),
        ("mask by another name", mask_by_another_name, r"mask has not moved"),
        (
            "image stays",
            moving(lambda moved, came: four(moved, came, image=came["image"])),
            r"Return the image",
        ),
        ("boxes by another name", boxes_by_another_name, r"boxes are as they were"),
        ("without bbox_params", without_parameters, r"only\s+with\s+`bbox_params`"),
        ("not swapped back", moving(not_swapped_back), r"left first"),
        ("never swapped", moving(not_swapped_back, order=[0, 1, 2, 3]), r"never\s+swapped"),
        ("only swapped back", moving(four, order=[0, 1, 2, 3]), r"on the\s+way in"),
        ("pixels", moving(pixels), r"These are pixels"),
        ("pascal_voc", moving(four, box_format="pascal_voc"), r"look at\s+`format`"),
        ("yolo", moving(four, box_format="yolo"), r"Which\s+`format`"),
        ("another label field", moving(four, fields=["labels"]), r"under\s+the\s+same\s+name"),
        ("drops what is cut", moving(four, min_visibility=0.04), r"leave out\s+`min_visibility`"),
        ("drops small boxes", moving(four, min_area=4), r"`min_area`"),
        (
            "all breeds",
            moving(lambda moved, came: four(moved, came, breeds=came["breeds"])),
            r"all still there",
        ),
        ("the first breeds", first_breeds, r"need\s+not\s+be\s+the\s+last\s+box"),
        ("an empty list", moving(empty_list), r"that of an empty list is"),
        ("with a seed", with_a_seed, r"Leave\s+the\s+seed\s+out"),
        ("the dictionary", moving(lambda moved, came: moved), r"Return four"),
    ],
    "for_tf_data": [
        (
            "the whole batch",
            for_tf_data(call=lambda compose, images: compose(images=images)["images"]),
            r"flipped alike",
        ),
        ("restarted for each image", restarted_for_each_image, r"restart it\s+once for the\s+batch"),
        ("coupled", for_tf_data(coupled), r"couple the parts"),
        ("never restarted", for_tf_data(lambda compose, seed: None), r"go on drawing"),
        ("NumPy's seed", for_tf_data(lambda compose, seed: np.random.seed(abs(seed[0]))), r"go on drawing"),
        (
            "first number only",
            for_tf_data(lambda compose, seed: restart(compose, seed[:1])),
            r"only the first",
        ),
        (
            "sum of the seed",
            for_tf_data(lambda compose, seed: restart(compose, seed.sum())),
            r"order of the two",
        ),
        ("always the same seed", for_tf_data(lambda compose, seed: restart(compose, 4)), r"All seeds give"),
        ("a fixed NumPy generator", for_tf_data(fixed_numpy_generator), r"draws\s+with\s+NumPy\s+does not"),
        ("no lock", no_lock, r"another\s+thread\s+restarts"),
        ("lock too small", lock_around_restart_only, r"another\s+thread\s+restarts"),
        ("another dtype promised", for_tf_data(promised=tf.float32), r"dtype promised"),
        ("without shape", for_tf_data(ensured=False), r"say the shape"),
        ("0 to 1", scaled, r"dtype stays"),
        ("without numpy_function", without_numpy_function, r"there are symbols"),
        ("numpy of a symbol", numpy_of_a_symbol, r"there are symbols"),
        ("returns a batch", a_batch, r"inner\s+function itself"),
        (
            "one image",
            for_tf_data(call=lambda compose, images: compose(image=images[0])["image"]),
            r"batch goes in",
        ),
    ],
}
