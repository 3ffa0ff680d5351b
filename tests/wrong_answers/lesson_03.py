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


# ---- Exercise 2 --------------------------------------------------------------------------------------------


def make(
    training, validation, fit_training=None, fit_validation=None, shuffle=True, shuffle_validation=False
):
    """An answer from the settings of both generators and functions that choose what they are fitted on."""

    def answer(images, labels, validation_images, validation_labels, batch_size):
        first, second = ImageDataGenerator(**training), ImageDataGenerator(**validation)
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
    generator = ImageDataGenerator(**FEATUREWISE, **AUGMENTING)
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


SAMPLEWISE = {"samplewise_center": True, "samplewise_std_normalization": True}
BOTH = FEATUREWISE | AUGMENTING


def turning(degrees):
    """The right settings but for the angle."""
    return BOTH | {"rotation_range": degrees}


WRONG = {
    "shift_columns": [
        ("shifts to the left", to_the_left, r"other direction"),
        ("moves rows", rows_instead_of_columns, r"moves rows"),
        ("mirror without the border pixel", border_pixel_not_repeated, r"border pixel is not repeated"),
        ("wrap skips a pixel", wrap_as_the_generator_does, r"A pixel is skipped"),
        ("np.roll whatever is asked", roll_for_all, r"that is `wrap`, not 'constant'"),
        ("constant ignored", nearest_for_constant, r"what 'nearest' would give"),
        ("reflects only near the border", mirror_folds_once, r"larger than the image"),
        ("always to the right", always_to_the_right, r"should move the picture to the left"),
        ("slices from the end", slices_from_the_end, r"wrong for -2: a negative number in a slice"),
        ("changes its argument", changes_its_argument, r"Copy first"),
        ("changes the dtype", makes_floats, r"The dtype should stay"),
    ],
    "training_and_validation": [
        ("validation augmented", one_generator_for_both, r"validation images are augmented"),
        (
            "validation turned",
            make(BOTH, FEATUREWISE | {"rotation_range": 20}),
            r"validation images are augmented",
        ),
        (
            "validation mirrored",
            make(BOTH, FEATUREWISE | {"horizontal_flip": True}),
            r"validation images are augm",
        ),
        (
            "fitted on validation",
            make(BOTH, FEATUREWISE, None, on_validation),
            r"come from the validation images",
        ),
        (
            "fitted on both",
            make(BOTH, FEATUREWISE, on_both, on_both),
            r"training and validation images together",
        ),
        ("validation never fitted", make(BOTH, FEATUREWISE, None, never), r"has it been fitted"),
        (
            "validation shuffled",
            make(BOTH, FEATUREWISE, shuffle_validation=True),
            r"validation images are shuffled",
        ),
        (
            "training not shuffled",
            make(BOTH, FEATUREWISE, shuffle=False),
            r"training images are not shuffled",
        ),
        ("training not augmented", make(FEATUREWISE, FEATUREWISE), r"not augmented as asked"),
        (
            "training only mirrored",
            make(FEATUREWISE | {"horizontal_flip": True}, FEATUREWISE),
            r"rotation is missing",
        ),
        ("training not mirrored", make(FEATUREWISE | {"rotation_range": 20}, FEATUREWISE), r"not mirrored"),
        ("training not scaled", make(AUGMENTING, FEATUREWISE), r"scaling of the training images"),
        (
            "training fitted on validation",
            make(BOTH, FEATUREWISE, on_validation),
            r"scaling of the training images",
        ),
        ("samplewise", make(SAMPLEWISE | AUGMENTING, SAMPLEWISE), r"Samplewise is each image by itself"),
        (
            "upside down",
            make(BOTH | {"vertical_flip": True}, FEATUREWISE),
            r"upside down|turns a dog on its head",
        ),
        ("turned by shares of a turn", make(turning(20 / 360), FEATUREWISE), r"unit of RandomRotation"),
        ("turned by radians", make(turning(np.deg2rad(20)), FEATUREWISE), r"`rotation_range` is in degrees"),
        ("turned by 10 degrees", make(turning(10), FEATUREWISE), r"is the largest angle"),
        ("turned by 40 degrees", make(turning(40), FEATUREWISE), r"already means 20 degrees to the left"),
        ("zoomed, too", make(BOTH | {"zoom_range": 0.1}, FEATUREWISE), r"shifted, zoomed or sheared"),
        ("shifted, too", make(BOTH | {"width_shift_range": 0.1}, FEATUREWISE), r"shifted, zoomed or sheared"),
        ("brightness, too", make(BOTH | {"brightness_range": (0.8, 1.2)}, FEATUREWISE), r"lighter or darker"),
        ("channel shift, too", make(BOTH | {"channel_shift_range": 20}, FEATUREWISE), r"lighter or darker"),
        ("no labels", without_labels, r"labels as its second argument"),
    ],
}
