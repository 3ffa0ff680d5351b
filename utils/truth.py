"""The true labels of a data set's test images: what every student's predictions are counted against."""

import io
import pathlib

import numpy as np

from utils import files, workers


class TruthError(ValueError):
    """A data set that cannot be read; the message is one sentence."""


def labels_file(dataset, folder):
    """Write the labels of `dataset`'s test images to `folder`, once for all; return the path.

    TensorFlow, which reads them, is left behind in a process of its own. Raises TruthError.
    """
    path, trouble = pathlib.Path(folder, "labels.npy"), pathlib.Path(folder, "labels.txt")
    trouble.unlink(missing_ok=True)
    task = (dataset, str(path), str(trouble))
    [(_, reason)] = workers.run(_write, [task], seconds=3600, memory=64_000_000_000)
    if trouble.exists():
        raise TruthError(trouble.read_text(encoding="utf-8"))
    if reason:
        raise TruthError(f"The data set {dataset} cannot be read. {reason}")
    return path


def _write(task):
    dataset, path, trouble = task
    from utils import quiet  # noqa: F401  here, since it imports TensorFlow

    # isort: split
    from utils import data

    try:
        labels = [int(label) for _, label in data.load(dataset, "test", image_size=1)]
    except data.DataError as error:
        files.write_whole(trouble, str(error))
        return
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(labels, np.int64))
    files.write_whole(path, buffer.getvalue())
