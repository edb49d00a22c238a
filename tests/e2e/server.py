#!/usr/bin/python3
"""Identity server: server.py NAME tcp|udp|sctp PORT...

Answers every line (tcp, sctp) or datagram (udp) with "NAME PEERADDR PEERPORT LINE". Listens on
all addresses of both families; a UDP answer leaves from the address that was asked. A line
"close" ends the connection after the answer, "reset" ends it with a RST and no answer.
"""
import selectors
import socket
import struct
import sys

PROTO = {"tcp": (socket.SOCK_STREAM, socket.IPPROTO_TCP),
         "udp": (socket.SOCK_DGRAM, socket.IPPROTO_UDP),
         "sctp": (socket.SOCK_STREAM, 132)}


def listener(proto, port):
    kind, number = PROTO[proto]
    sock = socket.socket(socket.AF_INET6, kind, number)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == socket.SOCK_DGRAM:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    sock.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        sock.listen(512)
    sock.setblocking(False)
    return sock


def answer(name, peer, line):
    return f"{name} {peer[0].removeprefix('::ffff:')} {peer[1]} ".encode() + line


def serve_datagram(name, sock):
    data, control, _, peer = sock.recvmsg(65536, 1024)
    # Keep the address, drop the interface: routing decides the way back, as it does for TCP.
    info = [(level, kind, body[:16] + struct.pack("i", 0)) for level, kind, body in control
            if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO]
    sock.sendmsg([answer(name, peer, data.rstrip(b"\n")) + b"\n"], info, 0, peer)


class Connection:
    def __init__(self, name, sock, peer):
        self.name, self.sock, self.peer, self.pending = name, sock, peer, b""

    def readable(self):
        """Serves what has come in; False when the connection is over."""
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            return False
        self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        for line in lines:
            if line == b"reset":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            try:
                self.sock.sendall(answer(self.name, self.peer, line) + b"\n")
            except (ConnectionError, BlockingIOError):
                return False
            if line == b"close":
                return False
        return bool(data)


def serve_stream(name, selector, key):
    if key.data is not None:
        if not key.data.readable():
            selector.unregister(key.fileobj)
            key.fileobj.close()
        return
    try:
        sock, peer = key.fileobj.accept()
    except (ConnectionError, BlockingIOError):
        return
    sock.setblocking(False)
    selector.register(sock, selectors.EVENT_READ, Connection(name, sock, peer))


def main(name, proto, *ports):
    selector = selectors.DefaultSelector()
    for port in ports:
        selector.register(listener(proto, int(port)), selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if proto == "udp":
                try:
                    serve_datagram(name, key.fileobj)
                except OSError as error:
                    print(error, file=sys.stderr)
            else:
                serve_stream(name, selector, key)


main(*sys.argv[1:])
