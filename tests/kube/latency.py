#!/usr/bin/python3 -ISB
# SPDX-License-Identifier: GPL-2.0
"""latency.py KUBECONFIG SLICE VIP PORT COUNT PAUSE NAME=ADDRESS NAME=ADDRESS

Moves the only endpoint of an EndpointSlice of the namespace default from one address to the other, COUNT times, by
PATCH through the API server, and asks VIP for its name by one new TCP connection after the other. Between moves it waits
for PAUSE seconds: agents collect what comes soon after a change. Prints for each move the
milliseconds between the API server's answer and the begin of the first connection that the new endpoint answered, how many
connections failed until then, and how many of five that began after that were not answered by it; then
"median M p99 P max X lost L strays N".
"""
import json
import re
import socket
import ssl
import sys
import time
import http.client
import tempfile
import base64


LONGEST = 120  # seconds that a move may take


def connect(path):
    text = open(path).read()
    host, port = re.search(r"server: https://([^:]+):(\d+)", text).groups()
    token = re.search(r'token: "?([^"\n]+)', text).group(1)
    ca = re.search(r"certificate-authority-data: (\S+)", text)
    context = ssl.create_default_context(cadata=base64.b64decode(ca.group(1)).decode())
    return http.client.HTTPSConnection(host, int(port), context=context), token


def move(api, token, name, address):
    body = json.dumps({"endpoints": [{"addresses": [address], "conditions": {"ready": True}}]})
    api.request("PATCH", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/" + name, body,
                {"Authorization": "Bearer " + token, "Content-Type": "application/merge-patch+json"})
    answer = api.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(text.decode())


def ask(vip, port):
    """Who answers; None when nobody does."""
    try:
        with socket.create_connection((vip, port), 5) as s:
            s.sendall(b"x\n")
            return s.recv(100).split()[0].decode()
    except (OSError, IndexError):
        return None


def one(api, token, args, name, address):
    """(milliseconds, lost, strays)"""
    move(api, token, args[1], address)
    begin = time.monotonic()
    lost = 0
    while True:
        at = time.monotonic()
        if at > begin + LONGEST:
            sys.exit("%d s, and still not %s" % (LONGEST, name))
        who = ask(args[2], int(args[3]))
        if who == name:
            break
        lost += who is None
    strays = sum(ask(args[2], int(args[3])) != name for _ in range(5))
    return (at - begin) * 1000, lost, strays


def main():
    args = sys.argv[1:]
    api, token = connect(args[0])
    names = [a.split("=") for a in args[6:]]
    seen = []
    for i in range(int(args[4])):
        seen.append(one(api, token, args, *names[i % 2]))
        print("%.1f %d %d" % seen[-1], flush=True)
        time.sleep(float(args[5]))
    took = sorted(ms for ms, _, _ in seen)
    print("median %.0f p99 %.0f max %.0f lost %d strays %d" % (
        took[len(took) // 2], took[len(took) * 99 // 100], took[-1], sum(s[1] for s in seen), sum(s[2] for s in seen)))


main()
