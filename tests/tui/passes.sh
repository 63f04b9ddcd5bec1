# Passes on the screen: their path grows in the plot pane, Ctrl-C ends them and keeps what they made.
# Six seconds of processor time: with LETHE_TEST_LONG=1.
[ -n "$LETHE_TEST_LONG" ] || { echo "skipped: takes seconds, LETHE_TEST_LONG=1 runs it"; exit 77; }
. tests/support/tui.sh
for id in 9 10; do
    size="80 24"
    [ $id = 9 ] || size="120 40"
    # shellcheck disable=SC2086 # two words
    tui_start $size screen-256color --no-rc sample_models/digits-mlp-mislabelled
    tui_see "fc1"
    tui_keys ":set retrain off; curvature ggn samples=200; forget clear; forget add $id" Enter
    tui_see "forget #$id"
    tui_keys Escape
    tui_keys ":blanket all; update passes=1000; preview" Enter
    tui_see "/1000: forget loss"
    tui_see "iterations after the step"
    tui_keys C-c
    tui_see "parameters moved by"
    tui_gone "/1000: forget loss"
    tui_keys ":plot path" Enter
    tui_see "iterations after the step"
    tui_keys q q
    tui_see "ended with 0"
done
