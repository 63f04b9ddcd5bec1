# The palette finds by letters, the line completes and remembers, :save-display writes the screen.
. tests/support/tui.sh
tui_start 80 24 screen-256color
tui_see "Blanket"
tui_keys C-p
tui_see "Commands"
tui_keys h l p
tui_see "Explain the commands"
tui_keys Escape
tui_gone "Commands"
tui_keys ':' h e l Tab
tui_see ":help"
tui_keys Enter
tui_see "Measure accuracy"
tui_keys Escape
tui_gone "Measure accuracy"
tui_keys ':' Up
tui_see ":help"
tui_keys Escape ":save-display $tui_home/shot.txt" Enter
tui_see "saved "
grep -q "Blanket" "$tui_home/shot.txt" || exit 1
tui_keys ":focus nowhere" Enter
tui_see "no pane 'nowhere'"
tui_keys q
tui_see "ended with 0"
