# %% [markdown]
# # 10 Test-time augmentation
#
# **Goal.** Ask a trained model about several views of the same image, combine the answers, and find out
# what that corrects, what it breaks, and what it costs.
#
# **Time.** 50 minutes, exercises included; 10 more with *For the curious*. A good place for a pause is before
# “Which views?”.
#
# **You need to know** lesson 02 (what `basic` changes), from lesson 07 pairs of runs with the same seed and
# the 95 % interval of their differences, and from lessons 08 and 09 what a reference run is and what the
# confidence of a prediction.
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

from utils import checks, data, evaluation, figures, models, pipeline, training, words
from utils.evaluation import views
from utils.experiment import runs, view_predictions

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

figure, axes = figures.subplots(3, 3, size=(5.4, 5.9))
for axis, (name, view) in zip(axes.flat, VIEWS.items(), strict=True):
    axis.imshow(np.asarray(view(dog))[0])
    axis.set_axis_off()
    axis.set_title(name, fontsize=10, loc="center", fontweight="normal")
figures.show(
    figure,
    alt="The same dog nine times: as it is, mirrored, five times a little larger with other parts of the "
    "border cut off, once brighter and once darker.",
    kind="jpeg",
)

# %% [markdown]
# A crop keeps seven eighths of each side and is brought back to the full size, so all in it gets larger.
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
schedule = training.warm_up_cosine(course.learning_rate, steps=EPOCHS * len(training_batches))
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
# numbers [N]: by average, and by vote. Where several classes have the most votes, the one with the highest
# mean *among those that tie* wins. V, N and K may be any numbers.
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
# probabilities, and shares of the votes (with a trifle of the mean, for the ties). Here are three views of
# one image. Two lean to class 0, the third is very sure of class 1:

# %%
one_image = np.array([[[0.45, 0.40, 0.15]], [[0.45, 0.40, 0.15]], [[0.05, 0.90, 0.05]]])
print("average: class", views.average(one_image).argmax(), "– mean", views.average(one_image).round(2))
print("vote:    class", views.vote(one_image).argmax(), "– two of three votes")

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
# | crop: a part, enlarged and so a little blurred | no | no, `basic` shifts but never enlarges |

# %%
found = view_predictions.read_folder("../solutions/results/test_time_augmentation")
reference = {
    variant: [each for each in found if each["augmentation"] == variant] for variant in ("none", "basic")
}
for variant, of_variant in reference.items():
    test, validation_table = of_variant[0]["test"], of_variant[0]["validation"]
    print(f"{variant:6} {len(of_variant)} models, test {test.shape}, validation {validation_table.shape}")
labels = found[0]["test_labels"]


# %% [markdown]
# Two models with the same seed are a pair. `evaluation.paired_difference` takes the differences pair by
# pair; its `verdict` is “better” or “worse” only if their 95 % interval leaves out zero.


# %%
def accuracies(of_models, positions, split="test", combine=views.average):
    """Accuracy in percent of each model with these views: [S]."""
    return [
        100 * evaluation.top1(combine(each[split][positions]), each[f"{split}_labels"]) for each in of_models
    ]


def above_as_is(of_models, positions, split="test"):
    """Points above the image as is, over the five seeds."""
    return evaluation.paired_difference(
        accuracies(of_models, positions, split), accuracies(of_models, [0], split)
    )


def in_words(difference):
    """Such as `+3.4 (+2.2 to +4.6)`: the mean and its 95 % interval."""
    return f"{words.signed(difference.mean)} ({words.interval(difference.low, difference.high)})"


# %% [markdown]
# First each view on its own: how many points of accuracy above (or below) the image as it is? We are still
# finding our way, so these are **validation** images. The test images come when we know what to ask.


# %%
def draw_points(axis, row, variant, positions, split):
    """A mark for each seed, a bar for the interval: points above the image as is."""
    of_models = reference[variant]
    points = np.subtract(accuracies(of_models, positions, split), accuracies(of_models, [0], split))
    difference = above_as_is(of_models, positions, split)
    bar = {"color": figures.color(variant), "linewidth": 10, "alpha": 0.25}
    axis.plot([difference.low, difference.high], [row] * 2, solid_capstyle="butt", **bar)
    look = {"markersize": 5, "markerfacecolor": "none", "linestyle": "none"}
    axis.plot(points, [row] * 5, figures.marker(variant), color=figures.color(variant), **look)


figure, axes = figures.subplots(1, 2, size=(8.6, 3.5), sharey=True)
for axis, variant in zip(axes, reference, strict=True):
    axis.axvline(0, color=figures.INK, linewidth=1)
    for row, position in enumerate(range(1, len(names))):
        draw_points(axis, row, variant, [position], "validation")
    axis.set(xlim=(-36, 6), xlabel="points above the image as it is")
axes[0].set_title("none: all but mirrored cost a lot")
axes[1].set_title("basic: light costs little, crops more")
axes[0].set_yticks(range(len(names) - 1), names[1:])
axes[0].invert_yaxis()
figures.show(
    figure,
    alt="Points of validation accuracy above the image as it is, a mark for each of five models. Mirrored "
    "lies around zero for both variants. The crops cost five to twelve points in the mean. Brighter and "
    "darker cost basic one to two, none many more: darker about thirty.",
)


# %%
def by_verdict(of_models, sets, split):
    """Print what the intervals say about each set of views, the mean in brackets."""
    found = {"better": [], "no clear difference": [], "worse": []}
    for name, positions in sets.items():
        difference = above_as_is(of_models, positions, split)
        found[difference.verdict].append(f"{name} ({words.signed(difference.mean)})")
    for verdict, of_verdict in found.items():
        print(f"    {verdict}:", "; ".join(of_verdict) or "–")


single = {name: [position] for position, name in enumerate(names) if name != "as is"}
for variant, of_variant in reference.items():
    print(f"trained with {variant}, each view alone, above or below as is:")
    by_verdict(of_variant, single, "validation")

# %% [markdown]
# **No view on its own is better than the image as it is.** Mirrored pictures are about as good, nearly all
# others are worse. Neither variant has ever met an enlarged picture: a crop cuts the border, makes the dog
# larger, and softens the edges. Which of these costs most we do not know. `none` has never seen so little
# light, either; for `basic`, which has, the same change costs little. Why then should it help to listen to
# the views at all?
#
# ## Equally good, and yet not the same
#
# Look at *mirrored*, which costs next to nothing. Does the model give the same answers?

# %%
for variant, of_variant in reference.items():
    rows = []
    for each in of_variant:
        as_is, mirrored = each["validation"][:2].argmax(axis=2)
        was, now = as_is == each["validation_labels"], mirrored == each["validation_labels"]
        rows.append([was & ~now, ~was & now, ~was & ~now & (as_is != mirrored)])
    shares = 100 * np.mean(rows, axis=(0, 2))
    print(f"{variant}: when mirrored, {shares.sum():.0f} % of the images get another answer:")
    print("    right → wrong {:.1f} %; wrong → right {:.1f} %; wrong → wrong {:.1f} %".format(*shares))

# %% [markdown]
# `none` changes its mind about a third of the images. About as many answers turn from right to wrong as from
# wrong to right, so it is right as often as before, but about *other images*. It was never told that a
# mirrored dog is the same dog; much of what it has learned is probably an accident of the side that the dog
# looks to. `basic` was told, and mostly answers alike. (It is also right more often, which leaves less room
# to disagree.)
#
# That is what averaging lives on: **views that are about equally good and make different mistakes.** Where
# both make the same mistake, the average makes it, too. So `basic` should have less to gain. Now we know
# what to ask, and ask the test images:

# %%
MIRROR = [0, 1]  # as is, and mirrored
for variant, of_variant in reference.items():
    difference = above_as_is(of_variant, MIRROR)
    print(f"{variant:6} image as it is {np.mean(accuracies(of_variant, [0])):.1f} %")
    print(f"       average with mirrored: {in_words(difference)} points: {difference.verdict}")

# %% [markdown]
# `none` gains more than three points, without a minute of training; for `basic` the interval holds zero: a
# small gain, none, or a small loss. (But `basic` also has far fewer errors left to correct. So these runs do
# not tell how much of the difference comes from having *seen* mirrored dogs, and how much from being the
# better model.)
#
# Is test-time augmentation then a substitute for training with augmentation?

# %%
none, basic = reference["none"], reference["basic"]
trained = evaluation.paired_difference(accuracies(basic, [0]), accuracies(none, MIRROR))
print(f"none, average with mirrored: {np.mean(accuracies(none, MIRROR)):.1f} %")
print(f"basic, image as it is:       {np.mean(accuracies(basic, [0])):.1f} %")
print(f"difference:                  {in_words(trained)}")

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
# The function of the same name in `views` *counts* them, from two tables of probabilities. For each of the
# ten models, out of 1,200 test images, after averaging with the mirrored view:

# %%
counts = {
    variant: [
        views.corrected_and_broken(each["test"][0], views.average(each["test"][:2]), labels)
        for each in of_variant
    ]
    for variant, of_variant in reference.items()
}
for variant, rows in counts.items():
    corrected, broken = np.mean(rows, axis=0)
    print(f"{variant:6} on average {corrected:.1f} corrected − {broken:.1f} broken =", end=" ")
    print(f"{corrected - broken:.1f} more right, or {100 * (corrected - broken) / len(labels):.1f} points")

# %%
figure, axes = figures.subplots(1, 2, size=(8.4, 3.3), sharey=True)
for axis, rows in zip(axes, counts.values(), strict=True):
    for place, (corrected, broken) in enumerate(rows):
        axis.bar(place, corrected, color="#009e73")
        axis.bar(place, -broken, color="#d55e00")
        text = words.signed(corrected - broken, digits=0)
        axis.text(place, corrected + 3, text, ha="center", fontweight="bold")
    axis.axhline(0, color=figures.INK, linewidth=1)
    axis.set_xticks(range(5), [f"seed {place + 1}" for place in range(5)])
axes[0].set(title="none: many corrected, many broken", ylabel="test images", ylim=(-100, 135))
axes[1].set(title="basic: fewer of both, little is left")
figures.show(
    figure,
    alt="For each of five models of none and of basic a green bar upwards, predictions corrected, and an "
    "orange one downwards, predictions broken, with their difference on top. For none 95 to 112 are "
    "corrected and 45 to 83 broken, for basic 18 to 36 and 15 to 28: for two of its models one and three "
    "images are left, and one loses ten.",
)

# %% [markdown]
# Green above the line is corrected, orange below it broken, the number on top what is left. Every one of the
# ten models corrects some predictions *and* breaks some. The gain is what two larger numbers leave: “basic
# gains 0.4 points” means that of 1,200 images about 28 are corrected and 22 are broken; for two of its
# five models almost nothing is left, and one loses ten images. Shanmugam et al. 2021
# ([arXiv 2011.11156](https://arxiv.org/abs/2011.11156)) describe the same for photographs. The broken ones
# are not nothing: they were right, and are now wrong.
#
# Which images are these? For one `basic` model we sort the corrected and the broken ones by how sure it was
# of the image as it is, and look at the middle two of each.

# %%
first = reference["basic"][0]["test"]
own_average = views.average(first[:2])
before, after = first[0].argmax(axis=1), own_average.argmax(axis=1)


def middle_two(which):
    """The positions of two of these images: half of the others are less sure, half are surer."""
    positions = np.flatnonzero(which)
    in_order = positions[np.argsort(first[0, positions].max(axis=1))]
    return in_order[len(in_order) // 2 - 1 : len(in_order) // 2 + 1]


examples = {number: "corrected" for number in middle_two((before != labels) & (after == labels))}
examples |= {number: "broken" for number in middle_two((before == labels) & (after != labels))}
for number, what in examples.items():
    print(f"test image {number:4}: {CLASS_NAMES[before[number]]} → {CLASS_NAMES[after[number]]}, {what}")


# %%
def draw_shares(axis, number, rival):
    """How the true class and its rival share the probability: as is, mirrored, and the average."""
    rows = {"as is": first[0, number], "mirrored": first[1, number], "average": own_average[number]}
    true = labels[number]
    for row, answer in enumerate(rows.values()):
        axis.barh(row, answer[true], color="#0072b2")
        axis.barh(row, answer[rival], left=1 - answer[rival], color="#e69f00")
        axis.text(0.02, row, f"{answer[true]:.2f}", va="center", color="white")
        axis.text(0.98, row, f"{answer[rival]:.2f}", va="center", ha="right")
    axis.set_yticks(range(3), rows)
    axis.tick_params(length=0)
    axis.set(xlim=(0, 1), xticks=[], ylim=(2.5, -0.5), frame_on=False)
    axis.grid(False)
    axis.set_title(f"{CLASS_NAMES[true]} (true, blue) or {CLASS_NAMES[rival]}?", fontsize=10)


figure, axes = figures.subplots(4, 3, size=(7.4, 6.6), width_ratios=[1, 1, 2.2])
for (as_is, mirrored, bars), (number, what) in zip(axes, examples.items(), strict=True):
    as_is.imshow(test_images[number])
    mirrored.imshow(test_images[number, :, ::-1])
    for axis, title in ((as_is, "as is"), (mirrored, "mirrored")):
        axis.set(xticks=[], yticks=[], frame_on=False)
        axis.grid(False)
        axis.set_title(title, fontsize=10, loc="center")
    as_is.set_ylabel(what, fontsize=11)
    draw_shares(bars, number, rival=(before if what == "corrected" else after)[number])
figures.show(
    figure,
    alt="Four dogs, as is and mirrored, and beside each how the probability is shared between the true "
    "class (blue, left) and a rival (orange, right). For the two corrected ones the rival leads a little as "
    "is, the true class leads in the mirrored picture and on average; for the two broken ones it is the "
    "other way round.",
    kind="jpeg",
)

# %% [markdown]
# Blue is the true class, orange its rival; next to nothing is left for the other ten classes. To us each
# pair of pictures shows the same dog. The model is not so sure of the image as it is, and surer of the
# mirrored one, which tips the scales: to the right side or to the wrong one. Is that so in general?

# %%
for variant, of_variant in reference.items():
    rows = []
    for each in of_variant:
        as_is, mirrored = each["test"][:2]
        changed = as_is.argmax(axis=1) != views.average(each["test"][:2]).argmax(axis=1)
        sure, sure_mirrored = as_is.max(axis=1), mirrored.max(axis=1)
        rows.append([sure[changed].mean(), sure_mirrored[changed].mean(), sure[~changed].mean()])
    changing, of_mirror, others = np.mean(rows, axis=0)
    print(f"{variant:6} mean confidence where the average changes the answer:", end=" ")
    print(f"as is {changing:.2f}, mirrored {of_mirror:.2f}; elsewhere as is {others:.2f}")

# %% [markdown]
# So averaging decides anew where the model was less sure than elsewhere and the mirrored view surer: for
# `none` clearly more often for the better than for the worse, for `basic` about as often.

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
# This is what such a choice finds. Yours should find the same: try
# `choose_views(CANDIDATES, stacked["none"], validation_labels)`.

# %%
chosen = {}
for variant, of_variant in reference.items():
    scores = {name: np.mean(accuracies(of_variant, each, "validation")) for name, each in CANDIDATES.items()}
    chosen[variant] = max(CANDIDATES, key=lambda name: (scores[name], -len(CANDIDATES[name])))
    print(f"{variant}, accuracy on validation images:")
    print("   ", "; ".join(f"{name} {score:.2f}" for name, score in scores.items()))
    print(f"    chosen: {chosen[variant]}")

# %% [markdown]
# In a project of your own the test images would come now, and once, for the chosen set alone. We have asked
# them about *+ mirrored* above, to understand what averaging does, and now ask about all sets, to see what a
# choice on validation images is worth.

# %%
sets = {name: positions for name, positions in CANDIDATES.items() if name != "as is"}
figure, axes = figures.subplots(1, 2, size=(8.6, 3.3), sharey=True, sharex=True)
for axis, variant in zip(axes, reference, strict=True):
    axis.axvline(0, color=figures.INK, linewidth=1)
    for row, (name, positions) in enumerate(sets.items()):
        draw_points(axis, row, variant, positions, "test")
        if name == chosen[variant]:
            axis.axhspan(row - 0.45, row + 0.45, color="#f0e442", alpha=0.4, zorder=0)
    axis.set(xlabel="points above as is (yellow: chosen)")
axes[0].set_title("none: the mirrored view helps")
axes[1].set_title("basic: little to gain, something to lose")
axes[0].set_yticks(range(len(sets)), sets)
axes[0].invert_yaxis()
figures.show(
    figure,
    alt="Points of test accuracy above the image as it is for seven sets of views, a mark for each model, "
    "the chosen set on yellow. Trained with none, all sets with the mirrored view gain two to four points "
    "in the mean. Trained with basic, most sets lie within a point of zero; the middle crop loses one point, "
    "five crops about three.",
)

# %%
for variant, of_variant in reference.items():
    gains = [above_as_is(of_variant, CANDIDATES[chosen[variant]], split) for split in ("validation", "test")]
    promised, given = (words.signed(gain.mean) for gain in gains)
    print(f"{variant}: {chosen[variant]} promised {promised} points (validation), gave {given} (test)")
    by_verdict(of_variant, sets, "test")

# %% [markdown]
# Four things to read off:
#
# - **The choice is good, not perfect.** For both variants the chosen set promised more than it gave. The
#   best of eight scores tends to flatter, though two choices do not prove it. Had we chosen on the test
#   images, we could not know.
# - **More views are not better.** Nine take nine times as long as one. For `none` they gain about as much as
#   two; for `basic` no gain is to be seen.
# - **Strange views can do harm.** `basic` has never met enlarged pictures, and five crops cost it some
#   points. `none` has not met them either; there averaging just makes up for what the single crops lose.
# - **Small things stay open.** These are fourteen intervals. If nothing made a difference, about one of
#   twenty would leave out zero by chance. Do not build on half a point.

# %% [markdown]
# ### Average or vote?
#
# With two views a vote is unanimous or a tie, and the mean decides the ties: the two ways hardly differ. So
# take all nine.

# %%
for variant, of_variant in reference.items():
    by_vote = accuracies(of_variant, CANDIDATES["all nine"], combine=views.vote)
    difference = evaluation.paired_difference(accuracies(of_variant, CANDIDATES["all nine"]), by_vote)
    print(f"{variant:6} average above vote {in_words(difference)}: {difference.verdict}")

# %% [markdown]
# A vote counts a hesitant view as much as a sure one; the mean knows the difference. (Voting has its place
# where probabilities are not to be had, or not comparable.)

# %% [markdown]
# ## One view that is better than the image itself
#
# For both variants no single view was better than the image as it is. That is no law. Here are the models of
# lesson 07 that were trained with random crops: from 40 % to 100 % of the area, brought back to the full
# size. (They had 20 epochs, not 40, so compare them only with each other.)

# %%
crops = view_predictions.read_folder("../solutions/results/test_time_augmentation/crops")
print(len(crops), "models;", "; ".join(crops[0]["views"]))
ways = {"mirrored alone": [1], "middle crop alone": [2], "as is and middle crop": [0, 2]}
for split in ("validation", "test"):
    print(f"{split} images as they are: {np.mean(accuracies(crops, [0], split)):.1f} %")
    for name, positions in ways.items():
        print(f"    {name:22} {in_words(above_as_is(crops, positions, split))}")

# %% [markdown]
# The middle crop *alone* beats the image as it is by several points, and costs nothing: it is one view,
# too. Averaging the two throws a part of that away. A likely reason is the enlargement: these models have met
# it in nearly every training picture, `none` and `basic` never (more in *For the curious*). The remedy is no
# average but **one view that fits the training**. So look at how the test images are prepared before you
# call an augmentation weak.

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
# for making the views. It is paid for *every* prediction, for as long as the model is in use. A second model
# or a longer training may be the better use of it: *For the curious* compares.

# %% [markdown]
# ## When not to
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
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### Why a crop fits models trained with crops

# %%
area = np.random.default_rng(10).uniform(0.4, 1.0, 100_000)  # as the crops are drawn in training
print(f"training crops: enlarged {np.mean(1 / np.sqrt(area)):.2f} times, on average")
print(f"middle crop:    enlarged {8 / 7:.2f} times")
print("as is:          enlarged 1.00 times: the least that these models have met")

# %% [markdown]
# Touvron et al. 2019 ([arXiv 1906.06423](https://arxiv.org/abs/1906.06423)) describe this for ImageNet:
# random crops make objects larger in training than they are at test time, and a model does best at the size
# that it knows. (We have not tried other sizes, nor told size from blur. And toy dogs differ in size from
# picture to picture by a third, by more than the crop enlarges.)
#
# It turns a verdict of lesson 07 from “worse” into “no clear difference”: there this crop was behind `basic`
# (20 epochs, the same seeds). Each is asked about one view here: the crops about the one that is best for
# them on validation images, too, `basic` about the image as it is (no other single view was better for its
# relatives of 40 epochs).

# %%
short_runs = runs.read_folder("../solutions/results/does_it_help/random")
basic_short = [100 * run.test_accuracy for run in evaluation.by_seed(short_runs, "basic").values()]
for name, positions in {"as is": [0], "middle crop": [2]}.items():
    difference = evaluation.paired_difference(accuracies(crops, positions), basic_short)
    print(f"crops, tested {name:12} above basic, as is: {in_words(difference)}: {difference.verdict}")

# %% [markdown]
# ### How sure, after averaging?
#
# A model is well **calibrated** if its confidence is, on average, as high as its accuracy (lesson 09).
# Below: mean confidence minus accuracy, in points. Above zero is too sure, below zero too modest. (Near zero
# is not yet good: too sure here and too modest there may cancel.)

# %%
print(f"{'confidence − accuracy':23}{'none':24}basic")
for name in ["as is", "+ mirrored", "all nine"]:
    texts = []
    for of_variant in reference.values():
        averages = [views.average(each["test"][CANDIDATES[name]]) for each in of_variant]
        gaps = [100 * (each.max(axis=1).mean() - evaluation.top1(each, labels)) for each in averages]
        mean, low, high = evaluation.mean_interval(gaps)
        texts.append(f"{words.signed(mean)} ({words.interval(low, high)})")
    print(f"{name:23}{texts[0]:24}{texts[1]}")

# %% [markdown]
# Averaging makes every model less sure, since views that disagree leave no class a high mean. For `none`,
# which is far too sure of itself, two views are almost a cure, here, and nine are too much. `basic` needs no
# cure, and each added view makes it more modest than it should be. So whoever *uses* the probabilities, and
# not only the class, has to look at them again after averaging.
#
# ### What else for the same time
#
# Ask a second model, trained with another seed, about the image as it is, and average with it. Such a group
# of models is an **ensemble**; at test time two models take twice the time of one, just as two views do.
# (They also take a second training, and twice the memory.) We put each model together with the one of the
# next seed, and compare with the mirrored views of the same two models, each on its own.

# %%
for variant, of_variant in reference.items():
    as_is = [each["test"][0] for each in of_variant]
    two_models = [100 * evaluation.top1((as_is[place - 1] + as_is[place]) / 2, labels) for place in range(5)]
    of_views = accuracies(of_variant, MIRROR)
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
    reached = [100 * run.test_accuracy for run in evaluation.by_seed(of_length, "basic").values()]
    mean, low, high = evaluation.mean_interval(reached)
    print(f"basic, {epochs} epochs, image as is: {mean:.1f} % ({low:.1f} to {high:.1f})")

# %% [markdown]
# Twice the training gave `basic` about five points, twice the asking less than one. (The seeds of the two
# lengths differ, so these are no pairs.)

# %% [markdown]
# ## What you learned
#
# - Test-time augmentation asks one model about several fixed views of an image and averages the
#   probabilities; a vote ignores how sure the views are, and needs a rule for ties.
# - It helps where views are about equally good and make different mistakes: by some points for a model that
#   was trained without augmentation, by little or nothing for `basic`. Training with the augmentation is
#   worth far more.
# - Behind a small gain stand many corrected and many broken predictions. Count both.
# - The views are chosen on validation images. More are not better, and one view that fits the training can
#   beat the image as it is.
# - The time grows with the number of views.
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
