"""The levels that do more than read: weights in our model, and the notebook run again."""

import dataclasses
import json
import os
import pathlib
import pickle
import sys
import time

import h5py
import keras
import numpy as np
import pytest

from utils import data, evaluation, models, pipeline
from utils.grading import execute, weights

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


# the notebook


def run(folder, *sources, seconds=120):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    (folder / "notebook.ipynb").write_text(json.dumps({"cells": cells}))
    return execute.rerun(folder, "ada", seconds)


def test_a_notebook_runs_from_its_first_cell_to_its_last(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{}")
    ran, sentence = run(
        tmp_path, "a = 1", "import os\nassert a == 1 and os.listdir('../runs/project_ada/runs')"
    )
    assert ran and sentence.endswith("all cells ran.")


def test_a_cell_that_fails_is_named(tmp_path):
    assert run(tmp_path, "a = 1", "b", "1 / 0") == (
        False,
        f"Run again, {network()}: cell 2 stopped with NameError: name 'b' is not defined.",
    )


def network():
    return "without a network" if execute.without_network() else "with the network of this machine"


def test_a_notebook_that_does_not_end_is_stopped_with_all_it_started(tmp_path):
    child = "import subprocess, sys, time\n"
    child += "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(999)'])\n"
    child += "open('pid', 'w').write(str(p.pid))\ntime.sleep(999)"
    ran, sentence = run(tmp_path, child, seconds=8)
    assert not ran and sentence.endswith("it was stopped after 8 seconds.")
    place = pathlib.Path("/proc", (tmp_path / "rerun" / "notebooks" / "pid").read_text(), "exe")
    until = time.monotonic() + 20  # a killed process ends a moment later where the machine is busy
    while sys.platform == "linux" and place.exists():
        assert time.monotonic() < until, "what the notebook started lives on"
        time.sleep(0.1)


def test_a_notebook_sees_no_variable_of_the_instructors_and_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "1")
    look = "import os\nassert 'SECRET_TOKEN' not in os.environ and os.environ['HOME'].endswith('rerun')"
    ran, sentence = run(tmp_path, look)
    assert ran, sentence
    if not execute.without_network():
        pytest.skip("this system cannot take the network away")
    (tmp_path / "again").mkdir()
    ran, sentence = run(tmp_path / "again", "import socket\nsocket.create_connection(('127.0.0.1', 1), 2)")
    assert "Network is unreachable" in sentence or "Cannot assign" in sentence


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_notebook_that_takes_all_memory_or_dies_is_told(tmp_path):
    assert "stopped with MemoryError" in run(tmp_path, "a = bytearray(10**12)")[1]
    (tmp_path / "again").mkdir()
    assert "ended without a result" in run(tmp_path / "again", "import os\nos._exit(1)")[1]


def test_no_notebook_is_told(tmp_path):
    assert execute.rerun(tmp_path, "ada") == (False, "There is no notebook to run.")


@pytest.mark.parametrize("student", ["../../evil", "a/../../b", "/tmp/evil"])
def test_an_id_that_is_a_path_leads_nowhere(tmp_path, student, monkeypatch):
    (tmp_path / "runs").mkdir()
    (tmp_path / "notebook.ipynb").write_text("{}")
    monkeypatch.setattr(execute, "_call", lambda place, seconds: False)
    execute.rerun(tmp_path, student)
    assert os.listdir(tmp_path / "rerun") == ["notebooks"]
