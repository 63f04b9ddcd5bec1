# Presenting: what a teacher sets, in words and JSON; every pane of the screen has its name there.
. tests/support/golden.sh

run 0 --json -c "present plane preview; caption Look at the dashed line; spotlight KL forget; present; caption off; spotlight"
sed -n 1p "$dir/out" | grep -qF '"presenting":true,"panes":["plane","preview"],"caption":null,"spotlight":null' || fail "panes"
sed -n 2p "$dir/out" | grep -qF '"caption":"Look at the dashed line"' || fail "caption"
sed -n 3p "$dir/out" | grep -qF '"spotlight":"KL forget"' || fail "spotlight"
sed -n 4p "$dir/out" | grep -qF '"presenting":false,"panes":["plane","preview"]' || fail "present alone goes back"
sed -n 6p "$dir/out" | grep -qF '"caption":null,"spotlight":null' || fail "both are taken away"
# in what a script prints a caption is a heading, and nothing of the screen stands with it
run 0 -c "set seed 1; caption Look at the dashed line; caption off"
printf 'seed  1\n\nLook at the dashed line\n-----------------------\n' >"$dir/heading"
head -n 4 "$dir/out" | cmp -s - "$dir/heading" || fail "a caption is no heading"
[ "$(sed -n 's/^caption  *//p' "$dir/out")" = - ] || fail "no caption is not told"
for pane in $(sed -n 's/^ *X([A-Z]*, \([a-z]*\)).*/\1/p' ui/view/model.h); do
    run 0 -c "present $pane"
    grep -q "^panes  *$pane\$" "$dir/out" || fail "not $pane"
done
run 0 -c "present samples,plot"
refused 1 "no pane 'plan': did you mean 'plane'?" "present plan"
refused 1 "no pane 'quartz': on, off, or up to 3 of layers, " "present quartz"
refused 1 "'jobs' is one pane too many: 3 can be presented at once" "present plane plot sample jobs"
refused 1 "did you mean 'recovery'?" "spotlight recovry"
refused 1 "has 201 bytes" "caption $(printf '%0201d' 0)"
# what was refused changed nothing
"$LETHE" --no-rc --json --keep-going -c "present plane; present plane nothing; caption a" >"$dir/out" 2>&1
tail -n 1 "$dir/out" | grep -qF '"presenting":true,"panes":["plane"]' || fail "a refused word changed the panes"
"$LETHE" --help | grep -q -e --present || fail "--present is not in the usage"
