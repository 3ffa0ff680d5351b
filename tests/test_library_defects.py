"""The pinned libraries' own defects: found by the checker, and pinned, so that we notice a repair.

When one of these tests fails after an upgrade, the library has probably been repaired: change the lessons
that tell about it, and this file.
"""

import functools
import os
import subprocess
import sys

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else it asks the network on import

import albumentations
import numpy as np
import pytest
import tensorflow as tf

from utils import checks

pytestmark = pytest.mark.slow

layers = tf.keras.layers
ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
check = functools.partial(checks.check_augmentation, image_size=(24, 32))


def test_keras_cutmix():
    report = check(layers.CutMix(factor=(1.0, 1.0)), kind="mix", alpha=1.0, draws=16)
    # Float corners: labels are off. The box lies inside the image and is never clipped, so images keep 0.50
    # of themselves on average, where the paper's keep 0.68.
    assert report.failed == ["label share", "distribution of λ", "sparse labels", "single image"], str(report)


def test_keras_cutmix_is_not_beta_1_1_by_default():
    layer = layers.CutMix()
    images, labels = np.zeros((512, 4, 4, 3), np.float32), np.eye(512, dtype=np.float32)
    kept = []
    for _ in range(8):
        mixed = layer({"images": images, "labels": labels}, training=True)["labels"]
        kept.append(np.diag(mixed.numpy()))
    # One α between 0 and 1 per batch: far more λ near 0 and 1 than the uniform distribution has.
    assert np.mean((np.array(kept) < 0.05) | (np.array(kept) > 0.95)) > 0.15


def test_keras_mixup():
    report = check(layers.MixUp(alpha=0.2), kind="mix", alpha=0.2, draws=16)
    assert report.failed == ["sparse labels", "single image"], str(report)
    assert "labels of shape [16, 16]" in report["sparse labels"].evidence
    assert "the image as it was" in report["single image"].evidence


@pytest.mark.parametrize("layer", [layers.CutMix, layers.MixUp])
def test_keras_mixes_crash_in_mixed_bfloat16(layer):
    report = check(layer(dtype="mixed_bfloat16"), kind="mix", draws=2)
    assert report.failed == ["runs"]


def test_keras_rand_augment_draws_its_operations_once_for_the_batch():
    report = check(layers.RandAugment(), dtype="float32", image_size=(18, 24), draws=8)
    assert report.failed == ["own draw"], str(report)


def test_keras_random_erasing_acts_half_of_the_time():
    report = check(layers.RandomErasing(1.0), dtype="float32", rate=1.0)
    assert report.failed == ["rate"], str(report)


def test_keras_random_brightness_wraps_around_eagerly():
    report = check(layers.RandomBrightness(0.3))
    assert report.failed == ["no wrap-around", "same in tf.data"], str(report)


def test_keras_layers_turn_integers_into_floats():
    assert check(layers.RandomFlip("horizontal")).failed == ["dtype"]
    assert check(layers.RandomFlip("horizontal"), dtype="float32", rate=0.5).ok


def test_keras_random_grayscale_crashes_on_a_dict_with_labels():
    assert check(layers.RandomGrayscale(0.5), dtype="float32", draws=4).failed == ["labels untouched"]


@pytest.mark.parametrize(
    "layer", [layers.RandomBrightness(0.2), layers.RandomColorJitter(brightness_factor=0.3)]
)
def test_keras_default_value_range_on_images_in_zero_to_one(layer):
    report = check(layer, dtype="float32", value_range=(0, 1), draws=8)
    assert "range" in report.failed, str(report)


def test_keras_layers_augment_unless_told_not_to():
    images = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3)).astype(np.float32)
    assert (layers.RandomFlip()(images).numpy() != images).any()
    assert (layers.RandomFlip()(images, training=False).numpy() == images).all()


# ---- ImageDataGenerator ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "claimed"), [("width_shift_range", "width"), ("height_shift_range", "height")]
)
def test_image_data_generator_shifts_the_other_axis(setting, claimed):
    report = check(ImageDataGenerator(**{setting: 0.3}), dtype="float32", moves=claimed)
    assert report.failed == ["moves"], str(report)


def test_image_data_generator_brightness_on_zero_to_one_gives_black():
    generator = ImageDataGenerator(brightness_range=(0.5, 1.5))
    assert "contrast" in check(generator, dtype="float32", value_range=(0, 1)).failed
    assert check(generator, dtype="float32").ok


def test_image_data_generator_wrap_skips_a_pixel():
    # The checker does not see this: a wrong pixel at the border is no statistical matter.
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[:, None, None], (8, 8, 3))
    shifted = ImageDataGenerator(fill_mode="wrap").apply_transform(ramp, {"tx": 2})[:, 0, 0]
    assert list(shifted) != list(np.roll(ramp[:, 0, 0], -2))


# ---- tf.image and tf.data ----------------------------------------------------------------------------------


def resized_crop(images, *, seed):
    size = tf.concat([tf.shape(images)[:1], tf.shape(images)[1:3] * 3 // 4, [3]], axis=0)
    cropped = tf.image.stateless_random_crop(images, size, seed)
    return tf.cast(tf.image.resize(cropped, tf.shape(images)[1:3]), images.dtype)


def brightness(images, *, seed, max_delta=0.3):
    return tf.image.stateless_random_brightness(images, max_delta, seed)


def hue(images, *, seed):
    return tf.image.stateless_random_hue(images, 0.3, seed)


@pytest.mark.parametrize("fn", [brightness, hue, resized_crop])
def test_tf_image_draws_once_for_a_batch(fn):
    assert check(fn).failed == ["own draw"]


def test_tf_image_flips_each_image():
    assert check(lambda images, *, seed: tf.image.stateless_random_flip_left_right(images, seed)).ok


def test_tf_image_brightness_on_floats_to_255_does_nothing_visible():
    assert "effect" in check(functools.partial(brightness, max_delta=0.5), dtype="float32").failed


def test_tf_image_jpeg_quality_wants_one_image():
    report = check(lambda images, *, seed: tf.image.stateless_random_jpeg_quality(images, 5, 50, seed))
    assert report.failed == ["runs"] and "3-dimensional" in report["runs"].evidence


def test_numpy_randomness_is_drawn_while_tf_data_traces():
    def darken(images):
        return tf.cast(images, tf.float32) * np.random.uniform(0.5, 1.0)

    assert "fresh in tf.data" in check(darken, dtype="float32").failed


def test_a_cache_after_the_augmentation_freezes_it():
    def frozen(dataset):
        return dataset.map(lambda image, label: (tf.image.random_flip_left_right(image), label)).cache()

    assert check(frozen, kind="pipeline").failed == ["fresh each epoch"]


# ---- albumentations ----------------------------------------------------------------------------------------


def test_albumentations_clips_floats_in_0_to_255():
    transform = albumentations.RandomBrightnessContrast(p=1)
    assert check(transform).ok
    assert check(transform, dtype="float32").failed == ["contrast"]


def test_albumentations_ignores_numpy_seeds():
    transform = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])

    def seeded_in_vain(images, *, seed):
        np.random.seed(int(seed[0]))
        return np.stack([transform(image=image)["image"] for image in np.asarray(images)])

    assert "repeatable" in check(seeded_in_vain).failed
    assert check(transform).ok


def test_albumentations_one_of_acts_half_of_the_time():
    children = [albumentations.HueSaturationValue(p=1), albumentations.RandomGamma(p=1)]
    assert "rate" in check(albumentations.Compose([albumentations.OneOf(children)]), rate=1.0).failed
    assert "rate" not in check(albumentations.Compose([albumentations.OneOf(children, p=1)]), rate=1.0).failed


def test_albumentations_gives_every_part_of_a_seeded_pipeline_the_same_dice():
    """Two flips of probability 1/2 leave a quarter of the images alone; seeded, they always flip together."""
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    flips = [albumentations.HorizontalFlip(p=0.5), albumentations.VerticalFlip(p=0.5)]
    seeded = albumentations.Compose(flips, seed=1)
    unchanged = [np.array_equal(seeded(image=image)["image"], image) for _ in range(400)]
    assert 0.4 < np.mean(unchanged) < 0.6


def test_albumentations_shears_an_axis_that_is_left_out():
    assert albumentations.Affine(shear={"x": (0, 0)}, p=1).shear["y"] == (1.0, 1.0)


def test_albumentations_only_warns_of_unknown_arguments():
    # The checker does not see this: the transform does what its defaults say.
    with pytest.warns(UserWarning, match="not valid for transform"):
        albumentations.HorizontalFlip(strength=3)


# ---- torchvision (`make test-torch`) -----------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.skipif(sys.platform != "linux", reason="it comes with Triton, which only Linux has")
def test_torchvision_crashes_when_tensorflow_was_first():
    code = "import tensorflow, torch; print('alive'); import torchvision"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == "alive\n" and done.returncode < 0


def failed_in_torch(expression):
    """Return the checks that fail, from a process of its own: TensorFlow has been imported in this one."""
    imports = "import torch; from torchvision.transforms import v2; from utils import checks"
    code = f"{imports}; print('failed:', *checks.check_augmentation({expression}).failed, sep='|')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    return done.stdout.splitlines()[-1].split("|")[1:]


@pytest.mark.torch
def test_torchvision_cutmix_is_exact_but_always_takes_the_neighbor():
    assert failed_in_torch("v2.CutMix(num_classes=16), kind='mix', per_sample=False, alpha=1") == ["partners"]


@pytest.mark.torch
def test_torchvision_mixup_refuses_integers():
    assert failed_in_torch("v2.MixUp(num_classes=16), kind='mix'") == ["runs"]


@pytest.mark.torch
def test_torchvision_draws_for_each_image_unless_it_gets_a_batch():
    flip = "checks.torchvision_transform(v2.RandomHorizontalFlip(), on_batch={})"
    assert failed_in_torch(flip.format(False)) == []
    assert failed_in_torch(flip.format(True)) == ["own draw"]
