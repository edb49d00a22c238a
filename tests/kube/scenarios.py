"""What 17-matrix asks of klb and of kube-proxy: Services, and rows of who asks what of them.

A service is NAME: (SPEC, ENDPOINTS). SPEC is what differs from a LoadBalancer of both families with a NodePort, an external address and
a port 80 of TCP and UDP. ENDPOINTS are pods, or nodes, whose processes they are then; a word after a slash says what they are:

  dead     neither ready nor serving      leaving  terminating, and serving still
  z1, z2   the hint: for that zone

A row is SERVICE CLIENTS FRONTENDS PROTOCOLS [WHY]. All its clients ask at all these frontends by both address families:

  p1a p1b p2a p2b   a pod of node n1 or n2        n1 n2   a process of the node      out   a machine that is no node
  cluster           the ClusterIP                 lb ext  the balancer's, the external address
  n1 n2             the NodePort there            lo br1  the NodePort at n1's loopback address, at that of n1's bridge of pods
  port              a port of the ClusterIP that it does not have
  unknown           an address among ClusterIPs that nobody has
  A+B               one after the other, which is about session affinity

Packets to lb, ext and cluster go to n1 if out sends them. Protocols are tcp, udp, sctp and ping. WHY is the name of a paragraph of
Documentation/compared.md; a row with it is one in which klb and kube-proxy's nftables mode do not do the same everywhere."""

LOCAL_EXT = {"externalTrafficPolicy": "Local"}
LOCAL_INT = {"internalTrafficPolicy": "Local"}

SERVICES = {
    "open": ({"protocols": ["TCP", "UDP", "SCTP"]}, "p1b p2a"),
    "none": ({}, ""),
    "dead": ({}, "p1b/dead"),
    "elocal": (LOCAL_EXT, "p1b p2a"),
    "elocal1": (LOCAL_EXT, "p1b"),
    "elocal0": (LOCAL_EXT, ""),
    "ilocal": (LOCAL_INT, "p1b"),
    "leaving": ({}, "p1b/leaving p2a/leaving"),
    "mixed": ({}, "p1b/leaving p2a"),
    "emixed": (LOCAL_EXT, "p1b/leaving p2a"),
    "imixed": (LOCAL_INT, "p1b/leaving p2a"),
    "letsout": ({"loadBalancerSourceRanges": ["192.168.0.100/32", "fd00:c0::100/128"]}, "p1b"),
    "letsnode": ({"loadBalancerSourceRanges": ["192.168.0.0/24", "fd00:c0::/64"]}, "p1b"),
    "letspods": ({"loadBalancerSourceRanges": ["10.244.0.0/16", "fd00:244::/32"]}, "p1b"),
    "sticky": ({"sessionAffinity": "ClientIP"}, "p1a p1b"),
    "zones": ({}, "p1b/z1 p2a/z2"),
    "proxied": ({"ipMode": "Proxy"}, "p1b"),
    "host": ({}, "n1 n2"),
    "ehost": (LOCAL_EXT, "n1 n2"),
}

ROWS = """
# both policies Cluster
open p1a,p2b,p1b cluster tcp,udp
open n1,n2 cluster tcp,udp node-source
open out cluster tcp,udp
open p1a,p2b,p1b,n1,n2,out n1,n2 tcp,udp
open p1a,p2b,p1b,n1,n2,out lb,ext tcp,udp
open p1a,n1 br1 tcp
open n1,n2 lo tcp
open p1a,p1b,p2b,out cluster,n1,lb sctp
open n1 n1,lb sctp
open p1a,n1,out port tcp
open p1a,out port udp
open n1 port udp node-udp
open p1a,n1,out unknown tcp,udp unknown
open p1a,out cluster,lb,ext ping ping
open n1 cluster ping ping
open n1 lb,ext ping
open p1a,n1,out unknown ping
# nobody is there
none p1a,p2b,out cluster,n1,n2,lb,ext tcp,udp
none n1,n2 cluster,n1,n2,lb,ext tcp
none n1,n2 n1,n2 udp
none n1,n2 cluster,lb,ext udp node-udp
dead p1a,out cluster,n1,lb tcp,udp
elocal0 p1a,p2b,out cluster,n1,n2,lb,ext tcp,udp
elocal0 n1 cluster,n1,n2,lb,ext tcp
# externalTrafficPolicy Local
elocal p1a,p2b,p1b cluster,n1,lb,ext tcp,udp
elocal n1 n1 tcp,udp
elocal n2 n2 tcp,udp
elocal n1 n2 tcp,udp
elocal n2 n1 tcp,udp
elocal n1,n2 lb,ext tcp,udp
elocal out n1,n2,lb,ext tcp,udp
elocal1 p1a,p2b n1,n2,lb tcp,udp
elocal1 p1b n1,lb tcp,udp
elocal1 p1b n2 tcp,udp hairpin
elocal1 out n1,n2,lb,ext tcp,udp
elocal1 n1 n1 tcp,udp
elocal1 n2 n2 tcp,udp
elocal1 n1 n2,lb tcp,udp
elocal1 n2 n1 tcp,udp
elocal1 n2 lb tcp,udp
# internalTrafficPolicy Local
ilocal p1a,p1b,p2b cluster tcp,udp
ilocal n1,out cluster tcp,udp
ilocal n2 cluster tcp
ilocal n2 cluster udp node-udp
ilocal p1a,p2b,n2,out n1,n2,lb tcp,udp
# endpoints that are leaving
leaving p1a,p1b,out cluster,n1,lb tcp,udp
mixed p1a,p1b,out cluster,n1,lb tcp,udp
emixed p1a,p2b,out cluster,n1,n2,lb tcp,udp
imixed p1a,p2b,out cluster,n1,lb tcp
# whom a balancer's address lets in
letsout p1a,p2b,out lb tcp,udp
letsout n1,n2 lb tcp
letsout p1a,out cluster,n1,ext tcp
letsnode p1a,p2b,n1,n2,out lb tcp
letspods p1a,p2b,out lb tcp
letspods n1,n2 lb tcp
# session affinity
sticky p2b,out cluster,n1,lb tcp,udp
sticky p2b cluster+lb,n2+ext tcp
sticky out cluster+lb,n1+ext tcp
sticky n1 cluster+lb,cluster+n1 tcp
# hints by zone
zones p1a,p2b,n1,n2,out cluster,n1,n2 tcp
# a balancer that wants to be asked itself
proxied p1a,p2b,n1,n2,out lb tcp
proxied p1a,out cluster,n1 tcp
# endpoints that are processes of nodes
host p1a,p2b,out cluster,n1,lb tcp
host n1,n2 n1 tcp
host n1,n2 cluster tcp node-source
ehost p1a,p2b,out n1,n2,lb tcp
ehost n1 n1 tcp
ehost n1 lb tcp
"""
