# SPDX-License-Identifier: MIT
"""The small pictures of the paper's claims, from runs of the program.

usage: claims_pictures.py LETHE FOLDER [NAME...] [--keep FILE.json]

Names: bullseye, spurious, faces, reid (all). FOLDER gets NAME.svg; vision's is made by
vision_table.py. --keep holds what spurious measured, so that a run goes on where it ended.
Run from the top folder; the maps need gnuplot.
"""
import json
import os
import subprocess
import sys

import svg_lines

SEEDS = range(1, 7)
COUNTS = (16, 32, 40, 48)


def ask(lethe, lines):
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return [json.loads(line) for line in out.stdout.splitlines()][-1]["result"]


def bullseye(lethe, path, _):
    rows = ask(lethe, "set seed 1; generate graph samples=200,500,1000,2000,5000 graphs=10")["blankets"]
    panels = []
    for form in ("linear", "nonlinear"):
        for figure in ("precision", "recall"):
            lines = [(k, [(r["samples"], r[figure]) for r in rows if r["form"] == form and r["variables"] == v])
                     for k, v in enumerate((3, 10, 30))]
            panels.append((f"{form}: {figure}", lines))
    svg_lines.write(path, panels, ["3 variables", "10", "30"], "samples to the right; means over ten graphs: of what FOCI names, how much is in the blanket, and of the blanket, how much it names")


def gap_of(lethe, kept, units, seed):
    key = f"{units}/{seed}"
    if key not in kept:
        penalty = "" if units == "none" else f"penalty={units} strength=1"
        rows = ask(lethe, f"set seed {seed}; load sample_models/fashion-cnn; generate mark to=6 size=4; "
                   "train model=mlp:32-16 optimizer=sgd epochs=10 batch=64 rate=0.05; "
                   f"train continue optimizer=sgd epochs=20 batch=512 rate=0.05 {penalty}; spurious heldout=all")["figures"]
        kept[key] = [100 * rows[0]["unmarked"], 100 * rows[0]["marked"]]
    return kept[key][1] - kept[key][0]


def spurious(lethe, path, keep):
    kept = {}
    if keep and os.path.exists(keep):
        with open(keep, encoding="utf-8") as file:
            kept = json.load(file)
    mean = lambda units: sum(gap_of(lethe, kept, units, s) for s in SEEDS) / len(SEEDS)
    none, every = mean("none"), mean("all")
    lines = [(k, [(0, none)] + [(n, mean(f"{how}[:{n}]")) for n in COUNTS if n < 48] + [(48, every)])
             for k, how in enumerate(("spurious", "random"))]
    if keep:
        with open(keep, "w", encoding="utf-8") as file:
            json.dump(kept, file)
    svg_lines.write(path, [("gap, in points", lines)], ["by CODEC", "at random"],
                    "units penalised, of 48; shirts recognised with the square minus without; means over six seeds")


def map_of(lines):
    def make(lethe, path, _):
        ask(lethe, lines.replace("PATH", path))
    return make


PICTURES = {
    "bullseye": bullseye, "spurious": spurious,
    "faces": map_of("load sample_models/faces-cnn; set retrain off; curvature ggn samples=60; damping 0.01; blanket all; "
                    "forget add class:3; preview; activation 18 to=PATH"),
    "reid": map_of("load sample_models/people-osnet; train head optimizer=lbfgs; set retrain off; set retrain.by head; "
                   "curvature ggn samples=100; forget add class:8; select method=lastlayer; blanket 11; preview; retrain warm; "
                   "activation 497 to=PATH"),
}

if __name__ == "__main__":
    words = sys.argv[1:]
    keep = words[words.index("--keep") + 1] if "--keep" in words else None
    words = words[:words.index("--keep")] if "--keep" in words else words
    for name in words[2:] or PICTURES:
        PICTURES[name](words[0], os.path.join(words[1], name + ".svg"), keep)
        print(name, flush=True)
