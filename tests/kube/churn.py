"""churn.py SEED ROUND [--status]: Services and EndpointSlices as JSON for kubectl apply, everything about them by chance.

The first round has all objects, each later one those that are to change. With --status those Services that have a balancer
are told with what its controller would write. One seed makes the same objects wherever it runs."""
import json
import random
import sys

SERVICES = 40
NODES = ["n1", "n2", "n3", None]
ZONES = ["z1", "z2"]
# Of the API, where all addresses and numbers are this Service's alone: what becomes of conflicts is no rule.
RANGES = {4: ["192.168.0.0/24", "203.0.113.0/24", "10.1.0.0/16", "192.0.2.77/32", "0.0.0.0/0"],
          6: ["fd00:c0::/64", "2001:db8:1::/48", "fd01::/16", "2001:db8:2::77/128", "::/0"]}


def maybe(rng, share):
    return rng.random() < share


def changed_in(seed, i, kind, number):
    """Whether that object is another one in that round."""
    return number == 1 or maybe(random.Random("%s %s %s %s" % (seed, kind, i, number)), 0.35)


def rng_of(seed, i, kind, number):
    """The chance of the last round that it changed in."""
    while not changed_in(seed, i, kind, number):
        number -= 1
    return random.Random("of %s %s %s %s" % (seed, kind, i, number))


class Service:
    def __init__(self, seed, i, number):
        # What cannot change is by the seed alone.
        fixed = random.Random("fixed %s %s" % (seed, i))
        rng = rng_of(seed, i, "service", number)
        self.rng, self.i, self.name = rng, i, "s%d" % i
        first = fixed.choice([4, 4, 6])
        self.families = [first] + ([10 - first] if maybe(rng, 0.5) else [])
        self.type = rng.choice(["ClusterIP", "NodePort", "NodePort", "LoadBalancer", "LoadBalancer"])
        self.ports = [fixed.choice(["TCP", "UDP", "SCTP"]), fixed.choice(["TCP", "UDP"])][:fixed.choice([1, 2])]
        self.names = ["a", "b"] if len(self.ports) > 1 else [fixed.choice(["", "a"])]

    def address(self, kind, family):
        """Its own of each kind; a ClusterIP has to be of the ServiceCIDR."""
        if family == 6:
            return {"cluster": "fd00:96::1%02x", "lb": "fd00:30:2::%x", "lb2": "fd00:30:3::%x",
                    "ext": "fd00:30:4::%x"}[kind] % (self.i + 1)
        return {"cluster": "10.96.1.%d", "lb": "172.30.2.%d", "lb2": "172.30.3.%d",
                "ext": "172.30.4.%d"}[kind] % (self.i + 1)

    def spec(self):
        rng = self.rng
        ips = [self.address("cluster", f) for f in self.families]
        spec = {"type": self.type, "clusterIP": ips[0], "clusterIPs": ips,
                "ipFamilies": ["IPv%d" % f for f in self.families],
                "ipFamilyPolicy": "RequireDualStack" if len(ips) > 1 else "SingleStack",
                "internalTrafficPolicy": rng.choice(["Cluster", "Cluster", "Local"]),
                "sessionAffinity": "None"}
        node_ports = self.type != "ClusterIP"
        if self.type == "LoadBalancer":
            spec["allocateLoadBalancerNodePorts"] = maybe(rng, 0.7)
            node_ports = spec["allocateLoadBalancerNodePorts"]
            if maybe(rng, 0.4):
                spec["loadBalancerSourceRanges"] = [rng.choice(RANGES[f]) for f in (4, 6) for _ in range(rng.choice([0, 1, 2]))]
        spec["ports"] = [{"name": name, "protocol": proto, "port": 80 + k, "targetPort": 8080 + k,
                          **({"nodePort": 31000 + 2 * self.i + k} if node_ports else {})}
                         for k, (name, proto) in enumerate(zip(self.names, self.ports))]
        if maybe(rng, 0.3):
            spec["externalIPs"] = [self.address("ext", f) for f in (4, 6)]
        if self.type != "ClusterIP" or "externalIPs" in spec:
            spec["externalTrafficPolicy"] = rng.choice(["Cluster", "Local"])
            if self.type == "LoadBalancer" and spec["externalTrafficPolicy"] == "Local":
                spec["healthCheckNodePort"] = 32100 + self.i
        if maybe(rng, 0.25):
            spec["sessionAffinity"] = "ClientIP"
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": rng.choice([1, 10800, 86400])}}
        return spec

    def object(self):
        labels = {"service.kubernetes.io/service-proxy-name": "other"} if maybe(self.rng, 0.06) else {}
        if maybe(self.rng, 0.06):
            labels["service.kubernetes.io/headless"] = ""
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": self.name, "namespace": "default", "labels": labels},
                "spec": self.spec()}

    def status(self):
        rng = random.Random("status %s" % self.rng.random())
        ingress = [{"ip": self.address(kind, f), "ipMode": rng.choice(["VIP", "VIP", "Proxy"])}
                   for kind in ("lb", "lb2") for f in (4, 6) if maybe(rng, 0.6)]
        if maybe(rng, 0.1):
            ingress.append({"hostname": "lb.klb.test"})
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": self.name, "namespace": "default"},
                "status": {"loadBalancer": {"ingress": ingress}}}


def endpoint(rng, family, last, hints):
    """Of one address there is one state, also where two slices have it: which of two is right is no rule."""
    node = rng.choice(NODES)
    subnet = int(node[1]) if node else 4
    e = {"addresses": [("10.244.%d.%d" if family == 4 else "fd00:244:%d::%d") % (subnet, last)]}
    if node:
        e["nodeName"] = node
    state = rng.choice(["ready"] * 4 + ["unready", "going", "going", "gone", "published", "nil"])
    if state != "nil":
        e["conditions"] = {"ready": state in ("ready", "published"),
                           "serving": state in ("ready", "going", "published"),
                           "terminating": state in ("going", "gone", "published")}
    if hints and maybe(rng, 0.9):
        e["hints"] = {}
        if hints != "nodes":
            e["hints"]["forZones"] = [{"name": z} for z in rng.sample(ZONES, rng.choice([1, 1, 2]))]
        if hints != "zones":
            e["hints"]["forNodes"] = [{"name": rng.choice(["n1", "n1", "n2"])}]
    return e


def slices(seed, i, number):
    """Two of each family for a Service, which share endpoints at times."""
    rng = rng_of(seed, i, "slices", number)
    svc = Service(seed, i, number)
    for family in (4, 6):
        hints = rng.choice([None, None, "zones", "nodes", "both"])
        pool = [endpoint(rng, family, 2 + k, hints) for k in range(rng.choice([0, 1, 2, 4, 6]))]
        for k in (0, 1):
            labels = {"kubernetes.io/service-name": svc.name, "endpointslice.kubernetes.io/managed-by": "klb.test"}
            if maybe(rng, 0.08):
                labels["service.kubernetes.io/headless"] = ""
            ports = [{"name": name, "protocol": proto, "port": 8080 + n + 10 * maybe(rng, 0.1)}
                     for n, (name, proto) in enumerate(zip(svc.names, svc.ports)) if maybe(rng, 0.95)]
            yield {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                   "metadata": {"name": "%s-%d-%d" % (svc.name, family, k), "namespace": "default", "labels": labels},
                   "addressType": "IPv%d" % family, "ports": ports,
                   "endpoints": [e for e in pool if maybe(rng, 0.6)]}


def main(seed, number, status):
    items = []
    for i in range(SERVICES):
        svc = Service(seed, i, number)
        if status:
            if svc.type == "LoadBalancer" and changed_in(seed, i, "service", number):
                svc.object()
                items.append(svc.status())
            continue
        if changed_in(seed, i, "service", number):
            items.append(svc.object())
        if changed_in(seed, i, "slices", number):
            items.extend(slices(seed, i, number))
    json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout)


main(sys.argv[1], int(sys.argv[2]), "--status" in sys.argv)
