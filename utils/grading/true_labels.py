"""The true labels of a data set's test images: what every student's predictions are counted against."""

import io
import pathlib

import numpy as np

from utils import data, errors, files
from utils.grading import workers


class TruthError(errors.CourseError, ValueError):
    """A data set that cannot be read; the message is one sentence."""


def labels_file(dataset, folder):
    """Write the labels of `dataset`'s test images to `folder`, once for all; return the path.

    Raises TruthError.
    """
    path = pathlib.Path(folder, "labels.npy")
    try:
        data.require(dataset)
        if data.kind(dataset) == "tfds":
            _write_in_a_process(dataset, path)
        else:
            _write(dataset, path)
    except data.DataError as error:
        raise TruthError(str(error)) from error
    return path


def _write(dataset, path):
    buffer = io.BytesIO()
    np.save(buffer, data.labels(dataset, "test"))
    files.write_whole(path, buffer.getvalue())


def _write_in_a_process(dataset, path):
    """Read a TFDS set in a process of its own, in which TensorFlow is left behind."""
    trouble = path.with_suffix(".txt")
    trouble.unlink(missing_ok=True)
    task = (dataset, str(path), str(trouble))
    [(_, reason)] = workers.run(_write_or_tell, [task], seconds=3600, memory=64_000_000_000)
    if trouble.exists():
        raise TruthError(trouble.read_text(encoding="utf-8"))
    if reason:
        raise TruthError(f"The data set {dataset} cannot be read. {reason}")


def _write_or_tell(task):
    dataset, path, trouble = task
    try:
        _write(dataset, path)
    except data.DataError as error:
        files.write_whole(trouble, str(error))
