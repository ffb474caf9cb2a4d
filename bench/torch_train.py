"""torch_train.py -- trains a network in PyTorch on one thread, as `nevod bench
train` does in nevod, and prints the same figures as one JSON document.

Runs under Debian's /usr/bin/python3, which sees python3-torch.
"""
import argparse
import json
import math
import os
import re
import resource
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader

import torch_nets

WARMUP_STEPS = 3


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("--net", choices=sorted(torch_nets.BATCH), required=True)
    p.add_argument("--layout", choices=["plain", "channels_last"],
                   default="channels_last")
    p.add_argument("--input", choices=["tensors", "loader"],
                   default="tensors")
    p.add_argument("--seed", type=int, default=1)
    amount = p.add_mutually_exclusive_group(required=True)
    amount.add_argument("--steps", type=int)
    amount.add_argument("--epochs", type=int)
    return p.parse_args()


def tensor_batches(images, labels, batch, last_short):
    """Batches of an epoch out of tensors that are ready in memory."""
    order = torch.randperm(len(images))
    end = len(images) if last_short else len(images) - batch + 1
    for i in range(0, end, batch):
        chosen = order[i:i + batch]
        yield images[chosen], labels[chosen]


def make_epoch(o, images, labels, normalize, layout):
    """A function that gives an epoch's batches.  Steps are all of one size;
    epochs end with the rest, as nevod's do."""
    batch, last_short = torch_nets.BATCH[o.net], o.epochs is not None
    if o.input == "loader":
        loader = DataLoader(torch_nets.Images(images, labels, normalize),
                            batch_size=batch, shuffle=True,
                            drop_last=not last_short)
        return lambda: loader
    ready = normalize(images).contiguous(memory_format=layout)
    return lambda: tensor_batches(ready, labels, batch, last_short)


def endless(epoch):
    while True:
        yield from epoch()


class Trainer:
    def __init__(self, model, layout):
        self.model, self.layout = model, layout
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss()

    def step(self, images, labels):
        images = images.contiguous(memory_format=self.layout)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.criterion(self.model(images), labels)
        loss.backward()
        self.optimizer.step()
        if not math.isfinite(loss.item()):
            sys.exit("torch_train.py: training diverged")
        return len(images)

    def train(self, batches):
        """Trains on all the batches; the figures of doing so."""
        images, steps = 0, 0
        wall, cpu = time.perf_counter(), time.process_time()
        for x, y in batches:
            images += self.step(x, y)
            steps += 1
        wall = time.perf_counter() - wall
        cpu = time.process_time() - cpu
        return {"steps": steps, "images": images, "wall_s": wall,
                "cpu_s": cpu, "images_per_s": images / wall}


def take(batches, n):
    for _, batch in zip(range(n), batches):
        yield batch


def accuracy(model, normalize, batch):
    images, labels = torch_nets.fashion("t10k")
    correct = 0
    model.eval()
    with torch.no_grad():
        for i in range(0, len(images), batch):
            guess = model(normalize(images[i:i + batch])).argmax(1)
            correct += (guess == labels[i:i + batch]).sum().item()
    return correct / len(images)


def about():
    """Which PyTorch this is, and on what it really computes."""
    with open("/proc/self/maps", encoding="utf-8") as f:
        files = {line.split()[-1] for line in f if "/" in line}
    blas = sorted(os.path.basename(p) for p in files
                  if re.search(r"/lib(open)?blas\w*[-.]", p))
    config = torch.__config__.show()
    capability = re.search(r"CPU capability usage: (\S+)", config)
    return {"torch": torch.__version__, "blas": blas,
            "mkldnn": torch.backends.mkldnn.is_available(),
            "capability": capability[1] if capability else None}


def main():
    o = read_options()
    torch.set_num_threads(1)
    torch.manual_seed(o.seed)
    layout = (torch.channels_last if o.layout == "channels_last"
              else torch.contiguous_format)
    images, labels = torch_nets.training_images(o.net, o.seed)
    normalize = torch_nets.Normalize(images)
    model = torch_nets.net(o.net).to(memory_format=layout)
    trainer = Trainer(model, layout)
    epoch = make_epoch(o, images, labels, normalize, layout)
    if o.steps:
        batches = endless(epoch)
        trainer.train(take(batches, WARMUP_STEPS))
        figures = trainer.train(take(batches, o.steps))
    else:
        figures = trainer.train(b for _ in range(o.epochs) for b in epoch())
        if o.net != "net3":
            figures["test_accuracy"] = accuracy(
                model, normalize, torch_nets.BATCH[o.net])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"net": o.net, "batch": torch_nets.BATCH[o.net],
                      **figures, "peak_rss_bytes": peak, **about()}))


if __name__ == "__main__":
    main()
