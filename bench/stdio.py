"""Measures the servers as a client meets them: start, memory, sizes, exits, calls. Standard library only.

usage: stdio.py [--binaries target/release] [--spawns 40] [--exits 20] [--calls 300] [--refreshes 3]
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time

from client import Server, milliseconds, percentile

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"

# Per server: a warm call, and one that runs until it is stopped (where there is one).
SERVERS = {
    "mg-sql": (("run_sql", {"query": "SELECT 1"}), ("run_sql", {"query": ENDLESS})),
    "mg-kpi": (("get_indicator", {"name": "logements_autorises", "date": "2022"}), None),
}

# Calls that are measured beside the warm one.
FORECAST = ("forecast_kpi", {"name": "permis_autorises", "model": "auto", "horizon": 12})
MORE_CALLS = {"mg-kpi": {"warm call: forecast_kpi, auto, 12 months": FORECAST}}
# What must take less, where something was promised; told beside the number, and asserted nowhere.
PROMISED = {
    "warm call: SELECT 1, get_indicator": "get_indicator: 3 ms",
    "warm call: forecast_kpi, auto, 12 months": "60 ms",
    "mg-kpi refresh --all on the demo": "20 s",
}


def environment(home):
    return {"HOME": home, "MG_DATA_DIR": home}


def launch(binary, home):
    return Server([binary], environment(home))


def started(binary, home):
    """Milliseconds from spawn to initialize and to tools/list, megabytes then, and the list's bytes."""
    with launch(binary, home) as server:
        server.initialize()
        first = milliseconds(server.started)
        answer = server.ask("tools/list")
        return first, milliseconds(server.started), server.memory("VmRSS"), server.memory("VmHWM"), answer


def model_bytes(answer):
    """Bytes of what a model is sent: names, descriptions, input schemas."""
    keys = ("name", "description", "inputSchema")
    tools = [{key: tool[key] for key in keys} for tool in json.loads(answer)["result"]["tools"]]
    return len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())


def ended(binary, home, way, warm, running, times):
    """Milliseconds of several ends."""
    took = []
    for _ in range(times):
        with launch(binary, home) as server:
            server.initialize()
            if running:
                server.call(*warm)
                server.leave_running(*running)
            took.append(server.end(way))
    return took


def first_call(binary, warm):
    """Milliseconds from spawn to the first answer on an empty folder: the demo database is made."""
    with tempfile.TemporaryDirectory() as home, launch(binary, home) as server:
        server.initialize()
        server.call(*warm)
        return milliseconds(server.started)


def warm_calls(binary, home, warm, times):
    with launch(binary, home) as server:
        server.initialize()
        for _ in range(20):
            server.call(*warm)
        took = []
        for _ in range(times):
            took.append(server.call(*warm)[0])
            time.sleep(0.011)  # stays below the calls a second that a server takes
        return took, server.memory("VmRSS")


def refreshed(binary):
    """Seconds of one refresh of every indicator, on an empty folder: the demo database is made."""
    with tempfile.TemporaryDirectory() as home:
        before = time.perf_counter()
        command = [binary, "refresh", "--all"]
        subprocess.run(command, env=environment(home), check=True, capture_output=True)
        return time.perf_counter() - before


def spread(values, unit="ms"):
    """Median and 95th percentile."""
    return f"{statistics.median(values):.2f} / {percentile(values, 0.95):.2f} {unit}"


def promised(label):
    """The label of a row with what was promised of its median."""
    return f"{label} (median / p95; promised: {PROMISED[label]})"


def measured(name, options):
    """The rows of a server: what, and its number."""
    binary = os.path.abspath(os.path.join(options.binaries, name))
    warm, running = SERVERS[name]
    with tempfile.TemporaryDirectory() as home:
        starts = [started(binary, home) for _ in range(options.spawns)]
        first, listed, resident, peak, answers = zip(*starts)
        yield "spawn to initialize (median / p95)", spread(first)
        yield "spawn to tools/list (median / p95)", spread(listed)
        yield "resident after tools/list (median / p95)", spread(resident, "MB")
        yield "its peak (median / p95)", spread(peak, "MB")
        yield "tools/list: the model's part", f"{model_bytes(answers[0]):,} bytes"
        yield "tools/list: whole answer", f"{len(answers[0]):,} bytes"
        firsts = [first_call(binary, warm) for _ in range(5)]
        yield "spawn to first answer on an empty folder (median / p95)", spread(firsts)
        calls, resident = warm_calls(binary, home, warm, options.calls)
        yield promised("warm call: SELECT 1, get_indicator"), spread(calls)
        yield "resident after the calls", f"{resident:.1f} MB"
        for label, call in MORE_CALLS.get(name, {}).items():
            yield promised(label), spread(warm_calls(binary, home, call, options.calls)[0])
        if name == "mg-kpi":
            took = [refreshed(binary) for _ in range(options.refreshes)]
            yield promised("mg-kpi refresh --all on the demo"), spread(took, "s")
        for label, way in [("EOF", "EOF"), ("SIGTERM", signal.SIGTERM)]:
            yield f"exit after {label}, idle", spread(ended(binary, home, way, warm, None, options.exits))
            if running:
                took = ended(binary, home, way, warm, running, options.exits)
                yield f"exit after {label}, call running", spread(took)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", default="target/release")
    parser.add_argument("--spawns", type=int, default=40)
    parser.add_argument("--exits", type=int, default=20)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--refreshes", type=int, default=3)
    options = parser.parse_args()
    columns = {name: dict(measured(name, options)) for name in SERVERS}
    labels = list(dict.fromkeys(label for rows in columns.values() for label in rows))
    print("| measure |", " | ".join(columns), "|")
    print("|---|" + "---|" * len(columns))
    for label in labels:
        print(f"| {label} |", " | ".join(rows.get(label, "–") for rows in columns.values()), "|")


if __name__ == "__main__":
    main()
