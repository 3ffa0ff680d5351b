"""CutMix and MixUp against plain references, exact laws and the distributions they claim."""

import functools

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from scipy import stats

from utils import compiled, mixing

SEED = (3, 5)
MIXES = [mixing.cutmix, mixing.mixup, mixing.cutmix_or_mixup]
PARAMETERS = {mixing.cutmix: mixing.cutmix_parameters, mixing.mixup: mixing.mixup_parameters}


def batch(batch_size=8, height=6, width=5, channels=3, dtype=np.uint8, seed=0):
    """Random pixels, and one-hot labels that name each image."""
    pixels = np.random.default_rng(seed).integers(0, 256, (batch_size, height, width, channels))
    return pixels.astype(dtype), np.eye(batch_size, dtype=np.float32)


def coded(batch_size, height, width, dtype):
    """Images of one value each, so that every pixel tells which image it came from."""
    codes = np.arange(batch_size).reshape(-1, 1, 1, 1)
    return np.broadcast_to(codes, (batch_size, height, width, 3)).astype(dtype), np.eye(batch_size)


def pixel_share(mixed, batch_size):
    """Return [B, B]: the share of each result's pixels that each image of the batch holds."""
    return np.stack([(mixed[..., 0] == k).mean(axis=(1, 2)) for k in range(batch_size)], axis=1)


# ---- plain references: a loop over images, straight from the papers' text -----------------------------


def plain_cutmix(images, labels, drawn):
    """Yun et al., equations 1 and 2: x = M·x_A + (1 − M)·x_B, y = λ·y_A + (1 − λ)·y_B."""
    mixed_images, mixed_labels = [], []
    for i in range(len(images)):
        k = i if len(drawn.box) > 1 else 0
        other = drawn.partner[i]
        top, left, bottom, right = drawn.box[k]
        mask = np.ones(images[i].shape[:2])
        mask[top:bottom, left:right] = 0
        lam = mask.mean()
        mixed_images.append(np.where(mask[..., None] == 1, images[i], images[other]))
        mixed_labels.append(lam * labels[i] + (1 - lam) * labels[other])
    return np.stack(mixed_images), np.stack(mixed_labels)


def plain_mixup(images, labels, drawn):
    """Zhang et al., equation 1: x = λ·x_i + (1 − λ)·x_j, y = λ·y_i + (1 − λ)·y_j."""
    mixed_images, mixed_labels = [], []
    for i in range(len(images)):
        lam = float(drawn.lam[i if len(drawn.lam) > 1 else 0])
        other = drawn.partner[i]
        mixed_images.append(lam * images[i].astype(float) + (1 - lam) * images[other].astype(float))
        mixed_labels.append(lam * labels[i] + (1 - lam) * labels[other])
    return np.stack(mixed_images), np.stack(mixed_labels)


def plain_shares(alpha, height, width, count, seed):
    """Draw CutMix label shares in NumPy, from the paper's description of the box."""
    rng = np.random.default_rng(seed)
    shares = []
    for _ in range(count):
        cut = np.sqrt(1 - rng.beta(alpha, alpha))
        box_width, box_height = round(width * cut), round(height * cut)
        left = round(rng.uniform(0, width) - box_width / 2)
        top = round(rng.uniform(0, height) - box_height / 2)
        columns = [x for x in range(left, left + box_width) if 0 <= x < width]
        rows = [y for y in range(top, top + box_height) if 0 <= y < height]
        shares.append(1 - len(columns) * len(rows) / (height * width))
    return shares


@pytest.mark.parametrize("per_sample", [True, False])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(("mix", "plain"), [(mixing.cutmix, plain_cutmix), (mixing.mixup, plain_mixup)])
def test_equals_the_plain_reference(mix, plain, dtype, per_sample):
    images, labels = batch(dtype=dtype)
    drawn = PARAMETERS[mix](images, alpha=0.7, per_sample=per_sample, seed=SEED)
    mixed_images, mixed_labels = mix(images, labels, alpha=0.7, per_sample=per_sample, seed=SEED)
    drawn = drawn._replace(
        lam=drawn.lam.numpy(),
        partner=drawn.partner.numpy(),
        box=None if drawn.box is None else drawn.box.numpy(),
    )
    plain_images, plain_labels = plain(images, labels, drawn)
    np.testing.assert_allclose(mixed_images, plain_images, atol=1e-4)
    np.testing.assert_allclose(mixed_labels, plain_labels, atol=1e-6)
    assert len(drawn.lam) == (len(images) if per_sample else 1)


# ---- exact laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_sample", [True, False])
@pytest.mark.parametrize("size", [(17, 45), (224, 224)])
def test_cutmix_label_share_is_pixel_share(size, per_sample):
    images, labels = coded(24, *size, np.uint8)
    for seed in range(3):
        mixed_images, mixed_labels = mixing.cutmix(images, labels, per_sample=per_sample, seed=(seed, 1))
        error = np.abs(pixel_share(mixed_images.numpy(), 24) - mixed_labels.numpy())
        assert error.max() <= 1e-6


SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 20), st.integers(1, 20), st.integers(1, 4))
SETTINGS = st.fixed_dictionaries(
    {
        "alpha": st.floats(1e-3, 1e3),
        "per_sample": st.booleans(),
        "seed": st.tuples(st.integers(0, 2**31 - 1), st.integers(-(2**31), 2**31 - 1)),
    }
)
slow_but_sure = hypothesis.settings(max_examples=25, deadline=None, derandomize=True)


@slow_but_sure
@hypothesis.given(SHAPES, st.sampled_from(["uint8", "float16", "float32", "float64"]), SETTINGS)
def test_cutmix_laws(shape, dtype, settings):
    images, labels = coded(*shape[:3], dtype)
    drawn = mixing.cutmix_parameters(images, **settings)
    mixed_images, mixed_labels = mixing.cutmix(images, labels, **settings)
    mixed = mixed_images.numpy()
    assert mixed.dtype == images.dtype and mixed.shape == images.shape
    assert np.abs(pixel_share(mixed, shape[0]) - mixed_labels.numpy()).max() <= 1e-6
    assert np.abs(mixed_labels.numpy().sum(axis=1) - 1).max() <= 1e-6
    assert sorted(drawn.partner.numpy()) == list(range(shape[0]))
    top, left, bottom, right = drawn.box.numpy().T
    assert ((top >= 0) & (bottom >= top) & (bottom <= shape[1])).all()
    assert ((left >= 0) & (right >= left) & (right <= shape[2])).all()
    # A side that was not clipped is the paper's, to the nearest pixel.
    whole = (top > 0) & (bottom < shape[1])
    side = shape[1] * np.sqrt(1 - drawn.lam.numpy())
    assert (np.abs(bottom - top - side)[whole] <= 0.5 + 1e-3).all()


@slow_but_sure
@hypothesis.given(SHAPES, st.sampled_from(["uint8", "float16", "float32", "float64"]), SETTINGS)
def test_mixup_laws(shape, dtype, settings):
    images, labels = batch(*shape, dtype=dtype)
    mixed_images, mixed_labels = mixing.mixup(images, labels, **settings)
    assert mixed_images.dtype == tf.float32 and mixed_images.shape == images.shape
    assert np.isfinite(mixed_labels).all() and np.isfinite(mixed_images).all()
    expected = np.tensordot(mixed_labels.numpy(), images.astype(np.float64), axes=1)
    np.testing.assert_allclose(mixed_images, expected, atol=1e-3)
    assert np.abs(mixed_labels.numpy().sum(axis=1) - 1).max() <= 1e-6


@slow_but_sure
@hypothesis.given(SHAPES, st.floats(0, 1), st.booleans(), st.integers(0, 2**31 - 1))
def test_cutmix_or_mixup_laws(shape, rate, per_sample, seed):
    images, labels = coded(*shape[:3], "uint8")
    mixed_images, mixed_labels = mixing.cutmix_or_mixup(
        images, labels, cutmix_rate=rate, per_sample=per_sample, seed=(seed, 1)
    )
    assert mixed_images.dtype == tf.float32 and mixed_images.shape == images.shape
    mean = mixed_images.numpy()[..., 0].mean(axis=(1, 2))
    np.testing.assert_allclose(mean, mixed_labels.numpy() @ np.arange(shape[0]), atol=1e-4)


@pytest.mark.parametrize("mix", MIXES)
def test_a_batch_of_one_mixes_with_itself(mix):
    images, labels = batch(1)
    mixed_images, mixed_labels = mix(images, labels, seed=SEED)
    np.testing.assert_allclose(mixed_images, images, rtol=1e-6)
    np.testing.assert_allclose(mixed_labels, labels)


@pytest.mark.parametrize("label_dtype", [tf.float16, tf.bfloat16, tf.float32, tf.float64])
@pytest.mark.parametrize("mix", MIXES)
def test_soft_labels_of_any_float_dtype(mix, label_dtype):
    images, labels = batch()
    soft = tf.cast(0.9 * labels + 0.1 / 8, label_dtype)
    _, mixed = mix(images, soft, seed=SEED)
    assert mixed.dtype == label_dtype
    expected = mix(images, tf.cast(soft, tf.float32), seed=SEED)[1]
    np.testing.assert_allclose(tf.cast(mixed, tf.float32), expected, atol=4e-3)


# ---- distributions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4, 1.0, 2.0, 8.0])
@pytest.mark.parametrize("parameters", PARAMETERS.values())
def test_lam_follows_beta(parameters, alpha):
    lam = parameters(np.zeros((10_000, 1, 1, 1)), alpha=alpha, seed=SEED).lam.numpy().astype(float)
    # Near 1, float32 is so coarse that a small α piles up λ = 1, which the test would see. Below ½ it is
    # fine; the upper half is the mirror image, tested by its share and by its coarse shape.
    below = lam[lam < 0.5]
    law = stats.beta(alpha, alpha)
    assert stats.kstest(below, lambda x: law.cdf(x) / 0.5).pvalue > 0.01
    assert stats.binomtest(len(below), len(lam)).pvalue > 0.01
    upper = 1 - lam[lam >= 0.5]
    assert stats.ks_2samp(np.maximum(upper, 1e-6), np.maximum(below, 1e-6)).pvalue > 0.01


@pytest.mark.parametrize("alpha", [1e-40, 1e-8, 1e-3, 1e6])
def test_extreme_alpha_gives_no_nan(alpha):
    lam = mixing.mixup_parameters(np.zeros((1000, 1, 1, 1)), alpha=alpha, seed=SEED).lam.numpy()
    assert ((lam >= 0) & (lam <= 1)).all()
    far = np.abs(lam - 0.5)
    assert (far > 0.499).mean() > 0.98 if alpha < 1 else (far < 0.01).all()


@pytest.mark.parametrize("alpha", [0.3, 1.0])
@pytest.mark.parametrize("size", [(9, 9), (17, 45)])
def test_label_shares_are_distributed_as_the_paper_says(size, alpha):
    share = mixing.cutmix_parameters(np.zeros((10_000, *size, 1), np.uint8), alpha=alpha, seed=SEED).share
    plain = plain_shares(alpha, *size, 10_000, seed=1)
    # Shares are counts of pixels: rounding makes equal ones equal in float32 and float64.
    area = size[0] * size[1]
    assert stats.ks_2samp(np.round(share * area), np.round(np.multiply(plain, area))).pvalue > 0.01


def test_every_pixel_is_cut_as_often_as_its_mirror_image():
    box = mixing.cutmix_parameters(np.zeros((20_000, 1, 8, 1), np.uint8), seed=SEED).box.numpy()
    inside = [((box[:, 1] <= x) & (x < box[:, 3]) & (box[:, 2] > 0)).mean() for x in range(8)]
    np.testing.assert_allclose(inside, inside[::-1], atol=0.015)


def test_every_partner_is_equally_likely():
    partners = tf.function(lambda seed: mixing.mixup_parameters(np.zeros((6, 1, 1, 1)), seed=seed).partner)
    draws = [partners(tf.constant([n, 0])).numpy() for n in range(600)]
    for image in np.transpose(draws):
        assert stats.chisquare(np.bincount(image, minlength=6)).pvalue > 1e-3


def test_the_coin_is_fair_and_as_asked():
    images, labels = np.zeros((4000, 2, 2, 1), np.float32), np.eye(4000, dtype=np.float32)[:, :1] * 0 + 1
    images[::2] = 1
    for rate in (0.25, 0.5):
        mixed, _ = mixing.cutmix_or_mixup(images, labels, cutmix_rate=rate, mixup_alpha=50.0, seed=SEED)
        # Partners differ half of the time, and with α = 50 a blend is then strictly between 0 and 1.
        blended = ((mixed.numpy() > 0) & (mixed.numpy() < 1)).any(axis=(1, 2, 3)).mean()
        assert abs(blended - (1 - rate) / 2) < 0.03


def test_one_coin_for_the_batch():
    images, labels = coded(8, 16, 16, np.uint8)
    kinds = set()
    for seed in range(12):
        mixed, _ = mixing.cutmix_or_mixup(images, labels, mixup_alpha=50.0, per_sample=False, seed=(seed, 0))
        changed = mixed.numpy()[np.abs(mixed.numpy() - images).max(axis=(1, 2, 3)) > 0]
        kinds.add(frozenset((image.min() == image.max()) for image in changed) - {None})
    assert kinds <= {frozenset({True}), frozenset({False}), frozenset()} and len(kinds) >= 2


# ---- eager, graph, tf.data ----------------------------------------------------------------------------


@pytest.mark.parametrize("per_sample", [True, False])
@pytest.mark.parametrize("mix", MIXES)
def test_the_same_in_a_graph_and_in_tf_data(mix, per_sample):
    images, labels = batch(10)
    mix = functools.partial(mix, per_sample=per_sample)
    eager = mix(images, labels, seed=SEED)
    graph = tf.function(mix)(tf.constant(images), tf.constant(labels), seed=tf.constant(SEED))
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(10)
    assert dataset.element_spec[0].shape[0] is None
    mapped = dataset.map(functools.partial(mix, seed=SEED), num_parallel_calls=2)
    assert mapped.element_spec[0].shape[1:] == (6, 5, 3) and mapped.element_spec[1].shape[1:] == (10,)
    for other in (graph, next(iter(mapped))):
        np.testing.assert_allclose(other[0], eager[0], rtol=1e-5)
        np.testing.assert_allclose(other[1], eager[1], atol=1e-6)


@pytest.mark.parametrize("mix", MIXES)
def test_unknown_height_and_width(mix):
    images, labels = batch(dtype=np.float32)
    spec = [tf.TensorSpec([None, None, None, 3]), tf.TensorSpec([None, None]), tf.TensorSpec([2], tf.int64)]
    graph = tf.function(lambda x, y, seed: mix(x, y, seed=seed), input_signature=spec)
    for height in (6, 3):
        mixed = graph(images[:, :height], labels, tf.constant(SEED, tf.int64))
        assert mixed[0].shape == (8, height, 5, 3)
    assert graph.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("mix", MIXES)
def test_nothing_is_drawn_while_tracing(mix):
    images, labels = coded(8, 9, 9, np.uint8)
    graph = tf.function(lambda seed: mix(images, labels, seed=seed)[1])
    first, second, again = (graph(tf.constant(seed)).numpy() for seed in [(0, 1), (0, 2), (0, 1)])
    assert (first == again).all() and (first != second).any()


@pytest.mark.parametrize("mix", MIXES)
def test_images_draw_on_their_own_unless_asked(mix):
    images, labels = coded(16, 32, 32, np.uint8)
    own = mix(images, labels, seed=SEED)[1].numpy()
    shared = mix(images, labels, per_sample=False, seed=SEED)[1].numpy()
    assert len(np.unique(own.max(axis=1).round(5))) > 4
    assert len(np.unique(np.diag(shared)[np.diag(shared) < 1].round(5))) == 1


# ---- compiled by XLA, or not --------------------------------------------------------------------------


@pytest.fixture
def without_xla(monkeypatch):
    """A function that takes XLA away."""
    return lambda: monkeypatch.setattr(compiled, "has_xla", lambda: False)


def as_numbers(tensor):
    return tf.cast(tensor, tf.float64).numpy()


REAL_DTYPES = ["uint8", "int16", "uint16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


@pytest.mark.parametrize(
    ("shape", "dtype", "per_sample"),
    [((8, 17, 45, 3), dtype, True) for dtype in REAL_DTYPES]
    + [((8, 17, 45, 3), "uint8", False), ((3, 1, 2, 1), "uint8", True), ((3, 1, 2, 1), "float32", False)],
)
def test_xla_gives_what_plain_tensorflow_gives(shape, dtype, per_sample, without_xla):
    """Cut pixels to the bit, blended ones but for a rounding: XLA multiplies and adds in one step."""
    images, labels = batch(*shape)
    images = tf.cast(images // 2, dtype)
    mixes = [functools.partial(mix, per_sample=per_sample, seed=SEED) for mix in MIXES]
    fast = [mix(images, labels) for mix in mixes]
    without_xla()
    plain = [mix(images, labels) for mix in mixes]
    for (fast_images, fast_labels), (plain_images, plain_labels) in zip(fast, plain, strict=True):
        assert fast_images.dtype == plain_images.dtype and fast_images.shape == plain_images.shape
        assert (fast_labels == plain_labels).numpy().all()
        np.testing.assert_allclose(as_numbers(fast_images), as_numbers(plain_images), atol=2**-16)
    assert fast[0][0].dtype == images.dtype
    assert (as_numbers(fast[0][0]) == as_numbers(plain[0][0])).all()


@pytest.mark.parametrize("mix", [*MIXES, mixing.sometimes(mixing.cutmix, 0.5)])
def test_without_xla_everything_works_in_tf_data(mix, without_xla):
    without_xla()
    test_batches_of_unknown_and_of_different_size_in_tf_data(mix)


@pytest.mark.parametrize("mix", [*MIXES, mixing.sometimes(mixing.cutmix, 0.5)])
def test_batches_of_unknown_and_of_different_size_in_tf_data(mix):
    images, labels = batch(11, height=7)
    spec = (tf.TensorSpec([None, None, None, 3], tf.uint8), tf.TensorSpec([None, 11]))
    batches = tf.data.Dataset.from_generator(
        lambda: ((images[i : i + 4, i // 4 :], labels[i : i + 4]) for i in range(0, 11, 4)),
        output_signature=spec,
    )
    mapped = list(batches.map(functools.partial(mix, seed=SEED), num_parallel_calls=2))
    for start, (mixed_images, mixed_labels) in zip(range(0, 11, 4), mapped, strict=True):
        own = images[start : start + 4, start // 4 :], labels[start : start + 4]
        expected_images, expected_labels = mix(*own, seed=SEED)
        np.testing.assert_allclose(mixed_images, expected_images, rtol=1e-6)
        np.testing.assert_allclose(mixed_labels, expected_labels)


def test_xla_is_asked_once_and_may_be_missing(monkeypatch):
    def refuse(*_, **__):
        asked.append(1)
        raise tf.errors.InvalidArgumentError(None, None, "This TensorFlow was built without XLA.")

    asked = []
    monkeypatch.setattr(compiled.tf, "function", refuse)
    compiled.has_xla.cache_clear()
    assert not compiled.has_xla() and not compiled.has_xla() and asked == [1]
    double = compiled.compiled(lambda x: 2 * x)
    assert double(tf.constant(3)) == 6
    monkeypatch.undo()
    compiled.has_xla.cache_clear()


def test_what_stays_as_it_is_stays_to_the_last_bit():
    images = np.random.default_rng(0).normal(size=(1, 5, 6, 3)).astype(np.float32)
    mixed, _ = mixing.mixup(images, np.ones((1, 1)), alpha=2.0, seed=SEED)  # λ is far from 0 and 1
    assert (mixed == images).numpy().all()
    pair = np.concatenate([images, 3 * images])
    kept = mixing._blend(tf.constant(pair), tf.constant([1, 0]), tf.constant([1.0, 1.0]))
    assert (kept == pair).numpy().all()


def test_a_mix_inside_a_keras_model():
    class Mixed(tf.keras.layers.Layer):
        def call(self, images):
            return mixing.cutmix(images, tf.ones([tf.shape(images)[0], 1]), seed=SEED)[0]

    images, labels = batch(8, dtype=np.float32)
    model = tf.keras.Sequential([Mixed(), tf.keras.layers.Flatten(), tf.keras.layers.Dense(8)])
    model.compile(loss="mse")
    model.fit(images, labels, batch_size=3, verbose=0)
    assert (Mixed()(images) == mixing.cutmix(images, labels, seed=SEED)[0]).numpy().all()


# ---- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": np.arange(8)}, "needs float labels .* int64 of shape .* use tf.one_hot"),
        ({"labels": np.eye(8, dtype=np.int32)}, "needs float labels .* int32"),
        ({"labels": np.arange(8.0)}, "needs float labels"),
        ({"images": np.zeros((6, 5, 3), np.uint8)}, r"batch of images .* shape \(6, 5, 3\).*images\[None\]"),
        ({"labels": 2 * np.eye(8)}, "sum to 1"),
        ({"labels": np.full((8, 8), np.nan)}, "sum to 1"),
        ({"labels": np.eye(8)[:3]}, "8 images but 3 labels"),
        ({"seed": 3}, "seed must be two integers"),
        ({"seed": (1, 2, 3)}, "seed must be two integers"),
        ({"seed": (0.5, 1.0)}, "seed must be two integers"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(mix, change, sentence):
    images, labels = batch()
    with pytest.raises(ValueError, match=sentence):
        mix(**{"images": images, "labels": labels, "seed": SEED, **change})


@pytest.mark.parametrize("mix", [mixing.cutmix, mixing.mixup])
@pytest.mark.parametrize("alpha", [0, -1.0, float("nan"), float("inf")])
def test_alpha_must_be_positive(mix, alpha):
    with pytest.raises(ValueError, match="alpha must be a positive number"):
        mix(*batch(), alpha=alpha, seed=SEED)


def test_rate_must_be_a_probability():
    with pytest.raises(ValueError, match="cutmix_rate is a probability"):
        mixing.cutmix_or_mixup(*batch(), cutmix_rate=1.5, seed=SEED)


@pytest.mark.parametrize("mix", MIXES)
def test_bad_values_inside_tf_data_keep_their_sentence(mix):
    images, labels = batch()
    dataset = tf.data.Dataset.from_tensor_slices((images, 2 * labels)).batch(8)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=f"{mix.__name__} needs label rows that sum to 1"
    ):
        list(dataset.map(functools.partial(mix, seed=SEED)))


def test_sparse_labels_inside_tf_data_are_refused_while_tracing():
    images, _ = batch()
    dataset = tf.data.Dataset.from_tensor_slices((images, np.arange(8))).batch(8)
    with pytest.raises(ValueError, match="use tf.one_hot"):
        dataset.map(functools.partial(mixing.cutmix, seed=SEED))


def test_batches_of_different_length_inside_a_graph():
    spec = [tf.TensorSpec([None, 6, 5, 3], tf.uint8), tf.TensorSpec([None, 8])]
    graph = tf.function(functools.partial(mixing.cutmix, seed=SEED), input_signature=spec)
    images, labels = batch()
    with pytest.raises(tf.errors.InvalidArgumentError, match="must come in pairs"):
        graph(images, labels[:3])
