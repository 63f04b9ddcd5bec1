#!/bin/sh
# Lets every operation on files of every command that writes go wrong, one after the other, and
# compares what opens afterwards with what each command before and after leaves: the head's name
# (which covers the bits of the weights), the whole log, branches, forget set, settings and script.
# A command that was acknowledged is never lost, at most the one under way is there besides; the
# session can be written to again.
#     tests/faults/run.sh SHIM all                 every operation, every way
#     tests/faults/run.sh SHIM short               a choice that takes seconds
#     tests/faults/run.sh SHIM NAME [HOW [AT]]     one scenario, one way, one operation
# STRIDE=K tries every K-th operation.
# LETHE is the program. The ways are explained in shim.c.
set -u
shim=$1
what=${2:-short}
M=sample_models/digits-logreg
ways="kill half full eio dead short"
export OPENBLAS_NUM_THREADS=1 LC_ALL=C
unset LETHE_SESSION

# setup: lines that make the session before; acts: the lines under test, one a line. @ stands for
# the folder of one try, $S for its session.
scenario() {
    setup="" acts="" load="load $M" hide=no other="" outputs="" each=no session=yes base="--session $S" again=no stride=1
    quiet="set retrain off; forget add 17; blanket all"
    begun=$load # what the session before begins with
    case $1 in
    begin) setup=none acts="" ;;
    draft)
        setup="$quiet"
        acts="forget add 20
set damping 1e-3
forget remove 17
forget clear"
        ;;
    commit)
        setup="$quiet; commit one; forget add 3"
        acts="commit two
forget add 4
commit three"
        ;;
    ways)
        setup="$quiet; commit one; forget add 3; commit two"
        acts="undo
redo
undo
commit bar
branch aside
checkout main
checkout root"
        ;;
    save)
        setup="$quiet; commit one; forget add 3"
        acts="save @/copy
commit two
save @/copy
save"
        other=copy
        ;;
    trained)
        load="load $M; generate mislabelled n=5; train model=logreg weight_decay=1e-2 tolerance=1e-2"
        setup=none
        acts="save @/copy"
        other=copy
        ;;
    old) setup=old acts="forget add 3
commit two" ;;
    wasteful) setup=wasteful acts="forget add 3
commit two" ;;
    seal)
        setup="$quiet; commit one; forget add 3; audit n=1; commit two; forget add 4"
        acts="seal head~1 receipt=@/receipt.json"
        hide=yes
        ;;
    resealed)
        setup="$quiet; commit one; seal receipt=@/first.json; forget add 3; commit two; forget add 4"
        acts="seal receipt=@/receipt.json"
        hide=yes
        ;;
    audit) # retrained models are kept as they are made: nothing that opens changes
        setup="$quiet"
        acts="audit n=1 to=@/out.npz"
        outputs=out.npz again=yes
        ;;
    cold)
        setup="$quiet"
        acts="retrain cold k=2"
        again=yes
        ;;
    tune)
        setup="$quiet"
        acts="tune finetune trials=2"
        again=yes
        ;;
    methods)
        setup="$quiet; method finetune epochs=2"
        acts="compare methods k=0"
        again=yes stride=5
        ;;
    trail)
        setup="$quiet; preview"
        acts="damping 1e-2
preview
trail to=@/out.csv
trail clear"
        outputs=out.csv
        ;;
    derived) # a network made in the session: the session holds the model it begins with
        begun="load $M; generate mislabelled n=5; train model=logreg weight_decay=1e-2 tolerance=1e-2"
        setup="$quiet; commit one; forget add 3; commit two; forget add 4; save @/s"
        acts="seal head~1 receipt=@/receipt.json"
        load="open @/s" base=""
        hide=yes session=no
        ;;
    each) # one command, a commit a sample; state K is that of the first K samples
        setup="blanket all; damping 1e-3"
        acts="remove-each @/ids.1
remove-each @/ids.2
remove-each @/ids.3"
        each=yes
        ;;
    training)
        setup="$quiet"
        acts="train continue tolerance=1e-3 weight_decay=2e-2
forget add 3
commit two
train continue tolerance=1e-3
checkout root
checkout main"
        ;;
    opened) # by its name, with a copy beside it
        setup="$quiet; commit one; forget add 3"
        acts="commit two
undo
forget add 9"
        load="open @/s"
        session=no
        ;;
    gradients)
        setup="$quiet"
        acts="gradients input=@/x.npy logits=@/out.npy"
        outputs=out.npy
        ;;
    graph)
        acts="generate graph variables=3 samples=20 graphs=1 form=linear folder=@/g"
        outputs="g/x.csv g/y.csv"
        ;;
    record)
        acts="record @/out.cast
record"
        ;;
    export | bundle | safetensors | report | script | dump | plot | view | selectors)
        setup="$quiet; preview; commit one; forget add 3"
        case $1 in
        export) acts="export @/out.onnx" outputs=out.onnx ;;
        bundle)
            setup="$quiet; export @/b/; commit one"
            acts="export @/b/"
            ;;
        view)
            acts="preview
view confusion of=now to=@/out.svg"
            outputs=out.svg
            ;;
        selectors) acts="compare selectors budgets=10% draws=1 samples=1 to=@/out.svg" outputs=out.svg ;;
        safetensors) acts="export @/out.safetensors" outputs=out.safetensors ;;
        report) acts="report @/out.md" outputs=out.md ;;
        script) acts="save @/out.lethe" outputs=out.lethe ;;
        dump)
            acts="preview
dump losses to=@/out.npz"
            outputs=out.npz
            ;;
        plot)
            acts="preview
plot loss to=@/out.svg"
            outputs=out.svg
            ;;
        esac
        ;;
    *) echo "no scenario '$1'" && exit 2 ;;
    esac
}
scenarios="begin draft commit ways save trained training opened each old wasteful seal resealed audit cold tune methods derived gradients graph record trail export bundle safetensors report script dump plot view selectors"

if [ "$what" = all ] || [ "$what" = short ]; then
    jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
    list=$scenarios
    [ "$what" = short ] && list="draft ways save seal"
    for s in $list; do echo "$s"; done | WHAT=$what xargs -P "$jobs" -n 1 "$0" "$shim" || exit 1
    exit 0
fi

memory=/dev/shm # in memory where that is possible: every try syncs many times
[ -w $memory ] && top=$(mktemp -d -p $memory) || top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export HOME="$top/home" XDG_STATE_HOME="$top/state" XDG_CONFIG_HOME="$top/config"
S=$top/try/s
scenario "$what"

complain() {
    echo "FAULT $what, $how at operation $at of $count: $1"
    [ -s "$top/out" ] && sed 's/^/  out: /' "$top/out" | cut -c1-300 | tail -5
    [ -s "$top/err" ] && sed 's/^/  err: /' "$top/err" | cut -c1-300 | tail -5
    exit 1
}

# lines TEXT: with @ filled in, as one -c argument
lines() { printf '%s' "$1" | sed "s|@|$top/try|g" | tr '\n' ';'; }

# What a session is, as text without times; in $1, into $2. Fails when it does not open.
look() {
    if [ ! -e "$1/head.json" ]; then
        echo nothing >"$2"
        return 0
    fi
    rm -f "$top/script.lethe"
    "$LETHE" --no-rc --json --keep-going -c "open $1; log; branch; forget list; show; save $top/script.lethe" \
        >"$top/look" 2>"$top/look.err" </dev/null
    head -n 1 "$top/look" | grep -q '"ok":true' || return 1
    grep -v '"command":"save"' "$top/look" | sed 's/"time":"[^"]*"/T/g; s/,"notes":\[[^]]*\]//; s/"rows":.*//' >"$2"
    # what a command with several commits has begun stands in the script, wherever it ended
    [ $each = no ] && [ -e "$top/script.lethe" ] && sed "s|$top/try|@|g" "$top/script.lethe" >>"$2"
    if [ $hide = yes ]; then
        sed 's/[0-9a-f]\{64\}/H/g; s/"\(state\|after\)":"[0-9a-f]*"/"\1":H/g' "$2" >"$2.hidden"
        mv "$2.hidden" "$2"
    fi
    return 0
}

# The folder before.
make_base() {
    mkdir -p "$top/try"
    for k in 1 2 3; do
        for id in 5 8 13; do echo $id; done | head -n $k >"$top/try/ids.$k"
    done
    { # two samples of zeros
        printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 64), }"
        head -c 1024 /dev/zero
    } >"$top/try/x.npy"
    case $setup in
    none) ;;
    old)
        cp -r tests/fixtures/impossible "$S" ;;
    wasteful)
        steps=$(i=0; while [ $i -lt 450 ]; do i=$((i + 1)); printf 'undo; redo; '; done)
        "$LETHE" --no-rc --session "$S" -c "$begun; $quiet; commit one; $steps" >"$top/out" 2>"$top/err" || complain "setup" ;;
    *) "$LETHE" --no-rc $base -c "$(lines "$begun; $setup")" >"$top/out" 2>"$top/err" || complain "setup" ;;
    esac
    mv "$top/try" "$top/base"
}

fresh() { rm -rf "$top/try" && cp -r "$top/base" "$top/try"; }

# at K: the first K acts, joined to one argument; where one act makes every step, the K-th
first() {
    if [ $each = yes ]; then
        printf '%s\n' "$acts" | sed -n "$1p"
    else
        printf '%s\n' "$acts" | head -n "$1" | tr '\n' ';'
    fi
}

# The program on the session; the options of one try first.
lethe() {
    if [ $session = yes ]; then
        "$LETHE" --no-rc --session "$S" "$@" </dev/null
    else
        "$LETHE" --no-rc "$@" </dev/null
    fi
}

# The states after 0, 1, ... acts, and the files they write.
make_expected() {
    k=0
    while [ $k -le "$total" ]; do
        fresh
        if [ $k -gt 0 ] || [ $how_base = run ]; then
            lethe -c "$(lines "$load; $(first $k)")" >"$top/out" 2>"$top/err" || complain "act $k"
        fi
        look "$S" "$top/is$k" || complain "what act $k leaves does not open"
        [ -n "$other" ] && { look "$top/try/$other" "$top/other$k" || complain "the copy after act $k does not open"; }
        for f in $outputs; do
            [ -e "$top/try/$f" ] && cp "$top/try/$f" "$top/want.$(basename $f)"
        done
        k=$((k + 1))
    done
}

total=$(printf '%s' "$acts" | grep -c '')
tried=$acts
[ $each = yes ] && tried=$(first "$total")
how=none at=0 count=0
# where there is no session yet, even loading is an act
how_base=look
make_base
make_expected
if [ "$setup" = none ]; then
    [ -z "$other" ] && { fresh; "$LETHE" --no-rc --session "$S" -c "$load" >/dev/null 2>&1; look "$S" "$top/is"; grep '"command":"log"' "$top/is" >"$top/loaded"; }
fi

attempt() {
    fresh
    for f in $outputs; do mkdir -p "$top/try/$(dirname $f)" && echo old >"$top/try/$f"; done
    (
        export FAULT_UNDER="$top/try" FAULT_AT=$at FAULT_HOW=$how FAULT_COUNT="$top/count" LD_PRELOAD="$shim"
        lethe --json -c "$(lines "$load; $tried")" >"$top/out" 2>"$top/err"
    )
    status=$?
}

# Which of the states $3 .. $4 is this? -1: none of them.
which_state() {
    found=-1 k=$3
    while [ $k -le "$4" ] && [ $k -le "$total" ]; do
        cmp -s "$1" "$2$k" && found=$k && break
        k=$((k + 1))
    done
}

judge() {
    acked=$(grep -c '"ok":true' "$top/out")
    loads=$(printf '%s' "$load" | tr ';' '\n' | grep -c '')
    acked=$((acked - loads))
    [ $acked -lt 0 ] && acked=0
    [ "$how" = short ] && [ $status -ne 0 ] && complain "a short write is no failure"
    case $how in kill | half) [ $status -eq 137 ] || [ $status -eq 0 ] || complain "exit $status" ;;
    *) [ $status -gt 128 ] && complain "died: $status" ;; esac
    most=$((acked + 1))
    if [ $each = yes ]; then
        acked=$((acked * total))
        most=$total
    elif [ "$how" = eio ] || [ "$how" = full ]; then # what failed has not happened, unless it is said
        grep -q 'is sealed, but\|is in place, but' "$top/err" || most=$acked
    fi
    look "$S" "$top/is" || { cp "$top/look.err" "$top/err"; complain "does not open"; }
    if [ "$setup" = none ] && [ -z "$other" ]; then
        grep '"command":"log"' "$top/is" | cmp -s - "$top/loaded" || grep -qx nothing "$top/is" || complain "neither nothing nor a new session"
        return
    fi
    if [ -z "$other" ] || [ "$setup" != none ]; then
        which_state "$top/is" "$top/is" 0 "$total"
        [ $found -ge 0 ] || { cp "$top/is" "$top/out"; complain "a state that no command leaves"; }
        after=$found
        which_state "$top/is" "$top/is" "$acked" "$most"
        [ $found -ge 0 ] || complain "$acked acts were acknowledged, what opens is after $after"
    fi
    if [ -n "$other" ]; then
        look "$top/try/$other" "$top/copy" || { cp "$top/look.err" "$top/err"; complain "the copy does not open"; }
        which_state "$top/copy" "$top/other" "$acked" "$most"
        [ $found -ge 0 ] || complain "a copy that is not the one after $acked acts"
    fi
    judge_outputs
    case $what in seal | resealed | derived) judge_seal ;; bundle) judge_bundle ;; esac
    [ $again = yes ] && judge_again
    [ -e "$S/head.json" ] || return
    [ -z "$(find "$S" -name '*.tmp')" ] || complain "a temporary file is left"
    "$LETHE" --no-rc -c "open $S; branch zz" >"$top/out" 2>"$top/err" && "$LETHE" --no-rc -c "open $S; checkout zz" >"$top/out" 2>"$top/err" ||
        complain "cannot be written to any more"
}

# Old or new, nothing between; nothing temporary where the program lived on.
judge_outputs() {
    for f in $outputs; do
        want=$top/want.$(basename $f)
        case $f in
        out.csv) # times are in it
            [ "$(cat "$top/try/$f")" = old ] || [ "$(wc -l <"$top/try/$f")" = "$(wc -l <"$want")" ] || complain "'$f' is neither old nor new" ;;
        *.md | *.npz) [ "$(cat "$top/try/$f" 2>/dev/null | head -c 4)" = "old" ] || [ "$(stat -c %s "$top/try/$f")" = "$(stat -c %s "$want")" ] || complain "'$f' is neither old nor new" ;;
        *.lethe) ;;
        *) [ "$(cat "$top/try/$f" | head -c 4 | tr -d '\0')" = "old" ] || cmp -s "$top/try/$f" "$want" || complain "'$f' is neither old nor new" ;;
        esac
    done
    case $how in kill | half | dead) return ;; esac
    [ -z "$(find "$top/try" -maxdepth 1 -name '.lethe-*')" ] || complain "left: $(find "$top/try" -maxdepth 1 -name '.lethe-*')"
}

# What the bundle @/b/ says, into $1; fails when it does not load.
look_bundle() {
    "$LETHE" --no-rc --json -c "load $top/try/b/; evaluate" >"$top/look" 2>"$top/look.err" </dev/null &&
        sed "s/\"time\":[^,}]*//g" "$top/look" >"$1"
}

# The old model with its samples or the new one with its own; a program that died may leave none.
judge_bundle() {
    if look_bundle "$top/bundle"; then
        cmp -s "$top/bundle" "$top/bundle0" || cmp -s "$top/bundle" "$top/bundle1" ||
            complain "a bundle that is neither the old one nor the new one"
    else
        case $how in kill | half | dead) ;; *)
            grep -q "is not complete, export it again" "$top/err" || complain "no bundle is left" ;;
        esac
        grep -qi "'.*/b/bundle.json': no such file" "$top/look.err" || { cp "$top/look.err" "$top/err"; complain "the bundle does not say what is missing"; }
    fi
    case $how in kill | half | dead) return ;; esac
    [ -z "$(find "$top/try/b" -name '.lethe-*')" ] || grep -q "cannot remove" "$top/err" || complain "left: $(find "$top/try/b" -name '.lethe-*')"
}

# The same acts once more answer as if nothing had been, whatever was kept when it went wrong.
answer() { lethe --json -c "$(lines "$load; $tried")" 2>"$top/err" | tail -n "$total" | sed 's/"[a-z_]*\(time\|seconds\)[a-z_]*":[^,}]*//g'; }
judge_again() {
    answer >"$top/answer"
    cmp -s "$top/answer" "$top/answered" || { cp "$top/answer" "$top/out"; complain "the same command answers something else"; }
}

# A sealed session has its receipt, and what the receipt says holds or is said not to.
judge_seal() {
    sealed=$(sed -n 's/.*"forgotten":[[:space:]]*\([0-9]*\).*/\1/p' "$top/try/receipt.json" 2>/dev/null | head -1)
    if [ $found -ge 1 ]; then
        [ -n "$sealed" ] || complain "sealed, and the receipt is lost"
        "$LETHE" --no-rc -c "open $S; seal verify $top/try/receipt.json" >"$top/out" 2>"$top/err" ||
            grep -q 'still there' "$top/err" || complain "the receipt does not hold"
        [ $acked -ge 1 ] && grep -q 'still there' "$top/err" && complain "acknowledged, and something of the past is left"
    elif [ "$how" = eio ] || [ "$how" = full ]; then
        [ -e "$top/try/receipt.json" ] && complain "nothing was sealed, and a receipt is there"
    fi
    return 0
}

if [ "$what" = bundle ]; then
    fresh
    look_bundle "$top/bundle0" || complain "the bundle before"
    lethe -c "$(lines "$load; $acts")" >"$top/out" 2>"$top/err"
    look_bundle "$top/bundle1" || complain "the bundle after"
    cmp -s "$top/bundle0" "$top/bundle1" && complain "both bundles are the same"
fi
if [ $again = yes ]; then
    fresh
    answer >"$top/answered"
fi

at=0 how=kill
attempt
[ $status -eq 0 ] || complain "without a fault: exit $status"
count=$(cat "$top/count")
tries=0
for how in ${3:-$ways}; do
    at=1 step=${STRIDE:-$stride}
    [ "${WHAT:-}" = short ] && [ "$how" != kill ] && continue
    [ "${WHAT:-}" = short ] && step=6
    while [ $at -le "$count" ]; do
        [ -n "${4:-}" ] && at=$4
        attempt
        judge
        tries=$((tries + 1))
        [ -n "${4:-}" ] && break
        at=$((at + step))
    done
done
echo "faults: $what: $count operations, $tries tries held"
