# A blanket of single weights on the screen: counted by unit, its slider, and passes that are stopped
# and keep what they made.
. tests/support/tui.sh
for size in "120 40" "80 24"; do
    # shellcheck disable=SC2086
    tui_start $size screen-256color --no-rc sample_models/digits-logreg
    tui_see "not scored"
    tui_keys ":forget clear; forget add 17" Enter # the second opens what the first has left
    tui_see "forget #17"
    tui_keys ":blanket 20 weights" Enter
    tui_see "20 weights"
    tui_keys v
    tui_see "parameters moved by"
    tui_keys ":focus blanket" Enter
    tui_see "of 650 weights"
    tui_see "fc1[7]: "
    tui_see " of 65"
    tui_see "weights of "
    tui_keys ":focus sliders" Enter
    tui_keys ":blanket 30 weights" Enter
    tui_see "30 of 650 weights"
    tui_keys ":blanket 4%" Enter
    tui_see "26 of 650 weights"
    tui_keys q q
    tui_see "ended with 0"
done
tui_start 120 40 screen-256color --no-rc sample_models/digits-mlp
tui_see "not scored"
tui_keys ":forget add 0-4" Enter
tui_see "5 to forget"
tui_keys ":set retrain off; blanket all; update passes=1000" Enter
tui_keys ":focus jobs" Enter
tui_see "▸Jobs"
tui_keys v
tui_see "passes"
tui_keys C-c
tui_see "parameters moved by"
tui_keys ":update" Enter
tui_gone "passes 1000"
tui_keys q q
tui_see "ended with 0"
