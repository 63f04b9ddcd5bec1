# Ctrl-Z gives the terminal back to the shell, fg takes it again.
. tests/support/tui.sh
tmux -L "$tui_socket" -f /dev/null new-session -d -x 80 -y 24 \
    "env HOME='$tui_home' LC_ALL=C.UTF-8 TERM=screen-256color PS1='shell> ' bash --norc -i"
tui_see "shell>"
tui_keys "'$LETHE' --tui --no-rc" Enter
tui_see "Blanket"
tui_keys C-z
tui_see "Stopped"
tui_gone "Preview"
tui_keys "echo typed-\$((40 + 2))" Enter
tui_see "typed-42"
tui_keys "fg" Enter
tui_see "Preview"
tui_keys '?'
tui_see "Keys of the blanket pane"
tui_keys Escape
tui_gone "Keys of"
tui_keys q
tui_see "shell>"
tui_gone "Preview"
tui_keys "stty -a | grep -c -e ' icanon.* echo ' -e ' icanon' ; echo done" Enter
tui_see "done"
