#!/usr/bin/python3
"""loader.py NEVOD [--pngs N] [--jpegs N] [--times K] -- picture folders, read by
nevod and by PyTorch's DataLoader.

Writes two folders of pictures, a folder a class: Fashion-MNIST's images as PNGs
of 28x28, and JPEGs of 500x375; and reads each, all files cached, K times by
either in alternation: `nevod dataset import`, which also checks, hashes and
keeps what it reads, and a DataLoader (num_workers=0) over torchvision's
ImageFolder, which gives tensors.  Gray PNGs stay gray; JPEGs are resized to
64x64 by the same filter, a triangle over all that a pixel covers.  What is
compared is CPU time, since all is cached and either has one thread: of nevod the
whole process, of Python what comes after its imports.  Prints the medians.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

SOURCE = "/usr/share/datasets/fashion-mnist"
CLASSES = 10
BATCH = 64

# Run as a process of its own, so that its time can be told from ours.
TORCH = """
import sys, torch, torchvision
from torchvision import transforms as T
folder, gray, size = sys.argv[1], sys.argv[2] == "1", int(sys.argv[3])
torch.set_num_threads(1)
steps = [T.Grayscale()] if gray else []
if size:
    steps.append(T.Resize((size, size), antialias=True))
data = torchvision.datasets.ImageFolder(folder, T.Compose(steps + [T.ToTensor()]))
import time
start, n = time.process_time(), 0
for images, labels in torch.utils.data.DataLoader(data, batch_size=%d):
    n += len(labels)
print(n, time.process_time() - start)
""" % BATCH


def fashion():
    import gzip
    with gzip.open(f"{SOURCE}/train-images-idx3-ubyte.gz") as f:
        images = np.frombuffer(f.read(), np.uint8)[16:].reshape(-1, 28, 28)
    with gzip.open(f"{SOURCE}/train-labels-idx1-ubyte.gz") as f:
        labels = np.frombuffer(f.read(), np.uint8)[8:]
    return images, labels


def write(folder, ending, pictures):
    for i, (pixels, label) in enumerate(pictures):
        at = f"{folder}/train/{label}"
        os.makedirs(at, exist_ok=True)
        Image.fromarray(pixels).save(f"{at}/{i:06d}.{ending}", quality=90)


def pngs(n):
    images, labels = fashion()
    return ((images[i % len(images)], labels[i % len(images)])
            for i in range(n))


def jpegs(n):
    """Colours that change slowly, edges, and some noise: a photo's share of
    each frequency, more or less."""
    random = np.random.default_rng(1)
    for i in range(n):
        coarse = random.integers(0, 256, (6, 8, 3), np.uint8)
        image = np.asarray(Image.fromarray(coarse).resize(
            (500, 375), Image.BICUBIC)).astype(np.int16)
        x, y = random.integers(50, 300, 2)
        image[y - 40:y + 40, x - 40:x + 40] //= 2
        image += random.integers(-12, 13, image.shape, np.int16)
        yield np.clip(image, 0, 255).astype(np.uint8), i % CLASSES


def by_nevod(nevod, folder, resize, work):
    data = f"{work}/data"
    shutil.rmtree(data, ignore_errors=True)
    p = subprocess.Popen([nevod, "dataset", "import", folder, "set",
                          "--data-dir", data, *resize],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    if status:
        sys.exit(f"nevod failed: {status}")
    return used.ru_utime + used.ru_stime


def by_torch(folder, gray, size):
    out = subprocess.check_output([sys.executable, "-c", TORCH,
                                   f"{folder}/train", str(int(gray)), str(size)])
    return float(out.split()[1])


def compare(o, work, name, pictures, n, gray, size):
    folder = f"{work}/{name}"
    write(folder, "png" if gray else "jpg", pictures)
    resize = ["--resize", f"{size}x{size}"] if size else []
    ours, theirs = [], []
    for _ in range(o.times + 1):  # the first fills the cache
        ours.append(by_nevod(o.nevod, folder, resize, work))
        theirs.append(by_torch(folder, gray, size))
    a, b = (statistics.median(x[1:]) for x in (ours, theirs))
    print(f"{n} {name}: nevod {n / a:7.0f} a second, DataLoader "
          f"{n / b:7.0f}: {b / a:.2f} times", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    p.add_argument("nevod")
    p.add_argument("--pngs", type=int, default=60000)
    p.add_argument("--jpegs", type=int, default=2000)
    p.add_argument("--times", type=int, default=3)
    o = p.parse_args()
    work = tempfile.mkdtemp(prefix="nevod-bench-loader-")
    try:
        compare(o, work, "PNGs of 28x28", pngs(o.pngs), o.pngs, True, 0)
        compare(o, work, "JPEGs of 500x375 at 64x64", jpegs(o.jpegs), o.jpegs,
                False, 64)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
