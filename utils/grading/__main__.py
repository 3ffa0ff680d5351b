"""Grade submissions: `python -m utils.grading SUBMISSIONS --out DIR`.

SUBMISSIONS is a folder of submissions, or one of them: a folder or a zip as `utils.grading.submission` packs
it, or what Moodle or Canvas made of them. DIR gets `grades.csv`, `index.html` for the instructor, a page for
each student in `return/`, tables for the import, and `instructor.csv`, in which points and comments can be
entered: the same command then takes them in.

Stop it at any time: the same command goes on from there.

What judges and draws is imported once the arguments are checked, since that takes seconds.
"""

import argparse
import pathlib
import shutil
import sys
from collections.abc import Sequence

import tqdm

from utils import data, errors, files, words
from utils.grading import archive, roster, spreadsheet, true_labels, workers

# What is written anew each time, and what each has near its beginning: it tells them from somebody else's.
_MARKS = {"index.html": "<title>Overview: ", "grades.csv": "submission,student,"}
_PRELOAD = ("utils.grading.grader", "pandas", "PIL.PngImagePlugin", "PIL.JpegImagePlugin")
_SECONDS, _MEMORY = 120, 1_500_000_000  # for one submission, read as data
_TENSORFLOW_SECONDS, _TENSORFLOW_MEMORY = 900, 16_000_000_000  # of addresses, of which it uses a few


def grade(
    place: str | pathlib.Path,
    out: str | pathlib.Path,
    *,
    rubric_file: str | pathlib.Path | None = None,
    dataset: str = "toy_dogs",
    reevaluate: bool = False,
    roster_file: str | pathlib.Path | None = None,
) -> pathlib.Path:
    """Grade all submissions in `place`, one or a folder of them, write tables and pages to the folder `out`.

    The other arguments are those of the command line. Returns the path of the overview page.

    Raises:
        errors.CourseError: with one sentence for the instructor.
    """
    place, out = pathlib.Path(place), pathlib.Path(out)
    if out.resolve().is_relative_to(place.resolve()):
        raise errors.CourseError(f"{out} lies among the submissions: choose a folder outside of {place}.")
    for name, mark in _MARKS.items():
        files.check_own(out / name, mark)
    sources = archive.find(place)
    data.require(dataset)
    from utils.grading import rubric  # after the checks

    rubric_file = rubric_file or rubric.DEFAULT
    sheet = spreadsheet.InstructorSheet(out / "instructor.csv", rubric.most_points(rubric.load(rubric_file)))
    students = roster.load(roster_file) if roster_file else []
    from utils.grading import grader, pages

    work = out / ".work"
    try:
        labels = true_labels.labels_file(dataset, work)
        shared = {"rubric": str(rubric_file), "labels": str(labels)}
        shared["reevaluate"] = dataset if reevaluate else ""
        tasks = [grader.task(source, out, work, **shared) for source in sources]
        graded = workers.run(
            grader.grade,
            tasks,
            seconds=_SECONDS + reevaluate * _TENSORFLOW_SECONDS,
            memory=_TENSORFLOW_MEMORY if reevaluate else _MEMORY,
            preload=_PRELOAD,
        )
        for task, reason in tqdm.tqdm(graded, total=len(tasks), unit="submission"):
            if reason:
                grader.write_failure(task, reason)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    told = [
        f"instructor.csv has points or comments for {name}, which is no submission here."
        for name in sheet.match(task.submission for task in tasks)
    ]
    for sentence in told:
        print(sentence, file=sys.stderr)
    return pages.write(out, [task.result for task in tasks], sheet, students, told)


def _parsed(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m utils.grading",
        description="Grade submissions by the rubric, with the evidence for every point. Submissions are "
        "read as data, and nothing in them is run.",
    )
    parser.add_argument(
        "place", metavar="submissions", help="a folder of submissions, or one of them (a folder or a zip)"
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="where grades and pages go")
    parser.add_argument("--rubric", dest="rubric_file", metavar="FILE", help="your copy of rubric.toml")
    parser.add_argument(
        "--roster", dest="roster_file", metavar="FILE", help="the class: a CSV file with id, name and lms_id"
    )
    parser.add_argument("--dataset", default="toy_dogs", help="what the students had to use")
    parser.add_argument(
        "--reevaluate",
        action="store_true",
        help="also load the weights, as arrays, into the course's own model and count its test accuracy",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, 2 for bad input, 130 when interrupted."""
    words.print_anywhere()
    chosen = _parsed(arguments)
    try:
        page = grade(**vars(chosen))
    except errors.CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What is graded is kept: the same command goes on from there.", file=sys.stderr)
        return 130
    print(f"Grades: {page.with_name('grades.csv')}")
    print(f"Overview: {page}")
    print(f"Your points and comments: {page.with_name('instructor.csv')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
