# %% [markdown]
# # 14 The comparison project
#
# **Goal.** Train a ResNet with your own CutMix and MixUp, show with evidence what makes it better, and hand
# it in.
#
# **Time.** About two hours of yours, on as many days as you like, and up to half an hour of your computer's.
# It trains while you do something else, and goes on where it was when you stop it.
#
# **You need to know** lessons 07 (`compile` and `fit`, pairs of runs, the interval of a gain), 08 (CutMix)
# and 09 (MixUp).
#
# The project has seven tasks. First you train by hand, in your own lines. Then your functions are compared
# over several seeds, and you find what works best.
#
# As it comes, the notebook shows the course's own project, whose runs are in `solutions/results/project`.
# With your id it starts from nothing.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import pathlib
import shutil

import IPython.display
import keras
import pandas as pd
import tensorflow as tf

from utils import charts, checks, data, evaluation, experiment, figures, mixing, models
from utils.experiment import runs
from utils.grading import rubric, submission

# %% [markdown]
# ## How it is graded
#
# The **rubric** is the list of what earns points. Task 7 computes them as your instructor does, as often as
# you like.

# %%
IPython.display.Markdown(rubric.describe())

# %% [markdown]
# - **Unmixed.** The labels of mixed images have a floor under their loss (lesson 09), so that loss cannot be
#   compared. After every epoch the course measures the loss on training images as they are.
# - **Points.** From 60 % to 65 % are 5 percentage *points*, and 8.3 *percent* more. The rubric counts
#   points: one already earns a share, five earn all.
# - **Paired.** Runs with one seed start from the same weights and see the images in the same order. The mean
#   of their differences has a **95 % interval**, *mean ± t · s / √n* (lesson 07): five seeds tell much more
#   than three.
# - **Epochs.** Train for 20 at least: fewer earn less.
# - **Your own.** Item 2, 40 points, counts from two variants of your own on; the best may still be `basic`.
#
# ## Task 1: begin
#
# Write your id in place of `reference`, the one that your instructor uses (letters, digits and . _ @ -). Your
# seeds follow from it, so nobody else has your numbers.
#
# `settings.load(shots=20)` takes twenty images per class (not below ten), `settings.load(epochs=60)` trains
# longer (not below twenty). Fewer images make augmentation matter more; more epochs let slow learners catch
# up. All runs of a project share their settings: for others, change this cell and `FOLDER`, and train anew.
# The data set stays, unless your instructor says otherwise: grading knows its true labels.

# %%
STUDENT = "reference"  # your id
course = settings.load()  # settings.load(shots=20), settings.load(epochs=60), …

FOLDER = pathlib.Path("..", "runs", f"project_{STUDENT}")
RUNS = submission.start(FOLDER, STUDENT, course)
print(f"{course.dataset}, {course.model}, {course.epochs} epochs a run")

# %% [markdown]
# ## Task 2: your CutMix and your MixUp
#
# They are what is compared and graded. Take them from lessons 08 and 09 (with the helpers `boxes` and
# `beta`, into the same cell), or write them anew. A parameter with a default, such as `alpha`, is a setting
# that you can vary later.
#
# ## Exercise 1: CutMix
#
# For each image λ, evenly distributed from 0 to 1, a box around any place, clipped at the border, and a
# partner, by a shuffle. The box is filled with the partner's pixels, the label has the share of the pixels.
# `images` is `[B, H, W, 3]`, `labels` float `[B, K]`, `seed` a stateless seed; the images keep their dtype.
# In lesson 08 the draws and `boxes` were given; here the cell holds them, too.
#
# <details><summary>Hint</summary>
#
# λ, the center and the partners are drawn with a seed of their own each, from `tf.random.split(seed, 3)`.
# Lesson 08 has the box ("The box") and the mask ("The batch").
#
# </details>


# %%
def my_cutmix(images, labels, *, seed):
    """CutMix: returns (images, labels)."""
    # solution begins: Exercise 1: CutMix
    count, height, width, _ = tf.unstack(tf.shape(images))
    partner_seed, lam_seed, center_seed = tf.unstack(tf.random.split(seed, 3))
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed)
    lam = tf.random.stateless_uniform([count], lam_seed)
    center = tf.random.stateless_uniform([2, count], center_seed)

    size = tf.cast([[height], [width]], tf.float32)
    half = tf.sqrt(1 - lam) / 2
    start = tf.cast(tf.round(tf.clip_by_value(center - half, 0, 1) * size), tf.int32)
    stop = tf.cast(tf.round(tf.clip_by_value(center + half, 0, 1) * size), tf.int32)
    (top, left), (bottom, right) = tf.unstack(start), tf.unstack(stop)

    rows, columns = tf.range(height), tf.range(width)
    inside_rows = (rows >= top[:, tf.newaxis]) & (rows < bottom[:, tf.newaxis])
    inside_columns = (columns >= left[:, tf.newaxis]) & (columns < right[:, tf.newaxis])
    mask = inside_rows[:, :, tf.newaxis] & inside_columns[:, tf.newaxis, :]
    mixed = tf.where(mask[..., tf.newaxis], tf.gather(images, partner), images)

    pasted = tf.reduce_mean(tf.cast(mask, labels.dtype), axis=[1, 2])[:, tf.newaxis]
    return mixed, (1 - pasted) * labels + pasted * tf.gather(labels, partner)
    # solution ends


# %%
checks.lesson_14.my_cutmix(my_cutmix)

# %% [markdown]
# ## Exercise 2: MixUp
#
# A λ ~ Beta(α, α) for each image, the same for its pixels and its label. Images come out as float32.
#
# <details><summary>Hint</summary>
#
# Lesson 09: two draws of `tf.random.stateless_gamma` make one of Beta.
#
# </details>


# %%
def my_mixup(images, labels, *, seed, alpha=0.2):
    """MixUp: returns (float32 images, labels)."""
    # solution begins: Exercise 2: MixUp
    count = tf.shape(images)[0]
    partner_seed, lam_seed = tf.unstack(tf.random.split(seed, 2))
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed)
    first, second = tf.unstack(tf.random.stateless_gamma([2, count], lam_seed, alpha))
    lam = tf.math.divide_no_nan(first, first + second)  # both may be 0: then the partner is taken
    images, of_images, of_labels = tf.cast(images, tf.float32), lam[:, None, None, None], lam[:, None]
    mixed = of_images * images + (1 - of_images) * tf.gather(images, partner)
    return mixed, of_labels * labels + (1 - of_labels) * tf.gather(labels, partner)
    # solution ends


# %%
checks.lesson_14.my_mixup(my_mixup)

# %%
cutmix = checks.yours(my_cutmix, otherwise=mixing.cutmix)
mixup = checks.yours(my_mixup, otherwise=mixing.mixup)

# %% [markdown]
# ## Task 3: one training by hand
#
# Five steps: make the data sets, make the model, train, plot the training, compare. The first three are
# yours.

# %%
options = {"image_size": course.image_size, "classes": course.classes}
train = data.load(course.dataset, "train", shots=course.shots, **options)
validation = data.load(course.dataset, "validation", **options)
class_names = data.info(course.dataset, course.classes).class_names
print(f"{len(train)} training and {len(validation)} validation images")
print(f"{len(class_names)} classes, so chance is {1 / len(class_names):.1%}")

# %% [markdown]
# ## Exercise 3: the first three steps
#
# `train` and `validation` are data sets of (image, class number). `mix` is a mix or `None`. Make training
# batches with one-hot labels, in a new order each epoch, mixed with a new seed for each batch; and
# validation batches as they are. Make a ResNet, each time with the same starting weights
# (`keras.utils.set_random_seed(14)` before it), compile it (Adam at `course.learning_rate`,
# `categorical_crossentropy`, the metric `"accuracy"`), fit it for `epochs` epochs (`verbose=0`). Return the
# model and what `fit` returns.
#
# <details><summary>Hint</summary>
#
# Lesson 08, "Train with it", has all of it: `map`, `cache`, `shuffle`, `batch`, then the mix, with seeds from
# `tf.data.Dataset.random(seed=…, rerandomize_each_iteration=True).batch(2)`. The network is
# `models.build(course.model, num_classes=…, image_size=course.image_size, weights=course.weights)`.
#
# </details>


# %%
def train_by_hand(train, validation, mix, epochs):
    """Train a new ResNet on batches that `mix` has mixed; returns the model and Keras' history."""
    # solution begins: Exercise 3: the first three steps
    classes = len(class_names)

    def one_hot(image, label):
        return image, tf.one_hot(label, classes)

    batches = train.map(one_hot).cache().shuffle(len(train), seed=14)
    batches = batches.batch(course.batch_size, drop_remainder=True)
    if mix is not None:
        seeds = tf.data.Dataset.random(seed=14, rerandomize_each_iteration=True).batch(2)
        batches = tf.data.Dataset.zip(batches, seeds).map(lambda batch, seed: mix(*batch, seed=seed))
    validation_batches = validation.map(one_hot).batch(course.batch_size).cache()

    keras.utils.set_random_seed(14)
    model = models.build(
        course.model, num_classes=classes, image_size=course.image_size, weights=course.weights
    )
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        batches.prefetch(2), validation_data=validation_batches, epochs=epochs, shuffle=False, verbose=0
    )
    return model, history
    # solution ends


# %%
checks.lesson_14.train_by_hand(train_by_hand)


# %%
by_hand = checks.yours(train_by_hand, otherwise=checks.lesson_14.the_courses_training)

# %% [markdown]
# **Guess.** Eight epochs each: which of `none`, `cutmix` and `mixup` has the highest accuracy on its training
# batches, which on the validation images?

# %% tags=["nbval-ignore-output"]
EPOCHS = 8
trained = {
    name: by_hand(train, validation, mix, EPOCHS)
    for name, mix in {"none": None, "cutmix": cutmix, "mixup": mixup}.items()
}

# %% [markdown]
# Step 4, plot the training. `submission.show_figure` shows a figure and saves it in your project's folder.

# %% tags=["nbval-ignore-output"]
histories = {name: history.history for name, (_, history) in trained.items()}
epochs = pd.RangeIndex(1, EPOCHS + 1, name="epoch")
figure, axes = figures.subplots(1, 2, size=(8.2, 3.3), sharey=True)
for axis, measure in zip(axes, ["accuracy", "val_accuracy"], strict=True):
    table = pd.DataFrame({name: history[measure] for name, history in histories.items()}, epochs)
    table.plot(ax=axis, title=measure, marker="o", color=[figures.color(name) for name in table])
submission.show_figure(
    FOLDER,
    "by_hand",
    figure,
    "Two panels with the accuracy of none, cutmix and mixup over eight epochs: on their own training batches "
    "and on the validation images.",
)

# %% [markdown]
# `none` has the highest accuracy on its batches, since they are the easiest; that says nothing about the
# network.
#
# Step 5, compare. Accuracies on batches of different mixes cannot be compared, so `evaluate` measures on
# training images as they are.

# %% tags=["nbval-ignore-output"]
unmixed = train.map(lambda image, label: (image, tf.one_hot(label, len(class_names)))).batch(
    course.batch_size
)
for name, (model, _) in trained.items():
    _, accuracy = model.evaluate(unmixed, verbose=0)
    last = histories[name]["val_accuracy"][-1]
    print(f"{name:7} training images as they are {accuracy:4.0%}, validation images {last:4.0%}")

# %% [markdown]
# One training each, of eight epochs: with another seed the order may be another. A conclusion needs more
# epochs, several seeds and images that had no part in any choice. That is the rest of the project.
#
# ## Task 4: your plan
#
# From here on the names `cutmix` and `mixup` mean *your* functions. Each run keeps their source, and what
# the checker says of them (without the checks for wrong input). Where a check has not passed, they stay the
# course's, which earns less. If you change a function later, its runs are trained anew: delete all files in
# `FOLDER/runs` with `cutmix` in their name (`basic+cutmix`, too), then run the cells from the function on.

# %%
experiment.register("cutmix", mix=cutmix)
experiment.register("mixup", mix=mixup)

# %% [markdown]
# `none`, `basic`, `cutmix` and `mixup` must be there. Finding the best augmentation is up to you: add at
# least two variants of your own making. Each line of this table counts as one, and so does another setting.
# For these drawings and 40 epochs lesson 08 has answered the first, third and fourth: ask something new.
#
# | you write | it means |
# |---|---|
# | `basic+cutmix` | basic augmentation, then CutMix |
# | `mixup(alpha=0.4)` | your MixUp with α = 0.4, if `alpha` is a parameter of your function |
# | `basic+cutmix(rate=0.5)` | CutMix for half of the images |
# | `basic+cutmix(until=0.7)` | CutMix in the first 70 % of the epochs, then none |
# | `basic+random_resized_crop(smallest=0.6)` | basic, then a random crop of at least 60 % of the area |
# | `basic+trivial_augment`, `rand_augment`, `cutout`, `grid_mask`, `color`, … | lessons 05, 06 and 08 |
# | `mine`, after `experiment.register("mine", augment=…)` | your `augment(images, *, seed)` |

# %%
VARIANTS = ["none", "basic", "cutmix", "mixup"]  # and yours
SEEDS = 3  # five make a verdict firm

runs_planned = len(VARIANTS) * SEEDS
print(f"{runs_planned} runs of {course.epochs} epochs")

# %%
comparison = experiment.Comparison(course)
samples = comparison.samples(VARIANTS)
figures.show(*charts.samples(samples, "cutmix", comparison.class_names), kind="jpeg")

# %% [markdown]
# **Your turn.** Look at the other variants: change the name in the last line. Is each label what you would
# say of the picture? (Two images of one class make a one-hot label again.) Do you still recognize the
# breed? Then open `analysis.md` in your project's folder (`runs/project_…`), and write which variant you
# *expect* to win, and why. Before you train, it is an honest guess.
#
# ## Task 5: train
#
# One cell trains all that is missing, as many runs at once as your computer has cores, and says first how
# long it will take. Train one seed first (`SEEDS = 1`), and look at its curves in Task 6 before you train
# the others. By hand the learning rate stayed the same; here it rises in the first epochs, then falls to 0.
# Stop it (■ in the tool bar) whenever you like: finished runs stay in `FOLDER`, and the same cell goes on
# from there. Later you may add variants and raise `SEEDS`. The figures show your list, the rubric counts the
# whole folder: delete the files of a variant that you take out.
#
# Runs of one seed are pairs: the same start, order of images and number of steps. The test images are used
# once per run, after it. With `reference`, nothing is trained: the course's own runs, of seven variants and
# five seeds, are read.

# %%
if STUDENT == "reference":
    reference = pathlib.Path("..", "solutions", "results", "project")
    shutil.copytree(reference, RUNS, dirs_exist_ok=True)
    shutil.copy(RUNS / "analysis.md", FOLDER)
    finished = runs.read_folder(RUNS)
else:
    seeds = experiment.seeds_of(STUDENT, SEEDS)
    finished = experiment.run(comparison, VARIANTS, RUNS, seeds=seeds)
print(f"{len(finished)} runs of {len(evaluation.variants(finished))} variants")

# %% [markdown]
# ## Task 6: read the runs
#
# ### Did they converge?
#
# Which variant learns most slowly?

# %%
curves = charts.learning_curves(finished, "train_loss")
submission.show_figure(FOLDER, "learning_curves", *curves)

# %%
curves = charts.learning_curves(finished, "validation_accuracy")
submission.show_figure(FOLDER, "validation_curves", *curves)

# %% [markdown]
# A line is the mean over the seeds, the band goes from the lowest run to the highest. At a high learning
# rate single runs may jump. With augmentation or a mix, the loss on unmixed images falls more slowly: the
# network is trained on other images than these. That is no defect. All curves are flat at the end, since
# the learning rate falls to 0; it is their level that tells whether more epochs could help. Here
# `basic+cutmix` is the slowest and ends highest. The rubric's definition, over all runs:

# %%
converged = pd.DataFrame(
    {
        "variant": run.augmentation,
        "runs": 1,
        "converged": rubric.not_converged(run.history, len(class_names)) == "",
        "last loss": run.history[-1]["train_loss"],
    }
    for run in finished
)
by_variant = converged.groupby("variant", sort=False)
by_variant.agg({"runs": "sum", "converged": "sum", "last loss": "mean"}).round(2)

# %% [markdown]
# More epochs, or a smaller `learning_rate`, are the usual cure, for *all* variants: the comparison must
# stay fair. So it is a new project (Task 1). Which runs have not converged, and why:

# %%
reasons = {run.name: rubric.not_converged(run.history, len(class_names)) for run in finished}
print({name: reason for name, reason in reasons.items() if reason} or "All runs have converged.")

# %% [markdown]
# ### Which is best, and is that real?
#
# The best is chosen on the *validation* images, by the mean over the seeds. Chosen on the test images it
# would be the luckiest, and its test accuracy would no longer tell what it is worth. In the table, `*`
# marks it, `±` is the 95 % interval of a variant's own accuracy, and *indicative* means fewer than five
# pairs.

# %%
best = evaluation.chosen_variant(finished)
print("chosen on the validation images:", best)

# %%
evaluation.as_table(evaluation.compare(finished))

# %%
submission.show_figure(FOLDER, "comparison", *charts.difference(finished))

# %% [markdown]
# Each mark is a pair, the upright tick their mean, the thick line its 95 % interval; the thin gray line is
# that of other test images. Where the thick line crosses zero, this comparison cannot tell whether the
# variant helps. That is a result, too: say it so.
#
# A mean hides who pays (lesson 11). Which classes does the chosen variant serve worse than `none`?

# %%
submission.show_figure(FOLDER, "classes", *charts.class_changes(finished, best))

# %% [markdown]
# Do the mixes add to `basic`? For that question `basic` is the baseline, and variants such as
# `basic+cutmix` must be there.

# %%
with_basic = [run for run in finished if "basic" in run.augmentation]
evaluation.as_table(evaluation.compare(with_basic, baseline="basic"))

# %% [markdown]
# **Your turn.** Look further where your question leads: `charts.calibration(finished)` (how sure the models
# are of themselves), `charts.cost(finished)`. Save each figure that your analysis speaks of with
# `submission.show_figure(FOLDER, "a name", *…)`.
#
# ## Task 7: write, assess yourself, hand in
#
# Open `analysis.md` again: what you expected, what happened to each variant, how sure you are, what a sceptic
# would object, what you would try next. Numbers need their interval, and a figure or a table that they stand
# in. A loss is as good a finding as a gain.
#
# Then see what the rubric says. Of the analysis it counts the words, and the names of the required four;
# your instructor reads the rest.

# %%
print(submission.assess(FOLDER))

# %% [markdown]
# The course's own project lacks ten points: its CutMix and MixUp are the course's, not a student's.
#
# Save the notebook now, then run the cell: what is on disk is what is packed. The zip holds the notebook,
# all runs with their predictions, the figures, the analysis, the weights of one seed per variant, and a
# list of digests (fingerprints that show whether a file was changed). `make submission
# PROJECT=runs/project_yourid` prints the verdict and packs `submission.zip` from a terminal; hand in
# either.

# %% tags=["nbval-ignore-output"]
NOTEBOOK = "14_comparison_project.ipynb"  # the name of this file, if you have changed it
archive = submission.pack(FOLDER, NOTEBOOK, FOLDER / f"submission_{STUDENT}")
print(f"hand in {archive} ({archive.stat().st_size / 1e6:.1f} MB)")

# %% [markdown]
# ## What you learned
#
# - A claim about an augmentation needs a baseline that differs in nothing else, several paired seeds, and an
#   interval.
# - One training by hand shows that all works; it cannot show which augmentation is better.
# - Choose on validation, report on test.
# - Mixing changes what the training loss means, so convergence is judged on unmixed images.
# - "No clear difference" and "worse" are results.
#
# ## Questions
#
# 1. A variant gains 6 points with an interval from −1 to +13. May you say that it is better?
#
#    <details><summary>Answer</summary>
#
#    No. The gain may be nothing, or even a small loss, and the interval says so. More paired seeds make it
#    narrower: with twelve in place of three it is about a quarter as wide, since t shrinks, too.
#
#    </details>
#
# 2. You try thirty variants on three seeds each, and one of them wins by 5 points. Why should a reader
#    doubt it, and what do you do?
#
#    <details><summary>Answer</summary>
#
#    The best of thirty is partly the luckiest of thirty, even where it was chosen on the validation images.
#    Raise `SEEDS`, and report the added ones, which had no part in the choice.
#
#    </details>
#
# 3. Basic augmentation wins here, and mixing on top of it loses. Does that speak against CutMix?
#
#    <details><summary>Answer</summary>
#
#    Against CutMix for this network, this many images and this length of training. Mixing slows learning
#    down; it pays off with larger networks, trained for longer: in 300 epochs on ImageNet CutMix gives
#    ResNet-50 1.34 points and costs ResNet-18 0.82 (OpenMixup, in the last table of lesson 08). What holds
#    for your task, only your comparison tells.
#
#    </details>
#
# **Where to go on.** This is the last lesson. More from a finished model without training:
# [lesson 10](10_test_time_augmentation.ipynb). Which classes pay for a gain:
# [lesson 11](11_class_dependent_effects.ipynb). Your own augmentation under the checker:
# [lesson 13](13_is_it_correct.ipynb).
