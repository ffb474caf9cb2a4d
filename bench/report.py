"""report.py -- a benchmark's document as the tables that README quotes."""
import datetime
import json
import math
import os
import re
import statistics

# What the project holds itself to, and where it wants to go.
FLOORS = {"net1": 2.5, "net2": 4.5, "net3": 2.6, "pair": 3.0}
AIMS = {"net1": 3.5, "net2": 6.5, "net3": 3.5}
NAMES = {"pair": "net1, two processes"}


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)] + rows
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number(x):
    return f"{x:,.0f}" if x is not None else ""


def first(figures):
    """Figures of a run; of two at once, the first's."""
    return figures[0] if isinstance(figures, list) else figures


def median_of(row, program, key):
    runs = row["runs"].get(program)
    return statistics.median(first(r)[key] for r in runs) if runs else None


def speed_cells(row):
    speed = row["images_per_s"]
    columns = ["nevod", "channels_last", "plain", "loader", "libblas3"]
    return [number(speed.get(c)) for c in columns]


def share(row):
    return f"{100 * median_of(row, 'nevod', 'share_of_peak'):.0f}%"


def megabytes(row):
    theirs = "loader" if row["net"] == "pair" else "channels_last"
    return " / ".join(number(median_of(row, p, "peak_rss_bytes") / 1e6)
                      for p in ["nevod", theirs])


def class_table(c):
    head = ["net", "nevod", "PyTorch channels_last", "plain", "DataLoader",
            "libblas3", "**ratio**", "by CPU", "floor", "aim", "of peak", "MB"]
    rows = [[NAMES.get(r["net"], r["net"]), *speed_cells(r),
             f"**{r['ratio']:.2f}**", f"{r['ratio_cpu']:.2f}",
             f"{FLOORS[r['net']]}", f"{AIMS.get(r['net'], '')}",
             share(r), megabytes(r)]
            for r in c["rows"]]
    return table(head, rows)


def torch_line(c):
    for row in c["rows"]:
        for name, runs in row["runs"].items():
            if name not in ("nevod", "libblas3"):
                f = first(runs[0])
                return (f"PyTorch {f['torch']}, oneDNN "
                        f"{'on' if f['mkldnn'] else 'off'} "
                        f"({', '.join(c['torch_convolutions'])}), "
                        f"{', '.join(f['blas'])}")
    return ""


def class_section(c):
    return (f"Kernels {c['kernels']} (at best "
            f"{c['fma_peak_gflop_per_s']:.0f} GFLOP/s a core); "
            f"{torch_line(c)}:\n\n{class_table(c)}")


def markdown(document):
    m = document["machine"]
    return (f"{m['cpu']} (family {m['cpu_family']}, model {m['cpu_model']}), "
            f"{m['cores']} cores, {document['date'][:10]}; images per second "
            f"of training on one thread, medians of {document['rounds']} "
            "runs in turn.\n\n"
            + "\n".join(class_section(c) for c in document["classes"]))


def difference(mine, other):
    """Of pairs: the mean and, of two and more, its standard error."""
    pairs = [a - b for a, b in zip(mine, other)]
    if len(pairs) < 2:
        return f"{pairs[0]:+.4f}" if pairs else ""
    error = statistics.stdev(pairs) / math.sqrt(len(pairs))
    return f"{statistics.mean(pairs):+.4f} +- {error:.4f}"


def now():
    return datetime.datetime.now().astimezone().isoformat("T", "seconds")


def write(folder, document, kind, text):
    """Writes FOLDER/DATE-CPU-KIND.json and the text as .md; the path of both
    without the ending."""
    cpu = re.sub(r"[^a-z0-9]+", "-", document["machine"]["cpu"].lower())
    stem = os.path.join(
        folder, f"{document['date'][:10]}-{cpu.strip('-')}-{kind}")
    os.makedirs(folder, exist_ok=True)
    with open(stem + ".json", "w", encoding="utf-8") as f:
        json.dump(document, f, indent=1)
        f.write("\n")
    with open(stem + ".md", "w", encoding="utf-8") as f:
        f.write(text)
    return stem
