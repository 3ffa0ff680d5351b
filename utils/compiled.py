"""Compiles inner loops with XLA, where there is XLA: a chain of steps becomes one pass over memory."""

import functools
from collections.abc import Callable

import tensorflow as tf


@functools.cache
def has_xla() -> bool:
    """Tell whether XLA works here: some builds of TensorFlow, and some graphics cards, do without it."""
    try:
        with tf.init_scope():
            return bool(tf.function(lambda x: x + 1, jit_compile=True)(tf.constant(0)) == 1)
    except tf.errors.OpError:
        return False


def compiled(kernel: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    """Compile a function of tensors with XLA; without XLA it runs as it is.

    XLA compiles anew for each shape and dtype. What draws or checks must stay outside: XLA has random numbers
    of its own, and drops assertions without a word.

    Args:
        kernel: takes tensors of known rank and returns one, whose static shape is lost.

    Returns:
        A function of the same tensors, for eager code, graphs and `tf.data`.
    """

    @functools.cache
    def build(*signature):
        # Traced here and now, once for all shapes: a tf.function called as it is warns of too many traces.
        with tf.init_scope():
            return tf.function(kernel, jit_compile=True, autograph=False).get_concrete_function(*signature)

    @functools.wraps(kernel)
    def run(*tensors):
        if not has_xla():
            return kernel(*tensors)
        any_shape = [tf.TensorSpec([None] * tensor.shape.rank, tensor.dtype) for tensor in tensors]
        return build(*any_shape)(*tensors)

    return run
