"""`check_augmentation`: hand it an augmentation or a mix, and read what is wrong with it.

Every check is a small function of a `Case` that returns `(passed, evidence)`, or None where it does not
apply: `shared` has those for augmentations and mixes alike, `augments`, `mixes` and `pipelines` the others.

Chance cannot be ruled out where something is drawn, so statistical checks fail only on what a right
augmentation would show less than once in a million runs. With a seed the verdict is the same every time.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

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
    alpha: float | dict[str, float] | None = None,
    per_sample: bool | None = None,
) -> report.Report:
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

    Raises:
        ValueError: for an unknown kind, or an image too small to measure a mix.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    chosen = KINDS[kind]
    fn = fn if kind == "pipeline" else adapters.adapt(fn)
    images = chosen.make_images(*image_size, dtype, tuple(value_range))
    case = chosen.case(
        fn,
        images,
        tuple(value_range),
        draws or chosen.draws,
        labels=np.eye(len(images), dtype=np.float32) if kind == "mix" else None,
        claims={"rate": rate, "moves": moves, "alpha": alpha, "per_sample": per_sample},
    )
    shape = " × ".join(str(side) for side in images.shape)
    low, high = value_range
    title = f"{_name(fn)} ({kind}), tried on {dtype} images {shape} in {low} to {high}, {case.draws} draws"
    return report.Report(title, report.run(chosen.checks, case))


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
        augments.copies_of_a_picture,
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
