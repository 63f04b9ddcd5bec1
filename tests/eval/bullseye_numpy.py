# SPDX-License-Identifier: MIT
"""Markov blankets by two other tests, beside FOCI, on the same samples (`generate graph folder=`).

usage: bullseye_numpy.py LETHE FOLDER [VARIABLES SAMPLES GRAPHS]...

partial: a variable is in the blanket when its partial correlation with the target given all others
differs from 0 (Fisher's z, 1 %). kernel: kernel conditional independence (Zhang, Peters, Janzing,
Schoelkopf, UAI 2011): both sides are freed of all others by kernel ridge regression, and the trace of
the product of what is left is compared with its gamma approximation (1 %). Both are written here from
their papers and know nothing of lethe. Prints a table; with three numbers a row of it each.
"""
import json
import math
import subprocess
import sys
import time

import numpy as np

LEVEL = 0.01


def blanket_partial(x, y):
    z = np.column_stack([x, y])
    precision = np.linalg.inv(np.cov(z.T))
    d = np.sqrt(np.diag(precision))
    r = -precision[-1, :-1] / (d[-1] * d[:-1])
    stat = np.arctanh(np.clip(r, -0.999999, 0.999999)) * math.sqrt(max(len(y) - x.shape[1] - 2, 1))
    return np.array([math.erfc(abs(s) / math.sqrt(2)) for s in stat]) < LEVEL


def kernel(v):
    v = np.asarray(v, dtype=float).reshape(len(v), -1)
    square = ((v[:, None, :] - v[None, :, :]) ** 2).sum(-1)
    k = np.exp(-square / np.median(square[square > 0]))
    h = np.eye(len(v)) - 1.0 / len(v)
    return h @ k @ h


def gamma_tail(x, shape, scale):
    """P(X > x) of a gamma distribution by its series, or continued fraction."""
    x = x / scale
    if x <= 0:
        return 1.0
    lead = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        for k in range(1, 1000):
            term *= x / (shape + k)
            total += term
        return max(0.0, 1 - lead * total)
    b, c = x + 1 - shape, 1e300
    d = 1 / b
    h = d
    for k in range(1, 1000):
        a = -k * (k - shape)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        h *= d * c
    return lead * h


def blanket_kernel(x, y, epsilon=1e-3):
    n, p = x.shape
    found = np.zeros(p, dtype=bool)
    for j in range(p):
        rest = np.delete(x, j, axis=1)
        kz = kernel(rest)
        free = epsilon * np.linalg.inv(kz + epsilon * np.eye(n))
        kx = free @ kernel(np.column_stack([x[:, j], rest / 2])) @ free
        ky = free @ kernel(y) @ free
        stat = np.trace(kx @ ky) / n
        ux, uy = np.linalg.eigh(kx), np.linalg.eigh(ky)
        parts = []
        for values, vectors in (ux, uy):
            keep = values > values.max() * 1e-5
            parts.append(vectors[:, keep] * np.sqrt(values[keep]))
        w = (parts[0][:, :, None] * parts[1][:, None, :]).reshape(n, -1)
        ww = w @ w.T if w.shape[1] > n else w.T @ w
        mean, var = np.trace(ww) / n, 2 * (ww * ww).sum() / n ** 2
        found[j] = gamma_tail(stat, mean ** 2 / var, var / mean) < LEVEL
    return found


def foci(lethe, folder):
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", f"foci x={folder}/x.csv y={folder}/y.csv"],
                         capture_output=True, text=True, check=True).stdout
    return [s["column"] for s in json.loads(out)["result"]["selected"]]


def row(lethe, folder, form, variables, samples, graphs, kernels):
    sums = {}
    for seed in range(1, graphs + 1):
        subprocess.run([lethe, "--no-rc", "--seed", str(seed), "-c",
                        f"generate graph form={form} variables={variables} samples={samples} graphs=1 folder={folder}"],
                       capture_output=True, check=True)
        names = open(f"{folder}/x.csv").readline().strip().split(",")
        true = np.array([not n.startswith("far") for n in names])
        x = np.loadtxt(f"{folder}/x.csv", delimiter=",", skiprows=1, ndmin=2)
        y = np.loadtxt(f"{folder}/y.csv", skiprows=1)
        methods = {"FOCI": lambda: np.isin(np.arange(len(names)), foci(lethe, folder)),
                   "partial": lambda: blanket_partial(x, y)}
        if kernels:
            methods["kernel"] = lambda: blanket_kernel(x, y)
        for name, find in methods.items():
            start = time.process_time()
            found = find()
            right = (found & true).sum()
            add = np.array([right / found.sum() if found.any() else 1, right / true.sum(),
                            time.process_time() - start])
            sums[name] = sums.get(name, 0) + add / graphs
    for name, (precision, recall, seconds) in sums.items():
        print(f"{form:9} {variables:3} {samples:5} {name:8} precision {precision:.2f} recall {recall:.2f}")
    return sums


if __name__ == "__main__":
    lethe, folder = sys.argv[1:3]
    numbers = list(map(int, sys.argv[3:])) or [3, 200, 5, 10, 200, 5, 10, 1000, 5, 30, 1000, 5]
    for form in ("linear", "nonlinear"):
        for i in range(0, len(numbers), 3):
            row(lethe, folder, form, *numbers[i:i + 3], kernels=numbers[i + 1] <= 300)
