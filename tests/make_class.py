"""A made-up class as Moodle exports it, to try and to measure grading: `python tests/make_class.py 30 DIR`.

DIR gets 30 submissions of 12 runs and `roster.csv`, in which a tenth more handed in nothing. Every seventh
has a weakness of `grading_cases`.
"""

import csv
import functools
import json
import pathlib
import shutil
import sys

import grading_cases
import projects

from utils import charts, figures
from utils.experiment import runs
from utils.grading import submission

WEAK = (
    "a mix that mixes nothing: rate 0",
    "less than asked: no analysis",
    "few epochs: 10",
    "not as packed: analysis mended",
    "unequal conditions: none with one shot",
)
CODE = "def train_by_hand(train, validation, mix, epochs):\n    model.fit(train, epochs=epochs)\n"
OUTPUT = {"output_type": "stream", "text": "none 97 %, validation 61 %"}
NOTEBOOK = {"cells": [{"cell_type": "code", "source": CODE, "outputs": [OUTPUT]}]}


@functools.cache
def labels():
    """The true labels of the toy dogs, which the made-up predictions are of."""
    from utils import data

    return data.labels("toy_dogs", "test")


@functools.cache
def pictures(folder):
    """The figures of one student; all of the class show these."""
    finished = runs.read_folder(folder / "runs")
    drawn = {
        "learning_curves": charts.learning_curves(finished, "train_loss"),
        "comparison": charts.difference(finished),
        "by_hand": charts.learning_curves(finished, "validation_accuracy"),
    }
    for name, chart in drawn.items():
        figures.save(chart[0], folder / "figures" / f"{name}.png")
    return {name: (folder / "figures" / f"{name}.png").read_bytes() for name in drawn}


def hand_in(folder, student, number, name):
    """Write what a student hands in."""
    work = folder / "work"
    project = projects.write_project(work / "project", student=student, seeds=2)
    for title, picture in pictures(project).items():
        (project / "figures" / f"{title}.png").write_bytes(picture)
    (project / "analysis.md").write_text(f"{projects.ANALYSIS} {name} thinks so.")
    (work / "notebook.ipynb").write_text(json.dumps(NOTEBOOK))
    submission.pack(project, work / "notebook.ipynb", work / "submission")
    entry = folder / "submissions" / f"{name}_{1000 + number}_assignsubmission_file"
    if number % 7 == 3:
        grading_cases.CASES[WEAK[number // 7 % len(WEAK)]].make(entry, work / "submission")
    else:
        entry.mkdir(parents=True)
        shutil.move(work / "submission.zip", entry / "submission.zip")
    shutil.rmtree(work)


def main(count, folder):
    rows = []
    projects.labels = labels
    projects.IMAGES = len(labels())
    for number in range(count + count // 10):
        student, name = f"{23000 + number:08}", f"Student {number}"
        rows.append({"id": student, "name": name, "lms_id": 1000 + number})
        if number < count:
            hand_in(folder, student, number, name)
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["id", "name", "lms_id"])
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]))
