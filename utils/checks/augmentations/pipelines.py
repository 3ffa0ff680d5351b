"""What only a whole input pipeline can get wrong: an augmentation that is frozen by a cache."""

import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from utils.checks.augmentations import cases
from utils.checks.augmentations.report import Checks, Finding, Outcome, Skip, calling

Picture = tuple[Any, bytes]  # the label of an image, and a digest of its pixels


def pictures(height: int, width: int, dtype: npt.DTypeLike, value_range: tuple[float, float]) -> np.ndarray:
    """Return different pictures: one, with the columns rolled, so that each can be told by its label."""
    picture = cases.picture(height, width, dtype, value_range)
    return np.stack([np.roll(picture, shift, axis=1) for shift in range(32)])


class PipelineCase(cases.Case):
    """An input pipeline under test."""

    @property
    def most(self) -> int:
        """How many images are read at most: a pipeline that gives so many is taken for one without end."""
        return max(self.draws, 16) * len(self.images)

    @functools.cached_property
    def epochs(self) -> list[list[Picture]]:
        """What each epoch gives; there is only one of a pipeline without end, which goes on and on."""
        labels = np.arange(len(self.images))
        dataset = calling(self.fn, tf.data.Dataset.from_tensor_slices((self.images, labels)))
        epochs = [self._epoch(dataset)]
        while len(epochs) < self.draws and len(epochs[0]) < self.most:
            epochs.append(self._epoch(dataset))
        return epochs

    def _epoch(self, dataset):
        elements = itertools.islice(_elements(dataset), self.most)
        pictures = itertools.chain.from_iterable(map(_pictures, elements))
        return list(itertools.islice(pictures, self.most))

    @property
    def is_endless(self) -> bool:
        """Tell whether it has no end: `repeat()`, or a generator in a loop."""
        return len(self.epochs[0]) == self.most

    @property
    def changed(self) -> np.ndarray:
        """Which of the images that came out are none of those that went in, bool."""
        before = set(map(_digest, self.images))
        return np.array([digest not in before for _, digest in itertools.chain(*self.epochs)])


def _elements(dataset: Iterable) -> Iterator[Any]:
    """Yield what the pipeline gives in an epoch; what it raises is a finding."""
    if hasattr(dataset, "__iter__"):
        elements = calling(iter, dataset)
    elif hasattr(dataset, "__len__"):  # a `keras.utils.PyDataset`
        elements = (dataset[index] for index in range(len(dataset)))
    else:
        raise Finding(f"it returned {type(dataset).__name__}, not a data set: does it end with `return`?")
    yield from iter(lambda: calling(next, elements, None), None)


def _pictures(element: Any) -> list[Picture]:
    """Return what is in an element: a batch of images or a single one, labels, and perhaps weights."""
    images, labels = _images_and_labels(element)
    images = images if isinstance(images, tf.RaggedTensor) else cases.array(images)
    labels = cases.array(labels)
    if labels.ndim == 0 or (len(images.shape) == 3 and images.shape[-1] in (1, 3, 4)):
        images, labels = [images], labels[None]
    if labels.ndim > 1:
        labels = labels.argmax(axis=-1) if labels.shape[-1] > 1 else labels[..., 0]
    images = list(images)
    if len(images) != len(labels):
        raise Finding(f"a batch has {len(images)} images and {len(labels)} labels")
    return list(zip(labels.tolist(), map(_digest, images), strict=True))


def _images_and_labels(element):
    if isinstance(element, dict):
        parts = [element[name] for name in ("images", "image", "labels", "label") if name in element]
        if len(parts) == 2:
            return parts
    elif isinstance(element, tuple | list) and len(element) > 1:
        # Keras names the inputs of a model in a dict of a single entry.
        parts = [
            next(iter(part.values())) if isinstance(part, dict) and len(part) == 1 else part
            for part in element[:2]
        ]
        if not any(isinstance(part, dict) for part in parts):
            return parts
    names = f" with the keys {', '.join(map(str, element))}" if isinstance(element, dict) else ""
    raise Skip(
        f"not tried: it gives {type(element).__name__}{names}, and the checker reads (images, labels), "
        "(images, labels, weights), or a dict of images and labels"
    )


def _digest(image):
    image = image.to_tensor() if isinstance(image, tf.RaggedTensor) else image
    return hashlib.sha256(cases.array(image).tobytes()).digest()


def _by_label(pictures):
    found = {}
    for label, digest in pictures:
        found.setdefault(label, []).append(digest)
    return {label: sorted(digests) for label, digests in found.items()}


def runs(case: PipelineCase) -> Outcome:
    """It can be iterated."""
    count = len(case.epochs[0])
    if case.is_endless:
        return True, f"gave images without end; {count} are read"
    return count > 0, f"gave {count} of {len(case.images)} images"


def changes_images(case: PipelineCase) -> Outcome:
    """Images come out changed."""
    changed = case.changed
    if not changed.any() and cases.alike_by_chance(0, changed.size):
        raise Skip(f"not tried: {changed.size} images came as they were, which are too few to tell")
    return changed.any(), f"{changed.mean():.0%} of the images that came out are changed"


def fresh_each_epoch(case: PipelineCase) -> Outcome:
    """An image looks different in another epoch."""
    epochs = [_by_label(pictures) for pictures in case.epochs]
    if case.is_endless:  # its epochs have no borders: an image must have come out in two ways
        fresh = [label for label, digests in epochs[0].items() if len(set(digests)) > 1]
        return bool(fresh), f"{len(fresh)} of {len(epochs[0])} images differ among {case.most} read"
    if len(epochs) == 1:
        raise Skip("not tried, since it takes two draws, which are epochs here")
    if not all(epochs):
        raise Skip("not tried: it gives one epoch only. Return a tf.data.Dataset, which starts anew")
    fresh = [
        label for label in epochs[0] if any(epoch.get(label) != epochs[0][label] for epoch in epochs[1:])
    ]
    if not fresh and cases.alike_by_chance(case.changed.mean(), case.changed.size):
        raise Skip(f"not tried: {case.changed.size} images are too few to tell")
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
