# SPDX-License-Identifier: MIT
"""Every unlearning method against a second implementation in PyTorch, written from its paper, on the
same mini-batches: the parameters after 50 optimiser steps (all of them where there are fewer), in
double and in float. usage: methods_torch.py TOOL [NET...]"""
import copy
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from philox import Stream

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.manual_seed(3)
SEED, PURPOSE, STEPS, DECAY = 7, 20, 50, 1e-3
FORGET, RETAIN, BOTH, LABELS, SUBSET, NOISE = range(1, 7)


class Conv(nn.Module):
    """Convolutions with batch normalisation, whose statistics are the mini-batch's."""

    def __init__(self):
        super().__init__()
        self.c1, self.n1 = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.c2 = nn.Conv2d(4, 5, 3, stride=2)
        self.fc = nn.Linear(5 * 9, 4)

    def forward(self, x):
        x = F.relu(self.n1(self.c1(x)))
        return self.fc(F.relu(self.c2(x)).flatten(1))


def mlp():
    return nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, 8), nn.ReLU(), nn.Linear(8, 4))


NETS = {"mlp": (mlp, (6,)), "conv": (Conv, (1, 9, 9))}


def shuffled(count, epoch, stream):
    """The order of `count` things in an epoch, as the program draws it (Fisher-Yates)."""
    return Stream(SEED, PURPOSE, epoch, stream).shuffled(range(count))


def pieces(order, batch):
    return [order[i:i + batch] for i in range(0, len(order), batch)]


class Budget(Exception):
    """The steps allowed are made."""


class Run:
    """A network that is unlearned from: the samples, the optimiser, the steps left."""

    def __init__(self, model, x, y, forget, values, fresh):
        self.model, self.x, self.y, self.values, self.fresh = model, x, y, values, fresh
        self.u = list(forget)
        self.r = [i for i in range(len(y)) if i not in set(self.u)]
        self.left, self.given = STEPS, None
        self.classes = int(fresh(x[:1]).shape[1])

    def sgd(self, mask=None):
        self.mask = mask
        self.optimiser = torch.optim.SGD(self.model.parameters(), lr=self.values["rate"],
                                         momentum=self.values["momentum"], weight_decay=DECAY)

    def step(self, loss):
        self.optimiser.zero_grad()
        loss.backward()
        if self.mask is None:
            self.optimiser.step()
        else:
            self.masked_step()
        self.left -= 1
        if not self.left:  # before the next batch moves the running statistics
            raise Budget

    def masked_step(self):
        kept = [p.detach().clone() for p in self.model.parameters()]
        for p, m in zip(self.model.parameters(), self.mask):
            p.grad *= m
        self.optimiser.step()
        with torch.no_grad():
            for p, k, m in zip(self.model.parameters(), kept, self.mask):
                p.copy_(torch.where(m.bool(), p, k))

    def ce(self, rows, labels=None):
        y = self.y[rows] if labels is None else labels
        return F.cross_entropy(self.model(self.x[rows]), y)


def finetune(run):
    run.sgd(run.given)
    for e in range(int(run.values["epochs"])):
        for part in pieces(shuffled(len(run.r), e, RETAIN), int(run.values["batch"])):
            run.step(run.ce([run.r[i] for i in part]))


def ascent(run):
    run.sgd()
    for e in range(int(run.values["epochs"])):
        total = 0
        for part in pieces(shuffled(len(run.u), e, FORGET), int(run.values["batch"])):
            loss = -run.ce([run.u[i] for i in part])
            run.step(loss)
            total -= float(loss) * len(part)
        if total / len(run.u) >= run.values["stop"] * np.log(run.classes) > 0:
            return


def negplus(run):
    run.sgd()
    alpha, cycle, rounds = run.values["alpha"], [], 0
    for e in range(int(run.values["epochs"])):
        for part in pieces(shuffled(len(run.r), e, RETAIN), int(run.values["batch"])):
            if not cycle:
                cycle = pieces(shuffled(len(run.u), rounds, FORGET), int(run.values["forget.batch"]))
                rounds += 1
            other = cycle.pop(0)
            run.step(alpha * run.ce([run.r[i] for i in part])
                     - (1 - alpha) * run.ce([run.u[i] for i in other]))


def relabelled(run, mask=None):
    run.sgd(mask if mask is not None else run.given)
    for e in range(int(run.values["epochs"])):
        random, labels = Stream(SEED, PURPOSE, e, LABELS), run.y.clone()
        for i in run.u:
            drawn = random.below(run.classes - 1)
            labels[i] = drawn + (drawn >= int(run.y[i]))
        all_rows = run.u + run.r
        for part in pieces(shuffled(len(all_rows), e, BOTH), int(run.values["batch"])):
            rows = [all_rows[i] for i in part]
            run.step(run.ce(rows, labels[rows]))


def salun(run):
    if run.given is not None:  # a selector's, in the place of its own
        relabelled(run)
        return
    run.model.eval()
    grads = torch.autograd.grad(run.ce(run.u), list(run.model.parameters()))
    run.model.train()
    sizes = torch.cat([g.abs().reshape(-1) for g in grads])
    kept = int(run.values["threshold"] * len(sizes) + 0.5)
    flat = torch.zeros_like(sizes)
    flat[torch.argsort(sizes, descending=True, stable=True)[:kept]] = 1
    mask, at = [], 0
    for g in grads:
        mask.append(flat[at:at + g.numel()].reshape(g.shape))
        at += g.numel()
    relabelled(run, mask)


def distance(student, teacher, t):
    return F.kl_div(F.log_softmax(student / t, 1), F.softmax(teacher / t, 1),
                    reduction="batchmean")


def error(model, x, y, weights):
    """Share of wrong ones, every class weighing as it does among the forget samples; None where
    there is none of these classes."""
    wrong = (model(x).argmax(1) != y).double()
    seen = [c for c in range(len(weights)) if weights[c] > 0 and (y == c).any()]
    total = sum(weights[c] for c in seen)
    return None if not seen else sum(weights[c] * float(wrong[y == c].mean()) for c in seen) / total


def scrub(run):
    v = run.values
    teacher = copy.deepcopy(run.model).eval()
    taught = teacher(run.x).detach()
    run.sgd()
    states, t = [], v["temperature"]
    for e in range(int(v["epochs"])):
        number = e + 1
        for group in run.optimiser.param_groups:
            group["lr"] = v["rate"] * v["drop"] ** sum(number > d for d in (5, 8, 9))
        if number <= v["max.epochs"]:
            for part in pieces(shuffled(len(run.u), e, FORGET), int(v["forget.batch"])):
                rows = [run.u[i] for i in part]
                run.step(-t * t * distance(run.model(run.x[rows]), taught[rows], t))
        for part in pieces(shuffled(len(run.r), e, RETAIN), int(v["batch"])):
            rows = [run.r[i] for i in part]
            z = run.model(run.x[rows])
            run.step(v["gamma"] * F.cross_entropy(z, run.y[rows])
                     + v["alpha"] * t * t * distance(z, taught[rows], t))
        states.append(copy.deepcopy(run.model.state_dict()))
    if v["rewind"]:
        weights = np.bincount(run.y[run.u].numpy(), minlength=run.classes)
        model = copy.deepcopy(run.model).eval()
        reference = error(model, run.x[run.r], run.y[run.r], weights)
        gaps = []
        for state in states if reference is not None else []:
            model.load_state_dict(state)
            gaps.append(abs(error(model, run.x[run.u], run.y[run.u], weights) - reference))
        last = max([i for i, g in enumerate(gaps) if g == min(gaps)] or [len(states) - 1])
        run.model.load_state_dict(states[last])


def ssd(run):
    def importance(rows):
        parts = pieces(rows, int(run.values["batch"]))
        total = [torch.zeros_like(p) for p in run.model.parameters()]
        for part in parts:
            for t, g in zip(total, torch.autograd.grad(run.ce(part), list(run.model.parameters()))):
                t += g ** 2 / len(parts)
        return total
    run.model.eval()
    forget, every = importance(run.u), importance(run.u + run.r)
    with torch.no_grad():
        for p, f, d in zip(run.model.parameters(), forget, every):
            factor = torch.clamp(run.values["lambda"] * d / f, max=1)
            p.copy_(torch.where(f > run.values["alpha"] * d, p * factor, p))


def fisher(run):
    run.model.eval()
    params = list(run.model.parameters())
    total = [torch.zeros_like(p) for p in params]
    wanted = int(run.values["samples"])
    chosen = shuffled(len(run.r), 0, SUBSET)[:wanted or len(run.r)]
    for i in chosen:
        x = run.x[[run.r[i]]]
        p = torch.softmax(run.model(x), 1).detach()[0]
        for c in range(run.classes):
            loss = F.cross_entropy(run.model(x), torch.tensor([c]))
            for t, g in zip(total, torch.autograd.grad(loss, params)):
                t += p[c] * g ** 2 / len(chosen)
    random = Stream(SEED, PURPOSE, 0, NOISE)
    with torch.no_grad():
        for p, f in zip(params, total):
            noise = torch.tensor([random.normal() for _ in range(p.numel())],
                                 dtype=p.dtype).reshape(p.shape)
            var = run.values["alpha"] * torch.clamp(1 / (f.double() + 1e-8), max=run.values["cap"])
            p += (var.sqrt() * noise).to(p.dtype)


def badteacher(run):
    v, good = run.values, copy.deepcopy(run.model).eval()
    run.mask = None
    run.optimiser = torch.optim.Adam(run.model.parameters(), lr=v["rate"], weight_decay=DECAY)
    chosen = shuffled(len(run.r), 0, SUBSET)
    rows = run.u + [run.r[i] for i in chosen[:int(v["share"] * len(run.r) + 0.5)]]
    taught = good(run.x).detach()
    taught[run.u] = run.fresh(run.x[run.u]).detach()
    for e in range(int(v["epochs"])):
        for part in pieces(shuffled(len(rows), e, BOTH), int(v["batch"])):
            some = [rows[i] for i in part]
            run.step(distance(run.model(run.x[some]), taught[some], v["temperature"]))


def relabel_nearest(run):
    run.model.eval()
    x = run.x[run.u].clone().requires_grad_(True)
    y = run.y[run.u]
    (slope,) = torch.autograd.grad(F.cross_entropy(run.model(x), y), x)
    with torch.no_grad():
        z = run.model(x + run.values["bound"] * slope.sign())
        z[torch.arange(len(y)), y] = -np.inf
        nearest = z.argmax(1)
    run.model.train()
    run.sgd()
    for e in range(int(run.values["epochs"])):
        for part in pieces(shuffled(len(run.u), e, FORGET), int(run.values["batch"])):
            run.step(run.ce([run.u[i] for i in part], nearest[part]))


CASES = [
    ("finetune", finetune, "epochs=12,rate=0.05,batch=16,momentum=0.9"),
    ("ascent", ascent, "epochs=40,rate=0.002,batch=4,momentum=0.9,stop=0"),
    ("ascent", ascent, "epochs=40,rate=0.02,batch=4,momentum=0.5,stop=1"),
    ("negplus", negplus, "alpha=0.9,epochs=12,rate=0.02,batch=16,forget.batch=5,momentum=0.9"),
    ("randomlabel", relabelled, "epochs=12,rate=0.02,batch=16,momentum=0.9"),
    ("salun", salun, "threshold=0.3,epochs=12,rate=0.02,batch=16,momentum=0.9"),
    ("scrub", scrub, "alpha=0.3,gamma=0.9,temperature=2,epochs=5,max.epochs=2,rate=0.01,drop=0.5,"
                     "batch=20,forget.batch=6,momentum=0.9,rewind=0"),
    ("scrub", scrub, "alpha=0.3,gamma=0.9,temperature=4,epochs=10,max.epochs=9,rate=0.03,drop=0.5,"
                     "batch=64,forget.batch=12,momentum=0.8,rewind=1"),
    ("ssd", ssd, "alpha=1.5,lambda=0.6,batch=5"),
    ("fisher", fisher, "alpha=0.0001,cap=300,samples=20"),
    ("badteacher", badteacher, "epochs=20,rate=0.003,batch=16,temperature=2,share=0.5"),
    ("relabel-nearest", relabel_nearest, "bound=0.3,epochs=20,rate=0.01,batch=5,momentum=0.9"),
]
# A batch larger than what there is, without momentum, and one sample at a time.
EDGES = [
    ("finetune", finetune, "epochs=12,rate=0.05,batch=4096,momentum=0"),
    ("finetune", finetune, "epochs=1,rate=0.01,batch=1,momentum=0.9"),
    ("ascent", ascent, "epochs=8,rate=0.01,batch=4096,momentum=0.9,stop=0"),
    ("negplus", negplus, "alpha=0.7,epochs=3,rate=0.02,batch=7,forget.batch=100,momentum=0"),
    ("randomlabel", relabelled, "epochs=2,rate=0.02,batch=3,momentum=0"),
    ("salun", salun, "threshold=0.5,epochs=3,rate=0.02,batch=9,momentum=0"),
    ("scrub", scrub, "alpha=0.1,gamma=0.5,temperature=3,epochs=4,max.epochs=9,rate=0.02,drop=0.5,"
                     "batch=100,forget.batch=100,momentum=0,rewind=1"),
    ("ssd", ssd, "alpha=1.1,lambda=0.5,batch=4096"),
    ("fisher", fisher, "alpha=0.001,cap=100,samples=0"),
    ("badteacher", badteacher, "epochs=6,rate=0.003,batch=4096,temperature=1,share=1"),
    ("relabel-nearest", relabel_nearest, "bound=0.1,epochs=9,rate=0.05,batch=4096,momentum=0"),
]
MASKED = [("finetune", finetune, "epochs=4,rate=0.05,batch=16,momentum=0.9"),
          ("randomlabel", relabelled, "epochs=3,rate=0.02,batch=16,momentum=0.9"),
          ("salun", salun, "threshold=0.9,epochs=3,rate=0.02,batch=16,momentum=0.9")]


def values_of(text):
    return {k: float(v) for k, v in (pair.split("=") for pair in text.split(","))}


def named(model):
    return {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def load(model, order, flat):
    at, state = 0, named(model)
    for name, size in order:
        state[name].copy_(torch.tensor(flat[at:at + size]).reshape(state[name].shape))
        at += size
    return model


def chosen(which, y):
    """Who is to be forgotten: some, one, a class."""
    if which == "class":
        return np.flatnonzero(y.numpy() == 2)
    count = 1 if which == "one" else 12
    return np.sort(np.random.default_rng(1).choice(len(y), count, replace=False))


def split(flat, model):
    """A vector over the parameters in the order of the file as tensors of the model's."""
    sizes = [p.shape for p in model.parameters()]
    parts = torch.split(flat, [s.numel() for s in sizes])
    return [part.reshape(s) for part, s in zip(parts, sizes)]


def check(tool, net, dtype, folder, which="some", cases=CASES, masked=False):
    build, shape = NETS[net]
    model, n = build().double().eval(), 62
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):  # equal tensors would be written once
            nn.init.normal_(norm.running_mean, 0, 0.3)
            nn.init.uniform_(norm.running_var, 0.5, 2)
            nn.init.uniform_(norm.weight, 0.6, 1.4)
            nn.init.normal_(norm.bias, 0, 0.2)
    x = torch.randn(n, *shape, dtype=torch.float64)
    y = torch.randint(0, 4, (n,))
    forget = chosen(which, y)
    path = os.path.join(folder, net)
    torch.onnx.export(model, x[:2], path + ".onnx", opset_version=14, input_names=["x"],
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      dynamic_axes={"x": {0: "n"}})
    np.save(path + "-x.npy", x.reshape(n, -1).numpy())
    np.save(path + "-y.npy", y.numpy())
    np.save(path + "-u.npy", forget)
    bad, extra = 0, []
    if masked:
        mask = torch.rand(sum(p.numel() for p in model.parameters())) < 0.4
        np.save(path + "-m.npy", mask.double().numpy())
        extra = [path + "-m.npy"]
    for name, reference, text in cases:
        lines = subprocess.run(
            [tool, path + ".onnx", path + "-x.npy", path + "-y.npy", path + "-u.npy", name, text,
             repr(DECAY), str(STEPS), dtype, path + ".npz"] + extra,
            check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        order = [(k, int(v)) for k, v in (line.split() for line in lines)]
        got = np.load(path + ".npz")
        kind = torch.float64 if dtype == "double" else torch.float32
        run = Run(load(build(), order, got["before"]).to(kind).train(), x.to(kind), y, forget,
                  values_of(text), load(build(), order, got["fresh"]).to(kind).eval())
        if masked:
            run.given = split(mask.to(kind), run.model)
        try:
            reference(run)
        except Budget:
            pass
        state = named(run.model)
        want = np.concatenate([state[k].detach().numpy().reshape(-1) for k, _ in order])
        off = float(np.abs(got["after"] - want).max())
        moved = float(np.abs(got["after"] - got["before"]).max())
        print("%-5s %-6s %-5s %-15s off by %.2g, moved by %.2g"
              % (net, dtype, "mask" if masked else which, name, off, moved))
        limit = 1e-6 if dtype == "double" else 1e-5
        stays = masked and np.any((got["after"] != got["before"])[:len(mask)] & ~mask.numpy())
        if not (off < limit and moved > 1e-4) or stays:
            print("    %s" % text)
            bad += 1
    return bad


def main():
    tool, names = sys.argv[1], sys.argv[2:] or list(NETS)
    with tempfile.TemporaryDirectory() as folder:
        bad = sum(check(tool, net, dtype, folder) for net in names for dtype in ("double", "float"))
        for net in names:
            bad += check(tool, net, "double", folder, "some", EDGES)
            bad += check(tool, net, "double", folder, "one", EDGES)
            bad += check(tool, net, "float", folder, "class", EDGES)
            bad += check(tool, net, "double", folder, "some", MASKED, True)
    sys.exit(1 if bad else 0)


main()
