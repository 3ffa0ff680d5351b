"""What a process does that trains runs for a comparison: the same here and on a cluster."""

import contextlib
import functools
import linecache
import pathlib
import pickle
import signal
import threading

import tqdm

from utils import errors
from utils.evaluation import Run
from utils.settings import Settings


class WorkerError(errors.CourseError, RuntimeError):
    """A worker that cannot train the runs that are asked for; the message is one sentence."""


def start() -> None:
    """Prepare a process that its parent may kill; Ctrl-C reaches all, and is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A lock that ends with the process: tqdm's own is a semaphore of the system, and would stay behind.
    tqdm.tqdm.set_lock(threading.RLock())


@functools.lru_cache(maxsize=1)
def _comparison(chosen: Settings):
    """Return the comparison that this process trains for: read and compiled once for all of its runs."""
    from utils.quiet import tf

    if not tf.config.list_physical_devices("GPU"):
        # Runs are independent: several cores give most there, and the numbers are the same everywhere.
        with contextlib.suppress(RuntimeError):  # this process has used TensorFlow before: on a cluster
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(2)  # the other one prepares batches
    tf.config.experimental.enable_op_determinism()
    from utils.experiment.comparison import Comparison

    return Comparison(chosen)


def seconds_of_a_run(chosen: Settings) -> float:
    """Return `Comparison.seconds_of_a_run`, measured by this process."""
    return _comparison(chosen).seconds_of_a_run()


def train(
    chosen: Settings, pickled: bytes, seed: int, identity: dict[str, object], progress: str
) -> tuple[Run, bytes]:
    """Train one run; the same as `Comparison.train`, in a process of its own.

    Args:
        chosen: the settings of the comparison.
        pickled: the variant with the functions that were registered, and the cells of the notebook.
        seed: the run's.
        identity: the run's, as the parent computed it.
        progress: a file in which the number of finished epochs is written, where its folder exists here.

    Raises:
        WorkerError: when data, weights or the course itself are others here than where the run was ordered.
    """
    variant, cells = pickle.loads(pickled)
    for name, lines in cells.items():  # without a time of change they stay
        linecache.cache[name] = len(lines), None, lines, name
    comparison = _comparison(chosen)
    own = comparison.identity_of(variant)
    other = [name for name, value in own.items() if identity.get(name) != value]
    if other:
        raise WorkerError(
            f"A worker has other {' and '.join(other)} than this computer: give it the same version of the "
            "course, and the same data under the same name."
        )
    import keras

    def tell(epoch, logs):
        if pathlib.Path(progress).parent.is_dir():
            pathlib.Path(progress).write_text(str(epoch + 1))

    return comparison.train(variant, seed, [keras.callbacks.LambdaCallback(on_epoch_end=tell)])
