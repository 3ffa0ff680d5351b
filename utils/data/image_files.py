"""Read an image file of any common kind as 8-bit RGB."""

import contextlib
import io
import os
import re
import struct
import warnings

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError, features

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".bmp", ".gif", ".tif", ".tiff")

# What turns an image upright, by the orientation that its EXIF states.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Kinds of files whose names often say .jpg; they begin with their length, "ftyp" and one of these.
HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
AVIF = (b"avif", b"avis")

# Pillow reads EXIF as a TIFF and warns of all that is odd in it, of which the orientation alone is used.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")


def is_image(name: str) -> bool:
    """Tell by its ending whether a file is one of the images that are read."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


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


def why_unreadable(content: bytes) -> str | None:
    """Return what keeps the content of an image file from being read, or `None`; faster than reading it."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.draft(image.mode, (1, 1))  # a JPEG is read to its end, but made at an eighth of its size
            _to_rgb(image)
    except UnidentifiedImageError:
        kind = content[8:12] if content[4:8] == b"ftyp" else b""
        if kind in HEIC:
            return "it is a HEIC file, which is not read, whatever its name says: convert it to JPEG"
        if kind in AVIF and not features.check("avif"):
            return "this computer's Pillow does not read AVIF: install Pillow 11.3 or newer"
        return "it is not an image"
    except Exception as error:  # Pillow's decoders raise many kinds
        return str(error) or type(error).__name__
    return None


def _to_rgb(image):
    image.load()  # first: a PNG may state its orientation behind its pixels
    turn = None
    # As many kinds of errors as there are ways to break EXIF: it states no orientation then.
    with contextlib.suppress(Exception):
        stated = _orientation_in(image.info.get("exif", b""))
        # TIFF and XMP state it elsewhere.
        turn = UPRIGHT.get(stated or int(image.getexif()[ExifTags.Base.Orientation]))
    if turn is not None:
        image = image.transpose(turn)
    if image.mode.startswith("I;16"):
        return Image.fromarray(np.round(np.asarray(image) / 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("its 32-bit pixels have no agreed range, so convert it to 8 bits")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def _orientation_in(exif):
    # By hand: Pillow gives up at the first broken entry before it.
    tiff = re.sub(rb"^(Exif\0\0)*", b"", exif)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if (tag, kind) == (ExifTags.Base.Orientation, 3):  # a number of two bytes
            return value
    return None
