#!/usr/bin/python3
"""Client of server.py: client.py tcp|udp|sctp ADDR PORT [OPTION...]

--count N    N connections one after the other, each from its own port, an answer a line (1)
--lines N    exchanges per connection (1)          --text T     what is sent (hello)
--sport P    source port of the first connection, then P+1 ...
--bind A     source address                        --timeout S  for each answer (5)
--hold       one connection; every line of standard input is sent and its answer printed
Exit status 1 as soon as an answer does not come; the reason is on standard error.
"""
import argparse
import socket
import sys

PROTO = {"tcp": (socket.SOCK_STREAM, socket.IPPROTO_TCP),
         "udp": (socket.SOCK_DGRAM, socket.IPPROTO_UDP),
         "sctp": (socket.SOCK_STREAM, 132)}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("proto", choices=PROTO)
    parser.add_argument("addr")
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--text", default="hello")
    parser.add_argument("--sport", type=int, default=0)
    parser.add_argument("--bind", default="")
    parser.add_argument("--timeout", type=float, default=5)
    parser.add_argument("--hold", action="store_true")
    return parser.parse_args()


class Exchange:
    def __init__(self, args, sport):
        family = socket.AF_INET6 if ":" in args.addr else socket.AF_INET
        self.sock = socket.socket(family, *PROTO[args.proto])
        self.sock.settimeout(args.timeout)
        self.datagram = args.proto == "udp"
        self.pending = b""
        if sport or args.bind:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.sock.bind((args.bind, sport))
        self.sock.connect((args.addr, args.port))

    def ask(self, text):
        self.sock.sendall(text.encode() + (b"" if self.datagram else b"\n"))
        if self.datagram:
            return self.sock.recv(65536).decode().rstrip("\n")
        while b"\n" not in self.pending:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("connection closed")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return line.decode()


def hold(args):
    exchange = Exchange(args, args.sport)
    for line in sys.stdin:
        print(exchange.ask(line.rstrip("\n")), flush=True)


def ask(args):
    for i in range(args.count):
        exchange = Exchange(args, args.sport + i if args.sport else 0)
        for _ in range(args.lines):
            print(exchange.ask(args.text), flush=True)
        exchange.sock.close()


def main():
    args = arguments()
    try:
        (hold if args.hold else ask)(args)
    except OSError as error:
        sys.exit(f"client: {error}")


main()
