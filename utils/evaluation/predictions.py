"""What a trained model predicts, and what that is worth: accuracy and calibration."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def predict(model: Callable[..., Any], batches: Iterable[tuple[Any, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Class probabilities, float32 `[N, K]`, and true labels, int64 `[N]`, in the order of the batches.

    Args:
        model: called as `model(images, training=False)`; returns probabilities `[B, K]`.
        batches: yields `(images, labels)`, labels one-hot `[B, K]` of at least two classes, and nothing else:
            class numbers, 0 or 1 for a sigmoid, and soft labels would be read as other classes.

    Raises:
        ValueError: when there is no batch, labels are not one-hot, or the model knows another number of
            classes.
    """
    probabilities, labels = [], []
    for images, one_hot in batches:
        rows = _checked_rows(one_hot)
        labels.append(np.argmax(rows, axis=-1).astype(np.int64))
        probabilities.append(np.asarray(model(images, training=False), dtype=np.float32))
        if probabilities[-1].shape != rows.shape:
            raise ValueError(
                f"The model returns {list(probabilities[-1].shape)} for labels {list(rows.shape)}: it needs "
                f"{rows.shape[1]} outputs, a probability for each class."
            )
    if not labels:
        raise ValueError("There are no batches to predict.")
    return np.concatenate(probabilities), np.concatenate(labels)


def _checked_rows(one_hot):
    rows = np.asarray(one_hot)
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ValueError(
            f"Labels must be one-hot [B, K] of at least two classes, not {list(rows.shape)}: use "
            "tf.one_hot(numbers, num_classes)."
        )
    if not (((rows == 0) | (rows == 1)).all() and (np.count_nonzero(rows, axis=1) == 1).all()):
        raise ValueError(
            "Labels must be one-hot, rows of zeros with a single one, but here one is not: use "
            "tf.one_hot(numbers, num_classes), with numbers from 0, and never mix what is evaluated."
        )
    return rows


def predict_with_views(
    model: Callable[..., Any], batches: Iterable[tuple[Any, Any]], views: Sequence[Callable[[Any], Any]]
) -> tuple[np.ndarray, np.ndarray]:
    """Class probabilities of several views of every image, float32 `[V, N, K]`, and labels as `predict`.

    The batches are read once for each view; see `views`. Raises ValueError as `predict`, and when there is no
    view.

    Reference: Krizhevsky et al. 2012 average ten crops; Shanmugam et al. 2021 (arXiv 2011.11156) count what
    that breaks.
    """
    if not views:
        raise ValueError("There are no views to predict.")
    tables = [
        predict(lambda images, training, view=view: model(view(images), training=training), batches)
        for view in views
    ]
    return np.stack([probabilities for probabilities, _ in tables]), tables[0][1]


def is_correct(probabilities: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Whether the most probable class is the true one: bool `[N]`.

    Args:
        probabilities: `[N, K]`, of at least two classes. A row with NaN (a diverged model) counts as wrong.
        labels: int `[N]`, in 0 … K-1.

    Raises:
        ValueError: when the shapes do not fit, there is no image, or a label is no integer or out of range.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or labels.size == 0:
        raise ValueError(
            "Expected probabilities [N, K] and labels [N] with N > 0, "
            f"got {list(probabilities.shape)} and {list(labels.shape)}."
        )
    if probabilities.shape[1] < 2:
        raise ValueError(f"Expected at least two classes, got probabilities {list(probabilities.shape)}.")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Labels must be class numbers, integers, not {labels.dtype}.")
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(f"Labels must be in 0 … {probabilities.shape[1] - 1}.")
    return (probabilities.argmax(axis=1) == labels) & ~np.isnan(probabilities).any(axis=1)


def top1(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Share of images whose most probable class is the true one, in 0–1. Arguments as `is_correct`."""
    return float(is_correct(probabilities, labels).mean())


def accuracy_per_class(probabilities: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Top-1 accuracy of each class, float64 `[K]` in 0–1; NaN for a class without images.

    Arguments as `is_correct`.
    """
    correct = is_correct(probabilities, labels)
    classes = np.shape(probabilities)[1]
    images = np.bincount(labels, minlength=classes)
    with np.errstate(invalid="ignore"):
        return np.bincount(labels, weights=correct, minlength=classes) / images


@dataclasses.dataclass(frozen=True)
class CalibrationCurve:
    """One entry per bin of confidence, from 0 to 1; NaN in a bin without images."""

    confidence: np.ndarray  # [bins] mean of the largest probability
    accuracy: np.ndarray  # [bins] share of right predictions
    count: np.ndarray  # [bins] number of images


def calibration_curve(probabilities: ArrayLike, labels: ArrayLike, bins: int = 15) -> CalibrationCurve:
    """How often predictions of a given confidence are right, in equal-width bins `(low, high]` of it.

    Confidence is the largest probability; rows with NaN have none. Arguments as `is_correct`.

    Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599.
    """
    correct = is_correct(probabilities, labels)
    confidence = np.max(np.asarray(probabilities, dtype=np.float64), axis=1)
    known = ~np.isnan(confidence)
    correct, confidence = correct[known], confidence[known]
    chosen = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    count = np.bincount(chosen, minlength=bins)
    with np.errstate(invalid="ignore"):
        return CalibrationCurve(
            confidence=np.bincount(chosen, weights=confidence, minlength=bins) / count,
            accuracy=np.bincount(chosen, weights=correct, minlength=bins) / count,
            count=count,
        )


def expected_calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = 15) -> float:
    """Mean distance between confidence and accuracy, over the bins of `calibration_curve`.

    Each bin weighs as many images as it holds. 0 is perfect; 0.1 means that a confidence is off by ten
    points on average. NaN when no image has a confidence. Arguments and paper as `calibration_curve`.
    """
    curve = calibration_curve(probabilities, labels, bins)
    if curve.count.sum() == 0:
        return math.nan
    gaps = np.abs(curve.accuracy - curve.confidence)
    return float(np.nansum(gaps * curve.count) / curve.count.sum())
