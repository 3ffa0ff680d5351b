# %% [markdown]
# # 11 Class-dependent effects
#
# **Goal.** Find out which classes pay for an augmentation that helps on average, how sure that is, why they
# pay, and what can be done about it; then ask your own runs.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 07 (crops, pairs of runs with the same seed, 95 % intervals, what validation
# images are for).
#
# **Sources.** Balestriero et al. 2022, [*The Effects of Regularization and Data Augmentation are Class
# Dependent*](https://arxiv.org/abs/2204.03632), and Kirichenko et al. 2023, [*Understanding the Detrimental
# Class-level Effects of Data Augmentation*](https://arxiv.org/abs/2401.01764).

# %%
from utils import quiet  # noqa: F401

RESULTS = "../solutions/results"  # finished runs

import numpy as np
import scipy.stats
import tensorflow as tf

from utils import charts, checks, data, evaluation, figures
from utils.experiment import runs, view_predictions

# %% [markdown]
# ## An average
#
# The first part reads finished runs of the toy dogs, whatever profile you have: 20 epochs from random
# weights, five seeds for each augmentation. The last part reads any folder of runs, yours too.
#
# | name here | the training images |
# |---|---|
# | `none` | as they are |
# | `crop` | a square part with 10 to 100 % of the area is cut out and enlarged |
# | `basic` | mirror, shift, light and color |
# | `hue`, `basic+hue` | all colors turned by up to 30 degrees; with `basic` first |
# | `… spared` | the same, but two breeds stay as they are |

# %%
toys = runs.read_folder(f"{RESULTS}/does_it_help/random") + runs.read_folder(f"{RESULTS}/class_dependent")
CROP, HUE = "random_resized_crop(smallest=0.1,ratio=1", "random_hue(degrees=30"
FULL_NAMES = {
    "crop": f"{CROP})",
    "crop spared": f"{CROP},not_for=6 11)",
    "hue": f"{HUE})",
    "basic+hue": f"basic+{HUE})",
    "basic+hue spared": f"basic+{HUE},not_for=2 3)",
}


def print_averages(found, names, baseline):
    """Test accuracy, and points above the baseline with their 95 % interval."""
    for name in names:
        pair = [run for run in found if run.augmentation in {FULL_NAMES.get(name, name), baseline}]
        row = evaluation.compare(pair, baseline).to_dict("records")[-1]
        limits = f"{row['difference_points']:+.1f} ({row['low_points']:+.1f} to {row['high_points']:+.1f})"
        print(f"{name:18} {100 * row['test_accuracy']:.1f} %, above {baseline} {limits}: {row['verdict']}")


print_averages(toys, ["crop", "basic"], "none")

# %% [markdown]
# Both are better than `none`, and most reports end here. But an average of twelve classes says nothing about
# any one of them.

# %% [markdown]
# ## Exercise 1: the change of each class
#
# The **accuracy of a class** is a share of its own images: of all test images that *are* tuftonbys, how many
# are named so?
#
# Write `class_differences(predicted, baseline, labels, num_classes)`. `predicted` and `baseline` hold the
# classes that the networks name, int `[S, N]`: a row for each seed, a column for each image. `labels` is int
# `[N]`. Return an array `[S, K]`: for each seed and class, the accuracy with `predicted` minus that with
# `baseline`, in percentage points. The K = `num_classes` classes need not be equally large, but each has an
# image.
#
# <details><summary>Hint</summary>
#
# `labels == 3` picks the images of class 3. Which columns does that leave, and what is a row's mean of true
# and false? `np.stack` puts columns together.
#
# </details>


# %%
def class_differences(predicted, baseline, labels, num_classes):
    """Points of accuracy that each class gains against the baseline, seed by seed: [S, K]."""
    # solution begins: Exercise 1: the change of each class
    columns = []
    for number in range(num_classes):
        own = labels == number
        right, right_before = predicted[:, own] == number, baseline[:, own] == number
        columns.append(100 * (right.mean(axis=1) - right_before.mean(axis=1)))
    return np.stack(columns, axis=1)
    # solution ends


# %%
checks.lesson_11.class_differences(class_differences)

# %% [markdown]
# **Guess.** The crop gains 7 points on average. How many of the twelve breeds lose?

# %%
my_differences = checks.yours(class_differences, otherwise=checks.lesson_11.the_courses_differences)


def changes(found, name, baseline):
    """Points that each class gains with an augmentation above the baseline, seed by seed: [S, K]."""
    pairs = evaluation.paired_runs(found, FULL_NAMES.get(name, name), baseline)
    predicted, before = (np.stack([run.probabilities.argmax(axis=1) for run in each]) for each in pairs)
    return my_differences(predicted, before, found[0].labels, len(found[0].class_names))


breeds = toys[0].class_names
crop_changes = changes(toys, "crop", "none")
two = [run for run in toys if run.augmentation in ("none", FULL_NAMES["crop"])]
for name, points in zip(breeds, crop_changes.T, strict=True):
    print(f"{name:12}", " ".join(f"{value:+4.0f}" for value in points), f"  mean {points.mean():+5.1f}")

# %% tags=["hide-input"]
figure, alt = charts.class_changes(two, FULL_NAMES["crop"])
for line in figure.axes[0].lines[1:]:  # the first line is the one at 0
    line.set_color("#0072b2" if min(line.get_xdata()) + max(line.get_xdata()) > 0 else "#c1401b")
figure.axes[0].set_title("Who gains (blue) and who pays (red)", loc="left")
figures.show(figure, alt=alt)

# %% [markdown]
# A mark is the mean of the five seeds, the line its 95 % interval. Two breeds win more than 20 points; three
# lose. Tuftonby loses 11, in all five seeds, and the interval leaves out 0. So, is it settled that tuftonbys
# pay?

# %% [markdown]
# ## Twelve questions at once
#
# Not yet. We have looked at twelve classes and picked the worst. A **p-value** says how often chance alone
# brings the mean of five seeds this far from 0 or further, by their own scatter; it is below 0.05 exactly
# where the 95 % interval leaves out 0. That happens by chance once in twenty times, and we have asked twelve
# times.
#
# **Guess.** In a world in which the augmentation does nothing to any class: how often has *someone* among
# twelve a p-value below 0.05?

# %%
random = np.random.default_rng(11)
nothing = random.normal(scale=7, size=[10_000, 5, 12])  # 10,000 comparisons, seeds, classes
p_values = scipy.stats.ttest_1samp(nothing, 0, axis=1).pvalue
print(f"a class that we had in mind before: {np.mean(p_values[:, 0] < 0.05):.0%}")
print(f"at least one of twelve classes:     {np.mean((p_values < 0.05).any(axis=1)):.0%}")

# %% [markdown]
# Nearly every second comparison in which *nothing* happens has a class to write about. A **correction** asks
# for smaller p-values where many are looked at, so that the second number is at most 5 %, too.
#
# - **Bonferroni**: each of n p-values must be at most 0.05 / n.
# - **Holm** finds all that Bonferroni finds, and sometimes more. The smallest p-value must be at most 0.05 /
#   n. If it is, n − 1 are left: the next one must be at most 0.05 / (n − 1), and so on. At the first that is
#   too large Holm stops: neither it nor any larger one passes.
#
# From here on a gain or loss **holds** if it passes Holm's correction; the word is used for nothing else.

# %% [markdown]
# ## Exercise 2: Holm's correction
#
# Write `holm(p_values, level)`. `p_values` is a list or an array of n p-values; `level` is 0.05 above. Return
# n times True or False: whether each p-value holds, in the order in which they came.
#
# An example: with 0.001, 0.04, 0.03, 0.015 and the level 0.05, the limits are 0.0125, 0.0167, 0.025 and 0.05.
# 0.001 and 0.015 hold (with Bonferroni 0.015 would not), 0.03 is too large. That 0.04 is below the last limit
# does not help it: Holm has stopped. So the answer is True, False, False, True.
#
# <details><summary>Hint</summary>
#
# `np.argsort(p_values)` gives the places of the p-values from small to large. Start with an answer that is
# False everywhere, walk through these places, and `break` where a p-value is too large.
#
# </details>


# %%
def holm(p_values, level):
    """Whether each of the p-values holds when all of them are looked at: bool [n]."""
    # solution begins: Exercise 2: Holm's correction
    holds = np.zeros(len(p_values), dtype=bool)
    for left, place in zip(range(len(p_values), 0, -1), np.argsort(p_values), strict=True):
        if p_values[place] > level / left:
            break
        holds[place] = True
    return holds
    # solution ends


# %%
checks.lesson_11.holm(holm)

# %%
my_holm = checks.yours(holm, otherwise=checks.lesson_11.the_courses_holm)


def p_values_of(differences):
    """p-values of the means over the seeds; 1 where all seeds are alike: no scatter to go by."""
    alike = np.ptp(differences, axis=0) < 1e-9
    return np.where(alike, 1, scipy.stats.ttest_1samp(np.where(alike, np.nan, differences), 0).pvalue)


def print_classes(differences, titles, most=12):
    """The means, surest first, with p-value, and which hold when all of them are looked at."""
    p_values, means = p_values_of(differences), differences.mean(axis=0)
    holds = np.array(my_holm(p_values, 0.05))
    for place in np.argsort(p_values, kind="stable")[:most]:
        words = "holds" if holds[place] else "only alone" if p_values[place] < 0.05 else ""
        print(f"{titles[place]:24} {means[place]:+6.1f}  p {p_values[place]:.4f}  {words}".rstrip())


print_classes(crop_changes, breeds)

# %% [markdown]
# Three gains hold; no loss does. "Only alone" means: it would have held if we had asked about this class and
# no other, *before* looking.
#
# Does that mean that no class pays? No. It means that five seeds cannot tell:

# %%
scatter = crop_changes.std(axis=0, ddof=1).mean()
for loss in [11, 16]:
    trials = scipy.stats.ttest_1samp(random.normal(-loss, scatter, size=[20_000, 5]), 0, axis=1)
    found = np.mean(trials.pvalue <= 0.05 / 12)
    print(f"a true loss of {loss} points holds among twelve in {found:.0%} of the trials")

# %% [markdown]
# With the scatter of an average class, a true loss of 11 points is found in three trials of ten. **What does
# not hold is not disproved.** More seeds help, and better questions.
#
# ## Who loses with other crops?
#
# Twelve breeds come in six pairs of **look-alikes**. In three pairs a hue is among the signs that tell the
# two apart, in the others lengths, sizes and light or dark:
#
# | pair | signs (first / second) |
# |---|---|
# | frostpaw, driftpaw | eyes blue / amber; ears long / shorter; coat lighter / darker |
# | saffrel, paprikin | coat gold / red; ears shorter / longer; cheeks fuller / slimmer |
# | maplemuff, hazelmuff | tan patches reddish / yellowish; blaze wide / narrow; ears long / shorter |
# | peppercorn, pebbledash | spots small / large; ears long / shorter |
# | bouclet, fleecekin | topknot high / low; ears long / shorter; coat darker / lighter |
# | whiskerby, tuftonby | ears long / short; brows bushy / thin; beard short / long; coat lighter / darker |

# %%
SMALLEST = [0.7, 0.4, 0.2, 0.1, 0.04]
five_crops = [changes(toys, f"random_resized_crop(smallest={share},ratio=1)", "none") for share in SMALLEST]
by_crop = np.stack(five_crops).mean(axis=1)  # [5 crops, 12 classes]
lowest = changes(toys, "basic", "none").mean(axis=0).min()
print(f"breeds that lose with each crop: {(by_crop < 0).sum(axis=1)}; the lowest with basic: {lowest:+.1f}")
pairs_of = {"A hue is among the signs": [0, 2, 8], "Lengths, sizes, light or dark": [4, 6, 10]}

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(9.2, 3.6), sharey=True)
for axis, (title, firsts) in zip(axes, pairs_of.items(), strict=True):
    axis.axhline(0, color=figures.INK, linewidth=1)
    for color, first in zip(["#0072b2", "#009e73", "#d55e00"], firsts, strict=True):
        for number, look in [(first, "o-"), (first + 1, "s--")]:
            axis.plot(range(5), by_crop[:, number], look, color=color, markersize=5, label=breeds[number])
    axis.set_xticks(range(5), [f"{100 * share:.0f} %" for share in SMALLEST])
    axis.set(title=title, xlabel="crop: smallest share of the area")
    axis.legend(ncols=3, fontsize=8, loc="upper left")
axes[0].set(ylabel="points above none", ylim=(-16, 50))
figures.show(
    figure,
    alt="Points above none of twelve breeds for five crops, from 70 to 4 percent as the smallest share. "
    "Left, the six breeds with a hue among their signs: all above zero with every crop. Right, the other "
    "six: bouclet and tuftonby are below zero with every crop, peppercorn with three; fleecekin and "
    "pebbledash gain most.",
)

# %% [markdown]
# Bouclet and tuftonby are below zero with every crop; where a hue helps, nobody is. Be careful: all crops are
# compared with the *same* five runs of `none`. If these happen to be good at tuftonbys, all crops show a loss
# together. With `basic` no class loses in the mean.

# %% [markdown]
# ## Where do the lost images go?
#
# Either the look-alike gets them: then the **border** between the two has moved. Or others do: then the dog
# is recognized worse altogether. A **confusion table** tells: a row for what the dog *is*, a column for what
# it is *named*.


# %%
def confusion(found, name):
    """Of 100 test images of each class (rows), how many are named how (columns), mean over the seeds."""
    chosen = evaluation.by_seed(found, FULL_NAMES.get(name, name)).values()
    table = np.zeros([len(found[0].class_names)] * 2)
    for run in chosen:
        np.add.at(table, (run.labels, run.probabilities.argmax(axis=1)), 1 / len(chosen))
    return 100 * table / table.sum(axis=1, keepdims=True)


def fates(names):
    """From name to [12, 3]: of 100 images, named right, as the look-alike, as another breed."""
    own = np.arange(12)
    tables = {name: confusion(toys, name) for name in names}
    two = {name: (table[own, own], table[own, own ^ 1]) for name, table in tables.items()}
    return {name: np.stack([*each, 100 - each[0] - each[1]], axis=1) for name, each in two.items()}


crop_fates = fates(["none", "crop"])


# %% tags=["hide-input"]
def draw_fates(of_names):
    """Stacked bars of two pairs, one for each augmentation."""
    figure, axes = figures.subplots(2, 2, size=(8.8, 0.9 + 0.75 * len(of_names)))
    looks = [("#0072b2", "white"), ("#e69f00", "black"), ("#bbbbbb", "black")]
    for axis, number in zip(axes.flat, [6, 7, 11, 10], strict=True):
        for place, table in enumerate(of_names.values()):
            left = 0
            for share, (color, ink) in zip(table[number], looks, strict=True):
                axis.barh(place, share, left=left, color=color, height=0.75)
                if share > 4:
                    axis.text(left + share / 2, place, f"{share:.0f}", ha="center", va="center", color=ink)
                left += share
        axis.set_yticks(range(len(of_names)), list(of_names))
        axis.set(title=breeds[number], xlim=(0, 100), xticks=[], ylim=(len(of_names) - 0.5, -0.5))
        axis.grid(False)
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
    figure.suptitle(
        "Of 100: named right (blue), as the look-alike (orange), as another breed (gray)", fontsize=10
    )
    return figure


figures.show(
    draw_fates(crop_fates),
    alt="Stacked bars, with and without the crop. Bouclet: fewer right, more taken for a fleecekin, others "
    "as before. Fleecekin: more right. Tuftonby: fewer right, and twice as many named as something else. "
    "Whiskerby: about as before, fewer taken for a tuftonby, more for something else.",
)

# %% [markdown]
# Bouclets go to the look-alike, and fleecekin gains more than bouclet loses: the border has moved. Tuftonbys
# go to *other* breeds. Does the pair lose as a whole? That is a new question for six pairs, which came up by
# looking at twelve classes. So it counts together with them: eighteen numbers.

# %%
of_pairs = crop_changes.reshape(-1, 6, 2).sum(axis=2)
pair_names = [f"{breeds[number]} + {breeds[number + 1]}" for number in range(0, 12, 2)]
print_classes(np.concatenate([crop_changes, of_pairs], axis=1), [*breeds, *pair_names], most=10)
alone = my_holm(p_values_of(of_pairs), 0.05)
print("as one of six pairs, whiskerby + tuftonby", "holds" if alone[5] else "does not hold")

# %% [markdown]
# Tuftonby and whiskerby together lose 10 images of 200, and it does **not** hold. Among six pairs that one
# had asked about before, it would. So it is a lead to follow with new seeds, not a finding.
#
# One more look, down a column. Of the images that *are* tuftonbys, how many are named so: that is the class's
# accuracy, or **recall**. Of those *named* tuftonby, how many are? That is **precision**.

# %%
for number in [6, 11]:
    for name in ["none", "crop"]:
        table = confusion(toys, name)
        said, right = table[:, number].sum(), table[number, number]
        print(f"{breeds[number]:9}{name:5} recall {right:.0f} %, named {said:.0f} times,", end=" ")
        print(f"precision {right / said:.0%}")

# %% [markdown]
# Both names are given less often, and are right more often when given. So **a fall in a class's accuracy
# alone is no proof that the network knows the class less.**

# %% [markdown]
# ## A prediction: the hue
#
# Why these classes? An enlarged short ear looks like a long one, and an enlarged small spot like a large one;
# a blue eye stays blue. That fits, but it is an explanation made *after* looking. To believe one, predict
# first and look later. `hue` turns all colors by up to 30 degrees along the color circle. A saffrel is gold,
# a paprikin red, 18 degrees apart.

# %%
shown = data.load("toy_dogs", "validation", image_size=72)
pictures, numbers = next(shown.batch(len(shown)).as_numpy_iterator())
TURNS = [-30, -20, -10, 0, 10, 20, 30]
dogs = [tf.constant(pictures[numbers == 2][2]), tf.constant(pictures[numbers == 3][9])]
turned = [tf.image.adjust_hue(dog, turn / 360).numpy() for dog in dogs for turn in TURNS]

# %% tags=["hide-input"]
captions = [f"{turn:+}°" if turn else "as it is" for turn in TURNS] * 2
figure = figures.pictures(turned, captions, columns=7, inches=1.3)
figure.axes[0].set_title("saffrel", loc="left")
figure.axes[7].set_title("paprikin", loc="left")
for axis in (figure.axes[1], figure.axes[10]):  # as red as each other
    axis.set_frame_on(True)
    for spine in axis.spines.values():
        spine.set(visible=True, color="#0072b2", linewidth=4)
figures.show(
    figure,
    alt="A gold saffrel above, a red paprikin below, with the hue turned from -30 to +30 degrees. Turned by "
    "-20 degrees the saffrel is as red as the paprikin; turned by +20 the paprikin is as gold as the "
    "saffrel. The first two of these, equally red, are framed.",
    kind="jpeg",
)

# %% [markdown]
# The two in blue frames look alike. So the prediction, made before the runs: **saffrel and paprikin pay, and
# they pay to each other.** A blue eye turned by 30 degrees is never amber: frostpaw and driftpaw are safe.

# %%
print_averages(toys, ["hue"], "none")
print_averages(toys, ["basic+hue"], "basic")
both = np.concatenate([changes(toys, "hue", "none"), changes(toys, "basic+hue", "basic")], axis=1)
titles = [f"{name}, {title}" for title in ("hue", "basic+hue") for name in breeds]
print_classes(both, titles, most=6)
for name in ["none", "hue", "basic", "basic+hue"]:
    table = confusion(toys, name)
    print(f"{name:9} saffrels named paprikin {table[2, 3]:2.0f} of 100, the reverse {table[3, 2]:2.0f}")

# %% [markdown]
# It comes true: the two lose a quarter to two fifths of their images, nearly all to each other, and all four
# losses hold among 24 numbers. The training has put the label "saffrel" on red dogs: the augmentation has not
# kept the label (lesson 02). The average falls by five or six points, which looks like an augmentation that
# is a little too strong for everyone. It is one that destroys one pair.

# %% [markdown]
# ## Repairs
#
# **Leave it out.** A choice is made on validation images:


# %%
def validation_accuracy(name):
    """Mean over the seeds."""
    chosen = evaluation.by_seed(toys, FULL_NAMES.get(name, name)).values()
    return np.mean([run.validation_accuracy for run in chosen])


for name in ["none", "crop", "basic", "basic+hue"]:
    print(f"{name:10} validation accuracy {validation_accuracy(name):.1%}")

# %% [markdown]
# So `basic`, without the hue, and with it no class loses in the mean. The averages alone say so, too, but not
# *why*, nor who bears it.
#
# **Spare the classes that lose.** An augmentation with the setting `not_for=6 11` leaves images of the
# classes 6 and 11 as they are. Which classes? We ask validation images, by one rule: the two that lose most.

# %%
asked = view_predictions.read_folder(f"{RESULTS}/class_dependent/validation")


def validation_changes(name, baseline):
    """Points above the baseline on validation images, [S, K]."""
    wanted = {FULL_NAMES[name]: [], baseline: []}
    for each in asked:  # in the order of the seeds
        wanted.get(each["augmentation"], []).append(each["validation"][0].argmax(axis=1))
    return my_differences(*map(np.stack, wanted.values()), asked[0]["validation_labels"], len(breeds))


for name, baseline in [("crop", "none"), ("basic+hue", "basic")]:
    means = validation_changes(name, baseline).mean(axis=0).round(1)
    worst = np.argsort(means, kind="stable")[:4]
    print(f"{name:10}", ", ".join(f"{breeds[number]} {means[number]:+.1f}" for number in worst))

# %% [markdown]
# For the hue there is a step after the first two, for the crop none. Both pairs of breeds were spared in a
# new training.
#
# **Guess.** Bouclet and tuftonby are spared from the crop. What does the network make of their look-alikes?

# %%
print_averages(toys, ["basic+hue", "basic+hue spared"], "basic")
print_classes(changes(toys, "basic+hue spared", "basic"), breeds, most=3)
print()
print_averages(toys, ["crop", "crop spared"], "none")
print("crop spared, above the crop for all:")
print_classes(changes(toys, "crop spared", FULL_NAMES["crop"]), breeds, most=8)
spared_fates = fates(["none", "crop", "crop spared"])

# %% tags=["hide-input"]
figures.show(
    draw_fates(spared_fates),
    alt="Stacked bars of four breeds for none, the crop for all, and the crop that spares bouclet and "
    "tuftonby. Spared, bouclet and tuftonby have the most right; most fleecekins are taken for a bouclet, "
    "and many whiskerbys for a tuftonby.",
)

# %% [markdown]
# For saffrel and paprikin the repair works: neither differs clearly from `basic` any more. (Hazelmuff, whose
# patches are a hue, too, loses 5 points; it does not hold.) With the crop the spared breeds gain, and
# fleecekin loses 36 points: the average is worse than with the crop for all.
#
# In this training a bouclet is always whole, a fleecekin nearly always enlarged. So the network need not
# learn about topknots: *whole or not* tells the two apart. What gives the class away in training, but not in
# the test, is a **shortcut**. In the test every dog is whole:

# %%
for name in ["none", "crop", "crop spared"]:
    said = confusion(toys, name).sum(axis=0)
    print(f"{name:11} named (there are 100): bouclet {said[6]:.0f}, tuftonby {said[11]:.0f};", end=" ")
    print(f"validation accuracy {validation_accuracy(name):.1%}")

# %% [markdown]
# The two are named far too often. With the hue *both* of a pair were spared, which tells nothing within the
# pair. The validation images show the shortcut: 68.5 % against 75.3 %. **Try the repair on validation
# images, not only the choice of classes.**

# %% [markdown]
# ## Your own runs
#
# All of this takes any folder of runs: those of your project (`../runs/project_…/runs`), or of `python -m
# utils.experiment --augment none basic cutmix --seeds 5 --out runs/mine`, on any profile. As it comes, the
# cell reads runs on photographs of ten real breeds. **Your turn.** Change the three names.

# %%
FOLDER = f"{RESULTS}/photographs/dogs10"
AUGMENTATION, BASELINE = "basic+cutmix", "basic"

FULL_NAMES.clear()  # from here on names are meant as they stand
mine = runs.read_folder(FOLDER)
names = mine[0].class_names
print_averages(mine, [AUGMENTATION], BASELINE)
points = changes(mine, AUGMENTATION, BASELINE)
print_classes(points, names)
moved = confusion(mine, AUGMENTATION) - confusion(mine, BASELINE)
surest = np.argsort(p_values_of(points), kind="stable")
for number in [number for number in surest if points.mean(axis=0)[number] < 0][:2]:
    others = np.argsort(-moved[number], kind="stable")[:2]
    where = ", ".join(f"{names[other]} {moved[number, other]:+.0f}" for other in others)
    print(f"of 100 images of {names[number]}, more than before are named {where}")

# %% tags=["hide-input"]
own = [run for run in mine if run.augmentation in (AUGMENTATION, BASELINE)]
figures.show(*charts.class_changes(own, AUGMENTATION, BASELINE))

# %% [markdown]
# On these photographs CutMix on top of `basic` costs 4.9 points on average. Here losses *hold*: chihuahua
# loses 11 points and pug 13, while golden retriever, at +12, cannot be told from chance. What the two lose
# goes to several breeds: no single border has moved.

# %% [markdown]
# ## What you learned
#
# - An average gain may be paid by a few classes. Look at each, over paired seeds, with intervals.
# - Who looks at many numbers finds a "significant" one by chance. Holm's correction asks for smaller
#   p-values, and questions that came up by looking count with those that led to them.
# - What does not hold is not disproved: few seeds cannot tell.
# - A class that loses may lose to its look-alike (the border moves; its precision often rises) or to
#   everyone. The confusion table tells which.
# - An operation hurts where it changes the sign that tells classes apart. Predict from the pictures, then
#   look.
# - An augmentation that spares one of two look-alikes tells the class by its absence: a shortcut.
#
# ## Questions
#
# 1. "We compared 120 classes over three seeds. After Holm's correction no class loses. So the augmentation is
#    safe for all of them." What do you answer?
#
#    <details><summary>Answer</summary>
#
#    With three seeds and 120 classes hardly any loss is large enough to hold. "No loss holds" is then what
#    one sees whether classes lose or not. More seeds, or a question about few classes asked before looking,
#    would tell more.
#
#    </details>
#
# 2. With an augmentation the recall of a class falls from 80 to 70 %, its precision rises from 60 to 75 %.
#    Does the class pay?
#
#    <details><summary>Answer</summary>
#
#    The network names it less often: fewer are found, and fewer others are taken for it. If to miss one is
#    what hurts (a rare disease), the class pays; if a false alarm is what hurts, it gains. Look at who gets
#    its images, and at whether the pair as a whole is told apart better.
#
#    </details>
#
# 3. All training images are turned to gray with a chance of one half, except those of the class `robin`, for
#    the sake of its red breast. On the test images, which are all in color, what do you look for?
#
#    <details><summary>Answer</summary>
#
#    Whether the network says "robin" too often. In training a gray image was never a robin, and an image in
#    color was a robin more often than others. Compare how often the class is named with how often it is
#    there.
#
#    </details>
#
# **Next.** [Lesson 12](12_pytorch_transfer_learning.ipynb) does with PyTorch what we did so far with
# TensorFlow.

# %% [markdown]
# ## For the curious
#
# ### What the papers found
#
# - **The average rises, and a class falls.** Balestriero: "barn spider" from 68 to 46 % on ImageNet with
#   random crops. Here in direction: tuftonby, in all five seeds, but no loss with a crop of the toy dogs
#   holds.
# - **Most classes that lose are easily taken for another** (Kirichenko). Here so with bouclet and fleecekin,
#   not with tuftonby.
# - **A good part of the losses are labels that miss a second right answer** (Kirichenko). Not here: each
#   picture shows one dog of one breed.
# - **An augmentation chosen per class helps the classes that lose** (Kirichenko). Here so with the hue, not
#   as a repair of the crop.
#
# ### Other test images
#
# All seeds are tested on the *same* hundred tuftonbys. `bootstrap_difference` draws them anew (lesson 10):

# %%
of_tuftonby = [
    np.array([evaluation.is_correct(run.probabilities, run.labels)[run.labels == 11] for run in each])
    for each in evaluation.paired_runs(toys, f"{CROP})", "none")
]
mean, low, high = 100 * np.array(evaluation.bootstrap_difference(*of_tuftonby, seed=0))
print(f"tuftonby: {mean:+.1f} points; with other test images {low:+.1f} to {high:+.1f}")

# %% [markdown]
# ### Spare both pairs
#
# Does a crop that spares both pairs do better? Five runs are a few minutes' work, and may be compared with
# these: `python -m utils.experiment --epochs 20 --seeds 5 --out runs/both_pairs --augment
# 'random_resized_crop(smallest=0.1,ratio=1,not_for=6 7 10 11)'`
