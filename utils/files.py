"""Files are written whole or not at all."""

import os
import pathlib
import tempfile

from utils import errors


class WriteError(errors.CourseError, OSError):
    """A file could not be written; the message is one sentence for the user."""


def write_whole(path: str | os.PathLike, content: bytes | str) -> None:
    """Write `content` (bytes or str, as UTF-8) to `path`: the old file or the new one, never half of it.

    The bytes go to a temporary file in the same folder, which then takes the name in one step.
    Missing folders are made.

    Raises:
        WriteError: when the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)  # mkstemp makes files that only their owner can read
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            pathlib.Path(temporary).unlink(missing_ok=True)
        raise WriteError(
            f"Cannot write {path}: {error.strerror or error}. Free some space or choose another folder."
        ) from error
