"""mg-airflow beside astro-airflow-mcp, before one real Airflow, taking turns. Standard library only.

usage: measure.py --binaries target/release --peer BINARY [--rounds 15]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from client import Failed, Server, milliseconds, percentile  # noqa: E402

# A failed run of this many lines of log is what gets diagnosed.
LINES = 200
WORDS = "the release 2026-13 is not published"


class Ours:
    name = "mg-airflow"

    def __init__(self, binary, url, home):
        self.command = [binary]
        self.environment = {
            "HOME": home, "MG_DATA_DIR": home, "MG_ROLE": "editor", "MG_LANG": "en", "MG_AIRFLOW_URL": url,
            "MG_AIRFLOW_USERNAME": "mg_editor", "MG_AIRFLOW_PASSWORD": "mg_editor-password",
        }

    def calls(self, run):
        yield "list workflows", "list_workflows", {}
        yield "describe a workflow", "describe_workflow", {"dag_id": "mg_quick"}
        yield "list failed runs", "list_workflow_runs", {"state": "failed", "since": "24h"}
        yield "get a run", "get_workflow_run", {"dag_id": "mg_fails", "run_id": run}

    def diagnosis(self, run):
        return [("diagnose_workflow_run", {"dag_id": "mg_fails", "run_id": run})]

    def trigger(self, key):
        return "run_workflow", {"dag_id": "mg_quick", "idempotency_key": key}


class Astro:
    name = "astro-airflow-mcp"

    def __init__(self, binary, url, home):
        self.command = [binary, "--transport", "stdio"]
        self.environment = {
            "HOME": home, "PATH": os.environ["PATH"], "AIRFLOW_API_URL": url, "AIRFLOW_USERNAME": "mg_editor",
            "AIRFLOW_PASSWORD": "mg_editor-password", "AF_TELEMETRY_DISABLED": "1",
        }

    def calls(self, run):
        yield "list workflows", "list_dags", {}
        yield "describe a workflow", "get_dag_details", {"dag_id": "mg_quick"}
        yield "list failed runs", "list_dag_runs", {}  # it has no filter of states
        yield "get a run", "get_dag_run", {"dag_id": "mg_fails", "dag_run_id": run}

    def diagnosis(self, run):
        """Its own diagnosis names the task; the exception stands in the log alone."""
        of_task = {"dag_id": "mg_fails", "dag_run_id": run, "task_id": "load"}
        return [("diagnose_dag_run", {"dag_id": "mg_fails", "dag_run_id": run}), ("get_task_logs", of_task)]

    def trigger(self, _key):
        return "trigger_dag", {"dag_id": "mg_quick"}


def start(server):
    running = Server(server.command, server.environment)
    running.initialize()
    return running


def starts(server, first, rounds):
    """Per round: spawn to initialize, to the first result; memory then, and at last the list of tools."""
    taken = []
    for _ in range(rounds):
        with start(server) as running:
            initialized = milliseconds(running.started)
            listed = running.ask("tools/list")
            memory = running.memory("VmRSS")
            _, tool, arguments = first
            running.call(tool, arguments)
            taken.append((initialized, milliseconds(running.started), memory))
    return taken, listed


def size(line):
    """Characters of the text that a model is shown."""
    blocks = json.loads(line)["result"]["content"]
    return sum(len(block.get("text", "")) for block in blocks)


def model_bytes(listed):
    keys = ("name", "description", "inputSchema")
    tools = [{key: tool.get(key) for key in keys} for tool in json.loads(listed)["result"]["tools"]]
    return len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode()), len(tools)


def failed_run(ours):
    """Makes the run that both diagnose, through our server."""
    with start(ours) as running:
        wish = {"dag_id": "mg_fails", "params": {"lines": LINES, "words": WORDS}, "idempotency_key": "bench", "wait_s": 45}
        _, line = running.call("run_workflow", wish)
        run = json.loads(line)["result"]["structuredContent"]
        while run["state"] not in ("failed", "success"):
            _, line = running.call("get_workflow_run", {"dag_id": "mg_fails", "run_id": run["run_id"], "wait_s": 45})
            run = json.loads(line)["result"]["structuredContent"]
        return run["run_id"]


def spread(values):
    return f"{statistics.median(values):.1f} / {percentile(values, 0.95):.1f}"


def measured(servers, run, rounds):
    """The rows: what, and a number for each server."""
    rows = {}

    def put(label, server, text):
        rows.setdefault(label, {})[server.name] = text

    for server in servers:
        taken, listed = starts(server, next(server.calls(run)), max(3, rounds // 3))
        initialized, first, memory = zip(*taken)
        size_of_model, tools = model_bytes(listed)
        put("spawn to initialize, ms (median / p95)", server, spread(initialized))
        put("spawn to first result, ms (median / p95)", server, spread(first))
        put("resident after tools/list, MB", server, f"{statistics.median(memory):.1f}")
        put("tools", server, str(tools))
        put("tools/list: the model's part, bytes", server, f"{size_of_model:,}")
        put("tools/list: whole answer, bytes", server, f"{len(listed):,}")
    running = [(server, start(server)) for server in servers]
    times = {}
    for turn in range(rounds):
        for server, connection in running:
            for label, tool, arguments in server.calls(run):
                took, line = connection.call(tool, arguments)
                times.setdefault((label, server), []).append((took, size(line)))
            answers = [connection.call(tool, arguments) for tool, arguments in server.diagnosis(run)]
            total = sum(took for took, _ in answers), sum(size(line) for _, line in answers)
            times.setdefault(("diagnose, exception included", server), []).append(total)
            if turn < 3:
                took, line = connection.call(*server.trigger(f"bench-{turn}"))
                times.setdefault(("trigger a run", server), []).append((took, size(line)))
    for (label, server), seen in times.items():
        took, sizes = zip(*seen)
        put(f"{label}, ms (median / p95)", server, spread(took))
        put(f"{label}, characters", server, f"{statistics.median(sizes):,.0f}")
    for server, connection in running:
        put("resident after the calls, MB", server, f"{connection.memory('VmRSS'):.1f}")
        connection.__exit__()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    binaries = os.path.abspath(options.binaries)
    airflow = subprocess.Popen(
        [os.path.join(binaries, "test-airflow")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        began = time.perf_counter()
        url = airflow.stdout.readline().strip()
        if not url:
            raise Failed("no Airflow; tests/run.sh tools installs it")
        print(f"Airflow stands after {time.perf_counter() - began:.0f} s", file=sys.stderr)
        with tempfile.TemporaryDirectory() as home:
            ours = Ours(os.path.join(binaries, "mg-airflow"), url, home)
            servers = [ours, Astro(os.path.abspath(options.peer), url, home)]
            rows = measured(servers, failed_run(ours), options.rounds)
    finally:
        airflow.stdin.close()
        airflow.wait(timeout=60)
    names = [server.name for server in servers]
    print("| measure |", " | ".join(names), "|")
    print("|---|" + "---|" * len(names))
    for label, row in rows.items():
        print(f"| {label} |", " | ".join(row.get(name, "–") for name in names), "|")


if __name__ == "__main__":
    main()
