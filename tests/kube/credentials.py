"""Who may talk to the API server, and how: keys, certificates, tokens, kubeconfigs, RBAC."""
import base64
import os
import secrets
import subprocess

# The serving certificate is for the host and for a guest, who meets the host's loopback there.
HOST, GUEST = "127.0.0.1", "10.0.2.2"
NAMES = "IP:%s,IP:%s,DNS:localhost,DNS:kubernetes.default.svc" % (HOST, GUEST)

# What lbagent does, and no more.
ROLE = [
    (["", "discovery.k8s.io", "networking.k8s.io"],
     ["services", "nodes", "endpointslices", "servicecidrs"], ["get", "list", "watch"]),
    ([""], ["services/status"], ["patch", "update"]),
    (["", "events.k8s.io"], ["events"], ["create", "patch"]),
    (["coordination.k8s.io"], ["leases"], ["get", "create", "update"]),
]

# What the audit log tells: each request of lbagent, when the answer began and when it was over.
AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  users: [lbagent, "system:serviceaccount:default:lbagent"]
- level: None
"""

KUBECONFIG = """apiVersion: v1
kind: Config
current-context: klb
clusters:
- name: klb
  cluster:
    server: https://%s:%d
%s
contexts:
- name: klb
  context:
    cluster: klb
    user: %s
users:
- name: %s
  user:
%s
"""


def openssl(*argv):
    subprocess.run(["openssl"] + list(argv), check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Credentials:
    """Secrets of the server are in PRIVATE; what a guest reads is in SHARED."""

    def __init__(self, private, shared):
        self.private, self.shared = private, shared
        self.tokens = {"admin": secrets.token_hex(16), "lbagent": secrets.token_hex(16)}

    def path(self, name):
        return os.path.join(self.private, name)

    def write(self, directory, name, text):
        fd = os.open(os.path.join(directory, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as f:
            f.write(text)

    def make(self):
        self.authority("ca")
        self.authority("other-ca")  # nobody's certificate is from there
        self.certificate("apiserver", "/CN=kube-apiserver", "serverAuth", NAMES)
        self.certificate("lbagent", "/CN=lbagent", "clientAuth")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                self.path("sa.key"))
        openssl("pkey", "-in", self.path("sa.key"), "-pubout", "-out", self.path("sa.pub"))
        self.write(self.private, "tokens", "%s,admin,admin,system:masters\n%s,lbagent,lbagent\n" %
                   (self.tokens["admin"], self.tokens["lbagent"]))
        self.write(self.private, "audit.yaml", AUDIT)
        for name in ("ca.crt", "other-ca.crt", "lbagent.crt", "lbagent.key"):
            with open(self.path(name)) as f:
                self.write(self.shared, name, f.read())

    def authority(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "30", "-subj", "/CN=klb-tests-" + name, "-keyout",
                self.path(name + ".key"), "-out", self.path(name + ".crt"))

    def certificate(self, name, subject, usage, names=None):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "30", "-subj", subject, "-CA", self.path("ca.crt"), "-CAkey",
                self.path("ca.key"), "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                "extendedKeyUsage=" + usage,
                *(["-addext", "subjectAltName=" + names] if names else []),
                "-keyout", self.path(name + ".key"), "-out", self.path(name + ".crt"))

    def kubeconfigs(self, port):
        """admin.conf is for the host, guest.conf the same for a guest; lbagent.conf has all within,
        lbagent-cert.conf names files."""
        with open(self.path("ca.crt"), "rb") as f:
            ca = "    certificate-authority-data: " + base64.b64encode(f.read()).decode()
        token = {user: '    token: "%s"' % token for user, token in self.tokens.items()}
        files = "    client-certificate: lbagent.crt\n    client-key: lbagent.key"
        for name, address, authority, user, auth in (
                ("admin", HOST, ca, "admin", token["admin"]),
                ("guest", GUEST, ca, "admin", token["admin"]),
                ("lbagent", GUEST, ca, "lbagent", token["lbagent"]),
                ("lbagent-cert", GUEST, "    certificate-authority: ca.crt", "lbagent", files)):
            self.write(self.shared, name + ".conf",
                       KUBECONFIG % (address, port, authority, user, user, auth))

    def roles(self):
        """What the user and the ServiceAccount lbagent may do, as (path, object) to be created."""
        rbac = "/apis/rbac.authorization.k8s.io/v1/"
        meta = {"name": "lbagent"}
        rules = [{"apiGroups": g, "resources": r, "verbs": v} for g, r, v in ROLE]
        group = "rbac.authorization.k8s.io"
        return [(rbac + "clusterroles", {"metadata": meta, "rules": rules}),
                (rbac + "clusterrolebindings", {
                    "metadata": meta,
                    "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "lbagent"},
                    "subjects": [{"apiGroup": group, "kind": "User", "name": "lbagent"},
                                 {"kind": "ServiceAccount", "name": "lbagent",
                                  "namespace": "default"}]})]
