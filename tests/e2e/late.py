"""late.py N: answers each of N clients until it hears that the client's socket is no more."""
import socket
import sys
import time

s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 7000))
print("listening", flush=True)
for _ in range(int(sys.argv[1])):
    data, peer = s.recvfrom(100)
    s.connect(peer)
    said = "nothing"
    for _ in range(100):
        try:
            s.send(b"x")
            time.sleep(0.1)
        except ConnectionRefusedError:
            said = "refused"
            break
    print(said, flush=True)
    s.close()
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", 7000))
