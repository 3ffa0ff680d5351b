"""What only an augmentation can get wrong: how it changes pixels, and for which images."""

import collections
import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
from scipy import stats

from utils.checks.augmentations import cases
from utils.checks.augmentations.cases import Case
from utils.checks.augmentations.report import Checks, Finding, Outcome, Skip, calling


def no_wrap_around(case: Case) -> Outcome:
    """Integers saturate at the ends of their range, and do not start again at the other end."""
    if case.images.dtype.kind not in "ui":
        return None
    if not case.is_repeatable:
        raise Skip("not tried, since it needs the same draw twice")
    as_float = dataclasses.replace(case, images=case.images.astype(np.float32))
    try:
        floats = as_float.output_images
    except Finding as error:
        raise Skip("not tried, since it does not work on float images") from error
    understood = floats.std(axis=(2, 3, 4)) > 0.1 * case.output_images.std(axis=(2, 3, 4))
    if understood.mean() < 0.5:
        raise Skip("not tried, since it takes float images for something else")
    low, high = case.value_range
    fell = (floats > high - 0.1 * case.span) & (case.output_images < low + 0.25 * case.span)
    rose = (floats < low + 0.1 * case.span) & (case.output_images > high - 0.25 * case.span)
    jumped = np.mean((fell | rose)[understood])
    return jumped < 1e-3, f"{jumped:.1%} of the values jumped to the other end of the range"


def keeps_contrast(case: Case) -> Outcome:
    """Pictures are still pictures: not flat, not in 0 to 1 instead of 0 to 255."""
    before = case.images.astype(np.float64).std()  # 16 bits cannot hold the sum
    after = case.output_images.std(axis=(2, 3, 4)).ravel()
    flat = np.mean(after < 0.03 * before)
    evidence = f"{flat:.0%} of the images came back flat (black, white or one gray)"
    if np.median(after) < 0.03 * before and case.value_range[1] > 1:
        low, high = np.percentile(case.output_images, [25, 75])
        evidence += f"; the middle half of all values lies in {low:.3g} to {high:.3g}"
    return flat <= 0.2, evidence


def has_an_effect(case: Case) -> Outcome:
    """It changes something that can be seen."""
    change = _change(case)
    if not change.any() and case.alike_by_chance(change.size):
        raise Skip(f"not tried: {change.size} images came back as they were, which are too few to tell")
    typical = change.max() / case.span * 255
    return typical > 1, (
        f"{np.mean(change > 0):.0%} of the images changed, the most changed one by {typical:.3g} of 255 gray "
        "levels a pixel"
    )


def _change(case, middle=False):
    """Return how much each image, or its middle, changed, in mean absolute units, [draws, B]."""
    change = np.abs(_numbers(case) - case.images.astype(np.float32))
    if middle:
        height, width = (side // 4 for side in case.images.shape[1:3])
        change = change[:, :, height : -height or None, width : -width or None]
    return change.mean(axis=(2, 3, 4))


def _numbers(case):
    if not np.isfinite(case.output_images).all():
        raise Skip("not tried, since infinite values or NaN came back")
    return case.output_images


def keeps_rate(case: Case) -> Outcome:
    """It changes as many images as claimed."""
    rate = case.claims.get("rate")
    if rate is None:
        return None
    changed = _change(case) > 0
    # A change may be so small that it rounds to none: a rate that is off by 0.03 will do.
    nearest = np.clip(changed.mean(), rate - 0.03, rate + 0.03)
    test = stats.binomtest(int(changed.sum()), changed.size, nearest)
    return (
        test.pvalue > cases.CHANCE,
        f"changed {changed.mean():.0%} of {changed.size} images, claimed {rate:.0%}",
    )


def moves_as_claimed(case: Case) -> Outcome:
    """Pixels move along the axis that is claimed, and not along the other."""
    claimed = case.claims.get("moves")
    if claimed is None:
        return None
    count, height, width, _ = case.images.shape
    ramps = {
        "width": np.linspace(0, 1, width)[None, :, None],
        "height": np.linspace(0, 1, height)[:, None, None],
    }
    changes = {}
    for axis, ramp in ramps.items():
        ramp = np.broadcast_to(ramp, case.images.shape)
        images = cases.scaled(ramp, case.images.dtype, case.value_range)
        moved = dataclasses.replace(case, images=images, draws=8)
        changes[axis] = _change(moved, middle=True).mean()  # what comes in at the border has any color
    if not any(changes.values()):
        raise Skip("not tried, since nothing moved")
    moved_along = max(changes, key=changes.get)
    right = moved_along == claimed and changes[claimed] > 5 * min(changes.values())
    return right, f"claimed: along the {claimed}; measured: along the {moved_along}"


def own_draw(case: Case) -> Outcome:
    """Each image of a batch is drawn on its own.

    All images of the batch are equal, so results vary within a batch as much as between batches.
    """
    batches = [[image.tobytes() for image in images] for images in map(cases.images_of, case.outputs)]
    (common, times), *_ = collections.Counter(itertools.chain(*batches)).most_common(1)
    if times == sum(map(len, batches)):
        if case.alike_by_chance(times):
            raise Skip(f"not tried: {times} images came out the same, which are too few to tell")
        return False, "every image of every batch came out the same: nothing is drawn"
    # Where an augmentation acts rarely, most batches come back whole: look at those in which it acted.
    changed = [batch for batch in batches if set(batch) != {common}]
    shared = sum(len(set(batch)) == 1 for batch in changed)
    if shared > len(changed) / 2:
        # Two outcomes that are equally likely are the same for a whole batch so often.
        if stats.binom.sf(shared - 1, len(changed), 2.0 ** (1 - len(case.images))) > cases.CHANCE:
            raise Skip(f"not tried, since it changed {len(changed)} batches only, which are too few to tell")
        return False, f"in {shared} of {len(changed)} batches all {len(case.images)} images got the same draw"
    if case.draws == 1:
        raise Skip("not tried, since it takes two draws to compare batches")
    name, pvalue, ratio = min(_shared_features(case), key=lambda found: found[1], default=("", 1.0, 1.0))
    if pvalue > cases.CHANCE:
        return True, f"{len(case.images)} equal images came out as different as images of different batches"
    return False, (
        f"part of the draw is shared: the {name} varies {ratio:.3g} times as much between batches as within "
        f"one, where chance gives about 1 (p = {pvalue:.0e})"
    )


def _shared_features(case: Case) -> Iterator[tuple[str, float, float]]:
    """Yield (feature, p-value of Kruskal and Wallis, ratio of variances) over the batches."""
    features = _features(_numbers(case))
    for name, values in features.items():
        # The test's p-values are not to be trusted where hardly anything changes.
        if np.mean(values != np.median(values)) < 0.1:
            continue
        pvalue = stats.kruskal(*values).pvalue * len(features)
        within = values.var(axis=1, ddof=1).mean()
        between = values.mean(axis=1).var(ddof=1) * values.shape[1]
        yield name, pvalue, between / within if within > 0 else np.inf


def _features(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return numbers that change when an image is recolored, moved, turned or erased, each [draws, B]."""
    gray = images.mean(axis=-1)
    rows, columns = (side // 2 for side in gray.shape[2:])
    sideways = gray[..., :columns] - gray[..., -columns:]
    upright = gray[..., :rows, :] - gray[..., -rows:, :]
    features = {
        "brightness": gray.mean(axis=(2, 3)),
        "contrast": gray.std(axis=(2, 3)),
        "difference between left and right": sideways.mean(axis=(2, 3)),
        "difference between top and bottom": upright.mean(axis=(2, 3)),
        "sharpness along rows": np.abs(np.diff(gray, axis=3)).mean(axis=(2, 3)),
        "sharpness along columns": np.abs(np.diff(gray, axis=2)).mean(axis=(2, 3)),
        "saturation": (images.max(axis=-1) - images.min(axis=-1)).mean(axis=(2, 3)),
    }
    for index, color in enumerate(("red", "green", "blue")):
        features[f"share of {color}"] = images[..., index].mean(axis=(2, 3)) - gray.mean(axis=(2, 3))
    return {name: np.round(values, 6) for name, values in features.items()}


def leaves_labels(case: Case) -> Outcome:
    """Called with labels, it gives them back untouched."""
    if not case.takes("labels"):
        return None
    labels = np.eye(len(case.images), dtype=np.float32)
    images = cases.tensor(case.images)
    out = calling(case.call, images, cases.tensor(labels), cases.stateless_seed(0))
    kept = np.array_equal(cases.array(cases.pair(out)[1]), labels)
    return kept, f"the labels came back {'as they were' if kept else 'changed'}"


PIXELS: Checks = {
    "no wrap-around": (
        no_wrap_around,
        "Bright spots turn black and dark ones white: the model learns from pictures that do not exist. "
        "Clip before casting to integers.",
    ),
    "contrast": (
        keeps_contrast,
        "The model trains on pictures in which nothing is to be seen. Usually the function expects "
        "another value range (0 to 1, or 0 to 255) than it got.",
    ),
    "effect": (
        has_an_effect,
        "The model sees the same pictures as without it: any change in accuracy is chance. Often the "
        "strength is meant for images in 0 to 1.",
    ),
    "rate": (keeps_rate, "It acts more rarely or more often than you think, and so does its effect."),
    "moves": (moves_as_claimed, "The pictures shift in a direction you did not ask for."),
    "own draw": (
        own_draw,
        "Each step sees one variation instead of one per image: fewer different pictures in the same "
        "time, and noisier gradients, the more so the larger the batch.",
    ),
}

LABELS: Checks = {
    "labels untouched": (
        leaves_labels,
        "It cannot be mapped over a data set with labels, or it spoils them.",
    ),
}
