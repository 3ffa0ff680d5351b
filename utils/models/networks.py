"""The layers of the networks: each function turns images, a Keras tensor, into features.

All layers with weights are in one of them, the backbone: a model of its own, so that it can be frozen as a
whole.
"""

import os

import keras

from utils.models import ModelError, weights_path

Weights = str | os.PathLike | None

# keras.applications.resnet50.preprocess_input: RGB means to subtract, then BGR order.
_CAFFE_MEAN = (123.68, 116.779, 103.939)
# keras.applications.densenet.preprocess_input: mean and standard deviation of ImageNet, for 0-1.
_TORCH_MEAN = (0.485, 0.456, 0.406)
_TORCH_STD = (0.229, 0.224, 0.225)


# ---- small_resnet ------------------------------------------------------------------------------------------


def small_resnet(images: keras.KerasTensor, weights: Weights) -> keras.KerasTensor:
    """Return the features of three residual blocks."""
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(images)
    hidden = inner = keras.Input(images.shape[1:])
    # At 32 px there is no pixel to spare: the first convolution keeps them all.
    hidden = keras.layers.ReLU()(_convolution(hidden, 32, strides=2 if images.shape[1] >= 40 else 1))
    hidden = keras.layers.MaxPooling2D(2)(hidden)
    for filters, strides in ((32, 1), (64, 2), (128, 2)):
        hidden = _residual_block(hidden, filters, strides)
    backbone = keras.Model(inner, keras.layers.GlobalAveragePooling2D()(hidden), name="backbone")
    return _with_weights(backbone, weights)(scaled)


def _residual_block(images, filters, strides):
    """Two 3×3 convolutions and a shortcut around them."""
    shortcut = images
    if strides > 1 or images.shape[-1] != filters:
        shortcut = _convolution(images, filters, size=1, strides=strides)
    hidden = keras.layers.ReLU()(_convolution(images, filters, strides=strides))
    return keras.layers.ReLU()(keras.layers.add([_convolution(hidden, filters), shortcut]))


def _convolution(images, filters, *, size=3, strides=1):
    layer = keras.layers.Conv2D(
        filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )
    # Momentum .9: with a few hundred steps, the default .99 leaves the statistics half-way.
    return keras.layers.BatchNormalization(momentum=0.9)(layer(images))


# ---- keras.applications ------------------------------------------------------------------------------------


def resnet50(images: keras.KerasTensor, weights: Weights) -> keras.KerasTensor:
    """Return the features of ResNet50, whose weights are from Caffe: BGR, means subtracted."""
    offset = [-mean for mean in _CAFFE_MEAN]
    centered = keras.layers.Rescaling(1.0, offset=offset)(images)
    return _application(keras.applications.ResNet50, centered[..., ::-1], weights)


def densenet121(images: keras.KerasTensor, weights: Weights) -> keras.KerasTensor:
    """Return the features of DenseNet121, whose weights are from Torch: standardized."""
    scale = [1 / (255 * std) for std in _TORCH_STD]
    offset = [-mean / std for mean, std in zip(_TORCH_MEAN, _TORCH_STD, strict=True)]
    normalized = keras.layers.Rescaling(scale, offset=offset)(images)
    return _application(keras.applications.DenseNet121, normalized, weights)


def mobilenet_v2(images: keras.KerasTensor, weights: Weights) -> keras.KerasTensor:
    """Return the features of MobileNetV2, whose weights are for values from -1 to 1."""
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(images)
    return _application(keras.applications.MobileNetV2, scaled, weights)


def _application(builder, images, weights):
    """Return the features of a network of keras.applications, with `weights` read or downloaded."""
    shape = images.shape[1:]
    if weights != "imagenet":
        backbone = builder(include_top=False, weights=None, input_shape=shape, pooling="avg")
        return _with_weights(backbone, weights)(images)
    try:
        return builder(include_top=False, weights="imagenet", input_shape=shape, pooling="avg")(images)
    except Exception as error:  # keras.utils.get_file raises a bare Exception when a download fails
        raise ModelError(
            f"The ImageNet weights of {builder.__name__} are not on this machine and could not be downloaded "
            f"({_first_line(error)}): connect and call again, copy the file to Keras' folder "
            "~/.keras/models, or choose COURSE_WEIGHTS=none."
        ) from error


def _first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _with_weights(backbone, path):
    try:
        if path is not None:
            backbone.load_weights(weights_path(path))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Cannot read {path} as weights of the layers below the classifier: {_first_line(error)}"
        ) from error
    return backbone
