# %% [markdown]
# # 09 MixUp
#
# **Goal.** Blend images and labels with MixUp, and read the loss and the confidence of a model that was
# trained with it.
#
# **Time.** 45 minutes, and 5 for the look further at the end, if you like.
#
# **You need to know** lesson 08: soft labels, the share λ (lambda), the partner of an image, and how a
# whole batch is mixed without a loop.
#
# CutMix pastes a box of another image. **MixUp** lays the whole other image over the first one, half
# transparent. It is the older of the two, and the shorter: two lines of code. What it does to the numbers
# that you watch during training is less obvious, and is most of this lesson.
#
# **Source.** Zhang et al. 2018, *mixup*, [arXiv 1710.09412](https://arxiv.org/abs/1710.09412).

# %%
# `quiet` keeps TensorFlow's start-up notices away.
from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import keras
import matplotlib.colors
import numpy as np
import tensorflow as tf

from utils import charts, checks, data, evaluation, figures, mixing, models, pipeline, training
from utils.experiment import runs

# %% [markdown]
# ## Two images, one blend
#
# We take one training image of each class, at 64 pixels, with one-hot labels.

# %%
class_names = data.info(course.dataset).class_names
one_each = data.load(course.dataset, "train", image_size=64, shots=1, seed=4)
dogs, dog_classes = next(iter(one_each.batch(12)))
dogs, dog_labels = dogs.numpy(), tf.one_hot(dog_classes, len(class_names)).numpy()
print("images:", dogs.shape, dogs.dtype, "| labels:", dog_labels.shape, dog_labels.dtype)


# %%
def draw(axis, image, title):
    """Draw one image in 0-255, with a title and without ticks."""
    axis.imshow(np.asarray(image).round().astype("uint8"))
    axis.set_title(title, fontsize=9, loc="center", fontweight="normal")
    axis.set_axis_off()


def show_row(images, titles, alt, inches=1.45):
    """Show a few images side by side."""
    lines = 1 + max(title.count("\n") for title in titles)
    figure, axes = figures.subplots(1, len(images), size=(inches * len(images), inches + 0.07 + 0.17 * lines))
    for axis, image, title in zip(axes, images, titles, strict=True):
        draw(axis, image, title)
    figures.show(figure, alt=alt, kind="jpeg")


# %% [markdown]
# From two images and their labels MixUp computes
#
# ```
# image = λ · first image + (1 − λ) · second image
# label = λ · first label + (1 − λ) · second label
# ```
#
# λ is the share that the first image keeps, as in CutMix. But here each *pixel* keeps that share. No box,
# no clipping: the share of the label is λ itself.

# %%
first, second = dogs[3], dogs[4]

shares = [1, 0.8, 0.6, 0.5, 0.4, 0.2, 0]
show_row(
    [share * first + (1 - share) * second for share in shares],
    [f"λ = {share:g}\nlabel {share:g}, {1 - share:.1g}" for share in shares],
    "Seven blends of two dogs from left to right: the first dog alone, then the second shining through more "
    "and more, at one half both equally, at last the second alone. The labels go from 1 and 0 to 0 and 1.",
    inches=1.3,
)

# %% [markdown]
# CutMix takes a part of the first dog away. MixUp takes no part away, but leaves none quite real.

# %% [markdown]
# ### Blend in `float32`
#
# Our images are `uint8`, whole numbers from 0 to 255. The row above worked nevertheless, since NumPy
# quietly turns `0.5 * image` into `float64`. TensorFlow refuses:

# %%
light, middle = np.array([200], "uint8"), np.array([101], "uint8")
blend = 0.5 * light + 0.5 * middle
print(f"NumPy:         {blend[0]} in {blend.dtype}")
print(f"back in uint8: {blend.astype('uint8')[0]}")
try:
    tf.constant([0.5]) * tf.constant(light)
except tf.errors.InvalidArgumentError as error:
    print("TensorFlow:   ", error.message.partition(" [Op")[0])

# %% [markdown]
# So turn the images into `float32` **before** you blend, and leave the result as it is: back in `uint8`,
# 150.5 loses its half. The model does not mind, its first layer works in `float32` anyway.

# %% [markdown]
# ## Exercise 1: blend a batch
#
# Write `blend_batch`. It gets `images` (uint8 or float, `[B, H, W, C]`), `labels` (float, `[B, K]`), and
# for every image its own `lam` (float, `[B]`) and the number of its `partner` (integer, `[B]`). All are
# tensors. It returns `(images, labels)`, blended: the image number `i` keeps the share `lam[i]` of itself
# and gets the rest from image `partner[i]`. No loop is needed.
#
# <details><summary>Hint</summary>
#
# `tf.gather(images, partner)` gives all partners at once, `tf.cast` changes the dtype. The images have
# four axes and `lam` has one: `tf.reshape` (or `tf.newaxis`, as in lesson 08) can give it three more, of
# length 1. How many does it need for the labels?
#
# </details>


# %%
def blend_batch(images, labels, lam, partner):
    """Blend every image and label with its partner's; returns (float images [B, H, W, C], labels [B, K])."""
    # solution begins: Exercise 1: blend a batch
    images = tf.cast(images, tf.float32)
    image_lam = tf.reshape(lam, [-1, 1, 1, 1])
    label_lam = tf.reshape(lam, [-1, 1])
    mixed_images = image_lam * images + (1 - image_lam) * tf.gather(images, partner)
    mixed_labels = label_lam * labels + (1 - label_lam) * tf.gather(labels, partner)
    return mixed_images, mixed_labels
    # solution ends


# %%
checks.lesson_09.blend_batch(blend_batch)

# %% [markdown]
# `mixing.mixup` of this course does the same, and draws `lam` and `partner` from its `seed`.

# %%
mixed, mixed_labels = mixing.mixup(dogs[:6], dog_labels[:6], alpha=1.0, seed=(0, 7))
print("dtype:", mixed.dtype.name)
show_row(
    mixed,
    [charts.label_text(label, class_names) for label in mixed_labels],
    "Six blends of two dogs each, some nearly one dog alone, with the two shares and breeds above each.",
)

# %% [markdown]
# ## Where λ comes from: Beta(α, α)
#
# λ is drawn for each image from the **Beta distribution** with two equal parameters, written Beta(α, α).
# It gives numbers between 0 and 1, as often above one half as below; the one number α (alpha) says how
# they spread. We draw 10,000 for each of four values of α. Beside them, the first five λ blend dogs: each
# column has always the same pair.

# %%
ALPHAS = [0.2, 0.4, 1.0, 16.0]
generator = np.random.default_rng(9)
draws = {alpha: generator.beta(alpha, alpha, 10_000) for alpha in ALPHAS}

figure, axes = figures.subplots(len(ALPHAS), 6, size=(8.6, 6.6), width_ratios=[1.5, 1, 1, 1, 1, 1])
for row, alpha in zip(axes, ALPHAS, strict=True):
    row[0].hist(draws[alpha], bins=20, range=(0, 1), color=figures.color("mixup"))
    row[0].set(yticks=[], xticks=[0, 0.5, 1], title=f"α = {alpha:g}")
    for index, (axis, lam) in enumerate(zip(row[1:], draws[alpha], strict=False)):
        draw(axis, lam * dogs[index] + (1 - lam) * dogs[index + 5], f"λ = {lam:.2f}")
axes[-1, 0].set_xlabel("λ")
figures.show(
    figure,
    alt="Four rows. For alpha 0.2 the histogram of lambda has two high bars at 0 and 1, and most dogs beside "
    "it are alone; for 0.4 a bowl; for 1 it is flat; for 16 a narrow hill at one half, and every picture "
    "shows two dogs about equally.",
    kind="jpeg",
)

# %% [markdown]
# How often is such a mix hardly a mix at all? For comparison, CutMix of lesson 08, with the share of area
# that is left after clipping:

# %%
empty = tf.zeros([10_000, course.image_size, course.image_size, 1])  # only its size matters here
cut_shares = np.asarray(mixing.cutmix_parameters(empty, alpha=1.0, seed=(0, 9)).share)
shares_of = {f"MixUp,  α = {alpha:g}": lam for alpha, lam in draws.items()} | {"CutMix, α = 1": cut_shares}

print("                 nearly one image alone   share of the weaker image, mean")
for name, kept in shares_of.items():
    weaker = np.minimum(kept, 1 - kept)
    print(f"{name:15}   {np.mean(weaker < 0.05):21.0%}   {weaker.mean():31.2f}")

# %% [markdown]
# - **α → 0**: λ is nearly always close to 0 or to 1. Then one of the two images stands there alone, with
#   its own label: training as without MixUp. (λ = 0 is no stronger a mix than λ = 1: the image has only
#   been replaced by its partner, which is in the training data too.)
# - **α = 1**: every λ is equally likely, the *uniform* distribution. CutMix of lesson 08 draws from it.
# - **α large**: λ is close to one half, and hardly a training image shows a single dog any more.
#
# So α is the strength of MixUp. The paper uses 0.1 to 0.4 on ImageNet. `mixing.mixup` has **0.2** unless
# you say otherwise, and so have all trainings below: more than half of its images show nearly one dog
# alone. With CutMix hardly any do. So here MixUp is much the weaker mix of the two; keep that in mind
# whenever they are compared.

# %% [markdown]
# ## A floor under the training loss
#
# The loss is cross-entropy: the sum of −label · log(prediction) over the classes. Lesson 08 compared four
# predictions for the label 0.6 and 0.4. The loss was lowest at 0.6 and 0.4, and even there it was not 0.
# Here are all predictions for two classes, and three labels.

# %%
p = np.linspace(0.001, 0.999, 999)
figure, axis = figures.subplots(size=(6.6, 3.6))
for share, colour in [(1.0, "#1b1b1b"), (0.8, "#0072b2"), (0.6, "#cc79a7")]:
    loss = -share * np.log(p) - (1 - share) * np.log(1 - p)
    best = loss.argmin()
    axis.plot(p, loss, color=colour, label=f"label {share:.1f} and {1 - share:.1f}")
    axis.plot(p[best], loss[best], "o", color=colour, markersize=9, clip_on=False)
    print(f"label {share:.1f} and {1 - share:.1f}: lowest loss {loss[best]:.2f}, at p = {p[best]:.2f}")
axis.set(xlabel="p, predicted probability of the first class", ylabel="loss", ylim=(0, 3))
axis.set_title("With a soft label the loss cannot reach 0")
axis.legend(loc="upper center")
figures.show(
    figure,
    alt="Three curves of the loss over the predicted probability. For the label 1.0 the curve falls to 0 at "
    "the right end; for 0.8 and 0.6 it has its lowest point, marked, at p 0.8 and 0.6, clearly above 0, and "
    "rises again to the right.",
)

# %% [markdown]
# Two lessons from one picture:
#
# 1. The best prediction for a soft label is **the label itself**, not more. A model that says 0.99 where
#    the label says 0.6 is punished. This will matter for confidence.
# 2. Even the best prediction has a loss above 0. The lowest loss is the cross-entropy of the label with
#    itself, the sum of −label · log(label), known as the **entropy** of the label. No model, however
#    good, gets below it.
#
# That is the **floor**.

# %% [markdown]
# ## Exercise 2: the lowest possible loss
#
# Write `lowest_loss`. It gets soft labels, a float array `[B, K]`, and returns for each row the lowest
# loss that any prediction can reach, an array `[B]`. A class with share 0 adds nothing: `0 * log 0`
# counts as 0, but NumPy says NaN ("not a number").
#
# <details><summary>Hint</summary>
#
# Put something harmless in place of the zeros before taking the logarithm (`np.where`); what it is does
# not matter, since it is multiplied by 0. `log` is the natural logarithm, as in Keras' losses.
#
# </details>


# %%
def lowest_loss(labels):
    """Return the lowest cross-entropy that is possible for each row of labels [B, K]; float array [B]."""
    # solution begins: Exercise 2: the lowest possible loss
    harmless = np.where(labels > 0, labels, 1)
    return -np.sum(labels * np.log(harmless), axis=1)
    # solution ends


# %%
checks.lesson_09.lowest_loss(lowest_loss)

# %% [markdown]
# Keras gives the same numbers if the labels are handed over twice, as truth and as prediction. That gives
# the mean floor of a training: mix the labels of all training images, twenty times over. Only the labels
# matter here, so small empty images will do.

# %%
train = data.load(course.dataset, "train", image_size=course.image_size, shots=course.shots)
train_labels = tf.one_hot([label for _, label in train], len(class_names))
EMPTY = tf.zeros([len(train_labels), 32, 32, 1])


def mean_floor(mix, **options):
    """The mean lowest loss of training labels that went through `mix`."""
    mixed = [mix(EMPTY, train_labels, seed=(number, 9), **options)[1] for number in range(20)]
    return float(np.mean([keras.losses.categorical_crossentropy(labels, labels) for labels in mixed]))


# %%
for alpha in ALPHAS:
    print(f"MixUp,  α = {alpha:4}: floor {mean_floor(mixing.mixup, alpha=alpha):.2f}")

FLOORS = {"none": 0.0, "cutmix": mean_floor(mixing.cutmix), "mixup": mean_floor(mixing.mixup)}
print(f"CutMix, α =  1.0: floor {FLOORS['cutmix']:.2f}")

# %% [markdown]
# The stronger the mix, the higher the floor.
#
# <details><summary>The floor for α = 1, on paper</summary>
#
# If all λ are equally likely, the mean entropy of λ and 1 − λ is exactly 1/2. One partner in twelve is of
# the same breed and leaves the label as it is, so the floor is 1/2 · 11/12, which is 0.46.
#
# </details>

# %% [markdown]
# ## Train with it
#
# The course's pipeline takes a mix by one word, `mix=`, and the loss stays cross-entropy. The **learning
# rate**, the length of a training step, rises at first and then falls (`CosineDecay`), as in the reference
# runs that we look at later.

# %%
EPOCHS = 8

mixed_batches = pipeline.training_batches(
    train, batch_size=course.batch_size, num_classes=len(class_names), mix=mixing.mixup, seed=0
)


def unmixed_batches(dataset):
    """Batches of images as they are, with one-hot labels."""
    return pipeline.evaluation_batches(dataset, batch_size=256, num_classes=len(class_names))


some_training = unmixed_batches(train.shard(3, 0))  # every third training image
validation = unmixed_batches(data.load(course.dataset, "validation", image_size=course.image_size))

# %% tags=["nbval-ignore-output"]
with training.seeded_weights(0):  # the same starting weights each time
    model = models.build(
        course.model, num_classes=len(class_names), image_size=course.image_size, weights=course.weights
    )
schedule = training.warm_up_cosine(course.learning_rate, steps=EPOCHS * len(mixed_batches))
model.compile(keras.optimizers.Adam(schedule), "categorical_crossentropy", metrics=["accuracy"])
history = model.fit(mixed_batches, epochs=EPOCHS, verbose=0).history

for epoch in range(EPOCHS):
    print(f"epoch {epoch + 1}: loss on mixed training images {history['loss'][epoch]:.2f}")

# %% tags=["nbval-ignore-output"]
loss, accuracy = model.evaluate(some_training, verbose=0)
validation_loss, validation_accuracy = model.evaluate(validation, verbose=0)
print(f"training, mixed:     loss {history['loss'][-1]:.2f} (floor {FLOORS['mixup']:.2f})")
print(f"training, unmixed:   loss {loss:.2f}, accuracy {accuracy:.0%}")
print(f"validation, unmixed: loss {validation_loss:.2f}, accuracy {validation_accuracy:.0%}")

# %% [markdown]
# Your numbers will differ a little. Same model, same training images: on the mixed ones the loss is
# clearly higher than on the unmixed ones. (Keras' mixed loss is a mean over the whole epoch, while the
# model still improves; that explains a small part.) For these training images the model has nearly
# answered "which dog?" and is still busy with "how much of which two?". And a part of the loss is the
# floor, which never goes away.
#
# The third line is about new dogs: there it is right far less often. It has learned its training images by
# heart, mixed or not.
#
# Eight epochs and one seed are a demonstration. For a judgement we need full trainings, and several.

# %% [markdown]
# ## A higher training loss is no worse model
#
# The *reference runs* of lesson 08 are full trainings, paired, with five seeds for each variant. We begin
# with three variants, without any other augmentation: `none`, `cutmix` and `mixup`.

# %%
reference = runs.read_folder("../solutions/results/project")
# %%
alone = [run for run in reference if run.augmentation in ("none", "mixup", "cutmix")]


def mean_history(variant, measure):
    """One measure for each epoch, mean over the seeds."""
    histories = [run.history for run in evaluation.by_seed(reference, variant).values()]
    return np.mean([[epoch[measure] for epoch in history] for history in histories], axis=0)


# %%
figure, axes = figures.subplots(1, 2, size=(8.6, 3.9), sharey=True)
titles = {"loss": "Loss as trained, and its floor", "train_loss": "Loss on unmixed training images"}
for axis, (measure, title) in zip(axes, titles.items(), strict=True):
    for variant in evaluation.variants(alone):
        curve = mean_history(variant, measure)
        epochs = np.arange(1, len(curve) + 1)
        look = {"color": figures.color(variant), "marker": figures.marker(variant), "markevery": 6}
        axis.plot(epochs, curve, label=variant if measure == "loss" else None, **look)
        if measure == "loss":
            axis.axhline(FLOORS[variant], color=figures.color(variant), linestyle=":", linewidth=1.8)
    axis.set(title=title, xlabel="epoch", ylim=(-0.05, 2.6))
figure.legend(loc="outside lower center", ncols=3)
figures.show(
    figure,
    alt="Two panels of the loss over the epochs, for training without a mix, with MixUp and with CutMix. As "
    "trained, the three curves end far apart: with a mix each well above its own dotted floor, without one "
    "at 0, its floor. On unmixed training images all three end close to 0.",
)

# %%
print("             floor   as trained   above the floor   unmixed   unmixed, accuracy")
for variant in evaluation.variants(alone):
    loss, unmixed, accuracy = (
        mean_history(variant, measure)[-1] for measure in ["loss", "train_loss", "train_accuracy"]
    )
    floor = FLOORS[variant]
    numbers = f"{floor:5.2f}   {loss:10.2f}   {loss - floor:15.2f}   {unmixed:7.2f}"
    print(f"{variant:10}   {numbers}   {accuracy:16.1%}")

# %% [markdown]
# All three models have learned their training images by heart: look at the two columns on the right. Only
# the loss *as trained* says otherwise, and it says so because it answers another question. A part of the
# difference is the floor. The rest, the column "above the floor", is what the model still gets wrong
# about mixed images: which two dogs, and how much of each.
#
# So, do not compare training losses between different mixes. Compare losses on training images as they are
# (*unmixed*: neither mixed nor augmented). And do not choose α by the training loss: it would always choose
# the smallest.

# %% [markdown]
# ## Confidence
#
# The **confidence** of a prediction (not to be mixed up with an interval's) is its largest probability. A
# model is well **calibrated** if it is right as often as it is sure: of all test images with a confidence
# near 80 %, about 80 % should be right. The diagram shows it, with a point for each tenth of the confidence
# that has enough images. Those at the left rest on few: do not read much into their ups and downs. Below
# the diagonal a model is too sure of itself, above it is too modest.

# %%
figures.show(*charts.calibration(alone))

# %% [markdown]
# The same as numbers, for all variants of the reference runs; a name with a + augments first and mixes
# afterwards. "Too sure by" is mean confidence minus
# accuracy, in percentage points; its interval is over the five seeds. One that lies wholly above 0 says too
# sure, one below 0 too modest. (It is a mean. It can be 0 while single points are off, some above the
# diagonal and some below: for that there is the diagram.)

# %%
print("variant                  confidence   accuracy   too sure by   95 % interval")
for variant in evaluation.variants(reference):
    own = evaluation.by_seed(reference, variant).values()
    confidence = np.array([run.probabilities.max(axis=1).mean() for run in own])
    accuracy = np.array([run.test_accuracy for run in own])
    gap, low, high = evaluation.mean_interval(100 * (confidence - accuracy))
    shown = f"{confidence.mean():10.1%}   {accuracy.mean():8.1%}   {gap:+11.1f}   {low:+.1f} to {high:+.1f}"
    print(f"{variant:22}   {shown}")

# %% [markdown]
# Of the three in the diagram, `none` is too sure of itself, `mixup` is the closest to the diagonal, and
# `cutmix` is too modest. That is the strength at work as well as the method: we have no runs of MixUp with
# α = 1, so we cannot tell the two apart.
#
# Where does it come from? With one-hot labels a model that is right on all training images can still
# lower its loss, by being surer: 0.99, 0.999, 0.9999. Nothing stops it. A soft label does: in the picture
# of the three curves, being surer than the label is punished. So mixing pushes confidence **down**. Where
# models are too sure, that is a gain; on photographs models often are too sure (Thulasidasan et al. 2019,
# [arXiv 1905.11001](https://arxiv.org/abs/1905.11001)). Where they are not, it is too much: compare
# *basic* with the rows that mix on top of it.
#
# And why is *basic* close to calibrated without any soft label? Probably because its images are new in
# every epoch: the model cannot learn them by heart and then only grow surer. We have not tested that.
#
# Look at the diagram of your own model before you believe its 80 %.

# %% [markdown]
# ## CutMix and MixUp, alternately
#
# One need not choose. Many training recipes use both and toss a coin: this image is cut, that one is
# blended. Both on the same image would put up to four dogs into one picture; that is not meant.
#
# ## Exercise 3: toss a coin for every image
#
# Write `cut_or_blend`. It gets uint8 images `[B, H, W, C]`, labels `[B, K]` and a seed of two integers.
# For **every image** a coin of its own decides whether it comes out of `mixing.cutmix` or of
# `mixing.mixup`, with a chance of one half each. Let both functions mix the whole batch, and then choose
# row by row.
#
# It has to work in a `tf.data` pipeline, with batches of any size. So draw with TensorFlow's `stateless_`
# functions, and get the seeds for coins and mixes from `tf.random.split(seed)`, which makes two seeds of
# one.
#
# <details><summary>Hint</summary>
#
# `tf.random.stateless_uniform([count], seed=…) < 0.5` tosses `count` coins. `tf.where(coins, a, b)`
# chooses, if you give the coins as many axes as `a` and `b` have; both must have one dtype, and blended
# images are float32. The labels need the same coins as the images.
#
# </details>


# %%
def cut_or_blend(images, labels, *, seed):
    """Mix each image by CutMix or by MixUp, a coin decides; returns (float32 images, labels)."""
    # solution begins: Exercise 3: toss a coin for every image
    coin_seed, mix_seed = tf.unstack(tf.random.split(seed))
    cut_images, cut_labels = mixing.cutmix(images, labels, seed=mix_seed)
    blended_images, blended_labels = mixing.mixup(images, labels, seed=mix_seed)
    is_cut = tf.random.stateless_uniform([tf.shape(images)[0]], coin_seed) < 0.5
    image_is_cut = tf.reshape(is_cut, [-1, 1, 1, 1])
    mixed_images = tf.where(image_is_cut, tf.cast(cut_images, tf.float32), blended_images)
    return mixed_images, tf.where(is_cut[:, tf.newaxis], cut_labels, blended_labels)
    # solution ends


# %%
checks.lesson_09.cut_or_blend(cut_or_blend)

# %% [markdown]
# `mixing.cutmix_or_mixup` does it for the course, and `check_augmentation` of lesson 08 tells whether its
# labels are right:

# %%
report = checks.check_augmentation(
    mixing.cutmix_or_mixup, kind="mix", alpha={"cutmix": 1.0, "mixup": 0.2}, draws=16
)
print("all checks passed:", report.ok)

mixed, mixed_labels = mixing.cutmix_or_mixup(dogs[-6:], dog_labels[-6:], mixup_alpha=1.0, seed=(0, 306))
show_row(
    mixed,
    [charts.label_text(label, class_names) for label in mixed_labels],
    "Six mixed dogs with their labels: some have a sharp box of another dog in them, the others are blends "
    "of two dogs.",
)

# %% [markdown]
# ## Does it help?
#
# Accuracy of all variants of the reference runs. `points` is the difference to `none` of the same seeds, in
# percentage points, with its 95 % interval. The star marks the variant that one would choose by the
# validation images (never by the test images: lesson 01).

# %%
evaluation.as_table(evaluation.compare(reference))

# %% [markdown]
# *basic* alone gains far more than a mix alone. And **MixUp alone**? Read its interval. If 0 lies in it,
# these runs show a changed confidence and no change of accuracy: there may be one, too small for so few
# seeds. Read the row of `cutmix` in the same way, and remember that it is the stronger mix here.
#
# Does mixing add something to *basic*? Now *basic* is the baseline. Each mark is one seed; the thick line
# is the 95 % interval over the seeds, the thin grey one an interval for other test images.

# %%
with_basic = [run for run in reference if run.augmentation.startswith("basic")]
figures.show(*charts.difference(with_basic, baseline="basic"))

# %%
table = evaluation.compare(with_basic, baseline="basic")
for verdict, chosen in [("gains", table["low_points"] > 0), ("costs", table["high_points"] < 0)]:
    names = ", ".join(table["variant"][chosen])
    print(f"on top of basic, {verdict} accuracy (thick line wholly on one side of 0): {names or 'none'}")

# %% [markdown]
# Of a variant that stands in neither line these runs cannot tell. What a mix costs less with, fewer mixed
# images or none in the last epochs, stands in lesson 08.
#
# Elsewhere a mix moves the accuracy by a point or so, up or down. Here are ResNet-18 networks that others
# *fine-tuned*, that is, trained further from ready-made weights; accuracy in percent. (Lesson 08 quotes
# the same source for a ResNet-18 trained on ImageNet from random weights.)
#
# | data | without | MixUp, α = 0.2 | CutMix, α = 1 |
# |---|---|---|---|
# | birds (CUB-200) | 77.68 | 78.39 | **78.40** |
# | aircraft (FGVC-Aircraft) | **80.23** | 79.52 | 78.84 |
#
# From [OpenMixup](https://github.com/Westlake-AI/openmixup), where α was searched for each method; ours was
# not. Mixing is worth a try with your own data and several seeds, and no more can be promised.

# %% [markdown]
# ## A look further: Puzzle Mix
#
# You can skip this part; nothing later needs it.
#
# The weakness of CutMix is known from lesson 08: area is not meaning. MixUp shows everything, but as a
# ghost. **Puzzle Mix** (Kim et al. 2020, [arXiv 2009.06962](https://arxiv.org/abs/2009.06962)) asks of
# every block of the picture: which of the two images has something to say here?
#
# What counts as important is the **saliency** of a pixel: how strongly the model's loss reacts to a
# change of it, a gradient with respect to the image. With that, Puzzle Mix looks for the best puzzle. It
# wants
#
# - as much saliency as possible in the blocks that are shown;
# - neighbouring blocks from the same image, rather than confetti, above all where the two images would
#   not fit together;
# - a share near the λ that was drawn from Beta(α, α);
# - and it may *move* blocks, at a price for the distance, so that two faces in the same place need not
#   cover each other.
#
# The label follows the blocks, as in CutMix. All wishes together are one optimisation problem for each
# pair of images, and the saliency costs an extra pass through the network, so it is much slower than a
# box.
#
# Here is a **sketch of the first wish alone**, and not Puzzle Mix: no model, no smoothness, no λ, nothing
# is moved. For saliency we take what needs no network: how quickly the grey value changes from pixel to
# pixel. Each of 8 × 8 blocks comes from the image that has more of it there.


# %%
def edge_saliency(image):
    """How quickly the grey value changes at each pixel [H, W]; the whole image has 1 in sum."""
    down, right = np.gradient(image.mean(axis=-1))
    steepness = np.hypot(down, right)
    return steepness / steepness.sum()


def block_sums(values):
    """The sums over 8 × 8 blocks of 8 × 8 pixels: [64, 64] becomes [8, 8]."""
    return values.reshape(8, 8, 8, 8).sum(axis=(1, 3))


# %%
edges, other_edges = edge_saliency(first), edge_saliency(second)
from_first = block_sums(edges) > block_sums(other_edges)
mask = np.kron(from_first, np.ones([8, 8]))[..., np.newaxis]  # each block becomes 8 × 8 pixels
puzzle = np.where(mask == 1, first, second)

share = from_first.mean()
puzzle_label = share * dog_labels[3] + (1 - share) * dog_labels[4]

figure, axes = figures.subplots(2, 3, size=(6.6, 5.2))
draw(axes[0, 0], first, "first image")
draw(axes[1, 0], second, "second image")
brightest = max(block_sums(edges).max(), block_sums(other_edges).max())  # one scale for both maps
for axis, saliency, colours in [(axes[0, 1], edges, "Blues"), (axes[1, 1], other_edges, "Oranges")]:
    axis.imshow(block_sums(saliency), cmap=colours, vmin=0, vmax=brightest)
    axis.set_title("its saliency in each block", fontsize=9, loc="center", fontweight="normal")
axes[0, 2].imshow(from_first, cmap=matplotlib.colors.ListedColormap(["#f5b06b", "#7fb3d8"]))
axes[0, 2].set_title(
    "taken from –\nblue: first, orange: second", fontsize=9, loc="center", fontweight="normal"
)
draw(axes[1, 2], puzzle, charts.label_text(puzzle_label, class_names))
for axis in axes.flat:
    axis.set_axis_off()
figures.show(
    figure,
    alt="Two dogs; beside each a grid of 8 by 8 blocks that is dark where the picture has strong edges; a "
    "third grid in two colours tells from which image each block comes; and the puzzle made of these "
    "blocks.",
    kind="jpeg",
)


# %% [markdown]
# Look at the label of the puzzle, and then for the face of the dog that has the larger share: most of it is
# covered, and many of its blocks are snow and sky. **Area is still not meaning**, and an edge is not
# always part of a dog: snowflakes and fir trees have edges, too. Besides, the dogs are torn to pieces.
# That is why Puzzle Mix asks the network what matters, and wants neighbours to stay together.

# %% [markdown]
# ## What you learned
#
# - MixUp blends whole images, in `float32`, and labels with the same λ.
# - λ comes from Beta(α, α). α → 0 is no MixUp, α = 1 draws every share equally often, a large α nearly
#   always about half and half.
# - A soft label has a lowest loss, its entropy. The training losses of models with different mixes cannot
#   be compared; their losses on unmixed images can.
# - With one-hot labels a model becomes ever surer; soft labels hold it back. A calibration diagram shows
#   it.
# - CutMix and MixUp can take turns, with a coin for every image.
# - Whether mixing helps depends on the data, the network and what else is done: ask several seeds.
# - Puzzle Mix chooses the blocks that matter.
#
# ## Questions
#
# 1. A colleague trains with MixUp, α = 0.4, on our twelve breeds. The training loss stays at 0.35, without
#    MixUp it was 0.02. "MixUp hinders learning", they say. What do you ask for?
#
#    <details><summary>Answer</summary>
#
#    The floor, and the loss on unmixed training images or, better, on validation images: only these
#    compare. For α = 0.4 and our breeds the floor is 0.32 (see above): 0.35 is hardly more.
#
#    </details>
#
# 2. The mean confidence of a model is 80 %, and it is right for 80 % of the test images. Is it well
#    calibrated?
#
#    <details><summary>Answer</summary>
#
#    Not for certain: these are means. It could be right for 70 % of the images where it says 90 %, and for
#    90 % of those where it says 70 %. The calibration diagram tells.
#
#    </details>
#
# 3. Someone blends the images with λ and draws a new λ for the labels. What does a model learn from this?
#
#    <details><summary>Answer</summary>
#
#    The labels no longer follow the pixels. On average they say half and half, so where both dogs can be
#    seen, the best prediction is about 0.5 and 0.5: *which* dogs, but not how much. Where one dog stands
#    nearly alone, the label still takes half away from it, for a dog that is not to be seen; the model can
#    only spread that half over all breeds. So its confidence would fall to about one half.
#
#    </details>
#
# **Next.** On the core path: [lesson 14, the comparison project](14_comparison_project.ipynb). Otherwise
# [lesson 10, test-time augmentation](10_test_time_augmentation.ipynb).
