"""Finished runs on disk: one JSON file each, with its predictions and weights beside it."""

import ast
import hashlib
import importlib.metadata
import inspect
import io
import json
import pathlib
import platform
import zipfile

import numpy as np

from utils import evaluation, files

# What may change without changing what a run means; a difference is reported.
_PACKAGES = ("tensorflow", "keras", "tensorflow-datasets", "numpy", "pillow")


def versions():
    """Return the versions of Python and of the libraries that shape a run."""
    return {"python": platform.python_version()} | {
        package: importlib.metadata.version(package) for package in _PACKAGES
    }


def _digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _bare(tree):
    """Return the tree without docstrings and imports: an import alone does nothing to a run."""
    for node in ast.walk(tree):
        if hasattr(node, "body") and isinstance(node.body, list):
            code = [line for line in node.body if not isinstance(line, ast.Import | ast.ImportFrom)]
            node.body = code or [ast.Pass()]
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def code_digest(modules):
    """Return a digest of what the modules do: comments, docstrings, imports and layout do not count."""
    return _digest([ast.unparse(_bare(ast.parse(inspect.getsource(module)))) for module in modules])


def identity(settings, data, modules):
    """Return what makes two runs comparable: digests of settings (a dict), data (a text) and code."""
    return {"settings": _digest(settings), "data": _digest(data), "code": code_digest(modules)}


def stem(augmentation, seed, identity):
    """Return the file name of a run without its ending."""
    return f"{augmentation}-seed{seed}-{_digest(identity)[:8]}"


def write(folder, run, probabilities, labels, weights):
    """Write a finished run: weights and predictions first, the JSON file that vouches for them last.

    Args: the folder; `run` as a dict; probabilities float32 [N, K] and labels int64 [N] of the test
    images; `weights`, the bytes of a `.weights.h5` file. Raises files.WriteError.
    """
    name = stem(run["augmentation"], run["seed"], run["identity"])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, probabilities=probabilities, labels=labels)
    files.write_whole(pathlib.Path(folder, f"{name}.weights.h5"), weights)
    files.write_whole(pathlib.Path(folder, f"{name}.predictions.npz"), buffer.getvalue())
    run = run | {"predictions": f"{name}.predictions.npz", "weights": f"{name}.weights.h5"}
    files.write_whole(pathlib.Path(folder, f"{name}.json"), json.dumps(run, indent=1) + "\n")


def identities(folder):
    """Return the identity of every run in `folder` whose JSON file can be read."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*-seed*.json")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8"))["identity"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def read_folder(folder):
    """Return all whole runs in `folder`, as `read` gives them: by seed, single steps before chains.

    Raises ValueError where there is none.
    """
    found = [read(path) for path in sorted(pathlib.Path(folder).glob("*-seed*.json"))]
    found = [run for run in found if run is not None]
    if not found:
        raise ValueError(f"There are no runs in {folder}: make some with `make project`.")
    return sorted(found, key=lambda run: (run["seed"], "+" in run["augmentation"]))


def read(path):
    """Return the run in the JSON file `path` with its `probabilities` and `labels`, or None if it is broken.

    Broken is: not whole JSON, a part missing, or predictions that are missing, cut or do not give the
    accuracy that the JSON file states.
    """
    try:
        run = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        with np.load(pathlib.Path(path).parent / run["predictions"], allow_pickle=False) as arrays:
            run |= {"probabilities": arrays["probabilities"], "labels": arrays["labels"]}
        accuracy = evaluation.top1(run["probabilities"], run["labels"])
        whole = (
            abs(accuracy - run["test_accuracy"]) < 1e-6 and {"augmentation", "seed", "history"} <= run.keys()
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    return run if whole else None
