import inspect

import numpy as np
import pytest
import tensorflow as tf

from utils import augment, mixing, pipeline

COUNT = 22


@pytest.fixture
def numbered():
    """Images whose label is their number, so that labels tell the order."""
    images = np.random.default_rng(0).integers(0, 256, (COUNT, 12, 10, 3), dtype=np.uint8)
    return tf.data.Dataset.from_tensor_slices((images, np.arange(COUNT, dtype=np.int64)))


def batches_of(dataset, **arguments):
    return pipeline.training_batches(dataset, batch_size=8, num_classes=COUNT, **arguments)


def order(batches):
    return [tuple(np.argmax(labels, axis=-1)) for _, labels in batches]


def keep(images, labels, *, seed):
    return images, labels


def test_the_order_of_images_is_the_same_whatever_is_augmented(numbered):
    plain = batches_of(numbered, seed=3)
    two_epochs = [order(plain), order(plain)]
    for changes in ({"augment": augment.basic}, {"mix": keep}, {"augment": augment.basic, "mix": keep}):
        other = batches_of(numbered, seed=3, **changes)
        assert [order(other), order(other)] == two_epochs


def test_each_epoch_and_each_seed_has_its_own_order(numbered):
    batches = batches_of(numbered, seed=3)
    first, second, other_seed = order(batches), order(batches), order(batches_of(numbered, seed=4))
    assert first != second and first != other_seed


def test_an_image_is_augmented_anew_in_each_epoch_and_alike_for_the_same_seed(numbered):
    one = numbered.take(1)
    batches = batches_of(one, augment=augment.basic, seed=5)
    epochs = [next(iter(batches))[0].numpy() for _ in range(4)]
    again = batches_of(one, augment=augment.basic, seed=5)
    assert all((epochs[a] != epochs[b]).any() for a in range(4) for b in range(a))
    assert all((next(iter(again))[0].numpy() == epoch).all() for epoch in epochs)


def test_batches_of_one_epoch_draw_on_their_own():
    same = tf.data.Dataset.from_tensors((tf.ones([12, 12, 3], tf.uint8), tf.constant(0, tf.int64))).repeat(16)
    same = same.apply(tf.data.experimental.assert_cardinality(16))
    drawn = []

    def note(images, *, seed):
        return images + tf.cast(tf.random.stateless_uniform([], seed, 0, 200, tf.int32), tf.uint8)

    for images, _ in pipeline.training_batches(same, batch_size=4, num_classes=2, augment=note):
        drawn.append(int(images[0, 0, 0, 0]))
    assert len(set(drawn)) > 1


def test_augmentation_comes_before_mixing(numbered):
    def black(images, *, seed):
        return tf.zeros_like(images)

    def brighten(images, labels, *, seed):
        return images + 7, labels

    images, _ = next(iter(batches_of(numbered, augment=black, mix=brighten)))
    assert set(np.unique(images)) == {7}


def test_labels_are_one_hot_floats_and_a_rest_that_fills_no_batch_is_left_out(numbered):
    batches = list(batches_of(numbered))
    assert [images.shape[0] for images, _ in batches] == [8, 8]
    for _, labels in batches:
        assert labels.dtype == tf.float32 and (labels.numpy().sum(axis=-1) == 1).all()


def test_a_data_set_smaller_than_a_batch_gives_one_batch(numbered):
    assert [images.shape[0] for images, _ in batches_of(numbered.take(5))] == [5]


def test_evaluation_data_are_every_image_once_in_order_and_untouched(numbered):
    # Training batches with everything on are consumed first: they leave no trace.
    for _ in batches_of(numbered, augment=augment.basic, mix=mixing.cutmix):
        pass
    batches = list(pipeline.evaluation_batches(numbered, batch_size=8, num_classes=COUNT))
    originals = np.stack([image for image, _ in numbered.as_numpy_iterator()])
    images = np.concatenate([images for images, _ in batches])
    assert images.dtype == np.uint8 and (images == originals).all()
    assert np.concatenate([np.argmax(labels, -1) for _, labels in batches]).tolist() == list(range(COUNT))
    assert set(inspect.signature(pipeline.evaluation_batches).parameters) == {
        "dataset",
        "batch_size",
        "num_classes",
    }
