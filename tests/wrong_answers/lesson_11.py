"""Wrong answers to the exercises of lesson 11."""

import numpy as np

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def per_class(measure):
    """An answer [S, K] from a measure of (named classes of one seed, labels, class)."""

    def answer(predicted, baseline, labels, num_classes):
        def table(rows):
            return np.array([[measure(row, labels, one) for one in range(num_classes)] for row in rows])

        return 100 * (table(predicted) - table(baseline))

    return answer


def recall(row, labels, one):
    return (row[labels == one] == one).mean()


def share_of_all(row, labels, one):
    return ((row == one) & (labels == one)).mean()


def equally_large(predicted, baseline, labels, num_classes):
    return num_classes * per_class(share_of_all)(predicted, baseline, labels, num_classes)


def without_baseline(predicted, baseline, labels, num_classes):
    return per_class(recall)(predicted, np.full_like(baseline, -1), labels, num_classes)


def relative(predicted, baseline, labels, num_classes):
    nothing = np.full_like(baseline, -1)
    before = per_class(recall)(baseline, nothing, labels, num_classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * per_class(recall)(predicted, baseline, labels, num_classes) / before


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def without_stop(p_values, level):
    count = len(p_values)
    order = np.argsort(p_values)
    answer = np.zeros(count, dtype=bool)
    answer[order] = np.sort(p_values) <= level / np.arange(count, 0, -1)
    return answer


def benjamini_hochberg(p_values, level):
    p_values = np.asarray(p_values)
    count = len(p_values)
    below = np.sort(p_values) <= level * np.arange(1, count + 1) / count
    return p_values <= (np.sort(p_values)[below].max() if below.any() else -1)


def nulls_that_hold(p_values, level):
    answer = without_stop(p_values, level)
    order = np.argsort(p_values)
    answer[order] = np.logical_and.accumulate(answer[order])
    return ~answer


def numbers_that_hold(p_values, level):
    return np.flatnonzero(~nulls_that_hold(p_values, level))


def corrected_p_values(p_values, level):
    return np.minimum(1, np.asarray(p_values) * len(p_values))


WRONG = {
    "class_differences": [
        ("classes taken for equally large", equally_large, r"takes every class for equally large"),
        ("relative change", relative, r"subtract, and do not divide"),
        ("baseline not subtracted", without_baseline, r"still to be\s+subtracted"),
    ],
    "holm": [
        ("without a stop", without_stop, r"There Holm\s+stops"),
        ("Benjamini and Hochberg", benjamini_hochberg, r"Benjamini and\s+Hochberg"),
        ("turned round", nulls_that_hold, r"turned round"),
        ("numbers instead of True and False", numbers_that_hold, r"True or False for each p-value"),
        ("corrected p-values", corrected_p_values, r"does it hold\?"),
    ],
}
