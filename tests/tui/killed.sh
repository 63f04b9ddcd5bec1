# Ended by a signal, in order or by a crash, the terminal is sane and the status tells which.
. tests/support/tui.sh
for signal in TERM HUP SEGV ABRT; do
    tui_start 80 24 screen-256color
    tui_see "Blanket"
    kill -"$signal" "$(tui_pid)"
    tui_see "ended with "
    tui_see "icanonecho modes"
    tui_gone "Preview"
    case $signal in
    TERM | HUP) tui_see "ended with 130" ;;
    SEGV) tui_see "ended with 139" ;;
    ABRT) tui_see "ended with 134" ;;
    esac
done
