"""Where runs are computed: processes of this computer, or a cluster; the loop over them is the same."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import linecache
import os
import pathlib
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cloudpickle
import psutil

from utils import errors
from utils.evaluation import Run
from utils.experiment import worker
from utils.experiment.variants import Variant
from utils.settings import Settings

_LOSSES = 3  # a run that has ended its process so often is given up
_POLL = 0.5  # seconds between two looks at the progress
_ANSWER = 10  # seconds that a cluster's scheduler has to answer


class ExecutorError(errors.CourseError, RuntimeError):
    """Runs that cannot be computed as asked; the message is one sentence."""


@dataclasses.dataclass(eq=False)
class Job:
    """A run to be computed, and what became of it."""

    variant: Variant
    seed: int
    identity: dict[str, Any]
    epochs: int = 0  # finished ones
    losses: int = 0  # processes that ended with it


_Slot = concurrent.futures.Executor  # computes one run at a time


# ---- the loop ----------------------------------------------------------------------------------------------


def compute(
    chosen: Settings,
    jobs: Iterable[Job],
    slots: "Processes | Cluster",
    on_progress: Callable[[], None],
) -> Iterator[tuple[Job, Run, bytes]]:
    """Yield each job with its run and weights as they come; a job whose process is killed is begun anew.

    Args:
        chosen: the settings of the comparison.
        jobs: in the order in which they are begun.
        slots: where.
        on_progress: called twice a second; the jobs' `epochs` are up to date then.

    Raises:
        ExecutorError: at the end, for a job that ended its process three times.
        errors.CourseError: what a worker raises for the user.
    """
    waiting, running, lost = collections.deque(jobs), {}, []
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and slots.idle:
                job, slot = waiting.popleft(), slots.idle.pop()
                progress = os.path.join(folder, str(id(job)))
                arguments = (chosen, _pickled(job.variant), job.seed, job.identity, progress)
                running[slot.submit(worker.train, *arguments)] = job, slot, progress
            done, _ = concurrent.futures.wait(running, _POLL, concurrent.futures.FIRST_COMPLETED)
            for job, _, progress in running.values():
                with contextlib.suppress(OSError, ValueError):  # not begun, or just being written
                    job.epochs = int(pathlib.Path(progress).read_text())
            for future in done:
                job, slot, _ = running.pop(future)
                try:
                    run, weights = future.result()
                except slots.lost:
                    job.epochs, job.losses = 0, job.losses + 1
                    slots.replace(slot)
                    (lost if job.losses == _LOSSES else waiting).append(job)
                else:
                    job.epochs = chosen.epochs
                    slots.idle.append(slot)
                    yield job, run, weights
            on_progress()
    if lost:
        names = ", ".join(f"{job.variant.name}, seed {job.seed}" for job in lost)
        raise ExecutorError(
            f"The process that trained it was killed {_LOSSES} times: {names}. Perhaps the memory is too "
            "small: try --workers 1, or a smaller COURSE_BATCH_SIZE. The other runs are kept."
        )


def seconds_of_a_run(chosen: Settings, slots: "Processes | Cluster") -> float:
    """Return about how long a run takes, as the slots measure it, all at once: they share the machine.

    0 where the processes were killed that measured it.
    """
    futures = {slot: slot.submit(worker.seconds_of_a_run, chosen) for slot in set(slots.idle)}
    found = []
    for slot, future in futures.items():
        try:
            found.append(future.result())
        except slots.lost:
            slots.idle.remove(slot)
            slots.replace(slot)
    return statistics.mean(found or [0])


def _pickled(variant: Variant) -> bytes:
    """Return the variant for another process, which may not be able to import a student's own module.

    The cells of a notebook go along: TensorFlow reads a function's source to make a graph of an `if`.
    """
    if not variant.registered:
        return cloudpickle.dumps((variant, {}))
    for registered in variant.registered.values():
        function = getattr(registered.function, "func", registered.function)  # of a partial
        module = sys.modules.get(function.__module__)
        if "site-packages" not in (getattr(module, "__file__", None) or "site-packages"):
            cloudpickle.register_pickle_by_value(module)
    cells = {
        name: entry[2]
        for name, entry in linecache.cache.items()
        if len(entry) == 4 and not os.path.exists(name)
    }
    return cloudpickle.dumps((variant, cells))


# ---- processes of this computer ----------------------------------------------------------------------------


class Processes:
    """Processes that train one run each: one for a core, or for a GPU.

    Each is an executor of its own: a process that is killed ends itself alone, and the run that it had.
    """

    def __init__(self, count: int, gpus: int = 0) -> None:
        """Prepare `count` processes; with GPUs, each sees one of them."""
        from joblib.externals import loky

        self.lost = loky.BrokenProcessPool
        self._pool = loky.ProcessPoolExecutor
        self._environments: dict[_Slot, dict[str, str]] = {}
        self.count = count
        self.idle: list[_Slot] = []
        for number in range(count):
            self._start({"CUDA_VISIBLE_DEVICES": str(number % gpus)} if gpus else {})

    def _start(self, environment: dict[str, str]) -> None:
        slot = self._pool(1, env=environment, initializer=worker.start)
        self._environments[slot] = environment
        self.idle.append(slot)

    def replace(self, slot: _Slot) -> None:
        """Put a new process in the place of one that was killed."""
        self._start(self._environments.pop(slot))

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        hook = threading.excepthook
        if error is not None:  # loky's thread stumbles over a run that was just being handed over
            threading.excepthook = lambda _: None
        try:
            for slot in self._environments:
                slot.shutdown(wait=True, kill_workers=error is not None)
        finally:
            threading.excepthook = hook


def fitting(chosen: Settings, jobs: int) -> int:
    """Return how many processes to use: one per core, as far as the memory reaches, no more than jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A run takes TensorFlow, the data, and what a batch leaves in the layers. Measured: 3.2 GB with ResNet50
    # and ten images at 128 px.
    pixels = chosen.batch_size * chosen.image_size**2
    memory = int(1.5e9 + pixels * (1_000 if chosen.model == "small_resnet" else 11_000))
    return max(1, min(jobs, cores, psutil.virtual_memory().available // memory))


# ---- a cluster ---------------------------------------------------------------------------------------------


class Cluster:
    """The workers of a Dask cluster; its scheduler begins a run anew whose worker is lost.

    Reference: https://distributed.dask.org, `Client.get_executor`.
    """

    def __init__(self, address: str, jobs: int) -> None:
        """Connect to the scheduler.

        Raises:
            ExecutorError: when there is no scheduler at the address, or no worker that can be used.
        """
        import distributed

        self.lost = distributed.KilledWorker
        self._client = _client(address)
        try:
            self._check_workers(address)
        except ExecutorError:
            self._client.close()
            raise
        self.idle: list[_Slot] = [self._client.get_executor(pure=False)] * jobs
        self.count = len(self._client.nthreads())

    def _check_workers(self, address: str) -> None:
        threads = self._client.nthreads()
        if not threads:
            raise ExecutorError(
                f"The cluster at {address} has no workers: `dask worker {address} --nthreads 1`."
            )
        if max(threads.values()) > 1:
            raise ExecutorError(
                f"A worker of {address} has {max(threads.values())} threads, and TensorFlow's settings hold "
                "for a whole process: start workers with --nthreads 1."
            )
        try:
            self._client.run(_import_the_course)
        except Exception as error:
            raise ExecutorError(
                f"A worker of {address} cannot import the course ({error}): install it there, `pip install .`"
            ) from error

    def replace(self, slot: _Slot) -> None:
        """Go on with the same executor."""
        self.idle.append(slot)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # what cannot be called off ends by itself
            self._client.cancel(list(self._client.futures))
        self._client.close()


def _client(address: str, attempts: int = 3) -> Any:
    import distributed

    try:
        return distributed.Client(address, timeout=_ANSWER, set_as_default=False)
    except AssertionError:  # its thread did not begin within 10 s: the machine is very busy
        if attempts == 1:
            raise
        return _client(address, attempts - 1)
    except (OSError, ValueError, TypeError) as error:
        raise ExecutorError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, and workers with "
            "`dask worker ADDRESS --nthreads 1`."
        ) from error


def _import_the_course() -> None:
    from utils.experiment import worker  # noqa: F401
