#!/bin/sh
# Networks exported by PyTorch (Debian: python3-torch, python3-torchvision, python3-onnx), logits and
# gradients against PyTorch in double; see zoo.py. Without arguments one export of each small
# network; `make zoo` runs all of them in every way, which takes most of an hour.
set -eu
. tests/support/python.sh
python_or_skip torch torchvision onnx numpy
[ $# -gt 0 ] || set -- quick
exec "$python" tests/onnx/zoo.py "${LETHE:-build/lethe}" "$@"
