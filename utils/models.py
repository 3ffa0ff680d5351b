"""The networks of the course. Images go in as 0-255; the first layer rescales them.

Keras is imported where a network is made: names and files can be checked without it.
"""

import importlib.util
import pathlib

from utils import errors

# keras.applications.resnet50.preprocess_input: RGB means to subtract, then BGR order.
_CAFFE_MEAN = (123.68, 116.779, 103.939)
# keras.applications.densenet.preprocess_input: mean and standard deviation of ImageNet, for 0-1.
_TORCH_MEAN = (0.485, 0.456, 0.406)
_TORCH_STD = (0.229, 0.224, 0.225)

# Weights that come with the course: name -> file of the layers below the classifier.
# "more_breeds": small_resnet on ten other breeds of toy dogs, made by tools/pretrain_backbone.py.
_TOY_DOGS = pathlib.Path(importlib.util.find_spec("toy_dogs").origin).parent  # importing it imports TFDS
PRETRAINED = {"more_breeds": _TOY_DOGS / "more_breeds.weights.h5"}


class ModelError(errors.CourseError, ValueError):
    """A model that cannot be built; the message is one sentence for the user."""


def _normalised(layer, images):
    import keras

    # Momentum .9: with a few hundred steps, the default .99 leaves the statistics half-way.
    return keras.layers.BatchNormalization(momentum=0.9)(layer(images))


def _convolution(images, filters, *, size=3, strides=1):
    import keras

    layer = keras.layers.Conv2D(
        filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )
    return _normalised(layer, images)


def _residual_block(images, filters, strides):
    """Two 3×3 convolutions and a shortcut around them."""
    import keras

    shortcut = images
    if strides > 1 or images.shape[-1] != filters:
        shortcut = _convolution(images, filters, size=1, strides=strides)
    hidden = keras.layers.ReLU()(_convolution(images, filters, strides=strides))
    return keras.layers.ReLU()(keras.layers.add([_convolution(hidden, filters), shortcut]))


def _small_resnet(images, weights):
    import keras

    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(images)
    # At 32 px there is no pixel to spare: the first convolution keeps them all.
    hidden = keras.layers.ReLU()(_convolution(hidden, 32, strides=2 if images.shape[1] >= 40 else 1))
    hidden = keras.layers.MaxPooling2D(2)(hidden)
    for filters, strides in ((32, 1), (64, 2), (128, 2)):
        hidden = _residual_block(hidden, filters, strides)
    features = keras.layers.GlobalAveragePooling2D(name="features")(hidden)
    if weights is not None:
        _read_weights(keras.Model(images, features), weights)
    return features


def _read_weights(backbone, path):
    try:
        backbone.load_weights(weights_path(path))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Cannot read {path} as weights of the layers below the classifier: {str(error).splitlines()[0]}"
        ) from error


def _application(builder, images, weights):
    """Return the features of a network of keras.applications, with `weights` read or downloaded."""
    shape = images.shape[1:]
    if weights == "imagenet":
        backbone = _downloaded(builder, shape)
    else:
        backbone = builder(include_top=False, weights=None, input_shape=shape, pooling="avg")
        if weights is not None:
            _read_weights(backbone, weights)
    return backbone(images)


def _downloaded(builder, shape):
    try:
        return builder(include_top=False, weights="imagenet", input_shape=shape, pooling="avg")
    except Exception as error:  # keras.utils.get_file raises a bare Exception when a download fails
        raise ModelError(
            f"The ImageNet weights of {builder.__name__} are not on this machine and cannot be downloaded "
            "without a network: connect once, or choose COURSE_WEIGHTS=none."
        ) from error


def _resnet50(images, weights):
    import keras

    offset = [-mean for mean in _CAFFE_MEAN]
    centred = keras.layers.Rescaling(1.0, offset=offset)(images)
    return _application(keras.applications.ResNet50, centred[..., ::-1], weights)


def _densenet121(images, weights):
    import keras

    scale = [1 / (255 * std) for std in _TORCH_STD]
    offset = [-mean / std for mean, std in zip(_TORCH_MEAN, _TORCH_STD, strict=True)]
    normalised = keras.layers.Rescaling(scale, offset=offset)(images)
    return _application(keras.applications.DenseNet121, normalised, weights)


# name: (function, smallest image side in pixels)
_MODELS = {
    "small_resnet": (_small_resnet, 16),
    "resnet50": (_resnet50, 32),
    "densenet121": (_densenet121, 32),
}


def _check(name, image_size, weights):
    if name not in _MODELS:
        raise ModelError(f"Unknown model {name!r}; the models are: {', '.join(_MODELS)}.")
    smallest = _MODELS[name][1]
    if image_size < smallest:
        raise ModelError(f"{name} needs images of at least {smallest} px, got image_size={image_size}.")
    if name == "small_resnet" and weights == "imagenet":
        raise ModelError("small_resnet has no ImageNet weights: choose resnet50, or weights=None.")
    if weights in PRETRAINED and name != "small_resnet":
        raise ModelError(f"The weights {weights!r} are for small_resnet, not for {name}.")
    if weights not in (None, "imagenet") and not weights_path(weights).is_file():
        raise ModelError(f"The weights file {weights} does not exist.")


def weights_path(weights):
    """Return the file that a name in PRETRAINED, or a path, stands for."""
    return pathlib.Path(PRETRAINED.get(weights, weights))


def build(name, *, num_classes, image_size, weights=None):
    """Return an untrained classifier: images [B, S, S, 3] in 0-255 -> probabilities float32 [B, K].

    Args:
      name: "small_resnet" (three residual blocks, about 310,000 parameters, right for 32-96 px on a
        CPU), "resnet50" (He et al. 2016, arXiv 1512.03385) or "densenet121" (Huang et al. 2017,
        arXiv 1608.06993), the last two from keras.applications.
      num_classes: number of classes K.
      image_size: side S of the square images, in pixels.
      weights: None (random), "imagenet" (resnet50, densenet121), "more_breeds" (small_resnet, see
        PRETRAINED), or the path of a `.weights.h5` file for the layers below the classifier.

    Raises:
      ModelError: unknown name, images too small, weights that do not exist or do not fit.
    """
    import keras

    _check(name, image_size, weights)
    images = keras.Input((image_size, image_size, 3), name="images")
    features = _MODELS[name][0](images, weights)
    # float32 also under mixed precision: probabilities need the digits.
    classifier = keras.layers.Dense(num_classes, activation="softmax", dtype="float32", name="classifier")
    return keras.Model(images, classifier(features), name=name)
