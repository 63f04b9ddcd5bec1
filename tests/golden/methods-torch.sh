#!/bin/sh
# Every unlearning method against PyTorch (Debian: python3-torch, python3-onnx), written from its
# paper, on the same mini-batches; see tests/eval/methods_torch.py.
set -eu
. tests/support/python.sh
python_or_skip torch onnx numpy
make -s BUILD="$BUILD" "$BUILD/tests/tool/methods"
exec "$python" tests/eval/methods_torch.py "$BUILD/tests/tool/methods"
