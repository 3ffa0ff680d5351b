# %% [markdown]
# # 06 Automatic policies
#
# **Goal.** Let validation accuracy choose an augmentation, by searches that are large, small or none at all,
# and judge whether a search is worth what it costs.
#
# **Time.** 45 minutes.
#
# **You need to know** lesson 01 (training, validation and test images) and lesson 02 (batches, seeds,
# `augment(images, *, seed)`). What we use of lesson 07, paired seeds and intervals, is explained again.
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
import inspect
import itertools
import math

import numpy as np
import tensorflow as tf

from utils import (
    augment,
    checks,
    data,
    evaluation,
    experiment,
    figures,
    operations,
    policies,
    runs,
    variants,
    views,
)

# %% [markdown]
# ## Which ones, and how much?
#
# There are dozens of operations by now: turn, shift, recolour, and so on. Each can be mild or strong,
# frequent or rare. Who chooses? So far you did, by looking. An **automatic policy** is chosen by a rule:
# try, look at the accuracy on validation images, and keep what is best.
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

without = [name for name in names if name not in policies.AUTO_AUGMENT_RANGES]
fewer = (11 * 10 * (16 - len(without)) + 11 * len(without)) ** 10 / math.factorial(5)
print(f"operations without a magnitude: {', '.join(without)}")
print(f"policies that really differ: at least {fewer:.1e}")

# %% [markdown]
# 2.9 · 10³² is the paper's number. It counts some policies many times: three operations have no magnitude,
# and the order of the five sub-policies does not matter. What is left is a thousandth of it, and no fewer
# years. Nobody can try them all, so AutoAugment learns where to look.

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
drawn = [policies.IMAGENET_POLICY[number] for number in (0, 7, 14, 18, 23)]
seen = augment.auto_augment(drawn)(dogs, seed=(6, 2)).numpy()
figure, axes = figures.subplots(1, 7, size=(9.6, 3.3), width_ratios=[3.2, 1, 5, 1, 3.2, 1, 2.2])
for axis in axes[1::2]:
    axis.set_axis_off()
    axis.annotate("", (1.2, 0.5), (-0.2, 0.5), xycoords="axes fraction", arrowprops=ARROW)

axes[0].barh(["rotate", "color", "equalize", "solarize", "…"], [30, 26, 20, 14, 10], color="#0072b2")
axes[0].set(title="1  Probabilities", xticks=[], ylim=(4.6, -0.6))
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
    alt="A loop of four stations. 1: bars, the probabilities of which the controller draws. 2: a "
    "policy, five rows of two operations with a probability and a magnitude. 3: six dogs, turned and "
    "recoloured by that policy, on which a network trains. 4: its validation accuracy, 81 %. An arrow "
    "leads from there back to the probabilities: what did better than usual becomes more likely.",
)

# %% [markdown]
# (The policy and the dogs are real, the bars are invented.)
#
# 1. The controller has a probability for each choice: which operation, how often, how strong.
# 2. It draws a policy: 30 choices, five times two operations with three choices each.
# 3. A new network is trained with this policy, from the start, on a small part of the data.
# 4. Its accuracy on validation images is the **reward**. If the reward is above the usual, the choices just
#    made get more probable, otherwise less.
#
# Then the next round begins. To learn from rewards alone, without being told the right answer, is
# **reinforcement learning**. (The step is called Proximal Policy Optimization.) At the end the five best
# policies are put together: 25 sub-policies.
#
# Each round trains a whole network. The paper states 5,000 GPU hours for CIFAR-10 and 15,000 for ImageNet:
# 625 days for a single GPU. So hardly anyone searches. One takes a published policy, and hopes that what
# suits ImageNet suits one's own images.

# %% [markdown]
# ## Apply the published policy
#
# `augment.auto_augment()` is the one for ImageNet. It also takes a list of sub-policies of your own, so that
# we can look at one alone. The magnitudes 0 to 9 go evenly through a range for each operation:


# %%
def step_in_words(name, probability, magnitude):
    """One operation of a sub-policy: what it does, and how often."""
    if name not in policies.AUTO_AUGMENT_RANGES:
        return f"{name} in {probability:.0%}"
    amounts = policies.AUTO_AUGMENT_RANGES[name]
    amount = amounts.start + amounts.reach * magnitude / 9
    return f"{name} {'±' if amounts.signed else ''}{amount:.2g} in {probability:.0%}"


SHOWN = [0, 14, 16, 18]
for number in SHOWN:
    first, second = policies.IMAGENET_POLICY[number]
    print(f"sub-policy {number:2}: {step_in_words(*first)}, then {step_in_words(*second)}")

# %%
rows = {f"sub-policy {number}": augment.auto_augment([policies.IMAGENET_POLICY[number]]) for number in SHOWN}
rows["all 25"] = augment.auto_augment()
same_dog = tf.repeat(dogs[3:4], 6, axis=0)
figure, axes = figures.subplots(5, 7, size=(8.8, 5.9))
for row, (title, policy) in zip(axes, rows.items(), strict=True):
    picture(row[0], dogs[3], "original" if row is axes[0] else "")
    row[0].set_ylabel(title)
    for axis, changed in zip(row[1:], policy(same_dog, seed=(6, 4)).numpy(), strict=True):
        picture(axis, changed)
figures.show(
    figure,
    alt="Five rows of one dog: the original and six draws. Sub-policy 0 turns it or takes grey levels away, "
    "14 strengthens the contrast, 16 inverts bright parts into false colours, 18 slants it and evens out the "
    "colours. The last row, the whole policy, mixes all kinds; in many pictures the coat has another colour.",
    kind="jpeg",
)

# %% [markdown]
# The numbers: turned by 30 degrees to either side; 4.4 bits left (rounded to 4); the factor 0.9 for colour,
# where 1 would change nothing; a solarize threshold of 57.
#
# Some pictures in the first row are as they were. Both operations may be left out: with probability
# 0.6 · 0.4 = 0.24. Let us count.

# %%
many = tf.repeat(dogs[3:4], 2000, axis=0)
changed = rows["sub-policy 0"](many, seed=(6, 5))
unchanged = tf.reduce_all(changed == many, axis=[1, 2, 3])
print(f"unchanged by sub-policy 0: {np.mean(unchanged):.0%} of {len(many)} images")

# %% [markdown]
# A policy that was found by 15,000 hours of search deserves a look at what is in it.

# %%
steps = [step for sub_policy in policies.IMAGENET_POLICY for step in sub_policy]
counted = collections.Counter(name for name, _, _ in steps)
print(f"sub-policies: {len(policies.IMAGENET_POLICY)}, different: {len(set(policies.IMAGENET_POLICY))}")
print("steps that never happen:", [step for step in steps if step[1] == 0])
print("most frequent:", ", ".join(f"{name} {count}" for name, count in counted.most_common(4)))
print("never used:", ", ".join(name for name in names if name not in counted))
print("mirror among the operations:", any("flip" in name or "mirror" in name for name in names))

# %% [markdown]
# Five sub-policies stand in it twice, one has a step that never happens, and equalize is everywhere. The
# search has found something good for ImageNet, not something perfect. Most of it changes colours. For
# a breed that is told by the colour of its coat, that takes away what the network should look at.
#
# There is no mirror image among the operations: the authors apply their policies on top of crops and mirror
# images. Remember that for the comparison below.

# %% [markdown]
# ## RandAugment: two numbers are left
#
# RandAugment asks what the search has to decide at all, and drops nearly everything:
#
# - no probabilities to learn: each time, all operations are equally likely;
# - no sub-policies: **N** operations are drawn anew for each image;
# - no magnitude of its own for each operation: one magnitude **M** for all, here from 0 to 10.
#
# What one M means for some of the operations:

# %%
NUMBERS, MAGNITUDES = [1, 2, 3], [1, 4, 7, 10]
print(f"{'M':27}", *(f"{magnitude:8}" for magnitude in MAGNITUDES))
for name, meaning in {
    "rotate": "± degrees",
    "shear_x": "± slope",
    "color": "factor 1 ±",
    "posterize": "bits",
    "solarize": "threshold",
}.items():
    amounts = policies.RAND_AUGMENT_RANGES[name]
    start = 0 if name == "color" else amounts.start
    values = [start + amounts.reach * magnitude / 10 for magnitude in MAGNITUDES]
    print(f"{name:14}{meaning:13}", *(f"{value:8.4g}" for value in values))

# %% [markdown]
# A larger M changes more, in every row. (In AutoAugment's table it does not: there the factor of colour goes
# from 0.1 at magnitude 0, nearly grey, to 1.9.)
#
# So N and M span a small table. One dog in each cell of it, in two draws:

# %%
figure, axes = figures.subplots(3, 4, size=(8.6, 3.7))
for line, number in zip(axes, NUMBERS, strict=True):
    for axis, magnitude in zip(line, MAGNITUDES, strict=True):
        drawn = augment.rand_augment(number, magnitude)(same_dog, seed=(6, 8)).numpy()
        gap = np.full([SIZE, 4, 3], 255)
        picture(axis, np.concatenate([drawn[1], gap, drawn[4]], axis=1))
    line[0].set_ylabel(f"N = {number}")
for axis, magnitude in zip(axes[0], MAGNITUDES, strict=True):
    axis.set_title(f"M = {magnitude}", loc="center")
figures.show(
    figure,
    alt="A table of one dog, rows for N = 1, 2, 3 and columns for M = 1, 4, 7, 10, two draws a cell. At the "
    "top left the dog is nearly as it was; to the right and downwards it is turned, shifted and recoloured "
    "more and more, and at the bottom right hard to recognise.",
    kind="jpeg",
)

# %% [markdown]
# ## Exercise 2: RandAugment for one image
#
# Write `rand_augment_one`. `table` is a dict from the name of an operation to a function
# `operation(image, magnitude)` that returns the changed image. Draw `num_ops` operations from it, all equally
# likely at each draw; the same one may come twice. Apply them one after the other, each with `magnitude`, and
# return the image. Draw from `generator`, a NumPy generator such as `np.random.default_rng(0)`.
#
# <details><summary>Hint</summary>
#
# `generator.choice(a_list)` or `generator.integers(count)` draws one. `list(table.values())` is a list of the
# operations. What goes into the second operation?
#
# </details>


# %%
def rand_augment_one(image, table, num_ops, magnitude, generator):
    """The image after `num_ops` operations of the table, drawn at random, all of one magnitude."""
    # solution begins: Exercise 2: RandAugment for one image
    operations = list(table.values())
    for _ in range(num_ops):
        operation = operations[generator.integers(len(operations))]
        image = operation(image, magnitude)
    return image
    # solution ends


# %%
checks.lesson_06.rand_augment_one(rand_augment_one)

# %% [markdown]
# That is all of it: a loop and a draw. One reads now and then that RandAugment uses reinforcement learning.
# It does not. There is no controller and no reward, and nothing about the augmentation is learned. N and M
# are found by a **grid search**: train with each pair of a table, and take the pair with the best
# validation accuracy. Here is our table, and the whole search, in one line each.

# %%
GRID = {(n, m): f"rand_augment(num_ops={n},magnitude={m})" for n in NUMBERS for m in MAGNITUDES}


def grid_search(accuracies):
    """The cell with the best accuracy; `accuracies` is a dict from (N, M) to validation accuracy."""
    return max(accuracies, key=accuracies.get)


print(f"{len(GRID)} trainings in place of {in_all:.1e}")

# %% [markdown]
# ### One cell of it, live
#
# We train the cell N = 2, M = 4 for a few epochs. To learn anything meanwhile, RandAugment would have to be
# told how the training goes. Functions that are told after each epoch stand in `adapting`: it has none. (The
# variant that adapts itself, further down, has one.)

# %%
short = dataclasses.replace(course, epochs=4, frozen_epochs=0)
comparison = experiment.Comparison(short)
print(f"{GRID[2, 4]}: {short.epochs} epochs of {comparison.size('train')} images")
for name in [GRID[2, 4], "adaptive_rand_augment"]:
    print(f"told after each epoch: {len(variants.parse(name).adapting)} functions of {name}")

# %% tags=["nbval-ignore-output"]
run = comparison.train(GRID[2, 4], seed=0)[0]
print("epoch  training accuracy  validation accuracy")
for epoch in run["history"]:
    print(f"{epoch['epoch']:5} {epoch['train_accuracy']:18.0%} {epoch['validation_accuracy']:20.0%}")

# %% [markdown]
# ### The whole grid
#
# A cell that counts needs more than four epochs and one try. The repository holds 20 epochs for each cell,
# five times with five **seeds**. A seed fixes what is left to chance: the first weights, the order of the
# images, the draws. Runs with the same seed are a **pair**: they differ in the augmentation only. The grid
# was trained with
#
# ```
# python -m utils.experiment --epochs 20 --seeds 5
#     --augment 'rand_augment(num_ops=1,magnitude=1)' … adaptive_rand_augment
#     --out solutions/results/automatic_policies
# ```
#
# (`adaptive_rand_augment` comes further down.) `none`, no augmentation, and `basic`, the mirror, shift, light
# and colour of lesson 02, were trained with the same settings and seeds for lesson 07.

# %%
grid_runs = runs.read_folder("../solutions/results/automatic_policies")
other_runs = runs.read_folder("../solutions/results/does_it_help/random")
all_runs = grid_runs + [run for run in other_runs if run["augmentation"] in ("none", "basic")]
by_name = {name: evaluation.by_seed(all_runs, name) for name in evaluation.variants(all_runs)}
SEEDS = sorted(set.intersection(*(set(found) for found in by_name.values())))


def accuracies(name, measure):
    """A measure in percent, one number for each seed."""
    return np.array([100 * by_name[name][seed][measure] for seed in SEEDS])


epochs = {len(run["history"]) for run in all_runs}
print(f"{len(by_name)} augmentations, seeds {SEEDS}, epochs {epochs}")

# %%
table = np.array([accuracies(name, "validation_accuracy") for name in GRID.values()])  # [12 cells, seeds]
means = table.mean(axis=1)
best_of_seed = table.argmax(axis=0)  # for each seed the cell that is best with it
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
    "best, at N = 1, M = 4, is in bold; the worst are at the lower right. Under three numbers stands with "
    "which seeds this cell was the best of all.",
)

# %%
winner = grid_search(dict(zip(GRID, means, strict=True)))
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
# The notes below the numbers tell what a single seed would have found out. Two of the five would have chosen
# another cell, and one of these lies at the far end of its row.
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
# The winner is ahead of nearly all cells. N = 3 with a small M may be as good: there the five seeds cannot
# tell. And all these leads are rather too large: it was chosen *because* it is ahead. So the grid says "one
# operation of medium strength, or some mild ones". It does not say "exactly N = 1 and M = 4". Keep the lead
# over N = 2, M = 4 in mind.

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
# - M never falls, and ends at 10.
#
# For example, gain 10, a best of 0.80 so far and now 0.75: M rises by 10 · 0.05 = 0.5.

# %% [markdown]
# ## Exercise 3: the rule that raises M
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
    # solution begins: Exercise 3: the rule that raises M
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
# noted M in each epoch. A version of the rule in NumPy, to see that they follow it:


# %%
def followed(accuracies, start=0.0, gain=10.0):
    """The magnitudes by the rule, from a whole array of accuracies at once."""
    behind = np.maximum.accumulate(accuracies) - accuracies
    risen = start + gain * np.cumsum(behind)
    return np.minimum(10, np.concatenate([[start], risen[:-1]]))


ADAPTIVE = "adaptive_rand_augment"
histories = [by_name[ADAPTIVE][seed]["history"] for seed in SEEDS]
curves = np.array([[epoch["validation_accuracy"] for epoch in history] for history in histories])
noted = np.array([[epoch["magnitude"] for epoch in history] for history in histories])
for seed, curve, magnitudes in zip(SEEDS, curves, noted, strict=True):
    same = np.allclose(followed(curve), magnitudes, atol=1e-4)
    learned = by_name[ADAPTIVE][seed]["history"][-1]["train_accuracy"]
    print(
        f"seed {seed} follows the rule: {same}; at the end M = {magnitudes[-1]:.1f}, training accuracy "
        f"{learned:.0%}, validation accuracy {curve[-1]:.0%}"
    )

# %%
figure, axes = figures.subplots(1, 2, size=(9.0, 3.4))
epochs = np.arange(1, curves.shape[1] + 1)
most = int(noted[:, -1].argmax())  # the run in which M rises most
best_so_far = np.maximum.accumulate(curves[most])
axes[0].fill_between(
    epochs, 100 * curves[most], 100 * best_so_far, color=figures.COLOURS["cutmix"], alpha=0.35
)
axes[0].plot(epochs, 100 * best_so_far, "--", color=figures.MUTED, label="best so far")
axes[0].plot(epochs, 100 * curves[most], color=figures.COLOURS["basic"], label="this epoch")
axes[0].set(title=f"Seed {SEEDS[most]}: behind its own best", ylabel="validation accuracy, %")
axes[0].legend(loc="lower right")
axes[1].plot(epochs, noted.T, color=figures.MUTED, linewidth=1)
axes[1].plot(epochs, noted[most], color="#d55e00", linewidth=2.5, label=f"seed {SEEDS[most]}")
axes[1].set(title="M, all seeds", ylim=(0, 10.2))
axes[1].legend(loc="upper left")
for axis in axes:
    axis.set(xlabel="epoch", xticks=range(2, 21, 3))
figures.show(
    figure,
    alt="Left: the validation accuracy of one run rises with setbacks; the area between it and its best so "
    "far is shaded. Right: M of all runs over the epochs, in steps that only go up; the thick line is the "
    "run at the left.",
)

# %% [markdown]
# The runs follow the rule. But M hardly gets to where the grid is good, and one run differs much from the
# other. The reason: the rule waits for the accuracy to *fall*. These networks know all of their training
# images by heart, and yet their validation accuracy does not fall for good: it just stops rising. What raises
# M are single setbacks, and a run that happens to have more of them gets more augmentation.
#
# The rule has replaced the two numbers N and M by three: N, start and gain. Nobody tells which are right, and
# trying them out would be a grid again.

# %% [markdown]
# ## One comparison on test images
#
# The choice is made, and it was made on validation images. Now the test images are asked, once: the winner of
# the grid against `none`, against `basic`, and against the variant that adapts itself. For each seed we take
# the difference of the pair. "better" means that the whole interval lies above 0, "worse" that it lies below.

# %%
for name in ["none", "basic", GRID[winner], ADAPTIVE]:
    print(f"{name:39} {accuracies(name, 'test_accuracy').mean():.1f} % right")
ours = accuracies(GRID[winner], "test_accuracy")
for name in ["none", "basic", ADAPTIVE]:
    print(f"winner against {name:22} {verdict(ours, accuracies(name, 'test_accuracy'))}")
adaptive = accuracies(ADAPTIVE, "test_accuracy")
print(f"adaptive against none {'':15} {verdict(adaptive, accuracies('none', 'test_accuracy'))}")
print(f"adaptive against basic {'':14} {verdict(adaptive, accuracies('basic', 'test_accuracy'))}")

# %%
contest = {"none": "none", "adaptive M": ADAPTIVE, f"N = {winner[0]}, M = {winner[1]}": GRID[winner]}
basic = accuracies("basic", "test_accuracy")
figure, axis = figures.subplots(size=(7.0, 2.6))
axis.axvline(0, color=figures.COLOURS["basic"], linewidth=2)
for row, name in enumerate(contest.values()):
    points = accuracies(name, "test_accuracy") - basic
    mean, low, high = evaluation.mean_interval(points)
    colour = figures.COLOURS["none" if name == "none" else "cutmix"]
    axis.plot([low, high], [row] * 2, color=colour, linewidth=7, alpha=0.3)
    axis.plot(points, [row] * len(points), "o", color=colour, alpha=0.7)
axis.set_yticks(range(3), contest)
axis.set(xlabel="points of test accuracy above basic", ylim=(-0.6, 2.6))
axis.set_title("All of them are behind basic")
figures.show(
    figure,
    alt="Points above basic on test images for none, for M that adapts itself and for the winner of "
    "the grid: five dots, one a seed, and a bar for the interval. All dots lie left of the line of "
    "basic; those of none furthest.",
)

# %% [markdown]
# The winner of the grid is clearly better than no augmentation, and just as clearly worse than `basic`, with
# every seed. The adaptive M gives a part of the gain, for a twelfth of the trainings, and not with every seed
# as much. So the whole search has found something that is five points behind a few lines that somebody wrote
# because a mirrored dog is of the same breed.
#
# Is the winner too weak? The training accuracy at the end (on images as they are) tells how hard an
# augmentation makes it to learn by heart.

# %%
learned = {
    name: np.mean([100 * by_name[name][seed]["history"][-1]["train_accuracy"] for seed in SEEDS])
    for name in by_name
}
nearest = min(GRID, key=lambda cell: abs(learned[GRID[cell]] - learned["basic"]))
for words, name in {
    "basic": "basic",
    f"N = {winner[0]}, M = {winner[1]}, the winner": GRID[winner],
    f"N = {nearest[0]}, M = {nearest[1]}, nearest to basic": GRID[nearest],
}.items():
    tested = accuracies(name, "test_accuracy").mean()
    print(f"{words:31} training {learned[name]:5.1f} %, test {tested:.1f} %")

# %% [markdown]
# The winner is so mild that its networks learn everything by heart. But the cell that is as hard to learn
# as `basic` is much worse still. So strength alone does not explain it: the *kind* of changes matters. Two
# suspects: there is no mirror image among the operations, and many of them change colours, by which we tell
# breeds apart, too. These runs cannot say which. The authors use RandAugment on top of mirror images and
# crops. The command above understands `'basic+rand_augment(num_ops=1,magnitude=4)'`, too: a good experiment
# for lesson 14.
#
# ### What the choice has promised
#
# Among twelve cells the best on validation is in part the luckiest on validation. On other images that luck
# does not come again. Now that nothing is chosen any more, we may look at all twelve on test images.

# %%
test_means = np.array([accuracies(name, "test_accuracy").mean() for name in GRID.values()])
ahead = np.stack([means - means.mean(), test_means - test_means.mean()], axis=1)  # points above the mean cell
place = 1 + int((test_means > test_means[means.argmax()]).sum())
of_winner = ahead[means.argmax()]
print(f"winner above the mean cell: {of_winner[0]:+.1f} points on validation images,")
print(f"                            {of_winner[1]:+.1f} points on test images, place {place} of 12")
print(f"winner above N = 2, M = 4 on test images: {verdict(ours, accuracies(GRID[2, 4], 'test_accuracy'))}")

test_table = np.array([accuracies(name, "test_accuracy") for name in GRID.values()])
each = np.arange(len(SEEDS))
promised = (table - table.mean(axis=0))[best_of_seed, each]
kept = (test_table - test_table.mean(axis=0))[best_of_seed, each]
print("choosing with a single seed:", f"{promised.mean():+.1f} on validation, {kept.mean():+.1f} on test")

# %%
figure, axis = figures.subplots(size=(5.6, 3.8))
for cell, line in enumerate(ahead):
    chosen = cell == means.argmax()
    colour = figures.COLOURS["cutmix"] if chosen else figures.MUTED
    axis.plot([0, 1], line, "o-", color=colour, linewidth=3 if chosen else 1, zorder=3 if chosen else 2)
    if chosen:
        axis.text(1.05, line[1], f"N = {winner[0]}, M = {winner[1]}", color=colour, va="center")
axis.set_xticks([0, 1], ["validation images", "test images"])
axis.set(xlim=(-0.2, 1.5), ylabel="points above the mean of the cells", title="The winner, twice")
figures.show(
    figure,
    alt="Twelve lines from validation images to test images, each a cell's accuracy relative to the mean of "
    "all cells. The line of the winner is thick.",
)

# %% [markdown]
# The winner is still the first, since the large differences in this grid are real. But it loses a part of its
# lead, and the cell N = 2, M = 4, which was behind with an interval above 0, is level with it. With a single
# seed nearly half of what validation promises is luck. This **optimism** grows with the number of cells, and
# shrinks with more seeds and more validation images: we have 300, so that one point is three images.
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
# ## Exercise 4: the top-k ensemble
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
    # solution begins: Exercise 4: the top-k ensemble
    best = np.argsort(validation)[-k:]
    return probabilities[best].mean(axis=0)
    # solution ends


# %%
checks.lesson_06.top_k(top_k)

# %% [markdown]
# The course's version averages with `views.average`. For each seed, from the twelve networks of the grid:

# %%
labels = all_runs[0]["labels"]
predicted = np.array([[by_name[name][seed]["probabilities"] for seed in SEEDS] for name in GRID.values()])
print("cells, seeds, test images, classes:", predicted.shape)


def ensemble_accuracy(seed, k):
    """Test accuracy in percent: (the ensemble, the mean of its members, the best of them)."""
    members = np.argsort(-table[:, seed], kind="stable")[:k]
    together = evaluation.top1(views.average(predicted[members, seed]), labels)
    alone = test_table[members, seed]
    return 100 * together, alone.mean(), alone.max()


found = np.array([[ensemble_accuracy(seed, k) for k in range(1, 13)] for seed in each])  # [seeds, k, 3]
print(" k  ensemble  members' mean  best member  networks to run for a prediction")
for k in [1, 2, 3, 5, 8, 12]:
    ensemble, mean_member, best_member = found[:, k - 1].mean(axis=0)
    print(f"{k:2} {ensemble:9.1f} {mean_member:14.1f} {best_member:12.1f} {k:8}")

# %%
figure, axis = figures.subplots(size=(6.8, 3.8))
ks = np.arange(1, 13)
axis.plot(ks, found[:, :, 0].T, color=figures.COLOURS["mixup"], linewidth=0.8, alpha=0.6)
axis.plot(ks, found[:, :, 0].mean(axis=0), "^-", color=figures.COLOURS["mixup"], label="ensemble")
axis.plot(ks, found[:, :, 2].mean(axis=0), "D--", color=figures.COLOURS["cutmix"], label="its best member")
axis.plot(ks, found[:, :, 1].mean(axis=0), "o:", color=figures.INK, label="mean of its members")
axis.set(xlabel="k, members of the ensemble", xticks=ks, ylabel="accuracy on test images, %")
axis.set_title("More members help, up to a point")
axis.legend()
figures.show(
    figure,
    alt="Test accuracy over k from 1 to 12. The ensemble rises with the first members and then hardly any "
    "more, above its best member; the mean of the members falls slowly. Thin lines are single seeds.",
)

# %%
for k in [2, 3, 5]:
    ensemble, mean_member, best_member = found[:, k - 1].T
    print(f"k = {k}: above the mean of its members {verdict(ensemble, mean_member)}")
    print(f"       above its best member       {verdict(ensemble, best_member)}")
basics = np.array([by_name["basic"][seed]["probabilities"] for seed in SEEDS])
together = 100 * evaluation.top1(views.average(basics), labels)
alone = accuracies("basic", "test_accuracy")
print(f"five runs of basic, without any search: {together:.1f} %, alone {alone.mean():.1f} % on average")

# %% [markdown]
# An ensemble is better than its members are on average; that is sure. Against the best of them, five members
# are ahead by a point; with two or three the seeds cannot tell. (And who is best, only the test images know.
# Who relies on validation gets the first line of the table.) After five or six members there is no more to
# gain: those that follow come from bad cells.
#
# An ensemble of k networks runs k networks for each prediction, and keeps k of them in memory. That cost
# stays for as long as it is used. And it needs no search: five runs of `basic` differ in nothing but their
# seed, and together they gain more, from a better start.

# %% [markdown]
# ## What it costs, what it brings
#
# For one network, or one ensemble, ready to use; accuracy and interval are those of five of them, one for
# each seed.

# %%
EPOCHS = len(histories[0])
ways = {
    "none": (1, 1, accuracies("none", "test_accuracy")),
    "adaptive M": (1, 1, adaptive),
    "winner of the grid": (len(GRID), 1, ours),
    "top 3 of the grid": (len(GRID), 3, found[:, 2, 0]),
    "top 5 of the grid": (len(GRID), 5, found[:, 4, 0]),
}
print("                    epochs  networks")
print("                   trained   to run   test accuracy above basic")
for way, (trained, used, reached) in ways.items():
    print(f"{way:19} {trained * EPOCHS:6} {used:8}   {verdict(reached, basic)}")
print(f"{'basic':19} {EPOCHS:6} {1:8}    the baseline, {basic.mean():.1f} %")

# %% [markdown]
# Twelve times the training, and up to five times the work for each prediction: and all of it is behind one
# network with `basic`. That is the result here, for 720 small pictures, a small network and 20 epochs.
#
# ## When none of it is worth the cost
#
# - **You know your images.** A change that certainly keeps the label (a mirrored dog, another light) is worth
#   more than a search among changes that may not. Start with it.
# - **You have few validation images.** Then the search finds luck.
# - **A training is expensive.** Twelve more of them could instead be longer, or with more seeds, or go into
#   more images or a pretrained start (lesson 07).
# - **Predictions must be fast.** Then no ensemble.
#
# And when is it? With many images, large networks and long training, and with settings that others have
# searched for, since they cost nothing: on ImageNet, ResNet-50 with 300 epochs gets 77.31 % without, 77.70 %
# with RandAugment and 77.95 % with AutoAugment (numbers of
# [PaddleClas](https://github.com/PaddlePaddle/PaddleClas)). That is half a point, not ten.
#
# There is also a policy with nothing to search for. TrivialAugment (Müller and Hutter 2021,
# [arXiv 2103.10158](https://arxiv.org/abs/2103.10158)) draws one operation for each image, and its magnitude,
# too.

# %%
for factory in [augment.rand_augment, augment.trivial_augment]:
    known = inspect.signature(factory).parameters
    print(f"{factory.__name__}: {', '.join(known)}")

# %% [markdown]
# ## What you learned
#
# - A policy is operations with probabilities and magnitudes; AutoAugment has 2.9 · 10³² of them to choose
#   from, and learns where to look from the validation accuracy of networks that it trains.
# - RandAugment keeps two numbers, N and M. They are found by grid search; nothing is learned about the
#   augmentation.
# - The best of twelve on validation images is in part the luckiest. What it is worth, other images tell.
# - M can rise by itself when the validation accuracy falls back. What does not fall does not raise it.
# - An ensemble of the k best is better than its members on average, and costs k times as much.
# - A search finds the best of what it may choose from. Here `basic`, which was not on the list, beats all of
#   it.
#
# ## Questions
#
# 1. You extend the grid to N = 1 … 5 and all M from 0 to 10, with five seeds each. How many trainings is
#    that, and what happens to the lead of the best cell on validation images if all cells are equally good?
#
#    <details><summary>Answer</summary>
#
#    5 · 11 · 5 = 275. The more cells, the larger the largest of them by chance: the lead grows, and nothing
#    is gained.
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
