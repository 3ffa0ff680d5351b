"""The toy dogs: the same pixels everywhere, honest masks, a preparation that never stops half-way."""

import dataclasses
import itertools
import json
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
import toy_dogs
from test_first_commands import end_group, no_process_in_group
from toy_dogs import breeds, drawing, ears, manifest, markings, portrait, preparation, sampling, view
from toy_dogs import toy_dogs_dataset_builder as builder_module
from toy_dogs.geometry import LOCKS

from utils import data

REPOSITORY = pathlib.Path(__file__).parents[1]
PREPARED = REPOSITORY / "data" / "prepared"
NAMES = [breed.name for breed in breeds.BREEDS]
FEW = {"train": 2, "validation": 1, "test": 1}  # images of each breed
RANGE_TRAITS = [field.name for field in dataclasses.fields(breeds.Breed) if "Range" in str(field.type)]


@pytest.fixture(scope="module")
def builder():
    return toy_dogs.prepare(PREPARED)


@pytest.fixture(scope="module")
def examples(builder):
    """Every example of every split, decoded."""
    splits = builder.info.splits
    return {split: list(builder.as_dataset(split=split).as_numpy_iterator()) for split in splits}


@pytest.fixture(scope="module")
def all_examples(examples):
    return [example for split in examples.values() for example in split]


@pytest.fixture
def few(monkeypatch):
    """Make the data set small, so that it is prepared in a second."""
    monkeypatch.setattr(builder_module, "IMAGES_PER_BREED", FEW)


def by_name(some_examples):
    return {example["image/filename"].decode(): example for example in some_examples}


# The same pixels


@pytest.mark.slow
def test_pixels_match_the_manifest(builder):
    assert manifest.manifest(builder) == manifest.read()


def test_manifest_notices_one_changed_pixel_and_a_changed_shape():
    image = np.zeros((4, 6, 3), np.uint8)
    changed = image.copy()
    changed[3, 5, 2] = 1
    digests = {manifest.pixel_digest(array) for array in (image, changed, image.reshape(6, 4, 3))}
    assert len(digests) == 3


@pytest.mark.slow
def test_no_image_occurs_twice_in_any_split(all_examples):
    digests = {manifest.pixel_digest(example["image"]) for example in all_examples}
    assert len(digests) == len(all_examples)


def test_seeds_of_the_splits_and_breeds_are_disjoint():
    drawn = {
        tuple(sampling.stream(name, split, index, part).integers(0, 2**32, 3))
        for name in NAMES[:4]
        for split in ("train", "validation", "test")
        for index in range(5)
        for part in ("dog", "pose")
    }
    assert len(drawn) == 4 * 3 * 5 * 2


@pytest.mark.slow
def test_an_image_depends_on_nothing_but_breed_split_and_index(examples):
    prepared = by_name(examples["validation"])
    for breed in (breeds.BREEDS[0], breeds.BREEDS[7]):
        for index in (3, 0):
            image, mask = portrait.portrait(breed, "validation", index)
            example = prepared[f"validation/{breed.name}/{index:04d}.png"]
            np.testing.assert_array_equal(image, example["image"])
            np.testing.assert_array_equal(mask, example["segmentation_mask"])


@pytest.mark.slow
def test_first_images_stay_when_counts_and_breeds_change(few, monkeypatch, tmp_path, examples):
    monkeypatch.setattr(breeds, "BREEDS", (breeds.MORE_BREEDS[0], *breeds.BREEDS))
    small = toy_dogs.prepare(tmp_path)
    assert small.info.splits["train"].num_examples == 2 * (len(NAMES) + 1)
    large = by_name(examples["train"])
    shared = 0
    for name, example in by_name(small.as_dataset(split="train").as_numpy_iterator()).items():
        if name in large:
            shared += 1
            np.testing.assert_array_equal(example["image"], large[name]["image"])
    assert shared == 2 * len(NAMES)


@pytest.mark.parametrize("split", builder_module.IMAGES_PER_BREED)
@pytest.mark.slow
def test_stored_labels_are_those_of_the_images(split):
    drawn = [int(label) for _, label in data.load("toy_dogs", split)]
    assert manifest.labels()[split].tolist() == drawn


@pytest.mark.slow
def test_what_is_written_beside_the_code_can_be_read_again(few, tmp_path, monkeypatch):
    for name in ("PATH", "LABELS_PATH"):
        monkeypatch.setattr(manifest, name, tmp_path / f"{name}.json")
    small = toy_dogs.prepare(tmp_path)
    manifest.write(small)
    assert manifest.read() == manifest.manifest(small)
    labels = manifest.labels()
    assert {split: np.bincount(labels[split]).tolist() for split in labels} == {
        split: [count] * len(NAMES) for split, count in FEW.items()
    }


# Examples


@pytest.mark.slow
def test_counts_labels_and_names(builder, examples):
    assert builder.info.features["label"].names == NAMES
    for split, count in builder_module.IMAGES_PER_BREED.items():
        labels = [int(example["label"]) for example in examples[split]]
        assert np.bincount(labels).tolist() == [count] * len(NAMES)
        for example in examples[split]:
            assert example["image/filename"].decode().split("/")[:2] == [split, NAMES[example["label"]]]


@pytest.mark.slow
def test_sizes_vary_like_photographs(all_examples):
    sizes = np.array([example["image"].shape[:2] for example in all_examples])
    assert sizes.min() >= 64 and sizes.max() <= 96
    assert (sizes.max(axis=1) * 3 <= sizes.min(axis=1) * 4).all()
    assert (sizes[:, 0] < sizes[:, 1]).mean() > 0.3 and (sizes[:, 0] > sizes[:, 1]).mean() > 0.3
    assert len({tuple(size) for size in sizes}) > 100


@pytest.mark.slow
def test_mask_marks_the_dog_and_the_box_is_tight(all_examples):
    for example in all_examples:
        mask = example["segmentation_mask"]
        assert mask.shape == (*example["image"].shape[:2], 1)
        assert set(np.unique(mask)) == {0, 1}
        where = np.argwhere(mask[:, :, 0])
        expected = np.concatenate([where.min(axis=0), where.max(axis=0) + 1]) / np.tile(mask.shape[:2], 2)
        np.testing.assert_allclose(example["objects"]["bbox"], [expected], atol=1e-6)
        assert 0.1 < mask.mean() < 0.9


def test_mask_leaves_out_what_is_in_front(monkeypatch):
    def cover_all(rng, size, view):
        return portrait.Image.new("RGB", size, "green"), portrait.Image.new("L", size, 255)

    canvas, look = drawn_dog(breeds.BREEDS[0], 0)
    monkeypatch.setattr(portrait.foreground, "foreground", cover_all)
    _, mask = portrait.assemble(canvas, look, sampling.stream("frostpaw", "train", 0, "scene"))
    assert np.asarray(canvas.mask).any() and not np.asarray(mask).any()


def drawn_dog(breed, index):
    rng = sampling.stream(breed.name, "test", index, "pose")
    dog, pose = sampling.draw_dog(rng, breed), sampling.draw_pose(rng)
    pose.light_side = 1
    look = view.place_view(dog, pose, pose.size, 1)
    return drawing.draw_dog(dog, pose, look, (pose.size[1], pose.size[0]), rng), look


@pytest.mark.parametrize("breed", [*breeds.BREEDS, *breeds.MORE_BREEDS], ids=lambda breed: breed.name)
def test_head_is_upright_and_inside_the_centered_square(breed):
    for index in range(40):
        rng = sampling.stream(breed.name, "test", index, "pose")
        dog, pose = sampling.draw_dog(rng, breed), sampling.draw_pose(rng)
        assert abs(np.rad2deg(pose.roll)) <= 20
        look = view.place_view(dog, pose, pose.size, 1)
        middle, half = np.array(pose.size[::-1]) / 2, min(pose.size) / 2
        angles = np.linspace(0, 2 * np.pi, 60)
        head = look.head(np.stack([np.cos(angles), np.sin(angles)], axis=1))
        assert (np.abs(head - middle) <= half + 1).all()


# Breeds


def test_rows_are_unique_and_enough():
    rows = [*breeds.BREEDS, *breeds.MORE_BREEDS]
    assert len(breeds.BREEDS) == 12 and len(breeds.MORE_BREEDS) >= 8
    assert len({breed.name for breed in rows}) == len(rows)
    assert len({dataclasses.replace(breed, name="") for breed in rows}) == len(rows)


@pytest.mark.parametrize("breed", [*breeds.BREEDS, *breeds.MORE_BREEDS], ids=lambda breed: breed.name)
def test_every_trait_of_a_row_is_one_that_can_be_drawn(breed):
    assert breed.ears in {*ears.UPRIGHT_EARS, "drop", "button"}
    assert breed.fur in {*LOCKS, "smooth"}
    assert breed.topknot in {"none", "puff", "tuft", "fringe"}
    for mark in breed.markings:
        assert mark.kind in {*markings.ON_FACE, *markings.ON_BODY}
        assert mark.color in {"coat", "light", "dark", "tan"}
    for trait in RANGE_TRAITS:
        low, high = getattr(breed, trait)
        assert low <= high


def overlap(first, second):
    return max(first[0], second[0]) <= min(first[1], second[1])


@pytest.mark.parametrize("names", breeds.PAIRS)
def test_a_pair_differs_in_few_traits(names):
    first, second = (next(breed for breed in breeds.BREEDS if breed.name == name) for name in names)
    fields = [field.name for field in dataclasses.fields(breeds.Breed) if field.name != "name"]
    differing = [field for field in fields if getattr(first, field) != getattr(second, field)]
    assert 2 <= len(differing) <= 7
    assert first.ears == second.ears and first.fur == second.fur
    assert overlap(first.ear_length, second.ear_length)


def test_pairs_cover_every_breed_once():
    assert sorted(itertools.chain.from_iterable(breeds.PAIRS)) == sorted(NAMES)
    assert len(breeds.PAIRS) >= 4


def test_a_hue_shift_turns_one_coat_into_another():
    saffrel, paprikin = (breed for breed in breeds.BREEDS if breed.name in ("saffrel", "paprikin"))
    assert not overlap(saffrel.coat.hue, paprikin.coat.hue)
    shift = np.mean(paprikin.coat.hue) - np.mean(saffrel.coat.hue)
    assert overlap(tuple(np.add(saffrel.coat.hue, shift)), paprikin.coat.hue)
    assert overlap(saffrel.coat.saturation, paprikin.coat.saturation)
    assert overlap(saffrel.coat.value, paprikin.coat.value)


def test_drawing_does_not_import_tensorflow():
    code = "import sys, toy_dogs.portrait; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# Preparing


@pytest.mark.slow
def test_tfds_loads_it_by_name(builder):
    dataset, info = tfds.load(
        "toy_dogs", split="train", data_dir=PREPARED, as_supervised=True, with_info=True, download=False
    )
    image, label = next(iter(dataset))
    assert image.dtype == "uint8" and image.shape[-1] == 3 and label.dtype == "int64"
    assert info.features["label"].num_classes == 12
    assert {"image", "image/filename", "label", "objects", "segmentation_mask"} == set(info.features)


@pytest.mark.slow
def test_prepared_once_and_again_when_stale(few, tmp_path, capfd):
    folder = pathlib.Path(toy_dogs.prepare(tmp_path).data_dir)
    shown = capfd.readouterr()
    assert "Drawing toy dogs" in shown.err and shown.out == ""
    mark = folder / "mark"
    mark.touch()
    toy_dogs.prepare(tmp_path)
    assert mark.exists()  # reused
    metadata = folder / "metadata.json"
    metadata.write_text(json.dumps({"fingerprint": "of other code"}))
    assert toy_dogs.prepare(tmp_path).info.splits["train"].num_examples == 2 * len(NAMES)
    assert not mark.exists()  # drawn again
    assert json.loads(metadata.read_text())["fingerprint"] == builder_module.fingerprint()


@pytest.mark.slow
def test_fingerprint_follows_counts_and_libraries(few, monkeypatch):
    small = builder_module.fingerprint()
    monkeypatch.setattr(builder_module, "IMAGES_PER_BREED", {"train": 3})
    other_counts = builder_module.fingerprint()
    monkeypatch.setattr(builder_module.importlib.metadata, "version", lambda name: "0")
    assert len({small, other_counts, builder_module.fingerprint()}) == 3


@pytest.mark.slow
def test_a_preparation_that_breaks_leaves_nothing_half_done(few, monkeypatch, tmp_path):
    whole = builder_module.Builder._generate_examples
    full = "No space left on device"
    before = set(multiprocessing.active_children())
    for error in (OSError(28, full), tf.errors.ResourceExhaustedError(None, None, full), KeyboardInterrupt()):

        def breaks(self, *args, error=error):
            yield from itertools.islice(whole(self, *args), 5)
            raise error

        monkeypatch.setattr(builder_module.Builder, "_generate_examples", breaks)
        with pytest.raises((OSError, KeyboardInterrupt)) as caught:
            toy_dogs.prepare(tmp_path)
        assert set(multiprocessing.active_children()) <= before
        assert list((tmp_path / "toy_dogs").iterdir()) == []
        if isinstance(error, KeyboardInterrupt):
            assert caught.value is error
        else:
            assert "cannot write the toy dogs" in str(caught.value) and full in str(caught.value)
    monkeypatch.setattr(builder_module.Builder, "_generate_examples", whole)
    assert toy_dogs.prepare(tmp_path).info.splits["test"].num_examples == len(NAMES)


@pytest.mark.slow
def test_what_a_killed_run_left_is_cleared_but_not_a_running_one(few, tmp_path):
    killed, running = (tmp_path / "toy_dogs" / f"incomplete.{name}_1.0.0" for name in ("KILLED", "ACTIVE"))
    for folder in (killed, running):
        folder.mkdir(parents=True)
    long_ago = time.time() - 2 * preparation.ABANDONED_AFTER
    os.utime(killed, (long_ago, long_ago))
    toy_dogs.prepare(tmp_path)
    assert not killed.exists() and running.exists()


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(OSError, match="cannot write the toy dogs to .*file .*choose a folder"):
        toy_dogs.prepare(in_the_way)


@pytest.mark.slow
def test_a_full_disk_is_noticed_before_anything_is_drawn(few, monkeypatch, tmp_path):
    usage = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr(preparation.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match="only 5 MB are free.*80 MB are needed"):
        toy_dogs.prepare(tmp_path)
    assert not list((tmp_path / "toy_dogs").iterdir())


# The processes that draw


def draw_few(path):
    builder_module.IMAGES_PER_BREED = FEW
    toy_dogs.prepare(path)


@pytest.mark.slow
def test_a_process_that_draws_ends(tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=draw_few, args=(tmp_path,))
    process.start()
    process.join(60)
    try:
        assert process.exitcode == 0
    finally:
        process.kill()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals and groups of processes")
def test_ctrl_c_leaves_no_process_behind(tmp_path):
    code = (
        "import signal, sys, toy_dogs; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "toy_dogs.prepare(sys.argv[1])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as drawing:
        try:
            shown = b""
            while not re.search(rb" [1-9]\d+/\d+ ", shown):  # of some images
                shown += drawing.stderr.read1()
                assert drawing.poll() is None, shown
            os.killpg(drawing.pid, signal.SIGINT)
            _, said = drawing.communicate(timeout=30)
            assert b"KeyboardInterrupt" in said and no_process_in_group(drawing.pid)
        finally:
            end_group(drawing)
