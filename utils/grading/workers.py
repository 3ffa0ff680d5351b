"""Do tasks in processes of their own, bounded in time and memory: a task that dies costs nobody else.

The pool is pebble's, which stops a process whose time is up and starts another.
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
    # Forked, where that is possible, from one process that has imported the modules.
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(list(preload))
    pool = pebble.ProcessPool(os.cpu_count() or 1, _TASKS, _limit, [memory], context)
    try:
        futures = {pool.schedule(function, [task], timeout=seconds): task for task in tasks}
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], _reason(future.exception(), seconds, memory)
    finally:
        pool.stop()
        pool.join()


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
