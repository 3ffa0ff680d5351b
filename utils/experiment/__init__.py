"""Compare augmentations fairly: `python -m utils.experiment --augment none basic cutmix mixup --seeds 3`.

For one seed every augmentation starts from the same weights, sees the same images in the same order
and takes the same number of steps. Choices are made on the validation split; the test split is read
once per run, after training. Each finished run is a file: stop at any moment, and the same command
goes on where it was.
"""

from typing import Any

from utils.experiment.registered import register
from utils.experiment.seeds import seeds_of

__all__ = ["Comparison", "register", "run", "seeds_of"]


def __getattr__(name: str) -> Any:
    """Return `Comparison` or `run`, imported when first asked for: the command line answers before that."""
    if name == "Comparison":
        from utils.experiment.comparison import Comparison as found
    elif name == "run":
        from utils.experiment.resume import run as found
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found


def __dir__() -> list[str]:
    return __all__
