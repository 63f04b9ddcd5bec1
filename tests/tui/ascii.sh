# In a locale without UTF-8, and with --plain, every character is ASCII.
. tests/support/tui.sh
TUI_LOCALE=C
tui_start 80 24 screen-256color
tui_see "->Blanket"
tui_keys q
tui_see "ended with 0"
TUI_LOCALE=C.UTF-8
tui_start 80 24 screen-256color --plain
tui_see "->Blanket"
tui_keys q
tui_see "ended with 0"
