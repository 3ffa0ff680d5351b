"""Tampered, cut or foreign files: each is named with its reason, and the rest is read all the same."""

import io
import json
import os
import zipfile

import numpy as np
import projects
import pytest

from utils.grading import project_folder, submission


@pytest.fixture
def project(tmp_path):
    return projects.write_project(tmp_path / "project", seeds=1, names=tuple(projects.ACCURACIES))


def one_run(folder):
    return sorted((folder / "runs").glob("basic-seed*.json"))[0]


def predictions(folder):
    return one_run(folder).with_name(json.loads(one_run(folder).read_text())["predictions"])


def edit(**changes):
    return lambda folder: projects.edit(one_run(folder), **changes)


def rewrite(content):
    return lambda folder: one_run(folder).write_bytes(content)


def save(**arrays):
    return lambda folder: projects.save_arrays(predictions(folder), **arrays)


def without_a_field(folder):
    run = json.loads(one_run(folder).read_text())
    del run["history"]
    one_run(folder).write_text(json.dumps(run))


def pickled(folder):
    buffer = io.BytesIO()
    np.savez(buffer, probabilities=np.array([{}], dtype=object), labels=projects.labels())
    predictions(folder).write_bytes(buffer.getvalue())


def bomb(folder):
    with zipfile.ZipFile(predictions(folder), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("probabilities.npy", bytes(70_000_000))


def linked(folder):
    path = predictions(folder)
    path.unlink()
    os.symlink("/etc/hostname", path)


GOOD = projects.probabilities(0.9, 1)
BAD_HISTORY = [{"train_loss": "low", "validation_accuracy": 0.5}]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (rewrite(b"{"), "is not JSON that can be read."),
        (rewrite(b"\xff\xfe\x00"), "is not JSON that can be read."),
        (rewrite(b"[" * 100_000), "is not JSON that can be read."),
        (rewrite(b" " * 4_000_001), "is larger than 4,000 kB."),
        (rewrite(b"[1, 2]"), "does not hold a JSON object."),
        (without_a_field, "has no history that can be used: it must be a list with an entry for each epoch."),
        (edit(history=[]), "has no history that can be used"),
        (edit(history=BAD_HISTORY), "has no train_loss and validation_accuracy in epoch 1."),
        (edit(seed="7"), "has no seed that can be used: it must be an integer."),
        (
            edit(augmentation="magic("),
            "has no augmentation that can be used: it must be the name of a variant",
        ),
        (edit(class_names=["one"]), "has no class_names that can be used"),
        (edit(predictions="../../secret.npz"), "has no predictions that can be used"),
        (edit(predictions="other.npz"), "cannot be used: other.npz is missing."),
        (edit(test_accuracy=0.99), "says test accuracy 0.9900, but its predictions give 0.8800."),
        (edit(validation_accuracy=0.99), "says another validation accuracy than the last epoch"),
        (lambda folder: predictions(folder).write_bytes(b"PK"), "does not hold probabilities and labels."),
        (lambda folder: predictions(folder).unlink(), "is missing."),
        (pickled, "does not hold probabilities and labels."),
        (bomb, "unpacks to more than is allowed."),
        (linked, "is a link, not a file."),
        (save(probabilities=GOOD), "does not hold probabilities and labels."),
        (save(probabilities=GOOD[:, :5], labels=projects.labels()), "has predictions of shape [1200, 5]"),
        (save(probabilities=GOOD[:7], labels=projects.labels()), "has predictions of shape [7, 12]"),
        (
            save(probabilities=GOOD * 3, labels=projects.labels()),
            "has predictions that are not probabilities.",
        ),
        (save(probabilities=GOOD, labels=projects.labels() + 5), "has labels outside of 0 to 11."),
        (save(probabilities=GOOD.astype("U9"), labels=projects.labels()), "that are not numbers"),
        (save(probabilities=GOOD, labels=projects.labels() * 1.0), "labels that are not integers."),
    ],
)
def test_a_run_that_cannot_be_used_is_named_with_its_reason(project, spoil, reason):
    spoil(project)
    found = project_folder.read(project)
    assert len(found.runs) == 3 and len(found.problems) == 1
    assert found.problems[0].startswith(one_run(project).name) and reason in found.problems[0]
    assert reason in " ".join(str(submission.assess(project)).split())


def test_runs_tested_on_other_images_are_set_aside(project):
    found = project_folder.read(project, labels=projects.labels()[::-1])
    assert found.runs == () and "was tested on other images" in found.problems[0]


def test_the_same_run_twice_counts_once(project):
    path = one_run(project)
    path.with_name("copy-seed1.json").write_bytes(path.read_bytes())
    found = project_folder.read(project)
    assert len(found.runs) == 4 and "There are two runs of basic, seed" in found.problems[0]


@pytest.mark.parametrize("content", [None, "{}", '{"student": 7}', "no JSON"])
def test_a_missing_student_is_said(project, content):
    path = project / "project.json"
    path.unlink() if content is None else path.write_text(content)
    found = project_folder.read(project)
    assert found.student == "" and found.problems[0].startswith("project.json ")


def test_a_text_file_is_no_figure(project):
    (project / "figures" / "fake.png").write_text("picture")
    found = project_folder.read(project)
    assert set(found.figures) == {"comparison", "learning_curves"}
    assert found.problems == ("fake.png is not a PNG picture.",)


def test_what_the_template_says_is_no_analysis(tmp_path):
    submission.start(tmp_path, "ada")
    assert len(project_folder.read(tmp_path).analysis.split()) == 2


def test_a_diverged_run_is_evidence_and_not_a_broken_file(project):
    run = json.loads(one_run(project).read_text())
    for epoch in run["history"][3:]:
        epoch["train_loss"] = float("nan")
    projects.edit(one_run(project), history=run["history"])
    assert len(project_folder.read(project).runs) == 4
