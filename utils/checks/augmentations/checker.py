"""`check_augmentation`: hand it an augmentation or a mix, and read what is wrong with it.

Every check is a small function of a `Case` that returns `(passed, evidence)`, or None where it does not
apply: `shared` has those for augmentations and mixes alike, `augments`, `mixes` and `pipelines` the others.

Chance cannot be ruled out where something is drawn, so statistical checks fail only on what a right
augmentation would show less than once in a million runs. With a seed the verdict is the same every time.
"""

import functools
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from utils import inputs
from utils.checks.augmentations import adapters, augments, cases, mixes, pipelines, report, shared


def check_augmentation(
    fn: Callable,
    *,
    kind: str = "augment",
    dtype: str = "uint8",
    value_range: tuple[float, float] = (0, 255),
    image_size: tuple[int, int] = (32, 40),
    draws: int | None = None,
    rate: float | None = None,
    moves: str | None = None,
    alpha: float | None = None,
    per_sample: bool | None = None,
) -> report.Report:
    """Check an augmentation, a mix or an input pipeline, and report what is wrong with it.

    Args:
        fn: for `kind="augment"` a callable `fn(images, *, seed) -> images`, for `kind="mix"`
            `fn(images, labels, *, seed) -> (images, labels)`, for `kind="pipeline"` a function from a
            `tf.data.Dataset` of `(image, label)` to the dataset to train on. Images are `[B, H, W, 3]`,
            labels float `[B, K]`; a pipeline gets 32 images with the labels 0 to 31, may have no end, and
            gives batches or single images, with or without sample weights. Keras layers and models,
            Albumentations and torchvision transforms and an `ImageDataGenerator` are adapted (see
            `adapters`); a callable without a stateless `seed` can be checked, too. One with a parameter
            `training` is called with `training=True`.
        kind: "augment", "mix" or "pipeline".
        dtype: of the images handed in: integers or floats of any width.
        value_range: of the images handed in, (0, 255) or (0, 1).
        image_size: height and width of the images handed in; for a mix at least 64 pixels.
        draws: how many batches are drawn, or epochs of a pipeline; by default 24, for a mix 64, for a
            pipeline 3. More find finer errors; what too few cannot tell is left open.
        rate: claim to test, for an augmentation: the probability that it changes an image.
        moves: claim to test, for an augmentation: "width" or "height", the only way pixels move.
        alpha: claim to test, for a mix: λ ~ Beta(alpha, alpha). By default the callable's own parameter
            `alpha`, or if it does both `cutmix_alpha` and `mixup_alpha`, if it has them.
        per_sample: claim to test, for a mix: λ is drawn for every image (True) or for the batch (False). By
            default the callable's own parameter, if it has one, or else True.

    Returns:
        A `Report`: `print` it, show it in a notebook, or ask for `.ok`, `.failed` and `report["range"]`.
        A row without a verdict says why; one in which the checker itself failed is no defect of `fn`.

    Raises:
        ValueError: for something that cannot be called, an unknown kind, a wrong setting, a claim about
            another kind, or an image too small to measure a mix.
    """
    if kind not in list(KINDS):
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    chosen = KINDS[kind]
    claims = {"rate": rate, "moves": moves, "alpha": alpha, "per_sample": per_sample}
    _check_claims(kind, claims)
    draws = chosen.draws if draws is None else draws
    dtype = _check_settings(dtype, value_range, image_size, draws)
    is_class = isinstance(fn, type) and kind != "pipeline"  # `RandomFlip` for `RandomFlip()`
    fn = fn if is_class or kind == "pipeline" else adapters.adapt(fn)
    if is_class or not callable(fn):
        raise ValueError(f"fn must be a function, or an object such as RandomFlip(), not {fn!r}.")
    images = chosen.make_images(*image_size, dtype.as_numpy_dtype, tuple(value_range))
    case = chosen.case(
        fn,
        images,
        tuple(value_range),
        draws,
        labels=np.eye(len(images), dtype=np.float32) if kind == "mix" else None,
        claims=claims,
    )
    shape = " × ".join(str(side) for side in images.shape)
    low, high = value_range
    title = f"{_name(fn)} ({kind}), tried on {dtype.name} images {shape} in {low} to {high}, {draws} draws"
    return report.Report(title, report.run(chosen.checks, case))


def _check_settings(dtype: Any, value_range: Any, image_size: Any, draws: Any) -> tf.DType:
    inputs.check_count(draws, 1, "draws must be a whole number, 1 or more")
    if not _is_pair(image_size) or not all(
        isinstance(side, numbers.Integral) and side > 0 for side in image_size
    ):
        raise ValueError(f"image_size must be two whole numbers, (height, width), not {image_size!r}.")
    if not _is_pair(value_range) or not value_range[0] < value_range[1]:
        raise ValueError(f"value_range must be two numbers, (lowest, highest), not {value_range!r}.")
    try:
        dtype = tf.as_dtype(dtype)
    except TypeError:
        raise ValueError(f"dtype must be a type of numbers such as 'uint8', not {dtype!r}.") from None
    if not dtype.is_integer and not dtype.is_floating:
        raise ValueError(f"dtype must be one of integers or floats, not {dtype.name}.")
    low, high = value_range
    outside = low < float(dtype.min) or high > float(dtype.max)
    if outside or (dtype.is_integer and high - low < 16):
        raise ValueError(
            f"value_range ({low}, {high}) does not suit {dtype.name}: take (0, 255), or for floats (0, 1)."
        )
    return dtype


def _check_claims(kind: str, claims: dict[str, Any]) -> None:
    for name, value in claims.items():
        if value is None:
            continue
        about, is_right, what = CLAIMS[name]
        if kind != about:
            raise ValueError(f"{name} is a claim about kind={about!r}, not {kind!r}.")
        if not is_right(value):
            raise ValueError(f"{name} must be {what}, not {value!r}.")


def _is_pair(values: Any) -> bool:
    return isinstance(values, tuple | list) and len(values) == 2 and all(map(inputs.is_number, values))


# For each claim: the kind that it is about, whether a value is right, and what is right in words.
CLAIMS = {
    "rate": ("augment", lambda value: inputs.is_number(value) and 0 <= value <= 1, "between 0 and 1"),
    "moves": ("augment", ("width", "height").__contains__, "'width' or 'height'"),
    "alpha": ("mix", mixes.is_alpha, "a number above 0"),
    "per_sample": ("mix", lambda value: isinstance(value, bool), "True or False"),
}


def _name(fn: Callable) -> str:
    if isinstance(fn, functools.partial):
        settings = ", ".join(f"{name}={value!r}" for name, value in fn.keywords.items())
        return f"{_name(fn.func)}({settings})"
    return getattr(fn, "__name__", type(fn).__name__)


class Kind(NamedTuple):
    """What is tried for one `kind` of `check_augmentation`."""

    case: type[cases.Case]
    make_images: Callable[..., np.ndarray]
    draws: int  # unless told otherwise
    checks: report.Checks  # in the order of the report


KINDS = {
    "augment": Kind(
        cases.Case,
        lambda *settings: np.stack([cases.picture(*settings)] * 8),  # what differs was drawn for each image
        24,
        shared.FORM | augments.PIXELS | shared.RANDOMNESS | augments.LABELS,
    ),
    "mix": Kind(
        mixes.MixCase,
        mixes.noise_images,
        64,
        shared.FORM | mixes.SHARES | shared.RANDOMNESS | mixes.REFUSALS,
    ),
    "pipeline": Kind(pipelines.PipelineCase, pipelines.pictures, 3, pipelines.CHECKS),
}
