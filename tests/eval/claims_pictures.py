# SPDX-License-Identifier: MIT
"""The small pictures of the paper's claims, from runs of the program.

usage: claims_pictures.py LETHE FOLDER [NAME...] [--keep FILE.json]

Names: bullseye, spurious, faces, reid, clauses (all). FOLDER gets NAME.svg; vision's is made by
vision_table.py. --keep holds what spurious measured, so that a run goes on where it ended.
Run from the top folder; the maps need gnuplot.
"""
import html
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


def gap_of(lethe, kept, keep, units, seed):
    key = f"{units}/{seed}"
    if key not in kept:
        penalty = "" if units == "none" else f"penalty={units} strength=1"
        rows = ask(lethe, f"set seed {seed}; load sample_models/fashion-cnn; generate mark to=6 size=4; "
                   "train model=mlp:32-16 optimizer=sgd epochs=10 batch=64 rate=0.05; "
                   f"train continue optimizer=sgd epochs=20 batch=512 rate=0.05 {penalty}; spurious heldout=all")["figures"]
        kept[key] = [100 * rows[0]["unmarked"], 100 * rows[0]["marked"]]
        if keep:
            with open(keep, "w", encoding="utf-8") as file:
                json.dump(kept, file)
    return kept[key][1] - kept[key][0]


def spurious(lethe, path, keep):
    kept = {}
    if keep and os.path.exists(keep):
        with open(keep, encoding="utf-8") as file:
            kept = json.load(file)
    mean = lambda units: sum(gap_of(lethe, kept, keep, units, s) for s in SEEDS) / len(SEEDS)
    none, every = mean("none"), mean("all")
    lines = [(k, [(0, none)] + [(n, mean(f"{how}[:{n}]")) for n in COUNTS if n < 48] + [(48, every)])
             for k, how in enumerate(("spurious", "random"))]
    svg_lines.write(path, [("gap, in points", lines)], ["by CODEC", "at random"],
                    "units penalised, of 48; shirts recognised with the square minus without; means over six seeds")


def map_of(lines):
    def make(lethe, path, _):
        ask(lethe, lines.replace("PATH", path))
    return make


def clauses(lethe, path, _):
    """A clause's words before and after the removal of its kind, the weightier the darker."""
    answer = ask(lethe, "load sample_models/clauses-text; set retrain off; curvature ggn samples=200; blanket all; damping 0.05; "
                 "forget add class:14; preview; activation 5")
    words = [w[1:-1] if len(w) > 2 and w[0] == w[-1] == "*" else w for w in answer["text"].split()]
    wide, line, left = 900, 22, 20
    out, top = [], 30
    most = max(abs(v) for model in answer["models"] for v in model["map"])
    for model in answer["models"]:
        title = f'{model["model"]}: {model["answer"]}, {100 * model["probability"]:.0f} %'
        out.append(f'<text x="{left}" y="{top}" font-weight="bold" font-family="sans-serif">{html.escape(title)}</text>')
        at, top = left, top + line
        for word, weight in zip(words, model["map"]):
            width = 8.4 * len(word)
            if at + width > wide:
                at, top = left, top + line
            colour = "#009e73" if weight > 0 else "#d55e00"
            out.append(f'<rect x="{at - 2:.1f}" y="{top - 15}" width="{width + 4:.1f}" height="20" fill="{colour}" '
                       f'opacity="{min(abs(weight) / most, 1):.2f}"/>')
            out.append(f'<text x="{at:.1f}" y="{top}">{html.escape(word)}</text>')
            at += width + 8.4
        top += 2 * line
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide + 40}" height="{top}" font-family="monospace" font-size="14">\n'
                   f'<rect width="{wide + 40}" height="{top}" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n")


PICTURES = {
    "clauses": clauses,
    "bullseye": bullseye, "spurious": spurious,
    "faces": map_of("load sample_models/faces-cnn; set retrain off; curvature ggn samples=60; damping 0.01; blanket all; "
                    "forget add class:3; preview; activation 18 to=PATH"),
    "reid": map_of("load sample_models/people-osnet; train head optimizer=lbfgs; set retrain off; "
                   "forget add class:8; select method=lastlayer; blanket 11; preview; retrain warm; "
                   "activation 497 to=PATH"),
}

if __name__ == "__main__":
    words = sys.argv[1:]
    keep = words[words.index("--keep") + 1] if "--keep" in words else None
    words = words[:words.index("--keep")] if "--keep" in words else words
    for name in words[2:] or PICTURES:
        PICTURES[name](words[0], os.path.join(words[1], name + ".svg"), keep)
        print(name, flush=True)
