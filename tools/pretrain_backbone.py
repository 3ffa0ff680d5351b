"""Train the small ResNet on dogs that are not among the twelve: `python -m tools.pretrain_backbone`.

Draws breeds.MORE_BREEDS, trains with basic augmentation (a few minutes on two CPU cores) and writes the
layers below the classifier to `models.PRETRAINED["more_breeds"]`, from where lesson 07 transfers them.
"""

import pathlib
import tempfile

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import keras
import tensorflow as tf
import tqdm
from PIL import Image
from toy_dogs import breeds, portrait

from utils import experiment, files, models, settings

COUNTS = {"train": 200, "validation": 20, "test": 50}  # images per breed


def draw(root: str) -> None:
    """Draw the other breeds as files root/SPLIT/BREED/NUMBER.png."""
    wanted = [
        (breed, split, index)
        for breed in breeds.MORE_BREEDS
        for split, count in COUNTS.items()
        for index in range(count)
    ]
    for breed, split, index in tqdm.tqdm(wanted, unit="image"):
        folder = pathlib.Path(root, split, breed.name)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(portrait.portrait(breed, split, index)[0]).save(folder / f"{index:03}.png")


def train(root: str) -> tuple[keras.Model, float]:
    """Return the backbone of a small ResNet trained on the pictures in `root`, and its test accuracy."""
    comparison = experiment.Comparison(settings.load(profile="quick", dataset=str(root)))
    with tqdm.tqdm(total=comparison.settings.epochs, unit="epoch") as bar:
        show = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: bar.update())
        run, _ = comparison.train("basic", seed=0, callbacks=[show])
    model = comparison.model()
    return model.layers[-2], run.test_accuracy


def main() -> None:
    tf.config.experimental.enable_op_determinism()
    with tempfile.TemporaryDirectory() as root:
        draw(root)
        backbone, accuracy = train(root)
        print(f"Accuracy on other images of these breeds: {accuracy:.1%}")
        path = pathlib.Path(root, "backbone.weights.h5")
        backbone.save_weights(path)
        files.write_whole(models.PRETRAINED["more_breeds"], path.read_bytes())
    print(models.PRETRAINED["more_breeds"])


if __name__ == "__main__":
    main()
