#!/usr/bin/env python3
"""rates.py NEVOD -- does the learning rate that short trainings bred suit a
long one?

The champions of the runs in search.jsonl are trained as finalists are, all for
the same work, at their own learning rate and at parts of it.  Printed: each
champion's validation accuracy at each, the highest rate first, and what a part
is worth on average, with its standard error, to all and to those of a high rate
and of a low one.

A training is a line of the file of results; what is in there is not run again.
"""
import argparse
import json
import os
import statistics
import tempfile

import fidelity
import report
import search

HERE = os.path.dirname(os.path.abspath(__file__))
SEARCHES = os.path.join(HERE, "results", "search.jsonl")


def read_options():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("nevod", help="the executable")
    p.add_argument("--set", metavar="NAME=VALUE,...",
                   default="budget=null,budget_pflop=0.19,rank_by=work",
                   help="settings of the searches, as search.py was told")
    p.add_argument("--of", nargs="+", default=["nevod", "random"],
                   metavar="CONTENDER", help="who found them")
    p.add_argument("--parts", type=float, nargs="+", default=[1.0, 0.5, 0.25],
                   metavar="X")
    p.add_argument("--high", type=float, default=0.003, metavar="X",
                   help="a high rate is above this")
    p.add_argument("--seed", type=int, default=1, help="of the trainings")
    p.add_argument("--long-pflop", type=float, default=0.03, metavar="X",
                   help="for a training")
    p.add_argument("--jobs", type=int, default=2, metavar="N")
    p.add_argument("--table", action="store_true",
                   help="print what has been measured, and train nothing")
    p.add_argument("--results", metavar="FILE", default=os.path.join(
        HERE, "results", "rates.jsonl"))
    return p.parse_args()


def champions(o):
    """(contender, seed, genome) of each search on Fashion-MNIST by these
    settings."""
    settings = search.read_settings(o.set)
    found = [(r["key"]["contender"], r["key"]["seed"], r["champion"])
             for r in search.Results(SEARCHES).rows
             if r["key"].get("contender") in o.of and
             r["key"]["dataset"] == "fashion-mnist" and
             r["key"]["settings"] == settings]
    return sorted(found, key=lambda c: c[:2])


def with_rate(genome, part):
    training = genome["training"]
    return {**genome, "training": {
        **training, "learning_rate": training["learning_rate"] * part}}


def about(o, contender, seed, genome, part):
    return {"contender": contender, "champion": seed, "settings": o.set,
            "rate": genome["training"]["learning_rate"], "part": part,
            "long_pflop": o.long_pflop, "seed": o.seed}


def plan(o, folder):
    """(file, key, options) of every training."""
    for contender, seed, genome in champions(o):
        for part in o.parts:
            path = os.path.join(folder, f"{contender}-{seed}-{part}.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(with_rate(genome, part), f)
            amount = fidelity.long_amount(o, fidelity.work_of(o, path))
            yield path, about(o, contender, seed, genome, part), amount


def measure(o):
    with tempfile.TemporaryDirectory() as folder:
        return fidelity.train_all(o, plan(o, folder))


def measured(o):
    """All that is in the file of results, of such champions and parts."""
    wanted = [about(o, contender, seed, genome, part)
              for contender, seed, genome in champions(o) for part in o.parts]
    return [r for r in fidelity.read_results(o.results).values()
            if r["key"] in wanted]


def by_champion(o, rows):
    """{(rate, contender, seed): {part: accuracy}} of those that have all."""
    found = {}
    for row in rows:
        key = row["key"]
        champion = key["rate"], key["contender"], key["champion"]
        found.setdefault(champion, {})[key["part"]] = row["accuracy"]
    return {k: v for k, v in found.items() if len(v) == len(o.parts)}


def worth(o, name, champions):
    """A line of the second table."""
    first, *others = o.parts
    own = [v[first] for v in champions]
    if len(own) < 2:
        return [name, str(len(own))]
    return [name, str(len(own)), f"{statistics.mean(own):.4f}",
            *(report.difference([v[p] for v in champions], own)
              for p in others)]


def print_tables(o, rows):
    found = dict(sorted(by_champion(o, rows).items(), reverse=True))
    first, *others = [f"{part:g}" for part in o.parts]
    print(report.table(
        ["rate", "champion of", "seed", f"at {first}", *others],
        [[f"{rate:.2g}", name, str(seed), *(f"{v[p]:.4f}" for p in o.parts)]
         for (rate, name, seed), v in found.items()]))
    print(report.table(
        ["rates", "champions", f"at {first}",
         *(f"{other} less {first}" for other in others)],
        [worth(o, "all", list(found.values())),
         worth(o, f"above {o.high:g}",
               [v for k, v in found.items() if k[0] > o.high]),
         worth(o, "others",
               [v for k, v in found.items() if k[0] <= o.high])]))


def main():
    o = read_options()
    print_tables(o, measured(o) if o.table else measure(o))


if __name__ == "__main__":
    main()
