"""Tasks in processes of their own: one that takes too much is stopped, and the others are done."""

import os
import pathlib
import time

import pytest

from utils.grading import workers

pytestmark = pytest.mark.slow


def sleep(path):
    if path.endswith("bad"):
        time.sleep(1000)
    pathlib.Path(path).write_text("done")


def swell(path):
    if path.endswith("bad"):
        bytearray(4_000_000_000)
    pathlib.Path(path).write_text("done")


def die(path):
    if path.endswith("bad"):
        os._exit(3)
    pathlib.Path(path).write_text("done")


def fail(path):
    if path.endswith("bad"):
        raise SystemExit(1)
    pathlib.Path(path).write_text("done")


@pytest.mark.parametrize(
    ("function", "seconds", "reason"),
    [
        (sleep, 3, "It takes more than 3 seconds."),
        (swell, 120, "It needs more than 1 GB of memory."),
        (die, 120, "Its process ended without a result."),
        (fail, 120, "Its process ended without a result."),
    ],
)
def test_a_task_that_takes_too_much_costs_nobody_else(tmp_path, function, seconds, reason):
    if function is swell and not workers.CAN_LIMIT_MEMORY:
        pytest.skip("this system cannot limit memory")
    bad, good = str(tmp_path / "bad"), str(tmp_path / "good")
    ended = dict(workers.run(function, [bad, good], seconds=seconds, memory=1_000_000_000))
    assert ended == {bad: reason, good: ""}
    assert pathlib.Path(good).read_text() == "done"
