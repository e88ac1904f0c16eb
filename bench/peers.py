"""mg-sql beside its peers and beside two yardsticks, in one run. Prints Markdown, writes JSON.

usage: peers.py --binaries FOLDER --peers FOLDER --scratch FOLDER --port PORT --results FILE
`peers.sh` installs and starts what this needs.
"""

import argparse
import contextlib
import json
import os
import statistics

import report
from client import Failed, milliseconds, percentile
from servers import SPOOLING, Places

ALL = "SELECT * FROM fact_permis LIMIT 100000"
# A row of fact_permis has this once, in whatever form it is written.
MARK = b"PC077"

# Statement, rows it has, calls in a row, rounds. The servers take turns, so that a busy minute hits them all.
CALLS = {
    "select_1": ("SELECT 1", 0, 20, 10),
    "rows_1000": ("SELECT * FROM fact_permis LIMIT 1000", 1_000, 4, 10),
    "rows_100000": (ALL, 100_000, 1, 5),
}
SPAWNS = 7
PAIRS = 25
# Where the machine puts a process makes a quarter of a short call: several are started, and the middle one counts.
STARTS = 5
TRIPLES = 250


def summary(values):
    return {
        "median": statistics.median(values),
        "p95": percentile(values, 0.95),
        "values": [round(value, 4) for value in values],
    }


class Measured:
    """A server and what was measured of it; `trouble` where it failed, and no more is asked of it."""

    def __init__(self, launch):
        self.launch = launch
        self.trouble = None if os.path.exists(launch.needs) else "not installed"
        self.values = {}
        self.numbers = {}
        self.server = None

    @contextlib.contextmanager
    def tried(self):
        try:
            yield
        except (Failed, OSError) as failure:
            self.trouble = str(failure)

    def spawn(self):
        """From spawn to the answers of initialize and of a first statement."""
        with self.launch.start() as server:
            server.initialize()
            self.add("initialize", milliseconds(server.started))
            server.call(self.launch.tool, self.launch.arguments("SELECT 1"))
            self.add("first_result", milliseconds(server.started))

    def start(self, stack):
        """Starts the server that answers all calls; its memory and its list before the first of them."""
        self.server = stack.enter_context(self.launch.start())
        self.server.initialize()
        self.numbers["tools_list_bytes"] = len(self.server.ask("tools/list"))
        self.numbers["idle_mb"] = self.server.memory("VmRSS")

    def call(self, measure):
        sql, rows, times, _ = CALLS[measure]
        for _ in range(times):
            took, answer = self.server.call(self.launch.tool, self.launch.arguments(sql))
            counted = answer.count(MARK)
            if counted not in (rows, 2 * rows):  # some write them into both halves of an answer
                raise Failed(f"{measure}: the answer has {counted} rows: {answer[:300].decode()}")
            self.add(measure, took)
            self.numbers[f"{measure}_bytes"] = len(answer)

    def add(self, measure, value):
        self.values.setdefault(measure, []).append(value)

    def result(self):
        measured = {measure: summary(values) for measure, values in self.values.items()}
        return {"name": self.launch.name, "engine": self.launch.engine, "trouble": self.trouble, **self.numbers, **measured}


def peers(places):
    """Every server that is installed, measure by measure."""
    servers = [Measured(launch) for launch in places.all()]

    def each(action):
        for server in servers:
            if server.trouble is None:
                with server.tried():
                    action(server)

    for _ in range(SPAWNS):
        each(Measured.spawn)
    with contextlib.ExitStack() as stack:
        each(lambda server: server.start(stack))
        for measure, (*_, rounds) in CALLS.items():
            for _ in range(rounds):
                each(lambda server: server.call(measure))
        each(lambda server: server.numbers.update(peak_mb=server.server.memory("VmHWM")))
    return [server.result() for server in servers]


def nanoseconds(process):
    """Milliseconds of one run of a yardstick."""
    process.write(b"")
    return int(process.read()) / 1e6


def beside_libpq(places):
    """100,000 rows: mg-sql over stdio as csv, and libpq's own fetch, in turns."""
    launch = places.mg_sql("PostgreSQL")
    ours, theirs = [], []
    with launch.start() as server, places.libpq() as libpq:
        server.initialize()
        for turn in range(PAIRS + 2):
            fetched = nanoseconds(libpq)
            took, _ = server.call(launch.tool, launch.arguments(ALL))
            if turn >= 2:  # the first two warm up
                ours.append(took)
                theirs.append(fetched)
    return {"mg_sql": summary(ours), "libpq": summary(theirs)}


def beside_bare(places):
    """SELECT 1 over stdio, an empty call over stdio, and the bare sequence, in turns; of several starts."""
    return [triples(places) for _ in range(STARTS)]


def triples(places):
    launch, empty = places.mg_sql("PostgreSQL"), places.empty_call()
    asked, said, ran = [], [], []
    with launch.start() as server, empty.start() as fixture, places.bare_sequence() as bare:
        server.initialize()
        fixture.initialize()
        for turn in range(TRIPLES + 50):
            one, _ = server.call(launch.tool, launch.arguments("SELECT 1"))
            nothing, _ = fixture.call(empty.tool, {empty.query: ""})
            sequence = nanoseconds(bare)
            if turn >= 50:
                asked.append(one)
                said.append(nothing)
                ran.append(sequence)
    return {"select_1": summary(asked), "empty_call": summary(said), "bare": summary(ran)}


def spooled(places, engine):
    """100,000 rows of which one answer takes the first, the spool the rest: the process's peak."""
    launch = places.mg_sql(engine, SPOOLING)
    with launch.start() as server:
        server.initialize()
        took, answer = server.call(launch.tool, launch.arguments(ALL))
        found = json.loads(answer)["result"]["structuredContent"]
        if not found["truncated"] or "next_cursor" not in found:
            raise Failed(f"nothing was spooled: {found}")
        return {"peak_mb": server.memory("VmHWM"), "ms": took, "rows_in_answer": found["row_count"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--binaries", "--peers", "--scratch", "--results"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    places = Places(options.binaries, options.peers, options.scratch, options.port)
    results = {
        "load_before": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "servers": peers(places),
        "beside_libpq": beside_libpq(places),
        "beside_bare": beside_bare(places),
        "spooled": {engine: spooled(places, engine) for engine in ("PostgreSQL", "SQLite")},
        "load_after": os.getloadavg()[0],
    }
    with open(options.results, "w") as file:
        json.dump(results, file, indent=1)
    print(report.markdown(results))


if __name__ == "__main__":
    main()
