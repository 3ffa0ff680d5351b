"""Run a student's notebook again, in a process of its own. This runs a stranger's code.

Time, memory and the size of files are bounded, and there is no network where the system can take it away
(Linux, `unshare`). That is no prison: the code can read and change whatever the account can that runs it.

    python -m utils.grading.execute NOTEBOOK OUTCOME    runs the cells here and now; `rerun` calls it
"""

import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from utils.grading import notebook

SECONDS = 3600
_MEMORY = 16_000_000_000  # of addresses; TensorFlow alone takes several GB of them
_MOST_BYTES = 1_000_000_000  # of one file that it writes
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")


@functools.cache
def without_network() -> list[str]:
    """Return the command that takes the network away from what follows it; empty where there is none."""
    command = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare"):
        return []
    works = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if works else []


def rerun(folder: str | pathlib.Path, student: str, seconds: float = SECONDS) -> tuple[bool, str]:
    """Run the notebook of a submission and return what happened: (whether all cells ran, a sentence).

    It finds its finished runs where lesson 14 puts them, and does not train those again.

    Args:
        folder: a submission as `archive.unpack` leaves it.
        student: the id in its project.json.
        seconds: how long it may take.
    """
    place = pathlib.Path(folder, "rerun").resolve()
    path = notebook.find(folder)
    if path is None:
        return False, "There is no notebook to run."
    _lay_out(pathlib.Path(folder), place, student, path)
    ended = _call(place, seconds)
    network = "without a network" if without_network() else "with the network of this machine"
    if not ended:
        return False, f"Run again, {network}: it was stopped after {seconds:g} seconds."
    return _outcome(place / "outcome.json", network)


def _lay_out(folder, place, student, path):
    """Copy the notebook and the project to where lesson 14 has them: notebooks/ and runs/project_ID/."""
    (place / "notebooks").mkdir(parents=True)
    shutil.copy(path, place / "notebooks" / "14_comparison_project.ipynb")
    project = place / "runs" / f"project_{student}"
    if project.parent == place / "runs" and ".." not in project.parts:
        for part in (folder / "runs", folder / "figures"):
            if part.exists():
                shutil.copytree(part, project / part.name)
        for part in (folder / "project.json", folder / "analysis.md"):
            if part.exists():
                shutil.copy(part, project)


def _call(place, seconds):
    """Run all cells; return False where it took too long."""
    command = [*without_network(), sys.executable, "-m", "utils.grading.execute"]
    command += ["14_comparison_project.ipynb", str(place / "outcome.json")]
    process = subprocess.Popen(
        command,
        cwd=place / "notebooks",
        env=_environment(place),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        _kill(process)
    return True


def _kill(process):
    """End the process and all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(place):
    """Nothing of this account's but what Python needs, and the course's settings."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("COURSE_")}
    return kept | {"HOME": str(place), "MPLBACKEND": "Agg", "NO_ALBUMENTATIONS_UPDATE": "1"}


def _outcome(path, network):
    try:
        outcome = json.loads(path.read_bytes()[:10_000])
        failed = f"cell {int(outcome['number'])} stopped with {str(outcome['error'])[:300]}"
    except (OSError, ValueError, KeyError, TypeError):
        return False, f"Run again, {network}: it ended without a result, perhaps for lack of memory."
    if not outcome["error"]:
        return True, f"Run again, {network}: all cells ran."
    return False, f"Run again, {network}: {failed}."


# ---- in the other process ------------------------------------------------------------------------------


def _limit():
    with contextlib.suppress(ImportError):  # Windows: time alone
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_BYTES, _MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * (os.cpu_count() or 1),) * 2)
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _run_cells(cells):
    """Run the cells one after the other; return the number of the last one, and its error."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell in cells:
        result = shell.run_cell(cell.source)
        error = result.error_before_exec or result.error_in_exec
        if error:
            return {"number": cell.number, "error": f"{type(error).__name__}: {error}"}
    return {"number": len(cells), "error": ""}


def main(arguments: Sequence[str]) -> None:
    """Run the notebook `arguments[0]` and write what happened to `arguments[1]`."""
    _limit()
    path, outcome = map(pathlib.Path, arguments)
    outcome.write_text(json.dumps(_run_cells(notebook.read_file(path).cells)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
