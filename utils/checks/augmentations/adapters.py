"""Make augmentations of other libraries look like ours: `augment(images, *, seed)` on a whole batch.

What an adapter returns runs eagerly and inside `tf.data`, so it plugs into `utils.pipeline` as well as into
`check_augmentation`, or, if it changes dtype or size as `Normalize` and `RandomCrop` do, into a last `map`.
While `tf.data` traces a function of NumPy, it is tried on noise, since TensorFlow must know beforehand what
comes back. Each adapter passes the seed on in the way its library offers; nothing else is repaired, so the
library's own behavior stays visible. Libraries are imported only when their adapter is called.
"""

import contextlib
import inspect
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def keras_layer(layer: "tf.keras.layers.Layer") -> Callable:
    """Adapt a Keras preprocessing layer, `RandomFlip`, `RandAugment`, `CutMix`, or a model made of them.

    Keras layers keep a seed inside and move it on at each call; the adapter sets it before the call. With
    labels, the layer is called on a dict, as Keras' mixing layers want it. One that is set to
    `data_format="channels_first"` gets images so.

    In `tf.data`, draws are repeatable only if the map is not parallel, since the layer keeps the seed.
    """
    channels_first = getattr(layer, "data_format", None) == "channels_first"

    def call(images, labels=None, *, seed=None, training=True):
        if seed is not None:
            _set_keras_seeds(layer, seed)
        images = tf.transpose(images, [0, 3, 1, 2]) if channels_first else images
        if labels is None:
            changed = layer(images, training=training)
        else:
            mixed = layer({"images": images, "labels": labels}, training=training)
            changed, labels = mixed["images"], mixed["labels"]
        changed = tf.transpose(changed, [0, 2, 3, 1]) if channels_first else changed
        return changed if labels is None else (changed, labels)

    if not hasattr(layer, "transform_labels"):
        # A model, or a layer of one's own, does not say that it takes a dict: it shows no labels to fill in.
        shown = inspect.signature(call)
        others = [each for each in shown.parameters.values() if each.name != "labels"]
        call.__signature__ = shown.replace(parameters=others)
    return _named(call, type(layer).__name__)


def albumentations_transform(transform: Callable) -> Callable:
    """Adapt an Albumentations transform or `Compose`; it is called on each image in turn.

    Seeded by `transform.set_random_seed`: Albumentations ignores `np.random.seed`.
    """

    def augment(images, seed):
        transform.set_random_seed(_number(seed))
        return _stacked(transform(image=image)["image"] for image in images)

    return _named(_in_numpy(augment), type(transform).__name__)


def torchvision_transform(transform: Callable, *, on_batch: bool = False) -> Callable:
    """Adapt a torchvision transform (v1 or v2), called with channels first, as torch has them.

    Import torch before TensorFlow (and before this package): the other way round, torch crashes on import.

    Args:
        transform: the transform. `v2.CutMix` and `v2.MixUp` get images and integer labels of a whole batch.
        on_batch: hand it the batch as one tensor, instead of each image in turn. That is faster, but most
            transforms then draw once for all images.
    """
    import torch

    def tensor(images):
        return torch.from_numpy(np.ascontiguousarray(np.moveaxis(images, -1, 1)))

    def augment(images, seed):
        torch.manual_seed(_number(seed))
        batch = tensor(images)
        changed = transform(batch).numpy() if on_batch else _stacked(transform(image) for image in batch)
        return np.moveaxis(changed, 1, -1)

    def mix(images, labels, seed):
        torch.manual_seed(_number(seed))
        mixed, mixed_labels = transform(tensor(images), torch.from_numpy(labels.argmax(axis=1)))
        mixed_labels = mixed_labels.numpy()
        # Integer labels come back from a transform that leaves labels alone.
        mixed_labels = labels if mixed_labels.ndim == 1 else mixed_labels.astype(labels.dtype)
        return np.moveaxis(mixed.numpy(), 1, -1), mixed_labels

    return _named(_in_numpy(augment, mix), type(transform).__name__)


def image_data_generator(generator: Any) -> Callable:
    """Adapt a legacy Keras `ImageDataGenerator`: what its `flow` does to each image. It gives float32."""

    def augment(images, seed):
        with _global_seed(seed):
            changed = [generator.random_transform(image.astype(np.float32)) for image in images]
            return _stacked(generator.standardize(image) for image in changed)

    return _named(_in_numpy(augment), type(generator).__name__)


def per_image(function: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Adapt `function(image) -> image` on one NumPy image: scikit-image, Pillow, your own.

    Seeded through the global generators of NumPy and Python, which are put back afterwards.
    """

    def augment(images, seed):
        with _global_seed(seed):
            return _stacked(function(image) for image in images)

    return _named(_in_numpy(augment), getattr(function, "__name__", type(function).__name__))


def adapt(fn: Callable) -> Callable:
    """Return `fn`, through its adapter if it belongs to a library that has one."""
    if isinstance(fn, tf.keras.layers.Layer):
        return keras_layer(fn)
    if hasattr(fn, "random_transform") and hasattr(fn, "standardize"):
        return image_data_generator(fn)
    # Also a class of one's own that is made from the library's.
    libraries = {each.__module__.split(".")[0] for each in type(fn).__mro__}
    known = {"albumentations": albumentations_transform, "torchvision": torchvision_transform}
    return next((known[library](fn) for library in known if library in libraries), fn)


def _set_keras_seeds(layer, seed):
    # A layer made of layers has one state for each: they get different seeds, far apart.
    states = [variable for variable in layer.variables if variable.path.endswith("seed_generator_state")]
    for index, state in enumerate(states):
        state.assign(tf.cast(seed, state.dtype) + tf.constant([1_000_003 * index, 0], state.dtype))


def _stacked(images):
    """Return a batch of images, which must have come back in one size."""
    images = [np.asarray(image) for image in images]
    shapes = sorted({image.shape for image in images})
    if len(shapes) > 1:
        raise ValueError(
            f"The images of a batch came back in different sizes, such as {list(shapes[0])} and "
            f"{list(shapes[-1])}: end with one that crops or resizes every image (p=1)."
        )
    return np.stack(images)


def _in_numpy(augment, mix=None):
    """Return a callable on tensors, eager or symbolic, that runs NumPy functions."""

    def call(images, *, seed):
        return _run(lambda *arrays: [augment(*arrays)], [images], seed)[0]

    def call_with_labels(images, labels=None, *, seed):
        return call(images, seed=seed) if labels is None else tuple(_run(mix, [images, labels], seed))

    return call_with_labels if mix else call


# Sizes of images and labels in two trials, where they are not known. What differs follows the input.
_TRIALS = [((4, 512, 640, 3), (4, 16)), ((5, 576, 544, 3), (5, 17))]


@tf.autograph.experimental.do_not_convert  # a stranger's NumPy is none of its business
def _run(function, tensors, seed):
    """Run `function(*arrays, seed) -> arrays`; in a graph, with the dtypes and shapes that trials show."""

    def run(*arrays):
        _require_batch(arrays[0].shape)
        return function(*arrays)

    if not any(map(tf.is_symbolic_tensor, [*tensors, seed])):
        return run(*map(np.asarray, [*tensors, seed]))
    tensors = [tf.convert_to_tensor(tensor) for tensor in tensors]
    specs = _specs(run, tensors)

    def run_as_shown(*arrays):
        return [_of_dtype(array, spec.dtype) for array, spec in zip(run(*arrays), specs, strict=True)]

    results = tf.numpy_function(run_as_shown, [*tensors, seed], [spec.dtype for spec in specs])
    return [tf.ensure_shape(result, spec.shape) for result, spec in zip(results, specs, strict=True)]


def _require_batch(shape):
    if len(shape) != 4:
        raise ValueError(
            f"What is adapted takes a batch of images [B, H, W, C], not shape {tuple(shape)}: batch the data "
            "set first, or add an axis with images[None]."
        )


def _specs(function, tensors):
    """Return what `function` makes of such tensors, as two calls on noise show it."""
    images = tensors[0].shape
    if images.rank is not None:
        _require_batch(images)
    try:
        with tf.init_scope():  # out of the graph, where `function` may use TensorFlow, too
            trials = [
                function(*map(_noise, tensors, guesses), np.array([0, number]))
                for number, guesses in enumerate(_TRIALS)
            ]
    except Exception as error:
        if images.rank is not None and None not in images[1:].as_list():
            raise
        raise ValueError(
            f"It cannot be tried on images of unknown size, {images}: resize all images before, or name "
            f"their size with tf.ensure_shape. A trial on 512 × 640 pixels said: {error}"
        ) from error
    return [
        tf.TensorSpec(_common_shape(first.shape, second.shape, tensor.shape), np.result_type(first, second))
        for first, second, tensor in zip(*trials, tensors, strict=True)
    ]


def _noise(tensor, guesses):
    """Return a few images, or rows of labels, of the tensor's shape as far as it is known."""
    known = [None] * len(guesses) if tensor.shape.rank is None else tensor.shape.as_list()
    sizes = [guesses[0], *(size or guess for size, guess in zip(known[1:], guesses[1:], strict=False))]
    noise = np.random.default_rng(0).integers(0, 128, sizes)
    noise = noise if tensor.dtype.is_integer else noise / 128
    return noise.astype(tensor.dtype.as_numpy_dtype)


def _common_shape(first, second, given):
    """Return the sizes in which both results agree, with the batch that was given."""
    common = tf.TensorShape(first).most_specific_compatible_shape(tf.TensorShape(second))
    return given[:1].concatenate(common[1:]) if common.rank and common[0] is None else common


def _of_dtype(array, dtype):
    """Return the array in the dtype that the trials showed, if no value is lost."""
    if array.dtype != dtype and not np.can_cast(array.dtype, dtype.as_numpy_dtype):
        raise ValueError(
            f"{array.dtype} came back, and {dtype.name} in a trial: what changes the dtype must act on every "
            "image (p=1)."
        )
    return array.astype(dtype.as_numpy_dtype, copy=False)


def _number(seed):
    """Fold a stateless seed into one 31-bit number."""
    words = [int(word) & 0xFFFFFFFF for word in seed]
    return int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)


@contextlib.contextmanager
def _global_seed(seed):
    states = np.random.get_state(), random.getstate()
    np.random.seed(_number(seed))
    random.seed(_number(seed))
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])


def _named(call, name):
    call.__name__ = name
    return call
