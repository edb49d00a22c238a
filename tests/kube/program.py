"""A program that runs in the background until it is told to end, or whoever started it is gone."""
import signal
import subprocess
import time


class Failed(Exception):
    """Its text is one sentence for whoever asked."""


class Program:
    """READY is called without arguments until it is true. It may raise OSError. The program is
    killed when the thread that called start() ends, so that only a thread that lasts may."""

    def __init__(self, name, argv, log, ready):
        self.name, self.argv, self.log, self.ready = name, argv, log, ready
        self.process = None
        self.paused = False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def state(self):
        if not self.running():
            return "down"
        return "paused" if self.paused else "up"

    def start(self, seconds):
        """Returns when it is ready, and fails when it is not after so many seconds."""
        if self.running():
            raise Failed("%s runs already" % self.name)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--"] + self.argv, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        self.paused = False
        self.wait_ready(time.monotonic() + seconds)

    def wait_ready(self, end):
        while not self.is_ready():
            if not self.running():
                raise Failed("%s ended, see %s" % (self.name, self.log))
            if time.monotonic() > end:
                raise Failed("%s is not ready in time, see %s" % (self.name, self.log))
            time.sleep(0.05)

    def is_ready(self):
        try:
            return self.ready()
        except OSError:
            return False

    def kill(self, number=signal.SIGKILL, seconds=90):
        """Returns when it is gone. On SIGTERM kube-apiserver takes a minute."""
        if not self.running():
            return
        self.process.send_signal(number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed("%s does not end" % self.name) from None

    def pause(self, pause):
        if not self.running():
            raise Failed("%s does not run" % self.name)
        self.process.send_signal(signal.SIGSTOP if pause else signal.SIGCONT)
        self.paused = pause
