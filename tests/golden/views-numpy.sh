#!/bin/sh
# CKA, components and discriminants against numpy (Debian: python3-numpy); tests/eval/views_numpy.py.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "needs numpy (apt-get install python3-numpy)"
    exit 77
fi
exec "$python" tests/eval/views_numpy.py "$LETHE"
