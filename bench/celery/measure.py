"""How work is shared among workers of Celery, and what becomes of it when one is killed. Standard library only.

usage: measure.py --airflow VENV [--tasks 24] [--seconds 2] [--slots 2]
"""

import argparse
import signal
import sys
import tempfile

from cluster import LOST_AFTER, Cluster, say


def launch(cluster, run, tasks, seconds):
    body = {"dag_run_id": run, "logical_date": None, "conf": {"tasks": tasks, "seconds": seconds}}
    cluster.api("POST", "dags/shared_work/dagRuns", body)


def state(cluster, run):
    return cluster.api("GET", f"dags/shared_work/dagRuns/{run}")["state"]


def finish(cluster, run):
    """Seconds of the run from its start to its end, as Airflow tells them; it must have succeeded."""
    cluster.wait(run, lambda: state(cluster, run) in ("success", "failed"), patience=600)
    told = cluster.api("GET", f"dags/shared_work/dagRuns/{run}")
    if told["state"] != "success":
        sys.exit(f"{run} {told['state']}")
    return told["duration"]


def check(cluster, run, tasks):
    """Everything was done, and nothing twice; answers tasks by worker, and how many attempts it took."""
    done = cluster.sql(f"SELECT worker, count(*) FROM done WHERE run = '{run}' GROUP BY worker ORDER BY worker")
    total = sum(int(count) for _, count in done)
    if total != tasks:
        sys.exit(f"{run}: {total} of {tasks} tasks were done")
    [[attempts]] = cluster.sql(f"SELECT count(*) FROM attempt WHERE run = '{run}'")
    return {worker: int(count) for worker, count in done}, int(attempts)


def measured(cluster, options):
    rows = []
    for count in (1, 2):
        cluster.worker(f"worker{count}", options.slots)
        launch(cluster, f"warm-{count}", options.slots * count * 2, 0)
        finish(cluster, f"warm-{count}")
        run = f"shared-by-{count}"
        launch(cluster, run, options.tasks, options.seconds)
        took = finish(cluster, run)
        shares, attempts = check(cluster, run, options.tasks)
        rows.append((f"{count} × {options.slots} slots", took, options.tasks * 60 / took, shares, attempts))
        say(rows[-1])
    return rows


def killed(cluster, options):
    """Kills a worker while it works; the tasks it held are tried again by the other one."""
    run, longer = "one-killed", options.seconds * 4
    launch(cluster, run, options.tasks, longer)
    begun = f"SELECT count(*) FROM attempt WHERE run = '{run}' AND worker = 'worker2'"
    cluster.wait("worker2 to begin", lambda: int(cluster.sql(begun)[0][0]) > 0)
    cluster.stop("worker2", signal.SIGKILL)
    took = finish(cluster, run)
    shares, attempts = check(cluster, run, options.tasks)
    if attempts <= options.tasks:
        sys.exit("nothing was tried again: the worker held no task when it was killed")
    return "worker2 killed at work", took, options.tasks * 60 / took, shares, attempts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--airflow", required=True)
    parser.add_argument("--tasks", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--slots", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mg-celery-") as folder, Cluster(options.airflow, folder) as cluster:
        cluster.start()
        rows = [*measured(cluster, options), killed(cluster, options)]
    print(f"{options.tasks} tasks of {options.seconds:g} s (four times that where one is killed); a lost task is seen after {LOST_AFTER} s")
    print("| workers | run, s | tasks a minute | done by | attempts |\n|---|---|---|---|---|")
    for label, took, rate, shares, attempts in rows:
        told = ", ".join(f"{worker} {count}" for worker, count in shares.items())
        print(f"| {label} | {took:.0f} | {rate:.0f} | {told} | {attempts} |")


if __name__ == "__main__":
    main()
