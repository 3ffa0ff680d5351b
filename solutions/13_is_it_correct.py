# %% [markdown]
# # 13 Is it correct?
#
# **Goal.** Find out whether an augmentation does what it says: run a checker over well-known libraries and
# over a notebook of the kind that is copied again and again, write two checks of your own, and learn how a
# defect slips past a check.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 02 (seeds, what `map` traces), lesson 07 (`compile` and `fit`) and lesson 08
# (CutMix, soft labels). Lessons 03 to 05 help: they introduce the libraries.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import albumentations
import keras
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, figures, mixing, models

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator

# %% [markdown]
# ## Nothing crashes
#
# A wrong augmentation raises no error. The loss falls, the accuracy is a little lower than it could be, and
# the conclusion is "augmentation does not help here". So ask before you train. Five questions find most
# defects:
#
# 1. Are the pictures still pictures?
# 2. Does the label say what the pixels show?
# 3. Does each image of a batch get a draw of its own?
# 4. Does each epoch bring new pictures?
# 5. Does it do what its name says?
#
# `checks.check_augmentation` asks them, and some more. It believes nothing: it hands in images that it knows
# and looks at what comes back. `print(report)` shows a whole report; `read` prints what fails, and what was
# measured.


# %%
def read(name, fn, **claims):
    """Check `fn`; print the verdict and what fails."""
    report = checks.check_augmentation(fn, **claims)
    print(f"{name}: {report.verdict}")
    for failed in report.failed:
        print(f"    {failed}: {report[failed].evidence.split(' (p =')[0]}")


class_names = data.info(course.dataset, course.classes).class_names
shown = data.load(course.dataset, "validation", image_size=64, classes=course.classes)
pictures, _ = next(shown.batch(len(shown)).as_numpy_iterator())
images = pictures[np.linspace(0, len(pictures) - 1, 16, dtype=int)]  # from all over the data set
labels = np.eye(16, dtype=np.float32)

# %% [markdown]
# We take 16 images, and give each a class of its own, so that a label tells which images are in a picture.
#
# ## Six calls of well-known libraries
#
# All six run without an error or a warning. The second entry says what is handed in (`dtype`, `value_range`)
# or what the name promises (`keras_layer` gives a layer the form of the course's mixes): `moves="width"`
# means that pixels move sideways only, `alpha=1.0` that λ ~ Beta(1, 1), as in the CutMix paper.
#
# **Guess.** How many of the six pass?

# %%
contrast = albumentations.RandomBrightnessContrast(p=1)
light = ImageDataGenerator(brightness_range=(0.5, 1.5))
keras_cutmix = checks.keras_layer(keras.layers.CutMix(factor=(1.0, 1.0)))
CALLS = {
    "Keras RandomFlip": (keras.layers.RandomFlip(), {"dtype": "float32"}),
    "Keras RandAugment": (keras.layers.RandAugment(), {"dtype": "float32", "image_size": (16, 20)}),
    "Keras CutMix": (keras_cutmix, {"kind": "mix", "alpha": 1.0, "image_size": (24, 24)}),
    "width_shift_range": (ImageDataGenerator(width_shift_range=0.3), {"dtype": "float32", "moves": "width"}),
    "brightness_range on 0-1": (light, {"dtype": "float32", "value_range": (0, 1)}),
    "Albumentations on floats 0-255": (contrast, {"dtype": "float32"}),
}
for name, (call, claims) in CALLS.items():
    read(name, call, draws=10, **claims)

# %% [markdown]
# Only the flip passes. The others, one by one: what it is, what it does to a training, how to mend it.
#
# ### RandAugment draws once per batch (question 3)
#
# RandAugment picks two operations at random, for every image. As in lesson 05, here are two batches of six
# equal images, then six calls with one image each.

# %%
rand_augment = keras.layers.RandAugment(seed=29)
six = np.float32([images[4]] * 6)
two_batches = [rand_augment(six, training=True) for _ in range(2)]
six_calls = [rand_augment(six[:1], training=True)[0] for _ in range(6)]

# %% tags=["hide-input"]
captions = ["batch 1"] * 6 + ["batch 2"] * 6 + [f"call {number}" for number in range(1, 7)]
figures.show(
    figures.pictures([*two_batches[0], *two_batches[1], *six_calls], captions, columns=6, inches=1.4),
    alt="Three rows of six pictures of one image by Keras' RandAugment. In a batch all six have gone through "
    "the same two operations; in the third row, a call for each image, every picture has other ones.",
    kind="jpeg",
)

# %% [markdown]
# In a batch all images go through the same two operations; only the strengths differ. And it turns them by up
# to half a circle, where the paper stops at 30° (question 5).
#
# *What it does.* A training step averages over its batch. With one pair of operations for 64 images, in one
# step everything is turned and pale, in the next one nothing is: the steps become noisier.
#
# *Mend it.* The layer draws once per call: call it for each image, in a `map` before `batch`. Or take one
# that draws for each image, such as `utils.augment.rand_augment`.
#
# ### A shift along the other axis, pictures without content (questions 5 and 1)

# %%
np.random.seed(13)  # what `ImageDataGenerator` draws from (lesson 03)
one = images[0]
shifts = "width_shift_range", "height_shift_range"
moved = [ImageDataGenerator(**{name: [16]}).random_transform(one) for name in shifts]
black = 255 * light.random_transform(np.float32(one) / 255)
white = 255 * contrast(image=np.float32(one))["image"]
print(f"black: {np.mean(black == 0):.0%} of the values are 0; white: {np.mean(white == 255):.0%} are 255")

# %% tags=["hide-input"]
figures.show(
    figures.pictures(
        [one, *moved, black, white],
        ["original", "width_shift_range=[16]", "height_shift_range=[16]"]
        + ["brightness_range\non floats 0–1: black", "Albumentations\non floats 0–255: white"],
    ),
    alt="An image five times: as it is; moved down by width_shift_range; moved to the left by "
    "height_shift_range; black but for a few spots, by brightness_range on floats in 0 to 1; white, by "
    "Albumentations on floats in 0 to 255.",
    kind="jpeg",
)

# %% [markdown]
# `ImageDataGenerator` has swapped the two names (lesson 03): `width_shift_range` moves rows,
# `height_shift_range` columns.
#
# *What it does.* Nothing to those who set both to the same value. Who sets one has a reason (a line of text
# may move sideways, but not out of its line), and gets the other. *Mend it* by swapping the names.
#
# The last two pictures come from the way of calling. Floats lie in 0–1 or in 0–255, and a function cannot see
# which is meant. Albumentations takes them for 0–1, and clips all above 1. `brightness_range` wants 0–255,
# and rounds to whole numbers: what is below 1 becomes 0, and only spots that the draw lifts to 1 are left.
# (Hence the 45 % of the checker, whose picture has spots of pure white.)
#
# *What it does.* All flat pictures look alike, so the best a network can say is "each class, equally", and
# the loss stops at log K for K classes. *Mend it*: `uint8` for Albumentations, 0–255 for `brightness_range`.
# Scale at the end; in this course the model's first layer does.
#
# ### Labels that are not the pixels (question 2)
#
# Keras' `CutMix` has met you in lesson 08. The corners of its box are no whole numbers, and its label counts
# fractions of pixels that cannot be pasted (its other three failures stand there, too). KerasCV's CutMix and
# a much-copied Kaggle notebook are far more wrong: their labels count the box before it is clipped. How does
# one find that? Now you write it.
#
# ## Exercise 1: do the labels follow the pixels?
#
# Write `labels_follow_pixels`. It gets a CutMix, `mix(images, labels, *, seed) -> (images, labels)`, as a
# function about which you know nothing. Return `True` if, for each image, the share of each class in its
# label is the share of the pixels that come from the image of this class, to within 0.001. A single wrong
# label is enough for `False`. The images, the labels and the seeds to try are yours to choose.
#
# The check of this exercise hands your function right mixes and some with planted defects. One of them goes
# wrong in one image of ten only.
#
# <details><summary>Hint</summary>
#
# In photographs a pixel does not tell where it comes from. Make images in which it does, beyond doubt, and
# give each image a class of its own. Then both shares can be counted, for every image and every class, and
# compared.
#
# </details>


# %%
def labels_follow_pixels(mix):
    """Whether the labels that `mix` returns have the shares of the pixels, within 0.001."""
    # solution begins: Exercise 1: do the labels follow the pixels?
    numbers = np.arange(1, 17)
    images = np.tile(numbers.astype(np.uint8).reshape(16, 1, 1, 1), (1, 24, 24, 3))
    for draw in range(10):
        mixed, labels = mix(tf.constant(images), tf.eye(16), seed=(13, draw))
        shares = (np.asarray(mixed)[..., :1] == numbers).mean(axis=(1, 2))
        if np.abs(shares - labels).max() > 0.001:
            return False
    return True
    # solution ends


# %%
checks.lesson_13.labels_follow_pixels(labels_follow_pixels)

# %% [markdown]
# Do the labels of Keras' layer follow the pixels, and those of the course's CutMix?

# %%
do_follow = checks.yours(labels_follow_pixels, otherwise=checks.lesson_13.the_courses_verdict_on_labels)
print("Keras CutMix:", do_follow(keras_cutmix), "| mixing.cutmix:", do_follow(mixing.cutmix))

# %% [markdown]
# ## A notebook
#
# Much of what is copied comes from notebooks. We have read published ones of students who train with CutMix
# and MixUp on dogs. Four of their defects follow, written anew in few lines. Like many, this notebook tries
# both mixes on two images first:

# %%
image_a, image_b = np.float32(images[:2])
mixed_image, mixed_label = 0.6 * image_a + 0.4 * image_b, 0.6 * labels[0] + 0.4 * labels[1]

# %% [markdown]
# Then it mixes batches. (To keep it short, the pixels of its CutMix come from the course's.)
#
# **Guess.** Each of the two functions has one defect. Find both by reading.


# %%
def notebook_cutmix(images, labels, *, seed):
    """Mixed images, and for each its mixed label."""
    mixed_images, _ = mixing.cutmix(images, labels, seed=seed)
    drawn = mixing.cutmix_parameters(images, seed=seed)

    def mix_label(number):
        own, other = labels[number], labels[drawn.partner[number]]
        new_label = drawn.share[number] * own + (1 - drawn.share[number]) * other  # noqa: F841
        return mixed_label

    return mixed_images, tf.map_fn(mix_label, tf.range(tf.shape(images)[0]), fn_output_signature=tf.float32)


def notebook_mixup(images, labels, *, seed):
    """Mixed images, and for each its mixed label."""
    drawn = mixing.mixup_parameters(images, alpha=1.0, seed=seed)
    lam = drawn.lam[:, tf.newaxis]
    mixed_labels = lam * labels + (1 - lam) * tf.gather(labels, drawn.partner)
    lam = lam[:, :, tf.newaxis, tf.newaxis]
    return lam * image_a + (1 - lam) * image_b, mixed_labels


# %%
notebook = {"CutMix": notebook_cutmix, "MixUp": notebook_mixup}
for name, mix in notebook.items():
    read(f"the notebook's {name}", mix, kind="mix", draws=10, image_size=(64, 64))
mixed = {name: mix(images, labels, seed=(13, 3)) for name, mix in notebook.items()}

# %% tags=["hide-input"]
names = [f"image {number}" for number in range(16)]
captions = [charts.label_text(label, names) for _, rows in mixed.values() for label in rows[4:9]]
figures.show(
    figures.pictures(
        [picture for rows, _ in mixed.values() for picture in rows[4:9].numpy()], captions, columns=5
    ),
    alt="Two rows of five pictures. CutMix: five images with boxes of others, and the same label under each, "
    "0.60 of image 0 and 0.40 of image 1. MixUp: five times a blend of the same two images, and under each a "
    "label of two others.",
    kind="jpeg",
)

# %% [markdown]
# `notebook_cutmix` computes `new_label` and returns `mixed_label`, a **global** left over from the cell
# above: one label vector serves every batch. `notebook_mixup` blends `image_a` and `image_b`, the same two
# images throughout. Python looks for a name in the function, then in the whole notebook, and the cell above
# has left one. The checker's images never met those of that cell: it measures labels that are not the pixels,
# and pictures that are no mixes of its images, and of another size than those that went in.
#
# *Mend it.* Keep a trial inside a function, so that it leaves no names behind. Better, move functions to a
# file and import them: there Python stops with a `NameError`. A linter finds the first defect, too (`ruff`:
# "local variable `new_label` is assigned to but never used").
#
# ### Its training
#
# *What it does.* Here is how the notebook trains, with its own CutMix and, to compare, with the course's.
#
# **Guess.** This cell has two more defects, which no checker of an augmentation can see. And what will the
# accuracies be, with one label for all images?

# %%
size, classes, K = course.image_size, course.classes, len(class_names)
mixed_label = 0.6 * tf.one_hot(0, K) + 0.4 * tf.one_hot(1, K)  # the global, now with the data set's classes
train = data.load(course.dataset, "train", image_size=size, classes=classes, shots=course.shots)
validation = data.load(course.dataset, "test", image_size=size, classes=classes)


def one_hot(image, label):
    """The label as a row, which can be mixed."""
    return image, tf.one_hot(label, K)


batches = train.map(one_hot).cache().shuffle(len(train), seed=13).batch(16, drop_remainder=True).repeat()
seeds = tf.data.Dataset.random(seed=13).batch(2)
EPOCHS, STEPS = 4, max(1, len(train) // 64)


def train_with(mix):
    """Train a network on mixed batches; returns Keras' history."""
    keras.utils.set_random_seed(13)
    model = models.build(course.model, num_classes=K, image_size=size, weights=course.weights)
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    mixed = tf.data.Dataset.zip(batches, seeds).map(lambda batch, seed: mix(*batch, seed=seed))
    options = {"validation_data": validation.map(one_hot).batch(100), "shuffle": False, "verbose": 0}
    return model.fit(mixed, epochs=EPOCHS, steps_per_epoch=STEPS, **options).history


# %% tags=["nbval-ignore-output"]
for name, mix in {"notebook_cutmix": notebook_cutmix, "mixing.cutmix": mixing.cutmix}.items():
    history = train_with(mix)
    print(f"{name:16}", *(f"{key} {history[key][-1]:.2f}" for key in ("loss", "accuracy", "val_accuracy")))

# %% [markdown]
# One label for all is quickly learned: the longer it trains, the surer the network says `mixed_label` to
# every picture. The accuracy on the training batches goes towards 100 %, and on new images it is right as
# often as the first class occurs. A curve that is *too good* is a reason to look.
#
# The other two defects are found by a plain line each. How many images does an "epoch" see? And which images
# choose the model, which judge it?

# %%
print(f"an epoch: {16 * STEPS} of {len(train)} images; 20 epochs are {20 * 16 * STEPS / len(train):.1f}")


def contents(dataset):
    """The images of a data set, as a set."""
    return {image.numpy().tobytes() for image, _ in dataset}


test = data.load(course.dataset, "test", image_size=size, classes=classes)
both = contents(validation) & contents(test)
print(f"images of the test set that are used for validation: {len(both)} of {len(test)}")
luck = np.random.default_rng(13).binomial(len(test), 0.5, [1_000, 20]).max(axis=1).mean() / len(test)
print(f"the best of 20 models that are all right half of the time: {luck:.1%} of the test images")

# %% [markdown]
# - `STEPS` divides by 64, the batches hold 16: an epoch sees a quarter of the images, and "20 epochs" are
#   five. Mend it by leaving out `repeat()` and `steps_per_epoch`: then Keras goes through all batches.
# - `validation` is the test set. Whoever picks the best of 20 epochs, or variants, by the test images reports
#   their luck, too. Choose by a validation split, and ask the test images once, at the end.
#
# ## New pictures in each epoch? (question 4)
#
# Here are four pipelines. You know the pitfalls from lessons 01 and 02.
#
# **Guess.** Which of them show the same pictures in every epoch?


# %%
def drawn_at_trace_time(dataset):
    """NumPy draws while `map` traces."""
    return dataset.map(lambda image, label: (tf.image.adjust_brightness(image, np.random.rand()), label))


def frozen_by_cache(dataset):
    """The cache stands after the augmentation."""
    return dataset.map(lambda image, label: (tf.image.random_brightness(image, 0.4), label)).cache()


def cached_before(dataset):
    """The cache stands before the augmentation, and TensorFlow draws."""
    tf.random.set_seed(13)  # so that the experiment can be repeated
    return dataset.cache().map(lambda image, label: (tf.image.random_brightness(image, 0.4), label))


def seeds_as_data(dataset):
    """A data set of seeds beside that of images."""
    seeds = tf.data.Dataset.random(seed=13, rerandomize_each_iteration=True).batch(2)
    pairs = tf.data.Dataset.zip(dataset.cache(), seeds)
    return pairs.map(lambda pair, seed: (tf.image.stateless_random_brightness(pair[0], 0.4, seed), pair[1]))


# %% [markdown]
# ## Exercise 2: is it frozen?
#
# Write `is_frozen`. It gets a `tf.data.Dataset` of batches `(images, labels)`; going through it once is an
# epoch, and each epoch has all images. Return `True` if the epochs bring the same pictures over and over, in
# whatever order (shuffling makes no new pictures), and `False` if there are new ones.
#
# <details><summary>Hint</summary>
#
# What has to be the same of two epochs, when the order may change? `image.tobytes()` (of a NumPy array) makes
# a value of a whole picture, which can be sorted, counted, or put into a set. The last batch may be smaller.
#
# </details>


# %%
def is_frozen(batches):
    """Whether every epoch of `batches` brings the same pictures, in whatever order."""
    # solution begins: Exercise 2: is it frozen?
    epochs = []
    for _ in range(2):
        pictures = [image for images, _ in batches for image in images.numpy()]
        epochs.append(sorted(image.tobytes() for image in pictures))
    return epochs[0] == epochs[1]
    # solution ends


# %%
checks.lesson_13.is_frozen(is_frozen)

# %%
frozen = checks.yours(is_frozen, otherwise=checks.lesson_13.the_courses_verdict_on_epochs)
sixteen = tf.data.Dataset.from_tensor_slices((images, range(16)))
for make in (drawn_at_trace_time, frozen_by_cache, cached_before, seeds_as_data):
    read(make.__name__, make, kind="pipeline")
    print("    is_frozen:", frozen(make(sixteen).shuffle(16).batch(5)))

# %% [markdown]
# Only the last brings new pictures. In 40 epochs it shows 40 pictures of each image, the others one.
#
# - `map` calls a Python function once, to write down its TensorFlow operations: what NumPy draws in there is
#   drawn once.
# - A `cache` keeps what comes before it.
# - The third is the one that looks right, and would be without its seed. `tf.random.set_seed` seeds every
#   operation that keeps a state (so does `keras.utils.set_random_seed`), and the state starts over in each
#   epoch. Who makes an experiment repeatable freezes it, unless a `shuffle` stands before the `map`.
#
# *Mend it* as in the fourth: cache first, and let seeds be data.
#
# ## Who checks the checks?
#
# A check that has never failed may be unable to. So plant defects and count what it catches; programmers call
# this **mutation testing**. Beside your check of the labels and all that `check_augmentation` asks stands a
# weak one, as one finds it in many repositories: are the labels well formed, and most of them mixed?


# %%
def looks_well_formed(mix):
    """A weak check: rows that sum to 1, with two classes at most, most of them mixed."""
    rows = np.asarray(mix(images, labels, seed=(13, 0))[1])
    named = (rows > 0).sum(axis=1)
    return np.allclose(rows.sum(axis=1), 1) and named.max() <= 2 and np.mean(named == 2) > 0.5


def planted(change):
    """The right pixels, with labels from `change(labels, right labels)`."""

    def mix(images, labels, *, seed):
        mixed, right = mixing.cutmix(images, labels, seed=seed)
        return mixed, change(labels, right)

    return mix


def seeded_by_numpy(images, labels, *, seed):
    """Right labels, and a seed that is not the one that is given."""
    return mixing.cutmix(images, labels, seed=np.random.randint(0, 999, 2))


MIXES = {
    "nothing planted": mixing.cutmix,
    "labels as they came": planted(lambda labels, right: labels),
    "one label for all": planted(lambda labels, right: tf.zeros_like(right) + right[0]),
    "labels in another order": planted(lambda labels, right: tf.reverse(right, [0])),
    "a seed by NumPy": seeded_by_numpy,
}
print(f"{'':25} well formed   labels = pixels   check_augmentation")
for name, mix in MIXES.items():
    report = checks.check_augmentation(mix, kind="mix", draws=8, image_size=(16, 20))
    verdicts = ["-" if good else "caught" for good in (looks_well_formed(mix), do_follow(mix), report.ok)]
    print("{:25} {:13} {:17} {}".format(name, *verdicts))

# %% [markdown]
# Each check finds what it asks for. The weak one asks about the form of the labels, and two of three wrong
# labels keep it. Yours compares with the pixels and finds all three; with a seed drawn by NumPy every batch
# is right, only nothing can be repeated, and inside `tf.data` all batches are mixed alike.
#
# And what does no check see? Turn the colors of each image by up to half a circle:

# %%
any_hue = checks.per_image(lambda image: tf.image.adjust_hue(image, np.random.uniform(-0.5, 0.5)).numpy())
read("any hue", any_hue, draws=8)

# %% [markdown]
# All checks pass. And yet lesson 02 has shown a hue that makes one breed look like another. Whether the
# *meaning* survives, no program can tell you. That question stays yours.
#
# ## What you learned
#
# - A wrong augmentation does not crash. Five questions find most defects: still pictures, labels as the
#   pixels, a draw for each image, new pictures in each epoch, and what the name says.
# - Measure with inputs that you know: equal images show shared draws, numbered images show where pixels come
#   from, two epochs show what is frozen.
# - Libraries have defects of their own: one draw per batch, swapped axes, labels off. Right functions are
#   called wrongly: another range of values, a draw at trace time, a cache behind the augmentation.
# - A function in a notebook may use what another cell has left. Count the images of an epoch, and the images
#   that validation and test share.
# - A check is worth what it catches: plant defects and count. None knows whether the label still means the
#   picture.
#
# ## Questions
#
# 1. Your training loss stops at 4.79 from the first epoch on, with 120 classes. Which defect do you look for
#    first?
#
#    <details><summary>Answer</summary>
#
#    log 120 is 4.79: the network says "all classes alike", as it must for pictures that show nothing. Look at
#    a batch as the model gets it; most likely floats in 0–255 went to something that reads 0–1, or the other
#    way round. (A learning rate that is far too high can look the same.)
#
#    </details>
#
# 2. A check compares the *mean* label of a batch with that of a trusted CutMix, for the same images and the
#    same seed. Which of the four planted defects in the table does it miss?
#
#    <details><summary>Answer</summary>
#
#    Labels in another order: the mean stays as it is. A mean forgets which label belongs to which picture.
#    The others it notices: each image has a λ of its own, so that labels that are not mixed, or all the same,
#    or mixed by another seed, have another mean.
#
#    </details>
#
# 3. You upgrade a library, and a test that holds one of its defects fails. Is that good or bad?
#
#    <details><summary>Answer</summary>
#
#    Good news first: the defect is probably repaired. But your results change, too: runs from before and
#    after the upgrade cannot be compared. So look, change the test and whatever you did to work around the
#    defect, and make the runs of one comparison with one version.
#
#    </details>
#
# **Next.** [Lesson 14, the comparison project](14_comparison_project.ipynb), where you prove whether an
# augmentation helps. Let `check_augmentation` read yours before you train.

# %% [markdown]
# ## For the curious: which library?
#
# How we would choose:
#
# - **TensorFlow or Keras, labels only:** functions on batches in `tf.data`, as in `utils`, or those Keras
#   layers whose report is clean.
# - **Masks, boxes, rare operations:** Albumentations, on `uint8`, in its last release; know that nobody
#   repairs it any more. Keras layers for the usual operations.
# - **PyTorch:** torchvision v2, image by image in the `Dataset`, CutMix and MixUp on batches.
# - **`ImageDataGenerator`, and KerasCV** (Keras' layers come from it; its development has
#   [ended](https://github.com/keras-team/keras-cv/issues/2354)): to read old code, not to start with.
#
# Check that choice by the table. Numbers in brackets are lessons; "5 × slower" means that `utils` makes five
# images in the time of one, with two threads on two cores (`make bench` measures your machine); a dash means
# that there is no such operation, or that it was not timed. The tests of this repository hold the defects and
# fail when a library is repaired: the next versions will have others.

# %%
import IPython.display
import pandas as pd

libraries = pd.read_json("../solutions/results/libraries.json", orient="index")
cells = {
    "selector": "th, td",
    "props": "text-align: left; vertical-align: top; min-width: 90px; max-width: 170px; white-space: normal",
}
table = libraries.style.set_uuid("libraries").set_table_styles([cells]).to_html()
IPython.display.display(IPython.display.HTML(table))

# %% [markdown]
# ## For the curious: Keras' CutMix without arguments
#
# Above we asked for `factor=(1.0, 1.0)`. Without arguments the layer does *not* draw λ evenly from 0 to 1, as
# the paper's Beta(1, 1) does. It draws one number α from 0 to 1 **for the batch**, and then each λ from
# Beta(α, α), which prefers values near 0 and 1: there an image stays as it is, or is replaced by its partner.
# An even λ lies within 0.05 of an end in 10 % of all cases:

# %%
tiny = {"images": np.zeros((1000, 4, 4, 3), np.float32), "labels": np.eye(1000, dtype=np.float32)}
for words, layer in {
    "CutMix()": keras.layers.CutMix(seed=13),
    "CutMix(factor=(1.0, 1.0))": keras.layers.CutMix(factor=(1.0, 1.0), seed=13),
}.items():
    lam = [np.diag(layer(tiny, training=True)["labels"]) for _ in range(6)]
    ends = [f"{np.mean((batch < 0.05) | (batch > 0.95)):4.0%}" for batch in lam]
    print(f"{words:26} λ near an end, in six batches:", *ends)

# %% [markdown]
# In two of these six batches about half of the images are hardly mixed, in three as few as with the paper's
# setting: the default is a weaker and less even CutMix.
