"""Lesson 05: right answers pass; `fit` gets the student's functions; the recipe runs without the course."""

import ast
import functools
import os
import pathlib
import re
import subprocess
import sys
from unittest import mock

import lesson_spies
import numpy as np
import pytest
import tensorflow as tf
import tfds_stand_ins

from tools import lessons
from utils.checks import lesson_05

SCRIPT = pathlib.Path(__file__).parents[1] / "solutions" / "05_keras_layers.py"

# ---- right answers ----------------------------------------------------------------------------------------


def with_an_if(image, layers, count, rate):
    """As AutoGraph takes it: `if` and `for` over tensors."""
    for number in tf.random.uniform([count], 0, len(layers), tf.int32):
        if tf.random.uniform([]) < rate:
            for k, layer in enumerate(layers):
                if tf.equal(k, number):
                    image = layer(image)
    return image


def all_computed(image, layers, count, rate):
    """All layers run, and one result is taken."""
    for _ in range(count):
        everything = tf.stack([image, *(layer(image) for layer in layers)])
        number = tf.random.uniform([], 1, len(layers) + 1, tf.int32)
        image = everything[number if tf.random.uniform([]) < rate else 0]
    return image


def with_identity(image, layers, count, rate):
    """A layer more, which changes nothing."""
    for kept in tf.unstack(tf.random.uniform([count]) < rate, count):
        number = tf.random.uniform([], maxval=len(layers), dtype=tf.int32)
        functions = [functools.partial(layer, image) for layer in layers]
        functions.append(functools.partial(tf.identity, image))
        image = tf.switch_case(tf.where(kept, number, len(layers)), functions)
    return image


@pytest.mark.parametrize("answer", [with_an_if, all_computed, with_identity])
def test_a_right_pipeline_passes_however_it_is_written(answer, capsys):
    lesson_05.random_pipeline(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 1")


def by_arithmetic(batch, cutmix, mixup):
    coin = tf.cast(tf.random.uniform([tf.shape(batch["images"])[0], 1, 1, 1]) > 0.5, tf.float32)
    cut, blended = cutmix(batch), mixup(batch)
    images = coin * cut["images"] + (1 - coin) * blended["images"]
    labels = coin[:, :, 0, 0] * cut["labels"] + (1 - coin[:, :, 0, 0]) * blended["labels"]
    return {"labels": labels, "images": images}


def by_gather(batch, cutmix, mixup):
    both = [cutmix(batch), mixup(batch)]
    count = tf.shape(batch["labels"])[0]
    place = tf.stack([tf.random.uniform([count], 0, 2, tf.int32), tf.range(count)], axis=1)
    return {name: tf.gather_nd(tf.stack([mixed[name] for mixed in both]), place) for name in batch}


def some_exchanged(batch, cutmix, mixup):
    mixed, blended = dict(cutmix(batch)), mixup(batch)
    toss = tf.random.categorical([[0.0, 0.0]], tf.shape(batch["labels"])[0])[0]
    chosen = tf.where(toss == 1)
    for name in mixed:
        mixed[name] = tf.tensor_scatter_nd_update(mixed[name], chosen, tf.gather_nd(blended[name], chosen))
    return mixed


@pytest.mark.parametrize("answer", [by_arithmetic, by_gather, some_exchanged])
def test_a_right_mix_passes_however_it_is_written(answer, capsys):
    lesson_05.one_of_both(answer)
    assert capsys.readouterr().out.startswith("✓ Exercise 2")


# ---- what is trained --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_fit_gets_what_the_students_functions_make():
    def sevens(image, layers, count, rate):
        return tf.fill(tf.shape(image), 7.0)

    def marked(batch, cutmix, mixup):
        return {"images": batch["images"] + 100, "labels": batch["labels"] * 3}

    changes = {"random_pipeline": lambda _: sevens, "one_of_both": lambda _: marked}
    with mock.patch("tensorflow.config.set_logical_device_configuration"):
        skipped = ("rows = {}", 'rows = {"batch 1"')  # pictures of RandAugment, which takes long
        plain, augmented = lesson_spies.first_batches(5, 2, changes, without=skipped)
    assert len(np.unique(plain[0])) > 100 and set(np.unique(plain[1])) == {0, 1}
    assert set(np.unique(augmented[0])) == {107}
    assert set(np.unique(augmented[1])) == {0, 3}


# ---- the recipe -------------------------------------------------------------------------------------------


def _recipe():
    text = "\n".join(cell.source for cell in lessons.read(SCRIPT).cells if cell.kind == "markdown")
    return re.search(r"^## The whole recipe$.*?^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]


def test_the_recipe_is_short_and_needs_public_names_only():
    tree = ast.parse(_recipe())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [name.name for node in imports for name in node.names] == [
        "keras",
        "tensorflow",
        "tensorflow_datasets",
    ]
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not {name for name in attributes if name.startswith("_") or name in ("src", "legacy")}
    assert len([line for line in _recipe().splitlines() if line.strip()]) <= 50


_SHALLOW = """
import functools, keras
from keras.src.applications import densenet
keras.applications.DenseNet121 = functools.partial(densenet.DenseNet, [1, 1, 1, 1], name="densenet121")
"""
_LOOKED_AT = """
batch = next(iter(splits[0].map(prepare).shuffle(1024).batch(48)))
for mix in (one_after_the_other, one_per_image):
    mixed = mix(batch)
    print(mix.__name__, int(tf.reduce_max(tf.math.count_nonzero(mixed["labels"], axis=1))))
print(model.optimizer.momentum, model.loss.label_smoothing, model.layers[-2].name)
"""


@pytest.mark.slow
def test_the_recipe_runs_in_an_empty_folder(tmp_path):
    tfds_stand_ins.prepare("oxford_flowers102", str(tmp_path / "tfds"))
    recipe, replaced = re.subn(
        r"^(IMAGE_SIZE, BATCH_SIZE, EPOCHS, WEIGHTS) = .*$",
        r"\1 = 32, 102, 1, None",
        _recipe(),
        flags=re.MULTILINE,
    )
    assert replaced == 1
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "recipe.py").write_text(_SHALLOW + recipe + _LOOKED_AT)
    run = subprocess.run(
        [sys.executable, "-I", "recipe.py"],
        cwd=tmp_path / "empty",
        env=os.environ | {"TFDS_DATA_DIR": str(tmp_path / "tfds"), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    *trained, seminar, one, training = run.stdout.strip().splitlines()
    assert "val_loss" in "".join(trained)
    assert seminar in ("one_after_the_other 3", "one_after_the_other 4")
    assert one == "one_per_image 2"
    assert training == "0.9 0.1 densenet121"
