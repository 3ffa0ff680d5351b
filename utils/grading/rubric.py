"""The project's rubric as arithmetic: from runs, figures and an analysis to points with their evidence.

The student's self-assessment and the instructor's grading call the same `judge`. The thresholds are data:
`rubric.toml`. What needs a reader, the quality of an analysis, is not judged here: only that it is there.
"""

import dataclasses
import math
import pathlib
import re
import textwrap
import tomllib
from collections.abc import Sequence
from typing import Any

import jinja2

from utils import errors, evaluation, files, settings, words
from utils.experiment import runs as finished
from utils.experiment import variants
from utils.grading import analysis, project_folder
from utils.grading.project_folder import Project

DEFAULT = pathlib.Path(__file__).with_name("rubric.toml")
Rules = dict[str, dict[str, Any]]  # the tables of a rubric, one for each item


class RubricError(errors.CourseError, ValueError):
    """A rubric file that cannot be used; the message is one sentence for the instructor."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that is judged: `share` (0-1) of its `points` is `earned`."""

    name: str
    points: float
    share: float
    earned: float
    evidence: str  # what was found, with its numbers
    missing: str = ""  # what to do for the rest; empty with full points
    files: tuple[str, ...] = ()  # the runs' files that it rests on, where these are not all


class _Checks:
    """What has `checks`, and their sums."""

    checks: tuple[Check, ...]

    @property
    def points(self) -> float:
        """Points that can be earned."""
        return sum(check.points for check in self.checks)

    @property
    def earned(self) -> float:
        """Points earned."""
        return sum(check.earned for check in self.checks)


@dataclasses.dataclass(frozen=True)
class Item(_Checks):
    """One item of the rubric."""

    title: str
    checks: tuple[Check, ...]


@dataclasses.dataclass(frozen=True)
class Verdict(_Checks):
    """The judged items, and what could not be used."""

    items: tuple[Item, ...]
    problems: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Those of all items."""
        return tuple(check for item in self.items for check in item.checks)

    @property
    def missing(self) -> list[str]:
        """What to do for the rest, as sentences."""
        return [check.missing for check in self.checks if check.missing]

    def __str__(self) -> str:
        """Return all items, checks, evidence and what is missing as plain text."""
        return "\n".join(_lines(self))


def load(path: str | pathlib.Path = DEFAULT) -> Rules:
    """Return the rubric in the TOML file `path`.

    Raises:
        RubricError: the file cannot be read, has a name that is not known, or a value of another kind than in
            `rubric.toml`.
    """
    try:
        rubric = tomllib.loads(files.decoded(pathlib.Path(path).read_bytes()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RubricError(f"Cannot read the rubric {path}: {error}.") from error
    if pathlib.Path(path) != DEFAULT:
        _check_like(rubric, load(), path)
    return rubric


def _check_like(rubric, model, path):
    for table, values in model.items():
        own = rubric.get(table)
        names = own.keys() if isinstance(own, dict) else set()
        if (table != "names" and names != values.keys()) or rubric.keys() != model.keys():
            raise RubricError(f"The rubric {path} must have the same tables and names as {DEFAULT.name}.")
        for name in names:
            value = values.get(name, [""])  # of a variant that only this rubric has, how it may be named
            if not _is_like(own[name], value):
                kind = (
                    "a number, 0 or more" if isinstance(value, int | float) else f"of the kind of {value!r}"
                )
                raise RubricError(f"In the rubric {path}, {table}.{name} must be {kind}, not {own[name]!r}.")
    if rubric["improvement"]["unit"] not in ("points", "percent"):
        raise RubricError(f'In the rubric {path}, improvement.unit must be "points" or "percent".')


def _is_like(value, model):
    if isinstance(model, list):
        pairs = isinstance(model[0], list)
        fits = isinstance(value, list) and all(_is_like(each, model[0]) for each in value)
        return fits and (not pairs or (value and all(len(each) == 2 for each in value)))
    if isinstance(model, int | float):
        return isinstance(value, int | float) and 0 <= value < math.inf
    return isinstance(value, str)


def judge(project: Project, rubric: Rules | None = None) -> Verdict:
    """Return the Verdict on a project by a rubric of `load`, by default the course's own."""
    rubric = rubric or load()
    idle = [run.augmentation for run in project.runs if not _mixes(run, rubric["convergence"])]
    idle = dict.fromkeys(idle)
    told = [f"{name} is not used: it mixes nothing, or too few images to count as a mix." for name in idle]
    runs = tuple(run for run in project.runs if run.augmentation not in idle)
    project = dataclasses.replace(project, runs=runs)
    items = (_convergence(project, rubric), _improvement(project, rubric), _comparison(project, rubric))
    return Verdict(items, (*project.problems, *told))


def _mixes(run, rules):
    """Whether the run's mixes, where it has any, mix: by their settings, and by what the checker found."""
    for part in project_folder.variant(run.augmentation, run.functions).parts:
        share = part.settings.get("rate", 1) * part.settings.get("until", 1)
        enough = share >= rules["mixed"] and part.settings.get("alpha", 1) >= rules["alpha"]
        found = part.registered is None or not re.search(r"failed:(.*,)? mixes\b", part.registered.verdict)
        if part.is_mix and not (enough and found):
            return False
    return True


def most_points(rubric: Rules) -> dict[str, float]:
    """Return the most points that each check can earn, by its name."""
    return {check.name: check.points for check in judge(Project(), rubric).checks}


def _check(name, points, share, evidence, missing, runs=()):
    share, missing = float(share), missing if share < 1 else ""
    files = tuple(run.file for run in runs if run.file)
    return Check(name, points, share, points * share, evidence, missing, files)


# ---- 1: convergence ------------------------------------------------------------------------------------


def _convergence(project, rubric):
    rules = rubric["convergence"]
    models = set(map(_plain, rules["models"]))
    runs = [run for run in project.runs if _plain(run.settings.get("model")) in models]
    checks = [check for mix in rules["mixes"] for check in _mix_checks(runs, mix, rules)]
    return Item(rules["title"], tuple(checks))


def _plain(name):
    """The name of a network as nobody writes it: `resnet50` is ResNet50, resnet-50 and ResNet 50."""
    return re.sub(r"[\W_]", "", str(name)).casefold()


def _mix_checks(runs, mix, rules):
    """Whether the mix was applied, and whether its runs converge: of its variants, the best counts."""
    names = [name for name in evaluation.variants(runs) if mix in variants.family(name).split("+")]
    names.sort(key=lambda name: "+" in name)  # of equals, the mix alone is shown
    own = [run for run in runs if run.augmentation in names]
    applied = _applied(own, mix, rules)
    judged = [_converged_check(runs, name, mix, rules) for name in names]
    points, nothing = rules["converged_points"], "There is nothing to judge."
    nothing = _check(f"{mix} converges", points, 0, nothing, f"Train {mix}.")
    return applied, max(judged, key=lambda check: check.share, default=nothing)


def _applied(runs, mix, rules):
    """Whether a ResNet was trained with the student's own function, and what the checker says of it."""
    models = words.listing(sorted({str(run.settings["model"]) for run in runs}))
    verdicts = {run.functions[mix]["verdict"] if mix in run.functions else None for run in runs}
    share, missing = 0, f"Train at least one ResNet with your own {mix}: register it before the runs."
    if not runs:
        evidence = f"No run of a ResNet with {mix}."
    elif None in verdicts:
        evidence = f"Runs of {models} with the course's {mix}, not with a function of the student's own."
    else:
        found = words.listing(sorted(textwrap.shorten(verdict, 200) for verdict in verdicts))
        evidence = f"Runs of {models} with the student's own {mix}. The checker: {found}"
        share = 1 if all(verdict.startswith("All ") for verdict in verdicts) else 0.5
        missing = f"Mend what the checker finds in your {mix}, register it and train again."
    return _check(f"{mix} applied to a ResNet", rules["applied_points"], share, evidence, missing, runs)


def _converged_check(runs, name, mix, rules):
    own = [run for run in runs if run.augmentation == name]
    failures = {run.seed: not_converged(run.history, len(run.class_names), rules) for run in own}
    failures = {seed: reason for seed, reason in failures.items() if reason}
    good = len(own) - len(failures)
    evidence = f"Runs with {name} that converged: {good} of {len(own)}."
    if failures:
        evidence += " " + " ".join(f"Seed {seed}: {reason}" for seed, reason in failures.items())
    else:
        evidence += f" {_convergence_numbers(own)}"
    missing = f"Make all runs with {mix} converge: more epochs, or a smaller learning rate."
    epochs = min(len(run.history) for run in own)
    if epochs < rules["epochs"]:
        evidence += f" With {epochs} of {rules['epochs']} epochs, they earn that share."
        missing = f"Train for at least {rules['epochs']} epochs."
    share = good / len(own) * min(1, epochs / max(1, rules["epochs"]))
    return _check(f"{mix} converges", rules["converged_points"], share, evidence, missing, own)


def _convergence_numbers(runs):
    last = [run.history[-1] for run in runs]
    first = sum(run.history[0]["train_loss"] for run in runs) / len(runs)
    loss = sum(epoch["train_loss"] for epoch in last) / len(runs)
    accuracy = sum(epoch["validation_accuracy"] for epoch in last) / len(runs)
    return (
        f"On average the loss on unmixed training images fell from {first:.2f} to {loss:.2f}, and validation "
        f"accuracy ended at {words.percent(accuracy)}."
    )


def not_converged(
    history: Sequence[dict[str, Any]], classes: int, rules: dict[str, Any] | None = None
) -> str:
    """Return why a run did not converge, as a sentence; an empty text where it did.

    Judged is `train_loss`, the loss on *unmixed* training images: the loss on mixed ones has a floor of its
    own. `history` is the run's, `rules` the rubric's table `convergence`, by default the course's.
    """
    rules = rules or load()["convergence"]
    losses = [epoch["train_loss"] for epoch in history]
    if len(losses) < 4:
        return f"{words.count(len(losses), 'epoch')} are too few to judge by."
    if not all(map(math.isfinite, losses)):
        return "the loss is not a finite number in every epoch."
    first, last = losses[0], losses[-1]
    if last > rules["loss_share"] * first:
        return (
            f"the loss ends at {last:.2f}, above {rules['loss_share']:.0%} of the first epoch's {first:.2f}."
        )
    quarter = losses[-max(2, len(losses) // 4) :]
    if max(quarter) - min(quarter) > rules["flat_band"] * first:
        return (
            f"in the last quarter the loss still moves between {min(quarter):.2f} and {max(quarter):.2f}, "
            f"more than {rules['flat_band']:.0%} of the first epoch's {first:.2f}."
        )
    accuracy, needed = history[-1]["validation_accuracy"], rules["times_chance"] / classes
    if not accuracy >= needed:
        return f"validation accuracy ends at {words.percent(accuracy)}, below {words.percent(needed)}."
    return ""


# ---- 2: improvement ------------------------------------------------------------------------------------


def _improvement(project, rubric):
    rules, required = rubric["improvement"], rubric["comparison"]["variants"]
    fair, unfair = _paired_with_none(project.runs)
    best = evaluation.chosen_variant(fair, baseline=None) if fair else None
    if best is None:
        nothing = f"There is no augmentation with the seeds and the conditions of “none”.{unfair}"
        missing = "Train “none” and at least one augmentation with the same seeds and settings."
        points = {"gain": _most(rules), "interval": rules["interval_points"]}
        checks = [_check(name, most, 0, nothing, missing) for name, most in points.items()]
        return Item(rules["title"], tuple(checks))
    both = [run for run in project.runs if run.augmentation in (best, "none")]
    row = evaluation.compare(both).set_index("variant").loc[best]
    own = [name for name in evaluation.variants(fair) if name not in required]
    trained = min(len(run.history) for run in both)
    share, note, advice = _counted(own, trained, rules["own_variants"], rubric["convergence"]["epochs"])
    checks = []
    for name, points, earned, evidence, missing in (
        _gain(row, best, rules, unfair),
        _interval(row, best, rules),
    ):
        todo = (advice if earned == 1 else advice + missing).strip()
        checks.append(_check(name, points, earned * share, evidence + note, todo, both))
    return Item(rules["title"], tuple(checks))


def _counted(own, trained, needed, epochs):
    """What share counts: that of the epochs, nothing without variants of one's own; why, and what to do."""
    share, note, advice = 1.0, "", ""
    if trained < epochs:
        share, note = trained / epochs, f" With {trained} of {epochs} epochs, it earns that share."
        advice = f"Train for at least {epochs} epochs. "
    if len(own) < needed:
        note += f" There are {len(own)} variants of the student's own: it counts from {needed} on."
        count = words.count(needed, "variant")
        share, advice = 0.0, f"Try at least {count} of your own, with the seeds of “none”. {advice}"
    return share, note, advice


def _paired_with_none(runs):
    """The runs of augmentations with the seeds and conditions of `none`, and a sentence on the others."""
    none = [run for run in runs if run.augmentation == "none"]
    fair, unfair = [], []
    for name in evaluation.variants(runs):
        own = [run for run in runs if run.augmentation == name]
        if name == "none" or not evaluation.paired_runs(runs, name)[0]:
            continue
        if _differing([*none, *own]):
            unfair.append(name)
        else:
            fair += own
    return fair, f" Not trained as “none” was, so not compared: {words.listing(unfair)}." if unfair else ""


def _most(rules):
    return max(points for _, points in rules["gain"])


def _gain(row, best, rules, unfair):
    gain = row["difference_points"] if rules["unit"] == "points" else row["difference_percent"]
    unit = "percentage points" if rules["unit"] == "points" else "percent of the accuracy of “none”"
    gain = round(gain, 9)  # 60 of 1,200 images are 5 points, but for rounding
    earned = max((points for least, points in rules["gain"] if gain >= least), default=0)
    mine, none = words.percent(row["paired_accuracy"]), words.percent(row["paired_baseline_accuracy"])
    points, percent = words.signed(row["difference_points"]), words.signed(row["difference_percent"])
    evidence = (
        f"Best on validation: {best}. On the test images it has {mine}, “none” {none}: {points} percentage "
        f"points, or {percent} percent, mean over {words.count(row['paired_seeds'], 'paired seed')}.{unfair}"
    )
    needed = min(least for least, points in rules["gain"] if points == _most(rules))
    missing = f"All points are for an augmentation that gains at least {needed:g} {unit}."
    return "gain", _most(rules), earned / max(1, _most(rules)), evidence, missing


def _interval(row, best, rules):
    above = row["low_points"] > 0
    limits = words.interval(row["low_points"], row["high_points"])
    evidence = f"95 % interval of the gain of {best}: {limits} points."
    if not math.isfinite(row["low_points"]):
        evidence = f"{words.count(row['paired_seeds'], 'paired seed').capitalize()} of {best}: no interval."
    missing = "The interval should lie above 0: train more paired seeds, or find a larger gain."
    return "interval", rules["interval_points"], above, evidence, missing


# ---- 3: comparison -------------------------------------------------------------------------------------


def _comparison(project, rubric):
    rules, runs = rubric["comparison"], project.runs
    names = [words.name(name) for name in rules["variants"]]
    trained = {words.name(variants.family(run.augmentation)) for run in runs}
    save = "Save the figures {} with submission.show_figure."
    checks = (
        _share_of("variants", rules, names, trained, "Train {} as well."),
        _equal(runs, rules),
        _seeds(runs, rules),
        _share_of("figures", rules, rules["figures"], project.figures, save),
        _analysis(project.analysis, rules, rubric["names"]),
    )
    return Item(rules["title"], checks)


def _share_of(name, rules, wanted, found, advice):
    """A check of a list of which each part that is there earns its share."""
    absent = [part for part in wanted if part not in found]
    present = [part for part in wanted if part in found]
    evidence = f"{name.capitalize()} found: {words.listing(present) or 'none of them'}."
    share = len(present) / len(wanted) if wanted else 1
    return _check(name, rules[f"{name}_points"], share, evidence, advice.format(words.listing(absent)))


def _equal(runs, rules):
    differing = _differing(runs)
    if not runs:
        evidence, missing = "There are no runs.", "Run the comparison."
    elif differing:
        evidence = f"The runs differ in {words.listing(differing)}."
        missing = "Compare runs that differ in their augmentation alone."
    else:
        epochs = len(runs[0].history)
        evidence = f"All {len(runs)} runs share data, model, settings, code and {epochs} epochs."
        missing = ""
    return _check("equal conditions", rules["equal_points"], not missing, evidence, missing)


def _differing(runs):
    """What differs between the runs besides augmentation and seed."""
    parts = {
        name: {str(run.settings.get(name)) for run in runs} for name in settings.PROFILES["quick"].of_a_run()
    }
    parts["model"] = set(map(_plain, parts["model"]))
    parts["number of epochs"] = {len(run.history) for run in runs}
    identities = [finished.parts(run.identity) for run in runs]
    for name in dict.fromkeys(name for each in identities for name in each if name != "settings"):
        parts[name] = {str(each[name]) for each in identities if name in each}
    return [name for name, values in parts.items() if len(values) > 1]


def _seeds(runs, rules):
    shared = _shared_seeds(runs, rules["variants"])
    listed = f": {words.listing(sorted(shared))}" if shared else ""
    evidence = f"{words.count(len(shared), 'seed').capitalize()} shared by all of the variants{listed}."
    wanted = words.listing(map(words.name, rules["variants"]))
    missing = f"Train {wanted} with the same {rules['seeds']} seeds or more."
    share = min(1, len(shared) / rules["seeds"]) if rules["seeds"] else 1
    return _check("paired seeds", rules["seeds_points"], share, evidence, missing)


def _shared_seeds(runs, wanted):
    """The seeds that each of the wanted families has; of variants of one family, the best-covered counts."""
    seeds = {name: set(evaluation.by_seed(runs, name)) for name in evaluation.variants(runs)}
    found = [
        max((seeds[name] for name in seeds if variants.family(name) == family), key=len, default=set())
        for family in wanted
    ]
    return set.intersection(*found) if found else set()


def _analysis(text, rules, names):
    count, needed = analysis.words(text, rules["unspaced"]), rules["analysis_words"]
    unnamed = [name for name in rules["variants"] if not analysis.mentions(text, names.get(name, [name]))]
    listed, advice = words.listing(map(words.name, unnamed)), []
    found = f"does not name {listed}" if unnamed else "names each variant"
    evidence = f"The analysis has {words.count(count, 'word')} and {found}."
    if count < needed:
        advice.append(f"Write an analysis of at least {needed} words.")
    if unnamed:
        advice.append(f"Say in the analysis what happened with {listed}.")
    named = 1 - len(unnamed) / len(rules["variants"]) if rules["variants"] else 1
    share = 0 if count < needed else named
    return _check("analysis", rules["analysis_points"], share, evidence, " ".join(advice))


# ---- as text -------------------------------------------------------------------------------------------


def _lines(verdict):
    for number, item in enumerate(verdict.items, 1):
        yield from _wrapped(f"{number}. {item.title}: {item.earned:.4g} of {item.points:g} points", "   ")
        for check in item.checks:
            mark = "+" if check.share == 1 else "-"
            head = f"   {mark} {check.name}: {check.earned:.4g} of {check.points:g}. "
            yield from _wrapped(head + check.evidence, "     ")
            if check.missing:
                yield from _wrapped(f"     → {check.missing}", "       ")
    for problem in verdict.problems:
        yield from _wrapped(f"   ! {problem}", "     ")
    yield f"Together: {verdict.earned:.4g} of {verdict.points:g} points"


def _wrapped(text, indent):
    return textwrap.wrap(text, 88, subsequent_indent=indent, break_long_words=False)


def describe(rubric: Rules | None = None) -> str:
    """Return the rubric with its thresholds in words, as Markdown: what the notebook shows first."""
    template = DEFAULT.with_name("templates").joinpath("rubric.md.jinja").read_text(encoding="utf-8")
    return jinja2.Template(template, undefined=jinja2.StrictUndefined).render(rubric or load())
