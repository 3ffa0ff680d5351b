"""Every operation against Pillow or SciPy, and as an augmentation of its own."""

import colorsys
import functools

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps
from scipy import ndimage

from utils import checks
from utils.augment import colors, geometry, operations

SEED = (3, 5)
GEOMETRIC = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
SCIPY_MODES = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect", "wrap": "grid-wrap"}


def random_images(count, height, width, seed=0):
    """Random pixels; half of the images in a narrow range, so that there is contrast to gain."""
    rng = np.random.default_rng(seed)
    low, high = np.where(np.arange(count) % 2, 60, 0), np.where(np.arange(count) % 2, 90, 256)
    pixels = rng.integers(low[:, None, None, None], high[:, None, None, None], (count, height, width, 3))
    return pixels.astype(np.uint8)


def apply(images, chosen, amounts, names=operations.NAMES, **fill):
    """Apply to each image the operations `chosen` (of `names`) by the amounts."""
    numbers = [[names.index(name) for name in row] for row in chosen]
    amounts = tf.constant(amounts, tf.float32)
    return operations.apply(tf.constant(images), names, tf.constant(numbers), amounts, **fill).numpy()


# ---- references: another library, one image at a time -----------------------------------------------------


def in_pillow(name, image, amount):
    """Color operations in Pillow."""
    image = Image.fromarray(image)
    changed = {
        "identity": lambda: image,
        "auto_contrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "invert": lambda: ImageOps.invert(image),
        "solarize": lambda: ImageOps.solarize(image, amount),
        "posterize": lambda: ImageOps.posterize(image, round(amount)),
        "color": lambda: ImageEnhance.Color(image).enhance(amount),
        "contrast": lambda: ImageEnhance.Contrast(image).enhance(amount),
        "brightness": lambda: ImageEnhance.Brightness(image).enhance(amount),
        "sharpness": lambda: ImageEnhance.Sharpness(image).enhance(amount),
    }
    return np.asarray(changed[name]())


def sources(name, amount, height, width):
    """Where each pixel comes from: rows and columns, float64 [H, W], from the words of the docstrings."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    if name == "rotate":
        middle = np.array([height - 1, width - 1])[:, None, None] / 2
        turned = ((columns - middle[1]) + 1j * -(rows - middle[0])) * np.exp(-1j * np.deg2rad(amount))
        return middle[0] - turned.imag, middle[1] + turned.real
    return {
        "shear_x": (rows, columns + amount * rows),
        "shear_y": (rows + amount * columns, columns),
        "translate_x": (rows, columns + amount * width),
        "translate_y": (rows + amount * height, columns),
    }[name]


def in_scipy(name, image, amount, fill_mode, fill_value):
    """Geometric operations in SciPy; and where nearest-neighbor sampling leaves no choice."""
    places = sources(name, amount, *image.shape[:2])
    moved = [
        ndimage.map_coordinates(image[..., k], places, order=0, mode=SCIPY_MODES[fill_mode], cval=fill_value)
        for k in range(3)
    ]
    # Half-way between two pixels either is the nearest one.
    clear = [np.abs(place - np.floor(place) - 0.5) > 1e-3 for place in places]
    return np.stack(moved, axis=-1), clear[0] & clear[1]


AMOUNTS = {
    "solarize": (0.0, 256.0),
    "posterize": (1.0, 8.0),
    "color": (0.0, 2.0),
    "contrast": (0.0, 2.0),
    "brightness": (0.0, 2.0),
    "sharpness": (0.0, 2.0),
    "rotate": (-180.0, 180.0),
    "shear_x": (-1.0, 1.0),
    "shear_y": (-1.0, 1.0),
    "translate_x": (-1.0, 1.0),
    "translate_y": (-1.0, 1.0),
}


def amounts(name):
    """A strategy: the amounts of an operation, with both ends."""
    low, high = AMOUNTS.get(name, (0.0, 0.0))
    whole = st.integers(int(low), int(high)).map(float)
    return (
        whole
        if name in ("solarize", "posterize")
        else st.floats(low, high, width=32) | st.sampled_from((low, high))
    )


DRAWN = st.sampled_from(operations.NAMES).flatmap(lambda name: st.tuples(st.just(name), amounts(name)))
SHAPES = [(1, 1), (7, 1), (5, 8)]  # each is compiled, once


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(
    st.sampled_from(SHAPES),
    st.lists(DRAWN, min_size=4, max_size=4),
    st.sampled_from(["uint8", "float32", "float64", "float16"]),
    st.integers(0, 2**31),
)
def test_every_operation_is_pillows_or_scipys(shape, drawn, dtype, seed):
    images = random_images(4, *shape, seed=seed).astype(dtype)
    changed = apply(images, [[name] for name, _ in drawn], [[amount] for _, amount in drawn])
    assert changed.dtype == dtype and changed.shape == images.shape
    for image, result, (name, amount) in zip(
        images.astype(np.uint8), changed.astype(int), drawn, strict=True
    ):
        if name in GEOMETRIC:
            expected, clear = in_scipy(name, image, amount, "constant", 128)
            assert (result == expected)[clear].all(), (name, amount)
        else:
            assert np.abs(result - in_pillow(name, image, amount)).max() <= 1, (name, amount)


@pytest.mark.parametrize("fill_mode", geometry.FILL_MODES)
def test_fill_modes_are_scipys(fill_mode):
    moves = [(name, amount) for name in GEOMETRIC for amount in (0.0, 0.31, -0.31, 0.97, -0.97)]
    moves = [(name, amount * 150 if name == "rotate" else amount) for name, amount in moves]
    images = random_images(len(moves), 9, 14)
    chosen, amounts = [[name] for name, _ in moves], [[amount] for _, amount in moves]
    changed = apply(images, chosen, amounts, GEOMETRIC, fill_mode=fill_mode, fill_value=7)
    for image, result, (name, amount) in zip(images, changed, moves, strict=True):
        expected, clear = in_scipy(name, image, amount, fill_mode, 7)
        assert (result == expected)[clear].all(), (name, amount)
        assert clear.mean() > 0.8


def test_a_quarter_turn_is_numpys():
    images = random_images(2, 6, 6)
    turned = apply(images, [["rotate"]] * 2, [[90.0]] * 2, ("rotate",))
    assert (turned == np.rot90(images, axes=(1, 2))).all()


def test_operations_follow_each_other():
    images = random_images(4, 5, 8)
    names = ("rotate", "invert")
    first = apply(images, [["rotate"]] * 4, [[30.0]] * 4, names)
    expected = apply(first, [["invert"]] * 4, [[0.0]] * 4, names)
    assert (apply(images, [["rotate", "invert"]] * 4, [[30.0, 0.0]] * 4, names) == expected).all()


def test_floats_that_do_not_change_keep_their_value():
    images = tf.constant(random_images(4, 5, 8) + 0.25, tf.float32)
    assert (operations.solarize(threshold=256, rate=1)(images, seed=SEED) == images).numpy().all()
    moved = operations.translate_x(share=1, fill_value=128)(images, seed=SEED).numpy()
    assert set(np.unique(moved % 1)) <= {0.0, 0.25}


# ---- each operation as an augmentation --------------------------------------------------------------------


def dull(augment):
    """The checker's picture has all contrast already: take some away first."""
    return lambda images, *, seed: augment(images // 2 + 60, seed=seed)


def grainy(augment):
    """The checker's picture is smooth: give it something to sharpen first."""

    def changed(images, *, seed):
        stripes = tf.cast(tf.range(tf.shape(images)[2]) % 2, tf.uint8)[:, tf.newaxis]
        return augment(images // 2 + 90 * stripes, seed=seed)

    return changed


ALONE = {
    "auto_contrast": dull(operations.auto_contrast()),
    "sharpness": grainy(operations.sharpness()),
    **{
        name: getattr(operations, name)()
        for name in (
            "equalize",
            "invert",
            "solarize",
            "posterize",
            "color",
            "contrast",
            "brightness",
            "rotate",
        )
    },
    **{
        name: getattr(operations, name)(fill_mode="nearest")
        for name in ("shear_x", "shear_y", "translate_x", "translate_y")
    },
    "random_grayscale": operations.random_grayscale(rate=0.3),
    "random_hue": operations.random_hue(degrees=30),
}
MOVES = {"translate_x": "width", "translate_y": "height"}
RATES = {"equalize": 0.5, "invert": 0.5, "solarize": 0.5, "posterize": 0.5, "random_grayscale": 0.3}


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.slow
def test_every_operation_passes_the_checker_without_xla(name, monkeypatch):
    """XLA compiles anew for each shape, and draws nothing; what it computes is compared with Pillow above."""
    monkeypatch.setattr(operations, "has_xla", lambda: False)
    monkeypatch.setattr(operations, "_compiled", functools.cache(operations._compiled.__wrapped__))
    claims = {"moves": MOVES.get(name), "rate": RATES.get(name)}
    report = checks.check_augmentation(ALONE[name], image_size=(18, 24), draws=10, **claims)
    assert report.ok, report


def test_the_fourteen_operations_and_invert_are_there():
    assert len(operations.NAMES) == 15
    assert all(callable(getattr(operations, name)()) for name in operations.NAMES)


@pytest.mark.parametrize("name", sorted(set(operations.NAMES) - {"identity"}))
def test_rate_zero_changes_nothing(name):
    images = tf.constant(random_images(3, 5, 8))
    assert (getattr(operations, name)(rate=0)(images, seed=SEED) == images).numpy().all()


def test_rate_one_changes_every_image():
    images = tf.constant(random_images(16, 5, 8))
    changed = operations.invert(rate=1)(images, seed=SEED)
    assert (changed == 255 - images).numpy().all()


def test_unknown_shapes_and_a_changing_batch_size_in_tf_data():
    dataset = tf.data.Dataset.from_tensor_slices(random_images(5, 5, 8)).batch(4)
    augment = operations.rotate()
    batches = list(dataset.map(lambda images: augment(images, seed=SEED)))
    assert [batch.shape[0] for batch in batches] == [4, 1]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: operations.invert(rate=1.5), "rate is a probability"),
        (lambda: operations.rotate(degrees=200), "degrees must be between 0 and 180"),
        (lambda: operations.color(strength=2), "strength must be between 0 and 1"),
        (lambda: operations.posterize(bits=9), "bits must be between 1 and 8"),
        (lambda: operations.solarize(threshold=300), "threshold must be between 0 and 256"),
        (lambda: operations.rotate(fill_mode="mirror"), "fill_mode must be one of constant, nearest"),
        (lambda: operations.rotate(fill_value=300), "fill_value is a gray between 0 and 255"),
        (lambda: operations.invert()(np.zeros((5, 8, 3), np.uint8), seed=SEED), r"images\[None\]"),
        (lambda: operations.invert()(np.zeros((2, 5, 8, 1), np.uint8), seed=SEED), "color images"),
        (lambda: operations.invert()(np.zeros((2, 5, 8, 3), np.int32), seed=SEED), "not int32: use tf.cast"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_hue_turns_on_the_circle_of_colors():
    """Against Python's own colorsys, and: grays stay, 120 degrees turn red into green."""
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    found = colors.hue(tf.constant(pixels), 30.0).numpy()
    for old, new in zip(pixels.reshape(-1, 3) / 255, found.reshape(-1, 3), strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*old)
        expected = colorsys.hsv_to_rgb((hue + 30 / 360) % 1, saturation, value)
        np.testing.assert_allclose(new, np.multiply(expected, 255), atol=1)
    red_and_gray = tf.constant([[[200, 0, 0], [90, 90, 90]]], tf.uint8)
    np.testing.assert_array_equal(colors.hue(red_and_gray, 120.0)[0], [[0, 200, 0], [90, 90, 90]])
