"""Measures the servers as a client meets them: start, memory, sizes, exits, calls. Standard library only.

usage: stdio.py [--binaries target/release] [--spawns 40] [--exits 20] [--calls 300]
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"

# Per server: a warm call, and one that runs until it is stopped (where there is one).
SERVERS = {
    "mg-sql": (("run_sql", {"query": "SELECT 1"}), ("run_sql", {"query": ENDLESS})),
    "mg-kpi": (("get_indicator", {"name": "logements_autorises", "date": "2022"}), None),
}


class Server:
    """A running server; `started` is the moment before it was spawned."""

    def __init__(self, binary, home):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [binary], cwd="/", bufsize=0, env={"HOME": home, "MG_DATA_DIR": home},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.answers = os.fdopen(os.dup(self.process.stdout.fileno()), "rb")
        self.last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.answers.close()

    def send(self, method, parameters=None, **more):
        message = {"jsonrpc": "2.0", "method": method, "params": parameters or {}, **more}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    def ask(self, method, parameters=None):
        """The response to a request, as its bytes."""
        self.last += 1
        self.send(method, parameters, id=self.last)
        while line := self.answers.readline():
            if json.loads(line).get("id") == self.last:
                return line
        raise SystemExit(f"the server ended during {method}")

    def initialize(self):
        client = {"name": "bench", "version": "0"}
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client})
        self.send("notifications/initialized")

    def call(self, tool, arguments):
        """Milliseconds of a call that must succeed."""
        before = time.perf_counter()
        answer = json.loads(self.ask("tools/call", {"name": tool, "arguments": arguments}))
        took = milliseconds(before)
        if "error" in answer or answer["result"].get("isError"):
            raise SystemExit(f"{tool} failed: {answer}")
        return took

    def leave_running(self, tool, arguments):
        """Sends a call and waits for the server's word that it runs."""
        meta = {"progressToken": "bench"}
        self.send("tools/call", {"name": tool, "arguments": arguments, "_meta": meta}, id="running")
        self.answers.readline()

    def memory(self, line):
        """Megabytes that the kernel tells in this line."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(row.split()[1]) for row in status if row.startswith(line + ":")) / 1024

    def end(self, way):
        """Milliseconds to the end after EOF or a signal; the exit code must be 0."""
        before = time.perf_counter()
        if way == "EOF":
            self.process.stdin.close()
        else:
            self.process.send_signal(way)
        code = self.process.wait(timeout=10)
        took = milliseconds(before)
        if code != 0:
            raise SystemExit(f"exit code {code}")
        return took


def milliseconds(since):
    return (time.perf_counter() - since) * 1000


def started(binary, home):
    """Milliseconds from spawn to initialize and to tools/list, megabytes then, and the list's bytes."""
    with Server(binary, home) as server:
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
        with Server(binary, home) as server:
            server.initialize()
            if running:
                server.call(*warm)
                server.leave_running(*running)
            took.append(server.end(way))
    return took


def first_call(binary, warm):
    """Milliseconds from spawn to the first answer on an empty folder: the demo database is made."""
    with tempfile.TemporaryDirectory() as home, Server(binary, home) as server:
        server.initialize()
        server.call(*warm)
        return milliseconds(server.started)


def warm_calls(binary, home, warm, times):
    with Server(binary, home) as server:
        server.initialize()
        for _ in range(20):
            server.call(*warm)
        took = []
        for _ in range(times):
            took.append(server.call(*warm))
            time.sleep(0.011)  # stays below the calls a second that a server takes
        return took, server.memory("VmRSS")


def spread(values, unit="ms"):
    """Median and 95th percentile."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{statistics.median(values):.2f} / {high:.2f} {unit}"


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
        yield "warm call: SELECT 1, get_indicator (median / p95)", spread(calls)
        yield "resident after the calls", f"{resident:.1f} MB"
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
    options = parser.parse_args()
    columns = {name: dict(measured(name, options)) for name in SERVERS}
    labels = list(dict.fromkeys(label for rows in columns.values() for label in rows))
    print("| measure |", " | ".join(columns), "|")
    print("|---|" + "---|" * len(columns))
    for label in labels:
        print(f"| {label} |", " | ".join(rows.get(label, "–") for rows in columns.values()), "|")


if __name__ == "__main__":
    main()
