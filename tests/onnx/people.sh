#!/bin/sh
# Models as people have them: how they end, how they are stored, what they are made of; see
# people.py. Exports pass ONNX's own checker.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import onnx, numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs onnx for Python (apt-get install python3-onnx)"
    exit 77
fi
exec "$python" tests/onnx/people.py "${LETHE:-build/lethe}"
