"""The true labels of a data set's test images: what every student's predictions are counted against."""

import io
import pathlib

import numpy as np

from utils import data, errors, files
from utils.grading import workers


def labels_file(dataset: str, folder: str | pathlib.Path) -> pathlib.Path:
    """Write the labels of `dataset`'s test images to `folder`, once for all; return the path.

    Raises:
        errors.DataError: the data set cannot be read; the message is one sentence.
    """
    path = pathlib.Path(folder, "labels.npy")
    data.require(dataset)
    if data.kind(dataset) == "tfds":
        _write_in_a_process(dataset, path)
    else:
        _write(dataset, path)
    return path


def _write(dataset, path):
    buffer = io.BytesIO()
    np.save(buffer, data.labels(dataset, "test"))
    files.write_whole(path, buffer.getvalue())


def _write_in_a_process(dataset, path):
    """Read a TFDS set in a process of its own, in which TensorFlow is left behind."""
    message = path.with_suffix(".txt")
    message.unlink(missing_ok=True)
    task = (dataset, str(path), str(message))
    [(_, reason)] = workers.run(_write_or_tell, [task], seconds=3600, memory=64_000_000_000)
    if message.exists():
        raise errors.DataError(message.read_text(encoding="utf-8"))
    if reason:
        raise errors.DataError(f"The data set {dataset} cannot be read. {reason}")


def _write_or_tell(task):
    dataset, path, message = task
    try:
        _write(dataset, path)
    except errors.DataError as error:
        files.write_whole(message, str(error))
