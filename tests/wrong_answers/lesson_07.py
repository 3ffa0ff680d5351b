import keras
import numpy as np
import scipy.stats

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def join(backbone, num_classes, activation="softmax"):
    probabilities = keras.layers.Dense(num_classes, activation=activation)(backbone.output)
    return keras.Model(backbone.input, probabilities)


def not_frozen(backbone, num_classes):
    return join(backbone, num_classes)


def inference_mode_only(backbone, num_classes):
    images = keras.Input(backbone.input_shape[1:])
    features = backbone(images, training=False)
    return keras.Model(images, keras.layers.Dense(num_classes, activation="softmax")(features))


def everything_frozen(backbone, num_classes):
    model = join(backbone, num_classes)
    model.trainable = False
    return model


def convolutions_frozen(backbone, num_classes):
    for layer in backbone.layers:
        layer.trainable = not isinstance(layer, keras.layers.Conv2D)
    return join(backbone, num_classes)


def without_activation(backbone, num_classes):
    backbone.trainable = False
    return join(backbone, num_classes, activation=None)


def sigmoid(backbone, num_classes):
    backbone.trainable = False
    return join(backbone, num_classes, activation="sigmoid")


def ten_outputs(backbone, num_classes):
    backbone.trainable = False
    return join(backbone, 10)


def twelve_outputs(backbone, num_classes):
    backbone.trainable = False
    return join(backbone, 12)


def cloned(backbone, num_classes):
    copy = keras.models.clone_model(backbone)
    copy.trainable = False
    return join(copy, num_classes)


def without_head(backbone, num_classes):
    backbone.trainable = False
    return backbone


def tensor_instead_of_model(backbone, num_classes):
    backbone.trainable = False
    return keras.layers.Dense(num_classes, activation="softmax")(backbone.output)


def two_layers(backbone, num_classes):
    backbone.trainable = False
    hidden = keras.layers.Dense(32, activation="relu")(backbone.output)
    probabilities = keras.layers.Dense(num_classes, activation="softmax")(hidden)
    return keras.Model(backbone.input, probabilities)


def head_frozen_instead(backbone, num_classes):
    model = join(backbone, num_classes)
    model.layers[-1].trainable = False
    return model


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def first_lead(ours, theirs):
    ahead = np.asarray(ours) > np.asarray(theirs)
    return int(ahead.argmax()) + 1 if ahead.any() else 0


def counted_from_zero(ours, theirs):
    ahead = np.asarray(ours) > np.asarray(theirs)
    behind = np.flatnonzero(~ahead)
    return int(behind[-1]) + 1 if len(behind) else 0


def equal_counts(ours, theirs):
    behind = np.flatnonzero(np.asarray(ours) < np.asarray(theirs))
    epoch = int(behind[-1]) + 2 if len(behind) else 1
    return epoch if epoch <= len(ours) else 0


def after_the_end(ours, theirs):
    behind = np.flatnonzero(np.asarray(ours) <= np.asarray(theirs))
    return int(behind[-1]) + 2 if len(behind) else 1


def number_of_leads(ours, theirs):
    return int((np.asarray(ours) > np.asarray(theirs)).sum())


def the_other_lead(ours, theirs):
    behind = np.flatnonzero(np.asarray(theirs) <= np.asarray(ours))
    epoch = int(behind[-1]) + 2 if len(behind) else 1
    return epoch if epoch <= len(ours) else 0


def no_answer_without_lead(ours, theirs):
    for start in range(len(ours)):
        if all(np.asarray(ours[start:]) > np.asarray(theirs[start:])):
            return start + 1


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def interval(factor=None, ddof=1, root=True, part=0.975, degrees=-1):
    """An answer with one thing changed."""

    def answer(accuracies, baseline):
        differences = np.asarray(accuracies) - np.asarray(baseline)
        count = len(differences)
        half = scipy.stats.t.ppf(part, count + degrees) if factor is None else factor
        half = half * differences.std(ddof=ddof) / (np.sqrt(count) if root else 1)
        return differences.mean(), differences.mean() - half, differences.mean() + half

    return answer


def unpaired(accuracies, baseline):
    found = scipy.stats.ttest_ind(accuracies, baseline).confidence_interval(0.95)
    return np.mean(accuracies) - np.mean(baseline), found.low, found.high


def spread_of_accuracies(accuracies, baseline):
    first, second = np.asarray(accuracies), np.asarray(baseline)
    count = len(first)
    error = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / count)
    half = scipy.stats.t.ppf(0.975, count - 1) * error
    mean = first.mean() - second.mean()
    return mean, mean - half, mean + half


def turned_round(accuracies, baseline):
    return interval()(baseline, accuracies)


def half_widths(accuracies, baseline):
    mean, low, high = interval()(accuracies, baseline)
    return mean, low - mean, high - mean


def only_the_mean(accuracies, baseline):
    return float(np.mean(np.asarray(accuracies) - np.asarray(baseline)))


def high_before_low(accuracies, baseline):
    mean, low, high = interval()(accuracies, baseline)
    return mean, high, low


WRONG = {
    "frozen_classifier": [
        ("backbone not frozen", not_frozen, r"The backbone is not frozen"),
        ("training=False instead of trainable", inference_mode_only, r"does not freeze; `trainable` does"),
        ("head frozen, too", everything_frozen, r"The head is frozen, too"),
        ("only convolutions frozen", convolutions_frozen, r"gamma and beta"),
        ("head frozen instead", head_frozen_instead, r"backbone learns and the head does not"),
        ("no activation", without_activation, r"Which activation makes probabilities"),
        ("sigmoid", sigmoid, r"`sigmoid` judges"),
        ("ten outputs", ten_outputs, r"one neuron for each of `num_classes`"),
        ("always twelve outputs", twelve_outputs, r"one neuron for each of `num_classes`"),
        ("cloned backbone", cloned, r"what was learned is lost"),
        ("no head", without_head, r"the features, without a head"),
        ("two new layers", two_layers, r"single Dense layer"),
        ("a tensor", tensor_instead_of_model, r"expected: +a Keras model"),
    ],
    "lead_from": [
        ("first lead", first_lead, r"the lead does not last"),
        ("last epoch without lead", counted_from_zero, r"begins one epoch later|has the number 1"),
        ("equal counts as ahead", equal_counts, r"equal is not above"),
        ("after the end", after_the_end, r"not an epoch after the end"),
        ("number of leads", number_of_leads, r"number of epochs with a lead|no lead lasts"),
        ("the other's lead", the_other_lead, r"lead of `theirs`|no lead lasts"),
        ("None without a lead", no_answer_without_lead, r"end with `return`"),
    ],
    "difference_interval": [
        ("standard deviation of all", interval(ddof=0), r"divides by n − 1"),
        ("no square root of n", interval(root=False), r"divide\s+by √n"),
        ("1.96", interval(factor=1.96), r"many seeds \(1\.96\)"),
        ("5 % at each end", interval(part=0.95), r"90 % interval"),
        ("n degrees of freedom", interval(degrees=0), r"degrees of freedom here, not n"),
        ("no factor", interval(factor=1.0), r"factor of Student is missing"),
        ("two independent groups", unpaired, r"The runs are pairs"),
        ("spread of the accuracies", spread_of_accuracies, r"the pairing is lost"),
        ("baseline minus accuracies", turned_round, r"The sign is turned round"),
        ("half widths", half_widths, r"distances from the mean"),
        ("only the mean", only_the_mean, r"Return three numbers"),
        ("high before low", high_before_low, r"changed places"),
    ],
}
