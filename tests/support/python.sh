# Which Python runs a check: the first that has the modules asked for. Sourced.
# python_with MODULE...      sets $python; fails, and leaves it empty, where none has them
# python_or_skip MODULE...   the same, and ends the script as skipped where none has them
python_with() {
    for python in python3 /usr/bin/python3; do
        # the program itself: what starts it may take longer than the check
        python=$("$python" -c "import $(echo sys "$@" | sed 's/ /, /g'); print(sys.executable)" 2>/dev/null) && [ -n "$python" ] && return 0
    done
    python=
    return 1
}
python_or_skip() {
    python_with "$@" && return 0
    packages=python3
    [ $# -eq 0 ] || packages=$(printf 'python3-%s ' "$@")
    echo "needs Python${1:+ with} $* (apt-get install ${packages% })"
    exit 77
}
