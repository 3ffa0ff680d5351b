"""Read an image file of any common kind as 8-bit RGB."""

import os

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")


def read(path: str | os.PathLike) -> np.ndarray:
    """Read an image file as RGB: `uint8 [H, W, 3]`.

    The image is turned upright as its EXIF orientation says, and what is transparent becomes white. Of an
    animation the first picture is taken. 16-bit gray values are scaled to 8 bits.

    Raises:
        OSError: if the file is no image, or is cut short.
        ValueError: if its pixels have no known range.
    """
    with Image.open(path) as image:
        return np.asarray(_to_rgb(image))


def why_unreadable(path: str | os.PathLike) -> str | None:
    """Return what keeps an image file from being read, or `None`; faster than reading it."""
    try:
        with Image.open(path) as image:
            image.draft(image.mode, (1, 1))  # a JPEG is read to its end, but made at an eighth of its size
            _to_rgb(image)
    except UnidentifiedImageError:
        return "it is not an image"
    except Exception as error:  # Pillow's decoders raise many kinds
        return str(error)
    return None


def _to_rgb(image):
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray(np.round(np.asarray(image) / 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("its 32-bit pixels have no agreed range, so convert it to 8 bits")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")
