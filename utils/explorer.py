"""Choose an image, an operation or a mix, and how strong it is; see the picture and its label.

In JupyterLab, `explorer.show()` does so with controls. The website has the same pictures, which
`tools/draw_site.py` draws with `change`.
"""

import functools

import numpy as np

from utils import augment, charts, data, figures, mixing

SIZE = 96  # pixels: the largest toy dogs as they are
SHOWN = ("saffrel", "paprikin", "frostpaw", "bouclet")
DRAWS = 3

_FACTORS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_ALPHAS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
# The setting that makes a function of the course stronger, and its values from weak to strong.
OPERATIONS = {
    "rotate": ("degrees", (5, 10, 20, 45, 90, 180)),
    "shear_x": ("slope", (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)),
    "translate_x": ("share", (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)),
    "random_resized_crop": ("smallest", (0.9, 0.7, 0.5, 0.3, 0.15, 0.08)),
    "brightness": ("strength", _FACTORS),
    "contrast": ("strength", _FACTORS),
    "color": ("strength", _FACTORS),
    "random_hue": ("degrees", (5, 10, 18, 36, 90, 180)),
    "posterize": ("bits", (6, 5, 4, 3, 2, 1)),
    "solarize": ("threshold", (224, 192, 160, 128, 64, 0)),
    "cutout": ("share", (0.1, 0.2, 0.3, 0.4, 0.5, 0.7)),
    "grid_mask": ("keep", (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)),
    "rand_augment": ("magnitude", (1, 3, 5, 7, 9, 10)),
    "cutmix": ("alpha", _ALPHAS),
    "mixup": ("alpha", _ALPHAS),
}
_MIXES = ("cutmix", "mixup")


@functools.cache
def batch() -> tuple[np.ndarray, np.ndarray]:
    """One toy dog of each breed: uint8 images `[12, SIZE, SIZE, 3]` and float32 one-hot labels `[12, 12]`."""
    names = data.info("toy_dogs").class_names
    dogs = data.load("toy_dogs", "validation", image_size=SIZE).batch(300)
    images, classes = next(dogs.as_numpy_iterator())
    first = [int(np.flatnonzero(classes == number)[0]) for number in range(len(names))]
    return images[first], np.eye(len(names), dtype=np.float32)


def _settings(name, level):
    setting, values = OPERATIONS[name]
    always = {"rate": 1} if name in ("posterize", "solarize") else {}
    return {setting: values[level], **always}


def code(name: str, level: int) -> str:
    """The call that `change` makes, as one writes it: `augment.rotate(degrees=20)`."""
    written = ", ".join(f"{setting}={value}" for setting, value in _settings(name, level).items())
    if name in _MIXES:
        return f"mixing.{name}(images, labels, {written}, seed=seed)"
    return f"augment.{name}({written})(images, seed=seed)"


def change(
    name: str, level: int, draw: int, images: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Apply an operation or a mix to the batch; return images, uint8, and labels, which only a mix changes.

    Images are uint8 `[B, H, W, 3]`, labels float `[B, K]`; `level` is 0 (weak) to 5 (strong), and `draw` the
    seed: the same one draws the same turn, place or partner at every level where it can.
    """
    settings = _settings(name, level)
    if name in _MIXES:
        images, labels = getattr(mixing, name)(images, labels, **settings, seed=(draw, 0))
    else:
        images = getattr(augment, name)(**settings)(images, seed=(draw, 0))
    return np.clip(np.round(images), 0, 255).astype(np.uint8), np.asarray(labels)


def show() -> None:
    """Show the controls and the picture, in a notebook."""
    import ipywidgets  # only notebooks need it

    names = data.info("toy_dogs").class_names
    images, labels = batch()

    def picture(image, operation, strength, draw):
        changed, mixed = change(operation, strength - 1, draw, images, labels)
        number = names.index(image)
        print(code(operation, strength - 1))
        captions = [charts.label_text(label[number], names) for label in (labels, mixed)]
        figures.show(
            figures.pictures([images[number], changed[number]], captions, inches=2.6),
            f"A {image}, and the same after {operation}. The labels: {', then '.join(captions)}.",
        )

    ipywidgets.interact(
        picture, image=names, operation=list(OPERATIONS), strength=(1, 6), draw=(0, DRAWS - 1)
    )
