"""Submissions as they arrive, folders and zips, copied out in safety: known names, bounded sizes, no links.

Nothing is extracted as an archive says. Each file of a submission is looked for by its name, wherever the
submission lies inside, and copied to a place of our choosing.
"""

import dataclasses
import functools
import hashlib
import os
import pathlib
import stat
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from utils import errors

# What a submission may hold, and the most bytes of one such file.
_WANTED = {
    "manifest.json": 4_000_000,
    "project.json": 4_000_000,
    "analysis.md": 200_000,
    "*.ipynb": 50_000_000,
    "runs/*.json": 4_000_000,
    "runs/*.npz": 64_000_000,
    "figures/*.png": 20_000_000,
    "weights/*.h5": 200_000_000,
}
_MOST_BYTES = 500_000_000  # of all files together, and of a zip
_MOST_FILES = 5_000
_DEEPEST = 8  # folders inside each other
_MOST_PROBLEMS = 20
_CHUNK = 1 << 20


class ArchiveError(errors.CourseError, ValueError):
    """A submission that cannot be opened, or a folder without any; the message is one sentence."""


@dataclasses.dataclass(frozen=True)
class Contents:
    """What was copied: SHA-256 by name, and sentences about what was not."""

    digests: dict[str, str]
    problems: tuple[str, ...]

    @property
    def digest(self) -> str:
        """One digest of it all."""
        return hashlib.sha256(repr((sorted(self.digests.items()), self.problems)).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class _File:
    name: str  # with slashes, from the top of the zip or folder
    size: int
    open: Callable[[], BinaryIO]


# ---- which submissions there are -----------------------------------------------------------------------


def find(place: str | pathlib.Path) -> list[pathlib.Path]:
    """Return the paths of the submissions in `place`: itself, or each visible file and folder in it.

    Raises:
        ArchiveError: there is none.
    """
    place = pathlib.Path(place)
    if not place.exists():
        raise ArchiveError(f"There is no {place}: say where the submissions are.")
    if not place.is_dir() or _looks_like_one(place):
        return [place]
    found = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    if not found:
        raise ArchiveError(f"There is nothing to grade in {place}.")
    return found


def _looks_like_one(folder):
    return any((folder / name).exists() for name in ("manifest.json", "project.json", "runs"))


# ---- one submission ------------------------------------------------------------------------------------


def unpack(source: str | pathlib.Path, folder: str | pathlib.Path) -> Contents:
    """Copy what a submission may hold from `source`, a zip or a folder, to `folder`; return the Contents.

    A folder that holds a zip and no project, as learning platforms make them, stands for that zip, whatever
    lies beside it.

    Raises:
        ArchiveError: `source` is neither a zip nor a folder, too large, or a folder of several zips.
    """
    source, problems = pathlib.Path(source), []
    if source.is_symlink():
        raise ArchiveError("It is a link, which is not followed.")
    files = _in_folder(source, problems) if source.is_dir() else []
    archive = _zip_among(files, source) if source.is_dir() else source
    if archive is None:
        digests = _copy_known(files, pathlib.Path(folder), problems)
    else:
        with _opened(archive) as opened:
            digests = _copy_known(_in_zip(opened, problems), pathlib.Path(folder), problems)
    return Contents(digests, _few(problems))


def _few(problems):
    more = len(problems) - _MOST_PROBLEMS
    return tuple(problems if more <= 0 else [*problems[:_MOST_PROBLEMS], f"And {more} more of the kind."])


def _zip_among(files, folder):
    """The zip among the files of a folder, None where they hold a project or no zip."""
    zips = [file.name for file in files if file.name.lower().endswith(".zip") and not _is_hidden(file.name)]
    if not zips or any(_before(file.name) is not None for file in files):
        return None
    if len(zips) > 1:
        raise ArchiveError(f"It holds {len(zips)} zips, {_shown(', '.join(zips))}: keep the one to grade.")
    return folder / zips[0]


def _opened(path):
    if not path.is_file():
        raise ArchiveError("It is neither a zip nor a folder.")
    if path.stat().st_size > _MOST_BYTES:
        raise ArchiveError(f"The zip is larger than {_megabytes(_MOST_BYTES)}.")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError("It is not a zip that can be read.") from error


def _megabytes(count):
    return f"{count / 1e6:,.1f} MB" if count < 1e6 else f"{count / 1e6:,.0f} MB"


def _in_folder(folder, problems):
    """The regular files below a folder."""
    waiting, files = [(folder, 0)], []
    while waiting:
        place, depth = waiting.pop()
        for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
            name = pathlib.Path(entry.path).relative_to(folder).as_posix()
            if entry.is_symlink():
                problems.append(f"{_shown(name)} is a link, which is not followed.")
            elif entry.is_dir() and depth < _DEEPEST:
                waiting.append((pathlib.Path(entry.path), depth + 1))
            elif entry.is_file():
                files.append(_File(name, entry.stat().st_size, functools.partial(open, entry.path, "rb")))
            if len(files) + len(waiting) > _MOST_FILES:
                raise ArchiveError(f"It holds more than {_MOST_FILES:,} files.")
    return files


def _in_zip(archive, problems):
    """The regular files in a zip."""
    members = archive.infolist()
    if len(members) > _MOST_FILES:
        raise ArchiveError(f"It holds more than {_MOST_FILES:,} files.")
    files = []
    for member in members:
        name = member.filename.replace("\\", "/")  # as some programs on Windows write them
        if stat.S_ISLNK(member.external_attr >> 16):
            problems.append(f"{_shown(name)} is a link, which is not followed.")
        elif not member.is_dir():
            files.append(_File(name, member.file_size, functools.partial(archive.open, member)))
    return files


def _shown(name):
    """A file's name for a sentence: no control characters, nothing that cannot be written, not too long."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return text if len(text) <= 100 else f"{text[:99]}…"


# ---- which of the files belong to it -------------------------------------------------------------------


def _copy_known(files, folder, problems):
    """Copy the files of the submission among `files`; return {name: SHA-256}."""
    safe = [file for file in files if _is_safe(file.name, problems)]
    top = _top(safe, problems)
    digests, total = {}, 0
    for file in safe:
        name = file.name.removeprefix(top)
        limit = _limit(name) if file.name.startswith(top) else None
        if limit is None:
            continue
        if name in digests:
            problems.append(f"{_shown(name)} is there twice: the first one is used.")
        elif total + min(file.size, limit) > _MOST_BYTES:
            problems.append(f"{_shown(name)} is left out: all files are more than {_megabytes(_MOST_BYTES)}.")
        elif file.size > limit:
            problems.append(f"{_shown(name)} is left out: it is larger than {_megabytes(limit)}.")
        else:
            digest = _copy_one(file, folder / name, limit)
            if digest is None:
                problems.append(f"{_shown(name)} cannot be read: it is damaged, or has a password.")
            else:
                digests[name] = digest
                total += file.size
    return digests


def _is_safe(name, problems):
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or (len(parts[0]) > 1 and parts[0][1] == ":"):
        problems.append(f"{_shown(name)} points out of the submission: it is left out.")
    elif not name.isprintable() or len(parts[-1].encode()) > 200:
        problems.append(f"{_shown(name)} has a name that cannot be used: it is left out.")
    else:
        return not _is_hidden(name)
    return False


def _is_hidden(name):
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _top(files, problems):
    """What stands before the names of the submission's files: `submission/`, or nothing."""
    tops = {_before(file.name) for file in files} - {None}
    if len(tops) > 1:
        problems.append(f"It holds {len(tops)} projects: the first one is read.")
    return min(tops, key=lambda top: (top.count("/"), top), default="")


def _before(name):
    parts = name.split("/")
    if parts[-1] in ("manifest.json", "project.json"):
        return "".join(f"{part}/" for part in parts[:-1])
    if len(parts) > 1 and parts[-2] == "runs" and parts[-1].endswith(".json"):
        return "".join(f"{part}/" for part in parts[:-2])
    return None


def _limit(name):
    """The most bytes of a file with this name; None for one that does not belong to a submission."""
    path = pathlib.PurePosixPath(name)
    for pattern, limit in _WANTED.items():
        if len(path.parts) == 1 + pattern.count("/") and path.match(pattern):
            return limit
    return None


def _copy_one(file, path, limit):
    """Copy up to `limit` bytes, whatever size is claimed; return their SHA-256, or None if unreadable."""
    digest, count = hashlib.sha256(), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open() as original, path.open("wb") as target:
            while chunk := original.read(_CHUNK):
                count += len(chunk)
                if count > limit:
                    raise ValueError("larger than it says")
                digest.update(chunk)
                target.write(chunk)
    except Exception:  # whatever zipfile and its decompressors raise on a damaged or hostile file
        path.unlink(missing_ok=True)
        return None
    return digest.hexdigest()
