"""Loading: the laws that hold for every source, and one clear sentence for every way it can go wrong."""

import collections
import hashlib
import pathlib
import shutil
import struct
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from toy_dogs import breeds

from utils import data
from utils.data import folders, loading, resizing, selection

TRAIN = {"cat": 23, "dog": 12, "newt": 2}


def write(path, value, height=8, width=8):
    """Write an image of one color that names it: images can then be told apart after loading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (value, 255 - value, 7)).save(path)


def make_folder(root, **splits):
    """Write `{class: images}` of every split, each image of the whole folder with its own color."""
    value = iter(range(256))
    for split, classes in splits.items():
        for name, count in classes.items():
            for number in range(count):
                write(root / split / name / f"{number:02}.png", next(value))
    return root


@pytest.fixture
def photos(tmp_path):
    return make_folder(tmp_path / "photos", train=TRAIN, test=dict.fromkeys(TRAIN, 3))


def contents(dataset):
    """Return `(color, label)` of every image, in order."""
    return [(int(image[0, 0, 0]), int(label)) for image, label in dataset.as_numpy_iterator()]


def message(call, *arguments, **settings):
    with pytest.raises(data.DataError) as caught:
        call(*arguments, **settings)
    text = str(caught.value)
    assert "\n" not in text and text.endswith("."), text
    return text


# ---- what comes out --------------------------------------------------------------------------------------


@pytest.mark.parametrize("image_size", [None, 4])
def test_elements_and_cardinality(photos, image_size):
    dataset = data.load(photos, "train", image_size=image_size)
    assert dataset.element_spec[0] == tf.TensorSpec([image_size, image_size, 3], tf.uint8)
    assert dataset.element_spec[1] == tf.TensorSpec([], tf.int64)
    assert len(contents(dataset)) == dataset.cardinality() == 33


def test_order_is_the_same_on_every_load(photos):
    first = contents(data.load(photos, "train", image_size=4, shots=1))
    assert first == contents(data.load(photos, "train", image_size=4, shots=1))
    assert contents(data.load(photos, "test")) == [(37 + n, n // 3) for n in range(9)]


def test_labels_are_indexes_of_class_names(photos):
    names = data.info(photos).class_names
    assert names == ("cat", "dog", "newt")
    assert collections.Counter(label for _, label in contents(data.load(photos, "train"))) == {
        0: 21,
        1: 11,
        2: 1,
    }


def test_info(photos):
    info = data.info(photos)
    assert info.name == info.source == str(photos)
    assert info.split_sizes == {"train": 33, "validation": 4, "test": 9}
    assert "not stated" in info.license


# ---- labels, and whether there are any data --------------------------------------------------------------


@pytest.mark.parametrize("split", data.SPLITS)
def test_labels_are_those_of_load(photos, split):
    labels = data.labels(photos, split)
    assert labels.dtype == np.int64
    assert labels.tolist() == [label for _, label in contents(data.load(photos, split))]


def test_labels_of_the_toy_dogs_need_no_drawing(monkeypatch):
    monkeypatch.setattr(loading.toy_dogs, "prepare", None)
    assert np.bincount(data.labels("toy_dogs", "test")).tolist() == [100] * 12
    assert message(data.labels, "toy_dogs", "tset").endswith("it has train, validation, test.")
    data.require("toy_dogs")


def test_labels_and_a_look_open_no_image(photos):
    (photos / "test" / "dog" / "01.png").write_bytes(b"no image")
    assert len(data.labels(photos, "test")) == 9
    data.require(photos)


def test_what_cannot_be_had_is_refused_as_by_load(tmp_path):
    (tmp_path / "train" / "dog").mkdir(parents=True)
    for name in ("zzzzzzzz", "stanfrd_dogs", "./nowhere", tmp_path / "nowhere", tmp_path, "cifar10/nope"):
        assert message(data.require, name) == message(data.load, name, "train")


def test_tensorflow_is_not_imported_for_labels_and_refusals(photos, tmp_path):
    code = """
import sys
from utils import data
from utils.grading import true_labels

true_labels.labels_file("toy_dogs", sys.argv[2])
true_labels.labels_file(sys.argv[1], sys.argv[2])
assert not {"tensorflow", "tensorflow_datasets"} & set(sys.modules)
for name in ("stanfrd_dogs", "stanford_dogs/nope"):
    for refuse in (lambda: data.load(name, "train"), lambda: data.require(name)):
        try:
            refuse()
        except data.DataError as error:
            print(error)
assert "tensorflow" not in sys.modules
"""
    command = [sys.executable, "-c", code, str(photos), str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("Did you mean stanford_dogs") == ended.stdout.count("cannot open") == 2


# ---- splits and shots ------------------------------------------------------------------------------------


def test_hold_out_is_a_tenth_of_each_class_and_never_overlaps_train(photos):
    train, held_out = (contents(data.load(photos, split)) for split in ("train", "validation"))
    assert collections.Counter(label for _, label in held_out) == {0: 2, 1: 1, 2: 1}
    assert not set(train) & set(held_out)
    assert sorted(train + held_out) == [(n, 0 if n < 23 else 1 if n < 35 else 2) for n in range(37)]


@pytest.mark.parametrize("seed", range(20))
def test_shots_never_meet_the_hold_out(photos, seed):
    shots = contents(data.load(photos, "train", shots=1, seed=seed))
    assert not set(shots) & set(contents(data.load(photos, "validation", seed=seed)))
    assert [label for _, label in shots] == [0, 1, 2]


def test_hold_out_does_not_depend_on_the_seed(photos):
    assert contents(data.load(photos, "validation", seed=1)) == contents(
        data.load(photos, "validation", seed=2)
    )


def test_hold_out_stays_what_it_was():
    # Results of one year are compared with those of another: the images held out may never change.
    drawn = selection.draw(np.arange(20), 5, loading.HOLD_OUT_SEED, 3)
    assert drawn.tolist() == [14, 18, 3, 10, 12]


def test_a_split_of_its_own_is_used_whole(tmp_path):
    root = make_folder(tmp_path, train={"a": 5, "b": 1}, validation={"a": 2, "b": 1}, test={"a": 1, "b": 1})
    assert data.info(root).split_sizes == {"train": 6, "validation": 3, "test": 2}
    assert contents(data.load(root, "validation")) == [(6, 0), (7, 0), (8, 1)]


def test_more_shots_with_the_same_seed_add_images(tmp_path):
    root = make_folder(tmp_path, train={"a": 60, "b": 50}, test={"a": 1, "b": 1})
    drawn = [set(contents(data.load(root, "train", shots=shots, seed=4))) for shots in (5, 10, 45)]
    assert [len(images) for images in drawn] == [10, 20, 90]
    assert drawn[0] < drawn[1] < drawn[2]


def test_another_seed_draws_other_images(tmp_path):
    root = make_folder(tmp_path, train={"a": 60, "b": 60}, test={"a": 1, "b": 1})
    first, second = (contents(data.load(root, "train", shots=10, seed=seed)) for seed in (0, 1))
    assert first != second


def test_classes_draw_apart(tmp_path):
    # The same places in every class would make shots of ordered files (frames of a film) alike.
    root = make_folder(tmp_path, train={"a": 60, "b": 60}, test={"a": 1, "b": 1})
    drawn = contents(data.load(root, "train", shots=10))
    assert [color for color, label in drawn if not label] != [color - 60 for color, label in drawn if label]


@pytest.mark.parametrize("split", ["validation", "test"])
def test_shots_of_other_splits(tmp_path, split):
    root = make_folder(tmp_path, train={"a": 60, "b": 60}, test={"a": 5, "b": 5})
    drawn = contents(data.load(root, split, shots=2))
    assert set(drawn) < set(contents(data.load(root, split)))
    assert [label for _, label in drawn] == [0, 0, 1, 1]


# ---- some of the classes ---------------------------------------------------------------------------------

SOME = [(2, ["cat", "dog"]), (["newt", "cat"], ["newt", "cat"]), ("dog, newt", ["dog", "newt"])]


def of_classes(pairs, names):
    """Keep the images of the named classes, and number these in the order given."""
    old = sorted(TRAIN)
    return [(color, names.index(old[label])) for color, label in pairs if old[label] in names]


@pytest.mark.parametrize("split", data.SPLITS)
@pytest.mark.parametrize(("classes", "names"), SOME)
def test_classes_keep_their_images_and_get_new_labels(photos, split, classes, names):
    expected = of_classes(contents(data.load(photos, split)), names)
    dataset = data.load(photos, split, classes=classes)
    assert contents(dataset) == expected and dataset.cardinality() == len(expected)
    assert data.labels(photos, split, classes).tolist() == [label for _, label in expected]
    assert dataset.element_spec[1] == tf.TensorSpec([], tf.int64)


@pytest.mark.parametrize(("classes", "names"), SOME)
def test_info_of_some_classes(photos, classes, names):
    info = data.info(photos, classes)
    assert info.class_names == tuple(names)
    assert info.split_sizes == {split: len(data.labels(photos, split, classes)) for split in data.SPLITS}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("classes", "names"), SOME)
def test_shots_of_a_class_do_not_depend_on_the_other_classes(photos, classes, names, seed):
    every = contents(data.load(photos, "train", shots=1, seed=seed))
    assert contents(data.load(photos, "train", shots=1, classes=classes, seed=seed)) == of_classes(
        every, names
    )


def test_only_the_classes_asked_for_must_have_enough_images(photos):
    assert len(contents(data.load(photos, "train", shots=11, classes="cat,dog"))) == 22
    assert "'newt'" in message(data.load, photos, "train", shots=11, classes="cat,newt")
    (photos / "train" / "newt" / "01.png").unlink()
    assert data.info(photos, 2).split_sizes["train"] == 32
    assert "only one training image" in message(data.info, photos, "cat,newt")


def test_all_classes_by_number_are_all_images(photos):
    assert contents(data.load(photos, "train", classes=3)) == contents(data.load(photos, "train"))


def test_classes_of_the_toy_dogs_need_no_drawing(monkeypatch):
    monkeypatch.setattr(loading.toy_dogs, "prepare", None)
    first, *_, last = (breed.name for breed in breeds.BREEDS)
    assert np.bincount(data.labels("toy_dogs", "test", 10)).tolist() == [100] * 10
    old = data.labels("toy_dogs", "test")
    expected = [{0: 1, 11: 0}[label] for label in old.tolist() if label in (0, 11)]
    assert data.labels("toy_dogs", "test", [last, first]).tolist() == expected


WRONG_CLASSES = [
    (0, "classes is 0, but must be 2 to {count}, which is how many {name} has."),
    (1, "classes is 1, but must be 2 to {count}"),
    (500, "classes is 500, but must be 2 to {count}"),
    ([], "classes names 0 of the classes of {name}; name at least 2 to tell apart."),
    ("dog", "classes names 1 of the classes of {name}; name at least 2"),
    (["a", "b", "a"], "classes names 'a' of {name} twice; name each class once."),
    ("unheard,of", "{name} has no class 'unheard'. Its classes are "),
]


@pytest.mark.parametrize(("classes", "expected"), WRONG_CLASSES)
def test_wrong_classes_are_refused_before_anything_is_read(photos, monkeypatch, classes, expected):
    monkeypatch.setattr(loading.toy_dogs, "prepare", None)
    monkeypatch.setattr(folders.image_files, "why_unreadable", None)
    for name, count in ((photos, 3), ("toy_dogs", 12)):
        text = message(data.require, name, classes)
        assert expected.format(name=name, count=count) in text
        assert text == message(data.load, name, "train", classes=classes)
        assert text == message(data.labels, name, "train", classes) == message(data.info, name, classes)


def test_a_wrong_class_name_is_helped_along(monkeypatch):
    text = message(data.require, "toy_dogs", "frostpow,saffrel")
    assert "toy_dogs has no class 'frostpow'. Did you mean frostpaw? Its classes are frostpaw" in text
    assert "Did you mean maplemuff or hazelmuff?" in message(data.require, "toy_dogs", "muff,saffrel")


# ---- sizes -----------------------------------------------------------------------------------------------


def squared(pixels, size):
    return resizing.square(tf.constant(pixels), size).numpy()


def noise(height, width):
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "size"), [(90, 90, 30), (64, 100, 48), (101, 64, 20), (30, 41, 60), (5, 400, 16)]
)
def test_square_agrees_with_pillow(height, width, size):
    pixels = noise(height, width)
    side, image = min(height, width), Image.fromarray(pixels)
    left, top = (width - side) // 2, (height - side) // 2
    expected = image.crop((left, top, left + side, top + side)).resize(
        (size, size), Image.Resampling.BILINEAR
    )
    np.testing.assert_allclose(squared(pixels, size).astype(int), np.asarray(expected), atol=1)


def test_image_of_the_right_size_is_untouched():
    pixels = noise(32, 32)
    np.testing.assert_array_equal(squared(pixels, 32), pixels)


def test_aspect_is_kept():
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 20:60] = 200  # the middle square
    assert (squared(pixels, 10) == 200).all()


def test_fine_patterns_become_gray_not_noise():
    pixels = np.indices((64, 64)).sum(axis=0) % 2 * np.full((3, 1, 1), 255)
    result = squared(pixels.transpose(1, 2, 0).astype(np.uint8), 16)
    assert abs(result.astype(int) - 128).max() < 16


def test_values_are_rounded_not_cut_off():
    pixels = np.array([[[0, 0, 0], [255, 255, 255]], [[255, 255, 255], [0, 255, 255]]], np.uint8)
    assert squared(pixels, 1)[0, 0].tolist() == [128, 191, 191]


# ---- fingerprints ----------------------------------------------------------------------------------------


def test_fingerprint_does_not_depend_on_the_place_or_the_time(photos, tmp_path):
    before = data.fingerprint(photos)
    copy = shutil.copytree(photos, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    assert data.fingerprint(copy) == before
    (photos / "train" / "cat" / ".DS_Store").write_bytes(b"x")
    assert data.fingerprint(photos) == before


def test_fingerprint_does_not_depend_on_how_the_folder_is_spelled(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    monkeypatch.setenv("HOME", str(photos.parent))
    monkeypatch.setenv("USERPROFILE", str(photos.parent))
    names = ("photos", "./photos", "photos/", "~/photos", str(photos), pathlib.Path("photos"))
    assert len({data.fingerprint(name) for name in names}) == 1


def test_fingerprint_stays_what_it_was(tmp_path):
    """On every Python and system: what finished runs know their data by."""
    head = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    lines = []
    for number, name in enumerate(("test/a/0", "test/Überhund/b/0", "train/a/0", "train/Überhund/0")):
        content = head + bytes([number, 0, 0, 0])  # a bitmap of one pixel
        path = tmp_path / unicodedata.normalize("NFD", f"{name}.bmp").replace("test", "Testing")
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        lines.append(f"{name}.bmp\0{hashlib.sha256(content).hexdigest()}\n")
    found = data.fingerprint(tmp_path)
    assert found == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert found[:16] == "4750cc14efb4f98c"


def change_pixel(root):
    write(root / "test" / "newt" / "02.png", 250)


def rename_image(root):
    (root / "train" / "cat" / "00.png").rename(root / "train" / "cat" / "99.png")


def rename_class(root):
    for split in ("train", "test"):
        (root / split / "newt").rename(root / split / "eft")


def swap_images(root):
    first, second = root / "train" / "cat" / "00.png", root / "train" / "dog" / "00.png"
    first_bytes = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(first_bytes)


def remove_image(root):
    (root / "train" / "cat" / "00.png").unlink()


@pytest.mark.parametrize("change", [change_pixel, rename_image, rename_class, swap_images, remove_image])
def test_fingerprint_changes_with_the_data(photos, change):
    before = data.fingerprint(photos)
    change(photos)
    assert data.fingerprint(photos) != before


# ---- folders ---------------------------------------------------------------------------------------------


def test_hidden_and_other_files_are_ignored(photos):
    before = contents(data.load(photos, "train"))
    (photos / "train" / "cat" / "notes.txt").write_text("x")
    (photos / "train" / "cat" / "._00.png").write_bytes(b"x")
    (photos / "train" / ".cache").mkdir()
    (photos / "train" / "readme.md").write_text("x")
    assert contents(data.load(photos, "train")) == before


def test_every_way_to_write_a_folder(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    monkeypatch.setenv("HOME", str(photos.parent))
    monkeypatch.setenv("USERPROFILE", str(photos.parent))
    expected = contents(data.load(photos, "test"))
    for name in ("photos", "./photos", "photos/", "~/photos", str(photos), pathlib.Path("photos")):
        assert contents(data.load(name, "test")) == expected, name


def test_a_dataset_outlives_a_change_of_folder(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    dataset = data.load("photos", "test")
    monkeypatch.chdir(photos)
    assert len(contents(dataset)) == 9


def test_images_of_all_kinds_in_one_folder(photos):
    cat = photos / "test" / "cat"
    Image.new("L", (5, 9), 99).save(cat / "01.png")
    Image.new("CMYK", (30, 20)).save(cat / "03.JPG")
    Image.new("RGBA", (7, 6)).save(cat / "04.webp")
    images = [image for image, label in data.load(photos, "test").as_numpy_iterator() if label == 0]
    assert [image.shape for image in images] == [(8, 8, 3), (9, 5, 3), (8, 8, 3), (20, 30, 3), (6, 7, 3)]
    assert (images[1] == 99).all() and (images[4] == 255).all()


@pytest.mark.parametrize("name", ["Überhund, größer", "犬", "50% #1 'a'"])
def test_any_name_will_do(tmp_path, name):
    root = make_folder(tmp_path / name, train={name: 2, "~": 2}, test={name: 1, "~": 1})
    (root / "test" / name / "00.png").rename(root / "test" / name / f"{name}.png")
    label = sorted([name, "~"]).index(name)
    assert data.info(root).class_names[label] == name
    assert (4, label) in contents(data.load(root, "test"))
    assert len(data.fingerprint(root)) == 64


def test_capitals_come_first_on_every_system(tmp_path):
    root = make_folder(
        tmp_path, train={"ant": 2, "Bee": 2, "Zebra": 2}, test={"ant": 1, "Bee": 1, "Zebra": 1}
    )
    assert data.info(root).class_names == ("Bee", "Zebra", "ant")


def test_a_link_to_nowhere_is_named(photos):
    (photos / "train" / "cat" / "link.jpg").symlink_to("nowhere.jpg")
    assert f"{photos / 'train' / 'cat' / 'link.jpg'} cannot be read" in message(data.load, photos, "train")


def test_missing_folder(tmp_path):
    text = message(data.load, tmp_path / "nowhere", "train")
    assert str(tmp_path / "nowhere") in text and "does not exist" in text and "train/CLASS" in text
    assert "does not exist" in message(data.load, "some/where", "train")


def test_folder_without_train(photos):
    shutil.rmtree(photos / "train")
    assert f"{photos} has no subfolder 'train' beside 'test'" in message(data.load, photos, "train")


def test_empty_folder(tmp_path):
    assert f"{tmp_path} has no class folders" in message(data.load, tmp_path, "train")
    (tmp_path / "train").mkdir()
    assert f"{tmp_path / 'train'} has no class folders" in message(data.load, tmp_path, "train")


def test_empty_class(photos):
    (photos / "train" / "bat").mkdir()
    (photos / "train" / "bat" / "notes.txt").write_text("x")
    assert f"{photos / 'train' / 'bat'} has no images" in message(data.load, photos, "train")


@pytest.mark.parametrize(("here", "there"), [("test", "train"), ("train", "test")])
def test_class_missing_from_one_split(photos, here, there):
    shutil.rmtree(photos / here / "dog")
    text = message(data.load, photos, "train")
    assert f"'dog' is missing from {photos / here}, though it is in {photos / there}" in text


def test_truncated_image_is_named_before_training(photos):
    path = photos / "test" / "dog" / "01.jpg"
    Image.fromarray(noise(64, 64)).save(path)
    data.load(photos, "train")
    path.write_bytes(path.read_bytes()[:2000])
    text = message(data.load, photos, "train")
    assert str(path) in text and "truncated" in text and "replace or remove it" in text


def test_several_unreadable_images_are_counted(photos):
    for number in range(3):
        (photos / "test" / "dog" / f"0{number}.png").write_bytes(b"no image")
    text = message(data.load, photos, "train")
    assert "dog/00.png and 2 more cannot be read" in text.replace("\\", "/")


def test_images_are_checked_once(photos, monkeypatch):
    checked = []
    reason = folders.image_files.why_unreadable
    monkeypatch.setattr(
        folders.image_files, "why_unreadable", lambda path: checked.append(path) or reason(path)
    )
    data.load(photos, "train")
    data.load(photos, "test")
    assert len(checked) == 37 + 9
    change_pixel(photos)
    data.info(photos)
    assert len(checked) == 37 + 9 + 1


# ---- wrong requests --------------------------------------------------------------------------------------


def test_unknown_split_names_those_there_are(photos):
    assert message(data.load, photos, "tset").endswith("has no split 'tset'; it has train, validation, test.")
    shutil.rmtree(photos / "test")
    assert message(data.load, photos, "test").endswith("it has train, validation.")


def test_more_shots_than_images(photos):
    text = message(data.load, photos, "train", shots=12)
    assert "12 shots" in text and "'dog'" in text and "only 11 images" in text


@pytest.mark.parametrize("setting", ["shots", "image_size"])
def test_numbers_below_one(photos, setting):
    assert f"{setting} is 0" in message(data.load, photos, "train", **{setting: 0})


def test_a_class_too_small_for_a_hold_out(photos):
    (photos / "train" / "newt" / "01.png").unlink()
    text = message(data.load, photos, "train")
    assert "'newt'" in text and "only one training image" in text


@pytest.mark.parametrize("name", ["stanfrd_dogs", "Stanford_Dog", "stanford-dogs"])
def test_unknown_name_with_a_close_one(name):
    text = message(data.load, name, "train")
    assert f"'{name}'" in text and "Did you mean" in text and "stanford_dogs" in text.split("Accepted")[0]


@pytest.mark.parametrize("name", ["zzzzzzzz", "", "x" * 5000, "huggingface:mnist"])
def test_unknown_name_lists_what_is_accepted(name):
    text = message(data.load, name, "train")
    assert "Did you mean" not in text
    for kind in ("toy_dogs", "TensorFlow Datasets", "FOLDER/train/CLASS"):
        assert kind in text
