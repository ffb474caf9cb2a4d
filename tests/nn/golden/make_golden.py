#!/usr/bin/python3
"""Writes what PyTorch computes, for tests/nn/test_golden*.c to compare with.

    make golden

Inputs are decimals of three digits, so that both sides start from the same
floats; PyTorch then works in double precision.  What the test measures is thus
the engine's rounding alone, and the files come out the same on any machine.
A network is written as nn/spec.h has it: a list of nodes, node 0 the images.
"""
import json
import math
import pathlib
import random
import struct
import textwrap
import warnings

import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).parent
MARGIN = 1e-5  # a hundred times a float's rounding of numbers around 1


# ---- The optimizers ---------------------------------------------------------

STEPS = 20
AFTER = (1, 10, 20)  # the steps whose results are written down
PARAMETERS = 27
FIRST = 7  # of them are a matrix, the others a vector


def given_walk(seed):
    """Parameters and gradients.  Parameters start far enough from 0 to stay
    there, as errors are measured relative to them.  Gradients go down to 1e-8,
    where it matters what epsilon is and what it is added to; one is 0."""
    r = random.Random(seed)
    sizes = [0.0] + [10.0 ** -(i % 9) for i in range(1, PARAMETERS)]
    start = [r.choice((-1, 1)) * round(r.uniform(1, 2), 3) for _ in sizes]
    gradients = [[float("%.3g" % (r.uniform(-1, 1) * s)) for s in sizes]
                 for _ in range(STEPS)]
    return start, gradients


OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "nesterov": lambda w, **options: torch.optim.SGD(
        w, momentum=0.9, nesterov=True, **options),
}


SCHEDULES = {
    "constant": lambda o, rate: torch.optim.lr_scheduler.LambdaLR(
        o, lambda step: 1.0),
    "cosine": lambda o, rate: torch.optim.lr_scheduler.CosineAnnealingLR(
        o, STEPS),
    "one-cycle": lambda o, rate: torch.optim.lr_scheduler.OneCycleLR(
        o, rate, STEPS, cycle_momentum=False),
}


def walk(start, gradients, optimizer, rate, schedule="constant",
         weight_decay=None, clip_norm=None, spare_biases=False):
    """Without a weight decay it is the optimizer's usual one.  The gradients'
    norm goes from 0.45 to 1.2, and a clip norm must be in between."""
    w = [as_floats(part).requires_grad_()
         for part in (start[:FIRST], start[FIRST:])]
    decay = {} if weight_decay is None else {"weight_decay": weight_decay}
    spared = {"weight_decay": 0.0} if spare_biases else {}
    o = OPTIMIZERS[optimizer]([{"params": w[0]}, {"params": w[1], **spared}],
                              lr=rate, **decay)
    scheduler = SCHEDULES[schedule](o, rate)
    rates, after = [], {}
    for step, gradient in enumerate(gradients, 1):
        w[0].grad = as_floats(gradient[:FIRST])
        w[1].grad = as_floats(gradient[FIRST:])
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(w, clip_norm)
        rates.append(scheduler.get_last_lr()[0])
        o.step()
        scheduler.step()
        now = torch.cat(w)
        assert now.abs().min() > 0.5, "errors are relative: far from 0"
        if step in AFTER:
            after[str(step)] = now.tolist()
    recipe = {} if schedule == "constant" else {
        "schedule": schedule, "rates": rates}
    if clip_norm is not None:
        recipe["clip_norm"] = clip_norm
    if spare_biases:
        recipe["spare_biases"] = True
    return {"optimizer": optimizer, "rate": rate, **decay, **recipe,
            "after": after}


def make_optimizers():
    """Each rule alone, then with what a recipe adds to it."""
    start, gradients = given_walk(seed=1)
    plain = (("adam", 0.05), ("adamw", 0.05), ("sgd", 0.1), ("rmsprop", 0.003),
             ("nesterov", 0.02))
    recipes = (
        ("adam", 0.03, "cosine", 0.05, 0.7),
        ("adamw", 0.03, "one-cycle", 0.2, 0.7),
        ("adamw", 0.03, "constant", 0.0),
        ("sgd", 0.1, "one-cycle", 0.02, 0.7),
        ("rmsprop", 0.003, "cosine", 0.02),
        ("nesterov", 0.02, "one-cycle", 0.02, 0.7),
        ("adamw", 0.03, "one-cycle", 0.2, 0.7, True),
        ("nesterov", 0.02, "constant", 0.02, None, True),
    )
    for name, walks in (("optimizers", plain), ("recipes", recipes)):
        write(f"{name}.json", {
            "start": start,
            "gradients": gradients,
            "walks": [walk(start, gradients, *w) for w in walks],
        })


# ---- Whole training steps ---------------------------------------------------

BATCH = 5


def conv(at, filters, kernel):
    return {"op": "conv", "inputs": [at], "filters": filters, "kernel": kernel}


def strided(at, filters, kernel, stride):
    return {**conv(at, filters, kernel), "stride": stride}


def dense(at, units):
    return {"op": "dense", "inputs": [at], "units": units}


def act(at, name):
    return {"op": "activation", "inputs": [at], "activation": name}


def batchnorm(at):
    return {"op": "batchnorm", "inputs": [at]}


def layernorm(at):
    return {"op": "layernorm", "inputs": [at]}


def maxpool(at):
    return {"op": "maxpool", "inputs": [at]}


def avgpool(at):
    return {"op": "avgpool", "inputs": [at]}


def dropout(at, rate):
    return {"op": "dropout", "inputs": [at], "rate": rate}


def shrink(at, height, width):
    return {"op": "shrink", "inputs": [at], "height": height, "width": width}


def join(op, *inputs):
    return {"op": op, "inputs": list(inputs)}


# name: seed, image (C,H,W), classes, nodes from node 1 on, label smoothing
NETS = {
    "plain": (1, (1, 9, 7), 4, [
        conv(0, 7, 3), act(1, "relu"), maxpool(2),
        conv(3, 3, 3), batchnorm(4), act(5, "relu"), maxpool(6),
        dense(7, 11), act(8, "relu"), dense(9, 4)]),
    # Kernels of 5, 1 and an even 4, which pads one more behind than before.
    "kernels": (2, (3, 7, 9), 3, [
        conv(0, 3, 5), act(1, "relu"), conv(2, 7, 1), conv(3, 1, 4),
        maxpool(4), dropout(5, 0.0), dense(6, 7), dense(7, 3)]),
    "activations": (3, (3, 5, 5), 3, [
        conv(0, 7, 3), act(1, "tanh"), conv(2, 3, 1), act(3, "leakyrelu"),
        dense(4, 7), act(5, "selu"), dense(6, 5), act(7, "sigmoid"),
        dense(8, 3)]),
    # Node 3 feeds a sum and a concatenation, the images three nodes.
    "skips": (4, (3, 5, 7), 3, [
        conv(0, 3, 3), batchnorm(1), act(2, "relu"), join("sum", 3, 0),
        join("concat", 4, 3, 0), shrink(5, 2, 3), conv(6, 7, 3),
        dense(7, 3)]),
    # Channels in whole vectors, where the fast kernels are.
    "wide": (5, (1, 8, 8), 5, [
        conv(0, 8, 3), act(1, "relu"), conv(2, 16, 3), act(3, "relu"),
        maxpool(4), dense(5, 5)]),
    "smoothing": (6, (1, 3, 3), 7, [
        conv(0, 3, 3), act(1, "tanh"), dense(2, 7)], 0.1),
    # Strides, averages of 2 x 2 and of the whole map, layer normalization.
    "options": (7, (3, 13, 10), 3, [
        strided(0, 7, 3, 2), layernorm(1), act(2, "relu"), avgpool(3),
        strided(3, 5, 5, 3), join("concat", 4, 5), conv(6, 9, 1),
        shrink(7, 1, 1), layernorm(8), dense(9, 3)]),
    # Their slopes need the argument, which is also read by another node.
    "bends": (8, (3, 6, 5), 3, [
        conv(0, 7, 3), act(1, "gelu"), join("concat", 1, 2), conv(3, 5, 3),
        act(4, "silu"), maxpool(5), dense(6, 9), act(7, "gelu"),
        dense(8, 7), act(9, "silu"), dense(10, 3)]),
}

ACTIVATIONS = {
    "relu": F.relu,
    "leakyrelu": F.leaky_relu,
    "selu": F.selu,
    "gelu": F.gelu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "tanh": torch.tanh,
}


def apply(node, own, training, x):
    """The output of a node with tensors `own` for inputs `x`."""
    op = node["op"]
    if op == "conv":
        # An even kernel pads one more behind, which only "same" does.
        stride = node.get("stride", 1)
        padding = "same" if stride == 1 else (node["kernel"] - 1) // 2
        return F.conv2d(x[0], own["weight"], own["bias"], stride, padding)
    if op == "dense":
        return F.linear(x[0].flatten(1), own["weight"], own["bias"])
    if op == "batchnorm":
        return F.batch_norm(x[0], own["running_mean"], own["running_var"],
                            own["weight"], own["bias"], training)
    if op == "layernorm":
        return F.group_norm(x[0], 1, own["weight"], own["bias"])
    if op == "activation":
        return ACTIVATIONS[node["activation"]](x[0])
    if op == "maxpool":
        return F.max_pool2d(x[0], 2)
    if op == "avgpool":
        return F.avg_pool2d(x[0], 2)
    if op == "shrink":
        return F.adaptive_avg_pool2d(x[0], (node["height"], node["width"]))
    if op == "dropout":
        return F.dropout(x[0], node["rate"], training)
    if op == "concat":
        return torch.cat(x, 1)
    if op == "sum":
        return sum(x)
    raise ValueError(op)


def new_tensors(node, x, r):
    """A node's tensors by name, for inputs like `x`.  Weights keep the scale
    of what passes through; scales and variances are around 1."""
    op, channels = node["op"], x[0].shape[1]
    if op == "conv":
        n, k = node["filters"], node["kernel"]
        shape = (n, channels, k, k)
    elif op == "dense":
        n = node["units"]
        shape = (n, x[0][0].numel())
    elif op == "layernorm":
        return {"weight": draw(r, (channels,), 1.0, 0.5),
                "bias": draw(r, (channels,), 0.0, 0.5)}
    elif op == "batchnorm":
        around = {"weight": 1.0, "bias": 0.0,
                  "running_mean": 0.0, "running_var": 1.0}
        return {name: draw(r, (channels,), middle, 0.5)
                for name, middle in around.items()}
    else:
        return {}
    bound = 2.0 / math.sqrt(math.prod(shape[1:]))
    return {"weight": draw(r, shape, 0.0, bound), "bias": draw(r, (n,), 0, 0.5)}


def forward(nodes, tensors, training, images):
    """The outputs of all nodes, the images first."""
    out = [images]
    for node, own in zip(nodes, tensors):
        out.append(apply(node, own, training, [out[i] for i in node["inputs"]]))
    return out


def check_smooth(nodes, out):
    """At a kink a rounding decides which way a gradient goes.  A case that
    comes near one needs another seed."""
    for node in nodes:
        x = out[node["inputs"][0]]
        if node.get("activation") in ("relu", "leakyrelu", "selu"):
            assert x.abs().min() > MARGIN, node
        if node["op"] == "maxpool":
            windows = x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
            first, second = windows.topk(2).values.unbind(-1)
            # Zeros of a relu tie, and all of them stop the gradient.
            assert ((first - second > MARGIN) | (first == 0)).all(), node


def random_net(nodes, images, r):
    """A list of tensors by name for each node."""
    tensors, out = [], [images]
    for node in nodes:
        x = [out[i] for i in node["inputs"]]
        tensors.append(new_tensors(node, x, r))
        out.append(apply(node, tensors[-1], False, x))
    return tensors


def training_step(seed, image, classes, nodes, label_smoothing=0.0):
    r = random.Random(seed)
    images = draw(r, (BATCH, *image), 0.0, 1.0)
    labels = [r.randrange(classes) for _ in range(BATCH)]
    tensors = random_net(nodes, images, r)
    golden = {
        "image": image, "classes": classes, "nodes": nodes,
        "images": images.flatten().tolist(), "labels": labels,
        "logits": forward(nodes, tensors, False, images)[-1].flatten().tolist(),
    }
    started = {}
    for i, name, t in named(tensors):
        started[f"node{i}.{name}"] = {"value": t.flatten().tolist()}
        t.requires_grad_("running" not in name)
    out = forward(nodes, tensors, True, images)
    check_smooth(nodes, out)
    loss = F.cross_entropy(out[-1], torch.tensor(labels),
                           label_smoothing=label_smoothing)
    loss.backward()
    for i, name, t in named(tensors):
        key, value = ("gradient", t.grad) if t.requires_grad else ("after", t)
        started[f"node{i}.{name}"][key] = value.flatten().tolist()
    if label_smoothing:
        golden["label_smoothing"] = label_smoothing
    return {**golden, "loss": loss.item(), "tensors": started}


def named(tensors):
    for i, own in enumerate(tensors, 1):
        for name, t in own.items():
            yield i, name, t


# ---- Averages ---------------------------------------------------------------

DECAY = 0.6
AVERAGED_STEPS = 16  # the decay is held down for the first thirteen
AVERAGED = ([1, 4, 5], 3, [conv(0, 3, 3), batchnorm(1), act(2, "tanh"),
                           dense(3, 3)])


class Tensors(torch.nn.Module):
    """The tensors of a net as parameters and buffers of a module."""

    def __init__(self, tensors):
        super().__init__()
        for i, name, t in named(tensors):
            if "running" in name:
                self.register_buffer(f"{i}_{name}", t)
            else:
                self.register_parameter(
                    f"{i}_{name}", torch.nn.Parameter(t))

    def of(self, tensors):
        return [{name: getattr(self, f"{i}_{name}") for name in own}
                for i, own in enumerate(tensors, 1)]


def early(average, value, steps):
    decay = min(DECAY, (1 + float(steps)) / (10 + float(steps)))
    return average + (1 - decay) * (value - average)


def averaged_training(seed, rate):
    """Steps of SGD over one batch, and the averages beside them."""
    image, classes, nodes = AVERAGED
    r = random.Random(seed)
    images = draw(r, (BATCH, *image), 0.0, 1.0)
    labels = [r.randrange(classes) for _ in range(BATCH)]
    tensors = random_net(nodes, images, r)
    golden = {f"node{i}.{name}": {"value": t.flatten().tolist()}
              for i, name, t in named(tensors)}
    net = Tensors(tensors)
    average = torch.optim.swa_utils.AveragedModel(
        net, avg_fn=early, use_buffers=True)
    o = torch.optim.SGD(net.parameters(), lr=rate)
    for _ in range(AVERAGED_STEPS):
        o.zero_grad()
        out = forward(nodes, net.of(tensors), True, images)
        F.cross_entropy(out[-1], torch.tensor(labels)).backward()
        o.step()
        average.update_parameters(net)
    averages = average.module.of(tensors)
    logits, mirrored = (forward(nodes, averages, False, x)[-1].flatten()
                        for x in (images, images.flip(3)))
    for i, name, t in named(averages):
        golden[f"node{i}.{name}"]["average"] = t.flatten().tolist()
    return {
        "image": image, "classes": classes, "nodes": nodes,
        "images": images.flatten().tolist(), "labels": labels,
        "rate": rate, "decay": DECAY, "steps": AVERAGED_STEPS,
        "tensors": golden,
        "logits": logits.tolist(),
        "views": ((logits + mirrored) / 2).tolist(),
    }


# ---- Numbers and files ------------------------------------------------------

def draw(r, shape, middle, reach):
    values = [round(r.uniform(middle - reach, middle + reach), 3)
              for _ in range(math.prod(shape))]
    return as_floats(values).reshape(shape)


def as_floats(values):
    """The floats nearest to these decimals, as doubles."""
    return torch.tensor(values, dtype=torch.float32).double()


def nearest_float(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def digits(x):
    """The shortest decimal that names the float nearest to x.  What is 0 but
    for the rounding of doubles (the gradient of a bias before batch
    normalization) is 0."""
    if isinstance(x, int):
        return str(x)
    if abs(x) < 1e-14:
        return "0"
    x = nearest_float(x)
    candidates = ("%.*g" % (n, x) for n in range(1, 10))
    return next(s for s in candidates if nearest_float(float(s)) == x)


def text(value, indent=0):
    """JSON with lists of numbers wrapped as text is, for people to read."""
    pad = " " * (indent + 1)
    if isinstance(value, dict) and "op" not in value:
        items = [f"{pad}{json.dumps(k)}: {text(v, indent + 1)}"
                 for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + pad[1:] + "}"
    if isinstance(value, (list, tuple)):
        if not isinstance(value[0], (int, float)):
            return "[\n" + ",\n".join(
                pad + text(v, indent + 1) for v in value) + "\n" + pad[1:] + "]"
        lines = textwrap.wrap(", ".join(map(digits, value)), 78 - indent)
        if len(lines) == 1 and len(lines[0]) < 50:
            return f"[{lines[0]}]"
        return "\n".join(["[", *(pad + line for line in lines), pad[1:] + "]"])
    if isinstance(value, float):
        return digits(value)
    return json.dumps(value)


def write(name, value):
    (FOLDER / name).write_text(text(value) + "\n")


def main():
    torch.set_num_threads(1)
    # The one remark of an even kernel's padding, which costs a copy.
    warnings.filterwarnings("ignore", message="Using padding='same'")
    make_optimizers()
    for name, net in NETS.items():
        write(f"step_{name}.json", training_step(*net))
    write("averages.json", averaged_training(seed=1, rate=0.1))


if __name__ == "__main__":
    main()
