import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from utils import evaluation
from utils.evaluation import views
from utils.experiment import view_predictions

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("name", views.STANDARD)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_view_keeps_shape_dtype_and_range_and_draws_nothing(name, dtype):
    images = IMAGES.astype(dtype)
    first, second = (views.STANDARD[name](tf.constant(images)) for _ in range(2))
    assert first.shape == images.shape and first.dtype == dtype
    assert tf.reduce_min(first) >= 0 and tf.reduce_max(first) <= 255
    np.testing.assert_array_equal(first, second)
    assert (name == "as is") == np.array_equal(first, images)


def test_the_command_knows_the_views_by_name():
    assert tuple(views.STANDARD) == view_predictions.VIEWS


def test_a_crop_is_a_part_brought_back_to_size():
    """Against Pillow, which computes the same in another way."""
    found = views.crop(0, 1, 0.5)(tf.constant(IMAGES))
    expected = [
        np.asarray(Image.fromarray(image[:8, 8:]).resize((16, 16), Image.BILINEAR)) for image in IMAGES
    ]
    np.testing.assert_allclose(tf.cast(found, tf.int32), np.asarray(expected, np.int32), atol=1)


def test_brighter_multiplies_and_clips():
    pixels = tf.constant([[[[10, 100, 250]]]], tf.uint8)
    np.testing.assert_array_equal(views.brighter(1.5)(pixels)[0, 0, 0], [15, 150, 255])
    np.testing.assert_array_equal(views.brighter(1.5)(pixels.numpy())[0, 0, 0], [15, 150, 255])


def test_settings_out_of_range_are_told():
    with pytest.raises(ValueError, match="share above 0"):
        views.crop(0, 0, 0)
    with pytest.raises(ValueError, match="factor must be above 0"):
        views.brighter(0)


def model(images, training):
    assert not training
    means = tf.reduce_mean(tf.cast(images, tf.float32), axis=[1, 2])
    left = tf.reduce_mean(tf.cast(images[:, :, :8], tf.float32), axis=[1, 2])
    return tf.nn.softmax(means + left)


def test_each_view_is_predicted_as_if_it_were_the_image():
    batches = tf.data.Dataset.from_tensor_slices((IMAGES, np.eye(3)[LABELS])).batch(4)
    chosen = [views.as_is, views.mirrored]
    found, labels = evaluation.predict_with_views(model, batches, chosen)
    np.testing.assert_array_equal(labels, LABELS)
    np.testing.assert_allclose(found[0], evaluation.predict(model, batches)[0])
    np.testing.assert_allclose(found[1], model(tf.constant(IMAGES[:, :, ::-1]), training=False), rtol=1e-6)
    with pytest.raises(ValueError, match="no views"):
        evaluation.predict_with_views(model, batches, [])


def test_average_and_vote_can_disagree():
    """One sure view outweighs two unsure ones in the mean, and loses the vote."""
    tables = np.array([[[0.9, 0.1, 0.0]], [[0.4, 0.6, 0.0]], [[0.4, 0.6, 0.0]]])
    assert views.average(tables).argmax() == 0 and views.vote(tables).argmax() == 1
    np.testing.assert_allclose(views.vote(tables).sum(axis=1), 1)


def test_equal_votes_are_decided_by_the_mean():
    tables = np.array([[[0.8, 0.2]], [[0.1, 0.9]]])
    assert views.vote(tables).argmax() == 1


def test_corrected_less_broken_is_the_gain():
    labels = np.array([0, 0, 0, 1])
    before, after = np.eye(2)[[0, 1, 1, 1]], np.eye(2)[[1, 0, 0, 1]]
    assert views.corrected_and_broken(before, after, labels) == (2, 1)
    gain = evaluation.top1(after, labels) - evaluation.top1(before, labels)
    assert gain * len(labels) == 2 - 1
