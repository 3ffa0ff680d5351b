"""The operations that automatic policies choose from, each also an augmentation of its own.

They work on whole gray levels: float images, in 0-255, are rounded, but a pixel that an operation leaves
alone keeps its exact value.

`rate` is the probability that an image is changed. Where pixels move, `fill_mode` says what fills the hole
("constant" with `fill_value`, "nearest", "reflect" or "wrap"; see `geometry`). The default fills with the mid
gray 128, as AutoAugment's code does.
"""

import functools
from collections.abc import Callable, Sequence

import tensorflow as tf

from utils import inputs
from utils.augment import colors, geometry
from utils.augment.pixels import checked, to_dtype
from utils.compiled import has_xla
from utils.contracts import Augmentation

# The fourteen of RandAugment in its paper's order, and AutoAugment's fifteenth.
NAMES = (
    *("identity", "auto_contrast", "equalize", "rotate", "solarize", "color", "posterize", "contrast"),
    *("brightness", "sharpness", "shear_x", "shear_y", "translate_x", "translate_y", "invert"),
)


# ---- applying ---------------------------------------------------------------------------------------------


def apply(
    images: tf.Tensor,
    names: Sequence[str],
    chosen: tf.Tensor,
    amounts: tf.Tensor,
    *,
    fill_mode: str = "constant",
    fill_value: float = 128,
) -> tf.Tensor:
    """Apply to each image the operations that were chosen for it, one after the other.

    Images are [B, H, W, 3], uint8 or float in 0-255. `chosen`, int [B, N], are places in `names`; `amounts`,
    float [B, N], are degrees, slopes, shares, factors, thresholds or bits.
    """
    run = _compiled(tuple(names), fill_mode, fill_value)
    with tf.device("CPU:0"):  # one small step after another: nothing for a GPU, where there is one
        rounded = images if images.dtype == tf.uint8 else to_dtype(images, tf.uint8)
        changed = tf.ensure_shape(run(rounded, chosen, amounts), images.shape)
        if images.dtype == tf.uint8:
            return changed
        return tf.where(changed == rounded, images, tf.cast(changed, images.dtype))


@functools.cache
def _compiled(names, fill_mode, fill_value):
    """Return a compiled function (images, chosen, amounts) -> images.

    XLA makes one loop over the images, and for each does only what was drawn: about ten times as fast as
    TensorFlow's own kernels, whose `gather` takes 10 ns for each value. It compiles once for each shape.
    """

    def operate(name, image, amount):
        if name not in geometry.MATRICES:
            return getattr(colors, name)(image, amount)
        height, width = tf.unstack(tf.cast(tf.shape(image)[:2], tf.float32))
        matrix = geometry.MATRICES[name](amount, height, width)
        return geometry.warp(image, matrix, fill_mode=fill_mode, fill_value=fill_value)

    def augment_one(drawn):
        image, chosen, amounts = drawn
        return in_turn(
            image, chosen, [lambda image, n, name=name: operate(name, image, amounts[n]) for name in names]
        )

    signature = [
        tf.TensorSpec([None, None, None, 3], tf.uint8),
        tf.TensorSpec([None, None], tf.int32),
        tf.TensorSpec([None, None], tf.float32),
    ]

    @tf.function(input_signature=signature, jit_compile=has_xla(), autograph=False)
    def run(images, chosen, amounts):
        one = tf.TensorSpec(images.shape[1:], tf.uint8)
        return tf.map_fn(augment_one, (images, chosen, amounts), fn_output_signature=one)

    # Traced here and now: called as they are, such functions warn that they are traced too often.
    with tf.init_scope():
        return run.get_concrete_function()


def in_turn(
    image: tf.Tensor, chosen: tf.Tensor, branches: Sequence[Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]
) -> tf.Tensor:
    """Change the image by one branch after the other, functions (image, n) -> image for choice number n."""

    def step(n, image):
        changed = tf.switch_case(chosen[n], [functools.partial(branch, image, n) for branch in branches])
        return n + 1, tf.ensure_shape(tf.reshape(changed, tf.shape(image)), image.shape)

    return tf.while_loop(lambda n, _: n < tf.shape(chosen)[0], step, (0, image))[1]


# ---- refusing ---------------------------------------------------------------------------------------------


def check_rate(rate: float) -> None:
    """Raise ValueError unless `rate` is a probability."""
    inputs.check_number(rate, 0, 1, "rate is a probability between 0 and 1")


def check_fill(fill_value: float, fill_mode: str = "constant") -> None:
    """Raise ValueError for a gray that is none, or an unknown fill mode."""
    if fill_mode not in geometry.FILL_MODES:
        raise ValueError(f"fill_mode must be one of {', '.join(geometry.FILL_MODES)}, not {fill_mode!r}.")
    inputs.check_number(fill_value, 0, 255, "fill_value is a gray between 0 and 255")


def _check_range(name, value, low, high):
    inputs.check_number(value, low, high, f"{name} must be between {low} and {high}")


# ---- operations alone -------------------------------------------------------------------------------------


def _alone(name, low, high, rate, fill_mode="constant", fill_value=128):
    """Return an augmentation that applies one operation, by low to high, to a share of the images."""
    check_rate(rate)
    check_fill(fill_value, fill_mode)

    def augment(images, *, seed):
        images, seed = checked(images, seed)
        each = [tf.shape(images)[0], 1]
        rate_seed, amount_seed = tf.unstack(tf.random.split(seed, 2))
        chosen = tf.cast(tf.random.stateless_uniform(each, rate_seed) < rate, tf.int32)
        amounts = tf.random.stateless_uniform(each, amount_seed, low, high)
        return apply(images, ("identity", name), chosen, amounts, fill_mode=fill_mode, fill_value=fill_value)

    augment.__name__ = name
    return augment


def _enhance(name, strength, rate):
    _check_range("strength", strength, 0, 1)
    return _alone(name, 1.0 - strength, 1.0 + strength, rate)


def identity() -> Augmentation:
    """Change nothing: for a list of operations in which nothing is one of the choices."""
    return _alone("identity", 0.0, 0.0, rate=0)


def auto_contrast(rate: float = 0.5) -> Augmentation:
    """Stretch each channel of an image to 0-255, as Pillow's `ImageOps.autocontrast`."""
    return _alone("auto_contrast", 0.0, 0.0, rate)


def equalize(rate: float = 0.5) -> Augmentation:
    """Make the values of each channel equally frequent, as Pillow's `ImageOps.equalize`."""
    return _alone("equalize", 0.0, 0.0, rate)


def invert(rate: float = 0.5) -> Augmentation:
    """Turn an image into its negative."""
    return _alone("invert", 0.0, 0.0, rate)


def solarize(threshold: float = 128, rate: float = 0.5) -> Augmentation:
    """Invert the values at or above `threshold` (0 inverts all, 256 none)."""
    _check_range("threshold", threshold, 0, 256)
    return _alone("solarize", float(threshold), float(threshold), rate)


def posterize(bits: int = 4, rate: float = 0.5) -> Augmentation:
    """Keep the highest `bits` (1-8) of each value."""
    _check_range("bits", bits, 1, 8)
    return _alone("posterize", float(bits), float(bits), rate)


def color(strength: float = 0.9, rate: float = 1) -> Augmentation:
    """Change the saturation by a factor drawn from 1 ± `strength` (0-1; factor 0 is gray)."""
    return _enhance("color", strength, rate)


def contrast(strength: float = 0.9, rate: float = 1) -> Augmentation:
    """Change the contrast by a factor drawn from 1 ± `strength` (0-1; factor 0 is flat)."""
    return _enhance("contrast", strength, rate)


def brightness(strength: float = 0.9, rate: float = 1) -> Augmentation:
    """Change the brightness by a factor drawn from 1 ± `strength` (0-1; factor 0 is black)."""
    return _enhance("brightness", strength, rate)


def sharpness(strength: float = 0.9, rate: float = 1) -> Augmentation:
    """Smooth or sharpen by a factor drawn from 1 ± `strength` (0-1; factor 0 is smoothed)."""
    return _enhance("sharpness", strength, rate)


def random_grayscale(rate: float = 0.2) -> Augmentation:
    """Turn an image gray, in three equal channels.

    SimCLR (Chen et al. 2020, arXiv 2002.05709) uses rate 0.2.
    """
    return _alone("color", 0.0, 0.0, rate)


def random_hue(degrees: float = 18, rate: float = 1) -> Augmentation:
    """Turn the hue of an image by an angle drawn from ± `degrees` (0-180); grays stay."""
    _check_range("degrees", degrees, 0, 180)
    return _alone("hue", -float(degrees), float(degrees), rate)


def rotate(
    degrees: float = 30, rate: float = 1, *, fill_mode: str = "constant", fill_value: float = 128
) -> Augmentation:
    """Turn an image about its center by an angle drawn from ± `degrees` (0-180)."""
    _check_range("degrees", degrees, 0, 180)
    return _alone("rotate", -float(degrees), float(degrees), rate, fill_mode, fill_value)


def shear_x(
    slope: float = 0.3, rate: float = 1, *, fill_mode: str = "constant", fill_value: float = 128
) -> Augmentation:
    """Slide the rows: one pixel down, a number of pixels sideways drawn from ± `slope` (0-1)."""
    _check_range("slope", slope, 0, 1)
    return _alone("shear_x", -float(slope), float(slope), rate, fill_mode, fill_value)


def shear_y(
    slope: float = 0.3, rate: float = 1, *, fill_mode: str = "constant", fill_value: float = 128
) -> Augmentation:
    """Slide the columns: one pixel sideways, a number of pixels up or down drawn from ± `slope` (0-1)."""
    _check_range("slope", slope, 0, 1)
    return _alone("shear_y", -float(slope), float(slope), rate, fill_mode, fill_value)


def translate_x(
    share: float = 0.45, rate: float = 1, *, fill_mode: str = "constant", fill_value: float = 128
) -> Augmentation:
    """Move an image sideways by a share of its width drawn from ± `share` (0-1)."""
    _check_range("share", share, 0, 1)
    return _alone("translate_x", -float(share), float(share), rate, fill_mode, fill_value)


def translate_y(
    share: float = 0.45, rate: float = 1, *, fill_mode: str = "constant", fill_value: float = 128
) -> Augmentation:
    """Move an image up or down by a share of its height drawn from ± `share` (0-1)."""
    _check_range("share", share, 0, 1)
    return _alone("translate_y", -float(share), float(share), rate, fill_mode, fill_value)
