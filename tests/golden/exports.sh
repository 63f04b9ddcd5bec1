#!/bin/sh
# Exports in a second evaluator (Debian: python3-onnx, python3-numpy): the quick ones of the models at
# hand; all of them with EXPORTS=all, which takes about a minute.
set -eu
. tests/support/python.sh
python_or_skip numpy onnx
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 "$python" tests/onnx/exports.py "$LETHE" "$dir" "${EXPORTS:-quick}" >"$dir/out" || {
    cat "$dir/out"
    exit 1
}
tail -n 1 "$dir/out"
