#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""kube_api.py PORT: as much of an apiserver as lbagent sees, on loopback.

Lists and watches of Services, EndpointSlices, Nodes and ServiceCIDRs, from what standard input says, a line each:

	put OBJECT		JSON with a kind; takes the place of one of its name
	del KIND NS NAME
	compact			versions so far are forgotten: watches end with 410, and those from them are refused
	later N			the next N answers are 429

Each line is answered by the version of what there is then. tests/kube has a real one.
"""
import json
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = {"/api/v1/services": "Service", "/apis/discovery.k8s.io/v1/endpointslices": "EndpointSlice",
         "/api/v1/nodes": "Node", "/apis/networking.k8s.io/v1/servicecidrs": "ServiceCIDR"}
COND = threading.Condition()
OBJECTS = {}
EVENTS = []	# (version, kind, type, object)
STATE = {"version": 100, "oldest": 100, "later": 0}


def key(o):
    return o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]


def event(kind, o):
    STATE["version"] += 1
    o["metadata"]["resourceVersion"] = str(STATE["version"])
    EVENTS.append((STATE["version"], o["kind"], kind, o))


def command(line):
    word, _, rest = line.partition(" ")
    with COND:
        if word == "put":
            o = json.loads(rest)
            kind = "MODIFIED" if key(o) in OBJECTS else "ADDED"
            OBJECTS[key(o)] = o
            event(kind, o)
        elif word == "del":
            kind, ns, name = rest.split()
            event("DELETED", json.loads(json.dumps(OBJECTS.pop((kind, ns, name)))))
        elif word == "compact":
            STATE["version"] += 1
            STATE["oldest"] = STATE["version"]
            EVENTS.clear()
        elif word == "later":
            STATE["later"] = int(rest)
        COND.notify_all()
        return STATE["version"]


def status(code, reason):
    return {"kind": "Status", "code": code, "reason": reason, "message": reason}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, obj):
        body = json.dumps(obj).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        kind = KINDS.get(url.path)
        with COND:
            busy = STATE["later"] > 0
            STATE["later"] -= busy
        if busy:
            self.answer(429, status(429, "TooManyRequests"))
        elif not kind:
            self.answer(404, status(404, "NotFound"))
        elif "watch" in query:
            self.watch(kind, int(query["resourceVersion"]))
        elif int(query.get("resourceVersion", "0")) > STATE["version"]:
            cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            self.answer(504, dict(status(504, "Timeout"), details={"causes": [cause]}))
        else:
            with COND:
                items = [o for k, o in OBJECTS.items() if k[0] == kind]
                self.answer(200, {"metadata": {"resourceVersion": str(STATE["version"])}, "items": items})

    def watch(self, kind, version):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            with COND:
                COND.wait_for(lambda: STATE["version"] > version)
                lines = [{"type": t, "object": o} for v, k, t, o in EVENTS if v > version and k == kind]
                if version < STATE["oldest"]:
                    lines = [{"type": "ERROR", "object": status(410, "Expired")}]
                over = version < STATE["oldest"]
                version = STATE["version"]
            data = "".join(json.dumps(line) + "\n" for line in lines).encode()
            if data:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            if over:
                self.wfile.write(b"0\r\n\r\n")
                return


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        print(command(line.rstrip("\n")), flush=True)


main()
