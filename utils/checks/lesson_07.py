"""The checks of lesson 07: a new head on a frozen backbone, a lead that lasts, an interval of differences."""

import functools
from collections.abc import Callable

import keras
import numpy as np
import scipy.stats

from utils.checks import harness

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def frozen_classifier(function: Callable) -> None:
    """Check `frozen_classifier(backbone, num_classes)`: outputs, what learns, and what a step changes."""
    random = np.random.default_rng(7)
    for num_classes in (12, int(random.integers(3, 9))):
        _check_classifier(function, num_classes, random)
    harness.passed("Exercise 1: one probability for each class, and only the new head learns.")


def _small_backbone():
    """A backbone of one convolution with BatchNormalization, whose averages are not those of a new one."""
    images = keras.Input((8, 8, 3))
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(images)
    hidden = keras.layers.Conv2D(5, 3, use_bias=False)(hidden)
    normalized = keras.layers.BatchNormalization(momentum=0.5)
    hidden = keras.layers.ReLU()(normalized(hidden))
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(hidden), name="backbone")
    normalized.moving_mean.assign(np.linspace(-0.1, 0.1, 5))
    return model


def _check_classifier(function, num_classes, random):
    backbone = _small_backbone()
    before = [weight.numpy() for weight in backbone.weights]
    tried = f"{_name(function)}(backbone with 5 features, {num_classes})"
    fail = functools.partial(harness.fail, tried=tried)
    model = harness.call(function, backbone, num_classes, tried=tried)
    if not isinstance(model, keras.Model):
        fail(
            got=type(model).__name__,
            expected="a Keras model",
            hint="`keras.Model(input, output)` makes a model of two ends. Return the model itself.",
        )
    images = random.uniform(0, 255, (6, 8, 8, 3)).astype("float32")
    probabilities = _outputs(model, images, fail)
    _check_probabilities(probabilities, num_classes, fail)
    theirs = _backbone_inside(model, backbone, before, fail)
    _check_head(model, theirs, images, probabilities, fail)
    _check_what_learns(model, theirs, fail)
    _check_a_step(model, theirs, before, images, num_classes, fail)


def _outputs(model, images, fail):
    try:
        return np.asarray(model(images, training=False))
    except Exception as error:
        fail(
            got=f"the model cannot be called with images: {str(error).splitlines()[0][:120]}",
            expected="probabilities",
            hint="The model begins at `backbone.input` and ends at the new layer.",
        )


def _check_probabilities(probabilities, num_classes, fail):
    if probabilities.shape != (6, num_classes):
        features = probabilities.shape[-1] == 5
        fail(
            got=f"outputs {list(probabilities.shape)} for 6 images",
            expected=f"[6, {num_classes}]",
            hint="These are the features, without a head: the last layer is the new one."
            if features
            else "The head has one neuron for each of `num_classes` classes.",
        )
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0 or not np.allclose(sums, 1, atol=1e-4):
        sigmoid = probabilities.min() >= 0 and probabilities.max() <= 1
        fail(
            got=f"rows that sum to {sums.min():.3g} … {sums.max():.3g}, least {probabilities.min():.3g}",
            expected="rows of probabilities: none below 0, sum 1",
            hint="Each output is between 0 and 1, but the classes do not share one whole: `sigmoid` judges "
            "each class alone, `softmax` all together."
            if sigmoid
            else "Without an activation a Dense layer gives any numbers. Which activation makes "
            "probabilities that sum to 1?",
        )


def _backbone_inside(model, backbone, before, fail):
    """The model's weights that are the backbone's, or a copy's with the same values, in the same order."""
    if any(
        not np.array_equal(weight.numpy(), value)
        for weight, value in zip(backbone.weights, before, strict=True)
    ):
        fail(
            got="a backbone with other weights than before the call",
            expected="the pretrained weights",
            hint="Build the classifier without training or setting anything: it only joins two parts.",
        )
    own = {id(weight) for weight in model.weights}
    if all(id(weight) in own for weight in backbone.weights):
        return backbone.weights
    copies = [_with_value(model.weights, value) for value in before]
    if any(copy is None for copy in copies):
        fail(
            got="a model whose convolution has other weights than the backbone",
            expected="the backbone itself, with its pretrained weights",
            hint="Call the backbone that came in, `backbone(images)`, or go on from `backbone.output`: "
            "`clone_model` and building anew start from random weights, and what was learned is lost.",
        )
    return copies


def _with_value(weights, value):
    return next((weight for weight in weights if np.array_equal(weight.numpy(), value)), None)


def _check_head(model, theirs, images, probabilities, fail):
    """Something new comes after the features, and it does not draw at random."""
    if len(model.weights) <= len(theirs):
        fail(
            got="a model without any new weight",
            expected="a new head with a kernel [5, classes] and a bias",
            hint="An activation alone has nothing to learn. The head is a Dense layer.",
        )
    if not np.array_equal(np.asarray(model(images, training=False)), probabilities):
        fail(
            got="two different answers for the same images",
            expected="the same answer",
            hint="Something draws at random also when `training=False`.",
        )


def _check_what_learns(model, theirs, fail):
    of_backbone = {id(weight) for weight in theirs}
    learning = model.trainable_variables
    theirs = [weight for weight in learning if id(weight) in of_backbone]
    if not learning:
        fail(
            got="a model in which nothing learns",
            expected="a head that learns",
            hint="The head is frozen, too: `trainable = False` on a whole model reaches every layer in it. "
            "Freeze the backbone only.",
        )
    if len(theirs) == len(learning):
        fail(
            got="a model in which the backbone learns and the head does not",
            expected="the other way round",
            hint="`trainable = False` belongs to the backbone.",
        )
    if theirs and all("batch_normalization" in weight.path for weight in theirs):
        fail(
            got=f"frozen convolutions, but {len(theirs)} weights of BatchNormalization learn",
            expected="a backbone in which nothing learns",
            hint="Its scale and offset (gamma and beta) are weights, too. Freeze the whole backbone, not "
            "some kinds of layers.",
        )
    if theirs:
        fail(
            got=f"{len(theirs)} of the backbone's weights are among `trainable_variables`",
            expected="none of them: only the head's kernel and bias",
            hint="The backbone is not frozen. `training=False` in a call does not freeze; `trainable` does.",
        )
    if len(learning) > 2:
        fail(
            got=f"a head in which {len(learning)} weights learn",
            expected="one new layer: a kernel and a bias",
            hint="The head is a single Dense layer, from the features straight to the classes. A hidden "
            "layer in between is a second new one.",
        )


def _check_a_step(model, theirs, before, images, num_classes, fail):
    """One step with training=True: the head moves, and the backbone does not, with its averages."""
    import tensorflow as tf

    labels = np.eye(num_classes, dtype="float32")[np.arange(6) % num_classes]
    learning = [weight.numpy() for weight in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = keras.losses.categorical_crossentropy(labels, model(images, training=True))
    gradients = tape.gradient(loss, [weight.value for weight in model.trainable_variables])
    if any(gradient is None for gradient in gradients):
        fail(
            got="a weight of the head without a gradient",
            expected="a head in which every weight takes part",
            hint="Is the new layer on the way from the images to the output?",
        )
    keras.optimizers.SGD(0.5).apply(gradients, model.trainable_variables)
    if all(
        np.array_equal(weight.numpy(), value)
        for weight, value in zip(model.trainable_variables, learning, strict=True)
    ):
        fail(
            got="a head that is the same after a training step",
            expected="a head that learns",
            hint="Do the probabilities depend on the head's weights?",
        )
    for weight, value in zip(theirs, before, strict=True):
        if not np.array_equal(weight.numpy(), value):
            average = "moving" in weight.path
            fail(
                got=f"after a training step the backbone's {weight.path.split('/')[-1]} has changed",
                expected="a backbone as it was",
                hint="The averages of BatchNormalization still run: freeze these layers, too."
                if average
                else "The backbone is not frozen.",
            )


def _name(function):
    return getattr(function, "__name__", "the function")


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def lead_from(function: Callable) -> None:
    """Check `lead_from(ours, theirs) -> epoch`."""
    cases = [
        ([30, 60, 70, 80, 60, 90], [40, 50, 60, 70, 70, 80]),
        ([30, 60, 50, 70, 80], [40, 50, 60, 65, 70]),
        ([50, 60, 70], [40, 50, 60]),
        ([40, 50, 60], [50, 60, 70]),
        ([50, 60, 70], [40, 70, 70]),
        ([50, 60, 70, 80], [40, 60, 60, 70]),
        ([50, 60, 70, 60], [40, 50, 60, 70]),
        ([10, 20, 30], [40, 50, 20]),
        ([10], [5]),
        ([5], [10]),
    ]
    for ours, theirs in cases:
        _check_lead(function, ours, theirs)
    random = np.random.default_rng(72)
    for _ in range(30):
        count = int(random.integers(2, 9))
        _check_lead(function, random.integers(0, 4, count) * 10.0, random.integers(0, 4, count) * 10.0)
    harness.passed("Exercise 2: the lead begins where it lasts, and is 0 where there is none at the end.")


def _lead(ours, theirs):
    """The lead, written another way: the first place from which all that follows is ahead."""
    ahead = [our > their for our, their in zip(ours, theirs, strict=True)]
    return next((start + 1 for start in range(len(ahead)) if all(ahead[start:])), 0)


def _check_lead(function, ours, theirs):
    tried = harness.shown_call(function, _plain(ours), _plain(theirs))
    result = harness.call(function, np.array(ours), np.array(theirs), tried=tried)
    expected = _lead(ours, theirs)
    fail = functools.partial(harness.fail, tried=tried, got=result, expected=expected)
    try:
        number = float(np.asarray(result))
    except (TypeError, ValueError):
        fail(hint="Return one whole number, the epoch.")
    if number != expected:
        fail(hint=_lead_hint(number, ours, theirs, expected))


def _plain(values):
    return [int(value) for value in values]


def _lead_hint(number, ours, theirs, expected):
    ahead = [our > their for our, their in zip(ours, theirs, strict=True)]
    not_behind = [our >= their for our, their in zip(ours, theirs, strict=True)]
    if number == len(ours) + 1 and not expected:
        return "The last epoch is no lead, so there is none: the answer is 0, not an epoch after the end."
    if expected and number == expected - 1 and number == _last_not_ahead(ahead):
        if number == 0:
            return "The first epoch has the number 1."
        return "That is the last epoch without a lead, or a count from 0. The lead begins one epoch later."
    if number == _lead(not_behind, [False] * len(ours)):
        return "In that epoch the two are equal somewhere on the way, and equal is not above: `>`, not `>=`."
    if any(ahead) and number == ahead.index(True) + 1:
        return (
            f"Epoch {int(number)} is the first in which `ours` is ahead, but the lead does not last: look at "
            "the epochs after it."
        )
    if not expected and number != 0:
        return "`ours` is not ahead in the last epoch, so no lead lasts to the end."
    if number == sum(ahead):
        return "That is the number of epochs with a lead, not the epoch in which it begins."
    if number == _lead(theirs, ours):
        return "That is the lead of `theirs` over `ours`."
    return "Write under each epoch whether `ours` is above; where does the last unbroken row begin?"


def _last_not_ahead(ahead):
    return max((epoch for epoch, one in enumerate(ahead, start=1) if not one), default=0)


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def difference_interval(function: Callable) -> None:
    """Check `difference_interval(accuracies, baseline) -> (mean, low, high)`."""
    cases = [
        ([90.0, 88.0, 91.0, 89.0, 92.0], [87.0, 88.0, 86.0, 87.0, 88.0]),
        ([60.0, 70.0, 80.0], [58.0, 69.0, 77.0]),
    ]
    random = np.random.default_rng(73)
    for count in (5, 2, 8, 5):
        baseline = random.uniform(50, 90, count)
        cases.append((baseline + random.normal(1, 2, count), baseline))
    for accuracies, baseline in cases:
        _check_interval(function, np.round(accuracies, 1), np.round(baseline, 1))
    harness.passed("Exercise 3: the mean of the paired differences, with Student's interval.")


def _check_interval(function, accuracies, baseline):
    tried = harness.shown_call(function, accuracies.tolist(), baseline.tolist())
    result = harness.call(function, accuracies.tolist(), baseline.tolist(), tried=tried)
    expected = _intervals(accuracies, baseline)["right"]
    fail = functools.partial(harness.fail, tried=tried, expected=_rounded(expected))
    if not isinstance(result, tuple | list | np.ndarray) or np.shape(result) != (3,):
        fail(got=result, hint="Return three numbers: `return mean, low, high`.")
    if not np.allclose(np.asarray(result, float), expected, atol=1e-6, equal_nan=False):
        fail(got=_rounded(result), hint=_interval_hint(np.asarray(result, float), accuracies, baseline))


def _rounded(values):
    return "(" + ", ".join(f"{float(value):.3f}" for value in values) + ")"


def _intervals(accuracies, baseline):
    """The right interval, and what the usual mistakes would give: name → (mean, low, high)."""
    differences = accuracies - baseline
    count, mean = len(differences), differences.mean()
    spread, error = differences.std(ddof=1), differences.std(ddof=1) / np.sqrt(count)
    factor = scipy.stats.t.ppf(0.975, count - 1)
    unpaired = np.sqrt((accuracies.var(ddof=1) + baseline.var(ddof=1)) / count)
    halves = {
        "right": factor * error,
        "divided by n": factor * differences.std() / np.sqrt(count),
        "spread of one seed": factor * spread,
        "normal": 1.96 * error,
        "normal, exact": scipy.stats.norm.ppf(0.975) * error,
        "two": 2 * error,
        "one end only": scipy.stats.t.ppf(0.95, count - 1) * error,
        "n degrees": scipy.stats.t.ppf(0.975, count) * error,
        "unpaired": factor * unpaired,
        "unpaired, more degrees": scipy.stats.t.ppf(0.975, 2 * count - 2) * unpaired,
        "no factor": error,
    }
    return {name: (mean, mean - half, mean + half) for name, half in halves.items()}


_NORMAL = (
    "The factor is that of many seeds (1.96). With few, the spread itself is hardly known: take Student's, "
    "from `scipy.stats.t.ppf`."
)
_INTERVAL_HINTS = {
    "divided by n": "The standard deviation divides by n here. Estimated from a sample it divides by n − 1: "
    "`ddof=1`.",
    "spread of one seed": "This is how far a single seed scatters. The mean of n seeds scatters less: divide "
    "by √n.",
    "normal": _NORMAL,
    "normal, exact": _NORMAL,
    "two": _NORMAL,
    "one end only": "The factor leaves out 5 % at each end, so this is a 90 % interval. For 95 % it is "
    "2.5 %.",
    "n degrees": "Student's distribution has n − 1 degrees of freedom here, not n.",
    "unpaired": "The spread is that of the accuracies, not of the differences, so the pairing is lost: what "
    "a seed does to both is counted as noise. Subtract first.",
    "unpaired, more degrees": "This is the interval for two independent groups. The runs are pairs: subtract "
    "first, then look at the spread of the differences.",
    "no factor": "One standard error either way is far from 95 %. The factor of Student is missing.",
}


def _interval_hint(result, accuracies, baseline):
    candidates = _intervals(accuracies, baseline)
    mean, low, high = candidates["right"]
    if np.allclose(result, (-mean, -high, -low), atol=1e-6):
        return "The sign is turned round: `accuracies` minus `baseline`, so that a gain is above 0."
    if np.allclose(result, (mean, high, low), atol=1e-6):
        return "Low and high have changed places."
    if np.allclose(result, (mean, (high - low) / 2, (high - low) / 2), atol=1e-6) or np.allclose(
        result, (mean, low - mean, high - mean), atol=1e-6
    ):
        return "These are distances from the mean. Return the two ends: mean − half and mean + half."
    for name, hint in _INTERVAL_HINTS.items():
        if np.allclose(result, candidates[name], atol=2e-3):
            return hint
    if not np.isclose(result[0], mean, atol=1e-6):
        return "The first number should be the mean of `accuracies` minus `baseline`, seed by seed."
    return "The mean is right. Half of the interval is t · s / √n, all three of the differences."
