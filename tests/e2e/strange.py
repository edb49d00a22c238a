"""strange.py: sends packets byte by byte and tells what became of them, in namespaces of topo_basic.

Reads commands from standard input, a line each, and answers each with a line:

    same PROTO FAMILY VIP      a packet with options from c to VIP:80 arrives at e1, and e1's answer at c, with
                               nothing changed but what must be: "same", or what differs
    send NS SRC SPORT DST DPORT PROTO [KEY=VALUE...]
                               KEYs: flags, seq, ack, ttl, options (hex, IPv4), chain (hex, IPv6, its first byte the type),
                               data (hex), count, damaged: "sent"
    hear NS [SECONDS]          the first that arrives there after the last send: "udp", "tcp:FLAGS",
                               "icmp:TYPE:CODE:SRC", "nothing"
"""
import ctypes
import os
import select
import socket
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
SLOW = int(os.environ.get("KLB_SLOW", "1"))


def enter(ns):
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    if LIBC.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns " + ns)
    os.close(fd)


class Port:
    """A device of a namespace, all frames."""

    def __init__(self, ns, dev="eth0"):
        enter(ns)
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.sock.bind((dev, 3))
        self.mac = self.sock.getsockname()[4]
        self.gateway = None

    def drain(self):
        while select.select([self.sock], [], [], 0)[0]:
            self.sock.recv(65536)

    def hear(self, seconds):
        """Frames that come in until nothing has come for a while."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return
            frame, where = self.sock.recvfrom(65536)
            if where[2] != 4:  # PACKET_OUTGOING
                yield frame


def csum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pack_addr(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def with_sum(src, dst, proto, l4, at):
    pseudo = src + dst + struct.pack("!IHBB", len(l4), 0, 0, proto)
    check = csum(pseudo + l4)
    return l4[:at] + struct.pack("!H", check or 0xFFFF if proto == 17 else check) + l4[at + 2:]


def transport(proto, src, dst, sport, dport, key):
    data = bytes.fromhex(key.get("data", "68656c6c6f"))
    if proto == "udp":
        return with_sum(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data, 6)
    options = bytes.fromhex(key.get("tcpoptions", ""))
    head = struct.pack("!HHIIBBHHH", sport, dport, int(key.get("seq", 1)), int(key.get("ack", 0)),
                       (20 + len(options)) // 4 << 4, int(key.get("flags", 2)), 4321, 0, 0)
    return with_sum(src, dst, 6, head + options + (data if "data" in key else b""), 16)


def packet(src, sport, dst, dport, proto, key):
    src, dst = pack_addr(src), pack_addr(dst)
    number = 17 if proto == "udp" else 6
    l4 = transport(proto, src, dst, sport, dport, key)
    ttl = int(key.get("ttl", 64))
    if len(src) == 4:
        options = bytes.fromhex(key.get("options", ""))
        head = struct.pack("!BBHHHBBH4s4s", 0x40 | (20 + len(options)) // 4, int(key.get("tos", 0)),
                           20 + len(options) + len(l4), 0x1234, int(key.get("frag", 0x4000)), ttl, number, 0, src, dst) + options
        return 0x0800, head[:10] + struct.pack("!H", csum(head)) + head[12:] + l4
    chain = bytes.fromhex(key.get("chain", ""))
    first, body = (chain[0], chain[1:]) if chain else (number, b"")
    return 0x86DD, struct.pack("!IHBB16s16s", 6 << 28 | int(key.get("tos", 0)) << 20 | 0x54321, len(body) + len(l4), first,
                               ttl, src, dst) + body + l4


PORTS = {}


def port(ns):
    if ns not in PORTS:
        PORTS[ns] = Port(ns)
    return PORTS[ns]


def send(ns, kind, data):
    p = port(ns)
    p.sock.send(GATEWAYS[ns] + p.mac + struct.pack("!H", kind) + data)


def split(frame):
    """Header fields of an arrived packet: family, source, destination, protocol, transport; None if it is none."""
    kind, data = struct.unpack("!H", frame[12:14])[0], frame[14:]
    if kind == 0x0800:
        size = struct.unpack("!H", data[2:4])[0]
        return 4, data[12:16], data[16:20], data[9], data[(data[0] & 15) * 4:size], data
    if kind == 0x86DD:
        size, at, nxt = 40 + struct.unpack("!H", data[4:6])[0], 40, data[6]
        while nxt in (0, 43, 60):
            nxt, at = data[at], at + 8 * (data[at + 1] + 1)
        return 6, data[8:24], data[24:40], nxt, data[at:size], data
    return None


def word(frame):
    parts = split(frame)
    if not parts:
        return None
    family, src, _, proto, l4, _ = parts
    if proto == 17:
        return "udp"
    if proto == 6:
        return "tcp:%d" % (l4[13] & 0x3F)
    if proto == 132:
        return "sctp:%s:%s" % (l4[4:8].hex(), l4[12:].hex())
    if proto == (1 if family == 4 else 58) and not (family == 6 and l4[0] in range(130, 138)):
        return "icmp:%d:%d:%s" % (l4[0], l4[1], socket.inet_ntop(socket.AF_INET if family == 4 else socket.AF_INET6, src))
    return None


def arrived(ns, sent, proto, seconds=3.0):
    """The packet that @sent may have become: the ends' own kernels send, too."""
    for frame in port(ns).hear(seconds * SLOW):
        parts = split(frame)
        if parts and parts[3] == proto and len(parts[5]) >= len(sent):
            return parts
    return None


def unchanged(parts, sent, what):
    """What differs beside addresses, ports, time to live and checksums."""
    if not parts:
        return what + ": did not arrive"
    got = parts[5]
    size = len(sent)
    got = got[:size]
    if len(got) != size:
        return what + ": %d bytes of %d" % (len(got), size)
    if parts[0] == 4:
        l4 = (sent[0] & 15) * 4
        skip = {8, 10, 11} | set(range(12, 20))
        if csum(got[:l4]):
            return what + ": header checksum"
    else:
        l4 = size - len(parts[4])
        skip = {7} | set(range(8, 40))
    at = 16 if parts[3] == 6 else 6
    skip |= set(range(l4, l4 + 4)) | {l4 + at, l4 + at + 1}
    pseudo = parts[1] + parts[2] + struct.pack("!IHBB", len(parts[4]), 0, 0, parts[3])
    if csum(pseudo + parts[4]):
        return what + ": checksum"
    wrong = [i for i in range(size) if i not in skip and got[i] != sent[i]]
    return what + ": bytes " + " ".join(map(str, wrong)) if wrong else ""


OPTIONS = "020404d5" + "0402" + "080a11223344aabbccdd" + "01" + "030307" + "fd06f9891234" + "0101"


def same(proto, family, vip):
    client, endpoint = ("10.0.1.2", "10.0.11.2") if family == "4" else ("fd00:1::2", "fd00:11::2")
    key = {"tcpoptions": OPTIONS, "tos": "93", "data": "00ff" * 301}
    number = 6 if proto == "tcp" else 17
    port("c").drain()
    port("e1").drain()
    kind, there = packet(client, 7001, vip, 80, proto, key)
    send("c", kind, there)
    parts = arrived("e1", there, number)
    bad = unchanged(parts, there, "request")
    if bad:
        return bad
    if parts[1] != pack_addr(client) or parts[4][:4] != struct.pack("!HH", 7001, 8080):
        return "request: addresses"
    key["flags"] = "18"
    kind, back = packet(endpoint, 8080, client, 7001, proto, key)
    send("e1", kind, back)
    parts = arrived("c", back, number)
    bad = unchanged(parts, back, "answer")
    if not bad and (parts[1] != pack_addr(vip) or parts[4][:4] != struct.pack("!HH", 80, 7001)):
        bad = "answer: addresses"
    return bad or "same"


def command(words):
    if words[0] == "same":
        return same(*words[1:])
    if words[0] == "send":
        ns, src, sport, dst, dport, proto = words[1:7]
        key = dict(w.split("=", 1) for w in words[7:])
        for p in PORTS.values():
            p.drain()
        kind, data = packet(src, int(sport), dst, int(dport), proto, key)
        if "damaged" in key:
            data = data[:-1] + bytes([data[-1] ^ 1])
        for _ in range(int(key.get("count", 1))):
            send(ns, kind, data)
        return "sent"
    if words[0] == "hear":
        seconds = float(words[2]) if len(words) > 2 else 0.5
        heard = (word(f) for f in port(words[1]).hear(seconds * SLOW))
        return next((w for w in heard if w), "nothing")
    return "what?"


GATEWAYS = {}
for arg in sys.argv[1:]:
    name, mac = arg.split("=")
    GATEWAYS[name] = bytes.fromhex(mac.replace(":", ""))
    port(name)
print("ready", flush=True)
for line in sys.stdin:
    print(command(line.split()), flush=True)
