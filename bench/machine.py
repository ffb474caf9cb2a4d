"""machine.py -- what a benchmark's figures were measured on."""
import os
import re
import subprocess

INSTRUCTION_SETS = ["avx512f", "avx2", "fma", "sse4_1"]


def cpu():
    """The first processor of /proc/cpuinfo, by field."""
    fields = {}
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if not line.strip():
                break
            name, _, value = line.partition(":")
            fields[name.strip()] = value.strip()
    return fields


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def package_version(name):
    return output("dpkg-query", "-W", "-f=${Version}", name)


def memory_mb():
    with open("/proc/meminfo", encoding="utf-8") as f:
        return int(re.search(r"MemTotal:\s+(\d+)", f.read())[1]) // 1024


def describe(nevod):
    fields = cpu()
    flags = fields.get("flags", "").split()
    packages = ["libdnnl2", "python3-torch", "libopenblas0-pthread"]
    return {
        "cpu": fields.get("model name", "unknown"),
        "cpu_family": fields.get("cpu family"),
        "cpu_model": fields.get("model"),
        "cores": os.cpu_count(),
        "instruction_sets": [f for f in INSTRUCTION_SETS if f in flags],
        "memory_mb": memory_mb(),
        "kernel": os.uname().release,
        "load": os.getloadavg()[0],
        "nevod": output(nevod, "--version").splitlines()[0],
        "compiler": output("cc", "--version").splitlines()[0],
        "packages": {name: package_version(name) for name in packages},
    }
