"""Wrong answers to the exercises of lesson 12, and what the check must say to them."""

import PIL.Image
import torch


class _Table(torch.utils.data.Dataset):
    def __init__(self, table, transform):
        self.table, self.transform = table, transform

    def __len__(self):
        return len(self.table)

    def photo(self, index):
        return PIL.Image.open(self.table["path"].iloc[index]).convert("RGB")

    def number(self, index):
        return int(self.table["label"].iloc[index])


class LabelByName(_Table):
    """The file is the right one, its class another's."""

    def __getitem__(self, index):
        return self.transform(self.photo(index)), int(self.table["label"][index])


class Sorted(_Table):
    """The rows in the order of their names."""

    def __getitem__(self, index):
        row = self.table.sort_index().iloc[index]
        return self.transform(PIL.Image.open(row["path"]).convert("RGB")), int(row["label"])


class GrayAll(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index).convert("L")), self.number(index)


class PathTransformed(_Table):
    def __getitem__(self, index):
        return self.transform(self.table["path"].iloc[index]), self.number(index)


class TransformedTwice(_Table):
    def __getitem__(self, index):
        photo = self.photo(index)
        self.transform(photo)
        return self.transform(photo), self.number(index)


class AllLabels(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index)), self.table["label"]


class ImageOnly(_Table):
    def __getitem__(self, index):
        return self.transform(self.photo(index))


def _epoch(network, loader, optimizer, order, clip=torch.nn.utils.clip_grad_norm_):
    """The sum of the losses of each batch's images."""
    network.train()
    losses, weights = [], list(network.parameters())
    for images, classes in loader:
        loss = torch.nn.functional.cross_entropy(network(images), classes)
        does = {
            "zero": optimizer.zero_grad,
            "backward": loss.backward,
            "clip": lambda: clip(weights, 1.0),
            "step": optimizer.step,
        }
        for step in order.split():
            does[step]()
        losses.append(loss.item() * len(classes))
    return losses


def zeroed_after_backward(network, loader, optimizer):
    return sum(_epoch(network, loader, optimizer, "backward zero clip step")) / len(loader.dataset)


def clipped_after_the_step(network, loader, optimizer):
    return sum(_epoch(network, loader, optimizer, "zero backward step clip")) / len(loader.dataset)


def clipped_layer_by_layer(network, loader, optimizer):
    def clip(weights, norm):
        for weight in weights:
            torch.nn.utils.clip_grad_norm_(weight, norm)

    return sum(_epoch(network, loader, optimizer, "zero backward clip step", clip)) / len(loader.dataset)


def all_losses_at_once(network, loader, optimizer):
    """One step with the gradients of the whole epoch."""
    losses = _epoch(network, loader, optimizer, "backward")
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return sum(losses) / len(loader.dataset)


def sum_of_images(network, loader, optimizer):
    return sum(_epoch(network, loader, optimizer, "zero backward clip step"))


def nothing_returned(network, loader, optimizer):
    _epoch(network, loader, optimizer, "zero backward clip step")


def loss_afterwards(network, loader, optimizer):
    _epoch(network, loader, optimizer, "zero backward clip step")
    images, classes = loader.dataset.tensors
    return torch.nn.functional.cross_entropy(network(images), classes).item()


WRONG = {
    "TableDataset": [
        ("the class by name", LabelByName, r"the second value"),
        ("sorted by name", Sorted, r"from the file"),
        ("gray", GrayAll, r"a Pillow image in L"),
        ("a path transformed", PathTransformed, r"is given: \w*Path"),
        ("transformed twice", TransformedTwice, r"calls of the transform: 2"),
        ("all labels", AllLabels, r"the second value"),
        ("the image alone", ImageOnly, r"Return two values"),
    ],
    "train_epoch": [
        ("zeroed after backward", zeroed_after_backward, r"which call\s+moves\s+the\s+weights"),
        ("clipped after the step", clipped_after_the_step, r"before they are\s+used"),
        (
            "clipped layer by layer",
            clipped_layer_by_layer,
            r"the weights after the epoch[\s\S]*in this order",
        ),
        ("one step an epoch", all_losses_at_once, r"the weights after the epoch"),
        ("sum of the images", sum_of_images, r"the mean loss"),
        ("nothing returned", nothing_returned, r"end with\s+`return`"),
        ("loss afterwards", loss_afterwards, r"with so many images"),
    ],
}
