"""bulk.py PORT PRIVATE SERVICES [SLICES [ENDPOINTS]] [--first I] [--namespace NS] [--connections N]
bulk.py PORT PRIVATE --delete [--namespace NS]

Writes Services b0, b1, ... and so many EndpointSlices for each, with so many endpoints (1, 10)
each, through the API server on PORT, by several connections (8) at once. They are nobody's: no pods, no
selector, and no controller looks at the slices. Service I has the ClusterIP 10.96.(16 + I / 250).(1 + I %
250), port 80, named http, target port 8080; endpoints count up from 10.128.0.0, on nodes n1 and n2
by turns. --first begins with another number, so that there can be more later. Prints how long it
took; fails with what the server said when it refuses. PRIVATE is where `plane` has its secrets."""
import argparse
import ipaddress
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api import Api  # noqa: E402

LABEL = "klb.test/bulk"
FIRST_ENDPOINT = int(ipaddress.IPv4Address("10.128.0.0"))


def meta(name, **labels):
    return {"name": name, "labels": dict({LABEL: "yes"}, **labels)}


def service(i):
    return {"metadata": meta("b%d" % i),
            "spec": {"clusterIP": "10.96.%d.%d" % (16 + i // 250, 1 + i % 250),
                     "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}


def endpoint(n):
    return {"addresses": [str(ipaddress.IPv4Address(FIRST_ENDPOINT + n))],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": "n%d" % (1 + n % 2)}


def endpoint_slice(i, k, slices, each):
    base = (i * slices + k) * each
    labels = {"kubernetes.io/service-name": "b%d" % i,
              "endpointslice.kubernetes.io/managed-by": "klb-tests"}
    return {"metadata": {"name": "b%d-%d" % (i, k), "labels": dict({LABEL: "yes"}, **labels)},
            "addressType": "IPv4", "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            "endpoints": [endpoint(base + n) for n in range(each)]}


class Writer:
    """Threads take numbers of services until there are none or one of them has failed."""

    def __init__(self, args, connect):
        self.args, self.connect = args, connect
        self.numbers = iter(range(args.first, args.first + args.services))
        self.lock, self.failure = threading.Lock(), None
        self.core = "/api/v1/namespaces/%s/services" % args.namespace
        self.discovery = "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices" % args.namespace

    def next(self):
        with self.lock:
            return None if self.failure else next(self.numbers, None)

    def objects(self, i):
        yield self.core, service(i)
        for k in range(self.args.slices):
            yield self.discovery, endpoint_slice(i, k, self.args.slices, self.args.endpoints)

    def work(self):
        api = self.connect()
        try:
            for i in iter(self.next, None):
                for path, body in self.objects(i):
                    must(api, "POST", path, body)
        except (OSError, RuntimeError) as e:
            self.failure = e
        finally:
            api.close()

    def run(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.args.connections)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if self.failure:
            raise RuntimeError(self.failure)


def must(api, method, path, body=None, fine=(200, 201)):
    status, text = api.request(method, path, body)
    if status not in fine:
        raise RuntimeError("%s %s: %d %s" % (method, path, status, text.decode(errors="replace")))
    return json.loads(text)


def delete(api, namespace):
    """All that was written, in portions: the server gives up on a request after a minute."""
    for path in ("/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices", "/api/v1/namespaces/%s/services"):
        path = path % namespace + "?labelSelector=%s&limit=1000" % LABEL
        while must(api, "DELETE", path)["items"]:
            pass


def parse(argv):
    p = argparse.ArgumentParser(prog="bulk")
    p.add_argument("services", type=int, nargs="?", default=0)
    p.add_argument("slices", type=int, nargs="?", default=1)
    p.add_argument("endpoints", type=int, nargs="?", default=10)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--namespace", default="default")
    p.add_argument("--connections", type=int, default=8)
    p.add_argument("--delete", action="store_true")
    return p.parse_args(argv)


def main(port, private, *argv):
    args = parse(argv)
    with open(os.path.join(private, "tokens")) as f:
        token = f.readline().split(",")[0]

    def connect():
        return Api(int(port), os.path.join(private, "ca.crt"), token)

    begin = time.monotonic()
    if args.delete:
        delete(connect(), args.namespace)
    else:
        must(connect(), "POST", "/api/v1/namespaces", {"metadata": {"name": args.namespace}}, (201, 409))
        Writer(args, connect).run()
    print("%.1f s" % (time.monotonic() - begin))


try:
    main(*sys.argv[1:])
except (OSError, RuntimeError) as e:
    sys.exit("bulk: %s" % e)
