"""Do tasks in processes of their own, bounded in time and memory: a task that dies costs nobody else.

The pool is pebble's, which stops a process whose time is up and starts another. Where the system has it, the
processes are forked from one that has imported the libraries already, which takes milliseconds.
"""

import concurrent.futures
import multiprocessing
import os
import pathlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import pebble

try:
    import resource
except ImportError:  # Windows: the time limit alone
    resource = None

_TASKS = 20  # of a process, before a new one takes its place: what libraries do not give back is bounded
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
    """Call `function(task)`, a function of a module, for each task, as many at a time as there are cores.

    A task may take so many `seconds`, and a process bytes of `memory` where the system can limit that
    (Linux). `preload` are names of modules to import once for all.

    Yields:
        (task, reason) as tasks end: an empty text, or in a sentence why this one did not end well.
    """
    pool = pebble.ProcessPool(os.cpu_count() or 1, _TASKS, _limit, [memory], prepare(preload))
    try:
        futures = {pool.schedule(function, [task], timeout=seconds): task for task in tasks}
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], _reason(future.exception(), seconds, memory)
    finally:
        pool.stop()
        pool.join()


def prepare(preload: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Begin to import modules in the process from which others are forked; return the context of `run`.

    To call it first lets that process import while this one does something else.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver  # not there on Windows

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    forkserver.ensure_running()
    return context


def _reason(error, seconds, memory):
    match error:
        case None:
            return ""
        case concurrent.futures.TimeoutError():
            return f"It takes more than {seconds:g} seconds."
        case MemoryError():
            return f"It needs more than {memory / 1e9:g} GB of memory."
    print(getattr(error, "traceback", error), file=sys.stderr)
    return "Its process ended without a result."


def _limit(memory):
    """In the process: set the limit of its memory."""
    if CAN_LIMIT_MEMORY:
        used = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
