"""Every command of the protocol: what it does, what it refuses and in which words."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from netlink import *  # noqa: E402,F403

C = {name[8:]: value for name, value in K.items() if name.startswith("KLB_CMD_")}
S = {name[14:]: value for name, value in K.items() if name.startswith("KLB_A_SERVICE_")}
E = {name[15:]: value for name, value in K.items() if name.startswith("KLB_A_ENDPOINT_")}
N = {name[10:]: value for name, value in K.items() if name.startswith("KLB_A_NET_")}
INVAL, EXIST, NOENT, MSGSIZE, RANGE, OPNOTSUPP = 22, 17, 2, 90, 34, 95

nl = Socket()
ask, dump = nl.ask, nl.dump


def get(k=b""):
    return services(dump(C["SERVICE_GET"], k))


def only(k=b""):
    found = get(k)
    assert len(found) == 1, found
    return next(iter(found.values()))


def names(reply):
    return [command for command, _ in reply]


# ---- services

equal(get(), {}, "nothing at first")
ask(C["SERVICE_NEW"], key() + text(S["NAME"], "web") + u32(S["TIMEOUT"], 60) +
    u32(S["SEED"], 7) + u32(S["MAGLEV_SIZE"], 1000) + u8(S["FORWARD"], 1) +
    endpoint("10.0.12.2", 8080, weight=3) + endpoint("10.0.11.2", 8080, state=1))
a, eps = only()
equal(a[S["NAME"]], b"web\0", "name")
equal([struct.unpack("=I", a[S[n]])[0] for n in ("TIMEOUT", "SEED", "MAGLEV_SIZE")],
      [60, 7, 1000], "timeout, seed, maglev-size")
equal(a[S["FORWARD"]], b"\1", "forward")
check("slots of the table in use", struct.unpack("=I", a[S["MAGLEV_SLOTS"]])[0] >= 1000)
equal(eps, [(b"\x0a\0\x0b\2", 8080, 1, 1), (b"\x0a\0\x0c\2", 8080, 3, 0)],
      "endpoints in order, with weight and state")
equal([len(a[S[n]]) for n in ("CONNS", "PACKETS_IN", "BYTES_IN", "PACKETS_OUT", "BYTES_OUT",
                              "CONNS_TOTAL")], [4, 8, 8, 8, 8, 8], "counters")

refused("a second one of the same key", EXIST, "exists already", ask, C["SERVICE_NEW"], key())
ask(C["SERVICE_NEW"], key("udp"))
ask(C["SERVICE_NEW"], key(port=81))
ask(C["SERVICE_NEW"], key(addr="fd00:100::1") + endpoint("fd00:11::2"))
ask(C["SERVICE_NEW"], key(addr="0.0.0.0", port=30000))
ask(C["SERVICE_NEW"], key(addr="::", port=30000) + u8(S["SCHEDULER"], 0))
equal(len(get()), 6, "six services")
equal([k[1:] for k in get()],
      sorted((k[1:] for k in get()), key=lambda k: (len(k[0]), k[0], k[1])), "dump is in order")
equal(len(get(key("udp"))), 1, "dump of one service")
equal(names(ask(C["SERVICE_GET"], key())), [C["SERVICE_GET"]], "get of one service")
equal(services(ask(C["SERVICE_GET"], key())), get(key()), "get and dump say the same")

before = only(key())
ask(C["SERVICE_SET"], key() + text(S["NAME"], ""))
a, eps = only(key())
equal((S["NAME"] in a, eps), (False, before[1]), "an empty name takes it away and nothing else")
ask(C["SERVICE_SET"], key() + endpoint("10.0.11.2") + endpoint("10.0.13.2", weight=0))
equal(only(key())[1], [(b"\x0a\0\x0b\2", 8080, 1, 1), (b"\x0a\0\x0d\2", 8080, 0, 0)],
      "endpoints replaced; the one that stays keeps its state")
ask(C["SERVICE_SET"], key() + raw(S["ENDPOINTS_NONE"], b""))
equal(only(key())[1], [], "no endpoints")
ask(C["SERVICE_DEL"], key("udp"))
refused("it is gone", NOENT, "no such service", ask, C["SERVICE_GET"], key("udp"))
refused("del of what is not there", NOENT, "no such service", ask, C["SERVICE_DEL"], key("udp"))
refused("set of what is not there", NOENT, "no such service", ask, C["SERVICE_SET"], key("udp"))
refused("dump of what is not there", NOENT, "no such service", dump, C["SERVICE_GET"],
        key("udp"))

# ---- refusals of services; the attribute to blame is where it says

for name, words, message in (
        ("no protocol", "protocol of the service is missing", key()[8:]),
        ("no address", "address of the service is missing", key()[:8] + key()[16:]),
        ("no port", "port of the service is missing", key()[:16])):
    for command in ("SERVICE_NEW", "SERVICE_SET", "SERVICE_DEL", "SERVICE_GET", "ENDPOINT_NEW"):
        r = refused("%s: %s" % (command, name), INVAL, words, ask, C[command], message)
        if r:
            check("%s: %s, the type is told" % (command, name), r.missing is not None)


def bad_service(name, code, words, message, blamed):
    r = refused(name, code, words, ask, C["SERVICE_NEW"], message)
    if r and blamed is not None:
        equal(r.offset, 20 + blamed, name + ", the attribute to blame")


PORT = 1082
good = key(port=PORT)
bad_service("icmp", INVAL, "tcp, udp or sctp", u8(S["PROTO"], 1) + good[8:], 0)
bad_service("port 0", INVAL, "1 to 65535", key(port=0), 16)
for length in (0, 1, 3, 5, 8, 15, 17, 64):
    bad_service("address of %d bytes" % length, INVAL, "4 (IPv4) or 16 (IPv6) bytes",
                good[:8] + raw(S["ADDR"], b"\x0a" * length) + good[16:], 8)
for addr, words in (("127.0.0.1", "loopback"), ("224.0.0.1", "multicast"),
                    ("255.255.255.255", "broadcast"), ("::1", "loopback"), ("ff02::1", "multicast"),
                    ("::ffff:10.0.0.1", "IPv4-mapped"), ("fe80::1", "link-local")):
    bad_service("service " + addr, INVAL, words, key(addr=addr), 8)
bad_service("scheduler 9", RANGE, "out of range", good + u8(S["SCHEDULER"], 9), 24)
bad_service("forward 9", RANGE, "out of range", good + u8(S["FORWARD"], 9), 24)
bad_service("timeout too long", INVAL, "2147483 seconds", good + u32(S["TIMEOUT"], 2147484), 24)
bad_service("maglev-size too large", INVAL, "8388593", good + u32(S["MAGLEV_SIZE"], 8388594), 24)
bad_service("maglev-size below endpoints", INVAL, "maglev-size",
            good + u32(S["MAGLEV_SIZE"], 1) + endpoint() + endpoint("10.0.12.2"), None)
bad_service("name too long", INVAL, "", good + text(S["NAME"], "x" * 256), 24)
bad_service("name without end", INVAL, "", good + raw(S["NAME"], b"xyz"), 24)
bad_service("an attribute that only klb tells", INVAL, "", good + u32(S["CONNS"], 1), 24)
bad_service("an attribute that is not there", INVAL, "", good + u32(99, 1), 24)
bad_service("an endpoint twice", INVAL, "named twice",
            good + endpoint() + endpoint("10.0.12.2") + endpoint(), None)
bad_service("endpoints and none", INVAL, "either endpoints or none",
            good + endpoint() + raw(S["ENDPOINTS_NONE"], b""), None)

for name, words, ep in (
        ("no endpoint address", "address of the endpoint is missing",
         nest(S["ENDPOINT"], be16(E["PORT"], 80))),
        ("no endpoint port", "port of the endpoint is missing",
         nest(S["ENDPOINT"], ip(E["ADDR"], "10.0.0.1"))),
        ("empty endpoint", "address of the endpoint is missing", nest(S["ENDPOINT"], b"")),
        ("endpoint any", "any address", endpoint("0.0.0.0")),
        ("endpoint loopback", "loopback", endpoint("127.0.0.1")),
        ("endpoint multicast", "multicast", endpoint("239.1.1.1")),
        ("endpoint broadcast", "broadcast", endpoint("255.255.255.255")),
        ("endpoint port 0", "1 to 65535", endpoint(port=0)),
        ("endpoint with counters", "counters cannot be set",
         nest(S["ENDPOINT"], ip(E["ADDR"], "10.0.0.1") + be16(E["PORT"], 1) +
              u32(E["CONNS"], 1)))):
    for command, message in (("SERVICE_NEW", good + endpoint("10.9.9.9") + ep),
                             ("ENDPOINT_NEW", key() + ep)):
        refused("%s: %s" % (command, name), INVAL, words, ask, C[command], message)
refused("endpoint state 9", RANGE, "out of range", ask, C["ENDPOINT_NEW"],
        key() + endpoint(state=9))
refused("no such service after all that", NOENT, "no such service", ask, C["SERVICE_GET"], good)

# ---- endpoints

ask(C["ENDPOINT_NEW"], key() + endpoint("10.0.11.2", weight=65535))
ask(C["ENDPOINT_NEW"], key() + endpoint("10.0.11.2", 8081))
refused("endpoint-new of what is there", EXIST, "exists already", ask, C["ENDPOINT_NEW"],
        key() + endpoint("10.0.11.2"))
ask(C["ENDPOINT_SET"], key() + endpoint("10.0.11.2", 8081, state=2))
equal(only(key())[1], [(b"\x0a\0\x0b\2", 8080, 65535, 0), (b"\x0a\0\x0b\2", 8081, 1, 2)],
      "endpoint-new, endpoint-set")
refused("endpoint-set of what is not there", NOENT, "no such endpoint", ask, C["ENDPOINT_SET"],
        key() + endpoint("10.0.11.9"))
refused("endpoint-del of what is not there", NOENT, "no such endpoint", ask, C["ENDPOINT_DEL"],
        key() + endpoint("10.0.11.9"))
refused("endpoint-del without an endpoint", INVAL, "endpoint is missing", ask,
        C["ENDPOINT_DEL"], key())
refused("two endpoints at once", INVAL, "one endpoint at a time", ask, C["ENDPOINT_DEL"],
        key() + endpoint("10.0.11.2") + endpoint("10.0.11.2", 8081))
refused("endpoint of no service", NOENT, "no such service", ask, C["ENDPOINT_NEW"],
        key(port=999) + endpoint())
ask(C["ENDPOINT_DEL"], key() + endpoint("10.0.11.2"))
equal(only(key())[1], [(b"\x0a\0\x0b\2", 8081, 1, 2)], "endpoint-del")

# ---- settings


def net():
    return {k: struct.unpack("=I", v)[0] if len(v) == 4 else v
            for k, v in attrs(ask(C["NET_GET"])[0][1]).items() if k != N["VERSION"]}


was = net()
equal((was[N["CONNS"]], was[N["SERVICES"]], was[N["VETH_PEER"]]), (0, 5, b"\1"), "net-get")
ask(C["NET_SET"], u32(N["CONN_MAX"], 12345) + u8(N["VETH_PEER"], 0))
equal((net()[N["CONN_MAX"]], net()[N["VETH_PEER"]]), (12345, b"\0"), "net-set")
for value in (0, 1 << 31, 0xffffffff):
    refused("conn-max %d" % value, INVAL, "1 to 2147483647", ask, C["NET_SET"],
            u8(N["VETH_PEER"], 1) + u32(N["CONN_MAX"], value))
refused("veth-peer 2", RANGE, "out of range", ask, C["NET_SET"],
        u32(N["CONN_MAX"], 1) + u8(N["VETH_PEER"], 2))
equal((net()[N["CONN_MAX"]], net()[N["VETH_PEER"]]), (12345, b"\0"), "a refused one changes nothing")
ask(C["NET_SET"], u32(N["CONN_MAX"], was[N["CONN_MAX"]]) + u8(N["VETH_PEER"], 1))

# ---- counters, devices, connections

counters = {}
for _, data in dump(C["STATS_GET"]):
    for _, inner in walk(data):
        c = attrs(inner)
        counters[c[1].rstrip(b"\0").decode()] = (struct.unpack("=Q", c[2])[0], c[3])
check("counters", "bystander" in counters and "forwarded" in counters, counters)
check("counters have a sentence each", all(len(doc) > 10 for _, doc in counters.values()))
equal(dump(C["DEV_GET"]), [], "no devices")
equal(dump(C["CONN_GET"]), [], "no connections")
equal(attrs(ask(C["CONN_COUNT"])[0][1])[K["KLB_A_CONN_COUNT"]], bytes(4), "conn-count")
equal(attrs(ask(C["CONN_FLUSH"])[0][1])[K["KLB_A_CONN_COUNT"]], bytes(4), "conn-flush")
refused("filter with a length alone", INVAL, "without its address", dump, C["CONN_GET"],
        u8(K["KLB_A_CONN_CLIENT_LEN"], 8))
refused("filter with too long a prefix", INVAL, "at most 32", ask, C["CONN_COUNT"],
        ip(K["KLB_A_CONN_CLIENT_ADDR"], "10.0.0.1") + u8(K["KLB_A_CONN_CLIENT_LEN"], 33))
refused("filter with half an address", INVAL, "4 (IPv4) or 16 (IPv6)", ask, C["CONN_COUNT"],
        raw(K["KLB_A_CONN_VIP_ADDR"], b"\1\2"))
refused("a dump where there is none", OPNOTSUPP, "", dump, C["NET_GET"])
refused("a get where there is none", OPNOTSUPP, "", ask, C["CONN_GET"])
refused("no such command", OPNOTSUPP, "", ask, 99)
refused("an attribute for a command without any", INVAL, "", ask, C["SERVICE_FLUSH"], u32(1, 1))

# ---- explain

X = {name[14:]: value for name, value in K.items() if name.startswith("KLB_A_EXPLAIN_")}


def packet(client="10.0.1.2", vip="10.100.0.1", vport=80, cport=4000, proto=6):
    return (u8(X["PROTO"], proto) + ip(X["CLIENT_ADDR"], client) +
            be16(X["CLIENT_PORT"], cport) + ip(X["VIP_ADDR"], vip) + be16(X["VIP_PORT"], vport))


x = attrs(ask(C["EXPLAIN"], packet(vport=9))[0][1])
equal((x[X["OUTCOME"]], x[X["REASON"]], X["SERVICE"] in x), (b"\0", b"bystander\0", False),
      "explain: no service")
x = attrs(ask(C["EXPLAIN"], packet(vport=81))[0][1])
equal((x[X["OUTCOME"]], x[X["REASON"]], attrs(x[X["SERVICE"]])[S["PORT"]]),
      (b"\3", b"rejected\0", b"\0\x51"), "explain: no endpoint")
refused("explain: two families", INVAL, "addresses of one family", ask, C["EXPLAIN"],
        packet(vip="fd00::1"))
refused("explain: something is missing", INVAL, "all needed", ask, C["EXPLAIN"], packet()[:-8])
refused("explain: icmp", INVAL, "tcp, udp or sctp", ask, C["EXPLAIN"], packet(proto=1))

# ---- notifications

listener = Socket()
listener.join("config")


def told(name, command, message, want, **values):
    ask(command, message)
    got = listener.told()
    if check("told: " + name, got and got[0] == want, got):
        for kind, value in values.items():
            equal(got[1].get(S[kind]), value, "told: %s, %s" % (name, kind))


n = key(port=2000)
told("service added", C["SERVICE_NEW"], n + text(S["NAME"], "x") + endpoint(), C["SERVICE_NTF"],
     NAME=b"x\0", PORT=b"\x07\xd0", ENDPOINT=None)
told("service changed", C["SERVICE_SET"], n + u32(S["TIMEOUT"], 9), C["SERVICE_NTF"],
     TIMEOUT=struct.pack("=I", 9))
told("endpoint added", C["ENDPOINT_NEW"], n + endpoint("10.0.12.2"), C["ENDPOINT_NTF"])
told("endpoint changed", C["ENDPOINT_SET"], n + endpoint("10.0.12.2", state=1),
     C["ENDPOINT_NTF"],
     ENDPOINT=ip(E["ADDR"], "10.0.12.2") + be16(E["PORT"], 8080) + u16(E["WEIGHT"], 1) +
     u8(E["STATE"], 1) + u8(E["SCOPE"], 0))
told("endpoint removed", C["ENDPOINT_DEL"], n + endpoint("10.0.12.2"), C["ENDPOINT_DEL_NTF"],
     ENDPOINT=ip(E["ADDR"], "10.0.12.2") + be16(E["PORT"], 8080))
told("service removed", C["SERVICE_DEL"], n, C["SERVICE_DEL_NTF"], PORT=b"\x07\xd0")
told("settings", C["NET_SET"], u8(N["VETH_PEER"], 1), C["NET_NTF"])
ask(C["SERVICE_FLUSH"])
equal([listener.told()[0] for _ in range(5)], [C["SERVICE_DEL_NTF"]] * 5, "told: flush, each")
equal(get(), {}, "nothing in the end")
echo = ask(C["SERVICE_NEW"], n, flags=ACK | ECHO)
equal(names(echo), [C["SERVICE_NTF"]], "NLM_F_ECHO answers with the notification")
ask(C["SERVICE_FLUSH"])

# ---- who may

if os.geteuid() == 0:
    os.seteuid(65534)
    user = Socket()
    equal(user.dump(C["SERVICE_GET"]), [], "anybody may see services")
    check("anybody may see settings", user.ask(C["NET_GET"]))
    for command in ("SERVICE_NEW", "SERVICE_SET", "SERVICE_DEL", "SERVICE_FLUSH",
                    "ENDPOINT_NEW", "ENDPOINT_SET", "ENDPOINT_DEL", "CONN_COUNT", "CONN_FLUSH",
                    "NET_SET", "EXPLAIN"):
        refused(command + " is not for everybody", 1, "", user.ask, C[command])
    refused("CONN_GET is not for everybody", 1, "", user.dump, C["CONN_GET"])
    os.seteuid(0)

sys.exit(bool(nl and __import__("netlink").failed))
