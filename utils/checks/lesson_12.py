"""The checks of lesson 12: a Dataset over a table of paths, an epoch of training."""

import functools
import operator
import pathlib
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import torch

from utils.checks import harness, tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------


class _Dataset(torch.utils.data.Dataset):
    """A Dataset of so many examples, which come from a function of the index."""

    def __init__(self, count, get):
        self.count, self.get = count, get

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.get(index)


def _opened(path):
    return PIL.Image.open(path).convert("RGB")


def the_courses_dataset(
    table: pd.DataFrame,
    transform: Callable,
    *,
    row: Callable = lambda table, index: table.iloc[index],
    opened: Callable = _opened,
    transformed: Callable = lambda transform, photo: transform(photo),
    label: Callable = lambda row: int(row["label"]),
    answer: Callable = lambda image, label: (image, label),
    kept: bool = False,
) -> torch.utils.data.Dataset:
    """Return a Dataset of (image, class); the keywords are clauses of the task.

    `table` has the columns `path` and `label`; `transform` takes a Pillow image in RGB.
    """

    def get(index):
        entry = row(table, index)
        return answer(transformed(transform, opened(entry["path"])), label(entry))

    return _Dataset(len(table), functools.cache(get) if kept else get)


_LEVELS = np.array([20, 70, 120, 170, 220])  # the gray of each file, which tells them apart
_MODES = ["RGB", "RGB", "L", "RGBA", "P"]
_LABELS = [3, 0, 2, 11, 1]


@functools.cache
def _folder():
    """A folder of five small pictures, one of each mode; it is removed with the object."""
    folder = tempfile.TemporaryDirectory()
    for number, (level, mode) in enumerate(zip(_LEVELS, _MODES, strict=True)):
        picture = PIL.Image.new("RGB", (5, 4), (int(level),) * 3).convert(mode)
        picture.save(pathlib.Path(folder.name, f"{number}.png"))
    return folder


def _table(names):
    """The five pictures as a table whose rows are called by these names."""
    paths = [pathlib.Path(_folder().name, f"{number}.png") for number in range(5)]
    classes = [f"breed {label:02}" for label in _LABELS]
    return pd.DataFrame({"path": paths, "class": classes, "label": _LABELS}, index=names)


class _Spy:
    """A transform that keeps what it is given, and what it returns: another tensor in each call."""

    def __init__(self):
        self.given, self.returned = [], []

    def __call__(self, photo):
        self.given.append(photo)
        self.returned.append(torch.full((3, 4, 5), len(self.given) / 8))
        return self.returned[-1]


def _photos_tried():
    shuffled, later = [4, 2, 0, 3, 1], [40, 41, 42, 43, 44]
    return [
        _photo_tried([1], shuffled, "a color photograph"),
        _photo_tried([2], shuffled, "a gray photograph"),
        _photo_tried([3], shuffled, "a photograph with transparency"),
        _photo_tried([4], later, "a photograph with a palette"),
        _photo_tried([0, 0], later, "asked for a second time"),
    ]


def _photo_tried(indices, names, what):
    words = f"(table, transform)[{indices[-1]}], {what}; the rows of the table are called {names}"

    def use(make):
        spy = _Spy()
        dataset = make(_table(names), spy)
        for index in indices:
            calls, pair = len(spy.given), dataset[index]
        return _photo_facts(pair, spy, calls)

    return tables.Try(words, use)


def _photo_facts(pair, spy, calls):
    """What is judged in an example; one that is no pair stays as it is."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return pair
    given = spy.given[-1] if len(spy.given) > calls else None
    is_picture = isinstance(given, PIL.Image.Image)
    level = np.asarray(given.convert("RGB")).mean() if is_picture else np.nan
    from_transform = spy.returned and torch.is_tensor(pair[0]) and torch.equal(pair[0], spy.returned[-1])
    return {
        "calls of the transform": len(spy.given) - calls,
        "the transform is given": f"a Pillow image in {given.mode}" if is_picture else type(given).__name__,
        "from the file": f"{np.abs(_LEVELS - level).argmin()}.png" if is_picture else "none",
        "the first value": "what the transform returned" if from_transform else _kind_of(pair[0]),
        "the second value": _class_of(pair[1]),
    }


def _class_of(value):
    """A class as a number, where a loader can make a batch of such values; else in words."""
    if getattr(value, "ndim", 0) > 0:
        return f"{len(value)} numbers"
    try:
        return operator.index(value)
    except TypeError:
        return f"{_kind_of(value)}: {harness.shown(value)}"


def _kind_of(value):
    return f"a value of the type {type(value).__name__}"


def _thrown_away(transform, photo):
    transform(photo)
    return photo


_NAMES_OF_ROWS = (
    "Rows are looked up by their names, which stay the same when a table is split: number `index`, counted "
    "from 0, is another row or none. Which of pandas' ways counts positions?"
)

TableDataset = tables.Table(
    title="Exercise 1: the right file, opened and transformed anew each time, and its class.",
    right=the_courses_dataset,
    tries=_photos_tried,
    mistakes={
        _NAMES_OF_ROWS: {"row": lambda table, index: table.loc[index]},
        "Files come in several modes: gray, with transparency, with a palette. A network takes three "
        "channels: `convert` makes them.": {"opened": PIL.Image.open},
        "The transform is given an array: `RandomResizedCrop` and its like take the Pillow image.": {
            "opened": lambda path: np.asarray(_opened(path))
        },
        "The image is not transformed: every one goes through `self.transform(…)` when it is asked for.": {
            "transformed": lambda transform, photo: photo
        },
        "The transform changes nothing in place: return what it returns.": {"transformed": _thrown_away},
        "The class is its number, in the column `label`, not its name.": {"label": lambda row: row["class"]},
        "One number is asked for, and no one-hot row.": {"label": lambda row: np.eye(12)[row["label"]]},
        "Which comes first? Loops say `for images, classes in loader`.": {
            "answer": lambda image, label: (label, image)
        },
        "The transformed image was kept: every epoch would see the same draw. Transform it anew each time.": {
            "kept": True
        },
    },
    errors={r"KeyError: \d+|IndexError.*label": _NAMES_OF_ROWS},
    form="Return two values, image and class, with a comma between them: a loader makes a batch of each.",
    otherwise="In this order: the row, its file as a Pillow image in RGB, the transform, the class.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _mean_of_images(losses, counts):
    return float(np.dot(losses, counts) / sum(counts))


def the_courses_train_epoch(
    network: torch.nn.Module,
    loader: torch.utils.data.DataLoader,
    optimizer: torch.optim.Optimizer,
    *,
    training: bool = True,
    steps: tuple[str, ...] = ("zero", "backward", "clip", "step"),
    clip: Callable = lambda weights: torch.nn.utils.clip_grad_norm_(weights, max_norm=1.0),
    scored: Callable = lambda scores: scores,
    most_batches: int | None = None,
    result: Callable[[list[float], list[int]], Any] = _mean_of_images,
) -> float:
    """Train for an epoch; return the mean loss of the images. The keywords are clauses of the task.

    The loader has batches `(images, classes)`; the network makes scores `[B, K]` of images.
    """
    network.train(training)
    device, weights = next(network.parameters()).device, list(network.parameters())
    losses, counts = [], []
    for images, classes in list(loader)[:most_batches]:
        scores = scored(network(images.to(device)))
        loss = torch.nn.functional.cross_entropy(scores, classes.to(device))
        does = {
            "zero": optimizer.zero_grad,
            "backward": loss.backward,
            "clip": functools.partial(clip, weights),
            "step": optimizer.step,
        }
        for step in steps:
            does[step]()
        losses.append(loss.item())
        counts.append(len(classes))
    return result(losses, counts)


def _epoch_tried(seed, size):
    words = "(network, loader, optimizer): a small network in eval(), batches of 6, 6 and 3 images"

    def use(function):
        generator = torch.Generator().manual_seed(seed)
        network = torch.nn.Linear(4, 3)
        for weight in network.parameters():
            weight.data = torch.randn(weight.shape, generator=generator)
        network.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        images = size * torch.randn(15, 4, generator=generator)
        examples = torch.utils.data.TensorDataset(images, torch.randint(0, 3, [15], generator=generator))
        calls = []
        network.register_forward_pre_hook(lambda network, given: calls.append((network.training, given[0])))
        optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
        before = _weights(network)
        loader = torch.utils.data.DataLoader(examples, batch_size=6)
        loss = harness.call(function, network, loader, optimizer, tried=harness.name_of(function) + words)
        return {
            "the network sees its images in": " and ".join(
                {"train()" if mode else "eval()" for mode, _ in calls}
            ),
            "it is called with so many images": ", ".join(str(len(given)) for _, given in calls),
            "the weights": "as before" if np.array_equal(_weights(network), before) else "others",
            "the weights after the epoch": _weights(network),
            "what is returned": "a number"
            if isinstance(loss, float | int | np.floating)
            else _class_of(loss),
            "the mean loss": loss,
        }

    return tables.Try(words, use)


def _weights(network):
    return np.concatenate([weight.detach().cpu().numpy().ravel() for weight in network.parameters()])


train_epoch = tables.Table(
    title="Exercise 2: old gradients out, new ones in, clipped to 1, one step for each batch.",
    right=the_courses_train_epoch,
    # The gradients of large images are clipped in all batches, those of small ones in none.
    tries=lambda: [_epoch_tried(seed, size) for seed, size in [(0, 30.0), (1, 0.02), (2, 3.0)]],
    tolerance=1e-3,
    mistakes={
        "`eval()` is for tests: there Dropout is off, and BatchNorm's averages stay as they are. Which call "
        "says that this is training?": {"training": False},
        "An epoch goes through the whole loader: does the `return` stand inside of the loop?": {
            "most_batches": 1
        },
        "`loss.backward()` only computes gradients: which call moves the weights? And are the gradients "
        "still there when it comes?": {"steps": ("zero", "backward", "clip")},
        "New gradients are added to those of the batch before: `zero_grad()` is missing.": {
            "steps": ("backward", "clip", "step")
        },
        "The gradients are not clipped: clip when they are there, and before they are used.": {
            "steps": ("zero", "backward", "step")
        },
        "The step comes before `backward()`: it uses the gradients of the batch before.": {
            "steps": ("step", "zero", "backward", "clip")
        },
        "Each number is clipped by itself (`clip_grad_value_`), which changes the direction. Clip the norm "
        "of all together.": {"clip": lambda weights: torch.nn.utils.clip_grad_value_(weights, 1.0)},
        "There is a softmax before the loss, which makes one itself. Give it the scores.": {
            "scored": lambda scores: scores.softmax(dim=1)
        },
        "A tensor holds on to all that is needed for gradients; `.item()` gives the number alone.": {
            "result": lambda losses, counts: torch.tensor(_mean_of_images(losses, counts))
        },
        "This is the mean of the batches' losses: the small last batch counts as much as a large one.": {
            "result": lambda losses, counts: float(np.mean(losses))
        },
        "This is the loss of the last batch: add up over all of them.": {
            "result": lambda losses, counts: losses[-1]
        },
    },
    form="Return one number: the mean loss of the images.",
    otherwise="For each batch in this order: old gradients out, `backward()`, clip, step. The loss is that "
    "of the scores before the step.",
)
