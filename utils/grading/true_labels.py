"""The true labels of a data set's test images: what every student's predictions are counted against."""

import concurrent.futures
import io
import multiprocessing
import pathlib

import numpy as np

from utils import data, errors, files


def labels_file(dataset: str, folder: str | pathlib.Path) -> pathlib.Path:
    """Write the labels of `dataset`'s test images to `folder`, once for all; return the path.

    Raises:
        errors.DataError: the data set cannot be read; the message is one sentence.
    """
    read = _read_in_a_process if data.kind(dataset) == "tfds" else data.labels
    buffer = io.BytesIO()
    np.save(buffer, read(dataset, "test"))
    path = pathlib.Path(folder, "labels.npy")
    files.write_whole(path, buffer.getvalue())
    return path


def _read_in_a_process(dataset, split):
    """Read a TFDS set in a process of its own, in which TensorFlow is left behind."""
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(data.labels, dataset, split).result()
        except concurrent.futures.BrokenExecutor as error:
            raise errors.DataError(f"The data set {dataset} cannot be read: the process ended.") from error
