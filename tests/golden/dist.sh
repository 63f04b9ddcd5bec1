# The source archive holds the sources, unpacks to a tree that make takes without git, and is the
# same from there. The package is made in tests/package.sh.
. tests/support/golden.sh
unset MAKEFLAGS MFLAGS MAKEOVERRIDES # what the suite itself was made with
BUILD=$dir VERSION=9.9 .ci/dist >"$dir/out" || fail "no archive"
tar -C "$dir" -xzf "$dir/lethe-9.9.tar.gz" || fail "the archive does not unpack"
for f in Makefile .ci/setup LICENSE README.md src/nn/graph.c include/lethe/nn.h ui/main.c tests/run.sh sample_models/digits-mlp/bundle.json; do
    cmp -s "$f" "$dir/lethe-9.9/$f" || fail "the archive lacks $f"
done
[ -e "$dir/lethe-9.9/build" ] && fail "the archive holds a build"
mkdir "$dir/again"
(cd "$dir/lethe-9.9" && GIT_DIR=/nowhere make -n BUILD=build build/lethe >/dev/null 2>"$dir/err") || fail "make does not take it"
(cd "$dir/lethe-9.9" && GIT_CEILING_DIRECTORIES="$dir" BUILD="build" VERSION=9.9 .ci/dist >/dev/null) || fail "no archive without git"
cmp -s "$dir/lethe-9.9.tar.gz" "$dir/lethe-9.9/build/lethe-9.9.tar.gz" || fail "another archive without git"
exit 0
