"""A folder of one's own photos as a data set: `ROOT/{train,test[,validation]}/CLASS/*.jpg`."""

import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
from typing import TYPE_CHECKING

import numpy as np
import tqdm

from utils import errors
from utils.data import image_files

if TYPE_CHECKING:
    import tensorflow as tf

SPLITS = ("train", "validation", "test")
LAYOUT = "FOLDER/train/CLASS/*.jpg and FOLDER/test/CLASS/*.jpg"

# Images found readable by this process: (path, size, time of change).
_readable = set()


class Folder:
    """The images of a folder, found but not read. Built by `open_folder`."""

    def __init__(self, root: pathlib.Path, classes: dict[str, dict[str, list[pathlib.Path]]]):
        self.name = os.fspath(root)
        self.class_names = tuple(classes["train"])
        self.splits = tuple(classes)
        self.homepage = os.fspath(root)
        self.license = "not stated (a folder of your own)"
        self._root = root
        self.classes = classes  # {split: {class name: [path, …]}}

    def labels(self, split: str) -> np.ndarray:
        """Return the labels of a split, in order: int64 `[N]`."""
        counts = [len(paths) for paths in self.classes[split].values()]
        return np.repeat(np.arange(len(counts), dtype=np.int64), counts)

    def paths(self, split: str) -> list[pathlib.Path]:
        """List the files of a split, class by class, each class sorted by name."""
        return [path for paths in self.classes[split].values() for path in paths]

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
        """Return a hex digest of names and bytes of all images."""
        paths = [path for split in self.splits for path in self.paths(split)]
        digest = hashlib.sha256()
        for name, path in sorted((path.relative_to(self._root).as_posix(), path) for path in paths):
            content = path.read_bytes()
            digest.update(os.fsencode(f"{name}\0{len(content)}\0") + content)
        return digest.hexdigest()


def open_folder(name: str) -> Folder:
    """Find the images of a folder and make sure that each of them can be read.

    Raises:
        DataError: as `find` does, or if an image cannot be read; it is named.
    """
    folder = find(name)
    with _system_errors_told():
        _check_readable([path for split in folder.splits for path in folder.paths(split)])
    return folder


def find(name: str) -> Folder:
    """Find the images of a folder, and open none of them.

    Raises:
        DataError: if the layout is not `LAYOUT`, or a class is missing from a split or empty; the folder is
            named.
    """
    root = pathlib.Path(name).expanduser().absolute()
    if not root.is_dir():
        raise errors.DataError(f"The folder {root} does not exist; what is needed is {LAYOUT}.")
    if not (root / "train").is_dir():
        raise errors.DataError(f"The folder {root} has no subfolder 'train'; what is needed is {LAYOUT}.")
    with _system_errors_told():
        folder = Folder(root, {split: _classes(root / split) for split in SPLITS if (root / split).is_dir()})
    _check_classes(root, folder)
    return folder


@contextlib.contextmanager
def _system_errors_told():
    try:
        yield
    except OSError as error:
        raise errors.DataError(
            f"{error.filename} cannot be read ({error.strerror}); make it readable or remove it."
        ) from error


def _classes(split):
    """Return the images of each class of a split, sorted: `{class name: [path, ...]}`."""
    folders = _visible(path for path in split.iterdir() if path.is_dir())
    if not folders:
        raise errors.DataError(f"{split} has no class folders; what is needed is {LAYOUT}.")
    return {folder.name: _images(folder) for folder in folders}


def _images(folder):
    paths = _visible(path for path in folder.iterdir() if path.suffix.lower() in image_files.SUFFIXES)
    if not paths:
        kinds = ", ".join(image_files.SUFFIXES)
        raise errors.DataError(f"The class folder {folder} has no images ({kinds}); add some or remove it.")
    return paths


def _visible(paths):
    """Sort what is not hidden by name: paths themselves are sorted in another order on Windows."""
    return sorted((path for path in paths if not path.name.startswith(".")), key=lambda path: path.name)


def _check_classes(root, folder):
    for split in folder.splits:
        train, other = set(folder.class_names), set(folder.classes[split])
        for name in sorted(train ^ other):
            here, there = (split, "train") if name in train else ("train", split)
            raise errors.DataError(
                f"Class '{name}' is missing from {root / here}, though it is in {root / there}; every split "
                "needs every class."
            )


def _check_readable(paths):
    """Decode every image that this process has not met yet, so that training does not stop half-way."""
    stamps = {path: (os.fspath(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths}
    new = [path for path, stamp in stamps.items() if stamp not in _readable]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reasons = pool.map(image_files.why_unreadable, new)
        bar = tqdm.tqdm(reasons, total=len(new), desc="checking images", unit="image", delay=2)
        unreadable = {path: reason for path, reason in zip(new, bar, strict=True) if reason}
    if unreadable:
        path, reason = next(iter(unreadable.items()))
        more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
        raise errors.DataError(f"The image {path}{more} cannot be read ({reason}); replace or remove it.")
    _readable.update(stamps.values())
