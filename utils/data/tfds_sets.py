"""Data sets of TensorFlow Datasets (TFDS): found, downloaded where needed, read in a fixed order."""

import functools
import hashlib
import json
import os
import ssl
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import numpy as np

from utils import errors
from utils.data import selection

if TYPE_CHECKING:
    import pathlib

    import tensorflow as tf
    import tensorflow_datasets as tfds

PROBE_ADDRESS = "https://example.com"
PROBE_SECONDS = 6  # with the import of TFDS well under ten


class PreparedSet:
    """A TFDS data set that lies on disk, ready to be read.

    `labels` and `examples` know the data set's native splits only; all else is decided by `utils.data`.
    """

    def __init__(
        self,
        name: str,
        builder: "tfds.core.DatasetBuilder",
        homepage: str | None = None,
        manifest: "pathlib.Path | None" = None,
    ):
        self.name = name
        self.splits = tuple(builder.info.splits)
        self._builder = builder
        self._manifest = manifest  # JSON that stands for the data; without it, TFDS' own records do
        self._image, self._label = _keys(name, builder.info)
        self.class_names = tuple(builder.info.features[self._label].names)
        self.homepage = homepage or builder.info.homepage
        self.license = builder.info.redistribution_info.license or "not stated by TFDS; see the homepage"

    def labels(self, split: str) -> np.ndarray:
        """Return the labels of a split, in order: int64 `[N]`."""
        labels = _labels(os.fspath(self._builder.data_path), self._label, split, json.dumps(self._records()))
        if labels.min(initial=0) < 0:
            raise errors.DataError(
                f"Split '{split}' of {self.name} has no labels, so it cannot be used here."
            )
        return labels

    def examples(self, split: str, keep: np.ndarray) -> "tf.data.Dataset":
        """Return the examples of a split where `keep`, bool `[N]`, is true: `(uint8 [H, W, 3], int64)`."""
        from utils.quiet import tf  # here, see `utils.data`

        feature = self._builder.info.features[self._image]
        wanted = tf.constant(keep)

        def decode(_, example):
            return _rgb(feature.decode_example(example[self._image])), example[self._label]

        # The undecoded examples are counted and dropped first: decoding costs far more than reading.
        chosen = _read(self._builder, split).enumerate().filter(lambda index, _: wanted[index])
        return chosen.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def fingerprint(self) -> str:
        """Return a hex digest of what the data are."""
        # The text is parsed, since the ends of lines differ between systems.
        content = json.loads(self._manifest.read_text("utf-8")) if self._manifest else self._records()
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _records(self):
        splits = self._builder.info.splits.items()
        sizes = {name: [split.num_examples, split.num_bytes, split.shard_lengths] for name, split in splits}
        return [self._builder.info.full_name, sizes]


def names() -> list[str]:
    """List the names that TFDS knows without a network."""
    import tensorflow_datasets as tfds  # here, since folders do not need it

    return tfds.list_builders(with_community_datasets=False)


def open_set(name: str) -> PreparedSet:
    """Return the `PreparedSet` of a name, after a download if it is not on disk yet.

    Raises DataError as `require` does, or if the download fails.
    """
    builder, _ = require(name)
    if not _is_on_disk(builder):
        _prepare(name, builder)
    return PreparedSet(name, builder)


def require(name: str) -> tuple["tfds.core.DatasetBuilder", tuple[str, ...] | int]:
    """Return the TFDS builder of a set that is on disk, or that there is a network to download from.

    Beside it the class names, or how many they are where only the download tells the names. TFDS imports
    TensorFlow only when it reads or writes: none of this does.

    Raises:
        DataError: if there is no such configuration, it cannot be used here, or there is no network.
    """
    builder = _builder(name)
    label = builder.info.features[_keys(name, builder.info)[1]]
    # TFDS gives numbers where it has no names yet, and does not say which of the two they are.
    stated = _is_on_disk(builder) or label.names != [str(number) for number in range(label.num_classes)]
    known = tuple(label.names) if stated else label.num_classes
    selection.check(None, known, name)  # nothing is downloaded that cannot be used
    # Without this TFDS retries for minutes before it says that there is no network.
    reason = None if _is_on_disk(builder) else why_no_network()
    if reason:
        raise errors.DataError(
            f"{name} is not on this computer, and there is no network to download it from ({reason}). With "
            "a network the same call downloads it, as does: "
            f"python -c \"import tensorflow_datasets as tfds; tfds.load('{name}')\". "
            "The data set toy_dogs works without a network."
        )
    return builder, known


def _is_on_disk(builder):
    return builder.data_path.exists() and builder.is_prepared()


def _builder(name):
    import tensorflow_datasets as tfds

    try:
        # TFDS reads the variable once, on import; reading it here obeys later changes too.
        return tfds.builder(name, try_gcs=False, data_dir=os.environ.get("TFDS_DATA_DIR"))
    except Exception as error:
        cause = _sentence(error).rpartition('": ')[2]  # the arguments of the call stand before it
        raise errors.DataError(f"TensorFlow Datasets cannot open '{name}': {cause}") from error


def _prepare(name, builder):
    from utils import quiet  # noqa: F401  before TensorFlow

    try:
        builder.download_and_prepare()
    except Exception as error:
        raise errors.DataError(
            f"Downloading and preparing {name} failed: {_sentence(error)} Call again to start over, or use "
            "toy_dogs, which needs no network."
        ) from error


def _sentence(error):
    lines = str(error).strip().splitlines()
    return f"{(lines[0] if lines else type(error).__name__).rstrip('.')}."


def why_no_network(address: str = PROBE_ADDRESS, seconds: float = PROBE_SECONDS) -> str | None:
    """Return why the network cannot be reached, or `None` if it can; proxy settings are honored."""
    result = [f"no answer within {seconds} seconds"]

    def probe():
        try:
            urllib.request.urlopen(address, timeout=seconds).close()
            result[0] = None
        except urllib.error.HTTPError:
            result[0] = None  # a refusal is an answer
        except Exception as error:
            reason = getattr(error, "reason", error)
            # So is a certificate that Python cannot verify but TFDS perhaps can.
            result[0] = None if isinstance(reason, ssl.SSLCertVerificationError) else str(reason)

    # A thread, since looking up a name cannot be given a time limit.
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(seconds)
    return result[0]


def _keys(name, info):
    import tensorflow_datasets as tfds

    features = dict(info.features.items())
    for keys in (info.supervised_keys, ("image", "label")):
        if not keys or len(keys) != 2 or not all(isinstance(key, str) for key in keys):
            continue
        image, label = (features.get(key) for key in keys)
        is_image = isinstance(image, tfds.features.Image) and image.np_dtype == np.uint8
        if is_image and isinstance(label, tfds.features.ClassLabel):
            return keys
    raise errors.DataError(
        f"{name} does not hold pairs of an 8-bit image and a class label, so it cannot be used here; choose "
        "a set for image classification."
    )


@functools.lru_cache
def _labels(data_path, key, split, records):
    # `records` is there for the cache only: a set that is prepared anew has other ones.
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(data_path)
    batches = _read(builder, split).map(lambda example: example[key]).batch(4096)
    labels = np.concatenate(list(batches.as_numpy_iterator()))
    labels.flags.writeable = False  # every caller gets the same array
    return labels


def _read(builder, split):
    """Read a split, always in the same order; images stay encoded."""
    from utils import quiet  # noqa: F401  before TensorFlow

    # isort: split
    import tensorflow_datasets as tfds

    features = builder.info.features.items()
    images = [key for key, feature in features if isinstance(feature, tfds.features.Image)]
    return builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders={key: tfds.decode.SkipDecoding() for key in images},
        # One file after the other; and no cache of what `utils.data` drops.
        read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
    )


def _rgb(image):
    """Turn uint8 `[H, W, 1, 3 or 4]` into `[H, W, 3]`; what is transparent becomes white."""
    from utils.quiet import tf

    if image.shape[-1] == 1:
        return tf.image.grayscale_to_rgb(image)
    if image.shape[-1] == 4:
        alpha = tf.cast(image[..., 3:], tf.float32) / 255
        blended = tf.cast(image[..., :3], tf.float32) * alpha + 255 * (1 - alpha)
        return tf.cast(tf.round(blended), tf.uint8)
    return image
