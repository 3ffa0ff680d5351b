"""What augmentations and mixes have in common: form, range, randomness, `tf.data`."""

import numpy as np

from utils.checks.augmentations import cases
from utils.checks.augmentations.cases import Case
from utils.checks.augmentations.report import Checks, Finding, Outcome, Skip


def runs(case: Case) -> Outcome:
    """It can be called."""
    out = case.draw(0)
    shapes = [list(array.shape) for array in (out if isinstance(out, tuple) else [out])]
    return True, f"returned {' and '.join(map(str, shapes))}"


def keeps_shape(case: Case) -> Outcome:
    """Images keep their shape, for any batch size, and any height and width that it takes."""
    shapes = dict(_shapes(case, count, larger=0) for count in (len(case.images), 1, 3))
    try:
        shapes |= [_shapes(case, 3, larger=3)]
        kept = f"kept, for {len(shapes)} shapes of the batch"
    except Finding:  # it says itself that it is made for one size of images
        kept = f"kept, for {len(shapes)} shapes of the batch; other heights and widths are refused"
    wrong = [f"{list(before)} became {list(after)}" for before, after in shapes.items() if before != after]
    return not wrong, "; ".join(wrong) or kept


def _shapes(case, count, larger):
    """Return the shape of so many images and of what comes back; `larger` rows and columns are added."""
    # Repeated at the border, so that this works for the smallest image, too.
    images = np.pad(case.images[:count], [(0, 0), (0, larger), (0, larger), (0, 0)], mode="edge")
    labels = None if case.labels is None else case.labels[:count]
    out = case.drawn(cases.tensor(images), cases.tensor(labels), cases.stateless_seed(0))
    return images.shape, cases.images_of(out).shape


def keeps_dtype(case: Case) -> Outcome:
    """The dtype is kept; a mix may turn to floats, since blends are no 8-bit values."""
    before = case.images.dtype
    after = cases.images_of(case.outputs[0]).dtype
    allowed = after == before or (case.labels is not None and np.dtype(after).kind in "fV")
    return allowed, f"{before} in, {after} out"


def keeps_range(case: Case) -> Outcome:
    """Values stay in the range that came in."""
    low, high = case.value_range
    lowest, highest = case.output_images.min(), case.output_images.max()
    room = 1e-3 * case.span
    inside = lowest >= low - room and highest <= high + room  # False for NaN
    return inside, f"images in {low} to {high} came back in {lowest:.4g} to {highest:.4g}"


def repeatable(case: Case) -> Outcome:
    """The same seed gives the same result."""
    swallowed = not case.takes("seed") and not case.is_repeatable  # by `**keywords`, which promise nothing
    if not case.seeded or swallowed:
        raise Skip("not tried, since it takes no stateless seed: only tf.random.set_seed repeats its draws")
    return (
        case.is_repeatable,
        f"the same seed gave {'the same result' if case.is_repeatable else 'different results'} twice",
    )


def seeds_differ(case: Case) -> Outcome:
    """Different seeds give different results."""
    distinct = len({images.tobytes() for images in map(cases.images_of, case.outputs)})
    if distinct == 1 and case.alike_by_chance(len(case.images) * (case.draws - 1)):
        raise Skip(f"not tried, since {case.draws} draws are too few to tell")
    return distinct > 1, f"{case.draws} seeds gave {distinct} different batches"


def runs_in_dataset(case: Case) -> Outcome:
    """It can be mapped over a `tf.data` data set."""
    images = case.epochs[0][0]
    return True, f"batches of unknown size in, {images.dtype} {list(images.shape)} out"


def fresh_in_dataset(case: Case) -> Outcome:
    """Inside `tf.data`, batches and epochs differ."""
    first, second = _if_it_runs(case)
    distinct = len({images.tobytes() for images in first + second})
    fresh = distinct > 1 and any(not cases.same(*pair) for pair in zip(first, second, strict=True))
    if not fresh and case.alike_by_chance(len(case.images) * (len(first + second) - 1)):
        raise Skip("not tried, since it acts too rarely to tell")
    return fresh, f"{len(first + second)} batches over 2 epochs, {distinct} of them different"


def _if_it_runs(case):
    try:
        return case.epochs
    except Finding as error:
        raise Skip("not tried, since it does not run in tf.data") from error


def same_in_graph(case: Case) -> Outcome:
    """Inside `tf.data`, the same seed gives what it gives eagerly."""
    if not case.is_repeatable:
        raise Skip("not tried, since results are not repeatable")
    _if_it_runs(case)
    eager = cases.images_of(case.draw(0)).astype(np.float64)
    graph = case.in_dataset(1, 1, fixed_seed=cases.stateless_seed(0))[0][0].astype(np.float64)
    if eager.shape != graph.shape:
        return False, f"{list(eager.shape)} eagerly, {list(graph.shape)} in tf.data"
    # Rounding may differ by one gray level, and flip a pixel that stands on a threshold.
    off = np.mean(np.abs(eager - graph) > 1.01 * case.span / 255)
    return off < 1e-3, f"{off:.1%} of the values differ between an eager call and tf.data"


def off_at_evaluation(case: Case) -> Outcome:
    """With `training=False`, nothing changes."""
    if not case.takes("training"):
        return None
    images, labels = cases.tensor(case.images), cases.tensor(case.labels)
    out = cases.images_of(case.drawn(images, labels, cases.stateless_seed(0), training=False))
    # A layer of lower precision may round by one gray level.
    unchanged = out.shape == case.images.shape and (
        np.abs(out.astype(np.float64) - case.images.astype(np.float64)).max() <= case.span / 255
    )
    return (
        unchanged,
        f"training=False {'leaves the images alone' if unchanged else 'still changes the images'}",
    )


FORM: Checks = {
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
}

RANDOMNESS: Checks = {
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
