#!/usr/bin/env python3
"""luck.py NEVOD -- how much of a score's luck those share who are trained from
one seed.

Networks of one generation, by default the third that follows the first, so that
they are relatives, are trained at each rung from several seeds, the same for
all.  For each rung, printed: the standard deviation of the loss (its logarithm)
and of the accuracy among networks and over seeds, what of that over seeds is
a network's own, and the share of the variance over seeds that is common to all
from one seed, and so drops out where they are compared.

A training is a line of the file of results; what is in there is not run again.
"""
import argparse
import math
import os
import statistics
import tempfile

import fidelity
import report

HERE = os.path.dirname(os.path.abspath(__file__))


def read_options():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("nevod", help="the executable")
    p.add_argument("--networks", type=int, default=8, metavar="N")
    p.add_argument("--generation", type=int, default=3, metavar="N",
                   help="that they are of; 0: strangers, as they were drawn")
    p.add_argument("--draw", type=int, default=1, metavar="SEED",
                   help="of the run that breeds them")
    p.add_argument("--max-work", type=float, default=64, metavar="X",
                   help="of the largest network, as nevod's --max-work")
    p.add_argument("--images", type=int, nargs="+", metavar="N",
                   default=[10000, 30000])
    p.add_argument("--seeds", type=int, default=8, metavar="N")
    p.add_argument("--jobs", type=int, default=2, metavar="N")
    p.add_argument("--results", metavar="FILE", default=os.path.join(
        HERE, "results", "luck.jsonl"))
    return p.parse_args()


def plan(o, folder):
    """(file, key, options) of every training."""
    relatives = fidelity.breed(o, o.generation, train_limit=2000)
    for i, path in fidelity.files(relatives, folder):
        about = {"draw": o.draw, "networks": o.networks,
                 "generation": o.generation, "max_work": o.max_work,
                 "network": i}
        for images in o.images:
            for seed in range(1, o.seeds + 1):
                yield (path, {**about, "images": images, "seed": seed},
                       fidelity.amount(images))


def scores(rows, value):
    """{network: {seed: value}}."""
    out = {}
    for r in rows:
        out.setdefault(r["key"]["network"], {})[r["key"]["seed"]] = value(r)
    return out


def mean_square(values, degrees):
    return sum(x * x for x in values) / degrees


def variances(groups):
    """Among networks, over the seeds of a network, and of that what is not the
    seed's: an analysis of variance in two ways, a training a cell."""
    nets, seeds = list(groups), list(next(iter(groups.values())))
    n, m = len(nets), len(seeds)
    mean = {i: statistics.mean(groups[i].values()) for i in nets}
    off = {(i, s): groups[i][s] - mean[i] for i in nets for s in seeds}
    shared = {s: statistics.mean(off[i, s] for i in nets) for s in seeds}
    own = mean_square([off[i, s] - shared[s] for i in nets for s in seeds],
                      (n - 1) * (m - 1))
    seed = max(0, mean_square(shared.values(), m - 1) - own / n)
    among = max(0, statistics.variance(mean.values()) - own / m)
    return among, own + seed, own


def line(rows, images, name, value):
    here = [r for r in rows if r["key"]["images"] == images]
    among, over, own = variances(scores(here, value))
    share = 1 - own / over if over else 0
    return [f"{images:,}", name, f"{math.sqrt(among):.4f}",
            f"{math.sqrt(over):.4f}", f"{math.sqrt(own):.4f}", f"{share:.0%}"]


def print_table(o, rows):
    n = len({r["key"]["network"] for r in rows})
    print(f"{n} networks of generation {o.generation}, {o.seeds} seeds\n")
    print(report.table(
        ["images", "of", "sd among networks", "over seeds",
         "a network's own", "the seed's share"],
        [line(rows, images, name, value) for images in o.images
         for name, value in [("loss, its logarithm",
                              lambda r: math.log(r["loss"])),
                             ("accuracy", lambda r: r["accuracy"])]]))


def main():
    o = read_options()
    with tempfile.TemporaryDirectory() as folder:
        print_table(o, fidelity.train_all(o, plan(o, folder)))


if __name__ == "__main__":
    main()
