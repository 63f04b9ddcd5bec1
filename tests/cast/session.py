"""A session at a terminal of its own is recorded, the file is read by a reader of its own that knows
nothing of the program's, and played again. usage: session.py LETHE FOLDER"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time

LETHE, FOLDER = sys.argv[1:3]
CAST = os.path.join(FOLDER, "a.cast")


def begin(arguments, rows, cols):
    """The program at a terminal of this size."""
    pid, terminal = pty.fork()
    if pid == 0:
        time.sleep(0.1)  # until it has its size
        home = tempfile.mkdtemp(dir=FOLDER)  # no session is resumed
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=home,
                          XDG_STATE_HOME=home, XDG_CONFIG_HOME=home)
        os.environ.pop("NO_COLOR", None)
        os.execv(LETHE, [LETHE, "--no-rc"] + arguments)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    return pid, terminal


def talk(arguments, turns, rows=24, cols=80, patience=60):
    """Types the second of each pair once the first has been seen behind the turn before; returns all
    that was shown, the exit status and the seconds it took."""
    pid, terminal = begin(arguments, rows, cols)
    shown, seen, began = b"", 0, time.time()
    turns = list(turns)
    while time.time() - began < patience:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        if turns and turns[0][0] in shown[seen:]:
            if not turns[0][0]:
                time.sleep(0.3)  # for a frame of the full screen, whose words come in pieces
            seen = len(shown)
            os.write(terminal, turns.pop(0)[1])
    else:
        os.kill(pid, signal.SIGKILL)
        sys.exit("never came: %r in\n%s" % (turns[:1], shown.decode("utf-8", "replace")))
    return shown, os.waitpid(pid, 0)[1], time.time() - began


def read(path):
    """Head and events, by the words of the format's description."""
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    assert lines.pop() == "", "the last line has no end"
    head = json.loads(lines[0])
    assert head["version"] == 2 and type(head["version"]) is int
    assert type(head["width"]) is int and type(head["height"]) is int
    assert abs(head["timestamp"] - time.time()) < 3600
    events, last = [json.loads(line) for line in lines[1:]], 0
    for event in events:
        assert type(event) is list and len(event) == 3, event
        at, kind, text = event
        assert type(at) in (int, float) and at >= last and type(text) is str, event
        assert kind in ("o", "r"), event
        if kind == "o":
            check(text)
        last = at
    return head, events


ALLOWED = re.compile("\x1b\\[[0-9;]*[HKJm]|\x1b\\[\\?25[hl]|[\r\n\t\b]|[^\x00-\x1f\x7f-\x9f]")


def check(text):
    """Only characters, and codes that move, clear and colour."""
    rest = ALLOWED.sub("", text)
    assert not rest, "not to be recorded: %r in %r" % (rest, text)


def plain(events):
    return re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", "".join(e[2] for e in events if e[1] == "o"))


# at the prompt: typed lines letter by letter, answers, errors, what Tab offers
talk([], [(b"lethe> ", b"record " + CAST.encode() + b"\n"), (b"a.cast\r\n", b"load sample_models/rings\n"),
          (b"0.0003", b"forget"), (b"", b" add 57\n"), (b"lethe> ", b"show nothing\n"), (b"error", b"se\t\t"),
          (b"select  set", b"\x15record\n"), (b"events", b"quit\n"), (b"quit", b"quit\n")])
head, events = read(CAST)
assert (head["width"], head["height"]) == (80, 24), head
words = plain(events)
for wanted in ("load sample_models/rings\r\n", "parameters    202", "error: ", "seal    select  set\r\n"):
    assert wanted in words, "%r is not in\n%s" % (wanted, words)
letters = [e for e in events if e[2].endswith("lethe> load s")]
assert letters, "typing was not recorded letter by letter"
length = events[-1][0]
assert length > 0.25, length

# it plays: all of it comes, and what was shown stands below
shown, status, seconds = talk(["-c", "play %s; show seed" % CAST], [])
assert status == 0 and b"parameters" in shown and b"seed of everything" in shown, shown
assert seconds > length, "played in %.2f s what took %.2f" % (seconds, length)
_, status, fast = talk(["-c", "play %s speed=1000" % CAST], [])
assert status == 0 and fast < seconds

# a key stops it, Ctrl-C too, and the terminal is as it was
slow = ["-c", "play %s speed=0.01; show seed" % CAST]
for key in (b" ", b"\x1b[A", b"\x03"):
    shown, status, seconds = talk(slow, [(b"recording", key)])
    assert b"seed of everything" in shown and seconds < 5, (key, seconds, shown)

# a terminal that is too small, and none
shown, status, _ = talk(["-c", "play " + CAST], [], rows=20, cols=70)
assert b"80 x 24" in shown and b"70 x 20" in shown and status != 0, shown

# the full screen, recorded from its own line and by `record` before it
SCREEN = os.path.join(FOLDER, "b.cast")
lines = [b":record " + SCREEN.encode() + b"\r", b"?", b"\x1b", b":forget add 57\r", b":record\r", b":quit now\r"]
talk(["--tui", "sample_models/rings"], [(b"Layers", b"")] + [(b"", line) for line in lines], rows=30, cols=100)
head, events = read(SCREEN)
assert (head["width"], head["height"]) == (100, 30), head
words = plain(events)
for wanted in ("Layers", "Keys of the blanket pane", "(inner)"):
    assert wanted in words, "%r is not in\n%s" % (wanted, words)
shown, status, _ = talk(["--tui", "sample_models/rings"],
                        [(b"Layers", b":play " + SCREEN.encode() + b" speed=1000\r"),
                         (b"Keys of", b" "), (b"", b":quit now\r")], rows=30, cols=100)
assert status == 0, shown
