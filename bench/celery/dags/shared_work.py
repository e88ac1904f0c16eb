"""Work to be shared among workers of Airflow: each task writes one row that says who did it, however often it is tried."""

import os
import subprocess
import time
from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task


def sql(text):
    """One statement in a transaction of its own, through the client of PostgreSQL."""
    command = ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", os.environ["WORK_DATABASE"], "-c", text]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dag(
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"retries": 3, "retry_delay": timedelta(seconds=1)},
    params={"tasks": Param(12, type="integer", minimum=1), "seconds": Param(2, type="number", minimum=0)},
)
def shared_work():
    @task
    def numbers():
        return list(range(get_current_context()["params"]["tasks"]))

    @task
    def work(number):
        context = get_current_context()
        run, attempt, worker = context["run_id"], context["ti"].try_number, os.environ["WORKER"]
        sql(f"INSERT INTO attempt VALUES ('{run}', {number}, {attempt}, '{worker}')")
        time.sleep(context["params"]["seconds"])
        # What a load does: the row is replaced, so that a second attempt writes nothing twice.
        sql(
            f"INSERT INTO done VALUES ('{run}', {number}, '{worker}') "
            "ON CONFLICT (run, number) DO UPDATE SET worker = EXCLUDED.worker"
        )
        return worker

    work.expand(number=numbers())


shared_work()
