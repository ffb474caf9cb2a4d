#!/usr/bin/env python3
"""seeds.py DIR -- writes one small sound input or more for each fuzz target,
as DIR/TARGET/NAME, so that fuzzing starts inside the formats."""
import base64
import gzip
import hashlib
import io
import json
import os
import struct
import sys
import tarfile
import zipfile
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


# Gray, 4x4.
JPEGS = {
    "plain":
        "/9j/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P////////////////////////////"
        "//////////////////////////////wAALCAAEAAQBAREA/8QAFAABAAAAAAAAAAAA"
        "AAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AF//Z",
    "progressive":
        "/9j/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P////////////////////////////"
        "//////////////////////////////wgALCAAEAAQBAREA/8QAFAABAAAAAAAAAAAA"
        "AAAAAAAAAv/aAAgBAQAAAAEf/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABBQ"
        "J//8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAGPwJ//8QAFBABAAAAAAAAAAAA"
        "AAAAAAAAAP/aAAgBAQABPyF//9oACAEBAAAAEH//xAAUEAEAAAAAAAAAAAAAAAAAAA"
        "AA/9oACAEBAAE/EH//2Q==",
}

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
    header["__metadata__"]["flip_test"] = "true"
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


def parts(*files):
    """As memory_folder.h takes them: lengths of all but the last, first."""
    return struct.pack(f"<{len(files) - 1}H", *map(len, files[:-1])) \
        + b"".join(files)


def npy(descr, shape, values):
    head = f"{{'descr': '{descr}', 'fortran_order': False, " \
           f"'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + values


def npz():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for part, n in ("train", 4), ("val", 1), ("test", 2):
            z.writestr(zipfile.ZipInfo(f"{part}_images.npy"),
                       npy("|u1", (n, 3, 3), bytes(range(9 * n))))
            z.writestr(zipfile.ZipInfo(f"{part}_labels.npy"),
                       npy("<i8", (n, 1), struct.pack(f"<{n}q", *range(n))))
    return out.getvalue()


def shard():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for i in range(4):
            for name, body in (f"{i}.png", png(0, 1)), (f"{i}.cls", b"%d" % i):
                member = tarfile.TarInfo(name)
                member.size = len(body)
                t.addfile(member, io.BytesIO(body))
    return out.getvalue()


def cifar():
    records = [bytes([k]) + bytes(3072) for k in range(3)]
    names = "".join(f"name{k}\n" for k in range(10)).encode()
    return parts(b"".join(records[:2]), records[2], names)


def prepared():
    """dataset_cache.h: two training images of one pixel, and one of test."""
    head = b"NEVODNDS" + struct.pack("<I4iI2Q", 1, 1, 1, 1, 2, 0, 2, 1) \
        + b"c0" * 32 + bytes(8)
    names = b"cat".ljust(64, b"\0") + b"dog".ljust(64, b"\0")
    check = hashlib.sha256(head + names).hexdigest().encode() + bytes(8)
    pieces = [b"\1\2", struct.pack("<2H", 0, 1), b"\3", struct.pack("<H", 1)]
    return head + check + names + b"".join(p.ljust(64, b"\0") for p in pieces)


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


RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"
TRAINING = {"epochs": 2, "train_limit": 500, "validation_fraction": 0.1,
            "max_job_mb": 256, "schedule": "one-cycle", "weight_decay": 0.01,
            "label_smoothing": 0.1, "clip_norm": 2.5,
            "augment": {"crop": 2, "flip": True, "erase": 0.25}}


def random_request():
    q = neat_request()
    del q["neat"], q["state"]
    for member in q["population"]:
        del member["species"]
    return {**q, "algorithm": "random"}


def first_request():
    q = neat_request()
    del q["state"], q["population"]
    return {**q, "generation": 0, "next_id": 0, "max_mflop": 9,
            "max_parameters": 90000,
            "space": {"filters": [8, 40], "learning_rate": [0.001, 0.01]},
            "seed_genomes": [layer_genome()]}


def job(version, genome):
    return {"version": version, "id": f"{RUN}/1/2/0/0", "kind": "fitness",
            "genome": genome,
            "dataset": {"name": "fashion-mnist", "hash": "c0" * 32},
            "settings": TRAINING, "kernels": "simd128-2", "seed": 7}


def result():
    return {"version": 1, "id": f"{RUN}/final/2/0/0", "kind": "final",
            "fitness": 0.75, "correct": 3, "total": 4,
            "epochs": [{"loss": 0.5, "train_accuracy": 0.75,
                        "val_accuracy": 0.5}],
            "parameters": 10, "flops": 1000, "images": 100, "cpu_s": 1.5,
            "peak_bytes": 4096, "kernels": "simd128-2",
            "nevod_version": "1.0", "failure": None,
            "weights": {"sha256": "c0" * 32, "bytes": 4096}}


def failure():
    return {**result(), "id": f"{RUN}/1/2/0/0", "kind": "fitness",
            "fitness": 0, "weights": None,
            "failure": {"whose": "genome", "code": "memory",
                        "reason": "It needs more than it may have."}}


def settings(algorithm, **own):
    return {"name": "one", "dataset": "fashion-mnist", "algorithm": algorithm,
            "population": 4, "generations": 3, "fitness_threshold": 0.9,
            "stagnation": 0, **TRAINING, "final_epochs": 3, "batch_size": 64,
            "kernels": "simd128-2", "seed": 7, **own}


def stored_settings():
    neat = {"preset": "cnn", "threshold": 4, "add_node_rate": 0.25}
    return {**settings("neat", neat=neat, size_pressure=0),
            "dataset_hash": "c0" * 32, "num_channels": 1, "px_h": 28,
            "px_w": 28, "num_classes": 10}


def documents():
    yield "genome_json/flat", GENOME
    yield "genome_json/graph", layer_genome()
    yield "layer_json/graph", layer_genome()
    for target in "generation_json", "population_json":
        yield f"{target}/truncation", generation_request()
        yield f"{target}/neat", neat_request()
        yield f"{target}/random", random_request()
        yield f"{target}/first", first_request()
    yield "generation_json/truncation_answer", generation_answer()
    yield "generation_json/neat_answer", neat_answer()
    yield "job_json/flat", job(1, GENOME)
    yield "job_json/graph", job(2, layer_genome())
    yield "job_json/parents", {**job(5, layer_genome()),
                               "parents": ["c0" * 32, "d1" * 32],
                               "inherit_keep": 0.5, "keep_weights": True}
    yield "job_json/result", result()
    yield "job_json/failure", failure()
    yield "settings/neat", settings("neat", neat={"preset": "cnn", "c1": 2})
    yield "settings/truncation", settings("truncation", elite=1,
                                          mutation_rate=0.1)
    yield "settings/random", settings("random")
    yield "settings/stored", stored_settings()
    yield "settings/seeds", settings("neat", seed_genomes=[layer_genome()],
                                     max_model_kb=400,
                                     space={"kernel": "3..5", "units": 32})
    yield "settings/fork", settings("neat", fork={"run": RUN,
                                                  "generation": 3})


def seeds():
    yield "safetensors/every_op", model()
    yield "architecture/every_op", json.dumps(NODES).encode()
    yield "images/one.idx", idx(4, 4)
    yield "images/one.npy", npy("|u1", (5, 7), bytes(35))
    yield "images/last.npy", npy("|u1", (2, 5, 7, 3), bytes(210))
    yield "images/many.idx", idx(3, 4, 4)
    yield "images/colours.idx.gz", gzip.compress(idx(2, 3, 4, 4), mtime=0)
    yield "images/gray.png", png(0, 1)
    yield "images/colours.png", png(2, 3)
    for name, text in JPEGS.items():
        yield f"images/{name}.jpg", base64.b64decode(text)
    yield "idx/plain", idx_folder(False)
    yield "idx/gzipped", idx_folder(True)
    yield "npy/pair", parts(npy("|u1", (4, 3, 3), bytes(range(36))),
                            npy("<i4", (4,), struct.pack("<4i", 1, 2, 1, 9)))
    yield "npy/floats", parts(npy(">f8", (4, 2, 2, 3), bytes(8 * 48)),
                              npy("|u1", (4, 2), bytes(range(8))))
    yield "npz/deflated", npz()
    yield "tar/plain", shard()
    yield "tar/gzipped", gzip.compress(shard(), mtime=0)
    yield "cifar/ten", cifar()
    yield "prepared/small", prepared()
    yield "manifest/two", json.dumps({
        "hash": "c0" * 32, "bytes": 65537,
        "shards": [{"sha256": "c1" * 32, "bytes": 65536},
                   {"sha256": "c2" * 32, "bytes": 1}]}).encode()
    yield "remote_set/shards", b"https://a/x/set-{train,test}-{08..10}.tar?v=1"
    yield "remote_set/key", "s3://sets/a b/c+d/\u00e9.npz".encode()
    yield "s3_list/two", (
        b"<ListBucketResult><Contents><Key>p/" + b"ab" * 32 + b"</Key>"
        b"<LastModified>2026-11-29T10:00:01.000Z</LastModified></Contents>"
        b"<Contents><Key>x</Key><LastModified>2026-11-29T10:00:01Z"
        b"</LastModified></Contents><NextContinuationToken>ab+/=="
        b"</NextContinuationToken></ListBucketResult>")
    yield "routes/plain", b"\0/v1/runs/7f/genomes/5%2e1.svg"
    yield "routes/escaped", b"\3/v1/jobs/7f%2F0%2f12"
    yield "routes/legacy", b"\2/api/create_child"
    yield "orders/all", json.dumps({
        "take": [{"id": "a"}, {"id": "b", "missing": True}, {"id": "c"}],
        "watch": ["a", "x"], "cancel": ["b"], "forget": ["c"],
        "number": 1, "wait_ms": 100}).encode()
    yield "trace/parent", (
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    yield "trace/later", (
        b"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more")
    yield "trace/path", b"cannot read /data/ward 7/a.png: gone, or \"/b/c\""
    yield "trace/url", b"https://me:secret@host:81/a/b.tar?sig=/x answered 403"
    yield "query/plain", b"limit=7&state=x+%26y"
    yield "query/escaped", b"l%69mit=30&&state"
    yield "query/unknown", b"limit=7&limt=8"
    for name, document in documents():
        yield name, json.dumps(document).encode()


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
