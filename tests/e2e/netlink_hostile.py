"""Messages that no honest program sends. The kernel answers each with an error or does what it
says; it is the kernel's own log that tells whether it came to harm."""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import netlink as m  # noqa: E402
from netlink import K, ACK, DUMP, Refused, Socket, endpoint, ip, key, nest, raw  # noqa: E402

COMMANDS = {v: n for n, v in K.items() if n.startswith("KLB_CMD_")}
ENDPOINT = K["KLB_A_SERVICE_ENDPOINT"]
FLUSH = K["KLB_CMD_SERVICE_FLUSH"]
SIZES = (0, 1, 2, 3, 4, 5, 8, 16, 17, 256, 65000)
KINDS = list(range(0, 22)) + [99, 0x3fff]
SEED, SLOW = (int(os.environ.get(name, "1")) for name in ("KLB_SEED", "KLB_SLOW"))
chance = random.Random(SEED)
nl = Socket()
count = {"done": 0, "refused": 0}
silent = []


def shoot(command, payload, flags=ACK):
    """One message; a refusal must have a reason in words, unless it is not klb that refuses. A slow
    kernel gets a sample.
    """
    if SLOW > 1 and chance.randrange(8):
        return
    try:
        nl.ask(command, payload, flags)
        count["done"] += 1
    except Refused as r:
        count["refused"] += 1
        if not r.message and r.code not in (1, 95):
            silent.append((COMMANDS.get(command, command), r.code, payload[:64].hex()))


def alive(name):
    """Nothing of all this hurts what comes after it."""
    nl.ask(FLUSH)
    nl.ask(K["KLB_CMD_SERVICE_NEW"], key() + endpoint() + endpoint("10.0.12.2"))
    found = m.services(nl.dump(K["KLB_CMD_SERVICE_GET"]))
    nl.ask(FLUSH)
    m.check(name, len(found) == 1 and not silent, "%d services; without a sentence: %s" %
            (len(found), silent[:5]))
    print("#", name, count)
    silent.clear()


def sizes():
    """Every attribute of every command with every size, with and without the rest."""
    for command in COMMANDS:
        for kind in KINDS:
            for size in SIZES:
                shoot(command, raw(kind, b"\x11" * size))
            shoot(command, raw(kind | 0x8000, b"\x11" * 8))
            shoot(command, raw(kind | 0x4000, b"\x11" * 8))
            shoot(command, key() + raw(kind, b"\0" * 8) + endpoint(), DUMP)
    alive("every attribute in every size")


def endpoints():
    """The same one level down."""
    base = ip(1, "10.1.1.1") + m.be16(2, 80)
    for command in (K["KLB_CMD_SERVICE_NEW"], K["KLB_CMD_SERVICE_SET"],
                    K["KLB_CMD_ENDPOINT_NEW"], K["KLB_CMD_ENDPOINT_DEL"]):
        for kind in KINDS:
            for size in SIZES[:-1]:
                shoot(command, key() + nest(ENDPOINT, raw(kind, b"\x22" * size)))
                shoot(command, key() + nest(ENDPOINT, base + raw(kind, b"\x22" * size)))
            shoot(command, key() + nest(ENDPOINT, base + raw(kind | 0x8000, b"\x22" * 8)))
    alive("every attribute of an endpoint in every size")


def lengths():
    """Attributes and nests that claim to be longer or shorter than they are."""
    whole = key() + endpoint(weight=1, state=0) + endpoint("10.0.12.2")
    for command in COMMANDS:
        for cut in range(0, len(whole) + 1, 3):
            shoot(command, whole[:cut])
        for at in range(0, len(whole), 4):
            for length in (0, 3, 5, 8, 0xffff):
                shoot(command, whole[:at] + struct.pack("=H", length) + whole[at + 2:])
    deep = b""
    for _ in range(200):
        deep = nest(ENDPOINT, deep)
    shoot(K["KLB_CMD_SERVICE_NEW"], key() + deep)
    alive("false lengths")


def mutations(seed, n):
    """Good messages with a few bytes changed."""
    rng = random.Random(seed)
    good = [key() + endpoint(weight=2, state=1) + endpoint("10.0.12.2"),
            key("udp", "fd00:100::1") + endpoint("fd00:11::2"),
            key() + m.text(K["KLB_A_SERVICE_NAME"], "name") + m.u32(K["KLB_A_SERVICE_TIMEOUT"], 5) +
            m.u32(K["KLB_A_SERVICE_SEED"], 1),
            key() + endpoint() * 40,
            m.u32(K["KLB_A_NET_CONN_MAX"], 1000) + m.u8(K["KLB_A_NET_VETH_PEER"], 1)]
    for _ in range(n):
        data = bytearray(rng.choice(good))
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            data[rng.randrange(len(data))] = rng.choice((0, 1, 4, 8, 16, 0xff, rng.randrange(256)))
        shoot(rng.choice(list(COMMANDS)), bytes(data), rng.choice((ACK, ACK, ACK, DUMP)))
    alive("%d mutations, seed %d" % (n, seed))


def too_many():
    """More endpoints than a service may have, and a list that has one of them twice."""
    def many(n):
        return b"".join(endpoint("10.%d.%d.%d" % (1 + (i >> 16), i >> 8 & 255, i & 255))
                        for i in range(n))
    m.refused("65536 endpoints", 22, "at most 65535", nl.ask, K["KLB_CMD_SERVICE_NEW"],
              key() + many(65536))
    m.refused("5000 endpoints and one twice", 22, "twice", nl.ask, K["KLB_CMD_SERVICE_NEW"],
              key() + many(5000) + endpoint("10.1.4.4"))
    alive("too many")


sizes()
endpoints()
lengths()
mutations(SEED, 6000)
too_many()
sys.exit(bool(m.failed))
