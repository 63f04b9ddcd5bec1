# SPDX-License-Identifier: MIT
"""What lethe exports, run by the evaluator of numpy_onnx.py.

usage: exports.py LETHE FOLDER quick|all

Every model is exported as it is, in the precision it came in and in double, and with round corners in
the place of its Relus; the export must give the outputs of the file it came from. Of the sample models also what a
removal leaves: there the exported network's margins must be those that lethe itself writes.
"""
import contextlib
import glob
import gzip
import os
import subprocess
import sys

import numpy as np
import onnx
from onnx import numpy_helper

import numpy_onnx

WIDTH = 0.05
SLOW = ("face-recognition", "osnet-x0_25", "cifar10-resnet5", "cifar10-resnet3")
lethe, folder, extent = sys.argv[1:4]


def run_lethe(commands):
    ran = subprocess.run([lethe, "--no-rc", "-c", commands], capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{commands}\n{ran.stdout}{ran.stderr}")


def read_pb(path):
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return numpy_helper.to_array(tensor)


def stored(path):
    """Inputs and outputs beside a file: (inputs, outputs or None)."""
    at, name = os.path.split(path)
    pb = f"{at}/test_data_{name[:-5]}"
    if os.path.isdir(pb):
        return [read_pb(f"{pb}/input_0.pb")], read_pb(f"{pb}/output_0.pb")
    if os.path.exists(f"{at}/logits.npy"):
        names = ["input_ids", "attention_mask"] if os.path.exists(f"{at}/input_ids.npy") else ["input"]
        return [np.load(f"{at}/{n}.npy") for n in names], np.load(f"{at}/logits.npy")
    graph = onnx.load(path).graph
    known = {t.name for t in graph.initializer}
    shape = [d.dim_value or 3 for i in graph.input if i.name not in known
             for d in i.type.tensor_type.shape.dim]
    words = [t.dims[0] for n in graph.node if n.op_type == "Gather" for t in graph.initializer
             if t.name == n.input[0]]
    if words:
        return [np.random.default_rng(5).integers(0, min(words), shape)], None
    return [np.random.default_rng(5).normal(size=shape)], None


def off(got, want):
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    if got.shape != want.shape:
        sys.exit(f"shape {got.shape}, not {want.shape}")
    return np.abs(got - want).max() / max(np.abs(want).max(), 1e-30)


@contextlib.contextmanager
def round_corners():
    """Relu with a slope that goes from 0 to 1 in a straight line over (-WIDTH, WIDTH)."""
    sharp = numpy_onnx.OPS["Relu"]
    numpy_onnx.OPS["Relu"] = lambda at, x: np.where(
        np.abs(x) < WIDTH, (x + WIDTH) ** 2 / (4 * WIDTH), np.maximum(x, 0))
    yield
    numpy_onnx.OPS["Relu"] = sharp


def check(path, name):
    inputs, outputs = stored(path)
    there = numpy_onnx.run(path, inputs)[0]
    said = off(there, outputs) if outputs is not None else 0.0
    if said > 2e-4:
        sys.exit(f"{name}: the evaluator is off by {said:.2g} from the stored outputs")
    worst = []
    for precision in ("", " precision=float64"):
        to = f"{folder}/out.onnx"
        run_lethe(f"load {path}; export {to}{precision}")
        worst.append(off(numpy_onnx.run(to, inputs)[0], there))
    if any(node.op_type == "Relu" for node in onnx.load(path).graph.node):
        run_lethe(f"load {path}; smooth {WIDTH}; export {to}")
        with round_corners():
            round_there = numpy_onnx.run(path, inputs)[0]
        worst.append(off(numpy_onnx.run(to, inputs)[0], round_there))
    if max(worst) > 1e-5:
        sys.exit(f"{name}: exports are off by {worst}")
    print(f"{name}: stored {said:.1e}, exported", " ".join(f"{w:.1e}" for w in worst))


def read_idx(path):
    raw = gzip.open(path).read()
    dims = np.frombuffer(raw, ">u4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def check_removal(sample):
    """A removal is committed and exported: its losses as lethe has them and by the evaluator."""
    to, losses = f"{folder}/out.onnx", f"{folder}/losses.npz"
    run_lethe(f"load sample_models/{sample}; forget clear; forget add class:3[:5]; blanket 4; set retrain off; "
              f"preview; dump losses to={losses}; commit; export {to}")
    with np.load(losses) as arrays:
        arrays = dict(arrays)
    digits = "sample_models/digits"
    x = read_idx(glob.glob(f"{digits}/test-images*")[0]).reshape(-1, 64) / 16.0
    y = read_idx(glob.glob(f"{digits}/test-labels*")[0])
    z = numpy_onnx.run(to, [x])[0]
    lse = np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1)
    mine = lse - z[np.arange(len(y)), y]
    wrong = np.abs(mine[arrays["tune"].astype(int)] - arrays["tune_loss_now"]).max()
    if not wrong < 1e-9:
        sys.exit(f"{sample}: losses after the removal are off by {wrong:.2g}")
    print(f"{sample} after a removal: losses off by {wrong:.1e}")


models = sorted(glob.glob("../shared/models/*/*.onnx") + glob.glob("../shared/parity/*/*.onnx") +
                glob.glob("sample_models/*/*.onnx"))
count = 0
for path in models:
    if extent == "quick" and any(slow in path for slow in SLOW):
        continue
    check(path, path.replace("../shared/", ""))
    count += 1
for sample in ("digits-logreg", "digits-mlp"):
    check_removal(sample)
print(f"{count} of {len(models)} files")
