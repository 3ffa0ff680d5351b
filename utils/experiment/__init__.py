"""Compare augmentations fairly: `python -m utils.experiment --augment none basic cutmix mixup --seeds 3`.

For one seed every augmentation starts from the same weights, sees the same images in the same order
and takes the same number of steps. Choices are made on the validation split; the test split is read
once per run, after training. Each finished run is a file: stop at any moment, and the same command
goes on where it was.
"""

from typing import Any

from utils.experiment.seeds import seeds_of

__all__ = ["Comparison", "run", "seeds_of"]


def __getattr__(name: str) -> Any:
    """Return `Comparison` or `run`, imported when first asked for: the command line answers before that."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from utils.experiment import comparison

    return getattr(comparison, name)


def __dir__() -> list[str]:
    return __all__
