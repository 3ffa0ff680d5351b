import dataclasses
import json

import pytest

from utils import settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("profile", *(field.name for field in dataclasses.fields(settings.Settings))):
        monkeypatch.delenv(f"COURSE_{name.upper()}", raising=False)


def test_the_quick_profile_is_the_default():
    chosen = settings.load()
    assert (chosen.profile, chosen.dataset, chosen.model, chosen.weights) == (
        "quick",
        "toy_dogs",
        "small_resnet",
        None,
    )


def test_the_full_profile_is_stanford_dogs_with_a_pretrained_resnet50(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    chosen = settings.load()
    assert (chosen.dataset, chosen.model, chosen.weights) == ("stanford_dogs", "resnet50", "imagenet")
    assert (chosen.image_size, chosen.epochs) == (224, 20)


def test_an_argument_wins_over_the_environment_and_the_environment_over_the_profile(monkeypatch):
    monkeypatch.setenv("COURSE_EPOCHS", "7")
    assert settings.load().epochs == 7
    assert settings.load(epochs="3").epochs == 3
    assert settings.load(epochs=None).epochs == 7


def test_none_in_words_switches_weights_and_shots_off(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("COURSE_WEIGHTS", "none")
    assert settings.load(shots="none").weights is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("10", 10),
        (10, 10),
        ("none", None),
        ("beagle, pug", "beagle,pug"),
        (["beagle", "pug"], "beagle,pug"),
        (("3", "5"), "3,5"),
    ],
)
def test_classes_are_a_number_or_names(monkeypatch, given, expected):
    assert settings.load(classes=given).classes == expected
    if isinstance(given, str):
        monkeypatch.setenv("COURSE_CLASSES", given)
        assert settings.load().classes == expected


@pytest.mark.parametrize("name", settings.PROFILES)
def test_settings_are_the_same_when_read_from_json(name):
    chosen = settings.load(profile=name, classes=["beagle", "pug"])
    stored = json.loads(json.dumps(dataclasses.asdict(chosen)))
    assert settings.Settings(**stored) == chosen and stored == dataclasses.asdict(chosen)


# ---- what a run is known by ------------------------------------------------------------------------------


def test_the_defaults_are_the_quick_profile():
    assert settings.Settings() == settings.load(profile="quick")
    assert settings.Settings().differing() == {}


def test_a_run_is_known_by_what_differs_from_the_defaults():
    assert settings.load(epochs="40", learning_rate="0.002", classes="none").differing() == {}
    assert settings.load(epochs=5, classes="10").differing() == {"epochs": 5, "classes": 10}
    differing = settings.load(profile="full").differing()
    assert (differing["model"], differing["image_size"]) == ("resnet50", 224)
    assert "batch_size" not in differing


@pytest.mark.parametrize(
    "change", [{"dataset": "./photos"}, {"weights": "more_breeds"}, {"seeds": 5}, {"profile": "full"}]
)
def test_a_run_is_not_known_by_names_and_paths(change):
    assert dataclasses.replace(settings.Settings(), **change).differing() == {}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"profile": "fast"}, "COURSE_PROFILE is 'fast'; choose one of: quick, photos, full."),
        ({"epoch": 3}, "Unknown setting 'epoch'; the settings are: dataset, model"),
        ({"epochs": "many"}, "Setting epochs must be a whole number from 1 to 10,000, got 'many'."),
        ({"shots": 0}, "Setting shots must be a whole number from 1 to 1,000,000, got 0."),
        ({"classes": 0}, "Setting classes must be 2 or more, got 0."),
        ({"classes": "1"}, "Setting classes must be 2 or more, got '1'."),
        ({"classes": 2.5}, "Setting classes must be a number or names, got 2.5."),
        ({"classes": "pug"}, "a number, or two names or more with commas between, got 'pug'."),
        ({"classes": "pug,"}, "a number, or two names or more with commas between, got 'pug,'."),
        ({"learning_rate": "-1"}, "Setting learning_rate must be a number above 0 and up to 100, got '-1'."),
        (
            {"learning_rate": "nan"},
            "Setting learning_rate must be a number above 0 and up to 100",
        ),
    ],
)
def test_a_bad_setting_is_one_clear_sentence(overrides, message):
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(**overrides)
    assert message in str(caught.value)
