"""Load any image data set the same way: the embedded one, one from TensorFlow Datasets, or a folder.

    train = data.load("toy_dogs", "train", image_size=48, shots=20)
    test = data.load("stanford_dogs", "test", image_size=224)
    mine = data.load("photos", "train")  # photos/train/CLASS/*.jpg, photos/test/CLASS/*.jpg

Whatever the source, the images are `uint8` RGB, the order is the same on every load, and there is a
`validation` split: where the data set has none, a fixed tenth of `train` is held out for it, class by class.
"""

import dataclasses
import difflib
import functools
import os
import pathlib

import numpy as np
import tensorflow as tf

from utils import errors, folders, tfds_sets

DataError = errors.DataError

SPLITS = folders.SPLITS
# A constant of its own: the images held out stay the same whatever `seed` the caller draws shots with.
HOLD_OUT_SEED = 20_231
PREPARED = pathlib.Path(__file__).resolve().parent.parent / "data" / "prepared"


@dataclasses.dataclass(frozen=True)
class Info:
    """What is known about a data set."""

    name: str
    class_names: tuple[str, ...]  # the label of an image is an index into this
    split_sizes: dict[str, int]  # images in "train", "validation", "test", after the hold-out
    source: str  # homepage, or the folder
    licence: str


def load(name, split, *, image_size=None, shots=None, seed=0):
    """Load one split of a data set, in an order that never changes.

    Args:
        name: `toy_dogs` (embedded), the name of a TFDS data set, or a folder `ROOT/{train,test}/CLASS/*.jpg`
            with an optional `ROOT/validation`. A TFDS name wins over a folder of the same name; write
            `./cifar10` for the folder.
        split: `train`, `validation` or `test`. Without a `validation` of its own, a data set gets a fixed
            stratified tenth of `train`, and `train` is the rest.
        image_size: side of the square to cut and scale every image to; `None` keeps each image's own size.
            The aspect is kept and the middle of the image taken, since squeezing a photo into a square
            changes the very shapes that tell classes apart.
        shots: this many images per class, drawn with `seed`. With one seed, 10 shots are among 20 shots.
        seed: integer of at least 0, used by `shots` only.

    Returns:
        `tf.data.Dataset` of known cardinality, with elements `(image, label)`: `uint8 [H, W, 3]`, `int64 []`.

    Raises:
        DataError: with a sentence on what to do, when the data set, its split or an image cannot be had.
    """
    source = _source(name)
    native, keep = _choose(source, split)
    if shots is not None:
        keep = _few_per_class(source, native, keep, shots, seed)
    images = source.examples(native, keep)
    if image_size is not None:
        square = functools.partial(_square, size=_positive(image_size, "image_size"))
        images = images.map(
            lambda image, label: (square(image), label),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
    return images.apply(tf.data.experimental.assert_cardinality(int(keep.sum())))


def info(name):
    """Describe a data set: an `Info`. Downloads the data set if it is not there yet, as `load` does.

    Raises:
        DataError: as `load` does.
    """
    source = _source(name)
    sizes = {split: int(_choose(source, split)[1].sum()) for split in _offered(source)}
    return Info(str(name), source.class_names, sizes, source.homepage, source.licence)


def fingerprint(name):
    """Return a hex digest of the data themselves: another digest means other data.

    It depends neither on where the data lie nor on when they were written. For a folder it covers names and
    bytes of all images; for a TFDS set its version and the sizes of its files; for `toy_dogs` the pixels.

    Raises:
        DataError: as `load` does.
    """
    return _source(name).fingerprint()


def directory():
    """Return the folder of the prepared embedded data set, for `tfds.load("toy_dogs", data_dir=...)`.

    The data set is drawn first if it is missing; this also makes its name known to TFDS.

    Raises:
        DataError: if it cannot be written.
    """
    _prepare_toy_dogs()
    return PREPARED


def _prepare_toy_dogs():
    try:
        return _toy_dogs().prepare(PREPARED)
    except OSError as error:
        raise DataError(f"The data set toy_dogs is not there yet: {str(error).rstrip('.')}.") from error


def _toy_dogs():
    import toy_dogs  # here, since importing it imports TFDS, which folders do not need

    return toy_dogs


def _source(name):
    """Return the `folders.Folder` or `tfds_sets.PreparedSet` that a name stands for."""
    text = os.fspath(name)
    if isinstance(name, os.PathLike) or _written_as_path(text):
        return folders.open_folder(text)
    if text == "toy_dogs":
        return _embedded()
    if tfds_sets.is_known(text):
        return tfds_sets.open_set(text)
    if "/" in text or os.path.isdir(text):
        return folders.open_folder(text)
    raise DataError(_unknown_name(text))


def _written_as_path(text):
    return text.startswith((".", "~")) or "\\" in text or text.endswith("/") or os.path.isabs(text)


def _embedded():
    manifest = pathlib.Path(_toy_dogs().__file__).parent / "manifest.json"
    return tfds_sets.PreparedSet(
        "toy_dogs", _prepare_toy_dogs(), "data/toy_dogs in this repository", manifest
    )


def _unknown_name(name):
    known = {"toy_dogs", *tfds_sets.names()}
    close = difflib.get_close_matches(name.lower(), sorted(known), n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return (
        f"There is no data set named '{name}'.{hint} Accepted are toy_dogs (embedded, needs no network), the "
        f"name of a TensorFlow Datasets set (such as stanford_dogs), or a folder: {folders.LAYOUT}."
    )


def _offered(source):
    """List the splits that a caller may ask for."""
    held_out = {"validation"} if "train" in source.splits else set()
    return [split for split in SPLITS if split in held_out.union(source.splits)]


def _choose(source, split):
    """Return the native split that holds the images asked for, and which of them to keep: bool `[N]`."""
    if split not in _offered(source):
        raise DataError(f"{source.name} has no split '{split}'; it has {', '.join(_offered(source))}.")
    if split == "test" or "validation" in source.splits:
        return split, np.ones(len(source.labels(split)), bool)
    held_out = _hold_out(source)
    return "train", held_out if split == "validation" else ~held_out


def _hold_out(source):
    """Mark a tenth of each class of `train`, at least one image."""
    labels = source.labels("train")
    held_out = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < 2:
            raise DataError(
                f"{source.name} has no validation split, and class '{source.class_names[label]}' has only "
                "one training image to make one from; add images to that class, or a validation split."
            )
        held_out[_draw(members, max(1, round(len(members) / 10)), HOLD_OUT_SEED, label)] = True
    return held_out


def _few_per_class(source, native, keep, shots, seed):
    shots = _positive(shots, "shots")
    labels = source.labels(native)
    few = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(keep & (labels == label))
        if len(members) < shots:
            raise DataError(
                f"{shots} shots were asked for, but class '{source.class_names[label]}' of {source.name} has "
                f"only {len(members)} images to draw from; ask for at most that many."
            )
        few[_draw(members, shots, seed, label)] = True
    return few


def _draw(members, count, seed, label):
    """Draw `count` of `members`; a larger count with the same seed draws the same ones and more."""
    # Of NumPy's generators, SeedSequence alone promises the same numbers in every version.
    keys = np.random.SeedSequence([seed, int(label)]).generate_state(len(members), np.uint64)
    return members[np.argsort(keys, kind="stable")[:count]]


def _positive(number, name):
    if number < 1:
        raise DataError(f"{name} is {number}, but must be at least 1.")
    return int(number)


def _square(image, size):
    """Cut the largest square from the middle of an image and scale it: uint8 `[size, size, 3]`."""
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    side = tf.minimum(height, width)
    square = tf.image.crop_to_bounding_box(image, (height - side) // 2, (width - side) // 2, side, side)
    # Without antialias a small picture of a large photo is made of a few of its pixels, and looks like noise.
    scaled = tf.image.resize(square, [size, size], method="bilinear", antialias=True)
    return tf.saturate_cast(tf.round(scaled), tf.uint8)
