# A blanket of single weights on the screen: counted by unit, and its sizes by command.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-logreg
tui_see "not scored"
tui_keys ":forget clear; forget add 17" Enter
tui_see "forget #17"
tui_keys ":blanket 20 weights" Enter
tui_see "20 weights"
tui_keys v
tui_see "parameters moved by"
tui_keys ":focus blanket" Enter
tui_see "of 650 weights"
tui_see "fc1[7]: "
tui_see " of 65"
tui_see "weights, reach "
tui_keys ":blanket 30 weights" Enter
tui_see "30 of 650 weights"
tui_keys ":blanket 4%" Enter
tui_see "26 of 650 weights"
tui_keys q q
tui_see "ended with 0"
# in a small terminal too
tui_start 80 24 screen-256color --no-rc sample_models/digits-logreg
tui_see "going on with the session"
tui_keys ":forget clear; forget add 18" Enter
tui_see "forget #18"
tui_keys Escape
tui_keys ":blanket 20 weights" Enter
tui_see "20 weights"
tui_keys v
tui_see "20 of 650 weights"
tui_see "share"
tui_see " of 65 "
tui_see "weights, reach"
tui_keys q q
tui_see "ended with 0"
