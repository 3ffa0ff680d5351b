"""Plausible wrong answers of lesson 10, and what the check has to say about each."""

import collections

import numpy as np

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def by_average(probabilities):
    return probabilities.mean(axis=0).argmax(axis=1)


def count_votes(probabilities):
    classes = probabilities.shape[2]
    return np.eye(classes)[probabilities.argmax(axis=2)].sum(axis=0)


def by_vote(probabilities):
    votes = count_votes(probabilities)
    tied = votes == votes.max(axis=1, keepdims=True)
    return np.where(tied, probabilities.mean(axis=0), -1).argmax(axis=1)


def mean_over_images(probabilities):
    return probabilities.mean(axis=1).argmax(axis=1), by_vote(probabilities)


def mean_over_classes(probabilities):
    return probabilities.mean(axis=2).argmax(axis=0), probabilities.mean(axis=2).argmax(axis=0)


def classes_across_the_views(probabilities):
    return probabilities.mean(axis=0).argmax(axis=0), by_vote(probabilities)


def probabilities_returned(probabilities):
    return probabilities.mean(axis=0), count_votes(probabilities)


def surest_view(probabilities):
    return probabilities.max(axis=0).argmax(axis=1), by_vote(probabilities)


def changed_places(probabilities):
    return by_vote(probabilities), by_average(probabilities)


def mean_of_class_numbers(probabilities):
    return np.round(probabilities.argmax(axis=2).mean(axis=0)).astype(int), by_vote(probabilities)


def smallest_number_wins(probabilities):
    return by_average(probabilities), count_votes(probabilities).argmax(axis=1)


def average_decides_ties(probabilities):
    votes = count_votes(probabilities)
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return by_average(probabilities), np.where(tied, by_average(probabilities), votes.argmax(axis=1))


def surest_decides_ties(probabilities):
    votes = count_votes(probabilities)
    tied = votes == votes.max(axis=1, keepdims=True)
    return by_average(probabilities), np.where(tied, probabilities.max(axis=0), -1).argmax(axis=1)


def first_comer_wins(probabilities):
    votes = [
        collections.Counter(views.tolist()).most_common(1)[0][0] for views in probabilities.argmax(axis=2).T
    ]
    return by_average(probabilities), np.array(votes)


def sum_outweighs_votes(probabilities):
    votes = count_votes(probabilities)
    return by_average(probabilities), (votes + probabilities.sum(axis=0)).argmax(axis=1)


def half_the_sum_outweighs_votes(probabilities):
    votes = count_votes(probabilities)
    return by_average(probabilities), (votes + 0.5 * probabilities.sum(axis=0)).argmax(axis=1)


def a_tenth_of_the_sum_outweighs_votes(probabilities):
    votes = count_votes(probabilities)
    return by_average(probabilities), (votes + 0.1 * probabilities.sum(axis=0)).argmax(axis=1)


def always_twelve_classes(probabilities):
    one_hot = np.eye(12)[probabilities.argmax(axis=2)][:, :, : probabilities.shape[2]]
    return by_average(probabilities), (one_hot.sum(axis=0) + 0.5 * probabilities.mean(axis=0)).argmax(axis=1)


def one_result(probabilities):
    return by_average(probabilities)


def average_twice(probabilities):
    return by_average(probabilities), by_average(probabilities)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def swapped(before, after, labels):
    was, now = before == labels, after == labels
    return np.flatnonzero(was & ~now), np.flatnonzero(~was & now)


def every_change(before, after, labels):
    changed = before != after
    return np.flatnonzero(changed & (after == labels)), np.flatnonzero(changed & (after != labels))


def right_and_wrong_after(before, after, labels):
    return np.flatnonzero(after == labels), np.flatnonzero(after != labels)


def wrong_after(before, after, labels):
    return np.flatnonzero((before != labels) & (after == labels)), np.flatnonzero(after != labels)


def copied(before, after, labels):
    corrected = np.flatnonzero((before != labels) & (after == labels))
    return corrected, corrected


def masks(before, after, labels):
    was, now = before == labels, after == labels
    return ~was & now, was & ~now


def counts(before, after, labels):
    was, now = before == labels, after == labels
    return np.sum(~was & now), np.sum(was & ~now)


def where_tuples(before, after, labels):
    was, now = before == labels, after == labels
    return np.where(~was & now), np.where(was & ~now)


def columns(before, after, labels):
    was, now = before == labels, after == labels
    return np.argwhere(~was & now), np.argwhere(was & ~now)


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def accuracies(positions, validation, labels):
    return (validation[:, positions].mean(axis=1).argmax(axis=2) == labels).mean(axis=1)


def ties_to_the_first(candidates, validation, labels):
    return max(candidates, key=lambda name: accuracies(candidates[name], validation, labels).mean())


def first_model(candidates, validation, labels):
    return max(candidates, key=lambda name: accuracies(candidates[name], validation, labels)[0])


def best_model(candidates, validation, labels):
    return max(candidates, key=lambda name: accuracies(candidates[name], validation, labels).max())


def ensemble(candidates, validation, labels):
    def accuracy(name):
        mean = validation[:, candidates[name]].mean(axis=(0, 1))
        return (mean.argmax(axis=1) == labels).mean()

    return max(candidates, key=lambda name: (accuracy(name), -len(candidates[name])))


def single_views(candidates, validation, labels):
    def accuracy(name):
        return (validation[:, candidates[name]].argmax(axis=3) == labels).mean()

    return max(candidates, key=lambda name: (accuracy(name), -len(candidates[name])))


def most_confident(candidates, validation, labels):
    def confidence(name):
        return validation[:, candidates[name]].mean(axis=1).max(axis=2).mean()

    return max(candidates, key=lambda name: (round(float(confidence(name)), 9), -len(candidates[name])))


def largest(candidates, validation, labels):
    return max(candidates, key=lambda name: len(candidates[name]))


def worst(candidates, validation, labels):
    return min(candidates, key=lambda name: accuracies(candidates[name], validation, labels).mean())


def the_accuracy(candidates, validation, labels):
    return max(accuracies(positions, validation, labels).mean() for positions in candidates.values())


def the_views(candidates, validation, labels):
    return max(candidates.values(), key=lambda each: accuracies(each, validation, labels).mean())


WRONG = {
    "average_and_vote": [
        ("mean over the images", mean_over_images, r"mean\s+had\s+been\s+taken\s+over\s+the\s+images"),
        ("mean over the classes", mean_over_classes, r"This\s+is\s+the\s+mean\s+over\s+the\s+classes"),
        ("largest across the images", classes_across_the_views, r"one class for each image"),
        ("probabilities", probabilities_returned, r"number of the class"),
        ("the surest view", surest_view, r"one view that is very sure"),
        ("changed places", changed_places, r"changed places"),
        ("mean of class numbers", mean_of_class_numbers, r"mean of the class \*numbers\*"),
        ("ties to the smallest number", smallest_number_wins, r"smallest\s+number wins"),
        ("ties to the average of all", average_decides_ties, r"may not\s+be\s+among"),
        ("ties to the surest view", surest_decides_ties, r"single\s+most\s+probable"),
        ("ties to the first view", first_comer_wins, r"came\s+up\s+first"),
        ("votes and the sum", sum_outweighs_votes, r"outweigh\s+a whole vote"),
        ("votes and half the sum", half_the_sum_outweighs_votes, r"outweigh\s+a whole vote"),
        ("votes and a tenth of the sum", a_tenth_of_the_sum_outweighs_votes, r"outweigh\s+a whole vote"),
        ("always twelve classes", always_twelve_classes, r"index"),
        ("one result", one_result, r"Return\s+two:"),
        ("average twice", average_twice, r"changed places"),
    ],
    "corrected_and_broken": [
        ("swapped", swapped, r"changed places"),
        ("every change", every_change, r"wrong\s+class to another wrong|were\s+wrong\s+before, too"),
        ("right and wrong after", right_and_wrong_after, r"wrong \*before\*"),
        ("all that is wrong after", wrong_after, r"wrong\s+after"),
        ("copied", copied, r"has one of the two comparisons been copied"),
        ("masks", masks, r"true and false"),
        ("counts", counts, r"These are counts"),
        ("tuples of np.where", where_tuples, r"return a tuple"),
        ("columns of np.argwhere", columns, r"column"),
    ],
    "choose_views": [
        ("ties to the first", ties_to_the_first, r"fewest\s+views"),
        ("the first model", first_model, r"first model alone"),
        ("the best model", best_model, r"single best model"),
        ("ensemble", ensemble, r"ensemble"),
        ("single views", single_views, r"accuracy of the\s+single views"),
        ("confidence", most_confident, r"how sure"),
        ("the largest set", largest, r"largest\s+set"),
        ("the worst", worst, r"lowest"),
        ("the accuracy", the_accuracy, r"This is a number"),
        ("the views", the_views, r"views of a set"),
    ],
}
