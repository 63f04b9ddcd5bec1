# SPDX-License-Identifier: MIT
"""A hundred removals of one class, one after another, by each selector with three seeds.

usage: vision_table.py LETHE [BUNDLE CLASS REMOVALS [SETTINGS]]

For every selector: removals before the paper's stop (held-out accuracy .05 below the start), and the
held-out accuracy after 25, 50 and 100 of them, means over seeds 1, 2, 3.
"""
import json
import subprocess
import sys

import numpy as np

lethe = sys.argv[1]
bundle, label, removals = (sys.argv[2:5] if len(sys.argv) > 4 else ("sample_models/digits-logreg", "3", "100"))
extra = sys.argv[5] if len(sys.argv) > 5 else "perturb count=200"
SELECTORS = {"L-FOCI": "select method=lfoci", "random": "select method=random; blanket 3",
             "gradnorm": "select method=gradnorm; blanket 3", "gain": "select method=gain; blanket 3",
             "full": "blanket all"}
print(f"{bundle}, class {label}: selector, removed of {removals}, held-out accuracy after 25, 50, all")
for name, choose in SELECTORS.items():
    ends, ways, start = [], [], 0
    for seed in (1, 2, 3):
        lines = f"load {bundle}; set seed {seed}; set retrain off; {extra}; forget add class:{label}[:1]; {choose}; " \
                f"forget clear; remove-each class:{label}[:{removals}] gap=0.05"
        out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
        if out.returncode:
            sys.exit(out.stderr)
        answer = [json.loads(line) for line in out.stdout.splitlines()][-1]["result"]
        way = [row["heldout_accuracy"] for row in answer["removals"]]
        start = answer["heldout_accuracy_at_start"] if "heldout_accuracy_at_start" in answer else start
        ends.append(len(way))
        ways.append(way)
    at = [np.mean([100 * w[min(k, len(w)) - 1] for w in ways if w] or [np.nan]) for k in (25, 50, 10 ** 6)]
    print(f"{name:9} {np.mean(ends):6.1f}  " + "  ".join(f"{a:6.2f}" for a in at), flush=True)
