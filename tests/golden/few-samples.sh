# A curvature from few samples must not make things worse than they are: mixed with EKFAC's, thirty
# samples for 2,778 parameters leave the retained samples as they were; taken at their word they do not.
. tests/support/golden.sh

# kept SHRINK: percent of the retained samples that are right after the step
kept() {
    run 0 --json -c "load sample_models/digits-mlp-mislabelled; set retrain off; forget add generated[:20]; set curvature.samples 30; set curvature.shrink $1; blanket all; preview"
    sed -n 's/.*"retain":{"accuracy":{"before":[^,]*,"now":\([^,]*\),.*/\1/p' "$dir/out" | awk '{ print int(100 * $1) }'
}
mixed=$(kept auto)
plain=$(kept off)
[ "$mixed" -ge 95 ] || fail "thirty samples leave $mixed % of the retained samples right"
[ "$plain" -lt 90 ] || fail "thirty samples alone do no harm ($plain %): this tests nothing"
echo all good
