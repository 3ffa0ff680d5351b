"""What belongs to the code about what it draws: digests of the pixels, and the labels.

`manifest.json` has digests of the decoded pixels of every split and breed, to prove that they are the same.
`labels.json` has the labels of every split, so that predictions can be judged without drawing anything: one
digit for each image, to base 36, in the order in which TFDS reads them.
"""

import collections
import hashlib
import json
import pathlib
import string
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

PATH = pathlib.Path(__file__).with_name("manifest.json")
# A file of its own: the manifest is what finished runs know the data by, and must not change without them.
LABELS_PATH = PATH.with_name("labels.json")
DIGITS = string.digits + string.ascii_lowercase


def manifest(builder: "tfds.core.DatasetBuilder") -> dict[str, dict[str, Any]]:
    """Return {split: {breed: {"images": count, "image": digest, "mask": digest}}} of a prepared `builder`."""
    return {split: _breeds(builder, split) for split in sorted(builder.info.splits)}


def _breeds(builder, split):
    pixels = collections.defaultdict(dict)
    for example in builder.as_dataset(split=split).as_numpy_iterator():
        _, breed, name = example["image/filename"].decode().split("/")
        pixels[breed][name] = (pixel_digest(example["image"]), pixel_digest(example["segmentation_mask"]))
    return {breed: _summary(images) for breed, images in sorted(pixels.items())}


def _summary(images):
    pairs = [images[name] for name in sorted(images)]
    image, mask = (
        hashlib.sha256("".join(digests).encode()).hexdigest() for digests in zip(*pairs, strict=True)
    )
    return {"images": len(pairs), "image": image, "mask": mask}


def pixel_digest(array: np.ndarray) -> str:
    """Return the SHA-256 digest of an array's shape and values (uint8 [H, W, C]), in hexadecimal."""
    assert array.dtype == np.uint8
    return hashlib.sha256(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes()).hexdigest()


def read() -> dict[str, dict[str, Any]]:
    """Return the manifest that belongs to the code."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def labels() -> dict[str, np.ndarray]:
    """Return the labels of every split, {split: int64 [N]}, in the order in which TFDS reads the images."""
    digits = json.loads(LABELS_PATH.read_text(encoding="utf-8"))
    return {split: np.array([int(digit, 36) for digit in text], np.int64) for split, text in digits.items()}


def _digits(builder, split):
    examples = builder.as_dataset(split=split).as_numpy_iterator()
    return "".join(DIGITS[example["label"]] for example in examples)


def write(builder: "tfds.core.DatasetBuilder") -> None:
    """Write the manifest of a prepared `builder`, and its labels, beside the code."""
    digits = {split: _digits(builder, split) for split in sorted(builder.info.splits)}
    for path, content in ((PATH, manifest(builder)), (LABELS_PATH, digits)):
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
