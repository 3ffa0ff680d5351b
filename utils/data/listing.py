"""What a folder of photos holds, told from the names in it alone: splits, classes, and what is not read."""

import collections
import dataclasses
import os
import pathlib
import re
import unicodedata
from collections.abc import Iterable

import numpy as np

from utils import errors, words
from utils.data import image_files, selection

SPLITS = ("train", "validation", "test")
SPLIT_OF = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
"""The split that a folder of this name holds, in small letters."""
LAYOUT = "FOLDER/train/CLASS/*.jpg and FOLDER/test/CLASS/*.jpg, or FOLDER/CLASS/*.jpg"

# What Windows, macOS and Synology's disks leave behind; a name that starts with a dot is hidden, too.
LEFTOVERS = {"thumbs.db", "desktop.ini", "__macosx", "icon\r", "@eadir"}
# A constant of its own: the images drawn for testing stay the same, as those held out for validation do.
TEST_SEED = 20_261
FEWEST_DRAWN = 3  # images of a class, where the course draws the splits: one for each


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which files of a folder are read, and as what."""

    prefixes: dict[str, str]  # where each split lies: {"train": "Training/"}; "" where the course draws it
    classes: dict[str, dict[str, list[str]]]  # {split: {class name: [path, …]}}, below the folder, with "/"
    notes: tuple[str, ...]  # sentences: what is not read, and what the course decided

    @property
    def drawn(self) -> bool:
        """Whether the course draws the splits, since the folder has none."""
        return not self.prefixes["train"]

    def paths(self, split: str) -> list[str]:
        """List the files of a split, class by class, each class sorted by name."""
        return [path for paths in self.classes[split].values() for path in paths]

    def names(self, split: str) -> list[str]:
        """List what `paths` lists by names that are the same on every system, "train/cat/1.jpg"."""
        return [f"{split}/{_nfc(path.removeprefix(self.prefixes[split]))}" for path in self.paths(split)]


def plan(root: pathlib.Path, names: Iterable[str]) -> Plan:
    """Decide what of a folder is read, from the names of the files and folders below it.

    The names come in any order, with "/" between parts and after a folder's; `root` is for sentences only.

    Raises:
        DataError: if the layout is not `LAYOUT` (splits are known by all names in `SPLIT_OF`), there are
            fewer than two classes, a class is empty or missing from a split, or a name is no text.
    """
    names = sorted(name for name in names if not any(map(is_leftover, name.split("/"))))
    _check_text(root, names)
    folders = folders_read(names)
    own = _splits(root, folders)
    if not own:
        _check_no_splits_below(root, names, folders)
    prefixes = own or {"train": ""}
    classes = {split: _classes(root, prefix, names) for split, prefix in prefixes.items()}
    _check_classes(root, prefixes, classes)
    notes = _notes(root, folders, names)
    if not own:
        prefixes = {"train": "", "test": ""}
        classes = _drawn(root, classes["train"])
        notes = [
            f"{root} has no folders for train and test, so its images are split here, always the same way: a "
            "fifth of each class for testing, a tenth of the rest for validation.",
            *notes,
        ]
    return Plan(prefixes, classes, tuple(notes))


def is_leftover(name: str) -> bool:
    """Tell whether a file or folder is hidden, or left there by a system: it does not count at all."""
    return name.startswith(".") or name.casefold() in LEFTOVERS


def folders_read(names: Iterable[str]) -> list[str]:
    """List the folders right below the root that are read: those of splits if there are any, else all."""
    top = sorted({name.split("/")[0] for name in names if "/" in name})
    visible = [folder for folder in top if not is_leftover(folder)]
    return [folder for folder in visible if folder.casefold() in SPLIT_OF] or visible


def _check_text(root, names):
    for name in (os.fspath(root), *names):
        try:
            name.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(name).decode(errors="backslashreplace")
            raise errors.DataError(
                f"The name '{shown}' is not UTF-8, as after unpacking a zip of another system; rename it."
            ) from None


def _splits(root, folders):
    found = {}
    for folder in folders:
        split = SPLIT_OF.get(folder.casefold())
        if split and split in found:
            raise errors.DataError(
                f"The folder {root} has two subfolders for the split {split}, '{found[split]}' and "
                f"'{folder}'; put all its images into one of them."
            )
        if split:
            found[split] = folder
    if found and "train" not in found:
        raise errors.DataError(
            f"The folder {root} has no subfolder 'train' beside '{next(iter(found.values()))}'; what is "
            f"needed is {LAYOUT}."
        )
    return {split: f"{found[split]}/" for split in SPLITS if split in found}


def _check_no_splits_below(root, names, folders):
    # What only looks like `FOLDER/CLASS`: its "classes" would be splits.
    alike = {}
    for folder in folders:
        for word in re.findall("[a-z]+", folder.casefold()):  # "seg_train", "Training set"
            if word in SPLIT_OF:
                alike.setdefault(folder, SPLIT_OF[word])
    if "train" in alike.values() and len(set(alike.values())) > 1:
        listed = words.listing(f"'{folder}'" for folder in alike)
        raise errors.DataError(
            f"The folder {root} has {listed}, which look like splits; call them train, validation and test."
        )
    for *path, _ in (name.split("/") for name in names):
        for depth, folder in enumerate(path):
            if depth and folder.casefold() in SPLIT_OF:
                around = root.joinpath(*path[:depth])
                raise errors.DataError(
                    f"{around} has a subfolder '{folder}': either {around} itself is the data set, or its "
                    f"splits must stand above the classes; what is needed is {LAYOUT}."
                )


def _classes(root, prefix, names):
    files = collections.defaultdict(list)
    for name in names:
        folder, slash, _ = name.removeprefix(prefix).partition("/")
        if name.startswith(prefix) and slash:
            files[_nfc(folder)].append(name)
    if not files:
        raise errors.DataError(f"{root / prefix} has no class folders; what is needed is {LAYOUT}.")
    return {folder: _images(root / prefix / folder, files[folder]) for folder in sorted(files)}


def _images(folder, names):
    images = sorted(filter(image_files.is_image, names), key=lambda name: (_nfc(name), name))
    if not images:
        others = _by_ending(name for name in names if not name.endswith("/"))
        kinds = ", ".join(image_files.SUFFIXES)
        raise errors.DataError(
            f"The class folder {folder} has no images ({kinds}){f', only {others}' if others else ''}; add "
            "some or remove it."
        )
    return images


def _check_classes(root, prefixes, classes):
    train = classes["train"]
    for split, other in classes.items():
        for name in sorted(set(train) ^ set(other)):
            here, there = (split, "train") if name in train else ("train", split)
            alike = [one for one in classes[here] if one.casefold() == name.casefold()]
            hint = f" (there is '{alike[0]}' in its place)" if alike else ""
            raise errors.DataError(
                f"Class '{name}' is missing from {root / prefixes[here]}{hint}, though it is in "
                f"{root / prefixes[there]}; every split needs every class."
            )
    if len(train) < selection.FEWEST:
        raise errors.DataError(
            f"The folder {root} has one class only, '{next(iter(train))}', and nothing to tell it apart "
            f"from; what is needed is {LAYOUT}."
        )


def _notes(root, folders, names):
    unread = sorted({name.split("/")[0] for name in names if "/" in name} - {*folders})
    files = [name for name in names if not name.endswith("/") and name.split("/")[0] not in unread]
    depth = int(folders[0].casefold() in SPLIT_OF)  # of the class folders
    loose = sorted(name for name in files if image_files.is_image(name) and name.count("/") <= depth)
    others = [name for name in files if not image_files.is_image(name)]
    notes = []
    if unread:
        listed = words.listing(f"'{folder}'" for folder in unread)
        why = "a split is called train, validation (val, valid, dev) or test"
        notes.append(f"{root}: {listed} {_are(unread)} not read, since {why}.")
    if loose:
        why = f"in no class folder, such as {loose[0]}"
        notes.append(f"{root}: {_counted(len(loose), 'image')} {_are(loose)} not read, being {why}.")
    if others:
        kinds = ", ".join(image_files.SUFFIXES)
        why = f"only {kinds}; convert them if they are photos"
        notes.append(f"{root}: {_by_ending(others)} {_are(others)} not read, {why}.")
    return notes


def _are(things):
    return "is" if len(things) == 1 else "are"


def _by_ending(names):
    """Count files by their endings: "30 .HEIC files and 1 file without an ending"."""
    endings = collections.Counter(os.path.splitext(name)[1] for name in sorted(names))
    return words.listing(
        _counted(count, f"{ending} file".strip()) + ("" if ending else " without an ending")
        for ending, count in endings.most_common()
    )


def _counted(count, noun):
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _drawn(root, classes):
    train, test = {}, {}
    for label, (name, paths) in enumerate(classes.items()):
        if len(paths) < FEWEST_DRAWN:
            raise errors.DataError(
                f"Class '{name}' of {root} has {_counted(len(paths), 'image')}, too few to split; have at "
                f"least {FEWEST_DRAWN}, or make folders for train and test."
            )
        count = max(1, round(len(paths) / 5))
        drawn = {paths[place] for place in selection.draw(np.arange(len(paths)), count, TEST_SEED, label)}
        test[name] = [path for path in paths if path in drawn]
        train[name] = [path for path in paths if path not in drawn]
    return {"train": train, "test": test}


def _nfc(name):
    # macOS may take letters and accents apart, and it is the same name.
    return unicodedata.normalize("NFC", name)
