# codec and foci on random tables in every format, against their definition in numpy.
. tests/support/golden.sh
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || { echo "needs python3 with numpy (apt-get install python3-numpy)"; exit 77; }
"$python" tests/eval/codec_brute.py "$LETHE" "${CODEC_CASES:-60}" "$dir" >"$dir/out" 2>"$dir/err" ||
    fail "the command line and the definition disagree"
