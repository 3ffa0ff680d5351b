# %% [markdown]
# # 07 Does it help?
#
# **Goal.** Teach a pretrained network new classes, and find out by a fair comparison what pretraining and
# augmentation are worth, and when augmentation does harm.
#
# **Time.** 55 minutes. A good place to pause is before *Too much of it*. What is marked "may be skipped" is
# not needed later.
#
# **You need to know** lesson 01 (batches, training, validation and test images) and lesson 02 (the course's
# `augment(images, *, seed)`).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

profile = settings.load()
course = settings.load(weights=profile.weights or "more_breeds")  # which weights the network starts from

# %%
import dataclasses
import re

import keras
import numpy as np
import scipy
import tensorflow as tf
import toy_dogs.breeds
import toy_dogs.portrait

from utils import augment, checks, data, evaluation, experiment, figures, models, training
from utils.experiment import runs

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
# A classifier has two parts. The **backbone** turns an image into a list of numbers, the **features** (here
# 128). The **head** (or **top**) is the last layer: it turns features into a probability for each class.

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
for row, query in zip(axes, [0, 70, 95], strict=True):
    picture(row[0], validation_images[query], class_names[validation_labels[query]])
    for name, places in {"pretrained": row[2:5], "random": row[6:9]}.items():
        for axis, index in zip(places, nearest[name][query], strict=False):
            same = labels[index] == validation_labels[query]
            picture(axis, images[index], class_names[labels[index]], "#0072b2" if same else None)
for column, text in {0: "image", 3: "nearest, pretrained", 7: "nearest, random"}.items():
    axes[0, column].set_title(f"{text}\n\n{axes[0, column].get_title()}", fontsize=9.5, loc="center")
figures.show(
    figure,
    alt="Three validation images, one a row, each followed by its three nearest training images by "
    "pretrained features and by random features. Blue frames mark the same class: most of the pretrained "
    "ones have one, none of the random ones.",
    kind="jpeg",
)

# %% [markdown]
# The random backbone goes by rough colours, if by anything. The pretrained one finds dogs that look alike, of
# breeds that it has never been told of. It is not perfect, and need not be: a head is still to come.

# %% [markdown]
# ## Frozen: the features once, the head in seconds
#
# The first way to use a pretrained backbone is to leave it alone: its weights are **frozen**, and only the
# new head learns. (The frozen augmentation of lesson 01 was a mistake; this freezing is what we want.) Then
# the features of an image never change. So we compute them *once* (we just did) and train the head on them
# as if they were the images: no image passes the backbone again.


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
neighbour = np.argsort(others)[1]  # the first one is the image itself
print(f"for comparison, its nearest neighbour {others[neighbour]:.1f}, the median {np.median(others):.1f}")
print(f"the image is a {class_names[labels[20]]}, the neighbour a {class_names[labels[neighbour]]}")

# %%
figure, axes = figures.subplots(2, 5, size=(8.6, 2.5), height_ratios=[4, 1])
for number, (above, below) in enumerate(axes.T):
    picture(above, versions[number][0], "original" if number == 0 else f"version {number}")
    below.imshow((strips[number] - strips[0])[:64].reshape(4, 16), cmap="RdBu", vmin=-1.5, vmax=1.5)
    below.set(xticks=[], yticks=[])
    below.grid(False)
    below.spines[:].set_visible(True)
figures.show(
    figure,
    alt="A dog and four augmented versions of it; under each a small table of coloured cells, how far its "
    "first 64 features are from those of the original: blank for the original, another pattern for each "
    "version.",
)

# %% [markdown]
# Below each picture stands what has changed in its first 64 features: blue is more than in the original, red
# less. Every version has its own pattern, and some are further from the original than its nearest neighbour,
# a dog of the same breed. So features stored once are those of one version, and there are only two ways on:
# store some versions of each image, a small and fixed choice; or send the images through the backbone in
# every epoch, which for 720 images and 20 epochs means 14,400 passes in place of 720. All that follows does
# the latter.

# %% [markdown]
# ## Exercise 1: put a new head on
#
# Write `frozen_classifier(backbone, num_classes)`. It returns a Keras model that takes the images that the
# backbone takes and gives a probability for each of `num_classes` classes. The backbone keeps its weights
# and is frozen; the head is one new layer, with `num_classes` outputs, and it learns. `backbone` is a Keras
# model from images to features `[B, F]`.
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
# The lesson goes on with the project's own training, which freezes by itself, in place of your function.
#
# ### Frozen means more than "no gradient" (may be skipped)
#
# **BatchNormalization** layers scale with a mean and a spread. In training they take those of the batch and
# update a running average; afterwards they use the average. A frozen one must not update it either, or the
# features change although no weight is trained. Keras sees to that: `trainable = False` puts such a layer
# into its inference mode, also when the model is called with `training=True`.

# %%
batch = images[:64].astype("float32")
pretrained_weights = backbone.get_weights()


def running_mean(model):
    """The running averages of the means in all BatchNormalization layers, as one array."""
    return np.concatenate([weight.numpy() for weight in model.weights if weight.path.endswith("moving_mean")])


for frozen in [True, False]:
    backbone.trainable = not frozen
    before = running_mean(backbone)
    backbone(batch, training=True)
    changed = np.abs(running_mean(backbone) - before).max() > 0
    print(f"trainable={backbone.trainable!s:5} one call with training=True changes the averages: {changed}")

backbone.set_weights(pretrained_weights)  # as they were

# %% [markdown]
# ## Then fine-tune
#
# The second step is **fine-tuning**: unfreeze the backbone and go on with all weights. Why not at once? A
# new head is random, so the first gradients that it sends back are random, too, and would pull the good
# weights about. So first the head alone, with a rate of 0.001; then everything, with a rate that rises in the
# first steps to no more than that, and then falls. (For large networks such as ResNet50 it stays ten times
# lower.) Only the BatchNorm layers of the backbone stay as they are: their statistics belong to the
# pretrained weights, and few images would spoil them.
#
# We watch one short run live: two frozen epochs, then five with all weights. `experiment.Comparison` is
# what the project's commands use: it loads the data and trains with the settings that it is given.

# %%
low_rate = min(course.learning_rate, training.HEAD_LEARNING_RATE)
short = dataclasses.replace(course, epochs=7, frozen_epochs=2, learning_rate=low_rate)
comparison = experiment.Comparison(short)
print(f"{short.model} with {short.weights}, {short.epochs} epochs, of them {short.frozen_epochs} frozen")

# %% tags=["nbval-ignore-output"]
run = comparison.train("none", seed=0)[0]
print("epoch         rate at its end  training accuracy  validation accuracy")
for epoch in run.history:
    state = "head only" if epoch["epoch"] <= short.frozen_epochs else "all"
    print(
        f"{epoch['epoch']:5} {state:9} {epoch['learning_rate']:12.5f} {epoch['train_accuracy']:15.0%} "
        f"{epoch['validation_accuracy']:18.0%}"
    )
model = comparison.model()
learned = {"trained on whole pictures": model.get_weights()}  # for a test further down

# %% [markdown]
# Head only, the accuracy is far below what the head reached above in its first two epochs. There it learned
# with a rate of 0.01, here with 0.001: it is not finished, but no longer random, and that is all we ask of
# it. With all weights the accuracy soon jumps, and it passes what the head alone reached above. The
# pretrained backbone was a good place to start from, not the best place to stay at.

# %% [markdown]
# ## A fair comparison
#
# One short run is an example. For a result we need a comparison in which one thing differs and all else is
# equal. The repository holds such runs (others than those of lessons 08, 09 and 14, which are twice as
# long). Each has 20 epochs, and was made with
#
# ```
# python -m utils.experiment --weights more_breeds --epochs 20 --frozen-epochs 3
#     --learning-rate 0.001 --augment none basic --seeds 5
#     --out solutions/results/does_it_help/pretrained
# python -m utils.experiment --epochs 20
#     --augment none basic … --seeds 5 --out solutions/results/does_it_help/random
# ```
#
# (For the dots stand five crops that come further down; `command.txt` in each folder has the whole
# command.)
#
# `none` trains on the images as they are: the **baseline**, with which the other is compared. `basic` is
# lesson 02's `augment.basic`. A **seed** fixes everything that is left to chance: the random weights, the
# order of the images, the draws of the augmentation. For the same seed, `none` and `basic` start from the
# same weights and see the same images in the same order, for as many steps. The two are a **pair**.
#
# <details><summary>On the full profile (may be skipped)</summary>
#
# Put `COURSE_PROFILE=full` before both commands. The first one then needs `--augment`, `--seeds` and `--out`
# only, the second one `--weights none --frozen-epochs 0` in addition. Write your folder into `FOLDER`.
#
# </details>

# %%
FOLDER = "../solutions/results/does_it_help"
pretrained_runs = runs.read_folder(f"{FOLDER}/pretrained")
random_runs = runs.read_folder(f"{FOLDER}/random")
starts = {"from random weights": random_runs, "pretrained": pretrained_runs}

for start, found in starts.items():
    seeds = [run.seed for run in found if run.augmentation == "basic"]
    frozen = found[0].settings["frozen_epochs"]
    print(f"{start:20} {len(found[0].history)} epochs, {frozen} of them frozen, seeds {seeds}")


# %%
def curves(found, name, measure):
    """A measure in percent, [seeds, epochs], of all runs of one augmentation."""
    chosen = evaluation.by_seed(found, name).values()
    return np.array([[100 * epoch[measure] for epoch in run.history] for run in chosen])


def shade_frozen(axis, found):
    """Shade the epochs in which only the head learns, if there are any."""
    frozen = found[0].settings["frozen_epochs"]
    if frozen:
        axis.axvspan(0.5, frozen + 0.5, color=figures.MUTED, alpha=0.2, linewidth=0, label="head only")


def draw_curves(axis, found, name):
    """Draw training (dashed) and validation accuracy, mean over the seeds, and the gap between them."""
    means = [curves(found, name, f"{split}_accuracy").mean(axis=0) for split in ("train", "validation")]
    epochs = np.arange(1, len(means[0]) + 1)
    colour = figures.COLORS[name]
    axis.plot(epochs, means[0], "--", color=colour, label=f"{name}, training images")
    axis.plot(epochs, means[1], color=colour, label=f"{name}, validation images")
    axis.fill_between(epochs, means[1], means[0], color=colour, alpha=0.12, linewidth=0)


figure, axes = figures.subplots(2, 2, size=(9.0, 6.4), sharex=True, sharey=True)
for row, (start, found) in zip(axes, starts.items(), strict=True):
    for axis, name in zip(row, ["none", "basic"], strict=True):
        shade_frozen(axis, found)
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
    "Pretrained, the validation curves end higher; a grey band marks the three epochs of the head only.",
)

# %% [markdown]
# Solid is the accuracy on validation images, dashed that on training images *as they are*, not augmented,
# so that all four pictures can be compared. The shaded area between them is the **gap**: what the network
# knows about its training images and cannot use for others. A wide gap is called **overfitting**.
#
# The grey band marks the epochs in which only the head learns. There a pretrained network looks slow, slower
# even than one that starts from random weights with all of them.


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
#
# A small gap is not yet a good network, though. From random weights, `basic` has a smaller gap than the
# pretrained start has with `none`, and yet less validation accuracy: a part of its gap is missing only
# because its training images are not finished, either.

# %% [markdown]
# ## When does it show?
#
# Augmentation is an effort first. How long does the network need until it knows nine tenths of its training
# images, as they are? (Pretrained, the first three epochs are those of the head only.)


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
figure, axes = figures.subplots(1, 2, size=(9.0, 3.6), sharex=True, sharey=True)
for axis, (start, found) in zip(axes, starts.items(), strict=True):
    shade_frozen(axis, found)
    for name in ["none", "basic"]:
        found_curves = curves(found, name, "validation_accuracy")
        epochs = np.arange(1, found_curves.shape[1] + 1)
        colour = figures.COLORS[name]
        axis.plot(epochs, found_curves.mean(axis=0), color=colour, linewidth=2.5, label=name)
        axis.plot(epochs, found_curves.T, color=colour, linewidth=0.8, alpha=0.5)
    axis.set(title=f"Validation accuracy, {start}", xlabel="epoch", ylabel="%", xticks=range(2, 21, 3))
    axis.legend(loc="lower right")
figures.show(
    figure,
    alt="Validation accuracy over 20 epochs, a thin line for each seed and a thick one for their mean. The "
    "lines of basic jump up and down, cross those of none, and end far above them from random weights, "
    "hardly above where the start is pretrained. A grey band marks the epochs of the head only.",
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
# The lesson goes on with a version in NumPy. We ask it about each seed, and about the mean curve (the
# thick line).


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
    print(f"    from epoch, of the mean curve:       {lasting_lead(basic.mean(0), none.mean(0))}")

# %% [markdown]
# Slower in learning its training images, better at the end: that is what augmentation costs and brings. Who
# stops before the lead begins concludes that augmentation does harm. And it begins in other epochs with
# other seeds; late where the start is pretrained, and with two seeds never. In the mean curve a dip of a
# single seed, which ends the lead of that seed, averages out.

# %% [markdown]
# ## Too much of it
#
# Is more augmentation better? We make one change stronger, step by step, with networks that start from
# random weights. It is a **crop**: of each image a square part is drawn, at a random place, and blown up to
# full size. The area of the part is drawn, too, between a smallest share and the whole picture. The smaller
# the smallest share, the stronger the augmentation. (Lesson 02 counted in sides and was careful, for the
# ears' sake: 90 % of the side is 81 % of the area. Now we measure.) (In the runs it is called
# `random_resized_crop(smallest=…)`.)

# %%
CROP = re.compile(r"random_resized_crop\(smallest=([\d.]+),ratio=1\)")
names = [name for name in evaluation.variants(random_runs) if CROP.fullmatch(name)]
crops = {float(CROP.fullmatch(name)[1]): name for name in names}  # smallest share → name of the augmentation
crops = dict(sorted(crops.items(), reverse=True))  # from weak to strong
print("smallest shares of the area:", ", ".join(f"{smallest:.0%}" for smallest in crops))

# %%
seven = tf.repeat(tf.constant(images[134:135]), 7, axis=0)
figure, axes = figures.subplots(len(crops), 7, size=(8.2, 1.2 * len(crops)), squeeze=False)
for row, smallest in zip(axes, crops, strict=True):
    crop = augment.random_resized_crop(smallest=smallest, ratio=1)
    for axis, cropped in zip(row, crop(seven, seed=[7, 45]), strict=True):
        picture(axis, cropped, "")
    row[0].set_ylabel(f"from {smallest:.0%}")
figures.show(
    figure,
    alt="Crops of one dog, seven draws a row. In the first row nearly all of the dog is always to be seen; "
    "further down some crops come closer and closer: half a face, at last a scarf, or grass.",
    kind="jpeg",
)

# %% [markdown]
# Every row has the same draws, only stronger. In the first one the label always holds. In the last one two
# of seven crops show a scarf or the grass, and the label is a claim that the picture does not bear out: the
# dog is **lost**. Where does more become too much? We look at a single seed first, as many reports do.


# %%
def shown_name(name):
    """A short name of an augmentation for tables and figures."""
    crop = CROP.fullmatch(name)
    return f"crop from {float(crop[1]):.0%}" if crop else name


def differences(found, name):
    """Test accuracy above `none` in percentage points: a dict from seed to points."""
    pairs = zip(*evaluation.paired_runs(found, name), strict=True)
    return {run.seed: 100 * (run.test_accuracy - base.test_accuracy) for run, base in pairs}


for name in ["basic", *crops.values()]:
    print(f"{shown_name(name):14} above none, seed 0: {differences(random_runs, name)[0]:+5.1f} points")

# %% [markdown]
# ## One seed against five
#
# What would the other seeds have told? A row for each augmentation, a column for each seed, and in each
# cell the points above `none` of the same seed and the same start. Whoever has one seed must choose a crop
# with it, on *validation* images: the test images must have no say in a choice that they are to judge. The
# crop that each seed would choose is framed.

# %%
rows = {shown_name(name): differences(random_runs, name) for name in ["basic", *crops.values()]}
rows = {"basic, pretrained": differences(pretrained_runs, "basic"), **rows}
seeds = list(rows["basic"])
table = np.array([[points.get(seed, np.nan) for seed in seeds] for points in rows.values()])

chosen_rows = []  # for each seed the row of the crop with the best validation accuracy
for seed in seeds:
    of_seed = [evaluation.by_seed(random_runs, name).get(seed) for name in crops.values()]
    accuracies = [-1 if run is None else run.validation_accuracy for run in of_seed]
    chosen_rows.append(2 + int(np.argmax(accuracies)))

figure, axis = figures.subplots(size=(2.2 + 1.1 * len(seeds), 0.8 + 0.48 * len(rows)))
axis.imshow(table, cmap="RdBu", vmin=-25, vmax=25, aspect="auto")
for (row, column), points in np.ndenumerate(table):
    frame = {"boxstyle": "square,pad=0.4", "facecolor": "none", "linewidth": 2}
    text = "" if np.isnan(points) else f"{points:+.1f}"
    framed = row == chosen_rows[column]
    axis.text(column, row, text, ha="center", va="center", bbox=frame if framed else None)
axis.set_xticks(range(len(seeds)), [f"seed {seed}" for seed in seeds])
axis.set_yticks(range(len(rows)), rows)
axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
axis.grid(False)
axis.spines[:].set_visible(False)
figures.show(
    figure,
    alt="A table of points above none, one row an augmentation, one column a seed; the bluer, the better. "
    "All augmentations gain from random weights with every seed; pretrained, the gain of basic is small. "
    "The crop from 40 % is framed for three seeds, that from 20 % for two.",
)

# %% [markdown]
# Read one column: that is the whole experiment of someone with one seed. That `basic` and the crops help
# from random weights, every column tells. But by how much, and which crop is best? What does a step from one
# crop to the next, stronger one bring?

# %%
steps = np.diff(table[2:], axis=0)
for weaker, stronger, points in zip(list(rows)[2:], list(rows)[3:], steps, strict=False):
    shown = ", ".join(f"{value:+.1f}" for value in points)
    print(f"{weaker} → {stronger:13} seed by seed: {shown}")
print("chosen on validation images, seed by seed:", ", ".join(list(rows)[row] for row in chosen_rows))

# %% [markdown]
# The first step is a gain with every seed. About the others the seeds disagree: the second one costs more
# than five points with one seed and nothing with another one, the last one is a gain with some seeds and a
# loss with others. And each would report its own best crop: three from 40 %, two from 20 %.
# **One seed settles large effects only.** For small ones we need the mean of several, and must know how sure
# it is.

# %% [markdown]
# ## Exercise 3: the mean of five, and how sure it is
#
# Five pairs give five differences. Their mean is the estimate. How far it may be off is told by the 95 %
# **confidence interval** of Student, from here on the *95 % interval*: mean ± t · s / √n. Here n is the
# number of pairs, s the standard deviation of the *differences* (estimated from a sample: divide by n − 1),
# and t a factor that makes up for few pairs: the 97.5 % point of Student's distribution with n − 1 degrees
# of freedom (`scipy.stats.t.ppf`). The point is 97.5 % because 2.5 % are left out at either end.
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
# ### The turning point
#
# First each crop against `none`, with its training accuracy at the end. Then against the best crop, chosen
# on validation images, by the mean of all seeds this time.


# %%
def verdict(ours, theirs):
    """The paired difference in words; both are dicts from seed to run."""
    shared = [seed for seed in ours if seed in theirs]
    accuracies = [[100 * found[seed].test_accuracy for seed in shared] for found in (ours, theirs)]
    found = evaluation.paired_difference(*accuracies)
    return f"{found.mean:+5.1f} points, {found.low:+5.1f} to {found.high:+5.1f}: {found.verdict}"


without = evaluation.by_seed(random_runs, "none")
for name in crops.values():
    print(f"{shown_name(name):13} above none: {verdict(evaluation.by_seed(random_runs, name), without)}")
for name in crops.values():
    print(f"{shown_name(name):13} training accuracy at the end: {ends(random_runs, name)[0]:.1f} %")

chosen = evaluation.chosen_variant([run for run in random_runs if run.augmentation in crops.values()])
print(f"\nbest on validation images: {shown_name(chosen)}")
best = evaluation.by_seed(random_runs, chosen)
for name in [*crops.values(), "basic"]:
    if name != chosen:
        print(f"{shown_name(name):13} above it: {verdict(evaluation.by_seed(random_runs, name), best)}")

# %%
figure, axis = figures.subplots(size=(7.4, 3.8))
axis.axhline(0, color=figures.INK, linewidth=1)
of_crops = [differences(random_runs, name) for name in crops.values()]
all_points = [list(points.values()) for points in of_crops]
for seed in seeds:
    line = [points.get(seed, np.nan) for points in of_crops]
    axis.plot(line, "o-", color=figures.MUTED, alpha=0.6, linewidth=0.8, markersize=5)
for place, points in enumerate(all_points):
    mean, low, high = evaluation.mean_interval(points)
    axis.plot([place] * 2, [low, high], color="#d55e00", linewidth=5, alpha=0.3)
axis.plot([np.mean(points) for points in all_points], "D-", color="#d55e00", markersize=8)
axis.set_xticks(range(len(crops)), [f"from {smallest:.0%}" for smallest in crops])
axis.set(xlabel="smallest share of the picture, from weak to strong", ylabel="points above none")
axis.set_title("Stronger is better only up to a point")
figures.show(
    figure,
    alt="Points of test accuracy above none for crops from weak to strong, a thin line with dots for each "
    "seed, a bar for the interval. The mean rises from the crop from 70 % to that from 40 %, falls to that "
    "from 10 %, and changes little after it.",
)

# %% [markdown]
# The first list says that every crop is better than none. The last one says which are too strong: a `worse`
# there gives away a part of the gain. So at 70 % it has not come yet, and at 10 % the turning point is past;
# on which side of it 20 % lies, the seeds cannot tell. With four of five of them 20 % is below 40 %, by up to
# 5.5 points, and yet it is no clear difference: the five scatter so much that the interval reaches beyond 0.
#
# Why is stronger worse? Some crops have lost the dog, and the network learns from labels that do not hold.
# But the training accuracy falls as well: stronger crops are learned more slowly, and 20 epochs may be too
# short for them. Both may play a part, and these runs do not tell them apart.
#
# And look at the last line: the best crop is about five points behind plain `basic`. What we found is the
# best strength of *one* augmentation, not the best augmentation. (Both networks are tested on images as they
# are; lesson 10 tests them otherwise, and the gap closes.)
#
# In the figure the bars of neighbours overlap, and yet the last list is sure of three of the crops. That is
# what pairs are for: a seed that is good or bad for `none` moves its whole thin line up or down, and that
# cancels out when two crops are compared seed by seed.
#
# ### A zoom that is always there
#
# Why does the crop go *up to the whole picture*? Let us always zoom, and keep 30 % of each picture. That
# could do harm in two ways: the dog is lost, or the network learns zoomed dogs well, but the test asks for
# whole ones, a size at which it has never seen any. We train one more short run like the one that we watched
# live: pretrained, seven epochs, one seed only, for the effect will be large. Then we ask both networks both
# questions.

# %% tags=["nbval-ignore-output"]
ZOOMED = "random_resized_crop(smallest=0.3,largest=0.3,ratio=1)"
comparison.train(ZOOMED, seed=0)
learned["trained on zoomed pictures"] = model.get_weights()

whole = tf.constant(validation_images)
zoomed = augment.random_resized_crop(smallest=0.3, largest=0.3, ratio=1)(whole, seed=[7, 2])
print("validation images:             whole  zoomed")
for name, weights in learned.items():
    model.set_weights(weights)
    accuracies = [
        evaluation.top1(model.predict(asked, verbose=0), validation_labels) for asked in (whole, zoomed)
    ]
    print(f"{name:28} {accuracies[0]:7.0%} {accuracies[1]:7.0%}")

# %% [markdown]
# Each network is good at the pictures that it was trained for, and bad at the others. The zoomed pictures
# still hold enough to tell most dogs, or their own network could not do it. So a part of the dogs is lost,
# but the larger part of the harm is that the question has changed.
#
# Hence the rule: **augmentation must cover what the test shows.** `basic` does, and so does a crop that
# goes up to the whole picture. A zoom that is always there does not, however natural its pictures look.

# %% [markdown]
# ### Augmentation and pretraining

# %%
print("basic above none")
for start, found in starts.items():
    with_basic, without = (evaluation.by_seed(found, name) for name in ("basic", "none"))
    print(f"    {start:20} {verdict(with_basic, without)}")
    errors = [100 - 100 * np.mean([run.test_accuracy for run in of.values()]) for of in (without, with_basic)]
    print(f"    {'':20} errors {errors[0]:.1f} % with none, {errors[1]:.1f} % with basic")
print("pretrained above random weights")
ours, theirs = (
    {name: evaluation.by_seed(found, name) for name in ("none", "basic")}
    for found in (pretrained_runs, random_runs)
)
print(f"    both none            {verdict(ours['none'], theirs['none'])}")
print(f"    both basic           {verdict(ours['basic'], theirs['basic'])}")
print(f"    none, against basic  {verdict(ours['none'], theirs['basic'])}")

# %%
figure, axis = figures.subplots(size=(7.0, 2.8))
places = [(start, name) for start in starts for name in ("none", "basic")]
for row, (start, name) in enumerate(places):
    points = [100 * run.test_accuracy for run in evaluation.by_seed(starts[start], name).values()]
    look = {"color": figures.COLORS[name], "marker": figures.MARKERS[name]}
    axis.plot(points, [row] * len(points), linestyle="none", alpha=0.6, **look)
    axis.plot([np.mean(points)] * 2, [row - 0.3, row + 0.3], color=look["color"], linewidth=3)
axis.set_yticks(range(4), [f"{name}, {start}" for start, name in places])
axis.set(xlabel="accuracy on test images, %", title="What each of the two is worth", ylim=(3.5, -0.5))
figures.show(
    figure,
    alt="Test accuracy, a dot a run and a bar for the mean: without augmentation from random weights far "
    "behind; basic from random weights and none pretrained close together; basic pretrained a little ahead.",
)

# %% [markdown]
# Both help. In 20 epochs the pretrained start without any augmentation is worth as much as `basic` from
# random weights. On top of it, augmentation brings far fewer points than alone. In part
# there are fewer errors left to mend, and in part the two give the same thing, knowledge that 720 pictures do
# not hold. (The pretrained
# network has itself been trained with `basic`, on other dogs. What mirroring and light do not change, it
# may know.)
#
# A part of what pretraining gives is time. From random weights, with `basic` and twice as many epochs:

# %%
longer = list(evaluation.by_seed(runs.read_folder("../solutions/results/project"), "basic").values())
accuracies = [100 * run.test_accuracy for run in longer]
mean, low, high = evaluation.mean_interval(accuracies)
print(f"{len(longer[0].history)} epochs, {len(longer)} seeds: {mean:.1f} %, {low:.1f} to {high:.1f}")
for start, name in [("pretrained", "none"), ("from random weights", "basic"), ("pretrained", "basic")]:
    reached = [100 * run.test_accuracy for run in evaluation.by_seed(starts[start], name).values()]
    print(f"for comparison, 20 epochs, {name}, {start}: {np.mean(reached):.1f} %")

# %% [markdown]
# That is more than the pretrained start reaches in 20 epochs, with `basic` or without: with more time,
# augmentation from random weights makes up for the start. A comparison holds for the budget that it was made
# with.

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
# - More augmentation is not always better: there is a turning point, where the picture no longer shows what
#   its label says. And augmentation must cover what the test shows: a zoom that is always there does not.
# - One seed is an anecdote. Pair the runs, take several seeds (three at the least; five make a verdict
#   firm), and give the interval of the differences.
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
# **Next.** [Lesson 08, CutMix](08_cutmix.ipynb), which mixes two images and their labels.
