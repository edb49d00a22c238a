"""netlink_ynl.py DIR: drives klb with the kernel's YNL client, which is in DIR."""
import os
import socket
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, sys.argv[1]]
from lib import NlError, YnlFamily  # noqa: E402
from netlink import check, equal  # noqa: E402
import netlink  # noqa: E402

klb = YnlFamily(os.path.join(here, "../../uapi/klb.yaml"), os.path.join(
    sys.argv[1], "../../../Documentation/netlink/genetlink-legacy.yaml"))
inet = socket.inet_aton
key = {"proto": 6, "addr": inet("10.100.0.1"), "port": 80}


def ends(service):
    return [(e["addr"], e["port"], e["weight"], e["state"]) for e in service.get("endpoint", [])]


klb.ntf_subscribe("config")
equal(klb.do("net-get", {})["veth-peer"], 1, "net-get")
klb.do("service-new", key | {"name": "web", "forward": "fullnat", "endpoint": [
    {"addr": inet("10.0.11.2"), "port": 8080, "weight": 5},
    {"addr": inet("10.0.12.2"), "port": 8080, "state": "drain"}]})
found = klb.dump("service-get", {})
equal([(s["name"], s["scheduler"], s["forward"], s["packets-in"]) for s in found],
      [("web", "maglev", "fullnat", 0)], "service-new, service-get as dump")
equal(ends(found[0]), [(inet("10.0.11.2"), 8080, 5, "up"), (inet("10.0.12.2"), 8080, 1, "drain")],
      "its endpoints")
equal(klb.do("service-get", key), found[0], "service-get")
equal(klb.dump("service-get", key), found, "service-get as dump of one")
one = {"addr": inet("10.0.12.2"), "port": 8080}
klb.do("endpoint-set", key | {"endpoint": [one | {"state": "up"}]})
klb.do("endpoint-del", key | {"endpoint": [{"addr": inet("10.0.11.2"), "port": 8080}]})
klb.do("endpoint-new", key | {"endpoint": [one | {"port": 1}]})
equal([e[1:] for e in ends(klb.do("service-get", key))], [(1, 1, "up"), (8080, 1, "up")],
      "endpoint-set, endpoint-del, endpoint-new")
klb.do("net-set", {"conn-max": 1000})
equal(klb.do("net-get", {})["conn-max"], 1000, "net-set")
said = klb.do("explain", {"proto": 6, "client-addr": inet("10.0.1.2"), "client-port": 4000,
                          "vip-addr": inet("10.100.0.1"), "vip-port": 80})
equal(said["service"]["name"], "web", "explain")
names = [c["name"] for part in klb.dump("stats-get", {}) for c in part["counter"]]
check("stats-get", "bystander" in names and len(set(names)) == len(names), names)
equal(klb.dump("conn-get", {}), [], "conn-get")
equal(klb.do("conn-count", {"state": "established"}), {"count": 0}, "conn-count")
equal(klb.dump("dev-get", {}), [], "dev-get")
try:
    klb.do("service-new", key)
    check("a refusal", False, "none")
except NlError as e:
    check("a refusal", "the service exists already" in str(e), e)
klb.do("service-flush", {})
klb.check_ntf()
equal([n["name"] for n in klb.async_msg_queue],
      ["service-ntf", "endpoint-ntf", "endpoint-del-ntf", "endpoint-ntf", "net-ntf",
       "service-del-ntf"], "what was told meanwhile")
sys.exit(bool(netlink.failed))
