"""Our model with a student's weights: which test accuracy do they give?

The file is read as arrays and nothing else. Links, references to other files and anything that is no number
are refused before Keras sees it; no code of the student's, no pickle and no layer of theirs is loaded.
"""

import functools
import pathlib
from collections.abc import Sequence

import h5py

from utils import evaluation, words
from utils.evaluation import Run

_MOST_BYTES = 400_000_000  # of all arrays, unpacked
_MOST_ITEMS = 10_000
_SIZES = range(16, 513)  # pixels
_TOLERANCE = 0.01  # another processor rounds differently, and a few images change sides


class _Unusable(ValueError):
    """Weights that cannot be used; the message says why."""


def recount(folder: str | pathlib.Path, runs: Sequence[Run], dataset: str) -> list[dict[str, str]]:
    """Return a dict for each file in `folder`/weights: `file`, `stated`, `counted` and what is `odd`.

    The weights are those of the `runs` of a submission, and tested on `dataset`.
    """
    owners = {run.weights: run for run in runs}
    paths = sorted(pathlib.Path(folder, "weights").glob("*.h5"))
    return [_row(path, owners.get(path.name), dataset) for path in paths]


def _row(path, run, dataset):
    row = {"file": path.name, "stated": "–", "counted": "–", "odd": ""}
    if run is None:
        return row | {"odd": f"The weights {path.name} belong to no run that could be read."}
    stated = evaluation.top1(run.probabilities, run.labels)
    row["stated"] = words.percent(stated)
    try:
        counted = _accuracy(path, run, dataset)
    except _Unusable as error:
        return row | {"odd": f"The weights {path.name} cannot be used: {error}"}
    row["counted"] = words.percent(counted)
    if abs(counted - stated) > _TOLERANCE:
        row["odd"] = f"The weights {path.name} give {row['counted']}, the predictions {row['stated']}."
    return row


def _accuracy(path, run, dataset):
    check_arrays(path)
    model = _model(run.settings, len(run.class_names))
    try:
        model.load_weights(path)
    except Exception as error:  # whatever Keras and HDF5 raise on weights of another model
        raise _Unusable(f"they do not fit {run.settings['model']}.") from error
    batches = _test_batches(dataset, run.settings["image_size"], len(run.class_names))
    return evaluation.top1(*evaluation.predict(model, batches))


def check_arrays(path: str | pathlib.Path) -> None:
    """Make sure that an HDF5 file holds plain arrays of numbers, of a size that is allowed.

    Raises:
        ValueError: it holds anything else; the message is the end of a sentence about "they".
    """
    try:
        with h5py.File(path, "r") as file:
            _check_group(file)
    except (OSError, RuntimeError, KeyError) as error:
        raise _Unusable("they are no HDF5 file that can be read.") from error


def _check_group(file):
    waiting, items, size = [file], 0, 0
    while waiting:
        group = waiting.pop()
        for name in group:
            items += 1  # counted, since groups can hold each other
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise _Unusable("they hold a link.")
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append(item)
            elif (
                isinstance(item, h5py.Dataset)
                and item.dtype.kind in "fiu"
                and not (item.external or item.is_virtual)
            ):
                size += item.nbytes
            else:
                raise _Unusable("they hold something else than arrays of numbers.")
            if size > _MOST_BYTES or items > _MOST_ITEMS:
                raise _Unusable("they are larger than any model of the course.")


def _model(settings, classes):
    # Imported here, since the default level does not need TensorFlow, which takes seconds.
    from utils import quiet  # noqa: F401

    # isort: split
    from utils import models

    if type(settings.get("image_size")) is not int or settings["image_size"] not in _SIZES:
        raise _Unusable("their run does not say an image size that can be used.")
    try:
        return models.build(
            str(settings.get("model")), num_classes=classes, image_size=settings["image_size"]
        )
    except models.ModelError as error:
        raise _Unusable(str(error)) from error


@functools.cache
def _test_batches(dataset, image_size, classes):
    from utils import data, pipeline

    images = data.load(dataset, "test", image_size=image_size)
    return pipeline.evaluation_batches(images, batch_size=64, num_classes=classes).cache()
