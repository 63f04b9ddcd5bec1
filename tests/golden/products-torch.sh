#!/bin/sh
# Curvature products and Hessian matrices against PyTorch's double-backward (Debian: python3-torch,
# python3-onnx) on small networks of every kind; see tests/eval/products_torch.py.
set -eu
. tests/support/python.sh
python_or_skip torch onnx numpy
export ASAN_OPTIONS=detect_leaks=0 # the tool leaves its memory to the end of the process
exec "$python" tests/eval/products_torch.py "$BUILD/tests/tool/products"
