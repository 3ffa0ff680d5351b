"""The checks of lesson 04: image, mask and boxes together; Albumentations in tf.data."""

import contextlib
import dataclasses
import random
import threading
import time

import albumentations as A
import numpy as np
import tensorflow as tf

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_PARTS = ("image", "mask", "bboxes", "breeds")
_SWAP = [1, 0, 3, 2]


def _mask_on_its_own(compose, came):
    return compose(**came) | {"mask": A.Compose(compose.transforms)(image=came["mask"])["image"]}


def _as_it_came(*parts):
    """An answer that returns these parts as they were handed over."""
    return lambda moved, came: moved | {part: came[part] for part in parts}


def _in_pixels(moved, came):
    return moved | {"bboxes": moved["bboxes"] * np.tile(moved["image"].shape[:2], 2)}


def _empty_list(moved, came):
    return moved | {"bboxes": moved["bboxes"] if len(moved["bboxes"]) else []}


def _move_all(
    transforms,
    image,
    mask,
    boxes,
    breeds,
    *,
    order_in=_SWAP,
    order_out=_SWAP,
    parameters=lambda: A.BboxParams("albumentations", ["breeds"]),
    seed=None,
    call=lambda compose, came: compose(**came),
    answer=lambda moved, came: moved,
):
    compose = A.Compose(transforms, bbox_params=parameters(), seed=seed)
    moved = call(compose, dict(zip(_PARTS, (image, mask, boxes[:, order_in], breeds), strict=True)))
    moved["bboxes"] = moved["bboxes"][:, order_out]
    moved = answer(moved, dict(zip(_PARTS, (image, mask, boxes, breeds), strict=True)))
    return tuple(moved[part] for part in _PARTS)


the_courses_move_all = _move_all


_HEIGHT, _WIDTH = 100, 150
_TWO = (10, 15, 60, 45), (25, 80, 95, 145)
_THREE = (5, 10, 45, 35), (15, 55, 90, 70), (50, 85, 95, 145)


def _scene(*pixels):
    """An image that shows its mask, the mask, boxes and breeds, for these boxes in pixels."""
    mask = np.zeros([_HEIGHT, _WIDTH], np.uint8)
    for number, (top, left, bottom, right) in enumerate(pixels, start=1):
        mask[top:bottom, left:right] = number
    image = np.random.default_rng(4).integers(0, 256, (_HEIGHT, _WIDTH, 3)).astype(np.uint8)
    image[..., 0] = 50 * mask
    return image, mask, np.array(pixels) / np.tile([_HEIGHT, _WIDTH], 2), [5, 3, 8][: len(pixels)]


def _move(words, transforms, *pixels):
    return dataclasses.replace(tables.given(transforms, *_scene(*pixels)), words=f" with {words}")


def _twelve_calls(function):
    together, looks = True, set()
    for _ in range(12):
        flips = [A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)]
        image, mask, boxes, _ = function(flips, *_scene(*_TWO))
        edges = np.rint(boxes * np.tile([_HEIGHT, _WIDTH], 2)).astype(int)
        for number, (top, left, bottom, right) in enumerate(edges, start=1):
            together &= bool((mask[top:bottom, left:right] == number).all())
        together &= np.array_equal(image[..., 0], 50 * mask)
        looks.add(image.tobytes())
    return {
        "image, mask and boxes": "go the same way" if together else "go different ways",
        "calls": "draw anew" if len(looks) > 1 else "always draw the same",
    }


def _moves():
    return [
        _move("HorizontalFlip(p=1)", [A.HorizontalFlip(p=1)], *_TWO),
        _move("Transpose(p=1)", [A.Transpose(p=1)], *_TWO),
        _move("HorizontalFlip(p=1), VerticalFlip(p=1)", [A.HorizontalFlip(p=1), A.VerticalFlip(p=1)], *_TWO),
        _move("a crop of the left half and 3 boxes", [A.Crop(0, 0, 75, 100, p=1)], *_THREE),
        _move("a crop of the right half and 3 boxes", [A.Crop(75, 0, 150, 100, p=1)], *_THREE),
        _move("a crop that leaves one pixel of the box", [A.Crop(0, 0, 11, 6, p=1)], (5, 10, 100, 150)),
        _move("a crop that leaves no box", [A.Crop(0, 0, 10, 100, p=1)], *_TWO),
        tables.Try(" with HorizontalFlip(p=0.5), VerticalFlip(p=0.5), 12 times", _twelve_calls),
    ]


def _parts(answer):
    if isinstance(answer, dict) and "calls" in answer:
        return answer
    image, mask, boxes, breeds = answer
    boxes, breeds = np.asarray(boxes, float), [int(breed) for breed in breeds]
    return {"image": np.asarray(image), "mask": np.asarray(mask), "boxes": boxes, "breeds": breeds}


_FORMAT = (
    "Which `format` are your numbers in? Compare the one in `BboxParams` with the table of the lesson, and "
    "the places of top and left."
)
_FIELDS = (
    "A list that is named in `label_fields` has to be handed over in the call under the same name, and a "
    "list of labels that is handed over has to be named there."
)

move_all = tables.Table(
    title="Exercise 1: image, mask, boxes and breeds stay together.",
    right=_move_all,
    tries=_moves,
    read=_parts,
    tolerance=1e-4,
    mistakes={
        "Return the image out of the dictionary that comes back.": {"answer": _as_it_came("image")},
        "The mask has not moved: hand it over under the name that Albumentations knows, and return the one "
        "that comes back.": {"answer": _as_it_came("mask")},
        "Image and mask are moved by two calls, and each call draws anew: make it one.": {
            "call": _mask_on_its_own
        },
        "The boxes are as they were: hand them over as `bboxes=…`, and return those that come back.": {
            "answer": _as_it_came("bboxes", "breeds")
        },
        "A box that has left the picture came back: only with `bbox_params` Albumentations cuts boxes at the "
        "edge and drops them.": {"parameters": lambda: None},
        "The order is that of Albumentations, left first: TFDS puts top first.": {"order_out": [0, 1, 2, 3]},
        "Albumentations takes the first number for left, but it is top: swap them on the way in, too.": {
            "order_in": [0, 1, 2, 3]
        },
        "These are pixels; asked for are shares of the sides.": {"answer": _in_pixels},
        _FORMAT: {"parameters": lambda: A.BboxParams("yolo", ["breeds"])},
        "These are no shares from 0 to 1, as if the boxes were in pixels: look at `format`.": {
            "parameters": lambda: A.BboxParams("pascal_voc", ["breeds"])
        },
        _FIELDS: {"parameters": lambda: A.BboxParams("albumentations", ["labels"])},
        "A box that is cut at the edge stays, whatever is left of it: leave out `min_visibility`, `min_area` "
        "and their like.": {
            "parameters": lambda: A.BboxParams("albumentations", ["breeds"], min_visibility=0.001)
        },
        "The breeds are all still there: that of a box that has left the picture goes with it. Return the "
        "list that comes back.": {"answer": _as_it_came("breeds")},
        "Without boxes the shape is [0, 4], that of an empty list is [0].": {"answer": _empty_list},
        "A Compose that starts from a fixed seed in each call always draws the same. Leave the seed out.": {
            "seed": 1
        },
    },
    errors={
        r"[Ee]xpected [xy]_\w+ for bbox|_max is less than or equal to": _FORMAT,
        r"label_fields": _FIELDS,
    },
    form="Return four: image, mask, boxes and breeds.",
    otherwise="Draw the box on the moved image. Which number is left, which one is top?",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _restart(compose, seed, numpy_draws=None):
    """As the lesson's `restart`, unless NumPy is to draw with another generator."""
    generator = np.random.default_rng(np.atleast_1d(seed).astype(np.uint32))
    compose.set_random_state(numpy_draws or generator, random.Random(generator.bytes(8)))


def _for_tf_data(
    compose,
    *,
    lock=threading.Lock,
    seed_used=lambda seed: seed,
    start=_restart,
    call=lambda compose, images: [compose(image=image)["image"] for image in images],
    door=tf.numpy_function,
    promised=tf.uint8,
    ensure_shape=tf.ensure_shape,
    answer=lambda augment: augment,
):
    one_at_a_time = lock()

    def on_arrays(images, seed):
        with one_at_a_time:
            start(compose, seed_used(seed))
            return np.stack(call(compose, images))

    def augment(images, *, seed):
        return ensure_shape(door(on_arrays, [images, seed], promised), images.shape)

    return answer(augment)


the_courses_for_tf_data = _for_tf_data

_CORNERS = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)


def _flips():
    return A.Compose([A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)])


def _batches(function):
    augment = function(_flips())
    batches = tf.data.Dataset.from_tensors(_CORNERS).repeat(64).batch(40)
    batches = batches.map(lambda images: augment(images, seed=tf.constant([1, 2], tf.int64)))
    changed, shape = [*batches.as_numpy_iterator()], batches.element_spec.shape
    facts = {"batches": ", ".join(f"{batch.dtype.name} {list(batch.shape)}" for batch in changed)}
    facts["shape in the data set"] = "unknown" if shape.rank is None else str(shape.as_list()[1:])
    if [batch.shape for batch in changed] != [(count, *_CORNERS.shape) for count in (40, 24)]:
        return facts
    looks = [_CORNERS, _CORNERS[:, ::-1], _CORNERS[::-1], _CORNERS[::-1, ::-1]]
    counts = [sum(np.array_equal(image, look) for image in changed[0]) for look in looks]
    facts["images"] = "flipped" if sum(counts) == 40 else "with other values"
    if max(counts) == 40:
        return facts | {"draws": "all alike"}
    facts["draws"] = "one for each image"
    facts["flips"] = "always together" if counts[1] + counts[2] == 0 else "independent"
    return facts


def _seeds(function):
    facts, pairs = {}, [(1, 2), (1, 2), (1, 3), (2, 2), (2, 1), (-7, 5)]
    noise = A.Compose([A.GaussNoise(std_range=(0.2, 0.2), p=1)])
    for kind, compose in {"flips": _flips(), "noise": noise}.items():
        augment, images = function(compose), tf.constant(np.stack([_CORNERS] * 12))
        first, *others = (augment(images, seed=tf.constant(pair)) for pair in pairs)
        for pair, other in zip(pairs[1:], others, strict=True):
            alike = "the same" if np.array_equal(first, other) else "different"
            facts[f"{kind} with the seeds {pairs[0]} and {pair}"] = alike
    return facts


def _threads(function):
    def slow(image, **options):
        time.sleep(0.002)
        return image

    augment = function(A.Compose([A.Lambda(image=slow, p=1), *_flips()]))
    images = tf.constant(np.stack([_CORNERS] * 4))
    seeds = tf.data.Dataset.from_tensor_slices([(number, 7) for number in range(8)])
    alone = [augment(images, seed=seed) for seed in seeds]
    parallel = seeds.map(lambda seed: augment(images, seed=seed), num_parallel_calls=8)
    same = np.array_equal(alone, [*parallel.as_numpy_iterator()])
    return {"eight threads": "the same flips as with one" if same else "other flips than with one"}


_SYMBOLS = (
    "Inside of `map` there are symbols, not arrays: what calls Albumentations, or loops over images, belongs "
    "into the function that `tf.numpy_function` calls."
)
_BATCH = "A batch goes in and a batch comes out: each image once."
_PROMISE = "The dtype promised to `tf.numpy_function` is not that of the array which your function returns."
_INNER = "Return the inner function itself, without calling it."

for_tf_data = tables.Table(
    title="Exercise 2: a draw for each image, nothing coupled, and the seed repeats it, also with threads.",
    right=_for_tf_data,
    tries=lambda: [
        tables.Try(" with two flips, in map: batches of 40 and 24 equal images, uint8", _batches),
        tables.Try(" with flips, then with noise, and six seeds: 12 equal images", _seeds),
        tables.Try(" with a slow transform, in map(…, num_parallel_calls=8)", _threads),
    ],
    mistakes={
        "TensorFlow cannot look into `tf.numpy_function`: say the shape.": {
            "ensure_shape": lambda images, shape: images
        },
        "All images are flipped alike: call the Compose for each image, and restart it once for the batch. "
        "(`images=…` is meant for the frames of a film.)": {
            "call": lambda compose, images: compose(images=images)["images"]
        },
        "The flips always act together: `seed=` and `set_random_seed` couple the parts. Use `restart`.": {
            "start": lambda compose, seed: compose.set_random_seed(abs(int(seed[0])))
        },
        "Calls go on drawing: restart the Compose with the seed at the start of each batch. "
        "(`np.random.seed` does not reach it.)": {"start": lambda compose, seed: None},
        "All seeds give the same: hand over the seed that comes with the images.": {
            "seed_used": lambda seed: (4, 4)
        },
        "Both numbers of the seed count, here only the first does.": {"seed_used": lambda seed: seed[:1]},
        "The order of the two numbers counts: (1, 2) and (2, 1) are different seeds.": {
            "seed_used": lambda seed: np.sum(seed)
        },
        "Albumentations draws with NumPy and with Python's `random`: `restart` sets both generators.": {
            "start": lambda compose, seed: _restart(compose, seed, np.random.default_rng(4))
        },
        "While one batch is being changed, another thread restarts the same Compose: from `restart` to the "
        "last draw no other thread may come in between.": {"lock": contextlib.nullcontext},
        _BATCH: {"call": lambda compose, images: compose(image=images[0])["image"]},
        _SYMBOLS: {"door": lambda function, tensors, dtype: function(*tensors)},
        _PROMISE: {"promised": tf.float32},
        _INNER: {"answer": lambda augment: augment(_CORNERS[np.newaxis], seed=(1, 2))},
        "The dtype stays: images come as uint8 and go as uint8.": {
            "answer": lambda augment: lambda images, *, seed: tf.cast(augment(images, seed=seed), tf.float32)
        },
    },
    errors={
        r"must be numpy array|symbolic|no attribute 'numpy'|to a numpy array": _SYMBOLS,
        r"but expects": _PROMISE,
        r"compatible with expected shape": _BATCH,
        r"not callable": _INNER,
    },
    form="Return a function augment(images, *, seed) that returns a batch of images.",
    otherwise="What happens once for the Compose, what once for a batch, what once for an image?",
)
