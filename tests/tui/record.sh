# What was done with keys is a script: replayed in batch it ends at the same commit, sliders that
# moved faster than their previews included.
. tests/support/tui.sh
S="$tui_home/session"
tui_start 120 40 screen-256color --no-rc --session "$S" sample_models/digits-mlp
tui_see "not scored"
tui_keys ":set perturb.count 200; set retrain off; set curvature.samples 200" Enter
tui_keys ":focus samples" Enter
tui_see "▸Samples"
tui_keys Down Down Down Space
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_keys Right Right Right Right d Right Right Right Right
tui_see "3e-7"
tui_keys b 4 Enter
tui_see "4 of 58 units"
tui_keys c "by hand" Enter
tui_see "now at "
tui_see "● committed"
tui_keys ":forget add 40" Enter
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_keys H L
tui_keys c "once more" Enter
tui_see "  once more"
tui_see "● committed"
tui_keys ":save $tui_home/keys.lethe" Enter
tui_see "lines"
tui_keys Escape q
tui_see "ended with 0"
head_of() { grep '"command":"log"' "$tui_home/out" | grep -o '"id":"[0-9a-f]*"' | head -1; }
"$LETHE" --no-rc --json --session "$S" -c "open $S; log" >"$tui_home/out" || exit 1
by_hand=$(head_of)
{ cat "$tui_home/keys.lethe"; echo log; } >"$tui_home/script.lethe"
"$LETHE" --no-rc --json -f "$tui_home/script.lethe" >"$tui_home/out" || { cat "$tui_home/out"; exit 1; }
by_script=$(head_of)
[ -n "$by_hand" ] && [ "$by_hand" = "$by_script" ] || {
    echo "by hand $by_hand, by script $by_script:"
    cat "$tui_home/keys.lethe"
    exit 1
}
"$LETHE" --no-rc -c "replay $S" >"$tui_home/out" || { cat "$tui_home/out"; exit 1; }
