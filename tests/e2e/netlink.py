"""Netlink as tests need it: messages may be as wrong as one likes, and refusals are told whole.

Nothing in here comes from klb's own tools or headers; the numbers of attributes and commands are
read from uapi/linux/klb.h, which is what programs are built against.
"""
import errno
import os
import re
import socket
import struct

REQUEST, MULTI, ACK, ECHO, DUMP_INTR, ACK_TLVS = 1, 2, 4, 8, 0x10, 0x200
DUMP = 0x300
ERROR, DONE = 2, 3
NESTED = 0x8000
SOL_NETLINK = 270
GENL_ID_CTRL = 16


def header_numbers(path):
    """Enum members of the uapi header."""
    numbers = {}
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    for body in re.findall(r"enum[^{;]*\{(.*?)\}", text, flags=re.S):
        value = -1
        for member in filter(None, (m.strip() for m in body.split(","))):
            name, _, given = (part.strip() for part in member.partition("="))
            value = int(given, 0) if given else value + 1
            numbers[name] = value
    return numbers


K = header_numbers(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../uapi/linux/klb.h"))


def raw(kind, payload, length=None):
    """An attribute, with a false length if one is given."""
    size = 4 + len(payload) if length is None else length
    return struct.pack("=HH", size, kind) + payload + bytes(-len(payload) % 4)


def u8(kind, v): return raw(kind, struct.pack("=B", v))
def u16(kind, v): return raw(kind, struct.pack("=H", v))
def be16(kind, v): return raw(kind, struct.pack(">H", v))
def u32(kind, v): return raw(kind, struct.pack("=I", v))
def text(kind, v): return raw(kind, v.encode() + b"\0")
def nest(kind, payload): return raw(kind | NESTED, payload)


def ip(kind, v):
    return raw(kind, socket.inet_pton(socket.AF_INET6 if ":" in v else socket.AF_INET, v))


def walk(data):
    """(type, payload) of each attribute."""
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4 or at + size > len(data):
            raise ValueError("attribute of %d bytes at %d of %d" % (size, at, len(data)))
        yield kind & 0x3fff, data[at + 4:at + size]
        at += size + 3 & ~3


def attrs(data):
    return dict(walk(data))


class Refused(Exception):
    def __init__(self, code, message, offset, missing):
        super().__init__("%s: %s" % (errno.errorcode.get(code, code), message))
        self.code, self.message = code, message
        self.offset, self.missing = offset, missing


class Reply(list):
    """(command, attributes as bytes) of each message."""
    interrupted = False
    messages = 0


class Socket:
    def __init__(self, family="klb", room=1 << 20):
        self.room = room
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.s.bind((0, 0))
        for option in (10, 11, 12):     # CAP_ACK, EXT_ACK, GET_STRICT_CHK
            self.s.setsockopt(SOL_NETLINK, option, 1)
        for force in (32, 33):          # SO_SNDBUFFORCE, SO_RCVBUFFORCE
            try:
                self.s.setsockopt(socket.SOL_SOCKET, force, 16 << 20)
            except PermissionError:
                pass
        self.s.settimeout(60)
        self.seq = 0
        reply = self.ask(3, text(2, family), to=GENL_ID_CTRL, version=2)
        info = attrs(reply[0][1])
        self.id = struct.unpack("=H", info[1])[0]
        self.groups = {}
        for _, group in walk(info.get(7, b"")):
            g = attrs(group)
            self.groups[g[1].rstrip(b"\0").decode()] = struct.unpack("=I", g[2])[0]

    def join(self, group):
        self.s.setsockopt(SOL_NETLINK, 1, self.groups[group])

    def send(self, command, payload=b"", flags=ACK, to=None, version=1):
        self.seq += 1
        body = struct.pack("=BBH", command, version, 0) + payload
        self.s.send(struct.pack("=IHHII", 16 + len(body), to or self.id, REQUEST | flags,
                                self.seq, 0) + body)

    def receive(self):
        """Messages of one datagram: (type, flags, seq, body)."""
        data = self.s.recv(self.room)
        at = 0
        while at + 16 <= len(data):
            size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data, at)
            yield kind, flags, seq, data[at + 16:at + size]
            at += size + 3 & ~3

    @staticmethod
    def verdict(kind, flags, body):
        code = -struct.unpack_from("=i", body)[0]
        tlvs = {}
        if flags & ACK_TLVS:
            # the request follows the error code unless it is capped
            tlvs = attrs(body[4 if kind == DONE else 20:])
        if code:
            number = lambda t: struct.unpack("=I", tlvs[t])[0] if t in tlvs else None
            raise Refused(code, tlvs.get(1, b"").rstrip(b"\0").decode(), number(2), number(5))

    def ask(self, command, payload=b"", flags=ACK, **how):
        """One request and all that answers it; raises Refused."""
        self.send(command, payload, flags, **how)
        reply = Reply()
        while True:
            for kind, flags, seq, body in self.receive():
                if seq != self.seq:
                    continue
                reply.interrupted |= bool(flags & DUMP_INTR)
                if kind in (ERROR, DONE):
                    self.verdict(kind, flags, body)
                    return reply
                reply.messages += 1
                reply.append((body[0], body[4:]))

    def dump(self, command, payload=b"", **how):
        return self.ask(command, payload, DUMP, **how)

    def told(self, seconds=5):
        """The next notification: (command, attributes)."""
        self.s.settimeout(seconds)
        try:
            for kind, _, seq, body in self.receive():
                if kind == self.id:
                    return body[0], attrs(body[4:])
        finally:
            self.s.settimeout(60)


# ---- klb's objects

def key(proto="tcp", addr="10.100.0.1", port=80):
    return (u8(K["KLB_A_SERVICE_PROTO"], {"tcp": 6, "udp": 17}[proto]) +
            ip(K["KLB_A_SERVICE_ADDR"], addr) + be16(K["KLB_A_SERVICE_PORT"], port))


def endpoint(addr="10.0.11.2", port=8080, weight=None, state=None):
    inner = ip(K["KLB_A_ENDPOINT_ADDR"], addr) + be16(K["KLB_A_ENDPOINT_PORT"], port)
    if weight is not None:
        inner += u16(K["KLB_A_ENDPOINT_WEIGHT"], weight)
    if state is not None:
        inner += u8(K["KLB_A_ENDPOINT_STATE"], state)
    return nest(K["KLB_A_SERVICE_ENDPOINT"], inner)


def services(reply):
    """What a dump of services says: {key: (settings of its first part, [endpoints])}."""
    found, going_on = {}, None
    for _, data in reply:
        a = attrs(data)
        k = (a[K["KLB_A_SERVICE_PROTO"]][0], a[K["KLB_A_SERVICE_ADDR"]],
             struct.unpack(">H", a[K["KLB_A_SERVICE_PORT"]])[0])
        if k in found and going_on != k:
            raise ValueError("service %s told twice" % (k,))
        if going_on not in (None, k) and not reply.interrupted:
            raise ValueError("service %s not ended before %s" % (going_on, k))
        eps = found.setdefault(k, (a, []))[1]
        for kind, inner in walk(data):
            if kind == K["KLB_A_SERVICE_ENDPOINT"]:
                e = attrs(inner)
                eps.append((e[K["KLB_A_ENDPOINT_ADDR"]],
                            struct.unpack(">H", e[K["KLB_A_ENDPOINT_PORT"]])[0],
                            struct.unpack("=H", e[K["KLB_A_ENDPOINT_WEIGHT"]])[0],
                            e[K["KLB_A_ENDPOINT_STATE"]][0]))
        going_on = k if K["KLB_A_SERVICE_MORE"] in a else None
    return found


# ---- findings, as lib.sh tells them

failed = 0


def check(name, good, why=""):
    global failed
    if good:
        print("ok", name, flush=True)
    else:
        failed += 1
        print("not ok %s - %s" % (name, why), flush=True)
    return good


def equal(got, want, name):
    return check(name, got == want, "got %r, want %r" % (got, want))


def refused(name, code, words, ask, *args, **kw):
    """ask(*args) is refused with this code and a sentence that has these words."""
    try:
        ask(*args, **kw)
    except Refused as r:
        return check(name, r.code == code and words in r.message,
                     "%s, want %s: %s" % (r, errno.errorcode[code], words)) and r
    check(name, False, "not refused")
    return None
