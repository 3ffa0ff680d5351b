"""The toy dogs as a TensorFlow Datasets builder, with the features of `stanford_dogs` and a mask."""

import collections
import importlib.metadata
import signal
from typing import Any

import tensorflow_datasets as tfds
import tqdm
from joblib.externals import loky

from toy_dogs import breeds, portrait

# How many images of each breed a split has.
IMAGES_PER_BREED = {"train": 60, "validation": 25, "test": 100}

DESCRIPTION = """\
Portraits of toy dogs of twelve breeds, drawn by code: a small stand-in for a data set of photographs that
works without a network. Two breeds of a pair are hard to tell apart. Every image comes with its label, the
dog's bounding box and its segmentation mask.
"""


class Builder(tfds.core.GeneratorBasedBuilder):
    """Toy dogs: a drawn data set of twelve breeds."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(None, None, 3), encoding_format="png"),
                "image/filename": tfds.features.Text(),
                "label": tfds.features.ClassLabel(names=[breed.name for breed in breeds.BREEDS]),
                "objects": tfds.features.Sequence({"bbox": tfds.features.BBoxFeature()}),
                "segmentation_mask": tfds.features.Image(shape=(None, None, 1), encoding_format="png"),
            }
        )
        return tfds.core.DatasetInfo(
            builder=self,
            description=DESCRIPTION,
            features=features,
            supervised_keys=("image", "label"),
            license="CC BY 4.0",
            metadata=tfds.core.MetadataDict(fingerprint=fingerprint()),
        )

    def download_and_prepare(self, **settings: Any) -> None:
        """Draw the images, in processes that have ended when this returns or raises.

        Args:
            settings: those of TFDS.
        """
        # A pool of our own, not joblib's: that one keeps its processes for later, and a process that
        # `multiprocessing` started waits at its end until they are gone. Ctrl-C is for this process to deal
        # with; the timeout ends those that are left alone because this process was killed.
        self._pool = loky.ProcessPoolExecutor(
            timeout=30, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
        )
        self._waiting = collections.deque()
        try:
            super().download_and_prepare(**settings)
        finally:
            for future in self._waiting:
                future.cancel()
            self._pool.shutdown()

    def _split_generators(self, dl_manager):
        total = sum(IMAGES_PER_BREED.values()) * len(breeds.BREEDS)
        bar = tqdm.tqdm(total=total, desc="Drawing toy dogs", unit=" images", mininterval=0.5)
        return {
            split: self._generate_examples(split, count, bar) for split, count in IMAGES_PER_BREED.items()
        }

    def _generate_examples(self, split, count, bar):
        tasks = [(breed, split, index) for breed in breeds.BREEDS for index in range(count)]
        self._waiting.extend(self._pool.submit(portrait.encoded_portrait, *task) for task in tasks)
        for breed, _, index in tasks:
            image, mask, box = self._waiting.popleft().result()
            bar.update()
            if bar.n == bar.total:
                bar.close()
            name = f"{split}/{breed.name}/{index:04d}.png"
            yield (
                name,
                {
                    "image": image,
                    "image/filename": name,
                    "label": breed.name,
                    "objects": [{"bbox": tfds.features.BBox(*box)}],
                    "segmentation_mask": mask,
                },
            )


def fingerprint() -> str:
    """Return a digest of all that shapes the pixels: the drawing code, the counts, the libraries."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "pillow")]
    return portrait.code_digest([*versions, repr(IMAGES_PER_BREED)])
