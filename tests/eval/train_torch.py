"""Training mode against PyTorch: batch statistics, their derivatives, running statistics, SGD with
momentum and weight decay. `make DIR` writes a network, data and what PyTorch makes of them in
double; `check DIR` compares the logits that lethe wrote after the same training."""
import sys

import numpy as np
import torch
from torch import nn

STEPS, RATE, MOMENTUM, DECAY, N = 6, 0.1, 0.9, 1e-3, 24


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.fc1, self.bn3 = nn.Linear(6 * 16, 10), nn.BatchNorm1d(10, momentum=0.3, eps=1e-3)
        self.fc2 = nn.Linear(10, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(x + self.bn2(self.conv2(x)))
        x = nn.functional.avg_pool2d(x, 2).flatten(1)
        return self.fc2(torch.tanh(self.bn3(self.fc1(x))))


def make(folder):
    torch.manual_seed(7)
    x, y = torch.randn(N, 2, 8, 8, dtype=torch.float64), torch.arange(N) % 3
    net = Net().double()
    for name, value in net.state_dict().items():  # equal tensors are stored once by the exporter
        if "bn" in name and value.is_floating_point():
            value += torch.rand_like(value)
    net.eval()
    torch.onnx.export(net, x[:2], folder + "/net.onnx", input_names=["x"], opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      dynamic_axes={"x": {0: "n"}})
    np.save(folder + "/x.npy", x.numpy())
    np.save(folder + "/y.npy", y.numpy())
    np.save(folder + "/before.npy", net(x).detach().numpy())
    net.train()
    sgd = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    for _ in range(STEPS):
        sgd.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        sgd.step()
    net.eval()
    np.save(folder + "/after.npy", net(x).detach().numpy())


def check(folder):
    def load(name):
        return np.load(f"{folder}/{name}.npy").astype(np.float64)

    moved = np.abs(load("after") - load("before")).max()
    off = np.abs(load("lethe") - load("after")).max()
    print(f"moved by {moved:.3g}, off by {off:.3g}")
    return 0 if moved > 0.1 and off < float(sys.argv[3]) else 1


if __name__ == "__main__":
    sys.exit(make(sys.argv[2]) if sys.argv[1] == "make" else check(sys.argv[2]))
