"""The checks of lesson 02: brightness with a draw for each image, and an augmentation of three operations."""

import numpy as np
import tensorflow as tf
from scipy import stats

from utils.checks import tables

_CHANCE = 1e-6  # how often a right answer fails a test of its draws


def _spread(draws, low, high, slack):
    """How draws lie that should be even between two ends, in words."""
    if np.ptp(draws) < 0.08 * (high - low):
        return "the same for all images"
    if draws.min() < low - slack or draws.max() > high + slack:
        return "beyond the ends"
    middle, near = (low + high) / 2, (high - low) / 50 + slack
    if not (np.abs(draws - middle) < (high - low) / 4).any():
        return "at the ends only"
    if draws.min() > middle - near or draws.max() < middle + near:
        return "on one side only"
    if draws.min() > low + near or draws.max() < high - near:
        return "short of the ends"
    even = stats.kstest(draws, stats.uniform(low, high - low).cdf).pvalue > _CHANCE
    return "even between the ends" if even else "between the ends, but not evenly"


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _brighten(
    images,
    max_delta,
    *,
    seed,
    count=lambda images: tf.shape(images)[0],
    sides=lambda images: (1, 1, 1),
    draw=tf.random.stateless_uniform,
    low=lambda delta: -delta,
    high=lambda delta: delta,
    of=lambda seed: seed,
    unit=255.0,
    clip=lambda pixels: tf.clip_by_value(pixels, 0, 255),
    dtype=tf.uint8,
):
    shape = [count(images), *sides(images)]
    deltas = unit * draw(shape, of(seed), low(max_delta), high(max_delta))
    return tf.cast(tf.round(clip(tf.cast(images, tf.float32) + deltas)), dtype)


def _clipped_normal(shape, seed, low, high):
    return tf.clip_by_value(high * tf.random.stateless_normal(shape, seed) / 2, low, high)


def _ends_only(shape, seed, low, high):
    return tf.where(tf.random.stateless_uniform(shape, seed) < 0.5, low, high)


def _of_grays(max_delta):
    """The Try that brightens many gray images, and says how they have changed."""
    images = tf.fill([2_000, 2, 2, 3], tf.constant(128, tf.uint8))

    def use(function):
        dataset = tf.data.Dataset.from_tensors(images)  # a loop over images is slow outside of a graph
        out = next(dataset.map(lambda images: function(images, max_delta, seed=(1, 2))).as_numpy_iterator())
        facts = {"shape": str(list(out.shape)), "dtype": str(out.dtype)}
        if out.shape != images.shape or out.dtype != np.uint8:
            return facts
        deltas = out.astype(int) - 128
        inside = "one number for all pixels"
        if np.ptp(deltas, axis=(1, 2)).any():
            inside = "a number for each pixel"
        elif np.ptp(deltas, axis=3).any():
            inside = "a number for each channel"
        most = 255 * max_delta
        facts["within an image"] = inside
        if np.abs(deltas).max() <= 1:
            return facts | {f"numbers for {max_delta}": "less than one gray level"}
        return facts | {f"numbers for {max_delta}": _spread(deltas[:, 0, 0, 0], -most, most, slack=1)}

    return tables.Try(f"(2,000 gray images [2, 2, 3], {max_delta}, seed=(1, 2))", use)


def _at_the_ends(function):
    """Pixels of all values beside one of 128, which tells the image's number; then bright and dark images."""
    images = np.random.default_rng(5).integers(0, 256, [32, 6, 5, 3], np.uint8)
    images[:, 0, 0] = 128
    out = np.asarray(function(tf.constant(images), 0.4, seed=(3, 4))).astype(int)
    expected = np.clip(images.astype(int) + out[:, :1, :1] - 128, 0, 255)
    facts = {"changes": "alike" if np.abs(out - expected).max() <= 1 else "not alike for all pixels"}
    jumped = np.abs(out - images).max() > 110  # 0.4 × 255 = 102
    # A cast alone stops at the ends in some places and wraps around in others: single pixels, long batches.
    for value, count, side in [(250, 1, 1), (5, 1, 1), (250, 8, 72), (5, 8, 72)]:
        for seed in range(6):
            some = tf.fill([count, side, side, 3], tf.constant(value, tf.uint8))
            out = np.asarray(function(some, 0.4, seed=(5, seed))).astype(int)
            jumped = jumped or (np.abs(out - value) > 110).any()
    return {"at the ends": "values wrap around" if jumped else "values stop at 0 and 255"} | facts


def _by_seed(function):
    images = tf.fill([64, 2, 2, 3], tf.constant(128, tf.uint8))
    first, again, other = (np.asarray(function(images, 0.3, seed=(1, last))) for last in (2, 2, 3))
    return {"the same seed again": _alike(first, again), "another seed": _alike(first, other)}


def _alike(first, second):
    return "the same result" if np.array_equal(first, second) else "another result"


def _batches_in_map(function):
    images = tf.fill([11, 2, 2, 3], tf.constant(128, tf.uint8))
    batches = tf.data.Dataset.from_tensor_slices(images).batch(8)
    out = list(batches.map(lambda images: function(images, 0.3, seed=(1, 2))).as_numpy_iterator())
    return {"batches": str([list(batch.shape) for batch in out])}


brighten = tables.Table(
    title="Exercise 1: each image has a draw of its own, even between the ends, clipped, by the seed.",
    right=_brighten,
    tries=lambda: [
        _of_grays(0.3),
        _of_grays(0.1),
        tables.Try("(images with pixels near 0 and 255, 0.4, seed=…)", _at_the_ends),
        tables.Try("(images, 0.3, seed=…), three times", _by_seed),
        tables.Try(" inside of dataset.map, with a last batch of 3", _batches_in_map),
    ],
    read=dict,
    mistakes={
        "One draw for the whole batch. tf.image draws once for a batch; draw as many numbers as images.": {
            "count": lambda images: 1
        },
        "Nothing can be seen: the pixels are in 0 to 255 and the numbers in 0 to 1. Scale one of them.": {
            "unit": 1.0
        },
        "The numbers do not reach as far as asked for: 1 is the whole range, 255.": {"unit": 200.0},
        "The numbers are too large: max_delta is a share of the range, up or down.": {"unit": 510.0},
        "The numbers are the same for every `max_delta`: it is not used.": {
            "low": lambda delta: -0.3,
            "high": lambda delta: 0.3,
        },
        "The images go one way only. The draw has two ends: -max_delta and max_delta.": {
            "low": lambda delta: 0.0
        },
        "The numbers are not even: is it tf.random.stateless_uniform, with both ends?": {
            "draw": _clipped_normal
        },
        "Only the ends are drawn: is it tf.random.stateless_uniform?": {"draw": _ends_only},
        "This is noise: a draw for each pixel. Look at the shape; [B, 1, 1, 1] has one number an image.": {
            "sides": lambda images: images.shape[1:]
        },
        "A draw for each channel changes the color. The last side of the shape should be 1, not 3.": {
            "sides": lambda images: (1, 1, 3)
        },
        "The numbers do not fit the images. Draw them in the shape [B, 1, 1, 1], one for each image.": {
            "sides": lambda images: ()
        },
        "Values wrap around: a cast to tf.uint8 does not clip reliably. Clip to 0 to 255 before it.": {
            "clip": lambda pixels: pixels % 256
        },
        "Pixels of one image change by different amounts. Only the ends, 0 and 255, cut a change short: clip "
        "after adding, to 0 to 255.": {"clip": lambda pixels: tf.clip_by_value(pixels, 20, 235)},
        "The dtype has changed on the way. Clip, round, and cast back to tf.uint8 at the end.": {
            "dtype": tf.float32
        },
        "The draw does not come from the seed alone. Use tf.random.stateless_uniform with it.": {
            "of": lambda seed: tf.random.uniform([2], 0, 9999, tf.int32)
        },
        "The seed that is handed in is not used: is there a fixed one inside?": {"of": lambda seed: (0, 0)},
        "In a pipeline the number of images is not known beforehand: take it from tf.shape(images)[0].": {
            "count": lambda images: images.shape[0]
        },
    },
    form="Return the batch in its old shape, as uint8.",
    otherwise="Print what has been added to the first three images: what comes out minus what went in.",
    errors={
        r"Incompatible shapes|must be equal|not broadcast": "The numbers do not fit the images. Draw them in "
        "the shape [B, 1, 1, 1], one for each image.",
        r"None": "In a pipeline the number of images is not known beforehand: take it from "
        "tf.shape(images)[0].",
    },
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _map_each(change, images, seed):
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(lambda pair: change(*pair), (images, seeds), fn_output_signature=images.dtype)


def _augment(
    images,
    *,
    seed,
    each=_map_each,
    seeds=lambda seed: tf.unstack(tf.random.split(seed, 3)),
    flip=tf.image.stateless_random_flip_left_right,
    brighten=lambda image, seed: tf.image.stateless_random_brightness(image, 0.2, seed),
    saturate=lambda image, seed: tf.image.stateless_random_saturation(image, 0.7, 1.3, seed),
    more=lambda image, seed: image,
    before=lambda images: images,
    after=lambda images, before: images,
):
    def change(image, seed):
        first, second, third = seeds(seed)
        return saturate(brighten(more(flip(image, first), seed), second), third)

    return after(each(change, before(images), seed), images)


def _whole_number_again(changed, images):
    return tf.cast(tf.round(tf.clip_by_value(changed, 0, 255)), images.dtype)


_BATCH = 400


def _gold():
    """A golden picture, darker at the top and left, with fine grain. No draw of the task clips it."""
    down, right = np.mgrid[0:16, 0:16]
    grain = np.random.default_rng(8).integers(-12, 13, [16, 16])
    light = 110 + 1.5 * down + 1.5 * right + grain
    return np.uint8(np.stack([light + 25 + 0.7 * down, light + 5 + 0.3 * right, light - 20], axis=-1))


def _of_gold(function):
    """What is drawn for each of many equal pictures; then a few of them, one seed twice and another one."""
    many = tf.constant(np.broadcast_to(_gold(), [_BATCH, 16, 16, 3]))
    for images, seeds in [(many, [(5, 6)]), (many[:16], [(5, 6), (5, 6), (5, 7)])]:
        batches = tf.data.Dataset.from_tensor_slices(seeds)
        out = list(batches.map(lambda seed, images=images: function(images, seed=seed)).as_numpy_iterator())
        if len(out) == 1:
            facts = {"shape": str(list(out[0].shape)), "dtype": str(out[0].dtype)}
            if out[0].shape != images.shape or out[0].dtype != np.uint8:
                return facts
            facts |= _seen(out[0].astype(float))
    return facts | {"the same seed again": _alike(*out[:2]), "another seed": _alike(*out[1:])}


def _seen(out):
    facts = {"all images alike": "yes" if np.ptp(out, axis=0).max() == 0 else "no"}
    light = out.mean(axis=-1)
    mirrored = light[:, :, :8].mean((1, 2)) > light[:, :, 8:].mean((1, 2))
    turned = light[:, :8].mean((1, 2)) > light[:, 8:].mean((1, 2))
    facts["upside down"] = "none" if not turned.any() else "some"
    facts["mirrored"] = "about half" if abs(mirrored.mean() - 0.5) < 0.13 else f"{mirrored.mean():.0%}"
    out = np.where(mirrored[:, None, None, None], out[:, :, ::-1], out)
    out = np.where(turned[:, None, None, None], out[:, ::-1], out)
    old = _gold().astype(float)
    old_top, top = old.max(axis=-1), out.max(axis=-1)
    # Brightness moves the largest channel; saturation scales how far the others lie below it.
    deltas = (top - old_top).mean((1, 2))
    below, old_below = top[..., None] - out, old_top[..., None] - old
    factors = below.sum((1, 2, 3)) / old_below.sum()
    facts["hue"] = "turned" if _middle(below, old_below) > 0.08 else "kept"
    expected = old_top[..., None] + deltas[:, None, None, None] - factors[:, None, None, None] * old_below
    rest = np.abs(out - expected).mean((1, 2, 3))
    facts["anything else"] = "no" if np.percentile(rest, 90) < 1 else "yes"
    facts["brightness"] = _spread(deltas, -51, 51, slack=1)
    facts["saturation"] = _spread(factors, 0.7, 1.3, slack=0.035)  # tf.image cuts decimals off
    if 0 < mirrored.mean() < 1 and "the same" not in facts["brightness"] + facts["saturation"]:
        pairs = [(mirrored, deltas), (mirrored, factors), (deltas, factors)]
        together = sum(abs(np.corrcoef(*map(np.float64, pair))[0, 1]) > 0.25 for pair in pairs)
        facts["the three draws"] = f"{together} of 3 pairs go together" if together else "independent"
    return facts


def _middle(below, old):
    """How much the middle channel has moved between the two others, on the whole: a turn of the hue."""
    places = below.mean((1, 2)) / np.maximum(below.mean((1, 2)).max(axis=-1, keepdims=True), 1e-6)
    old_places = old.mean((0, 1)) / old.mean((0, 1)).max()
    return np.percentile(np.abs(places - old_places).max(axis=-1), 75)


_SPLIT = (
    "The same seed for two operations makes one draw of two. Split it: tf.random.split(seed, 3) gives three."
)
augment = tables.Table(
    title="Exercise 2: mirror, brightness and saturation, each drawn for each image on its own.",
    right=_augment,
    tries=lambda: [tables.Try(f" inside of dataset.map, {_BATCH} golden images", _of_gold)],
    read=dict,
    mistakes={
        "There is more than the three (contrast? a loss as by JPEG?): only mirror, brightness and saturation "
        "are asked for.": {
            "more": lambda image, seed: tf.image.stateless_random_contrast(image, 0.8, 1.2, seed)
        },
        "On a batch tf.image draws brightness and saturation once: use on_each_image.": {
            "each": lambda change, images, seed: change(images, seed)
        },
        "All images get the same draws: has each image a seed of its own?": {
            "each": lambda change, images, seed: tf.map_fn(lambda image: change(image, seed), images)
        },
        _SPLIT: {"seeds": lambda seed: [seed] * 3},
        f"Two of the three draws go together. {_SPLIT}": {
            "seeds": lambda seed: tf.unstack(tf.gather(tf.random.split(seed, 2), [0, 1, 1]))
        },
        "No dog of the test split stands on its head. Mirror left–right only.": {
            "more": tf.image.stateless_random_flip_up_down
        },
        "None is mirrored: tf.image.stateless_random_flip_left_right decides for each image by its seed.": {
            "flip": lambda image, seed: image
        },
        "All are mirrored: the function with `random` in its name decides by the seed.": {
            "flip": lambda image, seed: tf.image.flip_left_right(image)
        },
        "There is no brightness to be seen: it is missing, or tf.image is given floats, which it takes for 0 "
        "to 1. Hand it the uint8 images.": {
            "before": lambda images: tf.cast(images, tf.float32),
            "after": _whole_number_again,
        },
        "The brightness is weaker than asked for; look at max_delta.": {
            "brighten": lambda image, seed: tf.image.stateless_random_brightness(image, 0.15, seed)
        },
        "The brightness is stronger than asked for; look at max_delta.": {
            "brighten": lambda image, seed: tf.image.stateless_random_brightness(image, 0.3, seed)
        },
        "There is no change of saturation. (Contrast changes how far light and dark are apart.)": {
            "saturate": lambda image, seed: image
        },
        "This is contrast, which moves light and dark apart; asked for is saturation.": {
            "saturate": lambda image, seed: tf.image.stateless_random_contrast(image, 0.7, 1.3, seed)
        },
        "The saturation is weaker than asked for. Look at the two ends.": {
            "saturate": lambda image, seed: tf.image.stateless_random_saturation(image, 0.8, 1.2, seed)
        },
        "The saturation is stronger than asked for. Color tells breeds apart: look at the two ends.": {
            "saturate": lambda image, seed: tf.image.stateless_random_saturation(image, 0.5, 1.5, seed)
        },
        "The saturation goes one way only. Look at the two ends.": {
            "saturate": lambda image, seed: tf.image.stateless_random_saturation(image, 1.0, 1.3, seed)
        },
        "A turn of the hue by 18° makes a paprikin of a saffrel, and the label goes wrong. Leave hue out.": {
            "more": lambda image, seed: tf.image.stateless_random_hue(image, 0.1, seed)
        },
        "The dtype has changed on the way: the same dtype goes in and out.": {
            "after": lambda images, before: tf.cast(images, tf.float32)
        },
        "The draws do not come from the seed alone: are all functions the stateless_ ones, with a seed made "
        "from the one handed in?": {
            "seeds": lambda seed: tf.unstack(tf.random.uniform([3, 2], 0, 9999, tf.int32))
        },
        "Is there a fixed seed inside? Another seed should give another result.": {
            "each": lambda change, images, seed: _map_each(change, images, (0, 0))
        },
    },
    form="Return the batch in its old shape and dtype.",
    otherwise="Show eight copies of one dog after it, beside the dog: what has changed that should not?",
)
