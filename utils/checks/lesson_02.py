"""The checks of lesson 02: brightness with a draw for each image, and an augmentation of three operations."""

import numpy as np
import tensorflow as tf
from scipy import stats

from utils.checks import tables

_CHANCE = 1e-6  # how often a right answer fails a test of its draws
_SEEDS = (1, 2), (1, 3), (2, 2), (1, 2), (5, 6)  # others in one of their numbers, and the first again


def _in_pipeline(function, images, last):
    """The results for four batches of the same images and one smaller batch, with `_SEEDS`."""
    batches = tf.data.Dataset.from_tensor_slices(np.concatenate([*[images] * 4, last])).batch(len(images))
    pairs = tf.data.Dataset.zip(batches, tf.data.Dataset.from_tensor_slices(np.int32(_SEEDS)))
    return list(pairs.map(function).as_numpy_iterator())


def _form(out, images):
    shapes = [list(getattr(batch, "shape", [])) for batch in out]
    dtype = str(getattr(out[0], "dtype", None))
    return {"shapes": str(shapes), "dtype": dtype}, shapes[0] == [*images.shape] and dtype == "uint8"


def _by_seed(out):
    first, *others, again = out[:4]
    same = any(np.array_equal(first, other) for other in others)
    return {
        "the same seed again": "the same result" if np.array_equal(first, again) else "another result",
        "seeds with one other number": "the same result" if same else "other results",
    }


def _spread(draws, low, high, slack):
    """How draws [batches, images] lie that should be even between two ends, in words."""
    if draws.min() < low - slack or draws.max() > high + slack:
        return "beyond the ends"
    if np.ptp(draws, axis=1).max() < 0.08 * (high - low):
        return "the same for all images of a batch"
    middle, near = (low + high) / 2, (high - low) / 50 + slack
    if draws.min() > middle - near or draws.max() < middle + near:
        return "on one side only"
    if draws.min() > low + near or draws.max() < high - near:
        return "short of the ends"
    even = stats.kstest(draws.ravel(), stats.uniform(low, high - low).cdf).pvalue > _CHANCE
    return "even between the ends" if even else "between the ends, but not evenly"


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _brighten(
    images,
    max_delta,
    *,
    seed,
    shape=lambda images: [tf.shape(images)[0], 1, 1, 1],
    draw=tf.random.stateless_uniform,
    ends=lambda delta: (-delta, delta),
    of=lambda seed: seed,
    unit=255.0,
    add=lambda pixels, deltas: pixels + deltas,
    clip=lambda pixels: tf.clip_by_value(pixels, 0, 255),
    dtype=tf.uint8,
):
    deltas = unit * draw(shape(images), of(seed), *ends(max_delta))
    return tf.cast(tf.round(clip(add(tf.cast(images, tf.float32), deltas))), dtype)


def _clipped_normal(shape, seed, low, high):
    return tf.clip_by_value(high * tf.random.stateless_normal(shape, seed) / 2, low, high)


def _of_grays(function):
    images = np.full([700, 2, 2, 3], 128, np.uint8)
    out = _in_pipeline(lambda images, seed: function(images, 0.3, seed=seed), images, images[:3])
    facts, kept = _form(out, images)
    if not kept:
        return facts
    deltas = np.stack(out[:3]).astype(int) - 128
    several = np.ptp(deltas, axis=(2, 3, 4)).any()
    facts["within an image"] = "several numbers" if several else "one number for all pixels"
    facts["numbers"] = _spread(deltas[:, :, 0, 0, 0], -76.5, 76.5, slack=1)
    if np.abs(deltas).max() <= 1:
        facts["numbers"] = "less than one gray level"
    return facts | _by_seed(out)


def _at_the_ends(function):
    """What is added to pixels of all values, beside one of 128 that tells the image's number.

    The number of values is odd: a cast alone may wrap around only in what is left over when the processor
    takes many at once.
    """
    images = np.random.default_rng(5).integers(0, 256, [63, 7, 5, 3], np.uint8)
    images[:, 0, 0] = 128
    out = [np.asarray(function(tf.constant(images), 0.4, seed=(3, last))).astype(int) for last in range(3)]
    numbers = np.stack(out)[:, :, :1, :1] - 128
    expected = np.clip(images + numbers, 0, 255)
    apart = np.abs(out - expected)
    change = "another one for some pixels" if apart.max() > 1 else "the same for all pixels, up to 0 and 255"
    if (apart > 100).any() and np.isin(expected[apart > 1], (0, 255)).all():
        change = "beyond 0 and 255 the values wrap around"
    largest = "beyond those for 0.3" if np.abs(numbers).max() > 78 else "no larger than for 0.3"
    return {"change": change, "the largest number": largest}


_SHAPE = "The numbers do not fit the images. Draw them in the shape [B, 1, 1, 1], one for each image."
_STAND_IN = (
    "`map` calls your function once, with a stand-in for the images: no Python loop over them and no NumPy. "
    "Their number is tf.shape(images)[0]."
)
brighten = tables.Table(
    title="Exercise 1: each image has a draw of its own, even between the ends, clipped, by the seed.",
    right=_brighten,
    tries=lambda: [
        tables.Try(" inside of dataset.map, batches of 700 gray images, max_delta=0.3", _of_grays),
        tables.Try("(images with pixels of all values, 0.4, seed=…)", _at_the_ends),
    ],
    mistakes={
        "One draw for the whole batch. tf.image draws once for a batch; draw as many numbers as images.": {
            "shape": lambda images: [1, 1, 1, 1]
        },
        "Nothing can be seen: the pixels are in 0 to 255 and the numbers in 0 to 1. Scale one of them.": {
            "unit": 1.0
        },
        "The numbers do not reach as far as asked for: 1 is the whole range, 255.": {"unit": 200.0},
        "The numbers are too large: max_delta is a share of the range, up or down.": {"unit": 510.0},
        "The numbers are the same for every `max_delta`: it is not used.": {
            "ends": lambda delta: (-0.3, 0.3)
        },
        "The images go one way only. The draw has two ends: -max_delta and max_delta.": {
            "ends": lambda delta: (0.0, delta)
        },
        "Bright pixels change more than dark ones: this is a factor. Add the number.": {
            "add": lambda pixels, deltas: pixels * (1 + deltas / 255)
        },
        "All images come out black: are they clipped to 1? White is 255 here.": {
            "clip": lambda pixels: tf.clip_by_value(pixels, 0, 1)
        },
        "The numbers are not even: is it tf.random.stateless_uniform, with both ends?": {
            "draw": _clipped_normal
        },
        "A draw for each pixel or channel. Look at the shape; [B, 1, 1, 1] has one number an image.": {
            "shape": tf.shape
        },
        _SHAPE: {"shape": lambda images: tf.shape(images)[:1]},
        "Values wrap around: a cast to tf.uint8 does not clip reliably. Clip to 0 to 255 before it.": {
            "clip": lambda pixels: pixels % 256
        },
        "The dtype has changed on the way. Clip, round, and cast back to tf.uint8 at the end.": {
            "dtype": tf.float32
        },
        "The draw does not come from the seed alone. Use tf.random.stateless_uniform with it.": {
            "of": lambda seed: tf.random.uniform([2], 0, 9999, tf.int32)
        },
        "The seed that is handed in is not used, or not both of its numbers: is there a fixed one inside?": {
            "of": lambda seed: (0, 0)
        },
        _STAND_IN: {"shape": lambda images: [images.shape[0], 1, 1, 1]},
    },
    form="Return the batch in its old shape, as uint8.",
    otherwise="The batch comes back in its old shape. Print what has been added to its first three images: "
    "what comes out minus what went in.",
    errors={
        r"Incompatible shapes|must be equal|not broadcast": _SHAPE,
        r"None|[Ss]ymbolic|NumPy|Tensor\(": _STAND_IN,
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
    after=lambda images: images,
):
    def change(image, seed):
        first, second, third = seeds(seed)
        return saturate(brighten(more(flip(image, first), seed), second), third)

    return after(each(change, before(images), seed))


def _gold():
    """A golden picture, darker at the top and left, with grain. No draw of the task clips it."""
    down, right = np.mgrid[0:15, 0:17]
    grain = np.random.default_rng(8).integers(-12, 13, [15, 17])
    top = 135 + 2 * down + 1.75 * right + grain
    return np.uint8(np.stack([top, top - 18 - 0.5 * right, top - 50 - 0.8 * down], axis=-1))


def _of_gold(function):
    images = np.stack([_gold()] * 150)
    stripes = np.full([8, 15, 17, 3], 250, np.uint8)
    stripes[:, :, 1::2] = 5
    out = _in_pipeline(lambda images, seed: function(images, seed=seed), images, stripes)
    facts, kept = _form(out, images)
    if not kept:
        return facts
    facts["all images of a batch"] = "differ" if np.ptp(out[0], axis=0).any() else "are alike"
    facts |= _seen(np.concatenate(out[:3]).astype(float)) | _by_seed(out)
    jumped = np.abs(out[-1].astype(int) - stripes).max() > 60
    return facts | {"at the ends": "values wrap around" if jumped else "values stop at 0 and 255"}


def _seen(out):
    light, down, right = out.mean(axis=-1), *(np.mgrid[0:15, 0:17] - np.array([7, 8])[:, None, None])
    turned, mirrored = ((light * way).sum((1, 2)) < 0 for way in (down, right))
    facts = {"upside down": "some" if turned.any() else "none"}
    facts["mirrored"] = "about half" if abs(mirrored.mean() - 0.5) < 0.13 else f"{mirrored.mean():.0%}"
    out = np.where(mirrored[:, None, None, None], out[:, :, ::-1], out)
    out = np.where(turned[:, None, None, None], out[:, ::-1], out)
    old = _gold().astype(float)
    old_top, top = old.max(axis=-1), out.max(axis=-1)
    # Brightness moves the largest channel; saturation scales how far the others lie below it.
    deltas = (top - old_top).mean((1, 2))
    below, old_below = top[..., None] - out, old_top[..., None] - old
    factors = below.sum((1, 2, 3)) / old_below.sum()
    expected = old_top[..., None] + deltas[:, None, None, None] - factors[:, None, None, None] * old_below
    rest = np.abs(out - expected).mean((1, 2, 3))
    facts["anything else"] = "no" if rest.max() < 0.8 else "yes"
    facts["brightness"] = _spread(deltas.reshape(3, -1), -51, 51, slack=1)
    facts["saturation"] = _spread(factors.reshape(3, -1), 0.7, 1.3, slack=0.035)  # tf.image cuts decimals off
    if 0 < mirrored.mean() < 1 and "the same" not in facts["brightness"] + facts["saturation"]:
        correlations = np.corrcoef([mirrored, deltas, factors])[np.triu_indices(3, k=1)]
        facts["the three draws"] = "go together" if np.abs(correlations).max() > 0.25 else "independent"
    return facts


augment = tables.Table(
    title="Exercise 2: mirror, brightness and saturation, each drawn for each image on its own.",
    right=_augment,
    tries=lambda: [tables.Try(" inside of dataset.map, batches of 150 golden images", _of_gold)],
    mistakes={
        "There is more than the three (contrast? hue? a loss as by JPEG?): only mirror, brightness and "
        "saturation are asked for.": {
            "more": lambda image, seed: tf.image.stateless_random_contrast(image, 0.8, 1.2, seed)
        },
        "On a batch tf.image draws brightness and saturation once: use on_each_image.": {
            "each": lambda change, images, seed: change(images, seed)
        },
        "All images get the same draws: has each image a seed of its own?": {
            "each": lambda change, images, seed: tf.map_fn(lambda image: change(image, seed), images)
        },
        "The same seed for two operations makes one draw of two. Split it: tf.random.split(seed, 3) gives "
        "three.": {"seeds": lambda seed: tf.unstack(tf.gather(tf.random.split(seed, 2), [0, 1, 1]))},
        "No dog of the test split stands on its head. Mirror left–right only.": {
            "more": tf.image.stateless_random_flip_up_down
        },
        "All are mirrored: the function with `random` in its name decides by the seed.": {
            "flip": lambda image, seed: tf.image.flip_left_right(image)
        },
        "There is no brightness to be seen: it is missing, or tf.image is given floats, which it takes for 0 "
        "to 1. Hand it the uint8 images.": {"brighten": lambda image, seed: image},
        "The brightness is stronger than asked for; look at max_delta.": {
            "brighten": lambda image, seed: tf.image.stateless_random_brightness(image, 0.3, seed)
        },
        "There is no change of saturation. (Contrast changes how far light and dark are apart.)": {
            "saturate": lambda image, seed: image
        },
        "The saturation is stronger than asked for. Color tells breeds apart: look at the two ends.": {
            "saturate": lambda image, seed: tf.image.stateless_random_saturation(image, 0.5, 1.5, seed)
        },
        "The dtype has changed on the way: the same dtype goes in and out.": {
            "after": lambda images: tf.cast(images, tf.float32)
        },
        "Beyond white and black the values wrap around: floats are not clipped. Stay with uint8, or clip.": {
            "before": lambda images: tf.cast(images, tf.float32) / 255,
            "after": lambda images: tf.cast(tf.round(255 * images) % 256, tf.uint8),
        },
        f"{_STAND_IN} on_each_image loops inside TensorFlow.": {
            "each": lambda change, images, seed: tf.stack([change(image, seed) for image in images])
        },
        "The draws do not come from the seed alone: are all functions the stateless_ ones, with a seed made "
        "from the one handed in?": {
            "seeds": lambda seed: tf.unstack(tf.random.uniform([3, 2], 0, 9999, tf.int32))
        },
        "Is there a fixed seed inside, or is only one of its two numbers used?": {
            "each": lambda change, images, seed: _map_each(change, images, (0, 0))
        },
    },
    form="Return the batch in its old shape and dtype.",
    otherwise="Show eight copies of one dog after it, beside the dog: what has changed too much, too little, "
    "too often or too seldom?",
    errors={r"[Ss]ymbolic|NumPy|Tensor\(": f"{_STAND_IN} on_each_image loops inside TensorFlow."},
)
