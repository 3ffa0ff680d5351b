"""Guard the identity of runs: `python -m tools.recipes` after a change of what trains them.

A run's identity holds the RECIPE of each room that it uses, a number that is raised by hand when the room's
results change. So that nobody forgets it, `tests/recipes.json` holds a digest of each room's source, and
`tests/golden.npz` the predictions of short golden runs. When a source has changed, this command trains the
golden runs again. If they predict what they did, it renews the digest; if not, it asks for the RECIPE to be
raised, and for the reference runs to be made anew; where that is done, it renews the predictions.
"""

import functools
import hashlib
import json
import pathlib
import sys
from typing import Any

import numpy as np
import tqdm

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIGESTS = ROOT / "tests" / "recipes.json"
GOLDEN = ROOT / "tests" / "golden.npz"

SOURCES = {
    "data": ("utils/data/*.py", "utils/pipeline.py"),
    "training": ("utils/training.py", "utils/models/*.py", "utils/experiment/comparison.py"),
    "augment": ("utils/augment/*.py", "utils/compiled.py"),
    "mixing": ("utils/mixing.py", "utils/compiled.py"),
}
# One variant of each kind, two epochs of sixty toy dogs.
SETTINGS = {"epochs": 2, "shots": 5, "batch_size": 20, "image_size": 32}
VARIANTS = (
    "none",
    "random_resized_crop(smallest=0.3)",
    "cutmix",
    "mixup(rate=0.5)",
    "basic+cutmix_or_mixup(until=0.5)",
    "rand_augment",
    "auto_augment",
    "trivial_augment+random_erasing",
    "adaptive_rand_augment(start=5)",
    "cutout+grid_mask",
    "random_hue(not_for=1 2)",
)
PRETRAINED = "pretrained, head first: basic"
TOLERANCE = 5e-3  # of a probability: other processors round otherwise


def digests() -> dict[str, str]:
    """Return a digest of each room's source: of its text, which is the same on every Python."""
    return {room: _digest(patterns) for room, patterns in SOURCES.items()}


def _digest(patterns: tuple[str, ...]) -> str:
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    text = "".join(f"{path.relative_to(ROOT).as_posix()}\n{path.read_text('utf-8')}\n" for path in paths)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def _comparison(**changes: Any):
    from utils import experiment, settings

    return experiment.Comparison(settings.load(profile="quick", **SETTINGS, **changes))


def predictions(name: str) -> np.ndarray:
    """Train a golden run; return what it predicts for every tenth test image: float32 [120, 12]."""
    if name == PRETRAINED:
        comparison = _comparison(weights="more_breeds", frozen_epochs=1, learning_rate=1e-3)
        name = "basic"
    else:
        comparison = _comparison()
    run, _ = comparison.train(name, seed=0)
    return run.probabilities[::10]


def recipes(name: str) -> dict[str, int]:
    """Return the RECIPE of each room that a golden run uses."""
    return _comparison().identity_of("basic" if name == PRETRAINED else name)["recipes"]


def stored_predictions() -> dict[str, np.ndarray]:
    """Return the golden predictions by name."""
    with np.load(GOLDEN, allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def stored() -> dict[str, dict[str, Any]]:
    """Return the digest and the RECIPE of each room when both were written last."""
    return json.loads(DIGESTS.read_text("utf-8"))


def main() -> int:
    from utils import quiet  # noqa: F401  before TensorFlow

    # isort: split
    from utils import augment, data, files, mixing, training

    now = {"data": data, "training": training, "augment": augment, "mixing": mixing}
    now = {room: module.RECIPE for room, module in now.items()}
    before, golden = (stored(), stored_predictions()) if GOLDEN.exists() else ({}, {})
    raised = {room for room in now if before.get(room, {}).get("recipe") != now[room]}
    new = {name: predictions(name) for name in tqdm.tqdm((*VARIANTS, PRETRAINED))}
    wrong = [
        name
        for name, found in new.items()
        if name in golden
        and not raised & recipes(name).keys()
        and np.abs(found - golden[name]).max() > TOLERANCE
    ]
    if wrong:
        print(
            f"Other predictions than before: {', '.join(wrong)}. Raise the RECIPE of the room that changed, "
            "and make the reference runs anew that use it (each folder's command.txt).",
            file=sys.stderr,
        )
        return 1
    kept = {
        name: found if name not in golden or raised & recipes(name).keys() else golden[name]
        for name, found in new.items()
    }
    np.savez_compressed(GOLDEN, **{name: array.astype(np.float16) for name, array in kept.items()})
    found = {room: {"recipe": now[room], "digest": digest} for room, digest in digests().items()}
    files.write_whole(DIGESTS, json.dumps(found, indent=1) + "\n")
    print(f"Written: {DIGESTS.name} and {GOLDEN.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
