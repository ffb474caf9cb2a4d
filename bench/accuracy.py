#!/usr/bin/python3
"""accuracy.py NEVOD [EXPERIMENT] -- does nevod learn as well as PyTorch?

Both train the same network from several seeds and are judged on the test
images.  Prints the means, their difference and its standard error.
"""
import argparse
import math
import os
import statistics
import sys

import compare
import machine
import programs
import report

# An experiment trains `net` for `epochs` from seeds 1..seeds with each of its
# programs; a program is made from (executable, kernels, experiment, seed).
# One that has no PyTorch beside it is held against `floor` instead.


def by_nevod(exe, kernels, x, seed):
    return programs.nevod(exe, x["net"], kernels, "--epochs",
                          str(x["epochs"]), "--seed", str(seed))


# Chosen on the validation split alone: docs/bench.md.
RECIPE = ["--learning-rate", "0.003", "--schedule", "one-cycle",
          "--label-smoothing", "0.05", "--augment-flip"]


def by_recipe(exe, kernels, x, seed):
    return programs.Program([
        exe, "train", "--final", "--json", "--net", x["net"],
        "--kernels", kernels, "--epochs", str(x["epochs"]),
        "--seed", str(seed), *RECIPE])


def by_torch(_exe, kernels, x, seed):
    return programs.torch(x["net"], kernels, compare.REFERENCE, "--epochs",
                          str(x["epochs"]), "--seed", str(seed))


EXPERIMENTS = {
    "epoch": {"net": "net1", "epochs": 1, "seeds": 5,
              "programs": {"nevod": by_nevod, "PyTorch": by_torch}},
    "recipe": {"net": "net1", "epochs": 10, "seeds": 3, "floor": 0.92,
               "programs": {"nevod": by_recipe}},
}


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("nevod", help="the executable")
    p.add_argument("experiment", nargs="?", default="epoch",
                   choices=sorted(EXPERIMENTS))
    p.add_argument("--seeds", type=int, help="how many, if not the usual")
    p.add_argument("--kernels", help="a kernel class; the best")
    p.add_argument("--out", default=os.path.join(programs.HERE, "results"))
    return p.parse_args()


def train(o, x, kernels, seed):
    """Trains with all programs at once: nothing is timed here."""
    made = {name: make(o.nevod, kernels, x, seed)
            for name, make in x["programs"].items()}
    started = {name: p.start() for name, p in made.items()}
    result = {name: p.finish(started[name])["test_accuracy"]
              for name, p in made.items()}
    compare.say(f"  seed {seed}: " + ", ".join(
        f"{name} {a:.4f}" for name, a in result.items()))
    return result


def summary(values):
    deviation = statistics.stdev(values) if len(values) > 1 else math.nan
    return {"values": values, "mean": statistics.mean(values),
            "sd": deviation}


def verdict(x, results):
    ours = results["nevod"]
    if "PyTorch" not in results:
        word = "at least" if ours["mean"] >= x["floor"] else "below"
        return f"The mean is {word} {x['floor']}."
    theirs, n = results["PyTorch"], len(ours["values"])
    difference = ours["mean"] - theirs["mean"]
    error = math.hypot(ours["sd"], theirs["sd"]) / math.sqrt(n)
    word = "is not" if difference >= -2 * error else "IS"
    return (f"nevod - PyTorch: {difference:+.4f}, standard error "
            f"{error:.4f}; nevod {word} more than two of them below.")


def markdown(name, x, kernels, results):
    rows = [[program, f"{r['mean']:.4f}", f"{r['sd']:.4f}",
             " ".join(f"{v:.4f}" for v in r["values"])]
            for program, r in results.items()]
    return (f"Experiment `{name}`: {x['net']}, {x['epochs']} epochs, kernels "
            f"{kernels}, accuracy on the test images.\n\n"
            + report.table(["", "mean", "sd", "by seed"], rows)
            + f"\n{verdict(x, results)}\n")


def main():
    o = read_options()
    x = EXPERIMENTS[o.experiment]
    seeds = o.seeds or x["seeds"]
    if seeds < 2:
        sys.exit("bench: --seeds must be at least 2")
    kernels = o.kernels or next(iter(programs.peaks(o.nevod)))
    runs = [train(o, x, kernels, seed + 1) for seed in range(seeds)]
    results = {name: summary([r[name] for r in runs])
               for name in x["programs"]}
    text = markdown(o.experiment, x, kernels, results)
    document = {
        "date": report.now(),
        "machine": machine.describe(o.nevod),
        "experiment": o.experiment, "kernels": kernels, "net": x["net"],
        "epochs": x["epochs"], "results": results,
    }
    stem = report.write(o.out, document, f"accuracy-{o.experiment}", text)
    print(text, end="")
    compare.say(f"\nWritten: {stem}.json and .md")


if __name__ == "__main__":
    main()
