"""What a person should look at before points are given: odd, never proof, and never scored."""

import collections
import hashlib
import json
import math
import pathlib
from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np

from utils import words
from utils.experiment import seeds
from utils.grading.project_folder import Project

_SEEDS = 100  # of a student's id: more are hardly ever used
_FEWEST_WORDS = 30  # short texts are alike by accident


def of_submission(project: Project, digests: Mapping[str, str], folder: str | pathlib.Path) -> list[str]:
    """Return what is odd about one submission, as sentences.

    Args:
        project: what it holds.
        digests: the SHA-256 of each of its files, by name.
        folder: where they lie.
    """
    return [
        *_manifest(project.student, digests, folder),
        *_seeds(project),
        *_repeated(project.runs),
    ]


def _manifest(student, digests, folder):
    path = pathlib.Path(folder, "manifest.json")
    if not path.exists():
        return ["There is no manifest.json: it was not packed with utils.grading.submission."]
    try:
        manifest = json.loads(path.read_bytes())
        stated = dict(manifest["sha256"])
        named = str(manifest["student"]).strip()
    except (ValueError, RecursionError, KeyError, TypeError):
        return ["manifest.json cannot be read."]
    actual = {name: digest for name, digest in digests.items() if name != "manifest.json"}
    changed = [name for name in sorted(actual) if name in stated and stated[name] != actual[name]]
    parts = [
        ("was changed after packing", changed),
        ("was added after packing", sorted(actual.keys() - stated.keys())),
        ("was packed and is not there", sorted(str(name) for name in stated.keys() - actual.keys())),
    ]
    found = [f"Manifest: {_some(names)} {what}." for what, names in parts if names]
    if named != student:
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


def _repeated(runs):
    """Two runs that cannot both be runs: the same predictions, or the same history."""
    for what, key in (("predictions", _predictions), ("history", _history)):
        same = collections.defaultdict(list)
        for run in runs:
            same[key(run)].append(run.file)
        for digest, files in same.items():
            if digest and len(files) > 1:
                yield f"The same {what} in {_some(files)}."


def _predictions(run):
    """A digest of the test predictions; none where all are missing, as after a training that diverged."""
    if np.isnan(run.probabilities).all():
        return ""
    return hashlib.sha256(run.probabilities.astype(np.float32).tobytes()).hexdigest()


def _history(run):
    values = [(epoch["train_loss"], epoch["validation_accuracy"]) for epoch in run.history]
    finite = all(math.isfinite(value) for pair in values for value in pair)
    return hashlib.sha256(repr(values).encode()).hexdigest() if finite and len(values) > 3 else ""


# ---- between submissions -------------------------------------------------------------------------------


class Submitted(Protocol):
    """What is compared of a submission."""

    submission: str
    student: str
    fingerprints: dict[str, list[str]]  # as `fingerprints` returns them


def fingerprints(project: Project) -> dict[str, list[str]]:
    """Return what a copy would share: digests, by what they are of."""
    text = " ".join(project.analysis.lower().split())
    digest = hashlib.sha256(text.encode()).hexdigest() if len(text.split()) >= _FEWEST_WORDS else ""
    runs = dict.fromkeys(_predictions(run) for run in project.runs)
    return {"the analysis text": [digest], "test predictions": list(runs)}


def of_class(submissions: Iterable[Submitted]) -> dict[str, list[str]]:
    """Return sentences about what several submissions share, by the name of each submission."""
    submissions, found = list(submissions), collections.defaultdict(list)
    for what in ("the analysis text", "test predictions"):
        for group in _groups(submissions, lambda one, what=what: one.fingerprints.get(what, ())):
            if len({one.student.lower() for one in group}) > 1:
                _tell(found, group, f"shares {what} with")
    for group in _groups(submissions, lambda one: [one.student.lower()]):
        _tell(found, group, "has the same student's id as")
    return {name: list(dict.fromkeys(sentences)) for name, sentences in found.items()}


def _groups(submissions, keys):
    """Lists of the submissions that have a (non-empty) key in common."""
    groups = collections.defaultdict(list)
    for one in submissions:
        for value in keys(one):
            groups[value].append(one)
    return [group for value, group in groups.items() if value and len(group) > 1]


def _tell(found, group, what):
    for one in group:
        others = [other.submission for other in group if other is not one]
        found[one.submission].append(f"It {what} {_some(others)}.")
