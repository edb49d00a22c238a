"""Attaches an XDP program that drops everything to the driver of device argv[1], says so, and
keeps it until standard input ends: the link goes with its descriptor."""
import ctypes
import os
import socket
import struct
import sys

SYSCALL_BPF, PROG_LOAD, LINK_CREATE = 321, 5, 28
PROG_TYPE_XDP, ATTACH_XDP, FLAGS_DRV = 6, 37, 4
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buf = ctypes.create_string_buffer(attr, 128)
    fd = libc.syscall(SYSCALL_BPF, command, buf, 128)
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return fd


# r0 = XDP_DROP; exit
insns = ctypes.create_string_buffer(struct.pack("=BBhiBBhi", 0xb7, 0, 0, 1, 0x95, 0, 0, 0))
licence = ctypes.create_string_buffer(b"GPL")
prog = bpf(PROG_LOAD, struct.pack("=IIQQ", PROG_TYPE_XDP, 2, ctypes.addressof(insns),
                                  ctypes.addressof(licence)))
link = bpf(LINK_CREATE, struct.pack("=IIII", prog, socket.if_nametoindex(sys.argv[1]),
                                    ATTACH_XDP, FLAGS_DRV))
print("attached", flush=True)
sys.stdin.read()
