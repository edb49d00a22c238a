"""hostile.py DEVICE DST_MAC VIP4 VIP6 COUNT: sends COUNT frames to a service, none of them right.

They are good ones that were cut, stretched, or changed where headers are; the same ones each time.
"""
import random
import socket
import struct
import sys

device, mac, vip4, vip6, count = sys.argv[1:]
rnd = random.Random(20261124)
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((device, 0))
DST = bytes.fromhex(mac.replace(":", ""))
SRC = sock.getsockname()[4]


def csum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data[: len(data) & ~1]))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def l4(proto):
    sport, data = rnd.randrange(1024, 65536), rnd.randbytes(rnd.randrange(40))
    if proto == 6:
        flags = rnd.choice([2, 16, 17, 4, 0, 255, rnd.randrange(256)])
        return struct.pack("!HHIIBBHHH", sport, 80, 1, 1, rnd.randrange(16) << 4, flags, 1000, 0, 0) + data
    length = rnd.choice([8 + len(data), rnd.randrange(65536), 0, 7])
    return struct.pack("!HHHH", sport, 80, length, rnd.randrange(65536)) + data


def ip4():
    proto = rnd.choice([6, 17, 17, 1, 132, rnd.randrange(256)])
    options = rnd.randbytes(4 * rnd.choice([0, 0, 0, 1, 10]))
    body = l4(6 if proto == 6 else 17)
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | rnd.choice([5 + len(options) // 4, rnd.randrange(16)]), 0,
                       rnd.choice([20 + len(options) + len(body), rnd.randrange(65536)]), 1,
                       rnd.choice([0, 0, 0x2000, 0x4000, rnd.randrange(65536)]), rnd.choice([64, 1, 0]), proto,
                       0, socket.inet_aton(rnd.choice(["10.0.1.2", vip4, "127.0.0.1", "0.0.0.0"])),
                       socket.inet_aton(vip4))
    head = head[:10] + struct.pack("!H", csum(head)) + head[12:] + options
    return b"\x08\x00" + head + body


def ip6():
    chain, kinds = b"", [rnd.choice([0, 43, 44, 60, 51, 135, rnd.randrange(256)]) for _ in range(rnd.choice([0, 0, 1, 3, 12]))]
    proto = rnd.choice([6, 17, 58])
    for i, _ in enumerate(kinds):
        following = kinds[i + 1] if i + 1 < len(kinds) else proto
        chain += bytes([following, rnd.choice([0, 0, 1, 255])]) + rnd.randbytes(6)
    body = chain + l4(6 if proto == 6 else 17)
    return b"\x86\xdd" + struct.pack("!IHBB16s16s", 6 << 28, rnd.choice([len(body), rnd.randrange(65536), 0]),
                                     kinds[0] if kinds else proto, rnd.choice([64, 1]),
                                     socket.inet_pton(socket.AF_INET6, rnd.choice(["fd00:1::2", vip6, "::1", "::"])),
                                     socket.inet_pton(socket.AF_INET6, vip6)) + body


for _ in range(int(count)):
    packet = bytearray(rnd.choice([ip4, ip6])())
    for _ in range(rnd.choice([0, 0, 1, 2, 5])):
        packet[rnd.randrange(2, min(len(packet), 62))] = rnd.randrange(256)
    cut = rnd.choice([len(packet), len(packet), rnd.randrange(2, len(packet) + 1)])
    packet = bytes(packet[:cut]) + bytes(rnd.choice([0, 0, 1, 18, 200]))
    sock.send(DST + SRC + packet)
