"""Wrong answers to the exercises of lesson 06; see README.md."""

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


def from_the_originals(images, operations, *, seed, num_ops):
    for step in tf.unstack(tf.random.split(seed, num_ops)):
        first, second = two_seeds(step)
        result = picked(images, operations, first, number_each(images, operations, second))
    return result


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


def falls_at_a_best(accuracies, start, gain):
    magnitude, best, result = start, accuracies[0], []
    for accuracy in accuracies:
        result.append(magnitude)
        magnitude = min(10, magnitude + gain * (best - accuracy))
        best = max(best, accuracy)
    return result


def best_of_all_epochs(accuracies, start, gain):
    magnitudes = [start]
    for accuracy in accuracies[:-1]:
        magnitudes.append(min(10, magnitudes[-1] + gain * (max(accuracies) - accuracy)))
    return magnitudes


def only_the_last(accuracies, start, gain):
    return best_of_all_epochs(accuracies, start, gain)[-1]


WRONG = {
    "rand_augment_batch": [
        ("from the originals", from_the_originals, r"goes on with\s+the\s+images"),
        ("rounded", rounded, r"got: +operations: not equally likely[\s\S]*Draw a number"),
        ("stacked in front", stacked_in_front, r"axes do not fit"),
        ("gathered without batch_dims", gathered_without_batch, r"results for all\s+numbers"),
        ("a loop over images", loop_over_images, r"no\s+loop\s+over\s+images"),
    ],
    "magnitudes_of": [
        ("falls at a new best", falls_at_a_best, r"fallen at a new best"),
        ("best of all epochs", best_of_all_epochs, r"the best accuracy so\s+far"),
        ("only the last M", only_the_last, r"one M\s+for each epoch"),
    ],
}
