"""`pip install .` gives a course that needs its clone no more, and leaves another TensorFlow as it is."""

import ast
import importlib.metadata
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import packaging.requirements
import packaging.utils
import pytest
from test_first_commands import ROOT, files_of_the_tree

from utils.data import loading

PACKAGES = {
    "utils/": "utils/",
    "data/toy_dogs/": "toy_dogs/",
}  # where a file lies in the tree, and in the wheel
FOR_PYTORCH = {"torch", "torchvision"}  # lesson 12 alone: requirements-torch.txt

# What an import of the installed course finds, with nothing drawn.
LOOK = """
import pathlib, sys
import toy_dogs, utils
from utils import data

drawn_in = []
toy_dogs.prepare = drawn_in.append
assert data.directory() == drawn_in[0]
print(utils.__file__, toy_dogs.__file__, drawn_in[0], sep="\\n")
"""


def expected_files():
    """The files of the packages, as they are named in the wheel."""
    for name in files_of_the_tree():
        for here, there in PACKAGES.items():
            if name.startswith(here):
                yield there + name.removeprefix(here)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy of the tree, which is gone afterwards; no network is needed."""
    copy, folder = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in files_of_the_tree():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(copy)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Unpack the wheel, as pip does, for a user whose home is empty: (site-packages, home)."""
    site, home = tmp_path_factory.mktemp("site-packages"), tmp_path_factory.mktemp("home")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site, home


def run(installed, *arguments):
    """Run Python with the installed course, in the user's home; return what it printed."""
    site, home = installed
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "XDG_"))}
    settings |= {"PYTHONPATH": str(site), "HOME": str(home), "LOCALAPPDATA": str(home)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=home, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert packed == set(expected_files())


@pytest.mark.slow
def test_the_installed_course_keeps_the_toy_dogs_with_the_user(installed):
    site, home = installed
    *files, drawn_in = map(pathlib.Path, run(installed, "-c", LOOK).splitlines())
    assert files == [site / "utils" / "__init__.py", site / "toy_dogs" / "__init__.py"]
    assert drawn_in.is_relative_to(home) and drawn_in.name == "prepared"
    assert not (site / "data").exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["utils.experiment", "utils.grading", "utils.grading.submission"])
def test_the_installed_commands_tell_their_use(installed, command):
    assert run(installed, "-m", command, "--help").startswith("usage:")


def test_a_clone_keeps_the_toy_dogs_itself():
    assert loading.prepared_folder() == ROOT / "data" / "prepared"


def test_a_clone_that_may_not_be_written_keeps_them_with_the_user(monkeypatch, tmp_path):
    home = tmp_path / "data"
    (home / "toy_dogs").mkdir(parents=True)
    monkeypatch.setattr(loading, "ROOT", tmp_path)
    monkeypatch.setattr(loading.toy_dogs, "__file__", str(home / "toy_dogs" / "__init__.py"))
    assert loading.prepared_folder() == home / "prepared"
    monkeypatch.setattr(loading.os, "access", lambda path, mode: False)
    assert not loading.prepared_folder().is_relative_to(tmp_path)
    (home / "prepared").mkdir()  # by somebody who may write
    assert loading.prepared_folder() == home / "prepared"


# ---- what it needs -----------------------------------------------------------------------------------------


def dependencies():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = map(packaging.requirements.Requirement, tomllib.loads(text)["project"]["dependencies"])
    return {packaging.utils.canonicalize_name(wish.name): wish.specifier for wish in listed}


def imported():
    """The modules of others that the packages import, wherever in a file they do."""
    names = set()
    for folder in PACKAGES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {name.name for name in node.names}
                elif isinstance(node, ast.ImportFrom):
                    names.add(node.module)
    first = {name.split(".")[0] for name in names}
    return first - set(sys.stdlib_module_names) - {"utils", "toy_dogs"} - FOR_PYTORCH


def test_every_package_that_is_imported_is_asked_for():
    of_module = importlib.metadata.packages_distributions()
    missing = {
        module
        for module in imported()
        if not dependencies().keys() & set(map(packaging.utils.canonicalize_name, of_module.get(module, ())))
    }
    assert missing == set()


def test_only_tensorflow_and_keras_have_a_lowest_version_and_nothing_a_highest():
    """Else pip would replace what is there: Colab's own versions are older or newer than the pinned ones."""
    bounds = {name: str(bound) for name, bound in dependencies().items() if str(bound)}
    assert bounds.keys() == {"tensorflow", "keras"}
    assert all(bound.startswith(">=") and "," not in bound for bound in bounds.values())


def test_the_pinned_versions_are_among_those_asked_for():
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE))
    pins = {packaging.utils.canonicalize_name(name): version for name, version in pins.items()}
    assert all(bound.contains(pins[name]) for name, bound in dependencies().items())
