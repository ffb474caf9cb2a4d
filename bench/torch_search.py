"""torch_search.py -- what people use to find a network: Optuna and PyTorch.

One of the processes that share a study: TPE (multivariate) with a Hyperband
pruner over the space that nevod's first genomes are drawn from, trained by
nevod's recipe (one-cycle, labels smoothed by 0.05), on the same images, judged
on the same.  It goes on until it has used its CPU seconds, prints a JSON line
for each accuracy that it sees, and keeps its best network.  With --test it
only judges the network that was kept, on the test images.

Runs under Debian's /usr/bin/python3, which sees python3-torch and
python3-optuna.
"""
import argparse
import glob
import gzip
import json
import os
import sys
import time
import warnings

import numpy as np
import torch
from torch import nn

import nevod_split
import torch_nets

KINDS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh,
         "leakyrelu": nn.LeakyReLU, "selu": nn.SELU}
OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
              "sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop}
SMOOTHING = 0.05
# Reported after 1, 3, 9 and 27 parts of a training: Hyperband's rungs.
PARTS, ETA = 27, 3
POOL_SIDE_MIN = 4
# Nobody waits for more: multiply-adds of an image, as nevod's first genomes
# have them, and parameters.
MACS_MAX, PARAMETERS_MAX = 24e6, 2e6


class Spent(Exception):
    """The CPU seconds are used up."""


# -- images --

def read_idx(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        data = f.read()
    sizes = np.frombuffer(data, ">u4", data[3], 4).astype(int)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]) \
        .reshape(sizes).copy()


def read_part(folder, part):
    """Images (n,C,H,W) uint8 and labels, of "train" or "t10k"."""
    images, = glob.glob(f"{folder}/{part}-images[-.]idx[34]-ubyte*")
    labels, = glob.glob(f"{folder}/{part}-labels[-.]idx1-ubyte*")
    pixels = read_idx(images)
    if pixels.ndim == 3:
        pixels = pixels[:, None]
    return (torch.from_numpy(pixels),
            torch.from_numpy(read_idx(labels)).long())


class Data:
    """nevod's split of a data set, normalized, ready in memory."""

    def __init__(self, o):
        self.folder = o.dataset
        images, labels = read_part(o.dataset, "train")
        order = torch.tensor(nevod_split.shuffled(o.hash, len(images)))
        n = int(0.1 * len(images) + 0.5)
        self.normalize = torch_nets.Normalize(images[order[n:]])
        self.shape = tuple(images.shape[1:])
        self.classes = int(labels.max()) + 1
        self.judge = self.ready(images[order[:n]]), labels[order[:n]]
        self.train = self.ready(images[order[n:]]), labels[order[n:]]

    def ready(self, images):
        return self.normalize(images).contiguous(
            memory_format=torch.channels_last)

    def test(self):
        images, labels = read_part(self.folder, "t10k")
        return self.ready(images), labels


# -- networks --

def draw(trial):
    """What a network is made from, by the trial's choices."""
    def power(name, lo, hi):
        return 2 ** trial.suggest_int(name + "_log2", lo, hi)

    choice = trial.suggest_categorical
    convs = [{
        "filters": power(f"filters{i}", 4, 7),
        "kernel": trial.suggest_int(f"kernel{i}", 3, 7, step=2),
        "pool": choice(f"pool{i}", ["none", "max", "average"]),
        "norm": choice(f"norm{i}", [False, True]),
    } for i in range(trial.suggest_int("convolutions", 1, 5))]
    dense = [power(f"units{i}", 4, 8)
             for i in range(trial.suggest_int("dense", 0, 2))]
    return {
        "convs": convs, "dense": dense,
        "dropout": trial.suggest_float("dropout", 0, 0.5) if dense else 0,
        "activation": choice("activation", list(KINDS)),
        "optimizer": choice("optimizer", list(OPTIMIZERS)),
        "rate": trial.suggest_float("rate", 1e-4, 1e-1, log=True),
        "batch": power("batch", 5, 8),
    }


def conv_layers(conv, inputs, side, activation):
    layers = [nn.Conv2d(inputs, conv["filters"], conv["kernel"],
                        padding=conv["kernel"] // 2)]
    if conv["norm"]:
        layers.append(nn.BatchNorm2d(conv["filters"]))
    # All of the activations are monotonic: a max pool may go first.
    pool = conv["pool"] if side >= POOL_SIDE_MIN else "none"
    if pool == "max":
        layers.append(nn.MaxPool2d(2))
    layers.append(activation())
    if pool == "average":
        layers.append(nn.AvgPool2d(2))
    return layers, side // 2 if pool != "none" else side


def build(chosen, shape, classes):
    """The network, and its multiply-adds for an image."""
    activation, layers, macs = KINDS[chosen["activation"]], [], 0
    width, side, _ = shape
    for conv in chosen["convs"]:
        macs += side ** 2 * conv["kernel"] ** 2 * width * conv["filters"]
        more, side = conv_layers(conv, width, side, activation)
        layers += more
        width = conv["filters"]
    layers.append(nn.Flatten())
    width *= side ** 2
    for units in chosen["dense"]:
        macs += width * units
        layers += [nn.Linear(width, units), activation(),
                   nn.Dropout(chosen["dropout"])]
        width = units
    layers.append(nn.Linear(width, classes))
    return nn.Sequential(*layers), macs + width * classes


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        correct = sum((net(x).argmax(1) == y).sum().item() for x, y in
                      zip(images.split(256), labels.split(256)))
    net.train()
    return correct / len(labels)


# -- a training --

def batches(data, size, epochs):
    images, labels = data.train
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(size):
            yield images[chosen], labels[chosen]


class Training:
    def __init__(self, chosen, data, epochs):
        net, self.macs = build(chosen, data.shape, data.classes)
        self.net = net.to(memory_format=torch.channels_last)
        self.parameters = sum(p.numel() for p in net.parameters())
        self.data, self.size, self.epochs = data, chosen["batch"], epochs
        self.steps = epochs * -(-len(data.train[1]) // self.size)
        self.optimizer = OPTIMIZERS[chosen["optimizer"]](
            net.parameters(), lr=chosen["rate"])
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=chosen["rate"], total_steps=self.steps,
            cycle_momentum=False)
        self.loss = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)

    def step(self, images, labels):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(self.net(images), labels).backward()
        self.optimizer.step()
        self.schedule.step()

    def run(self, stop):
        """Trains, and gives (part, validation accuracy) at each rung."""
        rungs = {self.steps * ETA ** i // PARTS: ETA ** i for i in range(4)}
        for n, batch in enumerate(batches(self.data, self.size, self.epochs)):
            stop()
            self.step(*batch)
            if n + 1 in rungs:
                yield rungs[n + 1], accuracy(self.net, *self.data.judge)


# -- the search --

class Worker:
    def __init__(self, o):
        self.o, self.best, self.data = o, -1, Data(o)

    def stop_when_spent(self):
        if time.process_time() >= self.o.cpu_s:
            raise Spent

    def say(self, trial, part, value):
        print(json.dumps({"cpu_s": time.process_time(), "trial": trial.number,
                          "part": part, "accuracy": value}), flush=True)

    def keep(self, chosen, net, value):
        if value > self.best:
            self.best = value
            torch.save({"chosen": chosen, "accuracy": value,
                        "hash": self.o.hash, "net": net.state_dict()},
                       self.o.keep)

    def objective(self, trial):
        chosen, value = draw(trial), 0
        training = Training(chosen, self.data, self.o.epochs)
        if training.macs > MACS_MAX or training.parameters > PARAMETERS_MAX:
            raise optuna.TrialPruned
        for part, value in training.run(self.stop_when_spent):
            self.say(trial, part, value)
            self.keep(chosen, training.net, value)
            trial.report(value, part)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value


def study(o):
    storages = optuna.storages
    return optuna.create_study(
        study_name="search", load_if_exists=True, direction="maximize",
        storage=storages.JournalStorage(
            storages.JournalFileStorage(o.journal)),
        sampler=optuna.samplers.TPESampler(
            multivariate=True, group=True, constant_liar=True,
            seed=o.seed * 100 + o.worker),
        pruner=optuna.pruners.HyperbandPruner(
            min_resource=1, max_resource=PARTS, reduction_factor=ETA))


def search(o):
    torch.manual_seed(o.seed * 100 + o.worker)
    try:
        study(o).optimize(Worker(o).objective)
    except Spent:
        pass
    print(json.dumps({"cpu_s": time.process_time()}), flush=True)


def test(o):
    kept = torch.load(o.test)
    o.hash = kept["hash"]
    data = Data(o)
    net, _ = build(kept["chosen"], data.shape, data.classes)
    net.load_state_dict(kept["net"])
    net = net.to(memory_format=torch.channels_last)
    print(json.dumps({"validation": kept["accuracy"],
                      "test": accuracy(net, *data.test()),
                      "champion": kept["chosen"]}))


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("--dataset", required=True, help="a folder of IDX files")
    p.add_argument("--test", metavar="FILE", help="a network that was kept")
    p.add_argument("--hash", help="of the data set, as nevod says it")
    p.add_argument("--cpu-s", type=float, help="for this process")
    p.add_argument("--epochs", type=int, default=3,
                   help="of a whole training")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--worker", type=int, default=0)
    p.add_argument("--journal", help="what the processes share")
    p.add_argument("--keep", help="where to keep the best network")
    return p.parse_args()


def main():
    o = read_options()
    torch.set_num_threads(1)
    if o.test:
        test(o)
    else:
        search(o)


if __name__ == "__main__":
    try:
        import optuna
    except ImportError:
        sys.exit("torch_search.py: Optuna is missing: `tools/install-deps "
                 "search` installs python3-optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # Of what is used here, all but the pruner is called experimental.
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    main()
