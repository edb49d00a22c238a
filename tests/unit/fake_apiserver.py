#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fake_apiserver.py [CERT KEY]: prints its port and serves scripts, one a first part of a path.

A script is a list of steps, one a request: what the rest of the path (or header) must match, and
what to do. A request that does not match is answered by 599 with what was wanted instead.
"""
import json
import re
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def obj(name, version, **more):
    meta = {"name": name, "resourceVersion": str(version), "managedFields": [{"x": 1}]}
    return dict({"metadata": meta}, **more)


def ev(kind, name, version, **more):
    return json.dumps({"type": kind, "object": obj(name, version, **more)}) + "\n"


def status(code, reason, **more):
    return dict({"kind": "Status", "code": code, "reason": reason, "message": "m"}, **more)


def error(*args, **more):
    return json.dumps({"type": "ERROR", "object": status(*args, **more)}) + "\n"


HOLD = object()
Q = r"/r\?labelSelector=%21a%2Fb&"


def lst(version, new, *names, **more):
    """A list asked for with version ('' for none)."""
    want = Q + "resourceVersion=" + version + "$" if version else r"/r\?labelSelector=%21a%2Fb$"
    body = {"metadata": {"resourceVersion": str(new)}, "items": [obj(n, new) for n in names]}
    return dict({"want": want, "json": body}, **more)


def watch(version, *parts, **more):
    """parts: texts, numbers of seconds to sleep, HOLD."""
    want = (Q + "watch=1&allowWatchBookmarks=true&resourceVersion=%s&"
            "timeoutSeconds=([345][0-9][0-9]|600)$" % version)
    return dict({"want": want, "parts": parts}, **more)


LISTING = json.dumps({"metadata": {"resourceVersion": "10"}, "items": [obj("a", 1, x="]}\\\""), obj("b", 2)]})
LINE = ev("ADDED", "b", 11)
TOO_LARGE = {"details": {"causes": [{"reason": "ResourceVersionTooLarge"}]}}
SCRIPTS = {
    "normal": [lst("0", 10, "a"), watch(10, LINE, ev("MODIFIED", "a", 12), ev("DELETED", "b", 13), HOLD)],
    "chunks": [lst("0", 10), watch(10, LINE[:7], .02, LINE[7:40], .02, LINE[40:] + LINE[:-1], .02, "\n", HOLD)],
    "bookmark": [lst("0", 10), watch(10, ev("BOOKMARK", "", 15)), watch(15, LINE, HOLD)],
    "eof": [lst("0", 10), watch(10, LINE), watch(11, ev("ADDED", "c", 12), HOLD)],
    "atonce": [lst("0", 10), watch(10), watch(10, LINE, HOLD)],
    "gone": [lst("0", 10, "a"), watch(10, code=410, json=status(410, "Gone")), lst("10", 20, "b"), watch(20, HOLD)],
    "expired": [lst("0", 10, "a"), watch(10, LINE, error(410, "Expired")), lst("11", 20, "b"), watch(20, HOLD)],
    "quorum": [lst("0", 10), watch(10, error(410, "Expired")), lst("10", 0, code=410, json=status(410, "Expired")),
               lst("", 20, "q"), watch(20, HOLD)],
    "toolarge": [lst("0", 10), watch(10, error(410, "Expired")),
                 lst("10", 0, code=504, json=status(504, "Timeout", **TOO_LARGE)), lst("", 20, "q"), watch(20, HOLD)],
    "busy": [lst("0", 10), watch(10, code=429, json=status(429, "TooManyRequests"), headers={"Retry-After": "1"}),
             watch(10, LINE, HOLD)],
    "dead": [lst("0", 10), watch(10, "{", HOLD), lst("10", 10), watch(10, LINE, HOLD)],
    "overflow": [lst("0", 10), watch(10, '{"' + "x" * 2000 + '":1}\n'), lst("10", 20, "b"), watch(20, HOLD)],
    "garbage": [lst("0", 10), watch(10, "{]\n"), lst("10", 20, "b"), watch(20, HOLD)],
    "cut": [lst("0", 10), watch(10, LINE, cut=True), lst("11", 11, "b"), watch(11, HOLD)],
    "part": [lst("0", 10, code=200, json={"metadata": {"resourceVersion": "9", "continue": "x"}, "items": []}),
             lst("0", 10, "a"), watch(10, HOLD)],
    "brokenlist": [lst("0", 10, parts=[LISTING[:-9]], cut=True, json=None),
                   lst("0", 10, parts=[LISTING[:70], .02, LISTING[70:80], .02, LISTING[80:]], json=None),
                   watch(10, ev("ADDED", "c", 11), HOLD)],
    "badlist": [lst("0", 10, parts=[LISTING.replace(", {", ", 7, {")], json=None),
                lst("0", 10, "a", "b"), watch(10, HOLD)],
    "token": [lst("0", 10, "a", auth="Bearer one"), watch(10, code=401, json=status(401, "Unauthorized"), auth="Bearer one"),
              watch(10, LINE, HOLD, auth="Bearer two")],
    "exec": [lst("0", 10, auth="Bearer x1"), watch(10, code=401, json=status(401, "Unauthorized"), auth="Bearer x1"),
             watch(10, LINE, HOLD, auth="Bearer x2")],
}
STATE = {}
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body, headers):
        data = json.dumps(body).encode()
        self.send_response(code)
        for k, v in headers.items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text.encode()))
        self.wfile.flush()

    def stream(self, step):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in step["parts"]:
            if part is HOLD:
                time.sleep(30)
            elif isinstance(part, str):
                self.chunk(part)
            else:
                time.sleep(part)
        self.close_connection = True
        if not step.get("cut"):
            self.chunk("")

    def do_GET(self):
        _, name, rest = self.path.split("/", 2)
        with LOCK:
            n = STATE.get(name, 0)
            STATE[name] = n + 1
        steps = SCRIPTS[name]
        step = steps[n] if n < len(steps) else {"want": "nothing", "auth": None}
        got = self.headers.get("Authorization")
        if not re.match(step["want"], "/" + rest) or step.get("auth") != got:
            self.answer(599, {"message": "step %d: %s %s" % (n, rest, got)}, {})
        elif step.get("json"):
            self.answer(step.get("code", 200), step["json"], step.get("headers", {}))
        else:
            self.stream(step)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    # A handshake that fails is of one connection, not of the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
