#!/bin/sh
# Metrics against scikit-learn and SciPy (Debian: python3-sklearn) on random cases, ties included.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import sklearn, scipy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs python3 with scikit-learn (apt-get install python3-sklearn)"
    exit 77
fi
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
"$BUILD/tests/tool/cases" >"$cases"
"$python" tests/eval/check.py <"$cases"
