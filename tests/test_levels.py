"""The level that does more than read: weights in our model."""

import dataclasses
import pickle

import h5py
import keras
import numpy as np
import pytest

from utils import data, evaluation, models, pipeline
from utils.grading import weights

pytestmark = pytest.mark.slow

SIZE = 16


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory):
    """A folder with our model's weights, and the run that they belong to."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "weights").mkdir()
    model = models.build("small_resnet", num_classes=3, image_size=SIZE)
    model.save_weights(folder / "weights" / "basic.weights.h5")
    images = data.load(str(pictures), "test", image_size=SIZE)
    batches = pipeline.evaluation_batches(images, batch_size=64, num_classes=3)
    probabilities, labels = evaluation.predict(model, batches)
    return folder, evaluation.Run(
        augmentation="basic",
        seed=0,
        class_names=["circle", "square", "stripe"],
        history=[],
        validation_accuracy=0.5,
        probabilities=probabilities,
        labels=labels,
        settings={"model": "small_resnet", "image_size": SIZE},
        weights="basic.weights.h5",
    )


def recounted(trained, pictures, **changes):
    folder, run = trained
    (row,) = weights.recount(folder, [dataclasses.replace(run, **changes)], str(pictures))
    return row


def test_weights_give_the_accuracy_of_their_predictions(trained, pictures):
    row = recounted(trained, pictures)
    assert row["counted"] == row["stated"] != "–" and row["odd"] == ""


def test_predictions_that_are_not_the_weights_own_are_odd(trained, pictures):
    labels = trained[1].labels
    row = recounted(trained, pictures, probabilities=np.eye(3, dtype=np.float32)[labels])
    assert row["stated"] == "100.0 %" and row["odd"].endswith(
        f"give {row['counted']}, the predictions 100.0 %."
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": "other.weights.h5"}, "belong to no run that could be read."),
        ({"settings": {"model": "lambda", "image_size": SIZE}}, "Unknown model 'lambda'"),
        ({"settings": {"model": "small_resnet", "image_size": 10**9}}, "does not say an image size"),
        ({"class_names": ["one", "two"]}, "they do not fit small_resnet."),
    ],
)
def test_weights_without_a_model_that_fits_are_odd(trained, pictures, changes, reason):
    assert reason in recounted(trained, pictures, **changes)["odd"]


def link(target):
    return lambda file: file.__setitem__("a", target)


def virtual(file):
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "a", (2,))
    file.create_virtual_dataset("a", layout)


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (link(h5py.ExternalLink("secret.h5", "/a")), "they hold a link."),
        (link(h5py.SoftLink("/b")), "they hold a link."),
        (virtual, "something else than arrays of numbers."),
        (
            lambda file: file.create_dataset("a", (4,), "u1", external="/etc/passwd"),
            "something else than arrays",
        ),
        (lambda file: file.create_dataset("a", data="text"), "something else than arrays of numbers."),
        (lambda file: file.create_dataset("a", data=np.void(pickle.dumps({}))), "something else than arrays"),
        (
            lambda file: file.create_dataset("a", (10**12,), "f4", chunks=(1024,)),
            "they are larger than any model",
        ),
        (lambda file: file.__setitem__("a", file["/"]), "they are larger than any model of the course."),
    ],
)
def test_what_is_no_array_of_numbers_never_reaches_keras(tmp_path, write, reason):
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        write(file)
    with pytest.raises(ValueError, match=reason):
        weights.check_arrays(tmp_path / "a.weights.h5")


def test_a_pickle_is_no_weights_file(tmp_path):
    (tmp_path / "a.weights.h5").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ValueError, match="they are no HDF5 file that can be read."):
        weights.check_arrays(tmp_path / "a.weights.h5")


def test_a_whole_saved_model_is_not_loaded(trained, pictures, tmp_path):
    """A model with a layer of the student's code: only weights of our own model fit."""
    (tmp_path / "weights").mkdir()
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.layers.Lambda(lambda images: images)])
    model.save(tmp_path / "weights" / "model.keras")
    (tmp_path / "weights" / "model.keras").rename(tmp_path / "weights" / "basic.weights.h5")
    row = recounted((tmp_path, trained[1]), pictures)
    assert "they are no HDF5 file that can be read." in row["odd"]
