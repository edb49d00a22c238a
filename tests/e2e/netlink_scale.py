"""Tens of thousands of endpoints: how long it takes to set them, to see them, and what is seen while
they change."""
import os
import random
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import netlink as m  # noqa: E402
from netlink import K, Refused, Socket, endpoint, key  # noqa: E402

SLOW = int(os.environ.get("KLB_SLOW", "1"))
SERVICES, EACH = int(os.environ.get("KLB_SERVICES", 2500)) // SLOW, 10
BIG = int(os.environ.get("KLB_BIG", 20000)) // SLOW
NEW, SET, DEL = (K["KLB_CMD_SERVICE_" + c] for c in ("NEW", "SET", "DEL"))
GET = K["KLB_CMD_SERVICE_GET"]
nl = Socket()


def vip(i): return "10.200.%d.%d" % (i >> 8, i & 255)
def eps(n, base=0): return b"".join(endpoint("10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255))
                                    for i in range(base + (1 << 16), base + (1 << 16) + n))


def timed(name, limit, f, *args):
    start = time.monotonic()
    result = f(*args)
    spent = time.monotonic() - start
    print("# %s: %.2f s" % (name, spent))
    m.check("%s within %d s" % (name, limit * SLOW), spent < limit * SLOW, "%.1f s" % spent)
    return result


def raw_dump(payload=b"", room=1 << 20):
    """Datagrams of a dump, not looked into, so that our own time does not count. The kernel makes
    its messages as large as the largest buffer that the socket ever came with."""
    sock = nl if room == nl.room else Socket(room=room)
    sock.send(GET, payload, m.DUMP)
    got = []
    while True:
        data = sock.s.recv(room)
        got.append(data)
        at = 0
        while at < len(data):
            size, kind, flags = struct.unpack_from("=IHH", data, at)
            if kind in (m.DONE, m.ERROR):
                return got
            at += size


def parse(datagrams):
    reply = m.Reply()
    for data in datagrams:
        at = 0
        while at < len(data):
            size, kind, flags = struct.unpack_from("=IHH", data, at)
            reply.interrupted |= bool(flags & m.DUMP_INTR)
            if kind in (m.DONE, m.ERROR):
                m.Socket.verdict(kind, flags, data[at + 16:at + size])
            else:
                reply.append((data[at + 16], data[at + 20:at + size]))
            at += size + 3 & ~3
    return reply


def fill():
    for i in range(SERVICES):
        nl.ask(NEW, key("tcp", vip(i)) + eps(EACH))


def big():
    nl.ask(NEW, key("udp", "10.199.0.1") + eps(BIG))


timed("%d services of %d endpoints" % (SERVICES, EACH), 150, fill)
timed("a service of %d endpoints" % BIG, 100, big)
reply = parse(timed("dump of all", 5, raw_dump))
found = m.services(reply)
m.equal((len(found), sum(len(e) for _, e in found.values()), reply.interrupted),
        (SERVICES + 1, SERVICES * EACH + BIG, False), "all of them, once")
reply = parse(timed("dump of the large service, small buffer", 5, raw_dump,
                    key("udp", "10.199.0.1"), 4096))
_, listed = m.services(reply)[(17, socket.inet_aton("10.199.0.1"), 80)]
m.equal((len(listed), listed == sorted(set(listed))), (BIG, True), "in parts, in order")
m.check("it took many parts", len(reply) > 100, len(reply))
m.refused("get of the large service", 90, "dump it", nl.ask, GET, key("udp", "10.199.0.1"))
timed("one endpoint more in the large service", 60, nl.ask, K["KLB_CMD_ENDPOINT_NEW"],
      key("udp", "10.199.0.1") + endpoint("10.250.0.1"))


def disturb(seed):
    """Changes every second service, and the tail of the large one, until killed."""
    own, rng = Socket(), random.Random(seed)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        i = rng.randrange(SERVICES // 2) * 2 + 1
        k = key("tcp", vip(i))
        try:
            what = rng.randrange(4)
            if what == 0:
                own.ask(DEL, k)
            elif what == 1:
                own.ask(NEW, k + eps(rng.randrange(30)))
            elif what == 2:
                own.ask(SET, k + eps(rng.randrange(1, 30), rng.randrange(100)))
            else:
                own.ask(K["KLB_CMD_ENDPOINT_NEW"], k + endpoint("10.251.0.%d" % rng.randrange(256)))
        except Refused as r:
            if r.code not in (2, 17):
                os.write(1, ("not ok disturb - %s\n" % r).encode())
                os._exit(1)


children = []
for seed in (1, 2):
    pid = os.fork()
    if not pid:
        disturb(seed)
    children.append(pid)
interrupted = dumps = 0
wrong = []
until = time.monotonic() + 12
while time.monotonic() < until or dumps < 3:
    reply = parse(raw_dump(room=random.choice((8192, 16384, 1 << 20))))
    dumps += 1
    interrupted += reply.interrupted
    try:
        found = m.services(reply)
    except ValueError as e:
        wrong.append(str(e))
        continue
    for i in range(0, SERVICES, 2):
        _, listed = found.get((6, socket.inet_aton(vip(i)), 80), (0, ()))
        if len(listed) != EACH:
            wrong.append("service %d has %d endpoints" % (i, len(listed)))
    for k, (_, listed) in found.items():
        if listed != sorted(set(listed), key=lambda e: e[:2]):
            wrong.append("endpoints of %r not in order" % (k,))
m.check("what is not changed is always whole and told once", not wrong, wrong[:5])
m.check("interrupted dumps are flagged", interrupted > 0, "%d dumps" % dumps)
print("# %d dumps, %d interrupted" % (dumps, interrupted))
alive = True
for pid in children:
    if os.waitpid(pid, os.WNOHANG)[0]:
        alive = False
        continue
    # what it asks for last must not come after the flush
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
m.check("who changed them was never refused wrongly", alive)
timed("flush", 60, nl.ask, K["KLB_CMD_SERVICE_FLUSH"])
m.equal(len(raw_dump()), 1, "nothing is left")
sys.exit(bool(m.failed))
