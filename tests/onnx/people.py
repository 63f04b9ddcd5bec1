# SPDX-License-Identifier: MIT
"""Models as people have them, put together here and read by lethe.

Each case is a file, the class probabilities it stands for (by numpy) and what lethe says of its end.
lethe's logits must give these probabilities; its exports (as it comes, as stored) must pass ONNX's own
checker with one type throughout, have the outputs the file had, and load to the same logits.
usage: people.py LETHE
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

lethe = sys.argv[1]
rng = np.random.default_rng(3)
W, B = rng.normal(size=(4, 3)), rng.normal(size=3)
w, b = rng.normal(size=(4, 1)), rng.normal(size=1)
X = rng.normal(size=(5, 4))
REAL = {np.dtype("f4"): T.FLOAT, np.dtype("f8"): T.DOUBLE, np.dtype("f2"): T.FLOAT16}


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def pair(p):
    return np.concatenate([1 - p, p], 1)


def init(name, value, dtype="f4"):
    return numpy_helper.from_array(np.asarray(value, dtype=dtype), name)


def brain(name, value):
    """Numbers as bfloat16, and what is left of them."""
    bits = np.asarray(value, dtype="f4").view(np.uint32) >> 16
    tensor = h.make_tensor(name, T.BFLOAT16, np.shape(value), bits.astype(np.uint16).tobytes(), raw=True)
    return tensor, (bits.astype(np.uint32) << 16).view(np.float32).reshape(np.shape(value))


def model(nodes, inits, outputs, opset=13, x=T.FLOAT, width=4, domains=(), functions=()):
    ins = [h.make_tensor_value_info("x", x, ["n", width])]
    graph = h.make_graph(nodes, "g", ins, outputs, inits)
    imports = [h.make_opsetid("", opset)] + [h.make_opsetid(*d) for d in domains]
    return h.make_model(graph, opset_imports=imports, functions=list(functions), ir_version=8)


def out(name="y", elem=T.FLOAT, shape=("n", 3)):
    return h.make_tensor_value_info(name, elem, list(shape))


def node(op, ins, outs, **more):
    return h.make_node(op, ins.split(), outs.split(), **more)


def gemm(last="y", W=W, B=B, dtype="f4"):
    return [node("Gemm", "x W B", last)], [init("W", W, dtype), init("B", B, dtype)]


def ended(*nodes, W=W, B=B, shape=("n", 3), opset=13):
    first, inits = gemm("z", W, B)
    return model(first + list(nodes), inits, [out(shape=shape)], opset)


def halves(elem, keep_io=False):
    if elem == T.BFLOAT16:
        (tw, W2), (tb, B2) = brain("W", W), brain("B", B)
    else:
        tw, tb = init("W", W, "f2"), init("B", B, "f2")
        W2, B2 = W.astype("f2").astype("f8"), B.astype("f2").astype("f8")
    nodes = [node("Gemm", "x W B", "y")]
    if keep_io:
        nodes = [node("Cast", "x", "xh", to=elem), node("Gemm", "xh W B", "yh"),
                 node("Cast", "yh", "y", to=T.FLOAT)]
    io = T.FLOAT if keep_io else elem
    return model(nodes, [tw, tb], [out(elem=io)], x=io), softmax(X @ W2 + B2)


def function():
    inner = [node("MatMul", "a w", "t"), node("Add", "t c", "s"), h.make_node("Elu", ["s"], ["r"])]
    inner[2].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=1))
    usual = h.make_attribute("slope", 0.5).SerializeToString()
    f = h.make_function("own", "Layer", ["a", "w", "c"], ["r"], inner, [h.make_opsetid("", 13)], [])
    f.MergeFromString(b"\x5a" + bytes([len(usual)]) + usual)  # a default value, as newer files have it
    outer = h.make_function("own", "Twice", ["a", "w", "c"], ["r"], [
        h.make_node("Layer", ["a", "w", "c"], ["m"], domain="own"),
        h.make_node("Layer", ["m", "w", "c"], ["r"], domain="own", slope=2.0)], [h.make_opsetid("", 13)])
    V = rng.normal(size=(4, 4))
    nodes = [h.make_node("Twice", ["x", "V", "C"], ["k"], domain="own"), node("Gemm", "k W B", "y")]
    inits = [init("V", V), init("C", V[0])] + gemm()[1]

    def elu(z, a):
        return np.where(z > 0, z, a * (np.exp(z) - 1))
    y = elu(elu(X @ V + V[0], 0.5) @ V + V[0], 2.0)
    return (model(nodes, inits, [out()], domains=[("own", 1)], functions=[f, outer]), softmax(y @ W + B))


def quantized():
    """Weights by column with zero points, a bias in 32 bits, activations both ways."""
    scale, zero = np.abs(W).max(0) / 100, np.array([3, -2, 0])
    q = np.clip(np.round(W / scale) + zero, -128, 127).astype(np.int8)
    nodes = [node("QuantizeLinear", "x s8 z8", "xq"), node("DequantizeLinear", "xq s8 z8", "xd"),
             node("DequantizeLinear", "W_quantized ws wz", "W_d", axis=1),
             node("DequantizeLinear", "Bq bs", "Bd"), node("Gemm", "xd W_d Bd", "y")]
    inits = [init("s8", 0.05), init("z8", 0, "i1"), init("W_quantized", q, "i1"), init("ws", scale),
             init("wz", zero, "i1"), init("Bq", [5, -70, 9], "i4"), init("bs", 0.01)]
    return model(nodes, inits, [out()]), softmax(X @ ((q - zero) * scale) + np.array([5, -70, 9]) * 0.01)


def linear(post, W, B, strings=False, extra=(), zipmap=False):
    labels = {"classlabels_strings": [b"a", b"b", b"c"][:W.shape[1]]} if strings else {
        "classlabels_ints": [7, 8, 9][:W.shape[1]]}
    nodes = [h.make_node("LinearClassifier", ["x"], ["label", "p"], domain="ai.onnx.ml", post_transform=post,
                         coefficients=W.T.ravel().tolist(), intercepts=B.tolist(), multi_class=1, **labels)]
    nodes += list(extra)
    name = "q" if extra else "p"
    outs = [out("label", T.STRING if strings else T.INT64, ["n"])]
    if zipmap:
        nodes.append(h.make_node("ZipMap", [name], ["map"], domain="ai.onnx.ml", **labels))
        maps = onnx.ValueInfoProto(name="map")
        maps.type.sequence_type.elem_type.map_type.key_type = T.STRING if strings else T.INT64
        maps.type.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = T.FLOAT
        outs.append(maps)
    else:
        outs.append(out(name, shape=["n", W.shape[1]]))
    return model(nodes, [], outs, domains=[("ai.onnx.ml", 3)])


def tied(v):
    return np.concatenate([-v, v], -1)


L1 = [h.make_node("Normalizer", ["p"], ["q"], domain="ai.onnx.ml", norm="L1")]
SIGMOIDS = sigmoid(X @ W + B)


def scaled():
    nodes = [h.make_node("Scaler", ["x"], ["s"], domain="ai.onnx.ml", offset=[.1, .2, .3, .4], scale=[2., 3., 4., 5.]),
             h.make_node("Normalizer", ["s"], ["x2"], domain="ai.onnx.ml", norm="L2"), node("Gemm", "x2 W B", "y")]
    s = (X - [.1, .2, .3, .4]) * [2, 3, 4, 5]
    return (model(nodes, gemm()[1], [out()], domains=[("ai.onnx.ml", 1)]),
            softmax(s / np.sqrt((s ** 2).sum(1, keepdims=True)) @ W + B))


def labels_only():
    nodes, inits = gemm("z")
    nodes += [node("ArgMax", "z", "i", axis=1, keepdims=0), node("Gather", "names i", "y")]
    return model(nodes, inits + [init("names", [4, 5, 6], "i8")], [out("y", T.INT64, ["n"])])


def labels_first():
    nodes, inits = gemm("z")
    nodes += [node("Softmax", "z", "p", axis=1), node("ArgMax", "p", "label", axis=1, keepdims=0)]
    return model(nodes, inits, [out("label", T.INT64, ["n"]), out("p")])


def two(p):
    one = [init("one", 1)]
    nodes, inits = gemm("z", w, b)
    nodes += [node("Sigmoid", "z", "p"), node("Sub", "one p", "o"), node("Concat", "o p", "y", axis=1)]
    return model(nodes, inits + one, [out(shape=["n", 2])])


def named():
    nodes, inits = gemm("z")
    nodes += [node("Softmax", "z", "p"), node("ArgMax", "p", "i", axis=1, keepdims=0), node("Gather", "names i", "label")]
    names = h.make_tensor("names", T.STRING, [3], [b"cat", b"dog", b"emu"])
    return model(nodes, inits + [names], [out("label", T.STRING, ["n"]), out("p")])


def features():
    nodes = [node("Gemm", "x W B", "f"), node("Relu", "f", "r"), node("Gemm", "r V B", "y")]
    return model(nodes, gemm()[1] + [init("V", W[:3])], [out("r"), out()])


def beside(op, **more):
    nodes, inits = gemm("z")
    nodes += [node("Softmax", "z", "p"), node(op, "p", "t", **more)]
    return model(nodes, inits, [out("p"), out("t", shape=["n", 1])])


def largest_first():
    nodes, inits = gemm("z")
    nodes += [node("Softmax", "z", "p"), node("TopK", "p k", "t ti", axis=1)]
    return model(nodes, inits + [init("k", [2], "i8")], [out("t", shape=["n", 2]), out("p")])


def sure_first():
    """The label, how sure it is, and then the probabilities that both are made of."""
    nodes, inits = gemm("z")
    nodes += [node("Softmax", "z", "p", axis=1), node("ArgMax", "z", "a", axis=1), node("ReduceMax", "p", "c", axes=[1])]
    return model(nodes, inits, [out("a", T.INT64, ["n", 1]), out("c", shape=["n", 1]), out("p")])


def attention():
    """A softmax over two places inside of a sample, which goes on working."""
    nodes = [node("Reshape", "x two", "r"), node("Softmax", "r", "a", axis=1), node("Mul", "a r", "m"),
             node("ReduceSum", "m ax", "s", keepdims=0), node("Gemm", "s W B", "y")]
    return model(nodes, [init("W", W[:2]), init("B", B)], [out()])


def turned(back=True):
    """(n, 2, 2) with the places first; back=False cuts across the samples with a view."""
    nodes = [node("Reshape", "x two", "r"), node("Transpose", "r", "t", perm=[1, 0, 2]), node("Relu", "t", "u"),
             node("Transpose", "u", "v", perm=[1, 0, 2] if back else [0, 1, 2]), node("Reshape", "v four", "s"),
             node("Gemm", "s W B", "y")]
    return model(nodes, gemm()[1], [out()])


def across(*nodes, **more):
    """What is taken from the whole batch, then a linear layer."""
    return model(list(nodes) + [node("Gemm", "d W B", "y")], gemm()[1], [out()], **more)


def lstm():
    inits = [init("Wi", rng.normal(size=(1, 12, 4))), init("R", rng.normal(size=(1, 12, 3)))]
    return model([node("Unsqueeze", "x ax", "s"), node("LSTM", "s Wi R", "l", hidden_size=3),
                  node("Reshape", "l three", "y")], inits, [out()])


places = X.reshape(5, 2, 2)
gate = np.exp(places) / np.exp(places).sum(1, keepdims=True)
ATTENTION = softmax((gate * places).sum(1) @ W[:2] + B)
TURNED = softmax(np.maximum(X, 0) @ W + B)
P1 = sigmoid(X @ w + b)
SOFT = softmax(X @ W + B)
CASES = [
    ("logits", model(gemm()[0], gemm()[1], [out()]), SOFT, "logits"),
    ("softmax", ended(node("Softmax", "z", "y", axis=1)), SOFT, "probabilities (softmax)"),
    ("softmax, old", ended(node("Softmax", "z", "y"), opset=11), SOFT, "probabilities (softmax)"),
    ("softmax, cast", ended(node("Softmax", "z", "p"), node("Identity", "p", "y")), SOFT,
     "probabilities (softmax)"),
    ("softmax, turned", ended(node("Reshape", "z col", "r"), node("Transpose", "r", "t", perm=[0, 2, 1]),
                              node("Softmax", "t", "p", axis=2), node("Transpose", "p", "y", perm=[0, 2, 1]),
                              shape=["n", 3, 1]), SOFT, "probabilities (softmax)"),
    ("softmax, classes first", ended(node("Transpose", "z", "t"), node("Softmax", "t", "p", axis=0),
                                     node("Transpose", "p", "y")), SOFT, "probabilities (softmax)"),
    ("softmax, old, of rows", ended(node("Reshape", "z col", "r"), node("Softmax", "r", "y", axis=1), opset=11,
                                    shape=["n", 3, 1]), SOFT, "probabilities (softmax)"),
    ("hardmax", ended(node("Hardmax", "z", "y")), SOFT, "logits"),
    ("softmax inside", attention(), ATTENTION, "logits"),
    ("tokens first and back", turned(), TURNED, "logits"),
    ("two views of a sample", ended(node("Neg", "x", "m"), node("Concat", "x m", "c", axis=0),
                                    node("Gemm", "c W B", "a"), node("Relu", "a", "e"), node("Reshape", "e halves", "h"),
                                    node("ReduceMean", "h", "y", axes=[0], keepdims=0)),
     softmax((np.maximum(X @ W + B, 0) + np.maximum(B - X @ W, 0)) / 2), "logits"),
    ("log-softmax", ended(node("LogSoftmax", "z", "y")), SOFT, "log probabilities (log-softmax)"),
    ("by hand", ended(node("Exp", "z", "e"), node("ReduceSum", "e ax", "s"), node("Div", "e s", "y")), SOFT,
     "probabilities (softmax)"),
    ("swish", ended(node("Swish", "z", "y", alpha=0.5), opset=24), softmax((X @ W + B) * sigmoid((X @ W + B) / 2)),
     "logits"),
    ("one logit", model(*gemm("y", w, b), [out(shape=["n", 1])]), pair(P1), "one logit, two classes"),
    ("one sigmoid", ended(node("Sigmoid", "z", "y"), W=w, B=b, shape=["n", 1]), pair(P1),
     "one probability (sigmoid), two classes"),
    ("one sigmoid, a row", ended(node("Sigmoid", "z", "p"), node("Squeeze", "p ax", "y"), W=w, B=b,
                                 shape=["n"]), pair(P1), "one probability (sigmoid), two classes"),
    ("1 - p and p", two(P1), pair(P1), "one probability (sigmoid), two classes"),
    ("labels only", labels_only(), SOFT, "logits"),
    ("labels first", labels_first(), SOFT, "probabilities (softmax)"),
    ("softmax, clipped", ended(node("Softmax", "z", "p"), node("Clip", "p lo hi", "y")), SOFT,
     "probabilities (softmax)"),
    ("one sigmoid, clipped", ended(node("Sigmoid", "z", "p"), node("Clip", "p lo hi", "y"), W=w, B=b, shape=["n", 1]),
     pair(P1), "one probability (sigmoid), two classes"),
    ("log of softmax", ended(node("Softmax", "z", "p"), node("Add", "p lo", "q"), node("Log", "q", "y")), SOFT,
     "log probabilities (log-softmax)"),
    ("names of classes", named(), SOFT, "probabilities (softmax)"),
    ("features first", features(), softmax(np.maximum(X @ W + B, 0) @ W[:3] + B), "logits"),
    ("the largest beside", beside("ReduceMax", axes=[1]), SOFT, "probabilities (softmax)"),
    ("the largest first", largest_first(), SOFT, "probabilities (softmax)"),
    ("label, how sure, probabilities", sure_first(), SOFT, "probabilities (softmax)"),
    ("cast like", ended(node("CastLike", "z x", "c"), node("CastLike", "c z", "y"), opset=15), SOFT, "logits"),
    ("float16", *halves(T.FLOAT16), "logits"),
    ("float16 inside", *halves(T.FLOAT16, True), "logits"),
    ("bfloat16", *halves(T.BFLOAT16), "logits"),
    ("bfloat16 inside", *halves(T.BFLOAT16, True), "logits"),
    ("functions", *function(), "logits"),
    ("quantised", *quantized(), "logits"),
    ("linear classifier", linear("SOFTMAX", W, B), SOFT, "probabilities (softmax)"),
    ("linear classifier, maps", linear("SOFTMAX", W, B, True, L1, True), SOFT, "probabilities (softmax)"),
    ("logistic regression", linear("LOGISTIC", tied(w), tied(b)), pair(P1),
     "one probability (sigmoid), two classes"),
    ("one-vs-rest", linear("LOGISTIC", W, B, False, L1), SIGMOIDS / SIGMOIDS.sum(1, keepdims=True),
     "one probability a class (sigmoid), one-vs-rest"),
    ("scaler and normalizer", *scaled(), "logits"),
]
REFUSED = [
    ("multi-label", ended(node("Sigmoid", "z", "y")), "multi-label head"),
    ("regression", ended(node("Relu", "z", "y"), W=w, B=b, shape=["n", 1]), "regression head"),
    ("hard sigmoids", ended(node("HardSigmoid", "z", "y")), "multi-label head"),
    ("softmax of groups", ended(node("Reshape", "z col", "r"), node("Softmax", "r", "p", axis=2),
                                node("Reshape", "p three", "y")), "not over all 3 outputs"),
    ("softmax of one", ended(node("Softmax", "z", "y", axis=1), W=w, B=b, shape=["n", 1]), "always 1"),
    ("places", model([node("Reshape", "x two", "r"), node("MatMul", "r W", "y")], [init("W", W[:2])],
                     [out(shape=["n", 2, 3])]), "for each place"),
]
UNREADABLE = [
    ("trees", model([h.make_node("TreeEnsembleClassifier", ["x"], ["l", "y"], domain="ai.onnx.ml",
                                 classlabels_int64s=[0, 1])],
                    [], [out()], domains=[("ai.onnx.ml", 3)]),
     "'ai.onnx.ml.TreeEnsembleClassifier' at node 1 of 1, which has no gradient"),
    ("regressor", model([node("Identity", "x", "i"), h.make_node("LinearRegressor", ["i"], ["y"], domain="ai.onnx.ml",
                                                                 coefficients=[1., 2., 3., 4.])],
                        [], [out()], domains=[("ai.onnx.ml", 3)]),
     "'ai.onnx.ml.LinearRegressor' at node 2 of 2, a regression head"),
    ("another domain", ended(h.make_node("Gelu", ["z"], ["y"], domain="com.microsoft")),
     "'com.microsoft.Gelu' at node 2 of 2"),
    ("calls itself", model([h.make_node("F", ["x"], ["y"], domain="own")], [], [out()], domains=[("own", 1)],
                           functions=[h.make_function("own", "F", ["a"], ["r"], [
                               h.make_node("F", ["a"], ["r"], domain="own")], [h.make_opsetid("", 13)])]),
     "calls itself"),
    ("softmax of the batch", ended(node("Softmax", "z", "y", axis=0)), "'Softmax' at node 2 of 2 works across"),
    ("the same, old", ended(node("Softmax", "z", "y", axis=0), opset=11), "works across the samples"),
    ("the same, from behind", ended(node("LogSoftmax", "z", "y", axis=-2)), "works across the samples"),
    ("the same, turned", ended(node("Transpose", "z", "t"), node("Softmax", "t", "p"), node("Transpose", "p", "y")),
     "works across the samples"),
    ("hardmax of the batch", ended(node("Hardmax", "z", "y", axis=0)), "'Hardmax' at node 2 of 2"),
    ("choice of the batch", ended(node("ArgMax", "z", "y", axis=0, keepdims=0), shape=[3]), "output 'y' has shape 3"),
    ("mean of the batch", across(node("ReduceMean", "x", "m", axes=[0]), node("Sub", "x m", "d")), "'ReduceMean' at"),
    ("largest of all", across(node("ReduceMax", "x", "m", keepdims=0), node("Sub", "x m", "d")), "'ReduceMax' at"),
    ("first sample", across(node("Gather", "x zero", "m"), node("Sub", "x m", "d")), "'Gather' at node 1"),
    ("sums along the batch", across(node("CumSum", "x zero", "d")), "'CumSum' at node 1"),
    ("products of samples", across(node("Transpose", "x", "t"), node("MatMul", "x t", "g"), node("MatMul", "g x", "d")),
     "'MatMul' at node 2"),
    ("the batch for time", lstm(), "'LSTM' at node 2"),
    ("a view across", turned(False), "'Reshape' at node 5"),
    ("whole numbers", ended(node("MatMulInteger", "z z", "y")), "export the network before its quantisation"),
]

WRITTEN = {"ax": init("ax", [1], "i8"), "lo": init("lo", 1e-9), "hi": init("hi", 1 - 1e-9), "zero": init("zero", 0, "i8"),
           "two": init("two", [0, 2, 2], "i8"), "col": init("col", [0, 3, 1], "i8"), "four": init("four", [-1, 4], "i8"),
           "three": init("three", [-1, 3], "i8"), "halves": init("halves", [2, -1, 3], "i8")}
for _, m, *_ in CASES + REFUSED + UNREADABLE:
    for n in m.graph.node:
        for used in set(n.input) & set(WRITTEN):
            m.graph.initializer.append(WRITTEN[used])


def run(commands, code=0):
    done = subprocess.run([lethe, "--no-rc", "--json", "-c", commands], capture_output=True, text=True)
    if done.returncode != code:
        raise AssertionError("exit %d: %s" % (done.returncode, done.stderr.strip() or done.stdout[-300:]))
    return done.stderr if code else [json.loads(line)["result"] for line in done.stdout.splitlines()]


def types_of(m):
    real = {T.FLOAT, T.DOUBLE, T.FLOAT16, T.BFLOAT16}
    return {t.data_type for t in m.graph.initializer} & real


def passes(m):
    """Whether ONNX's checker takes all of a file (it knows neither maps nor opsets above its own)."""
    try:
        onnx.checker.check_model(m, full_check=True)
        return True
    except Exception:
        return False


def check_shared(folder):
    """Every small file of ../shared: what is exported of what the checker takes it takes, too."""
    paths = [p for p in glob.glob("../shared/*/**/*.onnx", recursive=True) + glob.glob("sample_models/*/*.onnx")
             if os.path.getsize(p) < 400000]
    wrong = count = 0
    for path in sorted(paths):
        m = onnx.load(path)
        if not passes(m):
            continue
        count += 1
        run("load %s; export %s/a.onnx; export %s/b.onnx precision=stored" % (path, folder, folder))
        for to in ("a", "b"):
            made = onnx.load("%s/%s.onnx" % (folder, to))
            if not passes(made) or to == "b" and types_of(m) and types_of(made) != types_of(m):
                wrong += 1
                print("FAILED export of %s" % path)
    return count, wrong


def check(name, m, want, end, folder):
    path, logits = folder + "/m.onnx", folder + "/z%d.npy"
    look = "info; gradients input=%s/x.npy labels=%s/y.npy logits=%s" % (folder, folder, logits)
    ways = ["", " precision=stored", " precision=float64", " precision=float16"]
    if name in ("bfloat16", "logits"):
        ways.append(" precision=bfloat16")
    onnx.save(m, path)
    commands = ["load " + path, look % 0]
    commands += ["export %s/out%d.onnx%s" % (folder, i, way) for i, way in enumerate(ways)]
    for i in range(len(ways)):
        commands += ["load %s/out%d.onnx" % (folder, i), look % (i + 1)]
    ends = [r["output"] for r in run("; ".join(commands)) if "output" in r]
    assert set(ends) == {end}, "ends in '%s'" % ends
    first = softmax(np.load(logits % 0))
    worst = np.abs(first - want).max()
    assert worst < 2e-6, "probabilities are off by %g" % worst
    for i, way in enumerate(ways):
        made = onnx.load("%s/out%d.onnx" % (folder, i))
        if m.opset_import[0].version <= onnx.defs.onnx_opset_version():
            onnx.checker.check_model(made, full_check=passes(m))
        lost = {o.name for o in m.graph.output} - {o.name for o in made.graph.output}
        assert lost <= ({"label"} if "maps" in name else set()), "lost the output " + ", ".join(lost)
        if way == " precision=stored" and m.graph.initializer and name != "quantised":
            assert types_of(made) == types_of(m), "types %s, not %s" % (types_of(made), types_of(m))
        off = np.abs(softmax(np.load(logits % (i + 1))) - first).max()
        assert off < (0.02 if "float16" in way else 1e-6), "export%s is off by %g" % (way, off)


def check_removal(folder):
    """Two classes by one sigmoid: a sample is removed, and the export still has one output."""
    X2 = rng.normal(size=(80, 4))
    y2 = (X2 @ w[:, 0] + 0.3 * rng.normal(size=80) > 0).astype(np.int64)
    np.save(folder + "/tx.npy", X2)
    np.save(folder + "/ty.npy", y2)
    m = ended(node("Sigmoid", "z", "y"), W=0 * w, B=0 * b, shape=["n", 1])
    onnx.save(m, folder + "/m.onnx")
    bundle = {"format": "lethe bundle", "model": "m.onnx", "weight_decay": 0.01,
              "train": {"samples": "tx.npy", "labels": "ty.npy"}, "heldout": {"samples": "tx.npy", "labels": "ty.npy"}}
    with open(folder + "/bundle.json", "w") as file:
        json.dump(bundle, file)
    got = run("load %s; train continue; forget add 5; blanket all; set curvature hessian; preview; commit; "
              "export %s/out.onnx" % (folder, folder))
    # The minimum without sample 5, by Newton's method on the logistic loss.
    A = np.concatenate([np.delete(X2, 5, 0), np.ones((79, 1))], 1)
    y, v = np.delete(y2, 5), np.zeros(5)
    for _ in range(50):
        p = sigmoid(A @ v)
        hessian = A.T @ (A * (p * (1 - p))[:, None]) / 79 + 0.01 * np.eye(5)
        v -= np.linalg.solve(hessian, A.T @ (p - y) / 79 + 0.01 * v)
    made = {t.name: numpy_helper.to_array(t).ravel() for t in onnx.load(folder + "/out.onnx").graph.initializer}
    found = np.concatenate([made["W"], made["B"]])
    assert np.abs(found - v).max() < 2e-3 * np.abs(v).max(), "removal %s, retraining %s" % (found, v)
    assert onnx.load(folder + "/out.onnx").graph.node[-1].op_type == "Sigmoid"


failed = 0
with tempfile.TemporaryDirectory() as folder:
    np.save(folder + "/x.npy", X)
    np.save(folder + "/y.npy", np.zeros(5, dtype=np.int64))
    np.save(folder + "/l.npy", np.arange(5) % 2)
    for name, m, want, end in CASES:
        try:
            check(name, m, want, end, folder)
        except Exception as error:
            failed += 1
            print("FAILED %s: %s" % (name, error or repr(error)))
    for name, m, word in REFUSED:
        onnx.save(m, folder + "/m.onnx")
        said = run("load %s/m.onnx; data %s/x.npy labels=%s/l.npy" % ((folder,) * 3), 3)
        if word not in said or said.count("\n") != 1:
            failed += 1
            print("FAILED %s: %s" % (name, said))
    for name, m, word in UNREADABLE:
        onnx.save(m, folder + "/m.onnx")
        said = run("load %s/m.onnx" % folder, 3)
        if word not in said or said.count("\n") != 1:
            failed += 1
            print("FAILED %s: %s" % (name, said))
    check_removal(folder)
    shared, wrong = check_shared(folder)
    failed += wrong
print("%d files, %d of ../shared, %d refusals, a removal from one output; %d fail" % (
    len(CASES), shared, len(REFUSED) + len(UNREADABLE), failed))
sys.exit(failed > 0)
