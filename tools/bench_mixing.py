"""Measure our CutMix and MixUp against Keras' layers, paired in one run.

    python -m tools.bench_mixing [--image-size 224] [--batch-size 32] [--repeats 15]

Each repeat runs every variant once, in turn, so that a busy moment of the machine hits all of them; the ratio
is taken within a repeat. Each is a traced `tf.function`, as inside `tf.data`; tracing is not counted.
"""

import argparse
import csv
import functools
import pathlib
import time

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import numpy as np
import tensorflow as tf

from utils import mixing


def keras(layer):
    def mix(images, labels, *, seed):
        mixed = layer({"images": images, "labels": labels}, training=True)
        return mixed["images"], mixed["labels"]

    return mix


def variants():
    """Return name -> (mix, name of what it is compared with)."""
    cutmix, mixup = tf.keras.layers.CutMix(factor=(1.0, 1.0)), tf.keras.layers.MixUp(alpha=0.2)
    return {
        "CutMix, Keras": (keras(cutmix), None),
        "CutMix, ours, a box per image": (mixing.cutmix, "CutMix, Keras"),
        "CutMix, ours, a box per batch": (
            functools.partial(mixing.cutmix, per_sample=False),
            "CutMix, Keras",
        ),
        "MixUp, Keras": (keras(mixup), None),
        "MixUp, ours, λ per image": (mixing.mixup, "MixUp, Keras"),
        "MixUp, ours, λ per batch": (functools.partial(mixing.mixup, per_sample=False), "MixUp, Keras"),
        "CutMix or MixUp, ours": (mixing.cutmix_or_mixup, "CutMix, Keras"),
    }


def traced(mix, image_size, classes):
    """Return the mix as a function on batches of unknown length."""
    signature = [
        tf.TensorSpec([None, image_size, image_size, 3], tf.uint8),
        tf.TensorSpec([None, classes], tf.float32),
        tf.TensorSpec([2], tf.int32),
    ]
    return tf.function(lambda images, labels, seed: mix(images, labels, seed=seed), input_signature=signature)


def measure(functions, images, labels, repeats, calls):
    """Return name -> seconds a batch, one for each repeat."""
    seconds = {name: [] for name in functions}
    for repeat in range(-1, repeats):  # the first one warms up
        for name, function in functions.items():
            seeds = [tf.constant([repeat, call]) for call in range(calls)]
            start = time.perf_counter()
            for seed in seeds:
                function(images, labels, seed)
            if repeat >= 0:
                seconds[name].append((time.perf_counter() - start) / calls)
    return {name: np.array(values) for name, values in seconds.items()}


def rows(seconds, baselines, batch_size):
    """Yield a row for each variant: medians, and quartiles of the paired ratio."""
    for name, values in seconds.items():
        row = {
            "variant": name,
            "milliseconds a batch": round(1e3 * float(np.median(values)), 2),
            "images/s": round(batch_size / float(np.median(values))),
        }
        if baselines[name]:
            low, middle, high = np.percentile(seconds[baselines[name]] / values, [25, 50, 75])
            row |= {"ratio": round(middle, 2), "ratio, quartiles": f"{low:.2f} to {high:.2f}"}
        yield row


def show(table):
    print(f"{'':31}{'ms a batch':>11}{'images/s':>10}{'times Keras':>13}  (quartiles)")
    for row in table:
        ratio = f"{row['ratio']:13.2f}  ({row['ratio, quartiles']})" if "ratio" in row else ""
        print(f"{row['variant']:31}{row['milliseconds a batch']:11.2f}{row['images/s']:10d}{ratio}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/bench"))
    options = parser.parse_args()

    pixels = np.random.default_rng(0).integers(0, 256, (options.batch_size, *[options.image_size] * 2, 3))
    images = tf.constant(pixels, tf.uint8)
    labels = tf.one_hot(np.arange(options.batch_size) % 120, 120)
    chosen = variants()
    functions = {name: traced(mix, options.image_size, 120) for name, (mix, _) in chosen.items()}
    seconds = measure(functions, images, labels, options.repeats, calls=5)
    table = list(
        rows(seconds, {name: baseline for name, (_, baseline) in chosen.items()}, options.batch_size)
    )
    show(table)

    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"mixing_{options.image_size}px.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[-1]))
        writer.writeheader()
        writer.writerows(table)
    print(path)


if __name__ == "__main__":
    main()
