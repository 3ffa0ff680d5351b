"""CutMix and MixUp for a batch of images, with labels that are exactly right.

A *mix* is `mix(images, labels, *, seed) -> (images, labels)`. It joins every image with a partner from the
same batch, and gives the label of each the share that its pixels have in the result.

The partners are a random permutation of the batch, as in both papers' code: each image is used as a partner
exactly once, any partner is equally likely, and an image meets itself once in B times (then it is unchanged).
All randomness comes from the stateless `seed`: the same seed gives the same mix, eagerly, in a `tf.function`
and in `tf.data`, and nothing is drawn while a graph is traced.
"""

import math
from typing import NamedTuple

import tensorflow as tf

from utils import inputs
from utils.compiled import compiled
from utils.contracts import Mix, Seed

RECIPE = 1  # raised by hand when a mix draws or gives something else; see CONTRIBUTING.md


class MixParameters(NamedTuple):
    """What was drawn for a mix. One row per image, or a single row when `per_sample=False`."""

    lam: tf.Tensor  # [B] float32, λ as drawn from Beta(α, α)
    partner: tf.Tensor  # [B] int32, the image that each image is mixed with
    share: tf.Tensor  # [B] float32, how much of its own pixels and label each image keeps
    box: tf.Tensor | None = None  # [B, 4] int32: top, left, bottom, right; pixels inside are the partner's


def cutmix(
    images: tf.Tensor, labels: tf.Tensor, *, alpha: float = 1.0, per_sample: bool = True, seed: Seed
) -> tuple[tf.Tensor, tf.Tensor]:
    """Paste a box of another image into each image; mix the labels by area.

    The box has integer corners and is clipped to the image; the label share is counted from the clipped box,
    so it equals the share of pixels exactly.

    Args:
        images: `[B, H, W, C]`, any real dtype. Pixels are only copied, so any range will do.
        labels: float `[B, K]`, rows that sum to 1 (one-hot or soft).
        alpha: λ ~ Beta(alpha, alpha) is the share kept before clipping. The paper uses 1 (uniform).
        per_sample: draw λ and box for every image; `False` draws one for the whole batch, as the authors'
            code does, which mixes less variedly and is hardly faster.
        seed: two integers, or an integer tensor of shape `[2]`.

    Returns:
        `(images, labels)` with the shapes and dtypes that came in. 16-bit labels are mixed in float32 and
        rounded once.

    Raises:
        ValueError: for sparse labels, an image without batch axis, a wrong seed, `alpha <= 0`, or labels
            that do not sum to 1. What only the values tell is raised inside a graph as
            `tf.errors.InvalidArgumentError`, with the same sentence.

    Reference: Yun et al. 2019, "CutMix", https://arxiv.org/abs/1905.04899.
    """
    images, labels = inputs.images_and_labels(images, labels, "cutmix")
    drawn = cutmix_parameters(images, alpha=alpha, per_sample=per_sample, seed=seed)
    mixed = _like(images, _paste(images, drawn.partner, drawn.box))
    return mixed, _mix_labels(labels, drawn.partner, drawn.share)


def mixup(
    images: tf.Tensor, labels: tf.Tensor, *, alpha: float = 0.2, per_sample: bool = True, seed: Seed
) -> tuple[tf.Tensor, tf.Tensor]:
    """Blend each image with another one, and the labels with the same weights.

    Args:
        images: `[B, H, W, C]`, any real dtype, any range.
        labels: float `[B, K]`, rows that sum to 1 (one-hot or soft).
        alpha: λ ~ Beta(alpha, alpha) is the weight kept. The paper uses 0.1 to 0.4 on ImageNet.
        per_sample: draw λ for every image; `False` draws one for the whole batch, as in the paper's code.
        seed: two integers, or an integer tensor of shape `[2]`.

    Returns:
        `(images, labels)`: float32 images in the range that came in, since a blend of 8-bit values is no
        8-bit value; labels of the dtype that came in.

    Raises:
        ValueError: as `cutmix` does.

    Reference: Zhang et al. 2018, "mixup", https://arxiv.org/abs/1710.09412.
    """
    images, labels = inputs.images_and_labels(images, labels, "mixup")
    drawn = mixup_parameters(images, alpha=alpha, per_sample=per_sample, seed=seed)
    mixed = _like(images, _blend(images, drawn.partner, drawn.share))
    return mixed, _mix_labels(labels, drawn.partner, drawn.share)


def cutmix_or_mixup(
    images: tf.Tensor,
    labels: tf.Tensor,
    *,
    cutmix_alpha: float = 1.0,
    mixup_alpha: float = 0.2,
    cutmix_rate: float = 0.5,
    per_sample: bool = True,
    seed: Seed,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Toss a coin between `cutmix` and `mixup`: for every image, or for the whole batch.

    Args:
        images: as in `cutmix`.
        labels: as in `cutmix`.
        cutmix_alpha: α of CutMix.
        mixup_alpha: α of MixUp.
        cutmix_rate: probability of CutMix, between 0 and 1.
        per_sample: toss the coin, and draw λ and box, for every image; `False`: once for the batch.
        seed: two integers, or an integer tensor of shape `[2]`.

    Returns:
        `(images, labels)`: float32 images in the range that came in (whatever the coin says, so that every
        batch has one dtype); labels of the dtype that came in.

    Raises:
        ValueError: as `cutmix` does, and for a rate outside [0, 1].
    """
    images, labels = inputs.images_and_labels(images, labels, "cutmix_or_mixup")
    inputs.check_number(cutmix_rate, 0, 1, "cutmix_rate is a probability between 0 and 1")
    coin_seed, mix_seed = tf.unstack(tf.random.split(inputs.checked_seed(seed)))
    cut = cutmix_parameters(images, alpha=cutmix_alpha, per_sample=per_sample, seed=mix_seed)
    blend = mixup_parameters(images, alpha=mixup_alpha, per_sample=per_sample, seed=mix_seed)
    is_cut = tf.random.stateless_uniform(tf.shape(cut.lam), coin_seed) < cutmix_rate
    # Both parameter sets come from one seed, so they name the same partners.
    box = tf.where(is_cut[:, tf.newaxis], cut.box, 0)
    own = tf.where(is_cut, 1.0, blend.share)
    mixed = _like(images, _paste_and_blend(images, cut.partner, box, own))
    return mixed, _mix_labels(labels, cut.partner, tf.where(is_cut, cut.share, blend.share))


def sometimes(mix: Mix, rate: float) -> Mix:
    """Return a mix that applies `mix` to each image with probability `rate`, and leaves the others alone.

    Args:
        mix: `mix(images, labels, *, seed) -> (images, labels)` of this module.
        rate: between 0 and 1; the CutMix authors use 0.5 on CIFAR-10.

    Raises:
        ValueError: for a rate outside [0, 1].
    """
    inputs.check_number(rate, 0, 1, "rate is a probability between 0 and 1")

    def apply(images, labels, *, seed):
        images, labels = inputs.images_and_labels(images, labels, "sometimes")
        coin_seed, mix_seed = tf.unstack(tf.random.split(inputs.checked_seed(seed)))
        mixed, mixed_labels = mix(images, labels, seed=mix_seed)
        is_mixed = tf.random.stateless_uniform(tf.shape(labels)[:1], coin_seed) < rate
        images = tf.where(
            is_mixed[:, tf.newaxis, tf.newaxis, tf.newaxis], mixed, tf.cast(images, mixed.dtype)
        )
        return images, tf.where(is_mixed[:, tf.newaxis], mixed_labels, labels)

    return apply


def cutmix_parameters(
    images: tf.Tensor, *, alpha: float = 1.0, per_sample: bool = True, seed: Seed
) -> MixParameters:
    """Return the λ, partner, share and box that `cutmix` uses with these arguments."""
    images = inputs.any_images(images, "cutmix_parameters")
    lam_seed, partner_seed, center_seed = _split(seed)
    batch_size, height, width = tf.unstack(tf.shape(images)[:3])
    count = batch_size if per_sample else 1
    lam = _beta(count, alpha, lam_seed)
    limits = tf.stack([height, width])
    sides = tf.round(tf.sqrt(1 - lam)[:, tf.newaxis] * tf.cast(limits, tf.float32))
    center = tf.random.stateless_uniform(tf.shape(sides), center_seed) * tf.cast(limits, tf.float32)
    start = tf.cast(tf.floor(center - sides / 2 + 0.5), tf.int32)
    stop = start + tf.cast(sides, tf.int32)
    box = tf.concat([tf.maximum(start, 0), tf.minimum(stop, limits)], axis=1)  # top, left, bottom, right
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    share = 1 - tf.cast(area / (height * width), tf.float32)
    partner = tf.random.experimental.stateless_shuffle(tf.range(batch_size), partner_seed)
    return MixParameters(lam, partner, share, box)


def mixup_parameters(
    images: tf.Tensor, *, alpha: float = 0.2, per_sample: bool = True, seed: Seed
) -> MixParameters:
    """Return the λ, partner and share that `mixup` uses with these arguments."""
    images = inputs.any_images(images, "mixup_parameters")
    lam_seed, partner_seed, _ = _split(seed)
    batch_size = tf.shape(images)[0]
    lam = _beta(batch_size if per_sample else 1, alpha, lam_seed)
    partner = tf.random.experimental.stateless_shuffle(tf.range(batch_size), partner_seed)
    return MixParameters(lam, partner, share=lam)


# ---- drawing ------------------------------------------------------------------------------------------


def _split(seed):
    """Return three independent seeds: for λ, for the partners, for the center of the box."""
    return tf.unstack(tf.random.split(inputs.checked_seed(seed), 3))


def _beta(count, alpha, seed):
    """Draw `count` values from Beta(alpha, alpha), float32, for any alpha > 0."""
    inputs.check_number(
        alpha, inputs.ABOVE_ZERO, math.inf, "alpha must be a positive number, for λ ~ Beta(alpha, alpha)"
    )
    if alpha == 1:
        return tf.random.stateless_uniform([count], seed)
    gamma_seed, uniform_seed = tf.unstack(tf.random.split(seed))
    # λ = G1 / (G1 + G2) with G ~ Gamma(α) underflows to 0 / 0 for small α. In logarithms it does not:
    # Gamma(α) is Gamma(α + 1) · U^(1/α), and G1 / (G1 + G2) is sigmoid(log G1 − log G2).
    log_gamma = tf.math.log(tf.random.stateless_gamma([count, 2], gamma_seed, alpha + 1.0))
    log_uniform = tf.math.log(1 - tf.random.stateless_uniform([count, 2], uniform_seed))
    difference = (log_uniform[:, 0] - log_uniform[:, 1]) / alpha + log_gamma[:, 0] - log_gamma[:, 1]
    return tf.sigmoid(difference)


# ---- applying: each kernel is one pass over the images; one box, or one λ, may hold for all of them --------


@compiled
def _paste(images, partner, box):
    """Copy the inside of every image's box from its partner."""
    flat = _flat(images)
    return tf.reshape(tf.where(_inside(box, images), tf.gather(flat, partner), flat), tf.shape(images))


@compiled
def _blend(images, partner, own):
    """Return own · image + (1 − own) · partner in float32."""
    return _toward(images, tf.gather(images, partner), own[:, tf.newaxis, tf.newaxis, tf.newaxis])


@compiled
def _paste_and_blend(images, partner, box, own):
    """Blend outside of the box, paste inside: an empty box leaves the blend, an own of 1 the paste."""
    flat = _flat(images)
    other = tf.gather(flat, partner)
    blended = _toward(flat, other, own[:, tf.newaxis, tf.newaxis])
    mixed = tf.where(_inside(box, images), tf.cast(other, tf.float32), blended)
    return tf.reshape(mixed, tf.shape(images))


def _flat(images):
    """Make the channels part of the row: with a mask that has a channel axis, pasting takes twice as long."""
    shape = tf.shape(images)
    return tf.reshape(images, [shape[0], shape[1], shape[2] * shape[3]])


def _inside(box, images):
    """Return [B, H, W · C]: whether a pixel lies in the box of its image."""
    _, height, width, channels = tf.unstack(tf.shape(images))
    top, left, bottom, right = (side[:, tf.newaxis] for side in tf.unstack(box, 4, axis=1))
    row, column = tf.range(height), tf.range(width * channels) // channels
    rows = (row >= top) & (row < bottom)
    columns = (column >= left) & (column < right)
    return rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :]


def _toward(mine, other, own):
    # Written so, an image that keeps all, or meets itself, stays as it is to the last bit.
    mine, other = tf.cast(mine, tf.float32), tf.cast(other, tf.float32)
    return mine + (1 - own) * (other - mine)


def _like(images, mixed):
    """Give a kernel's result the static shape of the images, which it may have lost."""
    return tf.ensure_shape(mixed, images.shape)


def _mix_labels(labels, partner, share):
    own = share[:, tf.newaxis]
    mine, other = (tf.cast(rows, tf.float32) for rows in (labels, tf.gather(labels, partner)))
    return tf.cast(own * mine + (1 - own) * other, labels.dtype)
