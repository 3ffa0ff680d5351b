"""From a project folder to what is handed in: `python -m utils.grading.submission runs/project_ID`.

The folder fills while the student works: `start` writes project.json and an empty analysis.md for the
student to fill, `utils.experiment` the runs, `show_figure` the pictures. `pack` copies what counts into one
folder and a zip, with a manifest of digests. Nothing is judged here; see `utils.grading.rubric`.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import reprlib
import shutil
import sys
import unicodedata
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from utils import errors, files, settings, words
from utils.grading import analysis, archive

if TYPE_CHECKING:  # what takes a second to import
    import matplotlib.figure

    from utils.grading import rubric
    from utils.settings import Settings

MOST_BYTES = 40_000_000  # of the zip: below the limit of every learning platform
# What every system can name, Windows too: files and folders are named after both.
_ID = re.compile(r"[\w.@-]{0,63}[\w@-]")
_FIGURE = re.compile(r"\w[\w .-]{0,63}")
_DATE = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes


class SubmissionError(errors.CourseError, ValueError):
    """A project that cannot be started or packed; the message is one sentence for the student."""


def start(folder: str | pathlib.Path, student: str, course: "Settings | None" = None) -> pathlib.Path:
    """Make the project folder, with an empty analysis.md, or go on with it; return the folder for its runs.

    A project keeps the settings of `course` that it was started with: runs with others could not be compared
    with its first ones. Files are named after the student's id.

    Raises:
        SubmissionError: an id that cannot be used, a folder of another student or of something else, or other
            settings.
    """
    folder = pathlib.Path(folder)
    student = unicodedata.normalize("NFC", student.strip()) if isinstance(student, str) else student
    if not isinstance(student, str) or not _ID.fullmatch(student):
        raise SubmissionError(
            f"{reprlib.repr(student)} cannot be a student's id: a text of up to 64 letters, digits and the "
            "signs . _ @ - without a point at its end."
        )
    project = {"student": student, "settings": course.of_a_run() if course else {}}
    before = _before(folder)
    if before.get("student", student) != student:
        raise SubmissionError(f"{folder} is the project of {before['student']!r}: choose another folder.")
    started = before.get("settings", project["settings"])
    if started:  # a setting that is newer than the project had its default value
        started = settings.Settings().of_a_run() | started
    if started != project["settings"]:
        changed = [name for name, value in project["settings"].items() if started.get(name) != value]
        raise SubmissionError(
            f"{folder} was started with another {' and '.join(changed) or 'set of settings'}: go back to "
            "that, or choose another folder for a new project."
        )
    files.write_whole(folder / "project.json", json.dumps(project) + "\n")
    if not (folder / "analysis.md").exists():
        files.write_whole(folder / "analysis.md", analysis.TEMPLATE)
    return folder / "runs"


def _before(folder):
    """What project.json holds, an empty dict where there is none."""
    path = folder / "project.json"
    if not os.path.exists(path):
        return {}
    found = archive.json_object(_content(path))
    if not isinstance(found.get("student"), str) or not isinstance(found.get("settings", {}), dict):
        raise SubmissionError(
            f"{path} is there already and is no project of the course: move it, or choose another folder."
        )
    return found


def _content(path):
    """What a file holds, nothing where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def show_figure(folder: str | pathlib.Path, name: str, figure: "matplotlib.figure.Figure", alt: str) -> None:
    """Save a figure as `figures/NAME.png` in the project folder, and show it in the notebook.

    Raises:
        SubmissionError: for a name that cannot be a file's.
    """
    from utils import figures

    if not isinstance(name, str) or not _FIGURE.fullmatch(name):
        raise SubmissionError(
            f"{reprlib.repr(name)} cannot name a figure: a text of up to 64 letters, digits, spaces and the "
            "signs . _ - that begins with a letter."
        )
    figures.save(figure, pathlib.Path(folder, "figures", f"{name}.png"))
    figures.show(figure, alt)


def assess(folder: str | pathlib.Path) -> "rubric.Verdict":
    """Return the rubric's verdict on the project folder: what an instructor sees, too."""
    from utils.grading import project_folder, rubric

    return rubric.judge(project_folder.read(folder))


def pack(folder: str | pathlib.Path, notebook: str | pathlib.Path, out: str | pathlib.Path) -> pathlib.Path:
    """Copy what is handed in from the project folder to the folder `out`, and zip it to `out`.zip.

    Packed are the notebook as it is on disk, all runs with their predictions, the figures, the analysis, the
    weights of one seed per variant where the zip stays under MOST_BYTES with them, and manifest.json with the
    SHA-256 of every file and when the last of them changed. What cannot be used is packed, too, and printed
    with the reason. An `out` that `pack` has made before is replaced. Returns the path of the zip.

    Raises:
        SubmissionError: there is nothing to pack, or `out` is something else.
        files.WriteError: the disk is full or read-only.
    """
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    _check_place(folder, out)
    if not os.path.isfile(notebook):
        raise SubmissionError(f"There is no notebook {notebook}: say where yours is.")
    from utils.grading import project_folder  # after the checks: its statistics take a second to import

    project = project_folder.read(folder)
    for problem in project.problems:
        print(f"Packed, but it cannot count: {problem}")
    kinds = ("project.json", "analysis.md", "figures/*.png", "runs/*.json", "runs/*.npz")
    paths = [path for kind in kinds for path in folder.glob(kind) if path.is_file()]
    chosen = {"notebook.ipynb": pathlib.Path(notebook)}
    chosen |= {path.relative_to(folder).as_posix(): path for path in paths}
    weights = _weights(folder, project.runs)
    left_out = ""
    if _size(chosen) + _size(weights) <= MOST_BYTES:
        chosen |= weights
    elif weights:
        left_out = f"The weights, {_size(weights) / 1e6:.0f} MB, are left out: too large to hand in."
    content = {name: path.read_bytes() for name, path in sorted(chosen.items())}
    changed = int(max(path.stat().st_mtime for path in chosen.values()))
    manifest = {
        "format": 1,
        "student": project.student,
        "changed": datetime.datetime.fromtimestamp(changed, datetime.UTC).isoformat(),
        "left_out": left_out,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in content.items()},
    }
    _write(out, content | {"manifest.json": (json.dumps(manifest, indent=1) + "\n").encode()})
    return _zip_of(out)


def _zip_of(out):
    return out.with_name(out.name + ".zip")


def _check_place(folder, out):
    if not (folder / "runs").is_dir():
        raise SubmissionError(f"There is no project in {folder}: run the notebook of lesson 14 first.")
    is_packed = "sha256" in archive.json_object(_content(out / "manifest.json"))
    for place, is_own in ((out, is_packed), (_zip_of(out), _is_packed_zip(_zip_of(out)))):
        if place.exists() and not is_own:
            raise SubmissionError(f"{place} is there already and is no submission: choose another folder.")


def _is_packed_zip(path):
    try:
        with zipfile.ZipFile(path) as packed:
            return f"{path.stem}/manifest.json" in packed.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _weights(folder, runs):
    """The weights of each variant's first seed."""
    first = {}
    for run in runs:
        path = folder / "runs" / run.weights
        if path.is_file():
            first.setdefault(run.augmentation, path)
    return {f"weights/{path.name}": path for path in first.values()}


def _size(chosen):
    return sum(path.stat().st_size for path in chosen.values())


def _write(out, content):
    """Write the folder and its zip; an old submission is there until the new one is whole."""
    try:
        with files.temporary_folder(out.parent) as temporary:
            fresh = pathlib.Path(temporary, "fresh")
            for name, data in content.items():
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            packed = pathlib.Path(temporary, "packed.zip")
            with zipfile.ZipFile(packed, "w") as file:
                for name, data in content.items():
                    entry = zipfile.ZipInfo(f"{out.name}/{name}", date_time=_DATE)
                    file.writestr(entry, data, compress_type=zipfile.ZIP_DEFLATED)
            if out.exists():
                out.rename(pathlib.Path(temporary, "old"))
            fresh.rename(out)
            shutil.move(packed, _zip_of(out))
    except OSError as error:
        raise files.WriteError(f"Cannot write {out}: {error.strerror or error}. Free some space.") from error


def _parsed(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m utils.grading.submission",
        description="Say what the rubric finds in a project folder, and pack it into a submission.",
    )
    parser.add_argument("folder", help="the project folder, as the notebook of lesson 14 names it")
    parser.add_argument("--notebook", help="by default your copy in work/, or the one in notebooks/")
    parser.add_argument("--out", default="submission", help="folder to make; a zip comes beside it")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for bad input."""
    words.print_anywhere()
    chosen = _parsed(arguments)
    copy = pathlib.Path("work", "14_comparison_project.ipynb")  # which `make lab` opens
    notebook = chosen.notebook or (copy if copy.exists() else pathlib.Path("notebooks", copy.name))
    try:
        packed = pack(chosen.folder, notebook, chosen.out)
    except errors.CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(assess(chosen.folder))
    print(f"Hand in {packed} ({packed.stat().st_size / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
