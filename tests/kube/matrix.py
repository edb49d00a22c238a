"""matrix.py objects                         Services and EndpointSlices of scenarios.py as JSON, for kubectl apply
matrix.py status                          what a balancer's controller writes
matrix.py names                           the addresses of balancers that want to be asked themselves, a line each
matrix.py observe PEER FILE [FAMILY]      asks all rows, from their namespaces, and writes what was seen; by one family alone where
                                          that is quick: of what is silent a quarter is asked again
matrix.py show FILE.KLB FILE.NFTABLES...  the matrix: what these saw; a row's WHY where the first two differ
matrix.py judge DOCUMENT KLB NFTABLES     findings: a line a row

What was seen is who answered and which address that saw, `p1b@n1`, for each endpoint that did; or refused, silent, eperm (the
kernel did not let the client send), unreachable (a router said so). Addresses have names: pods, nodes and `out` their own,
brI that of node I's bridge of pods, flI that of its tunnel's device, gw the router's that is also the balancer."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scenarios import ROWS, SERVICES  # noqa: E402

FAMILIES = (4, 6)
ASKS = 16       # connections, so that each of two endpoints gets one but in 1 of 32768
NODE_PORTS = 30100

ADDRESSES = {"out": ("192.168.0.100", "fd00:c0::100"), "gw": ("192.168.0.1", "fd00:c0::1")}
for _i in "12":
    ADDRESSES["n" + _i] = ("192.168.0.1" + _i, "fd00:c0::1" + _i)
    ADDRESSES["br" + _i] = ("10.244.%s.1" % _i, "fd00:244:%s::1" % _i)
    ADDRESSES["fl" + _i] = ("10.244.%s.0" % _i, "fd00:244:%s::" % _i)
    ADDRESSES["p%sa" % _i] = ("10.244.%s.2" % _i, "fd00:244:%s::2" % _i)
    ADDRESSES["p%sb" % _i] = ("10.244.%s.3" % _i, "fd00:244:%s::3" % _i)
NAMES = {a: name for name, both in ADDRESSES.items() for a in both}
FIXED = {"lo": ("127.0.0.1", "::1"), "unknown": ("10.96.200.200", "fd00:96::c8c8")}
KINDS = {"cluster": ("10.96.0.%d", "fd00:96::%d"), "lb": ("172.30.0.%d", "fd00:30::%d"), "ext": ("172.30.1.%d", "fd00:30:1::%d")}


# ---- Services

def number(name):
    return 10 + list(SERVICES).index(name)


def address(name, frontend, family):
    """Of one of its frontends, with a port."""
    at = 0 if family == 4 else 1
    if frontend in KINDS:
        return KINDS[frontend][at] % number(name), 80
    if frontend == "port":
        return KINDS["cluster"][at] % number(name), 81
    if frontend == "unknown":
        return FIXED[frontend][at], 80
    return (FIXED.get(frontend) or ADDRESSES[frontend])[at], NODE_PORTS + number(name)


def ips(name, kind):
    return [address(name, kind, f)[0] for f in FAMILIES]


def service(name):
    spec = dict(SERVICES[name][0])
    spec.pop("ipMode", None)
    ports = [{"name": p.lower(), "protocol": p, "port": 80, "targetPort": 8080, "nodePort": NODE_PORTS + number(name)}
             for p in spec.pop("protocols", ["TCP", "UDP"])]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"type": "LoadBalancer", "ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv4", "IPv6"],
                     "clusterIP": ips(name, "cluster")[0], "clusterIPs": ips(name, "cluster"),
                     "externalIPs": ips(name, "ext"), "ports": ports, **spec}}


def status(name):
    mode = SERVICES[name][0].get("ipMode", "VIP")
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "status": {"loadBalancer": {"ingress": [{"ip": a, "ipMode": mode} for a in ips(name, "lb")]}}}


def endpoint(text, family):
    who, _, what = text.partition("/")
    ready = what not in ("dead", "leaving")
    e = {"addresses": [ADDRESSES[who][FAMILIES.index(family)]], "nodeName": "n" + who[1],
         "conditions": {"ready": ready, "serving": ready or what == "leaving", "terminating": what == "leaving"}}
    if what.startswith("z"):
        e["hints"] = {"forZones": [{"name": what}]}
    return e


def endpoint_slice(name, family):
    ports = [{"name": p["name"], "port": 8080, "protocol": p["protocol"]} for p in service(name)["spec"]["ports"]]
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "%s-%d" % (name, family), "labels": {
                "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "klb.test"}},
            "addressType": "IPv%d" % family, "ports": ports,
            "endpoints": [endpoint(e, family) for e in SERVICES[name][1].split()]}


def print_list(items):
    json.dump({"apiVersion": "v1", "kind": "List", "items": list(items)}, sys.stdout)


def objects():
    print_list([service(n) for n in SERVICES] + [endpoint_slice(n, f) for n in SERVICES for f in FAMILIES])


def names():
    for name, (spec, _) in SERVICES.items():
        if spec.get("ipMode") == "Proxy":
            print("\n".join(ips(name, "lb")))


# ---- rows

class Row:
    def __init__(self, text):
        self.text = text
        words = text.split()
        self.service, self.why = words[0], words[4] if len(words) > 4 else ""
        self.clients, self.frontends, self.protos = (w.split(",") for w in words[1:4])

    def items(self):
        """(client, frontend, protocol, family) of all that is asked."""
        return [(c, f, p, v) for c in self.clients for f in self.frontends for p in self.protos for v in FAMILIES]

    def key(self, item):
        return " ".join([self.service, *map(str, item)])


def rows():
    return [Row(line) for line in ROWS.splitlines() if line and not line.startswith("#")]


# ---- what is seen

def outcome(error):
    """What became of a connection that had no answer."""
    for word, regex in (("refused", "refused"), ("silent", "in progress|unavailable|timed out"),
                        ("eperm", "not permitted"), ("unreachable", "nreachable|No route")):
        if re.search(regex, error):
            return word
    return error.strip()


def run(argv):
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ping(client, to, patience):
    text, _ = run(["nsenter", "--net=/run/netns/" + client, "ping", "-nc1", "-W%d" % patience, to]).communicate()
    if " bytes from " in text:
        return {"answered"}
    if re.search("Port [Uu]nreachable|Port$", text, re.M):
        return {"refused"}
    return {"unreachable" if "nreachable" in text else "silent"}


def talk(peer, client, proto, to, port, patience, count, at_once):
    """COUNT connections, and what became of each until one had no answer; or so many at once, and of each."""
    argv = [peer, "ask", client, proto, to, str(port), "--timeout", str(patience), "--count", "1" if at_once else str(count)]
    seen = set()
    for p in [run(argv) for _ in range(count if at_once else 1)]:
        text, error = p.communicate()
        for line in text.splitlines():
            who, src = line.split()[:2]
            seen.add("%s@%s" % (who, NAMES.get(src, src)))
        if error:
            seen.add(outcome(error))
    return seen


def ask(peer, name, item, patience, asks, again):
    client, frontends, proto, family = item
    count = asks if len(SERVICES[name][1].split()) > 1 else 2
    seen = set()
    for frontend in frontends.split("+"):
        to, port = address(name, frontend, family)
        if proto == "ping":
            seen |= ping(client, to, patience)
        else:
            seen |= talk(peer, client, proto, to, port, patience, count, again)
    return stick(seen) if SERVICES[name][0].get("sessionAffinity") else " ".join(sorted(seen))


def stick(seen):
    """Which endpoint it is is chance; whether it is one is not."""
    who = {s.partition("@")[0] for s in seen if "@" in s}
    if not who:
        return " ".join(sorted(seen))
    return " ".join(sorted({("one@" if len(who) == 1 else "many@") + s.partition("@")[2] if "@" in s else s for s in seen}))


def observe(peer, path, family=None):
    wanted = {r.key(i): (r.service, i) for r in rows() for i in r.items() if family in (None, str(i[3]))}
    seen = {}

    def ask_all(keys, workers, *how):
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            seen.update(zip(keys, pool.map(lambda k: ask(peer, *wanted[k], *how), keys)))

    ask_all(list(wanted), 8, 2, ASKS, False)
    # Who seemed silent may have been slow, as all were asked at once; and the first silence was the end.
    ask_all([k for k in wanted if "silent" in seen[k]], 16, 6, ASKS // 4 if family else ASKS, True)
    with open(path, "w") as f:
        json.dump(seen, f, indent=1)


# ---- what is told of it

def load(path):
    with open(path) as f:
        return json.load(f)


def said(result, row, item):
    """Of the other family where this one was not asked."""
    keys = [row.key((*item[:3], v)) for v in (item[3], *FAMILIES)]
    return next(result[k] for k in keys if k in result)


def lines(row, results):
    """(clients, frontends, protocols, what each saw) with as few lines as may be."""
    by = {}
    for client in row.clients:
        for frontend in row.frontends:
            there = {}
            for item in row.items():
                if item[:2] == (client, frontend):
                    there.setdefault(tuple(said(r, row, item) for r in results), []).append(item[2:])
            for seen, how in there.items():
                by.setdefault((client, tuple(how), seen), []).append(frontend)
    merged = {}
    for (client, how, seen), frontends in by.items():
        merged.setdefault((tuple(frontends), how, seen), []).append(client)
    return [(clients, frontends, how, seen) for (frontends, how, seen), clients in merged.items()]


def told(row, how):
    """Protocols, with a family where it is not both."""
    words = []
    for proto in row.protos:
        families = [v for p, v in how if p == proto]
        if families:
            words.append(proto if len(families) == len(FAMILIES) else "%s%d" % (proto, families[0]))
    return ",".join(words)


def show(*paths):
    results = [load(p) for p in paths]
    table = [("service", "from", "to", "by", *(p.rpartition(".")[2] for p in paths), "")]
    for row in rows():
        for clients, frontends, how, seen in lines(row, results):
            table.append((row.service, ",".join(clients), ",".join(frontends), told(row, how), seen[0],
                          *("=" if s == seen[0] else s for s in seen[1:]), row.why if seen[0] != seen[1] else ""))
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    for line in table:
        print("  ".join(w.ljust(n) for w, n in zip(line, widths)).rstrip())


def judge(document, klb, nftables):
    klb, nftables = load(klb), load(nftables)
    with open(document) as f:
        explained = re.findall(r"^- \*\*`([a-z-]+)`\*\*", f.read(), re.M)
    for row in rows():
        differ = [k for k in map(row.key, row.items()) if klb[k] != nftables[k]]
        name = " ".join(row.text.split()[:4])
        if not differ and row.why:
            print("not ok %s - is the same, and %s explains why not" % (name, row.why))
        elif differ and row.why not in explained:
            print("not ok %s - %s" % (name, "; ".join("%s: klb %s, kube-proxy %s" % (k, klb[k], nftables[k]) for k in differ)))
        else:
            print("ok %s: %s" % (name, "differs as %s explains" % row.why if differ else "the same"))


if __name__ == "__main__":
    verbs = {"objects": objects, "status": lambda: print_list(map(status, SERVICES)), "names": names,
             "observe": observe, "show": show, "judge": judge}
    verbs[sys.argv[1]](*sys.argv[2:])
