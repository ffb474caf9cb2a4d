#!/usr/bin/python3
"""compare.py NEVOD -- nevod against PyTorch, in turn, in the same minutes.

Each program is a process of its own that trains one network on one thread.
A round runs all of them, the next round in the opposite order; what counts is
the median over rounds of the ratio within a round, since both then met the
same machine.  docs/bench.md explains the columns.
"""
import argparse
import os
import statistics
import sys

import machine
import programs
import report

NETS = ["net1", "net2", "net3"]
PAIR = "pair"  # two processes of net1 at once
REFERENCE = "channels_last"


def read_options():
    p = argparse.ArgumentParser()
    p.add_argument("nevod", help="the executable")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--nets", default=",".join(NETS + [PAIR]))
    p.add_argument("--kernels", help="classes, with commas between; the best "
                   "and avx2 if it is not the best")
    p.add_argument("--against", default=",".join(programs.TORCH),
                   help="ways to use PyTorch; the first is always there")
    p.add_argument("--out", default=os.path.join(programs.HERE, "results"))
    return p.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def choose_classes(asked, peaks):
    if not asked:
        best = next(iter(peaks))
        return [best] + [k for k in peaks
                         if k.startswith("avx2-") and k != best]
    unknown = set(asked.split(",")) - set(peaks)
    if unknown:
        sys.exit(f"bench: no kernels {' '.join(unknown)}; this CPU has "
                 f"{' '.join(peaks)}")
    return asked.split(",")


def alone(net):
    """The network that a row trains."""
    return "net1" if net == PAIR else net


def contenders(exe, net, kernels, against):
    """The programs of one row: {column: function that runs it once}."""
    name = alone(net)
    ours = programs.nevod(exe, name, kernels, "--steps",
                          str(programs.NEVOD_STEPS[name]))
    steps = ["--steps", str(programs.TORCH_STEPS[name])]
    if net == PAIR:
        theirs = programs.torch(name, kernels, "loader", *steps)
        return {"nevod": ours.run_pair, "loader": theirs.run_pair}
    return {"nevod": ours.run,
            **{v: programs.torch(name, kernels, v, *steps).run
               for v in programs.TORCH if v in against or v == REFERENCE}}


def rate(figures, clock="wall_s"):
    """Images per second of one process, or of two at once together."""
    if isinstance(figures, list):
        return sum(rate(f, clock) for f in figures)
    return figures["images"] / figures[clock]


def ratio(runs, other, clock="wall_s"):
    """The median over rounds of ours to theirs."""
    return statistics.median(rate(a, clock) / rate(b, clock)
                             for a, b in zip(runs["nevod"], runs[other]))


def measure(o, net, kernels):
    run = contenders(o.nevod, net, kernels, o.against.split(","))
    runs = {name: [] for name in run}
    for i in range(o.rounds):
        for name in list(run)[::-1 if i % 2 else 1]:
            figures = run[name]()
            runs[name].append(figures)
            say(f"  {net} {kernels} round {i + 1}: {name} "
                f"{rate(figures):.0f} images/s")
    return row(net, runs)


def row(net, runs):
    """The CPU's clock stands still while other programs of a busy machine
    run, so its ratio says how far to trust the wall's."""
    reference = "loader" if net == PAIR else REFERENCE
    return {"net": net,
            "images_per_s": {name: statistics.median(map(rate, figures))
                             for name, figures in runs.items()},
            "ratios": {name: ratio(runs, name)
                       for name in runs if name != "nevod"},
            "ratio": ratio(runs, reference),
            "ratio_cpu": ratio(runs, reference, "cpu_s"),
            "runs": runs}


def main():
    o = read_options()
    nets = o.nets.split(",")
    if not set(nets) <= set(NETS + [PAIR]) or o.rounds < 1:
        sys.exit(f"bench: --nets takes {', '.join(NETS + [PAIR])}, "
                 "--rounds at least 1")
    peaks = programs.peaks(o.nevod)
    document = {
        "date": report.now(),
        "machine": machine.describe(o.nevod),
        "rounds": o.rounds,
        "classes": [],
    }
    # Data sets are unpacked once, outside the clock and the memory counted.
    for net in sorted(set(map(alone, nets))):
        programs.nevod(o.nevod, net, next(iter(peaks)), "--steps", "1").run()
    for kernels in choose_classes(o.kernels, peaks):
        document["classes"].append({
            "kernels": kernels,
            "fma_peak_gflop_per_s": peaks[kernels],
            "torch_convolutions": programs.torch_convolutions(kernels),
            "rows": [measure(o, net, kernels) for net in nets]})
    text = report.markdown(document)
    stem = report.write(o.out, document, "speed", text)
    print(text, end="")
    say(f"\nWritten: {stem}.json and .md")


if __name__ == "__main__":
    main()
