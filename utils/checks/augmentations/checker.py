"""`check_augmentation`: hand it an augmentation or a mix, and read what is wrong with it.

Every check is a small function of a `Case` that returns `(passed, evidence)`, or None where it does not
apply. Those here are for augmentations, or for both kinds; `mixes` has the ones about labels and partners.

Chance cannot be ruled out where something is drawn, so statistical checks fail only on what a right
augmentation would show less than once in a million runs. With a seed the verdict is the same every time.
"""

import collections
import functools
import itertools

import numpy as np
from scipy import stats

from utils.checks.augmentations import adapters, cases, mixes, pipelines, report
from utils.checks.augmentations.report import Skip


def check_augmentation(
    fn,
    *,
    kind="augment",
    dtype="uint8",
    value_range=(0, 255),
    image_size=(32, 40),
    draws=None,
    rate=None,
    moves=None,
    alpha=None,
    per_sample=None,
):
    """Check an augmentation, a mix or an input pipeline, and report what is wrong with it.

    Args:
        fn: for `kind="augment"` a callable `fn(images, *, seed) -> images`, for `kind="mix"`
            `fn(images, labels, *, seed) -> (images, labels)`, for `kind="pipeline"` a function from a
            `tf.data.Dataset` of `(image, label)` to the dataset to train on. Images are `[B, H, W, 3]`,
            labels float `[B, K]`. Keras layers, Albumentations and torchvision transforms and an
            `ImageDataGenerator` are adapted (see `adapters`); a callable without `seed` can be checked, too.
        kind: "augment", "mix" or "pipeline".
        dtype: of the images handed in.
        value_range: of the images handed in, (0, 255) or (0, 1).
        image_size: height and width of the images handed in; for a mix at least 64 pixels.
        draws: how many batches are drawn; by default 24, or 64 for a mix. More find finer errors.
        rate: claim to test, for an augmentation: the probability that it changes an image.
        moves: claim to test, for an augmentation: "width" or "height", the only way pixels move.
        alpha: claim to test, for a mix: λ ~ Beta(alpha, alpha). A dict with the keys "cutmix" and "mixup"
            if it does both. By default the callable's own parameter, if it has one.
        per_sample: claim to test, for a mix: λ is drawn for every image (True) or for the batch (False). By
            default the callable's own parameter, if it has one, or else True.

    Returns:
        A `Report`: `print` it, show it in a notebook, or ask for `.ok`, `.failed` and `report["range"]`.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    fn = fn if kind == "pipeline" else adapters.adapt(fn)
    make_images, default_draws, checks = KINDS[kind]
    images = make_images(*image_size, dtype, tuple(value_range))
    case = cases.Case(
        fn,
        images,
        tuple(value_range),
        draws or default_draws,
        labels=None if kind == "augment" else np.eye(len(images), dtype=np.float32),
        claims={"rate": rate, "moves": moves, "alpha": alpha, "per_sample": per_sample},
    )
    shape = " × ".join(str(side) for side in images.shape)
    low, high = value_range
    title = f"{_name(fn)} ({kind}), tried on {dtype} images {shape} in {low} to {high}, {case.draws} draws"
    return report.Report(title, report.run(checks, case))


def _name(fn):
    if isinstance(fn, functools.partial):
        settings = ", ".join(f"{name}={value!r}" for name, value in fn.keywords.items())
        return f"{_name(fn.func)}({settings})"
    return getattr(fn, "__name__", type(fn).__name__)


def copies_of_a_picture(height, width, dtype, value_range, count=8):
    """Return a batch of equal images: what differs afterwards was drawn for each image."""
    return np.stack([cases.picture(height, width, dtype, value_range)] * count)


# ---- for both kinds -----------------------------------------------------------------------------------


def runs(case):
    """It can be called."""
    out = case.draw(0)
    shapes = [list(array.shape) for array in (out if isinstance(out, tuple) else [out])]
    return True, f"returned {' and '.join(map(str, shapes))}"


def keeps_shape(case):
    """Images keep their shape, for any batch size and any height and width."""
    shapes = {}
    height, width = case.images.shape[1:3]
    for count, rows, columns in [case.images.shape[:3], (1, height, width), (3, height + 1, width + 3)]:
        # Repeated at the border, so that this works for the smallest image, too.
        edges = [(0, 0), (0, rows - height), (0, columns - width), (0, 0)]
        images = np.pad(case.images[:count], edges, mode="edge")
        labels = None if case.labels is None else case.labels[:count]
        out = case.call(cases.tensor(images), cases.tensor(labels), cases.stateless_seed(0))
        shapes[images.shape] = cases.array(out if labels is None else out[0]).shape
    wrong = [f"{list(before)} became {list(after)}" for before, after in shapes.items() if before != after]
    return not wrong, "; ".join(wrong) or f"kept, for {len(shapes)} shapes of the batch"


def keeps_dtype(case):
    """The dtype is kept; a mix may turn to floats, since blends are no 8-bit values."""
    before = case.images.dtype
    after = (case.outputs[0] if case.labels is None else case.outputs[0][0]).dtype
    allowed = after == before or (case.labels is not None and np.dtype(after).kind in "fV")
    return allowed, f"{before} in, {after} out"


def keeps_range(case):
    """Values stay in the range that came in."""
    low, high = case.value_range
    lowest, highest = case.output_images.min(), case.output_images.max()
    room = 1e-3 * case.width
    inside = lowest >= low - room and highest <= high + room  # False for NaN
    return inside, f"images in {low} to {high} came back in {lowest:.4g} to {highest:.4g}"


def keeps_contrast(case):
    """Pictures are still pictures: not flat, not in 0 to 1 instead of 0 to 255."""
    before = case.images.std()
    after = case.output_images.std(axis=(2, 3, 4)).ravel()
    flat = np.mean(after < 0.03 * before)
    evidence = f"{flat:.0%} of the images came back flat (black, white or one grey)"
    if np.median(after) < 0.03 * before and case.value_range[1] > 1:
        evidence += f"; the middle half of all values lies in {_middle(case.output_images)}"
    return flat <= 0.2, evidence


def _middle(values):
    low, high = np.percentile(values, [25, 75])
    return f"{low:.3g} to {high:.3g}"


def repeatable(case):
    """The same seed gives the same result."""
    if not case.takes("seed"):
        return case.repeats, "it takes no seed, and two calls gave different results"
    return (
        case.repeats,
        f"the same seed gave {'the same result' if case.repeats else 'different results'} twice",
    )


def seeds_differ(case):
    """Different seeds give different results."""
    distinct = len({str(cases.array(images).tobytes()) for images in map(_images, case.outputs)})
    return distinct > 1, f"{case.draws} seeds gave {distinct} different batches"


def _images(output):
    return output[0] if isinstance(output, tuple) else output


def runs_in_dataset(case):
    """It can be mapped over a `tf.data` data set."""
    images = case.epochs[0][0]
    return True, f"batches of unknown size in, {images.dtype} {list(images.shape)} out"


def fresh_in_dataset(case):
    """Inside `tf.data`, batches and epochs differ."""
    first, second = _if_it_runs(case)
    distinct = len({images.tobytes() for images in first + second})
    fresh = distinct > 1 and any(not np.array_equal(*pair) for pair in zip(first, second, strict=True))
    return fresh, f"{len(first + second)} batches over 2 epochs, {distinct} of them different"


def _if_it_runs(case):
    try:
        return case.epochs
    except Exception as error:
        raise Skip("not tried, since it does not run in tf.data") from error


def same_in_graph(case):
    """Inside `tf.data`, the same seed gives what it gives eagerly."""
    if not case.repeats:
        raise Skip("not tried, since results are not repeatable")
    _if_it_runs(case)
    eager = _images(case.draw(0)).astype(np.float64)
    graph = case.in_dataset(1, 1, fixed_seed=cases.stateless_seed(0))[0][0].astype(np.float64)
    # Rounding may differ by one grey level, and flip a pixel that stands on a threshold.
    off = np.mean(np.abs(eager - graph) > 1.01 * case.width / 255)
    return off < 1e-3, f"{off:.1%} of the values differ between an eager call and tf.data"


def off_at_evaluation(case):
    """With `training=False`, nothing changes."""
    if not case.takes("training"):
        return None
    images, labels = cases.tensor(case.images), cases.tensor(case.labels)
    out = _images(case.call(images, labels, cases.stateless_seed(0), training=False))
    unchanged = np.array_equal(cases.array(out), case.images)
    return (
        unchanged,
        f"training=False {'leaves the images alone' if unchanged else 'still changes the images'}",
    )


# ---- for augmentations ----------------------------------------------------------------------------------


def has_an_effect(case):
    """It changes something that can be seen."""
    change = _change(case)
    typical = change.max() / case.width * 255
    return typical > 1, (
        f"{np.mean(change > 0):.0%} of the images changed, the most changed one by {typical:.3g} of 255 grey "
        "levels a pixel"
    )


def _change(case):
    """Return how much each image changed, in mean absolute units, [draws, B]."""
    return np.abs(case.output_images - case.images).mean(axis=(2, 3, 4))


def keeps_rate(case):
    """It changes as many images as claimed."""
    if case.claim("rate") is None:
        return None
    rate = case.claim("rate")
    changed = _change(case) > 0
    test = stats.binomtest(int(changed.sum()), changed.size, min(max(rate, 1e-9), 1 - 1e-9))
    right = test.pvalue > cases.CHANCE or abs(changed.mean() - rate) < 0.03
    return right, f"changed {changed.mean():.0%} of {changed.size} images, claimed {rate:.0%}"


def no_wrap_around(case):
    """Integers saturate at the ends of their range, and do not start again at the other end."""
    if case.images.dtype.kind not in "ui":
        return None
    if not case.repeats:
        raise Skip("not tried, since it needs the same draw twice")
    as_float = cases.Case(case.fn, case.images.astype(np.float32), case.value_range, case.draws)
    try:
        floats = as_float.output_images
    except Exception as error:
        raise Skip("not tried, since it does not work on float images") from error
    understood = floats.std(axis=(2, 3, 4)) > 0.1 * case.output_images.std(axis=(2, 3, 4))
    if understood.mean() < 0.5:
        raise Skip("not tried, since it takes float images for something else")
    low, high = case.value_range
    fell = (floats > high - 0.1 * case.width) & (case.output_images < low + 0.25 * case.width)
    rose = (floats < low + 0.1 * case.width) & (case.output_images > high - 0.25 * case.width)
    jumped = np.mean((fell | rose)[understood])
    return jumped < 1e-3, f"{jumped:.1%} of the values jumped to the other end of the range"


def own_draw(case):
    """Each image of a batch is drawn on its own.

    All images of the batch are equal, so results vary within a batch as much as between batches.
    """
    batches = [[image.tobytes() for image in images] for images in map(_images, case.outputs)]
    (common, times), *_ = collections.Counter(itertools.chain(*batches)).most_common(1)
    if times == sum(map(len, batches)):
        return False, "every image of every batch came out the same: nothing is drawn"
    # Where an augmentation acts rarely, most batches come back whole: look at those in which it acted.
    changed = [batch for batch in batches if set(batch) != {common}]
    shared = sum(len(set(batch)) == 1 for batch in changed)
    if shared > len(changed) / 2:
        return False, f"in {shared} of {len(changed)} batches all {len(case.images)} images got the same draw"
    name, pvalue, ratio = min(_shared_features(case), key=lambda found: found[1], default=("", 1.0, 1.0))
    if pvalue > cases.CHANCE:
        return True, f"{len(case.images)} equal images came out as different as images of different batches"
    return False, (
        f"part of the draw is shared: the {name} varies {ratio:.3g} times as much between batches as within "
        f"one, where chance gives about 1 (p = {pvalue:.0e})"
    )


def _shared_features(case):
    """Yield (feature, p-value of Kruskal and Wallis, ratio of variances) over the batches."""
    features = _features(case.output_images)
    for name, values in features.items():
        # The test's p-values are not to be trusted where hardly anything changes.
        if np.mean(values != np.median(values)) < 0.1:
            continue
        pvalue = stats.kruskal(*values).pvalue * len(features)
        within = values.var(axis=1, ddof=1).mean()
        between = values.mean(axis=1).var(ddof=1) * values.shape[1]
        yield name, pvalue, between / within if within > 0 else np.inf


def _features(images):
    """Return numbers that change when an image is recoloured, moved, turned or erased, each [draws, B]."""
    height, width = images.shape[2:4]
    grey = images.mean(axis=-1)
    features = {
        "brightness": grey.mean(axis=(2, 3)),
        "contrast": grey.std(axis=(2, 3)),
        "difference between left and right": (grey[..., : width // 2] - grey[..., -(width // 2) :]).mean(
            (2, 3)
        ),
        "difference between top and bottom": (
            grey[..., : height // 2, :] - grey[..., -(height // 2) :, :]
        ).mean((2, 3)),
        "sharpness along rows": np.abs(np.diff(grey, axis=3)).mean(axis=(2, 3)),
        "sharpness along columns": np.abs(np.diff(grey, axis=2)).mean(axis=(2, 3)),
        "saturation": (images.max(axis=-1) - images.min(axis=-1)).mean(axis=(2, 3)),
    }
    for index, colour in enumerate(("red", "green", "blue")):
        features[f"share of {colour}"] = images[..., index].mean(axis=(2, 3)) - grey.mean(axis=(2, 3))
    return {name: np.round(values, 6) for name, values in features.items()}


def moves_as_claimed(case):
    """Pixels move along the axis that is claimed, and not along the other."""
    if case.claim("moves") is None:
        return None
    claimed = case.claim("moves")
    ramp = {"width": np.linspace(0, 1, case.images.shape[2])[None, :, None]}
    ramp["height"] = np.linspace(0, 1, case.images.shape[1])[:, None, None]
    changes = {}
    for axis, values in ramp.items():
        image = cases.scaled(
            np.broadcast_to(values, case.images.shape[1:]), case.images.dtype, case.value_range
        )
        moved = cases.Case(case.fn, np.stack([image] * len(case.images)), case.value_range, 8)
        changes[axis] = _change(moved).mean() / case.width
    other = {"width": "height", "height": "width"}[claimed]
    right = changes[claimed] > 5 * changes[other]
    moved_along = max(changes, key=changes.get)
    return right, f"claimed: along the {claimed}; measured: along the {moved_along}"


def leaves_labels(case):
    """Called with labels, it gives them back untouched."""
    if not case.takes("labels"):
        return None
    labels = np.eye(len(case.images), dtype=np.float32)
    images = cases.tensor(case.images)
    _, after = case.call(images, cases.tensor(labels), cases.stateless_seed(0))
    kept = np.array_equal(cases.array(after), labels)
    return kept, f"the labels came back {'as they were' if kept else 'changed'}"


SHARED = {
    "runs": (runs, "Nothing can be trained with it, on a batch [B, H, W, 3] of this dtype."),
    "shape": (
        keeps_shape,
        "The model gets images of another size than the ones it is evaluated on, or the pipeline stops at "
        "the last, smaller batch.",
    ),
    "dtype": (
        keeps_dtype,
        "The next step may misread the values, since many libraries take float images to be in 0 to 1, "
        "and batches of floats take four times the memory of 8-bit ones. Give it floats, or round and "
        "cast back.",
    ),
    "range": (
        keeps_range,
        "The model meets values in training that it never meets at evaluation; a later cast to 8 bits "
        "wraps them around or cuts them off. Often the value range was set for other data.",
    ),
    "contrast": (
        keeps_contrast,
        "The model trains on pictures in which nothing is to be seen. Usually the function expects "
        "another value range (0 to 1, or 0 to 255) than it got.",
    ),
    "repeatable": (
        repeatable,
        "An experiment cannot be run again, and two variants cannot be compared on the same draws.",
    ),
    "seeds differ": (
        seeds_differ,
        "Every step sees the same draw: this is a fixed filter and not an augmentation.",
    ),
    "runs in tf.data": (
        runs_in_dataset,
        "It cannot be mapped over a data set. A NumPy function can with utils.checks.per_image or "
        "tf.numpy_function.",
    ),
    "fresh in tf.data": (
        fresh_in_dataset,
        "Each epoch repeats the same pictures, so the data set is as small as before. Randomness from "
        "Python or NumPy is drawn once, while tf.data traces the function; draw with "
        "tf.random.stateless_* from the seed.",
    ),
    "same in tf.data": (
        same_in_graph,
        "What you looked at eagerly is not what the model trains on.",
    ),
    "off at evaluation": (
        off_at_evaluation,
        "Test images are augmented too: the measured accuracy is noisy, and usually too low.",
    ),
}

AUGMENT_ONLY = {
    "no wrap-around": (
        no_wrap_around,
        "Bright spots turn black and dark ones white: the model learns from pictures that do not exist. "
        "Clip before casting to integers.",
    ),
    "effect": (
        has_an_effect,
        "The model sees the same pictures as without it: any change in accuracy is chance. Often the "
        "strength is meant for images in 0 to 1.",
    ),
    "rate": (keeps_rate, "It acts more rarely or more often than you think, and so does its effect."),
    "own draw": (
        own_draw,
        "Each step sees one variation instead of one per image: fewer different pictures in the same "
        "time, and noisier gradients, the more so the larger the batch.",
    ),
    "moves": (moves_as_claimed, "The pictures shift in a direction you did not ask for."),
    "labels untouched": (
        leaves_labels,
        "It cannot be mapped over a data set with labels, or it spoils them.",
    ),
}


def _rows(*names):
    known = SHARED | AUGMENT_ONLY | mixes.CHECKS
    return [(name, *known[name]) for name in names]


KINDS = {
    "augment": (
        copies_of_a_picture,
        24,
        _rows(
            *(
                "runs",
                "shape",
                "dtype",
                "range",
                "no wrap-around",
                "contrast",
                "effect",
                "rate",
                "moves",
                "own draw",
            ),
            *("repeatable", "seeds differ", "runs in tf.data", "fresh in tf.data", "same in tf.data"),
            *("off at evaluation", "labels untouched"),
        ),
    ),
    "mix": (
        mixes.noise_images,
        64,
        _rows(
            *("runs", "shape", "dtype", "range", "mixes", "label mass", "label share", "partners", "own λ"),
            *(
                "distribution of λ",
                "repeatable",
                "seeds differ",
                "runs in tf.data",
                "fresh in tf.data",
                "same in tf.data",
            ),
            *("off at evaluation", "sparse labels", "single image"),
        ),
    ),
    "pipeline": (pipelines.pictures, 3, [(name, *check) for name, check in pipelines.CHECKS.items()]),
}
