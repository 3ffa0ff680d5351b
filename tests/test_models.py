import keras
import numpy as np
import pytest

from utils import models


@pytest.mark.parametrize("image_size", [32, 48, 96])
def test_small_resnet_gives_probabilities_and_stays_small(image_size):
    model = models.build("small_resnet", num_classes=12, image_size=image_size)
    images = np.random.default_rng(0).integers(0, 256, (2, image_size, image_size, 3), dtype=np.uint8)
    probabilities = model(images).numpy()
    assert probabilities.shape == (2, 12)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-5)
    assert 290_000 < model.count_params() < 330_000


@pytest.mark.parametrize("name", ["small_resnet", "resnet50", "densenet121"])
def test_the_first_layer_rescales(name):
    model = models.build(name, num_classes=3, image_size=32)
    assert isinstance(model.layers[1], keras.layers.Rescaling)


@pytest.mark.parametrize(
    ("name", "preprocess"),
    [
        ("resnet50", keras.applications.resnet50.preprocess_input),
        ("densenet121", keras.applications.densenet.preprocess_input),
    ],
)
def test_pretrained_networks_see_what_they_were_trained_on(name, preprocess):
    """The layers before the backbone do what Keras' own preprocess_input does."""
    model = models.build(name, num_classes=3, image_size=32)
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    before = keras.Model(model.input, backbone._inbound_nodes[-1].input_tensors[0])
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(before(images), preprocess(images.copy()), atol=2e-3)


def test_weights_from_a_file_stand_in_for_imagenets(tmp_path):
    path = tmp_path / "backbone.weights.h5"
    source = models.build("small_resnet", num_classes=3, image_size=32)
    source.layers[-2].save_weights(path)
    loaded = models.build("small_resnet", num_classes=7, image_size=32, weights=str(path))
    images = np.full((1, 32, 32, 3), 100, np.uint8)
    features = [m.layers[-2](images) for m in (source, loaded)]
    np.testing.assert_array_equal(*features)


def test_imagenet_weights_without_a_network_are_explained(monkeypatch):
    def fail(*_, **__):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.src.applications.resnet.file_utils, "get_file", fail)
    with pytest.raises(models.ModelError, match="ImageNet weights of ResNet50 are not on this machine"):
        models.build("resnet50", num_classes=3, image_size=32, weights="imagenet")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "resnet18"},
            "Unknown model 'resnet18'; the models are: small_resnet, resnet50, densenet121",
        ),
        (
            {"name": "resnet50", "image_size": 24},
            "resnet50 needs images of at least 32 px, got image_size=24.",
        ),
        ({"weights": "imagenet"}, "small_resnet has no ImageNet weights"),
        ({"weights": "missing.weights.h5"}, "The weights file missing.weights.h5 does not exist."),
    ],
)
def test_a_model_that_cannot_be_built_says_why(arguments, message):
    with pytest.raises(models.ModelError) as caught:
        models.build(**{"name": "small_resnet", "num_classes": 3, "image_size": 32} | arguments)
    assert message in str(caught.value)


def test_a_file_that_holds_no_weights_is_named(tmp_path):
    path = tmp_path / "broken.weights.h5"
    path.write_bytes(b"not HDF5")
    with pytest.raises(models.ModelError, match="Cannot read .*broken.weights.h5 as weights"):
        models.build("small_resnet", num_classes=3, image_size=32, weights=str(path))
