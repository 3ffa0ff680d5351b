import numpy as np
import tensorflow as tf

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
CENTERED = {"featurewise_center": True}
FEATUREWISE = CENTERED | {"featurewise_std_normalization": True}
AUGMENTING = {"horizontal_flip": True, "rotation_range": 20}


# ---- Exercise 1 --------------------------------------------------------------------------------------------


def shift_by(image, source, fill_mode, *, reflect_period=None, wrap_period=None):
    width = image.shape[1]
    if fill_mode == "wrap":
        inside = (source >= 0) & (source < width)
        return image[:, np.where(inside, source, source % (wrap_period or width))]
    if fill_mode == "reflect":
        period = reflect_period or 2 * width
        folded = source % period
        return image[:, np.minimum(folded, period - folded - (period == 2 * width))]
    shifted = image[:, np.clip(source, 0, width - 1)]
    if fill_mode == "constant":
        shifted[:, (source < 0) | (source >= width)] = 0
    return shifted


def to_the_left(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) + shift, fill_mode)


def rows_instead_of_columns(image, shift, fill_mode):
    turned = image.swapaxes(0, 1)
    return shift_by(turned, np.arange(turned.shape[1]) - shift, fill_mode).swapaxes(0, 1)


def border_pixel_not_repeated(image, shift, fill_mode):
    width = image.shape[1]
    return shift_by(image, np.arange(width) - shift, fill_mode, reflect_period=2 * width - 2)


def wrap_as_the_generator_does(image, shift, fill_mode):
    width = image.shape[1]
    return shift_by(image, np.arange(width) - shift, fill_mode, wrap_period=width - 1)


def roll_for_all(image, shift, fill_mode):
    return np.roll(image, shift, axis=1)


def nearest_for_constant(image, shift, fill_mode):
    mode = "nearest" if fill_mode == "constant" else fill_mode
    return shift_by(image, np.arange(image.shape[1]) - shift, mode)


def mirror_folds_once(image, shift, fill_mode):
    source = np.arange(image.shape[1]) - shift
    if fill_mode == "reflect":
        width = image.shape[1]
        source = np.where(source < 0, -1 - source, source)
        source = np.where(source >= width, 2 * width - 1 - source, source)
        return image[:, source % width]
    return shift_by(image, source, fill_mode)


def mirror_never_folds(image, shift, fill_mode):
    source = np.arange(image.shape[1]) - shift
    if fill_mode == "reflect":
        source = np.where(source < 0, -1 - source, source)
        return image[:, np.where(source >= image.shape[1], 2 * image.shape[1] - 1 - source, source)]
    return shift_by(image, source, fill_mode)


def always_to_the_right(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) - abs(shift), fill_mode)


def slices_from_the_end(image, shift, fill_mode):
    """Right for 2; for -2 both slices count from the end."""
    result = np.zeros_like(image)
    result[:, shift:] = image[:, :-shift]
    return result


def changes_its_argument(image, shift, fill_mode):
    image[:] = shift_by(image, np.arange(image.shape[1]) - shift, fill_mode)
    return image


def makes_floats(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) - shift, fill_mode) * 1.0


def makes_8_bit(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) - shift, fill_mode).astype(np.uint8)


def fills_with(value):
    def answer(image, shift, fill_mode):
        source = np.arange(image.shape[1]) - shift
        result = shift_by(image, source, fill_mode)
        if fill_mode == "constant":
            result[:, (source < 0) | (source >= image.shape[1])] = value
        return result

    return answer


def shift_modulo_the_width(image, shift, fill_mode):
    width = image.shape[1]
    return shift_by(image, np.arange(width) - shift % width, fill_mode)


def shift_cut_at_the_width(image, shift, fill_mode):
    width = image.shape[1]
    return shift_by(image, np.arange(width) - max(-width, min(width, shift)), fill_mode)


def one_column_too_far(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) - shift - 1, fill_mode)


def black_whatever_is_asked(image, shift, fill_mode):
    return shift_by(image, np.arange(image.shape[1]) - shift, "constant")


def mirror_image_of_the_far_side(image, shift, fill_mode):
    width = image.shape[1]
    source = np.arange(width) - shift
    if fill_mode == "reflect":
        return image[:, np.where((source >= 0) & (source < width), source, width - 1 - source % width)]
    return shift_by(image, source, fill_mode)


def left_border_on_both_sides(image, shift, fill_mode):
    source = np.arange(image.shape[1]) - shift
    if fill_mode == "nearest":
        return image[:, np.where((source >= 0) & (source < image.shape[1]), source, 0)]
    return shift_by(image, source, fill_mode)


def forgets_wrap(image, shift, fill_mode):
    if fill_mode != "wrap":
        return shift_by(image, np.arange(image.shape[1]) - shift, fill_mode)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def make(
    training, validation, fit_training=None, fit_validation=None, shuffle=True, shuffle_validation=False
):
    """An answer from the settings of both generators and functions that choose what they are fitted on."""

    def answer(images, labels, validation_images, validation_labels, batch_size):
        first, second = ImageDataGenerator(**training), ImageDataGenerator(**validation)
        if fit_training is not never:
            first.fit((fit_training or on_training)(images, validation_images))
        if fit_validation is not never:
            second.fit((fit_validation or on_training)(images, validation_images))
        return (
            first.flow(images, labels, batch_size=batch_size, shuffle=shuffle),
            second.flow(
                validation_images, validation_labels, batch_size=batch_size, shuffle=shuffle_validation
            ),
        )

    return answer


def on_training(images, validation_images):
    return images


def on_validation(images, validation_images):
    return validation_images


def on_both(images, validation_images):
    return np.concatenate([images, validation_images])


def never(images, validation_images):
    return None


def one_generator_for_both(images, labels, validation_images, validation_labels, batch_size):
    generator = ImageDataGenerator(**BOTH)
    generator.fit(images)
    return (
        generator.flow(images, labels, batch_size=batch_size),
        generator.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False),
    )


def without_labels(images, labels, validation_images, validation_labels, batch_size):
    generator = ImageDataGenerator(**FEATUREWISE)
    generator.fit(images)
    return generator.flow(images, batch_size=batch_size), generator.flow(
        validation_images, batch_size=batch_size
    )


def only_training(images, labels, validation_images, validation_labels, batch_size):
    generator = ImageDataGenerator(**BOTH)
    generator.fit(images)
    return generator.flow(images, labels, batch_size=batch_size)


def fitted_on_augmented(images, labels, validation_images, validation_labels, batch_size):
    augmenting, plain = ImageDataGenerator(**BOTH), ImageDataGenerator(**FEATUREWISE)
    augmenting.fit(images, augment=True)
    plain.fit(images)
    return (
        augmenting.flow(images, labels, batch_size=batch_size),
        plain.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False),
    )


def fitted_on_images_in_0_to_1(images, labels, validation_images, validation_labels, batch_size):
    return make(BOTH, FEATUREWISE, in_0_to_1, in_0_to_1)(
        images, labels, validation_images, validation_labels, batch_size
    )


def shuffled_by_hand(images, labels, validation_images, validation_labels, batch_size):
    order = np.random.default_rng(0).permutation(len(images))
    return make(BOTH, FEATUREWISE, shuffle=False)(
        images[order], labels[order], validation_images, validation_labels, batch_size
    )


def augmented_in_advance(images, labels, validation_images, validation_labels, batch_size):
    changed = next(ImageDataGenerator(**AUGMENTING).flow(images, batch_size=len(images), shuffle=False))
    return make(FEATUREWISE, FEATUREWISE, lambda *_: images, lambda *_: images)(
        changed, labels, validation_images, validation_labels, batch_size
    )


def batches_of_32(images, labels, validation_images, validation_labels, batch_size):
    return make(BOTH, FEATUREWISE)(images, labels, validation_images, validation_labels, 32)


def on_half(images, validation_images):
    return images[: len(images) // 2]


def over(first, second):
    """Right, but each iterator gets the images and labels that begin at this argument: 0 or 2."""

    def answer(*arguments):
        arrays, batch_size = arguments[:4], arguments[4]
        plain, augmenting = ImageDataGenerator(**FEATUREWISE), ImageDataGenerator(**BOTH)
        plain.fit(arrays[0])
        augmenting.fit(arrays[0])
        return (
            augmenting.flow(*arrays[first : first + 2], batch_size=batch_size),
            plain.flow(*arrays[second : second + 2], batch_size=batch_size, shuffle=False),
        )

    return answer


def split_again(images, labels, validation_images, validation_labels, batch_size):
    augmenting, plain = ImageDataGenerator(validation_split=0.2, **BOTH), ImageDataGenerator(**FEATUREWISE)
    augmenting.fit(images)
    plain.fit(images)
    return (
        augmenting.flow(images, labels, batch_size, subset="training"),
        plain.flow(validation_images, validation_labels, batch_size, shuffle=False),
    )


def split_by_hand(images, labels, validation_images, validation_labels, batch_size):
    first = len(images) // 5
    return make(BOTH, FEATUREWISE, lambda *_: images, lambda *_: images)(
        images[first:], labels[first:], validation_images, validation_labels, batch_size
    )


def labels_left_behind(images, labels, validation_images, validation_labels, batch_size):
    order = np.random.default_rng(0).permutation(len(images))
    return make(BOTH, FEATUREWISE)(images[order], labels, validation_images, validation_labels, batch_size)


def one_mean_for_all_channels(images, labels, validation_images, validation_labels, batch_size):
    images, validation_images = (
        (each - images.mean()) / images.std() for each in (images, validation_images)
    )
    return make(AUGMENTING, {})(images, labels, validation_images, validation_labels, batch_size)


def own_array_changed(images, labels, validation_images, validation_labels, batch_size):
    result = make(BOTH, FEATUREWISE)(images, labels, validation_images, validation_labels, batch_size)
    images[:] = 0
    return result


def only_generators(images, labels, validation_images, validation_labels, batch_size):
    augmenting, plain = ImageDataGenerator(**BOTH), ImageDataGenerator(**FEATUREWISE)
    augmenting.fit(images)
    plain.fit(images)
    return augmenting, plain


def two_batches(*arguments):
    return tuple(next(iterator) for iterator in make(BOTH, FEATUREWISE)(*arguments))


def validation_in_batches_of_32(images, labels, validation_images, validation_labels, batch_size):
    training, validation = make(BOTH, FEATUREWISE)(
        images, labels, validation_images, validation_labels, batch_size
    )
    generator = validation.image_data_generator
    return training, generator.flow(validation_images, validation_labels, shuffle=False)


def in_0_to_1(images, validation_images):
    return images / 255


SAMPLEWISE = {"samplewise_center": True, "samplewise_std_normalization": True}
BOTH = FEATUREWISE | AUGMENTING


def turning(degrees):
    """The right settings but for the angle."""
    return BOTH | {"rotation_range": degrees}


TOGETHER = r"both used to fit"
CHANGED = r"validation images are changed"

WRONG = {
    "shift_columns": [
        ("shifts to the left", to_the_left, r"other direction"),
        ("moves rows", rows_instead_of_columns, r"moves rows"),
        ("mirror without the border pixel", border_pixel_not_repeated, r"border pixel is not repeated"),
        ("wrap skips a pixel", wrap_as_the_generator_does, r"A pixel is skipped"),
        ("np.roll whatever is asked", roll_for_all, r"what 'wrap' gives; asked for was 'constant'"),
        ("constant ignored", nearest_for_constant, r"what 'nearest' gives"),
        ("reflects only near the border", mirror_folds_once, r"larger than the image"),
        ("mirror out of bounds", mirror_never_folds, r"larger than the image"),
        ("always to the right", always_to_the_right, r"should move the picture to the left"),
        ("slices from the end", slices_from_the_end, r"negative number in a slice"),
        ("changes its argument", changes_its_argument, r"Copy first"),
        ("changes the dtype", makes_floats, r"The dtype should stay"),
        ("8 bits for all", makes_8_bit, r"The dtype should stay"),
        ("fills with white", fills_with(255), r"fills with 0, which is black"),
        ("fills with 1", fills_with(1), r"or that it is 0"),
        ("shift modulo the width", shift_modulo_the_width, r"Only `wrap` goes round"),
        ("shift cut at the width", shift_cut_at_the_width, r"Cut off at the width"),
        ("one column too far", one_column_too_far, r"which column it comes from"),
        ("always black", black_whatever_is_asked, r"what 'constant' gives; asked for was 'nearest'"),
        ("mirror image of the far side", mirror_image_of_the_far_side, r"which column it comes from"),
        ("left border on both sides", left_border_on_both_sides, r"which column it comes from"),
        ("no wrap", forgets_wrap, r"end with `return`"),
    ],
    "training_and_validation": [
        ("validation augmented", one_generator_for_both, CHANGED),
        ("validation turned", make(BOTH, FEATUREWISE | {"rotation_range": 20}), CHANGED),
        ("validation mirrored", make(BOTH, FEATUREWISE | {"horizontal_flip": True}), CHANGED),
        (
            "fitted on validation",
            make(BOTH, FEATUREWISE, None, on_validation),
            r"validation images is theirs",
        ),
        ("fitted on both", make(BOTH, FEATUREWISE, on_both, on_both), TOGETHER),
        (
            "validation never fitted",
            make(BOTH, FEATUREWISE, None, never),
            r"validation images are not scaled: .* and `fit`",
        ),
        ("validation not scaled", make(BOTH, {}), r"validation images are not scaled: .* and `fit`"),
        ("validation only centered", make(BOTH, CENTERED), r"std_normalization` is missing"),
        ("training never fitted", make(BOTH, FEATUREWISE, never), r"training images are not scaled: "),
        ("nothing scaled", make(AUGMENTING, {}), r"Nothing is scaled"),
        ("nothing fitted", make(BOTH, FEATUREWISE, never, never), r"Nothing is scaled"),
        ("both over training", over(0, 0), r"Both iterators are over the training images"),
        ("both over validation", over(2, 2), r"Both iterators are over the validation images"),
        ("the other order", over(2, 0), r"Training comes first"),
        ("split again", split_again, r"split already: no `validation_split`"),
        ("split by hand", split_by_hand, r"split already: no `validation_split`"),
        ("labels left behind", labels_left_behind, r"no longer belong together"),
        ("one mean for all channels", one_mean_for_all_channels, r"channel by channel"),
        ("fitted on half", make(BOTH, FEATUREWISE, on_half, on_half), r"from all of these images"),
        ("an array changed in place", own_array_changed, r"Copy first"),
        ("generators, no iterators", only_generators, r"Return two iterators"),
        ("batches, no iterators", two_batches, r"Return two iterators"),
        ("validation in batches of 32", validation_in_batches_of_32, r"Pass `batch_size` on"),
        (
            "training samplewise, too",
            make(BOTH | SAMPLEWISE, FEATUREWISE),
            r"leave samplewise arguments",
        ),
        ("training samplewise", make(SAMPLEWISE | AUGMENTING, FEATUREWISE), r"one spread a channel"),
        (
            "vertical for horizontal",
            make(FEATUREWISE | {"vertical_flip": True, "rotation_range": 20}, FEATUREWISE),
            r"on its head",
        ),
        ("turned by 30 degrees", make(turning(30), FEATUREWISE), r"up to 30 degrees[\s\S]*`got` names"),
        ("sheared, too", make(BOTH | {"shear_range": 20}, FEATUREWISE), r"other changes of place"),
        ("validation shuffled", make(BOTH, FEATUREWISE, shuffle_validation=True), r"images are shuffled"),
        ("training not shuffled", make(BOTH, FEATUREWISE, shuffle=False), r"in which they were given"),
        ("training shuffled by hand", shuffled_by_hand, r"shuffled once, by hand"),
        ("training not augmented", make(FEATUREWISE, FEATUREWISE), r"images never change"),
        ("training augmented once", augmented_in_advance, r"are the same in each epoch"),
        ("training only mirrored", make(FEATUREWISE | {"horizontal_flip": True}, FEATUREWISE), r"not turned"),
        ("training not mirrored", make(FEATUREWISE | {"rotation_range": 20}, FEATUREWISE), r"not mirrored"),
        ("training not scaled", make(AUGMENTING, FEATUREWISE), r"of: nothing"),
        ("fitted on augmented images", fitted_on_augmented, r"without `augment=True`"),
        ("fitted on images in 0 to 1", fitted_on_images_in_0_to_1, r"of: none of these images"),
        (
            "training fitted on validation",
            make(BOTH, FEATUREWISE, on_validation),
            r"Fit the training generator",
        ),
        ("samplewise", make(SAMPLEWISE | AUGMENTING, SAMPLEWISE), r"Samplewise is each image by itself"),
        ("only centered", make(CENTERED | AUGMENTING, CENTERED), r"std_normalization` is missing"),
        ("upside down", make(BOTH | {"vertical_flip": True}, FEATUREWISE), r"on its head"),
        ("turned by shares of a turn", make(turning(20 / 360), FEATUREWISE), r"unit of RandomRotation"),
        ("turned by radians", make(turning(np.deg2rad(20)), FEATUREWISE), r"unit of RandomRotation"),
        ("turned by 10 degrees", make(turning(10), FEATUREWISE), r"the largest angle either way"),
        ("turned from -20 to 20", make(turning((-20, 20)), FEATUREWISE), r"is one number"),
        ("turned by 40 degrees", make(turning(40), FEATUREWISE), r"already means 20 degrees to the left"),
        ("zoomed, too", make(BOTH | {"zoom_range": 0.1}, FEATUREWISE), r"other changes of place"),
        ("shifted, too", make(BOTH | {"width_shift_range": 0.1}, FEATUREWISE), r"other changes of place"),
        ("brightness, too", make(BOTH | {"brightness_range": (0.8, 1.2)}, FEATUREWISE), r"changes of color"),
        ("channel shift, too", make(BOTH | {"channel_shift_range": 20}, FEATUREWISE), r"changes of color"),
        ("no labels", without_labels, r"from images and labels"),
        ("one iterator", only_training, r"Return two iterators"),
        ("another batch size", batches_of_32, r"Pass `batch_size` on"),
    ],
}
