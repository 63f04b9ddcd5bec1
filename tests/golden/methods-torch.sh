#!/bin/sh
# Every unlearning method against PyTorch (Debian: python3-torch, python3-onnx), written from its
# paper, on the same mini-batches; see tests/eval/methods_torch.py.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import torch, onnx, numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs PyTorch and onnx (apt-get install python3-torch python3-onnx)"
    exit 77
fi
make -s BUILD="$BUILD" "$BUILD/tests/tool/methods"
exec "$python" tests/eval/methods_torch.py "$BUILD/tests/tool/methods"
