"""Workflows of the tests: one that succeeds, one that fails, one that takes long, one that is paused."""

import time

from airflow.sdk import Param, dag, get_current_context, task


def given(name):
    return get_current_context()["params"][name]


@dag(
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    description="Adds up dwellings",
    tags=["tests"],
    params={
        "commune": Param("77243", type="string", pattern=r"^\d{5}$", description="INSEE code"),
        "months": Param(12, type="integer", minimum=1, maximum=60, description="Months to load"),
        "mode": Param("full", type="string", enum=["full", "delta"]),
        "comment": Param(None, type=["null", "string"]),
    },
)
def mg_quick():
    """Loads and adds up. Nothing is written."""

    @task
    def extract():
        return given("months")

    @task
    def total(months):
        return {"commune": given("commune"), "loaded": months * 10}

    total(extract())


@dag(
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    params={"lines": Param(20, type="integer"), "words": Param("no release 2026-13", type="string")},
)
def mg_fails():
    @task
    def load():
        for line in range(given("lines")):
            print(f"row {line} of the file was read")
        raise ValueError(given("words"))

    @task
    def report():
        return "never"

    @task
    def independent():
        return "fine"

    load() >> report()
    independent()


@dag(
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    params={"seconds": Param(60, type="number", minimum=0)},
)
def mg_slow():
    @task
    def prepare():
        return "ready"

    @task
    def work():
        time.sleep(given("seconds"))
        return "done"

    prepare() >> work()


@dag(schedule="@daily", catchup=False, is_paused_upon_creation=True)
def mg_paused():
    @task
    def nothing():
        return None

    nothing()


@dag(schedule=None, catchup=False, is_paused_upon_creation=False, description="Nobody's business")
def secret_payroll():
    @task
    def pay():
        return "paid"

    pay()


mg_quick()
mg_fails()
mg_slow()
mg_paused()
secret_payroll()
