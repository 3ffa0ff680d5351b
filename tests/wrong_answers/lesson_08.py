import numpy as np
import tensorflow as tf

from utils import mixing

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def box(height, width, row, column, down, across):
    """The clipped box with these half sides."""
    top, bottom = round(row - down), round(row + down)
    left, right = round(column - across), round(column + across)
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)


def halves(height, width, factor):
    return height * factor / 2, width * factor / 2


def not_clipped(height, width, lam, row, column):
    down, across = halves(height, width, (1 - lam) ** 0.5)
    return round(row - down), round(column - across), round(row + down), round(column + across)


def pushed_inside(height, width, lam, row, column):
    factor = (1 - lam) ** 0.5
    down, across = round(height * factor), round(width * factor)
    top = min(max(round(row - down / 2), 0), height - down)
    left = min(max(round(column - across / 2), 0), width - across)
    return top, left, top + down, left + across


def sides_swapped(height, width, lam, row, column):
    across, down = halves(height, width, (1 - lam) ** 0.5)
    return box(height, width, row, column, down, across)


def last_pixel_lost(height, width, lam, row, column):
    return box(height - 1, width - 1, row, column, *halves(height, width, (1 - lam) ** 0.5))


def clipped_below_only(height, width, lam, row, column):
    return tuple(max(edge, 0) for edge in not_clipped(height, width, lam, row, column))


def clipped_beyond_only(height, width, lam, row, column):
    top, left, bottom, right = not_clipped(height, width, lam, row, column)
    return top, left, min(bottom, height), min(right, width)


def only_rows(height, width, lam, row, column):
    top, _, bottom, _ = box(height, width, row, column, *halves(height, width, (1 - lam) ** 0.5))
    return top, bottom


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def drawn(images, seed):
    """Partner, the four edges [B, 1] and the share of the pasted box [B, 1]."""
    parameters = mixing.cutmix_parameters(images, seed=seed)
    sides = [side[:, tf.newaxis] for side in tf.unstack(parameters.box, axis=1)]
    return parameters.partner, sides, 1 - parameters.share[:, tf.newaxis], 1 - parameters.lam[:, tf.newaxis]


def inside(images, sides):
    top, left, bottom, right = sides
    rows, columns = tf.range(tf.shape(images)[1]), tf.range(tf.shape(images)[2])
    rows, columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
    return rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :]


def where(mask, images, partner):
    return tf.where(mask[..., tf.newaxis], tf.gather(images, partner), images)


def mix(labels, partner, pasted):
    return (1 - pasted) * labels + pasted * tf.gather(labels, partner)


def labels_from_lam(images, labels, *, seed):
    partner, sides, _, from_lam = drawn(images, seed)
    return where(inside(images, sides), images, partner), mix(labels, partner, from_lam)


def labels_swapped(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), mix(labels, partner, 1 - pasted)


def mask_inverted(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(~inside(images, sides), images, partner), mix(labels, partner, pasted)


def labels_as_they_came(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), labels


def whole_number_division(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    top, left, bottom, right = sides
    pasted = (bottom - top) * (right - left) // (tf.shape(images)[1] * tf.shape(images)[2])
    return where(inside(images, sides), images, partner), mix(labels, partner, tf.cast(pasted, labels.dtype))


def last_row_pasted(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    top, left, bottom, right = sides
    larger = inside(images, (top, left, bottom + 1, right + 1))
    return where(larger, images, partner), mix(labels, partner, pasted)


def rows_or_columns(images, labels, *, seed):
    partner, (top, left, bottom, right), pasted, _ = drawn(images, seed)
    rows, columns = tf.range(tf.shape(images)[1]), tf.range(tf.shape(images)[2])
    rows, columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
    mask = rows[:, :, tf.newaxis] | columns[:, tf.newaxis, :]
    return where(mask, images, partner), mix(labels, partner, pasted)


def rows_only(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    top, left, bottom, right = sides
    mask = inside(images, (top, 0 * left, bottom, 0 * right + tf.shape(images)[2]))
    return where(mask, images, partner), mix(labels, partner, pasted)


def first_box_for_all(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mask = inside(images, sides)[:1]
    return where(tf.repeat(mask, tf.shape(images)[0], axis=0), images, partner), mix(
        labels, partner, pasted[:1]
    )


def python_loop(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mixed = []
    for k in range(len(images)):
        top, left, bottom, right = (int(side[k, 0]) for side in sides)
        image = np.array(images[k])
        image[top:bottom, left:right] = images[int(partner[k]), top:bottom, left:right]
        mixed.append(tf.constant(image))
    return tf.stack(mixed), mix(labels, partner, pasted)


def nothing_pasted(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mask = inside(images, sides)
    return tf.where(mask[..., tf.newaxis], images, images), mix(labels, partner, pasted)


def blackened(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mask = inside(images, sides)
    return tf.where(mask[..., tf.newaxis], tf.zeros_like(images), images), mix(labels, partner, pasted)


def own_randomness(images, labels, *, seed):
    return mixing.cutmix(images, labels, seed=tf.random.uniform([2], 0, 1000, tf.int32))


def whole_batch_share(images, labels, *, seed):
    """`tf.reduce_sum` of the whole mask: one share for all."""
    partner, sides, _, _ = drawn(images, seed)
    mask = inside(images, sides)
    return where(mask, images, partner), mix(labels, partner, tf.reduce_mean(tf.cast(mask, tf.float32)))


def float_images(images, labels, *, seed):
    mixed, labels = mixing.cutmix(images, labels, seed=seed)
    return tf.cast(mixed, tf.float32), labels


def cast_area_only(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    top, left, bottom, right = sides
    area = tf.cast((bottom - top) * (right - left), labels.dtype)
    pasted = area / (tf.shape(images)[1] * tf.shape(images)[2])
    return where(inside(images, sides), images, partner), mix(labels, partner, pasted)


def whole_number_quotient(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    top, left, bottom, right = sides
    pasted = (bottom - top) * (right - left) / (tf.shape(images)[1] * tf.shape(images)[2])
    return where(inside(images, sides), images, partner), mix(labels, partner, pasted)


def mask_without_channels(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mixed = tf.where(inside(images, sides), tf.gather(images, partner), images)
    return mixed, mix(labels, partner, pasted)


def partners_drawn_twice(images, labels, *, seed):
    """https://github.com/xudonmao/VMT/issues/1: two shuffles, one for the images and one for the labels."""
    partner, sides, pasted, _ = drawn(images, seed)
    others = tf.random.experimental.stateless_shuffle(tf.range(tf.shape(images)[0]), seed + 1)
    return where(inside(images, sides), images, partner), mix(labels, others, pasted)


def share_of_the_partners_box(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), mix(labels, partner, tf.gather(pasted, partner))


def share_of_the_rows(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    top, _, bottom, _ = sides
    pasted = tf.cast((bottom - top) / tf.shape(images)[1], labels.dtype)
    return where(inside(images, sides), images, partner), mix(labels, partner, pasted)


def height_times_height(images, labels, *, seed):
    partner, sides, _, _ = drawn(images, seed)
    top, left, bottom, right = sides
    pasted = tf.cast((bottom - top) * (right - left) / tf.shape(images)[1] ** 2, labels.dtype)
    return where(inside(images, sides), images, partner), mix(labels, partner, pasted)


def labels_added(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), labels + pasted * tf.gather(labels, partner)


def larger_share_wins(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mixed_labels = tf.where(pasted > 0.5, tf.gather(labels, partner), labels)
    return where(inside(images, sides), images, partner), mixed_labels


def mixup_with_lam(images, labels, *, seed):
    partner, _, pasted, _ = drawn(images, seed)
    weight = pasted[:, :, tf.newaxis, tf.newaxis]
    own, other = (tf.cast(each, tf.float32) for each in (images, tf.gather(images, partner)))
    return tf.cast((1 - weight) * own + weight * other, images.dtype), mix(labels, partner, pasted)


def with_numpy(images, labels, *, seed):
    """`.numpy()` works on the batch of the check, and not inside of `tf.data`."""
    mixed, mixed_labels = mixing.cutmix(images, labels, seed=seed)
    return tf.constant(mixed.numpy()), mixed_labels


WRONG = {
    "box_from_lam": [
        ("not clipped", not_clipped, r"not clipped"),
        ("pushed inside", pushed_inside, r"pushed back"),
        ("height and width swapped", sides_swapped, r"Height and width have changed places"),
        ("last pixel lost", last_pixel_lost, r"last row and column are lost"),
        ("clipped below 0 only", clipped_below_only, r"below 0 are clipped, but not"),
        ("clipped beyond the size only", clipped_beyond_only, r"but not those below 0"),
        ("two edges", only_rows, r"Return four numbers"),
    ],
    "cutmix_batch": [
        ("labels from λ", labels_from_lam, r"before it was\s+clipped"),
        ("labels swapped", labels_swapped, r"shares have changed places"),
        ("mask inverted", mask_inverted, r"Inside and outside are swapped"),
        ("labels not mixed", labels_as_they_came, r"one-hot"),
        ("whole-number division", whole_number_division, r"rounded to a whole\s+number"),
        ("last row pasted", last_row_pasted, r"`<`, not `<=`"),
        ("rows or columns", rows_or_columns, r"row AND its column"),
        ("rows only", rows_only, r"Only the rows are compared"),
        ("the first box for all", first_box_for_all, r"keeps\s+the\s+axis\s+of\s+the\s+batch"),
        ("a Python loop", python_loop, r"no\s+loop\s+over\s+images"),
        ("nothing pasted", nothing_pasted, r"Nothing has been pasted"),
        ("Cutout", blackened, r"do not blend, add or blacken"),
        ("own randomness", own_randomness, r"drawn without `seed`"),
        ("float images", float_images, r"no\s+cast\s+is\s+needed"),
        ("only the area cast", cast_area_only, r"cast the area and `height \* width` both"),
        ("quotient of whole numbers", whole_number_quotient, r"cast the area and `height \* width` both"),
        ("mask without channels", mask_without_channels, r"last axis of length 1"),
        ("partners drawn twice", partners_drawn_twice, r"with\s+the\s+same\s+`partner`"),
        ("share of the partner's box", share_of_the_partners_box, r"share is that of the box in image"),
        ("share of the rows", share_of_the_rows, r"height times width of the box"),
        ("area of a square", height_times_height, r"height · width"),
        ("labels added", labels_added, r"two shares must add to 1"),
        ("the larger share wins", larger_share_wins, r"one-hot"),
        ("MixUp", mixup_with_lam, r"do not blend"),
        ("NumPy", with_numpy, r"`\.numpy\(\)`"),
        ("one share for all", whole_batch_share, r"one share per image|before it was\s+clipped"),
    ],
}
