"""Plausible wrong answers of lesson 10, and what the check has to say about each."""

import numpy as np
import scipy.stats

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def stacked(model, images, views):
    return np.stack([model.predict(view(images), verbose=0) for view in views])


def count_votes(table):
    return np.eye(table.shape[2])[table.argmax(axis=2)].sum(axis=0)


def average_decides_ties(model, images, views):
    """Also where the class with the highest mean is not among those that tie."""
    table = stacked(model, images, views)
    by_average, votes = table.mean(axis=0).argmax(axis=1), count_votes(table)
    tied = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return by_average, np.where(tied, by_average, votes.argmax(axis=1))


def always_twelve_classes(model, images, views):
    table = stacked(model, images, views)
    votes = np.eye(12)[table.argmax(axis=2)][:, :, : table.shape[2]].sum(axis=0)
    return table.mean(axis=0).argmax(axis=1), (votes + 0.5 * table.mean(axis=0)).argmax(axis=1)


def blended_images(model, images, views):
    blend = np.mean([view(images) for view in views], axis=0)
    classes = model.predict(blend, verbose=0).argmax(axis=1)
    return classes, classes


def one_result(model, images, views):
    return stacked(model, images, views).mean(axis=0).argmax(axis=1)


def probabilities_returned(model, images, views):
    table = stacked(model, images, views)
    return table.mean(axis=0), count_votes(table)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def nothing_refused(before, after, labels):
    was, now = before == labels, after == labels
    corrected, broken = np.sum(~was & now), np.sum(was & ~now)
    return corrected, broken, scipy.stats.binomtest(corrected, corrected + broken).pvalue


def the_test_itself(before, after, labels):
    was, now = before == labels, after == labels
    corrected, broken = np.sum(~was & now), np.sum(was & ~now)
    return corrected, broken, scipy.stats.binomtest(corrected, max(corrected + broken, 1))


def positions(before, after, labels):
    was, now = before == labels, after == labels
    corrected, broken = np.flatnonzero(~was & now), np.flatnonzero(was & ~now)
    throws = len(corrected) + len(broken)
    return corrected, broken, scipy.stats.binomtest(len(corrected), throws).pvalue if throws else 1.0


WRONG = {
    "ask": [
        ("images are blended", blended_images, r"about that blend"),
        ("ties to the average of all", average_decides_ties, r"mean probability\s+of\s+those\s+that tie"),
        ("always twelve classes", always_twelve_classes, r"index"),
        ("one result", one_result, r"Return two"),
        ("probabilities", probabilities_returned, r"\*number\* of a class"),
    ],
    "sign_test": [
        ("n = 0", nothing_refused, r"refuses n = 0"),
        ("the test itself", the_test_itself, r"\.pvalue"),
        ("positions", positions, r"Return three\s+numbers"),
    ],
}
