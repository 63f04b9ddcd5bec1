#!/bin/sh
# SPDX-License-Identifier: MIT
# A metric is one row: with one more row in its table, and no other line, the figure stands in
# preview, metrics, audit, the kept commit, the report, JSON,
# 'explain' and help.
. tests/support/golden.sh
case $BUILD in *san*) echo "the row is the same under the sanitizers"; exit 77 ;; esac
mkdir -p "$BUILD/row"
awk '/^enum \{ COUNT = / { print "/* the row */" }
     { line[NR] = $0 }
     END {
         for (i = 1; i <= NR; i++) if (line[i] ~ /^};$/ && !done && seen) { last = i; done = 1 } else if (line[i] ~ /metrics\[\] = \{/) seen = 1
         for (i = 1; i <= NR; i++) {
             if (i == last) print "{\"forget.doubled\", \"doubled loss\", \"nats\", 0, \"forget samples\", \"twice what the loss is\", .of_model = forget_loss, .flags = LETHE_METRIC_OF_FORGET, .above = \"too much\", .below = \"too little\"},"
             print line[i]
         }
     }' src/eval/metric.c >"$BUILD/row/metric.c"
make -s --no-print-directory BUILD="$BUILD" "$BUILD/lethe-row" >"$dir/out" 2>"$dir/err" || fail "does not build with one more row"
LETHE=$PWD/$BUILD/lethe-row
row='"name":"forget.doubled"'
begin='load sample_models/digits-logreg; forget add class:3[:12]; blanket all; damping 0'
run 0 --json --session "$dir/s" -c "$begin; preview; commit one; log; report $dir/report.html; explain forget.doubled; explain"
[ "$(grep -c '"doubled":{"before":' "$dir/out")" -ge 1 ] || fail "preview and its JSON do not have the row"
grep -q '"command":"explain".*"term":"forget.doubled"' "$dir/out" || fail "explain does not know the row"
grep -q '"command":"explain".*"metrics":.*"forget.doubled"' "$dir/out" || fail "explain does not list the row"
grep -q 'doubled' "$dir/report.html" || fail "the report does not have the row"
run 0 --json -c "$begin; preview; metrics; audit n=2 share=0.5"
grep '"command":"metrics"' "$dir/out" | grep -qF "$row" || fail "metrics does not have the row"
grep '"command":"audit"' "$dir/out" | grep -qF "$row" || fail "audit does not have the row"
run 0 -c "$begin; preview"
said 'forget doubled'
for command in preview metrics audit; do
    run 0 -c "help $command"
    said 'forget.doubled'
done
exit 0
