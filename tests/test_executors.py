"""Where runs are computed: processes that are killed, clusters, and the functions that students register."""

import contextlib
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

TINY = {"image_size": 16, "epochs": 12, "batch_size": 8, "seeds": 1}
NAMES = ["none", "cutmix"]


@pytest.fixture(scope="module")
def comparison(pictures):
    return experiment.Comparison(settings.load(dataset=str(pictures), **TINY))


@pytest.fixture(scope="module")
def undisturbed(comparison, tmp_path_factory):
    """What one worker trains that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return experiment.run(comparison, NAMES, folder, workers=1, say=lambda text: None)


def equal_predictions(found, others):
    assert [run.name for run in found] == [run.name for run in others]
    for run, other in zip(found, others, strict=True):
        np.testing.assert_array_equal(run.probabilities, other.probabilities)
        assert [epoch["loss"] for epoch in run.history] == [epoch["loss"] for epoch in other.history]


def killing(monkeypatch, victims):
    """Kill -9 a victim once, when a run is between its second epoch and its last; return which ones."""
    compute, killed = executors.compute, []

    def compute_and_kill(chosen, jobs, slots, on_progress):
        def look():
            on_progress()
            if not killed and any(2 <= job.epochs < chosen.epochs for job in jobs):
                killed.append(victims(slots))
                os.kill(killed[0], signal.SIGKILL)

        return compute(chosen, jobs, slots, look)

    monkeypatch.setattr(executors, "_POLL", 0.05)
    monkeypatch.setattr(executors, "compute", compute_and_kill)
    return killed


def test_a_killed_worker_costs_time_and_nothing_else(comparison, undisturbed, tmp_path, monkeypatch):
    killed = killing(monkeypatch, lambda slots: next(iter(next(iter(slots._environments))._processes)))
    found = experiment.run(comparison, NAMES, tmp_path, workers=2, say=lambda text: None)
    assert killed
    equal_predictions(found, undisturbed)
    assert not [
        child
        for child in psutil.Process().children()
        if "loky" in " ".join(child.cmdline()) and "resource_tracker" not in " ".join(child.cmdline())
    ]


def test_a_run_that_ends_its_process_three_times_is_named_and_the_others_are_kept(
    comparison, tmp_path, capsys
):
    parent = os.getpid()

    def deadly(images, *, seed):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return images

    experiment.register("deadly", augment=deadly)
    with pytest.raises(executors.ExecutorError, match="was killed 3 times: deadly, seed 0. Perhaps"):
        experiment.run(comparison, ["deadly", "none"], tmp_path, workers=2, say=lambda text: None)
    assert [run.name for run in runs.read_folder(tmp_path)] == ["none, seed 0"]


def test_ctrl_c_ends_the_workers_and_the_same_command_goes_on(pictures, tmp_path):
    words = f"--dataset {pictures} --image-size 16 --epochs 12 --batch-size 8 --seeds 2 --workers 1"
    command = [sys.executable, "-m", "utils.experiment", *words.split(), "--augment", "none"]
    command += ["--out", str(tmp_path)]
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
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "2 runs: " in done.stdout + done.stderr and len(list(tmp_path.glob("*.json"))) == 2


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

STRENGTH = 40


def darker(image, amount):
    return tf.cast(tf.cast(image, tf.float32) * (1 - amount / 100), tf.uint8)


def dark(images, *, seed, amount=STRENGTH):
    return darker(images, amount)


@pytest.fixture
def dark_is_registered(capsys):
    experiment.register("dark", augment=dark)
    yield capsys.readouterr().out
    del registered.FUNCTIONS["dark"]


def test_a_registered_function_is_used_by_its_name_and_its_source_is_stored(
    comparison, tmp_path, dark_is_registered
):
    assert dark_is_registered.startswith("dark is registered. The checker: ")
    (found,) = experiment.run(comparison, ["dark(amount=60)"], tmp_path, say=lambda text: None)
    stored = json.loads((tmp_path / found.file).read_text("utf-8"))
    assert "def darker" in stored["functions"]["dark"]["source"]
    assert "STRENGTH = 40" not in stored["functions"]["dark"]["source"]  # a default is in the signature
    assert stored["functions"]["dark"]["verdict"] in dark_is_registered
    assert stored["functions"]["dark"]["label_share"] == ""  # it has no partner
    assert found.identity["recipes"].keys() == {"data", "training"}


CELL = """
def dark_where_bright(images, *, seed):
    if tf.reduce_mean(tf.cast(images, tf.float32)) > 1:  # TensorFlow needs the source of this
        images = images // 2
    return images
"""


def test_a_function_of_a_notebooks_cell_may_branch_on_tensors(comparison, tmp_path):
    """As in a notebook: the cell is no file, and only this process knows its lines."""
    name, space = "cell of a notebook", {"tf": tf, "__name__": "__main__"}
    linecache.cache[name] = len(CELL), None, CELL.splitlines(keepends=True), name
    exec(compile(CELL, name, "exec"), space)
    experiment.register("dark_where_bright", augment=space["dark_where_bright"])
    try:
        (run,) = experiment.run(comparison, ["dark_where_bright"], tmp_path, seeds=[0])
    finally:
        del registered.FUNCTIONS["dark_where_bright"]
    assert "images // 2" in run.functions["dark_where_bright"]["source"]


def test_other_source_makes_another_run(comparison, dark_is_registered, monkeypatch):
    before = comparison.identity_of("dark")
    assert comparison.identity_of("dark") == before != comparison.identity_of("none")

    def darker(image, amount):
        return image

    monkeypatch.setitem(dark.__globals__, "darker", darker)
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


@contextlib.contextmanager
def dask(folder, workers, threads=1):
    """Yield the address of a scheduler on the loopback, and the processes of its workers."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m"]
    place = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    started = [subprocess.Popen([*module, "distributed.cli.dask_scheduler", *place, "--port", "0"], **quiet)]
    until(file.exists, 60)
    for _ in range(workers):
        words = [*place, "--nthreads", str(threads), "--no-nanny"]
        started.append(subprocess.Popen([*module, "distributed.cli.dask_worker", *words], **quiet))
    try:
        yield until(lambda: json.loads(file.read_text())["address"], 10), started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def wait_for_workers(address, count):
    import distributed

    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def test_a_cluster_loses_a_worker_and_no_run(comparison, undisturbed, tmp_path, monkeypatch):
    with dask(tmp_path, workers=2) as (address, workers):
        wait_for_workers(address, 2)
        killed = killing(monkeypatch, lambda slots: workers[0].pid)
        found = experiment.run(comparison, NAMES, tmp_path / "runs", cluster=address, say=lambda text: None)
    assert killed
    equal_predictions(found, undisturbed)


def test_a_cluster_that_cannot_be_used_is_one_clear_sentence(comparison, tmp_path):
    def refused(address):
        with pytest.raises(executors.ExecutorError) as caught:
            experiment.run(comparison, ["none"], tmp_path / "runs", cluster=address, say=lambda text: None)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in refused("tcp://127.0.0.1:9")
    assert "No Dask scheduler answers at nonsense" in refused("nonsense")
    with dask(tmp_path, workers=0) as (address, _):
        assert f"The cluster at {address} has no workers" in refused(address)
    (tmp_path / "scheduler.json").unlink(missing_ok=True)
    with dask(tmp_path, workers=1, threads=2) as (address, _):
        wait_for_workers(address, 1)
        assert "has 2 threads" in refused(address) and "--nthreads 1" in refused(address)
