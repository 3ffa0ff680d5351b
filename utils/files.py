"""Files are written whole or not at all, and never over somebody else's; text is read by its mark."""

import codecs
import contextlib
import os
import pathlib
import shutil
import tempfile
import time

from utils import errors, words

# Temporary files and folders are called so. An old one is a killed process's: no writing takes so long.
_PREFIX, _SUFFIX = ".course-", ".tmp"
_OLD = 3600  # seconds


class WriteError(errors.CourseError, OSError):
    """A file could not be written; the message is one sentence for the user."""


def write_whole(path: str | os.PathLike, content: bytes | str) -> None:
    """Write `content` (bytes or str, as UTF-8) to `path`: the old file or the new one, never half of it.

    The bytes go to a temporary file in the same folder, which then takes the name in one step.
    Missing folders are made. What UTF-8 does not have, as in a file name of another encoding, is escaped.

    Raises:
        WriteError: when the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    data = words.writable(content).encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
        handle, temporary = tempfile.mkstemp(_SUFFIX, _PREFIX, path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, 0o644)  # mkstemp makes files that only their owner can read
            os.replace(temporary, path)
        except BaseException:
            pathlib.Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WriteError(
            f"Cannot write {path}: {error.strerror or error}. Free some space or choose another folder."
        ) from error


def temporary_folder(parent: pathlib.Path) -> tempfile.TemporaryDirectory:
    """Return a temporary folder in `parent`, which is made when missing, as a context."""
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent)
    return tempfile.TemporaryDirectory(_SUFFIX, _PREFIX, parent)


def sweep(folder: pathlib.Path) -> None:
    """Delete what processes that were killed have left in `folder`."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # one has just got its name, or is not ours to delete
            if time.time() - path.lstat().st_mtime > _OLD:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def check_own(path: str | os.PathLike, mark: str) -> None:
    """Make sure that to write `path` replaces nobody else's file.

    Each file of this name that the course writes has `mark` among its first 4,000 bytes. Raises WriteError
    when there is another file.
    """
    try:
        with open(path, "rb") as file:
            beginning = file.read(4000)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise WriteError(f"Cannot read {path}, which is in the way: {error.strerror or error}.") from error
    if beginning and mark.encode() not in beginning:
        raise WriteError(
            f"{path} is there already and was not written by the course: move it, or choose another folder."
        )


def decoded(content: bytes, errors: str = "strict") -> str:
    """Return text that is UTF-8, or what its byte-order mark says (Windows writes one); without the mark.

    Raises UnicodeDecodeError when it is something else.
    """
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return content.decode("utf-16" if content.startswith(marks) else "utf-8-sig", errors)
