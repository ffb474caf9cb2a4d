#!/usr/bin/python3
"""recipes.py NEVOD -- what each part of a training's recipe is worth.

Trains a network by each recipe from seeds 1..N, judged on the validation
images, and prints the means and, for each recipe, the mean difference from the
one before it over the same seeds, with its standard error.  A run is a line of
the file of results; what is in there already is not run again.
"""
import argparse
import json
import math
import os
import statistics
import subprocess

import report

HERE = os.path.dirname(os.path.abspath(__file__))
PLAIN = ["--schedule", "constant", "--label-smoothing", "0",
         "--augment-crop", "0"]
CYCLE = PLAIN + ["--schedule", "one-cycle"]
SMOOTH = CYCLE + ["--label-smoothing", "0.05"]
CROP = SMOOTH + ["--augment-crop", "1"]

# name: the recipe that it is compared with, and its options.
RECIPES = {
    "constant 0.001": (None, PLAIN + ["--learning-rate", "0.001"]),
    "constant 0.003": ("constant 0.001", PLAIN),
    "one-cycle 0.001": ("constant 0.001", CYCLE + [
        "--learning-rate", "0.001"]),
    "one-cycle 0.003": ("one-cycle 0.001", CYCLE),
    "cosine 0.003": ("one-cycle 0.003", CYCLE + ["--schedule", "cosine"]),
    "smoothing 0.05": ("one-cycle 0.003", SMOOTH),
    "smoothing 0.1": ("smoothing 0.05", CYCLE + ["--label-smoothing", "0.1"]),
    "crop 1": ("smoothing 0.05", CROP),
    "constant, ema 0.99": ("constant 0.001", PLAIN + [
        "--learning-rate", "0.001", "--ema", "0.99"]),
    "constant 0.003, ema 0.99": ("constant, ema 0.99", PLAIN + [
        "--ema", "0.99"]),
    "ema 0.99": ("smoothing 0.05", SMOOTH + ["--ema", "0.99"]),
    "ema 0.999": ("smoothing 0.05", SMOOTH + ["--ema", "0.999"]),
    "flip": ("smoothing 0.05", SMOOTH + ["--augment-flip"]),
    "flip, flip test": ("flip", SMOOTH + ["--augment-flip", "--flip-test"]),
    "spare biases": ("smoothing 0.05", SMOOTH + ["--spare-biases"]),
    "rate 0.006": ("smoothing 0.05", SMOOTH + ["--learning-rate", "0.006"]),
    "erase 0.25": ("crop 1", CROP + ["--augment-erase", "0.25"]),
}


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("nevod", help="the executable")
    p.add_argument("--net", default="net1")
    p.add_argument("--images", type=int, default=10000, help="0: all")
    p.add_argument("--epochs", type=int, default=1)
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--only", nargs="*", choices=RECIPES, default=list(RECIPES))
    p.add_argument("--results", default=os.path.join(
        HERE, "results", "recipes.jsonl"))
    return p.parse_args()


def key_of(o, recipe, seed):
    return [o.net, o.images, o.epochs, recipe, seed]


def read_results(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        runs = [json.loads(line) for line in f]
    return {tuple(r["key"]): r for r in runs}


def train(o, recipe, seed):
    p = subprocess.run(
        [o.nevod, "train", "--json", "--net", o.net,
         "--learning-rate", "0.003", "--train-limit", str(o.images),
         "--epochs", str(o.epochs), "--seed", str(seed), *RECIPES[recipe][1]],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    d = json.loads(p.stdout)
    return {"key": key_of(o, recipe, seed), "accuracy": d["val_accuracy"],
            "loss": d["epochs"][-1]["loss"], "cpu_s": round(d["cpu_s"], 2),
            "kernels": d["kernels"]}


def measure(o, done):
    for seed in range(1, o.seeds + 1):
        for recipe in o.only:
            key = tuple(key_of(o, recipe, seed))
            if key in done:
                continue
            done[key] = train(o, recipe, seed)
            with open(o.results, "a", encoding="utf-8") as f:
                f.write(json.dumps(done[key]) + "\n")


def accuracies(o, done, recipe):
    keys = [tuple(key_of(o, recipe, s)) for s in range(1, o.seeds + 1)]
    return [done[k]["accuracy"] for k in keys if k in done]


def print_table(o, done):
    print(f"{o.net}, {o.images or 'all'} images, {o.epochs} epochs, "
          f"{o.seeds} seeds\n")
    print("| recipe | validation | sd | difference | from |\n"
          "|---|---:|---:|---:|---|")
    for recipe in o.only:
        base = RECIPES[recipe][0]
        a = accuracies(o, done, recipe)
        if not a:
            continue
        sd = statistics.stdev(a) if len(a) > 1 else math.nan
        more = report.difference(a, accuracies(o, done, base)) if base else ""
        print(f"| {recipe} | {statistics.mean(a):.4f} | {sd:.4f} | {more} | "
              f"{base or ''} |")


def main():
    o = read_options()
    done = read_results(o.results)
    measure(o, done)
    print_table(o, done)


if __name__ == "__main__":
    main()
