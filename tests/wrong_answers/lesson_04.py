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


def parts_of(compose):
    for part in compose.transforms:
        children = part.transforms if isinstance(part, A.OneOf) else [part]
        yield part, children, sum(child.p for child in children)


def right_chances(compose):
    return {
        type(child).__name__: compose.p * part.p * child.p / weights
        for part, children, weights in parts_of(compose)
        for child in children
    }


def idle(compose):
    return float(np.prod([1 - part.p for part in compose.transforms]))


def right_unchanged(compose):
    return 1 - compose.p + compose.p * idle(compose)


def with_unchanged(value):
    """The right chances of the transforms, and another value for "unchanged"."""
    return lambda compose: right_chances(compose) | {"unchanged": value(compose)}


def with_chances(chance):
    """The right value for "unchanged", and other chances of the transforms."""

    def answer(compose):
        found = {
            type(child).__name__: chance(compose, part, child, weights, children)
            for part, children, weights in parts_of(compose)
            for child in children
        }
        return found | {"unchanged": right_unchanged(compose)}

    return answer


def is_one_of(part):
    return isinstance(part, A.OneOf)


without_compose = with_chances(lambda compose, part, child, weights, children: part.p * child.p / weights)
without_own_p = with_chances(
    lambda compose, part, child, weights, children: (
        compose.p * (1 if is_one_of(part) else part.p) * child.p / weights
    )
)
not_normalized = with_chances(
    lambda compose, part, child, weights, children: compose.p * part.p * (child.p if is_one_of(part) else 1)
)
only_the_child = with_chances(lambda compose, part, child, weights, children: compose.p * child.p)
evenly = with_chances(lambda compose, part, child, weights, children: compose.p * part.p / len(children))
idle_without_compose = with_unchanged(idle)
idle_when_it_runs = with_unchanged(lambda compose: compose.p * idle(compose))
product_of_p = with_unchanged(lambda compose: float(np.prod([part.p for part in compose.transforms])))
one_minus_sum = with_unchanged(lambda compose: 1 - sum(right_chances(compose).values()))
the_opposite = with_unchanged(lambda compose: 1 - right_unchanged(compose))
children_one_by_one = with_unchanged(
    lambda compose: (
        1
        - compose.p
        + compose.p
        * float(np.prod([1 - child.p for _, children, _ in parts_of(compose) for child in children]))
    )
)
product_of_chances = with_unchanged(
    lambda compose: float(np.prod([1 - chance for chance in right_chances(compose).values()]))
)


def names_of_parts(compose):
    found = {type(part).__name__: compose.p * part.p for part in compose.transforms}
    return found | {"unchanged": right_unchanged(compose)}


def classes_as_keys(compose):
    found = {type(part): compose.p * part.p for part in compose.transforms}
    return found | {"unchanged": right_unchanged(compose)}


def no_unchanged(compose):
    return right_chances(compose)


def percent(compose):
    return {
        name: 100 * chance
        for name, chance in (right_chances(compose) | {"unchanged": right_unchanged(compose)}).items()
    }


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def compose_of(transforms, **settings):
    settings = {"format": "albumentations", "label_fields": ["breeds"]} | settings
    return A.Compose(transforms, bbox_params=A.BboxParams(**settings))


def two_calls(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, bboxes=boxes[:, SWAP], breeds=breeds)
    moved_mask = A.Compose(transforms)(image=mask)["image"]
    return moved["image"], moved_mask, moved["bboxes"][:, SWAP], moved["breeds"]


def mask_stays(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], mask, moved["bboxes"][:, SWAP], moved["breeds"]


def mask_by_another_name(transforms, image, mask, boxes, breeds):
    compose = compose_of(transforms)
    moved = compose(image=image, segmentation_mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["segmentation_mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def image_stays(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return image, moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def boxes_stay(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask)
    return moved["image"], moved["mask"], boxes, breeds


def boxes_by_another_name(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask, boxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["boxes"][:, SWAP], breeds


def not_swapped_back(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"], moved["breeds"]


def never_swapped(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, mask=mask, bboxes=boxes, breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"], moved["breeds"]


def only_swapped_back(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, mask=mask, bboxes=boxes, breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def as_pixels(transforms, image, mask, boxes, breeds):
    moved = compose_of(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    height, width = moved["image"].shape[:2]
    pixels = moved["bboxes"][:, SWAP] * [height, width, height, width]
    return moved["image"], moved["mask"], pixels, moved["breeds"]


def wrong_format(transforms, image, mask, boxes, breeds):
    compose = compose_of(transforms, format="pascal_voc")
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def as_yolo(transforms, image, mask, boxes, breeds):
    compose = compose_of(transforms, format="yolo")
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def another_label_field(transforms, image, mask, boxes, breeds):
    compose = compose_of(transforms, label_fields=["labels"])
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def drops_what_is_cut(transforms, image, mask, boxes, breeds):
    compose = compose_of(transforms, min_visibility=0.1)
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def with_a_seed(transforms, image, mask, boxes, breeds):
    parameters = A.BboxParams(format="albumentations", label_fields=["breeds"])
    compose = A.Compose(transforms, bbox_params=parameters, seed=1)
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], moved["breeds"]


def all_breeds(transforms, image, mask, boxes, breeds):
    compose = A.Compose(transforms, bbox_params=A.BboxParams(format="albumentations"))
    moved = compose(image=image, mask=mask, bboxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], breeds


def without_parameters(transforms, image, mask, boxes, breeds):
    moved = A.Compose(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP])
    return moved["image"], moved["mask"], moved["bboxes"][:, SWAP], breeds


def the_dictionary(transforms, image, mask, boxes, breeds):
    return compose_of(transforms)(image=image, mask=mask, bboxes=boxes[:, SWAP], breeds=breeds)


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def in_numpy(on_arrays, *, cast=True, ensure=True, scale=False, rounded=True, back=True, promised=tf.uint8):
    """Wrap `on_arrays(images, seed)` for tf.data; each option left out is a mistake."""

    def augment(images, *, seed):
        whole = images
        if scale:
            whole = tf.cast(images, tf.float32) / 255
        elif cast:
            whole = tf.cast(images, tf.float32)
            whole = tf.saturate_cast(tf.round(whole) if rounded else whole, tf.uint8)
        changed = tf.numpy_function(on_arrays, [whole, seed], promised or images.dtype)
        changed = tf.ensure_shape(changed, images.shape) if ensure else changed
        return tf.cast(changed, images.dtype) if back else changed

    return augment


def one_by_one(compose, images):
    return np.stack([compose(image=image)["image"] for image in images])


def locked(compose, start=restart):
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            start(compose, seed)
            return one_by_one(compose, images)

    return on_arrays


def whole_batch(compose):
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
            return compose(images=images)["images"]

    return in_numpy(on_arrays)


def restarted_for_each_image(compose):
    lock = threading.Lock()

    def on_arrays(images, seed):
        changed = []
        with lock:
            for image in images:
                restart(compose, seed)
                changed.append(compose(image=image)["image"])
        return np.stack(changed)

    return in_numpy(on_arrays)


def coupled_dice(compose):
    return in_numpy(
        locked(compose, lambda compose, seed: compose.set_random_seed(abs(int(seed[0] * 31 + seed[1]))))
    )


def never_restarted(compose):
    return in_numpy(locked(compose, lambda compose, seed: None))


def seed_of_the_program(compose):
    return in_numpy(locked(compose, lambda compose, seed: np.random.seed(abs(seed[0]))))


def first_number_only(compose):
    return in_numpy(locked(compose, lambda compose, seed: restart(compose, seed[:1])))


def sum_of_the_seed(compose):
    return in_numpy(locked(compose, lambda compose, seed: restart(compose, seed.sum())))


def always_the_same_seed(compose):
    return in_numpy(locked(compose, lambda compose, seed: restart(compose, 4)))


def no_lock(compose):
    def on_arrays(images, seed):
        restart(compose, seed)
        return one_by_one(compose, images)

    return in_numpy(on_arrays)


def lock_around_restart_only(compose):
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
        return one_by_one(compose, images)

    return in_numpy(on_arrays)


def floats_as_they_come(compose):
    return in_numpy(locked(compose), cast=False, promised=None)


def floats_promised_as_uint8(compose):
    return in_numpy(locked(compose), cast=False)


def divided_by_255(compose):
    return in_numpy(locked(compose), scale=True, promised=tf.float32, back=True)


def cut_off(compose):
    return in_numpy(locked(compose), rounded=False)


def without_shape(compose):
    return in_numpy(locked(compose), ensure=False)


def not_cast_back(compose):
    return in_numpy(locked(compose), back=False)


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


def returns_the_batch(compose):
    return np.zeros([2, 4, 4, 3], np.uint8)


def list_of_images(compose):
    lock = threading.Lock()

    def on_arrays(images, seed):
        with lock:
            restart(compose, seed)
            return compose(image=images[0])["image"]

    return in_numpy(on_arrays, ensure=False)


WRONG = {
    "chances": [
        ("p of the Compose missing", without_compose, r"p of the Compose is missing: with that"),
        ("p of OneOf missing", without_own_p, r"own p of OneOf is missing"),
        ("weights not normalized", not_normalized, r"divide it by\s+the sum"),
        ("child's p alone", only_the_child, r"taken for\s+probabilities"),
        ("evenly", evenly, r"does not choose its children evenly"),
        ("unchanged without Compose", idle_without_compose, r"when it does not\s+run"),
        ("unchanged only when it runs", idle_when_it_runs, r"add the case"),
        ("product of p", product_of_p, r"probability\s+that all act"),
        ("1 minus the sum", one_minus_sum, r"1\s+minus the sum"),
        ("the opposite", the_opposite, r"asked for is the\s+opposite"),
        ("children one by one", children_one_by_one, r"do not stay idle one by\s+one"),
        ("product of chances", product_of_chances, r"independent only\s+inside"),
        ("OneOf as a transform", names_of_parts, r"OneOf is no transform"),
        ("classes as keys", classes_as_keys, r"names are texts"),
        ("no unchanged", no_unchanged, r"'unchanged' is missing"),
        ("percent", percent, r"Work this one out by hand"),
    ],
    "move_all": [
        ("two calls", two_calls, r"dice are\s+thrown twice"),
        ("mask stays", mask_stays, r"mask has not moved"),
        ("mask by another name", mask_by_another_name, r"mask has not moved"),
        ("image stays", image_stays, r"Return the image out of the\s+dictionary"),
        ("boxes stay", boxes_stay, r"boxes are as they were"),
        ("boxes by another name", boxes_by_another_name, r"boxes are as they were"),
        ("not swapped back", not_swapped_back, r"left first"),
        ("never swapped", never_swapped, r"on the way in"),
        ("only swapped back", only_swapped_back, r"on the way in"),
        ("pixels", as_pixels, r"These are pixels"),
        ("wrong format", wrong_format, r"which\s+`format`"),
        ("yolo", as_yolo, r"Which\s+format are your\s+numbers in"),
        ("another label field", another_label_field, r"under\s+the\s+same\s+name"),
        ("drops what is cut", drops_what_is_cut, r"cut at the edge\s+stays"),
        ("with a seed", with_a_seed, r"Leave the\s+seed\s+out"),
        ("all breeds", all_breeds, r"drops the breed together"),
        ("without bbox_params", without_parameters, r"With\s+`bbox_params`"),
        ("the dictionary", the_dictionary, r"Return image, mask, boxes and breeds"),
    ],
    "for_tf_data": [
        ("the whole batch", whole_batch, r"all flipped alike"),
        ("restarted for each image", restarted_for_each_image, r"restart it once for the\s+batch"),
        ("coupled dice", coupled_dice, r"the same\s+dice"),
        ("never restarted", never_restarted, r"dice go on from call to call"),
        ("the program's seed", seed_of_the_program, r"dice go on from call to call"),
        ("first number only", first_number_only, r"Both numbers of the seed count"),
        ("sum of the seed", sum_of_the_seed, r"and their order"),
        ("always the same seed", always_the_same_seed, r"Both numbers of the seed count"),
        ("no lock", no_lock, r"another thread restarts"),
        ("lock too small", lock_around_restart_only, r"another thread restarts"),
        ("floats as they come", floats_as_they_come, r"floats for 0 to 1"),
        ("floats promised as uint8", floats_promised_as_uint8, r"dtype promised"),
        ("divided by 255", divided_by_255, r"division by 255"),
        ("cut off", cut_off, r"10\.75 becomes 10"),
        ("without shape", without_shape, r"ensure_shape"),
        ("not cast back", not_cast_back, r"dtype stays"),
        ("without numpy_function", without_numpy_function, r"the loop over images belongs|got a symbol"),
        ("numpy of a symbol", numpy_of_a_symbol, r"there are symbols"),
        ("returns a batch", returns_the_batch, r"inner\s+function itself"),
        ("one image", list_of_images, r"A batch goes in and a batch comes out"),
    ],
}
