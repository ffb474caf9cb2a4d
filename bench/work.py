#!/usr/bin/python3
"""work.py NEVOD -- how well operations foretell the time that training takes.

Evolution makes some genomes, `nevod train` trains each for an epoch, and sums
are fitted to the CPU seconds an image: multiply-adds alone, with so many
operations for each value that is light or heavy to write, and with so many for
each parameter that a step changes (src/model/work.h).  Prints the weights that
fit best, and how far each sum foretells single networks.
"""
import argparse
import json
import math
import random
import struct
import subprocess
import sys
import tempfile

from neat_cnn import Services

JUDGED = 1 / 3  # of the work of training on an image


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("nevod", help="the executable")
    p.add_argument("--genomes", type=int, default=45)
    p.add_argument("--images", type=int, default=2500)
    p.add_argument("--seed", type=int, default=5)
    return p.parse_args()


def breed(nevod, seed):
    settings = {"population": 30, "generations": 4, "train_limit": 100,
                "final_epochs": 1, "seed": seed}
    with Services(nevod) as services:
        uuid = services.create(settings)
        services.finish(uuid)
        return [g["genome"] for g in services.genomes(uuid)]


def weight(node):
    """The class of the values that a node writes, as in src/model/work.c."""
    if node["op"] in ("conv", "dense"):
        return None
    heavy = node["op"] in ("batchnorm", "layernorm", "dropout") or \
        node.get("activation", "relu") not in ("relu", "leakyrelu")
    return "heavy" if heavy else "light"


def values(weights):
    """Light ones and heavy ones that a model's nodes write for an image."""
    with open(weights, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        notes = json.loads(file.read(size))["__metadata__"]
    nodes = json.loads(notes["architecture"])[1:]
    return [sum(math.prod(n["shape"]) for n in nodes if weight(n) == which)
            for which in ("light", "heavy")]


def train(nevod, genome, images, folder):
    with open(f"{folder}/genome.json", "w") as file:
        json.dump(genome, file)
    run = subprocess.run(
        [nevod, "train", "--genome", f"{folder}/genome.json", "--epochs", "1",
         "--train-limit", str(images), "--seed", "1", "--json",
         "--out", f"{folder}/model.safetensors"],
        capture_output=True, text=True)
    if run.returncode:
        return None  # a genome that cannot be trained
    r = json.loads(run.stdout)
    seconds = r["cpu_s"] / (r["images"] + JUDGED * r["total"])
    changed = r["parameters"] / genome["training"]["batch_size"]
    return (seconds, r["flops"] / r["images"],
            *values(f"{folder}/model.safetensors"), changed)


def solve(a, b):
    """x of a x = b, by elimination; `a` is positive definite."""
    n = len(b)
    for i in range(n):
        for k in range(i + 1, n):
            f = a[k][i] / a[i][i]
            a[k] = [x - f * y for x, y in zip(a[k], a[i])]
            b[k] -= f * b[i]
    x = [0] * n
    for i in reversed(range(n)):
        x[i] = (b[i] - sum(a[i][k] * x[k] for k in range(i + 1, n))) / a[i][i]
    return x


def fit(rows, terms):
    """Weights of the terms, for the least squares of ratios."""
    x = [[t / row[0] for t in terms(row)] for row in rows]
    n = range(len(x[0]))
    return solve([[sum(r[i] * r[k] for r in x) for k in n] for i in n],
                 [sum(r[i] for r in x) for i in n])


def report(name, rows, terms):
    weights = fit(rows, terms)
    told = [sum(w * t for w, t in zip(weights, terms(row))) for row in rows]
    ratios = sorted(t / row[0] for t, row in zip(told, rows))
    tenth, ninth = (ratios[int(q * (len(ratios) - 1))] for q in (0.1, 0.9))
    print(f"{name:16} foretold / taken: tenth {tenth:.2f}, median "
          f"{ratios[len(ratios) // 2]:.2f}, ninetieth {ninth:.2f}; of the sum "
          f"{sum(told) / sum(row[0] for row in rows):.2f}")
    return weights


def main():
    o = read_options()
    genomes = breed(o.nevod, o.seed)
    random.Random(o.seed).shuffle(genomes)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for genome in genomes[:o.genomes]:
            row = train(o.nevod, genome, o.images, folder)
            if row:
                rows.append(row)
                print(f"\r{len(rows)} networks", end="", file=sys.stderr)
    print(file=sys.stderr)
    report("multiply-adds", rows, lambda r: r[1:2])
    report("and values", rows, lambda r: (r[1], r[2] + r[3]))
    report("light and heavy", rows, lambda r: r[1:4])
    flops, *others = report("and parameters", rows, lambda r: r[1:5])
    light, heavy, changed = (w / flops for w in others)
    print(f"a light value is worth {light:.0f} operations, a heavy one "
          f"{heavy:.0f}, a parameter in a step {changed:.0f}; "
          f"{1e-9 / flops:.0f} GFLOP a second")


if __name__ == "__main__":
    main()
