"""Finished runs on disk: one JSON file each, with its predictions and weights beside it."""

import dataclasses
import hashlib
import importlib.metadata
import io
import json
import os
import pathlib
import platform
import reprlib
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from utils import errors, evaluation, files, words
from utils.evaluation import Run
from utils.experiment import variants
from utils.experiment.registered import Registered

# The fields of a Run that its JSON file holds, and those of them that it must hold.
_STORED = tuple(
    field.name for field in dataclasses.fields(Run) if field.name not in ("probabilities", "labels", "file")
)
_NEEDED = {"augmentation", "seed", "class_names", "history", "validation_accuracy", "test_accuracy"}
_ENDING = ".predictions.npz"  # the longest one
# What may change without changing what a run means; a difference is reported.
_PACKAGES = ("tensorflow", "keras", "tensorflow-datasets", "numpy", "pillow")


class NoRunsError(errors.CourseError, ValueError):
    """A folder without the runs that are asked for; the message is one sentence for the user."""


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that shape a run."""
    return {"python": platform.python_version()} | {
        package: importlib.metadata.version(package) for package in _PACKAGES
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def identity(
    settings: dict[str, Any], data: Any, recipes: dict[str, int], functions: dict[str, Registered]
) -> dict[str, Any]:
    """Return what makes two runs comparable.

    Args:
        settings: those that differ from their defaults: a new setting makes no old run another one.
        data: what tells the data from others: texts.
        recipes: the RECIPE of each room that the run uses.
        functions: the registered ones, whose source counts.
    """
    found = {"settings": settings, "data": _digest(data), "recipes": recipes}
    if functions:
        found["functions"] = _digest({name: registered.source for name, registered in functions.items()})
    return found


def parts(identity: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal, flat: each RECIPE under a name of its own, `recipe of mixing`."""
    flat = {name: identity.get(name) for name in ("settings", "data")}
    recipes = identity.get("recipes")
    recipes = recipes if isinstance(recipes, dict) else {}
    return flat | {f"recipe of {room}": number for room, number in recipes.items()}


def stem(augmentation: str, seed: int, identity: dict[str, Any]) -> str:
    """Return the file name of a run without its ending.

    Raises:
        variants.VariantError: for a name that no variant has: too long, or with what Windows forbids.
    """
    if not variants.is_variant(augmentation):
        raise variants.VariantError(f"{reprlib.repr(augmentation)} cannot name a run's files.")
    return f"{augmentation}-seed{seed}-{_digest(identity)[:8]}"


def check_place(folder: str | pathlib.Path, augmentation: str, seed: int, identity: dict[str, Any]) -> None:
    """Make sure, before a training, that its longest file name can be written.

    Raises:
        files.WriteError: when it cannot: a path may be too long, or a disk read-only.
    """
    path = pathlib.Path(folder, f"{stem(augmentation, seed, identity)}{_ENDING}")
    if not os.path.exists(path):  # a Path raises an error where it is too long
        files.write_whole(path, b"")
        path.unlink()


def write(folder: str | pathlib.Path, run: Run, weights: bytes) -> pathlib.Path:
    """Write a finished run: weights and predictions first, the JSON file that vouches for them last.

    Args:
        folder: where; it is made when missing.
        run: its names of files do not count: they follow from its augmentation, seed and identity.
        weights: the content of a `.weights.h5` file.

    Returns:
        The path of the JSON file, for `read`.

    Raises:
        files.WriteError: when a file cannot be written.
    """
    name = stem(run.augmentation, run.seed, run.identity)
    run = dataclasses.replace(run, predictions=f"{name}{_ENDING}", weights=f"{name}.weights.h5")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, probabilities=run.probabilities, labels=run.labels)
    files.write_whole(pathlib.Path(folder, run.weights), weights)
    files.write_whole(pathlib.Path(folder, run.predictions), buffer.getvalue())
    path = pathlib.Path(folder, f"{name}.json")
    stored = {part: getattr(run, part) for part in _STORED}
    files.write_whole(path, json.dumps(stored, indent=1) + "\n")
    return path


def identities(folder: str | pathlib.Path) -> list[dict[str, Any]]:
    """Return the identity of every run in `folder` whose JSON file can be read."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*-seed*.json")):
        try:
            found.append(json.loads(path.read_bytes())["identity"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return [each for each in found if isinstance(each, dict)]


def read_folder(folder: str | pathlib.Path) -> list[Run]:
    """Return all whole runs in `folder`: by seed, single steps before chains.

    Raises:
        NoRunsError: when there is none.
    """
    found = [read(path) for path in sorted(pathlib.Path(folder).glob("*-seed*.json"))]
    found = [run for run in found if run is not None]
    if not found:
        raise NoRunsError(f"There are no runs in {folder}: make some with `make project`.")
    return sorted(found, key=lambda run: (run.seed, "+" in run.augmentation))


def read_finished(
    folder: str | pathlib.Path,
    augmentation: str,
    seed: int,
    identity: dict[str, Any],
    say: Callable[[str], None],
) -> Run | None:
    """Return the run that stands in `folder` under this identity, or None where it has to be trained.

    `say` is called with a sentence where the run is damaged.
    """
    path = pathlib.Path(folder, stem(augmentation, seed, identity) + ".json")
    if not os.path.exists(path):
        return None
    found = read(path)
    if found is None:
        say(f"{path.name} or its predictions are damaged: this run is repeated.")
    return found


def read(path: str | pathlib.Path) -> Run | None:
    """Return the run in a JSON file, with its predictions, or None if it is damaged.

    Damaged is: not whole JSON, a part missing, or predictions that are missing, cut or do not give the
    accuracy that the JSON file states.
    """
    path = pathlib.Path(path)
    try:
        stored = json.loads(path.read_bytes())
        # Tables cannot hold a name that is not UTF-8: runs older than the check of folders may have one.
        stored["class_names"] = [words.writable(str(name)) for name in stored["class_names"]]
        with np.load(path.parent / stored["predictions"], allow_pickle=False) as arrays:
            probabilities, labels = arrays["probabilities"], arrays["labels"]
        accuracy = evaluation.top1(probabilities, labels)
        whole = abs(accuracy - stored["test_accuracy"]) < 1e-6 and stored.keys() >= _NEEDED
        whole = whole and isinstance(stored["validation_accuracy"], int | float)  # NaN is one, null is not
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    parts = {part: stored[part] for part in _STORED if part in stored}
    return Run(**parts, probabilities=probabilities, labels=labels, file=path.name) if whole else None
