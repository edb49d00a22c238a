"""Packets of SCTP that no stack would send: sctp_forge.py SOURCE SPORT DEST DPORT TAG CHUNK...

Sends one packet with verification tag TAG (hex) and the CHUNKs (hex) from a raw socket of this
namespace; `bad` before TAG spoils its checksum.
"""
import socket
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def main():
    source, sport, dest, dport, tag = sys.argv[1:6]
    spoil = tag.startswith("bad")
    ports = struct.pack(">HH", int(sport), int(dport))
    head = ports + bytes.fromhex(tag.removeprefix("bad").rjust(8, "0"))
    chunks = b"".join(bytes.fromhex(c) for c in sys.argv[6:])
    crc = crc32c(head + bytes(4) + chunks) ^ spoil
    packet = head + struct.pack("<I", crc) + chunks
    family = socket.AF_INET6 if ":" in dest else socket.AF_INET
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_SCTP) as s:
        s.bind((source, 0))
        s.sendto(packet, (dest, 0))


main()
