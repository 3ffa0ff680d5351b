"""Predict views of test and validation images with the models of finished runs, and keep what they say.

    python -m utils.experiment.view_predictions runs/project --augment none basic --out runs/views

Reads the weights that a comparison left beside its runs. Training is not repeated; what is there already is
kept. What needs TensorFlow is imported where it is used: arguments are checked before.
"""

import argparse
import functools
import io
import pathlib
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tqdm

from utils import errors, files, words
from utils.evaluation import Run
from utils.experiment import runs

if TYPE_CHECKING:
    import tensorflow as tf

SPLITS = ("test", "validation")
# The names in `views.STANDARD`.
VIEWS = (
    "as is",
    "mirrored",
    "crop, middle",
    "crop, top left",
    "crop, top right",
    "crop, bottom left",
    "crop, bottom right",
    "brighter",
    "darker",
)


@functools.cache
def _batches(dataset: str, split: str, image_size: int, num_classes: int) -> "tf.data.Dataset":
    from utils import data, pipeline

    images = data.load(dataset, split, image_size=image_size)
    return pipeline.evaluation_batches(images, batch_size=100, num_classes=num_classes)


def _predict(run: Run, folder: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return what the run's model says about the named views, as `read_folder` gives it, but float16."""
    from utils import quiet  # noqa: F401  before TensorFlow

    # isort: split
    from utils import evaluation, models
    from utils.evaluation import views

    side, count = run.settings["image_size"], len(run.class_names)
    model = models.build(run.settings["model"], num_classes=count, image_size=side)
    model.load_weights(pathlib.Path(folder, run.weights))
    found = {}
    for split in SPLITS:
        batches = _batches(run.settings["dataset"], split, side, count)
        chosen = [views.STANDARD[name] for name in names]
        probabilities, found[f"{split}_labels"] = evaluation.predict_with_views(model, batches, chosen)
        found[split] = probabilities.astype(np.float16)
    return found


def read_folder(folder: str | pathlib.Path) -> list[dict[str, Any]]:
    """Return what the models of runs predicted, by seed.

    Returns:
        Dicts: `augmentation`, `seed`, `views` (their names), `class_names`, `test` and `validation`
        (probabilities, float32 [V, N, K]), and `test_labels`, `validation_labels`, int64 [N].

    Raises:
        runs.NoRunsError: when there is no file.
    """
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.npz")):
        with np.load(path, allow_pickle=False) as arrays:
            found.append({name: arrays[name] for name in arrays.files})
    if not found:
        raise runs.NoRunsError(
            f"There are no predictions in {folder}: make some with "
            "`python -m utils.experiment.view_predictions`."
        )
    for each in found:
        each |= {name: each[name].tolist() for name in ("augmentation", "seed", "views", "class_names")}
        each |= {split: each[split].astype(np.float32) for split in SPLITS}
    return sorted(found, key=lambda each: each["seed"])


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m utils.experiment.view_predictions", description=__doc__.split("\n")[0]
    )
    parser.add_argument("runs", help="a folder of finished runs with their weights")
    parser.add_argument("--augment", nargs="+", metavar="NAME", help="only these variants")
    parser.add_argument("--views", nargs="+", metavar="NAME", default=VIEWS, choices=VIEWS)
    parser.add_argument("--out", required=True, metavar="DIR")
    return parser.parse_args(arguments)


def _wanted(folder: str, names: Collection[str] | None) -> list[Run]:
    found = runs.read_folder(folder)
    missing = set(names or ()) - {run.augmentation for run in found}
    if missing:
        raise runs.NoRunsError(f"There are no runs of {', '.join(sorted(missing))} in {folder}.")
    return [run for run in found if names is None or run.augmentation in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for bad input."""
    words.print_anywhere()
    chosen = _parsed(arguments)
    try:
        for run in tqdm.tqdm(_wanted(chosen.runs, chosen.augment), unit="run"):
            path = pathlib.Path(chosen.out, f"{run.augmentation}-seed{run.seed}.npz")
            if not path.exists():
                about = {"augmentation": run.augmentation, "seed": run.seed, "class_names": run.class_names}
                found = about | _predict(run, chosen.runs, chosen.views)
                np.savez_compressed(buffer := io.BytesIO(), views=chosen.views, **found)
                files.write_whole(path, buffer.getvalue())
    except (errors.CourseError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
