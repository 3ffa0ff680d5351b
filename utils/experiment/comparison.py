"""A comparison: what its runs share, and how one of them is trained."""

import dataclasses
import hashlib
import itertools
import pathlib
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence

from utils import quiet  # noqa: F401  before TensorFlow

# isort: split
import keras
import numpy as np
import tensorflow as tf

from utils import augment, data, evaluation, mixing, models, pipeline, settings, training
from utils.evaluation import Run
from utils.experiment import runs, seeds, variants
from utils.experiment.variants import Transforms, Variant

_RECIPES = {
    "data": data.RECIPE,
    "training": training.RECIPE,
    "augment": augment.RECIPE,
    "mixing": mixing.RECIPE,
}
_UNMIXED_IMAGES = 256  # training images on which the unmixed loss is measured after each epoch
_SAMPLES = 8  # images per augmentation in the report


class Comparison:
    """What the runs of one comparison share: settings, data, identity and one compiled model.

    Its methods take a variant by its name, too.
    """

    def __init__(self, chosen: settings.Settings) -> None:
        """Read the data that the settings name; the model is built when first needed."""
        self.settings = chosen
        self.class_names = tuple(data.info(chosen.dataset, chosen.classes).class_names)
        self.splits = {
            split: data.load(
                chosen.dataset,
                split,
                image_size=chosen.image_size,
                shots=chosen.shots if split == "train" else None,
                classes=chosen.classes,
            ).cache()
            for split in ("train", "validation", "test")
        }
        # Read once: of a folder, every file counts.
        self._sources = [data.fingerprint(chosen.dataset), _weights_digest(chosen.weights)]
        self.identity = self.identity_of("none")
        self._model: keras.Model | None = None
        self._fresh_optimizer: list[np.ndarray] = []

    def identity_of(self, variant: str | Variant) -> dict[str, object]:
        """Return the identity of this variant's runs, see `runs.identity`."""
        variant = variants.parse(variant)
        recipes = {room: _RECIPES[room] for room in ("data", "training", *sorted(variant.uses))}
        return runs.identity(self.settings.differing(), self._sources, recipes, variant.registered)

    def size(self, split: str) -> int:
        """Return the number of images in `split`."""
        return int(self.splits[split].cardinality())

    def training_batches(
        self, variant: str | Variant, seed: int, *, transforms: Transforms | None = None, first: int = 0
    ) -> tf.data.Dataset:
        """Return the training batches of one run.

        Args:
            variant: what is done to the images.
            seed: of their order and of what is drawn.
            transforms: the variant's functions; by default they are built.
            first: how many epochs there were before: another order and other draws follow from it, not those
                of the first epochs again.
        """
        transforms = transforms or variants.parse(variant).build(len(self.class_names))
        return pipeline.training_batches(
            self.splits["train"],
            batch_size=self.settings.batch_size,
            num_classes=len(self.class_names),
            augment=transforms.augment,
            mix=transforms.mix,
            seed=seed + first * 2**32,  # no seed of a run is so large
        )

    def evaluation_batches(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Return evaluation batches of a split; nothing about augmentation enters here."""
        return pipeline.evaluation_batches(
            dataset, batch_size=self.settings.batch_size, num_classes=len(self.class_names)
        )

    # ---- training --------------------------------------------------------------------------------------

    def _build(self, seed: int) -> keras.Model:
        with training.seeded_weights(seed), training.precision(self.settings.precision):
            return models.build(
                self.settings.model,
                num_classes=len(self.class_names),
                image_size=self.settings.image_size,
                weights=self.settings.weights,
            )

    def model(self) -> keras.Model:
        """Return the model that all runs share: the last one's, trained, or a new one."""
        if self._model is None:
            self._model = self._build(0)
            self._compile()
        return self._model

    def _compile(self) -> None:
        """Compile the shared model for the training of all weights."""
        batches = self.size("train") // min(self.settings.batch_size, self.size("train"))
        epochs = self.settings.epochs - self.settings.frozen_epochs
        training.compile_all(
            self._model,
            self.settings.learning_rate,
            epochs * batches,
            is_pretrained=self.settings.weights is not None,
        )
        self._fresh_optimizer = [variable.numpy() for variable in self._model.optimizer.variables]

    def _restart(self, seed: int) -> keras.Model:
        """Return the shared model as it is at a run's start. It is compiled once: tracing takes seconds."""
        model = self.model()
        model.set_weights(self._build(seed).get_weights())  # the same for every augmentation
        if not self.settings.frozen_epochs:
            for variable, value in zip(model.optimizer.variables, self._fresh_optimizer, strict=True):
                variable.assign(value)
        return model

    def train(
        self, variant: str | Variant, seed: int, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> tuple[Run, bytes]:
        """Train one run.

        Args:
            variant: what is done to the training images.
            seed: of the weights to start from, of the order of images and of all that is drawn.
            callbacks: Keras' own, such as `keras.callbacks.EarlyStopping`, or yours.

        Returns:
            The run, and its weights as the content of a `.weights.h5` file: what `runs.write` takes.
        """
        variant, (seed,) = variants.parse(variant), seeds.checked([seed])
        model = self._restart(seed)
        history = self._fit(model, variant, seed, callbacks)
        test = self.evaluation_batches(self.splits["test"])
        probabilities, labels = evaluation.predict(
            lambda images, training: model.predict_on_batch(images), test
        )
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
            functions={
                name: {part: getattr(registered, part) for part in ("source", "verdict", "label_share")}
                for name, registered in variant.registered.items()
            },
            versions=runs.versions(),
        )
        return run, _weights_as_bytes(model)

    def _unmixed(self) -> tf.data.Dataset:
        """Return the training images on which the unmixed loss is measured."""
        return self.splits["train"].shard(max(1, self.size("train") // _UNMIXED_IMAGES), 0)

    def _fit(self, model, variant, seed, callbacks):
        """Train the head, then everything; mix, then mix no more: a `fit` for each."""
        transforms, epochs = variant.build(len(self.class_names)), self.settings.epochs
        frozen, mixed = self.settings.frozen_epochs, round(transforms.until * epochs)
        batches, history = None, []
        for first, last in itertools.pairwise(sorted({0, frozen, mixed, epochs})):
            if frozen and first == 0:
                training.compile_head(model)
            if frozen and first == frozen:
                self._compile()
            if batches is None or first == mixed:
                now = transforms if first < mixed else transforms._replace(mix=None)
                batches = self.training_batches(variant, seed, transforms=now, first=first)
            history += training.fit(
                model,
                batches,
                unmixed=self.evaluation_batches(self._unmixed()),
                validation=self.evaluation_batches(self.splits["validation"]),
                epochs=last,
                initial_epoch=first,
                callbacks=[*transforms.callbacks, *callbacks],
            )
            if model.stop_training:
                break
        return history

    def seconds_of_a_run(self) -> float:
        """Return about how long a run takes on this machine, from one measured step of each kind.

        Starting and compiling are not counted, nor what augmentations take: batches are prepared meanwhile.
        """
        model, side = self.model(), self.settings.image_size
        count = min(self.settings.batch_size, self.size("train"))
        batch = np.zeros((count, side, side, 3), np.float32), np.eye(len(self.class_names))[[0] * count]
        step = _seconds(lambda: model.train_on_batch(*batch))
        look = _seconds(lambda: model.test_on_batch(*batch))
        epochs, frozen = self.settings.epochs, self.settings.frozen_epochs
        judged = epochs * (self.size("validation") + int(self._unmixed().cardinality())) + self.size("test")
        steps = self.size("train") // count
        return (epochs - frozen) * steps * step + (frozen * steps + judged / count) * look

    def samples(self, wanted: Iterable[str | Variant]) -> dict[str, dict[str, np.ndarray]]:
        """Return what the wanted variants do to the same few images, as `charts.samples` takes it."""
        train = self.splits["train"]
        spread = train.shard(max(1, self.size("train") // _SAMPLES), 0).take(_SAMPLES)
        images, labels = next(iter(self.evaluation_batches(spread)))
        chosen = {"original": (images, labels)}
        for variant in map(variants.parse, wanted):
            transforms = variant.build(len(self.class_names))
            chosen[variant.name] = pipeline.transform(transforms.augment, transforms.mix)(
                (images, labels), tf.constant([0, 1])
            )
        return {
            name: {"images": np.asarray(tf.cast(tf.round(images), tf.uint8)), "labels": np.asarray(labels)}
            for name, (images, labels) in chosen.items()
        }


def _seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes that was made once before: the first one compiles."""
    call()
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _weights_digest(weights: str | None) -> str:
    """Return what tells weights from others: the content of their file, or the name that Keras knows."""
    path = models.weights_path(weights or "")
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else weights or ""


def _weights_as_bytes(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.weights.h5")
        model.save_weights(path)
        return path.read_bytes()
