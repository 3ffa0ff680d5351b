"""Measure the lessons: words, lines of code in sight, lines that draw, honest minutes.

    python -m tools.measure_lessons          every lesson
    python -m tools.measure_lessons --aim    exit with 1 where a lesson is over the aim

The main road ends at the heading "For the curious"; hints and answers lie beside it. A cell tagged
`hide-input` draws. In sight, a cell draws when it shows a figure, or when most of its lines belong to one: a
rough count.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

from tools import lessons

ROOT = pathlib.Path(__file__).parents[1]
MOST_WORDS, MOST_CODE, MOST_DRAWING = 2_000, 150, 0.2  # the aim; the last is a share of the code in sight
WORDS_A_MINUTE, CODE_A_MINUTE, EXERCISE_MINUTES = 150, 8, 7

_CURIOUS = re.compile(r"^#+ .*for the curious", re.IGNORECASE | re.MULTILINE)
_CLOSED_TEXT = re.compile(r"<details>.*?</details>", re.DOTALL)
_SHOWS = re.compile(r"figures\.show|plt\.show")
_DRAWS = re.compile(
    r"figures\.|charts\.|plt\.|axis\.|axes|alt=|imshow|subplots|\.set_title|\.plot\(|\.bar\(|\.hist\(|cmap"
)


@dataclasses.dataclass
class Size:
    """Words and lines of a lesson; `words`, `code` and `drawing_in_sight` are those of the main road."""

    words: int = 0
    all_words: int = 0
    code: int = 0
    drawing: int = 0
    drawing_in_sight: int = 0
    exercises: int = 0

    @property
    def share(self) -> float:
        """The share of the code in sight that draws."""
        return self.drawing_in_sight / max(1, self.code)

    @property
    def minutes(self) -> float:
        """An honest time: reading, reading code, and exercises."""
        return self.words / WORDS_A_MINUTE + self.code / CODE_A_MINUTE + EXERCISE_MINUTES * self.exercises

    def is_over(self) -> bool:
        """Whether the lesson is over the aim; for words and code, by more than a tenth."""
        long = self.words > 1.1 * MOST_WORDS or self.code > 1.1 * MOST_CODE
        return long or self.share > MOST_DRAWING


def measure(lesson: lessons.Lesson) -> Size:
    """Count a lesson's words and lines."""
    size, on_road = Size(exercises=len(lesson.exercises)), True
    for cell in lesson.cells:
        if cell.kind == "markdown":
            on_road = on_road and not _CURIOUS.search(cell.source)
            size.all_words += len(cell.source.split())
            size.words += len(_CLOSED_TEXT.sub("", cell.source).split()) if on_road else 0
            continue
        lines = [line for line in cell.solution.splitlines() if line.strip()]
        if "hide-input" in cell.tags:
            size.drawing += len(lines)
        elif on_road:
            size.code += len(lines)
            size.drawing_in_sight += len(lines) if _is_drawing(lines) else 0
    size.drawing += size.drawing_in_sight
    return size


def _is_drawing(lines):
    shows = any(map(_SHOWS.search, lines))
    return shows or sum(bool(_DRAWS.search(line)) for line in lines) * 2 > len(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.measure_lessons", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--aim", action="store_true", help="exit with 1 where a lesson is over the aim")
    parser.add_argument("--solutions", type=pathlib.Path, default=ROOT / "solutions", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    sizes = {path.stem: measure(lessons.read(path)) for path in lessons.paths(chosen.solutions)}
    print(f"{'lesson':32}{'words':>6}{'all':>6}{'code':>6}{'drawing':>9}{'in sight':>10}{'ex.':>5}{'min':>5}")
    for name, size in sizes.items():
        print(
            f"{name:32}{size.words:6}{size.all_words:6}{size.code:6}{size.drawing:9}{size.share:10.0%}"
            f"{size.exercises:5}{size.minutes:5.0f}"
        )
    over = sum(size.is_over() for size in sizes.values())
    print(
        f"{over} of {len(sizes)} lessons over the aim: {MOST_WORDS:,} words, {MOST_CODE} lines of code in "
        f"sight (a tenth more is allowed), {MOST_DRAWING:.0%} of them drawing"
    )
    return 1 if chosen.aim and over else 0


if __name__ == "__main__":
    sys.exit(main())
