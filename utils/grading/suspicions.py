"""What a person should look at before points are given: odd, never proof, and never scored."""

import collections
import hashlib
import json
import math
import pathlib

import numpy as np

from utils import words
from utils.experiment import seeds

_SEEDS = 100  # of a student's id: more are hardly ever used
_FEWEST_EPOCHS = 12  # a shorter history may well be smooth
_FEWEST_TURNS = 0.2  # noise turns in two of three epochs, real histories in at least one of three
_FEWEST_WORDS = 30  # short texts are alike by accident


def of_one(evidence, digests, folder):
    """Return what is odd about one submission, as sentences.

    Args:
      evidence: its evidence.Evidence.
      digests: {name: SHA-256} of its files.
      folder: where they lie.
    """
    return [
        *_manifest(evidence.student, digests, folder),
        *_seeds(evidence),
        *_repeated(evidence.runs),
        *_smooth(evidence.runs),
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


def _seeds(evidence):
    if not evidence.student:
        return []
    own = set(seeds.seeds_of(evidence.student, _SEEDS))
    strange = sorted({run["seed"] for run in evidence.runs} - own)
    return [f"Seeds that do not follow from the id {evidence.student}: {_some(strange)}."] if strange else []


def _repeated(runs):
    """Two runs that cannot both be runs: the same predictions, or the same history."""
    for what, key in (("predictions", _predictions), ("history", _history)):
        same = collections.defaultdict(list)
        for run in runs:
            same[key(run)].append(run["file"])
        for digest, files in same.items():
            if digest and len(files) > 1:
                yield f"The same {what} in {_some(files)}."


def _predictions(run):
    """A digest of the test predictions; none where all are missing, as after a training that diverged."""
    if np.isnan(run["probabilities"]).all():
        return ""
    return hashlib.sha256(run["probabilities"].astype(np.float32).tobytes()).hexdigest()


def _history(run):
    values = [(epoch["train_loss"], epoch["validation_accuracy"]) for epoch in run["history"]]
    finite = all(math.isfinite(value) for pair in values for value in pair)
    return hashlib.sha256(repr(values).encode()).hexdigest() if finite and len(values) > 3 else ""


def _smooth(runs):
    found = [run["file"] for run in runs if is_too_smooth(run["history"])]
    return [f"Smoother than training is, epoch by epoch: {_some(found)}."] if found else []


def is_too_smooth(history):
    """Whether loss and validation accuracy bend without the jitter that every training has."""
    if len(history) < _FEWEST_EPOCHS:
        return False
    curves = [[epoch[name] for epoch in history] for name in ("train_loss", "validation_accuracy")]
    return bool(np.isfinite(curves).all()) and all(_turns(curve) < _FEWEST_TURNS for curve in curves)


def _turns(values):
    """How often the curve bends the other way from one epoch to the next, as a share."""
    scale = max(1e-12, max(values) - min(values))
    bends = np.diff(values, 2) / scale
    signs = np.sign(bends[np.abs(bends) > 1e-9])
    return float((signs[1:] != signs[:-1]).mean()) if len(signs) > 1 else 0.0


# ---- between submissions -------------------------------------------------------------------------------


def prints(evidence):
    """Return what a copy would share: {"runs": {digest: file}, "analysis": digest or an empty text}."""
    runs = {_predictions(run): run["file"] for run in evidence.runs}
    runs.pop("", None)
    text = " ".join(evidence.analysis.lower().split())
    digest = hashlib.sha256(text.encode()).hexdigest() if len(text.split()) >= _FEWEST_WORDS else ""
    return {"runs": runs, "analysis": digest}


def of_class(results):
    """Return {submission: sentences} about what several submissions share.

    Args:
      results: dicts with `submission`, `student` and `prints`.
    """
    found = collections.defaultdict(list)
    for what, key in (("the analysis text", _analysis_prints), ("test predictions", _run_prints)):
        for group in _groups(results, key):
            if len({result["student"].lower() for result in group}) > 1:
                _tell(found, group, f"shares {what} with")
    for group in _groups(results, lambda result: [result["student"].lower()]):
        _tell(found, group, "has the same student's id as")
    return {name: list(dict.fromkeys(sentences)) for name, sentences in found.items()}


def _analysis_prints(result):
    return [result["prints"]["analysis"]]


def _run_prints(result):
    return result["prints"]["runs"]


def _groups(results, key):
    """Lists of the submissions that have a (non-empty) key in common."""
    groups = collections.defaultdict(list)
    for result in results:
        for value in key(result):
            groups[value].append(result)
    return [group for value, group in groups.items() if value and len(group) > 1]


def _tell(found, group, what):
    for result in group:
        others = [other["submission"] for other in group if other is not result]
        found[result["submission"]].append(f"It {what} {_some(others)}.")
