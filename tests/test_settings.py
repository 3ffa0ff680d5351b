import pytest

from utils import settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.delenv("COURSE_EPOCHS", raising=False)


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
    ("overrides", "message"),
    [
        ({"profile": "fast"}, "COURSE_PROFILE is 'fast'; choose one of: quick, full."),
        ({"epoch": 3}, "Unknown setting 'epoch'; the settings are: dataset, model"),
        ({"epochs": "many"}, "Setting epochs must be int, got 'many'."),
        ({"shots": 0}, "Setting shots must be greater than 0, got 0."),
        ({"learning_rate": "-1"}, "Setting learning_rate must be greater than 0, got '-1'."),
        ({"learning_rate": "nan"}, "Setting learning_rate must be greater than 0, got 'nan'."),
    ],
)
def test_a_bad_setting_is_one_clear_sentence(overrides, message):
    with pytest.raises(settings.SettingsError) as caught:
        settings.load(**overrides)
    assert message in str(caught.value)
