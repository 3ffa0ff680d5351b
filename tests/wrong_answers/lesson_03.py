import numpy as np
import tensorflow as tf

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
FEATUREWISE = {"featurewise_center": True, "featurewise_std_normalization": True}
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


def mirror_never_folds(image, shift, fill_mode):
    source = np.arange(image.shape[1]) - shift
    if fill_mode == "reflect":
        source = np.where(source < 0, -1 - source, source)
        return image[:, np.where(source >= image.shape[1], 2 * image.shape[1] - 1 - source, source)]
    return shift_by(image, source, fill_mode)


def changes_its_argument(image, shift, fill_mode):
    image[:] = shift_by(image, np.arange(image.shape[1]) - shift, fill_mode)
    return image


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


def mirror_image_of_the_far_side(image, shift, fill_mode):
    width = image.shape[1]
    source = np.arange(width) - shift
    if fill_mode == "reflect":
        return image[:, np.where((source >= 0) & (source < width), source, width - 1 - source % width)]
    return shift_by(image, source, fill_mode)


def forgets_wrap(image, shift, fill_mode):
    if fill_mode != "wrap":
        return shift_by(image, np.arange(image.shape[1]) - shift, fill_mode)


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def make(training, validation, fitted_on=lambda images: images):
    """An answer from the settings of both generators, and what both are fitted on."""

    def answer(images, labels, validation_images, validation_labels, batch_size):
        first, second = ImageDataGenerator(**training), ImageDataGenerator(**validation)
        first.fit(fitted_on(images))
        second.fit(fitted_on(images))
        return (
            first.flow(images, labels, batch_size=batch_size),
            second.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False),
        )

    return answer


def one_generator_for_both(images, labels, validation_images, validation_labels, batch_size):
    generator = ImageDataGenerator(**BOTH)
    generator.fit(images)
    return (
        generator.flow(images, labels, batch_size=batch_size),
        generator.flow(validation_images, validation_labels, batch_size=batch_size, shuffle=False),
    )


def split_again(images, labels, validation_images, validation_labels, batch_size):
    augmenting, plain = ImageDataGenerator(validation_split=0.2, **BOTH), ImageDataGenerator(**FEATUREWISE)
    augmenting.fit(images)
    plain.fit(images)
    return (
        augmenting.flow(images, labels, batch_size, subset="training"),
        plain.flow(validation_images, validation_labels, batch_size, shuffle=False),
    )


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


BOTH = FEATUREWISE | AUGMENTING


def turning(degrees):
    """The right settings but for the angle."""
    return BOTH | {"rotation_range": degrees}


WRONG = {
    "shift_columns": [
        ("mirror out of bounds", mirror_never_folds, r"larger than the image"),
        ("changes its argument", changes_its_argument, r"Copy first"),
        ("8 bits for all", makes_8_bit, r"The dtype should stay"),
        ("fills with 1", fills_with(1), r"or that it is 0"),
        ("mirror image of the far side", mirror_image_of_the_far_side, r"which column it comes from"),
        ("no wrap", forgets_wrap, r"end with `return`"),
    ],
    "training_and_validation": [
        ("one generator for both", one_generator_for_both, r"validation images are changed"),
        ("split again", split_again, r"split already: no `validation_split`"),
        ("one mean for all channels", one_mean_for_all_channels, r"channel by channel"),
        (
            "fitted on images in 0 to 1",
            make(BOTH, FEATUREWISE, lambda images: images / 255),
            r"of: none of these",
        ),
        ("an array changed in place", own_array_changed, r"Copy first"),
        ("generators, no iterators", only_generators, r"Return two iterators"),
        ("turned from -20 to 20", make(turning((-20, 20)), FEATUREWISE), r"is one number"),
    ],
}
