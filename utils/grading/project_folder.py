"""What a project folder or a submission holds, read as data: nothing in it is run, unpickled or believed.

    project.json            {"student": ...}
    runs/*.json             one finished run each, its test predictions beside it (utils.experiment.runs)
    figures/*.png           what the student chose to show
    analysis.md             what the student concludes

Whatever cannot be used becomes a sentence, and the rest is read all the same. Sizes are bounded before
anything is unpacked.
"""

import dataclasses
import json
import math
import pathlib
import re

import numpy as np

from utils import evaluation
from utils.evaluation import Run
from utils.experiment import registered, variants
from utils.grading import analysis

_MOST_RUNS = 200
_MOST_BYTES = {".json": 4_000_000, ".npz": 64_000_000, ".md": 200_000, ".png": 20_000_000}
_MOST_EPOCHS = 10_000
_HISTORY = ("train_loss", "validation_accuracy")  # finite or not: a diverged run is a result
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Project:
    """What a project offers to be judged.

    `student` is the id, empty where it cannot be read; `analysis` the text; `figures` the names of the
    pictures that are there; `problems` sentences about what could not be used.
    """

    student: str = ""
    runs: tuple[Run, ...] = ()
    analysis: str = ""
    figures: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class _Unusable(ValueError):
    """A file that cannot be used; the message is the end of a sentence that begins with its name."""


def read(folder: str | pathlib.Path, labels: np.ndarray | None = None) -> Project:
    """Return the Project in `folder`, a project's own or an unpacked submission.

    Runs that were tested on other images than the rest are set aside: where the true `labels` int [N] are
    known these decide, otherwise the first run's.
    """
    folder = pathlib.Path(folder)
    problems = []
    student = _attempt(problems, _student, folder / "project.json") or ""
    runs = [_attempt(problems, _run, path) for path in _run_files(folder, problems)]
    runs = _comparable([run for run in runs if run], labels, problems)
    text = _analysis(_attempt(problems, _bytes, folder / "analysis.md") or b"", problems)
    pictures = sorted((folder / "figures").glob("*.png"))
    figures = tuple(filter(None, [_attempt(problems, _figure, path) for path in pictures]))
    return Project(student, tuple(runs), text, figures, tuple(problems))


def _attempt(problems, function, path):
    """Call `function(path)`; where the file cannot be used, return None and note the problem."""
    try:
        return function(path)
    except _Unusable as error:
        problems.append(f"{path.name} {error}")


def _bytes(path):
    most = _MOST_BYTES[path.suffix.lower()]
    try:
        if path.is_symlink():
            raise _Unusable("is a link, not a file.")
        if not path.is_file():
            raise _Unusable("is missing.")
        if path.stat().st_size > most:
            raise _Unusable(f"is larger than {most // 1000:,} kB.")
        return path.read_bytes()
    except OSError as error:
        raise _Unusable(f"cannot be read: {error.strerror}.") from error


def _figure(path):
    """The name of a PNG file without its ending."""
    if not _bytes(path).startswith(_PNG):
        raise _Unusable("is not a PNG picture.")
    return path.stem


def _analysis(content, problems):
    text, encoding = analysis.decoded(content)
    if encoding:
        problems.append(f"analysis.md is no UTF-8: it is read as {encoding}.")
    text, in_comment = analysis.written(text)
    if in_comment:
        problems.append("The analysis stands in the comment of the template (<!-- … -->): it is read there.")
    return text


def _object(path):
    content = _bytes(path)
    try:
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair could not be written again
    except (ValueError, RecursionError) as error:
        raise _Unusable("is not JSON that can be read.") from error
    if not isinstance(value, dict):
        raise _Unusable("does not hold a JSON object.")
    return value


def _student(path):
    student = _object(path).get("student")
    if not isinstance(student, str) or not student.strip():
        raise _Unusable("does not name the student.")
    return student.strip()


def _run_files(folder, problems):
    paths = sorted((folder / "runs").glob("*.json"))
    if not paths:
        problems.append("There are no runs in the folder runs.")
    if len(paths) > _MOST_RUNS:
        problems.append(f"There are {len(paths)} runs; only the first {_MOST_RUNS} are read.")
    return paths[:_MOST_RUNS]


# ---- one run -------------------------------------------------------------------------------------------


def _run(path):
    """Return the Run in `path`, whole and consistent, its accuracy counted again from its predictions."""
    found = _object(path)
    for name, (is_right, what) in _FIELDS.items():
        if not is_right(found.get(name)):
            raise _Unusable(f"has no {name} that can be used: it must be {what}.")
    history = [_epoch(epoch, number) for number, epoch in enumerate(found["history"], 1)]
    probabilities, labels = _predictions(path.parent / found["predictions"], len(found["class_names"]))
    accuracy = evaluation.top1(probabilities, labels)
    if not math.isclose(accuracy, found["test_accuracy"], abs_tol=1e-6):
        raise _Unusable(
            f"says test accuracy {found['test_accuracy']:.4f}, but its predictions give {accuracy:.4f}."
        )
    stated, last = found["validation_accuracy"], history[-1]["validation_accuracy"]
    if not np.isclose(stated, last, rtol=0, atol=1e-6, equal_nan=True):
        raise _Unusable("says another validation accuracy than the last epoch of its history.")
    more = {name: found[name] for name, is_right in _MORE_FIELDS.items() if is_right(found.get(name))}
    try:
        variant(found["augmentation"], more.get("functions", {}))
    except variants.VariantError as error:
        raise _Unusable(f"has no augmentation that can be used: {error}") from error
    fields = {name: found[name] for name in _FIELDS} | more | {"history": history, "file": path.name}
    return Run(**fields, probabilities=probabilities, labels=labels)


def variant(name: str, functions: dict[str, dict[str, str]]) -> variants.Variant:
    """Return the Variant of a run, given the functions of the student's own that the run stored.

    Nobody runs these: each word of a source may be a setting.

    Raises:
        variants.VariantError: the name means nothing.
    """
    own = {}
    for word, function in functions.items():
        source = function["source"]
        is_mix = re.search(r"\bimages\s*,\s*labels\b", source) is not None
        settings = tuple(re.findall(r"\w+", source))
        own[word] = registered.Registered(None, is_mix, settings, source, function["verdict"])
    return variants.parse(name, own)


def _epoch(epoch, number):
    if not isinstance(epoch, dict) or not all(_is_number(epoch.get(name)) for name in _HISTORY):
        raise _Unusable(f"has no {' and '.join(_HISTORY)} in epoch {number}.")
    if not (0 <= epoch["validation_accuracy"] <= 1 or math.isnan(epoch["validation_accuracy"])):
        raise _Unusable(f"has a validation accuracy outside of 0 to 1 in epoch {number}.")
    return {name: value for name, value in epoch.items() if _is_number(value)}


def _is_number(value):
    """A number that a training can give, NaN and infinity among them: none that float32 cannot hold."""
    return _is_integer(value) or (isinstance(value, float) and not 3.5e38 < abs(value) < math.inf)


def _is_integer(value):
    return type(value) is int and abs(value) < 2**53  # what a float can hold


def _are_functions(value):
    """{name: {"source": …, "verdict": …, perhaps "label_share": …}}, all texts."""
    return _is_table(value) and all(
        _is_table(each)
        and each.keys() >= {"source", "verdict"}
        and all(isinstance(part, str) for part in each.values())
        for each in value.values()
    )


def _is_table(value):
    return isinstance(value, dict)


def _is_file_name(value, ending):
    return isinstance(value, str) and value == pathlib.PurePath(value).name and value.endswith(ending)


def _are_names(value):
    return isinstance(value, list) and len(value) > 1 and all(isinstance(name, str) for name in value)


_FIELDS = {
    "augmentation": (
        lambda value: isinstance(value, str) and variants.is_variant(value),
        "the name of a variant, such as basic+mixup(rate=0.5)",
    ),
    "seed": (_is_integer, "an integer"),
    "test_accuracy": (_is_number, "a number"),
    "validation_accuracy": (_is_number, "a number"),
    "class_names": (_are_names, "a list of names"),
    "settings": (_is_table, "a table"),
    "identity": (_is_table, "a table"),
    "history": (
        lambda value: isinstance(value, list) and 0 < len(value) <= _MOST_EPOCHS,
        "a list with an entry for each epoch",
    ),
    "predictions": (lambda value: _is_file_name(value, ".npz"), "the name of an .npz file beside it"),
}
# Left out where they are of another kind.
_MORE_FIELDS = {
    "functions": _are_functions,
    "versions": _is_table,
    "weights": lambda value: _is_file_name(value, ".h5"),
}


def _predictions(path, classes):
    """Return probabilities and labels of an .npz file, after a look at its sizes."""
    try:
        _bytes(path)
        with np.load(path, allow_pickle=False) as arrays:
            if sum(member.file_size for member in arrays.zip.infolist()) > _MOST_BYTES[".npz"]:
                raise _Unusable("unpacks to more than is allowed.")
            probabilities, labels = arrays["probabilities"], arrays["labels"]
    except _Unusable as error:
        raise _Unusable(f"cannot be used: {path.name} {error}") from error
    except Exception as error:  # whatever NumPy raises on a damaged or hostile file
        raise _Unusable(f"cannot be used: {path.name} does not hold probabilities and labels.") from error
    _check_predictions(probabilities, labels, classes)
    return probabilities, labels.astype(np.int64)


def _check_predictions(probabilities, labels, classes):
    shaped = probabilities.ndim == 2 and labels.ndim == 1 and len(probabilities) == len(labels) > 0
    if not shaped or probabilities.shape[1] != classes:
        raise _Unusable(f"has predictions of shape {list(probabilities.shape)} for {classes} classes.")
    if probabilities.dtype.kind != "f" or labels.dtype.kind not in "iu":
        raise _Unusable("has predictions that are not numbers, or labels that are not integers.")
    if labels.min() < 0 or labels.max() >= classes:
        raise _Unusable(f"has labels outside of 0 to {classes - 1}.")
    rows = probabilities[~np.isnan(probabilities).any(axis=1)].astype(np.float64)
    if len(rows) and (rows.min() < 0 or not np.allclose(rows.sum(axis=1), 1, atol=1e-2)):
        raise _Unusable("has predictions that are not probabilities.")


# ---- all runs ------------------------------------------------------------------------------------------


def _comparable(runs, labels, problems):
    """The runs without repetitions, all tested on the same images."""
    chosen, strange = {}, []
    for run in runs:
        labels = run.labels if labels is None else labels
        if run.name in chosen:
            problems.append(f"There are two runs of {run.name}: the second one is not used.")
        elif not np.array_equal(run.labels, labels):
            strange.append(run.name)
        else:
            chosen[run.name] = run
    if strange:
        rest = f", and {len(strange) - 1} more: not used." if strange[1:] else ": it is not used."
        problems.append(f"{strange[0]} was tested on other images{rest}")
    return list(chosen.values())
