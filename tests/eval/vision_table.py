# SPDX-License-Identifier: MIT
"""A hundred removals of one class, one after another, by each selector, as a table and a picture.

usage: vision_table.py LETHE [--networks NAME,...] [--selectors NAME,...] [--seeds N] [--removals N]
                       [--keep FILE.json] [--picture FILE.svg]

For every network and selector: removals before the paper's stop (held-out accuracy .05 below the
start), and the held-out accuracy at the start and after 25, 50 and the last of them, means over the
seeds 1 to N (3). --keep adds what is measured to a file and takes from it what stands there; the
picture shows everything in it. Run from the top folder. Networks: lr, 2nn, cnn, resnet.
"""
import argparse
import json
import os
import subprocess
import sys

import svg_lines

DIGITS = "data sample_models/digits/train-images-idx3-ubyte.gz labels=sample_models/digits/train-labels-idx1-ubyte.gz " \
    "heldout.path=sample_models/digits/test-images-idx3-ubyte.gz " \
    "heldout.labels=sample_models/digits/test-labels-idx1-ubyte.gz normalize=0,16; "
# name: title, how it comes to be (SEED is replaced), settings
NETWORKS = {
    "lr": ("softmax regression", "load sample_models/digits-logreg", "perturb count=200"),
    "2nn": ("64-32-16-10", "load sample_models/digits-mlp", "perturb count=100; curvature ggn samples=200"),
    "cnn": ("cnn:8p-16", DIGITS + "train model=cnn:8p-16 epochs=10 seed=SEED", "perturb count=100; curvature ggn samples=100"),
    "resnet": ("resnet:8x1-16x1", DIGITS + "train model=resnet:8x1-16x1 epochs=10 seed=SEED",
               "perturb count=100; curvature ggn samples=100"),
}
SELECTORS = {
    "L-FOCI": "select method=lfoci", "random": "select method=random; blanket 3",
    "gradnorm": "select method=gradnorm; blanket 3", "gain": "select method=gain; blanket 3", "full": "blanket all",
}
CLASS = 3


def run(lethe, network, selector, seed, removals):
    """Held-out accuracies: at the start, and after every removal until the stop."""
    _, begin, settings = NETWORKS[network]
    lines = f"set seed {seed}; {begin.replace('SEED', str(seed))}; set retrain off; {settings}; " \
        f"forget add class:{CLASS}[:1]; {SELECTORS[selector]}; forget clear; " \
        f"remove-each class:{CLASS}[:{removals}] gap=0.05"
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    answer = [json.loads(line) for line in out.stdout.splitlines()][-1]["result"]
    return [answer["heldout_accuracy_at_start"]] + [row["heldout_accuracy"] for row in answer["removals"]]


def picture(kept, path):
    names = [n for n in NETWORKS if any(k.startswith(n + "/") for k in kept)]
    panels = [(NETWORKS[n][0], [(k, [(i, 100 * a) for i, a in enumerate(way)]) for k, s in enumerate(SELECTORS)
                                for key, way in kept.items() if key.startswith(f"{n}/{s}/")]) for n in names]
    svg_lines.write(path, panels, list(SELECTORS), "threes removed to the right, held-out accuracy in % upwards; a line a seed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lethe")
    parser.add_argument("--networks", default="lr")
    parser.add_argument("--selectors", default=",".join(SELECTORS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--removals", type=int, default=100)
    parser.add_argument("--keep")
    parser.add_argument("--picture")
    given = parser.parse_args()
    kept = {}
    if given.keep and os.path.exists(given.keep):
        with open(given.keep, encoding="utf-8") as file:
            kept = json.load(file)
    print("network, selector: seeds, removed, held-out accuracy before, after 25, 50, the last")
    for network in given.networks.split(","):
        for selector in given.selectors.split(","):
            for seed in range(1, given.seeds + 1):
                key = f"{network}/{selector}/{seed}"
                if key not in kept:
                    kept[key] = run(given.lethe, network, selector, seed, given.removals)
                if given.keep:
                    with open(given.keep, "w", encoding="utf-8") as file:
                        json.dump(kept, file)
            ways = [kept[f"{network}/{selector}/{seed}"] for seed in range(1, given.seeds + 1)]
            mean = lambda k: 100 * sum(w[min(k, len(w) - 1)] for w in ways) / len(ways)
            print(f"{NETWORKS[network][0]:20} {selector:9} {len(ways)} {sum(len(w) - 1 for w in ways) / len(ways):6.1f} "
                  f"{mean(0):6.2f} {mean(25):6.2f} {mean(50):6.2f} {mean(10 ** 6):6.2f}", flush=True)
    if given.picture:
        picture(kept, given.picture)


if __name__ == "__main__":
    main()
