# SPDX-License-Identifier: MIT
"""Products with the Gauss-Newton matrix, the empirical Fisher and the Hessian, and the Hessian's
matrix, against automatic differentiation in PyTorch (double-backward, double precision) on small
networks of every kind. usage: products_torch.py TOOL [NAME...]"""
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.manual_seed(7)


class Residual(nn.Module):
    """Batch and group normalisation, a skip, max and average pooling."""

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(2, 6, 3, padding=1)
        self.n1 = nn.BatchNorm2d(6)
        self.c2 = nn.Conv2d(6, 6, 3, padding=1, groups=2, bias=False)
        self.n2 = nn.GroupNorm(3, 6)
        self.c3 = nn.Conv2d(6, 8, 3, stride=2)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu(self.n1(self.c1(x)))
        x = x + F.relu(self.n2(self.c2(x)))
        x = F.relu(self.c3(F.max_pool2d(x, 2)))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Transformer(nn.Module):
    """One block of attention over positions, with a normalisation of layers and Gelu."""

    def __init__(self, width=8, heads=2, length=5):
        super().__init__()
        self.heads, self.length, self.width = heads, length, width
        self.embed = nn.Linear(3, width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 12), nn.Linear(12, width)
        self.head = nn.Linear(width, 4)

    def attend(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        split = lambda t: t.reshape(-1, self.length, self.heads, self.width // self.heads)
        q, k, v = (split(t).transpose(1, 2) for t in (q, k, v))
        p = torch.softmax(q @ k.transpose(-1, -2) / 2.0, -1)
        return self.out((p @ v).transpose(1, 2).reshape(-1, self.length, self.width))

    def forward(self, x):
        x = self.embed(x)
        x = x + self.attend(self.n1(x))
        x = x + self.down(F.gelu(self.up(self.n2(x))))
        return self.head(x.mean(1))


def mlp(*widths, act=nn.Tanh):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), act()]
    return nn.Sequential(*layers[:-1])


def conv(act, pool):
    return nn.Sequential(nn.Conv2d(1, 5, 3), act(), pool(2), nn.Conv2d(5, 6, 3), act(),
                         nn.Flatten(), nn.Linear(6 * 9, 3))


NETS = {
    "regression": (lambda: nn.Linear(9, 26), (9,)),
    "mlp-tanh": (lambda: mlp(7, 6, 5, 4), (7,)),
    "mlp-relu": (lambda: mlp(7, 9, 8, 3, act=nn.ReLU), (7,)),
    "mlp-softplus": (lambda: mlp(6, 8, 3, act=nn.Softplus), (6,)),
    "mlp-silu": (lambda: mlp(6, 8, 3, act=nn.SiLU), (6,)),
    "conv-relu-max": (lambda: conv(nn.ReLU, nn.MaxPool2d), (1, 12, 12)),
    "conv-elu-mean": (lambda: conv(nn.ELU, nn.AvgPool2d), (1, 12, 12)),
    "residual": (Residual, (2, 10, 10)),
    "transformer": (Transformer, (5, 3)),
}


def settle(model):
    for child in model.modules():
        if isinstance(child, nn.BatchNorm2d):
            nn.init.normal_(child.running_mean, 0, 0.3)
            nn.init.uniform_(child.running_var, 0.5, 2)
        if "Norm" in type(child).__name__:
            nn.init.uniform_(child.weight, 0.6, 1.4)
            nn.init.normal_(child.bias, 0, 0.2)
    for p in model.parameters():
        p.data += 0.1 * torch.randn_like(p)


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def reference(model, params, x, y, v):
    """ggn, fisher and hessian times v, and the Hessian itself."""
    parts, at = [], 0
    for p in params:
        parts.append(v[at:at + p.numel()].reshape(p.shape))
        at += p.numel()
    n = len(x)
    g = torch.autograd.grad(F.cross_entropy(model(x), y), params, create_graph=True)
    hv = flat(torch.autograd.grad(flat(g) @ v, params, retain_graph=True))
    z = model(x)
    dummy = torch.zeros_like(z, requires_grad=True)
    back = torch.autograd.grad(z, params, dummy, create_graph=True)
    jv = torch.autograd.grad(flat(back) @ v, dummy, retain_graph=True)[0].detach()
    p = torch.softmax(z, 1).detach()
    r = p * (jv - (p * jv).sum(1, keepdim=True)) / n
    ggn = flat(torch.autograd.grad(z, params, r, retain_graph=True))
    e = p - F.one_hot(y, p.shape[1])
    fisher = flat(torch.autograd.grad(z, params, e * (e * jv).sum(1, keepdim=True) / n))
    whole = None
    if len(v) <= 800:
        g = flat(g)
        whole = torch.stack([flat(torch.autograd.grad(g[i], params, retain_graph=True,
                                                      allow_unused=False)) for i in range(len(v))])
    return {"ggn": ggn, "fisher": fisher, "hessian": hv, "matrix": whole}


def compare(name, got, want):
    """Largest difference, relative to the largest entry."""
    want = want.detach().numpy()
    return float(np.abs(got - want).max() / np.abs(want).max())


def check(tool, name, folder):
    build, shape = NETS[name]
    model = build().double().eval()
    settle(model)
    n = 23
    x, y = torch.randn(n, *shape, dtype=torch.float64), None
    with torch.no_grad():
        y = torch.randint(0, model(x).shape[1], (n,))
    path = os.path.join(folder, name)
    torch.onnx.export(model, x[:2], path + ".onnx", opset_version=14, input_names=["x"],
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      dynamic_axes={"x": {0: "n"}})
    np.save(path + "-x.npy", x.reshape(n, -1).numpy())
    np.save(path + "-y.npy", y.numpy())
    named = dict(model.named_parameters())
    np.save(path + "-v.npy", np.zeros(1))
    command = [tool, path + ".onnx", path + "-x.npy", path + "-y.npy", path + "-v.npy",
               path + ".npz"]
    order = [line.split() for line in
             subprocess.run(command, capture_output=True, text=True).stdout.splitlines()]
    params = [named[k] for k, _ in order]
    assert len(params) == len(named), (name, [k for k, _ in order], list(named))
    v = torch.randn(sum(p.numel() for p in params), dtype=torch.float64)
    np.save(path + "-v.npy", v.numpy())
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    got, want = np.load(path + ".npz"), reference(model, params, x, y, v)
    bad = 0
    for key, limit in (("ggn", 1e-9), ("fisher", 1e-9), ("hessian", 1e-9), ("ggn32", 1e-4),
                       ("hessian32", 1e-4), ("matrix", 1e-9)):
        if key == "matrix" and (want[key] is None or key not in got):
            continue
        off = compare(name, got[key], want[key[:-2] if key.endswith("32") else key])
        if not off < limit:
            print("%s: %s is off by %.3g of its largest entry" % (name, key, off))
            bad = 1
    if want["matrix"] is not None and "matrix" in got:
        mine = np.linalg.eigvalsh(got["matrix"])[0]
        theirs = np.linalg.eigvalsh(want["matrix"].detach().numpy())[0]
        print("%-14s %5d parameters, smallest eigenvalue %.9g here, %.9g by PyTorch"
              % (name, len(v), mine, theirs))
        bad |= not abs(mine - theirs) < 1e-8 * (1 + abs(theirs))
    else:
        print("%-14s %5d parameters" % (name, len(v)))
    return bad


def main():
    tool, names = sys.argv[1], sys.argv[2:] or list(NETS)
    with tempfile.TemporaryDirectory() as folder:
        bad = sum(check(tool, name, folder) for name in names)
    sys.exit(1 if bad else 0)


main()
