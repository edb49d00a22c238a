"""Connections as the protocol shows them. netlink_conn.py send IFACE MAC FIRST N: UDP from N source
ports; netlink_conn.py check|grow|flush N: sees that there are so many."""
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import netlink as m  # noqa: E402
from netlink import K, Socket  # noqa: E402

CLIENT, VIP = "10.0.1.2", "10.100.0.1"
A = {name[11:]: value for name, value in K.items() if name.startswith("KLB_A_CONN_")}
GET, COUNT, FLUSH = (K["KLB_CMD_CONN_" + c] for c in ("GET", "COUNT", "FLUSH"))


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def send(dev, mac, first, n):
    """Frames straight to the device; the UDP checksum is 0, which IPv4 allows."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((dev, 0x0800))
    ends = socket.inet_aton(CLIENT) + socket.inet_aton(VIP)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28, 0, 0x4000, 64, 17, 0) + ends
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    start = bytes.fromhex(mac.replace(":", "")) + bytes(6) + b"\x08\0" + head
    for port in range(first, first + n):
        s.send(start + struct.pack(">HHHH", port, 80, 8, 0))


def conns(reply):
    """{client port: attributes}, each once."""
    found = {}
    for _, data in reply:
        a = m.attrs(data)
        port = struct.unpack(">H", a[A["CLIENT_PORT"]])[0]
        if port in found:
            raise ValueError("client port %d told twice" % port)
        found[port] = a
    return found


def number(reply):
    return struct.unpack("=I", m.attrs(reply[0][1])[A["COUNT"]])[0]


def filters(nl, every):
    """What a filter shows and counts is what is in the whole dump."""
    one = next(iter(every.values()))
    for name, want, given in (
            ("client port", {1500}, m.be16(A["CLIENT_PORT"], 1500)),
            ("client", set(every), m.ip(A["CLIENT_ADDR"], CLIENT)),
            ("another client", set(), m.ip(A["CLIENT_ADDR"], "10.0.1.3")),
            ("service", set(every), m.ip(A["VIP_ADDR"], VIP) + m.be16(A["VIP_PORT"], 80)),
            ("another service port", set(), m.be16(A["VIP_PORT"], 81)),
            ("endpoint", {p for p, a in every.items()
                          if a[A["ENDPOINT_ADDR"]] == one[A["ENDPOINT_ADDR"]]},
             m.raw(A["ENDPOINT_ADDR"], one[A["ENDPOINT_ADDR"]])),
            ("state", set(every), m.u8(A["STATE"], 0)),
            ("another state", set(), m.u8(A["STATE"], 4)),
            ("protocol", set(every), m.u8(A["PROTO"], 17)),
            ("another protocol", set(), m.u8(A["PROTO"], 6)),
            ("source that is not replaced", set(), m.be16(A["SNAT_PORT"], 1500)),
            ("the other family", set(), m.ip(A["VIP_ADDR"], "::")),
            ("a client prefix", set(every),
             m.ip(A["CLIENT_ADDR"], "10.0.0.0") + m.u8(A["CLIENT_LEN"], 15)),
            ("another client prefix", set(),
             m.ip(A["CLIENT_ADDR"], "10.0.0.0") + m.u8(A["CLIENT_LEN"], 24)),
            ("all of IPv4", set(every), m.ip(A["VIP_ADDR"], "0.0.0.0") + m.u8(A["VIP_LEN"], 0)),
            ("all of IPv6", set(), m.ip(A["ENDPOINT_ADDR"], "::") + m.u8(A["ENDPOINT_LEN"], 0)),
            ("an endpoint prefix", {p for p, a in every.items()
                                    if a[A["ENDPOINT_ADDR"]][2] in (12, 13)},
             m.ip(A["ENDPOINT_ADDR"], "10.0.12.0") + m.u8(A["ENDPOINT_LEN"], 23)),
            ("a prefix of replaced sources", set(),
             m.ip(A["SNAT_ADDR"], "0.0.0.0") + m.u8(A["SNAT_LEN"], 0))):
        m.equal(set(conns(nl.dump(GET, given))), want, "filter by " + name)
        m.equal(number(nl.ask(COUNT, given)), len(want), "count by " + name)


def check(n):
    nl = Socket()
    m.equal(number(nl.ask(COUNT)), n, "count")
    every = conns(nl.dump(GET))
    m.equal(len(every), n, "dump")
    m.equal(len(conns(Socket(room=8192).dump(GET))), n, "dump into a small buffer")
    m.equal({(a[A["CLIENT_ADDR"]], a[A["VIP_ADDR"]], a[A["VIP_PORT"]], A["SNAT_ADDR"] in a,
              a[A["PACKETS_IN"]], a[A["BYTES_IN"]]) for a in every.values()},
            {(socket.inet_aton(CLIENT), socket.inet_aton(VIP), b"\0\x50", False,
              struct.pack("=Q", 1), struct.pack("=Q", 28))}, "what is said of them")
    filters(nl, every)
    svc = m.attrs(nl.ask(K["KLB_CMD_SERVICE_GET"], m.key("udp"))[0][1])
    m.equal([struct.unpack("=Q", svc[K["KLB_A_SERVICE_" + c]])[0]
             for c in ("PACKETS_IN", "BYTES_IN", "PACKETS_OUT", "CONNS_TOTAL")],
            [n, 28 * n, 0, n], "counters of the service")
    m.equal(struct.unpack("=I", svc[K["KLB_A_SERVICE_CONNS"]])[0], n, "its connections")
    m.equal({tuple(m.attrs(d).values()) for _, d in nl.dump(K["KLB_CMD_DEV_GET"])},
            {(struct.pack("=I", socket.if_nametoindex(dev)),
              struct.pack("=I", K["KLB_DEV_HOOK_INGRESS"])) for dev in ("c", "e1", "e2", "e3")},
            "devices and their hooks")


def grow(n):
    """Dumps while more come in: who is there and has long to live is there the next time too."""
    nl = Socket()
    dumps = interrupted = total = 0
    wrong, due, start = [], set(), 0
    while total < n // 2 or dumps < 5:
        before, start = start, time.monotonic()
        reply = nl.dump(GET)
        dumps += 1
        left = {}
        for _, data in reply:
            a = m.attrs(data)
            port = struct.unpack(">H", a[A["CLIENT_PORT"]])[0]
            if port in left and not reply.interrupted:
                wrong.append("%d told twice" % port)
            left[port] = struct.unpack("=I", a[A["EXPIRES"]])[0]
        if reply.interrupted:
            interrupted += 1
        elif time.monotonic() - before < 15 and due - set(left):
            wrong.append("%d missing" % len(due - set(left)))
        due = {port for port, ms in left.items() if ms > 20000}
        total = max(total, len(left))
    m.check("dumps while connections come", not wrong, wrong[:5])
    print("# %d dumps, %d interrupted, up to %d connections" % (dumps, interrupted, total))


def flush(n):
    nl = Socket()
    every = conns(nl.dump(GET))
    one = next(iter(every.values()))[A["ENDPOINT_ADDR"]]
    mine = sum(a[A["ENDPOINT_ADDR"]] == one for a in every.values())
    m.equal(number(nl.ask(FLUSH, m.raw(A["ENDPOINT_ADDR"], one))), mine, "flush of one endpoint")
    m.equal(number(nl.ask(COUNT)), len(every) - mine, "the others stay")
    m.equal(number(nl.ask(FLUSH)), len(every) - mine, "flush of all")
    m.equal(len(nl.dump(GET)), 0, "none is left")
    svc = m.attrs(nl.ask(K["KLB_CMD_SERVICE_GET"], m.key("udp"))[0][1])
    m.equal(struct.unpack("=I", svc[K["KLB_A_SERVICE_CONNS"]])[0], 0, "the service has none")
    # twice as many where the first had ended before they were sent again
    total = struct.unpack("=Q", svc[K["KLB_A_SERVICE_CONNS_TOTAL"]])[0]
    m.equal(total in (n, 2 * n), True, "what they carried is remembered")


what, *rest = sys.argv[1:]
if what == "send":
    send(rest[0], rest[1], int(rest[2]), int(rest[3]))
else:
    {"check": check, "grow": grow, "flush": flush}[what](int(rest[0]))
sys.exit(bool(m.failed))
