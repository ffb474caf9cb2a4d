"""contenders.py -- ways to find a network, each a function that spends a given
CPU time and tells what it found.

It takes the options of search.py (nevod, dataset, minutes, again, and results,
whose `once` keeps what need not be done again), the seed and its settings, and
gives

    curve       [CPU seconds of all processes so far, best validation accuracy
                so far], at each step up
    validation  the best accuracy on the validation images, which are the same
                for all
    test        the champion's on the test images, looked at once, at the end
    cpu_s       used in all, and more that is its own.
"""
import json
import os
import subprocess
import sys
import tempfile
import urllib.request

import again
import neat_cnn
import programs

FASHION = "/usr/share/datasets/fashion-mnist"
HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")


class Curve:
    """Keeps the steps up."""

    def __init__(self):
        self.points = []

    def add(self, cpu_s, accuracy):
        if not self.points or accuracy > self.points[-1][1]:
            self.points.append([round(cpu_s, 2), accuracy])


def nevod_train(o, *more):
    text = subprocess.run(
        [o.nevod, "train", "--json", "--dataset", o.dataset, *more],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return json.loads(text)


# -- nevod, by evolution or at random --

def read_process(pid):
    """Its parent, and the CPU seconds of it and the children it waited for."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS


def look_at_tree(root):
    """What tree_cpu_s gives, but for a process that was buried between the
    look at its parent and that at itself."""
    processes = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            processes[int(name)] = read_process(name)
        except (FileNotFoundError, ProcessLookupError):
            pass
    total, family = 0, [root]
    for pid in family:
        family += [p for p, (parent, _) in processes.items() if parent == pid]
        total += processes.get(pid, (0, 0))[1]
    return total


def tree_cpu_s(root):
    """CPU seconds of a process and all that come from it, ended ones too."""
    return max(look_at_tree(root) for _ in range(2))


def events(services, uuid):
    """(name, document) of each event of a run until it is over."""
    name = None
    with urllib.request.urlopen(f"{services.url}/{uuid}/events") as stream:
        for line in stream:
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                yield name, json.loads(value)


def evolve(o, seed, settings):
    """`nevod up` with a slot for each core, and one run on it.  Every score
    counts for the curve, whatever rung it is from.  A setting of None is left
    out.  With --again, the champion's trainings are done again at the end, from
    other seeds, which counts for nothing else."""
    given = {k: v for k, v in settings.items() if v is not None}
    curve = Curve()
    with neat_cnn.Services(o.nevod) as services:
        uuid = services.create(
            {"dataset": o.dataset, "seed": seed, **given})
        for name, event in events(services, uuid):
            if name == "evaluation":
                curve.add(tree_cpu_s(services.process.pid), event["fitness"])
        run = services.finish(uuid)
        cpu_s = tree_cpu_s(services.process.pid)
        if run["state"] != "finished":
            sys.exit(f"bench: the run is {run['state']}: {run['error']}")
        champion = services.get(f"/{uuid}/champion")
        more = {"again": again.trainings(
            services, uuid, champion, o.again)} if o.again else {}
    return {"curve": curve.points, "validation": champion["fitness"],
            "test": champion["test_accuracy"], "cpu_s": cpu_s,
            "trainings": run["evaluations"], "failures": run["failures"],
            "flops": run["flops"], "generation": run["generation"],
            "budget_pflop": run["settings"].get("budget_pflop"),
            "kernels": run["settings"]["kernels"], "digest": run["digest"],
            "parameters": champion["parameters"],
            "champion": champion["genome"], **more}


def nevod(o, seed, settings):
    return evolve(o, seed, {"budget": 60 * o.minutes, **settings})


def random(o, seed, settings):
    return nevod(o, seed, {"algorithm": "random", **settings})


# -- Optuna --

def torch_search(*more):
    return programs.Program(
        [programs.PYTHON, os.path.join(HERE, "torch_search.py"), *more],
        {"LD_LIBRARY_PATH": programs.blas_folders("channels_last")})


def folder_of(dataset):
    return FASHION if dataset == "fashion-mnist" else dataset


def read_lines(process):
    text, _ = process.communicate()
    if process.returncode:
        sys.exit("bench: torch_search.py failed")
    return [json.loads(line) for line in text.splitlines()]


def start_workers(o, seed, settings, folder):
    """Two processes, each with a half of the time."""
    data = nevod_train(o, "--net", "net2", "--epochs", "1", "--train-limit",
                       "64", "--seed", "1")["dataset_hash"]
    shared = ["--dataset", folder_of(o.dataset), "--hash", data,
              "--cpu-s", str(30 * o.minutes), "--seed", str(seed),
              "--journal", os.path.join(folder, "journal"),
              *(f"--{name}={value}" for name, value in settings.items())]
    return [torch_search(*shared, "--worker", str(w), "--keep",
                         os.path.join(folder, f"best-{w}")).start()
            for w in range(2)]


def optuna(o, seed, settings):
    """What both processes have used when one of them sees an accuracy is taken
    for twice what that one has."""
    curve = Curve()
    with tempfile.TemporaryDirectory() as folder:
        workers = start_workers(o, seed, settings, folder)
        lines = [{**x, "worker": w} for w, process in enumerate(workers)
                 for x in read_lines(process)]
        seen = [x for x in lines if "accuracy" in x]
        if not seen:
            sys.exit("bench: the time is too short for a single network")
        best = max(seen, key=lambda x: x["accuracy"])["worker"]
        tested = torch_search("--dataset", folder_of(o.dataset), "--test",
                              os.path.join(folder, f"best-{best}")).run()
    for x in sorted(seen, key=lambda x: x["cpu_s"]):
        curve.add(2 * x["cpu_s"], x["accuracy"])
    used = [max(x["cpu_s"] for x in lines if x["worker"] == w)
            for w in range(2)]
    return {"curve": curve.points, **tested, "cpu_s": sum(used),
            "trials": len({x["trial"] for x in seen})}


# -- by hand --

def recipe(o):
    """What a person would take: a mirrored letter is another letter."""
    flip = ["--augment-flip"] if o.dataset == "fashion-mnist" else []
    return ["--learning-rate", "0.003", "--augment-crop", "1", *flip]


EPOCHS = [10, 20, 40]


def train_once(o, *arguments):
    """What nevod_train says, but never the same training twice."""
    kept = ["val_accuracy", "test_accuracy", "cpu_s", "kernels"]

    def train():
        x = nevod_train(o, *arguments)
        return {name: x[name] for name in kept if name in x}

    return o.results.once(
        {"train": " ".join(arguments), "dataset": o.dataset}, train)


def by_hand(net):
    """A network drawn by hand, trained for 10, 20 and 40 epochs, whatever the
    time; the best on validation is trained once more, with the validation
    images, and tested."""
    def run(o, seed, settings):
        curve, cpu_s, found = Curve(), 0, []
        for epochs in settings.get("epochs", EPOCHS):
            arguments = ["--net", net, "--epochs", str(epochs),
                         "--seed", str(seed), *recipe(o)]
            x = train_once(o, *arguments)
            cpu_s += x["cpu_s"]
            curve.add(cpu_s, x["val_accuracy"])
            found.append((x["val_accuracy"], epochs, arguments))
        validation, epochs, arguments = max(found)
        final = train_once(o, "--final", *arguments)
        return {"curve": curve.points, "validation": validation,
                "test": final["test_accuracy"], "epochs": epochs,
                "cpu_s": cpu_s + final["cpu_s"], "kernels": final["kernels"],
                "validation_by_epochs": {e: v for v, e, _ in found}}
    return run


HANDS = ["net1", "net2", "net4"]
CONTENDERS = {"nevod": nevod, "random": random, "optuna": optuna,
              **{net: by_hand(net) for net in HANDS}}
