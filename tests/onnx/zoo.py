# SPDX-License-Identifier: MIT
"""Exports networks from PyTorch and compares what lethe makes of the files with PyTorch in double.

For each network of zoo_nets.py and each way of exporting it (opsets, batch free or fixed, constants
folded or not, normalisations fused, parameters also as inputs or in a file of their own):
`gradients` must give logits and loss to 1e-4 and every gradient to 1e-3 of its tensor's largest
magnitude, under the file's names; the network exported again must pass onnx.checker and give the
same bits. usage: zoo.py LETHE [quick | all | NAME...]
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnx.numpy_helper
import torch
import torch.nn as nn
import torch.nn.functional as F

import zoo_nets

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
KEEP = torch.onnx.TrainingMode.PRESERVE
FUSE = torch.onnx.TrainingMode.EVAL

# name: opset, training, folding, batch free, batch of the file, initializers as inputs, external
WAYS = {
    "kept-14": (14, KEEP, False, True, 2, False, False),
    "kept-folded-14": (14, KEEP, True, True, 2, False, False),
    "kept-13-one": (13, KEEP, True, False, 1, False, False),
    "kept-12-three": (12, KEEP, False, False, 3, False, False),
    "kept-17-external": (17, KEEP, True, True, 2, False, True),
    "kept-11-inputs": (11, KEEP, True, True, 2, True, False),
    "kept-9": (9, KEEP, True, True, 2, False, False),
    "kept-10": (10, KEEP, False, True, 2, False, False),
    "kept-15": (15, KEEP, False, False, 1, True, False),
    "kept-16": (16, KEEP, True, True, 2, False, False),
    "fused-13": (13, FUSE, True, True, 2, False, False),
    "fused-17-one": (17, FUSE, True, False, 1, False, False),
    "fused-9-one": (9, FUSE, True, False, 1, False, False),
}
QUICK_WAYS = ["kept-14", "kept-13-one", "fused-17-one", "kept-12-three", "kept-17-external"]


def settle(module):
    """Statistics and scales that are neither 0 nor 1, and no two tensors alike by accident."""
    for child in module.modules():
        if getattr(child, "running_mean", None) is not None:
            nn.init.normal_(child.running_mean, 0, 0.3)
            nn.init.uniform_(child.running_var, 0.5, 2)
        if "Norm" in type(child).__name__ and getattr(child, "weight", None) is not None:
            nn.init.uniform_(child.weight, 0.6, 1.4)
            nn.init.normal_(child.bias, 0, 0.1)
        if isinstance(child, (nn.Linear, nn.Conv2d)) and child.bias is not None:
            if not child.bias.any():
                nn.init.normal_(child.bias, 0, 0.1)
    return module.eval()


def reference(module, inputs, labels):
    wide = copy.deepcopy(module).double()
    fed = [t.double() if t.is_floating_point() else t for t in inputs]
    logits = wide(*fed)
    loss = F.cross_entropy(logits.flatten(1), labels)
    loss.backward()
    grads = {k: p.grad.numpy() for k, p in wide.named_parameters() if p.grad is not None}
    return logits.detach().numpy(), float(loss), grads


def write(path, module, inputs, way):
    opset, training, fold, free, _, as_inputs, external = way
    names = ["input%d" % i for i in range(len(inputs))]
    axes = {name: {0: "batch"} for name in names + ["logits"]} if free else None
    torch.onnx.export(module, inputs, path, opset_version=opset, training=training,
                      do_constant_folding=fold, input_names=names, output_names=["logits"],
                      dynamic_axes=axes, keep_initializers_as_inputs=as_inputs)
    module.eval()
    if external:
        onnx.save_model(onnx.load(path), path, save_as_external_data=True, size_threshold=64,
                        location=os.path.basename(path) + ".data")


def users_of(graph):
    """Parameter names behind Identity nodes: which names one initializer stands for."""
    stands = {}
    for node in graph.node:
        if node.op_type == "Identity":
            source = stands.get(node.input[0], node.input[0])
            stands[node.output[0]] = source
    return stands


def wanted_gradients(model, module, grads):
    """The gradient of every initializer whose origin is known, by the initializer's name."""
    state = {k: p.detach().numpy() for k, p in module.named_parameters()}
    stands = users_of(model.graph)
    wanted, lost = {}, set(grads)
    for tensor in model.graph.initializer:
        names = [tensor.name] + [k for k, v in stands.items() if v == tensor.name]
        here = [k for k in names if k in grads]
        values = onnx.numpy_helper.to_array(tensor)
        if here and all(state[k].shape == values.shape and (state[k] == values).all()
                        for k in here):
            wanted[tensor.name] = sum(grads[k] for k in here)
            lost -= set(here)
        elif not here and "::" in tensor.name:
            for k, v in state.items():
                for old, grad in ((v, grads.get(k, v)), (v.T, grads.get(k, v).T)):
                    if k in grads and old.size == values.size and (old.ravel() == values.ravel()).all():
                        wanted[tensor.name] = (wanted.get(tensor.name, 0)
                                               + grad.reshape(values.shape))
                        lost.discard(k)
                        break
    return wanted, lost


def run(lethe, commands):
    done = subprocess.run([lethe, "--no-rc", "--json", "-c", "; ".join(commands)],
                          capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise AssertionError(done.stderr.strip() or done.stdout.strip()[-300:])
    return [json.loads(line)["result"] for line in done.stdout.splitlines()]


def off(got, want):
    """Largest difference in units of the largest magnitude wanted."""
    scale = np.abs(want).max()
    worst = np.abs(got - want).max()
    return worst / scale if scale > 0 else (0.0 if worst == 0 else np.inf)


def judge(got, logits, loss, wanted, folder):
    made = np.load(folder + "/logits.npy").reshape(logits.shape)
    found = np.load(folder + "/grads.npz")
    assert off(made, logits) < 1e-4, "logits are off by %g" % off(made, logits)
    assert abs(got["loss"] - loss) < 1e-4 * abs(loss), "loss %g, not %g" % (got["loss"], loss)
    # What is nothing but rounding (the bias of attention's keys) has no scale of its own.
    noise = 1e-12 * max([np.abs(g).max() for g in wanted.values()] + [0])
    worst = 0
    for name, want in wanted.items():
        assert name in found.files, "no gradient of '%s'" % name
        assert found[name].shape == want.shape, "shape of '%s'" % name
        if max(np.abs(want).max(), np.abs(found[name]).max()) > noise:
            error = off(found[name], want)
            assert error < 1e-3, "gradient of '%s' is off by %g" % (name, error)
            worst = max(worst, error)
    return worst, set(found.files) - set(wanted)


def check(lethe, name, way_name, build, inputs, folder):
    way = WAYS[way_name]
    torch.manual_seed(sum(map(ord, name)))
    module = settle(build())
    path, again = folder + "/model.onnx", folder + "/again.onnx"
    try:
        write(path, module, inputs(way[4]), way)
    except Exception as error:  # the exporter has no rule for this opset
        return "not exported: " + str(error).split("\n")[0][:60]
    fed = inputs(5)
    labels = torch.arange(5) % 2
    logits, loss, grads = reference(module, fed, labels)
    model = onnx.load(path)
    wanted, lost = wanted_gradients(model, module, grads)
    gradients = "gradients labels=%s/y.npy logits=%s/logits.npy grads=%s/grads.npz" % (
        (folder,) * 3)
    for i, tensor in enumerate(fed):
        np.save("%s/x%d.npy" % (folder, i), tensor.numpy())
        gradients += " input=%s/x%d.npy" % (folder, i)
    np.save(folder + "/y.npy", labels.numpy())
    got = run(lethe, ["load " + path, gradients, "layers", "export " + again])
    # A folded constant may be half of a parameter's uses: then no gradient in the file is whole.
    if way[2] and name in zoo_nets.HALF_FOLDED:
        wanted, lost = {}, set()
    worst, more = judge(got[1], logits, loss, wanted, folder)
    # Folding also sorts the gates of recurrent networks into new constants.
    assert not lost or way[1] == FUSE or way[2] and all(
        k in zoo_nets.FOLDED_AWAY or k.startswith("rnn.") for k in lost), "no place in the file for " + ", ".join(sorted(lost))[:200]
    first = np.load(folder + "/grads.npz"), np.load(folder + "/logits.npy")
    onnx.checker.check_model(again)
    kept = {t.name: t for t in onnx.load(again).graph.initializer}
    for tensor in model.graph.initializer:
        assert tensor.name in kept, "export lost '%s'" % tensor.name
        a, b = (onnx.numpy_helper.to_array(t) for t in (tensor, kept[tensor.name]))
        assert a.dtype == b.dtype and a.tobytes() == b.tobytes(), "export changed " + tensor.name
    run(lethe, ["load " + again, gradients])
    assert (np.load(folder + "/logits.npy") == first[1]).all(), "other logits after export"
    for key in first[0].files:
        assert (np.load(folder + "/grads.npz")[key] == first[0][key]).all(), "other " + key
    layers = [row["layer"] for row in got[2]["layers"]]
    odd = [k for k in layers if "::" in k or k in ("Conv", "MatMul", "Gemm")]
    assert not odd, "layers called " + ", ".join(odd)
    return "%d layers, %d of %d gradients within %.1e%s" % (
        len(layers), len(wanted), len(grads), worst,
        "; also taken for parameters: " + ", ".join(sorted(more))[:100] if more else "")


def check_refused(lethe, name, folder):
    build, inputs, kind = zoo_nets.REFUSED[name]
    path = folder + "/model.onnx"
    write(path, build().eval(), inputs(2), WAYS["kept-14"])
    nodes = [n.name for n in onnx.load(path).graph.node if n.op_type == kind]
    done = subprocess.run([lethe, "--no-rc", "-c", "load " + path], capture_output=True, text=True)
    assert done.returncode == 3 and done.stderr.count("\n") == 1, "not one clear error"
    for node in nodes:
        assert "unsupported operator '%s' at node '%s'" % (kind, node) in done.stderr, done.stderr
    return "refused, %d nodes named" % len(nodes)


def main():
    lethe, names = sys.argv[1], sys.argv[2:] or ["quick"]
    ways = [n for n in names if n in WAYS]
    names = [n for n in names if n not in WAYS]
    quick = names == ["quick"]
    if quick:
        names = zoo_nets.QUICK + list(zoo_nets.REFUSED)
    elif names in (["all"], []):
        names = list(zoo_nets.NETS) + list(zoo_nets.REFUSED)
    failed = passed = 0
    for i, name in enumerate(names):
        turn = [QUICK_WAYS[i % len(QUICK_WAYS)]] if quick else WAYS
        for way in ["kept-14"] if name in zoo_nets.REFUSED else ways or turn:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    if name in zoo_nets.REFUSED:
                        said = check_refused(lethe, name, folder)
                    else:
                        said = check(lethe, name, way, *zoo_nets.NETS[name], folder)
                    passed += not said.startswith("not exported")
                except Exception as error:
                    failed += 1
                    said = "FAILED " + (str(error) or repr(error))
            print("%s %s: %s" % (name, way, said), flush=True)
    print("%d exports agree, %d fail" % (passed, failed))
    sys.exit(failed > 0)


main()
