"""The checks of lesson 02: an operation with its own draw per image, and an augmentation."""

import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from scipy import stats

from utils.checks.augmentations import augments, checker
from utils.checks.harness import call, fail, passed

_GRAY = np.full([64, 6, 5, 3], 128, np.uint8)
_WRAPPED = (
    "Bright pixels turned dark or dark ones bright: values wrapped around. Add in floats and clip to "
    "0 to 255 before the cast."
)
_NOT_ALIKE = (
    "Pixels of one image changed by different amounts. Only the ends, 0 and 255, may cut a change short: "
    "clip after adding, to 0 to 255."
)


def brighten(brighten: Callable) -> None:
    """Exercise 1: one number for each image, drawn on its own, clipped; uint8 in and out."""
    tried = "brighten(64 gray images of value 128, 0.3, seed=(1, 2))"
    out = _called(brighten, _GRAY, 0.3, (1, 2), tried)
    _require_images(out, _GRAY, tried)
    deltas = out.astype(int) - 128
    _require_one_number_per_image(deltas, tried)
    _require_spread(deltas[:, 0, 0, 0], tried)
    _require_clipped(brighten)
    _require_seed(brighten)
    _require_graph(brighten)
    passed(
        "Exercise 1: each image has a draw of its own, evenly between the ends, clipped; the seed repeats it."
    )


def _called(function, images, max_delta, seed, tried):
    def run():
        try:
            return function(tf.constant(images), max_delta, seed=seed)
        except tf.errors.InvalidArgumentError as error:
            if "Incompatible shapes" not in str(error):
                raise
            fail(
                tried=tried,
                got=f"numbers that do not fit the images: {_incompatible(error)}",
                expected=f"a sum with images of shape {list(images.shape)}",
                hint="Draw numbers of shape [B, 1, 1, 1]: the sides of 1 are used all along.",
            )

    return np.asarray(call(run, tried=tried))


def _incompatible(error):
    """The two shapes in TensorFlow's message, without the rest of it."""
    shapes = re.search(r"(\[[\d,]*\]) vs\. (\[[\d,]*\])", str(error))
    return " and ".join(shapes.groups()) if shapes else "their shapes differ"


def _require_images(out, images, tried):
    if out.shape != images.shape:
        fail(
            tried=tried,
            got=f"shape {list(out.shape)}",
            expected=f"shape {list(images.shape)}",
            hint="The numbers should have shape [B, 1, 1, 1], so that each is added to one image.",
        )
    if out.dtype != images.dtype:
        fail(
            tried=tried,
            got=f"dtype {out.dtype}, values {out.min():.5g} to {out.max():.5g}",
            expected=f"dtype {images.dtype}",
            hint="The dtype changed on the way. Clip to 0 to 255, round, and cast back to "
            "tf.uint8 at the end.",
        )


def _require_one_number_per_image(deltas, tried):
    """Numbers [B, H, W, 3]: the same within an image, another one for the next."""
    expected = "one number for each image, the same for all of its pixels"
    if np.ptp(deltas, axis=(1, 2)).any():
        fail(
            tried=tried,
            got=f"pixels of the first image changed by {deltas[0].min()} to {deltas[0].max()}",
            expected=expected,
            hint="This is noise: a draw for each pixel. Look at the shape that you draw; [B, 1, "
            "1, 1] has one number an image.",
        )
    if np.ptp(deltas, axis=3).any():
        fail(
            tried=tried,
            got=f"red, green and blue of the first image changed by {deltas[0, 0, 0]}",
            expected=expected,
            hint="A draw for each channel changes the color. The last side of the shape should be 1, not 3.",
        )
    if np.abs(deltas).max() <= 1:
        fail(
            tried=tried,
            got=f"values changed by {np.abs(deltas).max()} at most",
            expected="values that change by up to 0.3 × 255 = 76",
            hint="Nothing can be seen: the pixels are in 0 to 255 and the numbers in 0 to 1. "
            "Scale one of them.",
        )
    if np.ptp(deltas) == 0:
        fail(
            tried=tried,
            got=f"all 64 images changed by {deltas[0, 0, 0, 0]}",
            expected=expected,
            hint="One draw for the whole batch. tf.image draws once for a batch; draw B numbers yourself.",
        )


def _require_spread(deltas, tried):
    """64 even draws between -76.5 and 76.5: what is asked here fails by chance once in a million times."""
    got = f"numbers from {deltas.min()} to {deltas.max()}"
    expected = "numbers spread evenly from -76 to 76"
    if np.abs(deltas).max() > 78:
        hint = "The numbers are too large: 0.3 of the range is 76 gray levels, up or down."
        fail(tried=tried, got=got, expected=expected, hint=hint)
    if deltas.min() >= 0 or deltas.max() <= 0:
        hint = "The images go one way only. The draw has two ends: -max_delta and max_delta."
        fail(tried=tried, got=got, expected=expected, hint=hint)
    if deltas.max() < 45 or deltas.min() > -45 or np.mean(np.abs(deltas) < 38) in (0, 1):
        hint = "The draws do not reach the ends, or only the ends. Is it tf.random.stateless_uniform?"
        fail(tried=tried, got=got, expected=expected, hint=hint)


def _require_clipped(brighten):
    """On random pixels: what is over stays at the end, and every gray level is found in the same place."""
    images = np.random.default_rng(5).integers(0, 256, [32, 6, 5, 3], np.uint8)
    images[:, 0, 0], images[:, 0, 1], images[:, 0, 2] = 0, 255, 128
    tried = "brighten(32 images of random pixels from 0 to 255, 0.4, seed=(3, 4))"
    out = _called(brighten, images, 0.4, (3, 4), tried)
    delta = out[:, 0, 2].astype(int)[:, None, None] - 128
    expected = np.clip(images.astype(int) + delta, 0, 255)
    worst = np.unravel_index(np.abs(out - expected).argmax(), expected.shape)
    difference = abs(int(out[worst]) - int(expected[worst]))
    if difference > 1:  # 1: rounding before or after the sum
        fail(
            tried=tried,
            got=f"a pixel of value {images[worst]} in an image that changes by {delta[worst[0], 0, 0, 0]} "
            f"became {out[worst]}",
            expected=f"{expected[worst]}",
            hint=_WRAPPED if difference > 128 else _NOT_ALIKE,
        )
    _require_clip_before_cast(brighten)


def _require_clip_before_cast(brighten):
    """A cast alone stops at the ends in some places and wraps in others: single pixels, long batches."""
    for value, count, side, seed in [
        *((value, 1, 1, (5, seed)) for value in (250, 5) for seed in range(6)),
        (250, 8, 72, (6, 0)),
        (5, 8, 72, (6, 1)),
    ]:
        images = np.full([count, side, side, 3], value, np.uint8)
        tried = f"brighten(images of value {value}, shape {list(images.shape)}, 0.4, seed={seed})"
        out = _called(brighten, images, 0.4, seed, tried)
        wrong = np.abs(out.astype(int) - value) > 110  # 0.4 × 255 = 102
        if wrong.any():
            fail(
                tried=tried,
                got=f"{wrong.sum()} of {wrong.size} values jumped, one of them to {out[wrong][0]}",
                expected="values within 102 of what they were, and none beyond 0 or 255",
                hint="A cast to tf.uint8 does not clip reliably: in some places it stops at 255, in others "
                "it wraps around. Clip to 0 to 255 before the cast.",
            )


def _require_seed(brighten):
    tried = "brighten(images, 0.3, seed=(1, 2)), twice"
    once, again = (_called(brighten, _GRAY, 0.3, (1, 2), tried) for _ in range(2))
    if not np.array_equal(once, again):
        fail(
            tried=tried,
            got="two different results",
            expected="the same result",
            hint="The draw does not come from the seed alone. Use tf.random.stateless_uniform with it.",
        )
    tried = "brighten(images, 0.3, seed=(1, 2)), then with seed=(1, 3)"
    if np.array_equal(once, _called(brighten, _GRAY, 0.3, (1, 3), tried)):
        fail(
            tried=tried,
            got="the same result",
            expected="another result for another seed",
            hint="The seed that is handed in is not used: is there a fixed one inside?",
        )


def _require_graph(brighten):
    tried = "dataset.batch(8).map(lambda images: brighten(images, 0.3, seed=(1, 2))), with a last batch of 3"

    def run():
        dataset = tf.data.Dataset.from_tensor_slices(_GRAY[:11]).batch(8)
        return [images.numpy() for images in dataset.map(lambda images: brighten(images, 0.3, seed=(1, 2)))]

    batches = call(run, tried=tried)
    shapes = [list(batch.shape) for batch in batches]
    if shapes != [[8, 6, 5, 3], [3, 6, 5, 3]]:
        fail(
            tried=tried,
            got=f"batches of {shapes}",
            expected="8 images, then 3",
            hint="In a pipeline the number of images is not known beforehand: take it from "
            "tf.shape(images)[0].",
        )


def augment(augment: Callable) -> None:
    """Exercise 2: the course's contract, and a label that survives."""
    tried = "augment(8 images, seed=(1, 2))"
    probe = augments.copies_of_a_picture(32, 40, "uint8", (0, 255))
    out = np.asarray(call(lambda: augment(tf.constant(probe), seed=(1, 2)), tried=tried))
    _require_images(out, probe, tried)
    _require_mirror(augment)
    _require_hue(augment)
    _require_brightness(augment)
    _require_saturation(augment)
    _require_contract(augment)
    passed("Exercise 2: `augment` keeps the contract and the label, and its three draws are independent.")


def _probed(augment, images, seed):
    return np.asarray(augment(tf.constant(images), seed=seed)).astype(float)


def _wedge():
    """64 pale golden images, dark at the top left: dark on the right is mirrored, at the bottom upside down.

    No draw of the exercise drives a pixel of them, or of `_PALE`, beyond 0 to 255. So brightness can be read
    from the largest channel and saturation from the distance to the smallest, whichever comes first.
    """
    down, right = np.mgrid[0:16, 0:16]
    image = (120 + 1.5 * down + 1.5 * right)[..., None] + [35, 10, -25]
    return np.repeat(np.uint8(image)[None], 64, axis=0)


_PALE = np.broadcast_to(np.uint8([175, 145, 100]), [64, 6, 5, 3]).copy()


def _strengths(out, images):
    """For each image the change of its brightness, in gray levels, and the factor of its saturation."""
    brightness = out.max(axis=-1) - images.max(axis=-1).astype(float).mean((1, 2), keepdims=True)
    factor = np.ptp(out, axis=-1).mean((1, 2)) / np.ptp(images.astype(float), axis=-1).mean((1, 2))
    return brightness.mean((1, 2)), factor


def _require_mirror(augment):
    tried = "augment(64 images, darker at the top and at the left, seed=(5, 6))"
    out = _probed(augment, _wedge(), (5, 6))
    upside_down = np.mean(out[:, :8].mean((1, 2, 3)) > out[:, 8:].mean((1, 2, 3)))
    mirrored = out[:, :, :8].mean((1, 2, 3)) > out[:, :, 8:].mean((1, 2, 3))
    if upside_down > 0:
        fail(
            tried=tried,
            got=f"{upside_down:.0%} of the images came out upside down",
            expected="none",
            hint="No dog of the test split stands on its head. Mirror left–right only.",
        )
    if not 0.2 < mirrored.mean() < 0.8:  # beyond by chance: once in a million
        fail(
            tried=tried,
            got=f"{mirrored.mean():.0%} of the images came out mirrored left–right",
            expected="about half of them",
            hint="All, none or half of them? tf.image.stateless_random_flip_left_right decides "
            "for each image by its seed: has each image a seed of its own?",
        )
    brightness, saturation = _strengths(out, _wedge())
    for values, least, low, high in [
        (brightness, 2, "darker", "brighter"),
        (saturation, 0.03, "paler", "richer"),
    ]:
        together = np.mean((values < np.median(values)) == mirrored)
        if not 0.15 < together < 0.85 and np.ptp(values) > least:
            fail(
                tried=tried,
                got=f"{max(together, 1 - together):.0%} of the images are mirrored exactly when they are "
                f"{low if together > 0.5 else high} than the others",
                expected="a mirror that does not depend on brightness and saturation",
                hint=_SPLIT,
            )


_SPLIT = (
    "The same seed for two operations makes one draw of two. Split it: tf.random.split(seed, 3) gives three."
)


def _require_hue(augment):
    """A gold like that of saffrel keeps its hue."""
    tried = "augment(64 plain golden images, hue 37°, seed=(7, 8))"
    gold = np.broadcast_to(np.uint8([165, 119, 45]), [64, 8, 8, 3]).copy()
    out = _probed(augment, gold, (7, 8))
    red, green, blue = np.moveaxis(out.mean((1, 2)), -1, 0)
    hue = np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue))
    start = np.degrees(np.arctan2(np.sqrt(3) * (119 - 45), 2 * 165 - 119 - 45))
    shifts = np.abs((hue - start + 180) % 360 - 180)
    if np.percentile(shifts, 75) > 5:
        fail(
            tried=tried,
            got=f"hues changed by up to {shifts.max():.0f}°, a quarter of them by more than "
            f"{np.percentile(shifts, 75):.0f}°",
            expected="the hue stays",
            hint="A turn of the hue by 18° makes a paprikin of a saffrel, and the label goes "
            "wrong. Leave hue out.",
        )


def _require_brightness(augment):
    """64 even draws: that the largest is below 35 of 51 gray levels happens once in ten billion times."""
    tried = "augment(64 plain gray images of value 128, seed=(9, 10))"
    deltas = _probed(augment, _GRAY, (9, 10)).mean((1, 2, 3)) - 128
    most = np.abs(deltas).max()
    expected = "up to 0.2 × 255 = 51, up or down"
    if most > 1 and np.ptp(deltas) < 1:
        fail(
            tried=tried,
            got=f"all 64 images changed by {deltas[0]:.0f} gray levels",
            expected="a draw for each image",
            hint=_ONE_DRAW,
        )
    if most < 10:
        fail(
            tried=tried,
            got=f"mean values changed by {most:.2g} gray levels at most",
            expected=expected,
            hint="There is no brightness to be seen. tf.image takes floats for 0 to 1: hand it "
            "the uint8 images.",
        )
    if not 35 < most < 53:
        fail(
            tried=tried,
            got=f"mean values changed by up to {most:.0f} gray levels",
            expected=expected,
            hint=f"That is {'stronger' if most > 51 else 'weaker'} than asked for; look at max_delta.",
        )


_ONE_DRAW = "On a batch tf.image draws brightness and saturation once: use on_each_image."


def _require_saturation(augment):
    tried = "augment(64 plain images of a pale gold, seed=(11, 12))"
    brightness, factors = _strengths(_probed(augment, _PALE, (11, 12)), _PALE)
    least, most = factors.min(), factors.max()
    got, expected = f"saturation changed by factors from {least:.2f} to {most:.2f}", "factors from 0.7 to 1.3"
    if least > 0.97 and most < 1.03:
        hint = "There is no change of saturation. (Contrast changes how far light and dark are apart.)"
        fail(tried=tried, got=got, expected=expected, hint=hint)
    if most - least < 0.03:
        fail(
            tried=tried,
            got=f"all 64 images got the same saturation, factor {least:.2f}",
            expected="a draw for each image",
            hint=_ONE_DRAW,
        )
    if least < 0.66 or most > 1.34:
        hint = "That is stronger than asked for. Color tells breeds apart: look at the two ends."
        fail(tried=tried, got=got, expected=expected, hint=hint)
    if least > 0.85 or most < 1.15:
        hint = "That is weaker than asked for, or goes one way only. Look at the two ends."
        fail(tried=tried, got=got, expected=expected, hint=hint)
    together = stats.spearmanr(brightness, factors).statistic
    if abs(together) > 0.6:  # by chance: once in 500,000
        fail(
            tried=tried,
            got=f"the brighter an image became, the {'richer' if together > 0 else 'paler'} its colors are "
            f"(rank correlation {together:.2f})",
            expected="a saturation that does not depend on the brightness",
            hint=_SPLIT,
        )


def _require_contract(augment):
    report = checker.check_augmentation(augment)
    if not report.ok:
        row = report[report.failed[0]]
        fail(
            tried=f"checks.check_augmentation(augment), check “{row.name}”",
            got=row.evidence,
            expected="; ".join(_CONTRACT.get(name, name) for name in report.failed),
            hint=row.meaning + _MORE.get(row.name, ""),
        )


_CONTRACT = {
    "own draw": "every image drawn on its own",
    "repeatable": "the same seed gives the same result",
    "seeds differ": "another seed gives another result",
    "dtype": "the dtype is kept",
    "range": "values stay in 0 to 255",
}
_MORE = {
    "own draw": " " + _ONE_DRAW,
    "repeatable": " Are all functions the stateless_ ones, with a seed made from the one handed in?",
    "seeds differ": " Is there a fixed seed inside?",
}


__all__ = ["augment", "brighten"]
