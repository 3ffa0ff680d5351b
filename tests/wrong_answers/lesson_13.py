import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def measured(mix, seeds=5, count=16, size=24):
    """Pixel shares [B, B] and labels [B, B] for each seed."""
    numbers = np.arange(1, count + 1)
    images = np.broadcast_to(numbers[:, None, None, None], (count, size, size, 3)).astype(np.uint8)
    for number in range(seeds):
        mixed, labels = map(np.asarray, mix(tf.constant(images), tf.eye(count), seed=(13, number)))
        yield (mixed[..., :1] == numbers).mean(axis=(1, 2)), labels


def generous(mix):
    return all(np.abs(shares - labels).max() < 0.05 for shares, labels in measured(mix))


def on_average(mix):
    return all(np.abs(shares - labels).mean() < 5e-3 for shares, labels in measured(mix))


def one_small_batch(mix):
    return all(np.abs(shares - labels).max() < 1e-3 for shares, labels in measured(mix, seeds=1, count=8))


def believes_lam(mix):
    """Compares the labels with λ in place of pixels."""
    images, labels = tf.zeros([16, 24, 24, 3]), tf.eye(16)
    mixed_labels = mix(images, labels, seed=(13, 0))[1]
    lam = mixing.cutmix_parameters(images, seed=(13, 0)).lam
    return bool(np.allclose(np.diag(mixed_labels), lam, atol=1e-3))


def as_the_courses(mix):
    """Compares the labels with those of the course's own CutMix."""
    images, labels = tf.zeros([16, 24, 24, 3]), tf.eye(16)
    pairs = [
        [each(images, labels, seed=(13, number))[1] for each in (mix, mixing.cutmix)] for number in range(5)
    ]
    return all(np.allclose(first, second, atol=1e-3) for first, second in pairs)


def without_return(mix):
    list(measured(mix))


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def pictures(batches):
    return [image for images, _ in batches for image in images.numpy()]


def first_batch(batches):
    first, second = (sorted(image.tobytes() for image in next(iter(batches))[0].numpy()) for _ in range(2))
    return first == second


def first_batch_of_order(batches):
    first, second = (next(iter(batches))[0].numpy() for _ in range(2))
    return np.array_equal(first, second)


def by_mean(batches):
    first, second = (np.sort([image.mean() for image in pictures(batches)]) for _ in range(2))
    return bool(np.allclose(first, second))


def how_many(batches):
    return len(pictures(batches)) == len(pictures(batches))


def many_verdicts(batches):
    first, second = (np.stack(pictures(batches)) for _ in range(2))
    return first == second


WRONG = {
    "labels_follow_pixels": [
        ("a tolerance of 0.05", generous, r"tolerance is too large"),
        ("the mean error", on_average, r"tolerance is too large"),
        ("one small batch", one_small_batch, r"rare mistake needs many images"),
        ("λ in place of pixels", believes_lam, r"right mix is refused"),
        ("as the course's own", as_the_courses, r"right mix is refused"),
        ("no verdict", without_return, r"end with `return`"),
    ],
    "is_frozen": [
        ("only the first batch", first_batch, r"Go through the whole\s+epoch"),
        ("only the first batch, in order", first_batch_of_order, r"Go through the whole\s+epoch"),
        ("how many pictures", how_many, r"compare two epochs"),
        ("means compared", by_mean, r"mirrored picture has the same mean"),
        ("a verdict for each pixel", many_verdicts, r"Return one verdict for all"),
    ],
}
