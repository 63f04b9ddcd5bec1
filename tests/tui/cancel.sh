# Ctrl-C ends the job, not the program, and loses nothing; the jobs pane shows it.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-mlp
tui_see "not scored"
tui_keys ":forget add 0-4" Enter
tui_see "5 to forget"
tui_keys ":focus jobs" Enter
tui_see "▸Jobs"
tui_keys ":retrain cold k=50 &" Enter
tui_see "running"
tui_keys C-c
tui_see "cancelled"
tui_see "forget 5 samples"
tui_keys v
tui_see "parameters moved by"
tui_keys q q
tui_see "ended with 0"
