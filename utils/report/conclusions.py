"""What a comparison supports, and what it does not, in sentences.

Works on the table that `evaluation.compare` returns. The sentences follow from the numbers alone, so that a
result is not called a gain because somebody hoped for one.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from utils import evaluation
from utils.evaluation import BASELINE
from utils.words import count, interval, listing, name, percent, signed

Row = dict[str, Any]  # of the table


def conclusion(table: pd.DataFrame, *, images: int) -> list[str]:
    """What a table of `evaluation.compare` supports, with so many test images, as a list of sentences."""
    rows = {row["variant"]: row for row in table.to_dict("records")}
    if BASELINE not in rows:
        return [
            f"There is no run of {name(BASELINE)} to compare with, so these runs show accuracies, not gains."
        ]
    if len(rows) == 1:
        return [f"Only {name(BASELINE)} was run: there is nothing to compare it with yet."]
    against = rows.pop(BASELINE)
    best = max(rows.values(), key=lambda row: (row["chosen"], np.nan_to_num(row["validation_accuracy"])))
    sentences = [_choice(best, against), *_about(best, images)]
    others = [f"{name(key)} {_short_verdict(row)}" for key, row in rows.items() if row is not best]
    if others:
        sentences.append(f"Against {name(BASELINE)}, {listing(others)}.")
    return sentences


def _choice(best: Row, baseline: Row) -> str:
    if best["chosen"]:
        return (
            f"{best['variant']} has the best accuracy on the validation images, so it is the one to choose; "
            "the test images have no say in that."
        )
    if baseline["chosen"]:
        return (
            f"On the validation images no variant does better than {name(BASELINE)}, so no augmentation is "
            f"chosen. The best augmentation on validation is {best['variant']}."
        )
    return (
        "No run has a finite validation accuracy, so nothing can be chosen. The first augmentation in the "
        f"table is {best['variant']}."
    )


def _about(row: Row, images: int) -> list[str]:
    if row["verdict"] == evaluation.NO_PAIRS:
        return [f"It shares no seed with {name(BASELINE)}, so no gain can be told."]
    relative = ""
    if not math.isnan(row["difference_percent"]):
        relative = f", or {signed(row['difference_percent'])} percent of what {name(BASELINE)} reaches"
    gain = (
        f"On the {images:,} test images it names the right class in {percent(row['paired_accuracy'])} of "
        f"cases, {name(BASELINE)} in {percent(row['paired_baseline_accuracy'])}: a difference of "
        f"{signed(row['difference_points'])} percentage points{relative}."
    )
    if row["verdict"] == evaluation.ONE_RUN:
        return [
            gain,
            "That is one pair of runs, and one run cannot tell a gain from luck: the next seed may say the "
            "opposite.",
        ]
    if math.isnan(row["low_points"]):
        return [
            gain,
            f"The difference is the same in all {count(row['paired_seeds'], 'paired seed')}. That leaves no "
            "spread to judge by, which is an accident of few test images rather than certainty.",
        ]
    few = []
    if row["indicative"]:
        seeds = count(row["paired_seeds"], "seed").capitalize()
        enough = count(evaluation.FIRM_SEEDS, "seed")
        few = [f"{seeds} make this indicative: a hint to follow up. A firm result takes {enough} or more."]
    return [gain, _student(row), *few, _bootstrap(row)]


def _student(row: Row) -> str:
    ending = {
        evaluation.BETTER: "All of it lies above zero: better.",
        evaluation.WORSE: "All of it lies below zero: worse.",
        evaluation.NO_CLEAR_DIFFERENCE: "Zero lies inside: no clear difference. What is seen may be luck.",
    }[row["verdict"]]
    return (
        f"The 95 % interval over {count(row['paired_seeds'], 'paired seed')} (such intervals hold the true "
        "difference in 19 of 20 experiments) goes from "
        f"{interval(row['low_points'], row['high_points'])} points. {ending}"
    )


def _bootstrap(row: Row) -> str:
    low, high = row["bootstrap_low_points"], row["bootstrap_high_points"]
    text = (
        "The other source of chance is which images happen to be in the test split: with other images of the "
        f"same kind the same trained models would differ by {interval(low, high)} points"
    )
    doubtful = row["verdict"] != evaluation.NO_CLEAR_DIFFERENCE and low <= 0 <= high
    return text + ("; zero is among these, so another test split may say otherwise." if doubtful else ".")


def _short_verdict(row: Row) -> str:
    points = f"{signed(row['difference_points'])} points"
    if row["verdict"] == evaluation.NO_PAIRS:
        return "shares no seed, so its difference cannot be told"
    if row["verdict"] == evaluation.ONE_RUN:
        return f"differs by {points} in its one pair of runs"
    if math.isnan(row["low_points"]):
        return f"differs by {points} in every seed, which leaves no spread to judge by"
    verb = {evaluation.BETTER: "is better", evaluation.WORSE: "is worse"}
    text = verb.get(row["verdict"], "shows no clear difference")
    return f"{text} ({points}, {interval(row['low_points'], row['high_points'])})"


def limits(table: pd.DataFrame, settings: dict[str, Any]) -> list[str]:
    """What may not be concluded from a table of `evaluation.compare`, as a list of sentences."""
    compared = table[table["low_points"].notna()]
    sentences = []
    if len(compared) > 1:
        chance = 100 * (1 - evaluation.LEVEL ** len(compared))
        sentences.append(
            f"{count(len(compared), 'variant').capitalize()} are compared with {name(BASELINE)}. If not one "
            "made any difference, at least one interval would still leave out zero with a chance of up to "
            f"{chance:.0f} %."
        )
    if evaluation.NO_CLEAR_DIFFERENCE in set(compared["verdict"]):
        sentences.append("“No clear difference” is not “no difference”: more seeds narrow the interval.")
    if len(compared):
        sentences.append(
            "Each interval covers one source of chance. An interval for both at once would be wider."
        )
    scope = f"{settings.get('model', 'this model')} on {settings.get('dataset', 'this data set')}"
    if settings.get("image_size"):
        scope += f" at {settings['image_size']} pixels"
    if settings.get("epochs"):
        scope += f" after {count(settings['epochs'], 'epoch')}"
    sentences.append(
        f"The numbers hold for {scope}. Other data, another network or longer training can change the order."
    )
    if settings.get("dataset") == "toy_dogs":
        sentences.append("The toy dogs are drawn: they show how to compare, not what helps with photographs.")
    return sentences
