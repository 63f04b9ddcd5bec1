# SPDX-License-Identifier: MIT
"""A small network of somebody's own: trained in PyTorch on 4,000 images, exported as they come.

Convolutions, batch and group normalisation, maximum pooling, a dense head: 26,774 parameters. Writes
model.onnx, train.npz, heldout.npz and bundle.json into a folder, for measurements of a removal.
usage: own_cnn.py FOLDER [epochs [images]]
"""
import gzip
import json
import os
import sys

import numpy as np

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not here")
    sys.exit(77)

SHARED = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "data", "fashion-mnist")
folder = sys.argv[1]
epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 6
count = int(sys.argv[3]) if len(sys.argv) > 3 else 4000


def read(name, skip):
    path = os.path.join(SHARED, name)
    if not os.path.exists(path):
        print("skipped: no", path)
        sys.exit(77)
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8)[skip:]


def network():
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.GroupNorm(4, 32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 28, 3, padding=1), nn.BatchNorm2d(28), nn.ReLU(),
        nn.Flatten(), nn.Linear(28 * 49, 10))


def train(net, x, y):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()
        schedule.step()
    return net.eval()


def images(kind, most):
    x = read(f"{kind}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[:most]
    y = read(f"{kind}-labels-idx1-ubyte.gz", 8)[:most]
    return (x / 255 - 0.286).astype("f4") / np.float32(0.353), y.astype("i8")


torch.manual_seed(1)
torch.set_num_threads(1)
os.makedirs(folder, exist_ok=True)
x, y = images("train", count)
tx, ty = images("t10k", 1000)
net = train(network(), torch.from_numpy(x), torch.from_numpy(y))
with torch.no_grad():
    print("parameters", sum(p.numel() for p in net.parameters()), "accuracy",
          *[round((net(torch.from_numpy(a)).argmax(1).numpy() == b).mean().item(), 3) for a, b in ((x, y), (tx, ty))])
torch.onnx.export(net, torch.from_numpy(x[:1]), os.path.join(folder, "model.onnx"), opset_version=14,
                  training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, input_names=["image"],
                  output_names=["logits"], dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
np.savez(os.path.join(folder, "train.npz"), x=x, y=y)
np.savez(os.path.join(folder, "heldout.npz"), x=tx, y=ty)
with open(os.path.join(folder, "bundle.json"), "w") as file:
    json.dump({
        "format": "lethe bundle", "version": 1, "name": "own-cnn", "model": "model.onnx",
        "train": {"samples": "train.npz"}, "heldout": {"samples": "heldout.npz"}, "trained_on": count,
        "weight_decay": 5e-4, "split_seed": "1",
        "recipe": {"optimizer": "sgd", "seed": "1", "epochs": epochs, "batch": 64, "rate": 0.05, "momentum": 0.9,
                   "schedule": "cosine"}}, file, indent=1)
