"""Lesson 13's table of libraries: what each does, for a reader who has to choose one.

What it says is measured by cells of the lessons (their numbers stand in brackets) and by
`tests/test_library_defects.py`; speeds come from the committed bench, versions from what is installed.
"""

import functools
import importlib.metadata
import re

import pandas as pd

LIBRARIES = (
    "this course's utils",
    "tf.image",
    "Keras layers",
    "ImageDataGenerator",
    "Albumentations",
    "torchvision v2",
)
TORCHVISION = "0.29"  # it is not installed beside TensorFlow; as in requirements-torch.txt

# A text for each library, in this order.
_ROWS = {
    "operations": (
        "flip and shift, RandAugment's fourteen, crops, grid mask, erasing",
        "flips, crop, colours, JPEG; no rotation",
        "flips, shifts, turns, shear, crops, colours, blur, erasing",
        "flips, shifts, turns, zoom, shear, brightness",
        "about 115, from rain to lenses",
        "flips, shifts, turns, shear, crops, colours, blur, erasing",
    ),
    "policies and mixes": (
        "RandAugment, AutoAugment, TrivialAugment; CutMix, MixUp",
        "none",
        "RandAugment, AugMix; CutMix, MixUp",
        "none",
        "none; RandAugment can be rebuilt from SomeOf (04)",
        "RandAugment, AutoAugment, TrivialAugment, AugMix; CutMix, MixUp",
    ),
    "own draw for each image?": (
        "yes",
        "flips yes; brightness, hue and crop once per batch (02)",
        "RandomFlip yes; RandAugment's operations once per batch: call it for each image",
        "yes",
        "image by image yes; with images= one draw for all",
        "image by image yes; a batch gets one draw (12), a mix one λ",
    ),
    "masks and boxes move along": (
        "no",
        "no",
        "both",
        "no",
        "both, and key points",
        "both, and key points",
    ),
    "one call takes": (
        "a batch",
        "an image or a batch",
        "an image or a batch; mixes only a batch",
        "an image",
        "an image",
        "an image or a batch, channels first; mixes only a batch",
    ),
    "reads → gives back": (
        "uint8, or floats in 0–255 → the same",
        "uint8, or floats in 0–1 → the same",
        "uint8 or floats, 0–255 or as value_range says → float32",
        "0–255 → as it came; with brightness float32",
        "uint8, or floats in 0–1 → the same",
        "uint8, or floats in 0–1 → the same",
    ),
    "repeatable by": (
        "the seed of each call",
        "the seed of each call",
        "the seed of the layer",
        "NumPy's seed, for the whole program (03)",
        "the seed of Compose",
        "PyTorch's seed",
    ),
    "runs where": (
        "TensorFlow: in tf.data",
        "TensorFlow: in tf.data",
        "in tf.data, or in the model, there on a GPU, too (05)",
        "NumPy: an iterator of its own, not tf.data (03)",
        "NumPy and OpenCV; in tf.data through numpy_function (04)",
        "PyTorch: in a Dataset (12)",
    ),
    "known defects": (
        "none that its tests know",
        "brightness hardly acts on floats in 0–255 (02)",
        "CutMix: labels a little off, λ not even by default; RandAugment: turns by up to half a circle (05); "
        "RandomErasing(1.0) acts half of the time",
        "width and height swapped; floats in 0–1 turn black; wrap skips a pixel (03)",
        "floats in 0–255 are clipped; a seed couples the dice; wrong arguments only warn (04)",
        "MixUp refuses uint8; CutMix's partner is always the neighbour (12); crashes after TensorFlow",
    ),
}
# Task of the bench: its name in the table, and what a library's time is the time of.
_SPEEDS = {
    "rotation by ±30°": ("speed: rotation", {}),
    "RandAugment": (
        "speed: RandAugment",
        {
            "Keras layers": "timed with one draw for a whole batch; a call for each image was not timed",
            "Albumentations": "the rebuilt one",
        },
    ),
    "CutMix": ("speed: CutMix", {"torchvision v2": "one draw for a whole batch"}),
}
_BENCH_NAMES = dict(
    zip(
        LIBRARIES,
        ("ours", "tf.image", "Keras", "ImageDataGenerator", "Albumentations", "torchvision"),
        strict=True,
    )
)


def version(package):
    """The installed version, such as 2.21.0."""
    return importlib.metadata.version(package)


def licence(package):
    """The name of an installed package's licence, as short as possible: Apache 2.0, MIT."""
    about = importlib.metadata.metadata(package)
    first = (about["License-Expression"] or about["License"]).splitlines()[0]
    return re.sub(r"\s*\bLicense\b", "", first)


def speeds(bench):
    """The rows of speeds, {name: a text for each library}, from the table that `tools.bench` wrote."""
    most = bench[bench["threads"] == bench["threads"].max()]
    sizes = most["image size"].max(), most["image size"].min()
    times = most.set_index(["task", "library", "image size"])
    rows = {}
    for task, (name, remarks) in _SPEEDS.items():
        cells = functools.partial(_speed, times.loc[task], sizes)
        rows[name] = tuple(cells(library, remarks.get(library)) for library in LIBRARIES)
    return rows


def _speed(times, sizes, library, remark):
    large, small = sizes
    name = _BENCH_NAMES[library]
    if name == "ours":
        return f"{times.loc[(name, large), 'images/s']:,.0f} images/s at {large} px"
    if (name, large) not in times.index:
        return "–"
    large_words, small_words = (
        _ratio(times.loc[(name, size), "ours is times as fast"]) for size in (large, small)
    )
    words = f"{large_words} (at {small} px {small_words})"
    return f"{words}; {remark}" if remark else words


def _ratio(times):
    return f"{times:.2g} × slower" if times >= 1 else f"{1 / times:.2g} × faster"


def table(bench):
    """The whole table: a row for each question, a column for each library."""
    maintenance = (
        "this repository",
        f"TensorFlow {version('tensorflow')}: active",
        f"Keras {version('keras')}: active",
        "deprecated",
        f"{version('albumentations')} of May 2025 was the last; the successor is AGPL (04)",
        f"{TORCHVISION}: active",
    )
    tensorflow = licence("tensorflow")
    licences = ("MIT", tensorflow, licence("keras"), tensorflow, licence("albumentations"), "BSD")
    rows = _ROWS | speeds(bench) | {"maintenance": maintenance, "licence": licences}
    return pd.DataFrame.from_dict(rows, orient="index", columns=LIBRARIES)


def as_html(bench):
    """The table as HTML, the same text for the same numbers."""
    styles = [
        {"selector": "", "props": "border-collapse: collapse; font-size: 12px; line-height: 1.3"},
        {
            "selector": "th, td",
            "props": "text-align: left; vertical-align: top; padding: 4px 6px; min-width: 90px; "
            "max-width: 170px; white-space: normal; border-bottom: 1px solid #dddddd",
        },
    ]
    return table(bench).style.set_table_styles(styles).set_uuid("libraries").to_html()
