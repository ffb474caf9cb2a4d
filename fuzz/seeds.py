#!/usr/bin/env python3
"""seeds.py DIR -- writes one small sound input or more for each fuzz target,
as DIR/TARGET/NAME, so that fuzzing starts inside the formats."""
import gzip
import json
import os
import struct
import sys
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GENOME = {"Number of Convolutional Layers": 1,
          "Number of Fully Connected Layers": 1,
          "Number of Nodes in Each Layer": [8],
          "Activation Functions": ["relu", "selu"], "Dropout Rate": 0.1,
          "Learning Rate": 0.003, "Batch Size": 16, "Optimizer": "adam",
          "filters": [4], "kernel_sizes": [3], "num_channels": 1, "px_h": 4,
          "px_w": 4, "num_classes": 2}


def node(op, inputs, shape, **attributes):
    return {"op": op, "inputs": inputs, "shape": shape, **attributes}


# Every op, on images of 1x4x4.
NODES = [node("input", [], [1, 4, 4]),
         node("conv", [0], [2, 4, 4], filters=2, kernel=3, stride=1),
         node("batchnorm", [1], [2, 4, 4]),
         node("activation", [2], [2, 4, 4], activation="tanh"),
         node("maxpool", [3], [2, 2, 2]),
         node("shrink", [3], [2, 2, 2], height=2, width=2),
         node("concat", [4, 5], [4, 2, 2]),
         node("sum", [6, 6], [4, 2, 2]),
         node("dropout", [7], [4, 2, 2], rate=0.5),
         node("layernorm", [8], [4, 2, 2]),
         node("avgpool", [9], [4, 1, 1]),
         node("dense", [10], [2, 1, 1], units=2)]
TENSORS = {"node1.weight": [2, 1, 3, 3], "node1.bias": [2],
           "node2.weight": [2], "node2.bias": [2],
           "node2.running_mean": [2], "node2.running_var": [2],
           "node9.weight": [4], "node9.bias": [4],
           "node11.weight": [2, 4], "node11.bias": [2]}


def model():
    notes = {"architecture": NODES, "class_names": ["cat", "dog"],
             "normalization": {"mean": [0.5], "std": [0.25]},
             "genome": GENOME}
    header = {"__metadata__": {k: json.dumps(v) for k, v in notes.items()}}
    header["__metadata__"]["dataset_hash"] = "0123abcd"
    data = b""
    for name, shape in TENSORS.items():
        count, start = 1, len(data)
        for dim in shape:
            count *= dim
        data += struct.pack(f"<{count}f", *[0.25] * count)
        header[name] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def idx(*dims):
    count = 1
    for dim in dims:
        count *= dim
    return (bytes([0, 0, 8, len(dims)]) + struct.pack(f">{len(dims)}I", *dims)
            + bytes(range(count)))


def idx_folder(packed):
    """As fuzz_idx.c takes it: train and test, images and labels."""
    labels = [bytes([0, 0, 8, 1]) + struct.pack(">I", n) + bytes(range(n))
              for n in (4, 2)]
    files = [idx(4, 3, 3), labels[0], idx(2, 3, 3), labels[1]]
    if packed:
        files = [gzip.compress(f, mtime=0) for f in files]
    return struct.pack("<3H", *map(len, files[:3])) + b"".join(files)


def png(color_type, channels):
    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + \
            struct.pack(">I", crc)
    rows = b"".join(b"\0" + bytes(range(4 * channels)) for _ in range(4))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">2I5B", 4, 4, 8, color_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def generation_request():
    return {"algorithm": "truncation", "seed": 7, "generation": 1, "size": 2,
            "next_id": 2, "elite": 1, "mutation_rate": 0.1, "batch_size": 16,
            "num_channels": 1, "px_h": 4, "px_w": 4, "num_classes": 2,
            "population": [{"id": i, "fitness": 0.5, "genome": GENOME}
                           for i in range(2)]}


def generation_answer():
    return {"algorithm": "truncation", "generation": 1, "next_id": 3,
            "population": [{"id": 2, "parents": [0, 1], "elite": False,
                            "genome": GENOME}]}


def layer_genome():
    with open(os.path.join(ROOT, "api", "schemas.json"), encoding="utf-8") as f:
        return json.load(f)["LayerGenome"]["examples"][0]


def neat_request():
    genome = layer_genome()
    species = {"id": 0, "born": 0, "best": -1, "improved": 0}
    state = {"innovations": {"node": 90, "edge": 90}, "next_species": 1,
             "threshold": 6, "best": -1, "improved": 0, "species": [species]}
    return {"algorithm": "neat", "seed": 7, "generation": 1, "size": 4,
            "next_id": 2, "batch_size": 16, "num_channels": 1, "px_h": 28,
            "px_w": 28, "num_classes": 10, "neat": {"add_node_rate": 0.5},
            "state": state,
            "population": [{"id": i, "species": 0, "fitness": 0.5,
                            "genome": genome} for i in range(2)]}


def neat_answer():
    q = neat_request()
    member = {"id": 2, "species": 0, "parents": [0, 1], "elite": False,
              "mutations": ["split"], "genome": layer_genome()}
    return {"algorithm": "neat", "generation": 1, "next_id": 3,
            "state": q["state"], "population": [member]}


def seeds():
    yield "safetensors/every_op", model()
    yield "architecture/every_op", json.dumps(NODES).encode()
    yield "images/one.idx", idx(4, 4)
    yield "images/many.idx", idx(3, 4, 4)
    yield "images/colours.idx.gz", gzip.compress(idx(2, 3, 4, 4), mtime=0)
    yield "images/gray.png", png(0, 1)
    yield "images/colours.png", png(2, 3)
    yield "idx/plain", idx_folder(False)
    yield "idx/gzipped", idx_folder(True)
    yield "routes/plain", b"\0/v1/runs/7f/genomes/5%2e1.svg"
    yield "routes/escaped", b"\3/v1/jobs/7f%2F0%2f12"
    yield "routes/legacy", b"\2/api/create_child"
    yield "genome_json/flat", json.dumps(GENOME).encode()
    yield "layer_json/graph", json.dumps(layer_genome()).encode()
    yield "generation_json/request", json.dumps(generation_request()).encode()
    yield "population_json/request", json.dumps(neat_request()).encode()
    yield "population_json/answer", json.dumps(neat_answer()).encode()
    yield "generation_json/answer", json.dumps(generation_answer()).encode()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, content in seeds():
        path = os.path.join(sys.argv[1], name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)


if __name__ == "__main__":
    main()
