# %% [markdown]
# # 10 Test-time augmentation
#
# **Goal.** Ask a trained model about several views of the same image, combine the answers, and find out what
# that corrects, what it breaks, and where it harms.
#
# **Time.** 45 minutes.
#
# **You need to know** lesson 07: `compile` and `fit`, reference runs with `none` and `basic`, pairs of runs
# with the same seed, the 95 % interval.
#
# **Sources.** Krizhevsky et al. 2012, whose network made deep learning famous, average the predictions for
# ten parts of each test image. Shanmugam et al. 2021, [arXiv 2011.11156](https://arxiv.org/abs/2011.11156),
# count what that breaks.

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import time

import keras
import numpy as np
import scipy.stats
import tensorflow as tf

from utils import checks, data, evaluation, figures, models, words
from utils.evaluation import views
from utils.experiment import view_predictions

# %% [markdown]
# ## Views
#
# In training an augmentation draws: every epoch shows another version. At test time nothing is drawn. A
# **view** is one fixed change, such as "mirrored", and every image gets the same views. **Test-time
# augmentation** asks a model about several of them. The course has nine:

# %%
VIEWS = views.STANDARD  # a dict from name to function
names = list(VIEWS)
print("; ".join(names))

shown = data.load(course.dataset, "validation", image_size=96, classes=course.classes)
dog = next(shown.batch(1).as_numpy_iterator())[0]
nine = [view(dog)[0] for view in VIEWS.values()]

# %% tags=["hide-input"]
figures.show(
    figures.pictures(np.stack(nine), names, columns=5, inches=1.7),
    alt="The same dog nine times: as it is, mirrored, five times a little larger with other parts of the "
    "border cut off, once brighter and once darker.",
    kind="jpeg",
)

# %% [markdown]
# A crop keeps seven eighths of each side and is brought back to the full size, so all in it gets larger.
# Brighter and darker multiply all values by 1.3 and 0.7. The rule of training holds at test time: **a view
# must keep the label**. A mirrored 2 is no digit, and a left hand becomes a right one.
#
# ## A model to ask
#
# We train a network for a few epochs without any augmentation.

# %%
size, chosen = course.image_size, course.classes
class_names = data.info(course.dataset, chosen).class_names
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)
shuffled = validation.shuffle(len(validation), seed=10)  # a set may come class by class
images, labels = next(shuffled.batch(500).as_numpy_iterator())


def one_hot(image, label):
    """The label as a row of zeros with a single one."""
    return image, tf.one_hot(label, len(class_names))


batches = train.map(one_hot).cache().shuffle(len(train), seed=10)
batches = batches.batch(course.batch_size, drop_remainder=True).prefetch(2)
print(f"{len(train)} training images, {len(images)} validation images")

# %% tags=["nbval-ignore-output"]
EPOCHS = 6
keras.utils.set_random_seed(10)
model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
adam = keras.optimizers.Adam(course.learning_rate)
model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0).history
print(f"accuracy on the training images in the last epoch: {history['accuracy'][-1]:.0%}")

# %% tags=["nbval-ignore-output"]
number = 7  # which validation image; try others
print(f"image {number} is a {class_names[labels[number]]}. The model says:")
for name, view in VIEWS.items():
    answer = model.predict(view(images[number : number + 1]), verbose=0)[0]
    print(f"  {name:20} {class_names[answer.argmax()]:12} {answer.max():.2f}")

# %% [markdown]
# One model, nine answers. There are two ways to make one of them:
#
# - **average**: the mean of the probabilities over the views; the class with the highest mean wins;
# - **vote**: each view has one vote, for its most probable class; the class with the most votes wins.
#
# **Guess.** Three views of an image lean to class 0, to class 0, and are very sure of class 1. Which class
# wins by average, which by vote?

# %%
three_views = np.array([[[0.45, 0.40, 0.15]], [[0.45, 0.40, 0.15]], [[0.05, 0.90, 0.05]]])  # [3, 1, 3]
print("average: class", views.average(three_views).argmax(), "– mean", views.average(three_views).round(2))
print("vote:    class", views.vote(three_views).argmax(), "– two of three votes")

# %% [markdown]
# A vote counts a hesitant view as much as a sure one; the mean knows the difference.

# %% [markdown]
# ## Exercise 1: ask with views
#
# Write `ask(model, images, views)`. `images` is a batch `[N, H, W, 3]`, `views` a list of functions from
# images to images. Ask the model about every view of the images as they came. Return two arrays of class
# numbers `[N]`: by average, and by vote. Where several classes have the most votes, the one with the highest
# mean probability *among those that tie* wins.
#
# <details><summary>Hint</summary>
#
# `model.predict(…, verbose=0)` gives probabilities [N, K]; `np.stack` makes [V, N, K] of a list of them.
# `np.eye(K)[classes]` turns class numbers into one-hot rows, and a sum over the views counts votes. For the
# ties: a mean probability is at most 1. What if you add a little of it to the votes, so little that it never
# outweighs a whole vote?
#
# </details>


# %%
def ask(model, images, views):
    """Classes [N] by average and by vote over the views."""
    # solution begins: Exercise 1: ask with views
    probabilities = np.stack([model.predict(view(images), verbose=0) for view in views])
    mean = probabilities.mean(axis=0)
    one_hot = np.eye(mean.shape[1])[probabilities.argmax(axis=2)]
    votes = one_hot.sum(axis=0)
    return mean.argmax(axis=1), (votes + 0.5 * mean).argmax(axis=1)
    # solution ends


# %%
checks.lesson_10.ask(ask)

# %%
my_ask = checks.yours(ask, otherwise=checks.lesson_10.the_courses_ask)

# %% [markdown]
# **Guess.** One view, two, nine: which is right most often, and how much longer do nine take?

# %% tags=["nbval-ignore-output"]
for chosen_names in [["as is"], ["as is", "mirrored"], ["as is", "darker"], names]:
    start = time.perf_counter()
    by_average, by_vote = my_ask(model, images, [VIEWS[name] for name in chosen_names])
    seconds = time.perf_counter() - start
    average, vote = np.mean(by_average == labels), np.mean(by_vote == labels)
    title = ", ".join(chosen_names[:2]) if len(chosen_names) < 3 else "all nine"
    print(f"{title:16} average {average:4.0%}, vote {vote:4.0%}; {seconds:.1f} s")

# %% [markdown]
# The time grows with the number of views, and is paid for every prediction, as long as the model is in use.
#
# ## Ten models that are trained to the end
#
# A few epochs and one seed prove nothing. The repository holds what ten models say about all nine views of
# the toy dogs, whatever profile you have: reference runs of 40 epochs, `none` and `basic` with the same five
# seeds. `basic` has met mirrored dogs and other light in training, `none` has not. Neither has met enlarged
# dogs.

# %%
found = view_predictions.read_folder("../solutions/results/test_time_augmentation")
reference = {name: [each for each in found if each["augmentation"] == name] for name in ("none", "basic")}
for name, of_models in reference.items():
    print(
        f"{name:6} {len(of_models)} models, test images {of_models[0]['test'].shape}: views, images, classes"
    )

# %% [markdown]
# ### Two sources of chance
#
# How sure is a gain? Another training would give another one: the 95 % interval over the seeds tells how
# far off the mean may be because there are five. **Other test images** would give another one, too, even
# with the same models: `evaluation.bootstrap_difference` draws the test images anew, some twice and some
# not at all, and looks how much the gain varies. The two sources are independent, so their half widths add
# like the short sides of a right triangle: √(seeds² + images²). A gain is *clear* if this interval leaves
# out 0.


# %%
def gain(of_models, positions, split="test", combine=views.average):
    """Points above the image as it is: of each model, mean, and half widths of 95 % intervals."""
    truth = of_models[0][f"{split}_labels"]
    after, before = (
        np.array([evaluation.is_correct(combine(each[split][chosen]), truth) for each in of_models])
        for chosen in (positions, [0])
    )
    points = 100 * (after.mean(axis=1) - before.mean(axis=1))
    mean, _, high = evaluation.mean_interval(points)
    _, image_low, image_high = evaluation.bootstrap_difference(after, before, seed=10)
    seeds, images = high - mean, 50 * (image_high - image_low)
    return {"points": points, "mean": mean, "seeds": seeds, "images": images, "both": np.hypot(seeds, images)}


def print_gains(gains):
    """A line for each set of views."""
    for title, found in gains.items():
        clear = "" if abs(found["mean"]) <= found["both"] else "better" if found["mean"] > 0 else "worse"
        widths = f"seeds ± {found['seeds']:.1f}, images ± {found['images']:.1f}, both ± {found['both']:.1f}"
        print(f"    {title:24} {words.signed(found['mean']):>6}  {widths}  {clear}".rstrip())


# %% [markdown]
# First each view alone. We are still finding our way, so these are **validation** images.
#
# **Guess.** Which of the eight views is better than the image as it is?

# %%
single = {}
for name, of_models in reference.items():
    single[name] = {names[place]: gain(of_models, [place], "validation") for place in range(1, len(names))}
    print(f"{name}, each view alone, points above the image as it is:")
    print_gains(single[name])


# %% tags=["hide-input"]
def draw_gains(gains, titles, highlighted=None):
    """A row for each set of views: a mark for each model, a bar for the interval over both chances."""
    figure, axes = figures.subplots(1, 2, size=(8.8, 3.4), sharex=True, sharey=True)
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        axis.axvline(0, color=figures.INK, linewidth=1)
        color = figures.color(name)
        for row, (views_name, found) in enumerate(gains[name].items()):
            ends = [found["mean"] - found["both"], found["mean"] + found["both"]]
            axis.plot(ends, [row] * 2, color=color, linewidth=10, alpha=0.25, solid_capstyle="butt")
            look = {"color": color, "markersize": 5, "markerfacecolor": "none", "linestyle": "none"}
            axis.plot(found["points"], [row] * 5, figures.marker(name), **look)
            if highlighted and highlighted[name] == views_name:
                axis.axhspan(row - 0.45, row + 0.45, color="#f0e442", alpha=0.4, zorder=0)
        axis.set(title=title, xlabel="points above the image as it is")
        axis.set_yticks(range(len(gains[name])), list(gains[name]))
    axes[0].invert_yaxis()
    return figure


figures.show(
    draw_gains(single, {"none": "none: light costs most", "basic": "basic: crops cost most"}),
    alt="Points of validation accuracy above the image as it is, a mark for each of five models, a bar for "
    "the 95 % interval. Mirrored lies around zero for both variants. The crops cost five to twelve points in "
    "the mean. Brighter and darker cost basic one to two, none many more: darker about thirty.",
)

# %% [markdown]
# **None.** Mirrored is about as good as the image itself; the crops cost five to twelve points, and darker
# costs `none` 29. Why then should it help to listen to the views at all?
#
# ## Equally good, and yet not the same
#
# Mirrored costs next to nothing. Does the model give the same answers?

# %%
for name, of_models in reference.items():
    rows = []
    for each in of_models:
        as_is, mirrored = each["validation"][:2].argmax(axis=2)
        was, now = as_is == each["validation_labels"], mirrored == each["validation_labels"]
        rows.append([was & ~now, ~was & now, ~was & ~now & (as_is != mirrored)])
    shares = 100 * np.mean(rows, axis=(0, 2))
    print(f"{name}: when mirrored, {shares.sum():.0f} % of the images get another answer:")
    print("    right → wrong {:.1f} %; wrong → right {:.1f} %; wrong → wrong {:.1f} %".format(*shares))

# %% [markdown]
# `none` changes its mind about a third of the images, as often to the wrong side as to the right one: it is
# right as often, but about *other images*. `basic` has learned that a mirrored dog is the same dog, and
# mostly answers alike. That is what averaging lives on: **views that are about equally good and make
# different mistakes.** So `basic` should have less to gain. Now we know what to ask, and ask the test images:

# %%
MIRROR = [0, 1]  # as is, and mirrored
test_labels = found[0]["test_labels"]
for name, of_models in reference.items():
    as_is = np.mean([evaluation.top1(each["test"][0], test_labels) for each in of_models])
    print(f"{name}: image as it is {as_is:.1%}")
    print_gains({"average with mirrored": gain(of_models, MIRROR)})

# %% [markdown]
# `none` gains 3.4 points without a minute of training, and the gain is clear; the 0.4 of `basic` are not. But
# no view replaces training: `basic` as it is beats `none` with its mirrored view by far.

# %% [markdown]
# ## Exercise 2: corrected, broken, and chance
#
# A gain of a point sounds as if one image in a hundred were mended and all else left alone. A prediction is
# **corrected** if it was wrong before and is right after, **broken** if it was right before and is wrong
# after. Nothing else changes the accuracy. If averaging did nothing, each of these would be corrected or
# broken with the same chance, as a fair coin falls. The **sign test** asks: how often is a fair coin as
# lopsided as this, or more, to either side? That is its p-value.
#
# Write `sign_test(before, after, labels)`, three integer arrays `[N]` of class numbers. Return three numbers:
# how many predictions are corrected, how many broken, and the p-value. Where both are 0, p is 1.
#
# <details><summary>Hint</summary>
#
# Was it right before, is it right after? Two arrays of true and false; `~` and `&` join them. Then
# `scipy.stats.binomtest(k, n).pvalue` is the chance of a fair coin (two-sided): which throws are there, which
# of them are heads? It refuses n = 0.
#
# </details>


# %%
def sign_test(before, after, labels):
    """How many predictions are corrected, how many broken, and the p-value of the sign test."""
    # solution begins: Exercise 2: corrected, broken, and chance
    was_right, is_right = before == labels, after == labels
    corrected, broken = np.sum(~was_right & is_right), np.sum(was_right & ~is_right)
    if corrected + broken == 0:
        return 0, 0, 1.0
    return corrected, broken, scipy.stats.binomtest(corrected, corrected + broken).pvalue
    # solution ends


# %%
checks.lesson_10.sign_test(sign_test)

# %%
my_sign_test = checks.yours(sign_test, otherwise=checks.lesson_10.the_courses_sign_test)

counts = {}
for name, of_models in reference.items():
    counts[name] = [
        my_sign_test(
            each["test"][0].argmax(axis=1), views.average(each["test"][:2]).argmax(axis=1), test_labels
        )
        for each in of_models
    ]
    for corrected, broken, p_value in counts[name]:
        print(
            f"{name:6} {corrected:3} corrected, {broken:2} broken: {corrected - broken:+3}, p {p_value:.4f}"
        )

# %% tags=["hide-input"]
figure, axes = figures.subplots(1, 2, size=(8.4, 3.3), sharey=True)
for axis, rows in zip(axes, counts.values(), strict=True):
    for place, (corrected, broken, _) in enumerate(rows):
        axis.bar(place, corrected, color="#009e73")
        axis.bar(place, -broken, color="#d55e00")
        axis.text(
            place, corrected + 3, f"{corrected - broken:+}".replace("-", "−"), ha="center", fontweight="bold"
        )
    axis.axhline(0, color=figures.INK, linewidth=1)
    axis.set_xticks(range(5), [f"model {place + 1}" for place in range(5)])
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
# Every one of the ten models corrects some of the 1,200 predictions (green) *and* breaks some (orange). The
# gain is what two larger numbers leave. All five models of `none` have p below 0.05; of `basic` two have,
# two gain one and three images, and one loses ten. The sign test is about one model; another training may
# give another verdict. The interval over both chances speaks for all five, and for `basic` it leaves the
# gain open: +0.4 ± 1.3 points. The broken predictions are not nothing: they were right.

# %% [markdown]
# ## Which views?
#
# Two views or nine? With crops or without? That is a choice like any other, so it is made on validation
# images. Here are seven sets beside the image as it is.
#
# **Guess.** Is more better?

# %%
SETS = {
    "+ mirrored": [0, 1],
    "+ middle crop": [0, 2],
    "+ mirrored, middle crop": [0, 1, 2],
    "+ light": [0, 7, 8],
    "+ mirrored, light": [0, 1, 7, 8],
    "+ five crops": [0, 2, 3, 4, 5, 6],
    "all nine": [0, 1, 2, 3, 4, 5, 6, 7, 8],
}
test_gains, best = {}, {}
for name, of_models in reference.items():
    validation_means = {title: gain(of_models, SETS[title], "validation")["mean"] for title in SETS}
    best[name] = max(SETS, key=lambda title: (validation_means[title], -len(SETS[title])))
    test_gains[name] = {title: gain(of_models, SETS[title]) for title in SETS}
    print(
        f"{name}: chosen on validation images {best[name]}, {validation_means[best[name]]:+.1f}; test images:"
    )
    print_gains(test_gains[name])

# %% tags=["hide-input"]
titles = {"none": "none: the mirrored view helps", "basic": "basic: little to gain, something to lose"}
figures.show(
    draw_gains(test_gains, titles, highlighted=best),
    alt="Points of test accuracy above the image as it is for seven sets of views, a mark for each model, "
    "the chosen set on yellow. Trained with none, all sets with the mirrored view gain two to four points in "
    "the mean. Trained with basic, most sets lie within a point of zero; five crops lose about three.",
)

# %% [markdown]
# - **The choice promises more than it gives**, here for both: the best of several scores flatters.
# - **More views are not better.** Nine take nine times as long as one. `none` gains about as much with two.
# - **Strange views do harm.** Five crops cost `basic` 2.9 points; no set is clearly better for it.
#
# Average or vote? With two views a vote is unanimous or a tie. So take all nine:

# %%
for name, of_models in reference.items():
    average, vote = (gain(of_models, SETS["all nine"], combine=way) for way in (views.average, views.vote))
    print(f"{name:6} all nine: average {words.signed(average['mean'])}, vote {words.signed(vote['mean'])}")

# %% [markdown]
# The average is ahead for both. Vote where probabilities are not to be had, or cannot be compared.

# %% [markdown]
# ## Where views harm
#
# Measured on medical images, test-time augmentation costs a ResNet-18 up to 31.6 points ([arXiv
# 2604.09697](https://arxiv.org/abs/2604.09697), 2026). The authors name the main cause: the views look unlike
# the training images, and **batch normalization** makes it worse. Such a layer subtracts from each channel
# the mean that it has seen in training, and divides by the standard deviation. Dark images have others.
#
# That can be tried. `model(…, training=True)` without an optimizer changes no weight that is learned: only
# the means and deviations move to those of what it sees. We show it darker *training* images.
#
# **Guess.** How much of the darker view's loss comes back?

# %% tags=["nbval-ignore-output"]
darker = VIEWS["darker"]
trained = model.get_weights()


def print_accuracies(title):
    """Of the validation images, as they are and darker."""
    shares = [np.mean(my_ask(model, images, [view])[0] == labels) for view in (VIEWS["as is"], darker)]
    print(f"{title:26} as is {shares[0]:4.0%}, darker {shares[1]:4.0%}")


print_accuracies("statistics from training")
for batch, _ in batches.repeat(4):
    model(darker(batch), training=True)
print_accuracies("statistics of darker images")
model.set_weights(trained)

# %% [markdown]
# On the toy dogs most of it comes back, and now the images as they are lose. So the network can read dark
# images; what did not fit were the statistics of its layers. The cure is training with other light (`basic`
# loses little), or to leave such a view out. Look at each view alone before you average.
#
# ### One view that is better than the image itself
#
# Views can also fit *better* than the image. These models of lesson 07 were trained with random crops, 40 %
# to 100 % of the area, brought back to the full size.

# %%
crops = view_predictions.read_folder("../solutions/results/test_time_augmentation/crops")
print("trained with crops, test images:")
ways = {"mirrored alone": [1], "middle crop alone": [2], "as is and middle crop": [0, 2]}
print_gains({title: gain(crops, positions) for title, positions in ways.items()})

# %% [markdown]
# The middle crop *alone* gains 6.1 points and costs no time; averaging with the image throws a part of that
# away. These models know larger dogs from nearly every training picture. Touvron et al. 2019
# ([arXiv 1906.06423](https://arxiv.org/abs/1906.06423)) find the same on ImageNet: a network does best at the
# size that it was trained with. So look at how test images are prepared before you call an augmentation weak.

# %% [markdown]
# ## What you learned
#
# - Test-time augmentation asks one model about several fixed views and averages the probabilities; a vote
#   ignores how sure the views are.
# - It helps where views are about equally good and make different mistakes: +3.4 points for models without
#   augmentation, nothing clear for `basic`. Training with the augmentation is worth far more.
# - Behind a small gain stand many corrected and many broken predictions. Count both, and test them.
# - A gain has two sources of chance, the seeds and the test images. An interval over one leaves out the
#   other.
# - Choose views on validation images. Two can do as much as nine, at a fraction of the time.
# - Views unlike the training images harm, not least through batch normalization.
# - To compare two trainings, give both the same views, or none.
#
# ## Questions
#
# 1. A colleague reports: "averaging over ten views raised the accuracy from 90.0 to 90.4 % on 1,000 test
#    images, so it mended four images." What do you ask?
#
#    <details><summary>Answer</summary>
#
#    How many were corrected and how many broken: it may be 40 and 36, and a fair coin is that lopsided more
#    often than not. How many seeds that rests on. And on which images the ten views were chosen.
#
#    </details>
#
# 2. You average a model's answers to the image as it is and to an exact copy of it. What happens to accuracy,
#    confidence and time? And what does that say about good views?
#
#    <details><summary>Answer</summary>
#
#    Accuracy and confidence stay, the time doubles. A view that makes the same mistakes adds nothing; a good
#    one is right about as often, but wrong about other images.
#
#    </details>
#
# 3. A model for handwritten digits was trained without augmentation. Which of the nine views would you try?
#
#    <details><summary>Answer</summary>
#
#    Not the mirrored one, which makes other signs of most digits. Brighter and darker keep the label, but the
#    statistics of batch normalization may not fit; mild crops keep it where the digit does not touch the
#    border. Then let validation images decide; perhaps for the image as it is.
#
#    </details>
#
# **Next.** [Lesson 11, class-dependent effects](11_class_dependent_effects.ipynb): which classes pay for a
# gain on average.

# %% [markdown]
# ## For the curious
#
# ### How sure, after averaging?
#
# A model can be too sure of itself (lesson 09). Mean confidence minus accuracy, in points; above zero is too
# sure:

# %%
for title, positions in {"as is": [0], "+ mirrored": MIRROR, "all nine": SETS["all nine"]}.items():
    texts = []
    for name, of_models in reference.items():
        averages = [views.average(each["test"][positions]) for each in of_models]
        gaps = [100 * (each.max(axis=1).mean() - evaluation.top1(each, test_labels)) for each in averages]
        texts.append(f"{name} {words.signed(np.mean(gaps))}")
    print(f"{title:12} {', '.join(texts)}")

# %% [markdown]
# Averaging makes every model less sure. For `none`, which is far too sure, two views are almost a cure;
# `basic` needs none and becomes too modest. Who uses probabilities has to look at them again after averaging.
#
# ### What else for the same time
#
# Two models with other seeds, averaged (an **ensemble**), take as long as two views:

# %%
for name, of_models in reference.items():
    as_is = [each["test"][0] for each in of_models]
    pairs = [evaluation.top1((as_is[place - 1] + as_is[place]) / 2, test_labels) for place in range(5)]
    views_of = [evaluation.top1(views.average(each["test"][MIRROR]), test_labels) for each in of_models]
    print(f"{name:6} two models {np.mean(pairs):.1%}, two views {np.mean(views_of):.1%}")

# %% [markdown]
# For `none` two views do about as well as two models, and save a training. For `basic` the second model is
# the better use of the time: it brings mistakes of its own, which the mirrored view hardly does any more.
