import numpy as np
import pandas as pd

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def converged(
    finite=lambda losses: np.isfinite(losses).all(),
    fallen=lambda losses: losses[-1] <= 0.7 * losses[0],
    flat=lambda losses: np.ptp(losses[-(len(losses) // 4) :]) <= 0.1 * losses[0],
    accurate=lambda accuracy, classes: accuracy >= 3 / classes,
):
    """The right answer but for what is replaced."""

    def answer(losses, accuracy, num_classes):
        losses = np.asarray(losses)
        return bool(finite(losses) and fallen(losses) and flat(losses) and accurate(accuracy, num_classes))

    return answer


def quarter(losses):
    return losses[-(len(losses) // 4) :]


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def by(column, how="mean"):
    return lambda runs: pd.DataFrame(runs).groupby("augmentation")[column].agg(how).idxmax()


def never_none(runs):
    table = pd.DataFrame(runs)
    return table[table.augmentation != "none"].groupby("augmentation")["validation_accuracy"].mean().idxmax()


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def means(best, none):
    seeds = best.keys() & none.keys()
    return np.mean([best[seed] for seed in seeds]), np.mean([none[seed] for seed in seeds])


def gain_from(formula):
    return lambda best, none: formula(*means(best, none))


def all_seeds(best, none):
    new, old = np.mean(list(best.values())), np.mean(list(none.values()))
    return 100 * (new - old), 100 * (new - old) / old


WRONG = {
    "has_converged": [
        (
            "only the last loss finite",
            converged(
                finite=lambda losses: np.isfinite(losses[-1]),
                flat=lambda losses: (
                    np.nanmax(quarter(losses)) - np.nanmin(quarter(losses)) <= 0.1 * losses[0]
                ),
            ),
            r"Point 1 asks about all epochs",
        ),
        ("not below 70 %", converged(fallen=lambda losses: losses[-1] < losses[0]), r"Point 2: 1\.9 is 76 %"),
        (
            "below, not at most",
            converged(fallen=lambda losses: losses[-1] < 0.7 * losses[0]),
            r"includes 70 %",
        ),
        ("flatness forgotten", converged(flat=lambda losses: True), r"Point 3: it moves by 0\.35"),
        (
            "two ends of the quarter",
            converged(flat=lambda losses: abs(quarter(losses)[0] - quarter(losses)[-1]) <= 0.1 * losses[0]),
            r"not for its two ends",
        ),
        (
            "share of the last loss",
            converged(flat=lambda losses: np.ptp(quarter(losses)) <= 0.1 * losses[-1]),
            r"of the \*first\* epoch",
        ),
        (
            "quarter rounded up",
            converged(flat=lambda losses: np.ptp(losses[-len(losses) // 4 :]) <= 0.1 * losses[0]),
            r"rounded down, is ten",
        ),
        (
            "half instead of quarter",
            converged(flat=lambda losses: np.ptp(losses[-(len(losses) // 2) :]) <= 0.1 * losses[0]),
            r"the last ten",
        ),
        (
            "above chance only",
            converged(accurate=lambda accuracy, classes: accuracy > 1 / classes),
            r"three times chance",
        ),
        (
            "above, not at least",
            converged(accurate=lambda accuracy, classes: accuracy > 3 / classes),
            r"includes 25 %",
        ),
        (
            "twelve classes always",
            converged(accurate=lambda accuracy, classes: accuracy >= 0.25),
            r"depends on the number of classes",
        ),
        ("text", lambda losses, accuracy, num_classes: "yes", r"yes or no"),
    ],
    "best_variant": [
        ("chosen on test", by("test_accuracy"), r"no say in a choice"),
        ("best single run", by("validation_accuracy", "max"), r"steadier"),
        ("sum", by("validation_accuracy", "sum"), r"take means"),
        ("first run", by("validation_accuracy", "first"), r"steadier|all of its seeds"),
        ("never none", never_none, r"nothing helped"),
        (
            "worst",
            lambda runs: pd.DataFrame(runs).groupby("augmentation")["validation_accuracy"].mean().idxmin(),
            r"worst of them",
        ),
        (
            "the whole row",
            lambda runs: max(runs, key=lambda run: run["validation_accuracy"]),
            r"Return a variant's name",
        ),
    ],
    "gain": [
        (
            "other order",
            gain_from(lambda new, old: (100 * (new - old) / old, 100 * (new - old))),
            r"points first",
        ),
        ("shares", gain_from(lambda new, old: (new - old, (new - old) / old)), r"Multiply by 100"),
        ("sign", gain_from(lambda new, old: (100 * (old - new), 100 * (old - new) / old)), r"The sign"),
        (
            "relative to best",
            gain_from(lambda new, old: (100 * (new - old), 100 * (new - old) / new)),
            r"not of `best`",
        ),
        (
            "points twice",
            gain_from(lambda new, old: (100 * (new - old), 100 * (new - old))),
            r"divide by the accuracy of `none`",
        ),
        ("unpaired seeds", all_seeds, r"Only pairs count"),
        ("one number", lambda best, none: 5.0, r"Return points, percent"),
    ],
}
