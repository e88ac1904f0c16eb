"""How work is shared among workers of Celery, and what becomes of it when one is killed. Standard library only.

usage: measure.py --airflow VENV --binaries target/release [--tasks 24] [--seconds 2] [--slots 2]
"""

import argparse
import signal
import sys
import tempfile

from cluster import LOST_AFTER, Cluster, say


# What the example is run on; each task forecasts one of them for every territory.
INDICATORS = [
    "logements_autorises", "logements_autorises_cumul12", "logements_commences", "logements_commences_cumul12",
    "permis_autorises", "part_collectif", "part_individuel", "taille_moyenne_logement", "surface_activite_autorisee",
    "taux_annulation", "demolitions", "population",
]  # fmt: skip


def launch(cluster, run, tasks, seconds):
    trigger(cluster, "shared_work", run, {"tasks": tasks, "seconds": seconds})


def trigger(cluster, dag, run, params):
    body = {"dag_run_id": run, "logical_date": None, "conf": params}
    cluster.api("POST", f"dags/{dag}/dagRuns", body)


def finish(cluster, run, dag="shared_work"):
    """Seconds of the run from its start to its end, as Airflow tells them; it must have succeeded."""
    path = f"dags/{dag}/dagRuns/{run}"
    cluster.wait(run, lambda: cluster.api("GET", path)["state"] in ("success", "failed"), patience=600)
    told = cluster.api("GET", path)
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


def forecast(cluster):
    """The example mg_backtest on both workers, three times, two of them at once: what is stored is stored once."""
    cluster.fill_analytics()
    cluster.api("PATCH", "dags/mg_backtest", {"is_paused": False})
    stored = "SELECT (SELECT count(*) FROM forecast_run), (SELECT count(*) FROM forecast_value), (SELECT count(*) FROM kpi_value)"
    trigger(cluster, "mg_backtest", "first", {"indicators": INDICATORS})
    took = finish(cluster, "first", "mg_backtest")
    [once] = cluster.sql(stored, "analytics")
    for run in ("second", "third"):
        trigger(cluster, "mg_backtest", run, {"indicators": INDICATORS})
    for run in ("second", "third"):
        finish(cluster, run, "mg_backtest")
    [again] = cluster.sql(stored, "analytics")
    if once != again or int(once[0]) == 0:
        sys.exit(f"forecasts, their values and values: {once} after the first run, {again} after two more")
    return took, once


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--airflow", required=True)
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--tasks", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--slots", type=int, default=2)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # what was started ends too
    with tempfile.TemporaryDirectory(prefix="mg-celery-") as folder, Cluster(
        options.airflow, folder, options.binaries
    ) as cluster:
        cluster.start()
        rows = measured(cluster, options)
        whole, (forecasts, points, values) = forecast(cluster)
        say(f"mg_backtest took {whole:.0f} s")
        rows.append(killed(cluster, options))
    print(f"{options.tasks} tasks of {options.seconds:g} s (four times that where one is killed); a lost task is seen after {LOST_AFTER} s")
    print("| workers | run, s | tasks a minute | done by | attempts |\n|---|---|---|---|---|")
    for label, took, rate, shares, attempts in rows:
        told = ", ".join(f"{worker} {count}" for worker, count in shares.items())
        print(f"| {label} | {took:.0f} | {rate:.0f} | {told} | {attempts} |")
    print(f"\nmg_backtest, {len(INDICATORS)} indicators on both workers: {whole:.0f} s; {forecasts} forecasts with {points} points and")
    print(f"{values} values, and the same after two more runs at once")


if __name__ == "__main__":
    main()
