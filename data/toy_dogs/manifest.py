"""The manifest: digests of the decoded pixels of every split and breed, to prove that they are the same."""

import collections
import hashlib
import json
import pathlib

import numpy as np

PATH = pathlib.Path(__file__).with_name("manifest.json")


def manifest(builder):
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


def pixel_digest(array):
    """Return the SHA-256 digest of an array's shape and values (uint8 [H, W, C]), in hexadecimal."""
    assert array.dtype == np.uint8
    return hashlib.sha256(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes()).hexdigest()


def read():
    """Return the manifest that belongs to the code."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def write(builder):
    """Write the manifest of a prepared `builder` beside the code."""
    PATH.write_text(json.dumps(manifest(builder), indent=1) + "\n", encoding="utf-8")
