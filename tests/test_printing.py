"""What is printed reaches every stdout, whatever its encoding lacks: nothing ends in a UnicodeEncodeError.

How whole commands print is tried in test_command_lines.py and test_experiment.py.
"""

import io
import os
import subprocess
import sys

import pytest

from utils import words
from utils.experiment import __main__ as experiment_command
from utils.experiment import view_predictions
from utils.grading import __main__ as grading_command
from utils.grading import submission

MAINS = {
    "experiment": experiment_command.main,
    "view_predictions": view_predictions.main,
    "grading": grading_command.main,
    "submission": submission.main,
}
MISSING = "./\uc5c6\uc74c"  # Korean: "there is none"
WORDS = {
    "experiment": ["--dataset", MISSING, "--out", "{folder}"],
    "view_predictions": [MISSING, "--out", "{folder}"],
    "grading": [MISSING, "--out", "{folder}"],
    "submission": [MISSING, "--out", "{folder}/new"],
}


@pytest.fixture
def stream(monkeypatch):
    """A function that puts a stream with an encoding, strict as a file's is, in place of both."""

    def made(encoding):
        found = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", found)
        monkeypatch.setattr(sys, "stderr", found)
        return found

    return made


def printed(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        # A list of sounds redirected to a file on Windows: https://github.com/xinjli/allosaurus/issues/73
        ("cp1252", "-1.5 -> “a”… é \\uac15 \\u02d0 \\udcff"),
        # A command in a container: https://github.com/singnet/snet-cli/issues/183
        ("ascii", '-1.5 -> "a"... \\xe9 \\uac15 \\u02d0 \\udcff'),
        ("cp949", "-1.5 → “a”… \\xe9 \uac15 ː \\udcff"),
        ("utf-8", "\N{MINUS SIGN}1.5 → “a”… é \uac15 ː \\udcff"),
    ],
)
def test_signs_that_an_encoding_lacks_become_plain_ones(stream, encoding, expected):
    found = stream(encoding)
    words.print_anywhere()
    print(f"{words.signed(-1.5)} → “a”… é \uac15 ː \udcff", end="")
    assert printed(found) == expected


def test_a_stream_without_an_encoding_is_left_alone(monkeypatch):
    """As in a notebook, or in a window's program, which has none."""
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    monkeypatch.setattr(sys, "stderr", None)
    words.print_anywhere()
    print("→")
    assert notebook.getvalue() == "→\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", MAINS)
def test_every_main_tells_its_error_in_any_encoding(stream, tmp_path, name, encoding):
    found = stream(encoding)
    assert MAINS[name]([word.format(folder=tmp_path) for word in WORDS[name]]) == 2
    text = printed(found)
    assert text.startswith("Error: ") and "\\uc5c6\\uc74c" in text and text.count("\n") == 1


REPORT = """
from utils import quiet
import numpy as np
from utils import checks, mixing

def broken(images, labels, *, seed):
    return images[::-1], labels

print(checks.check_augmentation(broken, kind="mix", draws=8))
print("\\u2212 \\u2192 \\uac15")
"""


@pytest.mark.slow
def test_a_script_may_print_a_report_into_a_file(tmp_path):
    """As on Windows: `python script.py > report.txt`."""
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    with (tmp_path / "report.txt").open("wb") as file:
        command = [sys.executable, "-c", REPORT]
        done = subprocess.run(command, env=environment, stdout=file, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.txt").read_text(encoding="cp1252")
    assert "FAIL" in text and text.endswith("- -> \\uac15\n")
