# %% [markdown]
# # 06 Automatic policies
#
# **Goal.** Write RandAugment, let validation accuracy choose its two numbers, and judge whether a search is
# worth what it costs.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (training, validation and test images, batches in `tf.data`) and lesson 02
# (`augment(images, *, seed)`). What we use of lesson 07, paired seeds and intervals, is explained here.
#
# **Sources.** Cubuk et al. 2019, *AutoAugment*, [arXiv 1805.09501](https://arxiv.org/abs/1805.09501), and
# 2020, *RandAugment*, [arXiv 1909.13719](https://arxiv.org/abs/1909.13719).

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import keras
import numpy as np
import tensorflow as tf

from utils import augment, charts, checks, data, evaluation, figures, models
from utils.augment import policies
from utils.evaluation import views
from utils.experiment import runs

# %% [markdown]
# ## Which ones, and how much?
#
# Rotate, shift, recolor: there are dozens of augmentations, each mild or strong, rare or frequent. So far you
# chose by looking. An **automatic policy** is chosen by a rule: try, measure the accuracy on validation
# images, keep the best. This lesson goes from the largest search to none at all.
#
# ## AutoAugment: what a policy is

# %%
names = [*policies.RAND_AUGMENT_NAMES[1:], "invert"]  # all but identity, which changes nothing
print(f"{len(names)} operations: {', '.join(names)}")
print("\nthe first sub-policies of the policy for ImageNet:")
print(*policies.IMAGENET_POLICY[:3], sep="\n")

# %% [markdown]
# (Solarize inverts the bright values, posterize keeps few bits of each value, equalize makes all values about
# equally frequent, shear slants the image.)
#
# `("rotate", 0.6, 9)` means: with **probability** 0.6 rotate the image, with **magnitude** (strength) 9. Two
# operations, one after the other, are a **sub-policy**; five sub-policies are a **policy**. For each image
# one sub-policy is drawn.
#
# The paper has 16 operations (two more: Cutout, which hides a square, and a blend of two images), 11
# probabilities 0, 0.1, …, 1 and 10 magnitudes 0, 1, …, 9. So a policy is one of:

# %%
policy_count = (16 * 11 * 10) ** (2 * 5)
years = policy_count / 1e6 / (365 * 24 * 3600)
print(f"{policy_count:.1e} policies; trying a million of them a second takes {years:.0e} years")

# %% [markdown]
# Nobody can try them all. AutoAugment learns where to look.
#
# ## How it is searched

# %%
one_each = data.load(course.dataset, "train", image_size=64, classes=course.classes, shots=1, seed=4)
examples = next(iter(one_each.batch(6)))[0]  # six images of different classes
drawn = [policies.IMAGENET_POLICY[number] for number in (0, 7, 14, 18, 17)]
changed = augment.auto_augment(drawn)(examples, seed=(6, 2)).numpy()
print("images:", changed.shape, changed.dtype)


# %% tags=["hide-input"]
def picture(axis, image, title=""):
    """Draw an image [H, W, 3] in 0-255 without axes."""
    axis.imshow(np.uint8(np.clip(image, 0, 255)))
    axis.set(xticks=[], yticks=[], frame_on=False)
    axis.set_title(title, fontsize=9.5, loc="center")


arrow = {"arrowstyle": "-|>", "mutation_scale": 20, "color": figures.INK, "linewidth": 2}
figure, axes = figures.subplots(1, 7, size=(9.6, 3.3), width_ratios=[3.2, 1, 5, 1, 3.2, 1, 2.2])
for axis in axes[1::2]:
    axis.set_axis_off()
    axis.annotate("", (1.2, 0.5), (-0.2, 0.5), xycoords="axes fraction", arrowprops=arrow)

shares = [30, 26, 20, 14, 10]
axes[0].barh(["rotate", "color", "equalize", "solarize", "others"], shares, color="#0072b2")
for row, share in enumerate(shares):
    axes[0].text(share - 1, row, f"{share} %", ha="right", va="center", color="white", fontsize=8)
axes[0].set(title="1  Probabilities of\n    the first operation", xticks=[], ylim=(4.6, -0.6))
axes[0].grid(False)

moving = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
for row, sub_policy in enumerate(drawn):
    for column, (name, probability, magnitude) in enumerate(sub_policy):
        color = "#009e73" if name in moving else "#d55e00"
        axes[2].barh(row, 0.94, 0.84, left=column, color=color, alpha=0.25)
        look = {"ha": "center", "va": "center", "fontsize": 8.5, "linespacing": 1.1}
        axes[2].text(column + 0.47, row, f"{name}\n{probability}, {magnitude}", **look)
axes[2].set(title="2  Draw a policy", xticks=[], yticks=[], ylim=(4.6, -0.6), frame_on=False)

rows = [np.concatenate(changed[start : start + 2], axis=1) for start in (0, 2, 4)]
picture(axes[4], np.concatenate(rows))
axes[4].set_title("3  Train a network")

axes[6].bar([0], [81], color="#009e73", width=0.5)
axes[6].text(0, 84, "81 %", ha="center")
axes[6].set(title="4  Validate", xticks=[], yticks=[], xlim=(-0.5, 0.5), ylim=(0, 100))

back = arrow | {"connectionstyle": "bar,fraction=-0.035", "color": "#d55e00"}
ends = {"xycoords": axes[0].transAxes, "textcoords": axes[6].transAxes}
axes[0].annotate("", (0.5, -0.03), (0.5, -0.03), arrowprops=back, **ends).set_in_layout(False)
words = "reward: what did better than usual becomes more likely"
axes[2].set_xlabel(f"\n\n{words}", color="#d55e00", fontsize=10.5)
figures.show(
    figure,
    alt="A loop of four stations. 1: bars, the probabilities of the first operation in percent. 2: a "
    "policy, five rows of two operations with a probability and a magnitude. 3: six images, changed by that "
    "policy, on which a network trains. 4: its validation accuracy, 81 %. An arrow leads from there back to "
    "the probabilities: what did better than usual becomes more likely.",
)

# %% [markdown]
# (Green operations move pixels, orange ones change colors; the percentages are invented.)
#
# 1. The **controller**, a small recurrent network, holds a probability for each choice. It sees no images.
# 2. It draws a policy: 30 choices, five times two operations with three choices each.
# 3. A **child model**, a small network, is trained from the start with this policy on a part of the data.
# 4. Its validation accuracy is the **reward**. Choices that were rewarded above the usual become more
#    probable, the others less. This is reinforcement learning; the rule, proximal policy optimization
#    (**PPO**), keeps each change small, since a single reward is mostly noise.
#
# At the end the five best policies are put together: 25 sub-policies. That takes thousands of rounds, by the
# paper 15,000 GPU hours for ImageNet, which are 625 days on one GPU. So one takes a published policy and
# hopes that it suits one's own images.
#
# ## Apply the published policy
#
# `augment.auto_augment()` is the one for ImageNet. Given a list, it applies only these sub-policies.

# %%
same_image = tf.repeat(examples[3:4], 6, axis=0)
rows = {}
for sub_policy in [policies.IMAGENET_POLICY[number] for number in (0, 6, 18)]:
    title = "\n".join(f"{name} {probability}, {level}" for name, probability, level in sub_policy)
    rows[title] = augment.auto_augment([sub_policy])(same_image, seed=(6, 4))
rows["all 25\nsub-policies"] = augment.auto_augment()(same_image, seed=(6, 4))

# %% tags=["hide-input"]
figure, axes = figures.subplots(4, 7, size=(9.2, 4.6))
for row, (title, images) in zip(axes, rows.items(), strict=True):
    picture(row[0], examples[3])
    row[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=9.5)
    for axis, image in zip(row[1:], images.numpy(), strict=True):
        picture(axis, image)
axes[0, 0].set_title("original", fontsize=9.5, loc="center")
figures.show(
    figure,
    alt="Four rows of one image: the original and six draws. A sub-policy that posterizes and rotates, one "
    "that inverts bright parts and equalizes, one that slants and equalizes. The last row, the whole policy, "
    "mixes all kinds; in many pictures the colors are others.",
    kind="jpeg",
)

# %% [markdown]
# Both operations may be left out: in the first row with probability 0.6 · 0.4 = 0.24. A policy that cost
# 15,000 hours deserves a look at what is in it:

# %%
steps = [name for sub_policy in policies.IMAGENET_POLICY for name, _, _ in sub_policy]
print(f"25 sub-policies, {len(set(policies.IMAGENET_POLICY))} of them different")
print(f"equalize: {steps.count('equalize')} of {len(steps)} steps; mirror image: {steps.count('flip')}")

# %% [markdown]
# Five sub-policies stand in it twice, and equalize is everywhere. There is no mirror image: the
# authors apply their policies on top of crops and mirror images. Remember that for the comparison below.

# %% [markdown]
# ## RandAugment: two numbers are left
#
# RandAugment asks what a search has to decide at all, and drops nearly everything:
#
# - no probabilities: all operations are equally likely;
# - no sub-policies: **N** operations are drawn anew for each image;
# - one magnitude **M** for all operations, from 0 to 10.
#
# Its fourteen operations at a magnitude are a list of augmentations, each for a whole batch:


# %%
def operations_at(magnitude):
    """RandAugment's fourteen operations at a magnitude from 0 to 10."""
    share = magnitude / 10
    return [
        augment.identity(),
        augment.auto_contrast(rate=1),
        augment.equalize(rate=1),
        augment.rotate(30 * share),  # up to so many degrees, either way
        augment.solarize(256 - 256 * share, rate=1),  # values from here on are inverted
        augment.color(0.9 * share),  # a factor of up to 1 ± 0.9
        augment.posterize(round(8 - 4 * share), rate=1),  # so many bits stay
        augment.contrast(0.9 * share),
        augment.brightness(0.9 * share),
        augment.sharpness(0.9 * share),
        augment.shear_x(0.3 * share),
        augment.shear_y(0.3 * share),
        augment.translate_x(0.45 * share),  # a share of the width
        augment.translate_y(0.45 * share),
    ]


# %% [markdown]
# (In the paper, rotations, shears, shifts and factors go by exactly M; here each image draws how far, up to
# M.)
#
# ## Exercise 1: RandAugment
#
# Write its loop. `num_ops` times, one after the other, each image of the batch gets one of the `operations`:
# every image draws on its own, in every step anew, all operations equally likely. The same one may come
# again. Each operation is called as `operation(images, seed=…)`, with other seeds in each step. The same
# `seed` gives the same images. It must run inside of `dataset.map`, so let TensorFlow draw
# (`tf.random.stateless_uniform`) and do not loop over images.
#
# <details><summary>Hint</summary>
#
# In a step, apply *all* operations to the whole batch, `tf.stack(…, axis=1)` the results to `[B, operations,
# H, W, 3]`, draw a number for each image, `[B]`, and pick with `tf.gather(…, numbers, batch_dims=1)`. The
# next step starts with what was picked. `tf.unstack(tf.random.split(seed, count))` makes `count` seeds of
# one: a seed for each step, and of it one for each operation and one for the numbers.
#
# </details>


# %%
def rand_augment_batch(images, operations, *, seed, num_ops):
    """Apply `num_ops` of the operations to each image [B, H, W, 3], drawn anew for every one."""
    # solution begins: Exercise 1: RandAugment
    for step_seed in tf.unstack(tf.random.split(seed, num_ops)):
        number_seed, *seeds = tf.unstack(tf.random.split(step_seed, len(operations) + 1))
        changed = [operation(images, seed=one) for operation, one in zip(operations, seeds, strict=True)]
        numbers = tf.random.stateless_uniform(
            [tf.shape(images)[0]], number_seed, 0, len(operations), dtype=tf.int32
        )
        images = tf.gather(tf.stack(changed, axis=1), numbers, batch_dims=1)
    return images
    # solution ends


# %%
checks.lesson_06.rand_augment_batch(rand_augment_batch)

# %% [markdown]
# Applying all to pick one is wasteful and simple. (`augment.rand_augment` does only what was drawn.) From
# here on your function is used:


# %%
def with_the_courses(images, operations, *, seed, num_ops):
    return augment.random_pipeline(operations, num_ops)(images, seed=seed)


my_rand_augment = checks.yours(rand_augment_batch, otherwise=with_the_courses)

shown = {  # for each magnitude three images
    magnitude: my_rand_augment(same_image[:3], operations_at(magnitude), seed=tf.constant([6, 3]), num_ops=2)
    for magnitude in (1, 4, 7, 10)
}

# %% tags=["hide-input"]
figure, axes = figures.subplots(3, 4, size=(5.6, 4.5))
for column, (magnitude, images) in zip(axes.T, shown.items(), strict=True):
    for axis, image in zip(column, images.numpy(), strict=True):
        picture(axis, image)
    column[0].set_title(f"M = {magnitude}", loc="center")
figure.suptitle("N = 2: in each row the same operations, ever stronger", fontsize=11, weight="bold")
figures.show(
    figure,
    alt="Three rows of one image, each with its own two operations, and columns for M = 1, 4, 7 and 10. From "
    "left to right the same changes grow stronger.",
    kind="jpeg",
)

# %% [markdown]
# The larger M, the further each change goes.
#
# ## A grid search, live
#
# RandAugment learns nothing and has no controller. N and M are found by a **grid search**: train with each
# pair of a table, and take the pair with the best validation accuracy. First four cells of three epochs each,
# with your function.

# %%
size, chosen = course.image_size, course.classes
class_count = len(data.info(course.dataset, chosen).class_names)
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)

plain = train.cache().shuffle(len(train), seed=6).batch(course.batch_size, drop_remainder=True)
validation = validation.batch(course.batch_size).cache()
seeds = tf.data.Dataset.random(seed=6, rerandomize_each_iteration=True).batch(2)


# %%
def validation_accuracy(num_ops, magnitude):
    """Train a new network for three epochs with RandAugment; its accuracy on the validation images."""
    operations = operations_at(magnitude)
    batches = tf.data.Dataset.zip(plain, seeds).map(
        lambda batch, seed: (my_rand_augment(batch[0], operations, seed=seed, num_ops=num_ops), batch[1])
    )
    keras.utils.set_random_seed(6)  # the same starting weights for all
    model = models.build(course.model, num_classes=class_count, image_size=size, weights=course.weights)
    adam = keras.optimizers.Adam(course.learning_rate)
    model.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(batches.prefetch(2), validation_data=validation, epochs=3, shuffle=False, verbose=0)
    return fitted.history["val_accuracy"][-1]


# %% tags=["nbval-ignore-output"]
for num_ops, magnitude in [(1, 2), (1, 8), (2, 2), (2, 8)]:
    accuracy = validation_accuracy(num_ops, magnitude)
    print(f"N = {num_ops}, M = {magnitude}: validation accuracy {accuracy:.0%}")

# %% [markdown]
# Would you choose by these numbers? One training of three epochs tells little: stronger augmentation pays
# late if at all, and another seed may give another order. A grid that counts has longer trainings, several
# times.
#
# ## The whole grid
#
# The repository holds **reference runs** of the toy dogs, whatever profile you have: small ResNets, 20
# epochs, each cell five times with five **seeds**. A seed fixes what is left to chance: starting weights,
# order of the images, draws. Runs with the same seed are a **pair**: only the augmentation differs. 720
# images train, 300 validation images choose, 1,200 test images judge.
#
# With them come `none`, `basic` (the course's usual mirror, shift, light and color), an M that adapts, and
# RandAugment on top of `basic`. (`augment.rand_augment` made them, with magnitudes as in the paper.)
#
# **Guess.** Is the best cell at weak, medium or strong magnitudes?

# %%
NUMBERS, MAGNITUDES = [1, 2, 3], [1, 4, 7, 10]
GRID = {(n, m): f"rand_augment(num_ops={n},magnitude={m})" for n in NUMBERS for m in MAGNITUDES}
ADAPTIVE, ON_TOP = "adaptive_rand_augment", "basic+rand_augment(num_ops=3,magnitude=1)"
folders = ["automatic_policies", "does_it_help/random"]
reference = [run for folder in folders for run in runs.read_folder(f"../solutions/results/{folder}")]
SEEDS = range(5)
by_name = {run.augmentation: evaluation.by_seed(reference, run.augmentation) for run in reference}


def accuracies(name, measure):
    """A measure in percent, one number for each seed."""
    return np.array([100 * getattr(by_name[name][seed], measure) for seed in SEEDS])


on_validation = np.array([accuracies(name, "validation_accuracy") for name in GRID.values()])  # [12, 5]
means = on_validation.mean(axis=1)
best_of_seed = on_validation.argmax(axis=0)  # for each seed the cell that is best with it

# %% tags=["hide-input"]
figure, axis = figures.subplots(size=(6.6, 3.7))
axis.imshow(means.reshape(3, 4), cmap="Blues", vmin=min(means) - 2, vmax=max(means) + 14, aspect="auto")
for cell, mean in enumerate(means):
    chosen_one = mean == max(means)
    wins = [str(seed) for seed, best in enumerate(best_of_seed) if best == cell]
    row, column = cell // 4, cell % 4
    weight = "bold" if chosen_one else None
    axis.text(column, row - 0.1, f"{mean:.1f} %", ha="center", fontsize=13, weight=weight)
    if wins:
        words = f"best with seed {', '.join(wins)}"
        axis.text(column, row + 0.26, words, ha="center", fontsize=8.5)
axis.set_xticks(range(4), [f"M = {magnitude}" for magnitude in MAGNITUDES])
axis.set_yticks(range(3), [f"N = {number}" for number in NUMBERS])
axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
axis.grid(False)
axis.spines[:].set_visible(False)
axis.set_title("Validation accuracy, mean over five seeds")
figures.show(
    figure,
    alt="A heat map of twelve validation accuracies, rows N = 1, 2, 3 and columns M = 1, 4, 7, 10. The "
    "best, at N = 3, M = 1, is in bold; the worst are at the lower right. Under some numbers stands with "
    "which seeds this cell was the best of all.",
)

# %% [markdown]
# Which cells can the seeds tell from the winner? For each cell we take the difference to it, seed by seed,
# and the 95 % confidence interval of the mean: the range in which the true difference lies, as far as five
# seeds can tell (lesson 07). Where it reaches to both sides of 0, they cannot tell.

# %%
winner = list(GRID)[means.argmax()]
print(f"best on validation images: N = {winner[0]}, M = {winner[1]}, {means.max():.1f} %")
for (n, m), values in zip(GRID, on_validation, strict=True):
    if (n, m) != winner:
        found = evaluation.paired_difference(on_validation[means.argmax()], values)
        words = f"{found.mean:+5.1f} points, {found.low:+5.1f} to {found.high:+5.1f}"
        print(f"winner above N = {n}, M = {m:2}: {words}: {found.verdict}")

# %% [markdown]
# - **More is not better.** At the lower right the winner is twelve points ahead.
# - **N and M trade off.** A single operation wants a medium M, three of them a small one.
# - **Five seeds do not find one winner.** N = 1, 2 and 3 with M = 4 may be as good. The grid says "mild or
#   medium", not "exactly N = 3 and M = 1".
#
# N = 2, M = 9 is the default in many libraries, and the paper's choice for ResNet-50 on ImageNet. Here it
# would be near the cell N = 2, M = 10, six points behind the winner. That is the paper's point: **M grows
# with the network and with the data**. Our network and data set are small. So search M for your own, rather
# than copy it.

# %% [markdown]
# ## M that adapts itself
#
# Could a single training find its own M? A network **overfits** when it learns its training images by heart
# and does not get better, or gets worse, on others. So let M rise when validation accuracy falls. After
# each epoch:
#
# - if the validation accuracy is below the best one so far, M rises by the difference times the **gain**;
# - at a new best M stays;
# - M never falls, and never exceeds 10.
#
# With gain 10, a best of 0.80 so far and 0.75 now, M rises by 10 · 0.05 = 0.5. With 0.78 in the next epoch it
# rises by another 0.2.
#
# ## Exercise 2: the rule that raises M
#
# Write `magnitudes_of`. `accuracies` holds the validation accuracy after each epoch, from 0 to 1. Return a
# list with the M of each epoch, as long as `accuracies`. The first epoch has `start`; its accuracy decides on
# the M of the second epoch, and so on.
#
# <details><summary>Hint</summary>
#
# Two things have to be remembered from epoch to epoch: M and the best accuracy so far.
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
# The reference runs of `adaptive_rand_augment` (N = 2, start 0, gain 10) follow this rule. We look at the one
# in which M rises most. Training accuracy is that on training images as they are.
#
# **Guess.** Where does M end? For N = 2 the grid likes M = 4 best.

# %%
histories = [by_name[ADAPTIVE][seed].history for seed in SEEDS]
magnitudes = np.array([[epoch["magnitude"] for epoch in history] for history in histories])
print("M in the last epoch, five seeds:", *(f"{magnitude:.1f}" for magnitude in magnitudes[:, -1]))

most = int(magnitudes[:, -1].argmax())
print(f"\nseed {most}  epoch  training  validation    M")
for epoch in [histories[most][number - 1] for number in (2, 6, 12, 20)]:
    print(f"{epoch['epoch']:13} {epoch['train_accuracy']:9.0%}", end=" ")
    print(f"{epoch['validation_accuracy']:11.0%} {epoch['magnitude']:4.1f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(9.2, 3.6))
epochs = range(1, len(histories[most]) + 1)
trained = [100 * epoch["train_accuracy"] for epoch in histories[most]]
validated = [100 * epoch["validation_accuracy"] for epoch in histories[most]]
axes[0].fill_between(epochs, validated, trained, color=figures.COLORS["cutmix"], alpha=0.2)
axes[0].plot(epochs, trained, ":", color=figures.INK, linewidth=2, label="training")
axes[0].plot(epochs, validated, color=figures.COLORS["basic"], label="validation")
axes[0].set(title=f"Seed {most}: the gap opens at once", ylabel="accuracy, %", ylim=(15, 104))
axes[0].legend(loc="lower right")
axes[1].axhline(4, color=figures.MUTED, linestyle="--", linewidth=1)
axes[1].text(20, 4.15, "the best M of the grid for N = 2", ha="right", fontsize=9.5)
for seed, line in enumerate(magnitudes):
    if seed != most:
        axes[1].plot(epochs, line, color=figures.MUTED, linewidth=1)
axes[1].plot(epochs, magnitudes[most], color="#d55e00", linewidth=2.5, label=f"seed {most}")
axes[1].set(title="M, all five seeds", ylabel="M", ylim=(0, 10.2))
axes[1].legend(loc="upper left")
for axis in axes:
    axis.set(xlabel="epoch", xticks=[1, 5, 10, 15, 20])
figures.show(
    figure,
    alt="Left: the training accuracy of one run reaches 100 % within a few epochs, its validation accuracy "
    "stays far below; the gap between them is shaded. Right: M of all five runs over the epochs. It only "
    "goes up, and ends far below 4; the thick line is the run at the left.",
)

# %% [markdown]
# In epoch 6 this network knows all training images by heart and 61 % of the validation images: it overfits as
# much as a network can. And M is 0.1. The rule waits for the validation accuracy to *fall*, but overfitting
# shows as a **gap**; the validation accuracy hardly falls, it stops rising. So M ends between 1.2 and 2.2.
#
# The rule has replaced two numbers, N and M, by three: N, start and gain. Which are right? Finding out would
# be a grid again.

# %% [markdown]
# ## One comparison on test images
#
# The choice is made, on validation images. Now the test images are asked, once. `basic` is the baseline.
#
# **Guess.** Does the winner of the grid reach `basic`? And the winner on top of `basic`?

# %%
contest = ["basic", "none", ADAPTIVE, GRID[winner], ON_TOP]
contestants = [run for run in reference if run.augmentation in contest]
evaluation.as_table(evaluation.compare(contestants, baseline="basic"))

# %% tags=["hide-input"]
figures.show(*charts.difference(contestants, baseline="basic"))

# %% [markdown]
# `points` are percentage points of test accuracy above `basic`, with the 95 % interval over the seeds. In the
# picture a mark is a seed, the thick line that interval; the thin gray one is for other test images.
#
# The winner is clearly better than no augmentation, and 6.7 points behind `basic`, a few lines that somebody
# wrote because a mirrored dog is of the same breed. On top of `basic` it costs 2.9 points. (Found without
# `basic`, and for 20 epochs: another cell, or longer training, might do better.) The adaptive M, one training
# in place of sixty, gets a part of the winner's gain.
#
# The best of twelve is in part the luckiest of twelve, and luck does not come again: the winner falls from
# 78.7 % on validation images to 76.3 % on test images, `basic`, which was not chosen, from 83.5 to 83.0. So
# choose on validation images, and report the test accuracy of what you chose.

# %% [markdown]
# ## Not choosing: an ensemble of the top k
#
# The search leaves twelve trained networks for each seed, and throws eleven away. An **ensemble** keeps the k
# best on validation images, its members, and averages the probabilities that they predict. A mistake that
# only one of them makes is outvoted.

# %%
labels = reference[0].labels
predicted = np.array([[by_name[name][seed].probabilities for seed in SEEDS] for name in GRID.values()])


def together(members):
    """Test accuracy in percent of an ensemble; its members are pairs (cell, seed)."""
    return 100 * evaluation.top1(views.average([predicted[member] for member in members]), labels)


ranked = np.argsort(-on_validation, axis=0, kind="stable")  # for each seed the cells, best first
best = {}
for k in (1, 3, 5, 12):
    best[k] = np.mean([together([(cell, seed) for cell in ranked[:k, seed]]) for seed in SEEDS])
    print(f"the {k:2} best of a seed: {best[k]:.1f} %")

# %% [markdown]
# Five together bring three points over one. All twelve bring less: the last ones come from bad cells.
#
# What makes the members different enough, the policy or the seed? We take the 25 networks of the five
# best cells and put them together in three ways, each time to five ensembles of five.
#
# **Guess.** Which is best: five policies with one seed, five policies with five seeds, one policy with five
# seeds?

# %%
five_best = np.argsort(-means, kind="stable")[:5]
alone = np.mean([accuracies(list(GRID.values())[cell], "test_accuracy") for cell in five_best])
print(f"a member alone:              {alone:.1f} %")
groupings = {
    "five policies, one seed": [[(cell, seed) for cell in five_best] for seed in SEEDS],
    "five policies, five seeds": [list(zip(five_best, np.roll(SEEDS, seed), strict=True)) for seed in SEEDS],
    "one policy, five seeds": [[(cell, seed) for seed in SEEDS] for cell in five_best],
}
reached = {words: np.mean([together(members) for members in five]) for words, five in groupings.items()}
for words, accuracy in reached.items():
    print(f"{words:26}   {accuracy:.1f} %, {accuracy - alone:+.1f}")
by_basic = [by_name["basic"][seed].probabilities for seed in SEEDS]
five_basic = 100 * evaluation.top1(views.average(by_basic), labels)

# %% [markdown]
# Networks that share a seed begin with the same weights, and make mistakes that are more alike. The seed
# makes the difference: with a seed of its own for each member, five different policies bring no more than
# five runs of one. So an ensemble needs no search.

# %% [markdown]
# ## What it costs, what it brings
#
# For one network, or one ensemble, ready to use. Trainings for a choice count, too; a prediction needs as
# many networks as there are members.

# %%
ways = {  # trainings, networks to run, test accuracy
    "M that adapts": (1, 1, accuracies(ADAPTIVE, "test_accuracy").mean()),
    "best cell of five seeds": (60, 1, accuracies(GRID[winner], "test_accuracy").mean()),
    "top 5 of one seed": (12, 5, best[5]),
    "five best cells, a seed each": (60, 5, reached["five policies, five seeds"]),
    "basic": (1, 1, accuracies("basic", "test_accuracy").mean()),
    "basic, five seeds": (5, 5, five_basic),
}
print(f"{'':29} trainings  networks  test accuracy")
for way, (trainings, networks, accuracy) in ways.items():
    print(f"{way:29} {trainings:9} {networks:9} {accuracy:12.1f} %")

# %% [markdown]
# Sixty trainings, five networks a prediction, and all that was searched for stays behind one network with
# `basic`; only five runs of `basic` are above it. That is the result for 720 small pictures, a small network
# and 20 epochs. A search finds the best of what it may choose from, and the mirror image was not on the list.
#
# **When none of it is worth the cost**
#
# - You know your images: a change that certainly keeps the label comes first.
# - You have few validation images: then the search finds luck.
# - A training is expensive: twelve more could instead be longer ones, or more images.
# - Predictions must be fast: then no ensemble.
#
# **When it is:** with many images, large networks and long training, and with settings that others have
# searched for, which cost nothing. On ImageNet, ResNet-50 gets 77.31 % with crops and mirror images alone,
# 77.70 % with RandAugment added and 77.95 % with AutoAugment (300 epochs, [PaddleClas][paddle]).
#
# [paddle]:
# https://github.com/PaddlePaddle/PaddleClas/blob/1358e3f647e12b9ee6c5d6450291983b2d5ac382/docs/en/advanced_tutorials/DataAugmentation_en.md

# %% [markdown]
# ## What you learned
#
# - A policy is operations with probabilities and magnitudes. AutoAugment's controller draws one out of 2.9 ·
#   10³², a child model trains with it, and its validation accuracy is the reward (PPO).
# - RandAugment keeps two numbers. Each image draws N operations anew, all of magnitude M; N and M come from a
#   grid search. The right M grows with the network and the data.
# - All trainings that take part in a choice are its price, and the best of twelve is in part the luckiest.
# - Overfitting is a gap between training and validation accuracy. A rule that waits for a fall misses it.
# - Members of an ensemble should differ in their seed; different policies add nothing to that here.
#
# ## Questions
#
# 1. The winner of the grid costs 60 trainings. You extend the grid to N = 1 … 5 and all M from 0 to 10: how
#    many is it then, and what happens to the lead of the best cell on validation images if all cells are
#    equally good?
#
#    <details><summary>Answer</summary>
#
#    5 · 11 cells with five seeds each are 275. The more cells, the larger the largest of them by chance: the
#    lead grows, and nothing is gained.
#
#    </details>
#
# 2. Why is the validation accuracy of a run that adapts M by it no longer a fair judge of that run?
#
#    <details><summary>Answer</summary>
#
#    The validation images have taken part in the training: they decided on M, epoch after epoch. Images
#    that had no say are the better judges.
#
#    </details>
#
# 3. You may train five networks for an ensemble. Do you take five policies with one seed, or one good policy
#    with five seeds? And what do five copies of one network bring?
#
#    <details><summary>Answer</summary>
#
#    Five seeds: members must make different mistakes, and a shared seed makes them alike. It costs no
#    search either. Five copies bring nothing: all make the same mistakes, so there is nothing to average out.
#
#    </details>
#
# **Next.** [Lesson 07, Does it help?](07_does_it_help.ipynb): how to compare augmentations fairly, from the
# start.

# %% [markdown]
# ## For the curious: nothing to search for
#
# TrivialAugment (Müller and Hutter 2021, [arXiv 2103.10158](https://arxiv.org/abs/2103.10158)) draws one
# operation for each image, and its magnitude, too. There is no N and no M: here `augment.trivial_augment()`.
