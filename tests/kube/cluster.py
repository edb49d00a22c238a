"""etcd, kube-apiserver and kube-controller-manager on this machine's loopback, and what can happen
to them."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import urllib.request

from api import Api
from credentials import Credentials, GUEST
from program import Failed, Program

ETCD, APISERVER, MANAGER = "etcd", "kube-apiserver", "kube-controller-manager"
READY = 180  # seconds; it takes three where nothing else runs
CONTROLLERS = "endpointslice-controller,endpointslice-mirroring-controller,namespace-controller"


def free_port():
    """Below the range that connections get theirs from, so that it is still free after a kill."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Cluster:
    """PRIVATE is for data and secrets, SHARED for logs and what a guest may read."""

    # Pods that nobody runs have no use for tokens.
    admission = ["--disable-admission-plugins=ServiceAccount"]
    controllers = ["--controllers=" + CONTROLLERS]

    def __init__(self, bin_dir, private, shared):
        self.bin, self.private, self.shared = bin_dir, private, shared
        self.ports = {name: free_port() for name in ("etcd", "peer", "api")}
        self.programs = {}
        self.credentials = None

    def path(self, name):
        return os.path.join(self.private, name)

    def url(self, port):
        return "http://127.0.0.1:%d" % self.ports[port]

    def api(self):
        return Api(self.ports["api"], self.path("ca.crt"), self.credentials.tokens["admin"])

    def tool(self, name, *argv):
        """Runs a program of the control plane to its end and returns what it printed."""
        done = subprocess.run([os.path.join(self.bin, name)] + list(argv), capture_output=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise Failed("%s: %s" % (name, done.stderr.decode(errors="replace").strip()))
        return done.stdout

    # ---- what runs

    def program(self, name, ready, *options):
        self.programs[name] = Program(name, [os.path.join(self.bin, name)] + list(options),
                                      os.path.join(self.shared, name + ".log"), ready)

    def etcd_is_ready(self):
        with urllib.request.urlopen(self.url("etcd") + "/health", timeout=5) as answer:
            return json.load(answer)["health"] == "true"

    def api_is_ready(self):
        """Also the namespace in which tests work must be there, which comes a moment later."""
        api = self.api()
        try:
            return all(api.request("GET", path)[0] == 200
                       for path in ("/readyz", "/api/v1/namespaces/default"))
        finally:
            api.close()

    def member(self):
        peer = self.url("peer")
        return ["--name=klb", "--data-dir=" + self.path("etcd"), "--initial-cluster=klb=" + peer,
                "--initial-advertise-peer-urls=" + peer]

    def describe(self, with_controllers, options):
        p, etcd = self.path, self.url("etcd")
        self.programs = {}
        self.program(ETCD, self.etcd_is_ready, "--unsafe-no-fsync", "--log-level=warn",
                     "--listen-client-urls=" + etcd, "--advertise-client-urls=" + etcd,
                     "--listen-peer-urls=" + self.url("peer"), *self.member())
        self.program(
            APISERVER, self.api_is_ready, "--etcd-servers=" + etcd, "--bind-address=127.0.0.1",
            "--secure-port=%d" % self.ports["api"], "--advertise-address=" + GUEST,
            "--cert-dir=" + p(""), "--tls-cert-file=" + p("apiserver.crt"),
            "--tls-private-key-file=" + p("apiserver.key"), "--client-ca-file=" + p("ca.crt"),
            "--token-auth-file=" + p("tokens"), "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=" + p("sa.pub"),
            "--service-account-signing-key-file=" + p("sa.key"),
            "--service-cluster-ip-range=10.96.0.0/16,fd00:96::/112",
            *self.admission, "--audit-policy-file=" + p("audit.yaml"),
            "--audit-log-path=" + os.path.join(self.shared, "audit.log"), *options)
        if with_controllers:
            self.program(MANAGER, lambda: True, "--kubeconfig=" + os.path.join(self.shared, "admin.conf"),
                         "--leader-elect=false", "--secure-port=0", "--kube-api-qps=200",
                         "--kube-api-burst=400", *self.controllers)

    def start(self, *options):
        """A new cluster in the place of any that was."""
        self.stop()
        with_controllers = "--controllers" in options
        self.credentials = Credentials(self.private, self.shared)
        self.credentials.make()
        self.credentials.kubeconfigs(self.ports["api"])
        self.describe(with_controllers, [o for o in options if o != "--controllers"])
        for program in self.programs.values():
            program.start(READY)
        self.create(self.credentials.roles())

    def create(self, objects):
        api = self.api()
        for path, body in objects:
            status, answer = api.request("POST", path, body)
            if status != 201:
                raise Failed("%s: %d %s" % (path, status, answer.decode(errors="replace")))
        api.close()

    def stop(self):
        for program in reversed(self.programs.values()):
            program.kill()
        self.programs = {}
        shutil.rmtree(self.path("etcd"), ignore_errors=True)

    def find(self, name):
        if name not in self.programs:
            raise Failed("no program '%s' here; there are: %s" %
                         (name, " ".join(self.programs) or "none, say start first"))
        return self.programs[name]

    # ---- faults

    def kill(self, name, signame="KILL"):
        number = getattr(signal, "SIG" + signame, None)
        if number is None:
            raise Failed("no signal '%s'" % signame)
        self.find(name).kill(number)

    def restart(self, name):
        self.find(name).kill()
        self.find(name).start(READY)

    def pause(self, name):
        self.find(name).pause(True)

    def resume(self, name):
        self.find(name).pause(False)

    def status(self):
        return "".join("%s %s\n" % (name, p.state()) for name, p in self.programs.items())

    def etcdctl(self, *argv):
        return self.tool("etcdctl", "--endpoints=" + self.url("etcd"), *argv)

    def revision(self):
        status = json.loads(self.etcdctl("endpoint", "status", "--write-out=json"))
        return status[0]["Status"]["header"]["revision"]

    def compact(self):
        """Forgets all but the present; prints the version of that."""
        revision = self.revision()
        self.etcdctl("compact", str(revision))
        return "%d\n" % revision

    def snapshot(self, name):
        self.etcdctl("snapshot", "save", self.path(os.path.basename(name) + ".snapshot"))

    def restore(self, name, *options):
        """All ends and begins again from the snapshot. OPTIONS are etcdutl's: without
        --bump-revision N --mark-compacted versions go back to what they were."""
        snapshot = self.path(os.path.basename(name) + ".snapshot")
        if not os.path.exists(snapshot):
            raise Failed("there is no snapshot '%s'" % name)
        for program in reversed(self.programs.values()):
            program.kill()
        shutil.rmtree(self.path("etcd"), ignore_errors=True)
        self.tool("etcdutl", "snapshot", "restore", snapshot, *self.member(), *options)
        for program in self.programs.values():
            program.start(READY)
