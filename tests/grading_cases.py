"""What classes hand in: broken, hostile and merely real-life submissions, with what each should get.

A kind has cases: {name: Case(make, told, lost)}. `make(place, honest)` makes one submission in the empty
folder `place`, mostly from a copy of `honest`, a packed submission that earns every point. `told` are parts
of sentences for the instructor (none: nothing could not be used); `lost` is {check: points}, or NOTHING where
no point is earned.
"""

import dataclasses
import json
import os
import re
import shutil
import struct
import unicodedata
import zipfile
from collections.abc import Callable

import numpy as np
import projects

from utils import experiment
from utils.grading import analysis as analysis_text

NOTHING = "no point"


@dataclasses.dataclass(frozen=True)
class Case:
    make: Callable
    told: tuple[str, ...] = ()
    lost: dict | str = dataclasses.field(default_factory=dict)


def case(make, *told, lost=None):
    return Case(make, told, lost or {})


def refused(make, *told):
    return Case(make, told, NOTHING)


# ---- to make files -------------------------------------------------------------------------------------


def copy(honest, path):
    return shutil.copytree(honest, path)


def zipped(folder, path, root="submission", extra=()):
    """Write the files of a folder, below `root`, and (name, content) members to a zip; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")) if folder else ():
            if file.is_file():
                archive.write(file, "/".join(filter(None, (root, file.relative_to(folder).as_posix()))))
        for name, content in extra:
            archive.writestr(name, content)
    return path


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def manifest(folder, **changes):
    projects.edit(folder / "manifest.json", **changes)


def version(honest, path, *, changed, words):
    """Write a zip with another analysis, whose manifest says when its files last changed."""
    folder = copy(honest, path.with_suffix(""))
    (folder / "analysis.md").write_text(words)
    manifest(folder, changed=changed, sha256={"analysis.md": words})
    zipped(folder, path)
    shutil.rmtree(folder)


def project_of(student, honest, path):
    """Copy the honest submission under another student's id."""
    folder = copy(honest, path)
    projects.edit(folder / "project.json", student=student)
    manifest(folder, student=student, sha256={"of": student})
    return folder


# ---- to make a submission from the honest one, wherever it lies ----------------------------------------


def spoiled(change):
    """A copy of the honest submission, changed."""

    def make(place, honest):
        change(copy(honest, place / "ada"))

    return make


def at(*parts):
    return lambda place, honest: copy(honest, place.joinpath("entry", *parts))


def zip_at(name, *extra, root="submission"):
    return lambda place, honest: zipped(honest, place / name, root, extra)


def beside(*files, name="submission.zip"):
    """A folder with the zip and other files."""

    def make(place, honest):
        zipped(honest, place / "entry" / name)
        for other, content in files:
            write(place / "entry" / other, content)

    return make


def inside(depth, name="entry.zip"):
    """The zip in a zip, `depth` times."""

    def make(place, honest):
        path = zipped(honest, place.parent / "0.zip")
        for number in range(1, depth + 1):
            outer = place.parent / f"{number}.zip"
            zipped(None, outer, extra=[(f"folder/{path.name}", path.read_bytes())])
            path = outer
        path.rename(place / name)

    return make


def only(name, content):
    return lambda place, honest: write(place / name, content)


def versions(*dates, name="version {}.zip"):
    """Several versions of one project: those that the manifest calls older have no analysis."""

    def make(place, honest):
        newest = max(date or "" for date in dates)
        for number, date in enumerate(dates):
            words = f"{projects.ANALYSIS} {number}" if date == newest else f"later {number}"
            version(honest, place / "entry" / name.format(number), changed=date, words=words)

    return make


def copies(*names):
    def make(place, honest):
        for name in names:
            zipped(honest, place / "entry" / name)

    return make


def students(*names, put=lambda folder, path: zipped(folder, path.with_suffix(".zip"))):
    def make(place, honest):
        for name in names:
            folder = project_of(name, honest, place.parent / name)
            put(folder, place / "entry" / name)

    return make


def unpacked(folder, path):
    """Put a project as it was before packing."""
    shutil.copytree(folder, path, ignore=shutil.ignore_patterns("manifest.json"))


def project_folder(place, honest):
    """The project's own folder zipped, with what was packed inside it."""
    folder = place.parent / "project_ada"
    unpacked(honest, folder)
    copy(honest, folder / "submission_ada")
    zipped(honest, folder / "submission_ada.zip", "submission_ada")
    zipped(folder, place / "project_ada.zip", "project_ada")


def whole_course(place, honest):
    """All of the course, with its own project beside the student's."""
    course = place.parent / "course"
    unpacked(honest, course / "runs" / "project_ada")
    copy(honest, course / "runs" / "project_ada" / "submission_ada")
    folder = project_of("reference", honest, place.parent / "reference")
    unpacked(folder, course / "runs" / "project_reference")
    copy(folder, course / "runs" / "project_reference" / "submission_reference")
    write(course / "site" / "manifest.json", '{"name": "a web page"}')
    write(course / "notebooks" / "14_comparison_project.ipynb", "{}")
    zipped(course, place / "image-augmentation-course-main.zip", "image-augmentation-course-main")


def course_without_packing(place, honest):
    course = place.parent / "course"
    unpacked(honest, course / "runs" / "project_ada")
    unpacked(
        project_of("reference", honest, place.parent / "reference"), course / "runs" / "project_reference"
    )
    zipped(course, place / "course.zip", "course")


def packed_and_another(place, honest):
    copy(honest, place / "entry" / "mine")
    unpacked(project_of("bob", honest, place.parent / "bob"), place / "entry" / "bobs")


def canvas(*names):
    def make(place, honest):
        for name in names:
            zipped(honest, place / name) if name.endswith(".zip") else write(place / name, b"%PDF-1.4")

    return make


def canvas_again(place, honest):
    version(honest, place / "kim_12_500_submission.zip", changed="2026-01-01T00:00:00Z", words="later")
    version(
        honest, place / "kim_12_501_submission-1.zip", changed="2026-02-01T00:00:00Z", words=projects.ANALYSIS
    )


def backslashes(place, honest):
    with zipfile.ZipFile(place / "entry.zip", "w") as archive:
        for file in sorted(honest.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo("x")
                entry.filename = "\\".join(("submission", *file.relative_to(honest).parts))
                archive.writestr(entry, file.read_bytes())


def renamed(*pairs):
    def change(folder):
        for old, new in pairs:
            (folder / old).rename(folder / "between")
            (folder / "between").rename(folder / new)

    return spoiled(change)


def cut(place, honest):
    path = zipped(honest, place / "entry.zip")
    path.write_bytes(path.read_bytes()[:-3000])


def password(place, honest):
    path = zipped(honest, place / "entry.zip")
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(signature), bytes(content)):
            content[match.start() + offset] |= 1
    path.write_bytes(content)


def bomb(size, inner=False):
    def make(place, honest):
        path = place / "entry.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip" if inner else "submission/runs/x.json", bytes(size))

    return make


def lying_bomb(place, honest):
    """A member that claims 100 bytes and unpacks to 30 MB."""
    path = place / "entry.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", bytes(30_000_000))
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 30_000_000), struct.pack("<I", 100)))


def crowd(place, honest):
    zipped(None, place / "entry.zip", extra=[(f"{number}", "") for number in range(5001)])


def link(place, honest):
    entry = zipfile.ZipInfo("submission/extra.ipynb")
    entry.external_attr = 0o120777 << 16
    zipped(honest, place / "entry.zip", extra=[(entry, "/etc/passwd")])


# ---- to change what is in it ---------------------------------------------------------------------------


def runs_of(folder, name):
    return sorted(folder.glob(f"runs/{name}-seed*.json"))


def edit_runs(names, **changes):
    """Change fields of all runs of these variants; a function is called with the run's fields."""

    def change(folder):
        for name in names:
            for path in runs_of(folder, name):
                fields = json.loads(path.read_text())
                projects.edit(
                    path,
                    **{key: value(fields) if callable(value) else value for key, value in changes.items()},
                )

    return spoiled(change)


def called(old, new, functions=None):
    """The runs of one variant under another name, with those functions."""
    changes = {} if functions is None else {"functions": functions}
    return edit_runs([old], augmentation=new, **changes)


def settings(**changes):
    return lambda fields: fields["settings"] | changes


def epochs(count):
    return lambda fields: projects.history(fields["validation_accuracy"], epochs=count)


def own(verdict, source=projects.FUNCTION["source"]):
    return {"cutmix": {"source": source, "verdict": verdict}}


EVERY = (*projects.ACCURACIES, *projects.OWN)


def without(*names):
    def change(folder):
        for name in names:
            for path in runs_of(folder, name):
                path.unlink()

    return spoiled(change)


def analysis(text, encoding="utf-8"):
    return spoiled(lambda folder: (folder / "analysis.md").write_bytes(text.encode(encoding)))


def replace(name, content):
    return spoiled(lambda folder: write(folder / name, content))


def delete(*names):
    return spoiled(lambda folder: [(folder / name).unlink() for name in names])


def gain(hits):
    """The best augmentation gets so many of 1,200 images more right than `none`."""

    def make(place, honest):
        def accuracy(name, number):
            none = 816 + 3 * number
            if name not in ("none", "basic"):
                return (none - 240) / 1200
            return (none + (name == "basic") * (hits + [1, -1, 0][number])) / 1200

        folder = projects.write_project(place / "ada", seeds=3, accuracy=accuracy)
        shutil.copy(honest / "notebook.ipynb", folder)
        (folder / "analysis.md").write_text(projects.ANALYSIS)

    return make


def copied_run(folder):
    """A run handed in once more as if it were another seed's."""
    fields = json.loads(runs_of(folder, "basic")[0].read_text())
    (folder / "runs" / "basic-seed5.json").write_text(json.dumps(fields | {"seed": 5}))


def others_runs(folder):
    shutil.rmtree(folder / "runs")
    for number, seed in enumerate(experiment.seeds_of("somebody", 3)):
        for name in EVERY:
            projects.write_run(folder / "runs", name, seed, projects.accuracy_of(name, number))


def linked_analysis(folder):
    (folder / "analysis.md").unlink()
    (folder / "analysis.md").symlink_to("/etc/passwd")


def pipe(folder):
    (folder / "analysis.md").unlink()
    os.mkfifo(folder / "analysis.md")  # to read it would take forever


def other_images(folder):
    for path in runs_of(folder, "basic"):
        predictions = path.with_name(json.loads(path.read_text())["predictions"])
        with np.load(predictions) as arrays:
            reversed_ = {name: arrays[name][::-1] for name in arrays}
        projects.save_arrays(predictions, **reversed_)


def no_probabilities(folder):
    path = runs_of(folder, "basic")[0]
    predictions = path.with_name(json.loads(path.read_text())["predictions"])
    with np.load(predictions) as arrays:
        projects.save_arrays(predictions, probabilities=arrays["probabilities"] * 3, labels=arrays["labels"])


KOREAN = (
    "none은 기준이고 basic은 가장 좋았다. cutmix와 mixup은 조금 나았지만 차이는 분명하지 않았다. "
    "시드를 바꾸어 여러 번 훈련하면 구간이 좁아진다. "
)
KOREAN_WORDS = "증강 없음이 기준이고 기본 증강은 가장 좋았다. 컷믹스와 믹스업은 조금 나았지만 분명하지 않다. "
JAPANESE = "増強なしと基本の増強を比べた。カットミックスとミックスアップは少し悪いが、差ははっきりしない。"
CHINESE = "无增强是基准，基本增强最好。剪切混合和混合增强稍好一些，但差别并不明显，需要更多的种子。"
THAI = "none และ basic กับ cutmix และ mixup เปรียบเทียบกันแล้วต่างกันไม่มากนักต้องฝึกเพิ่มอีกหลายครั้ง"
TEMPLATE = "# Analysis\n\n<!-- Write below. What did you expect, and why? "
MIX = {"cutmix applied to a ResNet": 5, "cutmix converges": 10}
NOT_CUTMIX = MIX | {"variants": 1.25, "paired seeds": 5}
NO_GAIN = {"gain": 30, "interval": 10}
MIXUP = {"mixup applied to a ResNet": 5, "mixup converges": 10}
# Without the runs of basic the best is cutmix, which gains three points.
NOT_BASIC = {"gain": 12, "variants": 1.25, "paired seeds": 5}
LOST_ANALYSIS = {"analysis": 10}
IDLE = "is not used: it mixes nothing, or too few images to count as a mix."
PDF, ZIP = b"%PDF-1.7\n", b"PK\x03\x04"
UNREADABLE = "It is not a zip that can be read."

KINDS = {
    # ---- find the submission ---------------------------------------------------------------------------
    "as it should be": {
        "a folder": case(at()),
        "a zip": case(zip_at("ada.zip")),
        "a zip without a folder in it": case(zip_at("ada.zip", root="")),
        "with capitals in its ending": case(zip_at("ADA.ZIP")),
    },
    "folders in folders": {
        "two": case(at("Projects", "mine")),
        "five": case(at(*"abcde")),
        "with odd names": case(at("내 과제 (최종)", "Größe & mehr", "new folder")),
        "zip in folders": case(lambda place, honest: zipped(honest, place / "entry" / "a" / "b" / "s.zip")),
    },
    "zips in zips": {
        "one": case(inside(1)),
        "two": case(inside(2)),
        "too many": refused(inside(6), "There is no project in it"),
        "a zip that is broken beside it": case(beside(("old.zip", b"PK no zip"))),
    },
    "other files beside it": {
        "a PDF": case(beside(("report.pdf", PDF))),
        "an essay": case(beside(("essay.docx", ZIP), ("notes.txt", "To do"))),
        "pictures": case(beside(("photo.png", projects.PNG), ("thumb/photo.png", projects.PNG))),
    },
    "several versions": {
        "two": case(
            versions("2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z"), "It holds two versions", "version 1.zip"
        ),
        "the newest has the first name": case(
            versions("2026-06-02T10:00:00Z", "2026-06-01T10:00:00Z"), "It holds two versions", "version 0.zip"
        ),
        "three": case(
            versions("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"), "three versions"
        ),
        "copies of one": case(copies("submission.zip", "submission (1).zip", "submission - Copy.zip")),
        "of one time": refused(
            versions("2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z"),
            "It holds two projects",
            "version 0.zip",
            "version 1.zip",
        ),
        "without a time": refused(
            versions(None, None), "It holds two projects", "version 0.zip", "version 1.zip"
        ),
    },
    "several students": {
        "two zips": refused(students("ada", "bob"), "It holds two projects", "of ada", "of bob"),
        "three folders": refused(
            students("ada", "bob", "eve", put=shutil.copytree), "of ada", "of bob", "of eve"
        ),
        "two that are not packed": refused(students("ada", "bob", put=unpacked), "of ada", "of bob"),
    },
    "the manifest decides": {
        "the project's own folder": case(project_folder),
        "the whole course": case(whole_course),
        "the whole course, nothing packed": case(course_without_packing, "There is no manifest.json"),
        "another's project beside it": case(packed_and_another, "It holds two projects", "mine"),
    },
    "a group's folder": {
        "by its name": case(
            lambda place, honest: zipped(honest, place / "Group 3" / "ada" / "submission.zip")
        ),
        "as Moodle names it": case(
            lambda place, honest: zipped(honest, place / "Gruppe 3_17_assignsubmission_file" / "s.zip")
        ),
    },
    "from Moodle": {
        "a folder": case(
            lambda place, honest: zipped(honest, place / "Ada L_17_assignsubmission_file" / "s.zip")
        ),
        "as it was before 4.1": case(
            lambda place, honest: zipped(honest, place / "Ada L_17_assignsubmission_file_" / "s.zip")
        ),
        "without folders": case(zip_at("Ada L_17_assignsubmission_file_submission.zip")),
        "with an online text": case(
            lambda place, honest: (
                zipped(honest, place / "강 아지_17_assignsubmission_file" / "s.zip"),
                write(place / "강 아지_17_assignsubmission_onlinetext" / "onlinetext.html", "<p>Done!</p>"),
            )
        ),
        "an online text alone": refused(
            only("Ada_17_assignsubmission_onlinetext/onlinetext.html", "<!DOCTYPE html><p>Done!</p>"),
            "There is no project in it",
            "onlinetext.html",
        ),
    },
    "from Canvas": {
        "a file": case(canvas("lovelaceada_12_500_submission.zip")),
        "late": case(canvas("lovelaceada_LATE_12_500_submission.zip")),
        "with a report": case(canvas("lovelaceada_12_499_report.pdf", "lovelaceada_12_500_submission.zip")),
        "handed in again": case(canvas_again, "It holds two versions", "kim_12_501_submission-1.zip"),
    },
    "what macOS leaves": {
        "resource forks": case(
            zip_at(
                "a.zip",
                ("__MACOSX/submission/._project.json", b"\0\5"),
                ("submission/._analysis.md", b"\0\5"),
            )
        ),
        "a desktop's file": case(
            zip_at("a.zip", ("submission/.DS_Store", b"\0"), ("submission/runs/.DS_Store", b""))
        ),
        "runs of a Mac": case(zip_at("a.zip", ("__MACOSX/submission/runs/._basic-seed1.json", b"\0\5"))),
    },
    "what Windows leaves": {
        "thumbnails": case(
            zip_at("a.zip", ("submission/figures/Thumbs.db", b"\0"), ("submission/desktop.ini", b""))
        ),
        "backslashes": case(backslashes),
    },
    "any case": {
        "runs": case(renamed(("runs", "Runs"))),
        "analysis": case(renamed(("analysis.md", "ANALYSIS.MD"))),
        "all": case(
            renamed(
                ("runs", "RUNS"),
                ("analysis.md", "Analysis.md"),
                ("figures", "Figures"),
                ("project.json", "Project.json"),
            )
        ),
        "pictures": case(renamed(("figures/comparison.png", "figures/Comparison.PNG"))),
        "analysis as a text": case(renamed(("analysis.md", "analysis.md.txt"))),
    },
    "other archives": {
        "7z": refused(only("ada.7z", b"7z\xbc\xaf\x27\x1c\0\4"), "It is a 7z archive, not a zip"),
        "rar": refused(only("ada.rar", b"Rar!\x1a\x07\x01\0"), "It is a RAR archive, not a zip"),
        "tar.gz": refused(only("ada.tar.gz", b"\x1f\x8b\x08\0"), "It is a gzip archive, not a zip"),
        "tar.xz": refused(only("ada.tar.xz", b"\xfd7zXZ\0"), "It is an xz archive, not a zip"),
        "with another ending": refused(only("ada.zip", b"Rar!\x1a\x07\0"), "It is a RAR archive, not a zip"),
        "in a folder": refused(
            only("ada/work.7z", b"7z\xbc\xaf\x27\x1c"), "There is no project in it", "work.7z (a 7z archive)"
        ),
    },
    "something else": {
        "a PDF": refused(only("ada.pdf", PDF), "It is a PDF, not a zip"),
        "a text": refused(only("essay.txt", "I did all of it."), UNREADABLE),
        "an essay": refused(
            lambda place, honest: zipped(None, place / "essay.docx", extra=[("word/document.xml", "<a/>")]),
            "There is no project in it",
        ),
        "an empty folder": refused(
            lambda place, honest: (place / "ada").mkdir(), "There is no project in it", "empty"
        ),
        "an empty zip": refused(
            lambda place, honest: zipped(None, place / "ada.zip"), "There is no project in it"
        ),
        "a notebook alone": refused(
            only("ada/notebook.ipynb", "{}"), "There is no project in it", "notebook.ipynb"
        ),
    },
    "damaged zips": {
        "cut": refused(cut, UNREADABLE),
        "empty": refused(only("ada.zip", b""), UNREADABLE),
        "noise": refused(only("ada.zip", bytes(range(256)) * 40), UNREADABLE),
        "with a password": refused(password, "cannot be read: it is damaged, or has a password."),
    },
    "hostile zips": {
        "out of the folder": case(
            zip_at("a.zip", ("submission/runs/../../../evil.json", "{}"), ("../evil", "")), "points out"
        ),
        "absolute": case(zip_at("a.zip", ("/tmp/evil.json", "{}")), "points out of the submission"),
        "a drive": case(zip_at("a.zip", ("C:\\evil.json", "{}")), "points out of the submission"),
        "a link": case(link, "is a link, which is not followed."),
        "a bomb": refused(bomb(50_000_000), "is left out: it is larger than 4 MB."),
        "a bomb in a zip": refused(bomb(210_000_000, inner=True), "There is no project in it"),
        "a bomb that lies": refused(lying_bomb, "cannot be read: it is damaged, or has a password."),
        "a crowd": refused(crowd, "It holds more than 5,000 files."),
    },
    "hostile folders": {
        "a link": refused(
            lambda place, honest: (place / "ada").symlink_to(honest), "It is a link, which is not followed."
        ),
        "a linked analysis": case(spoiled(linked_analysis), "analysis.md is a link", lost=LOST_ANALYSIS),
        "a pipe": case(spoiled(pipe), "analysis.md is missing.", lost=LOST_ANALYSIS),
    },
    # ---- no points for what did not happen -------------------------------------------------------------
    "a mix that mixes nothing": {
        "rate 0": case(called("cutmix", "cutmix(rate=0)"), IDLE, lost=NOT_CUTMIX),
        "until nothing": case(called("cutmix", "cutmix(until=0.01)"), IDLE, lost=NOT_CUTMIX),
        "hardly anything": case(called("cutmix", "cutmix(rate=0.4,until=0.5)"), IDLE, lost=NOT_CUTMIX),
        "alpha of nearly nothing": case(called("cutmix", "cutmix(alpha=0.0001)"), IDLE, lost=NOT_CUTMIX),
        "a function that returns what it gets": case(
            edit_runs(
                ["cutmix"], functions=own("3 of 12 checks failed: mixes, seeds differ, fresh in tf.data.")
            ),
            IDLE,
            lost=NOT_CUTMIX,
        ),
        "half of the time": case(called("cutmix", "cutmix(rate=0.5,until=0.7)")),
    },
    "a variant that there is not": {
        "a setting": case(
            called("mixup", "mixup(bananas=1)", {}),
            "has no setting 'bananas'",
            lost=MIXUP | {"variants": 1.25, "paired seeds": 5},
        ),
        "a setting of one's own function": case(
            called("cutmix", "cutmix(bananas=1)"), "has no setting 'bananas'", lost=NOT_CUTMIX
        ),
        "a word": case(called("cutmix", "magic"), "Unknown augmentation 'magic'", lost=NOT_CUTMIX),
        "a rate of 2": case(called("cutmix", "cutmix(rate=2)"), "rate is a probability", lost=NOT_CUTMIX),
        "two mixes": case(called("cutmix", "cutmix+mixup"), "a mix must stand last", lost=NOT_CUTMIX),
        "a function of one's own": case(
            called(
                "rand_augment",
                "mine(strength=3)",
                {
                    "mine": {
                        "source": "def f(images, *, seed, strength=1): ...",
                        "verdict": "All 9 checks passed.",
                    }
                },
            )
        ),
    },
    "unequal conditions": {
        "none for 20 epochs": case(
            edit_runs(["none"], history=epochs(20)), lost=NO_GAIN | {"equal conditions": 5}
        ),
        "none with one shot": case(
            edit_runs(["none"], settings=settings(shots=1)), lost=NO_GAIN | {"equal conditions": 5}
        ),
        "basic with another rate": case(
            edit_runs(["basic"], settings=settings(learning_rate=0.1)),
            lost={"gain": 12, "equal conditions": 5},
        ),
        "basic on other data": case(
            edit_runs(["basic"], identity=projects.IDENTITY | {"data": "e"}),
            lost={"gain": 12, "equal conditions": 5},
        ),
    },
    "few epochs": {
        "19": case(
            edit_runs(EVERY, history=epochs(19)),
            lost={"cutmix converges": 0.5, "mixup converges": 0.5, "gain": 1.5, "interval": 0.5},
        ),
        "10": case(
            edit_runs(EVERY, history=epochs(10)),
            lost={"cutmix converges": 5, "mixup converges": 5, "gain": 15, "interval": 5},
        ),
        "3": case(
            edit_runs(EVERY, history=epochs(3)),
            lost={"cutmix converges": 10, "mixup converges": 10, "gain": 25.5, "interval": 8.5},
        ),
        "20": case(edit_runs(EVERY, history=epochs(20))),
    },
    "somebody else's": {
        "the id reference": case(
            lambda place, honest: project_of("reference", honest, place / "ada"),
            "The id is that of the course's own project",
        ),
        "a run twice": case(spoiled(copied_run), "The same predictions in"),
        "another's seeds": case(spoiled(others_runs), "Seeds that do not follow from the id"),
        "the course's functions": case(
            edit_runs(["cutmix", "mixup"], functions={}),
            lost={"cutmix applied to a ResNet": 5, "mixup applied to a ResNet": 5},
        ),
    },
    "numbers that do not fit": {
        "a better test accuracy": case(
            edit_runs(["basic"], test_accuracy=0.99), "but its predictions give", lost=NOT_BASIC
        ),
        "a better validation accuracy": case(
            edit_runs(["basic"], validation_accuracy=0.99), "says another validation accuracy", lost=NOT_BASIC
        ),
        "other test images": case(spoiled(other_images), "was tested on other images", lost=NOT_BASIC),
        "no probabilities": case(
            spoiled(no_probabilities),
            "has predictions that are not probabilities.",
            lost={"paired seeds": 5 / 3},
        ),
    },
    "not as packed": {
        "analysis mended": case(
            analysis(projects.ANALYSIS + " And more."), "Manifest: analysis.md was changed after packing."
        ),
        "a figure more": case(replace("figures/more.png", projects.PNG), "was added after packing"),
        "no notebook": case(delete("notebook.ipynb"), "was packed and is not there"),
        "a manifest of nonsense": case(
            replace("manifest.json", '{"sha256": 3}'), "manifest.json cannot be read."
        ),
        "not packed at all": case(delete("manifest.json"), "There is no manifest.json"),
    },
    # ---- no points lost for nothing --------------------------------------------------------------------
    "Korean": {
        "particles": case(analysis(KOREAN * 6)),
        "own words": case(analysis(KOREAN_WORDS * 8)),
        "emphasized": case(analysis("_none_ **basic** `cutmix` *mixup* " + "word " * 100)),
        "decomposed": case(analysis(unicodedata.normalize("NFD", KOREAN_WORDS * 8))),
        "without spaces": case(analysis(KOREAN_WORDS.replace(" ", "") * 8)),
        "too short": case(analysis(KOREAN), lost=LOST_ANALYSIS),
    },
    "other scripts": {
        "Japanese": case(analysis(JAPANESE * 6)),
        "Chinese": case(analysis(CHINESE * 6)),
        "Thai": case(analysis(THAI * 5)),
        "Chinese, too short": case(analysis(CHINESE * 2), lost=LOST_ANALYSIS),
        "words that only look alike": case(
            analysis("Nonetheless, in one case basically all remixed upper cuts. " * 20), lost=LOST_ANALYSIS
        ),
    },
    "other encodings": {
        "UTF-8 with a mark": case(analysis(KOREAN * 6, "utf-8-sig")),
        "UTF-16": case(analysis(KOREAN * 6, "utf-16")),
        "UTF-16 without a mark": case(
            analysis(KOREAN * 6, "utf-16-le"), "analysis.md is no UTF-8: it is read as UTF-16"
        ),
        "cp949": case(analysis(KOREAN * 6, "cp949"), "analysis.md is no UTF-8: it is read as cp949"),
        "cp1252": case(
            analysis("Größe: " + projects.ANALYSIS, "cp1252"), "analysis.md is no UTF-8: it is read as cp1252"
        ),
        "project.json in UTF-16": case(replace("project.json", '{"student": "ada"}'.encode("utf-16"))),
    },
    "in the template's comment": {
        "all of it": case(
            analysis(f"{TEMPLATE}\n{projects.ANALYSIS}\n-->\n"), "The analysis stands in the comment"
        ),
        "the comment never ends": case(
            analysis(f"{TEMPLATE}\n{projects.ANALYSIS}"), "The analysis stands in the comment"
        ),
        "the template alone": case(analysis(analysis_text.TEMPLATE), lost=LOST_ANALYSIS),
        "below it": case(analysis(analysis_text.TEMPLATE + projects.ANALYSIS)),
    },
    "other versions": {
        "of Python": case(edit_runs(EVERY, versions={"python": "3.13.1", "tensorflow": "2.20.0"})),
        "half of the runs": case(edit_runs(["none", "basic"], versions={"python": "3.13.1"})),
        "of no kind": case(edit_runs(EVERY, versions=["3.13"])),
    },
    "names of networks": {
        name: case(edit_runs(EVERY, settings=settings(model=name)))
        for name in ("ResNet50", "resnet-50", "ResNet 50", "Small ResNet")
    }
    | {
        "another network": case(edit_runs(EVERY, settings=settings(model="DenseNet121")), lost=MIX | MIXUP),
        "spelled in two ways": case(edit_runs(["none"], settings=settings(model="Small-ResNet"))),
    },
    "a gain by its scale": {
        f"{hits} images": case(gain(hits), lost={"gain": 30 - points} if points < 30 else {})
        for hits, points in ((60, 30), (59, 24), (48, 24), (47, 18), (24, 12), (12, 6), (11, 0))
    }
    | {"none": case(gain(0), lost=NO_GAIN), "a loss": case(gain(-60), lost=NO_GAIN)},
    "unusual and right": {
        "an old notebook": case(
            replace("notebook.ipynb", '{"worksheets": [{"cells": [{"cell_type": "code", "input": "1"}]}]}')
        ),
        "an id in capitals": case(lambda place, honest: project_of("ADA", honest, place / "ada")),
        "a diverged run": case(
            edit_runs(
                ["trivial_augment"],
                history=lambda fields: [epoch | {"train_loss": float("nan")} for epoch in fields["history"]],
            )
        ),
        "a photograph as figure": case(
            replace("figures/comparison.png", b"\xff\xd8\xff\xe0JFIF"),
            "comparison.png is not a PNG picture.",
            lost={"figures": 2.5},
        ),
    },
    "less than asked": {
        "no analysis": case(delete("analysis.md"), "analysis.md is missing.", lost=LOST_ANALYSIS),
        "no none": case(without("none"), lost=NO_GAIN | {"variants": 1.25, "paired seeds": 5}),
        "no basic": case(without("basic"), lost=NOT_BASIC),
        "one variant of one's own": case(without("rand_augment"), lost=NO_GAIN),
        "no runs": case(
            without(*EVERY),
            "There are no runs in the folder runs.",
            lost=MIX | MIXUP | NO_GAIN | {"variants": 5, "equal conditions": 5, "paired seeds": 5},
        ),
        "one mistake in the function": case(
            edit_runs(["cutmix"], functions=own("1 of 17 checks failed: label share.")),
            lost={"cutmix applied to a ResNet": 2.5},
        ),
    },
}
CASES = {f"{kind}: {name}": each for kind, cases in KINDS.items() for name, each in cases.items()}
