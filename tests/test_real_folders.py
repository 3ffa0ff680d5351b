"""Folders as people have them: each is read right, or refused or told in one sentence.

Every input is like one of a public report, whose address stands with it.
"""

import itertools
import multiprocessing
import os
import pathlib
import unicodedata

import numpy as np
import pytest
from PIL import Image

from utils import data
from utils.data import folders, loading

PUPPY = "\uac15\uc544\uc9c0"  # 강아지, a puppy
COLORS = itertools.count()


def photo(path):
    """Write a picture unlike all others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), tuple(next(COLORS).to_bytes(3, "big"))).save(path, format="PNG")


def photos(root, *, classes=("cat", "dog"), **counts):
    """Write ROOT/SPLIT/CLASS/NN.png, so many for each class of each split; "flat" is ROOT itself."""
    for split, count in counts.items():
        for name in classes:
            for number in range(count):
                photo(root / ("" if split == "flat" else split) / name / f"{number:02}.png")
    return root


@pytest.fixture
def root(tmp_path):
    return tmp_path / "photos"


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch):
    monkeypatch.setattr(folders, "_told", set())


def sizes(root):
    return data.info(root).split_sizes


def refusal(root, **settings):
    """Return the sentence that refuses a folder, the same for a look and for reading it."""
    with pytest.raises(data.DataError) as caught:
        data.require(root)
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".")
    with pytest.raises(data.DataError) as again:
        data.load(root, "train")
    assert str(again.value) == text
    return text


# ---- splits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        # https://github.com/huggingface/datasets/issues/4839: "val" is not read
        ("train", "val", "test"),
        # https://github.com/roboflow/roboflow-python/issues/153: exports are called "valid"
        ("train", "valid", "test"),
        # https://github.com/rungalileo/dataquality/pull/557, and capitals
        ("Training", "Validation", "Testing"),
        ("TRAIN", "dev", "test"),
    ],
)
def test_splits_by_their_usual_names(root, capsys, train, validation, test):
    photos(root, **{train: 12, validation: 6, test: 4})
    assert sizes(root) == {"train": 24, "validation": 12, "test": 8}
    assert "not read" not in capsys.readouterr().err


def test_two_folders_for_one_split(root):
    """The first of the faults: val, valid and Validation beside train, and none was read."""
    photos(root, train=12, test=4, val=6, Validation=6)
    assert "two subfolders for the split validation, 'Validation' and 'val'" in refusal(root)


def test_a_folder_that_is_no_split_is_told_once(root, capsys):
    photos(root, train=12, test=4, extra=1)
    data.require(root)
    assert sizes(root) == {"train": 22, "validation": 2, "test": 8}
    told = capsys.readouterr().err
    assert told.count("Note: ") == 1
    assert f"Note: {root}: 'extra' is not read, since a split is called train, validation" in told


def test_classes_alone_get_fixed_splits(root, capsys):
    """https://github.com/pytorch/vision/pull/613: most data sets that one downloads are ROOT/CLASS."""
    photos(root, flat=20)
    info = data.info(root)
    assert info.split_sizes == {"train": 28, "validation": 4, "test": 8}
    assert info.source == f"{root}, a fifth of each class drawn for testing"
    assert (
        f"Note: {root} has no folders for train and test, so its images are split" in capsys.readouterr().err
    )
    for split, count in info.split_sizes.items():
        assert np.bincount(data.labels(root, split)).tolist() == [count // 2] * 2
    images = {
        split: [tuple(image[0, 0]) for image, _ in data.load(root, split).as_numpy_iterator()]
        for split in data.SPLITS
    }
    assert images == {
        split: [tuple(image[0, 0]) for image, _ in data.load(root, split, seed=5).as_numpy_iterator()]
        for split in data.SPLITS
    }
    assert len(set(itertools.chain(*images.values()))) == 40


def test_the_images_drawn_for_testing_stay_the_same(root):
    # Results of one year are compared with those of another.
    photos(root, flat=15)
    names = [path.relative_to(root).as_posix() for path in folders.find(str(root)).paths("test")]
    assert names == ["cat/08.png", "cat/10.png", "cat/14.png", "dog/02.png", "dog/04.png", "dog/05.png"]


@pytest.mark.parametrize("inner", ["dogs", "dogs/dogs"])
def test_the_whole_in_a_folder_of_its_own(root, inner):
    """https://github.com/EdjeElectronics/TensorFlow-Lite-Object-Detection-on-Android-and-Raspberry-Pi/issues/147
    and many a zip: the images lie deeper. The splits would be subfolders of classes."""
    photos(root / inner, train=3, test=3)
    photos(root / "clothing", flat=3)
    assert f"{root / inner} has a subfolder 'test': either {root / inner} itself is the" in refusal(root)


def test_splits_are_no_classes(root):
    """https://github.com/fastai/fastai/issues/1552 and /2336: the folder "test" becomes a class."""
    photos(root, training_set=3, test_set=3)
    assert "has 'test_set' and 'training_set', which look like splits; call them train" in refusal(root)


def test_a_class_folder_in_place_of_the_data_set(root):
    """https://github.com/pytorch/vision/issues/669: PetImages/Dog instead of PetImages."""
    photos(root, flat=3)
    assert f"{root / 'dog'} has no class folders" in refusal(root / "dog")


def test_a_zip_in_place_of_a_folder(tmp_path):
    (tmp_path / "photos.zip").write_bytes(b"PK")
    assert "photos.zip is a file, no folder: unpack it first" in refusal(tmp_path / "photos.zip")


@pytest.mark.parametrize("name", ["~nobody_of_this_name/photos", "./" + "x" * 5000, "./a\0b"])
def test_paths_that_no_system_has(name):
    assert "does not exist" in refusal(name)


# ---- files -----------------------------------------------------------------------------------------------


def test_images_in_subfolders_and_with_rare_endings_are_read_the_rest_is_counted(root, capsys):
    """The second fault, 60 of 84 files dropped without a word. Subfolders:
    https://github.com/pytorch/vision/pull/80; .HEIC ignored:
    https://github.com/pharmapsychotic/clip-interrogator-ext/issues/50."""
    photos(root, train=12, test=4)
    for number in range(20):
        photo(root / "train/cat/persian" / f"{number}.png")
        photo(root / "train/dog" / f"w{number}.jfif")
        (root / "train/dog" / f"p{number}.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    assert sizes(root) == {"train": 58, "validation": 6, "test": 8}
    assert f"Note: {root}: 20 .HEIC files are not read, only .jpg" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".tif", ".avif", ".jfif", ".JPE", ".JPG", ".WebP", ".Gif", ".bmp"])
def test_every_ending(root, ending, capsys):
    """https://github.com/lstein/PhotoMapAI/issues/364: .tif, .avif and .jfif are silently skipped;
    https://github.com/replicate/lora-training/issues/9: so is .JPG, the iPhone's."""
    photos(root, train=3, test=3)
    photo(root / "test/cat" / f"more{ending}")
    assert sizes(root)["test"] == 7
    assert "not read" not in capsys.readouterr().err


def test_what_systems_leave_behind_is_neither_class_nor_file(root, capsys):
    """https://github.com/open-mmlab/mmpretrain/issues/507: .ipynb_checkpoints as class 0;
    https://github.com/meetps/pytorch-semseg/issues/83: Thumbs.db;
    https://github.com/udacity/deep-learning-v2-pytorch/issues/217: __MACOSX;
    https://github.com/dmlc/gluon-cv/issues/1300: .DS_Store as a folder;
    https://github.com/darickc/MMM-BackgroundSlideshow/issues/26: a Synology's thumbnails."""
    photos(root, train=3, test=3)
    before = data.info(root), data.fingerprint(root)
    (root / "train/.DS_Store").mkdir()
    (root / "test/cat/desktop.ini").write_text("x")
    (root / "test/cat/THUMBS.DB").write_text("x")
    for name in ("train/.ipynb_checkpoints", "__MACOSX", "train/__MACOSX", "train/cat/@eaDir"):
        photo(root / name / "cat" / "00.png")
    assert (data.info(root), data.fingerprint(root)) == before
    assert "not read" not in capsys.readouterr().err


def test_images_outside_of_class_folders_are_told(root, capsys):
    """https://github.com/fastai/fastai/issues/2336: a test folder without classes."""
    photos(root, train=3, test=3)
    photo(root / "test" / "unsorted.png")
    assert sizes(root)["test"] == 6
    assert (
        "1 image is not read, being in no class folder, such as test/unsorted.png." in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        # https://github.com/edenai/edenai-apis/pull/183: a HEIC file whose name says .jpg
        (
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "it is a HEIC file, which is not read, whatever its name says",
        ),
        # https://github.com/rom1504/clip-retrieval/issues/298: a page in place of the image
        (b"<html>404</html>", "it is not an image"),
        (b"", "it is not an image"),
    ],
)
def test_what_is_no_image_is_named(root, content, reason):
    photos(root, train=3, test=3)
    (root / "test/dog/01.jpg").write_bytes(content)
    data.require(root)
    with pytest.raises(data.DataError, match=reason) as caught:
        data.info(root)
    assert str(root / "test/dog/01.jpg") in str(caught.value)


# ---- links -----------------------------------------------------------------------------------------------


def test_a_link_to_a_folder_is_followed(root, tmp_path):
    """https://github.com/fastai/fastai/pull/2270: experiments that share their validation images."""
    photos(tmp_path / "shared", valid=2)
    photos(root, train=3, test=3)
    (root / "valid").symlink_to(tmp_path / "shared/valid", target_is_directory=True)
    (root / "test/cat/more").symlink_to(tmp_path / "shared/valid/dog", target_is_directory=True)
    assert sizes(root) == {"train": 6, "validation": 4, "test": 8}


@pytest.mark.parametrize("target", ["..", "../..", "."])
def test_a_link_to_a_folder_around_it_is_refused(root, target):
    """https://github.com/twisted/twisted/issues/3098 and
    https://github.com/TimesysGit/vigiles-buildroot/issues/8: endless walks; here the dogs would be cats."""
    photos(root, train=3, test=3)
    (root / "train/cat/loop").symlink_to(target, target_is_directory=True)
    assert f"{root / 'train/cat/loop'} is a link to a folder that it lies in; remove it." in refusal(root)


def test_a_link_to_itself_is_named(root):
    photos(root, train=3, test=3)
    (root / "train/cat/loop.jpg").symlink_to("loop.jpg")
    with pytest.raises(data.DataError, match="loop.jpg cannot be read"):
        data.load(root, "train")


# ---- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        PUPPY,
        # https://github.com/llmsresearch/paperbanana/issues/234: a zip unpacked on a Mac
        "Größe",
        # https://github.com/unmade/shelf-back/issues/50
        "\u0439",
    ],
)
def test_composed_and_decomposed_names_are_one_class(root, name):
    photos(root, train=3, test=3, classes=("cat", name))
    before = data.fingerprint(root)
    for split in ("train", "test"):
        decomposed = root / split / unicodedata.normalize("NFD", name)
        (root / split / name).rename(decomposed)
        assert data.info(root).class_names == tuple(sorted(("cat", name)))
        assert data.fingerprint(root) == before
    assert data.info(root, [unicodedata.normalize("NFD", name), "cat"]).class_names == (name, "cat")
    photo(root / "train" / name / "more.png")  # both spellings in one split
    assert sizes(root)["train"] == 5 and data.fingerprint(root) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("train/cat", b"train/\xb0\xad\xbe\xc6"),  # cp949
        # https://github.com/AI-FREE-Team/Traditional-Chinese-Handwriting-Dataset/issues/1: Big5
        ("test/cat", b"test/\xa4@"),
        # https://github.com/rsnitsch/py3createtorrent/issues/33: Latin-1, in the name of a file
        ("train/cat/01.png", b"train/cat/K\xf6nig.png"),
        # https://github.com/hooram/ownphotos/issues/112: a folder above
        ("", b"\xe4lter"),
    ],
)
def test_names_that_are_not_utf8_are_refused_when_the_folder_is_opened(root, old, new):
    photos(root, train=3, test=3)
    moved = os.fsencode(root) + b"/" + new if old else os.fsencode(root.parent) + b"/" + new
    try:
        os.rename(os.fsencode(root / old), moved)
    except OSError:
        pytest.skip("this file system has names in UTF-8 only")
    text = refusal(root if old else pathlib.Path(os.fsdecode(moved)))
    assert " is not UTF-8" in text and "\\x" in text
    text.encode()


# ---- classes ---------------------------------------------------------------------------------------------


def test_one_class_is_refused(root):
    """https://github.com/google-ai-edge/mediapipe/issues/4791: one label, recognized at 100 %, always;
    https://github.com/googlecodelabs/tensorflow-for-poets-2/issues/98."""
    photos(root, train=12, test=4, classes=("cat",))
    assert "has one class only, 'cat', and nothing to tell it apart from" in refusal(root)


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_class_missing_from_a_split(root, split):
    """https://github.com/ultralytics/ultralytics/issues/13936: the classes behind it are counted as others;
    https://github.com/apple/ml-cvnets/issues/90."""
    photos(root, train=3, val=3, test=3)
    (root / split / "cat").rename(root / split / "Cat")
    text = refusal(root)
    assert "missing from" in text and str(root / split) in text and "in its place" in text


def test_an_empty_class(root):
    """https://github.com/huggingface/pytorch-image-models/issues/957: an empty folder of validation shifts
    all classes behind it."""
    photos(root, train=3, val=3, test=3)
    for path in (root / "val/cat").iterdir():
        path.rename(path.with_suffix(".HEIC"))
    text = refusal(root)
    assert f"The class folder {root / 'val/cat'} has no images (.jpg" in text and "only 3 .HEIC files" in text


def test_too_few_images_to_split(root):
    photos(root, flat=3)
    (root / "cat/00.png").unlink()
    assert "'cat' of" in refusal(root) and "has 2 images, too few to split" in refusal(root)


# ---- the same file in two splits -------------------------------------------------------------------------


def copy(root, old, *new):
    for name in new:
        (root / name).write_bytes((root / old).read_bytes())


def test_the_same_file_in_two_splits_is_told(root, capsys):
    """https://github.com/stefyste/RIAWELC/issues/2: all test images are in training, byte for byte;
    https://github.com/pratikkayal/PlantDoc-Dataset/issues/4: by other names, and in other classes;
    https://github.com/tqwei05/PlantSeg/issues/11: in all three splits."""
    photos(root, train=5, val=3, test=3)
    data.info(root)
    assert capsys.readouterr().err == ""
    copy(root, "train/cat/00.png", "test/cat/00.png", "val/cat/other.png")
    for number in range(1, 4):
        copy(root, f"train/dog/0{number}.png", f"test/cat/again{number}.png")
    for split in data.SPLITS:
        data.load(root, split)
    told = capsys.readouterr().err
    assert told.count("Note: ") == 1
    assert f"{root}: 4 images are in more than one split, byte for byte, such as " in told
    assert (
        "train/cat/00.png = val/cat/other.png = test/cat/00.png, train/dog/01.png = test/cat/again1.png"
        in told
    )
    assert "again2" in told and "again3" not in told


def test_copies_within_a_split_are_no_leak_until_it_is_split(root, capsys):
    """https://github.com/zalandoresearch/fashion-mnist/issues/44: copies within training, too. Where a part
    of it is held out for validation, they may come apart."""
    photos(root, train=20, val=3, test=3)
    for path in list((root / "train/cat").iterdir()):
        copy(root, path, path.with_stem(f"again{path.stem}"))
    data.info(root)
    assert capsys.readouterr().err == ""
    for path in (root / "val").rglob("*.png"):
        path.unlink()
    for path in ("val/cat", "val/dog", "val"):
        (root / path).rmdir()
    data.info(root)
    assert "images are in more than one split, byte for byte, such as train/cat/" in capsys.readouterr().err


def test_every_file_is_read_once(root, monkeypatch):
    photos(root, train=5, test=3)
    read = []
    whole = pathlib.Path.read_bytes
    monkeypatch.setattr(pathlib.Path, "read_bytes", lambda path: read.append(path) or whole(path))
    data.info(root)
    data.load(root, "train")
    data.fingerprint(root)
    assert sorted(read) == sorted(root.rglob("*.png"))


# ---- the fingerprint -------------------------------------------------------------------------------------


def test_a_fingerprint_is_of_what_is_loaded(root):
    """Not of what the splits' folders are called, nor of the path to them.

    https://github.com/huggingface/datasets/issues/5871: a slash at the end makes another data set of it;
    https://github.com/huggingface/datasets/issues/2496: so does moving the folder.
    """
    photos(root, train=5, val=3, test=3)
    before = data.fingerprint(root)
    (root / "val").rename(root / "Validation")
    (root / "train").rename(root / "Training")
    (root / "notes.txt").write_text("not read")
    assert data.fingerprint(root) == data.fingerprint(f"{root}/") == before
    assert data.fingerprint(root.rename(root.with_name("moved"))) == before


@pytest.mark.parametrize("other", ["test", "extra"])
def test_a_fingerprint_knows_the_splits(root, other):
    photos(root, train=5, val=3)
    before = data.fingerprint(root)
    (root / "val").rename(root / other)
    assert data.fingerprint(root) != before


def test_splits_drawn_here_are_as_good_as_folders(root, tmp_path):
    photos(root, flat=10)
    folder = folders.find(str(root))
    for split in ("train", "test"):
        for path in folder.paths(split):
            new = tmp_path / "sorted" / split / path.relative_to(root)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(path.read_bytes())
    assert data.fingerprint(tmp_path / "sorted") == data.fingerprint(root)
    for split in data.SPLITS:
        assert_same(data.load(root, split), data.load(tmp_path / "sorted", split))


def assert_same(first, second):
    for (image, label), (other, other_label) in zip(first, second, strict=True):
        assert label == other_label
        np.testing.assert_array_equal(image, other)


# ---- what is told ----------------------------------------------------------------------------------------


def _look(root):
    data.require(root)


def test_workers_do_not_repeat_what_is_told(root, capfd):
    photos(root, train=3, test=3, extra=3)
    process = multiprocessing.get_context("spawn").Process(target=_look, args=(root,))
    process.start()
    process.join(120)
    assert process.exitcode == 0
    assert capfd.readouterr().err == ""
    _look(root)
    assert "'extra' is not read" in capfd.readouterr().err


# ---- wrong arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        # https://github.com/fastai/fastai/issues/1560 and https://github.com/pytorch/vision/issues/200
        ({"image_size": (32, 32)}, "image_size is (32, 32), but must be one whole number of at least 1."),
        ({"image_size": 0}, "image_size is 0, but must be one whole number of at least 1."),
        ({"image_size": 32.5}, "image_size is 32.5, but must be one whole number of at least 1."),
        ({"image_size": True}, "image_size is True, but must be one whole number of at least 1."),
        ({"shots": "5"}, "shots is '5', but must be one whole number of at least 1."),
        ({"shots": 0}, "shots is 0, but must be one whole number of at least 1."),
        # https://github.com/AllenInstitute/deepinterpolation/pull/100
        ({"seed": -1}, "seed is -1, but must be one whole number of at least 0."),
        ({"seed": None}, "seed is None, but must be one whole number of at least 0."),
        ({"split": "valid"}, "has no split 'valid'; it has train, validation, test."),
        ({"split": ["train"]}, "has no split '['train']'; it has train, validation, test."),
        ({"classes": 2.5}, "classes is 2.5, but must be how many, or names"),
        ({"classes": True}, "classes is True, but must be 2 to 2"),
        ({"classes": {"cat", "dog"}}, ", but must be how many, or names: a list, or one text with commas."),
        ({"classes": [0, 1]}, "classes is [0, 1], but must be how many, or names"),
        ({"name": 5}, "A data set is named by a text or a path, not by 5."),
        ({"name": b"photos"}, "A data set is named by a text or a path, not by b'photos'."),
    ],
)
def test_wrong_arguments_are_one_sentence(root, settings, sentence):
    photos(root, train=3, test=3)
    given = {"name": root, "split": "train", **settings}
    with pytest.raises(data.DataError) as caught:
        data.load(given.pop("name"), given.pop("split"), **given)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)


def test_whole_numbers_of_any_kind_will_do(root):
    photos(root, train=3, test=3)
    settings = {"image_size": np.int64(4), "shots": np.uint8(1), "seed": np.int32(0)}
    assert_same(data.load(root, "train", **settings), data.load(root, "train", image_size=4, shots=1, seed=0))


def test_arguments_are_looked_at_before_the_data(monkeypatch):
    monkeypatch.setattr(loading, "_select", None)
    with pytest.raises(data.DataError, match="image_size"):
        data.load("toy_dogs", "train", image_size=(48, 48))
