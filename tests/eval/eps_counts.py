# SPDX-License-Identifier: MIT
"""How many removals eps .1, .01, .001 and .0005 support on the clauses, as the paper counts them.

usage: eps_counts.py LETHE

The paper's certificate (Sekhari et al. 2021) is one of strongly convex losses, and the transformer
has none: there it says nothing. What comes nearest is its last layer, softmax regression on features
that are taken as given (they were learnt from the samples too, so the certificate holds for nobody's
clauses). Trained to its minimum at several weight decays: the removals that keep the loss within .01
of the bound (`certificate`'s capacity), the noise one removal takes, beside the size of the weights.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

lethe = sys.argv[1]
EPS = (0.1, 0.01, 0.001, 0.0005)


def ask(lines):
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return [json.loads(line) for line in out.stdout.splitlines()]


with tempfile.TemporaryDirectory() as folder:
    seen = os.path.join(folder, "seen.npz")
    first = ask(f"load sample_models/clauses-text; forget add 0; retrieval heldout=all to={seen}")
    n = first[0]["result"]["train"]
    arrays = np.load(seen)
    np.save(os.path.join(folder, "x.npy"), arrays["features"][:n])
    np.save(os.path.join(folder, "y.npy"), arrays["labels"][:n].astype(np.int64))
    print(f"{n} clauses, {arrays['features'].shape[1]} features; weight decay, training accuracy, |w| rms, then for each eps "
          "removals supported (noise of one removal)")
    for decay in (1e-4, 1e-2, 1):
        answers = ask(f"data {folder}/x.npy labels={folder}/y.npy; train model=logreg weight_decay={decay}; evaluate; set retrain off; "
                      f"blanket all; form influence; damping 0; curvature hessian samples={n - 1}; forget add 0; "
                      f"export {folder}/w.safetensors; " + "; ".join(f"certificate eps={e} delta=1e-2" for e in EPS))
        accuracy = [a["result"]["train"]["accuracy"] for a in answers if a["command"] == "evaluate"][0]
        blob = open(f"{folder}/w.safetensors", "rb").read()
        start = 8 + int.from_bytes(blob[:8], "little")
        kinds = json.loads(blob[8:start])
        kind = [v["dtype"] for k, v in kinds.items() if k != "__metadata__"][0]
        w = np.frombuffer(blob, {"F64": "<f8", "F32": "<f4"}[kind], offset=start)
        cells = []
        for answer in answers:
            if answer["command"] == "certificate":
                r = answer["result"]
                cells.append(f"{int(r['capacity'])} ({r['sigma']:.2g})")
        print(f"{decay:7g}  {accuracy:.3f}  {np.sqrt(np.mean(w * w)):.3f}  " + "  ".join(f"{e:g}: {c}" for e, c in zip(EPS, cells)), flush=True)
