import pathlib

import pandas as pd
import pytest

from utils import library_table

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bench():
    return pd.read_csv(ROOT / "solutions" / "results" / "bench.csv")


def test_no_cell_is_empty(bench):
    table = library_table.table(bench)
    assert list(table.columns) == list(library_table.LIBRARIES)
    assert (table.map(lambda text: bool(text.strip()))).all(axis=None)
    assert {"operations", "runs where", "known defects", "maintenance", "licence"} <= set(table.index)


def test_speeds_are_those_of_the_bench(bench):
    row = (bench["task"] == "CutMix") & (bench["library"] == "Keras") & (bench["threads"] == 2)
    times = bench[row].set_index("image size")["ours is times as fast"]
    keras = library_table.speeds(bench)["speed: CutMix"][library_table.LIBRARIES.index("Keras layers")]
    assert keras == f"{times[224]:.2g} × slower (at 32 px {times[32]:.2g} × slower)"


def test_who_is_faster_is_called_faster():
    names = ["task", "library", "image size", "threads", "images/s", "ours is times as fast"]
    tasks = ("rotation by ±30°", "RandAugment", "CutMix")
    rows = [(task, "ours", size, 2, 1000.0, 1.0) for task in tasks for size in (32, 224)]
    rows += [("CutMix", "torchvision", size, 2, 2000.0, 0.5) for size in (32, 224)]
    row = library_table.speeds(pd.DataFrame(rows, columns=names))["speed: CutMix"]
    assert row[0] == "1,000 images/s at 224 px" and row[1] == "–"
    assert row[-1] == "2 × faster (at 32 px 2 × faster); one draw for a whole batch"


@pytest.mark.parametrize(
    ("package", "name"), [("tensorflow", "Apache 2.0"), ("keras", "Apache 2.0"), ("albumentations", "MIT")]
)
def test_one_licence_has_one_name(package, name):
    assert library_table.licence(package) == name


def test_torchvision_is_the_locked_one():
    locked = (ROOT / "requirements-torch.txt").read_text(encoding="utf-8")
    assert f"\ntorchvision=={library_table.TORCHVISION}." in locked


def test_the_page_is_the_same_each_time(bench):
    html = library_table.as_html(bench)
    assert html == library_table.as_html(bench)
    assert all(f">{library}</th>" in html for library in library_table.LIBRARIES)
