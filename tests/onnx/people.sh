#!/bin/sh
# Models as people have them: how they end, how they are stored, what they are made of; see
# people.py. Exports pass ONNX's own checker.
set -eu
. tests/support/python.sh
python_or_skip onnx numpy
exec "$python" tests/onnx/people.py "${LETHE:-build/lethe}"
