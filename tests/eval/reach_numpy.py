# SPDX-License-Identifier: MIT
"""`reach` of every number of units, by the dense Gauss-Newton matrix in numpy.

usage: reach_numpy.py LETHE BUNDLE UNITS

g_P'(H_PP + mu)^-1 g_P / g'(H + mu)^-1 g with H from all that is retained, for softmax regression.
"""
import gzip
import json
import subprocess
import sys

import numpy as np

lethe, bundle, units = sys.argv[1], sys.argv[2], int(sys.argv[3])
FORGET = [17, 101, 333]


def run(commands):
    ran = subprocess.run([lethe, "--no-rc", "--json", "-c", f"load {bundle}; set retrain off; {commands}"],
                         capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{commands}\n{ran.stdout[-500:]}{ran.stderr}")
    return [json.loads(line)["result"] for line in ran.stdout.splitlines()]


def read_idx(path):
    raw = gzip.open(path).read()
    dims = np.frombuffer(raw, ">u4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


with open(bundle + "/bundle.json") as file:
    about = json.load(file)
x = read_idx(f"{bundle}/{about['train']['samples']}")
x = x.reshape(len(x), -1) / about["normalize"]["scale"]
y = read_idx(f"{bundle}/{about['train']['labels']}").astype(int)
decay = about["weight_decay"]
folder = sys.argv[4]
chosen = ",".join(map(str, FORGET))
run(f"forget add {chosen}; blanket all; damping 1; preview; dump delta to={folder}/delta.npz")
with np.load(f"{folder}/delta.npz") as file:
    w = file["before"]
inputs, classes = x.shape[1], 10
matrix, bias = w[:classes * inputs].reshape(classes, inputs), w[classes * inputs:]
x1 = np.concatenate([x, np.ones((len(x), 1))], 1)
z = x @ matrix.T + bias
p = np.exp(z - z.max(1, keepdims=True))
p /= p.sum(1, keepdims=True)
stay = np.delete(np.arange(len(y)), FORGET)
# parameters class by class: inputs, then the bias
h = np.zeros((classes, inputs + 1, classes, inputs + 1))
for a in range(classes):
    for b in range(classes):
        weight = p[stay, a] * ((a == b) - p[stay, b]) / len(stay)
        h[a, :, b, :] = (x1[stay] * weight[:, None]).T @ x1[stay]
size = classes * (inputs + 1)
h = h.reshape(size, size) + decay * np.eye(size)
w1 = np.concatenate([matrix, bias[:, None]], 1)
g = sum(np.outer(p[i] - np.eye(classes)[y[i]], x1[i]) + decay * w1 for i in FORGET).reshape(-1)

worst = 0.0
for mu in ("0", "1e-3", "0.1"):
    answers = run(f"forget add {chosen}; form influence; damping {mu}; select stop=off; "
                  f"blanket {units}; preview")
    order = [row["unit"] for row in answers[-3]["blanket"] + answers[-3].get("below_the_line", [])]
    preview = answers[-1]
    if preview["reach_estimated"]:
        sys.exit("the reach of a small network is an estimate")
    lifted = h + float(mu) * np.eye(size)
    whole = g @ np.linalg.solve(lifted, g)
    rows = preview["reach_by_units"]
    for k in range(1, len(rows) + 1):
        where = np.concatenate([np.arange(inputs + 1) + (inputs + 1) * int(u[u.index("[") + 1:-1]) for u in order[:k]])
        share = g[where] @ np.linalg.solve(lifted[np.ix_(where, where)], g[where]) / whole
        worst = max(worst, abs(rows[k - 1] - share))
    if abs(preview["reach"] - rows[units - 1]) > 1e-12:
        sys.exit("the reach of the blanket is not that of its row")
if not worst < 0.01:
    sys.exit(f"reach is off by {worst:.3g}")
print(f"reach of {len(rows)} sizes at three dampings: off by {worst:.1e} at most")
