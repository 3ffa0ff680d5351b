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


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """A function that runs a command and returns (exit code, stdout, stderr).

    In the command and in all processes that it starts, packages that take seconds to import cannot be
    imported, and an attempt is noted even where it is caught.
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
        command = [sys.executable, "-m", *map(str, words)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (folder / "attempts").read_text() == "", ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_help(call, command):
    code, out, err = call(f"utils.{command}", "--help")
    assert (code, err) == (0, "") and out.startswith(f"usage: python -m utils.{command} [-h]")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("experiment --augment cutmax", "Unknown augmentation 'cutmax'; the known ones are: none, basic"),
        ("experiment --augment cutmix(beta=2)", "has no setting 'beta'; it has alpha, rate, until."),
        ("experiment --augment cutmix(alpha=two)", "Cannot read 'cutmix(alpha=two)'"),
        ("experiment --augment basic+mixup(rate=2)", "rate is a probability between 0 and 1, not 2."),
        ("experiment --augment cutmix+mixup", "a mix must stand last, and there can be one only."),
        ("experiment --epochs many", "Setting epochs must be a whole number from 1 to"),
        ("experiment --student=", "The student's id is empty"),
        ("experiment --model vgg", "Unknown model 'vgg'; the models are: small_resnet, resnet50"),
        ("experiment --image-size 8", "small_resnet needs images of at least 16 px"),
        ("experiment --weights missing.weights.h5", "The weights file missing.weights.h5 does not exist."),
        ("experiment --dataset ./missing", "missing does not exist; what is needed is"),
        ("grading missing --out {folder}/out", "There is no missing: say where the submissions are."),
        ("grading {folder} --out {folder}/out", "out lies among the submissions: choose a folder outside"),
        ("grading {folder}/a.zip --rubric missing.toml --out {folder}/out", "Cannot read the rubric missing"),
        ("grading {folder}/a.zip --dataset ./missing --out {folder}/out", "missing does not exist; what"),
        ("grading.submission missing", "There is no project in missing"),
        ("experiment.view_predictions missing --out {folder}/out", "There are no runs in missing"),
    ],
)
def test_wrong_arguments_are_one_clear_sentence(call, tmp_path, words, message):
    (tmp_path / "a.zip").write_bytes(b"")
    code, out, err = call(*f"utils.{words.format(folder=tmp_path)}".split())
    assert (code, out) == (2, "")
    assert err.startswith("Error: ") and message in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("experiment --epoch", "argument --epochs: expected one argument"),
        ("grading", "the following arguments are required: submissions, --out"),
        ("experiment.view_predictions runs --out out --views sideways", "invalid choice: 'sideways'"),
    ],
)
def test_wrong_words_are_told_with_the_usage(call, words, message):
    code, out, err = call(*f"utils.{words}".split())
    assert (code, out) == (2, "") and message in err and "Traceback" not in err


def test_submissions_are_packed_and_graded_without_tensorflow(call, tmp_path):
    """In the processes that judge them, too; the true labels are those of the toy dogs."""
    (tmp_path / "notebook.ipynb").write_text(json.dumps({"cells": []}))
    inbox = tmp_path / "\uc81c\ucd9c"
    for student in ("ada", "bob"):
        project = projects.write_project(tmp_path / student, student=student, seeds=1)
        words = [project, "--notebook", tmp_path / "notebook.ipynb", "--out", inbox / student]
        code, out, err = call("utils.grading.submission", *words)
        assert (code, err) == (0, "") and f"{student}.zip" in out
        (inbox / f"{student}.zip").unlink()
    code, out, _ = call("utils.grading", inbox, "--out", tmp_path / "\uc131\uc801")
    assert code == 0 and "\\uc131\\uc801/grades.csv" in out
    assert len(list((tmp_path / "\uc131\uc801" / "return").glob("*/feedback.html"))) == 2
