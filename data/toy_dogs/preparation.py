"""Preparing the data set: draw it once, reuse it while it matches the code, never leave it half-done."""

import contextlib
import io
import json
import os
import pathlib
import shutil
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

ROOM_NEEDED = 80_000_000  # bytes: the prepared files and what writing them takes in between
ABANDONED_AFTER = 900  # seconds: an unfinished folder as old as this belongs to a run that was killed


def prepare(data_dir: str | os.PathLike) -> "tfds.core.DatasetBuilder":
    """Return the TFDS builder of the toy dogs, prepared in `data_dir`.

    They are drawn when they are not there yet, or when those there were drawn by other code. Afterwards
    `tfds.load("toy_dogs", data_dir=data_dir)` finds them.

    Raises:
        OSError: when they cannot be written.
    """
    import tensorflow as tf  # here, not above: the processes that draw import this package too

    from toy_dogs.toy_dogs_dataset_builder import Builder, fingerprint

    data_dir = pathlib.Path(data_dir)
    folder = data_dir / Builder.name / str(Builder.VERSION)
    if prepared_fingerprint(folder) == fingerprint():
        return Builder(data_dir=data_dir)
    try:
        make_room(folder)
        draw(Builder(data_dir=data_dir))
    except (OSError, RuntimeError, tf.errors.OpError) as error:
        # TFDS wraps what TensorFlow says of a full disk in a RuntimeError
        reason = error.__cause__ if isinstance(error, RuntimeError) else error
        if not isinstance(reason, OSError | tf.errors.OpError):
            raise
        if prepared_fingerprint(folder) != fingerprint():  # else another process was faster: use what it made
            raise cannot_write(data_dir, reason) from error
    return Builder(data_dir=data_dir)


def prepared_fingerprint(folder: pathlib.Path) -> str | None:
    """Return the fingerprint of the code that drew what is in `folder`, or None when nothing is."""
    try:
        return json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError):
        return None


def make_room(folder: pathlib.Path) -> None:
    """Make the folder's parent, clear what is stale or abandoned there, and see that the disk has room."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    for unfinished in folder.parent.glob("incomplete.*"):
        if time.time() - unfinished.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(unfinished)
    free = shutil.disk_usage(folder.parent).free
    if free < ROOM_NEEDED:
        raise OSError(f"only {free / 1e6:.0f} MB are free")


def draw(builder: "tfds.core.DatasetBuilder") -> None:
    """Draw the data set with one progress bar of its own in place of the many of TFDS."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    try:
        with tempfile.TemporaryDirectory() as nothing, contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare(download_dir=nothing)  # TFDS wants a folder even so
    finally:
        tfds.display_progress_bar(True)


def cannot_write(data_dir: pathlib.Path, error: Exception) -> OSError:
    """Return an OSError that says in one sentence what to do."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    needed = f"{ROOM_NEEDED // 1_000_000} MB"
    return OSError(
        f"cannot write the toy dogs to {data_dir} ({reason}): free some space there ({needed} are needed) "
        "or choose a folder you may write to"
    )
