#!/bin/sh
# Metrics against scikit-learn and SciPy (Debian: python3-sklearn) on random cases, ties included.
set -eu
. tests/support/python.sh
python_or_skip sklearn scipy
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
"$BUILD/tests/tool/cases" >"$cases"
"$python" tests/eval/check.py <"$cases"
