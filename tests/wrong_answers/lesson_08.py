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


def without_root(height, width, lam, row, column):
    return box(height, width, row, column, *halves(height, width, 1 - lam))


def covers_lam(height, width, lam, row, column):
    return box(height, width, row, column, *halves(height, width, lam**0.5))


def not_clipped(height, width, lam, row, column):
    down, across = halves(height, width, (1 - lam) ** 0.5)
    return round(row - down), round(column - across), round(row + down), round(column + across)


def whole_side_each_way(height, width, lam, row, column):
    return box(height, width, row, column, *halves(height, width, 2 * (1 - lam) ** 0.5))


def center_is_corner(height, width, lam, row, column):
    factor = (1 - lam) ** 0.5
    bottom, right = min(round(row + factor * height), height), min(round(column + factor * width), width)
    return row, column, bottom, right


def pushed_inside(height, width, lam, row, column):
    factor = (1 - lam) ** 0.5
    down, across = round(height * factor), round(width * factor)
    top = min(max(round(row - down / 2), 0), height - down)
    left = min(max(round(column - across / 2), 0), width - across)
    return top, left, top + down, left + across


def floats(height, width, lam, row, column):
    down, across = halves(height, width, (1 - lam) ** 0.5)
    return max(row - down, 0), max(column - across, 0), min(row + down, height), min(column + across, width)


def other_order(height, width, lam, row, column):
    top, left, bottom, right = box(height, width, row, column, *halves(height, width, (1 - lam) ** 0.5))
    return top, bottom, left, right


def columns_first(height, width, lam, row, column):
    top, left, bottom, right = box(height, width, row, column, *halves(height, width, (1 - lam) ** 0.5))
    return left, top, right, bottom


def sides_swapped(height, width, lam, row, column):
    across, down = halves(height, width, (1 - lam) ** 0.5)
    return box(height, width, row, column, down, across)


def last_pixel_lost(height, width, lam, row, column):
    return box(height - 1, width - 1, row, column, *halves(height, width, (1 - lam) ** 0.5))


def rounded_outwards(height, width, lam, row, column):
    down, across = halves(height, width, (1 - lam) ** 0.5)
    top, bottom = int(np.floor(row - down)), int(np.ceil(row + down))
    left, right = int(np.floor(column - across)), int(np.ceil(column + across))
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)


def width_from_the_height(height, width, lam, row, column):
    """https://github.com/tensorflow/models/pull/11271: `cut_width` is calculated from the image's height."""
    half = height * (1 - lam) ** 0.5 / 2
    return box(height, width, row, column, half, half)


def rows_across(height, width, lam, row, column):
    """Height and width have changed names: https://github.com/huggingface/pytorch-image-models/issues/8."""
    left, top, right, bottom = box(width, height, column, row, *halves(width, height, (1 - lam) ** 0.5))
    return left, top, right, bottom


def root_of_lam(height, width, lam, row, column):
    return box(height, width, row, column, *halves(height, width, 1 - lam**0.5))


def clipped_below_only(height, width, lam, row, column):
    return tuple(max(edge, 0) for edge in not_clipped(height, width, lam, row, column))


def clipped_beyond_only(height, width, lam, row, column):
    top, left, bottom, right = not_clipped(height, width, lam, row, column)
    return top, left, min(bottom, height), min(right, width)


def size_of_the_box(height, width, lam, row, column):
    top, left, bottom, right = box(height, width, row, column, *halves(height, width, (1 - lam) ** 0.5))
    return top, left, bottom - top, right - left


def always_one_row(height, width, lam, row, column):
    top, left, bottom, right = box(height, width, row, column, *halves(height, width, (1 - lam) ** 0.5))
    return top, left, max(bottom, top + 1), max(right, left + 1)


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


def labels_of_the_neighbor(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), mix(
        labels, (partner + 1) % tf.size(partner), pasted
    )


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
        mixed.append(image)
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


def partners_the_other_way(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return where(inside(images, sides), images, partner), mix(labels, tf.argsort(partner), pasted)


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


def boxes_of_the_partners(images, labels, *, seed):
    """The box is fetched with the partner, and the share is not."""
    partner, sides, pasted, _ = drawn(images, seed)
    mask = tf.gather(inside(images, sides), partner)
    return where(mask, images, partner), mix(labels, partner, pasted)


def one_channel(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    mask = inside(images, sides)[..., tf.newaxis] & tf.constant([True, False, False])
    return tf.where(mask, tf.gather(images, partner), images), mix(labels, partner, pasted)


def whole_partners(images, labels, *, seed):
    partner, sides, pasted, _ = drawn(images, seed)
    return tf.gather(images, partner), mix(labels, partner, pasted)


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
        ("no square root", without_root, r"square root is missing"),
        ("covers λ", covers_lam, r"box gets the\s+rest"),
        ("not clipped", not_clipped, r"not clipped"),
        ("a whole side each way", whole_side_each_way, r"half of a side is right"),
        ("the center as corner", center_is_corner, r"become the upper left corner"),
        ("pushed inside", pushed_inside, r"pushed back"),
        ("floats", floats, r"make whole numbers"),
        ("top, bottom, left, right", other_order, r"order top, bottom, left, right"),
        ("columns first", columns_first, r"another order"),
        ("height and width swapped", sides_swapped, r"Height and width have changed places"),
        ("last pixel lost", last_pixel_lost, r"last row and column are lost"),
        ("width from the height", width_from_the_height, r"made\s+from\s+the\s+image's\s+height"),
        ("rows and columns changed names", rows_across, r"another order"),
        ("the root of λ", root_of_lam, r"1 − √λ of each side"),
        ("clipped below 0 only", clipped_below_only, r"below 0 are clipped, but not"),
        ("clipped beyond the size only", clipped_beyond_only, r"but not those below 0"),
        ("the size of the box", size_of_the_box, r"the height and the width of the box"),
        ("never empty", always_one_row, r"not even a box of one\s+pixel"),
        ("two edges", only_rows, r"Return four numbers"),
        ("rounded outwards", rounded_outwards, r"Round\s+opposite\s+edges\s+in\s+the\s+same\s+way"),
    ],
    "cutmix_batch": [
        ("labels from λ", labels_from_lam, r"before it was\s+clipped"),
        ("labels swapped", labels_swapped, r"shares have changed places"),
        ("mask inverted", mask_inverted, r"Inside and outside are swapped"),
        ("labels not mixed", labels_as_they_came, r"labels are as they came"),
        ("whole-number division", whole_number_division, r"rounded to a whole\s+number"),
        ("labels of another image", labels_of_the_neighbor, r"with the same\s+`partner`"),
        ("last row pasted", last_row_pasted, r"`<`, not `<=`"),
        ("rows or columns", rows_or_columns, r"row AND its column"),
        ("rows only", rows_only, r"Only the rows are compared"),
        ("the first box for all", first_box_for_all, r"lost the axis of the batch"),
        ("a Python loop", python_loop, r"no\s+loop\s+over\s+images"),
        ("nothing pasted", nothing_pasted, r"Nothing has been pasted"),
        ("Cutout", blackened, r"do not blend, add or blacken"),
        ("own randomness", own_randomness, r"does not depend on the seed"),
        ("float images", float_images, r"no\s+cast\s+is\s+needed"),
        ("only the area cast", cast_area_only, r"cast the area and `height \* width` both"),
        ("quotient of whole numbers", whole_number_quotient, r"cast the area and `height \* width` both"),
        ("mask without channels", mask_without_channels, r"last axis of length 1"),
        ("partners drawn twice", partners_drawn_twice, r"with the same\s+`partner`"),
        ("partners the other way", partners_the_other_way, r"with the same\s+`partner`"),
        ("share of the rows", share_of_the_rows, r"share of one side"),
        ("area of a square", height_times_height, r"height · width"),
        ("labels added", labels_added, r"two shares must add to 1"),
        ("the larger share wins", larger_share_wins, r"is one-hot|as they came"),
        ("the partners' boxes", boxes_of_the_partners, r"of the box in another image"),
        ("one channel", one_channel, r"do not blend"),
        ("whole partners", whole_partners, r"box"),
        ("MixUp", mixup_with_lam, r"do not blend"),
        ("NumPy", with_numpy, r"`\.numpy\(\)`"),
        ("one share for all", whole_batch_share, r"one share per image|before it was\s+clipped"),
    ],
}
