# foci against the reference values of the statisticians' own package: order, cumulative and
# conditional values to 1e-9.
. tests/support/golden.sh
ref=../shared/reference/codec
[ -d $ref ] || { echo "skipped: $ref is not here"; exit 77; }
. tests/support/python.sh
python_or_skip
for case in "$ref"/*/; do
    [ "${LETHE_TEST_SHARE:-1}" = 1 ] || [ "$(wc -c <"$case/x.csv.gz")" -lt 40000 ] || continue
    set -- $("$python" -c "
import json, sys
e = json.load(open('$case/expected.json'))
print(e['scaling'], 'on' if e['stop'] else 'off', len(e['order']))")
    run 0 --json -c "foci x=${case}x.csv.gz y=${case}y.csv.gz scaling=$1 stop=$2 max=$3"
    "$python" - "$case/expected.json" "$dir/out" <<'EOF' || fail "$case"
import json, sys
want, got = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))["result"]
near = lambda a, b: len(a) == len(b) and all(abs(x - y) <= 1e-9 for x, y in zip(a, b))
assert got["order"] == want["order"], (got["order"], want["order"])
for key in "cumulative", "conditional", "marginal":
    assert near(got[key], want[key]), key
assert (got["n"], got["p"], got["scaling"]) == (want["n"], want["p"], want["scaling"])
EOF
done
