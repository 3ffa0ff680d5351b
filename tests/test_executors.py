"""Where runs are computed: processes that are killed, clusters, and the functions that students register."""

import functools
import json
import linecache
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
import tensorflow as tf

from utils import experiment, settings
from utils.experiment import executors, registered, runs

pytestmark = pytest.mark.slow

TINY = {"image_size": 16, "epochs": 6, "batch_size": 8, "seeds": 1}
NAMES = ["none", "cutmix"]


@pytest.fixture(scope="module")
def comparison(pictures):
    return experiment.Comparison(settings.load(dataset=str(pictures), **TINY))


STRENGTH = 40


def darker(image, amount):
    return tf.cast(tf.cast(image, tf.float32) * (1 - amount / 100), tf.uint8)


def dark(images, *, seed, amount=STRENGTH):
    return darker(images, amount)


CELL = """
def dark_where_bright(images, *, seed):
    if tf.reduce_mean(tf.cast(images, tf.float32)) > 1:  # TensorFlow needs the source of this
        images = images // 2
    return images
"""


def of_a_notebooks_cell():
    """Return the function of CELL. As in a notebook: the cell is no file, and only this process knows it."""
    name, space = "cell of a notebook", {"tf": tf, "__name__": "__main__"}
    linecache.cache[name] = len(CELL), None, CELL.splitlines(keepends=True), name
    exec(compile(CELL, name, "exec"), space)
    return space["dark_where_bright"]


@pytest.fixture(scope="module")
def own():
    """Two registered functions: of this file, and of a notebook's cell."""
    experiment.register("dark", augment=dark)
    experiment.register("dark_where_bright", augment=of_a_notebooks_cell())
    yield ["dark(amount=60)", "dark_where_bright"]
    del registered.FUNCTIONS["dark"], registered.FUNCTIONS["dark_where_bright"]


@pytest.fixture(scope="module")
def undisturbed(comparison, own, tmp_path_factory):
    """What one worker trains that nobody disturbs, with the path of its folder."""
    folder, said = tmp_path_factory.mktemp("undisturbed"), []
    found = experiment.run(comparison, [*NAMES, *own], folder, workers=1, say=said.append)
    assert any("a run takes" in text for text in said)
    return folder, found


def equal_predictions(found, undisturbed):
    for run, other in zip(found, undisturbed[1], strict=False):
        assert run.name == other.name
        np.testing.assert_array_equal(run.probabilities, other.probabilities)
        assert [epoch["loss"] for epoch in run.history] == [epoch["loss"] for epoch in other.history]


def killing(monkeypatch, victim):
    """Kill -9 a process once, when a run is between its second epoch and its last; return which one.

    `victim` tells the process from the slot that gets the first run.
    """
    compute, killed = executors.compute, []

    def compute_and_kill(chosen, jobs, slots, on_progress):
        first = slots.idle[-1]

        def look():
            on_progress()
            if not killed and any(2 <= job.epochs < chosen.epochs for job in jobs):
                killed.append(victim(first))
                os.kill(killed[0], signal.SIGKILL)

        return compute(chosen, jobs, slots, look)

    monkeypatch.setattr(executors, "_POLL", 0.05)
    monkeypatch.setattr(executors, "compute", compute_and_kill)
    return killed


def test_a_killed_worker_costs_time_and_a_run_that_kills_three_is_named(
    comparison, undisturbed, tmp_path, monkeypatch
):
    parent = os.getpid()

    def deadly(images, *, seed):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return images

    experiment.register("deadly", augment=deadly)
    killed = killing(monkeypatch, lambda slot: next(iter(slot._processes)))
    monkeypatch.setattr(executors, "seconds_of_a_run", lambda *_: 0)
    with pytest.raises(executors.ExecutorError, match="was killed 3 times: deadly, seed 0. Perhaps"):
        experiment.run(comparison, ["none", "deadly"], tmp_path, workers=2, say=lambda text: None)
    del registered.FUNCTIONS["deadly"]
    (found,) = runs.read_folder(tmp_path)
    assert killed and found.name == "none, seed 0"
    equal_predictions([found], undisturbed)
    assert not [
        child
        for child in psutil.Process().children()
        if "loky" in " ".join(child.cmdline()) and "resource_tracker" not in " ".join(child.cmdline())
    ]


def test_ctrl_c_ends_the_workers_and_keeps_what_is_finished(pictures, tmp_path):
    words = f"--dataset {pictures} --image-size 16 --epochs 6 --batch-size 8 --seeds 2 --workers 1"
    words += f" --augment none --out {tmp_path}"
    command = [sys.executable, "-m", "utils.experiment", *words.split()]
    # A terminal sends Ctrl-C to all processes of the group.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until(lambda: list(tmp_path.glob("*.json")), 120)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    if process.returncode:  # unless it had just finished
        assert process.returncode == 130
        assert err.strip().endswith("the same command goes on from there.") and "Traceback" not in err
    psutil.wait_procs(children, timeout=20)
    assert not any(child.is_running() for child in children)
    assert runs.read_folder(tmp_path)[0].name == "none, seed 0"


def test_an_interrupt_while_a_run_is_handed_over_says_nothing_of_threads(monkeypatch):
    errors, interval = [], sys.getswitchinterval()
    monkeypatch.setattr(threading, "excepthook", errors.append)
    try:
        with pytest.raises(KeyboardInterrupt), executors.Processes(1) as processes:
            first = processes.idle[0].submit(time.sleep, 60)
            until(first.running, 60)
            sys.setswitchinterval(1)  # loky's thread sees the second run and the end of all at once
            processes.idle[0].submit(time.sleep, 60)
            raise KeyboardInterrupt
    finally:
        sys.setswitchinterval(interval)
    assert not errors


# ---- a function of one's own -------------------------------------------------------------------------------


def test_a_registered_function_is_used_by_its_name_and_its_source_is_stored(undisturbed, own):
    folder, (plain, _, found, branched) = undisturbed
    stored = json.loads((folder / found.file).read_text("utf-8"))
    assert "def darker" in stored["functions"]["dark"]["source"]
    assert "STRENGTH = 40" not in stored["functions"]["dark"]["source"]  # a default is in the signature
    assert stored["functions"]["dark"]["verdict"] == registered.FUNCTIONS["dark"].verdict
    assert stored["functions"]["dark"]["label_share"] == ""  # it has no partner
    assert found.identity["recipes"].keys() == {"data", "training"}
    assert "images // 2" in branched.functions["dark_where_bright"]["source"]
    losses = {run.history[0]["loss"] for run in (plain, found, branched)}
    assert len(losses) == 3  # each was trained with its own


def test_other_source_makes_another_run(comparison, own, monkeypatch):
    before = comparison.identity_of("dark")
    assert comparison.identity_of("dark") == before != comparison.identity_of("none")

    def darker(image, amount):
        return image

    monkeypatch.setitem(dark.__globals__, "darker", darker)
    monkeypatch.delitem(registered.FUNCTIONS, "dark")  # it is put back
    experiment.register("dark", augment=dark)
    assert comparison.identity_of("dark")["functions"] != before["functions"]


def test_a_function_may_stand_in_for_a_built_in_one(comparison):
    def my_cutmix(images, labels, *, alpha=1.0, seed):
        return images, labels

    built_in = comparison.identity_of("cutmix(alpha=0.5)")
    experiment.register("cutmix", mix=my_cutmix)
    try:
        assert registered.FUNCTIONS["cutmix"].label_share.startswith("labels and pixels differ by ")
        own = comparison.identity_of("cutmix(alpha=0.5,rate=0.5)")
        assert own["functions"] and "functions" not in built_in
        images, labels = next(iter(comparison.training_batches("cutmix", 0)))
        plain, _ = next(iter(comparison.training_batches("none", 0)))
        np.testing.assert_array_equal(images, plain)
    finally:
        del registered.FUNCTIONS["cutmix"]
    assert comparison.identity_of("cutmix(alpha=0.5)") == built_in


@pytest.mark.parametrize(
    ("name", "functions", "message"),
    [
        ("mine", {}, "Register one function: augment=… or mix=…."),
        ("none", {"augment": dark}, "'none' is no name for a variant"),
        ("My mix", {"augment": dark}, "'My mix' is no name for a variant"),
        ("cutmix", {"augment": dark}, "cutmix is a mix: register(…, mix=…), or choose another name."),
        ("mine", {"augment": darker}, "is called as augment(images, *, seed)"),
        ("mine", {"mix": dark}, "is called as mix(images, labels, *, seed)"),
        ("mine", {"augment": 3}, "is called as augment(images, *, seed)"),
    ],
)
def test_what_cannot_be_registered_is_one_clear_sentence(name, functions, message):
    with pytest.raises(registered.RegisterError) as caught:
        experiment.register(name, **functions)
    assert message in str(caught.value) and "\n" not in str(caught.value)


# ---- a cluster ---------------------------------------------------------------------------------------------


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler on the loopback, and a function that starts a worker for it."""
    place = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file"]
    place.append(str(file := tmp_path_factory.mktemp("dask") / "scheduler.json"))
    started = []

    def start(kind, *words):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *place, *words]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    start("scheduler", "--port", "0")
    until(file.exists, 60)
    try:
        yield until(lambda: json.loads(file.read_text())["address"], 10), functools.partial(start, "worker")
    finally:
        for process in started:
            process.kill()
            process.wait()


def wait_for_workers(address, count):
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        until(lambda: len(client.nthreads()) == count, 60)


def test_a_cluster_that_cannot_be_used_is_one_clear_sentence(comparison, scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "_ANSWER", 1)

    def refused(address):
        with pytest.raises(executors.ExecutorError) as caught:
            experiment.run(comparison, ["none"], tmp_path, cluster=address, say=lambda text: None)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in refused("tcp://127.0.0.1:9")
    assert "No Dask scheduler answers at nonsense" in refused("nonsense")
    monkeypatch.undo()
    address, start_worker = scheduler
    assert f"The cluster at {address} has no workers" in refused(address)
    worker = start_worker("--nthreads", "2", "--no-nanny")
    wait_for_workers(address, 1)
    assert "has 2 threads" in refused(address) and "--nthreads 1" in refused(address)
    worker.terminate()
    wait_for_workers(address, 0)


def test_a_cluster_loses_a_worker_and_no_run(comparison, undisturbed, scheduler, tmp_path, monkeypatch):
    address, start_worker = scheduler
    workers = [start_worker("--nthreads", "1", "--no-nanny") for _ in range(2)]
    wait_for_workers(address, 2)
    killed = killing(monkeypatch, lambda slot: workers[0].pid)
    found = experiment.run(comparison, NAMES, tmp_path, cluster=address, say=lambda text: None)
    assert killed
    equal_predictions(found, undisturbed)
