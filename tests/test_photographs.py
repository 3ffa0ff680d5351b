"""The way to photographs, as far as it can be walked without a network: TFDS sets, networks, weights."""

import pathlib
import socket

import h5py
import keras
import matplotlib.cbook
import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
import tfds_stand_ins
from keras.src.legacy.saving import legacy_h5_format

from utils import data, models, settings, training
from utils.experiment import __main__ as command
from utils.experiment import comparison, runs

pytestmark = pytest.mark.slow

APPLICATIONS = {
    "resnet50": keras.applications.resnet50,
    "densenet121": keras.applications.densenet,
    "mobilenet_v2": keras.applications.mobilenet_v2,
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """TFDS sets of drawn pictures, and no network."""
    folder = tmp_path_factory.mktemp("tfds")
    for name in tfds_stand_ins.COUNTS:
        tfds_stand_ins.prepare(name, str(folder))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TFDS_DATA_DIR", str(folder))
        for name in ("getaddrinfo", "create_connection"):
            patched.setattr(socket, name, _refuse)
        yield folder


def _refuse(*_, **__):
    raise AssertionError("the network was used")


def photograph(size):
    """Return a real photograph, uint8 [size, size, 3]: one that comes with matplotlib."""
    path = pathlib.Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return np.asarray(PIL.Image.open(path).convert("RGB").resize((size, size)))


@pytest.mark.parametrize(
    ("name", "splits", "classes"),
    [
        ("stanford_dogs", {"train": 1440, "test": 360}, 120),
        ("oxford_flowers102", {"train": 102, "validation": 102, "test": 102}, 102),
        ("cifar10", {"train": 200, "test": 40}, 10),
    ],
)
def test_tfds_loads_what_the_course_loads(prepared, name, splits, classes):
    theirs, about = tfds.load(name, split="test", data_dir=prepared, with_info=True, as_supervised=True)
    assert {split: size.num_examples for split, size in about.splits.items()} == splits
    assert data.info(name).class_names == tuple(about.features["label"].names)
    assert len(data.info(name).class_names) == classes
    pairs = zip(theirs, data.load(name, "test"), strict=True)
    found = {int(label): image for image, label in theirs}
    assert len(found) == classes
    for (image, label), (own_image, own_label) in list(pairs)[:20]:
        assert own_label == label
        np.testing.assert_array_equal(own_image, image)


def test_the_breeds_of_the_profile_are_ten_and_their_labels_0_to_9(prepared):
    chosen = settings.load(profile="photos")
    names = data.info(chosen.dataset, chosen.classes).class_names
    assert names == settings.HARD_BREEDS and len(set(names)) == 10
    labels = [int(label) for _, label in data.load("stanford_dogs", "test", classes=chosen.classes)]
    assert sorted(labels) == sorted(list(range(10)) * 3)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_photograph_reaches_the_backbone_as_keras_prepares_it(name):
    model = models.build(name, num_classes=3, image_size=64)
    before = keras.Model(model.input, model.layers[-2]._inbound_nodes[-1].input_tensors[0])
    images = photograph(64)[None].astype("float32")
    expected = APPLICATIONS[name].preprocess_input(images.copy())
    np.testing.assert_allclose(before(images), expected, atol=2e-3)


@pytest.fixture
def eagerly():
    """Tracing such networks takes a minute; a few steps without do the same."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_head_learns_then_everything_but_batchnorm(name, tmp_path, eagerly):
    model = models.build(name, num_classes=2, image_size=32)
    batch = np.stack([photograph(32), photograph(32)[:, ::-1]]), np.eye(2)
    backbone, head = model.layers[-2:]

    def train():
        weights = {weight.path: weight.numpy() for weight in backbone.weights}
        kernel = head.kernel.numpy()
        model.train_on_batch(*batch)
        assert not np.array_equal(kernel, head.kernel)
        return {w.path for w in backbone.weights if not np.array_equal(weights[w.path], w)}

    training.compile_head(model)
    assert train() == set()
    training.compile_all(model, learning_rate=0.01, steps=3, is_pretrained=True)
    moved = train()
    statistics = {
        weight.path
        for layer in backbone.layers
        if isinstance(layer, keras.layers.BatchNormalization)
        for weight in layer.weights
    }
    assert moved and not moved & statistics
    model.save_weights(tmp_path / "all.weights.h5")
    again = models.build(name, num_classes=2, image_size=32)
    again.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_array_equal(again(batch[0], training=False), model(batch[0], training=False))


def test_a_file_copied_to_where_keras_keeps_weights_needs_no_network(tmp_path, monkeypatch):
    def backbone(weights):
        return keras.applications.MobileNetV2(
            include_top=False, weights=weights, input_shape=(96, 96, 3), pooling="avg"
        )

    known = backbone(None)
    (tmp_path / "models").mkdir()
    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"
    with h5py.File(tmp_path / "models" / file, "w") as stored:
        legacy_h5_format.save_weights_to_hdf5_group(stored, known)
    monkeypatch.setattr(keras.src.backend.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setattr(socket, "create_connection", _refuse)
    model = models.build("mobilenet_v2", num_classes=3, image_size=96, weights="imagenet")
    for found, expected in zip(model.layers[-2].get_weights(), known.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_download_of_weights_that_breaks_off_is_told_with_the_way_on(monkeypatch):
    def broken(*_, **__):
        raise Exception("URL fetch failure on https://example.com: None -- connection reset\nand more")

    monkeypatch.setattr(keras.src.applications.mobilenet_v2.file_utils, "get_file", broken)
    with pytest.raises(models.ModelError) as caught:
        models.build("mobilenet_v2", num_classes=3, image_size=96, weights="imagenet")
    sentence = str(caught.value)
    assert "connection reset" in sentence and "and more" not in sentence
    assert "again" in sentence and "COURSE_WEIGHTS=none" in sentence


def test_the_profile_runs_whole_on_the_stand_in(prepared, tmp_path, monkeypatch, capsys):
    """With the course's own network and weights in place of ResNet50's, which takes a minute to compile."""
    monkeypatch.setenv("COURSE_PROFILE", "photos")
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: None)
    words = "--model small_resnet --weights more_breeds --image-size 16 --shots 2 --epochs 2"
    words += f" --frozen-epochs 1 --seeds 1 --augment none --workers 1 --out {tmp_path / 'out'}"
    assert command.main(words.split()) == 0
    (run,) = runs.read_folder(tmp_path / "out")
    assert run.class_names == list(settings.HARD_BREEDS) and len(run.labels) == 30
    assert run.settings["profile"] == "photos"
    said = capsys.readouterr()
    assert "a run takes" in said.out + said.err  # before training it tells how long it takes


def test_how_long_a_run_takes_is_reckoned_from_one_step_of_each_kind(pictures, monkeypatch):
    """54 training pictures in steps of 10, 6 for validation, 12 to test; two of five epochs are frozen."""
    seconds = iter([2.0, 0.5])  # of a training step and of a look at a batch
    monkeypatch.setattr(comparison, "_seconds", lambda call: next(seconds))
    chosen = settings.load(dataset=str(pictures), image_size=32, batch_size=10, epochs=5, frozen_epochs=2)
    looks = 2 * 5 + (5 * (54 + 6) + 12) / 10
    assert comparison.Comparison(chosen).seconds_of_a_run() == pytest.approx(3 * 5 * 2.0 + looks * 0.5)
