"""Submissions that are broken, strange or hostile. Each function changes one, or makes one from nothing.

{file name: (function, what the instructor is told)}. A function gets the path to make; those in
ARCHIVES make it from nothing, the others find a submission there, a folder. An empty text means that
there is nothing to tell: it is graded as if it were an ordinary one.
"""

import io
import json
import math
import os
import pickle
import shutil
import struct
import zipfile

import numpy as np
import projects

NO_RUNS = "There are no runs in the folder runs."
NO_PROJECT = "There is no project in it, no project.json and no folder runs: "
SECRET = "a line that nobody may read"
SCRIPT = "<script>alert(1)</script>"


def a_run(folder, name="basic"):
    return sorted((folder / "runs").glob(f"{name}-seed*.json"))[0]


def predictions(folder):
    return a_run(folder).with_name(json.loads(a_run(folder).read_text())["predictions"])


def edit(**changes):
    return lambda folder: projects.edit(a_run(folder), **changes)


def edit_all(**changes):
    def change(folder):
        for path in (folder / "runs").glob("*.json"):
            projects.edit(path, **changes)

    return change


def replace(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def save(**arrays):
    return lambda folder: projects.save_arrays(predictions(folder), **arrays)


def named(student):
    def rename(folder):
        (folder / "project.json").write_text(json.dumps({"student": student}))

    return rename


def notebook(**content):
    return replace("notebook.ipynb", json.dumps(content).encode())


# ---- archives ------------------------------------------------------------------------------------------


def whole(path, *members, source):
    """Write a zip of the honest submission at `source` and of (name, content) members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                archive.write(file, f"submission/{file.relative_to(source).as_posix()}")
        for name, content in members:
            archive.writestr(name, content)


def with_members(*members):
    return lambda path, source: whole(path, *members, source=source)


def only(*members):
    def write(path, source):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)

    return write


def link_inside(path, source):
    link = zipfile.ZipInfo("submission/extra.ipynb")
    link.external_attr = 0o120777 << 16
    whole(path, (link, "/etc/passwd"), source=source)


def bomb_that_lies(path, source):
    """A member that claims 100 bytes and unpacks to 30 MB."""
    only(("project.json", bytes(30_000_000)))(path, source)
    size = struct.pack("<I", 30_000_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))


def zip_in_a_folder(path, source):
    path.mkdir()
    whole(path / "what she uploaded.zip", source=source)


def link_to_elsewhere(path, source):
    path.symlink_to(source, target_is_directory=True)


def backslashes(path, source):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                name = "\\".join(file.relative_to(source).parts)
                entry = zipfile.ZipInfo("x")
                entry.filename = name  # not by ZipInfo("a\\b"), which would mend it on Windows
                archive.writestr(entry, file.read_bytes())


ARCHIVES = {
    "slip.zip": (
        with_members(("submission/runs/../../../evil.json", "{}"), ("../evil.txt", "")),
        "points out of the submission: it is left out.",
    ),
    "absolute.zip": (with_members(("/tmp/evil.json", "{}")), "points out of the submission"),
    "drive.zip": (with_members(("C:\\evil.json", "{}")), "points out of the submission"),
    "backslashes.zip": (backslashes, ""),
    "bomb.zip": (
        with_members(("submission/runs/x.json", bytes(50_000_000))),
        "runs/x.json is left out: it is larger than 4 MB.",
    ),
    "lying bomb.zip": (bomb_that_lies, "project.json cannot be read: it is damaged, or has a password."),
    "link.zip": (link_inside, "submission/extra.ipynb is a link, which is not followed."),
    "two projects.zip": (
        with_members(("other/project.json", '{"student": "bob"}'), ("other/runs/a.json", "{}")),
        "It holds two projects: “submission” of ada is graded, which was packed.",
    ),
    "twice.zip": (with_members(("submission/analysis.md", "Other words.")), "analysis.md is there twice"),
    "zip in zip.zip": (only(("inner.zip", b"PK")), NO_PROJECT + "it holds inner.zip."),
    "deep.zip": (only(("/".join("d" * 300) + "/project.json", "{}")), NO_RUNS),
    "file as folder.zip": (
        only(("project.json", "{}"), ("runs", ""), ("runs/a.json", "{}")),
        "a.json has no augmentation",
    ),
    "control\ncharacters.zip": (
        only(("project.json", "{}"), ("runs/a\n.json", "{}")),
        "has a name that cannot be used",
    ),
    "from a platform": (zip_in_a_folder, ""),
    "linked submission": (link_to_elsewhere, "It is a link, which is not followed."),
    "spaces and 名前 ÄÖ.zip": (with_members(), NO_RUNS),
    "<img src=x onerror=alert(1)>.zip": (with_members(), NO_RUNS),
    "=HYPERLINK(1).zip": (with_members(), NO_RUNS),
    f"{'long' * 60}.zip": (with_members(), NO_RUNS),
}

# ---- folders -------------------------------------------------------------------------------------------


def linked_analysis(folder):
    (folder / "analysis.md").unlink()
    (folder / "analysis.md").symlink_to(folder.parent.parent / "secret.md")


def linked_runs(folder):
    shutil.rmtree(folder / "runs")
    (folder / "runs").symlink_to(folder.parent.parent, target_is_directory=True)


def pipe(folder):
    (folder / "project.json").unlink()
    os.mkfifo(folder / "project.json")  # to read it would take forever


def two_gigabytes(folder):
    with (folder / "runs" / "a.json").open("wb") as file:
        file.write(b"[" * 1000)
        file.truncate(2_000_000_000)  # takes no room on the disk


def wild_history(value):
    def change(folder):
        for path in (folder / "runs").glob("*.json"):
            history = [epoch | {"train_loss": value} for epoch in json.loads(path.read_text())["history"]]
            projects.edit(path, history=history)

    return change


def wild_seconds(folder):
    history = [epoch | {"seconds": ["long"], "note": {}} for epoch in projects.history(0.88)]
    projects.edit(a_run(folder), history=history)


def huge_shape(folder):
    header = io.BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (10**11, 12)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(predictions(folder), "w") as archive:
        archive.writestr("probabilities.npy", header.getvalue())
        archive.writestr("labels.npy", header.getvalue())


def pickled_predictions(folder):
    buffer = io.BytesIO()
    np.savez(buffer, probabilities=np.array([_Evil()], dtype=object), labels=projects.labels())
    predictions(folder).write_bytes(buffer.getvalue())


def pickled_weights(folder):
    for path in (folder / "weights").glob("*.h5"):
        path.write_bytes(pickle.dumps(_Evil()))


class _Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def reordered(folder):
    path = folder / "notebook.ipynb"
    cells = [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in _cells(path)]
    path.write_text(json.dumps({"cells": cells[::-1]}))


def _cells(path):
    return json.loads(path.read_text())["cells"]


def not_unicode(folder):
    (folder / "figures" / "comparison.png").rename(folder / "figures" / os.fsdecode(b"\xff.png"))


def code(source="", **fields):
    return {"cell_type": "code", "source": source, "outputs": []} | fields


GOOD = projects.probabilities(0.9, 1)
LABELS = projects.labels()
OLD = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["1"], "outputs": []}]}]}
HTML = {"output_type": "display_data", "data": {"text/html": SCRIPT}}
ERROR = {"output_type": "error", "ename": SCRIPT, "evalue": SCRIPT}

RUNS = {
    "linked runs": (linked_runs, "runs is a link, which is not followed."),
    "two gigabytes": (two_gigabytes, "runs/a.json is left out: it is larger than 4 MB."),
    "nested": (replace("runs/a.json", b"[" * 3_000_000), "a.json is not JSON that can be read."),
    "number": (edit(test_accuracy=10**400), "has no test_accuracy that can be used"),
    "digits": (replace("runs/a.json", b'{"seed": ' + b"9" * 100_000 + b"}"), "a.json is not JSON"),
    "nan accuracy": (edit(test_accuracy=math.nan), "says test accuracy nan, but its predictions give"),
    "infinite accuracy": (edit(validation_accuracy=math.inf), "says another validation accuracy"),
    "impossible accuracy": (
        edit(history=[{"train_loss": 1, "validation_accuracy": 7}]),
        "has a validation accuracy outside of 0 to 1 in epoch 1.",
    ),
    "nan history": (wild_history(math.nan), ""),
    "infinite history": (wild_history(-math.inf), ""),
    "largest history": (wild_history(1.7e308), "has no train_loss and validation_accuracy"),
    "odd fields": (wild_seconds, ""),
    "odd settings": (edit_all(settings={"model": [{}], "epochs": {}}, versions=7), ""),
    "many classes": (edit(class_names=["dog"] * 100_000), "has predictions of shape [1200, 12]"),
    "few labels": (save(probabilities=GOOD[:7], labels=LABELS[:7]), "says test accuracy"),
    "other data": (
        lambda folder: (
            save(probabilities=GOOD[::-1], labels=LABELS[::-1])(folder),
            edit(test_accuracy=0.9)(folder),
        ),
        "was tested on other images: it is not used.",
    ),
    "huge shape": (huge_shape, "does not hold probabilities and labels."),
    "pickled predictions": (pickled_predictions, "does not hold probabilities and labels."),
    "pickled weights": (pickled_weights, "was changed after packing"),
    "no accuracy": (edit(test_accuracy=0.99), "says test accuracy 0.9900, but its predictions give"),
    "stripped notebook": (reordered, "notebook.ipynb has two code cells, 0 of them with outputs."),
}

REST = {
    "linked analysis": (linked_analysis, "analysis.md is a link, which is not followed."),
    "pipe": (pipe, "project.json is missing."),
    "nested id": (replace("project.json", b"[" * 3_000_000), "project.json is not JSON that can be read."),
    "manifest types": (
        replace("manifest.json", b'{"sha256": {"a": [], "b\\ud800": {}}, "student": {}}'),
        "was packed and is not there",
    ),
    "notebook is noise": (replace("notebook.ipynb", b"\x80PNG"), "notebook.ipynb is not JSON"),
    "notebook is nested": (replace("notebook.ipynb", b"[" * 3_000_000), "notebook.ipynb is not JSON"),
    "notebook is a list": (replace("notebook.ipynb", b"[1]"), "notebook.ipynb has no code cells."),
    "notebook of nonsense": (notebook(cells=[7, {"cell_type": []}, None]), "has no code cells."),
    "no notebook": (lambda folder: (folder / "notebook.ipynb").unlink(), "There is no notebook."),
    "old notebook": (notebook(**OLD), "notebook.ipynb has one code cell, 0 of them with outputs."),
    "no outputs": (notebook(cells=[code()]), "notebook.ipynb has one code cell, 0 of them with outputs."),
    "huge outputs": (notebook(cells=[code(outputs=[{"text": "x" * 20_000_000}])]), "1 of them with outputs."),
    "larger outputs": (replace("notebook.ipynb", bytes(50_000_001)), "it is larger than 50 MB."),
    "script in outputs": (
        notebook(cells=[code(SCRIPT, outputs=[HTML, ERROR])]),
        f"Cell 1 stopped with {SCRIPT}",
    ),
    "script in name": (named(f"{SCRIPT}\"'>{SCRIPT}"), "names another student than project.json."),
    "slashes in name": (named("../../evil/../name"), "names another student than project.json."),
    "formula in name": (named("=cmd|' /C calc'!A0"), "names another student than project.json."),
    "half a letter in name": (
        replace("project.json", b'{"student": "a\\ud800"}'),
        "project.json is not JSON that can be read.",
    ),
    "script in analysis": (replace("analysis.md", f"{SCRIPT} none basic".encode()), "was changed"),
    "noise in analysis": (replace("analysis.md", bytes(range(256)) * 4), "was changed after packing"),
    "page as figure": (replace("figures/comparison.png", SCRIPT.encode()), "comparison.png is not a PNG"),
    "name that is not unicode": (not_unicode, "has a name that cannot be used: it is left out."),
}


def write(folder, honest, bare):
    """Write every case into `folder`, from an honest submission, or one without runs where that will do.

    Beside it lies what nobody may read.
    """
    (folder.parent / "secret.md").write_text(SECRET)
    (folder.parent / "secret.json").write_text(json.dumps({"student": SECRET}))
    for name, (make, _) in ARCHIVES.items():
        make(folder / name, honest if name in ("backslashes.zip", "from a platform") else bare)
    for name, (spoil, _) in (RUNS | REST).items():
        shutil.copytree(honest if name in RUNS else bare, folder / name)
        spoil(folder / name)
