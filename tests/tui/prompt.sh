# The prompt: completion, history over two starts, Ctrl-C on a line and on work, end of input.
. tests/support/tui.sh

start_prompt() {
    tui_count=$((${tui_count:-0} + 1))
    tui_socket=lethe-prompt-$$-$tui_count
    tmux -L "$tui_socket" -f /dev/null new-session -d -x 80 -y 24 \
        "env HOME='$tui_home' XDG_STATE_HOME='$tui_home' XDG_CONFIG_HOME='$tui_home' INPUTRC=/dev/null \
         LC_ALL=C.UTF-8 TERM=xterm '$LETHE' --no-rc $*; echo \"ended with \$?\"; exec sleep 600" || exit 1
}

start_prompt sample_models/digits-mlp
tui_see "lethe>"
tui_keys "forg" Tab
tui_see "lethe> forget"
tui_keys "ad" Tab "17" Enter
tui_see "retained  1,436"
tui_keys "select me" Tab "lf" Tab
tui_see "select method=lfoci"
tui_keys Enter
tui_see "no gain"

# Ctrl-C drops the line, then cancels work and not the program
tui_keys "not meant" C-c
tui_keys "show damping" Enter
tui_see "added to the curvature"
tui_keys "train tolerance=0 epochs=1000000" Enter
tui_see "training"
tui_keys C-c
tui_see "cancelled while training"
tui_keys "forget list" Enter
tui_see "label"

# the end of input ends it; the lines are there again
tui_keys C-d
tui_see "ended with 0"
tmux -L "$tui_socket" kill-server
start_prompt
tui_see "begins"
tui_keys Up Up
tui_see "lethe> train tolerance=0 epochs=1000000"
tui_keys C-u "quit" Enter
tui_see "ended with 0"

# a person's session is kept without being asked for: what was chosen is still chosen, also by a
# start that was killed; a second prompt beside the first works in memory and says so
tmux -L "$tui_socket" kill-server
start_prompt sample_models/digits-mlp
tui_keys "forget list" Enter
tui_see "17      7"
first=$tui_socket
start_prompt
tui_keys "load sample_models/digits-mlp" Enter
tui_see "this session is not kept"
tui_keys "forget list" Enter
tui_see "count     0"
tmux -L "$first" kill-server

# names that hold escapes are completed, listed and taken as they are shown, and never get through
tmux -L "$tui_socket" kill-server 2>/dev/null
printf 'a,label\n1,"ev\033]0;TITLE\007il"\n2,"ev\033[31mtwo"\n3,plain\n' >"$tui_home/names.csv"
start_prompt
tmux -L "$tui_socket" pipe-pane "cat >>'$tui_home/raw'"
tui_keys "data $tui_home/names.csv" Enter
tui_see "train         3"
tui_keys "forget add class:e" Tab Tab Tab
tui_see 'ev\\x1b[31mtwo'
tui_keys C-u 'forget add class:"ev\\x1b[' Tab Enter
tui_see "forget    1"
tui_keys "forget list" Enter
tui_see 'ev\x1b[31mtwo'
grep -aq "$(printf '\033]0;T')" "$tui_home/raw" && { echo "a name sets the title"; exit 1; }
grep -aq "$(printf 'ev\033')" "$tui_home/raw" && { echo "a name colours the screen"; exit 1; }
exit 0
