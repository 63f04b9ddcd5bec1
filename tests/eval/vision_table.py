# SPDX-License-Identifier: MIT
"""A hundred removals of one class, one after another, by each selector, as a table and a picture.

usage: vision_table.py LETHE --session FILE.json --picture FILE.svg
       vision_table.py LETHE [--networks NAME,...] [--selectors NAME,...] [--seeds N] [--removals N]
                       [--by N] [--keep FILE.json] [--picture FILE.svg]

For every network and selector: removals before the paper's stop (held-out accuracy .05 below the
start), and the held-out accuracy at the start, after 50 and after the last of them, means over the
seeds 1 to N (3), with their standard deviation; the selector `retrained` is what retraining without
all of them at once comes to. --keep adds what is measured to a file and takes from it what stands there; the
picture shows everything in it. With --session the picture is of what `LETHE --json -f
sessions/vision.lethe` printed into that file.
Run from the top folder. Networks: lr, 2nn, vgg, resnet, mobilenet, densenet, or all.
"""
import argparse
import json
import os
import statistics
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
GAP = 0.05  # the stop: held-out accuracy so far below the start
RETRAINED = "retrained"  # what retraining without all of them at once comes to


def ask(lethe, lines):
    """What each command answers."""
    out = subprocess.run([lethe, "--no-rc", "--json", "-c", lines], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return [json.loads(line)["result"] for line in out.stdout.splitlines()]


def run(lethe, network, selector, seed, removals, by):
    """[removed, held-out accuracy] at the start, and after every step until the stop."""
    _, bundle, settings, label, how = NETWORKS[network]
    begin = f"set seed {seed}; load sample_models/{bundle}; set retrain off; "
    if selector == RETRAINED:
        answers = ask(lethe, f"{begin}evaluate; forget add class:{label}[:{removals}]; retrain warm")
        before = next(a["tune"]["accuracy"] for a in answers if "tune" in a)
        return [[0, before], [removals, answers[-1]["models"][0]["heldout_accuracy"]]]
    answer = ask(lethe, f"{begin}{settings}; {SELECTORS[selector]}; "
                 f"remove-each class:{label}[:{removals}] gap={GAP} {how.replace('BY', str(by))}")[-1]
    return way_of(answer)


def way_of(answer):
    """What `run` gives, of an answer of remove-each."""
    way = [[0, answer["heldout_accuracy_at_start"]]]
    for row in answer["removals"]:
        way.append([way[-1][0] + row.get("samples", 1), row["heldout_accuracy"]])
    return way


def of_session(path):
    """{network/selector/seed: way} of what `lethe --json -f sessions/vision.lethe` printed."""
    kept, network, seed, method, whole = {}, None, 1, "lfoci", False
    methods = {"lfoci": "L-FOCI", "random": "random", "gradnorm": "gradnorm", "gain": "gain"}
    with open(path, encoding="utf-8") as file:
        for answer in map(json.loads, file):
            result = answer["result"]
            if answer["command"] == "load":
                network = next(n for n, row in NETWORKS.items() if row[1] == result["model"])
            elif answer["command"] == "set":
                seed = result.get("seed", seed)
                method = result.get("select.method", method)
                whole = result["blanket"] == "all" if "blanket" in result else whole
            elif answer["command"] == "preview":
                kept[f"{network}/{RETRAINED}/{seed}"][0][1] = result["heldout"]["accuracy"]["before"]
            elif answer["command"] == "retrain":
                kept[f"{network}/{RETRAINED}/{seed}"] = [[0, None], [100, result["models"][0]["heldout_accuracy"]]]
            elif answer["command"] == "remove-each":
                kept[f"{network}/{'full' if whole else methods[method]}/{seed}"] = way_of(result)
    return kept


def after(way, removed):
    """The accuracy when so many were removed, or all that were."""
    return [accuracy for count, accuracy in way if count <= removed][-1]


def picture(kept, path):
    """Of every network a line a selector and seed, the level of retraining and the stop below the start."""
    panels = []
    for name in (n for n in NETWORKS if any(k.startswith(n + "/") for k in kept)):
        own = {key[len(name) + 1:]: [(i, 100 * a) for i, a in way] for key, way in kept.items() if key.startswith(name + "/")}
        lines = [(k, way) for k, s in enumerate(SELECTORS) for key, way in own.items() if key.split("/")[0] == s]
        last = max(way[-1][0] for way in own.values())
        levels = [way[-1][1] for key, way in own.items() if key.split("/")[0] == RETRAINED]
        if levels:
            level = sum(levels) / len(levels)
            lines.append((len(SELECTORS), [(0, level), (last, level)]))
        stop = next(iter(own.values()))[0][1] - 100 * GAP
        lines.append((len(SELECTORS) + 1, [(0, stop), (last, stop)]))
        panels.append((NETWORKS[name][0], lines))
    svg_lines.write(path, panels, [*SELECTORS, RETRAINED, "stop"],
                    "threes and shirts removed to the right, held-out accuracy in % upwards; a line a seed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lethe")
    parser.add_argument("--networks", default="lr")
    parser.add_argument("--selectors", default=",".join([*SELECTORS, RETRAINED]))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--removals", type=int, default=100)
    parser.add_argument("--by", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--picture")
    parser.add_argument("--session")
    given = parser.parse_args()
    if given.session:
        return picture(of_session(given.session), given.picture)
    kept = {}
    if given.keep and os.path.exists(given.keep):
        with open(given.keep, encoding="utf-8") as file:
            kept = json.load(file)
    print("network, selector: seeds, removed, held-out accuracy before, after 50, the last, sd of it")
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
                  f"{mean(0):6.2f} {mean(50):6.2f} {mean(10 ** 6):6.2f} "
                  f"{statistics.pstdev([100 * w[-1][1] for w in ways]):5.2f}", flush=True)
    if given.picture:
        picture(kept, given.picture)


if __name__ == "__main__":
    main()
