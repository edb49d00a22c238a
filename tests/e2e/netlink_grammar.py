"""What a service, an endpoint and a namespace can be told: each value is kept and told as it was
given, or refused as not supported, and then nothing changes."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from netlink import *  # noqa: E402,F403

C = {name[8:]: value for name, value in K.items() if name.startswith("KLB_CMD_")}
S = {name[14:]: value for name, value in K.items() if name.startswith("KLB_A_SERVICE_")}
E = {name[15:]: value for name, value in K.items() if name.startswith("KLB_A_ENDPOINT_")}
N = {name[10:]: value for name, value in K.items() if name.startswith("KLB_A_NET_")}
P = {name[11:]: value for name, value in K.items() if name.startswith("KLB_A_POOL_")}
NOENT, BUSY, EXIST, INVAL, RANGE, OPNOTSUPP = 2, 16, 17, 22, 34, 95

nl = Socket()
ask, dump = nl.ask, nl.dump


def prefix(kind, v, length=None):
    addr, _, bits = v.partition("/")
    return raw(kind, socket.inet_pton(socket.AF_INET6 if ":" in v else socket.AF_INET, addr) +
               bytes([int(bits)]), length)


def service(k):
    return [data for _, data in dump(C["SERVICE_GET"], k)]


def settings(data):
    """Attributes but counters and the key, as a sorted list."""
    told = {S[n] for n in ("MASQUERADE", "EMPTY", "AFFINITY", "SHARE", "POOL", "SOURCE",
                           "SECONDARY", "SCHEDULER", "FORWARD", "ENDPOINT")}
    return sorted((kind, value) for part in data for kind, value in walk(part) if kind in told)


def supported(name, command, message):
    """Whether it was done; if not, the sentence says that it cannot."""
    try:
        ask(command, message)
        return True
    except Refused as r:
        if "endpoint's port" in r.message:
            check(name + ": refused for the port of an endpoint", r.code == INVAL, r.code)
            return False
        check(name + ": refused as not supported",
              r.code == OPNOTSUPP and "not supported" in r.message, (r.code, r.message))
        check(name + ": the attribute is told", r.offset is not None)
        return False


def bad(name, words, command, message):
    """A value that is wrong, or one of what is not supported at all."""
    try:
        ask(command, message)
        check(name + ": refused", False)
    except Refused as r:
        check(name, r.code in (INVAL, RANGE) and words in r.message or
              r.code == OPNOTSUPP and "not supported" in r.message, (r.code, r.message))


k, plain = key(port=1), key("udp", port=1)
ask(C["SERVICE_NEW"], k + endpoint())
ask(C["SERVICE_NEW"], plain)
base = settings(service(k))
for name, value in (("SCHEDULER", 0), ("FORWARD", 0), ("MASQUERADE", 0), ("EMPTY", 0)):
    equal(dict(base)[S[name]], bytes([value]), name + " by default")
equal(dict(base)[S["AFFINITY"]], bytes(4), "no affinity by default")
check("no share, pool, sources, secondary by default",
      not any(S[n] in dict(base) for n in ("SHARE", "POOL", "SOURCE", "SECONDARY")))


def try_setting(name, message, undo, want):
    """@want: (attribute, value) that must be told if it is supported."""
    if supported(name, C["SERVICE_SET"], k + message):
        told = settings(service(k))
        for pair in want:
            check(name + " is told", pair in told, told)
        ask(C["SERVICE_SET"], k + undo)
    equal(settings(service(k)), base, name + ": as before")
    equal(settings(service(plain)), [p for p in base if p[0] != S["ENDPOINT"]],
          name + ": another service is as it was")


for scheduler in range(6):
    try_setting("scheduler %d" % scheduler, u8(S["SCHEDULER"], scheduler), u8(S["SCHEDULER"], 0),
                [(S["SCHEDULER"], bytes([scheduler]))])
for forward in range(5):
    try_setting("forward %d" % forward, u8(S["FORWARD"], forward), u8(S["FORWARD"], 0),
                [(S["FORWARD"], bytes([forward]))])
for masquerade in range(4):
    try_setting("masquerade %d" % masquerade, u8(S["MASQUERADE"], masquerade),
                u8(S["MASQUERADE"], 0), [(S["MASQUERADE"], bytes([masquerade]))])
for empty in range(2):
    try_setting("empty %d" % empty, u8(S["EMPTY"], empty), u8(S["EMPTY"], 0),
                [(S["EMPTY"], bytes([empty]))])
for seconds in (1, 86400):
    try_setting("affinity %d" % seconds, u32(S["AFFINITY"], seconds) + text(S["SHARE"], "a" * 63),
                u32(S["AFFINITY"], 0) + text(S["SHARE"], ""),
                [(S["AFFINITY"], struct.pack("=I", seconds)), (S["SHARE"], b"a" * 63 + b"\0")])
sources = ["10.0.0.0/8", "10.0.0.0/32", "10.9.0.0/16", "0.0.0.0/0"]
try_setting("sources", b"".join(prefix(S["SOURCE"], v) for v in sources),
            raw(S["SOURCE_NONE"], b""),
            [(S["SOURCE"], next(walk(prefix(1, v)))[1]) for v in sources])
many = [prefix(S["SOURCE"], "10.%d.%d.0/24" % (i >> 8, i & 255)) for i in range(20000)]
try_setting("20000 sources", b"".join(reversed(many)), raw(S["SOURCE_NONE"], b""),
            [(S["SOURCE"], next(walk(v))[1]) for v in many[::997]])

bad("affinity 86401", "86400", C["SERVICE_SET"], k + u32(S["AFFINITY"], 86401))
bad("a share without affinity", "a share is of affinity", C["SERVICE_SET"],
    k + text(S["SHARE"], "x"))
bad("share too long", "", C["SERVICE_SET"],
    k + u32(S["AFFINITY"], 1) + text(S["SHARE"], "x" * 64))
bad("pool too long", "", C["SERVICE_SET"], k + text(S["POOL"], "x" * 64))
bad("pool that is not there", "pool", C["SERVICE_SET"], k + text(S["POOL"], "x"))
for v in ("10.0.0.1/8", "10.0.0.0/33", "fd00::1/127", "fd00::/129", "10.0.0.128/24"):
    bad("source " + v, "a prefix" if int(v.partition("/")[2]) > 32 and ":" not in v or "129" in v
        else "behind the length", C["SERVICE_SET"], k + prefix(S["SOURCE"], v))
for size in (0, 1, 4, 6, 16, 18, 64):
    bad("source of %d bytes" % size, "a prefix is", C["SERVICE_SET"],
        k + raw(S["SOURCE"], bytes(size)))
bad("a source twice", "named twice", C["SERVICE_SET"],
    k + prefix(S["SOURCE"], "10.0.0.0/8") + prefix(S["SOURCE"], "11.0.0.0/8") +
    prefix(S["SOURCE"], "10.0.0.0/8"))
bad("sources and none", "either prefixes or none", C["SERVICE_SET"],
    k + prefix(S["SOURCE"], "10.0.0.0/8") + raw(S["SOURCE_NONE"], b""))
bad("masquerade with fullnat", "forward nat only", C["SERVICE_SET"],
    k + u8(S["MASQUERADE"], 2) + u8(S["FORWARD"], 1))
bad("secondary address of tcp", "sctp only", C["SERVICE_SET"], k + ip(S["SECONDARY"], "10.0.0.9"))
bad("masquerade 4", "out of range", C["SERVICE_SET"], k + u8(S["MASQUERADE"], 4))
bad("empty 2", "out of range", C["SERVICE_SET"], k + u8(S["EMPTY"], 2))
equal(settings(service(k)), base, "nothing of that changed the service")
for name, message in (("SOURCE_NONE", b""), ("SECONDARY_NONE", b""), ("POOL", b"\0"),
                      ("SHARE", b"\0"), ("AFFINITY", bytes(4))):
    ask(C["SERVICE_SET"], k + raw(S[name], message))
equal(settings(service(k)), base, "nothing can be taken away from who has nothing")

# ---- pools


def pool(name="p", first="10.7.0.1", last=None, low=None, high=None):
    return text(P["NAME"], name) + ip(P["FIRST"], first) + \
        (ip(P["LAST"], last) if last else b"") + \
        (be16(P["PORT_LOW"], low) if low is not None else b"") + \
        (be16(P["PORT_HIGH"], high) if high is not None else b"")


def pools():
    return [attrs(data) for _, data in dump(C["POOL_GET"])]


def no(name, code, words, command, message):
    try:
        ask(command, message)
        check(name + ": refused", False)
    except Refused as r:
        check(name, r.code == code and words in r.message, (r.code, r.message))


equal(pools(), [], "no pool by default")
for name, words, message in (
        ("without a name", "name of the pool is missing", ip(P["FIRST"], "10.7.0.1")),
        ("without an address", "address of the pool is missing", text(P["NAME"], "p")),
        ("empty name", "not empty", pool("")), ("none", "not none", pool("none")),
        ("name too long", "", pool("x" * 64)), ("any", "any address", pool(first="0.0.0.0")),
        ("loopback", "loopback", pool(first="127.0.0.1")),
        ("multicast", "multicast", pool(last="224.0.0.1")),
        ("two families", "one family", pool(last="fd00::1")),
        ("backwards", "lower", pool(last="10.7.0.0")),
        ("backwards IPv6", "lower", pool(first="fd01::", last="fd00:ffff::")),
        ("too many", "65536", pool(last="10.8.0.1")),
        ("too many IPv6", "65536", pool(first="fd00::1", last="fd01::1")),
        ("port 0", "1 to 65535", pool(low=0)), ("ports backwards", "lower", pool(low=9, high=8)),
        ("high port below the default", "lower", pool(high=1023)),
        ("five bytes", "4 (IPv4) or 16", text(P["NAME"], "p") + raw(P["FIRST"], bytes(5)))):
    no("pool " + name, INVAL, words, C["POOL_NEW"], message)
equal(pools(), [], "no pool came of that")
ask(C["POOL_NEW"], pool("q", last="10.8.0.0", low=1, high=1))
ask(C["POOL_NEW"], pool("p" * 63, "fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::fffe"))
equal([[p[P[n]] for n in ("NAME", "FIRST", "LAST", "PORT_LOW", "PORT_HIGH")] for p in pools()],
      [[b"p" * 63 + b"\0", socket.inet_pton(socket.AF_INET6, "fd00::ffff:ffff:ffff:ffff"),
        socket.inet_pton(socket.AF_INET6, "fd00:0:0:1::fffe"), b"\4\0", b"\xff\xff"],
       [b"q\0", bytes([10, 7, 0, 1]), bytes([10, 8, 0, 0]), b"\0\1", b"\0\1"]], "pools are told")
no("a pool twice", EXIST, "exists", C["POOL_NEW"], pool("q"))
no("a pool that is not there", NOENT, "no such pool", C["POOL_DEL"], text(P["NAME"], "r"))
try_setting("pool", text(S["POOL"], "q"), text(S["POOL"], ""), [(S["POOL"], b"q\0")])
ask(C["SERVICE_SET"], k + text(S["POOL"], "q"))
no("a pool in use", BUSY, "in use", C["POOL_DEL"], text(P["NAME"], "q"))
bad("a pool with dsr", "replaces no source", C["SERVICE_SET"], k + u8(S["FORWARD"], 2))
ask(C["SERVICE_SET"], k + text(S["POOL"], "p" * 63))
ask(C["POOL_DEL"], text(P["NAME"], "q"))
for i in range(2000):
    ask(C["POOL_NEW"], pool("n%04d" % i))
equal([p[P["NAME"]] for p in pools()][:-1], [b"n%04d\0" % i for i in range(2000)],
      "a dump of more than a message")
for i in range(2000):
    ask(C["POOL_DEL"], text(P["NAME"], "n%04d" % i))
ask(C["SERVICE_SET"], k + text(S["POOL"], ""))
ask(C["POOL_DEL"], text(P["NAME"], "p" * 63))
equal(pools(), [], "no pool is left")
equal(settings(service(k)), base, "the service is as it was, without a pool")

# ---- sctp

sctp = u8(S["PROTO"], 132) + key(port=2)[8:]
if supported("sctp", C["SERVICE_NEW"], sctp):
    ask(C["SERVICE_DEL"], sctp)
secondary = [ip(S["SECONDARY"], "10.0.0.%d" % i) for i in range(9, 1, -1)]
if supported("secondary addresses", C["SERVICE_NEW"], sctp + b"".join(secondary[:7])):
    equal([v for kind, v in settings(service(sctp)) if kind == S["SECONDARY"]],
          sorted(next(walk(v))[1] for v in secondary[:7]), "secondary addresses are told")
    ask(C["SERVICE_DEL"], sctp)
bad("too many secondary addresses", "at most 7", C["SERVICE_NEW"], sctp + b"".join(secondary))
bad("secondary address of another family", "family", C["SERVICE_NEW"],
    sctp + ip(S["SECONDARY"], "fd00::1"))
bad("secondary address any", "family", C["SERVICE_NEW"], sctp + ip(S["SECONDARY"], "0.0.0.0"))
bad("secondary address twice", "twice", C["SERVICE_NEW"],
    sctp + secondary[0] + secondary[0])
bad("secondary addresses and none", "either", C["SERVICE_NEW"],
    sctp + secondary[0] + raw(S["SECONDARY_NONE"], b""))

# ---- endpoints


def scoped(scope):
    return nest(S["ENDPOINT"], ip(E["ADDR"], "10.0.77.1") + be16(E["PORT"], 1) +
                u8(E["SCOPE"], scope))


for scope in range(3):
    if supported("scope %d" % scope, C["ENDPOINT_NEW"], k + scoped(scope)):
        found = [attrs(v) for kind, v in settings(service(k)) if kind == S["ENDPOINT"]]
        check("scope %d is told" % scope, any(
            e[E["ADDR"]] == bytes([10, 0, 77, 1]) and e[E["SCOPE"]] == bytes([scope])
            for e in found), found)
        supported("scope back to all", C["ENDPOINT_SET"], k + scoped(0))
        ask(C["ENDPOINT_DEL"], k + nest(S["ENDPOINT"], ip(E["ADDR"], "10.0.77.1") +
                                        be16(E["PORT"], 1)))
bad("scope 3", "out of range", C["ENDPOINT_NEW"], k + scoped(3))
if supported("endpoint of another family", C["ENDPOINT_NEW"], k + endpoint("fd00::1")):
    found = [attrs(v)[E["ADDR"]] for kind, v in walk(b"".join(service(k)))
             if kind == S["ENDPOINT"]]
    equal([len(a) for a in found], [4, 16], "endpoints are in order of family")
    ask(C["ENDPOINT_DEL"], k + endpoint("fd00::1"))
equal([(kind, v[:24]) for kind, v in settings(service(k))],
      [(kind, v[:24]) for kind, v in base], "the service is as it was")

# ---- settings of the namespace


def net():
    told = {N[n] for n in ("PODS", "NODEPORTS", "GUARD", "ECHO", "GUE_PORT", "CONN_MAX")}
    return sorted((kind, v) for kind, v in walk(ask(C["NET_GET"])[0][1]) if kind in told)


was = net()
equal(dict(was)[N["GUE_PORT"]], struct.pack(">H", 6080), "gue-port by default")
check("no lists by default", not any(N[n] in dict(was) for n in ("PODS", "NODEPORTS", "GUARD")))
for name in ("PODS", "NODEPORTS", "GUARD"):
    values = [prefix(N[name], "10.%d.0.0/16" % i) for i in range(254, -1, -1)] + \
        [prefix(N[name], "fd00::/8")]
    if supported(name, C["NET_SET"], b"".join(values)):
        told = [v for kind, v in walk(ask(C["NET_GET"])[0][1]) if kind == N[name]]
        equal(told, [next(walk(v))[1] for v in values[254::-1] + values[255:]],
              name + " told in order")
        ask(C["NET_SET"], prefix(N[name], "11.0.0.0/8"))
        equal([v for kind, v in net() if kind == N[name]], [b"\x0b\0\0\0\x08"],
              name + " replaced as a whole")
        ask(C["NET_SET"], raw(N[name + "_NONE"], b""))
    bad(name + ", too many", "too many", C["NET_SET"],
        b"".join(values + [prefix(N[name], "fe00::/8")]))
    bad(name + ", twice", "named twice", C["NET_SET"], values[0] + values[0])
    bad(name + ", bits behind", "behind the length", C["NET_SET"], prefix(N[name], "10.0.0.1/8"))
    bad(name + " and none", "either prefixes or none", C["NET_SET"],
        values[0] + raw(N[name + "_NONE"], b""))
    ask(C["NET_SET"], raw(N[name + "_NONE"], b""))
if supported("gue-port", C["NET_SET"], be16(N["GUE_PORT"], 666)):
    equal(dict(net())[N["GUE_PORT"]], struct.pack(">H", 666), "gue-port")
    ask(C["NET_SET"], be16(N["GUE_PORT"], 6080))
bad("gue-port 0", "1 to 65535", C["NET_SET"], be16(N["GUE_PORT"], 0))
for value in (b"\0", b"\1"):
    if supported("echo", C["NET_SET"], raw(N["ECHO"], value)):
        equal(dict(net())[N["ECHO"]], value, "echo")
bad("echo 2", "out of range", C["NET_SET"], u8(N["ECHO"], 2))
if dict(net()) != dict(was):
    ask(C["NET_SET"], raw(N["ECHO"], dict(was)[N["ECHO"]]))
bad("a wrong list changes nothing else", "behind the length", C["NET_SET"],
    u32(N["CONN_MAX"], 77) + prefix(N["PODS"], "10.0.0.1/8"))
equal(net(), was, "net is as it was")
ask(C["SERVICE_FLUSH"])

sys.exit(bool(__import__("netlink").failed))
