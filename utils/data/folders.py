"""A folder of one's own photos as a data set: found, checked and read; `listing` decides what counts."""

import concurrent.futures
import contextlib
import hashlib
import itertools
import multiprocessing
import os
import pathlib
import sys
from typing import TYPE_CHECKING

import numpy as np
import tqdm

from utils import errors, words
from utils.data import image_files, listing

if TYPE_CHECKING:
    import tensorflow as tf

# Digests of the bytes of images that this process found readable, by (path, size, time of change).
_readable = {}
# Sentences that this process has told.
_told = set()


class Folder:
    """The images of a folder, found but not read. Built by `find` and `open_folder`."""

    def __init__(self, root: pathlib.Path, plan: listing.Plan):
        self.name = os.fspath(root)
        self.class_names = tuple(plan.classes["train"])
        self.splits = tuple(plan.classes)
        self.homepage = f"{root}, a fifth of each class drawn for testing" if plan.drawn else self.name
        self.license = "not stated (a folder of your own)"
        self.digests: dict[pathlib.Path, str] = {}  # of the bytes of each image; known once they are read
        self._root = root
        self._plan = plan

    def labels(self, split: str) -> np.ndarray:
        """Return the labels of a split, in order: int64 `[N]`."""
        counts = [len(paths) for paths in self._plan.classes[split].values()]
        return np.repeat(np.arange(len(counts), dtype=np.int64), counts)

    def paths(self, split: str) -> list[pathlib.Path]:
        """List the files of a split, class by class, each class sorted by name."""
        return [self._root / path for path in self._plan.paths(split)]

    def examples(self, split: str, keep: np.ndarray) -> "tf.data.Dataset":
        """Return the examples of a split where `keep`, bool `[N]`, is true: `(uint8 [H, W, 3], int64)`."""
        from utils.quiet import tf  # here, see `utils.data`

        paths, wanted = self.paths(split), np.flatnonzero(keep)

        def read(index):
            return image_files.read(paths[index])

        def decode(index, label):
            # Indexes travel through TensorFlow, not paths: a name may hold bytes that are no text.
            image = tf.numpy_function(read, [index], tf.uint8)
            image.set_shape([None, None, 3])
            return image, label

        chosen = tf.data.Dataset.from_tensor_slices((wanted, self.labels(split)[wanted]))
        return chosen.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def fingerprint(self) -> str:
        """Return a hex digest of what `open_folder` has read: names, splits and bytes of all images."""
        lines = [
            f"{name}\0{self.digests[path]}\n"
            for split in self.splits
            for name, path in zip(self._plan.names(split), self.paths(split), strict=True)
        ]
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def open_folder(name: str) -> Folder:
    """Find the images of a folder, read each once, and make sure that it can be decoded.

    Raises DataError as `find` does, or if an image cannot be read; it is named.
    """
    folder = find(name)
    with _system_errors_told():
        folder.digests = _digests([path for split in folder.splits for path in folder.paths(split)])
    return folder


def find(name: str) -> Folder:
    """Find the images of a folder, and open none of them; tell on stderr what of it is not read.

    Raises DataError as `listing.plan` does, or if there is no such folder.
    """
    root = pathlib.Path(os.path.expanduser(name)).absolute()
    if os.path.isfile(root):
        raise errors.DataError(
            f"{root} is a file, no folder: unpack it first; what is needed is {listing.LAYOUT}."
        )
    if not os.path.isdir(root):
        raise errors.DataError(f"The folder {root} does not exist; what is needed is {listing.LAYOUT}.")
    with _system_errors_told():
        top = list(_entries(root))
        below = (_below(root, f"{folder}/", {_identity(root)}) for folder in listing.folders_read(top))
        plan = listing.plan(root, itertools.chain(top, *below))
    for note in plan.notes:
        _tell(note)
    return Folder(root, plan)


def tell_copies(folder: Folder, splits: dict[str, list[pathlib.Path]]) -> None:
    """Tell on stderr which files are in two splits, byte for byte: every accuracy is too high then.

    It is no error: a folder may be meant so, to see whether a network can learn its images by heart. `splits`
    are the files of each split, as they are used.
    """
    places = {}
    for split, paths in splits.items():
        for path in paths:
            places.setdefault(folder.digests[path], {}).setdefault(split, path)
    copies = [[*found.values()] for found in places.values() if len(found) > 1]
    if not copies:
        return
    examples = [" = ".join(path.relative_to(folder.name).as_posix() for path in paths) for paths in copies]
    what = "1 image is" if len(copies) == 1 else f"{len(copies):,} images are"
    _tell(
        f"{folder.name}: {what} in more than one split, byte for byte, such as "
        f"{words.listing(examples[:3])}. A network is tested on what it was trained on, and every "
        "accuracy is too high: keep one of each."
    )


def _tell(sentence):
    # Once; a worker is silent, since the process that started it has told it.
    if sentence not in _told and multiprocessing.parent_process() is None:
        print(f"Note: {sentence}", file=sys.stderr)
    _told.add(sentence)


@contextlib.contextmanager
def _system_errors_told():
    try:
        yield
    except OSError as error:
        raise errors.DataError(
            f"{error.filename} cannot be read ({error.strerror}); make it readable or remove it."
        ) from error


def _entries(folder):
    with os.scandir(folder) as entries:
        for entry in entries:
            if not listing.is_leftover(entry.name):
                yield f"{entry.name}/" if entry.is_dir() else entry.name


def _below(root, folder, around):
    # Links are followed, but not into a folder around them.
    identity = _identity(root / folder)
    if identity in around:
        raise errors.DataError(f"{root / folder} is a link to a folder that it lies in; remove it.")
    for name in _entries(root / folder):
        yield folder + name
        if name.endswith("/"):
            yield from _below(root, folder + name, {*around, identity})


def _identity(folder):
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _digests(paths):
    # What this process has not met yet is read, and decoded, so that training does not stop half-way.
    stamps = {path: (os.fspath(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths}
    new = [path for path, stamp in stamps.items() if stamp not in _readable]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        looks = pool.map(_look, new)
        bar = tqdm.tqdm(looks, total=len(new), desc="checking images", unit="image", delay=2)
        found = dict(zip(new, bar, strict=True))
    unreadable = {path: reason for path, (_, reason) in found.items() if reason}
    if unreadable:
        path, reason = next(iter(unreadable.items()))
        more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
        raise errors.DataError(f"The image {path}{more} cannot be read ({reason}); replace or remove it.")
    _readable.update({stamps[path]: digest for path, (digest, _) in found.items()})
    return {path: _readable[stamp] for path, stamp in stamps.items()}


def _look(path):
    content = path.read_bytes()
    return hashlib.sha256(content).hexdigest(), image_files.why_unreadable(content)
