#!/bin/sh
# Exports in a second evaluator (Debian: python3-onnx, python3-numpy): the quick ones of the models at
# hand; all of them with EXPORTS=all, which takes about a minute.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy, onnx' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs python3 with onnx and numpy (apt-get install python3-onnx python3-numpy)"
    exit 77
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 "$python" tests/onnx/exports.py "$LETHE" "$dir" "${EXPORTS:-quick}" >"$dir/out" || {
    cat "$dir/out"
    exit 1
}
tail -n 1 "$dir/out"
