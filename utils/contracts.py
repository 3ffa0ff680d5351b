"""The two contracts that hold the middle of the course together: an augmentation, and a mix.

Images are batches [B, H, W, 3], uint8 or float in 0-255. A seed is stateless: the same one draws the same.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import tensorflow as tf

Seed: TypeAlias = "tf.Tensor | Sequence[int]"
"""Two integers, or an integer tensor of shape [2]."""


class Augmentation(Protocol):
    """Changes images, each drawn on its own: `augment(images, *, seed) -> images`."""

    def __call__(self, images: "tf.Tensor", *, seed: Seed) -> "tf.Tensor":
        """Return images of the same shape and dtype."""


class Mix(Protocol):
    """Joins images with others of the batch: `mix(images, labels, *, seed) -> (images, labels)`."""

    def __call__(
        self, images: "tf.Tensor", labels: "tf.Tensor", *, seed: Seed
    ) -> tuple["tf.Tensor", "tf.Tensor"]:
        """Return images, and labels that say what is in them: float [B, K], rows that sum to 1."""
