#!/usr/bin/env python3
"""fidelity.py NEVOD -- how much of what a network is worth a score can tell.

Networks as a first generation draws them are trained at each rung of a search,
each from several seeds, and then as a finalist is: all for the same work, so
that small ones see the images more often.  For each rung, printed: the standard
deviation of accuracy and loss over seeds, that among networks, and how well
each agrees with the long trainings' accuracy: the rank correlation (Spearman)
and, for a loss, weighed by work or not, the correlation of its logarithm.

A training is a line of the file of results; what is in there is not run again.
Networks count once they have all of their trainings.
"""
import argparse
import collections
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import neat_cnn

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN_IMAGES = 54000


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("nevod", help="the executable")
    p.add_argument("--networks", type=int, default=16, metavar="N")
    p.add_argument("--draw", type=int, default=1, metavar="SEED",
                   help="of the first generation")
    p.add_argument("--max-work", type=float, default=90, metavar="X",
                   help="of the largest network, as nevod's --max-work")
    p.add_argument("--images", type=int, nargs="+", metavar="N",
                   default=[5000, 10000, 15000, 30000, 45000, 90000])
    p.add_argument("--seeds", type=int, default=2, metavar="N",
                   help="trainings of a network at a rung")
    p.add_argument("--long-pflop", type=float, default=0.036, metavar="X",
                   help="for a long training")
    p.add_argument("--long-seeds", type=int, default=1, metavar="N")
    p.add_argument("--jobs", type=int, default=2, metavar="N")
    p.add_argument("--table", action="store_true",
                   help="print what has been measured, and train nothing")
    p.add_argument("--all", action="store_true",
                   help="with --table, the networks of all draws")
    p.add_argument("--results", metavar="FILE", default=os.path.join(
        HERE, "results", "fidelity.jsonl"))
    return p.parse_args()


# -- trainings --

def breed(o, generation=0, train_limit=100):
    """What was born in a generation, by id; scores by so many images bred
    it."""
    with neat_cnn.Services(o.nevod) as services:
        uuid = services.create({
            "dataset": "fashion-mnist", "seed": o.draw,
            "generations": generation + 1, "population": o.networks,
            "max_work": o.max_work, "epochs": 1, "train_limit": train_limit,
            "final_epochs": 1})
        services.finish(uuid)
        born = [g for g in services.genomes(uuid) if g["born"] == generation]
        return [g["genome"] for g in sorted(born, key=lambda g: g["id"])]


def files(genomes, folder):
    """Their files, by number."""
    for i, genome in enumerate(genomes):
        path = os.path.join(folder, f"{i}.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(genome, f)
        yield i, path


def work_of(o, path):
    text = subprocess.run([o.nevod, "show", "--json", path], check=True,
                          stdout=subprocess.PIPE).stdout
    return json.loads(text)["train_work"]


def amount(images):
    """Options that train on so many images, as a rung does."""
    if images < TRAIN_IMAGES:
        return ["--train-limit", str(images), "--epochs", "1"]
    return ["--epochs", str(round(images / TRAIN_IMAGES))]


def long_amount(o, work):
    """As a finalist of so many epochs is trained (run/run_final.c)."""
    epochs = max(1, min(100, int(o.long_pflop * 1e15 / work / TRAIN_IMAGES)))
    more = []
    if epochs >= 6:
        more += ["--augment-flip", "--flip-test"]
    if epochs >= 15:
        more += ["--augment-crop", "1"]
    if epochs >= 25:
        more += ["--augment-erase", "0.25"]
    return ["--epochs", str(epochs), *more]


def train(o, path, key, options):
    p = subprocess.run(
        [o.nevod, "train", "--json", "--genome", path, "--seed",
         str(key["seed"]), *options],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    d = json.loads(p.stdout)
    return {"key": key, "accuracy": d["val_accuracy"],
            "loss": d["val_loss"], "cpu_s": round(d["cpu_s"], 2),
            "kernels": d["kernels"]}


def read_results(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return {json.dumps(r["key"], sort_keys=True): r for r in rows}


def plan(o, folder):
    """(file, key, options) of every training."""
    for i, path in files(breed(o), folder):
        work = work_of(o, path)
        about = {"draw": o.draw, "networks": o.networks,
                 "max_work": o.max_work, "network": i, "work": work}
        for images in o.images:
            for seed in range(1, o.seeds + 1):
                yield path, {**about, "images": images, "seed": seed}, amount(
                    images)
        for seed in range(1, o.long_seeds + 1):
            key = {**about, "long_pflop": o.long_pflop, "seed": 100 + seed}
            yield path, key, long_amount(o, work)


def train_all(o, tasks):
    """The row of each (file, key, options), trained unless o.results has it."""
    done = read_results(o.results)
    rows = []

    def once(path, key, options):
        name = json.dumps(key, sort_keys=True)
        if name not in done:
            done[name] = train(o, path, key, options)
            with open(o.results, "a", encoding="utf-8") as f:
                f.write(json.dumps(done[name]) + "\n")
        rows.append(done[name])
        print(f"\r{len(rows)} trainings", end="", file=sys.stderr)

    with ThreadPoolExecutor(o.jobs) as pool:
        for task in [pool.submit(once, *t) for t in tasks]:
            task.result()
    print(file=sys.stderr)
    return rows


def measure(o):
    with tempfile.TemporaryDirectory() as folder:
        return train_all(o, plan(o, folder))


def measured(o):
    """All of this draw that is in the file of results."""
    about = {} if o.all else {
        "draw": o.draw, "networks": o.networks, "max_work": o.max_work}
    return [r for r in read_results(o.results).values()
            if about.items() <= r["key"].items()]


def network_of(row):
    return row["key"]["draw"], row["key"]["network"]


def whole(o, rows):
    """Those of networks that have all of their trainings."""
    have = collections.Counter(
        (network_of(r), r["key"].get("images", "long")) for r in rows)
    wanted = {**dict.fromkeys(o.images, o.seeds), "long": o.long_seeds}
    return [r for r in rows if all(
        have[network_of(r), k] >= n for k, n in wanted.items())]


# -- the table --

def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0.0] * len(values)
    for i, k in enumerate(order):
        out[k] = float(i)
    return out


def spearman(a, b):
    return statistics.correlation(ranks(a), ranks(b))


def by_network(rows, value):
    """Lists of values, a network each."""
    out = {}
    for r in sorted(rows, key=lambda r: r["key"]["seed"]):
        out.setdefault(network_of(r), []).append(value(r))
    return [out[k] for k in sorted(out)]


def pooled_sd(groups):
    many = [statistics.variance(g) for g in groups if len(g) > 1]
    return math.sqrt(statistics.mean(many)) if many else math.nan


def promise(row):
    """As a run ranks by work (run/run_budget.c): the less, the better."""
    return math.log(row["loss"]) + math.log(row["key"]["work"]) / 16


def agreement(rows, value, judge, how=spearman):
    """Of one score with `judge`, over the seeds."""
    groups = by_network(rows, value)
    return statistics.mean(
        how([g[s] for g in groups], judge)
        for s in range(min(map(len, groups))))


def agreements(rows, judge):
    pearson = statistics.correlation
    return [f"{agreement(rows, value, judge, how):.2f}" for value, how in [
        (lambda r: r["accuracy"], spearman),
        (lambda r: -r["loss"], spearman),
        (lambda r: -promise(r), spearman),
        (lambda r: -math.log(r["loss"]), pearson),
        (lambda r: -promise(r), pearson)]]


def exponents(o, rows):
    """Of the power of the images by which the loss falls, from the last rung
    to the long training, lowest and highest."""
    last = [r for r in rows if r["key"].get("images") == max(o.images)]
    long = [r for r in rows if "long_pflop" in r["key"]]
    before = by_network(last, lambda r: math.log(r["loss"]))
    after = by_network(long, lambda r: math.log(r["loss"]))
    work = by_network(long, lambda r: r["key"]["work"])
    found = [(statistics.mean(b) - statistics.mean(a)) / math.log(
        o.long_pflop * 1e15 / w[0] / max(o.images))
        for a, b, w in zip(before, after, work)]
    return min(found), max(found)


def print_table(o, rows):
    long = [r for r in rows if "long_pflop" in r["key"]]
    judge = [statistics.mean(g) for g in
             by_network(long, lambda r: r["accuracy"])]
    drawn = "all draws" if o.all else f"draw {o.draw}"
    print(f"{len(judge)} networks of {drawn}; long trainings of "
          f"{o.long_pflop} PFLOP: {min(judge):.4f} to {max(judge):.4f}, sd "
          f"among networks {statistics.stdev(judge):.4f}\n")
    print("| images | sd of accuracy over seeds | among networks | "
          "sd of loss over seeds | among networks | order by accuracy | "
          "by loss | by loss and work | loss | loss and work |\n"
          "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for images in o.images:
        here = [r for r in rows if r["key"].get("images") == images]
        cells = []
        for name in ["accuracy", "loss"]:
            groups = by_network(here, lambda r, n=name: r[n])
            means = [statistics.mean(g) for g in groups]
            cells += [f"{pooled_sd(groups):.4f}",
                      f"{statistics.stdev(means):.4f}"]
        cells += agreements(here, judge)
        print(f"| {images:,} | " + " | ".join(cells) + " |")
    low, high = exponents(o, rows)
    print(f"\nfrom {max(o.images):,} images to the long trainings the loss "
          f"falls with exponents of {low:.3f} to {high:.3f}")


def main():
    o = read_options()
    print_table(o, whole(o, measured(o) if o.table else measure(o)))


if __name__ == "__main__":
    main()
