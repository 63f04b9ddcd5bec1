#!/bin/sh
# Makes the pictures in the README, sessions/workbench.svg and .txt (and .png where rsvg-convert is
# installed): the full screen in tmux, a removal on digits-mlp-mislabelled up to its
# preview beside retraining, saved by the program itself from what it shows.
# run from the top folder: sh sessions/picture.sh
# Or pictures of a recording (`record FILE`) at some moments, in seconds one after the other: NAME-1.svg,
# NAME-2.svg, ... and NAME.svg, which shows them in turn, each for the time to the next one:
#   sh sessions/picture.sh FILE NAME MOMENT...
set -eu
lethe=${LETHE:-build/lethe}
if [ $# -ge 3 ]; then
    cast=$1 name=$2
    shift 2
    "$lethe" --no-rc -c "play \"$cast\" frames=\"$name\" at=$(echo "$@" | tr ' ' ',')"
    number=0
    for moment in "$@"; do
        number=$((number + 1))
        echo "$moment $name-$number.svg"
    done | awk -v still=2 '
        { at[NR] = $1; $1 = ""; file[NR] = substr($0, 2) }
        END {
            at[NR + 1] = at[NR] + still
            whole = at[NR + 1] - at[1]
            for (k = 1; k <= NR; k++) {
                begin = (at[k] - at[1]) / whole
                end = (at[k + 1] - at[1]) / whole
                for (line = 0; (getline text < file[k]) > 0; line++) {
                    if (line ? text != "</svg>" : k == 1)
                        print text
                    if (!line)
                        printf "<g display=\"none\"><animate attributeName=\"display\" calcMode=\"discrete\" " \
                            "dur=\"%gs\" repeatCount=\"indefinite\" values=\"none;inline;none\" " \
                            "keyTimes=\"0;%.6f;%.6f\"/>\n", whole, begin, end
                }
                print "</g>"
            }
            print "</svg>"
        }' >"$name.svg"
    echo "picture: $name.svg shows $# pictures in turn"
    exit
fi
name=lethe-picture-$$
home=$(mktemp -d)
trap 'tmux -L "$name" kill-server 2>/dev/null || true; rm -rf "$home"' EXIT
tmux -L "$name" -f /dev/null new-session -d -x 120 -y 34 \
    "env XDG_STATE_HOME=$home TERM=screen-256color LC_ALL=C.UTF-8 $lethe --no-rc --tui sample_models/digits-mlp-mislabelled"
send() {
    tmux -L "$name" send-keys "$1" Enter
}
# Waits until a pattern stands on the screen, fifteen minutes at most.
see() {
    for _ in $(seq 4500); do
        tmux -L "$name" capture-pane -p | grep -q "$1" && return 0
        sleep 0.2
    done
    echo "picture: never appeared: $1" >&2
    exit 1
}
see "Blanket"
send ":forget add generated[:20]"
send ":select"
see "of 58 units"
send ":preview"
see "forget accuracy"
send ":retrain warm"
see "KL forget  *[.0-9]"
see "null \."
send ":why fc3[4]"
see "T = "
send ":plot loss"
send ":wait-idle"
see "idle"
for kind in txt svg; do
    send ":save-display sessions/workbench.$kind"
    see "saved sessions/workbench.$kind"
done
if command -v rsvg-convert >/dev/null; then
    rsvg-convert -o sessions/workbench.png sessions/workbench.svg
else
    echo "picture: no workbench.png: 'apt-get install librsvg2-bin' makes it" >&2
fi
