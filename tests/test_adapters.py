"""Adapters: what comes back of other libraries has the dtype and shape that it has, in `tf.data`, too."""

import functools

import albumentations
import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import checks, mixing, pipeline

layers = keras.layers
check = functools.partial(checks.check_augmentation, image_size=(18, 24), draws=8)


def images_of(count=6, size=(20, 24), dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, (count, *size, 3)).astype(dtype)


def mapped(augmentation, images, batch_size=3):
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(batch_size)
    return dataset.map(lambda batch: augmentation(batch, seed=tf.constant([1, 2])))


LAST_STEPS = [
    (albumentations.Normalize(), tf.float32, (20, 24, 3)),  # albumentations/issues/1428, below
    (albumentations.ToFloat(max_value=255), tf.float32, (20, 24, 3)),
    (albumentations.RandomCrop(8, 12), tf.uint8, (8, 12, 3)),
    (
        albumentations.Compose([albumentations.Resize(9, 7), albumentations.Normalize()]),
        tf.float32,
        (9, 7, 3),
    ),
    (albumentations.HorizontalFlip(), tf.uint8, (20, 24, 3)),
]


@pytest.mark.parametrize(("transform", "dtype", "shape"), LAST_STEPS)
def test_adapters_declare_what_comes_back(transform, dtype, shape):
    """Not what went in; crops as in https://github.com/albumentations-team/albumentations/issues/115."""
    adapted = checks.albumentations_transform(transform)
    dataset = mapped(adapted, images_of())
    assert dataset.element_spec == tf.TensorSpec([None, *shape], dtype)
    batches = list(dataset)  # all of them first: the transform keeps one state for all calls
    for batch, images in zip(batches, (images_of()[:3], images_of()[3:]), strict=True):
        np.testing.assert_array_equal(batch, adapted(images, seed=(1, 2)))


def test_normalize_stands_between_a_mix_and_the_model():
    """Where https://github.com/tensorflow/tensorflow/issues/109333 ends: fit, without a known shape."""
    dataset = tf.data.Dataset.from_tensor_slices((images_of(8), np.arange(8) % 2))
    batches = pipeline.training_batches(dataset, batch_size=4, num_classes=2, mix=mixing.mixup)
    normalize = checks.albumentations_transform(albumentations.Normalize())
    batches = batches.map(lambda images, labels: (normalize(images, seed=tf.constant([0, 0])), labels))
    assert batches.element_spec[0].shape[1:] == (20, 24, 3) and batches.element_spec[0].dtype == tf.float32
    model = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")])
    model.compile(loss="categorical_crossentropy")
    assert np.isfinite(model.fit(batches, verbose=0).history["loss"][0])


def test_normalize_that_acts_on_some_images_only():
    """uint8 or float32, as dice fall: https://github.com/albumentations-team/albumentations/issues/1428."""
    adapted = checks.albumentations_transform(albumentations.Normalize(p=0.5))
    assert {batch.dtype for batch in mapped(adapted, images_of(12), batch_size=1)} == {tf.float32}


def test_a_dtype_that_no_trial_has_shown_is_told():
    def float_if_bright(image):
        return image / np.float32(255) if image.max() > 200 else image

    with pytest.raises(tf.errors.InvalidArgumentError, match="float32 came back, and uint8 in a trial"):
        list(mapped(checks.per_image(float_if_bright), images_of()))


def test_images_of_unknown_size():
    def sizes():
        for side in (20, 30):
            yield images_of(2, (side, side))

    spec = tf.TensorSpec([None, None, None, 3], tf.uint8)
    dataset = tf.data.Dataset.from_generator(sizes, output_signature=spec)
    for transform, shape in [
        (albumentations.HorizontalFlip(), [None, None, None, 3]),
        (albumentations.RandomCrop(16, 18), [None, 16, 18, 3]),
    ]:
        adapted = checks.albumentations_transform(transform)
        done = dataset.map(lambda images, adapted=adapted: adapted(images, seed=tf.constant([1, 2])))
        assert done.element_spec.shape.as_list() == shape
        assert [batch.shape[1] for batch in done] == [shape[1] or 20, shape[1] or 30]
    huge = checks.albumentations_transform(albumentations.RandomCrop(2000, 2000))
    with pytest.raises(ValueError, match="images of unknown size"):
        dataset.map(lambda images: huge(images, seed=tf.constant([1, 2])))


def test_images_of_unknown_rank():
    """As tf.numpy_function leaves them: https://github.com/albumentations-team/albumentations_examples/pull/10."""
    unknown = tf.data.Dataset.from_tensor_slices(images_of()).batch(3)
    unknown = unknown.map(lambda images: tf.numpy_function(lambda array: array, [images], tf.uint8))
    flip = checks.albumentations_transform(albumentations.HorizontalFlip(p=1))
    done = unknown.map(lambda images: flip(images, seed=tf.constant([1, 2])))
    np.testing.assert_array_equal(next(iter(done)), images_of()[:3, :, ::-1])


def test_a_single_image_is_refused():
    flip = checks.per_image(lambda image: image[:, ::-1])
    with pytest.raises(ValueError, match="a batch of images"):
        flip(images_of()[0], seed=(1, 2))
    with pytest.raises(ValueError, match="a batch of images"):
        tf.data.Dataset.from_tensor_slices(images_of()).map(lambda image: flip(image, seed=(1, 2)))


def test_images_that_come_back_in_different_sizes():
    """Crops that act now and then, as in https://github.com/albumentations-team/albumentations/issues/115."""
    report = check(albumentations.RandomCrop(8, 8, p=0.5))
    assert report.failed == ["runs"] and "different sizes" in report["runs"].evidence


def test_functions_that_use_tensorflow_themselves(caplog):
    resize = checks.per_image(lambda image: tf.image.resize(image, (10, 12)).numpy())
    assert mapped(resize, images_of()).element_spec == tf.TensorSpec([None, 10, 12, 3], tf.float32)
    assert not caplog.records  # AutoGraph leaves them alone


def test_axes_that_are_moved():
    moved = checks.per_image(lambda image: np.moveaxis(image, -1, 0))
    assert mapped(moved, images_of()).element_spec == tf.TensorSpec([None, 3, 20, 24], tf.uint8)


@pytest.mark.torch
def test_to_tensor_gives_channels_first():
    """https://github.com/albumentations-team/albumentations/issues/470: it moves the axes of each image."""
    from albumentations.pytorch import ToTensorV2

    dataset = mapped(checks.albumentations_transform(ToTensorV2()), images_of())
    assert dataset.element_spec == tf.TensorSpec([None, 3, 20, 24], tf.uint8)
    assert next(iter(dataset)).shape == (3, 3, 20, 24)


def test_a_transform_of_ones_own_is_adapted():
    class Mirror(albumentations.ImageOnlyTransform):
        def apply(self, img, **params):
            return img[:, ::-1].copy()

    assert check(Mirror(p=0.5)).ok
