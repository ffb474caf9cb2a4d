#!/usr/bin/python3
"""data.py NEVOD [--gb N] [--limit-mb M] [--times K] [--keep FOLDER] -- what large
sets cost.

Makes a set of N GB (tools/make-large), and prints how fast it is imported beside
a copy of the same files, and how fast a network trains on it beside one whose
images are in memory, K times in alternation; medians, with the largest anonymous
memory of each process.  What is cached is not waited for, so CPU time counts, of
the thread that reads ahead too.  With --limit-mb the training runs in a memory
cgroup, for which one must be root, the pages of the set are dropped before, and
all time counts but that in which other work had the cores.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CGROUPS = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),  # version 1
           ("/sys/fs/cgroup", "memory.max")]
NET = "net2"


class Watched:
    """A process, its time, its CPU time, how much it waited for a core that
    others had, and the most of its RssAnon, in MB."""

    def __init__(self, args, cgroup=None):
        def enter():
            if cgroup:
                with open(f"{cgroup}/cgroup.procs", "w") as f:
                    f.write(str(os.getpid()))
        self.anon = self.waited = 0
        start, used = time.monotonic(), self.children()
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE,
                                        text=True, preexec_fn=enter)
        threading.Thread(target=self.watch, daemon=True).start()
        self.out = self.process.communicate()[0]
        self.seconds = time.monotonic() - start
        self.cpu = self.children() - used
        if self.process.returncode:
            raise SystemExit(f"{args[1]} failed: {self.process.returncode}")

    @staticmethod
    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def watch(self):
        proc = f"/proc/{self.process.pid}"
        while self.process.poll() is None:
            try:
                with open(f"{proc}/schedstat") as f:
                    self.waited = int(f.read().split()[1]) / 1e9
                with open(f"{proc}/status") as f:
                    for line in f:
                        if line.startswith("RssAnon:"):
                            self.anon = max(self.anon,
                                            int(line.split()[1]) / 1024)
            except OSError:
                return
            time.sleep(0.02)


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("3")


def copy(source, target):
    os.sync()
    start = time.monotonic()
    shutil.copytree(source, target)
    os.sync()
    return time.monotonic() - start


def train(nevod, data, dataset, epochs, cgroup=None):
    run = Watched([nevod, "train", "--net", NET, "--dataset", dataset,
                   "--data-dir", data, "--epochs", str(epochs), "--seed", "1",
                   "--train-limit", "0", "--json"], cgroup)
    return json.loads(run.out), run


def limit(mb):
    for root, name in CGROUPS:
        group = f"{root}/nevod-bench-data"
        try:
            os.makedirs(group, exist_ok=True)
            with open(f"{group}/{name}", "w") as f:
                f.write(str(mb << 20))
            return group
        except OSError as e:
            why = e
    raise SystemExit(f"no memory cgroup can be made: {why}")


def rate(o, data, dataset, epochs, cgroup=None):
    """Images a second, and the most of RssAnon in MB."""
    answer, run = train(o.nevod, data, dataset, epochs, cgroup)
    seconds = answer["wall_s"] - run.waited if o.limit_mb else run.cpu
    return answer["images"] / seconds, run.anon


def compare(o, data, cgroup):
    small, large = [], []
    for _ in range(o.times):
        small.append(rate(o, data, "fashion-mnist", 5))
        if cgroup:
            drop_caches()
        large.append(rate(o, data, "large", 1, cgroup))
    a, b = (statistics.median(r for r, _ in x) for x in (small, large))
    ratio = statistics.median(y / x for (x, _), (y, _) in zip(small, large))
    how = f"in {o.limit_mb} MB, cold" if cgroup else "cached"
    print(f"in memory    {a:7.0f} images/s, RssAnon "
          f"{max(m for _, m in small):.0f} MB")
    print(f"{o.gb:g} GB, {how}  {b:7.0f} images/s ({ratio:.2f} "
          f"of in memory), RssAnon {max(m for _, m in large):.0f} MB")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    p.add_argument("nevod")
    p.add_argument("--gb", type=float, default=2)
    p.add_argument("--limit-mb", type=int)
    p.add_argument("--times", type=int, default=3)
    p.add_argument("--keep", help="work there, and leave what is made")
    o = p.parse_args()
    work = o.keep or tempfile.mkdtemp(prefix="nevod-bench-data-")
    large, data = f"{work}/large", f"{work}/data"
    try:
        subprocess.check_call([f"{HERE}/../tools/make-large", large, "--gb",
                               str(o.gb)])
        copied = copy(large, f"{work}/copy")
        shutil.rmtree(f"{work}/copy")
        made = Watched([o.nevod, "dataset", "import", large, "large",
                        "--data-dir", data])
        print(f"import       {o.gb * 1000 / made.seconds:7.0f} MB/s, RssAnon "
              f"{made.anon:.0f} MB; cp and sync {o.gb * 1000 / copied:.0f} "
              f"MB/s", flush=True)
        cgroup = limit(o.limit_mb) if o.limit_mb else None
        compare(o, data, cgroup)
    finally:
        if not o.keep:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
