import errno
import os

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
