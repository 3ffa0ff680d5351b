"""What Moodle and Canvas call what was handed in, and under which name they take a page back.

Moodle gives a folder `NAME_ID_assignsubmission_file` (until 4.0 with a line at its end), or without folders
files that begin so; ID is the participant's in this assignment. Canvas gives files `NAME_ID_FILE-ID_FILE`, or
`NAME_LATE_ID_FILE-ID_FILE`; ID is the user's.
"""

import dataclasses
import pathlib
import re
from collections.abc import Iterable

_MOODLE = re.compile(r"(?P<place>(?P<name>.+)_(?P<id>\d+)_assignsubmission_(file|onlinetext))(_.*)?")
_CANVAS = re.compile(r"(?P<place>(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_\d+)_.+")


@dataclasses.dataclass(frozen=True)
class Source:
    """One submission as it was handed in.

    `name` is for tables, `paths` are its files and folders, `lms_id` is the platform's number of the student
    (empty where its name has none), `page` is where the student's page goes, below `return`.
    """

    name: str
    paths: tuple[pathlib.Path, ...]
    lms_id: str
    page: str


def is_named(path: pathlib.Path) -> bool:
    """Whether a platform gave this file or folder its name."""
    return _match(path) is not None


def sources(paths: Iterable[pathlib.Path]) -> list[Source]:
    """Return the submissions that files and folders make: what a platform has of one student is one."""
    groups = {}
    for path in paths:
        match = _match(path)
        groups.setdefault((match["name"], match["id"]) if match else path, []).append(path)
    names = {path.name for group in groups.values() for path in group}
    return [_source(group, names) for group in groups.values()]


def _match(path):
    return _MOODLE.fullmatch(path.name) or (not path.is_dir() and _CANVAS.fullmatch(path.name)) or None


def _source(paths, names):
    zips = [path for path in paths if path.name.lower().endswith(".zip")]
    path = (zips or paths)[0]
    match, name = _match(path), path.name or path.resolve().name  # the folder may be given as "."
    if match:
        page = f"{match['place']}{'/' if match.re is _MOODLE else '_'}feedback.html"
        return Source(name, tuple(paths), match["id"], page)
    plain = path.stem if path in zips and path.stem not in names else name
    return Source(name, tuple(paths), "", f"{plain}/feedback.html")
