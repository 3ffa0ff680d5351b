# %% [markdown]
# # 02 Random augmentation with `tf.image`
#
# **Goal.** Change images at random with TensorFlow's own functions, know what each does to pixels and
# labels, join them into one augmentation, and train with it.
#
# **Time.** 50 minutes; 10 more with *For the curious*.
#
# **You need to know** lesson 01: what a data set of `(image, label)` is, and what `map`, `batch` and
# `cache` do.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

import utils.augment
from utils import checks, data, figures, models

# %% [markdown]
# ## Five families
#
# A network that has seen a few pictures of a breed may not have seen it from the left, in the shade or half
# out of the picture. **Augmentation** makes such pictures from those that we have: it changes training images
# at random, each time they are used, and keeps what the label says.
#
# | family | what it does | what happens to the label | lessons |
# |---|---|---|---|
# | **pixel level** | changes values in place: brightness, color | stays, within limits | 02–05, 12 |
# | **spatial level** | moves pixels: mirror, crop, turn | stays; boxes and masks move along | 02–05, 12 |
# | **mixing** | makes one image of two | is mixed in the same shares | 05, 08, 09 |
# | **generative** | a model that has learned a class paints a new image | is what was ordered | not here |
# | **learned policies** | a search picks operations and strengths | as with these operations | 05, 06 |
#
# One rule holds for all: an augmented image must still mean what its label says. No library can check that.
#
# `data.load` of lesson 01 cuts images to a square of `image_size` pixels.

# %%
SIZE = 72
class_names = data.info(course.dataset, course.classes).class_names
validation = data.load(course.dataset, "validation", image_size=SIZE, classes=course.classes)
dogs, classes = next(validation.batch(len(validation)).as_numpy_iterator())
dog = dogs[classes == 0][3]

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 4, size=(7.2, 2.1))
for axis, turn in zip(axes[:2], (0, 180), strict=True):
    axis.text(
        0.5, 0.5, "6", size=80, ha="center", va="center_baseline", rotation=turn, rotation_mode="anchor"
    )
    axis.set_box_aspect(1)
axes[2].imshow(dog)
axes[3].imshow(dog[:, ::-1])
titles = ["a six", "turned: a nine", class_names[0], f"mirrored: still {class_names[0]}"]
for axis, title in zip(axes, titles, strict=True):
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.set_title(title, loc="center", fontsize=10)
figures.show(
    figure,
    alt="A six, the same six turned by half a turn, which is a nine; a dog, and the same dog mirrored.",
    kind="jpeg",
)

# %% [markdown]
# Half a turn makes a 9 of a 6, and a mirrored chest X-ray shows a heart on the wrong side. A mirrored dog is
# as good as before. **The domain decides.**
#
# ## Random, and repeatable
#
# TensorFlow has eight functions `tf.image.random_…`. With each call they draw anew: a strength from a range
# that you give, a place, or whether to mirror. Each has a twin, `tf.image.stateless_random_…`, with one more
# argument: a **seed** of two whole numbers.

# %%
some = [tf.image.random_brightness(dog, 0.3) for _ in range(3)]
same = [tf.image.stateless_random_brightness(dog, 0.3, seed=(7, 0)) for _ in range(3)]
other = [tf.image.stateless_random_brightness(dog, 0.3, seed=(7, number)) for number in range(3)]
for name, images in {"random": some, "stateless, one seed": same, "stateless, three seeds": other}.items():
    print(f"{name:23} different images in 3 calls: {len({image.numpy().tobytes() for image in images})}")

# %% [markdown]
# `random_brightness` takes its draw from a hidden **state**, a generator inside TensorFlow that moves on with
# each call. For its twin everything comes in through the arguments: the same seed gives the same image, today
# and tomorrow. So we use the twins, and each draw needs a new seed.
#
# ## The eight operations
#
# `stateless_random_brightness(image, max_delta, seed)` adds one number to all pixels, drawn between
# `-max_delta` and `max_delta`, where 1 is the way from black to white.

# %%
brightness = {}
for max_delta in [0.1, 0.3, 0.6]:
    for seed in [(5, 0), (5, 1), (5, 2), (5, 3)]:
        delta = tf.random.stateless_uniform([], seed, -max_delta, max_delta)  # what the operation draws, too
        brightness[f"±{max_delta}: {delta:+.2f}"] = tf.image.stateless_random_brightness(dog, max_delta, seed)

# %% tags=["hide-input"]
figures.show(
    figures.pictures(list(brightness.values()), list(brightness), columns=4, inches=1.4),
    alt="A dog, twelve times: hardly changed in the first row, darker or lighter in the second, nearly "
    "black or nearly white in the third, but for one draw.",
    kind="jpeg",
)

# %% [markdown]
# Each column has one seed, and so one draw, stretched to the range. The strength is a **range**: a strong
# setting has weak draws, too. The others, each with its arguments between the image and the seed:
#
# | `stateless_random_…` | arguments | what it draws and does |
# |---|---|---|
# | `contrast` | `lower, upper` | a factor: values move away from the mean of their channel, or towards it |
# | `saturation` | `lower, upper` | a factor for how colorful the image is: 0 gives gray |
# | `hue` | `max_delta` | a turn of the color circle; 1 is all of it, 0.5 the most |
# | `jpeg_quality` | `min_jpeg_quality, max_jpeg_quality` | saves as JPEG, quality 0–100, and reads it back |
# | `crop` | `size` | cuts a piece of that size from a random place |
# | `flip_left_right`, `flip_up_down` | none | mirrors half of all images |
#
# All take the image first and the seed last, so one line can call each of them. Here are all eight with
# strong arguments:


# %%
def call(name, image, arguments, seed):
    """Call `tf.image.stateless_random_<name>`."""
    return getattr(tf.image, f"stateless_random_{name}")(image, *arguments, seed)


strong = {"brightness": [0.5], "contrast": [0.3, 2.6], "saturation": [0.2, 3.4], "hue": [0.4]}
strong |= {"jpeg_quality": [20, 32], "crop": [[44, 44, 3]], "flip_left_right": [], "flip_up_down": []}
draws = {name: [call(name, dog, strong[name], (5, number)) for number in range(4)] for name in strong}

# %% tags=["hide-input"]
figure, axes = figures.subplots(4, 8, size=(10.0, 5.4))
for column, (name, images) in zip(axes.T, draws.items(), strict=True):
    column[0].set_title(name, loc="center", fontsize=9.5)
    for axis, image in zip(column, images, strict=True):
        axis.imshow(image)
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
figures.show(
    figure,
    alt="A dog under the eight operations, four strong draws each: dark or bright, flat or harsh, gray or in "
    "poster colors, in any hue, with coarse JPEG blocks, as a part of itself, looking to either side, and "
    "upright or upside down.",
    kind="jpeg",
)

# %% [markdown]
# Here each *row* has one seed. **Look** at rows 1 and 3: dark, flat and pale, all at once. *One seed, one
# draw*, below, says why.
#
# ## Seeds in a pipeline
#
# In training, every image needs a new draw in every epoch. We try three ways to draw inside of `map`, on 200
# "images" that are only numbers, and count the different draws of one epoch. **Guess** which way draws anew
# in the second epoch, without a `shuffle` and with one before the `map`.


# %%
def drawn_anew(dataset):
    """How many of the images get another draw in the second epoch."""
    first, second = ({int(image): float(draw) for image, draw in dataset} for _ in range(2))
    return sum(first[image] != second[image] for image in first)


numbers, random_numbers = tf.data.Dataset.range(200), np.random.default_rng(0)
ways = {
    "no seed": lambda image: (image, tf.random.uniform([])),
    "seed=7": lambda image: (image, tf.random.uniform([], seed=7)),
    "NumPy": lambda image: (image, random_numbers.uniform()),
}
print("            different draws   anew in epoch 2   behind shuffle")
for name, draw in ways.items():
    plain, shuffled = numbers.map(draw), numbers.shuffle(200, seed=1).map(draw)
    different = len({float(value) for _, value in plain})
    print(f"{name:12} {different:14} {drawn_anew(plain):17} {drawn_anew(shuffled):16}")

# %% [markdown]
# - **No seed**: always new, and not to be repeated (unless all of TensorFlow is seeded).
# - **A seed** for an operation with a state: the series starts over in each epoch, so every image gets its
#   old draw: frozen, as before the cache (lesson 01). Behind a `shuffle` the same series meets the images in
#   another order, so nearly all of them draw anew.
# - **NumPy's or Python's random numbers**: one draw for all images of all epochs. `map` calls your function
#   **once**, with a stand-in for the image, writes down TensorFlow's operations and runs those. This is
#   called *tracing*. There is no error and no warning.
#
# So what a state gives depends on its neighbors in the pipeline. Stateless operations do not: seeds are data,
# and a data set makes them. `Dataset.random` gives whole numbers without end, here other ones in each epoch;
# two of them make a seed, and `zip` puts one beside each element.


# %%
def with_seeds(dataset):
    """Pair each element with a seed of its own, other ones in each epoch."""
    seeds = tf.data.Dataset.random(seed=2, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(dataset, seeds)


stateless = with_seeds(numbers).map(lambda image, seed: (image, tf.random.stateless_uniform([], seed)))
print("stateless, drawn anew in epoch 2:", drawn_anew(stateless))

# %% [markdown]
# ### One seed, one draw
#
# When an image goes through several operations, each needs a seed of its own. `tf.random.split` makes
# independent seeds of one. We mirror and change the brightness 100 times, and count how often "mirrored" and
# "darker" go together: both or neither.

# %%
together = {"one seed for both": 0, "a seed for each": 0}
for number in range(100):
    seed = tf.constant([7, number])
    for name, (first, second) in zip(together, [(seed, seed), tf.random.split(seed, 2)], strict=True):
        mirrored = not np.array_equal(tf.image.stateless_random_flip_left_right(dog, first), dog)
        darker = np.mean(tf.image.stateless_random_brightness(dog, 0.4, second)) < dog.mean()
        together[name] += int(mirrored == darker)
print(together)

# %% [markdown]
# From the same seed both functions draw **the same number**: every mirrored dog is darker and every other one
# lighter, so half of what could be seen never comes.
#
# ## Ranges, clipping and dtype
#
# `tf.image` takes whole numbers for 0 to 255, and **any float for one from 0 to 1** (lesson 01). Here are the
# five pixel-level operations on the same image as `uint8` and as floats that still reach to 255. The last
# column says how many gray levels the results are apart.

# %%
five = list(strong)[:5]
print("                  uint8    float 0–255   apart")
for name in five:
    whole, floats = (np.float32(call(name, form, strong[name], (5, 1))) for form in (dog, np.float32(dog)))
    ends = [f"{values.min():.0f} to {values.max():.0f}" for values in (whole, floats)]
    print(f"{name:12} {ends[0]:>12} {ends[1]:>13} {np.abs(whole - floats).mean():6.0f}")

# %% [markdown]
# On floats from 0 to 255, brightness does nothing that can be seen, contrast leaves the range on both sides,
# and JPEG quality returns 1 everywhere: white from 0 to 1, but almost black from 0 to 255. Only saturation
# and hue work, since they compare the channels with each other.
#
# Whole numbers are **clipped**: what would be over 255 stays at 255. Floats are not. Nor does a cast clip
# reliably: 300 may become 255 or 44 (300 − 256), even within one tensor, and other machines differ.

# %% tags=["nbval-ignore-output"]
print(tf.cast(tf.fill([33], 300.0), tf.uint8).numpy())

# %% [markdown]
# When you change pixels by hand: add in floats, clip to 0–255, round, and only then cast. The rule of this
# course: **images stay `uint8` until the model**, whose first layer rescales them.
#
# ## One draw for the batch, or one per image?
#
# Pipelines usually augment whole batches. **Guess.** Which operations draw for each image of a batch? We give
# them eight equal images. (JPEG quality takes single images only.)


# %%
batch = tf.stack([dog] * 8)
for name, arguments in (strong | {"crop": [[8, 44, 44, 3]]}).items():  # for crop, the size of a whole batch
    if name != "jpeg_quality":
        print(f"{name:16} {len(np.unique(call(name, batch, arguments, (3, 4)), axis=0))} different of 8")

# %% [markdown]
# The flips draw for each image, and can give only two different ones. All others draw **once for the batch**:
# one batch is dark, the next one bright. There are two ways out. One is to call the operation for each image,
# with a seed of its own; `tf.map_fn` does so inside TensorFlow:


# %%
def on_each_image(change, images, seed):
    """Return the batch with each image changed by `change(image, seed)`, with a seed of its own."""
    seeds = tf.random.split(seed, tf.shape(images)[0])
    return tf.map_fn(lambda pair: change(*pair), (images, seeds), fn_output_signature=images.dtype)


brighter = on_each_image(lambda image, seed: call("brightness", image, [0.5], seed), batch, (3, 4))
print(len(np.unique(brighter, axis=0)), "different of 8")

# %% [markdown]
# The other way is arithmetic on the whole batch, with one number per image.
#
# ## Exercise 1: brightness with a draw for each image
#
# Write `brighten`. It gets a batch of `uint8` images `[B, H, W, 3]` and adds one number to each image, the
# same for all of its pixels. The number is drawn for each image, evenly between `-max_delta` and `max_delta`,
# where 1 is the whole range from 0 to 255. The result is clipped and is `uint8` again.
#
# `tf.random.stateless_uniform(shape, seed, minval, maxval)` draws floats. Numbers of shape `[B, 1, 1, 1]` are
# added to the images one by one: where a side is 1, the one value is used all along (**broadcasting**).
#
# <details><summary>Hint</summary>
#
# Four steps: draw the numbers, in gray levels, with `tf.shape(images)[0]` as the number of images. Cast the
# images to `tf.float32` and add. Clip to 0 to 255 with `tf.clip_by_value`. Round, and cast to `tf.uint8`.
#
# </details>


# %%
def brighten(images, max_delta, *, seed):
    """Add to each image a number of its own; uint8 `[B, H, W, 3]` in and out."""
    # solution begins: Exercise 1: brightness with a draw for each image
    count = tf.shape(images)[0]
    deltas = 255 * tf.random.stateless_uniform([count, 1, 1, 1], seed, -max_delta, max_delta)
    brighter = tf.clip_by_value(tf.cast(images, tf.float32) + deltas, 0, 255)
    return tf.cast(tf.round(brighter), tf.uint8)
    # solution ends


# %%
checks.lesson_02.brighten(brighten)

# %% [markdown]
# ## Which of them keep a dog's label?
#
# **Ask** somebody who knows the domain, **look** at strong draws beside *other* classes, or **measure** what
# the label depends on, before and after.
#
# Ask: the toy dogs' description (`data/toy_dogs/README.md`) says that mirroring keeps the label, and that no
# dog of the test images stands on its head. So: left–right yes, up–down no. (For a microscope or a
# satellite, which have no up, both.)
#
# Look: two toy breeds are built alike, `saffrel` (gold) and `paprikin` (red). What does a turn of the hue by
# 18° do to a saffrel?

# %%
masked, info = tfds.load("toy_dogs", split="validation", data_dir=data.directory(), with_info=True)
pair = {"saffrel": [], "paprikin": []}  # (image, mask) of each dog; the mask is 1 where the dog is
for example in masked.as_numpy_iterator():
    name = info.features["label"].names[example["label"]]
    if name in pair:
        pair[name].append((example["image"], example["segmentation_mask"][..., 0]))

saffrels, paprikins = ([image for image, _ in pair[name][:5]] for name in pair)
turned = [tf.image.adjust_hue(image, -18 / 360) for image in saffrels]

# %% tags=["hide-input"]
captions = ["saffrel"] * 5 + ["saffrel, turned by −18°"] * 5 + ["paprikin"] * 5
figures.show(
    figures.pictures([*saffrels, *turned, *paprikins], captions, columns=5, inches=1.6),
    alt="Five golden saffrel dogs; below the same five with red coats; below five paprikin dogs with coats "
    "of the same red.",
    kind="jpeg",
)

# %% [markdown]
# Who sees only the second row calls them paprikin, and the label says saffrel: a wrong label, made by us.
#
# Measure: the hue of a coat is the median hue of the dog's colorful pixels. A dog keeps its breed as long as
# its coat stays within 9° of the breed's mean, about half of the way to the other breed.


# %%
def coat_hue(image, mask):
    """The median hue, in degrees, of the dog's colorful pixels; NaN where it has none."""
    hue, saturation, _ = tf.image.rgb_to_hsv(np.asarray(image)[mask > 0] / 255).numpy().T
    return 360 * np.median(hue[saturation > 0.45]) if (saturation > 0.45).any() else np.nan


means = {name: np.mean([coat_hue(*one) for one in pair[name]]) for name in pair}
print(", ".join(f"{name} {mean:.0f}°" for name, mean in means.items()))


def kept(name, arguments):
    """How many of the 50 dogs keep their breed, after one draw for each."""
    count = 0
    for breed, examples in pair.items():
        for number, (image, mask) in enumerate(examples):
            away = abs(coat_hue(call(name, image, arguments, (number, 0)), mask) - means[breed])
            count += min(away, 360 - away) <= 9
    return count


# %% [markdown]
# **Guess** which of the five pixel-level operations is the first to lose dogs.

# %%
ladders = {  # from weak to strong
    "brightness": [[0.1], [0.2], [0.3], [0.6]],
    "contrast": [[0.9, 1.1], [0.7, 1.3], [0.5, 2.0], [0.1, 3.0]],
    "saturation": [[0.9, 1.1], [0.7, 1.3], [0.5, 2.0], [0.0, 4.0]],
    "hue": [[0.01], [0.025], [0.05], [0.5]],
    "jpeg_quality": [[75, 100], [50, 100], [20, 50], [1, 15]],
}
for name, ladder in ladders.items():
    print(f"{name:12}", *(f"{str(arguments):>11}: {kept(name, arguments):2}" for arguments in ladder))

# %% [markdown]
# Hue stands out: drawn from ±0.05, which is up to 18°, it leaves 14 of 50 dogs their breed, and from ±0.01
# all. The others keep nearly all in the third column. In the fourth, brightness keeps 21 and contrast 36:
# colors that are clipped at the ends change their hue or turn gray. And a measure sees only what it measures:
# of JPEG quality 1–15 it keeps 47, though in the strongest draws ears and eyes drown in blocks (see the
# explorer at the end).
#
# What we have found (for the crop the README alone: ears are a sign in every pair):
#
# | operation | keeps a dog's label? | a range to start from |
# |---|---|---|
# | flip left–right | yes | half of the images |
# | flip up–down | yes, but nobody asks for it | leave it out |
# | brightness | while something can be seen | ±0.2 |
# | contrast | while something can be seen | 0.7–1.3 |
# | saturation | while it does not go to gray | 0.7–1.3 |
# | hue | no, where color tells classes apart | leave it out, or ±0.01 |
# | crop | while the signs stay in the picture | 90 % of the side or more |
# | JPEG quality | while something can be seen | 50–100, if test images are JPEGs |
#
# Whether they *help* is another question, which only training answers (lessons 07 and 14).
#
# ## Exercise 2: one augmentation for training
#
# All augmentations of this course keep one contract, so that each fits everywhere:
#
# > `augment(images, *, seed) -> images`: a batch `[B, H, W, 3]` and a seed in; a batch of the same shape
# > and dtype out; every image drawn on its own; the same seed gives the same result.
#
# Write `augment` for dogs: mirror left–right, change brightness by up to ±0.2, and saturation by a factor
# between 0.7 and 1.3, and nothing else. Use the stateless functions, and `on_each_image` from above.
#
# <details><summary>Hint</summary>
#
# Write a function `change(image, seed)` inside, and return `on_each_image(change, images, seed)`. Three draws
# in a row with the same seed depend on each other. `tf.random.split(seed, 3)` gives three seeds; take them
# apart with `tf.unstack`.
#
# </details>


# %%
def augment(images, *, seed):
    """Mirror, brightness and saturation, drawn for each image; same shape and dtype out."""
    # solution begins: Exercise 2: one augmentation for training

    def change(image, seed):
        flip_seed, brightness_seed, saturation_seed = tf.unstack(tf.random.split(seed, 3))
        image = tf.image.stateless_random_flip_left_right(image, flip_seed)
        image = tf.image.stateless_random_brightness(image, 0.2, brightness_seed)
        return tf.image.stateless_random_saturation(image, 0.7, 1.3, saturation_seed)

    return on_each_image(change, images, seed)
    # solution ends


# %%
checks.lesson_02.augment(augment)

# %% [markdown]
# `checks.yours` returns your function once its check has passed, and else the course's `utils.augment.basic`
# (mirror, shift, brightness, contrast, saturation), so that you can go on. `checks.check_augmentation` tests
# the contract of any augmentation, also of one from a library.

# %%
my_augment = checks.yours(augment, otherwise=utils.augment.basic)
print(checks.check_augmentation(my_augment).verdict)

# %% [markdown]
# ## Train with it
#
# Training images are augmented after the cache, with fresh seeds. Your function takes whole batches, so it
# stands behind `batch`. **Validation and test images stay as they are**: they stand for the pictures that the
# network will meet.
#
# `course` holds the settings: all breeds and images, cut to 48 pixels, unless you choose others;
# `models.build` gives the network. The picture shows the same eight dogs in two epochs, a row each.


# %%
def augmented(batches):
    """Batches changed by the augmentation, with fresh seeds in each epoch."""
    return with_seeds(batches).map(lambda batch, seed: (my_augment(batch[0], seed=seed), batch[1]))


size, chosen = course.image_size, course.classes
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
plain = train.cache().shuffle(len(train), seed=2).batch(course.batch_size)

unseen = data.load(course.dataset, "validation", image_size=size, classes=chosen)
unseen = unseen.batch(course.batch_size).cache()

eight = augmented(train.take(8).batch(8))
two_epochs = [next(iter(eight))[0].numpy() for _ in range(2)]

# %% tags=["hide-input"]
figures.show(
    figures.pictures([*two_epochs[0], *two_epochs[1]], [""] * 16, columns=8, inches=1.15),
    alt="Eight dogs as the network gets them, in two epochs: in the second some look to the other side, and "
    "they are darker or brighter, paler or more colorful than in the first.",
    kind="jpeg",
)


# %%
def train_on(batches):
    """Train a new network on batches; returns it and Keras' history."""
    keras.utils.set_random_seed(2)
    model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, model.fit(batches.prefetch(2), validation_data=unseen, epochs=8, verbose=0).history


# %% [markdown]
# **Guess.** Which network ends with the higher accuracy on its own training images?

# %% tags=["nbval-ignore-output"]
trained = {"none": train_on(plain), "augmented": train_on(augmented(plain))}
for name, (_, history) in trained.items():
    ends = [history[measure][-1] for measure in ("accuracy", "val_accuracy")]
    print(f"{name:9} training {ends[0]:4.0%}, validation {ends[1]:4.0%}, gap {ends[0] - ends[1]:4.0%}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(8.2, 3.2), sharey=True)
for axis, (name, (_, history)) in zip(axes, trained.items(), strict=True):
    epochs = range(1, len(history["accuracy"]) + 1)
    axis.plot(epochs, history["accuracy"], "--", color=figures.MUTED, label="training")
    axis.plot(epochs, history["val_accuracy"], color=figures.COLORS["basic"], label="validation")
    axis.set(title=name, xlabel="epoch")
axes[0].set_ylabel("accuracy")
axes[0].legend()
figures.show(
    figure,
    alt="Two panels, without and with augmentation: the accuracy over the epochs on the training images, "
    "dashed, and on the validation images.",
)

# %% [markdown]
# Without augmentation the network soon knows the training images of the toy dogs by heart, and the **gap**
# to the validation images grows: it overfits. With it, each epoch brings new pictures, and the gap is
# smaller. A smaller gap is not yet a better network, and one training each decides nothing: lesson 07 shows
# how to compare.
#
# What if somebody augments the validation images, too?

# %% tags=["nbval-ignore-output"]
for number in range(3):
    changed = unseen.map(lambda images, labels, n=number: (my_augment(images, seed=(n, 0)), labels))
    _, accuracy = trained["augmented"][0].evaluate(changed, verbose=0)
    print(f"augmented validation images, seed {number}: {accuracy:.1%}")
print(f"as they are: {trained['augmented'][1]['val_accuracy'][-1]:.1%}")

# %% [markdown]
# The accuracy changes with the seed, so two models cannot be compared on it. In the rest of the course
# `pipeline.training_batches` and `pipeline.evaluation_batches` do all this; the second one takes no
# augmentation, so that nobody passes one by mistake.

# %% [markdown]
# ## For the curious
#
# Nothing later needs this.
#
# ### What is clipped, and what is not
#
# One operation without a draw on three forms of the same image, and two ways to add 100 to 200:

# %%
forms = {
    "uint8 0–255": tf.constant(dog),
    "float 0–1": tf.constant(dog, tf.float32) / 255,
    "float 0–255": tf.constant(dog, tf.float32),
}
for name, values in forms.items():
    after = tf.image.adjust_brightness(values, 0.5)
    before, after = (f"{np.min(pixels):.2f} to {np.max(pixels):.2f}" for pixels in (values, after))
    print(f"{name:<12}  before: {before:<16}  after +0.5: {after}")

white = tf.constant([[[200]]], tf.uint8)
print("200 + 100 as uint8:", int(white[0, 0, 0] + 100))
print("adjust_brightness: ", int(tf.image.adjust_brightness(white, 100 / 255)[0, 0, 0]))

# %% [markdown]
# Half of the range is added to `uint8`, and clipped; to floats from 0 to 1, and not clipped; to floats from 0
# to 255 half a gray level is added. Bytes that you add yourself wrap around: 200 + 100 becomes 44, light
# becomes dark.
#
# ### A seed with a state that is new in each epoch
#
# `repeat` makes one long epoch of many, so the series does not start over.

# %%
repeated = tf.data.Dataset.range(4).repeat(3).map(ways["seed=7"])
runs = [[float(draw) for _, draw in repeated] for _ in range(2)]
print(f"repeat(3), then seed=7: {len(set(runs[0]))} different draws of 12; same again: {runs[0] == runs[1]}")

# %% [markdown]
# ### The explorer
#
# Play with it: on the left is a dog as it is, beside it five draws. Below each stands how far its coat is
# from the mean hue of its breed. Which operations other than hue move this number, though you still see the
# breed?


# %% tags=["nbval-ignore-output"]
import ipywidgets as widgets


def explore(breed="paprikin", operation="hue", step=2, draw=0):
    """Show a dog and five draws of an operation, with one of the arguments from weak (0) to strong (3)."""
    image, mask = pair[breed][4]
    arguments = ladders[operation][step]
    changed = [call(operation, image, arguments, (draw, number)).numpy() for number in range(5)]
    captions = [f"{coat_hue(one, mask) - means[breed]:+.0f}°" for one in [image, *changed]]
    alt = f"A {breed} and five draws of {operation}."
    figures.show(figures.pictures([image, *changed], captions), alt, kind="jpeg")


widgets.interact(explore, breed=list(pair), operation=five, step=(0, 3), draw=(0, 20))

# %% [markdown]
# ## What you learned
#
# - Five families of augmentation, and one rule: the meaning stays. The domain decides what that is.
# - The eight `tf.image.random_…` functions, and why to use their `stateless_` twins: a seed is data, used
#   once, and split where several are needed. A seed for an operation with a state starts over in each epoch.
# - Python's and NumPy's random numbers are drawn once in `map`.
# - `tf.image` takes floats for 0–1, and clips whole numbers only. Keep images `uint8` until the model.
# - On a batch all but the flips draw once; `on_each_image`, or one number per image, changes that.
# - To know whether a label survives: ask, look beside other classes, measure.
# - Augment training data, after the cache, with fresh seeds; never evaluation data.
#
# ## Questions
#
# 1. Your images are floats from 0 to 255, and you add `tf.image.stateless_random_brightness(images, 0.3,
#    seed)` to a pipeline. The accuracy does not change at all. Why?
#
#    <details><summary>Answer</summary>
#
#    `tf.image` takes floats for 0–1, so it adds at most 0.3 of a gray level: the model sees the same images
#    as before. (On a batch it would also draw only once.) Augment `uint8` images, or divide by 255 before.
#
#    </details>
#
# 2. You sort street signs, among them "turn left" and "turn right". Which of the eight operations do you
#    leave out?
#
#    <details><summary>Answer</summary>
#
#    The left–right flip, which makes one sign of the other, and the up–down flip, which makes signs that
#    never occur. Hue, too: the meaning of a sign depends on red and blue. A strong crop may cut off the
#    arrow.
#
#    </details>
#
# 3. A colleague writes `dataset.map(lambda image, label: (tf.image.adjust_brightness(image,
#    random.uniform(-.2, .2)), label))`. What do the images of the second epoch look like?
#
#    <details><summary>Answer</summary>
#
#    Just like those of the first, and all are brighter or darker by the same amount: `random.uniform` is
#    called once, while `map` traces the function.
#
#    </details>
#
# **Next.** [Lesson 03, ImageDataGenerator](03_image_data_generator.ipynb), does the same with Keras' old
# class, which you will meet in much code: shifts, turns, zoom and what it puts where the picture ends.
