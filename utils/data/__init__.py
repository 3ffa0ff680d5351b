"""Load any image data set the same way: the embedded one, one from TensorFlow Datasets, or a folder.

train = data.load("toy_dogs", "train", image_size=48, shots=20)
test = data.load("stanford_dogs", "test", image_size=224)
mine = data.load("photos", "train")  # photos/train/CLASS/*.jpg, photos/test/CLASS/*.jpg
"""

from utils.data.folders import SPLITS
from utils.data.loading import Info, directory, fingerprint, info, kind, labels, load, require
from utils.errors import DataError

__all__ = [
    "SPLITS",
    "DataError",
    "Info",
    "directory",
    "fingerprint",
    "info",
    "kind",
    "labels",
    "load",
    "require",
]
