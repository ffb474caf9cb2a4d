#!/usr/bin/python3
"""search.py NEVOD -- what a CPU-minute finds: nevod, nevod that draws at
random, Optuna with PyTorch, and networks drawn by hand, side by side.

Each run is a line of bench/results/search.jsonl, appended when it ends; what
is there is not run again.  Then a table is printed, with paired differences over
the seeds.  With --vary, nevod runs with one setting otherwise, and the table
says what each is worth; a variation is NAME=VALUE or several, with commas
(--vary rungs=1 neat.preset=cnn,first_convolutions=1).  With --again, each
training of a champion is done again from N other seeds, and a second table says
what its scores owe to luck.  With --draw, nothing runs: docs/search-curves.svg,
or the FILE, is drawn from all results of the contenders by these settings.

The machine may do other work meanwhile: what is compared is CPU time.  But a
shared core makes CPU seconds longer, so what is compared runs in turn.
"""
import argparse
import json
import os
import re
import signal
import statistics
import sys

import contenders
import curves
import machine
import report

HERE = os.path.dirname(os.path.abspath(__file__))
DRAWING = os.path.join(HERE, "..", "docs", "search-curves.svg")


class Results:
    """Lines of JSON that only grow, found again by their key."""

    def __init__(self, path):
        self.path, self.rows = path, []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.rows = [json.loads(line) for line in f]

    def find(self, key):
        return next((r for r in self.rows if r["key"] == key), None)

    def once(self, key, run):
        row = self.find(key)
        if not row:
            load = os.getloadavg()[0]
            row = {"key": key, **run(), "date": report.now(), "load": load,
                   "cpu": machine.cpu().get("model name", "unknown")}
            with open(self.path, "a", encoding="utf-8") as f:
                f.write(json.dumps(row) + "\n")
            self.rows.append(row)
        return row


# -- options --

def read_setting(text):
    """NAME=VALUE as {NAME: VALUE}; A.B=VALUE as {A: {B: VALUE}}."""
    name, _, value = text.partition("=")
    try:
        value = json.loads(value)
    except json.JSONDecodeError:
        pass
    for part in reversed(name.split(".")):
        value = {part: value}
    return value


def read_settings(text):
    """Several, with commas between; a value may be a list, as [1,2]."""
    settings = {}
    for one in re.split(r",(?![^\[]*\])", text) if text else []:
        for name, value in read_setting(one).items():
            both = isinstance(value, dict) and name in settings
            settings[name] = {**settings[name], **value} if both else value
    return settings


def read_options():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("nevod", help="the executable")
    p.add_argument("--contenders", nargs="+", choices=contenders.CONTENDERS,
                   default=["nevod", "random", "optuna", "net1", "net4"])
    p.add_argument("--minutes", type=float, default=30, metavar="X",
                   help="CPU time of a search (30)")
    p.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="N")
    p.add_argument("--dataset", default="fashion-mnist",
                   help="a name that nevod knows, or a folder of IDX files")
    p.add_argument("--set", default="", metavar="NAME=VALUE,...",
                   help="settings of nevod's runs; null leaves one out")
    p.add_argument("--optuna", default="", metavar="NAME=VALUE,...",
                   help="options of torch_search.py")
    p.add_argument("--hand", default="", metavar="NAME=VALUE,...",
                   help="of networks drawn by hand, as epochs=[10]")
    p.add_argument("--vary", nargs="+", default=[], metavar="NAME=VALUE",
                   help="run nevod alone, as it is and with each of these")
    p.add_argument("--again", type=int, default=0, metavar="N",
                   help="train nevod's champions again from N other seeds")
    p.add_argument("--draw", nargs="?", const=DRAWING, metavar="FILE",
                   help="draw the curves of what was measured")
    p.add_argument("--results", metavar="FILE", default=os.path.join(
        HERE, "results", "search.jsonl"))
    o = p.parse_args()
    o.results = Results(o.results)
    return o


# -- what is run --

def ways(o):
    """{name: (contender, settings)}, the one that others are compared with
    first."""
    own = {"optuna": o.optuna, **dict.fromkeys(contenders.HANDS, o.hand)}
    if not o.vary:
        return {name: (name, read_settings(own.get(name, o.set)))
                for name in o.contenders}
    join = ",".join
    return {"as it is": ("nevod", read_settings(o.set)),
            **{v: ("nevod", read_settings(join(filter(None, [o.set, v]))))
               for v in o.vary}}


def key_of(o, way, seed):
    contender, settings = way
    key = {"contender": contender, "dataset": o.dataset, "seed": seed,
           "settings": settings}
    by_hand = contender in contenders.HANDS
    return key if by_hand else {**key, "minutes": o.minutes}


def measure(o, way, seed):
    contender, settings = way
    return o.results.once(
        key_of(o, way, seed),
        lambda: contenders.CONTENDERS[contender](o, seed, settings))


def rows_of(o, way):
    """By seed, as far as they are there."""
    found = {seed: o.results.find(key_of(o, way, seed)) for seed in o.seeds}
    return {seed: row for seed, row in found.items() if row}


# -- what came of it --

def reaches(row, accuracy):
    """After how many CPU seconds, or None."""
    return next((t for t, a in row["curve"] if a >= accuracy), None)


def difference(rows, base, key):
    seeds = [seed for seed in rows if seed in base]
    return report.difference([rows[s][key] for s in seeds],
                             [base[s][key] for s in seeds])


def mean(rows, key):
    return statistics.mean(row[key] for row in rows.values())


def reached(rows, accuracy):
    times = [reaches(row, accuracy) for row in rows.values()]
    missing = times.count(None)
    if missing == len(times):
        return "never"
    text = f"{statistics.mean(t for t in times if t is not None):.0f}"
    return f"{text} ({missing} never)" if missing else text


def print_table(o):
    found = {name: rows_of(o, way) for name, way in ways(o).items()}
    found = {name: rows for name, rows in found.items() if rows}
    if not found:
        return
    first, base = next(iter(found.items()))
    goal = mean(found["optuna"], "validation") if "optuna" in found else None
    head = ["", "runs", "validation", "test", "CPU s",
            f"validation less {first}", f"test less {first}"]
    lines = []
    for name, rows in found.items():
        other = name != first
        lines.append([
            name, str(len(rows)), f"{mean(rows, 'validation'):.4f}",
            f"{mean(rows, 'test'):.4f}", f"{mean(rows, 'cpu_s'):.0f}",
            difference(rows, base, "validation") if other else "",
            difference(rows, base, "test") if other else ""])
        if goal:
            lines[-1].append(reached(rows, goal))
    if goal:
        head.append(f"CPU s to {goal:.4f}")
    print(report.table(head, lines))


def luck_cells(seed, line):
    sd = statistics.stdev(line["again"])
    off = line["score"] - statistics.mean(line["again"])
    return [str(seed), str(line["rung"]), f"{line['images']:,}",
            f"{line['score']:.4f}", f"{statistics.mean(line['again']):.4f}",
            f"{sd:.4f}", f"{off / sd:+.1f}" if sd else ""]


def print_luck(o):
    """What the runs' champions scored, and what they score by other seeds."""
    lines = [luck_cells(seed, line)
             for way in ways(o).values()
             for seed, row in rows_of(o, way).items()
             for line in row.get("again", []) if len(line["again"]) > 1]
    head = ["seed", "rung", "images", "score", "by other seeds", "sd", "sds"]
    if lines:
        print("\n" + report.table(head, lines))


def draw(o):
    """Every run of the contenders on the data set by these settings, however
    long it was."""
    wanted = [{"contender": contender, "dataset": o.dataset, "settings": own}
              for contender, own in ways(o).values()]
    runs = [(key["contender"], row["curve"], row["cpu_s"])
            for key in wanted for row in o.results.rows
            if key.items() <= row["key"].items()]
    if not runs:
        sys.exit("bench: nothing of the kind was measured")
    data = os.path.basename(o.dataset.rstrip("/"))
    text = curves.svg(runs, f"Best validation accuracy so far, {data}")
    with open(o.draw, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    # Whoever ends us ends the services that we have started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    o = read_options()
    if o.draw:
        draw(o)
        return
    for seed in o.seeds:
        for name, way in ways(o).items():
            row = measure(o, way, seed)
            print(f"{name}, seed {seed}: validation {row['validation']:.4f}, "
                  f"test {row['test']:.4f}, {row['cpu_s']:.0f} CPU s",
                  flush=True)
    print()
    print_table(o)
    print_luck(o)


if __name__ == "__main__":
    main()
