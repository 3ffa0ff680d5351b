"""What only a mix can get wrong: shares, labels, partners, λ.

Nothing is believed. Every image handed in is its own noise and its own class, so the pixels that come back
tell where they came from: a copied pixel equals one image's pixel at its place (three channels of 256 values:
by chance once in 16 million), and a blend of images is a linear combination that least squares solves.
"""

import functools
import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy import stats

from utils import inputs
from utils.checks.augmentations import cases
from utils.checks.augmentations.report import Checks, Finding, Outcome, Skip, calling

UNMIXED = 1e-3  # an image that keeps more than 1 − UNMIXED of itself counts as not mixed


def noise_images(
    height: int, width: int, dtype: npt.DTypeLike, value_range: tuple[float, float], count: int = 16
) -> np.ndarray:
    """Return images of independent noise, each its own class."""
    if height * width < 4 * count:
        raise ValueError(f"image_size must have at least {4 * count} pixels to measure a mix.")
    levels = np.random.default_rng(20_190).integers(0, 256, (count, height, width, 3)) / 255
    return cases.scaled(levels, dtype, value_range)


# ---- measuring ------------------------------------------------------------------------------------------


def decode(images: np.ndarray, mixed: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Measure how much of each image [B, H, W, C] is in each result [N, H, W, C].

    A value may be off by `tolerance`. Returned are the shares [N, B], NaN where a result is no mix of the
    images, and [N] bool: whether it is a blend of whole images rather than a collage of copied pixels.
    """
    images, mixed = images.astype(np.float64), mixed.astype(np.float64)
    rows, values = images.reshape(len(images), -1), mixed.reshape(len(mixed), -1)
    shares = values @ np.linalg.pinv(rows)
    # Twice the tolerance: rounding moves the values, and a little the shares fitted to them.
    fits = np.abs(shares @ rows - values).max(axis=1) <= 2 * tolerance
    blended = fits & (np.abs(shares.sum(axis=1) - 1) < 0.01) & (shares.min(axis=1) > -0.01)
    for index in np.flatnonzero(~blended):
        likely = np.argsort(-shares[index])
        shares[index] = _collage(images, mixed[index], tolerance, likely)
    return shares, blended


def _collage(images, result, tolerance, order):
    """Count the pixels that each image has in the result, trying the images in this order."""
    shares = np.zeros(len(images))
    left = np.ones(result.shape[:2], bool)
    # Exact copies first: with 16 bits, the tolerance may take one image's pixel for another's.
    for allowed, k in itertools.product((0, tolerance), order):
        found = left & (np.abs(result - images[k]) <= allowed).all(axis=-1)
        shares[k] += found.mean()
        left &= ~found
        if not left.any():
            break
    return shares if left.mean() < 1e-3 else np.full(len(images), np.nan)


class MixCase(cases.Case):
    """A mix under test; every image is its own class, so `labels` are those of `numpy.eye`."""

    @functools.cached_property
    def measured(self) -> tuple[np.ndarray, np.ndarray]:
        """What `decode` finds in all draws: the shares [draws, B, B], and what is blended [draws, B]."""
        results = self.output_images.reshape(-1, *self.images.shape[1:])
        # A few parts, for the sake of memory; a part for each draw would be slow.
        parts = np.array_split(results, 1 + results.size // 2**23)
        found = [decode(self.images, part, self.tolerance) for part in parts]
        shares, blended = (np.concatenate(values) for values in zip(*found, strict=True))
        grid = (self.draws, len(self.images))
        return shares.reshape(*grid, -1), blended.reshape(grid)

    @property
    def kept(self) -> np.ndarray:
        """The share that each image keeps of itself, [draws, B]."""
        return np.diagonal(self.measured[0], axis1=1, axis2=2)

    @property
    def is_mixed(self) -> np.ndarray:
        """Which images are mixed, [draws, B] bool."""
        return self.kept < 1 - UNMIXED

    @property
    def output_labels(self) -> np.ndarray:
        """The labels that came back, [draws, …] float64."""
        return np.stack([labels for _, labels in self.outputs]).astype(np.float64)

    @property
    def tolerance(self) -> float:
        """How far rounding can move a pixel: half a level, or a few units in a float's last place."""
        dtype = self.outputs[0][0].dtype
        if np.dtype(dtype).kind in "ui":
            return 0.501
        return max(4 * _epsilon(dtype), 1e-6) * max(abs(bound) for bound in self.value_range)

    @property
    def label_tolerance(self) -> float:
        """How far rounding can move a label."""
        return max(1e-5, 4 * _epsilon(self.outputs[0][1].dtype))


def _epsilon(dtype):
    """Return the relative precision of a float dtype, bfloat16 too."""
    return float(np.spacing(np.ones([], dtype)))


# ---- the checks ------------------------------------------------------------------------------------------


def mixes_images(case: MixCase) -> Outcome:
    """Most images are mixed, and what comes out are pixels of the images that went in."""
    shares, blended = case.measured
    strange = np.isnan(shares).any(axis=2).mean()
    if strange:
        return (
            False,
            f"{strange:.0%} of the results are neither a collage nor a blend of the images in the batch",
        )
    mixed = case.is_mixed
    # By chance, although every second draw should mix? There is one draw a batch, or an image.
    drawn = mixed.any(axis=1) if case.claim("per_sample") is False else mixed
    if mixed.mean() <= 0.25 and stats.binom.cdf(drawn.sum(), drawn.size, 0.5) > cases.CHANCE:
        raise Skip(f"not tried: {mixed.mean():.0%} of {mixed.size} images are mixed, too few draws to tell")
    kinds = [("pasted", mixed & ~blended), ("blended", mixed & blended)]
    words = " and ".join(f"{which.mean():.0%} {word}" for word, which in kinds if which.any())
    return mixed.mean() > 0.25, f"{words or 'none'} of {mixed.size} images"


def keeps_label_mass(case: MixCase) -> Outcome:
    """Each row of labels sums to 1 and has one entry per class."""
    _, labels = case.outputs[0]
    if labels.shape != case.labels.shape or labels.dtype.kind not in "fV":
        return False, f"labels {list(case.labels.shape)} came back as {labels.dtype} {list(labels.shape)}"
    error = np.abs(case.output_labels.sum(axis=2) - 1).max()
    return error < case.label_tolerance, f"rows sum to 1, off by at most {error:.2g}"


def label_share_is_pixel_share(case: MixCase) -> Outcome:
    """Each label has the share that its pixels have."""
    shares, blended = case.measured
    labels = case.output_labels
    if labels.shape != shares.shape:
        raise Skip("not tried, since the labels have another shape")
    error = np.abs(labels - shares).max(axis=2)
    known = ~np.isnan(error)
    if not known.any():
        raise Skip("not tried, since the results are no mixes")
    # A blend that was rounded to 8 or 16 bits tells its shares a little less exactly.
    rounded = case.tolerance > 1e-3 * case.span
    allowed = np.where(blended & rounded, 5e-3, case.label_tolerance)
    error, allowed = error[known], allowed[known]
    return (error <= allowed).all(), (
        f"labels and pixels differ by {error.mean():.2g} on average and by {error.max():.2g} at most"
    )


def partners_are_random(case: MixCase) -> Outcome:
    """Any other image of the batch is equally likely as a partner."""
    shares, _ = case.measured
    count = len(case.images)
    others = np.where(np.eye(count, dtype=bool), -1.0, shares)
    draw, image = np.nonzero(case.is_mixed)
    partner = others.argmax(axis=2)[draw, image]
    if not len(partner):
        raise Skip("not tried, since no image was mixed")
    met = np.zeros((count, count))
    np.add.at(met, (image, partner), 1)
    apart = ~np.eye(count, dtype=bool)
    variety = (met > 0).sum(axis=1).mean()
    pvalue = (
        stats.chisquare(met[apart], met.sum(axis=1).repeat(count - 1) / (count - 1)).pvalue
        if all(met.sum(axis=1))
        else 1.0
    )
    evidence = f"over {case.draws} draws an image met {variety:.3g} of the {count - 1} others on average"
    if pvalue <= cases.CHANCE:
        evidence += f", and some far more often than others (p = {pvalue:.0e})"
    return pvalue > cases.CHANCE, evidence


def has_own_lam(case: MixCase) -> Outcome:
    """λ is drawn for every image, or for the batch, as claimed."""
    per_sample = case.claim("per_sample") is not False
    # Images that kept all or nothing of themselves agree by chance, and so do a few others.
    own, partly = case.kept, case.is_mixed & (case.kept > 0.01)
    spread = [np.ptp(own[k][partly[k]]) for k in range(case.draws) if partly[k].sum() > 4]
    if not spread:
        raise Skip("not tried, since fewer than five images of any batch were partly mixed")
    shared = np.mean(np.array(spread) < 5e-3)
    right = shared < 0.5 if per_sample else shared > 0.9
    claimed = "one per image" if per_sample else "one per batch"
    return right, f"in {shared:.0%} of the batches all images share one λ; claimed: {claimed}"


def lam_is_distributed_as_claimed(case: MixCase) -> Outcome:
    """The shares have the distribution that Beta(α, α) gives."""
    claims = _alphas(case)
    if not claims:
        raise Skip("no claim to test: pass alpha=")
    _, blended = case.measured
    worst, evidence = 1.0, []
    for method, alpha in claims.items():
        chosen = case.is_mixed & (blended == (method == "mixup"))
        if case.claim("per_sample") is False:  # one λ per batch: count it once
            chosen &= np.cumsum(chosen, axis=1) == 1
        measured = case.kept[chosen]
        if len(measured) < 20:
            continue
        expected = _reference_shares(method, alpha, *case.images.shape[1:3])
        # Rounded, since float32 cannot tell values next to 1 apart.
        test = stats.ks_2samp(np.round(measured, 3), np.round(expected, 3))
        worst = min(worst, test.pvalue)
        evidence.append(
            f"{method}, α = {alpha:g}: images keep {measured.mean():.2f} on average, expected "
            f"{expected.mean():.2f}; the distributions are {test.statistic:.2f} apart "
            f"(p = {test.pvalue:.1g}, {len(measured)} draws)"
        )
    if not evidence:
        raise Skip("not tried, since too few images were mixed")
    return worst > cases.CHANCE, "; ".join(evidence)


def _alphas(case):
    """Return the claimed α of each method; a single number is for the method that the pixels show."""
    alpha = case.claim("alpha")
    if not is_alpha(alpha):
        both = {method: case.claim(f"{method}_alpha") for method in ("cutmix", "mixup")}
        return {method: value for method, value in both.items() if is_alpha(value)}
    _, blended = case.measured
    pasted = (case.is_mixed & ~blended).sum() > (case.is_mixed & blended).sum()
    return {"cutmix" if pasted else "mixup": alpha}


def is_alpha(value: Any) -> bool:
    """Tell whether a value may be the α of Beta(α, α)."""
    return inputs.is_number(value) and value > 0


def _reference_shares(method, alpha, height, width, count=50_000):
    """Draw the shares that images keep, as the papers say, in NumPy; those that are not mixed left out."""
    rng = np.random.default_rng(1905)
    lam = rng.beta(alpha, alpha, count)
    if method == "cutmix":
        lengths = []
        for size in (height, width):
            side = np.round(size * np.sqrt(1 - lam))
            start = np.floor(rng.uniform(0, size, count) - side / 2 + 0.5)
            lengths.append(np.minimum(start + side, size) - np.maximum(start, 0))
        lam = 1 - lengths[0] * lengths[1] / (height * width)
    return lam[lam < 1 - UNMIXED]


def refuses_sparse_labels(case: MixCase) -> Outcome:
    """Integer labels are refused, eagerly and while `tf.data` traces."""
    labels = np.arange(len(case.images)) % 3
    return _refuses(case, case.images, labels, "integer labels [B]")


def refuses_a_single_image(case: MixCase) -> Outcome:
    """An image without batch axis is refused, rather than returned as it was."""
    return _refuses(case, case.images[0], case.labels[0], "an image without batch axis")


def _refuses(case, images, labels, words):
    """Call with bad input, eagerly and inside `tf.data`; any error is a refusal."""
    seed = cases.stateless_seed(0)
    element = cases.tensor(images), cases.tensor(labels)
    dataset = _as_dataset(case, element)
    ways = {
        "eagerly": lambda: case.call(*element, seed),
        "in tf.data": lambda: next(iter(dataset.map(lambda *each: case.call(*each, seed)))),
    }
    accepted = []
    for way, call in ways.items():
        try:
            after_images, after_labels = map(cases.array, cases.pair(calling(call)))
        except Finding:  # any refusal will do
            continue
        unchanged = np.array_equal(after_images, images)
        came = "the image as it was" if unchanged else f"labels of shape {list(after_labels.shape)}"
        accepted.append(f"{way} no error, but {came}")
    return not accepted, f"{words}: {'; '.join(accepted) or 'refused'}"


def _as_dataset(case, element):
    # A batch has an unknown size, as after `dataset.batch(…)`.
    if element[0].ndim < 4:
        return tf.data.Dataset.from_tensors(element)
    return tf.data.Dataset.from_tensor_slices(element).batch(len(case.images))


SHARES: Checks = {
    "mixes": (
        mixes_images,
        "The model trains on images that are hardly mixed, or on something that is no mix of them.",
    ),
    "label mass": (
        keeps_label_mass,
        "The loss weighs images unequally, or is computed on labels that have lost their classes.",
    ),
    "label share": (
        label_share_is_pixel_share,
        "The label claims another share than the picture shows: label noise in every batch, which pulls "
        "the model towards wrong probabilities. The box was clipped or rounded after the share had been "
        "computed.",
    ),
    "partners": (
        partners_are_random,
        "The place in the batch decides who meets whom. That is harmless only if the data set is shuffled "
        "anew in each epoch; else the same images always meet, and in sorted batches some classes never mix.",
    ),
    "own λ": (
        has_own_lam,
        "One draw for the whole batch gives fewer different mixes and noisier gradients. It is what the "
        "papers' code does: pass per_sample=False if it is meant.",
    ),
    "distribution of λ": (
        lam_is_distributed_as_claimed,
        "Images are mixed more, or less, strongly than the α you set: results are not comparable with "
        "published ones, and tuning α tunes something else.",
    ),
}

REFUSALS: Checks = {
    "sparse labels": (
        refuses_sparse_labels,
        "A forgotten one-hot encoding goes unnoticed: the loss is computed on labels that mean nothing.",
    ),
    "single image": (
        refuses_a_single_image,
        "If the data set is mapped before it is batched, nothing is mixed and nobody notices.",
    ),
}
