"""Plausible wrong answers of lesson 10, and what the check has to say about each."""

import collections

import numpy as np
import scipy.stats

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def stacked(model, images, views):
    return np.stack([model.predict(view(images), verbose=0) for view in views])


def from_table(by_average=lambda table: table.mean(axis=0).argmax(axis=1), by_vote=None):
    """An answer that asks rightly, and combines the probabilities [V, N, K] by these two."""

    def ask(model, images, views):
        table = stacked(model, images, views)
        return by_average(table), (by_vote or right_vote)(table)

    return ask


def count_votes(table):
    return np.eye(table.shape[2])[table.argmax(axis=2)].sum(axis=0)


def right_vote(table):
    votes = count_votes(table)
    return np.where(votes == votes.max(axis=1, keepdims=True), table.mean(axis=0), -1).argmax(axis=1)


def average_decides_ties(table):
    votes = count_votes(table)
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return np.where(tied, table.mean(axis=0).argmax(axis=1), votes.argmax(axis=1))


def surest_decides_ties(table):
    votes = count_votes(table)
    return np.where(votes == votes.max(axis=1, keepdims=True), table.max(axis=0), -1).argmax(axis=1)


def first_comer_wins(table):
    counters = [collections.Counter(row.tolist()) for row in table.argmax(axis=2).T]
    return np.array([counter.most_common(1)[0][0] for counter in counters])


def number_by_bincount(table):
    """The mean of the class numbers, cut off."""
    return np.round(np.mean(np.argmax(table, axis=2), axis=0))


def always_twelve_classes(table):
    one_hot = np.eye(12)[table.argmax(axis=2)][:, :, : table.shape[2]]
    return (one_hot.sum(axis=0) + 0.5 * table.mean(axis=0)).argmax(axis=1)


def view_after_view(model, images, views):
    answers = []
    for view in views:
        images = view(images)
        answers.append(model(images, training=False).numpy())
    table = np.stack(answers)
    return table.mean(axis=0).argmax(axis=1), right_vote(table)


def view_never_called(model, images, views):
    table = np.stack([model.predict(images, verbose=0) for _ in views])
    return table.mean(axis=0).argmax(axis=1), right_vote(table)


def blended_images(model, images, views):
    blend = np.mean([view(images) for view in views], axis=0)
    classes = model.predict(blend, verbose=0).argmax(axis=1)
    return classes, classes


def as_in_training(model, images, views):
    table = np.stack([model(view(images), training=True).numpy() for view in views])
    return table.mean(axis=0).argmax(axis=1), right_vote(table)


def one_result(model, images, views):
    return stacked(model, images, views).mean(axis=0).argmax(axis=1)


def probabilities_returned(model, images, views):
    table = stacked(model, images, views)
    return table.mean(axis=0), count_votes(table)


def changed_places(model, images, views):
    table = stacked(model, images, views)
    return right_vote(table), table.mean(axis=0).argmax(axis=1)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def counts(before, after, labels):
    was, now = before == labels, after == labels
    return np.sum(~was & now), np.sum(was & ~now)


def p_value(heads, throws, side="two-sided"):
    return scipy.stats.binomtest(int(heads), int(throws), alternative=side).pvalue if throws else 1.0


def swapped(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return broken, corrected, p_value(corrected, corrected + broken)


def every_image_a_throw(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, p_value(corrected, len(labels)) if corrected + broken else 1.0


def every_change_a_throw(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, p_value(corrected, np.sum(before != after)) if corrected + broken else 1.0


def one_sided(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, p_value(corrected, corrected + broken, "greater")


def exactly_as_many(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, scipy.stats.binom.pmf(corrected, corrected + broken, 0.5)


def nothing_refused(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, scipy.stats.binomtest(corrected, corrected + broken).pvalue


def nothing_is_zero(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, p_value(corrected, corrected + broken) if corrected + broken else 0.0


def all_that_is_wrong(before, after, labels):
    corrected, broken = np.sum((before != labels) & (after == labels)), np.sum(after != labels)
    return corrected, broken, p_value(corrected, corrected + broken)


def all_that_is_right(before, after, labels):
    corrected, broken = np.sum(after == labels), np.sum((before == labels) & (after != labels))
    return corrected, broken, p_value(corrected, corrected + broken)


def the_test_itself(before, after, labels):
    corrected, broken = counts(before, after, labels)
    return corrected, broken, scipy.stats.binomtest(corrected, max(corrected + broken, 1))


def positions(before, after, labels):
    was, now = before == labels, after == labels
    corrected, broken = np.flatnonzero(~was & now), np.flatnonzero(was & ~now)
    return corrected, broken, p_value(len(corrected), len(corrected) + len(broken))


WRONG = {
    "ask": [
        ("view after view", view_after_view, r"from the view before"),
        ("view never called", view_never_called, r"images as they are"),
        ("images are blended", blended_images, r"about that blend"),
        ("as in training", as_in_training, r"`training=True`"),
        ("the surest view", from_table(lambda table: table.max(axis=0).argmax(axis=1)), r"very sure"),
        ("mean of class numbers", from_table(number_by_bincount), r"mean of the class \*numbers\*"),
        ("ties to the smallest number", from_table(by_vote=lambda t: count_votes(t).argmax(1)), r"smallest"),
        ("ties to the average of all", from_table(by_vote=average_decides_ties), r"mean of \*all\*"),
        ("ties to the surest view", from_table(by_vote=surest_decides_ties), r"single most\s+probable"),
        ("ties to the first view", from_table(by_vote=first_comer_wins), r"came\s+up\s+first"),
        (
            "votes and the sum",
            from_table(by_vote=lambda t: (count_votes(t) + t.sum(0)).argmax(1)),
            r"outweigh",
        ),
        ("always twelve classes", from_table(by_vote=always_twelve_classes), r"index"),
        ("average twice", from_table(by_vote=lambda t: t.mean(axis=0).argmax(axis=1)), r"returned\s+twice"),
        ("changed places", changed_places, r"changed places"),
        ("one result", one_result, r"Return two"),
        ("probabilities", probabilities_returned, r"\*number\* of a class"),
    ],
    "sign_test": [
        ("swapped", swapped, r"changed places"),
        ("every image", every_image_a_throw, r"every image as a throw"),
        ("every change", every_change_a_throw, r"neither\s+corrected"),
        ("one-sided", one_sided, r"one side only"),
        ("exactly as many", exactly_as_many, r"exactly as many"),
        ("n = 0", nothing_refused, r"refuses n = 0"),
        ("nothing is zero", nothing_is_zero, r"p is 1, not 0"),
        ("all that is wrong after", all_that_is_wrong, r"wrong after"),
        ("all that is right after", all_that_is_right, r"right after"),
        ("the test itself", the_test_itself, r"\.pvalue"),
        ("positions", positions, r"Return three\s+numbers"),
    ],
}
