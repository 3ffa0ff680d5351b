"""Lesson 12: its checks take right answers however they are written; the student's functions train."""

import contextlib
import io
import pathlib
from unittest import mock

import numpy as np
import PIL.Image
import pytest

from tools import lessons

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")

from utils.checks import lesson_12  # noqa: E402

pytestmark = pytest.mark.torch

# ---- right answers ----------------------------------------------------------------------------------------


class _Table(torch.utils.data.Dataset):
    def __init__(self, table, transform):
        self.table, self.transform = table, transform


class WithTorchvisionsLoader(_Table):
    def __getitem__(self, index):
        photo = torchvision.datasets.folder.default_loader(self.table["path"].iloc[index])
        return self.transform(photo), self.table["label"].to_numpy()[index]


class OpenedInAContext(_Table):
    def __getitem__(self, index):
        path, label = self.table[["path", "label"]].values[index]
        with PIL.Image.open(path) as file:
            photo = PIL.Image.fromarray(np.array(file.convert("RGB")))
        return [self.transform(photo), torch.tensor(label)]


class WithTheTableReadBefore(_Table):
    def __init__(self, table, transform):
        super().__init__(table, transform)
        self.rows = list(zip(map(str, table["path"]), table["label"], strict=True))

    def __getitem__(self, index):
        return self.transform(PIL.Image.open(self.rows[index][0]).convert("RGB")), self.rows[index][1]


@pytest.mark.parametrize("answer", [WithTorchvisionsLoader, OpenedInAContext, WithTheTableReadBefore])
def test_a_right_dataset_passes_however_it_is_written(answer, capsys):
    lesson_12.TableDataset(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def zeroed_after_each_step(network, loader, optimizer):
    network.train()
    losses = torch.zeros(0)
    for images, classes in loader:
        scores = network(images)
        losses = torch.cat([losses, torch.nn.CrossEntropyLoss(reduction="none")(scores, classes)])
        losses[-len(classes) :].mean().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
        optimizer.step()
        optimizer.zero_grad()
        losses = losses.detach()
    return losses.mean().item()


def clipped_by_hand(network, loader, optimizer):
    network.train(True)
    total, count = 0, 0
    for batch in loader:
        images, classes = batch
        network.zero_grad(set_to_none=False)
        loss = torch.nn.functional.nll_loss(network(images).log_softmax(dim=1), classes)
        loss.backward()
        norm = torch.stack([weight.grad.norm() for weight in network.parameters()]).norm()
        for weight in network.parameters():
            weight.grad /= max(norm, 1)
        optimizer.step()
        total, count = total + loss.item() * images.shape[0], count + images.shape[0]
    return np.float64(total / count)


@pytest.mark.parametrize("answer", [zeroed_after_each_step, clipped_by_hand])
def test_a_right_epoch_passes_however_it_is_written(answer, capsys):
    lesson_12.train_epoch(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what is trained --------------------------------------------------------------------------------------


class _Enough(Exception):
    """Ends the lesson at its first training."""


@pytest.mark.slow
def test_the_training_uses_what_the_student_wrote(monkeypatch):
    """`fit` gives batches of the student's Dataset to the student's `train_epoch`."""
    asked, batches = [], []

    def recorded(dataset):
        class Recorded(dataset):
            def __getitem__(self, index):
                asked.append(index)
                return super().__getitem__(index)

        return Recorded

    def stops(network, loader, optimizer):
        asked.clear()
        batches.append(next(iter(loader)))
        raise _Enough

    changes = {"TableDataset": recorded, "train_epoch": lambda _: stops}
    (script,) = (pathlib.Path(__file__).parents[1] / "solutions").glob("12_*.py")
    monkeypatch.chdir(script.parent)
    space = {"__name__": script.stem}
    with (
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch("utils.figures.show"),
        mock.patch("utils.checks.yours", lambda function, otherwise: function),
        contextlib.suppress(_Enough),
    ):
        for cell in lessons.read(script).code:
            if cell.check or "hide-input" in cell.tags or "num_workers" in cell.source:
                continue  # checks, drawings, other processes
            exec(cell.solution, space)
            if cell.exercise:
                name = cell.exercise.function
                space[name] = changes[name](space[name])
    images, classes = batches[0]
    assert len(images) == len(classes) == len(asked) == 40
    labels = space["tables"]["train"]["label"].to_numpy()
    np.testing.assert_array_equal(labels[asked], classes)
