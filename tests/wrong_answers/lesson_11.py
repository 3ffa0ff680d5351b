"""Wrong answers to the exercises of lesson 11."""

import numpy as np

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def per_class(measure, scale=100):
    """An answer [S, K] from a measure of (named classes of one seed, labels, class)."""

    def answer(predicted, baseline, labels, num_classes):
        def table(rows):
            return np.array([[measure(row, labels, one) for one in range(num_classes)] for row in rows])

        return scale * (table(predicted) - table(baseline))

    return answer


def recall(row, labels, one):
    return (row[labels == one] == one).mean()


def precision(row, labels, one):
    return (labels[row == one] == one).mean() if (row == one).any() else np.nan


def one_against_all(row, labels, one):
    return ((row == one) == (labels == one)).mean()


def share_of_all(row, labels, one):
    return ((row == one) & (labels == one)).mean()


def named(row, labels, one):
    return (row == one).sum() / (labels == one).sum()


def mean_over_seeds(predicted, baseline, labels, num_classes):
    return per_class(recall)(predicted, baseline, labels, num_classes).mean(axis=0)


def transposed(predicted, baseline, labels, num_classes):
    return per_class(recall)(predicted, baseline, labels, num_classes).T


def turned_round(predicted, baseline, labels, num_classes):
    return per_class(recall)(baseline, predicted, labels, num_classes)


def equally_large(predicted, baseline, labels, num_classes):
    return num_classes * per_class(share_of_all)(predicted, baseline, labels, num_classes)


def without_baseline(predicted, baseline, labels, num_classes):
    return per_class(recall)(predicted, np.full_like(baseline, -1), labels, num_classes)


def relative(predicted, baseline, labels, num_classes):
    nothing = np.full_like(baseline, -1)
    before = per_class(recall)(baseline, nothing, labels, num_classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * per_class(recall)(predicted, baseline, labels, num_classes) / before


def rounded(predicted, baseline, labels, num_classes):
    return per_class(recall)(predicted, baseline, labels, num_classes).round()


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def uncorrected(p_values, level):
    return np.asarray(p_values) < level


def bonferroni(p_values, level):
    return np.asarray(p_values) <= level / len(p_values)


def in_sorted_order(p_values, level):
    count = len(p_values)
    below = np.sort(p_values) <= level / np.arange(count, 0, -1)
    return np.logical_and.accumulate(below)


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


def argsort_as_rank(p_values, level):
    """argsort gives places, not ranks."""
    p_values = np.asarray(p_values)
    return p_values <= level / (len(p_values) - np.argsort(p_values))


def nulls_that_hold(p_values, level):
    answer = without_stop(p_values, level)
    order = np.argsort(p_values)
    answer[order] = np.logical_and.accumulate(answer[order])
    return ~answer


def fixed_level(p_values, level):
    return ~nulls_that_hold(p_values, 0.05)


def strictly_below(p_values, level):
    count = len(p_values)
    order = np.argsort(p_values)
    answer = np.zeros(count, dtype=bool)
    answer[order] = np.logical_and.accumulate(np.sort(p_values) < level / np.arange(count, 0, -1))
    return answer


def numbers_that_hold(p_values, level):
    return np.flatnonzero(~nulls_that_hold(p_values, level))


def corrected_p_values(p_values, level):
    return np.minimum(1, np.asarray(p_values) * len(p_values))


WRONG = {
    "class_differences": [
        ("precision", per_class(precision), r"how often the class was \*named\*"),
        ("one class against all", per_class(one_against_all), r"right where it is not named so"),
        ("share of all images", per_class(share_of_all), r"divides by all images"),
        ("classes taken for equally large", equally_large, r"takes every class for equally large"),
        ("how often it is named", per_class(named), r"Count only where the label\s+agrees"),
        ("shares", per_class(recall, scale=1), r"times 100"),
        ("baseline minus predicted", turned_round, r"The sign is turned round"),
        ("mean over the seeds", mean_over_seeds, r"Give each seed a row"),
        ("rows and columns swapped", transposed, r"changed places|\[5, 4\]"),
        ("relative change", relative, r"subtract, and do not divide"),
        ("rounded", rounded, r"Do not round"),
        ("baseline not subtracted", without_baseline, r"still to be\s+subtracted"),
    ],
    "holm": [
        ("no correction", uncorrected, r"as if it were the only one"),
        ("Bonferroni", bonferroni, r"Bonferroni's\s+correction, which is right but\s+stricter"),
        ("in sorted order", in_sorted_order, r"order from small to large"),
        ("without a stop", without_stop, r"There Holm\s+stops"),
        ("Benjamini and Hochberg", benjamini_hochberg, r"Benjamini and\s+Hochberg"),
        ("argsort taken for ranks", argsort_as_rank, r"`np.argsort` gives places"),
        ("a limit that is met does not hold", strictly_below, r"equals its limit"),
        ("turned round", nulls_that_hold, r"turned round"),
        ("level ignored", fixed_level, r"0\.05 whatever"),
        ("numbers instead of True and False", numbers_that_hold, r"True or False for each p-value"),
        ("corrected p-values", corrected_p_values, r"does it hold\?"),
    ],
}
