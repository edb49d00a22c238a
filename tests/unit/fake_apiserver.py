#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fake_apiserver.py [CERT KEY]: prints its port and serves scripts, one a first part of a path.

A script is a list of steps, one a request: what the rest of the path (or header, or body) must match,
and what to do. A request that does not match is answered by 599 with what was wanted instead.
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


NAME = "(?P<name>web[.][0-9a-f]{16})"


def event(**more):
    """An Event is created; more: what must be in it otherwise, as regular expressions."""
    body = {"apiVersion": "v1", "kind": "Event", "metadata.name": NAME, "metadata.namespace": "shop",
            "involvedObject.apiVersion": "v1", "involvedObject.kind": "Service",
            "involvedObject.namespace": "shop", "involvedObject.name": "web", "involvedObject.uid": "u-1",
            "reason": "Bad", "message": "it is", "type": "Warning", "source.component": "lbagent",
            "source.host": "node-1", "reportingComponent": "lbagent", "reportingInstance": "node-1",
            "firstTimestamp": WHEN, "lastTimestamp": WHEN, "count": "1"}
    body.update(more.pop("body", {}))
    return dict({"method": "POST", "want": "/api/v1/namespaces/shop/events$", "type": "application/json",
                 "body": body, "code": 201, "json": {}}, **more)


def again(count, **more):
    """The Event that was created last is said to be so many."""
    return dict({"method": "PATCH", "want": "/api/v1/namespaces/shop/events/{name}$",
                 "type": "application/merge-patch[+]json", "body": {"count": str(count), "lastTimestamp": WHEN},
                 "json": {}}, **more)


WHEN = "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"
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
    "events": [event(), again(2), again(3)],
    "other": [event(), event(body={"reason": "Worse"}), event(body={"message": "it was"}),
              event(body={"involvedObject.uid": "None"})],
    "late": [event(), again(2), event(body={"metadata.name": "(?!{name})" + NAME})],
    "text": [event(body={"message": "x{1023}"}), event(body={"message": "a[?]b"}),
             event(body={"message": "a\n\"b\""})],
    "away": [event(code=503, json=status(503, "Unavailable")),
             event(code=429, json=status(429, "TooManyRequests"), body={"metadata.name": "{name}"}),
             event(body={"metadata.name": "{name}", "count": "2"})],
    "there": [event(code=409, json=status(409, "AlreadyExists")), again(2)],
    "left": [event(), again(2, code=404, json=status(404, "NotFound")),
             event(body={"metadata.name": "{name}", "count": "2"}), again(3)],
    "forbidden": [event(code=403, json=status(403, "Forbidden")),
                  event(code=403, json=status(403, "Forbidden"), body={"message": "b"}), event(body={"message": "c"}),
                  event(code=403, json=status(403, "Forbidden"), body={"message": "d"})],
    "flood": [event(body={"count": "30"})],
    "down": [event(code=503, json=status(503, "Unavailable"))] * 100,
    "silent": [event(parts=[HOLD], json=None), event(body={"message": "b"})],
    "postauth": [event(code=401, json=status(401, "Unauthorized"), auth="Bearer one"),
                 event(body={"metadata.name": "{name}"}, auth="Bearer two")],
}
STATE = {}
NAMES = {}
LOCK = threading.Lock()


def flat(value, key=""):
    """{"a": {"b": 1}} is {"a.b": 1}."""
    if not isinstance(value, dict):
        return {key[1:]: value}
    return {k: v for name in value for k, v in flat(value[name], key + "." + name).items()}


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

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

    def mismatch(self, step, script, rest):
        """What is not as it should be, or None. Names in patterns are remembered for later steps."""
        names = NAMES.setdefault(script, {"name": "nothing"})
        body = self.body()
        pairs = [("method", step.get("method", "GET"), self.command),
                 ("path", step["want"], "/" + rest),
                 ("type", step.get("type", ""), self.headers.get("Content-Type", ""))]
        wanted = step.get("body", {})
        got = flat(json.loads(body)) if body else {}
        pairs += [(key, want + "$", got.get(key)) for key, want in wanted.items()]
        pairs += [(key, "nothing", got[key]) for key in got if key not in wanted]
        for what, want, value in pairs:
            match = re.match(want.replace("{name}", names["name"]), str(value))
            if not match:
                return "%s is %s, want %s" % (what, value, want)
            names.update(match.groupdict())
        if step.get("auth") != self.headers.get("Authorization"):
            return "authorization is " + str(self.headers.get("Authorization"))
        return None

    def do_GET(self):
        _, name, rest = self.path.split("/", 2)
        with LOCK:
            n = STATE.get(name, 0)
            STATE[name] = n + 1
        steps = SCRIPTS[name]
        step = steps[n] if n < len(steps) else {"want": "nothing", "auth": None}
        wrong = self.mismatch(step, name, rest)
        if wrong:
            self.answer(599, {"message": "step %d: %s" % (n, wrong)}, {})
        elif step.get("json") is not None:
            self.answer(step.get("code", 200), step["json"], step.get("headers", {}))
        else:
            self.stream(step)

    do_POST = do_PATCH = do_GET


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
