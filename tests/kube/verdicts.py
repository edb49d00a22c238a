"""verdicts.py IP IP6 KLB: whether klb does with new connections what kube-proxy does; prints what differs.

IP and IP6 are what `nft -j list table FAMILY kube-proxy` says, KLB is `lbctl -j service show`. For every frontend that either knows
and a client of each kind both are asked what becomes of the first packet: one of a set of endpoints gets it, seen by a masqueraded
client or as it is, or it is rejected or dropped. Rules of nft are gone through one by one, as the kernel would."""
import ipaddress
import json
import sys

PODS = {4: "10.244.0.0/16", 6: "fd00:244::/32"}
# What NodePorts are asked at, and where packets of this host's processes come from: for klb by the bridge of pods.
NODE = {4: "192.168.0.11", 6: "fd00:c0::11"}
BRIDGE = {4: "10.244.1.1", 6: "fd00:244:1::1"}
CLIENTS = {4: ["10.244.9.9", "192.168.0.12", "203.0.113.5", "10.1.2.3", "192.0.2.77"],
           6: ["fd00:244:9::9", "fd00:c0::12", "2001:db8:1::5", "fd01::3", "2001:db8:2::77"]}
HOST = "host"


class Packet:
    def __init__(self, family, src, proto, dst, port):
        """DST None is a NodePort, SRC HOST a process of this host."""
        self.family, self.proto, self.port = family, proto, port
        self.to_host, self.of_host = dst is None, src == HOST
        self.src, self.dst = NODE[family] if self.of_host else src, dst or NODE[family]

    def __str__(self):
        return "%s from %s%s to %s:%d%s" % (self.proto, self.src, " (this host)" if self.of_host else "", self.dst,
                                            self.port, " (NodePort)" if self.to_host else "")


def is_in(addr, prefix):
    return ipaddress.ip_address(addr) in ipaddress.ip_network(prefix)


class Unknown(Exception):
    """A rule of a kind that kube-proxy did not write so far."""


class Outcome:
    """What a way through the rules led to: a verdict, or None where the rules end."""

    def __init__(self, verdict, endpoint=None, mark=False, affinity=0):
        self.verdict, self.endpoint, self.mark, self.affinity = verdict, endpoint, mark, affinity


class Nft:
    def __init__(self, text):
        self.chains, self.maps, self.sets, self.timeouts = {}, {}, {}, {}
        for item in json.loads(text)["nftables"]:
            if "chain" in item:
                self.chains.setdefault(item["chain"]["name"], [])
            elif "rule" in item:
                self.chains.setdefault(item["rule"]["chain"], []).append(item["rule"]["expr"])
            elif "map" in item:
                self.maps[item["map"]["name"]] = {self.key(k): v for k, v in item["map"].get("elem", [])}
            elif "set" in item:
                self.sets[item["set"]["name"]] = [e for e in item["set"].get("elem", [])]
                self.timeouts[item["set"]["name"]] = item["set"].get("timeout", 0)

    @staticmethod
    def key(k):
        if isinstance(k, dict) and "elem" in k:
            k = k["elem"]["val"]
        return tuple(k["concat"]) if isinstance(k, dict) and "concat" in k else k

    def field(self, left, p):
        if "concat" in left:
            return tuple(self.field(x, p) for x in left["concat"])
        if "payload" in left:
            return {"saddr": p.src, "daddr": p.dst, "dport": p.port}[left["payload"]["field"]]
        if left.get("meta") == {"key": "l4proto"}:
            return p.proto
        if "fib" in left:
            local = p.of_host if "saddr" in left["fib"]["flags"] else p.to_host
            return "local" if local else "unicast"
        raise Unknown(left)

    def among(self, value, right):
        """Whether VALUE is RIGHT, or is in it."""
        if isinstance(right, dict) and "set" in right:
            return any(self.among(value, e) for e in right["set"])
        if isinstance(right, dict) and "prefix" in right:
            return is_in(value, "%s/%d" % (right["prefix"]["addr"], right["prefix"]["len"]))
        if isinstance(right, dict) and "range" in right:
            first, last = (ipaddress.ip_address(a) for a in right["range"])
            return first <= ipaddress.ip_address(value) <= last
        if isinstance(right, str) and right.startswith("@affinity-"):
            return False  # nobody has been here before
        if isinstance(right, str) and right.startswith("@"):
            return any(self.among(value, self.key(e)) for e in self.sets[right[1:]])
        if isinstance(right, (str, int)):
            return value == right
        raise Unknown(right)

    def matches(self, m, p):
        if "ct" in m["left"]:
            return m["left"]["ct"]["key"] == "state"  # new, and not translated so far
        return self.among(self.field(m["left"], p), m["right"]) != (m["op"] == "!=")

    def run(self, chain, p, mark=False, affinity=0):
        """Outcomes of all ways through CHAIN; a number by chance takes each."""
        for rule in self.chains[chain]:
            outcomes, goes = None, False
            for e in rule:
                (kind, arg), = e.items()
                if kind == "match":
                    if not self.matches(arg, p):
                        break
                elif kind == "mangle":
                    mark = True
                elif kind == "set":
                    affinity = self.timeouts[arg["set"][1:]]
                elif kind in ("drop", "reject"):
                    return [Outcome(kind)]
                elif kind == "dnat":
                    return [Outcome("dnat", at, mark, affinity) for at in self.targets(arg)]
                elif kind in ("jump", "goto"):
                    outcomes, goes = self.run(arg["target"], p, mark, affinity), kind == "goto"
                elif kind == "vmap":
                    outcomes, goes = self.look_up(arg, p, mark, affinity)
                else:
                    raise Unknown(e)
            if outcomes and (goes or any(o.verdict for o in outcomes)):
                return outcomes
        return [Outcome(None, mark=mark)]

    @staticmethod
    def targets(dnat):
        addr = dnat["addr"]
        if isinstance(addr, str):
            return [(addr, dnat["port"])]
        return [tuple(v["concat"]) for _, v in addr["map"]["data"]["set"]]

    def look_up(self, vmap, p, mark, affinity):
        """Outcomes, and whether they are the last word."""
        if "numgen" in vmap["key"]:
            chosen = [v for _, v in vmap["data"]["set"]]
        else:
            verdict = self.maps[vmap["data"][1:]].get(self.field(vmap["key"], p))
            chosen = [verdict] if verdict else []
        outcomes = []
        for verdict in chosen:
            (kind, arg), = verdict.items()
            outcomes += [Outcome(kind)] if kind == "drop" else self.run(arg["target"], p, mark, affinity)
        return outcomes, bool(chosen)

    def verdict(self, p):
        """(verdict, endpoints, masqueraded, affinity)"""
        if any(o.verdict for o in self.run("firewall-check", p)):
            return ("drop",)
        outcomes = [o for o in self.run("services", p) if o.verdict == "dnat"]
        if outcomes:
            return ("to", sorted({o.endpoint for o in outcomes}), outcomes[0].mark, outcomes[0].affinity)
        for chain in ["nodeport-endpoints-check"] * p.to_host + ["service-endpoints-check"]:
            for o in self.run(chain, p):
                if o.verdict:
                    return (o.verdict,)
        return ("none",)

    def frontends(self):
        for name in ("service-ips", "no-endpoint-services"):
            for addr, proto, port in self.maps.get(name, {}):
                yield proto, addr, port
        for name in ("service-nodeports", "no-endpoint-nodeports"):
            for proto, port in self.maps.get(name, {}):
                yield proto, None, port


class Klb:
    ANY = {"0.0.0.0": 4, "::": 6}

    def __init__(self, text):
        self.services = {}
        for s in json.loads(text):
            family = 6 if ":" in s["addr"] else 4
            addr = None if s["addr"] in self.ANY else s["addr"]
            self.services[family, s["proto"], addr, s["port"]] = s

    def frontends(self, family):
        return [key[1:] for key in self.services if key[0] == family]

    def verdict(self, p):
        s = self.services.get((p.family, p.proto, None if p.to_host else p.dst, p.port))
        if not s:
            return ("none",)
        src = BRIDGE[p.family] if p.of_host and not p.to_host else p.src
        if s["source"] and not any(is_in(src, prefix) for prefix in s["source"]):
            return ("drop",)
        inside = p.of_host or is_in(src, PODS[p.family])
        endpoints = sorted((e["addr"], e["port"]) for e in s["endpoints"]
                           if e["state"] == "up" and e["scope"] in ("all", "inside" if inside else "outside"))
        if not endpoints:
            return (s["empty"],)
        masquerade = s["masquerade"] == "always" or (s["masquerade"] == "outside" and not inside)
        return ("to", endpoints, masquerade, s["affinity"])


def differ(p, ours, theirs):
    """Whether the source of this host's processes is masqueraded makes no difference: see decisions.md."""
    if p.of_host and ours[0] == theirs[0] == "to":
        ours, theirs = ours[:2] + ours[3:], theirs[:2] + theirs[3:]
    return ours != theirs


def main(ip, ip6, klb):
    klb, count, bad, kinds = Klb(klb), 0, 0, {}
    for family, nft in ((4, Nft(ip)), (6, Nft(ip6))):
        for proto, addr, port in sorted(set(nft.frontends()) | set(klb.frontends(family)), key=str):
            for src in CLIENTS[family] + [HOST]:
                p = Packet(family, src, proto, addr, port)
                ours, theirs = klb.verdict(p), nft.verdict(p)
                kinds[theirs[0]] = kinds.get(theirs[0], 0) + 1
                count += 1
                if differ(p, ours, theirs):
                    bad += 1
                    print("%s: klb %s, kube-proxy %s" % (p, ours, theirs))
    print("%d packets: %s; %d differ" % (count, ", ".join("%s %d" % k for k in sorted(kinds.items())), bad))
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main(*(open(name).read() for name in sys.argv[1:4])))
