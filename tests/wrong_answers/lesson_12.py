"""Wrong answers to the exercises of lesson 12, and what the check must say to them."""

import torch


class _Stored(torch.utils.data.Dataset):
    def __init__(self, images, labels, transform):
        self.images, self.labels, self.transform = images, labels, transform
        self.kept = {}

    def __len__(self):
        return len(self.images)


class Untransformed(_Stored):
    def __getitem__(self, index):
        return torch.from_numpy(self.images[index]), int(self.labels[index])


class ResultThrownAway(_Stored):
    def __getitem__(self, index):
        image = self.images[index]
        self.transform(image)
        return torch.from_numpy(image), int(self.labels[index])


class NumpyClass(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images[index]), self.labels[index]


class OneHotClass(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images[index]), torch.eye(12)[self.labels[index]]


class AllLabels(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images[index]), self.labels


class ImageOnly(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images[index])


class Remembered(_Stored):
    def __getitem__(self, index):
        if index not in self.kept:
            self.kept[index] = self.transform(self.images[index])
        return self.kept[index], int(self.labels[index])


class WrittenBack(_Stored):
    def __getitem__(self, index):
        result = self.transform(self.images[index])
        self.images[index] = (255 * result.permute(1, 2, 0)[..., :3]).numpy().astype("uint8")
        return result, int(self.labels[index])


class AllImages(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images), int(self.labels[index])


class DrawnIndex(_Stored):
    def __getitem__(self, index):
        index = (index + 2) % len(self.images)
        return self.transform(self.images[index]), int(self.labels[index])


class Scaled(_Stored):
    def __getitem__(self, index):
        return self.transform(self.images[index] / 255), int(self.labels[index])


class ClassFirst(_Stored):
    def __getitem__(self, index):
        return int(self.labels[index]), self.transform(self.images[index])


class TransformedTwice(_Stored):
    def __getitem__(self, index):
        return self.transform(self.transform(self.images[index])), int(self.labels[index])


def never_evaluated(network, loader):
    right = count = 0
    with torch.no_grad():
        for pictures, classes in loader:
            right += int((network(pictures).argmax(dim=1) == classes).sum())
            count += len(classes)
    return right / count


def with_gradients(network, loader):
    network.eval()
    right = count = 0
    for pictures, classes in loader:
        right += int((network(pictures).argmax(dim=1) == classes).sum())
        count += len(classes)
    return right / count


def _right(network, loader):
    network.eval()
    with torch.no_grad():
        return [(network(pictures).argmax(dim=1) == classes).float() for pictures, classes in loader]


def mean_of_batches(network, loader):
    return float(torch.stack([right.mean() for right in _right(network, loader)]).mean())


def first_batch_only(network, loader):
    network.eval()
    with torch.no_grad():
        for pictures, classes in loader:
            return float((network(pictures).argmax(dim=1) == classes).float().mean())


def number_of_right(network, loader):
    return float(torch.cat(_right(network, loader)).sum())


def percent(network, loader):
    return 100 * float(torch.cat(_right(network, loader)).mean())


def tensor_result(network, loader):
    return torch.cat(_right(network, loader)).mean()


def every_image(network, loader):
    return torch.cat(_right(network, loader))


def last_batch(network, loader):
    return float(_right(network, loader)[-1].mean())


def over_the_batch(network, loader):
    network.eval()
    right = count = 0
    with torch.no_grad():
        for pictures, classes in loader:
            highest = network(pictures).argmax(dim=0)[: len(classes)]
            right += int((highest == classes[: len(highest)]).sum())
            count += len(classes)
    return right / count


_RIGHT_ORDER = ["zero", "backward", "clip", "step"]


def _step(network, optimizer, pictures, classes, order, *, limit=1.0, scores=lambda outputs: outputs):
    loss = torch.nn.CrossEntropyLoss()(scores(network(pictures)), classes)
    for name in order:
        if name == "zero":
            optimizer.zero_grad()
        elif name == "backward":
            loss.backward()
        elif name == "clip":
            torch.nn.utils.clip_grad_norm_(network.parameters(), limit)
        elif name == "value":
            torch.nn.utils.clip_grad_value_(network.parameters(), 1.0)
        elif name == "each":
            for weight in network.parameters():
                torch.nn.utils.clip_grad_norm_(weight, 1.0)
        else:
            optimizer.step()
    return loss.item()


def no_zero(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["backward", "clip", "step"])


def no_clip(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "backward", "step"])


def clip_after_step(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "backward", "step", "clip"])


def clip_before_backward(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "clip", "backward", "step"])


def clip_by_value(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "backward", "value", "step"])


def clip_each(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "backward", "each", "step"])


def step_before_backward(network, optimizer, pictures, classes):
    optimizer.step()
    optimizer.zero_grad()
    return _step(network, optimizer, pictures, classes, ["backward", "clip"])


def no_step(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["zero", "backward", "clip"])


def zero_after_backward(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["backward", "zero", "clip", "step"])


def loss_with_its_graph(network, optimizer, pictures, classes):
    optimizer.zero_grad()
    loss = torch.nn.CrossEntropyLoss()(network(pictures), classes)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return loss


def loss_after(network, optimizer, pictures, classes):
    _step(network, optimizer, pictures, classes, _RIGHT_ORDER)
    return torch.nn.CrossEntropyLoss()(network(pictures), classes).item()


def softmax_first(network, optimizer, pictures, classes):
    softmax = torch.nn.Softmax(dim=1)
    return _step(network, optimizer, pictures, classes, _RIGHT_ORDER, scores=softmax)


def zero_last(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, ["backward", "clip", "step", "zero"])


def clipped_to_half(network, optimizer, pictures, classes):
    return _step(network, optimizer, pictures, classes, _RIGHT_ORDER, limit=0.5)


def in_eval(network, optimizer, pictures, classes):
    network.eval()
    return _step(network, optimizer, pictures, classes, _RIGHT_ORDER)


def nothing_returned(network, optimizer, pictures, classes):
    _step(network, optimizer, pictures, classes, _RIGHT_ORDER)


WRONG = {
    "Pictures": [
        ("not transformed", Untransformed, r"goes through\s+`self\.transform"),
        ("result thrown away", ResultThrownAway, r"result thrown\s+away"),
        ("a NumPy class", NumpyClass, r"`int\(…\)` makes a plain number"),
        ("a one-hot class", OneHotClass, r"no\s+one-hot\s+row"),
        ("all labels", AllLabels, r"not\s+all\s+classes"),
        ("the image alone", ImageOnly, r"separated by a comma"),
        ("drawn once and kept", Remembered, r"every epoch would see the\s+same\s+draw"),
        ("written back", WrittenBack, r"transform it once\s+more"),
        ("all images", AllImages, r"DataLoader makes\s+the\s+batch"),
        ("another index", DrawnIndex, r"The loader shuffles\s+by\s+itself"),
        ("scaled first", Scaled, r"stored image as it is"),
        ("class first", ClassFirst, r"for pictures,\s+classes"),
        ("transformed twice", TransformedTwice, r"transform that one,\s+once"),
    ],
    "accuracy": [
        ("no eval()", never_evaluated, r"Which call says that this is a\s+test"),
        ("with gradients", with_gradients, r"torch\.no_grad"),
        ("mean of batches", mean_of_batches, r"mean of the batches'\s+accuracies"),
        ("first batch only", first_batch_only, r"`return`\s+inside\s+of\s+the\s+loop"),
        ("number of right ones", number_of_right, r"number of right ones"),
        ("percent", percent, r"in percent"),
        ("a tensor", tensor_result, r"makes a plain number"),
        ("one for each image", every_image, r"one number for the whole loader"),
        ("last batch", last_batch, r"last batch alone"),
        ("argmax over the batch", over_the_batch, r"over the\s+classes,\s+not\s+over\s+the\s+images"),
    ],
    "training_step": [
        ("no zero_grad", no_zero, r"`zero_grad\(\)` is\s+missing"),
        ("no clipping", no_clip, r"not clipped"),
        ("clipped after the step", clip_after_step, r"only after the\s+step"),
        ("clipped before backward", clip_before_backward, r"not clipped|before\s+`backward\(\)`"),
        ("clipped by value", clip_by_value, r"clip_grad_value_"),
        ("clipped layer by layer", clip_each, r"all\s+parameters\s+at\s+once"),
        ("step before backward", step_before_backward, r"step comes before\s+`backward"),
        ("no step", no_step, r"which call\s+moves\s+the\s+weights"),
        ("zeroed after backward", zero_after_backward, r"which call\s+moves\s+the\s+weights"),
        ("loss with its graph", loss_with_its_graph, r"`\.item\(\)` gives"),
        ("loss after the step", loss_after, r"before the\s+step"),
        ("softmax first", softmax_first, r"softmax"),
        ("zeroed at the end", zero_last, r"at the end\s+comes\s+too\s+late"),
        ("clipped to a half", clipped_to_half, r"to\s+a\s+length\s+of\s+0\.5"),
        ("in eval()", in_eval, r"`eval\(\)`\s+is\s+for\s+tests"),
        ("nothing returned", nothing_returned, r"end with\s+`return`"),
    ],
}
