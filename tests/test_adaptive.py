import numpy as np
import pytest
import tensorflow as tf

from utils import augment, pipeline
from utils.experiment import variants

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 24, 24, 3), dtype=np.uint8)


def magnitudes(accuracies, **settings):
    follow = augment.adaptive_rand_augment(**settings).after_epoch
    epochs = [{"val_accuracy": accuracy} for accuracy in accuracies]
    for number, logs in enumerate(epochs):
        follow(number, logs)
    return [logs["magnitude"] for logs in epochs]


def test_the_magnitude_rises_by_the_distance_to_the_best():
    found = magnitudes([0.5, 0.4, 0.6, 0.55, 0.5, 0.7], gain=10)
    assert found == pytest.approx([0, 0, 1, 1, 1.5, 2.5])


def test_it_starts_where_told_and_ends_at_10():
    assert magnitudes([0.9, 0.1, 0.1], start=4, gain=20) == pytest.approx([4, 4, 10])


def test_each_epoch_is_augmented_with_its_magnitude():
    """The pipeline is built once; after a change of the magnitude its next epoch is RandAugment's at it."""
    variant = variants.parse("adaptive_rand_augment(start=2,gain=10)").build()
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, np.zeros(16, np.int64)))

    def epochs(augmentation):
        batches = pipeline.training_batches(dataset, batch_size=16, num_classes=2, augment=augmentation)
        for _ in range(2):
            yield next(iter(batches))[0].numpy()

    first, second = (list(epochs(augment.rand_augment(2, magnitude))) for magnitude in (2, 7))
    found = epochs(variant.augment)
    np.testing.assert_array_equal(next(found), first[0])
    for accuracy in (0.5, 0.0):
        variant.callbacks[0].on_epoch_end(0, {"val_accuracy": accuracy})
    np.testing.assert_array_equal(next(found), second[1])


def test_two_trainings_do_not_share_a_magnitude():
    first, second = (variants.parse("adaptive_rand_augment(gain=5)").build().callbacks[0] for _ in range(2))
    for accuracy in (1.0, 0.0):
        first.on_epoch_end(0, {"val_accuracy": accuracy})
    logs = {"val_accuracy": 0.5}
    second.on_epoch_end(0, logs)
    assert logs["magnitude"] == 0
