"""Whatever command is the first on a fresh clone, it works: nothing is prepared, nothing is left over."""

import contextlib
import csv
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import projects
import pytest

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).resolve().parents[1]
SECONDS = 300  # machines of CI are neither fast nor quiet

# As Jupyter runs a lesson: one cell after the other, in the folder of the notebooks.
LESSON = """
import json, sys

names = {}
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
for cell in cells:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), names)
    if "train" in names:
        break
image, label = next(iter(names["train"]))
print(names["data"].__file__, image.shape, len(names["train"]))
"""


def files_of_the_tree():
    """List what a clone would hold, were everything committed that is not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what a clone would hold cannot be told")
    return sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


@pytest.fixture
def clone(tmp_path):
    """Copy the tree, as fresh as a clone."""
    copy = tmp_path / "clone"
    for name in files_of_the_tree():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    assert not prepared(copy).exists()
    return copy


def prepared(clone):
    return clone / "data" / "prepared"


def recipe(target, *more, **variables):
    """Return the command of a target of the Makefile and `more` words, for the Python that runs the tests."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1].splitlines()
    [line] = [line.strip("\t@") for line in lines if "$(RUN) -m" in line]
    for name, value in variables.items():
        line = line.replace(f"$({name})", str(value))
    run, *words = shlex.split(line)
    assert run == "$(RUN)" and not any("$" in word for word in words), line
    return [sys.executable, *words, *more]


def run(clone, command, folder="."):
    """Run a command in a fresh clone, see that it ends well and leaves no process; return what it printed."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    settings["PYTHONPATH"] = os.pathsep.join([str(clone), str(clone / "data")])
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "encoding": "utf-8"}
    with subprocess.Popen(
        command, cwd=clone / folder, env=settings, start_new_session=True, **streams
    ) as process:
        try:
            printed, _ = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, printed
            assert os.name != "posix" or no_process_in_group(process.pid)
        finally:
            end_group(process)
    return printed


def end_group(process):
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def no_process_in_group(number):
    """Tell whether all processes of a group have ended, if need be after a few seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_the_clones_own_code_runs(clone):
    code = "import utils, toy_dogs; print(utils.__file__); print(toy_dogs.__file__)"
    expected = [clone / "utils" / "__init__.py", clone / "data" / "toy_dogs" / "__init__.py"]
    assert run(clone, [sys.executable, "-c", code]).splitlines() == [str(path) for path in expected]


def test_a_comparison_draws_the_images_and_the_first_lesson_reads_them(clone):
    """A tenth of the images is drawn: all of them take a minute."""
    builder = clone / "data" / "toy_dogs" / "toy_dogs_dataset_builder.py"
    counts, text = '{"train": 60, "validation": 25, "test": 100}', builder.read_text("utf-8")
    assert counts in text
    builder.write_text(text.replace(counts, '{"train": 6, "validation": 3, "test": 2}'), "utf-8")
    fewer = "--augment none basic --epochs 1 --seeds 1 --image-size 16 --workers 1 --out runs/x"
    run(clone, recipe("project", *fewer.split()))
    finished = [json.loads(path.read_text()) for path in (clone / "runs" / "x").glob("*-seed*.json")]
    assert sorted(run["augmentation"] for run in finished) == ["basic", "none"]
    assert (clone / "runs" / "x" / "report.html").exists()
    assert prepared(clone).exists()

    lesson = clone / "notebooks" / "01_loading_data.ipynb"
    printed = run(clone, [sys.executable, "-c", LESSON, str(lesson)], folder="notebooks")
    last = printed.splitlines()[-1]
    assert last.startswith(str(clone / "utils" / "data")) and last.endswith(" 72")


def test_grading(clone):
    """The true labels belong to the code: nothing is drawn."""
    projects.write_project(clone / "submissions" / projects.STUDENT, seeds=1)
    run(clone, recipe("grade", SUBMISSIONS="submissions", OUT="grades", CLASS_LIST=""))
    with open(clone / "grades" / "grades.csv", encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert projects.STUDENT in row.values()
    assert not prepared(clone).exists()


def test_a_submission(clone):
    projects.write_project(clone / "runs" / "project_ada", seeds=1)
    printed = run(clone, recipe("submission", PROJECT="runs/project_ada"))
    assert "Hand in" in printed and (clone / "submission.zip").exists()
    assert not prepared(clone).exists()
