"""Projects as a student leaves them, made in milliseconds: nothing is trained."""

import dataclasses
import io
import json
import pathlib
import zlib

import numpy as np

from utils import experiment
from utils.evaluation import Run
from utils.experiment import runs
from utils.grading import submission

STUDENT = "ada"
CLASSES, IMAGES, EPOCHS = 12, 1200, 40
ACCURACIES = {"none": 0.68, "basic": 0.88, "cutmix": 0.71, "mixup": 0.69}
OWN = {"trivial_augment": 0.7, "rand_augment": 0.69}  # what the student tries besides
FUNCTION = {"source": "def mine(images, labels, *, seed, alpha=1.0): ...", "verdict": "All 17 checks passed."}
ANALYSIS = "None, basic, CutMix and MixUp were compared. " + "The numbers say what they say. " * 20
SETTINGS = {"model": "small_resnet", "dataset": "toy_dogs", "epochs": EPOCHS, "learning_rate": 0.002}
IDENTITY = {"settings": {}, "data": "d", "recipes": {"data": 1, "training": 1}}
# A PNG file of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501"
    "0127181f660000000049454e44ae426082"
)


def labels():
    return np.repeat(np.arange(CLASSES), IMAGES // CLASSES)


def probabilities(accuracy, seed):
    """Predictions [N, K] of which exactly round(accuracy * N) are right; which ones depends on the seed."""
    rng = np.random.default_rng(seed)
    predicted = labels().copy()
    wrong = rng.permutation(IMAGES)[round(accuracy * IMAGES) :]
    predicted[wrong] = (predicted[wrong] + rng.integers(1, CLASSES, len(wrong))) % CLASSES
    scores = rng.random((IMAGES, CLASSES)) * 0.5
    scores[np.arange(IMAGES), predicted] += 1
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def history(accuracy, epochs=EPOCHS, seed=0):
    """A loss that falls from 2.4 to 0.4 and an accuracy that rises to `accuracy`, both a little noisy."""
    noise = np.random.default_rng(seed).normal(0, 0.01, (2, epochs))
    done = np.arange(1, epochs + 1) / epochs
    noise *= 1 - done  # the last epochs are calm, as under a learning rate that falls to 0
    loss = 0.4 + 2.0 * np.exp(-5 * done) + noise[0]
    rise = accuracy * (1 - np.exp(-5 * done)) + noise[1] * (done < 1)
    rise[-1] = accuracy
    return [
        {"epoch": number, "loss": a, "train_loss": a, "validation_loss": a, "validation_accuracy": b}
        for number, (a, b) in enumerate(zip(loss.tolist(), rise.tolist(), strict=True), 1)
    ]


def write_run(folder, name, seed, accuracy, **changes):
    """Write one finished run; `changes` replace its fields. Returns the path of its JSON file."""
    draw = zlib.crc32(name.encode()) + seed  # no two runs are alike
    run = Run(
        augmentation=name,
        seed=seed,
        class_names=[f"breed {number}" for number in range(CLASSES)],
        history=history(accuracy, seed=draw),
        validation_accuracy=accuracy,
        probabilities=probabilities(accuracy, draw),
        labels=labels(),
        test_accuracy=accuracy,
        settings=SETTINGS,
        identity=IDENTITY,
        functions={mix: FUNCTION for mix in ("cutmix", "mixup") if mix in name.split("+")},
    )
    if "history" in changes:
        changes = {"validation_accuracy": changes["history"][-1]["validation_accuracy"]} | changes
    return runs.write(folder, dataclasses.replace(run, **changes), weights=b"weights")


def write_labels(dataset, folder):
    """What `true_labels.labels_file` does, for these projects, whose labels are their own."""
    path = pathlib.Path(folder, "labels.npy")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, labels())
    return path


def save_arrays(path, **arrays):
    """Write an .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    path.write_bytes(buffer.getvalue())


def edit(path, **changes):
    """Change fields of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def accuracy_of(name, number):
    """A variant's accuracy with its `number`-th seed: a multiple of 1/1200 that differs from seed to seed."""
    spread = [0, 6, -6, 3, -3][number % 5] * (1 if name == "none" else -1)
    return round((ACCURACIES | OWN)[name] * IMAGES + spread) / IMAGES


def write_project(
    folder, *, student=STUDENT, seeds=5, names=(*ACCURACIES, *OWN), accuracy=accuracy_of, **changes
):
    """Write a project that earns every point, and return its folder."""
    folder = pathlib.Path(folder)
    inside = submission.start(folder, student)
    for number, seed in enumerate(experiment.seeds_of(student, seeds)):
        for name in names:
            write_run(inside, name, seed, accuracy(name, number), **changes)
    (folder / "analysis.md").write_text(ANALYSIS)
    (folder / "figures").mkdir()
    for name in ("learning_curves", "comparison"):
        (folder / "figures" / f"{name}.png").write_bytes(PNG)
    return folder
