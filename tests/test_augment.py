import numpy as np
import pytest
import tensorflow as tf

from utils import augment, checks, compiled
from utils.augment import standard


def random_images(count, height, width, dtype="uint8", seed=0):
    return tf.cast(
        np.random.default_rng(seed).integers(0, 256, (count, height, width, 3)), getattr(tf, dtype)
    )


@pytest.mark.parametrize(("height", "width"), [(16, 24), (7, 7), (1, 5), (2, 2)])
def test_mirror_and_shift_give_one_of_numpys_reflected_crops(height, width):
    image = random_images(1, height, width)
    copies = tf.repeat(image, 1500, axis=0)  # enough to see each of at most 70 outcomes
    shifted = standard._mirror_and_shift(copies, seed=tf.constant([1, 2]), padding=1 / 8).numpy()
    rows, columns = round(height / 8), round(width / 8)
    padded = np.pad(image[0], ((rows, rows), (columns, columns), (0, 0)), mode="reflect")
    crops = [
        padded[row : row + height, column : column + width]
        for row in range(2 * rows + 1)
        for column in range(2 * columns + 1)
    ]
    allowed = {crop.tobytes() for crop in crops} | {crop[:, ::-1].tobytes() for crop in crops}
    assert {picture.tobytes() for picture in shifted} == allowed


def test_about_half_of_the_images_are_mirrored():
    images = tf.repeat(random_images(1, 8, 8), 2000, axis=0)
    shifted = standard._mirror_and_shift(images, seed=tf.constant([3, 4]), padding=0.0).numpy()
    mirrored = (shifted == images.numpy()[:, :, ::-1]).all(axis=(1, 2, 3)).mean()
    assert 0.45 < mirrored < 0.55  # five standard deviations of a fair coin: .056


def test_colors_follow_their_formulas_written_for_one_image_at_a_time():
    images = random_images(6, 5, 4, "float32")
    seed = tf.constant([5, 6])
    changed = standard._jitter_colors(images, seed=seed, strength=0.3).numpy()
    factors = tf.random.stateless_uniform([3, 6, 1, 1, 1], seed, 0.7, 1.3).numpy().reshape(3, 6)
    for index in range(6):
        brightness, contrast, saturation = factors[:, index]
        image = images[index].numpy() * brightness
        gray = image @ np.array([0.299, 0.587, 0.114])
        image = gray[..., None] * (1 - saturation) + image * saturation
        image = gray.mean() * (1 - contrast) + image * contrast
        np.testing.assert_allclose(changed[index], image.clip(0, 255), atol=0.05)


def test_no_strength_changes_nothing():
    images = random_images(4, 9, 9)
    assert (standard._jitter_colors(images, seed=tf.constant([0, 0]), strength=0.0) == images).numpy().all()


# Random resized crop


def test_random_resized_crop_passes_the_checker():
    report = checks.check_augmentation(augment.random_resized_crop(0.3), image_size=(18, 24))
    assert report.ok, report


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_crop_of_everything_is_the_image(dtype):
    images = random_images(4, 9, 7, dtype)
    cropped = augment.random_resized_crop(1, ratio=1)(images, seed=tf.constant([0, 1]))
    np.testing.assert_allclose(cropped, images, atol=1e-3)


def test_crops_have_the_area_and_the_ratio_that_were_asked_for():
    """On a picture whose pixels tell their own place, the corners of the result tell the box."""
    rows, columns = np.meshgrid(np.linspace(0, 100, 33), np.linspace(0, 200, 33), indexing="ij")
    picture = np.stack([rows, columns, 0 * rows], axis=-1).astype(np.float32)
    images = tf.repeat(picture[np.newaxis], 500, axis=0)
    cropped = augment.random_resized_crop(0.25, ratio=4 / 3)(images, seed=tf.constant([7, 8])).numpy()
    heights = (cropped[:, -1, 0, 0] - cropped[:, 0, 0, 0]) / 100
    widths = (cropped[:, 0, -1, 1] - cropped[:, 0, 0, 1]) / 200
    assert cropped[..., 0].min() >= 0 and cropped[..., 0].max() <= 100.001
    area, ratio, whole = heights * widths, widths / heights, (heights > 0.999) | (widths > 0.999)
    assert 0.249 < area.min() < 0.27 and 0.9 < area.max() <= 1.001
    assert 0.749 < ratio.min() < 0.78 and 1.28 < ratio.max() < 1.334
    evenly = np.quantile(area[~whole & (area < 0.6)], 0.5)
    assert abs(evenly - 0.425) < 0.04


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"smallest": 1.5}, "smallest and largest are shares"), ({"ratio": 0}, "ratio is at least 1")],
)
def test_a_crop_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        augment.random_resized_crop(**settings)


@pytest.mark.parametrize("change", [augment.basic, augment.random_resized_crop()])
def test_arrays_are_taken_and_single_images_refused(change):
    images = random_images(2, 6, 5)
    assert (change(images.numpy(), seed=(1, 2)) == change(images, seed=tf.constant([1, 2]))).numpy().all()
    with pytest.raises(ValueError, match=r"images\[None\]"):
        change(images[0], seed=(1, 2))


# Compiled by XLA, or not


CHANGES = [augment.basic, augment.random_resized_crop()]


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((6, 17, 45), dtype) for dtype in ("uint8", "float16", "bfloat16", "float32", "float64")]
    + [((3, 1, 5), "uint8"), ((2, 1, 1), "float32")],
)
@pytest.mark.parametrize("change", CHANGES)
def test_xla_rounds_like_plain_tensorflow_almost_always(change, shape, dtype, monkeypatch):
    """A color, or the place of a pixel, may differ in its last bit, and a result lie between two grays."""
    images = random_images(*shape, dtype)
    fast = change(images, seed=(1, 2))
    monkeypatch.setattr(compiled, "has_xla", lambda: False)
    plain = change(images, seed=(1, 2))
    assert fast.dtype == plain.dtype == images.dtype and fast.shape == images.shape
    off = np.abs(tf.cast(fast, tf.float64) - tf.cast(plain, tf.float64))
    assert off.max() <= {"uint8": 1, "bfloat16": 1, "float16": 0.125}.get(dtype, 0.01)
    assert (off > 0.01).mean() < 0.01


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize(("height", "width"), [(17, 45), (1, 4), (32, 32)])
def test_a_crop_is_what_tensorflow_crops_and_resizes(height, width, dtype):
    images = random_images(6, height, width, dtype)
    cropped = augment.random_resized_crop()(images, seed=(4, 5))
    boxes = standard._crop_boxes(6, (0.08, 1.0), 4 / 3, (4, 5))
    expected = tf.image.crop_and_resize(tf.cast(images, tf.float32), boxes, range(6), [height, width])
    np.testing.assert_allclose(cropped, expected, atol=0.51 if dtype == "uint8" else 0.01)


@pytest.mark.parametrize("change", CHANGES)
def test_batches_of_unknown_and_of_different_size_in_tf_data(change):
    images = random_images(7, 9, 6)
    spec = tf.TensorSpec([None, None, None, 3], tf.uint8)
    batches = tf.data.Dataset.from_generator(
        lambda: iter([images[:4], images[4:, 2:]]), output_signature=spec
    )
    mapped = list(batches.map(lambda batch: change(batch, seed=(1, 2)), num_parallel_calls=2))
    for changed, batch in zip(mapped, (images[:4], images[4:, 2:]), strict=True):
        assert (changed == change(batch, seed=(1, 2))).numpy().all()
