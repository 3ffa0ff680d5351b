# %% [markdown]
# # 14 The comparison project
#
# **Goal.** Show with evidence what makes a ResNet classifier better, and whether CutMix or MixUp does, and
# hand it in.
#
# **Time.** About two hours of yours, spread over as many days as you like, and half an hour to an hour and
# a half of your computer's (task 3 tells). It trains while you do something else, and goes on where it was
# when you stop it.
#
# **You need to know** lessons 07 (pairs of runs, and the interval of a gain), 08 (CutMix) and 09 (MixUp).
#
# This lesson is a project, not a recipe. It has seven tasks. You choose what to compare, how strongly to
# mix, and how to spend a budget. Three short exercises make sure that you and the **rubric** (the list of
# what earns points) mean the same by "converged", "best" and "better".
#
# **Before you start, look through it.** As it comes, the notebook shows the course's own project, whose
# runs are in `solutions/results/project`: run all cells once and you see what yours will look like. Then
# write your own id into the cell below task 1, and everything starts from nothing.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import dataclasses
import pathlib
import shutil
import time

import IPython.display
import keras
import numpy as np
import pandas as pd

from utils import charts, checks, evaluation, experiment, figures
from utils.experiment import runs
from utils.grading import rubric, submission

# %% [markdown]
# ## How it is graded
#
# The rubric has three items, and each means something that can be computed. In task 6 you compute the
# points as your instructor does, as often as you like.

# %%
IPython.display.Markdown(rubric.describe())

# %% [markdown]
# Three words in this table are worth a second look.
#
# - **Unmixed.** The labels of mixed images have a floor under their loss (lesson 09), so the loss that is
#   trained on cannot be compared. After every epoch the course measures the loss on training images that
#   are neither augmented nor mixed (lesson 07 calls them *as they are*).
# - **Points.** The original of this project asks for "5 %", which can mean two things. From 60 % to 65 % is
#   5 percentage *points*, and 8.3 *percent* more. This course asks for points, the larger of the two, and
#   always shows both.
# - **Paired.** Two runs with the same seed start from the same weights and see the same images in the same
#   order. Their difference has less noise in it than the difference of two strangers (lesson 07). The mean
#   difference has a **95 % interval**, *mean ± t · s / √n* over the n differences (s is their standard
#   deviation; t is 4.3 for three pairs and 2.8 for five): so five seeds tell much more than three.
#
# The second item asks whether *any* augmentation helps; whether a *mix* does is the question that your
# analysis answers, with its intervals. A person reads it: the table only counts its words.

# %% [markdown]
# ## Task 1: your plan
#
# Write your id where it says `reference`. Your seeds follow from it, so your numbers are your own: two
# honest students never hand in the same ones.
#
# Then choose the variants. `none`, `basic`, `cutmix` and `mixup` must be there. Add what you want to try:
#
# | you write | it means |
# |---|---|
# | `basic+cutmix` | basic augmentation, then CutMix |
# | `mixup(alpha=0.4)` | MixUp with α = 0.4 |
# | `basic+cutmix(rate=0.5)` | CutMix for half of the images |
# | `basic+cutmix(until=0.7)` | CutMix in the first 70 % of the epochs, then none |
# | `cutmix_or_mixup(cutmix_rate=0.3)` | for each image one of the two, CutMix with a chance of 0.3 |
# | `basic+random_resized_crop(smallest=0.6)` | basic, then a random crop of at least 60 % of the area |
#
# More settings shape all runs alike: `settings.load(shots=20, epochs=60)` for twenty images per class and
# longer training. Fewer images make augmentation matter more; more epochs let slow learners catch up. The
# data set stays as it is, unless your instructor says otherwise: grading knows its true labels.
#
# Your **budget** is 1,500 epochs over all runs, a limit that you keep for yourself. Three seeds are the
# least, five make a verdict firm. With 40 epochs a run, the budget holds twelve variants with three seeds,
# or seven with five.
#
# Settle the settings before you train. Later you may add variants and raise `SEEDS`: only what is missing
# is trained. Runs of a variant that you take out of the list stay in the folder and count; delete their
# files if you do not want them. For other settings choose another `FOLDER`.

# %%
STUDENT = "reference"  # your id
VARIANTS = ["none", "basic", "cutmix", "mixup"]
VARIANTS += ["basic+cutmix", "basic+mixup", "basic+cutmix_or_mixup"]
SEEDS = 5
course = settings.load()  # settings.load(shots=20), settings.load(epochs=60), …

BUDGET = 1500  # epochs
FOLDER = pathlib.Path("..", "runs", f"project_{STUDENT}")
RUNS = submission.start(FOLDER, STUDENT, course)

epochs = len(VARIANTS) * SEEDS * course.epochs
print(f"{len(VARIANTS)} variants × {SEEDS} seeds × {course.epochs} epochs = {epochs} epochs")
print("within the budget:", epochs <= BUDGET)

# %% [markdown]
# ## Task 2: look at the data sets
#
# `Comparison` reads the images once and makes each variant's training batches from them. Validation and
# test images are never changed.

# %%
comparison = experiment.Comparison(course)
for split in ("train", "validation", "test"):
    print(f"{split:10} {comparison.size(split):5} images")
classes = len(comparison.class_names)
print(f"{classes} classes, so chance is {1 / classes:.1%}")

# %%
samples = comparison.samples(VARIANTS)
figures.show(*charts.samples(samples, "cutmix", comparison.class_names), kind="jpeg")

# %% [markdown]
# **Your turn.** Show the other variants in the same way: copy the last line into a new cell and change the
# name. Is each label what you would say of the picture? Is there a variant in which you no longer recognise
# the breed yourself? Then open `analysis.md` in your project's folder (`runs/project_…`) and write down
# which variant you *expect* to win, and why. Do it before you train: it is the best guard against
# explaining any result afterwards.

# %% [markdown]
# ## Task 3: the model, and what a run costs
#
# All runs share one network, a ResNet. We train it for two epochs, to see how long yours will take.

# %% tags=["nbval-ignore-output"]
trial = experiment.Comparison(dataclasses.replace(course, epochs=2, frozen_epochs=0))
ends = []
clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
trial.train("cutmix", seed=0, callbacks=[clock])
seconds = ends[1] - ends[0]  # the second epoch, with its validation; the first one compiles, too
minutes = epochs * seconds / 60

print(f"{course.model}: {trial.model().count_params():,} numbers to learn")
print(f"{seconds:.1f} s an epoch: about {minutes:.0f} minutes for {epochs} epochs, one after the other")

# %% [markdown]
# ## Task 4: train
#
# One cell trains all that is missing, as many runs at once as your computer has cores. Stop it (■ in the tool
# bar) whenever you like: finished runs stay in `FOLDER`, and the same cell goes on from there. For
# `reference`, the runs are read.
#
# Fairness is taken care of: runs of one seed are pairs, with as many steps. The test images are used once per
# run, after it.

# %%
finished = []
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
# ## Task 5: read the runs
#
# ### Did they converge?
#
# Look before you compute. Which curves are flat at the end, and which variant learns most slowly?

# %%
curves = charts.learning_curves(finished, "train_loss")
submission.show_figure(FOLDER, "learning_curves", *curves)

# %%
curves = charts.learning_curves(finished, "validation_accuracy")
submission.show_figure(FOLDER, "validation_curves", *curves)

# %% [markdown]
# Where batches are augmented or mixed, the loss on unmixed training images falls more slowly, and with a mix
# on top of `basic` it stays highest: the network never sees such images in training and is less sure of
# itself. That is no defect. What counts is that the curves have gone down, have become flat, and that
# validation accuracy is far above chance. (In the first epochs, while the learning rate rises, a loss may
# jump.)
#
# ## Exercise 1: has it converged?
#
# Write the rubric's definition. `losses` is the loss on unmixed training images after each epoch (at least
# eight epochs), `accuracy` the validation accuracy after the last one, in 0 to 1. A run has converged when
#
# 1. all losses are finite (neither infinite nor "not a number");
# 2. the last loss is at most 70 % of the first;
# 3. in the last quarter of the epochs (rounded down), the largest and the smallest loss differ by at most
#    10 % of the first epoch's loss;
# 4. `accuracy` is at least three times chance, which is one over the number of classes.
#
# <details><summary>Hint</summary>
#
# `np.isfinite(losses).all()` answers the first question, and `losses[-(len(losses) // 4):]` is the last
# quarter. All four must hold.
#
# </details>


# %%
def has_converged(losses, accuracy, num_classes):
    """Whether a run has converged: True or False."""
    # solution begins: Exercise 1: has it converged?
    losses = np.asarray(losses)
    quarter = losses[-(len(losses) // 4) :]
    return bool(
        np.isfinite(losses).all()
        and losses[-1] <= 0.7 * losses[0]
        and quarter.max() - quarter.min() <= 0.1 * losses[0]
        and accuracy >= 3 / num_classes
    )
    # solution ends


# %%
checks.lesson_14.has_converged(has_converged)

# %% [markdown]
# The rubric's own version, over all runs:

# %%
converged = pd.DataFrame(
    {
        "variant": run.augmentation,
        "runs": 1,
        "converged": rubric.not_converged(run.history, classes) == "",
        "last loss": run.history[-1]["train_loss"],
    }
    for run in finished
)
by_variant = converged.groupby("variant", sort=False)
by_variant.agg({"runs": "sum", "converged": "sum", "last loss": "mean"}).round(2)

# %% [markdown]
# Where a run has not converged, `rubric.not_converged(run.history, classes)` says why. More epochs, or a
# smaller `learning_rate` (the length of a training step), are the usual cure, for *all* variants: the
# comparison must stay fair.
#
# ### Which is best?
#
# Several variants, several seeds: you need one winner to compare with `none`. If you choose the one with
# the best *test* accuracy, you choose the luckiest, and its test accuracy no longer tells what it is worth.
#
# ## Exercise 2: choose the best variant
#
# `runs` is a list of dicts with `augmentation`, `seed`, `validation_accuracy` and `test_accuracy`. Return
# the name of the variant to put forward as the best, be it `none`.
#
# <details><summary>Hint</summary>
#
# A mean over seeds for each name, of the accuracy that may have a say. A pandas `DataFrame` of the runs has
# `groupby`, `mean` and `idxmax`; a loop and a dict do it, too.
#
# </details>


# %%
def best_variant(runs):
    """The name of the variant to choose from a list of runs."""
    # solution begins: Exercise 2: choose the best variant
    table = pd.DataFrame(runs)
    return table.groupby("augmentation")["validation_accuracy"].mean().idxmax()
    # solution ends


# %%
checks.lesson_14.best_variant(best_variant)

# %%
best = evaluation.chosen_variant(finished)
print("chosen on the validation images:", best)

# %% [markdown]
# ### How much better, and is that real?
#
# The difference to `none` answers the first question, its interval over the seeds the second.
#
# ## Exercise 3: the gain over paired seeds
#
# `best` and `none` are dicts from seed to test accuracy (0 to 1). They may have seeds that the other lacks:
# only pairs count. Return two numbers, the mean gain in percentage points, and the same gain in percent of
# the mean accuracy of `none` over these pairs.
#
# From 0.50 to 0.55 is a gain of 5 points and of 10 percent.
#
# <details><summary>Hint</summary>
#
# First the seeds that both have: `best.keys() & none.keys()`. Then two means over these seeds.
#
# </details>


# %%
def gain(best, none):
    """Mean gain over paired seeds: (percentage points, percent)."""
    # solution begins: Exercise 3: the gain over paired seeds
    seeds = best.keys() & none.keys()
    new = np.mean([best[seed] for seed in seeds])
    old = np.mean([none[seed] for seed in seeds])
    return 100 * (new - old), 100 * (new - old) / old
    # solution ends


# %%
checks.lesson_14.gain(gain)

# %% [markdown]
# Over all variants, with 95 % intervals over the seeds. The star marks the choice on validation.

# %%
evaluation.as_table(evaluation.compare(finished))

# %%
submission.show_figure(FOLDER, "comparison", *charts.difference(finished))

# %% [markdown]
# Read it as in lesson 08. Where the thick line crosses zero, this comparison cannot tell whether the variant
# helps. That is a result, too: say it so.
#
# A mean hides who pays (lesson 11). Which breeds does the chosen variant serve worse than `none`?

# %%
submission.show_figure(FOLDER, "classes", *charts.class_changes(finished, best))

# %% [markdown]
# Do the mixes add to `basic`? For that question, `basic` is the baseline.

# %%
with_basic = [run for run in finished if "basic" in run.augmentation]
evaluation.as_table(evaluation.compare(with_basic, baseline="basic"))

# %% [markdown]
# **Your turn.** Look further where your question leads: how sure the models are of themselves (lesson 09),
# what each costs, the images that only one of two variants gets right. Save each figure that your analysis
# speaks of:
#
# ```python
# submission.show_figure(FOLDER, "calibration", *charts.calibration(finished))
# submission.show_figure(FOLDER, "cost", *charts.cost(finished))
# ```

# %% [markdown]
# ## Task 6: write, and assess yourself
#
# Open `analysis.md` again, and write: what you expected, what happened to each variant, how sure you are,
# what a sceptic would object, and what you would try next. Numbers need their interval, and a figure or a
# table of this notebook that they stand in. In the analysis a loss is as good a finding as a gain.
#
# Then see what the rubric says. Run the cell as often as you like.

# %%
print(submission.assess(FOLDER))

# %% [markdown]
# ## Task 7: hand it in
#
# Save the notebook first: what is on disk is what is packed. The zip holds the notebook, all runs with
# their predictions, the figures, the analysis, the weights of one seed per variant, and a list of digests
# (fingerprints that show whether a file was changed).
# `make submission PROJECT=runs/project_yourid` does the same from a terminal.

# %% tags=["nbval-ignore-output"]
NOTEBOOK = "14_comparison_project.ipynb"  # the name of this file, if you have changed it
archive = submission.pack(FOLDER, NOTEBOOK, FOLDER / f"submission_{STUDENT}")
print(f"hand in {archive} ({archive.stat().st_size / 1e6:.1f} MB)")

# %% [markdown]
# ## What you learned
#
# - A claim about an augmentation needs a baseline that differs in nothing else, several paired seeds, and an
#   interval.
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
#    narrower: with four times as many it is about half as wide.
#
#    </details>
#
# 2. You try thirty variants on three seeds each, and one of them wins by 5 points. Why should a reader
#    doubt it, and what do you do?
#
#    <details><summary>Answer</summary>
#
#    The best of thirty is partly the luckiest of thirty, even where it was chosen on the validation images.
#    Train the winner and `none` again with new seeds, which had no part in the choice, and report those.
#
#    </details>
#
# 3. Basic augmentation wins here, and mixing on top of it loses. Does that speak against CutMix?
#
#    <details><summary>Answer</summary>
#
#    Against CutMix for this network, this many images and this length of training. Mixing slows learning
#    down and pays off with larger networks and longer training: the authors train ImageNet for 300 epochs.
#    What holds for your task, only your comparison tells.
#
#    </details>
#
# **Where to go on.** This is the last lesson. More from a finished model without training:
# [lesson 10](10_test_time_augmentation.ipynb). Which classes pay for a gain:
# [lesson 11](11_class_dependent_effects.ipynb). Your own augmentation under the checker:
# [lesson 13](13_is_it_correct.ipynb).
