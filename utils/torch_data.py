"""Images for PyTorch: two `Dataset` classes, and the seeding of a `DataLoader`'s workers (lesson 12).

They stand in a file, not in a notebook, because on Windows and macOS a worker is a new process, which imports
what it needs by name. TensorFlow is not imported here: no worker needs it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch


class Pictures(torch.utils.data.Dataset):
    """Images uint8 [N, H, W, 3] with their classes [N]; torchvision's `transform` is applied on demand."""

    def __init__(self, images: np.ndarray, labels: Sequence[int], transform: Callable[..., Any]):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.images[index]), int(self.labels[index])


class AlbumentationsPictures(Pictures):
    """The same, with a transform of Albumentations, which takes and returns names."""

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(image=self.images[index])["image"], int(self.labels[index])


def seed_worker(worker_id: int) -> None:
    """Give Albumentations in this worker its own seed: `DataLoader(…, worker_init_fn=seed_worker)`.

    A worker's seed is another one in every epoch, and follows from the loader's `generator`.
    """
    worker = torch.utils.data.get_worker_info()
    worker.dataset.transform.set_random_seed(worker.seed % 2**32)
