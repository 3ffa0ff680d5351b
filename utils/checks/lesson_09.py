"""The checks of lesson 09: MixUp for a batch, a coin between two mixes.

Both functions draw as they like. So the tables compare facts that do not depend on the draw: what the pixels
of the results are made of, and whether the labels say the same.
"""

import functools
from unittest import mock

import numpy as np
import tensorflow as tf
from scipy import stats

from utils import mixing
from utils.checks import harness, lesson_08, tables
from utils.checks.augmentations import mixes

_FORM = "Return images and labels, of the shapes that came in; the images in float32: `return mixed, labels`."


def _noise(count, size):
    """Images of noise, uint8, and the labels of as many classes."""
    return mixes.noise_images(size, size, "uint8", (0, 255), count), np.eye(count, dtype=np.float32)


def _mixed(function, images, labels, number, **options):
    return lesson_08.mixed_by(function, images, labels, (number, 2019), _FORM, **options)


def _seed_facts(first, other, again):
    return {
        "the same seed again": "the same" if np.array_equal(first[0], again[0]) else "another batch",
        "another seed": "the same batch" if np.array_equal(first[0], other[0]) else "another",
    }


def _first(signs, otherwise):
    return next((name for name, found in signs.items() if found), otherwise)


def _near(values, expected):
    return np.allclose(values, expected, atol=1e-3)


def _in_dataset(function, images, labels):
    """Whether a batch, of a size that `dataset.map` does not know, is there what it is outside of it."""
    seeds = tf.data.Dataset.from_tensors(tf.constant([3, 2019], tf.int64))
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(len(images))
    pairs = tf.data.Dataset.zip(batches, seeds)
    inside, _ = harness.call(
        lambda: next(pairs.map(lambda batch, seed: function(*batch, seed=seed)).as_numpy_iterator()),
        tried=f"{harness.name_of(function)} inside of dataset.map, with a batch of {len(images)} images",
    )
    alike = np.allclose(inside, _mixed(function, images, labels, 3)[0], atol=0.01)
    return {"images from dataset.map": "as outside of it" if alike else "others than outside of it"}


def _in_steps(right, *steps):
    """A use: facts of its steps, up to the first that finds others than in the right answer."""
    expected = functools.cache(lambda step: step(right))

    def use(function):
        facts = {}
        for step in steps:
            found = step(function)
            facts |= found
            if found != expected(step):
                break
        return facts

    return use


_SIZE = lesson_08.REPORT_HINTS["runs in tf.data"]
_NOT_SEEDED = (
    "Something is drawn without the seed. Draw all with `stateless_` functions and a seed that comes from "
    "`seed`; in `tf.data`, random numbers of Python and NumPy are drawn once and then stay."
)
_ONE_SEED = lesson_08.REPORT_HINTS["seeds differ"]

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
):
    partner_seed, lam_seed = tf.unstack(tf.random.split(taken(seed)))
    partner, lam = partners(count(images), partner_seed), draw(count(images), alpha, lam_seed)
    images, lam = cast(images), tf.broadcast_to(lam, tf.shape(labels)[:1])
    own, of_label = image_axes(lam), label_axes(label_lam(lam))
    mixed = own * images + (1 - own) * tf.gather(images, partner)
    others = tf.gather(labels, label_partner(partner))
    return done(mixed), of_label * labels + (1 - of_label) * others


def _blends(function):
    """What the pixels of several batches are made of, and whether their labels say so."""
    images, labels = _noise(8, 6)  # a size of its own, so that a λ along rows or columns stops with an error
    *results, again = [_mixed(function, images, labels, number, alpha=1.0) for number in (*range(8), 0)]
    mixed, named = (np.concatenate(parts) for parts in zip(*results, strict=True))
    rows, values, own = images.reshape(8, -1) / 1.0, mixed.reshape(64, -1), np.tile(np.arange(8), 8)
    shares = values @ np.linalg.pinv(rows)
    off, third = np.abs(shares @ rows - values).max(), np.sort(np.abs(shares), axis=1)[:, -3]
    partner = np.where(np.eye(8)[own] > 0, -1, shares).argmax(axis=1)
    kept, label, other = (
        part[np.arange(64), of] for part, of in [(shares, own), (named, own), (named, partner)]
    )
    blended = abs(kept - 1) > 0.02  # an image that is its own partner tells nothing
    signs = {
        "in whole numbers": mixed.dtype.kind in "iub",
        "as it came": not blended.any(),
        "a blend, scaled to 0-1": values.max() <= 1,
        "a blend, but rounded": 0.02 < off < 2,
        "no blend of two": off > 0.02 or third.max() > 0.01 or not _near(np.abs(shares).sum(axis=1), 1),
    }
    facts = {"each image": _first(signs, "a blend of two")}
    if any(signs.values()):
        return facts
    batches, lams = partner.reshape(8, 8), kept.reshape(8, 8)
    same_for = {"one for all batches": (0, 1), "one for the whole batch": 1, "the same for every seed": 0}
    spreads = {
        words: np.abs(lams - np.median(lams, axis=axis, keepdims=True)) for words, axis in same_for.items()
    }
    facts["λ"] = _first(
        {words: np.median(spread) < 1e-3 for words, spread in spreads.items()}, "drawn for each image"
    )
    signs = {
        "the same for every seed": (batches == batches[0]).mean() > 0.9,
        "one for the whole batch": np.mean([stats.mode(batch).count for batch in batches]) > 6,
    }
    facts["partners"] = _first(signs, "drawn for each batch")
    facts["labels sum to"] = "1" if _near(named.sum(axis=1), 1) else "other numbers"
    if facts["labels sum to"] != "1":
        return facts
    known = {"λ": kept, "1 − λ": 1 - kept, "1": kept**0}
    signs = {name: _near(label[blended], share[blended]) for name, share in known.items()}
    facts["label of the image itself"] = _first(signs, "another number")
    facts["the rest"] = "its partner's" if _near((label + other)[blended], 1) else "another image's"
    return facts | _seed_facts(*results[:2], again)


def _lam_drawn(function):
    """What λ is drawn from: the labels of a large batch tell, which follow the pixels."""
    images, labels = np.zeros([512, 2, 2, 3], np.uint8), np.eye(512, dtype=np.float32)
    facts = {}
    for name, asked, options in [("alpha=16", 16, {"alpha": 16.0}), ("its default alpha", 0.2, {})]:
        lam = np.diagonal(_mixed(function, images, labels, 5, **options)[1])
        known = {f"Beta({each}, {each})": stats.beta(each, each).cdf for each in (asked, 0.2, 1)}
        signs = {words: stats.kstest(lam, cdf).pvalue > 1e-6 for words, cdf in known.items()}
        facts[f"λ with {name} is drawn from"] = _first(signs, "another distribution")
    return facts


_MIXUP_USED = _in_steps(_mixup, _blends, _lam_drawn, lambda function: _in_dataset(function, *_noise(12, 8)))

_AXES = (
    "Shapes are matched from the last axis on, so λ [B] meets the channels. Give it axes of length 1 behind "
    "its own, until it has as many as the images."
)
_NO_ALPHA = "`alpha` is not used: λ has the same distribution, whatever it says."
_CAST = "TensorFlow multiplies only numbers of one dtype: cast the images to float32 first."

mixup_batch = tables.Table(
    title="Exercise 1: pixels and labels are blended, each image with its own λ and partner.",
    right=_mixup,
    tries=lambda: [tables.Try(" with batches of images, for several seeds", _MIXUP_USED)],
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
        "λ is always one half: the two draws that make it are one and the same. Give each its own seed, or "
        "draw both at once.": {"draw": lambda count, alpha, seed: tf.fill([count], 0.5)},
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
        "The images are right, but in the labels λ and 1 − λ have changed places.": {
            "label_lam": lambda lam: 1 - lam
        },
        "The label has another λ than the pixels: draw λ once, and use it twice.": {
            "label_lam": lambda lam: tf.reverse(lam, [0])
        },
        "The label names another image than the pixels come from: fetch images and labels with the same "
        "partners.": {"label_partner": lambda partner: tf.roll(partner, 1, axis=0)},
        "All λ are equally likely, whatever `alpha` says. Draw from Beta(α, α).": {
            "draw": lambda count, alpha, seed: tf.random.stateless_uniform([count], seed)
        },
        _NO_ALPHA: {"draw": lambda count, alpha, seed: _beta(count, 0.2, seed)},
        "Where `alpha` is not given, 0.2 is meant: leave the first line of the function as it is.": {
            "alpha": 1.0
        },
    },
    errors={
        "uint8": _CAST,
        "ncompatible shapes|roadcast": _AXES,
        r"\bNone(Type)?\b|numpy|iterating": _SIZE,
        "argument 'alpha'": _NO_ALPHA,
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
    cut_of=lambda cut, blended, images: cut,
    image_axes=lambda coins: coins[:, tf.newaxis, tf.newaxis, tf.newaxis],
    label_axes=lambda coins: coins[:, tf.newaxis],
    label_coins=lambda coins: coins,
    done=lambda images: images,
):
    coin_seed, mix_seed = tf.unstack(tf.random.split(taken(seed)))
    coins = toss(count(images), coin_seed)
    cut, cut_labels = mixing.cutmix(images, labels, seed=of_mixes(mix_seed))
    blended, blended_labels = mixing.mixup(images, labels, seed=of_mixes(mix_seed))
    mixed = tf.where(image_axes(coins), cut_of(cast(cut), blended, images), blended)
    return done(mixed), tf.where(label_axes(label_coins(coins)), cut_labels, blended_labels)


# What the stand-ins add to two channels: a mark of their own, and one of all images that they were given.
_CUT, _BLENDED = (64, 1770 % 100), (128.3, 1770 % 100)


def _stand_in(mark, shift):
    """A mix that leaves marks in the pixels: which mix it was, what it drew, what images it was given."""

    def mix(images, labels, *, seed, **_options):
        drawn = tf.random.stateless_uniform([], seed, 0, 100, tf.int32)
        given = tf.reduce_sum(tf.cast(images[:, 0, 0, 0], tf.int32)) % 100
        images = images if mark == _CUT[0] else tf.cast(images, tf.float32)
        added = [tf.cast(each, images.dtype) for each in (mark, drawn, given)]
        share = 0.9 - tf.cast(drawn, tf.float32) / 250
        return images + tf.stack(added), share * labels + (1 - share) * tf.roll(labels, shift, axis=0)

    return mix


def _marked(use):
    """The use with stand-ins in place of both mixes, so that what is chosen can be read."""

    def use_with_stand_ins(function):
        images = np.repeat(np.arange(60, dtype=np.uint8), 27).reshape(60, 3, 3, 3)
        cutmix, mixup = _stand_in(_CUT[0], 1), _stand_in(_BLENDED[0], 2)
        with mock.patch.multiple(mixing, cutmix=cutmix, mixup=mixup):
            return use(function, images, np.eye(60, dtype=np.float32))

    return use_with_stand_ins


@_marked
def _choices(function, images, labels):
    """Which mix each image and each label comes from, in many batches, and how the coins fall."""
    *results, again = [_mixed(function, images, labels, number) for number in (*range(24), 0)]
    mixed, named = (np.stack(parts) for parts in zip(*results, strict=True))
    added = mixed - images
    is_cut, is_blended = _are_marked(added, 0.01)
    as_it_came = (added == 0).all(axis=(2, 3, 4))
    signs = {
        "in whole numbers": mixed.dtype.kind in "iub",
        "cut or blended": (is_cut | is_blended).all(),
        "cut or blended, but rounded": np.logical_or(*_are_marked(added, 0.5)).all(),
        "cut or blended, or as it came": (is_cut | is_blended | as_it_came).all(),
    }
    facts = {"each image": _first(signs, "neither cut nor blended")}
    if facts["each image"] != "cut or blended":
        return facts
    drawn = added[:, :, 0, 0, 1]
    named_by = [(named > 0.01) == (labels + np.roll(labels, shift, axis=0) > 0) for shift in (1, 2)]
    of_cut, of_blended = (each.all(axis=2) for each in named_by)
    is_own = ((is_cut & of_cut) | (is_blended & of_blended)).all()
    signs = {
        "that of its mix": is_own and _near(named.diagonal(axis1=1, axis2=2), 0.9 - drawn / 250),
        "that of another call": is_own,
        "often that of the other mix": (of_cut | of_blended).all(),
        "partly of one mix, partly of the other": np.logical_or(*named_by).all(),
    }
    facts["its label"] = _first(signs, "that of neither mix")
    if not signs["that of its mix"]:
        return facts
    facts |= _seed_facts(*results[:2], again)
    rates, columns = is_cut.mean(axis=1), is_cut.T
    signs = {
        "none: all images meet the same mix": len(np.unique(is_cut)) == 1,
        "one for the whole batch": np.isin(rates, [0, 1]).all(),
        "the same for every seed": (is_cut == is_cut[0]).all(),
        "as many in every batch": np.ptp(rates) == 0,
        "one for several images": np.median((columns[:, np.newaxis] == columns).all(axis=2).sum(axis=1)) > 1,
    }
    draws = [len(np.unique(drawn[chosen].round())) for chosen in (is_cut, is_blended)]
    return facts | {
        "coins": _first(signs, "one for each image"),
        "images that are cut": "about half" if abs(rates.mean() - 0.5) < 0.06 else "another share",
        "both mixes are": "the same for every seed" if 1 in draws else "drawn for each batch",
    }


def _are_marked(added, tolerance):
    """Which images are cut, and which are blended, [seeds, images]: all of their pixels say so."""
    return [np.abs(added[..., ::2] - mark).max(axis=(2, 3, 4)) < tolerance for mark in (_CUT, _BLENDED)]


@_marked
def _choices_in_dataset(function, images, labels):
    return _in_dataset(function, images[:48], labels[:48])


_CHOICE_USED = _in_steps(_cut_or_blend, _choices, _choices_in_dataset)
_COIN_AXES = (
    "Are there as many coins as images? And do they have as many axes as what they choose between: [B, 1, 1, "
    "1] for images, [B, 1] for labels?"
)
_COIN_CAST = "`tf.where` chooses between values of one dtype: cast the cut images to float32."

cut_or_blend = tables.Table(
    title="Exercise 2: every image is cut or blended, by a coin of its own, and the labels follow.",
    right=_cut_or_blend,
    tries=lambda: [tables.Try(" with batches of images, for several seeds", _CHOICE_USED)],
    mistakes={
        _COIN_CAST: {"cast": lambda images: images},
        _COIN_AXES: {"image_axes": lambda coins: coins},
        _SIZE: {"count": lambda images: images.shape[0]},
        _NOT_SEEDED: {"toss": lambda count, seed: tf.random.uniform([count]) < 0.5},
        "Whole numbers cannot hold a blend: leave it in float32, do not cast it back.": {
            "done": lambda images: tf.cast(images, tf.uint8)
        },
        "The pixels are right but for rounding: leave the blend in float32 as it is.": {"done": tf.round},
        "Give `mixing.cutmix` and `mixing.mixup` all images as they came in, neither what the other one has "
        "made nor a part, and choose between their results with one coin for a whole image.": {
            "cut_of": lambda cut, blended, images: (cut + blended) / 2
        },
        "Some images come out as they went in: what do the coins choose between?": {
            "cut_of": lambda cut, blended, images: tf.cast(images, tf.float32)
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
        "All images meet the same mix. What are the coins compared with, and what do they choose between?": {
            "toss": lambda count, seed: _toss(count, seed, 0)
        },
        "Both mixes should have a chance of one half: what are the coins compared with?": {
            "toss": lambda count, seed: _toss(count, seed, 0.7)
        },
    },
    errors={
        "uint8": _COIN_CAST,
        "ncompatible shapes|roadcast": _COIN_AXES,
        r"\bNone(Type)?\b|numpy|iterating": _SIZE,
    },
    form=_FORM,
    otherwise="Look at one batch: which images have a box, which are blended, and what do their labels say?",
)
