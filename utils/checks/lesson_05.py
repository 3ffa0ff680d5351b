"""The checks of lesson 05: a random pipeline of layers for one image, CutMix or MixUp for each image."""

import numpy as np
import tensorflow as tf

from utils.checks import tables

# ---- Exercise 1 --------------------------------------------------------------------------------------------

_IMAGES = 1000


def _one_branch(number, image, layers):
    return tf.switch_case(number, [lambda layer=layer: layer(image) for layer in layers])


def the_courses_pipeline(
    image,
    layers,
    count,
    rate,
    *,
    numbers=lambda layers, count: tf.random.uniform([count], 0, layers, tf.int32),
    stays=lambda rate, count: tf.random.uniform([count]) < rate,
    apply=_one_branch,
    taken=lambda result, image: result,
    times=lambda count: count,
) -> tf.Tensor:
    """The right random pipeline: `count` times one of the layers, each with the probability `rate`."""
    count, result = times(count), image
    chosen, kept = numbers(len(layers), count), stays(rate, count)
    for k in range(count):
        changed = apply(chosen[k], taken(result, image), layers)
        result = tf.where(kept[k], changed, result)
    return result


# They write down that they were there: each appends its digit to the number in all pixels.
_LAYERS = [lambda image, digit=digit: 10 * image + digit for digit in (1, 2, 3)]


def _pipeline_tried(count, rate):
    def use(function):
        images = tf.data.Dataset.from_tensors(tf.zeros([2, 2, 3])).repeat(_IMAGES)
        images = images.map(lambda image: function(image, _LAYERS, count, rate)).batch(_IMAGES)
        return rate, images.get_single_element().numpy()

    words = f"(image, 3 layers, count={count}, rate={rate}) for {_IMAGES:,} images in dataset.map"
    return tables.Try(words, use)


def _pipeline_facts(answer):
    rate, images = answer
    if images.shape != (_IMAGES, 2, 2, 3) or np.ptp(images, axis=(1, 2, 3)).any() or images.min() < 0:
        raise ValueError("these are no images that layers have changed")
    codes = [str(int(code)) for code in images[:, 0, 0, 0]]  # what was appended to each image
    lengths = np.array([0 if code == "0" else len(code) for code in codes])
    firsts = [code[0] for code in codes if code != "0"]
    pairs = [code[:2] for code in codes if len(code) > 1]
    facts = {"layers applied to an image, at most": int(lengths.max())}
    facts |= {"the same layers in all images": len(set(codes)) == 1} if rate == 1 else {}
    facts |= {
        "shares of 0, 1, 2 … layers": np.bincount(lengths, minlength=5)[:5] / _IMAGES,
        "shares of the first layer": np.array([firsts.count(digit) for digit in "123"]) / max(1, len(firsts)),
    }
    if rate == 1:
        twice = sum(pair[0] == pair[1] for pair in pairs)
        facts["share of the same layer twice"] = round(twice / max(1, len(pairs)), 3)
    return facts


_NO_PLACE = (
    "Inside of `map` a number that was drawn is a tensor, and a Python list has no place of that name. "
    "`tf.switch_case` chooses between functions by a tensor."
)
_NO_VALUES = (
    "Inside of `map` tensors have no values yet, so `.numpy()` and `int(…)` cannot work. Choose by "
    "`tf.switch_case` and `tf.where`."
)

random_pipeline = tables.Table(
    title="Exercise 1: each image draws its own layers, and each of them with its own coin.",
    right=the_courses_pipeline,
    tries=lambda: [_pipeline_tried(2, 1.0), _pipeline_tried(3, 0.5)],
    read=_pipeline_facts,
    tolerance=0.1,
    mistakes={
        "All images get the same layers. `tf.data` calls your function once, to make a graph of it: what "
        "Python's `random` or NumPy draws is drawn then, and never again. Draw with `tf.random`.": {
            "numbers": lambda layers, count: tf.repeat(layers - 1, count)
        },
        "The layers are applied in the order of the list; draw which one it is.": {
            "numbers": lambda layers, count: tf.range(count) % layers
        },
        "The layer is drawn once for the image, and applied `count` times: draw each time anew.": {
            "numbers": lambda layers, count: tf.repeat(tf.random.uniform([1], 0, layers, tf.int32), count)
        },
        "No layer comes twice in an image. Each draw is on its own, whatever the others are.": {
            "numbers": lambda layers, count: tf.random.shuffle(tf.range(max(layers, count)))[:count]
        },
        "The last layer is never drawn: the end of `tf.random.uniform([], 0, end, tf.int32)` is left out.": {
            "numbers": lambda layers, count: tf.random.uniform([count], 0, max(layers - 1, 1), tf.int32)
        },
        "It is the other way round: `rate` is the probability that the layer is applied.": {
            "stays": lambda rate, count: tf.random.uniform([count]) >= rate
        },
        "All layers of an image are applied, or none. Each has a coin of its own.": {
            "stays": lambda rate, count: tf.repeat(tf.random.uniform([1]) < rate, count)
        },
        "Every drawn layer is applied: `rate` has no effect.": {
            "stays": lambda rate, count: tf.ones([count], tf.bool)
        },
        "Each layer gets the image as it came, and only the last result is kept: go on with the result.": {
            "taken": lambda result, image: image
        },
        "Only one layer is drawn, whatever `count` says.": {"times": lambda count: 1},
        _NO_PLACE: {"apply": lambda number, image, layers: layers[number](image)},
        _NO_VALUES: {"apply": lambda number, image, layers: layers[number.numpy()](image)},
    },
    errors={
        r"list indices must be": _NO_PLACE,
        r"has no attribute 'numpy'|int\(\) argument|__int__|__index__": _NO_VALUES,
    },
    form="Return one image, of the shape and dtype of the one that came.",
    otherwise="`count` times: draw one of the layers, toss a coin that says yes with the probability `rate`, "
    "and apply the layer to what the ones before have made.",
)


# ---- Exercise 2 --------------------------------------------------------------------------------------------

_COUNT, _BATCHES, _CUT, _BLENDED = 8, 200, 100, 200


def the_courses_mix(
    batch,
    cutmix,
    mixup,
    *,
    coins=lambda count: tf.random.uniform([count]) < 0.5,
    for_labels=lambda coins: coins,
    second=lambda batch, cut: batch,
    count=lambda labels: tf.shape(labels)[0],
    labels=lambda label, batch: label,
) -> dict[str, tf.Tensor]:
    """The right mix: for each image, and for its label, either CutMix or MixUp."""
    batch = dict(batch)
    cut = cutmix(dict(batch))
    blended = mixup(dict(second(batch, cut)))
    coin = coins(count(batch["labels"]))
    chosen = tf.where(for_labels(coin)[:, tf.newaxis], cut["labels"], blended["labels"])
    images = tf.where(coin[:, tf.newaxis, tf.newaxis, tf.newaxis], cut["images"], blended["images"])
    return {"images": images, "labels": labels(chosen, batch["labels"])}


def _adds(number):
    """A mix that writes down that it was there: it adds a number to all pixels, and to the labels."""

    def mix(batch):
        return {"images": batch["images"] + number, "labels": batch["labels"] + number}

    return mix


def _mix_tried():
    def use(function):
        images = tf.zeros([_COUNT * _BATCHES, 4, 5, 3])
        batches = tf.data.Dataset.from_tensor_slices({"images": images, "labels": images[:, 0, :2, 0]})
        batches = batches.batch(_COUNT)
        mixed = batches.map(lambda batch: function(batch, _adds(float(_CUT)), _adds(float(_BLENDED))))
        return list(mixed.as_numpy_iterator())

    return tables.Try(f"(batch, cutmix, mixup) for {_BATCHES} batches of {_COUNT} in dataset.map", use)


def _mix_facts(answer):
    if {*map(tuple, map(sorted, answer))} != {("images", "labels")}:
        raise ValueError
    images = np.concatenate([batch["images"] for batch in answer])
    labels = np.concatenate([batch["labels"] for batch in answer])
    if images.shape != (_COUNT * _BATCHES, 4, 5, 3) or labels.shape != (len(images), 2):
        raise ValueError
    of_image, of_label = images[:, 0, 0, 0], labels[:, 0]
    whole = (images == of_image[:, None, None, None]).all() and (labels == of_label[:, None]).all()
    coins = (of_image == _CUT).reshape(-1, _COUNT)
    return {
        "every image is of one kind": bool(whole),
        "images that have met both": _share(~np.isin(of_image, [_CUT, _BLENDED])),
        "labels as they came": _share(of_label == 0),
        "images with the label of the other mix": _share(of_image != of_label),
        "all images of a batch meet the same mix": _share((coins == coins[:, :1]).all(axis=1)) > 0.9,
        "all batches have the same coins": _share((coins == coins[0]).all(axis=1)) > 0.9,
        "images with CutMix": "half of all" if abs(_share(coins) - 0.5) < 0.1 else "another share",
    }


def _share(are):
    return round(float(are.mean()), 3)


_NO_SIZE = "While `map` makes its graph, the size of a batch may be unknown: take `tf.shape(labels)[0]`."

one_of_both = tables.Table(
    title="Exercise 2: each image meets CutMix or MixUp, and its label goes with it.",
    right=the_courses_mix,
    tries=lambda: [_mix_tried()],
    read=_mix_facts,
    tolerance=0.1,
    mistakes={
        "Images and labels toss coins of their own: toss once, and use the result twice.": {
            "for_labels": lambda coins: tf.random.uniform(tf.shape(coins)) < 0.5
        },
        "The choices for images and labels have changed places.": {"for_labels": tf.logical_not},
        "One coin decides for the whole batch: toss one for each image.": {
            "coins": lambda count: tf.repeat(tf.random.uniform([1]) < 0.5, count)
        },
        "Every image meets both mixes, one after the other.": {
            "second": lambda batch, cut: cut,
            "coins": lambda count: tf.zeros([count], tf.bool),
        },
        "MixUp gets what CutMix has made, so an image may meet both: give the batch as it came to each.": {
            "second": lambda batch, cut: cut
        },
        "The labels are as they came: take those that the two mixes return.": {
            "labels": lambda label, batch: batch
        },
        "The coins are the same in every batch. `tf.data` calls your function once, to make a graph of it: "
        "what NumPy or Python draws is drawn then, and never again. Draw with `tf.random`.": {
            "coins": lambda count: tf.range(count) % 2 == 0
        },
        "Every image meets the same mix, none the other one.": {
            "coins": lambda count: tf.zeros([count], tf.bool)
        },
        "The coin is not fair: CutMix and MixUp are equally likely.": {
            "coins": lambda count: tf.random.uniform([count]) < 0.25
        },
        _NO_SIZE: {"count": lambda labels: labels.shape[0]},
    },
    errors={r"[Cc]annot convert|Failed to convert|well defined|None value|sequence of integers": _NO_SIZE},
    form='Return a dict again, {"images": …, "labels": …}, of the shapes that came.',
    otherwise="Mix the whole batch in both ways, toss a fair coin for each image, and choose by `tf.where`.",
)
