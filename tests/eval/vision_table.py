# SPDX-License-Identifier: MIT
"""A hundred removals of one class, one after another, by each selector, as a table and a picture.

usage: vision_table.py LETHE [--networks NAME,...] [--selectors NAME,...] [--seeds N] [--removals N]
                       [--by N] [--keep FILE.json] [--picture FILE.svg]

For every network and selector: removals before the paper's stop (held-out accuracy .05 below the
start), and the held-out accuracy at the start, after 50 and after the last of them, means over the
seeds 1 to N (3). --keep adds what is measured to a file and takes from it what stands there; the
picture shows everything in it. Run from the top folder. Networks: lr, 2nn, vgg, resnet, mobilenet, densenet, or all.
"""
import argparse
import json
import os
import subprocess
import sys

import svg_lines

FEW = "perturb count=100; curvature ggn samples=100"
# name: title, the bundle, settings, class, how the removals go
NETWORKS = {
    "lr": ("softmax regression, digits", "digits-logreg", "perturb count=200", 3, "by=BY"),
    "2nn": ("64-32-16-10, digits", "digits-mlp", "perturb count=100; curvature ggn samples=200", 3, "by=BY"),
    "vgg": ("VGG-11", "fashion-vgg11", FEW, 6, "by=BY figures=heldout"),
    "resnet": ("ResNet-20", "fashion-resnet20", FEW, 6, "by=BY figures=heldout"),
    "mobilenet": ("MobileNetV2", "fashion-mobilenet", FEW, 6, "by=BY figures=heldout"),
    "densenet": ("DenseNet", "fashion-densenet", FEW, 6, "by=BY figures=heldout"),
}
SELECTORS = {
    "L-FOCI": "set select.method lfoci; set blanket auto", "random": "set select.method random; set blanket 3",
    "gradnorm": "set select.method gradnorm; set blanket 3", "gain": "set select.method gain; set blanket 3",
    "full": "set blanket all",
}


def run(lethe, network, selector, seed, removals, by):
    """[removed, held-out accuracy] at the start, and after every step until the stop."""
    _, bundle, settings, label, how = NETWORKS[network]
    lines = f"set seed {seed}; load sample_models/{bundle}; set retrain off; {settings}; " \
        f"{SELECTORS[selector]}; " \
        f"remove-each class:{label}[:{removals}] gap=0.05 {how.replace('BY', str(by))}"
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    answer = [json.loads(line) for line in out.stdout.splitlines()][-1]["result"]
    way = [[0, answer["heldout_accuracy_at_start"]]]
    for row in answer["removals"]:
        way.append([way[-1][0] + row.get("samples", 1), row["heldout_accuracy"]])
    return way


def after(way, removed):
    """The accuracy when so many were removed, or all that were."""
    return [accuracy for count, accuracy in way if count <= removed][-1]


def picture(kept, path):
    names = [n for n in NETWORKS if any(k.startswith(n + "/") for k in kept)]
    panels = [(NETWORKS[n][0], [(k, [(i, 100 * a) for i, a in way]) for k, s in enumerate(SELECTORS)
                                for key, way in kept.items() if key.startswith(f"{n}/{s}/")]) for n in names]
    svg_lines.write(path, panels, list(SELECTORS), "threes and shirts removed to the right, held-out accuracy in % upwards; a line a seed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lethe")
    parser.add_argument("--networks", default="lr")
    parser.add_argument("--selectors", default=",".join(SELECTORS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--removals", type=int, default=100)
    parser.add_argument("--by", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--picture")
    given = parser.parse_args()
    kept = {}
    if given.keep and os.path.exists(given.keep):
        with open(given.keep, encoding="utf-8") as file:
            kept = json.load(file)
    print("network, selector: seeds, removed, held-out accuracy before, after 50, the last")
    for network in NETWORKS if given.networks == "all" else given.networks.split(","):
        for selector in given.selectors.split(","):
            for seed in range(1, given.seeds + 1):
                key = f"{network}/{selector}/{seed}"
                if key not in kept:
                    kept[key] = run(given.lethe, network, selector, seed, given.removals, given.by)
                if given.keep:
                    with open(given.keep, "w", encoding="utf-8") as file:
                        json.dump(kept, file)
            ways = [kept[f"{network}/{selector}/{seed}"] for seed in range(1, given.seeds + 1)]
            mean = lambda k: 100 * sum(after(w, k) for w in ways) / len(ways)
            print(f"{NETWORKS[network][0]:26} {selector:9} {len(ways)} {sum(w[-1][0] for w in ways) / len(ways):6.1f} "
                  f"{mean(0):6.2f} {mean(50):6.2f} {mean(10 ** 6):6.2f}", flush=True)
    if given.picture:
        picture(kept, given.picture)


if __name__ == "__main__":
    main()
