import numpy as np

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def drawn(shape, magnitude, deviation, rate, generator):
    """A right plan of this shape: operations, which of them stay, magnitudes."""
    operations = generator.integers(14, size=shape)
    stays = generator.random(shape) < rate
    return operations, stays, np.clip(generator.normal(magnitude, deviation, size=shape), 0, 10)


def once_for_the_batch(count, num_ops, magnitude, deviation, rate, generator):
    shape = [count, num_ops]
    operations, stays, magnitudes = drawn(shape, magnitude, deviation, rate, generator)
    return np.where(stays, np.broadcast_to(operations[0], shape), 0), magnitudes


def one_operation_for_all_places(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, operations[:, :1], 0), magnitudes


def without_repetition(count, num_ops, magnitude, deviation, rate, generator):
    _, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    operations = np.stack([generator.permutation(14)[:num_ops] for _ in range(count)])
    return np.where(stays, operations, 0), magnitudes


def last_one_missing(count, num_ops, magnitude, deviation, rate, generator):
    _, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, generator.integers(13, size=[count, num_ops]), 0), magnitudes


def one_to_fourteen(count, num_ops, magnitude, deviation, rate, generator):
    _, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, generator.integers(1, 15, size=[count, num_ops]), 0), magnitudes


def not_cut_off(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, _ = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, operations, 0), generator.normal(magnitude, deviation, size=[count, num_ops])


def magnitude_per_batch(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, operations, 0), np.broadcast_to(magnitudes[:1], [count, num_ops])


def magnitude_per_image(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, operations, 0), np.broadcast_to(magnitudes[:, :1], [count, num_ops])


def even_spread(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, _ = drawn([count, num_ops], magnitude, deviation, rate, generator)
    low, high = magnitude - deviation, magnitude + deviation
    return np.where(stays, operations, 0), generator.uniform(low, high, size=[count, num_ops]).clip(0, 10)


def rate_inverted(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, 0, operations), magnitudes


def rate_per_image(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays[:, :1], operations, 0), magnitudes


def rate_forgotten(count, num_ops, magnitude, deviation, rate, generator):
    operations, _, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return operations, magnitudes


def magnitudes_zeroed(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return operations, np.where(stays, magnitudes, 0)


def own_generator(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn(
        [count, num_ops], magnitude, deviation, rate, np.random.default_rng()
    )
    return np.where(stays, operations, 0), magnitudes


def fixed_seed(count, num_ops, magnitude, deviation, rate, generator):
    generator = np.random.default_rng(0)
    operations, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    return np.where(stays, operations, 0), magnitudes


def operations_as_floats(count, num_ops, magnitude, deviation, rate, generator):
    _, stays, magnitudes = drawn([count, num_ops], magnitude, deviation, rate, generator)
    operations = np.floor(generator.random([count, num_ops]) * 14)
    return np.where(stays, operations, 0), magnitudes


def flat(count, num_ops, magnitude, deviation, rate, generator):
    operations, stays, magnitudes = drawn([count], magnitude, deviation, rate, generator)
    return np.where(stays, operations, 0), magnitudes


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def others_only(labels, amount):
    return labels * (1 - amount) + (1 - labels) * amount / (labels.shape[1] - 1)


def nothing_dealt_out(labels, amount):
    return labels * (1 - amount)


def nothing_collected(labels, amount):
    return labels + amount / labels.shape[1]


def places_changed(labels, amount):
    return labels * amount + (1 - amount) / labels.shape[1]


def divided_by_the_batch(labels, amount):
    return labels * (1 - amount) + amount / len(labels)


def whole_amount_each(labels, amount):
    return labels * (1 - amount) + amount


def always_a_tenth(labels, amount):
    return 0.9 * labels + 0.1 / labels.shape[1]


def looks_for_the_one(labels, amount):
    classes = labels.shape[1]
    return np.where(labels == 1, 1 - amount + amount / classes, amount / classes)


def largest_wins(labels, amount):
    classes = labels.shape[1]
    return (1 - amount) * np.eye(classes)[labels.argmax(axis=1)] + amount / classes


def in_place(labels, amount):
    labels *= 1 - amount
    labels += amount / labels.shape[1]
    return labels


# ---- Exercise 3 --------------------------------------------------------------------------------------------


def mean_of_the_part(losses, whole_batch):
    return losses.sum() / max(len(losses), 1) if len(losses) else np.float32("nan")


def right_but_for_an_empty_part(losses, whole_batch):
    return np.mean(losses) * len(losses) / whole_batch


def one_for_an_empty_part(losses, whole_batch):
    return losses.sum() / whole_batch if len(losses) else 1.0


def sum_of_the_part(losses, whole_batch):
    return losses.sum()


def mean_over_two_devices(losses, whole_batch):
    return losses.mean() / 2


def divided_twice(losses, whole_batch):
    return losses.mean() / whole_batch


def not_summed(losses, whole_batch):
    return losses / whole_batch


WRONG = {
    "draw_plan": [
        ("once for the batch", once_for_the_batch, r"once for the whole batch"),
        ("one operation for all places", one_operation_for_all_places, r"twice\s+the\s+same\s+operation"),
        ("without repetition", without_repetition, r"on\s+its\s+own,\s+whatever\s+the\s+other"),
        ("the last one missing", last_one_missing, r"operation 13 in 0.0%"),
        ("1 to 14", one_to_fourteen, r"whole numbers from 0 to 13"),
        ("not cut off", not_cut_off, r"Cut them off"),
        ("one magnitude for the batch", magnitude_per_batch, r"same\s+magnitudes\s+in\s+all\s+images"),
        ("one magnitude for each image", magnitude_per_image, r"one\s+magnitude\s+in\s+each\s+image"),
        ("an even spread", even_spread, r"spread\s+is\s+too\s+small"),
        ("the rate inverted", rate_inverted, r"other\s+way\s+round"),
        ("the rate for each image", rate_per_image, r"All operations of an image stay, or none"),
        ("the rate forgotten", rate_forgotten, r"`rate` has no effect"),
        ("magnitudes set to 0", magnitudes_zeroed, r"Not the magnitude becomes 0"),
        ("NumPy's global generator", own_generator, r"argument `generator`"),
        ("a generator of its own", fixed_seed, r"argument `generator`"),
        ("operations as floats", operations_as_floats, r"a\s+float\s+is\s+no\s+place"),
        ("one axis only", flat, r"column\s+for\s+each"),
    ],
    "smooth": [
        ("the others only", others_only, r"the\s+right\s+one\s+included"),
        ("nothing dealt out", nothing_dealt_out, r"not\s+dealt\s+out"),
        ("nothing collected", nothing_collected, r"nothing\s+was\s+collected"),
        ("places changed", places_changed, r"changed\s+places"),
        ("divided by the batch", divided_by_the_batch, r"the\s+number\s+of\s+labels"),
        ("the whole amount each", whole_amount_each, r"whole\s+amount"),
        ("always a tenth", always_a_tenth, r"use\s+the\s+argument"),
        ("looks for the 1", looks_for_the_one, r"do\s+not\s+look\s+for\s+the\s+1"),
        ("the largest wins", largest_wins, r"do\s+not\s+look\s+for\s+the\s+1"),
        ("in place", in_place, r"Copy first"),
    ],
    "share_of_loss": [
        ("the mean of the part", mean_of_the_part, r"mean\s+of\s+its\s+own\s+part"),
        (
            "nan for an empty part",
            right_but_for_an_empty_part,
            r"The\s+sum\s+of\s+an\s+empty\s+part\s+is\s+0",
        ),
        ("1 for an empty part", one_for_an_empty_part, r"A\s+device\s+without\s+images"),
        ("the sum of the part", sum_of_the_part, r"sum\s+to\s+the\s+sum"),
        ("half of the mean", mean_over_two_devices, r"the\s+images\s+count,\s+not\s+the\s+devices"),
        ("divided twice", divided_twice, r"divides\s+twice"),
        ("not summed", not_summed, r"Sum\s+over\s+the\s+images"),
    ],
}
