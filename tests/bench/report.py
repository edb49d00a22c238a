#!/usr/bin/python3 -I
"""report.py FIGURES NAME DIR [KEY=VALUE...]: makes DIR/NAME.json and DIR/NAME.png of what the guest
measured, and prints a table. With `check=1`, status 1 if a limit is exceeded or a figure that has
a limit is not there. Other KEY=VALUE go into the JSON."""

import json
import subprocess
import sys

# name of the figure, what it is
STACK = [
    ("floor", "generator, dropped by tc"),
    ("mirred", "mirred redirect"),
    ("forward", "plain forwarding"),
]
BALANCERS = [
    ("forward{v}-clsact", "the same, an empty clsact there"),
    ("klb{v}-bystander", "klb, packet of nobody's, forwarded"),
    ("klb{v}-bystander-all", "the same, klb on all devices"),
    ("klb{v}-peer", "klb, to a veth's peer"),
    ("klb{v}", "klb"),
    ("ipvs{v}", "IPVS NAT mh"),
    ("nft{v}", "nft dnat, one rule"),
    ("klb{v}-tcp", "klb, TCP ACK"),
    ("klb{v}-reply-peer", "klb, reply, to a veth's peer"),
    ("klb{v}-reply", "klb, reply"),
    ("ipvs{v}-reply", "IPVS NAT mh, reply"),
    ("nft{v}-reply", "nft dnat, reply"),
    ("klb{v}-new-peer", "klb, new flow, to a veth's peer"),
    ("klb{v}-new", "klb, new flow"),
    ("ipvs{v}-new", "IPVS NAT mh, new flow"),
    ("nft{v}-new", "nft dnat, new flow"),
    ("klb{v}-fullnat", "klb fullnat"),
    ("klb{v}-fullnat-new", "klb fullnat, new flow"),
]
# Instructions for a packet, the floor included. Of the bystander over plain forwarding with an
# empty clsact on the device: the hook itself is the kernel's, and costs more than the limit leaves
# over a forward without one (Documentation/decisions.md). Both differences are printed.
LIMITS = {
    "klb4": 3900,
    "klb4-peer": 2750,
    "klb4-new": 4700,
    "klb4-reply": 3900,
    "klb4-bystander": 150,
}
# Bytes for a connection.
MEMORY_LIMITS = {"klb4-memory": 192, "klb6-memory": 256}


def names(version):
    """(name, text) of all that there may be of an IP version, in order."""
    for name, text in STACK:
        yield name + version, text
    for name, text in BALANCERS:
        yield name.format(v=version), text


def read(path):
    with open(path, encoding="ascii") as lines:
        figures = [json.loads(line) for line in lines]
    return {f.pop("case"): f for f in figures}


def derive(figures):
    """Adds what follows from a figure and those of the floor, mirred and forwarding."""
    for name, f in figures.items():
        if "usec" in f:
            f["instructions"] = round(f["usec"] * 1000 / f["packets"])
        else:
            f["bytes"] = round((f["slab"] + f["table"]) / f["connections"], 1)
    for version in "46":
        base = {n: figures.get(n + version, {}).get("instructions") for n, _ in STACK}
        clsact = figures.get(f"forward{version}-clsact", {}).get("instructions")
        floor_new = figures.get(f"floor{version}-new", {}).get("instructions")
        for name, _ in names(version):
            f = figures.get(name)
            if not f:
                continue
            floor = floor_new if "-new" in name else base["floor"]
            if floor:
                f["over_floor"] = f["instructions"] - floor
            if floor and base["mirred"]:
                f["over_mirred"] = f["over_floor"] - (base["mirred"] - base["floor"])
            if base["forward"]:
                f["over_forward"] = f["instructions"] - base["forward"]
            if clsact:
                f["over_clsact"] = f["instructions"] - clsact


def limit_of(name, figure):
    """(limit, figure to hold against it) or (None, None)."""
    if name == "klb4-bystander":
        return LIMITS[name], figure.get("over_clsact")
    if name in LIMITS:
        return LIMITS[name], figure["instructions"]
    if name in MEMORY_LIMITS:
        return MEMORY_LIMITS[name], figure["bytes"]
    return None, None


def verdict(name, figure):
    limit, value = limit_of(name, figure)
    if limit is None or value is None:
        return ""
    return f"{'ok' if value <= limit else 'TOO MUCH'}: {value:g} of {limit}"


def print_bystanders(figures, version):
    """What a bystander pays for klb, by either measure."""
    row = "{:36} {:>12} {:>10}  {}"
    title = row.format("bystander, more than a forward", "no qdisc", "clsact", "limit, of the latter")
    for name in (f"klb{version}-bystander", f"klb{version}-bystander-all"):
        f = figures.get(name, {})
        if "over_forward" not in f and "over_clsact" not in f:
            continue
        if title:
            print("\n" + title)
            title = None
        text = "klb on all devices" if name.endswith("-all") else "klb where it comes in"
        print(row.format(text, f.get("over_forward", ""), f.get("over_clsact", ""),
                         verdict(name, f)).rstrip())
        if name in LIMITS and f.get("over_forward", 0) > LIMITS[name]:
            print(f"    (the limit as issue 3 words it, over a forward without a qdisc, is not met: "
                  f"{f['over_forward']} of {LIMITS[name]})")


def print_tables(figures):
    row = "{:36} {:>12} {:>10} {:>11}  {}"
    for version in "46":
        here = [(n, t) for n, t in names(version) if n in figures]
        if not here:
            continue
        print(row.format(f"IPv{version} UDP, 60 B" if version == "4" else "IPv6 UDP, 78 B",
                         "instructions", "over floor", "over mirred", "limit").rstrip())
        for name, text in here:
            f = figures[name]
            print(row.format(text, f["instructions"], f.get("over_floor", ""),
                             f.get("over_mirred", ""),
                             "" if name.endswith("-bystander") else verdict(name, f)).rstrip())
        print_bystanders(figures, version)
        print()
    row = "{:36} {:>12} {:>10} {:>11}  {}"
    memory = [n for n in figures if n.endswith("-memory")]
    if memory:
        print(row.format("memory", "connections", "slab, MiB", "bytes each", "limit"))
    for name in memory:
        f = figures[name]
        print(row.format(name.removesuffix("-memory"), f["connections"],
                         f"{f['slab'] / 2**20:.1f}", f["bytes"], verdict(name, f)))


PLOT = """
set terminal pngcairo size 1000,{height} font "sans,11"
set output "{png}"
set title "{title}"
set style fill solid border rgb "white"
set boxwidth 0.75
unset key
set xrange [0:{width}]
set yrange [{rows}-0.5:-0.5]
set grid xtics
set border 3
set lmargin 36
set ytics nomirror out
set xtics nomirror
plot $bars using ($2/2):0:($2/2):(0.38):3:ytic(1) with boxxyerror lc rgb variable, \\
     $bars using 2:0:(sprintf(" %d", $2)) with labels left
"""


def colour(name):
    for start, rgb in (("klb", 0x2060A0), ("ipvs", 0xC08030), ("nft", 0x70A050)):
        if name.startswith(start):
            return rgb
    return 0x909090


def plot(figures, kernel, png):
    bars = [(n, t) for n, t in names("4") if n in figures]
    if not bars:
        return
    data = "".join(f'"{t}" {figures[n]["instructions"]} {colour(n)}\n' for n, t in bars)
    title = f"Instructions for a packet, kernel {kernel}"
    if "floor4" in figures:
        title += f"\\nfloor: {figures['floor4']['instructions']} of generator and tc drop"
    script = "$bars << END\n" + data + "END\n" + PLOT.format(
        png=png, kernel=kernel, rows=len(bars), height=140 + 28 * len(bars),
        title=title,
        width=round(1.1 * max(figures[n]["instructions"] for n, _ in bars)))
    subprocess.run(["gnuplot", "-"], input=script, text=True, check=True)


def failures(figures):
    for name in [*LIMITS, *MEMORY_LIMITS]:
        limit, value = limit_of(name, figures[name]) if name in figures else (0, None)
        if value is None:
            yield f"{name} was not measured"
        elif value > limit:
            yield f"{name}: {value:g}, the limit is {limit}"


def main():
    path, name, out, *settings = sys.argv[1:]
    about = dict(s.split("=", 1) for s in settings)
    check = about.pop("check", "")
    figures = read(path)
    derive(figures)
    with open(f"{out}/{name}.json", "w", encoding="ascii") as file:
        json.dump({**about, "figures": figures}, file, indent=1)
        file.write("\n")
    print_tables(figures)
    if any(f.get("shared") for f in figures.values()):
        print("\nThis kernel's pktgen shares its packets, which are copied then: figures are for "
              "comparison\namong themselves only.")
    plot(figures, about.get("kernel", ""), f"{out}/{name}.png")
    status = 0
    for failure in failures(figures) if check else ():
        print(f"bench: {failure}", file=sys.stderr)
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
