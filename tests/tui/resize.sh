# Grows, shrinks, says when it is too small, and comes back.
. tests/support/tui.sh
tui_start 80 24 screen-256color
tui_see "Plot"
tui_gone "History"
tmux -L "$tui_socket" resize-window -x 200 -y 60
tui_see "History"
tmux -L "$tui_socket" resize-window -x 50 -y 10
tui_see "it is 50 x 10, 60 x 16 is needed"
tmux -L "$tui_socket" resize-window -x 80 -y 24
tui_see "Preview"
tui_keys q
tui_see "ended with 0"
