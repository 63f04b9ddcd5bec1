# In a locale without UTF-8 every character is ASCII; --plain speaks in sentences, with the cursor
# of the terminal where there is something to read.
. tests/support/tui.sh
TUI_LOCALE=C
tui_start 80 24 screen-256color
tui_see "->Blanket"
tui_keys q
tui_see "ended with 0"
TUI_LOCALE=C.UTF-8
tui_start 80 24 screen-256color --plain --no-rc sample_models/digits-mlp
tui_see "pane blanket, blanket 0 of 0, damping 0"
tui_see "no selection yet"
tui_keys ":forget add 17" Enter
tui_see "1 to forget"
tui_keys Tab Tab Tab
tui_see "pane samples"
tui_see "sample 17, label 7, to be forgotten"
tui_keys Home Down Down
tui_see "sample 2, label 2, loss before"
tui_cursor 4
tui_keys v
tui_see "parameters moved by"
tui_cursor 23
tui_keys ":focus preview" Enter
tui_see "held-out accuracy, before 94.02, now 94.02"
tui_keys q q
tui_see "ended with 0"
