"""Copy the student's notebooks for Colab: each with a first cell that brings the course along.

    python -m tools.publish_notebooks https://github.com/OWNER/NAME runs/published

The workflow does this for the site's buttons; `notebooks/` stays as it is. A local
repository's path serves as well as an address.
"""

import argparse
import pathlib

import nbformat

from utils import files

ROOT = pathlib.Path(__file__).parents[1]

# Installed, not editable: a kernel that runs already finds a new folder in site-packages, but no new path.
FIRST_CELL = """# @title The course: on Colab run this first; where it is installed, this does nothing
import importlib.metadata
import os
import subprocess
import sys

course = "image-augmentation-course"
try:
    importlib.metadata.version(course)
except importlib.metadata.PackageNotFoundError:
    if not os.path.isdir(course):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", "ADDRESS", course], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", f"./{course}[EXTRA]"], check=True)
if os.path.isdir(course):
    os.chdir(f"{course}/notebooks")  # lessons read ../solutions/results"""


def published(notebook: nbformat.NotebookNode, address: str) -> nbformat.NotebookNode:
    """The notebook with the first cell, whose code is closed until a reader opens it."""
    extra = "torch" if any("import torch\n" in cell.source for cell in notebook.cells) else "lessons"
    cell = nbformat.v4.new_code_cell(
        FIRST_CELL.replace("ADDRESS", address).replace("EXTRA", extra),
        id="the-course",
        metadata={"cellView": "form", "jupyter": {"source_hidden": True}},
    )
    return nbformat.v4.new_notebook(cells=[cell, *notebook.cells], metadata=notebook.metadata)


def main(arguments: list[str] | None = None) -> None:
    """Write a copy of every notebook."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.publish_notebooks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("address", help="of the repository that the first cell clones")
    parser.add_argument("out", type=pathlib.Path, help="folder of the copies")
    arguments = parser.parse_args(arguments)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = published(nbformat.read(path, as_version=4), arguments.address)
        files.write_whole(arguments.out / path.name, nbformat.writes(notebook) + "\n")


if __name__ == "__main__":
    main()
