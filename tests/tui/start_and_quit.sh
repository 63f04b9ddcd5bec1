# Starts, shows its panes, shows help, quits, and leaves the terminal as it was.
. tests/support/tui.sh
tui_start 80 24 screen-256color
tui_see "Layers"
tui_see "? help"
tui_keys '?'
tui_see "Keys of the blanket pane"
tui_keys Escape
tui_gone "Keys of the blanket pane"
tui_keys q
tui_see "ended with 0"
tui_see "icanonecho modes"
tui_gone "Layers"
