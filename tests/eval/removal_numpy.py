# SPDX-License-Identifier: MIT
"""`compare selectors` and the noise of a certificate, from what `dump` writes, in numpy.

usage: removal_numpy.py LETHE FOLDER BUNDLE SAMPLES DRAWS [WIDTHS BUDGETS]

BUNDLE names IDX files and its network, or CSV files with the label last; of the latter WIDTHS (4-6-3)
are said here, and the BUDGETS of the table, as the network may be smaller than the usual ones.
Orders come from `dump scores` and outputs of the retrained model from `dump losses`; curvature, step
and distances are computed here, for networks of linear layers. Of `noise` the size follows from the
theorem of Sekhari et al. (2021), the draw from the random stream.
"""
import gzip
import json
import math
import subprocess
import sys

import numpy as np

from audit_numpy import Net, log_softmax
from philox import NOISE, Stream

lethe, folder, bundle = sys.argv[1:4]
SAMPLES, DRAWS, MU = int(sys.argv[4]), int(sys.argv[5]), 1e-4


def run(commands):
    ran = subprocess.run([lethe, "--no-rc", "--json", "-c", f"load {bundle}; forget clear; {commands}"],
                         capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{commands}\n{ran.stdout[-500:]}{ran.stderr}")
    return json.loads(ran.stdout.splitlines()[-1])["result"]


def arrays(path):
    with np.load(path) as file:
        return {k: file[k] for k in file.files}


def read_idx(path):
    raw = gzip.open(path).read()
    dims = np.frombuffer(raw, ">u4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def samples():
    train = about["train"]
    if train["samples"].endswith(".csv"):
        rows = np.genfromtxt(f"{bundle}/{train['samples']}", delimiter=",", skip_header=1)
        return rows[:, :-1], rows[:, -1].astype(int)
    inputs = read_idx(f"{bundle}/{train['samples']}").reshape(-1, widths[0])
    return inputs / about["normalize"]["scale"], read_idx(f"{bundle}/{train['labels']}").astype(int)


with open(bundle + "/bundle.json") as file:
    about = json.load(file)
shape = sys.argv[6] if len(sys.argv) > 6 else about["architecture"].split(":")[-1]
within = f" budgets={sys.argv[7]}" if len(sys.argv) > 7 else ""
widths = [int(w) for w in shape.split("-")]
net, decay = Net(widths, about.get("activation", "tanh")), about["weight_decay"]
x, y = samples()
w0 = None


def positions(layer, unit):
    """Flat indices of a unit: its row of weights and its bias."""
    at = sum(a * b + b for a, b in zip(widths[:layer], widths[1:layer + 1]))
    a, b = widths[layer], widths[layer + 1]
    return np.append(at + unit * a + np.arange(a), at + a * b + unit)


def columns(w, rows, picks):
    """d logits / d parameters of the picked units: (n, classes, P)."""
    z, inputs = net.forward(w, x[rows])
    layers, n, classes = list(net.layers(w)), len(z), z.shape[1]
    d, deltas = np.broadcast_to(np.eye(classes), (n, classes, classes)), [None] * len(layers)
    for k in range(len(layers) - 1, -1, -1):
        deltas[k] = d
        if k:
            slope = (inputs[k] > 0) if net.relu else 1 - inputs[k] ** 2
            d = (d @ layers[k][0]) * slope[:, None, :]
    parts = []
    for layer, unit in picks:
        own = deltas[layer][:, :, unit][:, :, None]
        parts.append(np.concatenate([own * inputs[layer][:, None, :], own], axis=2))
    return np.concatenate(parts, axis=2), z


def step(rows, picks):
    """The damped Gauss-Newton step of the residual form on the picked units."""
    where = np.concatenate([positions(*p) for p in picks])
    jacobian, z = columns(w0, rows, picks)
    p = np.exp(log_softmax(z))
    pj = np.einsum("nc,ncp->np", p, jacobian)
    h = np.einsum("ncp,nc,ncq->pq", jacobian, p, jacobian, optimize=True) - pj.T @ pj
    h = h / len(rows) + (decay + MU) * np.eye(len(where))
    gradient = net.gradient(w0, x[rows], y[rows], decay)[where]
    w = w0.copy()
    w[where] -= np.linalg.solve(h, gradient)
    return w


def kl(w, row, retrained):
    q, p = log_softmax(retrained), log_softmax(net.forward(w, x[[row]])[0][0])
    return float((np.exp(q) * (q - p)).sum())


def leading(order, budget):
    """Units in order while they fit."""
    picks, size = [], 0
    for layer, unit in order:
        size += widths[layer] + 1
        if size > budget:
            break
        picks.append((layer, unit))
    return picks


def order_of(ids, method, seed):
    path = f"{folder}/scores.npz"
    run(f"set seed {seed}; forget add {ids}; select method={method}; dump scores to={path}")
    scores = arrays(path)
    return [(int(a), int(b)) for a, b in zip(scores["layer"], scores["index"])]


def of_units(name):
    """Whether a row is a selector of units with the plain step: the others have their own tests."""
    return not name.startswith(("(", "weights")) and "outcome" not in name


def quartiles(values):
    return [float(np.quantile(values, q)) for q in (0.5, 0.25, 0.75)]


def check_selectors():
    global w0
    misses = run(f"forget add top-loss:{SAMPLES}; forget list")
    ids = [int(i) for i in str(misses["forget"]).replace(" ", "").split(",")][:SAMPLES]
    listed = ",".join(map(str, ids))
    said = run(f"forget add {listed}; compare selectors samples={SAMPLES} draws={DRAWS}{within}")
    budgets = sorted(int(k[3:]) for k in said["selectors"][1] if k.startswith("kl_"))
    before, whole, found = [], [], {}
    for i in ids:
        path = f"{folder}/losses.npz"
        run(f"forget add {i}; blanket all; damping 1; retrain warm; preview; dump losses to={path}; "
            f"dump delta to={folder}/delta.npz")
        w0 = arrays(f"{folder}/delta.npz")["before"]
        retrained = arrays(path)["forget_logits_retrain"][0]
        stay = np.delete(np.arange(len(y)), i)
        before.append(kl(w0, i, retrained))
        all_units = [(k, unit) for k in range(len(widths) - 1) for unit in range(widths[k + 1])]
        whole.append(kl(step(stay, all_units), i, retrained))
        for row in said["selectors"]:
            name = row["selector"]
            if not of_units(name):
                continue
            for draw in range(DRAWS if name == "random" else 1):
                order = order_of(i, name, draw)
                for b in budgets:
                    picks = leading(order, b)
                    value = kl(step(stay, picks) if picks else w0, i, retrained)
                    found.setdefault((name, b), {}).setdefault(i, []).append(value)
    worst = 0.0
    for row in said["selectors"]:
        name = row["selector"]
        for b in budgets:
            if name.startswith("("):
                alone = quartiles(before if name == "(nothing done)" else whole)[0]
                worst = max(worst, abs(row[f"kl_{b}"] / alone - 1))
            elif of_units(name):
                values = [v for each in found[name, b].values() for v in each]
                mine = quartiles(values)
                theirs = [row[f"kl_{b}"]] + row[f"quartiles_{b}"]
                worst = max(worst, max(abs(a / c - 1) for a, c in zip(theirs, mine)))
                medians = {m: {i: np.median(v) for i, v in found[m, b].items()}
                           for m, budget in found if budget == b}
                wins = sum(medians[name][i] <= min(m[i] for m in medians.values()) * (1 + 1e-9)
                           for i in ids)
                if wins < row[f"wins_{b}"]: # single weights, not computed here, may win too
                    sys.exit(f"{name} wins {row[f'wins_{b}']} of {len(ids)} at {b}, here {wins}")
    if not worst < 1e-5:
        sys.exit(f"selectors: medians and quartiles are off by {worst:.2g}")
    print(f"{len(said['selectors'])} rows of compare selectors: off by {worst:.1e}")


def check_noise():
    """Of softmax regression: size by the theorem, draw by the stream, shape by its moments."""
    if len(widths) > 2:
        return
    eps, delta, m = 1.0, 1e-5, 2
    base = "forget add 3,4; blanket all; curvature hessian; damping 0; form influence; set retrain off"
    run(f"{base}; preview; dump delta to={folder}/plain.npz")
    run(f"{base}; noise eps={eps} delta={delta}; preview; dump delta to={folder}/noisy.npz")
    plain, noisy = (arrays(f"{folder}/{n}.npz") for n in ("plain", "noisy"))
    noise = noisy["now"] - plain["now"]
    n, reach = len(y), np.sqrt((x ** 2).sum(1) + 1).max()
    bound_l = math.sqrt(2) * reach + decay * np.linalg.norm(plain["before"])
    gamma = 2 * 0.2722 * reach ** 3 * bound_l ** 2 * m ** 2 / (decay ** 3 * n ** 2)
    sigma = gamma / eps * math.sqrt(2 * math.log(1.25 / delta))
    stream = Stream(0, NOISE, m, 0)
    drawn = sigma * np.array([stream.normal() for _ in noise])
    off = np.abs(noise - drawn).max() / sigma
    spread = (noise / sigma).std()
    if not (off < 1e-3 and abs(spread - 1) < 4 / math.sqrt(2 * len(noise))):
        sys.exit(f"noise: off by {off:.2g} of sigma {sigma:.3g}, sd {spread:.3g}")
    print(f"noise of sigma {sigma:.4g}: off by {off:.1e}, sd {spread:.3f}")


check_selectors()
check_noise()
