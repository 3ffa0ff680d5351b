"""What a folder holds, told from names alone: our plan against a plain one of the test's own."""

import collections
import pathlib
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import data
from utils.data import folders, listing

ROOT = pathlib.Path("photos")

# What is said of each reason to refuse a folder.
REFUSALS = {
    "a split twice": "two subfolders for the split",
    "no train": "no subfolder 'train' beside",
    "splits by other names": "look like splits",
    "splits below": "has a subfolder",
    "no classes": "has no class folders",
    "empty class": "has no images",
    "missing class": "is missing from",
    "one class": "one class only",
    "too few": "too few to split",
    "no text": "is not UTF-8",
}

# ---- the oracle ------------------------------------------------------------------------------------------

IMAGE = re.compile(r".+\.(jpg|jpeg|jpe|jfif|png|webp|avif|bmp|gif|tif|tiff)", re.IGNORECASE)
SPLITS = {
    "train": re.compile("train(ing)?", re.IGNORECASE),
    "validation": re.compile("val(id(ation)?)?|dev", re.IGNORECASE),
    "test": re.compile("test(ing)?", re.IGNORECASE),
}


def split_of(folder):
    return next((split for split, known in SPLITS.items() if known.fullmatch(folder)), None)


def resembled(folder):
    """The split named by a whole word of a folder's name."""
    found = {split_of(word) for word in re.split("[^a-z]", folder.lower())} - {None}
    return min(found, default=None)


def tree_of(names):
    """Turn names into dicts of dicts; a file is `None`. What is hidden or left over is left out."""
    tree = {}
    for name in names:
        parts = name.strip("/").split("/")
        if any(re.match(r"\.|(thumbs\.db|desktop\.ini|__macosx|@eadir)$", part, re.I) for part in parts):
            continue
        place = tree
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        if name.endswith("/"):
            place.setdefault(parts[-1], {})
        else:
            place[parts[-1]] = None
    return tree


def files_of(tree, above=""):
    """All files of a tree, as paths."""
    for name, below in tree.items():
        if below is None:
            yield f"{above}{name}"
        else:
            yield from files_of(below, f"{above}{name}/")


def subfolders(tree):
    return {name: below for name, below in tree.items() if below is not None}


def holds_a_split(tree):
    return any(split_of(name) or holds_a_split(below) for name, below in subfolders(tree).items())


def classes_of(tree, above):
    """The images of each class of a split: `{class: {path, …}}`."""
    found = collections.defaultdict(set)
    for name, below in subfolders(tree).items():
        images = {path for path in files_of(below, f"{above}{name}/") if IMAGE.fullmatch(path.split("/")[-1])}
        found[unicodedata.normalize("NFC", name)] |= images
    return dict(found)


def oracle(names):
    """Return every reason to refuse a listing, and its classes by split ("" where there are no splits)."""
    tree = tree_of(names)
    reasons = set()
    if any(re.search("[\ud800-\udfff]", path) for path in names if tree_of([path])):
        reasons.add("no text")
    by_split = collections.defaultdict(list)
    for name in subfolders(tree):
        by_split[split_of(name)].append(name)
    by_split.pop(None, None)
    if by_split:
        if any(len(found) > 1 for found in by_split.values()):
            reasons.add("a split twice")
        if "train" not in by_split:
            reasons.add("no train")
        pools = {split: classes_of(tree[found[0]], f"{found[0]}/") for split, found in by_split.items()}
    else:
        alike = {resembled(name) for name in subfolders(tree)} - {None}
        if "train" in alike and len(alike) > 1:
            reasons.add("splits by other names")
        if any(map(holds_a_split, subfolders(tree).values())):
            reasons.add("splits below")
        pools = {"": classes_of(tree, "")}
        if any(0 < len(images) < 3 for images in pools[""].values()):
            reasons.add("too few")
    if any(not classes for classes in pools.values()):
        reasons.add("no classes")
    if any(not images for classes in pools.values() for images in classes.values()):
        reasons.add("empty class")
    if any(classes.keys() != other.keys() for classes in pools.values() for other in pools.values()):
        reasons.add("missing class")
    if any(len(classes) == 1 for split, classes in pools.items() if split in ("train", "")):
        reasons.add("one class")
    return reasons, pools


def files_read_or_told(names, by_split):
    """All files that are to be read, or told by their ending: those of folders that are no split are not."""
    tree = tree_of(names)
    top = {name for name in subfolders(tree) if "" in by_split or split_of(name)}
    return [path for path in files_of(tree) if "/" not in path or path.split("/")[0] in top]


def agree(names):
    """Hold our plan against the oracle's; return the reason to refuse it, or "accepted"."""
    reasons, pools = oracle(names)
    try:
        found = listing.plan(ROOT, names)
    except data.DataError as error:
        said = [reason for reason, sentence in REFUSALS.items() if sentence in str(error)]
        assert len(said) == 1 and said[0] in reasons, f"{error}, but it is {reasons}"
        return said[0]
    assert not reasons
    assert found == listing.plan(ROOT, sorted(names, reverse=True))
    read = {
        split: {name: set(paths) for name, paths in classes.items()}
        for split, classes in found.classes.items()
    }
    assert all(list(classes) == sorted(classes) for classes in found.classes.values())
    if "" not in pools:
        assert read == pools and list(read) == [split for split in data.SPLITS if split in pools]
    else:
        for name, images in pools[""].items():
            train, test = read["train"][name], read["test"][name]
            assert train | test == images and not train & test
            assert len(test) == max(1, round(len(images) / 5))
    assert_told(names, pools, found)
    return "accepted"


def assert_told(names, pools, found):
    """What is not read is counted by its ending, and in no class folder."""
    told = " ".join(found.notes)
    paths = {path for split in found.classes for path in found.paths(split)}
    left = [path for path in files_read_or_told(names, pools) if path not in paths]
    loose = [path for path in left if IMAGE.fullmatch(path.split("/")[-1])]
    endings = collections.Counter(pathlib.PurePath(path).suffix for path in left if path not in loose)
    assert bool(loose) == (f"{len(loose)} image" in told)
    assert all(f"{count} {ending} file" in told for ending, count in endings.items())
    for name in subfolders(tree_of(names)):
        assert (f"'{name}'" in told) == ("" not in pools and not split_of(name))
    assert ("split here" in told) == ("" in pools)


# ---- listings --------------------------------------------------------------------------------------------

CLASSES = ("cat", "Dog", "größer", "강아지")
SPELLED = {
    "train": ("train", "Train", "training", "TRAINING"),
    "validation": ("val", "valid", "validation", "dev", "Val", "VALIDATION"),
    "test": ("test", "testing", "Test"),
}
READ = (".jpg", ".JPG", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".bmp", ".gif", ".tif", ".TIFF")
UNREAD = (".HEIC", ".txt", ".mp4", ".csv")
JUNK = (
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    ".ipynb_checkpoints/1.jpg",
    "__MACOSX/._1.jpg",
    "@eaDir/1.jpg",
)
NO_TEXT = "\udcb0\udcad.jpg"


def spelled(draw, name):
    return unicodedata.normalize(draw(st.sampled_from(("NFC", "NFD"))), name)


def images(draw, folder, at_least):
    """Some images of a class, a few of them in a subfolder."""
    count = draw(st.integers(at_least, at_least + 3))
    inner = draw(st.sampled_from(("", "", "persian/", "a/b/")))
    endings = [draw(st.sampled_from(READ)) for _ in range(count)]
    return [f"{folder}/{inner if number % 2 else ''}{number}{end}" for number, end in enumerate(endings)]


@st.composite
def listings(draw, text=True):
    """A listing that is good but for one fault at most, and perhaps a file that got lost."""
    faults = [None] * 12 + [fault for fault in REFUSALS if text or fault != "no text"]
    fault = draw(st.sampled_from(faults))
    flat = fault in ("splits by other names", "splits below", "too few")
    flat = flat or fault not in ("a split twice", "no train", "missing class") and draw(st.booleans())
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=4, unique=True))
    if fault == "one class":
        classes = classes[:1]
    optional = draw(st.sets(st.sampled_from(("validation", "test")), min_size=fault == "missing class"))
    pools = [""] if flat else [draw(st.sampled_from(SPELLED[split])) + "/" for split in ("train", *optional)]
    names = [
        name
        for pool in pools
        for one in classes
        for name in [f"{pool}{one}/", *images(draw, pool + spelled(draw, one), 3 if flat else 1)]
    ]
    for junk in draw(st.sets(st.sampled_from(JUNK))):
        names.append(draw(st.sampled_from(["", *pools, f"{pools[0]}{classes[0]}/"])) + junk)
    for number in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(["", *pools, f"{pools[0]}{classes[0]}/"]))
        names.append(f"{place}more{number}{draw(st.sampled_from((*UNREAD, '.png')))}")
    if not flat and draw(st.booleans()):
        names += ["extra/", "old/cat/1.jpg"]
    if draw(st.integers(0, 4)) == 0:
        names.remove(draw(st.sampled_from(names)))
    return spoiled(draw, fault, names, pools, classes)


def spoiled(draw, fault, names, pools, classes):
    if fault == "a split twice":
        other = draw(st.sampled_from([s for s in SPELLED["train"] if f"{s}/" != pools[0]]))
        return [*names, f"{other}/{classes[0]}/1.jpg"]
    if fault == "no train":
        return [name for name in names if not name.startswith(pools[0])] + [f"test/{classes[0]}/1.jpg"]
    if fault == "splits by other names":
        return [f"{top}/{name}" for top in ("training_set", "seg-test") for name in names]
    if fault == "splits below":
        inner = draw(st.sampled_from(("train", "Test", "photos/val")))
        return [*names, f"{classes[0]}/{inner}/1.jpg"]
    if fault == "no classes":
        return [*(name for name in names if not name.startswith(pools[0])), f"{pools[0]}1.png"]
    if fault == "empty class":
        empty = f"{pools[-1]}bat/"
        return [*names, empty, f"{empty}notes.txt"]
    if fault == "missing class":
        return [*names, f"{draw(st.sampled_from(pools))}bat/1.jpg"]
    if fault == "too few":
        return [*names, "bat/1.jpg", "bat/2.jpg"]
    if fault == "no text":
        return [*names, f"{pools[0]}{classes[0]}/{NO_TEXT}"]
    return names


def outcomes_of(examples, strategy, check):
    """Count what becomes of this many listings, which are the same on every run."""
    outcomes = collections.Counter()

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(strategy)
    def run(names):
        outcomes[check(names)] += 1

    run()
    return outcomes


def test_the_plan_is_the_oracles():
    outcomes = outcomes_of(500, listings(), agree)
    refused = outcomes.total() - outcomes["accepted"]
    assert set(outcomes) == {"accepted", *REFUSALS}
    assert min(outcomes["accepted"], refused) > outcomes.total() / 3, outcomes


def test_the_plan_of_names_is_the_plan_of_the_disk(tmp_path):
    places = (tmp_path / str(number) for number in range(10_000))

    def check(names):
        root = next(places)
        for name in names:
            path = root / name
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_bytes(b"x")
        root.mkdir(exist_ok=True)
        try:
            planned = listing.plan(root, names)
        except data.DataError as error:
            with pytest.raises(data.DataError) as caught:
                folders.find(str(root))
            assert str(caught.value) == str(error)
            return "refused"
        found = folders.find(str(root))
        assert found.class_names == tuple(planned.classes["train"])
        for split in planned.classes:
            assert found.paths(split) == [root / path for path in planned.paths(split)]
        return "accepted"

    outcomes = outcomes_of(20, listings(text=False), check)
    assert min(outcomes["accepted"], outcomes["refused"]) >= 5, outcomes
