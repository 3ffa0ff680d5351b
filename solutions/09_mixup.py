# %% [markdown]
# # 09 MixUp
#
# **Goal.** Write MixUp for a batch of images, train with it, read the loss and the confidence of a network
# that was trained with it, and judge whether it helps.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 08: soft labels, the share λ ("lambda"), partners, and a mix as a step of the
# pipeline.
#
# **Source.** Zhang et al. 2018, *mixup*, [arXiv 1710.09412](https://arxiv.org/abs/1710.09412).

# %%
from utils import quiet, settings  # noqa: F401

course = settings.load()

import keras
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, evaluation, figures, mixing, models
from utils.experiment import runs

# %% [markdown]
# ## The picture
#
# MixUp lays a whole second image over the first one, half transparent. Every pixel keeps the share λ of the
# first image, and so does the label:
#
# ```
# image = λ · first image + (1 − λ) · second image
# label = λ · first label + (1 − λ) · second label
# ```
#
# There is no box and nothing to clip, so the share in the label is λ itself.

# %%
class_names = data.info(course.dataset, course.classes).class_names
shown = data.load(course.dataset, "validation", image_size=64, classes=course.classes)
pictures, classes = next(shown.batch(len(shown)).as_numpy_iterator())
first, second = pictures[classes == 0][0], pictures[classes == 1][0]

shares = [1, 0.8, 0.6, 0.5, 0.4, 0.2, 0]
blends = [share * first + (1 - share) * second for share in shares]
print("first:", class_names[0], "| second:", class_names[1], "| both:", first.shape, first.dtype)

# %% tags=["hide-input"]
captions = [f"λ = {share:g}\nlabel {share:g}, {1 - share:.1g}" for share in shares]
figures.show(
    figures.pictures(blends, captions, inches=1.3),
    alt="Seven blends of two images from left to right: the first alone, then the second shining through "
    "more and more, at one half both equally, at last the second alone. The labels go from 1 and 0 to 0 "
    "and 1.",
    kind="jpeg",
)

# %% [markdown]
# CutMix hides a part of the first image. MixUp hides nothing, but no pixel is quite real.
#
# The images are `uint8`, whole numbers from 0 to 255; a blend need not be whole. NumPy quietly makes floats
# of them; TensorFlow refuses:

# %%
light, dark = np.array([200], "uint8"), np.array([101], "uint8")
print("NumPy:      ", 0.5 * light + 0.5 * dark)
try:
    tf.constant([0.5]) * tf.constant(light)
except tf.errors.InvalidArgumentError as error:
    print("TensorFlow: ", error.message.partition(" [Op")[0])

# %% [markdown]
# So cast the images to `float32` *before* you blend them, and leave the result as it is: back in `uint8`,
# 150.5 loses its half. The network computes in floats anyway.

# %% [markdown]
# ## Where λ comes from: Beta(α, α)
#
# λ is drawn from the **Beta distribution** with two equal parameters, written Beta(α, α). It gives numbers
# between 0 and 1, as often above one half as below; α ("alpha") says how they spread. TensorFlow has no
# stateless function for it, but one for the Gamma distribution, and two draws from Gamma(α) make one from
# Beta(α, α): the first divided by the sum of both.


# %%
def beta(count, alpha, seed):
    """Draw `count` numbers from Beta(alpha, alpha); float32 [count]."""
    gammas = tf.random.stateless_gamma([2, count], seed, alpha)
    return gammas[0] / tf.reduce_sum(gammas, axis=0)


# %% [markdown]
# **Guess.** The paper takes α from 0.1 to 0.4 for ImageNet. With α = 0.2, how many of ten images are hardly
# mixed, so that the weaker of the two, the one with the smaller share, has less than 0.05?

# %%
ALPHAS = [0.2, 0.4, 1.0, 16.0]
draws = {f"MixUp,  α = {alpha:g}": beta(10_000, alpha, (9, 0)).numpy() for alpha in ALPHAS}
boxes = mixing.cutmix_parameters(tf.zeros([10_000, 64, 64, 1]), alpha=1.0, seed=(9, 0))

print("                 hardly mixed   share of the weaker image, mean")
for name, kept in (draws | {"CutMix, α = 1": boxes.share.numpy()}).items():
    weaker = np.minimum(kept, 1 - kept)
    print(f"{name:15} {np.mean(weaker < 0.05):13.0%} {weaker.mean():33.2f}")

# %% tags=["hide-input"]
figure, axes = figures.subplots(len(ALPHAS), 6, size=(8.6, 6.2), width_ratios=[1.5, 1, 1, 1, 1, 1])
spread = np.linspace(0, len(pictures) - 1, 10).astype(int)
pairs = list(zip(pictures[spread[:5]], pictures[spread[5:]], strict=True))
for row, (name, lams) in zip(axes, draws.items(), strict=True):
    row[0].hist(lams, bins=20, range=(0, 1), color=figures.color("mixup"))
    row[0].set(yticks=[], xticks=[0, 0.5, 1], title=name.split(",  ")[1])
    for axis, lam, (one, other) in zip(row[1:], lams[:5], pairs, strict=True):
        axis.imshow((lam * one + (1 - lam) * other).astype("uint8"))
        axis.set(xticks=[], yticks=[], xlabel=f"λ = {lam:.2f}", frame_on=False)
        axis.grid(False)
axes[-1, 0].set_xlabel("λ")
figures.show(
    figure,
    alt="Four rows, each a histogram of λ and five blends. For α = 0.2 the histogram has two high bars at 0 "
    "and 1, and most pictures show one image alone; for 0.4 it is a bowl; for 1 it is flat; for 16 it is a "
    "narrow hill at one half, and every picture shows two images about equally.",
    kind="jpeg",
)

# %% [markdown]
# - **Small α**: λ is mostly near 0 or 1, so one of the two images stands there nearly alone, with its own
#   label. With α = 0.2 that holds for six images of ten. (λ = 0 mixes no more than λ = 1: what is left is the
#   partner alone.)
# - **α = 1**: all λ are equally likely. CutMix draws λ in this way, too; clipping the boxes then changes its
#   shares a little (last row).
# - **Large α**: λ is close to one half, and hardly any image shows one class alone.
#
# So α is the strength of MixUp. With α = 0.2 the weaker image has a share of 0.10 on average, with CutMix
# 0.28: as both are commonly set, MixUp is much the weaker mix.

# %% [markdown]
# ## Exercise 1: MixUp for a batch
#
# Write `mixup_batch`, all of it. Images are uint8 `[B, H, W, 3]`, labels floats `[B, K]`. Each image gets a
# partner, drawn at random from the batch, and a λ of its own from Beta(alpha, alpha). All that is drawn comes
# from `seed`, two whole numbers: `tf.random.split(seed)` makes two seeds of it. Return float32 images and the
# labels, blended with the same λ and the same partner. No loop over images; the function has to work in
# `tf.data`, with batches of any size.
#
# ([The authors' code](https://github.com/facebookresearch/mixup-cifar10) draws one λ for the whole batch. One
# for each image mixes more variedly.)
#
# <details><summary>Hint</summary>
#
# In this order: the size of the batch, `tf.shape(images)[0]`; two seeds; partners, as in lesson 08, by
# `tf.random.experimental.stateless_shuffle`; λ by `beta`; then the two formulas of the beginning, with
# `tf.gather` for the partners. λ is `[B]`. TensorFlow matches axes from the last one, so as it is, λ would
# meet the channels, or the classes: how many axes of length 1 does it need behind its own for the images, how
# many for the labels?
#
# </details>


# %%
def mixup_batch(images, labels, *, alpha=0.2, seed):
    """MixUp with a λ of its own for each image; returns (float32 images, labels)."""
    # solution begins: Exercise 1: MixUp for a batch
    count = tf.shape(images)[0]
    partner_seed, lam_seed = tf.unstack(tf.random.split(seed))
    partner = tf.random.experimental.stateless_shuffle(tf.range(count), partner_seed)
    lam = beta(count, alpha, lam_seed)

    images = tf.cast(images, tf.float32)
    of_images, of_labels = tf.reshape(lam, [-1, 1, 1, 1]), tf.reshape(lam, [-1, 1])
    mixed = of_images * images + (1 - of_images) * tf.gather(images, partner)
    return mixed, of_labels * labels + (1 - of_labels) * tf.gather(labels, partner)
    # solution ends


# %%
checks.lesson_09.mixup_batch(mixup_batch)

# %% [markdown]
# Keras has a layer for it. `check_augmentation` of lesson 08 measures shares, partners and the distribution
# of λ from the pixels that come out:

# %%
keras_mixup = keras.layers.MixUp(alpha=0.2)
report = checks.check_augmentation(keras_mixup, kind="mix", alpha=0.2, draws=16)
print("label share:", report["label share"].evidence)
print("checks that fail:", ", ".join(report.failed))

# %% [markdown]
# The layer mixes right. What fails is about wrong input, as with Keras' CutMix: given class numbers in place
# of rows, or an image without a batch, it raises no error, and one trains on nonsense or on unmixed images.

# %% [markdown]
# ## Train with it
#
# The pipeline is that of lesson 08, with your function in `map`.

# %%
my_mixup = checks.yours(mixup_batch, otherwise=mixing.mixup)


def one_hot(image, label):
    """The label as a row, which can be mixed."""
    return image, tf.one_hot(label, len(class_names))


size, chosen = course.image_size, course.classes
train = data.load(course.dataset, "train", image_size=size, classes=chosen, shots=course.shots)
validation = data.load(course.dataset, "validation", image_size=size, classes=chosen)

plain = train.map(one_hot).cache().shuffle(len(train), seed=9)
plain = plain.batch(course.batch_size, drop_remainder=True)
validation_batches = validation.map(one_hot).batch(course.batch_size).cache()
print(f"{len(train)} training images in {len(plain)} batches, {len(validation)} validation images")


# %%
def mixed_by(mix):
    """The training batches, mixed with a new seed for each batch."""
    seeds = tf.data.Dataset.random(seed=9, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(plain, seeds).map(lambda batch, seed: mix(*batch, seed=seed))


def keras_mix(images, labels):
    """`keras.layers.MixUp` as a step of the pipeline; it draws its own seeds."""
    mixed = keras_mixup({"images": images, "labels": labels}, training=True)
    return mixed["images"], mixed["labels"]


batches = {
    "none": plain,
    "mixup": mixed_by(my_mixup),
    "Keras' MixUp": plain.map(keras_mix),
}
mixed, mixed_labels = next(iter(batches["mixup"]))

# %% tags=["hide-input"]
captions = [charts.label_text(label, class_names) for label in mixed_labels[:8]]
figures.show(
    figures.pictures(mixed[:8].numpy(), captions, columns=4, inches=2.0),
    alt="Eight images of the first training batch after MixUp with α = 0.2; below each the shares of its "
    "classes. Several show one image nearly alone, the others two on top of each other.",
    kind="jpeg",
)

# %% [markdown]
# Each training gets a new network, with the same starting weights; the learning rate falls to 0, so that the
# last epoch changes little.
#
# **Guess.** After the last epoch, which has the higher loss on its own training batches, `none` or `mixup`?
# And which of its two losses is higher for `mixup`: that on its mixed batches, or that on the same images
# unmixed?


# %%
EPOCHS = 6


def train_on(name, batches):
    """Train a new network on batches; print its loss on them, and how it does on images as they are."""
    keras.utils.set_random_seed(9)
    model = models.build(course.model, num_classes=len(class_names), image_size=size, weights=course.weights)
    falling = keras.optimizers.schedules.CosineDecay(course.learning_rate, decay_steps=EPOCHS * len(plain))
    adam = keras.optimizers.Adam(falling)
    model.compile(adam, loss="categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(batches.prefetch(2), epochs=EPOCHS, shuffle=False, verbose=0)
    loss, accuracy = model.evaluate(plain, verbose=0)
    _, new = model.evaluate(validation_batches, verbose=0)
    trained = fitted.history["loss"][-1]
    print(f"{name:15}{trained:23.2f} {loss:9.2f} {accuracy:19.0%} {new:12.0%}")


# %% tags=["nbval-ignore-output"]
print("                loss: training batches   unmixed   accuracy: unmixed   validation")
for name, each in batches.items():
    train_on(name, each)

# %% [markdown]
# On its training batches `mixup` has a much higher loss than `none`, and Keras' layer about the same as your
# function. On the same images *unmixed*, both mixed trainings have a clearly lower loss. So a loss on mixed
# images cannot be compared with one on other images. The next part says why.
#
# Do not choose by the validation accuracies: they come from one training each, of six epochs.

# %% [markdown]
# ## A floor under the loss
#
# The loss is cross-entropy (lesson 08), the sum of −label · log(prediction) over the classes. Here it is for
# two classes, three labels and all predictions.

# %%
p = np.linspace(0.001, 0.999, 999)  # predicted probability of the first class
losses = {share: -share * np.log(p) - (1 - share) * np.log(1 - p) for share in [1.0, 0.8, 0.6]}
for share, loss in losses.items():
    print(f"label {share:.1f}, {1 - share:.1f}: lowest loss {loss.min():.2f}, at p = {p[loss.argmin()]:.2f}")

# %% tags=["hide-input"]
figure, axis = figures.subplots(size=(6.6, 3.4))
for (share, loss), color in zip(losses.items(), [figures.INK, "#0072b2", "#cc79a7"], strict=True):
    axis.plot(p, loss, color=color, label=f"label {share:.1f} and {1 - share:.1f}")
    place = list(loss).index(min(loss))
    axis.plot(p[place], loss[place], "o", color=color, markersize=9, clip_on=False)
axis.set(xlabel="p, predicted probability of the first class", ylabel="loss", ylim=(0, 3))
axis.set_title("With a soft label the loss cannot reach 0")
axis.legend(loc="upper center")
figures.show(
    figure,
    alt="Three curves of the loss over the predicted probability. For the label 1.0 the curve falls to 0 at "
    "the right end; for 0.8 and 0.6 it has its lowest point, marked, at p = 0.8 and 0.6, clearly above 0, "
    "and rises again to the right.",
)

# %% [markdown]
# 1. The best prediction for a soft label is **the label itself**. Where the label says 0.6, 0.99 has a far
#    higher loss than 0.6: the curve rises again. This matters for confidence, below.
# 2. Even the best prediction has a loss above 0: 0.67 for the label 0.6 and 0.4. This **floor** is the
#    *entropy* of the label, its cross-entropy with itself. No network gets below it.
#
# The mean floor of a training needs labels only. We mix those of 720 images of twelve classes, as many as the
# toy dogs have for training.

# %%
cross_entropy = keras.losses.categorical_crossentropy
labels, nothing = tf.one_hot(tf.range(720) % 12, 12), tf.zeros([720, 48, 48, 1])


def mean_floor(mix, **options):
    """The mean lowest loss of the labels after `mix`, which is drawn twenty times."""
    mixed = [mix(nothing, labels, seed=(9, number), **options)[1] for number in range(20)]
    return np.mean([cross_entropy(rows, rows) for rows in mixed])


for alpha in ALPHAS:
    print(f"MixUp,  α = {alpha:4}: floor {mean_floor(mixing.mixup, alpha=alpha):.2f}")
floors = {"none": 0.0, "cutmix": mean_floor(mixing.cutmix), "mixup": mean_floor(mixing.mixup)}
print(f"CutMix, α =  1.0: floor {floors['cutmix']:.2f}")

# %% [markdown]
# The stronger the mix, the higher the floor: 0.21 for α = 0.2, 0.46 for α = 1. How much of a training's loss
# is floor? These are the reference runs of lesson 08: toy dogs, whatever profile you have, small ResNets from
# random weights, 40 epochs, five seeds.

# %%
reference = runs.read_folder("../solutions/results/project")
print("          floor   loss: training batches   unmixed   accuracy: unmixed")
for name in ["none", "cutmix", "mixup"]:
    last = [run.history[-1] for run in evaluation.by_seed(reference, name).values()]
    values = [np.mean([epoch[key] for epoch in last]) for key in ("loss", "train_loss", "train_accuracy")]
    print(f"{name:8} {floors[name]:6.2f} {values[0]:24.2f} {values[1]:9.2f} {values[2]:19.1%}")

# %% [markdown]
# All three know their training images by heart: unmixed, the loss is at most 0.04 and the accuracy 100 %.
# Only the loss on the training batches says otherwise. Of `mixup`'s 0.44, 0.21 are floor; the rest is what
# the network still gets wrong about mixed images: which two, and how much of each.
#
# So compare losses on *unmixed* images only, and never choose α by the training loss: it prefers the
# smallest.

# %% [markdown]
# ## How sure is the network of itself?
#
# The **confidence** of a prediction is its largest probability. A network is well **calibrated** if it is
# right as often as it is sure: of all test images with a confidence near 80 %, about 80 % are right. In the
# diagram, a point stands for all predictions between, say, 70 and 80 % confidence (where there are enough);
# below the diagonal a network is too sure of itself, above it too modest.
#
# **Guess.** With one-hot labels a network that is right can still lower its loss, by saying 0.99, 0.999,
# 0.9999. A soft label punishes that. Which of `none`, `mixup` and `cutmix` is too sure, which too modest?

# %% tags=["hide-input"]
alone = [run for run in reference if run.augmentation in ("none", "mixup", "cutmix")]
figures.show(*charts.calibration(alone))

# %% [markdown]
# `none` is too sure everywhere, most of all where it says 70 to 90 %; `cutmix` is too modest nearly
# everywhere, and `mixup` stays closer to the diagonal.
#
# As numbers: "too sure by" is the mean confidence minus the accuracy, in percentage points, with its 95 %
# interval over the seeds; `basic` is the course's usual augmentation. Besides the toy dogs there are
# reference runs on **photographs**: ten breeds of dogs, 40 training photographs each, 64 pixels, otherwise
# the same.

# %%
photographs = runs.read_folder("../solutions/results/photographs/dogs10")


def print_confidence(some_runs):
    """A line for each variant without settings of its own: confidence, accuracy, their difference."""
    for name in [name for name in evaluation.variants(some_runs) if "(" not in name]:
        own = evaluation.by_seed(some_runs, name).values()
        confidence = np.array([run.probabilities.max(axis=1).mean() for run in own])
        accuracy = np.array([run.test_accuracy for run in own])
        gap, low, high = evaluation.mean_interval(100 * (confidence - accuracy))
        means = f"{confidence.mean():10.1%} {accuracy.mean():10.1%} {gap:+13.1f}"
        print(f"{name:22}{means}   {low:+.1f} to {high:+.1f}")


# %%
print("toy dogs              confidence   accuracy   too sure by   95 % interval")
print_confidence(reference)
print("\nphotographs")
print_confidence(photographs)

# %% [markdown]
# Mixing pushes confidence **down**. Where a network is too sure, that is a gain: on photographs `none` is too
# sure by 20.6 points, `mixup` by 12.9, `cutmix`, the stronger mix, by 4.2. ([Thulasidasan et al.
# 2019](https://arxiv.org/abs/1905.11001) found the same on larger sets.) Where it is not, mixing goes too
# far: on toy dogs `basic` alone has a gap of only +0.2, and each mix on top makes it too modest, by 5.7 to
# 12.6 points.
#
# "Too sure by" is a mean: it can be 0 while single points of the diagram are off in both directions. Look at
# the diagram before you believe a network's 80 %.

# %% [markdown]
# ## CutMix or MixUp: toss a coin
#
# Many recipes use both mixes: this image is cut, that one is blended. They do not apply both to one image: it
# could then show parts of four.

# %% [markdown]
# ## Exercise 2: a coin for every image
#
# Write `cut_or_blend`. For **every image** a coin of its own decides whether it comes out of `mixing.cutmix`
# or out of `mixing.mixup`, with a chance of one half each. Both functions mix the whole batch, and you choose
# image by image. What goes in and comes out is as in exercise 1; leave both α at their defaults. (In lesson
# 05 you did so with Keras' layers; here all is drawn from the seed.)
#
# <details><summary>Hint</summary>
#
# `tf.random.stateless_uniform([count], seed) < 0.5` tosses `count` coins; they need a seed of their own.
# `tf.where(coins, a, b)` chooses between `a` and `b`, which must have one dtype, if the coins have as many
# axes as these. Which coins decide about the labels?
#
# </details>


# %%
def cut_or_blend(images, labels, *, seed):
    """Mix each image by CutMix or by MixUp, as its coin says; returns (float32 images, labels)."""
    # solution begins: Exercise 2: a coin for every image
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut, cut_labels = mixing.cutmix(images, labels, seed=mix_seed)
    blended, blended_labels = mixing.mixup(images, labels, seed=mix_seed)
    is_cut = tf.random.stateless_uniform([tf.shape(images)[0]], coin_seed) < 0.5
    mixed = tf.where(tf.reshape(is_cut, [-1, 1, 1, 1]), tf.cast(cut, tf.float32), blended)
    return mixed, tf.where(is_cut[:, tf.newaxis], cut_labels, blended_labels)
    # solution ends


# %%
checks.lesson_09.cut_or_blend(cut_or_blend)

# %% [markdown]
# It trains in the same way. It mixes more strongly than MixUp alone, so expect a higher loss on its training
# batches. (The course's function is `mixing.cutmix_or_mixup`. torchvision's recipe tosses one coin for the
# whole batch, which saves half of the work.)

# %% tags=["nbval-ignore-output"]
my_mix = checks.yours(cut_or_blend, otherwise=mixing.cutmix_or_mixup)
train_on("cutmix_or_mixup", mixed_by(my_mix))

# %% [markdown]
# ## Does it help?
#
# **Guess.** `mixup` against `none`, and `basic+mixup` against `basic`: more, less, or no difference that five
# seeds can show? (Columns and figure are those of lesson 08.)

# %%
evaluation.as_table(evaluation.compare(reference))

# %%
with_basic = [run for run in reference if run.augmentation.startswith("basic")]
evaluation.as_table(evaluation.compare(with_basic, baseline="basic"))

# %% tags=["hide-input"]
figures.show(*charts.difference(with_basic, baseline="basic"))

# %% [markdown]
# `mixup` alone gains 0.2 points, with an interval from −1.4 to +1.7: no difference that these runs can show.
# On top of `basic` it costs 1.1 points, and the interval ends just below 0 (rounded, −0.0). Of the three
# mixes it costs the least, and it is the weakest.
#
# And on photographs?

# %%
for mix, baseline in [("mixup", "none"), ("basic+mixup", "basic")]:
    pair = [run for run in photographs if run.augmentation in (mix, baseline)]
    row = evaluation.compare(pair, baseline=baseline).iloc[-1]
    interval = f"{row['low_points']:+.1f} to {row['high_points']:+.1f}"
    print(f"{mix} against {baseline}: {row['difference_points']:+.1f} points, interval {interval}")

# %% [markdown]
# Much the same: −2.3 points alone, with 0 in the interval, and −2.1 on top of `basic`, with 0 outside.
#
# So the answer, for a small network from random weights, 40 epochs and α = 0.2: MixUp raises accuracy neither
# alone nor on top of `basic`, and it makes networks less sure of themselves. A ResNet-50 that learns ImageNet
# for 300 epochs does gain from it, about one point (last table of this page). For your own network, compare
# it with and without, in pairs over several seeds.

# %% [markdown]
# ## What you learned
#
# - MixUp blends whole images, in `float32`, and their labels with the same λ and the same partner.
# - λ comes from Beta(α, α): a small α hardly mixes, α = 1 draws every share equally often, a large α nearly
#   always mixes half and half.
# - The loss of a soft label has a floor, its entropy. Compare losses on unmixed images only.
# - Soft labels make a network less sure of itself; a calibration diagram shows whether that is good.
# - CutMix and MixUp can take turns, with a coin for every image, the same for its label.
# - Whether mixing helps depends on data, network and what else is done: ask several seeds.
#
# ## Questions
#
# 1. A colleague trains with MixUp, α = 0.4, on twelve classes. The training loss stays at 0.35; without MixUp
#    it was 0.02. "MixUp hinders learning", they say. What do you ask for?
#
#    <details><summary>Answer</summary>
#
#    The floor, and the loss on unmixed training images or, better, on validation images: only these compare.
#    For α = 0.4 and twelve classes the floor is 0.32 (see above): 0.35 is hardly more.
#
#    </details>
#
# 2. The mean confidence of a network is 80 %, and it is right for 80 % of the test images. Is it well
#    calibrated?
#
#    <details><summary>Answer</summary>
#
#    Not for certain: these are means. It could be right for 70 % of the images where it says 90 %, and for
#    90 % of those where it says 70 %. The calibration diagram tells.
#
#    </details>
#
# 3. Someone blends the images with λ and draws a new λ for the labels. What does a network learn from this?
#
#    <details><summary>Answer</summary>
#
#    The labels no longer follow the pixels. On average they say half and half, so where both images can be
#    seen, the best prediction is about 0.5 and 0.5: *which* classes, but not how much. Where one image stands
#    nearly alone, the label still takes half away from it, for a class that is not to be seen; the network
#    can only spread that half over all classes. So its confidence would fall to about one half.
#
#    </details>
#
# **Next.** On the core path: [lesson 14, the comparison project](14_comparison_project.ipynb). Otherwise
# [lesson 10, test-time augmentation](10_test_time_augmentation.ipynb).

# %% [markdown]
# ## For the curious: what others measured, and Puzzle Mix
#
# | data | network | without | MixUp | CutMix |
# |---|---|---|---|---|
# | ImageNet, 300 epochs | ResNet-50 | 77.31 | 78.28 | **78.39** |
# | birds (CUB-200), fine-tuned | ResNet-18 | 77.68 | 78.39 | **78.40** |
# | aircraft (FGVC-Aircraft), fine-tuned | ResNet-18 | **80.23** | 79.52 | 78.84 |
#
# Accuracy in percent; the first row is from [PaddleClas](https://github.com/PaddlePaddle/PaddleClas), the
# others from [OpenMixup](https://github.com/Westlake-AI/openmixup), where α was searched for each method.
#
# **Puzzle Mix** (Kim et al. 2020, [arXiv 2009.06962](https://arxiv.org/abs/2009.06962)) mends what both mixes
# lack: to CutMix area is all, and MixUp shows everything as a ghost. It asks of every block of the picture
# which of the two images has something to say there. What counts is the **saliency** of a pixel: how strongly
# the loss reacts to a change of it, a gradient with respect to the image. The best puzzle shows as much
# saliency as possible, keeps neighboring blocks from the same image, gives the first image a share near λ,
# and may move blocks at a price. The label follows the blocks. The saliency costs an extra pass through the
# network, and the puzzle an optimization for each pair, so it is much slower than a box.
