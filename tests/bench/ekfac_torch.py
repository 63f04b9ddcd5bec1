# SPDX-License-Identifier: MIT
"""EKFAC influence of one sample by plain PyTorch and by Lethe, on the same networks and samples.

    /usr/bin/python3 tests/bench/ekfac_torch.py [SAMPLES [cnn|resnet20]]              (100, both)

Hooks on every layer gather its inputs and derivatives; factors, their eigenvectors, and the squares of
each sample's gradient in them, for every class of every sample; then (E + shift I)^-1 of the first
sample's gradient, times the gradients of twenty. One thread each, processor time, the fastest of
three. Scores must agree to 1e-3 in double. Networks: a CNN with batch and group normalisation and
maximum pooling (26,774 parameters), and ResNet-20 of ../shared. Exit 77 without PyTorch."""
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("skipped: PyTorch is not here")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "..", "shared")
BENCH = os.path.join(os.environ.get("BUILD", "build"), "bench", "ekfac_bench")
SHIFT = 0.01
nn = torch.nn


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.GroupNorm(4, 32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 28, 3, padding=1), nn.BatchNorm2d(28), nn.ReLU(),
        nn.Flatten(), nn.Linear(28 * 49, 10))


class Block(nn.Module):
    def __init__(self, before, planes, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False), nn.BatchNorm2d(planes)
        self.more = (planes - before) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.more:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more, self.more))
        return F.relu(y + x)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        stages, before = [], 16
        for planes, stride in ((16, 1), (32, 2), (64, 2)):
            stages.append(nn.Sequential(*[Block(before if k == 0 else planes, planes, stride if k == 0 else 1)
                                          for k in range(3)]))
            before = planes
        self.layer1, self.layer2, self.layer3 = stages
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class Layer:
    """A module's block: rows of inputs and derivatives, factors, values."""

    def __init__(self, module):
        self.module, self.pair = module, isinstance(module, nn.BatchNorm2d)
        module.register_forward_hook(self.keep_input)
        module.register_full_backward_hook(self.keep_derivative)

    def keep_input(self, _, inputs, __):
        self.x = inputs[0].detach()

    def keep_derivative(self, _, __, outputs):
        self.d = outputs[0].detach()

    def rows(self):
        """Inputs with their 1 (n, positions, width) and derivatives (n, positions, units)."""
        m, x, d = self.module, self.x, self.d
        if isinstance(m, nn.Conv2d):
            x = F.unfold(x, m.kernel_size, padding=m.padding, stride=m.stride).transpose(1, 2)
            d = d.flatten(2).transpose(1, 2)
        else:
            x, d = x[:, None, :], d[:, None, :]
        return (torch.cat([x, torch.ones_like(x[..., :1])], 2) if m.bias is not None else x), d

    def small(self):
        """Gradients of scale and shift, one row a sample; of group normalisation each on its own."""
        m, d = self.module, self.d
        if self.pair:
            x = (self.x - m.running_mean[:, None, None]) / torch.sqrt(m.running_var + m.eps)[:, None, None]
            return [torch.cat([(x * d).sum((2, 3)), d.sum((2, 3))], 1)]
        x = F.group_norm(self.x, m.num_groups, None, None, m.eps)
        return [(x * d).sum((2, 3)), d.sum((2, 3))]

    def gradients(self):
        m = self.module
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            g = m.weight.grad.flatten(1)
            return [torch.cat([g, m.bias.grad[:, None]], 1) if m.bias is not None else g]
        return [torch.cat([m.weight.grad, m.bias.grad])] if self.pair else [m.weight.grad, m.bias.grad]


def directions(net, x):
    """Each batch once for each class q, the derivative by the logits sqrt(p_q) (e_q - p)."""
    for batch in x.split(64):
        z = net(batch)
        p = z.detach().softmax(1)
        for q in range(z.shape[1]):
            a = p[:, q:q + 1].sqrt() * (F.one_hot(torch.tensor(q), z.shape[1]) - p)
            net.zero_grad()
            z.backward(a.to(z.dtype), retain_graph=q + 1 < z.shape[1])
            yield q == 0


def make(net, layers, x):
    big = [l for l in layers if isinstance(l.module, (nn.Conv2d, nn.Linear))]
    rest = [l for l in layers if l not in big]
    for l in big:
        l.a = l.s = 0
    for l in rest:
        l.c = None
    for first in directions(net, x):
        for l in big:
            inputs, d = l.rows()
            if first:
                l.a = l.a + inputs.flatten(0, 1).T @ inputs.flatten(0, 1)
            l.s = l.s + d.flatten(0, 1).T @ d.flatten(0, 1)
        for l in rest:
            new = [g.T @ g for g in l.small()]
            l.c = new if l.c is None else [c + n for c, n in zip(l.c, new)]
    for l in big:
        l.v, l.u = torch.linalg.eigh(l.a)[1], torch.linalg.eigh(l.s)[1]
        l.values = 0
    for _ in directions(net, x):
        for l in big:
            inputs, d = l.rows()
            g = (d @ l.u).transpose(1, 2) @ (inputs @ l.v)
            l.values = l.values + (g * g).sum(0)
    return big, rest


def solve(big, rest, n):
    for l in big:
        g = l.gradients()[0]
        l.step = [l.u @ ((l.u.T @ g @ l.v) / (l.values / n + SHIFT)) @ l.v.T]
    for l in rest:
        l.step = [torch.linalg.solve(c / n + SHIFT * torch.eye(len(c), dtype=c.dtype), g)
                  for c, g in zip(l.c, l.gradients())]


def gradient(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()


def by_torch(net, x, y, dtype):
    net, x = net.to(dtype), torch.from_numpy(x).to(dtype)
    y = torch.from_numpy(y)
    layers = [Layer(m) for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.GroupNorm))]
    start = time.process_time()
    big, rest = make(net, layers, x)
    gradient(net, x[:1], y[:1])
    solve(big, rest, len(x))
    spent, scores = time.process_time() - start, []
    for i in range(min(len(x), 20)):
        gradient(net, x[i:i + 1], y[i:i + 1])
        scores.append(sum(float((a * g).sum()) for l in layers for a, g in zip(l.step, l.gradients())))
    return spent, np.array(scores)


def by_lethe(folder, x, y, precision):
    np.save(folder + "/x.npy", x)
    np.save(folder + "/y.npy", y)
    ran = subprocess.run([BENCH, folder + "/model.onnx", folder + "/x.npy", folder + "/y.npy", str(SHIFT), precision],
                         capture_output=True, text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    if ran.returncode:
        sys.exit(ran.stderr)
    answer = json.loads(ran.stdout)
    return answer["seconds"], np.array(answer["scores"])


def export(net, folder, x):
    torch.onnx.export(net.float().eval(), torch.from_numpy(x[:1]), folder + "/model.onnx", opset_version=14,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, input_names=["x"],
                      dynamic_axes={"x": {0: "n"}})


def random_cnn():
    torch.manual_seed(5)
    net = cnn()
    for m in net:
        if isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            m.weight.data, m.bias.data = 0.5 + torch.rand_like(m.weight), 0.3 * torch.randn_like(m.bias)
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean, m.running_var = 0.2 * torch.randn_like(m.weight), 0.5 + torch.rand_like(m.weight)
    return net, (1, 28, 28)


def read_safetensors(path):
    with open(path, "rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        tensors = {}
        for name, about in head.items():
            if name != "__metadata__":
                first, last = about["data_offsets"]
                file.seek(start + first)
                values = np.frombuffer(file.read(last - first), "<f4").reshape(about["shape"])
                tensors[name] = torch.from_numpy(values.copy())
    return tensors


def resnet20():
    net = ResNet20()
    path = os.path.join(SHARED, "models", "cifar10-resnet", "cifar10-resnet20.safetensors")
    left = net.load_state_dict(read_safetensors(path), strict=False)
    if any("num_batches" not in k for k in left.missing_keys) or left.unexpected_keys:
        sys.exit(f"{path}: {left}")
    return net, (3, 32, 32)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    torch.set_num_threads(1)
    rng = np.random.default_rng(2)
    print(f"EKFAC of {count} samples, every class; processor seconds on one thread")
    print(f"{'network':12} {'PyTorch':>9} {'Lethe':>9} {'ratio':>7}   {'scores in double apart by':>25}")
    for name, made, word in (("CNN 27k", random_cnn, "cnn"), ("ResNet-20", resnet20, "resnet20")):
        if len(sys.argv) > 2 and sys.argv[2] != word:
            continue
        try:
            net, shape = made()
        except FileNotFoundError as missing:
            print(f"{name:12} skipped: {missing}")
            continue
        x, y = rng.normal(size=(count, *shape)).astype("f4"), rng.integers(0, 10, count)
        net.eval()
        with tempfile.TemporaryDirectory() as folder:
            export(net, folder, x)
            few = max(count // 4, 8)
            _, reference = by_torch(net, x[:few].astype("f8"), y[:few], torch.float64)
            _, mine = by_lethe(folder, x[:few].astype("f8"), y[:few], "double")
            apart = np.abs(mine - reference).max() / np.abs(reference).max()
            theirs = min(by_torch(made()[0].eval(), x, y, torch.float32)[0] for _ in range(3))
            ours = min(by_lethe(folder, x, y, "float")[0] for _ in range(3))
        print(f"{name:12} {theirs:9.2f} {ours:9.2f} {theirs / ours:7.2f}   {apart:25.1e}")
        if not apart < 1e-3:
            sys.exit(f"{name}: the scores disagree")


if __name__ == "__main__":
    main()
