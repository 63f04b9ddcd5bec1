# SPDX-License-Identifier: MIT
"""Networks that lethe makes from a description, built again in PyTorch.

usage: described_torch.py make FOLDER
       described_torch.py check FOLDER NAME DESCRIPTION TOLERANCE
       described_torch.py maps FOLDER NAME DESCRIPTION TOLERANCE

make writes images (x.npy, y.npy) and a small bundle of texts. check builds the network of the
description in PyTorch, gives it the weights of FOLDER/NAME.onnx by name and compares its logits of
FOLDER/NAME-in.npy with FOLDER/NAME-out.npy; every weight must have found its place. maps reads answers of
`activation` (FOLDER/NAME-maps.json, one a line) and computes the same maps from what hooks on the
activations see.
"""
import json
import sys

import numpy as np


def make(folder):
    rng = np.random.default_rng(3)
    np.save(f"{folder}/x.npy", rng.normal(size=(40, 3, 12, 10)))
    np.save(f"{folder}/y.npy", rng.integers(0, 7, size=40))
    words = ["<pad>", "<unk>"] + [f"w{i}" for i in range(30)]
    with open(f"{folder}/vocab.txt", "w") as file:
        file.write("\n".join(words) + "\n")
    with open(f"{folder}/texts.tsv", "w") as file:
        file.write("label\ttext\n")
        for i in range(60):
            label, count = i % 5, 1 + i % 14
            text = " ".join(f"w{rng.integers(6 * label, 6 * label + 8)}" for _ in range(count))
            file.write(f"{label}\t{text}\n")
    bundle = {"format": "lethe bundle", "version": 1, "architecture": "text:32x2",
              "train": {"samples": "texts.tsv", "format": "text"},
              "text": {"vocabulary": "vocab.txt", "length": 12}, "weight_decay": 1e-3,
              "recipe": {"optimizer": "adam", "epochs": 3, "batch": 16, "rate": 0.003, "seed": "4"}}
    with open(f"{folder}/bundle.json", "w") as file:
        json.dump(bundle, file)
    tokens = np.zeros((6, 12))
    for i, count in enumerate((12, 1, 5, 7, 0, 12)):  # the fifth text is empty
        tokens[i, :count] = rng.integers(1, 32, size=count)
    np.save(f"{folder}/text-in.npy", tokens)


def build(folder, name, description, x, seen):
    """Logits of x, the names of weights left over; seen gets what each place gives."""
    import onnx
    import torch
    from onnx import numpy_helper
    from torch import nn
    from torch.nn import functional as F

    model = onnx.load(f"{folder}/{name}.onnx")
    onnx.checker.check_model(model)
    weights = {t.name: torch.tensor(numpy_helper.to_array(t).copy()).double().requires_grad_()
               for t in model.graph.initializer}
    left = set(weights)

    def look(key, value):
        seen[key] = value
        value.retain_grad() if value.requires_grad else None
        return value

    def take(key):
        left.discard(key)
        return weights[key]

    def linear(key, value, turned=False):
        weight = take(f"{key}.weight")
        return value @ (weight.T if turned else weight) + take(f"{key}.bias")

    def batch_norm(key, value):
        return F.batch_norm(value, take(f"{key}.running_mean").detach(), take(f"{key}.running_var").detach(),
                            take(f"{key}.weight"), take(f"{key}.bias"), False, 0, 1e-5)

    def plain(key, value, kernel, stride=1, groups=1):
        return F.conv2d(value, take(f"{key}.weight"), stride=stride, padding=kernel // 2, groups=groups)

    def convolve(key, value, kernel, stride=1, groups=1):
        return batch_norm(f"{key}_bn", plain(key, value, kernel, stride, groups))

    def cnn(layers):
        value = x
        for i, layer in enumerate(layers, 1):
            value = look(f"conv{i}", F.relu(convolve(f"conv{i}", value, 3)))
            if layer.endswith("p"):
                value = F.max_pool2d(value, 2)
        return linear("fc", value.mean(dim=(2, 3)), True)

    def resnet(layers):
        value = F.relu(convolve("conv1", x, 3))
        for i, layer in enumerate(layers, 1):
            for b in range(int(layer.split("x")[1])):
                key, stride = f"layer{i}.{b}", 2 if b == 0 and i > 1 else 1
                inner = look(f"{key}.conv1", F.relu(convolve(f"{key}.conv1", value, 3, stride)))
                inner = convolve(f"{key}.conv2", inner, 3)
                if f"{key}.shortcut.weight" in weights:
                    value = convolve(f"{key}.shortcut", value, 1, stride)
                value = look(f"{key}.conv2", F.relu(value + inner))
        return linear("fc", value.mean(dim=(2, 3)), True)

    def mobilenet(layers):
        value = F.relu6(convolve("conv1", x, 3))
        for i, layer in enumerate(layers, 1):
            for b in range(int(layer.rstrip("p").split("x")[1])):
                key, stride, inner = f"layer{i}.{b}", 2 if b == 0 and layer.endswith("p") else 1, value
                if i > 1:
                    inner = F.relu6(convolve(f"{key}.widen", inner, 1))
                    assert inner.shape[1] == 6 * value.shape[1]
                inner = F.relu6(convolve(f"{key}.depthwise", inner, 3, stride, inner.shape[1]))
                inner = convolve(f"{key}.narrow", inner, 1)
                value = value + inner if inner.shape == value.shape else inner
        return linear("fc", F.relu6(convolve("conv2", value, 1)).mean(dim=(2, 3)), True)

    def densenet(layers):
        value = plain("conv1", x, 3)
        for i, layer in enumerate(layers, 1):
            for b in range(int(layer.split("x")[1])):
                inner = value
                for part, kernel in (("conv1", 1), ("conv2", 3)):
                    key = f"layer{i}.{b}.{part}"
                    inner = plain(key, F.relu(batch_norm(f"{key}.norm", inner)), kernel)
                value = torch.cat([value, inner], 1)
            if i < len(layers):
                key = f"transition{i}"
                value = F.avg_pool2d(plain(key, F.relu(batch_norm(f"{key}.norm", value)), 1), 2)
        return linear("fc", F.relu(batch_norm("last.norm", value)).mean(dim=(2, 3)), True)

    def norm(key, value):
        return F.layer_norm(value, value.shape[-1:], take(f"{key}.weight"), take(f"{key}.bias"))

    def text(width, layers):
        heads = max(1, width // 16)
        tokens = x.long()
        real = tokens > 0
        value = look("embedding", take("tokens.weight")[tokens]) + take("places.weight")
        for i in range(1, layers + 1):
            inner = norm(f"layer{i}.norm1", value)
            parts = [linear(f"layer{i}.{p}", inner).reshape(*tokens.shape, heads, -1).transpose(1, 2)
                     for p in ("query", "key", "value")]
            scores = parts[0] @ parts[1].transpose(2, 3) / np.sqrt(width // heads)
            scores = scores + (real.double() - 1)[:, None, None, :] * 1e4
            mixed = (scores.softmax(-1) @ parts[2]).transpose(1, 2).reshape(*tokens.shape, width)
            value = value + linear(f"layer{i}.output", mixed)
            inner = F.gelu(linear(f"layer{i}.fc1", norm(f"layer{i}.norm2", value)))
            value = value + linear(f"layer{i}.fc2", inner)
        value = norm("norm", value) * real[:, :, None]
        return linear("fc", value.sum(1) / real.sum(1, keepdim=True).clamp(min=1), True)

    kind, rest = description.split(":")
    out = (text(*map(int, rest.split("x"))) if kind == "text"
           else {"cnn": cnn, "resnet": resnet, "mobilenet": mobilenet, "densenet": densenet}[kind](rest.split("-")))
    return out, sorted(left), len(weights)


def check(folder, name, description, tolerance):
    import torch

    x = torch.tensor(np.load(f"{folder}/{name}-in.npy"))
    want, left, tensors = build(folder, name, description, x, {})
    want, got = want.detach().numpy(), np.load(f"{folder}/{name}-out.npy")
    off = np.abs(got - want).max() / np.abs(want).max()
    print(f"{description}: {tensors} tensors, logits within {off:.1e}")
    if left or got.shape != want.shape or not off < tolerance:
        sys.exit(f"unused: {left}; {got.shape} beside {want.shape}; off by {off}")


def texts(folder):
    """Tokens of texts.tsv: word wN is line N + 2 of the vocabulary."""
    with open(f"{folder}/texts.tsv") as file:
        rows = [line.rstrip("\n").split("\t")[1].split() for line in file][1:]
    tokens = np.zeros((len(rows), 12))
    for row, words in zip(tokens, rows):
        row[:len(words)] = [int(w[1:]) + 2 if int(w[1:]) < 30 else 1 for w in words][:12]
    return tokens


def maps(folder, name, description, tolerance):
    import torch

    samples = texts(folder) if name == "text" else np.load(f"{folder}/{name}-in.npy")
    worst, count = 0, 0
    with open(f"{folder}/{name}-maps.json") as file:
        answers = [a["result"] for a in map(json.loads, file) if a["command"] == "activation"]
    for answer in answers:
        seen = {}
        x = torch.tensor(samples[answer["sample"]][None])
        out = build(folder, name, description, x, seen)[0]
        target = int(answer["class"].split()[0])
        out[0, target].backward()
        value = seen[answer["layer"]]
        slope, value = value.grad[0].numpy(), value.detach()[0].numpy()
        if answer["method"] == "CAM":
            want = (slope.sum(axis=(1, 2))[:, None, None] * value).sum(0)
        elif answer["method"] == "Grad-CAM":
            want = np.maximum((slope.mean(axis=(1, 2))[:, None, None] * value).sum(0), 0)
        else:
            want = (slope * value).sum(1)[None]
        got = np.array(answer["models"][0]["map"]).reshape(want.shape)
        worst = max(worst, np.abs(got - want).max() / np.abs(want).max())
        share = out.detach().softmax(-1)[0, target].item()
        worst = max(worst, abs(share - answer["models"][0]["probability"]))
        count += 1
    print(f"{description}: {count} maps within {worst:.1e}")
    if not count or not worst < tolerance:
        sys.exit(f"{count} maps, off by {worst}")


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    {"check": check, "maps": maps}[sys.argv[1]](*sys.argv[2:5], float(sys.argv[5]))
