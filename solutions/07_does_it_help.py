# %% [markdown]
# # 07 Does it help?
#
# **Goal.** Teach a pretrained network new classes, and find out by a fair comparison what pretraining and
# augmentation are worth, and when augmentation does harm.
#
# **Time.** 40 minutes.
#
# **You need to know** lesson 01 (batches, training, validation and test images) and lesson 02 (the course's
# `augment(images, *, seed)`).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

profile = settings.load()
course = settings.load(weights=profile.weights or "more_breeds")

# %%
import dataclasses
import re

import keras
import numpy as np
import scipy
import tensorflow as tf
import toy_dogs.breeds
import toy_dogs.portrait

from utils import augment, charts, checks, data, evaluation, experiment, figures, models, runs, training

# %% [markdown]
# ## A network that has seen other dogs
#
# A network need not start from nothing. One that has learned to tell *some* pictures apart knows edges,
# fur, eyes and ears, and most of that is of use for other pictures, too. To take it over is called
# **transfer learning**; the network is then **pretrained**.
#
# The repository holds a small pretrained network. It learned ten breeds of toy dogs, 200 pictures each.
# None of them is among the twelve breeds of our data set. (On the full profile, the same cells take
# ResNet50, which learned the thousand classes of ImageNet.)


# %%
def arrays(split):
    """All images uint8 [N, S, S, 3] and labels [N] of a split."""
    shots = course.shots if split == "train" else None  # None: all of them
    loaded = data.load(course.dataset, split, image_size=course.image_size, shots=shots)
    images, labels = next(iter(loaded.batch(len(loaded))))
    return images.numpy(), labels.numpy()


class_names = data.info(course.dataset).class_names
images, labels = arrays("train")
validation_images, validation_labels = arrays("validation")
old_breeds = [breed.name for breed in toy_dogs.breeds.MORE_BREEDS]

print("learned before:  ", ", ".join(old_breeds))
print("to be learned:   ", ", ".join(class_names[:12]))
print("in both:         ", len(set(old_breeds) & set(class_names)))
print("training images: ", images.shape, "validation images:", validation_images.shape)


# %%
def picture(axis, image, title, frame=None):
    """Draw one image without axes; `frame` is the colour of a frame around it."""
    axis.imshow(np.clip(image, 0, 255).astype("uint8"))
    axis.set_title(title, fontsize=9.5, loc="center")
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set(visible=frame is not None, color=frame, linewidth=4)


def old_picture(number):
    """A picture of one of the ten breeds, as square as the others."""
    drawn = toy_dogs.portrait.portrait(toy_dogs.breeds.MORE_BREEDS[number], "test", 2)[0]
    return keras.ops.image.resize(drawn, images.shape[1:3], crop_to_aspect_ratio=True, antialias=True)


figure, axes = figures.subplots(2, 6, size=(8.6, 3.5))
for number, (above, below) in enumerate(axes.T):
    picture(above, old_picture(number), f"before: {old_breeds[number]}")
    label = 2 * number  # every second class: each second one is hard to tell from the one before
    picture(below, images[labels == label][2], f"now: {class_names[label]}")
figures.show(
    figure,
    alt="Six dogs above, of breeds that the network learned before, among them a pug and a dog with bat "
    "ears. Six dogs below, of other breeds, that it shall learn now. All are drawn in the same style.",
    kind="jpeg",
)

# %% [markdown]
# ## Why without its top
#
# A classifier has two parts. The **backbone** turns an image into a few hundred numbers, the **features**.
# The **head** (or **top**) is the last layer: it turns features into a probability for each class.

# %%
network = models.build(
    course.model, num_classes=len(class_names), image_size=course.image_size, weights=course.weights
)
backbone = keras.Model(network.input, network.layers[-1].input, name="backbone")
head = network.layers[-1]

print("an image goes in:  ", backbone.input_shape[1:])
print("features come out: ", backbone.output_shape[1:])
print("weights of our head: ", head.kernel.shape, "and", head.bias.shape)
print(f"to learn in the backbone: {backbone.count_params():,}, in the head: {head.count_params():,}")

# %% [markdown]
# The old head is of no use. It has one output for each of *its* classes, ten here, and we need twelve; and
# what its outputs stand for, a `dumplet` or a `batwick`, never comes in our data. So pretrained weights are
# loaded **without the top** (`include_top=False` in `keras.applications`), and a new head with random
# weights is put on. The features are what is transferred.

# %% [markdown]
# ## What features know
#
# Two images are alike for the network where their features are close. So we take an image and look for the
# three training images with the closest features: once with the pretrained backbone, once with a backbone
# of random weights.

# %%
with training.seeded_weights(0):
    unlearned = models.build(course.model, num_classes=len(class_names), image_size=course.image_size)
random_backbone = keras.Model(unlearned.input, unlearned.layers[-1].input, name="random_backbone")


def features_of(model, pictures):
    """Features float32 [N, F] of images [N, S, S, 3]."""
    return model.predict(pictures.astype("float32"), batch_size=64, verbose=0)


features = {}
for name, model in {"pretrained": backbone, "random": random_backbone}.items():
    features[name] = features_of(model, images), features_of(model, validation_images)
    print(f"{name:10} training {features[name][0].shape}, validation {features[name][1].shape}")

# %%
nearest = {}  # name → for each validation image the training images, nearest first
for name, (of_training, of_validation) in features.items():
    distances = scipy.spatial.distance.cdist(of_validation, of_training)
    nearest[name] = np.argsort(distances, axis=1)
    same = labels[nearest[name][:, 0]] == validation_labels
    print(f"{name:10} the nearest training image has the same class: {same.mean():.0%}")

# %%
WIDTHS = [1, 0.1, 1, 1, 1, 0.1, 1, 1, 1]  # an image, a gap, three images, a gap, three images
figure, axes = figures.subplots(3, 9, size=(9.4, 4.4), width_ratios=WIDTHS)
for axis in axes[:, [1, 5]].flat:
    axis.set_axis_off()
for row, query in zip(axes, [0, 70, 190], strict=True):
    picture(row[0], validation_images[query], class_names[validation_labels[query]])
    for name, places in {"pretrained": row[2:5], "random": row[6:9]}.items():
        for axis, index in zip(places, nearest[name][query], strict=False):
            same = labels[index] == validation_labels[query]
            picture(axis, images[index], class_names[labels[index]], "#0072b2" if same else None)
for column, text in {0: "image", 3: "nearest, pretrained", 7: "nearest, random"}.items():
    axes[0, column].set_title(f"{text}\n\n{axes[0, column].get_title()}", fontsize=10.5, loc="center")
figures.show(
    figure,
    alt="Three validation images, one a row, each followed by its three nearest training images by "
    "pretrained features and by random features. Blue frames mark the same class: most of the pretrained "
    "ones have one, few of the random ones.",
    kind="jpeg",
)

# %% [markdown]
# The random backbone goes by colours and backgrounds. The pretrained one finds dogs that look alike, of
# breeds that it has never been told of. It is not perfect, and need not be: a head is still to come.

# %% [markdown]
# ## Frozen: the features once, the head in seconds
#
# The first way to use a pretrained backbone is to leave it alone: its weights are **frozen**, and only the
# new head learns. Then the features of an image never change. So we compute them *once* (we just did) and
# train the head on them as if they were the images: no image passes the backbone again.


# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
new_head = keras.Sequential([keras.layers.Dense(len(class_names), activation="softmax")])
new_head.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
of_training, of_validation = features["pretrained"]
watched = {"validation_data": (of_validation, validation_labels), "validation_batch_size": 300}
history = new_head.fit(of_training, labels, batch_size=64, epochs=20, verbose=0, **watched).history

for epoch in [1, 2, 5, 10, 20]:
    print(f"epoch {epoch:2}: validation accuracy {history['val_accuracy'][epoch - 1]:.0%}")
print(f"guessing: {1 / len(class_names):.0%}")

# %% [markdown]
# Twenty epochs in a second or two, and about three images of four are right, of breeds that the backbone
# never saw.
#
# ### Where this trick ends
#
# Augmentation shows each image in a new version in every epoch. A new image has new features:

# %%
dog = images[20:21]
versions = [dog] + [augment.basic(dog, seed=[7, number]).numpy() for number in range(1, 5)]
strips = np.concatenate([features_of(backbone, version) for version in versions])
for number, strip in enumerate(strips):
    print(
        f"version {number}: distance to the features of the original {np.linalg.norm(strip - strips[0]):.1f}"
    )
others = np.linalg.norm(features["pretrained"][0] - strips[0], axis=1)
print(f"for comparison, the nearest other image {np.sort(others)[1]:.1f}, the median {np.median(others):.1f}")

# %%
figure, axes = figures.subplots(2, 5, size=(8.6, 2.9), height_ratios=[3, 1])
for number, (above, below) in enumerate(axes.T):
    picture(above, versions[number][0], "original" if number == 0 else f"version {number}")
    below.imshow(strips[number][:64].reshape(4, 16), cmap="viridis", vmin=0, vmax=strips.max() / 2)
    below.set_axis_off()
figures.show(
    figure,
    alt="A dog and four augmented versions of it; under each a small table of coloured cells, its first 64 "
    "features. No two tables are the same.",
)

# %% [markdown]
# Every version has its own pattern below it (its first 64 features), and some are further from the original
# than another dog is. So features stored once are those of one version, and there are only two ways on:
# store some versions of each image, a small and fixed choice; or send the images through the backbone in
# every epoch, which for 720 images and 20 epochs means 14,400 passes in place of 720. All that follows does
# the latter.

# %% [markdown]
# ## Exercise 1: put a new head on
#
# Write `frozen_classifier(backbone, num_classes)`. It returns a Keras model that takes the images that the
# backbone takes and gives a probability for each of `num_classes` classes. The backbone keeps its weights
# and is frozen; the head is one new layer, and it learns. `backbone` is a Keras model from images `[B, S,
# S, 3]` to features `[B, F]`.
#
# <details><summary>Hint</summary>
#
# Every Keras model and layer has an attribute `trainable`. A backbone is called like a layer:
# `backbone(images)`, and `backbone.input` and `backbone.output` are its two ends. Probabilities of a row
# sum to 1: which activation does that?
#
# </details>


# %%
def frozen_classifier(backbone, num_classes):
    """A model from images to probabilities [B, num_classes]: the frozen backbone and a new head."""
    # solution begins: Exercise 1: put a new head on
    backbone.trainable = False
    probabilities = keras.layers.Dense(num_classes, activation="softmax")(backbone.output)
    return keras.Model(backbone.input, probabilities)
    # solution ends


# %%
checks.lesson_07.frozen_classifier(frozen_classifier)

# %% [markdown]
# ### Frozen means more than "no gradient"
#
# **BatchNormalization** layers scale with a mean and a spread. In training they take those of the batch and
# update a running average; afterwards they use the average. A frozen one must not update it either, or the
# features change although no weight is trained. Keras sees to that: `trainable = False` puts such a layer
# into its inference mode, also when the model is called with `training=True`.

# %%
batch = images[:64].astype("float32")


def running_mean(model):
    """The running averages of the means in all BatchNormalization layers, as one array."""
    return np.concatenate([weight.numpy() for weight in model.weights if weight.path.endswith("moving_mean")])


for frozen in [True, False]:
    backbone.trainable = not frozen
    before = running_mean(backbone)
    backbone(batch, training=True)
    changed = np.abs(running_mean(backbone) - before).max() > 0
    print(f"trainable={backbone.trainable!s:5} one call with training=True changes the averages: {changed}")

# %% [markdown]
# ## Then fine-tune
#
# The second step is **fine-tuning**: unfreeze the backbone and train all weights on. Why not at once? A new
# head is random, so its first gradients are noise, and they would pull the backbone's good weights about.
# First the head alone, then everything, with a learning rate that starts low. (For large networks such as
# ResNet50 it stays low, too: 0.0001 on the full profile.)
#
# We watch one short run live: two frozen epochs, then five with all weights. `experiment.Comparison` is
# what the project's commands use: it loads the data and trains with the settings that it is given.

# %%
short = dataclasses.replace(course, epochs=7, frozen_epochs=2)
comparison = experiment.Comparison(short)
print(f"{short.model} with {short.weights}, {short.epochs} epochs, of them {short.frozen_epochs} frozen")

# %% tags=["nbval-ignore-output"]
run = comparison.train("none", seed=0)[0]
print("epoch           learning rate  training accuracy  validation accuracy")
for epoch in run["history"]:
    state = "head only" if epoch["epoch"] <= short.frozen_epochs else "all"
    print(
        f"{epoch['epoch']:5} {state:9} {epoch['learning_rate']:12.5f} {epoch['train_accuracy']:15.0%} "
        f"{epoch['validation_accuracy']:18.0%}"
    )

# %% [markdown]
# In two epochs the head has come to point in the right direction, no more. With all weights the accuracy
# jumps, and it passes what the head alone reached above. The pretrained backbone was a good place to start
# from, not the best place to stay at.

# %% [markdown]
# ## A fair comparison
#
# One short run is an example. For a result we need a comparison in which one thing differs and all else is
# equal. The repository holds such runs. Each has 20 epochs, and was made with
#
# ```
# python -m utils.experiment --weights more_breeds --epochs 20 --frozen-epochs 3
#     --augment none basic … --seeds 5 --out solutions/results/does_it_help/pretrained
# python -m utils.experiment --epochs 20
#     --augment none basic --seeds 5 --out solutions/results/does_it_help/random
# ```
#
# `none` trains on the images as they are. `basic` is the usual augmentation of lesson 02: mirror, shift,
# light and colour. A **seed** fixes everything that is left to chance: the random weights, the order of the
# images, the draws of the augmentation. For the same seed, `none` and `basic` start from the same weights
# and see the same images in the same order, for as many steps. The two are a **pair**.
#
# (Full profile: `COURSE_PROFILE=full python -m utils.experiment --augment none basic --seeds 5 --out …`
# makes the same runs with ResNet50 and Stanford Dogs, 20 epochs of which 3 are frozen. Then put your folder
# into `FOLDER`.)

# %%
FOLDER = "../solutions/results/does_it_help"
pretrained_runs = runs.read_folder(f"{FOLDER}/pretrained")
random_runs = runs.read_folder(f"{FOLDER}/random")
starts = {"from random weights": random_runs, "pretrained": pretrained_runs}

for start, found in starts.items():
    seeds = [run["seed"] for run in found if run["augmentation"] == "basic"]
    frozen = found[0]["settings"]["frozen_epochs"]
    print(f"{start:20} {len(found[0]['history'])} epochs, {frozen} of them frozen, seeds {seeds}")


# %%
def curves(found, name, measure):
    """A measure in percent, [seeds, epochs], of all runs of one augmentation."""
    chosen = evaluation.by_seed(found, name).values()
    return np.array([[100 * epoch[measure] for epoch in run["history"]] for run in chosen])


def draw_curves(axis, found, name):
    """Draw training (dashed) and validation accuracy, mean over the seeds, and the gap between them."""
    means = [curves(found, name, f"{split}_accuracy").mean(axis=0) for split in ("train", "validation")]
    epochs = np.arange(1, len(means[0]) + 1)
    colour = figures.COLOURS[name]
    axis.plot(epochs, means[0], "--", color=colour, label=f"{name}, training images")
    axis.plot(epochs, means[1], color=colour, label=f"{name}, validation images")
    axis.fill_between(epochs, means[1], means[0], color=colour, alpha=0.12, linewidth=0)


figure, axes = figures.subplots(2, 2, size=(9.0, 6.4), sharex=True, sharey=True)
for row, (start, found) in zip(axes, starts.items(), strict=True):
    for axis, name in zip(row, ["none", "basic"], strict=True):
        draw_curves(axis, found, name)
        axis.set(title=f"{name}, {start}", ylim=(0, 102))
        axis.legend(loc="lower right", fontsize=9)
for axis in axes[1]:
    axis.set(xlabel="epoch", xticks=range(2, 21, 3))
for axis in axes[:, 0]:
    axis.set_ylabel("accuracy, %")
figures.show(
    figure,
    alt="Four pairs of curves over 20 epochs, training accuracy above validation accuracy. Without "
    "augmentation training reaches 100 % and a wide gap opens; with basic augmentation the two stay close. "
    "Pretrained, all curves end higher.",
)

# %% [markdown]
# Solid is the accuracy on validation images, dashed that on training images *as they are*, not augmented,
# so that all four pictures can be compared. The shaded area between them is the **gap**: what the network
# knows about its training images and cannot use for others. A wide gap is called **overfitting**.


# %%
def ends(found, name):
    """Training accuracy, validation accuracy and gap at the end, in percent, mean over the seeds."""
    training_end, validation_end = (
        curves(found, name, f"{split}_accuracy")[:, -1].mean() for split in ("train", "validation")
    )
    return training_end, validation_end, training_end - validation_end


print("                                training  validation   gap")
for start, found in starts.items():
    for name in ["none", "basic"]:
        print("{:20} {:9} {:9.1f} {:11.1f} {:5.1f}".format(start, name, *ends(found, name)))

# %% [markdown]
# Two things narrow the gap: a pretrained start, and augmentation. Augmented images are harder to learn by
# heart, because none of them ever comes twice.

# %% [markdown]
# ## When does it show?
#
# Augmentation is an effort first. How long does the network need until it knows nine tenths of its training
# images, as they are?


# %%
def first_epoch_above(curve, limit):
    """The first epoch, counted from 1, in which the curve is above the limit, or "never"."""
    above = np.flatnonzero(curve > limit)
    return int(above[0]) + 1 if len(above) else "never"


for start, found in starts.items():
    for name in ["none", "basic"]:
        mean = curves(found, name, "train_accuracy").mean(axis=0)
        print(f"{start:20} {name:6} training accuracy above 90 % in epoch {first_epoch_above(mean, 90)}")

# %%
figure, axes = figures.subplots(1, 2, size=(9.0, 3.6), sharex=True)
for axis, (start, found) in zip(axes, starts.items(), strict=True):
    for name in ["none", "basic"]:
        found_curves = curves(found, name, "validation_accuracy")
        epochs = np.arange(1, found_curves.shape[1] + 1)
        colour = figures.COLOURS[name]
        axis.plot(epochs, found_curves.mean(axis=0), color=colour, linewidth=2.5, label=name)
        axis.plot(epochs, found_curves.T, color=colour, linewidth=0.8, alpha=0.5)
    axis.set(title=f"Validation accuracy, {start}", xlabel="epoch", ylabel="%", xticks=range(2, 21, 3))
    axis.legend(loc="lower right")
figures.show(
    figure,
    alt="Validation accuracy over 20 epochs, a thin line for each seed and a thick one for their mean. The "
    "lines of basic jump up and down, cross those of none, and end above them.",
)

# %% [markdown]
# Thick is the mean, thin is each seed. The lines cross, and a single crossing means little: they jump. So
# we ask for a lead that *lasts*.

# %% [markdown]
# ## Exercise 2: a lead that lasts
#
# Write `lead_from(ours, theirs)`. Both are lists or arrays with the accuracy after each epoch. Return the
# number of the first epoch from which on `ours` is above `theirs` in **every** epoch, up to the last one.
# Epochs are counted from 1. Equal is not above. Return 0 if there is no such epoch, that is, if `ours` is
# not ahead at the end.
#
# An example: `ours = [30, 60, 50, 70, 80]`, `theirs = [40, 50, 60, 65, 70]` gives 4. In epoch 2 `ours` is
# ahead, too, but not in epoch 3.
#
# <details><summary>Hint</summary>
#
# Look for the *last* epoch in which `ours` is not ahead: the lead begins one epoch later. What if there is
# no such epoch? And what if it is the last one?
#
# </details>


# %%
def lead_from(ours, theirs):
    """The epoch, counted from 1, from which `ours` stays above `theirs` to the end; 0 if there is none."""
    # solution begins: Exercise 2: a lead that lasts
    lead = 0
    for epoch, (our, their) in enumerate(zip(ours, theirs, strict=True), start=1):
        if our <= their:
            lead = 0
        elif lead == 0:
            lead = epoch
    return lead
    # solution ends


# %%
checks.lesson_07.lead_from(lead_from)

# %% [markdown]
# The lesson goes on with a version in NumPy. We ask it about each seed, and about the mean of all.


# %%
def lasting_lead(ours, theirs):
    """As the exercise: the epoch after the last one without a lead, or 0."""
    not_ahead = np.flatnonzero(~(ours > theirs)) + 1
    epoch = 1 + (not_ahead[-1] if len(not_ahead) else 0)
    return int(epoch) if epoch <= len(ours) else 0


for start, found in starts.items():
    basic, none = (curves(found, name, "validation_accuracy") for name in ("basic", "none"))
    leads = [lasting_lead(*pair) for pair in zip(basic, none, strict=True)]
    print(f"{start}: basic is ahead of none for good")
    print(f"    from epoch (0: never), seed by seed: {leads}")
    print(f"    from epoch, mean over the seeds:     {lasting_lead(basic.mean(0), none.mean(0))}")

# %% [markdown]
# **TODO after five seeds**

# %% [markdown]
# ## Too much of it
#
# Is more augmentation better? We make one change stronger step by step. This zoom keeps a square part of
# the picture, at a random place, and blows it up to full size; only its size is given, as the share of the
# area that is kept. (In the list of runs it is called `random_resized_crop`, with `smallest` and `largest`
# equal.)

# %%
ZOOM = re.compile(r"random_resized_crop\(smallest=([\d.]+),largest=\1,ratio=1\)")
shares = {}  # part of the area that is kept → the augmentation's name; all of it is `none`
for name in evaluation.variants(pretrained_runs):
    if name == "none" or ZOOM.fullmatch(name):
        shares[1.0 if name == "none" else float(ZOOM.fullmatch(name)[1])] = name
shares = dict(sorted(shares.items(), reverse=True))
print("kept:", ", ".join(f"{share:.0%}" for share in shares))

# %%
dogs = tf.constant(images[[20, 47, 134]])
figure, axes = figures.subplots(3, len(shares), size=(1.5 * len(shares), 5.0))
for column, share in zip(axes.T, shares, strict=True):
    zoom = augment.random_resized_crop(smallest=share, largest=share, ratio=1)
    for axis, zoomed in zip(column, zoom(dogs, seed=[7, 1]), strict=True):
        picture(axis, zoomed, f"{share:.0%} kept" if axis is column[0] else "")
figures.show(
    figure,
    alt="Three dogs, one a row. From left to right less and less of the picture is kept and enlarged: first "
    "an ear is cut off, at last an eye and a cheek fill the picture, or little more than background.",
    kind="jpeg",
)

# %% [markdown]
# At 80 % a human has no trouble. At 30 % the ears are often gone, and sometimes most of the dog: the label
# is then a claim that the picture does not bear out. Where between the two does it turn? We look at the
# pretrained runs, and first at a single seed, as many reports do.


# %%
def shown_name(name):
    """A short name of an augmentation for tables and figures."""
    zoom = ZOOM.fullmatch(name)
    return f"zoom, {float(zoom[1]):.0%} kept" if zoom else name


def differences(found, name):
    """Test accuracy above `none` in percentage points, for each seed."""
    ours, theirs = evaluation.paired_runs(found, name)
    return 100 * np.array(
        [run["test_accuracy"] - base["test_accuracy"] for run, base in zip(ours, theirs, strict=True)]
    )


names = ["basic", *(name for name in shares.values() if name != "none")]
for name in names:
    print(f"{shown_name(name):16} seed 0: {differences(pretrained_runs, name)[0]:+.1f} points")

# %% [markdown]
# ## One seed against five
#
# What would the other seeds have told? A row for each augmentation, a column for each seed, and in each
# cell the points above `none` of the same seed.

# %%
table = np.array([differences(pretrained_runs, name) for name in names])
seeds = [f"seed {run['seed']}" for run in evaluation.paired_runs(pretrained_runs, names[0])[0]]

figure, axis = figures.subplots(size=(1.9 + 1.1 * len(seeds), 0.8 + 0.5 * len(names)))
axis.imshow(table, cmap="RdBu", vmin=-6, vmax=6, aspect="auto")
for (row, column), points in np.ndenumerate(table):
    axis.text(
        column, row, f"{points:+.1f}", ha="center", va="center", color="white" if abs(points) > 4 else "k"
    )
axis.set_xticks(range(len(seeds)), seeds)
axis.set_yticks(range(len(names)), [shown_name(name) for name in names])
axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
axis.grid(False)
axis.spines[:].set_visible(False)
figures.show(
    figure,
    alt="A table of points above none, one row an augmentation, one column a seed; blue is better, red "
    "worse. Rows of strong zooms are red throughout; in other rows colours differ from seed to seed.",
)

# %%
for seed, column in zip(seeds, table.T, strict=True):
    print(
        f"{seed}: the best augmentation is {shown_name(names[column.argmax()])}, {column.max():+.1f} points"
    )

# %% [markdown]
# **TODO after five seeds** Read a column: that is the whole experiment of someone with one seed.

# %% [markdown]
# ## Exercise 3: the mean of five, and how sure it is
#
# Five pairs give five differences. Their mean is the estimate. How far it may be off is told by the 95 %
# **confidence interval** of Student: mean ± t · s / √n. Here n is the number of pairs, s the standard
# deviation of the *differences* (estimated from a sample: divide by n − 1), and t a factor that makes up
# for few pairs: the 97.5 % point of Student's distribution with n − 1 degrees of freedom
# (`scipy.stats.t.ppf`). The point is 97.5 % because 2.5 % are left out at either end.
#
# Write `difference_interval(accuracies, baseline)`. Both are lists with one accuracy a seed, the same seed
# at the same place. Return `(mean, low, high)` of `accuracies` minus `baseline`.
#
# <details><summary>Hint</summary>
#
# The differences first, in one array; everything else is about that array. NumPy's `std` divides by n
# unless it is told otherwise (`ddof`).
#
# </details>


# %%
def difference_interval(accuracies, baseline):
    """Mean of the paired differences and its 95 % Student interval: (mean, low, high)."""
    # solution begins: Exercise 3: the mean of five, and how sure it is
    differences = np.asarray(accuracies) - np.asarray(baseline)
    count = len(differences)
    factor = scipy.stats.t.ppf(0.975, count - 1)
    half = factor * differences.std(ddof=1) / np.sqrt(count)
    return differences.mean(), differences.mean() - half, differences.mean() + half
    # solution ends


# %%
checks.lesson_07.difference_interval(difference_interval)

# %% [markdown]
# `evaluation.paired_difference` does the same, and adds a verdict: `better` where the whole interval lies
# above 0, `worse` where it lies below, `no clear difference` where it reaches to both sides.
#
# ## What five seeds say
#
# ### The zoom


# %%
def verdict(ours, theirs):
    """The paired difference of two lists of runs in words."""
    accuracies = [[100 * run["test_accuracy"] for run in found] for found in (ours, theirs)]
    found = evaluation.paired_difference(*accuracies)
    return f"{found.mean:+5.1f} points, {found.low:+5.1f} to {found.high:+5.1f}: {found.verdict}"


for name in names:
    print(f"{shown_name(name):16} {verdict(*evaluation.paired_runs(pretrained_runs, name))}")

# %%
zooms = [share for share in shares if share < 1]
figure, axis = figures.subplots(size=(7.0, 3.8))
axis.axhline(0, color=figures.INK, linewidth=1)
for share in zooms:
    points = differences(pretrained_runs, shares[share])
    mean, low, high = evaluation.mean_interval(points)
    axis.plot([100 * share] * len(points), points, "o", color=figures.MUTED, alpha=0.5, markersize=5)
    axis.plot([100 * share] * 2, [low, high], color="#d55e00", linewidth=4, alpha=0.6)
    axis.plot(100 * share, mean, "D", color="#d55e00", markersize=8)
axis.set(xlabel="share of the picture that is kept, %", ylabel="points above none", xlim=(103, 25))
axis.set_title("A little zoom does no harm, a strong one loses the dog")
figures.show(
    figure,
    alt="Points of test accuracy above none against the share of the picture that is kept, with intervals: "
    "near zero on the left, where most is kept, and far below on the right.",
)

# %% [markdown]
# **TODO after five seeds**
#
# Two things go wrong with a strong zoom, and this comparison cannot tell them apart: the picture loses what
# its label says, and the network never sees a dog at the size that the test images have. Augmentations in
# practice draw the size for each image anew, from a range up to the whole picture, so that both stay
# moderate.

# %% [markdown]
# ### Augmentation and pretraining

# %%
for start, found in starts.items():
    print(f"basic above none, {start:20} {verdict(*evaluation.paired_runs(found, 'basic'))}")
for name in ["none", "basic"]:
    ours, theirs = (
        list(evaluation.by_seed(found, name).values()) for found in (pretrained_runs, random_runs)
    )
    print(f"pretrained above random, {name:13} {verdict(ours, theirs)}")

# %%
four = [
    {**run, "augmentation": f"{run['augmentation']}, {word}"}
    for word, found in {"random": random_runs, "pretrained": pretrained_runs}.items()
    for run in found
    if run["augmentation"] in ("none", "basic")
]
figures.show(*charts.accuracy(four, baseline="none, random"))

# %% [markdown]
# **TODO after five seeds**

# %% [markdown]
# ## What you learned
#
# - A pretrained network is taken over without its top: the head belongs to the old classes, the features
#   serve new ones.
# - Frozen, the features are computed once and a head is trained in seconds. With augmentation they change
#   in every epoch, and the trick ends.
# - Head first, then fine-tune everything. `trainable = False` also stops the averages of
#   BatchNormalization.
# - The gap between training and validation shows overfitting; pretraining and augmentation narrow it.
# - Augmentation can do harm: the turning point is where the picture no longer shows what its label says.
# - One seed is an anecdote. Pair the runs, take at least five seeds, and give the interval of the
#   differences.
#
# ## Questions
#
# 1. A friend stores the features of ten augmented versions of each image and trains a head on them. What
#    does that save, and what does it cost?
#
#    <details><summary>Answer</summary>
#
#    Ten passes for each image, however many epochs follow: cheap. But the head sees the same ten versions
#    again and again, and the backbone stays frozen: it cannot learn from the augmentation at all.
#
#    </details>
#
# 2. Variant A is better than `none` in all of three seeds, by 0.2, 4.0 and 0.3 points. Is it better?
#
#    <details><summary>Answer</summary>
#
#    The mean is 1.5 points. With three pairs t is 4.3, so the interval is about 1.5 ± 5.4: no clear
#    difference. More seeds may decide it.
#
#    </details>
#
# 3. With augmentation a network reaches 96 % on its training images, without it 100 %. On validation images
#    it is 90 % with and 87 % without. Which network do you take, and what does the training accuracy tell?
#
#    <details><summary>Answer</summary>
#
#    The first. Training accuracy tells how well the images are learned by heart, and learning by heart is
#    what augmentation prevents. Only images that were not trained on can tell which network is better.
#
#    </details>
#
# **Next.** Lesson 08, CutMix, which mixes two images and their labels.
