"""A callable under test, the images it is tried on, and what it gave back."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from utils.checks.augmentations.report import Skip

# A statistical check fails on what a right augmentation shows less often than this.
CHANCE = 1e-6

Output: TypeAlias = np.ndarray | tuple[np.ndarray, np.ndarray]  # images, or those and labels for a mix


@dataclasses.dataclass(eq=False)
class Case:
    """One callable, the images to try it on, and the claims to hold it to."""

    fn: Callable
    images: np.ndarray  # [B, H, W, 3]
    value_range: tuple[float, float]
    draws: int  # how many seeds are tried
    labels: np.ndarray | None = None  # [B, B] one-hot for a mix: every image is its own class
    claims: dict[str, Any] = dataclasses.field(default_factory=dict)

    def call(self, images: tf.Tensor, labels: tf.Tensor | None, seed: tf.Tensor, **options) -> Any:
        """Call `fn`, with the seed if it takes one."""
        if self.takes("seed"):
            options["seed"] = seed
        return self.fn(images, **options) if labels is None else self.fn(images, labels, **options)

    def draw(self, number: int) -> Output:
        """Return what `fn` gives for seed `number`: the images, or `(images, labels)` for a mix."""
        out = self.call(tensor(self.images), tensor(self.labels), stateless_seed(number))
        return array(out) if self.labels is None else (array(out[0]), array(out[1]))

    @functools.cached_property
    def outputs(self) -> list[Output]:
        """What came back, for each seed."""
        return [self.draw(number) for number in range(self.draws)]

    @functools.cached_property
    def output_images(self) -> np.ndarray:
        """The images that came back, [draws, B, H, W, 3] float32; only if all have the shape that went in."""
        images = [images_of(output) for output in self.outputs]
        if any(image.shape != self.images.shape for image in images):
            raise Skip("not tried, since the shape of the images is not kept")
        return np.stack([image.astype(np.float32) for image in images])

    @functools.cached_property
    def epochs(self) -> list[list[np.ndarray]]:
        """The images of two epochs of four batches that `fn` gives inside `tf.data`."""
        return self.in_dataset(batches=4, epochs=2)

    def in_dataset(
        self, batches: int, epochs: int, fixed_seed: tf.Tensor | None = None
    ) -> list[list[np.ndarray]]:
        """Return the images [epochs][batches] that `fn` gives inside `tf.data`."""
        elements = tensor(self.images) if self.labels is None else (tensor(self.images), tensor(self.labels))
        dataset = tf.data.Dataset.from_tensor_slices(elements).repeat(batches).batch(len(self.images))
        seeds = tf.data.Dataset.random(seed=1, rerandomize_each_iteration=True)
        if fixed_seed is not None:
            seeds = tf.data.Dataset.from_tensor_slices(tf.cast(fixed_seed, tf.int64)).repeat()
        mapped = tf.data.Dataset.zip(dataset, seeds.batch(2)).map(self.traced)
        return [[array(images) for images in mapped] for _ in range(epochs)]

    @functools.cached_property
    def traced(self) -> Callable:
        """The images that `fn` gives for a batch and a seed, as a function that is traced once."""

        @tf.function
        def apply(batch, seed):
            images, labels = (batch, None) if self.labels is None else batch
            out = self.call(images, labels, tf.cast(tf.ensure_shape(seed, [2]), tf.int32))
            return out if self.labels is None else out[0]

        return apply

    @property
    def span(self) -> float:
        """The width of the value range."""
        return self.value_range[1] - self.value_range[0]

    def takes(self, name: str) -> bool:
        """Tell whether `fn` has a parameter of this name."""
        try:
            parameters = inspect.signature(self.fn).parameters.values()
        except (TypeError, ValueError):
            return True
        return any(p.name == name or (p.kind is p.VAR_KEYWORD and name == "seed") for p in parameters)

    def claim(self, name: str) -> Any:
        """Return what was claimed, or what the callable's own default for this parameter says."""
        if self.claims.get(name) is not None or not self.takes(name):
            return self.claims.get(name)
        default = inspect.signature(self.fn).parameters[name].default
        return None if default is inspect.Parameter.empty else default

    @functools.cached_property
    def is_repeatable(self) -> bool:
        """Tell whether the same seed gives the same result, with other draws in between."""
        first = self.draw(0)
        self.draw(1)
        return same(first, self.draw(0))


def stateless_seed(number: int) -> tf.Tensor:
    """Return the stateless seed of draw `number`."""
    return tf.constant([number, 20_190], tf.int32)


def images_of(output: Output) -> np.ndarray:
    """Return the images of what an augmentation or a mix gave."""
    return output[0] if isinstance(output, tuple) else output


def tensor(value: Any) -> tf.Tensor | None:
    """Return a tensor, or None for None."""
    return None if value is None else tf.constant(value)


def array(value: Any) -> np.ndarray:
    """Return any library's tensor as a NumPy array."""
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def same(first: Output, second: Output) -> bool:
    """Tell whether two results (arrays, or tuples of them) are equal."""
    if isinstance(first, tuple):
        return all(same(*pair) for pair in zip(first, second, strict=True))
    return first.shape == second.shape and np.array_equal(first, second)


def picture(height: int, width: int, dtype: str, value_range: tuple[float, float]) -> np.ndarray:
    """Return one picture without any symmetry that uses the whole range smoothly, [H, W, 3]."""
    y, x = np.meshgrid(np.linspace(0, 1, height), np.linspace(0, 1, width), indexing="ij")
    waves = [
        0.75 * x + 0.25 * np.sin(5 * y) ** 2,
        0.7 * y + 0.3 * np.cos(4 * x + y) ** 2,
        0.5 + 0.5 * np.sin(3 * x + 5 * y * y),
    ]
    waves = [(wave - wave.min()) / (wave.max() - wave.min()) for wave in waves]
    return scaled(np.stack(waves, axis=-1), dtype, value_range)


def scaled(values: np.ndarray, dtype: str, value_range: tuple[float, float]) -> np.ndarray:
    """Bring values from [0, 1] to the range, rounded if it is one of 8-bit images."""
    values = value_range[0] + values * (value_range[1] - value_range[0])
    return (np.round(values) if value_range == (0, 255) else values).astype(dtype)
