"""Names to data sets: which source a name stands for, its splits, and the images that are asked for."""

import dataclasses
import difflib
import itertools
import operator
import os
import pathlib
import types
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
import toy_dogs
from toy_dogs import breeds, manifest

from utils import errors
from utils.data import folders, listing, resizing, selection, tfds_sets

if TYPE_CHECKING:
    import tensorflow as tf

Name = str | os.PathLike

SPLITS = listing.SPLITS
# A constant of its own: the images held out stay the same whatever `seed` the caller draws shots with.
HOLD_OUT_SEED = 20_231
TOY_BREEDS = tuple(breed.name for breed in breeds.BREEDS)
# What holds `utils`: a clone, or `site-packages`.
ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Info:
    """What is known about a data set."""

    name: str
    class_names: tuple[str, ...]  # of the classes asked for; the label of an image is an index into this
    split_sizes: dict[str, int]  # their images in "train", "validation", "test", after the hold-out
    source: str  # homepage, or the folder
    license: str


def load(
    name: Name,
    split: str,
    *,
    image_size: int | None = None,
    shots: int | None = None,
    classes: selection.Classes | None = None,
    seed: int = 0,
) -> "tf.data.Dataset":
    """Load one split of a data set, in an order that never changes.

    Args:
        name: `toy_dogs` (embedded), the name of a TFDS data set, or a folder: `ROOT/{train,test}/CLASS/*.jpg`
            with an optional `ROOT/validation` (or `val`, `valid`, `dev`), or `ROOT/CLASS/*.jpg`, of which a
            fixed stratified fifth becomes `test`. A TFDS name wins over a folder of the same name; write
            `./cifar10` for the folder.
        split: `train`, `validation` or `test`. Without a `validation` of its own, a data set gets a fixed
            stratified tenth of `train`, and `train` is the rest.
        image_size: side of the square to cut and scale every image to; `None` keeps each image's own size.
            The aspect is kept and the middle of the image taken, since squeezing a photo into a square
            changes the very shapes that tell classes apart.
        shots: this many images per class, drawn with `seed`. With one seed, 10 shots are among 20 shots.
        classes: how many of the classes, in the data set's order, or the names of some (a list, or one text:
            "beagle,pug"), whose labels are 0, 1, … in the order given. The images of a class are the same
            whatever others are asked for. `None`: all.
        seed: integer of at least 0, used by `shots` only.

    Returns:
        `tf.data.Dataset` of known cardinality, with elements `(image, label)`: `uint8 [H, W, 3]`, `int64 []`.

    Raises:
        DataError: when the data set, its split, classes or an image cannot be had.
    """
    seed = _whole_number(seed, "seed", at_least=0)
    shots = None if shots is None else _whole_number(shots, "shots", at_least=1)
    size = None if image_size is None else _whole_number(image_size, "image_size", at_least=1)
    source, chosen = _select(name, classes, _open_source)
    native, keep = _choose(source, split, chosen)
    if shots is not None:
        keep = _few_per_class(source, native, keep, shots, seed)
    from utils.quiet import tf  # here, see `utils.data`

    images = source.examples(native, keep)
    if classes is not None:
        new = selection.new_labels(chosen)
        images = images.map(lambda image, label: (image, tf.gather(new, label)))
    if size is not None:
        images = images.map(
            lambda image, label: (resizing.square(image, size), label),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
    return images.apply(tf.data.experimental.assert_cardinality(int(keep.sum())))


def labels(name: Name, split: str, classes: selection.Classes | None = None) -> np.ndarray:
    """Return the labels of one split, of all or some `classes`, in the order of `load`: int64 `[N]`.

    No image is read. A TFDS set is downloaded if it is not there yet, as `load` does. Raises DataError as
    `load` does, but for images that cannot be read.
    """
    source, chosen = _select(name, classes, _listed)
    native, keep = _choose(source, split, chosen)
    return selection.new_labels(chosen)[source.labels(native)[keep]]


def require(name: Name, classes: selection.Classes | None = None) -> None:
    """Make sure, in seconds, that a data set can be had: nothing is drawn, downloaded or read.

    Raises:
        DataError: as `load` does. Of a TFDS set that learns the names of its classes from the download, only
            how many they are is checked.
    """
    found = kind(name)
    if found == "toy_dogs":
        known = TOY_BREEDS
    elif found == "folder":
        known = folders.find(os.fspath(name)).class_names
    else:
        known = tfds_sets.require(os.fspath(name))[1]
    selection.check(classes, known, os.fspath(name))


def kind(name: Name) -> str:
    """Return what a name stands for: "toy_dogs", "folder", or "tfds", which needs TensorFlow to be read.

    Raises DataError when it stands for nothing.
    """
    if not isinstance(name, str | os.PathLike):
        raise errors.DataError(f"A data set is named by a text or a path, not by {name!r}.")
    text = os.fspath(name)
    written_as_path = text.startswith((".", "~")) or "\\" in text or text.endswith("/") or os.path.isabs(text)
    if isinstance(name, os.PathLike) or written_as_path:
        return "folder"
    if text == "toy_dogs":
        return "toy_dogs"
    known = tfds_sets.names()
    if text.split("/")[0].split(":")[0] in known:  # "name", "name/config", "name:version"
        return "tfds"
    if "/" in text or os.path.isdir(text):
        return "folder"
    close = difflib.get_close_matches(text.lower(), sorted({"toy_dogs", *known}), n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise errors.DataError(
        f"There is no data set named '{text}'.{hint} Accepted are toy_dogs (embedded, needs no network), the "
        f"name of a TensorFlow Datasets set (such as stanford_dogs), or a folder: {listing.LAYOUT}."
    )


def info(name: Name, classes: selection.Classes | None = None) -> Info:
    """Describe a data set, or some `classes` of it. Downloads it if it is not there yet, as `load` does.

    Raises DataError as `load` does.
    """
    source, chosen = _select(name, classes, _open_source)
    sizes = {split: int(_choose(source, split, chosen)[1].sum()) for split in _offered(source)}
    class_names = tuple(source.class_names[label] for label in chosen)
    return Info(str(name), class_names, sizes, source.homepage, source.license)


def fingerprint(name: Name) -> str:
    """Return a hex digest of the data themselves, wherever they lie and however their name is spelled.

    For a folder it covers splits, names and bytes of all images that are read; for a TFDS set its version and
    the sizes of its files; for `toy_dogs` the pixels. It covers all classes, whichever are used. Raises
    DataError as `load` does.
    """
    return _open_source(name).fingerprint()


def directory() -> pathlib.Path:
    """Return the folder of the prepared embedded data set, for `tfds.load("toy_dogs", data_dir=...)`.

    The data set is drawn first if it is missing; this also makes its name known to TFDS. Raises DataError if
    it cannot be written.
    """
    _prepare_toy_dogs()
    return prepared_folder()


def prepared_folder() -> pathlib.Path:
    """Return where the toy dogs are prepared: in a clone that may be written, else in the user's cache."""
    home = ROOT / "data"
    prepared = home / "prepared"
    is_clone = pathlib.Path(toy_dogs.__file__).resolve().parent.parent == home
    if is_clone and (prepared.exists() or os.access(home, os.W_OK)):
        return prepared
    return platformdirs.user_cache_path("image-augmentation-course", appauthor=False) / "prepared"


def _prepare_toy_dogs():
    from utils import quiet  # noqa: F401  before TensorFlow

    try:
        return toy_dogs.prepare(prepared_folder())
    except OSError as error:
        raise errors.DataError(
            f"The data set toy_dogs is not there yet: {str(error).rstrip('.')}."
        ) from error


def _select(name, classes, find):
    if classes is not None:
        require(name, classes)  # before `find` draws, downloads or reads
    source = find(name)
    return source, selection.labels_of(classes, source.class_names, source.name)


def _open_source(name):
    """Return the `folders.Folder` or `tfds_sets.PreparedSet` that a name stands for."""
    found = kind(name)
    if found == "toy_dogs":
        homepage = "data/toy_dogs in this repository"
        return tfds_sets.PreparedSet("toy_dogs", _prepare_toy_dogs(), homepage, manifest.PATH)
    if found == "tfds":
        return tfds_sets.open_set(os.fspath(name))
    folder = folders.open_folder(os.fspath(name))
    # The files of each split as they are used, after the hold-out.
    fewest = 1 if "validation" in folder.splits else 2  # of a single image nothing can be held out
    chosen = np.flatnonzero(np.bincount(folder.labels("train")) >= fewest)
    files = {}
    for split in _offered(folder):
        native, keep = _choose(folder, split, chosen)
        files[split] = list(itertools.compress(folder.paths(native), keep))
    folders.tell_copies(folder, files)
    return folder


def _listed(name):
    # As `_open_source`, but what it returns knows splits and labels only, and no image is read.
    found = kind(name)
    if found == "toy_dogs":
        stored = manifest.labels()
        return types.SimpleNamespace(
            name="toy_dogs", splits=tuple(stored), labels=stored.get, class_names=TOY_BREEDS
        )
    return (folders.find if found == "folder" else tfds_sets.open_set)(os.fspath(name))


def _offered(source):
    """List the splits that a caller may ask for."""
    held_out = {"validation"} if "train" in source.splits else set()
    return [split for split in SPLITS if split in held_out.union(source.splits)]


def _choose(source, split, chosen):
    """Return the native split that holds the images asked for, and which of them to keep: bool `[N]`.

    `chosen` are the source's labels of the classes asked for.
    """
    if not isinstance(split, str) or split not in _offered(source):
        raise errors.DataError(f"{source.name} has no split '{split}'; it has {', '.join(_offered(source))}.")
    if split == "test" or "validation" in source.splits:
        return split, np.isin(source.labels(split), chosen)
    of_classes = np.isin(source.labels("train"), chosen)
    held_out = _hold_out(source, of_classes)
    return "train", of_classes & (held_out if split == "validation" else ~held_out)


def _hold_out(source, of_classes):
    """Mark a tenth of each class of `train` that is asked for, at least one image."""
    labels = source.labels("train")
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels[of_classes]):
        members = np.flatnonzero(labels == label)
        if len(members) < 2:
            raise errors.DataError(
                f"{source.name} has no validation split, and class '{source.class_names[label]}' has only "
                "one training image to make one from; add images to that class, or a validation split."
            )
        held_out[selection.draw(members, max(1, round(len(members) / 10)), HOLD_OUT_SEED, label)] = True
    return held_out


def _few_per_class(source, native, keep, shots, seed):
    labels = source.labels(native)
    few = np.zeros(len(labels), bool)
    for label in np.unique(labels[keep]):
        members = np.flatnonzero(keep & (labels == label))
        if len(members) < shots:
            raise errors.DataError(
                f"{shots} shots were asked for, but class '{source.class_names[label]}' of {source.name} has "
                f"only {len(members)} images to draw from; ask for at most that many."
            )
        few[selection.draw(members, shots, seed, label)] = True
    return few


def _whole_number(number, name, *, at_least):
    try:
        whole = operator.index(number)
    except TypeError:
        whole = None
    if whole is None or isinstance(number, bool) or whole < at_least:
        raise errors.DataError(f"{name} is {number!r}, but must be one whole number of at least {at_least}.")
    return whole
