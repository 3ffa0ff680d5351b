"""A setting of the wrong kind, out of range or misspelled is one sentence, wherever it comes from."""

import dataclasses

import numpy as np
import pytest

from utils import errors, experiment, models, settings
from utils.experiment import __main__ as command
from utils.experiment import registered, resume, runs, seeds, variants

WHOLE = ("image_size", "shots", "epochs", "frozen_epochs", "batch_size", "seeds")
# What is no whole number in its range: as an argument only, and also as text.
NOT_WHOLE = [True, 2.5, 3.0, 1e9, float("nan"), float("inf"), (32, 32), [8], b"5", {}, -1, 10**12]
NOT_WHOLE_TEXTS = ["5x", "2.5", "1e9", "-1", "nan", "True", "9" * 5000, "1000000000000"]
NO_RATES = [True, 0, 0.0, -1e-3, float("nan"), float("inf"), 10**400, 1j, [1e-3], (1e-3,), b"0.1", 1e9]
NO_RATE_TEXTS = ["0", "-0.1", "nan", "inf", "1e400", "fast", "0,001"]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for field in dataclasses.fields(settings.Settings):
        monkeypatch.delenv(f"COURSE_{field.name.upper()}", raising=False)


def sentence(caught):
    """The message, which is one line of a length that can be read."""
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 300
    return text


# ---- settings of a comparison ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [*NOT_WHOLE, *NOT_WHOLE_TEXTS], ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_whole_number_is_refused_as_an_argument(name, value):
    """`epochs=400 / 3`, a float, went into a training: https://github.com/XifengGuo/DEC-keras/issues/1.

    A truth value passed as a number: https://github.com/chroma-core/chroma/pull/7590.
    """
    for made in (settings.load, settings.Settings):
        with pytest.raises(settings.SettingsError) as caught:
            made(**{name: value})
        assert f"Setting {name} must be a whole number from " in sentence(caught)


@pytest.mark.parametrize("value", [*NO_RATES, *NO_RATE_TEXTS], ids=lambda value: repr(value)[:12])
def test_a_learning_rate_is_a_number_above_0(value):
    """False, NaN and infinity trained to the end: https://github.com/strands-labs/robots/pull/1943."""
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(learning_rate=value)
    assert "Setting learning_rate must be a number above 0 and up to 100" in sentence(caught)


@pytest.mark.parametrize(
    ("name", "value"),
    [("dataset", 3), ("dataset", " "), ("dataset", b"toy_dogs"), ("weights", True), ("model", ["resnet50"])],
)
def test_a_name_is_a_text(name, value):
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(**{name: value})
    assert f"Setting {name} must be a text" in sentence(caught)


@pytest.mark.parametrize("value", [True, 1, 0, -3, 2.5, b"ab", ["pug", 3]])
def test_classes_that_are_neither_a_number_nor_names(value):
    with pytest.raises(settings.SettingsError, match="Setting classes must be "):
        settings.load(classes=value)


def test_a_changed_copy_is_checked_too():
    """As lessons change them: `dataclasses.replace(course, epochs=2)`."""
    chosen = settings.load(epochs=8, frozen_epochs=3)
    with pytest.raises(settings.SettingsError, match="Setting epochs must be a whole number from 1"):
        dataclasses.replace(chosen, epochs=0)
    with pytest.raises(settings.SettingsError, match="frozen_epochs is 3, more than the 2 epochs"):
        dataclasses.replace(chosen, epochs=2)


def test_numbers_of_numpy_become_pythons_which_json_can_write():
    chosen = settings.load(epochs=np.int64(3), learning_rate=np.float64(0.01))
    assert (type(chosen.epochs), type(chosen.learning_rate)) == (int, float)
    assert chosen == settings.load(epochs=3, learning_rate=0.01)


@pytest.mark.parametrize("value", NOT_WHOLE_TEXTS, ids=lambda value: value[:12])
@pytest.mark.parametrize("name", WHOLE)
def test_the_environment_is_refused_by_the_variables_name(monkeypatch, name, value):
    monkeypatch.setenv(f"COURSE_{name.upper()}", value)
    with pytest.raises(settings.SettingsError) as caught:
        settings.load()
    assert f"COURSE_{name.upper()} in the environment must be a whole number" in sentence(caught)


@pytest.mark.parametrize("name", ["epochs", "learning_rate", "weights", "profile", "dataset"])
def test_an_empty_variable_counts_as_none(monkeypatch, name):
    """A Dockerfile cannot take a variable away: https://github.com/deepspeedai/DeepSpeed/pull/3763.

    Nor a project's settings on GitHub: https://github.com/RedHatProductSecurity/aegis-ai/pull/692.
    """
    monkeypatch.setenv(f"COURSE_{name.upper()}", "")
    assert settings.load() == settings.Settings()


@pytest.mark.parametrize("variable", ["COURSE_EPOCH", "COURSE_SEED", "COURSE_LEARNINGRATE", "COURSE_PROFIL"])
def test_a_misspelled_variable_is_not_ignored(monkeypatch, variable):
    """The comparison would run with the default: https://github.com/ahrefs/ocannl/issues/629."""
    monkeypatch.setenv(variable, "3")
    with pytest.raises(settings.SettingsError) as caught:
        settings.load()
    assert sentence(caught).startswith(f"{variable} is no setting: write COURSE_")


@pytest.mark.parametrize("variable", ["COURSE_ID", "COURSE_DATA", "COURSE_NAME", "COURSES", "COURSE_"])
def test_variables_of_other_programs_are_left_alone(monkeypatch, variable):
    """How near is near: measured in https://github.com/cbcoutinho/nextcloud-mcp-server/pull/1216."""
    monkeypatch.setenv(variable, "3")
    assert settings.load() == settings.Settings()


# ---- the command line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        *([f"--{name.replace('_', '-')}={value}"] for name in WHOLE for value in ("5x", "2.5", "-1", "1e9")),
        *([f"--learning-rate={value}"] for value in ("inf", "nan", "0")),
        ["--model", ""],
        ["--augment", "cutmix(alpha=nan)"],
        ["--augment", "basic(not_for=-1)"],
        ["--augment", "basic+" * 30 + "mixup"],
        ["--augment", "a|b:c"],
    ],
    ids=lambda words: words[-1][:30],
)
def test_the_command_line_refuses_before_anything_is_written(words, tmp_path, capsys):
    assert command.main([*words, "--out", str(tmp_path / "out")]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("Error: ") and err.count("\n") == 1 and out == ""
    assert not (tmp_path / "out").exists()


# ---- variants ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cutmix(alpha=nan)", "alpha must be a finite number, not nan."),
        ("mixup(alpha=inf)", "alpha must be a finite number, not inf."),
        ("rotate(degrees=-inf)", "degrees must be a finite number, not -inf."),
        ("cutmix(until=nan)", "until must be a finite number, not nan."),
        ("cutmix(alpha=1,alpha=2)", "gives a setting twice."),
        ("basic(not_for=-1)", "not_for takes numbers of classes, from 0, not -1."),
        ("basic(not_for=2 -3)", "not_for takes numbers of classes, from 0, not -3."),
        ("basic(not_for=1.5)", "Cannot read 'basic(not_for=1.5)'"),
        (["basic"], "A variant is named by a text, such as 'basic+mixup', not by ['basic']."),
        (None, "not by None."),
    ],
)
def test_a_variants_setting_is_refused_when_its_name_is_read(name, message):
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(name)
    assert message in sentence(caught)


@pytest.mark.parametrize("name", ["rand_augment(num_ops=2.5)", "rand_augment(num_ops=0)", "mixup(alpha=0)"])
def test_a_variants_setting_is_refused_before_any_training(name, monkeypatch, tmp_path):
    """`n` of kornia's RandAugment is checked nowhere: https://github.com/kornia/kornia/issues/4443.

    Nor was torchvision's `num_ops`: https://github.com/pytorch/vision/pull/8994.
    """

    class Comparison:
        """Has data; whatever else it is asked for would train."""

        class_names = ("cat", "dog")
        settings = settings.Settings()

    with pytest.raises(variants.VariantError, match="cannot be used"):
        resume.run(Comparison(), ["none", name], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wanted": "none"}, "Variants stand in a list: ['none']."),
        ({"seeds": 3}, "Seeds are a list of numbers from 0, such as range(3)"),
        ({"seeds": []}, "Seeds are a list"),
        ({"seeds": [0, -1]}, "Seeds are a list"),
        ({"seeds": [0.5]}, "Seeds are a list"),
        ({"seeds": [True]}, "Seeds are a list"),
        ({"seeds": "012"}, "Seeds are a list"),
        ({"seeds": [2**32]}, "Seeds are a list"),
        ({"seeds": [1, 2, 1]}, "A seed is there twice in [1, 2, 1]"),
        ({"workers": 0}, "Runs need at least one worker, not 0."),
        ({"workers": -1}, "Runs need at least one worker, not -1."),
        ({"workers": 1.5}, "Runs need at least one worker, not 1.5."),
        ({"workers": "2"}, "Runs need at least one worker, not '2'."),
    ],
)
def test_run_refuses_before_any_training(changes, message, tmp_path):
    class Comparison:
        class_names = ("cat", "dog")
        settings = settings.Settings()

    with pytest.raises(errors.CourseError) as caught:
        experiment.run(Comparison(), **{"wanted": ["none"], "folder": tmp_path} | changes)
    assert message in sentence(caught)


def test_seeds_of_numpy_become_pythons_which_json_can_write():
    found = seeds.checked(np.arange(3))
    assert found == [0, 1, 2] and {type(seed) for seed in found} == {int}


@pytest.mark.parametrize("student", [20231234, None, b"ann"])
def test_a_students_id_is_a_text(student):
    with pytest.raises(seeds.IdError, match="id is a text: write it in quotation marks"):
        experiment.seeds_of(student, 3)


def test_an_accent_counts_once_however_it_is_encoded():
    """A Mac hands names on in pieces (NFD), a keyboard whole (NFC)."""
    assert experiment.seeds_of("jose\N{COMBINING ACUTE ACCENT}", 2) == experiment.seeds_of("jos\xe9", 2)


def test_an_id_that_is_not_utf8_has_seeds_too():
    assert len(set(experiment.seeds_of("\udcff", 2))) == 2


# ---- names that become files -------------------------------------------------------------------------------

IDENTITY = {"settings": {"epochs": 10_000}, "data": "d", "recipes": {"data": 1}}


def test_the_longest_name_makes_a_file_that_every_system_can_name():
    """Of 143 characters, an encrypted home folder's limit; Windows has 260 for a whole path.

    Names of experiments made of their settings were too long: https://github.com/ray-project/ray/issues/1463,
    https://github.com/QUVA-Lab/artemis/issues/113.
    """
    longest = "mixup(alpha=0." + "1" * 85 + ")"
    assert variants.parse(longest).name == longest and len(longest) == 100
    assert len(runs.stem(longest, 2**32 - 1, IDENTITY) + ".predictions.npz") <= 140
    with pytest.raises(variants.VariantError) as caught:
        variants.parse(longest.replace("0.", "0.1"))
    assert "has 101 characters, and files are named after it: at most 100." in sentence(caught)


@pytest.mark.parametrize(
    "name",
    ["a|b:c", "cutmix(alpha=1)*", 'a"b', "a?b", "a<b", "a/b", "..", "a\\b", "a\n", "a\0b", "x" * 101],
)
def test_what_windows_forbids_never_gets_into_a_runs_file(name):
    """Colons did: https://github.com/google/mobly/issues/423, https://github.com/carbonblack/cbc-syslog/issues/82."""
    with pytest.raises(variants.VariantError):
        variants.parse(name)
    with pytest.raises(variants.VariantError, match="cannot name a run's files"):
        runs.stem(name, 0, IDENTITY)
    with pytest.raises(registered.RegisterError, match="is no name for a variant"):
        experiment.register(name, augment=lambda images, *, seed: images)


def test_a_folder_whose_files_would_be_too_long_is_refused_before_training(tmp_path):
    """As on an encrypted disk, or 260 characters deep on Windows."""
    folder = tmp_path
    while len(str(folder)) < 3900:
        folder = folder / ("f" * 200)
    folder = folder / ("f" * (4080 - len(str(folder)) - 1))
    with pytest.raises(runs.files.WriteError, match="Cannot write"):
        runs.check_place(folder, "basic+mixup", 0, IDENTITY)


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path):
    runs.check_place(tmp_path / "new", "basic", 0, IDENTITY)
    assert list((tmp_path / "new").iterdir()) == []


# ---- models ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_classes", [1, 0, -2, True, 2.0, "12", None, (12,), float("nan")])
def test_a_classifier_has_at_least_two_classes(num_classes):
    """With one, softmax is 1 whatever is seen, and the accuracy 100 %.

    https://github.com/ultralytics/yolov3/issues/191, https://github.com/jindongwang/transferlearning/issues/36.
    """
    with pytest.raises(models.ModelError) as caught:
        models.build("small_resnet", num_classes=num_classes, image_size=16)
    assert "A classifier needs at least two classes, got num_classes=" in sentence(caught)


@pytest.mark.parametrize("image_size", [(32, 32), [32], 32.0, "32", None, True])
def test_the_side_of_images_is_a_whole_number(image_size):
    """A pair in place of a side: https://github.com/DOsinga/deep_learning_cookbook/issues/87."""
    with pytest.raises(models.ModelError) as caught:
        models.build("small_resnet", num_classes=3, image_size=image_size)
    assert "image_size is the side of square images, a whole number, not " in sentence(caught)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ["small_resnet"]}, "Unknown model ['small_resnet']"),
        ({"name": None}, "Unknown model None"),
        ({"weights": True}, "weights is None, a name or the path of a file, not True."),
        ({"weights": ["imagenet"]}, "weights is None, a name or the path of a file, not ['imagenet']."),
    ],
)
def test_a_model_is_named_by_texts(changes, message):
    with pytest.raises(models.ModelError) as caught:
        models.build(**{"name": "small_resnet", "num_classes": 3, "image_size": 32} | changes)
    assert message in str(caught.value)
