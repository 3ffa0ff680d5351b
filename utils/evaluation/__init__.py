"""What the predictions of trained models are worth, and whether one augmentation beats another."""

# ruff: noqa: F401  what others use of it

from utils.evaluation.predictions import (
    CalibrationCurve,
    accuracy_per_class,
    calibration_curve,
    expected_calibration_error,
    is_correct,
    predict,
    predict_with_views,
    top1,
)
from utils.evaluation.run import Run
from utils.evaluation.statistics import (
    BETTER,
    FIRM_SEEDS,
    IS_BASELINE,
    LEVEL,
    NO_CLEAR_DIFFERENCE,
    NO_PAIRS,
    NO_SPREAD,
    ONE_RUN,
    WORSE,
    bootstrap_difference,
    mean_interval,
    paired_difference,
)
from utils.evaluation.tables import (
    BASELINE,
    as_table,
    as_text,
    by_seed,
    check_runs,
    chosen_variant,
    compare,
    compare_classes,
    paired_runs,
    variants,
    verdict_in_words,
)
