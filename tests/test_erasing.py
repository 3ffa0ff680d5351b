"""Cutout, Random Erasing and GridMask: what is hidden, how much of it, and where."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from utils import checks
from utils.augment import erasing

SEED = (3, 5)


def hidden(augment, count=400, height=40, width=60, seed=SEED):
    """Return bool [B, H, W]: what the augmentation hides of white images."""
    white = np.full((count, height, width, 3), 255, np.uint8)
    changed = augment(white, seed=seed).numpy()
    assert set(np.unique(changed)) <= {0, 255}
    assert (changed == changed[..., :1]).all()  # all three channels, or none
    return changed[..., 0] == 0


def boxes(masks):
    """Return top, left, bottom and right of each mask, after proving that it is a filled rectangle."""
    found = []
    for mask in masks:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, left, bottom, right = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
        assert mask[top:bottom, left:right].all() and mask.sum() == (bottom - top) * (right - left)
        found.append((top, left, bottom, right))
    return np.array(found).T


def test_cutout_hides_one_square_that_is_cut_off_at_the_border():
    top, left, bottom, right = boxes(hidden(erasing.cutout(share=0.5, fill_value=0)))
    height, width = bottom - top, right - left
    assert height.max() == width.max() == 20
    whole_rows, whole_columns = (top > 0) & (bottom < 40), (left > 0) & (right < 60)
    assert (height[whole_rows] == 20).all() and (width[whole_columns] == 20).all()
    assert height.min() < 15 and width.min() < 15
    # The center is anywhere: as often in the left half as in the right.
    assert np.mean((left + right) / 2 < 30) == pytest.approx(0.5, abs=0.12)


def test_random_erasing_hides_a_rectangle_of_the_papers_sizes():
    augment = erasing.random_erasing(rate=1, area=(0.05, 0.3), aspect=(0.5, 2), fill_value=0)
    top, left, bottom, right = boxes(hidden(augment))
    height, width = bottom - top, right - left
    share = height * width / 2400
    assert share.min() > 0.04 and share.max() < 0.32
    assert share.mean() == pytest.approx(0.175, abs=0.02)
    ratio = height / width
    assert ratio.min() > 0.4 and ratio.max() < 2.4 and np.median(ratio) > 0.9
    assert {0} < set(top) and 40 in bottom and 60 in right


def test_random_erasing_fills_with_noise_and_leaves_the_rest_alone():
    images = np.full((200, 30, 30, 3), 7, np.uint8)
    changed = erasing.random_erasing(rate=0.5)(images, seed=SEED).numpy()
    touched = (changed != 7).any(axis=(1, 2, 3))
    assert touched.mean() == pytest.approx(0.5, abs=0.18)
    noise = changed[changed != 7]
    assert len(np.unique(noise)) == 255 and noise.mean() == pytest.approx(127.5, abs=2)


def test_grid_mask_hides_squares_at_equal_distances():
    for mask in hidden(erasing.grid_mask(unit=(0.25, 0.25), keep=0.6, fill_value=0), count=20):
        rows, columns = mask.any(axis=1), mask.any(axis=0)
        assert (mask == rows[:, None] & columns).all()
        for line in (rows, columns):
            assert (line[10:] == line[:-10]).all()  # a quarter of 40 pixels
            assert line[:10].sum() == 4  # of which 0.6 stay


def test_grid_mask_hides_the_papers_share():
    masks = hidden(erasing.grid_mask(fill_value=0), count=2000)
    assert masks.mean() == pytest.approx(0.4**2, abs=0.01)
    assert (masks.mean(axis=0) > 0.1).all()  # everywhere alike


AUGMENTS = {
    "cutout": erasing.cutout(),
    "random_erasing": erasing.random_erasing(),
    "grid_mask": erasing.grid_mask(),
}


@pytest.mark.parametrize("name", AUGMENTS)
def test_passes_the_checker(name):
    rate = {"random_erasing": 0.5}.get(name)
    report = checks.check_augmentation(AUGMENTS[name], image_size=(18, 24), rate=rate)
    assert report.ok, report


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True)
@hypothesis.given(
    st.sampled_from([erasing.cutout, erasing.random_erasing, erasing.grid_mask]),
    st.tuples(st.integers(1, 4), st.integers(1, 33), st.integers(1, 33)),
    st.sampled_from(["uint8", "float32", "float64", "float16"]),
    st.sampled_from([0, 1]) | st.floats(0, 1),
    st.integers(0, 2**31 - 1),
)
def test_hides_or_keeps_every_pixel(make, shape, dtype, rate, seed):
    images = np.random.default_rng(0).uniform(0, 120, (*shape, 3)).astype(dtype)
    changed = make(rate=rate, fill_value=200)(images, seed=(seed, 1)).numpy()
    assert changed.dtype == dtype and changed.shape == images.shape
    assert ((changed == images) | (changed == 200)).all()
    if rate == 0:
        assert (changed == images).all()


def test_unknown_shapes_in_tf_data():
    dataset = tf.data.Dataset.from_tensor_slices(np.zeros((5, 6, 7, 3), np.uint8)).batch(4)
    batches = list(dataset.map(lambda images: erasing.random_erasing(rate=1)(images, seed=SEED)))
    assert [batch.shape for batch in batches] == [(4, 6, 7, 3), (1, 6, 7, 3)]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: erasing.cutout(share=0), "share must be more than 0 and at most 1"),
        (lambda: erasing.cutout(rate=2), "rate is a probability"),
        (lambda: erasing.cutout(fill_value=-1), "fill_value is a gray between 0 and 255"),
        (lambda: erasing.random_erasing(area=(0.4, 0.02)), "area must be .* smallest first"),
        (lambda: erasing.random_erasing(aspect=(0, 1)), "aspect must be more than 0"),
        (lambda: erasing.grid_mask(unit=(0.1, 2)), "unit must be more than 0 and at most 1"),
        (lambda: erasing.grid_mask(keep=0), "keep must be more than 0"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
