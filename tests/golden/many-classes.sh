# More than twenty classes: the Gauss-Newton matrix of softmax regression is the Hessian, to the last
# digits, without a word about samples; certificates hold on it; no seed changes a leverage.
. tests/support/golden.sh
# 26 clouds in five columns, 9,000 samples: more rows than a network that is not linear goes through
awk 'BEGIN {
    print "a,b,c,d,e,label"
    s = 1
    for (i = 0; i < 9000; i++) {
        k = i % 26
        line = ""
        for (j = 0; j < 5; j++) {
            sum = 0
            for (t = 0; t < 4; t++) { s = (s * 16807) % 2147483647; sum += s / 2147483647 }
            line = line sprintf("%.3f,", sum + (k * (j + 3) * 7 % 13) / 6)
        }
        print line k
    }
}' >"$dir/clouds.csv"
cat >"$dir/bundle.json" <<END
{"format": "lethe bundle", "version": 1, "model": "m.onnx", "architecture": "logreg",
 "train": {"samples": "clouds.csv"}, "normalize": {"standardize": true}, "weight_decay": 1e-2,
 "recipe": {"optimizer": "lbfgs", "seed": 1, "tolerance": 1e-8}}
END
run 0 --json -c "load $dir; train; export $dir/m.onnx"
begin="load $dir; forget add 0-99; blanket all; form influence"
run 0 --json -c "$begin; preview; certificate; curvature hessian; preview; certificate"
both() { grep "\"command\":\"$1\"" "$dir/out" | sed "s/.*\"$2\":\([^,}]*\).*/\1/" | tr '\n' ' '; }
for key in update_norm predicted_change step_norm sigma; do
    command=preview
    case $key in step_norm | sigma) command=certificate ;; esac
    set -- $(both $command $key)
    holds "$1 != 0 && ($1 - $2)^2 < 1e-16 * $1 * $1"
done
[ "$(grep -c '"holds":true' "$dir/out")" -eq 2 ] || fail "a certificate does not hold"
grep -q "drawn" "$dir/out" && fail "labels were drawn"

run 0 --json -c "$begin; leverage top=3; set seed 9; leverage top=3"
grep '"command":"leverage"' "$dir/out" | sed 's/"time":[^,}]*//' | uniq | wc -l | grep -qx 1 || fail "leverage depends on the seed"
