"""Forecasts made anew for several indicators, one task each; each carries the errors of its backtest, which are gathered here.

It is what outgrows one machine first: nothing is shared between the indicators but the database.
"""

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task

import mg_binaries

INDICATORS = [
    "logements_autorises",
    "logements_autorises_cumul12",
    "logements_commences",
    "logements_commences_cumul12",
    "permis_autorises",
    "surface_activite_autorisee",
]


def given(name):
    return get_current_context()["params"][name]


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=2,
    description="Backtests and stores the forecasts of several indicators, each on whatever worker is free",
    tags=["mg-platform", "batch"],
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30), "retry_exponential_backoff": 2.0},
    params={
        "indicators": Param(
            INDICATORS,
            type="array",
            items={"type": "string", "pattern": "^[a-z0-9_]+$"},
            minItems=1,
            uniqueItems=True,
            description="Indicators to forecast",
        ),
    },
)
def mg_backtest():
    @task
    def indicators():
        return sorted(set(given("indicators")))

    @task(map_index_template="{{ indicator }}", execution_timeout=timedelta(hours=1))
    def backtest(indicator):
        get_current_context()["indicator"] = indicator
        return mg_binaries.run("mg-kpi", "refresh", "--forecast", indicator)

    @task
    def summary(outcomes):
        made = [one for outcome in outcomes for one in outcome["indicators"]]
        return {
            "indicators": len(made),
            "forecasts_made": sum(one["forecasts_made"] for one in made),
            "forecasts_written": sum(one["forecasts_written"] for one in made),
            "forecasts_refused": sum(one["forecasts_refused"] for one in made),
        }

    summary(backtest.expand(indicator=indicators()))


mg_backtest()
