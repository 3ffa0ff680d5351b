"""What the bench compares: the same task in several libraries, each in a process of its own.

    python -m tools.contestants TASK LIBRARY THREADS      started by tools.bench

It reads an order a line from stdin, `{"size": 224, "batches": 5}`, and answers with a line of JSON.
TensorFlow code runs in as many Python threads as are allowed (it lets go of Python's lock), Python code in as
many processes. Libraries are imported only where they are needed: one environment need not have them all.
"""

import concurrent.futures
import contextlib
import functools
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BATCH_SIZE = 32
CLASSES = 120
DEGREES = 30
JITTER = 0.3  # brightness, contrast and saturation of "basic": factors 1 ± JITTER
CROP_AREA, CROP_RATIO = (0.08, 1.0), (3 / 4, 4 / 3)


# ---- TensorFlow: functions (images, labels, seed) -> result ------------------------------------------------


def _augmentation(augment):
    return lambda images, labels, seed: augment(images, seed=seed)


def _mix(mix):
    return lambda images, labels, seed: mix(images, labels, seed=seed)


def _policy(name):
    from utils.augment import policies

    return _augmentation(getattr(policies, name)())


def _rotation():
    from utils.augment import operations

    return _augmentation(operations.rotate(DEGREES))


def _basic():
    from utils import augment

    return _augmentation(augment.basic)


def _random_resized_crop():
    from utils import augment

    return _augmentation(augment.random_resized_crop())


def _mixing(name, **settings):
    from utils import mixing

    return _mix(functools.partial(getattr(mixing, name), **settings))


def _keras_layer(name, **settings):
    import tensorflow as tf

    layer = getattr(tf.keras.layers, name)(**settings)
    return lambda images, labels, seed: layer(images, training=True)


def _keras_basic():
    """Keras adds to the brightness where we multiply, and counts saturation from 0 to 1 with ½ for none."""
    import tensorflow as tf

    layers = [
        tf.keras.layers.RandomFlip("horizontal"),
        tf.keras.layers.RandomTranslation(1 / 8, 1 / 8, fill_mode="reflect", interpolation="nearest"),
        tf.keras.layers.RandomBrightness(JITTER),
        tf.keras.layers.RandomContrast(JITTER),
        tf.keras.layers.RandomSaturation(((1 - JITTER) / (2 - JITTER), (1 + JITTER) / (2 + JITTER))),
    ]

    def augment(images, labels, seed):
        for layer in layers:
            images = layer(images, training=True)
        return images

    return augment


def _keras_mix(name, **settings):
    import tensorflow as tf

    layer = getattr(tf.keras.layers, name)(**settings)

    def mix(images, labels, seed):
        mixed = layer({"images": images, "labels": labels}, training=True)
        return mixed["images"], mixed["labels"]

    return mix


# ---- Python: functions (images, labels, seed) -> result, on NumPy arrays -----------------------------------


def _each_image(transform):
    return lambda images, labels, seed: np.stack([transform(image) for image in images])


def _generator():
    import tensorflow as tf

    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=DEGREES, fill_mode="constant", cval=128, interpolation_order=0
    )
    return _each_image(lambda image: generator.random_transform(image.astype(np.float32)))


def _albumentations(make):
    import albumentations
    import cv2

    cv2.setNumThreads(0)  # no threads beside those of the bench
    transform = make(albumentations)
    return _each_image(lambda image: transform(image=image)["image"])


def _albumentations_rand_augment(a):
    """RandAugment's fourteen operations at magnitude 9 of 10, as near as Albumentations has them."""
    move = functools.partial(a.Affine, interpolation=0, fill=128, p=1)
    slope, share, jitter = 15.1, 0.408, {"brightness": (1, 1), "contrast": (1, 1), "saturation": (1, 1)}
    both = [(0.19, 0.19), (1.81, 1.81)]

    def enhance(name):
        settings = [jitter | {"hue": (0, 0), name: factor} for factor in both]
        return a.OneOf([a.ColorJitter(**setting, p=1) for setting in settings], p=1)

    def either(name, axis, amount):
        still = {"x": (0, 0), "y": (0, 0)}  # an axis left out is sheared by 1 degree
        return a.OneOf([move(**{name: still | {axis: (s * amount, s * amount)}}) for s in (-1, 1)], p=1)

    return a.SomeOf(
        [
            *(a.NoOp(p=1), a.AutoContrast(p=1), a.Equalize(p=1), a.Posterize(num_bits=4, p=1)),
            *(a.Solarize(threshold_range=(0.1, 0.1), p=1), a.Sharpen(alpha=(0.8, 0.8), p=1)),
            *(enhance("saturation"), enhance("contrast"), enhance("brightness")),
            a.OneOf([a.Rotate((s * 27, s * 27), interpolation=0, fill=128, p=1) for s in (-1, 1)], p=1),
            *(either("shear", "x", slope), either("shear", "y", slope)),
            *(either("translate_percent", "x", share), either("translate_percent", "y", share)),
        ],
        n=2,
        replace=True,
        p=1,
    )


def _albumentations_basic(a):
    low, high = 1 - JITTER, 1 + JITTER
    return a.Compose(
        [
            a.HorizontalFlip(p=0.5),
            # Border mode 4 is cv2.BORDER_REFLECT_101, which does not repeat the border pixel.
            a.Affine(
                translate_percent={"x": (-1 / 8, 1 / 8), "y": (-1 / 8, 1 / 8)},
                interpolation=0,
                border_mode=4,
                p=1,
            ),
            a.ColorJitter((low, high), (low, high), (low, high), hue=(0, 0), p=1),
        ]
    )


def _albumentations_crop(a):
    def make(size):
        crop = a.RandomResizedCrop((size, size), CROP_AREA, CROP_RATIO, p=1)
        return lambda image: crop(image=image)

    return _of_its_size(make, axis=0)


def _torchvision_basic(v2):
    """As ours, but for the order of the three colors' changes, which torchvision draws, too."""
    return _of_its_size(
        lambda size: v2.Compose(
            [
                v2.RandomHorizontalFlip(),
                v2.RandomCrop(size, padding=size // 8, padding_mode="reflect"),
                v2.ColorJitter(JITTER, JITTER, JITTER),
            ]
        )
    )


def _torchvision_crop(v2):
    return _of_its_size(lambda size: v2.RandomResizedCrop(size, CROP_AREA, CROP_RATIO))


def _of_its_size(make, axis=-1):
    """Return a transform that is made for the size of the picture that it gets."""
    make = functools.cache(make)
    return lambda image: make(image.shape[axis])(image)


def _albumentations_rotation(a):
    return a.Rotate((-DEGREES, DEGREES), interpolation=0, fill=128, p=1)


def _torchvision(make, batched=False):
    import torch
    from torchvision.transforms import v2

    torch.set_num_threads(1)  # the bench runs as many processes as it wants
    transform = make(v2)

    def augment(images, labels, seed):
        batch = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()  # a DataLoader has them so
        return torch.stack([transform(image) for image in batch]).numpy()

    def mix(images, labels, seed):
        batch = torch.from_numpy(images).permute(0, 3, 1, 2)
        batch = batch if name_is_cutmix else batch.float()
        mixed, mixed_labels = transform(batch, torch.from_numpy(labels.argmax(axis=1)))
        return mixed.permute(0, 2, 3, 1).numpy(), mixed_labels.numpy()

    name_is_cutmix = type(transform).__name__ == "CutMix"  # MixUp refuses integers
    return mix if batched else augment


TENSORFLOW, PYTHON = "tensorflow", "python"
_OURS, _OURS_TOO = "ours", "ours, one draw per batch"

# Magnitude 9 of 10 is bin 27 of torchvision's 0-30, and factor 0.9 in Keras, which then turns by up to 324°.
TASKS = {
    "RandAugment": {
        _OURS: (TENSORFLOW, lambda: _policy("rand_augment")),
        "Keras": (TENSORFLOW, lambda: _keras_layer("RandAugment", factor=0.9, interpolation="nearest")),
        "Albumentations": (PYTHON, lambda: _albumentations(_albumentations_rand_augment)),
        "torchvision": (PYTHON, lambda: _torchvision(lambda v2: v2.RandAugment(2, 27, fill=128))),
    },
    "TrivialAugment": {
        _OURS: (TENSORFLOW, lambda: _policy("trivial_augment")),
        "torchvision": (PYTHON, lambda: _torchvision(lambda v2: v2.TrivialAugmentWide(fill=128))),
    },
    "AutoAugment": {
        _OURS: (TENSORFLOW, lambda: _policy("auto_augment")),
        "torchvision": (PYTHON, lambda: _torchvision(lambda v2: v2.AutoAugment(fill=128))),
    },
    "rotation by ±30°": {
        _OURS: (TENSORFLOW, _rotation),
        "Keras": (
            TENSORFLOW,
            lambda: _keras_layer(
                "RandomRotation", factor=DEGREES / 360, fill_mode="constant", interpolation="nearest"
            ),
        ),
        "ImageDataGenerator": (PYTHON, _generator),
        "Albumentations": (PYTHON, lambda: _albumentations(_albumentations_rotation)),
        "torchvision": (PYTHON, lambda: _torchvision(lambda v2: v2.RandomRotation(DEGREES, fill=128))),
    },
    "basic": {
        _OURS: (TENSORFLOW, _basic),
        "Keras": (TENSORFLOW, _keras_basic),
        "Albumentations": (PYTHON, lambda: _albumentations(_albumentations_basic)),
        "torchvision": (PYTHON, lambda: _torchvision(_torchvision_basic)),
    },
    # Keras has no layer for it. RandomZoom resamples like one, but keeps to the center of the image.
    "random resized crop": {
        _OURS: (TENSORFLOW, _random_resized_crop),
        "Keras, zoom": (
            TENSORFLOW,
            lambda: _keras_layer("RandomZoom", height_factor=(CROP_AREA[0] ** 0.5 - 1, 0)),
        ),
        "Albumentations": (PYTHON, lambda: _albumentations(_albumentations_crop)),
        "torchvision": (PYTHON, lambda: _torchvision(_torchvision_crop)),
    },
    "CutMix": {
        _OURS: (TENSORFLOW, lambda: _mixing("cutmix")),
        _OURS_TOO: (TENSORFLOW, lambda: _mixing("cutmix", per_sample=False)),
        "Keras": (TENSORFLOW, lambda: _keras_mix("CutMix", factor=(1.0, 1.0))),
        "torchvision": (
            PYTHON,
            lambda: _torchvision(lambda v2: v2.CutMix(num_classes=CLASSES), batched=True),
        ),
    },
    "MixUp": {
        _OURS: (TENSORFLOW, lambda: _mixing("mixup")),
        _OURS_TOO: (TENSORFLOW, lambda: _mixing("mixup", per_sample=False)),
        "Keras": (TENSORFLOW, lambda: _keras_mix("MixUp", alpha=0.2)),
        "torchvision": (
            PYTHON,
            lambda: _torchvision(lambda v2: v2.MixUp(alpha=0.2, num_classes=CLASSES), batched=True),
        ),
    },
    "CutMix or MixUp": {_OURS: (TENSORFLOW, lambda: _mixing("cutmix_or_mixup"))},
}
MIXES = ("CutMix", "MixUp", "CutMix or MixUp")


# ---- running them ------------------------------------------------------------------------------------------


def batch(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the images uint8 [B, S, S, 3] and labels float32 [B, K] that every contestant gets."""
    images = np.random.default_rng(0).integers(0, 256, (BATCH_SIZE, size, size, 3), dtype=np.uint8)
    return images, np.eye(CLASSES, dtype=np.float32)[np.arange(BATCH_SIZE)]


def _tensorflow_runner(make, threads):
    """Return size -> (number of batches -> None), and the function itself."""
    from utils import quiet  # noqa: F401  before TensorFlow

    # isort: split
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    function = make()
    pool = concurrent.futures.ThreadPoolExecutor(threads)

    def prepare(size):
        images, labels = map(tf.constant, batch(size))
        any_batch = [
            tf.TensorSpec([None, size, size, 3], tf.uint8),
            tf.TensorSpec([None, CLASSES], tf.float32),
            tf.TensorSpec([2], tf.int32),
        ]
        traced = tf.function(function, input_signature=any_batch)
        return lambda count: list(
            pool.map(lambda n: traced(images, labels, tf.constant([n, 0])), range(count))
        )

    return prepare, lambda images, labels, n: function(tf.constant(images), tf.constant(labels), [n, 0])


_process = {}  # what a process of the pool keeps between batches


def _enter_process(task, library, size):
    _process.update(function=TASKS[task][library][1](), batch=batch(size))


def _one_batch(number):
    return _process["function"](*_process["batch"], [number, 0])


def _python_runner(task, library, threads):
    def prepare(size):
        if threads == 1:
            _enter_process(task, library, size)
            return lambda count: [_one_batch(number) for number in range(count)]
        _process["pool"] = multiprocessing.Pool(threads, _enter_process, (task, library, size))
        return lambda count: list(_process["pool"].imap(_one_batch, range(count)))

    return prepare, lambda images, labels, n: TASKS[task][library][1]()(images, labels, [n, 0])


def label_error(mix: Callable[..., tuple[Any, Any]], size: int, rounds: int = 8) -> float:
    """Return the largest difference between the share of a label and the share of its pixels."""
    codes = np.arange(BATCH_SIZE)
    _, labels = batch(8)
    images = np.broadcast_to(codes[:, None, None, None], (BATCH_SIZE, size, size, 3)).astype(np.uint8)
    worst = 0.0
    for number in range(rounds):
        mixed, mixed_labels = map(np.asarray, mix(images, labels, number))
        mean = mixed.astype(np.float64).mean(axis=(1, 2, 3))
        # Both shares are how far the mean has gone from the image's own code to its partner's.
        partner = np.where(np.arange(CLASSES) == codes[:, None], -1.0, mixed_labels).argmax(axis=1)
        error = np.abs(mean - mixed_labels[:, :BATCH_SIZE] @ codes) / np.maximum(np.abs(partner - codes), 1)
        worst = max(worst, float(error.max()))
    return worst


def _peak_megabytes(processes):
    """Return the most memory that this process, and those of its pool, have held."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if "pool" in _process:
        pool = _process.pop("pool")
        pool.terminate()
        pool.join()
        own += processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return own / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    task, library, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.environ["OMP_NUM_THREADS"] = "1"
    kind, make = TASKS[task][library]
    answers = os.fdopen(os.dup(1), "w")
    with contextlib.redirect_stdout(sys.stderr):
        prepare, function = (
            _tensorflow_runner(make, threads)
            if kind == TENSORFLOW
            else _python_runner(task, library, threads)
        )
        run, prepared = None, None
        for line in sys.stdin:
            order = json.loads(line)
            answer = {}
            if order["size"] != prepared:
                run, prepared = prepare(order["size"]), order["size"]
            if "batches" in order:
                start = time.perf_counter()
                run(order["batches"])
                answer["seconds"] = time.perf_counter() - start
            if "label_error" in order:
                answer["label_error"] = label_error(function, order["size"])
            if "peak" in order:
                answer["peak"] = _peak_megabytes(threads)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
