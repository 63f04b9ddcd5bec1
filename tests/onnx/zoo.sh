#!/bin/sh
# Networks exported by PyTorch (Debian: python3-torch, python3-torchvision, python3-onnx), logits and
# gradients against PyTorch in double; see zoo.py. Without arguments one export of each small
# network; `make zoo` runs all of them in every way, which takes most of an hour.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import torch, torchvision, onnx, numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs PyTorch with torchvision and onnx (apt-get install python3-torch python3-torchvision python3-onnx)"
    exit 77
fi
[ $# -gt 0 ] || set -- quick
exec "$python" tests/onnx/zoo.py "${LETHE:-build/lethe}" "$@"
