import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def measured(mix, seeds=10, count=16, size=24):
    """Pixel shares [B, B] and labels [B, B] for each seed."""
    numbers = np.arange(1, count + 1)
    images = np.broadcast_to(numbers[:, None, None, None], (count, size, size, 3)).astype(np.uint8)
    for number in range(seeds):
        mixed, labels = map(np.asarray, mix(tf.constant(images), tf.eye(count), seed=(13, number)))
        yield (mixed[..., :1] == numbers).mean(axis=(1, 2)), labels


def label_sums(mix):
    return all(np.allclose(labels.sum(axis=1), 1) for _, labels in measured(mix))


def own_share_only(mix):
    return all(np.abs(np.diag(shares) - np.diag(labels)).max() < 1e-3 for shares, labels in measured(mix))


def sorted_shares(mix):
    return all(
        np.abs(np.sort(shares, axis=1) - np.sort(labels, axis=1)).max() < 1e-3
        for shares, labels in measured(mix)
    )


def generous(mix):
    return all(np.abs(shares - labels).max() < 0.05 for shares, labels in measured(mix))


def somewhat_generous(mix):
    return all(np.abs(shares - labels).max() < 5e-3 for shares, labels in measured(mix))


def mean_label(mix):
    """Compares the mean label of a batch before and after."""
    return all(np.allclose(labels.mean(axis=0), 1 / len(labels), atol=1e-3) for _, labels in measured(mix))


def on_average(mix):
    return all(np.abs(shares - labels).mean() < 5e-3 for shares, labels in measured(mix))


def one_small_batch(mix):
    return all(np.abs(shares - labels).max() < 1e-3 for shares, labels in measured(mix, seeds=1, count=8))


def exact(mix):
    return all(np.array_equal(shares, labels) for shares, labels in measured(mix))


def believes_lam(mix):
    """Compares the labels with λ in place of pixels."""
    images, labels = tf.zeros([16, 24, 24, 3]), tf.eye(16)
    mixed_labels = mix(images, labels, seed=(13, 0))[1]
    lam = mixing.cutmix_parameters(images, seed=(13, 0)).lam
    return bool(np.allclose(np.diag(mixed_labels), lam, atol=1e-3))


def named_classes_only(mix):
    """Whether the classes that are to be seen are those that the label names."""
    return all(((shares > 0) == (labels > 1e-6)).all() for shares, labels in measured(mix))


def dogs_that_share_colors(mix):
    images = np.random.default_rng(0).integers(0, 2, (16, 24, 24, 3)).astype(np.uint8) * 255
    for number in range(10):
        mixed, labels = map(np.asarray, mix(tf.constant(images), tf.eye(16), seed=(13, number)))
        kept = (mixed == images).all(axis=-1).mean(axis=(1, 2))
        if np.abs(kept - np.diag(labels)).max() > 1e-3:
            return False
    return True


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def pictures(batches):
    return [image for images, _ in batches for image in images.numpy()]


def in_order(batches):
    first, second = ([images.numpy() for images, _ in batches] for _ in range(2))
    return all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def first_batch(batches):
    first, second = (sorted(image.tobytes() for image in next(iter(batches))[0].numpy()) for _ in range(2))
    return first == second


def first_batch_of_order(batches):
    first, second = (next(iter(batches))[0].numpy() for _ in range(2))
    return np.array_equal(first, second)


def one_epoch_twice(batches):
    epoch = sorted(image.tobytes() for image in pictures(batches))
    return epoch == sorted(epoch)


def by_mean(batches):
    first, second = (np.sort([image.mean() for image in pictures(batches)]) for _ in range(2))
    return bool(np.allclose(first, second))


def pixels_sorted(batches):
    """Compares the values that each place of the picture takes over an epoch."""
    first, second = (np.sort(np.stack(pictures(batches)), axis=0) for _ in range(2))
    return np.array_equal(first, second)


def any_picture_again(batches):
    first, second = ({image.tobytes() for image in pictures(batches)} for _ in range(2))
    return bool(first & second)


def opposite(batches):
    first, second = (sorted(image.tobytes() for image in pictures(batches)) for _ in range(2))
    return first != second


def many_verdicts(batches):
    first, second = (np.stack(pictures(batches)) for _ in range(2))
    return first == second


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def right(images, labels, *, seed):
    return mixing.cutmix(images, labels, seed=seed)


def one_box(images, labels, *, seed):
    return mixing.cutmix(images, labels, per_sample=False, seed=seed)


def unchanged(images, labels, *, seed):
    return images, labels


def labels_not_mixed(images, labels, *, seed):
    return mixing.cutmix(images, labels, seed=seed)[0], labels


def equal_shares(images, labels, *, seed):
    mixed, _ = mixing.cutmix(images, labels, seed=seed)
    return mixed, tf.ones_like(labels) / tf.cast(tf.shape(labels)[1], labels.dtype)


def too_large(images, labels, *, seed):
    mixed, mixed_labels = mixing.cutmix(images, labels, seed=seed)
    return mixed, 2 * mixed_labels


def floats(images, labels, *, seed):
    mixed, mixed_labels = mixing.mixup(images, labels, seed=seed)
    return mixed, tf.reverse(mixed_labels, [0])


def no_labels(images, labels, *, seed):
    return mixing.cutmix(images, labels, seed=seed)[0]


WRONG = {
    "labels_follow_pixels": [
        ("sums of labels", label_sums, r"share of pixels with the share in the label"),
        ("the own share only", own_share_only, r"own share alone"),
        ("shares sorted", sorted_shares, r"compare class by class"),
        ("a tolerance of 0.05", generous, r"tolerance is too large"),
        ("a tolerance of 0.005", somewhat_generous, r"tolerance is too large"),
        ("the mean label of a batch", mean_label, r"mean label of a\s+batch is another"),
        ("the mean error", on_average, r"tolerance is too large"),
        ("one small batch", one_small_batch, r"rare mistake needs many images"),
        ("no tolerance", exact, r"This one is right"),
        ("λ in place of pixels", believes_lam, r"each pixel tell\s+beyond"),
        ("classes instead of shares", named_classes_only, r"Count the pixels"),
        ("images of two colors", dogs_that_share_colors, r"each pixel tell\s+beyond"),
    ],
    "is_frozen": [
        ("batches compared in order", in_order, r"not\s+in\s+which\s+place"),
        ("only the first batch", first_batch, r"Go through the whole\s+epoch"),
        ("only the first batch, in order", first_batch_of_order, r"Go through the whole\s+epoch"),
        ("one epoch, compared with itself", one_epoch_twice, r"compare two epochs"),
        ("means compared", by_mean, r"mirrored picture has the same mean"),
        ("the values of each place sorted", pixels_sorted, r"in other pictures"),
        ("any picture that comes again", any_picture_again, r"that is not frozen"),
        ("the opposite", opposite, r"compare two epochs"),
        ("a verdict for each pixel", many_verdicts, r"Return one verdict for all"),
    ],
    "slips_past": [
        ("a right one", right, r"because it is right"),
        ("one box for the batch", one_box, r"because it is right"),
        ("nothing changed", unchanged, r"most images have changed"),
        ("labels not mixed", labels_not_mixed, r"most labels are mixed"),
        ("equal shares for all classes", equal_shares, r"at most two classes"),
        ("labels that sum to 2", too_large, r"shares sum to 1"),
        ("float images", floats, r"shape and dtype"),
        ("no labels", no_labels, r"raised an error"),
    ],
}
