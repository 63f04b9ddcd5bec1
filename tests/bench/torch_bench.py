#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lethe's engine beside PyTorch on the same networks, batches and threads.

    /usr/bin/python3 tests/bench/torch_bench.py [THREADS [ROUNDS [wall|cpu]]]     (2, 5, wall)

Each round runs build/bench/nn_bench and PyTorch one after the other, each in a process of its own;
the fastest round counts. "cpu" is processor time divided by the threads, with PyTorch's threads
waiting asleep: on a machine that others use, wall clock of two threads says little. Peak memory is
that of the process ("net": without what the interpreter and libraries take before a network is
read). PyTorch runs the ONNX files' operators through torch.nn.functional; DistilBERT, whose file
spells layer normalisation, GELU and attention out, is written with PyTorch's own layers instead.
Needs Debian's python3-torch and python3-onnx (exit 77 without); not part of the build."""
import math
import os
import statistics
import subprocess
import sys
import time

BATCHES = {"resnet20": 128, "vgg_bn": 128, "distilbert": 64, "osnet": 32}
REPEATS = 7


def attributes(node):
    import onnx
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def layer(op, a, x):
    """One operator of the files of ResNet, VGG and OSNet."""
    import torch
    import torch.nn.functional as F
    pads = a.get("pads", [0, 0, 0, 0])
    if op == "Conv":
        return F.conv2d(x[0], x[1], x[2] if len(x) > 2 else None, stride=a["strides"],
                        padding=pads[:2], groups=a.get("group", 1))
    if op == "BatchNormalization":
        return F.batch_norm(x[0], x[3], x[4], x[1], x[2], False, 0, a["epsilon"])
    if op == "InstanceNormalization":
        return F.instance_norm(x[0], None, None, x[1], x[2], True, 0, a["epsilon"])
    if op == "MaxPool":
        return F.max_pool2d(x[0], a["kernel_shape"], a["strides"], pads[:2])
    if op == "AveragePool":
        return F.avg_pool2d(x[0], a["kernel_shape"], a["strides"], pads[:2])
    if op == "Gemm":
        return F.linear(x[0], x[1], x[2])
    if op == "ReduceMean":
        return x[0].mean(a["axes"], keepdim=a.get("keepdims", 1) == 1)
    if op == "Pad":
        n = [int(v) for v in x[1]]
        half = len(n) // 2
        return F.pad(x[0], [v for d in reversed(range(half)) for v in (n[d], n[d + half])])
    return {"Relu": F.relu, "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div,
            "Pow": torch.pow, "Sqrt": torch.sqrt, "Sigmoid": torch.sigmoid,
            "Flatten": lambda t: t.flatten(1),
            "GlobalAveragePool": lambda t: t.mean((2, 3), keepdim=True)}[op](*x)


def from_file(name, graph, weights):
    """A function of the input, and the input."""
    import torch
    from onnx import numpy_helper
    nodes = []
    for node in graph.node:
        a = attributes(node)
        if node.op_type == "Constant":
            weights[node.output[0]] = torch.from_numpy(numpy_helper.to_array(a["value"]).copy())
        else:
            nodes.append((node.op_type, a, [i for i in node.input if i], node.output[0]))
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim][1:]
    x = torch.randn(BATCHES[name], *shape)

    def run():
        values = {graph.input[0].name: x, **weights}
        for op, a, names, out in nodes:
            values[out] = layer(op, a, [values[i] for i in names])
        return values[graph.output[0].name]
    return run


def distilbert(weights):
    """The network of the file, by PyTorch's own layers."""
    import torch
    import torch.nn.functional as F
    batch, length, width, heads = BATCHES["distilbert"], 32, 64, 4
    ids = (torch.arange(batch * length) % 100).reshape(batch, length)
    mask = torch.zeros(batch, 1, 1, length)
    square = [t for n, t in weights.items() if n.startswith("onnx::MatMul")]

    def norm(x, name):
        return F.layer_norm(x, (width,), weights[name + ".weight"], weights[name + ".bias"], 1e-12)

    def run():
        x = norm(F.embedding(ids, weights["word.weight"]) + weights["pos.weight"], "ln")
        for e in range(2):
            own = f"enc.{e}."
            q, k, v, o, f1, f2 = square[6 * e:6 * e + 6]

            def linear(t, w, name):
                return torch.matmul(t, w) + weights[own + name + ".bias"]

            def split(t):
                return t.view(batch, length, heads, -1).transpose(1, 2)
            a = split(linear(x, q, "q")) / math.sqrt(width // heads)
            s = F.softmax(torch.matmul(a, split(linear(x, k, "k")).transpose(2, 3)) + mask, -1)
            c = torch.matmul(s, split(linear(x, v, "v"))).transpose(1, 2)
            x = norm(x + linear(c.reshape(batch, length, width), o, "o"), own + "n1")
            x = norm(x + linear(F.gelu(linear(x, f1, "f1")), f2, "f2"), own + "n2")
        x = F.relu(F.linear(x[:, 0], weights["pre.weight"], weights["pre.bias"]))
        return F.linear(x, weights["cls.weight"], weights["cls.bias"])
    return run


def peak():
    """Megabytes; getrusage would count what the parent had before exec."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def child(name, mode, threads, clock):
    """Prints "forward backward megabytes net"."""
    import onnx
    import torch
    from onnx import numpy_helper
    torch.set_num_threads(threads)
    before = peak()
    graph = onnx.load(f"../shared/parity/{name}/model.onnx").graph
    weights = {}
    for t in graph.initializer:
        array = torch.from_numpy(numpy_helper.to_array(t).copy())
        train = mode == "train" and array.is_floating_point() and "running" not in t.name
        weights[t.name] = array.requires_grad_() if train else array
    run = distilbert(weights) if name == "distilbert" else from_file(name, graph, weights)
    forward, backward = [], []
    now = time.perf_counter if clock == "wall" else lambda: time.process_time() / threads
    with torch.set_grad_enabled(mode == "train"):
        for _ in range(REPEATS):
            start = now()
            z = run()
            middle = now()
            if mode == "train":
                z.backward(z.detach())
            forward.append(middle - start)
            backward.append(now() - middle)
    print(f"{1e3 * statistics.median(forward):.6f} {1e3 * statistics.median(backward):.6f} "
          f"{peak():.1f} {peak() - before:.1f}")


def numbers(command, environment):
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [float(v) for v in done.stdout.split()]


def compare(name, mode, threads, rounds, clock):
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    other = dict(os.environ, OMP_WAIT_POLICY="PASSIVE") if clock == "cpu" else dict(os.environ)
    ours, theirs = [], []
    for _ in range(rounds):
        job = [name, mode, str(threads), clock]
        ours.append(numbers(["build/bench/nn_bench"] + job, environment))
        theirs.append(numbers([sys.executable, __file__, "child"] + job, other))
    a, b = [[min(column) for column in zip(*rows)] for rows in (ours, theirs)]
    for k, what in enumerate(("forward", "backward") if mode == "train" else ("logits",)):
        ratios = statistics.median(y[k] / x[k] for x, y in zip(ours, theirs))
        print(f"{name:10} {what:8} {a[k]:8.2f} ms  PyTorch {b[k]:8.2f} ms   {b[k] / a[k]:5.2f} times"
              f" as fast (median of rounds {ratios:.2f})")
    print(f"{name:10} {mode + ' MB':8} {a[2]:8.1f}     PyTorch {b[2]:8.1f}     (net {b[3]:.1f})")


def main():
    if len(sys.argv) == 6 and sys.argv[1] == "child":
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
        return
    try:
        import onnx
        import torch
    except ImportError as missing:
        print(f"skipped: python3-{missing.name} is not installed")
        sys.exit(77)
    if not os.access("build/bench/nn_bench", os.X_OK) or not os.path.isdir("../shared/parity"):
        print("skipped: needs build/bench/nn_bench (make bench) and ../shared/parity")
        sys.exit(77)
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    clock = sys.argv[3] if len(sys.argv) > 3 else "wall"
    print(f"Lethe beside PyTorch {torch.__version__}, {threads} threads each, {clock} time, "
          f"fastest of {rounds} rounds (onnx {onnx.__version__})")
    for name in BATCHES:
        for mode in ("train", "infer"):
            compare(name, mode, threads, rounds, clock)


if __name__ == "__main__":
    main()
