#!/usr/bin/env python3
"""neat_cnn.py NEVOD -- ways of searching, side by side on Fashion-MNIST.

All of them have the same budget and the same seeds, one run after the other on
services of their own.  Prints a row for each run as it ends, then means with
paired differences from the first way, and writes all of it to
bench/results/neat-cnn.json.  A skip edge is an enabled one into a layer that
another enabled edge feeds too.
"""
import argparse
import json
import math
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGET = {"dataset": "fashion-mnist", "population": 12, "generations": 5,
          "epochs": 1, "train_limit": 10000}
MINIMAL = {"first_convolutions": 1, "first_dense": 0}
WAYS = {
    "truncation": {"algorithm": "truncation"},
    "random": {"algorithm": "random"},
    "random-minimal": {"algorithm": "random", **MINIMAL},
    "neat": {"algorithm": "neat"},
    "neat-cnn": {"algorithm": "neat", "neat": {"preset": "cnn"}, **MINIMAL},
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Services:
    """`nevod up` in a folder that goes away with it."""

    def __init__(self, nevod):
        self.folder = tempfile.TemporaryDirectory()
        broker, genome, evolutioner = (str(free_port()) for _ in range(3))
        self.url = f"http://127.0.0.1:{broker}/v1/runs"
        self.evolutioner = f"http://127.0.0.1:{evolutioner}"
        self.process = subprocess.Popen(
            [nevod, "up", "--data-dir", self.folder.name,
             "--broker-port", broker, "--genome-port", genome,
             "--evolutioner-port", evolutioner],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(100):
            try:
                self.get("")
                return self
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise SystemExit("bench: the services do not answer")

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def create(self, settings):
        request = urllib.request.Request(
            self.url, json.dumps(settings).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["uuid"]

    def finish(self, uuid):
        while True:
            run = self.get("/" + uuid)
            if run["state"] not in ("created", "running"):
                return run
            time.sleep(1)

    def genomes(self, uuid):
        items = self.get(f"/{uuid}/genomes?limit=500")["items"]
        return [self.get(f"/{uuid}/genomes/{g['id']}") for g in items]


def skips(genome):
    """Enabled edges that are not the only one into their layer."""
    into = {}
    for edge in genome.get("edges", []):
        if edge["enabled"]:
            into[edge["to"]] = into.get(edge["to"], 0) + 1
    return sum(n - 1 for n in into.values() if n > 1)


def measure(services, way, settings):
    uuid = services.create(settings)
    run = services.finish(uuid)
    if run["state"] != "finished":
        raise SystemExit(f"bench: the run is {run['state']}: {run['error']}")
    genomes = services.genomes(uuid)
    with_skips = [g for g in genomes if skips(g["genome"])]
    best = max((g["fitness"] for g in with_skips), default=None)
    champion = run["champion"]
    return {
        "way": way, "seed": settings["seed"],
        "validation": champion["fitness"],
        "test": champion["test_accuracy"],
        "parameters": champion["parameters"],
        "evaluations": run["evaluations"], "failures": run["failures"],
        "species": run["species"],
        "history": [g["best"] for g in
                    services.get(f"/{uuid}/generations")["items"]],
        "with_skips": len(with_skips), "best_with_skips": best,
        "champion_genome": services.get(f"/{uuid}/champion")["genome"],
        "wall_s": run["wall_s"], "cpu_s": run["cpu_s"], "digest": run["digest"],
    }


def print_row(r):
    best = r["best_with_skips"]
    print(f"{r['way']:14} {r['seed']:4} {r['validation']:10.4f} "
          f"{r['test']:8.4f} {r['parameters']:10} {r['evaluations']:5} "
          f"{r['with_skips']:5} {'-' if best is None else f'{best:.4f}':>9} "
          f"{r['species'] or '-':>7} {r['cpu_s']:7.0f}", flush=True)


def difference(rows, way, base, key):
    """Of the runs of both by the same seed: mean and its standard error."""
    of = {(r["way"], r["seed"]): r[key] for r in rows}
    pairs = [of[way, seed] - of[base, seed]
             for w, seed in of if w == way and (base, seed) in of]
    error = (statistics.stdev(pairs) / math.sqrt(len(pairs))
             if len(pairs) > 1 else math.nan)
    return statistics.mean(pairs), error


def summarize(rows):
    means = {}
    base = rows[0]["way"]
    for way in dict.fromkeys(r["way"] for r in rows):
        mine = [r for r in rows if r["way"] == way]
        means[way] = {}
        text = f"{way:14} mean"
        for key in ("validation", "test"):
            mean = statistics.mean(r[key] for r in mine)
            more, error = difference(rows, way, base, key)
            means[way][key] = {"mean": mean, "difference": more,
                               "standard_error": error}
            text += f"  {key} {mean:.4f} ({more:+.4f} +- {error:.4f})"
        print(text)
    return means


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nevod")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--ways", nargs="+", choices=list(WAYS),
                        default=["truncation", "neat"])
    parser.add_argument("--train-limit", type=int,
                        default=BUDGET["train_limit"])
    parser.add_argument("--final-epochs", type=int, default=3)
    parser.add_argument("--out", default=os.path.join(
        HERE, "results", "neat-cnn.json"))
    options = parser.parse_args()
    budget = {**BUDGET, "train_limit": options.train_limit,
              "final_epochs": options.final_epochs}
    rows = []
    print(f"{'way':14} {'seed':>4} {'validation':>10} {'test':>8} "
          f"{'parameters':>10} {'evals':>5} {'skips':>5} {'best of':>9} "
          f"{'species':>7} {'CPU s':>7}")
    with Services(options.nevod) as services:
        for seed in options.seeds:
            for way in options.ways:
                rows.append(measure(services, way,
                                    {**budget, **WAYS[way], "seed": seed}))
                print_row(rows[-1])
    os.makedirs(os.path.dirname(options.out), exist_ok=True)
    with open(options.out, "w", encoding="utf-8") as f:
        json.dump({"budget": budget, "runs": rows,
                   "means": summarize(rows)}, f, indent=2)


if __name__ == "__main__":
    main()
