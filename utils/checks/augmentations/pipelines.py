"""What only a whole input pipeline can get wrong: an augmentation that is frozen by a cache."""

import functools

import numpy as np
import tensorflow as tf

from utils.checks.augmentations import cases
from utils.checks.augmentations.report import Checks, Outcome


def pictures(
    height: int, width: int, dtype: str, value_range: tuple[float, float], count: int = 32
) -> np.ndarray:
    """Return different pictures: one, with the columns rolled, so that each can be told by its label."""
    picture = cases.picture(height, width, dtype, value_range)
    return np.stack([np.roll(picture, shift, axis=1) for shift in range(count)])


class PipelineCase(cases.Case):
    """An input pipeline under test."""

    @functools.cached_property
    def epochs(self) -> list[dict[int, list[bytes]]]:
        """For each epoch, the images by label."""
        labels = np.arange(len(self.images))
        dataset = self.fn(tf.data.Dataset.from_tensor_slices((self.images, labels)))
        return [_by_label(dataset) for _ in range(self.draws)]


def _by_label(dataset: tf.data.Dataset) -> dict[int, list[bytes]]:
    found = {}
    for images, labels in dataset:
        images, labels = images.numpy(), labels.numpy()
        if images.ndim == 3:
            images, labels = images[None], labels[None]
        if labels.ndim == 2:
            labels = labels.argmax(axis=1)
        for label, image in zip(labels, images, strict=True):
            found.setdefault(int(label), []).append(image.tobytes())
    return {label: sorted(images) for label, images in found.items()}


def runs(case: PipelineCase) -> Outcome:
    """It can be iterated."""
    return True, f"gave {sum(map(len, case.epochs[0].values()))} of {len(case.images)} images"


def changes_images(case: PipelineCase) -> Outcome:
    """Images come out changed."""
    before = {image.tobytes() for image in case.images}
    after = [image for images in case.epochs[0].values() for image in images]
    changed = np.mean([image not in before for image in after])
    return changed > 0, f"{changed:.0%} of the images changed in the first epoch"


def fresh_each_epoch(case: PipelineCase) -> Outcome:
    """An image looks different in another epoch."""
    epochs = case.epochs
    fresh = [
        label for label in epochs[0] if any(epoch.get(label) != epochs[0][label] for epoch in epochs[1:])
    ]
    return bool(fresh), f"{len(fresh)} of {len(epochs[0])} images differ between {len(epochs)} epochs"


CHECKS: Checks = {
    "runs": (runs, "Nothing can be trained with it."),
    "effect": (changes_images, "The model sees the same pictures as without augmentation."),
    "fresh each epoch": (
        fresh_each_epoch,
        "Each epoch repeats the same augmented pictures, so the data set is as small as before. Cache "
        "before augmenting, and draw inside map with TensorFlow's random numbers, not Python's or "
        "NumPy's.",
    ),
}
