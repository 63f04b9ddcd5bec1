# A sample is chosen and previewed; each step of a slider is a command and brings its preview.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-mlp
tui_see "not scored"
tui_keys ":forget add 17" Enter
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_see "of 58 units"
tui_keys ":blanket 3" Enter
tui_see "3 of 58 units"
tui_see "3/58"
tui_keys Right
tui_see "4 of 58 units"
tui_see "4 units, "
tui_keys d Right
tui_see "1e-8"
tui_keys b 9 Enter
tui_see "9 of 58 units"
# another method has sliders of its own, which bring their preview, too
tui_keys m
tui_see "Method of the removal"
tui_keys fine Enter
tui_see "method finetune"
tui_see "finetune: 2778 parameters moved"
tui_keys d Right
tui_see "▸ rate"
tui_see "0.02"
tui_keys m Home newton Enter
tui_see "1e-8"
tui_keys ":wait-idle" Enter
tui_see "idle"
tui_keys ":save-display $tui_home/shot.txt" Enter
tui_see "saved "
grep -q "held-out accuracy" "$tui_home/shot.txt" || { cat "$tui_home/shot.txt"; exit 1; }
tui_keys ":focus samples" Enter
tui_see "▸Samples"
tui_keys Home Space
tui_see "#0 #17"
