"""The runs of a comparison: what they share, how one is trained, and which are missing."""

import dataclasses
import functools
import hashlib
import os
import pathlib
import tempfile

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import numpy as np
import tensorflow as tf
import tqdm

from utils import data, evaluation, mixing, models, pipeline, training
from utils.augment import adaptive, colors, erasing, geometry, operations, policies, sparing, standard
from utils.data import folders, image_files, loading, tfds_sets
from utils.experiment import runs, variants

# The code that shapes a run; with the settings and the data it makes the run's identity.
_MODULES = (standard, loading, folders, image_files, mixing, models, pipeline, tfds_sets, training)
# … of those variants that use them
_OPERATIONS = (adaptive, colors, erasing, geometry, operations, sparing, policies)
_CLEAN_IMAGES = 256  # training images on which the unmixed loss is measured after each epoch
_SAMPLES = 8  # images per augmentation in the report


def _file_digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest() if os.path.isfile(path) else ""


class Comparison:
    """What the runs of one comparison share: settings, data, identity and one compiled trainer."""

    def __init__(self, chosen):
        """Read the data that `chosen` (a settings.Settings) names; models are built when first needed."""
        self.settings = chosen
        self.class_names = tuple(data.info(chosen.dataset).class_names)
        self.splits = {split: self._read(split) for split in ("train", "validation", "test")}
        sources = [data.fingerprint(chosen.dataset), _file_digest(models.weights_path(chosen.weights or ""))]
        self.identity = runs.identity(chosen.of_a_run(), sources, _MODULES)
        self._trainer = None

    def identity_of(self, augmentation):
        """Return the identity of this variant's runs: the comparison's, with the code that it alone uses."""
        uses = variants.parse(augmentation).uses_operations
        return self.identity | ({"operations": runs.code_digest(_OPERATIONS)} if uses else {})

    def _read(self, split):
        shots = self.settings.shots if split == "train" else None
        return data.load(
            self.settings.dataset, split, image_size=self.settings.image_size, shots=shots
        ).cache()

    def size(self, split):
        """Return the number of images in `split`."""
        return int(self.splits[split].cardinality())

    def training_batches(self, augmentation, seed):
        """Return the training batches of one run."""
        transforms = self._transforms(augmentation)
        return self._batches(seed, transforms.augment, transforms.mix)

    def _transforms(self, augmentation):
        return variants.parse(augmentation).build(len(self.class_names))

    def _batches(self, seed, augment=None, mix=None):
        return pipeline.training_batches(
            self.splits["train"],
            batch_size=self.settings.batch_size,
            num_classes=len(self.class_names),
            augment=augment,
            mix=mix,
            seed=seed,
        )

    def evaluation_batches(self, dataset):
        """Return evaluation batches of a split; nothing about augmentation enters here."""
        return pipeline.evaluation_batches(
            dataset, batch_size=self.settings.batch_size, num_classes=len(self.class_names)
        )

    def _epochs(self, transforms, seed):
        """Return a function from the number of an epoch to its training batches."""
        batches = functools.cache(functools.partial(self._batches, seed, transforms.augment))
        return lambda epoch: batches(transforms.mix_in(epoch, self.settings.epochs))

    def _build(self, seed):
        with training.seeded_weights(seed), training.precision(self.settings.precision):
            return models.build(
                self.settings.model,
                num_classes=len(self.class_names),
                image_size=self.settings.image_size,
                weights=self.settings.weights,
            )

    def initial_weights(self, seed):
        """Return the weights from which every augmentation starts with this seed."""
        return self._build(seed).get_weights()

    def trainer(self):
        """Return the trainer that all runs share, compiled once."""
        if self._trainer is None:
            epochs = self.settings.epochs - self.settings.frozen_epochs
            steps = epochs * int(self.training_batches("none", 0).cardinality())
            with training.strategy().scope():
                self._trainer = training.Trainer(
                    self._build(0), learning_rate=self.settings.learning_rate, total_steps=steps
                )
        return self._trainer

    def train(self, augmentation, seed, on_epoch=lambda epoch: None):
        """Train one run and return (run, probabilities, labels, weights): what `runs.write` takes."""
        train = self.splits["train"]
        transforms = self._transforms(augmentation)
        history = self.trainer().fit(
            self.initial_weights(seed),
            self._epochs(transforms, seed),
            clean=self.evaluation_batches(train.shard(max(1, self.size("train") // _CLEAN_IMAGES), 0)),
            validation=self.evaluation_batches(self.splits["validation"]),
            epochs=self.settings.epochs,
            frozen_epochs=self.settings.frozen_epochs,
            on_epoch=lambda epoch: [follow(epoch) for follow in (*transforms.adapting, on_epoch)],
        )
        test = self.evaluation_batches(self.splits["test"])
        probabilities, labels = evaluation.predict(self.trainer().predict, test)
        run = {
            "augmentation": augmentation,
            "seed": seed,
            "test_accuracy": evaluation.top1(probabilities, labels),
            "validation_accuracy": history[-1]["validation_accuracy"],
            "settings": dataclasses.asdict(self.settings),
            "class_names": list(self.class_names),
            "history": history,
            "versions": runs.versions(),
            "identity": self.identity_of(augmentation),
        }
        return run, probabilities, labels, _weights_as_bytes(self.trainer().model)

    def samples(self, augmentations):
        """Return {augmentation: {"images", "labels"}} of the same few images, with "original", to look at."""
        train = self.splits["train"]
        spread = train.shard(max(1, self.size("train") // _SAMPLES), 0).take(_SAMPLES)
        images, labels = next(iter(self.evaluation_batches(spread)))
        chosen = {"original": (images, labels)}
        for name in augmentations:
            transforms = self._transforms(name)
            chosen[name] = pipeline.transform(transforms.augment, transforms.mix)(
                (images, labels), tf.constant([0, 1])
            )
        return {
            name: {"images": np.asarray(tf.cast(tf.round(images), tf.uint8)), "labels": np.asarray(labels)}
            for name, (images, labels) in chosen.items()
        }


def _weights_as_bytes(model):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.weights.h5")
        model.save_weights(path)
        return path.read_bytes()


def _finished(comparison, folder, augmentation, seed, say):
    """Return the run if it stands in `folder` under this identity, whole; otherwise None."""
    path = pathlib.Path(folder, runs.stem(augmentation, seed, comparison.identity_of(augmentation)) + ".json")
    if not path.exists():
        return None
    run = runs.read(path)
    if run is None:
        say(f"{path.name} or its predictions are damaged: this run is repeated.")
    return run


def _report_strangers(comparison, folder, say):
    """Say how many runs in the folder belong to other settings, data or code."""
    own = comparison.identity
    others = [run for run in runs.identities(folder) if any(run.get(part) != own[part] for part in own)]
    differing = [
        part
        for part in comparison.identity
        if any(run.get(part) != comparison.identity[part] for run in others)
    ]
    if others:
        say(
            f"{len(others)} runs in {folder} have other {' and '.join(differing)}: "
            "they are left alone and not used."
        )


def _report_versions(finished, say):
    """Say which library versions differ from today's in runs that are used again."""
    today = runs.versions()
    differing = {
        f"{name} {version} (now {today.get(name)})"
        for run in finished
        for name, version in run["versions"].items()
        if version != today.get(name)
    }
    if differing:
        say(f"Runs made with other versions are used again: {', '.join(sorted(differing))}.")


def run(comparison, augmentations, folder, *, seeds=None, say=tqdm.tqdm.write):
    """Run what is missing of the comparison and return all of its runs, as `runs.read` gives them.

    Args:
      comparison: a Comparison.
      augmentations: names, see `variants`; each is run with every seed.
      folder: where finished runs are written and looked for.
      seeds: integers; by default 0, 1, … below `settings.seeds`.
      say: called with each message for the user.
    """
    # Seeds outside: a comparison that is stopped early has whole pairs.
    seeds = range(comparison.settings.seeds) if seeds is None else seeds
    wanted = [(name, seed) for seed in seeds for name in augmentations]
    found = {key: _finished(comparison, folder, *key, say) for key in wanted}
    missing = [key for key in wanted if found[key] is None]
    _report_strangers(comparison, folder, say)
    _report_versions([run for run in found.values() if run], say)
    say(f"{len(wanted)} runs: {len(wanted) - len(missing)} are there already, {len(missing)} to do.")
    if missing:
        comparison.trainer()  # a model that cannot be built is told before the progress bar starts
    with tqdm.tqdm(total=len(missing) * comparison.settings.epochs, unit="epoch", disable=not missing) as bar:
        for name, seed in missing:
            found[name, seed] = _run_one(comparison, name, seed, folder, bar)
    return list(found.values())


def _run_one(comparison, augmentation, seed, folder, bar):
    bar.set_description(f"{augmentation}, seed {seed}")

    def on_epoch(epoch):
        bar.set_postfix_str(f"validation accuracy {epoch['validation_accuracy']:.1%}")
        bar.update()

    finished = comparison.train(augmentation, seed, on_epoch)
    runs.write(folder, *finished)
    stem = runs.stem(augmentation, seed, comparison.identity_of(augmentation))
    return runs.read(pathlib.Path(folder, stem + ".json"))
