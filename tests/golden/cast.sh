# Recordings: a session at a terminal recorded, read by a reader of its own and played; full disks,
# files that are none, pictures of moments, and a recording that would do harm.
. tests/support/golden.sh
. tests/support/python.sh

# from a script, without a terminal: all its answers; the end of the program ends it
run 0 -c "record $dir/script.cast; load sample_models/rings; info"
grep -q '^{"version": 2, "width": 80, "height": 24, ' "$dir/script.cast" || fail "head"
grep -q '"o", ".*parameters' "$dir/script.cast" || fail "no answer in the recording"
run 0 -c "play $dir/script.cast frames=$dir/frame at=0,100; play $dir/script.cast frames=$dir/last"
said "$dir/frame-2.svg"
grep -q '>output' "$dir/frame-2.svg" || fail "the second picture does not show the model"
grep -q '>parameters' "$dir/frame-1.svg" && fail "the first picture shows what came later"
cmp -s "$dir/frame-2.svg" "$dir/last-1.svg" || fail "the last picture is another one"
refused 1 "at=2,1: moments in seconds" "play $dir/script.cast frames=$dir/f at=2,1"
refused 1 "frames=NAME as well" "play $dir/script.cast at=2"
refused 1 "standard output is no terminal" "play $dir/script.cast"
refused 1 "is being recorded" "record $dir/a.cast; record $dir/b.cast"
refused 1 "nothing is being recorded" "record"
refused 1 "nothing is being recorded" "record off"
refused 4 "cannot create '$dir/no/a.cast'" "record $dir/no/a.cast"
refused 4 "it is a folder" "record $dir"
refused 4 "cannot open '$dir/nothing.cast'" "play $dir/nothing.cast"
refused 1 "must be" "play $dir/script.cast speed=0"
# files that are none: one line each
for wrong in "hello" '{"version":3}' '{"version":2,"width":80,"height":24}' '[0,"o","x"]'; do
    echo "$wrong" >"$dir/wrong.cast"
    refused 3 "wrong.cast'" "play $dir/wrong.cast"
done
refused 3 "is no recording that can be played: line 1 is no JSON" "play README.md"
head -c 300 /dev/urandom >"$dir/wrong.cast"
refused 3 "wrong.cast'" "play $dir/wrong.cast"
head -c 200 "$dir/script.cast" >"$dir/wrong.cast"
refused 3 "line 3 is no JSON" "play $dir/wrong.cast"

# a full disk refuses the beginning; one that fills later ends the recording and nothing else
if [ -e /dev/full ]; then
    refused 4 "/dev/full" "record /dev/full"
fi
(ulimit -f 2 && exec "$LETHE" --no-rc -c "record $dir/full.cast; help; help; help; help; show seed") 2>&1 </dev/null |
    cat >"$dir/out"
said "seed of everything"
[ "$(grep -c "the recording ended: cannot write" "$dir/out")" -eq 1 ] || fail "the end of the recording is not said once"
tail -c 1 "$dir/full.cast" | od -c | grep -q '\\n' || fail "half a line was left"

# harm that others recorded does not reach the terminal
printf '{"version":2,"width":80,"height":24}\n[0.0,"o","\\u001b]0;owned\\u0007\\u001b[?1000hsafe\\u001b]52;c;aGk=\\u001b\\\\"]\n' >"$dir/harm.cast"
run 0 -c "play $dir/harm.cast frames=$dir/harm"
grep -q '>safe<' "$dir/harm-1.svg" || fail "the text of the recording is gone"
grep -q 'owned\|aGk' "$dir/harm-1.svg" && fail "a title became text"

python_or_skip pty termios
"$python" tests/cast/session.py "$LETHE" "$dir" >"$dir/out" 2>"$dir/err" || fail "the session at a terminal"
