# %% [markdown]
# # 06 Automatic policies
#
# **Goal.** Let validation accuracy choose an augmentation, by searches that are large, small or none at all,
# and judge whether a search is worth what it costs.
#
# **Time.** 50 minutes, exercises included; 10 more with *For the curious*. A good place for a pause is before
# “One comparison on test images”.
#
# **You need to know** lesson 01 (training, validation and test images) and lesson 02 (batches, seeds,
# `augment(images, *, seed)`). What we use of lesson 07, paired seeds and intervals, is explained here.
#
# **Sources.** Cubuk et al. 2019, *AutoAugment*, [arXiv 1805.09501](https://arxiv.org/abs/1805.09501), and
# 2020, *RandAugment*, [arXiv 1909.13719](https://arxiv.org/abs/1909.13719).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import collections
import dataclasses
import itertools
import math

import numpy as np
import tensorflow as tf

from utils import augment, checks, data, evaluation, experiment, figures
from utils.augment import operations, policies
from utils.evaluation import views
from utils.experiment import runs

# %% [markdown]
# ## Which ones, and how much?
#
# There are dozens of operations by now: turn, shift, recolour, and so on. Each can be mild or strong,
# frequent or rare. Who chooses? So far you did, by looking. An **automatic policy** is chosen by a rule:
# try, look at the accuracy on validation images, and keep what is best.
#
# (Cells that begin with `figure` only draw: look at the picture, and skip the code.)
#
# We go from the largest search to none at all: AutoAugment, RandAugment, a strength that adapts itself while
# the network trains, and at last several networks together, so that nobody has to choose.

# %% [markdown]
# ## AutoAugment: what a policy is
#
# The operations that it chooses from:

# %%
names = [name for name in operations.NAMES if name != "identity"]
print(f"{len(names)} operations:")
print(", ".join(names))

# %% [markdown]
# - Solarize inverts the bright values only, posterize keeps few bits of each value, equalize makes all values
#   about equally frequent; shear slides the rows (x) or columns (y) past each other.
# - The paper has two more: Cutout (a grey box) and SamplePairing (blend with another image, keep the
#   label). That makes 16.
#
# An operation comes with a **probability** and a **magnitude**, its strength. Two operations, one after the
# other, are a **sub-policy**. Five sub-policies are a **policy**. For each image one sub-policy is drawn. The
# first five of the published policy for ImageNet:

# %%
for sub_policy in policies.IMAGENET_POLICY[:5]:
    print(*sub_policy, sep="  then  ")

# %% [markdown]
# `("rotate", 0.6, 9)` means: with probability 0.6 turn the image, by magnitude 9. Probabilities are
# 0, 0.1, 0.2, …, 1, which are 11. Magnitudes are 0, 1, …, 9, which are 10.

# %% [markdown]
# ## Exercise 1: how many policies?
#
# Write `number_of_policies`. An operation is one choice out of `operations`, with one of `probabilities`
# probabilities and one of `magnitudes` magnitudes. A sub-policy has `steps` operations one after the other,
# a policy has `sub_policies` sub-policies. Count as the paper does: order matters, and everything may come
# again. Return the exact whole number (Python's have any number of digits).
#
# <details><summary>Hint</summary>
#
# How many choices are there for a single operation with its two numbers? Each further operation multiplies
# the count by as many again. How many operations stand in a whole policy?
#
# </details>


# %%
def number_of_policies(operations, probabilities, magnitudes, steps, sub_policies):
    """How many policies there are: an exact whole number."""
    # solution begins: Exercise 1: how many policies?
    choices = operations * probabilities * magnitudes
    return choices ** (steps * sub_policies)
    # solution ends


# %%
checks.lesson_06.number_of_policies(number_of_policies)

# %%
choices = 16 * 11 * 10
in_all = choices ** (2 * 5)
years = in_all / 1_000_000 / (365 * 24 * 3600)
print(f"one operation: {choices:,} choices; a sub-policy: {choices**2:,}; a policy: {in_all:.1e}")
print(f"trying a million policies a second: {years:.0e} years")

# %% [markdown]
# 2.9 · 10³² is the paper's number. (Not all of these differ: see *For the curious*.) Nobody can try them all,
# so AutoAugment learns where to look.

# %% [markdown]
# ## What the controller does
#
# The part that looks is called the **controller**, a small recurrent network. It does not see images.


# %%
def picture(axis, image, title=""):
    """Draw an image [H, W, 3] in 0-255 without axes."""
    axis.imshow(np.uint8(np.clip(image, 0, 255)))
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.set_title(title, fontsize=9.5, loc="center")


ARROW = {"arrowstyle": "-|>", "mutation_scale": 20, "color": figures.INK, "linewidth": 2}
SIZE = 64
class_names = data.info(course.dataset).class_names
one_each = data.load(course.dataset, "train", image_size=SIZE, shots=1, seed=4)
dogs = next(iter(one_each.batch(6)))[0]  # six dogs of different classes
print("images:", dogs.shape, dogs.dtype.name)

# %%
figure, axes = figures.subplots(1, 7, size=(9.6, 3.3), width_ratios=[3.2, 1, 5, 1, 3.2, 1, 2.2])
drawn = [policies.IMAGENET_POLICY[number] for number in (0, 7, 14, 18, 17)]
seen = augment.auto_augment(drawn)(dogs, seed=(6, 2)).numpy()
for axis in axes[1::2]:
    axis.set_axis_off()
    axis.annotate("", (1.2, 0.5), (-0.2, 0.5), xycoords="axes fraction", arrowprops=ARROW)

axes[0].barh(["rotate", "color", "equalize", "solarize", "…"], [30, 26, 20, 14, 10], color="#0072b2")
axes[0].set(title="1  Probabilities of\n    the first operation", xticks=[], ylim=(4.6, -0.6))
axes[0].grid(False)

GEOMETRY = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
for row, column in itertools.product(range(5), range(2)):
    name, probability, magnitude = drawn[row][column]
    colour = "#009e73" if name in GEOMETRY else "#d55e00"
    axes[2].barh(row, 0.94, 0.84, left=column, color=colour, alpha=0.25)
    look = {"ha": "center", "va": "center", "fontsize": 8.5, "linespacing": 1.1}
    axes[2].text(column + 0.47, row, f"{name}\n{probability}, {magnitude}", **look)
axes[2].set(title="2  Draw a policy", xticks=[], yticks=[], ylim=(4.6, -0.6), frame_on=False)

picture(axes[4], np.concatenate([np.concatenate(seen[k : k + 2], axis=1) for k in (0, 2, 4)]))
axes[4].set_title("3  Train a network")

axes[6].bar([0], [81], color="#009e73", width=0.5)
axes[6].text(0, 84, "81 %", ha="center")
axes[6].set(title="4  Validate", xticks=[], yticks=[], xlim=(-0.5, 0.5), ylim=(0, 100))

back = ARROW | {"connectionstyle": "bar,fraction=-0.035", "color": "#d55e00"}
ends = {"xycoords": axes[0].transAxes, "textcoords": axes[6].transAxes}
axes[0].annotate("", (0.5, -0.03), (0.5, -0.03), arrowprops=back, **ends).set_in_layout(False)
words = "reward: what did better than usual becomes more likely"
axes[2].set_xlabel(f"\n\n{words}", color="#d55e00", fontsize=10.5)
figures.show(
    figure,
    alt="A loop of four stations. 1: bars, the probabilities of the first operation. 2: a "
    "policy, five rows of two operations with a probability and a magnitude. 3: six dogs, turned and "
    "recoloured by that policy, on which a network trains. 4: its validation accuracy, 81 %. An arrow "
    "leads from there back to the probabilities: what did better than usual becomes more likely.",
)

# %% [markdown]
# (The sub-policies and the dogs are real; the choice of these five, the bars and the 81 % are invented. Green
# steps move pixels, orange ones change colours.)
#
# 1. The controller has a probability for each choice: which operation, how often, how strong.
# 2. It draws a policy: 30 choices, five times two operations with three choices each.
# 3. A new network is trained with this policy, from the start, on a small part of the data.
# 4. Its accuracy on validation images is the **reward**. If the reward is above the usual, the choices just
#    made get more probable, otherwise less.
#
# Then the next round begins. To learn from rewards alone, without being told the right answer, is
# **reinforcement learning**. At the end the five best policies are put together: 25 sub-policies.
#
# Each round trains a whole network, and it takes thousands of rounds. The paper states 5,000 GPU hours for
# CIFAR-10 and 15,000 for ImageNet: 625 days for a single GPU. So hardly anyone searches. One takes a
# published policy, and hopes that what suits ImageNet suits one's own images.

# %% [markdown]
# ## Apply the published policy
#
# `augment.auto_augment()` is the one for ImageNet. It also takes a list of sub-policies of your own, so that
# we can look at one alone.


# %%
def in_words(name, probability, magnitude):
    """One operation of a sub-policy: how much of it, and how often."""
    amounts = policies.AUTO_AUGMENT_RANGES.get(name)
    if amounts is None:
        return f"{name}, {probability:.0%}"
    amount = amounts.start + amounts.reach * magnitude / 9  # magnitudes 0-9 go evenly through the range
    return f"{name} {'±' if amounts.signed else ''}{amount:.3g}, {probability:.0%}"


shown = [policies.IMAGENET_POLICY[number] for number in (0, 6, 13, 18)]
rows = {"\n".join(in_words(*step) for step in steps): augment.auto_augment([steps]) for steps in shown}
rows["all 25\nsub-policies"] = augment.auto_augment()

# %%
figure, axes = figures.subplots(5, 7, size=(9.2, 5.6))
same_dog = tf.repeat(dogs[3:4], 6, axis=0)
for row, (title, policy) in zip(axes, rows.items(), strict=True):
    picture(row[0], dogs[3])
    row[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=9.5)
    for axis, changed in zip(row[1:], policy(same_dog, seed=(6, 4)).numpy(), strict=True):
        picture(axis, changed)
axes[0, 0].set_title("original", fontsize=9.5, loc="center")
figures.show(
    figure,
    alt="Five rows of one dog: the original and six draws. A sub-policy that turns by 30 degrees, one that "
    "inverts bright parts and equalizes, one that inverts and equalizes, one that slants and equalizes. The "
    "last row, the whole policy, mixes all kinds; in many pictures the coat has another colour.",
    kind="jpeg",
)

# %% [markdown]
# The percentages are probabilities. Both operations of a sub-policy may be left out: in the first one with
# probability 0.6 · 0.4 = 0.24. The last picture of the first and of the second row is as it was.
#
# Look at the coats: can you still tell which breed it is? A policy that was found by 15,000 hours of search
# deserves a look at what is in it.

# %%
steps = [step for sub_policy in policies.IMAGENET_POLICY for step in sub_policy]
counted = collections.Counter(name for name, _, _ in steps)
print(f"{len(policies.IMAGENET_POLICY)} sub-policies, {len(set(policies.IMAGENET_POLICY))} different ones")
print(f"equalize: {counted['equalize']} of {len(steps)} steps")
print("mirror among the operations:", any("flip" in name or "mirror" in name for name in operations.NAMES))

# %% [markdown]
# Five sub-policies stand in it twice, and equalize is everywhere. There is no mirror image: the authors apply
# their policies on top of crops and mirror images. Remember that for the comparison below.

# %% [markdown]
# ## RandAugment: two numbers are left
#
# You know RandAugment from lessons 04 and 05. New is why it looks like this: it asks what the search has to
# decide at all, and drops nearly everything.
#
# - No probabilities to learn: each time, all operations are equally likely.
# - No sub-policies: **N** operations are drawn anew for each image.
# - No magnitude of its own for each operation: one magnitude **M** for all, here from 0 to 10.
#
# Its list is that above without invert, plus *identity*, which changes nothing: 14 as well. What one M means
# for the same operations:

# %%
figure, axes = figures.subplots(3, 4, size=(5.6, 4.5))
for column, magnitude in zip(axes.T, [1, 4, 7, 10], strict=True):
    drawn = augment.rand_augment(2, magnitude)(same_dog, seed=(6, 0)).numpy()
    for axis, number in zip(column, (2, 4, 0), strict=True):
        picture(axis, drawn[number])
    column[0].set_title(f"M = {magnitude}", loc="center")
figure.suptitle("N = 2: in each row the same operations, ever stronger", fontsize=11, weight="bold")
figures.show(
    figure,
    alt="Three rows of one dog, each with its own two operations, and columns for M = 1, 4, 7 and 10. In the "
    "first row it is turned and slanted more and more, in the second it is pushed towards the corner until "
    "half of it is out of the picture, in the third its colours turn into false ones.",
    kind="jpeg",
)

# %% [markdown]
# At M = 10 a shift is so large that the dog leaves the picture, and grey comes in. (The amounts in numbers:
# see *For the curious*.)
#
# One reads now and then that RandAugment uses reinforcement learning. It does not. There is no controller and
# no reward, and nothing about the augmentation is learned. N and M are found by a **grid search**: train with
# each pair of a table, and take the pair with the best validation accuracy. Our table:

# %%
NUMBERS, MAGNITUDES = [1, 2, 3], [1, 4, 7, 10]
GRID = {(n, m): f"rand_augment(num_ops={n},magnitude={m})" for n in NUMBERS for m in MAGNITUDES}
print(f"{len(GRID)} cells, with five tries each {5 * len(GRID)} trainings")

# %% [markdown]
# ### One cell of it, live
#
# A cell is an ordinary training with that augmentation. Here is N = 2, M = 4 for three epochs, to see it run:

# %%
short = dataclasses.replace(course, epochs=3, frozen_epochs=0)
comparison = experiment.Comparison(short)
print(f"{GRID[2, 4]}: {short.epochs} epochs of {comparison.size('train')} images")

# %% tags=["nbval-ignore-output"]
run = comparison.train(GRID[2, 4], seed=0)[0]
print("epoch  training accuracy  validation accuracy")
for epoch in run.history:
    print(f"{epoch['epoch']:5} {epoch['train_accuracy']:18.0%} {epoch['validation_accuracy']:20.0%}")

# %% [markdown]
# ### The whole grid
#
# A cell that counts needs more than three epochs and one try. The repository holds 20 epochs for each cell,
# five times with five **seeds**. A seed fixes what is left to chance: the first weights, the order of the
# images, the draws. Runs with the same seed are a **pair**: they differ in the augmentation only. All train
# on 720 images; 300 validation images choose, and 1,200 test images judge. The grid was trained with
#
# ```
# python -m utils.experiment --epochs 20 --seeds 5
#     --augment 'rand_augment(num_ops=1,magnitude=1)' …
#     --out solutions/results/automatic_policies
# ```
#
# `none`, no augmentation, and `basic`, the mirror, shift, light and colour of lesson 02, were trained with
# the same settings and seeds. The same folder holds two more, for later: a variant that adapts its M, and
# RandAugment on top of `basic`.

# %%
ADAPTIVE, ON_TOP = "adaptive_rand_augment", "basic+rand_augment(num_ops=3,magnitude=1)"
wanted = ["none", "basic", *GRID.values(), ADAPTIVE, ON_TOP]
all_runs = [
    run
    for folder in ("automatic_policies", "does_it_help/random")
    for run in runs.read_folder(f"../solutions/results/{folder}")
    if run.augmentation in wanted
]
by_name = {name: evaluation.by_seed(all_runs, name) for name in wanted}
SEEDS = sorted(set.intersection(*(set(found) for found in by_name.values())))


def accuracies(name, measure):
    """A measure in percent, one number for each seed."""
    return np.array([100 * getattr(by_name[name][seed], measure) for seed in SEEDS])


EPOCHS = len(all_runs[0].history)
print(f"{len(by_name)} augmentations, seeds {SEEDS}, {EPOCHS} epochs")

# %%
table = np.array([accuracies(name, "validation_accuracy") for name in GRID.values()])  # [12 cells, seeds]
means = table.mean(axis=1)
best_of_seed = table.argmax(axis=0)  # for each seed the cell that is best with it
print("cells, seeds:", table.shape)

# %%
figure, axis = figures.subplots(size=(6.6, 3.7))
axis.imshow(means.reshape(3, 4), cmap="Blues", vmin=means.min() - 2, vmax=means.max() + 14, aspect="auto")
for cell, mean in enumerate(means):
    chosen = cell == means.argmax()
    wins = [str(seed) for seed, best in zip(SEEDS, best_of_seed, strict=True) if best == cell]
    row, column = divmod(cell, 4)
    axis.text(column, row - 0.1, f"{mean:.1f}", ha="center", fontsize=13, weight="bold" if chosen else None)
    if wins:
        words = f"best with seed {', '.join(wins)}"
        axis.text(column, row + 0.26, words, ha="center", fontsize=8.5)
axis.set_xticks(range(4), [f"M = {magnitude}" for magnitude in MAGNITUDES])
axis.set_yticks(range(3), [f"N = {number}" for number in NUMBERS])
axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
axis.grid(False)
axis.spines[:].set_visible(False)
axis.set_title("Validation accuracy in %, mean over the seeds")
figures.show(
    figure,
    alt="A heat map of twelve validation accuracies, rows N = 1, 2, 3 and columns M = 1, 4, 7, 10. The "
    "best, at N = 3, M = 1, is in bold; the worst are at the lower right. Under three numbers stands with "
    "which seeds this cell was the best of all.",
)

# %%
winner = list(GRID)[means.argmax()]
print(f"best on validation images: N = {winner[0]}, M = {winner[1]}, {means.max():.1f} %")
print(f"mean of the twelve cells: {means.mean():.1f} %, worst {means.min():.1f} %")
for name in ["none", "basic"]:
    print(f"for comparison, {name}: {accuracies(name, 'validation_accuracy').mean():.1f} %")

# %% [markdown]
# Two things stand out. **More is not better.** Towards the lower right the accuracy falls to about that of no
# augmentation at all. And **N and M trade off**: a single operation wants a medium M, three of them a small
# one. The paper's choice for ImageNet was N = 2, M = 9. Had we just taken it over, we would be near the cell
# N = 2, M = 10, far behind the winner.
#
# The notes below the numbers tell what a single seed would have found out: not all would have chosen the same
# cell.
#
# ### How sure is that?
#
# For each other cell we take the difference to the winner, seed by seed, and the 95 % confidence interval of
# its mean: the range in which the true difference lies, as far as five seeds can tell (lesson 07). Where the
# interval reaches to both sides of 0, the seeds cannot tell the cell from the winner.


# %%
def verdict(ours, theirs):
    """Mean difference of two lists of accuracies, one a seed, its 95 % interval, and what it says."""
    found = evaluation.paired_difference(ours, theirs)
    return f"{found.mean:+5.1f} points, {found.low:+5.1f} to {found.high:+5.1f}: {found.verdict}"


for (n, m), name in GRID.items():
    if (n, m) != winner:
        others = accuracies(name, "validation_accuracy")
        print(f"winner above N = {n}, M = {m:2}: {verdict(table[means.argmax()], others)}")

# %% [markdown]
# The winner is ahead of most cells. Each N with M = 4 may be as good: there the five seeds cannot tell. And
# all
# these leads are rather too large: it was chosen *because* it is ahead. So the grid says "mild or medium
# strength". It does not say "exactly N = 3 and M = 1". Keep the lead over N = 2, M = 4 in mind.

# %% [markdown]
# ## M that adapts itself
#
# A grid needs a training for each cell. Could a single training find its own M? An idea: a network that
# overfits (learns its training images by heart) gets worse on validation images. So let M rise whenever
# that happens. After each epoch:
#
# - if the validation accuracy is below the best one so far, M rises by the difference times a factor, the
#   **gain**;
# - at a new best M stays as it is;
# - M never falls, and never exceeds 10: `min(10, …)`.
#
# For example, gain 10, a best of 0.80 so far and now 0.75: M rises by 10 · 0.05 = 0.5. Still 0.78 in the next
# epoch: another 0.2.

# %% [markdown]
# ## Exercise 2: the rule that raises M
#
# Write `magnitudes_of`. `accuracies` holds the validation accuracy after each epoch, from 0 to 1. Return a
# list with the M of each epoch, as long as `accuracies`. The first epoch has `start`; its accuracy decides on
# the M of the second epoch, and so on. (The accuracy of the last epoch decides nothing any more.)
#
# <details><summary>Hint</summary>
#
# Two things have to be remembered from epoch to epoch: M and the best accuracy so far. At a new best the
# difference is 0, so one formula serves both cases.
#
# </details>


# %%
def magnitudes_of(accuracies, start, gain):
    """The magnitude of each epoch, a list as long as `accuracies`."""
    # solution begins: Exercise 2: the rule that raises M
    magnitude, best = start, 0.0
    magnitudes = []
    for accuracy in accuracies:
        magnitudes.append(magnitude)
        best = max(best, accuracy)
        magnitude = min(10, magnitude + gain * (best - accuracy))
    return magnitudes
    # solution ends


# %%
checks.lesson_06.magnitudes_of(magnitudes_of)

# %% [markdown]
# The course's version is the augmentation `adaptive_rand_augment` (N = 2, start 0, gain 10); its runs have
# noted M in each epoch. (That they follow the rule is checked in *For the curious*.)

# %%
histories = [by_name[ADAPTIVE][seed].history for seed in SEEDS]
curves = np.array([[epoch["validation_accuracy"] for epoch in history] for history in histories])
noted = np.array([[epoch["magnitude"] for epoch in history] for history in histories])
print("M in the last epoch:", *(f"{magnitude:.1f}" for magnitude in noted[:, -1]))

# %%
figure, axes = figures.subplots(1, 2, size=(9.2, 3.6))
epochs = np.arange(1, EPOCHS + 1)
most = int(noted[:, -1].argmax())  # the run in which M rises most
trained = [100 * epoch["train_accuracy"] for epoch in histories[most]]
now, best_so_far = 100 * curves[most], 100 * np.maximum.accumulate(curves[most])
axes[0].plot(epochs, trained, ":", color=figures.INK, linewidth=2, label="training")
axes[0].fill_between(epochs, now, best_so_far, color=figures.COLORS["cutmix"], alpha=0.35)
axes[0].plot(epochs, best_so_far, "--", color=figures.MUTED, label="validation, best so far")
axes[0].plot(epochs, now, color=figures.COLORS["basic"], label="validation, this epoch")
axes[0].set(title=f"Seed {SEEDS[most]}: training dips with validation", ylabel="accuracy, %", ylim=(15, 104))
axes[0].legend(loc="lower right")
axes[1].axhline(4, color=figures.MUTED, linestyle="--", linewidth=1)
axes[1].text(20, 4.15, "the best M of the grid for N = 2", ha="right", fontsize=9.5)
for number, line in enumerate(np.delete(noted, most, axis=0)):
    axes[1].plot(epochs, line, color=figures.MUTED, linewidth=1, label=None if number else "other seeds")
axes[1].plot(epochs, noted[most], color="#d55e00", linewidth=2.5, label=f"seed {SEEDS[most]}")
axes[1].set(title="M, all seeds", ylim=(0, 10.2))
axes[1].legend(loc="upper left")
for axis in axes:
    axis.set(xlabel="epoch", xticks=[1, 5, 10, 15, 20])
figures.show(
    figure,
    alt="Left: the validation accuracy of one run rises and falls back in between; "
    "the area between it and its best so far is shaded. Right: M of all runs "
    "over the epochs. It only goes up, and ends below 4; the thick line is the run at the left.",
)

# %% [markdown]
# M does not get to where the grid is good, and it differs much from seed to seed.
#
# A dip in the middle of a training is often no overfitting: the network stumbles. The rule cannot tell a
# stumble from learning by heart, and it counts a dip anew in every epoch until the old best is passed. And
# where the networks do learn by heart, at the end, validation accuracy does not fall: it just stops rising.
# So
# M hardly moves.
#
# The rule has replaced the two numbers N and M by three: N, start and gain. Nobody tells which are right, and
# trying them out would be a grid again.

# %% [markdown]
# ## One comparison on test images
#
# The choice is made, and it was made on validation images. Now the test images are asked, once. For each seed
# we take the difference of a pair. "better" means that the whole interval lies above 0, "worse" that it lies
# below.
#
# Two prices are possible for the best cell. Chosen by the mean of five seeds, as above, it costs 60
# trainings. Who trains each cell once pays 12, and gets the cell that is best with that seed. And there is
# one more row: RandAugment on top of `basic`, since its authors, too, use it on top of crops and mirror
# images.

# %%
test_table = np.array([accuracies(name, "test_accuracy") for name in GRID.values()])  # [12 cells, seeds]
each = np.arange(len(SEEDS))
contest = {name: accuracies(name, "test_accuracy") for name in ("none", "basic")}
contest["adaptive M"] = accuracies(ADAPTIVE, "test_accuracy")
contest["best cell, one seed"] = test_table[best_of_seed, each]
contest["best cell, five seeds"] = test_table[means.argmax()]
contest["basic, then that cell"] = accuracies(ON_TOP, "test_accuracy")
basic = contest["basic"]
for words, found in contest.items():
    print(f"{words:22} {found.mean():.1f} % right")
print("\nbest cell, five seeds, against")
print(f"  none  {verdict(contest['best cell, five seeds'], contest['none'])}")
print(f"  basic {verdict(contest['best cell, five seeds'], contest['basic'])}")
print("basic, then that cell, against")
print(f"  basic {verdict(contest['basic, then that cell'], contest['basic'])}")
print("adaptive M against")
print(f"  best cell, one seed        {verdict(contest['adaptive M'], contest['best cell, one seed'])}")
print(f"  the mean cell of the grid  {verdict(contest['adaptive M'], test_table.mean(axis=0))}")

# %%
figure, axis = figures.subplots(size=(7.4, 3.4))
others = {words: found - basic for words, found in contest.items() if words != "basic"}
axis.axvline(0, color=figures.COLORS["basic"], linewidth=2)
for row, (words, points) in enumerate(others.items()):
    mean, low, high = evaluation.mean_interval(points)
    colour = figures.COLORS["none" if words == "none" else "cutmix"]
    axis.plot([low, high], [row - 0.16] * 2, color=colour, linewidth=6, alpha=0.35)
    axis.plot(mean, row - 0.16, "|", color=colour, markersize=12, markeredgewidth=2.5)
    axis.plot(points, [row + 0.16] * len(points), "o", color=colour, markersize=5)
axis.set_yticks(range(len(others)), others)
axis.set(xlabel="difference to basic, points of test accuracy", xticks=[-15, -10, -5, 0])
axis.set_ylim(-0.6, len(others) - 0.4)
axis.set_title("All of them are behind basic")
figures.show(
    figure,
    alt="Differences to basic on test images for none, adaptive M, the best cell chosen with one seed and "
    "with five, and basic followed by that cell: five dots, one a seed, and below them a bar for the "
    "interval with a mark at the mean. All dots lie left of the line of basic; those of none furthest.",
)

# %% [markdown]
# The winner of the grid is clearly better than no augmentation, and just as clearly worse than `basic`, with
# every seed. Sixty trainings have found something that is nearly seven points behind a few lines that
# somebody wrote
# because a mirrored dog is of the same breed.
#
# **On top of `basic`** the winner does not help either: 2.9 points less than `basic` alone. (That is one
# cell, found without `basic`, and 20 epochs. Another cell, or longer training, might do better: that would be
# the next search.)
#
# **The adaptive M** gives a part of the gain, for a single training. It is behind a search of twelve
# trainings,
# and the five seeds cannot tell it from the mean of all cells, that is, from picking a cell blindly.
#
# ### What the choice has promised
#
# Among twelve cells the best on validation is in part the luckiest on validation. On other images that luck
# does not come again. Now that nothing is chosen any more, we may look at all twelve on test images.

# %%
promised = (table - table.mean(axis=0))[best_of_seed, each].mean()
kept = (test_table - test_table.mean(axis=0))[best_of_seed, each].mean()
print("the best cell above the mean cell:")
print(f"  one seed    {promised:+.1f} on validation images, {kept:+.1f} on test images")
promised, kept = means.max() - means.mean(), (test_table[means.argmax()] - test_table.mean(axis=0)).mean()
print(f"  five seeds  {promised:+.1f} on validation images, {kept:+.1f} on test images")

# %% [markdown]
# With a single seed, much of what validation promises is luck. This **optimism** grows with the number of
# cells, and shrinks with more seeds and more validation images: with our 300, one point is three images.
#
# Hence: choose on validation images, as much as you like. Then report the test accuracy of what you chose,
# never the validation accuracy that made you choose it.

# %% [markdown]
# ## Not choosing: a top-k ensemble
#
# The search leaves twelve trained networks for each seed, and throws eleven away. An **ensemble** keeps
# some: the k best on validation images, its **members**. Each predicts probabilities for a test image, the
# probabilities are averaged, and the class with the largest mean wins. Members make different mistakes, and a
# mistake that only one makes is outvoted.

# %% [markdown]
# ## Exercise 3: the top-k ensemble
#
# Write `top_k`. `validation` holds the validation accuracy of each network, an array `[R]`. `probabilities`
# is what they predict for the test images, `[R, N, K]`: networks, images, classes. Return the mean
# probabilities `[N, K]` of the `k` networks that are best on validation.
#
# <details><summary>Hint</summary>
#
# `np.argsort` gives the places from the smallest to the largest value. Which `k` of them do you want? An
# array of places picks networks: `probabilities[places]`.
#
# </details>


# %%
def top_k(validation, probabilities, k):
    """Mean probabilities [N, K] of the k networks with the best validation accuracy."""
    # solution begins: Exercise 3: the top-k ensemble
    best = np.argsort(validation)[-k:]
    return probabilities[best].mean(axis=0)
    # solution ends


# %%
checks.lesson_06.top_k(top_k)

# %% [markdown]
# The course's version averages with `views.average`. For each seed, from the twelve networks of the grid:

# %%
labels = all_runs[0].labels
predicted = np.array([[by_name[name][seed].probabilities for seed in SEEDS] for name in GRID.values()])
print("cells, seeds, test images, classes:", predicted.shape)


def ensemble_accuracy(seed, k):
    """Test accuracy in percent: (the ensemble, the mean of its members, the best of them)."""
    members = np.argsort(-table[:, seed], kind="stable")[:k]
    together = evaluation.top1(views.average(predicted[members, seed]), labels)
    alone = test_table[members, seed]
    return 100 * together, alone.mean(), alone.max()


found = np.array([[ensemble_accuracy(seed, k) for k in range(1, 13)] for seed in each])  # [seeds, k, 3]

# %%
figure, axis = figures.subplots(size=(6.8, 3.8))
ks = np.arange(1, 13)
axis.plot(ks, found[:, :, 0].T, color=figures.COLORS["mixup"], linewidth=0.8, alpha=0.6)
axis.plot(ks, found[:, :, 0].mean(axis=0), "^-", color=figures.COLORS["mixup"], label="ensemble")
axis.plot(
    ks,
    found[:, :, 2].mean(axis=0),
    "D--",
    color=figures.COLORS["cutmix"],
    label="its best member, known only from the test images",
)
axis.plot(ks, found[:, :, 1].mean(axis=0), "o:", color=figures.INK, label="mean of its members")
axis.set(xlabel="k, members of the ensemble", xticks=ks, ylabel="accuracy on test images, %", ylim=(72, 81.5))
axis.set_title("More members help, up to a point")
axis.legend()
figures.show(
    figure,
    alt="Test accuracy over k from 1 to 12. The ensemble rises with the first members and then hardly any "
    "more, above its best member; the mean of the members falls slowly. Thin lines are single seeds.",
)

# %%
ensemble, mean_member, best_member = found[:, 4].T
print(f"k = 5: {mean_member.mean():.1f} % alone, {ensemble.mean():.1f} % together")
print(f"  above the mean of its members: {verdict(ensemble, mean_member)}")
print(f"  above its best member:         {verdict(ensemble, best_member)}")


def five_runs(name):
    """Test accuracy in percent of five runs together that differ in their seed only."""
    return 100 * evaluation.top1(views.average([by_name[name][seed].probabilities for seed in SEEDS]), labels)


for words, name in {"the best cell": GRID[winner], "basic": "basic"}.items():
    together, alone = five_runs(name), accuracies(name, "test_accuracy").mean()
    print(f"five runs of {words}: {alone:.1f} % alone, {together:.1f} % together, {together - alone:+.1f}")

# %% [markdown]
# k = 1 is the cell that is best with that seed alone, as in the comparison above. An ensemble is better than
# its members are on average, that is sure; whether five members are better than the best of them, the seeds
# cannot tell. After
# five or six there is no more to gain: those that follow come from bad cells.
#
# And it needs no search: five runs of `basic`, which differ in nothing but their seed, gain from each other,
# too. Five runs of the best cell beat the five best cells. (Five runs are a single ensemble, so there is no
# interval.) Members must differ, but for that a seed is enough: different policies add nothing here, and weak
# members cost.
#
# An ensemble of k networks runs k networks for each prediction, and keeps k of them in memory. That cost
# stays for as long as it is used.

# %% [markdown]
# ## What it costs, what it brings
#
# For one network, or one ensemble, ready to use. Where there is an interval, there are five of them, one for
# each seed. Trainings for a choice count, too.

# %%
ways = {  # trainings, networks to run, test accuracies
    "none": (1, 1, contest["none"]),
    "adaptive M": (1, 1, contest["adaptive M"]),
    "best cell, one seed": (len(GRID), 1, contest["best cell, one seed"]),
    "best cell, five seeds": (5 * len(GRID), 1, contest["best cell, five seeds"]),
    "basic, then that cell": (5 * len(GRID) + 1, 1, contest["basic, then that cell"]),
    "top 3, one seed": (len(GRID), 3, found[:, 2, 0]),
    "top 5, one seed": (len(GRID), 5, found[:, 4, 0]),
}
print(f"{'':23} epochs  networks")
print(f"{'':23}trained    to run   test accuracy, difference to basic")
for way, (trainings, used, reached) in ways.items():
    print(f"{way:23} {trainings * EPOCHS:6} {used:9}   {verdict(reached, basic)}")
for way, trainings, name in [
    ("best cell, its five runs", 5 * len(GRID), GRID[winner]),
    ("basic, five runs", 5, "basic"),
]:
    gain = five_runs(name) - basic.mean()
    print(f"{way:24}{trainings * EPOCHS:6} {5:9}   {gain:+5.1f} points, a single ensemble")
print(f"{'basic, one run':23} {EPOCHS:6} {1:9}    the baseline, {basic.mean():.1f} %")

# %% [markdown]
# About sixty times the training, and up to five times the work for each prediction: and all that has been
# searched for is behind one network with `basic`. Only one row is above it: five runs of `basic`. That is the
# result here, for 720 small pictures, a small network and 20 epochs.
#
# ## When none of it is worth the cost
#
# - **You know your images.** A change that certainly keeps the label (a mirrored dog, another light) is worth
#   more than a search among changes that may not. Start with it.
# - **You have few validation images.** Then the search finds luck.
# - **A training is expensive.** Twelve more of them, or sixty, could instead be longer, or with more seeds,
#   or go into more images or a pretrained start (lesson 07).
# - **Predictions must be fast.** Then no ensemble.
#
# And when is it? With many images, large networks and long training, and with settings that others have
# searched for, since they cost nothing. On ImageNet, ResNet-50 gets 77.31 % with crops and mirror images
# alone, 77.70 % with RandAugment added and 77.95 % with AutoAugment (300 epochs,
# [PaddleClas][paddle]); the RandAugment paper has 76.3 %, and 77.6 % with either. That is half a point to a
# bit more than one, not ten.
#
# [paddle]: https://github.com/PaddlePaddle/PaddleClas/blob/1358e3f647e12b9ee6c5d6450291983b2d5ac382/docs/en
# /advanced_tutorials/DataAugmentation_en.md

# %% [markdown]
# ## For the curious
#
# Nothing later needs this. *Run All* runs it; read what you like.
#
# ### Nothing to search for
#
# TrivialAugment (Müller and Hutter 2021, [arXiv 2103.10158](https://arxiv.org/abs/2103.10158)) draws one
# operation for each image, and its magnitude, too: here `augment.trivial_augment()`.
#
# ### How many policies really differ?
#
# The paper's number counts some policies many times. Three operations have no magnitude. With probability 0
# all operations are the same: nothing. And the order of the five sub-policies does not matter.

# %%
without = [name for name in names if name not in policies.AUTO_AUGMENT_RANGES]
step_forms = 10 * 10 * (16 - len(without)) + 10 * len(without) + 1  # ten probabilities above 0, and "nothing"
fewer = step_forms ** (2 * 5) / math.factorial(5)
print(f"operations without a magnitude: {', '.join(without)}")
print(f"different steps: {step_forms:,}, different policies: about {fewer:.0e}")
print(f"trying a million of them a second: {fewer / 1_000_000 / (365 * 24 * 3600):.0e} years")

# %% [markdown]
# Less than a thousandth of the paper's number, and still far too many. (It is fewer still: magnitude 0 of
# rotate, shear and translate also does nothing.)
#
# ### What one M means

# %%
print(f"{'M':27}", *(f"{magnitude:8}" for magnitude in MAGNITUDES))
for name, meaning in {
    "rotate": "± degrees",
    "translate_x": "± of the width",
    "color": "factor 1 ±",
    "posterize": "bits",
    "solarize": "threshold",
}.items():
    amounts = policies.RAND_AUGMENT_RANGES[name]
    start = 0 if name == "color" else amounts.start
    values = [start + amounts.reach * magnitude / 10 for magnitude in MAGNITUDES]
    print(f"{name:12}{meaning:15}", *(f"{value:8.3g}" for value in values))

# %% [markdown]
# A larger M changes more, in every row. (In AutoAugment's table it does not: there the factor of colour goes
# from 0.1 at magnitude 0, nearly grey, to 1.9.)
#
# ### Does M follow the rule?
#
# The rule in NumPy, compared with the M that the runs have noted:


# %%
def followed(accuracies, start=0.0, gain=10.0):
    """The magnitudes by the rule, from a whole array of accuracies at once."""
    behind = np.maximum.accumulate(accuracies) - accuracies
    risen = start + gain * np.cumsum(behind)
    return np.minimum(10, np.concatenate([[start], risen[:-1]]))


for seed, curve, magnitudes in zip(SEEDS, curves, noted, strict=True):
    same = np.allclose(followed(curve), magnitudes, atol=1e-4)
    learned = by_name[ADAPTIVE][seed].history[-1]["train_accuracy"]
    print(
        f"seed {seed} follows the rule: {same}; at the end M = {magnitudes[-1]:.1f}, training accuracy "
        f"{learned:.0%}, validation accuracy {curve[-1]:.0%}"
    )

# %%
print(f"seed {SEEDS[most]}  epoch  training  validation  M in this epoch")
for number in range(5, 10):
    epoch = histories[most][number - 1]
    shares = f"{epoch['train_accuracy']:9.0%} {epoch['validation_accuracy']:11.0%}"
    print(f"{number:13} {shares} {epoch['magnitude']:16.1f}")

# %% [markdown]
# They do. The last table follows one run, epoch by epoch.
#
# ### Is the winner too weak?
#
# The training accuracy at the end (on images as they are) tells how hard an augmentation makes it to learn by
# heart.

# %%
learned = {
    name: np.mean([100 * by_name[name][seed].history[-1]["train_accuracy"] for seed in SEEDS])
    for name in by_name
}
nearest = min(GRID, key=lambda cell: abs(learned[GRID[cell]] - learned["basic"]))
for words, name in {
    "basic": "basic",
    f"N = {winner[0]}, M = {winner[1]}, the winner": GRID[winner],
    f"N = {nearest[0]}, M = {nearest[1]}, nearest to basic": GRID[nearest],
    "basic, then the winner": ON_TOP,
}.items():
    tested = accuracies(name, "test_accuracy").mean()
    print(f"{words:31} training {learned[name]:5.1f} %, test {tested:.1f} %")
print("the winner against basic, then the winner:")
print(f"  {verdict(contest['best cell, five seeds'], contest['basic, then that cell'])}")

# %% [markdown]
# The winner is so mild that its networks learn everything by heart. But the cell that is as hard to learn as
# `basic` is far behind `basic`, too. So strength alone does not explain it: the *kind* of changes matters.
# Suspects:
#
# - there is no mirror image among the operations;
# - many of them change colours, by which we tell breeds apart, too;
# - shifts and rotations push the dog out of the picture, and bring grey in.
#
# `basic` has the mirror image. With it underneath, the winner is better, and still behind `basic` alone: so
# the first
# suspect is one, and not the only one. These runs do not say more.
#
# ### The winner's lead, cell by cell

# %%
test_means = test_table.mean(axis=1)
ahead = np.stack([means - means.mean(), test_means - test_means.mean()], axis=1)  # points above the mean cell
rival = (2, 4)
for measure in ("validation_accuracy", "test_accuracy"):
    pair = [accuracies(GRID[cell], measure) for cell in (winner, rival)]
    print(f"{measure:20} winner above N = {rival[0]}, M = {rival[1]}: {verdict(*pair)}")

# %%
figure, axis = figures.subplots(size=(5.8, 3.8))
looks = {winner: figures.COLORS["cutmix"], rival: figures.COLORS["basic"]}
for cell, line in zip(GRID, ahead, strict=True):
    colour = looks.get(cell, figures.MUTED)
    axis.plot(
        [0, 1], line, "o-", color=colour, linewidth=3 if cell in looks else 1, zorder=2 + (cell in looks)
    )
    if cell in looks:
        side = "left" if cell == winner else "right"
        at = (1.05, line[1] + 0.35) if cell == winner else (-0.05, line[0])
        axis.text(*at, f"N = {cell[0]}, M = {cell[1]}", color=colour, va="center", ha=side)
axis.set_xticks([0, 1], ["validation images", "test images"])
axis.set(
    xlim=(-0.6, 1.6), ylabel="points above the mean of the cells", title="Its lead shrinks on other images"
)
figures.show(
    figure,
    alt="Twelve lines from validation images to test images, each a cell's accuracy relative to the mean of "
    "all cells. The winner's falls below that of N = 2, M = 4, which was below it on validation images.",
)

# %% [markdown]
# The winner is still among the first, since the large differences in this grid are real. But on validation
# images it was ahead of N = 2, M = 4; on test images it is behind. Both may be chance: no difference is
# clear.

# %% [markdown]
# ## What you learned
#
# - A policy is operations with probabilities and magnitudes; AutoAugment has 2.9 · 10³² of them to choose
#   from, and learns where to look from the validation accuracy of networks that it trains.
# - RandAugment keeps two numbers, N and M. They are found by grid search; nothing is learned about the
#   augmentation. All trainings that take part in the choice are its price.
# - The best of twelve on validation images is in part the luckiest. What it is worth, other images tell.
# - M can rise by itself when the validation accuracy falls back. A stumble raises it, too, and what does not
#   fall does not.
# - An ensemble of the k best is better than its members on average, and costs k times as much. Five runs of
#   one good policy did more.
# - A search finds the best of what it may choose from. Here `basic`, which was not on the list, beats all of
#   it.
#
# ## Questions
#
# 1. Why does the winner of the grid cost 60 trainings, and not 12? You extend the grid to N = 1 … 5 and all M
#    from 0 to 10: how many is it then, and what happens to the lead of the best cell on validation images if
#    all cells are equally good?
#
#    <details><summary>Answer</summary>
#
#    It was chosen by its mean over five seeds, so that all cells had to be trained with all of them. Then 5 ·
#    11 · 5 = 275. The more cells, the larger the largest of them by chance: the lead grows, and nothing is
#    gained.
#
#    </details>
#
# 2. Why is the validation accuracy of a run that adapts M by it no longer a fair judge of that run?
#
#    <details><summary>Answer</summary>
#
#    The validation images have taken part in the training: they decided on M, epoch after epoch. That is a
#    small leak, but images that had no say are the better judges.
#
#    </details>
#
# 3. An ensemble of five copies of the same network, with the same weights: what is its accuracy?
#
#    <details><summary>Answer</summary>
#
#    That of one of them. All make the same mistakes, so there is nothing to average out. Members must differ,
#    by their augmentation, their seed or their architecture.
#
#    </details>
#
# **Next.** Lesson 07, does it help?: how to compare augmentations fairly, from the start.
