"""Lesson 13's table of libraries is written by hand: what of it can be measured is as it says."""

import csv
import importlib.metadata
import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
RESULTS = ROOT / "solutions" / "results"
TABLE = json.loads((RESULTS / "libraries.json").read_text(encoding="utf-8"))
IN_THE_BENCH = {
    "this course's utils": "ours",
    "tf.image": "tf.image",
    "Keras layers": "Keras",
    "ImageDataGenerator": "ImageDataGenerator",
    "Albumentations": "Albumentations",
    "torchvision v2": "torchvision",
}
SPEEDS = {
    "speed: rotation": "rotation by ±30°",
    "speed: RandAugment": "RandAugment",
    "speed: CutMix": "CutMix",
}


def test_every_row_says_something_about_every_library():
    assert {"operations", "runs where", "known defects", "maintenance", "license"} <= set(TABLE)
    for row, texts in TABLE.items():
        assert list(texts) == list(IN_THE_BENCH), row
        assert all(text.strip() for text in texts.values()), row


def measured():
    """The bench with all threads: {(task, library): {image size: row}}."""
    with (RESULTS / "bench.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    threads = max(int(row["threads"]) for row in rows)
    found = {}
    for row in rows:
        if int(row["threads"]) == threads:
            found.setdefault((row["task"], row["library"]), {})[int(row["image size"])] = row
    return found


def ratio(row):
    times = float(row["ours is times as fast"])
    return f"{times:.2g} × slower" if times >= 1 else f"{1 / times:.2g} × faster"


@pytest.mark.parametrize("library", IN_THE_BENCH)
@pytest.mark.parametrize("row", SPEEDS)
def test_speeds_are_those_of_the_bench(row, library):
    sizes = measured().get((SPEEDS[row], IN_THE_BENCH[library]))
    if sizes is None:
        expected = "–"
    elif library == "this course's utils":
        expected = f"{float(sizes[224]['images/s']):,.0f} images/s at 224 px"
    else:
        expected = f"{ratio(sizes[224])} (at 32 px {ratio(sizes[32])})"
    text, *_remark = TABLE[row][library].split("; ")
    assert text == expected


@pytest.mark.parametrize(
    ("library", "package", "digits"),
    [("tf.image", "tensorflow", 3), ("Keras layers", "keras", 3), ("Albumentations", "albumentations", 3)]
    + [("torchvision v2", "torchvision", 2)],
)
def test_versions_are_the_locked_ones(library, package, digits):
    locked = (ROOT / "requirements-torch.txt").read_text(encoding="utf-8")
    version = re.search(rf"^{package}==(.*)$", locked, re.MULTILINE)[1]
    named = ".".join(version.split(".")[:digits])
    assert re.search(rf"(^| ){re.escape(named)}(:| )", TABLE["maintenance"][library])


@pytest.mark.parametrize(
    ("library", "package"),
    [("tf.image", "tensorflow"), ("Keras layers", "keras"), ("Albumentations", "albumentations")],
)
def test_licenses_are_those_of_the_installed_packages(library, package):
    about = importlib.metadata.metadata(package)
    first = (about.get("License-Expression") or about["License"]).splitlines()[0]
    assert TABLE["license"][library] in first.replace("License ", "")
