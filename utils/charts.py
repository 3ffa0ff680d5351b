"""The charts of a comparison. Each function returns `(figure, alt)`: the alt text tells what is to be seen.

In a notebook: `figures.show(*charts.learning_curves(runs, "validation_accuracy"))`. Nothing here trains or
reads files.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib.axes
import matplotlib.figure
import matplotlib.ticker
import numpy as np
from numpy.typing import ArrayLike

from utils import evaluation, figures, words
from utils.evaluation import BASELINE, Run

Chart = tuple[matplotlib.figure.Figure, str]
Samples = dict[str, dict[str, np.ndarray]]
"""From a variant's name, and `original`, to `{"images": uint8 [n, H, W, 3], "labels": float [n, K]}`.

The n-th image of each is made from the n-th original.
"""

_MOST_CLASSES = 24  # more rows than this cannot be read; the middle ones are left out
_MOST_SAMPLES = 5  # more than these side by side are too small to see on a page
_FEWEST_IMAGES = 10  # a share of fewer images is mostly noise
MEASURES = {
    "train_loss": "Loss on unmixed training images",
    "validation_accuracy": "Accuracy on validation images, %",
}


@figures.style()
def accuracy(runs: Sequence[Run], baseline: str = BASELINE) -> Chart:
    """Test accuracy: one dot a run, a bar for the mean of each variant."""
    names = evaluation.variants(runs, baseline)
    figure, axes = _rows_figure(len(names))
    means = {}
    for row, name in enumerate(names):
        values = [100 * _top1(run) for run in _own(runs, name)]
        means[name] = np.mean(values)
        _dots(axes, values, row, name)
        axes.plot([means[name]] * 2, [row - 0.32, row + 0.32], color=figures.color(name), linewidth=3)
    _name_rows(axes, names)
    axes.set_xlabel("Accuracy on test images, %")
    ranked = sorted(means, key=means.get, reverse=True)
    text = words.listing(f"{words.name(name)} {means[name]:.1f} %" for name in ranked)
    return figure, f"Mean test accuracy, highest first: {text}. Each dot is one run."


@figures.style()
def difference(runs: Sequence[Run], baseline: str = BASELINE) -> Chart | None:
    """Difference to the baseline: one dot a paired seed, the t interval thick, the bootstrap one thin.

    None without paired seeds.
    """
    table = evaluation.compare(runs, baseline)
    table = table[table["difference_points"].notna()]
    if table.empty:
        return None
    rows = table.to_dict("records")
    figure, axes = _rows_figure(len(rows) + 1)  # as tall as the chart of accuracies, which has the baseline
    axes.axvline(0, color=figures.INK, linewidth=1)
    for row, values in enumerate(rows):
        name, color, mean = values["variant"], figures.color(values["variant"]), values["difference_points"]
        pairs = zip(*evaluation.paired_runs(runs, name, baseline), strict=True)
        _dots(axes, [100 * (_top1(first) - _top1(second)) for first, second in pairs], row - 0.16, name)
        axes.plot([values["low_points"], values["high_points"]], [row + 0.14] * 2, color=color, linewidth=3.5)
        axes.plot([mean], [row + 0.14], "|", color=color, markersize=13, markeredgewidth=2.5)
        bootstrap = [values["bootstrap_low_points"], values["bootstrap_high_points"]]
        axes.plot(bootstrap, [row + 0.32] * 2, color=figures.MUTED, linewidth=1.2)
    _name_rows(axes, [values["variant"] for values in rows])
    _limit_to_possible(axes)
    # At the right, so that it fits beside long names.
    axes.set_xlabel(f"Points of test accuracy above {words.name(baseline)}", loc="right")
    text = "; ".join(
        f"{values['variant']} {words.signed(values['difference_points'])} points, 95 % interval "
        f"{words.interval(values['low_points'], values['high_points'])}, {values['verdict']}"
        for values in rows
    )
    return figure, f"Difference in test accuracy to {words.name(baseline)}: {text}."


@figures.style()
def learning_curves(runs: Sequence[Run], measure: str, baseline: str = BASELINE) -> Chart:
    """One measure per epoch: a line for each variant's mean, a band from its lowest to its highest run.

    `measure` is one of `MEASURES`; the baseline is drawn first.
    """
    names = evaluation.variants(runs, baseline)
    figure, axes = figures.subplots(size=(5.4, 4.2))
    texts = [_draw_curves(axes, runs, name, measure) for name in names]
    axes.set_xlabel("Epoch")
    axes.set_title(MEASURES[measure])
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    _add_legend(figure, names)
    what = MEASURES[measure].removesuffix(", %")
    return figure, f"{what}, mean over seeds from first to last epoch: {'; '.join(texts)}."


def _draw_curves(axes: matplotlib.axes.Axes, runs: Sequence[Run], name: str, measure: str) -> str:
    """Draw a variant; returns its first and last mean in words: NaN at an epoch that a run did not reach."""
    own, is_accuracy = _own(runs, name), measure == "validation_accuracy"
    curves = np.full((len(own), max(len(run.history) for run in own)), np.nan)
    for row, run in enumerate(own):
        curves[row, : len(run.history)] = [epoch.get(measure) for epoch in run.history]  # None becomes NaN
    curves[np.isinf(curves)] = np.nan
    if is_accuracy:
        curves *= 100
    epochs, mean = np.arange(1, curves.shape[1] + 1), curves.mean(axis=0)
    style = {"color": figures.color(name), "marker": figures.marker(name)}
    axes.plot(epochs, mean, label=name, markevery=max(1, len(epochs) // 6), markersize=5, **style)
    axes.fill_between(
        epochs, curves.min(axis=0), curves.max(axis=0), color=style["color"], alpha=0.15, linewidth=0
    )
    if not len(mean) or math.isnan(mean[-1]):
        return f"{words.name(name)} has no finite value at the end"
    digits, unit = (1, " %") if is_accuracy else (2, "")
    return f"{words.name(name)} {mean[0]:.{digits}f} to {mean[-1]:.{digits}f}{unit}"


@figures.style()
def class_changes(runs: Sequence[Run], variant: str, baseline: str = BASELINE) -> Chart | None:
    """Change of each class's accuracy, most lost first: a dot for the mean, a line for the 95 % interval.

    Of more than 24 classes, the 12 that lose and the 12 that gain most are drawn. None without paired seeds.
    """
    pair = [run for run in runs if run.augmentation in (variant, baseline)]
    table = evaluation.compare_classes(pair, baseline).sort_values("difference_points", kind="stable")
    if table.empty:
        return None
    rows, total = table.to_dict("records"), len(table)
    half = _MOST_CLASSES // 2
    shown = rows if total <= _MOST_CLASSES else rows[:half] + rows[-half:]
    figure, axes = figures.subplots(size=(5.4, 1.0 + 0.26 * len(shown)))
    axes.axvline(0, color=figures.INK, linewidth=1)
    for place, row in enumerate(shown):
        limits = [row["low_points"], row["high_points"]]
        axes.plot(limits, [place] * 2, color=figures.color(variant), linewidth=1.6, alpha=0.55)
        axes.plot(row["difference_points"], place, figures.marker(variant), color=figures.color(variant))
    if total > len(shown):
        axes.axhline(half - 0.5, color=figures.MUTED, linestyle="--", linewidth=1)
    _name_rows(axes, [_short(row["class_name"], 22) for row in shown])
    _limit_to_possible(axes)
    axes.set_xlabel(f"Points of accuracy above {words.name(baseline)}")
    axes.set_title(variant)
    return figure, _class_words(rows, variant, baseline, len(shown))


def _class_words(rows: Sequence[dict[str, Any]], variant: str, baseline: str, shown: int) -> str:
    gained = sum(row["difference_points"] > 0 for row in rows)
    lost = sum(row["difference_points"] < 0 for row in rows)
    worst, best = rows[0], rows[-1]
    text = (
        f"{variant} against {words.name(baseline)}: {gained} of {words.count(len(rows), 'class')} gain and "
        f"{lost} lose. {worst['class_name']} has the lowest change, "
        f"{words.signed(worst['difference_points'])} points, and {best['class_name']} the highest, "
        f"{words.signed(best['difference_points'])}."
    )
    return text if shown == len(rows) else f"{text} The {shown} classes that change most are drawn."


def _add_legend(figure, names):
    # So many that the longest name fits: about 56 characters, with markers, are as wide as the figure.
    columns = max(1, min(4, len(names), 56 // (max(map(len, names)) + 6)))
    figure.legend(loc="outside lower center", ncols=columns)


@figures.style()
def calibration(runs: Sequence[Run], baseline: str = BASELINE) -> Chart:
    """Accuracy against confidence, predictions of all seeds taken together; the diagonal is perfect."""
    names = evaluation.variants(runs, baseline)
    figure, axes = figures.subplots(size=(5.4, 5.2))
    axes.plot([0, 100], [0, 100], color=figures.MUTED, linewidth=1, linestyle="--")
    texts = []
    for name in names:
        own = _own(runs, name)
        probabilities = np.concatenate([run.probabilities for run in own])
        labels = np.concatenate([run.labels for run in own])
        curve = evaluation.calibration_curve(probabilities, labels, bins=10)
        enough = curve.count >= _FEWEST_IMAGES
        style = {"color": figures.color(name), "marker": figures.marker(name), "label": name}
        axes.plot(100 * curve.confidence[enough], 100 * curve.accuracy[enough], **style)
        texts.append(f"{words.name(name)} {_calibration_words(curve)}")
    axes.set(
        xlim=(0, 101), ylim=(0, 101), xlabel="Confidence, %", ylabel="Right predictions, %", aspect="equal"
    )
    _add_legend(figure, names)
    return figure, f"Share of right predictions against confidence. {'; '.join(texts)}."


def _calibration_words(curve: evaluation.CalibrationCurve) -> str:
    total = curve.count.sum()
    if not total:
        return "has no finite confidence"
    points = 100 * float(np.nansum((curve.confidence - curve.accuracy) * curve.count) / total)
    if abs(points) < 1:
        return "is about as sure as it is right"
    return f"is {abs(points):.0f} points {'surer' if points > 0 else 'less sure'} than it is right"


@figures.style()
def cost(runs: Sequence[Run], baseline: str = BASELINE) -> Chart | None:
    """Median seconds of an epoch's training part, a bar for each variant. None where nothing was measured."""
    table = evaluation.compare(runs, baseline)
    table = table[table["seconds_per_epoch"].notna()]
    if table.empty:
        return None
    names, seconds = list(table["variant"]), list(table["seconds_per_epoch"])
    figure, axes = _rows_figure(len(names))
    axes.barh(range(len(names)), seconds, height=0.55, color=[figures.color(name) for name in names])
    for place, value in enumerate(seconds):
        axes.text(value, place, f" {value:.3g} s", va="center")
    _name_rows(axes, names)
    axes.grid(False)
    axes.set(xlabel="Seconds per epoch, median", xlim=(0, 1.15 * max(seconds)))
    text = words.listing(
        f"{words.name(name)} {value:.3g}" for name, value in zip(names, seconds, strict=True)
    )
    return figure, f"Median seconds of training per epoch: {text}."


@figures.style()
def samples(samples: Samples, variant: str, class_names: Sequence[str]) -> Chart:
    """The same images before (above) and after (below) an augmentation, with what a mixed label says."""
    before, after = samples["original"], samples[variant]
    number = min(len(before["images"]), len(after["images"]), _MOST_SAMPLES)
    images = [*before["images"][:number], *after["images"][:number]]
    labels = [*before["labels"][:number], *after["labels"][:number]]
    captions = [label_text(label, class_names) for label in labels]
    figure = figures.pictures(images, captions, columns=number, inches=1.2)
    label = "; ".join(text.replace("\n+", " + ") for text in captions[number:])
    above = words.count(number, "training image").capitalize()
    return figure, f"{above} above, the same after {variant} below. The labels are now: {label}."


def label_text(label: ArrayLike, class_names: Sequence[str]) -> str:
    """A label, float `[K]`, in words, one line a class: `biscuit`, or `0.62 biscuit` above `+0.38 caramel`.

    Classes below 0.005 are left out, and long names are cut.
    """
    label = np.asarray(label)
    order = [number for number in np.argsort(-label, kind="stable") if label[number] >= 0.005]
    if len(order) == 1:
        return _short(class_names[order[0]], 13)
    return "\n+".join(f"{label[number]:.2f} {_short(class_names[number], 10)}" for number in order)


def _short(name: str, length: int) -> str:
    """A class name for a chart: without ImageNet's number, cut to `length`, dollar signs kept from LaTeX."""
    name = re.sub(r"^n\d{8}-", "", words.writable(str(name))).replace("_", " ")
    name = name if len(name) <= length else name[: length - 1].rstrip() + "…"
    return name.replace("$", r"\$")


def _limit_to_possible(axes: matplotlib.axes.Axes) -> None:
    """Keep the axis within −100 to 100 points: an interval from two seeds can reach far beyond."""
    low, high = axes.get_xlim()
    axes.set_xlim(max(low, -105), min(high, 105))


def _rows_figure(rows: int) -> tuple[matplotlib.figure.Figure, matplotlib.axes.Axes]:
    return figures.subplots(size=(5.4, 0.95 + 0.55 * rows))


def _dots(axes: matplotlib.axes.Axes, values: Sequence[float], row: float, name: str) -> None:
    style = {"color": figures.color(name), "alpha": 0.75, "markersize": 6, "linestyle": "none"}
    axes.plot(values, [row] * len(values), figures.marker(name), **style)


def _name_rows(axes: matplotlib.axes.Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)


def _own(runs: Sequence[Run], variant: str) -> list[Run]:
    return list(evaluation.by_seed(runs, variant).values())


def _top1(run: Run) -> float:
    return evaluation.top1(run.probabilities, run.labels)
