# Every lesson on the screen, from its first step to its last by the keys a student presses, at 80x24
# without colours and in ASCII: what is to be read is passed with n, what is to be done is typed, every
# question gets each wrong answer and its reply before the right one. Half way through the third one the
# program is left and begun again: it goes on there, until `lesson reset`.
# LETHE_LESSONS=all takes them all, or some by number: LETHE_LESSONS="2 9"; otherwise the third.
. tests/support/tui.sh
TUI_LOCALE=C
TUI_PATIENCE=${TUI_PATIENCE:-900}
wanted=${LETHE_LESSONS:-3}
[ "$wanted" = all ] && wanted="2 3 4 5 6 7 8 9 10"

# The steps of a lesson as lines: kind|what to type, or the letter that is right|number of choices
steps() {
    awk '
        function close_step() { if (open) print kind "|" what "|" choices; open = 0 }
        /^step /  { close_step(); open = 1; kind = "read"; what = ""; choices = 0 }
        /^do /    { kind = "do"; what = substr($0, 4) }
        /^ask /   { kind = "ask"; choices = 0 }
        /^choice /{ choices++ }
        /^right / { choices++; what = sprintf("%c", 96 + choices) }
        END { close_step() }' "$1"
}

# press KEY: an answer that lies over the panes is closed first
press() {
    tui_keys Escape
    sleep 0.1
    tui_keys "$1"
}

# take STEP: one step of the walk, up to the next one
take() {
    case $kind in
    read) press n ;;
    do)
        press :
        tui_keys -l "$what"
        tui_keys Enter
        ;;
    ask)
        for letter in a b c d; do
            [ "$letter" = "$what" ] && continue
            [ "$(printf '%d' "'$letter")" -le $((96 + choices)) ] || break
            press "$letter"
            tui_see "$1 of $count"
        done
        press "$what"
        ;;
    esac
    if [ "$1" -lt "$count" ]; then
        # what the screen did by itself before it was asked for is passed with n
        # (and a step after it that is there already is left alone)
        [ "$kind" = do ] && sleep 0.5 && tui_screen >"$tui_home/seen" &&
            grep -q "n) goes on" "$tui_home/seen" && grep -q "$1 of $count" "$tui_home/seen" && press n
        tui_see "$(($1 + 1)) of $count"
    else
        tui_see "the end"
    fi
}

walk() {
    file=$(printf 'sessions/lessons/%02d-*.lesson' "$1")
    steps $file >"$tui_home/steps"
    count=$(wc -l <"$tui_home/steps")
    tui_start 80 24 vt100 --no-rc
    tui_see "no model"
    tui_keys ":lesson $1" Enter
    tui_see "1 of $count"
    number=0
    while IFS='|' read -r kind what choices <&3; do
        number=$((number + 1))
        take "$number"
        if [ "$1" -eq 3 ] && [ "$number" -eq 3 ]; then
            tui_keys ":quit now" Enter
            tui_see "ended with 0"
            tui_start 80 24 vt100 --no-rc
            tui_see "no model"
            tui_keys ":lesson" Enter
            tui_see "step 4"
            tui_keys Escape ":lesson 3" Enter
            tui_see "4 of $count"
        fi
    done 3<"$tui_home/steps"
    tui_screen | grep -q "^ *[A-Z].*\.$\|^ *[A-Z]" || exit 1
}

for lesson in $wanted; do
    walk "$lesson"
    echo "lesson $lesson was taken"
done
tui_keys Escape ":lesson" Enter
tui_see "  done"
tui_keys Escape ":lesson reset" Enter
tui_keys Escape ":lesson" Enter
tui_see "so far"
tui_gone "  done"
