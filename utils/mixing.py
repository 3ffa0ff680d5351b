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


class MixParameters(NamedTuple):
    """What was drawn for a mix. One row per image, or a single row when `per_sample=False`."""

    lam: tf.Tensor  # [B] float32, λ as drawn from Beta(α, α)
    partner: tf.Tensor  # [B] int32, the image that each image is mixed with
    share: tf.Tensor  # [B] float32, how much of its own pixels and label each image keeps
    box: tf.Tensor | None = None  # [B, 4] int32: top, left, bottom, right; pixels inside are the partner's


def cutmix(images, labels, *, alpha=1.0, per_sample=True, seed):
    """Paste a box of another image into each image; mix the labels by area.

    The box has integer corners and is clipped to the image; the label share is counted from the clipped box,
    so it equals the share of pixels exactly.

    Args:
        images: `[B, H, W, C]`, any real dtype. Pixels are only copied, so any range will do.
        labels: float `[B, K]`, rows that sum to 1 (one-hot or soft).
        alpha: λ ~ Beta(alpha, alpha) is the share kept before clipping. The paper uses 1 (uniform).
        per_sample: draw λ and box for every image; `False` draws one for the whole batch, as the authors'
            code does, which is faster and mixes less variedly.
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
    images, labels = _checked(images, labels, "cutmix")
    drawn = cutmix_parameters(images, alpha=alpha, per_sample=per_sample, seed=seed)
    paste = _paste_each if per_sample else _paste_one
    return paste(images, drawn.partner, drawn.box), _mix_labels(labels, drawn)


def mixup(images, labels, *, alpha=0.2, per_sample=True, seed):
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
    images, labels = _checked(images, labels, "mixup")
    drawn = mixup_parameters(images, alpha=alpha, per_sample=per_sample, seed=seed)
    return _blend(images, drawn.partner, _column(drawn.share, 4)), _mix_labels(labels, drawn)


def cutmix_or_mixup(
    images, labels, *, cutmix_alpha=1.0, mixup_alpha=0.2, cutmix_rate=0.5, per_sample=True, seed
):
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
    images, labels = _checked(images, labels, "cutmix_or_mixup")
    if not 0 <= cutmix_rate <= 1:
        raise ValueError(f"cutmix_rate is a probability between 0 and 1, not {cutmix_rate}.")
    coin_seed, mix_seed = tf.unstack(tf.random.split(_checked_seed(seed)))
    cut = cutmix_parameters(images, alpha=cutmix_alpha, per_sample=per_sample, seed=mix_seed)
    blend = mixup_parameters(images, alpha=mixup_alpha, per_sample=per_sample, seed=mix_seed)
    is_cut = tf.random.stateless_uniform(tf.shape(cut.lam), coin_seed) < cutmix_rate
    share = tf.where(is_cut, cut.share, blend.share)
    inside = _inside(cut.box, tf.shape(images))
    own = tf.where(_column(is_cut, 4), tf.where(inside, 0.0, 1.0), _column(share, 4))
    # Both parameter sets come from one seed, so they name the same partners.
    return _blend(images, cut.partner, own), _mix_labels(labels, cut._replace(share=share))


def cutmix_parameters(images, *, alpha=1.0, per_sample=True, seed):
    """Return the λ, partner, share and box that `cutmix` uses with these arguments."""
    lam_seed, partner_seed, centre_seed = _split(seed)
    batch_size, height, width = tf.unstack(tf.shape(images)[:3])
    count = batch_size if per_sample else 1
    lam = _beta(count, alpha, lam_seed)
    sides = tf.sqrt(1 - lam)[:, tf.newaxis] * tf.cast([height, width], tf.float32)
    box = _clipped_box(tf.round(sides), height, width, centre_seed)
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    share = 1 - tf.cast(area / (height * width), tf.float32)
    return MixParameters(lam, _partners(batch_size, partner_seed), share, box)


def mixup_parameters(images, *, alpha=0.2, per_sample=True, seed):
    """Return the λ, partner and share that `mixup` uses with these arguments."""
    lam_seed, partner_seed, _ = _split(seed)
    batch_size = tf.shape(images)[0]
    lam = _beta(batch_size if per_sample else 1, alpha, lam_seed)
    return MixParameters(lam, _partners(batch_size, partner_seed), share=lam)


# ---- drawing ------------------------------------------------------------------------------------------


def _split(seed):
    """Return three independent seeds: for λ, for the partners, for the centre of the box."""
    return tf.unstack(tf.random.split(_checked_seed(seed), 3))


def _beta(count, alpha, seed):
    """Draw `count` values from Beta(alpha, alpha), float32, for any alpha > 0."""
    if not (alpha > 0 and math.isfinite(alpha)):
        raise ValueError(f"alpha must be a positive number, not {alpha}: λ is drawn from Beta(alpha, alpha).")
    if alpha == 1:
        return tf.random.stateless_uniform([count], seed)
    gamma_seed, uniform_seed = tf.unstack(tf.random.split(seed))
    # λ = G1 / (G1 + G2) with G ~ Gamma(α) underflows to 0 / 0 for small α. In logarithms it does not:
    # Gamma(α) is Gamma(α + 1) · U^(1/α), and G1 / (G1 + G2) is sigmoid(log G1 − log G2).
    log_gamma = tf.math.log(tf.random.stateless_gamma([count, 2], gamma_seed, alpha + 1.0))
    log_uniform = tf.math.log(1 - tf.random.stateless_uniform([count, 2], uniform_seed))
    difference = (log_uniform[:, 0] - log_uniform[:, 1]) / alpha + log_gamma[:, 0] - log_gamma[:, 1]
    return tf.sigmoid(difference)


def _partners(batch_size, seed):
    return tf.random.experimental.stateless_shuffle(tf.range(batch_size), seed)


def _clipped_box(sides, height, width, seed):
    """Place boxes of `sides` [count, 2] at a uniform centre; clip; return int32 top, left, bottom, right."""
    limits = tf.stack([height, width])
    centre = tf.random.stateless_uniform(tf.shape(sides), seed) * tf.cast(limits, tf.float32)
    start = tf.cast(tf.floor(centre - sides / 2 + 0.5), tf.int32)
    stop = start + tf.cast(sides, tf.int32)
    return tf.concat([tf.maximum(start, 0), tf.minimum(stop, limits)], axis=1)


# ---- applying -----------------------------------------------------------------------------------------


def _paste_each(images, partner, box):
    return tf.where(_inside(box, tf.shape(images)), tf.gather(images, partner), images)


def _paste_one(images, partner, box):
    top, left, bottom, right = tf.unstack(box[0])
    patch = tf.gather(images[:, top:bottom, left:right], partner)
    middle = tf.concat([images[:, top:bottom, :left], patch, images[:, top:bottom, right:]], axis=2)
    mixed = tf.concat([images[:, :top], middle, images[:, bottom:]], axis=1)
    return tf.ensure_shape(mixed, images.shape)


def _inside(box, shape):
    """Return the mask [count, H, W, 1] of the pixels inside each box."""
    top, left, bottom, right = (_column(side, 2) for side in tf.unstack(box, axis=1))
    row, column = tf.range(shape[1]), tf.range(shape[2])
    rows = (row >= top) & (row < bottom)
    columns = (column >= left) & (column < right)
    return (rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :])[..., tf.newaxis]


def _blend(images, partner, own):
    """Return own · image + (1 − own) · partner in float32."""
    mine = tf.cast(images, tf.float32)
    return own * mine + (1 - own) * tf.gather(mine, partner)


def _mix_labels(labels, drawn):
    mixed = _blend(labels, drawn.partner, _column(drawn.share, 2))
    return tf.cast(mixed, labels.dtype)


def _column(values, rank):
    """Reshape [count] to [count, 1, …] of the given rank."""
    return tf.reshape(values, [-1] + [1] * (rank - 1))


# ---- refusing -----------------------------------------------------------------------------------------


def _checked(images, labels, name):
    """Return images and labels as tensors, or say in one sentence what is wrong with them."""
    images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
    if images.shape.rank != 4:
        raise ValueError(
            f"{name} mixes a batch of images [B, H, W, C], but the images have shape {images.shape}: "
            "batch the data set first, or add an axis with images[None]."
        )
    if labels.shape.rank != 2 or not labels.dtype.is_floating:
        raise ValueError(
            f"{name} needs float labels [B, K], one row of class shares per image, but they are "
            f"{labels.dtype.name} of shape {labels.shape}: use tf.one_hot(labels, num_classes)."
        )
    if not images.shape[:1].is_compatible_with(labels.shape[:1]):
        raise ValueError(
            f"{name} got {images.shape[0]} images but {labels.shape[0]} labels: they must come in pairs."
        )
    sums = tf.reduce_sum(tf.cast(labels, tf.float32), axis=1)
    with tf.control_dependencies(_assertions(images, labels, sums, name)):
        return tf.identity(images), tf.identity(labels)


def _assertions(images, labels, sums, name):
    tolerance = 1e-3 if labels.dtype.size >= 4 else 2e-2
    checks = [
        (
            tf.shape(images)[0] == tf.shape(labels)[0],
            f"{name} got batches of different length: images and labels must come in pairs.",
            [tf.shape(images)[0], tf.shape(labels)[0]],
        ),
        (
            tf.reduce_all(tf.abs(sums - 1) <= tolerance),
            f"{name} needs label rows that sum to 1 (one-hot or soft labels); the sums are",
            [sums],
        ),
    ]
    return [_assert(*check) for check in checks]


def _assert(holds, sentence, values):
    if not tf.executing_eagerly():
        return tf.debugging.Assert(holds, [sentence, *values])
    if not holds:
        raise ValueError(f"{sentence} {[value.numpy().tolist() for value in values]}")
    return tf.no_op()


def _checked_seed(seed):
    seed = tf.convert_to_tensor(seed)
    if not seed.dtype.is_integer or not seed.shape.is_compatible_with([2]):
        raise ValueError(
            f"seed must be two integers such as (0, 1), but it is {seed.dtype.name} of shape {seed.shape}."
        )
    return seed
