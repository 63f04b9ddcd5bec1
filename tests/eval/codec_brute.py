# SPDX-License-Identifier: MIT
"""CODEC and FOCI by their definition, in numpy, against the command line.

usage: codec_brute.py LETHE CASES FOLDER [SEED]

Writes CASES random tables in every format that is read, asks lethe about all of them in one run, and
compares sums as integers: all pairs of rows, no order, no lists. Only what the interface promises
is shared: the order among equally near rows, and the arithmetic of scaling by standard deviation.
"""
import gzip
import json
import math
import subprocess
import sys

import numpy as np

MASK = (1 << 64) - 1
TIE = 5  # the purpose of this hash among lethe's random streams


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def hash3(a, b, c):
    h = mix((a + 0x9E3779B97F4A7C15) & MASK)
    h = mix(h ^ ((b + 0xD1B54A32D192ED03) & MASK))
    return mix(h ^ ((c + 0x8CB92BA72F3D8DD7) & MASK))


def tie_order(seed, n):
    """(n, n): smallest first among equally near rows."""
    key = np.array([hash3(seed, TIE, i) & 0xFFFFFFFF for i in range(n)], dtype=np.uint32)
    h = key[:, None] ^ np.arange(n, dtype=np.uint32)[None, :]
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def scaled(x, y):
    """Columns divided by their standard deviation, sums running in the order of y."""
    order, out, n = np.lexsort((np.arange(len(y)), y)), x.copy(), len(y)
    for c in range(x.shape[1]):
        v = x[order, c]
        largest = np.abs(v).max()
        if largest == 0:
            continue
        factor = math.ldexp(1, -(math.frexp(largest)[1] - 1))
        mean = np.add.accumulate(v * factor)[-1] / n
        square = np.add.accumulate((v * factor - mean) ** 2)[-1]
        sd = math.sqrt(square / (n - 1))
        out[:, c] = x[:, c] * factor / (sd if sd > 0 else factor)
    return out


class Brute:
    def __init__(self, x, y, seed, scaling):
        self.x = scaled(x, y) if scaling == "sd" else x
        self.n, self.p = x.shape
        self.ties = tie_order(seed, self.n).astype(np.int64)
        self.rank = (y[None, :] <= y[:, None]).sum(1)
        least = (y[None, :] >= y[:, None]).sum(1)
        self.squares = int((least * least).sum())
        self.spread = int((least * (self.n - least)).sum())
        self.usable = [bool((x[:, c] != x[0, c]).any()) for c in range(self.p)]

    def sum(self, columns):
        d = np.zeros((self.n, self.n))
        with np.errstate(over="ignore"):
            for c in columns:
                d = d + (self.x[None, :, c] - self.x[:, None, c]) ** 2
        np.fill_diagonal(d, np.nan)
        nearest = d == np.nanmin(d, axis=1)[:, None]
        m = np.where(nearest, self.ties, 1 << 40).argmin(1)
        return int(np.minimum(self.rank, self.rank[m]).sum())

    def total(self, s):
        return (self.n * s - self.squares) / self.spread

    def conditional(self, before, s):
        if before is None:
            return self.total(s)
        left = int(self.rank.sum()) - before
        return (s - before) / left if left else 0.0

    def foci(self, stop, most):
        """order, conditional, cumulative, marginal, why it stopped"""
        out = [], [], []
        marginal = [0.0] * self.p
        if self.spread == 0:
            return *out, marginal, "constant y"
        live = [c for c in range(self.p) if self.usable[c]]
        if not live:
            return *out, marginal, "no column"
        most, before = min(most or len(live), len(live)), None
        limit = "all columns" if most == len(live) else "max"
        while len(out[0]) < most:
            sums = {c: self.sum(out[0] + [c]) for c in live if c not in out[0]}
            if before is None:
                for c, s in sums.items():
                    marginal[c] = self.total(s)
            best = min(sums, key=lambda c: (-sums[c], c))
            gain = self.conditional(before, sums[best])
            if stop and gain <= 0:
                return *out, marginal, "function" if before == self.rank.sum() else "no gain"
            for values, value in zip(out, (best, gain, self.total(sums[best]))):
                values.append(value)
            before = sums[best]
        return *out, marginal, limit


KINDS = ["smooth", "heavy", "rectified", "integer", "two", "constant", "close", "copy", "mixed"]


def columns(rng, n, p):
    """A table whose columns are of one kind or of any."""
    kind, x = str(rng.choice(KINDS + ["any"] * 3)), np.empty((n, p))
    for c in range(p):
        k = str(rng.choice(KINDS)) if kind == "any" else kind
        z = rng.normal(size=n)
        x[:, c] = {
            "smooth": z,
            "heavy": z / rng.normal(size=n),
            "rectified": np.maximum(z, 0),
            "integer": np.floor(3 * z),
            "two": z > 0.4,
            "constant": np.full(n, 0.1),
            "close": 1e6 + z * 10.0 ** -rng.integers(0, 9),
            "copy": x[:, rng.integers(0, c)] + z * rng.choice([0, 1e-12, 1e-3]) if c else z,
            "mixed": z * 10.0 ** rng.integers(-30, 31),
        }[k]
    if rng.random() < 0.2:
        x = x[rng.integers(0, n, n)]
    return x


def target(rng, x):
    n, p = x.shape
    a, b = x[:, rng.integers(0, p)], x[:, rng.integers(0, p)]
    z = rng.normal(size=n)
    return [
        lambda: z,
        lambda: a + b * b + 0.1 * z,
        lambda: np.mod(a + b, 1),
        lambda: np.floor(2 * a),
        lambda: (z > 1).astype(float),
        lambda: z / rng.normal(size=n),
        lambda: np.ones(n),
    ][rng.choice(7, p=[0.1, 0.35, 0.2, 0.15, 0.08, 0.08, 0.04])]()


def write(rng, path, a):
    """One of the formats; returns the path."""
    kind = int(rng.integers(0, 5))
    if kind < 3:
        text = "".join(",".join(repr(float(v)) for v in row) + "\n" for row in a)
        if kind == 1:  # a header, and another separator
            text = ";".join(f"c{c}" for c in range(a.shape[1])) + "\n" + text.replace(",", ";")
        path += ".csv.gz" if kind == 2 else ".csv"
        with (gzip.open if kind == 2 else open)(path, "wt") as file:
            file.write(text)
        return path
    path += ".npy"
    with np.errstate(over="ignore"):
        as_float = a.astype(np.float32)
    if (as_float.astype(float) == a).all() and rng.random() < 0.5:
        a = as_float
    np.save(path, np.asfortranarray(a) if kind == 4 else a)
    if rng.random() < 0.3:
        with open(path, "rb") as raw, gzip.open(path + ".gz", "wb") as packed:
            packed.write(raw.read())
        path += ".gz"
    return path


def make(rng, folder, number):
    """One case: (commands, what is expected of the answers to the last of them)."""
    n = int(rng.choice([2, 3, 4, 7, 20, 60, 150, 300]))
    p = int(rng.choice([1, 2, 3, 6, 18]))
    x = columns(rng, n, p)
    y = target(rng, x)
    scaling, seed = str(rng.choice(["sd", "none"])), int(rng.integers(0, 1000))
    stop, most = bool(rng.random() < 0.6), int(rng.choice([0, 0, 1, 4]))
    brute, given = Brute(x, y, seed, scaling), int(rng.integers(0, p))
    at = f"{folder}/{number}"
    fx, fy = write(rng, at + "x", x), write(rng, at + "y", y[:, None])
    foci = f"foci x={fx} y={fy} scaling={scaling} stop={'on' if stop else 'off'}"
    commands = [f"set seed {seed}", foci + (f" max={most}" if most else "")]
    expected = [None, ("foci", brute.foci(stop, most))]
    if given:
        fg, fa = write(rng, at + "g", x[:, :given]), write(rng, at + "a", x[:, given:])
        before, after = brute.sum(range(given)), brute.sum(range(p))
        commands.append(f"codec x={fg} z={fa} y={fy} scaling={scaling}")
        expected.append(("codec", (after - before, int(brute.rank.sum()) - before, brute.spread)))
    after = brute.sum(range(p))
    commands.append(f"codec x={fx} y={fy} scaling={scaling}")
    total = n * after - brute.squares
    expected.append(("codec", (total, brute.spread, brute.spread)))
    return commands, expected


def near(a, b):
    return len(a) == len(b) and all(abs(s - t) <= 1e-12 * max(1, abs(t)) for s, t in zip(a, b))


def complaint(kind, want, got):
    if kind == "codec":
        numerator, denominator, spread = want
        value = (numerator / denominator if denominator else 0) if spread else None
        if (got["numerator"], got["denominator"]) != (numerator, denominator):
            return f"{got}, not {want}"
        if (value is None) != (got["value"] is None) or value and not near([got["value"]], [value]):
            return f"value {got['value']}, not {value}"
        return None
    order, conditional, cumulative, marginal, stopped = want
    if got["order"] != order or got["stopped"] != stopped:
        return f"{got['order']} {got['stopped']}, not {order} {stopped}"
    for name, values in zip(("conditional", "cumulative", "marginal"),
                            (conditional, cumulative, marginal)):
        if not near(got[name], values):
            return f"{name} {got[name]}, not {values}"
    return None


def main():
    lethe, cases, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    rng = np.random.default_rng(int(sys.argv[4]) if len(sys.argv) > 4 else 20)
    commands, expected = [], []
    for number in range(cases):
        some, wanted = make(rng, folder, number)
        commands += some
        expected += wanted
    with open(f"{folder}/script", "w") as file:
        file.write("\n".join(commands) + "\n")
    ran = subprocess.run([lethe, "--no-rc", "--json", "-f", f"{folder}/script"],
                         capture_output=True, text=True)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    if len(answers) != len(commands):
        sys.exit(f"{len(answers)} answers to {len(commands)} commands\n{ran.stderr}")
    wrong = 0
    for command, want, answer in zip(commands, expected, answers):
        said = str(answer.get("error")) if not answer["ok"] else want and complaint(*want, answer["result"])
        if said:
            wrong += 1
            print(f"{command}\n  {said[:400]}")
    print(f"{cases} cases, {len(commands)} commands, {wrong} wrong")
    sys.exit(wrong > 0)


main()
