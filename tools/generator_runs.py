"""Train with `ImageDataGenerator` on small photographs, for lesson 03: nothing, a flip, and too much.

    python -m tools.generator_runs DATASET         a folder ROOT/{train,test}/CLASS, or `cifar10` (downloaded)

The committed runs are of `cifar10_small`, a folder of 4,000 training and 2,000 test images of CIFAR-10.

Each run is a file in `solutions/results/image_data_generator`: accuracy on training, validation and test
images after each epoch, and the seconds of its training. A few epochs with `tf.data`, without augmentation
and with the flip, stand beside them for the time. What is there is not trained again.
"""

import argparse
import itertools
import json
import pathlib
import time
from collections.abc import Iterator
from typing import Any

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import keras
import numpy as np
import tensorflow as tf
import tqdm
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from utils import data, files, models, training

OUT = pathlib.Path(__file__).parents[1] / "solutions" / "results" / "image_data_generator"
SIZE, SHOTS, BATCH_SIZE, EPOCHS, SEEDS = 32, 200, 64, 40, range(5)
AUGMENTATIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "flip": {"horizontal_flip": True},
    "too much": {
        "rotation_range": 60,
        "zoom_range": 0.5,
        "width_shift_range": 0.4,
        "height_shift_range": 0.4,
    },
}
PIPELINES = {"none": [], "flip": [keras.layers.RandomFlip("horizontal")]}


def arrays(dataset: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return images uint8 [N, 32, 32, 3] and one-hot labels of each split."""
    count = len(data.info(dataset).class_names)
    found = {}
    for split in data.SPLITS:
        loaded = data.load(dataset, split, image_size=SIZE, shots=SHOTS if split == "train" else None)
        images, labels = next(iter(loaded.batch(len(loaded))))
        found[split] = images.numpy(), np.eye(count, dtype=np.float32)[labels.numpy()]
    return found


class Judge(keras.callbacks.Callback):
    """Adds loss and accuracy on each split's images to the logs, and the `seconds` before that."""

    def __init__(self, splits: dict[str, tuple[np.ndarray, np.ndarray]]):
        super().__init__()
        self.splits = splits

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the time."""
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Evaluate each split."""
        logs["seconds"] = time.perf_counter() - self.started
        for split, (images, labels) in self.splits.items():
            found = self.model.evaluate(images, labels, BATCH_SIZE, verbose=0, return_dict=True)
            logs |= {f"{split}_loss": found["loss"], f"{split}_accuracy": found["accuracy"]}


def classifier(classes: int, seed: int) -> keras.Model:
    """Return a compiled small ResNet."""
    with training.seeded_weights(seed):
        model = models.build("small_resnet", num_classes=classes, image_size=SIZE)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def generated(splits: dict[str, tuple[np.ndarray, np.ndarray]], augmentation: str, seed: int) -> list[dict]:
    """Return the history of one training with `flow` into `fit`, a dict per epoch."""
    images, labels = splits["train"]
    np.random.seed(seed)  # the generator draws from NumPy's global state
    batches = ImageDataGenerator(**AUGMENTATIONS[augmentation]).flow(images, labels, BATCH_SIZE, seed=seed)
    return fitted(classifier(labels.shape[1], seed), batches, splits, EPOCHS)


def piped(splits: dict[str, tuple[np.ndarray, np.ndarray]], augmentation: str, seed: int) -> list[dict]:
    """Return the history of a few epochs of the same training with `tf.data`."""
    images, labels = splits["train"]
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).cache().shuffle(len(images), seed)
    batches = batches.batch(BATCH_SIZE)
    for layer in PIPELINES[augmentation]:
        batches = batches.map(
            lambda images, labels, layer=layer: (layer(images, training=True), labels), tf.data.AUTOTUNE
        )
    batches = batches.map(lambda images, labels: (tf.cast(images, tf.float32), labels))
    return fitted(classifier(labels.shape[1], seed), batches.prefetch(tf.data.AUTOTUNE), splits, 6)


def fitted(model: keras.Model, batches: Any, splits: dict, epochs: int) -> list[dict[str, float]]:
    """Call `fit` with the callbacks of lesson 03 and return its history, a dict per epoch."""
    callbacks = [
        Judge(splits),
        keras.callbacks.ReduceLROnPlateau("validation_loss", factor=0.3, patience=4, mode="min"),
        keras.callbacks.EarlyStopping("validation_loss", patience=10, mode="min"),
    ]
    history = model.fit(batches, epochs=epochs, callbacks=callbacks, verbose=0).history
    return [
        dict(zip(history, map(float, values), strict=True)) for values in zip(*history.values(), strict=True)
    ]


def missing(out: pathlib.Path) -> Iterator[tuple[pathlib.Path, str, str, int]]:
    """Yield (file, way of feeding, augmentation, seed) of the runs that are not there yet."""
    ways = [("generator", name) for name in AUGMENTATIONS] + [("tf.data", name) for name in PIPELINES]
    for seed, (way, name) in itertools.product(SEEDS, ways):
        path = out / f"{way}-{name.replace(' ', '_')}-seed{seed}.json"
        if not path.exists():
            yield path, way, name, seed


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    chosen = parser.parse_args()
    splits = arrays(chosen.dataset)
    for path, way, name, seed in tqdm.tqdm(list(missing(chosen.out)), unit="run"):
        history = {"generator": generated, "tf.data": piped}[way](splits, name, seed)
        run = {"way": way, "augmentation": name, "seed": seed, "history": history}
        files.write_whole(path, json.dumps(run, indent=1) + "\n")


if __name__ == "__main__":
    main()
