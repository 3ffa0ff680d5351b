import math

import numpy as np

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def operations_added(operations, probabilities, magnitudes, steps, sub_policies):
    return operations * probabilities * magnitudes * steps * sub_policies


def sub_policies_added(operations, probabilities, magnitudes, steps, sub_policies):
    return (operations * probabilities * magnitudes) ** steps * sub_policies


def one_step(operations, probabilities, magnitudes, steps, sub_policies):
    return (operations * probabilities * magnitudes) ** sub_policies


def one_sub_policy(operations, probabilities, magnitudes, steps, sub_policies):
    return (operations * probabilities * magnitudes) ** steps


def choices_added(operations, probabilities, magnitudes, steps, sub_policies):
    return (operations + probabilities + magnitudes) ** (steps * sub_policies)


def exponents_added(operations, probabilities, magnitudes, steps, sub_policies):
    return (operations * probabilities * magnitudes) ** (steps + sub_policies)


def as_float(operations, probabilities, magnitudes, steps, sub_policies):
    return math.pow(operations * probabilities * magnitudes, steps * sub_policies)


def as_int64(operations, probabilities, magnitudes, steps, sub_policies):
    choices = np.int64(operations * probabilities * magnitudes)
    return np.prod(np.full(steps * sub_policies, choices))


def never_again(operations, probabilities, magnitudes, steps, sub_policies):
    choices = (operations * probabilities * magnitudes) ** steps
    return math.perm(choices, sub_policies)


def any_order(operations, probabilities, magnitudes, steps, sub_policies):
    choices = (operations * probabilities * magnitudes) ** steps
    return math.comb(choices + sub_policies - 1, sub_policies)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def loop(accuracies, start, gain, rise, first=0.0):
    """The right loop with another `rise(accuracy, best, previous)`."""
    magnitude, best, previous, result = start, first, accuracies[0], []
    for accuracy in accuracies:
        result.append(magnitude)
        magnitude = min(10, magnitude + rise(accuracy, max(best, accuracy), previous))
        best, previous = max(best, accuracy), accuracy
    return result


def against_the_last_epoch(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * max(0, previous - now))


def whole_steps(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (now < best))


def without_gain(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: best - now)


def sign_turned(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (now - best))


def falls_at_a_best(accuracies, start, gain):
    magnitude, best, result = start, accuracies[0], []
    for accuracy in accuracies:
        result.append(magnitude)
        magnitude = min(10, magnitude + gain * (best - accuracy))
        best = max(best, accuracy)
    return result


def without_end(accuracies, start, gain):
    magnitude, best, result = start, 0.0, []
    for accuracy in accuracies:
        result.append(magnitude)
        best = max(best, accuracy)
        magnitude += gain * (best - accuracy)
    return result


def one_epoch_early(accuracies, start, gain):
    magnitude, best, result = start, 0.0, []
    for accuracy in accuracies:
        best = max(best, accuracy)
        magnitude = min(10, magnitude + gain * (best - accuracy))
        result.append(magnitude)
    return result


def start_and_all(accuracies, start, gain):
    return [start, *one_epoch_early(accuracies, start, gain)]


def best_of_all_epochs(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (max(accuracies) - now))


def not_added_up(accuracies, start, gain):
    best, result = accuracies[0], [start]
    for accuracy in accuracies[:-1]:
        best = max(best, accuracy)
        result.append(min(10, start + gain * (best - accuracy)))
    return result


def only_the_last(accuracies, start, gain):
    return without_end(accuracies, start, gain)[-1]


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def the_worst(validation, probabilities, k):
    return probabilities[np.argsort(validation)[:k]].mean(axis=0)


def all_networks(validation, probabilities, k):
    return probabilities.mean(axis=0)


def added_up(validation, probabilities, k):
    return probabilities[np.argsort(validation)[-k:]].sum(axis=0)


def the_first(validation, probabilities, k):
    return probabilities[:k].mean(axis=0)


def only_validation_sorted(validation, probabilities, k):
    validation = np.sort(validation)[::-1]
    return probabilities[:k].mean(axis=0)


def votes(validation, probabilities, k):
    members = probabilities[np.argsort(validation)[-k:]]
    return np.eye(members.shape[2])[members.argmax(axis=2)].mean(axis=0)


def not_averaged(validation, probabilities, k):
    return probabilities[np.argsort(validation)[-k:]]


def classes(validation, probabilities, k):
    return probabilities[np.argsort(validation)[-k:]].mean(axis=0).argmax(axis=1)


def over_images(validation, probabilities, k):
    return probabilities[np.argsort(validation)[-k:]].mean(axis=1)


def the_k_th(validation, probabilities, k):
    return probabilities[np.argsort(validation)[-k]]


def best_alone(validation, probabilities, k):
    return probabilities[np.argmax(validation)]


def by_confidence(validation, probabilities, k):
    surest = np.argsort(probabilities.max(axis=2).mean(axis=1))[-k:]
    return probabilities[surest].mean(axis=0)


def weighted(validation, probabilities, k):
    best = np.argsort(validation)[-k:]
    return np.average(probabilities[best], axis=0, weights=validation[best])


def median(validation, probabilities, k):
    return np.median(probabilities[np.argsort(validation)[-k:]], axis=0)


WRONG = {
    "number_of_policies": [
        ("operations added", operations_added, r"multiplies the\s+number"),
        ("sub-policies added", sub_policies_added, r"sub-policies are\s+added"),
        ("one operation a sub-policy", one_step, r"Each has `steps`"),
        ("one sub-policy", one_sub_policy, r"number of sub-policies"),
        ("choices added", choices_added, r"multiplied,\s+not\s+added"),
        ("exponents added", exponents_added, r"not their\s+sum"),
        ("a float", as_float, r"float holds 16 digits"),
        ("64 bits", as_int64, r"64 bits"),
        ("nothing comes again", never_again, r"everything may\s+come again"),
        ("order does not matter", any_order, r"Order matters"),
    ],
    "magnitudes_of": [
        ("against the last epoch", against_the_last_epoch, r"not with the best so far"),
        ("whole steps", whole_steps, r"in\s+proportion"),
        ("without gain", without_gain, r"not multiplied by `gain`"),
        ("sign turned round", sign_turned, r"sign is turned\s+round"),
        ("falls at a new best", falls_at_a_best, r"fallen at a new best"),
        ("no end at 10", without_end, r"M never exceeds 10"),
        ("one epoch early", one_epoch_early, r"one epoch too early"),
        ("one too many", start_and_all, r"one M too many"),
        ("best of all epochs", best_of_all_epochs, r"also of later ones"),
        ("rises not added up", not_added_up, r"the rises add\s+up"),
        ("only the last M", only_the_last, r"not only the last M"),
    ],
    "top_k": [
        ("the k worst", the_worst, r"k worst"),
        ("all networks", all_networks, r"All networks take part"),
        ("added up", added_up, r"divide by the number of members"),
        ("the first k", the_first, r"Sort by\s+validation first"),
        ("only validation sorted", only_validation_sorted, r"Sort by\s+validation first"),
        ("votes", votes, r"These are votes"),
        ("not averaged", not_averaged, r"Average over the\s+members"),
        ("classes", classes, r"not the class"),
        ("mean over images", over_images, r"images and classes stay|Average over"),
        ("the k-th alone", the_k_th, r"k-th best network alone"),
        ("the best alone", best_alone, r"best network alone"),
        ("the surest", by_confidence, r"surest of itself"),
        ("weighted", weighted, r"without weights"),
        ("the median", median, r"not their median"),
    ],
}
