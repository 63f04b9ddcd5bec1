#!/bin/sh
# Curvature products and Hessian matrices against PyTorch's double-backward (Debian: python3-torch,
# python3-onnx) on small networks of every kind; see tests/eval/products_torch.py.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import torch, onnx, numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs PyTorch and onnx (apt-get install python3-torch python3-onnx)"
    exit 77
fi
export ASAN_OPTIONS=detect_leaks=0 # the tool leaves its memory to the end of the process
exec "$python" tests/eval/products_torch.py "$BUILD/tests/tool/products"
