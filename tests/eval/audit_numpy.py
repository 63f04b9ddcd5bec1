# SPDX-License-Identifier: MIT
"""Every figure of `audit`, from the logits and weights that `audit to=` writes, in numpy.

usage: audit_numpy.py ANSWER.json ARRAYS.npz WIDTHS ACTIVATION TRAIN HELDOUT

The definitions are those of the papers; of Lethe only the random streams are taken (philox.py), for
the halves of the threshold attack, the splits of the logistic ones and the shuffles of the groups.
TRAIN and HELDOUT are NPY files of all inputs, for relearning and the probe, which need the network.
"""
import json
import math
import sys

import numpy as np

from philox import EVAL, Stream

RATE, STEPS, SPLITS, BINS, DELTA = 0.1, 500, 10, 20, 1e-5
GROUPS = ("before", "now", "retrain")


# ---- rows of logits -----------------------------------------------------------------------------

def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def losses(z, y):
    return -np.take_along_axis(log_softmax(z), np.broadcast_to(y, z.shape[:-1])[..., None], -1)[..., 0]


def margins(z, y):
    label = np.broadcast_to(y, z.shape[:-1])[..., None]
    own, others = np.take_along_axis(z, label, -1)[..., 0], z.copy()
    np.put_along_axis(others, label, -np.inf, -1)
    top = others.max(-1, keepdims=True)
    return own - (top[..., 0] + np.log(np.exp(others - top).sum(-1)))


def accuracy(z, y):
    return (z.argmax(-1) == y).mean(-1)


def kl(now, retrain):
    q, p = log_softmax(retrain), log_softmax(now)
    return (np.exp(q) * (q - p)).sum(-1).mean()


# ---- attacks on one model -----------------------------------------------------------------------

def auc(member, other):
    member, other = np.asarray(member)[:, None], np.asarray(other)[None, :]
    return ((member > other) + 0.5 * (member == other)).mean()


def cut(member, other):
    """The threshold and the side with the largest balanced accuracy."""
    best, rule, values = 0.0, (np.inf, 1), np.unique(np.concatenate([member, other]))[::-1]
    for i, v in enumerate(values):
        gain = (member >= v).mean() - (other >= v).mean()
        if abs(gain) > best:
            at = 0.5 * (v + values[i + 1]) if i + 1 < len(values) else v
            best, rule = abs(gain), (at, -1 if gain < 0 else 1)
    return rule


def balanced(member, other, seed):
    halves = []
    for group, x in enumerate((member, other)):
        x = [x[i] for i in Stream(seed, EVAL, group, len(x)).shuffled(range(len(x)))]
        halves.append((np.array(x[:len(x) // 2]), np.array(x[len(x) // 2:])))
    total = 0.0
    for fit in (0, 1):
        at, side = cut(halves[0][fit], halves[1][fit])
        gain = (halves[0][1 - fit] >= at).mean() - (halves[1][1 - fit] >= at).mean()
        total += 0.5 * (1 + side * gain)
    return total / 2


def fit_logistic(x, y):
    """C = 1, the intercept free: Newton's method with halved steps."""
    x1, t = np.column_stack([x, np.ones(len(x))]), 2.0 * y - 1
    penalty = np.diag([1.0] * x.shape[1] + [1e-12])
    def value(w):
        return np.logaddexp(0, -t * (x1 @ w)).sum() + 0.5 * (w[:-1] ** 2).sum()
    w = np.zeros(x1.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-(x1 @ w)))
        gradient = x1.T @ (p - y) + np.append(w[:-1], 0)
        step, scale = np.linalg.solve((x1 * (p * (1 - p))[:, None]).T @ x1 + penalty, gradient), 1.0
        while scale > 1e-9 and value(w - scale * step) >= value(w):
            scale /= 2
        if value(w) - value(w - scale * step) <= 1e-14 * abs(value(w)):
            break
        w = w - scale * step
    return w


def logistic(member, other, seed, scaled):
    """Mean accuracy of ten 90/10 splits, the larger group thinned."""
    if len(member) < SPLITS or len(other) < SPLITS:
        return math.nan
    take, draw = min(len(member), len(other)), Stream(seed, EVAL, 2, 0)
    rows = [np.array(x)[draw.shuffled(range(len(x)))[:take]] for x in (member, other)]
    x = np.concatenate(rows)
    if scaled:
        sd = x.std(0)
        x = np.where(sd > 0, (x - x.mean(0)) / np.where(sd > 0, sd, 1), 0)
    else:
        x = np.clip(x, -100, 100)
    y, test, results = np.arange(2 * take) < take, (take + 5) // 10, []
    for s in range(SPLITS):
        draw, held = Stream(seed, EVAL, 3, s), np.zeros(2 * take, bool)
        for group in (0, 1):
            held[draw.shuffled(range(group * take, (group + 1) * take))[:test]] = True
        w = fit_logistic(x[~held], y[~held].astype(float))
        results.append((((x[held] @ w[:-1] + w[-1]) > 0) == y[held]).mean())
    return np.mean(results)


# ---- the network --------------------------------------------------------------------------------

class Net:
    """Linear layers with an activation between them; w is the flat vector of one model."""

    def __init__(self, widths, activation):
        self.widths, self.relu = widths, activation == "relu"

    def layers(self, w):
        at = 0
        for a, b in zip(self.widths, self.widths[1:]):
            yield w[at:at + a * b].reshape(b, a), w[at + a * b:at + a * b + b]
            at += a * b + b

    def forward(self, w, x):
        inputs = []
        for k, (weight, bias) in enumerate(self.layers(w)):
            if k:
                x = np.maximum(x, 0) if self.relu else np.tanh(x)
            inputs.append(x)
            x = x @ weight.T + bias
        return x, inputs

    def gradient(self, w, x, y, decay):
        z, inputs = self.forward(w, x)
        d = np.exp(log_softmax(z))
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        parts = []
        for (weight, _), a in zip(reversed(list(self.layers(w))), reversed(inputs)):
            parts.append(np.concatenate([(d.T @ a).ravel(), d.sum(0)]))
            d = (d @ weight) * ((a > 0) if self.relu else 1 - a * a)
        return np.concatenate(parts[::-1]) + decay * w

    def relearn(self, w, x, y, target, decay):
        w = w.copy()
        for step in range(STEPS + 1):
            if losses(self.forward(w, x)[0], y).mean() <= target:
                return step
            w -= RATE * self.gradient(w, x, y, decay)
        return math.nan


# ---- attacks with references --------------------------------------------------------------------

normal_cdf = np.vectorize(lambda t: 0.5 * math.erfc(-t / math.sqrt(2)))


def lira(target, references):
    """Offline: how far above the models that never saw it. Fewer than 16 references share a spread."""
    centre = np.median(references, axis=0)
    square = (references - centre) ** 2
    sd = np.sqrt(square.mean(0) if len(references) >= 16 else np.full(len(centre), square.mean()))
    return normal_cdf((target - centre) / np.maximum(sd, 1e-3))


def rmia(target, references, population, population_references, a=0.3):
    def ratio(own, others):
        return np.exp(-own) / (0.5 * (1 + a) * np.exp(-others).mean(0) + 0.5 * (1 - a))
    x, z = ratio(target, references), ratio(population, population_references)
    return (x[:, None] > z[None, :]).mean(1)


# ---- two groups of models -----------------------------------------------------------------------

def gauss(x, mean, sd):
    sd = np.maximum(sd, 1e-3)
    return -0.5 * ((x - mean) / sd) ** 2 - np.log(sd)


def ulira(u, r):
    """Accuracy, AUC and worst sample; every margin is judged by Gaussians fitted without it."""
    def without(m):
        n = len(m)
        mean = (m.sum(0) - m) / (n - 1)
        square = ((m[None] - mean[:, None]) ** 2).sum(1) - (m - mean) ** 2
        return mean, np.sqrt(square / (n - 2))
    ratio_u = gauss(u, *without(u)) - gauss(u, r.mean(0), r.std(0, ddof=1))
    ratio_r = gauss(r, u.mean(0), u.std(0, ddof=1)) - gauss(r, *without(r))
    each = 0.5 * (1 + (ratio_u > 0).mean(0) - (ratio_r > 0).mean(0))
    return each.mean(), auc(ratio_u.ravel(), ratio_r.ravel()), each.max()


def klom(u, r):
    u, r = np.clip(u, -100, 100), np.clip(r, -100, 100)
    low, high = np.minimum(u.min(0), r.min(0)), np.maximum(u.max(0), r.max(0))
    width = (high - low) / BINS
    def shares(m):
        at = np.where(width > 0, (m - low) / np.where(width > 0, width, 1), 0).astype(int)
        at = np.minimum(at, BINS - 1)
        return np.stack([(at == b).mean(0) for b in range(BINS)])
    p, q = shares(u), np.maximum(shares(r), 1e-5)
    values = np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0).sum(0)
    return np.median(values), np.quantile(values, 0.95)


def epsilon(u, r):
    """The largest of all thresholds and intervals, of one sample."""
    ranges = np.ptp(u), np.ptp(r)
    if min(ranges) < 0.01 * max(ranges):
        return 50.0
    cuts = np.append(np.unique(np.concatenate([u, r])), np.inf)
    below_u, below_r = (np.array([(m < c).mean() for c in cuts]) for m in (u, r))
    best = 0.0
    low, high = np.triu_indices(len(cuts), 1)
    in_u, in_r = below_u[high] - below_u[low], below_r[high] - below_r[low]
    upper, inside = np.median(u) >= np.median(r), ranges[0] <= ranges[1]
    for chosen, yes in ((high == len(cuts) - 1, upper), (np.ones(len(low), bool), inside)):
        fpr = in_r[chosen] if yes else 1 - in_r[chosen]
        fnr = 1 - in_u[chosen] if yes else in_u[chosen]
        zero_p, zero_n = fpr <= 1e-12, fnr <= 1e-12
        if (zero_p & zero_n).any():
            return 50.0
        use = ~(zero_p | zero_n)
        with np.errstate(divide="ignore", invalid="ignore"):
            for a, b in ((1 - DELTA - fpr[use], fnr[use]), (1 - DELTA - fnr[use], fpr[use])):
                if (a > 0).any():
                    best = max(best, np.log(a[a > 0] / b[a > 0]).max())
    return min(best, 50.0)


def forgetting(u, r):
    limit = math.ceil(math.log(min(len(u), len(r)) - 1))
    eps = np.array([epsilon(u[:, i], r[:, i]) for i in range(u.shape[1])])
    return np.where(eps >= limit, 0, 2 / 2.0 ** (np.floor(eps / 0.5) + 1)).mean()


def fqs(now, retrain):
    def features(z):
        half = log_softmax(z / 2)
        entropy = np.clip(-(np.exp(half) * half).sum(-1), 0, 2.5)
        return entropy, np.clip(margins(z, z.argmax(-1)), -2.5, 10)
    strongest = 0.0
    for (a, b), (low, high) in zip(zip(features(now), features(retrain)), ((0, 2.5), (-2.5, 10))):
        for t in range(51):
            c = low + (high - low) * t / 50
            up_a, up_b = (a <= c).mean(), (b <= c).mean()
            for fpr, fnr in ((1 - up_b, up_a), (up_b, 1 - up_a)):
                if fpr >= 1 - DELTA or fnr >= 1 - DELTA:
                    continue
                if fpr <= 0 and fnr <= 0:
                    return 0.0
                with np.errstate(divide="ignore"):
                    eps = min(np.log(1 - DELTA - fpr) - np.log(fnr), np.log(1 - DELTA - fnr) - np.log(fpr))
                strongest = max(strongest, 1 - 2 ** -max(0.0, eps))
    return 1 - strongest


# ---- all of it ----------------------------------------------------------------------------------

class Audit:
    def __init__(self, arrays, net, train, heldout, decay, seed):
        self.a, self.net, self.seed, self.decay = arrays, net, seed, decay
        self.y = {s: arrays[s + "_label"].astype(int) for s in ("forget", "retain", "heldout")}
        self.n = len(arrays["before_weights"])
        self.same = np.isin(self.y["heldout"], self.y["forget"])
        self.x = train[arrays["forget"].astype(int)], heldout[arrays["heldout"].astype(int)]
        self.phi = {(g, s): margins(self.z(g, s), self.y[s]) for g in GROUPS for s in self.y}
        z, _ = net.forward(arrays["now_weights"][0], self.x[0])
        if not np.abs(z - self.z("now", "forget")[0]).max() < 1e-9:
            sys.exit("the network here is not the one that was audited")

    def z(self, group, which):
        return self.a[f"{group}_{which}_logits"]

    def trained(self, group, k):
        return self.a[("retrain" if group == "retrain" else "before") + "_trained"][k].astype(bool)

    def plain(self, group, k):
        y, seed = self.y, self.seed
        zf, zr, zh = (self.z(group, s)[k] for s in ("forget", "retain", "heldout"))
        part = self.trained(group, k)
        member, other = -losses(zf, y["forget"]), -losses(zh, y["heldout"])[self.same]
        w = self.a[group + "_weights"][k]
        target = 1.02 * losses(self.z("before", "forget")[k], y["forget"]).mean() + 0.001
        out = {
            "forget.accuracy": accuracy(zf, y["forget"]), "forget.loss": -member.mean(),
            "retain.accuracy": accuracy(zr[part], y["retain"][part]),
            "heldout.accuracy": accuracy(zh, y["heldout"]),
            "attack.auc": auc(member, other), "attack.percentile": 100 * (1 - auc(member, other)),
            "attack.balanced_accuracy": balanced(member, other, seed),
            "attack.logistic": logistic(-member[:, None], -other[:, None], seed, False),
            "relearn_steps": self.net.relearn(w, self.x[0], y["forget"], target, self.decay),
            "probe": math.nan,
        }
        if len(self.net.widths) > 2:
            features = [self.net.forward(w, x)[1][-1] for x in self.x]
            out["probe"] = logistic(features[0], features[1][self.same], seed, True)
        return out

    def references(self, group, k):
        return [j for j in range(self.n) if group != "retrain" or j != k]

    def with_references(self, group, k):
        refs = self.references(group, k)
        phi_f, phi_h = self.phi[group, "forget"], self.phi[group, "heldout"]
        ref_f, ref_h = self.phi["retrain", "forget"][refs], self.phi["retrain", "heldout"][refs]
        odd = np.arange(len(self.same)) % 2 == 1
        both = lambda f, h, keep: np.concatenate([f, h[..., keep]], axis=-1)
        m = phi_f.shape[1]
        score = lira(both(phi_f[k], phi_h[k], self.same), both(ref_f, ref_h, self.same))
        loss = lambda phi: np.logaddexp(0, -phi)
        plain = self.same & ~odd
        paired = rmia(loss(both(phi_f[k], phi_h[k], plain)), loss(both(ref_f, ref_h, plain)),
                      loss(phi_h[k][odd]), loss(ref_h[:, odd]))
        zf, zr = self.z(group, "forget")[k], self.z("retrain", "forget")
        pair = (k + 1) % self.n if group == "retrain" else k
        return {"lira": auc(score[:m], score[m:]), "rmia": auc(paired[:m], paired[m:]),
                "kl.forget": np.mean([kl(zf, zr[j]) for j in refs]), "fqs": fqs(zf, zr[pair])}

    def groups(self, u, r):
        worst = ulira(u["forget"], r["forget"])
        out = dict(zip(("ulira.accuracy", "ulira.auc", "ulira.worst"), worst))
        out["forgetting_score"] = forgetting(u["forget"], r["forget"])
        for s in self.y:
            out["klom." + s], out[f"klom.{s}_95"] = klom(u[s], r[s])
        return out

    def shuffled(self, draw):
        order = Stream(self.seed, EVAL, 100, draw).shuffled(range(2 * self.n))
        u, r = {}, {}
        for s in self.y:
            both = np.concatenate([self.phi["now", s], self.phi["retrain", s]])[order]
            u[s], r[s] = both[:self.n], both[self.n:]
        return self.groups(u, r)

    def harm(self, k):
        part, y = self.trained("now", k), self.y
        zb, zn = self.z("before", "retain")[k][part], self.z("now", "retain")[k][part]
        label = y["retain"][part]
        change = losses(zn, label) - losses(zb, label)
        was, now = zb.argmax(-1) == label, zn.argmax(-1) == label
        areas = [auc(-losses(z, label), -losses(h, y["heldout"])) for z, h in
                 ((zb, self.z("before", "heldout")[k]), (zn, self.z("now", "heldout")[k]))]
        return {"harm.mean_change": change.mean(), "harm.q95_change": np.quantile(change, 0.95),
                "harm.lost": (was & ~now).sum(), "harm.gained": (~was & now).sum(),
                "harm.auc": areas[1], "before harm.auc": areas[0]}


def known_mean(values):
    values = [v for v in values if not math.isnan(v)]
    return np.mean(values) if values else math.nan


def tables(audit, draws):
    """{name: (before, now, retrain, sd)}"""
    out, n = {}, audit.n
    each = {g: [audit.plain(g, k) | audit.with_references(g, k) for k in range(n)] for g in GROUPS}
    for name in each["now"][0]:
        values = {g: [row[name] for row in each[g]] for g in GROUPS}
        re = [v for v in values["retrain"] if not math.isnan(v)]
        out[name] = (known_mean(values["before"]), known_mean(values["now"]), known_mean(re),
                     np.std(re, ddof=1) if len(re) > 2 else math.nan)
    retrain = {s: audit.phi["retrain", s] for s in audit.y}
    before, now = (audit.groups({s: audit.phi[g, s] for s in audit.y}, retrain) for g in GROUPS[:2])
    chance = [audit.shuffled(d) for d in range(draws)]
    for name in now:
        by_chance = [c[name] for c in chance]
        out[name] = before[name], now[name], np.mean(by_chance), np.std(by_chance, ddof=1)
    for name, seen in (("recovery_probs", lambda z: np.exp(log_softmax(z))),
                       ("recovery", lambda z: z - z.mean(-1, keepdims=True))):
        old, now, re = (seen(audit.z(g, "forget")).mean(0) for g in GROUPS)
        share = 1 - np.linalg.norm(now - re) / np.linalg.norm(old - re)
        out[name] = 0.0, share, 1.0, math.nan
    harm = [audit.harm(k) for k in range(n)]
    for name in ("harm.mean_change", "harm.q95_change", "harm.lost", "harm.gained", "harm.auc"):
        own = np.mean([h["before harm.auc"] for h in harm]) if name == "harm.auc" else math.nan
        out[name] = own, np.mean([h[name] for h in harm]), math.nan, math.nan
    return out


def differs(said, found, scale):
    if said is None or math.isnan(found):
        return 0.0 if said is None and math.isnan(found) else math.inf
    return abs(said - found) / max(1.0, scale)


def main():
    answer, path, widths, activation, train, heldout = sys.argv[1:7]
    with open(answer) as file:
        result = json.loads(file.readlines()[-1])["result"]
    with np.load(path) as file:
        arrays = {k: file[k] for k in file.files}
    net = Net([int(w) for w in widths.split("-")], activation)
    audit = Audit(arrays, net, np.load(train), np.load(heldout), float(sys.argv[7]), int(sys.argv[8]))
    mine, worst, wrong = tables(audit, 20), {}, 0
    for row in result["figures"]:
        name, want = row["name"], mine.pop(row["name"])
        for key, found in zip(("before", "now", "retrain", "sd"), want):
            off = differs(row[key], found, abs(found))
            worst[name] = max(worst.get(name, 0.0), off)
            if not off < 1e-9:
                wrong += 1
                print(f"{name} {key}: lethe {row[key]}, here {found}")
    if mine:
        sys.exit(f"not in the answer: {sorted(mine)}")
    print(f"{len(worst)} figures of 3 x {audit.n} models, {wrong} wrong; largest difference",
          f"{max(worst.values()):.1e}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
