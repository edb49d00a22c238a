"""Requests in the files of a directory, which a guest shares with its host over 9p.

A client writes ID.req, the words of the request, each ended by a NUL, and then an EOT; before that
ID.in, if it has an input. The answer is ID.out and ID.err, and then ID.rc with the exit status.
A client polls for that; a guest sees no inotify."""
import os
import subprocess
import threading
import time
import uuid

END = b"\0\x04"
POLL = 0.02  # seconds
KEPT = 1800  # seconds that an answer is kept; longer than any takes


def full(path):
    """The content of a request that is complete, or None."""
    try:
        text = content(path)
    except OSError:
        return None
    return text[:-len(END)] if text.endswith(END) else None


def put(path, content):
    with open(path + ".tmp", "wb") as f:
        f.write(content)
    os.rename(path + ".tmp", path)


class Request:
    """What somebody wants, and the place for the answer."""

    def __init__(self, path, words):
        self.path, self.words = path, words

    def input(self):
        """A file to read from, and the caller closes."""
        try:
            return open(self.path + ".in", "rb")
        except OSError:
            return open(os.devnull, "rb")

    def answer(self, status, out=b"", err=b""):
        put(self.path + ".out", out)
        put(self.path + ".err", err)
        put(self.path + ".rc", b"%d\n" % status)

    def run(self, argv, seconds):
        """Lets a program answer, in a thread that lasts as long as the program."""
        threading.Thread(target=self.run_now, args=(argv, seconds), daemon=True).start()

    def run_now(self, argv, seconds):
        status = 124
        with self.input() as source, open(self.path + ".out", "wb") as out, \
                open(self.path + ".err", "wb") as err:
            try:
                status = subprocess.run(["setpriv", "--pdeathsig", "KILL", "--"] + argv, stdin=source,
                                        stdout=out, stderr=err, check=False,
                                        timeout=seconds).returncode
            except subprocess.TimeoutExpired:
                err.write(b"plane: killed after %d s\n" % seconds)
        put(self.path + ".rc", b"%d\n" % status)


class Desk:
    """The host's side."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        # What is older was asked of somebody who is dead. File systems have a clock of their own.
        self.began = time.time() - 1
        self.swept = self.began

    def requests(self):
        """Those that are complete; each is told once."""
        found = []
        for name in os.listdir(self.directory):
            path = os.path.join(self.directory, name)
            words = full(path) if name.endswith(".req") else None
            if words is None:
                continue
            old = os.stat(path).st_mtime < self.began
            os.unlink(path)
            if not old:
                found.append(Request(path[:-4], [os.fsdecode(w) for w in words.split(b"\0")]))
        self.sweep()
        return found

    def sweep(self):
        now = time.time()
        if now < self.swept + KEPT:
            return
        self.swept = now
        for entry in os.scandir(self.directory):
            if entry.stat().st_mtime < now - KEPT:
                os.unlink(entry.path)


def ask(directory, words, source, alive):
    """The client's side: status, output, errors; None when nobody answers any more, which ALIVE
    tells. SOURCE is bytes or None."""
    path = os.path.join(directory, uuid.uuid4().hex)
    try:
        if source is not None:
            put(path + ".in", source)
        put(path + ".req", b"\0".join(map(os.fsencode, words)) + END)
        while not os.path.exists(path + ".rc"):
            if not alive():
                return None
            time.sleep(POLL)
        return int(content(path + ".rc")), content(path + ".out"), content(path + ".err")
    except FileNotFoundError:
        return None


def content(path):
    with open(path, "rb") as f:
        return f.read()
