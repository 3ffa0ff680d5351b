"""Make augmentations of other libraries look like ours: `augment(images, *, seed)` on a whole batch.

What an adapter returns runs eagerly and inside `tf.data`, so it plugs into `utils.pipeline` as well as into
`check_augmentation`. Each one passes the seed on in the way its library offers; nothing else is repaired, so
the library's own behavior stays visible. Libraries are imported only when their adapter is called.
"""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def keras_layer(layer: "tf.keras.layers.Layer") -> Callable:
    """Adapt a Keras preprocessing layer: `RandomFlip`, `RandAugment`, `CutMix`, and so on.

    Keras layers keep a seed inside and move it on at each call; the adapter sets it before the call. With
    labels, the layer is called on a dict, as Keras' mixing layers want it.

    In `tf.data`, draws are repeatable only if the map is not parallel, since the layer keeps the seed.
    """

    def call(images, labels=None, *, seed=None, training=True):
        if seed is not None:
            _set_keras_seeds(layer, seed)
        if labels is None:
            return layer(images, training=training)
        mixed = layer({"images": images, "labels": labels}, training=training)
        return mixed["images"], mixed["labels"]

    return _named(call, type(layer).__name__)


def albumentations_transform(transform: Callable) -> Callable:
    """Adapt an Albumentations transform or `Compose`; it is called on each image in turn.

    Seeded by `transform.set_random_seed`: Albumentations ignores `np.random.seed`.
    """

    def augment(images, seed):
        transform.set_random_seed(_number(seed))
        return np.stack([transform(image=image)["image"] for image in images])

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
        changed = transform(batch) if on_batch else torch.stack([transform(image) for image in batch])
        return np.moveaxis(changed.numpy(), 1, -1)

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
            return np.stack([generator.standardize(image) for image in changed])

    return _named(_in_numpy(augment, output_dtype=tf.float32), type(generator).__name__)


def per_image(function: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Adapt `function(image) -> image` on one NumPy image: scikit-image, Pillow, your own.

    Seeded through the global generators of NumPy and Python, which are put back afterwards.
    """

    def augment(images, seed):
        with _global_seed(seed):
            return np.stack([np.asarray(function(image)) for image in images])

    return _named(_in_numpy(augment), getattr(function, "__name__", type(function).__name__))


def adapt(fn: Callable) -> Callable:
    """Return `fn`, through its adapter if it belongs to a library that has one."""
    if isinstance(fn, tf.keras.layers.Layer):
        return keras_layer(fn)
    if hasattr(fn, "random_transform") and hasattr(fn, "standardize"):
        return image_data_generator(fn)
    library = type(fn).__module__.split(".")[0]
    known = {"albumentations": albumentations_transform, "torchvision": torchvision_transform}
    return known[library](fn) if library in known else fn


def _set_keras_seeds(layer, seed):
    # A layer made of layers has one state for each: they get different seeds, far apart.
    states = [variable for variable in layer.variables if variable.path.endswith("seed_generator_state")]
    for index, state in enumerate(states):
        state.assign(tf.cast(seed, state.dtype) + tf.constant([1_000_003 * index, 0], state.dtype))


def _in_numpy(augment, mix=None, *, output_dtype=None):
    """Return a callable on tensors, eager or symbolic, that runs NumPy functions."""

    def call(images, *, seed):
        if not tf.is_symbolic_tensor(images):
            return augment(np.asarray(images), np.asarray(seed))
        changed = tf.numpy_function(augment, [images, seed], output_dtype or images.dtype)
        return tf.ensure_shape(changed, images.shape)

    def call_with_labels(images, labels=None, *, seed):
        if labels is None:
            return call(images, seed=seed)
        if not tf.is_symbolic_tensor(images):
            return mix(np.asarray(images), np.asarray(labels), np.asarray(seed))
        mixed = tf.numpy_function(mix, [images, labels, seed], [output_dtype or images.dtype, labels.dtype])
        return tf.ensure_shape(mixed[0], images.shape), tf.ensure_shape(mixed[1], labels.shape)

    return call_with_labels if mix else call


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
