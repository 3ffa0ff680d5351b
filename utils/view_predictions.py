"""Predict views of test and validation images with the models of finished runs, and keep what they say.

    python -m utils.view_predictions runs/project --augment none basic --out runs/views

Reads the weights that a comparison left beside its runs. Training is not repeated; what is there already is
kept. `--views` takes some of the names in `views.STANDARD`.
"""

import argparse
import functools
import io
import pathlib
import sys

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import numpy as np
import tqdm

from utils import data, evaluation, files, models, pipeline, runs, views

SPLITS = ("test", "validation")


@functools.cache
def _batches(dataset, split, image_size, num_classes):
    images = data.load(dataset, split, image_size=image_size)
    return pipeline.evaluation_batches(images, batch_size=100, num_classes=num_classes)


def _model(run, folder):
    settings = run["settings"]
    model = models.build(
        settings["model"], num_classes=len(run["class_names"]), image_size=settings["image_size"]
    )
    model.load_weights(pathlib.Path(folder, run["weights"]))
    return model


def predict(run, folder, names):
    """Return what the run's model says about the named views.

    Args: a run as `runs.read` gives it; the folder with its weights; names of `views.STANDARD`.

    Returns:
        A dict of arrays: `test` and `validation`, float16 [V, N, K] in the order of `names`, and
        `test_labels`, `validation_labels`, int64 [N].

    Raises:
        OSError: where there are no weights.
    """
    model, settings = _model(run, folder), run["settings"]
    found = {}
    for split in SPLITS:
        batches = _batches(settings["dataset"], split, settings["image_size"], len(run["class_names"]))
        chosen = [views.STANDARD[name] for name in names]
        probabilities, found[f"{split}_labels"] = evaluation.predict_with_views(model, batches, chosen)
        found[split] = probabilities.astype(np.float16)
    return found


def write(path, run, names, arrays):
    """Write what `predict` returns, with the run's name and seed."""
    buffer = io.BytesIO()
    about = {"augmentation": run["augmentation"], "seed": run["seed"], "views": list(names)}
    np.savez_compressed(buffer, class_names=run["class_names"], **about, **arrays)
    files.write_whole(path, buffer.getvalue())


def read_folder(folder):
    """Return all files of a folder, by seed: dicts with what `predict` returns (float32 probabilities).

    And `augmentation`, `seed`, `views` (their names) and `class_names`. Raises ValueError where there is
    no file.
    """
    found = [_read(path) for path in sorted(pathlib.Path(folder).glob("*.npz"))]
    if not found:
        raise ValueError(
            f"There are no predictions in {folder}: make some with `python -m utils.view_predictions`."
        )
    return sorted(found, key=lambda each: each["seed"])


def _read(path):
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    probabilities = {split: found[split].astype(np.float32) for split in SPLITS}
    return (
        found
        | probabilities
        | {
            "augmentation": str(found["augmentation"]),
            "seed": int(found["seed"]),
            "views": found["views"].tolist(),
            "class_names": found["class_names"].tolist(),
        }
    )


def main(words=None):
    """Run the command line; return the exit code: 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.view_predictions", description=__doc__.split("\n")[0]
    )
    parser.add_argument("runs", help="a folder of finished runs with their weights")
    parser.add_argument("--augment", nargs="+", metavar="NAME", help="only these variants")
    parser.add_argument(
        "--views", nargs="+", metavar="NAME", default=list(views.STANDARD), choices=views.STANDARD
    )
    parser.add_argument("--out", required=True, metavar="DIR")
    chosen = parser.parse_args(words)
    try:
        found = runs.read_folder(chosen.runs)
        wanted = [run for run in found if chosen.augment is None or run["augmentation"] in chosen.augment]
        for run in tqdm.tqdm(wanted, unit="run"):
            path = pathlib.Path(chosen.out, f"{run['augmentation']}-seed{run['seed']}.npz")
            if not path.exists():
                write(path, run, chosen.views, predict(run, chosen.runs, chosen.views))
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
