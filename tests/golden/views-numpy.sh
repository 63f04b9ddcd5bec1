#!/bin/sh
# CKA, components and discriminants against numpy (Debian: python3-numpy); tests/eval/views_numpy.py.
set -eu
. tests/support/python.sh
python_or_skip numpy
exec "$python" tests/eval/views_numpy.py "$LETHE"
