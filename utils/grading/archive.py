"""Submissions as they arrive: found in whatever a platform or a student made, and copied out in safety.

Nothing is extracted as an archive says. The files of all folders and zips, in whatever nesting, are listed;
the one project among them is chosen; what belongs to it is copied by its name to a place of our choosing.
"""

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import stat
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from utils import errors, words
from utils.grading import platforms

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
_ANALYSES = ("analysis.txt", "analysis.md.txt")  # as an editor may call it
_MOST_BYTES = 500_000_000  # of all files together, and of a zip
_MOST_NESTED_BYTES = 200_000_000  # of a zip in a zip
_MOST_FILES = 5_000
_DEEPEST = 12  # folders inside each other
_MOST_NESTED = 4  # zips inside each other
_MOST_PROBLEMS = 20
_MOST_NAMED = 5
_CHUNK = 1 << 20
# How files begin that are handed in and are no zip.
_KINDS = {
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"\xfd7zXZ": "an xz archive",
    b"BZh": "a bzip2 archive",
    b"%PDF": "a PDF",
}
_REFERENCE = "reference"  # the id of the course's own project


class ArchiveError(errors.CourseError, ValueError):
    """A submission that cannot be opened, or a folder without any; the message is one sentence."""


@dataclasses.dataclass(frozen=True)
class _File:
    name: str  # with slashes, from the top of the submission, through all zips
    size: int
    open: Callable[[], BinaryIO]


@dataclasses.dataclass(frozen=True)
class _Found:
    """A project among the files: what stands before its names, and what it says of itself."""

    top: str
    student: str
    has_runs: bool
    manifest: dict | None  # None where it was not packed

    @property
    def changed(self):
        """When its files last changed, as text that sorts; empty where the manifest does not say."""
        return str((self.manifest or {}).get("changed") or "")

    def __str__(self):
        of = f" of {_shown(self.student)}" if self.student else ""
        return f"“{_shown(self.top.rstrip('/')) or '.'}”{of}"


# ---- which submissions there are -----------------------------------------------------------------------


def find(place: str | pathlib.Path) -> list[platforms.Source]:
    """Return the submissions in `place`: itself, or each visible file and folder in it.

    What Moodle or Canvas made of one student's files is one submission.

    Raises:
        ArchiveError: there is none.
    """
    place = pathlib.Path(place)
    if not place.exists():
        raise ArchiveError(f"There is no {place}: say where the submissions are.")
    one = any((place / name).exists() for name in ("manifest.json", "project.json", "runs"))
    if one or not place.is_dir():
        return platforms.sources([place])
    found = _visible(place)
    if len(found) == 1 and found[0].is_dir() and any(map(platforms.is_named, _visible(found[0]))):
        found = _visible(found[0])  # the platform's zip, unpacked into a folder of its own
    if not found:
        raise ArchiveError(f"There is nothing to grade in {place}.")
    return platforms.sources(found)


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not _is_hidden(path.name))


# ---- one submission ------------------------------------------------------------------------------------


def unpack(
    paths: Sequence[str | pathlib.Path], folder: str | pathlib.Path
) -> tuple[dict[str, str], list[str]]:
    """Copy what a submission may hold from `paths`, zips and folders, to `folder`.

    Of several versions the newest is copied, by what their manifests say. Returns the SHA-256 of what was
    copied, by name, and sentences about what was not.

    Raises:
        ArchiveError: there is no project in them, there are several, or they are too large.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as store, contextlib.ExitStack() as opened:
        listing = _Listing(pathlib.Path(store), opened)
        for path in map(pathlib.Path, paths):
            listing.add(path, is_only=len(paths) == 1)
        if len(listing.files) > _MOST_FILES:
            raise ArchiveError(f"It holds more than {_MOST_FILES:,} files.")
        problems = listing.problems
        files = [file for file in listing.files if _is_safe(file.name, problems)]
        top = _choose(_projects(files), files, problems).top
        digests = _copy([file for file in files if file.name.startswith(top)], top, folder, problems)
    if len(problems) > _MOST_PROBLEMS:
        problems[_MOST_PROBLEMS:] = [f"And {len(problems) - _MOST_PROBLEMS} more of the kind."]
    return digests, problems


class _Listing:
    """The regular files of folders and zips, with those of the zips inside of them."""

    def __init__(self, store, opened):
        self.files, self.problems = [], []
        self._store, self._opened = store, opened

    def add(self, path, *, is_only):
        """Add a file or folder that was handed in; `is_only`: nothing else was."""
        if path.is_symlink():
            raise ArchiveError("It is a link, which is not followed.")
        if path.is_dir():
            self._add_folder(path, "" if is_only else f"{path.name}/")
        elif is_only:
            self._add_zip(path, "", 1)
        else:
            self._append(_on_disk(path, path.name), 0)

    def _append(self, file, nested):
        if _is_hidden(file.name) or len(self.files) > _MOST_FILES:
            return
        self.files.append(file)
        if file.name.lower().endswith(".zip") and nested < _MOST_NESTED:
            inner = self._store / f"{len(self.files)}.zip"
            if file.size <= _MOST_NESTED_BYTES and _copy_one(file, inner, _MOST_NESTED_BYTES):
                with contextlib.suppress(ArchiveError):  # one that cannot be read stays what it is, a file
                    self._add_zip(inner, f"{file.name}/", nested + 1)

    def _add_folder(self, folder, prefix):
        waiting = [(folder, 0)]  # a loop: hostile folders lie thousands deep, or are as many
        while waiting:
            place, depth = waiting.pop()
            for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
                path = pathlib.Path(entry.path)
                name = prefix + path.relative_to(folder).as_posix()
                if path.is_symlink():
                    self.problems.append(f"{_shown(name)} is a link, which is not followed.")
                elif path.is_dir() and depth < _DEEPEST:
                    waiting.append((path, depth + 1))
                elif path.is_file():
                    self._append(_on_disk(path, name), 0)
            if len(waiting) > _MOST_FILES:
                raise ArchiveError(f"It holds more than {_MOST_FILES:,} folders.")

    def _add_zip(self, path, prefix, nested):
        if path.stat().st_size > _MOST_BYTES:
            raise ArchiveError(f"The zip is larger than {_megabytes(_MOST_BYTES)}.")
        try:
            archive = self._opened.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            kind = _kind(_on_disk(path, ""))
            told = f"It is {kind}, not a zip: ask for a zip." if kind else "It is not a zip that can be read."
            raise ArchiveError(told) from error
        for member in archive.infolist():
            name = prefix + member.filename.replace("\\", "/")  # as some programs on Windows write them
            if stat.S_ISLNK(member.external_attr >> 16):
                self.problems.append(f"{_shown(name)} is a link, which is not followed.")
            elif not member.is_dir():
                opened = functools.partial(archive.open, member)
                self._append(_File(name, member.file_size, opened), nested)


def _on_disk(path, name):
    return _File(name, path.stat().st_size, functools.partial(path.open, "rb"))


def _kind(file):
    """What a file that is no zip may be; empty where nobody can tell."""
    try:
        with file.open() as opened:
            beginning = opened.read(8)
    except Exception:  # whatever zipfile and its decompressors raise on a damaged or hostile file
        return ""
    return next((kind for mark, kind in _KINDS.items() if beginning.startswith(mark)), "")


def _megabytes(count):
    return f"{count / 1e6:,.1f} MB" if count < 1e6 else f"{count / 1e6:,.0f} MB"


def _shown(name):
    """A file's name for a sentence: no control characters, nothing that cannot be written, not too long."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _is_safe(name, problems):
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        reason = "points out of the submission"
    elif not name.isprintable() or len(parts[-1].encode()) > 200:
        reason = "has a name that cannot be used"
    else:
        return True
    problems.append(f"{_shown(name)} {reason}: it is left out.")
    return False


def _is_hidden(name):
    leftovers = ("__macosx", "thumbs.db", "desktop.ini")
    return any(part.startswith(".") and part != ".." or part.lower() in leftovers for part in name.split("/"))


# ---- which project it is -------------------------------------------------------------------------------


def _projects(files):
    found = {}  # what stands before their names: the files that say of what project they are
    for file in files:
        *folders, name = file.name.split("/")
        if name.lower() in ("manifest.json", "project.json"):
            found.setdefault("".join(f"{part}/" for part in folders), {})[name.lower()] = file
        elif folders and folders[-1].lower() == "runs" and name.lower().endswith(".json"):
            found.setdefault("".join(f"{part}/" for part in folders[:-1]), {})["runs"] = file
    return [each for top, marks in sorted(found.items()) if (each := _project(top, marks))]


def _project(top, marks):
    manifest = _object(marks["manifest.json"]) if "manifest.json" in marks else {}
    packed = manifest if "sha256" in manifest else None
    if packed is None and marks.keys() == {"manifest.json"} and manifest:
        return None  # a web page has a manifest.json, too
    student = _object(marks["project.json"]).get("student") if "project.json" in marks else None
    student = student or manifest.get("student")
    return _Found(top, student.strip() if isinstance(student, str) else "", "runs" in marks, packed)


def _object(file):
    try:
        with file.open() as opened:
            return json_object(opened.read(_WANTED["manifest.json"]))
    except Exception:  # as in _kind
        return {}


def json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a text, an empty one where it holds something else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _choose(found, files, problems):
    """The project to grade: of what was packed the newest, else the only one."""
    if not found:
        kinds = ((_shown(file.name), _kind(file)) for file in files)
        named = [f"{name} ({kind})" if kind else name for name, kind in kinds]
        what = f"it holds {words.listing(named, _MOST_NAMED)}" if named else "it is empty"
        raise ArchiveError(f"There is no project in it, no project.json and no folder runs: {what}.")
    real = [one for one in found if one.student.lower() != _REFERENCE] or found
    loose = [one for one in real if one.has_runs] or real
    inner = [one for one in loose for other in loose if one is not other and one.top.startswith(other.top)]
    loose = [one for one in loose if one not in inner]
    wanted = [one for one in real if one.manifest] or loose
    versions = list({repr(one.manifest or one): one for one in wanted}.values())
    newest = max(versions, key=lambda one: one.changed)
    if len(versions) > 1:
        _check_versions(versions, newest)
        problems.append(
            f"It holds {words.count(len(versions), 'version')}: {newest} is graded, the newest, of "
            f"{_shown(newest.changed)}."
        )
    elif any(one.student.lower() != newest.student.lower() for one in real):
        problems.append(
            f"It holds {words.count(len(real), 'project')}: {newest} is graded, which was packed."
        )
    return newest


def _check_versions(versions, newest):
    """Make sure that they are versions of one student's project, and that one is the newest."""
    dates = [one.changed for one in versions]
    if (
        len({one.student.lower() for one in versions}) > 1
        or not all(dates)
        or dates.count(newest.changed) > 1
    ):
        names = words.listing(str(one) for one in versions)
        count = words.count(len(versions), "project")
        raise ArchiveError(f"It holds {count}, {names}: keep the one to grade.")


# ---- which of its files belong to it -------------------------------------------------------------------


def _copy(files, top, folder, problems):
    digests, total = {}, 0
    for file in files:
        name = _plain(file.name.removeprefix(top))
        limit = _limit(name)
        if limit is None:
            continue
        if name in digests:
            reason = "is there twice: the first one is used."
        elif total + min(file.size, limit) > _MOST_BYTES:
            reason = f"is left out: all files are more than {_megabytes(_MOST_BYTES)}."
        elif file.size > limit:
            reason = f"is left out: it is larger than {_megabytes(limit)}."
        elif digest := _copy_one(file, folder / name, limit):
            digests[name] = digest
            total += file.size
            continue
        else:
            reason = "cannot be read: it is damaged, or has a password."
        problems.append(f"{_shown(name)} {reason}")
    return digests


def _plain(name):
    """The name as the course writes it: of known files and folders in small letters."""
    *folders, last = name.split("/")
    small = last.lower()
    if folders:
        return f"{'/'.join(folders).lower()}/{small if folders[-1].lower() == 'figures' else last}"
    return "analysis.md" if small in _ANALYSES else small if small in _WANTED else last


def _limit(name):
    """The most bytes of a file with this name; None for one that does not belong to a submission."""
    path = pathlib.PurePosixPath(name)
    fitting = (
        pattern for pattern in _WANTED if name.count("/") == pattern.count("/") and path.match(pattern)
    )
    return _WANTED.get(next(fitting, ""))


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
    except Exception:  # as in _kind
        path.unlink(missing_ok=True)
        return None
    return digest.hexdigest()
