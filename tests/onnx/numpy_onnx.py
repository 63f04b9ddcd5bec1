# SPDX-License-Identifier: MIT
"""ONNX by the operators' definitions, in numpy and in double: a second evaluator for exported files.

run(path, inputs) gives the graph's outputs by name. Nothing is folded, fused or reordered: nodes run
as the file has them, from onnx.load (Debian: python3-onnx). onnx.checker sees the file first.
"""
import math

import numpy as np
import onnx
from onnx import numpy_helper

OPS = {}
INTEGER_TYPES = {onnx.TensorProto.INT64: np.int64, onnx.TensorProto.INT32: np.int32,
                 onnx.TensorProto.BOOL: bool, onnx.TensorProto.UINT8: np.uint8}


def op(*names):
    def register(function):
        for name in names:
            OPS[name] = function
        return function
    return register


def real(a):
    """Floating-point tensors are computed in double whatever the file stores."""
    a = np.asarray(a)
    return a.astype(np.float64) if a.dtype.kind == "f" else a


# ---- element by element -------------------------------------------------------------------------

erf = np.vectorize(math.erf, otypes=[float])

ONE = {"Relu": lambda x: np.maximum(x, 0), "Tanh": np.tanh, "Sqrt": np.sqrt, "Erf": erf,
       "Sigmoid": lambda x: np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))),
                                     np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))),
       "Exp": np.exp, "Log": np.log, "Neg": np.negative, "Abs": np.abs, "Reciprocal": lambda x: 1 / x,
       "Not": np.logical_not, "Identity": lambda x: x, "Floor": np.floor, "Ceil": np.ceil,
       "Softplus": lambda x: np.logaddexp(0, x), "Sign": np.sign}
TWO = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Pow": np.power,
       "Equal": np.equal, "Greater": np.greater, "Less": np.less, "And": np.logical_and,
       "Or": np.logical_or, "GreaterOrEqual": np.greater_equal, "LessOrEqual": np.less_equal}

for name, function in ONE.items():
    OPS[name] = lambda at, x, function=function: function(x)
for name, function in TWO.items():
    OPS[name] = lambda at, a, b, function=function: function(a, b)


@op("Div")
def div(at, a, b):
    return np.trunc(a / b).astype(a.dtype) if a.dtype.kind in "iu" else a / b


@op("Max")
def largest(at, *xs):
    return np.maximum.reduce(np.broadcast_arrays(*xs))


@op("Min")
def smallest(at, *xs):
    return np.minimum.reduce(np.broadcast_arrays(*xs))


@op("Sum")
def total(at, *xs):
    return sum(xs[1:], xs[0])


@op("Where")
def where(at, c, a, b):
    return np.where(c, a, b)


@op("Clip")
def clip(at, x, low=None, high=None):
    low = at.get("min") if low is None else low
    high = at.get("max") if high is None else high
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


@op("LeakyRelu")
def leaky(at, x):
    return np.where(x >= 0, x, at.get("alpha", 0.01) * x)


@op("Elu")
def elu(at, x):
    return np.where(x >= 0, x, at.get("alpha", 1.0) * np.expm1(np.minimum(x, 0)))


@op("HardSigmoid")
def hard_sigmoid(at, x):
    return np.clip(at.get("alpha", 0.2) * x + at.get("beta", 0.5), 0, 1)


@op("Dropout")
def dropout(at, x, *rest):
    return x


@op("Cast")
def cast(at, x):
    return x.astype(INTEGER_TYPES.get(at["to"], np.float64))


# ---- shapes -------------------------------------------------------------------------------------

@op("Constant")
def constant(at):
    for key in ("value", "value_float", "value_int", "value_ints", "value_floats"):
        if key in at:
            return real(at[key])
    raise NotImplementedError("Constant")


@op("ConstantOfShape")
def constant_of_shape(at, shape):
    value = at.get("value", np.zeros(1))
    return np.full([int(d) for d in shape], real(value)[0])


@op("Shape")
def shape_of(at, x):
    return np.array(x.shape[at.get("start", 0):at.get("end")], dtype=np.int64)


@op("Reshape")
def reshape(at, x, shape):
    keep = not at.get("allowzero", 0)
    return x.reshape([x.shape[i] if d == 0 and keep else int(d) for i, d in enumerate(shape)])


@op("Flatten")
def flatten(at, x):
    axis = at.get("axis", 1)
    axis += x.ndim if axis < 0 else 0
    return x.reshape(int(np.prod(x.shape[:axis], dtype=int)), -1)


@op("Transpose")
def transpose(at, x):
    return np.transpose(x, at.get("perm"))


@op("Concat")
def concat(at, *xs):
    return np.concatenate(xs, axis=at["axis"])


@op("Gather")
def gather(at, x, index):
    return np.take(x, index, axis=at.get("axis", 0))


@op("Expand")
def expand(at, x, shape):
    return x * np.ones([int(d) for d in shape], dtype=x.dtype)


@op("Unsqueeze")
def unsqueeze(at, x, axes=None):
    axes = at.get("axes") if axes is None else axes
    return np.expand_dims(x, tuple(int(a) for a in axes))


@op("Squeeze")
def squeeze(at, x, axes=None):
    axes = at.get("axes") if axes is None else axes
    return np.squeeze(x, None if axes is None else tuple(int(a) for a in axes))


@op("Slice")
def slice_(at, x, starts=None, ends=None, axes=None, steps=None):
    starts = at.get("starts") if starts is None else starts
    ends = at.get("ends") if ends is None else ends
    axes = at.get("axes") if axes is None else axes
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    cut = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        start, end, step = int(start), int(end), int(step)
        if step < 0 and end < -x.shape[int(axis)]:
            end = None
        cut[int(axis)] = slice(start, end, step)
    return x[tuple(cut)]


@op("Split")
def split(at, x, sizes=None):
    axis = at.get("axis", 0)
    sizes = at.get("split") if sizes is None else sizes
    return tuple(np.split(x, np.cumsum(sizes)[:-1].astype(int), axis=axis))


@op("Pad")
def pad(at, x, pads=None, value=None, axes=None):
    pads = at.get("pads") if pads is None else pads
    value = at.get("value", 0.0) if value is None else value
    half = len(pads) // 2
    axes = range(half) if axes is None else axes
    widths = [(0, 0)] * x.ndim
    for i, axis in enumerate(axes):
        widths[int(axis)] = (int(pads[i]), int(pads[i + half]))
    if at.get("mode", "constant") != "constant":
        return np.pad(x, widths, mode={"reflect": "reflect", "edge": "edge"}[at["mode"]])
    return np.pad(x, widths, constant_values=float(np.asarray(value).reshape(-1)[0]))


# ---- sums and products --------------------------------------------------------------------------

def reduction(function):
    def run_reduction(at, x, axes=None):
        axes = at.get("axes") if axes is None else axes
        axes = None if axes is None else tuple(int(a) for a in axes)
        return function(x, axis=axes, keepdims=bool(at.get("keepdims", 1)))
    return run_reduction


for name, function in {"ReduceMean": np.mean, "ReduceSum": np.sum, "ReduceMax": np.max}.items():
    OPS[name] = reduction(function)


@op("MatMul")
def matmul(at, a, b):
    return a @ b


@op("Gemm")
def gemm(at, a, b, c=None):
    a = a.T if at.get("transA", 0) else a
    b = b.T if at.get("transB", 0) else b
    y = at.get("alpha", 1.0) * (a @ b)
    return y if c is None else y + at.get("beta", 1.0) * c


@op("Softmax", "LogSoftmax")
def softmax(at, x):
    old = at["opset"] < 13
    axis = at.get("axis", 1 if old else -1)
    shape = x.shape
    if old:  # everything from the axis on is one row
        axis += x.ndim if axis < 0 else 0
        x, axis = x.reshape(int(np.prod(shape[:axis], dtype=int)), -1), -1
    z = x - x.max(axis=axis, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=axis, keepdims=True))
    return (log_p if at["op"] == "LogSoftmax" else np.exp(log_p)).reshape(shape)


# ---- windows ------------------------------------------------------------------------------------

def window_pads(at, x, kernel, strides, dilations):
    """Before and after each spatial axis."""
    n = len(kernel)
    pads = list(at.get("pads", [0] * (2 * n)))
    auto = at.get("auto_pad", "NOTSET")
    for i in range(n if auto.startswith("SAME") else 0):
        size, reach = x.shape[2 + i], (kernel[i] - 1) * dilations[i] + 1
        whole = max((math.ceil(size / strides[i]) - 1) * strides[i] + reach - size, 0)
        small, large = whole // 2, whole - whole // 2
        pads[i], pads[n + i] = (large, small) if auto == "SAME_LOWER" else (small, large)
    return [(pads[i], pads[n + i]) for i in range(n)]


def windows(x, kernel, strides, dilations, pads, fill, ceil=False):
    """(n, channels, out..., kernel...) of a padded x."""
    outs, wide = [], []
    for i, k in enumerate(kernel):
        reach, size = (k - 1) * dilations[i] + 1, x.shape[2 + i] + sum(pads[i])
        count = (size - reach) / strides[i]
        out = (math.ceil(count) if ceil else math.floor(count)) + 1
        if ceil and (out - 1) * strides[i] >= x.shape[2 + i] + pads[i][0]:
            out -= 1  # a window that would begin in the padding after
        outs.append(out)
        wide.append((pads[i][0], pads[i][1] + max((out - 1) * strides[i] + reach - size, 0)))
    x = np.pad(x, [(0, 0), (0, 0)] + wide, constant_values=fill)
    spatial = x.strides[2:]
    return np.lib.stride_tricks.as_strided(
        x, x.shape[:2] + tuple(outs) + tuple(kernel),
        x.strides[:2] + tuple(s * t for s, t in zip(spatial, strides)) +
        tuple(s * d for s, d in zip(spatial, dilations)), writeable=False)


def window_shape(at, kernel):
    n = len(kernel)
    return at.get("strides", [1] * n), at.get("dilations", [1] * n)


@op("Conv")
def conv(at, x, w, b=None):
    kernel = w.shape[2:]
    strides, dilations = window_shape(at, kernel)
    pads = window_pads(at, x, kernel, strides, dilations)
    group, n = at.get("group", 1), len(kernel)
    parts = []
    for part, filters in zip(np.split(x, group, axis=1), np.split(w, group, axis=0)):
        view = windows(part, kernel, strides, dilations, pads, 0.0)
        y = np.tensordot(view, filters, axes=([1] + list(range(2 + n, 2 + 2 * n)),
                                              list(range(1, 2 + n))))
        parts.append(np.moveaxis(y, -1, 1))
    y = np.concatenate(parts, axis=1)
    return y if b is None else y + b.reshape([1, -1] + [1] * n)


@op("MaxPool")
def max_pool(at, x):
    kernel = at["kernel_shape"]
    strides, dilations = window_shape(at, kernel)
    pads = window_pads(at, x, kernel, strides, dilations)
    view = windows(x, kernel, strides, dilations, pads, -np.inf, bool(at.get("ceil_mode", 0)))
    return view.max(axis=tuple(range(2 + len(kernel), 2 + 2 * len(kernel))))


@op("AveragePool")
def average_pool(at, x):
    kernel = at["kernel_shape"]
    strides, dilations = window_shape(at, kernel)
    pads = window_pads(at, x, kernel, strides, dilations)
    last = tuple(range(2 + len(kernel), 2 + 2 * len(kernel)))
    ceil = bool(at.get("ceil_mode", 0))
    total_ = windows(x, kernel, strides, dilations, pads, 0.0, ceil).sum(axis=last)
    ones = np.ones((1, 1) + x.shape[2:])
    if at.get("count_include_pad", 0):
        ones = np.pad(ones, [(0, 0), (0, 0)] + pads, constant_values=1.0)
        pads = [(0, 0)] * len(kernel)
    return total_ / windows(ones, kernel, strides, dilations, pads, 0.0, ceil).sum(axis=last)


@op("GlobalAveragePool")
def global_average_pool(at, x):
    return x.mean(axis=tuple(range(2, x.ndim)), keepdims=True)


def per_channel(v, x):
    return v.reshape([1, -1] + [1] * (x.ndim - 2))


@op("BatchNormalization")
def batch_normalization(at, x, scale, shift, mean, var):
    sd = np.sqrt(var + at.get("epsilon", 1e-5))
    return per_channel(scale / sd, x) * (x - per_channel(mean, x)) + per_channel(shift, x)


@op("InstanceNormalization")
def instance_normalization(at, x, scale, shift):
    axes = tuple(range(2, x.ndim))
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    y = (x - mean) / np.sqrt(var + at.get("epsilon", 1e-5))
    return y * per_channel(scale, x) + per_channel(shift, x)


@op("LayerNormalization")
def layer_normalization(at, x, scale, shift=None):
    axis = at.get("axis", -1)
    axes = tuple(range(axis % x.ndim, x.ndim))
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    y = (x - mean) / np.sqrt(var + at.get("epsilon", 1e-5)) * scale
    return y if shift is None else y + shift


# ---- a file -------------------------------------------------------------------------------------

def attributes(node, opset):
    out = {"opset": opset, "op": node.op_type}
    for a in node.attribute:
        value = onnx.helper.get_attribute_value(a)
        if a.type == onnx.AttributeProto.TENSOR:
            value = numpy_helper.to_array(value)
        elif a.type == onnx.AttributeProto.STRING:
            value = value.decode()
        out[a.name] = value
    return out


def run(path, inputs):
    """inputs: arrays in the order of the graph's own inputs. Returns the outputs in order."""
    model = onnx.load(path)
    onnx.checker.check_model(model)
    graph = model.graph
    opset = max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    values = {t.name: real(numpy_helper.to_array(t)) for t in graph.initializer}
    free = [i.name for i in graph.input if i.name not in values]
    if len(free) != len(inputs):
        raise ValueError(f"{path}: {len(free)} inputs, not {len(inputs)}")
    values.update({name: real(x) for name, x in zip(free, inputs)})
    for node in graph.node:
        if node.op_type not in OPS:
            raise NotImplementedError(f"{path}: operator {node.op_type}")
        given = [values[name] if name else None for name in node.input]
        made = OPS[node.op_type](attributes(node, opset), *given)
        made = made if isinstance(made, tuple) else (made,)
        values.update({name: y for name, y in zip(node.output, made) if name})
    return [values[o.name] for o in graph.output]
