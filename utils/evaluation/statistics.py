"""Whether one augmentation beats another: two sources of chance, kept apart.

The training is one of them: Student's t over paired seeds, which decides. The choice of test images is the
other: a bootstrap, shown beside it.
"""

import dataclasses
import math

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

LEVEL = 0.95
FIRM_SEEDS = 5
"""With fewer paired seeds a verdict is only *indicative*: the spread itself is hardly known.

With three seeds its estimate is off by a factor of two or more one time in five, and Student's factor is 4.3,
where five seeds have 2.8 and many have 2.0.
"""

BETTER = "better"
WORSE = "worse"
NO_CLEAR_DIFFERENCE = "no clear difference"
ONE_RUN = "one run cannot tell"
NO_SPREAD = "no spread to judge by"
NO_PAIRS = "no paired seeds"
IS_BASELINE = "baseline"

_ZERO_SPREAD = 1e-9  # rounding leaves 1e-16 where every seed differs by the same amount


def mean_interval(values: ArrayLike) -> tuple[float, float, float]:
    """Mean of values `[S]`, one for each seed, and its 95 % Student t interval: `(mean, low, high)`.

    The interval is NaN for fewer than two values and where they do not vary, which leaves nothing to go by.
    """
    values = np.asarray(values, dtype=np.float64)
    mean = float(values.mean())
    if len(values) < 2 or not values.std(ddof=1) > _ZERO_SPREAD:
        return mean, math.nan, math.nan
    # scipy.stats.t.ppf is this; to import scipy.stats takes most of a second.
    factor = scipy.special.stdtrit(len(values) - 1, (1 + LEVEL) / 2)
    half = float(factor * values.std(ddof=1) / math.sqrt(len(values)))
    return mean, mean - half, mean + half


@dataclasses.dataclass(frozen=True)
class PairedDifference:
    """A variant's accuracy minus the baseline's, over paired seeds; in the unit that came in."""

    mean: float
    low: float  # 95 % Student t interval; NaN for one pair or without any spread
    high: float
    seeds: int  # number of pairs
    p_value: float  # two-sided; NaN where the interval is

    @property
    def indicative(self) -> bool:
        """True with fewer than `FIRM_SEEDS` pairs: a hint to follow up rather than a result."""
        return 0 < self.seeds < FIRM_SEEDS

    @property
    def verdict(self) -> str:
        """In words: whether the interval lies above zero, below, or on both sides."""
        if self.seeds == 1:
            return ONE_RUN
        if math.isnan(self.low):
            return NO_CLEAR_DIFFERENCE if abs(self.mean) <= _ZERO_SPREAD else NO_SPREAD
        if self.low > 0:
            return BETTER
        return WORSE if self.high < 0 else NO_CLEAR_DIFFERENCE


def paired_difference(accuracies: ArrayLike, baseline_accuracies: ArrayLike) -> PairedDifference:
    """Difference between the accuracies of two variants, each `[S]`, with a 95 % Student t interval.

    The same seed stands at the same place of both lists. Differences that are all alike leave Student's t
    without a spread. That is an accident of few test images rather than certainty, so there is no interval.

    Raises:
        ValueError: when the lists are empty, differ in length or hold a value that is not finite.
    """
    first, second = (np.asarray(each, dtype=np.float64) for each in (accuracies, baseline_accuracies))
    if first.shape != second.shape or first.ndim != 1 or first.size == 0:
        raise ValueError(
            f"Expected two lists of accuracies, one per seed, got {first.shape} and {second.shape}."
        )
    differences = first - second
    if not np.isfinite(differences).all():
        raise ValueError("Accuracies must be finite numbers.")
    mean, low, high = mean_interval(differences)
    p_value = math.nan
    if not math.isnan(low):
        statistic = mean / (differences.std(ddof=1) / math.sqrt(len(differences)))
        p_value = float(2 * scipy.special.stdtr(len(differences) - 1, -abs(statistic)))
    return PairedDifference(mean, low, high, len(differences), p_value)


def bootstrap_difference(
    correct: ArrayLike, baseline_correct: ArrayLike, *, seed: int, resamples: int = 2000
) -> tuple[float, float, float]:
    """Difference in accuracy, with a 95 % percentile interval for test images: `(mean, low, high)`.

    The trained models stay as they are; only the test images are drawn again, with replacement, the same
    images for every model. An image counts with its difference averaged over the seeds. Both arrays are bool
    `[S, N]`, or `[N]`: which test images the variant, and the baseline, gets right for each seed.

    Raises:
        ValueError: when the shapes differ or are empty.

    Reference: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
    """
    first, second = (np.atleast_2d(np.asarray(each, dtype=np.int64)) for each in (correct, baseline_correct))
    if first.shape != second.shape or first.ndim != 2 or first.size == 0:
        raise ValueError(f"Expected two tables [seeds, images] alike, got {first.shape} and {second.shape}.")
    seeds, images = first.shape
    # Images with the same difference are interchangeable, so drawing how many of each kind come up is
    # drawing the images, at a fraction of the work.
    wins, count = np.unique((first - second).sum(axis=0), return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(images, count / images, size=resamples)
    means = drawn @ wins / (seeds * images)
    low, high = np.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(wins @ count / (seeds * images)), float(low), float(high)
