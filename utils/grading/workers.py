"""Do tasks in processes of their own, bounded in time and memory: a task that dies costs nobody else.

Each task gets a fresh process. Where the system has it, the processes are forked from one that has imported
the libraries already, which takes milliseconds.
"""

import collections
import dataclasses
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

try:
    import resource
except ImportError:  # Windows: the time limit alone
    resource = None

_OUT_OF_MEMORY = 75
_STATUS = pathlib.Path("/proc/self/statm")
CAN_LIMIT_MEMORY = resource is not None and _STATUS.exists()
Task = TypeVar("Task")


def run(
    function: Callable[[Task], None],
    tasks: Iterable[Task],
    *,
    seconds: float,
    memory: int,
    preload: Sequence[str] = (),
) -> Iterator[tuple[Task, str]]:
    """Call `function(task)` for each task, as many at a time as there are cores.

    Args:
        function: a function of a module.
        tasks: what it is called with, one at a time.
        seconds: how long one task may take.
        memory: how many bytes one task may use, where the system can limit that (Linux).
        preload: names of modules to import once for all; none for a single task.

    Yields:
        (task, reason) as tasks end: an empty text, or in a sentence why this one did not end well.
    """
    context = prepare(preload)
    waiting, running = collections.deque(tasks), []
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                running.append(_start(context, function, waiting.popleft(), seconds, memory))
            for worker in _ended(running):
                running.remove(worker)
                yield worker.task, _reason(worker.process, seconds, memory)
    finally:
        for worker in running:
            _stop(worker.process)


def prepare(preload: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Begin to import modules in the process from which others are forked; return the context of `run`.

    To call it first lets that process import while this one does something else.
    """
    if not preload or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver  # not there on Windows

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    forkserver.ensure_running()
    return context


@dataclasses.dataclass(frozen=True)
class _Worker:
    task: object
    process: multiprocessing.process.BaseProcess
    deadline: float


def _start(context, function, task, seconds, memory):
    process = context.Process(target=_limited, args=(function, task, seconds, memory))
    process.start()
    return _Worker(task, process, time.monotonic() + seconds)


def _ended(running):
    """Wait until a process ends or its time is up; return those."""
    left = min(worker.deadline for worker in running) - time.monotonic()
    multiprocessing.connection.wait([worker.process.sentinel for worker in running], max(0, left))
    now = time.monotonic()
    return [worker for worker in running if not worker.process.is_alive() or now >= worker.deadline]


def _reason(process, seconds, memory):
    if process.is_alive():
        _stop(process)
        return f"It takes more than {seconds:g} seconds."
    process.join()
    if process.exitcode == _OUT_OF_MEMORY:
        return f"It needs more than {memory / 1e9:g} GB of memory."
    return "" if process.exitcode == 0 else "Its process ended without a result."


def _stop(process):
    process.terminate()
    process.join(5)
    process.kill()
    process.join()


def _limited(function, task, seconds, memory):
    """In the process: set the limits, then do the task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to deal with
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what the task has opened is closed
    _limit(seconds, memory)
    try:
        function(task)
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)


def _limit(seconds, memory):
    if not CAN_LIMIT_MEMORY:
        return
    used = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    # A second bound, should the parent be killed: no task uses more than all cores for its whole time.
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds * (os.cpu_count() or 1)) + 1, hard))
