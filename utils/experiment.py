"""Compare augmentations fairly: `python -m utils.experiment --augment none basic cutmix mixup --seeds 3`.

For one seed every augmentation starts from the same weights, sees the same images in the same order
and takes the same number of steps. Choices are made on the validation split; the test split is read
once per run, after training. Each finished run is a file: stop at any moment, and the same command
goes on where it was.
"""

import argparse
import dataclasses
import functools
import hashlib
import os
import pathlib
import shlex
import sys
import tempfile

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import numpy as np
import tensorflow as tf
import tqdm

from utils import (
    adaptive,
    augment,
    color,
    data,
    erasing,
    evaluation,
    files,
    folders,
    geometry,
    image_files,
    mixing,
    models,
    naming,
    operations,
    per_class,
    pipeline,
    policies,
    report,
    runs,
    settings,
    tfds_sets,
    training,
    variants,
)

# The code that shapes a run; with the settings and the data it makes the run's identity.
_OPERATIONS = (
    adaptive,
    color,
    erasing,
    geometry,
    operations,
    per_class,
    policies,
)  # of those variants that use them
_MODULES = (augment, data, folders, image_files, mixing, models, pipeline, tfds_sets, training)
_CLEAN_IMAGES = 256  # training images on which the unmixed loss is measured after each epoch
_SAMPLES = 8  # images per augmentation in the report

seeds_of = naming.seeds_of


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
        own = {"operations": runs.code_digest(_OPERATIONS)} if variants.uses_operations(augmentation) else {}
        return self.identity | own

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
        variant = variants.parse(augmentation)
        return self._batches(seed, variant.augment, variant.mix)

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

    def _epochs(self, variant, seed):
        """Return a function from the number of an epoch to its training batches."""
        batches = functools.cache(functools.partial(self._batches, seed, variant.augment))
        return lambda epoch: batches(variant.mix_in(epoch, self.settings.epochs))

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
        variant = variants.parse(augmentation, len(self.class_names))
        history = self.trainer().fit(
            self.initial_weights(seed),
            self._epochs(variant, seed),
            clean=self.evaluation_batches(train.shard(max(1, self.size("train") // _CLEAN_IMAGES), 0)),
            validation=self.evaluation_batches(self.splits["validation"]),
            epochs=self.settings.epochs,
            frozen_epochs=self.settings.frozen_epochs,
            on_epoch=lambda epoch: [follow(epoch) for follow in (*variant.adapting, on_epoch)],
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
            variant = variants.parse(name)
            chosen[name] = pipeline.transform(variant.augment, variant.mix)(
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


def _arguments(words):
    parser = argparse.ArgumentParser(
        prog="python -m utils.experiment",
        description="Compare augmentations over paired seeds and write a report. What is not given here "
        "comes from the profile (COURSE_PROFILE=quick or full) or from COURSE_<SETTING> in the environment.",
    )
    parser.add_argument(
        "--augment",
        nargs="+",
        default=["none", "basic", "cutmix", "mixup"],
        metavar="NAME",
        help=variants.known(),
    )
    parser.add_argument("--dataset", help="toy_dogs, a TFDS name, or a folder ROOT/{train,test}/CLASS/*.jpg")
    parser.add_argument("--seeds", help="how many paired seeds")
    parser.add_argument("--student", metavar="ID", help="take the seeds that follow from a student's id")
    parser.add_argument("--out", default="runs/project", metavar="DIR", help="where runs and report go")
    parser.add_argument("--shots", help="training images per class")
    parser.add_argument("--model", help="small_resnet, resnet50 or densenet121")
    parser.add_argument("--weights", help="none, imagenet, or a weights file")
    parser.add_argument("--image-size", help="side of the square images, in pixels")
    parser.add_argument("--epochs")
    parser.add_argument("--frozen-epochs", help="in the first of the epochs only the classifier learns")
    parser.add_argument("--batch-size")
    parser.add_argument("--learning-rate", help="peak of the schedule")
    parser.add_argument("--precision", help=", ".join(settings.PRECISIONS))
    return parser.parse_args(words)


def _compare(arguments, words):
    overrides = vars(arguments).copy()
    augmentations, folder = list(dict.fromkeys(overrides.pop("augment"))), overrides.pop("out")
    student = overrides.pop("student")
    for name in augmentations:
        variants.parse(name)
    chosen = settings.load(**overrides)
    command = shlex.join(["python", "-m", "utils.experiment", *words])
    files.write_whole(pathlib.Path(folder, "command.txt"), command + "\n")  # fails now if it must fail
    print(f"Comparing {', '.join(augmentations)} on {chosen.dataset} with {chosen.model}.", flush=True)
    comparison = Comparison(chosen)
    for name in augmentations:
        variants.parse(name, len(comparison.class_names))
    print(
        f"{comparison.size('train')} training, {comparison.size('validation')} validation and "
        f"{comparison.size('test')} test images of {len(comparison.class_names)} classes at "
        f"{chosen.image_size} px; {chosen.epochs} epochs, {chosen.seeds} seeds.",
        flush=True,
    )
    seeds = None if student is None else seeds_of(student, chosen.seeds)
    finished = run(comparison, augmentations, folder, seeds=seeds)
    page = report.write(finished, folder, comparison.samples(augmentations), command)
    print(evaluation.as_text(evaluation.compare(finished)))
    print(f"Report: {page}")


_ERRORS = (
    variants.VariantError,
    naming.IdError,
    data.DataError,
    models.ModelError,
    settings.SettingsError,
    files.WriteError,
)


def main(words=None):
    """Run the command line; return the exit code: 0, 2 for bad input, 130 when interrupted."""
    words = sys.argv[1:] if words is None else words
    arguments = _arguments(words)
    tf.config.experimental.enable_op_determinism()
    try:
        _compare(arguments, words)
    except _ERRORS as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The finished runs are kept: the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
