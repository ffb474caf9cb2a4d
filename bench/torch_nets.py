"""torch_nets.py -- the networks and images of the benchmarks, in PyTorch.

The same three as src/model/bench_net.h, and the same images: Fashion-MNIST
from Debian's package for net1 and net2, random pixels for net3.
"""
import gzip

import numpy as np
import torch
from torch import nn

FASHION = "/usr/share/datasets/fashion-mnist"
RANDOM_IMAGES = 6400
BATCH = {"net1": 64, "net2": 16, "net3": 128}


def conv(inputs, outputs, kernel, norm=False):
    layers = [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)]
    if norm:
        layers.append(nn.BatchNorm2d(outputs))
    return layers + [nn.ReLU(), nn.MaxPool2d(2)]


def dense(inputs, hidden):
    return [nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(),
            nn.Linear(hidden, 10)]


def net(name):
    if name == "net1":
        layers = conv(1, 32, 3) + conv(32, 64, 3, norm=True)
        layers += dense(3136, 128)
    elif name == "net2":
        layers = conv(1, 16, 3) + conv(16, 16, 3) + dense(784, 32)
    else:
        layers = conv(3, 64, 5) + conv(64, 64, 3) + conv(64, 64, 3)
        layers += dense(1024, 128)
    return nn.Sequential(*layers)


def read_idx(path, header):
    with gzip.open(path) as f:
        return np.frombuffer(f.read(), np.uint8, offset=header).copy()


def fashion(part):
    """The images (n,1,28,28) uint8 and labels of "train" or "t10k"."""
    pixels = read_idx(f"{FASHION}/{part}-images-idx3-ubyte.gz", 16)
    labels = read_idx(f"{FASHION}/{part}-labels-idx1-ubyte.gz", 8)
    return (torch.from_numpy(pixels.reshape(-1, 1, 28, 28)),
            torch.from_numpy(labels).long())


def random_images(seed):
    g = torch.Generator().manual_seed(seed)
    shape = (RANDOM_IMAGES, 3, 32, 32)
    return (torch.randint(0, 256, shape, dtype=torch.uint8, generator=g),
            torch.arange(RANDOM_IMAGES) % 10)


def training_images(name, seed):
    return random_images(seed) if name == "net3" else fashion("train")


class Normalize:
    """uint8 pixels to floats of mean 0 and deviation 1 per channel."""

    def __init__(self, images):
        share = images.float().div_(255)
        self.mean = share.mean((0, 2, 3)).view(-1, 1, 1)
        self.std = share.std((0, 2, 3)).view(-1, 1, 1)

    def __call__(self, images):
        return images.float().div_(255).sub_(self.mean).div_(self.std)


class Images(torch.utils.data.Dataset):
    """A data set as users write one: each image made ready when asked for."""

    def __init__(self, images, labels, normalize):
        self.images, self.labels, self.normalize = images, labels, normalize

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.normalize(self.images[i]), int(self.labels[i])
