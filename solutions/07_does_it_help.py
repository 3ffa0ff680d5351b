# %% [markdown]
# # 07 Does it help?
#
# **Goal.** Fine-tune a pretrained network with and without augmentation, and judge by a fair comparison
# whether augmentation helps, and when it does harm.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (batches in `tf.data`) and lesson 02 (`augment(images, *, seed)`, a data set
# of seeds).
#
# **Source.** Keras' guide [Transfer learning and fine-tuning](https://keras.io/guides/transfer_learning/).
#
# Numbers in the text are those of the profile `quick`, the toy dogs.

# %%
from utils import quiet, settings  # noqa: F401

profile = settings.load()
course = settings.load(weights=profile.weights or "more_breeds")  # what the network has learned before

import time

import keras
import numpy as np
import scipy
import tensorflow as tf
import toy_dogs.breeds

from utils import augment, checks, data, evaluation, figures, models
from utils.experiment import runs

# %% [markdown]
# ## ResNet50 without its top
#
# A classifier has two parts. The **backbone** turns an image into a list of numbers, its **features**. The
# **head** (or **top**) is the last layer: it turns features into a probability for each class.
#
# What a backbone has learned from some pictures is often of use for others. To take it over is **transfer
# learning**, and such a network is **pretrained**. Its head is of no use: it has an output for each of *its*
# classes. So the network is loaded without its top:

# %%
resnet = keras.applications.ResNet50(
    include_top=False, weights=None, pooling="avg", input_shape=(128, 128, 3)
)
print(f"{len(resnet.layers)} layers, {resnet.count_params():,} weights, {resnet.output_shape[1]:,} features")

# %% [markdown]
# The network ends in 2,048 small maps of numbers, and `pooling="avg"` takes the mean of each. With
# `weights="imagenet"` Keras downloads what it has learned from **ImageNet**, more than a million photographs.
# `None`, as here, means random weights: they need no download, and a training step takes as long. How long?

# %% tags=["nbval-ignore-output"]
classifier = keras.Sequential([resnet, keras.layers.Dense(10, activation="softmax")])
classifier.compile("sgd", loss="categorical_crossentropy")
black, even = np.zeros([16, 128, 128, 3], "float32"), np.full([16, 10], 0.1, "float32")
for _ in range(2):  # the first step also builds the graph
    start = time.perf_counter()
    classifier.train_on_batch(black, even)
    seconds = time.perf_counter() - start
minutes = 20 * 1000 / 16 * seconds / 60
print(f"a step with 16 images: {seconds:.1f} s; 20 epochs of 1,000 images: {minutes:.0f} minutes")

# %% [markdown]
# And one training is no comparison: this lesson looks at dozens. That is why the profile `quick` takes a
# small ResNet and images of 48 pixels. On the profiles `photos` and `full` the same lines take ResNet50.

# %%
size, chosen = course.image_size, course.classes
class_names = data.info(course.dataset, chosen).class_names
keras.utils.set_random_seed(7)
model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
backbone, head = model.layers[-2:]
print(f"backbone: {backbone.count_params():,} weights, {backbone.output_shape[1]:,} features")
print(f"head:     {head.count_params():,} weights, {len(class_names)} classes")

# %% [markdown]
# `models.build` joins three parts: a layer that rescales images, the pretrained backbone, and a new head with
# random weights. The small backbone (its weights are called `more_breeds`) has learned ten breeds of toy
# dogs. Are any of the breeds in our data among them?

# %%
old_breeds = {breed.name for breed in toy_dogs.breeds.MORE_BREEDS}
print("learned before: ", ", ".join(sorted(old_breeds)))
print("in the toy dogs:", len(old_breeds & set(data.info("toy_dogs").class_names)))

# %% [markdown]
# None. Now the batches. A class number becomes a **one-hot** row: 1 for its class, 0 for all others, as many
# numbers as the network gives probabilities. `categorical_crossentropy`, below, compares the two.


# %%
def one_hot(image, label):
    """The label as a row of the unit matrix."""
    return image, tf.one_hot(label, len(class_names))


def plain_batches():
    """Training batches; whenever they are made, the images come in the same order."""
    images = train.map(one_hot).cache().shuffle(len(train), seed=7)
    return images.batch(course.batch_size, drop_remainder=True)


train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)
validation_batches = validation.map(one_hot).batch(course.batch_size).cache()
print(f"{len(train)} training images, {len(validation)} validation images")

# %% [markdown]
# ## What features know
#
# Two images are alike for a backbone where their features are close. So we look for the training image that
# is closest to each validation image, once by the pretrained backbone, once by one with random weights.
#
# **Guess.** How often does it show the same class? With twelve classes, chance is 8 %.

# %%
random_model = models.build(course.model, num_classes=len(class_names), image_size=size)
images, labels = next(train.batch(len(train)).as_numpy_iterator())
new_images, new_labels = next(validation.batch(len(validation)).as_numpy_iterator())
nearest = {}
for name, network in {"pretrained": model, "random": random_model}.items():
    features = keras.Model(network.input, network.layers[-1].input)
    known, new = (features.predict(each, batch_size=64, verbose=0) for each in (images, new_images))
    nearest[name] = np.argsort(scipy.spatial.distance.cdist(new, known), axis=1)
    same = labels[nearest[name][:, 0]] == new_labels
    print(f"{name:10} the nearest image has the same class: {same.mean():.0%}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(3, 9, size=(9.4, 4.6), width_ratios=[1, 0.1, 1, 1, 1, 0.1, 1, 1, 1])
for axis in axes.flat:
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.grid(False)
for row, query in zip(axes, [0, 70 % len(new_images), 95 % len(new_images)], strict=True):
    row[0].imshow(new_images[query])
    row[0].set_title(class_names[new_labels[query]], fontsize=9, loc="center")
    for name, places in {"pretrained": row[2:5], "random": row[6:9]}.items():
        for axis, index in zip(places, nearest[name][query], strict=False):
            axis.imshow(images[index])
            axis.set_title(class_names[labels[index]], fontsize=9, loc="center")
            if labels[index] == new_labels[query]:
                axis.set_frame_on(True)
                axis.spines[:].set(visible=True, color="#0072b2", linewidth=4)
for column, text in {0: "image", 3: "nearest, pretrained", 7: "nearest, random"}.items():
    axes[0, column].set_title(
        f"{text}\n\n{axes[0, column].get_title(loc='center')}", fontsize=9, loc="center"
    )
figures.show(
    figure,
    alt="Three validation images, one a row, each followed by its three nearest training images by "
    "pretrained features and by random ones. Blue frames mark the same class.",
    kind="jpeg",
)

# %% [markdown]
# A blue frame marks the same class. On the toy dogs, random weights find it for 32 %, far above chance:
# what they find close mostly has similar colors. The pretrained ones find it for 68 %, of breeds that they
# were never told of, and without a head.
#
# ## First the head
#
# The head is random. Its first gradients are large, the guide warns, and would destroy what the backbone
# knows. So the backbone is **frozen** first: `trainable = False`. After each such change comes a `compile`,
# so that the training follows it. The head learns at ten times `low_rate`, the rate of the backbone later.

# %% tags=["nbval-ignore-output"]
low_rate = min(course.learning_rate, 0.001)

backbone.trainable = False
adam = keras.optimizers.Adam(10 * low_rate)
model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
fitted = model.fit(
    plain_batches(),
    validation_data=validation_batches,
    epochs=3,
    shuffle=False,  # the batches are shuffled already
    verbose=0,
)
for epoch, accuracy in enumerate(fitted.history["val_accuracy"], start=1):
    print(f"epoch {epoch}: validation accuracy {accuracy:.0%}")

# %% [markdown]
# ## Then everything
#
# The second step is **fine-tuning**: unfreeze the backbone and go on with all weights, at the low rate, so
# that what they know is not lost. Here it is a tenth of the head's; the guide has a hundredth.
#
# One kind of layer stays frozen. **BatchNormalization** scales by a mean and a variance. In training it takes
# those of the batch and updates running averages; in use it takes the averages. They belong to what is
# pretrained, and the guide warns of such updates, too. One pass of a batch makes them, without any gradient:

# %%
learned = backbone.get_weights()
for trainable in [True, False]:
    backbone.trainable = trainable
    model(images[:64], training=True)
    moved = any(not np.array_equal(*pair) for pair in zip(learned, backbone.get_weights(), strict=True))
    print(f"trainable={trainable!s:5} the averages have moved: {moved}")
    backbone.set_weights(learned)

# %% [markdown]
# Frozen, such a layer keeps its averages also in training. (The guide calls the backbone with
# `training=False` for it. In Keras 3 [`fit` overrides that](https://github.com/keras-team/keras/issues/20285);
# freezing holds.)

# %% [markdown]
# ## Exercise 1: fine-tune
#
# Write `fine_tune`. It gets `model` as the cell above has trained it, and its frozen `backbone`. Unfreeze the
# backbone, all but its BatchNormalization layers. Train with Adam at `learning_rate`, with loss and metric as
# before, on `batches`, for so many `epochs`; `validation` holds the validation batches. Return what `fit`
# returns.
#
# <details><summary>Hint</summary>
#
# `trainable` of a model reaches all layers in it, so first the whole backbone, then the exceptions.
# `backbone.layers` lists the layers, and `isinstance(layer, keras.layers.BatchNormalization)` finds those.
# And which call makes the change count?
#
# </details>


# %%
def fine_tune(model, backbone, batches, validation, *, epochs, learning_rate):
    """Train all weights but those of BatchNormalization; returns Keras' History."""
    # solution begins: Exercise 1: fine-tune
    backbone.trainable = True
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    adam = keras.optimizers.Adam(learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(batches, validation_data=validation, epochs=epochs, shuffle=False, verbose=0)
    # solution ends


# %%
checks.lesson_07.fine_tune(fine_tune)

# %% [markdown]
# ## Exercise 2: augment the batches
#
# Now the same training with augmentation. In a fair comparison one thing differs and all else is equal: the
# network shall get the same images in the same order, only augmented, and anew in every epoch.
#
# Write `augmented`. `batches` is a data set of (images, labels), `augment(images, seed=…)` takes a whole
# batch. Each batch of each epoch gets a seed of its own; made again with the same `seed`, the data set draws
# the same.
#
# <details><summary>Hint</summary>
#
# It is the last step of lesson 02's pipeline. `tf.data.Dataset.random` gives numbers without end, others in
# each epoch with `rerandomize_each_iteration=True`; two of them are one seed. `tf.data.Dataset.zip` puts
# batches and seeds side by side, for `map`.
#
# </details>


# %%
def augmented(batches, augment, *, seed):
    """The batches with their images augmented, anew in each epoch."""
    # solution begins: Exercise 2: augment the batches
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(batches, seeds).map(
        lambda batch, seed: (augment(batch[0], seed=seed), batch[1]),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    # solution ends


# %%
checks.lesson_07.augmented(augmented)

# %% [markdown]
# ## A pair
#
# Your functions train now: `checks.yours` returns them if they have passed, and else the course's, so that
# you can go on. `none` gets the images as they are, `basic` the course's usual augmentation (mirror, shift,
# light, color). Both start from the same weights and see the same images in the same order: such runs
# are a **pair**.
#
# **Guess.** Which is ahead on validation images after five epochs?

# %%
my_fine_tune = checks.yours(fine_tune, otherwise=checks.lesson_07.fine_tune.right)
my_augmented = checks.yours(augmented, otherwise=checks.lesson_07.augmented.right)

# %% tags=["nbval-ignore-output"]
begin = model.get_weights()
pair = {"none": plain_batches(), "basic": my_augmented(plain_batches(), augment.basic, seed=7)}
for name, batches in pair.items():
    model.set_weights(begin)
    tuned = my_fine_tune(model, backbone, batches, validation_batches, epochs=5, learning_rate=low_rate)
    _, as_they_are = model.evaluate(plain_batches(), verbose=0)
    trained, new = tuned.history["accuracy"][-1], tuned.history["val_accuracy"][-1]
    print(f"{name:5} training batches {trained:4.0%}, as they are {as_they_are:4.0%}; validation {new:4.0%}")

# %% [markdown]
# The first number is counted while the epoch goes on and weights still change, on batches as the network gets
# them; augmented ones are harder. So accuracy and loss of training batches cannot be compared between
# augmentations; those on training images **as they are**, with the final weights, can.
#
# And the validation accuracies? One pair, five epochs: that is no result yet.

# %% [markdown]
# ## Twenty epochs: where the curves cross
#
# The repository holds **reference runs** of the toy dogs, whatever profile you have: small ResNets, 20
# epochs, once from random weights, once pretrained. Pretrained, the first three epochs train the head alone,
# at a tenth of your rate, so that it gets less far. There are five **seeds**. A seed fixes all that is left
# to chance: the random weights, the order of the images, the draws of the augmentation.
#
# **Guess.** Which learns its training images faster? Which is ahead at the end?

# %%
FOLDER = "../solutions/results/does_it_help"
reference = {start: runs.read_folder(f"{FOLDER}/{start}") for start in ("random", "pretrained")}


def curves(start, name, split):
    """Accuracy after each epoch in percent, [seeds, epochs]; of training images as they are."""
    found = evaluation.by_seed(reference[start], name).values()
    return 100 * np.array([[epoch[f"{split}_accuracy"] for epoch in run.history] for run in found])


means = {}
for start in reference:
    for name in ["none", "basic"]:
        means[start, name] = [curves(start, name, split).mean(axis=0) for split in ("train", "validation")]
        known, new = (curve[-1] for curve in means[start, name])
        print(f"{start:10} {name:5} training {known:5.1f} %, validation {new:.1f} %, gap {known - new:4.1f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(9.0, 4.0), sharey=True)
for axis, start in zip(axes, ["random", "pretrained"], strict=True):
    for name in ["none", "basic"]:
        for curve, dashes, split in zip(
            means[start, name], ["--", "-"], ["training", "validation"], strict=True
        ):
            label = f"{name}, {split} images"
            axis.plot(range(1, 21), curve, dashes, color=figures.color(name), label=label)
    axis.set(title=f"Start: {start}", xlabel="epoch", xticks=range(2, 21, 3), ylim=(0, 102))
axes[1].axvspan(0.5, 3.5, color=figures.MUTED, alpha=0.2, linewidth=0, label="head only")
axes[0].set_ylabel("accuracy, %, mean of five seeds")
axes[1].legend(loc="lower right", fontsize=9)
figures.show(
    figure,
    alt="Two panels over 20 epochs. From random weights, none reaches 100 % on training images and stays "
    "below 70 % on validation images; basic learns more slowly, crosses none on validation images about "
    "epoch 8 and ends at 84 %. Pretrained, after three epochs of the head only, all curves rise at once; "
    "basic crosses none only about epoch 15, and both end near 85 %.",
)

# %% [markdown]
# Dashed are training images as they are, solid validation images. The **gap** between them is what a network
# knows about its training images and cannot use for others; a wide one is called **overfitting**. From random
# weights it is 32.5 points with `none` and 9.0 with `basic`: images that are new in each epoch are hard to
# learn by heart. A pretrained start narrows it, too, to 15.5 with `none`.
#
# On validation images, the curves of `basic` and `none` cross. Seed by seed:

# %%
for start in reference:
    lead = curves(start, "basic", "validation") - curves(start, "none", "validation")
    last = [int(np.flatnonzero(row <= 0)[-1]) + 1 for row in lead]
    print(f"{start:10} the last epoch in which basic is not ahead of none: {last}")

# %% [markdown]
# From random weights `basic` is ahead for good after 7 to 11 epochs, pretrained after 14 at the earliest, and
# with two seeds not even at the end. Who looks early concludes that augmentation does harm.

# %% [markdown]
# ## One seed, five seeds
#
# Now the test images. How far is `basic` above `none`, its **baseline**, pair by pair?

# %%
gains = {}
for start, found in reference.items():
    pairs = zip(*evaluation.paired_runs(found, "basic", "none"), strict=True)
    gains[start] = np.array([100 * (basic.test_accuracy - none.test_accuracy) for basic, none in pairs])
    print(f"{start:10} percentage points:", *(f"{gain:+.1f}" for gain in gains[start]))

# %% [markdown]
# From random weights, any seed tells that `basic` helps. Pretrained, one seed would report three points and
# another next to nothing. **One seed settles large effects only.**
#
# The mean of n differences is the estimate. How sure it is, says its **95 % interval**, mean ± t · s / √n: s
# is the standard deviation of the differences, and t makes up for few pairs: 4.3 for three, 2.8 for five, 2.0
# for many.

# %%
for start, points in gains.items():
    n = len(points)
    half = scipy.stats.t.ppf(0.975, n - 1) * points.std(ddof=1) / n**0.5
    low, high = points.mean() - half, points.mean() + half
    print(f"{start:10} {points.mean():+.1f} points, 95 % interval {low:+.1f} to {high:+.1f}")

# %% [markdown]
# Both intervals lie above 0: `basic` helps, by 15.7 points from random weights, and by 1.8 where the network
# is pretrained. Why pairs? What a seed does to `none` and `basic` alike cancels in the difference.
#
# `evaluation.compare` computes all this for any number of variants. The verdict says whether the interval
# holds 0. The star marks the best on validation images; the ± is half an interval, too, of the test accuracy.

# %%
evaluation.as_table(evaluation.compare(reference["pretrained"]))

# %%
longer = evaluation.by_seed(runs.read_folder("../solutions/results/project"), "basic").values()
accuracy = np.mean([100 * run.test_accuracy for run in longer])
print(f"for comparison, basic from random weights, 40 epochs: {accuracy:.1f} %")

# %% [markdown]
# Pretrained, the network is right for 83.7 % of the test images with `none` and for 85.5 % with `basic`. From
# random weights it is 67.3 % and 83.0 % (next table). So in 20 epochs either of the two, pretraining or
# `basic`, gains about 16 points, and both together 18: in part they give the same. In 40 epochs, `basic` from
# random weights reaches 88.4 %: a part of what pretraining gives is time. A comparison holds for the number
# of epochs that it was made with.

# %% [markdown]
# ## Too much of it
#
# Is more augmentation better? A **random crop** cuts a square out of the image and scales it up again. Its
# area is drawn between `smallest` and the whole picture: the smaller `smallest`, the stronger.

# %%
SHARES = [0.7, 0.4, 0.2, 0.1, 0.04]
seven = np.repeat(images[134 % len(images)][np.newaxis], 7, axis=0)
ladder = [augment.random_resized_crop(smallest=share, ratio=1)(seven, seed=[7, 45]) for share in SHARES]

# %% tags=["hide-input"]
figure, axes = figures.subplots(len(SHARES), 7, size=(8.2, 6.0))
for row, share, crops in zip(axes, SHARES, ladder, strict=True):
    for axis, crop in zip(row, crops, strict=True):
        axis.imshow(crop.numpy().astype("uint8"))
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
    row[0].set_ylabel(f"from {share:.0%}")
figures.show(
    figure,
    alt="Crops of one picture, seven draws a row. In the first row nearly all of it is always to be seen; "
    "further down some crops come closer and closer, until they show a detail or the background alone.",
    kind="jpeg",
)

# %% [markdown]
# A column has the same draws, in five strengths. In the first row the label always holds. In the last one two
# of seven crops show little but a scarf or the grass.
#
# **Guess.** Which row is the best to train with?

# %%
compared = evaluation.compare(reference["random"])
evaluation.as_table(compared)

# %%
names = [f"random_resized_crop(smallest={share},ratio=1)" for share in SHARES]
of_crops = compared.set_index("variant").loc[names]

# %% tags=["hide-input"]
figure, axis = figures.subplots(size=(6.6, 3.2))
middle, low, high = (of_crops[f"{part}_points"] for part in ("difference", "low", "high"))
axis.errorbar(range(5), middle, [middle - low, high - middle], fmt="D-", color="#d55e00", capsize=4)
axis.set_xticks(range(5), [f"from {share:.0%}" for share in SHARES])
axis.set(
    xlabel="smallest share of the picture, from weak to strong", ylabel="points above none", ylim=(0, 14)
)
axis.set_title("Stronger is better only up to a point")
figures.show(
    figure,
    alt="Points of test accuracy above none for crops from weak to strong, with intervals: 9.3 for crops "
    "from 70 %, 10.4 from 40 %, 8.5 from 20 %, 7.2 from 10 % and 7.1 from 4 %.",
)

# %% [markdown]
# All crops help (`points` is the difference to `none`, with its interval), the one from 40 % most. That the
# intervals overlap says little: the ups and downs of `none` are in all of them. The crops are pairs, too, so
# we compare them with the best one, chosen on *validation* images: test images must have no say in a choice
# that they are to judge.

# %%
crop_runs = [run for run in reference["random"] if run.augmentation in names]
for seed in range(5):
    best = evaluation.chosen_variant([run for run in crop_runs if run.seed == seed])
    print(f"seed {seed} alone would choose the crop from {SHARES[names.index(best)]:.0%}")
evaluation.as_table(evaluation.compare(crop_runs, baseline=evaluation.chosen_variant(crop_runs)))

# %% [markdown]
# The crops from 10 % and from 4 % are worse than that from 40 %, by about 3 points: too much. That from 70 %
# is worse by 1.1: too little. Of 20 %, two seeds would choose it, and five cannot tell. Why does too much do
# harm? Some crops have lost the dog, so their labels are wrong; and what is harder may take more than 20
# epochs to learn. These runs do not tell the two apart. And the best strength of *one* change is not the best
# augmentation: `basic` is 5 points ahead.

# %% [markdown]
# ## What pretraining has already seen
#
# The toy network had seen none of our breeds. With photographs that is rare. Stanford Dogs is a favorite for
# fine-tuning, and its photographs [come from ImageNet](http://vision.stanford.edu/aditya86/ImageNetDogs/);
# even its class names keep ImageNet's numbers, as in `n02110063-malamute`. Whoever fine-tunes ImageNet's
# weights on it, as the profiles `photos` and `full` do, tests on pictures that the network has learned, with
# their labels. That is a **leak**.
#
# How much is it worth? There are reference runs with two sets of photographs, ten breeds of dogs and ten
# kinds of clothes. A small ResNet from random weights learns 40 photographs a class. A pretrained MobileNetV2
# gets 10 a class; its weights have learned ImageNet and Stanford Dogs, so they have seen dogs of these breeds
# and none of these clothes.
#
# **Guess.** From random weights the dogs are harder than the clothes. And pretrained?

# %%
PHOTOGRAPHS = "../solutions/results/photographs"
photographs = {
    (photos, start): runs.read_folder(f"{PHOTOGRAPHS}/{folder}")
    for photos in ("dogs", "clothing")
    for start, folder in {"random": f"{photos}10", "pretrained": f"pretrained/{photos}10-10"}.items()
}
for (photos, start), found in photographs.items():
    correct = {name: evaluation.by_seed(found, name).values() for name in ("none", "basic")}
    correct = {name: np.mean([run.test_accuracy for run in named]) for name, named in correct.items()}
    print(f"{photos:8} {start:10} none {correct['none']:.1%}, basic {correct['basic']:.1%}")

# %%
evaluation.as_table(evaluation.compare(photographs["dogs", "pretrained"]))

# %%
evaluation.as_table(evaluation.compare(photographs["clothing", "pretrained"]))

# %% [markdown]
# From random weights the dogs are 7 points behind the clothes, pretrained 22 ahead: the network has learned
# these breeds before, with their names. From random weights `basic` adds 20 points for the dogs and 10 for
# the clothes. Pretrained, all intervals hold zero, on both: with five seeds, no augmentation is clearly
# better or worse than none.
#
# So before you fine-tune, ask what the weights have seen. Test on pictures that are newer than they are, or
# of another kind, and look for doubles. A comparison of augmentations on a leak is still fair, for all
# variants start from it, but there is little to gain, and the accuracy is too good to be true elsewhere.

# %% [markdown]
# ## What you learned
#
# - A pretrained network is taken over without its top: `include_top=False`, `pooling="avg"`, a new head.
# - Freeze, `compile`, `fit` the head; unfreeze, `compile` with a low rate, `fit`. BatchNormalization layers
#   stay frozen.
# - Augmentation is a step of the pipeline: a seed for each batch of each epoch, the same images in the same
#   order. Runs with the same seed are a pair.
# - Compare accuracy and loss on images as they are, never on augmented batches.
# - With augmentation a network learns more slowly, its gap is narrower, and it wins late. Too much does harm.
# - One seed settles large effects only. Give the mean of the pairs with its 95 % interval.
# - Ask what the weights have seen: a leak makes accuracies too good to be true elsewhere.
#
# ## Questions
#
# 1. Frozen, the backbone gives the same features for the same image. A friend computes them once, stores them
#    and trains the head in seconds. Why does that not work with augmentation?
#
#    <details><summary>Answer</summary>
#
#    Each epoch shows new versions of each image, and new images have new features: all of them have to pass
#    the backbone. One could store a few versions of each, a small and fixed choice.
#
#    </details>
#
# 2. Variant A is better than `none` in all of three seeds, by 0.2, 4.0 and 0.3 points. Is it better?
#
#    <details><summary>Answer</summary>
#
#    The mean is 1.5 points, s is 2.2. With three pairs t is 4.3, so the interval is 1.5 ± 5.4: no clear
#    difference. More seeds may decide it.
#
#    </details>
#
# 3. With augmentation a network reaches 96 % on its training images, without it 100 %. On validation images
#    it is 90 % with and 87 % without. Which one do you take?
#
#    <details><summary>Answer</summary>
#
#    The first. Training accuracy tells how well images are learned by heart, which augmentation makes hard.
#    Only images that were not trained on tell which network is better.
#
#    </details>
#
# **Next.** [Lesson 08, CutMix](08_cutmix.ipynb), which mixes two images and their labels.
