"""Permits: from the publisher's service to indicators and forecasts.

scrape (one task a commune, which also loads: rows and their coverage change in one transaction) → check → refresh → forecast.
Every step replaces exactly what it is about, so that a run may be repeated, or run beside another, with the same result.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Param, dag, get_current_context, task

import mg_binaries

# The 20 communes of Marne et Gondoire.
COMMUNES = [
    "77058", "77059", "77062", "77075", "77085", "77121", "77124", "77155", "77181", "77209",
    "77221", "77234", "77237", "77243", "77248", "77307", "77372", "77374", "77438", "77464",
]  # fmt: skip

INDICATORS = ["logements_autorises", "logements_autorises_cumul12", "logements_commences", "permis_autorises"]


def given(name):
    return get_current_context()["params"][name]


@dag(
    schedule="0 4 2 * *",  # the publisher's release comes at the end of a month
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=2,
    description="Loads the permits of SITADEL by commune, refreshes the indicators and stores forecasts",
    tags=["mg-platform", "mensuel"],
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": 2.0},
    params={
        "communes": Param(
            COMMUNES,
            type="array",
            items={"type": "string", "pattern": "^\\d[\\dAB]\\d{3}$"},
            minItems=1,
            uniqueItems=True,
            description="INSEE codes of the communes to load",
        ),
        "url": Param(None, type=["null", "string"], description="Where to start instead, inside the spider's own scope"),
        "indicators": Param(
            INDICATORS,
            type="array",
            items={"type": "string", "pattern": "^[a-z0-9_]+$"},
            minItems=1,
            description="Indicators to refresh",
        ),
        "forecast": Param(True, type="boolean", description="Store forecasts too"),
    },
)
def mg_sitadel_refresh():
    @task
    def communes():
        return sorted(set(given("communes")))

    # One at a time: a spider keeps the pace that its site is promised, and refuses a second run beside the first.
    @task(map_index_template="{{ commune }}", max_active_tis_per_dag=1, execution_timeout=timedelta(minutes=30))
    def scrape(commune):
        get_current_context()["commune"] = commune
        arguments = ["run", "sitadel", "--param", f"commune={commune}"]
        if given("url"):
            arguments += ["--url", given("url")]
        return mg_binaries.run("mg-scrape", *arguments)

    @task
    def loaded(summaries):
        """Adds up what was loaded; a commune that failed has stopped the run before."""
        totals = {"communes": 0}
        for summary in summaries:
            totals["communes"] += 1
            for kind, count in (summary.get("rows") or {}).items():
                totals[kind] = totals.get(kind, 0) + count
        return totals

    @task(execution_timeout=timedelta(minutes=30))
    def refresh():
        return mg_binaries.run("mg-kpi", "refresh", *given("indicators"))

    @task(execution_timeout=timedelta(hours=1))
    def forecast():
        if not given("forecast"):
            return {"skipped": "forecast is false"}
        return mg_binaries.run("mg-kpi", "refresh", "--forecast", *given("indicators"))

    loaded(scrape.expand(commune=communes())) >> refresh() >> forecast()


mg_sitadel_refresh()
