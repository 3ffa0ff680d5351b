import concurrent.futures
import copy
import dataclasses
import io
import json
import math
import pickle
import shutil
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import data, evaluation, experiment, files, mixing, models, pipeline, report, settings, training
from utils.experiment import __main__ as command
from utils.experiment import executors, resume, runs, view_predictions

pytestmark = pytest.mark.slow

TINY = {"model": "small_resnet", "image_size": 16, "epochs": 2, "batch_size": 8, "seeds": 2}


@pytest.fixture(scope="module")
def comparison(pictures):
    return experiment.Comparison(settings.load(dataset=str(pictures), **TINY))


class Here:
    """Trains runs in this process, in place of `executors.Processes`: test_executors.py tries those.

    A run that a test before has trained is given again: a run repeats itself, as a test below proves.
    """

    lost = ()
    trained = {}

    def __init__(self, comparison):
        self.comparison = comparison
        self.idle, self.count = [self], 1

    def submit(self, function, chosen, variant, seed, identity, progress):
        future = concurrent.futures.Future()
        variant, _ = pickle.loads(variant)
        key = chosen, self.comparison.class_names, variant.name, seed
        if key not in self.trained:
            self.trained[key] = self.comparison.train(variant, seed)
        future.set_result(self.trained[key])
        return future

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture(scope="module", autouse=True)
def in_this_process():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resume, "_slots", lambda comparison, *_: Here(comparison))
        patched.setattr(executors, "seconds_of_a_run", lambda *_: 0)
        yield


@pytest.fixture(scope="module")
def results(comparison, tmp_path_factory):
    """A folder with the finished runs of none and cutmix, two seeds each, and what was said."""
    folder = tmp_path_factory.mktemp("results")
    return folder, experiment.run(comparison, ["none", "cutmix"], folder, say=lambda text: None)


@pytest.fixture
def copied(results, tmp_path):
    """The same in a folder of the test's own."""
    return shutil.copytree(results[0], tmp_path / "results")


def run_again(comparison, folder, names=("none", "cutmix"), seeds=None):
    """Run the comparison again and return its runs, what was said, and which files are new."""
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    said = []
    finished = experiment.run(comparison, list(names), folder, seeds=seeds, say=said.append)
    new = {path.name for path in folder.glob("*.json") if path.stat().st_mtime_ns != before.get(path.name)}
    return finished, said, new


# Fairness


def test_every_augmentation_starts_from_the_same_weights(comparison, monkeypatch):
    started = []

    def fit(model, *_, **__):
        started.append(model.get_weights())
        return [{"validation_accuracy": 0}]

    monkeypatch.setattr(training, "fit", fit)
    for name, seed in [("none", 0), ("basic", 0), ("cutmix", 0), ("none", 1)]:
        comparison.train(name, seed)
    same = [all((a == b).all() for a, b in zip(started[0], other, strict=True)) for other in started]
    assert same == [True, True, True, False]


def test_every_augmentation_takes_the_same_steps_and_schedule(results):
    rates = {tuple(epoch["learning_rate"] for epoch in run.history) for run in results[1]}
    assert len(rates) == 1 and len(rates.pop()) == TINY["epochs"]


def test_cutmix_sees_the_images_in_the_order_of_none(comparison):
    """With CutMix called and its result put aside, the batches are the plain ones, in the same order."""
    plain = comparison.training_batches("none", 1)
    mixed = pipeline.training_batches(
        comparison.splits["train"],
        batch_size=TINY["batch_size"],
        num_classes=3,
        mix=lambda images, labels, *, seed: (
            mixing.cutmix(images, labels, seed=seed)[0] * 0 + images,
            labels,
        ),
        seed=1,
    )
    for (images, labels), (others, other_labels) in zip(plain, mixed, strict=True):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, other_labels)


def test_evaluation_data_are_bit_identical_whatever_is_asked_for(comparison):
    def read():
        return [images.numpy() for images, _ in comparison.evaluation_batches(comparison.splits["test"])]

    before = read()
    for name in ("basic", "cutmix", "basic+mixup"):
        for _ in comparison.training_batches(name, 0):
            pass
        assert all((a == b).all() for a, b in zip(before, read(), strict=True))


def test_a_run_repeats_itself(comparison, results):
    run = next(run for run in results[1] if run.name == "cutmix, seed 1")
    again, _ = comparison.train("cutmix", 1)
    np.testing.assert_array_equal(again.probabilities, run.probabilities)
    drop_time = [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in again.history]
    assert drop_time == [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in run.history]


# What a run leaves


def test_a_run_is_one_json_file_with_predictions_and_weights(comparison, results):
    folder, finished = results
    assert len(list(folder.glob("*.json"))) == len(finished) == 4
    run = finished[0]
    stored = json.loads((folder / run.predictions.replace(".predictions.npz", ".json")).read_text())
    assert {
        "augmentation",
        "seed",
        "test_accuracy",
        "settings",
        "versions",
        "history",
        "identity",
    } <= stored.keys()
    assert run.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    model = models.build("small_resnet", num_classes=3, image_size=16)
    model.load_weights(folder / run.weights)
    images = next(iter(comparison.splits["test"].batch(12)))[0]
    np.testing.assert_allclose(model(images), run.probabilities, atol=1e-5)


def test_what_is_finished_is_not_repeated(comparison, copied):
    _, said, new = run_again(comparison, copied)
    assert new == set()
    assert "4 runs: 4 are there already, 0 to do." in said


def test_an_interrupted_comparison_goes_on_where_it_was(comparison, tmp_path, monkeypatch):
    def interrupted(*arguments):
        yield next(compute(*arguments))
        raise KeyboardInterrupt

    compute = executors.compute
    with monkeypatch.context() as patched:
        patched.setattr(executors, "compute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            experiment.run(comparison, ["none", "cutmix"], tmp_path, say=lambda text: None)
    finished, said, new = run_again(comparison, tmp_path)
    assert "4 runs: 1 are there already, 3 to do." in said
    assert len(new) == 3 and len(finished) == 4


@pytest.mark.parametrize("ending", [".json", ".predictions.npz"])
def test_a_file_cut_in_half_repeats_that_run_and_keeps_the_others(comparison, copied, ending):
    path = copied / (runs.stem("none", 1, comparison.identity) + ending)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, said, new = run_again(comparison, copied)
    assert new == {runs.stem("none", 1, comparison.identity) + ".json"}
    assert any("damaged: this run is repeated" in text and "none-seed1" in text for text in said)


def test_an_accuracy_that_does_not_follow_from_its_predictions_repeats_the_run(comparison, copied):
    path = copied / (runs.stem("none", 0, comparison.identity) + ".json")
    run = json.loads(path.read_text())
    path.write_text(json.dumps(run | {"test_accuracy": 1.5}))
    assert run_again(comparison, copied)[2] == {path.name}


def test_a_run_that_diverged_is_a_result_and_not_a_damaged_file(tmp_path):
    """Its predictions are not numbers, which counts as wrong."""
    run = evaluation.Run(
        augmentation="none",
        seed=0,
        class_names=["circle", "square", "stripe"],
        history=[{"epoch": 1, "train_loss": math.nan}],
        validation_accuracy=0.0,
        probabilities=np.full((2, 3), np.nan, np.float32),
        labels=np.array([0, 1]),
        test_accuracy=0.0,
    )
    assert runs.read(runs.write(tmp_path, run, weights=b"")).test_accuracy == 0


def test_runs_of_another_identity_are_never_used(comparison, copied):
    other = copy.copy(comparison)
    other.settings = dataclasses.replace(comparison.settings, learning_rate=0.01)
    other.identity = other.identity_of("none")
    _, said, new = run_again(other, copied, ["none"], seeds=[0])
    assert len(new) == 1
    assert any("4 runs in" in text and "have other settings" in text and "not used" in text for text in said)


def test_other_data_make_another_identity_and_another_spelling_none(
    comparison, pictures, tmp_path, monkeypatch
):
    copy = shutil.copytree(pictures, tmp_path / "pictures")
    monkeypatch.chdir(tmp_path)
    moved = experiment.Comparison(settings.load(dataset="./pictures/", **TINY))
    assert moved.identity == comparison.identity
    changed = sorted((copy / "train" / "circle").iterdir())[0]
    (copy / "train" / "square" / "00.png").write_bytes(changed.read_bytes())
    other = experiment.Comparison(settings.load(dataset=str(copy), **TINY))
    assert other.identity["data"] != comparison.identity["data"]
    assert other.identity["recipes"] == comparison.identity["recipes"]


def test_other_library_versions_are_reported_and_not_fatal(comparison, copied):
    for path in copied.glob("*.json"):
        run = json.loads(path.read_text())
        path.write_text(json.dumps(run | {"versions": run["versions"] | {"tensorflow": "2.0.0"}}))
    _, said, new = run_again(comparison, copied)
    assert new == set()
    assert any("other versions are used again: tensorflow 2.0.0 (now" in text for text in said)


# The command line


def test_the_package_offers_what_lessons_use_and_nothing_else():
    assert dir(experiment) == ["Comparison", "register", "run", "seeds_of"]
    assert all(callable(getattr(experiment, name)) for name in dir(experiment))
    with pytest.raises(AttributeError, match="has no attribute 'results'"):
        _ = experiment.results


def command_line(capsys, *arguments):
    code = command.main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def without_determinism(monkeypatch):
    """The switch is global and would stay on for the tests that come after."""
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: None)


@pytest.fixture
def tiny_environment(monkeypatch, pictures, without_determinism):
    for name, value in (TINY | {"dataset": pictures}).items():
        monkeypatch.setenv(f"COURSE_{name.upper()}", str(value))


def test_the_command_ends_with_the_path_of_the_report(tiny_environment, comparison, copied, capsys):
    code, out, _ = command_line(capsys, "--augment", "none", "cutmix", "--out", str(copied))
    assert code == 0
    assert out.splitlines()[-1] == f"Report: {copied / 'report.html'}"
    assert "54 training, 6 validation and 12 test images" in out
    page = (copied / "report.html").read_text(encoding="utf-8")
    assert "cutmix" in page and "<script" not in page


def test_every_encoding_is_good_enough(tiny_environment, pictures, copied, tmp_path, monkeypatch):
    """A container prints ASCII: https://github.com/singnet/snet-cli/issues/183. The folder is Korean."""
    photos = shutil.copytree(pictures, tmp_path / "\uac15\uc544\uc9c0")
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    names = ["none", "cutmix"]
    assert command.main(["--dataset", str(photos), "--augment", *names, "--out", str(copied)]) == 0
    sys.stdout.flush()
    out = sys.stdout.buffer.getvalue().decode("ascii")
    assert "\\uac15\\uc544\\uc9c0" in out and "report.html" in out and "cutmix" in out


def test_nothing_is_lost_after_the_training_for_a_classs_name(comparison, results, tmp_path):
    """A name in cp949, as an unpacked archive leaves it, is no UTF-8: today's folders refuse it when opened.

    Training ended so in https://github.com/yinguobing/cnn-facial-landmark/issues/26, and in
    https://github.com/msgpack/msgpack-python/issues/351.
    """
    names = ("\udcb0\udcad\udcbe\udcc6", "a\x1b$|<b>", "\uac15\uc544\uc9c0")
    odd = copy.copy(comparison)
    odd.class_names = names
    (run,) = experiment.run(odd, ["none"], tmp_path, seeds=[0], say=lambda text: None)
    assert run.class_names == [r"\udcb0\udcad\udcbe\udcc6", *names[1:]]
    finished = [dataclasses.replace(each, class_names=run.class_names) for each in results[1]]
    page = report.write(finished, tmp_path, odd.samples(["none", "cutmix"]), "make project")
    assert "\uac15\uc544\uc9c0" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["command.txt", "report.html", "comparison.csv", "runs.csv"])
def test_somebody_elses_file_is_not_overwritten(tiny_environment, tmp_path, capsys, name):
    """A page that `mkdocs new` found was gone: https://github.com/mkdocs/mkdocs/issues/412."""
    (tmp_path / name).write_text("years of work")
    code, _, err = command_line(capsys, "--out", str(tmp_path))
    assert code == 2 and f"{name} is there already and was not written by the course" in err
    assert (tmp_path / name).read_text() == "years of work"
    assert not list(tmp_path.glob("*-seed*"))


def test_a_run_that_an_editor_has_marked_is_read(comparison, copied):
    """Some software adds a byte-order mark to JSON: https://github.com/cityjson/cjio/issues/21."""
    for path in copied.glob("*.json"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    _, said, new = run_again(comparison, copied)
    assert new == set() and "4 runs: 4 are there already, 0 to do." in said
    assert len(runs.identities(copied)) == 4


def test_ctrl_c_says_how_to_go_on(tiny_environment, tmp_path, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("utils.experiment.resume.run", interrupt)
    code, _, err = command_line(capsys, "--out", str(tmp_path))
    assert code == 130 and "the same command goes on from there" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--augment", "cutmax"],
            "Unknown augmentation 'cutmax'; the known ones are: none, basic, random_resized_crop",
        ),
        (
            ["--augment", "cutmix+mixup"],
            "In 'cutmix+mixup' a mix must stand last, and there can be one only.",
        ),
        (["--augment", "none+basic"], "Unknown augmentation 'none+basic'"),
        (["--epochs", "0"], "Setting epochs must be a whole number from 1 to 10,000, got '0'."),
        (["--classes", "1"], "1"),
        (["--classes", "circle,oval"], "oval"),
        (["--student", " "], "The student's id is empty"),
        (["--model", "vgg"], "Unknown model 'vgg'"),
        (["--shots", "19"], "19"),
        (["--dataset", "no_such_set"], "no_such_set"),
        (["--dataset", "./no/such/folder"], "no/such/folder"),
    ],
)
def test_bad_input_is_one_clear_sentence(tiny_environment, tmp_path, capsys, words, message):
    code, _, err = command_line(capsys, "--out", str(tmp_path), *words)
    assert code == 2
    assert err.startswith("Error: ") and message in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_found_before_training(tiny_environment, tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    code, _, err = command_line(capsys, "--out", str(tmp_path / "taken"))
    assert code == 2 and "Cannot write" in err and "taken" in err


def test_a_disk_that_fills_up_during_the_runs_keeps_what_is_there(
    tiny_environment, copied, monkeypatch, capsys
):
    write_whole = files.write_whole

    def full(path, content):
        if str(path).endswith(".weights.h5"):
            raise files.WriteError(f"Cannot write {path}: No space left on device. Free some space.")
        write_whole(path, content)

    for path in copied.glob("cutmix-*.json"):
        path.unlink()
    monkeypatch.setattr(files, "write_whole", full)
    code, _, err = command_line(capsys, "--augment", "none", "cutmix", "--out", str(copied))
    assert code == 2 and "No space left on device" in err
    assert {run.name for run in runs.read_folder(copied)} == {"none, seed 0", "none, seed 1"}


# The full profile


@pytest.fixture(scope="module")
def full_profile(pictures, tmp_path_factory):
    """A frozen and a fine-tuned epoch of the full profile: its run, and its folder.

    Folder pictures stand in for stanford_dogs, saved random weights for ImageNet's, 32 px for 224, and the
    smaller MobileNetV2 for ResNet50. Compiling it would take half a minute: the few steps are run eagerly.
    """
    folder = tmp_path_factory.mktemp("full")
    backbone = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    backbone.save_weights(folder / "backbone.weights.h5")
    words = f"--dataset {pictures} --weights {folder / 'backbone.weights.h5'} --out {folder / 'out'} "
    words += "--model mobilenet_v2 --image-size 32 --shots 18 --epochs 2 --frozen-epochs 1 --batch-size 18 "
    words += "--seeds 1 --augment none"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tf.config.experimental, "enable_op_determinism", lambda: None)
        patched.setenv("COURSE_PROFILE", "full")
        tf.config.run_functions_eagerly(True)
        try:
            assert command.main(words.split()) == 0
        finally:
            tf.config.run_functions_eagerly(False)
    return runs.read_folder(folder / "out")[0], folder / "out"


def test_the_full_profile_freezes_then_fine_tunes_and_reports(full_profile):
    run, folder = full_profile
    first, second = (epoch["learning_rate"] for epoch in run.history)
    assert first == pytest.approx(0.001) and second < 1e-4
    assert [epoch["epoch"] for epoch in run.history] == [1, 2]
    assert all(np.isfinite(epoch["loss"]) for epoch in run.history)
    assert (run.settings["model"], run.settings["precision"]) == ("mobilenet_v2", "mixed_float16")
    assert (folder / "report.html").exists()


def test_the_weights_of_the_full_profile_give_its_predictions_again(full_profile, pictures):
    """BatchNorm's statistics are among the weights: without them, predictions would be others."""
    run, folder = full_profile
    with training.precision("mixed_float16"):
        model = models.build("mobilenet_v2", num_classes=3, image_size=32)
    model.load_weights(folder / run.weights)
    images = next(iter(data.load(str(pictures), "test", image_size=32).batch(12)))[0]
    np.testing.assert_allclose(model(images, training=False), run.probabilities, atol=0.02)


# What comes after a comparison, or during a run


def test_the_magnitude_of_an_epoch_stands_in_the_history(comparison):
    run, _ = comparison.train("adaptive_rand_augment(num_ops=1,start=3)", 0)
    assert run.history[0]["magnitude"] == 3


def test_a_class_that_is_not_there_cannot_be_spared(pictures, tmp_path, capsys, without_determinism):
    name = "random_hue(not_for=3)"
    words = ["--dataset", str(pictures), "--augment", name, "--out", str(tmp_path)]
    assert command.main(words) == 2
    assert "not_for names class 3, but the last class is 2." in capsys.readouterr().err


def test_views_are_predicted_with_the_weights_of_each_run(results, tmp_path):
    command = [str(results[0]), "--augment", "none", "--views", "as is", "mirrored", "--out", str(tmp_path)]
    assert view_predictions.main(command) == 0
    found = view_predictions.read_folder(tmp_path)
    assert [(each["augmentation"], each["seed"]) for each in found] == [("none", 0), ("none", 1)]
    for each, run in zip(found, [run for run in results[1] if run.augmentation == "none"], strict=True):
        assert each["views"] == ["as is", "mirrored"] and each["class_names"] == run.class_names
        np.testing.assert_allclose(each["test"][0], run.probabilities, atol=2e-3)  # kept as float16
        assert not np.array_equal(each["test"][0], each["test"][1])
        np.testing.assert_array_equal(each["test_labels"], run.labels)
        accuracy = evaluation.top1(each["validation"][0], each["validation_labels"])
        assert accuracy == pytest.approx(run.validation_accuracy)


def test_views_of_no_runs_are_one_clear_sentence(tmp_path, copied, capsys):
    assert view_predictions.main([str(tmp_path / "nothing"), "--out", str(tmp_path)]) == 2
    assert "There are no runs in" in capsys.readouterr().err
    words = [str(copied), "--augment", "none", "mixup", "--out", str(tmp_path / "views")]
    assert view_predictions.main(words) == 2 and not (tmp_path / "views").exists()
    assert f"Error: There are no runs of mixup in {copied}." in capsys.readouterr().err
    for path in copied.glob("*.weights.h5"):
        path.unlink()
    assert view_predictions.main([str(copied), "--out", str(tmp_path / "views")]) == 2
    assert "weights.h5" in capsys.readouterr().err


# Phases of a training


def test_mixing_ends_and_the_epochs_after_it_are_new(comparison, monkeypatch):
    """A second fit without mixing, with an order and draws of its own: not those of the first epochs."""
    calls = []

    def fit(model, batches, **settings):
        calls.append((batches, settings))
        return [{"validation_accuracy": 0}]

    monkeypatch.setattr(training, "fit", fit)
    comparison.train("basic+cutmix(until=0.5)", 0)
    (mixed, first), (plain, second) = calls
    assert (first["initial_epoch"], first["epochs"]) == (0, 1)
    assert (second["initial_epoch"], second["epochs"]) == (1, 2)
    (images, labels), (others, one_hot) = next(iter(mixed)), next(iter(plain))
    assert np.max(labels, axis=1).min() < 1 == np.max(one_hot, axis=1).min()
    assert not np.array_equal(images, others)
    again = comparison.training_batches("basic", 0)
    assert not any(np.array_equal(others, images) for images, _ in again)


def test_a_training_may_end_early_and_the_model_is_compiled_once(comparison):
    class StopAtOnce(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = True

    compiled = comparison.model().optimizer
    run, _ = comparison.train("cutmix(until=0.5)", 0, callbacks=[StopAtOnce()])
    assert len(run.history) == 1  # in the first of its two calls of `fit`
    assert comparison.model().optimizer is compiled
