"""What the suite's report comes to, in the light of the tests that are known to be different here."""
import re
import xml.etree.ElementTree as ElementTree


class Known:
    """A file with an entry for each test that is not run, is expected to fail, or must have the nodes to itself:

        skip|fails|alone klb|nftables|any NAME
            why, in as many lines as it takes

    NAME is what the test's name begins with, without "[sig-network] "."""

    def __init__(self, path, proxy):
        self.entries = []  # [verb, name, why]
        with open(path) as f:
            for number, line in enumerate(f, 1):
                self.line(line.rstrip("\n"), proxy, "%s:%d" % (path, number))

    def line(self, line, proxy, where):
        if not line or line.startswith("#"):
            return
        if line[0].isspace():
            if self.entries:
                self.entries[-1][2] += (" " if self.entries[-1][2] else "") + line.strip()
            return
        verb, whose, name = line.split(" ", 2)
        if verb not in ("skip", "fails", "alone") or whose not in ("klb", "nftables", "any"):
            raise ValueError("%s: not an entry" % where)
        # Another proxy's stands, too, so that its reason has somebody to go to.
        self.entries.append([verb if whose in (proxy, "any") else "", name, ""])

    def find(self, name, verbs=("skip", "fails")):
        """(verb, why), or None."""
        for verb, begin, why in self.entries:
            if verb in verbs and name.startswith("[sig-network] " + begin):
                return verb, why
        return None

    def pattern(self, verb):
        """Of the names of tests, for ginkgo; empty if there are none."""
        return "|".join(re.escape("[sig-network] " + name) for v, name, _ in self.entries if v == verb)


def cases(path):
    """(kind, name, element) of each test in a report, by name."""
    for case in sorted(ElementTree.parse(path).iter("testcase"), key=lambda c: c.get("name")):
        yield (*case_name(case.get("name")), case)


class Findings:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def good(self, name):
        self.passed += 1
        print("ok %s" % name, flush=True)

    def bad(self, name, why):
        self.failed += 1
        print("not ok %s - %s" % (name, first_line(why)), flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print("skip %s - %s" % (name, first_line(why)), flush=True)

    def of_report(self, path, wanted, known):
        """Each test that is WANTED. All others are in the report as well, and of no interest."""
        for kind, name, case in cases(path):
            if kind == "It" and wanted(name):
                self.test(name, case, known.find(name))
            elif kind != "It" and case.get("status") not in ("passed", "skipped", ""):
                self.bad(kind, failure(case))

    def test(self, name, case, entry):
        status, skipped = case.get("status"), case.find("skipped")
        if entry and entry[0] == "skip":
            self.skip(name, entry[1])
        elif status == "passed":
            self.good(name)
            if entry:
                print("# it is known to fail: %s" % entry[1])
        elif skipped is not None and skipped.get("message", "").startswith("skipped - "):
            self.skip(name, skipped.get("message").replace("skipped - ", ""))
        elif skipped is not None:
            self.bad(name, "it was not run, for want of time")
        elif entry:
            self.skip(name, "fails, as is known: " + entry[1])
        else:
            self.bad(name, "after %.0f s: %s" % (float(case.get("time", 0)), failure(case)))

    def close(self):
        """The closing line, and the exit status."""
        print("%d passed, %d failed%s" % (self.passed, self.failed,
                                          ", %d skipped" % self.skipped if self.skipped else ""))
        return 0 if self.passed and not self.failed else 1


def case_name(text):
    """What it is (It, BeforeSuite and the like), and its name without the list of labels."""
    match = re.match(r"\[(\w+)\] ?(.*)", text, re.DOTALL)
    return match.group(1), re.sub(r" \[[^][]*\]$", "", match.group(2))


def failure(case):
    for name in ("failure", "error"):
        found = case.find(name)
        if found is not None:
            return found.get("message") or (found.text or "").strip()
    return case.get("status")


def first_line(text):
    return text.strip().split("\n")[0][:300] if text.strip() else "no reason is given"
