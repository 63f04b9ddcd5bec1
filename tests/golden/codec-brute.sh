# codec and foci on random tables in every format, against their definition in numpy.
. tests/support/golden.sh
. tests/support/python.sh
python_or_skip numpy
"$python" tests/eval/codec_brute.py "$LETHE" "${CODEC_CASES:-60}" "$dir" >"$dir/out" 2>"$dir/err" ||
    fail "the command line and the definition disagree"
