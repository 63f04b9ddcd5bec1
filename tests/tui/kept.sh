# Two windows on one bundle: the second one is not kept, says so at once and in its header, and asks
# before its commits are lost; a later start says what it goes on with.
. tests/support/tui.sh
tui_start 120 40 screen-256color --no-rc sample_models/digits-logreg
tui_see "not scored"
tui_gone "NOT KEPT"
first=$tui_socket

# the second window, as a screen
second() {
    tui_count=$((tui_count + 1))
    tui_socket=lethe-test-$$-$tui_count
    tmux -L "$tui_socket" -f /dev/null new-session -d -x 80 -y 24 \
        "env HOME='$tui_home' XDG_STATE_HOME='$tui_home' XDG_CONFIG_HOME='$tui_home' INPUTRC=/dev/null \
         LC_ALL=C.UTF-8 TERM=screen-256color OPENBLAS_NUM_THREADS=1 '$LETHE' $* --no-rc \
         sample_models/digits-logreg; echo \"ended with \$?\"; exec sleep 600" || exit 1
}
second --tui
tui_see "this session is not kept"
tui_see "NOT KEPT"
tui_keys ":set retrain off; forget add 17; blanket all" Enter
tui_see "forget #17"
tui_keys ":commit lost" Enter
tui_see "1 gone"
tui_see "● committed"
tui_keys Escape
tui_gone "┌"
tui_keys q
tui_see "This session is not kept"
tui_see "1 commit ends with the program"
tui_keys Escape
tui_gone "This session is not kept"
tui_keys q
tui_see "leave without it"
tui_keys q
tui_see "ended with 0"
tmux -L "$tui_socket" kill-server

# the second window, as a prompt: quit asks once
second
tui_see "this session is not kept"
tui_see "lethe (not kept)>"
tui_keys "set retrain off; forget add 17; blanket all; commit lost" Enter
tui_see "lethe (not kept, 1 gone)>"
tui_keys "quit" Enter
tui_see "ends with this run"
tui_keys "quit" Enter
tui_see "ended with 0"
tmux -L "$tui_socket" kill-server

# the first window commits and is kept: the next start says what is gone
tui_socket=$first
tui_keys ":set retrain off; forget add 17,30; blanket all; commit kept" Enter
tui_see "2 gone"
tui_keys Escape
tui_gone "┌"
tui_keys q
tui_see "ended with 0"
tui_start 80 24 screen-256color --no-rc sample_models/digits-logreg
tui_see "going on with the session kept for this model"
tui_see "resumed: 2 gone"
tui_keys q
tui_see "ended with 0"
second
tui_see "lethe (resumed, 2 gone)>"
tui_keys "info" Enter
tui_see "resumed"
tui_keys C-d
tui_see "ended with 0"
