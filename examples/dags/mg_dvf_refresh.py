"""Sales of dwellings (DVF): from the published files to the indicators of prices, one task a year of the files."""

from datetime import timedelta

import pendulum
from airflow.sdk import Param, dag, get_current_context, task

import mg_binaries

INDICATORS = ["nb_transactions", "prix_median_m2"]


def given(name):
    return get_current_context()["params"][name]


@dag(
    schedule="0 5 15 4,10 *",  # the files come twice a year
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=2,
    description="Loads the sales of dwellings (DVF) by year and refreshes the indicators of prices",
    tags=["mg-platform", "semestriel"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": 2.0},
    params={
        "years": Param(
            [2021, 2022, 2023, 2024, 2025],
            type="array",
            items={"type": "integer", "minimum": 2014, "maximum": 2100},
            minItems=1,
            uniqueItems=True,
            description="Years of sales to load",
        ),
        "url": Param(None, type=["null", "string"], description="Where to start instead, inside the spider's own scope"),
    },
)
def mg_dvf_refresh():
    @task
    def years():
        return sorted(set(given("years")))

    # One at a time: a spider refuses a second run beside the first.
    @task(map_index_template="{{ year }}", max_active_tis_per_dag=1, execution_timeout=timedelta(hours=1))
    def scrape(year):
        get_current_context()["year"] = year
        arguments = ["run", "dvf", "--param", f"year={year}"]
        if given("url"):
            arguments += ["--url", given("url")]
        return mg_binaries.run("mg-scrape", *arguments)

    @task(execution_timeout=timedelta(minutes=30))
    def refresh():
        return mg_binaries.run("mg-kpi", "refresh", *INDICATORS)

    scrape.expand(year=years()) >> refresh()


mg_dvf_refresh()
