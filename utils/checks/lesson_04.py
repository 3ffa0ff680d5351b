"""The checks of lesson 04: chances of a Compose, image with mask and boxes, Albumentations in tf.data."""

import functools
import random
import re
import time
from collections.abc import Callable

import albumentations as A
import numpy as np
import tensorflow as tf

from utils import pipeline
from utils.checks import harness

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_TRANSFORMS = (A.HorizontalFlip, A.VerticalFlip, A.ToGray, A.Equalize, A.Transpose, A.Posterize, A.Solarize)


def chances(function: Callable) -> None:
    """Check `chances(compose) -> {class name: probability, ..., "unchanged": probability}`."""
    cases = [
        A.Compose([A.ToGray(p=0.2)]),
        A.Compose([A.HorizontalFlip(p=0.5), A.ToGray(p=0.2)]),
        A.Compose([A.HorizontalFlip(p=0.5), A.ToGray(p=0.2)], p=0.5),
        A.Compose([A.OneOf([A.ToGray(p=0.6), A.HorizontalFlip(p=0.2)], p=1)]),
        A.Compose([A.OneOf([A.ToGray(p=0.6), A.HorizontalFlip(p=0.2)])]),
        A.Compose([A.OneOf([A.ToGray(p=0.6), A.HorizontalFlip(p=0.2)], p=0.5), A.VerticalFlip(p=0.5)], p=0.8),
        *(_random_compose(number) for number in range(20)),
    ]
    for compose in cases:
        _check_chances(function, compose, cases)
    harness.passed("Exercise 1: what is worked out is what the library does.")


def _random_compose(number):
    """Three to seven transforms, some of them in one or two OneOf."""
    generator = np.random.default_rng(number)
    classes = [_TRANSFORMS[index] for index in generator.permutation(len(_TRANSFORMS))]
    parts = [make(p=_share(generator)) for make in classes[: generator.integers(3, len(classes) + 1)]]
    parts = [A.OneOf(parts[:2], p=_share(generator)), *parts[2:]]
    if len(parts) > 4:
        parts = [*parts[:-3], A.OneOf(parts[-3:], p=_share(generator))]
    return A.Compose(parts, p=[1.0, _share(generator)][number % 2])


def _share(generator):
    return float(generator.integers(1, 11)) / 10


def _children(part):
    return part.transforms if isinstance(part, A.OneOf) else [part]


def _acting(compose, *, outer=True, own=True, weighted=True, forced=True):
    """The chances of the transforms; each option left out is a mistake."""
    found = {}
    for part in compose.transforms:
        one_of = isinstance(part, A.OneOf)
        weights = sum(child.p for child in _children(part))
        for child in _children(part):
            chance = child.p / weights if weighted else 1 / len(_children(part))
            if one_of and not forced:
                chance = child.p
            own_p = part.p if own or not one_of else 1
            found[type(child).__name__] = (compose.p if outer else 1) * own_p * chance
    return found


def _idle(compose):
    return float(np.prod([1 - part.p for part in compose.transforms]))


def _unchanged(compose):
    return 1 - compose.p + compose.p * _idle(compose)


# What the usual mistakes give for the transforms, and for "unchanged".
_ACTING_MISTAKES = {
    "The p of the Compose is missing: with that probability, its list is looked at at all.": (
        functools.partial(_acting, outer=False)
    ),
    "The own p of OneOf is missing: it decides whether one of the children acts.": (
        functools.partial(_acting, own=False)
    ),
    "The p of the Compose and the own p of OneOf are missing: both must say yes before a child acts.": (
        functools.partial(_acting, outer=False, own=False)
    ),
    "The p of a child of OneOf is a weight: divide it by the sum of the weights of all children.": (
        functools.partial(_acting, forced=False)
    ),
    "The children's p in a OneOf are taken for probabilities, and its own p is left out: they are weights, "
    "to be divided by their sum.": functools.partial(_acting, forced=False, own=False),
    "OneOf does not choose its children evenly: their p are weights.": (
        functools.partial(_acting, weighted=False)
    ),
}
_UNCHANGED_MISTAKES = {
    "The p of the Compose is missing: when it does not run, the image is unchanged, too.": _idle,
    "1 − p of the Compose is missing: add the case in which its list is not looked at.": (
        lambda compose: compose.p * _idle(compose)
    ),
    "That is the product of the p: the probability that all act. Multiply the probabilities of staying idle, "
    "1 − p.": lambda compose: float(np.prod([part.p for part in compose.transforms])),
    "That is 1 minus the sum of the chances. It counts twice what several transforms do to the same image: "
    "multiply the probabilities of staying idle.": lambda compose: 1 - sum(_acting(compose).values()),
    "That is the probability that something acts; asked for is the opposite.": (
        lambda compose: 1 - _unchanged(compose)
    ),
    "The children of a OneOf do not stay idle one by one: either the OneOf stays idle, with 1 − its own p, "
    "or exactly one child acts.": lambda compose: (
        1 - compose.p + compose.p * np.prod([1 - c.p for part in compose.transforms for c in _children(part)])
    ),
    "These are independent only inside of the Compose: either it does not run, or it runs and all of its "
    "parts stay idle.": lambda compose: float(np.prod([1 - chance for chance in _acting(compose).values()])),
}


def _check_chances(function, compose, cases):
    tried = f"chances({_written(compose)})"
    expected = {**_acting(compose), "unchanged": _unchanged(compose)}
    got = harness.call(function, compose, tried=tried)
    fail = functools.partial(harness.fail, tried=tried, got=_rounded(got), expected=_rounded(expected))
    if not isinstance(got, dict):
        fail(hint="Return a dictionary: names of classes, and 'unchanged', to probabilities.")
    if set(got) != set(expected):
        fail(hint=_keys_hint(set(got), set(expected)))
    for name, probability in expected.items():
        try:
            right = abs(float(got[name]) - probability) < 1e-6
        except (TypeError, ValueError):
            fail(hint=f"The value of {name!r} is not a number.")
        if not right:
            counted = _counted(compose, name)
            hint = f"Look at {name!r}: in 3,000 draws it was {counted:.2f}. "
            fail(hint=hint + _chances_hint(function, name, cases))


def _keys_hint(got, expected):
    if any(not isinstance(name, str) for name in got):
        return "The names are texts: `type(part).__name__`, not the transform or its class."
    if "OneOf" in got:
        return "OneOf is no transform: its children are, so look into `part.transforms`."
    if "unchanged" not in got:
        return "The entry 'unchanged' is missing."
    odd = sorted(got ^ expected)
    return f"The names should be those of the classes of all transforms, and 'unchanged'; look at {odd[0]!r}."


def _written(part):
    """The part as code."""
    if isinstance(part, A.BaseCompose):
        inner = ", ".join(_written(child) for child in part.transforms)
        return f"{type(part).__name__}([{inner}], p={part.p:g})"
    return f"{type(part).__name__}(p={part.p:g})"


def _rounded(got):
    try:
        return ", ".join(f"{name}: {float(value):.3f}" for name, value in got.items())
    except (AttributeError, TypeError, ValueError):
        return got


def _counted(compose, name, draws=3000):
    """How often a transform really acts, counted in a copy that lists what it did."""
    copy = A.Compose(compose.transforms, p=compose.p, save_applied_params=True)
    _restart(copy, 4)
    image = np.zeros([2, 2, 3], np.uint8)
    lists = [[one for one, _ in copy(image=image)["applied_transforms"]] for _ in range(draws)]
    return sum(not names if name == "unchanged" else name in names for names in lists) / draws


def _chances_hint(function, name, cases):
    """Name the mistake that explains the answers of all cases."""
    mistakes = _UNCHANGED_MISTAKES if name == "unchanged" else _ACTING_MISTAKES
    for hint, mistake in mistakes.items():
        try:
            answers = [function(compose) for compose in cases]
            if name == "unchanged":
                same = [abs(got[name] - mistake(one)) < 1e-6 for got, one in zip(answers, cases, strict=True)]
            else:
                same = [
                    abs(got[key] - value) < 1e-6
                    for got, one in zip(answers, cases, strict=True)
                    for key, value in mistake(one).items()
                ]
            if all(same):
                return hint
        except Exception:  # a wrong answer may fail anywhere
            break
    return "Work this one out by hand, as in the example of the text."


def _restart(compose, seed):
    generator = np.random.default_rng(np.atleast_1d(seed).astype(np.uint32))
    compose.set_random_state(generator, random.Random(generator.bytes(8)))


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_CUT = "Crop that leaves one column of the second box"


def move_all(function: Callable) -> None:
    """Check `move_all(transforms, image, mask, boxes, breeds) -> (image, mask, boxes, breeds)`."""
    fixed = {
        "HorizontalFlip(p=1)": [A.HorizontalFlip(p=1)],
        "VerticalFlip(p=1)": [A.VerticalFlip(p=1)],
        "Transpose(p=1)": [A.Transpose(p=1)],
        "HorizontalFlip(p=1), Transpose(p=1)": [A.HorizontalFlip(p=1), A.Transpose(p=1)],
    }
    for number, (name, transforms) in enumerate(fixed.items()):
        _check_move(function, name, transforms, _scene(number))
    _check_move(function, "Crop to the left half", [A.Crop(0, 0, 24, 36, p=1)], _scene(4, sides=(36, 48)))
    nothing = np.zeros([36, 48], np.uint8)
    nothing[30:35, 40:47] = 1
    _check_move(function, "Crop that leaves no box", [A.Crop(0, 0, 24, 24, p=1)], _painted(nothing, [5]))
    cut = np.zeros([36, 48], np.uint8)
    cut[4:34, 2:18], cut[10:30, 23:45] = 1, 2
    _check_move(function, _CUT, [A.Crop(0, 0, 24, 36, p=1)], _painted(cut, [7, 5]))
    for number in range(16):
        both = [A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)]
        _check_move(function, "HorizontalFlip(p=0.5), VerticalFlip(p=0.5)", both, _scene(20 + number))
    _check_new_dice(function)
    harness.passed("Exercise 2: image, mask, boxes and breeds stay together.")


def _check_new_dice(function):
    """The same scene over and over must not come out alike, as it does with a seed in each new Compose."""
    flips, (image, mask, boxes, breeds) = [A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)], _scene(1)
    tried = "24 calls of move_all([HorizontalFlip(p=0.5), VerticalFlip(p=0.5)], …) with the same image"
    looks = set()
    for _ in range(24):
        inputs = flips, image.copy(), mask.copy(), boxes.copy(), list(breeds)
        looks.add(harness.call(function, *inputs, tried=tried)[0].tobytes())
    if len(looks) == 1:
        harness.fail(
            tried=tried,
            got="24 times the same result",
            expected="each call throws the dice anew",
            hint="A Compose that starts from a fixed seed at each call throws the same dice each time (and "
            "`seed=` couples those of its parts). Leave the seed out.",
        )


def _scene(number, sides=None):
    """An image with two or three rectangles, each of a color of its own, their mask, boxes and breeds."""
    generator = np.random.default_rng(number)
    height, width = sides or (int(side) for side in generator.integers(30, 60, 2))
    mask = np.zeros([height, width], np.uint8)
    count = 2 + number % 2
    for index in range(count):
        start, stop = width * index // count + 1, width * (index + 1) // count - 1
        left = int(generator.integers(start, stop - 4))
        right = int(generator.integers(left + 3, stop + 1))
        top = int(generator.integers(0, height - 8))
        bottom = int(generator.integers(top + 4, height + 1))
        mask[top:bottom, left:right] = index + 1
    return _painted(mask, [int(breed) for breed in generator.permutation(9)[:count] + 3])


def _painted(mask, breeds):
    """Background up to 99; object k has the color 100 + k in all channels."""
    noise = np.random.default_rng(mask.size).integers(0, 100, (*mask.shape, 3))
    image = np.where(mask[..., np.newaxis] > 0, 100 + mask[..., np.newaxis], noise).astype(np.uint8)
    boxes = np.array([_tight(mask == index + 1) for index in range(len(breeds))])
    return image, mask, boxes, breeds


def _tight(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1]) / np.tile(mask.shape, 2)


def _check_move(function, name, transforms, scene):
    image, mask, boxes, breeds = scene
    tried = f"move_all([{name}], …) with {len(breeds)} boxes, breeds {breeds}, first box {_box(boxes[0])}"
    inputs = transforms, image.copy(), mask.copy(), boxes.copy(), list(breeds)

    def run(*arguments):
        try:
            return function(*arguments)
        except ValueError as error:
            _explain(error, tried, _BOX_SYMPTOMS, expected="image, mask, boxes and breeds")
            raise

    result = harness.call(run, *inputs, tried=tried)
    moved, moved_mask, moved_boxes, moved_breeds = harness.require_values(
        result, 4, tried=tried, expected="four values", hint="Return image, mask, boxes and breeds."
    )
    fail = functools.partial(harness.fail, tried=tried)
    _check_pixels(fail, name, image, moved, mask, moved_mask)
    # The colors of the moved image tell where each object is now.
    objects = moved[..., 0].astype(int) - 100
    left = [index for index in range(1, len(breeds) + 1) if (objects == index).any()]
    expected = np.array([_tight(objects == index) for index in left]).reshape(-1, 4)
    _check_boxes(fail, name, scene, moved_boxes, expected, moved.shape)
    wanted = [breeds[index - 1] for index in left]
    try:
        got = [int(breed) for breed in moved_breeds]
    except (TypeError, ValueError):
        got = None
    if got != wanted:
        fail(
            got=f"breeds {moved_breeds}",
            expected=f"breeds {wanted}, one for each box that is left",
            hint="Name the list of breeds in `label_fields`, hand it over under that name, and return the "
            "one that comes back: Albumentations drops the breed together with the box.",
        )


_BOX_SYMPTOMS = {
    r"[Ee]xpected [xy]_\w+ for bbox|[xy]_max is less than or equal to [xy]_min": "Which format are your "
    "numbers in? Compare the `format` of `BboxParams` with the table, and the places of top and left.",
    r"'label_fields' are not valid": "A list named in `label_fields` has to be handed over in the call under "
    "the same name, and a list of labels that is handed over has to be named there.",
}


def _box(box):
    return "[" + ", ".join(f"{share:.2f}" for share in box) + "]"


def _check_pixels(fail, name, image, moved, mask, moved_mask):
    for what, array in {"image": moved, "mask": moved_mask}.items():
        if not isinstance(array, np.ndarray):
            fail(got=f"{type(array).__name__} for the {what}", expected="an array", hint=f"Look at {what}.")
    fixed = {
        "HorizontalFlip(p=1)": lambda array: array[:, ::-1],
        "VerticalFlip(p=1)": lambda array: array[::-1],
        "Transpose(p=1)": lambda array: np.swapaxes(array, 0, 1),
    }
    if name in fixed and not np.array_equal(moved, fixed[name](image)):
        fail(
            got="the image as it was" if np.array_equal(moved, image) else "another image",
            expected=f"the image after {name}",
            hint="Return the image out of the dictionary that comes back, and give the Compose the list of "
            "transforms.",
        )
    wanted = np.where(moved[..., 0] > 100, moved[..., 0].astype(int) - 100, 0)
    if not np.array_equal(moved_mask, wanted):
        as_it_was = np.array_equal(moved_mask, mask)
        fail(
            got="the mask as it was, while the image moved"
            if as_it_was
            else "a mask that does not fit the image",
            expected="the mask where the objects are in the new image",
            hint="The mask has not moved: hand it over as `mask=…` and return the one that comes back."
            if as_it_was and "0.5" not in name
            else "Image and mask went different ways: one call for both, else the dice are thrown twice.",
        )


def _check_boxes(fail, name, scene, got, expected, shape):
    _, mask, boxes, _ = scene
    fail = functools.partial(
        fail, expected=f"boxes {[_box(box) for box in expected]}, [top, left, bottom, right] in shares"
    )
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        fail(got=got, hint="The boxes should be an array of shape [M, 4].")
    words = "boxes " + (str([_box(box) for box in array]) if array.ndim == 2 else harness.shown(array))
    if len(expected) == 0 and array.shape in ((0,), (0, 4)):
        return
    if array.ndim == 2 and len(array) > len(expected):
        fail(
            got=words,
            hint="A box that has left the picture came back. With `bbox_params` Albumentations drops it; "
            "without, it takes no care of boxes.",
        )
    if name == _CUT and array.ndim == 2 and len(array) < len(expected):
        fail(
            got=words,
            hint="A box that is cut at the edge stays, whatever is left of it: leave out `min_visibility`, "
            "`min_area` and their like.",
        )
    if array.ndim != 2 or array.shape[1] != 4 or len(array) != len(expected):
        fail(got=words, hint=f"{len(expected)} of {len(boxes)} boxes are left, so the shape is [M, 4].")
    if np.allclose(array, expected, atol=1e-3):
        return
    height, width = shape[:2]
    swapped = expected[:, [1, 0, 3, 2]]
    unswapped = _moved_with_sides_swapped(name, boxes)
    if np.allclose(array, swapped, atol=1e-3):
        hint = "The order is that of Albumentations, left first. Swap the places back before you return."
    elif np.allclose(array, expected * [height, width, height, width], atol=0.1) or np.allclose(
        array, swapped * [width, height, width, height], atol=0.1
    ):
        hint = "These are pixels; asked for are shares of the sides."
    elif any(np.allclose(array, wrong, atol=1e-3) for wrong in unswapped):
        hint = "Albumentations took the first number for left, but it is top: swap the places on the way in."
    elif array.shape == boxes.shape and np.allclose(array, boxes, atol=1e-3):
        hint = "The boxes are as they were: hand them over as `bboxes=…` and return those that come back."
    elif array.max() > 1.5 or array.min() < -0.5:
        hint = "These are no shares from 0 to 1: which `format` do the numbers have that you hand over?"
    else:
        hint = "Draw the box on the moved image. Which number is left, which one is top?"
    fail(got=words, hint=hint)


def _moved_with_sides_swapped(name, boxes):
    """What comes out, not swapped and swapped, when boxes go in with top and left exchanged."""
    top, left, bottom, right = boxes.T
    moved = {
        "HorizontalFlip(p=1)": [1 - bottom, left, 1 - top, right],
        "VerticalFlip(p=1)": [top, 1 - right, bottom, 1 - left],
        "Transpose(p=1)": [left, top, right, bottom],
    }.get(name)
    if moved is None:
        return []
    return [np.stack(moved, axis=1), np.stack(moved, axis=1)[:, [1, 0, 3, 2]]]


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def for_tf_data(function: Callable) -> None:
    """Check `for_tf_data(compose) -> augment(images, *, seed)`."""
    flips = A.Compose([A.HorizontalFlip(p=0.5), A.VerticalFlip(p=0.5)])
    augment = harness.call(function, flips, tried="for_tf_data(two flips)")
    if not callable(augment):
        harness.fail(
            tried="for_tf_data(two flips)",
            got=augment,
            expected="a function augment(images, *, seed)",
            hint="Return the inner function itself, without calling it.",
        )
    corners = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)
    batch = np.stack([corners] * 64)
    first = _mapped(augment, batch, (1, 2))
    _check_dtype_and_shape(first, batch, "64 uint8 images")
    if not np.array_equal(np.sort(first[1], axis=None), np.sort(batch, axis=None)):
        harness.fail(
            tried="augment(64 uint8 images), two flips",
            got=harness.shown(first[1]),
            expected=f"the same values, moved: {harness.shown(batch)}",
            hint="Flips only move pixels, and yet values have changed. Albumentations gets uint8 from 0 to "
            "255: no division by 255, and each image is used once.",
        )
    _check_seeds(augment, batch, first)
    _check_dice(first, corners)
    _check_floats(function)
    _check_sizes(augment, corners)
    _check_threads(function)
    harness.passed(
        "Exercise 3: uint8 for the library, a fresh draw for each image, independent dice, and the seed "
        "repeats it, also with threads."
    )


def _mapped(augment, images, seed, words="augment inside map"):
    """The spec of a data set that went through map, and its images."""
    tried = f"{words}: images {images.dtype} {list(images.shape)}, seed {seed}"

    def run():
        dataset = tf.data.Dataset.from_tensors((images, tf.constant(seed, tf.int32)))
        try:
            mapped = dataset.map(lambda batch, seed: augment(batch, seed=seed))
            return mapped.element_spec, next(iter(mapped)).numpy()
        except Exception as error:
            _explain(error, tried, _SYMPTOMS, expected="images")
            raise

    return harness.call(run, tried=tried)


_SYMPTOMS = {
    r"is (\w+), but expects (\w+)": "The dtype promised to `tf.numpy_function` is not the one that your "
    "function returns: make uint8 before it, promise `tf.uint8`, and cast afterwards.",
    r"must be numpy array": "Albumentations got a symbol instead of an array: call it inside of the "
    "function that `tf.numpy_function` calls.",
    r"(?i)iterating over a symbolic|no attribute 'numpy'": "Inside map there are symbols, not arrays: the "
    "loop over images belongs into the function that `tf.numpy_function` calls.",
    r"non-negative": "Seeds may be negative; the `restart` of the lesson takes them.",
}


def _explain(error, tried, symptoms, expected):
    """Name the cause of an error whose own words do not; return if it is not known."""
    for symptom, hint in symptoms.items():
        found = re.search(symptom, str(error))
        if found:
            harness.fail(
                tried=tried,
                got=f"{type(error).__name__}: … {found[0]} …",
                expected=expected,
                hint=hint,
            )


def _check_dtype_and_shape(result, images, words):
    spec, changed = result
    fail = functools.partial(harness.fail, tried=f"augment inside map, {words}")
    if changed.shape != images.shape:
        fail(
            got=f"shape {list(changed.shape)}",
            expected=f"shape {list(images.shape)}",
            hint="A batch goes in and a batch comes out: `np.stack` makes one array of the list of images.",
        )
    if changed.dtype != images.dtype:
        fail(
            got=f"dtype {changed.dtype}",
            expected=f"dtype {images.dtype}",
            hint="The dtype stays: cast the result back to `images.dtype`.",
        )
    if spec.shape.rank is None or spec.shape[1:] != images.shape[1:]:
        fail(
            got=f"a data set of images of shape {spec.shape}",
            expected=f"images of shape {list(images.shape)}",
            hint="TensorFlow cannot look into `tf.numpy_function`: say the shape with "
            "`tf.ensure_shape(changed, images.shape)`.",
        )


def _check_seeds(augment, batch, first):
    """The same seed repeats the batch, another one does not, and each image has its own draw."""
    fail = functools.partial(harness.fail, tried="augment(64 equal images, seed=(1, 2)), two flips")
    kinds = len({image.tobytes() for image in first[1]})
    if kinds == 1:
        fail(
            got="64 images that are all flipped alike",
            expected="a draw for each image",
            hint="Call the Compose for each image, and restart it once for the batch: neither hand over the "
            "batch as `images=…` nor restart it before each image with the same seed.",
        )
    again = _mapped(augment, batch, (1, 2))[1]
    if not np.array_equal(first[1], again):
        fail(
            got="other flips at the second call with the same seed",
            expected="the same flips",
            hint="The dice go on from call to call: restart the Compose with the seed at the start of each "
            "batch. (`tf.random.set_seed` and `np.random.seed` do not reach it.)",
        )
    for seed in ((1, 3), (2, 2), (2, 1), (-7, 5)):
        other = _mapped(augment, batch, seed)[1]
        if np.array_equal(first[1], other):
            fail(
                got=f"the same flips with seed {seed}",
                expected="other flips",
                hint="Both numbers of the seed count, and their order: hand the whole seed to "
                "`tf.numpy_function` and to `restart`, so that each batch has its own.",
            )


def _check_dice(first, corners):
    """Two flips are independent: each of the four outcomes occurs."""
    looks = {
        "neither": corners,
        "left-right": corners[:, ::-1],
        "up-down": corners[::-1],
        "both": corners[::-1, ::-1],
    }
    counts = {name: sum(np.array_equal(image, look) for image in first[1]) for name, look in looks.items()}
    if counts["left-right"] + counts["up-down"] == 0:
        harness.fail(
            tried="augment(64 equal images), two flips with p=0.5",
            got=", ".join(f"{name}: {count}" for name, count in counts.items()),
            expected="about 16 of each",
            hint="Both flips always fall alike: `seed=` and `set_random_seed` give every part the same dice. "
            "Use `restart`.",
        )
    if min(counts.values()) == 0:
        harness.fail(
            tried="augment(64 equal images), two flips with p=0.5",
            got=", ".join(f"{name}: {count}" for name, count in counts.items()),
            expected="about 16 of each",
            hint="Not all outcomes occur. Is the Compose called for each image, once?",
        )


def _check_floats(function):
    """Floats from 0 to 255 give what uint8 gives."""
    brighter = A.Compose([A.RandomBrightnessContrast((0.1, 0.1), (0, 0), p=1)])
    augment = harness.call(function, brighter, tried="for_tf_data(brightness)")
    images = np.random.default_rng(4).integers(10, 200, (3, 8, 6, 3)).astype(np.uint8)
    right = _mapped(augment, images, (3, 4))[1].astype(float)
    floats = images.astype(np.float32)
    floats[0] += 0.75  # rounds up
    result = _mapped(augment, floats, (3, 4))
    _check_dtype_and_shape(result, floats, "3 float32 images")
    changed = result[1]
    fail = functools.partial(
        harness.fail,
        tried="augment(float32 images from 10 to 200), brightness",
        expected="as for uint8 images",
    )
    got = harness.shown(changed)
    if changed.max() <= 1:
        fail(
            got=got,
            hint="Albumentations takes floats for 0 to 1 and cuts off the rest: give it uint8. And do not "
            "divide by 255: the result is in 0 to 255, as the images were.",
        )
    if not np.allclose(changed[1:], right[1:], atol=0.51):
        fail(got=got, hint="Round, make uint8, augment, cast back to float32. No scaling.")
    if not np.allclose(changed[0], right[0] + 1, atol=1.01) or np.allclose(changed[0], right[0], atol=0.01):
        fail(got=got, hint="`tf.cast` cuts off what stands behind the point: 10.75 becomes 10. Round first.")


def _check_sizes(augment, corners):
    """Batches whose number of images is not known while tracing."""

    def run():
        images = tf.data.Dataset.from_tensors(corners).repeat(5).batch(3)
        seeds = tf.data.Dataset.from_tensors(tf.constant([1, 2], tf.int64)).repeat()
        mapped = tf.data.Dataset.zip(images, seeds).map(lambda batch, seed: augment(batch, seed=seed))
        return [batch.shape[0] for batch in mapped], mapped.element_spec.shape

    tried = "augment on batches of 3 and 2 images, whose number is not known beforehand"
    sizes, shape = harness.call(run, tried=tried)
    if sizes != [3, 2] or shape[1:] != corners.shape:
        harness.fail(
            tried=tried,
            got=f"batches of {sizes} images, shape {shape}",
            expected=f"batches of [3, 2] images, shape {(None, *corners.shape)}",
            hint="`images.shape` has None where the number is not known; `tf.ensure_shape` takes that.",
        )
    _check_training(augment, corners)


def _check_training(augment, corners):
    """It fits into the course's own pipeline."""
    images = tf.data.Dataset.from_tensors((corners, 1)).repeat(8)
    tried = "pipeline.training_batches(8 images, batch_size=4, augment=…)"

    def run():
        batches = pipeline.training_batches(images, batch_size=4, num_classes=2, augment=augment)
        return [batch.shape for batch, _ in batches]

    shapes = harness.call(run, tried=tried)
    if shapes != [(4, *corners.shape)] * 2:
        harness.fail(
            tried=tried,
            got=f"batches of shape {shapes}",
            expected=f"two batches of shape {(4, *corners.shape)}",
            hint="A batch goes in, and a batch of the same shape comes out.",
        )


def _check_threads(function):
    """With a slow transform, threads get in each other's way unless there is a lock (or a copy)."""

    def slow(image, **_):
        time.sleep(0.002)
        return image

    compose = A.Compose([A.Lambda(image=slow, p=1), A.HorizontalFlip(p=0.5)])
    augment = harness.call(function, compose, tried="for_tf_data(a slow transform)")
    batch = np.stack([np.arange(12, dtype=np.uint8).reshape(2, 2, 3)] * 6)

    def run(threads):
        numbers = tf.data.Dataset.range(10)
        changed = numbers.map(lambda number: augment(batch, seed=tf.stack([number, 7])), threads)
        return np.stack([images.numpy() for images in changed])

    tried = "augment in map(…, num_parallel_calls=8), with a transform that takes its time"
    alone = harness.call(run, None, tried="augment in map, one thread")
    parallel = harness.call(run, 8, tried=tried)
    if not np.array_equal(alone, parallel):
        harness.fail(
            tried=tried,
            got="other flips than with one thread",
            expected="the same flips for the same seeds",
            hint="While one batch is being changed, another thread restarts the same Compose. Put restart "
            "and all calls of one batch inside `with lock:`.",
        )
