"""What a person should look at before points are given: odd, never proof, and never scored."""

import collections
import dataclasses
import functools
import hashlib
import math
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from utils import words
from utils.experiment import seeds
from utils.grading import archive
from utils.grading.project_folder import Project

_SEEDS = 100  # of a student's id: more are hardly ever used
_FEWEST_WORDS, _FEWEST_LETTERS = 30, 80  # shorter texts and sources are alike by accident
_TEXT, _RUNS, _SOURCE = "the analysis text", "test predictions", "the source of a function"
_SOLUTIONS = pathlib.Path(__file__).parents[2] / "solutions"


@dataclasses.dataclass
class Odd:
    """Sentences about what is odd: what is hardly an accident, and the rest."""

    grave: list[str] = dataclasses.field(default_factory=list)
    other: list[str] = dataclasses.field(default_factory=list)


def of_submission(project: Project, digests: Mapping[str, str], folder: str | pathlib.Path) -> Odd:
    """Return what is odd about a submission; `digests` are the SHA-256 of its files in `folder`, by name."""
    grave = list(_repeated(project.runs, "predictions", _predictions))
    if project.student.lower() == "reference":
        grave.append("The id is that of the course's own project, reference.")
    solutions = [name for name, function in functions(project).items() if _is_solution(function["source"])]
    copied = [f"The function {name} is the course's solution, word for word." for name in solutions]
    history = _repeated(project.runs, "history", _history)
    return Odd(grave, [*_manifest(project.student, digests, folder), *_seeds(project), *history, *copied])


def _manifest(student, digests, folder):
    if "manifest.json" not in digests:
        return ["There is no manifest.json: it was not packed with utils.grading.submission."]
    manifest = archive.json_object(pathlib.Path(folder, "manifest.json").read_bytes())
    stated, named = manifest.get("sha256"), manifest.get("student")
    if not isinstance(stated, dict) or named is None:
        return ["manifest.json cannot be read."]
    actual = {name: digest for name, digest in digests.items() if name != "manifest.json"}
    changed = [name for name in sorted(actual) if name in stated and stated[name] != actual[name]]
    parts = [
        ("was changed after packing", changed),
        ("was added after packing", sorted(actual.keys() - stated.keys())),
        ("was packed and is not there", sorted(stated.keys() - actual.keys())),
    ]
    found = [f"Manifest: {_some(names)} {what}." for what, names in parts if names]
    if str(named).strip() != student:
        found.append("manifest.json names another student than project.json.")
    return found


def _some(names):
    listed = [str(name)[:100].encode(errors="replace").decode() for name in names[:3]]
    return words.listing(listed) + (f" (and {len(names) - 3} more)" if len(names) > 3 else "")


def _seeds(project):
    if not project.student:
        return []
    own = set(seeds.seeds_of(project.student, _SEEDS))
    strange = sorted({run.seed for run in project.runs} - own)
    return [f"Seeds that do not follow from the id {project.student}: {_some(strange)}."] if strange else []


def _repeated(runs, what, key):
    """Two runs that cannot both be runs: the same predictions, or the same history."""
    same = collections.defaultdict(list)
    for run in runs:
        same[key(run)].append(run.file)
    return [
        f"The same {what} in {_some(names)}." for digest, names in same.items() if digest and len(names) > 1
    ]


def functions(project: Project) -> dict[str, dict[str, str]]:
    """Return the functions of the student's own: {name: {"source": …, "verdict": …, …}}."""
    return {name: function for run in project.runs for name, function in run.functions.items()}


def _is_solution(source):
    """Whether each function of a source stands in the course's solutions."""
    return all(_squeezed(each) in _solutions() for each in re.split(r"\n(?=def )", source))


@functools.cache
def _solutions():
    """The code of all lessons; an installed course has none."""
    return "".join(_squeezed(path.read_text(encoding="utf-8")) for path in sorted(_SOLUTIONS.glob("*.py")))


def _squeezed(source):
    """A source without comments and white space."""
    lines = (line for line in source.splitlines() if not line.lstrip().startswith("#"))
    return "".join("".join(lines).split())


def _predictions(run):
    """A digest of the test predictions; none where all are missing, as after a training that diverged."""
    return (
        "" if np.isnan(run.probabilities).all() else _digest(run.probabilities.astype(np.float32).tobytes())
    )


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _history(run):
    values = [(epoch["train_loss"], epoch["validation_accuracy"]) for epoch in run.history]
    finite = all(math.isfinite(value) for pair in values for value in pair)
    return _digest(repr(values).encode()) if finite and len(values) > 3 else ""


# ---- between submissions -------------------------------------------------------------------------------


def fingerprints(project: Project) -> dict[str, list[str]]:
    """Return what a copy would share: digests, by what they are of."""
    text = " ".join(project.analysis.lower().split())
    sources = {each["source"] for each in functions(project).values()}
    squeezed = [_squeezed(source) for source in sorted(sources) if not _is_solution(source)]
    return {
        _TEXT: [_digest(text.encode())] if len(text.split()) >= _FEWEST_WORDS else [],
        _RUNS: list(dict.fromkeys(_predictions(run) for run in project.runs)),
        _SOURCE: [_digest(each.encode()) for each in squeezed if len(each) >= _FEWEST_LETTERS],
    }


def of_class(submissions: Iterable[Any]) -> collections.defaultdict[str, Odd]:
    """Return what submissions share with each other and with the course's own runs, by the name of each.

    Each has `submission`, its name, `student`, an id, and `fingerprints`.
    """
    submissions, found = list(submissions), collections.defaultdict(Odd)
    known = _known_predictions()
    for one in submissions:
        if copies := len(known.intersection(one.fingerprints.get(_RUNS, ()))):
            found[one.submission].grave.append(
                f"{words.count(copies, 'run').capitalize()} of the course's own, copied."
            )
    for what, kind in ((_RUNS, "grave"), (_TEXT, "grave"), (_SOURCE, "other")):
        for group in _groups(submissions, lambda one, what=what: one.fingerprints.get(what, ())):
            if len({one.student.lower() for one in group}) > 1:
                _tell(found, group, f"shares {what} with", kind)
    for group in _groups(submissions, lambda one: [one.student.lower()]):
        _tell(found, group, "has the same student's id as", "other")
    return found


@functools.cache
def _known_predictions():
    """Digests of the predictions of all runs that come with the course; an installed course has none."""
    paths = sorted(_SOLUTIONS.glob("results/**/*.predictions.npz"))
    return {_digest(np.load(path)["probabilities"].astype(np.float32).tobytes()) for path in paths}


def _groups(submissions, keys):
    """Lists of the submissions that have a (non-empty) key in common."""
    groups = collections.defaultdict(list)
    for one in submissions:
        for value in keys(one):
            groups[value].append(one)
    return [group for value, group in groups.items() if value and len(group) > 1]


def _tell(found, group, what, kind):
    for one in group:
        others = [other.submission for other in group if other is not one]
        told, sentence = getattr(found[one.submission], kind), f"It {what} {_some(others)}."
        if sentence not in told:
            told.append(sentence)
