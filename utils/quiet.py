"""Import TensorFlow without its start-up notices: import this module before TensorFlow.

On a machine without a GPU TensorFlow writes a dozen lines about CUDA, some before any setting can
silence them. They tell a student nothing and hide what matters. Real failures raise as always.
"""

import contextlib
import os
import sys
import tempfile

from utils import words


@contextlib.contextmanager
def _held_back_stderr():
    """Keep back what the process writes to stderr, also from C++; write it out if the body fails."""
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(original, kept.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


words.print_anywhere()  # scripts print reports, too
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # else one process takes a GPU's whole memory
# Convolutions by oneDNN: TensorFlow switches it on for some processors only, and then rounds otherwise.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else it asks the network for a newer version
with _held_back_stderr():
    import tensorflow as tf  # noqa: F401
