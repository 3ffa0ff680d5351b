"""Measure our augmentations against other libraries: images per second, peak memory, errors of labels.

    python -m tools.bench                          everything, about 20 minutes on two cores
    python -m tools.bench --sizes 224 --tasks RandAugment CutMix
    python -m tools.bench --torch-python PATH      a Python that has torchvision, if this one has not
    python -m tools.bench --waiting                how long a training step waits for its data

All contestants get the same images, in batches of 32, and settings of the same strength. Each runs in a
process of its own (see `contestants`). In each repeat they run one after the other, so that a busy moment of
the machine hits all of them, and ratios are taken within a repeat; "at least so many times as fast" is the
lower quartile of them. Starting, tracing and compiling are not counted.
"""

import argparse
import csv
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import tqdm

from tools import contestants

ROOT = pathlib.Path(__file__).parents[1]
_SECONDS = 0.8  # at least so long a repeat


class Contestant:
    """A process that runs one task in one library."""

    def __init__(self, python: str, task: str, library: str, threads: int):
        command = [python, "-m", "tools.contestants", task, library, str(threads)]
        self._messages = tempfile.TemporaryFile("w+")  # noqa: SIM115  it lives as long as the process
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._messages,
        )
        self._name = f"{task} with {library}"

    def order(self, **what: int | bool) -> dict[str, Any]:
        """Send an order and return the answer."""
        try:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            self._process.kill()
            self._messages.seek(0)
            message = self._messages.read().strip().splitlines()[-1:]
            raise SystemExit(f"The contestant {self._name} has ended: {' '.join(message)}") from None

    def end(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def measure(
    task: str,
    pythons: dict[str, str | None],
    threads: int,
    sizes: Sequence[int],
    repeats: int,
    progress: tqdm.tqdm,
) -> Iterator[dict[str, Any]]:
    """Yield a dict for each library and size."""
    running = {
        library: Contestant(python, task, library, threads) for library, python in pythons.items() if python
    }
    for size in sizes:
        counts = {name: _count(one, size, threads) for name, one in running.items()}
        speeds = {name: [] for name in running}
        for _ in range(repeats):
            for name, one in running.items():
                seconds = one.order(size=size, batches=counts[name])["seconds"]
                speeds[name].append(counts[name] * contestants.BATCH_SIZE / seconds)
            progress.update()
        for name, one in running.items():
            row = {"task": task, "library": name, "size": size, "threads": threads, "speeds": speeds[name]}
            row["ratios"] = np.divide(speeds["ours"], speeds[name])
            if task in contestants.MIXES and threads == 1:
                row |= one.order(size=size, label_error=True)
            yield row | one.order(size=size, peak=True)
    for one in running.values():
        one.end()


def _count(contestant, size, threads):
    """Warm up, and return how many batches make a repeat."""
    contestant.order(size=size, batches=threads)
    seconds = contestant.order(size=size, batches=threads)["seconds"]
    return threads * max(1, min(200, round(_SECONDS / seconds)))


def quartiles(values: Iterable[float], digits: int = 0) -> list[float]:
    """Return the quartiles as numbers to read."""
    return [round(float(value), digits) for value in np.percentile(values, [25, 50, 75])]


def table_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the CSV file."""
    low, middle, high = quartiles(row["speeds"], 1)
    ratio = quartiles(row["ratios"], 2)
    return {
        "task": row["task"],
        "library": row["library"],
        "image size": row["size"],
        "threads": row["threads"],
        "images/s": middle,
        "images/s, lower quartile": low,
        "images/s, upper quartile": high,
        "ours is times as fast": ratio[1],
        "times, lower quartile": ratio[0],
        "times, upper quartile": ratio[2],
        "peak memory (MB)": row["peak"] and round(row["peak"]),
        "label error": row.get("label_error"),
    }


def show(rows: Sequence[dict[str, Any]], size: int) -> None:
    """Print a Markdown table for one image size."""
    rows = [row for row in rows if row["image size"] == size]
    all_threads = max(row["threads"] for row in rows)
    single = {(row["task"], row["library"]): row for row in rows if row["threads"] == 1}
    print(f"\n{size} px, batches of {contestants.BATCH_SIZE}, medians (quartiles)\n")
    print(f"| task | library | images/s, 1 thread | {all_threads} | ours × as fast | MB | label error |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        if row["threads"] == all_threads:
            alone = single[row["task"], row["library"]]
            error = "" if alone["label error"] is None else f"{alone['label error']:.3f}"
            cells = [row["task"], row["library"], f"{alone['images/s']:,.0f}", f"{row['images/s']:,.0f}"]
            print("|", " | ".join([*cells, _ratio(row), str(row["peak memory (MB)"]), error]), "|")


def _ratio(row):
    low, middle, high = (
        row[name] for name in ("times, lower quartile", "ours is times as fast", "times, upper quartile")
    )
    return "" if row["library"] == "ours" else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def plot(rows: Sequence[dict[str, Any]], path: pathlib.Path) -> None:
    """Draw images per second over the image size, a panel for each task, all threads."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    all_threads = max(row["threads"] for row in rows)
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    libraries = list(dict.fromkeys(row["library"] for row in rows))
    figure, panels = plt.subplots(
        1, len(tasks), figsize=(2.6 * len(tasks), 3.4), sharey=True, squeeze=False, layout="constrained"
    )
    for panel, task in zip(panels[0], tasks, strict=True):
        for number, library in enumerate(libraries):
            mine = [
                row
                for row in rows
                if (row["task"], row["library"], row["threads"]) == (task, library, all_threads)
            ]
            if mine:
                sizes, speeds = [row["image size"] for row in mine], [row["images/s"] for row in mine]
                low = np.subtract(speeds, [row["images/s, lower quartile"] for row in mine])
                high = np.subtract([row["images/s, upper quartile"] for row in mine], speeds)
                panel.errorbar(sizes, speeds, [low, high], marker="o", color=f"C{number}", label=library)
        panel.set(title=task, xscale="log", yscale="log", xlabel="image side in pixels")
        panel.set_xticks(sizes, sizes)
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel(f"images per second, {all_threads} threads")
    lines = {
        label: line
        for panel in panels[0]
        for line, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=len(lines))
    figure.savefig(path, dpi=120)


# ---- waiting for data --------------------------------------------------------------------------------------


def waiting(repeats: int, steps: int = 60) -> None:
    """Print the share of a training step that waits for data, quick profile, without and with RandAugment."""
    from utils import quiet  # noqa: F401  before TensorFlow

    # isort: split
    import tensorflow as tf

    from utils import data, models, pipeline, settings, training
    from utils.augment import policies

    chosen = settings.load(profile="quick")
    classes = len(data.info(chosen.dataset).class_names)
    images = data.load(chosen.dataset, "train", image_size=chosen.image_size).cache()
    model = models.build(chosen.model, num_classes=classes, image_size=chosen.image_size)
    training.compile_all(model, chosen.learning_rate, steps)
    augments = {"none": None, "RandAugment": policies.rand_augment()}
    batches = {
        name: iter(
            pipeline.training_batches(
                images.repeat(steps), batch_size=chosen.batch_size, num_classes=classes, augment=augment
            )
        )
        for name, augment in augments.items()
    }
    shares, milliseconds = {name: [] for name in augments}, {name: [] for name in augments}
    for repeat in tqdm.tqdm(range(repeats + 1)):
        for name, iterator in batches.items():
            waited, total = _epoch(model, iterator, steps if repeat else 10)
            if repeat:  # the first one warms up
                shares[name].append(100 * waited / total)
                milliseconds[name].append(1e3 * total / steps)
    tf.print(f"batches of {chosen.batch_size}, {chosen.image_size} px, {os.cpu_count()} cores")
    for name in augments:
        low, middle, high = quartiles(shares[name], 1)
        print(
            f"{name:12} a step takes {statistics.median(milliseconds[name]):.1f} ms, of which "
            f"{middle} % ({low} to {high} %) wait for data"
        )


def _epoch(model, batches, steps):
    """Return the seconds spent waiting for batches, and all seconds."""
    waited, start = 0.0, time.perf_counter()
    for _ in range(steps):
        before = time.perf_counter()
        images, labels = next(batches)
        waited += time.perf_counter() - before
        model.train_on_batch(images, labels)
    return waited, time.perf_counter() - start


# ---- the command -------------------------------------------------------------------------------------------


def _pythons(task, torch_python):
    """Return library -> the Python that runs it, or None if it is not installed."""
    return {
        library: torch_python if library == "torchvision" else sys.executable
        for library in contestants.TASKS[task]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 96, 224])
    parser.add_argument("--tasks", nargs="+", default=list(contestants.TASKS), choices=contestants.TASKS)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument(
        "--torch-python", default=sys.executable if importlib.util.find_spec("torchvision") else None
    )
    parser.add_argument("--waiting", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "runs/bench")
    options = parser.parse_args()
    if options.waiting:
        return waiting(options.repeats)

    all_threads = [1, os.cpu_count()] if os.cpu_count() > 1 else [1]
    rows = []
    with tqdm.tqdm(
        total=len(options.tasks) * len(all_threads) * len(options.sizes) * options.repeats
    ) as progress:
        for task in options.tasks:
            for threads in all_threads:
                progress.set_description(f"{task}, {threads} threads")
                pythons = _pythons(task, options.torch_python)
                found = measure(task, pythons, threads, sorted(options.sizes), options.repeats, progress)
                rows += map(table_row, found)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "bench.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, options.out / "bench.png")
    for size in sorted(options.sizes):
        show(rows, size)
    print(f"\n{options.out / 'bench.csv'}\n{options.out / 'bench.png'}")


if __name__ == "__main__":
    main()
