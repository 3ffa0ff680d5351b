"""Open JupyterLab on the student's own copies of the notebooks, in work/: a pull never meets an answer there.

    python -m tools.lab

A lesson of which there is no copy is copied. A copy in which nothing was written or run follows the course.
Any other stays as it is; where the course has changed since, that is said, and how to have the new one.
"""

import json
import pathlib

from utils import files

ROOT = pathlib.Path(__file__).parents[1]
_AS_COPIED = ".as_copied"  # folder in work/: the notebooks as they were copied


def update(notebooks: pathlib.Path, work: pathlib.Path) -> list[str]:
    """Copy what is new in `notebooks` to `work`.

    Returns:
        The names of the notebooks that changed in both: the student's stay as they are.

    Raises:
        WriteError: a copy cannot be written.
    """
    changed_in_both = []
    for source in sorted(notebooks.glob("*.ipynb")):
        copy, as_copied = work / source.name, work / _AS_COPIED / source.name
        new = source.read_bytes()
        if copy.exists():
            if as_copied.exists() and as_copied.read_bytes() == new:
                continue
            if _content(copy) not in (_content(as_copied), _content(source)):
                if _content(as_copied) != _content(source):
                    changed_in_both.append(source.name)
                continue
        files.write_whole(copy, new)
        files.write_whole(as_copied, new)
    return changed_in_both


def _content(path):
    """What a person writes or runs in a notebook: JupyterLab changes metadata when it only opens one.

    A file that is missing or no notebook is like no other.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [(cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return path


def main() -> None:
    """Bring the copies up to date and open them."""
    from jupyterlab import labapp

    work = ROOT / "work"
    changed = update(ROOT / "notebooks", work)
    if changed:
        print(
            f"New in the course: {', '.join(changed)}. Your own work stays as it is in work/; to have the "
            "new one beside it, rename yours and run this again."
        )
    # The file browser shows `runs`, too: there lies what a project writes.
    labapp.main([f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/work"])


if __name__ == "__main__":
    main()
