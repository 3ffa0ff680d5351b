"""The command lines answer without TensorFlow where they can: to --help, to wrong arguments, in grading.

And print whatever the encoding is that they find: here it is ASCII.
"""

import json
import os
import subprocess
import sys

import projects
import pytest

SLOW = ("tensorflow", "tensorflow_datasets", "keras")
COMMANDS = ("experiment", "grading", "grading.submission", "experiment.view_predictions")


# Python that runs command lines one after the other, since to start it for each takes most of the time:
# words of each as JSON in its argument, JSON of (exit code, stdout, stderr) of each out.
ALL = """
import io, json, runpy, sys

def run(module, *words):
    sys.argv = [module, *words]
    sys.stdout, sys.stderr = [io.TextIOWrapper(io.BytesIO(), "ascii") for _ in range(2)]
    try:
        runpy.run_module(f"utils.{module}", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        sys.stdout.flush(), sys.stderr.flush()
        return ended.code, *(stream.buffer.getvalue().decode() for stream in (sys.stdout, sys.stderr))

answers = [run(*words) for words in json.loads(sys.argv[1])]
print(json.dumps(answers), file=sys.__stdout__)
"""

WRONG_ARGUMENTS = {
    "experiment --augment cutmax": "Unknown augmentation 'cutmax'; the known ones are: none, basic",
    "experiment --augment cutmix(beta=2)": "has no setting 'beta'; it has alpha, rate, until.",
    "experiment --augment cutmix(alpha=two)": "Cannot read 'cutmix(alpha=two)'",
    "experiment --augment basic+mixup(rate=2)": "rate is a probability between 0 and 1, not 2.",
    "experiment --augment cutmix+mixup": "a mix must stand last, and there can be one only.",
    "experiment --epochs many": "Setting epochs must be a whole number from 1 to",
    "experiment --student=": "The student's id is empty",
    "experiment --model vgg": "Unknown model 'vgg'; the models are: small_resnet, resnet50",
    "experiment --image-size 8": "small_resnet needs images of at least 16 px",
    "experiment --weights missing.weights.h5": "The weights file missing.weights.h5 does not exist.",
    "experiment --dataset ./missing": "missing does not exist; what is needed is",
    "grading missing --out {folder}/out": "There is no missing: say where the submissions are.",
    "grading {folder} --out {folder}/out": "out lies among the submissions: choose a folder outside",
    "grading {folder}/a.zip --rubric missing.toml --out {folder}/out": "Cannot read the rubric missing",
    "grading {folder}/a.zip --dataset ./missing --out {folder}/out": "missing does not exist; what",
    "grading.submission missing": "There is no project in missing",
    "experiment.view_predictions missing --out {folder}/out": "There are no runs in missing",
}
WRONG_WORDS = {
    "experiment --epoch": "argument --epochs: expected one argument",
    "grading": "the following arguments are required: submissions, --out",
    "experiment.view_predictions runs --out out --views sideways": "invalid choice: 'sideways'",
}


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """A function that runs Python and returns (exit code, stdout, stderr).

    In it and in all processes that it starts, packages that take seconds to import cannot be imported, and an
    attempt is noted even where it is caught.
    """
    folder = tmp_path_factory.mktemp("slow")
    for name in SLOW:
        (folder / f"{name}.py").write_text(
            f"open({str(folder / 'attempts')!r}, 'a').write('{name} ')\nraise ImportError({name!r})\n"
        )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    environment |= {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "ascii"}

    def run(*words):
        (folder / "attempts").write_text("")
        command = [sys.executable, *map(str, words)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (folder / "attempts").read_text() == "", ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    return run


@pytest.fixture(scope="module")
def answers(call, tmp_path_factory):
    """What becomes of each of the command lines above: (exit code, stdout, stderr)."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "a.zip").write_bytes(b"")
    lines = [*(f"{command} --help" for command in COMMANDS), *WRONG_ARGUMENTS, *WRONG_WORDS]
    code, out, err = call("-c", ALL, json.dumps([line.format(folder=folder).split() for line in lines]))
    assert code == 0, err
    return dict(zip(lines, json.loads(out), strict=True))


@pytest.mark.parametrize("command", COMMANDS)
def test_help(answers, command):
    code, out, err = answers[f"{command} --help"]
    assert (code, err) == (0, "") and out.startswith(f"usage: python -m utils.{command} [-h]")


@pytest.mark.parametrize("line", WRONG_ARGUMENTS)
def test_wrong_arguments_are_one_clear_sentence(answers, line):
    code, out, err = answers[line]
    assert (code, out) == (2, "")
    assert err.startswith("Error: ") and WRONG_ARGUMENTS[line] in err and err.count("\n") == 1


@pytest.mark.parametrize("line", WRONG_WORDS)
def test_wrong_words_are_told_with_the_usage(answers, line):
    code, out, err = answers[line]
    assert (code, out) == (2, "") and WRONG_WORDS[line] in err and "Traceback" not in err


def test_submissions_are_packed_and_graded_without_tensorflow(call, tmp_path):
    """In the processes that judge them, too; the true labels are those of the toy dogs."""
    (tmp_path / "notebook.ipynb").write_text(json.dumps({"cells": []}))
    inbox = tmp_path / "\uc81c\ucd9c"
    for student in ("ada", "bob"):
        project = projects.write_project(tmp_path / student, student=student, seeds=1)
        words = [project, "--notebook", tmp_path / "notebook.ipynb", "--out", inbox / student]
        code, out, err = call("-m", "utils.grading.submission", *words)
        assert (code, err) == (0, "") and f"{student}.zip" in out
        (inbox / f"{student}.zip").unlink()
    code, out, _ = call("-m", "utils.grading", inbox, "--out", tmp_path / "\uc131\uc801")
    assert code == 0 and "\\uc131\\uc801/grades.csv" in out
    assert len(list((tmp_path / "\uc131\uc801" / "return").glob("*/feedback.html"))) == 2
