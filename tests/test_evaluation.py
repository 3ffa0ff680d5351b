import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats

from utils import evaluation


def sure(classes, guesses):
    """Probabilities of a model that is certain of its guesses."""
    return np.eye(classes, dtype=np.float32)[guesses]


def run(variant, seed, guesses, *, labels, validation=0.5, classes=3):
    return evaluation.Run(
        augmentation=variant,
        seed=seed,
        class_names=[f"class {number}" for number in range(classes)],
        history=[{"epoch": 1, "seconds": 2.0}, {"epoch": 2, "seconds": 4.0}],
        validation_accuracy=validation,
        probabilities=sure(classes, guesses),
        labels=np.array(labels),
    )


def random_runs(seeds=4, images=200, classes=5, variants=("none", "basic")):
    """Runs whose accuracy differs from variant to variant and from seed to seed."""
    runs = []
    for place, variant in enumerate(variants):
        for seed in range(seeds):
            random = np.random.default_rng([place, seed])
            labels = np.arange(images) % classes
            right = random.random(images) < 0.4 + 0.2 * place + 0.02 * seed
            guesses = np.where(right, labels, (labels + 1) % classes)
            runs.append(run(variant, seed, guesses, labels=labels, classes=classes))
    return runs


# predictions


def test_predict_keeps_order_and_types():
    batches = [(np.full((2, 1), 3.0), np.eye(4)[[1, 0]]), (np.full((1, 1), 5.0), np.eye(4)[[3]])]

    def model(images, training):
        assert training is False
        return np.repeat(images, 4, axis=1)

    probabilities, labels = evaluation.predict(model, batches)
    assert probabilities.dtype == np.float32 and labels.dtype == np.int64
    np.testing.assert_array_equal(probabilities[:, 0], [3, 3, 5])
    np.testing.assert_array_equal(labels, [1, 0, 3])


def test_predict_without_batches():
    with pytest.raises(ValueError, match="no batches"):
        evaluation.predict(None, [])


def test_top1_counts_right_predictions():
    assert evaluation.top1(sure(3, [0, 1, 2, 2]), [0, 1, 1, 2]) == 0.75


def test_a_prediction_that_is_not_a_number_is_wrong():
    probabilities = sure(2, [0, 0])
    probabilities[1] = np.nan  # argmax would call this class 0
    assert evaluation.top1(probabilities, [0, 0]) == 0.5


@pytest.mark.parametrize("labels", [[0], [0, 1, 2], [[0], [1]], [0, 2], [0, -1]])
def test_labels_that_do_not_fit(labels):
    with pytest.raises(ValueError):
        evaluation.top1(sure(2, [0, 1]), labels)


def test_no_images_is_an_error():
    with pytest.raises(ValueError, match="N > 0"):
        evaluation.top1(np.zeros((0, 2)), np.zeros(0, int))


def test_accuracy_per_class():
    accuracies = evaluation.accuracy_per_class(sure(4, [0, 1, 1, 3]), [0, 0, 1, 3])
    np.testing.assert_array_equal(accuracies, [0.5, 1.0, math.nan, 1.0])


# calibration


def test_calibration_error_by_hand():
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]
    # confidence .9: half right, gap .4; confidence .6: all right, gap .4; half of the images in each
    error = evaluation.expected_calibration_error(probabilities, [0, 1, 1, 1], bins=10)
    assert error == pytest.approx(0.4)


def test_bins_are_closed_above():
    probabilities = [[0.5, 0.5], [0.75, 0.25]]
    # .5 is in the lower of two bins: gaps .5 and .25. In one bin together they would give .125.
    assert evaluation.expected_calibration_error(probabilities, [1, 0], bins=2) == pytest.approx(0.375)


def test_calibration_error_agrees_with_a_loop():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), size=500)
    labels = random.integers(0, 4, size=500)
    total = 0.0
    for number in range(15):
        inside = [
            (max(row), row.argmax() == label)
            for row, label in zip(probabilities, labels, strict=True)
            if number / 15 < max(row) <= (number + 1) / 15
        ]
        if inside:
            confidence, right = zip(*inside, strict=True)
            total += abs(sum(confidence) - sum(right))
    assert evaluation.expected_calibration_error(probabilities, labels) == pytest.approx(total / 500)


def test_honest_probabilities_are_calibrated():
    random = np.random.default_rng(1)
    probabilities = random.dirichlet(np.ones(3), size=20_000)
    labels = (random.random((20_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    assert evaluation.expected_calibration_error(probabilities, labels) < 0.02
    assert evaluation.expected_calibration_error(probabilities**3, labels) > 0.1


def test_a_model_without_numbers_has_no_calibration():
    probabilities = np.full((3, 2), np.nan)
    assert evaluation.calibration_curve(probabilities, [0, 1, 0]).count.sum() == 0
    assert math.isnan(evaluation.expected_calibration_error(probabilities, [0, 1, 0]))


# paired seeds


def test_paired_difference_by_hand():
    difference = evaluation.paired_difference([0.51, 0.62, 0.73], [0.50, 0.60, 0.70])
    half = 4.302653 * 0.01 / math.sqrt(3)  # differences .01 .02 .03: mean .02, deviation .01; t(2) = 4.302653
    assert difference.mean == pytest.approx(0.02)
    assert difference.low == pytest.approx(0.02 - half, abs=1e-7)
    assert difference.high == pytest.approx(0.02 + half, abs=1e-7)
    assert difference.seeds == 3


def test_paired_difference_agrees_with_scipy():
    random = np.random.default_rng(2)
    first, second = random.random(7), random.random(7)
    expected = scipy.stats.ttest_rel(first, second)
    difference = evaluation.paired_difference(first, second)
    assert difference.p_value == pytest.approx(expected.pvalue)
    assert (difference.low, difference.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_the_interval_holds_the_truth_19_times_in_20():
    random = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        _, low, high = evaluation.mean_interval(random.normal(0.03, 0.02, size=3))
        held += low <= 0.03 <= high
    assert 0.93 < held / 1000 < 0.97


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.60, 0.61, 0.62], evaluation.BETTER),
        ([0.40, 0.41, 0.42], evaluation.WORSE),
        ([0.40, 0.50, 0.61], evaluation.NO_CLEAR_DIFFERENCE),
        ([0.50, 0.50, 0.50], evaluation.NO_CLEAR_DIFFERENCE),
        ([0.60, 0.60, 0.60], evaluation.NO_SPREAD),
        ([0.90], evaluation.ONE_RUN),
    ],
)
def test_verdicts(accuracies, verdict):
    assert evaluation.paired_difference(accuracies, [0.5] * len(accuracies)).verdict == verdict


def test_rounding_is_no_spread():
    difference = evaluation.paired_difference([0.7, 0.8, 0.9], [0.6, 0.7, 0.8])  # .1 with errors of 1e-16
    assert difference.verdict == evaluation.NO_SPREAD
    assert math.isnan(difference.low) and math.isnan(difference.p_value)


def test_one_pair_has_no_interval():
    difference = evaluation.paired_difference([0.6], [0.5])
    assert difference.mean == pytest.approx(0.1)
    assert math.isnan(difference.low) and math.isnan(difference.high) and difference.indicative


def test_fewer_than_five_seeds_are_indicative():
    values = np.linspace(0.5, 0.6, 5)
    assert evaluation.paired_difference(values[:4], [0.4] * 4).indicative
    assert not evaluation.paired_difference(values, [0.4] * 5).indicative


@pytest.mark.parametrize("pair", [([], []), ([0.5], [0.5, 0.6]), ([0.5, math.nan], [0.5, 0.5])])
def test_lists_that_are_no_pairs(pair):
    with pytest.raises(ValueError):
        evaluation.paired_difference(*pair)


# bootstrap


def test_bootstrap_agrees_with_drawing_images_one_by_one():
    random = np.random.default_rng(4)
    first, second = random.random((2, 3, 300)) < [[[0.7]], [[0.6]]]
    mean, low, high = evaluation.bootstrap_difference(first, second, seed=0, resamples=20_000)
    per_image = first.mean(axis=0) - second.mean(axis=0)
    drawn = [per_image[random.integers(0, 300, size=300)].mean() for _ in range(20_000)]
    assert mean == pytest.approx(first.mean() - second.mean())
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.002)


def test_bootstrap_repeats_with_its_seed():
    first, second = np.random.default_rng(5).random((2, 50)) < 0.5
    intervals = [evaluation.bootstrap_difference(first, second, seed=seed) for seed in (0, 0, 1)]
    assert intervals[0] == intervals[1] != intervals[2]


def test_bootstrap_of_the_same_model_is_zero():
    correct = np.random.default_rng(6).random((2, 50)) < 0.5
    assert evaluation.bootstrap_difference(correct, correct, seed=0) == (0, 0, 0)


@pytest.mark.parametrize("shapes", [((2, 5), (3, 5)), ((2, 5), (2, 6)), ((1, 0), (1, 0))])
def test_bootstrap_shapes(shapes):
    with pytest.raises(ValueError, match="seeds, images"):
        evaluation.bootstrap_difference(*(np.ones(shape, bool) for shape in shapes), seed=0)


# comparison


def test_compare_agrees_with_scipy_and_counts():
    runs = random_runs()
    table = evaluation.compare(runs).set_index("variant")
    accuracies = {
        variant: [
            np.mean(run.probabilities.argmax(axis=1) == run.labels)
            for run in runs
            if run.augmentation == variant
        ]
        for variant in ("none", "basic")
    }
    expected = scipy.stats.ttest_rel(accuracies["basic"], accuracies["none"])
    interval = expected.confidence_interval(0.95)
    row = table.loc["basic"]
    assert row["test_accuracy"] == pytest.approx(np.mean(accuracies["basic"]))
    gain = np.mean(accuracies["basic"]) - np.mean(accuracies["none"])
    assert row["difference_points"] == pytest.approx(100 * gain)
    assert row["difference_percent"] == pytest.approx(100 * gain / np.mean(accuracies["none"]))
    assert (row["low_points"], row["high_points"]) == pytest.approx((100 * interval.low, 100 * interval.high))
    assert row["bootstrap_low_points"] < row["difference_points"] < row["bootstrap_high_points"]
    assert row["calibration_error"] == pytest.approx(1 - row["test_accuracy"])  # always certain
    assert row["seconds_per_epoch"] == 3.0
    assert table.loc["none", "verdict"] == evaluation.IS_BASELINE
    assert math.isnan(table.loc["none", "difference_points"])


def test_the_order_of_runs_does_not_matter():
    runs = random_runs()
    shuffled = [runs[place] for place in (5, 0, 7, 2, 1, 6, 3, 4)]
    assert evaluation.compare(runs).equals(evaluation.compare(shuffled))


def test_only_common_seeds_are_paired():
    labels = [0, 1, 2, 0]
    runs = [
        run("none", 0, [0, 1, 0, 1], labels=labels),
        run("none", 1, [0, 0, 0, 1], labels=labels),
        run("cutmix", 1, [0, 1, 2, 1], labels=labels),
        run("cutmix", 2, [1, 0, 0, 1], labels=labels),
    ]
    row = evaluation.compare(runs).set_index("variant").loc["cutmix"]
    assert (row["seeds"], row["paired_seeds"], row["verdict"]) == (2, 1, evaluation.ONE_RUN)
    assert row["difference_points"] == 50.0  # seed 1: 75 % against 25 %
    assert row["test_accuracy"] == 0.375  # both of its seeds


def test_no_common_seed_and_no_baseline():
    runs = [run("none", 0, [0], labels=[0]), run("mixup", 1, [0], labels=[0])]
    table = evaluation.compare(runs).set_index("variant")
    assert table.loc["mixup", "verdict"] == evaluation.NO_PAIRS
    assert evaluation.compare(runs[1:])["verdict"].item() == evaluation.NO_PAIRS
    assert evaluation.compare_classes(runs).empty


def test_the_choice_is_made_on_validation():
    runs = [
        run("none", 0, [0, 0], labels=[0, 0], validation=0.6),
        run("basic", 0, [1, 1], labels=[0, 0], validation=0.7),
    ]
    assert evaluation.chosen_variant(runs) == "basic"
    assert list(evaluation.compare(runs)["chosen"]) == [False, True]


def test_a_choice_compares_the_same_seeds():
    values = {("none", 0): 0.6, ("none", 1): 0.9, ("basic", 0): 0.7}
    runs = [run(*key, [0], labels=[0], validation=value) for key, value in values.items()]
    assert evaluation.chosen_variant(runs) == "basic"  # better with seed 0, the only one that both have


@pytest.mark.parametrize("value", [0.5, math.nan])
def test_ties_and_missing_validation(value):
    runs = [
        run("basic", 0, [0], labels=[0], validation=value),
        run("none", 0, [0], labels=[0], validation=0.5),
    ]
    assert evaluation.chosen_variant(runs) == "none"
    assert evaluation.chosen_variant(runs[:1]) == ("basic" if value == 0.5 else None)


def test_a_baseline_that_is_always_wrong_has_no_percent():
    runs = [run("none", 0, [1], labels=[0]), run("basic", 0, [0], labels=[0])]
    row = evaluation.compare(runs).iloc[1]
    assert row["difference_points"] == 100 and math.isnan(row["difference_percent"])


def test_runs_that_cannot_be_compared():
    one = run("none", 0, [0], labels=[0])
    with pytest.raises(ValueError, match="no runs"):
        evaluation.compare([])
    with pytest.raises(ValueError, match="two runs of none with seed 0"):
        evaluation.compare([one, one])
    with pytest.raises(ValueError, match="basic, seed 0, was tested on other images"):
        evaluation.compare([one, run("basic", 0, [0], labels=[1])])


def test_class_changes_add_up_to_the_difference():
    runs = random_runs(images=203)  # classes of different sizes
    classes = evaluation.compare_classes(runs)
    difference = evaluation.compare(runs).set_index("variant").loc["basic", "difference_points"]
    assert (classes["difference_points"] * classes["images"]).sum() / 203 == pytest.approx(difference)
    assert classes["images"].sum() == 203


def test_class_changes_agree_with_scipy():
    runs = random_runs()
    row = evaluation.compare_classes(runs).set_index("class").loc[2]
    own = [np.mean([guess.argmax() == 2 for guess in run.probabilities[run.labels == 2]]) for run in runs]
    interval = scipy.stats.ttest_rel(own[4:], own[:4]).confidence_interval(0.95)
    assert (row["low_points"], row["high_points"]) == pytest.approx((100 * interval.low, 100 * interval.high))
    assert row["accuracy"] == pytest.approx(np.mean(own[4:]))
    assert row["baseline_accuracy"] == pytest.approx(np.mean(own[:4]))
    assert row["class_name"] == "class 2"


def test_a_class_without_test_images_has_no_row():
    runs = [run(variant, 0, [0, 2], labels=[0, 2]) for variant in ("none", "basic")]
    assert list(evaluation.compare_classes(runs)["class"]) == [0, 2]


def test_the_text_table_tells_the_result():
    text = evaluation.as_text(evaluation.compare(random_runs()))
    assert "none *" in text and "better, indicative" in text
    assert "nan" not in text


@pytest.mark.parametrize(
    ("module", "slow"),
    [
        ("utils.evaluation", "pandas scipy.stats tensorflow"),
        ("utils.report", "matplotlib.pyplot scipy.stats tensorflow"),
        ("utils.experiment.runs", "pandas scipy.stats tensorflow"),
    ],
)
def test_reading_results_waits_for_nothing_slow(module, slow):
    code = f"import sys, {module}; print(*set({slow.split()}) & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""
