# %% [markdown]
# # 10 Test-time augmentation
#
# **Goal.** Ask a trained model about several views of the same image, combine the answers, and find out
# what that corrects, what it breaks, and what it costs.
#
# **Time.** 40 minutes.
#
# **You need to know** lesson 02 (what `basic` changes), and from lesson 07 pairs of runs with the same seed
# and the 95 % interval of their differences.
#
# So far the images that a model was *tested* on stayed as they are. This lesson changes them, too. The idea
# is old: Krizhevsky et al. 2012, whose network made deep learning famous, cut ten pictures out of each test
# image and averaged the ten predictions. It is called **test-time augmentation**.

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import time

import keras
import numpy as np
import tensorflow as tf

from utils import (
    checks,
    data,
    evaluation,
    figures,
    models,
    pipeline,
    runs,
    training,
    view_predictions,
    views,
    words,
)

# %% [markdown]
# ## Views
#
# In training an augmentation draws: every epoch shows another version. At test time nothing is drawn. A
# **view** is one fixed change, such as "mirrored", and every image gets the same views. The course has
# nine:

# %%
VIEWS = views.STANDARD  # a dict from name to function
names = list(VIEWS)
print(len(VIEWS), "views:", "; ".join(names))

# %%
CLASS_NAMES = data.info("toy_dogs").class_names
test_images = np.stack([image for image, _ in data.load("toy_dogs", "test", image_size=96)])
dog = tf.constant(test_images[604:605])

figure, axes = figures.subplots(2, 5, size=(8.4, 3.9))
for axis in axes.flat:
    axis.set_axis_off()
for axis, (name, view) in zip([*axes[0], *axes[1, :4]], VIEWS.items(), strict=True):
    axis.imshow(np.asarray(view(dog))[0])
    axis.set_title(name, fontsize=10, loc="center", fontweight="normal")
figures.show(
    figure,
    alt="The same dog nine times: as it is, mirrored, five times a little larger with other parts of the "
    "border cut off, once brighter and once darker.",
    kind="jpeg",
)

# %% [markdown]
# A crop keeps seven eighths of each side and is brought back to the full size, so the dog gets larger.
# Brighter and darker multiply all values by 1.3 and 0.7. Nobody would give any of the nine another label:
# what held in training (lesson 02) holds here, **a view must keep the label**.
#
# ## Ask a model nine times
#
# We train a small model for a few epochs, without any augmentation. It will not be good; we only want to
# see what it says about the views.

# %%
EPOCHS = 3
class_names = data.info(course.dataset).class_names
train = data.load(course.dataset, "train", image_size=course.image_size, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=course.image_size)

sizes = {"batch_size": course.batch_size, "num_classes": len(class_names)}
training_batches = pipeline.training_batches(train, seed=0, **sizes)
validation_batches = pipeline.evaluation_batches(validation, **sizes)
print(f"{len(train)} training images, {len(validation)} validation images")

# %% tags=["nbval-ignore-output"]
with training.seeded_weights(0):
    model = models.build(
        course.model, num_classes=len(class_names), image_size=course.image_size, weights=course.weights
    )
schedule = training.WarmUpCosine(course.learning_rate, total_steps=EPOCHS * len(training_batches))
model.compile(keras.optimizers.Adam(schedule), "categorical_crossentropy", metrics=["accuracy"])
model.fit(training_batches, epochs=EPOCHS, verbose=0)
print("trained for", EPOCHS, "epochs")

# %% [markdown]
# `evaluation.predict_with_views` changes each batch of images by each view and asks the model about it.
# What comes back has three axes: views, images, classes, or [V, N, K] for short.

# %%
own, own_labels = evaluation.predict_with_views(model, validation_batches, list(VIEWS.values()))
print("probabilities:", own.shape, "labels:", own_labels.shape)

# %% tags=["nbval-ignore-output"]
print(f"accuracy of the images as they are: {evaluation.top1(own[0], own_labels):.0%}")
number = 7  # which validation image; try others
print(f"image {number} is a {class_names[own_labels[number]]}. The model says:")
for name, answer in zip(names, own[:, number], strict=True):
    print(f"  {name:20} {class_names[answer.argmax()]:12} {answer.max():.2f}")

# %% [markdown]
# One model, nine answers. Which of them do we believe? There are two ways to make one answer of many:
#
# - **average**: the mean of the probabilities over the views; the class with the largest mean wins;
# - **vote**: each view has one vote, for its most probable class; the class with the most votes wins. Where
#   several classes have the most votes, something else has to decide. Here that is the higher mean
#   probability, *among those that tie*.

# %% [markdown]
# ## Exercise 1: average and vote
#
# Write `average_and_vote(probabilities)`. It gets a float array [V, N, K] and returns two arrays of class
# numbers [N]: by average, and by vote. V, N and K may be any numbers.
#
# <details><summary>Hint</summary>
#
# `argmax(axis=2)` gives each view's class [V, N]. To count votes, `np.eye(K)[classes]` turns class numbers
# into one-hot rows, [V, N, K], and a sum over the views counts them: [N, K]. For the ties: the mean
# probabilities are at most 1. What happens if you add a little of them to the votes, so little that
# it can never outweigh a whole vote?
#
# </details>


# %%
def average_and_vote(probabilities):
    """Classes [N] by average and by vote, from probabilities [V, N, K]."""
    # solution begins: Exercise 1: average and vote
    mean = probabilities.mean(axis=0)
    one_hot = np.eye(probabilities.shape[2])[probabilities.argmax(axis=2)]
    votes = one_hot.sum(axis=0)
    return mean.argmax(axis=1), (votes + 0.5 * mean).argmax(axis=1)
    # solution ends


# %%
checks.lesson_10.average_and_vote(average_and_vote)

# %% [markdown]
# The lesson goes on with `views.average` and `views.vote`, which return a table [N, K] each: mean
# probabilities, and shares of the votes.

# %%
for_two = np.array([[[0.6, 0.3, 0.1]], [[0.1, 0.4, 0.5]], [[0.5, 0.4, 0.1]]])
print("average:", views.average(for_two).round(2), "vote:", views.vote(for_two).round(2))

# %% [markdown]
# ## Ten models that were trained to the end
#
# A few epochs and one seed prove nothing. The repository holds what ten models say about all nine views of
# the toy dogs: the *reference runs* of lessons 08 and 09, 40 epochs each, `none` and `basic` with the same
# five seeds. The two have met different views in training:
#
# | view | seen by `none` | seen by `basic` |
# |---|---|---|
# | mirrored | no | yes, every second image |
# | brighter, darker | no | yes, by up to 30 % |
# | crop: a larger dog | no | no, `basic` shifts but never enlarges |

# %%
found = view_predictions.read_folder("../solutions/results/test_time_augmentation")
reference = {
    variant: [each for each in found if each["augmentation"] == variant] for variant in ("none", "basic")
}
for variant, of_variant in reference.items():
    test, validation_table = of_variant[0]["test"], of_variant[0]["validation"]
    print(f"{variant:6} {len(of_variant)} models, test {test.shape}, validation {validation_table.shape}")
labels = found[0]["test_labels"]


# %%
def accuracies(variant, positions, split="test", combine=views.average):
    """Accuracy in percent of each model with these views: [S]."""
    return [
        100 * evaluation.top1(combine(each[split][positions]), each[f"{split}_labels"])
        for each in reference[variant]
    ]


def above_as_is(variant, positions, split="test"):
    """Points above the image as is, over the five seeds."""
    return evaluation.paired_difference(
        accuracies(variant, positions, split), accuracies(variant, [0], split)
    )


def in_words(difference):
    """Such as `+3.4 (+2.2 to +4.6)`: the mean and its 95 % interval."""
    return f"{words.signed(difference.mean)} ({words.interval(difference.low, difference.high)})"


# %% [markdown]
# First each view on its own: how many points of test accuracy above (or below) the image as it is?

# %%
for variant in reference:
    print(f"trained with {variant}: image as it is {np.mean(accuracies(variant, [0])):.1f} %")
    for position in [1, 2, 8]:
        print(f"    {names[position]:14} {in_words(above_as_is(variant, [position]))} points")


# %%
def draw_points(axis, row, variant, positions):
    """A mark for each seed, a bar for the interval: points above the image as is."""
    points = np.subtract(accuracies(variant, positions), accuracies(variant, [0]))
    difference = above_as_is(variant, positions)
    look = {"color": figures.colour(variant), "alpha": 0.75, "linestyle": "none"}
    axis.plot(points, [row] * len(points), marker=figures.marker(variant), **look)
    interval = [difference.low, difference.high]
    bar = {"color": figures.colour(variant), "linewidth": 9, "alpha": 0.25}
    axis.plot(interval, [row] * 2, solid_capstyle="butt", **bar)


figure, axes = figures.subplots(1, 2, size=(8.6, 3.5), sharey=True)
for axis, variant in zip(axes, reference, strict=True):
    axis.axvline(0, color=figures.INK, linewidth=1)
    for row, position in enumerate(range(1, len(names))):
        draw_points(axis, row, variant, [position])
    axis.set(xlim=(-36, 6), xlabel="points above the image as it is")
axes[0].set_title("none: all but mirrored cost a lot")
axes[1].set_title("basic: light costs little, crops more")
axes[0].set_yticks(range(len(names) - 1), names[1:])
axes[0].invert_yaxis()
figures.show(
    figure,
    alt="Points of test accuracy above the image as it is, a mark for each of five models. Mirrored lies at "
    "zero for both variants. All crops and both changes of light lie below zero, for none much further: "
    "darker costs it about thirty points.",
)

# %% [markdown]
# **No view on its own is clearly better than the image as it is.** Mirrored pictures are about as good, the
# rest is worse. Neither variant has ever seen dogs of that size. `none` has never seen so little light; for
# `basic`, which has, the same change costs little. Why then should it help to listen to the views at all?
#
# ## Equally good, and yet not the same
#
# Look at *mirrored*, which costs next to nothing. Does the model give the same answers?

# %%
for variant, of_variant in reference.items():
    answers = [each["test"][:2].argmax(axis=2) for each in of_variant]
    differ = [100 * np.mean(as_is != mirrored) for as_is, mirrored in answers]
    mean, low, high = evaluation.mean_interval(differ)
    print(f"{variant:6} another answer when mirrored: {mean:.0f} % of images ({low:.0f} to {high:.0f})")

# %% [markdown]
# `none` changes its mind about a third of the images, and is right as often as before. So it must get other
# images wrong. It was never told that a mirrored dog is the same dog, and much of what it has learned is an
# accident of the side that the dog looks to. `basic` was told, and mostly answers alike. (It is also right
# more often, which leaves less room to disagree.)
#
# That is what averaging lives on: **views that are about equally good and make different mistakes.** Where
# both make the same mistake, the average makes it, too. So `basic` should have less to gain. Has it?

# %%
MIRROR = [0, 1]  # as is, and mirrored
shares = {}  # variant → gain as a share of the errors, for each seed
for variant in reference:
    difference = above_as_is(variant, MIRROR)
    print(f"{variant:6} average above as is: {in_words(difference)} points: {difference.verdict}")
    before, after = np.array(accuracies(variant, [0])), np.array(accuracies(variant, MIRROR))
    shares[variant] = 100 * (after - before) / (100 - before)
    print(f"       that is {shares[variant].mean():.0f} % of its errors")
mean, low, high = evaluation.mean_interval(shares["none"] - shares["basic"])
print(f"share of none minus share of basic: {words.signed(mean)} ({words.interval(low, high)}) percent")

# %% [markdown]
# In points, yes: `none` gains more than three, without a minute of training; for `basic` the interval just
# reaches zero, a small gain or none. But `basic` also has far fewer errors that could be corrected.
# Measured by its errors its gain is not clearly smaller: the last interval has zero well inside. So these
# runs do not tell how much of the difference comes from having *seen* mirrored dogs, and how much from
# being the better model.
#
# Is test-time augmentation then a substitute for training with augmentation?

# %%
with_views = evaluation.paired_difference(accuracies("basic", [0]), accuracies("none", MIRROR))
print(f"none, average with mirrored: {np.mean(accuracies('none', MIRROR)):.1f} %")
print(f"basic, image as it is:       {np.mean(accuracies('basic', [0])):.1f} %")
print(f"difference:                  {in_words(with_views)}")

# %% [markdown]
# No. What training teaches, averaging with a mirrored view cannot make up for (nor will other views,
# below).

# %% [markdown]
# ## Exercise 2: corrected and broken
#
# A gain of a point sounds as if one image in a hundred had been mended and all else left alone. Let us
# count. A prediction is **corrected** if it was wrong before and is right after, and **broken** if it was
# right before and is wrong after.
#
# Write `corrected_and_broken(before, after, labels)`. All three are integer arrays [N] of class numbers:
# predictions before, predictions after, and the truth. Return two arrays with the *positions* of the images
# that were corrected, and of those that were broken.
#
# <details><summary>Hint</summary>
#
# Two arrays of true and false first: right before, right after. `~` turns true into false, `&` joins two
# arrays, and `np.flatnonzero` gives the positions where an array is true.
#
# </details>


# %%
def corrected_and_broken(before, after, labels):
    """Positions of the predictions that become right, and of those that become wrong."""
    # solution begins: Exercise 2: corrected and broken
    was_right, is_right = before == labels, after == labels
    return np.flatnonzero(~was_right & is_right), np.flatnonzero(was_right & ~is_right)
    # solution ends


# %%
checks.lesson_10.corrected_and_broken(corrected_and_broken)

# %% [markdown]
# `views.corrected_and_broken` counts them from two tables of probabilities. For each of the ten models, out
# of 1,200 test images, after averaging with the mirrored view:

# %%
counts = {
    variant: [
        views.corrected_and_broken(each["test"][0], views.average(each["test"][:2]), labels)
        for each in of_variant
    ]
    for variant, of_variant in reference.items()
}
for variant, rows in counts.items():
    print(f"{variant}: corrected − broken = more right predictions (points)")
    for corrected, broken in rows:
        more = corrected - broken
        print(f"    {corrected:5} − {broken:2} = {more:2}  ({words.signed(100 * more / len(labels))} points)")
    corrected, broken = np.mean(rows, axis=0)
    print(f"    mean: {corrected:.1f} corrected, {broken:.1f} broken")

# %%
figure, axes = figures.subplots(1, 2, size=(8.4, 3.3), sharey=True)
for axis, rows in zip(axes, counts.values(), strict=True):
    corrected, broken = np.array(rows).T
    places = np.arange(len(rows))
    axis.bar(places, corrected, color="#009e73", label="corrected")
    axis.bar(places, -broken, color="#d55e00", label="broken")
    edges = {"xmin": places - 0.4, "xmax": places + 0.4}
    axis.hlines(corrected - broken, **edges, color=figures.INK, linewidth=3, label="difference")
    axis.axhline(0, color=figures.INK, linewidth=1)
    axis.set_xticks(places, [f"seed {place + 1}" for place in places])
axes[0].set(title="none: many corrected, many broken", ylabel="test images")
axes[1].set(title="basic: fewer of both")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
figures.show(
    figure,
    alt="For each of five models of none and of basic a green bar upwards, predictions corrected, and an "
    "orange one downwards, predictions broken. Both are several times as long as their difference, a black "
    "line.",
)

# %% [markdown]
# Every one of the ten models corrects some predictions *and* breaks some. The gain is the small difference
# of two large numbers: "basic gains 0.7 points" means that of 1,200 images about 30 are corrected and about
# 21 are broken. Shanmugam et al. 2021 ([arXiv 2011.11156](https://arxiv.org/abs/2011.11156)) describe the
# same for photographs. The broken ones are not nothing: they were right, and are now wrong.
#
# Which images are these? For one `basic` model, two that are corrected and two that are broken:

# %%
first = reference["basic"][0]["test"]
own_average = views.average(first[:2])


def draw_shares(axis, number, rival):
    """How the true class and its rival share the probability: as is, mirrored, and the average."""
    rows = {"as is": first[0, number], "mirrored": first[1, number], "average": own_average[number]}
    true = labels[number]
    for row, answer in enumerate(rows.values()):
        axis.barh(row, answer[true], color="#0072b2")
        axis.barh(row, answer[rival], left=1 - answer[rival], color="#e69f00")
        axis.text(-0.02, row, f"{answer[true]:.2f}", va="center", ha="right", fontsize=9)
        axis.text(1.02, row, f"{answer[rival]:.2f}", va="center", fontsize=9)
    axis.set_yticks(range(3), rows)
    axis.tick_params(length=0)
    axis.set(xlim=(-0.13, 1.13), xticks=[], ylim=(2.5, -0.5), frame_on=False)
    axis.grid(False)
    axis.set_title(f"{CLASS_NAMES[true]} (true) or {CLASS_NAMES[rival]}?", fontsize=10)


examples = {303: "corrected", 292: "corrected", 452: "broken", 369: "broken"}
figure, axes = figures.subplots(4, 3, size=(7.4, 6.6), width_ratios=[1, 1, 2.2])
for (as_is, mirrored, bars), (number, what) in zip(axes, examples.items(), strict=True):
    as_is.imshow(test_images[number])
    mirrored.imshow(test_images[number, :, ::-1])
    for axis in (as_is, mirrored):
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
    as_is.set_ylabel(what, fontsize=11)
    wrong = (first[0] if what == "corrected" else own_average)[number].argmax()
    draw_shares(bars, number, wrong)
figures.show(
    figure,
    alt="Four dogs, as is and mirrored, and beside each how the probability is shared between the true "
    "class (blue, left) and a rival (orange, right). For the two corrected ones the rival leads as is, the "
    "true class leads in the mirrored picture and on average; for the two broken ones it is the other way "
    "round.",
    kind="jpeg",
)

# %% [markdown]
# Blue is the true class, orange its rival, and the longer bar wins. To us each pair of pictures shows the
# same dog. The model is torn, and the mirrored view is the one that tips the scales: to the right side or
# to the wrong one. Compare how sure it was of the image as it is. (Its **confidence** is the largest
# probability.)

# %%
for variant, of_variant in reference.items():
    sure = {"of those that change": [], "of all the others": []}
    for each in of_variant:
        as_is, average = each["test"][0], views.average(each["test"][:2])
        changed = as_is.argmax(axis=1) != average.argmax(axis=1)
        sure["of those that change"].append(as_is.max(axis=1)[changed].mean())
        sure["of all the others"].append(as_is.max(axis=1)[~changed].mean())
    print(f"{variant:6} mean confidence", *(f"{what} {np.mean(each):.2f}" for what, each in sure.items()))

# %% [markdown]
# So averaging decides anew where the model could hardly decide, and more often for the better than for the
# worse.

# %% [markdown]
# ## Which views?
#
# Two views or nine? With crops or without? That is a choice like any other in this course, so it is made on
# **validation** images. Here are eight sets to choose from, as positions in the list of views. All of them
# hold the image as it is.

# %%
CANDIDATES = {
    "as is": [0],
    "+ mirrored": [0, 1],
    "+ middle crop": [0, 2],
    "+ mirrored, middle crop": [0, 1, 2],
    "+ light": [0, 7, 8],
    "+ mirrored, light": [0, 1, 7, 8],
    "+ five crops": [0, 2, 3, 4, 5, 6],
    "all nine": [0, 1, 2, 3, 4, 5, 6, 7, 8],
}
validation_labels = found[0]["validation_labels"]
stacked = {
    variant: np.stack([each["validation"] for each in of_variant])
    for variant, of_variant in reference.items()
}
print("five models, nine views, validation images, classes:", stacked["none"].shape)

# %% [markdown]
# ## Exercise 3: choose the views
#
# Write `choose_views(candidates, validation, labels)`. `candidates` is a dict as above, `validation` an
# array [S, V, N, K] with the probabilities of S models, `labels` the truth [N]. For each set, each model
# averages its own answers over the views of the set, and has an accuracy; the set's score is the mean
# accuracy of the S models. Return the name of the set with the highest score; of sets with the same score,
# that with the fewest views.
#
# <details><summary>Hint</summary>
#
# `validation[:, positions]` are the views of one set, for all models. Over which axis is the average, and
# over which the `argmax`? For the ties: `max(candidates, key=…)` also takes a key that is a pair, and
# compares the second number where the first is equal.
#
# </details>


# %%
def choose_views(candidates, validation, labels):
    """The name of the set with the best mean accuracy, averaging over its views."""

    # solution begins: Exercise 3: choose the views
    def score(name):
        averages = validation[:, candidates[name]].mean(axis=1)
        accuracy = np.mean(averages.argmax(axis=2) == labels)
        return accuracy, -len(candidates[name])

    return max(candidates, key=score)
    # solution ends


# %%
checks.lesson_10.choose_views(choose_views)

# %% [markdown]
# This is what it finds:

# %%
chosen = {}
for variant in reference:
    scores = {name: np.mean(accuracies(variant, each, "validation")) for name, each in CANDIDATES.items()}
    chosen[variant] = max(CANDIDATES, key=scores.get)
    print(f"{variant}, accuracy on validation images:")
    print("   ", "; ".join(f"{name} {score:.1f}" for name, score in scores.items()))
    print(f"    chosen: {chosen[variant]}")

# %% [markdown]
# Now, once, the test images. All sets are shown, to see what a choice on validation images is worth; the
# chosen one has a star.

# %%
print(f"{'points above as is, test':27}{'none':26}basic")
for name, positions in CANDIDATES.items():
    if name != "as is":
        texts = [
            in_words(above_as_is(variant, positions)) + (" *" if chosen[variant] == name else "")
            for variant in reference
        ]
        print(f"{name:27}{texts[0]:26}{texts[1]}")

# %%
sets = {name: positions for name, positions in CANDIDATES.items() if name != "as is"}
figure, axes = figures.subplots(1, 2, size=(8.6, 3.3), sharey=True, sharex=True)
for axis, variant in zip(axes, reference, strict=True):
    axis.axvline(0, color=figures.INK, linewidth=1)
    for row, (name, positions) in enumerate(sets.items()):
        draw_points(axis, row, variant, positions)
        if name == chosen[variant]:
            axis.plot(-4.6, row, "*", color=figures.INK, markersize=11)
    axis.set(xlabel="points above the image as it is (★ chosen)")
axes[0].set_title("none: the mirrored view helps")
axes[1].set_title("basic: little to gain, something to lose")
axes[0].set_yticks(range(len(sets)), sets)
axes[0].invert_yaxis()
figures.show(
    figure,
    alt="Points of test accuracy above the image as it is for seven sets of views, a mark for each model. "
    "Trained with none, all sets with the mirrored view gain two to four points. Trained with basic, only "
    "the sets with mirrored view and at most the middle crop lie above zero, by less than a point, and five "
    "crops lose.",
)

# %% [markdown]
# Four things to read off:
#
# - **The choice is good, not perfect.** For `none`, another set is a little ahead on the test images. And
#   the validation images had promised a little more than the test images gave: the best of eight scores is
#   partly luck. Had we chosen on the test images, we would report that luck as a result.
# - **More views are not better.** Nine take nine times as long as one. For `none` they gain no more than
#   two; for `basic` they gain nothing.
# - **Strange views can do harm.** `basic` has never met enlarged dogs, and five crops cost it some points.
#   `none` has not met them either; there averaging just makes up for what the single crops lose.
# - **Small things stay open.** These are fourteen intervals. If nothing made a difference, about one of
#   twenty would leave out zero by chance. Do not build on a lower end of +0.1.

# %% [markdown]
# ### Average or vote?


# %%
def share_of_ties(probabilities):
    """The share of the images for which several classes have the most votes."""
    votes = np.eye(probabilities.shape[2])[probabilities.argmax(axis=2)].sum(axis=0)
    return np.mean((votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1)


# %%
for name in ["+ mirrored", "all nine"]:
    for variant, of_variant in reference.items():
        positions = CANDIDATES[name]
        by_vote = accuracies(variant, positions, combine=views.vote)
        difference = evaluation.paired_difference(accuracies(variant, positions), by_vote)
        tied = np.mean([share_of_ties(each["test"][positions]) for each in of_variant])
        print(
            f"{name:10} {variant:6} average above vote {in_words(difference):21} ties: {tied:.1%} of images"
        )

# %% [markdown]
# With two views a vote is unanimous or a tie, and the mean decides the ties. So the two ways differ only
# where the mean is highest for a class that neither view puts first. With nine views the average is ahead
# for `none`; for `basic` the interval reaches zero. A vote counts a hesitant view as much as a sure one;
# the mean knows the difference. (Voting has its place where probabilities are not to be had, or not
# comparable.)

# %% [markdown]
# ## One view that is better than the image itself
#
# For both variants no single view was clearly better than the image as it is. That is no law. Here are the
# models of lesson 07 that were trained with random crops: from 40 % to 100 % of the area, brought back to
# the full size.

# %%
CROPS = "random_resized_crop(smallest=0.4,ratio=1)"
reference["crops"] = view_predictions.read_folder("../solutions/results/test_time_augmentation/crops")
print(len(reference["crops"]), "models;", "; ".join(reference["crops"][0]["views"]))

for split in ("validation", "test"):
    print(f"{split} images as they are: {np.mean(accuracies('crops', [0], split)):.1f} %")
    for name, positions in {
        "mirrored alone": [1],
        "middle crop alone": [2],
        "as is and middle crop": [0, 2],
        "as is and mirrored": [0, 1],
    }.items():
        print(f"    {name:22} {in_words(above_as_is('crops', positions, split))}")

# %% [markdown]
# The middle crop *alone* beats the image as it is by several points, and costs nothing: it is one view,
# too. Averaging the two throws a part of that away. (Mirrored dogs are as new to these models as to `none`,
# and averaging with them brings less than there, more than for `basic`: it is not only a matter of seen or
# unseen.)
#
# What is special about the middle crop? The size of the dog:

# %%
area = np.random.default_rng(10).uniform(0.4, 1.0, 100_000)  # as the crops are drawn in training
print(f"training crops: dogs {np.mean(1 / np.sqrt(area)):.2f} times as large, on average")
print(f"middle crop:    dogs {8 / 7:.2f} times as large")
print("as is:          dogs 1.00 times as large: the smallest that these models have ever seen")

# %% [markdown]
# Touvron et al. 2019 ([arXiv 1906.06423](https://arxiv.org/abs/1906.06423)) describe this for ImageNet:
# random crops make objects larger in training than they are at test time, and a model does best at the size
# that it knows. (We have not tried other sizes.) The remedy is no average but **one view that fits the
# training**. It even changes a verdict of lesson 07, where this crop was behind `basic` (20 epochs, the
# same seeds). Each is tested in the way that is best for it on validation images:

# %%
short_runs = runs.read_folder("../solutions/results/does_it_help/random")
basic_short = [100 * run["test_accuracy"] for run in evaluation.by_seed(short_runs, "basic").values()]
for name, positions in {"as is": [0], "middle crop": [2]}.items():
    difference = evaluation.paired_difference(accuracies("crops", positions), basic_short)
    print(f"crops, tested {name:12} above basic, as is: {in_words(difference)}: {difference.verdict}")

# %% [markdown]
# So look at how the test images are prepared before you call an augmentation weak.

# %% [markdown]
# ## How sure, after averaging?
#
# A model is well **calibrated** if its confidence is, on average, as high as its accuracy (lesson 09).
# Below: mean confidence minus accuracy, in points. Above zero is too sure, below zero too modest.

# %%
print(f"{'confidence − accuracy':23}{'none':24}basic")
for name in ["as is", "+ mirrored", "all nine"]:
    texts = []
    for variant in ("none", "basic"):
        averages = [views.average(each["test"][CANDIDATES[name]]) for each in reference[variant]]
        gaps = [100 * (each.max(axis=1).mean() - evaluation.top1(each, labels)) for each in averages]
        mean, low, high = evaluation.mean_interval(gaps)
        texts.append(f"{words.signed(mean)} ({words.interval(low, high)})")
    print(f"{name:23}{texts[0]:24}{texts[1]}")

# %% [markdown]
# Averaging makes every model less sure, since views that disagree leave no class a high mean. For `none`,
# which is far too sure of itself, two views are a cure and nine are too much. `basic` needs no cure, and
# each added view makes it more modest than it should be. So whoever *uses* the probabilities, and not only
# the class, has to look at them again after averaging.

# %% [markdown]
# ## What it costs
#
# Each view is a prediction of its own. We time the model of this notebook on one batch, with one, two and
# nine views in turn.

# %% tags=["nbval-ignore-output"]
batch = validation_batches.take(1)
times = {name: [] for name in ("as is", "+ mirrored", "all nine")}
for _ in range(4):  # in turn, so that a busy moment of the machine meets all of them
    for name, seconds in times.items():
        functions = [VIEWS[names[position]] for position in CANDIDATES[name]]
        start = time.perf_counter()
        evaluation.predict_with_views(model, batch, functions)
        seconds.append(time.perf_counter() - start)
once = np.array(times["as is"][1:])  # the first round warms up
for name, seconds in times.items():
    ratio = np.array(seconds[1:]) / once
    print(
        f"{name:10} {1000 * np.median(seconds[1:]):6.0f} ms, {np.median(ratio):.1f} times as long "
        f"({ratio.min():.1f} to {ratio.max():.1f})"
    )

# %% [markdown]
# The milliseconds are your machine's; the ratio is about the number of views, everywhere, and a little more
# for making the views. It is paid for *every* prediction, for as long as the model is in use. What else
# could be done for that price? Ask a second model, trained with another seed, about the image as it is, and
# average with it. Such a group of models is an **ensemble**; two models take twice the time of one, just as
# two views do. We put each model together with the one of the next seed, and compare with the mirrored
# views of the same two models, each on its own.

# %%
for variant in ("none", "basic"):
    as_is = [each["test"][0] for each in reference[variant]]
    two_models = [100 * evaluation.top1((as_is[place - 1] + as_is[place]) / 2, labels) for place in range(5)]
    of_views = accuracies(variant, MIRROR)
    two_views = [(of_views[place - 1] + of_views[place]) / 2 for place in range(5)]
    difference = evaluation.paired_difference(two_models, two_views)
    print(f"{variant:6} two models {np.mean(two_models):.1f} %, two views {np.mean(two_views):.1f} %")
    print(f"       difference {in_words(difference)}: {difference.verdict}")

# %% [markdown]
# (Each model is in two of the five pairs, so the differences are not independent, and the intervals are a
# little too narrow. Take them as rough.) For `none` two views do as well as two models, and save a
# training. For `basic` the second model seems the better use of the time. A likely reason: it brings
# mistakes of its own, which the mirrored view hardly does any more.
#
# And a longer training is paid for only once:

# %%
long_runs = runs.read_folder("../solutions/results/project")
for epochs, of_length in [(20, short_runs), (40, long_runs)]:
    reached = [100 * run["test_accuracy"] for run in evaluation.by_seed(of_length, "basic").values()]
    mean, low, high = evaluation.mean_interval(reached)
    print(f"basic, {epochs} epochs, image as is: {mean:.1f} % ({low:.1f} to {high:.1f})")

# %% [markdown]
# ### When not to
#
# - **Where an answer must be quick**, or millions are asked for: two views are half as many answers.
# - **Where a view changes the class**: a mirrored 2 is no digit, mirrored text no text, and a left hand
#   becomes a right one. A saffrel in another hue is a paprikin (lesson 02). The rule of training holds at
#   test time.
# - **Where the model answers alike for all views**: little is left to gain, and nearly as much is broken as
#   corrected.
# - **Where the view is strange to the model**: it was never asked such a thing before, and guesses.
# - **To compare two trainings**, if only one of them gets it: give both as many views, chosen in the same
#   way on validation images, or you compare the tests.

# %% [markdown]
# ## What you learned
#
# - Test-time augmentation asks one model about several fixed views of an image and averages the
#   probabilities; a vote ignores how sure the views are, and needs a rule for ties.
# - It helps where views are about equally good and make different mistakes: by some points for a model that
#   was trained without augmentation and makes many, by little or nothing for `basic`. Training with the
#   augmentation is worth far more.
# - Behind a small gain stand many corrected and many broken predictions. Count both.
# - The views are chosen on validation images. More are not better, and strange ones do harm.
# - One view that fits the training can beat the image as it is: random crops enlarge, so a crop may belong
#   to the test, too.
# - Averaging lowers the confidence, for better or worse.
# - The time grows with the number of views. A second model or a longer training may be the better use of
#   it.
#
# ## Questions
#
# 1. A colleague reports: “averaging over ten views raised the accuracy from 90.0 to 90.4 % on 1,000 test
#    images, so it mended four images.” What do you ask?
#
#    <details><summary>Answer</summary>
#
#    How many were corrected and how many broken: it may be 40 and 36. How many seeds that rests on, for
#    four images are easily luck. And on which images the ten views were chosen.
#
#    </details>
#
# 2. You average a model's answers to the image as it is and to an exact copy of it. What happens to
#    accuracy, confidence and time? And what does that say about good views?
#
#    <details><summary>Answer</summary>
#
#    Accuracy and confidence stay, the time doubles. A view that makes the same mistakes adds nothing; a
#    good one is right about as often, but wrong about other images.
#
#    </details>
#
# 3. A model for handwritten digits was trained without augmentation. Which of the nine views would you try?
#
#    <details><summary>Answer</summary>
#
#    Not the mirrored one, which makes other signs of most digits. Brighter and darker keep the label, and
#    so do mild crops where the digit does not touch the border. Then let validation images decide; perhaps
#    for the image as it is.
#
#    </details>
#
# **Next.** Lesson 11, class-dependent effects: which classes pay for a gain on average.
