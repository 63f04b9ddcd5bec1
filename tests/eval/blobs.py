# SPDX-License-Identifier: MIT
"""Writes a small data set of three overlapping classes as a bundle, and inputs as NPY.

usage: blobs.py FOLDER
"""
import json
import sys

import numpy as np


def main(folder):
    rng = np.random.default_rng(3)
    for name, n in (("train", 160), ("heldout", 150)):
        y, x = rng.integers(0, 3, n), rng.normal(size=(n, 4))
        x[np.arange(n), y] += 1.2
        y = np.where(rng.random(n) < 0.1, rng.integers(0, 3, n), y)
        with open(f"{folder}/{name}.csv", "w") as file:
            file.write("a,b,c,d,label\n")
            for row, label in zip(x, y):
                file.write(",".join(repr(float(v)) for v in row) + f",{label}\n")
        np.save(f"{folder}/{name}.npy", x)
    part = lambda name: {"samples": name + ".csv", "label_column": "label"}
    bundle = {"format": "lethe bundle", "version": 1, "name": "blobs", "architecture": "mlp:4-6-3",
              "activation": "tanh", "train": part("train"), "heldout": part("heldout"), "classes": 3,
              "weight_decay": 0.01, "split_seed": "1",
              "recipe": {"optimizer": "lbfgs", "seed": "1", "tolerance": 1e-7}}
    with open(folder + "/bundle.json", "w") as file:
        json.dump(bundle, file)


main(sys.argv[1])
