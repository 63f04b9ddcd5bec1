# SPDX-License-Identifier: MIT
"""Rank-1, mean average precision and equal error rate again, from the arrays `retrieval to=` writes.

usage: retrieval_numpy.py ARRAYS.npz ANSWER.json     (the answer's figures before, to 1e-9)
"""
import json
import sys

import numpy as np

arrays = np.load(sys.argv[1])
with open(sys.argv[2]) as file:
    answer = [json.loads(line) for line in file][-1]["result"]
x, labels, groups = arrays["features"], arrays["labels"], arrays["groups"]
unit = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-300)
cosines = unit @ unit.T
apart = ~np.eye(len(x), dtype=bool) & ~((groups[:, None] == groups) & (groups >= 0)[:, None])
same = labels[:, None] == labels
pairs = arrays["pairs"].astype(bool)


def figures(asks):
    first, precision = [], []
    for q in np.flatnonzero(asks):
        who = np.flatnonzero(apart[q])
        order = who[np.argsort(-cosines[q, who], kind="stable")]
        right = same[q, order]
        if right.any():
            first.append(right[0])
            precision.append((right.cumsum() / np.arange(1, len(right) + 1))[right].mean())
    upper = np.triu(apart) & np.outer(pairs, pairs) & (asks[:, None] | asks)
    good, bad = cosines[upper & same], cosines[upper & ~same]
    rates = [((bad >= t).mean(), (good < t).mean()) for t in np.unique(np.concatenate([good, bad]))]
    passed, failed = min(rates[::-1], key=lambda r: abs(r[0] - r[1])) if len(good) and len(bad) else (np.nan,) * 2
    return {"rank-1": np.mean(first), "mean average precision": np.mean(precision),
            "equal error rate": (passed + failed) / 2}


worst = compared = 0
for who in ("forgotten", "others"):
    want = figures(arrays[who].astype(bool))
    for row in answer["figures"]:
        if row["classes"] == who and row["figure"] in want and row["before"] is not None:
            worst = max(worst, abs(row["before"] - want[row["figure"]]))
            compared += 1
print(f"{compared} figures within {worst:.1e}")
if compared < 5 or not worst < 1e-9:
    sys.exit(f"{compared} figures, off by {worst}")
