# SPDX-License-Identifier: MIT
"""CKA of every layer, the share of the change, principal components and linear discriminants of the
digits' network against numpy. usage: views_numpy.py LETHE"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

LETHE = sys.argv[1]
MODEL = "sample_models/digits-mlp-mislabelled"


def run(commands, folder):
    env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder, XDG_CONFIG_HOME=folder)
    out = subprocess.run([LETHE, "--no-rc", "--json", "-c", commands], check=True, text=True, env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.splitlines()
    return [json.loads(line) for line in out]


def idx(path):
    raw = gzip.open(path).read()
    dims = [int.from_bytes(raw[4 + 4 * k:8 + 4 * k], "big") for k in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def forward(w, x):
    """Pre-activations of each layer, and what the last one is given."""
    at, given, seen, widths = 0, x, [], [64, 32, 16, 10]
    for p, q in zip(widths, widths[1:]):
        weight, bias = w[at:at + p * q].reshape(q, p), w[at + p * q:at + p * q + q]
        seen.append(given @ weight.T + bias)
        if q != widths[-1]:
            given = np.tanh(seen[-1])
        at += p * q + q
    return seen, given


def cka(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    return (np.linalg.norm(b.T @ a) ** 2
            / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)))


def settled(axis):
    return axis * np.sign(axis[np.argmax(np.abs(axis))]) / np.linalg.norm(axis)


def near(what, got, want, limit=1e-9):
    off = np.abs(np.asarray(got) - np.asarray(want)).max()
    print("%-28s off by %.2g" % (what, off))
    return not off < limit


def dumped(v, classes, confusion, layers, pca, sample):
    """The arrays of `dump views` are the numbers of the answers."""
    bad = False
    for model in ("before", "now"):
        bad |= near("dump, confusion " + model, v["confusion_" + model],
                    confusion["confusion"][model], 1e-15)
        bad |= near("dump, embedding " + model, v["embedding_" + model],
                    [p[model] for p in pca["points"]], 1e-14)
        bad |= near("dump, sample " + model, v["sample_9_" + model],
                    [r[model] for r in sample["probabilities"]], 1e-15)
        for r in classes["classes"]:
            row = v["classes_" + model][int(r["class"])]
            bad |= bool(row[0] != r["accuracy_" + model] or row[1] != r["loss_" + model])
    bad |= near("dump, layers", v["layers_cka"], [r["cka"] for r in layers["layers"]], 1e-15)
    bad |= list(v["embedding_set"]) != [("forget", "retain", "heldout").index(p["set"])
                                        for p in pca["points"]]
    return bad


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w.npz")
        rows = run("load %s; set retrain off; forget add class:3[:30]; blanket all; preview; dump "
                   "delta to=%s; view classes; view confusion; view layers; view embedding; view "
                   "sample 9; dump views to=%s; view embedding by=discriminants"
                   % (MODEL, path, path + "v.npz"), folder)
        w, v = np.load(path), dict(np.load(path + "v.npz"))
        before, now = w["before"], w["now"]
    classes, confusion, layers, pca, sample, lda = [r["result"] for r in rows
                                                    if r["command"] == "view"]
    bad = dumped(v, classes, confusion, layers, pca, sample)
    train = idx("sample_models/digits/train-images-idx3-ubyte.gz").reshape(-1, 64) / 16
    test = idx("sample_models/digits/test-images-idx3-ubyte.gz").reshape(-1, 64) / 16
    points = pca["points"]
    x = np.array([(test if p["set"] == "heldout" else train)[p["sample"]] for p in points])
    held = np.array([p["set"] == "heldout" for p in points])
    seen_a, given_a = forward(before, x)
    seen_b, given_b = forward(now, x)
    bad |= near("cka", [r["cka"] for r in layers["layers"]],
                [cka(a[held], b[held]) for a, b in zip(seen_a, seen_b)])
    cuts = np.cumsum([0, 2080, 528, 170])
    change = np.array([np.sum((now - before)[p:q] ** 2) for p, q in zip(cuts, cuts[1:])])
    bad |= near("share of the change", [r["share_of_change"] for r in layers["layers"]],
                change / change.sum())
    middle = given_a.mean(0)
    values, vectors = np.linalg.eigh(np.cov((given_a - middle).T, bias=True))
    axes = np.array([settled(vectors[:, -1]), settled(vectors[:, -2])])
    for name, given in (("before", given_a), ("now", given_b)):
        bad |= near("components, " + name, [p[name] for p in points], (given - middle) @ axes.T)
    bad |= near("share of the variance", pca["shares"], values[::-1][:2] / values.sum())
    labels = np.array([p["class"] for p in points])
    within, between = np.zeros((16, 16)), np.zeros((16, 16))
    for c in range(10):
        own = given_a[labels == c]
        within += (own - own.mean(0)).T @ (own - own.mean(0)) / len(labels)
        between += len(own) / len(labels) * np.outer(own.mean(0) - middle, own.mean(0) - middle)
    within += 1e-3 * np.trace(within) / 16 * np.eye(16)
    values, vectors = np.linalg.eig(np.linalg.solve(within, between))
    order = np.argsort(-values.real)[:2]
    axes = np.array([settled(vectors[:, k].real) for k in order])
    for name, given in (("before", given_a), ("now", given_b)):
        bad |= near("discriminants, " + name, [p[name] for p in lda["points"]],
                    (given - middle) @ axes.T, 1e-7)
    sys.exit(1 if bad else 0)


main()
