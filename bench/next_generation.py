#!/usr/bin/env python3
"""next_generation.py NEVOD -- how long the genome service takes to breed.

Asks a genome service of its own for the first population of layer graphs and
then for one generation after the other, with random fitness, and prints a row
for each: seconds until the last byte, the sizes of request and answer, species,
and the most memory that the service has held so far.
"""
import argparse
import json
import random
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class GenomeService:
    """`nevod genome`, stopped at the end."""

    def __init__(self, nevod):
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [nevod, "genome", "--port", port],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(100):
            try:
                with urllib.request.urlopen(self.url + "/readyz"):
                    return self
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise SystemExit("bench: the genome service does not answer")

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()

    def next_generation(self, body):
        request = urllib.request.Request(
            self.url + "/v1/next_generation", body,
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1000
        raise SystemExit("bench: this system does not tell peak memory")


def follow(request, answer, chance):
    """The request for the generation after an answer, now that it is scored."""
    keep = ("id", "species", "genome")
    return {**request, "generation": answer["generation"] + 1,
            "next_id": answer["next_id"], "state": answer["state"],
            "population": [{**{key: m[key] for key in keep},
                            "fitness": chance.random()}
                           for m in answer["population"]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nevod")
    parser.add_argument("--size", type=int, default=10000)
    parser.add_argument("--generations", type=int, default=6)
    options = parser.parse_args()
    chance = random.Random(1)
    request = {"algorithm": "neat", "seed": 1, "generation": 0,
               "size": options.size, "next_id": 0, "batch_size": 64,
               "num_channels": 1, "px_h": 28, "px_w": 28, "num_classes": 10}
    print(f"{'generation':>10} {'s':>6} {'MB sent':>8} {'MB got':>8} "
          f"{'species':>8} {'peak MB':>8}")
    with GenomeService(options.nevod) as service:
        for generation in range(options.generations):
            body = json.dumps(request).encode()
            start = time.monotonic()
            text = service.next_generation(body)
            wall_s = time.monotonic() - start
            answer = json.loads(text)
            species = {m["species"] for m in answer["population"]}
            print(f"{generation:10} {wall_s:6.2f} {len(body) / 1e6:8.1f} "
                  f"{len(text) / 1e6:8.1f} {len(species):8} "
                  f"{service.peak_mb():8.0f}", flush=True)
            request = follow(request, answer, chance)


if __name__ == "__main__":
    main()
