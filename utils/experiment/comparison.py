"""The runs of a comparison: what they share, how one is trained, and which are missing."""

import dataclasses
import functools
import hashlib
import pathlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import keras
import numpy as np
import tensorflow as tf
import tqdm

from utils import data, evaluation, mixing, models, pipeline, settings, training
from utils.augment import adaptive, colors, erasing, geometry, operations, pixels, policies, sparing, standard
from utils.contracts import Augmentation, Mix
from utils.data import folders, image_files, loading, resizing, tfds_sets
from utils.evaluation import Run
from utils.experiment import runs, variants
from utils.experiment.variants import Transforms, Variant
from utils.models import networks

# The code that shapes a run; with the settings and the data it makes the run's identity.
_MODULES = (
    standard,
    pixels,
    loading,
    folders,
    image_files,
    resizing,
    mixing,
    models,
    networks,
    pipeline,
    tfds_sets,
    training,
)
# … of those variants that use them
_OPERATIONS = (adaptive, colors, erasing, geometry, operations, sparing, policies)
_CLEAN_IMAGES = 256  # training images on which the unmixed loss is measured after each epoch
_SAMPLES = 8  # images per augmentation in the report


def _file_digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


class Comparison:
    """What the runs of one comparison share: settings, data, identity and one compiled trainer.

    Its methods take a variant by its name, too.
    """

    def __init__(self, chosen: settings.Settings) -> None:
        """Read the data that the settings name; models are built when first needed."""
        self.settings = chosen
        self.class_names = tuple(data.info(chosen.dataset).class_names)
        self.splits = {split: self._read(split) for split in ("train", "validation", "test")}
        sources = [data.fingerprint(chosen.dataset), _file_digest(models.weights_path(chosen.weights or ""))]
        self.identity = runs.identity(chosen.of_a_run(), sources, _MODULES)
        self._trainer = None

    def identity_of(self, variant: str | Variant) -> dict[str, str]:
        """Return the identity of this variant's runs: the comparison's, with the code that it alone uses."""
        uses = variants.parse(variant).uses_operations
        return self.identity | ({"operations": runs.code_digest(_OPERATIONS)} if uses else {})

    def _read(self, split: str) -> tf.data.Dataset:
        shots = self.settings.shots if split == "train" else None
        return data.load(
            self.settings.dataset, split, image_size=self.settings.image_size, shots=shots
        ).cache()

    def size(self, split: str) -> int:
        """Return the number of images in `split`."""
        return int(self.splits[split].cardinality())

    def training_batches(self, variant: str | Variant, seed: int) -> tf.data.Dataset:
        """Return the training batches of one run."""
        transforms = self._transforms(variants.parse(variant))
        return self._batches(seed, transforms.augment, transforms.mix)

    def _transforms(self, variant: Variant) -> Transforms:
        return variant.build(len(self.class_names))

    def _batches(
        self,
        seed: int,
        augment: Augmentation | None = None,
        mix: Mix | None = None,
    ) -> tf.data.Dataset:
        return pipeline.training_batches(
            self.splits["train"],
            batch_size=self.settings.batch_size,
            num_classes=len(self.class_names),
            augment=augment,
            mix=mix,
            seed=seed,
        )

    def evaluation_batches(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Return evaluation batches of a split; nothing about augmentation enters here."""
        return pipeline.evaluation_batches(
            dataset, batch_size=self.settings.batch_size, num_classes=len(self.class_names)
        )

    def _epochs(self, transforms: Transforms, seed: int) -> Callable[[int], tf.data.Dataset]:
        """Return a function from the number of an epoch to its training batches."""
        batches = functools.cache(functools.partial(self._batches, seed, transforms.augment))
        return lambda epoch: batches(transforms.mix_in(epoch, self.settings.epochs))

    def _build(self, seed: int) -> keras.Model:
        with training.seeded_weights(seed), training.precision(self.settings.precision):
            return models.build(
                self.settings.model,
                num_classes=len(self.class_names),
                image_size=self.settings.image_size,
                weights=self.settings.weights,
            )

    def initial_weights(self, seed: int) -> list[np.ndarray]:
        """Return the weights from which every augmentation starts with this seed."""
        return self._build(seed).get_weights()

    def trainer(self) -> training.Trainer:
        """Return the trainer that all runs share, compiled once."""
        if self._trainer is None:
            epochs = self.settings.epochs - self.settings.frozen_epochs
            steps = epochs * int(self._batches(seed=0).cardinality())
            with training.strategy().scope():
                self._trainer = training.Trainer(
                    self._build(0), learning_rate=self.settings.learning_rate, total_steps=steps
                )
        return self._trainer

    def train(
        self,
        variant: str | Variant,
        seed: int,
        on_epoch: Callable[[dict[str, Any]], None] = lambda epoch: None,
    ) -> tuple[Run, bytes]:
        """Train one run.

        Args:
            variant: what is done to the training images.
            seed: of the weights to start from, of the order of images and of all that is drawn.
            on_epoch: called after each epoch with its dict in the history.

        Returns:
            The run, and its weights as the content of a `.weights.h5` file: what `runs.write` takes.
        """
        variant = variants.parse(variant)
        train = self.splits["train"]
        transforms = self._transforms(variant)

        def after_epoch(epoch: dict[str, Any]) -> None:
            for follow in (*transforms.adapting, on_epoch):
                follow(epoch)

        history = self.trainer().fit(
            self.initial_weights(seed),
            self._epochs(transforms, seed),
            clean=self.evaluation_batches(train.shard(max(1, self.size("train") // _CLEAN_IMAGES), 0)),
            validation=self.evaluation_batches(self.splits["validation"]),
            epochs=self.settings.epochs,
            frozen_epochs=self.settings.frozen_epochs,
            on_epoch=after_epoch,
        )
        test = self.evaluation_batches(self.splits["test"])
        probabilities, labels = evaluation.predict(self.trainer().predict, test)
        run = Run(
            augmentation=variant.name,
            seed=seed,
            class_names=list(self.class_names),
            history=history,
            validation_accuracy=history[-1]["validation_accuracy"],
            probabilities=probabilities,
            labels=labels,
            test_accuracy=evaluation.top1(probabilities, labels),
            settings=dataclasses.asdict(self.settings),
            identity=self.identity_of(variant),
            versions=runs.versions(),
        )
        return run, _weights_as_bytes(self.trainer().model)

    def samples(self, wanted: Iterable[str | Variant]) -> dict[str, dict[str, np.ndarray]]:
        """Return what the wanted variants do to the same few images, as `charts.samples` takes it."""
        train = self.splits["train"]
        spread = train.shard(max(1, self.size("train") // _SAMPLES), 0).take(_SAMPLES)
        images, labels = next(iter(self.evaluation_batches(spread)))
        chosen = {"original": (images, labels)}
        for variant in map(variants.parse, wanted):
            transforms = self._transforms(variant)
            chosen[variant.name] = pipeline.transform(transforms.augment, transforms.mix)(
                (images, labels), tf.constant([0, 1])
            )
        return {
            name: {"images": np.asarray(tf.cast(tf.round(images), tf.uint8)), "labels": np.asarray(labels)}
            for name, (images, labels) in chosen.items()
        }


def _weights_as_bytes(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.weights.h5")
        model.save_weights(path)
        return path.read_bytes()


def _tell_of_other_runs(
    comparison: Comparison, folder: str | pathlib.Path, say: Callable[[str], None]
) -> None:
    """Say how many runs in the folder belong to other settings, data or code."""
    own = comparison.identity
    others = [each for each in runs.identities(folder) if any(each.get(part) != own[part] for part in own)]
    differing = [part for part in own if any(each.get(part) != own[part] for each in others)]
    if others:
        say(
            f"{len(others)} runs in {folder} have other {' and '.join(differing)}: "
            "they are left alone and not used."
        )


def _tell_of_other_versions(finished: Iterable[Run], say: Callable[[str], None]) -> None:
    """Say which library versions differ from today's in runs that are used again."""
    today = runs.versions()
    differing = {
        f"{library} {version} (now {today.get(library)})"
        for each in finished
        for library, version in each.versions.items()
        if version != today.get(library)
    }
    if differing:
        say(f"Runs made with other versions are used again: {', '.join(sorted(differing))}.")


def run(
    comparison: Comparison,
    wanted: Iterable[str | Variant],
    folder: str | pathlib.Path,
    *,
    seeds: Sequence[int] | None = None,
    say: Callable[[str], None] = tqdm.tqdm.write,
) -> list[Run]:
    """Run what is missing of the comparison and return all of its runs, as `runs.read` gives them.

    Args:
        comparison: the settings and data that all runs share.
        wanted: variants or their names; each is run with every seed.
        folder: where finished runs are written and looked for.
        seeds: by default 0, 1, … below `settings.seeds`.
        say: called with each message for the user.
    """
    chosen = [variants.parse(each) for each in wanted]
    seeds = range(comparison.settings.seeds) if seeds is None else seeds
    # Seeds outside: a comparison that is stopped early has whole pairs.
    keys = [(variant, seed) for seed in seeds for variant in chosen]
    found = {
        (variant, seed): runs.read_finished(folder, variant.name, seed, comparison.identity_of(variant), say)
        for variant, seed in keys
    }
    missing = [key for key in keys if found[key] is None]
    _tell_of_other_runs(comparison, folder, say)
    _tell_of_other_versions([each for each in found.values() if each], say)
    say(f"{len(keys)} runs: {len(keys) - len(missing)} are there already, {len(missing)} to do.")
    if missing:
        comparison.trainer()  # a model that cannot be built is told before the progress bar starts
    with tqdm.tqdm(total=len(missing) * comparison.settings.epochs, unit="epoch", disable=not missing) as bar:
        for variant, seed in missing:
            found[variant, seed] = _run_one(comparison, variant, seed, folder, bar)
    return list(found.values())


def _run_one(
    comparison: Comparison, variant: Variant, seed: int, folder: str | pathlib.Path, bar: tqdm.tqdm
) -> Run | None:
    bar.set_description(f"{variant.name}, seed {seed}")

    def on_epoch(epoch: dict[str, Any]) -> None:
        bar.set_postfix_str(f"validation accuracy {epoch['validation_accuracy']:.1%}")
        bar.update()

    return runs.read(runs.write(folder, *comparison.train(variant, seed, on_epoch)))
