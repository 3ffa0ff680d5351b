import errno
import os
import pathlib
import subprocess
import sys
import time

import pytest

from utils import files


def test_bytes_and_text_arrive_in_new_folders(tmp_path):
    files.write_whole(tmp_path / "a" / "b" / "text.txt", "λ = 1")
    files.write_whole(tmp_path / "bytes.bin", b"\x00\xff")
    assert (tmp_path / "a" / "b" / "text.txt").read_text(encoding="utf-8") == "λ = 1"
    assert (tmp_path / "bytes.bin").read_bytes() == b"\x00\xff"


def test_a_full_disk_keeps_the_old_file_and_leaves_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    files.write_whole(path, "old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(files.WriteError, match=r"Cannot write .*results\.json: No space left on device\."):
        files.write_whole(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(files.WriteError, match=r"Cannot write .*taken.*choose another folder"):
        files.write_whole(tmp_path / "taken" / "x.json", "{}")


# ---- what killed processes have left -----------------------------------------------------------------------

WRITE_AND_DIE = """
import os, pathlib, signal
from utils import files

os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
files.write_whole("result.json", "half")
"""


def left_behind(folder, age):
    """Let a process be killed in the middle of writing; what it leaves is `age` seconds old."""
    environment = os.environ | {"PYTHONPATH": str(pathlib.Path(files.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE], cwd=folder, env=environment, check=False)
    (path,) = folder.iterdir()
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_what_a_killed_process_left_is_swept(tmp_path):
    """149 MB of such files lay in https://github.com/MikkoParkkola/trvl/issues/513."""
    left_behind(tmp_path, age=4000)
    files.write_whole(tmp_path / "other.txt", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]


def test_what_another_process_may_still_write_is_left_alone(tmp_path):
    """An hour is what https://github.com/Comfy-Org/comfy-cli/pull/689 waits, too."""
    path = left_behind(tmp_path, age=3000)
    files.write_whole(tmp_path / "other.txt", "whole")
    assert path.exists()


def test_temporary_files_are_hidden_and_no_runs(tmp_path):
    """Else they are read as results: https://github.com/Kozea/Radicale/issues/443."""
    path = left_behind(tmp_path, age=0)
    assert path.name.startswith(".") and path.suffix == ".tmp" and len(path.name) < 30


def test_nobody_elses_files_are_swept(tmp_path):
    for name in (".result.json.abcd1234", "notes.tmp", ".course-notes.txt", "course-a.tmp"):
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (0, 0))
    files.write_whole(tmp_path / "other.txt", "whole")
    assert len(list(tmp_path.iterdir())) == 5


def test_a_temporary_folder_is_swept_with_what_it_holds(tmp_path):
    left = tmp_path / ".course-abcd1234.tmp"
    (left / "fresh").mkdir(parents=True)
    (left / "fresh" / "manifest.json").write_text("{}")
    os.utime(left, (0, 0))
    with files.temporary_folder(tmp_path) as folder:
        assert [path for path in tmp_path.iterdir()] == [pathlib.Path(folder)]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_no_rest(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_whole(tmp_path / "a.txt", "new")
    assert list(tmp_path.iterdir()) == []


# ---- other people's files and names ------------------------------------------------------------------------


def test_what_is_no_utf8_is_written_as_escapes(tmp_path):
    """A file name of another encoding: https://github.com/cloud-gov/pages-build-container/issues/98."""
    files.write_whole(tmp_path / "a.html", "<p>\udcb0\udcad</p>")
    assert (tmp_path / "a.html").read_bytes() == rb"<p>\udcb0\udcad</p>"


def test_only_the_courses_own_file_may_be_replaced(tmp_path):
    """Somebody's key was replaced: https://github.com/sgallagher/sscg/issues/7."""
    path = tmp_path / "report.html"
    files.check_own(path, "<title>Mine")  # nothing is there
    path.write_text("<html><title>Mine and yours")
    files.check_own(path, "<title>Mine")
    path.write_text("")
    files.check_own(path, "<title>Mine")  # nothing to lose
    path.write_text("<html><title>Yours")
    with pytest.raises(files.WriteError, match=r"report\.html is there already and was not written by"):
        files.check_own(path, "<title>Mine")


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(files.WriteError, match=r"report\.html, which is in the way"):
        files.check_own(tmp_path / "report.html", "mark")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_by_its_mark(encoding):
    """Notepad writes one: https://github.com/Nayjest/lm-proxy/issues/79.

    PowerShell writes UTF-16: https://github.com/pre-commit/pre-commit/issues/1550.
    """
    assert files.decoded("λ = 1\n".encode(encoding)) == "λ = 1\n"


def test_text_of_another_encoding_is_not_guessed():
    with pytest.raises(UnicodeDecodeError):
        files.decoded("\uac15".encode("cp949"))
    assert files.decoded("\uac15".encode("cp949"), errors="replace") == "\ufffd\ufffd"
