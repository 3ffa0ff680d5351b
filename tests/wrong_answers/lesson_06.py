import tensorflow as tf

# ---- Exercise 1 --------------------------------------------------------------------------------------------


def number_each(images, operations, seed):
    return tf.random.stateless_uniform([tf.shape(images)[0]], seed, 0, len(operations), tf.int32)


def picked(images, operations, seed, numbers):
    """One step: apply all, each with a seed of its own, and pick."""
    seeds = tf.unstack(tf.random.split(seed, len(operations)))
    changed = [operation(images, seed=one) for operation, one in zip(operations, seeds, strict=True)]
    return tf.gather(tf.stack(changed, axis=1), numbers, batch_dims=1)


def two_seeds(seed):
    return tf.unstack(tf.random.split(seed))


def one_step(images, operations, *, seed, num_ops):
    first, second = two_seeds(seed)
    return picked(images, operations, first, number_each(images, operations, second))


def from_the_originals(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        result = picked(images, operations, first, number_each(images, operations, second))
    return result


def one_for_the_batch(images, operations, *, seed, num_ops):
    """As `keras.layers.RandAugment` does."""
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        numbers = tf.repeat(number_each(images[:1], operations, second), tf.shape(images)[0])
        images = picked(images, operations, first, numbers)
    return images


def last_never(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        numbers = number_each(images, operations[:-1] or operations, second)
        images = picked(images, operations, first, numbers)
    return images


def same_seed_in_each_step(images, operations, *, seed, num_ops):
    first, second = two_seeds(seed)
    for _ in range(num_ops):
        images = picked(images, operations, first, number_each(images, operations, second))
    return images


def same_strength_again(images, operations, *, seed, num_ops):
    first, second = two_seeds(seed)
    for step in tf.unstack(tf.random.split(second, num_ops)):
        images = picked(images, operations, first, number_each(images, operations, step))
    return images


def numbers_drawn_once(images, operations, *, seed, num_ops):
    first, second = two_seeds(seed)
    numbers = number_each(images, operations, second)
    for step in tf.unstack(tf.random.split(first, num_ops)):
        images = picked(images, operations, step, numbers)
    return images


def all_in_turn(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        for operation in operations:
            images = operation(images, seed=step)
    return images


def without_a_seed(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        numbers = tf.random.uniform([tf.shape(images)[0]], 0, len(operations), tf.int32)
        images = picked(images, operations, step, numbers)
    return images


def own_seed(images, operations, *, seed, num_ops):
    for number in range(num_ops):
        first, second = two_seeds(tf.constant([6, number]))
        images = picked(images, operations, first, number_each(images, operations, second))
    return images


def rounded(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        share = tf.random.stateless_uniform([tf.shape(images)[0]], second)
        numbers = tf.cast(tf.round(share * (len(operations) - 1)), tf.int32)
        images = picked(images, operations, first, numbers)
    return images


def stacked_in_front(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        changed = [operation(images, seed=first) for operation in operations]
        numbers = number_each(images, operations, second)
        images = tf.gather(tf.stack(changed), numbers, batch_dims=1)
    return images


def gathered_without_batch(images, operations, *, seed, num_ops):
    first, second = two_seeds(seed)
    changed = [operation(images, seed=first) for operation in operations]
    return tf.gather(tf.stack(changed, axis=1), number_each(images, operations, second), axis=1)


def floats(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        images = picked(images, operations, first, number_each(images, operations, second))
    return tf.cast(images, tf.float32)


def loop_over_images(images, operations, *, seed, num_ops):
    numbers = tf.random.stateless_uniform([len(images), num_ops], seed, 0, len(operations), tf.int32)
    seeds = tf.random.split(seed, num_ops)
    result = []
    for image, drawn in zip(images, numbers, strict=True):
        image = image[tf.newaxis]
        for step in range(num_ops):
            image = operations[int(drawn[step])](image, seed=seeds[step])
        result.append(image[0])
    return tf.stack(result)


# ---- Exercise 2 --------------------------------------------------------------------------------------------
def loop(accuracies, start, gain, rise, first=0.0):
    """The right loop with another `rise(accuracy, best, previous)`."""
    magnitude, best, previous, result = start, first, accuracies[0], []
    for accuracy in accuracies:
        result.append(magnitude)
        magnitude = min(10, magnitude + rise(accuracy, max(best, accuracy), previous))
        best, previous = max(best, accuracy), accuracy
    return result


def against_the_last_epoch(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * max(0, previous - now))


def whole_steps(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (now < best))


def without_gain(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: best - now)


def sign_turned(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (now - best))


def falls_at_a_best(accuracies, start, gain):
    magnitude, best, result = start, accuracies[0], []
    for accuracy in accuracies:
        result.append(magnitude)
        magnitude = min(10, magnitude + gain * (best - accuracy))
        best = max(best, accuracy)
    return result


def without_end(accuracies, start, gain):
    magnitude, best, result = start, 0.0, []
    for accuracy in accuracies:
        result.append(magnitude)
        best = max(best, accuracy)
        magnitude += gain * (best - accuracy)
    return result


def one_epoch_early(accuracies, start, gain):
    magnitude, best, result = start, 0.0, []
    for accuracy in accuracies:
        best = max(best, accuracy)
        magnitude = min(10, magnitude + gain * (best - accuracy))
        result.append(magnitude)
    return result


def start_and_all(accuracies, start, gain):
    return [start, *one_epoch_early(accuracies, start, gain)]


def best_of_all_epochs(accuracies, start, gain):
    return loop(accuracies, start, gain, lambda now, best, previous: gain * (max(accuracies) - now))


def not_added_up(accuracies, start, gain):
    best, result = accuracies[0], [start]
    for accuracy in accuracies[:-1]:
        best = max(best, accuracy)
        result.append(min(10, start + gain * (best - accuracy)))
    return result


def only_the_last(accuracies, start, gain):
    return without_end(accuracies, start, gain)[-1]


WRONG = {
    "rand_augment_batch": [
        ("one step", one_step, r"one\s+operation,\s+whatever"),
        ("from the originals", from_the_originals, r"goes on with\s+the\s+images"),
        ("one for the whole batch", one_for_the_batch, r"get the same operations"),
        ("the last one never", last_never, r"last operation is never drawn"),
        ("one seed for all steps", same_seed_in_each_step, r"All steps use the same seed"),
        ("the same strength again", same_strength_again, r"does\s+the\s+same\s+twice"),
        ("numbers drawn once", numbers_drawn_once, r"same operation in all steps"),
        ("all in turn", all_in_turn, r"applies all operations"),
        ("drawn without a seed", without_a_seed, r"`stateless_`"),
        ("a seed of its own", own_seed, r"from `seed`"),
        ("rounded", rounded, r"half as often"),
        ("stacked in front", stacked_in_front, r"axes do not fit"),
        ("gathered without batch_dims", gathered_without_batch, r"results for all\s+numbers"),
        ("floats", floats, r"type of the pixels"),
        ("a loop over images", loop_over_images, r"no\s+loop\s+over\s+images"),
    ],
    "magnitudes_of": [
        ("against the last epoch", against_the_last_epoch, r"not with the best so far"),
        ("whole steps", whole_steps, r"in\s+proportion"),
        ("without gain", without_gain, r"not multiplied by `gain`"),
        ("sign turned round", sign_turned, r"sign is turned\s+round"),
        ("falls at a new best", falls_at_a_best, r"fallen at a new best"),
        ("no end at 10", without_end, r"M never exceeds 10"),
        ("one epoch early", one_epoch_early, r"one epoch too early"),
        ("one too many", start_and_all, r"one M too many"),
        ("best of all epochs", best_of_all_epochs, r"also of later ones"),
        ("rises not added up", not_added_up, r"the rises add\s+up"),
        ("only the last M", only_the_last, r"one M\s+for each epoch"),
    ],
}
