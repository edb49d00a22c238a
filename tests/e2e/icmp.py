"""icmp.py VIP PORT CLIENT CPORT KIND...: sends errors about UDP replies that VIP:PORT sent to CLIENT:CPORT.

KIND is "good" or names what is wrong with it, or sctp=TAG, which is about a packet of SCTP. "tunnel,SRC,DST" is about a
packet from CLIENT to VIP that was put in one from SRC to DST; "tunnel-sum" and "tunnel-other" likewise. Either family; a
raw socket that writes its own headers.
"""
import socket
import struct
import sys

vip, port, client, cport, *kinds = sys.argv[1:]
port, cport = int(port), int(cport)
v6 = ":" in vip
family = socket.AF_INET6 if v6 else socket.AF_INET
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)


def addr(a):
    return socket.inet_pton(family, a)


def csum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(src, dst, proto, body, frag=0, spoil=0):
    if v6:
        return struct.pack("!IHBB16s16s", 6 << 28, len(body), proto, 64, addr(src), addr(dst)) + body
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 7, frag, 64, proto, 0, addr(src), addr(dst))
    return head[:10] + struct.pack("!H", csum(head) ^ spoil) + head[12:] + body


def message(kind):
    sport = port if kind != "stray" else cport
    udp = struct.pack("!HHHH", port, cport if kind != "stray" else 9, 40, 0x1234) + bytes(32)
    frag, proto = 0, 17
    if kind.startswith("sctp="):
        udp = struct.pack("!HHI", port, cport, int(kind[5:], 16)) + bytes(24)
        proto = 132
    if kind == "later":
        frag = 100
        if v6:
            udp = struct.pack("!BBHI", 17, 0, 800, 7) + udp
    inner = ip(vip, client, 44 if v6 and frag else proto, udp, frag, spoil=0x100 if kind == "inner-sum" else 0)
    if kind == "short":
        inner = inner[: (40 if v6 else 20) + 7]
    if kind == "no-header":
        inner = inner[:12]
    mtu = {"silly": 1279 if v6 else 67}.get(kind, 1400)
    if v6:
        icmp_type, code, info = (1, 4, 0) if kind == "good" else (2, 0, mtu)
    else:
        icmp_type, code, info = (3, 3, 0) if kind == "good" else (3, 4, mtu)
    if kind == "option":
        icmp_type, code, info = (4, 2, 0) if v6 else (12, 1, 0)
    icmp_type = {"redirect": 5, "quench": 4}.get(kind, icmp_type)
    return error(vip, icmp_type, code, info, inner, kind == "sum")


def error(dst, icmp_type, code, info, inner, spoil):
    icmp = struct.pack("!BBHI", icmp_type, code, 0, info) + inner
    pseudo = addr(client) + addr(dst) + struct.pack("!II", len(icmp), 58) if v6 else b""
    total = csum(pseudo + icmp) ^ (0x100 if spoil else 0)
    return ip(client, dst, 58 if v6 else 1, icmp[:2] + struct.pack("!H", total) + icmp[4:])


def tunnelled(kind, src, dst):
    sport = 9 if kind == "tunnel-other" else cport
    inner = ip(client, vip, 17, struct.pack("!HHHH", sport, port, 40, 0x1234) + bytes(32))
    outer = ip(src, dst, 41 if v6 else 4, inner)
    return error(src, 2 if v6 else 3, 0 if v6 else 4, 1400, outer, kind != "tunnel")


for kind in kinds:
    if kind.startswith("tunnel"):
        kind, src, dst = kind.split(",")
        raw.sendto(tunnelled(kind, src, dst), (src, 0))
        continue
    raw.sendto(message(kind), (vip, 0))
