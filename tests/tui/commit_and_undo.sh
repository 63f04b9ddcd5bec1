# Commit with a message, undo, redo; quitting with an uncommitted preview asks first.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-mlp
tui_see "not scored"
tui_keys ":forget add 17" Enter
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_see "uncommitted"
tui_keys c
tui_see ":commit"
tui_keys "first" Enter
tui_see "now at "
tui_see "● committed"
tui_see "#17  first"
tui_keys u
tui_see "● "
tui_see "forget #17"
tui_keys U
tui_see "forget nothing"
tui_keys ":forget add 30" Enter
tui_see "1 to forget"
tui_keys v
tui_see "parameters moved by"
tui_keys q
tui_see "The preview is not committed"
tui_keys Escape
tui_gone "The preview is not committed"
tui_keys q
tui_see "leave without it"
tui_keys q
tui_see "ended with 0"
