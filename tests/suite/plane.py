"""The control plane of real nodes: all controllers, a scheduler, and DNS, in the network namespace of the rig."""
import os
import urllib.request

from cluster import Cluster
from program import Failed, Program

HOST = "10.0.2.2"  # of the rig, as the certificates of tests/kube have it
DNS = "10.96.0.10"
SERVICES = "10.96.0.0/16"
DNS_READY = "127.0.0.1:8181"

COREFILE = """.:53 {
    bind %s
    ready %s
    kubernetes cluster.local in-addr.arpa {
        kubeconfig %s klb
        pods insecure
        ttl 5
    }
    errors
}
"""


def dns_is_ready():
    with urllib.request.urlopen("http://%s/ready" % DNS_READY, timeout=5) as answer:
        return answer.status == 200


class Plane(Cluster):
    admission = []

    def __init__(self, kube_bin, suite_bin, private, shared):
        super().__init__(kube_bin, private, shared)
        self.suite_bin = suite_bin
        self.controllers = [
            "--controllers=*", "--root-ca-file=" + self.path("ca.crt"),
            "--service-account-private-key-file=" + self.path("sa.key")]

    def admin(self):
        return os.path.join(self.shared, "admin.conf")

    def describe(self, with_controllers, options):
        super().describe(with_controllers, options)
        corefile = self.path("Corefile")
        self.write(corefile, COREFILE % (HOST, DNS_READY, self.admin()))
        for name, ready, *argv in (
                ("kube-scheduler", lambda: True, "--kubeconfig=" + self.admin(), "--leader-elect=false",
                 "--secure-port=0"),
                ("coredns", dns_is_ready, "-conf", corefile)):
            self.programs[name] = Program(name, [os.path.join(self.suite_bin, name)] + argv,
                                          os.path.join(self.shared, name + ".log"), ready)

    @staticmethod
    def write(path, text):
        with open(path, "w") as f:
            f.write(text)

    def up(self):
        self.start("--controllers", "--bind-address=0.0.0.0", "--service-cluster-ip-range=" + SERVICES,
                   "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP")

    def check(self):
        """Those of which nobody knows when they are ready have ended at once if they did not like something."""
        for name, program in self.programs.items():
            if not program.running():
                raise Failed("%s ended, see %s" % (name, program.log))

    def token(self, account, user):
        """A kubeconfig for guests of a ServiceAccount in kube-system."""
        token = self.tool("kubectl", "--kubeconfig=" + self.admin(), "-n", "kube-system", "create", "token",
                          account, "--duration=24h").decode().strip()
        with open(os.path.join(self.shared, "guest.conf")) as f:
            return f.read().replace(self.credentials.tokens["admin"], token).replace("admin", user)

    def node(self, number):
        """The kubelet finds its Node made, with addresses for its pods and a zone."""
        name = "n%d" % number
        return ("/api/v1/nodes", {
            "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": "z%d" % number,
                                                  "kubernetes.io/hostname": name}},
            "spec": {"podCIDR": "10.244.%d.0/24" % number, "podCIDRs": ["10.244.%d.0/24" % number]}})

    def dns(self):
        """The Service that pods ask. Its endpoint is outside of the cluster, and here."""
        ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
        where = "/namespaces/kube-system/"
        return [("/api/v1" + where + "services", {
                    "metadata": {"name": "kube-dns"}, "spec": {"clusterIP": DNS, "ports": ports}}),
                ("/apis/discovery.k8s.io/v1" + where + "endpointslices", {
                    "metadata": {"name": "kube-dns-host", "labels": {
                        "kubernetes.io/service-name": "kube-dns",
                        "endpointslice.kubernetes.io/managed-by": "klb-tests"}},
                    "addressType": "IPv4", "ports": ports, "endpoints": [{"addresses": [HOST]}]})]
