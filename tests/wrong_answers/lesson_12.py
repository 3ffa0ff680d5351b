"""Wrong answers to the exercises of lesson 12, and what the check must say to them."""

import functools

import numpy as np
import PIL.Image
import torch


class _Table(torch.utils.data.Dataset):
    def __init__(self, table, transform):
        self.table, self.transform = table, transform
        self.photos = {}

    def __len__(self):
        return len(self.table)

    def photo(self, index):
        return PIL.Image.open(self.table["path"].iloc[index]).convert("RGB")

    def number(self, index):
        return int(self.table["label"].iloc[index])


class ByName(_Table):
    def __getitem__(self, index):
        row = self.table.loc[index]
        return self.transform(PIL.Image.open(row["path"]).convert("RGB")), int(row["label"])


class ByNameOfColumns(_Table):
    def __getitem__(self, index):
        photo = PIL.Image.open(self.table["path"][index]).convert("RGB")
        return self.transform(photo), int(self.table["label"][index])


class LabelByName(_Table):
    """The file is the right one, its class another's."""

    def __getitem__(self, index):
        return self.transform(self.photo(index)), int(self.table["label"][index])


class Sorted(_Table):
    """The rows in the order of their names."""

    def __getitem__(self, index):
        row = self.table.sort_index().iloc[index]
        return self.transform(PIL.Image.open(row["path"]).convert("RGB")), int(row["label"])


class FirstRow(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(0)), self.number(0)


class NotConverted(_Table):
    def __getitem__(self, index):
        return self.transform(PIL.Image.open(self.table["path"].iloc[index])), self.number(index)


class GrayAll(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index).convert("L")), self.number(index)


class PathTransformed(_Table):
    def __getitem__(self, index):
        return self.transform(self.table["path"].iloc[index]), self.number(index)


class ArrayTransformed(_Table):
    def __getitem__(self, index):
        return self.transform(np.array(self.photo(index))), self.number(index)


class Untransformed(_Table):
    def __getitem__(self, index):
        return self.photo(index), self.number(index)


class ResultThrownAway(_Table):
    def __getitem__(self, index):
        photo = self.photo(index)
        self.transform(photo)
        return photo, self.number(index)


class TransformedTwice(_Table):
    def __getitem__(self, index):
        photo = self.photo(index)
        self.transform(photo)
        return self.transform(photo), self.number(index)


class Remembered(_Table):
    def __getitem__(self, index):
        if index not in self.photos:
            self.photos[index] = self.transform(self.photo(index))
        return self.photos[index], self.number(index)


class NameOfTheClass(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index)), self.table["class"].iloc[index]


class OneHot(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index)), torch.eye(12)[self.number(index)]


class AllLabels(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index)), self.table["label"]


class ClassFirst(_Table):
    def __getitem__(self, index):
        return self.number(index), self.transform(self.photo(index))


class ImageOnly(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index))


class Dictionary(_Table):
    def __getitem__(self, index):
        return {"image": self.transform(self.photo(index)), "label": self.number(index)}


class NothingReturned(_Table):
    def __getitem__(self, index):
        self.transform(self.photo(index))


_RIGHT_ORDER = ("zero", "backward", "clip", "step")


def _epoch(
    network, loader, optimizer, *, order=_RIGHT_ORDER, mode="train", scored=None, clip=None, last=None
):
    """The batches' losses as tensors, and their numbers of images."""
    getattr(network, mode)()
    losses, counts = [], []
    device, weights = next(network.parameters()).device, list(network.parameters())
    for images, classes in list(loader)[:last]:
        scores = network(images.to(device))
        scores = scored(scores) if scored else scores
        loss = torch.nn.CrossEntropyLoss()(scores, classes.to(device))
        for name in order:
            if name == "zero":
                optimizer.zero_grad()
            elif name == "backward":
                loss.backward()
            elif name == "clip":
                (clip or functools.partial(torch.nn.utils.clip_grad_norm_, max_norm=1.0))(weights)
            else:
                optimizer.step()
        losses.append(loss.detach() * len(classes))
        counts.append(len(classes))
    return torch.stack(losses), counts


def _answer(**mistake):
    """An answer that does it otherwise, and returns the right mean of what it had."""

    def train_epoch(network, loader, optimizer):
        losses, counts = _epoch(network, loader, optimizer, **mistake)
        return losses.sum().item() / sum(counts)

    return train_epoch


def _clip_each(weights):
    for weight in weights:
        torch.nn.utils.clip_grad_norm_(weight, 1.0)


def mode_forgotten(network, loader, optimizer):
    losses, counts = _epoch(network, loader, optimizer, mode="parameters")
    return losses.sum().item() / sum(counts)


def all_losses_at_once(network, loader, optimizer):
    """One step with the gradients of the whole epoch."""
    network.train()
    optimizer.zero_grad()
    total = 0.0
    for images, classes in loader:
        loss = torch.nn.functional.cross_entropy(network(images), classes)
        loss.backward()
        total += loss.item() * len(classes)
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return total / len(loader.dataset)


def mean_of_batches(network, loader, optimizer):
    losses, counts = _epoch(network, loader, optimizer)
    return (losses / torch.tensor(counts)).mean().item()


def sum_of_batches(network, loader, optimizer):
    losses, counts = _epoch(network, loader, optimizer)
    return (losses / torch.tensor(counts)).sum().item()


def loss_of_the_last_batch(network, loader, optimizer):
    losses, counts = _epoch(network, loader, optimizer)
    return losses[-1].item() / counts[-1]


def tensor_returned(network, loader, optimizer):
    losses, counts = _epoch(network, loader, optimizer)
    return losses.sum() / sum(counts)


def nothing_returned(network, loader, optimizer):
    _epoch(network, loader, optimizer)


def loss_afterwards(network, loader, optimizer):
    _epoch(network, loader, optimizer)
    images, classes = loader.dataset.tensors
    return torch.nn.functional.cross_entropy(network(images), classes).item()


WRONG = {
    "TableDataset": [
        ("by name", ByName, r"looked up by their\s+names"),
        ("by name, in columns", ByNameOfColumns, r"looked up by their\s+names"),
        ("the class by name", LabelByName, r"the second value"),
        ("sorted by name", Sorted, r"from the file"),
        ("the first row", FirstRow, r"from the file: 0\.png"),
        ("not converted", NotConverted, r"`convert` makes\s+them"),
        ("gray", GrayAll, r"a Pillow image in L"),
        ("a path transformed", PathTransformed, r"is given: \w*Path"),
        ("an array transformed", ArrayTransformed, r"take the Pillow image"),
        ("not transformed", Untransformed, r"goes through\s+`self\.transform"),
        ("result thrown away", ResultThrownAway, r"changes nothing in\s+place"),
        ("transformed twice", TransformedTwice, r"calls of the transform: 2"),
        ("drawn once and kept", Remembered, r"every epoch would see the\s+same\s+draw"),
        ("the name of the class", NameOfTheClass, r"not its\s+name"),
        ("a one-hot class", OneHot, r"no\s+one-hot\s+row"),
        ("all labels", AllLabels, r"the second value"),
        ("class first", ClassFirst, r"for images,\s+classes"),
        ("the image alone", ImageOnly, r"Return two values"),
        ("a dictionary", Dictionary, r"Return two values"),
        ("nothing returned", NothingReturned, r"end with\s+`return`"),
    ],
    "train_epoch": [
        ("mode forgotten", mode_forgotten, r"Which call\s+says\s+that\s+this\s+is\s+training"),
        ("in eval()", _answer(mode="eval"), r"Which call\s+says\s+that\s+this\s+is\s+training"),
        ("first batch only", _answer(last=1), r"`return` stand\s+inside"),
        ("no step", _answer(order=_RIGHT_ORDER[:3]), r"which call\s+moves\s+the\s+weights"),
        (
            "zeroed after backward",
            _answer(order=("backward", "zero", "clip", "step")),
            r"which call\s+moves\s+the\s+weights",
        ),
        ("no zero_grad", _answer(order=_RIGHT_ORDER[1:]), r"`zero_grad\(\)` is\s+missing"),
        ("no clipping", _answer(order=("zero", "backward", "step")), r"not clipped"),
        ("clipped first", _answer(order=("zero", "clip", "backward", "step")), r"not clipped"),
        (
            "clipped after the step",
            _answer(order=("zero", "backward", "step", "clip")),
            r"before they are\s+used",
        ),
        ("nothing but steps", _answer(order=("backward", "step")), r"and nothing is\s+clipped"),
        ("step first", _answer(order=("step", "zero", "backward", "clip")), r"step comes before"),
        (
            "clipped by value",
            _answer(clip=functools.partial(torch.nn.utils.clip_grad_value_, clip_value=1.0)),
            r"clip_grad_value_",
        ),
        ("clipped layer by layer", _answer(clip=_clip_each), r"all\s+parameters\s+at\s+once"),
        ("softmax first", _answer(scored=torch.nn.Softmax(dim=1)), r"softmax"),
        ("one step an epoch", all_losses_at_once, r"the weights after the epoch"),
        ("mean of batches", mean_of_batches, r"mean of the batches'\s+losses"),
        ("sum of batches", sum_of_batches, r"the mean loss"),
        ("last batch", loss_of_the_last_batch, r"last\s+batch:\s+add\s+up"),
        ("a tensor", tensor_returned, r"`\.item\(\)` gives"),
        ("nothing returned", nothing_returned, r"end with\s+`return`"),
        ("loss afterwards", loss_afterwards, r"with so many images"),
    ],
}
