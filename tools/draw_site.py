"""Draw what the website shows besides the lessons: its pictures, the explorer's, and the report.

    python -m tools.draw_site

All of it goes to docs/ and is committed, so that the site is built without TensorFlow. A test draws a strip
of the explorer anew and compares.
"""

import functools
import io
import json
import pathlib
import shlex
import subprocess
import sys

import numpy as np
from PIL import Image

from utils import charts, data, explorer, figures, files, quiet  # noqa: F401
from utils.experiment import runs

ROOT = pathlib.Path(__file__).parents[1]
DOCS = ROOT / "docs"
STRIPS = DOCS / "_static" / "explorer"
REFERENCE = pathlib.Path("solutions/results/project")
LEVELS = range(6)
FRONT = {  # the picture of the front page: an operation and its level
    "rotate": 2,
    "random_resized_crop": 3,
    "rand_augment": 4,
    "grid_mask": 3,
    "cutmix": 3,
    "mixup": 3,
}


@functools.cache
def _changed(name, level, draw):
    return explorer.change(name, level, draw, *explorer.batch())


def _number(breed):
    return data.info("toy_dogs").class_names.index(breed)


def strip(breed: str, name: str) -> np.ndarray:
    """The pictures of one dog under one operation: a row for each draw, a column for each strength.

    Returns:
        uint8 `[3 · SIZE, 6 · SIZE, 3]`.
    """
    rows = [
        np.concatenate([_changed(name, level, draw)[0][_number(breed)] for level in LEVELS], axis=1)
        for draw in range(explorer.DRAWS)
    ]
    return np.concatenate(rows)


def label(breed: str, name: str, level: int, draw: int) -> str:
    """The label in words: `saffrel`, or `0.62 saffrel + 0.38 frostpaw`."""
    mixed = _changed(name, level, draw)[1][_number(breed)]
    return charts.label_text(mixed, data.info("toy_dogs").class_names).replace("\n+", " + ")


def webp(picture: np.ndarray) -> bytes:
    """A picture, uint8 `[H, W, 3]`, as the bytes of a small file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="webp", quality=75, method=6)
    return file.getvalue()


def write_explorer() -> None:
    """Write a strip for each dog and operation, and what the page says about each picture."""
    images, _ = explorer.batch()
    labels = {}
    for breed in explorer.SHOWN:
        files.write_whole(STRIPS / f"{breed}.webp", webp(images[_number(breed)]))
        for name in explorer.OPERATIONS:
            files.write_whole(STRIPS / f"{breed}-{name}.webp", webp(strip(breed, name)))
            labels[f"{breed}-{name}"] = [
                [label(breed, name, level, draw) for level in LEVELS] for draw in range(explorer.DRAWS)
            ]
    codes = {name: [explorer.code(name, level) for level in LEVELS] for name in explorer.OPERATIONS}
    content = json.dumps({"breeds": explorer.SHOWN, "codes": codes, "labels": labels}, indent=1)
    files.write_whole(STRIPS / "explorer.js", f"const EXPLORER = {content};\n")


def write_front() -> None:
    """Write the picture of the front page: two dogs, and what six operations make of them."""
    images, _ = explorer.batch()
    shown, captions = [], []
    for draw, breed in enumerate(explorer.SHOWN[1:3], start=1):
        shown += [
            images[_number(breed)],
            *(_changed(*what, draw)[0][_number(breed)] for what in FRONT.items()),
        ]
        captions += [
            f"as it is\n{breed}",
            *(
                f"{name}\n{label(breed, name, level, draw)}".replace(" + ", "\n+ ")
                for name, level in FRONT.items()
            ),
        ]
    large = [np.asarray(Image.fromarray(one).resize((288, 288), Image.Resampling.LANCZOS)) for one in shown]
    figures.save(
        figures.pictures(large, captions, columns=len(FRONT) + 1, inches=1.6), DOCS / "pictures" / "front.png"
    )


def write_results() -> None:
    """Write the chart of the reference project, with its alt text beside it, and its report."""
    order = shlex.split((ROOT / REFERENCE / "command.txt").read_text(encoding="utf-8"))
    subprocess.run([sys.executable, *order[1:]], cwd=ROOT, check=True)
    files.write_whole(DOCS / "extra" / "report.html", (ROOT / REFERENCE / "report.html").read_bytes())
    figure, alt = charts.difference(runs.read_folder(ROOT / REFERENCE))
    figures.save(figure, DOCS / "pictures" / "results.png")
    print("results.png:", alt)


def main() -> None:
    """Draw everything."""
    write_explorer()
    write_front()
    write_results()


if __name__ == "__main__":
    main()
