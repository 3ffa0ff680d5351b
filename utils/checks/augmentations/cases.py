"""A callable under test, the images it is tried on, and what it gave back."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from utils.checks.augmentations.report import Finding, Skip, calling, first_sentence

# A statistical check fails on what a right augmentation shows less often than this.
CHANCE = 1e-6
# Without a claim: the share of the images that an augmentation changes at least, to be worth its name.
RARE = 0.14

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
        if self.seeded:
            options["seed"] = seed
        return self._call(images, labels, **options)

    def _call(self, images, labels, **options):
        """Call `fn`, for training if it can tell: layers are off by default."""
        if self.takes("training"):
            options.setdefault("training", True)
        return self.fn(images, **options) if labels is None else self.fn(images, labels, **options)

    def draw(self, number: int) -> Output:
        """Return what `fn` gives for seed `number`: the images, or `(images, labels)` for a mix."""
        return self.drawn(tensor(self.images), tensor(self.labels), stateless_seed(number))

    def drawn(self, images: tf.Tensor, labels: tf.Tensor | None, seed: tf.Tensor, **options) -> Output:
        """Call `fn` eagerly and return arrays; what it raises is a Finding, and so is another result."""
        out = calling(self.call, images, labels, seed, **options)
        return array(out) if labels is None else tuple(map(array, pair(out)))

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
        mapped = calling(tf.data.Dataset.zip(dataset, seeds.batch(2)).map, self.traced)
        return [[array(images) for images in calling(list, mapped)] for _ in range(epochs)]

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

    @functools.cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The parameters of `fn` by name; none where Python cannot tell."""
        try:
            return dict(inspect.signature(self.fn).parameters)
        except (TypeError, ValueError):
            return {}

    def takes(self, name: str) -> bool:
        """Tell whether `fn` has a parameter of this name, to be given by it."""
        parameter = self.parameters.get(name)
        return parameter is not None and parameter.kind in (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.KEYWORD_ONLY,
        )

    @functools.cached_property
    def seeded(self) -> bool:
        """Tell whether `fn` takes a stateless seed.

        One that it need not be given may be another kind of seed, as in `tf.image.random_flip_left_right`,
        and `**keywords` may go to what takes none: that is tried.
        """
        if self.takes("seed") and self.parameters["seed"].default is inspect.Parameter.empty:
            return True
        passes_on = any(each.kind is each.VAR_KEYWORD for each in self.parameters.values())
        if not self.takes("seed") and not passes_on:
            return False
        return self._runs(seed=stateless_seed(0)) or not self._runs()

    def _runs(self, **options):
        try:
            calling(self._call, tensor(self.images), tensor(self.labels), **options)
        except Finding:
            return False
        return True

    def claim(self, name: str) -> Any:
        """Return what was claimed, or what the callable's own default for this parameter says."""
        if self.claims.get(name) is not None or not self.takes(name):
            return self.claims.get(name)
        default = self.parameters[name].default
        return None if default is inspect.Parameter.empty else default

    @functools.cached_property
    def changed(self) -> np.ndarray:
        """Which images changed, [draws, B] bool; all of them where they have another shape."""
        before = self.images.astype(np.float32)
        return np.stack(
            [
                (images.astype(np.float32) != before).any(axis=(1, 2, 3))
                if images.shape == before.shape
                else np.ones(len(before), bool)
                for images in map(images_of, self.outputs)
            ]
        )

    def alike_by_chance(self, count: int) -> bool:
        """Tell whether so many images may all be alike although each was drawn."""
        return alike_by_chance(self.claims.get("rate") or self.changed.mean(), count)

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
    """Return any library's tensor, or a list of them, as a NumPy array; anything else is a Finding."""
    try:
        found = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    except Exception as error:
        name = type(value).__name__
        raise Finding(f"it returned {name}, which is no array: {first_sentence(error)}") from error
    if found.dtype.kind not in "biufV":  # V: bfloat16
        raise Finding(f"it returned {type(value).__name__}, not an array of numbers")
    return found


def pair(value: Any) -> tuple[Any, Any]:
    """Return the images and labels that a mix gave; anything else is a Finding."""
    if isinstance(value, tuple | list) and len(value) == 2:
        return value
    raise Finding(f"it returned {type(value).__name__}, not (images, labels)")


def same(first: Output, second: Output) -> bool:
    """Tell whether two results (arrays, or tuples of them) are equal; NaN equals itself."""
    if isinstance(first, tuple):
        return all(same(*each) for each in zip(first, second, strict=True))
    return np.array_equal(first, second, equal_nan=True)


def alike_by_chance(changed: float, count: int) -> bool:
    """Tell whether `count` images may all be alike by chance, where a share of `changed` images changes."""
    # What changes may have two outcomes only: a turn to the left, or to the right.
    return max(1 - (changed or RARE), 0.5) ** count > CHANCE


def picture(height: int, width: int, dtype: npt.DTypeLike, value_range: tuple[float, float]) -> np.ndarray:
    """Return one picture without any symmetry that uses the whole range smoothly, [H, W, 3]."""
    if min(height, width) < 2:
        raise ValueError("image_size must have at least two rows and two columns.")
    y, x = np.meshgrid(np.linspace(0, 1, height), np.linspace(0, 1, width), indexing="ij")
    waves = [
        0.75 * x + 0.25 * np.sin(5 * y) ** 2,
        0.7 * y + 0.3 * np.cos(4 * x + y) ** 2,
        0.5 + 0.5 * np.sin(3 * x + 5 * y * y),
    ]
    waves = [(wave - wave.min()) / (wave.max() - wave.min()) for wave in waves]
    return scaled(np.stack(waves, axis=-1), dtype, value_range)


def scaled(values: np.ndarray, dtype: npt.DTypeLike, value_range: tuple[float, float]) -> np.ndarray:
    """Bring values from [0, 1] to the range, rounded if it is one of 8-bit images."""
    values = value_range[0] + values * (value_range[1] - value_range[0])
    return (np.round(values) if value_range == (0, 255) else values).astype(dtype)
