"""rig.py DIR PROXY NODES: what `run` has in its own namespaces: a bridge with a tap for each node, the control plane,
the nodes (guests of tests/vm/run) and the suite, whose findings it prints. DIR gets all logs. The rest is in the
environment: KUBE_BIN, SUITE_BIN, IMAGES, FOCUS, SKIP, PROCS, KERNEL, MEM, SMP, LIMIT, KEEP."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "kube"))
sys.path.insert(0, HERE)
from plane import HOST, Plane  # noqa: E402
from program import Failed  # noqa: E402
import verdict  # noqa: E402

NODE_READY = 300  # seconds; a minute where nothing else runs
NODE_ENDS = 60


def say(text):
    print("# %4d s  %s" % (time.monotonic() - BEGIN, text), flush=True)


def network(nodes):
    """The host is the nodes' router to each other's pods, too, and to nowhere else."""
    lines = ["link set lo up", "link add br0 type bridge", "addr add %s/24 dev br0" % HOST, "link set br0 up"]
    for i in range(1, nodes + 1):
        lines += ["tuntap add tap%d mode tap" % i, "link set tap%d master br0 up" % i,
                  "route add 10.244.%d.0/24 via 10.0.2.1%d" % (i, i)]
    subprocess.run(["ip", "-b", "-"], input="\n".join(lines).encode(), check=True)


def wait_for(seconds, what, done):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Failed("in vain, for %d s: %s" % (seconds, what))
        time.sleep(0.5)


def is_ready(node):
    """The controller takes the taint away a moment later."""
    return not node["spec"].get("taints") and any(
        c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))


class Node:
    def __init__(self, number, directory, proxy):
        self.name, self.number, self.proxy = "n%d" % number, number, proxy
        self.directory = os.path.join(directory, self.name)
        self.process = None

    def file(self, name, text=None):
        path = os.path.join(self.directory, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
        return path

    def start(self, nodes, kubelet_conf, proxy_conf):
        os.makedirs(self.directory)
        self.file("kubelet.conf", kubelet_conf)
        self.file("proxy.conf", proxy_conf)
        self.file("settings", "NODES=%d BIN=%s KUBE_BIN=%s IMAGES=%s\n" % (
            nodes, os.environ["SUITE_BIN"], os.environ["KUBE_BIN"], os.environ["IMAGES"]))
        argv = [os.path.join(ROOT, "tests/vm/run"), "--kernel", os.environ["KERNEL"], "--mem", os.environ["MEM"],
                "--smp", os.environ["SMP"],
                "--timeout", "20000", "--console", self.file("console"), "--tap",
                "tap%d,52:54:00:00:00:%02x" % (self.number, self.number), "--",
                os.path.join(HERE, "node"), str(self.number)]
        env = dict(os.environ, KLB_OUT=self.directory, KLB_PROXY=self.proxy, KLB_GUESTS="0")
        with open(self.file("guest.log"), "wb") as log:
            self.process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def check(self):
        if self.process.poll() is not None:
            raise Failed("%s ended with status %d, see %s" % (
                self.name, self.process.returncode, self.file("guest.log")))

    def booted(self):
        self.check()
        return os.path.exists(self.file("ready"))

    def end(self):
        """Whether the guest ended as it should, and its kernel has nothing to complain about."""
        self.file("stop", "")
        try:
            return self.process.wait(NODE_ENDS) == 0
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
            return False


class Rig:
    def __init__(self, directory, proxy, nodes):
        self.directory, self.proxy = directory, proxy
        self.private = tempfile.mkdtemp(prefix="klb-suite.")
        self.plane = Plane(os.environ["KUBE_BIN"], os.environ["SUITE_BIN"], self.private, directory)
        self.nodes = [Node(i, directory, proxy) for i in range(1, nodes + 1)]

    def shared(self, name):
        return os.path.join(self.directory, name)

    def kubectl(self, *argv):
        return self.plane.tool("kubectl", "--kubeconfig=" + self.plane.admin(), *argv)

    def applied(self, path):
        try:
            self.kubectl("apply", "-f", path)
            return True
        except Failed:
            return False

    def proxy_conf(self):
        """klb's has the rights that deploy/ says and no more."""
        if self.proxy == "klb":
            return self.plane.token("lbagent", "lbagent")
        with open(self.shared("guest.conf")) as f:
            return f.read()

    def up(self):
        network(len(self.nodes))
        self.plane.up()
        say("the control plane is up")
        wait_for(30, "deploy/rbac.yaml", lambda: self.applied(os.path.join(ROOT, "deploy/rbac.yaml")))
        self.plane.create([self.plane.node(n.number) for n in self.nodes] + self.plane.dns())
        proxy_conf = self.proxy_conf()
        with open(self.shared("guest.conf")) as f:
            kubelet_conf = f.read()
        for node in self.nodes:
            node.start(len(self.nodes), kubelet_conf, proxy_conf)
        for node in self.nodes:
            wait_for(NODE_READY, "boot of " + node.name, node.booted)
        say("the nodes have booted")
        wait_for(NODE_READY, "Ready of all nodes", self.ready)
        say("the nodes are Ready")

    def ready(self):
        self.plane.check()
        for node in self.nodes:
            node.check()
        items = json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"]
        return all(is_ready(i) for i in items)

    def suite(self, report, procs, focus, skips):
        """The suite's own status says nothing that its report does not."""
        binary = os.environ["SUITE_BIN"]
        argv = [os.path.join(binary, "ginkgo"), "-procs=" + procs, "--no-color",
                "--timeout=" + os.environ["LIMIT"], "--focus=" + focus,
                "--junit-report=" + report, "--output-dir=" + self.directory]
        argv += ["--skip=" + skip for skip in skips if skip]
        argv += [os.path.join(binary, "e2e.test"), "--", "--provider=skeleton", "--num-nodes=%d" % len(self.nodes),
                 "--allowed-not-ready-nodes=0", "--kubeconfig=" + self.plane.admin()]
        env = dict(os.environ, KUBECONFIG=self.plane.admin(), PATH=os.environ["KUBE_BIN"] + ":" + os.environ["PATH"])
        with open(self.shared("suite.log"), "ab") as log:
            subprocess.run(argv, cwd=self.private, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           check=False)

    def down(self):
        ended = [(n.name, n.end()) for n in self.nodes if n.process]
        self.plane.stop()
        shutil.rmtree(self.private, ignore_errors=True)
        return ended


def wanted(name):
    skip = os.environ["SKIP"]
    return re.search(os.environ["FOCUS"], name) and not (skip and re.search(skip, name))


def run_tests(rig, known, findings):
    """All but those that must have the nodes to themselves, then these, one by one."""
    first, second = rig.shared("junit.xml"), rig.shared("alone.xml")
    rig.suite("junit.xml", os.environ["PROCS"], os.environ["FOCUS"],
              [os.environ["SKIP"], known.pattern("skip"), known.pattern("alone")])
    alone = [name for kind, name, _ in verdict.cases(first)
             if kind == "It" and wanted(name) and known.find(name, ("alone",))]
    findings.of_report(first, lambda name: wanted(name) and name not in alone, known)
    if alone:
        rig.suite("alone.xml", "1", "|".join(re.escape(name) for name in alone), [])
        findings.of_report(second, lambda name: name in alone, known)
    say("the suite has ended")


def main(directory, proxy, nodes):
    known = verdict.Known(os.path.join(HERE, "known"), proxy)
    rig = Rig(directory, proxy, nodes)
    findings = verdict.Findings()
    try:
        rig.up()
        if os.environ.get("KEEP"):
            say("KUBECONFIG=%s; ends with a file %s" % (rig.plane.admin(), rig.shared("stop")))
            wait_for(10 ** 6, "stop", lambda: os.path.exists(rig.shared("stop")))
        else:
            run_tests(rig, known, findings)
    except (Failed, OSError, subprocess.CalledProcessError) as e:
        findings.bad("the rig", str(e))
    for name, well in rig.down():
        if not well:
            findings.bad("the kernel of %s" % name, "see %s" % rig.shared(name + "/guest.log"))
    return findings.close()


BEGIN = time.monotonic()
sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
