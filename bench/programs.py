"""programs.py -- the programs that are compared, each as a command and the
environment that holds it to a kernel class and one thread."""
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # Debian's, the one that sees python3-torch

# Batches that are timed: a second or two of each.
NEVOD_STEPS = {"net1": 300, "net2": 3000, "net3": 30}
TORCH_STEPS = {"net1": 80, "net2": 800, "net3": 10}

# How PyTorch is used: its best, as most scripts use it, and as Debian
# installs it, where the matrices of dense layers meet a reference BLAS.
TORCH = {
    "channels_last": {"layout": "channels_last", "input": "tensors"},
    "plain": {"layout": "plain", "input": "tensors"},
    "loader": {"layout": "channels_last", "input": "loader"},
    "libblas3": {"layout": "channels_last", "input": "tensors"},
}

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# What holds PyTorch's libraries to the instruction set of a kernel class; a
# class that is not here is this CPU's best, which they take by themselves.
CAPS = {
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2",
             "ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell"},
}


class Program:
    def __init__(self, command, env=None):
        self.command = command
        self.env = {**os.environ, **ONE_THREAD, **(env or {})}

    def start(self):
        return subprocess.Popen(self.command, env=self.env, text=True,
                                stdout=subprocess.PIPE)

    def finish(self, process):
        text, _ = process.communicate()
        if process.returncode:
            sys.exit(f"bench: {' '.join(self.command)} ended with "
                     f"{process.returncode}")
        return json.loads(text)

    def run(self):
        return self.finish(self.start())

    def run_pair(self):
        """Two at once; the figures of both."""
        both = [self.start(), self.start()]
        return [self.finish(p) for p in both]


def nevod(exe, net, kernels, *amount):
    return Program([exe, "bench", "train", "--json", "--net", net,
                    "--kernels", kernels, *amount])


def blas_folders(variant):
    names = (["blas", "lapack"] if variant == "libblas3"
             else ["openblas-pthread"])
    found = [d for n in names for d in glob.glob(f"/usr/lib/*/{n}")]
    if len(found) != len(names):
        sys.exit(f"bench: no folder of {' and '.join(names)} in /usr/lib")
    return ":".join(found)


def torch(net, kernels, variant, *amount):
    how = TORCH[variant]
    env = {"LD_LIBRARY_PATH": blas_folders(variant),
           **CAPS.get(kernels.split("-")[0], {})}
    return Program([PYTHON, os.path.join(HERE, "torch_train.py"),
                    "--net", net, "--layout", how["layout"],
                    "--input", how["input"], *amount], env)


def peaks(exe):
    """The kernel classes of this CPU, best first: {name: GFLOP/s}."""
    document = Program([exe, "bench", "peak", "--json"]).run()
    return {p["kernels"]: p["fma_peak_gflop_per_s"]
            for p in document["peaks"]}


def torch_convolutions(kernels):
    """The kernels that oneDNN chose for PyTorch's convolutions."""
    program = torch("net1", kernels, "channels_last", "--steps", "1")
    done = subprocess.run(program.command, capture_output=True, text=True,
                          env={**program.env, "DNNL_VERBOSE": "1"},
                          check=True)
    lines = [line.split(",") for line in done.stdout.splitlines()]
    return sorted({f[4] for f in lines
                   if len(f) > 4 and f[3] == "convolution"})
