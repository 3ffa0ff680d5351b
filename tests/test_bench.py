"""The bench: what it compares, how it judges labels, and what it writes."""

import csv
import functools
import sys

import numpy as np
import pytest

from tools import bench, contestants
from utils import mixing


def wrong(mix, offset):
    """The same mix, with labels that are off."""

    def changed(images, labels, number):
        mixed, mixed_labels = mix(images, labels, seed=(number, 1))
        off = np.roll(labels, 1, axis=1) - labels
        return mixed, mixed_labels + offset * off

    return changed


@pytest.mark.parametrize(
    "mix", [mixing.cutmix, mixing.mixup, functools.partial(mixing.cutmix, per_sample=False)]
)
def test_our_labels_are_right(mix):
    error = contestants.label_error(lambda *batch: mix(*batch[:2], seed=(batch[2], 1)), 32, rounds=2)
    assert error < 1e-5


def test_an_error_of_labels_is_found():
    error = contestants.label_error(wrong(mixing.cutmix, 0.05), 32, rounds=2)
    assert error > 0.01


def test_every_task_has_ours_to_compare_with():
    assert all("ours" in libraries for libraries in contestants.TASKS.values())
    assert set(contestants.MIXES) <= set(contestants.TASKS)


@pytest.mark.parametrize("library", ["ours", "Keras", "Keras, zoom", "Albumentations"])
@pytest.mark.parametrize("task", ["basic", "random resized crop"])
def test_contestants_change_the_images_and_keep_their_shape(task, library):
    if library not in contestants.TASKS[task]:
        pytest.skip("no such contestant")
    images, labels = contestants.batch(24)
    changed = np.asarray(contestants.TASKS[task][library][1]()(images, labels, [1, 0]))
    assert changed.shape == images.shape
    assert (changed != images).any(axis=(1, 2, 3)).mean() > 0.8


def measured(library, threads, speed):
    speeds = np.array([0.9, 1.0, 1.1]) * speed
    found = {"task": "CutMix", "library": library, "size": 32, "threads": threads, "speeds": speeds}
    return found | {"ratios": 1000 / speeds, "peak": 100.4, "label_error": 0.01}


def test_the_table_names_medians_and_quartiles(capsys):
    rows = [
        bench.table_row(measured(library, threads, speed))
        for threads in (1, 2)
        for library, speed in (("ours", 1000), ("Keras", 250))
    ]
    bench.show(rows, 32)
    table = capsys.readouterr().out
    assert "| CutMix | Keras | 250 | 250 | 4 (3.82 to 4.22) | 100 | 0.010 |" in table
    assert "| CutMix | ours | 1,000 | 1,000 |  | 100 | 0.010 |" in table


def test_a_run_writes_table_and_plot(tmp_path, monkeypatch, capsys):
    def measure(task, pythons, threads, sizes, repeats, progress):
        return [measured(library, threads, 500) for library in ("ours", "Keras")]

    monkeypatch.setattr(bench, "measure", measure)
    monkeypatch.setattr("sys.argv", ["bench", "--sizes", "32", "--tasks", "CutMix", "--out", str(tmp_path)])
    bench.main()
    with (tmp_path / "bench.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["library"] for row in rows} == {"ours", "Keras"} and rows[0]["images/s"] == "500.0"
    assert (tmp_path / "bench.png").stat().st_size > 1000


def test_a_contestant_that_dies_is_named():
    one = bench.Contestant(sys.executable, "CutMix", "no such library", 1)
    with pytest.raises(SystemExit, match="CutMix with no such library has ended"):
        one.order(size=32, batches=1)
