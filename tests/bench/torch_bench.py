#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times the networks of nn_bench in PyTorch: python3 tests/bench/torch_bench.py [threads].
Reads the same ONNX files and runs their operators through torch.nn.functional. Needs Debian's
python3-torch and python3-onnx; not part of the build."""
import statistics
import sys
import time

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def run(graph, values):
    for node in graph.node:
        x = [values[name] for name in node.input if name]
        a = attributes(node)
        op = node.op_type
        pads = a.get("pads", [0, 0, 0, 0])
        if op == "Conv":
            y = F.conv2d(*x, stride=a["strides"], padding=pads[:2], groups=a.get("group", 1),
                         **({} if len(x) > 2 else {"bias": None}))
        elif op == "BatchNormalization":
            y = F.batch_norm(x[0], x[3], x[4], x[1], x[2], False, 0, a["epsilon"])
        elif op == "MaxPool":
            y = F.max_pool2d(x[0], a["kernel_shape"], a["strides"], pads[:2])
        elif op == "Gemm":
            y = F.linear(x[0], x[1], x[2])
        else:
            y = {"Relu": F.relu, "Add": torch.add, "Flatten": lambda t: t.flatten(1),
                 "GlobalAveragePool": lambda t: t.mean((2, 3), keepdim=True)}[op](*x)
        values[node.output[0]] = y
    return values[graph.output[0].name]


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    for name, batch in (("resnet20", 128), ("vgg_bn", 128)):
        graph = onnx.load(f"../shared/parity/{name}/model.onnx").graph
        weights = {}
        for t in graph.initializer:
            array = torch.from_numpy(numpy_helper.to_array(t).copy())
            weights[t.name] = array.requires_grad_("running" not in t.name)
        shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim][1:]
        x = torch.randn(batch, *shape)
        forward, backward = [], []
        for _ in range(5):
            start = time.process_time()
            z = run(graph, {graph.input[0].name: x, **weights})
            middle = time.process_time()
            z.backward(z.detach())
            forward.append(middle - start)
            backward.append(time.process_time() - middle)
        print(f"{name:12} batch {batch:4} float  forward {1e3 * statistics.median(forward):8.2f} ms"
              f"  backward {1e3 * statistics.median(backward):8.2f} ms")


if __name__ == "__main__":
    main()
