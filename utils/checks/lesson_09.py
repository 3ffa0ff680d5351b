"""The checks of lesson 09: MixUp for a batch, a coin between two mixes.

Both functions draw as they like. So the tables compare facts that do not depend on the draw: what the pixels
of the results are made of, and whether the labels say the same.
"""

import numpy as np
import tensorflow as tf
from scipy import stats

from utils import mixing
from utils.checks import harness, tables
from utils.checks.augmentations import mixes

_FORM = "Return images and labels, of the shapes that came in; the images in float32: `return mixed, labels`."
_CHANCE = 1e-6  # what a right answer shows more rarely than this is a mistake


def _noise(count, size):
    """Images of noise, uint8, and the labels of as many classes."""
    return mixes.noise_images(size, size, "uint8", (0, 255), count), np.eye(count, dtype=np.float32)


def _mixed(function, images, labels, number, **options):
    """The images and labels that come back, as arrays; the seed is int64, as in the lesson's pipeline."""
    seed = tf.constant([number, 2019], tf.int64)
    result = function(tf.constant(images), tf.constant(labels), seed=seed, **options)
    tried = f"{len(images)} images {list(images.shape[1:])} uint8, seed=({number}, 2019)"
    harness.require_values(result, 2, tried=tried, expected="images and labels", hint=_FORM)
    return tuple(np.asarray(part) for part in result)


def _forms(results):
    """The dtype and shape of images and labels; those of the last batch stand for all."""
    parts = zip(("images", "labels"), results[-1], strict=True)
    return {
        name: f"{'whole numbers' if part.dtype.kind in 'iub' else 'floats'} {list(part.shape)}"
        for name, part in parts
    }


def _seed_facts(results, again):
    """What becomes of the draws for the same seed and for others; `again` is drawn with the first seed."""
    images = [each for each, _ in results]
    return {
        "the same seed again": "the same" if np.array_equal(images[0], again[0]) else "another batch",
        "another seed": "the same batch" if np.array_equal(*images[:2]) else "another",
    }


def _first(signs, otherwise):
    """The name of the first sign that is found."""
    return next((name for name, found in signs.items() if found), otherwise)


def _in_dataset(function):
    """Batches of eight and four in `dataset.map`, compared with calls outside of it."""
    images, labels = (part[:12] for part in _noise(16, 16))
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    seeds = tf.data.Dataset.from_tensor_slices(tf.constant([[3, 2019], [4, 2019]], tf.int64))
    mixed = tf.data.Dataset.zip(batches, seeds).map(lambda batch, seed: function(*batch, seed=seed))
    pairs = [
        (inside[0].numpy(), _mixed(function, images[part], labels[part], number)[0])
        for inside, part, number in zip(mixed, [slice(8), slice(8, 12)], [3, 4], strict=True)
    ]
    alike = all(one.shape == other.shape and np.allclose(one, other, atol=0.01) for one, other in pairs)
    return {"images from dataset.map": "as outside of it" if alike else "others than outside of it"}


_IN_DATASET = tables.Try(" inside of dataset.map, with batches of 8 and 4 images", _in_dataset)
_SIZE = (
    "Inside of `dataset.map` a batch has neither a size nor values yet: `tf.shape(images)[0]` is its size "
    "when it comes, and `.numpy()`, `len` or NumPy do not work."
)
_NOT_SEEDED = (
    "Something is drawn without the seed. Draw all with `stateless_` functions and a seed that comes from "
    "`seed`; in `tf.data`, random numbers of Python and NumPy are drawn once and then stay."
)
_ONE_SEED = "Is `seed` used at all? Every batch should be another."

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def _beta(count, alpha, seed):
    gammas = tf.random.stateless_gamma([2, count], seed, alpha)
    return gammas[0] / tf.reduce_sum(gammas, axis=0)


def _shuffled(count, seed):
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed)


def _mixup(
    images,
    labels,
    *,
    seed,
    alpha=0.2,
    taken=lambda seed: seed,
    count=lambda images: tf.shape(images)[0],
    cast=lambda images: tf.cast(images, tf.float32),
    partners=_shuffled,
    draw=_beta,
    image_axes=lambda lam: lam[:, tf.newaxis, tf.newaxis, tf.newaxis],
    label_axes=lambda lam: lam[:, tf.newaxis],
    label_lam=lambda lam: lam,
    label_partner=lambda partner: partner,
    done=lambda images: images,
    labels_done=lambda labels: labels,
):
    """The right MixUp."""
    partner_seed, lam_seed = tf.unstack(tf.random.split(taken(seed)))
    partner, lam = partners(count(images), partner_seed), draw(count(images), alpha, lam_seed)
    images, lam = cast(images), tf.broadcast_to(lam, tf.shape(labels)[:1])
    own, of_label = image_axes(lam), label_axes(label_lam(lam))
    mixed = own * images + (1 - own) * tf.gather(images, partner)
    others = tf.gather(labels, label_partner(partner))
    return done(mixed), labels_done(of_label * labels + (1 - of_label) * others)


def _blends(function):
    """What the pixels of several batches are made of, and whether their labels say so."""
    images, labels = _noise(8, 6)  # a size of its own, so that a λ along rows or columns stops with an error
    results = [_mixed(function, images, labels, number, alpha=1.0) for number in range(8)]
    facts = _forms(results)
    if facts != _forms([(images / 1.0, labels)]):
        return facts
    rows, values = (
        images.reshape(8, -1) / 1.0,
        np.concatenate([mixed for mixed, _ in results]).reshape(64, -1),
    )
    named, own = np.concatenate([each for _, each in results]), np.tile(np.arange(8), 8)
    shares = values @ np.linalg.pinv(rows)
    off, third = np.abs(shares @ rows - values).max(), np.sort(np.abs(shares), axis=1)[:, -3]
    partner = np.where(np.eye(8)[own] > 0, -1, shares).argmax(axis=1)
    kept, label, other = (
        part[np.arange(64), of] for part, of in [(shares, own), (named, own), (named, partner)]
    )
    blended = abs(kept - 1) > 0.02  # an image that is its own partner tells nothing
    signs = {
        "as it came": not blended.any(),
        "a blend, scaled to 0-1": values.max() <= 1,
        "a blend, but rounded": 0.02 < off < 2,
        "no blend of two": off > 0.02 or third.max() > 0.01 or not _near(shares.sum(axis=1), 1),
    }
    facts["each image"] = _first(signs, "a blend of two")
    if any(signs.values()):
        return facts
    batches, lams = partner.reshape(8, 8), kept.reshape(8, 8)
    spreads = [np.median(np.abs(lams - np.median(lams, axis=axis, keepdims=True))) for axis in (1, 0)]
    signs = {"one for the whole batch": spreads[0] < 1e-3, "the same for every seed": spreads[1] < 1e-3}
    facts["λ"] = _first(signs, "drawn for each image")
    signs = {
        "the same for every seed": (batches == batches[0]).mean() > 0.9,
        "one for the whole batch": np.mean([stats.mode(batch).count for batch in batches]) > 6,
    }
    facts["partners"] = _first(signs, "drawn for each batch")
    facts["labels sum to"] = "1" if _near(named.sum(axis=1), 1) else "other numbers"
    known = {"λ": kept, "1 − λ": 1 - kept, "1": kept**0, "0": 0 * kept, "1 or 0": kept > 0.5}
    signs = {name: _near(label[blended], share[blended]) for name, share in known.items()}
    facts["label of the image itself"] = _first(signs, "another number")
    facts["the rest"] = "its partner's" if _near((label + other)[blended], 1) else "another image's"
    return facts | _seed_facts(results, _mixed(function, images, labels, 0, alpha=1.0))


def _near(values, expected):
    return np.allclose(values, expected, atol=1e-3)


def _lam_drawn(**options):
    """A Try that reads λ from the labels of a large batch; they follow the pixels, as has been seen."""

    def use(function):
        images, labels = np.zeros([512, 2, 2, 3], np.uint8), np.eye(512, dtype=np.float32)
        lam = np.diagonal(_mixed(function, images, labels, 5, **options)[1])
        if lam.min() > 0.49:
            return {"λ is drawn from": "no Beta distribution: it is never below 0.49"}
        asked = options.get("alpha", 0.2)
        near = (
            alpha for alpha in (asked, 0.2, 1) if stats.kstest(lam, stats.beta(alpha, alpha).cdf)[1] > _CHANCE
        )
        alpha = next(near, None)
        return {"λ is drawn from": f"Beta({alpha}, {alpha})" if alpha else "another distribution"}

    words = "".join(f", {name}={value}" for name, value in options.items())
    return tables.Try(f"(512 images, 512 labels, seed=(5, 2019){words})", use)


_AXES = (
    "Shapes are matched from the last axis on, so λ [B] meets the channels. Give it axes of length 1 behind "
    "its own, until it has as many as the images."
)
_CAST = "TensorFlow multiplies only numbers of one dtype: cast the images to float32 first."

mixup_batch = tables.Table(
    title="Exercise 1: pixels and labels are blended, each image with its own λ and partner.",
    right=_mixup,
    tries=lambda: [
        tables.Try(" with alpha=1.0, for eight seeds", _blends),
        _lam_drawn(),
        _lam_drawn(alpha=16.0),
        _IN_DATASET,
    ],
    read=dict,
    mistakes={
        "λ does not come from Beta(alpha, alpha): draw it by `beta`, and change neither it nor `alpha`.": {
            "draw": lambda count, alpha, seed: tf.random.stateless_uniform([count], seed) ** (1 / alpha)
        },
        _CAST: {"cast": lambda images: images},
        _AXES: {"image_axes": lambda lam: lam},
        _SIZE: {"count": lambda images: images.shape[0]},
        _NOT_SEEDED: {"partners": lambda count, seed: tf.random.shuffle(tf.range(count))},
        _ONE_SEED: {"taken": lambda seed: (1, 2)},
        "Whole numbers cannot hold a blend: leave it in float32, do not cast it back.": {
            "done": lambda images: tf.cast(images, tf.uint8)
        },
        "These pixels are right but for rounding: blend in float32, and neither round nor cast to another "
        "dtype on the way.": {"done": tf.round},
        "The images should stay in 0-255: the network scales them.": {"done": lambda images: images / 255},
        "No image is blended: is each its own partner, or returned as it came?": {
            "partners": lambda count, seed: tf.range(count)
        },
        "The same places of the batch meet in every batch: shuffle the partners with a seed that comes from "
        "`seed`, and fetch images and labels with these partners.": {
            "partners": lambda count, seed: tf.roll(tf.range(count), 1, axis=0)
        },
        "All images have the same partner: draw as many as there are images.": {
            "partners": lambda count, seed: tf.repeat(_shuffled(count, seed)[:1], count)
        },
        "All images of the batch have the same λ: draw as many as there are images.": {
            "draw": lambda count, alpha, seed: _beta(1, alpha, seed)
        },
        "In every batch the same place has the same λ: draw λ, too, with a seed that comes from `seed`.": {
            "draw": lambda count, alpha, seed: _beta(count, alpha, (1, 2))
        },
        "λ runs along the classes. Give it the shape [B, 1] for the labels, so that each row has one λ.": {
            "label_axes": lambda lam: lam
        },
        "The images are right, the labels came back as they were. They are blended, too.": {
            "label_lam": tf.ones_like
        },
        "The images are right, the labels are those of the partners alone.": {"label_lam": tf.zeros_like},
        "The images are right, but in the labels λ and 1 − λ have changed places.": {
            "label_lam": lambda lam: 1 - lam
        },
        "The label has another λ than the pixels: draw λ once, and use it twice.": {
            "label_lam": lambda lam: tf.reverse(lam, [0])
        },
        "The label is one-hot again. A blend has a soft label: the shares of both.": {
            "labels_done": lambda labels: tf.one_hot(tf.argmax(labels, axis=1), tf.shape(labels)[1])
        },
        "The label names another image than the pixels come from: fetch images and labels with the same "
        "partners.": {"label_partner": lambda partner: tf.roll(partner, 1, axis=0)},
        "All λ are equally likely, whatever `alpha` says. Hand `alpha` on to `beta`.": {
            "draw": lambda count, alpha, seed: tf.random.stateless_uniform([count], seed)
        },
        "`alpha` is not used: λ has the same distribution, whatever it says.": {
            "draw": lambda count, alpha, seed: _beta(count, 0.2, seed)
        },
        "Where `alpha` is not given, 0.2 is meant: leave the first line of the function as it is.": {
            "alpha": 1.0
        },
        "λ is as often below one half as above: use it as it is drawn.": {
            "draw": lambda count, alpha, seed: tf.abs(_beta(count, alpha, seed) - 0.5) + 0.5
        },
    },
    errors={
        "uint8": _CAST,
        "ncompatible shapes|roadcast": _AXES,
        r"\bNone(Type)?\b|numpy|iterating": _SIZE,
    },
    form=_FORM,
    otherwise="Try it on two images and two labels, with a λ of your own, and compare with the formulas: the "
    "image i keeps λ[i] of itself and gets the rest from its partner, and so does its label.",
)

# ---- Exercise 2 --------------------------------------------------------------------------------------------


def _toss(count, seed, chance=0.5):
    return tf.random.stateless_uniform([count], seed) < chance


def _cut_or_blend(
    images,
    labels,
    *,
    seed,
    taken=lambda seed: seed,
    count=lambda images: tf.shape(images)[0],
    toss=_toss,
    of_mixes=lambda seed: seed,
    cast=lambda images: tf.cast(images, tf.float32),
    cut_of=lambda cut, blended: cut,
    image_axes=lambda coins: coins[:, tf.newaxis, tf.newaxis, tf.newaxis],
    label_axes=lambda coins: coins[:, tf.newaxis],
    label_coins=lambda coins: coins,
    done=lambda images: images,
):
    """The right choice between both mixes."""
    coin_seed, mix_seed = tf.unstack(tf.random.split(taken(seed)))
    coins = toss(count(images), coin_seed)
    cut, cut_labels = mixing.cutmix(images, labels, seed=of_mixes(mix_seed))
    blended, blended_labels = mixing.mixup(images, labels, seed=of_mixes(mix_seed))
    mixed = tf.where(image_axes(coins), cut_of(cast(cut), blended), blended)
    return done(mixed), tf.where(label_axes(label_coins(coins)), cut_labels, blended_labels)


def _cuts_and_blends(function):
    """Whether each image is cut or blended, measured from the pixels, and whether its label says the same."""
    images, labels = _noise(16, 12)
    results = [_mixed(function, images, labels, number) for number in range(4)]
    facts = _forms(results)
    if facts != _forms([(images / 1.0, labels)]):
        return facts
    shares, roughly = (
        np.concatenate([mixes.decode(images, mixed, tolerance)[0] for mixed, _ in results])
        for tolerance in (0.01, 1)
    )
    named = np.concatenate([each for _, each in results])
    signs = {"cut or blended": shares, "cut or blended, but rounded": roughly}
    signs = {name: not np.isnan(found).any() for name, found in signs.items()}
    facts["each image"] = _first(signs, "neither cut nor blended")
    facts["labels sum to"] = "1" if _near(named.sum(axis=1), 1) else "other numbers"
    facts["its label"] = "the shares of its pixels" if _near(named, shares) else "other shares"
    return facts | _seed_facts(results, _mixed(function, images, labels, 0))


def _coins(function):
    """How the coins fall in many batches; the labels tell the partners, as has been seen."""
    images, labels = _noise(64, 16)
    told = [_told(images, *_mixed(function, images, labels, number)) for number in range(24)]
    partner, is_cut, is_blended = (np.stack(each) for each in zip(*told, strict=True))
    rates, places = is_cut.mean(axis=1), is_cut.mean(axis=0)
    uneven = is_cut + np.random.default_rng(9).normal(0, 1e-6, is_cut.shape)  # no column without variance
    # An image that is its own partner, or nearly alone, does not tell its coin: so nothing is exact here.
    signs = {
        "none: no image is cut": rates.max() < 0.15,
        "none: no image is blended": is_blended.mean() < 0.02,
        "one for the whole batch": (np.abs(rates - 0.5) > 0.35).all(),
        "the same for every seed": (np.abs(places - 0.5) > 0.35).all(),
        "as many in every batch": stats.chi2.cdf(23 * 64 * rates.var(ddof=1) / 0.25, 23) < 10 * _CHANCE,
        "one for several images": np.median((np.corrcoef(uneven.T) - np.eye(64)).max(axis=1)) > 0.8,
    }
    often = {"fewer than half": rates.mean() < 0.43, "more than half": rates.mean() > 0.55}
    fixed = {"the same for every seed": _repeats(partner, is_cut) or _repeats(partner, is_blended)}
    return {
        "coins": _first(signs, "one for each image"),
        "images with a box": _first(often, "about half"),
        "partners": _first(fixed, "drawn for each batch"),
    }


def _told(images, mixed, labels):
    """The partner of each image, as its label names it; is it put together of pixels of both, or blended?"""
    partner = np.where(np.eye(len(images)) > 0, -1, labels).argmax(axis=1)
    own, other = images.astype(float), images[partner].astype(float)
    from_own, from_other = (np.abs(mixed - each).max(axis=-1) < 0.01 for each in (own, other))
    is_copied = (from_own | from_other).all(axis=(1, 2))
    is_alone = from_own.all(axis=(1, 2)) | from_other.all(axis=(1, 2))
    return partner, is_copied & ~is_alone, ~is_copied


def _repeats(partner, chosen):
    """Whether the chosen images of a place have mostly the same partner."""
    places = [partner[is_so, place] for place, is_so in enumerate(chosen.T) if is_so.any()]
    return np.median([stats.mode(each).count / len(each) for each in places] or [0]) > 0.9


_COIN_AXES = (
    "Are there as many coins as images? And do they have as many axes as what they choose between: [B, 1, 1, "
    "1] for images, [B, 1] for labels?"
)
_COIN_CAST = "`tf.where` chooses between values of one dtype: cast the cut images to float32."

cut_or_blend = tables.Table(
    title="Exercise 2: every image is cut or blended, by a coin of its own, and the labels follow.",
    right=_cut_or_blend,
    tries=lambda: [
        tables.Try(" with 16 images, for four seeds", _cuts_and_blends),
        tables.Try(" with 64 images, for 24 seeds", _coins),
        _IN_DATASET,
    ],
    read=dict,
    mistakes={
        _COIN_CAST: {"cast": lambda images: images},
        _COIN_AXES: {"image_axes": lambda coins: coins},
        _SIZE: {"count": lambda images: images.shape[0]},
        _NOT_SEEDED: {"toss": lambda count, seed: tf.random.uniform([count]) < 0.5},
        "Whole numbers cannot hold a blend: leave it in float32, do not cast it back.": {
            "done": lambda images: tf.cast(images, tf.uint8)
        },
        "The pixels are right but for rounding: leave the blend in float32 as it is.": {"done": tf.round},
        "Are both done to the same image, one after the other? Give both functions the images that came in, "
        "and choose between their results, with one coin for a whole image.": {
            "cut_of": lambda cut, blended: (cut + blended) / 2
        },
        "Coins run along the classes: give them the shape [B, 1] for the labels.": {
            "label_axes": lambda coins: coins
        },
        "The image comes from one mix and the label from another: toss once, and use the same coins for "
        "images and labels.": {"label_coins": lambda coins: ~coins},
        "This is one coin for the whole batch: toss as many as there are images.": {
            "toss": lambda count, seed: tf.repeat(_toss(1, seed), count)
        },
        "The same places of the batch are cut every time: toss with a seed that comes from `seed`.": {
            "toss": lambda count, seed: _toss(count, (1, 2))
        },
        _ONE_SEED: {"taken": lambda seed: (1, 2)},
        "The same images meet in every batch: give both mixes a seed that comes from `seed`, too.": {
            "of_mixes": lambda seed: (3, 4)
        },
        "In every batch equally many images are cut. Coins that know nothing of each other do not do that: "
        "toss one for each image.": {"toss": lambda count, seed: _shuffled(count, seed) < count // 2},
        "Some images always share a coin: toss one for each.": {
            "toss": lambda count, seed: tf.tile(_toss((count + 1) // 2, seed), [2])[:count]
        },
        "No image is ever cut. What are the coins compared with, and what do they choose between?": {
            "toss": lambda count, seed: _toss(count, seed, 0)
        },
        "No image is ever blended. What are the coins compared with, and what do they choose between?": {
            "toss": lambda count, seed: _toss(count, seed, 1)
        },
        "Images are cut too often: what are the coins compared with?": {
            "toss": lambda count, seed: _toss(count, seed, 0.7)
        },
        "Images are cut too rarely. What are the coins compared with? (With a small α, CutMix leaves many "
        "images as they are.)": {"toss": lambda count, seed: _toss(count, seed, 0.35)},
    },
    errors={
        "uint8": _COIN_CAST,
        "ncompatible shapes|roadcast": _COIN_AXES,
        r"\bNone(Type)?\b|numpy|iterating": _SIZE,
    },
    form=_FORM,
    otherwise="Look at one batch: which images have a box, which are blended, and what do their labels say?",
)
