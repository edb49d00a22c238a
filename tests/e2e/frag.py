"""frag.py SRC DST PORT MODE[:SIZE]...: sends datagrams in fragments from SRC and prints what is answered, a word for each: "whole", or "NOTHING" if nothing is.

MODE is the order they are sent in, or what is wrong with them. Either family; nothing of it is made by the kernel.
"""
import os
import random
import socket
import struct
import sys

src, dst, port, *modes = sys.argv[1:]
port = int(port)
v6 = ":" in dst
family = socket.AF_INET6 if v6 else socket.AF_INET
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
sock = sport = ident = None
rnd = random.Random(20261124)
# What was thrown away is remembered for some seconds by its identification: no two are alike, of
# any run; and none is the flood's.
idents = (0x18000 | (os.getpid() * 16 + i) & 0x7FFF for i in range(16))
QUIET = ("missing", "overlap", "overlap-header", "tiny", "beyond", "long")


def addr(a):
    return socket.inet_pton(family, a)


def csum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(text):
    head = struct.pack("!HHHH", sport, port, 8 + len(text), 0)
    pseudo = addr(src) + addr(dst) + struct.pack("!II", 8 + len(text), 17)
    return head[:6] + struct.pack("!H", csum(pseudo + head + text) or 0xFFFF) + text


def fragment(data, at, more, number=None, options=False):
    number = ident if number is None else number
    if v6:
        body = struct.pack("!BBHI", 17, 0, at | more, number) + data
        if options:
            body = struct.pack("!BBBBI", 44, 0, 1, 4, 0) + body
        return struct.pack("!IHBB16s16s", 6 << 28, len(body), 60 if options else 44, 64, addr(src), addr(dst)) + body
    noops = b"\1" * (8 if options else 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(noops) // 4, 0, 20 + len(noops + data), number & 0xFFFF, more << 13 | at >> 3, 64, 17, 0, addr(src), addr(dst)) + noops
    return head[:10] + struct.pack("!H", csum(head)) + head[12:] + data


def cut(data, step):
    return [fragment(data[i : i + step], i, int(i + step < len(data))) for i in range(0, len(data), step)]


def order(mode, data):
    parts = cut(data, 600)
    if mode == "reverse":
        parts.reverse()
    elif mode == "shuffled":
        rnd.shuffle(parts)
    elif mode == "last-first":
        parts = parts[-1:] + parts[:-1]
    elif mode == "copies":
        parts = [p for p in parts[:-1] for _ in (0, 1)] + parts[-1:]
    elif mode == "small":
        parts = cut(data, 48)
    elif mode == "overlap":
        parts[1:1] = [fragment(b"x" * 64, 560, 1)]
    elif mode == "overlap-header":
        parts[1:1] = [fragment(b"x" * 16, 0, 1)]
    elif mode == "tiny":
        parts[0] = fragment(b"", 0, 1)
    elif mode == "beyond":
        parts[1:1] = [fragment(b"x" * 8, 64000, 0)]
    elif mode == "odd":
        parts[1:1] = [fragment(b"x" * 13, 600, 1)]
    elif mode == "death":
        parts[1:1] = [fragment(b"x" * 600, 65528, 0)]
    elif mode == "long":
        parts[0] = fragment(data[:600], 0, 1, options=True)
        parts.append(parts.pop(0))
    elif mode == "missing":
        del parts[1]
    return parts


def go(mode, size):
    global sock, sport, ident
    if mode == "flood":
        for i in range(size):
            raw.sendto(fragment(b"x" * 1000, 1000, 1, i), (dst, 0))
        return "NOTHING"
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((src, 0))
    sport = sock.getsockname()[1]
    ident = next(idents)
    text = bytes(rnd.choice(b"abcdefgh") for _ in range(size))
    for p in order(mode, udp(text)):
        raw.sendto(p, (dst, 0))
    sock.settimeout(1 if mode in QUIET else 20)
    try:
        answer, peer = sock.recvfrom(65536)
        return "whole" if text in answer and peer[1] == port else "other"
    except TimeoutError:
        return "NOTHING"


for mode in modes:
    mode, _, size = mode.partition(":")
    if mode == "flood":
        ident = 0
    print(go(mode, int(size or 3000)), flush=True)
