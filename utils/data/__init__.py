"""Load any image data set the same way: the embedded one, one from TensorFlow Datasets, or a folder.

    train = data.load("toy_dogs", "train", image_size=48, shots=20)
    test = data.load("stanford_dogs", "test", image_size=224)
    mine = data.load("photos", "train")  # photos/{train,test}/CLASS/*.jpg, or photos/CLASS/*.jpg

Whatever the source, the images are `uint8` RGB, the order is the same on every load, and there is a
`validation` split: where the data set has none, a fixed tenth of `train` is held out for it, class by class.

TensorFlow is imported inside the functions that need it: it takes seconds, which whoever names a data set
that cannot be had, or asks for labels only, should not have to wait.
"""

# ruff: noqa: F401  what others use of it

from utils.data.loading import SPLITS, Info, directory, fingerprint, info, kind, labels, load, require
from utils.errors import DataError

RECIPE = 1  # raised by hand when the same images come otherwise, or in another order; see CONTRIBUTING.md
