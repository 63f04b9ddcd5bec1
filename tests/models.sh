#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the trained networks of sample_models again, each from its recipe, and compares the held-out
# accuracy with that of the file: within 4 points (another processor or another order of a sum ends
# at other weights). Nothing is written. About ten minutes on a quiet machine.
# usage: LETHE=build/lethe tests/models.sh [NAME...]
set -eu
LETHE=${LETHE:-build/lethe}
bad=0
# accuracies: of both answers of `evaluate`, held-out samples
accuracies() {
    "$LETHE" --no-rc --json -c "load sample_models/$1; evaluate; $2; evaluate" |
        sed -n 's/.*"heldout":{"samples":[0-9]*,"correct":[0-9]*,"accuracy":\([0-9.]*\).*/\1/p' | tr '\n' ' '
}
for row in "digits-logreg:train" "faces-cnn:train model=cnn:16p-24p-32p-64" "fashion-cnn:train model=cnn:16p-32p-64" \
    fashion-vgg11:train fashion-resnet20:train fashion-mobilenet:train fashion-densenet:train \
    "people-osnet:load sample_models/osnet; head 11; train head" "clauses-text:train model=text:32x2"; do
    name=${row%%:*}
    case " $* " in *" $name "* | "  ") ;; *) continue ;; esac
    found=$(accuracies "$name" "${row#*:}")
    echo "$name $found" | awk '{ off = $2 - $3; ok = NF == 3 && off < .04 && off > -.04
        printf "%-17s file %.4f, made again %.4f: %s\n", $1, $2, $3, ok ? "as before" : "ANOTHER NETWORK"; exit !ok }' || bad=1
done
exit $bad
