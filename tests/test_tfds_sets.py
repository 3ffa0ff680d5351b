"""TFDS sets, by way of a tiny one that is made here: nothing is downloaded, with or without a network."""

import collections
import concurrent.futures
import http.server
import pathlib
import shutil
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
import toy_dogs
from toy_dogs import manifest

from utils import data
from utils.data import tfds_sets
from utils.grading import true_labels

CHANNELS = {"gray": 1, "rgb": 3, "alpha": 4}
KINDS = ("validated", "train_only", "unlabeled", "pairless", "deep", "broken", "late", "single")
SPLITS = {"train": 40, "test": 10}


class TinyPhotos(tfds.core.GeneratorBasedBuilder):
    """Images of one color: it is the image's number, and the number's parity is its label."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in (*CHANNELS, *KINDS)]

    def _info(self):
        kind = self.builder_config.name
        dtype = np.uint16 if kind == "deep" else np.uint8
        features = {"image": tfds.features.Image(shape=(4, 5, CHANNELS.get(kind, 3)), dtype=dtype)}
        if kind != "pairless":
            known = {"late": {"num_classes": 2}, "single": {"names": ["even"]}}
            features["label"] = tfds.features.ClassLabel(**known.get(kind, {"names": ["even", "odd"]}))
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(features),
            homepage="https://example.com/tiny",
            license="CC0" if kind == "gray" else None,
        )

    def _split_generators(self, dl_manager):
        kind = self.builder_config.name
        if kind == "broken":
            raise OSError("disk on fire\nand much more")
        if kind == "late":  # as stanford_dogs: the names come with the download
            self.info.features["label"].names = ["even", "odd"]
        splits = {"train": 40} if kind == "train_only" else dict(SPLITS)
        if kind == "validated":
            splits["validation"] = 6
        return {split: self._generate_examples(count) for split, count in splits.items()}

    def _generate_examples(self, count):
        image = self.info.features["image"]
        for number in range(count):
            pixels = np.full(image.shape, number, image.np_dtype)
            label = -1 if self.builder_config.name == "unlabeled" else number % 2
            yield number, {"image": pixels, "label": label}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Prepare the tiny sets; return where they lie."""
    path = tmp_path_factory.mktemp("tfds")
    three_files = tfds.download.DownloadConfig(num_shards=3)
    for kind in (*CHANNELS, "validated", "train_only", "unlabeled"):
        builder = tfds.builder(f"tiny_photos/{kind}", data_dir=path)
        builder.download_and_prepare(download_config=three_files)
        assert builder.info.splits["train"].num_shards == 3
    return path


@pytest.fixture
def tiny(prepared, monkeypatch):
    """Use the prepared sets, and let every use of the network fail the test."""

    def refuse(*arguments, **settings):
        raise AssertionError("the network was used")

    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared))
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(tfds_sets, "why_no_network", refuse)
    return prepared


@pytest.fixture
def nothing_prepared(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    return tmp_path


def contents(dataset):
    """Return `(color, label)` of every image, in order."""
    return [(int(image[0, 0, 0]), int(label)) for image, label in dataset.as_numpy_iterator()]


def message(*arguments, **settings):
    with pytest.raises(data.DataError) as caught:
        data.load(*arguments, **settings)
    text = str(caught.value)
    assert "\n" not in text and text.endswith("."), text
    return text


# ---- reading ---------------------------------------------------------------------------------------------


def test_elements(tiny):
    dataset = data.load("tiny_photos/rgb", "test")
    assert dataset.element_spec == (tf.TensorSpec([4, 5, 3], tf.uint8), tf.TensorSpec([], tf.int64))
    assert dataset.cardinality() == len(contents(dataset)) == 10
    assert next(iter(data.load("tiny_photos/rgb", "test", image_size=2)))[0].shape == (2, 2, 3)


def test_order_is_the_same_on_every_load(tiny):
    first = contents(data.load("tiny_photos/rgb", "train"))
    assert first == contents(data.load("tiny_photos/rgb", "train"))
    assert first != sorted(first)  # as in the files, not by number


@pytest.mark.parametrize("shots", [None, 3, 18])
def test_labels_stay_with_their_images(tiny, shots):
    images = contents(data.load("tiny_photos/rgb", "train", shots=shots))
    assert all(label == color % 2 for color, label in images)
    expected = 18 if shots is None else shots
    assert collections.Counter(label for _, label in images) == {0: expected, 1: expected}


@pytest.mark.parametrize("split", data.SPLITS)
def test_labels_are_those_of_load(tiny, split):
    expected = [label for _, label in contents(data.load("tiny_photos/rgb", split))]
    assert data.labels("tiny_photos/rgb", split).tolist() == expected
    data.require("tiny_photos/rgb")  # it is on disk: the network is not asked


def test_true_labels_are_read_in_a_process_of_its_own(tiny, tmp_path, monkeypatch):
    """Here in a thread, which knows the made-up sets."""
    asked = []

    def pool(workers, context):
        asked.append(context.get_start_method())
        return concurrent.futures.ThreadPoolExecutor(workers)

    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", pool)
    labels = np.load(true_labels.labels_file("tiny_photos/rgb", tmp_path))
    assert labels.tolist() == data.labels("tiny_photos/rgb", "test").tolist()
    assert asked == ["spawn"]
    with pytest.raises(data.DataError, match="has no split 'test'; it has train, validation"):
        true_labels.labels_file("tiny_photos/train_only", tmp_path)


def test_hold_out(tiny):
    train, held_out = (contents(data.load("tiny_photos/rgb", split)) for split in ("train", "validation"))
    assert sorted(train + held_out) == [(number, number % 2) for number in range(40)]
    assert sorted(label for _, label in held_out) == [0, 0, 1, 1]


def test_shots_are_nested_and_never_meet_the_hold_out(tiny):
    few, more = (set(contents(data.load("tiny_photos/rgb", "train", shots=n, seed=5))) for n in (4, 8))
    assert few < more
    assert not more & set(contents(data.load("tiny_photos/rgb", "validation")))


def test_a_validation_split_of_its_own_is_used_whole(tiny):
    assert data.info("tiny_photos/validated").split_sizes == {"train": 40, "validation": 6, "test": 10}
    assert sorted(contents(data.load("tiny_photos/validated", "validation"))) == [
        (n, n % 2) for n in range(6)
    ]


@pytest.mark.parametrize("split", data.SPLITS)
def test_some_classes_in_the_order_given(tiny, split):
    every = contents(data.load("tiny_photos/rgb", split))
    turned = contents(data.load("tiny_photos/rgb", split, classes="odd,even"))
    assert turned == [(color, 1 - label) for color, label in every]
    assert data.labels("tiny_photos/rgb", split, ["odd", "even"]).tolist() == [label for _, label in turned]
    assert data.info("tiny_photos/rgb", ["odd", "even"]).class_names == ("odd", "even")


def test_classes_are_refused_before_the_download(nothing_prepared, monkeypatch):
    monkeypatch.setattr(tfds_sets, "why_no_network", lambda: None)
    monkeypatch.setattr(tfds_sets, "_prepare", None)
    for kind in ("rgb", "late"):
        assert "must be 2 to 2" in message(f"tiny_photos/{kind}", "train", classes=3)
        assert "twice" in message(f"tiny_photos/{kind}", "train", classes="odd,odd")
    assert "has no class 'prime'" in message("tiny_photos/rgb", "train", classes="odd,prime")


def test_one_class_is_refused_before_the_download(nothing_prepared, monkeypatch):
    monkeypatch.setattr(tfds_sets, "_prepare", None)
    expected = "tiny_photos/single has one class, but at least 2 are needed to tell apart."
    assert message("tiny_photos/single", "train") == expected
    with pytest.raises(data.DataError) as caught:
        data.require("tiny_photos/single")
    assert str(caught.value) == expected


def test_names_that_come_with_the_download_are_refused_after_it(nothing_prepared, monkeypatch):
    monkeypatch.setattr(tfds_sets, "why_no_network", lambda: None)
    data.require("tiny_photos/late", "odd,prime")
    expected = "tiny_photos/late has no class 'prime'. Its classes are even, odd."
    assert message("tiny_photos/late", "train", classes="odd,prime") == expected
    with pytest.raises(data.DataError, match="no class 'prime'"):
        data.require("tiny_photos/late", "odd,prime")  # on disk now
    assert len(contents(data.load("tiny_photos/late", "test", classes="odd,even"))) == 10


def test_gray_becomes_rgb(tiny):
    image, _ = next(iter(data.load("tiny_photos/gray", "train")))
    assert image.shape == (4, 5, 3) and image.dtype == tf.uint8
    assert len(np.unique(image)) == 1
    assert sorted(contents(data.load("tiny_photos/gray", "test"))) == [(n, n % 2) for n in range(10)]


def test_transparent_becomes_white(tiny):
    # Color n with opacity n / 255, over white.
    expected = sorted((round(255 - n + n * n / 255), n % 2) for n in range(10))
    assert sorted(contents(data.load("tiny_photos/alpha", "test"))) == expected


def test_info(tiny):
    info = data.info("tiny_photos/rgb")
    assert info.name == "tiny_photos/rgb" and info.class_names == ("even", "odd")
    assert info.split_sizes == {"train": 36, "validation": 4, "test": 10}
    assert info.source == "https://example.com/tiny"
    assert "not stated" in info.license
    assert data.info("tiny_photos/gray").license == "CC0"


def test_fingerprint(tiny, tmp_path, monkeypatch):
    kinds = ("rgb", "gray", "validated", "train_only")
    prints = [data.fingerprint(f"tiny_photos/{kind}") for kind in kinds]
    assert len(set(prints)) == len(kinds)
    tfds.builder("tiny_photos/rgb", data_dir=tmp_path).download_and_prepare(
        download_config=tfds.download.DownloadConfig(num_shards=3)
    )
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert data.fingerprint("tiny_photos/rgb") == prints[0]


def test_labels_of_a_set_that_is_prepared_anew(nothing_prepared, prepared):
    shutil.copytree(prepared / "tiny_photos" / "rgb", nothing_prepared / "tiny_photos" / "rgb")
    before = data.info("tiny_photos/rgb").split_sizes
    shutil.rmtree(nothing_prepared / "tiny_photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SPLITS, "train", 60)
        builder = tfds.builder("tiny_photos/rgb", data_dir=nothing_prepared)
        builder.download_and_prepare()
    after = data.info("tiny_photos/rgb").split_sizes
    assert (before["train"], after["train"]) == (36, 54)


# ---- what cannot be used ---------------------------------------------------------------------------------


def test_missing_split_names_those_there_are(tiny):
    assert message("tiny_photos/train_only", "test").endswith("it has train, validation.")


def test_unlabeled_split(tiny):
    assert "has no labels" in message("tiny_photos/unlabeled", "test")


@pytest.mark.parametrize("name", ["tiny_photos/pairless", "tiny_photos/deep", "coco", "imdb_reviews"])
def test_no_pairs_of_image_and_label(tiny, name):
    assert f"{name} does not hold pairs" in message(name, "train")


def test_unknown_configuration(tiny):
    text = message("tiny_photos/nope", "train")
    assert "'tiny_photos/nope'" in text and "nope not found" in text


# ---- the network -----------------------------------------------------------------------------------------


def use_proxy(monkeypatch, address):
    for name in ("no_proxy", "NO_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", address)
    monkeypatch.setenv("http_proxy", address)


def test_a_download_without_network_says_so_within_ten_seconds(nothing_prepared, monkeypatch):
    use_proxy(monkeypatch, "http://127.0.0.1:9")  # nobody listens there
    start = time.monotonic()
    text = message("stanford_dogs", "train")
    assert time.monotonic() - start < 10
    assert "no network" in text and "tfds.load('stanford_dogs')" in text and "toy_dogs works without" in text
    with pytest.raises(data.DataError) as caught:
        data.require("stanford_dogs")
    assert str(caught.value) == text
    assert not list(nothing_prepared.iterdir())


def test_silence_is_not_waited_for(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_proxy(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert_gives_up_after_half_a_second()


def test_a_name_that_is_never_resolved_is_not_waited_for(monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **settings: time.sleep(3))
    assert_gives_up_after_half_a_second()


def assert_gives_up_after_half_a_second():
    start = time.monotonic()
    assert tfds_sets.why_no_network(seconds=0.5)
    assert time.monotonic() - start < 2
    assert tfds_sets.PROBE_SECONDS <= 8


class Refusal(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_any_answer_is_a_network(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.HTTPServer(("127.0.0.1", 0), Refusal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert tfds_sets.why_no_network(f"http://127.0.0.1:{server.server_port}") is None
        server.shutdown()


def test_a_certificate_that_cannot_be_verified_is_an_answer(monkeypatch):
    def fail(*arguments, **settings):
        raise urllib.error.URLError(ssl.SSLCertVerificationError("unable to get local issuer certificate"))

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    assert tfds_sets.why_no_network() is None


def test_a_set_that_is_missing_is_prepared_when_there_is_a_network(nothing_prepared, monkeypatch):
    monkeypatch.setattr(tfds_sets, "why_no_network", lambda: None)
    assert len(contents(data.load("tiny_photos/rgb", "test"))) == 10


def test_a_failed_download_gives_the_cause_in_one_line(nothing_prepared, monkeypatch):
    monkeypatch.setattr(tfds_sets, "why_no_network", lambda: None)
    text = message("tiny_photos/broken", "train")
    assert "disk on fire." in text and "toy_dogs" in text


# ---- the embedded set, with the tiny one in its place -----------------------------------------------------


@pytest.fixture
def embedded(tiny, tmp_path, monkeypatch):
    """Stand in for the package `toy_dogs`; return the folders that it was asked to prepare."""
    asked = []

    def prepare(path):
        asked.append(path)
        return tfds.builder("tiny_photos/validated", data_dir=tiny)

    (tmp_path / "manifest.json").write_text('{"train": ["a"], "test": ["b"]}')
    monkeypatch.setattr(manifest, "PATH", tmp_path / "manifest.json")
    monkeypatch.setattr(toy_dogs, "prepare", prepare)
    return asked


@pytest.mark.slow
def test_toy_dogs_lie_in_the_repository(embedded):
    assert data.load("toy_dogs", "validation").cardinality() == 6
    info = data.info("toy_dogs")
    assert info.name == "toy_dogs" and info.source == "data/toy_dogs in this repository"
    assert data.directory() == pathlib.Path(__file__).parent.parent / "data" / "prepared"
    assert set(embedded) == {data.directory()}


@pytest.mark.slow
def test_toy_dogs_are_known_by_their_manifest(embedded, tmp_path):
    before = data.fingerprint("toy_dogs")
    (tmp_path / "manifest.json").write_bytes(b'{"test": ["b"],\r\n "train": ["a"]}')
    assert data.fingerprint("toy_dogs") == before
    (tmp_path / "manifest.json").write_text('{"train": ["a"], "test": ["c"]}')
    assert data.fingerprint("toy_dogs") != before


@pytest.mark.slow
def test_the_fingerprint_of_the_toy_dogs_stays_what_it_was(monkeypatch, prepared):
    """On every Python: what finished runs know their data by. It changes with `manifest.json` alone."""
    stand_in = tfds.builder("tiny_photos/validated", data_dir=prepared)
    monkeypatch.setattr(toy_dogs, "prepare", lambda path: stand_in)
    assert data.fingerprint("toy_dogs")[:16] == "23fac41a9c7ce8c3"


@pytest.mark.slow
def test_toy_dogs_that_cannot_be_written(embedded, monkeypatch):
    def prepare(path):
        raise OSError("cannot write the toy dogs: free some space")

    monkeypatch.setattr(toy_dogs, "prepare", prepare)
    assert "free some space." in message("toy_dogs", "train")
    with pytest.raises(data.DataError, match="free some space"):
        data.directory()
