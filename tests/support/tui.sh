# Helpers of tests/tui/*.sh: a tmux of its own, bounded waits, nothing left behind. Sourced.
# tui_start COLS ROWS TERM [options]   starts "$LETHE --tui [options]" in a shell that stays
# tui_keys KEY...   tui_see TEXT   tui_gone TEXT   tui_cursor ROW   tui_screen
command -v tmux >/dev/null 2>&1 || { echo "tmux is not installed"; exit 77; }
LETHE=${LETHE:-$(pwd)/build/lethe}
tui_socket=lethe-test-$$
tui_home=$(mktemp -d)
tui_stop() {
    tmux -L "$tui_socket" kill-server 2>/dev/null
    rm -rf "$tui_home" 2>/dev/null # a process that was just killed may still write there
}
trap tui_stop EXIT
trap 'exit 1' INT TERM

# The program runs in the foreground of a shell with job control from its first instruction: begun in
# the background and fetched with fg, it raced with that shell for the modes of the terminal, which
# the shell reads at fg and brings back at the end.
# A second start in one test ends the first; each has a socket of its own, so that they never meet.
tui_start() {
    tmux -L "$tui_socket" kill-server 2>/dev/null
    tui_count=$((${tui_count:-0} + 1))
    tui_socket=lethe-test-$$-$tui_count
    cols=$1 rows=$2 term=$3
    shift 3
    cat >"$tui_home/run" <<EOF
#!/bin/sh
cd "$(pwd)" || exit 1
unset NO_COLOR LETHE_SESSION
export HOME='$tui_home' XDG_STATE_HOME='$tui_home' XDG_CONFIG_HOME='$tui_home'
export LC_ALL='${TUI_LOCALE:-C.UTF-8}' TERM='$term' OPENBLAS_NUM_THREADS=1
sh -c 'echo \$\$ >"\$1"; shift; exec "\$@"' pid '$tui_home/pid' '$LETHE' --tui $*
echo "ended with \$?"
stty -a | tr ';' '\n' | grep -o -e ' *-\{0,1\}icanon' -e ' *-\{0,1\}echo ' | tr -d ' \n'
echo " modes"
exec sleep 600
EOF
    tmux -L "$tui_socket" -f /dev/null new-session -d -x "$cols" -y "$rows" \
        "exec bash -m '$tui_home/run'" || exit 1
}
tui_keys() { tmux -L "$tui_socket" send-keys "$@"; }
tui_screen() { tmux -L "$tui_socket" capture-pane -p; }
tui_pid() { cat "$tui_home/pid"; }

# Polls ten times a second, for at most $TUI_PATIENCE tenths: 30 s, 90 s under sanitizers.
tui_poll() {
    want=$1 text=$2 left=${TUI_PATIENCE:-${LETHE_TEST_SHARE:+900}}
    left=${left:-300}
    while [ "$left" -gt 0 ]; do
        if tui_screen | grep -qF -e "$text"; then found=yes; else found=no; fi
        [ $found = "$want" ] && return 0
        left=$((left - 1))
        sleep 0.1
    done
    [ "$want" = yes ] && echo "never appeared: $text" || echo "never went away: $text"
    echo "the screen:"
    tui_screen
    exit 1
}
tui_see() { tui_poll yes "$1"; }
# tui_cursor ROW: the terminal's cursor comes to stand there; it moves after the text is written.
tui_cursor() {
    left=${TUI_PATIENCE:-${LETHE_TEST_SHARE:+900}}
    left=${left:-300}
    while [ "$left" -gt 0 ]; do
        [ "$(tmux -L "$tui_socket" display-message -p '#{cursor_y}')" -eq "$1" ] && return 0
        left=$((left - 1))
        sleep 0.1
    done
    echo "the cursor never came to row $1, the screen:"
    tui_screen
    exit 1
}
tui_gone() { tui_poll no "$1"; }
