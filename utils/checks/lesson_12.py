"""The checks of lesson 12: an image out of a Dataset, the accuracy over a loader, a step of training."""

import copy
import functools
from collections.abc import Callable

import numpy as np
import torch

from utils.checks import harness

# ---- Exercise 1 --------------------------------------------------------------------------------------------


class _Draws:
    """A transform that tells what it was given, and draws: it adds the number of the call."""

    def __init__(self):
        self.given, self.returned = [], []

    def __call__(self, image):
        self.given.append(np.array(image))
        number = len(self.given) / 8
        self.returned.append(torch.full((3, 4, 5), float(np.asarray(image).mean()) / 255 + number))
        return self.returned[-1]


def Pictures(kind: type) -> None:
    """Check the class `Pictures(images, labels, transform)`: what `dataset[index]` gives, and when."""
    random = np.random.default_rng(12)
    images = random.integers(0, 256, (7, 4, 5, 3), dtype=np.uint8)
    labels = np.array([3, 0, 2, 2, 11, 1, 5])
    before = images.copy()
    transform = _Draws()
    dataset = kind(images, labels, transform)
    for index in [4, 0, *random.permutation(7), 4]:
        _check_element(dataset, int(index), before, labels, transform)
        if not np.array_equal(dataset.images, before):
            harness.fail(
                tried=f"dataset[{index}]",
                got="another image in dataset.images than before",
                expected="the stored images as they were",
                hint="The transformed image was stored: the next epoch would transform it once more. Only "
                "return it.",
            )
    harness.passed("Exercise 1: every call draws anew, and the class is a plain number.")


def _check_element(dataset, index, images, labels, transform):
    tried = f"dataset[{index}], whose class is {labels[index]}"
    fail = functools.partial(harness.fail, tried=tried)
    calls = len(transform.given)
    pair = harness.call(lambda: dataset[index], tried=tried)
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        fail(
            got=type(pair).__name__,
            expected="a pair: the transformed image and the class",
            hint="Return two things, separated by a comma. A DataLoader makes a batch of each.",
        )
    if len(transform.given) == calls:
        _fail_without_a_call(fail, pair[0], images, transform)
    if len(transform.given) > calls + 1:
        fail(
            got=f"{len(transform.given) - calls} calls of the transform",
            expected="one call",
            hint="Only image number `index` is asked for: transform that one, once.",
        )
    _check_given(fail, transform.given[-1], index, images)
    if pair[0] is not transform.returned[-1] and not _same(pair[0], transform.returned[-1]):
        if _same(pair[1], transform.returned[-1]):
            fail(
                got="(class, image)",
                expected="(image, class)",
                hint="Which comes first? Loops say `for pictures, classes in loader`.",
            )
        fail(
            got=harness.shown(pair[0]),
            expected=harness.shown(transform.returned[-1]),
            hint="Return what the transform returned, unchanged. Is its result thrown away?",
        )
    _check_class(fail, pair[1], index, labels)


def _fail_without_a_call(fail, got, images, transform):
    drawn_before = any(_same(got, result) for result in transform.returned)
    fail(
        got="the result of an earlier call" if drawn_before else "an image that has not been transformed",
        expected="a call of self.transform",
        hint="The transform's result was kept: every epoch would see the same draw. Call it each time."
        if drawn_before
        else "Every image goes through `self.transform(…)` when it is asked for.",
    )


def _check_given(fail, given, index, images):
    given = np.asarray(given)
    if given.shape == images[index].shape and np.array_equal(given, images[index]):
        return
    others = [other for other in range(len(images)) if np.array_equal(given, images[other])]
    if others:
        fail(
            got=f"image number {others[0]} was given to the transform",
            expected=f"image number {index}",
            hint="The loader shuffles by itself: return the image number `index` that it asks for.",
        )
    if given.shape == images.shape:
        fail(
            got=f"all {len(images)} images were given to the transform",
            expected=f"image number {index} alone",
            hint="A Dataset returns one image; the DataLoader makes the batch. Use `index`.",
        )
    fail(
        got=f"the transform was given {harness.shown(given)}",
        expected=f"it is given {harness.shown(images[index])}",
        hint="Give the transform the stored image as it is: `ToTensor` scales and moves the channels.",
    )


def _check_class(fail, got, index, labels):
    if type(got) is int and got == labels[index]:
        return
    a_number = isinstance(got, np.integer | torch.Tensor | np.ndarray | float) and _size(got) == 1
    if a_number and float(got) == labels[index]:
        fail(
            got=f"{got!r}, a {type(got).__name__}",
            expected=f"{labels[index]}, an int",
            hint="The value is right. `int(…)` makes a plain number of it.",
        )
    if _size(got) > 1:
        fail(
            got=harness.shown(got),
            expected=f"{labels[index]}, an int",
            hint="One number is asked for, the class of this image: not all classes, and no one-hot row.",
        )
    fail(
        got=got,
        expected=int(labels[index]),
        hint="The class of image number `index` is `self.labels[index]`.",
    )


def _size(value):
    return value.numel() if isinstance(value, torch.Tensor) else np.size(value)


def _same(first, second):
    try:
        first, second = np.asarray(first), np.asarray(second)
    except (TypeError, ValueError, RuntimeError):
        return False
    return first.shape == second.shape and np.array_equal(first, second)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


class _Recorder(torch.nn.Module):
    """Scores as the pictures say in `eval()`, others in `train()`; records how it is called."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.modes, self.gradients, self.sizes = [], [], []

    def forward(self, pictures):
        self.modes.append(self.training)
        self.gradients.append(torch.is_grad_enabled())
        self.sizes.append(len(pictures))
        return (pictures.roll(1, dims=1) if self.training else pictures) * self.weight


def accuracy(function: Callable) -> None:
    """Check `accuracy(network, loader)` on batches of other sizes, of which other shares are right."""
    generator = torch.Generator().manual_seed(12)
    for sizes, right in [([4, 4, 1], [4, 1, 0]), ([6, 6, 2], [3, 6, 0]), ([5], [5]), ([5, 3], [0, 0])]:
        _check_accuracy(function, sizes, right, generator)
    harness.passed("Exercise 2: the share of all images, with the network in eval() and without gradients.")


def _batches(sizes, right, generator):
    batches = []
    for size, count in zip(sizes, right, strict=True):
        scores = torch.rand(size, 7, generator=generator)
        highest = scores.argmax(dim=1)
        wrong = (highest + 1) % 6 + (highest == 5)  # any other class
        batches.append((scores, torch.where(torch.arange(size) < count, highest, wrong % 7)))
    return batches


def _check_accuracy(function, sizes, right, generator):
    batches = _batches(sizes, right, generator)
    truth = [int((scores.argmax(dim=1) == classes).sum()) for scores, classes in batches]
    tried = f"accuracy on batches of {sizes} images, of which {truth} are right"
    fail = functools.partial(harness.fail, tried=tried)
    network = _Recorder().train()
    pictures, classes = (torch.cat(parts) for parts in zip(*batches, strict=True))
    dataset = torch.utils.data.TensorDataset(pictures, classes)
    loader = torch.utils.data.DataLoader(dataset, batch_size=sizes[0])
    result = harness.call(function, network, loader, tried=tried)
    got = _number(result, fail)
    expected = sum(truth) / sum(sizes)
    if any(network.modes):
        fail(
            got="the network was in train() when it saw the images",
            expected="a network in eval()",
            hint="In train() Dropout and BatchNorm change the scores. Which call says that this is a test?",
        )
    if network.sizes != sizes:
        fail(
            got=f"the network was called with {network.sizes} images",
            expected=f"with {sizes}, each batch once",
            hint="Go through the whole loader: is the `return` inside of the loop?",
        )
    if any(network.gradients):
        fail(
            got="PyTorch kept what it needs for gradients",
            expected="none of that",
            hint="Put the loop under `with torch.no_grad():`.",
        )
    if abs(got - expected) > 1e-6:
        fail(got=f"{got:.4f}", expected=f"{expected:.4f}", hint=_accuracy_hint(got, truth, sizes, batches))


def _number(result, fail):
    try:
        number = float(result)
    except (TypeError, ValueError, RuntimeError):
        fail(
            got=f"a {type(result).__name__} of {_size(result)} numbers",
            expected="one number",
            hint="Return one number for the whole loader, not one for each image or batch.",
        )
    if not isinstance(result, float | int):
        fail(
            got=f"{type(result).__name__}, {number:.4f}",
            expected="a float",
            hint="`float(…)` or `.item()` makes a plain number.",
        )
    return number


def _accuracy_hint(got, truth, sizes, batches):
    total = sum(sizes)
    candidates = {
        "This is the mean of the batches' accuracies: the small last batch counts as much as a large one. "
        "Count images, and divide once.": np.mean(np.divide(truth, sizes)),
        "This is the number of right ones. Divide by the number of images.": sum(truth),
        "This is in percent. A share from 0 to 1 is asked for.": 100 * sum(truth) / total,
        "This divides by the number of batches, not of images.": sum(truth) / len(sizes),
        "This is the last batch alone. Add up over all batches.": truth[-1] / sizes[-1],
    }
    for hint, value in candidates.items():
        if np.isclose(got, value, rtol=1e-5):
            return hint
    return "Count where `scores.argmax(dim=1)` (over the classes, not over the images) is the class."


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def training_step(function: Callable) -> None:
    """Check `training_step(network, optimizer, pictures, classes)` by the weights it leaves."""
    for seed, size in [(0, 30.0), (1, 0.02), (2, 8.0)]:  # gradients that are clipped, and some that are not
        _check_steps(function, seed, size)
    harness.passed("Exercise 3: old gradients out, new ones in, clipped to 1, one step.")


def _problem(seed, size):
    """A small network with its optimizer, and two batches."""
    generator = torch.Generator().manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
    batches = [
        (size * torch.randn(6, 4, generator=generator), torch.randint(0, 3, (6,), generator=generator))
        for _ in range(2)
    ]
    return network, torch.optim.SGD(network.parameters(), lr=0.5), batches


def _reference(
    network, optimizer, pictures, classes, *, zero=True, clip="norm", max_norm=1.0, order="", loss="mean"
):
    """One step, or what a usual mistake makes of it."""
    if order == "step first":
        optimizer.step()
    if zero and order != "zero last":
        optimizer.zero_grad()
    scores = network(pictures)
    if loss == "softmax":
        scores = torch.softmax(scores, dim=1)
    loss = torch.nn.CrossEntropyLoss(reduction="sum" if loss == "sum" else "mean")(scores, classes)
    weights = list(network.parameters())

    def clipped():
        if clip == "norm":
            torch.nn.utils.clip_grad_norm_(weights, max_norm)
        elif clip == "value":
            torch.nn.utils.clip_grad_value_(weights, 1.0)
        elif clip == "each":
            for weight in weights:
                torch.nn.utils.clip_grad_norm_([weight], 1.0)

    if order == "clip first":
        clipped()
    loss.backward()
    if order != "clip first":
        clipped()
    if order != "step first":
        optimizer.step()
    if order == "zero last":
        optimizer.zero_grad()
    return loss.item()


_MISTAKES = {
    "The weights have moved with the old gradients added to the new ones: `zero_grad()` is missing, or comes "
    "too late.": {"zero": False},
    "The gradients are not clipped, or only after the step, when it is too late.": {"clip": "none"},
    "The clipping comes before `backward()`: it clips the old gradients, and the new ones are added.": {
        "zero": False,
        "order": "clip first",
    },
    "Each number is clipped by itself (`clip_grad_value_`), which changes the direction. Clip the norm of "
    "all together.": {"clip": "value"},
    "Each layer's gradients are clipped by themselves. Give `clip_grad_norm_` all parameters at once.": {
        "clip": "each"
    },
    "The step comes before `backward()`, with the gradients of the batch before.": {"order": "step first"},
    "There is a softmax before CrossEntropyLoss, which makes one itself. Give it the scores.": {
        "loss": "softmax"
    },
    "This is the sum of the losses; CrossEntropyLoss as it is gives their mean.": {"loss": "sum"},
    "Gradients that were there before the call are added to the new ones: `zero_grad()` at the end comes too "
    "late for them. It belongs before `backward()`.": {"order": "zero last"},
    "The gradients are clipped, but to a length of 0.5: 1 is asked for.": {"max_norm": 0.5},
    "The gradients are clipped, but to a length of 5: 1 is asked for.": {"max_norm": 5.0},
    "The old gradients are added to the new ones, and nothing is clipped.": {"zero": False, "clip": "none"},
}


def _refuse_eval(network, _):
    if network.training:
        return
    harness.fail(
        tried="a step with a network that is in train()",
        got="the network is in eval() when it sees the pictures",
        expected="a network in train()",
        hint="`eval()` is for tests. In a training step it turns Dropout off and holds BatchNorm's averages.",
    )


def _run(step, seed, size):
    """The losses and the weights after two steps, beginning with leftover gradients."""
    network, optimizer, batches = _problem(seed, size)
    network.register_forward_pre_hook(_refuse_eval)
    for weight in network.parameters():
        weight.grad = torch.full_like(weight, 0.3)
    losses = [step(network, optimizer, *copy.deepcopy(batch)) for batch in batches]
    return losses, torch.cat([weight.detach().flatten() for weight in network.parameters()])


def _check_steps(function, seed, size):
    tried = "two steps with a small network, which has old gradients at the beginning"
    fail = functools.partial(harness.fail, tried=tried)
    start = torch.cat([weight.detach().flatten() for weight in _problem(seed, size)[0].parameters()])
    losses, weights = _run(_reference, seed, size)
    called = functools.partial(harness.call, function, tried=tried)
    their_losses, their_weights = _run(called, seed, size)
    if torch.allclose(their_weights, start):
        fail(
            got="the weights are as they were",
            expected="weights that have moved",
            hint="`loss.backward()` only computes gradients: which call moves the weights? And are the "
            "gradients still there when it comes?",
        )
    if not torch.allclose(their_weights, weights, atol=1e-5):
        hints = [
            hint
            for hint, mistake in _MISTAKES.items()
            if torch.allclose(
                their_weights, _run(functools.partial(_reference, **mistake), seed, size)[1], atol=1e-5
            )
        ]
        distance = float((their_weights - weights).abs().max())
        fail(
            got=f"weights that are up to {distance:.2g} away from the right ones",
            expected="the right weights",
            hint=hints[0] if hints else "The order is: old gradients out, `backward()`, clip, step.",
        )
    _check_losses(fail, their_losses, losses)


def _check_losses(fail, got, expected):
    if any(isinstance(loss, torch.Tensor) for loss in got):
        fail(
            got="a tensor",
            expected="a float",
            hint="The tensor holds on to all that is needed for gradients; `.item()` gives the number alone.",
        )
    if not all(isinstance(loss, float | np.floating) for loss in got):
        fail(got=harness.shown(got[0]), expected="a float", hint="Return the loss: `loss.item()`.")
    if not np.allclose(got, expected, atol=1e-4):
        fail(
            got=f"the losses {', '.join(f'{loss:.4f}' for loss in got)}",
            expected=f"{', '.join(f'{loss:.4f}' for loss in expected)}",
            hint="The weights are right, the loss is not: return that of the scores before the step.",
        )
